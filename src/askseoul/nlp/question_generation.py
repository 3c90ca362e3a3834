"""Question generation: the questions that a plain English sentence answers, by rule.

A number becomes "How many", a cause "Why", a date "When", a person who is introduced "Who is". ``parse_clause`` splits
a sentence into subject, verb and rest, and ``invert`` puts subject and verb in the order of a question: "the allies
met" becomes "did the allies meet". There is no dictionary and no parser: the verb is the first word with the form of a
verb. A sentence that no rule matches with certainty yields no question, because an odd question costs more trust than a
missing one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from askseoul.nlp import lexicon
from askseoul.nlp.entities import SHORTEST_ACRONYM, TITLES, Name, count_anaphors, find_names, is_country, is_person
from askseoul.nlp.text import FUNCTION_WORDS, ParsedText, parse

QuestionType = Literal["many", "why", "differ", "who", "what", "say", "act", "when", "about"]

MIN_WORDS, MAX_WORDS = 3, 12
"""Limits of a question's length in words: shorter ones are vague, longer ones do not fit on a button."""
_LONGEST_TOPIC = 4
_FIRST_WORDS: Final = 10
"""The verb must be among this many first words."""
_SHORTEST_PAST = 5

# Verbs
_BE: Final = lexicon.words("questions", "be")
_AUXILIARIES: Final = _BE | lexicon.words("questions", "modals")
_HAVE: Final = {"has": "does", "have": "do", "had": "did"}
_PAST_FORMS: Final[dict[str, str]] = lexicon.table("verbs", "past")
"""Past forms of irregular verbs that are frequent in news, with their base forms."""
_FINITE_PAST: Final = lexicon.words("verbs", "finite")
"""The past forms that are not participles as well: what stands before one is its subject."""
_PRESENT_FORMS: Final = {
    f"{base}es" if base.endswith(("ch", "go")) else re.sub("([^aeiou])y$", r"\1ie", base) + "s": base
    for base in lexicon.sequence("verbs", "present")
}
"""Third-person present forms of frequent verbs, with their base forms. Other words in -s may be plural nouns."""
_INTENDING: Final = lexicon.words("verbs", "intending")
"""Verbs of wanting and promising, which precede "to do"."""
_SAYING: Final = lexicon.words("verbs", "saying")
_OFFERING: Final = lexicon.words("verbs", "offering")
"""Verbs that need an object, so that "What do they offer?" asks for it."""
_ACTING: Final = lexicon.words("verbs", "acting")
"""Verbs that make a question about an action even without a date."""
_ON: Final = lexicon.words("verbs", "depending")
_PERFECT = re.compile(rf"(?:\w+ly )?(?:been|[a-z]+ed|{lexicon.pattern('verbs', 'participles')})\b")
_BARE_ROOT = re.compile(
    r"(?:(?<!q)(?:ai|au|(?<!cr)ea|ee|ei|ie|oa|oi|oo|ou)[bdfklmnprt]|[^aeiou][dfhkmnptwxy]|[aeo]w|[aeou]y|ss|[^o]ll|ff|er|en|el"
    r"|[^p]on|elop|(?:vis|lim|hib|ed|os|her)it|[gk]et)$"
)
_ROOT_WITH_E = re.compile(
    r"(?:[cvzu]|[^os]s|[bcdfgkptz]l|[^eo]at|creat|[^aeo]ir|[^eo]ar|[^o]ur|[^aeo]id|[^o]ud|[^eo]ad|[^aeo]in|[^o]ot"
    r"|[^o]ut|[^aegk]et|am|um|[^a]im|ib|[^eo]ap|[^o]ok|ul|[^o]n?g|dg|od)$"
)
"""Endings of a regular past form without its "ed": of verbs whose base form has no final "e", and of verbs whose base
form has one. A verb that matches neither pattern yields no question."""

