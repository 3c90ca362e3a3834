"""What was asked and answered before, in whatever form it is handed over.

Chat components, programs and files keep a conversation in different ways; here they become turns.

What the pronouns of a question stand for in the questions and answers before it.

"He" is the person whom the last question names, or with whom it was answered; "they" and "it" are what it asks about;
"do that" is what it says was done.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from askseoul.domain import Answer
from askseoul.errors import UsageError
from askseoul.nlp import lexicon
from askseoul.nlp.entities import TITLES, Name, find_names, is_country, is_person, is_thing
from askseoul.nlp.text import parse

REMEMBERED: Final = 4
"""Turns that are kept, the last ones."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier question and the text of its answer, which may be empty."""

    question: str
    answer: str = ""


def read_turns(history: Sequence[Any]) -> list[Turn]:
    """The turns of a conversation, oldest first.

    Each item is an ``Answer``, an answer as it is exported, a question's text, a pair of question and answer, or a chat
    message ``{"role": "user" or "assistant", "content": text}``. Raises UsageError for anything else.
    """
    if isinstance(history, str | Mapping) or not isinstance(history, Sequence):
        raise UsageError(f"history is {type(history).__name__}: give a list of what was asked before, oldest first.")
    turns: list[Turn] = []
    for place, item in enumerate(history):
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
            _add_message(turns, item, place)
        elif isinstance(item, Sequence) and len(item) == 2 and all(isinstance(text, str) for text in item):
            turns.append(Turn(*item))
        else:
            raise UsageError(
                f"history[{place}] is {type(item).__name__}: give answers, questions, pairs of question and answer, or "
                'chat messages such as {"role": "user", "content": "…"}.'
            )
    return turns[-REMEMBERED:]


def _add_message(turns: list[Turn], message: Any, place: int) -> None:  # noqa: ANN401
    """A chat message: a user's opens a turn, an assistant's answers the last; others (system, tool), and such without
    content, are passed over."""
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
        raise UsageError(f"history[{place}] has no text as its content: give the message's words.")
    if role == "user":
        turns.append(Turn(content))
    elif role == "assistant" and turns:
        turns[-1] = Turn(turns[-1].question, content)


