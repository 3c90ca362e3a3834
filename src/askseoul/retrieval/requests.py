"""What a message asks for: a fact, as most do; or nothing; or the collection itself, which no passage tells.

A greeting, or a request about the collection, has no word of its own beside function words and those of a small
lexicon: "What are these articles about?" has none, and "What is the article of the treaty about?" has one. A request
for the articles that mention something names them first. Everything else is a question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from askseoul.nlp import lexicon
from askseoul.nlp.text import FUNCTION_WORDS, normalize

Intent = Literal["question", "greeting", "collection", "mentions"]

_POLITE, _GREETINGS, _ABOUT_ITSELF, _COLLECTION, _REQUESTS = (
    frozenset(lexicon.words("requests", name))
    for name in ("polite", "greetings", "about_itself", "collection", "collection_requests")
)
_ITSELF: Final = frozenset({"you", "yourself", "this", "help", "it"})
_REFERRING: Final = frozenset("everything anything all these this here".split())
_LONGEST_GREETING: Final = 8
"""Words of the longest greeting."""
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_ARTICLES: Final = (
    "(?:articles?|documents?|texts?|files?|sources?|reports?|papers?|stories|pieces?|outlets?|newspapers?)"
)
_MENTIONS: Final = (
    "(?:mention(?:s|ed|ing)?|discuss(?:es|ed|ing)?|cover(?:s|ed|ing)?|refer(?:s|red|ring)? to|deal(?:s|ing)? with"
    "|concern(?:s|ing)?|name|about|(?:talk|speak|write|report)(?:s|ing)? (?:about|of|on)"
    "|(?:wrote|written) (?:about|on))"
)
_MENTIONED = re.compile(
    rf"(?:how many|which|what|list|show me|find|are there|is there|do you have|any)\b(?: of| all| me| any| the| these)*"
    rf" {_ARTICLES}\b(?: that| which| who| do| are| is| we have| you have| here| there)* {_MENTIONS} (?P<what>[^?!.]+)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Request:
    """What a message asks for, and of what the articles that it asks for speak."""

    intent: Intent
    subject: str = ""


def read_request(message: str, *, in_conversation: bool = False) -> Request:
    """Return what a message asks for. In a conversation, "this" and "all" may be what was spoken of before."""
    plain = normalize(message).strip()
    words = [word.lower() for word in _WORD.findall(plain)]
    told = set(words)
    if len(words) <= _LONGEST_GREETING and told <= _POLITE and told & _GREETINGS:
        return Request("greeting")
    if told <= _ABOUT_ITSELF | _POLITE and told & _ITSELF and told & {"you", "yourself", "help", "work"}:
        return Request("greeting")
    named = _COLLECTION - _REFERRING if in_conversation else _COLLECTION
    if told & named and told <= FUNCTION_WORDS | _REQUESTS | _COLLECTION | _POLITE and told & (_REQUESTS | {"what"}):
        return Request("collection")
    if (match := _MENTIONED.search(plain)) is not None and (subject := match["what"].strip(" ,:;\"'")):
        return Request("mentions", subject)
    return Request("question")
