"""Files into articles: which files, and what each holds."""

from __future__ import annotations

import codecs
import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from askseoul import formats
from askseoul.canonical import canonical_text, readable
from askseoul.domain import Article
from askseoul.errors import ArticleEmpty, ArticleMissing, ArticleTooLarge, ArticleUnreadable, FormatUnsupported
from askseoul.frontmatter import Stated, split_front_matter, stated_by

SUFFIXES = (".md", ".txt", *formats.SUFFIXES)
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
    if path.suffix.lower() in formats.SUFFIXES:
        extracted = formats.extract(path, content)
        text, stripped = _canonical_text(path, readable(extracted.text))
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
