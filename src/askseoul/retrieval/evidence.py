"""Evidence: the sentences of the hits that are worth reading for an answer, the likeliest first.

A sentence is scored alone and with its context (its neighbours and the heading above it), by meaning and by words, by
the score of its passage, and by whether it contains the answer type of the question. The scores are standardised over
the candidates of the question, so that they have one scale, and added with WEIGHTS.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from askseoul.domain import Article, Evidence, Hit, Quote, Span
from askseoul.models.encoder import Encoder, FloatVector, IntMatrix
from askseoul.models.graph import FloatMatrix
from askseoul.nlp.lines import (
    heading_above,
    is_question_line,
    kind_of,
    lead_of,
    opens_lines,
    sentence_after,
    sentence_before,
)
from askseoul.nlp.text import LABELLED, ParsedText, parse
from askseoul.retrieval.question import Question, holds_answer_type

WEIGHTS = {"alone": 1.5, "around": 1.5, "cosine": 0.5, "words": 0.3, "passage": 1.0, "kind": 2.0}
"""What each score counts. Mean reciprocal rank of the first sentence that answers, with these and with all but the kind
at 1: 0.81 and 0.80 on the gold questions of the original articles, 0.91 and 0.89 on those of the digests, 0.69 and
0.63 on 80 questions in freer words, 0.88 and 0.87 on 650 questions of SelQA over their sections of Wikipedia."""
PASSAGES = 8
"""Number of hits that are searched sentence by sentence."""
CANDIDATES = 24
"""Sentences that are read for one question."""
_FUNCTION_WORD = 0.4
"""Minimum weight of a word; a word that is in no candidate has about 4."""
_SHORTEST_EVIDENCE, _SHORTEST_NOTE = 4, 2
"""Minimum words of a sentence, and of an item, a row, a note or a sentence behind a label ("A: In 1987.")."""
_REFERENCE = re.compile(r"https?://|www\.|\bIbid\b|^\[\w{1,4}\]:? ")
"""Marks a footnote or a bibliographic entry, which names a source and states nothing itself."""


@dataclass(frozen=True, slots=True)
class SentenceMatches:
    """The sentences of the hits and how they match the question: one row or item for each sentence."""

    quotes: tuple[Quote, ...]
    parsed: tuple[ParsedText, ...]
    hits: tuple[Hit, ...]
    importance: FloatVector
    """(question tokens,): the weight of each token; the weights add up to 1."""
    alone: FloatMatrix
    """(sentences, question tokens): the best cosine of each question token with a token of the sentence."""
    around: FloatMatrix
    """The same over the sentence, its neighbours and the heading above it."""
    headings: tuple[str, ...]
    """The heading above each sentence in its passage, or nothing."""
    leads: tuple[str, ...]
    """What introduces each sentence that is an item, a row or a note, or nothing."""
    cosine: FloatVector
    """(sentences,): cosine of the sentence's vector with the question's."""
    words: FloatVector
    """(sentences,): share, in [0, 1], of the weight of the question's stems that the sentence has."""


def select_evidence(question: Question, hits: Sequence[Hit], *, encoder: Encoder) -> list[Evidence]:
    """Return the CANDIDATES best sentences of the first PASSAGES hits as evidence, not read yet, best first."""
    candidates = match_sentences(question.parsed, hits[:PASSAGES], encoder=encoder)
    if candidates is None:
        return []
    scores = (
        WEIGHTS["alone"] * _standardised(candidates.alone @ candidates.importance)
        + WEIGHTS["around"] * _standardised(candidates.around @ candidates.importance)
        + WEIGHTS["cosine"] * _standardised(candidates.cosine)
        + WEIGHTS["words"] * _standardised(candidates.words)
        + WEIGHTS["passage"] * _standardised(np.array([hit.score for hit in candidates.hits], dtype=np.float32))
        + WEIGHTS["kind"] * np.array([holds_answer_type(question, parsed) for parsed in candidates.parsed])
    )
    order = sorted(range(len(scores)), key=lambda index: (-scores[index], index))
    return [
        Evidence(
            quote := candidates.quotes[index],
            candidates.hits[index],
            float(scores[index]),
            sentence_before(quote.article.text, quote.start),
            sentence_after(quote.article.text, quote.end),
            candidates.headings[index],
            candidates.leads[index],
        )
        for index in order[:CANDIDATES]
    ]


