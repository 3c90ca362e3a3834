"""Is a question refused when the articles don't answer it, and answered when they do?

    python evals/refusal.py [SET …] [--questions N] [--fit]

Every set is indexed and asked through the whole pipeline, and its balanced accuracy is printed with the shipped weights
and with a threshold chosen by five-fold cross-validation on the set itself. ``--fit`` prints the weights of
``answerability`` again, fitted on all of the sets, and beside them how well the weights do that were fitted without the
set that they are judged on. The public sets are read from ``../shared``; one that is not there is left out.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler

from askseoul import AskSeoul
from askseoul.answering.answerability import Features, log_odds, read_signs
from askseoul.nlp.entities import names_of
from askseoul.nlp.text import normalize
from askseoul.pipeline import HITS
from askseoul.retrieval.evidence import select_evidence
from askseoul.retrieval.question import read_question
from askseoul.retrieval.search import search

ROOT: Final = Path(__file__).resolve().parents[2]
SHARED: Final = ROOT.parent / "shared"
FOREIGN: Final = 2_000
"""Texts on other subjects beside the original articles."""
SEED: Final = 5
RESAMPLES: Final = 500
REPEATS: Final = 10
FIT_WEIGHTS: Final = {"digests free": 0.7, "clapnq": 2.0, "mixed": 0.7, "qed": 0.5}
"""What a set counts when the weights are fitted, where that is not 1."""
TOWARDS_ANSWERING: Final = 0.5
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Set:
    """Articles, and questions on them of which some can't be answered."""

    name: str
    folders: tuple[Path, ...]
    """What is indexed."""
    questions: tuple[tuple[str, bool], ...]
    """Each question and whether the articles answer it."""


@dataclass(frozen=True)
class Reading:
    """What was read of one question."""

    answerable: bool
    named: bool
    signs: Features

    @property
    def odds(self) -> float:
        """Log odds that it is answered, with the shipped weights."""
        return log_odds(self.signs, named=self.named)


