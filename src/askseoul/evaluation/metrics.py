"""Measures of answers to gold questions, confidence intervals, and a test whether one run is worse than another.

Measures compare texts and offsets, so they need no judge. Most are shares in [0, 1]. A measure that does not apply to a
question (an unanswerable one has no facts to hold) is None, and means leave it out.
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

ReadArticle = Callable[[str], Article]
"""The article with an id; raises ArticleUnknown."""
Supports = Callable[[str, Sequence[Quote]], bool]
"""Whether quotes together support a sentence."""

MARKER: Final = re.compile(r"\[\d+\]")
SEED: Final = 20260731
"""Seed of the bootstrap samples, so that every run draws the same."""
ROUNDS: Final = 2_000
"""Bootstrap samples."""
_NORMAL_95: Final = 1.959964
"""The 0.975 quantile of the standard normal distribution."""


def without_markers(text: str) -> str:
    """The text without its ``[n]`` markers."""
    return MARKER.sub("", text)


def count_words(text: str) -> int:
    """The number of words: runs without white space that contain a letter or digit, without ``[n]`` markers."""
    return sum(any(character.isalnum() for character in word) for word in without_markers(text).split())


def facts_held(text: str, facts: Sequence[Sequence[str]]) -> float | None:
    """Share of the facts that a text holds.

    A fact is held if one of its alternative regular expressions matches anywhere in the text, ignoring case, after the
    ``[n]`` markers are removed.
    """
    bare = without_markers(text)
    return share(any(re.search(pattern, bare, re.IGNORECASE) for pattern in fact) for fact in facts)


def quotes_exact(answer: Answer, read_article: ReadArticle) -> float | None:
    """Share of the quotes, including those of a refusal, that are their article's text at their offsets.

    The article's text must also have the sha256 of the citation.
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
    """The article and the offsets of a gold quote; several spans if the article repeats it."""

    article_id: str
    spans: tuple[Span, ...]


def locate(question: GoldQuestion, read_article: ReadArticle) -> list[LocatedEvidence]:
    """Find a question's gold quotes in the articles, ignoring spacing.

    Raises UsageError if a quote is not in its article, ArticleUnknown if the index does not have the article."""
    return locate_quotes(f"Gold question {question.id}", question.evidence, read_article)


def locate_quotes(name: str, quotes: Sequence[GoldEvidence], read_article: ReadArticle) -> list[LocatedEvidence]:
    """Find quotes in the articles, as ``locate`` does; the error calls their owner ``name``."""
    located = []
    for evidence in quotes:
        spaced = r"\s+".join(re.escape(word) for word in evidence.quote.split())
        found = re.finditer(spaced, read_article(evidence.article).text) if spaced else ()
        spans = tuple(Span(*match.span()) for match in found)
        if not spans:
            raise UsageError(
                f"{name}: {evidence.quote!r} is not in {evidence.article}: "
                "correct the quote, or index the articles that the questions were written for."
            )
        located.append(LocatedEvidence(evidence.article, spans))
    return located


def evidence_cited(citations: Sequence[Citation], evidence: Sequence[LocatedEvidence]) -> float | None:
    """Share of the gold quotes that the citations cover: at least half of the characters, by one citation."""

    def covered(gold: LocatedEvidence) -> bool:
        return any(
            2 * _overlap(citation, gold.article_id, span) >= span.end - span.start
            for citation in citations
            for span in gold.spans
        )

    return share(map(covered, evidence))


def citation_precision(citations: Sequence[Citation], evidence: Sequence[LocatedEvidence]) -> float | None:
    """Share of the citations that overlap a gold quote of the question.

    This is a lower bound: other sentences of the articles may answer the question too, and the gold need not list them.
    """

    def overlaps(citation: Citation) -> bool:
        return any(_overlap(citation, gold.article_id, span) for gold in evidence for span in gold.spans)

    return share(map(overlaps, citations))


def both_sides(answer: Answer, evidence: Sequence[LocatedEvidence]) -> float:
    """1.0 if a disagreement has sides that each cite a different article of the gold evidence, else 0.0."""
    wanted = {gold.article_id for gold in evidence}
    cited = {citation.number: citation.article_id for citation in answer.citations}
    for disagreement in answer.disagreements:
        sides = [{cited[number] for number in side.citations} & wanted for side in disagreement.sides]
        if sides and any(len(set(articles)) == len(sides) for articles in itertools.product(*sides)):
            return 1.0
    return 0.0


