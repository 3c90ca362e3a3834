"""Relate two different answers in time.

Two quotes may speak of different times, so that each figure is true of its own year. Otherwise the later one updates
the earlier, one forecasts what the other reports, or they are in conflict.
"""

from __future__ import annotations

import re

from askseoul.answering.attribution import attribute
from askseoul.answering.disagreement.values import NOTHING, Values
from askseoul.domain import DisagreementKind, Quote
from askseoul.nlp.quantities import find_figures
from askseoul.nlp.relative_dates import relative_dates
from askseoul.nlp.text import normalize, parse
from askseoul.retrieval.question import Question

_QUARTER = re.compile(r"\b(first|second|third|fourth|last)[\s-]+quarter\b|\bQ([1-4])\b", re.IGNORECASE)
_QUARTERS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4}
_THAT_TIME = re.compile(
    r"\b(?:that|the\s+same)\s+(?:year|summer|winter|spring|autumn|month|quarter|season)\b", re.IGNORECASE
)
_SPAN = re.compile(
    r"\b(?:from|between)\s+[A-Z]\w+\s+(?:to|and|until)\s+[A-Z]|\b[A-Z]\w+\s+(?:to|through|until)\s+[A-Z]|"
    r"\bBetween\s+[A-Z]\w+\s+and\s+[A-Z]"
)
_BOUNDED = re.compile(r"\b(?:until|till|by|since|from|before|after|least)\s+$", re.IGNORECASE)
"""What stands before a time that something lasts to or begins at, and is not of."""
_AROUND = 240
"""Characters before a quote in which the year stands that it calls "that year"."""


def times_apart(own: Quote, other: Quote) -> bool:
    """Whether both quotes name times, and none that both could mean."""
    mine, theirs = _periods(own), _periods(other)
    if any(period[0] for period in mine) and any(period[0] for period in theirs):
        mine, theirs = ([period for period in each if period[0]] for each in (mine, theirs))
    return bool(mine and theirs) and not any(_meet(a, b) for a in mine for b in theirs)


_Period = tuple[int | None, int | None, int | None]
"""Year, first month and last month; None where the text leaves it open."""


def _periods(quote: Quote) -> list[_Period]:
    text = quote.text
    if _THAT_TIME.search(text):
        before = quote.article.text[max(0, quote.start - _AROUND) : quote.start]
        text = f"{before} {text}"
    found = _named(text)
    for each in relative_dates(quote.text, quote.article.published):
        is_long = each.means is not None and len(each.means.split("/")[0]) <= len("2024-01")
        if each.means and is_long and not each.vague and not each.text.endswith(("ago", "earlier")):
            found.append((int(each.means[:4]), None, None))
    return found or _named(quote.article.title)


def _named(text: str) -> list[_Period]:
    """The times that a text names; a month without a year is of the year that stands beside it."""
    parsed = parse(text)
    dates = [
        date
        for date in find_figures(parsed).dates
        if (date.year or date.month) and not _BOUNDED.search(parsed.normalized[: date.start])
    ]
    years = [date.year for date in dates if date.year]
    year = years[0] if len(set(years)) == 1 else None
    quarter = _QUARTER.search(parsed.normalized)
    if quarter:
        number = _QUARTERS[quarter[1].lower()] if quarter[1] else int(quarter[2])
        return [(year, 3 * number - 2, 3 * number)]
    months = [date.month for date in dates if date.month]
    if len(months) == 2 and _SPAN.search(parsed.normalized):
        return [(year, months[0], months[1])]
    if len(set(months)) > 1:  # days on which things happen, not the time that a figure is of
        return [(each, None, None) for each in years]
    return [(date.year or year, date.month, date.month) for date in dates]


def _meet(own: _Period, other: _Period) -> bool:
    if own[0] and other[0] and own[0] != other[0]:
        return False
    if own[1] and other[1] and own[2] and other[2]:
        return own[1] <= other[2] and other[1] <= own[2]
    return True


