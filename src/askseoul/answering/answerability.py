"""Whether the evidence answers the question, and if not, why.

The reader gives each sentence the probability that it answers. What the best of them must reach is how strict the
answer is to be. Beside it stands one guard: a name or figure of the question that a sentence and what stands around it
do not hold halves its odds, and one that no sentence holds asks for a sure answer. Between likely and sure an answer is
given with its doubt. A sentence about another ward than the one that the question names does not answer it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from askseoul.answering.table_lookup import holds_scaled, is_extreme, is_looked_up, is_of_another_row, is_row
from askseoul.domain import Evidence, RefusalReason
from askseoul.models.reader import Candidate, Reader
from askseoul.nlp.entities import find_designations, find_names, name_forms, told_apart
from askseoul.nlp.quantities import find_figures
from askseoul.nlp.text import ParsedText, parse
from askseoul.retrieval.question import Question
from askseoul.settings import STRICTNESS, Strictness

ANSWERS: Final[dict[Strictness, float]] = {"lenient": 0.12, "balanced": 0.18, "strict": 0.4}
"""Least probability of the best sentence at which a question is answered. Over 321 questions of 40 stories, each asked
within its story, the reader alone answers 0.90, 0.86 and 0.72 of the answerable ones, and refuses 0.55, 0.66 and 0.84
of the others. On 48 other stories the program answers 0.86 and refuses 0.71 when balanced."""
SURE: Final = 0.5
"""Probability from which an answer needs no word of doubt. It is also the least one where no sentence of the evidence
holds a name or figure of the question."""
MISSING_ODDS: Final = 0.5
"""Factor of a sentence's odds where a name or figure of the question is missing around it."""
DOUBT: Final = "These quotes may answer the question, but it is not certain."
LOOKED_UP: Final = 0.6
"""Least probability of a row of a table in which the question looks up a cell."""
NEAR: Final = 0.05
"""Probability from which a sentence comes near the question."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Why a question is not answered."""

    reason: RefusalReason
    detail: str = ""
    """A sentence on what is missing, or nothing."""
    unknown: str | None = None
    """A word or name of the question that no passage holds."""


def read_evidence(question: Question, evidence: Sequence[Evidence], reader: Reader) -> list[Evidence]:
    """Return the evidence with the probability of each sentence that it answers, the likeliest first."""
    around = [item.lead or " ".join(filter(None, (item.before, item.after))) for item in evidence]
    found = reader.answers(
        [Candidate(question.text, item.quote.text, text) for item, text in zip(evidence, around, strict=True)]
    )
    read = [replace(item, answers=float(answers)) for item, answers in zip(evidence, found, strict=True)]
    guarded = [replace(item, answers=_guarded(question, item)) for item in read]
    return sorted(guarded, key=lambda item: -item.answers)


def judge(
    question: Question,
    evidence: Sequence[Evidence],
    unknown_words: Sequence[str] = (),
    strictness: Strictness = STRICTNESS,
) -> Decision | None:
    """Return None when the evidence, read and best first, answers the question, else why it does not.

    ``unknown_words`` are words of the question that no passage of the collection holds. A name of several words that
    are all among them is of nobody here, and no evidence answers for it.
    """
    probability = confidence(evidence)
    held = parse("\n".join(item.surroundings for item in evidence))
    missing = lacking(question, held) if evidence else []
    nowhere = any(_is_unknown(name, unknown_words) for name in missing)
    if not nowhere and probability >= (max(ANSWERS[strictness], SURE) if missing else ANSWERS[strictness]):
        return None
    unknown = next(iter([*missing, *unknown_words]), None)
    reason: RefusalReason = "near miss" if probability >= NEAR else "nothing relevant"
    if missing:
        return Decision(reason, f"What comes nearest does not speak of {_listed(missing)}.", unknown)
    return Decision(reason, unknown=unknown)


def _is_unknown(name: str, unknown_words: Sequence[str]) -> bool:
    """Whether a missing part of a question is a name of several words, none of which any passage holds."""
    words = [word.lower for word in parse(name).words]
    return len(words) > 1 and name[:1].isupper() and set(words) <= set(unknown_words)


def confidence(evidence: Sequence[Evidence]) -> float:
    """Return the probability in [0, 1] that the evidence, best first, answers; 0 without any evidence."""
    return evidence[0].answers if evidence else 0.0


def doubt(evidence: Sequence[Evidence]) -> str | None:
    """Return why evidence that answers may not do so after all; None if it surely does."""
    return None if confidence(evidence) >= SURE else DOUBT


def lacking(question: Question, text: ParsedText) -> list[str]:
    """Return the names and figures of a question, as it has them, that a text does not hold.

    The question's own number of things may be told otherwise, and is not looked for; nor is a capitalised first word,
    which may be a request ("List").
    """
    parsed, forms, figures = question.parsed, name_forms(text), find_figures(question.parsed)
    lower = {word.lower for word in text.words}
    names = [
        parsed.normalized[parsed.words[name.first].start : parsed.words[name.last].end]
        for name in find_names(parsed, (text,))
        if name.distinctive and name.distinctive.isdisjoint(forms | lower) and (name.first, name.last) != (0, 0)
    ]
    held = find_figures(text)
    dates = [
        date.text
        for date in figures.dates
        if not any(map(date.matches, held.dates)) and not lower.issuperset(date.text.lower().split())
    ]
    return [*names, *dates] + [
        quantity.text
        for quantity in figures.quantities
        if not (quantity.referring or quantity.unit == "ordinal" or any(map(quantity.matches, held.quantities)))
    ]


def is_of_another(parsed: ParsedText, item: Evidence) -> bool:
    """Whether a sentence, or else what stands around it, is of another thing than a text: of ward 1, not of ward 2."""
    sentence, around = parse(item.quote.text), parse(item.surroundings)
    if told_apart(parsed, sentence):
        return True
    return told_apart(parsed, around) and not find_designations(sentence).keys() & find_designations(parsed).keys()


def _guarded(question: Question, item: Evidence) -> float:
    """The probability of a sentence: none if it is of another thing than the question, less where something of the
    question is missing around it."""
    if is_of_another(question.parsed, item):
        return 0.0
    if is_row(item):
        return _guarded_row(question, item)
    if item.answers < 1 and lacking(question, parse(item.surroundings)):
        odds = MISSING_ODDS * item.answers / (1 - item.answers)
        return odds / (1 + odds)
    return item.answers


def _guarded_row(question: Question, item: Evidence) -> float:
    """The probability of a row of a table: none if the question names another row, or has a name or figure that neither
    the row nor what introduces it holds, since no pronoun stands for a name there, or asks for the highest of a column,
    which is another's; likely if it looks up a cell."""
    missing = lacking(question, parse(f"{item.lead}\n{item.quote.text}"))
    asked = [each for each in find_figures(question.parsed).quantities if each.text in missing]
    scaled = [each.text for each in asked if holds_scaled(each, item.quote.text)]
    if is_of_another_row(question, item) or set(missing) - set(scaled):
        return 0.0
    extreme = is_extreme(question, item)
    if extreme is False:
        return 0.0
    return max(item.answers, LOOKED_UP) if extreme or is_looked_up(question, item) else item.answers


def _listed(things: Sequence[str]) -> str:
    quoted = [f"“{thing}”" for thing in dict.fromkeys(things)]
    return " or ".join([", ".join(quoted[:-1]), quoted[-1]] if quoted[:-1] else quoted)
