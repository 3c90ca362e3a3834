"""Write the tables of ``README.md`` from the figures in ``results``: ``python -m training.report``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from training.figures import BINS
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
    "questions: calibration error of the best": "",
    "relation: AUROC of conflict": "≥ 0.78",
    "relation: control": "",
    "relation: calibration error": "≤ 0.06",
}
"""Every figure that the tables show, and what is asked of it."""
PUBLIC_ASKED: Final = {"WiCE by both": "≥ 0.76", "SummEdits, mean by both": "≥ 0.60", "NAnCo by both": "≥ 0.78"}


def main() -> None:
    """Write the tables."""
    README.write_text(with_tables(README.read_text(encoding="utf-8")), encoding="utf-8")


def with_tables(text: str) -> str:
    """Return the text with a new table between each pair of markers; empty where there are no figures."""
    for name, table in TABLES.items():
        marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text = marked.sub(lambda match, table=table: f"{match[1]}{table()}{match[2]}", text)  # type: ignore[misc]
    return text


def _held_out() -> str:
    """The figures of the shipped reader, beside those of the rules, and by family."""
    results, shipped = _read("held_out"), _read("shipped")
    if not results:
        return ""
    rules = shipped.get("rules", {})
    families = results["families"]
    rows = [["", "asked", f"{results['stories']} stories", "rules", *families]]
    rows += [
        [
            name,
            asked,
            f"**{_with_interval(results['figures'][name])}**",
            f"{rules[name]:.2f}" if name in rules else "",
            *(f"{values[name]:.2f}" for values in families.values()),
        ]
        for name, asked in ASKED.items()
    ]
    return _table(rows)


def _public() -> str:
    """The figures of the shipped reader on public sets, and its time."""
    shipped = _read("shipped")
    rows = [["", "asked", "balanced accuracy", "AUROC"]]
    rows += [
        [name, PUBLIC_ASKED.get(name, ""), _with_interval(figures["accuracy"]), f"{figures['auroc']:.3f}"]
        for name, figures in shipped.get("public", {}).items()
    ]
    return _table(rows) if rows[1:] else ""


def _time() -> str:
    """How long the shipped reader takes for a question."""
    shipped = _read("shipped")
    if "reader" not in shipped:
        return ""
    ratio = shipped["reader"] / shipped["encoder"]
    return (
        f"24 candidates of {shipped['tokens']:.0f} tokens take the reader {shipped['reader']:.2f} s and the encoder "
        f"{shipped['encoder']:.2f} s in the same run: {ratio:.1f} times as long.\n"
    )


def _reliability() -> str:
    """How often what the shipped reader gives a probability is so, on the held-out stories."""
    bins = _read("held_out").get("reliability", {})
    rows = [["probability", *bins]]
    for index in range(BINS):
        inside = [[one for one in of_head if one["index"] == index] for of_head in bins.values()]
        shown = [f"{one[0]['right']:.2f} of {one[0]['count']:,}" if one else "" for one in inside]
        rows.append([f"{index / BINS:.1f} to {(index + 1) / BINS:.1f}", *shown])
    return _table(rows) if bins else ""


def _folds() -> str:
    folds = {f"fold {fold}": _read(f"fold-{fold}") for fold in range(FOLDS)}
    return _side_by_side({name: results for name, results in folds.items() if results}, with_mean=True)


def _curve() -> str:
    runs = {share: _read(f"share-{share}") for share in ("quarter", "half", "all")}
    return _side_by_side({name: results for name, results in runs.items() if results}, with_mean=False)


def _side_by_side(runs: Mapping[str, Mapping[str, Any]], *, with_mean: bool) -> str:
    rows = [["", *(["mean"] if with_mean else []), *runs]]
    for name in ASKED:
        values = [run["figures"][name] for run in runs.values()]
        mean = [f"**{np.mean([value['value'] for value in values]):.3f}**"] if with_mean and values else []
        rows.append([name, *mean, *map(_with_interval, values)])
    return _table(rows) if runs else ""


def _with_interval(figure: Mapping[str, float]) -> str:
    interval = f" ({figure['low']:.2f} to {figure['high']:.2f})" if "low" in figure else ""
    return f"{figure['value']:.3f}{interval}"


def _table(rows: list[list[str]]) -> str:
    head, *body = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([head, "|" + " --- |" + " ---: |" * (len(rows[0]) - 1), *body, ""])


def _read(name: str) -> dict[str, Any]:
    """Return the figures in a file of RESULTS, empty if it is missing."""
    path = RESULTS / f"{name}.json"
    results: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return results


TABLES: Final = {
    "held_out": _held_out,
    "reliability": _reliability,
    "public": _public,
    "time": _time,
    "curve": _curve,
    "folds": _folds,
}


if __name__ == "__main__":
    main()
