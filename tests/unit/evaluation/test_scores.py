"""Gold questions asked and scored: means, intervals, groups and thresholds."""

from __future__ import annotations

import dataclasses

import pytest

from askseoul.errors import UsageError
from askseoul.evaluation.datasets import GoldEvidence, LabelledSentence
from askseoul.evaluation.metrics import wilson
from askseoul.evaluation.scores import check_thresholds, evaluate, measure_verifier
from tests.support.troops import TROOPS, gold, read_article, refused, scored_run


def test_scores_are_means_over_the_questions_that_a_measure_applies_to():
    scores = scored_run().scores("en")
    assert scores.pop("seconds_p50") <= scores.pop("seconds_p95") < 1
    assert scores == pytest.approx(
        {
            "questions": 6,
            "facts_held": (1 + 0 + 0 + 1) / 4,  # the refusal's message holds the figure, and that does not count
            "evidence_cited": (1 + 0 + 0 + 1) / 4,
            "citation_precision": (1 + 0 + 1) / 3,
            "citation_recall": 1.0,
            "needed_citations": 1.0,
            "ndcg_at_10": 0.0,  # these answers name nothing that was retrieved
            "recall_at_10": 0.0,
            "reciprocal_rank": 0.0,
            "quotes_exact": 1.0,
            "words": (6 + 4 + 11 + 2) / 4,
            "false_disagreements": 0.0,
            "proved": 3 / 4,
            "false_answers": 1 / 2,
            "false_refusals": 1 / 4,
            "balanced_accuracy": (3 / 4 + 1 / 2) / 2,
        }
    )


def test_groups_are_languages_and_kinds_of_question():
    groups = scored_run().groups()
    assert list(groups) == ["en", "en fact", "en multi", "en unanswerable", "ko", "ko fact"]
    assert groups["en fact"]["facts_held"] == 1 / 3
    assert groups["ko"] == groups["ko fact"]
    assert groups["ko"]["false_refusals"] == 1
    assert "balanced_accuracy" not in groups["ko"]
    assert scored_run().scores("de") == {}


def test_thresholds_apply_to_english_and_fail_on_unmeasured_names():
    assert check_thresholds(scored_run(), {"quotes_exact": 1, "facts_held": 0.5}, {"quotes_exact": 1}) == []
    assert check_thresholds(scored_run(), {"facts_held": 0.8, "proved": 0.75, "typo": 0.1}, {}) == [
        "facts_held is 0.500 and must be at least 0.8",
        "typo was not measured and must be at least 0.1",
    ]


def test_a_threshold_for_each_question_names_those_below_it():
    assert check_thresholds(scored_run(), {}, {"facts_held": 1, "typo": 1}) == [
        "facts_held of not held is 0.000 and must be at least 1 for each question",
        "facts_held of refused is 0.000 and must be at least 1 for each question",
        "typo was measured for no question and must be at least 1 for each",
    ]


def test_intervals_of_shares_and_means():
    intervals = scored_run().intervals("en")
    assert intervals["quotes_exact"] == wilson(5, 5)
    assert intervals["false_answers"] == wilson(1, 2)
    assert intervals["balanced_accuracy"].low < (3 / 4 + 1 / 2) / 2 < intervals["balanced_accuracy"].high


def test_a_follow_up_is_asked_after_its_history():
    asked = []

    def ask(question, before):
        asked.append((question, [each.text for each in before]))
        return refused(f"to {question}")

    follow_up = dataclasses.replace(gold("And now?"), history=("One?", "Two?"))
    evaluate([follow_up], ask, read_article, lambda _: [], lambda text, quotes: True)
    assert asked == [("One?", []), ("Two?", ["to One?"]), ("And now?", ["to One?", "to Two?"])]


def test_a_result_is_correct_by_its_facts_or_by_refusing():
    assert [each.correct for each in scored_run().results] == [1, 0, 0, 1, 1, 0, 0]


def test_the_verifier_is_measured_on_labelled_sentences():
    quoted = (GoldEvidence("troops.md", TROOPS),)
    labelled = [
        LabelledSentence(sentence, "x", sentence, quoted, supported)
        for sentence, supported in (
            ("There are 28,500.", True),
            ("28,500 left.", False),
            ("Few.", False),
            ("Many.", True),
        )
    ]
    found = measure_verifier(
        labelled, read_article, lambda text, quotes: "28,500" in text and "28,500" in quotes[0].text
    )
    assert (found.precision, found.recall) == (1 / 2, 1 / 2)
    assert list(found.right.values()) == [True, False, True, False]


def test_gold_evidence_is_located_before_anything_is_asked():
    asked = []
    with pytest.raises(UsageError, match="is not in"):
        evaluate(
            [gold("first"), gold("second", evidence=("not there",))],
            lambda question, before: asked.append(question),
            read_article,
            lambda _: [],
            lambda text, quotes: True,
        )
    assert asked == []
