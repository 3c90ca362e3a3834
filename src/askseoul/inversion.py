"""A subject and its verb in the order of a question: "the allies met" as "did the allies meet".

There is no dictionary: the verb of a statement is known by its form, and where that leaves two readings of it, there is
no question.
"""

from __future__ import annotations

import re
from typing import Final

from askseoul.words import word_set

AUXILIARIES: Final = word_set("is are was were can could will would must should may might")
BE: Final = word_set("is are was were")
_HAVE: Final = {"has": "does", "have": "do", "had": "did"}
IRREGULAR: Final = dict(
    pair.split(":")
    for pair in """became:become began:begin bought:buy brought:bring built:build came:come chose:choose drew:draw
    drove:drive fell:fall fought:fight found:find gave:give grew:grow held:hold kept:keep led:lead left:leave lost:lose
    made:make met:meet paid:pay ran:run rose:rise said:say sang:sing sent:send set:set sold:sell sought:seek spent:spend
    spoke:speak struck:strike taught:teach told:tell took:take went:go won:win wrote:write""".split()
)
"""The past of verbs that news is made of, with their base."""
FINITE: Final = word_set("became began came chose drew drove fell gave grew ran rose sang spoke took went wrote")
"""Those of them that are no participles: what stands before one is its subject, whatever that is."""
PRESENT: Final = {
    f"{base}es" if base.endswith(("ch", "go")) else re.sub("([^aeiou])y$", r"\1ie", base) + "s": base
    for base in """
    agree aim argue bring contain control cost cover demand depend expect fear feature follow give go hope
    host include lead make need offer operate own plan play pledge produce promise promote pursue reach reject rely say
    seek sell send serve support take teach threaten treat use want warn write""".split()
}
"""Verbs behind a singular subject; a plural noun may look the same, so only these are taken for verbs."""
_PERFECT = re.compile(
    r"(?:\w+ly )?(?:been|[a-z]+ed|built|held|kept|made|become|begun|fallen|given|grown|taken|risen)\b"
)
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
