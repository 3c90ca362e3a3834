"""Named entities in English text: proper names, among them countries by their names, their people and their capitals.

There is no dictionary of names and no model: a name is a word whose capital is not due to its position. All forms of a
country have one canonical form (``US``, ``United States``, ``American``). As in news, a capital can stand for its
country ("Seoul hopes"), but not for its people: "Seoul says" and "South Koreans say" are different claims.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from askseoul.nlp import lexicon
from askseoul.nlp.text import FUNCTION_WORDS, IRREGULAR_STEMS, REPORTING_WORDS, ParsedText, Word, annotation

# Countries
_FORMS = {
    key: [part.split() for part in written.split("|")]
    for key, written in (lexicon.table("countries", "countries") | lexicon.table("places", "regions")).items()
}
"""Of each country or region: its names, the singular nouns and adjectives for its people, and the plural nouns."""
COUNTRIES = frozenset(_FORMS)
"""The canonical forms of countries and regions."""
CAPITALS: dict[str, str] = lexicon.table("places", "capitals")
"""Capitals and seats of government, with the country or institution for which news uses them."""
_CAPITALS_OF = {country: {c for c, of in CAPITALS.items() if of == country} for country in CAPITALS.values()}
DEMONYMS = frozenset(form for _, _, several in _FORMS.values() for form in several)
"""Plural nouns for the people of a country, which do not stand for the country or its government."""
_CANONICAL = {tuple(form.split("_")): country for country, parts in _FORMS.items() for part in parts for form in part}
_CANONICAL |= {tuple(capital.split("_")): capital for capital in CAPITALS if "_" in capital}
_LONGEST_FORM = max(map(len, _CANONICAL))
_ONLY_CAPITALISED = lexicon.words("places", "only_capitalised")
"""Forms that are other words in lower case ("us", "turkey")."""
_SHARED_WITH_PERSONS = lexicon.words("places", "shared_with_persons")

# Names
TITLES = lexicon.words("people", "titles")
SHORTEST_ACRONYM = 2
_WEEKDAYS = lexicon.sequence("time", "weekdays")
_CALENDAR = frozenset(
    map(str.lower, (*lexicon.sequence("time", "months"), *_WEEKDAYS, *(f"{weekday}s" for weekday in _WEEKDAYS)))
)
_ORDINARY_OPENERS = lexicon.words("names", "ordinary_openers")
_ORDINARY_ENDINGS = lexicon.sequence("names", "ordinary_endings")
_AFTER_A_NAME = FUNCTION_WORDS | IRREGULAR_STEMS.keys() | REPORTING_WORDS
"""Words that may follow a name at the start of a sentence: "Obama said"."""
_THINGS = lexicon.words("names", "things")
"""Words that mark the name of a thing: no person has them in a name."""
_PRONOUNS = lexicon.words("people", "pronouns")
_DESCRIPTION = re.compile(
    rf"\b(?:the|this|that|both|these|two)\s+(?:\w+\s+)?(?:{lexicon.pattern('names', 'described')})\b", re.IGNORECASE
)


class Name(NamedTuple):
    """A name: adjacent capitalised words."""

    words: tuple[str, ...]
    """Its words in canonical form."""
    text: str
    first: int
    """Index of its first word in the text's ``words``."""
    last: int
    """Index of its last word."""
    acronym: bool
    people: bool = False
    """Whether it is a plural noun for the people of a country."""

    @property
    def identity(self) -> frozenset[str]:
        """Its words, its initials and, for a capital, the country. Two names that share one of them may be the same."""
        initials = "".join(word[0] for word in self.words)
        also = {initials} if len(initials) > SHORTEST_ACRONYM else set()
        country = CAPITALS.get("_".join(self.words))
        return frozenset(self.words) | also | ({country} if country else set())

    @property
    def distinctive(self) -> frozenset[str]:
        """Its words without titles and without function words, such as the "in" of "Jae-in"."""
        return frozenset(self.words) - TITLES - FUNCTION_WORDS


