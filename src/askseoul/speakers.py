"""Who it is that speaks in a reported sentence: by the fullest name that the article gives, a pronoun resolved."""

from __future__ import annotations

import re
from typing import Final

from askseoul.names import TITLES, is_country, is_person, names_of
from askseoul.speech import PRONOUNS, Report, is_of_people, reports_in
from askseoul.surroundings import Surroundings
from askseoul.words import FUNCTION_WORDS, fold, word_set, words_of

SENTENCES_BACK: Final = 3
"""Sentences before this one in which the person is looked for whom a pronoun speaks of."""
_RANKS = word_set(
    """US UN EU UK Executive Officer Attorney Justice Gov Sen Rep Spokesman Spokeswoman Councillor Judge Detective
    Inspector Sergeant Coach Bishop Archbishop Sheikh Analyst Economist Lieutenant Commissioner Schoolteacher
    Historian"""
)
"""Words before a person's name that are no part of it, beside titles."""
_CAPITAL = r"(?:\b(?:van|von|de|der|den|del|da|di|al|bin) )?[^\W\d_a-z][\w'-]*"
_PERSON = r"[^\W\d_a-z][\w'-]*(?:\s+(?:(?:van|von|de|der|den|del|da|di|al|bin|la|le)\s+)?[^\W\d_a-z][\w'-]*)+"
_OFFICE = re.compile(
    r"(?:[Tt]he|[Ii]ts|[Hh]is|[Hh]er|[Tt]heir)\s+(?!author|commentary|article|report|public|same|most)"
    r"(?P<role>(?:[\w-]+\s+)?[a-z][\w-]+)"
)
_PERSONAL = {"he", "she", "him", "her"}
_TAIL = re.compile(r"\s+(?:of|at|from|in|for)\s.*$")
_OF = re.compile(r"\b(?:of|at|in|from|for|with|and)\s+$")
_CAPITALS = re.compile(rf"(?:{_CAPITAL} ?)+$")


def speaker_of(report: Report, around: Surroundings, place: int) -> str | None:
    """Who is reported: a person by the fullest name that the article gives, others in its words."""
    words = report.speaker.lower()
    if not words:
        return None
    if words in PRONOUNS:
        return _antecedent(words, around, place, report.start) or words
    named = _holder_of(report.speaker, around)
    if named is not None:
        return named
    head = _TAIL.sub("", report.speaker)
    named = head if re.search(rf"{_CAPITAL} {_CAPITAL}$", head) else report.speaker
    run = _CAPITALS.search(named)
    if report.start == 0 and is_of_people(report.speaker):
        return report.speaker[:1].lower() + report.speaker[1:]
    if run is None or _OF.search(named[: run.start()]):
        is_named = any(name.first == 0 for name in names_of(report.speaker))
        return report.speaker if is_named else report.speaker[:1].lower() + report.speaker[1:]
    return _full_name(_untitled(run[0].split()), around, place)


def _holder_of(phrase: str, around: Surroundings) -> str | None:
    """Who holds an office that is only named ("the governor"), where the article tells it beside the office."""
    office = _OFFICE.fullmatch(phrase)
    if office is None:
        return None
    text = fold(around.article.text[around.spans[0].start : around.spans[-1].end])
    role = re.escape(office["role"])
    for pattern in (rf"\b{role},?\s+({_PERSON})", rf"({_PERSON}),\s+(?:\w+\s+){{0,4}}{role}\b"):
        found = re.search(pattern, text)
        if found:
            return found[1]
    return None


def _antecedent(pronoun: str, around: Surroundings, place: int, start: int) -> str | None:
    """Whom a pronoun at this offset of its sentence speaks of: a person named before, or who was reported last."""
    earlier = range(place - 1, max(place - 1 - SENTENCES_BACK, -1), -1)
    for before in earlier:
        for report in reports_in(around.sentence(before)):
            if report.speaker and report.speaker.lower() not in PRONOUNS:
                speaker = speaker_of(report, around, before)
                if speaker and (pronoun not in _PERSONAL or re.match(rf"{_CAPITAL}(?: {_CAPITAL})+$", speaker)):
                    return speaker
    if pronoun not in _PERSONAL:
        return None
    for before in (place, *earlier):
        sentence = around.sentence(before)[: start if before == place else None]
        words = words_of(sentence)
        for name in names_of(sentence):
            if is_person(name):
                named = sentence[words[name.first].start : words[name.last].end]
                return _full_name(_untitled(named.split()), around, before)
    return None


def _full_name(words: list[str], around: Surroundings, place: int) -> str:
    """The longest form in which the article names somebody, up to here or else anywhere near."""
    own = " ".join(words)
    if len(words) != 1 or any(is_country(name) for name in names_of(own)):
        return own
    name = re.escape(words[0])
    text = fold(around.article.text[around.spans[0].start : around.spans[-1].end])
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