_EXPECTS = re.compile(
    r"\b(?:will|would(?!\s+have)|(?:could|might|may)(?!\s+(?:not|have))|shall|expect(?:s|ed|ing)?|forecast(?:s|ing|"
    r"ers?)?|predict(?:s|ed|ing)?|"
    r"project(?:s|ed|ions?)|plan(?:s|ned)?|scheduled|due|set\s+(?:to|for)|poised|likely|hop(?:e|es|ed|ing)|aim(?:s|"
    r"ed|ing)?|count(?:s|ing)?\s+on|(?<!goal\s)(?<!aim\s)(?<!purpose\s)(?<!task\s)(?<!step\s)(?<!action\s)(?<!plan\s)(?<!point\s)(?<!idea\s)(?:is|are)\s+to(?=\s+\w+)|brac(?:e|ing)|"
    r"reckon(?:s|ed)?|believe|promis(?:e|es|ed|ing)|estimate[sd]|foresees?|seen\s+as|about\s+to|on\s+course|"
    r"on\s+track|heading|tipped|favou?rite|"
    r"looks?\s+(?:set|like|certain)|intend(?:s|ed)?|target(?:s|ed|ing)?|pencilled|anticipat(?:e|es|ed|ing)|"
    r"envisag\w+|prepar(?:e|es|ing))\b"
)
_SURELY_EXPECTS = re.compile(
    r"\b(?:will|expect(?:s|ed)?|forecast(?:s|ing|ers)?|predict(?:s|ed)?|tipped|favou?rite|likely|set\s+to|due\s+to|"
    r"scheduled|plan(?:s|ned)?|poised|heading|hopes?|projected|on\s+(?:course|track)|bear(?:s|ing)\s+down)\b"
)
"""The same beside a name: what may or would be is mostly said of something else in the sentence."""
_FORESEES = re.compile(
    r"\b(?:expects?|expected|forecasts?|predicts?|predicted|foresees?|reckons?|projects|projected|will)\b(?!\s+(?:not\s+)?be\s+a\b)"
)
"""The same of a whole sentence."""
_HAD_EXPECTED = re.compile(
    r"\b(?:than|had|not|had\s+been|as|never|widely|nobody|no\s+one|one)\s+(?:\w+\s+)?(?:expected|forecast|predicted|"
    r"planned|foreseen|projected|hoped|promised)\b"
)
"""An expectation that is told as past: "a result that no survey had foreseen"."""
_NONE_MAY = re.compile(r"\b[Nn]o\s+(?:\w+\s+){1,3}may\b|\bmay\s+(?:once\s+)?(?:again|no\s+longer)\b")
_RESCHEDULED = re.compile(
    r"\b(?:pushed\s+back|put\s+back|postpon\w+|delay\w*|brought\s+forward|mov(?:ed|es)\s+(?:to|from)|switch\w*|"
    r"put\s+off|called\s+off|cancel\w*|scrapped|"
    r"abandon\w*|reschedul\w+|revis\w+|rais(?:ed|es)|cut\s+(?:its|his|her|their)|trimm\w+|lower(?:ed|s)|downgrad\w+|"
    r"upgrad\w+|taken?\s+\S+(?:\s+\S+){0,6}?\s+away|"
    r"steps?\s+in|stepped\s+in|instead\s+of\s+as\s+planned|slipp(?:ed|ing)|climbed|ballooned|turnaround|u-turn|"
    r"turned\s+round|chang(?:ed|es)\s+(?:its|his|her|their)\s+mind|after\s+all|transferr\w+|hand(?:ed|s)\s+back|"
    r"new\s+home|replacing\s+the|stands\s+at|now\s+(?:stands|put|estimated|expected|reckons|says)|withdr\w+|dropped)\b",
    re.IGNORECASE,
)
"""Words with which a plan or an estimate is changed, rather than met or missed."""
_UPDATES = re.compile(
    r"\b(?:no\s+longer|updat\w+|correct(?:ed|s|ion)|replac\w+|success?or|succeed(?:s|ed)|tak(?:es|en)\s+over|"
    r"took\s+over|took\s+office|"
    r"stepp?(?:s|ed)\s+(?:down|in)|stands\s+at|stood\s+at|lift(?:s|ed|ing)|repeal\w*|overturn\w*|revok\w+|revers\w+|"
    r"reopen\w*|resum\w+|resign\w*|appoint\w*|"
    r"sworn|in\s+charge|surpass\w*|overtak\w+|overtook|first\s+estimate|again|new\s+(?:boss|chief|head|record|law|"
    r"leader|owner|toll|figure|count)|"
    r"ros[e]\s+to|ris(?:en|es|ing)\s+to|has\s+(?:now|since|risen|grown|climbed|ended|doubled)|have\s+(?:now|since|"
    r"risen|grown)|latest|final\s+(?:count|toll|figure)|"
    r"confirmed\s+(?:death\s+)?toll|br(?:oke|eaks|oken)\s+(?:the|his|her|their|its)|all-clear|took\s+back|back\s+on|"
    r"from\s+now\s+on|eased|ended)\b",
    re.IGNORECASE,
)
_SO_FAR = re.compile(
    r"\b(?:so\s+far|at\s+least|first\s+estimate|preliminary|initial\w*|provisional\w*|early|still|until\s+further|"
    r"for\s+now|yet)\b",
    re.IGNORECASE,
)
_LASTING = re.compile(
    r"^\s*(?:who|what|which|where|how\s+(?:much|many|long)|when)?\s*(?:\w+\s+){0,3}?(?:is|are|does|do|will|can|has|"
    r"have)\b",
    re.IGNORECASE,
)
"""Questions for what is so now, of which the answer changes."""
_SHORT = 2
"""Days within which two articles tell the same day's news, whatever they call new."""
_LONG = 30
"""Days after which an answer to such a question counts as a later one and not as another."""
_OPINION = re.compile(
    r"\b(?:should|good|bad|better|worse|right|wrong|worth|dangerous|safe|opportunity|liability|fair)\b", re.IGNORECASE
)


