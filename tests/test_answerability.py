"""Whether the evidence answers the question, and what a refusal says is missing."""

from __future__ import annotations

import pytest
from conftest import make_article, make_evidence

from askseoul.answerability import BROAD_MATCH, FOCUSED_MATCH, JUDGED, RELEVANT_MATCH, Judgement, judge
from askseoul.questions import read_question

FERRY = make_article(
    "The ferry Mara carries 300 people from Busan since 4 June 1998. It cost 2 million dollars. "
    "Captain Ada Park said it is safe because it is new. Nobody knows its colour.",
    title="The ferry Mara",
)
SENTENCES = (
    "The ferry Mara carries 300 people from Busan since 4 June 1998.",
    "It cost 2 million dollars.",
    "Captain Ada Park said it is safe because it is new.",
    "Nobody knows its colour.",
)


def judged(question, *sentences, match=0.9, article=FERRY):
    return judge(read_question(question), make_evidence(article, *(sentences or SENTENCES), match=match))


@pytest.mark.parametrize(
    "question",
    [
        "How many people does the ferry Mara carry?",
        "What did the ferry cost?",
        "When did the ferry start?",
        "Where does the ferry leave?",
        "Who is the captain?",
        "Why is it safe?",
        "What did Captain Park say?",
        "Did the ferry of 1998 carry 300 people?",
        "What is the Mara?",
    ],
)
def test_evidence_that_holds_what_is_asked_answers(question):
    assert judged(question) is None


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        pytest.param("How many people does the ferry Orion carry?", "“Orion”", id="an unknown name"),
        pytest.param("How many people did the ferry carry in 1975?", "“1975”", id="a year"),
        pytest.param("How many people did the ferry carry on 5 June 1998?", "“5 June 1998”", id="another day"),
        pytest.param("How many people did the 7 ferries carry?", "“7”", id="a number"),
        pytest.param("How many people paid 3 million dollars?", "“3 million dollars”", id="another sum"),
        pytest.param("Which people of South Korea were carried?", "“South Korea”", id="a country"),
        pytest.param("Who in Cape Town bought it?", "“Cape Town”", id="a name of two words"),
        pytest.param(
            "How many people did Mara, Orion and Vega carry in 1975?",
            "“1975”, “Orion” or “Vega”",
            id="several",
        ),
        pytest.param("How many people does the ferry “Zoë🙂” carry?", "“Zoë”", id="an accent and an emoji"),
    ],
)
def test_what_the_passages_do_not_know_is_named(question, missing):
    expected = f"What comes nearest does not speak of {missing}."
    assert judged(question) == Judgement("near miss", expected)
    assert judged(question, match=0.1) == Judgement("nothing relevant", expected)


def test_a_name_is_not_known_by_an_ordinary_word():
    expected = "What comes nearest does not speak of “New York”."
    assert judged("Who in New York bought it?") == Judgement("near miss", expected)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        pytest.param("How many people does it carry?", "number", id="number"),
        pytest.param("What did it cost?", "sum", id="sum"),
        pytest.param("What share of the people paid?", "share", id="share"),
        pytest.param("How long did it take?", "length of time", id="duration"),
        pytest.param("When did it start?", "date", id="date"),
        pytest.param("Who owns it?", "person", id="person"),
        pytest.param("Where is it?", "place", id="place"),
        pytest.param("What did the captain say?", "statement", id="statement"),
    ],
)
def test_evidence_without_anything_of_the_asked_kind_is_a_near_miss(question, kind):
    assert judged(question, "Nobody knows its colour.") == Judgement("near miss", f"They give no {kind} for it.")


def test_something_of_the_asked_kind_is_looked_for_in_the_first_sentences_only():
    texts = [f"Nobody knows colour {letter}." for letter in "abcdef"]
    article = make_article(" ".join([*texts, "It carries 300 people."]))
    assert len(texts) == JUDGED
    question = "How many people does it carry?"
    assert judged(question, *texts, "It carries 300 people.", article=article) is not None
    assert judged(question, *texts[1:], "It carries 300 people.", article=article) is None


@pytest.mark.parametrize(
    ("question", "match", "reason"),
    [
        ("How many people does it carry?", FOCUSED_MATCH, None),
        ("How many people does it carry?", FOCUSED_MATCH - 0.01, "near miss"),
        ("How many people does it carry?", RELEVANT_MATCH, "near miss"),
        ("How many people does it carry?", RELEVANT_MATCH - 0.01, "nothing relevant"),
        ("Why is it safe?", BROAD_MATCH, None),
        ("Why is it safe?", BROAD_MATCH - 0.01, "near miss"),
        ("Why is it safe?", RELEVANT_MATCH - 0.01, "nothing relevant"),
    ],
)
def test_how_well_the_evidence_must_match(question, match, reason):
    assert judged(question, match=match) == (Judgement(reason) if reason else None)


@pytest.mark.parametrize("question", ["How many?", "What is tea?", "서울?"])
def test_no_evidence_is_nothing_relevant(question):
    assert judge(read_question(question), []) == Judgement("nothing relevant")


@pytest.mark.parametrize("question", ["Why is it safe?", "How do they cross?", "Is it safe?"])
def test_no_evidence_for_a_broad_question_is_nothing_relevant_too(question):
    assert judge(read_question(question), []) == Judgement("nothing relevant")


@pytest.mark.parametrize(
    ("question", "text", "detail"),
    [
        ("How many ports does Seoul count?", "South Korea counts 12 ports.", ""),
        ("How many ports does Tokyo count?", "South Korea counts 12 ports.",
         "What comes nearest does not speak of “Tokyo”."),
        ("How many ports does South Korea count?", "Seoul counts 12 ports.", ""),
        ("How many ports does North Korea count?", "Seoul counts 12 ports.",
         "What comes nearest does not speak of “North Korea”."),
        ("How many ports do Americans count?", "The United States counts 12 ports.", ""),
    ],
    ids=["a capital", "another capital", "a country", "another country", "a people"],
)  # fmt: skip
def test_capitals_and_their_countries_stand_for_each_other(question, text, detail):
    assert judged(question, text, article=make_article(text)) == (Judgement("near miss", detail) if detail else None)


def test_a_focused_question_finds_its_names_in_the_best_passage_and_a_broad_one_in_several():
    first, second = make_article("It is safe because it is new.", "1.md"), make_article("Mara is a ferry.", "2.md")
    evidence = [*make_evidence(first, first.text), *make_evidence(second, second.text)]
    assert judge(read_question("Why is the ferry Mara safe?"), evidence) is None
    assert judge(read_question("What is the ferry Mara?"), evidence) == Judgement(
        "near miss", "What comes nearest does not speak of “Mara”."
    )


def test_the_title_counts_as_part_of_the_passage():
    article = make_article("It carries 300 people.", title="The ferry Orion of 1975")
    assert judged("How many people did Orion carry in 1975?", article.text, article=article) is None
