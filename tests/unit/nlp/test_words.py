"""Texts as words: what is made plain, what words have in common, and where sentences and clauses end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.nlp.text import annotation, normalize, parse, stem


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        pytest.param("“It’s ‘new’,” she said", "\"It's 'new',\" she said", id="curly quotation marks"),
        pytest.param("«non»", '"non"', id="guillemets"),
        pytest.param("5–6 and 7−8", "5-6 and 7-8", id="dashes in figures"),
        pytest.param("the port—closed", "the port;closed", id="a long dash parts clauses"),
        pytest.param("the U.S. and the U.K.", "the US and the UK", id="dotted initials"),
        pytest.param("Ｆｅｒｒｙ １２", "Ferry 12", id="full-width forms"),
        pytest.param("cafe\u0301", "café", id="a combining mark"),
        pytest.param("서울 🙂 שלום", "서울 🙂 שלום", id="other scripts stay"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_fold_makes_typography_plain(text, plain):
    assert normalize(text) == plain


@pytest.mark.parametrize(
    "family",
    [
        "normalize normalization normalized",
        "economy economic economies",
        "policy policies",
        "buy buys buying bought",
        "sell sells sold sale sales",
        "run runs running ran",
        "grow grows growing grew growth",
        "defense defence defend defended",
        "ferry ferries",
        "city cities city's",
    ],
)
def test_inflections_share_a_stem(family):
    assert len({stem(word) for word in family.split()}) == 1


@pytest.mark.parametrize("pair", ["class clause", "bus busy", "north south", "import export", "서울 부산"])
def test_other_words_do_not_share_a_stem(pair):
    first, second = pair.split()
    assert stem(first) != stem(second)


def test_words_know_their_sentence_and_clause():
    words = parse("The mayor’s plan: it works. But the ferry left, they said").words
    assert [(word.text, word.sentence, word.clause) for word in words] == [
        ("The", 0, 0), ("mayor", 0, 0), ("plan", 0, 0),
        ("it", 0, 1), ("works", 0, 1),
        ("But", 1, 2), ("the", 1, 2), ("ferry", 1, 2), ("left", 1, 2),
        ("they", 1, 3), ("said", 1, 3),
    ]  # fmt: skip
    assert [word.text for word in words if word.opening] == ["The", "it", "But"]


def test_content_is_what_is_left_without_function_and_reporting_words():
    words = parse("According to the report, US ferries let us cross it in 20 minutes").words
    assert [word.text for word in words if word.content] == ["US", "ferries", "cross", "20", "minutes"]


@given(st.text())
def test_words_stand_where_they_say_in_any_text(text):
    parsed = parse(text)
    words = parsed.words
    assert all(parsed.normalized[word.start : word.end] == word.text for word in words)
    assert [word.start for word in words] == sorted(word.start for word in words)
    assert all(word.text for word in words)


@given(st.text(min_size=1))
def test_a_stem_is_short_and_blind_to_case(word):
    assert len(stem(word)) <= 6
    assert stem(word) == stem(word.lower())


def test_a_text_is_parsed_once_and_keeps_what_is_read_out_of_it():
    calls = []

    @annotation
    def shouted(parsed, mark="!"):
        calls.append(mark)
        return parsed.normalized.upper() + mark

    parsed = parse("The ferry left.")
    assert parse("The ferry left.") is parsed
    assert [shouted(parsed), shouted(parsed), shouted(parsed, "?")] == [
        "THE FERRY LEFT.!",
        "THE FERRY LEFT.!",
        "THE FERRY LEFT.?",
    ]
    assert calls == ["!", "?"]


@given(st.text())
def test_what_is_normalized_stays_as_it_is(text):
    assert normalize(normalize(text)) == normalize(text)
