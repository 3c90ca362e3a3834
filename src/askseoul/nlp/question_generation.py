"""A subject and its verb in the order of a question: "the allies met" as "did the allies meet".

There is no dictionary: the verb of a statement is known by its form, and where that leaves two readings of it, there is
no question.

A plain English sentence read as subject, verb and rest, where its form tells them for certain.

There is no parser. The verb is the first word that has a verb's form; what stands before it must look like a subject.

A plain English sentence turned round into the questions that it answers.

A number becomes "How many", a cause "Why", a date "When", somebody who is introduced "Who is". There is no parser:
a sentence is taken only in a few forms that a rule can tell for certain, and what does not fit makes no question, since
one that reads oddly costs more trust than a missing one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from askseoul.nlp import lexicon
from askseoul.nlp.entities import SHORTEST_ACRONYM, TITLES, Name, count_references, is_country, is_person, names_of
from askseoul.nlp.text import FUNCTION_WORDS, ParsedText, normalize, parse

BE: Final = lexicon.words("questions", "be")
AUXILIARIES: Final = BE | lexicon.words("questions", "modals")
_HAVE: Final = {"has": "does", "have": "do", "had": "did"}
IRREGULAR: Final[dict[str, str]] = lexicon.table("verbs", "past")
"""The past of verbs that news is made of, with their base."""
FINITE: Final = lexicon.words("verbs", "finite")
"""Those of them that are no participles: what stands before one is its subject, whatever that is."""
PRESENT: Final = {
    f"{base}es" if base.endswith(("ch", "go")) else re.sub("([^aeiou])y$", r"\1ie", base) + "s": base
    for base in lexicon.sequence("verbs", "present")
}
"""Verbs behind a singular subject; a plural noun may look the same, so only these are taken for verbs."""
_PERFECT = re.compile(rf"(?:\w+ly )?(?:been|[a-z]+ed|{lexicon.pattern('verbs', 'participles')})\b")
_BARE_ROOT = re.compile(
    r"(?:(?<!q)(?:ai|au|(?<!cr)ea|ee|ei|ie|oa|oi|oo|ou)[bdfklmnprt]|[^aeiou][dfhkmnptwxy]|[aeo]w|[aeou]y|ss|[^o]ll|ff|er|en|el"
    r"|[^p]on|elop|(?:vis|lim|hib|ed|os|her)it|[gk]et)$"
)
_ROOT_WITH_E = re.compile(
    r"(?:[cvzu]|[^os]s|[bcdfgkptz]l|[^eo]at|creat|[^aeo]ir|[^eo]ar|[^o]ur|[^aeo]id|[^o]ud|[^eo]ad|[^aeo]in|[^o]ot"
    r"|[^o]ut|[^aegk]et|am|um|[^a]im|ib|[^eo]ap|[^o]ok|ul|[^o]n?g|dg|od)$"
)
"""How a verb ends before its "ed" that has no "e" of its own, or has one. What ends in neither way is left alone."""
_SHORTEST_PAST = 5


def is_past(word: str) -> bool:
    """Whether a word is a verb of the past by its form; it may be a participle."""
    return word in IRREGULAR or (word.endswith("ed") and len(word) >= _SHORTEST_PAST and word.islower())


def is_verb(word: str) -> bool:
    """Whether a word is a verb by its form, an auxiliary among them."""
    return is_past(word) or word in PRESENT or word in AUXILIARIES or word in _HAVE


def is_auxiliary(verb: str, rest: str) -> bool:
    """Whether a verb stands before a subject as it is, for what follows it; "had" does only before a participle."""
    return verb in AUXILIARIES or (verb in _HAVE and _PERFECT.match(rest) is not None)


def inverted(subject: str, verb: str, rest: str) -> str | None:
    """Subject and verb as a question has them, before the ``rest``; None where the verb's base can't be told."""
    if is_auxiliary(verb, rest):
        return f"{verb} {subject}"
    if verb in _HAVE:
        return f"{_HAVE[verb]} {subject} have"
    if verb in PRESENT:
        return None if " and " in subject else f"does {subject} {PRESENT[verb]}"
    base = IRREGULAR.get(verb) or (_base(verb.removesuffix("ed")) if verb.endswith("ed") else None)
    return f"did {subject} {base}" if base else None


def _base(root: str) -> str | None:
    """What a verb is without the "ed" behind this root."""
    if root.endswith("i"):
        return f"{root[:-1]}y"
    if re.search(r"[aeiou]([bdgmnprt])\1$", root):
        return root[:-1]
    if _BARE_ROOT.search(root):
        return root
    return f"{root}e" if _ROOT_WITH_E.search(root) else None


_MONTH = lexicon.pattern("time", "months")
DAY = rf"(?:\d{{1,2}}\s)?(?:(?:{_MONTH})\s)?(?:\d{{1,2}}(?:st|nd|rd|th)?,?\s)?(?:1[5-9]|20)\d\d(?![-\d])"
"""A date with its year."""
_DATED_OPENING = re.compile(rf"^(?:In|On)\s{DAY},?\s")
BOUND = rf"(?:(?:{lexicon.pattern('suggestions', 'bounds')})\s)?"
NUMBER = (
    r"(?:\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?(?:\s(?:million|billion))?|(?:hundred|thousand|dozen|million)s\sof|"
    + "|".join(lexicon.sequence("numbers", "ones")[3:13])
    + ")"
)
PERCENT = rf"{BOUND}\d+(?:\.\d+)?(?:%| percent| per cent) of (?P<noun>[^,]+?)(?=$|,| and\b)"
_TIMES = lexicon.pattern("suggestions", "uncounted")
THINGS = rf"(?!(?:{_TIMES})\b)(?:[\w-]+ ){{0,3}}?(?:[A-Za-z-]+[a-rt-z]s|people|men|women|children)"
COUNTED = re.compile(rf"{BOUND}{NUMBER} (?P<noun>{THINGS}(?: (?:of|in|from) .+)?)", re.IGNORECASE)
SHARE = re.compile(PERCENT, re.IGNORECASE)
APPOSITION = re.compile(r"^(?P<subject>[A-Z][^,]{2,60}), (?P<told>(?:an?|the|its|one of) [^,]{4,80}), (?P<rest>.+)$")
ROLE = re.compile(rf"\b(?:{lexicon.pattern('people', 'roles')})\b")
"""What only a person is."""
_WITHIN_SUBJECT: Final = lexicon.words("suggestions", "within_subject")
_ADVERBS: Final = lexicon.words("suggestions", "adverbs")
INTENDING: Final = lexicon.words("verbs", "intending")
"""Before "to do": verbs of wanting and promising."""
_CONNECTIVE = re.compile(rf"^(?:{lexicon.pattern('suggestions', 'connectives')}),\s")
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
    text = re.sub(r"\s+\([^()]*\)", "", " ".join(normalize(sentence).split()))
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
    words = parse(subject).words
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


Form = Literal["many", "why", "differ", "who", "what", "say", "act", "when", "about"]

_LONGEST_TOPIC = 4
SHORTEST, LONGEST = 3, 12
"""Words of a question: what is shorter is vague, and what is longer nobody reads on a button."""

_DATE = re.compile(rf",?\s(?:in|on)\s(?:early\s|late\s)?{DAY}")
_WITH_SHARE = re.compile(rf"(?:been )?(?P<how>[a-z]+ed .+) with {PERCENT}")
_WITHOUT_PLACE = re.compile(r" (?:of|in|on) .*")
_MONEY = re.compile(rf"(?:to |at )?{BOUND}(?:US)?[$€£₩]\d[\d.,]*")
_AMOUNT = re.compile(rf"\b(?:{lexicon.pattern('suggestions', 'sums')})\b")
_POPULATION = re.compile(rf"an? (?:estimated )?population of {BOUND}{NUMBER}")
_LENGTH = re.compile(
    rf"{BOUND}\d[\d,.]* (?:feet|met(?:re|er)s|m|kilomet(?:re|er)s|km|miles) (?P<how>tall|high|long|wide|deep)"
)
_HELD = re.compile(rf"{BOUND}{NUMBER} (?P<noun>{THINGS})(?=$|,| (?:in|on|at|with|and)\b)", re.IGNORECASE)
_CAUSE = re.compile(r",? (?:because|due to|owing to|thanks to|in response to|in order to|so that) ")
_CUT = re.compile(
    r"[,;:]|\s(?:but|which|who|whose|that|while|although|though|because|as|so|until|after|before|when|where|if|since"
    r"|than|amid|including)\s"
    r"|\sand\s(?=(?:also|then|not|is|was|are|were|has|had|have|will|would|[a-z]+(?:ed|s))\b)"
)
"""Where a clause is over."""
_PREPOSITION = r"\s(?:in|on|at|with|under|for|from|by|through|during|across|against|among|despite|without|ahead)\s"
_LAST_PHRASE = re.compile(rf"{_PREPOSITION}(?!.*{_PREPOSITION}).*$")
_WORK = re.compile(rf"\b(?:{lexicon.pattern('suggestions', 'works')})\b")
_THING = re.compile(rf"{_WORK.pattern}|\b(?:{lexicon.pattern('suggestions', 'things')})\b")
"""What no person is."""
_TELLS_MORE = re.compile(r"\s(?:of|in|by|for|with|from|on|at|to|based|directed|written|released|created|led)\s|,")
_PURPOSE = re.compile(rf"(?P<verb>{lexicon.pattern('verbs', 'purposes')}) to [a-z]+ \w")
_SAYING: Final = lexicon.words("verbs", "saying")
_OFFERING: Final = lexicon.words("verbs", "offering")
"""Verbs that need an object, so that "What do they offer" asks for one."""
_OBJECT = re.compile(r"(?:an?|the|that) \w")
_ACTING: Final = lexicon.words("verbs", "acting")
"""Verbs of which it needs no date to tell what was done."""
_ON: Final = lexicon.words("verbs", "depending")
_BEEN = re.compile(rf"been (?P<verb>{lexicon.pattern('verbs', 'going_on')}) (?!to\b)\w")
_FORMER = re.compile(rf"\bformer (?P<role>{lexicon.pattern('suggestions', 'former_offices')})\b(?! [A-Z])")
_UNFIT = re.compile(
    r"[\"\[\]{}|<>*_#@=;:()/\\]|\.\.|--|\s-\s|" + rf"\b(?:{lexicon.pattern('suggestions', 'unfit')})\b", re.IGNORECASE
)
"""What makes a question lean on words that stand elsewhere, or look cut out."""
_POINTING = re.compile(
    r"\bthe (?!(?:[a-z][\w-]* ){0,2}(?:of\b|[A-Z])|(?:population|votes?|world|public|government|internet|articles?)\b)"
)
"""A thing that whoever reads the question can't know: "the novel", where "the novel of Toole" tells which."""
_NAMED_OFFICE = re.compile(r"\bthe [A-Z]\w* [a-z]+")
"""What tells of itself which it is: "the Trump administration"."""


