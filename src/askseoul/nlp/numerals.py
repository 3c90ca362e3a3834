"""Numbers in figures as people write them over the world, and what they are worth.

Separators are read by the form alone. ``1,234.50``, ``1.234,50``, ``1 234,50`` and ``1'234.50`` are one number, as are
``12,34,567`` (in India) and ``1,234,567``; a comma without three digits behind it is a decimal comma. ``1.234`` may be
either, so it has two readings. ``2¾`` and ``2 3/4`` are mixed fractions, and ``3만 5천`` is 35,000.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

LONGEST_NUMBER = 40
"""Maximum number of characters that are read of a number; no real text has a longer one."""
CODE: Final = "code"
"""The unit of numbers such as those of versions and sections (``2.4.1``), which count nothing."""
_LARGE = {"만": 10**4, "억": 10**8, "조": 10**12}
_SMALL = {"십": 10, "백": 100, "천": 1000}
_COUNTED = "원|명|개|건|곳|대|채|달러|유로|엔|위안|가구|톤"
_PLAIN = r"[0-9][0-9,]*(?:\.[0-9]+)?"

DIGITS: Final = r"""(?<![A-Z]-)(?<![0-9_])(?<![0-9][.,])(?P<digits>
    [0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?(?![0-9])
  | [0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]+)?(?![0-9])
  | [0-9]{1,3}(?:'[0-9]{3})+(?:[.,][0-9]{1,2})?(?![0-9'])
  | [1-9][0-9]{0,2}(?:\.[0-9]{3})+,[0-9]+
  | [1-9][0-9]{0,2}(?:\.[0-9]{3}){2,}(?![0-9]|\.[0-9])
  | (?P<code>[0-9]+(?:\.[0-9]+){2,})
  | (?:[0-9]+[ -])?[0-9]{1,2}\u2044[1-9][0-9]?(?![0-9])
  | [0-9]+[ -][0-9]{1,2}/[1-9][0-9]?(?![0-9/])
  | [0-9]{1,2}/[1-9][0-9]?(?=\s+of\b)
  | (?<![0-9][ ])[1-9][0-9]{0,2}(?:[ ][0-9]{3})+(?:[.,][0-9]+)?(?![0-9]|[ ][0-9])
  | [0-9]+,(?:[0-9]{1,2}|[0-9]{5,})(?![0-9]|,[0-9])
  | 0,[0-9]+
  | [0-9]+(?:\.[0-9]+)?)"""
"""A verbose pattern with the group ``digits``, and ``code`` for what numbers a version or a section."""
KOREAN: Final = rf"""(?<![0-9제])(?<![0-9][.,])(?P<korean>
    {_PLAIN}[ ]?[십백천]?[만억조](?:[ ]?{_PLAIN}[ ]?[십백천]?[만억조천])*(?:[ ]?{_PLAIN}(?=[ ]?(?:{_COUNTED})))?
  | {_PLAIN}[ ]?[십백천](?=[ ]?(?:{_COUNTED}))
  | (?<![가-힣])[십백천]?[만억조](?=[ ]?(?:{_COUNTED})))"""
"""A verbose pattern with the group ``korean``."""
_FRACTION = re.compile(r"(?:([0-9]+)[ -])?([0-9]{1,2})[\u2044/]([0-9]{1,2})")
_TWO_READINGS = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")
_DECIMAL_COMMA = re.compile(r"[0-9]+(?:[.' ][0-9]{3})*,(?:[0-9]{1,2}|[0-9]{4,})|0,[0-9]+|[0-9]+[.' ].*,[0-9]+")
_GROUPED_BY_DOTS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3}){2,}")
_KOREAN_PART = re.compile(rf"({_PLAIN})?\s?([십백천])?([만억조])?")


def is_fraction(digits: str) -> bool:
    """Whether a number in figures is a fraction or has one."""
    return _FRACTION.fullmatch(digits) is not None


def read_digits(digits: str) -> tuple[Fraction, Fraction | None]:
    """Return the value of what the group ``digits`` of ``DIGITS`` matched, and its other reading if it has two.

    Of a long number, only the beginning is read.
    """
    if fraction := _FRACTION.fullmatch(digits):
        whole, part, parts = (int(number[:LONGEST_NUMBER] if number else 0) for number in fraction.groups())
        return whole + Fraction(part, parts), None
    digits = digits[:LONGEST_NUMBER].rstrip(".,' ")
    if _DECIMAL_COMMA.fullmatch(digits):
        digits = re.sub(r"[.' ]", "", digits).replace(",", ".")
    elif _GROUPED_BY_DOTS.fullmatch(digits):
        digits = digits.replace(".", "")
    value = Fraction(re.sub(r"[,' ]", "", digits))
    return value, value * 1000 if _TWO_READINGS.fullmatch(digits) else None


def read_code(code: str) -> Fraction:
    """Return a number for a version or a section, which no other has while its parts are of four digits at most."""
    return Fraction("".join(part.zfill(4) for part in code.split("."))[:LONGEST_NUMBER])


def read_korean(number: str) -> Fraction:
    """Return the value of what the group ``korean`` of ``KOREAN`` matched."""
    total = Fraction(0)
    for digits, small, large in _KOREAN_PART.findall(number):
        if digits or small or large:
            value = Fraction(digits.replace(",", "")[:LONGEST_NUMBER]) if digits else Fraction(1)
            total += value * _SMALL.get(small, 1) * _LARGE.get(large, 1)
    return total
