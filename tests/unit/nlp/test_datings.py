"""What the relative times of a sentence mean, read against the date of the article that it rests on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.domain import Quote, TimeReading
from askseoul.nlp.relative_dates import time_readings
from tests.support.articles import make_article

TEXT = "# The pier\n\nThe pier closed last year. It opens next month.\n\nIt was painted last week."


def readings(own, *said, text=TEXT, published="2024-03-05"):
    article = make_article(text, published=published)
    starts = [article.text.index(each) for each in said]
    quotes = [Quote(article, start, start + len(each)) for start, each in zip(starts, said, strict=True)]
    return time_readings(own, quotes)


def test_a_time_is_read_against_the_articles_date():
    assert readings("The pier closed last year.", "The pier closed last year.") == (
        TimeReading("last year", "2023", "“last year”: 2023"),
    )
    assert readings("It was painted last week.", "It was painted last week.") == (
        TimeReading("last week", "2024-02-26/2024-03-03", "“last week”: 2024-02-26 to 2024-03-03"),
    )


@pytest.mark.parametrize(
    ("published", "means", "says"),
    [
        pytest.param("2024", "2023", "“last year”: 2023", id="a year"),
        pytest.param(None, None, "“last year”: the article has no date", id="no date"),
    ],
)
def test_as_far_as_the_date_goes(published, means, says):
    (found,) = readings("It closed last year.", "The pier closed last year.", published=published)
    assert (found.means, found.says) == (means, says)


def test_a_date_that_says_too_little():
    said = "The pier closed yesterday."
    (found,) = readings(said, said, text=said, published="2024")
    assert (found.means, found.says) == (None, "“yesterday”: the article's date says too little")


def test_several_quotes_in_their_order_each_time_once():
    own = "It opens next month; it closed last year, which was last year."
    found = readings(own, "The pier closed last year.", "It opens next month.", "The pier closed last year.")
    assert [each.text for each in found] == ["last year", "next month"]


@pytest.mark.parametrize(
    ("own", "said"),
    [
        pytest.param("The pier closed.", "The pier closed last year.", id="not in the sentence"),
        pytest.param("It closed last year.", "It opens next month.", id="not in the quote"),
        pytest.param("It closed Last year.", "The pier closed last year.", id="other words"),
        pytest.param("", "The pier closed last year.", id="an empty sentence"),
    ],
)
def test_only_what_the_sentence_has_from_its_quotes(own, said):
    assert readings(own, said) == ()


def test_a_time_that_leans_on_a_date_of_the_paragraph_is_left_out():
    said = "It had fallen the previous year."
    assert readings(said, said, text=f"In 2019 it rose. {said}") == ()


def test_no_quotes_no_times():
    assert readings("It closed last year.") == ()


PIECES = st.sampled_from(
    ["last year", "next month", "yesterday", "recently", "in 2019", "서울", "🙂", "שלום", "e\u0301", ".", "\n", "\r\n",
     "\n\n"]
)  # fmt: skip


@given(
    st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=20).map(" ".join)),
    st.sampled_from([None, "2024", "2024-03-05"]),
)
def test_any_text_has_its_times(text, published):
    found = time_readings(text, [Quote(make_article(text, published=published), 0, len(text))])
    assert all(each.text in text and each.says for each in found)
    assert len({each.text for each in found}) == len(found)