def balanced_accuracy(answerable: Sequence[bool], unanswerable: Sequence[bool]) -> float | None:
    """Mean of the shares of answerable questions that were answered and of unanswerable ones that were refused.

    Both arguments say which questions were answered. Answering everything scores 0.5, and so does refusing everything.
    """
    answered = share(answerable)
    refused = share(not each for each in unanswerable)
    return None if answered is None or refused is None else (answered + refused) / 2


def precision_and_recall(labels: Sequence[bool], predicted: Sequence[bool]) -> tuple[float | None, float | None]:
    """Precision and recall of the predictions; None for a share of nothing.

    Either is easy to raise alone: precision by affirming little, recall by affirming everything."""
    pairs = list(zip(labels, predicted, strict=True))
    precision = share(label for label, prediction in pairs if prediction)
    return precision, share(prediction for label, prediction in pairs if label)


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile: the smallest value that at least this share of the values do not exceed."""
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]


def share(outcomes: Iterable[bool]) -> float | None:
    """The share of outcomes that are true; None if there are none."""
    known = list(outcomes)
    return sum(known) / len(known) if known else None


def _overlap(citation: Citation, article_id: str, span: Span) -> int:
    """The number of characters that a citation shares with a span of an article."""
    if citation.article_id != article_id:
        return 0
    return max(0, min(citation.end, span.end) - max(citation.start, span.start))


def retrieval_measures(retrieved: Sequence[Retrieved], evidence: Sequence[LocatedEvidence]) -> dict[str, float | None]:
    """``ndcg_at_10``, ``recall_at_10`` and ``reciprocal_rank`` of the passages, best first, by ir-measures (nDCG:
    Järvelin and Kekäläinen, 2002); None without evidence.

    The relevant items are the gold quotes, not passages, since passages depend on how articles are split. A gold quote
    is found at the first passage with at least half of it. A passage that answers the question in other words counts as
    not relevant.
    """
    names = ("ndcg_at_10", "recall_at_10", "reciprocal_rank")
    if not evidence:
        return dict.fromkeys(names)
    from ir_measures import RR, R, ScoredDoc, calc_aggregate, nDCG
    from ir_measures.util import Qrel

    ranked: list[str] = []
    for rank, passage in enumerate(retrieved):
        held = [
            f"gold {number}"
            for number, gold in enumerate(evidence)
            if f"gold {number}" not in ranked and any(_holds_half(passage, gold, span) for span in gold.spans)
        ]
        ranked += held or [f"passage {rank}"]
    wanted = [Qrel("q", f"gold {number}", 1) for number in range(len(evidence))]
    run = [ScoredDoc("q", name, float(len(ranked) - rank)) for rank, name in enumerate(ranked)]
    found = calc_aggregate([nDCG @ 10, R @ 10, RR], wanted, run)
    return dict(zip(names, (float(found[measure]) for measure in (nDCG @ 10, R @ 10, RR)), strict=True))


def _holds_half(passage: Retrieved, gold: LocatedEvidence, span: Span) -> bool:
    """Whether a passage contains at least half of a gold quote, or at least half of it is in the quote."""
    shared = min(passage.end, span.end) - max(passage.start, span.start)
    needed = min(span.end - span.start, passage.end - passage.start)
    return passage.article_id == gold.article_id and 2 * shared >= needed > 0


def token_f1(text: str, answers: Sequence[str]) -> float | None:
    """The best F1 of the text's words and those of a short answer (Rajpurkar et al., 2016, "SQuAD"); None without one.

    Words are compared in lower case, without punctuation and the articles "a", "an", "the". An answer that is a whole
    sentence has a low F1 even if it is right.
    """
    if not answers:
        return None
    said = _word_counts(without_markers(text))
    return max(_f1(said, _word_counts(answer)) for answer in answers)


def _f1(said: Counter[str], wanted: Counter[str]) -> float:
    shared = (said & wanted).total()
    if not said or not wanted:
        return float(said == wanted)
    return 2 * shared / (said.total() + wanted.total())


def _word_counts(text: str) -> Counter[str]:
    bare = "".join(character for character in text.lower() if character not in string.punctuation)
    return Counter(word for word in bare.split() if word not in ("a", "an", "the"))


def citation_recall(answer: Answer) -> float | None:
    """Share of an answer's sentences that their quotes together support (Gao et al., 2023, "ALCE").

    The verdict of the verifier replaces that of the paper's entailment model, so report the precision and recall of the
    verifier beside this measure.
    """
    return share(bool(each.citations) and each.verdict == "supported" for each in answer.sentences)


def needed_citations(claims: Sequence[tuple[str, Sequence[Quote]]], supports: Supports) -> float | None:
    """Share of the citations that are needed (Gao et al., 2023, "ALCE", citation precision).

    A citation is needed if it supports its sentence alone, or if the sentence's other citations do not support it
    together. ``claims`` are the sentences, each with its quotes. No citation of an unsupported sentence is needed. This
    measures whether a source is useful, not whether it is the one in the gold.
    """
    outcomes = []
    for text, quotes in claims:
        is_supported = supports(text, quotes)
        for index, quote in enumerate(quotes):
            others = [*quotes[:index], *quotes[index + 1 :]]
            outcomes.append(is_supported and (not others or supports(text, [quote]) or not supports(text, others)))
    return share(outcomes)


def risk_at_coverage(confidences: Sequence[float], correct: Sequence[float]) -> list[tuple[float, float]]:
    """The risk-coverage curve (El-Yaniv and Wiener, 2010), as pairs of coverage and risk.

    Answers are kept in the order of their confidence, those with the same confidence together. Coverage is the share of
    answers kept, risk the mean of 1 - ``correct``, which is in [0, 1]. With few questions the first steps are noisy.
    """
    order = sorted(range(len(confidences)), key=lambda index: -confidences[index])
    curve = []
    wrong = 0.0
    for kept, index in enumerate(order, 1):
        wrong += 1 - correct[index]
        if kept == len(order) or confidences[order[kept]] != confidences[index]:
            curve.append((kept / len(order), wrong / kept))
    return curve


class Interval(NamedTuple):
    """A 95 % confidence interval."""

    low: float
    high: float


def wilson(hits: int, of: int) -> Interval:
    """The interval of the share of ``hits`` among ``of``, which must be above 0 (Wilson, 1927).

    Unlike the normal approximation it has a width at 0 and 1, which matters for figures that should be 0."""
    share, squared = hits / of, _NORMAL_95**2
    centre = (share + squared / (2 * of)) / (1 + squared / of)
    spread = _NORMAL_95 * math.sqrt(share * (1 - share) / of + squared / (4 * of**2)) / (1 + squared / of)
    return Interval(max(0.0, centre - spread), min(1.0, centre + spread))


def bootstrap(values: Sequence[float]) -> Interval:
    """The percentile bootstrap interval of the mean of at least one value (Efron, 1979).

    It has no width if all values are the same."""
    drawn = _means(np.asarray(values, dtype=np.float64))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(float(low), float(high))


def bootstrap_of_both(ones: Sequence[float], others: Sequence[float]) -> Interval:
    """The bootstrap interval of the mean of the means of two groups, with at least one value each, drawn separately."""
    drawn = (_means(np.asarray(ones, dtype=np.float64)) + _means(np.asarray(others, dtype=np.float64), SEED + 1)) / 2
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(float(low), float(high))


def interval_of(values: Sequence[float]) -> Interval:
    """Wilson's interval if every value is 0 or 1, else the bootstrap's."""
    if all(value in (0, 1) for value in values):
        return wilson(round(sum(values)), len(values))
    return bootstrap(values)


def paired_bootstrap_p(before: Sequence[float], after: Sequence[float]) -> float:
    """The p-value of a drop: the share of paired bootstrap samples in which the mean of ``after`` is not below that of
    ``before`` (Koehn, 2004, "Statistical significance tests").

    The values belong to the same questions in the same order. How hard a question is cancels out, so that small drops
    become significant."""
    differences = np.asarray(after, dtype=np.float64) - np.asarray(before, dtype=np.float64)
    return float(np.mean(_means(differences) >= 0))


def _means(values: np.ndarray, seed: int = SEED) -> np.ndarray:
    """Means of ROUNDS samples of the values, drawn with replacement."""
    random = np.random.default_rng(seed)
    drawn: np.ndarray = values[random.integers(0, len(values), (ROUNDS, len(values)))].mean(axis=1)
    return drawn
