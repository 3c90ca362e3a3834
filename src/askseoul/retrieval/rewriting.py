"""Query rewriting: a question that depends on the conversation becomes one that can be understood alone.

The rules use three parts of the conversation: the antecedent of a pronoun ("why did he do that?"), the question that a
fragment varies ("and in 2023?", "what about Japan?"), and the clause that a bare question word continues ("why?"). A
question that can be understood alone is left unchanged, because a new topic must not inherit the old one.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from askseoul.errors import GeneratorError
from askseoul.models.chat_reply import after_thoughts
from askseoul.models.generator import Generator, fill_prompt
from askseoul.nlp import lexicon
from askseoul.nlp.entities import Name, find_names, is_country, is_thing
from askseoul.nlp.quantities import Quantity, find_figures
from askseoul.nlp.text import IRREGULAR_STEMS, ParsedText, normalize, parse, split_sentences
from askseoul.retrieval.conversation import (
    AUXILIARY,
    INTERROGATIVE,
    POSSESSIVE,
    PREPOSITION,
    PRONOUN,
    QUESTION_WORD,
    ParsedTurn,
    Turn,
    answered_person,
    insert_object,
    merge_adjacent_names,
    resolve_pronouns,
    unresolved_pronouns,
)
from askseoul.retrieval.question import read_question
from askseoul.verification.guards import content_share, unsupported_names

MAX_TOKENS: Final = 120
MAX_CHARACTERS: Final = 400
"""Maximum length of a question that a generator rewrites, in tokens and in characters."""
MIN_CONTENT_SHARE: Final = 0.75
"""Minimum share of such a question's content that the conversation must contain."""

_LONG_WORDS: Final = 30
"""Words from which a message is more than a question."""
_SHOUTED_WORDS: Final = 3
_MOST_ASKING: Final = 3
"""Sentences that ask in a message; one with more is left as it is."""
_SALUTATION = re.compile(
    rf"^\W*(?:dear|{lexicon.pattern('questions', 'salutations')})\b[^,.!?\n]{{0,40}}[,.!\n]\s*(?=\w)", re.IGNORECASE
)
_SMALL_BEGINS = re.compile(r"(?<=\w\w[.!?])\s+(?=[a-z])")
_ASKS = re.compile(rf"[?？]\W*$|^\W*(?:{lexicon.pattern('questions', 'commands')}|{QUESTION_WORD})\b", re.IGNORECASE)
_POINTING_WORDS = (
    r"\s+(?:is|was|did)\s+(?:(?:that|this)(?:\s+(?:happen|so|then))?|it\s+(?:happen|so|then)|(?<=when\swas\s)it)"
)
_CONNECTOR = re.compile(rf"^\W*(?:(?:{lexicon.pattern('questions', 'connectors')})\b[\s,]*)+", re.IGNORECASE)
_ABOUT = re.compile(r"^(?:what|how) about\s+", re.IGNORECASE)
_CLAUSE = re.compile(rf"\b(?:{AUXILIARY})\b", re.IGNORECASE)
_CONTRACTION = re.compile(rf"\b({QUESTION_WORD})'(s|re)\b", re.IGNORECASE)
_SUBJECT_QUESTION = re.compile(
    rf"^(?:(?:who|what|which|whose)\b(?:\s+(?!(?:{PREPOSITION})\b)[\w'-]+){{3,}}"
    rf"|how (?:many|much)\b(?:\s+(?!(?:{PREPOSITION})\b)[\w'-]+){{2,}})",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    rf"^(?:please\s+)?(?:{lexicon.pattern('questions', 'commands', 'other_commands', 'greetings')})\b", re.IGNORECASE
)
"""Openings of requests without a question word, and of messages that ask for nothing."""
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
"""Matches a clause that begins with a participle or a preposition, as after a subject and "are" or "have"."""
_PHRASE_START = re.compile(rf"(?:{AUXILIARY}|{PREPOSITION}|{QUESTION_WORD})$", re.IGNORECASE)
_DENIAL = re.compile(r"\b(?:not|no|never|without|neither|nor|cannot)\b|n't\b", re.IGNORECASE)
_ORDINALS = lexicon.pattern("questions", "ordinals")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A question that can be understood alone, in place of one that depends on the conversation."""

    question: str
    certain: bool
    """Whether the original can't be understood alone; if it may be, the original is tried first."""


