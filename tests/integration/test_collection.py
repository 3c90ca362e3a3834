"""What the index itself answers: greetings, the collection as a whole, and which articles mention something."""

from __future__ import annotations

import dataclasses

import pytest

from askseoul import AskSeoul
from askseoul.answering.assembly import cite
from askseoul.answering.collection import SHOWN, is_notice
from askseoul.answering.reverify import reverify
from askseoul.domain import Article, Quote, as_json

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


@pytest.mark.parametrize(
    ("message", "begins"),
    [
        pytest.param("Hello", "Hello. Ask what the 4 articles here say", id="hello"),
        pytest.param("Thanks!", "You are welcome. Ask what the 4 articles here say", id="thanks"),
        pytest.param("bye", "Goodbye.", id="goodbye"),
        pytest.param("What can you do?", "AskSeoul is a program that answers from the 4 articles here", id="about it"),
        pytest.param("안녕하세요", "안녕하세요. 기사 4건에 대해 물어보세요.", id="in Korean"),
        pytest.param("감사합니다", "천만에요.", id="thanks in Korean"),
    ],
)
def test_a_greeting_is_answered_by_one_line_without_quotes(app, message, begins):
    answer = app.ask(message)
    assert answer.refusal is not None
    assert (answer.answered, answer.refusal.reason, answer.refusal.nearest) == (False, "no question", ())
    assert answer.text.startswith(begins)
    assert faults(app, answer) == []


def test_a_forged_reply_to_a_greeting_does_not_verify(app):
    answer = app.ask("Hello")
    assert answer.refusal is not None
    forged = dataclasses.replace(answer.refusal, message="The pier is safe.")
    assert faults(app, dataclasses.replace(answer, text=forged.message, refusal=forged))


COUNTED = "Here are 4 articles, from 2 sources (Coastal Review and Harbour Herald), published 2023-05-11 to 2025-04-04."


@pytest.mark.parametrize("message", ["What are these articles about?", "How many texts are there?"])
def test_the_collection_is_counted_and_each_article_shown_by_a_sentence_the_newest_first(app, message):
    answer = app.ask(message)
    assert answer.notice == COUNTED
    in_order = list(dict.fromkeys(citation.article_id for citation in answer.citations))
    assert in_order == ["herring.md", "court.md", "pier.md", "notes.md"]
    assert answer.text.startswith(answer.notice)
    assert faults(app, answer) == []


def test_a_list_of_the_articles_has_their_titles(app):
    answer = app.ask("List all articles")
    assert answer.notice is not None
    assert answer.notice.split("\n") == [
        COUNTED,
        "“herring.md”, Coastal Review, 2025-04-04",
        "“court.md”, Coastal Review, 2025-02-19",
        "“pier.md”, Harbour Herald, 2023-05-11",
        "“notes.md”",
    ]
    assert faults(app, answer) == []


def test_articles_that_mention_a_person_are_counted_by_name_and_surname(app):
    answer = app.ask("How many articles mention Samir Kovac?")
    sources = "2 sources (Coastal Review and Harbour Herald)"
    assert answer.notice == (
        f"2 of 4 articles mention “Samir Kovac”, from {sources}, published 2023-05-11 to 2025-02-19."
    )
    assert [citation.quote for citation in answer.citations] == [
        "Kovac resigned the same day.",
        "Port director Samir Kovac says that the pier will cost 120 million.",
    ]
    assert faults(app, answer) == []


def test_articles_that_mention_two_persons_mention_both(app):
    answer = app.ask("Which articles mention both Samir Kovac and Ines Okafor?")
    assert answer.refusal is not None
    assert "No article mentions “Samir Kovac” and “Ines Okafor”." in answer.text


def test_what_no_article_mentions_is_refused(app):
    answer = app.ask("Which articles mention the cathedral?")
    assert answer.refusal is not None
    assert "No article mentions “cathedral”." in answer.text.replace("the cathedral", "cathedral")


def test_a_filter_holds(app):
    answer = app.ask("How many articles are there?", since="2025")
    assert answer.notice == ("Here are 2 articles, from 1 source (Coastal Review), published 2025-02-19 to 2025-04-04.")


@pytest.mark.parametrize(
    ("message", "cited"),
    [
        pytest.param("What does the Harbour Herald report?", {"pier.md"}, id="a source"),
        pytest.param("articles from 2025", {"court.md", "herring.md"}, id="a year"),
        pytest.param("What does the Harbour Herald say about the pier?", {"pier.md"}, id="a source on a subject"),
    ],
)
def test_a_message_limits_itself_to_some_of_the_articles(app, message, cited):
    answer = app.ask(message)
    assert {citation.article_id for citation in answer.citations} == cited
    assert faults(app, answer) == []


def test_a_source_or_a_year_without_articles_is_told(app):
    answer = app.ask("What was published in 2017?")
    assert not answer.answered
    assert "None is certain to have been published from 2017 to 2017" in answer.text


def test_a_forged_notice_does_not_verify(app):
    answer = app.ask("How many articles are there?")
    assert answer.notice is not None
    forged = dataclasses.replace(
        answer, notice="The pier is safe.", text=answer.text.replace(answer.notice, "The pier is safe.")
    )
    assert faults(app, forged)


CITED = cite(Quote(Article("a", "A", "x", "The pier", "Herald", "2025-01-01", None, "en", 0), 0, 1), 1)


@pytest.mark.parametrize(
    ("text", "question", "holds"),
    [
        pytest.param("Here is 1 article.", "What is in it?", True, id="one article"),
        pytest.param("Here is 1 article, from 1 source (Herald).", "?", True, id="a source that is cited"),
        pytest.param("Here is 1 article, from 1 source (the pier is safe).", "?", False, id="a source that is not"),
        pytest.param("Here is 1 article.\n“The pier”, Herald, 2025-01-01", "?", True, id="a title that is cited"),
        pytest.param("Here is 1 article.\n“The pier is safe”, Herald", "?", False, id="a title that is not"),
        pytest.param(f"Here are 1,200 articles, from 3 sources. {SHOWN} of them:", "?", True, id="many"),
        pytest.param("2 of 4 articles mention “Kovac”.", "Who mentions Kovac?", True, id="mentions"),
        pytest.param("All 4 articles mention “Kovac” and “Ines”.", "Kovac and Ines", True, id="two subjects"),
        pytest.param("2 of 4 articles mention “the pier is safe”.", "Who mentions Kovac?", False, id="not asked"),
        pytest.param("Here are 4 articles, all true.", "?", False, id="other words"),
        pytest.param("", "?", False, id="nothing"),
    ],
)
def test_a_notice_has_its_own_words(text, question, holds):
    assert is_notice(text, question, [CITED]) is holds
