"""Quotes found in their article, however they were copied: the result is always the article's own text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.domain import Span
from askseoul.verification.quotes import MAX_GAP_CHARACTERS, MIN_SIMILAR_CHARACTERS, find_quote, plain_text
from tests.support.articles import make_article

TEXT = (
    "The ferry “Mara” — built in 1998 — carries 28,500 people.\r\nHer captain, Ada Park, doesn’t smoke; "
    "she said: «The sea is calm…» Café Zoe\u0308 is open. 서울의 배는 새 배다 🙂. שלום עולם."
)
ARTICLE = make_article(TEXT)


def find(wanted, article=ARTICLE, within=None):
    quote = find_quote(wanted, article, within)
    return None if quote is None else quote.text


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        pytest.param("carries 28,500 people", "carries 28,500 people", id="as it is"),
        pytest.param('the ferry "Mara" - built', "The ferry “Mara” — built", id="marks, dashes and capitals"),
        pytest.param("28,500 people. Her captain", "28,500 people.\r\nHer captain", id="over a line end"),
        pytest.param("doesn't  smoke", "doesn’t smoke", id="apostrophe and spaces"),
        pytest.param("“carries 28,500 people.”", "carries 28,500 people", id="in marks of its own"),
        pytest.param("Cafe\u0301 Zo\u00eb", "Café Zoe\u0308", id="letters encoded otherwise"),
        pytest.param("서울의 배", "서울의 배", id="Hangul"),
        pytest.param(unicodedata.normalize("NFD", "서울의 배"), "서울의 배", id="Hangul taken apart"),
        pytest.param("새 배다 🙂", "새 배다 🙂", id="an emoji"),
        pytest.param("שלום", "שלום", id="right to left"),
        pytest.param("The ferry … carries 28,500 people", "The ferry “Mara” — built in 1998 — carries 28,500 people",
                     id="with an ellipsis"),
        pytest.param("captain […] smoke", "captain, Ada Park, doesn’t smoke", id="with one in brackets"),
        pytest.param("Her captain Ada Parks does not smoke", "Her captain, Ada Park, doesn’t smoke",
                     id="from memory: the article's words are cited"),
        pytest.param("28,5", None, id="half a number"),
        pytest.param("500 people", None, id="the end of a number"),
        pytest.param("erry", None, id="half a word"),
        pytest.param("carries 29,500 people", None, id="short and altered"),
        pytest.param("captain … ferry", None, id="parts in another order"),
        pytest.param("Wombats dig long burrows under the hill at night", None, id="something else"),
        pytest.param("", None, id="nothing"),
        pytest.param(" …“.” ", None, id="marks alone"),
    ],
)  # fmt: skip
def test_find_quote(wanted, text):
    assert find(wanted) == text


def test_only_a_long_text_is_found_when_it_was_altered():
    long = "Her captain, Ada Park, doesn't smoke"
    assert len(long) >= MIN_SIMILAR_CHARACTERS
    assert find(long.replace("Ada", "Eda")) == "Her captain, Ada Park, doesn’t smoke"
    assert find("Eda Park") is None


def test_an_ellipsis_bridges_a_limited_gap():
    near, far = (
        make_article("It sails" + " x" * (length // 2) + " today.")
        for length in (MAX_GAP_CHARACTERS - 20, MAX_GAP_CHARACTERS + 20)
    )
    assert find("It sails … today", near) == near.text.removesuffix(".")
    assert find("It sails … today", far) is None


def test_only_the_given_span_is_searched():
    article = make_article("It sails. It sails.")
    assert find_quote("It sails", article, Span(9, 19)).start == 10
    assert find_quote("It sails", article, Span(0, 5)) is None


AWKWARD = st.text(
    alphabet=st.one_of(
        st.sampled_from("ab “”‘’—-…. \r\n\t\u00a0\u0301\u0308ﬁßİ서울🙂של１28,5"), st.characters(codec="utf-8")
    ),
    max_size=60,
)


@given(AWKWARD)
def test_every_plain_character_has_its_offsets(text):
    plain = plain_text(text)
    assert len(plain.text) == len(plain.starts) == len(plain.ends)
    assert list(plain.starts) == sorted(plain.starts)
    for character, start, end in zip(*plain, strict=True):
        assert 0 <= start < end <= len(text)
        if character.isascii() and character.isalnum() and end - start == 1 and text[start].isascii():
            assert character == text[start].lower()


@given(AWKWARD, AWKWARD, AWKWARD)
def test_a_found_quote_is_a_piece_of_the_article(before, wanted, after):
    article = make_article(f"{before} {wanted} {after}")
    quote = find_quote(wanted, article)
    if quote is not None:
        assert 0 <= quote.start < quote.end <= len(article.text)
        assert quote.text == article.text[quote.start : quote.end]


WORDS = st.lists(
    st.sampled_from(["Ferry", "“so”", "서울의", "배", "Zoe\u0308", "28,500", "שלום", "don’t", "a—b"]),
    min_size=1,
    max_size=8,
)


@given(AWKWARD, WORDS, st.sampled_from([" ", "  ", "\r\n", "\u00a0"]), AWKWARD)
def test_a_quote_is_found_in_every_unicode_normal_form(before, words, gap, after):
    article = make_article(f"{before} {gap.join(words)} {after}")
    for form in ("NFC", "NFD", "NFKC"):
        quote = find_quote(unicodedata.normalize(form, " ".join(words)), article)
        assert quote is not None
        assert plain_text(quote.text).text.strip('" ') == plain_text(" ".join(words)).text.strip('" ')
