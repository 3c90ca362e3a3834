"""Claims that people have judged: those of WiCE and SummEdits, which are read from ``../shared``.

WiCE has claims of Wikipedia with sentences of the web page that each claim cites. SummEdits has summaries in seven
domains, some with one edit that makes them false, and their documents.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from askseoul.nlp.text import split_sentences
from askseoul.verification.guards import content_share
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


def read_claims(limit: int) -> Iterator[Claim]:
    """All claims of WiCE, and at most ``limit`` of each domain of SummEdits. Raises SystemExit when WiCE is missing.

    A claim of WiCE can have several rows, each a text; "supported" is compared with the other labels.
    """
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


def sentences_of(text: str) -> tuple[str, ...]:
    """The sentences of a text."""
    return tuple(text[span.start : span.end] for span in split_sentences(text))


def nearest(sentence: str, text: Sequence[str]) -> list[str]:
    """The NEAREST sentences of a text that share most of a sentence's content."""
    return sorted(text, key=lambda quote: -content_share(sentence, [quote]))[:NEAREST]