class _Token(NamedTuple):
    """A word, or the words of one country's name."""

    form: str
    """The canonical form."""
    word: Word
    """Its first word."""
    first: int
    last: int
    """Indices of its first and its last word in the text's ``words``."""
    surface: str
    """The words as they are written, in lower case and joined by ``_``."""


def find_names(parsed: ParsedText, others: Sequence[ParsedText] = ()) -> tuple[Name, ...]:
    """Return the names of a text; the other texts show whether a capitalised first word of a sentence is a name."""
    texts = (parsed, *others)
    known = frozenset().union(*map(_known_names, texts))
    ordinary = frozenset().union(*map(_ordinary_words, texts)) - known
    tokens = _tokens(parsed)
    found: list[Name] = []
    group: list[_Token] = []
    for index, token in enumerate(tokens):
        named = _is_name(tokens, index, known, ordinary)
        gap = parsed.normalized[group[-1].word.end : token.word.start] if group else ""
        joined = bool(group) and gap.strip("-'s ") == "" and "'" not in gap and not token.word.opening
        # "Jae-myung" continues in lower case.
        tail = joined and gap == "-" and token.word.text.islower() and group[-1].form not in COUNTRIES
        if group and not (joined and (named or tail)):
            found.append(_name(group))
            group = []
        if named or tail:
            group.append(token)
    if group:
        found.append(_name(group))
    return tuple(found)


def is_country(name: Name) -> bool:
    """Whether a name is or contains a country, its people or its capital.

    A country whose name persons have as well counts only by itself: ``Jordan``, but not ``Michael Jordan``.
    """
    places = {word for word in name.words if word in COUNTRIES or word in CAPITALS}
    return bool(places) and (len(name.words) == 1 or not places <= _SHARED_WITH_PERSONS)


def is_person(name: Name) -> bool:
    """Whether a name may be a person's, as it is neither a country's nor a thing's."""
    return not (is_country(name) or is_thing(name))


def is_thing(name: Name) -> bool:
    """Whether a name is a thing's: an acronym, or a name with a digit or with a word that marks things."""
    if name.acronym and not is_country(name):
        return True
    return not _THINGS.isdisjoint(name.words) or any(map(str.isdigit, name.text))


@annotation
def canonical_forms(parsed: ParsedText) -> tuple[str, ...]:
    """Return the canonical form of each token of a text: the country's, or the word in lower case."""
    return tuple(token.form for token in _tokens(parsed))


@annotation
def name_forms(parsed: ParsedText) -> frozenset[str]:
    """Return the canonical forms of capitalised words, with the countries of capitals and the capitals of countries.

    They are good enough to find evidence for a question. A claim is checked by ``verification.claim``, which is strict.
    """
    found = {token.form for token in _tokens(parsed) if not token.word.text.islower()}
    return frozenset(found).union(*map(_metonyms, found))


_DESIGNATION = re.compile(
    r"\b(?P<kind>[^\W\d_]{3,})\s+(?:[Nn]o\.?\s+|[Nn]umber\s+|#)?(?P<mark>\d{1,4}[A-Za-z]?|[A-Z]|[IVX]{2,4})\b(?![.,:]\d|%|-)"
)


@annotation
def find_designations(parsed: ParsedText) -> Mapping[str, frozenset[str]]:
    """Return the marks that tell things of one kind apart, by the kind: of "Ward 2 and ward 3", 2 and 3 of ``ward``."""
    found: dict[str, frozenset[str]] = {}
    for match in _DESIGNATION.finditer(parsed.normalized):
        kind = match["kind"].lower()
        if kind not in FUNCTION_WORDS and kind not in _CALENDAR:
            found[kind] = found.get(kind, frozenset()) | {match["mark"].lower()}
    return found


def told_apart(one: ParsedText, other: ParsedText) -> bool:
    """Whether two texts speak of things of one kind that their marks tell apart: one of ward 2, the other of Ward 3.

    One of them has to write the kind as a name, since a number stands behind other words too ("cost 340").
    """
    mine, theirs = find_designations(one), find_designations(other)
    return any(
        mine[kind].isdisjoint(theirs[kind]) and any(f"{kind.capitalize()} " in text.normalized for text in (one, other))
        for kind in mine.keys() & theirs.keys()
    )


