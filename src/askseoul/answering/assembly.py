"""How much an answer rests on: how many articles and different texts, how fresh they are, and what was left out.

Drafts into an Answer: each sentence checked, each quote proved, what fails replaced by its quote or dropped.

A sentence that would tell an opinion, a scenario or somebody's words as a fact gets a lead that says whose it is.

This is the only module that makes an ``Answer``, so nothing unchecked reaches a reader.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

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
from askseoul.nlp.relative_dates import time_readings
from askseoul.retrieval.search import Filter
from askseoul.verification.alignment import TokenSimilarity
from askseoul.verification.claim import verify_claim


def cover(citations: Sequence[Citation], article_filter: Filter, retrieved: int) -> Coverage:
    """What these citations rest on, of the articles of the filter and of ``retrieved`` that were read."""
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
    """How many different texts are cited: articles that are quoted with the same words, whatever their case and white
    space, count once. A report that many papers print is one report."""
    quotes: dict[str, set[str]] = {}
    for citation in citations:
        quotes.setdefault(citation.article_id, set()).add(" ".join(citation.quote.casefold().split()))
    return len(set(map(frozenset, quotes.values())))


def coverage_message(coverage: Coverage, without_date: int, article_filter: Filter) -> str:
    """What a reader is told of it, in plain sentences. ``without_date`` is how many of the cited articles have none."""
    said = [_rests_on(coverage.articles, coverage.cited, coverage.sources)]
    if coverage.cited:
        said.append(_how_fresh(coverage.cited, coverage.oldest, coverage.newest, without_date))
    if article_filter.within:
        said.append(f"Asked of {counted(len(article_filter.within), 'chosen article')} only.")
    if article_filter.as_of is not None or article_filter.since is not None:
        said.append(f"{_when(article_filter)}: {_left_out(article_filter)}.")
    return " ".join(said)


def counted(number: int, noun: str) -> str:
    """So many of them: ``1 article``, ``2,000 articles``."""
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
}
NEAREST = 3
"""Quotes that a refusal shows."""
MOST_CITATIONS = 2
"""Quotes that a sentence may rest on; one that rests on more is not checked but replaced."""
REPAIRED_SHARE, REPAIRED_CLOSENESS = 0.85, 0.65
"""What a sentence has in common with a quote that takes the place of its first source, by words or by meaning. Of 162
paraphrases the five quotes next to the true one would support 19 % at the usual closeness, and 6 % at this one."""
OPENINGS: dict[DisagreementKind, str] = {
    "conflict": "The articles disagree.",
    "superseded": "A later article updates an earlier one.",
    "forecast": "What one article forecasts, another reports otherwise.",
}
"""What stands before the sides of a disagreement."""
_END = re.compile(r"[.!?…。]+[\"'”’»)\]]*$")


@dataclass(frozen=True, slots=True)
class QueryContext:
    """What is known about a question beside its evidence, as every answer carries it."""

    id: str
    question: str
    language: str
    filter: Filter
    """Which articles it was put to."""
    hits: tuple[Hit, ...]
    trace: Trace
    rewritten_question: str | None = None
    """The full question that was answered, where the question as it was asked leaned on earlier ones."""


class AnswerBuilder:
    """An answer as it grows: drafts are entered one by one, and what stands in it has been checked.

    A draft that its quotes don't prove is tried with others that may, since a wrong citation is far more frequent than
    an invention; what no quote proves is replaced by the quote nearest to it."""

    def __init__(
        self, inquiry: QueryContext, evidence: Sequence[Evidence], meaning: TokenSimilarity | None = None
    ) -> None:
        self.inquiry = inquiry
        self._evidence = evidence
        self._meaning = meaning
        self._sentences: list[Sentence] = []
        self._quotes: list[Quote] = []
        self._said: set[str] = set()
        self._disagreements: list[Disagreement] = []
        self._drafts = dict.fromkeys(("said", "repaired", "replaced", "dropped"), 0)

    def enter(self, draft: Draft) -> Sentence | None:
        """The sentence that this draft becomes in the answer; None when nothing of it can be said, or all has been."""
        deviates = False
        for place, quotes in enumerate((draft.quotes, *draft.others)):
            parts = self._weighed(draft.text, quotes)
            proved = bool(parts) and all(part.verdict == "supported" for part in parts)
            if proved and (place == 0 or _says_it(parts[0], deviates=deviates)):
                self._drafts["repaired"] += bool(draft.given) and not set(quotes) & set(draft.given)
                return self._say(draft.text, quotes, parts[0], "said")
            deviates = deviates or (place == 0 and bool(parts) and parts[0].verdict in ("partly", "contradicted"))
        own = dict.fromkeys(quote for quotes in (draft.quotes, *draft.others) for quote in quotes)
        for quote in own if draft.instead is None else draft.instead:
            instead = quote_draft(quote)
            parts = self._weighed(instead.text, instead.quotes)
            if parts and all(part.verdict == "supported" for part in parts):
                return self._say(instead.text, instead.quotes, parts[0], "replaced")
        self._drafts["dropped"] += 1
        return None

    def disagree(self, draft: DraftDisagreement) -> list[Sentence]:
        """The sentences that the sides of a disagreement become, which is shown where all of them stand."""
        sentences = [sentence for side in draft.sides if (sentence := self.enter(side)) is not None]
        if len(sentences) == len(draft.sides):
            sides = tuple(Side(each.text, each.citations, self._published(each)) for each in sentences)
            self._disagreements.append(Disagreement(draft.about, draft.kind, sides))
        return sentences

    def close(self, uncovered: Sequence[Uncovered] = ()) -> Answer:
        """The answer; a refusal with the nearest evidence when nothing stands in it."""
        trace = dataclasses.replace(self.inquiry.trace, drafts=self._drafts)
        inquiry = dataclasses.replace(self.inquiry, trace=trace)
        if not self._sentences:
            return refuse(inquiry, Decision("near miss"), self._evidence)
        citations = tuple(cite(quote, number) for number, quote in enumerate(self._quotes, 1))
        return _answer(inquiry, tuple(self._sentences), citations, None, tuple(uncovered), tuple(self._disagreements))

    def _weighed(self, text: str, quotes: tuple[Quote, ...]) -> list[Support]:
        """The support of a text and of each sentence in it; nothing when it has no text or no sound quotes."""
        if not text or not 0 < len(quotes) <= MOST_CITATIONS or not all(map(_stands, quotes)):
            return []
        return [support for _, support in verify_claim(_unclosed(text), quotes, self._meaning)]

    def _say(self, text: str, quotes: tuple[Quote, ...], support: Support, how: str) -> Sentence | None:
        """Add a sentence to the answer, its citations numbered behind those already given; None when it was said."""
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
    """Whose a sentence is, and what has to stand before it: as for that of its quotes that asks for something, where
    several do the first in the order of the articles."""
    in_order = sorted(quotes, key=lambda quote: (quote.article.id, quote.start, quote.end))
    found = [(attribution, lead_of(text, attribution)) for attribution in map(attribute, in_order)]
    attribution, lead = next((pair for pair in found if pair[1].words), found[0])
    if lead.source is not None and lead.source not in quotes and len(quotes) >= MOST_CITATIONS:
        lead = Lead(SUPPOSES if attribution.scenario is not None else REPORTS)
    return attribution, lead


def _unclosed(text: str) -> str:
    """The text without its full stop, which stands behind its citations."""
    return text.removesuffix(".") if not text.endswith("..") else text


def _says_it(support: Support, *, deviates: bool) -> bool:
    """Whether a quote says a sentence so nearly that it may take the place of another source. Near things are told in
    every article, and the more of them are tried, the likelier one passes by chance: where the first source says
    something else, only one that has the sentence's own words will do."""
    return support.share >= REPAIRED_SHARE or (not deviates and support.closeness >= REPAIRED_CLOSENESS)


