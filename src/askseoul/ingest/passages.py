"""Articles to passages: runs of whole sentences that the encoder reads without truncation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from askseoul.domain import Article, Passage, Span
from askseoul.models.encoder import IntMatrix
from askseoul.nlp.text import split_sentences

TokenOffsets: TypeAlias = Callable[[str], IntMatrix]
"""``Encoder.token_offsets``: the character offsets of a text's tokens, (tokens, 2), without special tokens."""
IntVector: TypeAlias = NDArray[np.int64]

_BLOCK_CHARACTERS = 20_000
"""Characters that are tokenized at a time: the tokenizer's output for a whole book takes too much memory."""
_CHARACTERS_A_TOKEN = 10
"""Natural text has up to 6 characters a token; text with more is unknown to the encoder (a line of base64)."""
_CLAUSE_END = re.compile(r"[,;:)\]”—–](?=\s)|[、，；：]|—")
_WORD_END = re.compile(r"(?=\s)")
_HEADING_CHARACTERS = 80

# The costs of ending a passage at such a place, where an empty passage costs 1.
_INSIDE_PARAGRAPH, _AT_LINE_END, _AT_BLANK_LINE, _AFTER_HEADING = 0.3, 0.1, 0.05, 10.0


def split_passages(article: Article, token_offsets: TokenOffsets, maximum_tokens: int = 150) -> tuple[Passage, ...]:
    """Return the passages of ``article`` in order: each sentence is in exactly one, none exceeds ``maximum_tokens``.

    ``token_offsets`` is the encoder's tokenizer without truncation; the limit holds for each passage's text. Of all
    ways to group the sentences, the cheapest is chosen: it fills passages well and ends them at paragraph ends,
    preferably before a heading and never right after one. A sentence over the limit is split at ends of clauses or
    words.
    """
    text = article.text
    whole = split_sentences(text)
    token_starts = _token_starts(text, whole, token_offsets)
    sentences: list[Span] = []
    sizes: list[int] = []
    for sentence in whole:
        first, stop = token_starts.searchsorted([sentence.start, sentence.end]).tolist()
        characters = sentence.end - sentence.start
        if stop - first <= maximum_tokens and characters <= maximum_tokens * _CHARACTERS_A_TOKEN:
            sentences.append(sentence)
            sizes.append(stop - first)
        else:
            parts = list(_split_sentence(text, sentence, token_offsets, maximum_tokens))
            sentences.extend(parts)
            sizes.extend(len(token_offsets(text[part.start : part.end])) for part in parts)
    groups = [
        group
        for packed in _pack(text, sentences, sizes, maximum_tokens)
        for group in _split_to_fit(text, packed, token_offsets, maximum_tokens)
    ]
    return tuple(
        Passage(article.id, group[0].start, group[-1].end, text[group[0].start : group[-1].end], tuple(group))
        for group in groups
    )


def embedded_text(article: Article, passage: Passage) -> str:
    """Return what the encoder reads: the article's title, to which pronouns often refer, and the passage's text."""
    return f"{article.title}\n{passage.text}"


def _token_starts(text: str, sentences: Sequence[Span], token_offsets: TokenOffsets) -> IntVector:
    """Return the offset of each token, (tokens,). The text is tokenized in blocks of whole sentences."""
    starts = []
    block_start = block_end = 0
    for index, sentence in enumerate(sentences):
        block_end = sentence.end
        if block_end - block_start >= _BLOCK_CHARACTERS or index + 1 == len(sentences):
            starts.append(token_offsets(text[block_start:block_end])[:, 0] + block_start)
            block_start = block_end
    return np.concatenate(starts) if starts else np.empty(0, np.int64)