AUXILIARY = lexicon.pattern("questions", "be", "do", "have", "modals", "other_auxiliaries")
QUESTION_WORD = lexicon.pattern("questions", "question_words")
PREPOSITION = lexicon.pattern("questions", "prepositions")
CLAUSE_ORDER = re.compile(  # the question word with what belongs to it, the auxiliary, the rest
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
"""Where such a word points at nothing before it: "is there", "it is hard to tell", "this year", "said that"."""
_DO_THAT = re.compile(r"\b(?:do|does|did|doing|done)\s+(?:that|this|so|it)\b(?=\W*$)", re.IGNORECASE)
_HAPPENING = re.compile(r"^\s+(?:last|end|cost|start|begin|stop|happen|matter|take)\b", re.IGNORECASE)
_PLURAL_NOUN = re.compile(r"[a-z]{2,}(?:[^sui]s|ies)$")
_CLAUSE = re.compile(rf"\b(?:{AUXILIARY})\b", re.IGNORECASE)
_BARE_PLURAL = re.compile(r"\b(?:[A-Za-z]{4,} )?[a-z]{3,}(?:[^sui]s|ies)\b")
_NEW_CLAUSE = re.compile(r",|\b(?:and|but|or|while|when|because|after|before|since|if|that|which|who|whom|as|though)\b")
_MEASURE = re.compile(r"\b(?:country|nation|year|day|month|share|percentage|number|date|person|time)\b")
_OWNED = re.compile(r"\b[A-Z][\w-]*(?: [A-Z][\w-]*)*'s [\w-]+(?: of [\w-]+(?: [\w-]+)?)?")
_QUOTED = re.compile(r"\"[^\"]*\"")


def open_pronouns(text: str) -> Iterator[re.Match[str]]:
    """The pronouns of a question that nothing before them in the question itself explains."""
    idle = [match.span() for match in _NO_REFERENCE.finditer(text)]
    words = parse(text).words
    names = find_names(parse(text))
    for match in PRONOUN.finditer(text):
        if any(start <= match.start() < end for start, end in idle):
            continue
        before = [name for name in names if words[name.last].end <= match.start()]
        if match[0].lower() not in POSSESSIVE:  # "What does China think of it?" does not ask what it thinks of itself
            before = [n for n in before if _NEW_CLAUSE.search(text[words[n.last].end : match.start()])]
        if match["person"] and any(is_person(name) for name in before):
            continue
        several = len(before) > 1 or any(name.people for name in before)
        own = _noun_phrases(text[: match.start()], plural=True) or _has_plural(text[: match.start()])
        if match["plural"] and (several or own):
            continue
        if match["thing"] and (before or re.search(r"\bthe\s+\w+", text[: match.start()], re.IGNORECASE)):
            continue
        if match["place"] and before:
            continue
        yield match


def _has_plural(text: str) -> bool:
    """Whether a noun stands in the text that a plural pronoun behind it may speak of: "do voters like their …"."""
    nouns = (word.lower for word in parse(text).words if word.content and word.text.islower())
    return any(_PLURAL_NOUN.match(noun) or noun == "people" for noun in nouns)


def filled(text: str, pronouns: Sequence[re.Match[str]], earlier: Sequence[Turn]) -> str | None:
    """The text with what its pronouns stand for; None where the conversation tells it of none."""
    given = text
    done = _DO_THAT.search(text)
    for match in reversed(pronouns):
        if done and done.start() <= match.start() < done.end():
            clause = _last_clause(earlier[0])
            text = text[: done.start()] + (clause or done[0]) + text[done.end() :]
            continue
        antecedent = next(filter(None, (_antecedent(match, text, turn) for turn in earlier)), None)
        if antecedent is None:
            continue
        if match[0].lower() in POSSESSIVE and not _is_object(match, text):
            antecedent += "'" if antecedent.endswith("s") else "'s"
        text = text[: match.start()] + antecedent + text[match.end() :]
    return None if text == given else text


def _is_object(match: re.Match[str], text: str) -> bool:
    """Whether "her" is the object form: nothing follows that she could have."""
    return (
        match[0].lower() == "her" and re.match(r"\W*$|\s+(?:in|on|at|to|for|about)\b", text[match.end() :]) is not None
    )


def _antecedent(match: re.Match[str], text: str, turn: Turn) -> str | None:
    if match["person"]:
        named = _first(_QUOTED.sub(" ", turn.question), is_person)
        answered = answered_person(turn)
        return answered or named if re.match(r"who\b", turn.question, re.IGNORECASE) else named or answered
    if match["place"]:
        place = _last_name(turn.question, is_country) or _last_name(turn.answer, is_country)
        return f"in {place}" if place else None
    if match["plural"]:
        return _several(turn, as_object=match[0].lower() in _OBJECTS)
    if match[0].lower() in ("this", "that"):
        return _event(turn)
    closing = re.match(r"\W*$", text[match.end() :])
    if (closing or _HAPPENING.search(text[match.end() :])) and not _noun_phrases(turn.question, plural=False):
        happened = _event(turn)
        if happened:
            return happened
    return _thing(turn, as_owner=match[0].lower() == "its", as_subject=closing is None)


def _several(turn: Turn, *, as_object: bool) -> str | None:
    """What "they", or "them", speaks of."""
    phrases = _noun_phrases(turn.question, plural=True)
    said = [run[0] for run in _BARE_PLURAL.finditer(turn.question) if not _CLAUSE.search(run[0])]
    bare = [run for run in said if not any(run in phrase or phrase[4:] in run for phrase in phrases)]
    people = _first(turn.question, lambda name: name.people)
    if as_object:
        return next(iter(reversed(phrases[1:] or bare or phrases)), people)
    named, answered = _first(turn.question, is_person), answered_person(turn)
    both = f"{named} and {answered}" if named and answered else None
    return next(iter(phrases or bare), people or both)


def _thing(turn: Turn, *, as_owner: bool, as_subject: bool) -> str | None:
    """What "it", or "its", speaks of."""
    named = _answered_thing(turn) or _last_name(turn.question, is_thing)
    phrases = _noun_phrases(turn.question, plural=False)
    country = (_first if as_subject and not as_owner else _last_name)(turn.question, is_country)
    if as_owner:
        return named or country or next(iter(phrases), None)
    telling = [phrase for phrase in phrases if phrase in turn.question or not _MEASURE.search(phrase)]
    return named or next(iter(telling), None) or country


def _event(turn: Turn) -> str | None:
    """What the last question is about as a thing that "this" can point at: "Beijing retaliating against Seoul"."""
    happened = re.match(r"what happened\b.*", turn.question, re.IGNORECASE)
    if happened:
        return happened[0][:1].lower() + happened[0][1:]
    order = CLAUSE_ORDER.match(turn.question)
    names = find_names(parse(order["rest"]), (parse(turn.question),)) if order else ()
    if order is None or not names or names[0].first != 0:
        return None
    rest, auxiliary = order["rest"], order["auxiliary"].lower()
    words = parse(rest).words
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
    """The form in -ing of a verb: "sailing", "retaliating", "stopping"."""
    if re.search(r"[^aeiou][aeiou][^aeiouwxy]$", verb) and len(verb) <= len("plan"):
        return f"{verb}{verb[-1]}ing"
    return re.sub(r"(?<![eoy])e$", "", verb) + "ing"


def _first(text: str, wanted: Callable[[Name], bool]) -> str | None:
    return next(
        (_text(text, name) for name in find_names(parse(text)) if wanted(name) and not _of_a_thing(text, name)), None
    )


def _of_a_thing(text: str, name: Name) -> bool:
    """Whether a name stands behind what bears it, as in "the ferry Mara", and that is no title."""
    bearer = re.search(r"\b(?:the|a|an|this|that)\s+([a-z]+)\s+$", text[: parse(text).words[name.first].start])
    return bearer is not None and bearer[1] not in TITLES


def _last_name(text: str, wanted: Callable[[Name], bool]) -> str | None:
    found = [name for name in find_names(parse(text)) if wanted(name)]
    return _text(text, found[-1]) if found else None


def _text(text: str, name: Name) -> str:
    words = parse(text).words
    start = words[name.first].start
    article = "the " if not is_person(name) and text[:start].lower().endswith("the ") else ""
    return article + text[start : words[name.last].end]


def answered_person(turn: Turn) -> str | None:
    """The person that a question for one was answered with: the first whom the question itself does not name."""
    known = {word for name in find_names(parse(turn.question)) for word in name.words}
    return _first(turn.answer, lambda name: is_person(name) and not set(name.words) & known)


def _answered_thing(turn: Turn) -> str | None:
    """The name in the answer of what the question asked for: "which agreement" and "Free Trade Agreement"."""
    asked = re.search(r"\b(?:which|what)\s+([\w-]+)", turn.question, re.IGNORECASE)
    if asked is None:
        return None
    wanted = {word.stem for word in parse(asked[1]).words}
    for name in joined_names(turn.answer, ""):
        if wanted & {word.stem for word in parse(name.text).words}:
            return _text(turn.answer, name)
    return None


def _noun_phrases(question: str, *, plural: bool) -> list[str]:
    """Runs of words behind "which", "what", "the" or the like, or a name's possessive, that end in a noun of this
    number; what was asked for comes first, then what has an article."""
    question = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), question)
    found = [] if plural else [match[0] for match in _OWNED.finditer(question)]
    less: list[str] = []
    stop = re.compile(rf"(?:{AUXILIARY}|{PREPOSITION}|{QUESTION_WORD}|and|or|that)$", re.IGNORECASE)
    words = parse(question).words
    # A noun may follow "US" and "Korean"; behind "the ferry Mara" comes the verb.
    ends = {name.last for name in find_names(parse(question)) if not is_country(name)}
    place = 0
    while place < len(words):
        opener = words[place].lower
        if opener not in ("which", "what", "the", "some", "many", "those", "these", "its", "their"):
            place += 1
            continue
        end = place + 1
        while (
            end < len(words)
            and not stop.match(words[end].lower)
            and words[end].lower != "the"
            and not (words[end].text.islower() and end - 1 in ends)
            and words[end].clause == words[place].clause
        ):
            end += 1
        run = words[place + 1 : end]
        nouns = [n for n, word in enumerate(run) if _PLURAL_NOUN.match(word.lower)]
        if run and (bool(nouns) is plural):
            last = run[nouns[-1]] if plural else run[-1]
            (found if opener in ("which", "what", "the") else less).append(f"the {question[run[0].start : last.end]}")
        place = max(end, place + 1)
    return found + less