def match_sentences(question: ParsedText, hits: Sequence[Hit], *, encoder: Encoder) -> SentenceMatches | None:
    """Match each sentence of these hits with the question, repeated sentences once; None if they have no sentence."""
    placed = sentences_of(hits)
    if not placed:
        return None
    quotes, parsed, hits_of_quotes, contexts, headings, leads = zip(*placed, strict=True)
    asked = encoder.encode_query([question.text])[0]
    texts = list(dict.fromkeys(text for context in contexts for text in context))
    encodings = dict(zip(texts, encoder.encode_document(texts), strict=True))
    matches = {
        text: np.einsum("qd,td->qt", asked.tokens, encoding.tokens).max(axis=1)
        if len(encoding.tokens)
        else np.zeros(len(asked.tokens), np.float32)
        for text, encoding in encodings.items()
    }
    found = [sentence.stems for sentence in parsed]
    weights = _weights(question.content_stems, found)
    total = sum(weights.values()) or 1.0
    return SentenceMatches(
        quotes=quotes,
        parsed=parsed,
        hits=hits_of_quotes,
        importance=_importance(question, asked.offsets, weights),
        alone=np.stack([matches[quote.text] for quote in quotes]),
        around=np.stack([np.max([matches[text] for text in context], axis=0) for context in contexts]),
        headings=headings,
        leads=leads,
        cosine=np.array([encodings[quote.text].vector @ asked.vector for quote in quotes], dtype=np.float32),
        words=np.array(
            [sum(weights[stem] for stem in sorted(stems & weights.keys())) / total for stems in found], dtype=np.float32
        ),
    )


def _weights(asked: Iterable[str], found: Sequence[Set[str]]) -> dict[str, float]:
    """Return the weight of each stem of the question: the log odds that one of these sentences lacks it.

    Stems are counted over the candidates, not over the collection. Among 2,000 texts on other subjects, the names that
    every candidate has would be rare and outweigh the other words: 0.75 of the gold facts instead of 0.87.
    """
    counts = {stem: sum(stem in stems for stems in found) for stem in sorted(asked)}
    return {stem: max(math.log((len(found) - n + 0.5) / (n + 0.5)), _FUNCTION_WORD) for stem, n in counts.items()}


def _importance(question: ParsedText, offsets: IntMatrix, weights: Mapping[str, float]) -> FloatVector:
    """Return the weight of each token: the tokens of a word share the weight of its stem.

    Otherwise the three tokens of a name that every passage has would outweigh the one word that distinguishes them.
    """
    words = {index: word for word in question.words for index in range(word.start, word.end)}
    owners = [words.get(start) for start, _ in offsets.tolist()]
    values = [_FUNCTION_WORD if owner is None else weights.get(owner.stem, _FUNCTION_WORD) for owner in owners]
    shared = np.array([value / owners.count(owner) for value, owner in zip(values, owners, strict=True)], np.float32)
    total = float(shared.sum())
    return shared / total if total else shared


def sentences_of(hits: Sequence[Hit]) -> list[tuple[Quote, ParsedText, Hit, tuple[str, ...], str, str]]:
    """Return each sentence that can be evidence, parsed too, its hit, the texts of the sentence and its context, the
    heading above it, and its lead."""
    placed = []
    seen: set[str] = set()
    for hit in hits:
        text = hit.article.text
        spans = hit.passage.sentences
        heading = ""
        for index, span in enumerate(spans):
            own = text[span.start : span.end]
            kind = kind_of(text, span)
            above = heading
            if kind == "heading":
                heading = own
                if not opens_lines(text, span):
                    continue
            if _REFERENCE.search(own) or is_question_line(text, span):
                continue
            parsed = parse(own)
            key = " ".join(word.lower for word in parsed.words)
            least = _SHORTEST_EVIDENCE if kind == "prose" and not LABELLED.match(own) else _SHORTEST_NOTE
            if key in seen or len(key.split()) < least:
                continue
            seen.add(key)
            lead = "" if kind == "prose" else _lead(hit.article, span)
            around = [_text(text, spans, index - 1), own, _text(text, spans, index + 1), above, lead]
            quote = Quote(hit.article, span.start, span.end)
            placed.append((quote, parsed, hit, tuple(dict.fromkeys(filter(None, around))), above, lead))
    return placed


def _lead(article: Article, span: Span) -> str:
    """Return what tells of whom or what an item, a row or a note speaks: title, heading, and introducing sentence."""
    found = filter(None, (heading_above(article.text, span), lead_of(article.text, span)))
    texts = (article.title, *(article.text[each.start : each.end].lstrip("# ") for each in found))
    return " ".join(text if text[-1:] in ".!?:…" else f"{text}." for text in dict.fromkeys(texts))


def _text(text: str, spans: Sequence[Span], index: int) -> str:
    return text[spans[index].start : spans[index].end] if 0 <= index < len(spans) else ""


def _standardised(values: FloatVector) -> FloatVector:
    spread = float(values.std())
    centred: FloatVector = (values - values.mean()) / spread if spread else np.zeros_like(values)
    return centred
