"""How far a score is from chance: intervals for shares and means, and whether one run is worse than another.

What an answer to a gold question is worth: one pure function a measure.

They compare texts and offsets, so they need no judge. Most are shares in [0, 1]. One that makes no sense for a question
(an unanswerable one has no facts to hold) is None there, and means leave it out.
"""

from __future__ import annotations

import hashlib
import itertools
import math
import re
import string
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from askseoul.domain import Answer, Article, Citation, Quote, Retrieved, Span
from askseoul.errors import ArticleUnknown, UsageError
from askseoul.evaluation.datasets import GoldEvidence, GoldQuestion

SEED: Final = 20260731
"""Every run draws the same samples."""
ROUNDS: Final = 2_000
_NORMAL_95: Final = 1.959964


class Interval(NamedTuple):
    """Where the true value is in 95 of 100 such measurements."""

    low: float
    high: float


def wilson(hits: int, of: int) -> Interval:
    """The 95 % interval of a share of ``hits`` among ``of``, which must be above 0 (Wilson, 1927).

    The usual interval around the share has no width at 0 and at 1; this one has, which matters most where a figure is
    to be 0."""
    share, squared = hits / of, _NORMAL_95**2
    centre = (share + squared / (2 * of)) / (1 + squared / of)
    spread = _NORMAL_95 * math.sqrt(share * (1 - share) / of + squared / (4 * of**2)) / (1 + squared / of)
    return Interval(max(0.0, centre - spread), min(1.0, centre + spread))


def bootstrap(values: Sequence[float]) -> Interval:
    """The 95 % interval of the mean of these values, at least one, by drawing them again (Efron, 1979).

    The trap: it knows of no value that was not seen, so where all are the same it has no width."""
    drawn = _means(np.asarray(values, dtype=np.float64))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(float(low), float(high))


def bootstrap_of_both(ones: Sequence[float], others: Sequence[float]) -> Interval:
    """The 95 % interval of the mean of the means of two groups, at least one value each, drawn apart."""
    drawn = (_means(np.asarray(ones, dtype=np.float64)) + _means(np.asarray(others, dtype=np.float64), SEED + 1)) / 2
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(float(low), float(high))


def interval_of(values: Sequence[float]) -> Interval:
    """Wilson's interval where every value is 0 or 1, else the bootstrap's."""
    if all(value in (0, 1) for value in values):
        return wilson(round(sum(values)), len(values))
    return bootstrap(values)


def chance_of_no_drop(before: Sequence[float], after: Sequence[float]) -> float:
    """Share of paired bootstrap samples in which the mean of ``after`` is not below that of ``before``.

    The values belong to the same questions in the same order: what makes a question hard counts in both and cancels
    out, so that a small drop is told from chance (Koehn, 2004, "Statistical significance tests")."""
    differences = np.asarray(after, dtype=np.float64) - np.asarray(before, dtype=np.float64)
    return float(np.mean(_means(differences) >= 0))


def _means(values: np.ndarray, seed: int = SEED) -> np.ndarray:
    chance = np.random.default_rng(seed)
    drawn: np.ndarray = values[chance.integers(0, len(values), (ROUNDS, len(values)))].mean(axis=1)
    return drawn


ReadArticle = Callable[[str], Article]
"""The article of an id; raises ArticleUnknown."""

Supports = Callable[[str, Sequence[Quote]], bool]
"""Whether quotes together bear out a sentence."""

MARKER: Final = re.compile(r"\[\d+\]")


def without_markers(text: str) -> str:
    """The text without its ``[n]``."""
    return MARKER.sub("", text)


def words(text: str) -> int:
    """How many words a reader reads: runs without white space that hold a letter or digit, ``[n]`` markers apart."""
    return sum(any(character.isalnum() for character in word) for word in without_markers(text).split())


def facts_held(text: str, facts: Sequence[Sequence[str]]) -> float | None:
    """Share of the facts that the text holds.

    A fact is held when one of its alternatives, a regular expression, matches anywhere in the text, in upper or lower
    case, after the ``[n]`` markers were removed.
    """
    bare = without_markers(text)
    return share(any(re.search(pattern, bare, re.IGNORECASE) for pattern in fact) for fact in facts)


def quotes_exact(answer: Answer, read_article: ReadArticle) -> float | None:
    """Share of the quotes shown anywhere, a refusal's included, that are their article's text at their offsets.

    The article must be the one that was quoted: its text has the citation's sha256.
    """

    def exact(citation: Citation) -> bool:
        try:
            text = read_article(citation.article_id).text
        except ArticleUnknown:
            return False
        unchanged = hashlib.sha256(text.encode()).hexdigest() == citation.sha256
        return unchanged and text[citation.start : citation.end] == citation.quote

    shown = answer.citations + (answer.refusal.nearest if answer.refusal else ())
    return share(map(exact, shown))


