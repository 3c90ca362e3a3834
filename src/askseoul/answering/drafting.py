"""What an LLM wrote into proposals: sentences, each with the numbers and the words that it gives as its source.

A reply is JSON as ``SCHEMA`` has it, or prose with marks like ``[2]``: models that are asked for one may write the
other, so what a reply is shows in how it begins, or in JSON on a line of
its own. It is read while it arrives: a sentence is there as soon as its
end is, and a reply that breaks off leaves the sentences that were whole.

Evidence into the sentences to say: the evidence's own words, or an LLM's where a generator is given.

Nothing here is checked yet. Which quotes an LLM's sentence rests on is found by comparing texts. What the LLM itself
gives as its source, numbers or words, is one more place to look: models misplace numbers, quote from memory, and a
passage can hold numbers of its own.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from askseoul.answering.answerability import JUDGED
from askseoul.answering.attribution import attribute, lead_of
from askseoul.domain import Draft, Evidence, Quote, Span
from askseoul.errors import GeneratorError
from askseoul.models.generator import Generator, fill_prompt
from askseoul.nlp.text import parse, split_sentences
from askseoul.retrieval.question import Question, holds_kind
from askseoul.verification.alignment import find_quote
from askseoul.verification.claim import content_share

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
                yield from _read_proposals(value)

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


def _read_proposals(value: Any) -> Iterator[Proposal]:  # noqa: ANN401
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
                yield from _read_proposals(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _read_proposals(inner)
    elif isinstance(value, str):
        yield from _proposal(value)


def _proposal(written: str, numbers: tuple[int, ...] = (), quoted: str = "") -> Iterator[Proposal]:
    """The sentence without list signs and marks; the numbers of its marks where none are given apart."""
    marked = tuple(int(number) for mark in MARKER.findall(written) for number in re.findall(r"\d+", mark))
    plain = without_marks(_LISTED.sub("", written))
    if plain and len(plain.split()) <= LONGEST_SENTENCE:
        yield Proposal(plain, numbers or marked, quoted)


FOCUSED_WORDS, FOCUSED_SENTENCES, FOCUSED_SHARE = 50, 3, 0.45
BROAD_WORDS, BROAD_SENTENCES, BROAD_SHARE = 105, 6, 0.3
"""How long an answer may grow, to a question for one thing and to one for reasons or views, and the least share of the
best sentence's score that a further sentence needs. On the gold questions of both collections 45 words and 102 words,
as many facts held as without the share, and citation precision 0.43 and 0.38 in place of 0.36 and 0.29."""
LONGEST_QUOTE = 60
"""Words. A longer sentence is cut at clause bounds."""
OFFERED = 8
"""Evidence sentences that an LLM sees."""
SEARCHED = 40
"""Evidence sentences in which a source is looked for."""
TRIED = 4
"""Sources that a sentence is tried with, one quote or two."""
LEAST_IN_COMMON = 0.3
"""Share of an LLM's sentence that stands in a quote by which it is replaced; less in common has what is no answer."""
REPLY_TOKENS, CAPABLE_REPLY_TOKENS = 120, 800
"""Tokens that the small local model and any other may write; JSON with quotes is three times as long as its prose."""
_SECOND_QUOTE_ADDS, _WORDS_ADDED = 0.15, 3
"""How much of an LLM's sentence a second quote must explain to be cited beside the first, and how many of its words: a
single word that was put in stands in some other sentence too."""
_CLAUSE_END = re.compile(r"(?<=[,;:—–])\s+|\s+(?=[—–]\s)")

log = logging.getLogger(__name__)


def draft_quotes(
    question: Question, evidence: Sequence[Evidence], share: float = 1.0, said: Sequence[Draft] = ()
) -> list[Draft]:
    """The best evidence in its own words, within the length that suits the question; the very best is always there.

    ``share`` of that length is for this question, where it is one part of what was asked. What has been ``said``
    already takes its part of the length, and is not said again."""
    most_words, most_sentences, least_share = (
        (BROAD_WORDS, BROAD_SENTENCES, BROAD_SHARE)
        if question.broad
        else (FOCUSED_WORDS, FOCUSED_SENTENCES, FOCUSED_SHARE)
    )
    drafts: list[Draft] = []
    telling = _telling(question, evidence)
    for item in telling:
        if item.score < least_share * telling[0].score:
            break
        draft = quote_draft(shortened(item.quote, question))
        before = [*said, *drafts]
        if draft in said or (before and _length([*before, draft]) > share * most_words):
            continue
        drafts.append(draft)
        if len(drafts) + len(said) >= share * most_sentences:
            break
    return drafts


