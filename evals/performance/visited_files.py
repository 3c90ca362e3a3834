"""How many files of the package a question visits.

    python -m evals.performance.visited_files [--question TEXT | --all] [--package PATH]
    python evals/performance/visited_files.py --package PATH

Answers one question about the shipped articles to load everything, then another with a profiler, and lists the files
whose functions ran, in the order of their first call. ``--all`` asks every gold question and prints how many files each
visits. ``--package`` names the folder that contains the package ``askseoul``, so that another version of it can be
measured. This file imports nothing of the project before that folder is on the path.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
ARTICLES: Final = ROOT / "index" / "articles"
GOLD: Final = ROOT / "evals" / "gold" / "digests.jsonl"
QUESTION: Final = "How many US troops are based on the Korean Peninsula?"
WARM_UP: Final = "What did China ban in 2016, and why?"
"""Another question, because results that are cached for a question would hide files that it visits."""


def main() -> None:
    """Ask, and print the files or their numbers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--question", default=QUESTION)
    parser.add_argument("--all", action="store_true", help="ask every gold question that needs no conversation")
    parser.add_argument("--package", type=Path, default=ROOT / "src", help="folder that contains askseoul")
    options = parser.parse_args()
    package = options.package.resolve() / "askseoul"
    if not package.is_dir():
        parser.error(f"{package} is missing: --package needs the folder that contains askseoul")
    sys.path.insert(0, str(options.package.resolve()))
    from askseoul import AskSeoul

    with tempfile.TemporaryDirectory() as index, AskSeoul.open(Path(index, "index"), create=True) as app:
        app.index([ARTICLES])
        app.ask(WARM_UP)
        if options.all:
            print_all(app.ask, package)
        else:
            print_one(app.ask, options.question, package)


def print_one(ask: Callable[[str], Any], question: str, package: Path) -> None:
    """Print the files that a question visits."""
    files = visited(partial(ask, question), package)
    total = sum(1 for _ in package.rglob("*.py"))
    print(f"{question}\n{len(files)} of {total} files of {package.name}, in the order of their first call:")
    for number, file in enumerate(files, start=1):
        print(f"{number:4} {file}")


def print_all(ask: Callable[[str], Any], package: Path) -> None:
    """Print how many files each gold question visits, and the range."""
    rows = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if not row.get("history")]
    visits = []
    for row in rows:
        visits.append(visited(partial(ask, row["question"]), package))
        print(f"{len(visits[-1]):4} {row['kind']:12} {row['question']}")
    counts = [len(files) for files in visits]
    together = {file for files in visits for file in files}
    print(
        f"{len(counts)} questions: {min(counts)} to {max(counts)} files, median {statistics.median(counts):g}, "
        f"{len(together)} in all"
    )


def visited(call: Callable[[], object], package: Path) -> list[str]:
    """The files of a package whose functions run during a call in this thread, in the order of their first call.

    Paths are relative to the package. Code at module level does not count: it runs on import.
    """
    prefix = f"{package}/"
    files: dict[str, None] = {}

    def profile(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(prefix) and code.co_name != "<module>":
            files.setdefault(code.co_filename.removeprefix(prefix))

    sys.setprofile(profile)
    try:
        call()
    finally:
        sys.setprofile(None)
    return list(files)


if __name__ == "__main__":
    main()
