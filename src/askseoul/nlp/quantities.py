"""Quantities in English text: numbers with their units and bounds, beside the dates of the text, so that they can be
compared.

``28,500``, ``28.5 thousand`` and ``twenty-eight thousand five hundred`` are one value; ``$18 billion``, ``18bn
dollars`` and ``180억 달러`` are one amount. ``numerals`` reads the figures, and ``units`` knows the units and which of
them may be the same. ``find_figures`` keeps the units of the text but for names that are a number of another unit: a
decade is ten years, a half is fifty percent, 30p are 0.3 pounds. ``to_base_units`` converts lengths, weights, areas,
volumes and temperatures to one unit of each kind, so that 254 mm equals ten inches.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from askseoul.nlp import lexicon
from askseoul.nlp.dates import Date, find_dates
from askseoul.nlp.numerals import (
    AND_PART,
    CODE,
    MULTIPLES,
    NUMBER,
    PARTS,
    SCALES,
    SIMPLE,
    any_of,
    number_in_words,
    read_number,
)
from askseoul.nlp.text import FUNCTION_WORDS, ParsedText, annotation, stem
from askseoul.nlp.units import MONEY, UnitFound, factors, may_refine, sign_before, unit_behind

_BASE_UNITS: dict[str, tuple[str, float]] = {
    name: (unit, factor) for name, (unit, factor) in lexicon.table("numbers", "measures").items()
}
"""Each measure's base unit, and how many of that unit it is."""
_UNIT_ABBREVIATIONS: dict[str, str] = lexicon.table("numbers", "short_measures")
_METRIC = {1, 10, 1000, 1_000_000}
_BOUNDS_BEFORE = {bound: "|".join(forms) for bound, forms in lexicon.table("numbers", "bounds_before").items()}
_BOUNDS_AFTER = {bound: "|".join(forms) for bound, forms in lexicon.table("numbers", "bounds_after").items()}
_BEFORE_NAMES, _AFTER_NAMES = tuple(_BOUNDS_BEFORE), tuple(_BOUNDS_AFTER)
_IMPLIED = {  # bound in a sentence: bounds in a quote that imply it
    "": {"", "about", "nearly", "exactly"}, "exactly": {"", "exactly"}, "about": {"", "about", "nearly", "exactly"},
    "nearly": {"nearly"}, ">=": {">=", ">"}, ">": {">"}, "<=": {"<=", "<"}, "<": {"<"},
}  # fmt: skip
_LOOK_BACK = 24
_LARGEST_REFERRING = 3

_MINUS = re.compile(r"(?<![\w%°€£$¥₩)\]-])(?:-|minus\s{1,3})$", re.IGNORECASE)
_ODD = re.compile(r"-odd\b", re.IGNORECASE)
_AND_PART_OF_UNIT = re.compile(AND_PART, re.IGNORECASE)
_MULTIPLE = re.compile(rf"[\s-]{{0,3}}({any_of(MULTIPLES)})\b", re.IGNORECASE)
_OF_A_UNIT = re.compile(r"\s{1,3}of\s+(?:an?\s+)?", re.IGNORECASE)
_OF_LENGTH = re.compile(
    r"[\s-](?:long|wide|high|tall|deep|away|apart|above|below|thick|underground|offshore|race|sprint|hurdles|relay"
    r"|freestyle|butterfly|backstroke|breaststroke|dash|pool|of (?:rope|cable|pipe|track|road|fabric|fence|wire))\b"
)
"""What follows a number of metres that is written ``30m``."""
_UNIT_WORD = re.compile(rf"\s*-?(?:degrees?\s+)?(?P<unit>{lexicon.pattern('numbers', 'measure_names')})\b")
_BEFORE = re.compile(
    r"(?<![^\W_])(?:"
    + "|".join(f"(?P<b{n}>{pattern})" for n, pattern in enumerate(_BOUNDS_BEFORE.values()))
    + r")\s*(?:the\s|an?\s)?$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"\s*(?:" + "|".join(f"(?P<a{n}>{pattern})" for n, pattern in enumerate(_BOUNDS_AFTER.values())) + ")",
    re.IGNORECASE,
)
_BLANK = "\x00"
_GROUP = re.compile(r"[0-9]+")
_LOWER = re.compile(r" (?:[a-z]|$)")
_IN_A_YEAR = re.compile(r"\b(?:in|since|during|until)\s$", re.IGNORECASE)
_SHORT_RANGE = re.compile(r"\b((?:1[0-9]|20)[0-9]{2})-([0-9]{2})\b(?!-)")
_RANGE = re.compile(r"\s*(?:-|to|and|or)\s*", re.IGNORECASE)
_COMPOUND = re.compile(r"-(?:way|legged|track|sided|party|nation|state|fold)\b", re.IGNORECASE)
"""The number in "three-way talks" is part of a word; another text may say it without a number ("trilateral")."""
_OUT_OF = re.compile(
    rf"\b(?P<part>{any_of(SIMPLE)}|[0-9]{{1,2}})(?:[ ][A-Za-z ]{{1,30}}?)?[ ](?:in|out\s+of)\s+(?:every\s+)?"
    r"(?P<whole>two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|100|10|(?:a\s+)?hundred)\b"
    r"(?!\s+(?:years?|months?|weeks?|days?|hours?|decades?|million|billion))",
    re.IGNORECASE,
)
_PART_OF_UNIT = re.compile(r"\s+(?:of\s+)?an?\s+(?=\w)", re.IGNORECASE)
"""What stands between a fraction and its unit: "half a mile", "a quarter of an hour"."""
_PART_OF = re.compile(r"\s+(?:of\s+)?an?\s+(dozen|hundred|thousand|million|billion|trillion)\b", re.IGNORECASE)
"""What follows a fraction of a scale: "half a million", "three quarters of a billion"."""
_REFERRING = re.compile(r"\b(?:the|these|those|its|their|other|first|last|next|all)\s+$", re.IGNORECASE)
_NEXT_WORD = re.compile(r"[\s-]*(?:of\s+|the\s+|its\s+|their\s+|all\s+)*([^\W\d_]+)")


