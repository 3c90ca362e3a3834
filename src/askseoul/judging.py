"""Claims and pairs of answers that people have judged, judged by the checks: how far the two agree."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from rich import box
from rich.table import Table

from askseoul.checks import content_share, weigh
from askseoul.intervals import Interval, bootstrap_of_both
from askseoul.meaning import Meaning
from askseoul.sentences import split_sentences
from askseoul.sets import AnswerPair, Claim, PublicSet
from askseoul.words import fold

log = logging.getLogger(__name__)

NEAREST: Final = 3
"""Sentences of a text that a claim's sentence is held against, those with most of its content."""


class Agreement(NamedTuple):
    """How far the checks and people agree."""

    name: str
    items: int
    balanced_accuracy: float
    """Mean of the shares of both labels that were told right, without a threshold fitted to the set."""
    interval: Interval
    auroc: float
    """Probability that one that people affirm scores above one that they do not (Hanley and McNeil, 1982)."""


def judge(found: PublicSet, meaning: Meaning, progress: Callable[[int, int], None]) -> list[Agreement]:
    """The agreement on a set's claims and pairs of answers; ``progress`` hears how many of how many are done."""
    claims = judge_claims(found.claims, meaning, progress) if found.claims else []
    return claims + (judge_pairs(found.pairs, meaning, progress) if found.pairs else [])


def judge_claims(claims: Sequence[Claim], meaning: Meaning, progress: Callable[[int, int], None]) -> list[Agreement]:
    """Whether texts support a claim. Of the rows of a group that are one claim (WiCE) the best counts, as for people;
    groups of many claims (the domains of SummEdits) are measured one by one."""
    judged: dict[tuple[str, str], list[tuple[bool, float, bool]]] = {}
    for number, claim in enumerate(claims):
        progress(number, len(claims))
        judged.setdefault((claim.group, claim.text), []).append((claim.supported, *_support(claim, meaning)))
    groups: dict[str, list[tuple[bool, float, bool]]] = {}
    for (group, _), rows in judged.items():
        known = (any(label for label, _, _ in rows), max(score for _, score, _ in rows), any(said for *_, said in rows))
        groups.setdefault(group, []).append(known)
    if max(map(len, groups.values())) == 1:
        groups = {"claims": [known for each in groups.values() for known in each]}
    return _agreements(groups)


def judge_pairs(pairs: Sequence[AnswerPair], meaning: Meaning, progress: Callable[[int, int], None]) -> list[Agreement]:
    """Whether two answers to a question say the same."""
    known = []
    for number, pair in enumerate(pairs):
        progress(number, len(pairs))
        likeness = meaning.likeness(fold(pair.question), fold(pair.one), fold(pair.other))
        known.append((pair.same, likeness, likeness > 0))
    return _agreements({"pairs of answers": known})


def _support(claim: Claim, meaning: Meaning) -> tuple[float, bool]:
    """The support of the claim's weakest sentence, and whether all of its sentences pass every check."""
    text = "\n".join(claim.evidence)
    sentences = [text[span.start : span.end] for span in split_sentences(text)]
    parts = [claim.text[span.start : span.end] for span in split_sentences(claim.text)] or [claim.text]
    weighed = []
    for part in parts:
        near = sorted(sentences, key=lambda sentence: -content_share(part, [sentence]))[:NEAREST]
        weighed.append(weigh(part, near, meaning=meaning))
    return min(each.support for each in weighed), all(each.verdict == "supported" for each in weighed)


def _agreements(groups: Mapping[str, Sequence[tuple[bool, float, bool]]]) -> list[Agreement]:
    """The agreement on each group, but for those of which people say the same of all."""
    for name, known in groups.items():
        if len({label for label, _, _ in known}) == 1:
            log.warning("%s: people say the same of all %d, so there is nothing to tell apart.", name, len(known))
    return [_agreement(name, known) for name, known in groups.items() if len({label for label, *_ in known}) > 1]


def _agreement(name: str, known: Sequence[tuple[bool, float, bool]]) -> Agreement:
    """Of each item whether people affirm it, its score, and whether the checks affirm it."""
    found = [float(said) for label, _, said in known if label]
    left = [float(not said) for label, _, said in known if not label]
    high = [score for label, score, _ in known if label]
    low = [score for label, score, _ in known if not label]
    accuracy = (sum(found) / len(found) + sum(left) / len(left)) / 2
    above = sum((one > other) + (one == other) / 2 for one in high for other in low)
    return Agreement(name, len(known), accuracy, bootstrap_of_both(found, left), above / (len(high) * len(low)))


def table(agreements: Sequence[Agreement]) -> Table:
    """The agreements for the terminal, a row each."""
    drawn = Table("", "items", "balanced accuracy", "95 %", "AUROC", box=box.SIMPLE_HEAD, pad_edge=False)
    for each in agreements:
        between = f"{each.interval.low:.2f}–{each.interval.high:.2f}"
        drawn.add_row(each.name, str(each.items), f"{each.balanced_accuracy:.3f}", between, f"{each.auroc:.3f}")
    return drawn
