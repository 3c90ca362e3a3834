"""What a file states about its article: YAML between --- lines, or what a format has in its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from askseoul.canonical import canonical_text, readable
from askseoul.errors import ArticleUnreadable
from askseoul.extracts import Extracted

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


def stated_by(extracted: Extracted) -> Stated:
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
    return " ".join(canonical_text(readable(written))[0].split())


def _is_date(written: str) -> bool:
    try:
        date.fromisoformat(written + "-01-01"[len(written) - 4 :])
    except ValueError:
        return False
    return True
