"""Exports of an answer or a conversation: Markdown, a self-contained HTML page, or JSON that can be verified.

Text from the articles and the question is data in each form: it is shown literally, never parsed as markup.
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
from askseoul.web.markup import link_to

Form = Literal["markdown", "html", "json"]

TEMPLATE: Final = Path(__file__).with_name("export.html")
SUFFIXES: Final[Mapping[Form, str]] = {"markdown": ".md", "html": ".html", "json": ".json"}
MEDIA_TYPES: Final[Mapping[Form, str]] = {
    "markdown": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "json": "application/json",  # always UTF-8: this type has no charset parameter (RFC 8259, section 11)
}

_VERDICT_LABELS: Final[Mapping[Verdict, str]] = {
    "supported": "Supported",
    "partly": "Partly supported",
    "contradicted": "Contradicted",
    "unsupported": "Not supported",
}
_SPACE: Final = re.compile(r"\s+")
_LIST_NUMBER: Final = re.compile(r"^(\d+)\.")
# CommonMark, and beyond it GitHub's tables, strikethrough and bare URLs, formulas, attributes and definition lists.
_MARKUP: Final = re.compile(r"[\\`*_{}\[\]()<>#|~!&$]|^[-+=:]|:(?=//)|(?<=\bwww)\.", re.IGNORECASE)


def suffix_of(answers: Sequence[Answer], form: Form) -> str:
    """The suffix of the exported file; several answers as JSON are JSON Lines."""
    return ".jsonl" if form == "json" and len(answers) > 1 else SUFFIXES[form]


def export(answers: Sequence[Answer], form: Form, title: str) -> str:
    """The content of the exported file for one answer or a conversation, oldest answer first.

    JSON is what ``askseoul ask --json`` prints, several answers one a line, and has no title; ``askseoul verify``
    reads it. HTML is one page that loads no other file.
    """
    if form == "json":
        indent = 2 if len(answers) == 1 else None
        return "".join(json.dumps(as_json(each), ensure_ascii=False, indent=indent) + "\n" for each in answers)
    views = [_answer_view(answer) for answer in answers]
    if form == "html":
        environment = Environment(
            autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_finalize
        )
        environment.filters["link"] = link_to
        environment.filters["lines"] = _lines
        template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
        return template.render(title=title, answers=views) + "\n"
    blocks = [f"# {_escaped(title)}"]
    for view in views:
        blocks += _markdown(view)
    blocks.append("Verified by AskSeoul against the articles; `askseoul verify` checks the JSON export again.")
    return "\n\n".join(blocks) + "\n"


class _SentenceView(NamedTuple):
    """A sentence of an answer, split into the parts that ``assembly.rendered`` joins."""

    position: int
    """Its number among the sentences as shown, from 1."""
    text: str
    citations: tuple[int, ...]
    note: str
    """What its relative dates mean, in brackets; may be empty."""
    stop: str
    """The full stop after the citations; empty when the text has its own."""
    assessment: str
    """Its verdict and its stance in words."""
    source: Citation
    """Its first citation."""


class _DisagreementView(NamedTuple):
    opening: str
    about: str
    sides: list[_SentenceView]


class _AnswerView(NamedTuple):
    """An answer in the order in which Markdown and HTML show it."""

    answer: Answer
    question: str
    disagreements: list[_DisagreementView]
    others: list[_SentenceView]
    quotes: list[tuple[Citation, list[int]]]
    """The citations, or the nearest quotes of a refusal, each with the positions of the sentences that cite it."""


def _answer_view(answer: Answer) -> _AnswerView:
    by_disagreement, rest = by_sides(answer.sentences, answer.disagreements)
    positions = itertools.count(1)
    disagreements = [
        _DisagreementView(
            OPENINGS[each.kind],
            f"{each.about}?",
            [_sentence_view(sentence, next(positions), answer.citations) for sentence in sides],
        )
        for each, sides in by_disagreement
    ]
    others = [_sentence_view(sentence, next(positions), answer.citations) for sentence in rest]
    sentences = [*(side for each in disagreements for side in each.sides), *others]
    cited = answer.citations if answer.refusal is None else answer.refusal.nearest
    quotes = [(each, [view.position for view in sentences if each.number in view.citations]) for each in cited]
    question = answer.question if answer.question.strip() else "(no question)"
    return _AnswerView(answer, question, disagreements, others, quotes)


def _sentence_view(sentence: Sentence, position: int, citations: Sequence[Citation]) -> _SentenceView:
    ending = rendered(sentence).removeprefix(f"{sentence.text} {_markers(sentence.citations)}")
    return _SentenceView(
        position,
        sentence.text,
        sentence.citations,
        note=ending.removesuffix(".").strip(),
        stop="." if ending.endswith(".") else "",
        assessment=_assessment(sentence),
        source=citations[sentence.citations[0] - 1],
    )


def _assessment(sentence: Sentence) -> str:
    quotes = "quote" if len(sentence.citations) == 1 else "quotes"
    if sentence.stance == "states":
        stance = "stated by the article"
    elif sentence.stance == "reports":
        stance = f"reported as said by {sentence.speaker}" if sentence.speaker else "reported speech"
    else:
        stance = f"a forecast by {sentence.speaker}" if sentence.speaker else "a forecast"
    return f"{_VERDICT_LABELS[sentence.verdict]} by its {quotes}; {stance}"


def _markdown(view: _AnswerView) -> Iterator[str]:
    """The blocks of one answer in Markdown, to be separated by blank lines."""
    answer = view.answer
    yield f"## {_escaped(view.question)}"
    if answer.rewritten_question:
        yield f"Understood as: {_escaped(answer.rewritten_question)}"
    if answer.doubt:
        yield _escaped(answer.doubt)
    if answer.notice:
        yield "\\\n".join(map(_escaped, _lines(answer.notice)))
    for disagreement in view.disagreements:
        yield f"**{disagreement.opening}** {_escaped(disagreement.about)}"
        for side in disagreement.sides:
            source = _joined(side.source.title, side.source.source, side.source.published or "undated")
            yield f"- {_sentence(side)}\n\n  {source}"
    if view.others:
        yield " ".join(map(_sentence, view.others))
    if answer.refusal is not None:
        yield f"**No answer ({answer.refusal.reason}):** {_escaped(answer.refusal.message)}"
    for uncovered in answer.uncovered:
        yield f"Not answered: {_escaped(uncovered.part)} ({_escaped(uncovered.reason)})"
    if view.quotes:
        yield "### Quotes" if answer.refusal is None else "### Closest quotes in the articles"
    for citation, _ in view.quotes:
        place = f"{citation.article_id} {citation.start}:{citation.end}"
        source = _joined(citation.title, citation.source, citation.published or "undated", place)
        url = link_to(citation.url)
        yield f"**[{citation.number}]** {source}" + (f" · <{url}>" if url else "")
        yield f"> {_escaped(citation.quote)}"
    yield _escaped(answer.coverage.message)


def _sentence(view: _SentenceView) -> str:
    """A sentence in Markdown. Its markers need no escaping, since no text can define a link for them."""
    note = f" {_escaped(view.note)}" if view.note else ""
    return f"{_escaped(view.text)} {_markers(view.citations)}{note}{view.stop}"


def _markers(citations: Sequence[int]) -> str:
    return "".join(f"[{number}]" for number in citations)


def _joined(*parts: str | None) -> str:
    return " · ".join(_escaped(part) for part in parts if part)


def _escaped(text: str) -> str:
    """The text on one line, escaped so that Markdown shows it literally, also at the start of a line."""
    return _LIST_NUMBER.sub(r"\1\\.", _MARKUP.sub(r"\\\g<0>", _plain(text).strip()))


def _lines(text: str) -> list[str]:
    """The lines of a text that are not blank."""
    return [line for line in text.split("\n") if line.strip()]


def _plain(text: str) -> str:
    """The text on one line, with control characters replaced by their escapes."""
    return visible(_SPACE.sub(" ", text))


def _finalize(value: object) -> object:
    """Make a value in the template plain text; the output of macros is markup already."""
    return _plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value
