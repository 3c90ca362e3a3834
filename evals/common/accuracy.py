"""Balanced accuracy of yes-or-no decisions, with 95 % bootstrap intervals."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import StratifiedKFold

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

SEED: Final = 5
RESAMPLES: Final = 500
REPEATS: Final = 10


def accuracy_interval(labels: Flags, predictions: Flags) -> tuple[float, float]:
    """The 95 % bootstrap interval of the balanced accuracy, over resamples that contain both labels."""
    chance = np.random.default_rng(SEED)
    drawn = []
    for _ in range(RESAMPLES):
        places = chance.integers(0, len(labels), len(labels))
        if 0 < labels[places].sum() < len(places):
            drawn.append(balanced_accuracy_score(labels[places], predictions[places]))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def cross_validated_accuracy(labels: Flags, scores: Floats) -> tuple[float, float, float]:
    """Balanced accuracy with a threshold chosen by five-fold cross-validation, and its 95 % interval (low, high).

    Each fold uses the best threshold of the other four. All three figures are means over REPEATS random foldings.
    """
    figures = []
    for seed in range(REPEATS):
        predictions = np.zeros(len(scores), bool)
        for train, test in StratifiedKFold(5, shuffle=True, random_state=seed).split(scores, labels):
            thresholds = np.unique(scores[train])
            accuracies = [balanced_accuracy_score(labels[train], scores[train] >= t) for t in thresholds]
            predictions[test] = scores[test] >= thresholds[int(np.argmax(accuracies))]
        accuracy = float(balanced_accuracy_score(labels, predictions))
        figures.append((accuracy, *accuracy_interval(labels, predictions)))
    mean, low, high = np.mean(figures, axis=0)
    return float(mean), float(low), float(high)