class Quantity(NamedTuple):
    """A number with its unit and bound; ``start`` and ``end`` are offsets into the normalized text."""

    value: Fraction
    highest: Fraction
    """The upper end of a range such as ``hundreds``; otherwise equal to ``value``."""
    unit: str
    bound: str
    """``>=``, ``>``, ``<=``, ``<``, ``about``, ``nearly``, ``exactly`` or empty."""
    counted: str
    """Stem of the following word, which usually says what is counted."""
    text: str
    start: int
    end: int
    referring: bool
    """Whether it only refers back (``one of``, ``the two``), so that a quote need not contain it."""
    otherwise: Fraction | None = None
    """The value's other reading where the form leaves it open: 1234 for ``1.234``."""

    def matches(self, other: Quantity) -> bool:
        """Whether the other is the same amount, or lies within this one if it is a range.

        The other's unit may be more exact than this one's, and not less (``units.factors``). A number with two readings
        matches by either.
        """
        return any(
            low <= factor * least <= factor * most <= high
            for factor in factors(self.unit, other.unit)
            for low, high in self._readings()
            for least, most in other._readings()
        )

    def _readings(self) -> list[tuple[Fraction, Fraction]]:
        first = (self.value, self.highest)
        return [first] if self.otherwise is None else [first, (self.otherwise, self.otherwise)]

    def follows_from(self, other: Quantity) -> bool:
        """Whether the other's bound implies this one's.

        ``about`` may be dropped, because readers take a round figure as approximate; ``exactly`` may not be added.
        """
        return other.bound in _IMPLIED[self.bound]


class _Reading(NamedTuple):
    """A quantity, and what the other number of a range shares with it."""

    quantity: Quantity
    scale: int = 1
    factor: Fraction = Fraction(1)
    """How many of the unit the name behind it means."""
    signed: bool = False
    """Whether a currency's sign stands before it."""


class Figures(NamedTuple):
    """The quantities and the dates of a text, each in text order."""

    quantities: tuple[Quantity, ...]
    dates: tuple[Date, ...]


@annotation
def find_figures(parsed: ParsedText) -> Figures:
    """Return the quantities and dates of a text.

    A number of four digits from 1000 to 2100 without comma or unit is a year.
    """
    text = _SHORT_RANGE.sub(lambda match: f"{match[1]}-{match[1][:2]}{match[2]}", parsed.normalized)
    dates = find_dates(text, lambda start, end: _is_counting(text, start, end))
    text = _blanked(text, [(date.start, date.end) for date in dates])
    ratios = list(_OUT_OF.finditer(text))
    found = [_Reading(_ratio(text, match)) for match in ratios]
    text = _blanked(text, [match.span() for match in ratios])
    read_to = 0
    for match in _numbers(text):
        reading = _read(text, match, read_to) if match.start() >= read_to else None
        if reading is not None:
            found.append(reading)
            read_to = reading.quantity.end
    found.sort(key=lambda reading: reading.quantity.start)
    return Figures(tuple(_propagate_units(text, found)), tuple(sorted(dates, key=lambda date: date.start)))


def _numbers(text: str) -> Iterator[re.Match[str]]:
    """Yield the numbers of a text; groups of three figures with spaces between are several where nothing joins them."""
    for match in NUMBER.finditer(text):
        if match["spaced"] is None or _is_joined(text, match):
            yield match
        else:
            for part in _GROUP.finditer(text, match.start(), match.end()):
                if number := NUMBER.match(text, part.start(), part.end()):
                    yield number