def draft_with(generator: Generator, question: Question, evidence: Sequence[Evidence]) -> Iterator[Draft]:
    """The sentences of a generator's reply as they arrive, each with the quotes that it most likely rests on.

    A capable generator is asked for JSON and once more when it gives none; what it writes all the same is read as
    prose. A reply that breaks off leaves the sentences that were whole. Raises GeneratorError when there is no reply.
    """
    telling = _telling(question, evidence)
    offered = [shortened(item.quote, question) for item in telling[:OFFERED]]
    searched = [*telling[:OFFERED], *(item for item in evidence[:SEARCHED] if item not in telling[:OFFERED])]
    sources = [*offered, *(shortened(item.quote, question) for item in searched[OFFERED:])]
    sources = list(dict.fromkeys(sources))
    system, user = _prompts(generator, question, offered)
    for retrying in (False, True):
        reader = ReplyReader()
        try:
            for proposal in _proposals(generator, system, user, reader):
                yield from _grounded(proposal, offered, searched, sources)
        except GeneratorError as error:
            if not reader.proposed:
                raise
            log.warning("%s broke off, and what it had said is kept: %s", generator.name, error)
            return
        if not generator.capable or not reader.malformed:
            return
        log.warning("%s gave no JSON%s.", generator.name, " again" if retrying else " and is asked once more")


def _prompts(generator: Generator, question: Question, offered: Sequence[Quote]) -> tuple[str, str]:
    """What a generator is told. To one that reads JSON the evidence goes as JSON, out of which no text can break."""
    if not generator.capable:
        numbered = "\n".join(f"[{number}] {without_marks(quote.text)}" for number, quote in enumerate(offered, 1))
        return fill_prompt("answer_system"), fill_prompt("answer_user", question=question.text, evidence=numbered)
    listed = [
        {"number": number, "article": quote.article.title, "sentence": without_marks(quote.text)}
        for number, quote in enumerate(offered, 1)
    ]
    evidence = json.dumps(listed, ensure_ascii=False, indent=1)
    asked = json.dumps(question.text, ensure_ascii=False)
    return fill_prompt("cited_system"), fill_prompt("cited_user", question=asked, evidence=evidence)


def _proposals(generator: Generator, system: str, user: str, reader: ReplyReader) -> Iterator[Proposal]:
    tokens = CAPABLE_REPLY_TOKENS if generator.capable else REPLY_TOKENS
    schema = SCHEMA if generator.capable else None
    for piece in generator.reply(system, user, maximum_tokens=tokens, schema=schema):
        yield from reader.feed(piece)
    yield from reader.finish()


def quote_draft(quote: Quote) -> Draft:
    """A quote said in its own words; an ellipsis tells where it does not begin or end with its sentence."""
    text = quote.article.text
    before = text[: quote.start].rstrip(" \t")
    opens = (
        not before or before.endswith("\n") or re.search(r"[.!?…。][\"'”’»)\]]*(?:\[\w{1,6}\])?$", before) is not None
    )
    words = without_marks(quote.text)
    closes = re.search(r"[.!?…。][\"'”’»)\]]*$", words) is not None or text[quote.end : quote.end + 1] in ("", "\n")
    return Draft(("" if opens else "… ") + words.rstrip(",;:") + ("" if closes else " …"), (quote,))


def _length(drafts: Sequence[Draft]) -> int:
    """Words of quoted drafts, and of what tells whose they are, which is read once and then passed over."""
    leads = {lead_of(draft.text, attribute(draft.quotes[0])).before("") for draft in drafts}
    return sum(len(text.split()) for text in [*leads, *(draft.text for draft in drafts)])


