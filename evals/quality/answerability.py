"""Whether the questions that the articles answer are answered, and the others refused, at each strictness.

    python -m evals.quality.answerability [SET ...] [--questions N]

Each set is indexed, and each question is searched and read as a whole. The table shows the shares of answerable
questions answered and of unanswerable ones refused, and their mean, the balanced accuracy, with its 95 % bootstrap
interval; then how well the confidence, which is the probability of the best sentence, tells the two apart. Public sets
are read from ``../shared``; a set that is missing is skipped.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
from sklearn.metrics import roc_auc_score

from askseoul import AskSeoul
from askseoul.answering.answerability import confidence, judge, read_evidence
from askseoul.answering.question_search import HITS
from askseoul.retrieval.evidence import select_evidence
from askseoul.retrieval.question import read_question
from askseoul.retrieval.search import search
from askseoul.settings import Strictness
from evals.common.accuracy import accuracy_interval
from evals.common.data import QuestionSet, read_question_sets

LEVELS: tuple[Strictness, ...] = get_args(Strictness)


@dataclass(frozen=True)
class Result:
    """What is made of a question."""

    answerable: bool
    confidence: float
    answered: tuple[bool, ...]
    """At each of LEVELS."""


def measure(dataset: QuestionSet, index: Path) -> list[Result]:
    """Index the articles of a set and put its questions to them."""
    results = []
    with AskSeoul.open(index, create=True, precision="f32") as app:
        app.index(dataset.folders)
        for text, answerable in dataset.questions:
            question = read_question(text)
            hits = search(question.text, encoder=app.encoder, store=app.store, count=HITS)
            evidence = read_evidence(question, select_evidence(question, hits, encoder=app.encoder), app.reader)
            answered = tuple(judge(question, evidence, strictness=level) is None for level in LEVELS)
            results.append(Result(answerable, confidence(evidence), answered))
    return results


def table_rows(name: str, results: Sequence[Result]) -> Iterator[str]:
    """The rows of one set: one a strictness, of which the first has the AUROC of the confidence too."""
    labels = np.array([result.answerable for result in results])
    area = f"{roc_auc_score(labels, [result.confidence for result in results]):8.3f}"
    for place, level in enumerate(LEVELS):
        answered = np.array([result.answered[place] for result in results])
        right = float(answered[labels].mean()), float((~answered[~labels]).mean())
        low, high = accuracy_interval(labels, answered)
        yield (
            f"{name:14}{len(results):>6}  {level:9}{right[0]:>9.2f}{right[1]:>9.2f}"
            f"{sum(right) / 2:>10.3f} ({low:.2f} to {high:.2f}){area}"
        )
        area = ""


def main() -> None:
    """Measure the sets and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", metavar="SET", help="names of sets; all sets if none is given")
    parser.add_argument("--questions", type=int, default=500, help="maximum number of questions of a public set")
    arguments = parser.parse_args()
    print(f"{'set':14}{'asked':>6}  {'':9}{'answered':>9}{'refused':>9}{'balanced':>10}{'':15}{'AUROC':>8}")
    with tempfile.TemporaryDirectory() as work:
        for dataset in read_question_sets(Path(work), arguments.questions):
            if not arguments.sets or dataset.name in arguments.sets:
                results = measure(dataset, Path(work) / f"{dataset.name}.index")
                print("\n".join(table_rows(dataset.name, results)), flush=True)


if __name__ == "__main__":
    main()
