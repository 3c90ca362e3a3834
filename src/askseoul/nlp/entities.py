"""Countries as texts name them: by their names, their people and their capitals.

Proper names in English text.

There is no dictionary and no model: a name is a capitalised word that does not owe its capital to its place.
Countries, their short forms and their people are one name (``US``, ``United States``, ``American``). A capital stands
for its country, as news has it ("Seoul hopes"), but not for its people: "Seoul says" and "South Koreans say" are
different claims.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from askseoul.nlp import lexicon
from askseoul.nlp.text import FUNCTION_WORDS, IRREGULAR_STEMS, REPORTING_WORDS, ParsedText, Word, annotation

_FORMS = {
    key: [part.split() for part in written.split("|")]
    for key, written in (lexicon.table("countries", "countries") | lexicon.table("places", "regions")).items()
}
"""The names of each country or region, the words for one of its people, and those for several."""
COUNTRIES = frozenset(_FORMS)
"""The keys of the countries and regions, which stand for all their forms."""
CAPITALS: dict[str, str] = lexicon.table("places", "capitals")
"""Capitals and seats by which news calls a country and its government."""
CAPITALS_OF = {country: {c for c, of in CAPITALS.items() if of == country} for country in CAPITALS.values()}
CANONICAL = {tuple(form.split("_")): country for country, parts in _FORMS.items() for part in parts for form in part}
CANONICAL |= {tuple(capital.split("_")): capital for capital in CAPITALS if "_" in capital}
LONGEST_FORM = max(map(len, CANONICAL))
PEOPLES = frozenset(form for _, _, several in _FORMS.values() for form in several)
"""Forms that speak of people, not of a country or its government."""
WRITTEN_IN_CAPITALS = lexicon.words("places", "only_capitalised")
"""Forms that are other words when they are not capitalised."""
_SHARED_WITH_PERSONS = lexicon.words("places", "shared_with_persons")

_WEEKDAYS = lexicon.sequence("time", "weekdays")
_CALENDAR = frozenset(
    map(str.lower, (*lexicon.sequence("time", "months"), *_WEEKDAYS, *(f"{weekday}s" for weekday in _WEEKDAYS)))
)
TITLES = lexicon.words("people", "titles")
_ORDINARY_OPENERS = lexicon.words("names", "ordinary_openers")
_ORDINARY_ENDINGS = lexicon.sequence("names", "ordinary_endings")
_PRONOUNS = lexicon.words("people", "pronouns")
_DESCRIPTION = re.compile(
    rf"\b(?:the|this|that|both|these|two)\s+(?:\w+\s+)?(?:{lexicon.pattern('names', 'described')})\b", re.IGNORECASE
)
_THINGS = lexicon.words("names", "things")
"""Words with which a name is no person's."""
SHORTEST_ACRONYM = 2


class Name(NamedTuple):
    """Words that are capitalised next to each other, in the form in which names are compared."""

    words: tuple[str, ...]
    text: str
    first: int
    """Place of its first word among the words of the text."""
    last: int
    acronym: bool
    people: bool = False
    """Whether it speaks of the people of a country."""

    @property
    def identity(self) -> frozenset[str]:
        """Its words, its initials and, of a capital, the country: two names that share one may be the same."""
        initials = "".join(word[0] for word in self.words)
        also = {initials} if len(initials) > SHORTEST_ACRONYM else set()
        country = CAPITALS.get("_".join(self.words))
        return frozenset(self.words) | also | ({country} if country else set())

    @property
    def telling(self) -> frozenset[str]:
        """Those of its words that tell whom or what it names: neither titles nor words like the "in" of "Jae-in"."""
        return frozenset(self.words) - TITLES - FUNCTION_WORDS


class _Token(NamedTuple):
    form: str
    word: Word
    first: int
    last: int
    surface: str
    """Its words as they are written, in small letters and joined."""


@annotation
def _tokens(parsed: ParsedText) -> tuple[_Token, ...]:
    """The words, several of them joined where together they are one country."""
    words = parsed.words
    lowered = [word.lower for word in words]
    found: list[_Token] = []
    place = 0
    while place < len(words):
        for length in range(min(LONGEST_FORM, len(words) - place), 0, -1):
            form = tuple(lowered[place : place + length])
            capital = words[place].text[0].isupper()
            if form in CANONICAL and (capital or form[0] not in WRITTEN_IN_CAPITALS):
                if form == ("us",) and words[place].text != "US":
                    continue
                found.append(_Token(CANONICAL[form], words[place], place, place + length - 1, "_".join(form)))
                place += length
                break
        else:
            found.append(_Token(lowered[place], words[place], place, place, lowered[place]))
            place += 1
    return tuple(found)


@annotation
def forms_of(parsed: ParsedText) -> tuple[str, ...]:
    """Every word of a text in the form in which names are compared."""
    return tuple(token.form for token in _tokens(parsed))


@annotation
def named_forms(parsed: ParsedText) -> frozenset[str]:
    """The words of a text that may be names, capitals and their countries standing for each other.

    Near enough to find what a question asks about; what is said has to be proved by ``attestation``."""
    found = {token.form for token in _tokens(parsed) if not token.word.text.islower()}
    return frozenset(found).union(*map(_counterparts, found))