def _is_joined(text: str, match: re.Match[str]) -> bool:
    """Whether ``12 400`` is one number and not two cells of a table: it has a scale or a unit, or it is round."""
    if match["scale"] or match["short"] or sign_before(text, match.start(), broken=True):
        return True
    behind = unit_behind(text, match.end("digits"))
    return behind is not None or (match["digits"].endswith("0") and _LOWER.match(text, match.end()) is not None)


def _is_counting(text: str, start: int, end: int) -> bool:
    """Whether four figures count the unit behind them; in "In 2019 German marks were shown" they are a year."""
    unit = unit_behind(text, end)
    return unit is not None and not (unit.unit in MONEY and _IN_A_YEAR.search(text, max(0, start - _LOOK_BACK), start))


def _blanked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with what was read already replaced by characters that nothing reads."""
    pieces, end = [], 0
    for start, stop in sorted(spans):
        pieces += [text[end:start], _BLANK * (stop - start)]
        end = stop
    return "".join([*pieces, text[end:]])


def _read(text: str, match: re.Match[str], read_to: int) -> _Reading | None:
    """Return the quantity of a number with its sign and its unit; None if it is no quantity in its context."""
    start, end = match.span()
    number, sign = read_number(match), _sign(text, match, read_to)
    if number is None or (text[start - 1 : start].isalpha() and not sign and _is_of_name(text, match)):
        return None
    value, highest, unit, otherwise, scale = number
    factor = Fraction(1)
    if match["short"] == "m" and not sign and _is_metres(text, match):
        value, highest, unit, scale = value / scale, value / scale, "metre", 1
    elif match["fraction"] and unit == "percent":
        value, unit, end = _part_of(text, end, value)
        highest = value
    elif unit not in ("ordinal", CODE):
        unit = sign.unit if sign else unit
        after, end = _unit_after(text, match, unit)
        if after is None and match["one"]:
            return None
        if after:
            unit, factor = after.unit, after.factor
            more = None if match["and_part"] else _AND_PART_OF_UNIT.match(text, end)
            part = PARTS[more["more"].lower()] if more else 0
            value, highest, end = (value + part) * factor, (highest + part) * factor, more.end() if more else end
            otherwise = otherwise * factor if otherwise and unit != "percent" else None
    start = sign.start if sign else start
    minus = _MINUS.search(text, max(read_to, start - _LOOK_BACK), start)
    if minus and unit != CODE:
        start, value, highest, otherwise = minus.start(), -value, -highest, -otherwise if otherwise else None
    following = _NEXT_WORD.match(text, end)
    counted = stem(following[1]) if following and following[1].lower() not in FUNCTION_WORDS else ""
    refers_back = _COMPOUND.match(text, end) is not None or (
        bool(match["words"] or match["both"])
        and not unit
        and value <= _LARGEST_REFERRING
        and (
            value == 1 or bool(match["both"]) or _REFERRING.search(text[max(0, start - _LOOK_BACK) : start]) is not None
        )
    )
    quantity = Quantity(
        value,
        highest,
        unit,
        _bound(text, start, end),
        counted,
        text[start:end].strip(),
        start,
        end,
        refers_back,
        otherwise,
    )
    return _Reading(quantity, scale, factor, sign is not None)


def _sign(text: str, match: re.Match[str], read_to: int) -> UnitFound | None:
    """The currency's sign before a number, if it is not the unit of the number before."""
    if not (match["digits"] or match["korean"] or match["words"]):
        return None
    sign = sign_before(text, match.start(), broken=bool(match["digits"]) and not match.group().isdigit())
    return sign if sign and sign.start >= read_to else None


def _is_of_name(text: str, match: re.Match[str]) -> bool:
    """Whether figures right behind a letter are part of a name, such as A320; not what says a number: P500 million."""
    return not "가" <= text[match.start() - 1] <= "힣" and not match["scale"] and "," not in (match["digits"] or "")


def _unit_after(text: str, match: re.Match[str], unit: str) -> tuple[UnitFound | None, int]:
    """The unit behind a number, and the end of both.

    Behind a number that has a sign or a unit already, only what says it more exactly; behind "millions of", only money.
    """
    end = match.end()
    odd = _ODD.match(text, end)
    end = odd.end() if odd else end
    found = _named(text, end, match["digits"] or "") if not unit or unit in MONEY else None
    link = _OF_A_UNIT.match(text, end) if found is None and not unit else None
    if link and (match["plural"] or (match["digits"] or "").startswith("0.")):
        found = _named(text, link.end())
        found = None if found and match["plural"] and found.unit not in MONEY else found
    if found is None or (unit and not may_refine(unit, found.unit)):
        return None, end
    return found, found.end