def classify(
    question: Question, earlier: Quote, later: Quote, before: Values = NOTHING, after: Values = NOTHING
) -> DisagreementKind:
    """What kind of disagreement it is when these quotes answer a question differently; ``later`` is of the article that
    was published last, where both have dates. ``before`` and ``after`` are the values that they give."""
    if _OPINION.search(question.text):
        return "conflict"
    dates = [quote.article.published for quote in (earlier, later)]
    is_dated = all(dates) and dates[0] != dates[1]
    if is_dated and _RESCHEDULED.search(_headed(later)):
        return "superseded"
    if _expects(earlier, before) != _expects(later, after):
        return "forecast"
    if not is_dated:
        return "conflict"
    is_lasting = _LASTING.match(question.text) is not None
    changed = _UPDATES.search(_headed(later)) is not None or _SO_FAR.search(normalize(earlier.text)) is not None
    days = _days(dates)
    return "superseded" if (changed and days >= _SHORT) or (is_lasting and days > _LONG) else "conflict"


def tells_of_change(quote: Quote) -> bool:
    """Whether a quote tells that something was put in the place of what was so or was planned before."""
    return _RESCHEDULED.search(_headed(quote)) is not None or _UPDATES.search(_headed(quote)) is not None


def _expects(quote: Quote, values: Values) -> bool:
    """Whether a quote only expects what it gives, which it then says before a value."""
    normalized = _NONE_MAY.sub(" ", _HAD_EXPECTED.sub(" ", normalize(quote.text)))
    starts = [each.start for each in values.quantities] + [each.start for each in values.dates]
    if starts:
        said = _HAD_EXPECTED.sub(" ", normalize(quote.text)[: min(starts)])
        return _EXPECTS.search(re.split(r";|,\s+and\s+", said)[-1]) is not None
    if values.names:
        return _SURELY_EXPECTS.search(normalized) is not None
    is_forecast = attribute(quote).stance == "forecasts" and _NONE_MAY.search(normalize(quote.text)) is None
    return is_forecast or _FORESEES.search(normalized) is not None


def _headed(quote: Quote) -> str:
    """A quote with its article's title before it."""
    return normalize(f"{quote.article.title}. {quote.text}")


def _days(dates: list[str | None]) -> int:
    """About how many days lie between two dates."""
    first, second = ([int(part) for part in (date or "").split("-")] + [1, 1] for date in dates)
    return (second[0] - first[0]) * 365 + (second[1] - first[1]) * 30 + second[2] - first[2]
