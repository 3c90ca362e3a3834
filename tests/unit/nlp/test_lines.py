"""What a sentence stands on, what introduces it, and what stands around it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.domain import Span
from askseoul.nlp.lines import (
    NEIGHBOURHOOD,
    heading_above,
    is_question_line,
    items_below,
    kind_of,
    label_of,
    lead_of,
    opens_lines,
    rows_beside,
    sentence_after,
    sentence_before,
)
from askseoul.nlp.text import split_sentences

PIECES = st.sampled_from(
    [
        *'aA1.!?…。”")(*#-|>: \n\t',
        "[1]",
        "The ",
        "한국",
        "🙂",
        "\xa0",
        "\u05d0",
        "- a\n",
        "| a: 1; b: 2.\n",
        "\n\n",
        "A: b\n",
        "  - b:\n",
        "1. C\n\n",
        "(a) d\n",
        "....... 7",
    ]
)
TEXTS = st.text() | st.lists(PIECES, max_size=80).map("".join)

PLAN = """\
# The tram 🙂

The council wants a tram. It has three demands:

- Ten stops.
- 노선은 하나다.
- No bridge

| Year: 2025; Cost: 120 million.
| Year: 2026; Cost: 175 million.

Contact
Press office: Ada Park
Tel: 555 12 34
open on weekdays"""


def span_of(text: str, sentence: str) -> Span:
    [found] = [each for each in split_sentences(text) if text[each.start : each.end] == sentence]
    return found


def words(text: str, span: Span | None) -> str | None:
    return None if span is None else text[span.start : span.end]


@pytest.mark.parametrize(
    ("sentence", "kind", "lead"),
    [
        pytest.param("# The tram 🙂", "heading", None, id="a marked heading"),
        pytest.param("The council wants a tram.", "prose", None, id="prose"),
        pytest.param("Ten stops.", "item", "It has three demands:", id="the first item"),
        pytest.param("노선은 하나다.", "item", "It has three demands:", id="an item in Korean"),
        pytest.param("No bridge", "item", "It has three demands:", id="an item without an end mark"),
        pytest.param("Year: 2026; Cost: 175 million.", "row", "No bridge", id="a row below a list"),
        pytest.param("Contact", "heading", None, id="a line above notes"),
        pytest.param("Press office: Ada Park", "note", "Contact", id="a note with a label"),
        pytest.param("Tel: 555 12 34", "note", "Contact", id="a note with a figure"),
        pytest.param("open on weekdays", "note", "Contact", id="the last line"),
    ],
)
def test_the_kind_of_a_sentence_and_its_lead(sentence, kind, lead):
    span = span_of(PLAN, sentence)
    assert (kind_of(PLAN, span), words(PLAN, lead_of(PLAN, span))) == (kind, lead)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param("The ferry\n\nIt sails.", "heading", id="a short line above a paragraph"),
        pytest.param("The ferry\r\n\r\nIt sails.".replace("\r\n", "\n"), "heading", id="of a file with CRLF"),
        pytest.param("The ferry sails.¹\n\nNote 1: Not on Sundays.", "prose", id="a sentence with a note"),
        pytest.param("Ukraine: the long war\n\nIt goes on.", "heading", id="a headline with a colon"),
        pytest.param("Budget: 6 million\n\nIt goes on.", "note", id="a label and a figure"),
        pytest.param("Director: Salome Brandt\nBudget: 6 million", "note", id="a label above another"),
        pytest.param("The ferry", "note", id="nothing below"),
        pytest.param("**Chair:** Yusuf\n**Clerk:** Ann", "note", id="a label in bold"),
        pytest.param("between Ann (“the Seller”) and Bo\n\nIt begins.", "note", id="in lower case"),
        pytest.param("“Goods” means spruce;\n\nIt begins.", "note", id="a line that goes on"),
        pytest.param("```\nset pump 1\n```", "note", id="a fence of code"),
        pytest.param("Oil change ..... 79 EUR\nBrakes ..... 145 EUR", "note", id="a price behind dots"),
        pytest.param("Oil change     79 EUR\nBrakes     145 EUR", "note", id="a price in a column"),
        pytest.param("Opening hours:\nMonday 9 to 5", "heading", id="a heading with a colon"),
        pytest.param("You need the following documents:\n- a pass", "prose", id="a sentence before a list"),
        pytest.param("1. Payment\n\nThe buyer pays.", "heading", id="a section with a number"),
        pytest.param("1. 서론 🙂\n\n배가 간다。", "heading", id="a section in Korean"),
        pytest.param("1. Ten stops\n2. No bridge\n\nIt goes on.", "item", id="a numbered list"),
        pytest.param("1. Ten stops\n\n2. No bridge\n\nIt goes on.", "item", id="a numbered list with blank lines"),
        pytest.param("1. ten stops\n\nIt goes on.", "item", id="an item in lower case"),
        pytest.param("1. The buyer pays.\n\nIt goes on.", "item", id="a numbered sentence"),
        pytest.param("(a) The buyer pays.\n(b) He is told.", "item", id="letters in parentheses"),
        pytest.param("1. Budget 2024\n2. Budget 2025", "item", id="a year that is no date"),
        pytest.param("12. marts 2024 sank det.\n\nDet var nyt.", "prose", id="a date in small letters"),
        pytest.param("12. März 2024 sank das Schiff.\n\nEs war neu.", "prose", id="a date"),
        pytest.param("배\n\n배가 간다。", "heading", id="Hangul"),
        pytest.param("הספינה\n\nהיא שטה.", "heading", id="right to left"),
        pytest.param("“It sank.”\n\nSo they said.", "prose", id="a quoted sentence"),
        pytest.param("It sank.[3]\n\nSo they said.", "prose", id="a footnote mark"),
        pytest.param(
            "a line of more than a hundred characters is a text " * 3 + "\n\nIt is.", "prose", id="a long line"
        ),
    ],
)
def test_the_kind_of_the_first_line(text, kind):
    assert kind_of(text, split_sentences(text)[0]) == kind


def test_an_item_that_introduces_others_is_their_lead():
    text = "# Plan\n\n- Costs:\n- ten\n- twenty"
    assert words(text, lead_of(text, span_of(text, "twenty"))) == "Costs:"


NESTED = """\
You need the following papers:

