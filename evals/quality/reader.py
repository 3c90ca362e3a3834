"""How well the reader reads, on stories that it was not trained on and on public sets.

    python -m evals.quality.reader [stories] [wice] [summedits] [nanco] [time] [--reader FOLDER] [--results FILE]
                                   [--held-out FILE]

``stories`` are the 48 of ``training/stories`` that never train what ships. Every figure has a control, in which the
evidence is exchanged for another story's: there it has to fall to chance. ``wice``, ``summedits`` and ``nanco`` are
public sets in ``../shared/bench``. What the reader says and how much of the content is found are weighed, and
thresholds chosen, by cross-validation: in five folds, or for the four questions of NAnCo in four. All this is measured
in 32 bits, which gives the same figures on every processor. ``time`` compares a question's 24 candidates with the
encoder on as many texts of that length, as both run by default.

Intervals are 95 % bootstrap intervals. ``--results`` keeps the figures of the public sets and the time, and
``--held-out`` those of the stories, for ``training/README.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import BaseCrossValidator, GroupKFold, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from training.figures import figures, read, write_results
from training.stories import part_of, read_stories

from askseoul.models.encoder import load_encoder
from askseoul.models.reader import (
    CONTRADICTED,
    SAME,
    SUPPORTED,
    AnswerPair,
    Candidate,
    EvidencedClaim,
    FloatVector,
    Reader,
    load_reader,
)
from askseoul.verification.guards import content_share
from evals.common.accuracy import Flags, cross_validated_accuracy
from evals.common.claims import Claim, nearest, read_claims, sentences_of
from evals.common.data import SEED, SHARED, read_rows

PARTS: Final = ("stories", "wice", "summedits", "nanco", "time")
CANDIDATES: Final = 24
"""Sentences that are read for one question."""
ROUNDS: Final = 7
FOLDS: Final = 5
WEIGHED: Final = ("by both", "by the reader", "by words")
"""Kinds of features that public sets are judged by."""


def main() -> None:
    """Measure the chosen parts, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[], metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--reader", type=Path, help="folder of other weights (ASKSEOUL_READER)")
    parser.add_argument("--stories", type=int, default=48, help="maximum number of stories")
    parser.add_argument("--claims", type=int, default=300, help="maximum number of each domain of SummEdits")
    parser.add_argument("--results", type=Path, help="JSON file for the figures, as training/results/shipped.json")
    parser.add_argument("--held-out", type=Path, help="JSON file for the stories', as training/results/held_out.json")
    arguments = parser.parse_args()
    parts = arguments.parts or PARTS
    if arguments.held_out and "stories" not in parts:
        parser.error("--held-out needs the part stories")
    named = arguments.reader or os.environ.get("ASKSEOUL_READER")
    folder = Path(named) if named else None
    reader = load_reader(folder, "f32")
    results: dict[str, Any] = {"public": {}}
    for part in parts:
        if part in {"wice", "summedits", "nanco"} and not (SHARED / "bench" / part).is_dir():
            print(f"\n{part}: skipped, because {SHARED / 'bench' / part} is missing")
        elif part == "stories":
            measure_stories(reader, arguments.stories, arguments.held_out)
        elif part == "nanco":
            results["public"] |= measure_nanco(reader)
        elif part == "time":
            results |= measure_time(folder)
        else:
            results["public"] |= measure_claims(reader, part, arguments.claims)
    if arguments.results:
        keep_results(arguments.results, results)


def keep_results(path: Path, results: dict[str, Any]) -> None:
    """Write figures as JSON, after those of the rules that stood in the reader's place, if the file has them."""
    before = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    record = {"rules": before["rules"]} if "rules" in before else {}
    rounded = json.loads(json.dumps(record | results), parse_float=lambda number: round(float(number), 4))
    path.write_text(json.dumps(rounded, indent=1) + "\n", encoding="utf-8")


