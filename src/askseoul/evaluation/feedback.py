"""Draft gold questions from readers' opinions of answers, for a person to review.

A draft has the fields of a gold question, filled as far as the opinion allows. If the answer is right, its facts and
quotes are the gold; if it should have been a refusal, the question is unanswerable; if it is wrong, only the question
is known. ``datasets.load_gold`` rejects a line that still says ``"draft": true``.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Literal, get_args

from askseoul.domain import Answer
from askseoul.errors import UsageError
from askseoul.evaluation.datasets import Kind
from askseoul.evaluation.metrics import facts_held
from askseoul.nlp.entities import Name, find_names, name_forms
from askseoul.nlp.quantities import find_figures
from askseoul.nlp.text import ParsedText, canonical_text, parse, replace_surrogates
from askseoul.retrieval.question import Question, asked_quantities, read_question

Opinion = Literal["right", "wrong answer", "wrong source", "should have refused"]

LONGEST_NOTE: Final = 2_000
"""Maximum characters of a note."""
LOCK_TIMEOUT: Final = 10.0
"""Seconds to wait for other processes that write to the same file; each needs a few milliseconds."""


def draft_question(answer: Answer, opinion: Opinion, note: str, history: Sequence[str] = ()) -> dict[str, Any]:
    """The draft of a gold question, with what the reviewer needs: opinion, note and answer.

    ``history`` are the earlier questions that the question depends on, oldest first. The same opinion of the same
    answer has the same id. Raises UsageError for an unknown opinion or a note that is too long."""
    if opinion not in get_args(Opinion):
        raise UsageError(f"The opinion is {opinion!r}: give one of {', '.join(get_args(Opinion))}.")
    if len(note) > LONGEST_NOTE:
        raise UsageError(f"The note has {len(note):,} characters; the maximum is {LONGEST_NOTE:,}: shorten it.")
    before = [replace_surrogates(question) for question in history]
    is_known = opinion == "right" and answer.answered
    facts = (_facts_of_sides(answer) or _facts(answer)) if is_known else []
    identity = json.dumps([answer.question, before, answer.as_of, answer.text, opinion])
    quotes = dict.fromkeys((citation.article_id, citation.quote) for citation in answer.citations)
    return {
        "id": f"draft-{hashlib.sha256(identity.encode()).hexdigest()[:12]}",
        "kind": _kind(answer, opinion),
        "lang": answer.language,
        "question": answer.question,
        "facts": facts,
        "evidence": [{"article": article, "quote": quote} for article, quote in quotes] if is_known else [],
        "history": before,
        "draft": True,
        "opinion": opinion,
        "note": canonical_text(replace_surrogates(note))[0].strip(),
        "answer": answer.text,
        "as_of": answer.as_of,
    }


def append_draft(draft: dict[str, Any], path: Path) -> None:
    """Append a draft to a file of JSON lines and sync it to disk. Safe from several processes at once.

    Raises UsageError if the file can't be written."""
    from filelock import FileLock  # 70 ms that only feedback needs

    line = json.dumps(draft, ensure_ascii=False).encode() + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f"{path.name}.lock"), timeout=LOCK_TIMEOUT), path.open("a+b") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(end - 1, 0))
            if file.read(1) not in (
                b"",
                b"\n",
            ):  # an editor or an interrupted write left the last line open
                line = b"\n" + line
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:  # includes the Timeout of filelock
        raise UsageError(f"{path} can't be written ({error}): choose another file for feedback.") from error


def _kind(answer: Answer, opinion: Opinion) -> Kind:
    if opinion == "should have refused" or (opinion == "right" and not answer.answered):
        return "unanswerable"
    return "conflict" if opinion == "right" and answer.disagreements else "fact"


def _facts(answer: Answer) -> list[list[str]]:
    """A fact for each number, date or name of the asked type in the first sentence with one; if there is none, for each
    in the first sentence that is not in the question."""
    question = read_question(answer.rewritten_question or answer.question)
    texts = [parse(sentence.text) for sentence in answer.sentences]
    asked = next(filter(None, (list(_asked_for(question, text)) for text in texts)), [])
    given = dict.fromkeys(asked or _new_figures_and_names(question, texts[0]))
    facts = [[_pattern(each)] for each in given]
    return [fact for fact in facts if facts_held(answer.text, [fact])]  # normalized text may differ from the answer's


def _facts_of_sides(answer: Answer) -> list[list[str]]:
    """A fact for each side of each disagreement: what it alone has of the asked type, or else its own text."""
    question, facts = read_question(answer.rewritten_question or answer.question), []
    for disagreement in answer.disagreements:
        given = [dict.fromkeys(_asked_for(question, parse(side.text))) for side in disagreement.sides]
        for index, side in enumerate(disagreement.sides):
            others = {each for other, values in enumerate(given) if other != index for each in values}
            patterns = [_pattern(each) for each in given[index] if each not in others]
            facts.append([each for each in patterns if facts_held(side.text, [[each]])] or [_pattern(side.text)])
    return facts


def _asked_for(question: Question, parsed: ParsedText) -> Iterator[str]:
    """The numbers, dates or names of the asked type in a text; none for other kinds."""
    if question.answer_type in ("number", "money", "share", "duration"):
        yield from (quantity.text for quantity in asked_quantities(question, parsed))
    elif question.answer_type == "date":
        yield from _new_dates(question, parsed)
    elif question.answer_type in ("person", "place"):
        yield from _new_names(question, parsed)


def _new_figures_and_names(question: Question, parsed: ParsedText) -> Iterator[str]:
    """The numbers, dates and names of a text that are not in the question."""
    known = find_figures(question.parsed).quantities
    for quantity in find_figures(parsed).quantities:
        if not quantity.referring and not any(map(quantity.matches, known)):
            yield quantity.text
    yield from _new_dates(question, parsed)
    yield from _new_names(question, parsed)


def _new_dates(question: Question, parsed: ParsedText) -> Iterator[str]:
    known = find_figures(question.parsed).dates
    yield from (date.text for date in find_figures(parsed).dates if not any(map(date.matches, known)))


def _new_names(question: Question, parsed: ParsedText) -> Iterator[str]:
    known = name_forms(question.parsed)
    words = parsed.words

    def written(name: Name) -> str:
        return parsed.normalized[words[name.first].start : words[name.last].end]

    yield from (written(name) for name in find_names(parsed, [question.parsed]) if name.distinctive.isdisjoint(known))


def _pattern(text: str) -> str:
    """A regular expression for a text as whole words, with optional commas in thousands."""
    escaped = r"\s+".join(re.escape(word) for word in text.split())
    loose = re.sub(r"(?<=\d),(?=\d{3})", ",?", escaped)
    return rf"(?<!\w){loose}(?!\w)"
