"""Suggested questions, to start or continue a conversation, generated from sentences of the articles.

A question is suggested only after a test: the index must answer it, and the first sentence of the answer must cite the
sentence that the question was generated from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from askseoul.answering.drafting import draft_quotes
from askseoul.answering.question_search import QuestionSearch
from askseoul.domain import Answer, Article, Citation, Quote, Span
from askseoul.errors import ArticleUnknown
from askseoul.models.encoder import Encoder, Encoding
from askseoul.nlp.question_generation import QuestionType, find_topics, generate_questions
from askseoul.nlp.text import ParsedText, parse, split_sentences
from askseoul.pipeline import AskSeoul
from askseoul.retrieval.question import read_question, split_question

SAMPLE: Final = 60
"""Articles that starters are generated from, spread evenly over the ids; enough for sentences of most types."""
OPENING: Final = 12_000
"""Characters read from the beginning of each of these articles, where news reports what matters."""
NEARBY: Final = 1_500
"""Characters on each side of a quote in which follow-ups are looked for."""
STARTER_ATTEMPTS: Final = 12
"""Questions tested for starters, at 0.1 to 0.4 s each on two cores."""
FOLLOW_UP_ATTEMPTS: Final = 4
"""Questions tested for follow-ups; fewer, since the user is waiting."""
SIMILAR: Final = 0.6
"""Share of common content words from which two questions count as the same."""

_TYPES: Final[tuple[QuestionType, ...]] = ("many", "why", "differ", "who", "what", "say", "act", "when", "about")
"""The question types, the most specific first."""
_UNSPECIFIC: Final[frozenset[QuestionType]] = frozenset({"say", "act", "when", "about"})
_ENGLISH: Final = "en"


@dataclass(frozen=True, slots=True)
class _Candidate:
    question: str
    type: QuestionType
    source: Quote
    """The sentence that the question was generated from."""


def starters(app: AskSeoul, count: int = 4, *, attempts: int = STARTER_ATTEMPTS) -> list[str]:
    """At most ``count`` questions that the collection answers, of different types and from different articles.

    At most ``attempts`` candidates are tested. The result depends only on the collection, and is empty if no English
    article has a suitable sentence.
    """
    ids = [summary.id for summary in app.articles() if summary.language == _ENGLISH]
    sample = [ids[number * len(ids) // SAMPLE] for number in range(SAMPLE)] if len(ids) > SAMPLE else ids
    questions: list[list[_Candidate]] = []
    topics: list[list[_Candidate]] = []
    for article_id in sample:
        article = app.article(article_id)
        spans = [span for span in split_sentences(article.text[:OPENING]) if span.end < OPENING]
        context = parse(article.text[:OPENING])
        questions.append(list(_questions(article, spans, context)))
        topics.append(list(_topic_questions(article, spans, context, app.store.manifest.articles)))
    return _select(app, [*_by_type(_interleaved(questions)), *_interleaved(topics)], count, attempts, ())


def follow_ups(
    app: AskSeoul, answer: Answer, count: int = 2, *, asked: Sequence[str] = (), attempts: int = FOLLOW_UP_ATTEMPTS
) -> list[str]:
    """At most ``count`` questions generated from sentences near the quotes of an answer or a refusal.

    The quotes themselves and the questions ``asked`` before are left out. At most ``attempts`` candidates are tested.
    """
    citations = answer.citations or (answer.refusal.nearest if answer.refusal else ())
    questions: list[_Candidate] = []
    topics: list[_Candidate] = []
    for article_id in dict.fromkeys(citation.article_id for citation in citations):
        try:
            article = app.article(article_id)
        except ArticleUnknown:  # removed since the answer was given
            continue
        spans = _near(article, [citation for citation in citations if citation.article_id == article_id])
        if spans and article.language == _ENGLISH:
            context = parse(article.text[max(0, spans[0].start - OPENING // 2) : spans[0].end + OPENING // 2])
            questions += _questions(article, spans, context)
            topics += _topic_questions(article, spans, context, app.store.manifest.articles)
    known = parse(" ".join([answer.question, *(citation.quote for citation in citations)])).content_stems
    related_first = sorted(_by_type(questions), key=lambda each: parse(each.question).content_stems.isdisjoint(known))
    before = [*asked, answer.question, *filter(None, [answer.rewritten_question])]
    return _select(app, [*related_first, *topics], count, attempts, before)


def _near(article: Article, citations: Sequence[Citation]) -> list[Span]:
    """The sentences within NEARBY characters of the citations that are not cited themselves, nearest first."""
    window = Span(max(0, min(each.start for each in citations) - NEARBY), max(each.end for each in citations) + NEARBY)
    spans = [
        Span(window.start + span.start, window.start + span.end)
        for span in split_sentences(article.text[window.start : window.end])
        # a sentence at the edge of the window may be cut off
        if (span.start or not window.start) and window.start + span.end != window.end
    ]

    def distance(span: Span) -> int:
        return min(max(each.start - span.end, span.start - each.end) for each in citations)

    near = [span for span in spans if 0 <= distance(span) <= NEARBY]
    return sorted(near, key=lambda span: (distance(span), span.start))


def _questions(article: Article, spans: Iterable[Span], context: ParsedText) -> Iterator[_Candidate]:
    """Questions that a sentence answers; ``context`` is the text around the sentences."""
    for span in spans:
        quote = Quote(article, span.start, span.end)
        for question_type, question in generate_questions(parse(quote.text), context):
            yield _Candidate(question, question_type, quote)


def _topic_questions(
    article: Article, spans: Iterable[Span], context: ParsedText, article_count: int
) -> Iterator[_Candidate]:
    """Questions about what the articles say on a topic: less specific, but possible for most sentences."""
    articles = "do the articles" if article_count > 1 else "does the article"
    for span in spans:
        quote = Quote(article, span.start, span.end)
        for topic in find_topics(parse(quote.text), context):
            yield _Candidate(f"What {articles} say about {topic}?", "about", quote)


def _by_type(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """The first candidate of each type, then the second of each, and so on."""
    return _interleaved([[each for each in candidates if each.type == name] for name in _TYPES])


def _interleaved(lists: Sequence[Sequence[_Candidate]]) -> list[_Candidate]:
    return [each for turn in zip_longest(*lists) for each in turn if each]


def _select(
    app: AskSeoul, candidates: Sequence[_Candidate], count: int, attempts: int, asked: Sequence[str]
) -> list[str]:
    """The first candidates that pass the test, preferring types and articles that are not chosen yet."""
    search = QuestionSearch(app.store, CachingEncoder(app.encoder), app.reader, app.strictness)
    remaining, chosen = list(candidates), list[_Candidate]()

    def cost(candidate: _Candidate) -> int:
        is_same_article = any(candidate.source.article.id == each.source.article.id for each in chosen)
        is_same_type = any(candidate.type == each.type for each in chosen)
        is_unspecific = candidate.type in _UNSPECIFIC
        return is_same_article + 2 * is_same_type + is_unspecific + 2 * (candidate.type == "about")

    while remaining and len(chosen) < count and attempts > 0:
        candidate = min(remaining, key=cost)
        remaining.remove(candidate)
        if any(_is_similar(candidate.question, other) for other in [*asked, *(each.question for each in chosen)]):
            continue
        if any(candidate.source == each.source for each in chosen):
            continue
        attempts -= 1
        if _is_answered(candidate, search):
            chosen.append(candidate)
    return [each.question for each in sorted(chosen, key=lambda each: _TYPES.index(each.type))]


def _is_answered(candidate: _Candidate, search: QuestionSearch) -> bool:
    """Whether the index answers the question, first of all with the sentence that it was generated from.

    A question of the type "differ" must find a disagreement instead.
    """
    if split_question(candidate.question) != [candidate.question]:
        return False
    result = search.find(candidate.question, None)
    if result.decision is not None:
        return False
    if candidate.type == "differ":
        return bool(search.disagreements(result, None))
    drafts = draft_quotes(read_question(candidate.question), result.evidence)
    source = candidate.source
    return any(
        quote.article.id == source.article.id and quote.start < source.end and source.start < quote.end
        for quote in drafts[0].quotes
    )


def _is_similar(one: str, other: str) -> bool:
    first, second = parse(one).content_stems, parse(other).content_stems
    return len(first & second) >= SIMILAR * max(len(first), len(second), 1)


class CachingEncoder:
    """An encoder that encodes each document text once; questions on few articles retrieve the same sentences."""

    def __init__(self, encoder: Encoder) -> None:
        self.name, self.fingerprint = encoder.name, encoder.fingerprint
        self.dimension, self.maximum_tokens = encoder.dimension, encoder.maximum_tokens
        self.encode_query, self.token_offsets = encoder.encode_query, encoder.token_offsets
        self._encode, self._cache = encoder.encode_document, dict[str, Encoding]()

    def encode_document(self, texts: Sequence[str]) -> list[Encoding]:
        """The encoding of each text."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self._cache]
        self._cache.update(zip(fresh, self._encode(fresh), strict=True))
        return [self._cache[text] for text in texts]
