"""Questions: the type of answer that a question asks for, and its parts.

The answer type is classified by rules on the question's words, in the tradition of question answering (Li and Roth,
2002, "Learning Question Classifiers"). A question that no rule matches has the type ``thing``, which any text
satisfies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from askseoul.errors import QuestionInvalid
from askseoul.nlp import lexicon
from askseoul.nlp.entities import find_names
from askseoul.nlp.numerals import CODE
from askseoul.nlp.quantities import Quantity, find_figures
from askseoul.nlp.text import ParsedText, parse, replace_surrogates
from askseoul.nlp.units import MONEY, units_named

AnswerType = Literal[
    "number", "money", "share", "duration", "date", "statement",
    "person", "place", "reason", "manner", "choice", "thing",
]  # fmt: skip

LONGEST_QUESTION = 2_000
"""Maximum length in characters; a longer text is an article, not a question."""
_MIN_PART_WORDS = 3
"""Minimum number of words of each part of a question: "when and where was it held?" is not split."""
_SHARES = frozenset({"percent", "percentage point", "share"})
_DURATIONS = frozenset({"year", "month", "week", "day", "hour", "minute", "second"})
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
_RULES: tuple[tuple[AnswerType, tuple[str, ...]], ...] = (
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
"""The patterns of each answer type; a question has the first type with a matching pattern."""
_COMPILED = tuple((answer_type, re.compile("|".join(patterns), re.IGNORECASE)) for answer_type, patterns in _RULES)
_QUESTION = re.compile(
    rf"\b(?:{_QUESTION_WORDS})\b|\?|^\W*(?:{_AUXILIARIES}|{lexicon.pattern('questions', 'commands')})\b", re.IGNORECASE
)
_BROAD = re.compile(
    r"\b(?:what|which) (?:do|does|did|would|will|could|can|are|were|is|was)\b.*"
    rf"\b(?:{lexicon.pattern('questions', 'contents')})\b"
    r"|\b(?:describe|explain|summari[sz]e|compare|list|tell me about|outline)\b"
    rf"|\b(?:{lexicon.pattern('questions', 'aspects')})\b",
    re.IGNORECASE,
)
_JOINED = re.compile(
    r"\s*(?:[,;]\s*(?:and|but|or)?|\b(?:and|but)|\?)\s+(?:also\s+)?(?=(?:(?:in|by|for|to|at|on|of|from|with|since|until|after)\s+)?"
    rf"(?:{_QUESTION_WORDS})\b)|\?\s+(?:and\s+)?(?=\w)",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\bhow (?:many|much) (?:(?:more|fewer|other|new|different|such|of the|of) )*([a-z]+)(?:[ -]([a-z]+))?",
    re.IGNORECASE,
)
_NOTHING_COUNTED = re.compile(_AUXILIARIES, re.IGNORECASE)
"""What follows "how much" where no thing is named: "How much was the fine?" """
_HOW_LONG_A_THING = re.compile(r"^\W*how long (?:is|are|was) (?:the|this|that)\b", re.IGNORECASE)
"""Asks for a length in metres or in hours: of a tunnel, or of a meeting."""
_OUT_OF = re.compile(r"\bout of\b|\b(?:in|of) (?:every )?(?:ten|hundred|100|10)\b|\bper ?cent", re.IGNORECASE)
_SPEECH = re.compile(rf"\b(?:{lexicon.pattern('questions', 'statements')})\b|\"", re.IGNORECASE)
_CAUSE = re.compile(rf"\b(?:{lexicon.pattern('questions', 'causes')})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Question:
    """A question, parsed and classified."""

    text: str
    answer_type: AnswerType
    is_broad: bool
    """Whether an answer needs several sentences: questions for reasons, manners, choices, views and contents."""
    is_question: bool
    """Whether it has the form of a question or a request. "chip exports" has not, and leaves open what to answer."""
    parsed: ParsedText = field(compare=False)

    @property
    def stems(self) -> frozenset[str]:
        """The stems of its content words."""
        return self.parsed.content_stems


def read_question(text: str) -> Question:
    """Parse and classify a question; lone surrogates become U+FFFD.

    Raises QuestionInvalid if it is empty or has more than LONGEST_QUESTION characters.
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
    answer_type: AnswerType = next((found for found, pattern in _COMPILED if pattern.search(plain)), "thing")
    if answer_type == "number" and _counts_money(plain):
        answer_type = "money"
    is_broad = answer_type in ("reason", "manner", "choice") or _BROAD.search(plain) is not None
    return Question(text, answer_type, is_broad, _QUESTION.search(plain) is not None, parsed)