def measure_stories(reader: Reader, limit: int, held_out: Path | None = None) -> None:
    """Print the figures of the held-out stories, all together and by family; write them to a file if one is named."""
    readings = read(reader, part_of(read_stories(), "held_out")[:limit])
    found = figures(readings)
    by_family = defaultdict(list)
    for reading in readings:
        by_family[reading.story.family].append(reading)
    families = {family: figures(of_family) for family, of_family in sorted(by_family.items())}
    print(f"{len(readings)} stories with their twins, which did not train the reader\n")
    print(f"{'':42}{'':26}" + "".join(f"{family:>8}" for family in families))
    for name, figure in found.items():
        columns = "".join(f"{of_family[name].value:8.2f}" for of_family in families.values())
        print(f"{name:42}{figure!s:26}{columns}")
    if held_out:
        write_results(held_out, found, families, readings)


def measure_claims(reader: Reader, name: str, limit: int) -> dict[str, dict[str, Any]]:
    """Print how well supported claims are told from others in WiCE, or in each domain of SummEdits."""
    by_set: dict[str, list[Claim]] = defaultdict(list)
    for claim in read_claims(limit):
        if (claim.set == "wice") == (name == "wice"):
            by_set[claim.set].append(claim)
    found: dict[str, dict[str, Any]] = {}
    for of_set, claims in by_set.items():
        title = "WiCE" if of_set == "wice" else f"SummEdits, {of_set}"
        features = np.array([_claim_features(reader, claim) for claim in claims])
        found |= _separations(title, np.array([claim.supported for claim in claims]), features, words=3)
    if name == "summedits":
        means = {by: [each for title, each in found.items() if title.endswith(by)] for by in WEIGHED}
        for by, domains in means.items():
            accuracy = statistics.mean(each["accuracy"]["value"] for each in domains)
            area = statistics.mean(each["auroc"] for each in domains)
            print(f"{f'mean {by}':42}{accuracy:35.3f}, AUROC {area:.3f}")
            found[f"SummEdits, mean {by}"] = {"accuracy": {"value": accuracy}, "auroc": area}
    return found


def _claim_features(reader: Reader, claim: Claim) -> list[float]:
    """Return what is found of a claim: the least of its sentences, over the text that has most of its content."""
    texts = [
        [_sentence_features(reader, sentence, text) for sentence in sentences_of(claim.text) or (claim.text,)]
        for text in claim.evidence
    ]
    return max((np.min(of_text, axis=0).tolist() for of_text in texts), key=lambda features: float(features[-1]))


def _sentence_features(reader: Reader, sentence: str, text: Sequence[str]) -> list[float]:
    """Return what the reader says, in log odds, of the nearest sentences of a text; then how much of the content
    the nearest one, three of them and the text have."""
    near = nearest(sentence, text)
    evidence = [near[:3], near, *([one] for one in near)]
    read = reader.supports([EvidencedClaim(sentence, one) for one in evidence])
    supported, contradicted = _log_odds(read[:, SUPPORTED]), _log_odds(read[:, CONTRADICTED])
    odds = (supported[0], supported[1], supported[2:].max(), -contradicted[0])
    return [*map(float, odds), *(content_share(sentence, one) for one in (near[:1], near[:3], text))]


def measure_nanco(reader: Reader) -> dict[str, dict[str, Any]]:
    """Print and return how well it is told whether two outlets give the same answer."""
    rows = read_rows(SHARED / "bench" / "nanco" / "pairs.jsonl.gz")
    features = np.column_stack([*_nanco_features(reader, rows)])
    questions = [row["question"] for row in rows]
    return _separations("NAnCo", np.array([bool(row["label"]) for row in rows]), features, words=4, groups=questions)


