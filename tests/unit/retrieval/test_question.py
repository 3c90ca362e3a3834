"""What a question asks for, and whether a text holds something of that kind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.errors import QuestionInvalid
from askseoul.nlp.text import parse
from askseoul.retrieval.question import LONGEST_QUESTION, holds_answer_type, read_question
from tests.support.data import cases


@pytest.mark.parametrize("case", cases("questions"))
def test_questions(case):
    question = read_question(case["question"])
    assert {name: getattr(question, name) for name in case if name in ("answer_type", "is_broad")} == {
        name: value for name, value in case.items() if name not in ("id", "question")
    }


def test_a_question_keeps_its_text_and_content_stems():
    question = read_question("  How many ferries did the mayor’s office buy?\n")
    assert question.text == "How many ferries did the mayor’s office buy?"
    assert question.stems == {"ferri", "mayor", "offic", "buy"}


@pytest.mark.parametrize(
    "text", ["", " \n\t", "?!", "🙂", "… — “”", "\u200b\u200e"], ids=["empty", "blank", "marks", "emoji", "typography",
                                                                       "invisible"]
)  # fmt: skip
def test_an_empty_question_is_rejected(text):
    with pytest.raises(QuestionInvalid, match="The question is empty: ask one in words"):
        read_question(text)


def test_a_question_may_have_2000_characters_and_no_more():
    assert read_question("a" * LONGEST_QUESTION).text == "a" * 2000
    assert len(read_question(" " + "가" * LONGEST_QUESTION + " ").text) == 2000
    with pytest.raises(QuestionInvalid, match="has 2,001 characters and may have 2,000"):
        read_question("a" * 2001)


def test_a_lone_surrogate_becomes_the_replacement_character():
    assert read_question("How many \ud83d cats?").text == "How many \ufffd cats?"
    assert read_question("How many \ud83d\ude42 cats?").text == "How many 🙂 cats?"


@pytest.mark.parametrize("case", cases("asked_kinds"))
def test_a_text_holds_what_is_asked(case):
    assert holds_answer_type(read_question(case["question"]), parse(case["text"])) is case["holds"]


ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)  # halves of surrogate pairs too


@given(ANY_TEXT, ANY_TEXT)
def test_any_question_with_letters_is_read(asked, text):
    try:
        question = read_question(asked)
    except QuestionInvalid:
        assert not any(map(str.isalnum, asked))
    else:
        assert isinstance(holds_answer_type(question, parse(text)), bool)
