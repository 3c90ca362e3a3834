"""Tense, and time expressions in English text with the context that decides whether they are one.

No pattern allows more than a few characters of white space between two words or looks further than a few words around
them, so time is linear in the length of any text. Patterns are case-sensitive: ``Last Week`` is part of a title.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import Literal

from askseoul.domain import Span
from askseoul.nlp.dates import UNITS, WEEKDAYS
from askseoul.nlp.text import split_sentences

Tense = Literal["past", "future", "unclear"]

_LOOK_AROUND = 200
"""Characters before and after a place in which the verb of its clause is sought."""
_WILL = (
    r"(?P<future>(?:\b(?:will|shall|won['’]t|plans?\s{1,4}to"
    r"|(?:is|are)\s{1,4}(?:(?:set|due|expected|scheduled|likely|going)\s{1,4})?to"
    r"|(?:due|scheduled|slated|expected|planned)(?=\s{1,4}$))|['’]ll)\b)"
)
_MODAL = r"(?P<unclear>\b(?:would|could|may|might|should|must|can)\b)"
_CUE = re.compile(f"{_WILL}|{_MODAL}")
_FIRST_VERB = re.compile(
    rf"{_WILL}|{_MODAL}|(?P<past>\b(?:(?!need|speed|indeed)[a-z]{{2,20}}ed|was|were|had|has|have|said|says|told|met|held"
    r"|made|took|gave|went|came|that|which|who)\b)|[;:]"
)
_CLAUSE_END = re.compile(
    r"[,;:()“”\"—–]|\b(?:said|says|told|announced|that|which|who|after|because|since|when|while|but)\b"
)
_FRONT = re.compile(r"\W*(?:(?:And|But|So|Then|Yet)\W+)?")
_LONGEST_FRONT = 12


def tense_at(text: str, sentence: Span, start: int, end: int) -> Tense:
    """The tense of the clause around ``text[start:end]``, by its auxiliary verbs; the past where none speaks.

    ``would`` and ``may`` are unclear, and so is ``will`` where a comma or another verb parts it from the place. What
    was said in a speech that ended before the place counts for nothing.
    """
    before = text[max(sentence.start, start - _LOOK_AROUND) : start]
    cues = list(_CUE.finditer(before))
    since = before[cues[-1].end() :] if cues else ""
    speech_ended = since.count("”") > since.count("“") or since.count('"') % 2 == 1
    if cues and not speech_ended:
        parted = _CLAUSE_END.search(since) is not None
        if cues[-1]["future"]:
            return "unclear" if parted else "future"
        if not parted:
            return "unclear"
    if _is_in_front(text, sentence, start):
        verb = _FIRST_VERB.search(text, end, min(sentence.end, end + _LOOK_AROUND))
        if verb and (verb["future"] or verb["unclear"]):
            return "future" if verb["future"] else "unclear"
    elif _CUE.match(text, min(end + 1, sentence.end), sentence.end):
        return "unclear"
    return "past"


def opens_story(text: str, sentence: Span, start: int, end: int) -> bool:
    """Whether ``text[start:end]`` opens a sentence in the past tense: ``Over the next two years, exports doubled``."""
    verb = _FIRST_VERB.search(text, end, min(sentence.end, end + _LOOK_AROUND))
    return _is_in_front(text, sentence, start) and verb is not None and verb["past"] is not None


def _is_in_front(text: str, sentence: Span, start: int) -> bool:
    return start - sentence.start <= _LONGEST_FRONT and _FRONT.fullmatch(text, sentence.start, start) is not None


def _spaced(pattern: str) -> re.Pattern[str]:
    """The pattern with each of its spaces standing for the few that may part two words, a line's end among them."""
    return re.compile(pattern.replace(" ", r"(?:[^\S\n]{1,4}|[^\S\n]{0,4}\n[^\S\n]{0,8})"))


