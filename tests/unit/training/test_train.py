"""A run of training, on a model of two tiny layers: it learns, and an interrupted run ends as an uninterrupted one."""

import random
from dataclasses import replace

import pytest
import torch
from training import average
from training import train as training
from training.examples import BATCH_TOKENS, TWINS, Group, _joined, _likeness, batches, story_groups
from training.model import DROPOUT, Dropout, ReaderModel
from training.stories import part_of, read_stories

*STORIES, OTHER = part_of(read_stories(), "training")[:3]


@pytest.fixture(scope="module")
def plan(tokenizer):
    """Batches of two stories."""
    choice = random.Random(1)
    return batches([group for story in STORIES for group in story_groups(tokenizer, story, OTHER, choice)], choice)


RECIPE = training.Recipe("stories", 1, 1e-3, seed=1, share=1.0, fold=None)


def trained(base, plan, run):
    run.mkdir(exist_ok=True)
    torch.manual_seed(RECIPE.seed)
    training.train(ReaderModel(base), plan, 1, RECIPE, run)
    return torch.load(run / "model.pt")


def test_training_changes_every_layer_but_not_the_embeddings(base, plan, tmp_path):
    before, after = ReaderModel(base).state_dict(), trained(base, plan, tmp_path / "run")
    for name, changes in (
        ("embeddings.word_embeddings.weight", False),
        ("encoder.layer.0.output.dense.weight", True),
        ("encoder.layer.1.output.dense.weight", True),
    ):
        assert torch.equal(before[f"encoder.{name}"], after[f"encoder.{name}"]) != changes
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
    with pytest.raises(SystemExit, match="is of another run"):
        training.train(ReaderModel(base), plan, 1, replace(RECIPE, seed=2), tmp_path / "halves")
    resumed = trained(base, plan, tmp_path / "halves")
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


@pytest.mark.parametrize(("share", "fold"), [(1.0, None), (0.25, None), (1.0, 3)], ids=["all", "quarter", "fold"])
def test_a_run_trains_on_no_story_that_it_keeps_out(share, fold):
    used = {story.id for story in training.training_stories(replace(RECIPE, share=share, fold=fold))}
    if fold is None:
        kept_out = [*part_of(read_stories(), "held_out"), *part_of(read_stories(), "development")]
    else:
        kept_out = [story for story in read_stories() if training.fold_of(story) == fold]
    assert used.isdisjoint(story.id for story in kept_out)
    assert len(used) == round(share * (len(read_stories()) - len(kept_out)))


def test_groups_of_a_story_set_each_claim_against_its_twin(tokenizer):
    groups = list(story_groups(tokenizer, STORIES[0], OTHER, random.Random(1)))
    claims = [group for group in groups if group.task == "supports" and group.higher]
    assert len(claims) == round(TWINS * len(STORIES[0].claim_twins))
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
    expected = [
        {
            tuple(
                tokenizer.answers(STORIES[0].questions[one].text, STORIES[0].sentence(place), STORIES[0].around(place))
                for one in (answered, unanswerable)
            )
            for place in STORIES[0].questions[answered].answering
        }
        for answered, unanswerable in STORIES[0].question_twins
    ]
    found = [{(group.inputs[high], group.inputs[low]) for high, low in group.higher} for group in groups]
    assert all(twins in found for twins in expected)
    for group in groups:
        assert all(group.targets[high] > 0 and group.targets[low] == 0 for high, low in group.higher)


def test_a_sentence_is_most_like_a_question_in_its_own_words(tokenizer):
    story = STORIES[0]
    for asked in story.sentence_ids():
        inputs = [tokenizer.answers(story.sentence(asked), story.sentence(one)) for one in story.sentence_ids()]
        assert max(inputs, key=_likeness(inputs)) is inputs[story.sentence_ids().index(asked)]


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


def test_a_claim_joined_with_a_right_one_stays_as_right_or_wrong_as_it_was():
    story = STORIES[0]
    right, wrong = (story.claims[place] for place in story.claim_twins[0])
    companion = next(claim for claim in story.claims if claim.verdict == "supported" and claim is not right)
    for seed in range(4):
        joined = _joined((right, wrong), companion, random.Random(seed))
        for claim, part in zip(joined, (right, wrong), strict=True):
            assert claim.text in (f"{part.text} {companion.text}", f"{companion.text} {part.text}")
            assert (claim.verdict, {*claim.evidence}) == (part.verdict, {*part.evidence, *companion.evidence})


def test_dropout_leaves_out_a_tenth_and_keeps_the_mean_while_it_trains():
    dropout, states = Dropout(), torch.ones(200, 100, dtype=torch.bfloat16)
    dropped = dropout(states)
    assert (dropped == 0).float().mean().item() == pytest.approx(DROPOUT, abs=0.02)
    assert dropped.float().mean().item() == pytest.approx(1, abs=0.03)
    assert torch.equal(dropout.eval()(states), states)


def test_two_runs_are_averaged_by_their_shares(tmp_path, monkeypatch):
    for name, value in (("earlier", 0.0), ("later", 1.0)):
        (tmp_path / name).mkdir()
        torch.save({"weight": torch.tensor([value]), "ids": torch.tensor([7])}, tmp_path / name / "model.pt")
    monkeypatch.setattr("sys.argv", ["average", *(str(tmp_path / name) for name in ("earlier", "later", "to"))])
    average.main()
    averaged = torch.load(tmp_path / "to" / "model.pt")
    assert averaged["weight"].item() == pytest.approx(average.LATER_SHARE)
    assert averaged["ids"].item() == 7
