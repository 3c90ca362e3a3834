"""Decide which side of a yes-or-no question a sentence takes, or which of two alternatives.

Sentences that are close in meaning can say opposite things, and vectors hardly distinguish them ("rose" is near
"fell"). So the words for both ends of each axis (up or down, allowed or banned, for or against, good or bad) are
listed. A word counts for the other end if it is negated ("not safe", "lifted the ban"). If the question names an end of
an axis ("legal", "rising", "in office"), the sentence's words for either end decide; otherwise it is whether the
sentence affirms or denies the question's own words, which are found by meaning.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from askseoul.domain import Evidence
from askseoul.nlp.entities import Name, find_names, is_person
from askseoul.nlp.text import ParsedText, normalize, parse, stem
from askseoul.retrieval.question import Question
from askseoul.verification.alignment import TokenSimilarity

_UP = (
    r"r(?:ise|ises|ising|isen|ose)|gr(?:ow|ows|owing|own|ew|owth)|increas\w+|climb\w*|surg(?:e|es|ed|ing)|soar\w*|"
    r"jump(?:s|ed|ing)?|"
    r"expan(?:d|ds|ded|ding|sion)|gain(?:s|ed|ing)?|higher|more|up|swell\w*|recover(?:s|ed|ing|y)?|improv\w+|"
    r"accelerat\w+|"
    r"strengthen\w*|boom\w*|upswing|doubl(?:e|es|ed|ing)|record|raise[sd]?|raising|widen\w*|stronger|faster|better|"
    r"bigger|larger|bumper|plentiful|richer|busier"
)
_DOWN = (
    r"f(?:all|alls|alling|allen|ell)|declin\w+|decreas\w+|drop(?:s|ped|ping)?|shr(?:ink|inks|inking|ank|unk|inkage)|"
    r"down|lower(?:s|ed|ing)?|"
    r"fewer|less|contract(?:s|ed|ing|ion)|slump\w*|plung\w+|dip(?:s|ped)?|weaken\w*|weaker|dwindl\w+|cut(?:s|ting)?|"
    r"slow(?:s|ed|er|ing)?|"
    r"worsen\w*|deteriorat\w+|narrow\w*|los(?:e|es|ing|t|s|ses)|halv(?:e|es|ed|ing)|collaps\w+|sink\w*|sank|sunk|"
    r"eas(?:e|es|ed|ing)|worse|"
    r"slip(?:s|ped)?|tumbl\w+|fad(?:e|es|ed|ing)|retreat\w*|scarcer|smaller|poorer|meagre|quieter|weak"
)
_ALLOWED = (
    r"allow(?:s|ed|ing)?|permit(?:s|ted|ting)?|legal(?!\s+(?:battle|action|team|challenge|scholar|expert|advis|case|"
    r"fight))|legali[sz]\w+|"
    r"lawful|authori[sz](?:e|es|ed|ing)|licen[cs]ed|may\s+(?:\w+\s+){0,4}?(?:again|now)|"
    r"open\s+to\s+(?:the\s+)?(?:public|visitors)|restart\w*|warning\s+was\s+lifted|free\s+to|welcome\s+again|"
    r"can\s+(?:\w+\s+){0,7}?(?:again|once\s+more)|clear(?:ed)?\s+to"
)
_BANNED = (
    r"bann(?:ed|ing)|bans?|prohibit\w*|forbid\w*|forbade|outlaw\w*|illegal\w*|unlawful\w*|offences?|offenses?|"
    r"block(?:s|ed|ing)?|veto\w*|"
    r"barred|off-limits|no\s+\w+(?:\s+\w+)?\s+may\b|must\s+not|may\s+not|may\s+no\s+longer|can\s+no\s+longer|"
    r"punishable|criminali[sz]\w+|embargo\w*|moratorium|restrict\w+"
)
_FOR = (
    r"support(?:s|ed|ing|ers?|ive)?|back(?:s|ed|ing)(?!\s+(?:to|from|in|down|out)\b)|favou?r(?:s|ed|ing)?|endors\w+|"
    r"approv\w+|welcom\w+|"
    r"prais\w+|deserv\w+|champion(?:s|ed|ing)|embrac\w+|applaud\w*|agree[sd]?|accept(?:s|ed|ing)?|advocat\w+|"
    r"in\s+favou?r|must\s+be\s+kept|"
    r"keep|necessary|right\s+(?:step|thing|move|decision)|sensible|overdue|worth|adopt(?:s|ed|ing)?|vot(?:e|"
    r"ed)\s+for|yes|sound|ought\s+to(?!\s+(?:reject|drop|scrap|stop|refuse|abandon))|should(?!\s+(?:not|never|reject|"
    r"drop|scrap|stop|refuse|abandon|be\s+(?:scrapped|rejected|dropped|stopped|abandoned)))|without\s+delay"
)
_AGAINST = (
    r"oppos(?:e|es|ed|ing|ition)|reject\w*|condemn\w*|critici[sz]\w+|against|refus\w+|object(?:s|ed|ion|ions|ing)?|"
    r"folly|irresponsib\w+|resist\w*|"
    r"denounc\w+|scrap(?:s|ped|ping)?|abandon\w*|unnecessary|unacceptable|misguided|mistake\w*|wrong|reckless\w*|"
    r"senseless|scandal\w*|"
    r"turn(?:s|ed)?\s+down|vot(?:e|ed)\s+down|vot(?:e|ed)\s+against|shut(?:s|ting)?|no\s+place|premature|"
    r"indefensible|absurd|should\s+(?:not|never|reject|drop|scrap|stop|refuse|abandon|be\s+(?:scrapped|rejected|"
    r"dropped|stopped|abandoned))|ought\s+(?:not\s+to|to\s+(?:reject|drop|scrap|stop|refuse|abandon))|must\s+(?:not|"
    r"never)|drop(?:s|ped)?\s+(?:the|its|his|her|their)\s+(?:idea|plan)s?|extravagan\w+|waste(?:s|d|ful)?|"
    r"too\s+(?:costly|expensive|dangerous|risky|late)|unwise|white\s+elephant"
)
_GOOD = (
    r"good|benefi\w+|boon|boost\w*|winn(?:er|ers|ing)|won|success\w*|opportunit(?:y|ies)|assets?|advantag\w+|"
    r"strengths?|help(?:s|ed|ful|ing)?|"
    r"saf(?:e|er|ely)|effective\w*|promising|thriv\w+|healthy|healthier|prosper\w*|dynamism|vitality|progress|"
    r"blessing|gain(?:s|ed)?|"
    r"profit(?:s|ed|able)?|great|excellent|positive\w*|hope(?:ful)?|growth|flourish\w*|reviv\w+|improv\w+|useful|"
    r"harmless|reliable|"
    r"fuller|protect(?:s|ed|ive)|prevent(?:s|ed)|reward\w*|tailwind|paid\s+off|reap(?:s|ed)?|stabili[sz]\w+|"
    r"cornerstone|works?\b|better"
)
_BAD = (
    r"bad|badly|harm(?:s|ed|ful|ing)?|disast\w+|damag\w+|liabilit(?:y|ies)|risk(?:s|y|ier)?|threat\w*|danger\w*|"
    r"fail(?:s|ed|ing|ure|ures)?|los(?:s|ses|er|ers)|"
    r"victims?|vulnerab\w+|burden\w*|costly|ineffective|unsafe|blows?|trouble[sd]?|crisis|crises|weaken\w*|"
    r"undermin\w+|blam\w+|mistake|"
    r"worse|worst|worsen\w*|poison\w*|kill\w*|hurt(?:s|ing)?|suffer\w*|useless|catastroph\w+|negative\w*|decline|"
    r"scourge|menace|ruin\w*|"
    r"hollow\w*|drain(?:s|ed|ing)?|exposed?|coerc\w+|retaliat\w+|fewer\s+customers|leverage|weapon\w*|closures|"
    r"emptier|unreliable|"
    r"over-reliance|overdependence|pain|toxic|cancers?|curse|strain\w*|bleed\w*|quieter"
)
_OPEN = (
    r"open(?:s|ed|ing)?|reopen\w*|resum\w+|restart\w*|start(?:s|ed|ing)?|launch\w*|beg(?:in|ins|an|un)|"
    r"go(?:es)?\s+ahead|back\s+in\s+service|restor\w+|in\s+operation|running"
)
_SHUT = (
    r"clos(?:e|es|ed|ing|ure)|shut\w*|cancel\w*|suspend\w*|suspension|postpon\w+|halt\w*|stop(?:s|ped|ping)?|"
    r"end(?:s|ed|ing)?|called\s+off|out\s+of\s+service|idle|abandon\w*|scrapped"
)
_TRUE = r"confirm(?:s|ed)?|true|prov(?:e|es|ed|en)|evidence|shows?|showed|links?|linked|caus(?:e|es|ed)|accurate"
_FALSE = (
    r"false\w*|untrue|unfounded|baseless|unsupported|myth|debunk\w*|den(?:y|ies|ied|ial)|refut\w+|disprov\w+|"
    r"no\s+evidence|no\s+link|rumou?rs?|hoax|unproven|exonerat\w+|cleared"
)
_PROFIT = r"profits?|surplus\w*|(?:in|into|to)\s+the\s+black|earned|earnings"
_LOSS = r"loss(?:es)?|deficits?|(?:in|into)\s+the\s+red|shortfall"
_GUILTY = r"guilty|convict(?:ed|ion)|upheld|sentenc\w+|stands|jail\w*|prison"
_INNOCENT = r"acquit\w*|cleared|innocent|overturn\w*|quash\w*|exonerat\w+|freed|annul\w*|pardon\w*"
_KEEPS = (
    r"neutral\w*|balanc\w+|two-legged|dual-\w+|hedg\w+|equidistan\w+|middle\s+(?:way|course)|both\s+sides|"
    r"mediator|bridge"
)
_SIDES = (
    r"align\w*|sid(?:e|es|ed|ing)\s+(?:firmly\s+)?with|tak(?:e|es|ing)\s+sides|lean\w*\s+(?:towards?|to)|"
    r"pivot\w*|bandwagon\w*|(?:can|could)\s+no\s+longer\s+(?:maintain|keep|hold)"
)

AXES: Final[dict[str, tuple[str, str]]] = {
    "direction": (_UP, _DOWN), "permission": (_ALLOWED, _BANNED), "approval": (_FOR, _AGAINST), "value": (_GOOD, _BAD),
    "operation": (_OPEN, _SHUT), "truth": (_TRUE, _FALSE), "result": (_PROFIT, _LOSS),
    "guilt": (_GUILTY, _INNOCENT), "side": (_KEEPS, _SIDES),
}  # fmt: skip
"""Each axis with the words of its one end and of its other."""

_WORD = re.compile(r"[\w'-]+")
_DENIED_CLAUSE = re.compile(
    r"(?<![\w'-])(?:at\s+no\s+(?:point|time)|in\s+no\s+way|by\s+no\s+means|under\s+no\s+circumstances|never|nobody|"
    r"no\s+one|none\s+of|nor|"
    r"neither|(?:did|do|does|has|have|had|is|are|was|were|will|would|can|could|may|must|should)\s+not|cannot|\w+n't|"
    r"no\s+longer|not\s+(?:a\s+)?(?:single|one)|(?:has|have|had)\s+yet\s+to|not\s+to|(?:do|does|did|done|"
    r"doing)\s+(?:nothing|little)\s+to)"
    r"(?!\s+(?:only|just|merely))(?![\w'-])",
    re.IGNORECASE,
)
"""Words that deny all of the clause behind them."""
_HARD_TO = re.compile(
    r"\b(?:difficult|hard(?:er)?|impossible|unable|unlikely|costly|"
    r"too\s+\w+)\s+(?:for\s+(?:[\w']+\s+){1,4})?to\s+(?:\w+\s+){0,3}$",
    re.IGNORECASE,
)
_BACK = 90
"""Characters before a word in which its clause begins."""
_TITLE = r"(?:President|Prime Minister|Chancellor|Premier|Governor|Mayor|King|Queen|Minister)"
_OUT_OF_OFFICE = (
    r"(?:no\s+longer\s+(?:in\s+office|in\s+power|president)|left\s+(?:office|power|the\s+presidency)|"
    r"out\s+of\s+(?:office|power)|stepped\s+down|resigned)"
)
_REACH = 3
"""Words that may stand between a word that turns another and that other."""
_COMPILED = {
    axis: re.compile(rf"(?<![\w'-])(?:(?P<plus>{plus})|(?P<minus>{minus}))(?![\w-])", re.IGNORECASE)
    for axis, (plus, minus) in AXES.items()
}
_ASKED = {
    axis: re.compile(rf"(?<![\w'-])(?:{words})(?![\w-])", re.IGNORECASE)
    for axis, words in {
        "direction": r"ris(?:e|es|ing|en)|rose|fall(?:s|en|ing)?|fell|increas\w+|decreas\w+|grow\w*|grew|shrink\w*|"
                     r"shrank|up\s+or\s+down|improv\w+|"
                     r"worsen\w*|declin\w+|higher|lower|more\s+or\s+(?:less|fewer)|which\s+(?:way|direction)|"
                     r"recover\w*|expand\w*|gain(?:s|ing)?|interest\s+rates?",
        "permission": r"legal|illegal|allow\w*|permit\w*|bann?\w*|forbid\w*|prohibit\w*|lawful|outlaw\w*",
        "approval": r"support\w*|oppos\w+|back(?:s|ed|ing)?|favou?r|for\s+or\s+against|approv\w+|should|ought|agree|"
                    r"endors\w+|welcom\w+|want",
        "value": r"good|bad|safe|dangerous|harm\w*|benefi\w+|opportunit\w+|liabilit\w+|asset|success\w*|fail\w*|"
                 r"help\w*|hurt\w*|worth\w*|effective|"
                 r"risk\w*|threat\w*|healthy|better|worse|should|advantage\w*|drawback\w*|boon|burden|profitable|"
                 r"useful|blessing|curse|wise",
        "operation": r"open(?:ed|ing)?|clos(?:e|ed|ing)|running|operat\w+|suspend\w*|resum\w+|cancel\w*|start(?:ed)?|"
                     r"shut",
        "truth": r"evidence|proof|true|link(?:ed)?|caus(?:e|es|ed)|confirm\w*|proven?",
        "result": r"profits?|loss(?:es)?|surplus|deficit|black|red",
        "guilt": r"guilty|innocent|convict\w+|acquit\w*",
        "side": r"neutral\w*|balanc\w+|align\w*|sides?\s+with|choose\s+(?:a\s+)?sides?|take\s+sides",
    }.items()
}  # fmt: skip
"""How a question names an end of an axis: in fewer words than texts point to it."""
_TURNS = re.compile(
    r"(?<![\w'-])(?:not(?!\s+(?:only|just|merely))|no|never|without|neither|nor|hardly|barely|cannot|\w+n't|nothing|lift(?:s|ed|ing)?|repeal\w*|"
    r"overturn\w*|scrap(?:s|ped|ping)?|"
    r"end(?:s|ed|ing)?|drop(?:s|ped|ping)?|revok\w+|rescind\w*|eas(?:e|es|ed|ing)|abolish\w*|relax\w*|withdr\w+|"
    r"thr(?:ew|own)\s+out|dismiss\w*|"
    r"reject\w*|den(?:y|ies|ied)|reject\w*|stop(?:s|ped)?|fail(?:s|ed)?\s+to|far\s+from|no\s+longer|little|few|"
    r"lack\w*|difficult|hard|impossible|"
    r"untenable|costs?|limits?|anything\s+but|rather\s+than|instead\s+of|prevent\w*|avoid\w*|spar(?:e|es|ed|ing)|"
    r"free\s+of|against|slow(?:s|ed|ing)?|"
    r"reduc\w+|counter\w*|fight\w*|curb\w*|oppos\w+|unlikely|doubt\w*|repudiat\w+|"
    r"reversed?)(?![\w-])(?P<rest>.{0,40})$",
    re.IGNORECASE,
)
_BREAK = re.compile(
    r"[.;:!?]|,\s|\b(?:but|while|although|though|when|because|since|until|which|who|as|after|before|if)\b"
)


_TURNED_AFTER = re.compile(
    r"^[\w-]*(?:\s+\w+){0,7}?\s+(?:has|have|is|are|was|were|carr(?:y|ies)|came|did)\s+(?:now\s+|long\s+|"
    r"already\s+)?(?:reached\s+(?:its|their)\s+limits?|"
    r"run\s+its\s+course|over|dead|fading|impossible|untenable|higher\s+costs|not|no\s+longer|never|out\s+of|"
    r"ruled\s+out|denied|rejected|"
    r"overturned|lifted|repealed|scrapped|dismissed|thrown\s+out|unfounded|false|wrong|ended|gone|struck\s+(?:from|"
    r"down|off)|removed|annulled)\b|"
    r"^[\w-]*\s+(?:nothing|nobody|none|neither|no\s+\w+|not\s+a)\b|^[\w-]*\s+(?:now\s+)?(?:carries|costs|fails|"
    r"failed|does\s+not|did\s+not|is\s+no|was\s+no)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=8192)
def pull(text: str, axis: str) -> int:
    """How far a text points to an axis's one end: the number of its words for it less those for the other."""
    normalized = normalize(text)
    return sum(
        (1 if match["plus"] else -1) * _sense(normalized, match, frozenset())
        for match in _COMPILED[axis].finditer(normalized)
    )


