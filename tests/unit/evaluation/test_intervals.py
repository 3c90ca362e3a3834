"""Intervals and chances against textbook values, and what must hold of any values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.evaluation.metrics import bootstrap, bootstrap_of_both, chance_of_no_drop, interval_of, wilson

WILSON = {
    "half of ten": (5, 10, (0.2366, 0.7634)),
    "none of ten": (0, 10, (0.0, 0.2775)),
    "all of ten": (10, 10, (0.7225, 1.0)),
    "81 of 263": (81, 263, (0.2553, 0.3662)),  # Newcombe, 1998, table I
    "15 of 148": (15, 148, (0.0624, 0.1605)),  # the same
    "0 of 20": (0, 20, (0.0, 0.1611)),  # the same
    "1 of 29": (1, 29, (0.0061, 0.1718)),  # the same
}


@pytest.mark.parametrize(("hits", "of", "expected"), WILSON.values(), ids=WILSON)
def test_wilson(hits, of, expected):
    assert wilson(hits, of) == pytest.approx(expected, abs=5e-5)


shares = st.lists(st.floats(0, 1), min_size=1, max_size=40)


@given(shares)
def test_a_bootstrap_interval_holds_no_value_that_was_not_possible(values):
    low, high = bootstrap(values)
    assert min(values) - 1e-9 <= low <= high <= max(values) + 1e-9


@given(shares, shares)
def test_the_interval_of_two_groups_lies_between_their_extremes(ones, others):
    low, high = bootstrap_of_both(ones, others)
    assert (min(ones) + min(others)) / 2 - 1e-9 <= low <= high <= (max(ones) + max(others)) / 2 + 1e-9


def test_a_bootstrap_interval_is_as_wide_as_theory_has_it():
    low, high = bootstrap([0.0, 1.0] * 200)  # the standard error is 0.5 / sqrt(400) = 0.025
    assert (low, high) == pytest.approx((0.5 - 1.96 * 0.025, 0.5 + 1.96 * 0.025), abs=0.005)


def test_shares_of_yes_and_no_have_wilsons_interval():
    assert interval_of([1, 0, 1.0]) == wilson(2, 3)
    assert interval_of([0.5, 0.5]) == (0.5, 0.5)


DROPS = {
    "the same": ([1, 0, 1], [1, 0, 1], 1.0),
    "all worse": ([1.0] * 5, [0.0] * 5, 0.0),
    "all better": ([0.0] * 5, [1.0] * 5, 1.0),
}


@pytest.mark.parametrize(("before", "after", "chance"), DROPS.values(), ids=DROPS)
def test_chance_of_no_drop_where_nothing_is_left_to_chance(before, after, chance):
    assert chance_of_no_drop(before, after) == chance


def test_one_question_of_many_may_be_chance_and_ten_are_not():
    before = [1.0] * 100
    assert chance_of_no_drop(before, [0.0, *before[1:]]) == pytest.approx(0.37, abs=0.03)  # (99 / 100) ** 100
    assert chance_of_no_drop(before, [0.0] * 10 + before[10:]) < 0.001


def test_what_is_hard_in_both_cancels_out():
    before = [place % 2 for place in range(100)]
    after = [max(value - 0.02, 0) for value in before]
    assert chance_of_no_drop(before, after) == 0
