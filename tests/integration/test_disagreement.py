"""Where articles answer a question differently, over the real encoder and the real reader."""

from __future__ import annotations

import pytest

from askseoul.answering.answerability import read_evidence
from askseoul.answering.disagreement import find_disagreements
from askseoul.retrieval.evidence import select_evidence
from askseoul.retrieval.question import read_question
from tests.support.articles import make_article, make_hit


@pytest.fixture
def found(encoder, reader):
    """The disagreements on a question between articles, each given as (text, date)."""

    def find(asked, *articles):
        question = read_question(asked)
        hits = [
            make_hit(make_article(text, f"{number}.md", published=published), 1.4 - number / 100)
            for number, (text, published) in enumerate(articles)
        ]
        evidence = read_evidence(question, select_evidence(question, hits, encoder=encoder), reader)
        return find_disagreements(question, evidence, reader)

    return find


DIFFER = {
    "another number": (
        "How many people were on the ferry Mara?",
        ("The ferry Mara carried 214 people when it ran aground.", None),
        ("There were 178 people on the ferry Mara, the harbour office said.", None),
        "conflict",
    ),
    "another date": (
        "When was the Mara bridge opened?",
        ("The Mara bridge was opened on 4 May 1891.", "2021-01-01"),
        ("The Mara bridge was opened on 9 June 1887, a historian says.", "2021-01-05"),
        "conflict",
    ),
    "another person": (
        "Who designed the Mara bridge?",
        ("The Mara bridge was designed by Ada Park.", None),
        ("The Mara bridge was designed by Bo Lind.", None),
        "conflict",
    ),
    "another place": (
        "Where was the treaty of Mara signed?",
        ("The treaty of Mara was signed in Geneva.", None),
        ("The treaty of Mara was signed in Vienna.", None),
        "conflict",
    ),
    "the opposite": (
        "Is the Mara bridge safe?",
        ("The Mara bridge is safe, engineers say.", None),
        ("The Mara bridge is dangerous, residents say.", None),
        "conflict",
    ),
    "a denial": (
        "Did the minister read the Mara report?",
        ("The minister read the Mara report a week before the vote.", None),
        ("The minister had not read the Mara report, her office says.", None),
        "conflict",
    ),
    "a lifted ban": (
        "Are trawlers banned from the Mara coast?",
        ("Trawlers are banned from the Mara coast.", "2022-06-07"),
        ("The ban on trawlers off the Mara coast was lifted.", "2025-01-21"),
        "superseded",
    ),
}


@pytest.mark.parametrize(("question", "one", "other", "kind"), DIFFER.values(), ids=DIFFER)
def test_they_differ(found, question, one, other, kind):
    (disagreement,) = found(question, one, other)
    assert disagreement.kind == kind
    assert disagreement.about == question.rstrip("?")
    assert {side.quotes[0].article.id for side in disagreement.sides} == {"0.md", "1.md"}


AGREE = {
    "another subject": (
        "How many jobs is Mara Steel cutting?",
        ("Mara Steel is cutting 1,850 jobs.", None),
        ("Wheat prices eased in spring after a wet winter.", None),
    ),
    "what an agency sent to both": (
        "How strong was the Mara earthquake?",
        ("A magnitude 6.8 earthquake struck Mara on Tuesday.", None),
        ("Residents ran out. A magnitude 6.8 earthquake struck Mara on Tuesday. Power was cut for 3 hours.", None),
    ),
    "a scenario": (
        "Is the Mara bridge safe?",
        ("The Mara bridge is safe.", None),
        ("Scenario 1: Collapse\n\nThe Mara bridge is dangerous and falls down.", None),
    ),
    "one article alone": ("Is the Mara bridge safe?", ("The Mara bridge is safe. The Mara bridge is dangerous.", None)),
    "nothing at all": ("Is the Mara bridge safe?",),
}  # fmt: skip


@pytest.mark.parametrize("case", AGREE.values(), ids=AGREE)
def test_they_do_not_differ(found, case):
    question, *articles = case
    assert found(question, *articles) == []


def test_the_earlier_side_comes_first(found):
    late = ("The ban on trawlers off the Mara coast was lifted.", "2025-01-21")
    early = ("Trawlers are banned from the Mara coast.", "2022-06-07")
    (disagreement,) = found("Are trawlers banned from the Mara coast?", late, early)
    assert [side.quotes[0].article.published for side in disagreement.sides] == ["2022-06-07", "2025-01-21"]


@pytest.mark.parametrize(
    "text", ["서울의 인구는 940만 명이다.", "🙂 🙂 🙂 🙂", "שלום עולם זה טקסט ארוך", "a\u0301 b\u0308 c d e"]
)
def test_awkward_text_makes_none(found, text):
    assert found("Is the Mara bridge safe?", (text, None), (f"{text} Not at all.", None)) == []
