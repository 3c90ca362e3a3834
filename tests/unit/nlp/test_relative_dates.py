"""Relative dates, read against the day on which their text was published."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.domain import Quote, TimeReading
from askseoul.nlp.relative_dates import relative_dates, time_phrase, time_readings
from tests.support.articles import make_article
from tests.support.data import cases

TUESDAY = "2024-03-05"


def read(text: str, published: str | None = TUESDAY) -> list[tuple[str, str | None]]:
    return [(relative.text, relative.means) for relative in relative_dates(text, published)]


@pytest.mark.parametrize("case", cases("relative_dates"))
def test_relative_dates(case):
    found = relative_dates(case["text"], case["published"])
    assert len(found) == len(case["dates"])
    for relative, expected in zip(found, case["dates"], strict=True):
        fields = relative._asdict() | {"phrase": time_phrase(relative)}
        assert {name: fields[name] for name in expected} == expected


def test_relative_dates_come_in_the_order_of_the_text() -> None:
    text = "서울 🇰🇷 said last week:\r\n\r\n“We met yesterday,” and next year…"
    found = relative_dates(text, TUESDAY)
    assert [relative.text for relative in found] == ["last week", "yesterday", "next year"]
    assert [text[relative.start : relative.end] for relative in found] == [relative.text for relative in found]


def test_an_expression_may_cross_a_wrapped_line() -> None:
    text = (
        "The exports of South Korea to China fell by a third in the past\r\ntwo weeks, as the trade ministry reported."
    )
    assert read(text) == [("in the past\r\ntwo weeks", "2024-02-20/2024-03-05")]


def test_an_expression_never_crosses_a_sentence() -> None:
    assert read("It was not the last\n\nyear after year. This was next.\nYear of the dragon") == []


WORDS = """
last next this the past coming previous year month week Friday March May on in since two a ago earlier later over
today Yesterday recently now so far 2023 4 June will said days few decades from 서울 🇰🇷 שלום e\u0301 ½ ³ ١٢ ſ
K , . “ ” " * ( )
"""
ANY_PIECE = st.sampled_from([*WORDS.split(), "\r\n", "\n\n", "\n", "\u2028", "\u00a0"])
ANY_TEXT = st.one_of(
    st.text(max_size=200), st.lists(ANY_PIECE, max_size=40).map(" ".join), st.lists(ANY_PIECE, max_size=40).map("".join)
)
DAYS = st.dates(date(1000, 1, 1), date(2999, 12, 31)).map(date.isoformat)
PUBLISHED = st.one_of(
    st.none(),
    DAYS,
    DAYS.map(lambda day: day[:7]),
    DAYS.map(lambda day: day[:4]),
    st.just("2024-13"),
    st.text(max_size=12),
)
MEANING = re.compile(r"(\d{4}(?:-\d{2}(?:-\d{2})?)?)(?:/(\d{4}(?:-\d{2}(?:-\d{2})?)?))?")


@given(ANY_TEXT, PUBLISHED)
def test_offsets_are_exact_and_meanings_are_dates(text: str, published: str | None) -> None:
    found = relative_dates(text, published)
    assert all(text[relative.start : relative.end] == relative.text for relative in found)
    assert all(first.end <= second.start for first, second in pairwise(found))
    for relative in found:
        assert time_phrase(relative).startswith("“")
        if relative.means is not None:
            match = MEANING.fullmatch(relative.means)
            assert match is not None
            assert match[2] is None or match[1] < match[2]


@given(DAYS)
def test_a_coarser_date_never_contradicts_a_finer_one(day: str) -> None:
    text = "last year; last month; in the past two years; earlier this year; this quarter; a decade ago; yesterday"
    full = [relative.means for relative in relative_dates(text, day)]
    for published in (day[:7], day[:4]):
        for precise, coarse in zip(full, (found.means for found in relative_dates(text, published)), strict=True):
            assert precise is not None
            assert coarse is None or precise.startswith(coarse[:4])


@pytest.mark.parametrize(
    "piece", ["last ", "the next ", "a-", "a year earlier, ", "in March ", "“Yesterday ", "\n ", "May 1 "]
)
def test_long_texts_are_read(piece: str) -> None:
    relative_dates(piece * (100_000 // len(piece)), TUESDAY)


# The relative dates of a sentence and its quotes


TEXT = "# The pier\n\nThe pier closed last year. It opens next month.\n\nIt was painted last week."


def readings(own, *said, text=TEXT, published="2024-03-05"):
    article = make_article(text, published=published)
    starts = [article.text.index(each) for each in said]
    quotes = [Quote(article, start, start + len(each)) for start, each in zip(starts, said, strict=True)]
    return time_readings(own, quotes)


def test_a_relative_date_is_resolved_against_the_articles_date():
    assert readings("The pier closed last year.", "The pier closed last year.") == (
        TimeReading("last year", "2023", "“last year”: 2023"),
    )
    assert readings("It was painted last week.", "It was painted last week.") == (
        TimeReading("last week", "2024-02-26/2024-03-03", "“last week”: 2024-02-26 to 2024-03-03"),
    )


@pytest.mark.parametrize(
    ("published", "means", "says"),
    [
        pytest.param("2024", "2023", "“last year”: 2023", id="a year"),
        pytest.param(None, None, "“last year”: the article has no date", id="no date"),
    ],
)
def test_the_date_of_the_article_limits_the_meaning(published, means, says):
    (found,) = readings("It closed last year.", "The pier closed last year.", published=published)
    assert (found.means, found.says) == (means, says)


def test_an_article_date_that_is_too_coarse():
    said = "The pier closed yesterday."
    (found,) = readings(said, said, text=said, published="2024")
    assert (found.means, found.says) == (None, "“yesterday”: the article's date says too little")


def test_each_relative_date_is_given_once_in_the_order_of_the_quotes():
    own = "It opens next month; it closed last year, which was last year."
    found = readings(own, "The pier closed last year.", "It opens next month.", "The pier closed last year.")
    assert [each.text for each in found] == ["last year", "next month"]


@pytest.mark.parametrize(
    ("own", "said"),
    [
        pytest.param("The pier closed.", "The pier closed last year.", id="not in the sentence"),
        pytest.param("It closed last year.", "It opens next month.", id="not in the quote"),
        pytest.param("It closed Last year.", "The pier closed last year.", id="other words"),
        pytest.param("", "The pier closed last year.", id="an empty sentence"),
    ],
)
def test_a_relative_date_must_be_in_the_sentence_and_its_quote(own, said):
    assert readings(own, said) == ()


def test_a_date_relative_to_another_date_of_the_paragraph_is_omitted():
    said = "It had fallen the previous year."
    assert readings(said, said, text=f"In 2019 it rose. {said}") == ()


def test_without_quotes_there_are_no_readings():
    assert readings("It closed last year.") == ()


PIECES = st.sampled_from(
    ["last year", "next month", "yesterday", "recently", "in 2019", "서울", "🙂", "שלום", "e\u0301", ".", "\n", "\r\n",
     "\n\n"]
)  # fmt: skip


@given(
    st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=20).map(" ".join)),
    st.sampled_from([None, "2024", "2024-03-05"]),
)
def test_readings_of_any_text_are_unique_and_in_the_text(text, published):
    found = time_readings(text, [Quote(make_article(text, published=published), 0, len(text))])
    assert all(each.text in text and each.says for each in found)
    assert len({each.text for each in found}) == len(found)
