"""Files to articles: finds the files of folders, and reads a file's text and what it states about itself."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from askseoul.domain import Article
from askseoul.errors import ArticleEmpty, ArticleMissing, ArticleTooLarge, ArticleUnreadable, FormatUnsupported
from askseoul.ingest import converters
from askseoul.ingest.converters.tables import ROW_MARK
from askseoul.ingest.datelines import find_dateline
from askseoul.ingest.encodings import decode_text
from askseoul.ingest.markdown import tables_to_statements
from askseoul.ingest.metadata import TABLE, Metadata, metadata_of, one_visible_line, split_front_matter
from askseoul.nlp.text import canonical_text, replace_surrogates

SUFFIXES = (".md", ".txt", *converters.SUFFIXES)
"""The suffixes of the files that are read."""
MAXIMUM_BYTES = 100_000_000
"""Size of the largest file that is read."""
MAXIMUM_CHARACTERS = 5_000_000
"""Length of the longest article; a novel has half a million characters."""

MAXIMUM_NOTES = 50
"""Notes of one article that are kept."""
LONGEST_NOTE = 300
"""Characters of a note that are kept."""

_HEADING = re.compile(r"#{1,6}[ \t]")
_MARKS = re.compile(r"[*`]+|^[#>_\s-]+|[#_]+$")
_HEADING_LINES = 20
"""Only a heading in the first lines is a title; later ones head a section."""
_TITLE_WORDS, _TITLE_CHARACTERS = 10, 80
_TITLE_LINE = 1000
"""Characters of a line that are searched for a title."""
_LANGUAGE_CHARACTERS = 5000


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """What was found at some paths and in some folders."""

    files: tuple[Path, ...]
    """The files to read."""
    tables: tuple[Path, ...]
    """The tables of metadata in the folders."""
    unread: tuple[Path, ...]
    """The visible files in the folders that are of other kinds."""


def find_files(paths: Iterable[Path]) -> FoundFiles:
    """Return the files at these paths and in these folders, without duplicates, folders sorted by name.

    Of a folder and its subfolders, only visible files with one of the SUFFIXES are to be read. A file that is named
    itself is always to be read, even if it is missing or unsupported: reading it reports the error. Only a table of
    metadata is none.
    """
    files: dict[Path, Path] = {}
    tables: dict[Path, Path] = {}
    unread: dict[Path, Path] = {}
    for path in paths:
        for file, is_named in _expand(path, is_named=True, visited=set()):
            is_read = is_named or file.suffix.lower() in SUFFIXES
            (tables if file.name == TABLE else files if is_read else unread).setdefault(absolute(file), file)
    others = (file for place, file in unread.items() if place not in files)
    return FoundFiles(tuple(files.values()), tuple(tables.values()), tuple(others))


def _expand(path: Path, *, is_named: bool, visited: set[Path]) -> Iterator[tuple[Path, bool]]:
    """Yield each file, and whether it is to be read whatever its kind."""
    try:
        entries = sorted(path.iterdir())
    except (NotADirectoryError, FileNotFoundError):
        yield path, is_named
    except (OSError, ValueError):
        yield path, True  # a folder that can't be listed: reading it reports why
    else:
        folder = path.resolve()
        if folder not in visited:
            visited.add(folder)
            for entry in entries:
                if not entry.name.startswith("."):
                    yield from _expand(entry, is_named=False, visited=visited)


def absolute(path: Path) -> Path:
    """Return the absolute path without ``..``. Links are kept, so an article has the name under which it was given."""
    return Path(os.path.normpath(path.absolute()))


def read_article(path: Path, article_id: str | None = None) -> Article:
    """Read the article in a file. Its id is the file's name unless given.

    Raises ArticleMissing, ArticleUnreadable, ArticleEmpty, ArticleTooLarge or FormatUnsupported, whose messages name
    the remedy.
    """
    return with_language(parse_article(path, read_content(path), article_id))


def read_content(path: Path) -> bytes:
    """Return the bytes of a file that can be an article.

    Raises ArticleMissing, ArticleUnreadable, ArticleTooLarge or FormatUnsupported, whose messages name the remedy.
    """
    try:
        str(path).encode()
        status = path.stat()
        mode, size = status.st_mode, status.st_size
        if stat.S_ISREG(mode) and path.suffix.lower() not in SUFFIXES:
            suffixes = f"{', '.join(SUFFIXES[:-1])} and {SUFFIXES[-1]}"
            saved_as = converters.SAVED_AS.get(path.suffix.lower())
            remedy = f"save it as {saved_as}" if saved_as else "save the text as one"
            raise FormatUnsupported(f"{path}: only {suffixes} files are read; {remedy}")
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            raise ArticleUnreadable(f"{path} is not a regular file: copy its content into one")
        if stat.S_ISREG(mode) and size > MAXIMUM_BYTES:
            raise ArticleTooLarge(f"{path} has {size:,} bytes, and {MAXIMUM_BYTES:,} are read at most: split it")
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ArticleMissing(f"{path} does not exist: check the spelling, or leave it out") from error
    except UnicodeEncodeError as error:
        raise ArticleUnreadable(f"{str(path)!a}: the file's name is not UTF-8; rename it") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ArticleUnreadable(f"{path} can't be read ({reason}): check its kind and its permissions") from error


def parse_article(path: Path, content: bytes, article_id: str | None = None) -> Article:
    """Return the article in the content of the file at ``path``. Its language is empty unless the file states it.

    Where the file states no date of publication, that of a dateline is taken. Tables in Markdown and plain text become
    statements. Raises ArticleUnreadable, ArticleEmpty or ArticleTooLarge.
    """
    if not content or content.isspace():
        raise _empty(path)
    if path.suffix.lower() in converters.SUFFIXES:
        converted = converters.convert(path, content)
        text, stripped = _canonical_text(path, replace_surrogates(converted.text))
        metadata, notes = metadata_of(converted), converted.notes
    else:
        decoded, note = _decode(path, content)
        text, stripped = _canonical_text(path, decoded)
        metadata, notes = Metadata(), (note,) if note else ()
        if path.suffix.lower() == ".md":
            metadata, text = split_front_matter(path, text)
        text = tables_to_statements(text, MAXIMUM_CHARACTERS)
    text = text.strip()
    if not text:
        raise _empty(path)
    if metadata.published is None and (published := find_dateline(text)):
        metadata = replace(metadata, published=published, published_from="dateline")
    article = Article(
        id=article_id or unicodedata.normalize("NFC", path.name),
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        title=_title(text) or path.stem,
        source=None,
        published=None,
        url=None,
        language="",
        places=(str(absolute(path)),),
        stripped=stripped,
        notes=tuple(one_visible_line(note)[:LONGEST_NOTE] for note in notes[:MAXIMUM_NOTES]),
    )
    return metadata.applied_to(article)


def with_language(article: Article) -> Article:
    """Return the article with its language detected from its text, if it is empty."""
    return article if article.language else replace(article, language=_detect_language(article.text))


def _empty(path: Path) -> ArticleEmpty:
    return ArticleEmpty(f"{path} holds no text: fill it, or leave it out")


def _decode(path: Path, content: bytes) -> tuple[str, str | None]:
    """Return the text, and a note of what was guessed about its encoding."""
    try:
        raw, note = decode_text(content)
    except ValueError as error:
        raise ArticleUnreadable(f"{path} can't be read ({error}): convert it to UTF-8") from error
    if "\0" in raw:
        raise ArticleUnreadable(
            f"{path} holds a NUL at character {raw.index(chr(0))}, like a binary file: convert it to UTF-8 text"
        )
    return raw.removeprefix("\ufeff"), note


def _canonical_text(path: Path, raw: str) -> tuple[str, int]:
    if len(raw) <= MAXIMUM_CHARACTERS:
        text, stripped = canonical_text(raw)
        if len(text) <= MAXIMUM_CHARACTERS:
            return text, stripped
    raise ArticleTooLarge(
        f"{path} holds {len(raw):,} characters, and an article has {MAXIMUM_CHARACTERS:,} at most: split it"
    )


def _title(text: str) -> str:
    """Return the first heading, else the first words; empty if there are none or if the text begins with a table."""
    lines = [line for line in text.split("\n") if any(map(str.isalnum, line))]
    for line in lines[:_HEADING_LINES]:
        if _HEADING.match(line):
            return " ".join(_MARKS.sub("", line[:_TITLE_LINE]).split())
    if lines and lines[0].startswith(ROW_MARK):
        return ""
    words = _MARKS.sub("", lines[0][:_TITLE_LINE]).split() if lines else []
    title = " ".join(words[:_TITLE_WORDS])
    if len(title) > _TITLE_CHARACTERS:
        cut = title[:_TITLE_CHARACTERS]
        title = cut.rpartition(" ")[0] or cut
    return title if title == " ".join(words) else title.rstrip(",;:.-–— ") + "…"


def _detect_language(text: str) -> str:
    import py3langid  # takes up to a second to load, and front matter often states the language

    language: str = py3langid.classify(text[:_LANGUAGE_CHARACTERS])[0]
    return language
