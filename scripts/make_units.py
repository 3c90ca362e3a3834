"""Write ``nlp/lexicon/units.toml``: the currencies of the world and common units, with the forms that texts use.

Codes and names of currencies are those of ISO 4217 as the Unicode CLDR has them, and the names, abbreviations and
Korean names of units and currencies are the CLDR's too (Unicode licence v3), as packaged in ``babel``; nationalities
come from ``countries.toml``. Colloquial forms, signs that the CLDR lacks, what is left out, and the factors of units,
which are exact by definition, are in the tables below and were written for this project. Run
``python scripts/make_units.py`` to write the file anew.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from babel import Locale, UnknownLocaleError  # noqa: TID253 # a command of its own
from babel.numbers import (  # noqa: TID253
    get_currency_name,
    get_currency_symbol,
    get_territory_currencies,
)

from askseoul.nlp import lexicon

TARGET = Path(__file__).parents[1] / "src" / "askseoul" / "nlp" / "lexicon" / "units.toml"
ENGLISH, KOREAN = Locale("en"), Locale("ko")
FORMER = "ATS BEF DEM EEK ESP FIM FRF GRD HRK IEP ITL LTL LVL NLG PTE SIT SKK"
"""Currencies without a country of which articles still speak."""
LEFT_OUT = {"ZWG"}
"""“500 gold” is something else."""
ADJECTIVES = {
    "AED": "emirati united_arab_emirates", "AUD": "aussie", "BAM": "bosnian convertible bosnian_convertible",
    "CFA": "cfa", "CNY": "prc", "CZK": "czech", "DEM": "deutsche german west_german", "GBP": "english uk sterling",
    "ILS": "new", "NZD": "kiwi nz", "PHP": "filipino", "RSD": "serb", "SAR": "saudi_arabian", "TTD": "trinidad",
    "TWD": "taiwan taiwanese nt", "HKD": "hk", "USD": "american united_states", "XCD": "eastern_caribbean",
    "GYD": "guyanese", "KZT": "kazakh", "KGS": "kyrgyz", "UZS": "uzbek", "TJS": "tajik", "ZAR": "sa",
}  # fmt: skip
"""More adjectives before a currency's name."""
NOUNS = {
    "BGN": "lev leva levs", "BRL": "real reais reals", "CNY": "yuan renminbi", "CRC": "colón colones colon colons",
    "CZK": "koruna korunas koruny korun", "DEM": "mark marks", "EUR": "euro euros",
    "GBP": "pound pounds quid pound_sterling pounds_sterling",
    "GTQ": "quetzal quetzals quetzales", "HUF": "forint forints", "ILS": "shekel shekels", "INR": "rupee rupees",
    "ISK": "króna krónur krona kronur", "KRW": "won", "LSL": "loti maloti", "MKD": "denar denars denari",
    "MZN": "metical meticals meticais", "NOK": "krone kroner", "PLN": "zloty zlotys zlotych złoty złote złotych",
    "PYG": "guarani guaranis guaraní guaraníes", "RUB": "ruble rubles rouble roubles", "THB": "baht bahts",
    "BYN": "ruble rubles rouble roubles", "TOP": "paanga", "TRY": "lira liras", "UAH": "hryvnia hryvnias hryvnya",
    "VES": "bolívar bolívars bolívares", "ALL": "lek leks lekë", "AZN": "manat manats", "ZAR": "rand rands",
}  # fmt: skip
"""All nouns of a currency, in place of those of its name."""
CROWNS = {"CZK", "DKK", "ISK", "NOK", "SEK", "SKK"}
NOT_ALONE = "real reals sol mark".split()
"""Nouns that name a currency only behind its country: “5 real”, “the 5 million mark” are none."""
SHARED = {
    "dollar": "dollar dollars bucks", "crown": "crown crowns kr", "krone": "krone kroner",
    "krona": "krona kronor króna krónur kronur", "pound": "pound pounds", "franc": "franc francs",
    "CFA franc": "cfa_franc cfa_francs", "peso": "peso pesos", "rupee": "rupee rupees",
    "ruble": "ruble rubles rouble roubles", "dinar": "dinar dinars", "dirham": "dirham dirhams",
    "rial": "rial rials riyal riyals", "lira": "lira liras", "shilling": "shilling shillings", "won": "won korean_won",
    "mark": "marks", "manat": "manat manats", "leu": "leu lei", "som": "som soms", "kwacha": "kwacha kwachas",
    "florin": "florin florins guilder guilders", "escudo": "escudo escudos",
}  # fmt: skip
"""Names that several currencies share: how they are written."""
USUAL = {"dollar": "USD", "pound": "GBP", "won": "KRW", "ruble": "RUB", "lira": "TRY", "ton": "tonne"}
"""The unit that such a name usually means, in world news, where nothing else is said."""
SIGNS = {
    "dollar": "$", "pound": "£", "won": "₩", "¥": "¥", "rupee": "Rs Rs. ₨", "crown": "kr kr. Kr Kr.", "rial": "﷼",
    "franc": "Fr Fr.", "CFA franc": "FCFA CFA F.CFA", "shilling": "Sh Sh. Shs Shs.", "AED": "Dh Dhs", "ARS": "AR$",
    "AUD": "A$ AU$", "BBD": "Bds$", "BDT": "৳ Tk Tk.", "BGN": "лв", "BZD": "BZ$", "BRL": "R$", "CAD": "C$ CA$ Can$",
    "CHF": "SFr SFr. sFr. Sfr.", "CLP": "CLP$", "CNY": "RMB CN¥ RMB¥", "COP": "COL$", "CRC": "₡", "CZK": "Kč",
    "DEM": "DM", "DKK": "Dkr DKr dkr", "EUR": "€", "FJD": "FJ$", "GBP": "GB£ UK£", "GEL": "₾", "GHS": "₵ GH₵ GH¢",
    "HKD": "HK$", "HUF": "Ft", "IDR": "Rp Rp.", "ILS": "₪ NIS", "INR": "₹", "ISK": "Ikr", "JMD": "J$ JA$",
    "JPY": "JP¥", "KES": "KSh Ksh KSh. Ksh.", "KHR": "៛", "KRW": "KR₩", "KZT": "₸", "LAK": "₭", "LKR": "SLRs",
    "MNT": "₮", "MXN": "MX$ Mex$", "MYR": "RM", "NAD": "N$", "NGN": "₦", "NOK": "Nkr NKr nkr", "NPR": "NRs",
    "NZD": "NZ$", "PEN": "S/ S/.", "PHP": "₱ PhP Php", "PKR": "PKRs", "PLN": "zł", "PYG": "₲", "RUB": "₽",
    "SEK": "Skr SKr skr", "SGD": "S$ SG$", "THB": "฿", "TRY": "₺ TL", "TTD": "TT$", "TWD": "NT$", "TZS": "TSh Tsh",
    "UAH": "₴", "UGX": "USh Ush", "USD": "US$", "UYU": "UY$", "VND": "₫ đ", "XCD": "EC$", "ZAR": "R", "AMD": "֏",
    "AZN": "₼", "CVE": "CV$",
}  # fmt: skip
CENTS = "EUR ZAR KES"
"""Currencies beside the dollars that have cents."""
PARTS = [
    ("p pence penny", "pound"), ("cent cents ¢", "cent"), ("paise paisa", "rupee"), ("kopeck kopecks kopek kopeks",
     "ruble"), ("centime centimes", "franc"), ("centavo centavos", "peso"), ("grosz grosze groszy", "PLN"),
    ("öre øre ore", "crown"), ("agora agorot", "ILS"), ("kuruş kurus", "TRY"), ("haléř haléře haléřů heller", "CZK"),
]  # fmt: skip
"""Hundredths: how they are written, and of what unit."""
WORDS = set("ALL AMD BAM BIF BOB COP CUP DOP ERN GEL LAK MAD MOP MUR PEN RON SOS TOP TRY VES".split())
"""Codes that are something else too (COP 28, the TOP 500): money only with a large or a broken number."""
SMALL = "usd eur gbp krw jpy chf cny rmb"
KOREAN_NAMES = {
    "dollar": "달러 불", "pound": "파운드", "won": "원", "JPY": "엔 엔화 일본_엔", "CNY": "위안 위안화 중국_위안",
    "EUR": "유로 유로화", "franc": "프랑", "peso": "페소", "rupee": "루피", "ruble": "루블", "dinar": "디나르",
    "dirham": "디르함", "rial": "리얄", "lira": "리라", "crown": "크로나 크로네 코루나", "ZAR": "랜드", "THB": "바트",
    "BRL": "헤알 브라질_헤알", "PLN": "즈워티", "IDR": "루피아", "MYR": "링깃", "KRW": "한국_원",
    "USD": "미_달러 미국_달러", "TWD": "대만_달러", "AED": "아랍에미리트_디르함", "KPW": "북한_원", "HUF": "포린트",
    "UAH": "흐리우냐", "VND": "베트남_동", "percent": "퍼센트 프로", "percentage point": "퍼센트포인트 %포인트 %p",
    "year": "년간 년", "month": "개월", "week": "주간", "day": "일간", "hour": "시간", "minute": "분간",
    "kilometre": "킬로미터", "metre": "미터", "centimetre": "센티미터", "kilogram": "킬로그램", "tonne": "톤",
    "hectare": "헥타르", "litre": "리터", "megawatt": "메가와트", "gigawatt": "기가와트", "barrel": "배럴",
    "degree": "도",
}  # fmt: skip
LENGTH, AREA, VOLUME, MASS, TIME = "length", "area", "volume", "mass", "time"
MEASURES = """
millimetre | length-millimeter | length | 0.001 | mm
centimetre | length-centimeter | length | 0.01 | cm
metre | length-meter | length | 1 | m
kilometre | length-kilometer | length | 1000 | km kms Km KM
inch | length-inch | length | 0.0254 |
foot | length-foot | length | 0.3048 | ft
yard | length-yard | length | 0.9144 | yd yds
mile | length-mile | length | 1609.344 | mi
nautical mile | length-nautical-mile | length | 1852 | nmi
fathom | length-fathom | length | 1.8288 |
micrometre | length-micrometer | length | 0.000001 | µm μm
nanometre | length-nanometer | length | 0.000000001 | nm
light year | length-light-year | | 1 |
square metre | area-square-meter | area | 1 | m2 sqm
hectare | area-hectare | area | 10000 | ha
square kilometre | area-square-kilometer | area | 1000000 | km2
acre | area-acre | area | 4046.8564224 |
square mile | area-square-mile | area | 2589988.110336 |
square foot | area-square-foot | area | 0.09290304 | ft2 sqft
square yard | area-square-yard | area | 0.83612736 |
square centimetre | area-square-centimeter | area | 0.0001 | cm2
litre | volume-liter | volume | 1 | l L
millilitre | volume-milliliter | volume | 0.001 | ml mL
centilitre | volume-centiliter | volume | 0.01 | cl
decilitre | volume-deciliter | volume | 0.1 | dl
hectolitre | volume-hectoliter | volume | 100 | hl
cubic metre | volume-cubic-meter | volume | 1000 | m3
cubic centimetre | volume-cubic-centimeter | volume | 0.001 | cm3
cubic kilometre | volume-cubic-kilometer | volume | 1000000000000 | km3
cubic foot | volume-cubic-foot | volume | 28.316846592 | ft3
US gallon | | volume | 3.785411784 |
imperial gallon | | volume | 4.54609 |
barrel | volume-barrel | volume | 158.987294928 | bbl
bushel | volume-bushel | | 1 |
milligram | mass-milligram | mass | 0.000001 | mg
microgram | mass-microgram | mass | 0.000000001 | µg μg mcg
gram | mass-gram | mass | 0.001 | g
kilogram | mass-kilogram | mass | 1 | kg kgs
tonne | mass-tonne | mass | 1000 | t
short ton | | mass | 907.18474 |
long ton | | mass | 1016.0469088 |
pound (weight) | | mass | 0.45359237 | lb lbs lb.
ounce | mass-ounce | mass | 0.028349523125 | oz oz.
carat | mass-carat | | 1 |
watt | power-watt | power | 1 |
kilowatt | power-kilowatt | power | 1000 | kW
megawatt | power-megawatt | power | 1000000 | MW
gigawatt | power-gigawatt | power | 1000000000 | GW
terawatt | | power | 1000000000000 | TW
horsepower | power-horsepower | | 1 | hp bhp
kilowatt hour | energy-kilowatt-hour | energy | 1 | kWh
megawatt hour | | energy | 1000 | MWh
gigawatt hour | | energy | 1000000 | GWh
terawatt hour | | energy | 1000000000 | TWh
kilojoule | energy-kilojoule | | 1 | kJ
kilocalorie | energy-kilocalorie | | 1 | kcal
calorie | energy-calorie | | 1 |
volt | electric-volt | | 1 |
kilovolt | | | 1 | kV
hertz | frequency-hertz | frequency | 1 | Hz
kilohertz | frequency-kilohertz | frequency | 1000 | kHz
megahertz | frequency-megahertz | frequency | 1000000 | MHz
gigahertz | frequency-gigahertz | frequency | 1000000000 | GHz
kilobyte | digital-kilobyte | | 1 | kB KB
megabyte | digital-megabyte | | 1 | MB
gigabyte | digital-gigabyte | | 1 | GB
terabyte | digital-terabyte | | 1 | TB
megabit per second | | | 1 | Mbps Mbit/s Mb/s
gigabit per second | | | 1 | Gbps Gbit/s
kilometre per hour | speed-kilometer-per-hour | speed | 1000 | km/h kph kmh kmph
metre per second | speed-meter-per-second | speed | 3600 | m/s
mile per hour | speed-mile-per-hour | speed | 1609.344 | mph
knot | speed-knot | speed | 1852 |
celsius | | | 1 | °C
fahrenheit | | | 1 | °F
decibel | | | 1 | dB
degree | angle-degree | | 1 | °
hectopascal | pressure-hectopascal | | 1 | hPa
part per million | concentr-permillion | | 1 | ppm
second | duration-second | time | 1 | secs
minute | duration-minute | time | 60 | min mins
hour | duration-hour | time | 3600 | h hr hrs
day | duration-day | time | 86400 |
week | duration-week | time | 604800 |
millisecond | duration-millisecond | time | 0.001 | ms
month | duration-month | calendar | 1 |
year | duration-year | calendar | 12 | yrs
percent | concentr-percent | share | 1 | % pc pct pct. p.c.
per mille | concentr-permille | share | 0.1 | ‰
percentage point | | points | 1 |
basis point | | points | 0.01 | bps
"""
"""Each unit's name in the CLDR, what it measures, how many of the first unit of that it is, and its abbreviations. A
unit that measures nothing here is compared with itself alone."""
MEASURE_WORDS = {
    "percentage point": "percentage_point percentage_points percent_point percent_points",
    "percent": "percent per_cent", "basis point": "basis_point basis_points",
    "celsius": "degree_celsius degrees_celsius celsius degrees_c degree_c degrees_centigrade centigrade",
    "fahrenheit": "fahrenheit degree_fahrenheit degrees_fahrenheit degrees_f degree_f",
    "tonne": "tonne tonnes metric_ton metric_tons metric_tonne metric_tonnes",
    "short ton": "short_ton short_tons us_tons", "long ton": "long_ton long_tons imperial_tons",
    "US gallon": "us_gallon us_gallons", "imperial gallon": "imperial_gallon imperial_gallons",
    "pound (weight)": "pounds_of_weight", "terawatt": "terawatt terawatts",
    "megawatt hour": "megawatt_hour megawatt_hours", "gigawatt hour": "gigawatt_hour gigawatt_hours",
    "terawatt hour": "terawatt_hour terawatt_hours", "kilovolt": "kilovolt kilovolts",
    "megabit per second": "megabits_per_second megabit_per_second megabits_a_second",
    "gigabit per second": "gigabits_per_second gigabit_per_second", "decibel": "decibel decibels",
    "part per million": "part_per_million parts_per_million", "square kilometre": "sq_km",
    "square metre": "sq_m sq_metres sq_meters", "square mile": "sq_miles sq_mi", "square foot": "sq_ft",
    "kilogram": "kilo kilos", "minute": "min mins", "mile per hour": "miles_an_hour",
    "kilometre per hour": "kilometres_an_hour kilometers_an_hour", "watt": "watt watts",
}  # fmt: skip
"""More names of a unit, or its only ones."""
EITHER = {
    "ton": ("ton tons", "tonne|short ton|long ton"),
    "gallon": ("gallon gallons", "US gallon|imperial gallon"),
    "degree": ("", "celsius|fahrenheit|degree"),
    "pound": ("", "pound (weight)"),
    "¥": ("", "JPY|CNY"),
}
"""Names of several units: how they are written, and which units they may be."""


