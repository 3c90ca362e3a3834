from __future__ import annotations

import pytest

from askseoul.nlp.question_generation import LONGEST, questions_from, topics_of
from askseoul.nlp.text import parse


@pytest.mark.parametrize(
    ("sentence", "form", "question"),
    [
        (
            "China takes 20% of South Korea's exports and is the leading buyer of displays.",
            "many", "What share of South Korea's exports does China take?",
        ),
        ("Hundreds of Koreans were detained in Georgia.", "many", "How many Koreans were detained in Georgia?"),
        ("Around 90% of South Koreans support the NCG.", None, None),
        ("Samsung had 267,000 employees in 2023.", "many", "How many employees did Samsung have?"),
        ("Gyeongju has a population of 250,000.", "many", "What is the population of Gyeongju?"),
        ("Namsan Tower is 236 metres tall.", "many", "How tall is Namsan Tower?"),
        (
            "South Korea's trade deficit with China, its first in years, came to $18 billion in 2023.",
            "many", "How large was South Korea's trade deficit with China in 2023?",
        ),
        (
            "Lee Jae-myung had been elected president of South Korea with 49.42% of the vote.",
            "many", "With what share of the vote was Lee Jae-myung elected president?",
        ),
        (
            "Samsung and SK Hynix built plants in China because it is close.",
            "why", "Why did Samsung and SK Hynix build plants in China?",
        ),
        ("South Korea deployed THAAD missiles in 2016.", "when", "When did South Korea deploy THAAD missiles?"),
        ("In 1910 Sunjong of Korea was deposed.", "when", "When was Sunjong of Korea deposed?"),
        ("Elbridge Colby, an undersecretary, waits.", "who", "Who is Elbridge Colby?"),
        (
            "Elbridge Colby, an undersecretary, promotes a strategy of containing China.",
            "who", "Who promotes a strategy of containing China?",
        ),
        ("Hattie McDaniel (June 10, 1895 – October 26, 1952) was a star.", "who", "Who was Hattie McDaniel?"),
        ("The Federal Reserve System is a banking system.", "what", "What is the Federal Reserve System?"),
        ("The Vampire Diaries is a drama series.", "what", "What is The Vampire Diaries?"),
        ("The NCG is meant to reinforce deterrence.", "what", "What is the NCG meant to do?"),
        (
            "The Trump administration has been demanding more troops.",
            "what", "What has the Trump administration been demanding?",
        ),
        ("The future of Seoul will depend on trade.", "what", "What will the future of Seoul depend on?"),
        ("Colby said he was open to talks with North Korea.", "say", "What did Colby say about North Korea?"),
        ("Lee pledged to strengthen the alliance.", "say", "What did Lee pledge to do?"),
        ("Musk purchased a stake in Twitter.", "act", "What did Musk purchase?"),
        ("The commentary describes Trump as a former president.", "differ", "Is Trump still president?"),
    ],
)  # fmt: skip
def test_a_sentence_of_a_plain_form_is_turned_round(sentence, form, question):
    made = list(questions_from(sentence, parse("")))
    assert (form, question) in made if form else made == []


@pytest.mark.parametrize(
    "sentence",
    [
        pytest.param("He takes 20% of its exports.", id="pronoun"),
        pytest.param("Lee’s “balanced diplomacy” is meant to end passivity.", id="quotation"),
        pytest.param("The agreement was signed in 2015.", id="pointing-back"),
        pytest.param("Toole wrote the novel because of debts.", id="unknown-thing"),
        pytest.param("Kevin (Probably) Saves the World is a drama series.", id="name-in-pieces"),
        pytest.param("The United States is the alliance of fifty states.", id="country"),
        pytest.param("Gutenberg was a native of Mainz.", id="neither-person-nor-thing"),
        pytest.param("Colby, an undersecretary, waits.", id="half-a-name"),
        pytest.param("Trade grew by ten percent.", id="nothing-asked"),
        pytest.param("서울은 대한민국의 수도이다.", id="korean"),
        pytest.param("", id="empty"),
    ],
)
def test_what_would_read_oddly_makes_no_question(sentence):
    assert list(questions_from(sentence, parse(""))) == []


def test_questions_are_cut_to_a_length_at_phrases():
    (made,) = questions_from(
        "Some 500 engineers of SK Hynix were sent to China under the terms of a treaty for at least nine long years.",
        parse(""),
    )
    assert made == ("many", "How many engineers of SK Hynix were sent to China?")
    assert len(made[1].split()) <= LONGEST


def test_topics_are_names_that_the_article_has_more_than_once():
    article = (
        "The NCG meets. Planning by the NCG and AUKUS Pillar II. On AUKUS Pillar II, Beijing is silent, so is the EU."
    )
    assert list(topics_of("Seoul joined the NCG, AUKUS Pillar II and the Quad Forum.", parse(article))) == [
        "the NCG", "AUKUS Pillar II",
    ]  # fmt: skip
