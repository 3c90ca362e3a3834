"""Reads the date of publication at the top of a text: an agency's dateline, a byline, a line of its own.

    LONDON, March 4, 2025 (Agency) — The council …     By Ilse Varga | 4 March 2025     입력 2024-03-05 10:12

A date in running text, of an event or of a term is left alone: no date is better than a wrong one. Of a date whose day
and month can be exchanged, as in 12/06/2025, only the year is read. The names of months and weekdays are those of
Unicode's CLDR, from Babel.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Final, NamedTuple

from askseoul.ingest.converters.base import parse_date
from askseoul.nlp import lexicon

_TOP: Final = 2000
"""Characters of the top of a text, in which a dateline stands."""
_TOP_LINES: Final = 14
_BODY: Final = 20_000
"""Characters that are searched for other dates in lines of their own, as a diary or a timeline has them."""
_LINE: Final = 400
"""Characters of a line that are looked at."""
_DATELINE_CHARACTERS: Final = 240
"""Characters at the beginning of running text in which an agency's dateline stands."""
_LONGEST_HEAD: Final = 140
"""Characters of the longest line of a head; a longer one is running text."""
_PROSE_CHARACTERS, _PROSE_CHARACTERS_CJK, _PROSE_WORDS = 80, 35, 6
_STATEMENT_WORDS: Final = 3
_NAME_WORDS: Final = 6
_SEGMENTS: Final = 6
_TWELVE: Final = 12

_LOCALES: Final = (
    *"en en_GB en_CA de de_AT fr fr_CA es it pt nl sv da nb nn fi pl cs sk hr sl hu ro bg ru uk el tr id".split(),
    *"vi lt lv et is ca eu gl ar he fa sr mk".split(),
)
_MARKED: Final = "\0"
"""Stands for a date, with its weekday and time, in a line whose dates have been read; no article's text holds one."""
_BEFORE_YEAR: Final = 60
"""Characters of a date before its year."""
_BEFORE_DATE: Final = 60
"""Characters before a date of change that say that it is one."""
_YEAR_AT_TOP = re.compile(r"(?<!\d)(?:1[4-9]|20)\d\d(?!\d)")
_TIME: Final = (
    r"(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"
    r"|(?:\s*[,·|]\s*|\s+)(?:(?:at|um|à|a las|às|alle(?: ore)?|kl\.?|klo|om|в|о|오전|오후|午前|午後|上午|下午)\s*)?"
    r"\d{1,2}(?:[:.]|\s?[hH]\s?)\d\d(?::\d\d)?(?:\s?(?:[ap]\.?m\b\.?|uhr|uur|h)(?!\w))?"
    r"(?:\s?(?:[A-Z]{2,4}T|GMT|UTC|ET|PT|Z)(?!\w))?(?:\s?[+-]\d\d:?\d\d)?)"
)
_Y: Final = r"(?P<y{0}>(?:1[4-9]|20)\d{{2}})"
_D: Final = r"(?P<d{0}>[0-3]?\d)"
_SUFFIX: Final = r"(?:st|nd|rd|th|er|º|ª|-?го|\.)?"
_NUMERIC: Final = (
    rf"{_Y}\s?[年년]\s?(?P<m{{0}}>[01]?\d)\s?[月월](?:\s?{_D}\s?[日일])?",
    rf"{_Y}(?P<s{{0}}>[-/.])\s?(?P<m{{0}}>[01]?\d)(?P=s{{0}})\s?{_D}(?![\d-])",
    rf"(?P<a{{0}}>[0-3]?\d)(?P<s{{0}}>[-/.])(?P<b{{0}}>[0-3]?\d)(?P=s{{0}}){_Y}",
)
_NAME: Final = r"(?P<n{0}>[^\W\d_]{{2,15}})"
_NAMED: Final = (
    rf"{_D}{_SUFFIX}\s+(?:de\s+|of\s+|d['’])?{_NAME}\.?,?\s+(?:de\s+|del\s+)?{_Y}(?:\s?[гр]\.?(?!\w))?",
    rf"{_NAME}\.?\s+{_D}{_SUFFIX},?\s+{_Y}",
    rf"{_Y}\.?\s+{_NAME}\.?\s+{_D}(?!\d)\.?",
    rf"{_NAME}\.?,?\s+(?:de\s+|of\s+)?{_Y}",
)
_DATE = re.compile(
    rf"(?<![\w.,/+–-])(?<![.,]\d)(?:{'|'.join(way.format(n) for n, way in enumerate((*_NUMERIC, *_NAMED)))})(?!\d)",
    re.IGNORECASE,
)
_WEEKDAY_BEFORE = re.compile(r"(?<!\w)(?P<day>[^\W\d_]{1,20})\.?,?\s+(?:(?:den|the|le|el)\s+)?$")
_WEEKDAY_AFTER = re.compile(r"\.?(?:,?\s+|\s*\()\(?(?P<day>[^\W\d_]{1,20})\)?\.?")
_TIME_AFTER = re.compile(rf"\.?{_TIME}?", re.IGNORECASE)

