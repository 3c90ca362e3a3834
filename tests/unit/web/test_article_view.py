"""An article beside an answer: every character of it, and the quote marked and nothing else."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from askseoul.domain import Span
from askseoul.ingest.articles import parse_article
from askseoul.nlp.text import canonical_text
from askseoul.web.rendering import AROUND, article_html
from tests.support.articles import make_article

TEXT = (
    "# The ferry\n\nThere were 214 people on it.\nNobody was hurt.\n \n나루에는 178명이 있었다. 🙂\n\n\n"
    "## Last words\n\nThe end."
)
BREAK = re.compile(r"\n(?:[ \t]*\n)+")


def shown_of(piece):
    """The element with the article's text, and for each of its characters how it is marked: quote, other or not."""
    [element] = [each for each in lxml_html.fromstring(piece).iter() if each.get("class") == "article-text"]
    marks = []

    def walk(node, mark):
        if node.tag == "mark":
            mark = node.get("class") or "other"
        marks.extend([mark] * len(node.text or ""))
        for child in node:
            walk(child, mark)
            marks.extend([mark] * len(child.tail or ""))

    walk(element, None)
    return element, marks


def places_of(marks, mark):
    return {place for place, each in enumerate(marks) if each == mark}


def between_paragraphs(text):
    """Where the text has the empty lines that part paragraphs."""
    return {place for match in BREAK.finditer(text) for place in range(*match.span())}


def said(piece, name):
    """What the elements of this class say."""
    return [each.text_content() for each in lxml_html.fromstring(piece).iter() if each.get("class") == name]


@st.composite
def texts(draw):
    """Canonical texts of an article, with paragraphs."""
    letters = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
    awkward = st.sampled_from(
        ["<b>&amp;</b>", "# ", "## 제목", "한국어", "שלום", "👩‍👧", "e\u0301", "\t", " ", "\u00a0", "</p>", "<mark>"]
    )
    parts = draw(
        st.lists(letters | awkward | st.sampled_from(["\n", "\n\n", "\n \n", "\n\n\n", "\n\t\n"]), max_size=12)
    )
    return canonical_text("".join(parts))[0]


@st.composite
def quoted(draw):
    """A text, a quote in it, and other quotes."""
    text = draw(texts().filter(bool))
    places = st.integers(0, len(text) - 1).flatmap(
        lambda start: st.integers(start + 1, len(text)).map(lambda end: Span(start, end))
    )
    return text, draw(places), draw(st.lists(places, max_size=4))


@given(quoted())
def test_the_text_is_the_articles_and_what_is_marked_is_the_quote(case):
    text, quote, others = case
    element, marks = shown_of(article_html(make_article(text), quote, others))
    breaks = between_paragraphs(text)
    assert element.text_content() == text
    assert element.get("data-start") == "0"
    in_quote = set(range(quote.start, quote.end)) - breaks
    in_others = {place for span in others for place in range(span.start, span.end)} - breaks - in_quote
    assert places_of(marks, "quote") == in_quote
    assert places_of(marks, "other") == in_others


@given(texts())
def test_without_a_quote_nothing_is_marked(text):
    element, marks = shown_of(article_html(make_article(text), None))
    assert element.text_content() == text
    assert set(marks) <= {None}


@pytest.mark.parametrize(
    ("start", "end"),
    [
        pytest.param(TEXT.index("214"), TEXT.index(" people"), id="within a paragraph"),
        pytest.param(TEXT.index("There"), TEXT.index(" \n나루"), id="a whole paragraph and its line end"),
        pytest.param(TEXT.index("Nobody"), TEXT.index("🙂") + 1, id="over a paragraph's end"),
        pytest.param(0, len(TEXT), id="everything"),
        pytest.param(0, 1, id="the first character"),
        pytest.param(len(TEXT) - 1, len(TEXT), id="the last character"),
    ],
)
def test_a_quote_is_marked_to_the_character(start, end):
    piece = article_html(make_article(TEXT), Span(start, end))
    element, marks = shown_of(piece)
    marked = places_of(marks, "quote")
    first, last = min(marked), max(marked)
    assert element.text_content()[first : last + 1] == TEXT[start:end].strip("\n ")
    for mark in element.iter("mark"):
        assert mark.get("class") == "quote"
        assert mark.getparent().tag == "p"


def test_paragraphs_and_headings_are_told_apart():
    element, _ = shown_of(article_html(make_article(TEXT), None))
    assert [(each.get("class"), each.get("dir"), each.text_content()[:9]) for each in element] == [
        ("heading", "auto", "# The fer"),
        ("paragraph", "auto", "There wer"),
        ("paragraph", "auto", "나루에는 178명"),
        ("heading", "auto", "## Last w"),
        ("paragraph", "auto", "The end."),
    ]


def test_the_quote_goes_before_others_that_overlap_it():
    text = "one two three four five"
    piece = article_html(make_article(text), Span(4, 13), [Span(0, 7), Span(8, 18), Span(4, 13)])
    element, _ = shown_of(piece)
    marks = [(each.get("class"), each.text_content()) for each in element.iter("mark")]
    runs = [
        (name, "".join(text for _, text in run)) for name, run in itertools.groupby(marks, key=lambda mark: mark[0])
    ]
    assert runs == [(None, "one "), ("quote", "two three"), (None, " four")]


