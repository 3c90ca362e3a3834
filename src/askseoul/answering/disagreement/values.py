"""The values that a text gives for what is asked (numbers, dates, names), and whether two texts give the same.

A value is compared as news gives it: 28,500 and "nearly 30,000" are one, and so are "half" and 50 per cent, while 61
and 17 are two. What a text only mentions to compare with ("up from 17", "not Paris") is no value of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from askseoul.nlp.dates import Date
from askseoul.nlp.entities import Name, find_names, is_country, is_person
from askseoul.nlp.quantities import Quantity, find_figures, to_base_units
from askseoul.nlp.relative_dates import relative_dates
from askseoul.nlp.reported_speech import find_reports
from askseoul.nlp.text import ParsedText, parse
from askseoul.retrieval.question import Question, asked_quantities

Likeness = Literal["same", "different", "unknown"]

ROUNDED: Final = 0.08
"""How far a round figure may lie from an exact one: "nearly 30,000" is 28,500."""
_BOUNDED: Final = 1.6
"""How many times a figure may exceed its lower bound, or fall below its upper one: "more than 20,000" is 28,500."""
_MENTIONED = re.compile(
    r"\b(?:(?:up|down)\s+from|rather\s+than|instead\s+of|compared\s+(?:with|to)|against|not|(?<!more\s)(?<!less\s)(?<!fewer\s)(?<!higher\s)(?<!lower\s)than|previously|once|"
    r"formerly|originally|while|"
    r"beating|accompanied\s+by|together\s+with|along\s+with|ahead\s+of|defeating|replac\w+|succee\w+|successor\s+to|"
    r"t(?:akes|aking|ook)\s+over\s+from|beat|defeated|"
    r"outpolled|first\s+(?:put|given)\s+(?:at|as)|"
    r"(?:rose|risen|rising|fell|fallen|cut|raised|increased|moved|climbed|revised|lifted|lowered|changed|jumped|"
    r"dropped|postponed|"
    r"delayed)(?:\s+\w+){0,3}?\s+from)\s+(?:a\s+|an\s+|the\s+|about\s+)?$",
    re.IGNORECASE,
)
"""What stands before a value that a text gives only to compare with."""
_HOW_MUCH = re.compile(r"\bhow\s+(?:much|fast|strong|steep|hot|cold)\b", re.IGNORECASE)
"""Asks for a measure and not for a count: a sum or a share before a bare number."""
_WHAT_IS = re.compile(r"^\W*what\s+(?:is|was|are|were|will\s+be)\b", re.IGNORECASE)
_WHICH_ONE = re.compile(
    r"\b(?:which|what)\s+(?:party|team|club|company|firm|film|player|candidate|newspaper|bank|country|nation|group|brand|"
    r"airline|horse)\b",
    re.IGNORECASE,
)
"""Questions for one of several that have names."""
_OTHER_UNITS = frozenset(
    {"ordinal", "year", "month", "week", "day", "hour", "minute", "second", "kilometre", "metre", "mile"}
)
_FEW = 10
"""Numbers up to this stand in texts for many things."""
_LONGEST_NAME = 4
"""Words of a person's name and titles."""
_SHARE_OF = re.compile(
    r"\b(?:share|percentage|proportion|per\s?cent|fraction|part)\s+of\s+((?:[\w'-]+\s*){1,3})", re.IGNORECASE
)
_OF = re.compile(r"\s*of\s+((?:[\w'-]+\s*){1,3})")
_BESIDE = 24
"""Characters before a name in which its office stands: "chief executive Tomas Reidl told analysts"."""
_FROM = re.compile(r"\bfrom\s+(?:a\s+|an\s+|the\s+|about\s+|around\s+)?$", re.IGNORECASE)
_TO = re.compile(r"^[^.;]{0,40}?\bto\b", re.IGNORECASE)
_GONE = re.compile(
    r"'s?\s+(?:\w+\s+)?(?:resignation|departure|exit|dismissal|death|sacking|retirement|defeat|removal)\b",
    re.IGNORECASE,
)
_PLACED = re.compile(
    r"\b(?:in|at|from|near|to|across|of|on|off|outside|around|between|near)\s+(?:the\s+|nearby\s+|"
    r"(?:\w+\s+){0,3}of\s+)?$",
    re.IGNORECASE,
)


