"""Write the tables of ``README.md`` from the figures in ``results``: ``python -m training.report``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from training.stories import FOLDS

README: Final = Path(__file__).with_name("README.md")
RESULTS: Final = Path(__file__).with_name("results")

ASKED: Final = {
    "claims: twin wins": "≥ 0.80",
    "claims: balanced accuracy": "≥ 0.70",
    "claims: AUROC": "≥ 0.77",
    "claims: control": "0.45 to 0.55",
    "claims: accuracy of three": "",
    "claims: calibration error": "≤ 0.06",
    "questions: best sentence answers": "≥ 0.78",
    "questions: recall": "≥ 0.72",
    "questions: twin wins": "≥ 0.88",
    "questions: AUROC over twins": "≥ 0.80",
    "questions: control, twin wins": "0.40 to 0.60",
    "questions: control, AUROC over twins": "0.40 to 0.60",
    "questions: calibration error": "≤ 0.06",
    "relation: AUROC of conflict": "≥ 0.78",
    "relation: control": "",
    "relation: calibration error": "≤ 0.06",
}
"""Every figure that the tables show, and what is asked of it."""


def main() -> None:
    """Write the tables."""
    README.write_text(with_tables(README.read_text(encoding="utf-8")), encoding="utf-8")


def with_tables(text: str) -> str:
    """Return the text with a new table between each pair of markers."""
    for name, table in (("held_out", _held_out), ("folds", _folds), ("curve", _curve)):
        marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text = marked.sub(lambda match, table=table: f"{match[1]}{table()}\n{match[2]}", text)  # type: ignore[misc]
    return text


def _held_out() -> str:
    results = _read("held_out")
    families = results["families"]
    rows = [["", "asked", f"{results['stories']} stories", *families]]
    rows += [
        [
            name,
            asked,
            _with_interval(results["figures"][name]),
            *(f"{values[name]:.2f}" for values in families.values()),
        ]
        for name, asked in ASKED.items()
    ]
    return _table(rows)


def _folds() -> str:
    folds = [_read(f"fold-{fold}") for fold in range(FOLDS) if _path(f"fold-{fold}").is_file()]
    rows = [["", "mean", *(f"fold {fold}" for fold in range(len(folds)))]]
    for name in ASKED:
        values = [fold["figures"][name]["value"] for fold in folds]
        rows.append([name, f"{np.mean(values):.3f}" if values else "", *(f"{value:.3f}" for value in values)])
    return _table(rows)


def _curve() -> str:
    runs = {share: _read(f"share-{share}") for share in ("quarter", "half", "all") if _path(f"share-{share}").is_file()}
    rows = [["", *runs]]
    rows += [[name, *(f"{run['figures'][name]['value']:.3f}" for run in runs.values())] for name in ASKED]
    return _table(rows)


def _with_interval(figure: Mapping[str, float]) -> str:
    return f"**{figure['value']:.3f}** ({figure['low']:.2f} to {figure['high']:.2f})"


def _table(rows: list[list[str]]) -> str:
    head, *body = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([head, "|" + " --- |" + " ---: |" * (len(rows[0]) - 1), *body])


def _path(name: str) -> Path:
    return RESULTS / f"{name}.json"


def _read(name: str) -> dict[str, Any]:
    results: dict[str, Any] = json.loads(_path(name).read_text(encoding="utf-8"))
    return results


if __name__ == "__main__":
    main()
