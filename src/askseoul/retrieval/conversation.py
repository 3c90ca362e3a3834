"""Conversation: earlier questions and answers, and the coreference of pronouns with them.

``read_turns`` converts the ways in which chat components, programs and files keep a conversation into turns.

``resolve_pronouns`` replaces the pronouns of a question by their antecedents. "He" is the person whom the last question
names, or who answers it; "they" and "it" are what it asks about; "do that" is the action that it describes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from askseoul.domain import Answer
from askseoul.errors import UsageError
from askseoul.nlp import lexicon
from askseoul.nlp.entities import TITLES, Name, find_names, is_country, is_person, is_thing
from askseoul.nlp.text import ParsedText, parse

MAX_TURNS: Final = 4
"""Number of turns that are kept: the last ones."""

AUXILIARY = lexicon.pattern("questions", "be", "do", "have", "modals", "other_auxiliaries")
QUESTION_WORD = lexicon.pattern("questions", "question_words")
PREPOSITION = lexicon.pattern("questions", "prepositions")
INTERROGATIVE = re.compile(  # the question phrase, the auxiliary and the rest
    rf"^(?P<asked>(?:(?:{PREPOSITION})\s+)?(?:{QUESTION_WORD})\b.*?\s)?(?P<auxiliary>{AUXILIARY})\s+(?P<rest>.+)$",
    re.IGNORECASE,
)
PRONOUN = re.compile(
    r"\b(?:(?P<person>he|him|she|his|her|hers)|(?P<plural>they|them|their|theirs|these|those)"
    r"|(?P<thing>it|its|this|that)|(?P<place>there))\b",
    re.IGNORECASE,
)
POSSESSIVE = {"his", "her", "hers", "its", "their", "theirs"}
_OBJECTS = {"them", "those", "these"}
_BE = "is|was|be|been|being"
_NOT_OF_A_THING = r"(?!(?:not\s+)?(?:going|supposed|expected|meant|able|used|planning|trying|ready|likely|close)\b)"
_NO_REFERENCE = re.compile(
    r"\b(?:is|was|are|were|been?|be)\s+there\b|\bthere\s+(?:is|are|was|were|been?|has|have|will|can|may)\b"
    rf"|\bit\s+(?:is\s+|was\s+|be\s+)?(?:true|possible|likely|clear|said|that|rain|snow|take|takes|took)\b|\bworth\s+it\b"
    rf"|\b(?:{_BE})\s+it\s+{_NOT_OF_A_THING}(?:[\w-]+\s+){{1,3}}?(?:to|that|whether)\b"
    rf"|\bit\s+(?:{_BE}|seems?|becomes?|became)\s+{_NOT_OF_A_THING}(?:[\w-]+\s+){{1,3}}?(?:to|that|whether)\b"
    r"|\b(?:finds?|found|makes?|made)\s+it\s+[\w-]+\s+(?:to|that|for)\b"
    r"|\b(?:th(?:at|is|ese|ose))\s+(?!(?:is|was|are|were|has|have|had|do|does|did|will|would|can|could|mean|show|affect|"
    r"last|end|cost|start|begin|stop|matter|happen|help|change|work|so|important|true|possible|relevant|significant|new|good|bad|right|wrong)\b)[a-z]"
    r"|\b(?:said|says?|say|stat(?:e|ed)|argues?|argued|think|thinks|claim(?:s|ed)?|so|know|believes?)\s+that\b",
    re.IGNORECASE,
)
"""Pronouns without an antecedent: "is there", "it is hard to tell", "this year", "said that"."""
_DO_THAT = re.compile(r"\b(?:do|does|did|doing|done)\s+(?:that|this|so|it)\b(?=\W*$)", re.IGNORECASE)
_HAPPENING = re.compile(r"^\s+(?:last|end|cost|start|begin|stop|happen|matter|take)\b", re.IGNORECASE)
_PLURAL_NOUN = re.compile(r"[a-z]{2,}(?:[^sui]s|ies)$")
_CLAUSE = re.compile(rf"\b(?:{AUXILIARY})\b", re.IGNORECASE)
_BARE_PLURAL = re.compile(r"\b(?:[A-Za-z]{4,} )?[a-z]{3,}(?:[^sui]s|ies)\b")
_NEW_CLAUSE = re.compile(r",|\b(?:and|but|or|while|when|because|after|before|since|if|that|which|who|whom|as|though)\b")
_MEASURE = re.compile(r"\b(?:country|nation|year|day|month|share|percentage|number|date|person|time)\b")
_OWNED = re.compile(r"\b[A-Z][\w-]*(?: [A-Z][\w-]*)*'s [\w-]+(?: of [\w-]+(?: [\w-]+)?)?")
_PHRASE_END = re.compile(rf"(?:{AUXILIARY}|{PREPOSITION}|{QUESTION_WORD}|and|or|that|the)$", re.IGNORECASE)
_QUOTED = re.compile(r"\"[^\"]*\"")


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question and the text of its answer, which may be empty."""

    question: str
    answer: str = ""


