"""Who says what a quote says: the article itself, somebody it reports, or a forecast that it makes.

An opinion or a scenario must not be told as a fact. Most sentences show by their own words whose they are ("Colby
said", "could"); one that does not, since its section or its neighbour shows it, needs a lead ("In the scenario …:"),
and where the lead has a name in it, a quote that holds this name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Final

from askseoul.domain import Quote, Stance
from askseoul.speakers import SENTENCES_BACK, speaker_of
from askseoul.speech import PRONOUNS, Report, reports_in
from askseoul.surroundings import Surroundings, surroundings_of
from askseoul.words import FUNCTION_WORDS, fold

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
    rf"\b{_FUTURE}\b|\b(?:is|are)\s+(?:\w+ly\s+)?(?:likely|unlikely|expected|set|poised|forecast|projected|predicted|"
    rf"bound|due|about|going|"
    r"scheduled)\s+to\b|\bis\s+expected\s+(?:in|on|by|at)\b",
)
_SUBORDINATE = re.compile(
    r"\b(?:which|who|whom|that|because|since|whether|if|how|whoever|whatever|what|as|when|until|before|after|where|"
    r"although|though)\b"
)
_ARGUED = re.compile(
    r"\b(?:would\s+do\s+well|should|must|ought|need(?:s)?\s+to|necessary|necessit\w+|need\s+for|crucial|critical|"
    r"vital|essential|important\s+sign|"
    r"imperative|undoubtedly|clearly|of\s+course|indeed|in\s+fact|in\s+reality|truly|actually|obviously|arguably|"
    r"simply|"
    r"after\s+all|in\s+short|ultimately|as\s+a\s+result|hence|thus|therefore|consequently|this\s+(?:means|shows|"
    r"suggests|"
    r"indicates|highlights|reflects|signals|underscores|demonstrates|marks|approach|attitude|shift|path|role|trend|"
    r"intersection|intricate|"
    r"strategic|operation|trajectory|situation)|it\s+(?:indicates|suggests|means|seems|appears|is\s+(?:better|"
    r"necessary|clear|time|not\s+easy)|also\s+means)|"
    r"seems?|appears?|signal\w*|signif(?:y|ies|ied)|underscor\w+|highlight\w*|reflect\w*|reveal\w*|reflects|"
    r"illustrat\w+|demonstrat\w+|"
    r"indicat\w+|suggest\w*|means?\b|shows?\s+(?:the|that|how|another)|has\s+shown|"
    r"success|failure|wise(?:ly)?|wisdom|courage|skil\w*|pragmatic|resolute|unfortunate\w*|better|best|worse|worst|"
    r"good\s+news|bad\s+news|"
    r"easy|difficult\w*|delicate|precarious|dangerous|risky|costly|seriousness|maturity|credib\w+|viable|feasible|"
    r"realistic|tenuous|"
    r"unique|remarkable|impressive|dramatic|profound\w*|complex|intricate|nuanced|robust|fundamental\w*|indispensable|"
    r"too\s+\w+|rather\s+than|more\s+than\s+just|not\s+just|nothing\s+but|no\s+longer|can\s+no\s+longer|"
    r"like\s+(?:a|an|dancing)|"
    r"as\s+if|a\s+piece\s+on|lifeblood|pillars?|cornerstone|backbone|lifeline|crossroads|dilemma|battle|contest|"
    r"chess\w*|tightrope|cliff|"
    r"umbrella|pivot\w*|quake|opportunit(?:y|ies)|liabilit(?:y|ies)|vulnerab\w+|limits?\b|dependence|over-reliance|"
    r"reliance|"
    r"coerci\w+|leverage|altruism|determination|intentional|strategic\s+(?:need|pivot|asset)|concern|worr\w+|challenge|"
    r"key\s+(?:role|issue)|sense\s+of\s+trust|potential(?:ly)?|center\s+of|centre\s+of|fading|weakening|losing|"
    r"diminishing|"
    r"dynamism|prestige|aims?\b|goal|attempt\s+to|trying\s+to|wants?\s+to|intends?|serves?\s+(?:not\s+only|as)|"
    r"stems?\s+from|rooted|driven\s+by|"
    r"due\s+to|owes?|lies\s+in|a\s+matter\s+of|the\s+key|tool\b|harm\w*|benefit\w*|reap|"
    r"fair(?:er|ly)?\b|unfair|wrong|right\s+to|deserv\w+|fail\w*|best\s+seen|by\s+far|not\s+enough|too\s+little|"
    r"long\s+overdue|at\s+last|finally|regrettabl\w+|shameful|admirabl\w+|"
    r"embarrass\w+|disappoint\w+|brave\w*|cowardly|sensible|foolish|naive|absurd|welcome|worth\w*|blunder|mistake\w*|"
    r"irony|ironic\w*|"
    r"hardly|scarcely|little\s+(?:more|wonder|reason|doubt|sign)|no\s+(?:wonder|reason|excuse|accident|substitute)|"
    r"real\s+(?:question|test|problem|reason|winner|danger)|lesson|tragedy|triumph|folly|prudent|cautious|clumsy|"
    r"weak(?:est|ness)?|impossible|merely|mere|gesture\s+of|paid\s+off|strange|odd|pawns?)\b",
    re.IGNORECASE,
)
"""Words with which an article judges, explains or recommends. A sentence that has one is its opinion."""
_OWNED = re.compile(
    r"\b(?:argu(?:e|es|ed)|according\s+to|author|commentary|commentator|in\s+\w+'s\s+view|the\s+articles?\s+\w+s\b|"
    r"scenarios?)\b",
    re.IGNORECASE,
)
_NARRATOR = re.compile(
    r"\b(?:author|authors|commentary|analysts?|experts?|economists?|critics|report)\b", re.IGNORECASE
)


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
    report = next(iter(reports_in(sentence)), None)
    heading = around.heading()
    scenario = heading if heading is not None and _SCENARIO.match(heading.text) else None
    if report is not None and (scenario is None or _NARRATOR.search(report.speaker)):
        return _reported(report, around, around.place)
    if scenario is not None:
        return Attribution("forecasts", scenario=scenario)
    for place in islice(around.quoted_beside(), SENTENCES_BACK):
        found = reports_in(around.sentence(place))
        if found:
            return _reported(found[0], around, place)
    if _forecasts(sentence):
        return Attribution("forecasts")
    said = fold(quote.text)
    is_opinion = _ARGUED.search(said) is not None and not _OWNED.search(said)
    return Attribution("states", is_opinion=is_opinion)


def lead_of(text: str, attribution: Attribution) -> Lead:
    """What has to stand before a sentence that rests on a quote of this attribution; ``text`` is without any lead."""
    said = fold(text)
    if attribution.scenario is not None:
        return Lead() if _SAYS_SCENARIO.search(said) else _of_scenario(attribution.scenario)
    if attribution.stance == "reports":
        return Lead() if _shows_speaker(said, attribution) else _of_speaker(attribution)
    shows = _FORECAST.search(said) if attribution.stance == "forecasts" else not attribution.is_opinion
    return Lead() if shows or _OWNED.search(said) else Lead(ARGUES)


def _of_scenario(heading: Quote) -> Lead:
    match = _SCENARIO.match(heading.text)
    name = match["name"].strip().rstrip("#").strip() if match else ""
    return Lead(f"In the scenario “{name}”", heading) if name else Lead(SUPPOSES)


def _shows_speaker(said: str, attribution: Attribution) -> bool:
    """Whether a folded sentence tells that somebody says it."""
    words = {word.lower() for word in (attribution.speaker or attribution.named).split()} - FUNCTION_WORDS
    return any(word in said.lower() for word in words) or bool(reports_in(said))


def _of_speaker(attribution: Attribution) -> Lead:
    if not attribution.named:
        return Lead(REPORTS)
    return Lead(f"{attribution.named[:1].upper()}{attribution.named[1:]} says", attribution.told)


def _reported(report: Report, around: Surroundings, place: int) -> Attribution:
    told = around.quote(place)
    is_named = report.speaker.lower() not in PRONOUNS and report.speaker in fold(told.text)
    return Attribution("reports", speaker_of(report, around, place), report.speaker if is_named else "", told)


def _forecasts(sentence: str) -> bool:
    """Whether the main clause of a folded sentence speaks of what is to come."""
    clause = sentence.rpartition(", but ")[2]
    match = _FORECAST.search(clause)
    return match is not None and not _SUBORDINATE.search(clause, 1, match.start())
