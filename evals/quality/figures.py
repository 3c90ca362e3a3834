"""Figures of the whole world: read from sentences, and compared between a claim and its quote.

    python -m evals.quality.figures [--part tuned|kept] [--misses]

``gold/figures.jsonl`` has invented sentences with the value and the unit of each figure, some without any (scores,
versions, telephone numbers), and pairs of a claim and a quote: ``same`` holds in both directions, ``compatible`` only
for the claim as given, because the quote is more exact or the form can be read so, and ``different`` must be refused.
Units are named as in ``askseoul.nlp.units``. The rules were written with a view of the part ``tuned`` alone.

Rows for other readers are printed where these can be imported; none is a dependency. ``quantulum3`` reads the same
sentences. ``pint`` and ``babel`` find no figures in a text, so they are given each figure's own words, and pairs their
two wordings; ``babel`` reads the numeral alone, as English or in the best of five locales, and no unit. Their units
count as right where a name means the expected unit or one that may stand for it.
"""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, NamedTuple

from askseoul.nlp.numerals import CODE
from askseoul.nlp.quantities import find_figures
from askseoul.nlp.text import parse
from askseoul.nlp.units import factors, unit_behind
from askseoul.verification.guards import check_guards
from evals.common.data import GOLD, read_rows

FIGURES: Final = GOLD / "figures.jsonl"
LOCALES: Final = ("en", "de", "fr", "de_CH", "en_IN")


class Read(NamedTuple):
    """A figure as a reader has it; ``unit`` is None for a reader of numbers alone."""

    value: float
    unit: str | None


class System(NamedTuple):
    """A reader of figures."""

    name: str
    read: Callable[[dict[str, Any]], list[Read]]
    """What it reads in a sentence, or in the words of its figures."""
    holds: Callable[[str, str, Sequence[str]], bool]
    """Whether it takes the figures of a claim for those of a quote, given both and the words that differ."""


