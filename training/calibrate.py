"""Calibration of the three heads: a scale and biases, fitted on stories that the model was not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from torch import nn

from askseoul.models.graph import FloatMatrix
from askseoul.models.reader import Calibration, Head, Reader
from askseoul.models.reader_input import ReaderInput
from training.examples import RELATIONS, VERDICTS
from training.stories import Story

STEPS: Final = 200


def calibrate(reader: Reader, stories: Sequence[Story]) -> dict[Head, Calibration]:
    """Return the calibration of each head that makes these stories most probable (Guo et al., 2017)."""
    tokenizer = reader.tokenizer
    answers: list[tuple[ReaderInput, int]] = []
    supports: list[tuple[ReaderInput, int]] = []
    relations: list[ReaderInput] = []
    related: list[int] = []
    for story in stories:
        for question in story.questions:
            for identifier in story.sentence_ids():
                laid_out = tokenizer.answers(question.text, story.sentence(identifier), story.around(identifier))
                answers.append((laid_out, int(identifier in question.answering)))
        for claim in story.claims:
            laid_out = tokenizer.supports(claim.text, story.text(claim.evidence), story.before(claim.evidence[0]))
            supports.append((laid_out, VERDICTS[claim.verdict]))
        for pair in story.pairs:
            sides = (story.sentence(pair.left), story.sentence(pair.right))
            relations += [tokenizer.relation(pair.question, *sides), tokenizer.relation(pair.question, *sides[::-1])]
            related.append(RELATIONS[pair.relation])
    in_both_orders = reader.raw_logits("relation", relations)
    relation: FloatMatrix = ((in_both_orders[0::2] + in_both_orders[1::2]) / 2).astype(np.float32)
    return {
        "answers": _fit(reader.raw_logits("answers", [one for one, _ in answers]), [label for _, label in answers]),
        "supports": _fit(reader.raw_logits("supports", [one for one, _ in supports]), [label for _, label in supports]),
        "relation": _fit(relation, related),
    }


def _fit(raw: FloatMatrix, labels: Sequence[int]) -> Calibration:
    logits, targets = torch.tensor(raw), torch.tensor(labels)
    log_scale = torch.zeros(1, requires_grad=True)
    bias = torch.zeros(logits.shape[1], requires_grad=True)
    optimizer = torch.optim.LBFGS([log_scale, bias], max_iter=STEPS, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        calibrated = logits * log_scale.exp() + bias
        if logits.shape[1] == 1:
            loss = nn.functional.binary_cross_entropy_with_logits(calibrated[:, 0], targets.float())
        else:
            loss = nn.functional.cross_entropy(calibrated, targets)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    return Calibration(log_scale.exp().item(), tuple(bias.tolist()))