class ParsedTurn(NamedTuple):
    """An earlier turn, parsed; the question is without its final punctuation."""

    question: ParsedText
    answer: ParsedText


def read_turns(history: Sequence[Any]) -> list[Turn]:
    """Return the last MAX_TURNS turns of a conversation, oldest first.

    Each item is an ``Answer``, an exported answer, the text of a question, a pair of question and answer, or a chat
    message ``{"role": "user" or "assistant", "content": text}``. Raises UsageError for anything else.
    """
    if isinstance(history, str | Mapping) or not isinstance(history, Sequence):
        raise UsageError(f"history is {type(history).__name__}: give a list of earlier questions, oldest first.")
    turns: list[Turn] = []
    for index, item in enumerate(history):
        given = item.content if hasattr(item, "content") and hasattr(item, "role") else None
        if isinstance(item, Answer):
            turns.append(Turn(item.rewritten_question or item.question, item.text if item.answered else ""))
        elif isinstance(item, str):
            turns.append(Turn(item))
        elif isinstance(item, Mapping) and isinstance(item.get("question"), str):
            text, full = item.get("text") if item.get("answered", True) else "", item.get("rewritten_question")
            question = full if isinstance(full, str) and full else item["question"]
            turns.append(Turn(question, text if isinstance(text, str) else ""))
        elif (isinstance(item, Mapping) and "role" in item) or given is not None:
            _add_message(turns, item, index)
        elif isinstance(item, Sequence) and len(item) == 2 and all(isinstance(text, str) for text in item):
            turns.append(Turn(*item))
        else:
            raise UsageError(
                f"history[{index}] is {type(item).__name__}: give answers, questions, pairs of question and answer, or "
                'chat messages such as {"role": "user", "content": "…"}.'
            )
    return turns[-MAX_TURNS:]


def _add_message(turns: list[Turn], message: Any, index: int) -> None:  # noqa: ANN401
    """Add a chat message: a user's starts a turn, an assistant's is the answer of the last turn.

    Messages of other roles (system, tool) and messages without content are ignored. Raises UsageError if the content is
    not text.
    """
    if isinstance(message, Mapping):
        role, content = message.get("role"), message.get("content")
    else:
        role, content = message.role, message.content
    if role not in ("user", "assistant") or content is None:
        return
    if isinstance(content, list):  # blocks, as chat components keep them
        texts = [block.get("text") for block in content if isinstance(block, Mapping)]
        content = " ".join(text for text in texts if isinstance(text, str))
    if not isinstance(content, str):
        raise UsageError(f"history[{index}] has no text as its content: give the text of the message.")
    if role == "user":
        turns.append(Turn(content))
    elif turns:
        turns[-1] = Turn(turns[-1].question, content)


def unresolved_pronouns(question: ParsedText) -> Iterator[re.Match[str]]:
    """Yield the pronouns of a question that have no antecedent in the question itself."""
    text, words, names = question.normalized, question.words, find_names(question)
    ignored = [match.span() for match in _NO_REFERENCE.finditer(text)]
    for match in PRONOUN.finditer(text):
        if any(start <= match.start() < end for start, end in ignored):
            continue
        before = [name for name in names if words[name.last].end <= match.start()]
        if match[0].lower() not in POSSESSIVE:  # "What does China think of it?" does not ask what it thinks of itself
            before = [n for n in before if _NEW_CLAUSE.search(text[words[n.last].end : match.start()])]
        if match["person"] and any(is_person(name) for name in before):
            continue
        lead = parse(text[: match.start()])
        several = len(before) > 1 or any(name.people for name in before)
        if match["plural"] and (several or _noun_phrases(lead, plural=True) or _has_plural(lead)):
            continue
        if match["thing"] and (before or re.search(r"\bthe\s+\w+", lead.normalized, re.IGNORECASE)):
            continue
        if match["place"] and before:
            continue
        yield match


def _has_plural(parsed: ParsedText) -> bool:
    """Whether a text has a noun that a later plural pronoun may refer to: "do voters like their …"."""
    nouns = (word.lower for word in parsed.words if word.content and word.text.islower())
    return any(_PLURAL_NOUN.match(noun) or noun == "people" for noun in nouns)


