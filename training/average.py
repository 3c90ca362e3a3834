"""Average two trained runs, of which one went on from the other: together they read better than either alone.

``python -m training.average EARLIER LATER TO`` writes ``TO/model.pt``, LATER_SHARE of it the later one's (Wortsman et
al., 2022, Model soups).
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import torch

LATER_SHARE: Final = 0.6


def main() -> None:
    """Average two runs."""
    parser = argparse.ArgumentParser(prog="python -m training.average", description=__doc__)
    for name in ("earlier", "later", "to"):
        parser.add_argument(name, type=Path)
    options = parser.parse_args()
    earlier, later = (torch.load(run / "model.pt", map_location="cpu") for run in (options.earlier, options.later))
    options.to.mkdir(parents=True, exist_ok=True)
    averaged = {
        name: torch.lerp(earlier[name], weight, LATER_SHARE) if weight.is_floating_point() else weight
        for name, weight in later.items()
    }
    torch.save(averaged, options.to / "model.pt")


if __name__ == "__main__":
    main()
