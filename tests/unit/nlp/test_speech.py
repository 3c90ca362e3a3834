"""Reported speech: that somebody says, thinks, demands or fears something, and who it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.nlp.reported_speech import reports_in
from askseoul.nlp.text import normalize


def speakers(text):
    return [report.speaker for report in reports_in(normalize(text))]


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        pytest.param("The mayor said the ferry would sail.", "The mayor", id="somebody said"),
        pytest.param("Mina Seo argued that the fares were fair.", "Mina Seo", id="a person"),
        pytest.param("Seoul says the pier is safe.", "Seoul", id="a capital for its government"),
        pytest.param("Geologists doubt that the pier is safe.", "Geologists", id="a profession"),
        pytest.param("Two thirds of South Koreans believe it.", "Two thirds of South Koreans", id="part of a people"),
        pytest.param("Kim Dara and Lee Sol expect rain.", "Kim Dara and Lee Sol", id="two people"),
        pytest.param("The district fire service said it was out.", "The district fire service", id="by its verb"),
        pytest.param("Mina Seo, the mayor, denies it.", "Mina Seo", id="an apposition"),
        pytest.param("The government for its part denies it.", "The government", id="a trailing remark"),
        pytest.param("The pier, she said, is safe.", "she", id="inside the sentence"),
        pytest.param("The pier will, it argues, sink.", "it", id="it between commas"),
        pytest.param("It promised a new pier.", "It", id="it that promises"),
        pytest.param("Analysts call the pier a mistake.", "Analysts", id="call a thing something"),
        pytest.param("The union rules out a strike.", "The union", id="a verb of two words"),
        pytest.param("The trams will stop, said Mina Seo.", "Mina Seo", id="inverted"),
        pytest.param("“We will rebuild it,” said Mina Seo.", "Mina Seo", id="inverted behind a quotation"),
        pytest.param("According to the harbour office, it is safe.", "the harbour office", id="according to"),
        pytest.param("In the view of Mina Seo, it is safe.", "Mina Seo", id="in the view of"),
        pytest.param("In Mina Seo’s view, it is safe.", "Mina Seo", id="in somebody's view"),
        pytest.param("In her view, it is safe.", "she", id="in her view"),
        pytest.param("In their words, it is safe.", "they", id="in their words"),
        pytest.param("For the author, the pier is a warning.", "the author", id="for the author"),
        pytest.param("The author’s verdict is harsh.", "the author", id="the author's verdict"),
        pytest.param("The pier is seen by residents as a blessing.", "residents", id="passive"),
        pytest.param("The pier was described by Mina Seo as a ruin.", "Mina Seo", id="passive, past"),
        pytest.param("The mayor is demanding a new pier.", "The mayor", id="progressive"),
        pytest.param("Residents have been complaining that it is shut.", "Residents", id="perfect progressive"),
        pytest.param("Residents are worried that it may sink.", "Residents", id="a state of mind"),
        pytest.param("The pier is widely seen as a blessing.", "", id="nobody named"),
        pytest.param("The pier reportedly sank.", "", id="reportedly"),
        pytest.param("The pier is said to be haunted.", "", id="said to be"),
        pytest.param("The author closes with a warning.", "the author", id="a narrator"),
        pytest.param("The article also compares the pier with a bridge.", "the article", id="a narrator, also"),
        pytest.param("The commentary quotes Mina Seo: “It is safe.”", "Mina Seo", id="quotes somebody"),
        pytest.param("The council sent out a release announcing that it would close.", "The council",
                     id="announcing while acting"),
    ],
)  # fmt: skip
def test_somebody_is_reported(text, speaker):
    assert speakers(text) == [speaker]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("The pier was built in 1990.", id="a plain statement"),
        pytest.param("The phone calls rose by a third.", id="calls, the noun"),
        pytest.param("The calls for a new pier grew.", id="calls for, the noun"),
        pytest.param("The report on the pier runs to 90 pages.", id="report, the noun"),
        pytest.param("A report to the council listed three piers.", id="a report to somebody"),
        pytest.param("The letter was written that day.", id="written that day"),
        pytest.param("The plan was rejected.", id="a passive without anybody"),
        pytest.param("To say this is easy.", id="an infinitive"),
        pytest.param("The bridge sent out a signal announcing that it was shut.", id="what can't speak announces"),
        pytest.param("“The mayor says the pier is safe, and it rains", id="inside a quotation"),
        pytest.param("서울시는 다리가 안전하다고 말했다.", id="Hangul"),
        pytest.param("🙂 שלום e\u0301", id="no words of English"),
        pytest.param("", id="nothing"),
    ],
)
def test_nobody_is_reported(text):
    assert speakers(text) == []


def test_several_are_told_in_the_order_in_which_they_stand():
    text = "According to the harbour office, it is safe, but Mina Seo says it sank."
    assert speakers(text) == ["the harbour office", "Mina Seo"]


def test_offsets_are_those_of_the_words_for_the_speaker():
    text = normalize("“It floats,” wrote Mina Seo on Friday.")
    (report,) = reports_in(text)
    assert text[report.start : report.end] == report.speaker == "Mina Seo"


PIECES = st.sampled_from(
    ["Mina Seo", "the mayor", "he", "it", "said", "says that", "is widely seen", "according to", "in her view", ",",
     ".",
     '"', "and", "who", "announcing that", "서울", "🙂", "שלום", "e\u0301", "\r\n", "\n\n", "\u2028", "-", "'s"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=30).map(" ".join))


@given(TEXTS)
def test_any_text_is_read_and_its_offsets_lie_in_it(text):
    folded = normalize(text)
    found = reports_in(folded)
    assert [report.start for report in found] == sorted(report.start for report in found)
    assert all(0 <= report.start <= report.end <= len(folded) for report in found)
