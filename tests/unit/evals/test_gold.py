"""The gold questions on the shipped articles and the sentences to measure a verifier with: they fit the articles, and
there are enough of every sort."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from askseoul.errors import UsageError
from askseoul.evaluation.datasets import GoldEvidence, GoldQuestion, load_gold
from askseoul.evaluation.metrics import facts_held, locate
from askseoul.ingest.articles import read_article
from askseoul.nlp.text import split_sentences
from tests.support.articles import DIGESTS, make_article

GOLD = DIGESTS.parents[1] / "evals" / "gold"
QUESTIONS = load_gold(GOLD / "digests.jsonl")
SUPPORT = [json.loads(line) for line in (GOLD / "support.jsonl").read_text(encoding="utf-8").splitlines()]
ARTICLES = {path.name: read_article(path) for path in DIGESTS.glob("*.md")}
UNANSWERABLE = ("missing detail", "wrong person", "wrong time", "false premise", "other topic", "beyond the collection")

TROOPS = make_article("About 28,500  troops are in Korea. They came in 1950. They are to stay.", "troops.md")


def asked(*quotes, facts=(("28,500",),)):
    return GoldQuestion("q", "fact", "en", "?", facts, tuple(GoldEvidence("troops.md", quote) for quote in quotes))


def evidence_text(question, articles):
    """The sentences that a question's gold quotes stand in. UsageError for a quote that does not stand there."""
    texts = []
    for located in locate(question, articles.__getitem__):
        text = articles[located.article_id].text
        for sentence in split_sentences(text):
            if any(sentence.start < place.end and place.start < sentence.end for place in located.spans):
                texts.append(text[sentence.start : sentence.end])
    return " ".join(" ".join(texts).split())


def of(kind):
    return [question for question in QUESTIONS if question.kind == kind]


@pytest.mark.parametrize(
    ("quotes", "text"),
    [
        pytest.param(["28,500 troops are"], "About 28,500 troops are in Korea.", id="however it is spaced"),
        pytest.param(["in Korea. They came"], "About 28,500 troops are in Korea. They came in 1950.", id="over two"),
        pytest.param(["stay", "1950"], "They are to stay. They came in 1950.", id="two quotes"),
        pytest.param([], "", id="none"),
    ],
)
def test_the_sentences_of_gold_quotes(quotes, text):
    assert evidence_text(asked(*quotes), {"troops.md": TROOPS}) == text


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_a_question_s_facts_stand_in_the_sentences_of_its_evidence(question):
    try:
        text = evidence_text(question, ARTICLES)
    except UsageError as error:
        pytest.fail(str(error))
    assert [fact for fact in question.facts if facts_held(text, [fact]) == 0] == []
    assert bool(question.evidence) == (question.kind != "unanswerable")


def test_every_gold_quote_stands_in_one_place():
    several = [
        evidence.quote
        for question in QUESTIONS
        for evidence, located in zip(question.evidence, locate(question, ARTICLES.__getitem__), strict=True)
        if len(located.spans) > 1
    ]
    assert several == []


def test_no_question_is_asked_twice():
    ids = Counter(question.id for question in QUESTIONS)
    asked = Counter(tuple(text.casefold() for text in (*question.history, question.question)) for question in QUESTIONS)
    assert [each for each, times in (ids + asked).items() if times > 1] == []


def test_there_are_enough_questions_of_every_sort():
    english = [question for question in QUESTIONS if question.lang == "en"]
    kinds = Counter(question.kind for question in english)
    aspects = Counter(question.aspect for question in english)
    assert len(english) >= 120
    assert kinds["unanswerable"] >= 40
    assert min(kinds[kind] for kind in ("fact", "explain", "multi", "conflict")) >= 10
    assert min(aspects[aspect] for aspect in UNANSWERABLE) >= 5
    assert aspects["who says it"] >= 10
    assert aspects["date"] >= 8
    assert aspects["follow-up"] >= 15


def test_every_unanswerable_question_says_why_nothing_answers_it():
    assert [each.id for each in of("unanswerable") if each.lang == "en" and each.aspect not in UNANSWERABLE] == []
    assert [each.id for each in QUESTIONS if each.kind != "unanswerable" and each.aspect in UNANSWERABLE] == []


def test_follow_ups_and_they_alone_have_earlier_questions():
    """An unanswerable one may be a follow-up as well, though its aspect is why nothing answers it."""
    follow_ups = [question for question in QUESTIONS if question.aspect == "follow-up"]
    assert [question.id for question in follow_ups if not question.history] == []
    others = [question for question in QUESTIONS if question.history and question.aspect != "follow-up"]
    assert {question.kind for question in others} <= {"unanswerable"}


def test_a_conflict_has_evidence_from_two_articles():
    assert [each.id for each in of("conflict") if len({evidence.article for evidence in each.evidence}) < 2] == []


def test_a_short_answer_holds_all_the_facts():
    lacking = [
        (question.id, answer)
        for question in QUESTIONS
        for answer in question.answers
        if facts_held(answer, question.facts) != 1
    ]
    assert lacking == []


@pytest.mark.parametrize("record", SUPPORT, ids=lambda record: record["id"])
def test_a_sentence_to_verify_has_quotes_that_stand_in_their_articles(record):
    assert set(record) == {"id", "kind", "sentence", "evidence", "supported"}
    assert all(isinstance(record[key], str) and record[key] for key in ("id", "kind", "sentence"))
    assert isinstance(record["supported"], bool)
    assert record["evidence"]
    for evidence in record["evidence"]:
        assert set(evidence) == {"article", "quote"}
        assert evidence["quote"] in ARTICLES[evidence["article"]].text


def test_there_are_enough_sentences_to_verify_of_either_label():
    labels = Counter(record["supported"] for record in SUPPORT)
    kinds = {label: {record["kind"] for record in SUPPORT if record["supported"] is label} for label in labels}
    assert len(SUPPORT) >= 120
    assert min(labels[True], labels[False]) >= 50
    assert kinds[True].isdisjoint(kinds[False])


def test_no_sentence_is_to_be_verified_twice_by_the_same_quotes():
    ids = Counter(record["id"] for record in SUPPORT)
    pairs = Counter(
        (record["sentence"].casefold(), *(evidence["quote"] for evidence in record["evidence"])) for record in SUPPORT
    )
    assert [each for each, times in (ids + pairs).items() if times > 1] == []
