"""Whether the pipeline answers the questions that the articles answer, and refuses the others.

    python -m evals.quality.answerability [SET ...] [--questions N] [--fit]

Each set is indexed and its questions go through the whole pipeline. The table shows the balanced accuracy with the
shipped weights, and with a threshold chosen by five-fold cross-validation on the set itself. ``--fit`` fits the weights
of ``askseoul.answering.answerability`` to all sets, prints them, and shows how well weights perform on a set that was
left out of the fit. Public sets are read from ``../shared``; a set that is missing is skipped.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from sklearn.preprocessing import StandardScaler

from askseoul import AskSeoul
from askseoul.answering.answerability import Features, log_odds, read_features
from askseoul.nlp.entities import find_names
from askseoul.nlp.text import parse
from askseoul.pipeline import HITS
from askseoul.retrieval.evidence import select_evidence
from askseoul.retrieval.question import read_question
from askseoul.retrieval.search import search
from evals.common.accuracy import accuracy_interval, cross_validated_accuracy
from evals.common.data import QuestionSet, read_question_sets

FIT_WEIGHTS: Final = {"digests free": 0.7, "clapnq": 2.0, "mixed": 0.7, "qed": 0.5}
"""Weight of a set in the fit, where it is not 1."""
ANSWER_BIAS: Final = 0.5
"""Added to the fitted log odds: an answer shows its evidence, while a wrong refusal hides it."""


@dataclass(frozen=True)
class Example:
    """A question with its label and the features that the classifier sees."""

    answerable: bool
    named: bool
    """Whether the question contains a name. Questions with names have weights of their own."""
    features: Features

    @property
    def log_odds(self) -> float:
        """The log odds of an answer with the shipped weights."""
        return log_odds(self.features, named=self.named)


def read_examples(dataset: QuestionSet, index: Path) -> list[Example]:
    """Index the articles of a set and compute the features of its questions. Questions without evidence are skipped."""
    examples = []
    with AskSeoul.open(index, create=True, precision="f32") as app:
        app.index(dataset.folders)
        for text, answerable in dataset.questions:
            question = read_question(text)
            hits = search(question.text, encoder=app.encoder, store=app.store, count=HITS)
            evidence = select_evidence(question, hits, encoder=app.encoder)
            if evidence:
                names = find_names(parse(question.text), tuple(parse(item.quote.text) for item in evidence[:8]))
                named = any(name.distinctive for name in names)
                examples.append(Example(answerable, named, read_features(question, evidence, hits)))
    return examples


def table_row(name: str, examples: Sequence[Example]) -> str:
    """The row of one set."""
    labels = np.array([example.answerable for example in examples])
    scores = np.array([example.log_odds for example in examples])
    answered = scores > 0
    low, high = accuracy_interval(labels, answered)
    validated, validated_low, validated_high = cross_validated_accuracy(labels, scores)
    return (
        f"{name:14}{len(examples):>6}{answered[labels].mean():>10.2f}{1 - answered[~labels].mean():>9.2f}"
        f"{balanced_accuracy_score(labels, answered):>10.3f} ({low:.2f} to {high:.2f})"
        f"{validated:>8.3f} ({validated_low:.2f} to {validated_high:.2f})"
        f"{roc_auc_score(labels, scores):>8.3f}"
    )


def fit(sets: dict[str, list[Example]], *, named: bool) -> tuple[float, list[float]]:
    """Fit a logistic regression to the questions with names, or to those without.

    In each set, answerable and unanswerable questions have the same total weight. Returns the intercept and a weight
    for each feature, in log odds.
    """
    features, labels, weights = [], [], []
    for name, examples in sets.items():
        for label in (True, False):
            with_label = [example for example in examples if example.answerable is label]
            features += [example.features for example in with_label if example.named is named]
            count = sum(example.named is named for example in with_label)
            labels += [label] * count
            weights += [FIT_WEIGHTS.get(name, 1.0) / len(with_label)] * count
    scaler = StandardScaler().fit(features)
    scaled = np.array(weights) * len(weights) / sum(weights)
    model = LogisticRegression(C=0.1, max_iter=3_000).fit(scaler.transform(features), labels, sample_weight=scaled)
    slopes = model.coef_[0] / scaler.scale_
    return float(model.intercept_[0] - slopes @ scaler.mean_), [float(slope) for slope in slopes]


def print_fit(sets: dict[str, list[Example]]) -> None:
    """Print the weights fitted to all sets with ANSWER_BIAS, and the scores on each set when it is left out."""
    intercept, slopes = fit(sets, named=True)
    print(f"_NAMED = ({intercept + ANSWER_BIAS:.2f}, Features({', '.join(f'{slope:.2f}' for slope in slopes)}))")
    intercept, slopes = fit(sets, named=False)
    slopes[Features._fields.index("articles")] -= ANSWER_BIAS
    print(f"_NAMELESS = ({intercept + ANSWER_BIAS:.2f}, Features({', '.join(f'{slope:.2f}' for slope in slopes)}))")
    for left_out, examples in sets.items():
        others = {name: of_set for name, of_set in sets.items() if name != left_out}
        weights = {named: fit(others, named=named) for named in (True, False)}
        scores = [weights[each.named][0] + float(np.dot(weights[each.named][1], each.features)) for each in examples]
        labels = np.array([example.answerable for example in examples])
        accuracy = balanced_accuracy_score(labels, np.array(scores) > 0)
        print(f"fitted without {left_out:14}: AUROC {roc_auc_score(labels, scores):.3f}, at 0 {accuracy:.3f}")


def main() -> None:
    """Measure the sets and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", metavar="SET", help="names of sets; all sets if none is given")
    parser.add_argument("--questions", type=int, default=500, help="maximum number of questions of a public set")
    parser.add_argument("--fit", action="store_true", help="fit the weights and print them")
    arguments = parser.parse_args()
    print(
        f"{'set':14}{'asked':>6}{'answered':>10}{'refused':>9}{'balanced':>10}{'':14} {'by CV':>8}{'':15}{'AUROC':>8}"
    )
    examples: dict[str, list[Example]] = {}
    with tempfile.TemporaryDirectory() as work:
        for dataset in read_question_sets(Path(work), arguments.questions):
            if not arguments.sets or dataset.name in arguments.sets:
                examples[dataset.name] = read_examples(dataset, Path(work) / f"{dataset.name}.index")
                print(table_row(dataset.name, examples[dataset.name]), flush=True)
    if arguments.fit:
        print_fit(examples)


if __name__ == "__main__":
    main()