# Sentences and clauses
_MONTH = lexicon.pattern("time", "months")
_DATE_WITH_YEAR = rf"(?:\d{{1,2}}\s)?(?:(?:{_MONTH})\s)?(?:\d{{1,2}}(?:st|nd|rd|th)?,?\s)?(?:1[5-9]|20)\d\d(?![-\d])"
"""A year, or a date with its year."""
_DATED_OPENING = re.compile(rf"^(?:In|On)\s{_DATE_WITH_YEAR},?\s")
_CONNECTIVE = re.compile(rf"^(?:{lexicon.pattern('suggestions', 'connectives')}),\s")
_WITHIN_SUBJECT: Final = lexicon.words("suggestions", "within_subject")
_ADVERBS: Final = lexicon.words("suggestions", "adverbs")
_APPOSITION = re.compile(r"^(?P<subject>[A-Z][^,]{2,60}), (?P<told>(?:an?|the|its|one of) [^,]{4,80}), (?P<rest>.+)$")
_ROLE = re.compile(rf"\b(?:{lexicon.pattern('people', 'roles')})\b")
"""Words for an office or an occupation, which only persons have."""
_PERSON_IN_BRACKETS = re.compile(r"\((?:born|voiced by|played by|portrayed by)\b|\([^()]*\b1[5-9]\d\d -+ [^()]*\d{4}\)")
"""What stands in brackets after the name of a person only."""
_BOUND = rf"(?:(?:{lexicon.pattern('suggestions', 'bounds')})\s)?"
_NUMBER = (
    r"(?:\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?(?:\s(?:million|billion))?|(?:hundred|thousand|dozen|million)s\sof|"
    + "|".join(lexicon.sequence("numbers", "ones")[3:13])
    + ")"
)
_PERCENT = rf"{_BOUND}\d+(?:\.\d+)?(?:%| percent| per cent) of (?P<noun>[^,]+?)(?=$|,| and\b)"
_TIMES = lexicon.pattern("suggestions", "uncounted")
_COUNTED_NOUN = rf"(?!(?:{_TIMES})\b)(?:[\w-]+ ){{0,3}}?(?:[A-Za-z-]+[a-rt-z]s|people|men|women|children)"
_COUNTED = re.compile(rf"{_BOUND}{_NUMBER} (?P<noun>{_COUNTED_NOUN}(?: (?:of|in|from) .+)?)", re.IGNORECASE)
_SHARE = re.compile(_PERCENT, re.IGNORECASE)