def _counts_money(asked: str) -> bool:
    """Whether a question counts a currency: "How many kroner …?"; not pounds, which may be of weight."""
    counted = _COUNTED.search(asked)
    named = units_named(f"{counted[1]} {counted[2]}") or units_named(counted[1]) if counted else frozenset()
    return bool(named) and named <= MONEY


def split_question(text: str) -> list[str]:
    """Split a question that asks several things; another question is the only item of the list.

    "When was the fund set up, and how much does it have?" has two parts. Each part has at least _MIN_PART_WORDS words
    and becomes a question by itself.
    """
    parts: list[str] = []
    start = 0
    for match in _JOINED.finditer(text):
        first, rest = text[start : match.start()], text[match.end() :]
        if _QUESTION.search(first) and len(first.split()) >= _MIN_PART_WORDS and len(rest.split()) >= _MIN_PART_WORDS:
            parts.append(first)
            start = match.end()
    parts.append(text[start:])
    return (
        [f"{part[:1].upper()}{part[1:]}".strip().rstrip(",?;. ") + "?" for part in parts] if len(parts) > 1 else [text]
    )


def holds_answer_type(question: Question, parsed: ParsedText) -> bool:
    """Whether a text contains something of the question's answer type that the question itself does not mention.

    For a reason or a statement, a word that introduces one suffices. Manners, choices and things have no form to
    recognise, so any text holds them.
    """
    asked = question.parsed
    if question.answer_type in ("number", "money", "share", "duration"):
        return bool(asked_quantities(question, parsed))
    if question.answer_type == "date":
        dates = find_figures(asked).dates
        return any(not any(date.matches(other) for other in dates) for date in find_figures(parsed).dates)
    if question.answer_type in ("person", "place"):
        known_words = {word for name in find_names(asked, (parsed,)) for word in name.words}
        return any(not set(name.words) <= known_words for name in find_names(parsed, (asked,)))
    if question.answer_type == "statement":
        return _SPEECH.search(parsed.normalized) is not None
    return question.answer_type != "reason" or _CAUSE.search(parsed.normalized) is not None


def asked_quantities(question: Question, parsed: ParsedText) -> list[Quantity]:
    """Return the quantities of a text that have the asked type and unit and are not mentioned by the question
    itself."""
    asked = question.parsed
    known = find_figures(asked).quantities
    units = _asked_units(question.answer_type, asked.normalized)
    return [
        quantity
        for quantity in find_figures(parsed).quantities
        if not quantity.referring
        and quantity.unit not in ("ordinal", CODE)
        and (units is None or quantity.unit in units)
        and not any(quantity.matches(other) or other.matches(quantity) for other in known)
    ]


def _asked_units(answer_type: AnswerType, asked: str) -> frozenset[str] | None:
    """Return the units that an answer may have, with "" for counted things; None if it may have any unit."""
    units = {"money": MONEY, "share": _SHARES, "duration": _DURATIONS}.get(answer_type)
    if answer_type == "duration" and _HOW_LONG_A_THING.search(asked):
        return None
    counted = _COUNTED.search(asked)
    if units is not None or counted is None or _NOTHING_COUNTED.fullmatch(counted[1]):
        return units
    first, second = counted[1], counted[2] or ""
    verb = second.lower() == "won"  # "how many parties won"
    units = (
        units_named(f"{first} {second}") or units_named(first) or (not verb and units_named(second)) or frozenset({""})
    )
    return units | _SHARES if _OUT_OF.search(asked) else units
