"""How well the reader reads, on stories that it was not trained on and on public sets.

    python -m evals.quality.reader [stories] [wice] [summedits] [nanco] [time] [--reader FOLDER]

``stories`` are the 48 of ``training/stories`` that never train what ships. Beside each figure stands that of the rules
in the same run: the checks for claims, late interaction for sentences, and the paraphrase score for relations. Every
figure has a control, in which the evidence is exchanged for another story's: there it has to fall to chance.
``wice``, ``summedits`` and ``nanco`` are public sets in ``../shared/bench``, with thresholds chosen by five-fold
cross-validation. ``time`` compares a question's 24 candidates with the encoder on as many texts of that length.
Intervals are 95 % bootstrap intervals.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from training.figures import figures, read
from training.stories import part_of, read_stories

from askseoul.models.encoder import Encoder, load_encoder
from askseoul.models.graph import FloatMatrix
from askseoul.models.reader import (
    SAME,
    SUPPORTED,
    AnswerPair,
    Candidate,
    EvidencedClaim,
    FloatVector,
    Reader,
    load_reader,
)
from askseoul.nlp.text import parse
from askseoul.verification.alignment import TokenSimilarity
from askseoul.verification.claim import verify_sentence
from evals.common.accuracy import cross_validated_accuracy
from evals.common.data import SEED, SHARED, read_rows
from evals.quality.claims import nearest, read_claims, sentences_of

PARTS: Final = ("stories", "wice", "summedits", "nanco", "time")
CANDIDATES: Final = 24
"""Sentences that are read for one question."""
ROUNDS: Final = 7


class Rules:
    """What stood in the reader's place before it: the checks, late interaction and the paraphrase score."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._similarity = TokenSimilarity(lambda: encoder)

    def answers(self, candidates: Sequence[Candidate]) -> FloatVector:
        """Return, for each sentence, the mean over the question's tokens of the best cosine with one of its own."""
        questions = self._encoder.encode_query([one.question for one in candidates])
        sentences = self._encoder.encode_document([one.sentence for one in candidates])
        best = [
            (one.tokens @ other.tokens.T).max(axis=1).mean() for one, other in zip(questions, sentences, strict=True)
        ]
        return np.clip(np.array(best, np.float32), 0, 1)

    def supports(self, claims: Sequence[EvidencedClaim]) -> FloatMatrix:
        """Return the support of each claim, and the rest as "unsupported"."""
        supports = [
            verify_sentence(
                claim.claim,
                claim.sentences,
                contexts=[claim.context] if claim.context else (),
                similarity=self._similarity,
            )
            for claim in claims
        ]
        kept = np.array(
            [support.support if support.verdict == "supported" else support.support / 2 for support in supports]
        )
        return np.stack([kept, 1 - kept, np.zeros_like(kept)], axis=1).astype(np.float32)

    def relations(self, pairs: Sequence[AnswerPair]) -> FloatMatrix:
        """Return how little the two sentences paraphrase each other as "conflict"."""
        scores = np.array(
            [
                self._similarity.paraphrase_score(parse(pair.question), parse(pair.left), parse(pair.right))
                for pair in pairs
            ]
        )
        same = 1 / (1 + np.exp(-scores))
        return np.stack([same, np.zeros_like(same), 1 - same], axis=1).astype(np.float32)


