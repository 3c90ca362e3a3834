"""The records that the stages hand to each other, in the order in which they are made.

    Article -> Passage -> Hit -> Evidence -> Draft -> Answer

All are frozen. Offsets count characters of an article's canonical text and are half-open: a record with ``start`` and
``end`` speaks of the article's ``text[start:end]``. Only ``answering.assembly`` makes an ``Answer``, and only an
``Answer`` reaches a reader. A ``CheckedClaim`` is what a sentence of somebody's own comes to; ``record_of`` reads
exported JSON back.
"""

from __future__ import annotations

import calendar
import json
import re
import sys
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass
from typing import Any, Final, Literal, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from askseoul.errors import AnswerInvalid, UsageError, quoted

Verdict = Literal["supported", "partly", "contradicted", "unsupported"]
Stance = Literal["states", "reports", "forecasts"]
Stage = Literal["searching", "reading", "comparing", "checking", "wording"]
DisagreementKind = Literal["conflict", "superseded", "forecast"]
RefusalReason = Literal["nothing relevant", "near miss", "wrong premise", "not understood", "no question"]


@dataclass(frozen=True, slots=True)
class Article:
    """One article: its canonical text and what is known about it.

    ``text`` is NFC with ``\\n`` line ends and without invisible characters; ``sha256`` is the hash of its UTF-8 bytes.
    ``published`` is an ISO date (YYYY, YYYY-MM or YYYY-MM-DD) or None, never the day of indexing.
    """

    id: str
    text: str
    sha256: str
    title: str
    source: str | None
    published: str | None
    url: str | None
    language: str
    places: tuple[str, ...]
    """Absolute paths of the files that hold this text."""
    stripped: int = 0
    """How many invisible characters were removed from the file's text."""
    published_from: str | None = None
    """How ``published`` is known, as in "front matter", "JSON-LD", "dateline" or "option"; None in indexes made before
    it was kept."""
    source_from: str | None = None
    """"option", "metadata.csv" or "front matter" where ``source`` is stated there."""
    notes: tuple[str, ...] = ()
    """What was left out of the file's text or guessed, each a phrase such as "3 comments were left out"."""


def dated_by(published_from: str | None) -> str:
    """How the date of an article is known, as a reader sees it: "by its dateline"; empty if that is not known."""
    if published_from is None:
        return ""
    named = {"option": "the option --published", "metadata.csv": "metadata.csv"}
    return f"by {named.get(published_from, f'its {published_from}')}"


_SPAN: Final = re.compile(r"([0-9]{1,15}):([0-9]{1,15})")
_SPAN_SHOWN: Final = 40
"""Characters of a malformed span that an error message repeats."""


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of characters."""

    start: int
    end: int

    @classmethod
    def parse(cls, written: str, article: Article) -> Span:
        """The span written as START:END. Raises UsageError unless it lies within the article's text."""
        match = _SPAN.fullmatch(written)
        length = len(article.text)
        if match is None or not int(match[1]) < int(match[2]) <= length:
            shown = written if len(written) <= _SPAN_SHOWN else f"{written[:_SPAN_SHOWN]}…"
            raise UsageError(
                f"{shown!r} is no span of {article.id}, which has {length:,} characters: "
                f"give START:END with 0 <= START < END <= {length}."
            )
        return cls(int(match[1]), int(match[2]))


class PassageKey(NamedTuple):
    """The identity of a passage in the index. Keys sort by article, then by position."""

    article_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences of one article, short enough for the encoder to read all of it."""

    article_id: str
    start: int
    end: int
    text: str
    sentences: tuple[Span, ...]
    """Its sentences, as offsets into the article's text."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found for a question, with its scores."""

    article: Article
    passage: Passage
    score: float
    """Hits are ordered by it, highest first. It is comparable within one search only."""
    scores: Mapping[str, float] = field(default_factory=dict)
    """Score of each ranking: ``dense`` and ``late`` are cosines in [-1, 1], ``lexical`` is BM25."""


