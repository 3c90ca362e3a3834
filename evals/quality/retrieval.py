"""Retrieval by meaning, by words, fused, and as shipped, on three collections: nDCG@10.

    python evals/retrieval.py [--shared ../shared] [--keep FOLDER]

The collections are ``nq_paragraphs`` (8,096 paragraphs, 500 questions), CLAPnq (300 passages, its 150 answerable
questions) and the gold quotes of the three first articles, a question for each quote. Each paragraph or passage is an
article; where it is cut into several, the best of them counts. Indexing takes some minutes; ``--keep`` keeps the
indexes for the next time."""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ir_measures
from ir_measures import nDCG
from rich.console import Console
from rich.progress import track
from rich.table import Table

from askseoul.domain import Article, PassageKey
from askseoul.evaluation.datasets import load_gold
from askseoul.index.store import Store
from askseoul.index.sync import add_articles
from askseoul.ingest.articles import read_article
from askseoul.models.encoder import Encoder, load_encoder
from askseoul.retrieval.search import fuse, propose_candidates, rerank

MEASURE = nDCG @ 10
RANKINGS = ("dense", "BM25", "fused", "fused + late interaction (shipped)")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and where its answer stands: an article, and its characters there (None: anywhere in it)."""

    text: str
    article_ids: tuple[str, ...]
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """Articles and the questions that are asked of them."""

    name: str
    articles: list[Article]
    questions: list[Asked]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path(__file__).parents[3] / "shared", help="folder of the data")
    parser.add_argument("--keep", type=Path, help="folder in which the indexes are kept")
    options = parser.parse_args()
    if not options.shared.is_dir():
        parser.error(f"there is no folder {options.shared}: name the one with bench/, articles/ and gold/ by --shared")
    encoder = load_encoder()
    table = Table("nDCG@10", *RANKINGS)
    with tempfile.TemporaryDirectory() as temporary:
        for collection in (nq_paragraphs(options.shared), clapnq(options.shared), gold_quotes(options.shared)):
            folder = (options.keep or Path(temporary)) / collection.name
            with indexed(collection, folder, encoder) as store:
                scores = measured(collection, store, encoder)
            sizes = f"{len(collection.articles):,} articles, {len(collection.questions)} questions"
            table.add_row(f"{collection.name} ({sizes})", *(f"{scores[ranking]:.4f}" for ranking in RANKINGS))
    Console().print(table)


def nq_paragraphs(shared: Path) -> Collection:
    """Questions of Natural Questions over the paragraphs that answer them."""
    folder = shared / "bench" / "nq_paragraphs"
    articles = [article(row["id"], row["text"], "") for row in rows(folder / "passages.jsonl.gz")]
    questions = [Asked(row["question"], tuple(row["passages"])) for row in rows(folder / "questions.jsonl.gz")]
    return Collection("nq_paragraphs", articles, questions)


def clapnq(shared: Path) -> Collection:
    """The answerable questions of CLAPnq over the passages of the answerable and the unanswerable ones."""
    articles, questions = [], []
    for part in ("answerable", "unanswerable"):
        for row in rows(shared / "bench" / "clapnq" / f"{part}.jsonl.gz"):
            passage = row["passages"][0]
            articles.append(article(row["id"], passage["text"], passage["title"]))
            if part == "answerable":
                questions.append(Asked(row["input"], (row["id"],)))
    return Collection("clapnq", articles, questions)


def gold_quotes(shared: Path) -> Collection:
    """The gold questions on the three articles; every quote of their evidence is looked for by itself."""
    articles = {path.name: read_article(path) for path in sorted((shared / "articles").glob("*.txt"))}
    questions = []
    for question in load_gold(shared / "gold" / "articles.jsonl"):
        for evidence in question.evidence if question.lang == "en" else ():
            start = articles[evidence.article].text.index(evidence.quote)
            questions.append(Asked(question.question, (evidence.article,), (start, start + len(evidence.quote))))
    return Collection("gold_quotes", list(articles.values()), questions)


def indexed(collection: Collection, folder: Path, encoder: Encoder) -> Store:
    """The collection's index, made where it is not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    store = Store.open(folder, encoder=encoder, create=True)
    if store.manifest.articles < len(collection.articles):
        add_articles(track(collection.articles, f"indexing {collection.name}"), store=store, encoder=encoder)
    return store


def measured(collection: Collection, store: Store, encoder: Encoder) -> dict[str, float]:
    """nDCG@10 of each ranking, over the questions."""
    relevant = []
    found: dict[str, list[ir_measures.ScoredDoc]] = {ranking: [] for ranking in RANKINGS}
    for number, question in enumerate(track(collection.questions, f"asking {collection.name}")):
        candidates = propose_candidates(question.text, encoder=encoder, store=store)
        lexical = [key for key, share in sorted(candidates.lexical.items(), key=lambda item: -item[1]) if share]
        hits = rerank(candidates, encoder=encoder, store=store)
        ranked: dict[str, Iterable[PassageKey]] = {
            RANKINGS[0]: sorted(candidates.dense, key=lambda key: -candidates.dense[key]),
            RANKINGS[1]: lexical,
            RANKINGS[2]: fuse(candidates),
            RANKINGS[3]: [PassageKey(h.passage.article_id, h.passage.start, h.passage.end) for h in hits],
        }
        names = wanted(question, store)
        relevant += [ir_measures.Qrel(str(number), name, 1) for name in names]
        for ranking, keys in ranked.items():
            distinct = dict.fromkeys(named(question, key) for key in keys)
            found[ranking] += [ir_measures.ScoredDoc(str(number), name, -place) for place, name in enumerate(distinct)]
    return {ranking: ir_measures.calc_aggregate([MEASURE], relevant, run)[MEASURE] for ranking, run in found.items()}


def wanted(question: Asked, store: Store) -> list[str]:
    """The names of what answers the question: articles, or the passages that hold its span."""
    if question.span is None:
        return list(question.article_ids)
    start, end = question.span
    passages = store.passages(question.article_ids[0])
    return [f"{p.article_id}:{p.start}" for p in passages if p.start < end and start < p.end]


def named(question: Asked, key: PassageKey) -> str:
    """What a passage counts as: itself where a span is asked for, else its article."""
    return key.article_id if question.span is None else f"{key.article_id}:{key.start}"


def article(identifier: str, text: str, title: str) -> Article:
    """An article as it would be read from a file of this text."""
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return Article(identifier, text, sha256, title, None, None, None, "en", (identifier,))


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a gzipped JSON-lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


if __name__ == "__main__":
    main()