# What a clause can be asked for
_DATE = re.compile(rf",?\s(?:in|on)\s(?:early\s|late\s)?{_DATE_WITH_YEAR}")
_WITH_SHARE = re.compile(rf"(?:been )?(?P<how>[a-z]+ed .+) with {_PERCENT}")
_WITHOUT_PLACE = re.compile(r" (?:of|in|on) .*")
_MONEY = re.compile(rf"(?:to |at )?{_BOUND}(?:US)?[$€£₩]\d[\d.,]*")
_AMOUNT = re.compile(rf"\b(?:{lexicon.pattern('suggestions', 'sums')})\b")
_POPULATION = re.compile(rf"an? (?:estimated )?population of {_BOUND}{_NUMBER}")
_LENGTH = re.compile(
    rf"{_BOUND}\d[\d,.]* (?:feet|met(?:re|er)s|m|kilomet(?:re|er)s|km|miles) (?P<how>tall|high|long|wide|deep)"
)
_HELD = re.compile(rf"{_BOUND}{_NUMBER} (?P<noun>{_COUNTED_NOUN})(?=$|,| (?:in|on|at|with|and)\b)", re.IGNORECASE)
_CAUSE = re.compile(r",? (?:because|due to|owing to|thanks to|in response to|in order to|so that) ")
_CUT = re.compile(
    r"[,;:]|\s(?:but|which|who|whose|that|while|although|though|because|as|so|until|after|before|when|where|if|since"
    r"|than|amid|including)\s"
    r"|\sand\s(?=(?:also|then|not|is|was|are|were|has|had|have|will|would|[a-z]+(?:ed|s))\b)"
)
"""Where a clause ends."""
_PREPOSITION = r"\s(?:in|on|at|with|under|for|from|by|through|during|across|against|among|despite|without|ahead)\s"
_LAST_PHRASE = re.compile(rf"{_PREPOSITION}(?!.*{_PREPOSITION}).*$")
_WORK = re.compile(rf"\b(?:{lexicon.pattern('suggestions', 'works')})\b")
_THING = re.compile(rf"{_WORK.pattern}|\b(?:{lexicon.pattern('suggestions', 'things')})\b")
"""Words for things, which no person is."""
_TELLS_MORE = re.compile(r"\s(?:of|in|by|for|with|from|on|at|to|based|directed|written|released|created|led)\s|,")
_PURPOSE = re.compile(rf"(?P<verb>{lexicon.pattern('verbs', 'purposes')}) to [a-z]+ \w")
_OBJECT = re.compile(r"(?:an?|the|that) \w")
_BEEN = re.compile(rf"been (?P<verb>{lexicon.pattern('verbs', 'going_on')}) (?!to\b)\w")
_FORMER = re.compile(rf"\bformer (?P<role>{lexicon.pattern('suggestions', 'former_offices')})\b(?! [A-Z])")
_UNFIT = re.compile(
    r"[\"\[\]{}|<>*_#@=;:()/\\]|\.\.|--|\s-\s|" + rf"\b(?:{lexicon.pattern('suggestions', 'unfit')})\b", re.IGNORECASE
)
"""Characters and words that make a question depend on other text or look cut out of it."""
_POINTING = re.compile(
    r"\bthe (?!(?:[a-z][\w-]* ){0,2}(?:of\b|[A-Z])|(?:population|votes?|world|public|government|internet|articles?)\b)"
)
"""A definite noun that a reader of the question can't identify: "the novel", but not "the novel of Toole"."""
_NAMED_OFFICE = re.compile(r"\bthe [A-Z]\w* [a-z]+")
"""A definite noun that its name identifies: "the Trump administration"."""


class Clause(NamedTuple):
    """A clause, split at its verb."""

    subject: str
    """As it is written within a sentence, without adverbs."""
    verb: str
    rest: str
    is_named: bool
    """Whether the subject consists of names only."""
    is_person: bool
    """Whether the sentence shows that the subject is a person, by a title, an office or an occupation."""


def generate_questions(sentence: ParsedText, around: ParsedText) -> Iterator[tuple[QuestionType, str]]:
    """Yield the questions that a sentence answers, with their types. Each can be understood without other sentences.

    ``around`` is other text of the article, which helps to tell names from other capitalised words. A question of the
    type "differ" asks whether somebody still holds a former office: other articles may disagree.
    """
    text = plain_sentence(sentence)
    if text is None:
        return
    statement, others = parse(text), (around,)
    names = find_names(statement, others)
    clause = parse_clause(text, names, is_person=_PERSON_IN_BRACKETS.search(sentence.normalized) is not None)
    if clause and clause.subject[1:] not in sentence.normalized:
        clause = None  # the brackets were part of the name
    from_clause = _questions_about(clause) if clause else ()
    for question_type, question in [*_introduced(text, names), *_formerly(statement, names), *from_clause]:
        if _is_presentable(question, others):
            yield question_type, question


def find_topics(sentence: ParsedText, around: ParsedText) -> Iterator[str]:
    """Yield the names of a sentence that an article can be asked about.

    They are acronyms and names of several words that occur more than once in ``around``.
    """
    words, text, others = sentence.words, sentence.normalized, (around,)
    for name in find_names(sentence, others):
        start, end = words[name.first].start, words[name.last].end
        is_whole = text[end : end + 1] not in ("-", "'") and text[max(start - 1, 0) : start] not in ("-", "/")
        written = text[start:end]
        occurrences = len(re.findall(rf"\b{re.escape(written)}\b", around.normalized))
        if is_whole and occurrences > 1 and _is_topic(name):
            always = occurrences == len(re.findall(rf"\b[Tt]he {re.escape(written)}\b", around.normalized))
            topic = f"the {written}" if always else written
            if _is_presentable(f"What about {topic}?", others):
                yield topic


