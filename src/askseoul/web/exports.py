"""An answer, or a conversation, as a file to keep or to pass on: Markdown, a page of HTML, or JSON to be proved again.

What comes from the articles or the question is data in each of them: shown as it reads, never taken as markup.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from askseoul.answering.assembly import OPENINGS, by_sides, rendered
from askseoul.domain import Answer, Citation, Sentence, Verdict, as_json
from askseoul.nlp.text import visible
from askseoul.web.rendering import link_to

Form = Literal["markdown", "html", "json"]

TEMPLATE: Final = Path(__file__).with_name("export.html")
ENDINGS: Final[Mapping[Form, str]] = {"markdown": ".md", "html": ".html", "json": ".json"}
"""How the names of files end; ``ending`` knows that a conversation in JSON has an ending of its own."""
MEDIA_TYPES: Final[Mapping[Form, str]] = {
    "markdown": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "json": "application/json",  # always UTF-8: this type has no charset (RFC 8259, section 11)
}

_NO_QUESTION: Final = "(no question)"
_VERDICTS: Final[Mapping[Verdict, str]] = {
    "supported": "Supported",
    "partly": "Partly supported",
    "contradicted": "Contradicted",
    "unsupported": "Not supported",
}
_SPACE: Final = re.compile(r"\s+")
_NUMBERED: Final = re.compile(r"^(\d+)\.")
# Also, beyond CommonMark: the table, the struck out and the bare address of GitHub, formulas, attributes and
# definitions.
_MARKUP: Final = re.compile(r"[\\`*_{}\[\]()<>#|~!&$]|^[-+=:]|:(?=//)|(?<=\bwww)\.", re.IGNORECASE)


def ending(answers: Sequence[Answer], form: Form) -> str:
    """How the name of a file with this export ends: several answers in JSON are JSON lines."""
    return ".jsonl" if form == "json" and len(answers) > 1 else ENDINGS[form]


def export(answers: Sequence[Answer], form: Form, title: str) -> str:
    """One answer, or a conversation with the oldest answer first, under this title, which JSON has no place for.

    JSON is as ``askseoul ask --json`` writes it, several answers one a line, and ``askseoul verify`` proves it. HTML
    is one page that needs no other file.
    """
    if form == "json":
        # Lines only where there are several: one answer is read by people too.
        indent = 2 if len(answers) == 1 else None
        return "".join(json.dumps(as_json(each), ensure_ascii=False, indent=indent) + "\n" for each in answers)
    told = [_told(answer) for answer in answers]
    if form == "html":
        environment = Environment(
            autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_finalize
        )
        environment.filters["address"] = link_to
        template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
        return template.render(title=title, told=told) + "\n"
    blocks = [f"# {_escaped(title)}"]
    for each in told:
        blocks += _markdown(each)
    blocks.append("Proved by AskSeoul from the text of the articles; `askseoul verify` proves the JSON export again.")
    return "\n\n".join(blocks) + "\n"


class _Said(NamedTuple):
    """A sentence of an answer, taken apart as ``verification.rendered`` puts it together."""

    place: int
    """Its number among the sentences, from 1, in the order in which they are shown."""
    text: str
    numbers: tuple[int, ...]
    note: str
    """What its relative times mean, in brackets; empty where it has none."""
    stop: str
    reading: str
    """How far its quotes support it, and whose it is."""
    rests_on: Citation


class _Differing(NamedTuple):
    """A disagreement: what opens it, the question that it is about, and its sides."""

    opening: str
    about: str
    sides: list[_Said]


class _Told(NamedTuple):
    """An answer in the order in which both forms tell it."""

    answer: Answer
    question: str
    disagreements: list[_Differing]
    others: list[_Said]
    quotes: list[tuple[Citation, list[int]]]
    """The quotes, or the nearest of a refusal, each with the places of the sentences that rest on it."""


def _told(answer: Answer) -> _Told:
    differing, others = by_sides(answer.sentences, answer.disagreements)
    places = itertools.count(1)
    disagreements = [
        _Differing(
            OPENINGS[each.kind],
            f"{each.about}?",
            [_said(sentence, next(places), answer.citations) for sentence in sides],
        )
        for each, sides in differing
    ]
    rest = [_said(sentence, next(places), answer.citations) for sentence in others]
    everything = [*(side for each in disagreements for side in each.sides), *rest]
    shown = answer.citations if answer.refusal is None else answer.refusal.nearest
    quotes = [(each, [said.place for said in everything if each.number in said.numbers]) for each in shown]
    question = answer.question if answer.question.strip() else _NO_QUESTION
    return _Told(answer, question, disagreements, rest, quotes)


def _said(sentence: Sentence, place: int, citations: Sequence[Citation]) -> _Said:
    markers = "".join(f"[{number}]" for number in sentence.citations)
    behind = rendered(sentence).removeprefix(f"{sentence.text} {markers}")
    return _Said(
        place, sentence.text, sentence.citations, behind.removesuffix(".").strip(), "." if behind.endswith(".") else "",
        _reading(sentence), citations[sentence.citations[0] - 1],
    )  # fmt: skip


def _reading(sentence: Sentence) -> str:
    quotes = "quote" if len(sentence.citations) == 1 else "quotes"
    if sentence.stance == "states":
        whose = "stated by the article"
    elif sentence.stance == "reports":
        whose = f"reported as said by {sentence.speaker}" if sentence.speaker else "reported as somebody's words"
    else:
        whose = f"a forecast by {sentence.speaker}" if sentence.speaker else "a forecast"
    return f"{_VERDICTS[sentence.verdict]} by its {quotes}; {whose}"


def _markdown(told: _Told) -> Iterator[str]:
    """The blocks of one answer; between two of them stands an empty line."""
    answer = told.answer
    yield f"## {_escaped(told.question)}"
    if answer.rewritten_question:
        yield f"Understood as: {_escaped(answer.rewritten_question)}"
    for disagreement in told.disagreements:
        yield f"**{disagreement.opening}** {_escaped(disagreement.about)}"
        for side in disagreement.sides:
            citation = side.rests_on
            source = _described(citation.title, citation.source, citation.published or "undated")
            yield f"- {_sentence(side)}\n\n  {source}"
    if told.others:
        yield " ".join(map(_sentence, told.others))
    if answer.refusal is not None:
        yield f"**No answer ({answer.refusal.reason}):** {_escaped(answer.refusal.message)}"
    for uncovered in answer.uncovered:
        yield f"Not answered: {_escaped(uncovered.part)} ({_escaped(uncovered.reason)})"
    if told.quotes:
        yield "### Quotes" if answer.refusal is None else "### The nearest that the articles say"
    for citation, _ in told.quotes:
        place = f"{citation.article_id} {citation.start}:{citation.end}"
        source = _described(citation.title, citation.source, citation.published or "undated", place)
        address = link_to(citation.url)
        yield f"**[{citation.number}]** {source}" + (f" · <{address}>" if address else "")
        yield f"> {_escaped(citation.quote)}"
    yield _escaped(answer.coverage.message)


def _sentence(said: _Said) -> str:
    """A sentence in Markdown; its markers are left as they are, since no text can define what they would link to."""
    markers = "".join(f"[{number}]" for number in said.numbers)
    note = f" {_escaped(said.note)}" if said.note else ""
    return f"{_escaped(said.text)} {markers}{note}{said.stop}"


def _described(*parts: str | None) -> str:
    return " · ".join(_escaped(part) for part in parts if part)


def _escaped(text: str) -> str:
    """The text on one line of Markdown that shows it as it is, also where it begins the line."""
    return _NUMBERED.sub(r"\1\\.", _MARKUP.sub(r"\\\g<0>", _plain(text).strip()))


def _plain(text: str) -> str:
    """The text without line breaks, and with what would steer the reader's screen replaced by its escape."""
    return visible(_SPACE.sub(" ", text))


def _finalize(value: object) -> object:
    """What the template shows of a value; what a macro has made of values is markup already."""
    return _plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value
