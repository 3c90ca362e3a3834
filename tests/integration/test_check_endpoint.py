"""The published check of a text, and how sure the published answers must be."""

from __future__ import annotations

import json

import gradio
import pytest

from askseoul.pipeline import AskSeoul
from askseoul.web.api import Endpoints
from askseoul.web.handlers import MAX_CLAIMS
from askseoul.web.rate_limits import QUESTIONS, Allowance, RequestLimits

QUESTION = "How many US soldiers are based on the Korean Peninsula?"
QUOTE = (
    "Some 28,500 soldiers of US Forces Korea (USFK) are based on the Korean Peninsula under combined command "
    "arrangements."
)


@pytest.fixture(scope="module")
def endpoints(app):
    return Endpoints(app, RequestLimits(QUESTIONS))


def test_each_sentence_comes_back_with_its_verdict_and_quotes(endpoints):
    checked = endpoints.check(f"# Troops\n\n{QUOTE} 나루에는 <b>178명</b>이 있었다 🙂.")
    assert [each["text"] for each in checked] == [QUOTE, "나루에는 <b>178명</b>이 있었다 🙂."]
    assert checked[0].keys() == {"text", "verdict", "support", "checks", "citations", "counter"}
    assert checked[0]["verdict"] == "supported"
    assert [each["quote"] for each in checked[0]["citations"]] == [QUOTE]
    assert checked[1]["verdict"] != "supported"
    assert json.loads(json.dumps(checked)) == checked


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "The text has no sentence to check", id="empty"),
        pytest.param("# Heading", "The text has no sentence to check", id="a heading"),
        pytest.param("\ud800", "The text has no sentence to check", id="half a character"),
        pytest.param(5, "text is int: give a string.", id="a number"),
        pytest.param(None, "text is NoneType: give a string.", id="nothing"),
        pytest.param("나" * 2_500 + ".", "has 2,501 characters and may have 2,000", id="a long sentence"),
        pytest.param("a" * 1_000_000, "has 1,000,000 characters and may have 40,000", id="a long text"),
        pytest.param(
            "It is so. " * (MAX_CLAIMS + 1), "The text has 21 sentences: send at most 20", id="many sentences"
        ),
    ],
)
def test_what_can_not_be_checked_comes_back_as_its_message(endpoints, text, message):
    with pytest.raises(gradio.Error) as raised:
        endpoints.check(text)
    assert message in raised.value.message
    assert not raised.value.print_exception


def test_each_sentence_counts_as_a_question(app):
    calls = Endpoints(app, RequestLimits(Allowance("questions", session=2, total=5)))
    with pytest.raises(gradio.Error, match="More than 2 questions in a minute"):
        calls.check("The ferry is late. The pier is closed. The mayor said so.")


@pytest.mark.parametrize(
    ("given", "passed_on"),
    [(None, None), ("", None), ("lenient", "lenient"), ("balanced", "balanced"), ("strict",) * 2],
)
def test_how_sure_an_answer_must_be_is_passed_on(endpoints, monkeypatch, given, passed_on):
    asked, ask = [], AskSeoul.ask

    def record(app, question, **named):
        asked.append(named["strictness"])
        return ask(app, question, **named)

    monkeypatch.setattr(AskSeoul, "ask", record)
    endpoints.ask(QUESTION, strictness=given)
    assert asked == [passed_on]


@pytest.mark.parametrize("given", ["sure", "Strict", "엄격", "\ud800", 5, ["strict"], {"strict": 1}, True], ids=ascii)
def test_another_strictness_is_told(endpoints, given):
    with pytest.raises(gradio.Error) as raised:
        endpoints.ask(QUESTION, strictness=given)
    assert raised.value.message.startswith("strictness is “")
    assert raised.value.message.endswith("”: choose lenient, balanced or strict")
    raised.value.message.encode()