def _is_topic(name: Name) -> bool:
    is_telling = (name.acronym and len(name.text) > SHORTEST_ACRONYM) or 1 < len(name.words) <= _LONGEST_TOPIC
    return is_telling and not name.people and not is_country(name)


def _introduced(text: str, names: tuple[Name, ...]) -> Iterator[tuple[QuestionType, str]]:
    """Ask who a person is whose name an apposition with an office or occupation follows."""
    apposition = _APPOSITION.match(text)
    if apposition and _ROLE.search(apposition["told"]):
        name = names[0] if names else None
        if (
            name
            and name.first == 0
            and len(name.words) > 1
            and name.last + 1 == len(parse(apposition["subject"]).words)
        ):
            yield "who", f"Who is {apposition['subject']}?"


def _formerly(statement: ParsedText, names: tuple[Name, ...]) -> Iterator[tuple[QuestionType, str]]:
    """Ask whether a person still holds an office that the sentence calls former."""
    text, words = statement.normalized, statement.words
    former = _FORMER.search(text)
    name = next((name for name in names if is_person(name) and name.distinctive), None)
    if former and name:
        yield "differ", f"Is {text[words[name.first].start : words[name.last].end]} still {former['role']}?"


def _questions_about(clause: Clause) -> Iterator[tuple[QuestionType, str]]:
    """Ask for an amount, a cause, a date, an object, an identity, a person or a statement that the clause gives."""
    subject, verb, rest, is_named, is_person = clause
    yield from _amounts(clause)
    order = invert(subject, verb, rest)
    cause, date = _CAUSE.search(rest), _DATE.search(rest)
    if order and cause and not _CUT.search(rest[: cause.start()]):
        yield "why", f"Why {order} {rest[: cause.start()]}?"
    happened = re.match(r"(?:[a-z]+(?:ed|n)|built|held|set|made|sold)\b", rest) if verb in _BE else is_past(verb)
    if order and date and happened and not _MONEY.match(rest) and not _CUT.search(rest[: date.start()]):
        yield "when", f"When {order} {rest[: date.start()]}?"
    purpose, intent = _PURPOSE.match(rest), re.match(r"to (?!be\b)[a-z]+ \w", rest)
    if verb in _BE and purpose:
        yield "what", f"What {verb} {subject} {purpose['verb']} to do?"
    if order and verb in _INTENDING and intent:
        yield "say", f"What {order} to do?"
    yield from _objects(clause, order)
    if verb in ("is", "was") and is_named and re.match(r"(?:an?|the) \w", rest):
        yield from _identities(clause)
    if is_person and (is_past(verb) or verb in _PRESENT_FORMS) and verb not in _SAYING | _INTENDING:
        yield "who", f"Who {verb} {_short(rest, MAX_WORDS - 2)}?"
    if is_named and verb in _SAYING:
        yield from _statements(clause)


def _amounts(clause: Clause) -> Iterator[tuple[QuestionType, str]]:
    """Ask how many, how large or what share."""
    subject, verb, rest = clause.subject, clause.verb, clause.rest
    for pattern, asked in ((_COUNTED, "How many"), (_SHARE, "What share of")):
        counted = pattern.fullmatch(subject)
        if counted:
            lead = f"{asked} {counted['noun']} {verb}"
            yield "many", f"{lead} {_short(rest, MAX_WORDS - len(lead.split()))}?"
            return
    order = invert(subject, verb, rest)
    voted = _WITH_SHARE.match(rest)
    if voted and (verb in _BE or rest.startswith("been ")):
        lead = f"With what share of {voted['noun']} {verb if verb in _BE else 'was'} {subject}"
        yield "many", f"{lead} {_WITHOUT_PLACE.sub('', voted['how'])}?"
    if order and not is_auxiliary(verb, rest):
        for pattern, asked in ((_HELD, "How many"), (_SHARE, "What share of")):
            held = pattern.match(rest)
            if held:
                yield "many", f"{asked} {held['noun']} {order}?"
    if verb in ("has", "had") and _POPULATION.match(rest):
        yield "many", f"What {'is' if verb == 'has' else 'was'} the population of {subject}?"
    length, date = _LENGTH.match(rest), _DATE.search(rest)
    if verb in _BE and length:
        yield "many", f"How {length['how']} {verb} {subject}?"
    if (
        _MONEY.match(rest)
        and _AMOUNT.search(subject)
        and (verb in ("is", "was", "reached") or rest[:3] in ("to ", "at "))
    ):
        yield "many", f"How large {'is' if verb == 'is' else 'was'} {subject}{date[0].lstrip(',') if date else ''}?"


