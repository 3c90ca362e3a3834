"""Figures of a reader over stories: each with its control, and with 95 % intervals over resampled stories.

A model can score well by how claims and questions are worded. So every figure has a control, in which the evidence is
exchanged for another story's: there it has to fall to chance. *Twin wins* asks which of two twins scores higher.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from askseoul.models.graph import FloatMatrix
from askseoul.models.reader import CONFLICT, SUPPORTED, AnswerPair, Candidate, EvidencedClaim, FloatVector
from training.examples import RELATIONS, VERDICTS
from training.stories import Claim, Question, Story

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

RESAMPLES: Final = 500
BINS: Final = 10


class Reads(Protocol):
    """A reader, or whatever is compared with one."""

    def answers(self, candidates: Sequence[Candidate]) -> FloatVector:
        """Return a score in [0, 1] of each candidate."""

    def supports(self, claims: Sequence[EvidencedClaim]) -> FloatMatrix:
        """Return the probabilities of SUPPORTED, UNSUPPORTED and CONTRADICTED, (claims, 3)."""

    def relations(self, pairs: Sequence[AnswerPair]) -> FloatMatrix:
        """Return the probabilities of SAME, COMPATIBLE and CONFLICT, (pairs, 3)."""


@dataclass(frozen=True)
class Reading:
    """What a reader says of one story."""

    story: Story
    claims: FloatMatrix
    """(claims, 3)"""
    exchanged_claims: FloatMatrix
    """(claims, 3): the same claims over another story's sentences."""
    sentences: list[dict[str, float]]
    """For each question, the probability of each sentence of the story."""
    exchanged_questions: list[float]
    """For each question, the highest probability of another story's sentences."""
    relations: FloatMatrix
    """(pairs, 3)"""
    exchanged_relations: FloatMatrix
    """(pairs, 3): with another story's sentence on the right."""


@dataclass(frozen=True)
class Figure:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True)
class Bin:
    """Readings of about the same probability."""

    index: int
    """From 0 to BINS - 1."""
    count: int
    probability: float
    """Their mean."""
    right: float
    """The share of them that is so."""


def read(reader: Reads, stories: Sequence[Story]) -> list[Reading]:
    """Return what the reader says of each story; the next story is the one that its evidence is exchanged for."""
    others = [*stories[1:], *stories[:1]]
    claims = _split(
        reader.supports([_evidenced(claim, story, claim.evidence) for story in stories for claim in story.claims]),
        [len(story.claims) for story in stories],
    )
    exchanged_claims = _split(
        reader.supports(
            [
                _evidenced(claim, other, _exchanged(claim, other))
                for story, other in zip(stories, others, strict=True)
                for claim in story.claims
            ]
        ),
        [len(story.claims) for story in stories],
    )
    relations, exchanged_relations = (
        _split(
            reader.relations(
                [
                    AnswerPair(pair.question, story.sentence(pair.left), right(story, other, pair.right))
                    for story, other in zip(stories, others, strict=True)
                    for pair in story.pairs
                ]
            ),
            [len(story.pairs) for story in stories],
        )
        for right in (lambda story, _, right: story.sentence(right), lambda _, other, __: other.sentence("a1"))
    )
    readings = []
    for position, (story, other) in enumerate(zip(stories, others, strict=True)):
        exchanged = [sentences_that_answer(reader, other, question) for question in story.questions]
        readings.append(
            Reading(
                story,
                claims[position],
                exchanged_claims[position],
                [sentences_that_answer(reader, story, question) for question in story.questions],
                [max(one.values()) for one in exchanged],
                relations[position],
                exchanged_relations[position],
            )
        )
    return readings


def sentences_that_answer(reader: Reads, story: Story, question: Question) -> dict[str, float]:
    """Return the probability of each sentence of a story that it answers the question."""
    identifiers = story.sentence_ids()
    candidates = [Candidate(question.text, story.sentence(one), story.around(one)) for one in identifiers]
    return dict(zip(identifiers, map(float, reader.answers(candidates)), strict=True))


