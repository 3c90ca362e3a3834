"""What the page's script asks the server for, over HTTP: articles, exports and opinions."""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from askseoul.domain import as_json
from askseoul.errors import UsageError
from askseoul.evaluation.datasets import load_gold
from askseoul.index.store import Store
from askseoul.index.sync import add_articles
from askseoul.pipeline import AskSeoul
from askseoul.web.api import DRAFTS, PAGE_FILES, add_page_routes
from askseoul.web.exports import MEDIA_TYPES
from askseoul.web.rate_limits import QUESTIONS, Allowance, RequestLimits
from tests.support.articles import make_article

QUESTION = "How many US soldiers are based on the Korean Peninsula?"
FERRY = "The ferry Mara carried 214 people in 2023.\n\n나루에는 아무도 없었다."
AWKWARD = 'a"b <나루> & \u202ec.md'


def serving(app, limits):
    server = FastAPI()
    add_page_routes(server, app, limits)
    return TestClient(server)


@pytest.fixture(scope="module")
def page(app):
    """The routes over the shipped articles; nothing may be written."""
    return serving(app, RequestLimits(QUESTIONS))


@contextmanager
def opened(folder, encoder):
    with AskSeoul(Store.open(folder, encoder=encoder, create=True), encoder, None) as app:
        articles = [make_article(FERRY, "ferry.md"), make_article("A <b> & 한.", AWKWARD)]
        add_articles(articles, store=app.store, encoder=encoder)
        yield app


@pytest.fixture(scope="module")
def ferry(tmp_path_factory, encoder):
    """The routes over two short articles; nothing may be written."""
    with opened(tmp_path_factory.mktemp("ferry"), encoder) as app:
        yield serving(app, RequestLimits(QUESTIONS))


@pytest.fixture
def own(tmp_path, encoder):
    """An index of this test's own."""
    with opened(tmp_path / "index", encoder) as app:
        yield app


@pytest.fixture(scope="module")
def answers(app):
    """An answer, and a refusal."""
    return [as_json(app.ask(QUESTION)), as_json(app.ask("How many troops did Brazil send to Korea?"))]


def error_of(response):
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/json"
    return response.json()["error"]


# Files


@pytest.mark.parametrize(("name", "kind"), [("page.css", "text/css"), ("page.js", "text/javascript")])
def test_the_pages_own_files_are_asked_for_anew_each_time(page, name, kind):
    response = page.get(f"/page/file/{name}")
    assert response.content == (PAGE_FILES / name).read_bytes()
    assert response.headers["content-type"].startswith(kind)
    assert response.headers["cache-control"] == "no-cache"


def test_no_other_file_is_given(page):
    assert page.get("/page/file/favicon.svg").status_code == 404
    assert page.get("/page/file/..%2fplumbing.py").status_code == 404


# Articles


def test_an_article_comes_with_its_quotes_marked(ferry):
    response = ferry.get(
        "/page/article",
        params={
            "article_id": "ferry.md",
            "quote": "10:14",
            "others": "23:33,36:40",
            "sha256": hashlib.sha256(FERRY.encode()).hexdigest(),
        },
    )
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert '<mark class="quote">Mara</mark>' in response.text
    assert response.text.count("<mark>") == 2
    assert '<span lang="ko">나루에는 아무도 없었다</span>.' in response.text


def test_an_article_comes_without_a_quote(ferry):
    response = ferry.get("/page/article", params={"article_id": "ferry.md"})
    assert "<mark" not in response.text
    assert "The ferry Mara" in response.text


@pytest.mark.parametrize(
    "name", [AWKWARD, AWKWARD.replace("나루", "\u1102\u1161\u1105\u116e")], ids=["as held", "in letters"]
)
def test_an_article_of_any_name_comes(ferry, name):
    response = ferry.get("/page/article", params={"article_id": name, "quote": "2:5"})
    assert '<mark class="quote">&lt;b&gt;</mark>' in response.text
    assert "<나루>" not in response.text


@pytest.mark.parametrize("quote", ["10:14", "900:950"])
def test_an_article_that_has_changed_is_shown_and_says_so(ferry, quote):
    sent = {"article_id": "ferry.md", "quote": quote, "others": "1000:1001", "sha256": "0" * 64}
    response = ferry.get("/page/article", params=sent)
    assert response.status_code == 200
    assert "This article has changed since it was quoted" in response.text
    assert "<mark" not in response.text