def _objects(clause: Clause, order: str | None) -> Iterator[tuple[QuestionType, str]]:
    """Ask for the object of a verb that needs one."""
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


def _identities(clause: Clause) -> Iterator[tuple[QuestionType, str]]:
    """Ask who or what the subject of a definition is."""
    subject, told = clause.subject, _TELLS_MORE.split(_short(clause.rest, len(clause.rest)))[0]
    if clause.is_person or _ROLE.search(told):
        if 1 < len(subject.split()) <= _LONGEST_TOPIC + 1 and not subject.startswith("the "):
            yield "who", f"Who {clause.verb} {subject}?"
    elif _THING.search(told) and not any(is_country(name) for name in find_names(parse(subject))):
        if _WORK.search(told):  # "The Vampire Diaries" has its article in its name
            subject = re.sub("^the ", "The ", subject)
        yield "what", f"What {clause.verb} {subject}?"


def _statements(clause: Clause) -> Iterator[tuple[QuestionType, str]]:
    """Ask what a speaker says about a name that the statement contains."""
    rest, parsed = clause.rest, parse(clause.rest)
    words = parsed.words
    for name in find_names(parsed):
        start, end = words[name.first].start, words[name.last].end
        behind = words[name.last + 1].lower if name.last + 1 < len(words) else "of"
        alone = behind in FUNCTION_WORDS and rest[end : end + 1] not in ("'", "-")
        alone = alone and not rest[:start].endswith(("of ", "and ", "-"))
        if name.first and alone and not name.people and (is_country(name) or len(name.words) > 1):
            did, the = "does" if clause.verb.endswith("s") else "did", "the " if rest[:start].endswith("the ") else ""
            yield "say", f"What {did} {clause.subject} say about {the}{rest[start:end]}?"
            return


def _short(rest: str, room: int) -> str:
    """Shorten the rest of a clause: up to the end of the clause, then without prepositional phrases at its end until it
    has at most ``room`` words."""
    cut = _CUT.search(rest)
    rest = rest[: cut.start()] if cut else rest
    while len(rest.split()) > room and (phrase := _LAST_PHRASE.search(rest)):
        rest = rest[: phrase.start()]
    return rest


def _is_presentable(question: str, others: tuple[ParsedText, ...]) -> bool:
    """Whether a question can be understood alone: few plain words, one of them a name, and nothing that refers to
    other text."""
    inside = question[:-1]
    asked, _, behind = inside.partition(" ")
    return (
        MIN_WORDS <= len(inside.split()) <= MAX_WORDS
        and inside.isprintable()
        and "  " not in inside
        and _UNFIT.search(inside) is None
        and _POINTING.search(inside) is None
        and count_anaphors(parse(_NAMED_OFFICE.sub("", behind))) == 0
        and bool(find_names(parse(f"{asked.lower()} {behind}"), others))
        and (inside.split()[-1].lower() not in FUNCTION_WORDS or inside.endswith((" to do", " on", " have")))
    )


