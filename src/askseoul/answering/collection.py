"""What the index itself tells: which articles there are, what each begins with, and which mention something.

Search finds passages that speak of a question; no passage tells how many articles there are. Each article is shown by a
sentence of its own, and a notice before them says what was counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from askseoul.answering.assembly import counted
from askseoul.domain import Article, Citation, Quote, Span
from askseoul.index.store import Store
from askseoul.index.tables import ArticleSummary
from askseoul.models.encoder import Encoder
from askseoul.nlp.lines import kind_of
from askseoul.nlp.text import parse, split_sentences
from askseoul.retrieval.search import search

SHOWN: Final = 12
"""Articles that are shown by a sentence."""
SEARCHED: Final = 80
"""Passages that are looked through for a subject."""
LONGEST_NAME: Final = 60
"""Characters of a source's name up to which sources are named, and not only counted."""
_COUNT: Final = r"[0-9][0-9,]*"
_DAY: Final = r"[0-9]{4}(?:-[0-9]{2}){0,2}"
_KNOWN: Final = (
    rf"(?:, from {_COUNT} sources?(?: \((?P<sources>[^\n]+)\))?)?(?:, published {_DAY}(?: to {_DAY})?)?\."
    rf"(?: {SHOWN} of them:)?(?P<titles>(?:\n.+)*)"
)
_DESCRIBED = re.compile(rf"Here (?:is|are) {_COUNT} articles?{_KNOWN}")
_MENTIONED = re.compile(
    rf"(?:All {_COUNT}|(?:At least )?{_COUNT} of {_COUNT}|The only) articles? mentions? “(?P<what>[^”]+)”"
    rf"(?: and “(?P<other>[^”]+)”)?{_KNOWN}"
)
_OPENING: Final = 4_000
"""Characters in which an article's first sentence is looked for."""
_SHORTEST: Final = 5
"""Words of a sentence that can stand for an article."""


def newest_first(summaries: Iterable[ArticleSummary], within: frozenset[str] | None) -> list[ArticleSummary]:
    """Return the articles that are asked, the newest first and those without a date last."""
    chosen = [each for each in summaries if within is None or each.id in within]
    dated = sorted((each for each in chosen if each.published), key=lambda each: each.published or "", reverse=True)
    return [*dated, *(each for each in chosen if not each.published)]


def describe(articles: Sequence[ArticleSummary] | Sequence[Article], shown: Sequence[Citation], *, titled: bool) -> str:
    """Return how many articles there are, from which sources and of which time, and with ``titled`` the titles of those
    that are shown."""
    begins = f"Here {'is' if len(articles) == 1 else 'are'} {counted(len(articles), 'article')}"
    return begins + _known(articles, shown) + ("".join(_title_lines(shown)) if titled else "")


def describe_mentions(
    subjects: Sequence[str], mentioning: Sequence[Article], of: int, shown: Sequence[Citation], *, is_complete: bool
) -> str:
    """Return how many of the articles mention all these subjects, and what is known of those."""
    named = " and ".join(f"“{subject}”" for subject in subjects)
    if of == 1:
        counting = "The only article mentions"
    elif len(mentioning) == of:
        counting = f"All {of:,} articles mention"
    else:
        least = "" if is_complete else "At least "
        counting = f"{least}{len(mentioning):,} of {counted(of, 'article')} mention{'s' * (len(mentioning) == 1)}"
    return f"{counting} {named}{_known(mentioning, shown)}"


def is_notice(text: str, question: str, citations: Sequence[Citation]) -> bool:
    """Whether a text is a notice as this module writes it: about what the question names, with the sources and titles
    of the articles that are cited."""
    match = _MENTIONED.fullmatch(text) or _DESCRIBED.fullmatch(text)
    if match is None:
        return False
    named = match.groupdict()
    return (
        all(named.get(key) is None or named[key] in question for key in ("what", "other"))
        and named["sources"] in (None, _listed({each.source for each in citations if each.source}))
        and named["titles"] in ("", "".join(_title_lines(citations)))
    )


def _known(articles: Sequence[ArticleSummary] | Sequence[Article], shown: Sequence[Citation]) -> str:
    """The end of a notice: from how many sources, which ones if the articles shown have them all, and of which time."""
    sources = {each.source for each in articles if each.source}
    dates = sorted(each.published for each in articles if each.published)
    parts = [""]
    if sources:
        parts.append(f"from {counted(len(sources), 'source')}")
        if sources == {each.source for each in shown if each.source} and max(map(len, sources)) <= LONGEST_NAME:
            parts[-1] += f" ({_listed(sources)})"
    if dates:
        parts.append(f"published {dates[0]}" + (f" to {dates[-1]}" if dates[-1] != dates[0] else ""))
    return ", ".join(parts) + "." + (f" {SHOWN} of them:" if len(articles) > SHOWN else "")


def _listed(names: Iterable[str]) -> str:
    *first, last = sorted(names) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def _title_lines(citations: Sequence[Citation]) -> Iterator[str]:
    for each in {citation.article_id: citation for citation in citations}.values():
        yield "\n" + ", ".join(filter(None, (f"“{each.title}”", each.source, each.published)))


def opening_of(article: Article) -> Quote | None:
    """Return the first sentence of an article that can stand for it; None if it has none."""
    text = article.text[:_OPENING]
    spans = split_sentences(text)
    fit = (span for span in spans if kind_of(text, span) in ("prose", "note") and _is_long(text, span))
    found = next(fit, spans[0] if spans else None)
    return Quote(article, found.start, found.end) if found else None


def find_mentions(
    subjects: Sequence[str], *, store: Store, encoder: Encoder, within: frozenset[str] | None
) -> tuple[list[Quote], bool]:
    """Return the first sentence of each article that mentions all these subjects, the newest article first, and whether
    all passages that may do so were looked through.

    A sentence mentions one if it has all its content words; of a name of several words the last is enough where another
    article has the whole name.
    """
    found: list[dict[str, Quote]] = []
    is_complete = True
    for subject in subjects:
        wanted = parse(subject)
        stems = wanted.content_stems or wanted.stems
        hits = search(subject, encoder=encoder, store=store, count=SEARCHED, within=within)
        mentioning = _first_sentences(stems, (hit.article for hit in hits))
        last = [word for word in wanted.words if word.content][-1:]
        is_name = len(stems) > 1 and all(word.text[:1].isupper() for word in wanted.words if word.content)
        if mentioning and is_name and last:
            mentioning = _first_sentences(frozenset({last[0].stem}), (hit.article for hit in hits))
        found.append(mentioning)
        is_complete = is_complete and len(hits) < SEARCHED
    first, *others = found
    quotes = [quote for article_id, quote in first.items() if all(article_id in other for other in others)]
    return sorted(quotes, key=lambda quote: quote.article.published or "", reverse=True), is_complete


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
