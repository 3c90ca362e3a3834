"""Hits into the sentences that speak to the question, best first.

A sentence is judged alone and with what stands around it (its neighbours and the heading above it), by meaning and by
words, by its passage's score, and by whether it holds a thing of the asked kind. The scores are standardised over the
candidates of the question, so that no scale has to be chosen, and added with WEIGHTS."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from askseoul.domain import Evidence, Hit, Quote, Span
from askseoul.models.encoder import Encoder, FloatMatrix, FloatVector, IntMatrix
from askseoul.nlp.entities import find_names
from askseoul.nlp.text import is_heading, parse
from askseoul.retrieval.question import Question, holds_answer_type

WEIGHTS = {"alone": 1.5, "around": 1.5, "cosine": 0.5, "words": 0.3, "passage": 1.0, "kind": 2.0}
"""What each score counts. Mean reciprocal rank of the first sentence that answers, with these and with all but the kind
at 1: 0.81 and 0.80 on the gold questions of the original articles, 0.91 and 0.89 on those of the digests, 0.69 and
0.63 on 80 questions in freer words, 0.88 and 0.87 on 650 questions of SelQA over their sections of Wikipedia."""
NO_WORDS = 0.7
"""Match with a question that has no content words beside names: the median of answerable questions."""
PASSAGES = 8
"""Hits that are read sentence by sentence."""
_FUNCTION_WORD = 0.4
"""Least weight of a word; one that stands in no candidate has about 4."""
_SHORTEST_EVIDENCE = 4
_REFERENCE = re.compile(r"https?://|www\.|\bIbid\b|^\[\w{1,4}\]:? ")
"""A note or an entry of a bibliography: it names a source and says nothing itself."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The sentences of the hits and how they match the question, one row or item a sentence."""

    quotes: tuple[Quote, ...]
    hits: tuple[Hit, ...]
    importance: FloatVector
    """(question tokens,): how much each tells, adding up to 1."""
    alone: FloatMatrix
    """(sentences, question tokens): the best cosine for each token of the question in the sentence."""
    around: FloatMatrix
    """The same over the sentence, its neighbours and the heading above it."""
    surroundings: tuple[tuple[str, ...], ...]
    """Those texts."""
    offsets: IntMatrix
    """(question tokens, 2): the characters of the question that each token stands for."""
    cosine: FloatVector
    words: FloatVector
    """Share in [0, 1] of the weight of the question's terms that stand in the sentence."""


def select_evidence(question: Question, hits: Sequence[Hit], *, encoder: Encoder) -> list[Evidence]:
    """The sentences of the first hits, best first."""
    candidates = read_candidates(question.text, hits[:PASSAGES], encoder=encoder)
    if candidates is None:
        return []
    scores = (
        WEIGHTS["alone"] * _standardised(candidates.alone @ candidates.importance)
        + WEIGHTS["around"] * _standardised(candidates.around @ candidates.importance)
        + WEIGHTS["cosine"] * _standardised(candidates.cosine)
        + WEIGHTS["words"] * _standardised(candidates.words)
        + WEIGHTS["passage"] * _standardised(np.array([hit.score for hit in candidates.hits], dtype=np.float32))
        + WEIGHTS["kind"] * np.array([holds_answer_type(question, quote.text) for quote in candidates.quotes])
    )
    order = sorted(range(len(scores)), key=lambda place: (-scores[place], place))
    matches = _matches(question.text, candidates)
    alone = candidates.alone @ candidates.importance
    return [
        Evidence(
            candidates.quotes[place],
            candidates.hits[place],
            float(scores[place]),
            float(matches[place]),
            float(alone[place]),
            "\n".join(candidates.surroundings[place]),
        )
        for place in order
    ]


