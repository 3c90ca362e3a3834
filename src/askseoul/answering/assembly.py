"""Assemble an Answer from drafts: check each sentence and each quote, replace what fails by its quote or drop it.

A sentence that would state an opinion, a scenario or somebody's words as a fact gets a lead that attributes it. The
coverage of an answer says how many articles and different texts it rests on, how recent they are, and how many were
left out.

Only this module makes an ``Answer``, so nothing unchecked reaches a reader.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from askseoul.answering.answerability import Decision
from askseoul.answering.attribution import REPORTS, SUPPOSES, Attribution, Lead, attribute, lead_of
from askseoul.answering.drafting import quote_draft
from askseoul.domain import (
    Answer,
    Check,
    Citation,
    Coverage,
    Disagreement,
    DisagreementKind,
    Draft,
    DraftDisagreement,
    Evidence,
    Hit,
    Quote,
    Refusal,
    RefusalReason,
    Retrieved,
    Sentence,
    Side,
    Support,
    Trace,
    Uncovered,
)
from askseoul.models.reader import Reader
from askseoul.nlp.relative_dates import time_readings
from askseoul.retrieval.search import Filter
from askseoul.verification.claim import verify_claim


def cover(citations: Sequence[Citation], article_filter: Filter, retrieved: int) -> Coverage:
    """The coverage of these citations; ``retrieved`` is the number of articles that were read."""
    cited = {citation.article_id: citation.published for citation in citations}
    dates = sorted(published for published in cited.values() if published)
    figures = Coverage(
        articles=article_filter.articles,
        retrieved=retrieved,
        cited=len(cited),
        oldest=dates[0] if dates else None,
        newest=dates[-1] if dates else None,
        undated=article_filter.undated,
        later=article_filter.later,
        earlier=article_filter.earlier,
        sources=count_sources(citations),
        message="",
    )
    return replace(figures, message=coverage_message(figures, len(cited) - len(dates), article_filter))


def count_sources(citations: Sequence[Citation]) -> int:
    """How many different texts are cited. Articles quoted with the same words, up to case and white space, count once:
    a report that many papers print is one report."""
    quotes: dict[str, set[str]] = {}
    for citation in citations:
        quotes.setdefault(citation.article_id, set()).add(" ".join(citation.quote.casefold().split()))
    return len(set(map(frozenset, quotes.values())))


def coverage_message(coverage: Coverage, without_date: int, article_filter: Filter) -> str:
    """The coverage in plain sentences; ``without_date`` is the number of cited articles without a date."""
    said = [_rests_on(coverage.articles, coverage.cited, coverage.sources)]
    if coverage.cited:
        said.append(_how_fresh(coverage.cited, coverage.oldest, coverage.newest, without_date))
    if article_filter.within:
        said.append(f"Asked of {counted(len(article_filter.within), 'chosen article')} only.")
    if article_filter.as_of is not None or article_filter.since is not None:
        said.append(f"{_when(article_filter)}: {_left_out(article_filter)}.")
    return " ".join(said)


def counted(number: int, noun: str) -> str:
    """The number and its noun: ``1 article``, ``2,000 articles``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _rests_on(articles: int, cited: int, sources: int) -> str:
    if cited == 0:
        return "Rests on no article." if articles <= 1 else f"Rests on none of {articles:,} articles."
    if cited == 1:
        return "Rests on a single article."
    differing = "which do not differ" if sources == 1 else f"of which {sources:,} differ"
    alike = f", {differing} in what is quoted" if sources < cited else ""
    return f"Rests on {cited:,} of {articles:,} articles{alike}."


def _how_fresh(cited: int, oldest: str | None, newest: str | None, without_date: int) -> str:
    they_are = "It is" if cited == 1 else "They are"
    if oldest is None:
        return f"{they_are} undated."
    dates = oldest if oldest == newest else f"{oldest} to {newest}"
    others = f", but {without_date:,} {'is' if without_date == 1 else 'are'} undated" if without_date else ""
    return f"{they_are} dated {dates}{others}."


