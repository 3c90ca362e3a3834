"""How well disagreements between articles are detected and classified.

    python -m evals.quality.disagreement [pairs] [nanco] [ramdocs] [--questions N] [--pairs FILE]

``pairs`` asks each question of ``gold/disagreements.jsonl`` over an index of its two short articles. It shows the
balanced accuracy of reporting a disagreement, and how often its kind is correct. ``nanco`` and ``ramdocs`` are public
sets in ``../shared/bench``: NAnCo asks whether two outlets give the same answer, which the reader judges alone; RAMDocs
whether the documents of a question disagree at all. Intervals are 95 % bootstrap intervals over the items.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from sklearn.metrics import roc_auc_score

from askseoul import AskSeoul
from askseoul.domain import Answer
from askseoul.evaluation.metrics import bootstrap_of_both
from askseoul.index.store import Store
from askseoul.models.encoder import Encoder, load_encoder
from askseoul.models.reader import SAME, AnswerPair, Reader, load_reader
from evals.common.data import GOLD, SHARED, read_rows, with_front_matter

PAIRS: Final = GOLD / "disagreements.jsonl"
PARTS: Final = ("pairs", "nanco", "ramdocs")
SAID_THE_SAME: Final = 0.5
"""Probability from which the reader says that two answers are the same."""


def main() -> None:
    """Measure the chosen parts, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[], metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--questions", type=int, default=250, help="maximum number of questions of RAMDocs")
    parser.add_argument("--pairs", type=Path, default=PAIRS, help="file of pairs to use instead of the gold file")
    arguments = parser.parse_args()
    encoder, reader = load_encoder(precision="f32"), load_reader(precision="f32")
    for part in arguments.parts or PARTS:
        if part == "pairs":
            measure_pairs(read_rows(arguments.pairs), encoder, reader)
        elif not (SHARED / "bench" / part).exists():
            print(f"\n{part}: skipped, because {SHARED / 'bench' / part} is missing")
        elif part == "nanco":
            measure_nanco(read_rows(SHARED / "bench" / "nanco" / "pairs.jsonl.gz"), encoder, reader)
        else:
            questions = read_rows(SHARED / "bench" / "ramdocs" / "questions.jsonl.gz")
            measure_ramdocs(questions[: arguments.questions], encoder, reader)


def measure_pairs(pairs: Sequence[dict[str, Any]], encoder: Encoder, reader: Reader) -> None:
    """Print how often a disagreement is reported, by set and by kind, and how often its kind is correct."""
    answers = [ask_over(pair["question"], pair["articles"], encoder, reader) for pair in pairs]
    answered = list(zip(pairs, answers, strict=True))
    for name in [*dict.fromkeys(pair["set"] for pair in pairs), "all"]:
        in_set = [(pair, answer) for pair, answer in answered if name in (pair["set"], "all")]
        differ = [pair["label"] != "none" for pair, _ in in_set]
        reported = [bool(answer.disagreements) for _, answer in in_set]
        kinds = [
            (pair["label"], answer.disagreements[0].kind)
            for pair, answer in in_set
            if pair["label"] != "none" and answer.disagreements
        ]
        print(f"\npairs, {name}: {len(in_set)}, of which {sum(differ)} disagree")
        print(f"  balanced accuracy {with_interval(differ, reported)}")
        without_forecasts = [(label, kind) for label, kind in kinds if label != "forecast"]
        shares = _share(label == kind for label, kind in without_forecasts)
        print(f"  superseded or conflict correct {shares} of {len(without_forecasts)} reported")
        print(f"  kind correct {_share(label == kind for label, kind in kinds)} of {len(kinds)} reported")
        print(f"  refused {_share(not answer.answered for _, answer in in_set)}")
    reported_by_kind = Counter((pair["label"], pair["kind"]) for pair, answer in answered if answer.disagreements)
    for (label, kind), count in sorted(Counter((pair["label"], pair["kind"]) for pair in pairs).items()):
        print(f"    {label:<11} {kind:<14} reported {reported_by_kind[label, kind]} of {count}")