def figures(readings: Sequence[Reading]) -> dict[str, Figure]:
    """Return every figure by its name, with intervals over resampled stories."""
    chance = np.random.default_rng(5)
    values = _values(readings)
    draws = [
        _values([readings[position] for position in chance.integers(0, len(readings), len(readings))])
        for _ in range(RESAMPLES)
    ]
    return {
        name: Figure(value, *(float(np.nanquantile([draw[name] for draw in draws], q)) for q in (0.025, 0.975)))
        for name, value in values.items()
    }


def auroc(labels: Flags, scores: Floats) -> float:
    """Return the probability that a positive scores higher than a negative; NaN if one of them is missing."""
    positive, negative = scores[labels], scores[~labels]
    if not len(positive) or not len(negative):
        return float("nan")
    ordered = np.sort(negative)
    below = np.searchsorted(ordered, positive, "left")
    equal = np.searchsorted(ordered, positive, "right") - below
    return float((below + equal / 2).mean() / len(negative))


def balanced_accuracy(labels: Flags, decisions: Flags) -> float:
    """Return the mean of the shares of positives and of negatives that are decided rightly."""
    return float((decisions[labels].mean() + (~decisions[~labels]).mean()) / 2)


def calibration_error(labels: Flags, probabilities: Floats) -> float:
    """Return the expected calibration error over BINS bins of equal width (Naeini et al., 2015)."""
    gaps = [one.count * abs(one.right - one.probability) for one in reliability(labels, probabilities)]
    return sum(gaps) / len(labels)


def reliability(labels: Flags, probabilities: Floats) -> list[Bin]:
    """Return those of BINS bins of equal width that are not empty, in the order of their probability."""
    bins = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    inside = {int(index): bins == index for index in np.unique(bins)}
    return [
        Bin(index, int(one.sum()), float(probabilities[one].mean()), float(labels[one].mean()))
        for index, one in inside.items()
    ]


def reliabilities(readings: Sequence[Reading]) -> dict[str, list[Bin]]:
    """Return the reliability of each head: of "supported", of "this sentence answers" and of "conflict"."""
    return {
        "supports": reliability(*_supported(readings)),
        "answers": reliability(*_answering(readings)),
        "relation": reliability(*_conflicting(readings)),
    }


def write_results(
    path: Path,
    found: Mapping[str, Figure],
    families: Mapping[str, Mapping[str, Figure]],
    readings: Sequence[Reading],
) -> None:
    """Write the figures of all stories with their intervals, the values by family and the reliability, as JSON."""
    content = {
        "stories": len(readings),
        "figures": {name: asdict(figure) for name, figure in found.items()},
        "families": {
            family: {name: figure.value for name, figure in of_family.items()} for family, of_family in families.items()
        },
        "reliability": {head: [asdict(one) for one in bins] for head, bins in reliabilities(readings).items()},
    }
    rounded = json.loads(json.dumps(content), parse_float=lambda number: round(float(number), 4))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rounded, indent=1) + "\n", encoding="utf-8")


def _evidenced(claim: Claim, story: Story, identifiers: Sequence[str]) -> EvidencedClaim:
    return EvidencedClaim(claim.text, [*map(story.sentence, identifiers)], story.before(identifiers[0]))


def _exchanged(claim: Claim, other: Story) -> list[str]:
    """Return as many sentences of another story, with one before them where the claim's own evidence has one."""
    first = 0 if claim.evidence[0][1:] == "1" else 1
    return other.sentence_ids()[first : first + len(claim.evidence)]


def _values(readings: Sequence[Reading]) -> dict[str, float]:
    return _claim_values(readings) | _question_values(readings) | _relation_values(readings)


def _claim_values(readings: Sequence[Reading]) -> dict[str, float]:
    supported, scores = _supported(readings)
    verdicts = np.array([VERDICTS[claim.verdict] for one in readings for claim in one.story.claims])
    probabilities = np.concatenate([one.claims for one in readings]).astype(float)
    exchanged = np.concatenate([one.exchanged_claims for one in readings])[:, SUPPORTED].astype(float)
    twins = [
        (one.claims[right, SUPPORTED], one.claims[wrong, SUPPORTED])
        for one in readings
        for right, wrong in one.story.claim_twins
    ]
    return {
        "claims: twin wins": _wins(twins),
        "claims: balanced accuracy": balanced_accuracy(supported, scores >= 0.5),
        "claims: AUROC": auroc(supported, scores),
        "claims: control": auroc(supported, exchanged),
        "claims: accuracy of three": float((probabilities.argmax(axis=1) == verdicts).mean()),
        "claims: calibration error": calibration_error(supported, scores),
    }


