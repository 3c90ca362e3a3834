"""Numbers and dates of a workbook as it shows them, by the number formats of its cells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from askseoul.ingest.converters.office import number_text

BUILT_IN: Final[Mapping[str, str]] = {
    **{"1": "0", "2": "0.00", "3": "#,##0", "4": "#,##0.00", "9": "0%", "10": "0.00%", "17": "mmm-yy"},
    **{"37": "#,##0", "38": "#,##0", "39": "#,##0.00", "40": "#,##0.00", "41": "#,##0", "43": "#,##0.00"},
}
"""The formats that files refer to by a number alone, where they matter here."""

_LONGEST_CODE: Final = 200
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]|_.|\*.')
"""Quoted text, an escaped character, a currency; conditions and colours; spaces as wide as a character, filling."""
_MARK: Final = "\ue000"
_DIGITS = re.compile(r"[0#?][0#?,]*(?:\.[0#?]*)?,*|\.[0#?]+,*")
_OTHER_NOTATION = re.compile(r"General|[eE][+-]|/|@", re.IGNORECASE)
_MOST_DECIMALS: Final = 15


def number_shown(value: float, code: str) -> str:
    """Return a number as a cell with this format shows it; without the noise of binary digits if it has none."""
    plain = number_text(repr(value))
    section = code[:_LONGEST_CODE].partition(";")[0]
    literals: list[str] = []

    def keep(match: re.Match[str]) -> str:
        literals.append(match[1] or match[2] or match[3] or "")
        return _MARK

    bare = _LITERAL.sub(keep, section)
    digits = _DIGITS.findall(bare)
    if len(digits) != 1 or _OTHER_NOTATION.search(bare) or not abs(value) < 1e15:
        return plain
    pattern = digits[0].rstrip(",")
    scale = 1000 ** (len(digits[0]) - len(pattern))
    number = Decimal(plain) * (100 if "%" in bare else 1) / scale
    before, _, after = bare.partition(digits[0])
    shown = _rounded(abs(number), pattern)
    sign = "-" if number < 0 and any(character in "123456789" for character in shown) else ""
    kept = iter(literals)
    around = [re.sub(_MARK, lambda _: next(kept), part) for part in (before, after)]
    return f"{sign}{around[0].lstrip()}{shown}{around[1].rstrip()}"


def _rounded(number: Decimal, pattern: str) -> str:
    whole, _, decimals = pattern.partition(".")
    decimals = decimals[:_MOST_DECIMALS]
    quantum = Decimal(1).scaleb(-len(decimals))
    written = f"{number.quantize(quantum, ROUND_HALF_UP):{',' if ',' in whole else ''}f}"
    optional = len(decimals) - len(decimals.rstrip("#?"))
    for _ in range(optional):
        written = written.removesuffix("0") if "." in written else written
    return written.removesuffix(".")


def date_text(value: date | datetime | time | timedelta, code: str) -> str:
    """Return a date, a time or a length of time as ISO has it; a date without the parts that the cell does not show."""
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
    if isinstance(value, time):
        return value.isoformat("seconds" if value.second else "minutes")
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds" if value.second else "minutes")
    letters = {letter for letter in _LITERAL.sub("", code[:_LONGEST_CODE]).lower() if letter in "ymd"}
    length = {frozenset("y"): 4, frozenset("ym"): 7}.get(frozenset(letters), 10)
    return value.isoformat()[:length]
