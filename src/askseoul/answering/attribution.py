"""Attribute quotes: whether the article states it, reports what somebody says, or forecasts it.

An opinion or a scenario must not be presented as a fact. Most sentences show their attribution themselves ("Colby
said", "could"). A sentence whose section or neighbour shows it instead needs a lead ("In the scenario …:"), and a lead
with a name in it needs a quote that contains the name.
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
from askseoul.nlp.entities import TITLES, find_names, is_country, is_person
from askseoul.nlp.lines import kind_of
from askseoul.nlp.reported_speech import SPEAKING_PRONOUNS, Report, find_reports, is_generic_speaker
from askseoul.nlp.text import FUNCTION_WORDS, ParsedText, normalize, parse, split_sentences

ARGUES: Final = "One of the articles argues"
REPORTS: Final = "One of the articles reports"
SUPPOSES: Final = "In a scenario of one of the articles"
"""Leads without a name, which need no quote."""

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
"""Words with which an article judges, explains or recommends, which makes the sentence its opinion."""
_OWNED = re.compile(
    r"\b(?:argu(?:e|es|ed)|according\s+to|author|commentary|commentator|in\s+\w+'s\s+view|the\s+articles?\s+\w+s\b|"
    r"scenarios?)\b",
    re.IGNORECASE,
)
_NARRATOR = re.compile(rf"\b(?:{lexicon.pattern('speech', 'narrating_people')})\b", re.IGNORECASE)

SENTENCES_BACK: Final = 3
"""Preceding sentences that are searched for the antecedent of a pronoun, or for the speaker of a quotation."""
_RANKS = lexicon.words("people", "ranks")
"""Words before a person's name, besides titles, that do not belong to it."""
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