def plain_sentence(sentence: ParsedText) -> str | None:
    """Return a normalized sentence without brackets, connective and full stop, and with an initial date at its end.

    None if it is not a complete statement, or has a colon or a semicolon.
    """
    text = re.sub(r"\s+\([^()]*\)", "", " ".join(sentence.normalized.split()))
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


def parse_clause(text: str, names: tuple[Name, ...], *, is_person: bool) -> Clause | None:
    """Return the first clause of a plain sentence, or None if its verb is uncertain.

    ``names`` are the names of the sentence; ``is_person`` tells that its subject is known to be a person.
    """
    apposition = _APPOSITION.match(text)
    parts = (f"{apposition['subject']} {apposition['rest']}" if apposition else text).split()
    stops = FUNCTION_WORDS - _WITHIN_SUBJECT - _ADVERBS - _AUXILIARIES
    place = next((place for place, part in enumerate(parts[:_FIRST_WORDS]) if place and _is_verb_or_intends(part)), 0)
    before = [part for part in parts[:place] if part not in _ADVERBS and not re.fullmatch("[a-z]+ly", part)]
    subject, verb = " ".join(before), parts[place]
    counted = _COUNTED.fullmatch(subject) or _SHARE.fullmatch(subject)
    words = parse(subject).words
    if not words or any(part[-1] in ",;:" for part in before):
        return None
    if not counted and any(word.lower in stops for word in words):
        return None
    named = {n for name in names for n in range(name.first, name.last + 1)}
    is_named = bool(named & set(range(len(words)))) and all(
        n in named or word.lower in {"the", "and"} | TITLES for n, word in enumerate(words)
    )
    if is_past(verb) and not (is_named or counted or verb in _FINITE_PAST):
        return None  # "the newly elected president": it may be a participle
    titled = is_named and words[0].lower in TITLES
    if not titled and 0 not in named and words[0].text[1:].islower() | (words[0].text == "A"):
        subject = subject[0].lower() + subject[1:]
    role = apposition is not None and _ROLE.search(apposition["told"]) is not None
    return Clause(subject, verb, " ".join(parts[place + 1 :]), is_named, is_person or titled or role)


def _is_verb_or_intends(part: str) -> bool:
    return is_verb(part) or part in _INTENDING


def invert(subject: str, verb: str, rest: str) -> str | None:
    """Return subject and verb in the order of a question, or None if the base form of the verb is unknown.

    "the allies" and "met" become "did the allies meet"; ``rest`` is what follows the verb in the sentence.
    """
    if is_auxiliary(verb, rest):
        return f"{verb} {subject}"
    if verb in _HAVE:
        return f"{_HAVE[verb]} {subject} have"
    if verb in _PRESENT_FORMS:
        return None if " and " in subject else f"does {subject} {_PRESENT_FORMS[verb]}"
    base = _PAST_FORMS.get(verb) or (_base(verb.removesuffix("ed")) if verb.endswith("ed") else None)
    return f"did {subject} {base}" if base else None


def _base(root: str) -> str | None:
    """Return the base form of a regular verb, given its past form without "ed"; None if it is unknown."""
    if root.endswith("i"):
        return f"{root[:-1]}y"
    if re.search(r"[aeiou]([bdgmnprt])\1$", root):
        return root[:-1]
    if _BARE_ROOT.search(root):
        return root
    return f"{root}e" if _ROOT_WITH_E.search(root) else None


def is_auxiliary(verb: str, rest: str) -> bool:
    """Whether a verb precedes the subject of a question unchanged; forms of "have" do only before a participle."""
    return verb in _AUXILIARIES or (verb in _HAVE and _PERFECT.match(rest) is not None)


def is_verb(word: str) -> bool:
    """Whether a word has the form of a verb or an auxiliary."""
    return is_past(word) or word in _PRESENT_FORMS or word in _AUXILIARIES or word in _HAVE


def is_past(word: str) -> bool:
    """Whether a word has the form of a verb in the past; it may be a participle."""
    return word in _PAST_FORMS or (word.endswith("ed") and len(word) >= _SHORTEST_PAST and word.islower())
