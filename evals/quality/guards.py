"""What each guard adds to the reader, on claims of stories that did not train it.

    python -m evals.quality.guards [--stories N] [--part development]

A guard rejects a claim that lacks a number, a bound, a date, a name or a quoted phrase in its evidence. The first table
counts the claims that the reader alone would keep, being likelier supported than not, and those of them that a guard
rejects; beside each number, the share that is wrong: a guard is right as often as what it rejects is wrong. Changed
copies of a sentence stand apart from claims in words of their own.

The second table shows how many right claims are kept and how many wrong ones caught, with all guards and without each.
Claims in words of their own are judged as something that AskSeoul itself says; in a person's draft no guard counts for
them, as in the last row. Changed copies, which AskSeoul never says, are judged as in a person's draft. Intervals are
95 % bootstrap intervals over stories.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import filterfalse
from typing import Final
from unittest.mock import patch

import numpy as np
from training.stories import Claim, Story, part_of, read_stories

from askseoul.domain import Check
from askseoul.models.reader import SUPPORTED, EvidencedClaim, Reader, load_reader
from askseoul.nlp.text import ParsedText, parse
from askseoul.verification import claim as verification
from askseoul.verification.guards import check_guards, copy_of
from evals.common.data import SEED

GUARDS: Final = ("numbers", "bounds", "dates", "names", "quoted phrases")
RESAMPLES: Final = 500


@dataclass(frozen=True)
class Judged:
    """A claim, and what the reader and the guards make of it."""

    story: str
    right: bool
    copied: bool
    read: bool
    """Whether the reader alone would keep it."""
    rejecting: frozenset[str]
    """The guards that reject it."""
    kept: bool
    kept_without: dict[str, bool]
    """Whether it is kept when one guard is left out, or all of them (named ``any``)."""

    def is_kept(self, without: str) -> bool:
        """Whether it is kept when a guard is left out; with all of them if none is named."""
        return self.kept_without.get(without, self.kept)


def main() -> None:
    """Judge the claims and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stories", type=int, default=48, help="maximum number of stories")
    parser.add_argument("--part", choices=["held_out", "development"], default="held_out", help="development to tune")
    arguments = parser.parse_args()
    reader = load_reader(precision="f32")
    stories = part_of(read_stories(), arguments.part)[: arguments.stories]
    judged = [judge(claim, story, reader) for story in stories for claim in story.claims]
    copies, own = [one for one in judged if one.copied], [one for one in judged if not one.copied]
    print(f"{len(stories)} stories, {len(judged)} claims, of which {sum(one.right for one in judged)} are right\n")
    print(f"{'claims, and the share that is wrong':40}{f'{len(copies)} copies':30}{len(own)} in words of their own")
    print(f"{'kept by the reader alone':40}{_wrong(copies):30}{_wrong(own)}")
    for guard in GUARDS:
        print(f"{f'of these, rejected by {guard}':40}{_wrong(copies, guard):30}{_wrong(own, guard)}")
    print(f"\n{'':24}{'copies: kept':24}{'caught':24}{'own words: kept':24}caught")
    for without in ("", *GUARDS, "any"):
        title = f"without {without}" if without else "all guards"
        print(f"{title:24}{_kept_and_caught(copies, without)}{_kept_and_caught(own, without)}".rstrip())


def judge(claim: Claim, story: Story, reader: Reader) -> Judged:
    """Return what is made of a claim over its evidence, in the passages where that stands."""
    quotes = [*map(story.sentence, claim.evidence)]
    contexts = [" ".join(story.passages[passage]) for passage in dict.fromkeys(one[0] for one in claim.evidence)]
    before = story.before(claim.evidence[0])
    sentence, parsed = parse(claim.text), tuple(map(parse, quotes))
    failed = {check.name for check in check_guards(sentence, parsed, tuple(map(parse, contexts))) if not check.passed}
    supported = float(reader.supports([EvidencedClaim(claim.text, quotes, before)])[0, SUPPORTED])
    copied = copy_of(sentence, parsed).share >= verification.COPIED

    def is_kept(*without: str) -> bool:
        with patch.object(verification, "check_guards", guards_without(without)):
            support = verification.verify_sentence(
                claim.text, quotes, reader=reader, contexts=contexts, before=before, exact=not copied
            )
        return support.verdict == "supported"

    left_out = {guard: is_kept(guard) for guard in failed} | ({"any": is_kept(*GUARDS)} if failed else {})
    read = supported >= verification.SUPPORTING
    right = claim.verdict == "supported"
    return Judged(story.id, right, copied, read, frozenset(failed), is_kept(), left_out)


Guards = Callable[[ParsedText, tuple[ParsedText, ...], tuple[ParsedText, ...]], Iterator[Check]]


def guards_without(names: Sequence[str]) -> Guards:
    """Return what stands for ``check_guards`` when the guards of these names are left out."""
    return lambda *texts: filterfalse(lambda check: check.name in names, check_guards(*texts))


def _wrong(judged: Sequence[Judged], guard: str | None = None) -> str:
    """How many claims the reader alone would keep, or of these a guard rejects, and the share of them that is wrong."""
    counted = [one for one in judged if one.read and (guard is None or guard in one.rejecting)]
    return f"{len(counted):>4}  {_share(counted, lambda one: not one.right)}"


def _kept_and_caught(judged: Sequence[Judged], without: str) -> str:
    kept = _share([one for one in judged if one.right], lambda one: one.is_kept(without))
    caught = _share([one for one in judged if not one.right], lambda one: not one.is_kept(without))
    return f"{kept:24}{caught:24}"


def _share(judged: Sequence[Judged], so: Callable[[Judged], bool]) -> str:
    """The share of claims of which something is so, with its interval over resamples of their stories."""
    if not judged:
        return "–"
    stories = [*dict.fromkeys(one.story for one in judged)]
    totals = np.array([sum(one.story == story for one in judged) for story in stories])
    hits = np.array([sum(one.story == story and so(one) for one in judged) for story in stories])
    drawn = np.random.default_rng(SEED).integers(0, len(stories), (RESAMPLES, len(stories)))
    low, high = np.quantile(hits[drawn].sum(axis=1) / totals[drawn].sum(axis=1), [0.025, 0.975])
    return f"{hits.sum() / totals.sum():.3f} ({low:.2f} to {high:.2f})"


if __name__ == "__main__":
    main()
