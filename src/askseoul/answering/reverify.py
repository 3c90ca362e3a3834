"""An exported answer proved again, from the articles as they are now and its text alone.

What the file says of itself (its list of sentences, their verdicts and checks) is compared with the text, never
believed: the claims are those that a reader sees in the text, and each is checked against the quotes as they stand in
the articles.
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
from askseoul.domain import (
    Answer,
    Article,
    Citation,
    Disagreement,
    Quote,
    Refusal,
    Sentence,
    TimeReading,
    quoted,
    record_of,
)
from askseoul.errors import AnswerInvalid, ArticleUnknown
from askseoul.nlp.relative_dates import time_readings
from askseoul.verification.alignment import TokenSimilarity
from askseoul.verification.claim import verify_claim

_SIDES = 2
_MARKERS = re.compile(r" (?:\[[1-9][0-9]{0,2}\])+(?P<note> \(“[^()]{1,400}\))?\.?(?= |$)")
_VALUE = re.compile(r"\S")
_LONGEST_TEXT = 20_000
"""Characters. No answer comes near it, and the claims of a longer text would be weighed for minutes."""
_NEEDED = ("answered", "text", "citations")
_REMEDY = "export an answer with `askseoul ask QUESTION --json`"


@dataclass(frozen=True, slots=True)
class _Exported:
    """What is proved of an exported answer."""

    answered: bool
    text: str
    citations: tuple[Citation, ...]
    sentences: tuple[Sentence, ...] | None = None
    disagreements: tuple[Disagreement, ...] = ()
    refusal: Refusal | None = None


def load_exported(path: Path) -> list[dict[str, Any]]:
    """The answers in this file, as ``askseoul ask --json`` writes them: one, or one a line.

    Raises AnswerInvalid where the file can't be read, is not JSON, or holds something that is no answer.
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


def prove(
    exported: Mapping[str, Any], read_article: Callable[[str], Article], similarity: TokenSimilarity | None = None
) -> list[str]:
    """What of an exported answer no longer holds, one line each; nothing when everything holds.

    ``read_article`` gives an article as it is now, by its id, or raises ArticleUnknown. Without ``meaning`` a claim in
    other words than its quotes is not proved.
    """
    try:
        answer = record_of(_Exported, exported)
    except AnswerInvalid as error:
        return [str(error)]
    if len(answer.text) > _LONGEST_TEXT:
        return [f"Its `text` has {len(answer.text):,} characters, and an answer has {_LONGEST_TEXT:,} at most."]
    quotes, faults = _prove_citations(answer.citations, read_article)
    faults += _answer_faults(answer, quotes, similarity) if answer.answered else _refusal_faults(answer, read_article)
    said = {(sentence.text, sentence.citations) for sentence in answer.sentences or ()}
    for disagreement in answer.disagreements:
        faults += _disagreement_faults(disagreement, quotes)
        if not {(side.text, side.citations) for side in disagreement.sides} <= said:
            faults.append(f"Disagreement {quoted(disagreement.about)}: a side of it is no sentence of the answer.")
    return faults


def proved(exported: Any, read_article: Callable[[str], Article], similarity: TokenSimilarity) -> Answer:  # noqa: ANN401
    """The answer that was exported, proved again as ``prove`` does. Raises AnswerInvalid with what no longer holds."""
    answer = record_of(Answer, exported)
    faults = prove(exported, read_article, similarity)
    if faults:
        raise AnswerInvalid(" ".join(faults))
    return answer


def _disagreement_faults(disagreement: Disagreement, quotes: Mapping[int, Quote]) -> Iterator[str]:
    """What of a disagreement does not hold; its sides are sentences of the text, and proved as such."""
    name = f"Disagreement {quoted(disagreement.about)}"
    cited = [[quotes[number].article for number in side.citations if number in quotes] for side in disagreement.sides]
    if len(cited) < _SIDES or not all(cited):
        yield f"{name}: a side of it has no citation that is proved."
        return
    dates = [articles[0].published for articles in cited]
    if len({articles[0].id for articles in cited}) < len(cited):
        yield f"{name}: its sides rest on one and the same article."
    if [side.published for side in disagreement.sides] != dates:
        yield f"{name}: its sides are of {' and '.join(str(date) for date in dates)}."
    if disagreement.kind == "superseded" and (
        None in dates or dates != sorted(dates, key=str) or dates[0] == dates[-1]
    ):
        yield f"{name}: no article of it is known to be later than another."


def _answer_faults(answer: _Exported, quotes: Mapping[int, Quote], similarity: TokenSimilarity | None) -> Iterator[str]:
    if answer.refusal is not None:
        yield "It is both an answer and a refusal."
    claims = list(_claims(answer.text))
    if not claims:
        yield "It is marked as answered, and its text says nothing."
    for claim in claims:
        yield from _claim_faults("Sentence", claim, quotes, similarity)
    if answer.sentences is None:
        return
    if whole_text(answer.sentences, answer.disagreements) != answer.text:
        yield "Its `sentences` and its `text` do not say the same."
    for sentence in answer.sentences:
        yield from _stance_faults(sentence, quotes)
        failed = [check.name for check in sentence.checks if not check.passed]
        if sentence.verdict != "supported" or failed:
            said = ", ".join([sentence.verdict, *failed])
            yield f"Sentence {quoted(sentence.text)}: the file itself does not have it as supported ({said})."


