"""The records: immutable, exported under the names of their fields, and read back from JSON."""

from __future__ import annotations

import dataclasses
import json
import math

import pytest

from askseoul import domain
from askseoul.domain import Answer, Check, Citation, Coverage, Quote, Retrieved, Sentence, Trace, as_json, record_of
from askseoul.errors import AnswerInvalid
from tests.support.articles import make_article

RECORDS = [each for each in vars(domain).values() if dataclasses.is_dataclass(each)]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_records_are_frozen(record):
    assert record.__dataclass_params__.frozen
    assert hasattr(record, "__slots__")


def test_the_text_of_a_quote_is_that_of_its_span():
    assert Quote(make_article("서울의 🙂 배다."), 4, 7).text == "🙂 배"


def test_an_answer_is_exported_with_its_field_names_in_order():
    citation = Citation(1, "배.md", "The ferry", None, "2024", None, "carries 300", 0, 11, "f" * 64)
    sentence = Sentence("It carries 300", "supported", 1.0, (1,), (Check("numbers", True, "300"),))
    answer = Answer(
        id="1", question="How many 🙂?", rewritten_question=None, language="en", as_of="2024-05", answered=True,
        text="It carries 300 [1].", sentences=(sentence,), citations=(citation,), disagreements=(), uncovered=(),
        refusal=None, coverage=Coverage(3, 1, 1, "2024", "2024", 0, 2, 1, "Rests on 1."),
        retrieved=(Retrieved("배.md", 0, 11, 0.5),),
        trace=Trace({"draft": 0.1}, "none", "words"),
    )  # fmt: skip
    exported = as_json(answer)
    assert json.loads(json.dumps(exported)) == exported
    assert list(exported) == [field.name for field in dataclasses.fields(Answer)]
    assert exported["question"] == "How many 🙂?"
    assert exported["citations"] == [
        {"number": 1, "article_id": "배.md", "title": "The ferry", "source": None, "published": "2024", "url": None,
         "quote": "carries 300", "start": 0, "end": 11, "sha256": "f" * 64}
    ]  # fmt: skip
    assert exported["sentences"] == [
        {"text": "It carries 300", "verdict": "supported", "support": 1.0, "citations": [1],
         "checks": [{"name": "numbers", "passed": True, "detail": "300"}], "stance": "states", "speaker": None,
         "times": []}
    ]  # fmt: skip
    assert exported["trace"] == {
        "seconds": {"draft": 0.1}, "generator": "none", "encoder": "words", "drafts": {}, "confidence": None,
        "reader": None, "warnings": [],
    }  # fmt: skip


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
def test_an_invalid_record_is_reported_with_its_field(given, fault):
    with pytest.raises(AnswerInvalid, match=fault):
        record_of(Trace, given)
