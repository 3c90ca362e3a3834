"""Questions to begin with and to go on with, made from the articles and held against what the index answers.

Nothing is suggested that would be refused: each question is looked up first, and taken only if it is answered and the
answer opens with the very sentence that the question was made from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from askseoul.answering.drafting import draft_quotes
from askseoul.domain import Answer, Article, Citation, Quote, Span
from askseoul.errors import ArticleUnknown
from askseoul.models.encoder import Encoder, Encoding
from askseoul.nlp.question_generation import QuestionType, find_topics, generate_questions
from askseoul.nlp.text import ParsedText, parse, split_sentences
from askseoul.pipeline import QuestionSearch
from askseoul.retrieval.question import read_question, split_question

if TYPE_CHECKING:
    from askseoul.pipeline import AskSeoul


SAMPLE: Final = 60
"""Articles that starters are made from, spread evenly over the ids: they hold some good sentences of most forms."""
READ: Final = 12_000
"""Characters of an article that are read for starters, from its beginning, where news has what matters."""
NEAR: Final = 1_500
"""Characters on each side of a quote in which follow-ups are looked for."""
TRIED: Final = 12
"""Questions that are looked up for starters, at 0.1 to 0.4 seconds each on two cores."""
TRIED_NEXT: Final = 4
"""The same for follow-ups, which a reader waits for."""
ALIKE: Final = 0.6
"""Share of content words in common from which two questions ask the same."""
_ORDER: Final[tuple[QuestionType, ...]] = ("many", "why", "differ", "who", "what", "say", "act", "when", "about")
"""The forms, the more telling ones first."""
_PLAIN: Final[frozenset[QuestionType]] = frozenset({"say", "act", "when", "about"})
"""Those that give way to another form from an article that is used already."""
_ENGLISH: Final = "en"


@dataclass(frozen=True, slots=True)
class _Candidate:
    question: str
    form: QuestionType
    source: Quote
    """The sentence that it was made from."""


class RememberingEncoder:
    """An encoder that reads no text twice: questions about few articles meet the same sentences again and again."""

    def __init__(self, encoder: Encoder) -> None:
        self.name, self.fingerprint = encoder.name, encoder.fingerprint
        self.dimension, self.maximum_tokens = encoder.dimension, encoder.maximum_tokens
        self.encode_query, self.token_offsets = encoder.encode_query, encoder.token_offsets
        self._encode, self._read = encoder.encode_document, dict[str, Encoding]()

    def encode_document(self, texts: Sequence[str]) -> list[Encoding]:
        """What the encoder makes of these texts."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self._read]
        self._read.update(zip(fresh, self._encode(fresh), strict=True))
        return [self._read[text] for text in texts]


