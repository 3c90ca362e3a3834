"""Search what the articles say to a question: proposed by retrieval, read by the reader, judged, and compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import permutations, zip_longest
from typing import Final, TypeVar

from askseoul.answering.answerability import NEAR, SURE, Decision, confidence, judge, read_evidence
from askseoul.answering.assembly import MESSAGES
from askseoul.answering.disagreement import find_disagreements
from askseoul.answering.drafting import LIKELY, SAID
from askseoul.domain import DraftDisagreement, Evidence, Hit, Quote, Uncovered
from askseoul.index.store import Store
from askseoul.models.encoder import Encoder
from askseoul.models.reader import Reader
from askseoul.nlp.text import parse
from askseoul.retrieval.conversation import Turn
from askseoul.retrieval.evidence import PASSAGES, select_evidence
from askseoul.retrieval.question import Question, read_question, split_question
from askseoul.retrieval.requests import unusual_words
from askseoul.retrieval.rewriting import rewrite_by_rule
from askseoul.retrieval.search import content_terms, search
from askseoul.retrieval.understanding import Understood
from askseoul.settings import STRICTNESS, Strictness

_Item = TypeVar("_Item")

HITS: Final = 12
"""Passages retrieved for a question."""
NAMED_ODDS: Final = 8.0
"""Factor of the odds of a sentence that names a side of a comparison and what is compared."""
AGAINST: Final = 8
"""Sentences of other articles that are read for what the best evidence says."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found for a question, or for a part of one."""

    question: Question
    hits: list[Hit]
    evidence: list[Evidence]
    """Read, the likeliest to answer first."""
    disagreements: list[DraftDisagreement]
    """Where the articles found disagree on it."""
    decision: Decision | None
    """Why the question is not answered; None if it is."""

    @property
    def confidence(self) -> float:
        """Estimated probability in [0, 1] that the evidence answers it."""
        return confidence(self.evidence)

    @property
    def uncovered(self) -> Uncovered | None:
        """What it asks and why that is not answered; None if it is."""
        if self.decision is None:
            return None
        reason = f"{MESSAGES[self.decision.reason]} {self.decision.detail}".strip()
        return Uncovered(self.question.text, reason)