def refuse(inquiry: QueryContext, judgement: Decision, evidence: Sequence[Evidence]) -> Answer:
    """A refusal for this reason, with the nearest evidence."""
    proved = [item.quote for item in evidence if _stands(item.quote)][:NEAREST]
    nearest = tuple(cite(quote, number) for number, quote in enumerate(proved, 1))
    message = f"{MESSAGES[judgement.reason]} {judgement.detail}".strip()
    return _answer(inquiry, (), (), Refusal(judgement.reason, message, nearest, judgement.unknown))


def cite(quote: Quote, number: int) -> Citation:
    """The quote as a reader sees it."""
    article = quote.article
    return Citation(
        number, article.id, article.title, article.source, article.published, article.url,
        quote.text, quote.start, quote.end, article.sha256,
    )  # fmt: skip


def rendered(sentence: Sentence) -> str:
    """The sentence with its citations before its full stop: ``28,500 US troops are stationed there [1].``

    Behind them stands what its relative times mean: ``Exports fell last year [1] (“last year”: 2023).``"""
    markers = "".join(f"[{number}]" for number in sentence.citations)
    note = f" ({'; '.join(reading.says for reading in sentence.times)})" if sentence.times else ""
    return f"{sentence.text} {markers}{note}" + ("" if _END.search(sentence.text) and not note else ".")