class Currency(NamedTuple):
    """How texts write a currency, the words of one form joined by “_”."""

    adjectives: list[str]
    nouns: list[str]
    signs: list[str]
    korean: list[str]


def currencies() -> dict[str, Currency]:
    """Every currency by its code."""
    codes = {code for territory in _territories() for code in get_territory_currencies(territory)} | {*FORMER.split()}
    countries: dict[str, str] = lexicon.table("countries", "countries")
    homes: dict[str, list[str]] = {}
    for territory, name in _territories().items():
        forms = countries.get(_key(name), "")
        for code in get_territory_currencies(territory):
            if code[:2] == territory and forms:
                homes.setdefault(code, []).extend(forms.split("|")[1].split())
    return {code: _currency(code, homes.get(code, [])) for code in sorted(codes - LEFT_OUT)}


def _territories() -> dict[str, str]:
    """The names of the territories with a currency, by their codes of ISO 3166."""
    found = {str(code): str(name) for code, name in sorted(ENGLISH.territories.items())}
    return {code: name for code, name in found.items() if re.fullmatch("[A-Z]{2}", code) and _has_currencies(code)}


def _has_currencies(territory: str) -> bool:
    try:
        return bool(get_territory_currencies(territory))
    except (KeyError, UnknownLocaleError):
        return False


