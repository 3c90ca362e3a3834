"""What the reader reads: two or more texts laid out as the tokens of one pass, with the spans that it judges.

Training and use lay texts out with the same functions. Every layout is ``<s> asked </s></s> text </s> text </s>``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from askseoul.errors import ModelError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

QUESTION_TOKENS: Final = 48
SENTENCE_TOKENS: Final = 72
CLAIM_TOKENS: Final = 72
EVIDENCE_TOKENS: Final = 160
CONTEXT_TOKENS: Final = 56


@dataclass(frozen=True, slots=True)
class ReaderInput:
    """The tokens of one pass, and the half-open spans of tokens that the reader judges."""

    ids: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]


class ReaderTokenizer:
    """Lays texts out as the tokens of one pass; texts that are too long are cut at their end."""

    def __init__(self, tokenizer_file: Path) -> None:
        from tokenizers import Tokenizer

        self._tokenizer: Tokenizer = Tokenizer.from_file(str(tokenizer_file))
        self._start, self._end, self.padding = map(self._special, ("<s>", "</s>", "<pad>"))

    def answers(self, question: str, sentences: Sequence[str]) -> ReaderInput:
        """Lay out a question and consecutive sentences of an article; a span a sentence."""
        return self._lay_out(
            self._ids(question, QUESTION_TOKENS), [self._ids(sentence, SENTENCE_TOKENS) for sentence in sentences]
        )

    def supports(self, claim: str, evidence: str, context: str = "") -> ReaderInput:
        """Lay out a claim, its evidence and, where there is one, what stands before the evidence; one span."""
        texts = [self._ids(evidence, EVIDENCE_TOKENS)]
        if context:
            texts.append(self._ids(context, CONTEXT_TOKENS))
        return _as_one(self._lay_out(self._ids(claim, CLAIM_TOKENS), texts))

    def evidence_windows(self, sentences: Sequence[str]) -> list[str]:
        """Return consecutive sentences joined, as one text if they fit into one pass, else as overlapping windows."""
        lengths = [len(self._tokenizer.encode(sentence, add_special_tokens=False).ids) for sentence in sentences]
        windows = []
        start = 0
        while True:
            end = start + 1
            while end < len(sentences) and sum(lengths[start : end + 1]) <= EVIDENCE_TOKENS:
                end += 1
            windows.append(" ".join(sentences[start:end]))
            if end >= len(sentences):
                return windows
            start = max(start + 1, end - 1)

    def relation(self, question: str, left: str, right: str) -> ReaderInput:
        """Lay out a question and two sentences that were found for it; one span."""
        texts = [self._ids(left, SENTENCE_TOKENS), self._ids(right, SENTENCE_TOKENS)]
        return _as_one(self._lay_out(self._ids(question, QUESTION_TOKENS), texts))

    def _special(self, token: str) -> int:
        identifier = self._tokenizer.token_to_id(token)
        if identifier is None:
            raise ModelError(f"The reader's tokenizer has no {token}: it is not one that `training` made.")
        return identifier

    def _ids(self, text: str, limit: int) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids[:limit])

    def _lay_out(self, asked: list[int], texts: Sequence[list[int]]) -> ReaderInput:
        ids = [self._start, *asked, self._end, self._end]
        spans = []
        for text in texts:
            start = len(ids)
            ids += [*text, self._end]
            spans.append((start, len(ids)))
        return ReaderInput(tuple(ids), tuple(spans))


def _as_one(laid_out: ReaderInput) -> ReaderInput:
    return ReaderInput(laid_out.ids, ((0, len(laid_out.ids)),))
