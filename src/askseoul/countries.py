"""Countries as texts name them: by their names, their people and their capitals."""

from __future__ import annotations

COUNTRIES = {
    "us": "us usa united_states united_states_of_america america american americans",
    "south_korea": "south_korea south_korean south_koreans republic_of_korea rok",
    "north_korea": "north_korea north_korean north_koreans dprk",
    "korea": "korea korean koreans",
    "china": "china chinese sino prc people's_republic_of_china",
    "japan": "japan japanese",
    "taiwan": "taiwan taiwanese",
    "russia": "russia russian russians",
    "ukraine": "ukraine ukrainian ukrainians",
    "uk": "uk united_kingdom britain british briton britons",
    "france": "france french",
    "germany": "germany german germans",
    "italy": "italy italian italians",
    "spain": "spain spanish",
    "india": "india indian indians",
    "iran": "iran iranian iranians",
    "israel": "israel israeli israelis",
    "turkey": "turkey turkish turkiye",
    "canada": "canada canadian canadians",
    "australia": "australia australian australians",
    "mexico": "mexico mexican mexicans",
    "brazil": "brazil brazilian brazilians",
    "vietnam": "vietnam vietnamese",
    "thailand": "thailand thai",
    "philippines": "philippines philippine filipino filipinos",
    "indonesia": "indonesia indonesian indonesians",
    "malaysia": "malaysia malaysian",
    "mongolia": "mongolia mongolian",
    "europe": "europe european europeans",
    "asia": "asia asian asians",
    "africa": "africa african africans",
    "eu": "eu european_union",
    "un": "un united_nations",
    "poland": "poland polish poles",
    "sweden": "sweden swedish",
    "netherlands": "netherlands dutch",
    "greece": "greece greek greeks",
    "egypt": "egypt egyptian",
    "saudi": "saudi saudis",
    "pakistan": "pakistan pakistani",
    "singapore": "singapore singaporean",
    "afghanistan": "afghanistan afghan afghans",
}
"""The forms of each country: its names and its people's, the words of one form joined."""
CAPITALS = {
    "washington": "us",
    "seoul": "south_korea",
    "pyongyang": "north_korea",
    "beijing": "china",
    "tokyo": "japan",
    "taipei": "taiwan",
    "moscow": "russia",
    "kyiv": "ukraine",
    "london": "uk",
    "paris": "france",
    "berlin": "germany",
    "rome": "italy",
    "madrid": "spain",
    "new_delhi": "india",
    "tehran": "iran",
    "ankara": "turkey",
    "ottawa": "canada",
    "canberra": "australia",
    "hanoi": "vietnam",
    "bangkok": "thailand",
    "manila": "philippines",
    "jakarta": "indonesia",
    "brussels": "eu",
    "warsaw": "poland",
    "riyadh": "saudi",
    "islamabad": "pakistan",
    "kabul": "afghanistan",
    "white_house": "us",
    "pentagon": "us",
    "blue_house": "south_korea",
    "kremlin": "russia",
}
"""Capitals and seats by which news calls a country and its government."""
CAPITALS_OF = {country: {c for c, of in CAPITALS.items() if of == country} for country in CAPITALS.values()}
CANONICAL = {tuple(form.split("_")): country for country, forms in COUNTRIES.items() for form in forms.split()}
CANONICAL |= {tuple(capital.split("_")): capital for capital in CAPITALS if "_" in capital}
LONGEST_FORM = max(map(len, CANONICAL))
PEOPLES = {form for forms in COUNTRIES.values() for form in forms.split() if form.endswith(("ans", "ns", "ers"))}
"""Forms that speak of people, not of a country or its government."""
WRITTEN_IN_CAPITALS = {"us", "un", "uk", "eu", "turkey", "polish", "poles"}
"""Forms that are other words when they are not capitalised."""
