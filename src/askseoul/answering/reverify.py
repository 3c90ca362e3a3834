"""Verify an exported answer again, from its text and the articles as they are now.

The claims are those that a reader sees in the text; each is checked against the quotes in the articles. What the file
says about itself (its sentences, their verdicts and checks) is compared with the text, but never trusted.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from askseoul.answering.assembly import MESSAGES, OPENINGS, attributed, rendered, whole_text
from askseoul.answering.attribution import ARGUES, REPORTS, SUPPOSES, attribute, lead_of
from askseoul.answering.collection import is_notice
from askseoul.answering.requests import is_greeting
from askseoul.domain import (
    Answer,
    Article,
    Citation,
    Disagreement,
    Quote,
    Refusal,
    Sentence,
    TimeReading,
    record_of,
)
from askseoul.errors import AnswerInvalid, ArticleUnknown, quoted
from askseoul.models.reader import Reader
from askseoul.nlp.relative_dates import time_readings
from askseoul.verification.claim import verify_claim

_SIDES = 2
_MARKERS = re.compile(r" (?:\[[1-9][0-9]{0,2}\])+(?P<note> \(“[^()]{1,400}\))?\.?(?= |$)")
_VALUE = re.compile(r"\S")
_LONGEST_TEXT = 20_000
"""Maximum characters of a text. No answer comes near it, and checking a longer text could take minutes."""
_NEEDED = ("answered", "text", "citations")
_REMEDY = "export an answer with `askseoul ask QUESTION --json`"


@dataclass(frozen=True, slots=True)
class _Exported:
    """The fields of an exported answer that are verified."""

    answered: bool
    text: str
    citations: tuple[Citation, ...]
    sentences: tuple[Sentence, ...] | None = None
    disagreements: tuple[Disagreement, ...] = ()
    refusal: Refusal | None = None
    question: str = ""
    notice: str | None = None


def load_exported(path: Path) -> list[dict[str, Any]]:
    """The answers in a file, as ``askseoul ask --json`` writes them: one, or one per line.

    Raises AnswerInvalid if the file can't be read, is not JSON, or contains something that is not an answer.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise AnswerInvalid(f"{path} can't be read ({reason}): name a file; {_REMEDY}") from error
    decoder = json.JSONDecoder()
    answers = []
    end = 0
    while begin := _VALUE.search(content, end):
        start = begin.start()
        try:
            exported, end = decoder.raw_decode(content, start)
        except (ValueError, RecursionError) as error:
            reason = f"not JSON ({getattr(error, 'msg', error)})"
            raise _invalid(path, content, getattr(error, "pos", start), reason) from error
        missing = [name for name in _NEEDED if not isinstance(exported, dict) or name not in exported]
        if missing:
            raise _invalid(path, content, start, f"not an answer, it lacks {', '.join(missing)}")
        answers.append(exported)
    if not answers:
        raise AnswerInvalid(f"{path} is empty; {_REMEDY}")
    return answers


def _invalid(path: Path, content: str, place: int, what: str) -> AnswerInvalid:
    line = content.count("\n", 0, place) + 1
    return AnswerInvalid(f"{path}, line {line}: this is {what}; {_REMEDY}")


def reverify(exported: Mapping[str, Any], read_article: Callable[[str], Article], reader: Reader) -> list[str]:
    """The faults of an exported answer, one line each; empty if everything holds.

    ``read_article`` returns an article as it is now, by its id, or raises ArticleUnknown.
    """
    try:
        answer = record_of(_Exported, exported)
    except AnswerInvalid as error:
        return [str(error)]
    if len(answer.text) > _LONGEST_TEXT:
        return [f"Its `text` has {len(answer.text):,} characters; the maximum is {_LONGEST_TEXT:,}."]
    quotes, faults = _verify_citations(answer.citations, read_article)
    faults += _answer_faults(answer, quotes, reader) if answer.answered else _refusal_faults(answer, read_article)
    said = {(sentence.text, sentence.citations) for sentence in answer.sentences or ()}
    for disagreement in answer.disagreements:
        faults += _disagreement_faults(disagreement, quotes)
        if not {(side.text, side.citations) for side in disagreement.sides} <= said:
            faults.append(f"Disagreement {quoted(disagreement.about)}: a side is not a sentence of the answer.")
    return faults


def verified_answer(
    exported: Any,  # noqa: ANN401
    read_article: Callable[[str], Article],
    reader: Reader,
) -> Answer:
    """The answer of an exported record, verified again. Raises AnswerInvalid with its faults if it has any."""
    answer = record_of(Answer, exported)
    faults = reverify(exported, read_article, reader)
    if faults:
        raise AnswerInvalid(" ".join(faults))
    return answer


