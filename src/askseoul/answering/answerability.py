"""Whether the evidence answers the question, and if not, why.

Judged by what the evidence says, not by how much of the question's words the collection knows. A sentence *fits* when
it holds a thing of the asked kind and the names and figures that the question speaks of. What decides is how well the
best fitting sentence meets the question's other words, how many sentences fit, and how far the best passage stands out
from those that follow. A logistic regression weighs that, once for questions with names and once for those without,
where nothing but the words tells what is asked about. ``evals.quality.answerability`` makes and measures the weights.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from askseoul.domain import Evidence, Hit, RefusalReason
from askseoul.nlp.entities import Name, count_anaphors, find_names, name_forms
from askseoul.nlp.quantities import Figures, find_figures
from askseoul.nlp.text import ParsedText, normalize, parse
from askseoul.retrieval.question import AnswerType, Question, holds_answer_type
from askseoul.verification.roles import comparison_fault, roles_fault

JUDGED: Final = 8
"""Evidence sentences that are judged: with all of them something fits any question of a large collection."""
FOLLOWERS: Final = 5
"""Hits behind the best with which it is compared."""
RELEVANT: Final = 0.5
"""Below this match of the best sentence, whether it fits or not, the articles do not speak of the subject at all."""
CONTRADICTING: Final = 0.6
"""Least match of a sentence that is taken to speak of the very thing the question takes for granted."""

_KINDS: Final[dict[AnswerType, str]] = {
    "number": "number",
    "money": "sum",
    "share": "share",
    "duration": "length of time",
    "date": "date",
    "statement": "statement",
    "person": "person",
    "place": "place",
    "reason": "reason",
}


class Features(NamedTuple):
    """What the judgement rests on, each in [0, 1] or close to it."""

    fitting: float
    """Match of the best sentence that fits, NEARLY of it for one that nearly does, NOT_FITTING where none does."""
    fitting_share: float
    """Share of the judged sentences that fit when what stands around them is read too."""
    articles: float
    """How many articles the hits come from, as a share of twelve: few in a collection on one subject."""
    relevant: float
    """Match of the best of the first six sentences."""
    lead: float
    """How far the best hit's score is above the mean of those that follow."""
    asks: float
    """1 where the question asks something, 0 where it is a list of words."""


NOT_FITTING: Final = 0.25
NEARLY: Final = 0.7
"""What a sentence counts that has a pronoun where its neighbours have the name, or that tells what stood beside what
where a reason is asked for."""
_NAMED: Final = (-2.10, Features(3.40, 3.10, -1.21, 0.0, 1.07, 0.0))
_NAMELESS: Final = (-3.88, Features(1.28, 0.35, -2.68, 2.90, 3.27, 1.65))
"""Intercept and weights of the log odds that a question with names, or one without, is answered. Fitted to be right as
often on answerable as on unanswerable questions, and then moved by half a unit towards answering, but for nameless
questions to large collections: an answer shows its evidence, a refusal in error hides it. ``relevant`` has no weight
beside ``fitting`` where there are names: it came out slightly negative."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Why a question is not answered."""

    reason: RefusalReason
    detail: str = ""
    """A sentence on what is missing, or nothing."""
    unknown: str | None = None
    """A word or name of the question that no passage holds."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the question speaks of."""

    question: Question
    names: tuple[Name, ...]
    figures: Figures

    def lacking_names(self, text: ParsedText) -> list[str]:
        """The names, as the question has them, of which the parsed text has no distinctive word."""
        parsed, forms = self.question.parsed, name_forms(text)
        words = parsed.words
        lacking = [name for name in self.names if name.distinctive.isdisjoint(forms)]
        return [parsed.normalized[words[name.first].start : words[name.last].end] for name in lacking]

    def lacking_figures(self, text: ParsedText) -> list[str]:
        """A year, a sum and the like that the text does not have; the question's own number of things may be."""
        held = find_figures(text)
        dates = [date.text for date in self.figures.dates if not any(map(date.matches, held.dates))]
        return dates + [
            quantity.text
            for quantity in self.figures.quantities
            if not (quantity.referring or quantity.unit == "ordinal" or any(map(quantity.matches, held.quantities)))
        ]


def judge(
    question: Question, evidence: Sequence[Evidence], hits: Sequence[Hit], unknown_words: Sequence[str] = ()
) -> Decision | None:
    """None when the evidence answers the question, else why it does not.

    ``hits`` are all that were retrieved, best first; ``unknown_words`` are words of the question that no passage of the
    collection holds: they decide nothing and are only named."""
    if not evidence:
        return Decision("nothing relevant", unknown=next(iter(unknown_words), None))
    asked = _asked(question, evidence)
    features = read_features(question, evidence, hits)
    if log_odds(features, named=bool(asked.names)) > 0:
        return None
    return _reason(asked, evidence, features, unknown_words)