class Values(NamedTuple):
    """What a text gives for what is asked; of the three at most one is filled."""

    quantities: tuple[Quantity, ...] = ()
    dates: tuple[Date, ...] = ()
    names: tuple[Name, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.quantities or self.dates or self.names)


NOTHING: Final = Values()


def values_of(question: Question, text: str, published: str | None = None, *, loose: bool = False) -> Values:
    """What this text gives for a question that asks for a number, a date, a person or a place; else nothing.

    Dates are read against the day on which the text was published. With ``loose`` any number will do that is no time,
    length or rank, whatever it counts."""
    parsed, asked = parse(text), question.parsed
    if question.answer_type in ("number", "money", "share", "duration"):
        return Values(quantities=tuple(_quantities(question, asked, parsed, loose=loose)))
    if question.answer_type == "date":
        known = find_figures(asked).dates
        dates = [*find_figures(parsed).dates, *_relative(text, published)]
        fresh = [date for date in dates if not any(date.matches(other) for other in known)]
        return Values(dates=tuple(date for date in fresh if not _is_mentioned(parsed, date.start, date.end)))
    if question.answer_type == "thing" and _WHAT_IS.search(asked.normalized):
        found = [each for each in asked_quantities(question, parsed) if each.unit not in ("", "ordinal")]
        return Values(quantities=tuple(to_base_units(parsed, _counted_as_asked(asked, parsed, found))))
    if question.answer_type in ("person", "place") or _WHICH_ONE.search(asked.normalized):
        return Values(names=tuple(_names(question, parsed)))
    return NOTHING


def compare(own: Values, other: Values) -> Likeness:
    """Whether two texts give the same value: one of each is enough. Unknown where either gives none, or none that can
    be compared with the other's."""
    found: list[bool | None] = [
        *(quantities_agree(a, b) for a in own.quantities for b in other.quantities),
        *(dates_agree(a, b) for a in own.dates for b in other.dates),
        *(_names_agree(a, b) for a in own.names for b in other.names),
    ]
    if True in found:
        return "same"
    return "different" if False in found else "unknown"


def quantities_agree(own: Quantity, other: Quantity) -> bool | None:
    """Whether two quantities may be the same amount as news rounds it; None where they measure different things."""
    if own.unit != other.unit:
        return None
    low, high = sorted((own, other), key=lambda quantity: quantity.value)
    if own.matches(other) or other.matches(own) or low.value <= 0:
        return own.matches(other) or other.matches(own)
    ratio = float(high.value / low.value)
    is_bounded = low.bound in (">", ">=") or high.bound in ("<", "<=")
    is_round = any(each.bound in ("about", "nearly") or _is_in_parts(each) for each in (own, other))
    most = _BOUNDED if is_bounded else 1 + ROUNDED if is_round else 1.0
    return ratio <= most or _rounds_to(own, other) or _rounds_to(other, own)


def dates_agree(own: Date, other: Date) -> bool | None:
    """Whether two dates may be one, as far as both are given; None where they have no part in common."""
    parts = [(a, b) for a, b in zip(own[:5], other[:5], strict=True) if a is not None and b is not None]
    return all(a == b for a, b in parts) if parts else None


def _names_agree(own: Name, other: Name) -> bool | None:
    return not own.distinctive.isdisjoint(other.distinctive) or not own.identity.isdisjoint(other.identity)


def _quantities(question: Question, asked: ParsedText, parsed: ParsedText, *, loose: bool) -> list[Quantity]:
    """The numbers that a text gives for what is asked, without those that it only compares with."""
    every = [each for each in find_figures(parsed).quantities if not each.referring and each.unit not in _OTHER_UNITS]
    found = asked_quantities(question, parsed)
    if _HOW_MUCH.search(asked.normalized):
        found = [each for each in every if each.unit] or found
    if loose:
        found += [each for each in every if each not in found and (each.unit or each.value > _FEW)]
    if question.answer_type == "share":
        found = [each for each in found if not _is_of_another(asked, parsed, each)]
    found = [each for each in found if not _is_mentioned(parsed, each.start, each.end)]
    return to_base_units(parsed, found if loose else _counted_as_asked(asked, parsed, found))


