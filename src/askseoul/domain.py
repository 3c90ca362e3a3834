"""The records that the stages hand to each other, in the order in which they come to be.

    Article -> Passage -> Hit -> Evidence -> Draft -> Answer

All are frozen. Offsets count characters of an article's canonical text and are half-open, so for every record that has
``start`` and ``end`` the article's ``text[start:end]`` is what the record speaks of. Only ``verification`` makes an
``Answer``, and only an ``Answer`` reaches a reader.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, NamedTuple

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
