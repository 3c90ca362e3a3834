"""The stories: invented passages with questions, claims and pairs whose right reading is known, and their twins.

``stories/README.md`` describes the format. ``split.json`` lists the stories that are held out and those of development:
the first 48 and the next 40 of the first 488 in the order of their ids' sha256. Stories that were added later train.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

FOLDER: Final = Path(__file__).with_name("stories")
SPLIT: Final = Path(__file__).with_name("split.json")
FOLDS: Final = 5

Part: TypeAlias = Literal["held_out", "development", "training"]
Verdict: TypeAlias = Literal["supported", "unsupported", "contradicted"]


@dataclass(frozen=True)
class Question:
    """A question, and the ids of the sentences that answer it."""

    text: str
    support: tuple[str, ...]
    also: tuple[str, ...]
    near: tuple[str, ...]
    answer: tuple[tuple[str, tuple[str, ...]], ...]
    """Sentences of the gold answer, each with the ids that it cites."""

    @property
    def answerable(self) -> bool:
        """Whether the story answers it."""
        return bool(self.support)

    @property
    def answering(self) -> frozenset[str]:
        """The ids of all sentences that answer it, wholly or in part."""
        return frozenset(self.support + self.also)


@dataclass(frozen=True)
class Claim:
    """A claim, the ids of its evidence, and what the evidence says of it."""

    text: str
    evidence: tuple[str, ...]
    verdict: Verdict
    error: str
    """What is wrong with it, in a few words; for a supported one, how it is worded."""


@dataclass(frozen=True)
class Pair:
    """Two sentences that were found for a question."""

    question: str
    left: str
    right: str
    relation: str


@dataclass(frozen=True)
class Story:
    """A story. ``claims`` and ``questions`` include the twins."""

    id: str
    passages: Mapping[str, tuple[str, ...]]
    """The sentences of each passage."""
    questions: tuple[Question, ...]
    claims: tuple[Claim, ...]
    pairs: tuple[Pair, ...]
    claim_twins: tuple[tuple[int, int], ...]
    """Positions in ``claims``: a supported claim and its wrong twin."""
    question_twins: tuple[tuple[int, int], ...]
    """Positions in ``questions``: a question that the story answers and its unanswerable twin."""

    @property
    def family(self) -> str:
        """The family: the two Korean ones count as one."""
        family = self.id.split("-")[0]
        return "korean" if family in {"kore", "korb"} else family

    def sentence(self, identifier: str) -> str:
        """Return the sentence with this id: ``a2`` is the second one of passage ``a``."""
        return self.passages[identifier[0]][int(identifier[1:]) - 1]

    def before(self, identifier: str) -> str:
        """Return the sentence before this one in its passage, or an empty string."""
        position = int(identifier[1:]) - 1
        return self.passages[identifier[0]][position - 1] if position else ""

    def around(self, identifier: str) -> str:
        """Return the sentences before and after this one in its passage."""
        sentences, position = self.passages[identifier[0]], int(identifier[1:]) - 1
        return " ".join([*sentences[max(position - 1, 0) : position], *sentences[position + 1 : position + 2]])

    def text(self, identifiers: Iterable[str]) -> str:
        """Return these sentences, joined."""
        return " ".join(map(self.sentence, identifiers))

    def sentence_ids(self) -> list[str]:
        """Return the ids of all sentences, in order."""
        return [
            f"{passage}{number}"
            for passage, sentences in self.passages.items()
            for number in range(1, len(sentences) + 1)
        ]


def read_stories(folder: Path = FOLDER) -> list[Story]:
    """Return all stories with their twins, in the order of their ids' sha256."""
    twins = {row["id"]: row for row in _rows(folder.glob("twins-*.jsonl"))}
    stories = [_story(row, twins.get(row["id"], {})) for row in _rows(folder.glob("units-*.jsonl"))]
    return sorted(stories, key=lambda story: _hash(story.id))


def part_of(stories: Iterable[Story], part: Part) -> list[Story]:
    """Return one part: ``held_out`` stories never train what ships, ``development`` ones choose and calibrate it."""
    split = json.loads(SPLIT.read_text(encoding="utf-8"))
    if part == "training":
        return [story for story in stories if story.id not in {*split["held_out"], *split["development"]}]
    return [story for story in stories if story.id in split[part]]


def fold_of(story: Story) -> int:
    """Return the number of the fold that keeps this story out, from 0 to FOLDS - 1."""
    return int(_hash(story.id), 16) % FOLDS


def _hash(identifier: str) -> str:
    return hashlib.sha256(identifier.encode()).hexdigest()


def _rows(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    for path in sorted(paths):
        with path.open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines if line.strip())


def _story(row: Mapping[str, Any], twins: Mapping[str, Any]) -> Story:
    questions = [*map(_question, row["questions"])]
    claims = [*map(_claim, row["claims"])]
    claim_twins = []
    for twin in twins.get("claims", ()):
        pair = (twin["of"], len(claims))
        claim_twins.append(pair if twin["label"] != "supported" else pair[::-1])
        claims.append(_claim(twin))
    question_twins = []
    for twin in twins.get("questions", ()):
        question_twins.append((len(questions), twin["of"]))
        questions.append(_question(twin))
    return Story(
        id=row["id"],
        passages={passage["id"]: tuple(passage["sentences"]) for passage in row["passages"]},
        questions=tuple(questions),
        claims=tuple(claims),
        pairs=tuple(Pair(pair["q"], pair["left"], pair["right"], pair["relation"]) for pair in row["pairs"]),
        claim_twins=tuple(claim_twins),
        question_twins=tuple(question_twins),
    )


def _question(row: Mapping[str, Any]) -> Question:
    return Question(
        text=row["q"],
        support=tuple(row.get("support", ())),
        also=tuple(row.get("also", ())),
        near=tuple(row.get("near", ())),
        answer=tuple((sentence["text"], tuple(sentence["cites"])) for sentence in row.get("answer", ())),
    )


def _claim(row: Mapping[str, Any]) -> Claim:
    return Claim(row["claim"], tuple(row["evidence"]), row["label"], row["how"])
