"""Quantities in English text: numbers with their units and bounds, beside the dates of the text, so that they can be
compared.

``28,500``, ``28.5 thousand`` and ``twenty-eight thousand five hundred`` are one value; ``$18 billion`` and ``18bn
dollars`` are one amount. ``find_figures`` converts only units that are a fixed number of another one: a decade is ten
years, a half is fifty percent. ``to_base_units`` converts lengths, weights, areas, volumes and temperatures to one unit
of each kind, so that 254 mm equals ten inches.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from askseoul.nlp import lexicon
from askseoul.nlp.dates import Date, find_dates
from askseoul.nlp.text import FUNCTION_WORDS, ParsedText, annotation, stem


def _any_of(words: Iterable[str]) -> str:
    """Return a pattern that matches any of the words, longer ones before their prefixes."""
    return "|".join(sorted(words, key=len, reverse=True))


_SIMPLE = {word: number for number, word in enumerate(lexicon.sequence("numbers", "ones"))} | {
    word: 10 * number for number, word in enumerate(lexicon.sequence("numbers", "tens"), start=2)
}
_SCALES: dict[str, int] = lexicon.table("numbers", "scales")
_SHORT_SCALES: dict[str, int] = lexicon.table("numbers", "short_scales")
_ORDINALS = {word: number for number, word in enumerate(lexicon.sequence("numbers", "ordinals"), 1)}
_DENOMINATORS: dict[str, int] = lexicon.table("numbers", "fractions") | {
    form: number for word, number in _ORDINALS.items() if number > 2 for form in (word, word + "s")
}
_PLURALS: dict[str, tuple[int, int, str]] = {
    word: (lowest, highest, unit) for word, lowest, highest, unit in lexicon.rows("numbers", "plurals")
}
"""Words such as "hundreds": the lowest and the highest value that they can mean, and the unit."""
_SIGNS: dict[str, str] = lexicon.table("numbers", "currency_signs")
_UNITS: dict[str, tuple[str, int]] = {
    pattern: (unit, count) for pattern, unit, count in lexicon.rows("numbers", "units")
}
"""Patterns of unit names: the unit, and how many of it the name means."""
UNIT_NAMES = frozenset(unit for unit, _ in _UNITS.values())
"""The units that a quantity can have; it may also have none."""
_UNIT_VALUES = tuple(_UNITS.values())
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
LONGEST_NUMBER = 40
"""Maximum number of characters that are read of a number; no real text has a longer one."""
_LOOK_BACK = 24
_LARGEST_REFERRING = 3

_DIGITS = r"(?<![A-Z]-)(?<!\w)(?<![0-9][.,])(?P<digits>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?)"
_SCALE = rf"(?:{_any_of(_SCALES)})"
_ONE_WORD = rf"(?:{_any_of(_SIMPLE)}|{_SCALE[3:-1]})"
_NUMBER = re.compile(
    rf"""(?P<sign>(?<![\w-])(?:-|minus\s+))?
    (?P<currency>(?:US\$|USD|EUR|GBP|KRW|[$€£¥₩])\s?)?
    (?:{_DIGITS}
       (?:(?P<ordinal_digits>st|nd|rd|th)\b
         |(?:[\s-]*(?P<scale>{_SCALE}s?|{_any_of(_SHORT_SCALES)})\b)*)
      |(?P<fraction>\b(?:(?P<parts>an?|{_any_of(_SIMPLE)})[\s-]+
           (?P<part>{_any_of(_DENOMINATORS)})\b
         |(?P<half>half)\b))
      |(?P<plural>\b(?:{_any_of(_PLURALS)}|several\s+(?:hundred|thousand|million|billion))\b(?:\s+of\s+(?P<of>thousands|millions|billions)\b)?)
      |(?P<ordinal>\b(?:{_any_of(_ORDINALS)})\b)
      |(?P<both>\bboth\b)
      |(?P<one_decade>\ban?\s+(?=(?:decade|century)\b))
      |(?P<words>\b(?:an?\s+(?={_SCALE}\b))?{_ONE_WORD}\b
         (?:[\s-]+(?:(?:(?<=hundred\s)|(?<=thousand\s))and\s+(?=(?:{_any_of(_SIMPLE)})\b))?{_ONE_WORD}\b)*)
    )(?P<and_half>\s+and\s+a\s+half\b)?""",
    re.VERBOSE | re.IGNORECASE,
)
_UNIT = re.compile(
    r"[\s-]*(?:" + "|".join(f"(?P<u{n}>{pattern})" for n, pattern in enumerate(_UNITS)) + r")(?![^\W_])", re.IGNORECASE
)
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
_SHORT_RANGE = re.compile(r"\b((?:1[0-9]|20)[0-9]{2})-([0-9]{2})\b(?!-)")
_RANGE = re.compile(r"\s*(?:-|to|and|or)\s*(?:US\$|[$€£¥₩])?", re.IGNORECASE)
_COMPOUND = re.compile(r"-(?:way|legged|track|sided|party|nation|state|fold)\b", re.IGNORECASE)
"""The number in "three-way talks" is part of a word; another text may say it without a number ("trilateral")."""
_OUT_OF = re.compile(
    rf"\b(?P<part>{_any_of(_SIMPLE)}|[0-9]{{1,2}})(?:\s+[A-Za-z ]{{1,30}}?)?\s+(?:in|out\s+of)\s+(?:every\s+)?"
    r"(?P<whole>two|three|four|five|ten|100|10|(?:a\s+)?hundred)\b"
    r"(?!\s+(?:years?|months?|weeks?|days?|hours?|decades?|million|billion))",
    re.IGNORECASE,
)
_PART_OF = re.compile(r"\s+(?:of\s+)?an?\s+(dozen|hundred|thousand|million|billion|trillion)\b", re.IGNORECASE)
"""What follows a fraction of a scale: "half a million", "three quarters of a billion"."""
_REFERRING = re.compile(r"\b(?:the|these|those|its|their|other|first|last|next|all)\s+$", re.IGNORECASE)
_ORDINAL_IDIOM = re.compile(r"\b(?:at|feet|from the|in the)\s+$", re.IGNORECASE)
_ORDINAL_IDIOM_END = re.compile(r"\s+(?:of all|and foremost|place|[lL]ady)\b|,")
_NOT_A_HALF = re.compile(r"\b(?:first|second|other|latter|better|former)\s+$", re.IGNORECASE)
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

    def matches(self, other: Quantity) -> bool:
        """Whether the other is the same amount, or lies within this one if it is a range."""
        return self.unit == other.unit and self.value <= other.value <= other.highest <= self.highest

    def follows_from(self, other: Quantity) -> bool:
        """Whether the other's bound implies this one's.

        ``about`` may be dropped, because readers take a round figure as approximate; ``exactly`` may not be added.
        """
        return other.bound in _IMPLIED[self.bound]


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
    dates = find_dates(text, _UNIT)
    for date in dates:
        text = text[: date.start] + "\x00" * (date.end - date.start) + text[date.end :]
    found: list[Quantity] = []
    for match in _OUT_OF.finditer(text):
        found.append(_ratio(text, match))
        text = text[: match.start()] + "\x00" * (match.end() - match.start()) + text[match.end() :]
    read_to = 0
    for match in _NUMBER.finditer(text):
        read = _parse_value(match) if match.start() >= read_to else None
        if read is None:
            continue
        value, highest, unit = read
        part = _PART_OF.match(text, match.end()) if match["half"] or match["fraction"] else None
        end = part.end() if part else match.end()
        if part:
            value, highest, unit = (value / 100 * _SCALES[part[1].lower()],) * 2 + ("",)
        after = _UNIT.match(text, end) if unit != "ordinal" else None
        # "a third of the years" is not a number of years, and a number after a currency sign has its unit already.
        if after and after.lastgroup and not unit:
            unit, factor = _UNIT_VALUES[int(after.lastgroup[1:])]
            value, highest, end = value * factor, highest * factor, after.end()
        read_to = end
        following = _NEXT_WORD.match(text, end)
        counted = stem(following[1]) if following and following[1].lower() not in FUNCTION_WORDS else ""
        in_words = match["words"] or match["both"]
        refers_back = _COMPOUND.match(text, end) is not None or (
            bool(in_words)
            and not unit
            and value <= _LARGEST_REFERRING
            and (value == 1 or bool(match["both"]) or _REFERRING.search(text[: match.start()]) is not None)
        )
        bound, written = _bound(text, match.start(), end), text[match.start() : end].strip()
        found.append(Quantity(value, highest, unit, bound, counted, written, match.start(), end, refers_back))
    found.sort(key=lambda quantity: quantity.start)
    return Figures(tuple(_propagate_units(text, found)), tuple(sorted(dates, key=lambda date: date.start)))


def to_base_units(parsed: ParsedText, quantities: Sequence[Quantity]) -> list[Quantity]:
    """Return these quantities of a text with lengths, weights, areas, volumes and temperatures in their base units."""
    return [_to_base_unit(parsed.normalized, quantity) for quantity in quantities]


def _parse_value(match: re.Match[str]) -> tuple[Fraction, Fraction, str] | None:
    """Return the lowest value, the highest value and the unit of a match; None if it is not a number in its context."""
    text, before = match.string, match.string[max(0, match.start() - _LOOK_BACK) : match.start()]
    unit = _SIGNS.get((match["currency"] or "").strip().lower(), "")
    if match["digits"]:
        value = Fraction(match["digits"].replace(",", "")[:LONGEST_NUMBER]) * _scale_factor(
            text[match.end("digits") : match.end()]
        )
        unit = "ordinal" if match["ordinal_digits"] else unit
    elif match["half"]:
        if _NOT_A_HALF.search(before) or text[match.end() : match.end() + 1] == "-":
            return None
        value, unit = Fraction(50), "percent"
    elif match["fraction"]:
        parts, part = match["parts"].lower(), match["part"].lower()
        # "a third country" counts; "a third of" divides.
        if parts in ("a", "an", "one") and part != "half" and not re.match(r"\s+(?:of|as)\b", text[match.end() :]):
            return (Fraction(_ORDINALS[part]),) * 2 + ("ordinal",) if part in _ORDINALS else None
        value, unit = 100 * Fraction(_SIMPLE.get(parts, 1), _DENOMINATORS[part]), "percent"
    elif match["plural"]:
        several = re.match(r"several\s+(\w+)", match["plural"].lower())
        lowest, highest, unit = _PLURALS[several[1] + "s" if several else match["plural"].split()[0].lower()]
        factor = _SCALES[match["of"].lower().removesuffix("s")] if match["of"] else 1
        return Fraction(lowest * factor), Fraction(highest * factor), unit
    elif match["ordinal"]:
        word = match["ordinal"].lower()
        if _ORDINAL_IDIOM.search(before) or _ORDINAL_IDIOM_END.match(text, match.end()):
            return None
        value, unit = Fraction(_ORDINALS[word]), "ordinal"
    elif match["both"]:
        value = Fraction(2)
    elif match["one_decade"]:
        value = Fraction(1)
    else:
        value = _parse_words(match["words"])
    if match["and_half"]:
        value += Fraction(1, 2)
    value = -value if match["sign"] else value
    return value, value, unit


def _parse_words(phrase: str) -> Fraction:
    total = current = 0
    for word in re.split(r"[\s-]+", phrase.lower()):
        if word in _SIMPLE:
            current += _SIMPLE[word]
        elif word in ("hundred", "dozen"):
            current = max(current, 1) * _SCALES[word]
        elif word in _SCALES:
            total, current = total + max(current, 1) * _SCALES[word], 0
    return Fraction(total + current)


def _scale_factor(phrase: str) -> int:
    factor = 1
    for word in re.findall(r"[a-z]+", phrase.lower()):
        factor *= _SCALES.get(word.removesuffix("s")) or _SHORT_SCALES.get(word, 1)
    return factor


def _bound(text: str, start: int, end: int) -> str:
    before = _BEFORE.search(text, max(0, start - _LOOK_BACK), start)
    if before and before.lastgroup:
        return _BEFORE_NAMES[int(before.lastgroup[1:])]
    after = _AFTER.match(text, end)
    return _AFTER_NAMES[int(after.lastgroup[1:])] if after and after.lastgroup else ""


def _ratio(text: str, match: re.Match[str]) -> Quantity:
    """Return ``nine in ten`` or ``one out of two`` as a percentage."""
    part, whole = (
        Fraction(word) if word.isdigit() else _parse_words(word) for word in (match["part"], match["whole"].split()[-1])
    )
    value = 100 * part / whole
    bound = _bound(text, match.start(), match.end())
    return Quantity(value, value, "percent", bound, "", match.group(), match.start(), match.end(), referring=False)


def _propagate_units(text: str, found: list[Quantity]) -> list[Quantity]:
    """Give both numbers of a range the same unit and scale: ``between 3 and 5 percent``, ``$3-5 billion``."""
    shared = list(found)
    for place in range(len(found) - 1):
        first, second = shared[place], shared[place + 1]
        if not _RANGE.fullmatch(text, first.end, second.start) and not (first.end == second.start and second.value < 0):
            continue
        scale = _scale_factor(second.text)
        if not first.unit and second.unit not in ("", "ordinal"):
            first = first._replace(unit=second.unit)
        elif first.unit and not second.unit and first.text[0] in "$€£¥₩U":
            second = second._replace(unit=first.unit)
        if scale > 1 and _scale_factor(first.text) == 1 and first.value < second.value / scale:
            first = first._replace(value=first.value * scale, highest=first.highest * scale)
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
