"""Relative dates: what ``last year``, ``on Tuesday`` and ``recently`` mean in a text that was published on a known day.

A date that readers see must be right. An expression is therefore skipped if it may refer to another date in the text
(``the next day``), may be part of a title (``USA Today``) or has two readings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from askseoul.domain import Quote, Span, TimeReading
from askseoul.nlp.dates import (
    LARGEST_COUNT,
    WEEKDAYS,
    Direction,
    Form,
    around_day,
    date_range,
    month_of_year,
    nearest_named,
    part_of_unit,
    period,
    resolve,
    whole_unit,
)
from askseoul.nlp.quantities import find_figures
from askseoul.nlp.temporal import (
    AT_SENTENCE_END,
    EXPRESSION,
    FOUR_DIGITS,
    Setting,
    date_beside,
    is_forbidden,
    opens_story,
    setting_of,
    tense_at,
)
from askseoul.nlp.text import parse

_DAYS_AWAY = {
    "the day before yesterday": -2, "yesterday": -1, "last night": -1, "earlier today": 0, "later today": 0,
    "tonight": 0, "this morning": 0, "this afternoon": 0, "this evening": 0, "tomorrow": 1, "the day after tomorrow": 2,
}  # fmt: skip
_STEPS = {"last": -1, "previous": -1, "this": 0, "next": 1}
_WEEKENDS = {"last": -1, "past": -1, "previous": -1, "this": 0, "coming": 0}
_DIRECTIONS: dict[str, Direction] = {"last": "last", "previous": "last", "past": "last", "this": "this", "next": "next",
                                     "coming": "coming"}  # fmt: skip
_STORY = {"last", "this", "next"}
"""Words that after ``the`` refer to a day that the text mentioned before: ``the next day``."""
_AHEAD = {"next", "coming"}
_NO_COUNTS = {"both", "dozen", "hundred"}
_INDEFINITE_COUNTS = {"few", "several"}
_UP_TO_NOW = re.compile(r"\b(?:recent|few|several|far)\b")


class RelativeDate(NamedTuple):
    """A time expression that is relative to the day on which its text was published."""

    text: str
    start: int
    end: int
    means: str | None
    """An ISO date, YYYY, YYYY-MM or YYYY-MM-DD, or an interval, two of them with a ``/``; None if it is unknown."""
    vague: bool
    """Whether the expression names no definite time; ``means`` is then approximate."""
    coarse: bool = False
    """Whether ``means`` is None because the article's date is too coarse, such as ``2024`` for ``yesterday``."""


class _Reading(NamedTuple):
    """How to compute what an expression means from the day of publication: ``forms``, the most precise first."""

    forms: tuple[Form, ...]
    vague: bool = False
    yearly: bool = False
    """Whether the expression means a year; a year beside it then says which."""


def time_readings(text: str, quotes: Sequence[Quote]) -> tuple[TimeReading, ...]:
    """Return the relative dates that a sentence takes over from its quotes, without duplicates, in their order."""
    found: dict[str, TimeReading] = {}
    for quote in quotes:
        article = quote.article.text
        begin = article.rfind("\n", 0, quote.start) + 1
        end = article.find("\n", quote.end)
        paragraph = article[begin : end if end >= 0 else len(article)]
        for each in relative_dates(paragraph, quote.article.published):
            inside = quote.start <= begin + each.start and begin + each.end <= quote.end
            if inside and each.text in text:
                found.setdefault(each.text, TimeReading(each.text, each.means, time_phrase(each)))
    return tuple(found.values())


def relative_dates(text: str, published: str | None) -> list[RelativeDate]:
    """Return the relative time expressions of an English text, in text order.

    ``published`` is YYYY, YYYY-MM or YYYY-MM-DD; any other value counts as unknown. Time is linear in the length of the
    text.
    """
    expressions = list(EXPRESSION.finditer(text))
    if not expressions:  # most texts have none, and need not be split into sentences
        return []
    days, setting = date_range(published), setting_of(text)
    found: list[RelativeDate] = []
    for match in expressions:
        reading = _reading(match, setting)
        if reading is None:
            continue
        beside = date_beside(match)
        if beside and not reading.yearly:
            continue
        year = FOUR_DIGITS.search(beside)
        means = year.group() if year else resolve(reading.forms, days)
        coarse = means is None and days is not None
        found.append(RelativeDate(match.group(), *match.span(), means, reading.vague, coarse))
        if not reading.vague:
            setting.definite.append(match.start())
    return found


def time_phrase(relative: RelativeDate) -> str:
    """Describe a relative date for readers: ``“last week”: 2024-02-26 to 2024-03-03``."""
    words = " ".join(relative.text.split())
    if relative.means is None:
        return f"“{words}”: the article" + ("'s date says too little" if relative.coarse else " has no date")
    about = ""
    if relative.vague:
        about = "up to " if _UP_TO_NOW.search(words) else "around "
    return f"“{words}”: {about}{relative.means.replace('/', ' to ')}"


def _reading(match: re.Match[str], setting: Setting) -> _Reading | None:
    """Interpret an expression; None if it is not relative to the day of publication, or may not be."""
    start, end = match.span()
    sentence = setting.sentence(start)
    if (
        end > sentence.end
        or (match.string[start].isupper() and not setting.may_open(start, sentence))
        or setting.is_title(start, end)
        or is_forbidden(match)
    ):
        return None
    return _READERS[match.lastgroup or ""](match, setting, sentence)


