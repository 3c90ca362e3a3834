"""Turns read from a conversation in any of the forms that callers keep."""

from __future__ import annotations

import pytest

from askseoul.errors import UsageError
from askseoul.retrieval.conversation import MAX_TURNS, Turn, read_turns


class Message:
    def __init__(self, role, content):
        self.role, self.content = role, content


@pytest.mark.parametrize(
    ("history", "turns"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param(["Who sails?"], [Turn("Who sails?")], id="a question"),
        pytest.param([("Who sails?", "Ada.")], [Turn("Who sails?", "Ada.")], id="a pair"),
        pytest.param([["Who sails?", "Ada."]], [Turn("Who sails?", "Ada.")], id="a list of two"),
        pytest.param([{"question": "Who?", "text": "Ada.", "answered": True}], [Turn("Who?", "Ada.")], id="an answer"),
        pytest.param([{"question": "And she?", "rewritten_question": "And Ada?", "text": "Ada."}],
                     [Turn("And Ada?", "Ada.")], id="an answer to a rewritten question"),
        pytest.param([{"question": "Who?", "text": "They do not say.", "answered": False}], [Turn("Who?")],
                     id="a refusal's message is no answer"),
        pytest.param([{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Who?"},
                      {"role": "assistant", "content": "Ada."}], [Turn("Who?", "Ada.")], id="chat messages"),
        pytest.param([Message("user", "Who?"), Message("assistant", [{"type": "text", "text": "Ada."}])],
                     [Turn("Who?", "Ada.")], id="objects with blocks"),
        pytest.param([{"question": "Who?", "rewritten_question": 5}], [Turn("Who?")], id="an odd full question"),
        pytest.param(["Who?", {"role": "tool", "content": None}, {"role": "assistant", "content": None}],
                     [Turn("Who?")], id="tool calls"),
        pytest.param([{"role": "user", "content": [{"text": None}, {"text": "Who?"}]}], [Turn("Who?")],
                     id="a block without text"),
        pytest.param([{"role": "assistant", "content": "Hello."}], [], id="an answer to nothing"),
        pytest.param(["서울의 배는?", "🙂", "e\u0301\r\n"], [Turn("서울의 배는?"), Turn("🙂"), Turn("e\u0301\r\n")],
                     id="awkward text"),
    ],
)  # fmt: skip
def test_read_turns(history, turns):
    assert read_turns(history) == turns


def test_only_the_last_turns_are_kept():
    assert read_turns([str(number) for number in range(20)]) == [Turn(str(n)) for n in range(20 - MAX_TURNS, 20)]


@pytest.mark.parametrize(
    "item", [7, None, (), ("one", 2), {"text": "x"}, {"role": "user", "content": 7}, {"question": None}]
)
def test_an_invalid_turn_is_reported_with_its_index(item):
    with pytest.raises(UsageError, match=r"history\[1\]"):
        read_turns(["Who?", item])


@pytest.mark.parametrize("history", [5, None, "Who?", {"question": "Who?"}])
def test_a_history_must_be_a_list(history):
    with pytest.raises(UsageError, match="give a list of earlier questions"):
        read_turns(history)
