"""What the collection itself answers: which articles there are, what each begins with, and which mention something.

Search finds passages that speak of a question; no passage tells how many articles there are. These answers come from
the index. Each article is shown by a sentence of its own, and a notice before them says what was counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from askseoul.answering.answerability import Decision
from askseoul.answering.assembly import AnswerBuilder, QueryContext, counted, refuse
from askseoul.answering.drafting import quote_draft, shortened
from askseoul.domain import Answer, Article, Quote, Sentence, Span
from askseoul.index.store import Store
from askseoul.index.tables import ArticleSummary
from askseoul.models.encoder import Encoder
from askseoul.models.reader import Reader
from askseoul.nlp.lines import kind_of
from askseoul.nlp.text import parse, split_sentences
from askseoul.retrieval.question import read_question
from askseoul.retrieval.requests import Request
from askseoul.retrieval.search import search

SHOWN: Final = 12
"""Articles that are shown by a sentence."""
SEARCHED: Final = 80
"""Passages that are looked through for a subject."""
_COUNT: Final = r"[0-9][0-9,]*"
_DAY: Final = r"[0-9]{4}(?:-[0-9]{2}){0,2}"
_DESCRIBED = re.compile(
    rf"Here (?:is|are) {_COUNT} articles?(?:, from {_COUNT} sources?)?(?:, published {_DAY}(?: to {_DAY})?)?\."
    rf"(?: {SHOWN} of them:)?"
)
_MENTIONED = re.compile(
    rf"(?:At least )?{_COUNT} of {_COUNT} articles? mention “(?P<what>[^”]+)”\.(?: {SHOWN} of them:)?"
)
_OPENING: Final = 4_000
"""Characters in which an article's first sentence is looked for."""
_PROMISE: Final = "every sentence of an answer carries an exact quote that you can check."
_SHORTEST: Final = 5
"""Words of a sentence that can stand for an article."""


def tell(
    request: Request,
    context: QueryContext,
    store: Store,
    encoder: Encoder,
    reader: Reader,
    within: frozenset[str] | None,
) -> Iterator[Sentence | Answer]:
    """The answer to a greeting or to a request that the index itself answers: its sentences, then the Answer.

    ``within`` are the ids of the articles to use; None for all.
    """
    articles = newest_first(store.articles(), within)
    if request.intent == "greeting" or not articles:
        held = f"the {counted(len(articles), 'article')} here" if articles else "articles, once some are indexed,"
        yield refuse(context, Decision("no question", f"Ask what {held} say: {_PROMISE}"), ())
        return
    if request.intent == "collection":
        notice, openings = describe(articles), (opening_of(store.article(each.id)) for each in articles[:SHOWN])
        quotes = list(filter(None, openings))
    else:
        quotes, is_complete = find_mentions(request.subject, store=store, encoder=encoder, within=within)
        if not quotes:
            yield refuse(context, Decision("nothing relevant", f"No article mentions “{request.subject}”."), ())
            return
        notice = describe_mentions(request.subject, len(quotes), len(articles), is_complete=is_complete)
    builder = AnswerBuilder(context, (), reader, notice=notice)
    asked = read_question(context.question)
    for quote in quotes[:SHOWN]:
        if (sentence := builder.add(quote_draft(shortened(quote, asked)))) is not None:
            yield sentence
    yield builder.build()


def newest_first(summaries: Iterable[ArticleSummary], within: frozenset[str] | None) -> list[ArticleSummary]:
    """Return the articles that are asked, the newest first and those without a date last."""
    chosen = [each for each in summaries if within is None or each.id in within]
    dated = sorted((each for each in chosen if each.published), key=lambda each: each.published or "", reverse=True)
    return [*dated, *(each for each in chosen if not each.published)]


def describe(summaries: Sequence[ArticleSummary]) -> str:
    """Return how many articles there are, from how many sources and of which time."""
    sources = {each.source for each in summaries if each.source}
    dates = sorted(each.published for each in summaries if each.published)
    parts = [f"Here {'is' if len(summaries) == 1 else 'are'} {counted(len(summaries), 'article')}"]
    if sources:
        parts.append(f"from {counted(len(sources), 'source')}")
    if dates:
        parts.append(f"published {dates[0]}" + (f" to {dates[-1]}" if dates[-1] != dates[0] else ""))
    return ", ".join(parts) + "." + (f" {SHOWN} of them:" if len(summaries) > SHOWN else "")


def describe_mentions(subject: str, mentioning: int, articles: int, *, is_complete: bool) -> str:
    """Return how many of the articles mention a subject."""
    least = "" if is_complete else "At least "
    shown = f" {SHOWN} of them:" if mentioning > SHOWN else ""
    return f"{least}{mentioning:,} of {counted(articles, 'article')} mention “{subject}”.{shown}"


def is_notice(text: str, question: str) -> bool:
    """Whether a text is a notice as this module writes it, about what the question names."""
    mentioned = _MENTIONED.fullmatch(text)
    return _DESCRIBED.fullmatch(text) is not None or (mentioned is not None and mentioned["what"] in question)


def opening_of(article: Article) -> Quote | None:
    """Return the first sentence of an article that can stand for it; None if it has none."""
    text = article.text[:_OPENING]
    spans = split_sentences(text)
    fit = (span for span in spans if kind_of(text, span) in ("prose", "note") and _is_long(text, span))
    found = next(fit, spans[0] if spans else None)
    return Quote(article, found.start, found.end) if found else None


def find_mentions(
    subject: str, *, store: Store, encoder: Encoder, within: frozenset[str] | None
) -> tuple[list[Quote], bool]:
    """Return the first sentence of each article that mentions a subject, the newest article first, and whether all
    passages that may do so were looked through.

    A sentence mentions it if it has all its content words; of a name of several words the last is enough where another
    article has the whole name.
    """
    wanted = parse(subject)
    stems = wanted.content_stems or wanted.stems
    hits = search(subject, encoder=encoder, store=store, count=SEARCHED, within=within)
    found = _first_sentences(stems, (hit.article for hit in hits))
    last = [word for word in wanted.words if word.content][-1:]
    is_name = len(stems) > 1 and all(word.text[:1].isupper() for word in wanted.words if word.content)
    if found and is_name and last:
        found = _first_sentences(frozenset({last[0].stem}), (hit.article for hit in hits))
    quotes = sorted(found.values(), key=lambda quote: quote.article.published or "", reverse=True)
    return quotes, len(hits) < SEARCHED


def _first_sentences(stems: frozenset[str], articles: Iterable[Article]) -> dict[str, Quote]:
    found: dict[str, Quote] = {}
    for article in {each.id: each for each in articles}.values():
        for span in _mentioning(article, stems):
            found[article.id] = Quote(article, span.start, span.end)
            break
    return found


def _mentioning(article: Article, stems: frozenset[str]) -> Iterator[Span]:
    for span in split_sentences(article.text):
        if kind_of(article.text, span) != "heading" and stems <= parse(article.text[span.start : span.end]).stems:
            yield span


def _is_long(text: str, span: Span) -> bool:
    return len(text[span.start : span.end].split()) >= _SHORTEST
