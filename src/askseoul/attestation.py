"""Whether the names of a sentence are attested by its quotes: held by them, or explained by what stands around them."""

from __future__ import annotations

from collections.abc import Sequence

from askseoul.countries import COUNTRIES
from askseoul.names import SHORTEST_ACRONYM, TITLES, Name, count_references, counterparts_of, forms_of, names_of
from askseoul.words import words_of

_KOREAS = frozenset({"korea", "south_korea", "north_korea"})


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


def missing_names(
    sentence: str, quotes: Sequence[str], contexts: Sequence[str]
) -> tuple[tuple[Name, ...], tuple[Name, ...]]:
    """The names of a folded sentence that its folded quotes don't hold, and those that only the contexts explain.

    A context explains a name in two cases. Part of the name stands in a quote and the context holds the whole ("Lee"
    and "Lee Jae-myung", "USFK" and "US Forces Korea (USFK)"); or a quote has a pronoun or a description ("he", "the
    alliance") where the sentence has the name, the context names it, and no name of the quote was left out for it.
    """
    names = names_of(sentence, (*quotes, *contexts))
    quoted = tuple(form for quote in quotes for form in forms_of(quote))
    around = tuple(form for context in contexts for form in forms_of(context))
    held = set(quoted)
    held_by_capital = held.union(*map(counterparts_of, quotes))
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
    placeholders = sum(map(count_references, quotes))
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


def _names_said_again(quote: str, sentence: str, contexts: Sequence[str]) -> list[Name]:
    """The names in those clauses of a quote whose content the sentence mostly says again."""
    words = words_of(quote)
    own = {word.stem for word in words_of(sentence)}
    names = names_of(quote, contexts)
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