@pytest.mark.parametrize(
    "span",
    [
        "a",
        "1",
        "1:",
        ":1",
        "5:5",
        "6:5",
        "-1:5",
        "0:10000",
        "1:2:3",
        "1.0:2",
        "٠:٢",
        " 0:2",
        "0:2\n",
        "0:" + "9" * 5_000,
    ],
    ids=lambda span: ascii(span)[:12],
)
def test_what_is_no_place_is_told(ferry, span):
    told = error_of(ferry.get("/page/article", params={"article_id": "ferry.md", "quote": span}))
    length = len(FERRY)
    assert f"is no span of ferry.md, which has {length} characters: give START:END with 0 <= START < END" in told
    assert len(told) < 200
    assert "is no span" in error_of(
        ferry.get("/page/article", params={"article_id": "ferry.md", "others": f"0:1,{span}"})
    )


@pytest.mark.parametrize("article_id", ["gone.md", "", "../askseoul.sqlite", "나루", "a\x00b", "%ED%A0%80"])
def test_an_article_that_is_not_held_is_told(page, article_id):
    assert "holds no article" in error_of(page.get("/page/article", params={"article_id": article_id}))


def test_no_article_named_is_no_article(page):
    assert page.get("/page/article").status_code == 422


# Exports


@pytest.mark.parametrize("form", MEDIA_TYPES)
def test_answers_are_exported(page, answers, form):
    response = page.post("/page/export", json={"answers": answers[:1], "form": form, "title": "나루 <b>"})
    assert response.headers["content-type"] == MEDIA_TYPES[form]
    ending = {"markdown": "md", "html": "html", "json": "json"}[form]
    assert response.headers["content-disposition"] == f'attachment; filename="answer.{ending}"'
    assert "28,500" in response.text
    if form == "json":
        assert response.json() == answers[0]
    else:
        assert "나루" in response.text
        assert "<b>" not in response.text.replace("\\<b\\>", "")


def test_a_conversation_is_exported_as_lines(page, answers):
    response = page.post("/page/export", json={"answers": answers, "form": "json"})
    assert [json.loads(line) for line in response.text.splitlines()] == answers
    assert 'filename="answer.jsonl"' in response.headers["content-disposition"]


@pytest.mark.parametrize(
    "title", [None, 5, ["a"], "", "\ud800", "a\r\nb: c", "한" * 10_000], ids=lambda title: ascii(title)[:12]
)
def test_a_title_may_be_anything(page, answers, title):
    for form in MEDIA_TYPES:
        sent = json.dumps({"answers": answers[:1], "form": form, "title": title})
        response = page.post("/page/export", content=sent, headers={"content-type": "application/json"})
        assert response.status_code == 200
        assert "28,500" in response.text


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param({"form": "pdf"}, "form must be one of markdown, html, json.", id="another form"),
        pytest.param({"form": None}, "form must be one of", id="no form"),
        pytest.param({"form": ["json"]}, "form must be one of", id="a list of forms"),
        pytest.param({"answers": []}, "The request has no answer: reload the page.", id="no answer"),
        pytest.param({"answers": None}, "The request has no answer", id="nothing"),
        pytest.param({"answers": {"0": 1}}, "The request has no answer", id="no list"),
        pytest.param({"answers": [5]}, "The answer is not an object.", id="a number"),
        pytest.param({"answers": [{"question": "나루?"}]}, "id is missing.", id="a part of one"),
    ],
)
def test_what_can_not_be_exported_is_told(page, answers, change, told):
    assert told in error_of(page.post("/page/export", json={"answers": answers, "form": "json"} | change))


def test_an_answer_that_no_longer_holds_is_not_exported(page, answers):
    changed = answers[0] | {"text": "The moon is made of cheese [1]."}
    for route, sent in (("export", {"form": "html"}), ("opinion", {"opinion": "right"})):
        assert "do not support it" in error_of(page.post(f"/page/{route}", json={"answers": [changed], **sent}))


def test_the_answer_of_a_conversation_that_no_longer_holds_is_named(page, answers):
    changed = answers[0] | {"text": "The moon is made of cheese [1]."}
    told = error_of(page.post("/page/export", json={"answers": [*answers, changed], "form": "html"}))
    assert told.startswith(f"The answer to “{changed['question']}” no longer holds: ask it again, or export the other")
    assert "do not support it" in told


