from __future__ import annotations

import pytest

from askseoul.nlp.entities import names_of
from askseoul.nlp.question_generation import plain_sentence, read_clause
from askseoul.nlp.text import parse


def read(sentence):
    text = plain_sentence(sentence)
    return text and read_clause(text, names_of(parse(text)), is_person=False)


@pytest.mark.parametrize(
    ("sentence", "plain"),
    [
        ("The NCG (set up in 2023) plans.", "The NCG plans"),
        ("However, the NCG plans.", "The NCG plans"),
        ("In 2023 the allies met.", "The allies met in 2023"),
        ("On 4 June 2025, Lee telephoned Trump.", "Lee telephoned Trump on 4 June 2025"),
        ("In 2023 .", "In 2023 "),
    ],
)
def test_a_sentence_is_made_plain(sentence, plain):
    assert plain_sentence(sentence) == plain


@pytest.mark.parametrize(
    "sentence", ["Trade with China", "Why not?", "Allies: many.", "and so on.", "He said “no.”", "One; two.", ""]
)
def test_what_is_no_whole_plain_sentence_is_left_out(sentence):
    assert plain_sentence(sentence) is None


@pytest.mark.parametrize(
    ("sentence", "clause"),
    [
        ("Samsung and SK Hynix built plants.", ("Samsung and SK Hynix", "built", "plants", True, False)),
        ("Elbridge Colby, an author, writes books.", ("Elbridge Colby", "writes", "books", True, True)),
        ("President Lee also took steps.", ("President Lee", "took", "steps", True, True)),
        ("The chip dispute is old.", ("the chip dispute", "is", "old", False, False)),
        ("About 90% of Koreans are glad.", ("about 90% of Koreans", "are", "glad", False, False)),
    ],
)
def test_a_sentence_is_read_as_subject_verb_and_rest(sentence, clause):
    assert read(sentence) == clause


@pytest.mark.parametrize(
    "sentence",
    [
        pytest.param("The newly elected president spoke to allies.", id="participle"),
        pytest.param("It was late.", id="pronoun"),
        pytest.param("Because Seoul is far, few came.", id="clause-before"),
        pytest.param("Seoul, far away, is old.", id="no-apposition"),
        pytest.param("Trade talks.", id="no-verb"),
    ],
)
def test_a_sentence_of_another_form_is_not_read(sentence):
    assert read(sentence) is None
