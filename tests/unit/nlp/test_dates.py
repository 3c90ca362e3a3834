"""Calendar periods and the days that an ISO date covers."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.nlp.dates import date_range, shift, unit_bounds


@given(st.dates(date(1000, 1, 1), date(2999, 12, 31)), st.sampled_from(["day", "week", "month", "quarter", "year"]))
def test_periods_contain_their_day_and_follow_each_other(day: date, unit: str) -> None:
    first, last = unit_bounds(day, unit)
    assert first <= day <= last
    assert unit_bounds(shift(first, unit, 1), unit)[0] == shift(last, "day", 1)
    assert unit_bounds(shift(day, unit, 1), unit)[0] == shift(last, "day", 1)


@pytest.mark.parametrize(
    ("published", "days"),
    [
        ("2024", (date(2024, 1, 1), date(2024, 12, 31))),
        ("2024-02", (date(2024, 2, 1), date(2024, 2, 29))),
        ("2024-02-05", (date(2024, 2, 5), date(2024, 2, 5))),
        ("٢٠٢٤", None),
        ("0999", None),
    ],
)
def test_date_range(published: str, days: tuple[date, date] | None) -> None:
    assert date_range(published) == days
