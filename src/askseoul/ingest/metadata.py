"""What is known about an article besides its text, and where it is stated.

In order of precedence: options given for the files, a table ``metadata.csv`` beside them, and the file itself, with
front matter in Markdown (YAML between ``---`` lines) and what other formats have for it.

    file,title,source,published
    tram.pdf,The tram to the port,Velmora Courier,2024-11-08
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Final, Self

import yaml

from askseoul.domain import Article
from askseoul.errors import ArticleUnreadable, UsageError, quoted
from askseoul.ingest.converters.base import ConvertedFile, named_author
from askseoul.ingest.encodings import decode_text
from askseoul.nlp.text import canonical_text, nfc, replace_surrogates

TABLE: Final = "metadata.csv"
"""Name of the table beside the files. It is no article."""
OPTION: Final = "option"
"""How a date or source is known that was given with ``askseoul index``."""
FRONT_MATTER: Final = "front matter"

_FRONT_MATTER = re.compile(r"---[ \t]*\n(?P<yaml>(?:.*\n)*?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_FRONT_MATTER_CHARACTERS: Final = 100_000
"""Longer front matter is a mistake, and YAML is slow to parse."""
_FIELDS: Final = {
    "title": (re.compile("(.+)"), "a single piece of text"),
    "source": (re.compile("(.+)"), "a single piece of text"),
    "published": (re.compile(r"(\d{4}(?:-\d\d){0,2})(?:[T ]\d.*)?"), "a date such as 2025-06-04, 2025-06 or 2025"),
    "url": (re.compile(r"(https?://[^\s<>\"']+)", re.IGNORECASE), "an http or https address"),
    "language": (re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]+)*"), "an ISO 639 code such as en or ko"),
}
"""The fields of the metadata: the pattern of a value, and its description in errors."""
_FILE: Final = "file"
_TABLE_BYTES: Final = 20_000_000
_DELIMITERS: Final = ",;\t"
"""Spreadsheets write the second where the comma is the decimal sign, and the third as "Unicode text"."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is stated about an article; None for what is not."""

    title: str | None = None
    source: str | None = None
    published: str | None = None
    published_from: str | None = None
    """How ``published`` is known."""
    source_from: str | None = None
    """How ``source`` is known, if not by the file's own format."""
    url: str | None = None
    language: str | None = None

    def applied_to(self, article: Article) -> Article:
        """Return the article with what is stated here in place of what it states."""
        stated = {each.name: value for each in fields(self) if (value := getattr(self, each.name)) is not None}
        return replace(article, **stated)


@dataclass(frozen=True, slots=True)
class Options:
    """The date and the source that a user gives for all files of a run. Empty text takes back what was given before."""

    published: str | None = None
    source: str | None = None

    @classmethod
    def of(cls, published: str | None, source: str | None) -> Self:
        """Return the options, checked. Raises UsageError for a date that is none."""
        if published and _valid("published", published) is None:
            raise UsageError(f"{quoted(published)} is no date of publication: give {_FIELDS['published'][1]}.")
        return cls(published and _valid("published", published), source and one_visible_line(source))

    @property
    def metadata(self) -> Metadata:
        """What the options state."""
        return Metadata(
            source=self.source or None,
            source_from=OPTION if self.source else None,
            published=self.published or None,
            published_from=OPTION if self.published else None,
        )

    @property
    def given(self) -> frozenset[str]:
        """The names of the options that were given, with empty text too."""
        return frozenset(each.name for each in fields(self) if getattr(self, each.name) is not None)


NO_OPTIONS: Final = Options()


def metadata_of(converted: ConvertedFile) -> Metadata:
    """Return the converted file's metadata, those values that would be valid in front matter."""
    valid = {name: _valid(name, getattr(converted, name) or "") for name in _FIELDS}
    valid["source"] = named_author(valid["source"])
    return Metadata(**valid, published_from=converted.published_from if valid["published"] else None)


def _valid(name: str, written: str) -> str | None:
    """Return the value of a field in its canonical form; None if it is not valid."""
    match = _FIELDS[name][0].fullmatch(one_visible_line(written))
    if match is None or (name == "published" and not _is_date(match[1])):
        return None
    return match[1].lower() if name == "language" else match[1]


def one_visible_line(written: str) -> str:
    """Return the visible text in one line: YAML's escapes and names in files hold control characters, for example."""
    return " ".join(canonical_text(replace_surrogates(written))[0].split())


def _is_date(written: str) -> bool:
    try:
        date.fromisoformat(written + "-01-01"[len(written) - 4 :])
    except ValueError:
        return False
    return True


# Front matter


def split_front_matter(path: Path, text: str) -> tuple[Metadata, str]:
    """Return the front matter's metadata, and the text after it. Raises ArticleUnreadable, which names the line."""
    match = _FRONT_MATTER.match(text)
    if match is None:
        return Metadata(), text
    return _parse_front_matter(path, match["yaml"]), text[match.end() :]


