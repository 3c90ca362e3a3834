"""The published functions, as a program calls them."""

from __future__ import annotations

import dataclasses
import json
from types import SimpleNamespace
from typing import get_args

import gradio
import pytest
from gradio.context import LocalContext

from askseoul.answering.reverify import reverify
from askseoul.domain import as_json
from askseoul.errors import GeneratorError
from askseoul.index.sync import add_articles
from askseoul.pipeline import AskSeoul
from askseoul.retrieval.search import hit_as_json
from askseoul.settings import Strictness
from askseoul.web import api as module
from askseoul.web.api import MAX_HITS, Endpoints
from askseoul.web.handlers import MAX_CLAIMS
from askseoul.web.rate_limits import QUESTIONS, Allowance, RequestLimits, session
from tests.support.articles import make_article
from tests.support.fakes import ScriptedGenerator

QUESTION = "How many US soldiers are based on the Korean Peninsula?"


@pytest.fixture(scope="module")
def endpoints(app):
    return Endpoints(app, RequestLimits(QUESTIONS))


def without_trace(exported):
    return exported | {"trace": None}


# Asking


def test_a_question_alone_is_answered(endpoints, app):
    answer = endpoints.ask(QUESTION)
    assert without_trace(answer) == without_trace(as_json(app.ask(QUESTION)))
    assert reverify(answer, app.article, app.reader) == []
    assert json.loads(json.dumps(answer)) == answer


def test_a_refusal_is_an_answer_too(endpoints):
    refusal = endpoints.ask("How many troops did Brazil send to Korea?")["refusal"]
    assert refusal["reason"] in ("nothing relevant", "near miss")
    assert refusal["unknown"] == "Brazil"


def test_a_conversation_goes_on_with_what_this_gave(endpoints):
    first = endpoints.ask("What does the Nuclear Consultative Group do?")
    second = endpoints.ask("When was it set up?", history=[first])
    assert "Nuclear Consultative Group" in second["rewritten_question"]
    assert without_trace(second) == without_trace(endpoints.ask("When was it set up?", [first["question"]]))


def test_where_to_look_is_passed_on(endpoints):
    answer = endpoints.ask(QUESTION, as_of="2025-06", since="2024", within=["center-of-balance.md"])
    assert (answer["as_of"], answer["since"], answer["within"]) == ("2025-06", "2024", ["center-of-balance.md"])
    assert not answer["answered"]


@pytest.mark.parametrize("strictness", get_args(Strictness))
def test_how_sure_an_answer_must_be_is_passed_on(endpoints, app, strictness):
    answer = endpoints.ask(QUESTION, strictness=strictness)
    assert without_trace(answer) == without_trace(as_json(app.ask(QUESTION, strictness=strictness)))


@pytest.mark.parametrize(
    "nothing",
    [{"history": None}, {"history": []}, {"as_of": "", "since": ""}, {"within": []}, {"strictness": ""}],
    ids=repr,
)
def test_what_is_empty_is_not_given(endpoints, nothing):
    assert without_trace(endpoints.ask(QUESTION, **nothing)) == without_trace(endpoints.ask(QUESTION))


@pytest.mark.parametrize(
    "question",
    ["한국에 주둔한 미군은?", "كم؟", "🙂 How many troops? 🙂", "How\r\nmany troops?", "e\u0301 \ud83d troops?"],
)
def test_awkward_questions_are_answered_in_json(endpoints, question):
    json.dumps(endpoints.ask(question), ensure_ascii=False).encode()