def questions_from(sentence: str, around: ParsedText) -> Iterator[tuple[Form, str]]:
    """The questions that a sentence answers, with their forms; none leans on other sentences.

    ``around`` is other text of the article, folded: it helps to tell names from other words with a capital. A question
    of the form "differ" asks whether somebody still holds the office that he held: other articles may not agree."""
    text = plain_sentence(sentence)
    if text is None:
        return
    others = (around,)
    names = names_of(parse(text), others)
    clause = read_clause(text, names, is_person=BORN.search(normalize(sentence)) is not None)
    if clause and clause.subject[1:] not in normalize(sentence):
        clause = None  # what stands in brackets was a part of the name
    for form, question in [*_introduced(text, names), *_formerly(text, names), *(_asked_of(clause) if clause else ())]:
        if _reads_well(question, others):
            yield form, question


def topics_of(sentence: str, around: ParsedText) -> Iterator[str]:
    """What an article can be asked about that a sentence names: names of some words and acronyms that ``around`` has
    more than once."""
    folded, others = parse(sentence), (around,)
    words = folded.words
    for name in names_of(folded, others):
        start, end = words[name.first].start, words[name.last].end
        is_whole = folded.normalized[end : end + 1] not in ("-", "'") and folded.normalized[
            max(start - 1, 0) : start
        ] not in ("-", "/")
        written = folded.normalized[start:end]
        held = len(re.findall(rf"\b{re.escape(written)}\b", around.normalized))
        if is_whole and held > 1 and _is_topic(name):
            always = held == len(re.findall(rf"\b[Tt]he {re.escape(written)}\b", around.normalized))
            topic = f"the {written}" if always else written
            if _reads_well(f"What about {topic}?", others):
                yield topic


