"""Names in a text: which capitals begin a name, and the forms of one country."""

from __future__ import annotations

import pytest

from askseoul.nlp.entities import find_names
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
