from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.nlp.quantities import figures_of
from askseoul.nlp.text import parse


def read(text: str) -> list[tuple[Fraction, str, str]]:
    return [(quantity.value, quantity.unit, quantity.bound) for quantity in figures_of(parse(text)).quantities]


@pytest.mark.parametrize(
    ("text", "value", "unit", "bound"),
    [
        pytest.param("28,500 troops", 28_500, "", "", id="thousands separator"),
        pytest.param("28.5 thousand", 28_500, "", "", id="scale word"),
        pytest.param("twenty-eight thousand five hundred", 28_500, "", "", id="number words"),
        pytest.param("one hundred and five people", 105, "", "", id="and inside a number"),
        pytest.param("$18 billion", 18 * 10**9, "dollar", "", id="sign before"),
        pytest.param("18bn dollars", 18 * 10**9, "dollar", "", id="short scale"),
        pytest.param("US$18bn", 18 * 10**9, "dollar", "", id="US$"),
        pytest.param("₩1.2 trillion", 12 * 10**11, "won", "", id="won sign"),
        pytest.param("1.2 trillion won", 12 * 10**11, "won", "", id="won"),
        pytest.param("3.5%", Fraction(7, 2), "percent", "", id="percent sign"),
        pytest.param("3.5 per cent", Fraction(7, 2), "percent", "", id="per cent"),
        pytest.param("3.5 percentage points", Fraction(7, 2), "percentage point", "", id="points are not percent"),
        pytest.param("half of the public", 50, "percent", "", id="half"),
        pytest.param("a third of exports", Fraction(100, 3), "percent", "", id="a third of"),
        pytest.param("a third country", 3, "ordinal", "", id="a third that divides nothing"),
        pytest.param("two-thirds", Fraction(200, 3), "percent", "", id="two thirds"),
        pytest.param("two decades", 20, "year", "", id="decades are years"),
        pytest.param("an 11-year gap", 11, "year", "", id="hyphen before the unit"),
        pytest.param("three and a half years", Fraction(7, 2), "year", "", id="and a half"),
        pytest.param("−3%", -3, "percent", "", id="true minus"),
        pytest.param("the 38th parallel", 38, "ordinal", "", id="ordinal"),
        pytest.param("at least 3.5%", Fraction(7, 2), "percent", ">=", id="at least"),
        pytest.param("no less than 3.5%", Fraction(7, 2), "percent", ">=", id="no less than"),
        pytest.param("3.5 percent or more", Fraction(7, 2), "percent", ">=", id="bound after"),
        pytest.param("more than two decades", 20, "year", ">", id="more than"),
        pytest.param("up to $18 billion", 18 * 10**9, "dollar", "<=", id="up to"),
        pytest.param("nearly half", 50, "percent", "nearly", id="nearly"),
        pytest.param("some 28,500 soldiers", 28_500, "", "about", id="some"),
    ],
)
def test_one_quantity(text: str, value: Fraction, unit: str, bound: str) -> None:
    assert read(text) == [(value, unit, bound)]


@pytest.mark.parametrize(
    ("text", "values", "unit"),
    [
        pytest.param("between 3 and 5 percent", [3, 5], "percent", id="unit of both"),
        pytest.param("$3–5 billion", [3 * 10**9, 5 * 10**9], "dollar", id="scale of both"),
        pytest.param("between 10 and 20 million", [10**7, 2 * 10**7], "", id="and"),
    ],
)
def test_a_range_shares_unit_and_scale(text: str, values: list[int], unit: str) -> None:
    assert read(text) == [(value, unit, "") for value in values]


@pytest.mark.parametrize("text", ["at first", "K-pop and the F-35", "first of all", "in the first half", "Covid-free"])
def test_no_quantity(text: str) -> None:
    assert not [quantity for quantity in figures_of(parse(text)).quantities if quantity.unit != "ordinal"]


@pytest.mark.parametrize("text", ["one of the reasons", "no one", "on the one hand", "the two countries", "both sides"])
def test_words_that_point_back_need_no_quote(text: str) -> None:
    assert all(quantity.referring for quantity in figures_of(parse(text)).quantities)


def test_hundreds_stand_for_any_number_of_hundreds() -> None:
    (hundreds,) = figures_of(parse("hundreds of citizens")).quantities
    (counted,) = figures_of(parse("317 citizens")).quantities
    (fewer,) = figures_of(parse("31 citizens")).quantities
    assert hundreds.matches(counted)
    assert not hundreds.matches(fewer)
    assert not counted.matches(hundreds)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        pytest.param("on June 4th", (None, 6, 4, None, None), id="month first"),
        pytest.param("on 4 June", (None, 6, 4, None, None), id="day first"),
        pytest.param("2 November 2025", (2025, 11, 2, None, None), id="with year"),
        pytest.param("02.11.2025", (2025, 11, 2, None, None), id="dotted"),
        pytest.param("2025-11-02", (2025, 11, 2, None, None), id="ISO"),
        pytest.param("November 2025", (2025, 11, None, None, None), id="month and year"),
        pytest.param("in 2023", (2023, None, None, None, None), id="year"),
        pytest.param("in May", (None, 5, None, None, None), id="May the month"),
        pytest.param("on Monday", (None, None, None, 0, None), id="weekday"),
        pytest.param("the 1990s", (None, None, None, None, 1990), id="decade"),
    ],
)
def test_one_date(text: str, date: tuple[int | None, ...]) -> None:
    figures = figures_of(parse(text))
    assert [found[:5] for found in figures.dates] == [date]
    assert not figures.quantities


@pytest.mark.parametrize("text", ["1950–1953", "1950-53", "from 1950 to 1953"])
def test_a_range_of_years(text: str) -> None:
    assert [date.year for date in figures_of(parse(text)).dates] == [1950, 1953]


def test_may_the_verb_is_no_month() -> None:
    assert not figures_of(parse("Seoul may march on")).dates


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    figures_of(parse(text))


@given(st.integers(0, 10**12))
def test_separators_change_nothing(number: int) -> None:
    assert read(f"about {number:,} people") == [(number, "", "about")]
