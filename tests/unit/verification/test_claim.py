"""Claims checked against their quotes: every check with what it accepts and what it finds, and unsupported names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.nlp.text import parse
from askseoul.verification.claim import content_share, unsupported_names, verify_sentence

NAMES = (
    "numbers",
    "bounds",
    "dates",
    "names",
    "quoted phrases",
    "negation",
    "modality",
    "quantifiers",
    "comparison",
    "roles",
    "wording",
    "content",
    "form",
)
TROOPS = "Some 28,500 soldiers of US Forces Korea (USFK) are based on the peninsula under combined command."
DEFICIT = "South Korea's trade deficit with China, its first in more than two decades, came to $18 billion in 2023."
DEMAND = "The Trump administration demands that Asian allies devote no less than 3.5% of GDP to defense."


def faults(text: str, *quotes: str, contexts: tuple[str, ...] = ()) -> set[str]:
    return {check.name for check in verify_sentence(text, quotes, contexts=contexts).checks if not check.passed}


def test_checks_are_reported_in_a_fixed_order() -> None:
    assert tuple(check.name for check in verify_sentence(DEFICIT, [DEFICIT]).checks) == NAMES


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        pytest.param(DEFICIT, DEFICIT, id="verbatim"),
        pytest.param("About 28.5 thousand US soldiers are based on the peninsula", TROOPS, id="28.5 thousand"),
        pytest.param("In 2023 South Korea had a trade deficit of 18bn dollars with China", DEFICIT, id="18bn dollars"),
        pytest.param("The deficit was the first in over 20 years", DEFICIT, id="two decades"),
        pytest.param(
            "Trump's administration asks Asian allies to spend at least 3.5 percent of GDP", DEMAND, id="at least"
        ),
        pytest.param("The USFK's soldiers are on the peninsula", TROOPS, id="possessive"),
        pytest.param("Both were received by Lee", "Lee received both.", id="passive"),
        pytest.param("Trump was called by Lee", "Lee called Trump.", id="passive of names"),
        pytest.param(
            "China’s president said “ready to meet”", 'China\'s president said "ready to meet".', id="curly marks"
        ),
        pytest.param("American troops deter North Korea", "US troops deter North Korea.", id="demonym"),
        pytest.param("Seoul hopes so", "South Korea hopes so.", id="a capital for its country"),
        pytest.param("The NCG began work", "The Nuclear Consultative Group began work.", id="initials"),
        pytest.param("Hedging may be over", "Hedging is over.", id="weaker than its quote"),
        pytest.param("Relations cooled quickly", "The relations cooled quickly.", id="capital at the start"),
        pytest.param("Lee cannot keep the stance", "Lee could no longer keep the stance.", id="another denial"),
    ],
)
def test_faithful(text: str, quote: str) -> None:
    assert faults(text, quote) == set()


@pytest.mark.parametrize(
    ("text", "quote", "name"),
    [
        pytest.param("Some 25,800 soldiers are based on the peninsula", TROOPS, "numbers", id="number"),
        pytest.param("The trade deficit came to $18 million in 2023", DEFICIT, "numbers", id="magnitude"),
        pytest.param("The trade deficit came to €18 billion in 2023", DEFICIT, "numbers", id="currency"),
        pytest.param("The first deficit in more than two years", DEFICIT, "numbers", id="unit of time"),
        pytest.param("There were 30 men", "There were 20 men and 30 women.", "numbers", id="another's number"),
        pytest.param("The administration demands 3.5% of GDP for defense", DEMAND, "bounds", id="bound dropped"),
        pytest.param("The administration demands more than 3.5% of GDP", DEMAND, "bounds", id="bound raised"),
        pytest.param("Exactly 28,500 soldiers are based on the peninsula", TROOPS, "bounds", id="exactly"),
        pytest.param("The trade deficit came to $18 billion in 2022", DEFICIT, "dates", id="year"),
        pytest.param("It was signed on 5 June", "It was signed on June 4th.", "dates", id="day"),
        pytest.param("Xi received Trump in Seoul", "Lee received Trump in Seoul.", "names", id="name"),
        pytest.param("North Korea's trade deficit", DEFICIT, "names", id="the other Korea"),
        pytest.param("Moon Jae-myung spoke", "Lee Jae-myung and Moon Jae-in spoke.", "names", id="name of two names"),
        pytest.param("Seoul said so", "South Koreans said so.", "names", id="a capital is not a people"),
        pytest.param('He was "ready to fight"', 'He was "ready to meet".', "quoted phrases", id="quotation"),
        pytest.param("The alliance will not end soon", "The alliance will end soon.", "negation", id="not added"),
        pytest.param("Lee sides with the power", "Lee does not side with the power.", "negation", id="not dropped"),
        pytest.param("Trump is in office", "Trump is no longer in office.", "negation", id="no longer dropped"),
        pytest.param("Seoul used anti-China rhetoric", "Seoul avoided anti-China rhetoric.", "negation", id="avoided"),
        pytest.param("The strategy is unstable", "The strategy is stable.", "negation", id="prefix"),
        pytest.param(
            "Korea is an essential pivot", "Korea may become an essential pivot.", "modality", id="may dropped"
        ),
        pytest.param("Korea will become a pivot", "Korea may become a pivot.", "modality", id="may made will"),
        pytest.param("Allies must spend more", "Allies spend more.", "modality", id="duty added"),
        pytest.param("Lee reopened trade talks", "Lee plans to reopen trade talks.", "modality", id="plan made deed"),
        pytest.param(
            "Seoul clings to the formula",
            "In the first scenario, Seoul clings to the formula.",
            "modality",
            id="scenario",
        ),
        pytest.param("South Korea's trade surplus with China", DEFICIT, "comparison", id="surplus"),
        pytest.param(
            "Neutrality costs less than alignment", "Neutrality costs more than alignment.", "comparison", id="less"
        ),
        pytest.param("Trump telephoned Lee", "Lee telephoned Trump.", "roles", id="swapped"),
        pytest.param("Lee was called by Trump", "Trump was called by Lee.", "roles", id="swapped in the passive"),
        pytest.param("Bread is baked at dawn in villages", DEFICIT, "content", id="another subject"),
        pytest.param("If Lee called Trump, Xi came", "Lee called Trump, and Xi came.", "modality", id="a condition"),
        pytest.param("Did Lee call Trump first?", "Lee called Trump first.", "modality", id="a question"),
        pytest.param(
            "Plants were built although China is close",
            "Plants were built because China is close.",
            "wording",
            id="although",
        ),
        pytest.param(
            "Plants were built because China is close",
            "Plants were built, and China is close.",
            "wording",
            id="a cause that nothing tells",
        ),
        pytest.param(
            "Seoul deployed missiles until 2016, and China retaliated",
            "Seoul deployed missiles in 2016, and China retaliated.",
            "wording",
            id="until a year",
        ),
        pytest.param("It is anything but close to China", "It is close to China.", "negation", id="anything but"),
        pytest.param("It is doubtful that hedging is over", "Hedging is over.", "negation", id="doubtful"),
        pytest.param("Lee called Trump [1] first", "Lee called Trump first.", "form", id="a mark of a citation"),
        pytest.param("Lee has " + "1" * 5000 + " ships", "Lee has 11 ships.", "numbers", id="a number without end"),
    ],
)
def test_made_false(text: str, quote: str, name: str) -> None:
    assert name in faults(text, quote)


def test_two_quotes_are_read_together() -> None:
    text = "Lee won 49.42% of the vote and telephoned Trump"
    quotes = ("Lee won 49.42% of the vote.", "Lee telephoned Trump.")
    assert faults(text, *quotes) == set()
    assert "numbers" in faults(text, quotes[1])


@pytest.mark.parametrize(
    ("text", "quote", "context"),
    [
        pytest.param(
            "Lee Jae-myung pledged reform", "Lee pledged reform.", "President Lee Jae-myung spoke.", id="whole name"
        ),
        pytest.param("Colby promoted containment", "He promoted containment.", "Colby spoke first.", id="pronoun"),
        pytest.param(
            "The Korean Peninsula is divided", "The peninsula is divided.", "South Korea's story", id="short form"
        ),
    ],
)
def test_a_context_explains_a_name(text: str, quote: str, context: str) -> None:
    assert "names" in faults(text, quote)
    assert "names" not in faults(text, quote, contexts=(context,))


def test_a_context_does_not_lend_a_name_in_the_place_of_another() -> None:
    assert "names" in faults("Trump called it odd", "Lee called it odd.", contexts=("Trump and Lee spoke.",))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("한국은 2023년에 180억 달러의 적자를 냈다.", id="Hangul"),
        pytest.param("🇰🇷 28,500 troops 👍🏽", id="emoji"),
        pytest.param("Line one\r\nline two", id="CRLF"),
        pytest.param("مرحبا بالعالم 2023", id="right to left"),
        pytest.param("Cafe\u0301 Se\u0301oul", id="combining marks"),
        pytest.param("Der Präsident sagte: „Nein“.", id="German"),
        pytest.param("ALL OF THIS IS IN CAPITALS", id="capitals"),
    ],
)
def test_any_text_supports_itself(text: str) -> None:
    assert faults(text, text) == set()


def test_without_quotes_nothing_is_supported() -> None:
    assert "content" in faults("Lee spoke")
    assert "content" in faults("")
    assert content_share("Lee spoke", []) == 0.0


def test_support_counts_names_and_numbers_twice() -> None:
    assert content_share("Lee spoke loudly", ["Lee whispered."]) == pytest.approx(2 / 4)
    assert content_share("Lee spoke", ["Lee spoke"]) == 1.0


@given(st.text(max_size=120), st.lists(st.text(max_size=120), max_size=2))
def test_any_text_is_checked(text: str, quotes: list[str]) -> None:
    checks = verify_sentence(text, quotes, contexts=quotes).checks
    assert checks == verify_sentence(text, quotes, contexts=quotes).checks
    assert 0.0 <= content_share(text, quotes) <= 1.0


# Names that the quotes do not support


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
def test_unsupported_names(sentence, quote, context, missing, explained):
    found = unsupported_names(parse(sentence), [parse(quote)], [parse(context)] if context else [])
    assert tuple([name.text for name in names] for names in found) == (missing, explained)


def test_korean_names_differ_by_their_last_syllable():
    [missing], _ = unsupported_names(parse("Kim Jong-il visited China"), [parse("Kim Jong-un visited China.")], [])
    assert missing.words == ("kim", "jong", "il")


@pytest.mark.xfail(strict=True, reason="the initials of “US Forces Korea” are taken to be UFK")
def test_an_acronym_that_the_context_explains_supports_the_full_name():
    # The example in the docstring of `unsupported_names`.
    context = "US Forces Korea (USFK) trains in Pyeongtaek."
    assert unsupported_names(parse("US Forces Korea trains"), [parse("USFK trains.")], [parse(context)])[0] == ()


@given(st.text())
def test_a_text_supports_its_own_names(text):
    parsed = parse(text)
    assert unsupported_names(parsed, [parsed], []) == ((), ())