def _last_clause(turn: Turn) -> str | None:
    """What was done in the last question: "call Trump first" of "Whom did Lee call first?"."""
    order = CLAUSE_ORDER.match(turn.question)
    if order is None:
        return None
    rest = order["rest"]
    person = answered_person(turn) if re.match(r"who|whom", order["asked"] or "", re.IGNORECASE) else None
    if person:
        rest = with_object(rest, person, turn.question)
    names, words = find_names(parse(rest), (parse(turn.question),)), parse(rest).words
    if not names or names[0].first != 0:
        return None
    return rest[words[names[0].last].end :].strip() or None


def with_object(rest: str, thing: str, question: str) -> str:
    """The clause of a question for a person with that person behind its verb: "Lee call Trump first"."""
    names, words = find_names(parse(rest), (parse(question),)), parse(rest).words
    verb = names[0].last + 1 if names and names[0].first == 0 else 1
    if verb >= len(words) or thing.lower() in rest.lower():
        return rest
    return f"{rest[: words[verb].end]} {thing}{rest[words[verb].end :]}"


def joined_names(text: str, other: str) -> list[Name]:
    """The names of a text, those one that stand side by side: "China-South Korea Free Trade Agreement"."""
    joined: list[Name] = []
    words = parse(text).words
    for name in find_names(parse(text), (parse(other),)):
        if joined and text[words[joined[-1].last].end : words[name.first].start].strip("- ") == "":
            before = joined.pop()
            both = before._replace(
                words=(*before.words, *name.words), text=f"{before.text} {name.text}", last=name.last
            )
            joined.append(both)
        else:
            joined.append(name)
    return joined
