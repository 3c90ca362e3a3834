"""The word lists that the rules for English use: one TOML file for each topic; each list states its purpose and source.

In a file, a string holds words separated by white space, and an array holds phrases or regular expressions. How words
combine is a rule and is written in the module that reads the list.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent


@cache
def _read(topic: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{topic}.toml").read_text(encoding="utf-8"))


def sequence(topic: str, name: str) -> tuple[str, ...]:
    """The entries of a list, in the order of the file. Raises KeyError if the topic has no such list."""
    entries: str | list[str] = _read(topic)[name]
    return tuple(entries.split() if isinstance(entries, str) else entries)


def words(topic: str, name: str) -> frozenset[str]:
    """The entries of a list as a set. Raises KeyError if the topic has no such list."""
    return frozenset(sequence(topic, name))


def pattern(topic: str, *names: str) -> str:
    """A regular expression that matches any entry of these lists, tried in order: ``one|two``. It has no group.

    Raises KeyError if the topic has no such list.
    """
    return "|".join(entry for name in names for entry in sequence(topic, name))


def table(topic: str, name: str) -> dict[str, Any]:
    """The keys and values of a table. Raises KeyError if the topic has no such table."""
    return dict(_read(topic)[name])


def rows(topic: str, name: str) -> list[list[Any]]:
    """The rows of an array of arrays. Raises KeyError if the topic has no such array."""
    return list(_read(topic)[name])