def read_candidates(question: str, hits: Sequence[Hit], *, encoder: Encoder) -> Candidates | None:
    """Match every sentence of these hits with the question; None when they hold no sentence. A text that stands twice
    counts once."""
    placed = _sentences(hits)
    if not placed:
        return None
    asked = encoder.encode_query([question])[0]
    texts = list(dict.fromkeys(text for _, _, neighbourhood in placed for text in neighbourhood))
    encodings = dict(zip(texts, encoder.encode_document(texts), strict=True))
    matches = {
        text: np.einsum("qd,td->qt", asked.tokens, encoding.tokens).max(axis=1)
        if len(encoding.tokens)
        else np.zeros(len(asked.tokens), np.float32)
        for text, encoding in encodings.items()
    }
    found = [parse(quote.text).stems for quote, _, _ in placed]
    weights = _weights(parse(question).content_stems, found)
    total = sum(weights.values()) or 1.0
    return Candidates(
        quotes=tuple(quote for quote, _, _ in placed),
        hits=tuple(hit for _, hit, _ in placed),
        importance=_importance(question, asked.offsets, weights),
        alone=np.stack([matches[quote.text] for quote, _, _ in placed]),
        around=np.stack([np.max([matches[text] for text in around], axis=0) for _, _, around in placed]),
        surroundings=tuple(around for _, _, around in placed),
        offsets=asked.offsets,
        cosine=np.array([encodings[quote.text].vector @ asked.vector for quote, _, _ in placed], dtype=np.float32),
        words=np.array(
            [sum(weights[stem] for stem in sorted(stems & weights.keys())) / total for stems in found], dtype=np.float32
        ),
    )


def _matches(question: str, candidates: Candidates) -> FloatVector:
    """(sentences,): how well the question's content words but its names are met in each sentence's surroundings.

    Names are left to be compared as names: their tokens are close to those of any other name."""
    folded = parse(question)
    words = folded.words
    names = find_names(folded, [parse(quote.text) for quote in candidates.quotes])
    named = {place for name in names for place in range(name.first, name.last + 1)}
    rows = [
        [n for n, (start, end) in enumerate(candidates.offsets.tolist()) if start >= word.start and end <= word.end]
        for place, word in enumerate(words)
        if word.content and place not in named
    ]
    met = [candidates.around[:, tokens].mean(axis=1) for tokens in rows if tokens]
    return np.mean(met, axis=0) if met else np.full(len(candidates.quotes), NO_WORDS, np.float32)


def _weights(asked: Iterable[str], found: Sequence[Set[str]]) -> dict[str, float]:
    """How much each stem of the question tells among these sentences: log odds that one of them lacks it.

    Counted over the candidates and not over the collection. Beside 2,000 texts on other subjects the names that stand
    in every candidate would else be rare words and drown what is asked: 0.75 of the gold facts in place of 0.87."""
    counts = {stem: sum(stem in stems for stems in found) for stem in sorted(asked)}
    return {stem: max(math.log((len(found) - n + 0.5) / (n + 0.5)), _FUNCTION_WORD) for stem, n in counts.items()}


def _importance(question: str, offsets: IntMatrix, weights: Mapping[str, float]) -> FloatVector:
    """A word weighs as its stem does; its pieces share that weight.

    Without it the three pieces of a name that stands in every passage outweigh the one word that tells the passages
    apart."""
    words = {place: word for word in parse(question).words for place in range(word.start, word.end)}
    owners = [words.get(start) for start, _ in offsets.tolist()]
    values = [_FUNCTION_WORD if owner is None else weights.get(owner.stem, _FUNCTION_WORD) for owner in owners]
    shared = np.array([value / owners.count(owner) for value, owner in zip(values, owners, strict=True)], np.float32)
    total = float(shared.sum())
    return shared / total if total else shared


def _sentences(hits: Sequence[Hit]) -> list[tuple[Quote, Hit, tuple[str, ...]]]:
    """Each sentence that can be evidence, its hit, and the texts of itself, its neighbours and the heading above it."""
    placed = []
    seen: set[str] = set()
    for hit in hits:
        text = hit.article.text
        spans = hit.passage.sentences
        heading = ""
        for place, span in enumerate(spans):
            own = text[span.start : span.end]
            if is_heading(own):
                heading = own
                continue
            if _REFERENCE.search(own):
                continue
            key = " ".join(word.lower for word in parse(own).words)
            if key in seen or len(key.split()) < _SHORTEST_EVIDENCE:
                continue
            seen.add(key)
            around = [_text(text, spans, place - 1), own, _text(text, spans, place + 1), heading]
            placed.append((Quote(hit.article, span.start, span.end), hit, tuple(dict.fromkeys(filter(None, around)))))
    return placed


def _text(text: str, spans: Sequence[Span], place: int) -> str:
    return text[spans[place].start : spans[place].end] if 0 <= place < len(spans) else ""


def _standardised(values: FloatVector) -> FloatVector:
    spread = float(values.std())
    centred: FloatVector = (values - values.mean()) / spread if spread else np.zeros_like(values)
    return centred