def resolve_pronouns(text: str, pronouns: Sequence[re.Match[str]], earlier: Sequence[ParsedTurn]) -> str | None:
    """Replace the pronouns of a question by their antecedents; None if no antecedent is found.

    ``earlier`` has the latest turn first.
    """
    given = text
    done = _DO_THAT.search(text)
    for match in reversed(pronouns):
        if done and done.start() <= match.start() < done.end():
            action = _last_action(earlier[0])
            text = text[: done.start()] + (action or done[0]) + text[done.end() :]
            continue
        antecedent = next(filter(None, (_antecedent(match, text, turn) for turn in earlier)), None)
        if antecedent is None:
            continue
        if match[0].lower() in POSSESSIVE and not _is_object(match, text):
            antecedent += "'" if antecedent.endswith("s") else "'s"
        text = text[: match.start()] + antecedent + text[match.end() :]
    return None if text == given else text


def _is_object(match: re.Match[str], text: str) -> bool:
    """Whether "her" is an object: no noun follows that she could possess."""
    return (
        match[0].lower() == "her" and re.match(r"\W*$|\s+(?:in|on|at|to|for|about)\b", text[match.end() :]) is not None
    )


def _antecedent(match: re.Match[str], text: str, turn: ParsedTurn) -> str | None:
    question = turn.question.normalized
    if match["person"]:
        named = _first_name(parse(_QUOTED.sub(" ", question)), is_person)
        answered = answered_person(turn)
        return answered or named if re.match(r"who\b", question, re.IGNORECASE) else named or answered
    if match["place"]:
        place = _last_name(turn.question, is_country) or _last_name(turn.answer, is_country)
        return f"in {place}" if place else None
    if match["plural"]:
        return _plural_antecedent(turn, as_object=match[0].lower() in _OBJECTS)
    if match[0].lower() in ("this", "that"):
        return _event(turn.question)
    closing = re.match(r"\W*$", text[match.end() :])
    if (closing or _HAPPENING.search(text[match.end() :])) and not _noun_phrases(turn.question, plural=False):
        event = _event(turn.question)
        if event:
            return event
    return _singular_antecedent(turn, as_owner=match[0].lower() == "its", as_subject=closing is None)


def _plural_antecedent(turn: ParsedTurn, *, as_object: bool) -> str | None:
    """Return the antecedent of "they", or of "them"."""
    phrases = _noun_phrases(turn.question, plural=True)
    runs = [run[0] for run in _BARE_PLURAL.finditer(turn.question.normalized) if not _CLAUSE.search(run[0])]
    bare = [run for run in runs if not any(run in phrase or phrase[4:] in run for phrase in phrases)]
    people = _first_name(turn.question, lambda name: name.people)
    if as_object:
        return next(iter(reversed(phrases[1:] or bare or phrases)), people)
    named, answered = _first_name(turn.question, is_person), answered_person(turn)
    both = f"{named} and {answered}" if named and answered else None
    return next(iter(phrases or bare), people or both)


def _singular_antecedent(turn: ParsedTurn, *, as_owner: bool, as_subject: bool) -> str | None:
    """Return the antecedent of "it", or of "its"."""
    named = _answered_thing(turn) or _last_name(turn.question, is_thing)
    phrases = _noun_phrases(turn.question, plural=False)
    country = (_first_name if as_subject and not as_owner else _last_name)(turn.question, is_country)
    if as_owner:
        return named or country or next(iter(phrases), None)
    telling = [phrase for phrase in phrases if phrase in turn.question.normalized or not _MEASURE.search(phrase)]
    return named or next(iter(telling), None) or country


def _event(question: ParsedText) -> str | None:
    """Return the event that a question is about, for "this" and "that": "Beijing retaliating against Seoul"."""
    happened = re.match(r"what happened\b.*", question.normalized, re.IGNORECASE)
    if happened:
        return happened[0][:1].lower() + happened[0][1:]
    order = INTERROGATIVE.match(question.normalized)
    clause = parse(order["rest"]) if order else question
    names = find_names(clause, (question,))
    if order is None or not names or names[0].first != 0:
        return None
    rest, auxiliary, words = order["rest"], order["auxiliary"].lower(), clause.words
    end = words[names[0].last].end
    if auxiliary in ("is", "was", "are", "were"):
        return f"{rest[:end]} being{rest[end:]}"
    if auxiliary in ("has", "have", "had"):
        return f"{rest[:end]} having{rest[end:]}"
    verb = names[0].last + 1
    if verb == len(words):
        return None
    return f"{rest[: words[verb].start]}{_participle(words[verb].text)}{rest[words[verb].end :]}"


def _participle(verb: str) -> str:
    """Return the present participle of a verb: "sailing", "retaliating", "stopping"."""
    if re.search(r"[^aeiou][aeiou][^aeiouwxy]$", verb) and len(verb) <= len("plan"):
        return f"{verb}{verb[-1]}ing"
    return re.sub(r"(?<![eoy])e$", "", verb) + "ing"


