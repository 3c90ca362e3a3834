"""A conversation on the web page: questions with what was answered, as it grows and as the chat shows it.

The browser keeps conversations, as a list of exported answers. One that comes back from there is shown again only as
far as it is proved against the articles as they are now.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypedDict

from askseoul.domain import Answer, Sentence, Step
from askseoul.errors import AnswerInvalid, AskSeoulError, UsageError
from askseoul.pipeline import AskSeoul
from askseoul.proof import proved
from askseoul.publication import Where
from askseoul.rendering import answer_html, question_html, stopped_html, working_html

MOST_EXCHANGES: Final = 50
"""Questions of one conversation; the browser's store has room for some hundreds of answers."""
STOPPED: Final = "You stopped this answer. What stands above is verified."
FAILED: Final = "This answer broke off; the server's log says why. What stands above is verified: ask again."


class Message(TypedDict):
    """A message of Gradio's chat."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and what is known of its answer so far."""

    question: str
    steps: tuple[Step, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    answer: Answer | None = None
    is_running: bool = False
    ended: str = STOPPED
    """Why there is no more, where it neither runs nor has an answer."""
    kept: str = ""
    """What the browser kept of it, as JSON, where that no longer holds."""

    def messages(self) -> list[Message]:
        """The question and what is shown below it."""
        if self.answer is not None:
            said = answer_html(self.answer, self.steps, is_kept=not self.steps)
        elif self.is_running:
            said = working_html(self.steps, self.sentences)
        else:
            said = stopped_html(self.sentences, self.ended, self.kept)
        question = Message(role="user", content=question_html(self.question))
        return [question, Message(role="assistant", content=said)]


def messages_of(exchanges: Sequence[Exchange]) -> list[Message]:
    """A conversation as the chat shows it."""
    return [message for exchange in exchanges for message in exchange.messages()]


def as_stopped(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """What the conversation is if its last answer is stopped now."""
    return [*exchanges[:-1], replace(exchanges[-1], is_running=False)]


def as_failed(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """What the conversation is if its last answer broke off by a fault of ours."""
    return [*exchanges[:-1], *(replace(each, ended=FAILED) for each in exchanges[-1:] if each.answer is None)]


def exchange(app: AskSeoul, question: str, earlier: Sequence[Exchange], where: Where) -> Iterator[Exchange]:
    """Ask, with a conversation before it: the exchange as it grows, sentence by sentence. What is wrong with the
    question, or befalls its answering, ends it with a message."""
    growing = Exchange(question, is_running=True)
    yield growing
    history = [each.answer for each in earlier if each.answer is not None]
    try:
        for item in app.watch(question, history=history, **where):
            if isinstance(item, Step):
                growing = replace(growing, steps=(*growing.steps, item))
            elif isinstance(item, Sentence):
                growing = replace(growing, sentences=(*growing.sentences, item))
            else:
                growing = replace(growing, answer=item, is_running=False)
            yield growing
    except AskSeoulError as error:
        yield replace(growing, is_running=False, ended=str(error))


def restore(app: AskSeoul, kept: Any) -> list[Exchange]:  # noqa: ANN401
    """A conversation that the browser kept: a list of exported answers, each proved again; what no longer holds says
    so.

    Raises UsageError where it is no list."""
    if not isinstance(kept, list):
        raise UsageError("The conversation that this browser kept is no list of answers: delete it.")
    return [_restored(app, each) for each in kept[-MOST_EXCHANGES:]]


def _restored(app: AskSeoul, exported: Any) -> Exchange:  # noqa: ANN401
    question = exported.get("question") if isinstance(exported, dict) else None
    try:
        answer = proved(exported, app.article, app.meaning)
    except AnswerInvalid as error:
        return Exchange(
            question if isinstance(question, str) else "",
            ended=f"This answer no longer holds: ask again. {error}",
            kept=json.dumps(exported),  # in ASCII, since it may hold halves of surrogate pairs
        )
    return Exchange(answer.question, answer=answer)
