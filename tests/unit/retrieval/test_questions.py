"""What a question asks for, and whether a text holds something of that kind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.errors import QuestionInvalid
from askseoul.retrieval.question import LONGEST_QUESTION, holds_kind, read_question

KINDS = {
    "How many seats does the new library have?": "number",
    "How tall is the N Seoul Tower?": "number",
    "What is the population of Busan?": "number",
    "How much water is left?": "number",
    "🙂 how many 🙂 cats?": "number",
    "How much does a subway ride cost?": "money",
    "What was the budget of the bridge?": "money",
    "How many dollars did the museum raise?": "money",
    "How large is the city’s debt?": "money",
    "What share of voters stayed at home?": "share",
    "How many percent of voters stayed at home?": "share",
    "How long did the ferry crossing take?": "duration",
    "How many years did the tunnel take?": "duration",
    "When did the museum open?": "date",
    "And when did it close?": "date",
    "In which year did the fire break out?": "date",
    "What did the mayor say about fares?": "statement",
    "Who designed the bridge?": "person",
    "Which minister resigned?": "person",
    "What is the name of the singer?": "person",
    "“Listen,” she said: WHO did it?": "person",
    "Where is the old observatory?": "place",
    "Which country borders it?": "place",
    "Why did the bakery close?": "reason",
    "What caused the blackout?": "reason",
    "How come it rained?": "reason",
    "How did the team cross the river?": "manner",
    "In what way did the rules change?": "manner",
    "Did the ferry sink?": "choice",
    "Is the palace open on Mondays?": "choice",
    "What is a hanok?": "thing",
    "서울의 인구는 얼마인가?": "thing",
    "كم عدد السكان؟": "thing",
    "{{question}} $question <script>": "thing",
}


@pytest.mark.parametrize(("text", "kind"), KINDS.items(), ids=KINDS)
def test_kind(text, kind):
    assert read_question(text).kind == kind


@pytest.mark.parametrize(
    ("text", "broad"),
    [
        ("How many seats does the library have?", False),
        ("What is a hanok?", False),
        ("When did it open?", False),
        ("Why did it close?", True),
        ("How did they cross?", True),
        ("Did they cross?", True),
        ("What do the articles say about tea?", True),
        ("Describe the harbour.", True),
        ("What are the risks of the plan?", True),
    ],
)
def test_questions_for_views_and_contents_need_room(text, broad):
    assert read_question(text).broad == broad


def test_a_question_keeps_its_text_and_the_stems_of_its_content():
    question = read_question("  How many ferries did the mayor’s office buy?\n")
    assert question.text == "How many ferries did the mayor’s office buy?"
    assert question.stems == {"ferri", "mayor", "offic", "buy"}


@pytest.mark.parametrize(
    "text", ["", " \n\t", "?!", "🙂", "… — “”", "\u200b\u200e"], ids=["empty", "blank", "marks", "emoji", "typography",
                                                                       "invisible"]
)  # fmt: skip
def test_nothing_asked(text):
    with pytest.raises(QuestionInvalid, match="The question is empty: ask one in words"):
        read_question(text)


def test_a_question_may_have_2000_characters_and_no_more():
    assert read_question("a" * LONGEST_QUESTION).text == "a" * 2000
    assert len(read_question(" " + "가" * LONGEST_QUESTION + " ").text) == 2000
    with pytest.raises(QuestionInvalid, match="has 2,001 characters and may have 2,000"):
        read_question("a" * 2001)


def test_half_a_surrogate_pair_becomes_the_replacement_character():
    assert read_question("How many \ud83d cats?").text == "How many \ufffd cats?"
    assert read_question("How many \ud83d\ude42 cats?").text == "How many 🙂 cats?"


HOLDS = {
    "a number": ("How many seats does the library have?", "The library has 420 seats.", True),
    "a number in words": ("How many seats does the library have?", "It has twenty-four seats.", True),
    "no number": ("How many seats does the library have?", "The library has a few seats.", False),
    "the question's own number": ("How many seats did the 3 libraries have?", "The 3 libraries have seats.", False),
    "a year is no number": ("How many seats?", "It opened in May 2021.", False),
    "a pointing one is no number": ("How many seats?", "One of them is broken.", False),
    "a number among Hangul": ("How many cats?", "고양이 12 🙂", True),
    "money": ("How much does a ride cost?", "A ride costs 1,400 won.", True),
    "a number that is no money": ("How much does a ride cost?", "A ride has 14 stops.", False),
    "a share": ("What share of voters stayed at home?", "Some 31% did.", True),
    "a share in words": ("What share of voters stayed at home?", "A third of them did.", True),
    "a number that is no share": ("What share of voters stayed at home?", "Some 31,000 did.", False),
    "a duration": ("How long did the crossing take?", "It took three hours.", True),
    "a number that is no duration": ("How long did the crossing take?", "It took three boats.", False),
    "a date": ("When did the museum open?", "It opened on 4 June 1998.", True),
    "a day of the week": ("When did the museum open?", "It opened on Monday.", True),
    "no date": ("When did the museum open?", "It opened late.", False),
    "the question's own date": ("When did it open after the fire of 1998?", "The fire of 1998 hurt it.", False),
    "a person": ("Who designed the bridge?", "Ada Park designed the bridge.", True),
    "nobody's name": ("Who designed the bridge?", "An engineer designed the bridge.", False),
    "the question's own name": ("Who designed the Han Bridge?", "The Han Bridge is long.", False),
    "a place": ("Where is the observatory?", "It stands in Gyeongju.", True),
    "no place's name": ("Where is the observatory?", "It stands on a hill.", False),
    "a statement": ("What did the mayor say?", "“Fares stay,” the mayor said.", True),
    "no statement": ("What did the mayor say?", "The mayor left.", False),
    "a reason": ("Why did the bakery close?", "It closed because rents rose.", True),
    "no reason": ("Why did the bakery close?", "It closed on Monday.", False),
    "a manner can be anything": ("How did they cross?", "🙂", True),
    "a choice can be anything": ("Did they cross?", "They drank tea.", True),
    "a thing can be anything": ("What is a hanok?", "", True),
}


@pytest.mark.parametrize(("question", "text", "holds"), HOLDS.values(), ids=HOLDS)
def test_a_text_holds_what_is_asked(question, text, holds):
    assert holds_kind(read_question(question), text) is holds


ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)  # halves of surrogate pairs too


@given(ANY_TEXT, ANY_TEXT)
def test_any_text_can_be_asked_and_any_text_answer(asked, text):
    try:
        question = read_question(asked)
    except QuestionInvalid:
        assert not any(map(str.isalnum, asked))
    else:
        assert isinstance(holds_kind(question, text), bool)
