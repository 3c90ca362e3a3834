"""Whether two quotes speak of different times: each figure is true of its own year."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.answering.disagreement.chronology import times_apart
from askseoul.domain import Quote
from tests.support.articles import make_article


def whole(text, **known):
    return Quote(make_article(text, **known), 0, len(text))


APART = {
    "years": ("Trade grew in 2021.", "Trade fell in 2022."),
    "years among Hangul": ("서울 2021 🙂", "서울 2022 🙂"),
    "months": ("Trade grew in March.", "Trade fell in April."),
    "quarters": ("Trade grew in the first quarter of 2021.", "Trade fell in the third quarter of 2021."),
    "quarters, short": ("Trade grew in Q1.", "Trade fell in Q2."),
    "a quarter and a month": ("Trade grew in Q1 2021.", "Trade fell in May 2021."),
    "spans of months": ("Trade grew between January and March 2021.", "Trade fell between April and June 2021."),
}
NOT_APART = {
    "one year": ("Trade grew in 2021.", "Trade fell in 2021."),
    "one of two years": ("Trade grew in 2020 and 2021.", "Trade fell in 2021 and 2022."),
    "a month of the year": ("Trade grew in March 2021.", "Trade fell in 2021."),
    "a month of the quarter": ("Trade grew in the last quarter of 2021.", "Trade fell in November 2021."),
    "spans that overlap": ("Trade grew between January and May 2021.", "Trade fell between April and June 2021."),
    "one names no time": ("Trade grew in 2021.", "Trade fell."),
    "a month and a year": ("Trade grew in March.", "Trade fell in 2021."),
    "since a year": ("Trade has grown since 2021.", "Trade fell in 2022."),
    "until a year": ("Trade grew until 2021.", "Trade fell in 2022."),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("own", "other"), APART.values(), ids=APART)
def test_different_times(own, other):
    assert times_apart(whole(own), whole(other))
    assert times_apart(whole(other), whole(own))


@pytest.mark.parametrize(("own", "other"), NOT_APART.values(), ids=NOT_APART)
def test_times_that_may_be_one(own, other):
    assert not times_apart(whole(own), whole(other))
    assert not times_apart(whole(other), whole(own))


@pytest.mark.parametrize(
    ("own", "year", "apart"),
    [
        pytest.param("Trade grew last year.", 2022, True, id="last year"),
        pytest.param("Trade grew last year.", 2023, False, id="the same year"),
        pytest.param("Trade grew two years ago.", 2023, False, id="ago, which is loose"),
        pytest.param("Trade grew last week.", 2023, False, id="a week, which is none"),
        pytest.param("Trade grew recently.", 2023, False, id="no definite time"),
    ],
)
def test_a_relative_year_is_read_against_the_articles_date(own, year, apart):
    assert times_apart(whole(own, published="2024-03-05"), whole(f"Trade fell in {year}.")) is apart


def test_a_relative_year_of_an_undated_article_says_nothing():
    assert not times_apart(whole("Trade grew last year."), whole("Trade fell in 2022."))


@pytest.mark.parametrize(("year", "apart"), [(2021, False), (2022, True)])
def test_that_year_is_named_before(year, apart):
    text = "The pier opened in 2021. Trade grew by 4% that year."
    quote = Quote(make_article(text), text.index("Trade"), len(text))
    assert times_apart(quote, whole(f"Trade fell in {year}.")) is apart


def test_a_quote_without_a_time_is_of_its_titles():
    first, second = whole("Trade grew.", title="Trade in 2021"), whole("Trade fell.", title="Trade in 2022")
    assert times_apart(first, second)
    assert not times_apart(whole("Trade grew in 2022.", title="Trade in 2021"), second)


PIECES = st.sampled_from(
    ["in 2021", "in March", "from May to June", "Q3", "that year", "last year", "since 2019", "서울", "🙂", "שלום",
     "e\u0301", ".", "\r\n", "\n\n"]
)  # fmt: skip
QUOTES = st.one_of(st.text(max_size=120), st.lists(PIECES, max_size=10).map(" ".join)).map(whole)


@given(QUOTES, QUOTES)
def test_any_two_quotes_are_compared_either_way_round(own, other):
    assert times_apart(own, other) == times_apart(other, own)
    assert not times_apart(own, whole(""))
