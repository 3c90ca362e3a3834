"""Snapshots: the wording of each renderer, kept as text in ``tests/data/snapshots/``.

A renderer's tests assert behaviour and record fields; what it says in words stands in one file, so that a change of
wording is one difference to review. To accept a change, run the test with ``UPDATE_SNAPSHOTS=1`` and commit the file::

    UPDATE_SNAPSHOTS=1 python -m pytest tests/unit/web/test_rendering.py -k snapshot
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from lxml import html as lxml_html

SNAPSHOTS = Path(__file__).parents[1] / "data" / "snapshots"
SPOKEN = ("title", "aria-label", "placeholder", "alt")
"""The attributes whose text a reader sees or hears."""


def assert_snapshot(name: str, cases: Mapping[str, str]) -> None:
    """Compare what each case says with the file of this name; AssertionError with the difference.

    Each case is headed by ``== its name``; spaces at the ends of lines do not count. With ``UPDATE_SNAPSHOTS`` in the
    environment the file is written first.
    """
    parts = {case: "\n".join(map(str.rstrip, text.strip("\n").split("\n"))) for case, text in cases.items()}
    said = "\n".join(f"== {case}\n{text}\n" for case, text in parts.items())
    path = SNAPSHOTS / name
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(said, encoding="utf-8", newline="\n")
    assert said == path.read_text(encoding="utf-8"), f"{name} differs; UPDATE_SNAPSHOTS=1 accepts the change"


def wording_of(html: str) -> str:
    """The texts of a piece of HTML, one a line, each after the tag and class of its element.

    Includes the attributes that are shown or read out. Leaves out scripts, styles and all other attributes.
    """
    lines: list[str] = []
    for element in lxml_html.fromstring(f"<main>{html}</main>").iter():
        if not isinstance(element.tag, str) or element.tag in ("script", "style"):
            continue
        kind = ".".join([element.tag, *(element.get("class") or "").split()])
        lines += [f"{kind} {name}: {element.get(name)}" for name in SPOKEN if element.get(name)]
        texts = [element.text, *(child.tail for child in element)]
        own = " ".join(" ".join(filter(None, texts)).split())
        lines += [f"{kind}: {own}"] if own else []
    return "\n".join(lines)