_SEPARATOR = re.compile(r"\s*[·•∙|│｜/]\s*|\s+[–—-]+\s+")
_EMPHASIS = re.compile(r"\*+|(?<!\w)_+|_+(?!\w)")
_HEADING = re.compile(r"#{1,6}\s+")
_ITEM = re.compile(r"\||[-•*+]\s")
_NUMBERED_ITEM = re.compile(r"\d+[.)]\s")
_ENDS: Final = (".", "!", "?", "。", "！", "？", "…")
_CLOSERS: Final = "\"'”’»)]"
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_READING_TIME = re.compile(r"\d+[ -]?(?:min(?:ute)?s?\b.*|minuten.*|분.*)", re.IGNORECASE)
_AGENCY: Final = r"(?:\s*(?:\([^()]{1,40}\)|/[^/]{1,40}/))?"
_DATELINE = re.compile(
    rf"(?P<place>[^\0()\[\]:;!?]{{2,60}}?){_AGENCY}(?:,\s*|\s*[–—-]+\s*|\s+){_MARKED}{_AGENCY}\s*"
    r"(?:--|[–—-])\s*(?P<next>[^\s\0])"
)
_BEFORE_DATELINE = re.compile(r"[^,\d()\[\]/–—-]*")
_BRACKETED = re.compile(rf"[\[(](?P<place>[^\0()\[\]]{{2,60}}?),\s*{_MARKED}{_AGENCY}[\])]\s*(?P<next>\S)?")
_PLACE_AND_DATE = re.compile(rf"(?P<place>[^\0]{{2,60}}?),\s*(?:(?:den|le|el|il|the|d\.)\s+)?{_MARKED}")
_OWN_LINE = re.compile(rf"[(\[]?{_MARKED}[)\]]?\.?")
_ENTRY = re.compile(rf"{_MARKED}\s*(?:[–—:-]|$)")
_ENTRY_CHARACTERS: Final = 40


_BY: Final = tuple(sorted(lexicon.sequence("datelines", "by"), key=len, reverse=True))
_REPORTERS: Final = lexicon.sequence("datelines", "reporter")
_CONNECTORS: Final = lexicon.words("datelines", "connectors")
_OTHER_DATES: Final = lexicon.words("datelines", "other_dates")
_CORRESPONDENCE: Final = lexicon.words("datelines", "correspondence")


class _Line(NamedTuple):
    """A line of the top, with its dates replaced by ``_MARKED``; of running text, the beginning, in which only those of
    a dateline count."""

    text: str
    dates: tuple[str, ...]
    is_item: bool
    is_prose: bool


def find_dateline(text: str) -> str | None:
    """Return the ISO date (YYYY, YYYY-MM or YYYY-MM-DD) at the top of an article's text that is that of publication."""
    if _YEAR_AT_TOP.search(text, 0, _TOP) is None:
        return None
    lines = list(itertools.islice(_lines(text[:_TOP]), _TOP_LINES))
    head = _head(lines)
    for number, line in enumerate(head):
        if line.dates and not line.is_item and (found := _labelled(line, head) or _in_byline(line, number, head)):
            return found
    return _by_agency(lines) or _in_own_line(text, lines, head)


