"""A file of questions into answers, one a line, in order: what is not understood gets a refusal in its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from askseoul.domain import Answer
from askseoul.errors import ArticleUnknown, QuestionInvalid, UsageError
from askseoul.pipeline import AskSeoul
from askseoul.publication import Where


def read_lines(path: Path) -> list[tuple[int, bytes]]:
    """The lines of the file that hold something, and their numbers. Raises UsageError."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise UsageError(f"The questions {path} can't be read ({error.strerror}): name a JSON-lines file.") from error
    return [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def answer_line(opened: AskSeoul, number: int, line: bytes, where: Where) -> tuple[Any, Answer]:
    """The id that the line gives, if any, and its answer; ``where`` holds for what the line does not say."""
    read = line.decode(errors="replace").strip()
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        what = getattr(error, "msg", error)
        return None, opened.refuse_unread(read, f"Line {number} is not JSON ({what}).")
    given = record if isinstance(record, dict) else {}
    question, history = given.get("question"), given.get("history", [])
    if not isinstance(question, str):
        answer = opened.refuse_unread(read, f"Line {number} is not an object with a text named question.")
    elif not isinstance(history, list):
        answer = opened.refuse_unread(question, f"Line {number} has a history that is no list.")
    else:
        try:
            own: Any = {name: given[name] for name in Where.__annotations__ if name in given}
            answer = opened.ask(question, history=history, **(where | own))
        except QuestionInvalid as error:
            answer = opened.refuse_unread(question, str(error))
        except (ArticleUnknown, UsageError) as error:
            answer = opened.refuse_unread(question, f"Line {number}: {error}")
    return given.get("id"), answer
