"""Where articles answer a question differently: what is compared, what is a disagreement, its sides and its kind."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.answering.disagreement import (
    ANSWERING_WEIGHT,
    COMPARED,
    CONFLICTING,
    UPDATED,
    classify,
    find_disagreements,
)
from askseoul.answering.drafting import LONGEST_QUOTE
from askseoul.domain import Quote
from askseoul.retrieval.question import read_question
from tests.support.articles import make_article, make_evidence
from tests.support.fakes import FakeReader, conflicting

ASKED = "How many people were on the ferry Mara?"
MANY, FEW = "The ferry Mara carried 214 people.", "There were 178 people on the ferry Mara."
BRIDGE = "The bridge of Mara is closed to lorries."
CERTAIN = FakeReader(relations=lambda pair: conflicting(1.0))


def evidence_of(*texts, answers=0.5, **known):
    """Each text as the evidence of an article of its own, read alike."""
    articles = [make_article(text, f"{number}.md", **known) for number, text in enumerate(texts)]
    return [make_evidence(article, article.text, answers=answers)[0] for article in articles]


def dated(text, published):
    [item] = evidence_of(text, published=published)
    return replace(item, quote=replace(item.quote, article=replace(item.quote.article, id=f"{published}.md")))


def found(*evidence, asked=ASKED, reader=CERTAIN):
    return find_disagreements(read_question(asked), evidence, reader)


def compared(*evidence, asked=ASKED):
    """The pairs of sentences that the reader is given."""
    reader = FakeReader()
    assert found(*evidence, asked=asked, reader=reader) == []
    return [(pair.left, pair.right) for pair in reader.asked]


def probability(log_odds):
    return 1 / (1 + math.exp(-log_odds))


# What is compared


def test_each_sentence_is_compared_with_those_of_the_other_articles():
    one, other = evidence_of(MANY, FEW)
    third = make_evidence(make_article(f"{BRIDGE} It is old.", "2.md"), BRIDGE, "It is old.")
    assert compared(one, other, *third) == [
        (MANY, FEW), (MANY, BRIDGE), (MANY, "It is old."), (FEW, BRIDGE), (FEW, "It is old."),
    ]  # fmt: skip


def test_the_reader_gets_the_question():
    reader = FakeReader()
    found(*evidence_of(MANY, FEW), reader=reader)
    assert [pair.question for pair in reader.asked] == [ASKED]


def test_only_the_best_sentences_are_compared():
    texts = [f"The ferry Mara has {word} on board." for word in "cats dogs hens cows pigs yaks emus".split()]
    assert len(texts) > COMPARED
    pairs = compared(*evidence_of(*texts))
    assert len(pairs) == COMPARED * (COMPARED - 1) // 2
    assert texts[COMPARED] not in {text for pair in pairs for text in pair}


@pytest.mark.parametrize(
    ("asked", "one", "other", "text"),
    [
        pytest.param(ASKED, MANY, MANY, f"Residents ran out. {MANY} It was dark.", id="what an agency sent to both"),
        pytest.param(ASKED, MANY, MANY.upper(), MANY.upper(), id="the same in capitals"),
        pytest.param("How many beds are there?", "Ward 2 has 30 beds.", "Ward 3 has 40 beds.", "Ward 3 has 40 beds.",
                     id="two wards"),
        pytest.param(ASKED, MANY, FEW, f"Scenario 1: A Storm\n\n{FEW}", id="a scenario"),
    ],
)  # fmt: skip
def test_what_can_not_disagree_is_not_compared(asked, one, other, text):
    assert compared(*evidence_of(one), *make_evidence(make_article(text, "other.md"), other), asked=asked) == []


@pytest.mark.parametrize("texts", [(), (MANY,)], ids=["nothing", "one article"])
def test_one_article_alone_does_not_disagree(texts):
    assert found(*evidence_of(*texts)) == []
    assert found(*make_evidence(make_article(f"{MANY} {FEW}"), MANY, FEW)) == []


# What is a disagreement


@pytest.mark.parametrize(
    ("answers", "conflict", "shown"),
    [
        pytest.param(0.5, probability(CONFLICTING + 0.01), True, id="as likely to answer as not"),
        pytest.param(0.5, probability(CONFLICTING - 0.01), False, id="a little less likely to conflict"),
        pytest.param(0.9, probability(CONFLICTING - 0.01), True, id="but likelier to answer"),
        pytest.param(0.01, probability(CONFLICTING + 0.01), False, id="hardly likely to answer"),
        pytest.param(1.0, 0.0, False, id="no conflict"),
    ],
)
def test_two_answers_that_conflict(answers, conflict, shown):
    reader = FakeReader(relations={(MANY, FEW): conflicting(conflict)})
    assert bool(found(*evidence_of(MANY, FEW, answers=answers), reader=reader)) is shown


def test_both_have_to_answer():
    conflict = 2 * CONFLICTING
    low = probability(-(conflict - CONFLICTING) / ANSWERING_WEIGHT - 0.1)
    reader = FakeReader(relations={(MANY, FEW): conflicting(probability(conflict))})
    one, other = evidence_of(MANY, FEW)
    assert found(one, other, reader=reader)
    assert not found(one, replace(other, answers=low), reader=reader)


def test_one_disagreement_is_shown_the_likeliest():
    texts = (MANY, FEW, BRIDGE)
    reader = FakeReader(relations={(MANY, FEW): conflicting(0.9), (FEW, BRIDGE): conflicting(0.99)})
    [disagreement] = found(*evidence_of(*texts), reader=reader)
    assert {side.text for side in disagreement.sides} == {FEW, BRIDGE}


# Its sides


def test_a_disagreement_quotes_both_sides_on_the_question():
    one, other = evidence_of(MANY, FEW)
    [disagreement] = found(one, other)
    assert (disagreement.about, disagreement.kind) == (ASKED.rstrip("?"), "conflict")
    assert [(side.text, side.quotes) for side in disagreement.sides] == [(MANY, (one.quote,)), (FEW, (other.quote,))]


@pytest.mark.parametrize("turned", [False, True], ids=["in order", "turned round"])
def test_the_earlier_side_comes_first(turned):
    evidence = [dated(MANY, "2022-06-07"), dated(FEW, "2025-01-21")]
    [disagreement] = found(*(reversed(evidence) if turned else evidence))
    assert [side.quotes[0].article.published for side in disagreement.sides] == ["2022-06-07", "2025-01-21"]
    assert disagreement.kind == "superseded"


def test_a_long_side_is_cut():
    long = ", ".join(f"{place} people were on the ferry Mara in all" for place in range(100, 112)) + "."
    [disagreement] = found(*evidence_of(long, FEW))
    assert len(disagreement.sides[0].quotes[0].text.split()) <= LONGEST_QUOTE


# Its kind


def whole(text, published):
    return Quote(make_article(text, published=published), 0, len(text))


@pytest.mark.parametrize(
    ("earlier", "later", "kind"),
    [
        pytest.param((MANY, "2022-01-01"), (FEW, "2022-01-03"), "conflict", id="days apart"),
        pytest.param((MANY, "2022-01-01"), (FEW, "2023-01-01"), "superseded", id="a year apart"),
        pytest.param((MANY, "2022"), (FEW, "2024"), "superseded", id="of two years"),
        pytest.param((MANY, "2022-01"), (FEW, "2022-12"), "superseded", id="of two months"),
        pytest.param((MANY, "2022-01-01"), (FEW, "2022-01-01"), "conflict", id="of the same day"),
        pytest.param((MANY, None), (FEW, "2024"), "conflict", id="the first undated"),
        pytest.param((MANY, "2022"), (FEW, None), "conflict", id="the second undated"),
        pytest.param((MANY, None), (FEW, None), "conflict", id="both undated"),
        pytest.param(("It will carry 300 people.", "2022-01-01"), (FEW, "2022-01-03"), "forecast", id="a forecast"),
        pytest.param(("They EXPECT 300 people.", "2022"), (FEW, "2024"), "forecast", id="a forecast in capitals"),
        pytest.param(("It will carry 300 people.", "2022"), ("It is due to carry 178.", "2024"), "superseded",
                     id="two forecasts"),
        pytest.param((MANY, "2022"), ("It will carry 300 people.", "2024"), "superseded", id="a later forecast"),
        pytest.param(("It will carry 300 people.", None), (FEW, None), "conflict", id="an undated forecast"),
        pytest.param(("서울 🙂", "2022-01-01"), ("שלום\r\n", "2022-01-01"), "conflict", id="other scripts"),
    ],
)  # fmt: skip
def test_dates_and_tense_tell_the_kind(earlier, later, kind):
    assert 31 < UPDATED < 365
    assert classify(whole(*earlier), whole(*later)) == kind


# Any text


PIECES = st.sampled_from(["420 people", "in May 2024", "will", "Ward 2", "서울", "🙂", "שלום", "e\u0301", "\r\n", "."])
TEXTS = st.one_of(st.text(min_size=1, max_size=60), st.lists(PIECES, min_size=1, max_size=10).map(" ".join))


@given(st.lists(TEXTS, max_size=4), st.sampled_from([ASKED, "Is it?", "Who?", "When?"]))
def test_any_texts_disagree_at_most_once(texts, asked):
    for disagreement in found(*evidence_of(*texts), asked=asked):
        first, second = disagreement.sides
        assert first.quotes[0].article.id != second.quotes[0].article.id
    assert len(found(*evidence_of(*texts), asked=asked)) <= 1
