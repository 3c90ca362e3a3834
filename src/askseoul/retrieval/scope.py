"""The articles that a message limits itself to: those of an outlet that it names, or of a time of publication.

"What does the Coastal Review say about the pier?" asks the articles of one source, "the pieces from 2023" those of a
year. A date bounds the publication where it belongs to a word for articles or for publishing; in "the deficit of 2023"
it is a part of the question.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from askseoul.index.store import Store
from askseoul.nlp import lexicon
from askseoul.nlp.dates import Date
from askseoul.nlp.quantities import find_figures
from askseoul.nlp.text import ParsedText, parse
from askseoul.retrieval.search import DateBound, Filter, parse_date_bound, select_articles

_ARTICLES: Final = f"(?:{lexicon.pattern('requests', 'articles')})"
_TEXTS: Final = f"(?:{lexicon.pattern('requests', 'articles', 'texts')})"
_PUBLISHING: Final = f"(?:{lexicon.pattern('requests', 'publishing')})"
_MONTHS = re.compile(
    rf"\b(?:{'|'.join(lexicon.sequence('time', 'months'))}|{lexicon.pattern('time', 'month_abbreviations')})\b", re.I
)
_MAY_BE_VERB = re.compile(rf"(?:{lexicon.pattern('time', 'ambiguous_months')})(?!\s+(?:the\s+)?[0-9])", re.I)
_SINCE = re.compile(r"\b(?:since|after|newer than|later than|starting(?: in| with)?)\s+(?:the\s+)?$", re.I)
_UNTIL = re.compile(r"\b(?:until|till|up to|to|by|through|and|-|–)\s*(?:the\s+)?$", re.I)
_BEFORE = re.compile(r"\b(?:before|prior to|older than|earlier than)\s+(?:the\s+)?$", re.I)
_BETWEEN = re.compile(r"\b(?:between|from)\s+(?:the\s+)?$", re.I)
_ON = re.compile(r"\b(?:in|of|on|from|dated|during|for|only)\s+(?:the\s+)?$", re.I)
_ONWARDS = re.compile(r"^\s*(?:on\b(?!\s+\w)|onwards?\b|until (?:now|today))", re.I)
_BELONGS, _BELONGS_TO_TEXTS = (
    re.compile(rf"\b(?:{nouns}|{_PUBLISHING})\b(?:\W+(?:that|which|are|is|were|was|only|all|it)\b)*\W*$", re.I)
    for nouns in (_ARTICLES, _TEXTS)
)
_FOLLOWS, _FOLLOWS_TEXTS = (re.compile(rf"^\W*{nouns}\b", re.I) for nouns in (_ARTICLES, _TEXTS))
_PUBLISHED = re.compile(rf"\b{_PUBLISHING}\b|\bhappened\b|\b(?:is|was|are) new\b|\banything\b|\bnews\b", re.I)
_WHOLE_YEAR: Final = 12
LONGEST_SOURCE: Final = 6
"""Words of a source's name that a message can be expected to repeat."""
_FEWEST_LETTERS: Final = 3
_CAPITALISED = re.compile(
    r"(?<!\w)[^\W\d_a-z][\w'’-]*(?: (?:of|de|for|the|and|du|des|la) | )[^\W\d_a-z][\w'’-]*(?: [^\W\d_a-z][\w'’-]*)*"
)
_PARTS = re.compile(r"\s*[,:;()]\s*(?:in\s+)?|\s+in\s+")
_BETWEEN_WORDS: Final = r"\W{1,3}"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a message limits itself to; None and empty where it sets no limit."""

    sources: tuple[str, ...] = ()
    since: DateBound | None = None
    as_of: DateBound | None = None
    rest: str = ""
    """The message without the words that limit it; a source is "articles" there."""

    def __bool__(self) -> bool:
        return bool(self.sources or self.since or self.as_of)


def read_scope(message: str, sources: Iterable[str], newest: str | None, *, of_articles: bool = False) -> Scope:
    """Return what a message limits itself to.

    ``sources`` are those of the collection and ``newest`` is the date of its newest article, which tells the year of a
    date without one. ``of_articles`` says that the message asks for articles, so that any date in it is of publication.
    """
    text = parse(_with_capital_months(message)).normalized
    named = named_sources(text, sources)
    rest = _without(text, [(*span, "articles") for span in set(named.values())])
    since, as_of, taken = _dates(rest, newest, of_articles=of_articles)
    rest = _without(rest, [(*span, "") for span in taken])
    return Scope(tuple(named), since, as_of, " ".join(rest.split()) if named or taken else message)


def _without(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    """The text with other words in place of those at these spans."""
    for start, end, instead in sorted(spans, reverse=True):
        text = text[:start] + instead + text[end:]
    return text


def named_sources(text: str, sources: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Return the sources that a text names, up to case, with their places: in full but for a leading article, by a name
    in a longer description ("Ada Lovelace, in The Coastal Review"), or by two or more words with capitals that only one
    of them has."""
    found: dict[str, tuple[int, int]] = {}
    names: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for source in sources:
        for name in _names_in(source):
            names[name].add(source)
    for name, named in sorted(names.items(), key=lambda each: (-len(" ".join(each[0])), each[0])):
        match = re.search(rf"(?<!\w){_BETWEEN_WORDS.join(map(re.escape, name))}(?!\w)", text, re.IGNORECASE)
        # "The Post" is not meant where "The Harbour Post" is named.
        if match and not any(start < match.end() and match.start() < end for start, end in found.values()):
            found |= dict.fromkeys(sorted(named), match.span())
    for match in _CAPITALISED.finditer(text):
        said = f" {' '.join(_name_words(match[0]))} "
        having = {source for name, named in names.items() if said in f" {' '.join(name)} " for source in named}
        if len(having) == 1 and not having & set(found) and len(said.split()) > 1:
            found[having.pop()] = match.span()
    return found


