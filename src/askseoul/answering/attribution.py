"""What stands around a quote in its article: the sentences, its paragraph, the heading above it, an open quotation.

Who it is that speaks in a reported sentence: by the fullest name that the article gives, a pronoun resolved.

Who says what a quote says: the article itself, somebody it reports, or a forecast that it makes.

An opinion or a scenario must not be told as a fact. Most sentences show by their own words whose they are ("Colby
said", "could"); one that does not, since its section or its neighbour shows it, needs a lead ("In the scenario …:"),
and where the lead has a name in it, a quote that holds this name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Final

from askseoul.domain import Article, Quote, Span, Stance
from askseoul.nlp import lexicon
from askseoul.nlp.entities import TITLES, is_country, is_person, names_of
from askseoul.nlp.reported_speech import SPEAKING_PRONOUNS, Report, find_reports, is_generic_speaker
from askseoul.nlp.text import FUNCTION_WORDS, ParsedText, is_heading, normalize, parse, split_sentences

_BEFORE, _BEHIND = 12_000, 2_000
"""Characters around a quote that are read."""


@dataclass(frozen=True, slots=True)
class QuoteContext:
    """The sentences around a quote, and which of them it stands in."""

    article: Article
    spans: tuple[Span, ...]
    place: int

    def text(self, place: int) -> str:
        """A sentence as it is written."""
        return self.article.text[self.spans[place].start : self.spans[place].end]

    def sentence(self, place: int) -> ParsedText:
        """A sentence, parsed."""
        return parse(self.text(place))

    def normalized(self) -> str:
        """All the sentences, normalized."""
        return normalize(self.article.text[self.spans[0].start : self.spans[-1].end])

    def quote(self, place: int) -> Quote:
        """A sentence as a quote."""
        return Quote(self.article, self.spans[place].start, self.spans[place].end)

    def paragraph(self) -> Iterator[int]:
        """The sentences before the quote's own in its paragraph, the nearest first."""
        for place in range(self.place - 1, -1, -1):
            if "\n" in self.article.text[self.spans[place].end : self.spans[place + 1].start]:
                return
            yield place

    def heading(self) -> Quote | None:
        """The heading above the quote."""
        for place in range(self.place, -1, -1):
            if is_heading(self.text(place)):
                return self.quote(place)
        return None

    def quoted_beside(self) -> Iterator[int]:
        """Where it may be told whose a quotation is in which the quote stands: in the sentences before it in its
        paragraph, the nearest first, and in the next one. Nowhere where it stands in no quotation."""
        own = self.sentence(self.place).normalized
        is_whole = own[:1] == '"' and own[-1:] == '"'
        if own.count('"') % 2 or is_whole or self._is_inside():
            yield from self.paragraph()
            if self.place + 1 < len(self.spans):
                yield self.place + 1

    def _is_inside(self) -> bool:
        """Whether a quotation that was opened earlier in the paragraph is still open."""
        first = min(self.paragraph(), default=self.place)
        before = normalize(self.article.text[self.spans[first].start : self.spans[self.place].start])
        return before.count('"') % 2 == 1


def surroundings_of(quote: Quote) -> QuoteContext:
    """The sentences around a quote."""
    text = quote.article.text
    begin = text.rfind("\n", 0, max(quote.start - _BEFORE, 0)) + 1
    end = text.find("\n", min(quote.end + _BEHIND, len(text)))
    window = text[begin : end if end >= 0 else len(text)]
    spans = tuple(Span(begin + span.start, begin + span.end) for span in split_sentences(window))
    spans = spans or (Span(quote.start, quote.end),)
    place = max((n for n, span in enumerate(spans) if span.start <= quote.start), default=0)
    return QuoteContext(quote.article, spans, place)


SENTENCES_BACK: Final = 3
"""Sentences before this one in which the person is looked for whom a pronoun speaks of."""
_RANKS = lexicon.words("people", "ranks")
"""Words before a person's name that are no part of it, beside titles."""
_CAPITAL = rf"(?:\b(?:{lexicon.pattern('people', 'particles')}) )?[^\W\d_a-z][\w'-]*"
_PARTICLES = lexicon.pattern("people", "particles", "inner_particles")
_PERSON = rf"[^\W\d_a-z][\w'-]*(?:\s+(?:(?:{_PARTICLES})\s+)?[^\W\d_a-z][\w'-]*)+"
_OFFICE = re.compile(
    r"(?:[Tt]he|[Ii]ts|[Hh]is|[Hh]er|[Tt]heir)\s+(?!author|commentary|article|report|public|same|most)"
    r"(?P<role>(?:[\w-]+\s+)?[a-z][\w-]+)"
)
_PERSONAL = lexicon.words("people", "personal_pronouns")
_TAIL = re.compile(r"\s+(?:of|at|from|in|for)\s.*$")
_OF = re.compile(r"\b(?:of|at|in|from|for|with|and)\s+$")
_CAPITALS = re.compile(rf"(?:{_CAPITAL} ?)+$")