def _stance_faults(sentence: Sentence, quotes: Mapping[int, Quote]) -> Iterator[str]:
    rested_on = [quotes[number] for number in sentence.citations if number in quotes]
    if rested_on and len(rested_on) == len(sentence.citations):
        text, rested_on, _ = without_lead(sentence.text, rested_on)
        found = attributed(text, rested_on)[0]
        if (sentence.stance, sentence.speaker) != (found.stance, found.speaker):
            who = f" {found.speaker}" if found.speaker else ""
            yield f"Sentence {quoted(sentence.text)}: its article {found.stance}{who}, not {sentence.stance}."


def _refusal_faults(answer: _Exported, read_article: Callable[[str], Article]) -> Iterator[str]:
    if answer.sentences or answer.citations or answer.disagreements:
        yield "It is marked as not answered, and has sentences, citations or disagreements."
    if answer.refusal is None:
        yield "It is marked as not answered, and has no refusal."
        return
    message, reason = answer.refusal.message, answer.refusal.reason
    if answer.text != message:
        yield f"Its text {quoted(answer.text)} is not the refusal's message {quoted(message)}."
    if not f"{message} ".startswith(f"{MESSAGES[reason]} "):
        yield f"The refusal's message {quoted(message)} is not that of “{reason}”."
    yield from _prove_citations(answer.refusal.nearest, read_article)[1]


def _prove_citations(
    citations: Sequence[Citation], read_article: Callable[[str], Article]
) -> tuple[dict[int, Quote], list[str]]:
    """The quotes that stand, by number, and what does not hold."""
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
                faults.append(f"{name}: {citation.article_id} has the {field} {now!r}, not {given!r}.")
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
    stands = in_bounds and article.text[citation.start : citation.end] == citation.quote
    if stands and not changed:
        return None
    elsewhere = article.text.find(citation.quote) if citation.quote else -1
    if stands:
        where = f"the quote still stands at {place}"
    elif elsewhere >= 0:
        where = f"the quote is not at {place} but at {elsewhere}:{elsewhere + len(citation.quote)}"
    elif in_bounds:
        where = f"{place} reads {quoted(article.text[citation.start : citation.end])}"
    else:
        where = f"there is no {place}, the article has {len(article.text)} characters"
    return f"the article has changed, {where}." if changed else f"{where}."


class _Claim(NamedTuple):
    """What an answer's text says before a run of markers, and in brackets behind it."""

    text: str
    numbers: tuple[int, ...]
    note: str


def _claims(text: str) -> Iterator[_Claim]:
    """The claims of an answer's text; what has no markers comes last.

    It reads what ``verification.whole_text`` writes, so that brackets within a claim do not end it.
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


def _claim_faults(
    what: str, claim: _Claim, quotes: Mapping[int, Quote], similarity: TokenSimilarity | None
) -> Iterator[str]:
    name = f"{what} {quoted(claim.text)}"
    lacking = [f"[{number}]" for number in claim.numbers if number not in quotes]
    if not claim.text:
        yield f"{name}: nothing is said before its citation."
    elif not claim.numbers:
        yield f"{name}: no citation stands behind it."
    elif lacking:
        yield f"{name}: it rests on {', '.join(lacking)}, which is not proved."
    else:
        text, rested_on, lead = without_lead(claim.text, [quotes[number] for number in claim.numbers])
        for part, support in verify_claim(text, rested_on, similarity):
            failed = [f"{check.name} ({check.detail})" for check in support.checks if not check.passed]
            if failed:
                yield f"{what} {quoted(part)}: its quotes do not support it: {'; '.join(failed)}."
                return
        asked_for = attributed(text, rested_on)[1].words
        if asked_for != lead:
            yield f"{name}: it has to begin with “{asked_for}:”." if asked_for else f"{name}: “{lead}” is not so."
        says = "; ".join(reading.says for reading in time_readings(text, rested_on))
        if says != claim.note:
            yield f"{name}: of its times it has to say {quoted(says)}, not {quoted(claim.note)}."


def without_lead(text: str, quotes: Sequence[Quote]) -> tuple[str, list[Quote], str]:
    """A claim without the lead that says whose it is, the quotes that it rests on but for that lead's, and the lead,
    which is empty where there is none."""
    for quote in quotes:
        lead = lead_of("", attribute(quote))
        for words in filter(None, dict.fromkeys((lead.words, ARGUES, REPORTS, SUPPOSES))):
            if text.startswith(f"{words}: "):
                claim = text.removeprefix(f"{words}: ")
                # The quote that holds the names of the lead may be one that the claim itself rests on.
                without = [each for each in quotes if words != lead.words or each != lead.source]
                bears_out = without and attributed(claim, without)[1].words == words
                return claim, without if bears_out else list(quotes), words
    return text, list(quotes), ""
