"""Faults in copies of the program: does the gate detect them, by a score or by the hash of a part?

    python -m evals.quality.mutations [--gold FILE] [--articles DIR] [MUTATION ...]

Every copy indexes the shipped articles and answers the gold questions, as ``make gate`` does but without its
thresholds. The result is compared with a baseline recorded by the unchanged program. A mutation is detected by a score
when a figure is worse or better beyond chance, and by a hash when the gate names a part as changed. The last mutations
change nothing that matters and must pass. Exit status 1 when one has the wrong outcome.
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

from evals.common.data import ARTICLES, DIGESTS, ROOT

GATE_FAILED: Final = 1
"""Exit status of ``askseoul eval`` when the result differs from the baseline."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """A change to the program, as texts that are replaced at their first occurrence."""

    name: str
    edits: tuple[tuple[str, str, str], ...] = ()
    """File, old text, new text."""
    omitted: str = ""
    """Name of an article that is not indexed."""
    is_harmless: bool = False


SEARCH: Final = "src/askseoul/retrieval/search.py"
CLAIM: Final = "src/askseoul/verification/claim.py"
ANSWERABILITY: Final = "src/askseoul/answering/answerability.py"
STORE: Final = "src/askseoul/index/store.py"
ASSEMBLY: Final = "src/askseoul/answering/assembly.py"
MUTATIONS: Final = (
    Mutation(
        "reranking off",
        ((SEARCH, 'score = scores["late"] + ', 'score = 0.0 * scores["late"] + '),),
    ),
    Mutation(
        "BM25 off",
        ((SEARCH, "found = dict(store.bm25_search(counts, CANDIDATES, within)) if ceiling else {}",
          "found: dict[PassageKey, float] = {}"),),
    ),
    Mutation(
        "the reader's order off",
        ((ANSWERABILITY, "return sorted(guarded, key=lambda item: -item.answers)", "return guarded"),),
    ),
    Mutation(
        "checks off",
        ((CLAIM, "    if all(check.passed for check in checks):\n",
          "    checks = tuple(Check(one.name, True, one.detail) for one in checks)\n    if checks:\n"),),
    ),
    Mutation(
        "refuses more (threshold + 50 %)",
        ((ANSWERABILITY, '"balanced": 0.18,', '"balanced": 0.27,'),),
    ),
    Mutation(
        "answers more (threshold - 50 %)",
        ((ANSWERABILITY, '"balanced": 0.18,', '"balanced": 0.09,'),),
    ),
    Mutation(
        "passages half as long",
        ((STORE, "passage_tokens: int = 150", "passage_tokens: int = 75"),),
    ),
    Mutation("an article missing", omitted="center-of-balance.md"),
    Mutation(
        "a prompt changed",
        (("prompts/answer_system.txt", "\n", "\nAnswer in one sentence.\n"),),
    ),
    Mutation(
        "offsets shifted by one",
        ((ASSEMBLY, "quote.text, quote.start, quote.end, article.sha256",
          "quote.text, quote.start + 1, quote.end + 1, article.sha256"),),
    ),
    Mutation("nothing", is_harmless=True),
    Mutation(
        "a comment and a local name",
        ((SEARCH, "[:count])\n    hits = []\n", "[:count])  # both\n    hits = list[Hit]()\n"),),
        is_harmless=True,
    ),
)  # fmt: skip


def mutate(mutation: Mutation, folder: Path) -> Path:
    """Copy the program into a folder, with this mutation. Raises SystemExit when an old text is not in its file."""
    for part in ("src", "prompts"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name, old, new in mutation.edits:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        if old not in text:
            raise SystemExit(f"{mutation.name}: {name} does not contain {old!r}: update the mutation.")
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


class Program:
    """A copy of the program, which runs in its own processes."""

    def __init__(self, folder: Path) -> None:
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ASKSEOUL_")},
            "PYTHONPATH": str(folder / "src"),
            "ASKSEOUL_PRECISION": "f32",
        }

    def run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run ``askseoul`` with these arguments."""
        command = [sys.executable, "-m", "askseoul", *map(str, arguments)]
        return subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)