def _nanco_features(reader: Reader, rows: Sequence[dict[str, str]]) -> Iterator[FloatVector]:
    """Yield, in log odds, whether the answers are the same and whether each supports the other; then how much of each
    one's content the other has."""
    ways = (("answer1", "answer2"), ("answer2", "answer1"), ("answer1", "paragraph2"), ("answer2", "paragraph1"))
    for left, right in (("answer1", "answer2"), ("paragraph1", "paragraph2")):
        pairs = [AnswerPair(row["question"], row[left], row[right]) for row in rows]
        yield _log_odds(reader.relations(pairs)[:, SAME])
    for claim, evidence in ways[1:]:
        claims = [EvidencedClaim(f"{row['question']} {row[claim]}", [row[evidence]]) for row in rows]
        yield _log_odds(reader.supports(claims)[:, SUPPORTED])
    for claim, evidence in ways[1:]:
        yield np.array([content_share(row[claim], [row[evidence]]) for row in rows], np.float32)
    yield np.array([content_share(row["answer1"], [row["answer2"]]) for row in rows], np.float32)


def _separations(
    name: str, labels: Flags, features: NDArray[np.floating[Any]], words: int, groups: Sequence[str] | None = None
) -> dict[str, dict[str, Any]]:
    """Print and return how well features separate two labels, weighed by cross-validation: all, and each kind alone.

    The last ``words`` of the features are by words, the others by the reader. A group, of which there may be fewer
    than FOLDS, stays together in a fold.
    """
    if groups is None:
        folds: BaseCrossValidator = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    else:
        folds = GroupKFold(min(FOLDS, len(set(groups))))
    weigh = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, class_weight="balanced"))
    found = {}
    for by, chosen in zip(WEIGHED, (features, features[:, :-words], features[:, -words:]), strict=True):
        weighed = cross_val_predict(weigh, chosen, labels, groups=groups, cv=folds, method="predict_proba")[:, 1]
        found[f"{name} {by}"] = _separation(f"{name} {by}", labels, weighed)
    return found


def _separation(name: str, labels: Flags, scores: NDArray[np.floating[Any]]) -> dict[str, Any]:
    """Print and return how well scores separate two labels."""
    accuracy, low, high = cross_validated_accuracy(labels, scores.astype(np.float64))
    area = float(roc_auc_score(labels, scores))
    print(f"{name:42}{len(labels):>6} items, balanced accuracy {accuracy:.3f} ({low:.2f} to {high:.2f}), ", end="")
    print(f"AUROC {area:.3f}", flush=True)
    return {"accuracy": {"value": accuracy, "low": low, "high": high}, "auroc": area}


def _log_odds(probabilities: FloatVector) -> FloatVector:
    clipped = np.clip(probabilities, 1e-6, 1 - 1e-6)
    odds: FloatVector = np.log(clipped / (1 - clipped))
    return odds


def measure_time(folder: Path | None) -> dict[str, float]:
    """Print and return the seconds of a question's candidates, and by turns of the encoder on as many texts as long."""
    reader, encoder = load_reader(folder), load_encoder()
    stories = part_of(read_stories(), "held_out")
    question = stories[0].questions[0].text
    places = [(story, identifier) for story in stories for identifier in story.sentence_ids()]
    candidates = [
        Candidate(question, story.sentence(identifier), story.around(identifier))
        for story, identifier in random.Random(SEED).sample(places, CANDIDATES)
    ]
    texts = [f"{one.question} {one.sentence} {one.around}" for one in candidates]
    tokens = statistics.mean(
        len(reader.tokenizer.answers(one.question, one.sentence, one.around).ids) for one in candidates
    )
    measured = []
    for _ in range(ROUNDS + 1):
        reading = _seconds(lambda: reader.answers(candidates))
        measured.append((reading, _seconds(lambda: encoder.encode_document(texts))))
    # The first round warms both up.
    reading, encoding = (statistics.median(seconds) for seconds in zip(*measured[1:], strict=True))
    print(f"{CANDIDATES} candidates of {tokens:.0f} tokens: reader {reading:.3f} s, ", end="")
    print(f"encoder {encoding:.3f} s, ratio {reading / encoding:.2f}")
    return {"tokens": tokens, "reader": reading, "encoder": encoding}


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
