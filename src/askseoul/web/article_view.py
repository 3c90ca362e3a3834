"""An article as HTML for the panel beside the answer: its headings, paragraphs, lists and tables, with quotes marked.

The text content of the element ``article-text`` equals the article's text character by character (or the part around
the quote if it is very long), and what is marked is exactly the quote. Marks of Markdown are there and not seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from markupsafe import Markup

from askseoul.domain import Article, Span
from askseoul.nlp.lines import kind_of
from askseoul.nlp.markdown import marks_in, unmarked
from askseoul.nlp.text import split_sentences
from askseoul.web.markup import clean, display_text, join, link_to, mark_languages, prose_html, source_html, unseen
from askseoul.web.table_view import rows_of, table_html

ARTICLE_WINDOW: Final = 60_000
"""Characters of an article shown on each side of the quote. A browser renders twice as many in 0.1 s, but needs seconds
for a book."""

_ABOVE_TEXT: Final = r"[^\s\W_a-z](?:[^\n]{0,77}[^\s.!?…,;:。：])?(?=\n[^\n]{80})"
"""A short line without an end mark, right above a long one."""
_BLOCK_BREAK: Final = re.compile(
    rf"\n(?:[ \t]*\n)+|\n(?=[ \t]*(?:[-*+•]|\d{{1,3}}[.)]|#{{1,6}})[ \t])|(?<=[.!?…\"”’)\]。])\n(?={_ABOVE_TEXT})"
)
_LINE_ABOVE_TEXT: Final = re.compile(_ABOVE_TEXT)
_HEADING: Final = re.compile(r"[ \t]*(#{1,6})[ \t]")
_BULLET: Final = re.compile(r"[ \t]*[-*+•][ \t]+\S")
_ITEM: Final = re.compile(r"[ \t]*\d{1,3}[.)][ \t]+\S")
_UNMARKED_HEADING: Final = 7
"""Level of a heading that is a line of its own without a mark, below the six of Markdown."""
_HIGHEST: Final = 3
"""Level of the first headings of an article: the panel's heading is its title."""
_LOWEST: Final = 6


@dataclass(frozen=True, slots=True)
class _Block:
    """A heading, a paragraph, an item of a list or the rows of a table."""

    span: Span
    gap: Span
    """The line breaks between it and the next one."""
    kind: Literal["heading", "bullet", "item", "paragraph"] = "paragraph"
    level: int = 0
    """Of a heading, as it is marked."""


def article_html(
    article: Article, quote: Span | None = None, others: Sequence[Span] = (), *, is_changed: bool = False
) -> str:
    """The article with ``quote`` marked, and ``others``, the other quotes of the same answer, marked differently.

    ``is_changed``: the text has changed since it was quoted, and a note says so. Raises ValueError for a span outside
    the text.
    """
    marked = sorted({*others, *([quote] if quote else [])}, key=lambda span: (span.start, span.end))
    if any(not 0 <= span.start < span.end <= len(article.text) for span in marked):
        raise ValueError(f"{article.id} has {len(article.text):,} characters, and a quote lies outside them.")
    center = quote or Span(0, 0)
    window = Span(max(0, center.start - ARTICLE_WINDOW), min(len(article.text), center.end + ARTICLE_WINDOW))
    return clean(
        Markup(
            '<article class="source" lang="{}">{}{}<div class="article-text" data-start="{}">{}</div>{}</article>'
        ).format(
            article.language,
            _header(article, quote, is_changed=is_changed),
            _omission(window.start),
            window.start,
            _text(article, window, quote, marked),
            _omission(len(article.text) - window.end),
        ),
        keep_lines=True,
    )


def _header(article: Article, quote: Span | None, *, is_changed: bool) -> Markup:
    url = link_to(article.url)
    link = Markup('<a href="{0}" target="_blank">{0}</a>').format(url) if url else Markup("")
    place = f"{article.id}, characters {quote.start:,} to {quote.end:,}" if quote else article.id
    title = prose_html(article.title) or prose_html(article.id)
    changed = Markup('<p class="changed" role="alert">{}</p>').format(
        "This article has changed since it was quoted: ask again."
    )
    return Markup('<header><h2 dir="auto">{}</h2><p>{}</p><p class="place">{}</p>{}{}</header>').format(
        title,
        source_html("", article.source, article.published, article.published_from),
        mark_languages(display_text(place)),
        link,
        changed if is_changed else "",
    )


