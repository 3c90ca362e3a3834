"""Filters of a search by date and by article: dates as they are given, what is left out, and why nothing is left."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.errors import UsageError
from askseoul.retrieval.search import (
    DateBound,
    Filter,
    earliest_day,
    explain_empty_filter,
    latest_day,
    parse_article_ids,
    parse_date_bound,
    select_articles,
)


def filter_by(as_of, dated, undated=0, *, since=None, within=None):
    days = [None if day is None else parse_date_bound(day) for day in (as_of, since)]
    return select_articles(dated, undated, as_of=days[0], since=days[1], within=within)


@pytest.mark.parametrize(
    ("published", "last"),
    [
        pytest.param("2024", date(2024, 12, 31), id="a year"),
        pytest.param("2024-02", date(2024, 2, 29), id="a month of a leap year"),
        pytest.param("1900-02", date(1900, 2, 28), id="1900 was none"),
        pytest.param("2024-05-01", date(2024, 5, 1), id="a day"),
        pytest.param("0001-01", date(1, 1, 31), id="the first month there is"),
    ],
)
def test_the_last_day_of_a_date(published, last):
    assert latest_day(published) == last
    assert parse_date_bound(published) == DateBound(published, earliest_day(published), last)


@pytest.mark.parametrize("published", ["2024-13", "2024-00", "2023-02-29", "2024-04-31", "0000", "0000-02"])
def test_a_date_that_does_not_exist(published):
    with pytest.raises(ValueError, match=r"\d|month|day"):
        latest_day(published)
    with pytest.raises(UsageError):
        parse_date_bound(published)


@pytest.mark.parametrize(
    "given",
    ["", "24", "May 2024", "2024-5", "2024-05-1", "2024-05-01T10:00", " 2024", "2024\n", "20240501", "-2024",
     "２０２４", "٢٠٢٤", "\ud800", "2" * 100_000, 2024, None, True, ["2024"]],
    ids=lambda given: repr(given)[:20].encode("ascii", "backslashreplace").decode(),
)  # fmt: skip
def test_an_invalid_date_is_rejected_with_what_to_give(given):
    with pytest.raises(UsageError, match="is not a date: give a day, a month or a year") as caught:
        parse_date_bound(given)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "given", [["a.md", "나루.md"], ("a.md", "나루.md"), {"a.md": 1, "나루.md": 2}.keys()], ids=repr
)
def test_ids_may_come_in_any_collection(given):
    assert parse_article_ids(given) == ["a.md", "나루.md"]


@pytest.mark.parametrize("given", [None, [], ()], ids=repr)
def test_without_ids_the_list_is_empty(given):
    assert parse_article_ids(given) == []


@pytest.mark.parametrize(
    "given",
    ["a.md", b"a.md", 5, True, ["a.md", 5], [None], [["a.md"]], "x" * 100_000],
    ids=lambda given: ascii(given)[:20],
)
def test_an_invalid_list_of_ids_is_rejected(given):
    with pytest.raises(UsageError, match=r"^within is .+: give a list of article ids\.$") as caught:
        parse_article_ids(given)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("given", [date(987, 6, 5), datetime(987, 6, 5, 23, 59)], ids=["a day", "a moment"])
def test_a_date_may_be_an_object_of_python(given):
    assert parse_date_bound(given) == DateBound("0987-06-05", date(987, 6, 5), date(987, 6, 5))


@pytest.mark.parametrize(
    ("published", "as_of", "is_out"),
    [
        pytest.param("2024-05-01", "2024-05-01", True, id="the very day"),
        pytest.param("2024-05-02", "2024-05-01", False, id="the day after"),
        pytest.param("2024", "2024-06-01", False, id="some day of a year that is not over"),
        pytest.param("2024", "2024-12-31", True, id="some day of a year on its last"),
        pytest.param("2024", "2024", True, id="a year by the end of it"),
        pytest.param("2024-12-31", "2024", True, id="the last day of a year by its end"),
        pytest.param("2024-05", "2024-05", True, id="a month by the end of it"),
        pytest.param("2024-05", "2024-05-30", False, id="a month that is not over"),
        pytest.param("2023", "2024-01-01", True, id="the year before"),
        pytest.param("2025", "2024", False, id="the year after"),
    ],
)
def test_an_article_counts_when_its_last_day_is_not_after_the_requested_one(published, as_of, is_out):
    found = filter_by(as_of, {"a.md": published})
    assert found.ids == ({"a.md"} if is_out else set())
    assert (found.articles, found.later) == ((1, 0) if is_out else (0, 1))


def test_undated_articles_are_counted_and_left_out():
    dated = {"a.md": "2023", "b.md": "2024-05-01", "c.md": "2024"}
    assert filter_by("2024-05", dated, 3) == Filter(
        articles=2, undated=3, later=1, as_of="2024-05", ids=frozenset({"a.md", "b.md"}), dates=("2023", "2024")
    )


@pytest.mark.parametrize(
    ("dated", "undated", "message"),
    [
        ({"a": "2024-05-01", "b": "2024"}, 3,
         "None is certain to have been published by 2019; the earliest is dated 2024-05-01, and 3 undated articles "
         "were left out."),
        ({"b": "2024"}, 1,
         "None is certain to have been published by 2019; the earliest is dated 2024, and 1 undated article was left "
         "out."),
        ({"b": "2024"}, 0, "None is certain to have been published by 2019; the earliest is dated 2024."),
        ({}, 2, "None is certain to have been published by 2019, and 2 undated articles were left out."),
        ({}, 0, ""),
    ],
    ids=["dated and undated", "one undated", "dated alone", "undated alone", "no article at all"],
)  # fmt: skip
def test_the_reason_why_no_article_is_left(dated, undated, message):
    assert explain_empty_filter(filter_by("2019", dated, undated)) == message


DATES = st.dates(date(1, 1, 1)).flatmap(
    lambda day: st.sampled_from([day.isoformat(), day.isoformat()[:7], day.isoformat()[:4]])
)


@given(DATES, DATES)
def test_a_later_date_includes_what_an_earlier_one_does(one, other):
    earlier, later = sorted((one, other), key=latest_day)
    assert filter_by(later, {"a": earlier}).articles == 1
    assert filter_by(one, {"a": one}).articles == 1
    assert filter_by(None, {"a": one}, since=one).articles == 1


HELD = {"a.md": "2023", "b.md": "2024-05-01", "c.md": "2024", "d.md": "2025-02"}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param({"as_of": None}, Filter(6, 2), id="everything"),
        pytest.param(
            {"as_of": None, "since": "2024"},
            Filter(3, 2, earlier=1, since="2024", ids=frozenset({"b.md", "c.md", "d.md"}), dates=("2023", "2025-02")),
            id="since a year",
        ),
        pytest.param(
            {"as_of": None, "since": "2024-03"},
            Filter(2, 2, earlier=2, since="2024-03", ids=frozenset({"b.md", "d.md"}), dates=("2023", "2025-02")),
            id="what is dated a year may be from before a month of it",
        ),
        pytest.param(
            {"as_of": "2024", "since": "2024"},
            Filter(2, 2, 1, 1, "2024", "2024", ids=frozenset({"b.md", "c.md"}), dates=("2023", "2025-02")),
            id="within a year",
        ),
        pytest.param(
            {"as_of": None, "within": frozenset({"b.md", "x.md"})},
            Filter(2, 1, within=("b.md", "x.md"), ids=frozenset({"b.md", "x.md"})),
            id="of two articles, one of them undated",
        ),
        pytest.param(
            {"as_of": "2023", "within": frozenset({"b.md", "x.md"})},
            Filter(0, 1, 1, 0, "2023", None, ("b.md", "x.md"), frozenset(), ("2024-05-01", "2024-05-01")),
            id="of two articles by a date",
        ),
    ],
)
def test_dates_and_chosen_articles_limit_the_search(asked, expected):
    assert filter_by(dated=HELD, undated=2, **asked) == expected


@pytest.mark.parametrize(
    ("as_of", "since", "when"),
    [
        (None, "2026", "since 2026; the latest is dated 2025-02"),
        ("2022", "2020", "from 2020 to 2022; they are dated 2023 to 2025-02"),
    ],
    ids=["since a date", "between two dates"],
)
def test_the_reason_why_no_article_is_left_between_dates(as_of, since, when):
    assert (
        explain_empty_filter(filter_by(as_of, HELD, since=since)) == f"None is certain to have been published {when}."
    )


def test_dates_in_the_wrong_order_are_rejected():
    with pytest.raises(UsageError, match="No article is published since 2025 and by 2024-05: exchange the two dates"):
        filter_by("2024-05", HELD, since="2025")
