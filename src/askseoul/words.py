"""Text read as words: folded, lightly stemmed, each with the sentence and the clause in which it stands.

What the checks compare is never the characters of a text but these words, so that case, curly quotation marks, dashes,
possessives and the endings of words make no difference. Rules are English; other languages pass through unharmed.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple


def word_set(words: str) -> frozenset[str]:
    """The words of a text, for lists that read better as prose."""
    return frozenset(words.split())


FUNCTION_WORDS = word_set(
    """a an the this that these those such same other others another each every either both all any some many much few
    several most own i me my we us our ours you your he him his she her hers it its they them their theirs himself
    herself itself themselves who whom whose which what when where why how there here one ones and or but nor so yet
    if then than as because since while although though whereas whether unless until till once of in on at by for with
    about against between among amid into onto through throughout during before after above below to from up down out
    off over under again toward towards upon within without across along around behind beside besides beyond despite
    except like near per via regarding concerning am is are was were be been being isn aren wasn weren do does did
    doing done don didn doesn have has had having hasn haven hadn can could may might must shall should will would
    won't ought cannot couldn wouldn shouldn need needs let not no never neither none nothing nobody only just also
    too very quite rather even still already ever now today thus hence therefore however moreover furthermore
    nevertheless nonetheless meanwhile instead otherwise indeed perhaps maybe well more less least further later
    earlier first last next s t re ve ll d m yes etc eg ie vs according amongst yesterday tomorrow currently recently
    really simply nor"""
)
"""Words that carry no content of their own; a capital on one of them does not make it a name."""

REPORTING_WORDS = word_set(
    """author authors article articles commentary report reports reported reporting write writes wrote say says said
    state states stated tell tells told argue argues argued add adds added note notes noted call calls called describe
    describes described think thinks thought view views find finds found digest text piece analysis"""
)
"""Words that say who says a thing: neither their presence nor their absence changes what is said."""

LIGHT_WORDS = word_set(
    """go goes going went gone come comes coming came get gets got take takes taking took taken give gives giving gave
    given make makes making made put puts putting keep keeps keeping kept hold holds holding held bring brings brought
    run runs ran running lead leads led leading set sets turn turns turned stand stands stood become becomes became
    remain remains remained find finds found see sees saw seen show shows showed shown use uses used include includes
    included call calls called mean means meant way ways thing things part parts side sides time times case cases place
    point points kind kinds number numbers people man men woman women someone country countries day days year years
    recently currently presently about around roughly nearly almost percent dollar dollars total overall
    measure measures rule rules step steps move moves effort efforts action actions issue issues matter matters area
    areas field fields role roles form forms level levels type types fact facts idea ideas aspect aspects process period
    situation position amount figure"""
)
"""Light verbs and shell nouns, which mean little without those beside them: a sentence may have one of them more than
its source."""

IRREGULAR = {
    form: base
    for base, forms in {
        "buy": "bought", "sell": "sold", "hold": "held", "grow": "grew grown growth", "rise": "rose risen",
        "fall": "fell fallen",
        "meet": "met", "keep": "kept", "build": "built", "lead": "led", "win": "won", "lose": "lost loss losses",
        "pay": "paid",
        "take": "took taken", "give": "gave given", "make": "made", "become": "became", "begin": "began begun",
        "bring": "brought", "fight": "fought", "seek": "sought", "leave": "left", "send": "sent", "spend": "spent",
        "stand": "stood", "understand": "understood", "draw": "drew drawn", "show": "shown", "know": "knew known",
        "man": "men", "woman": "women", "get": "got gotten", "see": "saw seen", "run": "ran", "come": "came",
        "go": "went gone",
        "choose": "chose chosen choice", "speak": "spoke spoken speech", "strong": "strength strengthen stronger",
        "defense": "defence defend defends defended", "telephone": "phone phoned phones", "sign": "signed",
        "feel": "felt",
        "deny": "denied denial", "lie": "lay lain", "sell ": "sale sales", "think": "thought",
    }.items()
    for form in forms.split()
}  # fmt: skip

_FOLD = str.maketrans(
    dict.fromkeys("‘’ʼ‚`", "'")
    | dict.fromkeys("“”„«»‹›「」『』", '"')
    | dict.fromkeys("‐‑‒–−", "-")
    | dict.fromkeys("—―", ";")
)
_DOTTED = re.compile(r"\b[A-Z](?:\.[A-Z])+\b\.?")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_SENTENCE_END = re.compile(r"[.!?…。！？]|\n\s*\n")
_CLAUSE_END = re.compile(r"[,;:()\[\]]|\s-\s")
_CLAUSE_WORDS = frozenset({"but", "while", "although", "though", "whereas", "because", "however"})
_SUFFIXES = (
    "ations",
    "ation",
    "ments",
    "ment",
    "ings",
    "ing",
    "ions",
    "ion",
    "edly",
    "ed",
    "ers",
    "er",
    "est",
    "ly",
    "es",
    "s",
)
_SHORTEST_ROOT = 3
_LONGEST_STEM = 6


class Word(NamedTuple):
    """One word of a folded text; ``start`` and ``end`` are offsets into the folded text."""

    text: str
    stem: str
    start: int
    end: int
    sentence: int
    clause: int
    opening: bool
    """Whether it opens a sentence or a quotation, where a capital says nothing."""

    @property
    def lower(self) -> str:
        """The word in small letters."""
        return self.text.lower()

    @property
    def content(self) -> bool:
        """Whether the word has a meaning of its own to compare."""
        lower = self.text.lower()
        return (lower not in FUNCTION_WORDS and lower not in REPORTING_WORDS) or self.text == "US"


def fold(text: str) -> str:
    """The text with compatibility forms, quotation marks, dashes and dotted initials (U.S.) made plain."""
    plain = unicodedata.normalize("NFKC", text).translate(_FOLD)
    if not plain.isascii():  # the digits of other scripts are digits
        plain = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in plain)
    return _DOTTED.sub(lambda match: match.group().replace(".", ""), plain)


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """What a word shares with its inflections and near derivations: endings removed, at most six letters.

    Cutting words to a fixed length groups ``normalize`` with ``normalization`` and ``economy`` with ``economic``, which
    removing endings alone does not.
    """
    root = word.lower().split("'")[0]
    root = IRREGULAR.get(root, root).strip()
    if root.endswith("ies") and len(root) > _SHORTEST_ROOT + 1:
        root = root[:-3] + "y"
    elif not root.endswith(("ss", "us", "is")):
        for suffix in _SUFFIXES:
            if root.endswith(suffix) and len(root) - len(suffix) >= _SHORTEST_ROOT:
                root = root[: -len(suffix)]
                break
    if len(root) > _SHORTEST_ROOT:
        if root[-1] == root[-2] and root[-1] not in "sl":
            root = root[:-1]
        root = root.removesuffix("e")
    return (root[:-1] + "i" if root.endswith("y") and len(root) > _SHORTEST_ROOT else root)[:_LONGEST_STEM]


@lru_cache(maxsize=4096)
def words_of(folded: str) -> tuple[Word, ...]:
    """The words of a folded text in order, a possessive ``'s`` left off."""
    found: list[Word] = []
    sentence = clause = previous = 0
    for match in _WORD.finditer(folded):
        gap = folded[previous : match.start()]
        opening = not found or gap.endswith(('"', "'"))
        if found and _SENTENCE_END.search(gap):
            sentence, clause, opening = sentence + 1, clause + 1, True
        elif found and (_CLAUSE_END.search(gap) or match.group().lower() in _CLAUSE_WORDS):
            clause += 1
            opening = opening or ":" in gap
        text = match.group().removesuffix("'s")
        found.append(Word(text, stem(text), match.start(), match.start() + len(text), sentence, clause, opening))
        previous = match.end()
    return tuple(found)