def read_features(question: Question, evidence: Sequence[Evidence], hits: Sequence[Hit]) -> Features:
    """What the judgement of this question rests on; there must be evidence."""
    asked = _asked(question, evidence)
    judged = evidence[:JUDGED]
    followers = [hit.score for hit in hits[1 : 1 + FOLLOWERS]]
    return Features(
        fitting=max([NOT_FITTING, *(item.match * _fit(asked, item) for item in judged)]),
        fitting_share=sum(_fits_with_surroundings(asked, item) for item in judged) / JUDGED,
        articles=len({hit.article.id for hit in hits}) / 12,
        relevant=max(item.match for item in judged[:6]),
        lead=hits[0].score - statistics.fmean(followers) if followers else 0.0,
        asks=float(question.is_question),
    )


def confidence(question: Question, evidence: Sequence[Evidence], hits: Sequence[Hit]) -> float:
    """Probability in [0, 1] that the evidence answers the question, which ``judge`` holds against a half; 0 without any
    evidence."""
    if not evidence:
        return 0.0
    features = read_features(question, evidence, hits)
    return 1 / (1 + math.exp(-log_odds(features, named=bool(_asked(question, evidence).names))))


def log_odds(features: Features, *, named: bool) -> float:
    """Log odds that a question with these features is answered."""
    intercept, weights = _NAMED if named else _NAMELESS
    return intercept + sum(weight * feature for weight, feature in zip(weights, features, strict=True))


def _asked(question: Question, evidence: Sequence[Evidence]) -> _Asked:
    parsed = question.parsed
    names = find_names(parsed, [parse(item.quote.text) for item in evidence[:JUDGED]])
    return _Asked(question, tuple(name for name in names if name.distinctive), find_figures(parsed))


def _fit(asked: _Asked, item: Evidence) -> float:
    """1 for a sentence that fits, NEARLY for one that nearly does, else 0."""
    sentence, surroundings = parse(item.quote.text), parse(item.surroundings)
    if asked.lacking_figures(surroundings):
        return 0.0
    named, kind = not asked.lacking_names(sentence), holds_answer_type(asked.question, sentence)
    if named and kind:
        return 1.0
    told_beside = named and asked.question.answer_type == "reason"
    referred_to = kind and count_anaphors(sentence) > 0 and not asked.lacking_names(surroundings)
    return NEARLY if told_beside or referred_to else 0.0


def _fits_with_surroundings(asked: _Asked, item: Evidence) -> bool:
    surroundings = parse(item.surroundings)
    return holds_answer_type(asked.question, parse(item.quote.text)) and not (
        asked.lacking_names(surroundings) or asked.lacking_figures(surroundings)
    )


def _reason(asked: _Asked, evidence: Sequence[Evidence], features: Features, unknown_words: Sequence[str]) -> Decision:
    passages = [normalize(f"{item.hit.article.title}\n{item.hit.passage.text}") for item in evidence[:JUDGED]]
    everything = parse("\n".join(passages))
    unheld = asked.lacking_names(everything) + asked.lacking_figures(everything)
    unknown = next(iter([*unheld, *unknown_words]), None)
    if unheld:
        reason: RefusalReason = "near miss" if features.relevant >= RELEVANT else "nothing relevant"
        return Decision(reason, f"What comes nearest does not speak of {_listed(unheld)}.", unknown)
    if features.relevant < RELEVANT:
        return Decision("nothing relevant", unknown=unknown)
    contradiction = _contradiction(asked, evidence)
    if contradiction:
        return Decision("wrong premise", contradiction, unknown)
    if not asked.question.is_question:
        return Decision("near miss", "Ask in a full question what you want to know of it.", unknown)
    kind = asked.question.answer_type
    sentences = [parse(item.quote.text) for item in evidence[:JUDGED]]
    if kind in _KINDS and not any(holds_answer_type(asked.question, sentence) for sentence in sentences):
        return Decision("near miss", f"They give no {_KINDS[kind]} for it.", unknown)
    return Decision("near miss", unknown=unknown)


def _contradiction(asked: _Asked, evidence: Sequence[Evidence]) -> str:
    """What the question takes for granted and the best sentences have the other way round, or nothing."""
    parsed = asked.question.parsed
    for item in evidence[:3]:
        sentence = parse(item.quote.text)
        if item.match >= CONTRADICTING and not asked.lacking_names(sentence):
            fault = roles_fault(parsed, [sentence]) or comparison_fault(parsed, [sentence])
            if fault:
                return f"They have it the other way round: {fault}."
    return ""


def _listed(things: Sequence[str]) -> str:
    quoted = [f"“{thing}”" for thing in dict.fromkeys(things)]
    return " or ".join([", ".join(quoted[:-1]), quoted[-1]] if quoted[:-1] else quoted)
