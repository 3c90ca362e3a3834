"""Who speaks: by the fullest name that the article gives, a pronoun resolved."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.answering.attribution import SENTENCES_BACK, speaker_of, surroundings_of
from askseoul.domain import Quote
from askseoul.nlp.reported_speech import reports_in
from tests.support.articles import make_article


def last_speaker(text):
    """Who is reported in the last sentence of a text."""
    around = surroundings_of(Quote(make_article(text), len(text), len(text)))
    place = len(around.spans) - 1
    return speaker_of(reports_in(around.sentence(place).normalized)[0], around, place)


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        pytest.param("Mina Seo says it is rotten.", "Mina Seo", id="the full name"),
        pytest.param("Mina Seo runs the port. Seo says it is rotten.", "Mina Seo", id="the last name"),
        pytest.param("Kim Dara-min came. Dara-min says it is rotten.", "Kim Dara-min", id="a hyphen"),
        pytest.param("Seo says it is rotten.", "Seo", id="nobody else of the name"),
        pytest.param("President Mina Seo says it is rotten.", "Mina Seo", id="a title"),
        pytest.param("Economist Mina Seo says it is rotten.", "Mina Seo", id="a rank"),
        pytest.param("Minister Kim Dara left. Dara says it is late.", "Kim Dara", id="a title before the full name"),
        pytest.param("Mina Seo of the harbour office says it is rotten.", "Mina Seo", id="her office behind"),
        pytest.param("The mayor says it is rotten.", "the mayor", id="no name"),
        pytest.param("According to the harbour office, it is rotten.", "the harbour office", id="in its words"),
        pytest.param("South Korea said no.", "South Korea", id="a country"),
        pytest.param("It is widely seen as rotten.", None, id="nobody"),
    ],
)
def test_a_speaker(text, speaker):
    assert last_speaker(text) == speaker


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        pytest.param("Mina Seo runs the port. She says it is rotten.", "Mina Seo", id="named before"),
        pytest.param("Mina Seo runs the port. In her view, it is rotten.", "Mina Seo", id="in her view"),
        pytest.param("Harbour master Mina Seo left, and she said no.", "Mina Seo", id="in the same sentence"),
        pytest.param("Mina Seo said it was rotten. He ate tea. He said so.", "Mina Seo", id="who spoke last"),
        pytest.param("The council said it was rotten. It added that it was old.", "the council", id="it"),
        pytest.param("The council said no. Mina Seo left. They added that it was old.", "the council", id="they"),
        pytest.param("Residents want it. She says it is rotten.", "she", id="nobody to find"),
        pytest.param("They say it is rotten.", "they", id="nothing before"),
    ],
)
def test_a_pronoun(text, speaker):
    assert last_speaker(text) == speaker


def test_a_person_named_too_long_before_is_not_meant():
    between = "It rained a lot. " * SENTENCES_BACK
    assert last_speaker(f"Mina Seo left. {between}She says it is rotten.") == "she"


def test_a_full_name_that_only_stands_behind_is_found_too():
    text = "Seo says it is rotten. Nobody doubts it, as the port of Mina Seo is old."
    around = surroundings_of(Quote(make_article(text), 0, 3))
    assert speaker_of(reports_in(around.sentence(0).normalized)[0], around, 0) == "Mina Seo"


PIECES = st.sampled_from(
    ["Mina Seo", "Seo", "She", "they", "it", "said that", "says", "In her view,", "President", "the mayor", "서울",
     "🙂",
     "שלום", "e\u0301", "\r\n", "\n\n", ".", ",", "“", "”", "'s"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=25).map(" ".join)))
def test_whoever_is_reported_in_any_text_has_a_name_or_none(text):
    around = surroundings_of(Quote(make_article(text), 0, len(text)))
    for place in range(len(around.spans)):
        for report in reports_in(around.sentence(place).normalized):
            assert speaker_of(report, around, place) != ""