def measure_nanco(pairs: Sequence[dict[str, Any]], encoder: Encoder, reader: Reader) -> None:
    """Print how well the reader's "same" agrees with people's, and the best cosine threshold, fitted to this set."""
    same = [bool(pair["label"]) for pair in pairs]
    read = reader.relations([AnswerPair(pair["question"], pair["answer1"], pair["answer2"]) for pair in pairs])[:, SAME]
    predicted = (read > SAID_THE_SAME).tolist()
    texts = sorted({pair[key] for pair in pairs for key in ("answer1", "answer2")})
    vectors = dict(zip(texts, (encoding.vector for encoding in encoder.encode_document(texts)), strict=True))
    cosines = np.array([float(vectors[pair["answer1"]] @ vectors[pair["answer2"]]) for pair in pairs])
    thresholds = np.quantile(cosines, np.linspace(0, 1, 200))
    best = max(balanced(same, (cosines > threshold).tolist()) for threshold in thresholds)
    print(f"\nnanco: {len(pairs)} pairs")
    print(f"  balanced accuracy {with_interval(same, predicted)}")
    print(f"  AUROC {roc_auc_score(same, read):.3f}; balanced accuracy of the best cosine threshold {best:.3f}")


def measure_ramdocs(questions: Sequence[dict[str, Any]], encoder: Encoder, reader: Reader) -> None:
    """Print the balanced accuracy of reporting a disagreement where the documents give several answers."""
    differ, reported = [], []
    for question in questions:
        answers = {document["answer"] for document in question["documents"] if document["answer"] != "unknown"}
        documents = [
            {"name": f"{number}.md", "title": "", "published": None, "text": document["text"]}
            for number, document in enumerate(question["documents"])
        ]
        differ.append(len(answers) > 1)
        reported.append(bool(ask_over(question["question"], documents, encoder, reader).disagreements))
    print(f"\nramdocs: {len(questions)} questions, {sum(differ)} with several answers")
    print(f"  balanced accuracy {with_interval(differ, reported)}; reported for {_share(reported)}")


def ask_over(question: str, articles: Iterable[dict[str, Any]], encoder: Encoder, reader: Reader) -> Answer:
    """The answer to a question over an index of these articles alone."""
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for article in articles:
            path = Path(folder, article["name"])
            fields = {"title": article["title"], "published": article["published"]}
            path.write_text(with_front_matter(article["text"], fields), encoding="utf-8")
            files.append(path)
        store = Store.open(Path(folder, "index"), encoder=encoder, create=True)
        with AskSeoul(store, encoder, None, lambda: reader) as app:
            app.index(files)
            return app.ask(question)


def balanced(labels: Sequence[bool], predictions: Sequence[bool]) -> float:
    """Balanced accuracy: the mean of sensitivity and specificity."""
    labels_, predictions_ = np.array(labels, dtype=bool), np.array(predictions, dtype=bool)
    return float((predictions_[labels_].mean() + (~predictions_[~labels_]).mean()) / 2)


def with_interval(labels: Sequence[bool], predictions: Sequence[bool]) -> str:
    """Balanced accuracy with its 95 % bootstrap interval, sensitivity and specificity."""
    both = list(zip(labels, predictions, strict=True))
    found = [float(predicted) for label, predicted in both if label]
    left_alone = [float(not predicted) for label, predicted in both if not label]
    low, high = bootstrap_of_both(found, left_alone)
    return (
        f"{balanced(labels, predictions):.3f} ({low:.2f} to {high:.2f}); "
        f"sensitivity {np.mean(found):.2f}, specificity {np.mean(left_alone):.2f}"
    )


def _share(outcomes: Iterable[bool]) -> str:
    counted = list(outcomes)
    return f"{sum(counted) / len(counted):.2f}" if counted else "–"


if __name__ == "__main__":
    main()
