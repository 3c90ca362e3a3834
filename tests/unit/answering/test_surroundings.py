"""What stands around a quote in its article: the sentences, its paragraph, the heading above, an open quotation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.answering.attribution import surroundings_of
from askseoul.domain import Quote
from tests.support.articles import make_article

TEXT = "# Piers\n\nOne ran. “Two ran. Three ran.” Four ran.\n\nFive ran.\r\nSix ran."


def around(said, text=TEXT):
    article = make_article(text)
    start = article.text.index(said)
    return surroundings_of(Quote(article, start, start + len(said)))


def test_sentences_and_quotes_by_their_exact_places():
    found = around("Three ran.”")
    assert found.text(found.place) == "Three ran.”"
    assert found.sentence(found.place).normalized == 'Three ran."'
    quote = found.quote(found.place - 1)
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
def test_whose_a_quotation_is_is_told_beside_it(said, beside):
    found = around(said)
    assert [found.text(place) for place in found.quoted_beside()] == beside


def test_inside_a_quotation_of_three_sentences_and_one_that_is_a_quotation():
    inside = around("Nobody came.", "Mina said: “We ran. Nobody came. We left.”")
    assert [inside.text(place) for place in inside.quoted_beside()] == ["Mina said: “We ran.", "We left.”"]
    whole = around("“We ran.”", "“We ran.” Mina said so.")
    assert [whole.text(place) for place in whole.quoted_beside()] == ["Mina said so."]


def test_far_away_text_is_not_read():
    far = "The tide rose again over the pier. " * 1000
    found = around("Mina ran.", f"# Tides\n\n{far}\n\nThe pier.\n\n{far}\n\nMina ran.\n\n{far}")
    assert len(found.spans) < 3100
    assert found.text(found.place) == "Mina ran."


PIECES = st.sampled_from(
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
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=20).map(" ".join))


@given(TEXTS, st.integers(0, 200), st.integers(0, 40))
def test_any_quote_of_any_text_has_its_sentences(text, start, length):
    article = make_article(text)
    start = min(start, len(text))
    found = surroundings_of(Quote(article, start, min(start + length, len(text))))
    if found.spans:
        assert found.quote(found.place).text == found.text(found.place)
        assert all(0 <= place < len(found.spans) for place in (*found.paragraph(), *found.quoted_beside()))
        heading = found.heading()
        assert heading is None or heading.text == text[heading.start : heading.end]
