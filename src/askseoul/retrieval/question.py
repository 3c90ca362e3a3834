"""What a question asks for: the kind of thing an answer must hold, and how much room an answer needs.

Read from the question's own words by rule, in the tradition of answer types for question answering (Li and Roth, 2002,
"Learning Question Classifiers"). A question that fits no rule asks for a ``thing``, which demands nothing of an answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from askseoul.errors import QuestionInvalid
from askseoul.nlp import lexicon
from askseoul.nlp.entities import find_names
from askseoul.nlp.quantities import UNIT_NAMES, Quantity, find_figures
from askseoul.nlp.text import ParsedText, parse, replace_surrogates, stem

Kind = Literal[
    "number", "money", "share", "duration", "date", "statement",
    "person", "place", "reason", "manner", "choice", "thing",
]  # fmt: skip

_MONEY = frozenset({"dollar", "euro", "pound", "yen", "yuan", "won"})
_SHARES = frozenset({"percent", "percentage point", "share"})
_DURATIONS = frozenset({"year", "month", "week", "day", "hour", "minute", "second"})

LONGEST_QUESTION = 2_000
"""Characters. Longer texts are articles, not questions."""

_AMOUNTS = lexicon.pattern("questions", "amounts")
_RATES = lexicon.pattern("questions", "rates")
_MEASURES = lexicon.pattern("questions", "measures")
_TIMES = lexicon.pattern("questions", "times")
_PLACES = lexicon.pattern("questions", "places")
_PEOPLE = lexicon.pattern("questions", "people")
_SPENDING = lexicon.pattern("questions", "spending")
_QUESTION_WORDS = lexicon.pattern("questions", "question_words")
_AUXILIARIES = lexicon.pattern("questions", "be", "do", "have", "modals")
_ASKING = "(?:what|which|whose)"
_ASKING_FOR = rf"\b{_ASKING} (?:(?:is|was|are|were) the )?(?:\w+ ){{0,2}}"
_RULES: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    ("choice", (rf"^(?:{_AUXILIARIES})\b",)),
    ("duration", (r"\bhow long\b", r"\bhow (?:many|much) (?:more )?(?:years?|months?|weeks?|days?|hours?|minutes?)\b")),
    (
        "share",
        (rf"\b{_ASKING} (?:(?:is|was|are|were) the )?(?:\w+ )?(?:{_RATES})\b", r"\bhow (?:many|much) per ?cent\b"),
    ),
    (
        "money",
        (
            rf"\bhow (?:much|many)\b.*\b(?:{_SPENDING})\b",
            r"\bwhat (?:do|does|did|will|would)\b.*\bcost\b",
            rf"{_ASKING_FOR}(?:{_AMOUNTS})\b",
            rf"\bhow (?:large|big|high|great) (?:is|was|were|are|did)\b.*\b(?:{_AMOUNTS})\b",
        ),
    ),
    (
        "number",
        (
            r"\bhow many\b",
            r"\bhow (?:large|big|tall|high|far|fast|old|often|deep|wide|heavy|strong|much)\b",
            rf"{_ASKING_FOR}(?:{_MEASURES})\b",
        ),
    ),
    (
        "date",
        (
            r"^(?:\W*(?:and|so|but|since|until|from|by)\s+)?when\b",
            r",\s*(?:and )?when\b",
            rf"\b{_ASKING} (?:\w+ )?(?:{_TIMES})\b",
        ),
    ),
    (
        "statement",
        (
            r"\bwhat (?:did|does|has|have|do) (?!the (?:articles?|texts?|authors?|commentar)).+? "
            rf"(?:{lexicon.pattern('questions', 'said')})\b",
        ),
    ),
    (
        "person",
        (
            r"\b(?:who|whom|whose)\b",
            rf"\b{_ASKING} (?:\w+ ){{0,2}}(?:{_PEOPLE})\b",
            rf"\bname of\b.*\b(?:{_PEOPLE})\b",
        ),
    ),
    ("place", (r"\bwhere\b", rf"\b{_ASKING} (?:\w+ )?(?:{_PLACES})\b")),
    (
        "reason",
        (
            r"\bwhy\b",
            r"\bhow come\b",
            r"\bwhat (?:are |is |was |were )?(?:the )?(?:reasons?|causes?)\b",
            r"\bwhat (?:caused|causes|led|made|prompted|drove)\b",
        ),
    ),
    ("manner", (r"^(?:\W*(?:and|so|but|in [\w ]+,)\s+)?how\b", r"\bin (?:what|which) ways?\b")),
)
"""Tried in this order; the first kind with a pattern that fits is the question's."""
_COMPILED = tuple((kind, re.compile("|".join(patterns), re.IGNORECASE)) for kind, patterns in _RULES)
_ASKS = re.compile(
    rf"\b(?:{_QUESTION_WORDS})\b|\?|^\W*(?:{_AUXILIARIES}|{lexicon.pattern('questions', 'commands')})\b", re.IGNORECASE
)
SHORTEST_PART = 3
"""Words of a part of a question; "when and where was it held?" is one question."""
_JOINED = re.compile(
    r"\s*(?:[,;]\s*(?:and|but|or)?|\b(?:and|but)|\?)\s+(?:also\s+)?(?=(?:(?:in|by|for|to|at|on|of|from|with|since|until|after)\s+)?"
    rf"(?:{_QUESTION_WORDS})\b)|\?\s+(?:and\s+)?(?=\w)",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\bhow (?:many|much) (?:(?:more|fewer|other|new|different|such|of the|of) )*([a-z]+)(?:[ -]([a-z]+))?",
    re.IGNORECASE,
)
_HOW_LONG_A_THING = re.compile(r"^\W*how long (?:is|are|was) (?:the|this|that)\b", re.IGNORECASE)
"""A tunnel, or a meeting: its length in metres or in hours."""
_OUT_OF = re.compile(r"\bout of\b|\b(?:in|of) (?:every )?(?:ten|hundred|100|10)\b|\bper ?cent", re.IGNORECASE)
_MANY_SIDED = re.compile(
    r"\b(?:what|which) (?:do|does|did|would|will|could|can|are|were|is|was)\b.*"
    rf"\b(?:{lexicon.pattern('questions', 'contents')})\b"
    r"|\b(?:describe|explain|summari[sz]e|compare|list|tell me about|outline)\b"
    rf"|\b(?:{lexicon.pattern('questions', 'aspects')})\b",
    re.IGNORECASE,
)
_SPEECH = re.compile(rf"\b(?:{lexicon.pattern('questions', 'statements')})\b|\"", re.IGNORECASE)
_CAUSE = re.compile(rf"\b(?:{lexicon.pattern('questions', 'causes')})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Question:
    """A question and what was read out of it."""

    text: str
    kind: Kind
    broad: bool
    """Whether an answer needs several sentences: reasons, manners, choices, and questions for views or contents."""
    asks: bool
    """Whether it has a question's form or asks to be told something: "chip exports" leaves open what about them."""
    parsed: ParsedText = field(compare=False)

    @property
    def stems(self) -> frozenset[str]:
        """Stems of its content words."""
        return self.parsed.content_stems


def read_question(text: str) -> Question:
    """What this question asks for. Raises QuestionInvalid when it is empty or longer than LONGEST_QUESTION characters.

    Halves of surrogate pairs, which no encoder reads, become U+FFFD.
    """
    text = replace_surrogates(text).strip()
    if not any(character.isalnum() for character in text):
        raise QuestionInvalid(
            "The question is empty: ask one in words, such as “How many US troops are in South Korea?”."
        )
    if len(text) > LONGEST_QUESTION:
        raise QuestionInvalid(
            f"The question has {len(text):,} characters and may have {LONGEST_QUESTION:,}: "
            "ask a shorter one, and index long texts as articles instead."
        )
    parsed = parse(text)
    plain = parsed.normalized
    kind: Kind = next((kind for kind, pattern in _COMPILED if pattern.search(plain)), "thing")
    broad = kind in ("reason", "manner", "choice") or _MANY_SIDED.search(plain) is not None
    asks = _ASKS.search(plain) is not None
    return Question(text, kind, broad, asks, parsed)


def split_question(text: str) -> list[str]:
    """The parts of a question that asks several things ("When was it set up, and by whom?"), else the question alone.

    Each part is a question of its own: it has a question word or an auxiliary in front and two words behind it."""
    parts: list[str] = []
    start = 0
    for match in _JOINED.finditer(text):
        first, rest = text[start : match.start()], text[match.end() :]
        if _ASKS.search(first) and len(first.split()) >= SHORTEST_PART and len(rest.split()) >= SHORTEST_PART:
            parts.append(first)
            start = match.end()
    parts.append(text[start:])
    return (
        [f"{part[:1].upper()}{part[1:]}".strip().rstrip(",?;. ") + "?" for part in parts] if len(parts) > 1 else [text]
    )


def holds_kind(question: Question, text: str) -> bool:
    """Whether this text holds something of the asked kind that the question does not itself name.

    For a reason or a statement a word that gives one is enough, and manners, choices and things can't be told by form:
    any text may hold them."""
    asked, folded = question.parsed, parse(text)
    if question.kind in ("number", "money", "share", "duration"):
        return bool(asked_quantities(question, folded))
    if question.kind == "date":
        dates = find_figures(asked).dates
        return any(not any(date.matches(other) for other in dates) for date in find_figures(folded).dates)
    if question.kind in ("person", "place"):
        known_words = {word for name in find_names(asked, (folded,)) for word in name.words}
        return any(not set(name.words) <= known_words for name in find_names(folded, (asked,)))
    if question.kind == "statement":
        return _SPEECH.search(folded.normalized) is not None
    return question.kind != "reason" or _CAUSE.search(folded.normalized) is not None


def asked_quantities(question: Question, folded: ParsedText) -> list[Quantity]:
    """The quantities of a folded text that are of the asked kind and unit and not named by the question itself."""
    asked = question.parsed
    known = find_figures(asked).quantities
    units = _units_asked_for(question.kind, asked.normalized)
    return [
        quantity
        for quantity in find_figures(folded).quantities
        if not quantity.referring
        and quantity.unit != "ordinal"
        and (units is None or quantity.unit in units)
        and not any(quantity.matches(other) for other in known)
    ]


def _units_asked_for(kind: Kind, asked: str) -> frozenset[str] | None:
    """The units of which an answer must have one, "" for things that are counted; None where any will do."""
    units = {"money": _MONEY, "share": _SHARES, "duration": _DURATIONS}.get(kind)
    if kind == "duration" and _HOW_LONG_A_THING.search(asked):
        return None
    counted = _COUNTED.search(asked)
    if units is not None or counted is None:
        return units
    named = {stem(word) for word in counted.groups() if word}
    units = frozenset(unit for unit in UNIT_NAMES if stem(unit) in named) or frozenset({""})
    return units | _SHARES if _OUT_OF.search(asked) else units