def _currency(code: str, nationalities: list[str]) -> Currency:
    names = [_words(get_currency_name(code, count, "en")) for count in (1, 2)]
    adjective = "_".join(names[0][:-1])
    nouns = NOUNS.get(code, " ".join(name[-1] for name in names)).split()
    nouns += ["crown", "crowns"] if code in CROWNS else []
    adjectives = [each for each in [adjective, *ADJECTIVES.get(code, "").split(), *nationalities] if each]
    symbol = get_currency_symbol(code, "en")
    signs = [code, *([symbol] if symbol not in (code, "$", "£", "₩", "¥") else []), *SIGNS.get(code, "").split()]
    korean = get_currency_name(code, locale="ko").removesuffix("화").replace(" ", "_")
    hangul = [korean] if "_" in korean else []
    if code in ("XAF", "XOF"):
        nouns += ["cfa_franc", "cfa_francs"]
    return Currency(_each(adjectives), _each(nouns), _each(re.sub(r"\s", "", each) for each in signs), _each(
        [*hangul, *KOREAN_NAMES.get(code, "").split()]))  # fmt: skip


def _key(name: str) -> str:
    return {"united_states": "us", "united_kingdom": "uk", "türkiye": "turkey", "czechia": "czech_republic"}.get(
        plain := "_".join(_words(name)), plain
    )