_BEFORE, _AFTER = 12_000, 2_000
"""Characters before and after a quote that are read."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """The attribution of a quote."""

    stance: Stance
    speaker: str | None = None
    """The reported speaker, by the fullest name in the article; None if the article itself speaks or names nobody."""
    named: str = ""
    """The speaker in the words of the reporting sentence; empty for a pronoun."""
    named_in: Quote | None = None
    """The reporting sentence."""
    scenario: Quote | None = None
    """The heading of the scenario that contains the quote."""
    is_opinion: bool = False
    """Whether the article itself judges, explains or recommends."""


@dataclass(frozen=True, slots=True)
class Lead:
    """The words before a sentence that keep it from being taken for a fact."""

    words: str = ""
    """The words without their colon; empty if the sentence shows its attribution itself."""
    source: Quote | None = None
    """The quote that contains the names in these words, if there are any."""

    def before(self, text: str) -> str:
        """The text with this lead before it."""
        return f"{self.words}: {text}" if self.words else text


@lru_cache(maxsize=4096)
def attribute(quote: Quote) -> Attribution:
    """The attribution of a quote, by its sentence, the heading above it and the sentences around it."""
    context = context_of(quote)
    sentence = context.sentence(context.index)
    report = next(iter(find_reports(sentence)), None)
    heading = context.heading()
    scenario = heading if heading is not None and _SCENARIO.match(heading.text) else None
    if report is not None and (scenario is None or _NARRATOR.search(report.speaker)):
        return _reported(report, context, context.index)
    if scenario is not None:
        return Attribution("forecasts", scenario=scenario)
    for index in islice(context.beside_quotation(), SENTENCES_BACK):
        found = find_reports(context.sentence(index))
        if found:
            return _reported(found[0], context, index)
    if _forecasts(sentence.normalized):
        return Attribution("forecasts")
    said = normalize(quote.text)
    is_opinion = _ARGUED.search(said) is not None and not _OWNED.search(said)
    return Attribution("states", is_opinion=is_opinion)


def _reported(report: Report, context: QuoteContext, index: int) -> Attribution:
    named_in = context.quote(index)
    is_named = report.speaker.lower() not in SPEAKING_PRONOUNS and report.speaker in normalize(named_in.text)
    return Attribution("reports", speaker_of(report, context, index), report.speaker if is_named else "", named_in)


def _forecasts(sentence: str) -> bool:
    """Whether the main clause of a normalized sentence speaks of the future."""
    clause = sentence.rpartition(", but ")[2]
    match = _FORECAST.search(clause)
    return match is not None and not _SUBORDINATE.search(clause, 1, match.start())


def lead_of(text: str, attribution: Attribution) -> Lead:
    """The lead that a sentence needs if its quote has this attribution; ``text`` is the sentence without a lead."""
    said = normalize(text)
    if attribution.scenario is not None:
        return Lead() if _SAYS_SCENARIO.search(said) else _scenario_lead(attribution.scenario)
    if attribution.stance == "reports":
        return Lead() if _shows_speaker(parse(text), attribution) else _speaker_lead(attribution)
    shows = _FORECAST.search(said) if attribution.stance == "forecasts" else not attribution.is_opinion
    return Lead() if shows or _OWNED.search(said) else Lead(ARGUES)


def _shows_speaker(sentence: ParsedText, attribution: Attribution) -> bool:
    """Whether a sentence names its speaker, or reports what somebody says."""
    words = {word.lower() for word in (attribution.speaker or attribution.named).split()} - FUNCTION_WORDS
    return any(word in sentence.normalized.lower() for word in words) or bool(find_reports(sentence))


def _scenario_lead(heading: Quote) -> Lead:
    match = _SCENARIO.match(heading.text)
    name = match["name"].strip().rstrip("#").strip() if match else ""
    return Lead(f"In the scenario “{name}”", heading) if name else Lead(SUPPOSES)


def _speaker_lead(attribution: Attribution) -> Lead:
    if not attribution.named:
        return Lead(REPORTS)
    return Lead(f"{attribution.named[:1].upper()}{attribution.named[1:]} says", attribution.named_in)


def speaker_of(report: Report, context: QuoteContext, index: int) -> str | None:
    """The speaker of a report: a person by the fullest name in the article, others in its words; None without one."""
    words = report.speaker.lower()
    if not words:
        return None
    if words in SPEAKING_PRONOUNS:
        return _antecedent(words, context, index, report.start) or words
    named = _holder_of(report.speaker, context)
    if named is not None:
        return named
    head = _TAIL.sub("", report.speaker)
    named = head if re.search(rf"{_CAPITAL} {_CAPITAL}$", head) else report.speaker
    run = _CAPITALS.search(named)
    if report.start == 0 and is_generic_speaker(report.speaker):
        return report.speaker[:1].lower() + report.speaker[1:]
    if run is None or _OF.search(named[: run.start()]):
        is_named = any(name.first == 0 for name in find_names(parse(report.speaker)))
        return report.speaker if is_named else report.speaker[:1].lower() + report.speaker[1:]
    return _full_name(_untitled(run[0].split()), context, index)


def _holder_of(phrase: str, context: QuoteContext) -> str | None:
    """The person who holds an office ("the governor"), if the article names the person next to it."""
    office = _OFFICE.fullmatch(phrase)
    if office is None:
        return None
    text = context.normalized()
    role = re.escape(office["role"])
    for pattern in (rf"\b{role},?\s+({_PERSON})", rf"({_PERSON}),\s+(?:\w+\s+){{0,4}}{role}\b"):
        found = re.search(pattern, text)
        if found:
            return found[1]
    return None


def _antecedent(pronoun: str, context: QuoteContext, index: int, start: int) -> str | None:
    """The antecedent of a pronoun at offset ``start`` of its sentence: the last speaker, else the last person named."""
    earlier = range(index - 1, max(index - 1 - SENTENCES_BACK, -1), -1)
    for before in earlier:
        for report in find_reports(context.sentence(before)):
            if report.speaker and report.speaker.lower() not in SPEAKING_PRONOUNS:
                speaker = speaker_of(report, context, before)
                if speaker and (pronoun not in _PERSONAL or re.match(rf"{_CAPITAL}(?: {_CAPITAL})+$", speaker)):
                    return speaker
    if pronoun not in _PERSONAL:
        return None
    for before in (index, *earlier):
        sentence = parse(context.sentence(before).normalized[: start if before == index else None])
        words = sentence.words
        for name in find_names(sentence):
            if is_person(name):
                named = sentence.normalized[words[name.first].start : words[name.last].end]
                return _full_name(_untitled(named.split()), context, before)
    return None


def _full_name(words: list[str], context: QuoteContext, index: int) -> str:
    """The first full form of a person's name in the context; the name itself if there is none."""
    own = " ".join(words)
    if len(words) != 1 or any(is_country(name) for name in find_names(parse(own))):
        return own
    name = re.escape(words[0])
    text = context.normalized()
    for match in re.finditer(rf"(?:\b{_CAPITAL} ){{0,3}}\b{name}\b(?: {_CAPITAL})*", text):
        full = _untitled(match[0].removesuffix("'s").split())
        if len(full) > 1 and words[0] in full:
            return " ".join(full)
    return own


