"""The dense score of a BEIR-style set with our encoder beside sentence-transformers' own: nDCG@10.

    python evals/encoder_sanity.py [--beir FOLDER] [--paragraphs N]

Both embed the same whole texts with the same model and rank all of them by cosine, so the scores should be one. Without
``--beir`` the set is made of the first paragraphs of ``../shared/bench/nq_paragraphs`` and their questions. The shipped
order, which splits, fuses and rereads, is measured by ``askseoul eval --set beir FOLDER``.
"""

from __future__ import annotations

import argparse
import gzip
import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import ir_measures
import numpy as np
from ir_measures import nDCG
from ir_measures.util import Qrel
from rich.console import Console
from rich.table import Table

from askseoul.evaluation.public_datasets import PublicSet, read_set
from askseoul.models.encoder import FloatMatrix, load_encoder
from evals.quality.encoder_speed import our_vectors, torch_vectors

PARAGRAPHS: Final = Path(__file__).parents[3] / "shared" / "bench" / "nq_paragraphs"
RANKED: Final = 10


def write_beir(folder: Path, count: int) -> Path:
    """A BEIR folder of the first ``count`` paragraphs and of the questions that they answer."""
    with gzip.open(PARAGRAPHS / "passages.jsonl.gz", "rt", encoding="utf-8") as lines:
        passages = [json.loads(line) for line in lines][:count]
    with gzip.open(PARAGRAPHS / "questions.jsonl.gz", "rt", encoding="utf-8") as lines:
        questions = [json.loads(line) for line in lines]
    held = {passage["id"] for passage in passages}
    asked = [question for question in questions if held.intersection(question["passages"])]
    folder.joinpath("qrels").mkdir(parents=True)
    _write(folder / "corpus.jsonl", [{"_id": each["id"], "title": "", "text": each["text"]} for each in passages])
    _write(folder / "queries.jsonl", [{"_id": each["id"], "text": each["question"]} for each in asked])
    judged = [f"{each['id']}\t{known}\t1" for each in asked for known in each["passages"] if known in held]
    folder.joinpath("qrels", "test.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *judged, ""]))
    return folder


def _write(path: Path, records: Sequence[dict[str, str]]) -> None:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")


def dense_score(known: PublicSet, vectors: Callable[[list[str]], FloatMatrix]) -> float:
    """nDCG@10 of the set's articles, ranked by the cosine of their whole text with each question."""
    texts = [f"{article.title} {article.text}".strip() for article in known.articles]
    cosines = vectors([question.question for question in known.questions]) @ vectors(texts).T
    wanted, run = [], []
    for question, row in zip(known.questions, cosines, strict=True):
        wanted += [Qrel(question.id, gold.article, 1) for gold in question.evidence]
        best = np.argsort(-row, kind="stable")[:RANKED]
        run += [ir_measures.ScoredDoc(question.id, known.articles[place].id, float(row[place])) for place in best]
    return float(ir_measures.calc_aggregate([nDCG @ RANKED], wanted, run)[nDCG @ RANKED])


def main() -> None:
    """Print both scores; exit status 1 when they differ by more than 0.005."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--beir", type=Path, help="folder with corpus.jsonl, queries.jsonl and qrels/test.tsv")
    parser.add_argument("--paragraphs", type=int, default=2_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        folder = arguments.beir or write_beir(Path(work, "nq"), arguments.paragraphs)
        known = read_set("beir", folder)
        ours = dense_score(known, our_vectors(load_encoder(precision="f32")))
        theirs = dense_score(known, torch_vectors())
    table = Table("dense, nDCG@10", "score")
    table.add_row("AskSeoul", f"{ours:.4f}")
    table.add_row("sentence-transformers", f"{theirs:.4f}")
    print(f"{len(known.articles):,} texts, {len(known.questions)} questions")
    Console().print(table)
    raise SystemExit(int(abs(ours - theirs) > 0.005))


if __name__ == "__main__":
    main()