_MONTH = (
    "(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|"
    "Nov(?:ember)?|Dec(?:ember)?)"
)
_WEEKDAY = f"(?:{'|'.join(WEEKDAYS)})"
_UNIT = f"(?:{'|'.join(UNITS)})"
_COUNT = r"\w{1,12}(?:[-‐‑]\w{1,8})?"
EXPRESSION = _spaced(
    r"(?<![\w‐‑@#/-])(?<![0-9][.,])(?:"
    r"(?P<today>[Tt]oday)"
    r"|(?P<day>[Tt]he day before yesterday|[Tt]he day after tomorrow|(?:[Ee]arlier|[Ll]ater) today|[Yy]esterday|"
    r"[Tt]omorrow|[Tt]onight|[Tt]his (?:morning|afternoon|evening)|[Ll]ast night)"
    rf"|(?P<part>(?P<side>[Ee]arlier|[Ll]ater) this (?P<part_unit>{_UNIT}))"
    r"|(?P<stretch>(?P<within>(?:[Ii]n|[Oo]ver|[Dd]uring|[Ww]ithin|[Ff]or|[Tt]hroughout|[Aa]cross) )?"
    rf"(?:[Tt]he|[Tt]his) (?P<toward>last|past|next|coming)(?: (?P<many>{_COUNT}))? (?P<stretch_unit>{_UNIT})"
    r"(?P<plural>s?))"
    r"|(?P<away>(?P<near>(?:[Aa]bout|[Aa]round|[Nn]early|[Aa]lmost|[Rr]oughly|[Aa]pproximately|[Ss]ome) )?"
    rf"(?P<number>{_COUNT}) (?P<away_unit>{_UNIT})s? (?P<turn>ago|earlier|later|from now))"
    r"|(?P<step>(?:(?P<article>[Tt]he|[Tt]his) )?(?P<way>[Ll]ast|[Tt]his|[Nn]ext|[Pp]revious|[Pp]ast|[Cc]oming) "
    rf"(?:(?P<step_unit>{_UNIT}|weekend)|(?P<step_name>{_WEEKDAY}|{_MONTH}(?!\.? [0-9]))))"
    rf"|(?P<weekday>[Oo]n (?P<weekday_name>{_WEEKDAY})(?: (?:morning|afternoon|evening|night))?)"
    rf"|(?P<month>(?:[Ii]n|[Ss]ince|[Dd]uring) (?:(?:early|late) |mid(?:[-‐‑]| ))?(?P<month_name>{_MONTH})"
    r"(?: (?:of )?(?P<month_year>last|this|next) year)?)"
    r"|(?P<vague>[Rr]ecently|[Ll]ately|[Cc]urrently|[Nn]owadays|[Tt]hese days|[Aa]t (?:the|this) moment|[Aa]t present|"
    rf"[Ss]o far|[Nn]ow|(?:[Ii]n|[Oo]ver|[Dd]uring)(?: the)?(?: most)? recent (?P<vague_unit>{_UNIT})s)"
    r")(?![\w‐‑-])"
)
_YEAR = r"(?:1[0-9]{3}|20[0-9]{2})"
_FULL_DATE = (
    rf"(?:{_YEAR}-[01][0-9](?:-[0-3][0-9])?|[0-3]?[0-9](?:st|nd|rd|th)? (?:of )?{_MONTH}\b\.?(?:,? {_YEAR})?|"
    rf"{_MONTH}\b\.? (?:the )?[0-3]?[0-9](?:st|nd|rd|th)?(?![0-9])(?:,? {_YEAR})?|{_MONTH}\b\.?,? {_YEAR})"
)
_FULL_DATES = _spaced(rf"(?<!\w){_FULL_DATE}")
FOUR_DIGITS = re.compile(_YEAR)
_YEARS = _spaced(
    rf"(?<![\w.,$€£¥₩]){_YEAR}(?:['’]?s)?(?![\w%]|[.,][0-9])"
    r"|\b(?:[Ll]ast|[Tt]his|[Nn]ext|[Tt]hat|[Ss]ame|[Pp]revious) year\b"
)
_DATE_AFTER = _spaced(
    rf"(?:,? ?[(\[]|,? (?:in|on) |[,:]? | ?[—–] ?)(?:{_FULL_DATE}|the [0-3]?[0-9](?:st|nd|rd|th))"
    rf"|,? ?[(\[](?:in )?{_YEAR}(?=[)\],;])|,? in {_YEAR}(?![\w%]|[.,][0-9])|, {_YEAR}(?=[,;.)\]—–]|\s?$)"
)
_DATE_BEFORE = _spaced(rf"(?<![\w.,])(?:{_FULL_DATE}|{_YEAR}) ?[,(] ?$")
_LOOK_BACK = 40
"""Characters before an expression that what is forbidden there, or a date beside it, may take."""

