"""Reads the reply of a chat server: a stream of events, or one JSON object, whatever its content type says.

Servers that call themselves OpenAI-compatible differ in where they put the text (``delta``, ``message`` or ``text``; a
string or a list of parts), where they put thoughts, and where they report an error. This module knows these places.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

LONGEST_LINE: Final = 2**23
"""Bytes of a line that are kept; a longer one is no chat server's."""
SHOWN: Final = 300
"""Characters of a server's message that are shown."""
_STATUSES: Final = range(400, 600)
_REASONING: Final = ("reasoning_content", "reasoning", "thinking")
_NAMES: Final = r"(?:\w+:)?(?:think|thinking|thoughts?|reasoning|reflection|analysis|scratchpad)"
_THINKS: Final = re.compile(
    rf"\s*(?:<{_NAMES}>|\[THINK\]|◁think▷|<\|channel\|>analysis|<\|(?:start_thinking|begin_of_thought)\|>)",
    re.IGNORECASE,
)
_CLOSED_THOUGHT: Final = re.compile(
    rf"\A.*(?:</{_NAMES}>|\[/THINK\]|◁/think▷|<\|channel\|>final<\|message\|>|<\|end_(?:thinking|of_thought)\|>)"
    r"(?:\s*<\|\w+\|>)*",
    re.DOTALL | re.IGNORECASE,
)
"""How models mark their thoughts, and the markers of their own that servers leave behind them."""
THOUGHT_ENDS: Final = frozenset(">]▷")
"""Characters with which the mark of a thought's end ends."""
_LAST_OBJECT: Final = re.compile(r"(?:\A|\n)[ \t]*(?=\{)")
_TAGS: Final = re.compile(r"<(script|style|head)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)


class ServerError(Exception):
    """A server refuses a request, by its status or inside a reply.

    ``status`` is the HTTP status, None if the error came inside a reply. ``message`` is what the server says, and
    ``parameter`` the parameter that it names, or the empty text.
    """

    def __init__(self, status: int | None, message: str, parameter: str = "", code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.parameter = parameter
        self.code = code


class NotAChatReply(Exception):
    """What came is neither a stream of events nor a JSON object, for example a page in HTML."""


def server_error(status: int | None, body: bytes) -> ServerError:
    """The error that a body describes, in the forms of OpenAI, FastAPI and Ollama, or else in its first words."""
    try:
        error: Any = json.loads(body)
    except (ValueError, RecursionError):
        return ServerError(status, readable(body))
    if isinstance(error, list) and error:
        error = error[0]
    if isinstance(error, dict):
        error = error.get("error", error)
    if not isinstance(error, dict):
        return ServerError(status, readable(str(error).encode()))
    detail = error.get("message") or error.get("detail") or error.get("msg") or error or ""
    parameter = str(error.get("param") or "")
    if isinstance(detail, list):  # FastAPI names the place of each fault
        places = [".".join(map(str, each.get("loc", ()))) for each in detail if isinstance(each, dict)]
        told = [str(each.get("msg", each)) if isinstance(each, dict) else str(each) for each in detail]
        parameter = parameter or ", ".join(places)
        detail = "; ".join(f"{place}: {text}" for place, text in zip(places, told, strict=False)) or told
    kind = " ".join(str(error[name]) for name in ("code", "type") if error.get(name))
    code = error.get("code")
    if status is None and type(code) is int and code in _STATUSES:
        status = code
    return ServerError(status, _short(str(detail)), parameter, kind)


def readable(body: bytes) -> str:
    """The first words of a body, without HTML's tags."""
    return _short(_TAGS.sub(" ", body[:20_000].decode(errors="replace")))


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= SHOWN else f"{plain[: SHOWN - 1]}…"


def after_thoughts(text: str) -> str:
    """The text behind the last thought that ends in it, whether or not it shows where that thought begins."""
    found = _CLOSED_THOUGHT.match(text)
    return text[found.end() :] if found else text


def opens_thought(text: str) -> bool:
    """Whether the text begins with a thought."""
    return _THINKS.match(text) is not None


@dataclass(slots=True)
class ChatReply:
    """One reply: its pieces as they arrive, and what was found beside them."""

    reasoning: list[str] = field(default_factory=list)
    """Pieces of thoughts that came in fields of their own."""
    opening: str = ""
    """The beginning of the text."""
    cut: bool = False
    """Whether the server ended the reply at the maximum number of tokens."""
    ended: bool = False
    """Whether the server said that the reply has ended."""

    def pieces(self, chunks: Iterable[bytes]) -> Iterator[str]:
        """Yield the pieces of the text in these bytes. Raises ServerError and NotAChatReply.

        A reply that has thoughts only gives the JSON object that they end with, if there is one.
        """
        events, rest = 0, bytearray()
        for line in _lines(chunks):
            name, _, payload = line.partition(b":")
            if name == b"data" and payload.strip() == b"[DONE]":
                events += 1
                break
            if name == b"error" and payload.strip().startswith(b"{"):
                raise server_error(None, bytes(payload))
            if name == b"data":
                events += 1
                yield from self._event(payload)
            elif not events and len(rest) < LONGEST_LINE:
                rest += line + b"\n"
        if not events and rest.strip():
            yield from self._event(bytes(rest))
        if not self.opening.strip() and self.reasoning and not self.cut:
            yield from self._concluded()

    @property
    def thinks(self) -> bool:
        """Whether the model thinks before it answers."""
        return bool(self.reasoning) or opens_thought(self.opening)

    def _event(self, payload: bytes) -> Iterator[str]:
        if not payload.strip():
            return
        try:
            value: Any = json.loads(payload.decode("utf-8-sig", errors="replace"))
        except (ValueError, RecursionError) as error:
            raise NotAChatReply(readable(payload)) from error
        if isinstance(value, list) and value:
            value = value[0]
        if not isinstance(value, dict):
            raise NotAChatReply(readable(payload))
        if value.get("error") or value.get("object") == "error":
            raise server_error(None, payload)
        choices = value.get("choices")
        if not isinstance(choices, list):
            if not {"choices", "usage", "object"} & value.keys():
                raise NotAChatReply(readable(payload))
            return
        for choice in choices[:1]:
            if isinstance(choice, dict):
                self.cut = self.cut or choice.get("finish_reason") == "length"
                self.ended = self.ended or bool(choice.get("finish_reason"))
                places = (choice.get("delta"), choice.get("message"), {"content": choice.get("text")})
                yield from self._message(next(place for place in places if isinstance(place, dict)))

    def _message(self, message: dict[str, Any]) -> Iterator[str]:
        for name in _REASONING:
            if isinstance(thought := message.get(name), str) and thought:
                self.reasoning.append(thought)
                break
        if text := self._text_of(message.get("content")):
            if len(self.opening) < SHOWN:
                self.opening += text
            yield text

    def _text_of(self, content: Any) -> str:  # noqa: ANN401
        """The text of a content, which may be a list of parts; parts that are thoughts are kept apart."""
        if isinstance(content, str):
            return content
        texts = []
        for part in content if isinstance(content, list) else ():
            if isinstance(part, str):
                texts.append(part)
            elif isinstance(part, dict) and isinstance(text := part.get("text"), str):
                texts.append(text)
            elif isinstance(part, dict) and part.get("thinking"):
                self.reasoning.append(str(part["thinking"]))
        return "".join(texts)

    def _concluded(self) -> Iterator[str]:
        """The JSON object at the end of the thoughts: some servers take a whole reply for a thought."""
        thoughts = after_thoughts("".join(self.reasoning))
        for found in reversed(list(_LAST_OBJECT.finditer(thoughts))):
            try:
                value, end = json.JSONDecoder().raw_decode(thoughts, found.end())
            except (ValueError, RecursionError):
                continue
            if isinstance(value, dict):
                yield thoughts[found.end() : end]
                return


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines, split at line feeds alone: JSON strings may contain what else Unicode takes for the end of a line."""
    rest = bytearray()
    for chunk in chunks:
        rest += chunk
        if b"\n" in chunk:
            *lines, last = bytes(rest).split(b"\n")
            yield from (line.strip(b"\r") for line in lines)
            rest = bytearray(last)
        elif len(rest) > LONGEST_LINE:
            raise NotAChatReply(readable(bytes(rest)))
    if rest:
        yield bytes(rest).strip(b"\r")
