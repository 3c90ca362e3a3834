"""Exported answers into records again."""

from __future__ import annotations

import math

import pytest

from askseoul.answering.reverify import proved
from askseoul.domain import Answer, Trace, as_json, record_of
from askseoul.errors import AnswerInvalid


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("How many US troops are stationed on the Korean Peninsula?", id="answered"),
        pytest.param("Is Donald Trump in office?", id="articles that disagree"),
        pytest.param("Who won the football match?", id="refused"),
    ],
)
def test_an_answer_comes_back_as_it_was_exported(app, question):
    answer = app.ask(question)
    assert record_of(Answer, as_json(answer)) == answer
    assert proved(as_json(answer), app.article, app.meaning) == answer


def test_an_answer_that_no_longer_holds_does_not_come_back(app):
    exported = as_json(app.ask("How many US troops are stationed on the Korean Peninsula?"))
    exported["citations"][0]["start"] += 1
    with pytest.raises(AnswerInvalid, match="the quote is not at"):
        proved(exported, app.article, app.meaning)


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        pytest.param([], "The answer is not an object.", id="a list"),
        pytest.param({"generator": "none", "encoder": "e"}, "seconds is missing.", id="a field too few"),
        pytest.param({"seconds": [], "generator": "none", "encoder": "e"}, "seconds is “.*”, which", id="no mapping"),
        pytest.param({"seconds": {"a": "b"}, "generator": "", "encoder": "e"}, "seconds.a is “.*b.*”", id="no number"),
        pytest.param({"seconds": {}, "generator": "\ud800", "encoder": "e"}, "generator is", id="half a character"),
        pytest.param(
            {"seconds": {"\ud800": 1}, "generator": "", "encoder": "e"},
            "A name in seconds is",
            id="half of one in a name",
        ),
        pytest.param(
            {"seconds": {"a": 10**400}, "generator": "", "encoder": "e"}, "seconds.a is “1000", id="too large"
        ),
        pytest.param(
            {"seconds": {"a": -math.inf}, "generator": "", "encoder": "e"}, "seconds.a is “-inf”", id="infinity"
        ),
        pytest.param({"seconds": {"a": math.nan}, "generator": "", "encoder": "e"}, "seconds.a is “nan”", id="NaN"),
        pytest.param({"seconds": {"a": True}, "generator": "", "encoder": "e"}, "seconds.a is “True”", id="a truth"),
    ],
)
def test_what_is_no_record_is_named(given, fault):
    with pytest.raises(AnswerInvalid, match=fault):
        record_of(Trace, given)
