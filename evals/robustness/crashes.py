"""Is anything lost when `askseoul index` is killed at any moment, or when the disk is full?

    python -m evals.robustness.crashes [--kills 100] [--fills 20] [--seed 1]

Each trial changes a folder of articles (adds, changes or removes some) or damages Chroma's files, starts a process that
updates the index, and kills it (SIGKILL) at a random moment. Only kills during the update count. The index is then
opened as a reader would open it, and updated once more. A trial fails when

- an article that was indexed and still exists is lost, or is neither its old nor its new version,
- a text is indexed twice,
- a search does not find an indexed article,
- Chroma's own client does not read exactly what is indexed after the update, or
- something is encoded whose vectors were kept.

``--fills`` runs trials on a small tmpfs that is filled up instead, which needs root. Exit status 1 when a trial fails.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.progress import track
from rich.table import Table

from askseoul.errors import IndexUnwritable
from askseoul.index.sqlite import DATABASE
from askseoul.index.store import Store
from askseoul.index.vectors import digest_of
from askseoul.models.encoder import Encoder, Encoding, load_encoder
from askseoul.pipeline import AskSeoul
from evals.common.data import ROOT

ARTICLES: Final = 24
KINDS: Final = ("index", "update", "prune", "rebuild")
"""Kinds of change; "rebuild" damages Chroma's files."""
TIMEOUT: Final = 60.0
"""Seconds that an update may take."""


class CountingEncoder:
    """An encoder that remembers the passages it encoded."""

    def __init__(self, encoder: Encoder) -> None:
        self.name, self.fingerprint = encoder.name, encoder.fingerprint
        self.dimension, self.maximum_tokens = encoder.dimension, encoder.maximum_tokens
        self.encode_query, self.token_offsets = encoder.encode_query, encoder.token_offsets
        self._encoder = encoder
        self.texts: list[str] = []

    def encode_document(self, texts: Sequence[str]) -> list[Encoding]:
        """Encode passages."""
        self.texts += texts
        return self._encoder.encode_document(texts)