@pytest.mark.parametrize(
    "span",
    [Span(-1, 3), Span(0, 0), Span(3, 2), Span(0, 6), Span(5, 6), Span(10**9, 10**9 + 1)],
    ids=lambda span: f"{span.start}:{span.end}",
)
@pytest.mark.parametrize("is_quote", [True, False], ids=["quote", "other"])
def test_a_span_outside_the_text_is_an_error(span, is_quote):
    article = make_article("pier.", "부두.md")
    with pytest.raises(ValueError, match=r"부두\.md has 5 characters"):
        article_html(article, *([span] if is_quote else [None, [span]]))


# Long articles


@pytest.mark.parametrize(
    ("place", "start"),
    [
        pytest.param(0, 0, id="at the beginning"),
        pytest.param(AROUND, 0, id="as far as is shown"),
        pytest.param(AROUND + 1, 1, id="one further"),
        pytest.param(3 * AROUND, 2 * AROUND, id="in the middle"),
        pytest.param(5 * AROUND - 5, 4 * AROUND - 5, id="at the end"),
    ],
)
def test_of_a_very_long_article_what_stands_around_the_quote_is_shown(place, start):
    text = "".join(itertools.islice(itertools.cycle("나루 <b>\n\n abc🙂"), 5 * AROUND))
    quote = Span(place, place + 5)
    piece = article_html(make_article(text), quote)
    element, marks = shown_of(piece)
    end = min(len(text), quote.end + AROUND)
    assert element.get("data-start") == str(start)
    assert element.text_content() == text[start:end]
    assert {start + each for each in places_of(marks, "quote")} == set(range(place, place + 5)) - between_paragraphs(
        text
    )
    cut = [f"… {characters:,} characters more …" for characters in (start, len(text) - end) if characters]
    assert said(piece, "cut") == cut


def test_a_quote_that_is_not_in_the_window_is_marked_as_far_as_it_is():
    text = "a" * (3 * AROUND)
    element, marks = shown_of(
        article_html(make_article(text), Span(0, 1), [Span(AROUND, 3 * AROUND), Span(2 * AROUND, 2 * AROUND + 5)])
    )
    assert len(element.text_content()) == AROUND + 1
    assert places_of(marks, "other") == {AROUND}


def test_without_a_quote_the_beginning_is_shown():
    text = "나" * (AROUND + 10)
    piece = article_html(make_article(text), None)
    assert shown_of(piece)[0].text_content() == text[:AROUND]
    assert said(piece, "cut") == ["… 10 characters more …"]


# An article that is another than when it was quoted


def test_where_the_text_is_another_now_nothing_is_marked_and_it_is_told():
    article = make_article("The pier is closed.")
    piece = article_html(article, is_changed=True)
    element, marks = shown_of(piece)
    assert element.text_content() == article.text
    assert set(marks) == {None}
    assert said(piece, "changed") == ["This article says something else now than when it was quoted: ask again."]
    assert said(piece, "place") == ["article.md"]


def test_where_the_text_is_the_same_it_is_not():
    article = make_article("The pier is closed.")
    piece = article_html(article, Span(4, 8))
    assert said(piece, "changed") == []
    assert said(piece, "place") == ["article.md, characters 4 to 8"]


# The heading


def heading(article):
    [element] = lxml_html.fromstring(article_html(article, None)).iter("header")
    return element


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        pytest.param("The pier", "The pier", id="title"),
        pytest.param("", "나루.md", id="none"),
        pytest.param("\u200b\u202e", "나루.md", id="nothing to see"),
        pytest.param("<img src=x>\n\n부두 \u202eevil", "<img src=x> 부두 evil", id="awkward"),
    ],
)
def test_an_article_has_its_title_or_its_name(title, shown):
    [found] = heading(make_article("Text.", "나루.md", title=title)).iter("h2")
    assert found.text_content() == shown
    assert "\u202e" not in article_html(make_article("Text.", "\u202e나루.md", title=title), None)


def test_a_file_without_front_matter_is_called_by_its_first_words(tmp_path):
    article = replace(parse_article(tmp_path / "나루.md", "부두는 안전하다.\r\n\r\nIt is.".encode()), language="ko")
    piece = article_html(article, None)
    assert [each.text_content() for each in heading(article).iter("h2")] == ["부두는 안전하다."]
    assert shown_of(piece)[0].text_content() == "부두는 안전하다.\n\nIt is."


def test_source_and_date_stand_below_it():
    article = make_article("Text.", source="Harbour <News>", published="2024-05")
    assert "Harbour <News> · 2024-05" in heading(article).text_content()
    assert [each.get("datetime") for each in heading(article).iter("time")] == ["2024-05"]
    assert "undated" in heading(make_article("Text.")).text_content()


@pytest.mark.parametrize(
    ("url", "links"),
    [
        ("https://example.org/a?b=1&c='", True),
        ("https://example.org/a?b=1&c=\"'<", False),
        ("http://서울.kr/", True),
        ("javascript:alert(1)", False),
        ("data:text/html,a", False),
        ("ftp://example.org/", False),
        ("http://[", False),
        ("", False),
        (None, False),
    ],
)
def test_only_addresses_of_the_web_are_links(url, links):
    found = [
        dict(each.attrib) | {"text": each.text_content()} for each in heading(make_article("Text.", url=url)).iter("a")
    ]
    expected = {"href": url, "target": "_blank", "rel": "noopener noreferrer", "text": url}
    assert found == ([expected] if links else [])
    assert "javascript" not in article_html(make_article("Text.", url=url), None)


def test_an_article_is_marked_with_its_language():
    [element] = lxml_html.fromstring(f"<main>{article_html(make_article('글.', language='ko'), None)}</main>")
    assert (element.tag, element.get("class"), element.get("lang")) == ("article", "source", "ko")
