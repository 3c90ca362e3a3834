"""What ``last year``, ``on Tuesday`` and ``recently`` mean in a news text, read against the day it was published.

A date that is shown to a reader must be right: what may lean on another date of the text (``the next day``), may be a
title (``USA Today``) or can be read in two ways is left out rather than guessed.

What the relative times of a sentence mean ("last year"), read against the date of the article that it rests on.
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
    days_of,
    meaning,
    month_of_year,
    named,
    near,
    part,
    stretch,
    whole,
)
from askseoul.nlp.quantities import figures_of
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
from askseoul.nlp.text import normalize, parse

_DAYS_AWAY = {
    "the day before yesterday": -2, "yesterday": -1, "last night": -1, "earlier today": 0, "later today": 0,
    "tonight": 0, "this morning": 0, "this afternoon": 0, "this evening": 0, "tomorrow": 1, "the day after tomorrow": 2,
}  # fmt: skip
_STEPS = {"last": -1, "previous": -1, "this": 0, "next": 1}
_WEEKENDS = {"last": -1, "past": -1, "previous": -1, "this": 0, "coming": 0}
_DIRECTIONS: dict[str, Direction] = {"last": "last", "previous": "last", "past": "last", "this": "this", "next": "next",
                                     "coming": "coming"}  # fmt: skip
_STORY = {"last", "this", "next"}
"""What, behind ``the``, is counted from a day that the text told of: ``the next day``."""
_AHEAD = {"next", "coming"}
_NO_COUNTS = {"both", "dozen", "hundred"}
_INDEFINITE_COUNTS = {"few", "several"}
_UP_TO_NOW = re.compile(r"\b(?:recent|few|several|far)\b")


class RelativeDate(NamedTuple):
    """An expression of time that leans on the day on which its text was published."""

    text: str
    start: int
    end: int
    means: str | None
    """An ISO date, whole or partial, or two of them with ``/`` between; None where nothing can be said."""
    vague: bool
    """Whether it names no definite time; ``means`` is then about when."""
    coarse: bool = False
    """Whether ``means`` is None although the article has a date, as that says too little (``yesterday`` in 2024)."""


class _Reading(NamedTuple):
    """How the day of publication becomes what an expression means: in several forms, the most precise first."""

    forms: tuple[Form, ...]
    vague: bool = False
    yearly: bool = False
    """Whether a year is meant, which a year beside it names."""


def relative_dates(text: str, published: str | None) -> list[RelativeDate]:
    """The relative expressions of time in an English text and what they mean, in the order in which they stand.

    ``published`` is YYYY, YYYY-MM or YYYY-MM-DD; anything else is no date. Time is linear in the length of the text.
    """
    days = days_of(published)
    setting = setting_of(text)
    found: list[RelativeDate] = []
    for match in EXPRESSION.finditer(text):
        reading = _reading(match, setting)
        if reading is None:
            continue
        beside = date_beside(match)
        if beside and not reading.yearly:
            continue
        year = FOUR_DIGITS.search(beside)
        means = year.group() if year else meaning(reading.forms, days)
        coarse = means is None and days is not None
        found.append(RelativeDate(match.group(), *match.span(), means, reading.vague, coarse))
        if not reading.vague:
            setting.definite.append(match.start())
    return found


def time_phrase(relative: RelativeDate) -> str:
    """What a relative date means, in a reader's words: ``“last week”: 2024-02-26 to 2024-03-03``."""
    words = " ".join(relative.text.split())
    if relative.means is None:
        return f"“{words}”: the article" + ("'s date says too little" if relative.coarse else " has no date")
    about = ""
    if relative.vague:
        about = "up to " if _UP_TO_NOW.search(words) else "around "
    return f"“{words}”: {about}{relative.means.replace('/', ' to ')}"


def _reading(match: re.Match[str], setting: Setting) -> _Reading | None:
    """How the expression is to be read; None where it is none, or leans on another date than that of publication."""
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
    """How many units the number is, in digits or words; None where it is not a number, or larger than is counted."""
    plain = normalize(words).lower()
    if plain in ("a", "an"):
        return 1
    quantities = figures_of(parse(plain)).quantities
    if len(quantities) != 1 or plain in _NO_COUNTS:
        return None
    value, highest, counted_in, *_ = quantities[0]
    largest = LARGEST_COUNT // 10 if unit == "decade" else LARGEST_COUNT
    if quantities[0].text != plain or counted_in or value != highest or not 1 <= value <= largest:
        return None
    return int(value) if value.denominator == 1 else None