def _plain_lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield each line that is not blank, as it is written and without marks of headings and emphasis."""
    for written in text.split("\n"):
        raw = written[:_LINE].strip()
        if raw:
            plain = _HEADING.sub("", raw) if raw[0] == "#" else raw
            yield raw, _EMPHASIS.sub("", plain).strip() if "*" in plain or "_" in plain else plain


def _lines(text: str) -> Iterator[_Line]:
    for raw, plain in _plain_lines(text):
        is_prose = _is_prose(plain)
        if is_prose:
            opening = plain[:_DATELINE_CHARACTERS]
            marked, dates = _mark_dates(opening) if _may_open_with_dateline(opening) else (opening, ())
        else:
            marked, dates = _mark_dates(plain)
        is_item = _ITEM.match(raw) or (_NUMBERED_ITEM.match(plain) and not marked.startswith(_MARKED))
        yield _Line(marked, dates, bool(is_item), is_prose)


def _may_open_with_dateline(plain: str) -> bool:
    """Whether running text may begin with a place and a date, told cheaply: dates take long to find."""
    opening = _BEFORE_DATELINE.match(plain)
    words = opening[0].split() if opening else ()
    return sum(word[0].islower() and word not in _CONNECTORS for word in words) <= 1  # a weekday


def _is_prose(plain: str) -> bool:
    """Whether a line is running text: long or a sentence, and not short parts with a year, as bylines have them."""
    has_year = _YEAR_AT_TOP.search(plain) is not None
    if not has_year and _is_sentence(plain):
        return True
    is_long = len(plain) >= (_PROSE_CHARACTERS_CJK if _CJK.search(plain) else _PROSE_CHARACTERS)
    return is_long and (not has_year or len(plain) > _LONGEST_HEAD or _is_ended(plain))


def _is_sentence(plain: str) -> bool:
    return _is_ended(plain) and len(plain.split()) >= _PROSE_WORDS


def _is_ended(plain: str) -> bool:
    return plain.rstrip(_CLOSERS).endswith(_ENDS)


def _head(lines: Sequence[_Line]) -> list[_Line]:
    """Return the lines above the running text: up to its second paragraph, since the first may sum the article up."""
    prose = [number for number, line in enumerate(lines) if line.is_prose]
    return [line for line in lines[: prose[1] if len(prose) > 1 else len(lines)] if not line.is_prose]


# Dates


def _mark_dates(line: str) -> tuple[str, tuple[str, ...]]:
    """Return the line with its dates replaced, and the dates, an empty text for one that can't be.

    Dates of changes are removed.
    """
    dates: list[str] = []
    pieces: list[str] = []
    done = at = 0
    while (year := _YEAR_AT_TOP.search(line, at)) is not None:
        match = _DATE.search(line, max(at, year.start() - _BEFORE_YEAR))
        if match is None:
            break
        at = match.start() + 1
        if (match_name := _name_of(match)) and match_name not in _months():
            continue
        weekday = _WEEKDAY_BEFORE.search(line[done : match.start()])
        is_weekday = weekday is not None and weekday["day"].lower() in _weekdays()
        start = done + weekday.start() if weekday and is_weekday else match.start()
        pieces += [line[done:start], _MARKED]
        dates.append(_iso(match) or "")
        done = at = _end_of_date(line, match.end())
    if not dates:
        return line, ()
    pieces.append(line[done:])
    for number in reversed(range(len(dates))):
        before = pieces[2 * number]
        update = _update_pattern().search(before, max(len(before) - _BEFORE_DATE, 0))
        if update is not None:
            del dates[number]
            pieces[2 * number : 2 * number + 2] = []
            pieces[2 * number] = before[: update.start()] + pieces[2 * number]
    return "".join(pieces), tuple(dates)


@cache
def _update_pattern() -> re.Pattern[str]:
    """Return the pattern of what stands before a date of change."""
    words = "|".join(map(re.escape, sorted(lexicon.sequence("datelines", "updated"), key=len, reverse=True)))
    return re.compile(rf"(?:[|·•,/–—-]\s*|(?<!\w))(?:{words})\s?[:：]?\s*$", re.IGNORECASE)


def _name_of(match: re.Match[str]) -> str | None:
    """Return the word that stands for the month, in small letters."""
    return next((value.lower() for name, value in match.groupdict().items() if name[0] == "n" and value), None)


def _end_of_date(line: str, end: int) -> int:
    """Return where a date ends that has its weekday and its time behind it."""
    weekday = _WEEKDAY_AFTER.match(line, end)
    if weekday is not None and weekday["day"].lower() in _weekdays():
        end = weekday.end()
    time = _TIME_AFTER.match(line, end)
    return time.end() if time else end


def _iso(match: re.Match[str]) -> str | None:
    found = {name[0]: value for name, value in match.groupdict().items() if value}
    year, day = found["y"], found.get("d")
    if "a" in found:  # day and month in either order
        first, second = int(found["a"]), int(found["b"])
        is_day_first = first > _TWELVE or found["s"] == "." or first == second
        if not is_day_first and second <= _TWELVE:
            return parse_date(year)
        month, day = (second, str(first)) if is_day_first else (first, str(second))
    else:
        month = int(found["m"]) if "m" in found else _months()[found["n"].lower()]
    return parse_date("-".join([year, f"{month:02}", *([day.zfill(2)] if day else [])]))


@cache
def _months() -> dict[str, int]:
    """Return the number of each month by its name in any of the languages; a name of two months is left out."""
    from babel.dates import get_month_names

    numbers: dict[str, set[int]] = {}
    for locale in _LOCALES:
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context, locale).items():
                    numbers.setdefault(name.lower().strip("."), set()).add(number)
    return {name: found.pop() for name, found in numbers.items() if len(found) == 1 and not name.isdecimal()}


@cache
def _weekdays() -> frozenset[str]:
    """Return the names of the weekdays in any of the languages."""
    from babel.dates import get_day_names

    return frozenset(
        name.lower().strip(".")
        for locale in (*_LOCALES, "ko", "ja", "zh")
        for width in ("wide", "abbreviated")
        for context in ("format", "stand-alone")
        for name in get_day_names(width, context, locale).values()
    )


# Places of a date


def _labelled(line: _Line, head: Sequence[_Line]) -> str | None:
    """Return the date after a word such as "Published", if the line is made of such parts alone."""
    if len(line.text) > _LONGEST_HEAD or (_is_ended(line.text) and not line.text.endswith((_MARKED, f"{_MARKED}."))):
        return None
    for match in _label_pattern().finditer(line.text):
        before, after = line.text[: match.start()].rstrip(" ,"), line.text[match.end() :]
        if match["date"] and not _is_correspondence(head):
            continue
        if _is_label_or_names(before) and _is_label_or_names(after):
            return line.dates[line.text.count(_MARKED, 0, match.end()) - 1] or None
    return None


@cache
def _label_pattern() -> re.Pattern[str]:
    published, date = (
        "|".join(map(re.escape, sorted(lexicon.sequence("datelines", name), key=len, reverse=True)))
        for name in ("published", "date")
    )
    start = r"(?:^|(?<=[·•∙|│｜/(,–—-])\s*|(?<=\s))"
    return re.compile(rf"{start}(?:(?P<published>{published})|(?P<date>{date})(?=\s?[:：]))\s?[:：]?\s*{_MARKED}", re.I)


def _is_label_or_names(text: str) -> bool:
    """Whether what stands beside a labelled date is no running text: names, other labels, how long reading takes."""
    parts = [part.strip(" ,;:：()[]") for part in _SEPARATOR.split(text)]
    return len(parts) <= _SEGMENTS and all(
        not part or (_MARKED in part and not _is_ended(part)) or _READING_TIME.fullmatch(part) or _is_byline(part)
        or _is_name(part)
        for part in parts
    )  # fmt: skip


def _is_correspondence(head: Sequence[_Line]) -> bool:
    return any(
        line.text.partition(":")[0].lower() in _CORRESPONDENCE for line in head if ":" in line.text
    ) and not _is_other(head)


def _in_byline(line: _Line, number: int, head: Sequence[_Line]) -> str | None:
    """Return the date in a line with the names of authors, or in a line of its own next to such a line."""
    if len(line.dates) != 1 or len(line.text) > _LONGEST_HEAD:
        return None
    if _OWN_LINE.fullmatch(line.text):
        beside = [head[other].text for other in (number - 1, number + 1) if 0 <= other < len(head)]
        others = {other.dates[0] for other in head if _OWN_LINE.fullmatch(other.text)}
        return line.dates[0] or None if len(others) == 1 and any(map(_is_byline, beside)) else None
    parts = [part.strip(" ,") for part in re.split(_MARKED, line.text)]
    names = [segment.strip(" ,") for part in parts for segment in _SEPARATOR.split(part) if segment.strip(" ,")]
    is_byline = any(map(_is_byline, names)) and all(
        _is_byline(name) or _is_name(name) or _READING_TIME.fullmatch(name) for name in names
    )
    return line.dates[0] or None if is_byline else None


def _is_byline(text: str) -> bool:
    words = text.split()
    if words and words[-1].endswith(_REPORTERS):
        return len(words) <= _NAME_WORDS
    lowered = text.lower()
    for by in _BY:
        if lowered.startswith((f"{by} ", f"{by}: ")):
            return _is_name(text[len(by) :].lstrip(" :"))
    return False


def _by_agency(lines: Sequence[_Line]) -> str | None:
    """Return the date of an agency's dateline, which begins one of the first paragraphs: a place, the date, a dash."""
    paragraphs = [line for line in lines if line.is_prose or len(line.text.split()) >= _PROSE_WORDS]
    found = {line.dates[0] for line in paragraphs if line.dates and _has_dateline(line.text)}
    is_first = any(line.dates and line.dates[0] in found for line in paragraphs[:2])
    return found.pop() or None if len(found) == 1 and is_first else None  # several are entries of a chronicle


