"""Quantities in English text: numbers with their units and bounds, beside the dates of the text, so that they can be
compared.

``28,500``, ``28.5 thousand`` and ``twenty-eight thousand five hundred`` are one value; ``$18 billion``, ``18bn
dollars`` and ``180억 달러`` are one amount. ``numerals`` reads the figures, and ``units`` knows the units and which of
them may be the same. ``find_figures`` keeps the units of the text but for names that are a number of another unit: a
decade is ten years, a half is fifty percent, 30p are 0.3 pounds. ``to_base_units`` converts lengths, weights, areas,
volumes and temperatures to one unit of each kind, so that 254 mm equals ten inches.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from askseoul.nlp import lexicon
from askseoul.nlp.dates import Date, find_dates
from askseoul.nlp.numerals import CODE, DIGITS, KOREAN, is_fraction, read_code, read_digits, read_korean
from askseoul.nlp.text import FUNCTION_WORDS, ParsedText, annotation, stem
from askseoul.nlp.units import MONEY, UnitFound, factors, may_refine, sign_before, unit_behind


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
_MULTIPLES: dict[str, tuple[str, int]] = {
    name: (unit, count) for names, unit, count in lexicon.rows("numbers", "multiples") for name in names.split()
}
"""Names of so many of another unit."""
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

_SCALE = rf"(?:{_any_of(_SCALES)})"
_ONE_WORD = rf"(?:{_any_of(_SIMPLE)}|{_SCALE[3:-1]})"
_AND_PART = r"\s{1,3}and\s+an?\s+(?P<more>half|quarter)\b(?!\s+of\b)"
_NUMBER = re.compile(
    rf"""(?:{KOREAN}
      |{DIGITS}
       (?:(?P<ordinal_digits>st|nd|rd|th)\b
         |(?:[\s-]{{0,3}}{_SCALE}s?\b)+|[\s-]{{0,3}}(?P<short>{_any_of(_SHORT_SCALES)})\b(?!/))?
      |\b(?=[a-z])(?:
       (?P<fraction>(?:(?P<parts>an?|{_any_of(_SIMPLE)})[\s-]{{1,3}}
           (?P<part>{_any_of(_DENOMINATORS)})\b
         |(?P<half>half)\b))
      |(?P<plural>(?:{_any_of(_PLURALS)}|several\s+(?:hundred|thousand|million|billion))\b(?:\s+of\s+(?P<of>thousands|millions|billions)\b)?)
      |(?P<ordinal>(?:{_any_of(_ORDINALS)})\b)
      |(?P<both>both\b)
      |(?P<one>an?\s+(?=(?:{_any_of(_MULTIPLES)})\b|[a-z]{{1,12}}{_AND_PART.replace("?P<more>", "?:")}))
      |(?P<words>(?:an?\s+(?={_SCALE}\b))?{_ONE_WORD}\b
         (?:[\s-]{{1,3}}(?:(?:(?<=hundred\s)|(?<=thousand\s))and\s+(?=(?:{_any_of(_SIMPLE)})\b))?{_ONE_WORD}\b)*))
    )(?P<and_part>{_AND_PART}(?:\s+(?P<part_scale>{_SCALE})s?\b)?)?""",
    re.VERBOSE | re.IGNORECASE,
)
_MINUS = re.compile(r"(?<![\w%°€£$¥₩)\]-])(?:-|minus\s)\s?$", re.IGNORECASE)
_ODD = re.compile(r"-odd\b", re.IGNORECASE)
_AND_PART_OF_UNIT = re.compile(_AND_PART, re.IGNORECASE)
_MULTIPLE = re.compile(rf"[\s-]{{0,3}}({_any_of(_MULTIPLES)})\b", re.IGNORECASE)
_PARTS = {"half": Fraction(1, 2), "quarter": Fraction(1, 4)}
_DIVIDES = re.compile(r"\s{1,3}(?:of|as)\b", re.IGNORECASE)
_OF = re.compile(r"\s{1,3}of\b", re.IGNORECASE)
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
_SHORT_RANGE = re.compile(r"\b((?:1[0-9]|20)[0-9]{2})-([0-9]{2})\b(?!-)")
_RANGE = re.compile(r"\s*(?:-|to|and|or)\s*", re.IGNORECASE)
_COMPOUND = re.compile(r"-(?:way|legged|track|sided|party|nation|state|fold)\b", re.IGNORECASE)
"""The number in "three-way talks" is part of a word; another text may say it without a number ("trilateral")."""
_OUT_OF = re.compile(
    rf"\b(?P<part>{_any_of(_SIMPLE)}|[0-9]{{1,2}})(?:[ ][A-Za-z ]{{1,30}}?)?[ ](?:in|out\s+of)\s+(?:every\s+)?"
    r"(?P<whole>two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|100|10|(?:a\s+)?hundred)\b"
    r"(?!\s+(?:years?|months?|weeks?|days?|hours?|decades?|million|billion))",
    re.IGNORECASE,
)
_PART_OF_UNIT = re.compile(r"\s+(?:of\s+)?an?\s+(?=\w)", re.IGNORECASE)
"""What stands between a fraction and its unit: "half a mile", "a quarter of an hour"."""
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
        return [(self.value, self.highest)] + [(self.otherwise, self.otherwise)] * (self.otherwise is not None)

    def follows_from(self, other: Quantity) -> bool:
        """Whether the other's bound implies this one's.

        ``about`` may be dropped, because readers take a round figure as approximate; ``exactly`` may not be added.
        """
        return other.bound in _IMPLIED[self.bound]


class _Number(NamedTuple):
    """What a number is worth, the unit that it has by itself, and its other reading."""

    value: Fraction
    highest: Fraction
    unit: str = ""
    otherwise: Fraction | None = None

    @classmethod
    def of(cls, value: Fraction | int, unit: str = "") -> _Number:
        """The number of a single value."""
        return cls(Fraction(value), Fraction(value), unit)


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
    dates = find_dates(text, lambda end: unit_behind(text, end) is not None)
    text = _blanked(text, [(date.start, date.end) for date in dates])
    ratios = list(_OUT_OF.finditer(text))
    found = [_ratio(text, match) for match in ratios]
    text = _blanked(text, [match.span() for match in ratios])
    signed: set[int] = set()
    read_to = 0
    for match in _NUMBER.finditer(text):
        quantity = _read(text, match, read_to) if match.start() >= read_to else None
        if quantity is not None:
            found.append(quantity)
            read_to = quantity.end
            if quantity.start < match.start() and quantity.unit in MONEY:
                signed.add(quantity.start)
    found.sort(key=lambda quantity: quantity.start)
    return Figures(tuple(_propagate_units(text, found, signed)), tuple(sorted(dates, key=lambda date: date.start)))


def _blanked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with what was read already replaced by characters that nothing reads."""
    pieces, end = [], 0
    for start, stop in sorted(spans):
        pieces += [text[end:start], _BLANK * (stop - start)]
        end = stop
    return "".join([*pieces, text[end:]])


