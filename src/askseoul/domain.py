"""The records that the stages hand to each other, in the order in which they come to be.

    Article -> Passage -> Hit -> Evidence -> Draft -> Answer

All are frozen. Offsets count characters of an article's canonical text and are half-open, so for every record that has
``start`` and ``end`` the article's ``text[start:end]`` is what the record speaks of. Only ``verification`` makes an
``Answer``, and only an ``Answer`` reaches a reader.

JSON into the frozen records that it was exported from.

What one run of indexing did: the records of which ``askseoul index`` tells.

All are frozen, as those of ``domain``.

A place in an article, as it is written: ``START:END``, into a span of its text.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass
from typing import Any, Final, Literal, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from askseoul.errors import AnswerInvalid, UsageError

Verdict = Literal["supported", "partly", "contradicted", "unsupported"]
Stance = Literal["states", "reports", "forecasts"]
Stage = Literal["searching", "reading", "comparing", "checking"]
DisagreementKind = Literal["conflict", "superseded", "forecast"]
RefusalReason = Literal["nothing relevant", "near miss", "wrong premise", "not understood"]


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
    """Absolute paths of the files in which this text was found."""
    stripped: int = 0
    """How many invisible characters the file held that the canonical text does not."""


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of characters."""

    start: int
    end: int


class PassageKey(NamedTuple):
    """What names a passage in the index; keys sort by article, then by place."""

    article_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences of one article, short enough for the encoder to read it all."""

    article_id: str
    start: int
    end: int
    text: str
    sentences: tuple[Span, ...]
    """Where its sentences stand, as offsets into the article's text."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found for a question, with its scores."""

    article: Article
    passage: Passage
    score: float
    """What the hits are ordered by, highest first; comparable within one search only."""
    scores: Mapping[str, float] = field(default_factory=dict)
    """Each ranking's own score: ``dense`` and ``late`` are cosines in [-1, 1], ``lexical`` is BM25, higher is
    better."""


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
    """A sentence of a hit and how much it speaks to the question."""

    quote: Quote
    hit: Hit
    score: float
    """Sum of standardised scores over the candidate sentences of one question: 0 is average, higher is better."""
    match: float
    """Mean over the question's content words, names apart, of the best cosine in the surroundings, in [-1, 1]."""
    alone: float
    """The same in the sentence by itself, names included."""
    surroundings: str
    """The sentence with its neighbours in the passage and the heading above it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence someone proposes to say, and the quotes it is meant to rest on. Nothing about it has been checked."""

    text: str
    quotes: tuple[Quote, ...]
    others: tuple[tuple[Quote, ...], ...] = ()
    """What else it may rest on, in the order in which that should be tried."""
    given: tuple[Quote, ...] = ()
    """The quotes that whoever drafted it named as its source, if any."""
    instead: tuple[Quote, ...] | None = None
    """What may be quoted in its place when nothing proves it; None is what it rests on."""


@dataclass(frozen=True, slots=True)
class DraftDisagreement:
    """A point on which articles seem to differ. Nothing about it has been checked."""

    about: str
    kind: DisagreementKind
    sides: tuple[Draft, ...]
    """The earlier side first where it is known."""


@dataclass(frozen=True, slots=True)
class Check:
    """One named test of a sentence against its quotes; ``detail`` names what was found or what is missing."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Support:
    """What the checks of a claim against its quotes come to."""

    verdict: Verdict
    support: float
    """In [0, 1]: how much of the claim stands in its quotes, less for each check that fails."""
    share: float
    closeness: float
    """Its two parts: what of the claim stands in the quotes by its words, and by their meaning."""
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote as the reader sees it. ``number`` is the ``[n]`` in the answer's text."""

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
    """What a sentence's "last year" means, read against the date of the article that it rests on."""

    text: str
    """The words in the sentence."""
    means: str | None
    """A date YYYY, YYYY-MM or YYYY-MM-DD, or two with a slash between them; None where the article's date does not say.
    """
    says: str
    """What a reader is told of it."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the answer that passed its checks."""

    text: str
    verdict: Verdict
    support: float
    """In [0, 1]: how much of the sentence's content stands in its quotes, by its words and by their meaning."""
    citations: tuple[int, ...]
    checks: tuple[Check, ...]
    stance: Stance = "states"
    """Whether the article states it, reports that somebody says it, or forecasts it."""
    speaker: str | None = None
    """Who says it where it is reported, by the fullest name that the article gives."""
    times: tuple[TimeReading, ...] = ()


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a disagreement: a sentence of the answer."""

    text: str
    citations: tuple[int, ...]
    published: str | None = None
    """The date of the article that it rests on."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A point on which the articles differ."""

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
    """Why there is no answer, and the nearest thing that the articles do say."""

    reason: RefusalReason
    message: str
    nearest: tuple[Citation, ...]
    unknown: str | None = None
    """A word or name of the question that no retrieved passage holds."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much an answer rests on, how fresh that is, and what was left out. All but ``sources`` counts articles."""

    articles: int
    """Those that were looked at: as of a date those that were certainly published by then, else the whole collection.
    """
    retrieved: int
    cited: int
    oldest: str | None
    newest: str | None
    """The dates of those that are cited."""
    undated: int
    """Those of the whole collection that have no date."""
    later: int
    """Those that were left out because they were published later, or can't be said to have been out by then."""
    sources: int
    """How many different texts are cited: articles that are quoted with the same words count once."""
    message: str
    """What a reader is told of it."""
    earlier: int = 0
    """Those that were left out because they were published earlier than was asked for, or may have been."""