@dataclass(frozen=True, slots=True)
class Quote:
    """An exact piece of an article: ``article.text[start:end] == text``."""

    article: Article
    start: int
    end: int

    @property
    def text(self) -> str:
        """The quoted words."""
        return self.article.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of a hit and how well it answers the question."""

    quote: Quote
    hit: Hit
    score: float
    """Sum of z-scores over the candidate sentences of one question: 0 is average, higher is better."""
    before: str = ""
    """The sentence before it in the article."""
    after: str = ""
    """The sentence after it in the article."""
    heading: str = ""
    """The heading above it in its passage."""
    lead: str = ""
    """What introduces it, if it is an item of a list, a row of a table or a note."""
    answers: float = 0.0
    """Probability in [0, 1] that it answers the question, wholly or in part; 0 before it is read."""

    @property
    def surroundings(self) -> str:
        """What tells whom or what it is about: title, source and date of its article, heading, lead and neighbours."""
        article = self.quote.article
        known = (article.title, article.source, _in_words(article.published))
        around = (self.heading, self.lead, self.before, self.quote.text, self.after)
        return "\n".join(filter(None, dict.fromkeys((*known, *around))))


def _in_words(date: str | None) -> str:
    """A date as prose has it: ``2 September 2024``, ``September 2024`` or ``2024``; nothing if there is none."""
    year, month, day = [*(date or "").split("-"), "", ""][:3]
    return " ".join(filter(None, (day.removeprefix("0"), month and calendar.month_name[int(month)], year)))


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposed sentence of the answer and the quotes it is meant to rest on. Nothing about it has been checked."""

    text: str
    quotes: tuple[Quote, ...]
    others: tuple[tuple[Quote, ...], ...] = ()
    """Alternative quotes it may rest on, in the order in which to try them."""
    given: tuple[Quote, ...] = ()
    """The quotes that the LLM named as its source, if any."""
    instead: tuple[Quote, ...] | None = None
    """Quotes that may replace it when no quote supports it; None stands for those it rests on."""


@dataclass(frozen=True, slots=True)
class DraftDisagreement:
    """A point on which articles seem to disagree. Nothing about it has been checked."""

    about: str
    kind: DisagreementKind
    sides: tuple[Draft, ...]
    """The earlier side comes first where the dates are known."""


@dataclass(frozen=True, slots=True)
class Check:
    """One named check of a sentence against its quotes; ``detail`` names what was found or what is missing."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Support:
    """The result of checking a claim against its quotes."""

    verdict: Verdict
    support: float
    """Probability in [0, 1] that its quotes support it."""
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote as the reader sees it; ``number`` is the ``[n]`` in the answer's text."""

    number: int
    article_id: str
    title: str
    source: str | None
    published: str | None
    url: str | None
    quote: str
    start: int
    end: int
    sha256: str


@dataclass(frozen=True, slots=True)
class TimeReading:
    """What a relative time such as "last year" means, read against the date of the cited article."""

    text: str
    """The words in the sentence."""
    means: str | None
    """A date YYYY, YYYY-MM or YYYY-MM-DD, or two joined by a slash; None where the article's date leaves it open."""
    says: str
    """The explanation that the reader sees."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the answer that passed its checks."""

    text: str
    verdict: Verdict
    support: float
    """Probability in [0, 1] that its quotes support it."""
    citations: tuple[int, ...]
    checks: tuple[Check, ...]
    stance: Stance = "states"
    """Whether the article states it, reports somebody's words, or forecasts it."""
    speaker: str | None = None
    """Who says it when it is reported, by the fullest name that the article gives."""
    times: tuple[TimeReading, ...] = ()


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a disagreement: a sentence of the answer."""

    text: str
    citations: tuple[int, ...]
    published: str | None = None
    """The date of the cited article."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A point on which the articles disagree."""

    about: str
    kind: DisagreementKind
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A part of the question that the articles do not answer."""

    part: str
    reason: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no answer, and the nearest things that the articles do say."""

    reason: RefusalReason
    message: str
    nearest: tuple[Citation, ...]
    unknown: str | None = None
    """A word or name of the question that no retrieved passage contains."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many articles an answer rests on, how recent they are, and how many were left out."""

    articles: int
    """Those searched: the whole collection, or those that pass the filter on dates and ids."""
    retrieved: int
    cited: int
    oldest: str | None
    newest: str | None
    """The oldest and newest dates of those cited."""
    undated: int
    """Those of the whole collection without a date."""
    later: int
    """Those left out because they were, or may have been, published after ``as_of``."""
    sources: int
    """Different texts cited: articles quoted with the same words count once."""
    message: str
    """The summary that the reader sees."""
    earlier: int = 0
    """Those left out because they were, or may have been, published before ``since``."""


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of answering, reported as it begins."""

    stage: Stage
    seconds: float
    """Seconds since the question was asked."""
    articles: int = 0
    passages: int = 0
    """How many articles and passages the stage searches or reads."""
    detail: str = ""
    """What it waits for; empty if for nothing."""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A passage that the answer was made from."""

    article_id: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Trace:
    """How the answer was made: the only part of an answer that differs between two runs."""

    seconds: Mapping[str, float]
    generator: str
    encoder: str
    drafts: Mapping[str, int] = field(default_factory=dict)
    """How many drafts were ``said``, ``repaired`` (said with other quotes), ``replaced`` by a quote, or ``dropped``."""
    confidence: float | None = None
    """Highest probability, in [0, 1], that the articles answer a part of the question; None if nothing was searched."""
    reader: str | None = None
    """Name and sha256 of the reader's weights; None while it is not loaded."""
    warnings: tuple[str, ...] = ()
    """What went wrong with the LLM's wording, if the answer has less of it than it could have."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer whose every sentence was checked against exact quotes, or a refusal."""

    id: str
    question: str
    rewritten_question: str | None
    language: str
    as_of: str | None
    """Only articles published by this date were used; None if no date was given."""
    answered: bool
    text: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    disagreements: tuple[Disagreement, ...]
    uncovered: tuple[Uncovered, ...]
    refusal: Refusal | None
    coverage: Coverage
    retrieved: tuple[Retrieved, ...]
    trace: Trace
    since: str | None = None
    """Only articles published since this date were used; None if no date was given."""
    within: tuple[str, ...] = ()
    """Only articles with these ids were used; empty for the whole collection."""
    doubt: str | None = None
    """Why the articles may not answer the question after all; None if they surely do, and for a refusal."""
    notice: str | None = None
    """What the index tells of the collection, with which ``text`` begins; None for answers from the articles alone."""


