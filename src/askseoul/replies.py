"""What an LLM wrote into proposals: sentences, each with the numbers and the words that it gives as its source.

A reply is JSON as ``SCHEMA`` has it, or prose with marks like ``[2]``: models that are asked for one may write the
other, so what a reply is shows in how it begins, or in JSON on a line of
its own. It is read while it arrives: a sentence is there as soon as its
end is, and a reply that breaks off leaves the sentences that were whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from askseoul.sentences import split_sentences

SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "sentences": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string"},
                    "citations": {"type": "array", "items": {"type": "integer"}},
                    "quote": {"type": "string"},
                },
                "required": ["text", "citations", "quote"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["sentences"],
    "additionalProperties": False,
}
"""JSON schema of a structured reply: each sentence with the numbers it rests on and the words that support it."""

MARKER: Final = re.compile(r"\s*\[(?:\^?\d{1,3}|[ivxl]{1,6})(?:\s*,\s*\d{1,3})*\]")
"""A footnote mark, or a citation as models write it: ``[2]``, ``[2, 3]``, ``[^2]``, ``[iv]``."""

LONGEST_SENTENCE: Final = 120
"""Words. A quote has 60 at most; a longer sentence is a list or a model that goes round in circles."""
_SEVERAL = re.compile(r"\[\d{1,3}(?:\s*,\s*\d{1,3})+\]")
_CLOSED = re.compile(r"[.!?…。:][\"'”’»)*]*(?:\s*\[[^\]]*\])*\s*$")
_THOUGHT = re.compile(r"\A\s*<think>.*?(?:</think>|\Z)", re.DOTALL)
_FENCE = re.compile(r"\A\s*```\w*\s*")
_LISTED = re.compile(r"^\s*(?:[-*•#>]|\d{1,2}[.)])\s+")
_JSON = re.compile(r"\s*(?:\{|\[\s*(?:[{\[\]\"]|\Z))")
"""How JSON begins; ``[1]`` begins prose."""
_FRAMED = re.compile(r"\n\s*(?:```\w*\s*)?(?=\{)")
_OBJECT = re.compile(r"\{")
_FRAME = re.compile(r'\{\s*"\w+"\s*:\s*\[\s*')


@dataclass(frozen=True, slots=True)
class Proposal:
    """A sentence that an LLM proposes, and what it says the sentence rests on: claims, all of it."""

    text: str
    numbers: tuple[int, ...] = ()
    """Numbers of the sentences it was given, in its own count from 1; any number at all may stand here."""
    quoted: str = ""
    """What it gives as the words of its source."""


class ReplyReader:
    """Reads one reply, piece by piece."""

    def __init__(self) -> None:
        self._reply = ""
        self._read = 0
        self._closed = False
        self.proposed = 0
        """How many sentences it has held so far."""

    def feed(self, piece: str) -> list[Proposal]:
        """The sentences that became whole with this piece of the reply."""
        self._reply += piece
        return self._new(ended=False)

    def finish(self) -> list[Proposal]:
        """The sentences that are whole now that nothing more comes; the rest of a cut JSON reply is left aside."""
        return self._new(ended=True)

    @property
    def malformed(self) -> bool:
        """Whether the reply so far is meant to be JSON, or is empty, and held no sentence."""
        return not self.proposed and (self._is_json() or not self._text().strip())

    def _text(self) -> str:
        return _FENCE.sub("", _THOUGHT.sub("", self._reply))

    def _is_json(self) -> bool:
        return _JSON.match(self._text()) is not None

    def _new(self, *, ended: bool) -> list[Proposal]:
        text = self._text()
        framed = None if self._is_json() else _FRAMED.search(text)
        if framed:  # what was said before the JSON
            self._reply = text = text[framed.end() :]
            self._read = 0
        found = list(self._from_json(text, ended=ended) if self._is_json() else self._from_prose(text, ended=ended))
        self.proposed += len(found)
        return found

    def _from_json(self, text: str, *, ended: bool) -> Iterator[Proposal]:
        """The whole objects from where reading stopped. One that is not whole is waited for, unless it is only the
        frame around the sentences, or nothing more comes: then those inside it are read."""
        decoder = json.JSONDecoder()
        while opening := _OBJECT.search(text, self._read):
            try:
                value, self._read = decoder.raw_decode(text, opening.start())
            except (ValueError, RecursionError):
                inner = _OBJECT.search(text, opening.end())
                if inner is None or not (ended or _FRAME.fullmatch(text, opening.start(), inner.start())):
                    return
                self._read = inner.start()
            else:
                yield from _proposals(value)

    def _from_prose(self, text: str, *, ended: bool) -> Iterator[Proposal]:
        """The sentences from where reading stopped. Of a reply that closes its sentences, a last one that is not closed
        was cut."""
        text = _SEVERAL.sub(lambda mark: "".join(f"[{number}]" for number in re.findall(r"\d+", mark[0])), text)
        rest = text[self._read :]
        spans = split_sentences(rest)
        sentences = [rest[span.start : span.end] for span in spans]
        cut = ended and self._closed and bool(sentences) and not _CLOSED.search(sentences[-1])
        whole = len(sentences) if ended and not cut else len(sentences) - 1
        for sentence in sentences[: max(whole, 0)]:
            self._closed = _CLOSED.search(sentence) is not None
            yield from _proposal(sentence)
        if whole > 0:
            self._read += spans[whole - 1].end


def without_marks(text: str) -> str:
    """The text on one line without footnote marks and citations, also such as appear when others are taken out."""
    plain = MARKER.sub("", text)
    while plain != text:
        text, plain = plain, MARKER.sub("", plain)
    return " ".join(plain.split())


def _proposals(value: Any) -> Iterator[Proposal]:  # noqa: ANN401
    """The sentences in any JSON value, however a model nests or names what is around them."""
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        numbers, quoted = value.get("citations"), value.get("quote")
        yield from _proposal(
            value["text"],
            tuple(n for n in numbers if type(n) is int) if isinstance(numbers, list) else (),
            quoted if isinstance(quoted, str) else "",
        )
    elif isinstance(value, dict):
        for inner in value.values():
            if not isinstance(inner, str):
                yield from _proposals(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _proposals(inner)
    elif isinstance(value, str):
        yield from _proposal(value)


def _proposal(written: str, numbers: tuple[int, ...] = (), quoted: str = "") -> Iterator[Proposal]:
    """The sentence without list signs and marks; the numbers of its marks where none are given apart."""
    marked = tuple(int(number) for mark in MARKER.findall(written) for number in re.findall(r"\d+", mark))
    plain = without_marks(_LISTED.sub("", written))
    if plain and len(plain.split()) <= LONGEST_SENTENCE:
        yield Proposal(plain, numbers or marked, quoted)
