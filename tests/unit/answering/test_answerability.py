"""Whether the evidence answers the question, and what a refusal says is missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from askseoul.answering.answerability import (
    CONTRADICTING,
    JUDGED,
    NEARLY,
    NOT_FITTING,
    RELEVANT,
    Decision,
    Features,
    judge,
    log_odds,
    read_features,
)
from askseoul.retrieval.question import read_question
from tests.support.articles import make_article, make_evidence, make_hit

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


def judged(question, *sentences, match=0.9, article=FERRY, unknown_words=()):
    evidence = make_evidence(article, *(sentences or SENTENCES), match=match)
    return judge(read_question(question), evidence, [evidence[0].hit], unknown_words)


def fit(question, sentence, article=FERRY, surroundings=None):
    """How well this sentence fits: its feature over its match."""
    [item] = make_evidence(article, sentence, match=1.0)
    item = replace(item, surroundings=surroundings or sentence)
    return read_features(read_question(question), [item], [item.hit]).fitting


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
    ("question", "sentence", "fits"),
    [
        pytest.param("How many people does the ferry Mara carry?", SENTENCES[0], 1, id="kind and name"),
        pytest.param("How many people does the ferry Orion carry?", SENTENCES[0], NOT_FITTING, id="another name"),
        pytest.param("Who sails the ferry Mara?", SENTENCES[1], NOT_FITTING, id="neither kind nor name"),
        pytest.param("How many people did it carry in 1998?", SENTENCES[0], 1, id="kind and year"),
        pytest.param("How many people did it carry in 1975?", SENTENCES[0], NOT_FITTING, id="another year"),
        pytest.param("How many dollars did it cost?", SENTENCES[1], 1, id="a unit"),
        pytest.param("How many dollars did it cost?", SENTENCES[0], NOT_FITTING, id="another unit"),
        pytest.param("What did Ada Park say?", SENTENCES[2], 1, id="who said it"),
        pytest.param("What is it?", SENTENCES[3], 1, id="a thing fits anywhere"),
        pytest.param("Why is it so?", SENTENCES[3], NEARLY, id="what stands beside a reason"),
    ],
)
def test_a_sentence_fits_that_holds_the_kind_the_names_and_the_figures(question, sentence, fits):
    assert fit(question, sentence) == fits


def test_a_sentence_nearly_fits_that_has_a_pronoun_for_a_name_of_its_neighbours():
    around = " ".join(SENTENCES[:2])
    question = "What did the ferry Mara cost?"
    assert fit(question, SENTENCES[1], surroundings=around) == NEARLY
    assert fit(question, SENTENCES[1]) == NOT_FITTING
    assert fit("What did the ferry Orion cost?", SENTENCES[1], surroundings=around) == NOT_FITTING


def test_no_word_of_a_name_but_a_telling_one_makes_it_known():
    sentences = ("It was in the president's hands.", "Moon Jae-in left it there.")
    article = make_article(" ".join(sentences))
    assert [fit("What was Moon Jae-in's?", each, article) for each in sentences] == [NOT_FITTING, 1]


def test_only_the_first_sentences_are_judged():
    texts = [f"Nobody knows colour {letter}." for letter in "abcdefgh"]
    article = make_article(" ".join([*texts, "It carries 300 people."]))
    assert len(texts) == JUDGED
    question = read_question("How many people does it carry?")

    def fits(*sentences):
        evidence = make_evidence(article, *sentences, match=1.0)
        return read_features(question, evidence, [evidence[0].hit]).fitting

    assert fits(*texts, "It carries 300 people.") == NOT_FITTING
    assert fits(*texts[1:], "It carries 300 people.") == 1


def test_the_features_by_hand():
    first, second = make_hit(FERRY, 2.0), make_hit(make_article("Tea is drunk.", "tea.md"), 1.0)
    evidence = make_evidence(FERRY, *SENTENCES, match=0.8)
    question = read_question("How many people does the ferry Mara carry?")
    assert read_features(question, evidence, [first, second, second]) == Features(0.8, 1 / 8, 2 / 12, 0.8, 1.0, 1.0)
    assert read_features(question, evidence[1:], [first]) == Features(NOT_FITTING, 0.0, 1 / 12, 0.8, 0.0, 1.0)
    assert read_features(read_question("ferry Mara"), evidence, [first]).asks == 0.0


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("feature", ["fitting", "fitting_share", "relevant", "lead", "asks"])
def test_a_higher_feature_never_lowers_the_odds(feature, named):
    features = Features(0.6, 0.25, 0.5, 0.6, 0.1, 0.0)
    assert log_odds(features._replace(**{feature: 0.9}), named=named) >= log_odds(features, named=named)


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        pytest.param("How many people does the ferry Orion carry?", ["Orion"], id="an unknown name"),
        pytest.param("How many people did the ferry carry in 1975?", ["1975"], id="a year"),
        pytest.param("How many people did the ferry carry on 5 June 1998?", ["5 June 1998"], id="another day"),
        pytest.param("How many people did the 7 ferries carry?", ["7"], id="a number"),
        pytest.param("How many people paid 3 million dollars?", ["3 million dollars"], id="another sum"),
        pytest.param("How many people of South Korea were carried?", ["South Korea"], id="a country"),
        pytest.param("How many in Cape Town bought it?", ["Cape Town"], id="a name of two words"),
        pytest.param("How many did Mara and Orion carry in 1975?", ["Orion", "1975"], id="two of three"),
        pytest.param("How many people does the ferry “Zoë🙂” carry?", ["Zoë"], id="an accent and an emoji"),
    ],
)
def test_what_the_passages_do_not_know_is_named(question, missing):
    expected = f"What comes nearest does not speak of {' or '.join(f'“{name}”' for name in missing)}."
    assert judged(question, match=RELEVANT) == Decision("near miss", expected, missing[0])
    assert judged(question, match=RELEVANT - 0.01) == Decision("nothing relevant", expected, missing[0])


def test_three_missing_names_are_listed():
    decision = judged("How many did Orion, Vega and Rigel carry?", match=RELEVANT)
    assert decision.detail == "What comes nearest does not speak of “Orion”, “Vega” or “Rigel”."


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
    decision = judged(question, "Nobody knows its colour.", match=0.6)
    assert decision == Decision("near miss", f"They give no {kind} for it.")


def test_a_word_that_no_passage_of_the_collection_holds_is_named_and_decides_nothing():
    assert judged("How many zebras does it carry?", unknown_words=["zebras"]) is None
    assert judged("Who owns the zebras?", SENTENCES[3], match=0.6, unknown_words=["zebras"]) == Decision(
        "near miss", "They give no person for it.", "zebras"
    )
    assert judge(read_question("Zebras?"), [], [], ["zebras"]) == Decision("nothing relevant", "", "zebras")


@pytest.mark.parametrize("question", ["How many?", "What is tea?", "서울?", "Why is it safe?", "Is it safe?"])
def test_no_evidence_is_nothing_relevant(question):
    assert judge(read_question(question), [], []) == Decision("nothing relevant")


@pytest.mark.parametrize(
    ("question", "text", "reason"),
    [
        ("How many ports does Seoul count?", "South Korea counts 12 ports.", None),
        ("How many ports does Tokyo count?", "South Korea counts 12 ports.", "near miss"),
        ("How many ports does South Korea count?", "Seoul counts 12 ports.", None),
        ("How many ports does North Korea count?", "Seoul counts 12 ports.", "near miss"),
        ("How many ports do Americans count?", "The United States counts 12 ports.", None),
    ],
    ids=["a capital", "another capital", "a country", "another country", "a people"],
)
def test_capitals_and_their_countries_stand_for_each_other(question, text, reason):
    decision = judged(question, text, match=0.7, article=make_article(text))
    assert (decision and decision.reason) == reason


def test_names_in_the_title_are_known_and_yet_a_sentence_has_to_have_them():
    article = make_article("It carries 300 people.", title="The ferry Orion of 1975")
    decision = judged("How many people did Orion carry?", article.text, match=0.6, article=article)
    assert decision == Decision("near miss")


def test_a_premise_that_the_articles_have_the_other_way_round_is_told():
    text = "The ferry Mara overtook the ferry Orion at dawn."
    article = make_article(text)
    question = "How long did it take until the ferry Orion overtook the ferry Mara?"
    decision = judged(question, text, match=CONTRADICTING, article=article)
    assert decision.reason == "wrong premise"
    assert decision.detail.startswith("They have it the other way round: ")
    assert judged(question, text, match=CONTRADICTING - 0.01, article=article).reason == "near miss"
