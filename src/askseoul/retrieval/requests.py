"""What a message asks for: a fact, as most do, or the collection, a summary, a timeline, a comparison, or a list.

A model that has learned from messages reads the intent, and of what the message speaks. A message that it takes for a
greeting or for a request about the collection gets no search, so it has to be sure of those; where it is not, or where
the message leans on the conversation before it, the message is a question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from askseoul.domain import Span
from askseoul.models.encoder import Encoder
from askseoul.models.request_model import Intent, load_request_model
from askseoul.nlp import lexicon
from askseoul.nlp.numerals import SIMPLE
from askseoul.nlp.text import normalize, parse, replace_surrogates, stem
from askseoul.retrieval.rewriting import depends_on_context

SURE: Final = 0.6
"""Least probability of an intent whose answer is not searched for."""
SCOPED: Final = 0.3
"""Factor of the chance of a question for a fact in a message that limits itself to some of the articles."""
CERTAIN: Final = 0.95
"""Probability of an intent that leaves no doubt."""
POSSIBLE: Final = 0.03
"""Probability from which a request about the collection may be for the articles that mention something."""
FEW: Final = 4
"""Sentences of a short answer."""
OF_ARTICLES: Final[frozenset[Intent]] = frozenset({"overview", "inventory", "mentions", "summary", "timeline"})
"""Intents in which a date is that of articles."""
_OF_COLLECTION: Final[tuple[Intent, ...]] = ("overview", "inventory", "mentions")
_ARTICLE: Final = f"(?:{lexicon.pattern('requests', 'one_article')})"
_ONE_ARTICLE = re.compile(
    rf"\b(?:the|this|that|an?|of)\b[^.?!]*?\b{_ARTICLE}\b|\b{_ARTICLE} (?:about|on|of|by)\b", re.IGNORECASE
)
_EVERYTHING = frozenset(stem(word) for word in lexicon.sequence("requests", "everything"))
_ANY_ARTICLES = re.compile(rf"\b(?:{lexicon.pattern('requests', 'articles', 'texts', 'collections')})\b", re.IGNORECASE)
_NEWEST = re.compile(rf"\b(?:{lexicon.pattern('requests', 'newest')})\b", re.IGNORECASE)
_SHORT = re.compile(rf"\b(?:{lexicon.pattern('requests', 'short')})\b", re.IGNORECASE)
_LENGTH = re.compile(
    rf"\b(?P<number>[0-9]{{1,2}}|{'|'.join(SIMPLE)})\W+(?:\w+\W+)?(?:{lexicon.pattern('requests', 'lengths')})\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Request:
    """What a message asks for, and of what; empty where it does not say so."""

    intent: Intent
    message: str
    """The message without the words that limit it to some of the articles."""
    subject: str = ""
    other: str = ""
    """What the subject is compared with, or to be mentioned beside it."""
    is_certain: bool = False
    """Whether there is no doubt about the intent."""
    is_of_one_article: bool = False
    """Whether it names one article by its subject."""
    wants_newest: bool = False
    most: int | None = None
    """Sentences that it asks for at most; None if it does not say so."""


def read_request(message: str, encoder: Encoder, *, in_conversation: bool = False, is_scoped: bool = False) -> Request:
    """Return what a message asks for. ``in_conversation`` says that others came before it, ``is_scoped`` that it had
    more words, which name sources or dates of publication."""
    message = replace_surrogates(message)
    if not any(character.isalnum() for character in message):
        return Request("question", message)
    model = load_request_model()
    reading = model.read(message, encoder.encode_query([message])[0].vector)
    chances = dict(reading.probabilities)
    if is_scoped:
        chances["question"] *= SCOPED
        if not _has_content(message, Span(0, len(message))):
            chances["question"] = 0.0
    intent = max(chances, key=lambda each: chances[each])
    # "What is this about?" asks in a conversation for what was spoken of.
    names_articles = _ANY_ARTICLES.search(message) is not None
    leans = in_conversation and (depends_on_context(message) or (intent == "overview" and not names_articles))
    of_collection = sum(chances[each] for each in _OF_COLLECTION) / sum(chances.values())
    if intent in _OF_COLLECTION and leans:
        intent = "question"
    elif intent in _OF_COLLECTION and of_collection < SURE:
        intent = max(set(chances) - {*_OF_COLLECTION, "greeting"}, key=lambda each: chances[each])
    elif intent == "greeting" and chances[intent] < (SURE if model.knows(message) else CERTAIN):
        intent = "question"
    subject, other = model.parts(message, "mentions" if intent == "inventory" else intent)
    if intent == "inventory" and chances["mentions"] >= POSSIBLE and _has_content(message, subject):
        intent = "mentions"  # "Which articles refer to the BBC?" asks for more than the collection
    is_of_something = intent not in ("question", "greeting", "overview", "inventory")
    plain = normalize(message)
    return Request(
        intent,
        message,
        _words(message, subject) if is_of_something else "",
        _words(message, other) if intent in ("comparison", "mentions") else "",
        chances[intent] >= CERTAIN,
        intent == "summary" and _ONE_ARTICLE.search(plain) is not None,
        _NEWEST.search(plain) is not None,
        _most(plain),
    )


def unusual_words(message: str) -> list[str]:
    """Return the words of a message that requests of other subjects do not have."""
    return load_request_model().unusual(message)


def _words(message: str, span: Span | None) -> str:
    """The words at a span that name something; nothing if they do not."""
    return message[span.start : span.end].strip() if span is not None and _has_content(message, span) else ""


def _has_content(message: str, span: Span | None) -> bool:
    return span is not None and bool(parse(message[span.start : span.end]).content_stems - _EVERYTHING)


def _most(message: str) -> int | None:
    if (length := _LENGTH.search(message)) is not None:
        number = length["number"].lower()
        return max(1, int(number) if number.isdigit() else SIMPLE[number])
    return FEW if _SHORT.search(message) else None
