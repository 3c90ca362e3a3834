"""Train the reader: first on public sets, then on the stories. Seeded; goes on from its last checkpoint.

``python -m training.train public RUN`` writes ``RUN/model.pt``; ``python -m training.train stories RUN --start OTHER``
starts from ``OTHER/model.pt``. Each prints a line a minute or so, and writes a checkpoint every few minutes, from which
the same command goes on.
"""

from __future__ import annotations

import argparse
import logging
import math
import random
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from askseoul.models.reader_input import ReaderTokenizer
from training import base as base_model
from training.examples import (
    Group,
    batches,
    entailment_group,
    entailment_relation,
    paragraph_group,
    story_groups,
)
from training.model import ReaderModel, Task
from training.public_sets import read_entailment, read_paragraphs
from training.stories import FOLDS, Story, fold_of, part_of, read_stories

BASE: Final = Path("training/runs/base")
"""Default folder of the base."""
WARM_UP: Final = 0.06
ANSWER_WEIGHT: Final = 2.0
"""Weight of a sentence that answers against one that does not: about one in five answers."""
MARGIN_WEIGHT: Final = 0.6
ALIKE_WEIGHT: Final = 0.1
EPOCHS: Final = {"public": 0.4, "stories": 1.25}
"""As many as two processor cores read in an hour and a half. A run that starts from another one names its own."""
REPLAYED: Final = (6_000, 3_000)
"""Pairs and paragraphs of the public sets in each epoch over the stories, so that they are not forgotten."""
CHECKPOINT_SECONDS: Final = 300
LOG_STEPS: Final = 50

logger = logging.getLogger("training")


@dataclass(frozen=True)
class Recipe:
    """The choices of a run."""

    stage: str
    epochs: float
    """Passes over the public sets, or over the stories; one that is not whole takes some of them."""
    learning_rate: float
    seed: int
    share: float
    """Share of the training stories that is used, for a learning curve."""
    fold: int | None
    """The fold that is kept out; None keeps out the development and the held-out stories."""


def main() -> None:
    """Run a stage, or go on with it."""
    parser = argparse.ArgumentParser(prog="python -m training.train", description=__doc__)
    parser.add_argument("stage", choices=["public", "stories"])
    parser.add_argument("run", type=Path, help="folder for the checkpoint, the log and the trained model")
    parser.add_argument("--base", type=Path, default=BASE, help="folder of the base model")
    parser.add_argument("--start", type=Path, help="run whose model this one starts from")
    parser.add_argument("--epochs", type=float)
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=1.0, help="share of the training stories, for a learning curve")
    parser.add_argument("--fold", type=int, choices=range(FOLDS), help="the fold to keep out")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    options = parser.parse_args()
    options.run.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(message)s",
        handlers=[logging.StreamHandler(sys.stderr), logging.FileHandler(options.run / "log.txt")],
    )
    torch.set_num_threads(options.threads)
    if (options.run / "model.pt").is_file():
        logger.info("%s is trained already; delete it to train it anew", options.run)
        return
    epochs = options.epochs or EPOCHS[options.stage]
    recipe = Recipe(options.stage, epochs, options.learning_rate, options.seed, options.share, options.fold)
    _ensure_base(options.base)
    torch.manual_seed(recipe.seed)
    model = ReaderModel(options.base)
    if options.start:
        model.load_state_dict(torch.load(options.start / "model.pt", map_location="cpu"))
    model.to(options.device)
    tokenizer = ReaderTokenizer(options.base / "tokenizer.json")
    train(model, plan_of(tokenizer, recipe), tokenizer.padding, recipe, options.run)


def training_stories(recipe: Recipe) -> list[Story]:
    """Return the stories that a run trains on."""
    stories = read_stories()
    if recipe.fold is None:
        kept = part_of(stories, "training")
    else:
        kept = [story for story in stories if fold_of(story) != recipe.fold]
    return kept[: round(len(kept) * recipe.share)]


