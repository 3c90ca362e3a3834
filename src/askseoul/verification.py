"""Drafts into an Answer: each sentence checked, each quote proved, what fails replaced by its quote or dropped.

This is the only module that makes an ``Answer``, so nothing unchecked reaches a reader.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from askseoul.answering import quote_draft
from askseoul.checks import check_sentence, support
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
    Trace,
)
from askseoul.sentences import split_sentences

MESSAGES: dict[RefusalReason, str] = {
    "nothing relevant": "The articles do not speak of this.",
    "near miss": "The articles come near this question but do not answer it.",
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


def verify_drafts(inquiry: Inquiry, drafts: Iterable[Draft], evidence: Sequence[Evidence]) -> Answer:
    """The answer that these drafts make once checked; a refusal with the nearest evidence when none of them stands."""
    sentences: list[Sentence] = []
    quotes: list[Quote] = []
    said: set[str] = set()
    for draft in drafts:
        for candidate in (draft, *map(quote_draft, draft.quotes)):
            checked = _checked(candidate, quotes)
            if checked is None:
                continue
            if checked.text.casefold() not in said:
                said.add(checked.text.casefold())
                sentences.append(checked)
                quotes += [quote for quote in candidate.quotes if quote not in quotes]
            break
    if not sentences:
        return refuse(inquiry, "near miss", evidence)
    return _answer(
        inquiry, tuple(sentences), tuple(cite(quote, number) for number, quote in enumerate(quotes, 1)), None
    )


def refuse(inquiry: Inquiry, reason: RefusalReason, evidence: Sequence[Evidence], detail: str = "") -> Answer:
    """A refusal with its reason and the nearest evidence; ``detail`` goes behind the message."""
    proved = [item.quote for item in evidence if _stands(item.quote)][:NEAREST]
    nearest = tuple(cite(quote, number) for number, quote in enumerate(proved, 1))
    message = f"{MESSAGES[reason]} {detail}".strip()
    return _answer(inquiry, (), (), Refusal(reason, message, nearest))


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


def claim_checks(text: str, quotes: Sequence[Quote]) -> Iterator[tuple[str, tuple[Check, ...]]]:
    """The checks of a claim, and then of each sentence in it: one smuggled in beside a true one would be outweighed."""
    texts = [quote.text for quote in quotes]
    contexts = [context_of(quote.article, quote.start, quote.end) for quote in quotes]
    parts = [text[span.start : span.end] for span in split_sentences(text)]
    for part in dict.fromkeys([text, *parts]):
        yield part, check_sentence(part, texts, contexts=contexts)


def _checked(draft: Draft, cited: Sequence[Quote]) -> Sentence | None:
    """The draft as a sentence of the answer, its citations numbered behind those already given; None when it fails."""
    if not draft.text or not 0 < len(draft.quotes) <= MOST_CITATIONS or not all(map(_stands, draft.quotes)):
        return None
    text = draft.text.removesuffix(".") if not draft.text.endswith("..") else draft.text
    checked = [checks for _, checks in claim_checks(text, draft.quotes)]
    if not all(check.passed for checks in checked for check in checks):
        return None
    known = list(cited)
    known += [quote for quote in draft.quotes if quote not in known]
    numbers = tuple(sorted({known.index(quote) + 1 for quote in draft.quotes}))
    supported = round(support(text, [quote.text for quote in draft.quotes]), 3)
    return Sentence(text, "supported", supported, numbers, checked[0])


def _stands(quote: Quote) -> bool:
    """Whether the quote is a piece of its article's text, and that text is what its sha256 says."""
    whole = 0 <= quote.start < quote.end <= len(quote.article.text)
    return whole and hashlib.sha256(quote.article.text.encode()).hexdigest() == quote.article.sha256


def _answer(
    inquiry: Inquiry, sentences: tuple[Sentence, ...], citations: tuple[Citation, ...], refusal: Refusal | None
) -> Answer:
    cited = {citation.article_id: citation.published for citation in citations}
    dates = sorted(published for published in cited.values() if published)
    return Answer(
        id=inquiry.id,
        question=inquiry.question,
        rewritten_question=None,
        language=inquiry.language,
        answered=refusal is None,
        text=whole_text(sentences) if refusal is None else refusal.message,
        sentences=sentences,
        citations=citations,
        disagreements=(),
        uncovered=(),
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
