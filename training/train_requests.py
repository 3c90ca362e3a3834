"""Fit the model that reads what a message asks for, and measure it.

    python -m training.train_requests [--measure]

``training/requests`` holds messages by what they ask for, with the words that say of what. Questions of the stories are
further messages that ask for a fact. Measured is on ``evals/gold/intents.jsonl``, which trains nothing, and on the
questions of the held-out stories. Without ``--measure`` the weights of the package are written.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from askseoul.models.encoder import Encoder, load_encoder
from askseoul.models.request_model import (
    INTENTS,
    LETTERS_COUNT,
    SHIPPED,
    TAGS,
    VECTOR_COUNTS,
    RequestModel,
    blank,
    load_request_model,
    marks_of,
    runs_of_letters,
    runs_of_words,
    words_of,
)
from askseoul.nlp.text import parse
from training.stories import part_of, read_stories

FOLDER: Final = Path(__file__).with_name("requests")
HELD_OUT: Final = Path(__file__).parents[1] / "evals" / "gold" / "intents.jsonl"
STORY_QUESTIONS: Final = 6_500
"""Questions of stories that train."""
USUAL, LEAST_RUNS, LEAST_LETTERS, LEAST_MARKS = 4, 2, 3, 2
"""Least number of messages with a word, a run of words, a run of letters, or a mark for it to count."""
FIRMNESS: Final = 4.0
"""C of the logistic regression."""


def main() -> None:
    """Fit and write the weights, or measure those of the package."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measure", action="store_true", help="measure the weights of the package")
    encoder = load_encoder()
    stories = read_stories()
    asked = [question.text for story in part_of(stories, "training") for question in story.questions]
    if not parser.parse_args().measure:
        labelled = [row for path in sorted(FOLDER.glob("*.jsonl")) for row in _rows(path)]
        plain = [{"text": text, "intent": "question"} for text in asked[:STORY_QUESTIONS]]
        fit(labelled, plain, encoder, SHIPPED)
        load_request_model.cache_clear()
    kept = [question.text for story in part_of(stories, "held_out") for question in story.questions]
    measure(load_request_model(), encoder, list(_rows(HELD_OUT)), kept)


def fit(labelled: Sequence[dict[str, Any]], plain: Sequence[dict[str, Any]], encoder: Encoder, target: Path) -> None:
    """Fit the weights of intents and tags and write them."""
    counts = Counter(word for row in labelled for word in _asking_words(row))
    usual = sorted(word for word, count in counts.items() if count >= USUAL)
    known = frozenset(usual)
    rows = [*labelled, *plain]
    runs = [runs_of_words([blank(word, known) for _, word in words_of(row["text"])]) for row in rows]
    letters = [runs_of_letters(row["text"]) for row in rows]
    features = [*_frequent(runs, LEAST_RUNS), *_frequent(letters, LEAST_LETTERS)]
    vectors = np.stack([encoding.vector for row in rows for encoding in encoder.encode_query([row["text"]])])
    values = (
        dict.fromkeys(one, 1.0) | dict.fromkeys(two, LETTERS_COUNT) for one, two in zip(runs, letters, strict=True)
    )
    table = hstack([_table(values, features), csr_matrix(VECTOR_COUNTS * vectors)]).tocsr()
    weights = _weights(table, [row["intent"] for row in rows], INTENTS)
    marked, tags = [], []
    for row in labelled:
        words = words_of(row["text"])
        if not row.get("subject"):
            continue
        first = row["text"].index(row["subject"])
        behind = first + len(row["subject"])
        second = row["text"].find(row["other"], behind) if row["other"] else -1
        if row["other"] and second < 0:
            second = row["text"].index(row["other"])
        blanked = [blank(word, known) for _, word in words]
        marked += list(marks_of(blanked, [word for _, word in words], row["intent"]))
        tags += [
            "subject"
            if first <= span.start and span.end <= behind
            else "other"
            if 0 <= second <= span.start and span.end <= second + len(row["other"])
            else "outside"
            for span, _ in words
        ]
    marks = _frequent(marked, LEAST_MARKS)
    mark_weights = _weights(_table((dict.fromkeys(names, 1.0) for names in marked), marks), tags, TAGS)
    np.savez_compressed(
        target,
        usual=np.array("\n".join(usual)),
        features=np.array("\n".join(features)),
        weights=weights.astype(np.float16),
        marks=np.array("\n".join(marks)),
        mark_weights=mark_weights.astype(np.float16),
    )


def measure(
    model: RequestModel, encoder: Encoder, held_out: Sequence[dict[str, Any]], questions: Sequence[str]
) -> None:
    """Print how many intents are read rightly, and the share of the subject's content words, found and right."""
    by_intent: dict[str, list[bool]] = {intent: [] for intent in INTENTS}
    overlaps: dict[str, list[float]] = {intent: [] for intent in INTENTS}
    for row in held_out:
        reading = model.read(row["text"], encoder.encode_query([row["text"]])[0].vector)
        by_intent[row["intent"]].append(reading.intent == row["intent"])
        for name, span in (("subject", reading.subject), ("other", reading.other)):
            if row[name] and reading.intent == row["intent"]:
                found = parse(row["text"][span.start : span.end]).content_stems if span else frozenset()
                wanted = parse(row[name]).content_stems
                both = len(found) + len(wanted)
                overlaps[row["intent"]].append(2 * len(found & wanted) / both if both else 1.0)
    for intent, right in by_intent.items():
        shown = f"{np.mean(overlaps[intent]):.2f}" if overlaps[intent] else "-"
        print(f"{intent:12} {len(right):4} messages, {np.mean(right):.2f} read rightly, F1 of its words {shown}")
    print(f"all          {np.mean([each for right in by_intent.values() for each in right]):.3f}")
    taken = Counter(model.read(text, encoder.encode_query([text])[0].vector).intent for text in questions)
    print("questions of stories:", dict(taken))


def _asking_words(row: dict[str, Any]) -> set[str]:
    """The words of a request outside what it speaks of: a topic that many messages share is none of the usual words."""
    if row["intent"] == "question" or "subject" not in row:
        return set()
    text = row["text"]
    for part in (row["subject"], row["other"]):
        text = text.replace(part, " ") if part else text
    return {word.lower() for _, word in words_of(text)}


def _rows(path: Path) -> Iterable[dict[str, Any]]:
    return map(json.loads, path.read_text(encoding="utf-8").splitlines())


def _frequent(sets: Iterable[Iterable[str]], least: int) -> list[str]:
    counts = Counter(name for names in sets for name in names)
    return sorted(name for name, count in counts.items() if count >= least)


def _table(rows: Iterable[dict[str, float]], names: Sequence[str]) -> csr_matrix:
    places = {name: place for place, name in enumerate(names)}
    values, columns, ends = [], [], [0]
    for row in rows:
        held = [(places[name], value) for name, value in row.items() if name in places]
        columns += [place for place, _ in held]
        values += [value for _, value in held]
        ends.append(len(values))
    return csr_matrix((values, columns, ends), shape=(len(ends) - 1, len(names)))


def _weights(table: csr_matrix, labels: Sequence[str], classes: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The weights (features + 1, classes), the last row the bias."""
    fitted = LogisticRegression(C=FIRMNESS if len(classes) > 3 else 1.0, max_iter=1_000).fit(table, labels)
    order = [list(fitted.classes_).index(name) for name in classes]
    weights: np.ndarray[Any, np.dtype[np.float64]] = np.vstack([fitted.coef_[order].T, fitted.intercept_[order]])
    return weights


if __name__ == "__main__":
    main()
