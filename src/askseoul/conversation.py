"""What was asked and answered before, in whatever form it is handed over.

Chat components, programs and files keep a conversation in different ways; here they become turns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from askseoul.domain import Answer
from askseoul.errors import UsageError

REMEMBERED: Final = 4
"""Turns that are kept, the last ones."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier question and the text of its answer, which may be empty."""

    question: str
    answer: str = ""


def read_turns(history: Sequence[Any]) -> list[Turn]:
    """The turns of a conversation, oldest first.

    Each item is an ``Answer``, an answer as it is exported, a question's text, a pair of question and answer, or a chat
    message ``{"role": "user" or "assistant", "content": text}``. Raises UsageError for anything else.
    """
    if isinstance(history, str | Mapping) or not isinstance(history, Sequence):
        raise UsageError(f"history is {type(history).__name__}: give a list of what was asked before, oldest first.")
    turns: list[Turn] = []
    for place, item in enumerate(history):
        given = item.content if hasattr(item, "content") and hasattr(item, "role") else None
        if isinstance(item, Answer):
            turns.append(Turn(item.rewritten_question or item.question, item.text if item.answered else ""))
        elif isinstance(item, str):
            turns.append(Turn(item))
        elif isinstance(item, Mapping) and isinstance(item.get("question"), str):
            text, full = item.get("text") if item.get("answered", True) else "", item.get("rewritten_question")
            question = full if isinstance(full, str) and full else item["question"]
            turns.append(Turn(question, text if isinstance(text, str) else ""))
        elif (isinstance(item, Mapping) and "role" in item) or given is not None:
            _add_message(turns, item, place)
        elif isinstance(item, Sequence) and len(item) == 2 and all(isinstance(text, str) for text in item):
            turns.append(Turn(*item))
        else:
            raise UsageError(
                f"history[{place}] is {type(item).__name__}: give answers, questions, pairs of question and answer, or "
                'chat messages such as {"role": "user", "content": "…"}.'
            )
    return turns[-REMEMBERED:]


def _add_message(turns: list[Turn], message: Any, place: int) -> None:  # noqa: ANN401
    """A chat message: a user's opens a turn, an assistant's answers the last; others (system, tool), and such without
    content, are passed over."""
    if isinstance(message, Mapping):
        role, content = message.get("role"), message.get("content")
    else:
        role, content = message.role, message.content
    if role not in ("user", "assistant") or content is None:
        return
    if isinstance(content, list):  # blocks, as chat components keep them
        texts = [block.get("text") for block in content if isinstance(block, Mapping)]
        content = " ".join(text for text in texts if isinstance(text, str))
    if not isinstance(content, str):
        raise UsageError(f"history[{place}] has no text as its content: give the message's words.")
    if role == "user":
        turns.append(Turn(content))
    elif role == "assistant" and turns:
        turns[-1] = Turn(turns[-1].question, content)