def _parse_front_matter(path: Path, written: str) -> Metadata:
    def broken(line: int, problem: str) -> ArticleUnreadable:
        return ArticleUnreadable(f"{path}, line {line + 2}: {problem}; correct the front matter between the --- lines")

    if len(written) > _FRONT_MATTER_CHARACTERS:
        raise broken(0, f"the front matter has {len(written):,} characters, {_FRONT_MATTER_CHARACTERS:,} at most")
    try:
        # Composed, not loaded: `title: 1984` stays text, `language: no` is Norwegian, and each value has its line.
        root = yaml.compose(written, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "not YAML"
        raise broken(mark.line if mark else 0, problem) from error
    if root is None:
        return Metadata()
    if not isinstance(root, yaml.MappingNode):
        raise broken(root.start_mark.line, "the front matter is not a list of `name: value` lines")
    known: dict[str, str] = {}
    for key, value in root.value:
        if not isinstance(key, yaml.ScalarNode) or key.value not in _FIELDS or value.tag == "tag:yaml.org,2002:null":
            continue
        valid = _valid(key.value, value.value) if isinstance(value, yaml.ScalarNode) else None
        if valid is None:
            raise broken(value.start_mark.line, f"`{key.value}` must be {_FIELDS[key.value][1]}")
        known[key.value] = valid
    source = named_author(known.pop("source", None))
    return Metadata(
        **known,
        published_from=FRONT_MATTER if "published" in known else None,
        source=source,
        source_from=source and FRONT_MATTER,
    )


# The table beside the files


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a ``metadata.csv`` by their file's name, and what is wrong in it, each with its file and line."""

    rows: Mapping[str, Metadata] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


class Tables:
    """The tables beside the files of a run, each read once."""

    def __init__(self, paths: Iterable[Path]) -> None:
        """``paths`` are those of the tables found in folders; those beside single files are looked for."""
        self._tables: dict[Path, Table] = {}
        for path in paths:
            self._table(path.parent)

    def row(self, path: Path) -> Metadata | None:
        """Return what the table beside this file states about it, if anything."""
        return self._table(path.parent).rows.get(nfc(path.name))

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong in the tables read so far."""
        return tuple(fault for table in self._tables.values() for fault in table.faults)

    def _table(self, folder: Path) -> Table:
        if folder not in self._tables:
            path = folder / TABLE
            self._tables[folder] = read_table(path) if is_there(path) else Table()
        return self._tables[folder]


def is_there(path: Path) -> bool:
    """Return whether there is a file at this path; False where that can't be told."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def read_table(path: Path) -> Table:
    """Return the table in this file. A row or a value that is wrong is left out and told; nothing is raised."""
    faults: list[str] = []
    try:
        if path.stat().st_size > _TABLE_BYTES:
            return Table(faults=(f"{path} has more than {_TABLE_BYTES:,} bytes, and is not read: split it",))
        text, note = decode_text(path.read_bytes())
        if note is not None:
            faults.append(f"{path}: {note}")
        rows = dict(_rows(path, text.removeprefix("\ufeff").replace("\0", ""), faults))
    except (OSError, ValueError, csv.Error) as error:
        return Table(faults=(*faults, f"{path} can't be read ({error}): save it as CSV in UTF-8"))
    return Table(rows, tuple(faults))


def _rows(path: Path, text: str, faults: list[str]) -> Iterator[tuple[str, Metadata]]:
    first = text.lstrip("\r\n").splitlines()[:1]
    delimiter = max(_DELIMITERS, key=lambda each: first[0].count(each) if first else 0)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    present = {nfc(each.name) for each in path.parent.iterdir()}
    columns: list[str] | None = None
    lines: dict[str, int] = {}
    for cells in reader:
        place = f"{path}, line {reader.line_num}"
        values = [one_visible_line(cell) for cell in cells]
        if not any(values):
            continue
        if columns is None:
            columns = [value.lower() for value in values]
            faults += [f"{place}: {fault}" for fault in _faults_of_columns(columns)]
            if _FILE not in columns:
                return
            continue
        row: dict[str, str] = {}
        for column, value in zip(columns, values, strict=False):
            row.setdefault(column, value)
        name = nfc(row.get(_FILE, ""))
        fault = _fault_of_row(name, present, lines) or (
            f"the row has {len(values)} cells, and there are {len(columns)} columns: quote a cell that holds a comma"
            if any(values[len(columns) :])
            else None
        )
        if fault is not None:
            faults.append(f"{place}: {fault}; the row is left out")
            continue
        lines[name] = reader.line_num
        yield name, _stated(place, name, row, faults)
    if columns is None:
        faults.append(f"{path} is empty: its first line names the columns, {_listed_columns()}")


def _faults_of_columns(columns: list[str]) -> Iterator[str]:
    if _FILE not in columns:
        yield f"there is no column `{_FILE}`, and nothing is read: the first line names them, {_listed_columns()}"
        return
    for name in dict.fromkeys(columns):
        if name and name not in (_FILE, *_FIELDS):
            yield f"{quoted(name)} is no column: there are {_listed_columns()}"
        elif name and columns.count(name) > 1:
            yield f"the column `{name}` stands there {columns.count(name)} times, and the first is read"


def _listed_columns() -> str:
    *first, last = _FILE, *_FIELDS
    return f"{', '.join(first)} and {last}"


def _fault_of_row(name: str, present: Collection[str], lines: Mapping[str, int]) -> str | None:
    if not name:
        return "no file is named"
    if name in lines:
        return f"{quoted(name)} has a row already, in line {lines[name]}"
    if "/" in name or "\\" in name or name in (".", ".."):
        return f"{quoted(name)} is not beside the table: put a {TABLE} into its folder"
    return None if name in present else f"there is no file {quoted(name)} beside it"


def _stated(place: str, name: str, row: Mapping[str, str], faults: list[str]) -> Metadata:
    known = {}
    for column, (_, expected) in _FIELDS.items():
        written = row.get(column, "")
        if written and (valid := _valid(column, written)) is None:
            faults.append(f"{place}: `{column}` of {name} must be {expected}, and {quoted(written)} is left out")
        elif written:
            known[column] = valid
    return Metadata(
        **known,
        published_from=TABLE if "published" in known else None,
        source_from=TABLE if "source" in known else None,
    )
