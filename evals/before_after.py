"""The answers and the checks of an earlier version beside those of this one, in one run.

    python evals/before_after.py [--before COMMIT] [--claims N] [--questions N] [PART …]

The earlier version's sources are taken out of git into a temporary folder, and each version runs the same commands and
calls in processes of its own: ``askseoul index``, ``eval`` and ``ask --file`` over the gold questions and the public
sets, and its own checks over the flip suite and the claims of WiCE and SummEdits. Parts: gold, refusal, flips, claims.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import subprocess
import sys
import tarfile
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from flip_suite import ROOT, SEED, false_cases, true_cases
from refusal import SHARED, Set, cross_validated, read_sets
from sklearn.metrics import balanced_accuracy_score
from support import Claim, nearest, read_claims, sentences_of

PARTS: Final = ("gold", "refusal", "flips", "claims")
MAIN_JOB: Final = "1a08ff8"
"""The last commit before the checks knew meaning."""
SHOWN: Final = ("facts_held", "evidence_cited", "citation_precision", "words", "balanced_accuracy")
JUDGE: Final = """
import json, sys
from askseoul.checks import check_sentence
try:
    from askseoul.checks import weigh
    from askseoul.encoders import load_encoder
    from askseoul.meaning import Meaning
    meaning = Meaning(lambda: load_encoder(precision="f32"))
    def judge(text, quotes, contexts):
        found = weigh(text, quotes, contexts=contexts, meaning=meaning)
        return found.checks, found.support
except ImportError:
    from askseoul.checks import support
    def judge(text, quotes, contexts):
        return check_sentence(text, quotes, contexts=contexts), support(text, quotes)
for line in sys.stdin:
    checks, supported = judge(*json.loads(line))
    print(json.dumps([all(check.passed for check in checks), supported]))
"""
"""Reads cases [text, quotes, contexts] and says of each whether all checks pass and how far it is supported."""


class Version:
    """A version's sources, run in processes of its own."""

    def __init__(self, source: Path, work: Path) -> None:
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ASKSEOUL_")},
            "PYTHONPATH": str(source),
            "ASKSEOUL_PRECISION": "f32",
        }
        self._work = work

    def index(self, known: str, folders: Sequence[Path]) -> Path:
        """The index that this version makes of the folders of a set."""
        index = self._work / f"{known}.index"
        if not index.exists():
            self._run("-m", "askseoul", "index", *map(str, folders), "--index", str(index))
        return index

    def scores(self, index: Path, gold: Path) -> dict[str, float]:
        """The scores of the English gold questions."""
        printed = self._run("-m", "askseoul", "eval", str(gold), "--index", str(index), "--json", checked=False)
        scores: dict[str, float] = json.loads(printed)["scores"]["en"]
        return scores

    def answered(self, index: Path, questions: Sequence[str]) -> list[bool]:
        """Whether each question is answered."""
        asked = self._work / "questions.jsonl"
        asked.write_text("\n".join(json.dumps({"question": question}) for question in questions), encoding="utf-8")
        printed = self._run("-m", "askseoul", "ask", "--file", str(asked), "--json", "--index", str(index))
        return [json.loads(line)["answered"] for line in printed.splitlines()]

    def judged(self, cases: Sequence[tuple[str, Sequence[str], Sequence[str]]]) -> list[tuple[bool, float]]:
        """Whether each case (text, quotes, contexts) passes, and its support."""
        printed = self._run("-c", JUDGE, given="\n".join(map(json.dumps, cases)))
        return [(passed, support) for passed, support in map(json.loads, printed.splitlines())]

    def _run(self, *arguments: str, given: str = "", checked: bool = True) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            input=given,
            capture_output=True,
            text=True,
            env=self._environment,
            check=False,
        )
        if checked and done.returncode:
            raise SystemExit(f"{' '.join(arguments[:4])} failed:\n{done.stderr}")
        return done.stdout


