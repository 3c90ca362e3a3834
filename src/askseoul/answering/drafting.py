"""Draft the sentences of an answer from evidence: quotes in their own words, or the sentences of an LLM's reply.

Nothing is checked here. The quotes that an LLM's sentence may rest on are found by comparing texts. The sources that
the LLM gives, numbers or words, are only further candidates: models confuse numbers, quote from memory, and a passage
may contain numbers of its own.

A reply is JSON in the form of ``SCHEMA``, or prose with marks like ``[2]``. Models that are asked for one may write the
other, so the form is recognized by its beginning, or by a line that begins with a JSON object. A reply is parsed while
it arrives: each sentence is drafted as soon as it is complete, and a truncated reply keeps its complete sentences.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from askseoul.domain import Draft, Evidence, Quote, Span
from askseoul.errors import GeneratorError, PromptTooLong, ReplyUnusable
from askseoul.models.chat_reply import THOUGHT_ENDS, after_thoughts, opens_thought
from askseoul.models.endpoint import Notice
from askseoul.models.generator import Generator, fill_prompt
from askseoul.nlp.lines import items_below, kind_of, lead_of
from askseoul.nlp.text import parse, split_sentences
from askseoul.retrieval.question import Question, holds_answer_type
from askseoul.verification.guards import content_share
from askseoul.verification.quotes import find_quote

SAID, LIKELY = 0.5, 0.25
"""Least probability that a further sentence of an answer answers: as a share of the best one's, and by itself."""
SAID_IN_FULL, LIKELY_IN_FULL = 0.2, 0.08
"""The same where all of several things are wanted, so that none is left out."""
MOST_SENTENCES, MOST_SENTENCES_BROAD = 3, 4
"""Maximum sentences of an answer to a question for one thing, and to one for reasons or views. Over the questions of
48 stories that did not choose them, answers hold 0.57 of the sentences needed, and 0.60 of what they quote answers."""
MOST_ITEMS: Final = 12
"""Maximum items of a list that answers as a whole."""
_SHORTEST_LIST: Final = 2
_RECOGNISED: Final = frozenset({"number", "money", "share", "duration", "date", "person", "place"})
"""Types of answers that a sentence before a list shows to hold by their form."""
LONGEST_QUOTE = 60
"""Maximum words of a quote; a longer sentence is cut at clause boundaries."""
OFFERED, TRIED = 8, 4
"""Evidence sentences that an LLM is given, and sources that are tried for a sentence, each one quote or two."""
LEAST_IN_COMMON, LEAST_OF_QUESTION = 0.3, 0.25
"""Minimum share of an LLM's sentence in a quote that replaces it, and of a question in a sentence that speaks of it."""
REPLY_TOKENS, CAPABLE_REPLY_TOKENS, FEWEST_REPLY_TOKENS = 120, 800, 200
"""Maximum tokens of a reply: of the small local model, of any other, and of one with a short context. JSON with quotes
is three times as long as the same prose."""
_COPY: Final = 0.8
"""Minimum share of a sentence in a quote to be a copy of it, changed or not, which rests on nothing else."""
LONGEST_SENTENCE: Final = 120
"""Maximum words of an LLM's sentence, twice those of a quote. A longer one is a list or a repetition."""
_SECOND_QUOTE_ADDS, _WORDS_ADDED = 0.15, 3
"""Minimum share, and number, of a sentence's content words that only the second of two quotes contains. A single
invented word occurs in some other sentence too."""
_SOMETHING, _MARGIN = 0.1, 0.2
"""To speak of a quote: minimum share of a sentence in one that the LLM gives as its source, and most by which the
sentence may have more in common with another."""
_OPENED = re.compile(r"(?:^|\n)[ \t]*(?:[-*+•‣◦|])?$|[.!?…。][\"'”’»)\]]*(?:\[\w{1,6}\])?$")
_OPENING: Final = 40
"""Characters before a quote that show whether its sentence begins with it."""
_CLAUSE_END = re.compile(r"(?<=[,;:—–])\s+|\s+(?=[—–]\s)")

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
"""JSON schema of a structured reply: sentences, each with the numbers and the words of its source."""
MARKER: Final = re.compile(r"\s*\[(?:\^?\d{1,3}|[ivxl]{1,6})(?:\s*,\s*\d{1,3})*\]")
"""A footnote mark, or a citation as models write it: ``[2]``, ``[2, 3]``, ``[^2]``, ``[iv]``."""
_SEVERAL = re.compile(r"\[\d{1,3}(?:\s*,\s*\d{1,3})+\]")
_CLOSED = re.compile(r"[.!?…。:][\"'”’»)*]*(?:\s*\[[^\]]*\])*\s*$")
_TOKENS = re.compile(r"<\|\w+\|>")
"""Markers of a model's own that a server has left in the text."""
_FENCE = re.compile(r"\A(?:\s*<\|\w+\|>)*(?:\s*```\w*)?\s*")
_LISTED = re.compile(r"^\s*(?:[-*•#>]|\d{1,2}[.)])\s+")
_BEGINNING: Final = 200
"""Characters within which a reply shows that it is JSON."""
_JSON = re.compile(r"\s*(?:\{|\[\s*(?:[{\[\]\"]|\Z))")
"""The beginning of JSON; ``[1]`` begins prose."""
_FRAMED = re.compile(r"\n\s*(?:```\w*\s*)?(?=\{)")
_OBJECT = re.compile(r"\{")
_FRAME = re.compile(r'\{\s*"\w+"\s*:\s*\[\s*')


