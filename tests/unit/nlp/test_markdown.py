"""Which marks of Markdown are recognised in a text, and what is left of it without them."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.nlp.markdown import marks_in, unmarked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("The **Norvik** tram is *new*.", "The Norvik tram is new.", id="emphasis"),
        pytest.param("a ***b*** c **d *e* f** __g__ _h_", "a b c d e f g h", id="emphasis in emphasis"),
        pytest.param("**Budget:** 6 and **“so,”**", "Budget: 6 and “so,”", id="signs at the ends"),
        pytest.param("on **Harbour\nNews** too", "on Harbour\nNews too", id="over a line's end"),
        pytest.param("the ~~old~~ depot", "the old depot", id="struck through"),
        pytest.param("use `a*b*c` and ``x``", "use a*b*c and x", id="code"),
        pytest.param("[six *years*](https://e.org/s_(x)_y) of ![it](a.png)", "six years of it", id="links"),
        pytest.param("**[x](http://a.b)**", "x", id="an emphasised link"),
        pytest.param("[a](javascript:alert(1))", "a", id="brackets in an address"),
        pytest.param(r"\*not\* 3\. \\", "*not* 3. \\", id="escapes"),
        pytest.param("## Head ##\n### Other", "Head\nOther", id="headings"),
        pytest.param("- a\n  * b\n+ c\n1. d", "a\nb\nc\n1. d", id="lists, whose numbers stay"),
        pytest.param('> "Nobody," said **S**.\n>> So.', '"Nobody," said S.\nSo.', id="quotations"),
        pytest.param("a\n---\n```python\nb\n```", "a\n\n\nb\n", id="rules and fences"),
        pytest.param("**First sentence.", "First sentence.", id="a pair cut at its end"),
        pytest.param("Second one.** And", "Second one. And", id="a pair cut at its beginning"),
    ],
)
def test_marks_are_left_out(text, shown):
    assert unmarked(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2 * 3 * 4 and 5*3*2, 2**10", id="products and powers"),
        pytest.param("snake_case_name", id="a name with underscores"),
        pytest.param("price* and cost*, (*) see (*), *Note: x. *Other", id="footnotes"),
        pytest.param("> 5 percent\n>= 3", id="greater than"),
        pytest.param("C# and F#, #1, seats # 3", id="number signs"),
        pytest.param("a [1][2] b [sic] (c) [d] (e f)", id="brackets"),
        pytest.param("-5 degrees - or so", id="minus and dash"),
        pytest.param("it costs `5", id="a single backtick"),
        pytest.param(r"C:\Users\Kim", id="a path"),
    ],
)
def test_what_is_no_mark_stays(text):
    assert unmarked(text) == text


def test_marks_of_lists_can_be_kept():
    assert unmarked("- **a**\n* b", keep_items=True) == "- a\n* b"


def test_marks_of_a_part_are_at_their_offsets():
    text = "one **a**\n- b _c_"
    assert [text[mark.start : mark.end] for mark in marks_in(text, 4)] == ["**", "**", "- ", "_", "_"]
    assert [(mark.start, mark.end) for mark in marks_in(text, 10, 12)] == [(10, 12)]
    assert marks_in(text, 11) == [mark for mark in marks_in(text) if mark.start > 11]


@given(st.text(st.sampled_from('ab .,*_`~#>[](\\)!-\n1"')))
def test_marks_never_overlap_and_all_else_stays(text):
    marks = marks_in(text)
    assert all(one.end <= other.start for one, other in itertools.pairwise(marks))
    marked = {place for mark in marks for place in range(mark.start, mark.end)}
    assert unmarked(text) == "".join(each for place, each in enumerate(text) if place not in marked)
