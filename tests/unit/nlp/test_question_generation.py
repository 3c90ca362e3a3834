"""Questions made from sentences: plain sentences, clauses, inversion, and the questions themselves."""

from __future__ import annotations

import pytest

from askseoul.nlp.entities import find_names
from askseoul.nlp.question_generation import (
    MAX_WORDS,
    find_topics,
    generate_questions,
    invert,
    is_past,
    is_verb,
    parse_clause,
    plain_sentence,
)
from askseoul.nlp.text import parse
from tests.support.data import cases


@pytest.mark.parametrize("case", cases("question_generation"))
def test_questions(case):
    made = list(generate_questions(parse(case["sentence"]), parse("")))
    assert (case["form"], case["question"]) in made if case["form"] else made == []


def test_long_questions_are_cut_at_phrases():
    sentence = (
        "Some 500 engineers of SK Hynix were sent to China under the terms of a treaty for at least nine long years."
    )
    (made,) = generate_questions(parse(sentence), parse(""))
    assert made == ("many", "How many engineers of SK Hynix were sent to China?")
    assert len(made[1].split()) <= MAX_WORDS


def test_topics_are_names_that_the_article_repeats():
    article = (
        "The NCG meets. Planning by the NCG and AUKUS Pillar II. On AUKUS Pillar II, Beijing is silent, so is the EU."
    )
    sentence = parse("Seoul joined the NCG, AUKUS Pillar II and the Quad Forum.")
    assert list(find_topics(sentence, parse(article))) == ["the NCG", "AUKUS Pillar II"]


# Plain sentences and clauses


def clause_of(sentence):
    text = plain_sentence(parse(sentence))
    return text and parse_clause(text, find_names(parse(text)), is_person=False)


@pytest.mark.parametrize("case", cases("clauses"))
def test_plain_sentences_and_clauses(case):
    if "plain" in case:
        assert plain_sentence(parse(case["sentence"])) == case["plain"]
    else:
        found = clause_of(case["sentence"])
        assert (found and list(found)) == case["clause"]


# Inversion


@pytest.mark.parametrize("case", cases("inversion"))
def test_inversion(case):
    assert invert(case["subject"], case["verb"], case["rest"]) == case["question"]


def test_a_singular_verb_after_two_subjects_makes_no_question():
    assert invert("Samsung and Hynix", "takes", "a share") is None


def test_verbs_are_recognized_by_their_form():
    assert [is_verb(word) for word in ("built", "created", "takes", "would", "has", "plants", "red", "Seoul")] == [
        True, True, True, True, True, False, False, False,
    ]  # fmt: skip
    assert [is_past(word) for word in ("built", "created", "takes", "would", "United")] == [True, True] + 3 * [False]
