"""Whose statement a quote is (the article's, a speaker's, a forecast), its context, and the words that introduce it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.answering.attribution import (
    ARGUES,
    REPORTS,
    SENTENCES_BACK,
    SUPPOSES,
    Lead,
    attribute,
    context_of,
    lead_of,
    speaker_of,
)
from askseoul.domain import Quote
from askseoul.nlp.reported_speech import find_reports
from tests.support.articles import make_article
from tests.support.data import cases


def quote(said, text=None, **known):
    article = make_article(text or said, **known)
    start = article.text.index(said)
    return Quote(article, start, start + len(said))


def lead(own, said, text=None):
    """The words that introduce the sentence ``own`` when it cites ``said`` in ``text``, and their own quote."""
    found = lead_of(own, attribute(quote(said, text)))
    return found.words, found.source and found.source.text


ATTRIBUTIONS = {
    "stance": lambda found: found.stance,
    "speaker": lambda found: found.speaker,
    "named": lambda found: found.named,
    "is_opinion": lambda found: found.is_opinion,
    "named_in": lambda found: found.named_in and found.named_in.text,
    "scenario": lambda found: found.scenario and found.scenario.text,
}


@pytest.mark.parametrize("case", cases("attribution"))
def test_attribution(case):
    found = attribute(quote(case["said"], case.get("text")))
    expected = {name: case[name] for name in ATTRIBUTIONS if name in case}
    assert {name: ATTRIBUTIONS[name](found) for name in expected} == expected


def test_a_speaker_has_the_full_name_that_the_article_gives():
    said = "Seo warned that the pier was rotten."
    found = attribute(quote(said, f"Harbour master Mina Seo runs the port. {said}"))
    assert (found.stance, found.speaker, found.named, found.named_in.text) == ("reports", "Mina Seo", "Seo", said)


def test_a_pronoun_does_not_name_its_speaker():
    said = "She warned that the pier was rotten."
    found = attribute(quote(said, f"Mina Seo runs the port. {said}"))
    assert (found.speaker, found.named) == ("Mina Seo", "")


def test_reported_speech_in_a_scenario_belongs_to_the_scenario():
    found = attribute(quote("The mayor says it stays.", "# Scenario: Fog\n\nThe mayor says it stays."))
    assert (found.stance, found.speaker) == ("forecasts", None)


PHRASES = {"ARGUES": ARGUES, "REPORTS": REPORTS, "SUPPOSES": SUPPOSES}


@pytest.mark.parametrize("case", cases("leads"))
def test_a_sentence_is_introduced_by_what_it_does_not_say(case):
    assert lead(case["own"], case["said"], case["text"]) == (case["words"].format_map(PHRASES), case["source"])


def test_a_lead_stands_before_a_text():
    assert Lead(ARGUES).before("It should stop.") == "One of the articles argues: It should stop."
    assert Lead().before("It stops.") == "It stops."


PIECES = st.sampled_from(
    ["Mina Seo", "She", "said", "will", "should", "which", "“", "”", "# Scenario: Fog", "# Future scenarios", ".", ",",
     "서울", "🙂", "שלום", "e\u0301", "\n", "\r\n", "\n\n"]
)  # fmt: skip


@given(st.one_of(st.text(min_size=1, max_size=200), st.lists(PIECES, min_size=1, max_size=25).map(" ".join)))
def test_any_text_is_attributed(text):
    found = attribute(Quote(make_article(text), 0, len(text)))
    words = lead_of(text, found)
    assert found.stance in ("states", "reports", "forecasts")
    assert found.named == "" or found.named.lower() in words.words.lower() or not words.words
    assert found.named_in is None or text[found.named_in.start : found.named_in.end] == found.named_in.text


# Speakers


def last_speaker(text):
    """The speaker in the last sentence of a text."""
    context = context_of(Quote(make_article(text), len(text), len(text)))
    place = len(context.spans) - 1
    return speaker_of(find_reports(context.sentence(place))[0], context, place)


@pytest.mark.parametrize("case", cases("speakers"))
def test_speakers(case):
    assert last_speaker(case["text"]) == case["speaker"]


def test_a_pronoun_is_not_resolved_to_a_person_named_far_before():
    between = "It rained a lot. " * SENTENCES_BACK
    assert last_speaker(f"Mina Seo left. {between}She says it is rotten.") == "she"


def test_a_full_name_that_follows_later_is_found():
    text = "Seo says it is rotten. Nobody doubts it, as the port of Mina Seo is old."
    context = context_of(Quote(make_article(text), 0, 3))
    assert speaker_of(find_reports(context.sentence(0))[0], context, 0) == "Mina Seo"


SPEECH_PIECES = st.sampled_from(
    ["Mina Seo", "Seo", "She", "they", "it", "said that", "says", "In her view,", "President", "the mayor", "서울",
     "🙂",
     "שלום", "e\u0301", "\r\n", "\n\n", ".", ",", "“", "”", "'s"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=200), st.lists(SPEECH_PIECES, max_size=25).map(" ".join)))
def test_a_speaker_in_any_text_has_a_name_or_is_none(text):
    context = context_of(Quote(make_article(text), 0, len(text)))
    for place in range(len(context.spans)):
        for report in find_reports(context.sentence(place)):
            assert speaker_of(report, context, place) != ""


# The context of a quote


TEXT = "# Piers\n\nOne ran. “Two ran. Three ran.” Four ran.\n\nFive ran.\r\nSix ran."


def around(said, text=TEXT):
    article = make_article(text)
    start = article.text.index(said)
    return context_of(Quote(article, start, start + len(said)))


def test_sentences_and_quotes_have_exact_offsets():
    found = around("Three ran.”")
    assert found.text(found.index) == "Three ran.”"
    assert found.sentence(found.index).normalized == 'Three ran."'
    quote = found.quote(found.index - 1)
    assert quote.text == TEXT[quote.start : quote.end] == "“Two ran."


@pytest.mark.parametrize(
    ("said", "before"),
    [
        pytest.param("Four ran.", ["Three ran.”", "“Two ran.", "One ran."], id="the nearest first"),
        pytest.param("One ran.", [], id="the paragraph's first"),
        pytest.param("Five ran.", [], id="not over an empty line"),
        pytest.param("Six ran.", [], id="not over a line's end"),
    ],
)
def test_a_paragraph_ends_with_its_line(said, before):
    found = around(said)
    assert [found.text(place) for place in found.paragraph()] == before


@pytest.mark.parametrize(
    ("text", "said", "heading"),
    [
        pytest.param(TEXT, "Six ran.", "# Piers", id="the only one"),
        pytest.param("# A\n\nIt ran.\n\n# B\n\nShe ran.", "She ran.", "# B", id="the nearest"),
        pytest.param("It ran.\n\n# B", "It ran.", None, id="none above"),
        pytest.param("# B\n\nIt ran.", "# B", "# B", id="of a heading itself"),
        pytest.param("# 부두 🙂\r\n\r\nIt ran.", "It ran.", "# 부두 🙂", id="Hangul and CRLF"),
    ],
)
def test_the_heading_above(text, said, heading):
    found = around(said, text).heading()
    assert (found and found.text) == heading


@pytest.mark.parametrize(
    ("said", "beside"),
    [
        pytest.param("“Two ran.", ["One ran.", "Three ran.”"], id="a quotation that opens"),
        pytest.param("Three ran.”", ["“Two ran.", "One ran.", "Four ran."], id="a quotation that closes"),
        pytest.param("Four ran.", [], id="behind the quotation"),
        pytest.param("One ran.", [], id="before the quotation"),
    ],
)
def test_the_sentences_beside_a_quotation(said, beside):
    found = around(said)
    assert [found.text(place) for place in found.beside_quotation()] == beside


def test_the_sentences_beside_a_long_quotation():
    inside = around("Nobody came.", "Mina said: “We ran. Nobody came. We left.”")
    assert [inside.text(place) for place in inside.beside_quotation()] == ["Mina said: “We ran.", "We left.”"]
    whole = around("“We ran.”", "“We ran.” Mina said so.")
    assert [whole.text(place) for place in whole.beside_quotation()] == ["Mina said so."]


def test_distant_text_is_not_read():
    far = "The tide rose again over the pier. " * 1000
    found = around("Mina ran.", f"# Tides\n\n{far}\n\nThe pier.\n\n{far}\n\nMina ran.\n\n{far}")
    assert len(found.spans) < 3100
    assert found.text(found.index) == "Mina ran."


CONTEXT_PIECES = st.sampled_from(
    [
        "Mina ran.",
        "“Two",
        "ran.”",
        "# Piers",
        "서울은 춥다.",
        "🙂",
        "שלום",
        "e\u0301",
        "\n",
        "\r\n",
        "\n\n",
        "- ",
        "\u2028",
    ]
)
CONTEXT_TEXTS = st.one_of(st.text(max_size=200), st.lists(CONTEXT_PIECES, max_size=20).map(" ".join))


@given(CONTEXT_TEXTS, st.integers(0, 200), st.integers(0, 40))
def test_any_quote_of_any_text_has_a_context(text, start, length):
    article = make_article(text)
    start = min(start, len(text))
    found = context_of(Quote(article, start, min(start + length, len(text))))
    if found.spans:
        assert found.quote(found.index).text == found.text(found.index)
        assert all(0 <= place < len(found.spans) for place in (*found.paragraph(), *found.beside_quotation()))
        heading = found.heading()
        assert heading is None or heading.text == text[heading.start : heading.end]