def affirms(normalized: str, starts: Sequence[int], asked: frozenset[str]) -> int:
    """1 where a normalized text says what stands at these places, -1 where it denies any of it, 0 where there are none.

    ``asked`` are the stems of the question: a word that it has itself ("slow") denies nothing."""
    senses = [_sense(normalized, match, asked) for start in starts if (match := _WORD.match(normalized, start))]
    return min(senses, default=0)


def _sense(normalized: str, match: re.Match[str], asked: frozenset[str]) -> int:
    """-1 where the word is denied in its clause, else 1; a word that is itself ``asked`` about denies nothing."""
    before = normalized[max(0, match.start() - _BACK) : match.start()]
    broken = [each.end() for each in _BREAK.finditer(before)]
    clause = before[broken[-1] :] if broken else before
    sense = 1
    if _DENIED_CLAUSE.search(clause) or _HARD_TO.search(clause):
        sense = -1
    else:
        turn = _TURNS.search(clause)
        if turn and len(turn["rest"].split()) <= _REACH and stem(turn[0].split()[0]) not in asked:
            sense = -1
    if " " in match[0]:  # a phrase has its sense in itself
        return sense
    return -sense if _TURNED_AFTER.match(normalized[match.start() : match.end() + 60]) else sense


def holds_office(text: str, names: Sequence[Name]) -> int:
    """1 where a text has one of these people in office ("President Lee", "the Lee administration"), -1 where it has
    them out of it ("former president Lee"), 0 where it says neither."""
    normalized = normalize(text)
    for name in names:
        own = re.escape(name.text.split()[-1])
        if re.search(
            rf"\b(?:former|ex-?|late|ousted|deposed)\s*(?:\w+\s+){{0,3}}{own}\b|"
            rf"\b{own}\b[^.;]{{0,30}}\b{_OUT_OF_OFFICE}",
            normalized,
            re.IGNORECASE,
        ):
            return -1
        if re.search(
            rf"\b{own}\b[^.;]{{0,60}}\bformer\s+(?:president|prime\s+minister|leader|chancellor)\b",
            normalized,
            re.IGNORECASE,
        ):
            return -1
        in_office = (
            rf"\b{_TITLE}\s+(?:[A-Z][\w-]*\s+){{0,2}}{own}\b|"
            rf"\b{own}(?:'s)?\s+(?:administration|government|presidency)\b"
        )
        if re.search(in_office, normalized) or re.search(
            rf"\binaugurat\w+[^.;]{{0,40}}\b{own}\b|\b{own}\b[^.;]{{0,20}}\b(?:took|takes|in|holds)\s+office",
            normalized,
        ):
            return 1
    return 0


