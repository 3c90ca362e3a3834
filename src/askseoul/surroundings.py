"""What stands around a quote in its article: the sentences, its paragraph, the heading above it, an open quotation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from askseoul.domain import Article, Quote, Span
from askseoul.sentences import is_heading, split_sentences
from askseoul.words import fold

_BEFORE, _BEHIND = 12_000, 2_000
"""Characters around a quote that are read."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The sentences around a quote, and which of them it stands in."""

    article: Article
    spans: tuple[Span, ...]
    place: int

    def text(self, place: int) -> str:
        """A sentence as it is written."""
        return self.article.text[self.spans[place].start : self.spans[place].end]

    def sentence(self, place: int) -> str:
        """A sentence, folded."""
        return fold(self.text(place))

    def quote(self, place: int) -> Quote:
        """A sentence as a quote."""
        return Quote(self.article, self.spans[place].start, self.spans[place].end)

    def paragraph(self) -> Iterator[int]:
        """The sentences before the quote's own in its paragraph, the nearest first."""
        for place in range(self.place - 1, -1, -1):
            if "\n" in self.article.text[self.spans[place].end : self.spans[place + 1].start]:
                return
            yield place

    def heading(self) -> Quote | None:
        """The heading above the quote."""
        for place in range(self.place, -1, -1):
            if is_heading(self.text(place)):
                return self.quote(place)
        return None

    def quoted_beside(self) -> Iterator[int]:
        """Where it may be told whose a quotation is in which the quote stands: in the sentences before it in its
        paragraph, the nearest first, and in the next one. Nowhere where it stands in no quotation."""
        own = self.sentence(self.place)
        is_whole = own[:1] == '"' and own[-1:] == '"'
        if own.count('"') % 2 or is_whole or self._is_inside():
            yield from self.paragraph()
            if self.place + 1 < len(self.spans):
                yield self.place + 1

    def _is_inside(self) -> bool:
        """Whether a quotation that was opened earlier in the paragraph is still open."""
        first = min(self.paragraph(), default=self.place)
        before = fold(self.article.text[self.spans[first].start : self.spans[self.place].start])
        return before.count('"') % 2 == 1


def surroundings_of(quote: Quote) -> Surroundings:
    """The sentences around a quote."""
    text = quote.article.text
    begin = text.rfind("\n", 0, max(quote.start - _BEFORE, 0)) + 1
    end = text.find("\n", min(quote.end + _BEHIND, len(text)))
    window = text[begin : end if end >= 0 else len(text)]
    spans = tuple(Span(begin + span.start, begin + span.end) for span in split_sentences(window))
    spans = spans or (Span(quote.start, quote.end),)
    place = max((n for n, span in enumerate(spans) if span.start <= quote.start), default=0)
    return Surroundings(quote.article, spans, place)
