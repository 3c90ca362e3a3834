"""Measure a trained run on stories that it did not see.

``python -m training.evaluate RUN`` prints the figures of the development stories, each half of which calibrates the
other, and writes the calibration by all of them to ``RUN/calibration.json``. With ``--part held_out`` it prints the
figures of the held-out stories, with that calibration; with ``--fold K``, those of a fold, by halves too.
``--results FILE`` keeps them for ``README.md``.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import torch

from askseoul.models.reader import Calibration, Head
from askseoul.models.reader_input import ReaderTokenizer
from askseoul.models.weights import sha256_of_file
from training.calibrate import calibrate
from training.figures import Figure, Reading, figures, read, write_results
from training.model import ReaderModel
from training.stories import FOLDS, Story, fold_of, part_of, read_stories
from training.torch_reader import TorchReader
from training.train import BASE


def main() -> None:
    """Measure a run and print its figures, all together and by family."""
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--base", type=Path, default=BASE)
    parser.add_argument("--part", choices=["development", "held_out"], default="development")
    parser.add_argument("--fold", type=int, choices=range(FOLDS), help="the fold that the run kept out")
    parser.add_argument("--results", type=Path, help="JSON file for the figures, as in training/results")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    trained = options.run / "model.pt"
    model = ReaderModel(options.base)
    model.load_state_dict(torch.load(trained, map_location="cpu"))
    reader = TorchReader(model, ReaderTokenizer(options.base / "tokenizer.json"))
    stories = read_stories()
    if options.fold is None:
        development = part_of(stories, "development")
        calibration = calibrate(reader, development)
        write_calibration(calibration, trained, options.run / "calibration.json")
        if options.part == "held_out":
            readings = read(reader.calibrated(calibration), part_of(stories, "held_out"))
        else:
            readings = read_by_halves(reader, development)
    else:
        readings = read_by_halves(reader, [story for story in stories if fold_of(story) == options.fold])
    found = figures(readings)
    by_family = defaultdict(list)
    for reading in readings:
        by_family[reading.story.family].append(reading)
    families = {family: figures(of_family) for family, of_family in sorted(by_family.items())}
    if options.results:
        write_results(options.results, found, families, readings)
    print(table(found, families, len(readings)))


def read_by_halves(reader: TorchReader, stories: Sequence[Story]) -> list[Reading]:
    """Return what the reader says of each story when the other half of them has calibrated it."""
    readings = []
    for measured, calibrating in ((stories[0::2], stories[1::2]), (stories[1::2], stories[0::2])):
        readings += read(reader.calibrated(calibrate(reader, calibrating)), measured)
    return readings


def write_calibration(calibration: Mapping[Head, Calibration], trained: Path, path: Path) -> None:
    """Write the calibration of every head as JSON, with the sha256 of the trained model that it is for."""
    content = {
        "model": sha256_of_file(trained),
        "calibration": {head: asdict(of_head) for head, of_head in calibration.items()},
    }
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")


def table(found: Mapping[str, Figure], families: Mapping[str, Mapping[str, Figure]], stories: int) -> str:
    """Return a table of the figures, a row a figure, with a column a family."""
    lines = [f"{stories} stories", " " * 68 + "".join(f"{family:>8}" for family in families)]
    for name, figure in found.items():
        by_family = "".join(f"{of_family[name].value:8.2f}" for of_family in families.values())
        lines.append(f"{name:42}{figure!s:26}{by_family}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
