"""What a message asks for, and of what: read by a model that has learned it from messages."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askseoul.models.encoder import load_encoder
from askseoul.retrieval.requests import FEW, read_request

ROOT = Path(__file__).parents[3]
HELD_OUT = ROOT / "evals" / "gold" / "intents.jsonl"
STORIES = sorted((ROOT / "training" / "stories").glob("units-*.jsonl"))


@pytest.fixture(scope="module")
def encoder():
    return load_encoder()


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
        pytest.param("What are these articles about?", "overview", id="an overview"),
        pytest.param("How many documents do you have?\r\n", "inventory", id="a count"),
        pytest.param("list all the articles", "inventory", id="a list of the articles"),
        pytest.param("How many articles mention Samir Kovac?", "mentions", id="mentions"),
        pytest.param("Which articles of the treaty were changed?", "question", id="articles of a treaty"),
        pytest.param("How many outlets did the chain close?", "question", id="outlets of a chain"),
        pytest.param("tldr the harbour story", "summary", id="a summary"),
        pytest.param("Give me a timeline of the strike.", "timeline", id="a timeline"),
        pytest.param("Compare the two ministers on tariffs", "comparison", id="a comparison"),
        pytest.param("List all demands of the farmers.", "list", id="a list"),
        pytest.param("What is the timeline for finishing the bridge?", "question", id="a timeline that is a fact"),
        pytest.param("", "question", id="nothing"),
        pytest.param("מה זה?", "question", id="right to left"),
    ],
)
def test_the_intent_of_a_message(encoder, message, intent):
    assert read_request(message, encoder).intent == intent


@pytest.mark.parametrize(
    ("message", "subject", "other"),
    [
        pytest.param("How many articles mention Samir Kovac?", "Samir Kovac", "", id="mentions"),
        pytest.param("Tell me about the new ferry", "new ferry", "", id="a summary"),
        pytest.param("timeline of the tram please", "tram", "", id="a timeline"),
        pytest.param("Compare Greta Solheim and Amina Farouk.", "Greta Solheim", "Amina Farouk", id="a comparison"),
        pytest.param("give me a timeline of everything", "", "", id="no subject"),
        pytest.param("Who paid for the ferry?", "", "", id="a question"),
    ],
)
def test_of_what_a_message_speaks(encoder, message, subject, other):
    found = read_request(message, encoder)
    assert (found.subject.removeprefix("the "), found.other.removeprefix("the ")) == (subject, other)


@pytest.mark.parametrize(
    ("message", "most"),
    [
        pytest.param("Summarise the strike in two sentences", 2, id="in words"),
        pytest.param("3 bullet points on the strike", 3, id="in figures"),
        pytest.param("tldr the strike", FEW, id="short"),
        pytest.param("Summarise the strike", None, id="not said"),
    ],
)
def test_how_long_an_answer_is_asked_for(encoder, message, most):
    assert read_request(message, encoder).most == most


def test_in_a_conversation_this_may_be_what_was_spoken_of(encoder):
    assert read_request("What is all this about?", encoder).intent == "overview"
    assert read_request("What is this about?", encoder, in_conversation=True).intent == "question"


def test_messages_of_people_that_did_not_train_the_model_are_read_rightly(encoder):
    right = defaultdict(list)
    for line in HELD_OUT.read_text(encoding="utf-8").splitlines():
        message = json.loads(line)
        right[message["intent"]].append(read_request(message["text"], encoder).intent == message["intent"])
    shares = {intent: sum(found) / len(found) for intent, found in right.items()}
    assert sum(map(sum, right.values())) / sum(map(len, right.values())) >= 0.88
    assert shares["question"] >= 0.92
    assert min(shares.values()) >= 0.8


def test_questions_for_facts_are_not_taken_for_requests_about_the_collection(encoder):
    units = [json.loads(line) for path in STORIES for line in path.read_text(encoding="utf-8").splitlines()]
    questions = [question["q"] for unit in units[::9] for question in unit["questions"]]
    unsearched = {"greeting", "overview", "inventory", "mentions"}
    taken = [question for question in questions if read_request(question, encoder).intent in unsearched]
    assert len(questions) > 700
    assert len(taken) <= len(questions) / 100


@settings(max_examples=40)
@given(st.text(max_size=300))
def test_any_message_is_read(message):
    found = read_request(message, load_encoder())
    assert found.subject in message
    assert found.other in message
