"""Evaluation results: what the JSON holds, what went wrong with each question, and comparison with an earlier run."""

from __future__ import annotations

import copy
import dataclasses
import json

import pytest

from askseoul.domain import Span
from askseoul.errors import UsageError
from askseoul.evaluation.metrics import LocatedEvidence
from askseoul.evaluation.results import as_json, differences, faults_of, fingerprints, read_results
from askseoul.evaluation.scores import Result
from tests.support.troops import CAME, TROOPS, answer, citation, gold, refused, scored_run

MADE_OF = {"collection": "articles", "encoder": "e" * 64, "generator": "none"}


def test_the_json_holds_the_scores_their_intervals_and_every_question():
    record = json.loads(json.dumps(as_json(scored_run(), {"encoder": "words"})))
    assert record["made_of"] == {"encoder": "words"}
    assert record["scores"]["en multi"]["facts_held"] == 1
    assert record["intervals"]["facts_held"] == [0.15, 0.85]
    invented = record["questions"][5]
    assert (invented["id"], invented["correct"], invented["failures"]) == ("invented", 0, ["Five million"])
    assert {name: value for name, value in invented["measures"].items() if value is not None} == {
        "citation_recall": 1,
        "needed_citations": 1,
        "quotes_exact": 1,
        "words": 2,
        "proved": 0,
    }


def result(question, answered, failures=(), evidence=(), **measures):
    known = {"facts_held": None, "quotes_exact": 1, "both_sides": None, "false_disagreements": None}
    return Result(question, answered, 0.1, known | measures, failures, evidence)


HELD = answer("About 28,500 troops are in Korea [1].", citation(TROOPS))
WRONG = {
    "nothing": (result(gold("d"), HELD), []),
    "refused rightly": (result(gold("d", kind="unanswerable"), refused("No.")), []),
    "answered in error": (
        result(gold("d", kind="unanswerable"), HELD), ["answered, although the articles do not answer it"],
    ),
    "refused in error": (result(gold("d"), refused("No.")), ["refused, although the articles answer it"]),
    "a fact is missing": (
        result(gold("d", facts=(("28,500",), ("1950", "the 50s"))), HELD), ["a fact is missing: 1950 or the 50s"],
    ),
    "evidence is missing": (
        result(gold("d", evidence=(CAME,)), HELD, evidence=(LocatedEvidence("troops.md", (Span(34, 52),)),)),
        [f"not cited: “{CAME}” (troops.md)"],
    ),
    "one side alone": (result(gold("d", kind="conflict"), HELD, both_sides=0.0), ["the two sides are not shown"]),
    "a disagreement too many": (
        result(gold("d"), HELD, false_disagreements=1.0), ["a disagreement is shown for a question with one answer"],
    ),
    "a quote is off": (result(gold("d"), HELD, quotes_exact=0.5), ["a quote differs from its article"]),
    "not verified": (result(gold("d"), HELD, ("28,600 is not there",)), ["not verified: 28,600 is not there"]),
}  # fmt: skip


@pytest.mark.parametrize(("of", "expected"), WRONG.values(), ids=WRONG)
def test_faults(of, expected):
    if not of.evidence and of.question.evidence:
        of = dataclasses.replace(of, evidence=(LocatedEvidence("troops.md", (Span(0, 33),)),))
    assert faults_of(of) == expected


def test_only_the_fingerprint_of_the_changed_part_differs():
    before = fingerprints([gold("d")], [], **MADE_OF)
    after = fingerprints([gold("e")], [], **MADE_OF)
    assert [name for name in before if before[name] != after[name]] == ["gold questions"]
    assert {"collection", "encoder", "generator", "prompts", "constants of answering/answerability"} <= before.keys()
    assert not {"constants of evaluation/report", "constants of cli/console"} & before.keys()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(None, "can't be read", id="not there"),
        pytest.param("{", "can't be read", id="no JSON"),
        pytest.param("[]", "holds no results of this version", id="a list"),
        pytest.param('{"version": 0}', "holds no results of this version", id="another version"),
        pytest.param('{"version": 1}', "holds no results of this version", id="without questions"),
        pytest.param("[" * 100_000, "can't be read", id="nested without end"),
    ],
)
def test_files_without_results_are_rejected(tmp_path, content, message):
    path = tmp_path / "results.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        read_results(path)


