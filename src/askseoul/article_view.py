"""An article as the web page shows it beside an answer: its text, with what is quoted of it marked.

The text stands there character by character: the text of the element ``article-text`` is the article's text, or the
part of it around the quote where it is very long, and what is marked is the quote and nothing else.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from askseoul.domain import Article, Span
from askseoul.rendering import clean, described, in_languages, link_to, spoken

AROUND: Final = 60_000
"""Characters on each side of the quote that are shown: a browser sets twice as many in 0.1 s, a book takes seconds."""
_BREAK: Final = re.compile(r"\n(?:[ \t]*\n)+")
_HEADING: Final = re.compile(r"#{1,6} ")


def article_html(
    article: Article, quote: Span | None = None, others: Sequence[Span] = (), *, is_changed: bool = False
) -> str:
    """The article with ``quote`` and the ``others`` marked, which are other quotes of the same answer.

    One that ``is_changed`` since it was quoted says so. Raises ValueError where a span is not inside the text.
    """
    marked = sorted({*others, *([quote] if quote else [])}, key=lambda span: (span.start, span.end))
    if any(not 0 <= span.start < span.end <= len(article.text) for span in marked):
        raise ValueError(f"{article.id} has {len(article.text):,} characters: a quote of it lies outside of them.")
    middle = quote or Span(0, 0)
    window = Span(max(0, middle.start - AROUND), min(len(article.text), middle.end + AROUND))
    return clean(
        Markup(
            '<article class="source" lang="{}">{}{}<div class="article-text" data-start="{}">{}</div>{}</article>'
        ).format(
            article.language,
            _heading(article, quote, is_changed=is_changed),
            _cut(window.start),
            window.start,
            _text(article.text, window, quote, marked),
            _cut(len(article.text) - window.end),
        ),
        keep_lines=True,
    )


def _heading(article: Article, quote: Span | None, *, is_changed: bool) -> Markup:
    url = link_to(article.url)
    link = Markup('<a href="{0}" target="_blank">{0}</a>').format(url) if url else Markup("")
    place = f"{article.id}, characters {quote.start:,} to {quote.end:,}" if quote else article.id
    title = spoken(article.title) or spoken(article.id)
    changed = Markup('<p class="changed" role="alert">{}</p>').format(
        "This article says something else now than when it was quoted: ask again."
    )
    return Markup('<header><h2 dir="auto">{}</h2><p>{}</p><p class="place">{}</p>{}{}</header>').format(
        title,
        described("", article.source, article.published),
        spoken(place),
        link,
        changed if is_changed else "",
    )


def _cut(characters: int) -> Markup:
    return Markup('<p class="cut">… {} characters more …</p>').format(f"{characters:,}") if characters else Markup("")


def _text(text: str, window: Span, quote: Span | None, marked: Sequence[Span]) -> Markup:
    """The paragraphs of the window, with what stands between them."""
    parts = []
    at = window.start
    for match in [*_BREAK.finditer(text, window.start, window.end), None]:
        end = match.start() if match else window.end
        name = "heading" if _HEADING.match(text, at) else "paragraph"
        inside = _marked(text, Span(at, end), quote, marked)
        between = match[0] if match else ""
        parts.append(Markup('<p class="{}" dir="auto">{}</p>{}').format(name, inside, between) if inside else between)
        at = match.end() if match else end
    return Markup("").join(parts)


def _marked(text: str, paragraph: Span, quote: Span | None, marked: Sequence[Span]) -> Markup:
    """A paragraph with its part of the quotes marked; ``quote`` goes before the others where they overlap."""
    edges = {paragraph.start, paragraph.end}
    for span in marked:
        edges |= {place for place in (span.start, span.end) if paragraph.start < place < paragraph.end}
    places = sorted(edges)
    parts = []
    for start, end in itertools.pairwise(places):
        piece = in_languages(text[start:end])
        if quote and quote.start <= start and end <= quote.end:
            piece = Markup('<mark class="quote">{}</mark>').format(piece)
        elif any(span.start <= start and end <= span.end for span in marked):
            piece = Markup("<mark>{}</mark>").format(piece)
        parts.append(piece)
    return Markup("").join(parts)
