"""Guards: what code can prove about a sentence and the quotes that it rests on.

Each compares one kind of thing exactly: numbers and their bounds, dates, names, quoted phrases, the words of a quote
that was copied almost whole. A guard never grants anything; ``verification.claim`` says what one is worth beside what
the reader says.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from askseoul.domain import Check
from askseoul.nlp.dates import Date
from askseoul.nlp.entities import (
    COUNTRIES,
    SHORTEST_ACRONYM,
    TITLES,
    Name,
    canonical_forms,
    count_anaphors,
    find_metonyms,
    find_names,
)
from askseoul.nlp.numerals import CODE
from askseoul.nlp.quantities import Figures, Quantity, find_figures
from askseoul.nlp.text import ParsedText, annotation, parse, stem
from askseoul.nlp.units import MONEY

_NAME_WEIGHT = 2.0
_COMPARING = frozenset({"", *map(stem, ("less", "more", "fewer", "higher", "lower", "cheaper", "dearer"))})
"""What may follow a number that leaves out its unit, by its stem."""
_UNITLESS = ("", "ordinal", CODE)
_EDGES = " .…,;:\"'"
_KOREAS = frozenset({"korea", "south_korea", "north_korea"})
_MARKUP = re.compile(r"[<>`*|]|\[\^?\d+(?:,\s*\d+)*\]|\]\(|://|\bwww\.")
_FOOTNOTE = re.compile(r"\[(?:\^?\d{1,3}|[ivxl]{1,6})(?:,\s*\d{1,3})*\](?!\()")
_QUOTED = re.compile(r"\"([^\"]+)\"|(?<![\w'])'((?:[^']|'(?=\w))+)'(?!\w)")


class Copy(NamedTuple):
    """How much of a sentence was copied from the quote that it is most like."""

    share: float
    """Share of its words that stand in the quote in this order, in [0, 1]."""
    whole: bool
    """Whether a quote contains it word for word."""


@annotation
def copy_of(sentence: ParsedText, quotes: tuple[ParsedText, ...]) -> Copy:
    """Return how much of a sentence was copied from one of its quotes."""
    own = [word.lower for word in sentence.words]
    bare = _bare(sentence.normalized)
    share = 0.0
    for quote in quotes:
        matcher = difflib.SequenceMatcher(None, own, [word.lower for word in quote.words], autojunk=False)
        share = max(share, sum(block.size for block in matcher.get_matching_blocks()) / max(len(own), 1))
    return Copy(share, any(bare and bare == _bare(quote.normalized) for quote in quotes))


def _bare(normalized: str) -> str:
    """The text without footnote marks and without what stands at its ends."""
    return " ".join(_FOOTNOTE.sub(" ", normalized).split()).strip(_EDGES)


def check_guards(
    sentence: ParsedText, quotes: tuple[ParsedText, ...], contexts: tuple[ParsedText, ...]
) -> Iterator[Check]:
    """Yield the comparisons of a sentence with all its quotes together, in a fixed order."""
    own, quoted = find_figures(sentence), _all_figures(quotes)
    yield from _number_checks(own, quoted)
    lacking = [date.text for date in own.dates if not _date_stands(date, quoted)]
    yield _make_check("dates", lacking, [date.text for date in own.dates])
    unexplained, explained = unsupported_names(sentence, quotes, contexts)
    found = [
        f"{name.text} (from the context)" if name in explained else name.text
        for name in find_names(sentence, (*quotes, *contexts))
    ]
    lacking = [name.text for name in unexplained if not _is_of_currency(name, sentence, own)]
    yield _make_check("names", lacking, found)
    phrases = [match[1] or match[2] for match in _QUOTED.finditer(sentence.normalized)]
    yield _make_check(
        "quoted phrases",
        [phrase for phrase in phrases if not any(_holds_phrase(quote.normalized, phrase) for quote in quotes)],
        phrases,
    )


def check_form(text: str, quotes: Sequence[str]) -> Check:
    """Check that a text has no marks that prose seldom has, but those of its quotes."""
    foreign = [mark for mark in _foreign_marks(text) if not any(mark in quote for quote in quotes)]
    return _make_check("form", foreign, [])


def _make_check(name: str, lacking: Sequence[str], found: Sequence[str]) -> Check:
    """Make a check that passes if nothing is lacking; ``found`` is its detail then."""
    return Check(name, not lacking, "not in the quotes: " + ", ".join(lacking) if lacking else ", ".join(found))


def content_share(text: str, quotes: Sequence[str]) -> float:
    """Return the share, in [0, 1], of a sentence's content that its quotes contain.

    Words are compared by their stems, numbers and dates by their values. A name or a number counts as much as two
    words. A sentence without content has 1.0 if a quote contains it literally, else 0.0.
    """
    return _share(parse(text), tuple(map(parse, quotes)))


def _share(sentence: ParsedText, quotes: tuple[ParsedText, ...]) -> float:
    stems = {stem for quote in quotes for stem in quote.stems}
    forms = {form for quote in quotes for form in canonical_forms(quote)}
    own, quoted = find_figures(sentence), _all_figures(quotes)
    names = find_names(sentence, quotes)
    named = {place for name in names for place in range(name.first, name.last + 1)}
    total = held = 0.0

    def count(stands: bool, weight: float) -> None:
        nonlocal total, held
        total += weight
        held += weight * stands

    for place, word in enumerate(sentence.words):
        if word.content and place not in named and not any(map(str.isdigit, word.text)):
            count(word.stem in stems, 1.0)
    unknown = unsupported_names(sentence, quotes, ())[0]
    for name in names:
        for form in name.words:
            stands = name not in unknown or form in forms or form.removesuffix("s") in forms
            count(stands, _NAME_WEIGHT / len(name.words))
    for quantity in own.quantities:
        if not quantity.referring:
            count(_matching(quantity, quoted) is not None, _NAME_WEIGHT)
    for date in own.dates:
        count(_date_stands(date, quoted), _NAME_WEIGHT)
    if not total:  # a sentence such as "Yes" has no content: a quote must contain it literally
        bare = _bare(sentence.normalized)
        return float(any(bare and bare in quote.normalized for quote in quotes))
    return held / total


def _foreign_marks(text: str) -> Iterator[str]:
    """Yield the marks that prose seldom has and that can mislead a reader: markup, links, invisible characters and
    words in other scripts."""
    yield from _MARKUP.findall(text)
    for word in text.split():
        letters = [character for character in word if character.isalpha()]
        if letters and not any("LATIN" in unicodedata.name(character, "") for character in letters):
            yield word.strip(".,;:!?()\"'“”‘’")
    yield from (character for character in text if unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs"))


def _holds_phrase(quote: str, phrase: str) -> bool:
    """Whether a normalized quote contains a phrase as whole words, whatever the case of its first letter."""
    wanted = " ".join(phrase.split()).rstrip(".,;:!?")
    pattern = rf"(?<!\w){re.escape(wanted)}(?!\w)"
    if wanted and wanted[0].isalpha():
        pattern = rf"(?<!\w)[{wanted[0].lower()}{wanted[0].upper()}]{re.escape(wanted[1:])}(?!\w)"
    return re.search(pattern, " ".join(quote.split())) is not None


def _number_checks(own: Figures, quoted: Figures) -> tuple[Check, Check]:
    """Check that the quotes have each quantity, and that their bounds imply its bound."""
    lacking: list[str] = []
    unbound: list[str] = []
    currency = _only_currency(own)
    for quantity in own.quantities:
        candidates = _matching(quantity, quoted)
        if candidates is None and currency and _leaves_out_unit(quantity):
            candidates = _matching(quantity._replace(unit=currency, counted=""), quoted)
        if candidates is None:
            lacking.append(quantity.text)
        elif candidates and not any(quantity.follows_from(candidate) for candidate in candidates):
            unbound.append(f"“{quantity.bound} {quantity.text}” against “{candidates[0].bound} {candidates[0].text}”")
    found = [quantity.text for quantity in own.quantities]
    return _make_check("numbers", lacking, found), Check(
        "bounds", not unbound, ", ".join(unbound or [q.bound for q in own.quantities if q.bound])
    )


def _matching(quantity: Quantity, quoted: Figures) -> list[Quantity] | None:
    """Return the quotes' quantities that match this one; none if the number needs no source; None if it is wrong."""
    same = [other for other in quoted.quantities if quantity.matches(other)]
    counted_alike = [other for other in quoted.quantities if quantity.counted and other.counted == quantity.counted]
    if any(other.counted == quantity.counted or not other.counted for other in same):
        return [other for other in same if other.counted in (quantity.counted, "")]
    if any(not quantity.matches(other) for other in counted_alike):
        # "20 men and 30 women" has a 30, but not of men.
        return None
    # "the three" against "the two" refers back to something else.
    if (
        quantity.referring
        and not same
        and any(other.referring and 1 not in (other.value, quantity.value) for other in quoted.quantities)
    ):
        return None
    if same or quantity.referring:
        return same
    year = (
        quantity.value.denominator == 1
        and not quantity.unit
        and any(date.year == quantity.value for date in quoted.dates)
    )
    return [] if year else None