def _disagreement_faults(disagreement: Disagreement, quotes: Mapping[int, Quote]) -> Iterator[str]:
    """The faults of a disagreement. Its sides are sentences of the text, and are verified as such."""
    name = f"Disagreement {quoted(disagreement.about)}"
    cited = [[quotes[number].article for number in side.citations if number in quotes] for side in disagreement.sides]
    if len(cited) < _SIDES or not all(cited):
        yield f"{name}: a side has no valid citation."
        return
    dates = [articles[0].published for articles in cited]
    if len({articles[0].id for articles in cited}) < len(cited):
        yield f"{name}: its sides cite the same article."
    if [side.published for side in disagreement.sides] != dates:
        yield f"{name}: the dates of its sides should be {' and '.join(map(str, dates))}."
    if disagreement.kind == "superseded" and (
        None in dates or dates != sorted(dates, key=str) or dates[0] == dates[-1]
    ):
        yield f"{name}: none of its articles is known to be later than another."


def _answer_faults(answer: _Exported, quotes: Mapping[int, Quote], reader: Reader) -> Iterator[str]:
    if answer.refusal is not None:
        yield "It is both an answer and a refusal."
    told = answer.text
    if answer.notice is not None:
        if not (is_notice(answer.notice, answer.question, answer.citations) and told.startswith(answer.notice)):
            yield f"Its notice {quoted(answer.notice)} is none that tells of the collection."
        told = told.removeprefix(answer.notice).lstrip()
    claims = list(_claims(told))
    if not claims:
        yield "It is marked as answered, but its text is empty."
    for claim in claims:
        yield from _claim_faults(claim, quotes, reader)
    if answer.sentences is None:
        return
    if whole_text(answer.sentences, answer.disagreements) != told:
        yield "Its `sentences` and its `text` differ."
    for sentence in answer.sentences:
        yield from _stance_faults(sentence, quotes)
        failed = [check.name for check in sentence.checks if not check.passed]
        if sentence.verdict != "supported" or failed:
            with_failed = f", with failed checks: {', '.join(failed)}" if failed else ""
            yield f"Sentence {quoted(sentence.text)}: its verdict in the file is {sentence.verdict}{with_failed}."


def _stance_faults(sentence: Sentence, quotes: Mapping[int, Quote]) -> Iterator[str]:
    rested_on = [quotes[number] for number in sentence.citations if number in quotes]
    if rested_on and len(rested_on) == len(sentence.citations):
        text, rested_on, _ = without_lead(sentence.text, rested_on)
        found = attributed(text, rested_on)[0]
        expected, given = (
            f"{each.stance} (speaker {each.speaker})" if each.speaker else each.stance for each in (found, sentence)
        )
        if given != expected:
            yield f"Sentence {quoted(sentence.text)}: its stance should be {expected}, not {given}."


def _refusal_faults(answer: _Exported, read_article: Callable[[str], Article]) -> Iterator[str]:
    if answer.sentences or answer.citations or answer.disagreements:
        yield "It is marked as not answered, but has sentences, citations or disagreements."
    if answer.refusal is None:
        yield "It is marked as not answered, but has no refusal."
        return
    message, reason = answer.refusal.message, answer.refusal.reason
    if answer.text != message:
        yield f"Its text {quoted(answer.text)} is not the refusal's message {quoted(message)}."
    as_written = is_greeting(message) if reason == "no question" else f"{message} ".startswith(f"{MESSAGES[reason]} ")
    if not as_written:
        yield f"The refusal's message {quoted(message)} does not match its reason “{reason}”."
    yield from _verify_citations(answer.refusal.nearest, read_article)[1]


def _verify_citations(
    citations: Sequence[Citation], read_article: Callable[[str], Article]
) -> tuple[dict[int, Quote], list[str]]:
    """The quotes of the valid citations, by number, and the faults of the others."""
    quotes: dict[int, Quote] = {}
    faults = []
    for place, citation in enumerate(citations, 1):
        name = f"Citation [{citation.number}] {quoted(citation.quote)}"
        if citation.number != place:
            faults.append(f"{name}: its number should be {place}.")
            continue
        try:
            article = read_article(citation.article_id)
        except ArticleUnknown as error:
            faults.append(f"{name}: {error}")
            continue
        for field in ("title", "source", "published", "url"):
            given, now = getattr(citation, field), getattr(article, field)
            if given != now:
                faults.append(f"{name}: the `{field}` of {citation.article_id} is {now!r}, not {given!r}.")
        fault = _quote_fault(citation, article)
        if fault:
            faults.append(f"{name}: {fault}")
        else:
            quotes[place] = Quote(article, citation.start, citation.end)
    return quotes, faults


