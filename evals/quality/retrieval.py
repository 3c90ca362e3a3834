"""nDCG@10 of dense retrieval, BM25, their fusion, and the shipped ranking, on three collections.

    python -m evals.quality.retrieval [--shared ../shared] [--keep FOLDER] [--collections NAME ...]

The collections are ``nq_paragraphs`` (8,096 paragraphs, 500 questions), ``clapnq`` (300 passages, 150 answerable
questions) and ``gold_quotes`` (three long articles, a question for each gold quote). Each paragraph or passage becomes
an article; when it is split into several passages, its best one counts. Indexing takes minutes: ``--keep`` stores the
indexes for the next run.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

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
from evals.common.data import SHARED, as_article, read_rows

MEASURE: Final = nDCG @ 10
RANKINGS: Final = ("dense", "BM25", "fused", "fused + late interaction (shipped)")


@dataclass(frozen=True, slots=True)
class Query:
    """A question and what answers it: whole articles, or the passages of one article that overlap ``span``."""

    text: str
    article_ids: tuple[str, ...]
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """Articles, and queries for them."""

    name: str
    articles: list[Article]
    queries: list[Query]


def nq_paragraphs(shared: Path) -> Collection:
    """Questions of Natural Questions and the paragraphs that answer them."""
    folder = shared / "bench" / "nq_paragraphs"
    articles = [as_article(row["id"], row["text"]) for row in read_rows(folder / "passages.jsonl.gz")]
    queries = [Query(row["question"], tuple(row["passages"])) for row in read_rows(folder / "questions.jsonl.gz")]
    return Collection("nq_paragraphs", articles, queries)


def clapnq(shared: Path) -> Collection:
    """The answerable questions of CLAPnq, over the passages of all its questions."""
    articles, queries = [], []
    for part in ("answerable", "unanswerable"):
        for row in read_rows(shared / "bench" / "clapnq" / f"{part}.jsonl.gz"):
            passage = row["passages"][0]
            articles.append(as_article(row["id"], passage["text"], passage["title"]))
            if part == "answerable":
                queries.append(Query(row["input"], (row["id"],)))
    return Collection("clapnq", articles, queries)


def gold_quotes(shared: Path) -> Collection:
    """The gold questions about the three long articles, one query for each quote of their evidence."""
    articles = {path.name: read_article(path) for path in sorted((shared / "articles").glob("*.txt"))}
    queries = []
    for question in load_gold(shared / "gold" / "articles.jsonl"):
        for evidence in question.evidence if question.lang == "en" else ():
            start = articles[evidence.article].text.index(evidence.quote)
            queries.append(Query(question.question, (evidence.article,), (start, start + len(evidence.quote))))
    return Collection("gold_quotes", list(articles.values()), queries)


COLLECTIONS: Final[dict[str, Callable[[Path], Collection]]] = {
    "nq_paragraphs": nq_paragraphs,
    "clapnq": clapnq,
    "gold_quotes": gold_quotes,
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder of the data")
    parser.add_argument("--keep", type=Path, help="folder that keeps the indexes")
    parser.add_argument("--collections", nargs="+", choices=COLLECTIONS, default=list(COLLECTIONS), metavar="NAME")
    options = parser.parse_args()
    if not options.shared.is_dir():
        parser.error(f"{options.shared} is missing: use --shared with the folder of bench/, articles/ and gold/")
    encoder = load_encoder()
    table = Table("nDCG@10", *RANKINGS)
    with tempfile.TemporaryDirectory() as temporary:
        for name in options.collections:
            collection = COLLECTIONS[name](options.shared)
            with open_index(collection, (options.keep or Path(temporary)) / name, encoder) as store:
                scores = measure(collection, store, encoder)
            sizes = f"{len(collection.articles):,} articles, {len(collection.queries)} questions"
            table.add_row(f"{name} ({sizes})", *(f"{scores[ranking]:.4f}" for ranking in RANKINGS))
    Console().print(table)


def open_index(collection: Collection, folder: Path, encoder: Encoder) -> Store:
    """The index of a collection in this folder, completed if it is not complete yet."""
    folder.mkdir(parents=True, exist_ok=True)
    store = Store.open(folder, encoder=encoder, create=True)
    if store.manifest.articles < len(collection.articles):
        add_articles(track(collection.articles, f"indexing {collection.name}"), store=store, encoder=encoder)
    return store


def measure(collection: Collection, store: Store, encoder: Encoder) -> dict[str, float]:
    """nDCG@10 of each ranking, over all queries."""
    relevant = []
    runs: dict[str, list[ir_measures.ScoredDoc]] = {ranking: [] for ranking in RANKINGS}
    for number, query in enumerate(track(collection.queries, f"searching {collection.name}")):
        candidates = propose_candidates(query.text, encoder=encoder, store=store)
        lexical = [key for key, score in sorted(candidates.lexical.items(), key=lambda item: -item[1]) if score]
        hits = rerank(candidates, encoder=encoder, store=store)
        ranked: dict[str, Iterable[PassageKey]] = {
            RANKINGS[0]: sorted(candidates.dense, key=lambda key: -candidates.dense[key]),
            RANKINGS[1]: lexical,
            RANKINGS[2]: fuse(candidates),
            RANKINGS[3]: [PassageKey(h.passage.article_id, h.passage.start, h.passage.end) for h in hits],
        }
        relevant += [ir_measures.Qrel(str(number), name, 1) for name in relevant_names(query, store)]
        for ranking, keys in ranked.items():
            names = dict.fromkeys(name_of(query, key) for key in keys)
            runs[ranking] += [ir_measures.ScoredDoc(str(number), name, -place) for place, name in enumerate(names)]
    return {ranking: ir_measures.calc_aggregate([MEASURE], relevant, run)[MEASURE] for ranking, run in runs.items()}


def relevant_names(query: Query, store: Store) -> list[str]:
    """The names of the articles, or of the passages, that answer a query."""
    if query.span is None:
        return list(query.article_ids)
    start, end = query.span
    passages = store.passages(query.article_ids[0])
    return [f"{p.article_id}:{p.start}" for p in passages if p.start < end and start < p.end]


def name_of(query: Query, key: PassageKey) -> str:
    """The name under which a passage counts: its article's, or its own when the query asks for a span."""
    return key.article_id if query.span is None else f"{key.article_id}:{key.start}"


if __name__ == "__main__":
    main()
