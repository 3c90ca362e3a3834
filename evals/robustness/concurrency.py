"""Two writers and four readers on one index: does anyone fail, and is every read consistent?

    python -m evals.robustness.concurrency [--seconds 60] [--writers 2] [--readers 4]

Each writer rewrites articles of its own folder and runs ``askseoul index`` on it, again and again. Each reader keeps an
index open, searches and asks. All passages of an article state the same edition, so a read that mixes two editions,
returns part of an article, or returns a text that does not match its sha256 is detected. A writer may have to wait for
another writer; any other error is a fault. Exit status 1 when there is a fault.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from askseoul.domain import Hit
from askseoul.errors import IndexBusy
from askseoul.index.store import Store
from askseoul.pipeline import AskSeoul

ARTICLES: Final = 12
"""Articles in the folder of a writer."""
CHANGED: Final = 4
"""Articles that a writer changes at a time."""
EDITION: Final = re.compile(r"edition (\d+)")
START_SECONDS: Final = 120
"""Time in which all processes must be ready; they start together."""
BUSY: Final = "Another process is"
TIMED_OUT: Final = "Another process is still writing"

Result = tuple[str, int, int, Counter[str]]
"""Who it was, how many runs or reads succeeded, how often it had to wait, and the faults."""


def main() -> None:
    """Run writers and readers, and print what each did."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--writers", type=int, default=2)
    parser.add_argument("--readers", type=int, default=4)
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for writer in range(options.writers):
            publish(folder / f"writer{writer}", 0, range(ARTICLES))
        with AskSeoul.open(folder / "index", create=True) as app:
            app.index([folder / f"writer{writer}" for writer in range(options.writers)])
        results: Queue[Result] = context.Queue()
        start = context.Barrier(options.writers + options.readers, timeout=START_SECONDS)
        roles = [(write, n) for n in range(options.writers)] + [(read, n) for n in range(options.readers)]
        processes = [
            context.Process(target=role, args=(folder, n, start, options.seconds, results)) for role, n in roles
        ]
        for process in processes:
            process.start()
        counts = [results.get(timeout=START_SECONDS + options.seconds + 120) for _ in processes]
        for process in processes:
            process.join()
        final_fault = check_final_state(folder)
    table = Table("process", "succeeded", "had to wait", "faults")
    for name, succeeded, waits, faults in sorted(counts, key=lambda each: each[0]):
        table.add_row(name, f"{succeeded:,}", f"{waits:,}", "; ".join(f"{n} x {what}" for what, n in faults.items()))
    Console(width=140).print(table)
    if final_fault or any(faults for *_, faults in counts):
        print(final_fault)
        raise SystemExit(1)


def publish(folder: Path, edition: int, numbers: range | list[int]) -> None:
    """Write articles of several passages that all state this edition."""
    folder.mkdir(exist_ok=True)
    for number in numbers:
        subject = f"{folder.name} ferry {number}"
        paragraphs = (
            f"Part {part} of the {subject} report, edition {edition}. "
            + " ".join(f"Pier {part}-{n} of the {subject} was open in edition {edition}." for n in range(9))
            for part in range(4)
        )
        (folder / f"{folder.name}-{number}.md").write_text("\n\n".join(paragraphs), encoding="utf-8")


def write(folder: Path, number: int, start: Barrier, seconds: float, results: Queue[Result]) -> None:
    """Publish new editions and index them with the command, until the time is over."""
    chance = random.Random(number)
    own = folder / f"writer{number}"
    succeeded = waits = 0
    faults: Counter[str] = Counter()
    edition = 0
    start.wait()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        edition += 1
        publish(own, edition, chance.sample(range(ARTICLES), CHANGED))
        command = [sys.executable, "-m", "askseoul", "index", str(own), "--index", str(folder / "index"), "--json"]
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)
        waits += BUSY in ran.stderr
        if ran.returncode == 0:
            succeeded += 1
            if len(json.loads(ran.stdout)["updated"]) != CHANGED:
                faults["not every changed article was updated"] += 1
        elif TIMED_OUT not in ran.stderr:
            faults[ran.stderr.strip()[-200:]] += 1
    results.put((f"writer {number}", succeeded, waits, faults))


def read(folder: Path, number: int, start: Barrier, seconds: float, results: Queue[Result]) -> None:
    """Search, ask, and check the results, until the time is over."""
    chance = random.Random(100 + number)
    writers = len(list(folder.glob("writer*")))
    done = 0
    faults: Counter[str] = Counter()
    try:
        with AskSeoul.open(folder / "index") as app:
            app.search("warm up", 1)
            start.wait()
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                writer, article = chance.randrange(writers), chance.randrange(ARTICLES)
                hits = app.search(f"Part 2 of the writer{writer} ferry {article} report", 12)
                faults += check_hits(app, f"writer{writer}-{article}.md", hits)
                if done % 20 == 0:
                    answer = app.ask(f"Which pier of the writer{writer} ferry {article} was open?")
                    for citation in answer.citations:
                        cited = app.article(citation.article_id)
                        same = cited.sha256 == citation.sha256
                        if same and cited.text[citation.start : citation.end] != citation.quote:
                            faults["a quote is not in its article"] += 1
                done += 1
    except IndexBusy as error:
        faults[f"reader: {error}"] += 1
    except Exception as error:
        faults[f"reader: {type(error).__name__}: {error}"[:200]] += 1
    results.put((f"reader {number}", done, 0, faults))


def check_hits(app: AskSeoul, expected: str, hits: list[Hit]) -> Counter[str]:
    """The faults of a search result. ``expected`` is the id of an article that it must contain."""
    faults: Counter[str] = Counter()
    if expected not in {hit.article.id for hit in hits}:
        faults["an indexed article was not found"] += 1
    editions: dict[str, set[str]] = {}
    for hit in hits:
        article, passage = hit.article, hit.passage
        if hashlib.sha256(article.text.encode()).hexdigest() != article.sha256:
            faults["a text does not match its sha256"] += 1
        if article.text[passage.start : passage.end] != passage.text:
            faults["a passage is not in its article"] += 1
        editions.setdefault(article.id, set()).update(EDITION.findall(passage.text))
    faults["two editions of an article in one read"] += sum(len(found) > 1 for found in editions.values())
    if app.store.manifest.articles % ARTICLES:
        faults["the index has a wrong number of articles"] += 1
    return +faults


def check_final_state(folder: Path) -> str:
    """Index once more and describe what is wrong with the index; empty if nothing is."""
    with AskSeoul.open(folder / "index") as app:
        app.index(sorted(folder.glob("writer*")))
        for summary in app.articles():
            if app.article(summary.id).text != Path(summary.places[0]).read_text(encoding="utf-8").strip():
                return f"{summary.id} differs from its file"
    with Store.open(folder / "index") as store:
        return "" if store.is_current() else "Chroma is not up to date"


if __name__ == "__main__":
    main()
