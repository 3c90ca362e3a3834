"""How fast is the encoder beside sentence-transformers on torch in 32 bits, and how near are its vectors?

    python evals/encoder_speed.py --texts 500 --rounds 3

All ways encode the same paragraphs in this process, by turns, so that what else the machine does meets all of them. The
ratio is the median over the rounds of texts a second against torch in the same round. Needs the paragraphs of
``shared/bench/nq_paragraphs`` beside the checkout.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from askseoul.models import weights
from askseoul.models.encoder import Encoder, FloatMatrix, load_encoder

PARAGRAPHS = Path(__file__).resolve().parents[3] / "shared" / "bench" / "nq_paragraphs" / "passages.jsonl.gz"


def read_texts(number: int) -> list[str]:
    """The first paragraphs of the benchmark."""
    if not PARAGRAPHS.is_file():
        raise SystemExit(f"{PARAGRAPHS} is missing: the comparison needs real paragraphs.")
    with gzip.open(PARAGRAPHS, "rt", encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in itertools.islice(lines, number)]


def torch_vectors() -> Callable[[list[str]], FloatMatrix]:
    """Encode as sentence-transformers does by itself: torch, 32 bits, batches of 32."""
    from sentence_transformers import SentenceTransformer

    folder = weights.pinned_folder(weights.ENCODER)
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)

    def vectors(texts: list[str]) -> FloatMatrix:
        return np.asarray(model.encode(texts, normalize_embeddings=True, show_progress_bar=False), dtype=np.float32)

    return vectors


def our_vectors(encoder: Encoder) -> Callable[[list[str]], FloatMatrix]:
    """Encode as indexing does, token vectors included."""
    return lambda texts: np.stack([encoding.vector for encoding in encoder.encode_document(texts)])


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    texts = read_texts(arguments.texts)
    ways = {
        "torch f32": torch_vectors(),
        "f32": our_vectors(load_encoder(precision="f32")),
        "default": our_vectors(load_encoder()),
    }
    rates: dict[str, list[float]] = {name: [] for name in ways}
    results = {name: vectors(texts[:32]) for name, vectors in ways.items()}  # warm
    for _ in range(arguments.rounds):
        for name, vectors in ways.items():
            start = time.perf_counter()
            results[name] = vectors(texts)
            rates[name].append(len(texts) / (time.perf_counter() - start))
    lines = [f"{'':10} {'texts/s':>8} {'ratio':>6} {'ratios of the rounds':>22} {'lowest cosine':>14}"]
    for name in ways:
        ratios = [ours / torch for ours, torch in zip(rates[name], rates["torch f32"], strict=True)]
        cosine = float((results[name] * results["torch f32"]).sum(axis=1).min())
        each = " ".join(f"{ratio:.2f}" for ratio in ratios)
        rate = statistics.median(rates[name])
        lines.append(f"{name:10} {rate:8.1f} {statistics.median(ratios):6.2f} {each:>22} {cosine:14.6f}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
