"""Where the data is, and readers of gold files, public sets and paragraphs.

``SHARED`` is a folder beside the checkout for data that is not part of the project: ``articles/`` and
``gold/articles.jsonl`` (three original articles and questions about them), and ``bench/`` (public sets).
"""

from __future__ import annotations

import gzip
import hashlib
import itertools
import json
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from askseoul.domain import Article

ROOT: Final = Path(__file__).resolve().parents[2]
SHARED: Final = ROOT.parent / "shared"
ARTICLES: Final = ROOT / "index" / "articles"
"""The shipped articles."""
GOLD: Final = ROOT / "evals" / "gold"
DIGESTS: Final = GOLD / "digests.jsonl"
"""Gold questions about the shipped articles."""
PARAGRAPHS: Final = SHARED / "bench" / "nq_paragraphs" / "passages.jsonl.gz"
"""8,096 paragraphs of Wikipedia with the ids that Natural Questions refers to."""
PARAGRAPH_QUESTIONS: Final = PARAGRAPHS.with_name("questions.jsonl.gz")

SEED: Final = 5
UNRELATED_ARTICLES: Final = 2_000
"""Paragraphs on other subjects that the set ``mixed`` adds to the original articles."""


@dataclass(frozen=True)
class QuestionSet:
    """Folders of articles, and questions with labels that say whether the articles answer them."""

    name: str
    folders: tuple[Path, ...]
    questions: tuple[tuple[str, bool], ...]
    """Each question, and whether it can be answered."""


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The objects of a file of JSON lines; gzipped if its name ends in ``.gz``."""
    return list(_rows(path))


def read_paragraphs(count: int) -> list[str]:
    """The texts of the first ``count`` paragraphs of ``PARAGRAPHS``. Raises SystemExit when the file is missing."""
    if not PARAGRAPHS.is_file():
        raise SystemExit(f"{PARAGRAPHS} is missing; this measurement needs its paragraphs.")
    return [row["text"] for row in itertools.islice(_rows(PARAGRAPHS), count)]


def read_paragraph_questions(count: int) -> list[str]:
    """The first ``count`` questions of ``PARAGRAPH_QUESTIONS``."""
    return [row["question"] for row in itertools.islice(_rows(PARAGRAPH_QUESTIONS), count)]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def as_article(identifier: str, text: str, title: str = "") -> Article:
    """The English article that a file with this text would become."""
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return Article(identifier, text, sha256, title, None, None, None, "en", (identifier,))


def with_front_matter(text: str, fields: Mapping[str, str | None]) -> str:
    """The content of a Markdown file with this text. Empty fields are left out."""
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items() if value]
    return "\n".join(["---", *lines, "---", text, ""])


def write_articles(folder: Path, texts: Iterable[tuple[str, str]], *, language: str | None = None) -> Path:
    """Create a folder with one file for each (title, text) and return the folder.

    An article without title and language becomes a plain text file, any other a Markdown file with front matter.
    """
    folder.mkdir(parents=True)
    for number, (title, text) in enumerate(texts):
        if title or language:
            content = with_front_matter(text, {"title": title, "language": language})
            (folder / f"{number:06}.md").write_text(content, encoding="utf-8")
        else:
            (folder / f"{number:06}.txt").write_text(f"{text}\n", encoding="utf-8")
    return folder


def read_question_sets(work: Path, limit: int) -> Iterator[QuestionSet]:
    """The sets that are available, with at most ``limit`` questions of each public one.

    The articles of the public sets are written into the folder ``work``. Without ``SHARED`` only the two sets about
    the shipped articles are available.
    """
    yield QuestionSet("digests", (ARTICLES,), _gold_questions(DIGESTS))
    yield QuestionSet("digests free", (ARTICLES,), _gold_questions(GOLD / "digests_free.jsonl"))
    originals = SHARED / "articles"
    if not originals.is_dir():
        return
    questions = _gold_questions(SHARED / "gold" / "articles.jsonl")
    yield QuestionSet("originals", (originals,), questions)
    paragraphs = read_rows(PARAGRAPHS)
    random.Random(SEED).shuffle(paragraphs)
    unrelated = write_articles(work / "unrelated", (("", row["text"]) for row in paragraphs[:UNRELATED_ARTICLES]))
    yield QuestionSet("mixed", (originals, unrelated), questions)
    yield _clapnq(work, limit)
    yield _squad2(work, limit)


def _gold_questions(path: Path) -> tuple[tuple[str, bool], ...]:
    """The English questions of a gold file that refer to no conversation, and whether each can be answered."""
    return tuple(
        (row["question"], row["kind"] != "unanswerable")
        for row in _rows(path)
        if row["lang"] == "en" and not row.get("history")
    )


def _clapnq(work: Path, limit: int) -> QuestionSet:
    """Half answerable, half unanswerable questions of CLAPnq, each with its passage."""
    passages, questions = [], []
    for name, answerable in (("answerable", True), ("unanswerable", False)):
        for row in read_rows(SHARED / "bench" / "clapnq" / f"{name}.jsonl.gz")[: limit // 2]:
            passage = row["passages"][0]
            passages.append((passage["title"], passage["text"]))
            questions.append((row["input"], answerable))
    return QuestionSet("clapnq", (write_articles(work / "clapnq", passages),), tuple(questions))


def _squad2(work: Path, limit: int) -> QuestionSet:
    """Questions of SQuAD 2.0 with their paragraphs, each paragraph once."""
    rows = read_rows(SHARED / "bench" / "squad2" / "sample.jsonl.gz")[:limit]
    paragraphs = [("", context) for context in dict.fromkeys(row["context"] for row in rows)]
    questions = tuple((row["question"], not row["is_impossible"]) for row in rows)
    return QuestionSet("squad2", (write_articles(work / "squad2", paragraphs),), questions)
