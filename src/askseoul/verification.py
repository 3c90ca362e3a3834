"""Drafts into an Answer: each sentence checked, each quote proved, what fails replaced by its quote or dropped.

This is the only module that makes an ``Answer``, so nothing unchecked reaches a reader.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from askseoul.answerability import Judgement
from askseoul.answering import quote_draft
from askseoul.checks import weigh
from askseoul.domain import (
    Answer,
    Article,
    Check,
    Citation,
    Coverage,
    Draft,
    Evidence,
    Hit,
    Quote,
    Refusal,
    RefusalReason,
    Retrieved,
    Sentence,
    Support,
    Trace,
    Uncovered,
)
from askseoul.meaning import Meaning
from askseoul.sentences import split_sentences

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
CONTEXT = 600
"""Characters on each side of a quote in which a name that it has in a short form or as a pronoun may be explained."""
_END = re.compile(r"[.!?…。]+[\"'”’»)\]]*$")


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is known about a question beside its evidence, as every answer carries it."""

    id: str
    question: str
    language: str
    articles: int
    """How many articles the collection holds."""
    hits: tuple[Hit, ...]
    trace: Trace
    rewritten_question: str | None = None
    """The full question that was answered, where the question as it was asked leaned on earlier ones."""


class Ledger:
    """An answer as it grows: drafts are entered one by one, and what stands in it has been checked.

    A draft that its quotes don't prove is tried with others that may, since a wrong citation is far more frequent than
    an invention; what no quote proves is replaced by the quote nearest to it."""

    def __init__(self, inquiry: Inquiry, evidence: Sequence[Evidence], meaning: Meaning | None = None) -> None:
        self.inquiry = inquiry
        self._evidence = evidence
        self._meaning = meaning
        self._sentences: list[Sentence] = []
        self._quotes: list[Quote] = []
        self._said: set[str] = set()
        self._drafts = dict.fromkeys(("said", "repaired", "replaced", "dropped"), 0)

    def enter(self, draft: Draft) -> Sentence | None:
        """The sentence that this draft becomes in the answer; None when nothing of it can be said, or all has been."""
        own = [dataclasses.replace(draft, quotes=quotes) for quotes in (draft.quotes, *draft.others)]
        instead = [quote_draft(quote) for quotes in (draft.quotes, *draft.others) for quote in quotes]
        for candidate in (*own, *instead):
            checked = self._checked(candidate)
            if checked is None:
                continue
            if checked.text.casefold() in self._said:
                break
            self._count(candidate, draft)
            self._said.add(checked.text.casefold())
            self._sentences.append(checked)
            self._quotes += [quote for quote in candidate.quotes if quote not in self._quotes]
            return checked
        self._drafts["dropped"] += 1
        return None

    def close(self, uncovered: Sequence[Uncovered] = ()) -> Answer:
        """The answer; a refusal with the nearest evidence when nothing stands in it."""
        trace = dataclasses.replace(self.inquiry.trace, drafts=self._drafts)
        inquiry = dataclasses.replace(self.inquiry, trace=trace)
        if not self._sentences:
            return refuse(inquiry, Judgement("near miss"), self._evidence)
        citations = tuple(cite(quote, number) for number, quote in enumerate(self._quotes, 1))
        return _answer(inquiry, tuple(self._sentences), citations, None, tuple(uncovered))

    def _count(self, candidate: Draft, draft: Draft) -> None:
        if candidate.text != draft.text:
            self._drafts["replaced"] += 1
            return
        self._drafts["said"] += 1
        self._drafts["repaired"] += bool(draft.given) and not set(candidate.quotes) & set(draft.given)

    def _checked(self, draft: Draft) -> Sentence | None:
        """The draft as a sentence of the answer, its citations numbered behind those already given; None when it
        fails."""
        if not draft.text or not 0 < len(draft.quotes) <= MOST_CITATIONS or not all(map(_stands, draft.quotes)):
            return None
        text = draft.text.removesuffix(".") if not draft.text.endswith("..") else draft.text
        parts = [support for _, support in weigh_claim(text, draft.quotes, self._meaning)]
        if not all(part.verdict == "supported" for part in parts):
            return None
        known = list(self._quotes)
        known += [quote for quote in draft.quotes if quote not in known]
        numbers = tuple(sorted({known.index(quote) + 1 for quote in draft.quotes}))
        exact = Check("quotes", passed=True, detail=f"{len(numbers)} at their places in the articles")
        return Sentence(text, "supported", parts[0].support, numbers, (exact, *parts[0].checks))


