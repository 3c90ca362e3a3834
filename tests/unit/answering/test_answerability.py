"""Whether the evidence answers the question: what is read, what is missing, and what a refusal says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.answering.answerability import (
    ANSWERS,
    DOUBT,
    MISSING_ODDS,
    NEAR,
    SURE,
    Decision,
    confidence,
    doubt,
    is_of_another,
    judge,
    lacking,
    read_evidence,
)
from askseoul.nlp.text import parse
from askseoul.retrieval.question import read_question
from askseoul.settings import STRICTNESS
from tests.support.articles import make_article, make_evidence
from tests.support.fakes import FakeReader

CARRIES = "The ferry Mara carries 300 people from Busan since 4 June 1998."
COST = "It cost 2 million dollars."
SAFE = "Captain Ada Park said it is safe because it is new."
COLOUR = "Nobody knows its colour."
FERRY = make_article(" ".join((CARRIES, COST, SAFE, COLOUR)), title="The ferry", published="2024-05-04")
ASKED = "How many people does it carry?"


def odds(probability):
    return probability / (1 - probability)


def read(question, *sentences, article=FERRY, reader):
    return read_evidence(read_question(question), make_evidence(article, *sentences), reader)


def judged(question, probability, *sentences, article=FERRY, **options):
    """The decision on these sentences, each read with this probability."""
    evidence = make_evidence(article, *(sentences or (CARRIES, COST, SAFE, COLOUR)), answers=probability)
    return judge(read_question(question), evidence, **options)


# Reading


def test_the_likeliest_sentence_comes_first():
    reader = FakeReader(answers={CARRIES: 0.25, COST: 0.75, SAFE: 0.5})
    found = read(ASKED, CARRIES, COST, SAFE, COLOUR, reader=reader)
    assert [(item.quote.text, item.answers) for item in found] == [
        (COST, 0.75), (SAFE, 0.5), (CARRIES, 0.25), (COLOUR, 0.0),
    ]  # fmt: skip


def test_equally_likely_sentences_keep_their_order():
    found = read(ASKED, SAFE, CARRIES, COST, reader=FakeReader())
    assert [item.quote.text for item in found] == [SAFE, CARRIES, COST]


def test_the_reader_reads_a_sentence_with_its_neighbours():
    question, reader = read_question("  Whose is it, 서울 🙂?\r\n"), FakeReader()
    first, second = make_evidence(FERRY, COST, COLOUR)
    read_evidence(question, [replace(first, before=CARRIES, after=SAFE, heading="# Ferries"), second], reader)
    assert [(asked.question, asked.sentence, asked.around) for asked in reader.asked] == [
        (question.text, COST, f"{CARRIES} {SAFE}"), (question.text, COLOUR, ""),
    ]  # fmt: skip


def test_without_evidence_nothing_is_read():
    assert read_evidence(read_question(ASKED), [], FakeReader()) == []


@pytest.mark.parametrize(
    ("question", "guarded"),
    [
        pytest.param(ASKED, False, id="no name or figure"),
        pytest.param("How many people does the Mara carry?", False, id="a name of the sentence"),
        pytest.param("How many people does the Orion carry?", True, id="another name"),
        pytest.param("How many people did it carry in 1998?", False, id="a year of the sentence"),
        pytest.param("How many people did it carry in 1975?", True, id="another year"),
        pytest.param("How many people did it carry in May 2024?", False, id="the date of the article"),
        pytest.param("Did it carry 300 people?", False, id="a number of the sentence"),
        pytest.param("Did it carry 900 people?", True, id="another number"),
    ],
)
def test_what_is_missing_around_a_sentence_lowers_its_odds(question, guarded):
    [item] = read(question, CARRIES, reader=FakeReader(answers={CARRIES: 0.8}))
    assert odds(item.answers) == pytest.approx(odds(0.8) * (MISSING_ODDS if guarded else 1))


@pytest.mark.parametrize("place", ["before", "after", "heading"])
def test_a_name_may_stand_around_the_sentence(place):
    question = read_question("What did the ferry Orion cost?")
    reader = FakeReader(answers={COST: 0.8})
    [item] = make_evidence(FERRY, COST)
    [alone] = read_evidence(question, [item], reader)
    [beside] = read_evidence(question, [replace(item, **{place: "The Orion is new."})], reader)
    assert alone.answers < beside.answers == pytest.approx(0.8)


def test_the_guard_may_change_the_order():
    reader = FakeReader(answers={COST: 0.8, CARRIES: 0.79})
    assert [item.quote.text for item in read("What of Busan?", COST, CARRIES, reader=reader)] == [CARRIES, COST]


def test_a_certain_reading_stays_certain():
    [item] = read("What did the ferry Orion cost?", COST, reader=FakeReader(answers={COST: 1.0}))
    assert item.answers == 1.0


WARDS = make_article("Ward 2 has 30 beds. Ward 3 has 40 beds. It has many nurses.", title="")


@pytest.mark.parametrize(
    ("question", "sentence", "before", "another"),
    [
        pytest.param("How many beds has Ward 2?", "Ward 2 has 30 beds.", "", False, id="the ward itself"),
        pytest.param("How many beds has ward 2?", "Ward 3 has 40 beds.", "", True, id="another ward"),
        pytest.param("How many beds are there?", "Ward 3 has 40 beds.", "", False, id="no ward is asked for"),
        pytest.param("How many nurses has Ward 2?", "It has many nurses.", "Ward 3 has 40 beds.", True,
                     id="another ward before it"),
        pytest.param("How many nurses has Ward 2?", "It has many nurses.", "", False, id="no ward anywhere"),
        pytest.param("How many beds has Ward 2?", "Ward 2 has 30 beds.", "Ward 3 has 40 beds.", False,
                     id="the ward itself beside another"),
    ],
)  # fmt: skip
def test_a_sentence_of_another_thing_answers_nothing(question, sentence, before, another):
    [item] = make_evidence(WARDS, sentence)
    item = replace(item, before=before)
    assert is_of_another(parse(question), item) is another
    [found] = read_evidence(read_question(question), [item], FakeReader(answers={sentence: 0.8}))
    assert (found.answers == 0.0) is another


# What a text lacks


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        pytest.param("How many people does it carry?", [], id="nothing to lack"),
        pytest.param("How many people does the ferry Mara carry?", [], id="a name it has"),
        pytest.param("How many people does the ferry Orion carry?", ["Orion"], id="an unknown name"),
        pytest.param("How many people did the ferry carry in 1975?", ["1975"], id="a year"),
        pytest.param("How many people did the ferry carry in 1998?", [], id="the year of a day it has"),
        pytest.param("How many people did the ferry carry on 5 June 1998?", ["5 June 1998"], id="another day"),
        pytest.param("How many people paid 3 million dollars?", ["3 million dollars"], id="another sum"),
        pytest.param("How many people of South Korea were carried?", [], id="the country of a city it has"),
        pytest.param("How many people of North Korea were carried?", ["North Korea"], id="another country"),
        pytest.param("How many in Cape Town bought it?", ["Cape Town"], id="a name of two words"),
        pytest.param("How many did Mara and Orion carry in 1975?", ["Orion", "1975"], id="two of three"),
        pytest.param("Who was its first captain?", [], id="an ordinal"),
        pytest.param("List its people.", [], id="a request"),
        pytest.param("How many people does the ferry “Zoë🙂” carry?", ["Zoë"], id="an accent and an emoji"),
        pytest.param("서울의 배는 몇 명을 태우나?", [], id="Hangul"),
    ],
)
def test_names_and_figures_that_a_text_lacks(question, missing):
    assert lacking(read_question(question), parse(FERRY.text.replace("Busan", "Busan and Seoul"))) == missing


def test_an_empty_text_lacks_every_name():
    assert lacking(read_question("How many did Mara and Orion carry in 1975?"), parse("")) == ["Mara", "Orion", "1975"]


TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(["Mara", "Ada Park", "in 1998", "3 million", "Seoul", "Ward 2", "서울", "🙂", "\r\n", "?"])
    ).map(" ".join),
)


@given(TEXTS)
def test_no_question_lacks_anything_beside_itself(text):
    question = read_question(f"What is it {text}"[:2_000])
    assert lacking(question, parse(question.text)) == []


# Deciding


@pytest.mark.parametrize("strictness", ANSWERS)
def test_a_question_is_answered_from_a_probability_that_depends_on_how_strict_the_answer_is_to_be(strictness):
    least = ANSWERS[strictness]
    assert judged(ASKED, least, strictness=strictness) is None
    assert judged(ASKED, least - 0.001, strictness=strictness) == Decision("near miss")


def test_a_stricter_answer_needs_more():
    assert 0 < NEAR < ANSWERS["lenient"] < ANSWERS["balanced"] < ANSWERS["strict"] <= SURE < 1
    between = (ANSWERS["lenient"] + ANSWERS["strict"]) / 2
    assert judged(ASKED, between, strictness="lenient") is None
    assert judged(ASKED, between, strictness="strict") is not None
    assert judged(ASKED, ANSWERS[STRICTNESS]) is None


@pytest.mark.parametrize("strictness", ANSWERS)
def test_a_name_that_no_sentence_holds_asks_for_a_sure_answer(strictness):
    asked = "How many people does the ferry Orion carry?"
    assert judged(asked, SURE, strictness=strictness) is None
    assert judged(asked, SURE - 0.001, strictness=strictness) is not None


def test_a_name_may_stand_in_another_sentence_than_the_one_that_answers():
    asked = "What did the ferry Mara cost?"
    assert judged(asked, SURE - 0.01, COST) is not None
    assert judged(asked, SURE - 0.01, COST, CARRIES) is None


def test_only_the_best_sentence_decides():
    best, *others = make_evidence(FERRY, CARRIES, COST, SAFE)
    low = [replace(item, answers=0.0) for item in others]
    assert judge(read_question(ASKED), [replace(best, answers=SURE), *low]) is None
    assert confidence([replace(best, answers=SURE), *low]) == SURE


@pytest.mark.parametrize(
    ("probability", "reason"), [(NEAR, "near miss"), (NEAR - 0.001, "nothing relevant"), (0.0, "nothing relevant")]
)
def test_how_near_a_refusal_says_that_it_comes(probability, reason):
    assert judged(ASKED, probability) == Decision(reason)


@pytest.mark.parametrize(
    ("question", "detail", "unknown"),
    [
        pytest.param("How many did Orion carry?", "“Orion”", "Orion", id="one"),
        pytest.param("How many did Orion carry in 1975?", "“Orion” or “1975”", "Orion", id="two"),
        pytest.param("How many did Orion, Vega and Rigel carry?", "“Orion”, “Vega” or “Rigel”", "Orion", id="three"),
        pytest.param("Did Orion meet Orion?", "“Orion”", "Orion", id="one twice"),
    ],
)
def test_a_refusal_names_what_is_missing(question, detail, unknown):
    assert judged(question, NEAR) == Decision("near miss", f"What comes nearest does not speak of {detail}.", unknown)


def test_a_word_that_no_passage_of_the_collection_holds_is_named_and_decides_nothing():
    assert judged("How many zebras does it carry?", SURE, unknown_words=["zebras"]) is None
    assert judged("Who owns the zebras?", NEAR, unknown_words=["zebras", "yaks"]) == Decision("near miss", "", "zebras")
    assert judged("Who is Orion of the zebras?", NEAR, unknown_words=["zebras"]).unknown == "Orion"
    assert judge(read_question("Zebras?"), [], ["zebras"]) == Decision("nothing relevant", "", "zebras")


@pytest.mark.parametrize("question", ["How many?", "What did Orion cost in 1975?", "서울?", "Is it safe?"])
def test_no_evidence_is_nothing_relevant(question):
    assert judge(read_question(question), []) == Decision("nothing relevant")
    assert confidence([]) == 0.0


@pytest.mark.parametrize(
    ("question", "text", "missing"),
    [
        ("How many ports does Seoul count?", "South Korea counts 12 ports.", False),
        ("How many ports does Tokyo count?", "South Korea counts 12 ports.", True),
        ("How many ports does South Korea count?", "Seoul counts 12 ports.", False),
        ("How many ports does North Korea count?", "Seoul counts 12 ports.", True),
        ("How many ports do Americans count?", "The United States counts 12 ports.", False),
    ],
    ids=["a capital", "another capital", "a country", "another country", "a people"],
)
def test_capitals_and_their_countries_stand_for_each_other(question, text, missing):
    decision = judged(question, SURE - 0.01, text, article=make_article(text), strictness="lenient")
    assert (decision is not None) is missing


def test_the_month_of_an_article_is_known():
    article = make_article("It carries 300 people.", published="2024-05")
    [item] = make_evidence(article, article.text)
    assert lacking(read_question("How many in May 2024?"), parse(item.surroundings)) == []


@pytest.mark.parametrize("given_by", ["title", "published"])
def test_what_the_article_says_of_itself_is_known(given_by):
    article = make_article("It carries 300 people.", **{given_by: "1975"})
    assert judged("How many did it carry in 1975?", ANSWERS[STRICTNESS], article.text, article=article) is None


# Doubt


@pytest.mark.parametrize(("probability", "said"), [(SURE, None), (1.0, None), (SURE - 0.01, DOUBT), (0.004, DOUBT)])
def test_an_answer_that_is_not_sure_has_its_doubt(probability, said):
    assert doubt(make_evidence(FERRY, CARRIES, COST, answers=probability)) == said