@dataclass(frozen=True, slots=True)
class LocatedEvidence:
    """Where a gold quote stands in its article; more than one place when the article says the same twice."""

    article_id: str
    places: tuple[Span, ...]


def locate(question: GoldQuestion, read_article: ReadArticle) -> list[LocatedEvidence]:
    """Find a question's gold quotes in the articles, however their words are spaced.

    Raises:
        UsageError: a quote does not stand in its article.
        ArticleUnknown: the index does not hold the article.
    """
    return locate_quotes(f"Gold question {question.id}", question.evidence, read_article)


def locate_quotes(named: str, quotes: Sequence[GoldEvidence], read_article: ReadArticle) -> list[LocatedEvidence]:
    """The same of the quotes of what is called ``named`` in the error."""
    located = []
    for evidence in quotes:
        spaced = r"\s+".join(re.escape(word) for word in evidence.quote.split())
        found = re.finditer(spaced, read_article(evidence.article).text) if spaced else ()
        places = tuple(Span(*match.span()) for match in found)
        if not places:
            raise UsageError(
                f"{named}: {evidence.quote!r} does not stand in {evidence.article}: "
                "correct the quote, or index the articles that the questions were written for."
            )
        located.append(LocatedEvidence(evidence.article, places))
    return located


def evidence_cited(citations: Sequence[Citation], evidence: Sequence[LocatedEvidence]) -> float | None:
    """Share of the gold quotes that the citations cover.

    A citation covers a gold quote when it shares at least half of the gold quote's characters.
    """

    def covered(gold: LocatedEvidence) -> bool:
        return any(
            2 * _overlap(citation, gold.article_id, place) >= place.end - place.start
            for citation in citations
            for place in gold.places
        )

    return share(map(covered, evidence))


def citation_precision(citations: Sequence[Citation], evidence: Sequence[LocatedEvidence]) -> float | None:
    """Share of the citations that overlap a gold quote of the question.

    A lower bound: other sentences of the articles may answer the question as well, and the gold need not list them all.
    """

    def fitting(citation: Citation) -> bool:
        return any(_overlap(citation, gold.article_id, place) for gold in evidence for place in gold.places)

    return share(map(fitting, citations))


def both_sides(answer: Answer, evidence: Sequence[LocatedEvidence]) -> float:
    """1.0 where a disagreement is shown of which each side rests on another of the articles that the gold evidence is
    of, else 0.0."""
    wanted = {gold.article_id for gold in evidence}
    cited = {citation.number: citation.article_id for citation in answer.citations}
    for disagreement in answer.disagreements:
        sides = [{cited[number] for number in side.citations} & wanted for side in disagreement.sides]
        if sides and any(len(set(articles)) == len(sides) for articles in itertools.product(*sides)):
            return 1.0
    return 0.0


def balanced_accuracy(answerable: Sequence[bool], unanswerable: Sequence[bool]) -> float | None:
    """Mean of the share of answerable questions answered and the share of unanswerable ones refused.

    Both arguments say which questions were answered. Answering everything gives 0.5, and so does refusing everything.
    """
    answered = share(answerable)
    refused = share(not each for each in unanswerable)
    return None if answered is None or refused is None else (answered + refused) / 2


