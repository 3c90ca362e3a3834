"""Units of quantities: the currencies of the world and common units, how texts write them, and which may be the same.

A unit is a string. What a text names exactly is a currency's code of ISO 4217 (``NOK``) or a unit's English name
(``kilometre``). What several units are called keeps the name they share, in small letters: ``crown`` for “crowns” and
“kr”, ``dollar`` for “$”, ``pound`` for “£” and for pounds of flour, ``ton``. ``factors`` says how these go together.

The forms are those of ``lexicon/units.toml``, which ``scripts/make_units.py`` makes from the Unicode CLDR.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from askseoul.nlp import lexicon

_HUNDREDTH = Fraction(1, 100)


class UnitFound(NamedTuple):
    """A unit as it stands in a text; ``start`` and ``end`` are offsets."""

    unit: str
    factor: Fraction
    """How many of the unit the written name means: a cent is a hundredth of its unit."""
    start: int
    end: int


class _Measure(NamedTuple):
    """What a unit measures ("length"; empty if it is compared with itself alone) and how many of the first it is."""

    kind: str
    factor: Fraction


def _split(text: str) -> list[list[str]]:
    """The lists of forms in a row of the lexicon, with spaces inside the forms."""
    return [[form.replace("_", " ") for form in part.split()] for part in text.split("|")]


_CURRENCIES = {code: _split(text) for code, text in lexicon.table("units", "currencies").items()}
_SHARED = {name: [part.strip() for part in text.split("|")] for name, text in lexicon.table("units", "shared").items()}
_PARTS = {form: unit for forms, unit in lexicon.table("units", "parts").items() for form in forms.split()}
_MEMBERS = {name: frozenset(units.split(", ")) for name, (_, units, *_) in _SHARED.items()}
_USUAL = {name: usual for name, (_, _, usual, _) in _SHARED.items() if usual}
_CODES: dict[str, str] = lexicon.table("units", "codes")
_WORD_CODES = frozenset(_CODES["words"].split())
_MEASURES: dict[str, _Measure] = {}
_NAMES: dict[str, str] = {}
"""Names in small letters, with single spaces inside."""
_ABBREVIATIONS: dict[str, str] = {}
"""Abbreviations and symbols, which have capitals or not."""
_SIGNS: dict[str, str] = {}
"""Signs of currencies, which may stand before the number too."""

for _unit, (_forms, _, _, _signs) in _SHARED.items():
    _NAMES |= {form.replace("_", " "): _unit for form in _forms.split()}
    _SIGNS |= dict.fromkeys(_signs.split(), _unit)
for _unit, (_adjectives, _nouns, _alone, _written) in _CURRENCIES.items():
    _NAMES |= {f"{_adjective} {_noun}": _unit for _adjective in _adjectives for _noun in _nouns}
    _NAMES |= dict.fromkeys(_alone, _unit)
    _SIGNS |= dict.fromkeys(_written, _unit)
for _unit, _text in lexicon.table("units", "measures").items():
    _forms, _signs, _kind, _factor = (part.strip() for part in _text.split("|"))
    _NAMES |= {form.replace("_", " "): _unit for form in _forms.split()}
    _ABBREVIATIONS |= dict.fromkeys(_signs.split(), _unit)
    _MEASURES[_unit] = _Measure(_kind, Fraction(_factor))
_SIGNS |= {code: _SIGNS[code.upper()] for code in _CODES["small"].split()}
_NAMES |= {form: unit for form, unit in _PARTS.items() if len(form) > 1}
_KOREAN = {
    form.replace("_", " "): unit for unit, forms in lexicon.table("units", "korean").items() for form in forms.split()
}
MONEY = frozenset(_CURRENCIES) | {name for name, units in _MEMBERS.items() if units & set(_CURRENCIES)}
"""The units that are a currency, or may be one."""
_FIRST_WORDS = frozenset(name.split()[0] for name in _NAMES)
_LONGEST_NAME = max(name.count(" ") for name in _NAMES) + 1
_ONLY_BEFORE = frozenset({"R", "Sh"})
"""Signs that are read before a number alone: behind one they are something else."""
_SIGN_CHARACTERS = re.escape("".join(sorted({sign[-1] for sign in _SIGNS if not sign[-1].isalpha()} - {".", "/"})))
_BEFORE = re.compile(rf"(?<![^\W_])(?:[^\W\d_]{{0,4}}[{_SIGN_CHARACTERS}]|[^\W\d_]{{1,10}}(?:\.|/\.?)?)\s?$")
_LONGEST_SIGN = 12
_GAP = re.compile(r"[ \t\n-]{0,4}")
_SYMBOL = re.compile(
    rf"(?P<points>%[\s-]?points?\b|%포인트|%p\b)|(?P<degrees>°\s?[CF]\b)|[%‰°]|(?P<sign>[^\W\d_]{{0,4}}[{_SIGN_CHARACTERS}¢])(?!\s?\d)"
)
_TOKEN = re.compile(r"([^\W\d_가-힣]+)([23]|/[^\W\d_가-힣]+)?(?![^\W_가-힣])")
_NEXT = re.compile(r"[ -]{1,2}([^\W\d_가-힣]+)(?![^\W_가-힣])")
_HANGUL = re.compile("|".join(sorted(map(re.escape, _KOREAN), key=len, reverse=True)))
_WON_SOMETHING = re.compile(
    r" (?:the|an?|by|its|his|her|their|over|back|out|gold|silver|bronze|medals?|seats?|titles?|prizes?|awards?|games?"
    r"|races?|matches|elections?)\b",
    re.IGNORECASE,
)
"""What follows “won” where it is the verb."""
_GLUED = {"p": ("pound", _HUNDREDTH), "pp": ("percentage point", Fraction(1))}
"""What is a unit right behind a number only: “30p”, but “30 pp” are pages."""
_LINES_OF_A_SCREEN = frozenset({"144", "240", "360", "480", "720", "1080", "1440", "2160"})


@cache
def factors(claimed: str, given: str) -> tuple[Fraction, ...]:
    """Return what an amount of one unit may be multiplied by to be one of another, exactly; none if it can't be.

    A unit that is named exactly never stands for another one: A$ is not US$. A name that several units share may be
    claimed for each of them (“crowns” for Norwegian crowns), but not the other way round, because that would add what
    the given text does not say; only what the name usually means in world news may be claimed for it (US$ for “$”).
    Units that measure the same convert by their definitions: 1.5 km are 1,500 metres.
    """
    if claimed == given:
        return (Fraction(1),)
    own, other = _MEMBERS.get(claimed, frozenset({claimed})), _MEMBERS.get(given, frozenset({given}))
    if other <= own or _USUAL.get(given) in own:
        return (Fraction(1),)
    source = _MEASURES.get(given)
    if source is None or not source.kind:
        return ()
    targets = [_MEASURES[unit] for unit in own if unit in _MEASURES]
    return tuple(source.factor / target.factor for target in targets if target.kind == source.kind)


def may_refine(unit: str, other: str) -> bool:
    """Whether a currency that stands behind an amount says more exactly what its sign means: “$4 million Canadian
    dollars”, “$400 pesos”."""
    return other in MONEY and (other in _MEMBERS.get(unit, ()) or (unit == "dollar" and _NAMES["peso"] == other))


def units_named(name: str) -> frozenset[str]:
    """Return the units that an amount of a name may have: of “kroner” NOK and DKK, but also what texts call krone or
    crown; none if the name is of no unit."""
    unit = _NAMES.get(name.lower())
    return _akin(unit) if unit else frozenset()


@cache
def _akin(unit: str) -> frozenset[str]:
    own = _MEMBERS.get(unit, frozenset({unit}))
    return own | {unit} | {name for name, units in _MEMBERS.items() if units & own}


def sign_before(text: str, start: int, *, broken: bool) -> UnitFound | None:
    """Return the currency's sign or code before a number; None if there is none.

    ``broken`` says whether the number has a scale or separators ("4.2 million", "1,200"), as money has more often than
    other things that a code may number: COP 28, but COP 240 billion.
    """
    match = _BEFORE.search(text, max(0, start - _LONGEST_SIGN), start)
    if match is None:
        return None
    sign = match.group().rstrip()
    if sign not in _SIGNS and sign[-1] in _SIGNS and not sign[-1].isalpha():
        sign = sign[-1]
    unit = _SIGNS.get(sign)
    if unit is None and broken and sign[0].isupper() and _NAMES.get(sign.lower()) in MONEY:
        unit = _NAMES[sign.lower()]  # "Rupees 15,000"; not "Euro 96"
    if unit is None or (sign in _WORD_CODES and not broken):
        return None
    if sign == "R" and (match.end() > match.start() + 1 or not (broken or text[start : start + 2].isdigit())):
        return None
    return UnitFound(unit, Fraction(1), match.start() + len(match.group().rstrip()) - len(sign), start)


def unit_behind(text: str, end: int, *, number: str = "") -> UnitFound | None:
    """Return the unit behind a number that ends at ``end``; None if there is none. ``number`` is the number's text."""
    at = _GAP.match(text, end).end()  # type: ignore[union-attr] # it matches nothing, too
    if at == len(text):
        return None
    first = text[at]
    if "가" <= first <= "힣":
        return _korean(text, at)
    token = _TOKEN.match(text, at) if first.isalpha() else None
    if token is None:
        return _symbol(text, at)
    word, suffix = token[1], token[2] or ""
    unit = _ABBREVIATIONS.get(word + suffix) or (None if word in _ONLY_BEFORE else _SIGNS.get(word))
    if unit and not (word in _WORD_CODES and number.isdigit()):
        return UnitFound(unit, Fraction(1), at, token.end())
    if word in _GLUED and at == end and not (word == "p" and number in _LINES_OF_A_SCREEN):
        return UnitFound(*_GLUED[word], at, token.end())
    return _name(text, token) if word.lower() in _FIRST_WORDS else None