def _today(_match: re.Match[str], _setting: Setting, _sentence: Span) -> _Reading:
    """Short news means the day by it, analysis nowadays; it is about the day of publication in both."""
    return _Reading(near(), vague=True)


def _day(match: re.Match[str], _setting: Setting, _sentence: Span) -> _Reading:
    return _Reading(whole("day", _DAYS_AWAY[" ".join(match.group().lower().split())]))


def _part(match: re.Match[str], _setting: Setting, _sentence: Span) -> _Reading:
    return _Reading(part(match["part_unit"], later=match["side"].lower() == "later"))


def _vague(match: re.Match[str], _setting: Setting, _sentence: Span) -> _Reading:
    return _Reading(near(match["vague_unit"] or "day"), vague=True)


def _stretch(match: re.Match[str], setting: Setting, sentence: Span) -> _Reading | None:
    """``over the next two years``, ``the past decade``; ``the last week`` without a preposition leans on a story."""
    toward, unit, many = match["toward"], match["stretch_unit"], match["many"]
    ahead = toward in _AHEAD
    if many in _INDEFINITE_COUNTS and match["plural"] and not ahead:
        return _Reading(near(unit), vague=True)
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
    return _Reading(stretch(unit, count if ahead else -count))


def _away(match: re.Match[str], setting: Setting, sentence: Span) -> _Reading | None:
    """``two years ago``; ``a month earlier`` only at an end and where there is no other date on which it can lean."""
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
    forms = whole("year" if unit == "decade" else unit, away, counted_in=unit)
    return _Reading(forms, vague=bool(match["near"]), yearly=unit in ("year", "decade"))


def _step(match: re.Match[str], setting: Setting, sentence: Span) -> _Reading | None:
    """``last month``, ``this Friday``; ``the previous year`` only where there is no other date on which it can lean."""
    way, name = match["way"].lower(), match["step_name"]
    article = (match["article"] or "").lower()
    is_story = (article == "the" and way in _STORY) or (article == "this" and way not in ("past", "coming"))
    if is_story or (way == "previous" and setting.leans(match.start(), sentence)):
        return None
    if not name:
        return _unit_step(way, match["step_unit"])
    if name in WEEKDAYS and setting.has_date(sentence):
        return None
    return _Reading(named(name, "future" if way == "this" and _is_future(match, sentence) else _DIRECTIONS[way]))


def _unit_step(way: str, unit: str) -> _Reading | None:
    if unit == "weekend":
        return _Reading(whole(unit, _WEEKENDS[way])) if way in _WEEKENDS else None
    if way in ("past", "coming"):
        return _Reading(stretch(unit, -1 if way == "past" else 1))
    if unit == "day" and way != "previous":
        return None
    return _Reading(whole(unit, _STEPS[way]), yearly=unit == "year")


def _weekday(match: re.Match[str], setting: Setting, sentence: Span) -> _Reading | None:
    tense = tense_at(match.string, sentence, *match.span())
    if tense == "unclear" or setting.has_date(sentence):
        return None
    return _Reading(named(match["weekday_name"], tense))


def _month(match: re.Match[str], setting: Setting, sentence: Span) -> _Reading | None:
    name, year = match["month_name"], match["month_year"]
    if year:
        return _Reading(month_of_year(name, _STEPS[year]))
    tense = tense_at(match.string, sentence, *match.span())
    if tense == "unclear" or setting.has_year(match.start(), sentence):
        return None
    return _Reading(named(name, tense))


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
"""How each kind of expression is read, by the names of the groups of ``EXPRESSION``."""


def time_readings(text: str, quotes: Sequence[Quote]) -> tuple[TimeReading, ...]:
    """The relative times that this sentence has from its quotes, in their order, each once."""
    found: dict[str, TimeReading] = {}
    for quote in quotes:
        whole = quote.article.text
        begin = whole.rfind("\n", 0, quote.start) + 1
        end = whole.find("\n", quote.end)
        paragraph = whole[begin : end if end >= 0 else len(whole)]
        for each in relative_dates(paragraph, quote.article.published):
            inside = quote.start <= begin + each.start and begin + each.end <= quote.end
            if inside and each.text in text:
                found.setdefault(each.text, TimeReading(each.text, each.means, time_phrase(each)))
    return tuple(found.values())
