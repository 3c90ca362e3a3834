"""What the reader reads: two or more texts laid out as the tokens of one pass, with the span that it judges.

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
    """The tokens of one pass, and the half-open span of tokens that the reader judges."""

    ids: tuple[int, ...]
    span: tuple[int, int]


class ReaderTokenizer:
    """Lays texts out as the tokens of one pass; texts that are too long are cut at their end."""

    def __init__(self, tokenizer_file: Path) -> None:
        from tokenizers import Tokenizer

        self._tokenizer: Tokenizer = Tokenizer.from_file(str(tokenizer_file))
        self._start, self._end, self.padding = map(self._special, ("<s>", "</s>", "<pad>"))

    def answers(self, question: str, sentence: str, around: str = "") -> ReaderInput:
        """Lay out a question, a sentence and what stands around it; the sentence is the span."""
        texts = [self._ids(sentence, SENTENCE_TOKENS)]
        if around:
            texts.append(self._ids(around, CONTEXT_TOKENS))
        return self._lay_out(self._ids(question, QUESTION_TOKENS), texts)

    def supports(self, claim: str, evidence: str, context: str = "") -> ReaderInput:
        """Lay out a claim, its evidence and, where there is one, what stands before the evidence; all is the span."""
        texts = [self._ids(evidence, EVIDENCE_TOKENS)]
        if context:
            texts.append(self._ids(context, CONTEXT_TOKENS))
        return _whole(self._lay_out(self._ids(claim, CLAIM_TOKENS), texts))

    def evidence_windows(self, sentences: Sequence[str], context: str = "") -> list[tuple[str, str]]:
        """Return consecutive sentences joined, and what stands before them: ``context`` or the sentence before.

        That is one window if the sentences fit into one pass, else several that overlap; a single sentence that does
        not fit is a window, which will be cut.
        """
        lengths = [len(self._tokenizer.encode(sentence, add_special_tokens=False).ids) for sentence in sentences]
        windows = []
        start = 0
        while True:
            end = start + 1
            while end < len(sentences) and sum(lengths[start : end + 1]) <= EVIDENCE_TOKENS:
                end += 1
            windows.append((" ".join(sentences[start:end]), sentences[start - 1] if start else context))
            if end >= len(sentences):
                return windows
            start = max(start + 1, end - 1)

    def relation(self, question: str, left: str, right: str) -> ReaderInput:
        """Lay out a question and two sentences that were found for it; all is the span."""
        texts = [self._ids(left, SENTENCE_TOKENS), self._ids(right, SENTENCE_TOKENS)]
        return _whole(self._lay_out(self._ids(question, QUESTION_TOKENS), texts))

    def _special(self, token: str) -> int:
        identifier = self._tokenizer.token_to_id(token)
        if identifier is None:
            raise ModelError(f"The reader's tokenizer has no {token}: it is not one that `training` made.")
        return identifier

    def _ids(self, text: str, limit: int) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids[:limit])

    def _lay_out(self, asked: list[int], texts: Sequence[list[int]]) -> ReaderInput:
        """Return all texts with the first one behind ``asked`` as the span."""
        ids = [self._start, *asked, self._end, self._end]
        span = (len(ids), len(ids) + len(texts[0]) + 1)
        for text in texts:
            ids += [*text, self._end]
        return ReaderInput(tuple(ids), span)


def _whole(laid_out: ReaderInput) -> ReaderInput:
    return ReaderInput(laid_out.ids, (0, len(laid_out.ids)))