def _split_sentence(text: str, sentence: Span, token_offsets: TokenOffsets, maximum_tokens: int) -> Iterator[Span]:
    """Yield parts, each within the limit, of a sentence that exceeds it."""
    offsets = token_offsets(text[sentence.start : sentence.end])
    token_starts = sentence.start + offsets[:, 0]
    start = sentence.start
    while sentence.end - start > 1 and not _fits(text, start, sentence.end, token_offsets, maximum_tokens):
        limit = min(start + maximum_tokens * _CHARACTERS_A_TOKEN, sentence.end)
        first_over = int(token_starts.searchsorted(start)) + maximum_tokens
        if first_over < len(token_starts):
            limit = min(limit, int(token_starts[first_over]))
        end = _part_end(text, start, limit)
        # A part can have more tokens than within the whole: half of one unknown word may be ten known tokens.
        while end - start > 1 and not _fits(text, start, end, token_offsets, maximum_tokens):
            end = _part_end(text, start, (start + end) // 2)
        yield Span(start, start + len(text[start:end].rstrip()))
        start = end
        while text[start].isspace():
            start += 1
    yield Span(start, sentence.end)


def _part_end(text: str, start: int, limit: int) -> int:
    """Return the end of the last clause before ``limit``, else of the last word, else ``limit``.

    Ends in the first half are ignored, because they would make very short parts.
    """
    for pattern in (_CLAUSE_END, _WORD_END):
        *_, last = [start, *(found.end() for found in pattern.finditer(text, (start + limit) // 2, limit))]
        if last > start:
            return last
    return max(limit, start + 1)


def _fits(text: str, start: int, end: int, token_offsets: TokenOffsets, maximum_tokens: int) -> bool:
    return end - start <= maximum_tokens * _CHARACTERS_A_TOKEN and len(token_offsets(text[start:end])) <= maximum_tokens


def _pack(text: str, sentences: Sequence[Span], sizes: Sequence[int], maximum_tokens: int) -> list[Sequence[Span]]:
    """Group the sentences into passages at the lowest cost, by dynamic programming over the passages' ends.

    ``sizes`` are the sentences' lengths in tokens.
    """
    cheapest = [0.0]
    begins = [0]
    for end in range(1, len(sentences) + 1):
        end_cost = _end_cost(text, sentences, end)
        tokens = 0
        options: list[tuple[float, int]] = []
        for begin in range(end - 1, -1, -1):
            tokens += sizes[begin]
            characters = sentences[end - 1].end - sentences[begin].start
            is_over = tokens > maximum_tokens or characters > maximum_tokens * _CHARACTERS_A_TOKEN
            if is_over and options:
                break
            options.append((cheapest[begin] + (1 - min(tokens / maximum_tokens, 1)) ** 2 + end_cost, begin))
        cost, begin = min(options)
        cheapest.append(cost)
        begins.append(begin)
    groups: list[Sequence[Span]] = []
    end = len(sentences)
    while end:
        groups.append(sentences[begins[end] : end])
        end = begins[end]
    return groups[::-1]


def _end_cost(text: str, sentences: Sequence[Span], end: int) -> float:
    """Return the cost of ending a passage before the sentence ``end``."""
    if end == len(sentences):
        return 0.0
    if _is_heading(text, sentences, end - 1) or text[sentences[end - 1].end - 1] in ":：":
        return _AFTER_HEADING
    if _is_heading(text, sentences, end):
        return 0.0
    line_ends = text[sentences[end - 1].end : sentences[end].start].count("\n")
    return (_INSIDE_PARAGRAPH, _AT_LINE_END, _AT_BLANK_LINE)[min(line_ends, 2)]


def _is_heading(text: str, sentences: Sequence[Span], index: int) -> bool:
    """Return whether a sentence is a heading: marked as in Markdown, or a short line without a full stop."""
    sentence = sentences[index]
    if index + 1 == len(sentences) or "\n" not in text[sentence.end : sentences[index + 1].start]:
        return False
    if text[sentence.start] == "#":
        return True
    above = text[sentences[index - 1].end : sentence.start] if index else "\n" + text[: sentence.start]
    starts_line = "\n" in above and not above.strip()  # the mark of an item or a row may stand before it
    is_short = sentence.end - sentence.start <= _HEADING_CHARACTERS
    return starts_line and is_short and text[sentence.start].isalnum() and text[sentence.end - 1].isalnum()


def _split_to_fit(
    text: str, group: Sequence[Span], token_offsets: TokenOffsets, maximum_tokens: int
) -> Iterator[Sequence[Span]]:
    """Yield the group, halved until it fits: some tokenizers make more tokens of a text than of its sentences."""
    if len(group) == 1 or _fits(text, group[0].start, group[-1].end, token_offsets, maximum_tokens):
        yield group
    else:
        middle = len(group) // 2
        yield from _split_to_fit(text, group[:middle], token_offsets, maximum_tokens)
        yield from _split_to_fit(text, group[middle:], token_offsets, maximum_tokens)