@annotation
def find_metonyms(parsed: ParsedText) -> frozenset[str]:
    """Return the countries of the capitals in a text and the capitals of its countries; a people has no metonym."""
    places = {token.form for token in _tokens(parsed) if token.surface not in DEMONYMS}
    return frozenset().union(*map(_metonyms, places))


@annotation
def count_anaphors(parsed: ParsedText) -> int:
    """Count the pronouns and definite descriptions ("the agreement") of a text that may refer to an earlier name."""
    return sum(form in _PRONOUNS for form in canonical_forms(parsed)) + len(_DESCRIPTION.findall(parsed.normalized))


def _metonyms(form: str) -> set[str]:
    """Return the country that a capital stands for, or the capitals that can stand for a country."""
    return {CAPITALS[form]} if form in CAPITALS else _CAPITALS_OF.get(form, set())


@annotation
def _tokens(parsed: ParsedText) -> tuple[_Token, ...]:
    """Return the words of a text, with the words of a country's name joined into one token."""
    words = parsed.words
    lowered = [word.lower for word in words]
    found: list[_Token] = []
    index = 0
    while index < len(words):
        for length in range(min(_LONGEST_FORM, len(words) - index), 0, -1):
            form = tuple(lowered[index : index + length])
            capital = words[index].text[0].isupper()
            if form in _CANONICAL and (capital or form[0] not in _ONLY_CAPITALISED):
                if form == ("us",) and words[index].text != "US":
                    continue
                found.append(_Token(_CANONICAL[form], words[index], index, index + length - 1, "_".join(form)))
                index += length
                break
        else:
            found.append(_Token(lowered[index], words[index], index, index, lowered[index]))
            index += 1
    return tuple(found)


def _is_name(tokens: Sequence[_Token], index: int, known: frozenset[str], ordinary: frozenset[str]) -> bool:
    """Whether the token at ``index`` is part of a name.

    ``known`` and ``ordinary`` are forms that other text has capitalised within a sentence, or only in lower case.
    """
    token = tokens[index]
    text, form, lower = token.word.text, token.form, token.word.lower
    if (form in COUNTRIES or form in CAPITALS) and _is_capital(text):
        return True
    if not _is_capital(text) or form in _CALENDAR or lower in FUNCTION_WORDS:
        return False
    if not token.word.opening or any(map(str.isupper, text[1:])) or form in known:
        return True
    if form in ordinary or lower in _ORDINARY_OPENERS or lower in TITLES or lower.endswith(_ORDINARY_ENDINGS):
        return False
    if lower.endswith("s") or index + 1 == len(tokens) or tokens[index + 1].word.sentence != token.word.sentence:
        return False
    following = tokens[index + 1].word
    # "Obama said", "Obama's call" and "Barack Obama" open with a name; "Officials in Seoul" and "Trade talks" do not.
    return (
        following.start - token.word.end > len("'s")
        or following.lower in _AFTER_A_NAME
        or following.lower.endswith(("ed", "s"))
        or _is_capital(following.text)
    )


def _is_capital(text: str) -> bool:
    numbered = any(map(str.isdigit, text)) and any(map(str.isalpha, text)) and not text[0].isdigit()
    return any(map(str.isupper, text)) or numbered


@annotation
def _known_names(parsed: ParsedText) -> frozenset[str]:
    return frozenset(token.form for token in _tokens(parsed) if not token.word.opening and _is_capital(token.word.text))


@annotation
def _ordinary_words(parsed: ParsedText) -> frozenset[str]:
    return frozenset(token.form for token in _tokens(parsed) if token.word.text.islower())


def _name(group: Sequence[_Token]) -> Name:
    text = " ".join(token.word.text for token in group)
    return Name(
        tuple(token.form for token in group),
        text,
        group[0].first,
        group[-1].last,
        len(group) == 1 and text.isupper(),
        len(group) == 1 and group[0].surface in DEMONYMS,
    )
