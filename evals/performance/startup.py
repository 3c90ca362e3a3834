"""A whole `askseoul ask`, from the start of its process to its end, against importing sentence-transformers alone.

    python evals/cold_start.py [--rounds 5] [--question "…"]

The three commands take turns, so that a machine that slows down slows them all; the ratio is of the medians. The index
of the shipped articles is made first, in a temporary folder, and each command runs once before it counts."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

ARTICLES = Path(__file__).parents[2] / "index" / "articles"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="runs of each command that count")
    parser.add_argument("--question", default="How many US troops are based on the Korean Peninsula?")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as index:
        askseoul = [sys.executable, "-m", "askseoul"]
        subprocess.run([*askseoul, "index", str(ARTICLES), "--index", index], check=True, capture_output=True)
        asking = [*askseoul, "ask", options.question, "--index", index, "--generator"]
        commands = {
            "import sentence_transformers": [sys.executable, "-c", "import sentence_transformers"],
            "askseoul ask --generator none": [*asking, "none"],
            "askseoul ask --generator local": [*asking, "local"],
        }
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        for turn in range(options.rounds + 1):
            for name, command in commands.items():
                taken = timed(command)
                if turn:
                    seconds[name].append(taken)
    reference = median(next(iter(seconds.values())))
    table = Table("whole process", "least s", "median s", "most s", "of the import")
    for name, taken_by in seconds.items():
        middle = median(taken_by)
        figures = (min(taken_by), middle, max(taken_by), middle / reference)
        table.add_row(name, *(f"{figure:.2f}" for figure in figures))
    Console().print(table)


def timed(command: list[str]) -> float:
    """Seconds that a command takes; it has to succeed."""
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
