"""What a message means: alone or after the turns before it, what it asks for, and of which articles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from askseoul.index.store import Store
from askseoul.models.encoder import Encoder
from askseoul.models.generator import Generator
from askseoul.models.request_model import Intent
from askseoul.retrieval.conversation import Turn
from askseoul.retrieval.requests import OF_ARTICLES, Request, read_request, unusual_words
from askseoul.retrieval.rewriting import (
    Rewrite,
    asked_part,
    depends_on_context,
    named_in_fragment,
    rewrite_by_rule,
    rewrite_with_generator,
)
from askseoul.retrieval.scope import Scope, read_scope
from askseoul.retrieval.search import content_terms

CHAINED: Final = 5
"""Turns of a chain of requests that are read again."""
_REPEATED: Final[frozenset[Intent]] = frozenset({"mentions", "summary", "timeline", "list"})
"""Intents that a fragment asks for again."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A message as it is understood."""

    asked: str
    """The message as it came."""
    text: str
    """What it asks, understandable alone."""
    request: Request
    scope: Scope
    follow_up: Rewrite | None = None
    """What it may mean instead after the turns before it, to be tried if it finds no answer by itself."""

    @property
    def rewritten(self) -> str | None:
        """What it asks, if that is not the message as it came."""
        return self.text if self.text != self.asked else None


def understand(
    asked: str, turns: Sequence[Turn], store: Store, encoder: Encoder, generator: Generator | None
) -> Understood:
    """Return what a message means after these turns. A capable generator rewords what depends on them."""
    text = asked_part(asked)
    request = read_request(text, encoder, in_conversation=bool(turns))
    # "Chepkurui time" is no greeting where an article speaks of Chepkurui.
    if request.intent == "greeting" and (
        request.is_certain or not any(store.document_frequencies(unusual_words(text))[0].values())
    ):
        return Understood(asked, text, request, Scope())
    follow_up = _request_again(text, turns, encoder) or _follow_up(text, turns, generator)
    read = text
    if follow_up is not None and follow_up.certain:
        text, follow_up, turns = follow_up.question, None, ()
    sources, newest = store.sources(), max(store.dates().values(), default=None)
    scope = read_scope(text, sources, newest)
    if scope.rest != read or scope:
        request = read_request(scope.rest, encoder, in_conversation=bool(turns), is_scoped=bool(scope))
    if request.intent in OF_ARTICLES and (wider := read_scope(text, sources, newest, of_articles=True)) != scope:
        scope = wider
        request = read_request(scope.rest, encoder, in_conversation=bool(turns), is_scoped=True)
    if request.intent == "greeting":
        request = replace(request, intent="question")
    return Understood(asked, text, request, scope, follow_up)


def is_spoken_of(sources: Sequence[str], store: Store) -> bool:
    """Whether articles speak of one of these sources, so that a question may be about it."""
    return any(all(store.document_frequencies(content_terms(source))[0].values()) for source in sources)


def _request_again(message: str, turns: Sequence[Turn], encoder: Encoder) -> Rewrite | None:
    """The last request with what a message names in place of its subject: after "Summarise the tram story", "and the
    pier?" asks for a summary too. None if the last turn was no such request, or if the message is one of its own."""
    asked = ""
    for turn in turns[-CHAINED:]:  # a turn may itself depend on those before it
        asked = _with_subject(asked, turn.question, encoder) or turn.question
    again = _with_subject(asked, message, encoder)
    return Rewrite(again, certain=True) if again else None


def _with_subject(asked: str, message: str, encoder: Encoder) -> str | None:
    named = named_in_fragment(message) if asked else None
    if named is None:
        return None
    request = read_request(asked, encoder)
    return asked.replace(request.subject, named, 1) if request.intent in _REPEATED and request.subject else None


def _follow_up(question: str, turns: Sequence[Turn], generator: Generator | None) -> Rewrite | None:
    """The self-contained question: reworded by a capable generator if its words hold, else by rule."""
    if not turns or not depends_on_context(question):
        return None
    by_rule = rewrite_by_rule(question, turns)
    if generator is None or not generator.capable:
        return by_rule
    worded = rewrite_with_generator(generator, question, turns)
    if worded is None:
        return by_rule
    return Rewrite(worded, certain=by_rule is not None and by_rule.certain)
