"""Names in a text: which capitals begin a name, the forms of one country, and the marks of things of one kind."""

from __future__ import annotations

import pytest

from askseoul.nlp.entities import find_designations, find_names, told_apart
from askseoul.nlp.text import parse
from tests.support.data import cases


@pytest.mark.parametrize("case", cases("names"))
def test_names(case):
    assert [name.text for name in find_names(parse(case["text"]))] == case["names"]


@pytest.mark.parametrize("form", ["US", "U.S.", "the USA", "the United States", "America", "Americans"])
def test_all_forms_of_a_country_are_one_name(form):
    assert find_names(parse(f"They went with {form} there"))[0].words == ("us",)


@pytest.mark.xfail(strict=True, reason="of a country's words only the first is in the name's text")
@pytest.mark.parametrize("text", ["North Korea", "United States of America"])
def test_a_country_name_keeps_all_its_words(text):
    [name] = find_names(parse(f"They left {text} there"))
    assert name.text == text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("Ward 2 and ward 3", {"ward": {"2", "3"}}, id="two of a kind"),
        pytest.param("Flight no. 7 and Route #12a", {"flight": {"7"}, "route": {"12a"}}, id="with a sign"),
        pytest.param("Flight No. 7", {"flight": {"7"}}, id="with a capital sign"),
        pytest.param("World War II and Plan B", {"war": {"ii"}, "plan": {"b"}}, id="letters"),
        pytest.param("In May 4 and of 7", {}, id="months and function words"),
        pytest.param("It cost 3.5% and rose 12-fold", {}, id="shares and compounds"),
        pytest.param("제2 병동 🙂", {}, id="Hangul and an emoji"),
        pytest.param("", {}, id="nothing"),
    ],
)  # fmt: skip
def test_designations(text, found):
    assert find_designations(parse(text)) == found


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        pytest.param("Ward 2 has beds.", "Ward 3 has beds.", True, id="two wards"),
        pytest.param("ward 2 has beds.", "Ward 3 has beds.", True, id="one in lower case"),
        pytest.param("Ward 2 has beds.", "Wards have beds.", False, id="one without a mark"),
        pytest.param("Ward 2 has beds.", "Ward 2 and Ward 3 have beds.", False, id="one of two"),
        pytest.param("It cost 340 won.", "It cost 120 won.", False, id="numbers behind a verb"),
        pytest.param("Ward 2", "Room 3", False, id="other kinds"),
        pytest.param("", "Ward 2", False, id="nothing"),
    ],
)
def test_things_of_one_kind_are_told_apart_by_their_marks(one, other, apart):
    assert told_apart(parse(one), parse(other)) is told_apart(parse(other), parse(one)) is apart
