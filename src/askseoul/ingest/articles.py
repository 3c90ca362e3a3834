"""Files to articles: finds the files of folders, and reads a file's text and metadata.

The metadata come from YAML front matter between ``---`` lines in Markdown, and from what other formats have for them.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import yaml

from askseoul.domain import Article
from askseoul.errors import ArticleEmpty, ArticleMissing, ArticleTooLarge, ArticleUnreadable, FormatUnsupported
from askseoul.ingest import converters
from askseoul.ingest.converters.base import ConvertedFile
from askseoul.ingest.encodings import decode_text
from askseoul.nlp.text import canonical_text, replace_surrogates

SUFFIXES = (".md", ".txt", *converters.SUFFIXES)
"""The suffixes of the files that are read."""
MAXIMUM_BYTES = 100_000_000
"""Size of the largest file that is read."""
MAXIMUM_CHARACTERS = 5_000_000
"""Length of the longest article; a novel has half a million characters."""

_FRONT_MATTER = re.compile(r"---[ \t]*\n(?P<yaml>(?:.*\n)*?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_FRONT_MATTER_CHARACTERS = 100_000
"""Longer front matter is a mistake, and YAML is slow to parse."""
_FIELDS = {
    "title": (re.compile("(.+)"), "a single piece of text"),
    "source": (re.compile("(.+)"), "a single piece of text"),
    "published": (re.compile(r"(\d{4}(?:-\d\d){0,2})(?:[T ]\d.*)?"), "a date such as 2025-06-04, 2025-06 or 2025"),
    "url": (re.compile(r"(https?://[^\s<>\"']+)", re.IGNORECASE), "an http or https address"),
    "language": (re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]+)*"), "an ISO 639 code such as en or ko"),
}
"""The fields of the metadata: the pattern of a value, and its description in errors."""

_HEADING = re.compile(r"#{1,6}[ \t]")
_MARKS = re.compile(r"[*`]+|^[#>_\s-]+|[#_]+$")
_HEADING_LINES = 20
"""Only a heading in the first lines is a title; later ones head a section."""
_TITLE_WORDS, _TITLE_CHARACTERS = 10, 80
_TITLE_LINE = 1000
"""Characters of a line that are searched for a title."""
_LANGUAGE_CHARACTERS = 5000


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a file states about its article; None for what it does not state."""

    title: str | None = None
    source: str | None = None
    published: str | None = None
    url: str | None = None
    language: str | None = None


def find_files(paths: Iterable[Path]) -> list[Path]:
    """Return the files at these paths and in these folders, without duplicates, folders sorted by name.

    Of a folder and its subfolders, only visible files with one of the SUFFIXES are returned. A file that is named
    itself is always returned, even if it is missing or unsupported: reading it reports the error.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        for file in _expand(path, is_named=True, visited=set()):
            found.setdefault(absolute(file), file)
    return list(found.values())


def _expand(path: Path, *, is_named: bool, visited: set[Path]) -> Iterator[Path]:
    try:
        entries = sorted(path.iterdir())
    except (NotADirectoryError, FileNotFoundError):
        if is_named or path.suffix.lower() in SUFFIXES:
            yield path
    except (OSError, ValueError):
        yield path  # a folder that can't be listed: reading it reports why
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
            raise FormatUnsupported(f"{path}: only {suffixes} files are read; save the text as one")
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

    Raises ArticleUnreadable, ArticleEmpty or ArticleTooLarge.
    """
    if not content or content.isspace():
        raise _empty(path)
    if path.suffix.lower() in converters.SUFFIXES:
        converted = converters.convert(path, content)
        text, stripped = _canonical_text(path, replace_surrogates(converted.text))
        metadata = _valid_metadata(converted)
    else:
        decoded, _ = _decode(path, content)
        text, stripped = _canonical_text(path, decoded)
        metadata = Metadata()
        if path.suffix.lower() == ".md":
            metadata, text = _split_front_matter(path, text)
    text = text.strip()
    if not text:
        raise _empty(path)
    return Article(
        id=article_id or unicodedata.normalize("NFC", path.name),
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        title=metadata.title or _title(text) or path.stem,
        source=metadata.source,
        published=metadata.published,
        url=metadata.url,
        language=metadata.language or "",
        places=(str(absolute(path)),),
        stripped=stripped,
    )


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
    """Return the first heading, else the first words, else an empty string."""
    lines = [line for line in text.split("\n") if any(map(str.isalnum, line))]
    for line in lines[:_HEADING_LINES]:
        if _HEADING.match(line):
            return " ".join(_MARKS.sub("", line[:_TITLE_LINE]).split())
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


def _valid_metadata(converted: ConvertedFile) -> Metadata:
    """Return the converted file's fields whose values would be valid in front matter."""
    valid = {}
    for name, (pattern, _) in _FIELDS.items():
        match = pattern.fullmatch(_in_one_line(getattr(converted, name) or ""))
        if match is not None:
            valid[name] = match[1].lower() if name == "language" else match[1]
    return Metadata(**valid)


def _split_front_matter(path: Path, text: str) -> tuple[Metadata, str]:
    """Return the front matter's metadata, and the text after it. Raises ArticleUnreadable, which names the line."""
    match = _FRONT_MATTER.match(text)
    if match is None:
        return Metadata(), text
    return _parse_front_matter(path, match["yaml"]), text[match.end() :]


def _parse_front_matter(path: Path, source: str) -> Metadata:
    def broken(line: int, problem: str) -> ArticleUnreadable:
        return ArticleUnreadable(f"{path}, line {line + 2}: {problem}; correct the front matter between the --- lines")

    if len(source) > _FRONT_MATTER_CHARACTERS:
        raise broken(0, f"the front matter has {len(source):,} characters, {_FRONT_MATTER_CHARACTERS:,} at most")
    try:
        # Composed, not loaded: `title: 1984` stays text, `language: no` is Norwegian, and each value has its line.
        root = yaml.compose(source, Loader=yaml.SafeLoader)
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
        pattern, expected = _FIELDS[key.value]
        written = _in_one_line(value.value) if isinstance(value, yaml.ScalarNode) else ""
        match = pattern.fullmatch(written)
        if match is None or (key.value == "published" and not _is_date(match[1])):
            raise broken(value.start_mark.line, f"`{key.value}` must be {expected}")
        known[key.value] = match[1].lower() if key.value == "language" else match[1]
    return Metadata(**known)


def _in_one_line(written: str) -> str:
    """Return a value as visible text in one line: YAML's escapes can give control characters and lone surrogates."""
    return " ".join(canonical_text(replace_surrogates(written))[0].split())


def _is_date(written: str) -> bool:
    try:
        date.fromisoformat(written + "-01-01"[len(written) - 4 :])
    except ValueError:
        return False
    return True
