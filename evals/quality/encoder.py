"""The encoder compared with sentence-transformers: the same results, and how much faster?

    python -m evals.quality.encoder [--beir FOLDER] [--paragraphs 2000] [--texts 500] [--rounds 3]

All rows use the same weights: sentence-transformers on torch in 32 bits, AskSeoul in 32 bits, and AskSeoul in its
default precision. The parity table shows nDCG@10 on a BEIR-style set, whose whole texts are ranked by cosine, and the
lowest cosine between a text's vector and that of sentence-transformers. Without ``--beir`` the set consists of the
first paragraphs of ``../shared/bench/nq_paragraphs`` and the questions that they answer. ``askseoul eval --set beir
FOLDER`` measures the shipped ranking on such a set.

The speed table shows how many texts are encoded a second. The encoders take turns in one process, so that any other
load affects all of them; the ratio is the median over the rounds. ``--rounds 0`` leaves this table out.

The exit status is 1 when the scores of the first two rows differ by more than 0.005.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import ir_measures
import numpy as np
from ir_measures import nDCG
from ir_measures.util import Qrel
from rich.console import Console
from rich.table import Table

from askseoul.evaluation.public_datasets import PublicDataset, read_dataset
from askseoul.models import weights
from askseoul.models.encoder import Encoder, load_encoder
from askseoul.models.graph import FloatMatrix
from evals.common.data import PARAGRAPH_QUESTIONS, PARAGRAPHS, read_paragraphs, read_rows

RANKED: Final = 10
TOLERANCE: Final = 0.005
"""Largest difference in nDCG@10 that counts as parity."""
REFERENCE: Final = "sentence-transformers, f32"
OURS: Final = "AskSeoul, f32"
DEFAULT: Final = "AskSeoul, default"

Encode = Callable[[list[str]], FloatMatrix]
"""Encodes texts into vectors of length 1, shape (texts, dimension)."""


def main() -> None:
    """Print both tables; exit with 1 when the scores differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--beir", type=Path, help="folder with corpus.jsonl, queries.jsonl and qrels/test.tsv")
    parser.add_argument("--paragraphs", type=int, default=2_000, help="paragraphs of the set without --beir")
    parser.add_argument("--texts", type=int, default=500, help="paragraphs for the speed table")
    parser.add_argument("--rounds", type=int, default=3, help="rounds for the speed table")
    arguments = parser.parse_args()
    encoders = {
        REFERENCE: sentence_transformers_encoder(),
        OURS: indexing_encoder(load_encoder(precision="f32")),
        DEFAULT: indexing_encoder(load_encoder()),
    }
    with tempfile.TemporaryDirectory() as work:
        folder = arguments.beir or write_beir(Path(work, "nq"), arguments.paragraphs)
        dataset = read_dataset("beir", folder)
    scores, shown = parity(dataset, encoders)
    Console().print(shown)
    if arguments.rounds:
        Console().print(speed(read_paragraphs(arguments.texts), arguments.rounds, encoders))
    raise SystemExit(int(abs(scores[OURS] - scores[REFERENCE]) > TOLERANCE))


def sentence_transformers_encoder() -> Encode:
    """sentence-transformers with its defaults: torch, 32 bits, batches of 32."""
    from sentence_transformers import SentenceTransformer

    folder = weights.pinned_folder(weights.ENCODER)
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)

    def encode(texts: list[str]) -> FloatMatrix:
        return np.asarray(model.encode(texts, normalize_embeddings=True, show_progress_bar=False), dtype=np.float32)

    return encode


def indexing_encoder(encoder: Encoder) -> Encode:
    """Our encoder as indexing uses it, which computes token vectors as well."""
    return lambda texts: np.stack([encoding.vector for encoding in encoder.encode_document(texts)])


def write_beir(folder: Path, count: int) -> Path:
    """Write a BEIR-style set of the first ``count`` paragraphs and the questions that they answer; return its folder.

    Raises SystemExit when the paragraphs are missing.
    """
    if not PARAGRAPHS.is_file():
        raise SystemExit(f"{PARAGRAPHS} is missing: name another set with --beir.")
    passages = read_rows(PARAGRAPHS)[:count]
    kept = {passage["id"] for passage in passages}
    questions = [row for row in read_rows(PARAGRAPH_QUESTIONS) if kept.intersection(row["passages"])]
    folder.joinpath("qrels").mkdir(parents=True)
    _write(folder / "corpus.jsonl", [{"_id": row["id"], "title": "", "text": row["text"]} for row in passages])
    _write(folder / "queries.jsonl", [{"_id": row["id"], "text": row["question"]} for row in questions])
    relevant = [f"{row['id']}\t{passage}\t1" for row in questions for passage in row["passages"] if passage in kept]
    lines = ["query-id\tcorpus-id\tscore", *relevant, ""]
    folder.joinpath("qrels", "test.tsv").write_text("\n".join(lines), encoding="utf-8")
    return folder


def _write(path: Path, records: Sequence[dict[str, str]]) -> None:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")


def parity(dataset: PublicDataset, encoders: Mapping[str, Encode]) -> tuple[dict[str, float], Table]:
    """nDCG@10 of each encoder on a set, and the parity table."""
    texts = [f"{article.title} {article.text}".strip() for article in dataset.articles]
    questions = [question.question for question in dataset.questions]
    vectors = {name: encode(texts) for name, encode in encoders.items()}
    scores = {name: ndcg(dataset, encode(questions) @ vectors[name].T) for name, encode in encoders.items()}
    table = Table(f"{len(texts):,} texts, {len(questions)} questions", "nDCG@10", "lowest cosine")
    for name in encoders:
        table.add_row(name, f"{scores[name]:.4f}", f"{lowest_cosine(vectors[name], vectors[REFERENCE]):.6f}")
    return scores, table


def ndcg(dataset: PublicDataset, cosines: FloatMatrix) -> float:
    """nDCG@10 of the articles ranked by cosine; ``cosines`` has the shape (questions, articles)."""
    relevant, run = [], []
    for question, row in zip(dataset.questions, cosines, strict=True):
        relevant += [Qrel(question.id, gold.article, 1) for gold in question.evidence]
        best = np.argsort(-row, kind="stable")[:RANKED]
        run += [ir_measures.ScoredDoc(question.id, dataset.articles[place].id, float(row[place])) for place in best]
    return float(ir_measures.calc_aggregate([nDCG @ RANKED], relevant, run)[nDCG @ RANKED])


def lowest_cosine(vectors: FloatMatrix, reference: FloatMatrix) -> float:
    """The lowest cosine between corresponding rows."""
    return float((vectors * reference).sum(axis=1).min())


def speed(texts: list[str], rounds: int, encoders: Mapping[str, Encode]) -> Table:
    """The speed table."""
    rates: dict[str, list[float]] = {name: [] for name in encoders}
    for encode in encoders.values():
        encode(texts[:32])  # warm up
    for _ in range(rounds):
        for name, encode in encoders.items():
            start = time.perf_counter()
            encode(texts)
            rates[name].append(len(texts) / (time.perf_counter() - start))
    table = Table(f"{len(texts):,} texts", "texts/s", "ratio", "ratios of the rounds")
    for name, of_encoder in rates.items():
        ratios = [rate / reference for rate, reference in zip(of_encoder, rates[REFERENCE], strict=True)]
        each = " ".join(f"{ratio:.2f}" for ratio in ratios)
        table.add_row(name, f"{statistics.median(of_encoder):.1f}", f"{statistics.median(ratios):.2f}", each)
    return table


if __name__ == "__main__":
    main()