@dataclass(frozen=True, slots=True)
class QuestionSearch:
    """Searches an index. ``within`` restricts a search to articles with these ids; None searches all."""

    store: Store
    encoder: Encoder
    reader: Reader
    strictness: Strictness = STRICTNESS

    def find_parts(self, text: str, within: frozenset[str] | None) -> list[SearchResult]:
        """One result for each part of a question, or one for the whole question if no part is answered."""
        parts = split_question(text)
        if len(parts) > 1:
            full = [parts[0]]
            for part in parts[1:]:  # "and what is it for?" refers to the part before it
                follow_up = rewrite_by_rule(part, [Turn(full[-1])])
                full.append(follow_up.question if follow_up else part)
            results = [self.find(part, within) for part in full]
            if any(result.decision is None for result in results):
                return results
        return [self.find(text, within)]

    def find(self, text: str, within: frozenset[str] | None) -> SearchResult:
        """The result for a question as a whole. Raises QuestionInvalid."""
        question = read_question(text)
        hits = search(question.text, encoder=self.encoder, store=self.store, count=HITS, within=within)
        selected = select_evidence(question, hits, encoder=self.encoder)
        evidence = read_evidence(question, selected, self.reader)
        decision = judge(question, evidence, self._unknown_words(question.text), self.strictness)
        disagreements = find_disagreements(question, evidence, self.reader) if decision is None else []
        return SearchResult(question, hits, evidence, disagreements, decision)

    def find_requested(self, message: Understood, within: frozenset[str] | None) -> list[SearchResult]:
        """The results for a message: by side if it compares two things, else by its parts."""
        request = message.request
        if request.intent == "comparison" and request.subject and request.other:
            return self.find_sides(message.text, (request.subject, request.other), within)
        if request.intent == "list" and request.subject:
            return [self._find_all(message.text, request.subject, within)]
        results = self.find_parts(message.text, within)
        return (
            [replace(each, evidence=_newest_first(each.evidence)) for each in results]
            if request.wants_newest
            else results
        )

    def _find_all(self, text: str, subject: str, within: frozenset[str] | None) -> SearchResult:
        """The result for a request for all of something, whose sentences may speak of it or answer the request."""
        asked, named = self.find(text, within), self.find(subject, within)
        best: dict[Quote, Evidence] = {}
        for item in (*asked.evidence, *named.evidence):
            if item.quote not in best or item.answers > best[item.quote].answers:
                best[item.quote] = item
        evidence = sorted(best.values(), key=lambda item: -item.answers)
        decision = asked.decision if named.confidence < SURE else None
        return replace(asked, evidence=evidence, decision=decision)

    def find_sides(self, text: str, sides: Sequence[str], within: frozenset[str] | None) -> list[SearchResult]:
        """One result for each thing that a question compares, with the evidence that speaks of it; one result for the
        whole question if a side has none."""
        question, rest = read_question(text), text
        for side in sides:
            rest = rest.replace(side, " ")
        aspect = " ".join(unusual_words(rest))
        results = []
        for side, other in permutations(sides):
            asked = read_question(f"{side} {aspect}".strip())
            hits = search(asked.text, encoder=self.encoder, store=self.store, count=HITS, within=within)
            selected = select_evidence(asked, hits, encoder=self.encoder)
            of_side = [item for item in selected if _speaks_of(side, other, item)]
            whole = {item.quote: item.answers for item in read_evidence(question, of_side, self.reader)}
            evidence = sorted(
                (
                    replace(item, answers=_of_side(max(item.answers, whole[item.quote]), item, side, aspect))
                    for item in read_evidence(asked, of_side, self.reader)
                ),
                key=lambda item: -item.answers,
            )
            if not evidence or confidence(evidence) < NEAR:
                return [self.find(text, within)]
            results.append(SearchResult(question, hits, evidence, [], None))
        return results

    def disagreements(self, result: SearchResult, within: frozenset[str] | None) -> list[DraftDisagreement]:
        """Where the articles disagree: in what the question found, else in what its best evidence finds, since an
        article that disagrees may use quite other words."""
        if result.disagreements or not result.evidence:
            return result.disagreements
        best = result.evidence[0].quote
        read = [hit.passage for hit in result.hits[:PASSAGES]]
        near = search(best.text, encoder=self.encoder, store=self.store, count=2 * HITS, within=within)
        others = [hit for hit in near if hit.article.id != best.article.id and hit.passage not in read]
        own = [item for item in result.evidence if item.quote.article.id == best.article.id]
        selected = select_evidence(result.question, others, encoder=self.encoder)
        against = read_evidence(result.question, selected[:AGAINST], self.reader)
        both = sorted([*own, *against], key=lambda item: -item.answers)
        return find_disagreements(result.question, both, self.reader)

    def _unknown_words(self, question: str) -> list[str]:
        """The question's content words that no passage of the collection contains."""
        terms = content_terms(question)
        counts, _ = self.store.document_frequencies(terms)
        return [term for term in terms if not counts.get(term)]


def _of_side(answers: float, item: Evidence, side: str, aspect: str) -> float:
    """The probability that a sentence answers of a side; higher if it names both the side and what is compared."""
    said = parse(item.quote.text).stems
    names_both = all(not parse(each).content_stems.isdisjoint(said) for each in (side, aspect))
    odds = (NAMED_ODDS if names_both else 1.0) * answers / max(1 - answers, 1e-6)
    return odds / (1 + odds)


def _speaks_of(side: str, other: str, item: Evidence) -> bool:
    """Whether a sentence speaks of a side of a comparison: it has its words, or what introduces it has them and it has
    none of the other side's."""
    own, others = (parse(each).content_stems or parse(each).stems for each in (side, other))
    said = parse(item.quote.text).stems
    if own - others and not (own - others).isdisjoint(said):
        return True
    return bool((own - others) & parse(item.surroundings).stems) and (others - own).isdisjoint(said)


def _newest_first(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence with what is likely to answer in the order of publication, the newest first."""
    likely = [item for item in evidence if item.answers >= max(LIKELY, SAID * confidence(evidence))]
    dated = sorted(likely, key=lambda item: item.quote.article.published or "", reverse=True)
    return [*dated, *evidence[len(likely) :]]


def in_turns(lists: Sequence[Sequence[_Item]]) -> list[_Item]:
    """The items of several ranked lists without repetition: the first of each, then the second of each."""
    found: list[_Item] = []
    for together in zip_longest(*lists):
        found += [item for item in together if item is not None and item not in found]
    return found
