"""What the relative times of a sentence mean ("last year"), read against the date of the article that it rests on."""

from __future__ import annotations

from collections.abc import Sequence

from askseoul.domain import Quote, TimeReading
from askseoul.relative_dates import relative_dates, time_phrase


def time_readings(text: str, quotes: Sequence[Quote]) -> tuple[TimeReading, ...]:
    """The relative times that this sentence has from its quotes, in their order, each once."""
    found: dict[str, TimeReading] = {}
    for quote in quotes:
        whole = quote.article.text
        begin = whole.rfind("\n", 0, quote.start) + 1
        end = whole.find("\n", quote.end)
        paragraph = whole[begin : end if end >= 0 else len(whole)]
        for each in relative_dates(paragraph, quote.article.published):
            inside = quote.start <= begin + each.start and begin + each.end <= quote.end
            if inside and each.text in text:
                found.setdefault(each.text, TimeReading(each.text, each.means, time_phrase(each)))
    return tuple(found.values())