def _is_topic(name: Name) -> bool:
    is_telling = (name.acronym and len(name.text) > SHORTEST_ACRONYM) or 1 < len(name.words) <= _LONGEST_TOPIC
    return is_telling and not name.people and not is_country(name)


def _introduced(text: str, names: tuple[Name, ...]) -> Iterator[tuple[Form, str]]:
    """Who somebody is whose office or trade stands in commas behind his name."""
    apposition = APPOSITION.match(text)
    if apposition and ROLE.search(apposition["told"]):
        name = names[0] if names else None
        if (
            name
            and name.first == 0
            and len(name.words) > 1
            and name.last + 1 == len(parse(apposition["subject"]).words)
        ):
            yield "who", f"Who is {apposition['subject']}?"


def _formerly(text: str, names: tuple[Name, ...]) -> Iterator[tuple[Form, str]]:
    """Whether somebody still holds an office of which the sentence says that he did."""
    former, words = _FORMER.search(text), parse(text).words
    name = next((name for name in names if is_person(name) and name.telling), None)
    if former and name:
        yield "differ", f"Is {text[words[name.first].start : words[name.last].end]} still {former['role']}?"


def _asked_of(clause: Clause) -> Iterator[tuple[Form, str]]:
    subject, verb, rest, is_named, is_person = clause
    yield from _amounts(clause)
    order = inverted(subject, verb, rest)
    cause, date = _CAUSE.search(rest), _DATE.search(rest)
    if order and cause and not _CUT.search(rest[: cause.start()]):
        yield "why", f"Why {order} {rest[: cause.start()]}?"
    happened = re.match(r"(?:[a-z]+(?:ed|n)|built|held|set|made|sold)\b", rest) if verb in BE else is_past(verb)
    if order and date and happened and not _MONEY.match(rest) and not _CUT.search(rest[: date.start()]):
        yield "when", f"When {order} {rest[: date.start()]}?"
    purpose, intent = _PURPOSE.match(rest), re.match(r"to (?!be\b)[a-z]+ \w", rest)
    if verb in BE and purpose:
        yield "what", f"What {verb} {subject} {purpose['verb']} to do?"
    if order and verb in INTENDING and intent:
        yield "say", f"What {order} to do?"
    yield from _objects(clause, order)
    if verb in ("is", "was") and is_named and re.match(r"(?:an?|the) \w", rest):
        yield from _identities(clause)
    if is_person and (is_past(verb) or verb in PRESENT) and verb not in _SAYING | INTENDING:
        yield "who", f"Who {verb} {_short(rest, LONGEST - 2)}?"
    if is_named and verb in _SAYING:
        yield from _statements(clause)