def speaker_of(report: Report, around: QuoteContext, place: int) -> str | None:
    """Who is reported: a person by the fullest name that the article gives, others in its words."""
    words = report.speaker.lower()
    if not words:
        return None
    if words in SPEAKING_PRONOUNS:
        return _antecedent(words, around, place, report.start) or words
    named = _holder_of(report.speaker, around)
    if named is not None:
        return named
    head = _TAIL.sub("", report.speaker)
    named = head if re.search(rf"{_CAPITAL} {_CAPITAL}$", head) else report.speaker
    run = _CAPITALS.search(named)
    if report.start == 0 and is_generic_speaker(report.speaker):
        return report.speaker[:1].lower() + report.speaker[1:]
    if run is None or _OF.search(named[: run.start()]):
        is_named = any(name.first == 0 for name in names_of(parse(report.speaker)))
        return report.speaker if is_named else report.speaker[:1].lower() + report.speaker[1:]
    return _full_name(_untitled(run[0].split()), around, place)


def _holder_of(phrase: str, around: QuoteContext) -> str | None:
    """Who holds an office that is only named ("the governor"), where the article tells it beside the office."""
    office = _OFFICE.fullmatch(phrase)
    if office is None:
        return None
    text = around.normalized()
    role = re.escape(office["role"])
    for pattern in (rf"\b{role},?\s+({_PERSON})", rf"({_PERSON}),\s+(?:\w+\s+){{0,4}}{role}\b"):
        found = re.search(pattern, text)
        if found:
            return found[1]
    return None


def _antecedent(pronoun: str, around: QuoteContext, place: int, start: int) -> str | None:
    """Whom a pronoun at this offset of its sentence speaks of: a person named before, or who was reported last."""
    earlier = range(place - 1, max(place - 1 - SENTENCES_BACK, -1), -1)
    for before in earlier:
        for report in find_reports(around.sentence(before)):
            if report.speaker and report.speaker.lower() not in SPEAKING_PRONOUNS:
                speaker = speaker_of(report, around, before)
                if speaker and (pronoun not in _PERSONAL or re.match(rf"{_CAPITAL}(?: {_CAPITAL})+$", speaker)):
                    return speaker
    if pronoun not in _PERSONAL:
        return None
    for before in (place, *earlier):
        sentence = parse(around.sentence(before).normalized[: start if before == place else None])
        words = sentence.words
        for name in names_of(sentence):
            if is_person(name):
                named = sentence.normalized[words[name.first].start : words[name.last].end]
                return _full_name(_untitled(named.split()), around, before)
    return None


def _full_name(words: list[str], around: QuoteContext, place: int) -> str:
    """The longest form in which the article names somebody, up to here or else anywhere near."""
    own = " ".join(words)
    if len(words) != 1 or any(is_country(name) for name in names_of(parse(own))):
        return own
    name = re.escape(words[0])
    text = around.normalized()
    for match in re.finditer(rf"(?:\b{_CAPITAL} ){{0,3}}\b{name}\b(?: {_CAPITAL})*", text):
        full = _untitled(match[0].removesuffix("'s").split())
        if len(full) > 1 and words[0] in full:
            return " ".join(full)
    return own


def _untitled(words: list[str]) -> list[str]:
    """The words of a name behind the last title among them."""
    for place in range(len(words) - 2, -1, -1):
        if words[place].lower() in TITLES | FUNCTION_WORDS or words[place] in _RANKS:
            return words[place + 1 :]
    return words


ARGUES: Final = "One of the articles argues"
REPORTS: Final = "One of the articles reports"
SUPPOSES: Final = "In a scenario of one of the articles"
"""Leads without a name in them, which need no quote."""

