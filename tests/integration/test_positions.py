"""What each article answers to a question, and in which of its sentences, over the real encoder."""

from __future__ import annotations

import pytest

from askseoul.answering.disagreement.detect import is_named, positions_of
from askseoul.nlp.entities import names_of
from askseoul.nlp.text import normalize
from askseoul.retrieval.evidence import select_evidence
from askseoul.retrieval.question import read_question
from askseoul.verification.alignment import TokenSimilarity
from tests.support.articles import make_article, make_hit


def positions(encoder, asked, *texts):
    question = read_question(asked)
    hits = [
        make_hit(make_article(text, f"{number}.md", title=""), 1.4 - number / 100) for number, text in enumerate(texts)
    ]
    return positions_of(question, select_evidence(question, hits, encoder=encoder), TokenSimilarity(lambda: encoder))


FERRY = "How many people were on the ferry Mara?"


def test_the_sentence_with_the_asked_value_is_the_position(encoder):
    (position,) = positions(encoder, FERRY, "The ferry Mara sank at night. The ferry Mara carried 214 people that day.")
    assert position.item.quote.text == "The ferry Mara carried 214 people that day."
    assert [quantity.value for quantity in position.values.quantities] == [214]
    assert (position.side, position.is_named) == (0, True)


def test_each_article_has_one_position(encoder):
    found = positions(
        encoder, FERRY, "The ferry Mara carried 214 people.", "There were 178 people on the ferry Mara that day."
    )
    assert sorted(position.item.quote.article.id for position in found) == ["0.md", "1.md"]


def test_an_article_on_something_else_has_none(encoder):
    found = positions(
        encoder, FERRY, "The ferry Mara carried 214 people.", "Wheat prices eased in spring after a wet winter."
    )
    assert [position.item.quote.article.id for position in found] == ["0.md"]


def test_a_side_has_no_value(encoder):
    (position,) = positions(encoder, "Is the Mara bridge safe?", "The Mara bridge is dangerous, residents say.")
    assert (position.side, bool(position.values)) == (-1, False)


def test_a_scenario_answers_nothing(encoder):
    text = "# Ferries\n\n## Scenario 1: A Flood\n\nThe ferry Mara carries 900 people in the flood."
    assert positions(encoder, FERRY, text) == []


NAMES = {
    "the name itself": ("Mara Foods", "The board of Mara Foods met.", True),
    "its first half": ("Jeanne Marlow", "Marlow left the stage.", True),
    "what is formed from it": ("Tavria", "The Tavrian navy sailed.", True),
    "another one of the name": ("Vantor Foods", "Vantor Logistics bought ships.", False),
    "nobody": ("Mara Foods", "The board met in the morning.", False),
    "in Hangul beside it": ("Mara Foods", "마라 Mara Foods 이사회가 열렸다.", True),
}


@pytest.mark.parametrize(("name", "text", "expected"), NAMES.values(), ids=NAMES)
def test_whether_a_text_names_it(name, text, expected):
    (asked,) = names_of(normalize(f"What did {name} do?"))
    assert is_named(asked, normalize(text)) is expected