def _is_of_currency(name: Name, sentence: ParsedText, own: Figures) -> bool:
    """Whether a name is part of an amount, as in "4.2 million Norwegian crowns", which is compared as a number."""
    start, end = sentence.words[name.first].start, sentence.words[name.last].end
    return any(each.unit in MONEY and each.start <= start and end <= each.end for each in own.quantities)


def swapped_units(sentence: ParsedText, texts: Sequence[ParsedText]) -> list[str]:
    """Return the amounts of a sentence that the texts have in other units only: 4.2 million rupees for 4.2 million
    rubles. No wording says the same of both."""
    given = [other for other in _all_figures(texts).quantities if other.unit not in _UNITLESS]
    return [
        quantity.text
        for quantity in find_figures(sentence).quantities
        if quantity.unit not in _UNITLESS
        and any(quantity.value == other.value for other in given)
        and not any(map(quantity.matches, given))
    ]


def _date_stands(date: Date, quoted: Figures) -> bool:
    """Whether the quotes have a date; a year may stand in them as a number."""
    if any(date.matches(other) for other in quoted.dates):
        return True
    bare_year = date.year is not None and date.month is None
    return bare_year and any(quantity.value == date.year and not quantity.unit for quantity in quoted.quantities)


def _all_figures(quotes: Sequence[ParsedText]) -> Figures:
    """Return the figures of all quotes together, those that leave out their currency with it too."""
    read = [find_figures(quote) for quote in quotes]
    completed = [
        quantity._replace(unit=currency)
        for figures in read
        if (currency := _only_currency(figures))
        for quantity in figures.quantities
        if _leaves_out_unit(quantity)
    ]
    return Figures(
        (*(quantity for figures in read for quantity in figures.quantities), *completed),
        tuple(date for figures in read for date in figures.dates),
    )