@dataclass(frozen=True, slots=True)
class CheckedClaim:
    """A sentence of somebody's own, checked against the articles."""

    text: str
    verdict: Verdict
    support: float
    """Probability in [0, 1] that its quotes support it; 0 where nothing was found."""
    checks: tuple[Check, ...]
    citations: tuple[Citation, ...]
    """The quotes that support it; of an unsupported sentence, those that come nearest."""
    counter: tuple[Citation, ...]
    """The quotes that say otherwise."""


def as_json(answer: Answer) -> dict[str, Any]:
    """The answer as JSON: the same field names in the same order, lists for tuples."""
    exported: dict[str, Any] = json.loads(json.dumps(asdict(answer)))
    return exported


_SURROGATE: Final = re.compile("[\ud800-\udfff]")

_Record = TypeVar("_Record")


def record_of(kind: type[_Record], value: Any, where: str = "") -> _Record:  # noqa: ANN401
    """The record of this type that the JSON value holds, unknown fields ignored. Raises AnswerInvalid."""
    if not isinstance(value, Mapping):
        raise AnswerInvalid(f"{where or 'The answer'} is not an object.")
    hints = get_type_hints(kind)
    given = {}
    for each in fields(kind):  # type: ignore[arg-type]
        name = f"{where}.{each.name}".lstrip(".")
        if each.name in value:
            given[each.name] = _value(hints[each.name], value[each.name], name)
        elif each.default is MISSING:
            raise AnswerInvalid(f"{name} is missing.")
    return kind(**given)


def _value(kind: Any, value: Any, where: str) -> Any:  # noqa: ANN401
    origin, options = get_origin(kind), get_args(kind)
    if type(None) in options:
        return None if value is None else _value(options[0], value, where)
    if is_dataclass(kind):
        return record_of(kind, value, where)  # type: ignore[arg-type]
    if origin is Mapping and isinstance(value, Mapping):
        return {
            _value(options[0], key, f"A name in {where}"): _value(options[1], item, f"{where}.{key}")
            for key, item in value.items()
        }
    if origin is tuple and isinstance(value, list):
        return tuple(_value(options[0], item, f"{where}[{place}]") for place, item in enumerate(value))
    if origin is Literal and value in options:
        return value
    is_of_kind = (
        type(value) in (int, float) and abs(value) <= sys.float_info.max if kind is float else type(value) is kind
    )
    if is_of_kind and not _SURROGATE.search(str(value)):
        return value
    raise AnswerInvalid(f"{where} is {quoted(repr(value))}, which is not a valid value.")