@dataclass(frozen=True, slots=True)
class Step:
    """What is being done for a question, told as it begins."""

    stage: Stage
    seconds: float
    """Since the question was asked."""
    articles: int = 0
    passages: int = 0
    """How many are searched or read."""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A passage that was read for the answer."""

    article_id: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Trace:
    """How the answer came about. The only part of an answer that differs between two runs."""

    seconds: Mapping[str, float]
    generator: str
    encoder: str
    drafts: Mapping[str, int] = field(default_factory=dict)
    """What became of the sentences that were drafted: how many were ``said`` as they are, of which ``repaired`` rest on
    other quotes than the drafter gave, ``replaced`` by a quote, and ``dropped``."""
    confidence: float | None = None
    """Probability in [0, 1] that the articles answer the question, as judged from what was found; of a question's parts
    the highest, and None where nothing was looked for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer whose every sentence was checked against exact quotes, or a refusal."""

    id: str
    question: str
    rewritten_question: str | None
    language: str
    as_of: str | None
    """The date by which what it rests on was published, as it was asked for; None where no date was."""
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
    """The date since which what it rests on was published, where one was asked for."""
    within: tuple[str, ...] = ()
    """The ids of the articles that it was asked of; none is the whole collection."""


def as_json(answer: Answer) -> dict[str, Any]:
    """The answer as it is exported: the same names in the same order, with lists for tuples."""
    exported: dict[str, Any] = json.loads(json.dumps(asdict(answer)))
    return exported


_SHOWN: Final = 60
"""Characters of a value, a sentence or a quote that name it in a message."""
_SURROGATE: Final = re.compile("[\ud800-\udfff]")

_Record = TypeVar("_Record")


def quoted(text: str) -> str:
    """The text as a message names it: on one line, in quotation marks, and not too long."""
    plain = " ".join(text.split())
    return f"“{plain}”" if len(plain) <= _SHOWN else f"“{plain[: _SHOWN - 1].rstrip()}…”"


def record_of(kind: type[_Record], value: Any, where: str = "") -> _Record:  # noqa: ANN401
    """JSON as a record of this kind; names that the record does not have are left aside. Raises AnswerInvalid."""
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
    raise AnswerInvalid(f"{where} is {quoted(repr(value))}, which it can't be.")


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be indexed."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Renamed:
    """An article whose file was moved: the same text at another place, and nothing at the former."""

    article_id: str
    former_id: str
    former_place: str
    place: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A file that says what another article says; that article remembers both places."""

    place: str
    article_id: str


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What one run of indexing did, by article id."""

    added: tuple[str, ...]
    updated: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    failed: tuple[Failure, ...]
    stripped: Mapping[str, int] = field(default_factory=dict)
    """How many invisible characters were left out, by article id."""
    renamed: tuple[Renamed, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    """Files that were found to be duplicates in this run."""
    missing: tuple[str, ...] = ()
    """Articles that are held and whose files are gone from the given folders."""


_WRITTEN: Final = re.compile(r"([0-9]{1,15}):([0-9]{1,15})")
_LONGEST: Final = 40
"""Characters of what is no place that are said again."""


def read_place(written: str, article: Article) -> Span:
    """The span of the article's text. Raises UsageError where this is none."""
    match = _WRITTEN.fullmatch(written)
    length = len(article.text)
    if match is None or not int(match[1]) < int(match[2]) <= length:
        shown = written if len(written) <= _LONGEST else f"{written[:_LONGEST]}…"
        raise UsageError(
            f"{shown!r} is no place in {article.id}, which has {length:,} characters: "
            f"give START:END with 0 <= START < END <= {length}."
        )
    return Span(int(match[1]), int(match[2]))
