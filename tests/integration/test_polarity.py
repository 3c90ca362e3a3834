"""Which side of a yes-or-no question a sentence takes, over the real encoder."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.answering.disagreement.polarity import is_polar, side_taken
from askseoul.retrieval.evidence import select_evidence
from askseoul.retrieval.question import read_question
from askseoul.verification.alignment import TokenSimilarity
from tests.support.articles import make_article, make_hit

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