def _counterparts(form: str) -> set[str]:
    """The country of a capital, the capitals of a country."""
    return {CAPITALS[form]} if form in CAPITALS else CAPITALS_OF.get(form, set())


@annotation
def counterparts_of(parsed: ParsedText) -> frozenset[str]:
    """What the capitals and countries of a text also stand for; a people stands for nothing else."""
    places = {token.form for token in _tokens(parsed) if token.surface not in PEOPLES}
    return frozenset().union(*map(_counterparts, places))


@annotation
def count_references(parsed: ParsedText) -> int:
    """How many pronouns and descriptions ("the agreement") a text has that may stand for a name before it."""
    return sum(form in _PRONOUNS for form in forms_of(parsed)) + len(_DESCRIPTION.findall(parsed.normalized))


def is_country(name: Name) -> bool:
    """Whether a name is, or has in it, a country, its people or its capital.

    A country that shares its name with persons counts only by itself: ``Jordan``, not ``Michael Jordan``.
    """
    places = {word for word in name.words if word in COUNTRIES or word in CAPITALS}
    return bool(places) and (len(name.words) == 1 or not places <= _SHARED_WITH_PERSONS)


def is_person(name: Name) -> bool:
    """Whether a name may be a person's: nothing about it is a country's or a thing's."""
    return not (is_country(name) or is_thing(name))


def is_thing(name: Name) -> bool:
    """Whether a name is a thing's: an acronym, or with a word or a number in it that no person's has."""
    if name.acronym and not is_country(name):
        return True
    return not _THINGS.isdisjoint(name.words) or any(map(str.isdigit, name.text))


def _is_capital(text: str) -> bool:
    numbered = any(map(str.isdigit, text)) and any(map(str.isalpha, text)) and not text[0].isdigit()
    return any(map(str.isupper, text)) or numbered


def _is_name(tokens: Sequence[_Token], place: int, known: frozenset[str], ordinary: frozenset[str]) -> bool:
    """Whether a token's capital is a name's; ``known`` and ``ordinary`` are what other text tells about it."""
    token = tokens[place]
    text, form, lower = token.word.text, token.form, token.word.lower
    if (form in COUNTRIES or form in CAPITALS) and _is_capital(text):
        return True
    if not _is_capital(text) or form in _CALENDAR or lower in FUNCTION_WORDS:
        return False
    if not token.word.opening or any(map(str.isupper, text[1:])) or form in known:
        return True
    if form in ordinary or lower in _ORDINARY_OPENERS or lower in TITLES or lower.endswith(_ORDINARY_ENDINGS):
        return False
    following = (
        tokens[place + 1]
        if place + 1 < len(tokens) and tokens[place + 1].word.sentence == token.word.sentence
        else None
    )
    # "Obama said", "Obama's call" and "Barack Obama" open with a name; "Officials in Seoul" and "Trade talks" do not.
    possessive = following is not None and following.word.start - token.word.end > len("'s")
    verb = following is not None and (
        following.word.lower in FUNCTION_WORDS
        or following.word.lower in IRREGULAR_STEMS
        or following.word.lower in REPORTING_WORDS
        or following.word.lower.endswith(("ed", "s"))
        or _is_capital(following.word.text)
    )
    return not lower.endswith("s") and (possessive or verb)


@annotation
def _known_names(parsed: ParsedText) -> frozenset[str]:
    return frozenset(token.form for token in _tokens(parsed) if not token.word.opening and _is_capital(token.word.text))


@annotation
def _ordinary_words(parsed: ParsedText) -> frozenset[str]:
    return frozenset(token.form for token in _tokens(parsed) if token.word.text.islower())


def names_of(parsed: ParsedText, others: Sequence[ParsedText] = ()) -> tuple[Name, ...]:
    """The names of a folded text; other folded texts help to tell what a capital at a sentence's start means."""
    texts = (parsed, *others)
    known = frozenset().union(*map(_known_names, texts))
    ordinary = frozenset().union(*map(_ordinary_words, texts)) - known
    tokens = _tokens(parsed)
    found: list[Name] = []
    group: list[_Token] = []
    for place, token in enumerate(tokens):
        named = _is_name(tokens, place, known, ordinary)
        gap = parsed.normalized[group[-1].word.end : token.word.start] if group else ""
        joined = bool(group) and gap.strip("-'s ") == "" and "'" not in gap and not token.word.opening
        # "Jae-myung" goes on in small letters.
        tail = joined and gap == "-" and token.word.text.islower() and group[-1].form not in COUNTRIES
        if group and not (joined and (named or tail)):
            found.append(_name(group))
            group = []
        if named or tail:
            group.append(token)
    if group:
        found.append(_name(group))
    return tuple(found)


def _name(group: Sequence[_Token]) -> Name:
    text = " ".join(token.word.text for token in group)
    return Name(
        tuple(token.form for token in group),
        text,
        group[0].first,
        group[-1].last,
        len(group) == 1 and text.isupper(),
        len(group) == 1 and group[0].surface in PEOPLES,
    )