def rewrite_by_rule(question: str, turns: Sequence[Turn]) -> Rewrite | None:
    """Rewrite a question after these turns by rule; None if it can be understood alone."""
    earlier: list[ParsedTurn] = []  # latest first
    for turn in turns:  # a turn may itself depend on those before it
        full = _rewrite(turn.question, earlier)
        asked = normalize(full.question if full else turn.question).strip().rstrip("?!. ")
        earlier.insert(0, ParsedTurn(parse(asked), parse(turn.answer)))
    return _rewrite(question, earlier)


def rewrite_with_generator(generator: Generator, question: str, turns: Sequence[Turn]) -> str | None:
    """Have a generator rewrite a question; None if it fails or its result is not accepted.

    Accepted is a question other than the original whose names, numbers and most other words are in the conversation or
    the original, and which keeps the content words and dates of the original.
    """
    conversation = [{"question": turn.question, "answer": turn.answer} for turn in turns]
    system = fill_prompt("rewrite_system")
    user = fill_prompt(
        "rewrite_user",
        conversation=json.dumps(conversation, ensure_ascii=False, indent=1),
        question=json.dumps(question, ensure_ascii=False),
    )
    try:
        pieces = generator.reply(system, user, maximum_tokens=MAX_TOKENS)
        reply = "".join(piece for piece in pieces if isinstance(piece, str))
    except GeneratorError as error:
        logger.warning("The question is rewritten by rule: %s", error)
        return None
    lines = after_thoughts(reply).strip().splitlines()
    rewritten = lines[0].strip(" \"'“”*") if lines else ""
    said = [text for turn in turns for text in (turn.question, turn.answer)] + [question]
    if not rewritten or len(rewritten) > MAX_CHARACTERS or content_share(rewritten, said) < MIN_CONTENT_SHARE:
        return None
    original, parsed = parse(question), parse(rewritten)
    figures, sources = find_figures(parsed), [parse(text) for text in said]
    is_same = _sentence(original.normalized).casefold() == _sentence(parsed.normalized).casefold()
    lacks_date = any(not any(map(date.matches, figures.dates)) for date in find_figures(original).dates)
    if is_same or lacks_date or original.content_stems - parsed.stems:
        return None
    if unsupported_names(parsed, sources, [])[0] or not all(_is_said(each, sources) for each in figures.quantities):
        return None
    asked = {_DENIAL.search(each.normalized) is not None for each in (original, parse(turns[-1].question))}
    if (_DENIAL.search(parsed.normalized) is not None) not in asked or not read_question(rewritten).is_question:
        return None
    return _sentence(rewritten)


def asked_part(message: str) -> str:
    """Return what a message asks: of a long one the sentences that ask, with the one before each that leans on it, and
    a message in capitals in small letters, since capitals mark no names there."""
    if message.isupper() and len(message.split()) >= _SHOUTED_WORDS:
        message = message.lower()
    message = _SALUTATION.sub("", message) or message
    spans = split_sentences(message)
    # Whoever writes without capitals still ends sentences.
    sentences = [part for span in spans for part in _SMALL_BEGINS.split(message[span.start : span.end])]
    asking = [place for place, sentence in enumerate(sentences) if _ASKS.search(sentence)]
    if len(message.split()) < _LONG_WORDS or not asking or len(asking) > _MOST_ASKING:
        return message
    leaning = {place - 1 for place in asking if place and depends_on_context(sentences[place])}
    kept = [sentences[place] for place in sorted({*asking, *leaning})]
    return " ".join(dict.fromkeys(kept))


def depends_on_context(question: str) -> bool:
    """Whether a question can't be understood alone: it is a fragment, or has a pronoun without an antecedent."""
    bare, connected = _without_connector(question)
    fragment = _ABOUT.match(bare) is not None or _is_fragment(bare, connected=connected)
    return fragment or next(unresolved_pronouns(parse(bare)), None) is not None


def named_in_fragment(question: str) -> str | None:
    """Return what a message without a clause names, such as "the pier" in "and the pier?"; None for any other."""
    bare, connected = _without_connector(question)
    named = _ABOUT.sub("", bare)
    is_fragment = named != bare or _is_fragment(bare, connected=connected)
    if not is_fragment or re.match(rf"(?:{QUESTION_WORD})\b", named, re.IGNORECASE):
        return None
    return re.sub(rf"^(?:{PREPOSITION})\s+", "", named, flags=re.IGNORECASE).rstrip("?!. ") or None