def _only_currency(figures: Figures) -> str:
    """The currency of a text's amounts if they have one alone, else an empty string."""
    found = {quantity.unit for quantity in figures.quantities if quantity.unit in MONEY}
    return found.pop() if len(found) == 1 else ""


def _leaves_out_unit(quantity: Quantity) -> bool:
    """Whether a number may have the unit of one near it: "14 francs here, 18 there", "nine less than 211 rupees"."""
    return not quantity.unit and not quantity.referring and quantity.counted in _COMPARING


def unsupported_names(
    sentence: ParsedText, quotes: Sequence[ParsedText], contexts: Sequence[ParsedText]
) -> tuple[tuple[Name, ...], tuple[Name, ...]]:
    """The names of a sentence that its quotes don't hold, and those that only the contexts explain.

    A context explains a name in two cases. Part of the name stands in a quote and the context holds the whole ("Lee"
    and "Lee Jae-myung", "USFK" and "US Forces Korea (USFK)"); or a quote has a pronoun or a description ("he", "the
    alliance") where the sentence has the name, the context names it, and no name of the quote was left out for it.
    """
    names = find_names(sentence, (*quotes, *contexts))
    quoted = tuple(form for quote in quotes for form in canonical_forms(quote))
    around = tuple(form for context in contexts for form in canonical_forms(context))
    held = set(quoted)
    held_by_capital = held.union(*map(find_metonyms, quotes))
    missing: list[Name] = []
    for name in names:
        among = held if name.people else held_by_capital
        if all(_stands(word, name, among, quoted, around) for word in name.words) and not _recombined(
            name, quoted, around
        ):
            continue
        missing.append(name)
    if not missing or not around:
        return tuple(missing), ()
    placeholders = sum(map(count_anaphors, quotes))
    kept = {word for name in names for word in name.words}
    dropped = [
        name for quote in quotes for name in _names_said_again(quote, sentence, contexts) if not kept & set(name.words)
    ]
    unexplained: list[Name] = []
    explained: list[Name] = []
    for name in missing:
        if len(explained) < placeholders and not dropped and _holds(around, name.words):
            explained.append(name)
        else:
            unexplained.append(name)
    return tuple(unexplained), tuple(explained)