def _named(text: str, end: int, digits: str = "") -> UnitFound | None:
    """The unit whose name stands behind an offset."""
    multiple = _MULTIPLE.match(text, end)
    if multiple:
        name, count = MULTIPLES[multiple[1].lower()]
        return UnitFound(name, Fraction(count), multiple.start(), multiple.end())
    return unit_behind(text, end, number=digits)


def _is_metres(text: str, match: re.Match[str]) -> bool:
    """Whether the ``m`` behind a number is a unit and no million: ``5 m``, ``30m tall``; not ``5m people``."""
    behind = unit_behind(text, match.end())
    if behind and behind.unit in MONEY:
        return False
    return not text[match.end("digits")].isalpha() or _OF_LENGTH.match(text, match.end()) is not None


def _part_of(text: str, end: int, percent: Fraction) -> tuple[Fraction, str, int]:
    """Return what a fraction is a part of: a scale ("half a million"), a unit ("half a mile"), or else all there is.

    Not "a third of the years", which is not a number of years.
    """
    scale = _PART_OF.match(text, end)
    if scale:
        value, end = percent / 100 * SCALES[scale[1].lower()], scale.end()
        after = _named(text, end)
        return (value * after.factor, after.unit, after.end) if after else (value, "", end)
    article = _PART_OF_UNIT.match(text, end)
    after = _named(text, article.end()) if article else None
    return (percent / 100 * after.factor, after.unit, after.end) if after else (percent, "percent", end)


def to_base_units(parsed: ParsedText, quantities: Sequence[Quantity]) -> list[Quantity]:
    """Return these quantities of a text with lengths, weights, areas, volumes and temperatures in their base units."""
    return [_to_base_unit(parsed.normalized, quantity) for quantity in quantities]


def _bound(text: str, start: int, end: int) -> str:
    before = _BEFORE.search(text, max(0, start - _LOOK_BACK), start)
    if before and before.lastgroup:
        return _BEFORE_NAMES[int(before.lastgroup[1:])]
    after = _AFTER.match(text, end)
    if after and after.lastgroup:
        return _AFTER_NAMES[int(after.lastgroup[1:])]
    return "about" if _ODD.search(text, start, end) else ""


def _ratio(text: str, match: re.Match[str]) -> Quantity:
    """Return ``nine in ten`` or ``one out of two`` as a percentage."""
    part, whole = (
        Fraction(word) if word.isdigit() else number_in_words(word)
        for word in (match["part"], match["whole"].split()[-1])
    )
    value = 100 * part / whole
    bound = _bound(text, match.start(), match.end())
    return Quantity(value, value, "percent", bound, "", match.group(), match.start(), match.end(), referring=False)


def _propagate_units(text: str, found: list[_Reading]) -> list[Quantity]:
    """Give both numbers of a range the same unit and scale: ``between 3 and 5 percent``, ``$3-5 billion``."""
    shared = [reading.quantity for reading in found]
    for place, (one, other) in enumerate(itertools.pairwise(found)):
        first, second = shared[place], shared[place + 1]
        if not _RANGE.fullmatch(text, first.end, second.start):
            continue
        times = Fraction(1)
        if other.scale > 1 and one.scale == 1 and first.value < second.value / other.scale / other.factor:
            times *= other.scale
        if not first.unit and second.unit not in ("", "ordinal", CODE):
            first, times = first._replace(unit=second.unit), times * other.factor
        elif one.signed and not second.unit:
            second = second._replace(unit=first.unit)
        if times != 1:
            first = first._replace(value=first.value * times, highest=first.highest * times, otherwise=None)
        shared[place], shared[place + 1] = first, second
    return shared


def _to_base_unit(text: str, quantity: Quantity) -> Quantity:
    match = _UNIT_WORD.search(quantity.text) if quantity.unit else _UNIT_WORD.match(text, quantity.end)
    if match is None:
        return quantity
    name = match["unit"].lower().replace("meter", "metre").replace("liter", "litre")
    if name in ("c", "celsius"):
        return quantity._replace(unit="celsius")
    if name in ("f", "fahrenheit"):
        celsius = (quantity.value - 32) * 5 / 9
        return quantity._replace(value=celsius, highest=celsius, unit="celsius", bound="about")
    unit, factor = _BASE_UNITS.get(_UNIT_ABBREVIATIONS.get(name, name.removesuffix("s")), ("", 1))
    if not unit:
        return quantity
    scale = Fraction(factor).limit_denominator(100_000)
    bound = quantity.bound or ("" if factor in _METRIC else "about")
    return quantity._replace(value=quantity.value * scale, highest=quantity.highest * scale, unit=unit, bound=bound)
