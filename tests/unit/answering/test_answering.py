"""Evidence into drafts: how much is said, how long quotes are cut, and which quotes a generator's words rest on."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.answering.drafting import (
    BROAD_SENTENCES,
    FOCUSED_SENTENCES,
    LONGEST_QUOTE,
    OFFERED,
    REPLY_TOKENS,
    draft_quotes,
    draft_with,
    quote_draft,
    shortened,
)
from askseoul.domain import Draft, Quote
from askseoul.retrieval.question import read_question
from tests.support.articles import make_article, make_evidence
from tests.support.fakes import ScriptedGenerator

FOCUSED = read_question("What is the ferry?")
BROAD = read_question("Why is the ferry here?")


def evidence_of(*sentences, scores=None):
    """These sentences of one article, all with the same score or with those given."""
    from dataclasses import replace

    found = make_evidence(make_article(" ".join(sentences)), *sentences)
    return [replace(item, score=score) for item, score in zip(found, scores or [5.0] * len(found), strict=True)]


def said(question, evidence):
    return [draft.text for draft in draft_quotes(question, evidence)]


def sentence(letter, words):
    """A sentence of that many words, different for each letter."""
    return " ".join([letter.upper(), *[letter * 3] * (words - 1)]) + "."


def quote_of(text, piece):
    start = text.index(piece)
    return Quote(make_article(text), start, start + len(piece))


# How much is said


def test_the_evidence_is_said_in_its_own_words_and_order():
    evidence = evidence_of("The ferry sails.", "It is new.")
    assert draft_quotes(FOCUSED, evidence) == [
        Draft("The ferry sails.", (evidence[0].quote,)),
        Draft("It is new.", (evidence[1].quote,)),
    ]


@pytest.mark.parametrize(("question", "most"), [(FOCUSED, FOCUSED_SENTENCES), (BROAD, BROAD_SENTENCES)])
def test_so_many_sentences_are_said_and_no_more(question, most):
    assert len(said(question, evidence_of(*(f"The ferry sails {letter}." for letter in "abcdefghij")))) == most


@pytest.mark.parametrize(
    ("question", "lengths", "taken"),
    [
        pytest.param(FOCUSED, [30, 20, 5], "ab", id="50 words fill it"),
        pytest.param(FOCUSED, [30, 21, 5], "ac", id="one that is too long is passed over"),
        pytest.param(FOCUSED, [58, 5], "a", id="the very best is always there"),
        pytest.param(BROAD, [50, 50, 6, 5], "abd", id="105 words for a broad question"),
    ],
)
def test_words_that_fit(question, lengths, taken):
    sentences = {letter: sentence(letter, words) for letter, words in zip("abcd", lengths, strict=False)}
    assert said(question, evidence_of(*sentences.values())) == [sentences[letter] for letter in taken]


@pytest.mark.parametrize(("question", "share"), [(FOCUSED, 0.45), (BROAD, 0.3)])
def test_a_further_sentence_needs_a_share_of_the_best_score(question, share):
    scores = [10, 10 * share, 10 * share - 0.01]
    assert said(question, evidence_of("One ferry sails.", "It is new.", "It is red.", scores=scores)) == [
        "One ferry sails.",
        "It is new.",
    ]


def test_a_question_for_one_thing_is_answered_from_what_holds_such_a_thing():
    evidence = evidence_of("The ferry is old.", "It carries 300 people.", "Some of them sing.", "It has 12 boats.")
    assert said(read_question("How many people are there?"), evidence) == ["It carries 300 people.", "It has 12 boats."]
    assert said(read_question("How many are there?"), evidence[::2]) == ["The ferry is old.", "Some of them sing."]


def test_what_holds_the_asked_thing_is_said_even_far_behind_the_best_match():
    evidence = evidence_of("The ferry is old.", "It carries 300 people.", scores=[10, 4])
    assert said(read_question("How many people are there?"), evidence) == ["It carries 300 people."]


def test_nothing_to_say():
    assert draft_quotes(FOCUSED, []) == []


# A quote in its own words


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


def test_a_quote_of_60_words_is_left_alone():
    text = " ".join(["word"] * 59) + " end."
    assert shortened(quote_of(text, text), FOCUSED) == quote_of(text, text)


def test_a_longer_one_is_cut_at_clauses_around_what_is_asked():
    text = long(4, 20).replace("c3", "ferry", 1)
    cut = shortened(quote_of(text, text), FOCUSED)
    assert cut.text == text[text.index("c1") :]
    assert len(cut.text.split()) == 60


def test_of_equal_pieces_the_longest_and_then_the_first_is_taken():
    text = long(4, 20)
    assert shortened(quote_of(text, text), FOCUSED).text == text[: text.index(", c3")]


def test_a_clause_with_the_asked_kind_of_thing_goes_before_one_with_the_words():
    text = long(5, 20).replace("c0", "people", 1).replace("c4", "300", 1)
    assert "300" in shortened(quote_of(text, text), read_question("How many people?")).text


def test_a_clause_that_is_itself_too_long_is_cut_between_words():
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
def test_a_shortened_quote_is_always_a_piece_of_the_article_of_at_most_60_words(before, text, question):
    article = make_article(before + "\n" + text + "\nThe end.")
    start = len(before) + 1
    cut = shortened(Quote(article, start, start + len(text)), question)
    assert start <= cut.start < cut.end <= start + len(text)
    assert cut.text == article.text[cut.start : cut.end]
    assert cut.text == cut.text.strip()
    assert 1 <= len(cut.text.split()) <= LONGEST_QUOTE
    words = re.sub(r"\W", "", quote_draft(cut).text)
    assert words == re.sub(r"\W", "", cut.text)


# A generator


SENTENCES = (
    "The ferry Mara carries 300 people.",
    "It cost 2 million dollars.",
    "Captain Ada Park sails it from Busan.",
    "서울의 배는 새 배다.",
)


def drafted(*replies, sentences=SENTENCES, capable=False):
    """The drafts of these replies as (text, the places of their quotes among the sentences)."""
    evidence = evidence_of(*sentences)
    quotes = [item.quote for item in evidence]
    drafts = draft_with(ScriptedGenerator(*replies, capable=capable), FOCUSED, evidence)
    return [(draft.text, [quotes.index(quote) for quote in draft.quotes]) for draft in drafts]


def test_a_generator_sees_the_numbered_evidence_and_the_question():
    generator = ScriptedGenerator("It sails.")
    list(draft_with(generator, FOCUSED, evidence_of("The ferry sails [12] to Busan.", "It is\nnew.")))
    [(system, user, maximum_tokens)] = generator.asked
    assert "[1] The ferry sails to Busan.\n[2] It is new.\n" in user
    assert user.count(FOCUSED.text) == 1
    assert FOCUSED.text not in system
    assert maximum_tokens == REPLY_TOKENS


def test_a_generator_sees_so_much_evidence_and_no_more():
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
def test_code_finds_what_a_reply_rests_on(reply, drafts):
    assert drafted(reply) == drafts


@pytest.mark.parametrize("reply", ["Yes.", "Here it is:", "🙂", "."])
def test_a_sentence_without_content_has_nothing_in_common_with_the_evidence(reply):
    assert drafted(reply) == []


def test_a_mark_with_two_numbers_does_not_join_two_sentences():
    [(first, _)] = drafted("The ferry Mara carries 300 people.[1,2] Wombats dig.")
    assert first == "The ferry Mara carries 300 people."


def test_no_sentence_rests_on_more_than_two_quotes():
    reply = "The Mara of Captain Ada Park from Busan carries 300 people and cost 2 million dollars."
    [(_, places)] = drafted(reply)
    assert len(places) == 2


@given(st.text(min_size=1, max_size=200))
def test_any_reply_gives_drafts_on_the_evidence(reply):
    for text, places in drafted(reply):
        assert text == " ".join(text.split())
        assert 1 <= len(places) <= 2