def whole_text(sentences: Sequence[Sentence], disagreements: Sequence[Disagreement] = ()) -> str:
    """The answer as read: the sides of its disagreements together, behind what tells that they differ."""
    differing, others = by_sides(sentences, disagreements)
    said = [text for each, sides in differing for text in (OPENINGS[each.kind], *map(rendered, sides))]
    return " ".join([*said, *map(rendered, others)])


def by_sides(
    sentences: Sequence[Sentence], disagreements: Sequence[Disagreement]
) -> tuple[list[tuple[Disagreement, list[Sentence]]], list[Sentence]]:
    """Each disagreement with the sentences that are its sides, and the sentences that are no side of any.

    A side is shown as the sentence that was checked; one that is no sentence of the answer is left out."""
    others = {(sentence.text, sentence.citations): sentence for sentence in sentences}
    differing = [
        (each, [others.pop(claim) for side in each.sides if (claim := (side.text, side.citations)) in others])
        for each in disagreements
    ]
    return differing, list(others.values())


def _stands(quote: Quote) -> bool:
    """Whether the quote is a piece of its article's text, and that text is what its sha256 says."""
    whole = 0 <= quote.start < quote.end <= len(quote.article.text)
    return whole and hashlib.sha256(quote.article.text.encode()).hexdigest() == quote.article.sha256


def _answer(
    inquiry: QueryContext,
    sentences: tuple[Sentence, ...],
    citations: tuple[Citation, ...],
    refusal: Refusal | None,
    uncovered: tuple[Uncovered, ...] = (),
    disagreements: tuple[Disagreement, ...] = (),
) -> Answer:
    return Answer(
        id=inquiry.id,
        question=inquiry.question,
        rewritten_question=inquiry.rewritten_question,
        language=inquiry.language,
        as_of=inquiry.filter.as_of,
        answered=refusal is None,
        text=whole_text(sentences, disagreements) if refusal is None else refusal.message,
        sentences=sentences,
        citations=citations,
        disagreements=disagreements,
        uncovered=uncovered,
        refusal=refusal,
        coverage=cover(citations, inquiry.filter, retrieved=len({hit.article.id for hit in inquiry.hits})),
        retrieved=tuple(
            Retrieved(hit.article.id, hit.passage.start, hit.passage.end, round(hit.score, 4)) for hit in inquiry.hits
        ),
        trace=inquiry.trace,
        since=inquiry.filter.since,
        within=inquiry.filter.within,
    )
