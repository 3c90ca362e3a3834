"""Gold questions asked, and what became of each: results, scores and thresholds."""

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
    evidence_cited,
    facts_held,
    interval_of,
    locate,
    locate_quotes,
    needed_citations,
    percentile,
    precision_and_recall,
    quotes_exact,
    retrieval,
    share,
    token_f1,
    words,
)

GATED_LANGUAGE: Final = "en"
"""Thresholds hold for questions in English: the default encoder knows no other language, so others are shown apart."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one gold question."""

    question: GoldQuestion
    answer: Answer
    seconds: float
    measures: Mapping[str, float | None]
    failures: tuple[str, ...]
    """What a second look found in the answer's supported sentences that does not stand in their quotes."""
    evidence: tuple[LocatedEvidence, ...] = ()
    """Where the gold quotes stand."""

    @property
    def correct(self) -> float:
        """Share in [0, 1] to which it was done right: the facts held, or 1 for refusing what nothing answers."""
        if self.question.kind == "unanswerable":
            return float(not self.answer.answered)
        held = self.measures["facts_held"]
        return float(self.answer.answered) if held is None else held


@dataclass(frozen=True, slots=True)
class VerifierScores:
    """How far the verifier, which stands in for a judge, is to be believed."""

    precision: float | None = None
    recall: float | None = None
    """Of "supported", over the labelled sentences; None where there are none."""
    right: Mapping[str, bool] = field(default_factory=dict)
    """Whether it was right on each labelled sentence, by its id."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The results of a run, in the order of the questions."""

    results: tuple[Result, ...]
    verifier: VerifierScores

    def chosen(self, lang: str, kind: Kind | None = None, aspect: Aspect | None = None) -> list[Result]:
        """The results of a language's questions, of one kind and of one aspect where those are given."""
        return [
            result
            for result in self.results
            if result.question.lang == lang
            and kind in (None, result.question.kind)
            and aspect in (None, result.question.aspect)
        ]

    def scores(self, lang: str, kind: Kind | None = None, aspect: Aspect | None = None) -> dict[str, float]:
        """The figures over the questions of a language, and of one kind when it is given; those that exist.

        ``questions`` counts them and ``words`` is the mean length of an answer; ``false_answers`` (unanswerable, yet
        answered) and ``false_refusals`` (answerable, yet refused) are shares of the questions where that can happen;
        ``proved`` is the share of answers in whose supported sentences a second look found nothing that their quotes
        lack.
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
        """The 95 % interval of each figure of a language that is a mean over questions."""
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
        """The scores of each language (``en``), of each kind of question in it (``en fact``) and of each aspect
        (``en date``), those that occur."""
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
    """Each measure's values, of the questions for which it makes sense."""
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
    """Ask every question, those that it leans on before it, and measure the answers.

    ``ask`` is told what was answered before. ``reverify`` looks at an answer's supported sentences again and names the
    numbers and names that their quotes lack; ``supports`` is the verifier, measured on the ``labelled`` sentences;
    ``progress`` hears how many questions of how many are done. All gold quotes are located before the first question is
    asked, so a gold file that does not fit the index fails at once, as ``locate`` does.
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
        measures = _measures(question, answer, located, read_article, supports) | {"proved": _proved(answer, failures)}
        results.append(Result(question, answer, seconds, measures, failures, tuple(located)))
    return Evaluation(tuple(results), verifier)


def measure_verifier(
    labelled: Sequence[LabelledSentence], read_article: ReadArticle, supports: Supports
) -> VerifierScores:
    """How often the verifier is right on the labelled sentences."""
    said: dict[str, bool] = {}
    for each in labelled:
        located = locate_quotes(f"Labelled sentence {each.id}", each.evidence, read_article)
        quotes = [Quote(read_article(one.article_id), one.places[0].start, one.places[0].end) for one in located]
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
    """A refusal holds no facts, whatever its message says, and citations are not judged where there is no gold."""
    held = facts_held(answer.text, question.facts)
    return {
        "facts_held": held if answer.answered or held is None else 0.0,
        "evidence_cited": evidence_cited(answer.citations, located),
        "citation_precision": citation_precision(answer.citations, located) if located else None,
        "citation_recall": citation_recall(answer),
        "needed_citations": needed_citations(_claims(answer, read_article), supports),
        "quotes_exact": quotes_exact(answer, read_article),
        "words": words(answer.text) if answer.answered else None,
        "token_f1": token_f1(answer.text if answer.answered else "", question.answers),
        **retrieval(answer.retrieved, located),
        "both_sides": both_sides(answer, located) if question.kind == "conflict" else None,
        "false_disagreements": float(bool(answer.disagreements)) if question.kind == "fact" else None,
    }


def _claims(answer: Answer, read_article: ReadArticle) -> list[tuple[str, list[Quote]]]:
    """The answer's sentences and what they rest on, without what tells whose they are."""
    cited = {each.number: each for each in answer.citations}
    claims = []
    for sentence in answer.sentences:
        rests_on = [cited[number] for number in sentence.citations]
        quotes = [Quote(read_article(each.article_id), each.start, each.end) for each in rests_on]
        claims.append(without_lead(sentence.text, quotes)[:2])
    return claims


def _proved(answer: Answer, failures: Sequence[str]) -> float | None:
    return float(not failures) if answer.answered else None


def read_thresholds(written: Sequence[str], option: str) -> dict[str, float]:
    """Names of figures and their least values, each as in ``facts_held=0.8``. Raises UsageError naming the option."""
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
    """One line for each figure over the English questions that is below its least mean or could not be measured, and
    for each question whose own measure is below what every case must reach."""
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