_SCENARIO = re.compile(
    r"^#*\s*(?:future\s+)?scenario\b(?:\s*(?:\d+|[IVX]+|[A-C])\b)?\s*[:.–—-]?\s*(?P<name>.*)$", re.IGNORECASE
)
_SAYS_SCENARIO = re.compile(r"\b(?:scenarios?|vignettes?|hypothetical(?:ly)?|thought experiment)\b", re.IGNORECASE)
_FUTURE = (
    r"(?:will|won't|shall|would(?!\s+do\s+well)|could|might|may)(?:\s+(?:not|also|only|then|still|soon|likely|"
    r"probably|never|even|have\s+to|\w+ly))*"
)
_FORECAST = re.compile(
    rf"\b{_FUTURE}\b|\b(?:is|are)\s+(?:\w+ly\s+)?(?:{lexicon.pattern('speech', 'foreseen')})\s+to\b|"
    r"\bis\s+expected\s+(?:in|on|by|at)\b"
)
_SUBORDINATE = re.compile(rf"\b(?:{lexicon.pattern('speech', 'subordinators')})\b")
_ARGUED = re.compile(rf"\b(?:{lexicon.pattern('speech', 'opinion')})\b", re.IGNORECASE)
"""Words with which an article judges, explains or recommends. A sentence that has one is its opinion."""
_OWNED = re.compile(
    r"\b(?:argu(?:e|es|ed)|according\s+to|author|commentary|commentator|in\s+\w+'s\s+view|the\s+articles?\s+\w+s\b|"
    r"scenarios?)\b",
    re.IGNORECASE,
)
_NARRATOR = re.compile(rf"\b(?:{lexicon.pattern('speech', 'narrating_people')})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Attribution:
    """Whose a quote is."""

    stance: Stance
    speaker: str | None = None
    """Who is reported, by the fullest name that the article gives; None where the article speaks for itself."""
    named: str = ""
    """The words for the speaker where the article tells who it is; nothing for a pronoun."""
    told: Quote | None = None
    """The sentence in which it tells that."""
    scenario: Quote | None = None
    """The heading of the scenario in which the quote stands."""
    is_opinion: bool = False
    """Whether the article judges, explains or recommends for itself."""


@dataclass(frozen=True, slots=True)
class Lead:
    """What has to stand before a sentence so that it is not taken for a fact."""

    words: str = ""
    """Without their colon; nothing where the sentence shows by itself whose it is."""
    source: Quote | None = None
    """The quote that holds the names in these words, where there are any."""

    def before(self, text: str) -> str:
        """A text with these words in front."""
        return f"{self.words}: {text}" if self.words else text


@lru_cache(maxsize=4096)
def attribute(quote: Quote) -> Attribution:
    """Whose this quote is, read from its sentence, the heading above it and the sentences around it."""
    around = surroundings_of(quote)
    sentence = around.sentence(around.place)
    report = next(iter(find_reports(sentence)), None)
    heading = around.heading()
    scenario = heading if heading is not None and _SCENARIO.match(heading.text) else None
    if report is not None and (scenario is None or _NARRATOR.search(report.speaker)):
        return _reported(report, around, around.place)
    if scenario is not None:
        return Attribution("forecasts", scenario=scenario)
    for place in islice(around.quoted_beside(), SENTENCES_BACK):
        found = find_reports(around.sentence(place))
        if found:
            return _reported(found[0], around, place)
    if _forecasts(sentence.normalized):
        return Attribution("forecasts")
    said = normalize(quote.text)
    is_opinion = _ARGUED.search(said) is not None and not _OWNED.search(said)
    return Attribution("states", is_opinion=is_opinion)


def lead_of(text: str, attribution: Attribution) -> Lead:
    """What has to stand before a sentence that rests on a quote of this attribution; ``text`` is without any lead."""
    said = normalize(text)
    if attribution.scenario is not None:
        return Lead() if _SAYS_SCENARIO.search(said) else _of_scenario(attribution.scenario)
    if attribution.stance == "reports":
        return Lead() if _shows_speaker(parse(text), attribution) else _of_speaker(attribution)
    shows = _FORECAST.search(said) if attribution.stance == "forecasts" else not attribution.is_opinion
    return Lead() if shows or _OWNED.search(said) else Lead(ARGUES)


def _of_scenario(heading: Quote) -> Lead:
    match = _SCENARIO.match(heading.text)
    name = match["name"].strip().rstrip("#").strip() if match else ""
    return Lead(f"In the scenario “{name}”", heading) if name else Lead(SUPPOSES)


def _shows_speaker(sentence: ParsedText, attribution: Attribution) -> bool:
    """Whether a sentence itself says that somebody says it."""
    words = {word.lower() for word in (attribution.speaker or attribution.named).split()} - FUNCTION_WORDS
    return any(word in sentence.normalized.lower() for word in words) or bool(find_reports(sentence))


def _of_speaker(attribution: Attribution) -> Lead:
    if not attribution.named:
        return Lead(REPORTS)
    return Lead(f"{attribution.named[:1].upper()}{attribution.named[1:]} says", attribution.told)


def _reported(report: Report, around: QuoteContext, place: int) -> Attribution:
    told = around.quote(place)
    is_named = report.speaker.lower() not in SPEAKING_PRONOUNS and report.speaker in normalize(told.text)
    return Attribution("reports", speaker_of(report, around, place), report.speaker if is_named else "", told)


def _forecasts(sentence: str) -> bool:
    """Whether the main clause of a normalized sentence speaks of what is to come."""
    clause = sentence.rpartition(", but ")[2]
    match = _FORECAST.search(clause)
    return match is not None and not _SUBORDINATE.search(clause, 1, match.start())
