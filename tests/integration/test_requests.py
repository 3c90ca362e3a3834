"""Requests that want more than a fact: summaries, timelines, comparisons and lists, each sentence with its quote."""

from __future__ import annotations

import pytest

from askseoul import AskSeoul
from askseoul.answering.reverify import reverify
from askseoul.domain import as_json
from tests.support.fakes import ScriptedGenerator

ARTICLES = {
    "plan.md": (
        "2022-03-15",
        "Council approves a ferry pier",
        "Gazette",
        "The council of Lindhaven approved a ferry pier on Monday. Port director Jonas Brandt put the cost of the pier "
        "at 24 million euros. Mayor Greta Solheim said that the ferry pier would bring visitors to the town.",
    ),
    "dearer.md": (
        "2023-06-12",
        "Ferry pier becomes dearer",
        "Gazette",
        "The ferry pier of Lindhaven will cost 31 million euros, Jonas Brandt admitted on Friday. Opposition leader "
        "Amina Farouk said that the ferry pier was a bottomless pit.",
    ),
    "opens.md": (
        "2025-10-20",
        "Ferry pier opens",
        "Harbour Post",
        "The ferry pier of Lindhaven was opened on Saturday. The final bill for the pier came to 36 million euros.",
    ),
    "school.md": (
        "2024-02-20",
        "School to close",
        "Harbour Post",
        "Hillside School will close in July. Head teacher Odile Marchetti learned of it from the radio. "
        "학교가 문을 닫는다 🙂.",
    ),
}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("town")
    for name, (published, title, source, text) in ARTICLES.items():
        facts = f"title: {title}\npublished: {published}\nsource: {source}\n"
        (folder / name).write_text(f"---\n{facts}---\n{text}\n", encoding="utf-8")
    with AskSeoul.open(tmp_path_factory.mktemp("index") / "index", create=True) as opened:
        opened.index([folder])
        yield opened


def cited(answer):
    """The articles of an answer in the order of its sentences."""
    places = {citation.number: citation.article_id for citation in answer.citations}
    return list(dict.fromkeys(places[sentence.citations[0]] for sentence in answer.sentences))


def verified(app, message, **options):
    answer = app.ask(message, **options)
    assert reverify(as_json(answer), app.article, app.reader) == []
    return answer


@pytest.mark.parametrize(
    ("message", "articles"),
    [
        pytest.param("Summarise the story of the ferry pier", ["opens.md", "dearer.md", "plan.md"], id="newest first"),
        pytest.param("timeline of the ferry pier", ["plan.md", "dearer.md", "opens.md"], id="oldest first"),
        pytest.param("latest on the ferry pier?", ["opens.md"], id="the latest"),
        pytest.param("Summarise the article about Hillside School.", ["school.md"], id="one article"),
        pytest.param("What did the Gazette write about the ferry pier?", ["dearer.md", "plan.md"], id="an outlet"),
        pytest.param("Tell me about the ferry pier, only articles from 2023", ["dearer.md"], id="a year"),
    ],
)
def test_a_subject_is_told_of_by_all_articles_about_it_and_by_no_other(app, message, articles):
    assert cited(verified(app, message)) == articles


def test_a_summary_has_as_many_sentences_as_were_asked_for(app):
    assert len(verified(app, "Summarise the ferry pier story in two sentences").sentences) == 2


def test_an_llm_words_a_summary_and_what_its_quotes_do_not_support_is_replaced(app):
    told = "The final bill for the pier came to 36 million euros [2]. Nobody paid for the pier [1]."
    generator = ScriptedGenerator(told)
    answer = verified(AskSeoul(app.store, app.encoder, generator, lambda: app.reader), "Summarise the ferry pier story")
    [(_, prompt, _)] = generator.asked
    assert "The ferry pier of Lindhaven was opened on Saturday." in prompt
    assert answer.text.startswith("The final bill for the pier came to 36 million euros [1].")
    assert "Nobody paid" not in answer.text
    assert (answer.trace.generator, answer.trace.drafts["said"]) == ("scripted", 1)


def test_a_comparison_has_both_sides(app):
    answer = verified(app, "Compare Greta Solheim and Amina Farouk on the ferry pier")
    assert {"dearer.md", "plan.md"} <= set(cited(answer))
    assert "bring visitors" in answer.text
    assert "bottomless pit" in answer.text


def test_a_list_of_sums_has_each(app):
    answer = verified(app, "List all sums named for the ferry pier")
    assert [sum in answer.text for sum in ("24 million", "31 million", "36 million")] == [True] * 3


def test_a_list_of_the_people_has_everyone(app):
    answer = verified(app, "List all people named in the articles")
    assert [name in answer.text for name in ("Brandt", "Solheim", "Farouk", "Marchetti")] == [True] * 4


@pytest.mark.parametrize(
    "message",
    [
        "Summarise the article on the football stadium",
        "Give me a timeline of the swimming pool",
        "What does the Evening Star say about the ferry pier?",
        "Tell me everything about Angela Merkel",
    ],
)
def test_what_the_articles_do_not_speak_of_is_refused(app, message):
    assert not verified(app, message).answered


def test_a_follow_up_may_ask_for_another_summary(app):
    first = app.ask("Give me a timeline of the ferry pier")
    assert cited(app.ask("and of Hillside School?", history=[first])) == ["school.md"]


@pytest.mark.parametrize("said", ["\ud800<img src=x>\udfff", "", "?", "나루 🙂", "and " * 5_000])
def test_any_turn_may_stand_before_a_fragment(app, said):
    turn = {"question": said, "text": said}
    assert app.ask("and the pier?", history=[turn] * 20).question == "and the pier?"