def _when(article_filter: Filter) -> str:
    if article_filter.since is None:
        return f"As of {article_filter.as_of}"
    return f"Since {article_filter.since}" + (
        f" and by {article_filter.as_of}" if article_filter.as_of is not None else ""
    )


def _left_out(article_filter: Filter) -> str:
    counts = {"earlier": article_filter.earlier, "later": article_filter.later, "undated": article_filter.undated}
    kinds = [f"{number:,} {kind}" for kind, number in counts.items() if number]
    if not kinds:
        return "no article was left out"
    were = "article was" if sum(counts.values()) == 1 else "articles were"
    return f"{' and '.join(filter(None, [', '.join(kinds[:-1]), kinds[-1]]))} {were} left out"


MESSAGES: dict[RefusalReason, str] = {
    "nothing relevant": "The articles do not speak of this.",
    "near miss": "The articles come near this question but do not answer it.",
    "wrong premise": "The articles say otherwise than the question takes for granted.",
    "not understood": "The question could not be read.",
    "no question": "",
}
NOTICE_ENDS: Final = "\n"
"""What parts a notice of several lines from the sentences behind it."""
NEAREST = 3
"""Quotes that a refusal shows."""
MOST_CITATIONS = 2
"""Quotes that a sentence may cite; a draft that cites more is replaced unchecked."""
REPAIRED: Final = 0.8
"""Least support of a sentence by quotes that replace those it was first given. Every article says similar things, and
the more quotes are tried, the likelier one passes by chance."""
OPENINGS: dict[DisagreementKind, str] = {
    "conflict": "The articles disagree.",
    "superseded": "A later article updates an earlier one.",
    "forecast": "What one article forecasts, another reports otherwise.",
}
"""The sentence before the sides of a disagreement."""
_END = re.compile(r"[.!?…。]+[\"'”’»)\]]*$")


@dataclass(frozen=True, slots=True)
class QueryContext:
    """What every answer to a question carries beside its sentences."""

    id: str
    question: str
    language: str
    filter: Filter
    """The articles that were searched."""
    hits: tuple[Hit, ...]
    trace: Trace
    rewritten_question: str | None = None
    """The self-contained question that was answered, if the question as asked depended on earlier turns."""