def verify_drafts(
    inquiry: Inquiry, drafts: Iterable[Draft], evidence: Sequence[Evidence], meaning: Meaning | None = None
) -> Answer:
    """The answer that these drafts make once checked; a refusal with the nearest evidence when none of them stands."""
    ledger = Ledger(inquiry, evidence, meaning)
    for draft in drafts:
        ledger.enter(draft)
    return ledger.close()


def refuse(inquiry: Inquiry, judgement: Judgement, evidence: Sequence[Evidence]) -> Answer:
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
    """The sentence with its citations before its full stop: ``28,500 US troops are stationed there [1].``"""
    markers = "".join(f"[{number}]" for number in sentence.citations)
    return f"{sentence.text} {markers}" + ("" if _END.search(sentence.text) else ".")


def whole_text(sentences: Iterable[Sentence]) -> str:
    """The answer as read."""
    return " ".join(map(rendered, sentences))


def context_of(article: Article, start: int, end: int) -> str:
    """The title and what stands around a quote: where a name may be explained that the quote itself has short."""
    return f"{article.title}\n{article.text[max(start - CONTEXT, 0) : end + CONTEXT]}"


def weigh_claim(text: str, quotes: Sequence[Quote], meaning: Meaning | None) -> Iterator[tuple[str, Support]]:
    """The support of a claim, and then of each sentence in it: one smuggled in beside a true one would be
    outweighed."""
    texts = [quote.text for quote in quotes]
    contexts = [context_of(quote.article, quote.start, quote.end) for quote in quotes]
    parts = [text[span.start : span.end] for span in split_sentences(text)]
    for part in dict.fromkeys([text, *parts]):
        yield part, weigh(part, texts, contexts=contexts, meaning=meaning)


def _stands(quote: Quote) -> bool:
    """Whether the quote is a piece of its article's text, and that text is what its sha256 says."""
    whole = 0 <= quote.start < quote.end <= len(quote.article.text)
    return whole and hashlib.sha256(quote.article.text.encode()).hexdigest() == quote.article.sha256


def _answer(
    inquiry: Inquiry,
    sentences: tuple[Sentence, ...],
    citations: tuple[Citation, ...],
    refusal: Refusal | None,
    uncovered: tuple[Uncovered, ...] = (),
) -> Answer:
    cited = {citation.article_id: citation.published for citation in citations}
    dates = sorted(published for published in cited.values() if published)
    return Answer(
        id=inquiry.id,
        question=inquiry.question,
        rewritten_question=inquiry.rewritten_question,
        language=inquiry.language,
        answered=refusal is None,
        text=whole_text(sentences) if refusal is None else refusal.message,
        sentences=sentences,
        citations=citations,
        disagreements=(),
        uncovered=uncovered,
        refusal=refusal,
        coverage=Coverage(
            articles=inquiry.articles,
            retrieved=len({hit.article.id for hit in inquiry.hits}),
            cited=len(cited),
            oldest=dates[0] if dates else None,
            newest=dates[-1] if dates else None,
            undated=sum(published is None for published in cited.values()),
        ),
        retrieved=tuple(
            Retrieved(hit.article.id, hit.passage.start, hit.passage.end, round(hit.score, 4)) for hit in inquiry.hits
        ),
        trace=inquiry.trace,
    )