def gate_output(mutation: Mutation, articles: Path, gold: Path, baseline: Path, folder: Path) -> list[str]:
    """The lines in which the gate reports differences; empty when it passes.

    Raises SystemExit when the mutated program cannot index the articles.
    """
    program = Program(mutate(mutation, folder))
    files = [path for path in sorted(articles.iterdir()) if path.name != mutation.omitted]
    indexed = program.run("index", *files, "--index", folder / "index")
    if indexed.returncode:
        raise SystemExit(f"{mutation.name}: indexing failed:\n{indexed.stderr}")
    done = program.run("eval", gold, "--index", folder / "index", "--baseline", baseline)
    if done.returncode not in (0, GATE_FAILED):
        return [f"exit status {done.returncode}: {done.stderr.strip().splitlines()[-1]}"]
    return [line.removeprefix("askseoul: ") for line in done.stderr.splitlines() if line] if done.returncode else []


def parse_output(lines: Sequence[str]) -> tuple[list[str], list[str], bool]:
    """The figures and the parts that the gate reports, and whether the evaluation itself failed."""
    figures = [line for line in lines if " is worse: " in line or " is better: " in line]
    parts = [line.partition(" changed: ")[0] for line in lines if " changed: " in line]
    return figures, parts, any(line.startswith("exit status") for line in lines)


def main() -> None:
    """Record the baseline, run the mutations and print the table."""
    names = [mutation.name for mutation in MUTATIONS]
    listed = ", ".join(names).replace("%", "%%")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mutations", nargs="*", metavar="MUTATION", help=f"all if none is given; {listed}")
    parser.add_argument(
        "--gold", type=Path, default=DIGESTS, help="questions; support.jsonl beside it shows checks off"
    )
    parser.add_argument("--articles", type=Path, default=ARTICLES)
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.mutations) - set(names)):
        parser.error(f"{unknown[0]!r} is not a mutation: choose from {', '.join(names)}")
    table = Table("mutation", "detected by a score", "detected by the hash of", "correct")
    wrong = 0
    with tempfile.TemporaryDirectory() as work:
        baseline = Path(work, "baseline.json")
        record_baseline(arguments.articles, arguments.gold, baseline, Path(work, "unchanged"))
        for number, mutation in enumerate(MUTATIONS):
            if arguments.mutations and mutation.name not in arguments.mutations:
                continue
            folder = Path(work, str(number))
            lines = gate_output(mutation, arguments.articles, arguments.gold, baseline, folder)
            figures, parts, has_failed = parse_output(lines)
            shutil.rmtree(folder)
            is_detected = bool(figures or parts)
            # Questions about an omitted article cannot be scored, so only there a failed evaluation is a detection.
            is_correct = bool(mutation.omitted) if has_failed else mutation.is_harmless != is_detected
            wrong += not is_correct
            detected = "evaluation failed" if has_failed else "\n".join(figures)
            table.add_row(mutation.name, detected, "\n".join(parts), "yes" if is_correct else "NO")
            print(f"{mutation.name}: {'correct' if is_correct else 'WRONG'}", file=sys.stderr, flush=True)
    Console(width=120).print(table)
    raise SystemExit(int(wrong > 0))


def record_baseline(articles: Path, gold: Path, baseline: Path, folder: Path) -> None:
    """Record the result of the unchanged program. Raises SystemExit when that fails."""
    program = Program(mutate(Mutation("unchanged"), folder))
    program.run("index", articles, "--index", folder / "index")
    recorded = program.run("eval", gold, "--index", folder / "index", "--baseline", baseline, "--record")
    if recorded.returncode:
        raise SystemExit(f"Recording the baseline failed:\n{recorded.stderr}")


if __name__ == "__main__":
    main()
