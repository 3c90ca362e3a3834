"""Faults planted into copies of the program: does the gate see them, by a score or by the hash of a part?

    python evals/planted.py [--gold FILE] [--articles DIR] [PLANT …]

Of every copy the shipped articles are indexed and the gold questions asked, as ``make gate`` does but without its
thresholds, and held against a baseline that the untouched program has just recorded. A plant is caught by a score when
a figure is worse or better beyond chance, and by a hash when a part is named as changed. The last plants change nothing
that matters and must pass.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

ROOT: Final = Path(__file__).parents[2]
NOT_HELD: Final = 1
"""What ``askseoul eval`` ends with when something is not as recorded."""


@dataclass(frozen=True, slots=True)
class Plant:
    """Texts of the program that are replaced where they first stand."""

    name: str
    edits: tuple[tuple[str, str, str], ...] = ()
    """File, what stands there, and what takes its place."""
    left_out: str = ""
    """Name of an article that is not indexed."""
    is_harmless: bool = False


PLANTS: Final = (
    Plant(
        "reranking off",
        (("src/askseoul/retrieval.py", 'score = scores["late"] + ', 'score = 0.0 * scores["late"] + '),),
    ),
    Plant(
        "BM25 off",
        (("src/askseoul/retrieval.py", "found = dict(store.lexical(counts, CANDIDATES, within)) if ceiling else {}",
          "found: dict[PassageKey, float] = {}"),),
    ),
    Plant(
        "verifier off",
        (("src/askseoul/checks.py", "    failed = {check.name for check in checks if not check.passed}\n",
          "    checks = tuple(Check(one.name, True, one.detail) for one in checks)\n    failed = set[str]()\n"),),
    ),
    Plant(
        "refuses more (threshold + 20 %)",
        (("src/askseoul/answerability.py", "_NAMED: Final = (-2.10,", "_NAMED: Final = (-2.52,"),
         ("src/askseoul/answerability.py", "_NAMELESS: Final = (-3.88,", "_NAMELESS: Final = (-4.656,")),
    ),
    Plant(
        "answers more (threshold - 20 %)",
        (("src/askseoul/answerability.py", "_NAMED: Final = (-2.10,", "_NAMED: Final = (-1.68,"),
         ("src/askseoul/answerability.py", "_NAMELESS: Final = (-3.88,", "_NAMELESS: Final = (-3.104,")),
    ),
    Plant(
        "passages half as long",
        (("src/askseoul/store.py", "passage_tokens: int = 150", "passage_tokens: int = 75"),),
    ),
    Plant("an article missing", left_out="center-of-balance.md"),
    Plant(
        "a prompt changed",
        (("prompts/answer_system.txt", "\n", "\nAnswer in one sentence.\n"),),
    ),
    Plant(
        "offsets shifted by one",
        (("src/askseoul/verification.py", "quote.text, quote.start, quote.end, article.sha256",
          "quote.text, quote.start + 1, quote.end + 1, article.sha256"),),
    ),
    Plant("nothing", is_harmless=True),
    Plant(
        "a comment and a local name",
        (("src/askseoul/retrieval.py", "[:count])\n    hits = []\n", "[:count])  # both\n    hits = list[Hit]()\n"),),
        is_harmless=True,
    ),
)  # fmt: skip


def planted(plant: Plant, folder: Path) -> Path:
    """A copy of the program with this fault in it. Raises SystemExit where the program no longer reads so."""
    for part in ("src", "prompts"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name, old, new in plant.edits:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        if old not in text:
            raise SystemExit(f"{plant.name}: {name} no longer holds {old!r}: bring the plant in line with it.")
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


class Program:
    """A copy of the program, run in processes of its own."""

    def __init__(self, folder: Path) -> None:
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ASKSEOUL_")},
            "PYTHONPATH": str(folder / "src"),
            "ASKSEOUL_PRECISION": "f32",
        }

    def run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """``askseoul`` with these arguments."""
        command = [sys.executable, "-m", "askseoul", *map(str, arguments)]
        return subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)


def measure(plant: Plant, articles: Path, gold: Path, baseline: Path, folder: Path) -> list[str]:
    """What the gate says of the program with this fault, a line each; nothing where it passes."""
    program = Program(planted(plant, folder))
    files = [path for path in sorted(articles.iterdir()) if path.name != plant.left_out]
    indexed = program.run("index", *files, "--index", folder / "index")
    if indexed.returncode:
        raise SystemExit(f"{plant.name}: nothing is indexed:\n{indexed.stderr}")
    done = program.run("eval", gold, "--index", folder / "index", "--baseline", baseline)
    if done.returncode not in (0, NOT_HELD):
        return [f"ends with {done.returncode}: {done.stderr.strip().splitlines()[-1]}"]
    return [line.removeprefix("askseoul: ") for line in done.stderr.splitlines() if line] if done.returncode else []


def caught_by(lines: Sequence[str]) -> tuple[list[str], list[str], bool]:
    """The figures and the parts that the gate names, and whether it could not even be asked."""
    figures = [line for line in lines if " is worse: " in line or " is better: " in line]
    parts = [line.partition(" changed: ")[0] for line in lines if " changed: " in line]
    return figures, parts, any(line.startswith("ends with") for line in lines)


def main() -> None:
    """Record the baseline, run every plant, print the table; exit status 1 when one is not told right."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("plants", nargs="*", metavar="PLANT", help="names of plants; all if none")
    parser.add_argument("--gold", type=Path, default=ROOT / "evals" / "gold" / "digests.jsonl")
    parser.add_argument("--articles", type=Path, default=ROOT / "index" / "articles")
    arguments = parser.parse_args()
    table = Table("planted", "seen by a score", "seen by the hash of", "right")
    missed = 0
    with tempfile.TemporaryDirectory() as work:
        baseline = Path(work, "baseline.json")
        program = Program(planted(Plant("the program as it is"), Path(work, "before")))
        program.run("index", arguments.articles, "--index", Path(work, "before", "index"))
        recorded = program.run(
            "eval", arguments.gold, "--index", Path(work, "before", "index"), "--baseline", baseline, "--record"
        )
        if recorded.returncode:
            raise SystemExit(f"the baseline can't be recorded:\n{recorded.stderr}")
        for number, plant in enumerate(PLANTS):
            if arguments.plants and plant.name not in arguments.plants:
                continue
            folder = Path(work, str(number))
            figures, parts, is_refused = caught_by(measure(plant, arguments.articles, arguments.gold, baseline, folder))
            shutil.rmtree(folder)
            is_right = plant.is_harmless != bool(figures or parts) if not is_refused else bool(plant.left_out)
            missed += not is_right
            seen = "can't be asked" if is_refused else "\n".join(figures)
            table.add_row(plant.name, seen, "\n".join(parts), "yes" if is_right else "NO")
            print(f"{plant.name}: {'right' if is_right else 'WRONG'}", file=sys.stderr, flush=True)
    Console(width=120).print(table)
    raise SystemExit(int(missed > 0))


if __name__ == "__main__":
    main()
