"""A run of training, on a model of two tiny layers: it learns, and an interrupted run ends as an uninterrupted one."""

import random

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from training import train as training
from training.examples import BATCH_TOKENS, Group, batches, story_groups
from training.model import ReaderModel
from training.stories import part_of, read_stories
from transformers import BertConfig, BertModel

from askseoul.models.reader_input import ReaderTokenizer

*STORIES, OTHER = part_of(read_stories(), "training")[:3]
SENTENCES = [sentence for story in STORIES for passage in story.passages.values() for sentence in passage]
WORDS = sorted({word for sentence in SENTENCES for word in sentence.split()})


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A base with random weights, whose pieces are the words of the stories."""
    folder = tmp_path_factory.mktemp("base")
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁", *(f"▁{word}" for word in WORDS)]
    tokenizer = Tokenizer(models.Unigram([(piece, -1.0) for piece in pieces], unk_id=3))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(pieces), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def tokenizer(base):
    return ReaderTokenizer(base / "tokenizer.json")


@pytest.fixture(scope="module")
def plan(tokenizer):
    """Batches of two stories."""
    choice = random.Random(1)
    return batches([group for story in STORIES for group in story_groups(tokenizer, story, OTHER, choice)], choice)


RECIPE = training.Recipe("stories", 1, 1e-3, seed=1, share=1.0, fold=None)


def trained(base, plan, run):
    run.mkdir(exist_ok=True)
    torch.manual_seed(RECIPE.seed)
    training.train(ReaderModel(base, frozen_layers=1), plan, 1, RECIPE, run)
    return torch.load(run / "model.pt")


def test_training_changes_the_layers_above_the_frozen_ones_alone(base, plan, tmp_path):
    before, after = ReaderModel(base).state_dict(), trained(base, plan, tmp_path / "run")
    for layer, changes in ((0, False), (1, True)):
        name = f"encoder.encoder.layer.{layer}.output.dense.weight"
        assert torch.equal(before[name], after[name]) != changes
    assert not (tmp_path / "run" / "checkpoint.pt").exists()


def test_a_run_that_was_interrupted_ends_as_one_that_was_not(base, plan, tmp_path, monkeypatch):
    whole = trained(base, plan, tmp_path / "whole")
    monkeypatch.setattr(training, "CHECKPOINT_SECONDS", 0)
    saved = training._save

    def interrupted(state, path):
        saved(state, path)
        if state.get("step") == 5:
            raise KeyboardInterrupt

    monkeypatch.setattr(training, "_save", interrupted)
    with pytest.raises(KeyboardInterrupt):
        trained(base, plan, tmp_path / "halves")
    monkeypatch.setattr(training, "_save", saved)
    resumed = trained(base, plan, tmp_path / "halves")
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_groups_of_a_story_set_each_claim_against_its_twin(tokenizer):
    groups = list(story_groups(tokenizer, STORIES[0], OTHER, random.Random(1)))
    claims = [group for group in groups if group.task == "supports" and group.higher]
    assert len(claims) == len(STORIES[0].claim_twins)
    for group in claims:
        assert group.higher[0] == (0, 1)
        assert group.targets[0] == 0
        assert group.targets[1] in {1, 2}
        assert all(group.targets[high] == 0 and group.targets[low] != 0 for high, low in group.higher)
    assert {group.task for group in groups} == {"answers", "supports", "relation"}
    assert all(len(group.targets) == len(group.inputs) for group in groups)


def test_a_question_scores_higher_than_its_unanswerable_twin_over_what_answers_it(tokenizer):
    groups = [
        group for group in story_groups(tokenizer, STORIES[0], OTHER, random.Random(1)) if group.task == "answers"
    ]
    answering = sorted(len(STORIES[0].questions[answered].answering) for answered, _ in STORIES[0].question_twins)
    twins = [group for group in groups if group.higher and all(low == high + 1 for high, low in group.higher)]
    assert sorted(len(group.higher) for group in twins)[-len(answering) :] == answering
    for group in groups:
        assert all(group.targets[high] > 0 and group.targets[low] == 0 for high, low in group.higher)


def test_batches_hold_every_group_once_within_the_limit_of_tokens(tokenizer):
    groups = [group for story in STORIES for group in story_groups(tokenizer, story, OTHER, random.Random(1))]
    made = batches(groups, random.Random(1))
    assert sorted(id(group) for batch in made for group in batch) == sorted(map(id, groups))
    for batch in made:
        assert len({group.task for group in batch}) == 1
        count = sum(len(group.inputs) for group in batch)
        assert len(batch) == 1 or count * max(group.longest for group in batch) <= BATCH_TOKENS


class Fixed:
    """Gives the first of two inputs one logit of "supported" and the second another."""

    def __init__(self, first, second):
        self.logits = torch.tensor([[first, 0.0, 0.0], [second, 0.0, 0.0]])

    def __call__(self, task, inputs, padding):
        return self.logits


def test_the_loss_falls_when_the_right_twin_scores_higher(tokenizer):
    inputs = (tokenizer.supports("a", "b"), tokenizer.supports("b", "a"))
    group = Group("supports", inputs, (0, 1), ((0, 1),))
    right, wrong = (training.loss_of(Fixed(*scores), [group], 1).item() for scores in ((2.0, -2.0), (-2.0, 2.0)))
    assert right < wrong


def test_twins_score_alike_over_another_story(tokenizer):
    groups = [group for group in story_groups(tokenizer, STORIES[0], OTHER, random.Random(1)) if group.alike]
    assert {group.task for group in groups} == {"answers", "supports"}
    for group in groups:
        assert all(group.targets[one] == group.targets[other] for one, other in group.alike)


def test_the_loss_falls_when_twins_score_alike(tokenizer):
    inputs = (tokenizer.supports("a", "b"), tokenizer.supports("b", "a"))
    group = Group("supports", inputs, (1, 1), alike=((0, 1),))
    same, apart = (training.loss_of(Fixed(*scores), [group], 1).item() for scores in ((-3.0, -3.0), (-1.0, -5.0)))
    assert same < apart