# What is wrong


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        pytest.param("ask", {"question": ""}, "question", id="empty question"),
        pytest.param("ask", {"question": "나" * 2_001}, "2,000", id="long question"),
        pytest.param("ask", {"question": QUESTION, "as_of": "soon"}, "'soon' is not a date", id="no date"),
        pytest.param("ask", {"question": QUESTION, "since": "2024-13"}, "'2024-13' is not a date", id="no month"),
        pytest.param("ask", {"question": QUESTION, "within": ["gone.md"]}, "'gone.md'", id="unknown article"),
        pytest.param("ask", {"question": QUESTION, "within": ["\ud800"]}, "'\ufffd'", id="half a character"),
        pytest.param("ask", {"question": QUESTION, "history": {"a": 1}}, "give a list", id="no conversation"),
        pytest.param("ask", {"question": QUESTION, "history": [5]}, "history[0] is int", id="no turn"),
        pytest.param(
            "ask", {"question": "Who?", "strictness": "lax"}, "lenient, balanced or strict", id="no such strictness"
        ),
        pytest.param("check", {"text": 5}, "text is int: give a string.", id="text of another kind"),
        pytest.param("check", {"text": "It sails. " * (MAX_CLAIMS + 1)}, f"at most {MAX_CLAIMS}", id="too many claims"),
        pytest.param("search", {"query": " "}, "question", id="empty query"),
        pytest.param("search", {"query": "troops", "as_of": "x"}, "'x' is not a date", id="search by no date"),
        pytest.param("search", {"query": "troops", "within": ["나루"]}, "'나루'", id="search in an unknown article"),
        pytest.param("article", {"article_id": "gone.md"}, "'gone.md'", id="no such article"),
        pytest.param("article", {"article_id": "\ud800"}, "'\ufffd'", id="half an id"),
        pytest.param("ask", {"question": 5}, "question is int: give a string.", id="question of another kind"),
        pytest.param("ask", {"question": "Who?", "within": "a.md"}, "within is 'a.md': give a list of", id="one id"),
        pytest.param("ask", {"question": "Who?", "within": [5]}, "within is [5]: give a list", id="a number in ids"),
        pytest.param("search", {"query": "troops", "k": "10"}, "k is str: give an integer.", id="k of another kind"),
        pytest.param("article", {"article_id": None}, "article_id is NoneType", id="no id"),
    ],
)
def test_what_is_wrong_comes_back_as_its_message(endpoints, name, arguments, message):
    with pytest.raises(gradio.Error) as raised:
        getattr(endpoints, name)(**arguments)
    assert message in raised.value.message
    assert not raised.value.print_exception


def test_what_a_generator_fails_with_comes_back_beside_the_quotes(app):
    generator = ScriptedGenerator([GeneratorError("The endpoint is silent.")])
    failing = AskSeoul(app.store, app.encoder, generator, lambda: app.reader)
    answer = Endpoints(failing, RequestLimits(QUESTIONS)).ask(QUESTION)
    assert answer["text"] == app.ask(QUESTION).text
    assert "The endpoint is silent." in answer["trace"]["warnings"][0]


def test_a_fault_of_the_program_is_none_of_the_callers(endpoints, monkeypatch):
    def fail(app):
        raise ZeroDivisionError

    monkeypatch.setattr(AskSeoul, "articles", fail)
    with pytest.raises(ZeroDivisionError):
        endpoints.articles()


# Checking


def test_each_sentence_of_a_text_is_checked(endpoints, app):
    [citation, *_] = endpoints.ask(QUESTION)["citations"]
    text = f"# Troops\n\n{citation['quote']} Wombats dig in Wuppertal. 서울 🙂는 섬이다.\r\n"
    checked = endpoints.check(text)
    assert [each["text"] for each in checked] == [citation["quote"], "Wombats dig in Wuppertal.", "서울 🙂는 섬이다."]
    assert checked[0] == json.loads(json.dumps(dataclasses.asdict(app.check(citation["quote"]))))
    assert [each["verdict"] == "supported" for each in checked] == [True, False, False]
    assert checked[0].keys() == {"text", "verdict", "support", "checks", "citations", "counter"}


# Searching


def test_the_best_passages_come_first(endpoints, app):
    hits = endpoints.search("US soldiers in Korea", 3)
    assert hits == [hit_as_json(hit) for hit in app.search("US soldiers in Korea", 3)]
    assert len(hits) == 3
    assert hits[0].keys() >= {"article_id", "title", "start", "end", "text", "score"}