def _question_values(readings: Sequence[Reading]) -> dict[str, float]:
    best, recall, twins, exchanged = [], [], [], []
    best_answers: list[bool] = []
    best_scores: list[float] = []
    for one in readings:
        for question, scores in zip(one.story.questions, one.sentences, strict=True):
            ranking = sorted(scores, key=lambda identifier: -scores[identifier])
            best_answers.append(ranking[0] in question.answering)
            best_scores.append(scores[ranking[0]])
            if question.answerable:
                best.append(ranking[0] in question.answering)
                found = set(ranking[: max(2, len(question.support))])
                recall.append(len(found & set(question.support)) / len(question.support))
        for answered, unanswerable in one.story.question_twins:
            twins.append((max(one.sentences[answered].values()), max(one.sentences[unanswerable].values())))
            exchanged.append((one.exchanged_questions[answered], one.exchanged_questions[unanswerable]))
    answering, probabilities = _answering(readings)
    pairs = np.array(twins).reshape(-1, 2)
    exchanged_pairs = np.array(exchanged).reshape(-1, 2)
    right = np.repeat([True, False], len(pairs))
    return {
        "questions: best sentence answers": float(np.mean(best)),
        "questions: recall": float(np.mean(recall)),
        "questions: AUROC of sentences": auroc(answering, probabilities),
        "questions: twin wins": _wins(twins),
        "questions: AUROC over twins": auroc(right, pairs.T.ravel()),
        "questions: control, twin wins": _wins(exchanged),
        "questions: control, AUROC over twins": auroc(right, exchanged_pairs.T.ravel()),
        "questions: calibration error": calibration_error(answering, probabilities),
        "questions: calibration error of the best": calibration_error(np.array(best_answers), np.array(best_scores)),
    }


def _relation_values(readings: Sequence[Reading]) -> dict[str, float]:
    conflict, scores = _conflicting(readings)
    exchanged = np.concatenate([one.exchanged_relations for one in readings])[:, CONFLICT].astype(float)
    return {
        "relation: AUROC of conflict": auroc(conflict, scores),
        "relation: control": auroc(conflict, exchanged),
        "relation: calibration error": calibration_error(conflict, scores),
    }


def _supported(readings: Sequence[Reading]) -> tuple[Flags, Floats]:
    """Return (claims,): which are supported, and the probability of that."""
    labels = [claim.verdict == "supported" for one in readings for claim in one.story.claims]
    return np.array(labels), np.concatenate([one.claims for one in readings])[:, SUPPORTED].astype(float)


def _answering(readings: Sequence[Reading]) -> tuple[Flags, Floats]:
    """Return (questions times sentences,): which sentence answers, and the probability of that."""
    pairs = [
        (identifier in question.answering, score)
        for one in readings
        for question, scores in zip(one.story.questions, one.sentences, strict=True)
        for identifier, score in scores.items()
    ]
    return np.array([label for label, _ in pairs]), np.array([score for _, score in pairs])


def _conflicting(readings: Sequence[Reading]) -> tuple[Flags, Floats]:
    """Return (pairs,): which are in conflict, and the probability of that."""
    labels = [RELATIONS[pair.relation] == CONFLICT for one in readings for pair in one.story.pairs]
    return np.array(labels), np.concatenate([one.relations for one in readings])[:, CONFLICT].astype(float)


def _wins(twins: Sequence[tuple[float, float]]) -> float:
    return float(np.mean([(right > wrong) + 0.5 * (right == wrong) for right, wrong in twins])) if twins else np.nan


def _split(matrix: FloatMatrix, lengths: Sequence[int]) -> list[FloatMatrix]:
    return np.split(matrix, np.cumsum(lengths)[:-1])
