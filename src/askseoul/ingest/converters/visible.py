"""What a reader sees of a page: hidden text goes, and what only an element's attributes hold becomes text.

That is what is filled into forms and chosen from lists, the texts that stand for pictures and formulas, and what
abbreviations mean. Panels that a click opens are visible.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from askseoul.ingest.converters.base import one_line, subscript, superscript
from askseoul.ingest.converters.markup import BLOCKS, HEADINGS
from askseoul.ingest.converters.office import picture_text
from askseoul.ingest.converters.trees import local_name, set_text

if TYPE_CHECKING:
    from lxml.etree import _Element


_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_PANEL = re.compile(r"accordion|collaps|tab-?p|panel|toggle|expand|faq|answer|spoiler|disclosure", re.IGNORECASE)
_OPENERS: Final = ("aria-controls", "data-target", "data-bs-target", "data-controls")
_REFERENCE = re.compile(r"\[?\s*(\d{1,3})\s*\]?")
_STRUCK: Final = frozenset({"del", "s", "strike"})
_IN_A_ROW: Final = frozenset({"math", "mi", "mn", "mo", "mrow", "mspace", "mstyle", "mtext", "semantics"})
"""Elements of formulas that are written on one line."""
_UNFILLED: Final = frozenset({"button", "file", "hidden", "image", "password", "reset", "search", "submit", "color"})
"""Kinds of fields that hold nothing that a reader has filled in."""
_TICKED: Final = frozenset({"checkbox", "radio"})
_WORDS_OF_PICTURE: Final = 3
_DECORATION = re.compile(r"\b(?:logo|icon|avatar|banner|spacer)\b", re.IGNORECASE)
_FIELDS: Final = frozenset({"input", "select", "textarea", "output", "meter", "progress"})


def visible_tree(root: _Element) -> _Element:
    """Write into a tree what a reader sees of it, in place; return the tree."""
    elements = list(root.iter())
    opened = {target.lstrip("#") for element in elements for name in _OPENERS if (target := element.get(name))}
    labels = {element.get("for"): element for element in elements if local_name(element) == "label"}
    defined: set[str] = set()
    captions: dict[_Element, str] = {}
    for element in elements:
        name = local_name(element)
        # Some pages are hidden until their scripts have run.
        if name in _STRUCK or (name not in ("html", "body") and _is_hidden(element, opened)):
            set_text(element, "")
        elif name in ("sup", "sub"):
            _raise(element, name)
        elif name == "abbr":
            _define(element, defined)
        elif name == "img":
            _describe(element, captions)
        elif name == "math":
            if formula := _formula(element):
                _write(element, formula)
        elif name in _FIELDS:
            _fill(element, name, labels)
    return root


def _is_hidden(element: _Element, opened: set[str]) -> bool:
    hidden = element.get("hidden")
    if hidden is None and not _HIDDEN.search(element.get("style") or ""):
        return False
    if (hidden or "").lower() == "until-found" or (element.get("role") or "").lower() == "tabpanel":
        return False
    return element.get("id") not in opened and not _PANEL.search(element.get("class") or "")


def _raise(element: _Element, name: str) -> None:
    text = "".join(element.itertext()).strip()
    reference = _REFERENCE.fullmatch(text)
    set_text(element, subscript(text) if name == "sub" else superscript(reference[1] if reference else text))


def _define(element: _Element, defined: set[str]) -> None:
    """Write what an abbreviation means behind its first use."""
    short, meaning = one_line("".join(element.itertext())), one_line(element.get("title"))
    if short and meaning and short not in defined and len(meaning) > len(short):
        defined.add(short)
        set_text(element, f"{short} ({meaning})")


def _write(element: _Element, text: str | None) -> None:
    """Let an element that shows no text of its own show this one."""
    set_text(element, text or "")
    element.tag = "span"


def _formula(element: _Element) -> str | None:
    """Return a formula's text: the one that stands for it, in TeX where there is no other, or its symbols in a row."""
    if stated := element.get("alttext"):
        return str(stated)
    names = [local_name(inner) for inner in element.iter()]
    if "annotation" in names:
        return one_line(next((inner.text for inner in element.iter() if local_name(inner) == "annotation"), None))
    return one_line("".join(element.itertext())) if _IN_A_ROW.issuperset(names) else None


def _describe(picture: _Element, captions: dict[_Element, str]) -> None:
    """Write the text that stands for a picture as a paragraph, where somebody has written one for readers."""
    text = one_line(picture.get("alt")) or ""
    is_link = any(local_name(outer) == "a" for outer in picture.iterancestors())
    if is_link or _DECORATION.search(text):
        return
    paragraph = picture_text(text) if len(text.split()) >= _WORDS_OF_PICTURE else None
    if paragraph and not _is_inside_a_sentence(picture) and text not in _caption(picture, captions):
        set_text(picture, paragraph)
        picture.tag = "div"
    elif not paragraph and not any(map(str.isalnum, text)):  # an emoji
        _write(picture, text)


def _is_inside_a_sentence(picture: _Element) -> bool:
    element = picture
    while local_name(element) not in BLOCKS and local_name(element) not in HEADINGS:
        before = element.getprevious()
        written = (
            (element.getparent().text if before is None else before.tail) if element.getparent() is not None else ""
        )
        if (written or "").strip() and (element.tail or "").strip():
            return True
        element = element.getparent()
        if element is None:
            return False
    return local_name(element) in HEADINGS


def _caption(picture: _Element, captions: dict[_Element, str]) -> str:
    figure = next((outer for outer in picture.iterancestors() if local_name(outer) == "figure"), None)
    if figure is not None and figure not in captions:
        found = (inner for inner in figure.iter() if local_name(inner) == "figcaption")
        captions[figure] = " ".join(one_line("".join(caption.itertext())) or "" for caption in found)
    return "" if figure is None else captions[figure]


# Forms


def _fill(field: _Element, name: str, labels: dict[str | None, _Element]) -> None:
    """Write what a field holds behind its label, or into its cell of a table."""
    kind = (field.get("type") or "text").lower() if name == "input" else name
    if kind in _TICKED:
        _write(field, "☑ " if field.get("checked") is not None else "☐ ")
        return
    held = "" if kind in _UNFILLED else one_line(_value(field, name))
    outer = next((element for element in field.iterancestors() if local_name(element) in ("label", "td", "dd")), None)
    label = labels.pop(field.get("id") or "", None)
    named = (one_line(field.get("aria-label")) or "").rstrip(": ")
    _write(field, None)
    field.set("type", kind)
    if not held:
        return
    if outer is not None and local_name(outer) == "label":
        outer.text = (outer.text or "").rstrip().rstrip(":")
        field.text = f": {held}" if outer.text else held
    elif label is not None:
        written = (one_line("".join(label.itertext())) or "").rstrip(": ")
        set_text(label, f"{written}: {held}")
    elif outer is not None or named:
        field.text = f"{named}: {held}" if named and outer is None else held


def _value(field: _Element, name: str) -> str | None:
    if name == "select":
        options = (option for option in field.iter() if local_name(option) == "option")
        chosen = (one_line("".join(option.itertext())) for option in options if option.get("selected") is not None)
        return ", ".join(filter(None, chosen))
    written: str | None = field.get("value")
    return written if name == "input" else "".join(field.itertext()) or written