def plan_of(tokenizer: ReaderTokenizer, recipe: Recipe) -> list[list[Group]]:
    """Return the batches of a run, in order."""
    choice = random.Random(recipe.seed)
    entailment = read_entailment(choice)
    pairs = [partial(entailment_group, tokenizer, pair) for pair in entailment]
    # A twelfth of the pairs, as two sentences, teaches the relation, which no public set here is about.
    pairs += [partial(entailment_relation, tokenizer, pair) for pair in entailment[::12]]
    paragraphs = [partial(paragraph_group, tokenizer, paragraph, choice) for paragraph in read_paragraphs(choice)]
    stories = training_stories(recipe)
    plan = []
    for epoch in range(math.ceil(recipe.epochs)):
        share = min(recipe.epochs - epoch, 1)
        if recipe.stage == "public":
            groups = [make() for make in choice.sample(pairs + paragraphs, round(share * len(pairs + paragraphs)))]
        else:
            groups = _groups_of(tokenizer, choice.sample(stories, round(share * len(stories))), choice)
            for replayed, count in zip((pairs, paragraphs), REPLAYED, strict=True):
                groups += [make() for make in choice.sample(replayed, round(share * count))]
        plan += batches(groups, choice)
    return plan


def _groups_of(tokenizer: ReaderTokenizer, stories: Sequence[Story], choice: random.Random) -> list[Group]:
    """Return the groups of these stories, each with the evidence of another one to be exchanged for its own."""
    return [
        group
        for position, story in enumerate(stories)
        for group in story_groups(tokenizer, story, stories[position - choice.randint(1, len(stories) - 1)], choice)
    ]


def train(model: ReaderModel, plan: Sequence[Sequence[Group]], padding: int, recipe: Recipe, run: Path) -> None:
    """Train the model on the batches of a plan and write it to ``run/model.pt``."""
    tokens = sum(len(one.ids) for batch in plan for group in batch for one in group.inputs)
    logger.info("%s: %d batches, %d tokens", recipe, len(plan), tokens)
    checkpoint = run / "checkpoint.pt"
    state = torch.load(checkpoint, map_location="cpu") if checkpoint.is_file() else None
    planned = {**asdict(recipe), "batches": len(plan), "tokens": tokens}
    if state:
        if state["planned"] != planned:
            raise SystemExit(f"{checkpoint} is of another run ({state['planned']}): delete {run} to begin anew.")
        model.load_state_dict(state["model"])
    weights = _Weights(model)
    optimizer = torch.optim.AdamW(weights.groups(), lr=recipe.learning_rate, fused=True)
    first = 0
    if state:
        optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["random"])
        first = state["step"]
        logger.info("going on at batch %d", first)
    model.train()
    losses: dict[Task, list[float]] = defaultdict(list)
    started = saved = time.monotonic()
    done = 0
    for step, batch in enumerate(plan[first:], first):
        for group in optimizer.param_groups:
            group["lr"] = recipe.learning_rate * _schedule(step / len(plan))
        loss = loss_of(model, batch, padding)
        loss.backward()  # type: ignore[no-untyped-call]
        weights.take_gradients()
        nn.utils.clip_grad_norm_(weights.exact.values(), 1.0)
        optimizer.step()
        weights.give_back()
        losses[batch[0].task].append(loss.item())
        done += sum(len(one.ids) for group in batch for one in group.inputs)
        if step % LOG_STEPS == LOG_STEPS - 1:
            speed = done / (time.monotonic() - started)
            recent = {task: round(sum(values[-80:]) / len(values[-80:]), 3) for task, values in losses.items()}
            logger.info("batch %d of %d, %.0f tokens a second, losses %s", step + 1, len(plan), speed, recent)
        if time.monotonic() - saved > CHECKPOINT_SECONDS:
            state = {"model": weights.state_dict(), "optimizer": optimizer.state_dict()}
            _save({**state, "planned": planned, "random": torch.get_rng_state(), "step": step + 1}, checkpoint)
            saved = time.monotonic()
    _save(weights.state_dict(), run / "model.pt")
    checkpoint.unlink(missing_ok=True)
    logger.info("done in %.0f minutes", (time.monotonic() - started) / 60)