def main() -> None:
    """Measure the chosen parts, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[], metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--reader", type=Path, help="folder of other weights (ASKSEOUL_READER)")
    parser.add_argument("--stories", type=int, default=48, help="maximum number of stories")
    parser.add_argument("--claims", type=int, default=300, help="maximum number of each domain of SummEdits")
    arguments = parser.parse_args()
    named = arguments.reader or os.environ.get("ASKSEOUL_READER")
    reader = load_reader(Path(named) if named else None, "f32")
    measures: dict[str, Callable[[], None]] = {
        "stories": lambda: measure_stories(reader, arguments.stories),
        "wice": lambda: measure_claims(reader, "wice", arguments.claims),
        "summedits": lambda: measure_claims(reader, "summedits", arguments.claims),
        "nanco": lambda: measure_nanco(reader),
        "time": lambda: measure_time(Path(named) if named else None),
    }
    for part in arguments.parts or PARTS:
        if part in {"wice", "summedits", "nanco"} and not (SHARED / "bench" / part).is_dir():
            print(f"\n{part}: skipped, because {SHARED / 'bench' / part} is missing")
        else:
            measures[part]()


def measure_stories(reader: Reader, limit: int) -> None:
    """Print the figures of the held-out stories, beside those of the rules and by family."""
    stories = part_of(read_stories(), "held_out")[:limit]
    readings = read(reader, stories)
    by_reader, by_rules = figures(readings), figures(read(Rules(load_encoder(precision="f32")), stories))
    by_family = defaultdict(list)
    for reading in readings:
        by_family[reading.story.family].append(reading)
    families = {family: figures(of_family) for family, of_family in sorted(by_family.items())}
    print(f"{len(stories)} stories with their twins, which did not train the reader\n")
    print(f"{'':42}{'reader':26}{'rules':26}" + "".join(f"{family:>8}" for family in families))
    for name, figure in by_reader.items():
        columns = "".join(f"{of_family[name].value:8.2f}" for of_family in families.values())
        print(f"{name:42}{figure!s:26}{by_rules[name]!s:26}{columns}")


def measure_claims(reader: Reader, name: str, limit: int) -> None:
    """Print how well the reader separates supported claims from others in WiCE, or in each domain of SummEdits."""
    by_set: dict[str, list[tuple[bool, float]]] = defaultdict(list)
    for claim in read_claims(limit):
        if (claim.set == "wice") == (name == "wice"):
            by_set[claim.set].append(
                (claim.supported, max(support_of(reader, claim.text, text) for text in claim.evidence))
            )
    accuracies = []
    for of_set, scored in by_set.items():
        labels, scores = np.array([label for label, _ in scored]), np.array([score for _, score in scored])
        accuracy, low, high = cross_validated_accuracy(labels, scores)
        accuracies.append(accuracy)
        print(
            f"{of_set:14}{len(scored):>6} claims, balanced accuracy {accuracy:.3f} ({low:.2f} to {high:.2f}), ", end=""
        )
        print(f"AUROC {roc_auc_score(labels, scores):.3f}", flush=True)
    if name == "summedits":
        print(f"{'mean':14}{statistics.mean(accuracies):33.3f}")


def support_of(reader: Reader, claim: str, text: Sequence[str]) -> float:
    """The support of a claim by a text: of its worst sentence, by the text's best window or its nearest sentences."""
    worst = 1.0
    for sentence in sentences_of(claim) or (claim,):
        near = set(nearest(sentence, text)[:3])
        evidence = [
            EvidencedClaim(sentence, [quote for quote in text if quote in near]),
            *(EvidencedClaim(sentence, [window]) for window in reader.tokenizer.evidence_windows(text)),
        ]
        worst = min(worst, float(reader.supports(evidence)[:, SUPPORTED].max()))
    return worst


def measure_nanco(reader: Reader) -> None:
    """Print how well the reader tells whether two outlets give the same answer, with cross-validated weights."""
    rows = read_rows(SHARED / "bench" / "nanco" / "pairs.jsonl.gz")
    labels = np.array([bool(row["label"]) for row in rows])
    features = np.column_stack([*_nanco_features(reader, rows)])
    folds = StratifiedKFold(5, shuffle=True, random_state=SEED)
    weighed = cross_val_predict(LogisticRegression(max_iter=1000), features, labels, cv=folds, method="predict_proba")
    for name, scores in (("relation alone", features[:, 0]), ("all readings", weighed[:, 1])):
        accuracy, low, high = cross_validated_accuracy(labels, np.asarray(scores, np.float64))
        print(f"nanco, {name}: {len(rows)} pairs, balanced accuracy {accuracy:.3f} ({low:.2f} to {high:.2f}), ", end="")
        print(f"AUROC {roc_auc_score(labels, scores):.3f}", flush=True)


def _nanco_features(reader: Reader, rows: Sequence[dict[str, str]]) -> Iterator[FloatVector]:
    """Yield, in log odds, whether the answers are the same, and whether each supports the other."""
    for left, right in (("answer1", "answer2"), ("paragraph1", "paragraph2")):
        pairs = [AnswerPair(row["question"], row[left], row[right]) for row in rows]
        yield _log_odds(reader.relations(pairs)[:, SAME])
    for claim, evidence in (("answer1", "paragraph2"), ("answer2", "paragraph1"), ("answer1", "answer2")):
        claims = [EvidencedClaim(f"{row['question']} {row[claim]}", [row[evidence]]) for row in rows]
        yield _log_odds(reader.supports(claims)[:, SUPPORTED])


def _log_odds(probabilities: FloatVector) -> FloatVector:
    clipped = np.clip(probabilities, 1e-6, 1 - 1e-6)
    odds: FloatVector = np.log(clipped / (1 - clipped))
    return odds


def measure_time(folder: Path | None) -> None:
    """Print the time of a question's candidates, and of the encoder on as many texts of that length, by turns."""
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
    reading, encoding = [], []
    for _ in range(ROUNDS):
        reading.append(_seconds(lambda: reader.answers(candidates)))
        encoding.append(_seconds(lambda: encoder.encode_document(texts)))
    ratio = statistics.median(reading) / statistics.median(encoding)
    print(f"{CANDIDATES} candidates of {tokens:.0f} tokens: reader {min(reading):.3f} s, ", end="")
    print(f"encoder {min(encoding):.3f} s, ratio {ratio:.2f}")


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