def draft_quotes(
    question: Question,
    evidence: Sequence[Evidence],
    share: float = 1.0,
    said: Sequence[Draft] = (),
    *,
    in_full: bool = False,
) -> list[Draft]:
    """The sentences that answer, in their own words, the likeliest first; the best sentence is always there.

    A part of a question may use ``share`` of the usual number. The drafts that were ``said`` before count too and are
    not repeated. ``in_full`` is for a question that wants all of several things."""
    if listed := [
        draft
        for quote in (_whole_list(question, evidence) if evidence else ())
        if (draft := quote_draft(shortened(quote, question))) not in said
    ]:
        return listed
    most = share * (MOST_ITEMS if in_full else MOST_SENTENCES_BROAD if question.is_broad else MOST_SENTENCES)
    said_from, likely_from = (SAID_IN_FULL, LIKELY_IN_FULL) if in_full else (SAID, LIKELY)
    drafts: list[Draft] = []
    for item in evidence:
        likely = item.answers >= max(said_from * evidence[0].answers, likely_from)
        if (said or drafts) and (not likely or len(said) + len(drafts) >= most):
            break
        draft = quote_draft(shortened(item.quote, question))
        if draft not in said:
            drafts.append(draft)
    return drafts


def _whole_list(question: Question, evidence: Sequence[Evidence]) -> list[Quote]:
    """The items of the list that answers, in their order: the list of the best item, or the one below the best
    sentence, if half of its items are likely to answer, or if that sentence ends with a colon, does not hold the kind
    of answer that the question wants, and the question does not name some of the items. Empty if there is none."""
    best = evidence[0]
    article, own = best.quote.article, Span(best.quote.start, best.quote.end)
    announces = best.quote.text.endswith((":", "："))
    lead = own if announces or kind_of(article.text, own) != "item" else lead_of(article.text, own)
    items = items_below(article.text, lead) if lead else []
    likely = {
        item.quote.start
        for item in evidence
        if item.quote.article == article and item.answers >= max(SAID * best.answers, LIKELY)
        if question.answer_type not in _RECOGNISED or holds_answer_type(question, parse(item.quote.text))
    }
    is_answer = question.answer_type in _RECOGNISED and holds_answer_type(question, parse(best.quote.text))
    asked = question.parsed.content_stems - parse(best.quote.text).stems
    named = sum(not asked.isdisjoint(parse(article.text[item.start : item.end]).stems) for item in items)
    is_wanted = announces and not is_answer and (named == 0 or 2 * named >= len(items))
    if len(items) < _SHORTEST_LIST or not (is_wanted or 2 * sum(item.start in likely for item in items) >= len(items)):
        return []
    return [Quote(article, item.start, item.end) for item in items[:MOST_ITEMS]]


def quote_draft(quote: Quote) -> Draft:
    """A draft in the quote's own words, with an ellipsis where the quote does not begin or end with its sentence."""
    text = quote.article.text
    before = text[: quote.start].rstrip(" \t")
    opens = not before or _OPENED.search(before[-_OPENING:]) is not None
    words = without_marks(quote.text)
    closes = re.search(r"[.!?…。][\"'”’»)\]]*$", words) is not None or text[quote.end : quote.end + 1] in ("", "\n")
    return Draft(("" if opens else "… ") + words.rstrip(",;:") + ("" if closes else " …"), (quote,))