def take_out(commit: str, folder: Path) -> Path:
    """The ``src`` of a commit, as files."""
    packed = subprocess.run(["git", "archive", commit, "src", "prompts"], cwd=ROOT, capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as files:
        files.extractall(folder, filter="data")
    return folder / "src"


def gold_rows(versions: Sequence[Version], sets: dict[str, Set]) -> Iterator[tuple[str, list[float]]]:
    """The scores on every set of gold questions."""
    files = {
        "originals": SHARED / "gold" / "articles.jsonl",
        "mixed": SHARED / "gold" / "articles.jsonl",
        "digests": ROOT / "evals" / "gold" / "digests.jsonl",
        "digests free": ROOT / "evals" / "gold" / "digests_free.jsonl",
    }
    for name, gold in files.items():
        if name in sets:
            scores = [version.scores(version.index(name, sets[name].folders), gold) for version in versions]
            for score in SHOWN:
                yield f"{name}: {score.replace('_', ' ')}", [each[score] for each in scores]


def refusal_rows(versions: Sequence[Version], sets: dict[str, Set]) -> Iterator[tuple[str, list[float]]]:
    """Balanced accuracy of refusal on the public sets, as shipped."""
    for name in ("clapnq", "squad2"):
        if name in sets:
            known = sets[name]
            questions, answerable = zip(*known.questions, strict=True)
            answered = [version.answered(version.index(name, known.folders), questions) for version in versions]
            yield f"{name}: balanced accuracy", [balanced_accuracy_score(answerable, each) for each in answered]


def flip_rows(versions: Sequence[Version]) -> Iterator[tuple[str, list[float]]]:
    """What the checks catch of each kind, and what they refuse wrongly."""
    articles = SHARED / "articles"
    true = true_cases([ROOT / "index" / "articles", *([articles] if articles.is_dir() else [])])
    made = [case for cases in false_cases(true, random.Random(SEED)).values() for case in cases]
    cases = [case for case in (*made, *true) if case.kind != "out of range"]
    judged = [version.judged([(c.text, [c.quote.text], c.contexts) for c in cases]) for version in versions]
    failed: dict[str, list[list[bool]]] = defaultdict(lambda: [[] for _ in versions])
    for place, case in enumerate(cases):
        names = [f"flips: {case.kind}", "flips: all kinds"] if case.kind else [f"false alarms: {case.origin}"]
        for name in names:
            for version, found in enumerate(judged):
                failed[name][version].append(not found[place][0])
    for name in sorted(failed):
        yield f"{name} ({len(failed[name][0])})", [float(np.mean(each)) for each in failed[name]]


def claim_rows(versions: Sequence[Version], most: int) -> Iterator[tuple[str, list[float]]]:
    """Balanced accuracy of the support on WiCE and SummEdits, thresholds by cross-validation."""
    claims = list(read_claims(most))
    cases: list[tuple[str, Sequence[str], Sequence[str]]] = []
    belongs: list[tuple[int, int]] = []
    for number, claim in enumerate(claims):
        for text_number, text in enumerate(claim.evidence):
            for sentence in sentences_of(claim.text) or (claim.text,):
                near = nearest(sentence, text)
                cases.append((sentence, near, []))
                belongs.append((number, text_number))
    scores: list[list[float]] = []
    for version in versions:
        worst: dict[tuple[int, int], float] = {}
        for place, (_, support) in zip(belongs, version.judged(cases), strict=True):
            worst[place] = min(worst.get(place, 1.0), support)
        best = [0.0] * len(claims)
        for (number, _), support in worst.items():
            best[number] = max(best[number], support)
        scores.append(best)
    means: list[list[float]] = []
    for name in dict.fromkeys(claim.set for claim in claims):
        chosen = [place for place, claim in enumerate(claims) if claim.set == name]
        figures = [accuracy([claims[place] for place in chosen], [each[place] for place in chosen]) for each in scores]
        means += [figures] if name != "wice" else []
        yield f"{name}: balanced accuracy", figures
    if means:
        yield "summedits: mean of the domains", [float(figure) for figure in np.mean(means, axis=0)]


def accuracy(claims: Sequence[Claim], scores: Sequence[float]) -> float:
    """Balanced accuracy by cross-validation."""
    return cross_validated(np.array([claim.supported for claim in claims]), np.array(scores))[0]


def main() -> None:
    """Run both versions, print a row a figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help="gold, refusal, flips, claims; all if none")
    parser.add_argument("--before", default=MAIN_JOB, metavar="COMMIT")
    parser.add_argument("--claims", type=int, default=300, help="of each domain of SummEdits at most")
    parser.add_argument("--questions", type=int, default=500, help="of a public set at most")
    arguments = parser.parse_args()
    parts = arguments.parts or PARTS
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        versions = []
        for name, source in (("before", take_out(arguments.before, folder / "sources")), ("after", ROOT / "src")):
            (folder / name).mkdir()
            versions.append(Version(source, folder / name))
        sets = {known.name: known for known in read_sets(folder, arguments.questions)}
        print(f"{'':44}{'before':>10}{'after':>10}")
        made: dict[str, Any] = {
            "gold": lambda: gold_rows(versions, sets),
            "refusal": lambda: refusal_rows(versions, sets),
            "flips": lambda: flip_rows(versions),
            "claims": lambda: claim_rows(versions, arguments.claims),
        }
        for part in parts:
            for name, figures in made[part]():
                print(f"{name:44}" + "".join(f"{figure:>10.3f}" for figure in figures), flush=True)


if __name__ == "__main__":
    main()