class AnswerBuilder:
    """Builds an answer from drafts, added one by one; every sentence in it has been checked.

    A draft that its quotes don't support is tried with other quotes, since a wrong citation is far more frequent than
    an invention. A draft that no quote supports is replaced by the nearest quote."""

    def __init__(
        self,
        context: QueryContext,
        evidence: Sequence[Evidence],
        reader: Reader,
        doubt: str | None = None,
    ) -> None:
        """``doubt`` says why the answer may be none, if that is so."""
        self.context = context
        self._evidence = evidence
        self._reader = reader
        self._doubt = doubt
        self._sentences: list[Sentence] = []
        self._quotes: list[Quote] = []
        self._said: set[str] = set()
        self._disagreements: list[Disagreement] = []
        self._drafts = dict.fromkeys(("said", "repaired", "replaced", "dropped"), 0)

    def add(self, draft: Draft) -> Sentence | None:
        """Add a draft and return its sentence; None if no quote supports it, or if the answer has it already."""
        for place, quotes in enumerate((draft.quotes, *draft.others)):
            parts = self._weighed(draft.text, quotes)
            proved = bool(parts) and all(part.verdict == "supported" for part in parts)
            if proved and (place == 0 or parts[0].support >= REPAIRED):
                self._drafts["repaired"] += bool(draft.given) and not set(quotes) & set(draft.given)
                return self._say(draft.text, quotes, parts[0], "said")
        own = dict.fromkeys(quote for quotes in (draft.quotes, *draft.others) for quote in quotes)
        for quote in own if draft.instead is None else draft.instead:
            instead = quote_draft(quote)
            parts = self._weighed(instead.text, instead.quotes)
            if parts and all(part.verdict == "supported" for part in parts):
                return self._say(instead.text, instead.quotes, parts[0], "replaced")
        self._drafts["dropped"] += 1
        return None

    def add_disagreement(self, draft: DraftDisagreement) -> list[Sentence]:
        """Add the sides of a disagreement and return their sentences. The disagreement is shown if every side holds."""
        sentences = [sentence for side in draft.sides if (sentence := self.add(side)) is not None]
        if len(sentences) == len(draft.sides):
            sides = tuple(Side(each.text, each.citations, self._published(each)) for each in sentences)
            self._disagreements.append(Disagreement(draft.about, draft.kind, sides))
        return sentences

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The quotes of the sentences so far, as a reader sees them."""
        return tuple(cite(quote, number) for number, quote in enumerate(self._quotes, 1))

    def build(
        self, uncovered: Sequence[Uncovered] = (), warnings: Sequence[str] = (), *, notice: str | None = None
    ) -> Answer:
        """The answer, or a refusal with the nearest evidence if it has no sentence. A ``notice`` tells what the index
        knows."""
        trace = dataclasses.replace(self.context.trace, drafts=self._drafts, warnings=tuple(warnings))
        context = dataclasses.replace(self.context, trace=trace)
        if not self._sentences:
            return refuse(context, Decision("near miss"), self._evidence)
        answer = _answer(
            context, tuple(self._sentences), self.citations, None, tuple(uncovered), tuple(self._disagreements)
        )
        told = (
            answer.text if notice is None else f"{notice}{NOTICE_ENDS if NOTICE_ENDS in notice else ' '}{answer.text}"
        )
        return dataclasses.replace(answer, text=told, doubt=self._doubt, notice=notice)

    def _weighed(self, text: str, quotes: tuple[Quote, ...]) -> list[Support]:
        """The support of a text and of each sentence in it; empty without a text or with a broken quote."""
        if not text or not 0 < len(quotes) <= MOST_CITATIONS or not all(map(_stands, quotes)):
            return []
        return [support for _, support in verify_claim(_unclosed(text), quotes, self._reader)]

    def _say(self, text: str, quotes: tuple[Quote, ...], support: Support, how: str) -> Sentence | None:
        """Add a sentence to the answer, its citations numbered after the earlier ones; None if it is a repetition."""
        said = _unclosed(text)
        if said.casefold() in self._said:
            self._drafts["dropped"] += 1
            return None
        self._drafts[how] += 1
        self._said.add(said.casefold())
        attribution, lead = attributed(said, quotes)
        rested_on = quotes if lead.source is None or lead.source in quotes else (*quotes, lead.source)
        self._quotes += [quote for quote in rested_on if quote not in self._quotes]
        numbers = tuple(sorted({self._quotes.index(quote) + 1 for quote in rested_on}))
        exact = Check("quotes", passed=True, detail=f"{len(numbers)} at their places in the articles")
        sentence = Sentence(
            lead.before(said), "supported", support.support, numbers, (exact, *support.checks),
            attribution.stance, attribution.speaker, time_readings(said, quotes),
        )  # fmt: skip
        self._sentences.append(sentence)
        return sentence

    def _published(self, sentence: Sentence) -> str | None:
        return self._quotes[sentence.citations[0] - 1].article.published


def attributed(text: str, quotes: Sequence[Quote]) -> tuple[Attribution, Lead]:
    """The attribution of a sentence and the lead it needs: those of its first quote, in the order of the articles, that
    needs a lead."""
    in_order = sorted(quotes, key=lambda quote: (quote.article.id, quote.start, quote.end))
    found = [(attribution, lead_of(text, attribution)) for attribution in map(attribute, in_order)]
    attribution, lead = next((pair for pair in found if pair[1].words), found[0])
    if lead.source is not None and lead.source not in quotes and len(quotes) >= MOST_CITATIONS:
        lead = Lead(SUPPOSES if attribution.scenario is not None else REPORTS)
    return attribution, lead


def _unclosed(text: str) -> str:
    """The text without its full stop, which follows the citations."""
    return text.removesuffix(".") if not text.endswith("..") else text


def refuse(context: QueryContext, decision: Decision, evidence: Sequence[Evidence]) -> Answer:
    """The refusal that this decision asks for, with the nearest evidence."""
    proved = [item.quote for item in evidence if _stands(item.quote)][:NEAREST]
    nearest = tuple(cite(quote, number) for number, quote in enumerate(proved, 1))
    message = f"{MESSAGES[decision.reason]} {decision.detail}".strip()
    return _answer(context, (), (), Refusal(decision.reason, message, nearest, decision.unknown))


def cite(quote: Quote, number: int) -> Citation:
    """The quote as a reader sees it."""
    article = quote.article
    return Citation(
        number, article.id, article.title, article.source, article.published, article.url,
        quote.text, quote.start, quote.end, article.sha256,
    )  # fmt: skip


def rendered(sentence: Sentence) -> str:
    """The sentence with its citations before its full stop: ``28,500 US troops are stationed there [1].``

    A note explains its relative times: ``Exports fell last year [1] (“last year”: 2023).``"""
    markers = "".join(f"[{number}]" for number in sentence.citations)
    note = f" ({'; '.join(reading.says for reading in sentence.times)})" if sentence.times else ""
    return f"{sentence.text} {markers}{note}" + ("" if _END.search(sentence.text) and not note else ".")


def whole_text(sentences: Sequence[Sentence], disagreements: Sequence[Disagreement] = ()) -> str:
    """The answer as read: the sides of each disagreement under one opening, then the other sentences."""
    differing, others = by_sides(sentences, disagreements)
    said = [text for each, sides in differing for text in (OPENINGS[each.kind], *map(rendered, sides))]
    return " ".join([*said, *map(rendered, others)])


def by_sides(
    sentences: Sequence[Sentence], disagreements: Sequence[Disagreement]
) -> tuple[list[tuple[Disagreement, list[Sentence]]], list[Sentence]]:
    """Each disagreement with the sentences that are its sides, and the other sentences.

    A side is shown as the sentence that was checked; a side that is no sentence of the answer is left out."""
    others = {(sentence.text, sentence.citations): sentence for sentence in sentences}
    differing = [
        (each, [others.pop(claim) for side in each.sides if (claim := (side.text, side.citations)) in others])
        for each in disagreements
    ]
    return differing, list(others.values())


def _stands(quote: Quote) -> bool:
    """Whether the quote lies within its article's text, and the text has its sha256."""
    whole = 0 <= quote.start < quote.end <= len(quote.article.text)
    return whole and hashlib.sha256(quote.article.text.encode()).hexdigest() == quote.article.sha256


def _answer(
    context: QueryContext,
    sentences: tuple[Sentence, ...],
    citations: tuple[Citation, ...],
    refusal: Refusal | None,
    uncovered: tuple[Uncovered, ...] = (),
    disagreements: tuple[Disagreement, ...] = (),
) -> Answer:
    return Answer(
        id=context.id,
        question=context.question,
        rewritten_question=context.rewritten_question,
        language=context.language,
        as_of=context.filter.as_of,
        answered=refusal is None,
        text=whole_text(sentences, disagreements) if refusal is None else refusal.message,
        sentences=sentences,
        citations=citations,
        disagreements=disagreements,
        uncovered=uncovered,
        refusal=refusal,
        coverage=cover(citations, context.filter, retrieved=len({hit.article.id for hit in context.hits})),
        retrieved=tuple(
            Retrieved(hit.article.id, hit.passage.start, hit.passage.end, round(hit.score, 4)) for hit in context.hits
        ),
        trace=context.trace,
        since=context.filter.since,
        within=context.filter.within,
    )