def _has_dateline(paragraph: str) -> bool:
    match = _DATELINE.match(paragraph) or _BRACKETED.match(paragraph)
    if match is None or not _is_name(match["place"]) or (match["next"] or "X").islower():
        return False
    return _OTHER_DATES.isdisjoint(match["place"].lower().split())


def _in_own_line(text: str, lines: Sequence[_Line], head: Sequence[_Line]) -> str | None:
    """Return the date that has a line to itself, or shares it with a place or a newspaper's name alone.

    The line stands above all running text, and no other date begins a line, as in a diary or a timeline.
    """
    found = {
        line.dates[0]
        for line in itertools.takewhile(lambda line: not line.is_prose, lines)
        if len(line.dates) == 1 and not line.is_item and _is_date_and_name(line.text)
    }
    if len(found) != 1 or _is_other(head):
        return None
    body = [plain for _, plain in _plain_lines(text[:_BODY])]
    return found.pop() or None if any(map(_is_statement, body)) and _entries(body) <= found else None


def _is_statement(plain: str) -> bool:
    """Whether a line is running text or at least a short sentence, as notes and programmes have none."""
    is_short_sentence = _is_ended(plain) and (len(plain.split()) >= _STATEMENT_WORDS or _CJK.search(plain) is not None)
    return is_short_sentence or _is_prose(plain)


