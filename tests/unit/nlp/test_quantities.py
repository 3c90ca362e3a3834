"""Numbers, their units and bounds, dates given in figures, and measures in common units."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.nlp.quantities import Quantity, find_figures, to_base_units
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


def quantity(text: str) -> Quantity:
    [found] = find_figures(parse(text)).quantities
    return found


@pytest.mark.parametrize(
    ("claimed", "given", "matches"),
    [
        pytest.param("500 crowns", "500 Norwegian crowns", True, id="less exact"),
        pytest.param("500 Norwegian crowns", "500 crowns", False, id="more exact than what is given"),
        pytest.param("500 Norwegian crowns", "500 Danish crowns", False, id="two exact ones"),
        pytest.param("$500", "A$500", True, id="a sign that may be another dollar's"),
        pytest.param("A$500", "$500", False, id="another dollar for a plain one"),
        pytest.param("US$500", "$500", True, id="what a plain dollar usually is"),
        pytest.param("A$500", "US$500", False, id="two dollars"),
        pytest.param("500 rupees", "500 rubles", False, id="rupees and rubles"),
        pytest.param("500 won", "KRW 500", True, id="a name and its code"),
        pytest.param("¥500", "500 yen", True, id="a sign that two currencies share"),
        pytest.param("500 yen", "500 yuan", False, id="the two that share it"),
        pytest.param("30p", "£0.30", True, id="pence"),
        pytest.param("5 cents", "€0.05", True, id="cents of the euro"),
        pytest.param("4.2 crore rupees", "42 million rupees", True, id="crore"),
        pytest.param("180억 달러", "$18 billion", True, id="Korean"),
        pytest.param("1.5 km", "1,500 metres", True, id="a unit of the same kind"),
        pytest.param("1.5 km", "1,500 miles", False, id="another unit"),
        pytest.param("5 °C", "5 °F", False, id="another scale"),
        pytest.param("25 basis points", "0.25 percentage points", True, id="basis points"),
        pytest.param("25 percentage points", "25 percent", False, id="points are not percent"),
        pytest.param("90 minutes", "an hour and a half", True, id="minutes"),
        pytest.param("1,234 euros", "1.234 euros", True, id="a point that may be of thousands"),
        pytest.param("€1.23", "1.234 euros", False, id="neither reading"),
        pytest.param("1.234 euros", "1.234,50 euros", False, id="cents left out"),
        pytest.param("version 2.4.1", "version 2.4.2", False, id="versions"),
        pytest.param("20 pounds", "20 lb", True, id="pounds of weight"),
    ],
)
def test_amounts_in_other_units(claimed: str, given: str, matches: bool) -> None:
    assert quantity(claimed).matches(quantity(given)) is matches


@pytest.mark.parametrize(
    ("text", "other", "matches"),
    [
        ("12/06/2025", "12 June 2025", True),
        ("12/06/2025", "December 6, 2025", True),
        ("6 December 2025", "12/06/2025", True),
        ("12/06/2025", "13 June 2025", False),
        ("12/07/2025", "12/06/2025", False),
        ("06.12.2025", "12 June 2025", False),
    ],
)
def test_a_day_and_a_month_that_may_be_each_other(text: str, other: str, matches: bool) -> None:
    [[first], [second]] = [find_figures(parse(each)).dates for each in (text, other)]
    assert first.matches(second) is matches


@pytest.mark.parametrize("text", ["45/12/2025", "13/13/2025", "1/2/3/2025"])
def test_what_is_no_date(text: str) -> None:
    assert all(date.month is None for date in find_figures(parse(text)).dates)


RUNS = ["1", "1,", "111,", "1.", "111.", "111 ", "111'", "12/", "2025 ", "$5 ", "$", " ", "-", "one in ", "만", "1천",
        "a half and ", "5 of the "]  # fmt: skip


@pytest.mark.parametrize("run", RUNS)
def test_a_long_run_takes_time_in_proportion(run: str) -> None:
    text = (run * 100_000)[:30_000]
    started = time.process_time()
    find_figures(parse(f"5{text}5"))
    assert time.process_time() - started < 5  # it took minutes where every place was read to the end of the run


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