def precision_and_recall(real: Sequence[bool], said: Sequence[bool]) -> tuple[float | None, float | None]:
    """Of those said to be so the share that are, and of those that are the share said to be; None for a share of none.

    The trap: each is easily had alone, the one by saying little, the other by saying all."""
    pairs = list(zip(real, said, strict=True))
    return share(is_so for is_so, was_said in pairs if was_said), share(was_said for is_so, was_said in pairs if is_so)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that at least this share of them do not exceed (the nearest-rank percentile)."""
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]


def share(outcomes: Iterable[bool]) -> float | None:
    """The share of them that are so; None of none."""
    known = list(outcomes)
    return sum(known) / len(known) if known else None


def _overlap(citation: Citation, article_id: str, place: Span) -> int:
    """How many characters a citation shares with a place in an article."""
    if citation.article_id != article_id:
        return 0
    return max(0, min(citation.end, place.end) - max(citation.start, place.start))


def retrieval(retrieved: Sequence[Retrieved], evidence: Sequence[LocatedEvidence]) -> dict[str, float | None]:
    """``ndcg_at_10``, ``recall_at_10`` and ``reciprocal_rank`` of the gold quotes in the passages, best first, as
    ir-measures computes them (Järvelin and Kekäläinen, 2002, for nDCG).

    What is to be found are the gold quotes, each at the first passage with at least half of it, since which
    passages there are depends on how articles are split. The trap: a passage with other words that answer the question
    as well counts as nothing found.
    """
    names = ("ndcg_at_10", "recall_at_10", "reciprocal_rank")
    if not evidence:
        return dict.fromkeys(names)
    from ir_measures import RR, R, ScoredDoc, calc_aggregate, nDCG
    from ir_measures.util import Qrel

    ranked: list[str] = []
    for place, passage in enumerate(retrieved):
        held = [
            f"gold {number}"
            for number, gold in enumerate(evidence)
            if f"gold {number}" not in ranked and any(_holds_half(passage, gold, span) for span in gold.places)
        ]
        ranked += held or [f"passage {place}"]
    wanted = [Qrel("q", f"gold {number}", 1) for number in range(len(evidence))]
    run = [ScoredDoc("q", name, float(len(ranked) - place)) for place, name in enumerate(ranked)]
    found = calc_aggregate([nDCG @ 10, R @ 10, RR], wanted, run)
    return dict(zip(names, (float(found[measure]) for measure in (nDCG @ 10, R @ 10, RR)), strict=True))


def _holds_half(passage: Retrieved, gold: LocatedEvidence, span: Span) -> bool:
    """Whether a passage holds at least half of a gold quote, or is itself a part of a long one."""
    shared = min(passage.end, span.end) - max(passage.start, span.start)
    needed = min(span.end - span.start, passage.end - passage.start)
    return passage.article_id == gold.article_id and 2 * shared >= needed > 0


def token_f1(text: str, answers: Sequence[str]) -> float | None:
    """The best F1 of the text's words with those of one of the short answers (Rajpurkar et al., 2016, "SQuAD").

    Words are compared in small letters, without punctuation and articles. The trap: an answer that is a whole sentence
    has a low F1 however right it is.
    """
    if not answers:
        return None
    said = _normalised(without_markers(text))
    return max(_f1(said, _normalised(answer)) for answer in answers)


def _f1(said: Counter[str], wanted: Counter[str]) -> float:
    shared = (said & wanted).total()
    if not said or not wanted:
        return float(said == wanted)
    return 2 * shared / (said.total() + wanted.total())


def _normalised(text: str) -> Counter[str]:
    bare = "".join(character for character in text.lower() if character not in string.punctuation)
    return Counter(word for word in bare.split() if word not in ("a", "an", "the"))


def citation_recall(answer: Answer) -> float | None:
    """Share of an answer's sentences that their quotes together support (Gao et al., 2023, "ALCE").

    A verifier stands in for the model of entailment that the paper uses; here its verdict is part of the answer. The
    trap: an answer can only be as right as that verifier says, so its own precision and recall belong beside it.
    """
    return share(bool(each.citations) and each.verdict == "supported" for each in answer.sentences)


def needed_citations(claims: Sequence[tuple[str, Sequence[Quote]]], supports: Supports) -> float | None:
    """Share of the citations that are needed: without it the others of its sentence do not support that sentence, or it
    does so alone (Gao et al., 2023, "ALCE", citation precision).

    ``claims`` are the sentences, each with what it rests on. A citation of a sentence that is not supported at all is
    not needed. The trap: it asks whether a source is of use, not whether it is the one that the gold names.
    """
    outcomes = []
    for text, quotes in claims:
        is_supported = supports(text, quotes)
        for place, quote in enumerate(quotes):
            others = [*quotes[:place], *quotes[place + 1 :]]
            outcomes.append(is_supported and (not others or supports(text, [quote]) or not supports(text, others)))
    return share(outcomes)


def risk_at_coverage(confidences: Sequence[float], correct: Sequence[float]) -> list[tuple[float, float]]:
    """The coverage-risk curve (El-Yaniv and Wiener, 2010): for each number of answers kept, the most confident first,
    the share of the questions that they are and the mean of what they lack to be right.

    ``correct`` is in [0, 1] for each question that was answered. Answers of one confidence are kept together. The trap:
    a curve over few questions jumps; read its end and its run, not its first steps.
    """
    order = sorted(range(len(confidences)), key=lambda place: -confidences[place])
    curve = []
    lacking = 0.0
    for kept, place in enumerate(order, 1):
        lacking += 1 - correct[place]
        if kept == len(order) or confidences[order[kept]] != confidences[place]:
            curve.append((kept / len(order), lacking / kept))
    return curve