def _rewrite(question: str, earlier: Sequence[ParsedTurn]) -> Rewrite | None:
    bare, connected = _without_connector(question)
    if not earlier or not re.search("[A-Za-z0-9]", bare):
        return None
    if _ABOUT.match(bare):
        return Rewrite(_sentence(_varied(_ABOUT.sub("", bare), earlier)), certain=True)
    if _is_fragment(bare, connected=connected):
        is_bare = _BARE.match(bare) is not None
        full = _continued(bare, earlier[0]) if is_bare else _varied(_ASKED_WHERE.sub("", bare), earlier)
        opening = re.match(rf"(?:{PREPOSITION})\b", bare, re.IGNORECASE) is not None
        return Rewrite(_sentence(full), certain=is_bare or connected or opening)
    parsed = parse(bare)
    pronouns = list(unresolved_pronouns(parsed))
    resolved = resolve_pronouns(bare, pronouns, earlier)
    if not pronouns or resolved is None:
        return None
    figures = find_figures(parsed)
    return Rewrite(_sentence(resolved), certain=not (find_names(parsed) or figures.dates or figures.quantities))


def _without_connector(question: str) -> tuple[str, bool]:
    """Return the normalized question without an initial connector ("and"), and whether it had one.

    Contractions of a question word are expanded: "what's" becomes "what is".
    """
    long = _CONTRACTION.sub(
        lambda short: f"{short[1]} {'is' if short[2].lower() == 's' else 'are'}", normalize(question).strip()
    )
    bare = _CONNECTOR.sub("", long).strip() or long
    return bare, bare != long


def _is_fragment(bare: str, *, connected: bool) -> bool:
    """Whether a question has no clause of its own."""
    if _REQUEST.match(bare) or _has_verb(bare):
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
    """Whether a question word is the subject of a full verb: "who deployed it", "what happened"."""
    asking = re.match(r"(?:who|what|which|whose|how (?:many|much))\b(.*)", bare, re.IGNORECASE)
    if asking is None:
        return False
    words = parse(asking[1]).words
    by_form = any(word.lower.endswith("ed") or word.lower in IRREGULAR_STEMS for word in words)
    after_who = re.match(rf"who\s+(?!(?:else|exactly|{PREPOSITION})\b)\w", bare, re.IGNORECASE)
    return by_form or after_who is not None


def _continued(bare: str, last: ParsedTurn) -> str:
    """Return a bare question word with the clause of the last question: "why?" after "Whom did Lee call?"."""
    asking = _POINTING.sub("", bare).rstrip("?!. ")
    if re.fullmatch(r"what for|how come|how so", asking, re.IGNORECASE):
        asking = "why"
    order = INTERROGATIVE.match(last.question.normalized)
    if order is None:
        return f"{last.question.normalized} – {asking}"
    rest = _with_asked_noun(order["rest"], order["asked"] or "")
    about_person = re.match(r"who|whom", order["asked"] or "", re.IGNORECASE)
    person = answered_person(last) if about_person and not re.match("who", asking, re.IGNORECASE) else None
    if person and re.match(
        r"(?:do|does|did|will|would|can|could|should|has|have|had)$", order["auxiliary"], re.IGNORECASE
    ):
        rest = insert_object(rest, person, last.question)
    return f"{asking} {order['auxiliary'].lower()} {rest}"


def _with_asked_noun(rest: str, asked: str) -> str:
    """Insert the noun that a question asks for into its clause.

    "How many people did the ferry carry in 2022?" gives "the ferry carry people in 2022", and "How many people are
    stationed in Korea?" gives "people stationed in Korea".
    """
    noun = re.match(r"(?:how (?:many|much)|which|what)\s+(?P<noun>[a-z][\w' -]*?)\s*$", asked, re.IGNORECASE)
    if noun is None:
        return rest
    if _WITHOUT_SUBJECT.match(rest):
        return f"{noun['noun']} {rest}"
    clause = parse(rest)
    names = find_names(clause)
    begin = clause.words[names[0].last].end if names else 0
    preposition = re.search(rf"\s(?:{PREPOSITION})\s", rest[begin:], re.IGNORECASE)
    end = begin + preposition.start() if preposition else len(rest)
    return f"{rest[:end]} {noun['noun']}{rest[end:]}"


