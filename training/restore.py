"""Restore a run from the weights that ship, so that training can go on from them.

``python -m training.restore RUN`` writes ``RUN/model.pt``, and the base with the vocabulary that the weights have. The
matrices are those in 8 bits, in 32 again.
"""

from __future__ import annotations

import argparse
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import numpy as np
import torch
from torch import Tensor
from transformers import BertConfig, BertModel

from askseoul.models.reader import CONSTANTS, GRAPH, HEADS, SHIPPED, TOKENIZER, read_manifest
from training.model import ReaderModel
from training.train import BASE

EPSILON: Final = 1e-12
"""Of the layer norms of multilingual-e5-small."""
HEAD_WIDTH: Final = 32
_TYPES: Final = {"i8": np.int8, "f16": np.float16, "f32": np.float32}
_MATRIX: Final = re.compile(r"self\.transformer\.(?P<name>.+\.weight)(?P<scale>/scale)?")


def main() -> None:
    """Restore the weights of a folder."""
    parser = argparse.ArgumentParser(prog="python -m training.restore", description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--base", type=Path, default=BASE)
    parser.add_argument("--weights", type=Path, default=SHIPPED)
    options = parser.parse_args()
    restore(options.weights, options.base, options.run)


def restore(folder: Path, base: Path, run: Path) -> None:
    """Write the base and the run of these weights. Raises ModelError if they are damaged."""
    read_manifest(folder)
    encoder = encoder_weights(folder)
    layers = sum(name.endswith("attention.self.query.weight") for name in encoder)
    pieces, width = encoder["embeddings.word_embeddings.weight"].shape
    config = BertConfig(
        vocab_size=pieces,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=width // HEAD_WIDTH,
        intermediate_size=len(encoder["encoder.layer.0.intermediate.dense.weight"]),
        max_position_embeddings=len(encoder["embeddings.position_embeddings.weight"]),
        layer_norm_eps=EPSILON,
    )
    base.mkdir(parents=True, exist_ok=True)
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(encoder, strict=False)
    model.save_pretrained(base)
    shutil.copyfile(folder / TOKENIZER, base / "tokenizer.json")
    reader = ReaderModel(base)
    with np.load(folder / HEADS) as arrays:
        for name, weight in reader.head_weights().items():
            weight.copy_(torch.from_numpy(arrays[name].astype(np.float32)))
    run.mkdir(parents=True, exist_ok=True)
    torch.save(reader.state_dict(), run / "model.pt")


def encoder_weights(folder: Path) -> dict[str, Tensor]:
    """Return the weights of the encoder by their names in transformers' BertModel.

    The graph names its matrices. Biases and layer norms have no names and stand in the order in which they are used.
    """
    constants = list(_constants(folder))
    found: dict[str, Tensor] = {}
    for name, values in constants:
        match = _MATRIX.fullmatch(name)
        if match and match["scale"]:
            found[match["name"]] *= values
        elif match:
            found[match["name"]] = values
    unnamed = iter([values.flatten() for name, values in constants if not _MATRIX.fullmatch(name) and values.ndim == 3])
    for name in ("embeddings.LayerNorm.weight", "embeddings.LayerNorm.bias"):
        found[name] = next(unnamed)
    for layer in range(sum(name.endswith("attention.self.query.weight") for name in found)):
        for part in (
            "attention.self.query.bias",
            "attention.self.key.bias",
            "attention.self.value.bias",
            "attention.output.dense.bias",
            "attention.output.LayerNorm.weight",
            "attention.output.LayerNorm.bias",
            "intermediate.dense.bias",
            "output.dense.bias",
            "output.LayerNorm.weight",
            "output.LayerNorm.bias",
        ):
            found[f"encoder.layer.{layer}.{part}"] = next(unnamed)
    return found


def _constants(folder: Path) -> Iterator[tuple[str, Tensor]]:
    """Yield the name and the values, in 32 bits, of every constant of numbers in the graph."""
    content = (folder / CONSTANTS).read_bytes()
    for layer in ElementTree.parse(folder / GRAPH).iter("layer"):
        data = layer.find("data")
        kind = None if data is None else _TYPES.get(data.get("element_type", ""))
        if layer.get("type") == "Const" and data is not None and kind is not None:
            shape = [int(size) for size in data.get("shape", "").split(",") if size.strip()]
            count, offset = int(np.prod(shape)), int(data.get("offset", ""))
            values = np.frombuffer(content, kind, count, offset).reshape(shape).astype(np.float32)
            yield layer.get("name", ""), torch.from_numpy(values)


if __name__ == "__main__":
    main()