@pytest.mark.parametrize(("k", "looked_for"), [(0, 1), (-5, 1), (1, 1), (100, MAX_HITS), (10**9, MAX_HITS)])
def test_so_many_passages_at_most(endpoints, monkeypatch, k, looked_for):
    asked = []
    monkeypatch.setattr(AskSeoul, "search", lambda app, query, count, **where: asked.append(count) or [])
    assert endpoints.search("troops", k) == []
    assert asked == [looked_for]


def test_a_search_can_be_limited(endpoints):
    hits = endpoints.search("troops", within=["center-of-balance.md"])
    assert {hit["article_id"] for hit in hits} == {"center-of-balance.md"}


# Articles


def test_articles_are_listed_without_where_they_lie(endpoints, app):
    listed = endpoints.articles()
    assert [each["article_id"] for each in listed] == [each.id for each in app.articles()]
    assert listed[0].keys() == {
        "article_id", "title", "source", "published", "language", "characters", "passages", "sha256",
        "published_from",
    }  # fmt: skip
    [place] = app.article(listed[0]["article_id"]).places
    given = json.dumps([listed, [endpoints.article(each["article_id"]) for each in listed]])
    assert place not in given
    assert str(app.store.folder) not in given


def test_an_articles_text_is_what_quotes_count(endpoints):
    [citation, *_] = endpoints.ask(QUESTION)["citations"]
    article = endpoints.article(citation["article_id"])
    assert article["text"][citation["start"] : citation["end"]] == citation["quote"]
    assert article.keys() == {
        "article_id", "title", "source", "published", "url", "language", "sha256", "text", "published_from", "notes",
    }  # fmt: skip
    assert article["sha256"] == citation["sha256"]


@pytest.mark.parametrize("name", ["나루.md", "\u1102\u1161\u1105\u116e.md"], ids=["as held", "in letters"])
def test_an_article_is_found_however_its_name_was_typed(fresh, name):
    add_articles([make_article("The pier is closed.", "나루.md")], store=fresh.store, encoder=fresh.encoder)
    calls = Endpoints(fresh, RequestLimits(QUESTIONS))
    assert calls.article(name)["article_id"] == "나루.md"
    assert calls.search("Is the pier closed?", within=[name])[0]["article_id"] == "나루.md"


# Limits


@pytest.mark.parametrize("name", ["ask", "search", "articles", "article"])
def test_every_call_is_counted(app, name):
    calls = Endpoints(app, RequestLimits(Allowance("questions", session=1, total=5)))
    arguments = {"ask": ["?!"], "search": ["troops"], "articles": [], "article": ["center-of-balance.md"]}[name]
    if name == "ask":
        with pytest.raises(gradio.Error):
            calls.ask(*arguments)
    else:
        getattr(calls, name)(*arguments)
    with pytest.raises(gradio.Error, match="More than 1 questions in a minute came from this session or address"):
        getattr(calls, name)(*arguments)


def test_sessions_are_counted_apart(app, monkeypatch):
    calls = Endpoints(app, RequestLimits(Allowance("questions", session=1, total=5)))
    for who in ("one", "other"):
        monkeypatch.setattr(module, "session", lambda who=who: who)
        calls.articles()
        with pytest.raises(gradio.Error):
            calls.articles()


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        pytest.param(SimpleNamespace(session_hash="abc", client=SimpleNamespace(host="127.0.0.1")), "abc", id="a tab"),
        pytest.param(
            SimpleNamespace(session_hash=None, client=SimpleNamespace(host="10.0.0.7")), "10.0.0.7", id="address"
        ),
        pytest.param(SimpleNamespace(client=SimpleNamespace(host="::1")), "::1", id="no session at all"),
        pytest.param(SimpleNamespace(session_hash="", client=None), "", id="neither"),
        pytest.param(None, "", id="no request"),
    ],
)
def test_who_asks_is_the_session_or_the_address(request_, name):
    token = LocalContext.request.set(request_)
    try:
        assert session() == name
    finally:
        LocalContext.request.reset(token)


def test_they_can_be_used_by_several_threads_since_they_never_change(endpoints):
    with pytest.raises(dataclasses.FrozenInstanceError):
        endpoints.limits = None