def _objects(clause: Clause, order: str | None) -> Iterator[tuple[Form, str]]:
    """What is done to, of verbs that can't be without."""
    subject, verb, rest = clause.subject, clause.verb, clause.rest
    following = rest.partition(" ")
    date = _DATE.search(rest)
    is_act = clause.is_named and is_past(verb) and verb not in _SAYING and (date or verb in _ACTING)
    if order and (is_act or order.split()[-1] in _OFFERING) and _OBJECT.match(rest):
        yield "act", f"What {order}{date[0].lstrip(',') if date else ''}?"
    if verb in ("can", "will", "must", "should") and following[0] in _OFFERING:
        yield "what", f"What {verb} {subject} {following[0]}?"
    if order and verb in _ON and following[0] == "on":
        yield "what", f"What {order} on?"
    if verb == "will" and following[0] == "depend" and following[2].startswith("on "):
        yield "what", f"What {order} depend on?"
    going_on = _BEEN.match(rest)
    if verb in ("has", "have") and going_on:
        yield "what", f"What {order} been {going_on['verb']}?"


def _amounts(clause: Clause) -> Iterator[tuple[Form, str]]:
    """How many, how large, what share."""
    subject, verb, rest = clause.subject, clause.verb, clause.rest
    for pattern, asked in ((COUNTED, "How many"), (SHARE, "What share of")):
        counted = pattern.fullmatch(subject)
        if counted:
            lead = f"{asked} {counted['noun']} {verb}"
            yield "many", f"{lead} {_short(rest, LONGEST - len(lead.split()))}?"
            return
    order = inverted(subject, verb, rest)
    voted = _WITH_SHARE.match(rest)
    if voted and (verb in BE or rest.startswith("been ")):
        lead = f"With what share of {voted['noun']} {verb if verb in BE else 'was'} {subject}"
        yield "many", f"{lead} {_WITHOUT_PLACE.sub('', voted['how'])}?"
    if order and not is_auxiliary(verb, rest):
        for pattern, asked in ((_HELD, "How many"), (SHARE, "What share of")):
            held = pattern.match(rest)
            if held:
                yield "many", f"{asked} {held['noun']} {order}?"
    if verb in ("has", "had") and _POPULATION.match(rest):
        yield "many", f"What {'is' if verb == 'has' else 'was'} the population of {subject}?"
    length, date = _LENGTH.match(rest), _DATE.search(rest)
    if verb in BE and length:
        yield "many", f"How {length['how']} {verb} {subject}?"
    if (
        _MONEY.match(rest)
        and _AMOUNT.search(subject)
        and (verb in ("is", "was", "reached") or rest[:3] in ("to ", "at "))
    ):
        yield "many", f"How large {'is' if verb == 'is' else 'was'} {subject}{date[0].lstrip(',') if date else ''}?"