def _read(text: str, match: re.Match[str], read_to: int) -> Quantity | None:
    """Return the quantity of a number with its sign and its unit; None if it is no quantity in its context."""
    start, end = match.span()
    sign = None
    if match["digits"] or match["korean"]:
        sign = sign_before(text, start, broken=not match.group().isdigit())
        if sign and sign.start < read_to:
            sign = None
        before = text[start - 1 : start]
        if before.isalpha() and not sign and not "가" <= before <= "힣":
            return None  # a part of a name: A320
        start = sign.start if sign else start
    number = _parse_value(match)
    if number is None:
        return None
    value, highest, unit, otherwise = number
    if match["short"] == "m" and not sign and _is_metres(text, match):
        value = highest = value / _SHORT_SCALES["m"]
        unit = "metre"
    elif match["half"] or match["fraction"]:
        if unit == "percent":
            value, unit, end = _part_of(text, end, value)
            highest = value
    elif unit != CODE and unit != "ordinal":
        unit = sign.unit if sign else unit
        odd = _ODD.match(text, end)
        end = odd.end() if odd else end
        after = _unit_after(text, end, match["digits"] or "", unit)
        if after:
            unit, end = after.unit, after.end
            more = None if match["and_part"] else _AND_PART_OF_UNIT.match(text, end)
            part = _PARTS[more["more"].lower()] if more else 0
            value, highest, end = (
                (value + part) * after.factor,
                (highest + part) * after.factor,
                more.end() if more else end,
            )
            otherwise = otherwise * after.factor if otherwise and unit != "percent" else None
    minus = _MINUS.search(text, max(read_to, start - _LOOK_BACK), start)
    if minus and unit != CODE:
        start, value, highest, otherwise = minus.start(), -value, -highest, -otherwise if otherwise else None
    following = _NEXT_WORD.match(text, end)
    counted = stem(following[1]) if following and following[1].lower() not in FUNCTION_WORDS else ""
    before = text[max(0, start - _LOOK_BACK) : start]
    refers_back = _COMPOUND.match(text, end) is not None or (
        bool(match["words"] or match["both"])
        and not unit
        and value <= _LARGEST_REFERRING
        and (value == 1 or bool(match["both"]) or _REFERRING.search(before) is not None)
    )
    bound = _bound(text, start, end) or ("about" if text.endswith("-odd", start, end) else "")
    return Quantity(value, highest, unit, bound, counted, text[start:end].strip(), start, end, refers_back, otherwise)


