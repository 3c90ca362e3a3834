"""Reported speech in English: who says, thinks, demands or fears what a sentence tells.

Rules find a verb of saying or thinking and its subject, which stands before the verb or after it (``said Kim``). The
subject must be able to speak or think: "the figures say" is no reported speech.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from askseoul.nlp import lexicon
from askseoul.nlp.entities import find_names, is_thing
from askseoul.nlp.text import FUNCTION_WORDS, ParsedText, annotation, parse


def _phrases(name: str) -> str:
    """Return a pattern that matches any phrase of a list of the lexicon."""
    return lexicon.pattern("speech", name).replace("_", r"\s+")


SPEAKING_PRONOUNS: Final = lexicon.words("people", "speaking_pronouns")
_VERBS = "|".join(
    [
        _phrases("verbs"),
        *(f"(?:{forms.replace(' ', '|')}){condition}" for forms, condition in lexicon.rows("speech", "verbs_if")),
    ]
)
_STRICT = lexicon.words("speech", "speaking_subjects")
"""Verbs whose subject can always speak, whatever its name is: "the district fire service said"."""
_BETWEEN = rf"(?:(?:{_phrases('between')}|[a-z]{{3,}}ly)\s+)*"
"""What may stand between the subject and the verb."""
_SPOKEN = re.compile(
    rf"(?<![\w'-])(?P<between>{_BETWEEN})"
    rf"(?:(?P<verb>{_VERBS})|(?P<going>(?:is|are|was|were|been|has\s+been|have\s+been|"
    rf"had\s+been)\s+(?:\w+ly\s+)?(?:{_phrases('progressive')}))|"
    rf"(?P<state>(?:is|are|was|were)\s+(?:\w+ly\s+)?(?:{_phrases('states')})(?=\s+(?:that|about)\b|\s*\.?\s*$)))"
    r"(?![\w'-])"
)
_POSSESSORS = {"his": "he", "her": "she", "their": "they"}
_NARRATES = re.compile(
    rf"\b[Tt]he\s+(?P<narrator>{_phrases('narrators')})s?\s+(?:also\s+|then\s+|finally\s+)?"
    rf"(?:{_phrases('narrating')})\b"
)
_ANNOUNCING = re.compile(rf"\b(?:{_phrases('announcing')})\s+(?:that|it|he|she|they)\b")
_SOURCE = re.compile(
    r"\b(?:[Aa]ccording\s+to|[Ii]n\s+the\s+(?:words|view|eyes|opinion)\s+of)\s+(?P<speaker>[^,;:.\"]+)|"
    r"\b[Ii]n\s+(?P<owner>(?:the\s+)?[\w -]{2,40}?)'s?\s+(?:view|opinion|words|eyes|estimate|verdict)\b|"
    r"\b[Ff]or\s+(?P<holder>the\s+(?:author|commentary|article|analyst))\b|"
    r"\b[Tt]he\s+(?P<judge>author|commentary|article)'s\s+(?:verdict|view|conclusion|opinion)\b|"
    r"\b[Ii]n\s+(?P<whose>his|her|their)\s+(?:view|opinion|words|eyes|estimate)\b|"
    rf"\b(?:is|are|was|were)\s+(?:\w+\s+)?(?:{_phrases('regarded')})\s+by\s+(?P<agent>[^,;:.\"]+?)(?=\s+(?:as|of|for|to)\b|[,;:.])|"
    r"\b(?P<unnamed>(?:is|are|was|were)\s+(?:widely|generally|commonly|often)\s+(?:seen|regarded|considered|viewed|"
    r"believed|thought|expected)|reportedly|allegedly|(?:is|are)\s+said\s+to)\b|"
    r"\bquotes?\s+(?P<quoted>[A-Z][\w'-]+(?:\s+[A-Z][\w'-]+)*)\s*:",
)
_INVERTED = re.compile(
    rf"[,?!]\"?\s+(?:{_phrases('before_speaker')})\s+"
    r"(?P<speaker>(?:the\s+|a\s+|an\s+)?[\w'-]+(?:\s+(?!(?:in|on|at|after|before|during|when|while|who|as|that|to|"
    r"by)\b)[\w'-]+){0,6})"
)
_OPENING = re.compile(
    r"(?P<speaker>(?:The\s+|A\s+|An\s+)?[\w'-]+(?:\s+(?:(?:of|for|and|the)\s+)*[A-Z][\w'-]*|"
    rf"\s+(?:{lexicon.pattern('people', 'speaking_bodies')}))*)\s+[a-z]"
)
_AFTERWARDS = re.compile(r"\s+(?:afterwards?|later|yesterday|today|recently|then|again|earlier)$", re.IGNORECASE)
_PARTICLES = lexicon.pattern("people", "particles", "inner_particles")
_NAME = re.compile(rf"[^\W\d_a-z][\w'-]*(?:\s+(?:(?:{_PARTICLES})\s+)?[^\W\d_a-z][\w'-]*)+")
_IN_SPEECH = re.compile(
    r"\s*(?:in|on|at|after|during|before|with|by|from|for)\s+(?:[\w'-]+\s+){1,8}?(?P<subject>(?:the|a|an|his|her|"
    r"its)\s+[a-z][\w'-]*(?:\s+[a-z][\w'-]*)?)\s*$",
    re.IGNORECASE,
)
_BOUND = re.compile(
    r"[;:.\"()]|,\s|\s[-–—]\s?|\b(?:but|while|whereas|although|though|because|since|that|which|when|where|whether|"
    r"if|as|and|or|than|so|nor)\s",
    re.IGNORECASE,
)
_PEOPLE = lexicon.words("people", "speakers")
_TRAILING = re.compile(r"\s+(?:in\s+particular|alike|too|as\s+well|for\s+(?:his|her|its|their)\s+part)$")
_JOINED = re.compile(r"(?:^|[,;:.]\s+|\b(?:but|while|that)\s+)(?P<first>(?:\w+\s+){0,2}[\w'-]+)\s+and\s+$")
_LEADING = re.compile(
    r"(?:\s*(?:especially|particularly|even|only|yet|still|so|then|now|perhaps|in\s+short|in\s+fact|what|as)\s+)*",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r"\s+(?:who|of|in|at|from|for|on|with|to|near|around)\s.*$")
_SPEAKING_IT = re.compile(
    r"\s+(?:\w+\s*(?:,|that\b)|(?:promised|said|announced|added|warned|denied|insisted|argued|pledged|vowed)\b)"
)
"""What must follow "it" so that it is a speaker."""
_LONGEST = 12
"""Maximum number of words of a speaker's name and description."""