def _identities(clause: Clause) -> Iterator[tuple[Form, str]]:
    """Who or what something is of which the sentence says so."""
    subject, told = clause.subject, _TELLS_MORE.split(_short(clause.rest, len(clause.rest)))[0]
    if clause.is_person or ROLE.search(told):
        if 1 < len(subject.split()) <= _LONGEST_TOPIC + 1 and not subject.startswith("the "):
            yield "who", f"Who {clause.verb} {subject}?"
    elif _THING.search(told) and not any(is_country(name) for name in names_of(parse(subject))):
        if _WORK.search(told):  # "The Vampire Diaries" has its article in its name
            subject = re.sub("^the ", "The ", subject)
        yield "what", f"What {clause.verb} {subject}?"


def _statements(clause: Clause) -> Iterator[tuple[Form, str]]:
    """What somebody says about whom or what he names."""
    rest, words = clause.rest, parse(clause.rest).words
    for name in names_of(parse(rest)):
        start, end = words[name.first].start, words[name.last].end
        behind = words[name.last + 1].lower if name.last + 1 < len(words) else "of"
        alone = behind in FUNCTION_WORDS and rest[end : end + 1] not in ("'", "-")
        alone = alone and not rest[:start].endswith(("of ", "and ", "-"))
        if name.first and alone and not name.people and (is_country(name) or len(name.words) > 1):
            did, the = "does" if clause.verb.endswith("s") else "did", "the " if rest[:start].endswith("the ") else ""
            yield "say", f"What {did} {clause.subject} say about {the}{rest[start:end]}?"
            return


def _short(rest: str, room: int) -> str:
    """The rest of a clause up to its first break, cut to so many words at the last phrases of place or manner."""
    cut = _CUT.search(rest)
    rest = rest[: cut.start()] if cut else rest
    while len(rest.split()) > room and (phrase := _LAST_PHRASE.search(rest)):
        rest = rest[: phrase.start()]
    return rest


def _reads_well(question: str, others: tuple[ParsedText, ...]) -> bool:
    """Whether a question stands alone: a few plain words, a name among them, and nothing that points elsewhere."""
    inside = question[:-1]
    asked, _, behind = inside.partition(" ")
    return (
        SHORTEST <= len(inside.split()) <= LONGEST
        and inside.isprintable()
        and "  " not in inside
        and _UNFIT.search(inside) is None
        and _POINTING.search(inside) is None
        and count_references(parse(_NAMED_OFFICE.sub("", behind))) == 0
        and bool(names_of(parse(f"{asked.lower()} {behind}"), others))
        and (inside.split()[-1].lower() not in FUNCTION_WORDS or inside.endswith((" to do", " on", " have")))
    )
