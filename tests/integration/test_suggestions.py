from __future__ import annotations

import dataclasses

import pytest

from askseoul.index.store import Store
from askseoul.pipeline import AskSeoul
from askseoul.web.suggestions import follow_ups, starters


@pytest.fixture
def open_with(tmp_path, encoder):
    """Opens an index of these texts; each is a file's name and what it holds."""
    opened = []

    def open_them(**texts):
        folder = tmp_path / "articles"
        folder.mkdir()
        for name, text in texts.items():
            (folder / f"{name}.md").write_text(text, encoding="utf-8")
        app = AskSeoul(Store.open(tmp_path / "index", encoder=encoder, create=True), encoder, None)
        opened.append(app)
        if texts:
            app.index([folder])
        return app

    yield open_them
    for app in opened:
        app.close()


@pytest.fixture(scope="module")
def suggested(app):
    return starters(app)


def test_starters_are_answered_and_cite_what_they_were_made_from(app, suggested):
    assert suggested == [
        "What share of South Korea's exports does China take?",
        "Why did Samsung and SK Hynix build plants in China?",
        "Is Trump still president?",
        "Who is Elbridge Colby?",
    ]
    cited = ["China takes 20%", "Samsung and SK Hynix built", "The commentary describes Trump", "Elbridge Colby, an"]
    for question, opening in zip(suggested, cited, strict=True):
        answer = app.ask(question)
        assert answer.answered
        assert not answer.uncovered
        assert any(citation.quote.startswith(opening) for citation in answer.citations)


def test_more_starters_are_all_answered_and_none_repeats(app):
    many = starters(app, 8, attempts=16)
    assert len(many) > 4
    assert len(set(many)) == len(many)
    assert all(app.ask(question).answered for question in many)


def test_the_same_collection_gives_the_same_starters(app, suggested):
    assert starters(app) == suggested


@pytest.mark.parametrize("count", [0, 1, 2])
def test_no_more_are_given_than_asked_for(app, count):
    assert len(starters(app, count)) == count


def test_nothing_is_looked_up_beyond_the_bound(app):
    assert starters(app, attempts=0) == []
    assert len(starters(app, attempts=2)) <= 2


@pytest.mark.parametrize(
    "question",
    [
        "How many US troops are in Korea?",
        "Who is Elbridge Colby?",
        "Is Trump still president?",
        pytest.param("Who painted The Night Watch?", id="refused"),
    ],
)
def test_follow_ups_are_answered_and_new(app, question):
    answer = app.ask(question)
    first = follow_ups(app, answer)
    assert 1 <= len(first) <= 2
    assert question not in first
    for suggestion in first:
        assert app.ask(suggestion).answered
    assert not set(first) & set(follow_ups(app, answer, asked=first))


def test_an_answer_whose_article_is_gone_has_no_follow_ups(app):
    answer = app.ask("Who is Elbridge Colby?")
    gone = tuple(dataclasses.replace(citation, article_id="gone.md") for citation in answer.citations)
    assert follow_ups(app, dataclasses.replace(answer, citations=gone)) == []


def test_an_empty_index_has_none(open_with):
    empty = open_with()
    assert starters(empty) == []
    assert follow_ups(empty, empty.ask("Who is Elbridge Colby?")) == []


def test_a_korean_collection_has_none_and_breaks_nothing(open_with):
    text = (
        "서울은 대한민국의 수도이다. 주한미군 2만 8천 5백 명이 한국에 주둔하고 있다. 이재명 대통령은 협력을 강화했다."
    )
    korean = open_with(서울=text)
    assert starters(korean) == []
    assert follow_ups(korean, korean.ask("주한미군은 몇 명인가?")) == []


def test_one_article_is_asked_about_in_the_singular(open_with):
    text = (
        "The Nuclear Consultative Group held talks in Seoul. Talks of the Nuclear Consultative Group go on. "
        "Nobody outside knows what the Nuclear Consultative Group hears from Washington about deterrence."
    )
    (question,) = starters(open_with(talks=text))
    assert question == "What does the article say about the Nuclear Consultative Group?"
