"""What the index itself answers: greetings, the collection as a whole, and which articles mention something."""

from __future__ import annotations

import dataclasses

import pytest

from askseoul import AskSeoul
from askseoul.answering.collection import SHOWN, is_notice
from askseoul.answering.reverify import reverify
from askseoul.domain import as_json

ARTICLES = {
    "pier.md": ("2023-05-11", "Harbour Herald", "Port director Samir Kovac says that the pier will cost 120 million."),
    "court.md": ("2025-02-19", "Coastal Review", "A court stopped the pier on Wednesday. Kovac resigned the same day."),
    "herring.md": ("2025-04-04", "Coastal Review", "청어가 돌아왔다 🙂, says Ines Okafor of the herring in the bay."),
    "notes.md": (None, None, "A note without a date says that the schools stay open."),
}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("town")
    for name, (published, source, text) in ARTICLES.items():
        facts = f"published: {published}\nsource: {source}\n" if published else ""
        (folder / name).write_text(f"---\ntitle: {name}\n{facts}---\n{text}\n", encoding="utf-8")
    with AskSeoul.open(tmp_path_factory.mktemp("index") / "index", create=True) as opened:
        opened.index([folder])
        yield opened


def faults(app, answer):
    return reverify(as_json(answer), app.article, app.reader)


@pytest.mark.parametrize("message", ["Hello", "Thanks!", "What can you do?", "감사합니다"])
def test_a_greeting_is_answered_by_one_line_without_quotes(app, message):
    answer = app.ask(message)
    assert answer.refusal is not None
    assert (answer.answered, answer.refusal.reason, answer.refusal.nearest) == (False, "no question", ())
    assert answer.text.startswith("At your service. Ask what the 4 articles here say")


@pytest.mark.parametrize(
    "message", ["What are these articles about?", "List all articles", "How many texts are there?"]
)
def test_the_collection_is_counted_and_each_article_shown_by_a_sentence_the_newest_first(app, message):
    answer = app.ask(message)
    assert answer.notice == "Here are 4 articles, from 2 sources, published 2023-05-11 to 2025-04-04."
    assert [citation.article_id for citation in answer.citations] == ["herring.md", "court.md", "pier.md", "notes.md"]
    assert answer.text.startswith(answer.notice)
    assert faults(app, answer) == []


def test_articles_that_mention_a_person_are_counted_by_name_and_surname(app):
    answer = app.ask("How many articles mention Samir Kovac?")
    assert answer.notice == "2 of 4 articles mention “Samir Kovac”."
    assert [citation.quote for citation in answer.citations] == [
        "Kovac resigned the same day.",
        "Port director Samir Kovac says that the pier will cost 120 million.",
    ]
    assert faults(app, answer) == []


def test_what_no_article_mentions_is_refused(app):
    answer = app.ask("Which articles mention the cathedral?")
    assert answer.refusal is not None
    assert "No article mentions “the cathedral”." in answer.text


def test_a_filter_holds(app):
    answer = app.ask("How many articles are there?", since="2025")
    assert answer.notice == "Here are 2 articles, from 1 source, published 2025-02-19 to 2025-04-04."


def test_a_forged_notice_does_not_verify(app):
    answer = app.ask("List all articles")
    assert answer.notice is not None
    forged = dataclasses.replace(
        answer, notice="The pier is safe.", text=answer.text.replace(answer.notice, "The pier is safe.")
    )
    assert faults(app, forged)


@pytest.mark.parametrize(
    ("text", "question", "holds"),
    [
        pytest.param("Here is 1 article.", "What is in it?", True, id="one article"),
        pytest.param(f"Here are 1,200 articles, from 3 sources. {SHOWN} of them:", "?", True, id="many"),
        pytest.param("2 of 4 articles mention “Kovac”.", "Who mentions Kovac?", True, id="mentions"),
        pytest.param("2 of 4 articles mention “the pier is safe”.", "Who mentions Kovac?", False, id="not asked"),
        pytest.param("Here are 4 articles, all true.", "?", False, id="other words"),
        pytest.param("", "?", False, id="nothing"),
    ],
)
def test_a_notice_has_its_own_words(text, question, holds):
    assert is_notice(text, question) is holds
