"""Files into articles: which files, under which ids, and the canonical text that all offsets refer to."""

from __future__ import annotations

import codecs
import hashlib
import itertools
import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import yaml

from askseoul import formats
from askseoul.domain import Article
from askseoul.errors import ArticleEmpty, ArticleMissing, ArticleTooLarge, ArticleUnreadable, FormatUnsupported
from askseoul.extracts import Extracted

SUFFIXES = (".md", ".txt", *formats.SUFFIXES)
"""The kinds of file that are read."""
MAXIMUM_BYTES = 100_000_000
"""A larger file is not read."""
MAXIMUM_CHARACTERS = 5_000_000
"""A longer text is not an article; a novel has half a million characters."""

_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Default_Ignorable_Code_Point of Unicode 16 (DerivedCoreProperties.txt), which has the zero-width and bidi-control
# characters, variation selectors and tags, with the controls (Cc) and the interlinear annotation marks added.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
_FRONT_MATTER = re.compile(r"---[ \t]*\n(?P<yaml>(?:.*\n)*?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_HEADING = re.compile(r"#{1,6}[ \t]")
_MARKS = re.compile(r"[*`]+|^[#>_\s-]+|[#_]+$")
_HEADING_LINES = 20
"""A title's heading stands within so many lines of the beginning; later ones head a part."""
_TITLE_WORDS, _TITLE_CHARACTERS = 10, 80
_TITLE_LINE = 1000
"""So many characters of a line are looked at for a title."""
_LANGUAGE_CHARACTERS = 5000
_FRONT_MATTER_CHARACTERS = 100_000
"""Longer front matter is a mistake, and YAML is slow to read."""
_MARK_RUN = re.compile(r"[^\w\s!-~]{100,}")
"""Where more combining marks may stand on one letter than are put in order in no time."""

_FIELDS = {
    "title": (re.compile("(.+)"), "a single piece of text"),
    "source": (re.compile("(.+)"), "a single piece of text"),
    "published": (re.compile(r"(\d{4}(?:-\d\d){0,2})(?:[T ]\d.*)?"), "a date such as 2025-06-04, 2025-06 or 2025"),
    "url": (re.compile(r"(https?://[^\s<>\"']+)", re.IGNORECASE), "an http or https address"),
    "language": (re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]+)*"), "an ISO 639 code such as en or ko"),
}
"""What is read of front matter: the value's form, and how an error names it."""


@dataclass(frozen=True, slots=True)
class _FrontMatter:
    title: str | None = None
    source: str | None = None
    published: str | None = None
    url: str | None = None
    language: str | None = None


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


def article_ids(paths: Iterable[Path], taken: Mapping[str, str]) -> dict[Path, str]:
    """The article id of each path: the file's name; a second file of that name adds ``~`` and 8 hex digits of its path.

    ``taken`` is what an index has given out, id to the absolute path that it was first given to. A path keeps its id as
    long as it is there; of several new files of one name the first by path gets the plain name.
    """
    by_place = {place: article_id for article_id, place in taken.items()}
    used = set(taken)
    ids = {}
    for path in sorted(paths, key=absolute):
        place = absolute(path)
        article_id = by_place.get(str(place))
        if article_id is None:
            name = unicodedata.normalize("NFC", path.name)
            digest = hashlib.sha256(os.fsencode(place)).hexdigest()
            candidates = [name, *(f"{name}~{digest[:digits]}" for digits in range(8, len(digest) + 1))]
            article_id = next(candidate for candidate in candidates if candidate not in used)
        used.add(article_id)
        ids[path] = article_id
    return ids


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
        known = _stated(extracted)
    else:
        text, stripped = _canonical_text(path, _decode(path, content))
        known = _FrontMatter()
        if path.suffix.lower() == ".md" and (front := _FRONT_MATTER.match(text)):
            known = _front_matter(path, front["yaml"])
            text = text[front.end() :]
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


def _stated(extracted: Extracted) -> _FrontMatter:
    """What a file states about itself, as far as it has the form in which front matter would have to state it."""
    known = {}
    for name, (pattern, _) in _FIELDS.items():
        meant = pattern.fullmatch(_in_one_line(getattr(extracted, name) or ""))
        if meant is not None:
            known[name] = meant[1].lower() if name == "language" else meant[1]
    return _FrontMatter(**known)


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


def canonical_text(raw: str) -> tuple[str, int]:
    """``raw`` in NFC with ``\\n`` line ends, and how many invisible characters were left out of it.

    Left out are zero-width characters, bidi controls, tags, variation selectors, soft hyphens and control characters
    other than tab: what a reader can't see must not be there for a model to read. Joiners inside emoji and in Persian
    or Indic words go with them.
    """
    visible, stripped = _INVISIBLE.subn("", _LINE_ENDS.sub("\n", raw))
    return unicodedata.normalize("NFC", _MARK_RUN.sub(_ordered, visible)), stripped


def _ordered(run: re.Match[str]) -> str:
    """The run with its combining marks in canonical order, as NFC needs them.

    Python puts them in order by insertion: a text of nothing but marks would take it hours.
    """
    ordered: list[str] = []
    marks: list[str] = []
    for part in itertools.chain.from_iterable(unicodedata.normalize("NFD", character) for character in run[0]):
        if unicodedata.combining(part):
            marks.append(part)
        else:
            ordered += sorted(marks, key=unicodedata.combining)
            ordered.append(part)
            marks.clear()
    return "".join(ordered + sorted(marks, key=unicodedata.combining))


def readable(text: str) -> str:
    """The text with U+FFFD for each half of a surrogate pair, which neither an encoder nor SQLite reads."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _front_matter(path: Path, source: str) -> _FrontMatter:
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
        return _FrontMatter()
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
    return _FrontMatter(**known)


def _in_one_line(written: str) -> str:
    """A value as a reader may see it: YAML's escapes can write control characters and halves of surrogate pairs."""
    return " ".join(canonical_text(readable(written))[0].split())


def _is_date(written: str) -> bool:
    try:
        date.fromisoformat(written + "-01-01"[len(written) - 4 :])
    except ValueError:
        return False
    return True


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