def _words(name: str) -> list[str]:
    """The words of a name as texts are read."""
    return re.findall(r"[^\W\d_]+", name.lower().replace("ʻ", "").replace("&", " and ").replace(".", ""))


def _each(forms: Iterable[str]) -> list[str]:
    """Each form once, and each without its accents."""
    given = list(forms)
    plain = ["".join(c for c in unicodedata.normalize("NFD", form) if not unicodedata.combining(c)) for form in given]
    return [*dict.fromkeys([*given, *(form for form in plain if form.isascii())])]


def _measures() -> Iterator[tuple[str, str]]:
    for row in MEASURES.strip().split("\n"):
        unit, key, kind, factor, abbreviations = (part.strip() for part in row.split("|"))
        names = [form for territory in ("GB", "US") if key for form in _unit_names(key, territory)]
        names = [form for form in [*names, *MEASURE_WORDS.get(unit, "").split()] if form]
        yield unit, f"{' '.join(_each(names))} | {abbreviations} | {kind} | {factor}"


def _unit_names(key: str, territory: str) -> Iterator[str]:
    patterns: Any = Locale("en", territory)._data["unit_patterns"][key]["long"]
    for count in ("one", "other"):
        if pattern := patterns.get(count):
            yield "_".join(_words(str(pattern).replace("{0}", "")))


