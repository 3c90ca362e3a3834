"""Lines of a file of data into rows and their fields, with errors that name the file, the line and what to do.

The functions that read a field raise KeyError, TypeError or ValueError; ``read_rows`` makes UsageError of it.

Gold questions: what is asked, the facts that an answer must hold, and the evidence for them.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from askseoul.errors import UsageError
from askseoul.nlp.text import canonical_text, replace_surrogates

Row = dict[str, Any]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands: the name of its file without the ending, and its line, counted from 1."""

    file: str
    number: int


def row_files(path: Path) -> list[Path]:
    """The one file, or the files of JSON lines of the folder by name; of one that is there twice, the unpacked one."""
    found = [*path.glob("*.jsonl.gz"), *path.glob("*.jsonl")] if path.is_dir() else [path]
    by_name = {file.name.removesuffix(".gz"): file for file in found}
    if not by_name:
        raise UsageError(f"{path} holds no .jsonl or .jsonl.gz: name the folder that does, or a file.")
    return [by_name[name] for name in sorted(by_name)]


def _object(line: str) -> Row:
    row = json.loads(line)
    if not isinstance(row, dict):
        raise TypeError("it must be a JSON object")
    return row


def read_rows(
    path: Path, read: Callable[[Any, Place], _T | None], parse: Callable[[str], Any] = _object
) -> Iterator[_T]:
    """What ``read`` makes of the row in each line that is not empty, None left out.

    The file is the one named, or else the same gzipped, with ``.gz`` behind its name. UsageError names the file that
    can't be read, and the line that ``parse`` and ``read`` do not take.
    """
    packed = path.with_name(f"{path.name}.gz")
    path = packed if packed.exists() and not path.exists() else path
    name, number = path.name.removesuffix(".gz").rpartition(".")[0], 0
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    item = read(parse(line.decode("utf-8-sig").rstrip("\r\n")), Place(name, number))
                    if item is not None:
                        yield item
    except (OSError, EOFError, zlib.error) as error:
        what = f"{path} can't be read behind line {number} ({error})" if number else f"{path} can't be read ({error})"
        raise UsageError(f"{what}: name the folder or file as it was downloaded, or download it again.") from error
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else f"{error}"
        message = f"{path}, line {number} can't be taken: {what}. Correct the line, or download the file again."
        raise UsageError(message) from error


def text_of(row: Row, key: str) -> str:
    """The canonical text in a field, without white space around it; it may be empty."""
    if not isinstance(row[key], str):
        raise TypeError(f"{key!r} must be a text")
    return canonical_text(replace_surrogates(row[key]))[0].strip()


def texts_of(row: Row, key: str) -> tuple[str, ...]:
    """The canonical texts in a field that holds a list of them, the empty ones left out."""
    return tuple(text for each in _list_of(row, key) if (text := text_of({key: each}, key)))


def rows_of(row: Row, key: str) -> list[Row]:
    """The objects in a field that holds a list of them."""
    if not all(isinstance(each, dict) for each in _list_of(row, key)):
        raise TypeError(f"{key!r} must be a list of objects")
    return list(row[key])


def _list_of(row: Row, key: str) -> list[Any]:
    if not isinstance(row[key], list):
        raise TypeError(f"{key!r} must be a list")
    return list(row[key])


def id_of(row: Row, key: str) -> str:
    """The id in a field, a text or a whole number."""
    if not isinstance(row[key], str | int) or row[key] == "":
        raise TypeError(f"{key!r} must be a text or a number")
    return str(row[key])


def flag_of(row: Row, key: str) -> bool:
    """Whether a field is true, or 1; false, or 0, if not."""
    if row[key] not in (0, 1):
        raise ValueError(f"{key!r} is {row[key]!r} and must be 0 or 1, true or false")
    return bool(row[key])


Kind = Literal["fact", "explain", "multi", "conflict", "unanswerable"]
Aspect = Literal[
    "who says it",
    "date",
    "follow-up",
    "missing detail",
    "wrong person",
    "wrong time",
    "false premise",
    "other topic",
    "beyond the collection",
]
"""What more a question tries. The last six say why nothing answers an unanswerable one: a detail that is left out, what
is told of somebody else or of another time, what did not happen, a subject beside that of the articles, or one far off.
"""