def shortened(quote: Quote, question: Question) -> Quote:
    """The quote itself, or of one that is too long the run of clauses that says most about the question."""
    if len(quote.text.split()) <= LONGEST_QUOTE:
        return quote
    bounds = [0, *(match.end() for match in _CLAUSE_END.finditer(quote.text)), len(quote.text)]
    if max(len(quote.text[a:b].split()) for a, b in pairwise(bounds)) > LONGEST_QUOTE:
        # A clause that is itself too long is cut between words, as a table row or a list without commas has to be.
        bounds = sorted({*bounds, *(match.end() for match in re.finditer(r"\s+", quote.text))})
    best = (-1.0, 0, 0, 0)
    for first, start in enumerate(bounds[:-1]):
        for end in bounds[first + 1 :]:
            piece = quote.text[start:end]
            if len(piece.split()) > LONGEST_QUOTE:
                break
            shared = len({word.stem for word in parse(piece).words} & question.stems)
            best = max(best, (shared + 2.0 * holds_kind(question, piece), end - start, -start, end))
    start, end = -best[2], best[3]
    length = len(quote.text[start:end].rstrip(" \t\n,;:—–"))
    return Quote(quote.article, quote.start + start, quote.start + start + length)


def _telling(question: Question, evidence: Sequence[Evidence]) -> Sequence[Evidence]:
    """For a question for one thing the evidence that holds such a thing, where there is any; else all of it."""
    if question.broad:
        return evidence
    return [item for item in evidence[:JUDGED] if holds_kind(question, item.quote.text)] or evidence


def _grounded(
    proposal: Proposal, offered: Sequence[Quote], searched: Sequence[Evidence], sources: Sequence[Quote]
) -> Iterator[Draft]:
    """The proposal with what it may rest on, found by code; nothing when it has no word in common with any source."""
    pointed = _pointed_at(proposal, offered, searched)
    scores = {quote: content_share(proposal.text, [quote.text]) for quote in dict.fromkeys([*pointed, *sources])}
    ranked = sorted(scores, key=lambda quote: -scores[quote])
    if not ranked or scores[ranked[0]] == 0:
        return
    best = ranked[0]
    pairs = {quote: content_share(proposal.text, [best.text, quote.text]) for quote in ranked[1:]}
    second = max(pairs, key=lambda quote: pairs[quote], default=None)
    candidates: list[tuple[Quote, ...]] = [(quote,) for quote in ranked[:TRIED]]
    if second is not None and pairs[second] - scores[best] >= _SECOND_QUOTE_ADDS and _adds(proposal, best, second):
        candidates.insert(0, (best, second))
    # A quote that the LLM found in the text itself is cut to what it said; it is tried first where it tells as much.
    if pointed and scores[pointed[0]] >= scores[best]:
        candidates.insert(0, (pointed[0],))
    candidates += [tuple(pointed[:2])] if len(pointed) > 1 else [(quote,) for quote in pointed]
    first, *others = dict.fromkeys(candidates)
    # What is far down the evidence may prove a sentence; it answers nothing in its place.
    near = [quote for quote in ranked if quote in offered and scores[quote] >= LEAST_IN_COMMON]
    yield Draft(proposal.text, first, tuple(others[: TRIED + 1]), tuple(pointed), tuple(near[:TRIED]))


def _adds(proposal: Proposal, first: Quote, second: Quote) -> bool:
    """Whether a second quote explains enough words of a sentence that the first does not."""
    own = {word.stem for word in parse(proposal.text).words if word.content}
    held, more = ({word.stem for word in parse(quote.text).words} for quote in (first, second))
    return len((own - held) & more) >= _WORDS_ADDED


def _pointed_at(proposal: Proposal, offered: Sequence[Quote], searched: Sequence[Evidence]) -> list[Quote]:
    """The quotes that a proposal itself names, by their words if those stand somewhere, else by numbers in range."""
    if proposal.quoted:
        for item in searched:
            found = find_quote(proposal.quoted, item.quote.article, Span(item.hit.passage.start, item.hit.passage.end))
            if found and len(found.text.split()) <= LONGEST_QUOTE:
                return [found]
    numbers = dict.fromkeys(number for number in proposal.numbers if 1 <= number <= len(offered))
    return [offered[number - 1] for number in numbers]