def rows(path: Path) -> list[dict[str, Any]]:
    """The objects of a file of JSON lines, gzipped or not."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def gold(path: Path) -> tuple[tuple[str, bool], ...]:
    """The English questions of a gold file."""
    return tuple((row["question"], row["kind"] != "unanswerable") for row in rows(path) if row["lang"] == "en")


def write(folder: Path, texts: Sequence[tuple[str, str]]) -> Path:
    """Each text with its title as an article of its own."""
    folder.mkdir(parents=True)
    for number, (title, text) in enumerate(texts):
        if title:
            content = f"---\ntitle: {json.dumps(title)}\n---\n{text}\n"
            (folder / f"{number:05}.md").write_text(content, encoding="utf-8")
        else:
            (folder / f"{number:05}.txt").write_text(f"{text}\n", encoding="utf-8")
    return folder


def read_sets(work: Path, most: int) -> Iterator[Set]:
    """The sets that are there, the public ones written into ``work`` as articles."""
    digests = (ROOT / "index" / "articles",)
    yield Set("digests", digests, gold(ROOT / "evals" / "gold" / "digests.jsonl"))
    yield Set("digests free", digests, gold(ROOT / "evals" / "gold" / "digests_free.jsonl"))
    originals, questions = SHARED / "articles", SHARED / "gold" / "articles.jsonl"
    if not originals.is_dir():
        return
    yield Set("originals", (originals,), gold(questions))
    paragraphs = rows(SHARED / "bench" / "nq_paragraphs" / "passages.jsonl.gz")
    random.Random(SEED).shuffle(paragraphs)
    foreign = write(work / "foreign", [("", row["text"]) for row in paragraphs[:FOREIGN]])
    yield Set("mixed", (originals, foreign), gold(questions))
    clapnq = [
        (row["input"], answerable, row["passages"][0])
        for name, answerable in (("answerable", True), ("unanswerable", False))
        for row in rows(SHARED / "bench" / "clapnq" / f"{name}.jsonl.gz")[: most // 2]
    ]
    texts = [(passage["title"], passage["text"]) for _, _, passage in clapnq]
    yield Set("clapnq", (write(work / "clapnq", texts),), tuple((asked, is_held) for asked, is_held, _ in clapnq))
    squad = rows(SHARED / "bench" / "squad2" / "sample.jsonl.gz")[:most]
    contexts = [("", context) for context in dict.fromkeys(row["context"] for row in squad)]
    asked = tuple((row["question"], not row["is_impossible"]) for row in squad)
    yield Set("squad2", (write(work / "squad2", contexts),), asked)
    if (SHARED / "training").is_dir():
        yield _qed(work, most)


def _qed(work: Path, most: int) -> Set:
    """Paragraphs of which half had the sentence with the answer cut out by rule: to fit on, never to report."""
    chance = random.Random(SEED)
    taken: dict[str, tuple[str, bool]] = {}
    for name, answerable in (("qed_para", True), ("qed_para_removed", False)):
        found = [row for row in rows(SHARED / "training" / f"{name}.jsonl.gz") if bool(row["label"]) == answerable]
        chance.shuffle(found)
        fresh = [row for row in found if row["question"] not in taken][: most // 2]
        taken |= {row["question"]: (row["passage"], answerable) for row in fresh}
    texts = [("", passage) for passage, _ in taken.values()]
    return Set("qed", (write(work / "qed", texts),), tuple((asked, held) for asked, (_, held) in taken.items()))


def read(known: Set, index: Path) -> list[Reading]:
    """Index the articles of a set and read the signs of every question."""
    readings = []
    with AskSeoul.open(index, create=True, precision="f32") as app:
        app.index(known.folders)
        for text, answerable in known.questions:
            question = read_question(text)
            hits = search(question.text, encoder=app.encoder, store=app.store, count=HITS)
            evidence = select_evidence(question, hits, encoder=app.encoder)
            if evidence:
                names = names_of(normalize(question.text), [normalize(item.quote.text) for item in evidence[:8]])
                named = any(name.telling for name in names)
                readings.append(Reading(answerable, named, read_signs(question, evidence, hits)))
    return readings


def interval(answerable: Flags, answered: Flags) -> tuple[float, float]:
    """95 % bootstrap interval of the balanced accuracy."""
    chance = np.random.default_rng(SEED)
    drawn = []
    for _ in range(RESAMPLES):
        places = chance.integers(0, len(answerable), len(answerable))
        if 0 < answerable[places].sum() < len(places):
            drawn.append(balanced_accuracy_score(answerable[places], answered[places]))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def cross_validated(answerable: Flags, odds: Floats) -> tuple[float, float, float]:
    """Balanced accuracy when each fold's threshold is the best one of the other four, with its 95 % interval: the mean
    over REPEATS ways to fold."""
    figures = []
    for seed in range(REPEATS):
        answered = np.zeros(len(odds), bool)
        for train, test in StratifiedKFold(5, shuffle=True, random_state=seed).split(odds, answerable):
            thresholds = np.unique(odds[train])
            accuracies = [balanced_accuracy_score(answerable[train], odds[train] >= t) for t in thresholds]
            answered[test] = odds[test] >= thresholds[int(np.argmax(accuracies))]
        figures.append((float(balanced_accuracy_score(answerable, answered)), *interval(answerable, answered)))
    mean, low, high = np.mean(figures, axis=0)
    return float(mean), float(low), float(high)


def report(name: str, readings: Sequence[Reading]) -> str:
    """One row of the table."""
    answerable = np.array([reading.answerable for reading in readings])
    odds = np.array([reading.odds for reading in readings])
    answered = odds > 0
    low, high = interval(answerable, answered)
    chosen, low_chosen, high_chosen = cross_validated(answerable, odds)
    return (
        f"{name:14}{len(readings):>6}{answered[answerable].mean():>10.2f}{1 - answered[~answerable].mean():>9.2f}"
        f"{balanced_accuracy_score(answerable, answered):>10.3f} ({low:.2f} to {high:.2f})"
        f"{chosen:>8.3f} ({low_chosen:.2f} to {high_chosen:.2f})"
        f"{roc_auc_score(answerable, odds):>8.3f}"
    )


def fit(sets: dict[str, list[Reading]], *, named: bool) -> tuple[float, list[float]]:
    """Intercept and weights for questions with names or for those without, every set and label weighing the same."""
    signs, answerable, weights = [], [], []
    for name, readings in sets.items():
        for label in (True, False):
            chosen = [reading for reading in readings if reading.answerable is label]
            signs += [reading.signs for reading in chosen if reading.named is named]
            count = sum(reading.named is named for reading in chosen)
            answerable += [label] * count
            weights += [FIT_WEIGHTS.get(name, 1.0) / len(chosen)] * count
    scaler = StandardScaler().fit(signs)
    scaled = np.array(weights) * len(weights) / sum(weights)
    model = LogisticRegression(C=0.1, max_iter=3_000).fit(scaler.transform(signs), answerable, sample_weight=scaled)
    slopes = model.coef_[0] / scaler.scale_
    return float(model.intercept_[0] - slopes @ scaler.mean_), [float(slope) for slope in slopes]


def print_fit(sets: dict[str, list[Reading]]) -> None:
    """The weights over all sets, moved towards answering, and how weights do that never saw the set they judge."""
    intercept, slopes = fit(sets, named=True)
    print(f"_NAMED = ({intercept + TOWARDS_ANSWERING:.2f}, Signs({', '.join(f'{slope:.2f}' for slope in slopes)}))")
    intercept, slopes = fit(sets, named=False)
    slopes[Features._fields.index("articles")] -= TOWARDS_ANSWERING
    print(f"_NAMELESS = ({intercept + TOWARDS_ANSWERING:.2f}, Signs({', '.join(f'{slope:.2f}' for slope in slopes)}))")
    for left_out, readings in sets.items():
        others = {name: read for name, read in sets.items() if name != left_out}
        weights = {named: fit(others, named=named) for named in (True, False)}
        odds = [weights[r.named][0] + float(np.dot(weights[r.named][1], r.signs)) for r in readings]
        answerable = np.array([reading.answerable for reading in readings])
        accuracy = balanced_accuracy_score(answerable, np.array(odds) > 0)
        print(f"fitted without {left_out:14}: AUROC {roc_auc_score(answerable, odds):.3f}, at 0 {accuracy:.3f}")


def main() -> None:
    """Read the sets, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", help="names of sets, all if none")
    parser.add_argument("--questions", type=int, default=500, help="of a public set at most")
    parser.add_argument("--fit", action="store_true", help="print the weights of answerability again")
    arguments = parser.parse_args()
    print(
        f"{'set':14}{'asked':>6}{'answered':>10}{'refused':>9}{'balanced':>10}{'':14} {'by CV':>8}{'':15}{'AUROC':>8}"
    )
    readings: dict[str, list[Reading]] = {}
    with tempfile.TemporaryDirectory() as work:
        for known in read_sets(Path(work), arguments.questions):
            if not arguments.sets or known.name in arguments.sets:
                readings[known.name] = read(known, Path(work) / f"{known.name}.index")
                print(report(known.name, readings[known.name]), flush=True)
    if arguments.fit:
        print_fit(readings)


if __name__ == "__main__":
    main()
