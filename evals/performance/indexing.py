"""Speed of indexing: against LlamaIndex's quickstart, against the encoder alone, and when little or nothing changed.

    python -m evals.performance.indexing [--texts 1000] [--rounds 3] [--passages 10000]

First table: files with real paragraphs are indexed (reading, splitting, encoding, both indexes and Chroma), in texts a
second. The quickstart is ``VectorStoreIndex`` on ``ChromaVectorStore`` with ``HuggingFaceEmbedding`` and the same
weights; it receives our passages as nodes. "Encoder alone" encodes the same passages and discards the vectors. All
three take turns; the ratio is the median over the rounds.

Second table: the whole command ``askseoul index`` on a folder with about ``--passages`` passages: the first time, again
with nothing changed, and with one article changed.

Needs the paragraphs of ``../shared/bench/nq_paragraphs``. The quickstart needs ``pip install "askseoul[peers]"``;
without it its row is left out.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from askseoul.index.store import Store
from askseoul.ingest.passages import embedded_text
from askseoul.models import weights
from askseoul.models.encoder import Encoder, load_encoder
from askseoul.pipeline import AskSeoul
from evals.common.data import read_paragraphs, write_articles
from evals.performance.startup import timed

PASSAGES_PER_TEXT: Final = 1.5
"""Passages that a paragraph of the benchmark becomes, on average."""


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--passages", type=int, default=10_000, help="passages of the second table; 0 leaves it out")
    options = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        console.print(compare(read_paragraphs(options.texts), options.rounds, Path(folder)))
    if options.passages:
        with tempfile.TemporaryDirectory() as folder:
            console.print(repeat(options.passages, Path(folder)))


def compare(texts: Sequence[str], rounds: int, folder: Path) -> Table:
    """The first table."""
    encoder = load_encoder()
    articles = write_articles(folder / "articles", with_titles(texts), language="en")
    passages = passages_of(index(articles, folder / "first", encoder))
    systems: dict[str, Callable[[Path], object]] = {
        "askseoul index": lambda target: index(articles, target, encoder),
        "encoder alone": lambda target: encoder.encode_document(passages),
    }
    with suppress(ModuleNotFoundError):
        systems["LlamaIndex quickstart"] = quickstart(passages)
    seconds: dict[str, list[float]] = {name: [] for name in systems}
    for turn in range(rounds):
        for name, build in systems.items():
            started = time.perf_counter()
            build(folder / f"{name.split()[0]}{turn}")
            seconds[name].append(time.perf_counter() - started)
    table = Table(
        f"{len(texts):,} texts, {len(passages):,} passages", "texts/s", "passages/s", "time, relative to askseoul"
    )
    for name, taken in seconds.items():
        median = statistics.median(taken)
        ratio = statistics.median(other / own for own, other in zip(seconds["askseoul index"], taken, strict=True))
        table.add_row(name, f"{len(texts) / median:.0f}", f"{len(passages) / median:.0f}", f"{ratio:.2f}")
    return table


def repeat(passages: int, folder: Path) -> Table:
    """The second table."""
    target = folder / "index"
    paragraphs = read_paragraphs(8_096)
    count = round(passages / PASSAGES_PER_TEXT)
    texts = [f"{paragraphs[n % len(paragraphs)]} ({n})" for n in range(count)]
    articles = write_articles(folder / "articles", with_titles(texts), language="en")
    command = [sys.executable, "-m", "askseoul", "index", str(articles), "--index", str(target)]
    seconds = {"first": timed(command), "nothing changed": timed(command)}
    changed = articles / "000007.md"
    changed.write_text(changed.read_text(encoding="utf-8") + " And something more.", encoding="utf-8")
    seconds["one article changed"] = timed(command)
    with Store.open(target) as store:
        indexed = store.manifest.passages
    table = Table(f"askseoul index, {indexed:,} passages", "s", "share of the first run")
    for name, taken in seconds.items():
        table.add_row(name, f"{taken:.2f}", f"{taken / seconds['first']:.3f}")
    return table


def with_titles(texts: Sequence[str]) -> list[tuple[str, str]]:
    """(title, text) of each text; the title is its first words."""
    return [(" ".join(text.split()[:6]), text) for text in texts]


def index(articles: Path, target: Path, encoder: Encoder) -> Path:
    """Index a folder of articles and return the folder of the index."""
    with AskSeoul(Store.open(target, encoder=encoder, create=True), encoder, None) as app:
        app.index([articles])
    return target


def passages_of(target: Path) -> list[str]:
    """The texts of all passages of an index, as the encoder receives them."""
    with Store.open(target) as store:
        articles = [store.article(summary.id) for summary in store.articles()]
        return [embedded_text(article, passage) for article in articles for passage in store.passages(article.id)]


def quickstart(passages: Sequence[str]) -> Callable[[Path], object]:
    """A function that builds LlamaIndex's quickstart index of these passages in a folder.

    Raises ModuleNotFoundError when the extra ``peers`` is not installed.
    """
    import chromadb
    from llama_index.core import StorageContext, VectorStoreIndex
    from llama_index.core.schema import TextNode
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding
    from llama_index.vector_stores.chroma import ChromaVectorStore

    embedding = HuggingFaceEmbedding(model_name=str(weights.pinned_folder(weights.ENCODER)), device="cpu")

    def build(target: Path) -> object:
        collection = chromadb.PersistentClient(str(target)).create_collection("quickstart", embedding_function=None)
        storage = StorageContext.from_defaults(vector_store=ChromaVectorStore(chroma_collection=collection))
        nodes = [TextNode(text=text) for text in passages]
        return VectorStoreIndex(nodes, storage_context=storage, embed_model=embedding)

    return build


if __name__ == "__main__":
    main()