# Comparison with recorded results


def results(facts, made_of="a", exact=1.0, right=(True,) * 40):
    """Results with one question for each value of ``facts_held``."""
    return {
        "made_of": {"encoder": made_of},
        "verifier": {"right": {str(place): value for place, value in enumerate(right)}},
        "questions": [
            {
                "id": str(place),
                "kind": "fact",
                "lang": "en",
                "answered": True,
                "correct": held,
                "measures": {"facts_held": held, "quotes_exact": exact, "words": 40.0, "both_sides": None},
            }
            for place, held in enumerate(facts)
        ],
    }


GOOD = [1.0] * 36 + [0.0] * 4
CHANGED = {
    "nothing": (results(GOOD), []),
    "one question of forty is chance": (results([0.0, *GOOD[1:]]), []),
    "ten questions are not": (
        results([0.0] * 10 + GOOD[10:]),
        [f"{name} is worse: 0.900 before, 0.650 now" for name in ("correct", "facts_held")],
    ),
    "a rise": (
        results([1.0] * 40),
        [f"{name} is better: 0.900 before, 1.000 now" for name in ("correct", "facts_held")],
    ),
    "another part": (results(GOOD, made_of="b"), ["encoder changed: a before, b now"]),
    "one quote that is not exact": (
        results(GOOD, exact=0.99), ["quotes_exact is worse: 1.000 before, 0.990 now"],
    ),
    "a verifier that lets all pass": (
        results(GOOD, right=(True,) * 20 + (False,) * 20), ["verifier is worse: 1.000 before, 0.500 now"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("now", "expected"), CHANGED.values(), ids=CHANGED)
def test_differences_from_recorded_results(now, expected):
    assert [str(each) for each in differences(results(GOOD), now)] == expected


def test_longer_answers_are_reported_as_worse():
    now = results(GOOD)
    for question in now["questions"]:
        question["measures"]["words"] = 48.0
    assert [str(each) for each in differences(results(GOOD), now)] == ["words is worse: 40.000 before, 48.000 now"]


def test_a_significant_drop_within_the_tolerance_is_accepted():
    now = results([value - 0.009 for value in GOOD])
    assert differences(results(GOOD), now) == []


def test_only_english_questions_of_both_runs_are_compared():
    now = results([*GOOD, 0.0])
    foreign = copy.deepcopy(now["questions"][0]) | {"id": "k", "lang": "ko", "correct": 0.0}
    now["questions"].append(foreign)
    assert differences(results(GOOD), now) == []


def test_added_and_removed_parts_are_reported():
    now = results(GOOD)
    now["made_of"] = {"prompts": "p"}
    assert [str(each) for each in differences(results(GOOD), now)] == [
        "encoder changed: a before, none now",
        "prompts changed: none before, p now",
    ]


def test_a_single_inexact_quote_is_reported():
    now = results(GOOD)
    now["questions"][7]["measures"]["quotes_exact"] = 0.5
    assert [str(each) for each in differences(results(GOOD), now)] == ["quotes_exact is worse: 1.000 before, 0.988 now"]


def test_false_answers_are_compared_apart_from_facts():
    recorded, now = results(GOOD), results(GOOD)
    for each in (recorded, now):
        for question in each["questions"][20:]:
            question.update(kind="unanswerable", answered=False, correct=1.0, measures={})
    for question in now["questions"][20:30]:
        question.update(answered=True, correct=0.0)
    assert "refused is worse: 1.000 before, 0.500 now" in map(str, differences(recorded, now))


def test_other_languages_are_compared_without_english_questions():
    recorded, now = results(GOOD), results([0.0] * 40)
    for question in (*recorded["questions"], *now["questions"]):
        question["lang"] = "ko"
    assert [each.kind for each in differences(recorded, now)] == ["worse", "worse"]


def test_a_measure_that_is_no_longer_computed_is_reported():
    now = results(GOOD)
    for question in now["questions"]:
        question["measures"]["words"] = None
    assert [str(each) for each in differences(results(GOOD), now)] == [
        "the measure words changed: measured before, none now"
    ]


def test_three_questions_are_too_few_for_a_significant_difference():
    assert differences(results([1.0, 1.0, 1.0]), results([0.0, 0.0, 1.0])) == []
