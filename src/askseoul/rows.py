"""Lines of a file of data into rows and their fields, with errors that name the file, the line and what to do.

The functions that read a field raise KeyError, TypeError or ValueError; ``read_rows`` makes UsageError of it.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from askseoul.canonical import canonical_text, readable
from askseoul.errors import UsageError

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
    return canonical_text(readable(row[key]))[0].strip()


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