def _omission(characters: int) -> Markup:
    """A note that so many characters are not shown; empty for none."""
    return Markup('<p class="cut">… {} more characters …</p>').format(f"{characters:,}") if characters else Markup("")


def _text(article: Article, window: Span, quote: Span | None, marked: Sequence[Span]) -> Markup:
    """The blocks of the window, and the line breaks between them, which are part of the text content.

    A first heading that repeats the title above it is not seen, unless something in it is marked.
    """
    text = article.text
    blocks = list(_blocks(text, window))
    title = display_text(unmarked(article.title))

    def is_title(block: _Block) -> bool:
        has_mark = any(span.start < block.span.end and block.span.start < span.end for span in marked)
        return block is first and bool(block.level) and not has_mark and _shown(text, block.span) == title

    first = next((block for block in blocks if _shown(text, block.span)), None)
    levels = sorted({block.level for block in blocks if block.level and not is_title(block)})
    parts = []
    for block in blocks:
        content = _marked(text, block.span, quote, marked)
        if rows := rows_of(text, block.span):
            content = table_html(text, rows, lambda span: _marked(text, span, quote, marked))
        elif not _shown(text, block.span) or is_title(block):
            content = unseen(content)
        else:
            tag = f"h{min(_HIGHEST + levels.index(block.level), _LOWEST)}" if block.level else "p"
            content = Markup('<{0} class="{1}" dir="auto">{2}</{0}>').format(tag, block.kind, content)
        gap = text[block.gap.start : block.gap.end]
        parts += [content, _marked(text, block.gap, quote, marked) if gap == "\n" else gap]
    return join(parts)


def _shown(text: str, span: Span) -> str:
    """What is seen of a part of a text, on one line."""
    return display_text(unmarked(text[span.start : span.end]))


def _blocks(text: str, window: Span) -> Iterator[_Block]:
    start = window.start
    for match in [*_BLOCK_BREAK.finditer(text, window.start, window.end), None]:
        end, following = match.span() if match else (window.end, window.end)
        line_end = text.find("\n", start, end)
        first = Span(start, end if line_end < 0 else line_end)
        level = _heading_level(text, first, end)
        if level and first.end < end:  # its paragraph begins on the next line
            yield _Block(first, Span(first.end, first.end + 1), "heading", level)
            start, level = first.end + 1, 0
        span, gap = Span(start, end), Span(end, following)
        if level:
            yield _Block(span, gap, "heading", level)
        elif _BULLET.match(text, start, end):
            yield _Block(span, gap, "bullet")
        elif _ITEM.match(text, start, end):
            yield _Block(span, gap, "item")
        else:
            yield _Block(span, gap)
        start = following


def _heading_level(text: str, line: Span, end: int) -> int:
    """The level of a line that is a heading, marked or not; 0 if it is none. ``end`` is that of its paragraph."""
    if marked := _HEADING.match(text, line.start, line.end):
        return len(marked[1])
    own = text[line.start : line.end]
    if line.end < end:
        above_text = _LINE_ABOVE_TEXT.match(text, line.start, end)
        return _UNMARKED_HEADING if above_text and above_text.end() == line.end else 0
    is_line = bool(own.strip()) and not own.rstrip().endswith((":", "：")) and len(split_sentences(own)) == 1
    return _UNMARKED_HEADING if is_line and kind_of(text, line) == "heading" else 0


def _marked(text: str, part: Span, quote: Span | None, marked: Sequence[Span]) -> Markup:
    """A part of the text with the quotes in it marked; where they overlap, ``quote`` wins."""
    hidden = marks_in(text, part.start, part.end)
    edges = {part.start, part.end}
    for span in (*marked, *hidden):
        edges |= {edge for edge in (span.start, span.end) if part.start < edge < part.end}
    parts = []
    for start, end in pairwise(sorted(edges)):
        piece = mark_languages(text[start:end])
        if any(span.start <= start and end <= span.end for span in hidden):
            piece = unseen(piece)
        if quote and quote.start <= start and end <= quote.end:
            piece = Markup('<mark class="quote">{}</mark>').format(piece)
        elif any(span.start <= start and end <= span.end for span in marked):
            piece = Markup("<mark>{}</mark>").format(piece)
        parts.append(piece)
    return join(parts)
