"""Where articles answer a question differently, over the real encoder: the side that a sentence takes, the position of
an article, and what makes a disagreement and what does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.answering.disagreement.detect import find_disagreements, is_named, positions_of
from askseoul.answering.disagreement.polarity import is_polar, side_taken
from askseoul.nlp.entities import find_names
from askseoul.nlp.text import parse
from askseoul.retrieval.evidence import select_evidence
from askseoul.retrieval.question import read_question
from askseoul.verification.alignment import TokenSimilarity
from tests.support.articles import make_article, make_hit

# The side that a sentence takes

POLAR = {
    "Is the Mara bridge safe?": True,
    "Did the minister read the report?": True,
    "Is dependence an opportunity or a liability?": True,
    "They say whether the pier will close?": True,
    "Which way did rents in Mara go?": True,
    "How many people were on the ferry?": False,
    "Who designed the bridge?": False,
    "Why did the ferry run aground?": False,
}


@pytest.mark.parametrize(("asked", "expected"), POLAR.items(), ids=POLAR)
def test_what_is_answered_by_a_side(asked, expected):
    assert is_polar(read_question(asked)) is expected


SIDES = {
    "the asked end": ("Is the Mara bridge safe?", "The Mara bridge is safe, engineers say.", 1),
    "the other end": ("Is the Mara bridge safe?", "The Mara bridge is dangerous, residents say.", -1),
    "the asked end denied": ("Is the Mara bridge safe?", "The Mara bridge is not safe, residents say.", -1),
    "asked by the lower end": ("Did rents in Mara fall?", "Rents in Mara fell by a tenth.", 1),
    "asked by the lower end, raised": ("Did rents in Mara fall?", "Rents in Mara rose by a tenth.", -1),
    "the first of two": ("Is Mara's trade an opportunity or a liability?", "Trade is Mara's great opportunity.", 1),
    "the second of two": ("Is Mara's trade an opportunity or a liability?", "Trade has become Mara's liability.", -1),
    "in office": ("Is Ada Park in office?", "The Park administration raised the tax on ferries.", 1),
    "out of office": ("Is Ada Park in office?", "Ada Park is no longer in office, her party says.", -1),
    "named, and nothing of an office": ("Is Ada Park in office?", "Ada Park picked Bo Lind to run the port.", None),
    "said": ("Did the minister read the Mara report?", "The minister read the Mara report before the vote.", 1),
    "denied": ("Did the minister read the Mara report?", "The minister had not read the Mara report.", -1),
    "neither of two": ("Is Mara's trade an opportunity or a liability?", "Trade in Mara is old and varied.", None),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "sentence", "expected"), SIDES.values(), ids=SIDES)
def test_the_side_of_one_sentence(encoder, asked, sentence, expected):
    question = read_question(asked)
    evidence = select_evidence(question, [make_hit(make_article(sentence, title=""), 1.0)], encoder=encoder)
    taken = side_taken(question, evidence, TokenSimilarity(lambda: encoder))
    assert (taken and taken[0]) == expected
    assert taken is None or taken[1].quote.text == sentence


def test_no_sentence_takes_no_side(encoder):
    assert side_taken(read_question("Is it safe?"), [], TokenSimilarity(lambda: encoder)) is None


@given(st.text(max_size=80))
def test_whether_asks_for_a_side_whatever_follows(text):
    assert is_polar(read_question(f"Do they say whether {text}"))


# The position of an article


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
    (asked,) = find_names(parse(f"What did {name} do?"))
    assert is_named(asked, parse(text)) is expected


# Disagreements


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
