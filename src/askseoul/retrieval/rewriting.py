"""A question that leans on those before it into one that stands alone, by rule.

Three things are taken from the conversation: what a pronoun speaks of ("why did he do that?"), the question that a
fragment varies ("and in 2023?", "what about Japan?"), and the clause that a bare question word asks on about ("why?").
A question that stands alone is left as it is, whatever came before it: a new topic must not drag the old one along.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from askseoul.errors import GeneratorError
from askseoul.models.generator import Generator, fill_prompt
from askseoul.nlp import lexicon
from askseoul.nlp.entities import Name, find_names, is_country, is_thing
from askseoul.nlp.quantities import Quantity, find_figures
from askseoul.nlp.text import IRREGULAR_STEMS, ParsedText, normalize, parse
from askseoul.retrieval.conversation import (
    AUXILIARY,
    CLAUSE_ORDER,
    POSSESSIVE,
    PREPOSITION,
    PRONOUN,
    QUESTION_WORD,
    Turn,
    answered_person,
    filled,
    joined_names,
    open_pronouns,
    with_object,
)
from askseoul.retrieval.question import read_question
from askseoul.verification.claim import content_share, unsupported_names
from askseoul.verification.negation import negation_fault

REWORDED_TOKENS: Final = 120
LONGEST_REWORDED: Final = 400
"""Tokens and characters of a question in a generator's words."""
LEAST_SAID: Final = 0.75
"""Share of its content that somebody must have said before."""

log = logging.getLogger(__name__)

_POINTING_WORDS = (
    r"\s+(?:is|was|did)\s+(?:(?:that|this)(?:\s+(?:happen|so|then))?|it\s+(?:happen|so|then)|(?<=when\swas\s)it)"
)
_CONNECTOR = re.compile(rf"^\W*(?:(?:{lexicon.pattern('questions', 'connectors')})\b[\s,]*)+", re.IGNORECASE)
_ABOUT = re.compile(r"^(?:what|how) about\s+", re.IGNORECASE)
_CLAUSE = re.compile(rf"\b(?:{AUXILIARY})\b", re.IGNORECASE)
_SHORT = re.compile(rf"\b({QUESTION_WORD})'(s|re)\b", re.IGNORECASE)
_SUBJECT_QUESTION = re.compile(
    rf"^(?:(?:who|what|which|whose)\b(?:\s+(?!(?:{PREPOSITION})\b)[\w'-]+){{3,}}"
    rf"|how (?:many|much)\b(?:\s+(?!(?:{PREPOSITION})\b)[\w'-]+){{2,}})",
    re.IGNORECASE,
)
_ORDER_OF_ITS_OWN = re.compile(
    rf"^(?:please\s+)?(?:{lexicon.pattern('questions', 'commands', 'other_commands', 'greetings')})\b", re.IGNORECASE
)
"""How what asks for something without a question word begins, and what asks for nothing."""
_ASKED_WHERE = re.compile(
    rf"^(?:{QUESTION_WORD})(?:\s+(?:many|much|long|far|often|ones?))?\s+(?=(?:{PREPOSITION})\s)", re.I
)
"""The question word of "how many in Germany?"."""
_BARE = re.compile(
    rf"^(?:(?:{PREPOSITION}|because of|how come)\s+)?(?:{QUESTION_WORD})\b"
    rf"(?:\s+(?:many|much|long|far|often|else|exactly|so|for))?(?:\s+[\w'-]+)?(?:{_POINTING_WORDS})?\W*$",
    re.IGNORECASE,
)
_POINTING = re.compile(rf"{_POINTING_WORDS}\W*$", re.IGNORECASE)
_WITHOUT_SUBJECT = re.compile(rf"(?:been\s+)?(?:[a-z]+(?:ed|ing|wn|en|ght|ld|ade|nt|et)|{PREPOSITION})\b")
"""Begins with a participle or a preposition, as what stands behind a subject and "are" or "have" does."""
_ORDINALS = lexicon.pattern("questions", "ordinals")


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The full question that a follow-up stands for."""

    question: str
    certain: bool
    """Whether the question as it was asked can't be understood alone; else that is tried first."""


