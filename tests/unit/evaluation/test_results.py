"""An evaluation as JSON: what it is made of, and what went wrong with each question."""

from __future__ import annotations

import dataclasses
import json

import pytest

from askseoul.domain import Span
from askseoul.errors import UsageError
from askseoul.evaluation.metrics import LocatedEvidence
from askseoul.evaluation.results import as_json, fingerprints, read_results, what_went_wrong
from askseoul.evaluation.scores import Result
from tests.support.troops import CAME, TROOPS, answer, citation, gold, refused
from tests.unit.evaluation.test_evaluation import run

MADE_OF = {"collection": "articles", "encoder": "e" * 64, "generator": "none"}


def test_the_json_holds_the_scores_their_intervals_and_every_question():
    record = json.loads(json.dumps(as_json(run(), {"encoder": "words"})))
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
        result(gold("d", kind="unanswerable"), HELD), ["answered, though the articles do not answer it"],
    ),
    "refused in error": (result(gold("d"), refused("No.")), ["refused, though the articles answer it"]),
    "a fact is missing": (
        result(gold("d", facts=(("28,500",), ("1950", "the 50s"))), HELD), ["a fact is missing: 1950 or the 50s"],
    ),
    "evidence is missing": (
        result(gold("d", evidence=(CAME,)), HELD, evidence=(LocatedEvidence("troops.md", (Span(34, 52),)),)),
        [f"not cited: “{CAME}” (troops.md)"],
    ),
    "one side alone": (result(gold("d", kind="conflict"), HELD, both_sides=0.0), ["its two sides are not shown"]),
    "a disagreement too many": (
        result(gold("d"), HELD, false_disagreements=1.0), ["a disagreement is shown on a question for a fact"],
    ),
    "a quote is off": (result(gold("d"), HELD, quotes_exact=0.5), ["a quote is not what stands in its article"]),
    "not proved": (result(gold("d"), HELD, ("28,600 is not there",)), ["not proved: 28,600 is not there"]),
}  # fmt: skip


@pytest.mark.parametrize(("of", "expected"), WRONG.values(), ids=WRONG)
def test_what_went_wrong(of, expected):
    if not of.evidence and of.question.evidence:
        of = dataclasses.replace(of, evidence=(LocatedEvidence("troops.md", (Span(0, 33),)),))
    assert what_went_wrong(of) == expected


def test_a_part_that_changes_has_another_hash_and_the_others_the_same():
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
def test_what_are_no_results(tmp_path, content, message):
    path = tmp_path / "results.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        read_results(path)
