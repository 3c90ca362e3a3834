"""Where articles answer a question differently, over the real encoder: what makes a disagreement and what does not."""

from __future__ import annotations

import pytest

from askseoul.answering.disagreement.detect import find_disagreements
from askseoul.retrieval.evidence import select_evidence
from askseoul.retrieval.question import read_question
from askseoul.verification.alignment import TokenSimilarity
from tests.support.articles import make_article, make_hit


def found(encoder, question, *articles):
    """The disagreements between articles, each given as (text, date)."""
    read = read_question(question)
    hits = [
        make_hit(make_article(text, f"{number}.md", title="", published=published), 1.4 - number / 100)
        for number, (text, published) in enumerate(articles)
    ]
    return find_disagreements(read, select_evidence(read, hits, encoder=encoder), TokenSimilarity(lambda: encoder))


DIFFER = {
    "another number": (
        "How many people were on the ferry Mara?",
        ("The ferry Mara carried 214 people when it ran aground.", None),
        ("There were 178 people on the ferry Mara, the harbour office said.", None),
        "conflict",
    ),
    "another date": (
        "When was the Mara bridge opened?",
        ("The Mara bridge was opened on 4 May 1891.", "2019-01-01"),
        ("The Mara bridge was opened on 9 June 1887, a historian says.", "2021-01-01"),
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
    "a later count": (
        "How many people died in the Mara landslide?",
        ("The Mara landslide has killed 17 people so far.", "2024-12-05"),
        ("The Mara landslide killed 61 people in all; the confirmed toll stands at 61.", "2024-12-13"),
        "superseded",
    ),
    "a lifted ban": (
        "Are trawlers banned from the Mara coast?",
        ("Trawlers are banned from the Mara coast.", "2022-06-07"),
        ("The government has lifted the ban on trawlers off the Mara coast.", "2025-01-21"),
        "superseded",
    ),
    "a forecast that came otherwise": (
        "How much did the Mara economy grow in 2024?",
        ("Economists expect the Mara economy to grow by 3.1 percent in 2024.", "2024-01-10"),
        ("The Mara economy grew by 1.2 percent in 2024, official figures show.", "2025-02-03"),
        "forecast",
    ),
}


@pytest.mark.parametrize(("question", "one", "other", "kind"), DIFFER.values(), ids=DIFFER)
def test_they_differ(encoder, question, one, other, kind):
    (disagreement,) = found(encoder, question, one, other)
    assert disagreement.kind == kind
    assert disagreement.about == question.rstrip("?")
    assert {side.quotes[0].article.id for side in disagreement.sides} == {"0.md", "1.md"}


AGREE = {
    "the same in round figures": (
        "How many people marched in Mara?",
        ("28,500 people marched in Mara on Sunday.", None),
        ("Nearly 30,000 people marched in Mara at the weekend.", None),
    ),
    "the same in other units": (
        "How long is the Mara tunnel?",
        ("The Mara tunnel is 10 miles long.", None),
        ("The Mara tunnel has a length of 16 kilometres.", None),
    ),
    "the same denial": (
        "Did the minister read the Mara report?",
        ("The minister did not read the Mara report.", None),
        ("The minister never read the Mara report, she says.", None),
    ),
    "another subject": (
        "How many jobs is Mara Steel cutting?",
        ("Mara Steel is cutting 1,850 jobs.", None),
        ("Corrin Tubes is cutting 430 jobs.", None),
    ),
    "another year": (
        "How many people visited the Mara museum?",
        ("In 2022 the Mara museum had 41,000 visitors, people it had not expected.", None),
        ("In 2024 the Mara museum had 18,000 visitors, people who came by bus.", None),
    ),
    "what an agency sent to both": (
        "How strong was the Mara earthquake?",
        ("A magnitude 6.8 earthquake struck Mara on Tuesday.", None),
        ("Residents ran out. A magnitude 6.8 earthquake struck Mara on Tuesday. Power was cut for 3 hours.", None),
    ),
    "further members of a list": (
        "Which parties belong to the Mara coalition?",
        ("The Liberals belong to the Mara coalition.", None),
        ("The Farmers' Union belongs to the Mara coalition.", None),
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
def test_they_do_not_differ(encoder, case):
    question, *articles = case
    assert found(encoder, question, *articles) == []


def test_the_earlier_side_comes_first(encoder):
    late = ("Trawlers are allowed again off the Mara coast: the ban was lifted.", "2025-01-21")
    early = ("Trawlers are banned from the Mara coast.", "2022-06-07")
    (disagreement,) = found(encoder, "Are trawlers banned from the Mara coast?", late, early)
    assert [side.quotes[0].article.published for side in disagreement.sides] == ["2022-06-07", "2025-01-21"]


@pytest.mark.parametrize(
    "text", ["서울의 인구는 940만 명이다.", "🙂 🙂 🙂 🙂", "שלום עולם זה טקסט ארוך", "a\u0301 b\u0308 c d e"]
)
def test_awkward_text_makes_none(encoder, text):
    assert found(encoder, "Is the Mara bridge safe?", (text, None), (f"{text} Not at all.", None)) == []