def main() -> None:
    """Print the table, and with ``--misses`` what AskSeoul gets wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=["tuned", "kept"], help="only this half")
    parser.add_argument("--misses", action="store_true", help="print what AskSeoul gets wrong")
    arguments = parser.parse_args()
    rows = [row for row in read_rows(FIGURES) if arguments.part in (None, row["part"])]
    sentences, pairs = [row for row in rows if "text" in row], [row for row in rows if "claim" in row]
    print(
        f"{sum(len(row['figures']) for row in sentences)} figures in {len(sentences)} sentences, {len(pairs)} pairs\n"
    )
    print(f"{'':24}{'value':>8}{'and unit':>10}{'no other':>10}{'same':>8}{'compatible':>12}{'different refused':>19}")
    for system in systems():
        values, units, clean = zip(*(score(system, row) for row in sentences), strict=True)
        figures = sum(len(row["figures"]) for row in sentences)
        shares = [sum(values) / figures, sum(units) / figures, sum(clean) / len(clean)]
        for kind in ("same", "compatible", "different"):
            outcomes = [judge(system, row) for row in pairs if row["kind"] == kind]
            shares.append(sum(outcomes) / len(outcomes))
        print(
            f"{system.name:24}" + "".join(f"{share:>{width}.3f}" for share, width in zip(shares, WIDTHS, strict=True))
        )
    if arguments.misses:
        ours = systems()[0]
        for row in sentences:
            if score(ours, row) != (len(row["figures"]), len(row["figures"]), True):
                print(row["id"], row["text"], [(one["value"], one["unit"]) for one in row["figures"]], ours.read(row))
        for row in pairs:
            if not judge(ours, row):
                print(row["id"], row["kind"], row["words"], [_own(row["claim"]), _own(row["quote"])])


WIDTHS: Final = (8, 10, 10, 8, 12, 19)


def score(system: System, row: dict[str, Any]) -> tuple[int, int, bool]:
    """How many figures of a sentence have their value, how many their unit too, and whether nothing else is read."""
    read = system.read(row)
    values = units = 0
    for figure in row["figures"]:
        alike = [one for one in read if math.isclose(one.value, figure["value"], rel_tol=1e-4)]
        exact = next((one for one in alike if one.unit is not None and _may_be(one.unit, figure["unit"], system)), None)
        values += bool(alike)
        units += exact is not None
        if found := exact or next(iter(alike), None):
            read.remove(found)
    return values, units, not any(one.unit for one in read) if not row["figures"] else not read


def _may_be(unit: str, expected: str, system: System) -> bool:
    return unit == expected or (
        system.name != OURS and (bool(factors(unit, expected)) or bool(factors(expected, unit)))
    )


def judge(system: System, row: dict[str, Any]) -> bool:
    """Whether a reader compares a pair as it should."""
    words = row["words"]
    holds = system.holds(row["claim"], row["quote"], words)
    if row["kind"] == "same":
        return holds and system.holds(row["quote"], row["claim"], words[::-1])
    return holds is (row["kind"] == "compatible")


OURS: Final = "askseoul"


def systems() -> list[System]:
    """AskSeoul and the other readers that can be imported."""
    found = [System(OURS, lambda row: _own(row["text"]), _guards_hold)]
    if find_spec("quantulum3"):
        found.append(System("quantulum3", lambda row: _quantulum(row["text"]), _same(_quantulum, whole=True)))
    if find_spec("pint"):
        found.append(System("pint, given the words", _given(_pint), _same(_pint, whole=False)))
    if find_spec("babel"):
        for name, locales in (("babel, English", LOCALES[:1]), ("babel, best locale", LOCALES)):
            found.append(System(name, _given(_babel(locales)), _same(_babel(locales), whole=False)))
    return found


def _own(text: str) -> list[Read]:
    return [
        Read(float(one.value), one.unit)
        for one in find_figures(parse(text)).quantities
        if not one.referring and one.unit not in ("ordinal", CODE)
    ]


def _guards_hold(claim: str, quote: str, _words: Sequence[str]) -> bool:
    checks = check_guards(parse(claim), (parse(quote),), ())
    return all(check.passed for check in checks if check.name in ("numbers", "bounds", "dates"))


def _given(read: Callable[[str], list[Read]]) -> Callable[[dict[str, Any]], list[Read]]:
    return lambda row: [one for figure in row["figures"] for one in read(figure["text"])]


def _same(read: Callable[[str], list[Read]], *, whole: bool) -> Callable[[str, str, Sequence[str]], bool]:
    """A comparison of all that is read in the two sentences, or in the words that differ."""

    def holds(claim: str, quote: str, words: Sequence[str]) -> bool:
        first, second = (sorted(map(_rounded, read(text))) for text in ((claim, quote) if whole else words))
        return bool(first) and first == second

    return holds


def _rounded(one: Read) -> tuple[float, str]:
    return round(one.value, 6), one.unit or ""


def _unit_of(name: str) -> str:
    """A unit's name in another reader as ours; as it is if we do not know it."""
    plain = {"dimensionless": "", "percentage": "percent", "meter": "metre", "kilometer": "kilometre"}.get(name, name)
    found = unit_behind(f"1 {plain.replace('_', ' ')}", 1) if plain else None
    return found.unit if found else plain


def _quantulum(text: str) -> list[Read]:
    parser = import_module("quantulum3.parser")
    try:
        return [Read(float(one.value), _unit_of(one.unit.name)) for one in parser.parse(text)]
    except Exception:  # it fails on texts that it was not made for
        return []


def _pint(text: str) -> list[Read]:
    try:
        read = _registry().Quantity(text)
        return [Read(float(read.magnitude), _unit_of(str(read.units)))]
    except Exception:  # what it can't read raises errors of many kinds
        return []


@cache
def _registry() -> Any:  # noqa: ANN401 # of a package that need not be there
    return import_module("pint").UnitRegistry()


def _babel(locales: Sequence[str]) -> Callable[[str], list[Read]]:
    from babel.numbers import NumberFormatError, parse_decimal

    def read(text: str) -> Iterator[Read]:
        for numeral in re.findall(r"\d[\d.,' \u00a0\u202f]*", text):
            for locale in locales:
                try:
                    yield Read(float(parse_decimal(numeral.strip(" .,"), locale=locale, strict=True)), None)
                except NumberFormatError:
                    continue
                break

    return lambda text: list(read(text))


if __name__ == "__main__":
    main()