def _unit_after(text: str, end: int, digits: str, unit: str) -> UnitFound | None:
    """The unit behind a number; behind one that has a sign or a unit already, only what says it more exactly."""
    multiple = _MULTIPLE.match(text, end)
    if multiple and not unit:
        name, count = _MULTIPLES[multiple[1].lower()]
        return UnitFound(name, Fraction(count), multiple.start(), multiple.end())
    after = unit_behind(text, end, number=digits)
    if after is None or (unit and not may_refine(unit, after.unit)):
        return None
    return after


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
        value, end = percent / 100 * _SCALES[scale[1].lower()], scale.end()
        after = _unit_after(text, end, "", "")
        return (value * after.factor, after.unit, after.end) if after else (value, "", end)
    article = _PART_OF_UNIT.match(text, end)
    after = _unit_after(text, article.end(), "", "") if article else None
    return (percent / 100 * after.factor, after.unit, after.end) if after else (percent, "percent", end)


def to_base_units(parsed: ParsedText, quantities: Sequence[Quantity]) -> list[Quantity]:
    """Return these quantities of a text with lengths, weights, areas, volumes and temperatures in their base units."""
    return [_to_base_unit(parsed.normalized, quantity) for quantity in quantities]


def _parse_value(match: re.Match[str]) -> _Number | None:
    """Return what a match is worth without its sign and the unit behind it; None if it is no number in its context."""
    text, before = match.string, match.string[max(0, match.start() - _LOOK_BACK) : match.start()]
    if match["digits"] or match["korean"]:
        return _parse_figures(match)
    if match["half"]:
        if _NOT_A_HALF.search(before) or text[match.end() : match.end() + 1] == "-":
            return None
        return _Number.of(50, "percent")
    if match["fraction"]:
        parts, part = match["parts"].lower(), match["part"].lower()
        # "a third country" counts; "a third of" divides.
        if parts in ("a", "an", "one") and part != "half" and not _DIVIDES.match(text, match.end()):
            return _Number.of(_ORDINALS[part], "ordinal") if part in _ORDINALS else None
        return _Number.of(100 * Fraction(_SIMPLE.get(parts, 1), _DENOMINATORS[part]), "percent")
    if match["plural"]:
        several = re.match(r"several\s+(\w+)", match["plural"].lower())
        lowest, highest, unit = _PLURALS[several[1] + "s" if several else match["plural"].split()[0].lower()]
        factor = _SCALES[match["of"].lower().removesuffix("s")] if match["of"] else 1
        return _Number(Fraction(lowest * factor), Fraction(highest * factor), unit)
    if match["ordinal"]:
        if _ORDINAL_IDIOM.search(before) or _ORDINAL_IDIOM_END.match(text, match.end()):
            return None
        return _Number.of(_ORDINALS[match["ordinal"].lower()], "ordinal")
    if match["both"] or match["one"]:
        return _Number.of(2 if match["both"] else 1)
    return _Number.of(_with_part(match, _parse_words(match["words"]), match["words"]))


def _parse_figures(match: re.Match[str]) -> _Number:
    if match["korean"]:
        return _Number.of(read_korean(match["korean"]))
    if match["code"]:
        return _Number.of(read_code(match["code"]), CODE)
    value, otherwise = read_digits(match["digits"])
    if is_fraction(match["digits"]) and _OF.match(match.string, match.end()):
        return _Number.of(100 * value, "percent")
    scales = match.string[match.end("digits") : match.start("and_part") if match["and_part"] else match.end()]
    scale = _scale_factor(scales)
    value = _with_part(match, value * scale, scales)
    unit = "ordinal" if match["ordinal_digits"] else ""
    return _Number(value, value, unit, None if scale > 1 or match["and_part"] else otherwise)


def _with_part(match: re.Match[str], value: Fraction, words: str) -> Fraction:
    """Add a half or a quarter: "three and a half", "three and a half million", "a million and a half"."""
    if not match["and_part"]:
        return value
    part = _PARTS[match["more"].lower()]
    if match["part_scale"]:
        return (value + part) * _SCALES[match["part_scale"].lower()]
    last = re.split(r"[\s-]+", words.lower())[-1].removesuffix("s")
    return value + part * (_SCALES.get(last, 1) if _SCALES.get(last, 1) >= _SCALES["thousand"] else 1)


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


def _propagate_units(text: str, found: list[Quantity], signed: set[int]) -> list[Quantity]:
    """Give both numbers of a range the same unit and scale: ``between 3 and 5 percent``, ``$3-5 billion``.

    ``signed`` has the places of the quantities with a currency's sign before the number.
    """
    shared = list(found)
    for place in range(len(found) - 1):
        first, second = shared[place], shared[place + 1]
        if not _RANGE.fullmatch(text, first.end, second.start):
            continue
        scale = _scale_factor(second.text)
        if not first.unit and second.unit not in ("", "ordinal", CODE):
            first = first._replace(unit=second.unit)
        elif first.start in signed and not second.unit:
            second = second._replace(unit=first.unit)
        if scale > 1 and _scale_factor(first.text) == 1 and first.value < second.value / scale:
            first = first._replace(value=first.value * scale, highest=first.highest * scale, otherwise=None)
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
