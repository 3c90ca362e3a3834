"""Is anything lost when `askseoul index` is killed at any moment, or when the disk is full?

    python evals/kills.py [--kills 100] [--fills 20] [--seed 1]

Each trial changes a folder of articles (new ones, others changed, some removed) or damages Chroma's files, lets a
process bring the index up to date, and kills it (SIGKILL) at a random moment; only kills that hit it at work count.
Then the index is opened as any reader would, and after that brought up to date. A trial fails when an article is lost
that was held before and is still there, an article is neither its old nor its new self, a text is held twice, a search
does not find what is held, Chroma's own client does not read exactly what is held at last, or something is encoded that
was kept. With ``--fills`` the same happens on a small tmpfs that is filled up instead, which needs root.
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
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from askseoul.errors import IndexUnwritable
from askseoul.index.sqlite import DATABASE
from askseoul.index.store import Store
from askseoul.index.vectors import digest_of
from askseoul.models.encoder import Encoder, Encoding, load_encoder
from askseoul.pipeline import AskSeoul

ARTICLES = 24
KINDS = ("index", "update", "prune", "rebuild")
LONGEST_RUN = 60.0


class CountingEncoder:
    """Remembers which texts it was asked to encode as parts of articles."""

    def __init__(self, encoder: Encoder) -> None:
        self.name, self.fingerprint = encoder.name, encoder.fingerprint
        self.dimension, self.maximum_tokens = encoder.dimension, encoder.maximum_tokens
        self.encode_query, self.token_offsets = encoder.encode_query, encoder.token_offsets
        self._encoder = encoder
        self.texts: list[str] = []

    def encode_document(self, texts: Sequence[str]) -> list[Encoding]:
        """Encode pieces of articles."""
        self.texts += texts
        return self._encoder.encode_document(texts)


@dataclass
class Collection:
    """A folder of articles and the index of it."""

    folder: Path
    index: Path
    encoder: CountingEncoder
    chance: random.Random
    made: int = 0

    def write(self, number: int) -> None:
        """Write an article of some passages that no other article has."""
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
        """Make something to do."""
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

    def texts(self) -> dict[str, str]:
        """The sha256 of each article as its file has it now, by id."""
        return {
            path.name: hashlib.sha256(path.read_text(encoding="utf-8").strip().encode()).hexdigest()
            for path in self.folder.glob("*.md")
        }


def main() -> None:
    """Run the trials, and print what was found. Exit status 1 when anything was."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--fills", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--victim", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.victim:
        be_killed(*options.victim)
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
    """Kill so many processes at work."""
    collection = started(folder, seed)
    run_seconds = 0.5
    for turn in track(range(kills), "killing"):
        kind = KINDS[turn % len(KINDS)]
        while True:
            before = held(collection)
            collection.change(kind)
            hit, seconds = run_and_kill(collection, collection.chance.uniform(0, run_seconds))
            # The window follows what a run takes here, so that kills fall everywhere in it.
            run_seconds = run_seconds * 0.9 + 0.2 * seconds if not hit else run_seconds * 1.05
            look(collection, before, faults)
            if hit:
                break
        trials[f"killed: {kind}"] += 1