@dataclass(frozen=True, slots=True)
class GoldEvidence:
    """An exact quote that answers a question, or a part of it."""

    article: str
    """The file's name, which is the article's id."""
    quote: str


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question, the facts its answer must hold, and the evidence they stand in. Unanswerable ones have neither."""

    id: str
    kind: Kind
    lang: str
    question: str
    facts: tuple[tuple[str, ...], ...]
    """Each fact is a list of regular expressions, one of which must match."""
    evidence: tuple[GoldEvidence, ...]
    aspect: Aspect | None = None
    history: tuple[str, ...] = ()
    """The questions asked before it, oldest first; it leans on them."""
    answers: tuple[str, ...] = ()
    """Short answers, each right by itself, where there are any: what token F1 compares with."""


@dataclass(frozen=True, slots=True)
class LabelledSentence:
    """A sentence of which a person has said whether quotes bear it out: what a verifier is measured with."""

    id: str
    kind: str
    """What makes it so, in a word or two."""
    sentence: str
    evidence: tuple[GoldEvidence, ...]
    supported: bool


_Identified = TypeVar("_Identified", GoldQuestion, LabelledSentence)


def load_gold(path: Path) -> list[GoldQuestion]:
    """The gold questions of a JSON-lines file; empty lines and unknown keys are passed over.

    UsageError names the file and the line that is not a gold question, or is a draft that nobody reviewed.
    """
    return _load(path, "gold question", _gold_question)


def load_labelled(path: Path) -> list[LabelledSentence]:
    """The labelled sentences of a JSON-lines file, ``{id, kind, sentence, evidence: [{article, quote}], supported}``;
    empty lines and unknown keys are passed over.

    UsageError names the file and the line that is no such sentence.
    """
    return _load(path, "labelled sentence", _labelled_sentence)


def _load(path: Path, what: str, read: Callable[[dict[str, Any]], _Identified]) -> list[_Identified]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The {what}s {path} can't be read: {error}") from error
    found: dict[str, _Identified] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            each = read(json.loads(line))
            if each.id in found:
                raise ValueError(f"the id {each.id!r} was used before")
        except (KeyError, TypeError, ValueError, re.error, OverflowError, RecursionError) as error:
            fault = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise UsageError(f"{path}, line {number} is not a {what}: {fault}") from error
        found[each.id] = each
    if not found:
        raise UsageError(f"{path} holds no {what}")
    return list(found.values())


def _labelled_sentence(record: dict[str, Any]) -> LabelledSentence:
    _need_texts(record, "id", "kind", "sentence")
    if not isinstance(record["supported"], bool):
        raise TypeError("'supported' must be true or false")
    evidence = tuple(_evidence(each) for each in _list(record, "evidence"))
    return LabelledSentence(record["id"], record["kind"], record["sentence"], evidence, record["supported"])


def _need_texts(record: object, *keys: str) -> None:
    if not isinstance(record, dict):
        raise TypeError("it must be a JSON object")
    for key in keys:
        if not isinstance(record[key], str) or not record[key]:
            raise TypeError(f"{key!r} must be a text")


def _gold_question(record: dict[str, Any]) -> GoldQuestion:
    _need_texts(record, "id", "kind", "lang", "question")
    if record.get("draft"):
        raise ValueError("it is a draft. Review it: fill 'facts' and 'evidence', then remove 'draft'")
    kind = record["kind"]
    if kind not in get_args(Kind):
        raise ValueError(f"'kind' is {kind!r} and must be one of {', '.join(get_args(Kind))}")
    facts = tuple(_fact(alternatives) for alternatives in _list(record, "facts"))
    if bool(facts) == (kind == "unanswerable"):
        raise ValueError("'facts' must be empty for an unanswerable question, and only for one")
    evidence = tuple(_evidence(each) for each in _list(record, "evidence"))
    aspect = record.get("aspect")
    if aspect is not None and aspect not in get_args(Aspect):
        raise ValueError(f"'aspect' is {aspect!r} and must be one of {', '.join(get_args(Aspect))}")
    history, answers = (_texts(record, key) for key in ("history", "answers"))
    return GoldQuestion(
        record["id"], kind, record["lang"], record["question"], facts, evidence, aspect, history, answers
    )


def _list(record: dict[str, Any], key: str) -> list[Any]:
    if not isinstance(record[key], list):
        raise TypeError(f"{key!r} must be a list")
    return list(record[key])


def _texts(record: dict[str, Any], key: str) -> tuple[str, ...]:
    texts = _list(record, key) if key in record else []
    if not all(isinstance(text, str) and text for text in texts):
        raise TypeError(f"{key!r} must be a list of texts")
    return tuple(texts)


def _fact(alternatives: object) -> tuple[str, ...]:
    if (
        not isinstance(alternatives, list)
        or not alternatives
        or not all(isinstance(each, str) for each in alternatives)
    ):
        raise TypeError("each of 'facts' must be a list of regular expressions")
    for pattern in alternatives:
        re.compile(pattern)
    return tuple(alternatives)


def _evidence(record: object) -> GoldEvidence:
    if not isinstance(record, dict) or not all(isinstance(record[key], str) for key in ("article", "quote")):
        raise TypeError("each of 'evidence' must hold the texts 'article' and 'quote'")
    return GoldEvidence(record["article"], record["quote"])