def _count(words: str, unit: str) -> int | None:
    """Parse a count of units in digits or words; None if it is not a whole number or exceeds the maximum."""
    parsed = parse(words.lower())
    plain = parsed.normalized
    if plain in ("a", "an"):
        return 1
    quantities = find_figures(parsed).quantities
    if len(quantities) != 1 or plain in _NO_COUNTS:
        return None
    value, highest, counted_in, *_ = quantities[0]
    largest = LARGEST_COUNT // 10 if unit == "decade" else LARGEST_COUNT
    if quantities[0].text != plain or counted_in or value != highest or not 1 <= value <= largest:
        return None
    return int(value) if value.denominator == 1 else None


def _today(_match: re.Match[str], _setting: Setting, _sentence: Span) -> _Reading:
    """Short news means the day, analysis means nowadays; both mean a time around the day of publication."""
    return _Reading(around_day(), vague=True)


def _day(match: re.Match[str], _setting: Setting, _sentence: Span) -> _Reading:
    return _Reading(whole_unit("day", _DAYS_AWAY[" ".join(match.group().lower().split())]))


def _part(match: re.Match[str], _setting: Setting, _sentence: Span) -> _Reading:
    return _Reading(part_of_unit(match["part_unit"], later=match["side"].lower() == "later"))


def _vague(match: re.Match[str], _setting: Setting, _sentence: Span) -> _Reading:
    return _Reading(around_day(match["vague_unit"] or "day"), vague=True)


def _stretch(match: re.Match[str], setting: Setting, sentence: Span) -> _Reading | None:
    """``over the next two years``, ``the past decade``; not ``the last week`` without a preposition, which refers to a
    time in the text."""
    toward, unit, many = match["toward"], match["stretch_unit"], match["many"]
    ahead = toward in _AHEAD
    if many in _INDEFINITE_COUNTS and match["plural"] and not ahead:
        return _Reading(around_day(unit), vague=True)
    if many is None and (
        match["plural"] or (toward in ("last", "next") and (not match["within"] or unit == "quarter"))
    ):
        return None
    count = _count(many, unit) if many else 1
    if count is None or (
        ahead
        and not _is_future(match, sentence)
        and (setting.leans(match.start(), sentence) or opens_story(match.string, sentence, *match.span()))
    ):
        return None
    return _Reading(period(unit, count if ahead else -count))


def _away(match: re.Match[str], setting: Setting, sentence: Span) -> _Reading | None:
    """``two years ago``; ``a month earlier`` only at the end of a sentence and if it can't refer to another date."""
    unit, turn = match["away_unit"], match["turn"]
    count = _count(match["number"], unit)
    if count is None:
        return None
    if turn in ("earlier", "later"):
        rest = match.string[match.end() : min(sentence.end, match.end() + 10)]
        if not AT_SENTENCE_END.match(rest) or setting.leans(match.start(), sentence):
            return None
        if turn == "later" and not _is_future(match, sentence):
            return None
    away = -count if turn in ("ago", "earlier") else count
    forms = whole_unit("year" if unit == "decade" else unit, away, counted_in=unit)
    return _Reading(forms, vague=bool(match["near"]), yearly=unit in ("year", "decade"))


def _step(match: re.Match[str], setting: Setting, sentence: Span) -> _Reading | None:
    """``last month``, ``this Friday``; ``the previous year`` only if it can't refer to another date."""
    way, name = match["way"].lower(), match["step_name"]
    article = (match["article"] or "").lower()
    is_story = (article == "the" and way in _STORY) or (article == "this" and way not in ("past", "coming"))
    if is_story or (way == "previous" and setting.leans(match.start(), sentence)):
        return None
    if not name:
        return _unit_step(way, match["step_unit"])
    if name in WEEKDAYS and setting.has_date(sentence):
        return None
    return _Reading(
        nearest_named(name, "future" if way == "this" and _is_future(match, sentence) else _DIRECTIONS[way])
    )


def _unit_step(way: str, unit: str) -> _Reading | None:
    if unit == "weekend":
        return _Reading(whole_unit(unit, _WEEKENDS[way])) if way in _WEEKENDS else None
    if way in ("past", "coming"):
        return _Reading(period(unit, -1 if way == "past" else 1))
    if unit == "day" and way != "previous":
        return None
    return _Reading(whole_unit(unit, _STEPS[way]), yearly=unit == "year")


def _weekday(match: re.Match[str], setting: Setting, sentence: Span) -> _Reading | None:
    tense = tense_at(match.string, sentence, *match.span())
    if tense == "unclear" or setting.has_date(sentence):
        return None
    return _Reading(nearest_named(match["weekday_name"], tense))


def _month(match: re.Match[str], setting: Setting, sentence: Span) -> _Reading | None:
    name, year = match["month_name"], match["month_year"]
    if year:
        return _Reading(month_of_year(name, _STEPS[year]))
    tense = tense_at(match.string, sentence, *match.span())
    if tense == "unclear" or setting.has_year(match.start(), sentence):
        return None
    return _Reading(nearest_named(name, tense))


def _is_future(match: re.Match[str], sentence: Span) -> bool:
    return tense_at(match.string, sentence, *match.span()) == "future"


_READERS: dict[str, Callable[[re.Match[str], Setting, Span], _Reading | None]] = {
    "today": _today,
    "day": _day,
    "part": _part,
    "stretch": _stretch,
    "away": _away,
    "step": _step,
    "weekday": _weekday,
    "month": _month,
    "vague": _vague,
}
"""The function that interprets each kind of expression, by the name of its group in ``EXPRESSION``."""
