"""Questions that rows of tables, items of lists and notes answer: which are answered, and with which lines.

    python -m evals.quality.lines [--beside CHECKOUT]

Each of the documents in evals/gold/lines.jsonl is asked its own questions, in an index that holds all of them. Answered
right is a question whose line is quoted (all of them, where a whole list answers), or one without an answer that is
refused. ``in place`` is the share of the quotes that are lines which answer. ``--beside`` measures another checkout.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from askseoul import AskSeoul

GOLD: Final = Path(__file__).parents[1] / "gold" / "lines.jsonl"


def measure() -> dict[str, dict[str, float]]:
    """Return the share of each measure by kind of document, and for all."""
    documents = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder) / "in"
        files.mkdir()
        for document in documents:
            (files / f"{document['id']}.md").write_text(document["text"], encoding="utf-8")
        app = AskSeoul.open(Path(folder) / "index", create=True)
        app.index([files])
        for document in documents:
            for question in document["questions"]:
                answer = app.ask(question["question"], within=[f"{document['id']}.md"])
                for name, value in _score(question, [citation.quote for citation in answer.citations]).items():
                    for kind in (document["kind"], "all"):
                        found[kind][name].append(value)
    return {kind: {name: sum(them) / len(them) for name, them in by.items()} for kind, by in sorted(found.items())}


def _score(question: dict[str, Any], quotes: list[str]) -> dict[str, float]:
    answers = question["answers"]
    if not answers:
        return {"refused": float(not quotes)}
    held = [any(_same(answer, quote) for quote in quotes) for answer in answers]
    name = "whole lists" if question["all"] else "line quoted"
    scores = {"answered": float(bool(quotes)), name: float(all(held) if question["all"] else any(held))}
    if quotes:
        scores["in place"] = sum(any(_same(answer, quote) for answer in answers) for quote in quotes) / len(quotes)
    return scores


def _same(answer: str, quote: str) -> bool:
    """Whether a quote is of this line: long rows are cut, and older versions quote the marks of a line too."""
    one, other = answer.rstrip("."), quote.strip("-*|• \n").rstrip(".")
    return one in other or (len(other.split()) > 1 and other in one)


def main() -> None:
    """Measure this program, and another checkout beside it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--beside", type=Path, help="the folder of another checkout, measured in the same run")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    given = parser.parse_args()
    figures = measure()
    if given.json:
        sys.stdout.write(json.dumps(figures))
        return
    others = _other(given.beside) if given.beside else {}
    table = Table("kind", "measure", "this program", *(["beside"] if others else []))
    for kind, shares in figures.items():
        for name, share in sorted(shares.items()):
            beside = [f"{others[kind].get(name, float('nan')):.2f}"] if others else []
            table.add_row(kind, name, f"{share:.2f}", *beside)
    Console().print(table)


def _other(checkout: Path) -> dict[str, dict[str, float]]:
    paths = os.pathsep.join(map(str, (checkout / "src", Path(__file__).parents[2])))
    command = [sys.executable, "-m", "evals.quality.lines", "--json"]
    run = subprocess.run(command, env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True, check=True)
    figures: dict[str, dict[str, float]] = json.loads(run.stdout)
    return figures


if __name__ == "__main__":
    main()
