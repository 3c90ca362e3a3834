"""The marks of Markdown in a text. They stay in an article's text, so that offsets hold, and no reader is shown them.

They are recognised narrowly, since an article need not be Markdown: "2 * 3", "snake_case", "> 5" and the asterisk of a
footnote are no marks.
"""

from __future__ import annotations

import re
from typing import Final

from askseoul.domain import Span

_MASK: Final = '"'
"""Stands in place of what has been found, while other marks are looked for around it."""
_RULE: Final = r"^([ \t]*(?:-{3,}|={3,}|\*{3,}|_{3,}|`{3,}\w*|~{3,}\w*)[ \t]*)$"
_ITEM: Final = r"^([ \t]*[-*+•][ \t]+)"
_HEADING: Final = r"^([ \t]*#{1,6}[ \t]+)|(?<=\S)([ \t]+#{2,}[ \t]*)$"
_QUOTED: Final = r"^([ \t]*(?:>[ \t]?)+)(?![ \t]*[\d<>=])"
_CODE: Final = r"(?<![\\`])(?P<code>`{1,2})(?!`)[^`\n]+((?P=code))(?!`)"
_ESCAPE: Final = r"(\\)[\\`*_{}\[\]()#+.!~>|-]"
_LITERAL: Final = re.compile("|".join((_RULE, _ITEM, _HEADING, _QUOTED, _CODE, _ESCAPE)), re.MULTILINE)
"""What may hold no other mark."""
_LINK: Final = r"(!?\[)[^\[\]\n]{0,300}(\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:[ ]\"[^\"\n]*\")?\))"
_EMPHASIS: Final = [
    rf"(?<![\w\\*_~])({mark})(?=[\w\"'“‘(\[¿¡€$£₩#+-])"
    rf"(?:[^\n]|\n(?!\s*\n)){{1,300}}?(?<=[\w\"'”’)\].,:;!?…%€$£₩°+])({mark})(?![\w*_~])"
    for mark in (r"\*\*\*", r"\*\*", r"__", r"~~", r"\*", r"_")
]
_LONE: Final = r"(?<![\w\\*])(\*\*)(?=[\w\"“(])|(?<=[\w\"”).,:;!?])(\*\*)(?![\w*])"
"""One of a pair around several sentences, in a quote of one of them."""
_AROUND: Final = [re.compile(pattern) for pattern in (_LINK, *_EMPHASIS, _LONE)]
"""Marks around a text, in which there may be others. Each group is a mark, here and above."""
_LIST_MARK: Final = re.compile(r"[ \t]*[-*+•][ \t]+")


def marks_in(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """The marks between two offsets of a text, in order: of headings, lists, quotations, rules, emphasis, code, links
    and escapes."""
    end = len(text) if end is None else end
    characters = list(text[start:end])
    found: list[Span] = []
    for match in _LITERAL.finditer(text, start, end):
        found += _groups(match)
        characters[match.start() - start : match.end() - start] = _MASK * len(match[0])
    for pattern in _AROUND:
        for match in pattern.finditer("".join(characters)):
            for mark in _groups(match):
                found.append(Span(mark.start + start, mark.end + start))
                characters[mark.start : mark.end] = _MASK * (mark.end - mark.start)
    return sorted(found, key=lambda mark: mark.start)


def unmarked(text: str, *, keep_items: bool = False) -> str:
    """The text without its marks; ``keep_items`` keeps those of lists."""
    parts, place = [], 0
    for mark in marks_in(text):
        if not (keep_items and _LIST_MARK.fullmatch(text, mark.start, mark.end)):
            parts.append(text[place : mark.start])
            place = mark.end
    return "".join([*parts, text[place:]])


def _groups(match: re.Match[str]) -> list[Span]:
    return [Span(*match.span(number)) for number in range(1, match.re.groups + 1) if match[number]]
