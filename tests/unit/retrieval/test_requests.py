"""What a message asks for: greetings, the collection itself, the articles that mention something, and questions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.retrieval.requests import Request, read_request
from tests.support.data import cases

STORIES = sorted((Path(__file__).parents[3] / "training" / "stories").glob("units-*.jsonl"))


@pytest.mark.parametrize(
    ("message", "intent"),
    [
        pytest.param("Hello", "greeting", id="hello"),
        pytest.param("Thanks a lot! 🙂", "greeting", id="thanks"),
        pytest.param("안녕하세요", "greeting", id="in Korean"),
        pytest.param("Who are you and what can you do?", "greeting", id="who it is"),
        pytest.param("HI THERE", "greeting", id="capitals"),
        pytest.param("Hi, who counted the herring?", "question", id="a greeting before a question"),
        pytest.param("Thanks! And when does it open?", "question", id="thanks before a question"),
        pytest.param("Are you sure?", "question", id="doubt"),
        pytest.param("What are these articles about?", "collection", id="an overview"),
        pytest.param("How many documents do you have?\r\n", "collection", id="a count"),
        pytest.param("list all the articles", "collection", id="a list"),
        pytest.param("Which articles of the treaty were changed?", "question", id="articles of a treaty"),
        pytest.param("How many outlets did the chain close?", "question", id="outlets of a chain"),
        pytest.param("Is it over?", "question", id="function words alone"),
        pytest.param("", "question", id="nothing"),
        pytest.param("?!", "question", id="marks alone"),
        pytest.param("מה זה?", "question", id="right to left"),
    ],
)
def test_the_intent_of_a_message(message, intent):
    assert read_request(message).intent == intent


@pytest.mark.parametrize(
    ("message", "subject"),
    [
        pytest.param("How many articles mention Samir Kovac?", "Samir Kovac", id="how many"),
        pytest.param("Please list all articles about the tram", "the tram", id="list"),
        pytest.param("Do you have any reports on it that discuss 세종?", "", id="no subject right behind"),
        pytest.param("which documents deal with school meals", "school meals", id="deal with"),
    ],
)
def test_the_subject_that_articles_mention(message, subject):
    found = read_request(message)
    assert found == (Request("mentions", subject) if subject else Request("question"))


def test_in_a_conversation_this_may_be_what_was_spoken_of():
    assert read_request("What is all this about?").intent == "collection"
    assert read_request("What is all this about?", in_conversation=True).intent == "question"
    assert read_request("What are the articles about?", in_conversation=True).intent == "collection"


def test_questions_for_facts_are_not_taken_for_requests():
    questions = [
        question["q"]
        for path in STORIES
        for line in path.read_text(encoding="utf-8").splitlines()
        for question in json.loads(line)["questions"]
    ]
    taken = [question for question in questions if read_request(question).intent != "question"]
    assert len(questions) > 7_000
    assert len(taken) <= len(questions) / 1_000


@pytest.mark.parametrize("case", cases("requests"))
def test_the_intent_of_plain_requests_and_of_questions_that_look_like_them(case):
    assert read_request(case["text"]).intent == case["intent"]


@given(st.text())
def test_every_message_has_an_intent(message):
    assert read_request(message).intent in ("question", "greeting", "collection", "mentions")