def resolve(question: str, turns: Sequence[Turn]) -> FollowUp | None:
    """The full question that this one stands for after these turns; None where it stands alone."""
    understood: list[Turn] = []
    for turn in turns:  # a turn may itself lean on those before it
        full = _resolve(turn.question, understood)
        understood.append(Turn(full.question if full else turn.question, turn.answer))
    return _resolve(question, understood)


def leans_on_others(question: str) -> bool:
    """Whether a question can't be understood alone: it has no clause of its own, or an open pronoun."""
    bare, connected = _without_connector(question)
    fragment = _ABOUT.match(bare) is not None or _is_fragment(bare, connected=connected)
    return fragment or next(open_pronouns(bare), None) is not None


def reword(generator: Generator, question: str, turns: Sequence[Turn]) -> str | None:
    """The full question in a generator's words; None when it is no question, or another one.

    Its names and numbers, and most of its other words, have to stand in the conversation or the question, and what the
    question itself says has to stand in it."""
    conversation = [{"question": turn.question, "answer": turn.answer} for turn in turns]
    system, user = (
        fill_prompt("rewrite_system"),
        fill_prompt(
            "rewrite_user",
            conversation=json.dumps(conversation, ensure_ascii=False, indent=1),
            question=json.dumps(question, ensure_ascii=False),
        ),
    )
    try:
        reply = "".join(generator.reply(system, user, maximum_tokens=REWORDED_TOKENS))
    except GeneratorError as error:
        log.warning("The question is reworded by rule: %s", error)
        return None
    lines = re.sub(r"(?s)\A\s*<think>.*?</think>", "", reply).strip().splitlines()
    reworded = lines[0].strip(" \"'“”*") if lines else ""
    said = [text for turn in turns for text in (turn.question, turn.answer)] + [question]
    if not reworded or len(reworded) > LONGEST_REWORDED or content_share(reworded, said) < LEAST_SAID:
        return None
    folded, conversation_words = parse(reworded), [parse(text) for text in said]
    unsaid = unsupported_names(folded, conversation_words, [])[0] or [
        quantity for quantity in find_figures(folded).quantities if not _is_said(quantity, conversation_words)
    ]
    own = parse(question)
    asked = [own, parse(turns[-1].question)]
    lost = own.content_stems - folded.stems
    lost_date = any(not any(map(date.matches, find_figures(folded).dates)) for date in find_figures(own).dates)
    same = _sentence(own.normalized).casefold() == _sentence(folded.normalized).casefold()
    if unsaid or lost or lost_date or same or negation_fault(folded, asked) or not read_question(reworded).is_question:
        return None
    return _sentence(reworded)


def _is_said(quantity: Quantity, texts: Sequence[ParsedText]) -> bool:
    return quantity.referring or any(
        quantity.matches(other) for text in texts for other in find_figures(text).quantities
    )


def _resolve(question: str, turns: Sequence[Turn]) -> FollowUp | None:
    bare, connected = _without_connector(question)
    if not turns or not re.search("[A-Za-z0-9]", bare):
        return None
    earlier = [
        Turn(normalize(turn.question).strip().rstrip("?!. "), normalize(turn.answer)) for turn in reversed(turns)
    ]
    if _ABOUT.match(bare):
        return FollowUp(_sentence(_varied(_ABOUT.sub("", bare), earlier)), certain=True)
    if _is_fragment(bare, connected=connected):
        asking_on = _BARE.match(bare) is not None
        varied = _asked_on(bare, earlier) if asking_on else _varied(_ASKED_WHERE.sub("", bare), earlier)
        opening = re.match(rf"(?:{PREPOSITION})\b", bare, re.IGNORECASE) is not None
        return FollowUp(_sentence(varied), certain=asking_on or connected or opening)
    pronouns = list(open_pronouns(bare))
    full = filled(bare, pronouns, earlier)
    if not pronouns or full is None:
        return None
    alone = parse(bare)
    own = find_names(alone) or find_figures(alone).dates or find_figures(alone).quantities
    return FollowUp(_sentence(full), certain=not own)


