"""How to keep token vectors for late interaction: nDCG@10, bytes a token and milliseconds a question.

    python evals/token_vectors.py [--questions 500] [--keep FOLDER]

The fused candidates of each question are reordered with the same weights by the token vectors as they are, after each
way of keeping them, and by encoding the passages again. Milliseconds are what it takes to get from what is kept to the
scores of one question's candidates, here. Needs the paragraphs and questions of ``shared/bench/nq_paragraphs`` beside
the checkout; ``--keep`` keeps their index for the next time, and ``evals/retrieval.py`` may have made it.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ir_measures
import numpy as np
from retrieval import MEASURE, indexed, nq_paragraphs
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sklearn.cluster import MiniBatchKMeans
from threadpoolctl import threadpool_limits

from askseoul.compression import compress, expand
from askseoul.domain import PassageKey
from askseoul.encoders import FloatMatrix, load_encoder
from askseoul.passages import embedded_text
from askseoul.retrieval import DENSE_AT_LAST, LEXICAL_AT_LAST, REREAD, fuse, late_interaction, propose

SAMPLE = 40_000
"""Tokens that product quantisation learns from."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way of keeping token vectors: rows into what is kept, and several of those into rows again."""

    keep: Callable[[FloatMatrix], Any]
    get: Callable[[Sequence[Any]], list[FloatMatrix]]
    bytes_a_token: float


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path(__file__).parents[2] / "shared", help="folder of the data")
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--paragraphs", type=int, help="only the first so many, and the questions that they answer")
    parser.add_argument("--keep", type=Path, help="folder in which the index is kept")
    options = parser.parse_args()
    collection = nq_paragraphs(options.shared)
    articles = collection.articles[: options.paragraphs]
    held = {article.id for article in articles}
    questions = [asked for asked in collection.questions if held.issuperset(asked.article_ids)][: options.questions]
    encoder = load_encoder()
    relevant: list[ir_measures.Qrel] = []
    found: dict[str, list[ir_measures.ScoredDoc]] = {}
    taken: dict[str, list[float]] = {}
    ways: dict[str, Way] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.keep or Path(temporary)) / collection.name
        part = type(collection)(collection.name, articles, questions)
        with indexed(part, folder, encoder) as store:
            for number, asked in enumerate(track(questions, "asking")):
                relevant += [ir_measures.Qrel(str(number), name, 1) for name in asked.article_ids]
                candidates = propose(asked.text, encoder=encoder, store=store)
                loaded = store.load(list(fuse(candidates))[:REREAD])
                texts = [embedded_text(one.article, one.passage) for one in loaded.values()]
                started = time.perf_counter()
                exact = [encoding.tokens for encoding in encoder.encode_document(texts)]
                encoding_took = time.perf_counter() - started
                ways = ways or all_ways(np.concatenate(exact), sample(part, encoder))
                for name, way in ways.items():
                    kept = [way.keep(rows) for rows in exact]
                    started = time.perf_counter()
                    late = [late_interaction(candidates.question.tokens, rows) for rows in way.get(kept)]
                    again = encoding_took if name == "encoded again" else 0.0
                    taken.setdefault(name, []).append(1000 * (time.perf_counter() - started + again))
                    scores = {
                        key: each + DENSE_AT_LAST * candidates.dense[key] + LEXICAL_AT_LAST * candidates.lexical[key]
                        for key, each in zip(loaded, late, strict=True)
                    }
                    found.setdefault(name, []).extend(ranked(str(number), scores))
    table = Table(f"{len(articles):,} paragraphs, {len(questions)} questions", "nDCG@10", "bytes a token", "ms")
    for name, way in ways.items():
        score = ir_measures.calc_aggregate([MEASURE], relevant, found[name])[MEASURE]
        table.add_row(name, f"{score:.4f}", f"{way.bytes_a_token:.0f}", f"{statistics.median(taken[name]):.1f}")
    Console().print(table)


def ranked(number: str, scores: dict[PassageKey, float]) -> list[ir_measures.ScoredDoc]:
    """The articles of the passages, best first."""
    names = dict.fromkeys(key.article_id for key in sorted(scores, key=lambda key: -scores[key]))
    return [ir_measures.ScoredDoc(number, name, -place) for place, name in enumerate(names)]


def sample(collection: Any, encoder: Any) -> FloatMatrix:  # noqa: ANN401 - the records of two modules
    """Token vectors of paragraphs from all over the collection."""
    texts = [article.text for article in collection.articles[::20]]
    rows = np.concatenate([encoding.tokens for encoding in encoder.encode_document(texts)])
    chosen: FloatMatrix = rows[np.random.default_rng(0).choice(len(rows), min(SAMPLE, len(rows)), replace=False)]
    return chosen


def all_ways(example: FloatMatrix, learned_from: FloatMatrix) -> dict[str, Way]:
    """What is compared."""
    width = example.shape[1]
    return {
        "encoded again": Way(lambda rows: rows, list, 0),
        "32 bits": Way(lambda rows: rows, list, 4 * width),
        "8 bits": Way(eight_bits, lambda kept: [rows.astype(np.float32) * scale for rows, scale in kept], width),
        "4 bits": Way(levels(4, width), lambda kept: [unit(rows) for rows in kept], width / 2),
        "2 bits (shipped)": Way(compress, lambda kept: expand(kept, width), width / 4),
        "1 bit": Way(levels(1, width), lambda kept: [unit(rows) for rows in kept], width / 8),
        f"product quantised, {width // 8} bytes": product_quantised(learned_from, width // 8),
    }


def eight_bits(rows: FloatMatrix) -> tuple[Any, Any]:
    """Whole numbers and each row's scale."""
    scale = np.abs(rows).max(axis=1, keepdims=True) / 127
    return np.round(rows / scale).astype(np.int8), scale


def levels(bits: int, width: int) -> Callable[[FloatMatrix], FloatMatrix]:
    """The nearest of the levels that lose least of a normal distribution (Lloyd's algorithm on a sample of it)."""
    drawn = np.sort(np.random.default_rng(0).standard_normal(200_000))
    centres = np.quantile(drawn, (np.arange(2**bits) + 0.5) / 2**bits)
    for _ in range(60):
        nearest = np.searchsorted((centres[1:] + centres[:-1]) / 2, drawn)
        centres = np.array([drawn[nearest == place].mean() for place in range(len(centres))])
    edges = (centres[1:] + centres[:-1]) / 2
    return lambda rows: centres[np.searchsorted(edges, rows * np.sqrt(width))].astype(np.float32)


def product_quantised(learned_from: FloatMatrix, parts: int) -> Way:
    """A byte for each part of a row: which of 256 learned centres is nearest (Jegou et al., 2011)."""
    with threadpool_limits(1):  # on busy cores its threads wait for each other for minutes
        models = [
            MiniBatchKMeans(256, batch_size=4096, n_init=1, random_state=0).fit(part)
            for part in np.split(learned_from, parts, axis=1)
        ]

    def keep(rows: FloatMatrix) -> Any:  # noqa: ANN401 - NumPy's own type
        return np.stack(
            [m.predict(part) for m, part in zip(models, np.split(rows, parts, axis=1), strict=True)], axis=1
        )

    def get(kept: Sequence[Any]) -> list[FloatMatrix]:
        return [
            unit(np.concatenate([m.cluster_centers_[codes[:, n]] for n, m in enumerate(models)], axis=1))
            for codes in kept
        ]

    return Way(keep, get, parts)


def unit(rows: FloatMatrix) -> FloatMatrix:
    """Every row of length 1."""
    scaled: FloatMatrix = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return scaled


if __name__ == "__main__":
    main()
