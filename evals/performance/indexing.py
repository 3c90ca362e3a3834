"""How fast is indexing: beside LlamaIndex's quickstart, beside the bare encoder, and when little or nothing changed?

    python evals/index_speed.py [--texts 1000] [--rounds 3] [--passages 10000]

First table: files of real paragraphs into an index (reading, splitting, encoding, both indexes and Chroma), in texts a
second. The quickstart is ``VectorStoreIndex`` on ``ChromaVectorStore`` with ``HuggingFaceEmbedding`` and the same
weights; it is given our passages, ready made. The bare encoder reads the same passages and throws the vectors away. All
three take turns; the ratio is the median over the rounds. Second table: whole ``askseoul index`` commands on a folder
of at least so many passages, the first time, again with nothing changed, and with one article changed.

Needs ``pip install "askseoul[peers]"`` for the quickstart, without which its row is left out, and the paragraphs of
``shared/bench/nq_paragraphs`` beside the checkout.
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

from rich.console import Console
from rich.table import Table

from askseoul.index.store import Store
from askseoul.ingest.passages import embedded_text
from askseoul.models import weights
from askseoul.models.encoder import Encoder, load_encoder
from askseoul.pipeline import AskSeoul
from evals.performance.startup import timed
from evals.quality.encoder_speed import read_texts

PASSAGES_A_TEXT = 1.5


def main() -> None:
    """Measure, and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--passages", type=int, default=10_000, help="of the second table; 0 leaves it out")
    options = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        console.print(side_by_side(read_texts(options.texts), options.rounds, Path(folder)))
    if options.passages:
        with tempfile.TemporaryDirectory() as folder:
            console.print(again(options.passages, Path(folder)))


def side_by_side(texts: Sequence[str], rounds: int, folder: Path) -> Table:
    """The first table."""
    encoder = load_encoder()
    articles = folder / "articles"
    write_articles(texts, articles)
    passages = passages_of(index(articles, folder / "first", encoder))
    ways: dict[str, Callable[[Path], object]] = {
        "askseoul index": lambda target: index(articles, target, encoder),
        "bare encoder": lambda target: encoder.encode_document(passages),
    }
    with suppress(ModuleNotFoundError):
        ways["LlamaIndex quickstart"] = quickstart(passages)
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds):
        for name, way in ways.items():
            started = time.perf_counter()
            way(folder / f"{name.split()[0]}{turn}")
            seconds[name].append(time.perf_counter() - started)
    table = Table(f"{len(texts):,} texts, {len(passages):,} passages", "texts/s", "passages/s", "askseoul is … as fast")
    for name, taken in seconds.items():
        middle = statistics.median(taken)
        ratio = statistics.median(other / own for own, other in zip(seconds["askseoul index"], taken, strict=True))
        table.add_row(name, f"{len(texts) / middle:.0f}", f"{len(passages) / middle:.0f}", f"{ratio:.2f} times")
    return table


def again(passages: int, folder: Path) -> Table:
    """The second table."""
    articles, target = folder / "articles", folder / "index"
    paragraphs = read_texts(8_096)
    count = round(passages / PASSAGES_A_TEXT)
    write_articles([f"{paragraphs[n % len(paragraphs)]} ({n})" for n in range(count)], articles)
    command = [sys.executable, "-m", "askseoul", "index", str(articles), "--index", str(target)]
    seconds = {"first": timed(command), "nothing changed": timed(command)}
    changed = articles / "000007.md"
    changed.write_text(changed.read_text(encoding="utf-8") + " And something more.", encoding="utf-8")
    seconds["one article changed"] = timed(command)
    with Store.open(target) as store:
        held = store.manifest.passages
    table = Table(f"askseoul index, {held:,} passages", "s", "of the first run")
    for name, taken in seconds.items():
        table.add_row(name, f"{taken:.2f}", f"{taken / seconds['first']:.3f}")
    return table


def write_articles(texts: Sequence[str], folder: Path) -> None:
    """Each text as a file with front matter."""
    folder.mkdir(parents=True)
    for number, text in enumerate(texts):
        title = " ".join(text.split()[:6]).replace('"', "")
        content = f'---\ntitle: "{title}"\nlanguage: en\n---\n{text}\n'
        (folder / f"{number:06}.md").write_text(content, encoding="utf-8")


def index(articles: Path, target: Path, encoder: Encoder) -> Path:
    """Make an index of a folder of articles."""
    with AskSeoul(Store.open(target, encoder=encoder, create=True), encoder, None) as app:
        app.index([articles])
    return target


def passages_of(target: Path) -> list[str]:
    """What the encoder reads of every passage of an index."""
    with Store.open(target) as store:
        articles = [store.article(summary.id) for summary in store.articles()]
        return [embedded_text(article, passage) for article in articles for passage in store.passages(article.id)]


def quickstart(passages: Sequence[str]) -> Callable[[Path], object]:
    """LlamaIndex as its documentation starts with Chroma, given the passages as nodes."""
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
