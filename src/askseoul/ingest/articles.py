"""What a file states about its article: YAML between --- lines, or what a format has in its place.

Files into articles: which files, and what each holds.
"""

from __future__ import annotations

import codecs
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
from askseoul.nlp.text import canonical_text, replace_surrogates

_FRONT_MATTER = re.compile(r"---[ \t]*\n(?P<yaml>(?:.*\n)*?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_FRONT_MATTER_CHARACTERS = 100_000
"""Longer front matter is a mistake, and YAML is slow to read."""
_FIELDS = {
    "title": (re.compile("(.+)"), "a single piece of text"),
    "source": (re.compile("(.+)"), "a single piece of text"),
    "published": (re.compile(r"(\d{4}(?:-\d\d){0,2})(?:[T ]\d.*)?"), "a date such as 2025-06-04, 2025-06 or 2025"),
    "url": (re.compile(r"(https?://[^\s<>\"']+)", re.IGNORECASE), "an http or https address"),
    "language": (re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]+)*"), "an ISO 639 code such as en or ko"),
}
"""What is read of front matter: the value's form, and how an error names it."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What is known of an article beside its text; None is not stated."""

    title: str | None = None
    source: str | None = None
    published: str | None = None
    url: str | None = None
    language: str | None = None


def split_front_matter(path: Path, text: str) -> tuple[Stated, str]:
    """What the front matter states, and the text after it. Raises ArticleUnreadable, which names the line."""
    front = _FRONT_MATTER.match(text)
    if front is None:
        return Stated(), text
    return _front_matter(path, front["yaml"]), text[front.end() :]


def stated_by(extracted: ConvertedFile) -> Stated:
    """What a file states about itself, as far as it has the form in which front matter would have to state it."""
    known = {}
    for name, (pattern, _) in _FIELDS.items():
        meant = pattern.fullmatch(_in_one_line(getattr(extracted, name) or ""))
        if meant is not None:
            known[name] = meant[1].lower() if name == "language" else meant[1]
    return Stated(**known)


