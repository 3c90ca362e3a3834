"""A question into what was found for it: hits, evidence, where the articles differ, and whether they answer it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from askseoul.answerability import Judgement, confidence, judge
from askseoul.conversation import Turn
from askseoul.disagreement import find_disagreements
from askseoul.domain import DraftDisagreement, Evidence, Hit
from askseoul.encoders import Encoder
from askseoul.evidence import PASSAGES, select_evidence
from askseoul.followups import resolve
from askseoul.meaning import Meaning
from askseoul.questions import Question, read_question, split_question
from askseoul.retrieval import content_terms, search
from askseoul.store import Store

HITS: Final = 12
"""Passages that an answer is made from."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found for a question, or for a part of one."""

    question: Question
    hits: list[Hit]
    evidence: list[Evidence]
    disagreements: list[DraftDisagreement]
    """Where what was found answers it differently."""
    judgement: Judgement | None
    """Why it is not answered; None where it is."""
    confidence: float
    """Probability that it is answered by what was found."""


@dataclass(frozen=True, slots=True)
class Finder:
    """Looks in an index. ``within`` are the articles to look at; None is all."""

    store: Store
    encoder: Encoder
    meaning: Meaning

    def find_parts(self, text: str, within: frozenset[str] | None) -> list[Finding]:
        """What is found for each part of a question, or for the whole where no part of it is answered."""
        parts = split_question(text)
        if len(parts) > 1:
            full = [parts[0]]
            for part in parts[1:]:  # "and what is it for?" leans on the part before it
                follow_up = resolve(part, [Turn(full[-1])])
                full.append(follow_up.question if follow_up else part)
            findings = [self.find(part, within) for part in full]
            if any(finding.judgement is None for finding in findings):
                return findings
        return [self.find(text, within)]

    def find(self, text: str, within: frozenset[str] | None) -> Finding:
        """What is found for a question as a whole. Raises QuestionInvalid."""
        question = read_question(text)
        hits = search(question.text, encoder=self.encoder, store=self.store, count=HITS, within=within)
        evidence = select_evidence(question, hits, encoder=self.encoder)
        disagreements = find_disagreements(question, evidence, self.meaning)
        judgement = judge(question, evidence, hits, self._unknown_words(question.text))
        if disagreements and judgement is not None and judgement.reason != "nothing relevant":
            judgement = None  # what two articles answer differently is answered
        return Finding(question, hits, evidence, disagreements, judgement, confidence(question, evidence, hits))

    def disagreements(self, finding: Finding, within: frozenset[str] | None) -> list[DraftDisagreement]:
        """Where the articles answer differently, looked for in what was found for the question, and then in what is
        found for its best evidence: an article that says otherwise may do so in quite other words."""
        if finding.disagreements or not finding.evidence:
            return finding.disagreements
        best = finding.evidence[0].quote
        read = [hit.passage for hit in finding.hits[:PASSAGES]]
        near = search(best.text, encoder=self.encoder, store=self.store, count=2 * HITS, within=within)
        others = [hit for hit in near if hit.article.id != best.article.id and hit.passage not in read]
        own = [item for item in finding.evidence if item.quote.article.id == best.article.id]
        against = select_evidence(finding.question, others, encoder=self.encoder)
        return find_disagreements(finding.question, [*own, *against], self.meaning)

    def _unknown_words(self, question: str) -> list[str]:
        """The question's words of content that no passage of the collection holds."""
        terms = content_terms(question)
        counts, _ = self.store.frequencies(terms)
        return [term for term in terms if not counts.get(term)]
