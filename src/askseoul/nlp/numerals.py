"""Numbers in figures and in words as people write them over the world, and what they are worth.

Separators are read by the form alone. ``1,234.50``, ``1.234,50``, ``1 234,50`` and ``1'234.50`` are one number, as are
``12,34,567`` (in India) and ``1,234,567``; a comma without three digits behind it is a decimal comma. ``1.234`` may be
either, so it has two readings. ``2¾`` and ``2 3/4`` are mixed fractions, and ``3만 5천`` is 35,000. A share is a
number of percent: ``half`` is fifty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Final, NamedTuple

from askseoul.nlp import lexicon


def any_of(words: Iterable[str]) -> str:
    """Return a pattern that matches any of the words, longer ones before their prefixes."""
    return "|".join(sorted(words, key=len, reverse=True))


SIMPLE = {word: number for number, word in enumerate(lexicon.sequence("numbers", "ones"))} | {
    word: 10 * number for number, word in enumerate(lexicon.sequence("numbers", "tens"), start=2)
}
SCALES: dict[str, int] = lexicon.table("numbers", "scales")
_SHORT_SCALES: dict[str, int] = lexicon.table("numbers", "short_scales")
_ORDINALS = {word: number for number, word in enumerate(lexicon.sequence("numbers", "ordinals"), 1)}
_DENOMINATORS: dict[str, int] = lexicon.table("numbers", "fractions") | {
    form: number for word, number in _ORDINALS.items() if number > 2 for form in (word, word + "s")
}
_PLURALS: dict[str, tuple[int, int, str]] = {
    word: (lowest, highest, unit) for word, lowest, highest, unit in lexicon.rows("numbers", "plurals")
}
"""Words such as "hundreds": the lowest and the highest value that they can mean, and the unit."""
MULTIPLES: dict[str, tuple[str, int]] = {
    name: (unit, count) for names, unit, count in lexicon.rows("numbers", "multiples") for name in names.split()
}
"""Names of so many of another unit."""
PARTS = {"half": Fraction(1, 2), "quarter": Fraction(1, 4)}
LONGEST_NUMBER = 40
"""Maximum number of characters that are read of a number; no real text has a longer one."""
CODE: Final = "code"
"""The unit of numbers such as those of versions and sections (``2.4.1``), which count nothing."""
_TEN = 10
_LARGE = {"만": 10**4, "억": 10**8, "조": 10**12}
_SMALL = {"십": 10, "백": 100, "천": 1000}
_COUNTED = "원|명|개|건|곳|대|채|달러|유로|엔|위안|가구|톤"
_PLAIN = r"[0-9][0-9,]{0,30}(?:\.[0-9]{1,30})?"

_DIGITS = r"""(?<![A-Z]-)(?<![0-9_])(?<![0-9][.,])(?P<digits>
    [0-9]{1,3}(?:,[0-9]{3}){1,12}(?:\.[0-9]+)?(?![0-9])
  | [0-9]{1,2}(?:,[0-9]{2}){1,12},[0-9]{3}(?:\.[0-9]+)?(?![0-9])
  | [0-9]{1,3}(?:'[0-9]{3}){1,12}(?:[.,][0-9]{1,2})?(?![0-9'])
  | [1-9][0-9]{0,2}(?:\.[0-9]{3}){1,12},[0-9]+
  | [1-9][0-9]{0,2}(?:\.[0-9]{3}){2,12}(?![0-9]|\.[0-9])
  | (?P<code>[0-9]+(?:\.[0-9]+){2,})
  | (?:[0-9]+[ -])?[0-9]{1,2}\u2044[1-9][0-9]?(?![0-9])
  | [0-9]+[ -][0-9]{1,2}/[1-9][0-9]?(?![0-9/])
  | [0-9]{1,2}/[1-9][0-9]?(?=\s+of\b)
  | (?<![0-9][ ])[1-9][0-9]{0,2}(?:[ ][0-9]{3}){1,12}(?:,[0-9]+|(?P<spaced>))(?![0-9]|[ ][0-9])
  | [0-9]+,(?:[0-9]{1,2}|[0-9]{5,})(?![0-9]|,[0-9])
  | 0,[0-9]+
  | [0-9]+(?:\.[0-9]+)?)"""
_KOREAN = rf"""(?<![0-9제])(?<![0-9][.,])(?P<korean>
    {_PLAIN}[ ]?[십백천]?[만억조](?:[ ]?{_PLAIN}[ ]?[십백천]?[만억조천])*(?:[ ]?{_PLAIN}(?=[ ]?(?:{_COUNTED})))?
  | {_PLAIN}[ ]?[십백천](?=[ ]?(?:{_COUNTED}))
  | (?<![가-힣])(?:[십백천][만억조](?=[ ]?(?:{_COUNTED}))|[만억](?=[ ]?(?:원|명|달러)))
  | (?P<several>(?<![가-힣])수(?:[십백천][만억조]?|[만억조])(?=[ ]?(?:{_COUNTED}))))"""
_SCALE = rf"(?:{any_of(SCALES)})"
_ONE_WORD = rf"(?:{any_of(SIMPLE)}|{any_of(SCALES)})"
AND_PART: Final = r"\s{1,3}and\s+an?\s+(?P<more>half|quarter)\b"
NUMBER: Final = re.compile(
    rf"""(?:{_KOREAN}
      |{_DIGITS}
       (?:(?P<ordinal_digits>st|nd|rd|th)\b
         |(?P<scale>(?:[\s-]{{0,3}}{_SCALE}s?\b)+)|[\s-]{{0,3}}(?P<short>{any_of(_SHORT_SCALES)})\b(?!/)
           (?:(?<=mio|mrd|mln|mld|bln)\.(?=\s\S))?)?
      |\b(?=[a-z])(?:
       (?P<fraction>(?:(?P<parts>an?|{any_of(SIMPLE)})[\s-]{{1,3}}
           (?P<part>{any_of(_DENOMINATORS)})\b
         |(?P<half>half)\b))
      |(?P<plural>(?:{any_of(_PLURALS)}|several\s+(?:hundred|thousand|million|billion))\b
         (?:\s+of\s+(?P<of>thousands|millions|billions)\b)?)
      |(?P<ordinal>(?:{any_of(_ORDINALS)})\b)
      |(?P<both>both\b)
      |(?P<words>(?:an?\s+(?={_SCALE}\b))?{_ONE_WORD}\b
         (?:[\s-]{{1,3}}(?:(?:(?<=hundred\s)|(?<=thousand\s))and\s+(?=(?:{any_of(SIMPLE)})\b))?{_ONE_WORD}\b)*)
      |(?P<one>an?\s+(?=(?:{any_of(MULTIPLES)})\b|[a-z]{{1,12}}{AND_PART.replace("?P<more>", "?:")})))
    )(?P<and_part>{AND_PART}(?!\s+of\b)(?:\s+(?P<part_scale>{_SCALE})s?\b)?)?""",
    re.VERBOSE | re.IGNORECASE,
)
"""A number, without its sign and its unit."""
_LOOK_BACK = 24
"""Characters before a number in which an idiom that makes it none is looked for."""
_DIVIDES = re.compile(r"\s{1,3}(?:of|as)\b", re.IGNORECASE)
_OF = re.compile(r"\s{1,3}of\b", re.IGNORECASE)
_ORDINAL_IDIOM = re.compile(r"\b(?:at|feet|from the|in the)\s+$", re.IGNORECASE)
_ORDINAL_IDIOM_END = re.compile(r"\s+(?:of all|and foremost|place|[lL]ady)\b|,")
_NOT_A_HALF = re.compile(r"\b(?:first|second|other|latter|better|former)\s+$", re.IGNORECASE)
_FRACTION = re.compile(r"(?:([0-9]+)[ -])?([0-9]{1,2})[\u2044/]([0-9]{1,2})")
_TWO_READINGS = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")
_DECIMAL_COMMA = re.compile(r"[0-9]+(?:[.' ][0-9]{3})*,(?:[0-9]{1,2}|[0-9]{4,})|0,[0-9]+|[0-9]+[.' ].*,[0-9]+")
_GROUPED_BY_DOTS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3}){2,12}")
_KOREAN_PART = re.compile(rf"({_PLAIN})?\s?([십백천])?([만억조])?")


class Number(NamedTuple):
    """What a number is worth, and the unit that it has by itself ("percent", "ordinal", ``CODE``), mostly none."""

    value: Fraction
    highest: Fraction
    """The upper end of a range such as ``hundreds``; otherwise equal to ``value``."""
    unit: str = ""
    otherwise: Fraction | None = None
    """The other reading of a number with two."""
    scale: int = 1
    """What its words multiply it by: 1,000 in ``5k``."""

    @classmethod
    def of(cls, value: Fraction | int, unit: str = "") -> Number:
        """The number of a single value."""
        return cls(Fraction(value), Fraction(value), unit)


def read_number(match: re.Match[str]) -> Number | None:
    """Return what a match of ``NUMBER`` is worth; None if it is no number in its context."""
    return next(read(match) for name, read in _READERS.items() if match[name])


def _read_figures(match: re.Match[str]) -> Number:
    value, otherwise = _read_digits(match["digits"])
    if _FRACTION.fullmatch(match["digits"]) and _OF.match(match.string, match.end()):
        return Number.of(100 * value, "percent")
    words = match["scale"] or match["short"] or ""
    scale = _scale_factor(words)
    value = _with_part(match, value * scale, words)
    unit = "ordinal" if match["ordinal_digits"] else ""
    return Number(value, value, unit, None if scale > 1 or match["and_part"] else otherwise, scale)


def _read_digits(digits: str) -> tuple[Fraction, Fraction | None]:
    """Return the value of a number in figures, and its other reading; of a long one, only the beginning is read."""
    if fraction := _FRACTION.fullmatch(digits):
        whole, part, parts = (int(number[:LONGEST_NUMBER] if number else 0) for number in fraction.groups())
        if not whole and part >= _TEN and 0 < part % _TEN < parts:
            whole, part = divmod(part, _TEN)  # "81⁄2" is how some write 8½
        return whole + Fraction(part, parts), None
    digits = digits[:LONGEST_NUMBER].rstrip(".,' ")
    if _DECIMAL_COMMA.fullmatch(digits):
        digits = re.sub(r"[.' ]", "", digits).replace(",", ".")
    elif _GROUPED_BY_DOTS.fullmatch(digits):
        digits = digits.replace(".", "")
    value = Fraction(re.sub(r"[,' ]", "", digits))
    return value, value * 1000 if _TWO_READINGS.fullmatch(digits) else None


def _read_code(match: re.Match[str]) -> Number:
    """A number for a version or a section, which no other has while its parts are of four digits at most."""
    joined = "".join(part.zfill(4) for part in match["code"].split("."))
    return Number.of(Fraction(joined[:LONGEST_NUMBER]), CODE)


def _read_korean(match: re.Match[str]) -> Number:
    total = Fraction(0)
    for digits, small, large in _KOREAN_PART.findall(match["korean"]):
        if digits or small or large:
            value = Fraction(digits.replace(",", "")[:LONGEST_NUMBER]) if digits else Fraction(1)
            total += value * _SMALL.get(small, 1) * _LARGE.get(large, 1)
    return Number(2 * total, 10 * total - 1) if match["several"] else Number.of(total)


def _read_fraction(match: re.Match[str]) -> Number | None:
    if match["half"]:
        if _NOT_A_HALF.search(_before(match)) or match.string[match.end() : match.end() + 1] == "-":
            return None
        return Number.of(50, "percent")
    parts, part = match["parts"].lower(), match["part"].lower()
    # "a third country" counts; "a third of" divides.
    if parts in ("a", "an", "one") and part != "half" and not _DIVIDES.match(match.string, match.end()):
        return Number.of(_ORDINALS[part], "ordinal") if part in _ORDINALS else None
    return Number.of(100 * Fraction(SIMPLE.get(parts, 1), _DENOMINATORS[part]), "percent")


def _read_plural(match: re.Match[str]) -> Number:
    several = re.match(r"several\s+(\w+)", match["plural"].lower())
    lowest, highest, unit = _PLURALS[several[1] + "s" if several else match["plural"].split()[0].lower()]
    factor = SCALES[match["of"].lower().removesuffix("s")] if match["of"] else 1
    return Number(Fraction(lowest * factor), Fraction(highest * factor), unit)


def _read_ordinal(match: re.Match[str]) -> Number | None:
    if _ORDINAL_IDIOM.search(_before(match)) or _ORDINAL_IDIOM_END.match(match.string, match.end()):
        return None
    return Number.of(_ORDINALS[match["ordinal"].lower()], "ordinal")


def _read_words(match: re.Match[str]) -> Number:
    last = re.split(r"[\s-]+", match["words"].lower())[-1]
    value = _with_part(match, number_in_words(match["words"]), match["words"])
    return Number(value, value, scale=SCALES.get((match["part_scale"] or last).lower(), 1))


def _read_count(match: re.Match[str]) -> Number:
    return Number.of(2 if match["both"] else 1)


_READERS: dict[str, Callable[[re.Match[str]], Number | None]] = {
    "korean": _read_korean, "code": _read_code, "digits": _read_figures, "fraction": _read_fraction,
    "plural": _read_plural, "ordinal": _read_ordinal, "words": _read_words, "both": _read_count, "one": _read_count,
}  # fmt: skip


def _before(match: re.Match[str]) -> str:
    return match.string[max(0, match.start() - _LOOK_BACK) : match.start()]


def _with_part(match: re.Match[str], value: Fraction, words: str) -> Fraction:
    """Add a half or a quarter: "three and a half", "three and a half million", "a million and a half"."""
    if not match["and_part"]:
        return value
    part = PARTS[match["more"].lower()]
    if match["part_scale"]:
        return (value + part) * SCALES[match["part_scale"].lower()]
    last = SCALES.get(re.split(r"[\s-]+", words.lower())[-1].removesuffix("s"), 1)
    return value + part * (last if last >= SCALES["thousand"] else 1)


def number_in_words(phrase: str) -> Fraction:
    """Return the value of number words such as ``twenty-eight thousand``; other words count nothing."""
    total = current = 0
    for word in re.split(r"[\s-]+", phrase.lower()):
        if word in SIMPLE:
            current += SIMPLE[word]
        elif word in ("hundred", "dozen"):
            current = max(current, 1) * SCALES[word]
        elif word in SCALES:
            total, current = total + max(current, 1) * SCALES[word], 0
    return Fraction(total + current)


def _scale_factor(phrase: str) -> int:
    factor = 1
    for word in re.findall(r"[a-z]+", phrase.lower()):
        factor *= SCALES.get(word.removesuffix("s")) or _SHORT_SCALES[word]
    return factor
