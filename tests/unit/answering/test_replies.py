"""What an LLM wrote into proposals: JSON or prose, whole, cut, nested, wrapped, and in pieces."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.answering.drafting import SCHEMA, Proposal, ReplyReader


def read(*pieces):
    """The proposals of a reply that comes in these pieces, and whether it was malformed."""
    reader = ReplyReader()
    found = [proposal for piece in pieces for proposal in reader.feed(piece)]
    found += reader.finish()
    assert reader.proposed == len(found)
    return found, reader.malformed


def texts(*pieces):
    return [proposal.text for proposal in read(*pieces)[0]]


def reply(*sentences):
    return json.dumps({"sentences": [{"text": text, "citations": [1], "quote": "it"} for text in sentences]})


SAILS = Proposal("It sails.", (1,), "it")
COSTS = Proposal("It costs 9 won.", (1,), "it")


@pytest.mark.parametrize(
    ("written", "proposals"),
    [
        pytest.param(reply("It sails.", "It costs 9 won."), [SAILS, COSTS], id="as the schema has it"),
        pytest.param(json.dumps(json.loads(reply("It sails.")), indent=2), [SAILS], id="indented"),
        pytest.param(f"```json\n{reply('It sails.')}\n```", [SAILS], id="in a fence"),
        pytest.param(f"<think>{{a\n\nb [1]. {{</think>\n{reply('It sails.')}", [SAILS], id="behind a thought"),
        pytest.param(json.dumps({"answer": {"list": [{"text": "It sails."}]}}), [Proposal("It sails.")], id="nested"),
        pytest.param(json.dumps([{"text": "It sails."}]), [Proposal("It sails.")], id="a list"),
        pytest.param(json.dumps({"sentences": ["It sails [2]."]}), [Proposal("It sails.", (2,))], id="bare texts"),
        pytest.param(json.dumps({"text": "It sails.", "citations": ["1", 2.5, True, None, 3], "quote": 7}),
                     [Proposal("It sails.", (3,))], id="fields of other types"),
        pytest.param(json.dumps({"text": 7, "note": "It sinks."}), [], id="no sentence in it"),
        pytest.param(reply("서울 “배” 🙂."), [Proposal("서울 “배” 🙂.", (1,), "it")], id="Hangul and an emoji"),
        pytest.param(reply("  "), [], id="blank"),
        pytest.param("It sails [2]. It costs 9 won [1, 3].",
                     [Proposal("It sails.", (2,)), Proposal("It costs 9 won.", (1, 3))], id="prose"),
        pytest.param("It sails.[1,2] It costs 9 won.",
                     [Proposal("It sails.", (1, 2)), Proposal("It costs 9 won.")], id="a mark behind the stop"),
        pytest.param("1. It sails\n- It costs 9 won", [Proposal("It sails"), Proposal("It costs 9 won")],
                     id="a list without stops"),
        pytest.param("It sails", [Proposal("It sails")], id="an only sentence without its stop"),
        pytest.param("It sails. It costs", [Proposal("It sails.")], id="a last sentence that was cut"),
        pytest.param("", [], id="nothing"),
        pytest.param("[1] It sails.", [Proposal("It sails.", (1,))], id="a mark in front"),
        pytest.param(f"Here is the JSON:\n```json\n{reply('It sails.')}\n```",
                     [SAILS], id="JSON behind a preamble"),
        pytest.param("It sails [1[2]] now.", [Proposal("It sails now.", (2,))], id="a mark in a mark"),
        pytest.param("It " + "sails " * 200, [], id="no end of it"),
    ],
)  # fmt: skip
def test_a_reply_is_read(written, proposals):
    assert read(written)[0] == proposals


@pytest.mark.parametrize(
    ("written", "malformed"),
    [
        pytest.param(reply("It sails."), False, id="JSON with a sentence"),
        pytest.param("It sails.", False, id="prose"),
        pytest.param('{"sentences": []}', True, id="JSON without one"),
        pytest.param('{"sentences": [{"te', True, id="JSON that was cut before its first"),
        pytest.param("  ", True, id="nothing"),
        pytest.param("<think>for ever", True, id="a thought without an end"),
    ],
)
def test_what_is_asked_once_more(written, malformed):
    assert read(written)[1] is malformed


def test_a_cut_reply_keeps_the_sentences_that_were_whole():
    whole = reply("It sails.", "It costs 9 won.", "It is new.")
    assert texts(whole[: whole.index("It is new")]) == ["It sails.", "It costs 9 won."]


def test_a_sentence_is_there_as_soon_as_its_end_is():
    reader = ReplyReader()
    written = reply("It sails.", "It costs 9 won.")
    end = written.index("}") + 1
    assert reader.feed(written[: end - 1]) == []
    assert reader.feed(written[end - 1 : end]) == [SAILS]
    assert reader.feed(written[end:]) == [COSTS]
    assert reader.finish() == []


def test_deeply_nested_junk_is_no_sentence():
    assert read("[" * 100_000) == ([], True)


SENTENCES = st.lists(st.text(min_size=1, max_size=30), max_size=4)


@given(SENTENCES, st.lists(st.integers(0, 300), max_size=6))
def test_however_a_json_reply_is_cut_into_pieces_its_proposals_are_the_same(sentences, cuts):
    written = reply(*sentences)
    bounds = [0, *sorted(min(cut, len(written)) for cut in cuts), len(written)]
    pieces = [written[a:b] for a, b in pairwise(bounds)]
    assert read(*pieces)[0] == read(written)[0]


@given(st.text(max_size=200))
def test_any_text_is_read(written):
    for proposal in read(written)[0]:
        assert proposal.text == " ".join(proposal.text.split()) != ""


def test_the_schema_asks_for_what_a_proposal_holds():
    item = SCHEMA["properties"]["sentences"]["items"]
    assert set(item["required"]) == set(item["properties"]) == {"text", "citations", "quote"}