def _untitled(words: list[str]) -> list[str]:
    """The words of a name after its last title."""
    for index in range(len(words) - 2, -1, -1):
        if words[index].lower() in TITLES | FUNCTION_WORDS or words[index] in _RANKS:
            return words[index + 1 :]
    return words


@dataclass(frozen=True, slots=True)
class QuoteContext:
    """The sentences around a quote. ``index`` is that of the sentence in which the quote begins."""

    article: Article
    spans: tuple[Span, ...]
    index: int

    def text(self, index: int) -> str:
        """The text of a sentence."""
        return self.article.text[self.spans[index].start : self.spans[index].end]

    def sentence(self, index: int) -> ParsedText:
        """The parsed text of a sentence."""
        return parse(self.text(index))

    def normalized(self) -> str:
        """The normalized text of all sentences."""
        return normalize(self.article.text[self.spans[0].start : self.spans[-1].end])

    def quote(self, index: int) -> Quote:
        """A sentence as a quote."""
        return Quote(self.article, self.spans[index].start, self.spans[index].end)

    def paragraph(self) -> Iterator[int]:
        """Indices of the sentences before the quote's own in its paragraph, the nearest first."""
        for index in range(self.index - 1, -1, -1):
            if "\n" in self.article.text[self.spans[index].end : self.spans[index + 1].start]:
                return
            yield index

    def heading(self) -> Quote | None:
        """The heading above the quote."""
        for index in range(self.index, -1, -1):
            if kind_of(self.article.text, self.spans[index]) == "heading":
                return self.quote(index)
        return None

    def beside_quotation(self) -> Iterator[int]:
        """Indices of the sentences that may attribute the quotation that contains the quote.

        These are the sentences before it in its paragraph, the nearest first, then the next sentence; none if the quote
        is not in quotation marks."""
        own = self.sentence(self.index).normalized
        is_whole = own[:1] == '"' and own[-1:] == '"'
        if own.count('"') % 2 or is_whole or self._is_inside():
            yield from self.paragraph()
            if self.index + 1 < len(self.spans):
                yield self.index + 1

    def _is_inside(self) -> bool:
        """Whether a quotation that begins earlier in the paragraph is still open."""
        first = min(self.paragraph(), default=self.index)
        before = normalize(self.article.text[self.spans[first].start : self.spans[self.index].start])
        return before.count('"') % 2 == 1


def context_of(quote: Quote) -> QuoteContext:
    """The context of a quote: the sentences around it."""
    text = quote.article.text
    begin = text.rfind("\n", 0, max(quote.start - _BEFORE, 0)) + 1
    end = text.find("\n", min(quote.end + _AFTER, len(text)))
    window = text[begin : end if end >= 0 else len(text)]
    spans = tuple(Span(begin + span.start, begin + span.end) for span in split_sentences(window))
    spans = spans or (Span(quote.start, quote.end),)
    index = max((n for n, span in enumerate(spans) if span.start <= quote.start), default=0)
    return QuoteContext(quote.article, spans, index)