def _front_matter(path: Path, source: str) -> Stated:
    def broken(line: int, what: str) -> ArticleUnreadable:
        return ArticleUnreadable(f"{path}, line {line + 2}: {what}; mend the front matter between the --- lines")

    if len(source) > _FRONT_MATTER_CHARACTERS:
        raise broken(0, f"the front matter has {len(source):,} characters, {_FRONT_MATTER_CHARACTERS:,} at most")
    try:
        # Composed, not loaded: `title: 1984` stays text, `language: no` is Norwegian, and each value knows its line.
        root = yaml.compose(source, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "not YAML"
        raise broken(mark.line if mark else 0, problem) from error
    if root is None:
        return Stated()
    if not isinstance(root, yaml.MappingNode):
        raise broken(root.start_mark.line, "the front matter is not a list of `name: value` lines")
    known: dict[str, str] = {}
    for key, value in root.value:
        if not isinstance(key, yaml.ScalarNode) or key.value not in _FIELDS or value.tag == "tag:yaml.org,2002:null":
            continue
        pattern, expected = _FIELDS[key.value]
        written = _in_one_line(value.value) if isinstance(value, yaml.ScalarNode) else ""
        meant = pattern.fullmatch(written)
        if meant is None or (key.value == "published" and not _is_date(meant[1])):
            raise broken(value.start_mark.line, f"`{key.value}` must be {expected}")
        known[key.value] = meant[1].lower() if key.value == "language" else meant[1]
    return Stated(**known)


def _in_one_line(written: str) -> str:
    """A value as a reader may see it: YAML's escapes can write control characters and halves of surrogate pairs."""
    return " ".join(canonical_text(replace_surrogates(written))[0].split())


def _is_date(written: str) -> bool:
    try:
        date.fromisoformat(written + "-01-01"[len(written) - 4 :])
    except ValueError:
        return False
    return True


SUFFIXES = (".md", ".txt", *converters.SUFFIXES)
"""The kinds of file that are read."""
MAXIMUM_BYTES = 100_000_000
"""A larger file is not read."""
MAXIMUM_CHARACTERS = 5_000_000
"""A longer text is not an article; a novel has half a million characters."""

_HEADING = re.compile(r"#{1,6}[ \t]")
_MARKS = re.compile(r"[*`]+|^[#>_\s-]+|[#_]+$")
_HEADING_LINES = 20
"""A title's heading stands within so many lines of the beginning; later ones head a part."""
_TITLE_WORDS, _TITLE_CHARACTERS = 10, 80
_TITLE_LINE = 1000
"""So many characters of a line are looked at for a title."""
_LANGUAGE_CHARACTERS = 5000


def find_files(paths: Iterable[Path]) -> list[Path]:
    """The files that these files and folders stand for, without repeats, folders in the order of their entries' names.

    From folders, whatever their depth, only files of a supported kind that are not hidden. A path that is named itself
    is always there, missing, unsupported or unreadable as it may be, so that reading it says so.
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
        yield path  # a folder that can't be listed: reading it says why
    else:
        folder = path.resolve()
        if folder not in visited:
            visited.add(folder)
            for entry in entries:
                if not entry.name.startswith("."):
                    yield from _expand(entry, is_named=False, visited=visited)


def absolute(path: Path) -> Path:
    """The absolute path, ``..`` taken out and links left as they are: an article keeps the name its reader gave it."""
    return Path(os.path.normpath(path.absolute()))


def read_article(path: Path, article_id: str | None = None) -> Article:
    """The article in this file, its id the file's name unless given.

    Raises ArticleMissing, ArticleUnreadable, ArticleEmpty, ArticleTooLarge or FormatUnsupported, which say what to do.
    """
    return with_language(parse_article(path, read_content(path), article_id))


def parse_article(path: Path, content: bytes, article_id: str | None = None) -> Article:
    """The article that this content of the file at ``path`` is, its language empty unless the file states it.

    Raises ArticleUnreadable, ArticleEmpty or ArticleTooLarge.
    """
    if not content or content.isspace():
        raise _empty(path)
    if path.suffix.lower() in converters.SUFFIXES:
        extracted = converters.extract(path, content)
        text, stripped = _canonical_text(path, replace_surrogates(extracted.text))
        known = stated_by(extracted)
    else:
        text, stripped = _canonical_text(path, _decode(path, content))
        known = Stated()
        if path.suffix.lower() == ".md":
            known, text = split_front_matter(path, text)
    text = text.strip()
    if not text:
        raise _empty(path)
    return Article(
        id=article_id or unicodedata.normalize("NFC", path.name),
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        title=known.title or _title(text) or path.stem,
        source=known.source,
        published=known.published,
        url=known.url,
        language=known.language or "",
        places=(str(absolute(path)),),
        stripped=stripped,
    )


def with_language(article: Article) -> Article:
    """The article with its language, found out from its text where it is empty."""
    return article if article.language else replace(article, language=_detect_language(article.text))


def _empty(path: Path) -> ArticleEmpty:
    return ArticleEmpty(f"{path} holds no text: fill it, or leave it out")


def _canonical_text(path: Path, raw: str) -> tuple[str, int]:
    if len(raw) <= MAXIMUM_CHARACTERS:
        text, stripped = canonical_text(raw)
        if len(text) <= MAXIMUM_CHARACTERS:
            return text, stripped
    raise ArticleTooLarge(
        f"{path} holds {len(raw):,} characters, and an article has {MAXIMUM_CHARACTERS:,} at most: split it"
    )


def read_content(path: Path) -> bytes:
    """The bytes of a file that can be an article.

    Raises ArticleMissing, ArticleUnreadable, ArticleTooLarge or FormatUnsupported, each of which says what to do.
    """
    try:
        str(path).encode()
        status = path.stat()
        mode, size = status.st_mode, status.st_size
        if stat.S_ISREG(mode) and path.suffix.lower() not in SUFFIXES:
            kinds = f"{', '.join(SUFFIXES[:-1])} and {SUFFIXES[-1]}"
            raise FormatUnsupported(f"{path}: only {kinds} files are read; save the text as one")
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            raise ArticleUnreadable(f"{path} is not a regular file: copy what it gives into one")
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


def _decode(path: Path, content: bytes) -> str:
    is_utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encoding = "utf-16" if is_utf16 else "utf-8"
    try:
        raw = content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise ArticleUnreadable(
            f"{path} is not {encoding.upper()} text (byte {error.start}): convert it to UTF-8"
        ) from error
    if "\0" in raw:
        raise ArticleUnreadable(
            f"{path} holds a NUL at character {raw.index(chr(0))}, like a binary file: if it is text, make it UTF-8"
        )
    return raw


def _title(text: str) -> str:
    """The first heading, else the first words; empty where there are none."""
    lines = [line for line in text.split("\n") if any(map(str.isalnum, line))]
    for line in lines[:_HEADING_LINES]:
        if _HEADING.match(line):
            return " ".join(_MARKS.sub("", line[:_TITLE_LINE]).split())
    words = _MARKS.sub("", lines[0][:_TITLE_LINE]).split() if lines else []
    title = " ".join(words[:_TITLE_WORDS])
    if len(title) > _TITLE_CHARACTERS:
        kept = title[:_TITLE_CHARACTERS]
        title = kept.rpartition(" ")[0] or kept
    return title if title == " ".join(words) else title.rstrip(",;:.-–— ") + "…"


def _detect_language(text: str) -> str:
    import py3langid  # takes up to a second to load, and front matter often names the language

    language: str = py3langid.classify(text[:_LANGUAGE_CHARACTERS])[0]
    return language