def _names_in(source: str) -> Iterator[tuple[str, ...]]:
    """The words of each name in what is known of a source: all of a short one, and the parts with capitals of any."""
    words = _name_words(source)
    if 0 < len(words) <= LONGEST_SOURCE and len("".join(words)) >= _FEWEST_LETTERS:
        yield tuple(words)
    parts = _PARTS.split(source)
    for part in parts if len(parts) > 1 else ():
        if _CAPITALISED.fullmatch(part) and len(_name_words(part)) > 1:
            yield tuple(_name_words(part))


def _name_words(source: str) -> list[str]:
    words = [word.lower for word in parse(source).words]
    return words[1:] if len(words) > 1 and words[0] in ("the", "a") else words


def narrow(article_filter: Filter, scope: Scope, store: Store) -> Filter:
    """Return a filter that selects, of the articles that another selects, those within a scope."""
    as_of, since = (
        None if day is None else parse_date_bound(day) for day in (article_filter.as_of, article_filter.since)
    )
    if scope.as_of and (as_of is None or scope.as_of.last < as_of.last):
        as_of = scope.as_of
    if scope.since and (since is None or scope.since.first > since.first):
        since = scope.since
    if as_of and since and as_of.last < since.first:
        return replace(article_filter, articles=0, ids=frozenset(), as_of=as_of.written, since=since.written)
    within = frozenset(article_filter.within)
    if scope.sources:
        by_source = store.sources()
        named = frozenset(article_id for source in scope.sources for article_id in by_source[source])
        within = within & named if within else named
        if not within:
            return replace(article_filter, articles=0, ids=frozenset())
    undated = store.count_undated()
    return select_articles(store.dates(), undated, as_of=as_of, since=since, within=within or None)


def _dates(
    text: str, newest: str | None, *, of_articles: bool
) -> tuple[DateBound | None, DateBound | None, list[tuple[int, int]]]:
    """The bounds of publication that a text sets, and the places of the words that set them."""
    parsed, since, as_of = parse(text), None, None
    taken: list[tuple[int, int]] = []
    belonging, following = (_BELONGS_TO_TEXTS, _FOLLOWS_TEXTS) if of_articles else (_BELONGS, _FOLLOWS)
    is_published = of_articles or _PUBLISHED.search(text) is not None
    for found in sorted(find_figures(parsed).dates, key=lambda each: each.start):
        written = _written(found, newest)
        if written is None:
            continue
        before, behind = text[: found.start], text[found.end :]
        bound = parse_date_bound(written)
        belongs = belonging.search(_without_preposition(before)) is not None or following.search(behind) is not None
        if _UNTIL.search(before) and since is not None and as_of is None:
            as_of = bound
        elif not (belongs or is_published):
            continue
        elif _BEFORE.search(before):
            as_of = parse_date_bound(bound.first - timedelta(days=1))
        elif _UNTIL.search(before):
            as_of = bound
        elif _opens_period(parsed, found):
            since = bound
        elif belongs or _ON.search(before):
            since, as_of = bound, bound
        else:
            continue
        ended = _ONWARDS.match(behind)
        taken.append((len(_without_preposition(before)), found.end + (ended.end() if ended else 0)))
    return since, as_of, taken


def _without_preposition(before: str) -> str:
    for pattern in (_BEFORE, _BETWEEN, _SINCE, _UNTIL, _ON):
        if (match := pattern.search(before)) is not None:
            return before[: match.start()]
    return before


def _opens_period(parsed: ParsedText, first: Date) -> bool:
    """Whether a date is the first of a period: since it, from it on, or from it to a later one."""
    before, behind = parsed.normalized[: first.start], parsed.normalized[first.end :]
    if _SINCE.search(before) or (_ON.search(before) and _ONWARDS.search(behind)):
        return True
    later = [each for each in find_figures(parsed).dates if each.start > first.start]
    ends = any(_UNTIL.search(parsed.normalized[first.end : each.start]) for each in later)
    return _BETWEEN.search(before) is not None and ends


def _written(found: Date, newest: str | None) -> str | None:
    """A date YYYY, YYYY-MM or YYYY-MM-DD; one without its year is the last before or at the newest article."""
    if (found.weekday is not None and found.day is None) or found.decade is not None or found.either:
        return None
    year = found.year
    if year is None:
        if found.month is None or newest is None:
            return None
        last = int(newest[5:7]) if len(newest) > len("YYYY") else _WHOLE_YEAR
        year = int(newest[:4]) - (found.month > last)
    written = f"{year:04}" + (f"-{found.month:02}" if found.month else "") + (f"-{found.day:02}" if found.day else "")
    try:
        date(year, found.month or 1, found.day or 1)
    except ValueError:
        return None
    return written


def _with_capital_months(message: str) -> str:
    """A message with the names of months as English writes them, except words that are verbs too."""
    return _MONTHS.sub(
        lambda match: match[0] if _MAY_BE_VERB.match(message, match.start()) else match[0].capitalize(), message
    )
