"""Seconds of a whole `askseoul ask` process, compared with a process that imports sentence-transformers.

    python -m evals.performance.startup [--rounds 5] [--question "..."]

The three commands take turns, so that a slow moment of the machine affects all of them; the ratio is between medians.
The shipped articles are indexed first, in a temporary folder, and each command runs once before it counts.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from statistics import median

from rich.console import Console
from rich.table import Table

from evals.common.data import ARTICLES


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="counted runs of each command")
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
                duration = timed(command)
                if turn:
                    seconds[name].append(duration)
    reference = median(next(iter(seconds.values())))
    table = Table("process", "min s", "median s", "max s", "relative to the import")
    for name, taken in seconds.items():
        figures = (min(taken), median(taken), max(taken), median(taken) / reference)
        table.add_row(name, *(f"{figure:.2f}" for figure in figures))
    Console().print(table)


def timed(command: list[str]) -> float:
    """Seconds that a command takes. Raises SystemExit with its stderr when it fails."""
    started = time.perf_counter()
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    return seconds


if __name__ == "__main__":
    main()
