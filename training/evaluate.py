"""Measure a trained run on stories that it did not see.

``python -m training.evaluate RUN`` fits the calibration on the development stories, writes it to
``RUN/calibration.json``, and prints the figures of the held-out stories; with ``--part development``, of those; with
``--fold K``, of a fold, each half of which calibrates the other. ``--results FILE`` keeps them for ``README.md``.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import torch

from askseoul.models.reader import Calibration, Head
from askseoul.models.reader_input import ReaderTokenizer
from training.calibrate import calibrate
from training.figures import Figure, figures, read
from training.model import ReaderModel
from training.stories import FOLDS, fold_of, part_of, read_stories
from training.torch_reader import TorchReader
from training.train import BASE


def main() -> None:
    """Measure a run and print its figures, all together and by family."""
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--base", type=Path, default=BASE)
    parser.add_argument("--part", choices=["development", "held_out"], default="held_out")
    parser.add_argument("--fold", type=int, choices=range(FOLDS), help="the fold that the run kept out")
    parser.add_argument("--results", type=Path, help="JSON file for the figures, as in training/results")
    parser.add_argument("--checkpoint", action="store_true", help="measure the last checkpoint of a run under way")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    tokenizer = ReaderTokenizer(options.base / "tokenizer.json")
    model = ReaderModel(options.base)
    if options.checkpoint:
        model.load_state_dict(torch.load(options.run / "checkpoint.pt", map_location="cpu")["model"])
    else:
        model.load_state_dict(torch.load(options.run / "model.pt", map_location="cpu"))
    stories = read_stories()
    if options.fold is None:
        calibration = calibrate(TorchReader(model, tokenizer), part_of(stories, "development"))
        write_calibration(calibration, options.run / "calibration.json")
        readings = read(TorchReader(model, tokenizer, calibration), part_of(stories, options.part))
    else:
        kept_out = [story for story in stories if fold_of(story) == options.fold]
        readings = []
        for measured, calibrating in ((kept_out[0::2], kept_out[1::2]), (kept_out[1::2], kept_out[0::2])):
            calibration = calibrate(TorchReader(model, tokenizer), calibrating)
            readings += read(TorchReader(model, tokenizer, calibration), measured)
    found = figures(readings)
    by_family = defaultdict(list)
    for reading in readings:
        by_family[reading.story.family].append(reading)
    families = {family: figures(of_family) for family, of_family in sorted(by_family.items())}
    if options.results:
        write_results(options.results, found, families, len(readings))
    print(table(found, families, len(readings)))


def write_calibration(calibration: Mapping[Head, Calibration], path: Path) -> None:
    """Write the calibration of every head as JSON."""
    content = {head: asdict(of_head) for head, of_head in calibration.items()}
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")


def write_results(
    path: Path, found: Mapping[str, Figure], families: Mapping[str, Mapping[str, Figure]], stories: int
) -> None:
    """Write the figures of all stories with their intervals, and the values by family, as JSON."""
    content = {
        "stories": stories,
        "figures": {name: asdict(figure) for name, figure in found.items()},
        "families": {
            family: {name: figure.value for name, figure in of_family.items()} for family, of_family in families.items()
        },
    }
    rounded = json.loads(json.dumps(content), parse_float=lambda number: round(float(number), 4))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rounded, indent=1) + "\n", encoding="utf-8")


def table(found: Mapping[str, Figure], families: Mapping[str, Mapping[str, Figure]], stories: int) -> str:
    """Return a table of the figures, a row a figure, with a column a family."""
    lines = [f"{stories} stories", " " * 68 + "".join(f"{family:>8}" for family in families)]
    for name, figure in found.items():
        by_family = "".join(f"{of_family[name].value:8.2f}" for of_family in families.values())
        lines.append(f"{name:42}{figure!s:26}{by_family}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