def _names_said_again(quote: ParsedText, sentence: ParsedText, contexts: Sequence[ParsedText]) -> list[Name]:
    """The names in those clauses of a quote whose content the sentence mostly says again."""
    words = quote.words
    own = {word.stem for word in sentence.words}
    names = find_names(quote, contexts)
    named = {place for name in names for place in range(name.first, name.last + 1)}
    clauses: dict[int, list[bool]] = {}
    for place, word in enumerate(words):
        if word.content and place not in named:
            clauses.setdefault(word.clause, []).append(word.stem in own)
    return [
        name
        for name in names
        if 2 * sum(clauses.get(words[name.first].clause, [])) >= len(clauses.get(words[name.first].clause, []))
    ]


def _stands(word: str, name: Name, held: set[str], quoted: Sequence[str], around: Sequence[str]) -> bool:
    if word in held or (word.endswith("s") and word[:-1] in held) or word + "s" in held:
        return True
    if word in ("north", "south") and len(name.words) == 1 and f"{word}_korea" in held:
        return True  # "the North"
    if word in _KOREAS:
        return _korea_stands(word, name, held, around)
    if name.acronym and (_spells(word, quoted) or (word in around and _expansion_held(word, quoted, around))):
        return True
    if len(name.words) == 1 or not _holds(around, name.words):
        return False
    # The whole name is in the context: a part of it, or its initials, must be in the quote.
    return any(other in held for other in name.words) or "".join(other[0] for other in name.words) in held


def _korea_stands(word: str, name: Name, held: set[str], around: Sequence[str]) -> bool:
    """Whether "Korea", which may be either half, stands for what a name says; a half needs a context that tells it."""
    if word == "korea":
        of_the_place = len(name.words) > 1 and held & set(name.words) and _KOREAS & set(around)
        return bool(of_the_place) or bool(held & _KOREAS)  # "Korean Peninsula" for "the peninsula"
    return "korea" in held and word in around and not held & {"south_korea", "north_korea"}


def _expansion_held(acronym: str, quoted: Sequence[str], around: Sequence[str]) -> bool:
    """Whether the context writes the acronym next to words of which the quote holds most."""
    for place, form in enumerate(around):
        if form == acronym:
            before = around[max(0, place - len(acronym)) : place]
            spelled = [word for word in before if word[0] in acronym]
            if len(spelled) >= SHORTEST_ACRONYM and _holds(quoted, spelled):
                return True
    return False


def _recombined(name: Name, quoted: Sequence[str], around: Sequence[str]) -> bool:
    """Whether a name is put together from different ones: "Moon Jae-myung" from "Moon Jae-in" and "Lee Jae-myung"."""
    if _holds(quoted, name.words) or _holds(around, name.words):
        return False
    parts = [word for word in name.words if word not in COUNTRIES and word not in TITLES]
    # "George Bush" may be short for "George W. Bush".
    return len(parts) > 1 and not any(
        all(part in iterator for part in parts)
        for forms in (quoted, around)
        for start in range(len(forms))
        for iterator in [iter(forms[start : start + len(parts) + 1])]
    )


def _holds(forms: Sequence[str], words: Sequence[str]) -> bool:
    """Whether the words stand in the forms next to each other and in this order."""
    size = len(words)
    return any(tuple(forms[start : start + size]) == tuple(words) for start in range(len(forms) - size + 1))


def _spells(acronym: str, forms: Sequence[str]) -> bool:
    """Whether words that stand next to each other begin with the letters of the acronym."""
    size = len(acronym)
    letters = [form[0] for form in forms]
    return size > SHORTEST_ACRONYM and any(
        "".join(letters[n : n + size]) == acronym for n in range(len(letters) - size + 1)
    )
