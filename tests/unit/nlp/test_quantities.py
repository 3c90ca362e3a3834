"""Numbers, their units and bounds, dates given in figures, and measures in common units."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.nlp.quantities import find_figures, to_base_units
from askseoul.nlp.text import parse
from tests.support.data import cases


def read(text: str) -> list[tuple[Fraction, str, str]]:
    return [(quantity.value, quantity.unit, quantity.bound) for quantity in find_figures(parse(text)).quantities]


@pytest.mark.parametrize("case", cases("quantities"))
def test_quantities(case):
    assert read(case["text"]) == [(Fraction(value), unit, bound) for value, unit, bound in case["quantities"]]


@pytest.mark.parametrize("text", ["at first", "K-pop and the F-35", "first of all", "in the first half", "Covid-free"])
def test_no_quantity(text: str) -> None:
    assert not [quantity for quantity in find_figures(parse(text)).quantities if quantity.unit != "ordinal"]


@pytest.mark.parametrize("text", ["one of the reasons", "no one", "on the one hand", "the two countries", "both sides"])
def test_number_words_that_refer_back(text: str) -> None:
    assert all(quantity.referring for quantity in find_figures(parse(text)).quantities)


def test_hundreds_match_any_number_of_hundreds() -> None:
    (hundreds,) = find_figures(parse("hundreds of citizens")).quantities
    (counted,) = find_figures(parse("317 citizens")).quantities
    (fewer,) = find_figures(parse("31 citizens")).quantities
    assert hundreds.matches(counted)
    assert not hundreds.matches(fewer)
    assert not counted.matches(hundreds)


@pytest.mark.parametrize("case", cases("dates"))
def test_dates(case):
    figures = find_figures(parse(case["text"]))
    assert [list(date[:5]) for date in figures.dates] == [case["date"]]
    assert not figures.quantities


@pytest.mark.parametrize("text", ["1950–1953", "1950-53", "from 1950 to 1953"])
def test_a_range_of_years(text: str) -> None:
    assert [date.year for date in find_figures(parse(text)).dates] == [1950, 1953]


def test_the_verb_may_is_not_a_month() -> None:
    assert not find_figures(parse("Seoul may march on")).dates


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    find_figures(parse(text))


@given(st.integers(0, 10**12))
def test_thousands_separators_do_not_change_the_value(number: int) -> None:
    assert read(f"about {number:,} people") == [(number, "", "about")]


# Common units


def common(text):
    parsed = parse(text)
    found = to_base_units(parsed, find_figures(parsed).quantities)
    return [(quantity.value, quantity.unit, quantity.bound) for quantity in found]


@pytest.mark.parametrize("case", cases("measures"))
def test_measures_in_common_units(case):
    value, unit, bound = case["quantity"]
    assert common(case["text"]) == [(Fraction(value), unit, bound)]


def test_several_quantities_keep_their_order():
    assert [unit for _, unit, _ in common("20 boats of 3 tons on 40 acres")] == ["", "kg", "ha"]
    assert common("") == []


@given(st.text(max_size=200))
def test_conversion_keeps_quantities_and_offsets(text):
    parsed = parse(text)
    quantities = find_figures(parsed).quantities
    found = to_base_units(parsed, quantities)
    assert [(each.start, each.end, each.text) for each in found] == [
        (each.start, each.end, each.text) for each in quantities
    ]


@given(st.integers(1, 10**6), st.sampled_from([("km", 1000, "metres"), ("tonnes", 1000, "kg"), ("cm", 10, "mm")]))
def test_metric_units_are_exact(number, units):
    large, factor, small = units
    assert common(f"{number:,} {large}") == common(f"{number * factor:,} {small}")