def _is_in_parts(quantity: Quantity) -> bool:
    """Whether a quantity is given in words that stand for a round figure: "half", "three quarters of a million"."""
    return re.match(r"[^\d]+$", quantity.text) is not None and (
        quantity.unit == "percent"
        or quantity.value >= 100
        or "dozen" in quantity.text
        or quantity.highest != quantity.value
    )


def _rounds_to(exact: Quantity, rounded: Quantity) -> bool:
    """Whether one is the other to fewer digits: 49 of 49.42, 2.1 million of 2,140,000; two digits are never dropped to
    one, since 61 is not 60."""
    digits = re.sub(r"[^\d]", "", rounded.text.split(" ")[0]).rstrip("0")
    value, wanted = float(exact.value), float(rounded.value)
    if len(digits) < 2 or value <= 0:
        return False
    step = wanted / float(digits)
    return step > 0 and abs(value - wanted) <= step / 2


def _is_mentioned(parsed: ParsedText, start: int, end: int) -> bool:
    before = parsed.normalized[max(0, start - 48) : start]
    if _FROM.search(before) and _TO.match(parsed.normalized[end : end + 60]):
        return True
    return _MENTIONED.search(before) is not None


def _is_of_another(asked: ParsedText, parsed: ParsedText, share: Quantity) -> bool:
    """Whether a share is of something else than the question names: "90% of South Koreans" where a share of GDP is
    asked."""
    wanted, given = _SHARE_OF.search(asked.normalized), _OF.match(parsed.normalized, share.end)
    if not wanted or not given:
        return False
    things = [match[1].rpartition("'s ")[2] for match in (wanted, given)]  # of "China's exports" the exports
    of = [parse(thing).content_stems for thing in things]
    return bool(of[0] and of[1]) and of[0].isdisjoint(of[1])


def _counted_as_asked(asked: ParsedText, parsed: ParsedText, found: Sequence[Quantity]) -> Sequence[Quantity]:
    """Those of the quantities that count what is asked about, where some do."""
    stems = asked.content_stems
    alike = [
        quantity
        for quantity in found
        if any(
            word.stem in stems
            for word in parsed.words
            if quantity.end <= word.start <= quantity.end + 24 and word.content
        )
    ]
    return alike or found


def _relative(text: str, published: str | None) -> list[Date]:
    dates = []
    for each in relative_dates(text, published):
        if each.means and not each.vague and "/" not in each.means:
            year, month, day = ([int(part) for part in each.means.split("-")] + [None, None])[:3]
            dates.append(Date(year, month, day, None, None, each.text, each.start, each.end))
    return dates


def _names(question: Question, parsed: ParsedText) -> list[Name]:
    """The names that may be what is asked for: not those of the question, nor of who says it."""
    asked = question.parsed
    known = {word for name in find_names(asked, (parsed,)) for word in name.words}
    known |= {word.lower for word in asked.words}
    words = parsed.words
    spoken = [(report.start, report.end) for report in find_reports(parsed)]
    placed: list[Name] = []
    others: list[Name] = []
    for name in find_names(parsed, (asked,)):
        start, end = words[name.first].start, words[name.last].end
        beside = {word.stem for word in words if start - _BESIDE <= word.start < start}
        speaks = any(begin <= start < stop for begin, stop in spoken) and not beside & question.stems
        mentioned = _is_mentioned(parsed, start, end) or _GONE.match(parsed.normalized[end:]) is not None
        if not name.distinctive - known or name.people or speaks or mentioned:
            continue
        if len(name.words) == 1 and words[name.first].opening:  # its capital may be owed to its place
            continue
        stands_in = _PLACED.search(parsed.normalized[:start]) is not None
        if question.answer_type != "place" and _may_be_asked_for(name, parsed.normalized[:start], stands_in=stands_in):
            placed.append(name)
        elif question.answer_type == "place":
            (placed if stands_in or is_country(name) else others).append(name)
    return placed or others


def _may_be_asked_for(name: Name, before: str, *, stands_in: bool) -> bool:
    """Whether a name may be a person's: no country's or thing's, no family's ("the Pattersons"), no place's."""
    is_family = name.words[-1].endswith("s") and re.search(r"\bthe\s+$", before) is not None
    is_place = len(name.words) == 1 and stands_in
    return is_person(name) and len(name.words) <= _LONGEST_NAME and not is_family and not is_place
