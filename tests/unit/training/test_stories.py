"""The stories that train the reader: their labels point where they say, and no part of the data leaks into another."""

import json

import pytest
from training.stories import FOLDS, SPLIT, fold_of, part_of, read_stories

STORIES = read_stories()


def test_every_story_has_twins_of_all_its_claims_and_unanswerable_questions():
    for story in STORIES:
        assert len(story.claim_twins) * 2 == len(story.claims), story.id
        assert len(story.question_twins) == sum(not question.answerable for question in story.questions), story.id


def test_of_two_twins_the_first_is_the_right_one():
    for story in STORIES:
        for right, wrong in story.claim_twins:
            assert story.claims[right].verdict == "supported"
            assert story.claims[wrong].verdict != "supported"
        for answered, unanswerable in story.question_twins:
            assert story.questions[answered].answerable
            assert not story.questions[unanswerable].answerable


def test_labels_name_sentences_of_their_story():
    for story in STORIES:
        identifiers = set(story.sentence_ids())
        for question in story.questions:
            assert question.answering | set(question.near) <= identifiers, story.id
            assert not set(question.support) & set(question.also), story.id
            assert all(set(cites) <= identifiers for _, cites in question.answer), story.id
        assert all(set(claim.evidence) <= identifiers for claim in story.claims), story.id
        assert all({pair.left, pair.right} <= identifiers for pair in story.pairs), story.id


def test_a_sentence_is_found_by_its_id_and_has_the_one_before_it():
    [story] = [story for story in STORIES if story.id == "econ-002"]
    assert story.sentence("a5") == "He expects construction to begin in the autumn of 2026."
    assert story.before("a5") == story.sentence("a4")
    assert story.before("a1") == ""
    assert story.text(["c1", "a5"]) == f"{story.sentence('c1')} {story.sentence('a5')}"


def test_the_parts_share_no_story_and_leave_none_out():
    parts = [{story.id for story in part_of(STORIES, part)} for part in ("held_out", "development", "training")]
    assert sum(map(len, parts)) == len(set.union(*parts)) == len(STORIES)
    assert [len(part) for part in parts[:2]] == [48, 40]


def test_the_split_lists_the_first_stories_in_the_order_of_their_hash():
    first_written = [story.id for story in STORIES if int(story.id.split("-")[1]) < 200]
    split = json.loads(SPLIT.read_text(encoding="utf-8"))
    assert sorted(first_written[:48]) == split["held_out"]
    assert sorted(first_written[48:88]) == split["development"]


@pytest.mark.parametrize("fold", range(FOLDS))
def test_a_fold_has_about_a_fifth_of_the_stories(fold):
    assert 0.15 < sum(fold_of(story) == fold for story in STORIES) / len(STORIES) < 0.25
