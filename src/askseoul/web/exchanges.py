"""Conversations of the web page: questions and their answers, as they grow, stop, fail and come back.

Conversations are stored in the browser, as lists of exported answers. An answer that comes back is verified against the
articles as they are now, and shown only if it still holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from askseoul.answering.reverify import verified_answer
from askseoul.domain import Answer, Sentence, Step
from askseoul.errors import AnswerInvalid, AskSeoulError, UsageError
from askseoul.pipeline import AskSeoul
from askseoul.retrieval.search import FilterOptions
from askseoul.settings import Strictness
from askseoul.web.rendering import answer_html, question_html, stopped_html, working_html

MAX_EXCHANGES: Final = 50
"""Questions in one conversation; the browser's storage has room for some hundreds of answers."""
STOPPED: Final = "You stopped this answer. The sentences above are verified."
FAILED: Final = "This answer failed; the server's log says why. The sentences above are verified. Ask again."

Message = dict[str, str]
"""A message of Gradio's chat: ``role`` and ``content``."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question, and its answer as far as it is known."""

    question: str
    steps: tuple[Step, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    answer: Answer | None = None
    is_running: bool = False
    reason: str = STOPPED
    """Why there is no answer, when it is not running."""
    stored: str = ""
    """The browser's JSON of an answer that no longer holds."""
    is_stopped: bool = False
    """Whether the user stopped the answer."""

    def messages(self) -> list[Message]:
        """The question, and the answer or what is shown in its place."""
        if self.answer is not None:
            content = answer_html(self.answer, self.steps, is_restored=not self.steps)
        elif self.is_running:
            content = working_html(self.steps, self.sentences)
        else:
            content = stopped_html(self.sentences, self.reason, self.stored)
        question = {"role": "user", "content": question_html(self.question)}
        return [question, {"role": "assistant", "content": content}]


def chat_messages(exchanges: Sequence[Exchange]) -> list[Message]:
    """The conversation as Gradio's chat shows it."""
    return [message for exchange in exchanges for message in exchange.messages()]


def as_stopped(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """The conversation with its last answer stopped."""
    return [*exchanges[:-1], replace(exchanges[-1], is_running=False)]


def as_stopped_by_user(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """The conversation with its last answer marked as stopped by the user, if it has none."""
    return _with_last(exchanges, reason=STOPPED, is_stopped=True)


def as_failed(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """The conversation with its last answer marked as failed, if it has none and was not stopped.

    Gradio reports an event that was cancelled as failed.
    """
    return list(exchanges) if exchanges and exchanges[-1].is_stopped else _with_last(exchanges, reason=FAILED)


def _with_last(exchanges: Sequence[Exchange], **changes: Any) -> list[Exchange]:  # noqa: ANN401
    return [*exchanges[:-1], *(replace(each, **changes) if each.answer is None else each for each in exchanges[-1:])]


def stream_exchange(
    app: AskSeoul,
    question: str,
    earlier: Sequence[Exchange],
    filters: FilterOptions,
    strictness: Strictness | None = None,
) -> Iterator[Exchange]:
    """Ask a question after the ``earlier`` ones; yields the exchange after each step and each verified sentence.

    An AskSeoulError ends the exchange, with its message as the reason.
    """
    exchange = Exchange(question, is_running=True)
    yield exchange
    history = [each.answer for each in earlier if each.answer is not None]
    try:
        for item in app.watch(question, history=history, strictness=strictness, **filters):
            if isinstance(item, Step):
                exchange = replace(exchange, steps=(*exchange.steps, item))
            elif isinstance(item, Sentence):
                exchange = replace(exchange, sentences=(*exchange.sentences, item))
            else:
                exchange = replace(exchange, answer=item, is_running=False)
            yield exchange
    except AskSeoulError as error:
        yield replace(exchange, is_running=False, reason=str(error))


def restore(app: AskSeoul, stored: Any) -> list[Exchange]:  # noqa: ANN401
    """A conversation from the browser's storage, each answer verified again; at most the last MAX_EXCHANGES.

    Raises UsageError when ``stored`` is not a list.
    """
    if not isinstance(stored, list):
        raise UsageError("The conversation stored in this browser is not a list of answers: delete it.")
    return [_restore_answer(app, each) for each in stored[-MAX_EXCHANGES:]]


def _restore_answer(app: AskSeoul, exported: Any) -> Exchange:  # noqa: ANN401
    question = exported.get("question") if isinstance(exported, dict) else None
    try:
        answer = verified_answer(exported, app.article, app.reader)
    except AnswerInvalid as error:
        return Exchange(
            question if isinstance(question, str) else "",
            reason=f"This answer no longer holds: ask again. {error}",
            stored=json.dumps(exported),  # as ASCII, since it may contain lone surrogates
        )
    return Exchange(answer.question, answer=answer)
