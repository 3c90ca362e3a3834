"""Lengths, weights, areas, volumes and temperatures in one unit of each kind, so that 254 mm and ten inches are one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from askseoul.quantities import Quantity

_FACTORS = {
    "millimetre": ("mm", 1), "centimetre": ("mm", 10), "inch": ("mm", 25.4), "foot": ("mm", 304.8),
    "metre": ("mm", 1000), "yard": ("mm", 914.4), "kilometre": ("mm", 1_000_000), "mile": ("mm", 1_609_344),
    "tonne": ("kg", 1000), "ton": ("kg", 1000), "kilogram": ("kg", 1), "pound": ("kg", 0.4536), "hectare": ("ha", 1),
    "acre": ("ha", 0.4047), "litre": ("l", 1), "gallon": ("l", 3.785), "barrel": ("l", 159),
}  # fmt: skip
"""Each unit with the first of its kind, and how many of that it is."""
_SHORT = {"mm": "millimetre", "cm": "centimetre", "ft": "foot", "feet": "foot", "m": "metre", "km": "kilometre",
          "kg": "kilogram", "ha": "hectare", "inches": "inch"}  # fmt: skip
_METRIC = {1, 10, 1000, 1_000_000}
_UNIT = re.compile(
    r"\s*-?(?:degrees?\s+)?(?P<unit>millimet(?:re|er)s?|mm|centimet(?:re|er)s?|cm|inch(?:es)?|foot|feet|ft|met(?:re|er)s?|"
    r"m|yards?|kilomet(?:re|er)s?|km|miles?|tonnes?|tons?|kilograms?|kg|hectares?|ha|acres?|lit(?:re|er)s?|gallons?|"
    r"barrels?|Celsius|C|Fahrenheit|F)\b"
)


def in_common_units(folded: str, quantities: Sequence[Quantity]) -> list[Quantity]:
    """These quantities of a folded text, those that measure something in the common unit of its kind."""
    return [_converted(folded, quantity) for quantity in quantities]


def _converted(folded: str, quantity: Quantity) -> Quantity:
    match = _UNIT.search(quantity.text) if quantity.unit else _UNIT.match(folded, quantity.end)
    if match is None:
        return quantity
    name = match["unit"].lower().replace("meter", "metre").replace("liter", "litre")
    if name in ("c", "celsius"):
        return quantity._replace(unit="celsius")
    if name in ("f", "fahrenheit"):
        celsius = (quantity.value - 32) * 5 / 9
        return quantity._replace(value=celsius, highest=celsius, unit="celsius", bound="about")
    unit, factor = _FACTORS.get(_SHORT.get(name, name.removesuffix("s")), ("", 1))
    if not unit:
        return quantity
    scale = Fraction(factor).limit_denominator(100_000)
    bound = quantity.bound or ("" if factor in _METRIC else "about")
    return quantity._replace(value=quantity.value * scale, highest=quantity.highest * scale, unit=unit, bound=bound)