def axes_of(question: str) -> Sequence[str]:
    """The axes of which a question names an end."""
    normalized = normalize(question)
    return [axis for axis, pattern in _ASKED.items() if pattern.search(normalized)]


SAME: Final = 0.5
"""Least cosine at which a word of a sentence says what a word of the question does."""
_RANKED: Final = (1.0, 0.5, 0.3, 0.2)
"""What the first, second and further sentences of an article count when it is told which side it takes."""
_STEEPLY: Final = (1.0, 0.4, 0.2, 0.1)
"""The same where it is told by what is said and denied, which a sentence on something else does too."""
_OPINION_AXES: Final = ("approval", "value")
_RULE_AXES: Final = ("permission",)
_SHOULD = re.compile(r"\b(?:should|ought|worth|wise|right\s+to|good\s+idea)\b", re.IGNORECASE)
_WHETHER = re.compile(
    r"\bwhether\b|\bwhich\s+(?:way|direction)\b|\b(?:for\s+or\s+against|in\s+favou?r\s+of|support\s+or\s+oppose)\b",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s+or\s+", re.IGNORECASE)
_IN_OFFICE = re.compile(
    r"\b(?:in|out\s+of|left)\s+(?:office|power)\b|left\s+the\s+presidency|"
    r"\b(?:sitting|incumbent|former|still)\s+(?:the\s+)?(?:president|prime\s+minister|leader|chancellor)",
    re.IGNORECASE,
)
_MAY = re.compile(
    r"^(?:can|may)\b|\b(?:legal|illegal|allowed|permitted|banned|forbidden|prohibited|lawful)\b", re.IGNORECASE
)


def is_polar(question: Question) -> bool:
    """Whether it is answered by yes or no, or by one of two sides."""
    return question.answer_type == "choice" or _WHETHER.search(question.text) is not None


def side_taken(
    question: Question, items: Sequence[Evidence], similarity: TokenSimilarity
) -> tuple[int, Evidence] | None:
    """1 for yes, or for the first of two things asked between, -1 for the other, and the sentence that says so most."""
    if not items:
        return None
    asked = question.parsed
    ways = [(_pulled, _RANKED)]
    if not (
        _BETWEEN.search(asked.normalized) or _IN_OFFICE.search(asked.normalized)
    ):  # there, what is affirmed may be anything
        ways.append((_affirmed, _STEEPLY))
    for judged, ranked in ways:
        found = [(judged(asked, item, similarity), item) for item in items]
        total = sum(value * weight for (value, _), weight in zip(found, ranked, strict=False))
        best, item = max(
            ((value * total * weight, item) for (value, item), weight in zip(found, ranked, strict=False)),
            key=lambda pair: pair[0],
        )
        if best > 0:
            return (1 if total > 0 else -1), item
    return None


def _pulled(asked: ParsedText, item: Evidence, similarity: TokenSimilarity) -> int:
    """Which way a sentence points on the axes that the question names, the question's own end being above 0."""
    if _IN_OFFICE.search(asked.normalized):
        return holds_office(item.quote.text, [name for name in find_names(asked) if is_person(name)])
    if _SHOULD.search(asked.normalized):
        return sum(pull(item.quote.text, axis) for axis in _OPINION_AXES)
    axes = dict.fromkeys([*axes_of(asked.normalized), *(_RULE_AXES if _MAY.search(asked.normalized) else ())])
    is_between = _BETWEEN.search(asked.normalized) is not None
    return sum(
        pull(item.quote.text, axis) * (-1 if not is_between and pull(asked.normalized, axis) < 0 else 1)
        for axis in axes
    )


def _affirmed(asked: ParsedText, item: Evidence, similarity: TokenSimilarity) -> int:
    """Whether a sentence says or denies what the question asks."""
    text = parse(item.quote.text)
    named = {word for name in find_names(asked, (text,)) for word in name.text.split()}
    places = []
    words = iter(text.words)
    for each in similarity.counterparts(text, [asked]):
        word = next((word for word in words if word.text == each.word), None)
        if word is not None and each.word not in named and each.cosine >= SAME:
            places.append(word.start)
    return affirms(text.normalized, places, asked.stems)