class Report(NamedTuple):
    """A speaker who says or thinks something; ``start`` and ``end`` are offsets into the normalized text."""

    speaker: str
    """The speaker as the text names it; empty if the text names nobody ("reportedly")."""
    start: int
    end: int


@annotation
def find_reports(parsed: ParsedText) -> tuple[Report, ...]:
    """Return the reports of a sentence, in text order."""
    text = parsed.normalized
    found = [*_sources(text), *_inverted(text), *_spoken(text), *_narrated(text)] or [*_announced(text)]
    return tuple(sorted(found, key=lambda report: report.start))


def is_generic_speaker(phrase: str) -> bool:
    """Whether a phrase is a single word for people or an office in general: "Protesters", "Management"."""
    return phrase.lower() in _PEOPLE


def _sources(text: str) -> Iterator[Report]:
    for match in _SOURCE.finditer(text):
        group = match.lastgroup or ""
        speaker = {"judge": f"the {match[group]}", "unnamed": "", "whose": _POSSESSORS.get(match[group], "")}.get(
            group, match[group].strip()
        )
        yield Report(speaker, *match.span(group))


def _narrated(text: str) -> Iterator[Report]:
    for match in _NARRATES.finditer(text):
        yield Report(f"the {match['narrator']}", match.start(), match.end("narrator"))


def _announced(text: str) -> Iterator[Report]:
    """Yield the subject of a sentence that announces something in passing: "sent out a release announcing that"."""
    match = _ANNOUNCING.search(text)
    opening = _OPENING.match(text)
    if match and opening and _can_speak(opening["speaker"]):
        yield Report(opening["speaker"], *opening.span("speaker"))


