"""Ask gold questions and score the answers: results by question, scores with intervals, and thresholds."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, get_args

from askseoul.answering.reverify import without_lead
from askseoul.domain import Answer, Quote
from askseoul.errors import UsageError
from askseoul.evaluation.datasets import Aspect, GoldQuestion, Kind, LabelledSentence
from askseoul.evaluation.metrics import (
    Interval,
    LocatedEvidence,
    ReadArticle,
    Supports,
    balanced_accuracy,
    bootstrap_of_both,
    both_sides,
    citation_precision,
    citation_recall,
    count_words,
    evidence_cited,
    facts_held,
    interval_of,
    locate,
    locate_quotes,
    needed_citations,
    percentile,
    precision_and_recall,
    quotes_exact,
    retrieval_measures,
    share,
    token_f1,
)

GATED_LANGUAGE: Final = "en"
"""Language of the questions that thresholds apply to, the only one that the default encoder knows."""


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one gold question."""

    question: GoldQuestion
    answer: Answer
    seconds: float
    measures: Mapping[str, float | None]
    failures: tuple[str, ...]
    """The faults found when the answer was verified again."""
    evidence: tuple[LocatedEvidence, ...] = ()
    """The gold quotes, located in their articles."""

    @property
    def correct(self) -> float:
        """How correct the answer is, in [0, 1]: its share of the facts, or 1 for refusing an unanswerable question."""
        if self.question.kind == "unanswerable":
            return float(not self.answer.answered)
        held = self.measures["facts_held"]
        return float(self.answer.answered) if held is None else held


@dataclass(frozen=True, slots=True)
class VerifierScores:
    """How reliable the verifier is, measured on labelled sentences."""

    precision: float | None = None
    recall: float | None = None
    """Precision and recall of "supported"; None without labelled sentences."""
    right: Mapping[str, bool] = field(default_factory=dict)
    """Whether its verdict was correct, by id of the labelled sentence."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The results of a run, in the order of the questions."""

    results: tuple[Result, ...]
    verifier: VerifierScores

    def chosen(self, lang: str, kind: Kind | None = None, aspect: Aspect | None = None) -> list[Result]:
        """The results of the questions in a language, and of a kind and an aspect if given."""
        return [
            result
            for result in self.results
            if result.question.lang == lang
            and kind in (None, result.question.kind)
            and aspect in (None, result.question.aspect)
        ]

    def scores(self, lang: str, kind: Kind | None = None, aspect: Aspect | None = None) -> dict[str, float]:
        """The scores of the questions in a language, and of a kind and an aspect if given; those that are defined.

        ``questions`` is their number, ``words`` the mean length of an answer. ``false_answers`` is the share of
        unanswerable questions that were answered, ``false_refusals`` of answerable ones that were refused. ``proved``
        is the share of answers that hold when they are verified again. The other scores are means of measures.
        """
        chosen = self.chosen(lang, kind, aspect)
        if not chosen:
            return {}
        answerable = [each.answer.answered for each in chosen if each.question.kind != "unanswerable"]
        unanswerable = [each.answer.answered for each in chosen if each.question.kind == "unanswerable"]
        figures: dict[str, float | None] = {"questions": len(chosen)}
        for name, values in values_of(chosen).items():
            figures[name] = statistics.fmean(values) if values else None
        figures["false_answers"] = share(unanswerable)
        figures["false_refusals"] = share(not each for each in answerable)
        figures["balanced_accuracy"] = balanced_accuracy(answerable, unanswerable)
        figures["seconds_p50"] = percentile([each.seconds for each in chosen], 0.5)
        figures["seconds_p95"] = percentile([each.seconds for each in chosen], 0.95)
        return {name: value for name, value in figures.items() if value is not None}

    def intervals(self, lang: str) -> dict[str, Interval]:
        """The 95 % intervals of the scores in a language that are means over questions."""
        chosen = self.chosen(lang)
        found = {name: interval_of(values) for name, values in values_of(chosen).items() if values}
        answered = [
            [float(each.answer.answered) for each in chosen if (each.question.kind == "unanswerable") == wanted]
            for wanted in (False, True)
        ]
        refused = [[1 - value for value in values] for values in answered]
        if answered[1]:
            found["false_answers"] = interval_of(answered[1])
        if refused[0]:
            found["false_refusals"] = interval_of(refused[0])
        if answered[0] and refused[1]:
            found["balanced_accuracy"] = bootstrap_of_both(answered[0], refused[1])
        return found

    def groups(self) -> dict[str, dict[str, float]]:
        """The scores of each language (``en``), kind of question (``en fact``) and aspect (``en date``) that occurs."""
        groups: dict[str, dict[str, float]] = {}
        for lang in dict.fromkeys(result.question.lang for result in self.results):
            groups[lang] = self.scores(lang)
            groups |= {f"{lang} {kind}": scores for kind in get_args(Kind) if (scores := self.scores(lang, kind))}
            groups |= {
                f"{lang} {aspect}": scores
                for aspect in get_args(Aspect)
                if (scores := self.scores(lang, aspect=aspect))
            }
        return groups


def values_of(results: Sequence[Result]) -> dict[str, list[float]]:
    """The values of each measure, without the questions that it does not apply to."""
    names = results[0].measures if results else ()
    return {name: [value for each in results if (value := each.measures[name]) is not None] for name in names}


