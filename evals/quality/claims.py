"""How well the checks tell supported claims from others, on claims that people have judged.

    python evals/support.py [--claims N]

WiCE: claims of Wikipedia and sentences of the web page that each cites, several rows a claim of which the best counts;
supported against the rest. SummEdits: summaries, some with one edit that makes them false, and their documents, seven
domains; a summary counts as its worst sentence. Balanced accuracy at thresholds chosen by cross-validation, folds by
claim, with 95 % bootstrap intervals; beside it the share of the claim's content that stands in the evidence, which is
what the checks have to beat, and what remains when one check is left out. The sets are read from ``../shared``.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from sklearn.metrics import roc_auc_score

from askseoul.models.encoder import load_encoder
from askseoul.nlp.text import split_sentences
from askseoul.verification.alignment import TokenSimilarity
from askseoul.verification.claim import FAILED_CHECK, content_share, verify_sentence
from evals.quality.answerability import SHARED, cross_validated, rows

SEED: Final = 5
NEAREST: Final = 6
"""Sentences of a document against which a sentence of its summary is weighed: those that share most of it."""


@dataclass(frozen=True)
class Claim:
    """A claim, the texts of which any may support it, and whether people found that they do."""

    set: str
    text: str
    evidence: tuple[tuple[str, ...], ...]
    supported: bool


@dataclass(frozen=True)
class Weighed:
    """What the checks make of a claim."""

    support: float
    share: float
    failed: frozenset[str]

    def without(self, check: str) -> float:
        """The support that remains when a check is left out."""
        if check == "content":
            return FAILED_CHECK ** len(self.failed - {check})
        return self.support / FAILED_CHECK ** (check in self.failed)


def sentences_of(text: str) -> tuple[str, ...]:
    """The sentences of a text."""
    return tuple(text[span.start : span.end] for span in split_sentences(text))


def read_claims(most: int) -> Iterator[Claim]:
    """The claims of both sets; of each domain of SummEdits no more than ``most``."""
    by_claim = defaultdict(list)
    for path in sorted((SHARED / "bench" / "wice").glob("*.jsonl.gz")):
        for row in rows(path):
            by_claim[row["meta"]["id"]].append(row)
    for of_claim in by_claim.values():
        evidence = tuple(tuple(row["evidence"]) for row in of_claim)
        yield Claim("wice", of_claim[0]["claim"], evidence, of_claim[0]["label"] == "supported")
    for path in sorted((SHARED / "bench" / "summedits").glob("*.jsonl.gz")):
        found = rows(path)
        random.Random(SEED).shuffle(found)
        for row in found[:most]:
            yield Claim(
                path.name.removesuffix(".jsonl.gz"), row["summary"], (sentences_of(row["doc"]),), bool(row["label"])
            )


def nearest(sentence: str, text: Sequence[str]) -> list[str]:
    """The sentences of a text that share most of a sentence's content."""
    return sorted(text, key=lambda quote: -content_share(sentence, [quote]))[:NEAREST]


def weigh_claim(claim: Claim, meaning: TokenSimilarity) -> Weighed:
    """The best that any of its texts makes of a claim; a claim of several sentences counts as its worst."""
    weighed = []
    for text in claim.evidence:
        parts = []
        for sentence in sentences_of(claim.text) or (claim.text,):
            near = nearest(sentence, text)
            support = verify_sentence(sentence, near, meaning=meaning)
            failed = frozenset(check.name for check in support.checks if not check.passed)
            parts.append(Weighed(support.support, content_share(sentence, near), failed))
        weighed.append(min(parts, key=lambda part: part.support))
    return max(weighed, key=lambda each: each.support)


def row_of(name: str, claims: Sequence[Claim], scores: Sequence[float]) -> str:
    """One row of the table."""
    labels, values = np.array([claim.supported for claim in claims]), np.array(scores)
    accuracy, low, high = cross_validated(labels, values)
    return f"{name:34}{len(claims):>7}{accuracy:>11.3f} ({low:.2f} to {high:.2f}){roc_auc_score(labels, values):>8.3f}"


def main() -> None:
    """Weigh every claim, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=300, help="of each domain of SummEdits at most")
    arguments = parser.parse_args()
    encoder = load_encoder(precision="f32")
    meaning = TokenSimilarity(lambda: encoder)
    by_set: dict[str, list[tuple[Claim, Weighed]]] = defaultdict(list)
    for claim in read_claims(arguments.claims):
        by_set[claim.set].append((claim, weigh_claim(claim, meaning)))
    print(f"{'set':34}{'claims':>7}{'balanced':>11}{'':15}{'AUROC':>8}")
    for name, found in by_set.items():
        claims = [claim for claim, _ in found]
        print(row_of(name, claims, [each.support for _, each in found]))
        print(row_of("  share of the content alone", claims, [each.share for _, each in found]), flush=True)
    wice = by_set["wice"]
    for check in sorted({name for _, each in wice for name in each.failed}):
        print(row_of(f"wice without {check}", [claim for claim, _ in wice], [each.without(check) for _, each in wice]))


if __name__ == "__main__":
    main()