def _inverted(text: str) -> Iterator[Report]:
    for match in _INVERTED.finditer(text):
        speaker = _AFTERWARDS.sub("", match["speaker"])
        if _is_somebody(speaker):
            yield Report(speaker, match.start("speaker"), match.start("speaker") + len(speaker))


def _spoken(text: str) -> Iterator[Report]:
    previous: Report | None = None
    for match in _SPOKEN.finditer(text):
        verb = match["verb"] or match["going"] or match["state"]
        if text.count('"', 0, match.start()) % 2:  # it is part of a quotation, not of the article's own words
            continue
        if match["verb"] and re.search(
            r"\b(?:is|are|was|were|be|been|being|to|not\s+to|a|an|the|of|its|their|his)\s+(?:\w+ly\s+)?$",
            text[: match.start()],
        ):
            continue
        subject = _subject(text, match.start("between"))
        if subject is None and previous and re.search(r"\b(?:and|but)\s+$", text[: match.start("between")]):
            subject = (previous.start, previous.end)
        if subject is None:
            continue
        start, end = subject
        report = Report(text[start:end], start, end)
        is_strict = "_".join(verb.split()) in _STRICT
        if _can_speak(report.speaker, text[end:]) or (is_strict and _is_somebody(report.speaker)):
            previous = report
            yield report


def _subject(text: str, end: int) -> tuple[int, int] | None:
    """Return the offsets of the subject of the verb that follows ``end``, or None."""
    before = text[:end].rstrip()
    if before.endswith(","):  # an apposition stands between
        opening = before[:-1].rfind(", ")
        if opening < 0:
            return None
        name = _NAME.fullmatch(before, opening + 2, len(before) - 1)
        if name:  # "the education secretary, Fiona Adeyemi, thinks"
            return name.span()
        before = before[:opening]  # "Elbridge Colby, the undersecretary, says"
    start = max((match.end() for match in _BOUND.finditer(before)), default=0)
    start += len(_LEADING.match(before[start:])[0])  # type: ignore[index]
    joined = _JOINED.search(before[:start])
    if joined and _can_speak(joined["first"]):
        start = joined.start("first")
    inside = _IN_SPEECH.match(before, start)
    if inside:  # "in a speech on Wednesday the minister promised"
        start = inside.start("subject")
    phrase = before[start:]
    trailing = _TRAILING.search(phrase)
    if trailing:
        phrase = phrase[: trailing.start()]
    begin = start + len(phrase) - len(phrase.lstrip())
    stop = start + len(phrase.rstrip())
    return (begin, stop) if begin < stop else None


def _is_somebody(phrase: str) -> bool:
    """Whether a phrase has content words and is short enough to be a name or a description."""
    words = phrase.lower().split()
    told = [word for word in words if word not in FUNCTION_WORDS]
    return bool(told) and len(words) <= _LONGEST and words[-1] not in FUNCTION_WORDS and not words[-1].endswith("ing")


def _can_speak(phrase: str, rest: str = "") -> bool:
    """Whether a phrase names somebody who can say or think: a person, people, an office or a country.

    ``rest`` is the text that follows. "It" can speak only before certain verbs and in parentheses, as in "will, it
    argues, decide".
    """
    head = _RELATIVE.sub("", phrase).strip()
    words = head.lower().replace("'s", "").split()
    if not words or (words[-1] in FUNCTION_WORDS and words[-1] not in _PEOPLE | SPEAKING_PRONOUNS):
        return False
    if words == ["it"]:
        return _SPEAKING_IT.match(rest) is not None
    if words[-1] in _PEOPLE or (words[0] in {"some", "many", "most", "others"} and len(words) == 1):
        return True
    if re.search(r"(?:ists|icians|ologists)$", words[-1]):
        return True
    names = find_names(parse(phrase))
    last = head.split()[-1]
    if not (last[:1].isupper() and not head.endswith("'s")):
        of = re.match(r"(?:about|around|some|nearly|most|more than|over|\d|half|two|a )", phrase.lower())
        return bool(of) and any(name.people for name in names)
    return any(not is_thing(name) or name.acronym for name in names) or len(words) == 1
