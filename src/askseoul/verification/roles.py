"""How a text relates things: in which direction, and who does what to whom.

Only what both texts say in shared words is compared: a direction whose opposite stands in the same place, two names
that have changed places around the same words.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import NamedTuple

from askseoul.nlp.entities import find_names
from askseoul.nlp.text import FUNCTION_WORDS, REPORTING_WORDS, ParsedText, annotation, parse
from askseoul.verification.negation import DENIALS, cues_of

_PASSIVE = re.compile(r"\bby\b", re.IGNORECASE)
_EITHER_WAY = re.compile(r"\bfrom\b", re.IGNORECASE)
_LISTING = re.compile(r"\b(?:and|or|nor)\b|[,/&]", re.IGNORECASE)
_SLOT = 2
_SAME_SLOT = 3
_REACH = 6
_COMPARED = 4
_OWNED_WORDS = 3
_DIRECTIONS = (
    ("increase increased increases increasing rise rises rising rose risen grow grows grew growing grown growth "
     "expand expands expanded consolidate "
     "expanding strengthen strengthens strengthened strengthening climb climbed surge surged jump jumped double "
     "doubled deepen deepens deepened improve improves improved raise raised raises intensify intensifies "
     "more higher greater larger bigger longer stronger closer broader deeper wider faster "
     "most highest largest biggest greatest longest leading top strongest",
     "decrease decreased decreases decreasing fall falls falling fell fallen shrink shrinks shrank shrinking shrunk "
     "decline declines declined declining "
     "drop drops dropped dropping cut cuts reduce reduces reduced reducing slump halve halved worsen worsens "
     "worsened weaken weakens weakened weakening undermine undermines undermined ease eases eased easing "
     "less fewer lower smaller shorter weaker looser narrower slower least lowest smallest shortest bottom weakest"),
    ("surplus surpluses", "deficit deficits"), ("before prior", "after following since"), ("first", "last"),
    ("earlier", "later"),
    ("export exports exported exporting exporter", "import imports imported importing importer"), ("buy buys bought "
        "buying buyer", "sell sells sold selling seller"),
    ("win wins won winning winner gain gains gained gaining", "lose loses lost losing loser"), ("support supports "
        "supported supporting", "oppose opposes opposed opposing objected"),
    ("accept accepts accepted accepting", "reject rejects rejected rejecting refuse refused"), ("allow allows "
        "allowed permit permits permitted", "ban bans banned forbid prohibit prohibited"),
    ("best better", "worst worse"), ("majority", "minority"), ("success successful succeed succeeded", "failure "
        "failed fail unsuccessful"),
    ("conservative conservatives", "liberal liberals"), ("above", "below"), ("north northern", "south southern"),
    ("east eastern eastward", "west western westward"),
    ("positive", "negative"), ("join joins joined joining", "leave leaves left leaving quit"), ("open opens opened "
        "opening reopen reopens", "close closes closed closing shut"),
    ("strong strongly", "weak weakly"), ("easy easily", "difficult hard tighten tightened"),
    ("future", "past"), ("older", "newer younger"),
    ("ally allies friend friends", "enemy enemies foe rival rivals"), ("costly expensive", "cheap"), ("start started "
        "begin began begun starts", "end ended ends finish finished"),
    ("long lasting permanent", "short temporary brief"), ("public", "private"), ("asset assets", "liability "
        "liabilities"), ("include includes included including", "exclude excludes excluded excluding"),
)  # fmt: skip
_DIRECTION = {
    word: (axis, sign)
    for axis, pair in enumerate(_DIRECTIONS)
    for sign, words in zip((1, -1), pair, strict=True)
    for word in words.split()
}


class _Directed(NamedTuple):
    axis: int
    sign: int
    text: str
    around: frozenset[str]
    denied: bool


_BOUND = re.compile(
    r"\b(?:no|not) (?:less|more|fewer|lower|higher|greater) than\b|\bor (?:more|less|fewer|higher|lower)\b|"
    r"\bat (?:the )?(?:most|least)\b|"
    r"\b(?:more|less|fewer|higher|lower|greater) than (?=[\d$€£¥₩]|\w+ (?:year|month|decade))",
    re.IGNORECASE,
)
"""Bounds of numbers, which are compared as such."""


@annotation
def _directed(parsed: ParsedText) -> tuple[_Directed, ...]:
    words = parse(_BOUND.sub(lambda match: "_" * len(match.group()), parsed.normalized)).words
    denials = [cue for cue in cues_of(parsed) if cue.kind in DENIALS]
    found = []
    for place, word in enumerate(words):
        axis_and_sign = _DIRECTION.get(word.lower)
        if axis_and_sign is None or (word.text[0].isupper() and not word.opening):
            continue
        if place + 1 < len(words) and words[place + 1].lower in _DIRECTION and word.stem in ("grow", "grew"):
            continue  # "grows weaker"
        near = [
            other.stem
            for other in words[max(0, place - _COMPARED) : place + _COMPARED + 1]
            if other.content and other is not word
        ]
        denied = any(word.stem in cue.focus for cue in denials)
        found.append(_Directed(*axis_and_sign, word.text, frozenset(near), denied))
    return tuple(found)


def _closest(own: _Directed, others: Sequence[_Directed]) -> int:
    return max((len(own.around & other.around) for other in others), default=-1)


def comparison_fault(sentence: ParsedText, quotes: Sequence[ParsedText]) -> str | None:
    """A word of the sentence whose opposite stands in its place in the quotes; None where there is none."""
    quoted = [directed for quote in quotes for directed in _directed(quote)]
    present = {word.lower for quote in quotes for word in quote.words}
    for own in _directed(sentence):
        same = [other for other in quoted if other.axis == own.axis and other.sign == own.sign]
        opposite = [
            other
            for other in quoted
            if other.axis == own.axis and other.sign != own.sign and other.denied == own.denied
        ]
        if not opposite or (own.text.lower() in present and not same):
            continue
        if _closest(own, opposite) > _closest(own, same):
            return f"“{own.text}” against “{opposite[0].text}”"
    return None


class _Relation(NamedTuple):
    doer: frozenset[str]
    receiver: frozenset[str]
    between: frozenset[str]


@annotation
def _relations(parsed: ParsedText, others: tuple[ParsedText, ...]) -> tuple[_Relation, ...]:
    """Pairs of names in one clause with the stems between them, turned round where the voice is passive."""
    words, names = parsed.words, find_names(parsed, others)
    named = {place for name in names for place in range(name.first, name.last + 1)}
    found: list[_Relation] = []
    for place, first in enumerate(names):
        for second in names[place + 1 :]:
            if words[first.last].clause != words[second.first].clause:
                break
            between = frozenset(
                word.stem
                for n, word in enumerate(words)
                if first.last < n < second.first and word.content and n not in named and word.text.isalpha()
            )
            doer, receiver = first.identity, second.identity
            link = parsed.normalized[words[first.last].end : words[second.first].start]
            if not between or doer & receiver or _EITHER_WAY.search(link):
                continue
            found.append(
                _Relation(receiver, doer, between) if _PASSIVE.search(link) else _Relation(doer, receiver, between)
            )
    return tuple(found)


@annotation
def _slots(parsed: ParsedText, others: tuple[ParsedText, ...]) -> tuple[tuple[frozenset[str], tuple[str, ...]], ...]:
    """Each name with the two words before and the two after it."""
    lowered = [""] * _SLOT + [word.lower for word in parsed.words] + [""] * _SLOT
    return tuple(
        (
            name.identity,
            (*lowered[name.first : name.first + _SLOT], *lowered[name.last + 1 + _SLOT : name.last + 1 + 2 * _SLOT]),
        )
        for name in find_names(parsed, others)
    )


_Links = frozenset[tuple[frozenset[str], str]]


@annotation
def _links(parsed: ParsedText, others: tuple[ParsedText, ...], reach: int, *, shared: bool) -> _Links:
    """Each name with each of the content words that follow it, as far as ``reach`` of them or the next name.

    With ``shared``, both did so in "Samsung and SK Hynix built"; without, only the nearer.
    """
    words, names = parsed.words, find_names(parsed, others)
    found: set[tuple[frozenset[str], str]] = set()
    follows: list[str] = []
    for place in range(len(names) - 1, -1, -1):
        name = names[place]
        end = names[place + 1].first if place + 1 < len(names) else len(words)
        between = words[name.last + 1 : end]
        if (
            not shared
            or end == len(words)
            or any(word.content for word in between)
            or not {word.lower for word in between} <= {"and", "or", "both"}
        ):
            follows = [
                word.stem
                for word in between
                if word.content and word.clause == words[name.last].clause and word.text.isalpha()
            ][:reach]
        found.update((name.identity, stem_) for stem_ in follows)
    return frozenset(found)


@annotation
def _possessions(parsed: ParsedText, others: tuple[ParsedText, ...]) -> _Links:
    """Each name in the possessive with the content words of what it has."""
    words, names = parsed.words, find_names(parsed, others)
    starts = {name.first for name in names}
    found: set[tuple[frozenset[str], str]] = set()
    for name in names:
        if parsed.normalized[words[name.last].end :].startswith("'"):
            following = itertools.takewhile(
                lambda n: n not in starts, range(name.last + 1, min(name.last + 1 + _OWNED_WORDS, len(words)))
            )
            found.update((name.identity, words[n].stem) for n in following if words[n].content)
    return frozenset(found)


def _in_order(link: tuple[frozenset[str], str]) -> tuple[list[str], str]:
    """A key to take links in, so that the same texts always give the same fault."""
    return sorted(link[0]), link[1]


def _possession_fault(sentence: ParsedText, quotes: Sequence[ParsedText]) -> str | None:
    """A name that has in the sentence what another name has in the quotes, and not it."""
    owned = {link for quote in quotes for link in _possessions(quote, (sentence,))}
    known = {word for quote in quotes for name in find_names(quote, (sentence,)) for word in name.identity}
    for name, thing in sorted(_possessions(sentence, tuple(quotes)), key=_in_order):
        owners = [other for other, owned_thing in owned if owned_thing == thing]
        if owners and name & known and not any(name & owner for owner in owners):
            return f"“{thing}…” is not {' '.join(sorted(name))}'s in the quote"
    return None


def _link_fault(sentence: ParsedText, quotes: Sequence[ParsedText]) -> str | None:
    """A name that does in the sentence what another name does in the quotes, and not it."""
    if any(_PASSIVE.search(text.normalized) for text in (sentence, *quotes)):
        return None
    nearby = {link for quote in quotes for link in _links(quote, (sentence,), 1, shared=False)}
    wider = {link for quote in quotes for link in _links(quote, (sentence,), _REACH, shared=True)}
    known = {word for name, _ in wider for word in name}
    for name, does in sorted(_links(sentence, tuple(quotes), 1, shared=False), key=_in_order):
        if not name & known or any(name & other and does == did for other, did in wider):
            continue
        if any(does == did and not name & other for other, did in nearby):
            return f"{' '.join(sorted(name))} and “{does}…” are not together in the quote"
    return None


def _exchange_fault(sentence: ParsedText, quotes: Sequence[ParsedText]) -> str | None:
    """Two names with the same words between them the other way round."""
    quoted = [relation for quote in quotes for relation in _relations(quote, (sentence,))]
    for own in _relations(sentence, tuple(quotes)):
        swapped = same = 0
        for relation in quoted:
            shared = len(own.between & relation.between)
            if own.doer & relation.doer and own.receiver & relation.receiver:
                same = max(same, shared)
            elif own.doer & relation.receiver and own.receiver & relation.doer:
                swapped = max(swapped, shared)
        if swapped > same:
            return f"{' '.join(sorted(own.doer))} and {' '.join(sorted(own.receiver))} have changed places"
    return None


def _listed_together(texts: Sequence[ParsedText], first: frozenset[str], second: frozenset[str]) -> bool:
    """Whether one of the texts names the two in one list, where their order says nothing."""
    for text in texts:
        words, names = text.words, find_names(text, texts)
        for one, other in itertools.pairwise(names):
            between = words[one.last + 1 : other.first]
            together = {one.identity & first, other.identity & second} if one.identity & first else set()
            together = together or ({one.identity & second, other.identity & first} if one.identity & second else set())
            if together and frozenset() not in together and not any(word.content for word in between):
                gap = text.normalized[words[one.last].end : words[other.first].start]
                if _LISTING.search(gap):
                    return True
    return False


def _slot_fault(sentence: ParsedText, quotes: Sequence[ParsedText]) -> str | None:
    """A name between the words between which a quote has another; but the two may change places in a list."""
    places = [slot for quote in quotes for slot in _slots(quote, (sentence,))]
    for name, beside in _slots(sentence, tuple(quotes)):
        best = {True: 0, False: 0}
        rival: frozenset[str] = frozenset()
        for other, others_beside in places:
            if "korea" in name | other and (name | other) & {"south_korea", "north_korea"}:
                continue  # which half "Korean" speaks of is a matter of names
            common = [a for a, b in zip(beside, others_beside, strict=True) if a == b]
            alike = (
                len(common) if any(word not in FUNCTION_WORDS and word not in REPORTING_WORDS for word in common) else 0
            )
            if not name & other and alike > best[False]:
                rival = other
            best[bool(name & other)] = max(best[bool(name & other)], alike)
        if best[False] >= _SAME_SLOT and best[False] > best[True]:
            if _listed_together([sentence], name, rival) and _listed_together(quotes, name, rival):
                continue
            return f"{' '.join(sorted(name))} stands where the quote has another name"
    return None


def roles_fault(sentence: ParsedText, quotes: Sequence[ParsedText]) -> str | None:
    """Two names that have changed places around the words that relate them; None where there are none.

    The words between two names, after one and around one are compared in turn; a sentence in other words shares some
    of them with its quote, one that keeps the quote's words shares all.
    """
    return (
        _exchange_fault(sentence, quotes)
        or _possession_fault(sentence, quotes)
        or _link_fault(sentence, quotes)
        or _slot_fault(sentence, quotes)
    )
