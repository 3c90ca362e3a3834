"""Whose a quote is (the article's, somebody's whom it reports, a forecast), and what it needs in front."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.answering.attribution import ARGUES, REPORTS, SUPPOSES, Attribution, Lead, attribute, lead_of
from askseoul.domain import Quote
from tests.support.articles import make_article


def quote(said, text=None, **known):
    article = make_article(text or said, **known)
    start = article.text.index(said)
    return Quote(article, start, start + len(said))


def lead(own, said, text=None):
    """What stands before a sentence that rests on what is said in a text, and the quote that holds its names."""
    found = lead_of(own, attribute(quote(said, text)))
    return found.words, found.source and found.source.text


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        pytest.param("The ferry has 420 seats.", "states", id="a statement"),
        pytest.param("Mina Seo warned that the pier was rotten.", "reports", id="somebody is reported"),
        pytest.param("The pier is widely seen as a blessing.", "reports", id="nobody named"),
        pytest.param("Mina Seo says the pier will sink.", "reports", id="a forecast of somebody's"),
        pytest.param("The pier will close in May.", "forecasts", id="will"),
        pytest.param("The pier could soon sink.", "forecasts", id="could"),
        pytest.param("The pier is expected to close.", "forecasts", id="expected to"),
        pytest.param("The opening is expected in May.", "forecasts", id="expected in"),
        pytest.param("The pier is old, but it will stay.", "forecasts", id="the last main clause"),
        pytest.param("The pier stays because boats could sink.", "states", id="in a reason"),
        pytest.param("The pier that will close is old.", "states", id="in a relative clause"),
        pytest.param("The ferry would do well to stop.", "states", id="advice"),
        pytest.param("서울 🙂 e\u0301", "states", id="no English"),
    ],
)
def test_a_sentence_alone(text, stance):
    assert attribute(quote(text)).stance == stance


@pytest.mark.parametrize(
    ("text", "is_opinion"),
    [
        pytest.param("The ferry should stop.", True, id="should"),
        pytest.param("The ferry would do well to stop.", True, id="would do well to"),
        pytest.param("The ferry is crucial for the island.", True, id="a judgement"),
        pytest.param("The ferry is crucial for 4,000 people.", True, id="with a figure"),
        pytest.param("The ferry was crucial in 1998.", True, id="with a year"),
        pytest.param("The ferry stops in Ulsan.", False, id="no judgement"),
    ],
)
def test_an_article_judges_or_states(text, is_opinion):
    assert attribute(quote(text)) == Attribution("states", is_opinion=is_opinion)


def test_a_speaker_is_named_in_full_by_the_quote_and_by_the_article():
    said = "Seo warned that the pier was rotten."
    found = attribute(quote(said, f"Harbour master Mina Seo runs the port. {said}"))
    assert (found.stance, found.speaker, found.named, found.told.text) == ("reports", "Mina Seo", "Seo", said)


def test_a_pronoun_names_nobody_by_itself():
    said = "She warned that the pier was rotten."
    found = attribute(quote(said, f"Mina Seo runs the port. {said}"))
    assert (found.speaker, found.named) == ("Mina Seo", "")


@pytest.mark.parametrize(
    ("said", "text", "told"),
    [
        pytest.param("“We close on Monday.”", "“It is rotten,” said Mina Seo. “We close on Monday.”",
                     "“It is rotten,” said Mina Seo.", id="told before"),
        pytest.param("We close on Monday.”", "Mina Seo told us: “It is rotten. We close on Monday.”",
                     "Mina Seo told us: “It is rotten.", id="a quotation of two sentences"),
        pytest.param("“It is rotten.”", "“It is rotten.” Mina Seo said so.", "Mina Seo said so.", id="told behind"),
    ],
)  # fmt: skip
def test_a_quotation_is_whose_the_sentence_beside_it_says(said, text, told):
    found = attribute(quote(said, text))
    assert (found.stance, found.speaker, found.named, found.told.text) == ("reports", "Mina Seo", "Mina Seo", told)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        pytest.param("We close on Monday.", "“It is rotten,” said Mina Seo. We close on Monday.", id="not quoted"),
        pytest.param("“It is rotten.”", "Mina Seo said so.\n\n“It is rotten.”", id="another paragraph"),
    ],
)
def test_whoever_speaks_beside_says_no_more(said, text):
    assert attribute(quote(said, text)).stance == "states"


@pytest.mark.parametrize(
    "heading",
    ["# Scenario 1: The pier sinks", "## Scenario B – The pier sinks", "Scenario: The pier sinks",
     "# Future scenario II. The pier sinks", "# SCENARIO 3"],
)  # fmt: skip
def test_a_scenario_is_no_fact(heading):
    found = attribute(quote("Nobody sails.", f"{heading}\n\nThe ferry stops. Nobody sails."))
    assert (found.stance, found.speaker, found.scenario.text) == ("forecasts", None, heading)


@pytest.mark.parametrize(
    ("said", "text", "stance"),
    [
        pytest.param("Nobody sails.", "# Future scenarios\n\nNobody sails.", "states", id="a heading for several"),
        pytest.param("Nobody sails.", "# Scenario: Fog\n\nIt stops.\n\n# The port\n\nNobody sails.", "states",
                     id="behind the scenario"),
        pytest.param("The author thinks it unlikely.", "# Scenario: Fog\n\nThe author thinks it unlikely.", "reports",
                     id="the author's verdict on it"),
    ],
)  # fmt: skip
def test_no_scenario(said, text, stance):
    found = attribute(quote(said, text))
    assert (found.stance, found.scenario) == (stance, None)


def test_what_somebody_says_in_a_scenario_belongs_to_the_scenario():
    found = attribute(quote("The mayor says it stays.", "# Scenario: Fog\n\nThe mayor says it stays."))
    assert (found.stance, found.speaker) == ("forecasts", None)


FOG = "# Scenario: Fog\n\nThe ferry stops. Nobody sails."
LEADS = {
    "a fact": ("It has 420 seats.", "The ferry has 420 seats.", None, "", None),
    "a speaker": ("It is rotten.", "Mina Seo says it is rotten.", None, "Mina Seo says", "Mina Seo says it is rotten."),
    "a speaker without a name": ("40 boats sank.", "According to the harbour office, 40 boats sank.", None,
                                 "The harbour office says", "According to the harbour office, 40 boats sank."),
    "a speaker beside": ("It closes.", "“We close.”", "“It is rotten,” said Mina Seo. “We close.”", "Mina Seo says",
                         "“It is rotten,” said Mina Seo."),
    "a pronoun": ("It is rotten.", "She says it is rotten.", None, REPORTS, None),
    "nobody named": ("It is a failure.", "It is widely seen as a failure.", None, REPORTS, None),
    "a named scenario": ("Nobody sails.", "Nobody sails.", FOG, "In the scenario “Fog”", "# Scenario: Fog"),
    "an unnamed scenario": ("Nobody sails.", "Nobody sails.", FOG.replace(": Fog", " 2"), SUPPOSES, None),
    "a forecast as a fact": ("It closes in May.", "The pier will close in May.", None, ARGUES, None),
    "an opinion": ("The ferry should stop.", "The ferry should stop.", None, ARGUES, None),
}  # fmt: skip


@pytest.mark.parametrize(("own", "said", "text", "words", "source"), LEADS.values(), ids=LEADS)
def test_what_a_sentence_does_not_show_stands_before_it(own, said, text, words, source):
    assert lead(own, said, text) == (words, source)


SHOWN = {
    "names the speaker": ("Seo calls it rotten.", "Mina Seo says it is rotten.", None),
    "tells of a speaker": ("According to one of the captains, it is rotten.", "She says it is rotten.", None),
    "says that it is a scenario": ("In a scenario, nobody sails.", "Nobody sails.", FOG),
    "is a forecast": ("It may close in May.", "The pier will close in May.", None),
    "owns a forecast": ("The author sees it closed in May.", "The pier will close in May.", None),
    "owns an opinion": ("The author wants the ferry to stop.", "The ferry should stop.", None),
}


@pytest.mark.parametrize(("own", "said", "text"), SHOWN.values(), ids=SHOWN)
def test_what_a_sentence_shows_needs_nothing(own, said, text):
    assert lead(own, said, text) == ("", None)


def test_words_before_a_text():
    assert Lead(ARGUES).before("It should stop.") == "One of the articles argues: It should stop."
    assert Lead().before("It stops.") == "It stops."


PIECES = st.sampled_from(
    ["Mina Seo", "She", "said", "will", "should", "which", "“", "”", "# Scenario: Fog", "# Future scenarios", ".", ",",
     "서울", "🙂", "שלום", "e\u0301", "\n", "\r\n", "\n\n"]
)  # fmt: skip


@given(st.one_of(st.text(min_size=1, max_size=200), st.lists(PIECES, min_size=1, max_size=25).map(" ".join)))
def test_any_text_is_somebodys(text):
    found = attribute(Quote(make_article(text), 0, len(text)))
    words = lead_of(text, found)
    assert found.stance in ("states", "reports", "forecasts")
    assert found.named == "" or found.named.lower() in words.words.lower() or not words.words
    assert found.told is None or text[found.told.start : found.told.end] == found.told.text