def _quote_fault(citation: Citation, article: Article) -> str | None:
    place = f"{citation.article_id} {citation.start}:{citation.end}"
    changed = hashlib.sha256(article.text.encode()).hexdigest() != citation.sha256
    in_bounds = 0 <= citation.start < citation.end <= len(article.text)
    is_exact = in_bounds and article.text[citation.start : citation.end] == citation.quote
    if is_exact and not changed:
        return None
    elsewhere = article.text.find(citation.quote) if citation.quote else -1
    if is_exact:
        where = f"the quote is still at {place}"
    elif elsewhere >= 0:
        where = f"the quote is not at {place} but at {elsewhere}:{elsewhere + len(citation.quote)}"
    elif in_bounds:
        where = f"{place} reads {quoted(article.text[citation.start : citation.end])}"
    else:
        where = f"{place} is not in the article, which has {len(article.text)} characters"
    return f"the article has changed; {where}." if changed else f"{where}."


class _Claim(NamedTuple):
    """A claim of an answer's text, the numbers after it, and the note on its times in parentheses."""

    text: str
    numbers: tuple[int, ...]
    note: str


def _claims(text: str) -> Iterator[_Claim]:
    """The claims of an answer's text; text without markers at the end is a claim without numbers.

    Markers end a claim only where ``assembly.rendered`` would put them, so brackets within a claim do not end it.
    """
    start = 0
    for match in _MARKERS.finditer(text):
        said = text[start : match.start()]
        numbers = tuple(map(int, re.findall(r"\[([0-9]+)\]", match[0].removesuffix(match["note"] or ""))))
        note = (match["note"] or "").removeprefix(" (").removesuffix(")")
        times = (TimeReading("", None, note),) if note else ()
        if text[start : match.end()] == rendered(Sentence(said, "supported", 1.0, numbers, (), times=times)):
            claim = said.strip()
            for opening in OPENINGS.values():
                claim = claim.removeprefix(f"{opening} ")
            yield _Claim(claim, numbers, note)
            start = match.end()
    if text[start:].strip():
        yield _Claim(text[start:].strip(), (), "")


def _claim_faults(claim: _Claim, quotes: Mapping[int, Quote], reader: Reader) -> Iterator[str]:
    name = f"Sentence {quoted(claim.text)}"
    invalid = [f"[{number}]" for number in claim.numbers if number not in quotes]
    if not claim.text:
        yield f"{name}: there is no text before its citation."
    elif not claim.numbers:
        yield f"{name}: it has no citation."
    elif invalid:
        yield f"{name}: it cites {', '.join(invalid)}, which is missing or invalid."
    else:
        text, rested_on, lead = without_lead(claim.text, [quotes[number] for number in claim.numbers])
        for part, support in verify_claim(text, rested_on, reader):
            failed = [f"{check.name} ({check.detail})" for check in support.checks if not check.passed]
            if failed:
                yield f"Sentence {quoted(part)}: its quotes do not support it: {'; '.join(failed)}."
                return
        needed = attributed(text, rested_on)[1].words
        if needed != lead:
            yield f"{name}: it must begin with “{needed}:”." if needed else f"{name}: it must not begin with “{lead}:”."
        note = "; ".join(reading.says for reading in time_readings(text, rested_on))
        if note != claim.note:
            yield f"{name}: its note on times should be {quoted(note)}, not {quoted(claim.note)}."


def without_lead(text: str, quotes: Sequence[Quote]) -> tuple[str, list[Quote], str]:
    """A claim without its lead, its quotes without that of the lead, and the lead's words, empty if it has none."""
    for quote in quotes:
        lead = lead_of("", attribute(quote))
        for words in filter(None, dict.fromkeys((lead.words, ARGUES, REPORTS, SUPPOSES))):
            if text.startswith(f"{words}: "):
                claim = text.removeprefix(f"{words}: ")
                # The claim itself may rest on the quote that contains the names of the lead.
                without = [each for each in quotes if words != lead.words or each != lead.source]
                bears_out = without and attributed(claim, without)[1].words == words
                return claim, without if bears_out else list(quotes), words
    return text, list(quotes), ""