def loss_of(model: ReaderModel, batch: Sequence[Group], padding: int) -> Tensor:
    """Return the loss of a batch: of each input, and of those that must score higher than others, or alike."""
    task = batch[0].task
    inputs = [one for group in batch for one in group.inputs]
    logits = model(task, inputs, padding).float()
    targets = torch.tensor([target for group in batch for target in group.targets], device=logits.device)
    if task == "answers":
        scores = logits[:, 0]
        loss = nn.functional.binary_cross_entropy_with_logits(
            scores, targets, pos_weight=torch.tensor(ANSWER_WEIGHT, device=logits.device)
        )
    else:
        scores = logits[:, 0] - logits[:, 1:].logsumexp(dim=1)
        loss = nn.functional.cross_entropy(logits, targets.long(), label_smoothing=0.03)
    first = 0
    higher, alike = [], []
    for group in batch:
        higher += [scores[first + high] - scores[first + low] for high, low in group.higher]
        alike += [scores[first + one] - scores[first + other] for one, other in group.alike]
        first += len(group.inputs)
    if higher:
        loss = loss + MARGIN_WEIGHT * nn.functional.softplus(-torch.stack(higher)).mean()
    if alike:
        loss = loss + ALIKE_WEIGHT * torch.stack(alike).square().mean()
    return loss


class _Weights:
    """The weights of a model in 32 bits; bf16, in which its encoder computes, would lose small steps.

    An encoder that is bf16 throughout takes three quarters of the time of autocast, which converts at every layer.
    """

    def __init__(self, model: ReaderModel) -> None:
        self._model = model
        self._all: dict[str, Tensor] = {name: weight.clone() for name, weight in model.state_dict().items()}
        self.exact = {name: self._all[name] for name, weight in model.named_parameters() if weight.requires_grad}
        model.encoder.to(torch.bfloat16)

    def groups(self) -> list[dict[str, Any]]:
        """Return the weights as groups for an optimizer: only matrices decay."""
        return [
            {"params": [weight for weight in self.exact.values() if weight.ndim > 1], "weight_decay": 0.01},
            {"params": [weight for weight in self.exact.values() if weight.ndim == 1], "weight_decay": 0.0},
        ]

    def take_gradients(self) -> None:
        """Move the gradients from the model to the weights."""
        for name, weight in self._model.named_parameters():
            if weight.requires_grad:
                self.exact[name].grad = None if weight.grad is None else weight.grad.float()
                weight.grad = None

    def give_back(self) -> None:
        """Copy the weights to the model."""
        with torch.no_grad():
            for name, weight in self._model.named_parameters():
                if weight.requires_grad:
                    weight.copy_(self.exact[name])

    def state_dict(self) -> dict[str, Tensor]:
        """Return all weights of the model, in 32 bits."""
        return self._all


def _schedule(done: float) -> float:
    return min(done / WARM_UP, (1 - done) / (1 - WARM_UP))


def _ensure_base(folder: Path) -> None:
    if not (folder / "tokenizer.json").is_file():
        logger.info("unpacking the base to %s", folder)
        choice = random.Random(0)
        texts = [text for pair in read_entailment(choice) for text in (pair.claim, pair.evidence)]
        texts += [text for paragraph in read_paragraphs(choice) for text in (paragraph.question, *paragraph.sentences)]
        for story in part_of(read_stories(), "training"):
            texts += [sentence for sentences in story.passages.values() for sentence in sentences]
            texts += [question.text for question in story.questions] + [claim.text for claim in story.claims]
        base_model.make_base(folder, texts)


def _save(state: dict[str, Any], path: Path) -> None:
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)


if __name__ == "__main__":
    main()
