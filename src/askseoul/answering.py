"""Evidence into the sentences to say: the evidence's own words, or an LLM's where a generator is given.

Nothing here is checked yet. Which quote an LLM's sentence rests on is found by comparing texts; the numbers that the
LLM itself writes are thrown away, since small models misplace them and a passage can hold numbers of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from askseoul.answerability import JUDGED
from askseoul.checks import support
from askseoul.domain import Draft, Evidence, Quote
from askseoul.generators import Generator
from askseoul.prompts import fill_prompt
from askseoul.questions import Question, holds_kind
from askseoul.sentences import split_sentences
from askseoul.words import fold, words_of

FOCUSED_WORDS, FOCUSED_SENTENCES, FOCUSED_SHARE = 50, 3, 0.45
BROAD_WORDS, BROAD_SENTENCES, BROAD_SHARE = 105, 6, 0.3
"""How long an answer may grow, to a question for one thing and to one for reasons or views, and the least share of the
best sentence's score that a further sentence needs. On the gold questions of both collections 45 words and 102 words,
as many facts held as without the share, and citation precision 0.43 and 0.38 in place of 0.36 and 0.29."""
LONGEST_QUOTE = 60
"""Words. A longer sentence is cut at clause bounds."""
OFFERED = 8
"""Evidence sentences that an LLM sees."""
REPLY_TOKENS = 120
_SECOND_QUOTE_ADDS = 0.15
"""How much of an LLM's sentence a second quote must explain to be cited beside the first."""
_CLAUSE_END = re.compile(r"(?<=[,;:—–])\s+|\s+(?=[—–]\s)")
_MARKER = re.compile(r"\s*\[(?:\^?\d{1,3}|[ivxl]{1,6})(?:\s*,\s*\d{1,3})*\]")
_OUTSIDE = re.compile(r"^\s*(?:[-*•#>]|\d{1,2}[.)])\s+")


def draft_quotes(question: Question, evidence: Sequence[Evidence]) -> list[Draft]:
    """The best evidence in its own words, within the length that suits the question; the very best is always there."""
    most_words, most_sentences, least_share = (
        (BROAD_WORDS, BROAD_SENTENCES, BROAD_SHARE)
        if question.broad
        else (FOCUSED_WORDS, FOCUSED_SENTENCES, FOCUSED_SHARE)
    )
    drafts: list[Draft] = []
    used = 0
    telling = _telling(question, evidence)
    for item in telling:
        if item.score < least_share * telling[0].score:
            break
        draft = quote_draft(shortened(item.quote, question))
        length = len(draft.text.split())
        if drafts and used + length > most_words:
            continue
        drafts.append(draft)
        used += length
        if len(drafts) == most_sentences:
            break
    return drafts


def draft_with(generator: Generator, question: Question, evidence: Sequence[Evidence]) -> list[Draft]:
    """The sentences of a generator's reply, each with the one or two quotes that explain most of it. Raises
    GeneratorError.

    A sentence that has nothing in common with the evidence is left out.
    """
    quotes = [shortened(item.quote, question) for item in _telling(question, evidence)[:OFFERED]]
    numbered = "\n".join(f"[{number}] {_plain(quote.text)}" for number, quote in enumerate(quotes, 1))
    reply = generator.reply(
        fill_prompt("answer_system"),
        fill_prompt("answer_user", question=question.text, evidence=numbered),
        maximum_tokens=REPLY_TOKENS,
    )
    reply = _MARKER.sub("", reply)  # before it is split: a mark between two sentences joins them
    drafts = []
    for span in split_sentences(reply):
        text = _plain(_OUTSIDE.sub("", reply[span.start : span.end]))
        resting = _resting_on(text, quotes)
        if resting:
            drafts.append(Draft(text, resting))
    return drafts


def quote_draft(quote: Quote) -> Draft:
    """A quote said in its own words; an ellipsis tells where it does not begin or end with its sentence."""
    text = quote.article.text
    before = text[: quote.start].rstrip(" \t")
    opens = (
        not before or before.endswith("\n") or re.search(r"[.!?…。][\"'”’»)\]]*(?:\[\w{1,6}\])?$", before) is not None
    )
    plain = _plain(quote.text)
    closes = re.search(r"[.!?…。][\"'”’»)\]]*$", plain) is not None or text[quote.end : quote.end + 1] in ("", "\n")
    return Draft(("" if opens else "… ") + plain.rstrip(",;:") + ("" if closes else " …"), (quote,))


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
            shared = len({word.stem for word in words_of(fold(piece))} & question.stems)
            best = max(best, (shared + 2.0 * holds_kind(question, piece), end - start, -start, end))
    start, end = -best[2], best[3]
    length = len(quote.text[start:end].rstrip(" \t\n,;:—–"))
    return Quote(quote.article, quote.start + start, quote.start + start + length)


def _telling(question: Question, evidence: Sequence[Evidence]) -> Sequence[Evidence]:
    """For a question for one thing the evidence that holds such a thing, where there is any; else all of it."""
    if question.broad:
        return evidence
    return [item for item in evidence[:JUDGED] if holds_kind(question, item.quote.text)] or evidence


def _resting_on(text: str, quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    scores = [support(text, [quote.text]) for quote in quotes]
    best = max(range(len(quotes)), key=lambda place: (scores[place], -place))
    if scores[best] == 0:
        return ()
    pairs = [support(text, [quotes[best].text, quote.text]) for quote in quotes]
    second = max(range(len(quotes)), key=lambda place: (pairs[place], -place))
    if pairs[second] - scores[best] >= _SECOND_QUOTE_ADDS:
        return (quotes[best], quotes[second])
    return (quotes[best],)


def _plain(text: str) -> str:
    """The text on one line without footnote marks, which would read as citations of ours."""
    return " ".join(_MARKER.sub("", text).split())