def starters(app: AskSeoul, count: int = 4, *, tried: int = TRIED) -> list[str]:
    """At most so many questions that the collection answers, of different forms and from different articles.

    The same collection gives the same questions; none is given where no English article holds a sentence that makes
    one. ``tried`` bounds how many are looked up, and so the time."""
    known = [summary.id for summary in app.articles() if summary.language == _ENGLISH]
    sample = [known[place * len(known) // SAMPLE] for place in range(SAMPLE)] if len(known) > SAMPLE else known
    made: list[list[_Candidate]] = []
    named: list[list[_Candidate]] = []
    for article_id in sample:
        article = app.article(article_id)
        spans = [span for span in split_sentences(article.text[:READ]) if span.end < READ]
        around = parse(article.text[:READ])
        made.append(list(_made_from(article, spans, around)))
        named.append(list(_about(article, spans, around, app.store.manifest.articles)))
    # one article after the other, so that a long one does not fill the list
    turns, topics = ([item for items in zip_longest(*each) for item in items if item] for each in (made, named))
    return _suggested(app, [*_by_form(turns), *topics], count, tried, ())


def follow_ups(
    app: AskSeoul, answer: Answer, count: int = 2, *, asked: Sequence[str] = (), tried: int = TRIED_NEXT
) -> list[str]:
    """At most so many questions that lead on from an answer, made from what stands near its quotes.

    They ask neither for what is quoted already nor what was ``asked`` before. After a refusal they are made near the
    quotes that it shows. ``tried`` is as in ``starters``."""
    shown = answer.citations or (answer.refusal.nearest if answer.refusal else ())
    made: list[_Candidate] = []
    named: list[_Candidate] = []
    for article_id in dict.fromkeys(citation.article_id for citation in shown):
        try:
            article = app.article(article_id)
        except ArticleUnknown:  # removed since the answer was given
            continue
        if article.language == _ENGLISH:
            spans = _near(article, [citation for citation in shown if citation.article_id == article_id])
            around = parse(article.text[max(0, spans[0].start - READ // 2) : spans[0].end + READ // 2] if spans else "")
            made += _made_from(article, spans, around)
            named += _about(article, spans, around, app.store.manifest.articles)
    before = [*asked, answer.question, *filter(None, [answer.rewritten_question])]
    told = parse(" ".join([answer.question, *(citation.quote for citation in shown)])).content_stems
    leaning = sorted(_by_form(made), key=lambda each: parse(each.question).content_stems.isdisjoint(told))
    return _suggested(app, [*leaning, *named], count, tried, before)


def _near(article: Article, citations: Sequence[Citation]) -> list[Span]:
    """The sentences around the quotes that are not quoted themselves, the nearest first."""
    window = Span(max(0, min(each.start for each in citations) - NEAR), max(each.end for each in citations) + NEAR)
    spans = [
        Span(window.start + span.start, window.start + span.end)
        for span in split_sentences(article.text[window.start : window.end])
        if (span.start or not window.start) and window.start + span.end != window.end  # else it may be cut off
    ]

    def distance(span: Span) -> int:
        return min(max(each.start - span.end, span.start - each.end) for each in citations)

    return sorted(
        (span for span in spans if 0 <= distance(span) <= NEAR), key=lambda span: (distance(span), span.start)
    )


def _made_from(article: Article, spans: Iterable[Span], around: ParsedText) -> Iterator[_Candidate]:
    for span in spans:
        quote = Quote(article, span.start, span.end)
        for form, question in generate_questions(parse(quote.text), around):
            yield _Candidate(question, form, quote)


def _about(article: Article, spans: Iterable[Span], around: ParsedText, articles: int) -> Iterator[_Candidate]:
    """What the articles say about what they name: less telling, and possible nearly everywhere."""
    say = "do the articles" if articles > 1 else "does the article"
    for span in spans:
        quote = Quote(article, span.start, span.end)
        for topic in find_topics(parse(quote.text), around):
            yield _Candidate(f"What {say} say about {topic}?", "about", quote)


def _by_form(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """The first of each form, then the second of each; within a form their order stays."""
    forms = [[each for each in candidates if each.form == form] for form in _ORDER]
    return [each for turn in zip_longest(*forms) for each in turn if each]


def _suggested(
    app: AskSeoul, candidates: Sequence[_Candidate], count: int, tried: int, asked: Sequence[str]
) -> list[str]:
    """The first candidates that hold, of different forms and articles as far as there are enough."""
    finder = QuestionSearch(app.store, RememberingEncoder(app.encoder), app.similarity)
    waiting, chosen = list(candidates), list[_Candidate]()

    def cost(candidate: _Candidate) -> int:
        is_used = any(candidate.source.article.id == each.source.article.id for each in chosen)
        is_again = any(candidate.form == each.form for each in chosen)
        return is_used + 2 * is_again + (candidate.form in _PLAIN) + 2 * (candidate.form == "about")

    while waiting and len(chosen) < count and tried > 0:
        candidate = min(waiting, key=cost)
        waiting.remove(candidate)
        if any(_alike(candidate.question, question) for question in [*asked, *(each.question for each in chosen)]):
            continue
        if any(candidate.source == each.source for each in chosen):
            continue
        tried -= 1
        if _holds(candidate, finder):
            chosen.append(candidate)
    return [each.question for each in sorted(chosen, key=lambda each: _ORDER.index(each.form))]


def _holds(candidate: _Candidate, finder: QuestionSearch) -> bool:
    """Whether the index answers a question, and first of all with the sentence that it was made from; of one on which
    articles should differ, whether they do."""
    if split_question(candidate.question) != [candidate.question]:
        return False
    result = finder.find(candidate.question, None)
    if result.decision is not None:
        return False
    if candidate.form == "differ":
        return bool(finder.disagreements(result, None))
    drafts = draft_quotes(read_question(candidate.question), result.evidence)
    source = candidate.source
    return any(
        quote.article.id == source.article.id and quote.start < source.end and source.start < quote.end
        for quote in drafts[0].quotes
    )


def _alike(one: str, other: str) -> bool:
    """Whether two questions ask the same, or nearly."""
    first, second = parse(one).content_stems, parse(other).content_stems
    return len(first & second) >= ALIKE * max(len(first), len(second), 1)
