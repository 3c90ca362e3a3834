"""Evidence into drafts: how much is quoted, how long quotes are cut, and what the reply of a generator rests on."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.answering.drafting import (
    CAPABLE_REPLY_TOKENS,
    LIKELY,
    LONGEST_QUOTE,
    MOST_SENTENCES,
    MOST_SENTENCES_BROAD,
    OFFERED,
    REPLY_TOKENS,
    SAID,
    SCHEMA,
    Proposal,
    ReplyReader,
    draft_quotes,
    draft_with,
    quote_draft,
    shortened,
)
from askseoul.domain import Draft, Quote
from askseoul.errors import GeneratorError, PromptTooLong, ReplyUnusable
from askseoul.models.endpoint import Notice
from askseoul.retrieval.question import read_question
from tests.support.articles import make_article, make_evidence
from tests.support.fakes import ScriptedGenerator

FOCUSED = read_question("What is the ferry?")
BROAD = read_question("Why is the ferry here?")


def evidence_of(*sentences, answers=None):
    """These sentences of one article as evidence, read so or all alike."""
    found = make_evidence(make_article(" ".join(sentences)), *sentences)
    return [replace(item, answers=each) for item, each in zip(found, answers or [0.9] * len(found), strict=True)]


def said(question, evidence):
    return [draft.text for draft in draft_quotes(question, evidence)]


DEMANDS = "They make the following demands:\n\n- A freeze of rents\n- Repair of the lifts\n- 놀이터 🙂"
GRANTS = "These clubs receive 750 pounds each:\n\n- Rowing Club\n- Chess Club"


@pytest.mark.parametrize(
    ("question", "text", "said"),
    [
        pytest.param(
            "What do they demand?", DEMANDS, ["A freeze of rents", "Repair of the lifts", "놀이터 🙂"], id="all"
        ),
        pytest.param("What do they demand for the lifts?", DEMANDS, ["They make the following demands"], id="one item"),
        pytest.param("Which clubs receive money?", GRANTS, ["Rowing Club", "Chess Club"], id="named items"),
        pytest.param("How many pounds do they receive?", GRANTS, ["These clubs receive 750 pounds each"], id="its own"),
    ],
)
def test_a_sentence_with_a_colon_answers_with_the_list_below_it(question, text, said):
    evidence = make_evidence(make_article(text), text.partition("\n")[0])
    assert [draft.text for draft in draft_quotes(read_question(question), evidence)] == said


def test_a_list_is_whole_only_if_its_items_hold_the_kind_of_answer_that_is_wanted():
    items = ["Power was off for 31 hours", "Water in the 변압기", "Buses stood still"]
    found = make_evidence(make_article("# Failures\n\n" + "".join(f"- {item}\n" for item in items)), *items)
    evidence = [replace(item, answers=each) for item, each in zip(found, (0.9, 0.5, 0.1), strict=True)]
    assert said(read_question("How long was the power off?"), evidence) == items[:2]
    assert said(read_question("What failed?"), evidence) == items


def quote_of(text, piece):
    start = text.index(piece)
    return Quote(make_article(text), start, start + len(piece))


# Number of sentences


def test_evidence_is_quoted_in_its_own_words_and_order():
    evidence = evidence_of("The ferry sails.", "It is new.")
    assert draft_quotes(FOCUSED, evidence) == [
        Draft("The ferry sails.", (evidence[0].quote,)),
        Draft("It is new.", (evidence[1].quote,)),
    ]


LETTERS = [f"The ferry sails {letter}." for letter in "abcdefghij"]


@pytest.mark.parametrize(("question", "most"), [(FOCUSED, MOST_SENTENCES), (BROAD, MOST_SENTENCES_BROAD)])
def test_the_number_of_sentences_is_limited(question, most):
    assert most < len(LETTERS)
    assert said(question, evidence_of(*LETTERS)) == LETTERS[:most]


def test_a_part_of_a_question_may_use_a_share_of_the_number():
    assert len(draft_quotes(FOCUSED, evidence_of(*LETTERS), 1 / MOST_SENTENCES)) == 1
    assert len(draft_quotes(BROAD, evidence_of(*LETTERS), 1 / MOST_SENTENCES_BROAD)) == 1


def test_what_was_said_before_counts_and_is_not_repeated():
    evidence = evidence_of(*LETTERS)
    before = draft_quotes(FOCUSED, evidence)[:1]
    drafts = draft_quotes(FOCUSED, evidence, said=before)
    assert [draft.text for draft in drafts] == LETTERS[1:MOST_SENTENCES]
    assert draft_quotes(FOCUSED, evidence, said=draft_quotes(FOCUSED, evidence)) == []


@pytest.mark.parametrize(
    ("answers", "taken"),
    [
        pytest.param([0.9, 0.9 * SAID, 0.9 * SAID - 0.01], 2, id="a share of the best one's probability"),
        pytest.param([LIKELY, LIKELY, LIKELY - 0.01], 2, id="but at least so much"),
        pytest.param([LIKELY / 2, LIKELY / 2, LIKELY / 2], 1, id="the best one is always there"),
        pytest.param([0.0, 0.0, 0.0], 1, id="whatever it is"),
        pytest.param([1.0, 1.0, 1.0], 3, id="all that surely answer"),
    ],
)
def test_a_further_sentence_has_to_be_likely(answers, taken):
    sentences = ["The ferry is old.", "It carries 300 people.", "서울의 배는 새 배다."]
    assert len(sentences) <= MOST_SENTENCES
    assert said(FOCUSED, evidence_of(*sentences, answers=answers)) == sentences[:taken]


def test_without_evidence_there_are_no_drafts():
    assert draft_quotes(FOCUSED, []) == []


# Drafts that quote


@pytest.mark.parametrize(
    ("text", "piece", "shown"),
    [
        pytest.param("It sails. It is new.", "It is new.", "It is new.", id="whole"),
        pytest.param("It sails, as it is new.", "it is new.", "… it is new.", id="without its beginning"),
        pytest.param("It sails, as it is new.", "It sails", "It sails …", id="without its end"),
        pytest.param("It sails, as, they say, it is new.", "as, they say,", "… as, they say …", id="from the middle"),
        pytest.param("# Ferry\n\nIt sails", "It sails", "It sails", id="an article's last line"),
        pytest.param("Ferry\nIt sails\nIt is new.", "It sails", "It sails", id="a line of its own"),
        pytest.param("He said: “It sails!” We left.", "We left.", "We left.", id="behind a quotation"),
        pytest.param("It sails.[12] It is new.", "It is new.", "It is new.", id="behind a footnote mark"),
        pytest.param("It sails [12] now.[3]", "It sails [12] now.[3]", "It sails now.", id="footnote marks"),
        pytest.param("It sails [1, 2] [iv] [^7].", "It sails [1, 2] [iv] [^7].", "It sails.", id="more of them"),
        pytest.param("It [sic] sails in [2024].", "It [sic] sails in [2024].", "It [sic] sails in [2024].",
                     id="brackets that are text"),
        pytest.param("It\nsails   on.", "It\nsails   on.", "It sails on.", id="wrapped lines"),
        pytest.param("배가 간다。 새 배다。", "배가 간다。", "배가 간다。", id="Hangul"),
        pytest.param("It sails 🙂! Why?", "It sails 🙂!", "It sails 🙂!", id="an emoji"),
        pytest.param("Is it “new?” We left.", "Is it “new?”", "Is it “new?”", id="a closing quotation mark"),
    ],
)  # fmt: skip
def test_quote_draft(text, piece, shown):
    quote = quote_of(text, piece)
    assert quote_draft(quote) == Draft(shown, (quote,))


# Long quotes


def long(clauses, words):
    return ", ".join(" ".join([f"c{clause}"] * words) for clause in range(clauses)) + "."


def test_a_quote_of_60_words_is_kept_whole():
    text = " ".join(["word"] * 59) + " end."
    assert shortened(quote_of(text, text), FOCUSED) == quote_of(text, text)


def test_a_longer_quote_is_cut_at_clauses_around_the_words_of_the_question():
    text = long(4, 20).replace("c3", "ferry", 1)
    cut = shortened(quote_of(text, text), FOCUSED)
    assert cut.text == text[text.index("c1") :]
    assert len(cut.text.split()) == 60


def test_among_equal_pieces_the_longest_and_then_the_first_is_taken():
    text = long(4, 20)
    assert shortened(quote_of(text, text), FOCUSED).text == text[: text.index(", c3")]


def test_a_clause_of_the_asked_kind_is_preferred_to_one_with_the_words():
    text = long(5, 20).replace("c0", "people", 1).replace("c4", "300", 1)
    assert "300" in shortened(quote_of(text, text), read_question("How many people?")).text


def test_a_clause_that_is_too_long_is_cut_between_words():
    text = " ".join(f"w{place}" for place in range(100)) + " ferry " + " ".join(["x"] * 20)
    cut = shortened(quote_of(text, text), FOCUSED)
    assert "ferry" in cut.text
    assert len(cut.text.split()) == LONGEST_QUOTE


PIECES = st.lists(
    st.sampled_from(["ferry", "서울의", "🙂", "e\u0301", "שלום", "300", "(so", "to", "say)", "and"]),
    min_size=1,
    max_size=25,
).map(" ".join)
LONG_TEXTS = st.lists(PIECES, min_size=1, max_size=12).flatmap(
    lambda clauses: st.sampled_from([", ", "; ", " — ", ":\n", " ", ",  "]).map(lambda gap: gap.join(clauses) + ".")
)


@given(st.text(max_size=20), LONG_TEXTS, st.sampled_from([FOCUSED, BROAD, read_question("How many people?")]))
def test_a_shortened_quote_is_a_piece_of_the_article_of_at_most_60_words(before, text, question):
    article = make_article(before + "\n" + text + "\nThe end.")
    start = len(before) + 1
    cut = shortened(Quote(article, start, start + len(text)), question)
    assert start <= cut.start < cut.end <= start + len(text)
    assert cut.text == article.text[cut.start : cut.end]
    assert cut.text == cut.text.strip()
    assert 1 <= len(cut.text.split()) <= LONGEST_QUOTE
    words = re.sub(r"\W", "", quote_draft(cut).text)
    assert words == re.sub(r"\W", "", cut.text)


# Drafts of a generator


SENTENCES = (
    "The ferry Mara carries 300 people.",
    "It cost 2 million dollars.",
    "Captain Ada Park sails it from Busan.",
    "서울의 배는 새 배다.",
)


def drafted(*replies, sentences=SENTENCES, capable=False):
    """The drafts from these replies, each as (text, indices of its quotes among the sentences)."""
    evidence = evidence_of(*sentences)
    quotes = [item.quote for item in evidence]
    drafts = draft_with(ScriptedGenerator(*replies, capable=capable), FOCUSED, evidence)
    return [
        (draft.text, [quotes.index(quote) for quote in draft.quotes]) for draft in drafts if isinstance(draft, Draft)
    ]


def drafts_and_warnings(generator, sentences=SENTENCES, answers=None):
    """The drafts that rest on a quote, the number of those that rest on none, and the warnings."""
    found = list(draft_with(generator, FOCUSED, evidence_of(*sentences, answers=answers)))
    drafts = [item for item in found if isinstance(item, Draft)]
    warnings = [item.text for item in found if isinstance(item, Notice) and item.is_warning]
    return [draft.text for draft in drafts if draft.quotes], sum(not draft.quotes for draft in drafts), warnings


def test_the_generator_gets_the_numbered_evidence_and_the_question():
    generator = ScriptedGenerator("It sails.")
    list(draft_with(generator, FOCUSED, evidence_of("The ferry sails [12] to Busan.", "It is\nnew.")))
    [(system, user, maximum_tokens)] = generator.asked
    assert "[1] The ferry sails to Busan.\n[2] It is new.\n" in user
    assert user.count(FOCUSED.text) == 1
    assert FOCUSED.text not in system
    assert maximum_tokens == REPLY_TOKENS


def test_the_evidence_for_the_generator_is_limited():
    generator = ScriptedGenerator("It sails.")
    list(draft_with(generator, BROAD, evidence_of(*(f"The ferry sails {letter}." for letter in "abcdefghij"))))
    numbers = re.findall(r"^\[(\d+)\]", generator.asked[0][1], re.MULTILINE)
    assert numbers == [str(number) for number in range(1, OFFERED + 1)]


@pytest.mark.parametrize(
    ("reply", "drafts"),
    [
        pytest.param("The Mara carries 300 people [1].", [("The Mara carries 300 people.", [0])], id="as it should"),
        pytest.param("The Mara carries 300 people [2].", [("The Mara carries 300 people.", [0])], id="another number"),
        pytest.param("The Mara carries 300 people [9][99].", [("The Mara carries 300 people.", [0])],
                     id="numbers that do not exist"),
        pytest.param("The Mara carries 300 people.", [("The Mara carries 300 people.", [0])], id="no number"),
        pytest.param("It cost 2 million dollars. [1]\nAda Park sails it. [1]",
                     [("It cost 2 million dollars.", [1]), ("Ada Park sails it.", [2])], id="numbers behind the stop"),
        pytest.param("1. It cost 2 million dollars.\n- Ada Park sails it.\n> The Mara carries 300 people.",
                     [("It cost 2 million dollars.", [1]), ("Ada Park sails it.", [2]),
                      ("The Mara carries 300 people.", [0])], id="a list"),
        pytest.param("Captain Ada Park sails the ferry Mara from Busan with 300 people.",
                     [("Captain Ada Park sails the ferry Mara from Busan with 300 people.", [0, 2])],
                     id="out of two sentences"),
        pytest.param("Wombats dig burrows.", [], id="nothing in common"),
        pytest.param("서울의 배는 새 배다.", [("서울의 배는 새 배다.", [3])], id="Hangul"),
    ],
)  # fmt: skip
def test_the_sentences_that_a_reply_rests_on_are_found(reply, drafts):
    assert drafted(reply) == drafts


@pytest.mark.parametrize("reply", ["Yes.", "Here it is:", "🙂", "."])
def test_a_reply_without_content_gives_no_draft(reply):
    assert drafted(reply) == []


def test_a_marker_with_two_numbers_does_not_join_two_sentences():
    [(first, _)] = drafted("The ferry Mara carries 300 people.[1,2] Wombats dig.")
    assert first == "The ferry Mara carries 300 people."


def test_no_sentence_rests_on_more_than_two_quotes():
    reply = "The Mara of Captain Ada Park from Busan carries 300 people and cost 2 million dollars."
    [(_, places)] = drafted(reply)
    assert len(places) == 2


@given(st.text(min_size=1, max_size=200))
def test_any_reply_gives_drafts_with_quotes_of_the_evidence(reply):
    for text, places in drafted(reply):
        assert text == " ".join(text.split())
        assert len(places) <= 2


# Replies that can't be used


ANSWERS = [0.9, 0.1, 0.0, 0.0]
"""The first of SENTENCES answers the question."""


@pytest.mark.parametrize(
    ("reply", "kept", "dropped"),
    [
        pytest.param("The Mara carries 300 people.", 1, 0, id="what answers"),
        pytest.param("It cost 2 million dollars. The Mara carries 300 people.", 2, 0, id="and what stands beside it"),
        pytest.param("It cost 2 million dollars.", 0, 1, id="what does not"),
        pytest.param("It cost 2 million dollars. Ada Park sails it.", 0, 2, id="twice"),
        pytest.param("It cost 2 million dollars [1].", 0, 1, id="with a false number"),
        pytest.param("300 dogs bark [1].", 1, 0, id="something of what it gives as its source"),
        pytest.param("Wombats dig burrows.", 0, 0, id="nothing in common with anything"),
    ],
)
def test_a_reply_off_the_topic_gives_no_draft_that_can_hold(reply, kept, dropped):
    texts, without_quote, warnings = drafts_and_warnings(ScriptedGenerator(reply), answers=ANSWERS)
    assert (len(texts), without_quote) == (kept, dropped)
    assert [("does not speak of" in warning) for warning in warnings] == [True] * (kept == 0)


def test_only_what_answers_may_stand_in_the_place_of_a_sentence():
    evidence = evidence_of(*SENTENCES, answers=ANSWERS)
    reply = "The Mara carries 300 people. It cost 2 million euros."
    first, second = (item for item in draft_with(ScriptedGenerator(reply), FOCUSED, evidence))
    assert first.instead == (evidence[0].quote,)
    assert second.instead == ()


@pytest.mark.parametrize(
    ("replies", "kept", "warning", "asked"),
    [
        pytest.param([[GeneratorError("gone.")]], 0, "gone.", 1, id="no reply"),
        pytest.param([[ReplyUnusable("cut.")], "The Mara carries 300 people."], 1, None, 2, id="none at first"),
        pytest.param([[ReplyUnusable("cut.")], [ReplyUnusable("cut.")]], 0, "cut.", 2, id="none at all"),
        pytest.param([[PromptTooLong("long.")], "The Mara carries 300 people."], 1, None, 2, id="too long at first"),
        pytest.param([[PromptTooLong("long.")]] * 3, 0, "long.", 3, id="too long at all"),
        pytest.param([["Wombats", GeneratorError("gone.")]], 0, "gone.", 1, id="a word of a reply"),
        pytest.param(["{}", "{}"], 0, "has no sentence", 2, id="no sentence"),
        pytest.param(["", "The Mara carries 300 people."], 1, None, 2, id="nothing at first"),
    ],
)
def test_a_generator_that_fails_is_asked_again_where_that_may_help(replies, kept, warning, asked):
    generator = ScriptedGenerator(*replies, capable=True)
    texts, _, warnings = drafts_and_warnings(generator)
    assert len(texts) == kept
    assert len(warnings) == (warning is not None)
    assert warning is None or warning in warnings[0]
    assert len(generator.asked) == asked


def test_what_was_whole_before_a_reply_broke_off_is_kept_with_a_warning():
    whole = reply("The Mara carries 300 people.", "Wombats dig.")
    generator = ScriptedGenerator([whole[: whole.index("Wombats")], ReplyUnusable("It broke.")], capable=True)
    texts, _, [warning] = drafts_and_warnings(generator)
    assert texts == ["The Mara carries 300 people."]
    assert "the sentences before are kept" in warning


def test_a_prompt_that_is_too_long_offers_half_the_sentences_and_asks_for_less():
    generator = ScriptedGenerator([PromptTooLong("long.")], "The ferry sails a.", capable=True)
    list(draft_with(generator, FOCUSED, evidence_of(*LETTERS)))
    offered = [user.count('"number"') for _, user, _ in generator.asked]
    assert offered == [OFFERED, OFFERED // 2]
    assert [tokens for _, _, tokens in generator.asked] == [CAPABLE_REPLY_TOKENS, CAPABLE_REPLY_TOKENS // 2]


# Replies of an LLM


def read(*pieces):
    """The proposals in a reply that is streamed in these pieces, and whether it was malformed."""
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
        pytest.param(f"I see. It sinks.\n</think>\n{reply('It sails.')}", [SAILS], id="behind an unmarked thought"),
        pytest.param(f"Say {reply('It sinks.')}?\n</thinking>{reply('It sails.')}", [SAILS], id="behind a draft"),
        pytest.param("It sinks. </think>It sails [2].", [Proposal("It sails.", (2,))], id="prose behind a thought"),
        pytest.param("<|channel|>analysis<|message|>It sinks.<|end|><|start|>assistant<|channel|>final<|message|>"
                     "It sails.<|return|>", [Proposal("It sails.")], id="in channels"),
        pytest.param("<|channel|>analysis<|message|>It sinks.", [], id="a channel of thoughts alone"),
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
def test_a_reply_is_read_into_proposals(written, proposals):
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
def test_a_reply_without_proposals_is_malformed(written, malformed):
    assert read(written)[1] is malformed


def test_a_truncated_reply_keeps_its_complete_sentences():
    whole = reply("It sails.", "It costs 9 won.", "It is new.")
    assert texts(whole[: whole.index("It is new")]) == ["It sails.", "It costs 9 won."]


def test_a_sentence_is_read_as_soon_as_it_is_complete():
    reader = ReplyReader()
    written = reply("It sails.", "It costs 9 won.")
    end = written.index("}") + 1
    assert reader.feed(written[: end - 1]) == []
    assert reader.feed(written[end - 1 : end]) == [SAILS]
    assert reader.feed(written[end:]) == [COSTS]
    assert reader.finish() == []


def test_deeply_nested_json_gives_no_proposal():
    assert read("[" * 100_000) == ([], True)


SENTENCE_LISTS = st.lists(st.text(min_size=1, max_size=30), max_size=4)


@given(SENTENCE_LISTS, st.lists(st.integers(0, 300), max_size=6))
def test_proposals_do_not_depend_on_how_the_reply_is_streamed(sentences, cuts):
    written = reply(*sentences)
    bounds = [0, *sorted(min(cut, len(written)) for cut in cuts), len(written)]
    pieces = [written[a:b] for a, b in pairwise(bounds)]
    assert read(*pieces)[0] == read(written)[0]


@given(st.text(max_size=200))
def test_any_text_is_read(written):
    for proposal in read(written)[0]:
        assert proposal.text == " ".join(proposal.text.split()) != ""


def test_the_schema_requires_every_field_of_a_proposal():
    item = SCHEMA["properties"]["sentences"]["items"]
    assert set(item["required"]) == set(item["properties"]) == {"text", "citations", "quote"}
