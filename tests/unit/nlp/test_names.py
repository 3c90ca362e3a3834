"""Which capitals are names, and whether a sentence's names stand in its quotes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.nlp.entities import names_of
from askseoul.nlp.text import parse
from askseoul.verification.claim import unsupported_names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("Trade talks stalled.", [], id="an ordinary opener"),
        pytest.param("Officials in Busan met.", ["Busan"], id="after an ordinary opener"),
        pytest.param("Ada Park's ferry sank.", ["Ada Park"], id="a possessive"),
        pytest.param("Obama said no.", ["Obama"], id="an opener before a verb of saying"),
        pytest.param("We met on Monday, 3 May.", [], id="days and months"),
        pytest.param("The ferry of Ada Park and Kim Tae-hoon left.", ["Ada Park", "Kim Tae hoon"], id="a hyphen"),
        pytest.param("Sales of the iPhone fell.", ["iPhone"], id="a capital inside"),
        pytest.param("They polish floors; let us go.", [], id="no countries in small letters"),
        pytest.param("The Polish team met the US team.", ["Polish", "US"], id="countries in capitals"),
        pytest.param("서울은 춥다 🙂 שלום", [], id="scripts without capitals"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_names_of_a_text(text, names):
    assert [name.text for name in names_of(parse(text))] == names


@pytest.mark.parametrize("form", ["US", "U.S.", "the USA", "the United States", "America", "Americans"])
def test_forms_of_one_country_are_one_name(form):
    assert names_of(parse(f"They went with {form} there"))[0].words == ("us",)


@pytest.mark.parametrize(
    ("sentence", "quote", "context", "missing", "explained"),
    [
        pytest.param("Ada Park left", "Ada Park left the island.", "", [], [], id="stands"),
        pytest.param("Americans left", "The United States left.", "", [], [], id="another form of the country"),
        pytest.param("Kim left", "Ada Park left the island.", "", ["Kim"], [], id="another name"),
        pytest.param("Seoul said no", "South Korea said no.", "", [], [], id="a capital for its country"),
        pytest.param("Seoul said no", "South Koreans said no.", "", ["Seoul"], [], id="a capital for its people"),
        pytest.param("President Ada Park left", "President Park left.", "Ada Park met them.", [], [],
                     id="a short form, whole in the context"),
        pytest.param("President Ada Park left", "President Park left.", "", ["Ada Park"], [],
                     id="a short form, and nobody knows whose"),
        pytest.param("Kim Tae-hoon left", "He left.", "Kim Tae-hoon is a poet. He left.", [], ["Kim Tae hoon"],
                     id="a pronoun, explained"),
        pytest.param("Kim Tae-hoon left", "Somebody left.", "Kim Tae-hoon is a poet.", ["Kim Tae hoon"], [],
                     id="no pronoun to explain"),
        pytest.param("Moon Jae-myung left", "Moon Jae-in and Lee Jae-myung left.", "", ["Moon Jae myung"], [],
                     id="put together from two"),
        pytest.param("the HBT left", "the Harbour Bridge Trust left", "", [], [], id="an acronym that is spelled out"),
        pytest.param("the HBT left", "the Harbour Union left", "", ["HBT"], [], id="an acronym of something else"),
    ],
)  # fmt: skip
def test_names_that_the_quote_lacks(sentence, quote, context, missing, explained):
    found = unsupported_names(parse(sentence), [parse(quote)], tuple(map(parse, [parse(context)] if context else [])))
    assert tuple([name.text for name in names] for names in found) == (missing, explained)


def test_the_last_syllable_of_a_korean_name_counts():
    [missing], _ = unsupported_names(parse("Kim Jong-il visited China"), [parse("Kim Jong-un visited China.")], [])
    assert missing.words == ("kim", "jong", "il")


@pytest.mark.xfail(strict=True, reason="of a country's words only the first is in the name's text")
@pytest.mark.parametrize("text", ["North Korea", "United States of America"])
def test_a_country_is_told_in_full(text):
    [name] = names_of(parse(f"They left {text} there"))
    assert name.text == text


@pytest.mark.xfail(strict=True, reason="the initials of “US Forces Korea” are taken to be UFK")
def test_a_name_stands_where_the_quote_has_its_acronym_and_the_context_both():
    # The example of the docstring of `missing_names`.
    context = "US Forces Korea (USFK) trains in Pyeongtaek."
    assert unsupported_names(parse("US Forces Korea trains"), [parse("USFK trains.")], [parse(context)])[0] == ()


@given(st.text())
def test_no_name_of_a_text_is_missing_in_itself(text):
    folded = parse(text)
    assert unsupported_names(parse(folded), [parse(folded)], []) == ((), ())
