"""Pictures: they hold every figure in words, stay within their frame, and take any text as text."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.evaluation.report import WIDTH, Part, curve, distribution, stacked_bars


def drawn(svg):
    return ElementTree.fromstring(str(svg))


def numbers(svg, attribute):
    return [float(value) for value in re.findall(rf'\b{attribute}="(-?[\d.]+)"', str(svg))]


def test_a_bar_is_as_wide_as_its_share_and_says_so():
    svg = stacked_bars([("fact", [Part(3, "right", "good"), Part(0, "wrong", "bad"), Part(1, "refused", "refused")])])
    first, second = drawn(svg).iter("rect")
    assert float(first.get("width")) / float(second.get("width")) == pytest.approx(3, abs=0.1)
    assert [title.text for title in drawn(svg).iter("title")] == [
        "fact: 3 of 4 right", "fact: 1 of 4 refused",
    ]  # fmt: skip
    assert drawn(svg).get("aria-label") == "fact: 3 right, 1 refused"
    assert "3 of 4" in str(svg)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40), st.integers(0, 9), st.integers(0, 9))
def test_any_name_is_text(name, one, two):
    svg = stacked_bars([(name, [Part(one, name, "good"), Part(two, name, "bad")])])
    assert name in "".join(drawn(svg).itertext())


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=30))
def test_a_curve_stays_within_its_frame(points):
    svg = curve(points, "kept", "not right")
    path = [float(value) for value in re.findall(r"[-\d.]+", drawn(svg).find("path").get("d"))]
    assert all(0 <= value <= WIDTH for value in path)


def test_a_curve_tells_its_ends():
    assert drawn(curve([(0.5, 0.0), (1.0, 0.25)], "kept", "not right")).get("aria-label") == (
        "not right by kept: 0% at first, 25% at the end"
    )


@given(st.lists(st.floats(0.001, 1000), min_size=1, max_size=60))
def test_every_time_is_in_one_of_the_bars(seconds):
    titles = [title.text for title in drawn(distribution(seconds, [])).iter("title")]
    assert sum(int(title.split()[0]) for title in titles) == len(seconds)


def test_nothing_gives_no_picture():
    assert (curve([], "a", "b"), distribution([], [])) == ("", "")