def fill_trials(fills: int, seed: int, trials: Counter[str], faults: Counter[str]) -> None:
    """Fill the disk up before the index is brought up to date."""
    if os.getuid() != 0 or not shutil.which("mount"):
        print("A full disk needs root, to mount a small tmpfs: left out.", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", folder], check=True)
        try:
            collection = started(Path(folder), seed)
            ballast = Path(folder) / "ballast"
            for turn in track(range(fills), "filling"):
                before = held(collection)
                collection.change(KINDS[turn % len(KINDS)])
                left = collection.chance.choice([0, 4, 40, 400, 1000, 4000]) * 1024
                room = shutil.disk_usage(folder).free
                ballast.write_bytes(b"\0" * max(room - left, 0))
                try:
                    bring_up(collection)
                    trials["disk nearly full: went well"] += 1
                except IndexUnwritable:
                    trials["disk full: was told"] += 1
                look(collection, before, faults, then_finish=False)
                ballast.unlink()
                look(collection, before, faults)
        finally:
            subprocess.run(["umount", folder], check=True)


def started(folder: Path, seed: int) -> Collection:
    """A collection whose index is up to date."""
    (folder / "articles").mkdir()
    encoder = CountingEncoder(load_encoder())
    collection = Collection(folder / "articles", folder / "index", encoder, random.Random(seed))
    for number in range(ARTICLES):
        collection.write(number)
    bring_up(collection)
    return collection


def bring_up(collection: Collection) -> None:
    """Bring the index up to date, in this process."""
    with AskSeoul(
        Store.open(collection.index, encoder=collection.encoder, create=True), collection.encoder, None
    ) as app:
        app.index([collection.folder], prune=True, confirm=lambda missing, of: True)


def be_killed(folder: Path, index: Path) -> None:
    """What the process does that is killed: load all that is slow, say so, and index."""
    import chromadb  # noqa: F401 - so that the time is spent at work

    with AskSeoul.open(index) as app:
        print("ready", flush=True)
        app.index([folder], prune=True, confirm=lambda missing, of: True)


def run_and_kill(collection: Collection, after: float) -> tuple[bool, float]:
    """Start a process, kill it so many seconds after it is ready; whether it was still at work, and its seconds."""
    command = [sys.executable, __file__, "--victim", str(collection.folder), str(collection.index)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as victim:
        assert victim.stdout is not None
        select.select([victim.stdout], [], [], LONGEST_RUN)
        victim.stdout.readline()
        started = time.perf_counter()
        try:
            victim.wait(after)
        except subprocess.TimeoutExpired:
            victim.send_signal(signal.SIGKILL)
        victim.wait(LONGEST_RUN)
        return victim.returncode == -signal.SIGKILL, time.perf_counter() - started


def held(collection: Collection) -> dict[str, str]:
    """The sha256 of each article that the index holds, by id."""
    with Store.open(collection.index) as store:
        return {summary.id: summary.sha256 for summary in store.articles()}


def look(collection: Collection, before: dict[str, str], faults: Counter[str], *, then_finish: bool = True) -> None:
    """Look at what was left behind, as a reader would, and after the next run."""
    wanted = collection.texts()
    with Store.open(collection.index) as store:
        now = {summary.id: summary.sha256 for summary in store.articles()}
        for article_id, sha256 in before.items():
            if article_id in wanted and now.get(article_id) not in (sha256, wanted[article_id]):
                faults["an article was lost or is neither old nor new"] += 1
        faults_of_records(store, faults)
    find(collection, now, faults)
    if not then_finish:
        return
    with closing(sqlite3.connect(collection.index / DATABASE)) as connection:
        kept = {digest for (digest,) in connection.execute("SELECT digest FROM vectors JOIN tokens USING (number)")}
    collection.encoder.texts.clear()
    bring_up(collection)
    if not kept.isdisjoint(map(digest_of, collection.encoder.texts)):
        faults["something was encoded that was kept"] += 1
    if held(collection) != wanted:
        faults["the next run did not finish the work"] += 1
    find(collection, wanted, faults)
    faults_of_chroma(collection, faults)


def faults_of_records(store: Store, faults: Counter[str]) -> None:
    """Every article is whole, once."""
    summaries = store.articles()
    if len({summary.sha256 for summary in summaries}) != len(summaries):
        faults["a text is held twice"] += 1
    for summary in summaries:
        article = store.article(summary.id)
        passages = store.passages(summary.id)
        whole = hashlib.sha256(article.text.encode()).hexdigest() == article.sha256
        covered = sum(passage.end - passage.start for passage in passages)
        if not whole or len(passages) != summary.passages or covered < 0.95 * len(article.text):
            faults["an article is not whole"] += 1


def find(collection: Collection, now: dict[str, str], faults: Counter[str]) -> None:
    """A search for some of the articles finds them."""
    with AskSeoul(Store.open(collection.index, encoder=collection.encoder), collection.encoder, None) as app:
        for article_id in collection.chance.sample(sorted(now), 3):
            hits = app.search(f"ferry of harbor{int(Path(article_id).stem)}", 3)
            if article_id not in [hit.article.id for hit in hits]:
                faults["an article is held and not found"] += 1


def faults_of_chroma(collection: Collection, faults: Counter[str]) -> None:
    """Chroma's own client reads every passage, once."""
    import chromadb

    with Store.open(collection.index) as store:
        expected = {f"{s.id}:{p.start}-{p.end}" for s in store.articles() for p in store.passages(s.id)}
    with tempfile.TemporaryDirectory() as copy:  # a client keeps what it has read of a folder
        shutil.copytree(collection.index / "chroma", copy, dirs_exist_ok=True)
        client: Any = chromadb.PersistentClient(copy)
        found = client.get_collection("askseoul", embedding_function=None).get(include=["embeddings"])
        client.close()
    embeddings = found["embeddings"]
    if sorted(found["ids"]) != sorted(expected) or embeddings is None or len(embeddings) != len(expected):
        faults["Chroma's own client reads something else"] += 1


if __name__ == "__main__":
    main()
