"""Two writers and four readers on one index: does anyone fail, and is every read consistent?

    python evals/crowd.py [--seconds 60] [--writers 2] [--readers 4]

Each writer rewrites articles of its own folder and runs `askseoul index` on it, as fast as it can; each reader keeps an
index open and searches and asks. All passages of an article name the same edition, so a read that mixes two editions,
half an article, or a text that is not what its sha256 says, shows. A writer may be told that another writes; any other
error fails the run, and so does a reader's.
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
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from askseoul.errors import IndexBusy
from askseoul.index.store import Store
from askseoul.pipeline import AskSeoul

ARTICLES: Final = 12
EDITION: Final = re.compile(r"edition (\d+)")


def main() -> None:
    """Run all of them, and print what each did. Exit status 1 when anything failed."""
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
        until = time.time() + options.seconds
        results = context.Queue()
        roles = [(write, n) for n in range(options.writers)] + [(read, n) for n in range(options.readers)]
        processes = [context.Process(target=role, args=(folder, n, until, results)) for role, n in roles]
        for process in processes:
            process.start()
        counts = [results.get(timeout=options.seconds + 120) for _ in processes]
        for process in processes:
            process.join()
        last = last_state(folder)
    table = Table("who", "did", "was told to wait", "faults")
    for who, did, told, faults in sorted(counts):
        table.add_row(who, f"{did:,}", f"{told:,}", "; ".join(f"{n} x {what}" for what, n in faults.items()))
    Console(width=140).print(table)
    if last or any(faults for *_, faults in counts):
        print(last)
        raise SystemExit(1)


def publish(folder: Path, edition: int, numbers: range | list[int]) -> None:
    """Write articles of several passages that all name this edition."""
    folder.mkdir(exist_ok=True)
    for number in numbers:
        subject = f"{folder.name} ferry {number}"
        paragraphs = (
            f"Part {part} of the {subject} report, edition {edition}. "
            + " ".join(f"Pier {part}-{n} of the {subject} was open in edition {edition}." for n in range(9))
            for part in range(4)
        )
        (folder / f"{folder.name}-{number}.md").write_text("\n\n".join(paragraphs), encoding="utf-8")


def write(folder: Path, number: int, until: float, results: multiprocessing.Queue) -> None:  # type: ignore[type-arg]
    """Publish new editions and index them, by the command."""
    chance = random.Random(number)
    own = folder / f"writer{number}"
    done = told = 0
    faults: Counter[str] = Counter()
    edition = 0
    while time.time() < until:
        edition += 1
        publish(own, edition, chance.sample(range(ARTICLES), 4))
        command = [sys.executable, "-m", "askseoul", "index", str(own), "--index", str(folder / "index"), "--json"]
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)
        told += "Another process is" in ran.stderr
        if ran.returncode == 0:
            done += 1
            if len(json.loads(ran.stdout)["updated"]) != 4:
                faults["not all was updated"] += 1
        elif "Another process is still writing" not in ran.stderr:
            faults[ran.stderr.strip()[-200:]] += 1
    results.put((f"writer {number}", done, told, faults))


def read(folder: Path, number: int, until: float, results: multiprocessing.Queue) -> None:  # type: ignore[type-arg]
    """Search and ask, and look closely at what comes."""
    chance = random.Random(100 + number)
    done = 0
    faults: Counter[str] = Counter()
    try:
        with AskSeoul.open(folder / "index") as app:
            while time.time() < until:
                writer, article = chance.randrange(2), chance.randrange(ARTICLES)
                hits = app.search(f"Part 2 of the writer{writer} ferry {article} report", 12)
                faults += look(app, f"writer{writer}-{article}.md", hits)
                if done % 20 == 0:
                    answer = app.ask(f"Which pier of the writer{writer} ferry {article} was open?")
                    quotes = {quote.article_id: app.article(quote.article_id) for quote in answer.citations}
                    for citation in answer.citations:
                        same = quotes[citation.article_id].sha256 == citation.sha256
                        if same and quotes[citation.article_id].text[citation.start : citation.end] != citation.quote:
                            faults["a quote is not in its article"] += 1
                done += 1
    except IndexBusy as error:
        faults[f"reader: {error}"] += 1
    except Exception as error:
        faults[f"reader: {type(error).__name__}: {error}"[:200]] += 1
    results.put((f"reader {number}", done, 0, faults))


def look(app: AskSeoul, wanted: str, hits: list) -> Counter[str]:  # type: ignore[type-arg]
    """What is wrong with what a search gave."""
    faults: Counter[str] = Counter()
    if wanted not in {hit.article.id for hit in hits}:
        faults["an article that is held was not found"] += 1
    editions: dict[str, set[str]] = {}
    for hit in hits:
        article, passage = hit.article, hit.passage
        if hashlib.sha256(article.text.encode()).hexdigest() != article.sha256:
            faults["a text is not what its sha256 says"] += 1
        if article.text[passage.start : passage.end] != passage.text:
            faults["a passage is not in its article"] += 1
        editions.setdefault(article.id, set()).update(EDITION.findall(passage.text))
    faults["two editions of an article in one read"] += sum(len(found) > 1 for found in editions.values())
    if app.store.manifest.articles % ARTICLES:
        faults["another number of articles"] += 1
    return +faults


def last_state(folder: Path) -> str:
    """What is wrong with the index at last; empty where nothing is."""
    with AskSeoul.open(folder / "index") as app:
        app.index(sorted(folder.glob("writer*")))
        for summary in app.articles():
            if app.article(summary.id).text != Path(summary.places[0]).read_text(encoding="utf-8").strip():
                return f"{summary.id} is not what its file says"
    with Store.open(folder / "index") as store:
        return "" if store.is_current() else "Chroma has not seen all"


if __name__ == "__main__":
    main()