def _without_connector(question: str) -> tuple[str, bool]:
    """The folded question without an "and" in front, "what is" for "what's"; and whether it had one."""
    long = _SHORT.sub(
        lambda short: f"{short[1]} {'is' if short[2].lower() == 's' else 'are'}", normalize(question).strip()
    )
    bare = _CONNECTOR.sub("", long).strip() or long
    return bare, bare != long


def _sentence(text: str) -> str:
    plain = " ".join(text.split()).rstrip("?!., ")
    return plain[:1].upper() + plain[1:] + "?"


def _is_fragment(bare: str, *, connected: bool) -> bool:
    """Whether a question has no clause of its own."""
    if _ORDER_OF_ITS_OWN.match(bare) or _has_verb(bare):
        return False
    if _BARE.match(bare) and len(_POINTING.sub("", bare).split()) <= 4:
        return not _CLAUSE.search(_POINTING.sub("", bare))
    if _CLAUSE.search(bare) or _SUBJECT_QUESTION.match(bare):
        return False
    if re.match(r"(?:who|what|which|how (?:many|much))\s+\w+\s+\w+", bare, re.IGNORECASE) and PRONOUN.search(bare):
        return False  # "who supports them?", "how many people live there?"
    opening = re.match(rf"(?:{PREPOSITION}|the|an?|its|their|his|her|{QUESTION_WORD})\b", bare, re.IGNORECASE)
    return connected or opening is not None or len(bare.split()) <= 3


def _has_verb(bare: str) -> bool:
    """Whether a question word stands with a verb that is no auxiliary: "who deployed it", "what happened"."""
    asking = re.match(r"(?:who|what|which|whose|how (?:many|much))\b(.*)", bare, re.IGNORECASE)
    if asking is None:
        return False
    words = parse(asking[1]).words
    by_form = any(word.lower.endswith("ed") or word.lower in IRREGULAR_STEMS for word in words)
    after_who = re.match(rf"who\s+(?!(?:else|exactly|{PREPOSITION})\b)\w", bare, re.IGNORECASE)
    return by_form or after_who is not None


def _asked_on(bare: str, earlier: Sequence[Turn]) -> str:
    """A bare question word and the clause of the last question: "why?" after "Whom did Lee call?"."""
    last = earlier[0]
    asking = _POINTING.sub("", bare).rstrip("?!. ")
    if re.fullmatch(r"what for|how come|how so", asking, re.IGNORECASE):
        asking = "why"
    order = CLAUSE_ORDER.match(last.question)
    if order is None:
        return f"{last.question} – {asking}"
    rest = _with_asked_noun(order["rest"], order["asked"] or "")
    about_person = re.match(r"who|whom", order["asked"] or "", re.IGNORECASE)
    person = answered_person(last) if about_person and not re.match("who", asking, re.IGNORECASE) else None
    if person and re.match(
        r"(?:do|does|did|will|would|can|could|should|has|have|had)$", order["auxiliary"], re.IGNORECASE
    ):
        rest = with_object(rest, person, last.question)
    return f"{asking} {order['auxiliary'].lower()} {rest}"


def _with_asked_noun(rest: str, asked: str) -> str:
    """The clause of a question with the things that it asked for: "the ferry carry people in 2022" of "How many people
    did the ferry carry in 2022", "people stationed in Korea" of "How many people are stationed in Korea"."""
    noun = re.match(r"(?:how (?:many|much)|which|what)\s+(?P<noun>[a-z][\w' -]*?)\s*$", asked, re.IGNORECASE)
    if noun is None:
        return rest
    if _WITHOUT_SUBJECT.match(rest):
        return f"{noun['noun']} {rest}"
    names = find_names(parse(rest))
    begin = parse(rest).words[names[0].last].end if names else 0
    preposition = re.search(rf"\s(?:{PREPOSITION})\s", rest[begin:], re.IGNORECASE)
    place = begin + preposition.start() if preposition else len(rest)
    return f"{rest[:place]} {noun['noun']}{rest[place:]}"


