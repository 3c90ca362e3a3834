"""Which of two quotes came first and what that means, and whether they speak of different times."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.answering.disagreement.chronology import classify, tells_of_change, times_apart
from askseoul.answering.disagreement.values import values_of
from askseoul.domain import Quote
from askseoul.retrieval.question import read_question
from tests.support.articles import make_article


def whole(text, **known):
    return Quote(make_article(text, **known), 0, len(text))


def kind(asked, earlier, later, dates=("2024-01-01", "2024-06-01"), title=""):
    question = read_question(asked)
    quotes = (whole(earlier, published=dates[0]), whole(later, published=dates[1], title=title))
    values = [values_of(question, quote.text, quote.article.published) for quote in quotes]
    return classify(question, *quotes, *values)


RODE = "How many people rode the ferry?"
SEATS = "How many seats does the ferry have?"
KINDS = {
    "a settled past": (RODE, "In all, 420 people rode it.", "In all, 310 people rode it.", "conflict"),
    "what is so now": (SEATS, "It has 420 seats.", "It has 510 seats.", "superseded"),
    "a first count": (RODE, "At least 420 people rode it.", "In all, 510 people rode it.", "superseded"),
    "an updated count": (RODE, "Some 420 people rode it.", "The count of people stood at 510.", "superseded"),
    "a forecast and its outcome": (RODE, "It expects that 420 people ride.", "In all, 310 people rode it.", "forecast"),
    "an outcome beside what is to come": (RODE, "In all, 420 people rode it and more will.", "In all, 310 people did.",
                                          "conflict"),
    "an expectation told as past": (RODE, "As few had expected, 420 people rode it.", "In all, 310 people rode it.",
                                    "conflict"),
    "a plan that is moved": ("When will it open?", "It opens in May 2024.", "It was postponed to July 2024.",
                             "superseded"),
    "a plan and its outcome": ("When will it open?", "It will open in May 2024.", "It opened in July 2024.",
                               "forecast"),
    "two plans": ("When will it open?", "It will open in May 2024.", "It will open in July 2024.", "superseded"),
    "a successor": ("Who runs the port?", "Mina Seo runs it.", "Kim Dara took over the port.", "superseded"),
    "a favourite and the winner": ("Who won the race?", "So Mina Seo is tipped to win.", "So Kim Dara won.",
                                   "forecast"),
    "two winners": ("Who won the race?", "So Mina Seo won.", "So Kim Dara won.", "conflict"),
    "no values": ("Will the pier close?", "The pier will close.", "The pier is open.", "forecast"),
    "may that forbids": ("Did the pier close?", "No boat may land.", "The pier is open.", "conflict"),
    "opinions": ("Should the pier close?", "It should.", "It was postponed.", "conflict"),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "earlier", "later", "expected"), KINDS.values(), ids=KINDS)
def test_half_a_year_apart(asked, earlier, later, expected):
    assert kind(asked, earlier, later) == expected


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        pytest.param(("2024-01-01", "2024-02-15"), "superseded", id="weeks apart"),
        pytest.param(("2024-01-01", "2024-01-15"), "conflict", id="days apart"),
        pytest.param(("2023", "2024"), "superseded", id="years"),
        pytest.param(("2024-01", "2024-03"), "superseded", id="months"),
        pytest.param(("2024-01-01", "2024-01-01"), "conflict", id="the same day"),
        pytest.param((None, "2024-06-01"), "conflict", id="the first undated"),
        pytest.param(("2024-01-01", None), "conflict", id="the second undated"),
        pytest.param((None, None), "conflict", id="both undated"),
    ],
)
def test_what_is_so_now_changes_with_time(dates, expected):
    assert kind(SEATS, "It has 420 seats.", "It has 510 seats.", dates) == expected


def test_a_forecast_needs_no_date_and_an_update_does():
    undated = (None, None)
    assert kind(RODE, "It expects that 420 people ride.", "In all, 310 people rode it.", undated) == "forecast"
    assert kind(RODE, "At least 420 people rode it.", "In all, 510 people rode it.", undated) == "conflict"


def test_a_title_tells_of_a_change_too():
    told = "In all, 310 people rode it."
    assert kind(RODE, "In all, 420 people rode it.", told, title="Corrected count of riders") == "superseded"
    assert tells_of_change(whole(told, title="Corrected count of riders"))
    assert not tells_of_change(whole(told))


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("The opening was postponed.", True),
        ("The company cut its forecast.", True),
        ("Kim Dara took over the port.", True),
        ("The ban no longer stands.", True),
        ("The pier opened in May.", False),
        ("서울 🙂", False),
        ("", False),
    ],
)
def test_a_change_is_told(text, changed):
    assert tells_of_change(whole(text)) is changed


PIECES = st.sampled_from(
    ["420 people", "will", "expects", "postponed", "in May 2024", "Mina Seo", "and", ";", "서울", "🙂", "שלום",
     "e\u0301", "\r\n", "."]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=120), st.lists(PIECES, max_size=15).map(" ".join))


@given(TEXTS, TEXTS, st.sampled_from([SEATS, RODE, "Who won?", "When was it?", "Should it?"]))
def test_any_two_texts_have_a_kind(earlier, later, asked):
    assert kind(asked, earlier, later) in ("conflict", "superseded", "forecast")


# Different times


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


TIME_PIECES = st.sampled_from(
    ["in 2021", "in March", "from May to June", "Q3", "that year", "last year", "since 2019", "서울", "🙂", "שלום",
     "e\u0301", ".", "\r\n", "\n\n"]
)  # fmt: skip
QUOTES = st.one_of(st.text(max_size=120), st.lists(TIME_PIECES, max_size=10).map(" ".join)).map(whole)


@given(QUOTES, QUOTES)
def test_any_two_quotes_are_compared_either_way_round(own, other):
    assert times_apart(own, other) == times_apart(other, own)
    assert not times_apart(own, whole(""))