def _entries(lines: Iterable[str]) -> set[str]:
    """Return the dates with which lines begin that have nothing else or go on after a dash."""
    marked = (_mark_dates(line[:_LONGEST_HEAD]) for line in lines if _YEAR_AT_TOP.search(line, 0, _ENTRY_CHARACTERS))
    return {dates[0] for line, dates in marked if _ENTRY.match(line)}


def _is_date_and_name(line: str) -> bool:
    if _OWN_LINE.fullmatch(line):
        return True
    place = _PLACE_AND_DATE.fullmatch(line.rstrip("."))
    if place is not None:
        return _is_name(place["place"])
    parts = [part.strip(" ,") for part in _SEPARATOR.split(line)]
    names = [part for part in parts if part not in (_MARKED, "") and not _READING_TIME.fullmatch(part)]
    return _MARKED in parts and len(names) <= 1 and all(map(_is_name, names))


def _is_name(text: str) -> bool:
    """Whether the text is a few capitalised words, or words of a script without capitals."""
    words = [word.strip("()'\"’,.&") for word in text.split()]
    return (
        0 < len(words) <= _NAME_WORDS
        and not any(map(str.isdecimal, text))
        and not words[0][:1].islower()
        and all(not word[:1].islower() or word in _CONNECTORS for word in words)
        and not _is_ended(text)
    )


def _is_other(head: Sequence[_Line]) -> bool:
    """Whether the head is about an event, a term or a life, whose date it may give."""
    return any(word in _OTHER_DATES for line in head for word in re.findall(r"\w[\w-]*", line.text.lower()))
