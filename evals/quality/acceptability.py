"""Whether people would accept a default answer: beside the gold answer, in either order, judged by two readers.

    python -m evals.quality.acceptability write [--pairs 100]
    python -m evals.quality.acceptability

``write`` asks questions of the held-out stories, each within its story, and writes evals/gold/acceptability.jsonl: the
question, what the story says, and two answers, of which one is ours; which comes first is told by the hash of the id.
Readers judge each answer by itself, complete, direct and without padding or not, in acceptability_1.jsonl and
acceptability_2.jsonl. Without ``write`` their judgments are counted.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import tempfile
from pathlib import Path
from typing import Any, Final

from training.stories import FOLDER, part_of, read_stories

from askseoul import AskSeoul
from evals.common.data import GOLD, read_rows, with_front_matter

ITEMS: Final = GOLD / "acceptability.jsonl"
JUDGMENTS: Final = (GOLD / "acceptability_1.jsonl", GOLD / "acceptability_2.jsonl")
_MARKER: Final = re.compile(r" ?\[\d+\]")


def main() -> None:
    """Write the items, or count the judgments."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=["write"])
    parser.add_argument("--pairs", type=int, default=100)
    given = parser.parse_args()
    if given.what == "write":
        items = _items(given.pairs)
        ITEMS.write_text("".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items), encoding="utf-8")
    else:
        _count()


def _items(count: int) -> list[dict[str, Any]]:
    """Every question that a held-out story answers, in the order of the hashes of their ids, up to a number."""
    stories = part_of(read_stories(), "held_out")
    passages = {row["id"]: row["passages"] for path in FOLDER.glob("units-*.jsonl") for row in read_rows(path)}
    asked = {
        f"{story.id}-{number}": (story, question)
        for story in stories
        for number, question in enumerate(story.questions)
        if question.answerable and story.family != "korean"
    }
    chosen = sorted(asked, key=lambda identifier: hashlib.sha256(f"pair {identifier}".encode()).hexdigest())[:count]
    items = []
    with tempfile.TemporaryDirectory() as folder, AskSeoul.open(Path(folder, "index"), create=True) as app:
        for story in stories:
            for passage in passages[story.id]:
                fields = {name: passage.get(name) for name in ("source", "published")}
                text = with_front_matter(" ".join(passage["sentences"]), fields)
                Path(folder, f"{story.id}-{passage['id']}.md").write_text(text, encoding="utf-8")
        app.index(sorted(Path(folder).glob("*.md")))
        for identifier in chosen:
            story, question = asked[identifier]
            answer = app.ask(question.text, within=[f"{story.id}-{name}.md" for name in story.passages])
            answers = [_MARKER.sub("", answer.text), " ".join(text for text, _ in question.answer)]
            first, second = answers if _is_ours_first(identifier) else reversed(answers)
            texts = [f"{passage.get('source')}: {' '.join(passage['sentences'])}" for passage in passages[story.id]]
            items.append(
                {"id": identifier, "question": question.text, "articles": texts, "first": first, "second": second}
            )
    return items


def _is_ours_first(identifier: str) -> bool:
    return int(hashlib.sha256(f"order {identifier}".encode()).hexdigest(), 16) % 2 == 0


def _count() -> None:
    readers = [{row["id"]: row for row in read_rows(path)} for path in JUDGMENTS]
    accepted: dict[str, list[list[bool]]] = {"default answers": [], "gold answers": []}
    for identifier in readers[0]:
        ours, gold = ("first", "second") if _is_ours_first(identifier) else ("second", "first")
        for name, place in (("default answers", ours), ("gold answers", gold)):
            accepted[name].append([bool(reader[identifier][place]) for reader in readers])
    for name, judged in accepted.items():
        shares = [sum(each) / len(judged) for each in zip(*judged, strict=True)]
        both = sum(map(all, judged)) / len(judged)
        agreed = sum(one == other for one, other in judged) / len(judged)
        print(
            f"{name}: acceptable {shares[0]:.2f} and {shares[1]:.2f}, to both readers {both:.2f}, "
            f"agreement {agreed:.2f}, {len(judged)} questions"
        )


if __name__ == "__main__":
    main()
