"""Public sets that teach the reader before the stories do: entailment, and which sentence of a paragraph answers.

Only sets whose licence was read and allows this are here; ``README.md`` names each with its licence.
"""

from __future__ import annotations

import gzip
import json
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from training.stories import Verdict

FOLDER: Final = Path(__file__).resolve().parents[2] / "shared" / "training"

ENTAILMENT: Final = {
    "mnli_dev": 20_000,
    "snli_dev": 8_000,
    "snli_test_part": 2_000,
    "fever_dev_2way": 8_000,
    "fever_symmetric": 1_416,
    "conjnli_dev": 623,
    "conjnli_adv15k": 4_000,
    "negation_mnli": 1_500,
    "negation_snli": 1_000,
}
"""Most rows of each set that are used. Rows made by rule (``conjnli_adv15k``) and short ones have a small share."""

SQUAD: Final = 6_000
"""Most questions of SQuAD that are used."""

_VERDICTS: Final[dict[str, Verdict]] = {
    "entailment": "supported",
    "neutral": "unsupported",
    "contradiction": "contradicted",
}


@dataclass(frozen=True)
class Entailment:
    """A claim, its evidence, and what the evidence says of it."""

    claim: str
    evidence: str
    verdict: Verdict


@dataclass(frozen=True)
class Paragraph:
    """A question, sentences, and which of them answer it."""

    question: str
    sentences: tuple[str, ...]
    answering: tuple[bool, ...]
    consecutive: bool = True
    """Whether the sentences follow one another in their article."""

    def around(self, place: int) -> str:
        """Return the sentences before and after the one at this place, if they are known."""
        if not self.consecutive:
            return ""
        return " ".join([*self.sentences[max(place - 1, 0) : place], *self.sentences[place + 1 : place + 2]])


def read_entailment(choice: random.Random) -> list[Entailment]:
    """Return the pairs of all sets in ENTAILMENT."""
    pairs = []
    for name, limit in ENTAILMENT.items():
        rows = [row for row in _rows(name) if row["label"] in _VERDICTS]
        choice.shuffle(rows)
        pairs += [Entailment(row["hypothesis"], row["premise"], _VERDICTS[row["label"]]) for row in rows[:limit]]
    return pairs


def read_paragraphs(choice: random.Random) -> list[Paragraph]:
    """Return paragraphs of QED (Natural Questions) and SelQA, and pairs of sentences of SQuAD, in random order."""
    squad = [*_squad()]
    paragraphs = [*_qed(), *_selqa(), *choice.sample(squad, min(SQUAD, len(squad)))]
    choice.shuffle(paragraphs)
    return paragraphs


def _qed() -> Iterator[Paragraph]:
    texts = {row["id"]: row["passage"] for row in _rows("qed_para")}
    by_id = defaultdict(list)
    for row in _rows("qed_sent"):
        by_id[row["id"]].append(row)
    for identifier, rows in by_id.items():
        text = texts[identifier]
        if all(row["passage"] in text for row in rows):
            rows.sort(key=lambda row: text.index(row["passage"]))
            yield _paragraph(rows)


def _selqa(longest: int = 7) -> Iterator[Paragraph]:
    by_question = defaultdict(list)
    for row in _rows("selqa_dev_test"):
        by_question[row["question"]].append(row)
    for rows in by_question.values():
        # A window of the section around the first sentence that answers; without one, the section's start.
        first = next((position for position, row in enumerate(rows) if row["label"]), 0)
        start = max(0, first - longest // 2)
        yield _paragraph(rows[start : start + longest])


def _squad() -> Iterator[Paragraph]:
    """Yield each question with the sentence that answers it and one like it, which stand apart in their article.

    Only the half that shares no question with SQuAD's dev set, on which others measure.
    """
    by_question = defaultdict(list)
    for row in _rows("nqg_squad"):
        if row["split"] == "test":
            by_question[row["question"]].append(row)
    for rows in by_question.values():
        yield replace(_paragraph(rows), consecutive=False)


def _paragraph(rows: list[dict[str, Any]]) -> Paragraph:
    return Paragraph(
        rows[0]["question"], tuple(row["passage"] for row in rows), tuple(bool(row["label"]) for row in rows)
    )


def _rows(name: str) -> list[dict[str, Any]]:
    path = FOLDER / f"{name}.jsonl.gz"
    if not path.is_file():
        raise SystemExit(f"{path} is missing: training/README.md says where each set is from.")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