@pytest.mark.parametrize("route", ["export", "opinion"])
@pytest.mark.parametrize("sent", [b"", b"[]", b"5", b"null", b"{", b"\xff", b'"a"'])
def test_what_is_no_object_is_refused(page, route, sent):
    response = page.post(f"/page/{route}", content=sent, headers={"content-type": "application/json"})
    assert response.status_code in (400, 422)


# Opinions


def drafts_of(app):
    return [json.loads(line) for line in (app.store.folder / DRAFTS).read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def asked(own):
    answer = as_json(own.ask("How many people did the ferry Mara carry?"))
    assert answer["answered"]
    return answer


def test_an_opinion_becomes_a_draft_question(own, asked):
    page = serving(own, RequestLimits(QUESTIONS))
    sent = {
        "answers": [asked],
        "opinion": "right",
        "note": "Good.\r\n나루 \u202e!",
        "history": ["Before?", 5, None, "나루?"],
    }
    response = page.post("/page/opinion", json=sent)
    assert response.json() == {"kept": DRAFTS}
    page.post("/page/opinion", json={"answers": [asked], "opinion": "wrong source"})
    first, second = drafts_of(own)
    assert (first["question"], first["opinion"], first["draft"]) == (asked["question"], "right", True)
    assert first["note"] == "Good.\n나루 !"
    assert first["history"] == ["Before?", "나루?"]
    assert first["evidence"][0]["article"] == "ferry.md"
    assert (second["opinion"], second["note"], second["history"]) == ("wrong source", "", [])
    with pytest.raises(UsageError, match="draft"):
        load_gold(own.store.folder / DRAFTS)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(
            {"opinion": "great"}, "opinion must be one of right, wrong answer, wrong source", id="another opinion"
        ),
        pytest.param({"opinion": None}, "opinion must be one of", id="none"),
        pytest.param({"note": "나" * 2_001}, "The note has 2,001 characters", id="long note"),
        pytest.param({"answers": []}, "The request has no answer", id="no answer"),
        pytest.param({"answers": [{}]}, "is missing", id="no whole answer"),
    ],
)
def test_what_is_no_opinion_is_told_and_not_kept(own, asked, change, told):
    page = serving(own, RequestLimits(QUESTIONS))
    assert told in error_of(page.post("/page/opinion", json={"answers": [asked], "opinion": "right"} | change))
    assert not (own.store.folder / DRAFTS).exists()


def test_an_opinion_is_of_one_answer(own, asked):
    page = serving(own, RequestLimits(QUESTIONS))
    told = error_of(page.post("/page/opinion", json={"answers": [asked, asked], "opinion": "right"}))
    assert told == "An opinion is about one answer: send only one."


@pytest.mark.parametrize("history", [None, 5, "Before?", {"a": 1}, [[]]], ids=repr)
def test_a_history_of_another_kind_is_left_aside(own, asked, history):
    page = serving(own, RequestLimits(QUESTIONS))
    page.post("/page/opinion", json={"answers": [asked], "opinion": "right", "history": history}).raise_for_status()
    assert drafts_of(own)[0]["history"] == []


def test_opinions_are_counted(own, asked):
    page = serving(own, RequestLimits(Allowance("questions", session=1, total=5)))
    sent = {"answers": [asked], "opinion": "right"}
    page.post("/page/opinion", json=sent).raise_for_status()
    refused = page.post("/page/opinion", json=sent)
    assert (refused.status_code, 0 < int(refused.headers["retry-after"]) <= 122) == (429, True)
    assert refused.json()["error"].startswith("More than 1 questions in a minute")
    assert len(drafts_of(own)) == 1


def test_who_proves_too_many_answers_is_asked_to_wait(own):
    page = serving(own, RequestLimits(Allowance("exports and opinions", session=1, total=5)))
    sent = {"answers": [as_json(own.ask("How many people were on the Mara?"))], "form": "json", "title": "x"}
    assert page.post("/page/export", json=sent).status_code == 200
    refused = page.post("/page/export", json=sent)
    assert refused.status_code == 429
    told = refused.json()["error"]
    assert told.startswith("More than 1 exports and opinions in a minute came from this session or address.")