- a pass

  It is valid for a year.
- proof of a home:
  - 계약서 🙂
  - a letter
- a photograph"""


@pytest.mark.parametrize(
    ("item", "lead"),
    [
        pytest.param("a pass", "You need the following papers:", id="the first"),
        pytest.param("proof of a home:", "You need the following papers:", id="below a paragraph of another item"),
        pytest.param("계약서 🙂", "proof of a home:", id="a nested one"),
        pytest.param("a letter", "proof of a home:", id="the last nested one"),
        pytest.param("a photograph", "You need the following papers:", id="below a nested list"),
    ],
)
def test_nested_items_are_led_by_the_item_above_them(item, lead):
    assert words(NESTED, lead_of(NESTED, span_of(NESTED, item))) == lead


STEPS = """\
# Set-up

Three steps:

1. Install it:

```bash
# 다시 시작
restart 🙂
```

2. Open port 8443.

3. Set the size."""


def test_steps_with_paragraphs_and_code_have_the_lead_of_their_list():
    assert words(STEPS, lead_of(STEPS, span_of(STEPS, "3. Set the size."))) == "Three steps:"
    assert kind_of(STEPS, span_of(STEPS, "# 다시 시작")) == "note"
    assert words(STEPS, heading_above(STEPS, span_of(STEPS, "3. Set the size."))) == "1. Install it:"


def test_a_list_that_does_not_begin_with_one_has_the_nearest_lead():
    text = "It sails.\n\nThree more:\n\n5. Busan\n6. 울산"
    assert words(text, lead_of(text, span_of(text, "6. 울산"))) == "Three more:"


def test_the_list_that_an_item_introduces_ends_with_its_indentation():
    items = items_below(NESTED, span_of(NESTED, "proof of a home:"))
    assert [words(NESTED, item) for item in items] == ["계약서 🙂", "a letter"]


def test_the_heading_of_a_section_is_no_list_of_the_section_before():
    text = "The buyer pays.\n\n2. Liability\n\nIt is limited."
    assert items_below(text, span_of(text, "The buyer pays.")) == []
    assert words(text, heading_above(text, span_of(text, "It is limited."))) == "2. Liability"


@pytest.mark.parametrize(
    ("text", "is_first"),
    [
        pytest.param("Hydra GmbH\nWerkstraße 18", True, id="an address"),
        pytest.param("Hydra GmbH\n\nWerkstraße 18", False, id="apart"),
        pytest.param("# Hydra GmbH\nWerkstraße 18", False, id="marked"),
        pytest.param("Hydra GmbH", False, id="the last line"),
    ],
)
def test_whether_a_heading_may_be_the_first_of_its_lines(text, is_first):
    assert opens_lines(text, split_sentences(text)[0]) == is_first


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        pytest.param("Is there parking?\n\nThere is.", True, id="above its answer"),
        pytest.param("Q: 주차장이 있나요？\nA: 네.", True, id="behind a label"),
        pytest.param("Is there parking? There is.", False, id="in a paragraph"),
        pytest.param("There is.", False, id="no question"),
    ],
)
def test_whether_a_question_is_a_line_of_its_own(text, is_one):
    assert is_question_line(text, split_sentences(text)[0]) == is_one


def test_the_heading_above_is_the_nearest():
    assert words(PLAN, heading_above(PLAN, span_of(PLAN, "Ten stops."))) == "# The tram 🙂"
    assert words(PLAN, heading_above(PLAN, span_of(PLAN, "Tel: 555 12 34"))) == "Contact"
    assert heading_above("It sails.", Span(0, 9)) is None


def test_the_items_below_a_sentence_are_those_of_its_list():
    items = items_below(PLAN, span_of(PLAN, "It has three demands:"))
    assert [words(PLAN, item) for item in items] == ["Ten stops.", "노선은 하나다.", "No bridge"]
    assert items_below(PLAN, span_of(PLAN, "The council wants a tram.")) == []


TABLE = "Rents\n\n| District: Norvik; 2024: 12.\n| Aster; 2024: 14.\n| Total.\n| Monday: closed.\n\nEnd."


def test_the_rows_beside_a_row():
    rows = rows_beside(TABLE, span_of(TABLE, "Aster; 2024: 14."))
    assert [words(TABLE, row) for row in rows] == ["| District: Norvik; 2024: 12.", "| Total.", "| Monday: closed."]


def test_a_table_at_the_end_of_a_text_ends_with_it():
    text = "| a: 1; b: 2.\n| a: 3; b: 4."
    assert len(rows_beside(text, split_sentences(text)[0])) == 1
    assert len(rows_beside(text, split_sentences(text)[1])) == 1


@pytest.mark.parametrize(
    ("row", "label"),
    [
        pytest.param("District: Norvik; 2024: 12.", "Norvik", id="below a header"),
        pytest.param("Aster; 2024: 14.", "Aster", id="below an empty corner"),
        pytest.param("Monday: closed.", "Monday", id="without headers"),
        pytest.param("Total.", "", id="a single cell"),
    ],
)
def test_the_label_of_a_row(row, label):
    assert label_of(TABLE, span_of(TABLE, row)) == label


@given(TEXTS)
def test_every_sentence_has_a_kind_and_its_lead_stands_above(text):
    for span in split_sentences(text):
        lead = lead_of(text, span)
        assert kind_of(text, span) in ("prose", "heading", "item", "row", "note")
        assert lead is None or lead.end <= span.start
        assert all(item.start >= span.end for item in items_below(text, span))
        rows_beside(text, span)


# Neighbours


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        pytest.param("It sails. HERE. It is new.", "It sails.", "It is new.", id="both"),
        pytest.param("It is old. It sails. HERE. It is new. It is red.", "It sails.", "It is new.", id="the nearest"),
        pytest.param("HERE.", "", "", id="neither"),
        pytest.param("It sails.\n\nHERE.\n\nIt is new.", "It sails.", "It is new.", id="of other paragraphs"),
        pytest.param("# The ferry\n\nHERE.\n\n# The cats\n\nIt is new.", "", "", id="headings are no sentences"),
        pytest.param("It sails.\n\n# The ferry\n\nHERE.", "It sails.", "", id="the sentence above the heading"),
        pytest.param("It sails.\r\nHERE.\r\nIt is new.", "It sails.", "It is new.", id="CRLF"),
        pytest.param("배가 간다。 HERE. 새 배다 🙂.", "배가 간다。", "새 배다 🙂.", id="Hangul and an emoji"),
        pytest.param("שלום עולם. HERE. مرحبا.", "שלום עולם.", "مرحبا.", id="right to left"),
    ],
)
def test_the_neighbours_of_a_sentence(text, before, after):
    start = text.index("HERE.")
    assert sentence_before(text, start) == before
    assert sentence_after(text, start + len("HERE.")) == after


def test_neighbours_are_looked_for_nearby():
    far = "x" * 2 * NEIGHBOURHOOD
    text = f"It sails. {far}. HERE. {far}. It is new."
    start = text.index("HERE.")
    assert len(sentence_before(text, start)) <= NEIGHBOURHOOD
    assert len(sentence_after(text, start + len("HERE."))) <= NEIGHBOURHOOD


@given(TEXTS, st.integers(0, 100))
def test_neighbours_stand_on_their_side_of_any_offset(text: str, offset: int) -> None:
    assert sentence_before(text, offset) in text[:offset]
    assert sentence_after(text, offset) in text[offset:]