def _shared(known: dict[str, Currency]) -> Iterator[tuple[str, str]]:
    """The names that several units have: how they are written, the units, and the usual one."""
    for name, forms in SHARED.items():
        members = [code for code, each in known.items() if set(forms.split()) & set(each.nouns)]
        members += EITHER.get(name, ("", ""))[1].split("|") if name in EITHER else []
        yield name, f"{forms} | {', '.join(members)} | {USUAL.get(name, '')} | {SIGNS.get(name, '')}"
    for name, (forms, units) in EITHER.items():
        if name not in SHARED:
            yield name, f"{forms} | {', '.join(units.split('|'))} | {USUAL.get(name, '')} | {SIGNS.get(name, '')}"
    cents = [code for code, each in known.items() if "dollar" in each.nouns] + CENTS.split()
    yield "cent", f" | {', '.join(cents)} | USD | "


def written(known: dict[str, Currency]) -> str:
    """The file's text."""
    shared = {form for forms in SHARED.values() for form in forms.split()}
    lines = [
        "# Currencies and units: how texts write them. Generated by scripts/make_units.py; do not edit.",
        "# Source: ISO 4217 and the Unicode CLDR (Unicode licence v3), as packaged in babel, with the additions of",
        "# that script.",
        "",
        "# Code = adjectives | nouns behind them | nouns alone | signs.",
        "[currencies]",
    ]
    current = {noun for code, one in known.items() if code not in FORMER for noun in one.nouns}
    for code, one in known.items():
        taken = {*shared, *NOT_ALONE, *(current if code in FORMER else ())}
        alone = [noun for noun in one.nouns if noun not in taken]
        parts = (one.adjectives, one.nouns, alone, one.signs)
        lines.append(f"{code} = '{' | '.join(' '.join(part) for part in parts)}'")
    lines += ["", "# What several units are called = forms | the units | the usual one | signs.", "[shared]"]
    lines += [f"'{name}' = '{text}'" for name, text in _shared(known)]
    lines += [
        "",
        "# Unit = names | abbreviations | what it measures | how many of the first unit of that.",
        "[measures]",
    ]
    lines += [f"'{unit}' = '{text}'" for unit, text in _measures()]
    lines += ["", "# Hundredths = their unit.", "[parts]"]
    lines += [f"'{forms}' = '{unit}'" for forms, unit in PARTS]
    korean = {code: one.korean for code, one in known.items() if one.korean}
    korean |= {unit: forms.split() for unit, forms in KOREAN_NAMES.items() if unit not in known}
    lines += ["", "# The same in Korean.", "[korean]"]
    lines += [f"'{unit}' = '{' '.join(forms)}'" for unit, forms in korean.items()]
    lines += ["", "# Codes that are words or names too, and codes that are written in small letters."]
    lines += ["[codes]", f"words = '{' '.join(sorted(WORDS))}'", f"small = '{SMALL}'"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TARGET.write_text(written(currencies()), encoding="utf-8")
