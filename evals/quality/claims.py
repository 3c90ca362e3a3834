"""How well the checks separate supported claims from unsupported ones, on claims that people have judged.

    python -m evals.quality.claims [--claims N]

WiCE has claims of Wikipedia with sentences of the web page that each claim cites. A claim can have several rows, of
which the best counts; "supported" is compared with the other labels. SummEdits has summaries in seven domains, some
with one edit that makes them false, and their documents; a summary counts as its worst sentence.

The table shows the balanced accuracy at thresholds chosen by cross-validation, with 95 % bootstrap intervals. It also
shows the same for the share of the claim's content words found in the evidence, which is the baseline that the checks
must beat, and for the checks without each one of them. The sets are read from ``../shared``.
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
from askseoul.verification.claim import FAILED_CHECK_FACTOR, content_share, verify_sentence
from evals.common.accuracy import cross_validated_accuracy
from evals.common.data import SEED, SHARED, read_rows

NEAREST: Final = 6
"""Sentences of a document that a summary's sentence is checked against: those that share most of its content."""


@dataclass(frozen=True)
class Claim:
    """A claim, texts that each may support it, and whether people judged it as supported."""

    set: str
    text: str
    evidence: tuple[tuple[str, ...], ...]
    """Each text as its sentences."""
    supported: bool


@dataclass(frozen=True)
class Result:
    """What the checks say about a claim."""

    support: float
    content: float
    """Share of the claim's content that is found in the evidence."""
    failed: frozenset[str]
    """Names of the checks that fail."""

    def without(self, check: str) -> float:
        """The support that remains when one check is left out."""
        if check == "content":
            return FAILED_CHECK_FACTOR ** len(self.failed - {check})
        return self.support / FAILED_CHECK_FACTOR ** (check in self.failed)


def sentences_of(text: str) -> tuple[str, ...]:
    """The sentences of a text."""
    return tuple(text[span.start : span.end] for span in split_sentences(text))


def read_claims(limit: int) -> Iterator[Claim]:
    """All claims of WiCE, and at most ``limit`` of each domain of SummEdits. Raises SystemExit when WiCE is missing."""
    by_claim = defaultdict(list)
    wice = sorted((SHARED / "bench" / "wice").glob("*.jsonl.gz"))
    if not wice:
        raise SystemExit(f"{SHARED / 'bench' / 'wice'} is missing; this measurement needs its claims.")
    for path in wice:
        for row in read_rows(path):
            by_claim[row["meta"]["id"]].append(row)
    for rows in by_claim.values():
        evidence = tuple(tuple(row["evidence"]) for row in rows)
        yield Claim("wice", rows[0]["claim"], evidence, rows[0]["label"] == "supported")
    for path in sorted((SHARED / "bench" / "summedits").glob("*.jsonl.gz")):
        rows = read_rows(path)
        random.Random(SEED).shuffle(rows)
        domain = path.name.removesuffix(".jsonl.gz")
        for row in rows[:limit]:
            yield Claim(domain, row["summary"], (sentences_of(row["doc"]),), bool(row["label"]))


def nearest(sentence: str, text: Sequence[str]) -> list[str]:
    """The NEAREST sentences of a text that share most of a sentence's content."""
    return sorted(text, key=lambda quote: -content_share(sentence, [quote]))[:NEAREST]


def check_claim(claim: Claim, similarity: TokenSimilarity) -> Result:
    """The best result of a claim over its texts; against one text a claim counts as its worst sentence."""
    results = []
    for text in claim.evidence:
        parts = []
        for sentence in sentences_of(claim.text) or (claim.text,):
            near = nearest(sentence, text)
            support = verify_sentence(sentence, near, similarity=similarity)
            failed = frozenset(check.name for check in support.checks if not check.passed)
            parts.append(Result(support.support, content_share(sentence, near), failed))
        results.append(min(parts, key=lambda part: part.support))
    return max(results, key=lambda result: result.support)


def table_row(name: str, claims: Sequence[Claim], scores: Sequence[float]) -> str:
    """A row of the table: how well the scores separate supported claims from the others."""
    labels, values = np.array([claim.supported for claim in claims]), np.array(scores)
    accuracy, low, high = cross_validated_accuracy(labels, values)
    return f"{name:34}{len(claims):>7}{accuracy:>11.3f} ({low:.2f} to {high:.2f}){roc_auc_score(labels, values):>8.3f}"


def main() -> None:
    """Check every claim and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=300, help="maximum number of each domain of SummEdits")
    arguments = parser.parse_args()
    encoder = load_encoder(precision="f32")
    similarity = TokenSimilarity(lambda: encoder)
    by_set: dict[str, list[tuple[Claim, Result]]] = defaultdict(list)
    for claim in read_claims(arguments.claims):
        by_set[claim.set].append((claim, check_claim(claim, similarity)))
    print(f"{'set':34}{'claims':>7}{'balanced':>11}{'':15}{'AUROC':>8}")
    for name, checked in by_set.items():
        claims = [claim for claim, _ in checked]
        print(table_row(name, claims, [result.support for _, result in checked]))
        print(table_row("  content share alone", claims, [result.content for _, result in checked]), flush=True)
    wice = by_set["wice"]
    claims = [claim for claim, _ in wice]
    for check in sorted({name for _, result in wice for name in result.failed}):
        print(table_row(f"wice without {check}", claims, [result.without(check) for _, result in wice]))


if __name__ == "__main__":
    main()
