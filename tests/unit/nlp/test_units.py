"""Lengths, weights, areas, volumes and temperatures in one unit of each kind."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.nlp.quantities import figures_of, in_common_units
from askseoul.nlp.text import parse


def common(text):
    folded = parse(text)
    found = in_common_units(folded, figures_of(folded).quantities)
    return [(quantity.value, quantity.unit, quantity.bound) for quantity in found]


@pytest.mark.parametrize(
    ("text", "value", "unit", "bound"),
    [
        pytest.param("254 mm of rain", 254, "mm", "", id="millimetres"),
        pytest.param("5 cm of snow", 50, "mm", "", id="centimetres"),
        pytest.param("ten inches of rain", 254, "mm", "about", id="inches"),
        pytest.param("3 ft of snow", Fraction("914.4"), "mm", "about", id="feet, short"),
        pytest.param("2 yards of rope", Fraction("1828.8"), "mm", "about", id="yards"),
        pytest.param("120 metres", 120_000, "mm", "", id="metres"),
        pytest.param("3 kilometers", 3_000_000, "mm", "", id="American spelling"),
        pytest.param("a 3-mile walk", 4_828_032, "mm", "about", id="a hyphen"),
        pytest.param("5 tonnes", 5000, "kg", "", id="tonnes"),
        pytest.param("3 million tons of ore", 3 * 10**9, "kg", "", id="millions of tons"),
        pytest.param("5 kilograms", 5, "kg", "", id="kilograms"),
        pytest.param("40 hectares", 40, "ha", "", id="hectares"),
        pytest.param("40 acres", Fraction("16.188"), "ha", "about", id="acres"),
        pytest.param("5 litres", 5, "l", "", id="litres"),
        pytest.param("12 gallons", Fraction("45.42"), "l", "about", id="gallons"),
        pytest.param("3 barrels of oil", 477, "l", "about", id="barrels"),
        pytest.param("5 C at night", 5, "celsius", "", id="Celsius"),
        pytest.param("95F at noon", 35, "celsius", "about", id="Fahrenheit"),
        pytest.param("more than 3 miles", 4_828_032, "mm", ">", id="a bound of its own stays"),
        pytest.param("some 254 mm", 254, "mm", "about", id="about"),
    ],
)
def test_what_is_measured(text, value, unit, bound):
    assert common(text) == [(value, unit, bound)]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        pytest.param("20 boats", 20, "", id="a count"),
        pytest.param("40%", 40, "percent", id="a share"),
        pytest.param("£11", 11, "pound", id="money"),
        pytest.param("$5 million", 5_000_000, "dollar", id="millions of money"),
        pytest.param("three hours", 3, "hour", id="a time"),
        pytest.param("20 mmm", 20, "", id="no unit"),
        pytest.param("20 고양이 🙂", 20, "", id="Hangul"),
    ],
)
def test_what_is_not_measured_stays(text, value, unit):
    assert common(text) == [(value, unit, "")]


def test_each_by_itself_in_its_order():
    assert [unit for _, unit, _ in common("20 boats of 3 tons on 40 acres")] == ["", "kg", "ha"]
    assert common("") == []


@given(st.text(max_size=200))
def test_any_text_keeps_its_quantities_and_their_places(text):
    folded = parse(text)
    quantities = figures_of(folded).quantities
    found = in_common_units(folded, quantities)
    assert [(each.start, each.end, each.text) for each in found] == [
        (each.start, each.end, each.text) for each in quantities
    ]


@given(st.integers(1, 10**6), st.sampled_from([("km", 1000, "metres"), ("tonnes", 1000, "kg"), ("cm", 10, "mm")]))
def test_metric_units_are_exact(number, units):
    large, factor, small = units
    assert common(f"{number:,} {large}") == common(f"{number * factor:,} {small}")