_NOT_AFTER = {  # what an expression of this kind must not stand behind
    "day": re.compile(r"(?<!\bas )\bof\s{1,4}$"),
    "step": re.compile(
        r"(?:\b(?:[Tt]he|[Aa]n?|[Hh]is|[Hh]er|[Tt]heir|[Ii]ts|[Mm]y|[Oo]ur|[Yy]our|whose|one|very|each|every|no|any|"
        r"second|ago)|['’]s|s['’])\s{1,4}$"
    ),
    "away": re.compile(
        r"(?:\b(?:than|over|under|least|most|up to|within|half|quarters? of|hundred|thousand)|(?:\b[0-9.,]{1,9}|"
        r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|[a-z]{3,4}ty|hundred|thousand)|"
        rf"{_UNIT}s?)\s{{1,4}}(?:to|or|and))\s{{1,4}}$"
    ),
    "vague": re.compile(r"\b(?:[Gg]o|[Gg]oes|[Gg]oing|[Gg]one|[Ww]ent|[Ii]n|[Ff]rom)\s{1,4}$"),
}
_NOT_BEFORE = {  # what an expression of this kind must not stand before
    "today": re.compile(r"\s{0,4}\("),
    "day": re.compile(r"\s{0,4}\(|\s{1,4}[Xx×]\s"),
    "stretch": re.compile(r"\s{1,4}(?:of|or|and\s{1,4}a\s{1,4}half)\b"),
    "step": re.compile(r"\s{1,4}of\b"),
    "weekday": re.compile(r"\s{1,4}(?:mornings|afternoons|evenings|nights)\b"),
    "vague": re.compile(
        r"(?<=[Nn]ow)\s{1,4}(?:that|and\s{1,4}(?:then|again)|or\s{1,4}never)\b|(?<=Now),"
        r"|(?<=[Ss]o far)\s{1,4}(?:as|away|from|to|that|apart|removed|out)\b"
        r"|(?<=[Aa]t the moment)\s{1,4}(?:of|when|that|the|an?|he|she|it|they|we|I)\b"
    ),
    "month": re.compile(r"\.?,?\s{1,4}(?:of\s{1,4})?[0-9]"),
}
AT_SENTENCE_END = re.compile(r"\s{0,4},|[.!?…\"'”’)\]]{0,8}$")
_OPENERS = "\"'“‘«(:;—–[*_•>#|-"
_TITLE = re.compile(
    "“[^“”\n]{1,100}”|\"[^\"\n]{1,100}\"|‘[^‘’\n]{1,100}’|(?<!\\w)'[^'\n]{1,100}'(?!\\w)|«[^«»\n]{1,100}»"
    "|『[^『』\n]{1,100}』|《[^《》\n]{1,100}》|\\*[^*\n]{1,100}\\*|(?<!\\w)_[^_\n]{1,100}_(?!\\w)"
)
_TITLE_WORD = re.compile(r"[^\W\d_]{4,}")
_PARAGRAPH_END = re.compile(r"\n[^\S\n]*\n")


@dataclass(frozen=True, slots=True)
class Setting:
    """A text and where its sentences, paragraphs, years, full dates and quoted titles begin, each in order."""

    text: str
    sentences: list[Span]
    paragraphs: list[int]
    years: list[int]
    dates: list[int]
    titles: list[tuple[int, int]]
    definite: list[int] = field(default_factory=list)
    """Where the definite expressions begin that were read so far."""

    def sentence(self, place: int) -> Span:
        """The sentence that the character at this place belongs to."""
        return self.sentences[bisect_right(self.sentences, place, key=lambda sentence: sentence.start) - 1]

    def leans(self, start: int, sentence: Span) -> bool:
        """Whether another date is told of before in the paragraph, or anywhere in the sentence."""
        paragraph = self._paragraph(start)
        return (
            _any_in(self.definite, paragraph, start)
            or _any_in(self.dates, paragraph, sentence.end)
            or self.has_year(start, sentence)
        )

    def has_date(self, sentence: Span) -> bool:
        """Whether the sentence gives a day of a month."""
        return _any_in(self.dates, sentence.start, sentence.end)

    def has_year(self, start: int, sentence: Span) -> bool:
        """Whether a year is told of before in the paragraph, or anywhere in the sentence."""
        return _any_in(self.years, self._paragraph(start), sentence.end)

    def may_open(self, start: int, sentence: Span) -> bool:
        """Whether a capital at ``start`` is that of a sentence or a quotation and not that of a name."""
        before = self.text[max(sentence.start, start - _LOOK_BACK) : start].rstrip()
        return not before or before[-1] in _OPENERS

    def is_title(self, start: int, end: int) -> bool:
        """Whether a quoted title holds the words."""
        place = bisect_right(self.titles, (start, len(self.text))) - 1
        return place >= 0 and end <= self.titles[place][1]

    def _paragraph(self, place: int) -> int:
        return self.paragraphs[bisect_right(self.paragraphs, place) - 1]


def _any_in(places: list[int], start: int, end: int) -> bool:
    return bisect_left(places, start) < bisect_left(places, end)


def setting_of(text: str) -> Setting:
    """The places of a text against which its expressions of time are read."""
    titles = []
    for match in _TITLE.finditer(text):
        words = _TITLE_WORD.findall(match.group())
        if words and all(word[0].isupper() for word in words):
            titles.append(match.span())
    return Setting(
        text,
        split_sentences(text),
        [0, *(match.end() for match in _PARAGRAPH_END.finditer(text))],
        [match.start() for match in _YEARS.finditer(text)],
        [match.start() for match in _FULL_DATES.finditer(text)],
        titles,
    )


def is_forbidden(match: re.Match[str]) -> bool:
    """Whether what stands before or behind an expression makes it something else (``his last year``)."""
    kind, text, start = match.lastgroup or "", match.string, match.start()
    before = text[max(0, start - _LOOK_BACK) : start]
    return bool(
        (kind in _NOT_AFTER and _NOT_AFTER[kind].search(before))
        or (kind in _NOT_BEFORE and _NOT_BEFORE[kind].match(text, match.end()))
    )


def date_beside(match: re.Match[str]) -> str:
    """The date that says in full what an expression means (``last year, in 2023``); empty where none does."""
    text, (start, end) = match.string, match.span()
    if after := _DATE_AFTER.match(text, end):
        return after.group()
    before = _DATE_BEFORE.search(text[max(0, start - _LOOK_BACK) : start])
    return before.group() if before and text[end : end + 1] in (",", ")") else ""
