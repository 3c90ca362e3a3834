"""Reported speech in an English sentence: that somebody says, thinks, demands or fears something, and who it is.

Read by rule: a verb of saying or thinking, and before it (or behind it, as in ``said Kim``) the words for somebody who
can say or think. What can't ("the figures say") reports nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from askseoul.nlp.entities import is_thing, names_of
from askseoul.nlp.text import FUNCTION_WORDS, word_set

PRONOUNS: Final = word_set("he she they it him her them")

_VERBS = (  # as they stand in the present, the past and behind "have", each with its ending
    r"sa(?:y|ys|id)|stat(?:es|ed)|state(?=\s+that\b)|t(?:ell|ells|old)|claim(?:s|ed)?|argu(?:e|es|ed)|assert(?:s|"
    r"ed)?|warn(?:s|ed)?|"
    r"insist(?:s|ed)?|contend(?:s|ed)?|conclud(?:e|es|ed)|conced(?:e|es|ed)|acknowledg(?:e|es|ed)|admit(?:s|ted)?|"
    r"declar(?:e|es|ed)|announc(?:e|es|ed)|add(?:s|ed)?(?=\s+that\b|\s*[:,\"]|\s*\.?\s*$)|not(?:e|es|ed)(?=\s+that\b|"
    r"\s*[:,\"])|"
    r"writ(?:e|es)|wrote|written(?=\s+(?:on\s+\w+\s+)?that\b|\s*[:,\"])|den(?:y|ies|ied)|explain(?:s|ed)?|"
    r"emphasi[sz](?:e|es|ed)|stress(?:es|ed)?|"
    r"estimat(?:e|es|ed)|predict(?:s|ed)?|forecast(?:s|ed)?|promis(?:e|es|ed)|pledg(?:e|es|ed)|vow(?:s|ed)?|"
    r"demand(?:s|ed)?|urg(?:e|es|ed)|recommend(?:s|ed)?|believ(?:e|es|ed)|thinks?|thought|fear(?:s|ed)?|"
    r"hop(?:e|es|ed)(?=\s+(?:that|to|for)\b)|complain(?:s|ed)?|accus(?:e|es|ed)|alleg(?:e|es|ed)|caution(?:s|ed)?|"
    r"critici[sz](?:e|es|ed)|condemn(?:s|ed)?|prais(?:e|es|ed)|doubt(?:s|ed)?|propos(?:e|es|ed)|remark(?:s|ed)?|"
    r"repl(?:y|ies|ied)|report(?=\s+that\b|\s*\.?\s*$)|report(?:s|ed)(?!\s+(?:to|for)\b)|respond(?:s|"
    r"ed)?(?=\s+that\b|\s*[:,\"])|suggest(?:s|ed)?|testif(?:y|ies|ied)|"
    r"worr(?:y|ies|ied)(?=\s+(?:that|about)\b)|maintain(?:s|ed)?(?=\s+that\b)|recall(?:s|ed)?|describ(?:e|es|ed)|"
    r"call(?:s|ed)?(?=\s+(?:for|on|it|him|her|them|this|these|that|those|the|a|an|his|its|their|himself|\"|"
    r"\w+\s+(?:a|an|the|\"|too|not)\b|[A-Z]))|liken(?:s|ed)?|portray(?:s|ed)?|advocat(?:e|es|ed)|expect(?:s|ed)?|"
    r"f(?:ind|inds|ound)(?=\s+(?:\w+\s+){1,4}(?:\"|too\b|necessary|wrong|right|worrying|pragmatic))|"
    r"se(?:e|es)(?=\s+(?:\w+[\s-]+){1,6}(?:as|only|that)\b)|s(?:aw|een)(?=\s+(?:[\w-]+\s+){1,8}as\b)|"
    r"(?:consider|regard|view)(?:s|ed)?(?=\s+\w)|read(?:s)?(?=\s+(?:\w+\s+){1,5}as\b)|"
    r"reject(?:s|ed)|dismiss(?:es|ed)(?=\s+(?:the|that|this|it|as|any|such|claims?|suggestions?|fears|talk|"
    r"reports?)\b)|disagree[sd]?|"
    r"welcom(?:e|es|ed)|disput(?:e|es|ed)|reject(?:s|ed)?(?=\s+(?:the\s+)?(?:claim|charge|accusation|idea|allegation|"
    r"suggestion|"
    r"criticism|report)s?\b)|"
    r"reckon(?:s|ed)?|observ(?:e|es|ed)(?=\s+that\b)|mention(?:s|ed)?|confirm(?:s|ed)?|reiterat(?:e|es|ed)|"
    r"object(?:s|ed)?(?=\s+(?:that|to)\b)|agree(?:s|d)?(?=\s+that\b)|point(?:s|ed)?\s+out|ask(?:s|ed)?(?=\s+(?:for|"
    r"that|whether|if|\"))|ask(?:s|ed)?(?=\s+(?:\w+\s+){1,5}to\b)|"
    r"express(?:es|ed)|voic(?:e|es|ed)|speculat(?:e|es|ed)|tweet(?:s|ed)|(?:made|makes)\s+(?:the|a)\s+case|joke[sd]?|"
    r"boast(?:s|ed)?|"
    r"r(?:ule|ules|uled)\s+out|sp(?:eaks|oke)\s+of|holds?(?=\s+that\b)|suspect(?:s|ed)?(?=\s+that\b)|"
    r"puts?(?=\s+(?:[\w']+\s+){1,9}at\b)|"
    r"found(?=\s+that\b|\s*\.?\s*$)|"
    r"lament(?:s|ed)?|hail(?:s|ed)|blam(?:e|es|ed)|credit(?:s|ed)(?=\s+\w+\s+(?:with|for)\b)|attribut(?:e|es|ed)|"
    r"signal(?:s|led|ed)(?=\s+that\b)|"
    r"treat(?:s|ed)?(?=\s+(?:the\s+)?(?:\w+\s+){1,6}as\b)"
)
_STRICT = re.compile(
    r"(?:said|says?|told|argue[sd]?|insist(?:s|ed)?|claimed|warn(?:s|ed)?|announced|denie[sd]|conced\w+|contend\w*|"
    r"maintain\w*|conclude[sd]|admit\w*|"
    r"declare[sd]|wrote|writes|believe[sd]?|thinks?|suspects?|acknowledge[sd]?|vow(?:s|ed)|pledge[sd]|promised|added|"
    r"found|reckon\w*|cautions|cautioned|"
    r"hold|holds|rul\w+\s+out|put|puts|spoke\s+of|speaks\s+of|predicted|recalled|tweeted|complain\w*|hopes|fears|"
    r"worries)\Z"
)
"""Verbs whose subject can speak, whatever it is called: "the district fire service said"."""
_PROGRESSIVE = (
    r"saying|claiming|arguing|warning|insisting|demanding|urging|promising|calling|suggesting|describing|"
    r"complaining|proposing|predicting|hoping|asking|accusing|announcing|telling|blaming"
)
_BETWEEN = (  # what may stand between somebody and the verb
    r"(?:(?:has|have|had|also|later|then|once|again|repeatedly|even|often|still|now|himself|herself|themselves|"
    r"immediately|specifically|privately|publicly|recently|widely|in\s+particular|[a-z]{3,}ly|just|since|first|"
    r"meanwhile|nevertheless|nonetheless|however|only|would\s+only|do|does|did)\s+)*"
)
_SPOKEN = re.compile(
    rf"(?<![\w'-])(?P<between>{_BETWEEN})"
    rf"(?:(?P<verb>{_VERBS})|(?P<going>(?:is|are|was|were|been|has\s+been|have\s+been|"
    rf"had\s+been)\s+(?:\w+ly\s+)?(?:{_PROGRESSIVE}))|"
    r"(?P<state>(?:is|are|was|were)\s+(?:\w+ly\s+)?(?:worried|concerned|afraid|not\s+convinced|unconvinced|convinced|"
    r"confident|sceptical|"
    r"skeptical)(?=\s+(?:that|about)\b|\s*\.?\s*$)))"
    r"(?![\w'-])"
)
_POSSESSORS = {"his": "he", "her": "she", "their": "they"}
_NARRATES = re.compile(
    r"\b[Tt]he\s+(?P<narrator>author|commentary|article|analysis|analyst|writer)s?\s+(?:also\s+|then\s+|finally\s+)?"
    r"(?:sees|asks|closes|ends|begins|reads|finds|treats|takes|draws|traces|compares|counts|names|lists|points|hopes|"
    r"looks|"
    r"speaks|puts|places|denies|leaves|gives|thinks|does\s+not\s+expect)\b"
)
_ANNOUNCING = re.compile(
    r"\b(?:announcing|saying|warning|claiming|arguing|stating|promising|declaring|suggesting)\s+(?:that|it|he|she|"
    r"they)\b"
)
_SOURCE = re.compile(
    r"\b(?:[Aa]ccording\s+to|[Ii]n\s+the\s+(?:words|view|eyes|opinion)\s+of)\s+(?P<speaker>[^,;:.\"]+)|"
    r"\b[Ii]n\s+(?P<owner>(?:the\s+)?[\w -]{2,40}?)'s?\s+(?:view|opinion|words|eyes|estimate|verdict)\b|"
    r"\b[Ff]or\s+(?P<holder>the\s+(?:author|commentary|article|analyst))\b|"
    r"\b[Tt]he\s+(?P<judge>author|commentary|article)'s\s+(?:verdict|view|conclusion|opinion)\b|"
    r"\b[Ii]n\s+(?P<whose>his|her|their)\s+(?:view|opinion|words|eyes|estimate)\b|"
    r"\b(?:is|are|was|were)\s+(?:\w+\s+)?(?:seen|described|regarded|considered|viewed|called|quoted|accused|blamed|"
    r"praised|criticised|criticized)\s+by\s+(?P<agent>[^,;:.\"]+?)(?=\s+(?:as|of|for|to)\b|[,;:.])|"
    r"\b(?P<unnamed>(?:is|are|was|were)\s+(?:widely|generally|commonly|often)\s+(?:seen|regarded|considered|viewed|"
    r"believed|thought|expected)|reportedly|allegedly|(?:is|are)\s+said\s+to)\b|"
    r"\bquotes?\s+(?P<quoted>[A-Z][\w'-]+(?:\s+[A-Z][\w'-]+)*)\s*:",
)
_INVERTED = re.compile(
    r"[,?!]\"?\s+(?:said|says|warned|wrote|added|argued|insisted|explained|asked|replied|claims|claimed|told|"
    r"declared|noted)\s+"
    r"(?P<speaker>(?:the\s+|a\s+|an\s+)?[\w'-]+(?:\s+(?!(?:in|on|at|after|before|during|when|while|who|as|that|to|"
    r"by)\b)[\w'-]+){0,6})"
)
_OPENING = re.compile(
    r"(?P<speaker>(?:The\s+|A\s+|An\s+)?[\w'-]+(?:\s+(?:(?:of|for|and|the)\s+)*[A-Z][\w'-]*|\s+(?:ministry|"
    r"government|company|police|union|party|office|court))*)"
    r"\s+[a-z]"
)
_AFTERWARDS = re.compile(r"\s+(?:afterwards?|later|yesterday|today|recently|then|again|earlier)$", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d_a-z][\w'-]*(?:\s+(?:(?:van|von|de|der|den|del|da|di|al|bin|la|le)\s+)?[^\W\d_a-z][\w'-]*)+")
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
_PEOPLE = word_set(
    """author authors commentary commentator article analysis report study people person public government
    administration ministry minister ministers president official officials spokesman spokeswoman spokesperson
    spokespeople critics critic protesters protester demonstrators campaigners activists residents locals witnesses
    witness experts expert analysts analyst economists economist scientists scientist researchers researcher doctors
    doctor lawyers lawyer prosecutors prosecutor police investigators judges judge court company companies firm firms
    bank unions union workers employees managers executives executive chairman chairwoman chief chiefs director
    directors founder owners owner farmers fishermen voters voter lawmakers lawmaker senators senator governor mayor
    mayors party parties opposition ruling side sides camp media newspaper newspapers broadcaster agency agencies
    group groups organisation organization organisations organizations council committee commission parliament
    congress senate army military navy troops generals general admiral commander commanders leaders leader diplomats
    diplomat ambassador envoy envoys allies generation generations youth students teachers teacher parents families
    relatives passengers customers consumers investors investor traders shareholders supporters opponents advocates
    skeptics sceptics observers observer historians note historian professor professors circles quarters some many
    others most majority another he she they we i nobody everyone insiders sources source regulator regulators watchdog
    authorities authority association federation club coach player players team fans manager rescuers engineers
    engineer union neighbours neighbors survivors half third pollsters secretary undersecretary deputy team
    office representative representatives lawmaker users user veterans patients nurses operator operators"""
)
_TRAILING = re.compile(r"\s+(?:in\s+particular|alike|too|as\s+well|for\s+(?:his|her|its|their)\s+part)$")
_JOINED = re.compile(r"(?:^|[,;:.]\s+|\b(?:but|while|that)\s+)(?P<first>(?:\w+\s+){0,2}[\w'-]+)\s+and\s+$")
_LEADING = re.compile(
    r"(?:\s*(?:especially|particularly|even|only|yet|still|so|then|now|perhaps|in\s+short|in\s+fact|what|as)\s+)*",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r"\s+(?:who|of|in|at|from|for|on|with|to|near|around)\s.*$")


_LONGEST = 12
"""Words for somebody, his offices among them."""


class Report(NamedTuple):
    """Somebody who says or thinks something; ``start`` and ``end`` are offsets of the words for them."""

    speaker: str
    start: int
    end: int
    verb: str


def reports_in(folded: str) -> list[Report]:
    """What a folded sentence reports, in the order in which it does."""
    found = [*_sources(folded), *_inverted(folded), *_spoken(folded), *_narrated(folded)]
    if not found:
        found = [*_announced(folded)]
    return sorted(found, key=lambda report: report.start)


def _sources(folded: str) -> Iterator[Report]:
    for match in _SOURCE.finditer(folded):
        group = match.lastgroup or ""
        speaker = {"judge": f"the {match[group]}", "unnamed": "", "whose": _POSSESSORS.get(match[group], "")}.get(
            group, match[group].strip()
        )
        yield Report(speaker, *match.span(group), match[group].strip())


def _narrated(folded: str) -> Iterator[Report]:
    for match in _NARRATES.finditer(folded):
        yield Report(f"the {match['narrator']}", match.start(), match.end("narrator"), match["narrator"])


def _announced(folded: str) -> Iterator[Report]:
    """Who acts in a sentence and says something while acting: "sent out a release announcing that"."""
    match = _ANNOUNCING.search(folded)
    opening = _OPENING.match(folded)
    if match and opening and _can_speak(opening["speaker"]):
        yield Report(opening["speaker"], *opening.span("speaker"), match[0].split()[0])


def _inverted(folded: str) -> Iterator[Report]:
    for match in _INVERTED.finditer(folded):
        speaker = _AFTERWARDS.sub("", match["speaker"])
        if _is_somebody(speaker):
            yield Report(speaker, match.start("speaker"), match.start("speaker") + len(speaker), speaker)


def _spoken(folded: str) -> Iterator[Report]:
    previous: Report | None = None
    for match in _SPOKEN.finditer(folded):
        verb = match["verb"] or match["going"] or match["state"]
        if folded.count('"', 0, match.start()) % 2:  # somebody who is quoted tells it, not the article
            continue
        if match["verb"] and re.search(
            r"\b(?:is|are|was|were|be|been|being|to|not\s+to|a|an|the|of|its|their|his)\s+(?:\w+ly\s+)?$",
            folded[: match.start()],
        ):
            continue
        subject = _subject(folded, match.start("between"))
        if subject is None and previous and re.search(r"\b(?:and|but)\s+$", folded[: match.start("between")]):
            subject = (previous.start, previous.end)
        if subject is None:
            continue
        start, end = subject
        report = Report(folded[start:end], start, end, verb)
        if _can_speak(report.speaker, folded[end:]) or (_STRICT.match(verb) and _is_somebody(report.speaker)):
            previous = report
            yield report


def _subject(folded: str, end: int) -> tuple[int, int] | None:
    """Where the words stand before this place that name who does what follows; None where nothing does."""
    before = folded[:end].rstrip()
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


def is_of_people(phrase: str) -> bool:
    """Whether a single word names people or an office and nobody in particular: "Protesters", "Management"."""
    return phrase.lower() in _PEOPLE


def _is_somebody(phrase: str) -> bool:
    """Whether there is a word for somebody at all, and no more than a name or a description takes."""
    words = phrase.lower().split()
    told = [word for word in words if word not in FUNCTION_WORDS]
    return bool(told) and len(words) <= _LONGEST and words[-1] not in FUNCTION_WORDS and not words[-1].endswith("ing")


def _can_speak(phrase: str, rest: str = "") -> bool:
    """Whether these words name somebody who can say or think: a person, people, an office, a country.

    ``rest`` is what follows them: "it" does where it stands between commas, as in "will, it argues, decide"."""
    head = _RELATIVE.sub("", phrase).strip()
    words = head.lower().replace("'s", "").split()
    if not words or (words[-1] in FUNCTION_WORDS and words[-1] not in _PEOPLE | PRONOUNS):
        return False
    if words == ["it"]:
        return (
            re.match(
                r"\s+(?:\w+\s*(?:,|that\b)|(?:promised|said|announced|added|warned|denied|insisted|argued|pledged|"
                r"vowed)\b)",
                rest,
            )
            is not None
        )
    if words[-1] in _PEOPLE or (words[0] in {"some", "many", "most", "others"} and len(words) == 1):
        return True
    if re.search(r"(?:ists|icians|ologists)$", words[-1]):
        return True
    names = names_of(phrase)
    last = head.split()[-1]
    if not (last[:1].isupper() and not head.endswith("'s")):
        of = re.match(r"(?:about|around|some|nearly|most|more than|over|\d|half|two|a )", phrase.lower())
        return bool(of) and any(name.people for name in names)
    return any(not is_thing(name) or name.acronym for name in names) or len(words) == 1
