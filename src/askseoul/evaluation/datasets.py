"""Read gold questions, labelled sentences and the rows of public datasets from files of JSON lines.

Errors name the file, the line and the field.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from askseoul.errors import UsageError
from askseoul.nlp.text import canonical_text, replace_surrogates

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
"""What else a question tests. The last six say why an unanswerable question has no answer: the articles leave out a
detail, or say it about another person or another time; the event did not happen; the topic is next to that of the
articles, or far from it."""


@dataclass(frozen=True, slots=True)
class GoldEvidence:
    """An exact quote that answers a question or a part of it."""

    article: str
    """Id of the article, which is the name of its file."""
    quote: str


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question, the facts that its answer must hold, and their evidence. An unanswerable question has neither."""

    id: str
    kind: Kind
    lang: str
    question: str
    facts: tuple[tuple[str, ...], ...]
    """Each fact is a list of alternative regular expressions, one of which must match."""
    evidence: tuple[GoldEvidence, ...]
    aspect: Aspect | None = None
    history: tuple[str, ...] = ()
    """The earlier questions of the conversation, oldest first."""
    answers: tuple[str, ...] = ()
    """Short answers, each correct by itself, to compute token F1 with."""


@dataclass(frozen=True, slots=True)
class LabelledSentence:
    """A sentence with a person's judgement whether quotes support it, to measure the verifier with."""

    id: str
    kind: str
    """The reason for the label in a word or two."""
    sentence: str
    evidence: tuple[GoldEvidence, ...]
    supported: bool


Row = dict[str, Any]
_Item = TypeVar("_Item")
_Record = TypeVar("_Record", GoldQuestion, LabelledSentence)


def load_gold(path: Path) -> list[GoldQuestion]:
    """The gold questions of a file; empty lines and unknown keys are ignored.

    Raises UsageError for a line that is not a gold question, or is a draft that was not reviewed."""
    return _load(path, "gold question", GoldQuestion)


def load_labelled(path: Path) -> list[LabelledSentence]:
    """The labelled sentences of a file; empty lines and unknown keys are ignored. Raises UsageError."""
    return _load(path, "labelled sentence", LabelledSentence)


def _load(path: Path, what: str, kind: type[_Record]) -> list[_Record]:
    from pydantic import TypeAdapter, ValidationError

    adapter, found = TypeAdapter(kind), dict[str, _Record]()

    def read(line: str, _: RowPosition) -> _Record:
        try:
            record = adapter.validate_json(line, strict=True)
        except ValidationError as error:
            fault = error.errors()[0]
            field = ".".join(map(str, fault["loc"]))
            raise ValueError(f"{field}: {fault['msg']}" if field else fault["msg"]) from error
        if json.loads(line).get("draft"):
            raise ValueError("it is a draft. Review it: fill 'facts' and 'evidence', then remove 'draft'")
        for name, value in asdict(record).items():
            if value == "":
                raise ValueError(f"{name}: it must not be empty")
            if isinstance(value, tuple) and any(part in ("", ()) for part in value):
                raise ValueError(f"{name}: it must not contain an empty text or list")
        if isinstance(record, GoldQuestion):
            _check_facts(record)
        if record.id in found:
            raise ValueError(f"id: {record.id!r} was used before")
        return found.setdefault(record.id, record)

    records = list(read_rows(path, read, what=what, parse=str))
    if not records:
        raise UsageError(f"{path} holds no {what}")
    return records


def _check_facts(question: GoldQuestion) -> None:
    if bool(question.facts) == (question.kind == "unanswerable"):
        raise ValueError("facts: they must be empty for an unanswerable question, and only for one")
    for pattern in (pattern for fact in question.facts for pattern in fact):
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"facts: {pattern!r} is not a regular expression ({error})") from error


@dataclass(frozen=True, slots=True)
class RowPosition:
    """The position of a row: the name of its file without the suffix, and the number of its line, from 1."""

    file: str
    number: int


def row_files(path: Path) -> list[Path]:
    """The file itself, or the files of JSON lines in a folder, by name; a file's gzipped copy is left out."""
    found = [*path.glob("*.jsonl.gz"), *path.glob("*.jsonl")] if path.is_dir() else [path]
    by_name = {file.name.removesuffix(".gz"): file for file in found}
    if not by_name:
        raise UsageError(f"{path} holds no .jsonl or .jsonl.gz: name the folder that does, or a file.")
    return [by_name[name] for name in sorted(by_name)]


def _json_object(line: str) -> Row:
    row = json.loads(line)
    if not isinstance(row, dict):
        raise TypeError("it must be a JSON object")
    return row


def read_rows(
    path: Path,
    read: Callable[[Any, RowPosition], _Item | None],
    *,
    what: str = "row",
    parse: Callable[[str], Any] = _json_object,
) -> Iterator[_Item]:
    """What ``read`` returns for the parsed row in each line that is not empty; None is left out.

    If the file does not exist, its gzipped copy with the suffix ``.gz`` is read. Raises UsageError if the file can't be
    read, or if ``parse`` or ``read`` raises KeyError, TypeError, ValueError or RecursionError for a line.
    """
    packed = path.with_name(f"{path.name}.gz")
    path = packed if packed.exists() and not path.exists() else path
    name, number = path.name.removesuffix(".gz").rpartition(".")[0], 0
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    item = read(parse(line.decode("utf-8-sig").rstrip("\r\n")), RowPosition(name, number))
                    if item is not None:
                        yield item
    except (OSError, EOFError, zlib.error) as error:
        where = f" after line {number}" if number else ""
        raise UsageError(f"{path} can't be read{where} ({error}): name another file, or download it again.") from error
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        fault = f"{error} is missing" if isinstance(error, KeyError) else f"{error}"
        raise UsageError(
            f"{path}, line {number} is not a {what}: {fault}. Correct the line or replace the file."
        ) from error


def text_of(row: Row, key: str) -> str:
    """The canonical text in a field, stripped; it may be empty."""
    if not isinstance(row[key], str):
        raise TypeError(f"{key!r} must be a text")
    return canonical_text(replace_surrogates(row[key]))[0].strip()


def texts_of(row: Row, key: str) -> tuple[str, ...]:
    """The canonical texts in a field that holds a list of texts, without the empty ones."""
    return tuple(text for each in _list_of(row, key) if (text := text_of({key: each}, key)))


def rows_of(row: Row, key: str) -> list[Row]:
    """The objects in a field that holds a list of objects."""
    if not all(isinstance(each, dict) for each in _list_of(row, key)):
        raise TypeError(f"{key!r} must be a list of objects")
    return list(row[key])


def _list_of(row: Row, key: str) -> list[Any]:
    if not isinstance(row[key], list):
        raise TypeError(f"{key!r} must be a list")
    return list(row[key])


def id_of(row: Row, key: str) -> str:
    """The id in a field that holds a text or an integer."""
    if not isinstance(row[key], str | int) or row[key] == "":
        raise TypeError(f"{key!r} must be a text or a number")
    return str(row[key])


def flag_of(row: Row, key: str) -> bool:
    """The value of a field that holds 0, 1, false or true."""
    if row[key] not in (0, 1):
        raise ValueError(f"{key!r} is {row[key]!r} and must be 0 or 1, true or false")
    return bool(row[key])