def _varied(fragment: str, earlier: Sequence[ParsedTurn]) -> str:
    """Return the last question with the fragment in place of what it varies."""
    question, last = earlier[0].question, earlier[0].question.normalized
    fragment = fragment.rstrip("?!. ")
    pronouns = list(unresolved_pronouns(parse(fragment)))
    fragment = resolve_pronouns(fragment, pronouns, earlier) or fragment
    parsed = parse(fragment)
    dates = find_figures(question).dates
    if find_figures(parsed).dates and not find_names(parsed):
        if not dates:
            return f"{last} {fragment}"
        lead = re.search(rf"\b(?:{PREPOSITION})\s+$", last[: dates[-1].start], re.IGNORECASE)
        start = lead.start() if lead and re.match(rf"(?:{PREPOSITION})\b", fragment, re.IGNORECASE) else dates[-1].start
        return last[:start] + fragment + last[dates[-1].end :]
    ordinal = re.search(rf"\b(?:{_ORDINALS})\b", fragment, re.IGNORECASE)
    if ordinal and len(fragment.split()) <= 3 and re.search(rf"\b(?:{_ORDINALS})\b", last, re.IGNORECASE):
        return re.sub(rf"\b(?:{_ORDINALS})\b", ordinal[0], last, count=1, flags=re.IGNORECASE)
    varied = _with_same_head(parsed, question)
    if varied is None and any(match[0].lower() in POSSESSIVE for match in pronouns):
        return f"What is {fragment}"
    return varied or _with_name(parsed, question) or f"{last} – {fragment}"


def _with_same_head(fragment: ParsedText, question: ParsedText) -> str | None:
    """Replace the noun phrase with the same head: "South Korea's most important partner" by "its largest partner"."""
    own, words, text = fragment.words, question.words, question.normalized
    if not own or not own[-1].content or own[-1].text[0].isupper():
        return None
    heads = [n for n, word in enumerate(words) if word.stem == own[-1].stem]
    if not heads:
        return None
    start = heads[-1]
    while start > 0 and not _PHRASE_START.match(words[start - 1].lower):
        start -= 1
    return text[: words[start].start] + fragment.normalized + text[words[heads[-1]].end :]


def _with_name(fragment: ParsedText, question: ParsedText) -> str | None:
    """Replace the last name of the same category, or the one after the same preposition, by the fragment."""
    names = find_names(fragment, (question,))
    if not names:
        return None
    category = _category(names[0])
    words, last, replacement = question.words, question.normalized, fragment.normalized
    preposition = re.match(rf"({PREPOSITION})\b", replacement, re.IGNORECASE)
    found = []
    for name in merge_adjacent_names(question, (fragment,)):
        start = words[name.first].start
        lead = re.search(rf"\b({PREPOSITION})\s+(?:the\s+)?$", last[:start], re.IGNORECASE)
        same = bool(preposition and lead and lead[1].lower() == preposition[1].lower())
        if same or _category(name) == category:
            if preposition and lead:
                start = lead.start()
            elif re.match(r"the\b", replacement, re.IGNORECASE) and last[:start].lower().endswith("the "):
                start -= len("the ")
            elif re.search(r"\bthe\s+[a-z]+\s+$", last[:start]):  # "the Orion" for the "Mara" of "the ferry Mara"
                replacement = re.sub(r"^the\s+", "", replacement, flags=re.IGNORECASE)
            found.append((same, start, words[name.last].end))
    if not found:
        return None
    _, start, end = max(found)
    keeps_possessive = preposition is None or not last[end:].startswith("'s")
    return last[:start] + replacement + last[end if keeps_possessive else end + len("'s") :]


def _category(name: Name) -> str:
    if is_thing(name):
        return "thing"
    return "country" if is_country(name) else "person"


def _is_said(quantity: Quantity, texts: Sequence[ParsedText]) -> bool:
    return quantity.referring or any(
        quantity.matches(other) for text in texts for other in find_figures(text).quantities
    )


def _sentence(text: str) -> str:
    plain = " ".join(text.split()).rstrip("?!., ")
    return plain[:1].upper() + plain[1:] + "?"