def _varied(fragment: str, earlier: Sequence[Turn]) -> str:
    """The last question with the fragment in the place of what it varies."""
    last = earlier[0].question
    fragment = fragment.rstrip("?!. ")
    pronouns = list(open_pronouns(fragment))
    fragment = filled(fragment, pronouns, earlier) or fragment
    owned = any(match[0].lower() in POSSESSIVE for match in pronouns)
    dates, own_dates = find_figures(parse(last)).dates, find_figures(parse(fragment)).dates
    if own_dates and not find_names(parse(fragment)):
        if not dates:
            return f"{last} {fragment}"
        lead = re.search(rf"\b(?:{PREPOSITION})\s+$", last[: dates[-1].start], re.IGNORECASE)
        start = lead.start() if lead and re.match(rf"(?:{PREPOSITION})\b", fragment, re.IGNORECASE) else dates[-1].start
        return last[:start] + fragment + last[dates[-1].end :]
    ordinal = re.search(rf"\b(?:{_ORDINALS})\b", fragment, re.IGNORECASE)
    if ordinal and len(fragment.split()) <= 3 and re.search(rf"\b(?:{_ORDINALS})\b", last, re.IGNORECASE):
        return re.sub(rf"\b(?:{_ORDINALS})\b", ordinal[0], last, count=1, flags=re.IGNORECASE)
    varied = _with_same_head(fragment, last)
    if varied is None and owned:
        return f"What is {fragment}"
    return varied or _with_name(fragment, last) or f"{last} – {fragment}"


def _with_same_head(fragment: str, last: str) -> str | None:
    """ "South Korea's largest trading partner" in the place of "South Korea's most important security partner"."""
    own, words = parse(fragment).words, parse(last).words
    if not own or not own[-1].content or own[-1].text[0].isupper():
        return None
    heads = [n for n, word in enumerate(words) if word.stem == own[-1].stem]
    if not heads:
        return None
    start = heads[-1]
    stop = re.compile(rf"(?:{AUXILIARY}|{PREPOSITION}|{QUESTION_WORD})$", re.IGNORECASE)
    while start > 0 and not stop.match(words[start - 1].lower):
        start -= 1
    return last[: words[start].start] + fragment + last[words[heads[-1]].end :]


def _with_name(fragment: str, last: str) -> str | None:
    """The fragment in the place of the last name of its kind, or of the one behind the same preposition."""
    names = find_names(parse(fragment), (parse(last),))
    if not names:
        return None
    kind = _kind(names[0])
    preposition = re.match(rf"({PREPOSITION})\b", fragment, re.IGNORECASE)
    words = parse(last).words
    places = []
    for name in joined_names(last, fragment):
        lead = re.search(rf"\b({PREPOSITION})\s+(?:the\s+)?$", last[: words[name.first].start], re.IGNORECASE)
        same = bool(preposition and lead and lead[1].lower() == preposition[1].lower())
        if same or _kind(name) == kind:
            start = words[name.first].start
            if preposition and lead:
                start = lead.start()
            elif re.match(r"the\b", fragment, re.IGNORECASE) and last[:start].lower().endswith("the "):
                start -= len("the ")
            elif re.search(r"\bthe\s+[a-z]+\s+$", last[:start]):  # "the Orion" for the "Mara" of "the ferry Mara"
                fragment = re.sub(r"^the\s+", "", fragment, flags=re.IGNORECASE)
            places.append((same, start, words[name.last].end))
    if not places:
        return None
    _, start, end = max(places)
    possessive = last[end:].startswith("'s") and not preposition
    return last[:start] + fragment + (last[end:] if possessive or not last[end:].startswith("'s") else last[end + 2 :])


def _kind(name: Name) -> str:
    if is_thing(name):
        return "thing"
    return "country" if is_country(name) else "person"
