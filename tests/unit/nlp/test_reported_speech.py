"""Reported speech: that somebody says, thinks, demands or fears something, and who it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.nlp.reported_speech import find_reports
from askseoul.nlp.text import parse
from tests.support.data import cases


def speakers(text):
    return [report.speaker for report in find_reports(parse(text))]


@pytest.mark.parametrize("case", cases("reported_speech"))
def test_speakers(case):
    assert speakers(case["text"]) == case["speakers"]


def test_several_reports_come_in_the_order_of_the_text():
    text = "According to the harbour office, it is safe, but Mina Seo says it sank."
    assert speakers(text) == ["the harbour office", "Mina Seo"]


def test_the_offsets_are_those_of_the_speaker():
    parsed = parse("“It floats,” wrote Mina Seo on Friday.")
    (report,) = find_reports(parsed)
    assert parsed.normalized[report.start : report.end] == report.speaker == "Mina Seo"


PIECES = st.sampled_from(
    ["Mina Seo", "the mayor", "he", "it", "said", "says that", "is widely seen", "according to", "in her view", ",",
     ".",
     '"', "and", "who", "announcing that", "서울", "🙂", "שלום", "e\u0301", "\r\n", "\n\n", "\u2028", "-", "'s"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=30).map(" ".join))


@given(TEXTS)
def test_the_offsets_lie_in_any_text(text):
    parsed = parse(text)
    found = find_reports(parsed)
    assert [report.start for report in found] == sorted(report.start for report in found)
    assert all(0 <= report.start <= report.end <= len(parsed.normalized) for report in found)