@dataclass
class Collection:
    """A folder of articles and its index."""

    folder: Path
    index: Path
    encoder: CountingEncoder
    chance: random.Random
    made: int = 0
    """Number of articles written so far."""

    def write(self, number: int) -> None:
        """Write an article of several passages that no other article has."""
        self.made += 1
        subject = f"harbor{number}"
        paragraphs = [
            f"The ferry of {subject} carried {self.made * 10 + place} people in its year {self.made}. "
            + " ".join(f"Pier {self.made}-{place}-{n} was painted in colour {n}." for n in range(12))
            for place in range(4)
        ]
        text = f"# The ferries of {subject}\n\n" + "\n\n".join(paragraphs)
        (self.folder / f"{number:03}.md").write_text(text, encoding="utf-8")

    def change(self, kind: str) -> None:
        """Change the articles, or damage the index, so that an update has something to do."""
        numbers = [int(path.stem) for path in self.folder.glob("*.md")]
        if kind == "index":
            for number in range(max(numbers) + 1, max(numbers) + 7):
                self.write(number)
        elif kind == "update":
            for number in self.chance.sample(numbers, 8):
                self.write(number)
        elif kind == "prune":
            for number in self.chance.sample(numbers, min(6, len(numbers) - ARTICLES // 2)):
                (self.folder / f"{number:03}.md").unlink()
        else:
            files = [path for path in (self.index / "chroma").rglob("*") if path.is_file()]
            if files:
                damaged = self.chance.choice(files)
                content = damaged.read_bytes()
                damaged.write_bytes(content[: len(content) // 2])
            self.write(self.chance.choice(numbers))

    def hashes(self) -> dict[str, str]:
        """The sha256 of the current text of each article, by id."""
        return {
            path.name: hashlib.sha256(path.read_text(encoding="utf-8").strip().encode()).hexdigest()
            for path in self.folder.glob("*.md")
        }


def main() -> None:
    """Run the trials and print the faults."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100, help="trials that kill the process")
    parser.add_argument("--fills", type=int, default=0, help="trials on a full disk")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--victim", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.victim:
        run_victim(*options.victim)
        return
    faults: Counter[str] = Counter()
    trials: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        kill_trials(Path(folder), options.kills, options.seed, trials, faults)
    if options.fills:
        fill_trials(options.fills, options.seed, trials, faults)
    table = Table("", "trials", "faults")
    for name, count in trials.items():
        table.add_row(name, str(count), "")
    for name, count in faults.items():
        table.add_row(name, "", str(count))
    Console().print(table)
    if faults:
        raise SystemExit(1)


def kill_trials(folder: Path, kills: int, seed: int, trials: Counter[str], faults: Counter[str]) -> None:
    """Kill ``kills`` processes during an update, and check the index after each."""
    collection = make_collection(folder, seed)
    run_seconds = 0.5
    for turn in track(range(kills), "killing"):
        kind = KINDS[turn % len(KINDS)]
        while True:
            before = indexed_hashes(collection)
            collection.change(kind)
            hit, seconds = run_and_kill(collection, collection.chance.uniform(0, run_seconds))
            # The range of delays follows the duration of an update here, so that kills are spread over all of it.
            run_seconds = run_seconds * 0.9 + 0.2 * seconds if not hit else run_seconds * 1.05
            check(collection, before, faults)
            if hit:
                break
        trials[f"killed: {kind}"] += 1


def fill_trials(fills: int, seed: int, trials: Counter[str], faults: Counter[str]) -> None:
    """Fill the disk before an update, and check the index after each."""
    if os.getuid() != 0 or not shutil.which("mount"):
        print("Skipped the full disk: mounting a tmpfs needs root.", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", folder], check=True)
        try:
            collection = make_collection(Path(folder), seed)
            ballast = Path(folder) / "ballast"
            for turn in track(range(fills), "filling"):
                before = indexed_hashes(collection)
                collection.change(KINDS[turn % len(KINDS)])
                left = collection.chance.choice([0, 4, 40, 400, 1000, 4000]) * 1024
                room = shutil.disk_usage(folder).free
                ballast.write_bytes(b"\0" * max(room - left, 0))
                try:
                    update_index(collection)
                    trials["disk nearly full: succeeded"] += 1
                except IndexUnwritable:
                    trials["disk full: reported"] += 1
                check(collection, before, faults, finish=False)
                ballast.unlink()
                check(collection, before, faults)
        finally:
            subprocess.run(["umount", folder], check=True)


def make_collection(folder: Path, seed: int) -> Collection:
    """A collection of ARTICLES articles with an index that is up to date."""
    (folder / "articles").mkdir()
    encoder = CountingEncoder(load_encoder())
    collection = Collection(folder / "articles", folder / "index", encoder, random.Random(seed))
    for number in range(ARTICLES):
        collection.write(number)
    update_index(collection)
    return collection


def update_index(collection: Collection) -> None:
    """Update the index in this process."""
    with AskSeoul(
        Store.open(collection.index, encoder=collection.encoder, create=True), collection.encoder, None
    ) as app:
        app.index([collection.folder], prune=True, confirm=lambda missing, of: True)


def run_victim(folder: Path, index: Path) -> None:
    """The process that is killed: load everything slow, report that, and update the index."""
    import chromadb  # noqa: F401 - loaded before the clock starts

    with AskSeoul.open(index) as app:
        print("ready", flush=True)
        app.index([folder], prune=True, confirm=lambda missing, of: True)


def run_and_kill(collection: Collection, delay: float) -> tuple[bool, float]:
    """Kill an update after a delay in seconds. Returns whether it was still running, and its duration."""
    command = [sys.executable, "-m", "evals.robustness.crashes"]
    command += ["--victim", str(collection.folder), str(collection.index)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT) as victim:
        assert victim.stdout is not None
        select.select([victim.stdout], [], [], TIMEOUT)
        victim.stdout.readline()
        started = time.perf_counter()
        try:
            victim.wait(delay)
        except subprocess.TimeoutExpired:
            victim.send_signal(signal.SIGKILL)
        victim.wait(TIMEOUT)
        return victim.returncode == -signal.SIGKILL, time.perf_counter() - started


def indexed_hashes(collection: Collection) -> dict[str, str]:
    """The sha256 of each indexed article, by id."""
    with Store.open(collection.index) as store:
        return {summary.id: summary.sha256 for summary in store.articles()}


def check(collection: Collection, before: dict[str, str], faults: Counter[str], *, finish: bool = True) -> None:
    """Count the faults of the index as it is now and, with ``finish``, after an update."""
    wanted = collection.hashes()
    with Store.open(collection.index) as store:
        now = {summary.id: summary.sha256 for summary in store.articles()}
        for article_id, sha256 in before.items():
            if article_id in wanted and now.get(article_id) not in (sha256, wanted[article_id]):
                faults["an article was lost or is neither its old nor its new version"] += 1
        check_articles(store, faults)
    check_search(collection, now, faults)
    if not finish:
        return
    with closing(sqlite3.connect(collection.index / DATABASE)) as connection:
        kept = {digest for (digest,) in connection.execute("SELECT digest FROM vectors JOIN tokens USING (number)")}
    collection.encoder.texts.clear()
    update_index(collection)
    if not kept.isdisjoint(map(digest_of, collection.encoder.texts)):
        faults["something was encoded whose vectors were kept"] += 1
    if indexed_hashes(collection) != wanted:
        faults["the next update did not finish the work"] += 1
    check_search(collection, wanted, faults)
    check_chroma(collection, faults)


def check_articles(store: Store, faults: Counter[str]) -> None:
    """Count articles that are incomplete or indexed twice."""
    summaries = store.articles()
    if len({summary.sha256 for summary in summaries}) != len(summaries):
        faults["a text is indexed twice"] += 1
    for summary in summaries:
        article = store.article(summary.id)
        passages = store.passages(summary.id)
        whole = hashlib.sha256(article.text.encode()).hexdigest() == article.sha256
        covered = sum(passage.end - passage.start for passage in passages)
        if not whole or len(passages) != summary.passages or covered < 0.95 * len(article.text):
            faults["an article is incomplete"] += 1


def check_search(collection: Collection, now: dict[str, str], faults: Counter[str]) -> None:
    """Search for three random articles and count those that are not found."""
    with AskSeoul(Store.open(collection.index, encoder=collection.encoder), collection.encoder, None) as app:
        for article_id in collection.chance.sample(sorted(now), 3):
            hits = app.search(f"ferry of harbor{int(Path(article_id).stem)}", 3)
            if article_id not in [hit.article.id for hit in hits]:
                faults["an indexed article was not found"] += 1


def check_chroma(collection: Collection, faults: Counter[str]) -> None:
    """Check that Chroma's own client reads every passage exactly once."""
    import chromadb

    with Store.open(collection.index) as store:
        expected = {f"{s.id}:{p.start}-{p.end}" for s in store.articles() for p in store.passages(s.id)}
    with tempfile.TemporaryDirectory() as copy:  # a client caches what it has read of a folder
        shutil.copytree(collection.index / "chroma", copy, dirs_exist_ok=True)
        client: Any = chromadb.PersistentClient(copy)
        found = client.get_collection("askseoul", embedding_function=None).get(include=["embeddings"])
        client.close()
    embeddings = found["embeddings"]
    if sorted(found["ids"]) != sorted(expected) or embeddings is None or len(embeddings) != len(expected):
        faults["Chroma's own client does not read what is indexed"] += 1


if __name__ == "__main__":
    main()
