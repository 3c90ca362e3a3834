"""How far a score is from chance: intervals for shares and means, and whether one run is worse than another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

SEED: Final = 20260731
"""Every run draws the same samples."""
ROUNDS: Final = 2_000
_NORMAL_95: Final = 1.959964


class Interval(NamedTuple):
    """Where the true value is in 95 of 100 such measurements."""

    low: float
    high: float


def wilson(hits: int, of: int) -> Interval:
    """The 95 % interval of a share of ``hits`` among ``of``, which must be above 0 (Wilson, 1927).

    The usual interval around the share has no width at 0 and at 1; this one has, which matters most where a figure is
    to be 0."""
    share, squared = hits / of, _NORMAL_95**2
    centre = (share + squared / (2 * of)) / (1 + squared / of)
    spread = _NORMAL_95 * math.sqrt(share * (1 - share) / of + squared / (4 * of**2)) / (1 + squared / of)
    return Interval(max(0.0, centre - spread), min(1.0, centre + spread))


def bootstrap(values: Sequence[float]) -> Interval:
    """The 95 % interval of the mean of these values, at least one, by drawing them again (Efron, 1979).

    The trap: it knows of no value that was not seen, so where all are the same it has no width."""
    drawn = _means(np.asarray(values, dtype=np.float64))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(float(low), float(high))


def bootstrap_of_both(ones: Sequence[float], others: Sequence[float]) -> Interval:
    """The 95 % interval of the mean of the means of two groups, at least one value each, drawn apart."""
    drawn = (_means(np.asarray(ones, dtype=np.float64)) + _means(np.asarray(others, dtype=np.float64), SEED + 1)) / 2
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(float(low), float(high))


def interval_of(values: Sequence[float]) -> Interval:
    """Wilson's interval where every value is 0 or 1, else the bootstrap's."""
    if all(value in (0, 1) for value in values):
        return wilson(round(sum(values)), len(values))
    return bootstrap(values)


def chance_of_no_drop(before: Sequence[float], after: Sequence[float]) -> float:
    """Share of paired bootstrap samples in which the mean of ``after`` is not below that of ``before``.

    The values belong to the same questions in the same order: what makes a question hard counts in both and cancels
    out, so that a small drop is told from chance (Koehn, 2004, "Statistical significance tests")."""
    differences = np.asarray(after, dtype=np.float64) - np.asarray(before, dtype=np.float64)
    return float(np.mean(_means(differences) >= 0))


def _means(values: np.ndarray, seed: int = SEED) -> np.ndarray:
    chance = np.random.default_rng(seed)
    drawn: np.ndarray = values[chance.integers(0, len(values), (ROUNDS, len(values)))].mean(axis=1)
    return drawn