def _symbol(text: str, at: int) -> UnitFound | None:
    match = _SYMBOL.match(text, at)
    if match is None:
        return None
    if match["points"]:
        return UnitFound("percentage point", Fraction(1), at, match.end())
    if match["degrees"]:
        return UnitFound("celsius" if match["degrees"][-1] == "C" else "fahrenheit", Fraction(1), at, match.end())
    if match.group() == "¢":
        return UnitFound("cent", _HUNDREDTH, at, match.end())
    unit = _ABBREVIATIONS.get(match.group()) or _SIGNS.get(match.group())
    return UnitFound(unit, Fraction(1), at, match.end()) if unit else None


def _korean(text: str, at: int) -> UnitFound | None:
    match = _HANGUL.match(text, at)
    return UnitFound(_KOREAN[match.group()], Fraction(1), at, match.end()) if match else None


def _name(text: str, token: re.Match[str]) -> UnitFound | None:
    """The unit of the longest name that begins with this word."""
    found = None
    for phrase, end in _phrases(text, token):
        if unit := _NAMES.get(phrase):
            found = UnitFound(unit, _HUNDREDTH if phrase in _PARTS else Fraction(1), token.start(), end)
    if token[1] in ("Won", "Cent"):  # a heading of a table; a rapper
        return None
    if found and found.unit == "won" and _WON_SOMETHING.match(text, found.end):
        return None
    return found


def _phrases(text: str, token: re.Match[str]) -> Iterator[tuple[str, int]]:
    """Yield the first word, the first two and so on, with their ends."""
    phrase, end = token[1].lower(), token.end(1)
    yield phrase, end
    for _ in range(_LONGEST_NAME - 1):
        following = _NEXT.match(text, end)
        if following is None:
            return
        phrase, end = f"{phrase} {following[1].lower()}", following.end()
        yield phrase, end
