from __future__ import annotations

import dataclasses

import pytest

from askseoul.web.suggestions import follow_ups, starters


def index_text(app, path, text):
    """Index a file that holds this text."""
    path.write_text(text, encoding="utf-8")
    app.index([path])


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


def test_an_empty_index_has_none(fresh):
    assert starters(fresh) == []
    assert follow_ups(fresh, fresh.ask("Who is Elbridge Colby?")) == []


def test_a_korean_collection_has_none_and_breaks_nothing(fresh, tmp_path):
    text = (
        "서울은 대한민국의 수도이다. 주한미군 2만 8천 5백 명이 한국에 주둔하고 있다. 이재명 대통령은 협력을 강화했다."
    )
    index_text(fresh, tmp_path / "서울.md", text)
    assert starters(fresh) == []
    assert follow_ups(fresh, fresh.ask("주한미군은 몇 명인가?")) == []


def test_one_article_is_asked_about_in_the_singular(fresh, tmp_path):
    text = (
        "The Nuclear Consultative Group held talks in Seoul. Talks of the Nuclear Consultative Group go on. "
        "Nobody outside knows what the Nuclear Consultative Group hears from Washington about deterrence."
    )
    index_text(fresh, tmp_path / "talks.md", text)
    (question,) = starters(fresh)
    assert question == "What does the article say about the Nuclear Consultative Group?"
