"""Answers to gold questions into scores.

The measures compare texts and offsets, so they need no judge. Most are shares in [0, 1]. One that makes no sense for a
question (an unanswerable one has no facts to hold) is None there, and means leave it out.
"""

from __future__ import annotations

import hashlib
import math
import re
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from rich.table import Table

from askseoul.domain import Answer, Article, Citation, Span
from askseoul.errors import ArticleUnknown, UsageError
from askseoul.gold import GoldQuestion, Kind

ReadArticle = Callable[[str], Article]
"""The article of an id; raises ArticleUnknown."""

GATED_LANGUAGE: Final = "en"
"""Thresholds hold for questions in English: the default encoder knows no other language, so others are shown apart."""

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
    return _share(any(re.search(pattern, bare, re.IGNORECASE) for pattern in fact) for fact in facts)


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
    return _share(map(exact, shown))


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
    located = []
    for evidence in question.evidence:
        spaced = r"\s+".join(re.escape(word) for word in evidence.quote.split())
        found = re.finditer(spaced, read_article(evidence.article).text) if spaced else ()
        places = tuple(Span(*match.span()) for match in found)
        if not places:
            raise UsageError(
                f"Gold question {question.id}: {evidence.quote!r} does not stand in {evidence.article}: "
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

    return _share(map(covered, evidence))


def citation_precision(citations: Sequence[Citation], evidence: Sequence[LocatedEvidence]) -> float | None:
    """Share of the citations that overlap a gold quote of the question.

    A lower bound: other sentences of the articles may answer the question as well, and the gold need not list them all.
    """

    def fitting(citation: Citation) -> bool:
        return any(_overlap(citation, gold.article_id, place) for gold in evidence for place in gold.places)

    return _share(map(fitting, citations))


def both_sides(answer: Answer, evidence: Sequence[LocatedEvidence]) -> float:
    """1.0 where a disagreement is shown of which each side rests on another of the articles that the gold evidence is
    of, else 0.0."""
    wanted = {gold.article_id for gold in evidence}
    cited = {citation.number: citation.article_id for citation in answer.citations}
    for disagreement in answer.disagreements:
        sides = [{cited[number] for number in side.citations} & wanted for side in disagreement.sides]
        if all(sides) and len(set().union(*sides)) >= len(sides):
            return 1.0
    return 0.0


def balanced_accuracy(answerable: Sequence[bool], unanswerable: Sequence[bool]) -> float | None:
    """Mean of the share of answerable questions answered and the share of unanswerable ones refused.

    Both arguments say which questions were answered. Answering everything gives 0.5, and so does refusing everything.
    """
    answered = _share(answerable)
    refused = _share(not each for each in unanswerable)
    return None if answered is None or refused is None else (answered + refused) / 2


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that at least this share of them do not exceed (the nearest-rank percentile)."""
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]


def _share(outcomes: Iterable[bool]) -> float | None:
    known = list(outcomes)
    return sum(known) / len(known) if known else None


def _overlap(citation: Citation, article_id: str, place: Span) -> int:
    """How many characters a citation shares with a place in an article."""
    if citation.article_id != article_id:
        return 0
    return max(0, min(citation.end, place.end) - max(citation.start, place.start))


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one gold question."""

    question: GoldQuestion
    answer: Answer
    seconds: float
    measures: Mapping[str, float | None]
    failures: tuple[str, ...]
    """What a second look found in the answer's supported sentences that does not stand in their quotes."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The results of a run, in the order of the questions."""

    results: tuple[Result, ...]

    def scores(self, lang: str, kind: Kind | None = None) -> dict[str, float]:
        """The figures over the questions of a language, and of one kind when it is given; those that exist.

        ``questions`` counts them and ``words`` is the mean length of an answer; ``false_answers`` (unanswerable, yet
        answered) and ``false_refusals`` (answerable, yet refused) are shares of the questions where that can happen;
        ``proved`` is the share of answers in whose supported sentences a second look found nothing that their quotes
        lack.
        """
        chosen = [
            result for result in self.results if result.question.lang == lang and kind in (None, result.question.kind)
        ]
        if not chosen:
            return {}
        answerable = [each.answer.answered for each in chosen if each.question.kind != "unanswerable"]
        unanswerable = [each.answer.answered for each in chosen if each.question.kind == "unanswerable"]
        figures: dict[str, float | None] = {"questions": len(chosen)}
        for name in chosen[0].measures:
            known = [value for each in chosen if (value := each.measures[name]) is not None]
            figures[name] = statistics.fmean(known) if known else None
        figures["false_answers"] = _share(unanswerable)
        figures["false_refusals"] = _share(not each for each in answerable)
        figures["balanced_accuracy"] = balanced_accuracy(answerable, unanswerable)
        figures["seconds_p50"] = percentile([each.seconds for each in chosen], 0.5)
        figures["seconds_p95"] = percentile([each.seconds for each in chosen], 0.95)
        return {name: value for name, value in figures.items() if value is not None}

    def groups(self) -> dict[str, dict[str, float]]:
        """The scores of each language (``en``) and of each kind of question in it (``en fact``), those that occur."""
        groups: dict[str, dict[str, float]] = {}
        for lang in dict.fromkeys(result.question.lang for result in self.results):
            groups[lang] = self.scores(lang)
            groups |= {f"{lang} {kind}": scores for kind in get_args(Kind) if (scores := self.scores(lang, kind))}
        return groups


def evaluate(
    questions: Sequence[GoldQuestion],
    ask: Callable[[str], Answer],
    read_article: ReadArticle,
    reprove: Callable[[Answer], Sequence[str]],
) -> Evaluation:
    """Ask every question and measure the answers.

    ``reprove`` looks at an answer's supported sentences again and names the numbers and names that their quotes lack.
    All gold quotes are located before the first question is asked, so a gold file that does not fit the index fails at
    once, as ``locate`` does.
    """
    evidence = [locate(question, read_article) for question in questions]
    results = []
    for question, located in zip(questions, evidence, strict=True):
        started = time.perf_counter()
        answer = ask(question.question)
        seconds = time.perf_counter() - started
        failures = tuple(reprove(answer))
        measures = _measures(question, answer, located, read_article) | {"proved": _proved(answer, failures)}
        results.append(Result(question, answer, seconds, measures, failures))
    return Evaluation(tuple(results))


def _measures(
    question: GoldQuestion, answer: Answer, located: Sequence[LocatedEvidence], read_article: ReadArticle
) -> dict[str, float | None]:
    """A refusal holds no facts, whatever its message says, and citations are not judged where there is no gold."""
    held = facts_held(answer.text, question.facts)
    return {
        "facts_held": held if answer.answered or held is None else 0.0,
        "evidence_cited": evidence_cited(answer.citations, located),
        "citation_precision": citation_precision(answer.citations, located) if located else None,
        "quotes_exact": quotes_exact(answer, read_article),
        "words": words(answer.text) if answer.answered else None,
        "both_sides": both_sides(answer, located) if question.kind == "conflict" else None,
        "false_disagreements": float(bool(answer.disagreements)) if question.kind == "fact" else None,
    }


def _proved(answer: Answer, failures: Sequence[str]) -> float | None:
    return float(not failures) if answer.answered else None


def read_threshold(written: str) -> tuple[str, float]:
    """The name and the least value of a figure, as in ``facts_held=0.8``. Raises UsageError."""
    name, _, value = written.partition("=")
    try:
        return name, float(value)
    except ValueError as error:
        raise UsageError(f"--minimum is {written!r}: give it as NAME=VALUE, as in facts_held=0.8.") from error


def check_thresholds(evaluation: Evaluation, minimum: Mapping[str, float]) -> list[str]:
    """One line for each figure over the English questions that is below its minimum or could not be measured."""
    scores = evaluation.scores(GATED_LANGUAGE)
    misses = []
    for name, least in minimum.items():
        if name not in scores:
            misses.append(f"{name} was not measured and must be at least {least:g}")
        elif scores[name] < least:
            misses.append(f"{name} is {scores[name]:.3f} and must be at least {least:g}")
    return misses


def table(evaluation: Evaluation) -> Table:
    """The figures for the terminal: one row a figure, one column a group of questions."""
    groups = evaluation.groups()
    drawn = Table("figure")
    for group in groups:
        drawn.add_column(group, justify="right")
    for name in dict.fromkeys(name for scores in groups.values() for name in scores):
        drawn.add_row(name, *(f"{scores[name]:.3g}" if name in scores else "" for scores in groups.values()))
    return drawn


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """The figures of every group, and the measures, the answer's text and what was found wrong for every question."""
    return {
        "scores": evaluation.groups(),
        "questions": [
            {
                "id": result.question.id,
                "kind": result.question.kind,
                "lang": result.question.lang,
                "question": result.question.question,
                "answered": result.answer.answered,
                "text": result.answer.text,
                "seconds": result.seconds,
                "measures": dict(result.measures),
                "failures": list(result.failures),
            }
            for result in evaluation.results
        ],
    }