def shortened(quote: Quote, question: Question) -> Quote:
    """The quote, or if it is too long its run of clauses with the most stems of the question."""
    if len(quote.text.split()) <= LONGEST_QUOTE:
        return quote
    bounds = [0, *(match.end() for match in _CLAUSE_END.finditer(quote.text)), len(quote.text)]
    if max(len(quote.text[a:b].split()) for a, b in pairwise(bounds)) > LONGEST_QUOTE:
        # A clause that is too long itself, such as a table row or a list without commas, is cut between words.
        bounds = sorted({*bounds, *(match.end() for match in re.finditer(r"\s+", quote.text))})
    best = (-1.0, 0, 0, 0)
    for first, start in enumerate(bounds[:-1]):
        for end in bounds[first + 1 :]:
            if len(quote.text[start:end].split()) > LONGEST_QUOTE:
                break
            piece = parse(quote.text[start:end])
            score = len(piece.stems & question.stems) + 2.0 * holds_answer_type(question, piece)
            best = max(best, (score, end - start, -start, end))
    start, end = -best[2], best[3]
    length = len(quote.text[start:end].rstrip(" \t\n,;:—–"))
    return Quote(quote.article, quote.start + start, quote.start + start + length)


def draft_with(generator: Generator, question: Question, evidence: Sequence[Evidence]) -> Iterator[Draft | Notice]:
    """The sentences of a generator's reply as they arrive, each with the quotes that it most likely rests on.

    A capable generator is asked for JSON, and once more if its reply has no sentence; prose is accepted too. It is
    offered fewer sentences if they don't fit into its context. If a reply breaks off, its complete sentences are kept.
    Sentences are held back until one speaks of the question, or of what would be quoted without an LLM; without one the
    reply is off the topic, and its sentences are given without a quote, which no check passes. A Notice warns of each.
    """
    offered = [shortened(item.quote, question) for item in evidence[:OFFERED]]
    sources = list(dict.fromkeys(shortened(item.quote, question) for item in evidence))
    likely = [(item.answers, shortened(item.quote, question)) for item in evidence]
    best = max((answers for answers, _ in likely), default=0.0)
    answering = {quote for answers, quote in likely if answers >= min(LIKELY, SAID * best)}
    quotable = {quote for answers, quote in likely if answers >= min(best, max(LIKELY, SAID * best))}
    tokens = CAPABLE_REPLY_TOKENS if generator.capable else REPLY_TOKENS
    may_ask_again, held, is_on_topic = generator.capable, list[Draft](), False
    while True:
        reader = ReplyReader()
        system, user = _prompts(generator, question, offered)
        try:
            for item in _stream_proposals(generator, system, user, tokens, reader):
                if isinstance(item, Notice):
                    yield item
                    continue
                for draft in _ground(item, offered, evidence, sources, answering):
                    held.append(draft)
                    is_on_topic = is_on_topic or _speaks_of(draft, question, quotable)
                if is_on_topic:
                    yield from held
                    held.clear()
        except PromptTooLong as error:
            if len(offered) <= 1:
                yield Notice(str(error), is_warning=True)
                return
            offered, tokens = offered[: len(offered) // 2], max(tokens // 2, FEWEST_REPLY_TOKENS)
            continue
        except GeneratorError as error:
            if not reader.proposed and may_ask_again and isinstance(error, ReplyUnusable):
                may_ask_again = False
                yield Notice("The reply broke off; asking again.")
                continue
            kept = f"{generator.name} broke off its reply; the sentences before are kept. " if is_on_topic else ""
            yield Notice(f"{kept}{error}", is_warning=True)
            return
        if not reader.malformed or not may_ask_again:
            break
        may_ask_again = False
        yield Notice("The reply has no sentence; asking again.")
    if not is_on_topic:
        why = "has no sentence" if not reader.proposed else "does not speak of what the articles say to this question"
        yield Notice(f"The reply of {generator.name} {why}.", is_warning=True)
        yield from (Draft(draft.text, ()) for draft in held)


def _speaks_of(draft: Draft, question: Question, quotable: Collection[Quote]) -> bool:
    """Whether a draft has enough in common with the question, or with a quote that answers and not much more with
    another."""
    if content_share(question.text, [draft.text]) >= LEAST_OF_QUESTION:
        return True
    candidates = {quote for quotes in (draft.quotes, *draft.others) for quote in quotes}
    nearest = max(content_share(draft.text, [quote.text]) for quote in candidates)
    return any(
        content_share(draft.text, [quote.text])
        >= max(_SOMETHING if quote in draft.given else LEAST_IN_COMMON, nearest - _MARGIN)
        for quote in quotable
    )


def _prompts(generator: Generator, question: Question, offered: Sequence[Quote]) -> tuple[str, str]:
    """The system and the user prompt. A capable generator gets the evidence as JSON, which no text can escape from."""
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


def _stream_proposals(
    generator: Generator, system: str, user: str, tokens: int, reader: ReplyReader
) -> Iterator[Proposal | Notice]:
    schema = SCHEMA if generator.capable else None
    for piece in generator.reply(system, user, maximum_tokens=tokens, schema=schema):
        if isinstance(piece, Notice):
            yield piece
        else:
            yield from reader.feed(piece)
    yield from reader.finish()


def _ground(
    proposal: Proposal,
    offered: Sequence[Quote],
    searched: Sequence[Evidence],
    sources: Sequence[Quote],
    answering: Collection[Quote],
) -> Iterator[Draft]:
    """The proposal with the quotes that it may rest on; nothing if it has no word in common with any source."""
    given = _given_sources(proposal, offered, searched)
    scores = {quote: content_share(proposal.text, [quote.text]) for quote in dict.fromkeys([*given, *sources])}
    ranked = sorted(scores, key=lambda quote: -scores[quote])
    if not ranked or scores[ranked[0]] == 0:
        return
    best, tried = ranked[0], given
    if scores[best] >= _COPY:
        ranked, tried = ([q for q in quotes if scores[q] >= scores[best] / 2] for quotes in (ranked, given))
    pairs = {quote: content_share(proposal.text, [best.text, quote.text]) for quote in ranked[1:]}
    second = max(pairs, key=lambda quote: pairs[quote], default=None)
    candidates: list[tuple[Quote, ...]] = [(quote,) for quote in ranked[:TRIED]]
    if second is not None and pairs[second] - scores[best] >= _SECOND_QUOTE_ADDS and _adds(proposal, best, second):
        candidates.insert(0, (best, second))
    # The words that the LLM quotes are cut to what it means, so they are tried first if they match as well.
    if tried and scores[tried[0]] >= scores[best]:
        candidates.insert(0, (tried[0],))
    candidates += [tuple(tried[:2])] if len(tried) > 1 else [(quote,) for quote in tried]
    first, *others = dict.fromkeys(candidates)
    # A sentence that does not answer may support the proposal, but is no answer in its place.
    near = [quote for quote in ranked if quote in offered and quote in answering and scores[quote] >= LEAST_IN_COMMON]
    yield Draft(proposal.text, first, tuple(others[: TRIED + 1]), tuple(given), tuple(near[:TRIED]))


def _given_sources(proposal: Proposal, offered: Sequence[Quote], searched: Sequence[Evidence]) -> list[Quote]:
    """The quotes that a proposal gives as its source: by words if these occur in a passage, else by number."""
    if proposal.quoted:
        for item in searched:
            found = find_quote(proposal.quoted, item.quote.article, Span(item.hit.passage.start, item.hit.passage.end))
            if found and len(found.text.split()) <= LONGEST_QUOTE:
                return [found]
    numbers = dict.fromkeys(number for number in proposal.numbers if 1 <= number <= len(offered))
    return [offered[number - 1] for number in numbers]


def _adds(proposal: Proposal, first: Quote, second: Quote) -> bool:
    """Whether the second quote contains enough words of a sentence that the first does not."""
    own = {word.stem for word in parse(proposal.text).words if word.content}
    held, more = ({word.stem for word in parse(quote.text).words} for quote in (first, second))
    return len((own - held) & more) >= _WORDS_ADDED


@dataclass(frozen=True, slots=True)
class Proposal:
    """A sentence that an LLM proposes, with the source that it gives, all unchecked."""

    text: str
    numbers: tuple[int, ...] = ()
    """Numbers of the sentences that it was given, from 1; any integer is possible."""
    quoted: str = ""
    """What it gives as the words of its source."""


class ReplyReader:
    """Parses a reply that arrives in pieces.

    JSON is read while it arrives. Anything else is read at the end of the reply: until then it may turn out to be a
    thought, which some servers send without its opening mark.
    """

    def __init__(self) -> None:
        self._reply = ""
        self._read = 0
        self._is_json = False
        self.proposed = 0
        """Number of sentences found so far."""

    def feed(self, piece: str) -> list[Proposal]:
        """The sentences that this piece completes."""
        self._reply += piece
        if not self._is_json and (len(self._reply) <= _BEGINNING or THOUGHT_ENDS & set(piece)):
            self._begin()
        return self._counted(self._from_json(ended=False)) if self._is_json else []

    def finish(self) -> list[Proposal]:
        """The remaining sentences at the end of the reply; the last sentence of a truncated reply is left out."""
        if not self._is_json:
            self._begin()
            if opens_thought(self._reply):
                self._reply = ""
            if framed := _FRAMED.search(self._reply):  # drop the preamble
                self._reply, self._is_json = self._reply[framed.end() :], True
        return self._counted(self._from_json(ended=True) if self._is_json else self._from_prose())

    @property
    def malformed(self) -> bool:
        """Whether the reply has no sentence so far although it is JSON, or is empty."""
        return not self.proposed and (self._is_json or not self._reply.strip())

    def _begin(self) -> None:
        """Drop the thoughts that have ended, and see whether what follows is JSON."""
        self._reply = after_thoughts(self._reply)
        plain = _FENCE.sub("", self._reply)
        if _JSON.match(plain):
            self._reply, self._is_json = plain, True

    def _counted(self, proposals: Iterator[Proposal]) -> list[Proposal]:
        found = list(proposals)
        self.proposed += len(found)
        return found

    def _from_json(self, *, ended: bool) -> Iterator[Proposal]:
        """The sentences in the complete objects that were not read yet.

        An incomplete object is waited for, unless it is only the frame around the sentences, or the reply has ended:
        then the objects inside it are read."""
        decoder, text = json.JSONDecoder(), self._reply
        while opening := _OBJECT.search(text, self._read):
            try:
                value, self._read = decoder.raw_decode(text, opening.start())
            except (ValueError, RecursionError):
                inner = _OBJECT.search(text, opening.end())
                if inner is None or not (ended or _FRAME.fullmatch(text, opening.start(), inner.start())):
                    return
                self._read = inner.start()
            else:
                yield from _proposals_in(value)

    def _from_prose(self) -> Iterator[Proposal]:
        """The sentences of a whole reply. If it punctuates its sentences, a last one without punctuation was
        truncated."""
        plain = _FENCE.sub("", _TOKENS.sub("", self._reply))
        text = _SEVERAL.sub(lambda mark: "".join(f"[{number}]" for number in re.findall(r"\d+", mark[0])), plain)
        sentences = [text[span.start : span.end] for span in split_sentences(text)]
        closed = [_CLOSED.search(sentence) is not None for sentence in sentences]
        if len(sentences) > 1 and closed[-2] and not closed[-1]:
            sentences.pop()
        for sentence in sentences:
            yield from _proposal_of(sentence)


def _proposals_in(value: Any) -> Iterator[Proposal]:  # noqa: ANN401
    """The sentences in a JSON value, however the model nests them and names the fields around them."""
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        numbers, quoted = value.get("citations"), value.get("quote")
        yield from _proposal_of(
            value["text"],
            tuple(n for n in numbers if type(n) is int) if isinstance(numbers, list) else (),
            quoted if isinstance(quoted, str) else "",
        )
    elif isinstance(value, dict):
        for inner in value.values():
            if not isinstance(inner, str):
                yield from _proposals_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _proposals_in(inner)
    elif isinstance(value, str):
        yield from _proposal_of(value)


def _proposal_of(written: str, numbers: tuple[int, ...] = (), quoted: str = "") -> Iterator[Proposal]:
    """The sentence without list bullets and marks, and without given numbers those of its marks; nothing if it is empty
    or too long."""
    marked = tuple(int(number) for mark in MARKER.findall(written) for number in re.findall(r"\d+", mark))
    plain = without_marks(_LISTED.sub("", written))
    if plain and len(plain.split()) <= LONGEST_SENTENCE:
        yield Proposal(plain, numbers or marked, quoted)


def without_marks(text: str) -> str:
    """The text on one line without footnote marks and citations, including those that removing others creates."""
    plain = MARKER.sub("", text)
    while plain != text:
        text, plain = plain, MARKER.sub("", plain)
    return " ".join(plain.split())
