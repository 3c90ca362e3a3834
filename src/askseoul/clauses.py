"""A plain English sentence read as subject, verb and rest, where its form tells them for certain.

There is no parser. The verb is the first word that has a verb's form; what stands before it must look like a subject.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from askseoul.inversion import AUXILIARIES, FINITE, is_past, is_verb
from askseoul.names import TITLES, Name
from askseoul.words import FUNCTION_WORDS, fold, word_set, words_of

_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
DAY = rf"(?:\d{{1,2}}\s)?(?:(?:{_MONTH})\s)?(?:\d{{1,2}}(?:st|nd|rd|th)?,?\s)?(?:1[5-9]|20)\d\d(?![-\d])"
"""A date with its year."""
_DATED_OPENING = re.compile(rf"^(?:In|On)\s{DAY},?\s")
BOUND = (
    r"(?:(?:some|about|around|nearly|almost|approximately|roughly|over|more than|at least|up to|an estimated"
    r"|no less than)\s)?"
)
NUMBER = (
    r"(?:\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?(?:\s(?:million|billion))?|(?:hundred|thousand|dozen|million)s\sof"
    r"|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
)
PERCENT = rf"{BOUND}\d+(?:\.\d+)?(?:%| percent| per cent) of (?P<noun>[^,]+?)(?=$|,| and\b)"
_TIMES = "years?|months?|weeks?|days?|hours?|minutes?|times|percent"
THINGS = rf"(?!(?:{_TIMES})\b)(?:[\w-]+ ){{0,3}}?(?:[A-Za-z-]+[a-rt-z]s|people|men|women|children)"
COUNTED = re.compile(rf"{BOUND}{NUMBER} (?P<noun>{THINGS}(?: (?:of|in|from) .+)?)", re.IGNORECASE)
SHARE = re.compile(PERCENT, re.IGNORECASE)
APPOSITION = re.compile(r"^(?P<subject>[A-Z][^,]{2,60}), (?P<told>(?:an?|the|its|one of) [^,]{4,80}), (?P<rest>.+)$")
ROLE = re.compile(
    r"\b(?:president|minister|\w*secretary|senator|governor|mayor|founder|chairm[ae]n|chairwoman|character|mascot|spokes\w+"
    r"|professor|economist|analyst|scientist|historian|journalist|author|writer|poet|act(?:or|ress)|singer|musician"
    r"|composer|vocalist|drummer|guitarist|performer|comedian|player|footballer|coach|jumper|wrestler|boxer|lawyer"
    r"|judge|politician|officer|king|queen|prince|princess|activist|engineer|artist|rapper|songwriter|philosopher"
    r"|physicist|psychologist|diplomat|ambassador|emperor|architect|explorer|business(?:man|woman))\b"
)
"""What only a person is."""
_WITHIN_SUBJECT: Final = word_set("the a an of in on at for and with from to between against")
_ADVERBS: Final = word_set("also still now again once later then soon already nevertheless even only long")
INTENDING: Final = word_set(
    "pledged pledges promised promises wanted wants hoped hopes refused agreed decided planned plans threatened vowed"
    " aims seeks sought tried"
)
"""Before "to do": verbs of wanting and promising."""
_CONNECTIVE = re.compile(
    r"^(?:However|Moreover|Furthermore|Nevertheless|Nonetheless|Still|Instead|Meanwhile|Additionally|In addition"
    r"|In fact|In practice|For instance|For example|As a result|Consequently|Therefore|Hence|Overall|Recently"
    r"|More recently|Today|Historically|Ultimately|In short|Also),\s"
)
BORN = re.compile(r"\((?:born|voiced by|played by|portrayed by)\b|\([^()]*\b1[5-9]\d\d -+ [^()]*\d{4}\)")
"""What in brackets only a person has."""
_FIRST_WORDS: Final = 10
"""Among which the verb must be."""


class Clause(NamedTuple):
    """A sentence in three pieces."""

    subject: str
    """As it stands within a sentence, adverbs left out."""
    verb: str
    rest: str
    is_named: bool
    """Whether the subject is nothing but names."""
    is_person: bool
    """Whether the sentence tells the office or trade of its subject."""


def plain_sentence(sentence: str) -> str | None:
    """A sentence, folded, without brackets, connective and full stop, a date in front moved to its end.

    None for what is no whole statement, and for one that colons or semicolons divide."""
    text = re.sub(r"\s+\([^()]*\)", "", " ".join(fold(sentence).split()))
    if not re.fullmatch(r"[A-Z0-9][^?!:;]*[^.?!:;\"]\.", text):
        return None
    connective = _CONNECTIVE.match(text)
    if connective:
        text = f"{text[connective.end()].upper()}{text[connective.end() + 1 :]}"
    date = _DATED_OPENING.match(text)
    if date and len(text) > date.end() + 1:  # "In 2023 the allies met" as "The allies met in 2023"
        rest = text[date.end() : -1]
        return f"{rest[0].upper()}{rest[1:]} {date[0][0].lower()}{date[0][1:].rstrip(', ')}"
    return text[:-1]


def read_clause(text: str, names: tuple[Name, ...], *, is_person: bool) -> Clause | None:
    """The first clause of such a sentence, where its verb can be told; None where it can't.

    ``names`` are the sentence's; ``is_person`` says that its subject is known to be a person."""
    apposition = APPOSITION.match(text)
    parts = (f"{apposition['subject']} {apposition['rest']}" if apposition else text).split()
    stops = FUNCTION_WORDS - _WITHIN_SUBJECT - _ADVERBS - AUXILIARIES
    place = next((place for place, part in enumerate(parts[:_FIRST_WORDS]) if place and _is_told_by(part)), 0)
    before = [part for part in parts[:place] if part not in _ADVERBS and not re.fullmatch("[a-z]+ly", part)]
    subject, verb = " ".join(before), parts[place]
    counted = COUNTED.fullmatch(subject) or SHARE.fullmatch(subject)
    words = words_of(subject)
    if not words or any(part[-1] in ",;:" for part in before):
        return None
    if not counted and any(word.lower in stops for word in words):
        return None
    named = {n for name in names for n in range(name.first, name.last + 1)}
    is_named = bool(named & set(range(len(words)))) and all(
        n in named or word.lower in {"the", "and"} | TITLES for n, word in enumerate(words)
    )
    if is_past(verb) and not (is_named or counted or verb in FINITE):
        return None  # "the newly elected president": it may be a participle
    titled = is_named and words[0].lower in TITLES
    if not titled and 0 not in named and words[0].text[1:].islower() | (words[0].text == "A"):
        subject = subject[0].lower() + subject[1:]
    role = apposition is not None and ROLE.search(apposition["told"]) is not None
    return Clause(subject, verb, " ".join(parts[place + 1 :]), is_named, is_person or titled or role)


def _is_told_by(part: str) -> bool:
    return is_verb(part) or part in INTENDING