def evaluate(
    questions: Sequence[GoldQuestion],
    ask: Callable[[str, Sequence[Answer]], Answer],
    read_article: ReadArticle,
    reverify: Callable[[Answer], Sequence[str]],
    supports: Supports,
    labelled: Sequence[LabelledSentence] = (),
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Evaluation:
    """Ask every question, after the questions in its history, and measure the answers.

    ``ask`` is called with a question and the earlier answers; ``reverify`` returns the faults of an answer;
    ``supports`` is the verifier, measured on the ``labelled`` sentences; ``progress`` is called with the number of
    questions done and the total. All gold quotes are located before the first question is asked, so that a gold file
    that does not fit the index fails at once. Raises UsageError, ArticleUnknown and what ``ask`` raises.
    """
    evidence = [locate(question, read_article) for question in questions]
    verifier = measure_verifier(labelled, read_article, supports)
    results = []
    for number, (question, located) in enumerate(zip(questions, evidence, strict=True)):
        progress(number, len(questions))
        before: list[Answer] = []
        for earlier in question.history:
            before.append(ask(earlier, tuple(before)))
        started = time.perf_counter()
        answer = ask(question.question, tuple(before))
        seconds = time.perf_counter() - started
        failures = tuple(reverify(answer))
        measures = _measures(question, answer, located, read_article, supports)
        measures["proved"] = float(not failures) if answer.answered else None
        results.append(Result(question, answer, seconds, measures, failures, tuple(located)))
    return Evaluation(tuple(results), verifier)


def measure_verifier(
    labelled: Sequence[LabelledSentence], read_article: ReadArticle, supports: Supports
) -> VerifierScores:
    """Precision and recall of the verifier on the labelled sentences."""
    said: dict[str, bool] = {}
    for each in labelled:
        located = locate_quotes(f"Labelled sentence {each.id}", each.evidence, read_article)
        quotes = [Quote(read_article(one.article_id), one.spans[0].start, one.spans[0].end) for one in located]
        said[each.id] = supports(each.sentence, quotes)
    precision, recall = precision_and_recall([each.supported for each in labelled], list(said.values()))
    return VerifierScores(precision, recall, {each.id: said[each.id] == each.supported for each in labelled})


def _measures(
    question: GoldQuestion,
    answer: Answer,
    located: Sequence[LocatedEvidence],
    read_article: ReadArticle,
    supports: Supports,
) -> dict[str, float | None]:
    """All measures of an answer. A refusal holds no facts; citation precision needs gold evidence."""
    held = facts_held(answer.text, question.facts)
    return {
        "facts_held": held if answer.answered or held is None else 0.0,
        "evidence_cited": evidence_cited(answer.citations, located),
        "citation_precision": citation_precision(answer.citations, located) if located else None,
        "citation_recall": citation_recall(answer),
        "needed_citations": needed_citations(_claims(answer, read_article), supports),
        "quotes_exact": quotes_exact(answer, read_article),
        "words": count_words(answer.text) if answer.answered else None,
        "token_f1": token_f1(answer.text if answer.answered else "", question.answers),
        **retrieval_measures(answer.retrieved, located),
        "both_sides": both_sides(answer, located) if question.kind == "conflict" else None,
        "false_disagreements": float(bool(answer.disagreements)) if question.kind == "fact" else None,
    }


def _claims(answer: Answer, read_article: ReadArticle) -> list[tuple[str, list[Quote]]]:
    """The answer's sentences without their leads, each with its quotes."""
    cited = {each.number: each for each in answer.citations}
    claims = []
    for sentence in answer.sentences:
        rests_on = [cited[number] for number in sentence.citations]
        quotes = [Quote(read_article(each.article_id), each.start, each.end) for each in rests_on]
        claims.append(without_lead(sentence.text, quotes)[:2])
    return claims


def read_thresholds(written: Sequence[str], option: str) -> dict[str, float]:
    """Parse thresholds like ``facts_held=0.8``. Raises UsageError with the name of the option."""
    thresholds = {}
    for each in written:
        name, _, value = each.partition("=")
        try:
            thresholds[name] = float(value)
            if not math.isfinite(thresholds[name]):
                raise ValueError(value)
        except ValueError as error:
            raise UsageError(f"{option} is {each!r}: give it as NAME=VALUE, as in facts_held=0.8.") from error
    return thresholds


def check_thresholds(evaluation: Evaluation, min_mean: Mapping[str, float], per_case: Mapping[str, float]) -> list[str]:
    """One line for each missed threshold: ``min_mean`` of a score over the English questions, ``per_case`` of a measure
    of each single question. A score that was not measured misses its threshold."""
    scores = evaluation.scores(GATED_LANGUAGE)
    misses = []
    for name, least in min_mean.items():
        if name not in scores:
            misses.append(f"{name} was not measured and must be at least {least:g}")
        elif scores[name] < least:
            misses.append(f"{name} is {scores[name]:.3f} and must be at least {least:g}")
    for name, least in per_case.items():
        cases = [(each, each.measures.get(name)) for each in evaluation.chosen(GATED_LANGUAGE)]
        known = [(each, value) for each, value in cases if value is not None]
        if not known:
            misses.append(f"{name} was measured for no question and must be at least {least:g} for each")
        misses += [
            f"{name} of {each.question.id} is {value:.3f} and must be at least {least:g} for each question"
            for each, value in known
            if value < least
        ]
    return misses
