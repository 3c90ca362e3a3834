"""The form of a request to a chat endpoint: what of it a server takes, and what to leave out when it refuses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

PATH: Final = "/chat/completions"
THOUGHT_TOKENS: Final = 6_000
"""Tokens that a model may use for thoughts, beside those of its reply, once it is known to think."""
_CHANGES: Final = (
    ("format", r"response_?format|json_(?:schema|object)|\bschema|grammar|guided|structured|json mode"),
    ("limit", r"max_(?:completion_|output_)?tokens"),
    ("temperature", r"temperature"),
    ("system", r"\bsystem\b|developer role|roles? must alternate|invalid role"),
    ("stream", r"\bstream"),
    ("content", r"content.*\b(?:list|array|parts?|sequence)\b|\b(?:list|array)\b.*content"),
)
"""What to change, by what a server says; the first that can still be changed is taken."""
_UNCLEAR: Final = (400, 406, 415, 422, 501)
"""HTTP statuses that refuse a request for its form, even if they don't say what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Form:
    """The form of a request: what of it a server has not refused."""

    base: str
    """The URL before ``path``."""
    path: str = PATH
    format: Literal["json_schema", "json_object"] | None = "json_schema"
    limit: Literal["max_tokens", "max_completion_tokens"] | None = "max_tokens"
    temperature: bool = True
    system: bool = True
    """Whether the system message has a role of its own; else it stands before the user's."""
    stream: bool = True
    parts: bool = False
    """Whether a content is a list of parts; else it is a text."""
    thinks: bool = False
    """Whether the model thinks before it answers, so that it needs more tokens."""

    def without(self, name: str) -> Form:
        """The next plainer form as to ``name``; this form if there is none."""
        if name == "format" and self.format:
            return replace(self, format="json_object" if self.format == "json_schema" else None)
        if name == "limit" and self.limit:
            return replace(self, limit="max_completion_tokens" if self.limit == "max_tokens" else None)
        changes: dict[str, dict[str, Any]] = {
            "temperature": {"temperature": False}, "system": {"system": False}, "stream": {"stream": False},
            "content": {"parts": True},
        }  # fmt: skip
        return replace(self, **changes.get(name, {}))

    def left_out(self) -> list[str]:
        """What a server has refused, in words."""
        named = {
            "JSON schemas": self.format != "json_schema", "max_tokens": self.limit != "max_tokens",
            "temperature": not self.temperature, "a system role": not self.system, "streaming": not self.stream,
        }  # fmt: skip
        return [name for name, applies in named.items() if applies]

    def plainest(self) -> Form:
        """The form that asks for nothing but a reply."""
        return replace(self, format=None, limit=None, temperature=False, system=False, stream=False)

    def body(
        self, model: str, system: str, user: str, maximum_tokens: int, schema: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        """The JSON of a request."""
        said = [("system", system), ("user", user)] if self.system else [("user", f"{system}\n\n{user}".strip())]
        messages = [
            {"role": role, "content": [{"type": "text", "text": text}] if self.parts else text} for role, text in said
        ]
        body: dict[str, Any] = {"model": model, "messages": messages, "stream": self.stream}
        if self.temperature:
            body["temperature"] = 0
        if self.limit:
            body[self.limit] = self.tokens(maximum_tokens)
        if schema and self.format == "json_schema":
            body["response_format"] = {
                "type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema},
            }  # fmt: skip
        elif schema and self.format:
            body["response_format"] = {"type": self.format}
        return body

    def tokens(self, maximum: int) -> int:
        """Tokens that a reply of at most ``maximum`` may use, thoughts included."""
        return maximum + THOUGHT_TOKENS * self.thinks

    def simplified(self, told: str, status: int | None) -> Form:
        """The form to try after a server has refused this one; this form if there is none.

        ``told`` is what the server says. If it names nothing that can be left out, the response format is, then all.
        """
        named = [name for name, pattern in _CHANGES if re.search(pattern, told, re.IGNORECASE | re.DOTALL)]
        plainer = next((form for name in named if (form := self.without(name)) != self), self)
        if named:
            return plainer
        if self.format:
            return self.without("format")
        return self.plainest() if status in _UNCLEAR else self
