"""The date of publication at the top of a text, and the dates there that are something else.

``tests/data/datelines.jsonl`` has openings of articles. Those marked ``aside`` were first read by a finished reader: it
found 27 of their 30 datelines, and nothing else.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.ingest.datelines import find_dateline
from askseoul.nlp.text import canonical_text
from tests.support.data import DATA, cases

BODY = "The council voted on Monday to close the old bridge for repairs, and the mayor said it would take nine months."


def dateline_of(opening: str) -> str | None:
    return find_dateline(canonical_text(opening)[0].strip())


@pytest.mark.parametrize("case", cases("datelines"))
def test_openings(case: dict[str, str]) -> None:
    assert dateline_of(case["text"]) == case["published"]


def test_half_of_the_openings_have_no_dateline_and_a_third_is_aside() -> None:
    rows = [json.loads(line) for line in (DATA / "datelines.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) >= 60
    assert sum(row["published"] is None for row in rows) * 2 >= len(rows)
    assert sum(row.get("aside", False) for row in rows) * 3 >= len(rows) - 3


@pytest.mark.parametrize(
    ("written", "published"),
    [
        pytest.param("12/06/2025", "2025", id="day-and-month-can-be-exchanged"),
        pytest.param("12-06-2025", "2025", id="so-with-hyphens"),
        pytest.param("13/06/2025", "2025-06-13", id="no-thirteenth-month"),
        pytest.param("06/13/2025", "2025-06-13", id="no-thirteenth-month-second"),
        pytest.param("06/06/2025", "2025-06-06", id="both-readings-agree"),
        pytest.param("12.06.2025", "2025-06-12", id="full-stops-are-used-where-the-day-comes-first"),
        pytest.param("31/02/2025", None, id="no-such-day"),
        pytest.param("13/13/2025", None, id="no-such-month"),
    ],
)
def test_a_day_and_month_are_not_guessed(written: str, published: str | None) -> None:
    assert dateline_of(f"# The bridge\n\nPublished: {written}\n\n{BODY}") == published


@pytest.mark.parametrize(
    "opening", ["# The bridge\n\n{}\n\n" + BODY, "Aldby, {} – " + BODY, "Published: {}\n\n" + BODY]
)
def test_no_article_is_of_the_day_after_tomorrow(opening: str) -> None:
    day = datetime.now(UTC) + timedelta(days=3)
    assert dateline_of(opening.format(day.date().isoformat())) is None
    assert dateline_of(opening.format("2025-03-04")) == "2025-03-04"


@given(st.text(alphabet="2025-034 /.·|,:\nMarch4AbyPublished입력年月日–*_[]()", max_size=400))
def test_any_text_is_read(text: str) -> None:
    find_dateline(text)


@pytest.mark.parametrize(
    "piece", ["1999 ", "2025-03-04 ", "4 March 2025 x\n", "Velmora, 2025\n", "· 2025 4 March", "*_2025"]
)
def test_hostile_text_takes_no_longer_than_any(piece: str) -> None:
    find_dateline("4 March 2025")  # the names of the months are read once
    started = time.perf_counter()
    find_dateline(piece * (1_000_000 // len(piece)))
    assert time.perf_counter() - started < 1