def _last_action(turn: ParsedTurn) -> str | None:
    """Return the action that a question is about: "call Trump first" of "Whom did Lee call first?"."""
    order = INTERROGATIVE.match(turn.question.normalized)
    if order is None:
        return None
    person = answered_person(turn) if re.match(r"who|whom", order["asked"] or "", re.IGNORECASE) else None
    clause = parse(insert_object(order["rest"], person, turn.question) if person else order["rest"])
    names = find_names(clause, (turn.question,))
    if not names or names[0].first != 0:
        return None
    return clause.normalized[clause.words[names[0].last].end :].strip() or None


def insert_object(clause: str, thing: str, question: ParsedText) -> str:
    """Insert the answer of a question behind the verb of its clause: "Lee call Trump first"."""
    parsed = parse(clause)
    names = find_names(parsed, (question,))
    verb = names[0].last + 1 if names and names[0].first == 0 else 1
    if verb >= len(parsed.words) or thing.lower() in clause.lower():
        return clause
    end = parsed.words[verb].end
    return f"{clause[:end]} {thing}{clause[end:]}"


def answered_person(turn: ParsedTurn) -> str | None:
    """Return the first person that the answer names and the question does not."""
    known = {word for name in find_names(turn.question) for word in name.words}
    return _first_name(turn.answer, lambda name: is_person(name) and not set(name.words) & known)


def _answered_thing(turn: ParsedTurn) -> str | None:
    """Return the name in the answer that has the noun of the question: "Free Trade Agreement" for "which agreement"."""
    asked = re.search(r"\b(?:which|what)\s+([\w-]+)", turn.question.normalized, re.IGNORECASE)
    if asked is None:
        return None
    wanted = parse(asked[1]).stems
    for name in merge_adjacent_names(turn.answer):
        if wanted & parse(name.text).stems:
            return _name_with_article(turn.answer, name)
    return None


def _first_name(parsed: ParsedText, wanted: Callable[[Name], bool]) -> str | None:
    names = (name for name in find_names(parsed) if wanted(name) and not _is_name_of_a_thing(parsed, name))
    return next((_name_with_article(parsed, name) for name in names), None)


def _last_name(parsed: ParsedText, wanted: Callable[[Name], bool]) -> str | None:
    names = [name for name in find_names(parsed) if wanted(name)]
    return _name_with_article(parsed, names[-1]) if names else None


def _is_name_of_a_thing(parsed: ParsedText, name: Name) -> bool:
    """Whether a noun that is not a title precedes the name, as in "the ferry Mara"."""
    before = parsed.normalized[: parsed.words[name.first].start]
    bearer = re.search(r"\b(?:the|a|an|this|that)\s+([a-z]+)\s+$", before)
    return bearer is not None and bearer[1] not in TITLES


def _name_with_article(parsed: ParsedText, name: Name) -> str:
    text, start = parsed.normalized, parsed.words[name.first].start
    article = "the " if not is_person(name) and text[:start].lower().endswith("the ") else ""
    return article + text[start : parsed.words[name.last].end]


def merge_adjacent_names(parsed: ParsedText, others: Sequence[ParsedText] = ()) -> list[Name]:
    """Return the names of a text, with adjacent ones merged: "China-South Korea Free Trade Agreement"."""
    merged: list[Name] = []
    words = parsed.words
    for name in find_names(parsed, others):
        if merged and parsed.normalized[words[merged[-1].last].end : words[name.first].start].strip("- ") == "":
            before = merged.pop()
            both = (*before.words, *name.words)
            merged.append(before._replace(words=both, text=f"{before.text} {name.text}", last=name.last))
        else:
            merged.append(name)
    return merged


def _noun_phrases(parsed: ParsedText, *, plural: bool) -> list[str]:
    """Return the noun phrases of a question in one number, those after "which", "what" and "the" first.

    A phrase begins after a determiner or a possessive and is returned with "the" before it.
    """
    text = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), parsed.normalized)
    question = parse(text)
    found = [] if plural else [match[0] for match in _OWNED.finditer(text)]
    others: list[str] = []
    words = question.words
    # A noun may follow "US" and "Korean"; behind "the ferry Mara" comes the verb.
    ends = {name.last for name in find_names(question) if not is_country(name)}
    start = 0
    while start < len(words):
        opener = words[start].lower
        if opener not in ("which", "what", "the", "some", "many", "those", "these", "its", "their"):
            start += 1
            continue
        end = start + 1
        while (
            end < len(words)
            and not _PHRASE_END.match(words[end].lower)
            and not (words[end].text.islower() and end - 1 in ends)
            and words[end].clause == words[start].clause
        ):
            end += 1
        run = words[start + 1 : end]
        nouns = [n for n, word in enumerate(run) if _PLURAL_NOUN.match(word.lower)]
        if run and (bool(nouns) is plural):
            last = run[nouns[-1]] if plural else run[-1]
            phrase = f"the {text[run[0].start : last.end]}"
            (found if opener in ("which", "what", "the") else others).append(phrase)
        start = max(end, start + 1)
    return found + others
