"""Texts into token numbers, with the characters that each token stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tokenizers import Encoding as TokenizedText

IntMatrix: TypeAlias = NDArray[np.int64]
Task: TypeAlias = Literal["query", "document"]


@dataclass(frozen=True, slots=True)
class Description:
    """What has to be known of a converted model, beside its graph and its tokenizer."""

    dimension: int
    maximum_length: int
    """Tokens that the model reads, special tokens and prompts included."""
    prompts: Mapping[Task, str]
    """What the model wants to see before a text."""
    pooling: str
    direct: bool
    """Whether the model runs on OpenVINO; when False, sentence-transformers runs it."""


class TextReader:
    """A model's tokenizer, its prompts and its limit: what every way of running a model reads texts with."""

    def __init__(self, tokenizer_file: Path, description: Description) -> None:
        from tokenizers import Tokenizer

        self.description = description
        self._tokenizer = Tokenizer.from_file(str(tokenizer_file))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._room = description.maximum_length - self._tokenizer.num_special_tokens_to_add(is_pair=False)
        self.maximum_tokens = self._room - max(len(self.offsets(prompt)) for prompt in description.prompts.values())

    def offsets(self, text: str) -> IntMatrix:
        """(tokens, 2): the characters of every token of a text of any length; no special tokens."""
        tokenized = self._tokenizer.encode(text, add_special_tokens=False)
        return np.array(tokenized.offsets, dtype=np.int64).reshape(-1, 2)

    def tokenize(self, task: Task, texts: Sequence[str]) -> list[TokenizedText]:
        """Each text after its prompt, with special tokens, cut where the model stops reading."""
        prompted = [self.description.prompts[task] + text for text in texts]
        tokenized = list(self._tokenizer.encode_batch(prompted))
        for position, encoding in enumerate(tokenized):
            if len(encoding.ids) > self.description.maximum_length:
                cut = self._tokenizer.encode(prompted[position], add_special_tokens=False)
                cut.truncate(self._room)
                tokenized[position] = self._tokenizer.post_process(cut)
        return tokenized

    def own_tokens(self, task: Task, tokenized: TokenizedText) -> tuple[NDArray[np.bool_], IntMatrix]:
        """Which of the tokens are the text's own, neither special nor the prompt's, and the characters of those."""
        offsets = np.array(tokenized.offsets, dtype=np.int64).reshape(-1, 2)
        offsets = offsets - len(self.description.prompts[task])
        own = (np.array(tokenized.special_tokens_mask) == 0) & (offsets[:, 1] > 0)
        return own, np.maximum(offsets[own], 0)
