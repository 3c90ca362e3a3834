from __future__ import annotations

import re
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.nlp.dates import bounds, days_of, shifted
from askseoul.nlp.relative_dates import RelativeDate, relative_dates, time_phrase

TUESDAY = "2024-03-05"


def read(text: str, published: str | None = TUESDAY) -> list[tuple[str, str | None]]:
    return [(relative.text, relative.means) for relative in relative_dates(text, published)]


@pytest.mark.parametrize(
    ("text", "expression", "means"),
    [
        pytest.param("They met yesterday.", "yesterday", "2024-03-04", id="yesterday"),
        pytest.param("Yesterday they met.", "Yesterday", "2024-03-04", id="a sentence's first word"),
        pytest.param("They meet tomorrow.", "tomorrow", "2024-03-06", id="tomorrow"),
        pytest.param("They met the day before yesterday.", "the day before yesterday", "2024-03-03", id="day before"),
        pytest.param("They meet the day after tomorrow.", "the day after tomorrow", "2024-03-07", id="day after"),
        pytest.param("They meet tonight.", "tonight", TUESDAY, id="tonight"),
        pytest.param("They met this morning.", "this morning", TUESDAY, id="this morning"),
        pytest.param("They met last night.", "last night", "2024-03-04", id="last night"),
        pytest.param("They met earlier today.", "earlier today", TUESDAY, id="earlier today"),
        pytest.param("as of yesterday", "yesterday", "2024-03-04", id="as of yesterday"),
        pytest.param("It fell last week.", "last week", "2024-02-26/2024-03-03", id="last week"),
        pytest.param("It falls this week.", "this week", "2024-03-04/2024-03-10", id="this week"),
        pytest.param("It falls next week.", "next week", "2024-03-11/2024-03-17", id="next week"),
        pytest.param("It fell last weekend.", "last weekend", "2024-03-02/2024-03-03", id="last weekend"),
        pytest.param("It fell last month.", "last month", "2024-02", id="last month"),
        pytest.param("It falls next month.", "next month", "2024-04", id="next month"),
        pytest.param("It fell last quarter.", "last quarter", "2023-10/2023-12", id="last quarter"),
        pytest.param("It fell this quarter.", "this quarter", "2024-01/2024-03", id="this quarter"),
        pytest.param("It fell last year.", "last year", "2023", id="last year"),
        pytest.param("It has fallen since last year.", "last year", "2023", id="since last year"),
        pytest.param("last year’s exports", "last year", "2023", id="curly possessive"),
        pytest.param("It falls next year.", "next year", "2025", id="next year"),
        pytest.param("It fell last decade.", "last decade", "2010/2019", id="last decade"),
        pytest.param("It fell the previous month.", "the previous month", "2024-02", id="the previous month"),
        pytest.param("The past year was hard.", "The past year", "2023-03/2024-03", id="the past year"),
        pytest.param("It fell over past year.", "past year", "2023-03/2024-03", id="past year"),
        pytest.param("It fell this past week.", "this past week", "2024-02-27/2024-03-05", id="this past week"),
        pytest.param("It falls in the coming week.", "in the coming week", "2024-03-05/2024-03-12", id="coming week"),
        pytest.param("It fell last Tuesday.", "last Tuesday", "2024-02-27", id="last Tuesday on a Tuesday"),
        pytest.param("It fell last Monday.", "last Monday", "2024-03-04", id="last Monday"),
        pytest.param("They meet this Friday.", "this Friday", "2024-03-08", id="this Friday"),
        pytest.param("They met this Monday.", "this Monday", "2024-03-04", id="this Monday, past"),
        pytest.param("They will meet this Monday.", "this Monday", "2024-03-11", id="this Monday, future"),
        pytest.param("They meet this coming Friday.", "this coming Friday", "2024-03-08", id="this coming Friday"),
        pytest.param("They meet next Monday.", "next Monday", "2024-03-11", id="next Monday"),
        pytest.param("They meet next Friday.", "next Friday", "2024-03-08/2024-03-15", id="either next Friday"),
        pytest.param("It fell last March.", "last March", "2023-03", id="last March in March"),
        pytest.param("It fell last January.", "last January", "2024-01", id="last January"),
        pytest.param("They meet next January.", "next January", "2025-01", id="next January"),
        pytest.param("They meet this May.", "this May", "2024-05", id="this May"),
        pytest.param("He said on Tuesday", "on Tuesday", TUESDAY, id="on Tuesday on a Tuesday"),
        pytest.param("He said on Wednesday night", "on Wednesday night", "2024-02-28", id="on Wednesday"),
        pytest.param("They will meet on Friday.", "on Friday", "2024-03-08", id="will on Friday"),
        pytest.param("On Friday, the United States will sign.", "On Friday", "2024-03-08", id="on Friday they will"),
        pytest.param("On Monday, he said Seoul will sign.", "On Monday", "2024-03-04", id="on Monday he said"),
        pytest.param("“We will,” he said on Monday.", "on Monday", "2024-03-04", id="will in the speech before"),
        pytest.param("It fell in March.", "in March", "2024-03", id="in March in March"),
        pytest.param("It fell in April.", "in April", "2023-04", id="in April"),
        pytest.param("It fell in mid-May.", "in mid-May", "2023-05", id="in mid-May"),
        pytest.param("It has fallen since January.", "since January", "2024-01", id="since January"),
        pytest.param("They will meet in April.", "in April", "2024-04", id="will in April"),
        pytest.param("They will meet in January.", "in January", "2025-01", id="will in January"),
        pytest.param("The talks are due in June.", "in June", "2024-06", id="due in June"),
        pytest.param("It fell in March last year.", "in March last year", "2023-03", id="in March last year"),
        pytest.param("He left three days ago.", "three days ago", "2024-03-02", id="three days ago"),
        pytest.param("He left two weeks ago.", "two weeks ago", "2024-02-19/2024-02-25", id="two weeks ago"),
        pytest.param("He left a month ago.", "a month ago", "2024-02", id="a month ago"),
        pytest.param("He left 18 months ago.", "18 months ago", "2022-09", id="digits"),
        pytest.param("Two years ago he left.", "Two years ago", "2022", id="two years ago"),
        pytest.param("twenty-five years ago", "twenty-five years ago", "1999", id="two-word number"),
        pytest.param("A decade ago he left.", "A decade ago", "2014", id="a decade ago"),
        pytest.param("two quarters ago", "two quarters ago", "2023-07/2023-09", id="two quarters ago"),
        pytest.param("It ends two years from now.", "two years from now", "2026", id="from now"),
        pytest.param("It rose from a year earlier.", "a year earlier", "2023", id="earlier at the end"),
        pytest.param("A month earlier, it fell.", "A month earlier", "2024-02", id="earlier before a comma"),
        pytest.param("It will end two years later.", "two years later", "2026", id="later, future"),
        pytest.param("in the last two weeks", "in the last two weeks", "2024-02-20/2024-03-05", id="last two weeks"),
        pytest.param("in the past 10 years", "in the past 10 years", "2014-03/2024-03", id="past ten years"),
        pytest.param("over the next decade", "over the next decade", "2024/2034", id="next decade ahead"),
        pytest.param("It fell earlier this year.", "earlier this year", "2024-01/2024-03", id="earlier this year"),
        pytest.param("It falls later this month.", "later this month", "2024-03-05/2024-03-31", id="later this month"),
        pytest.param(
            "It fell earlier this week.", "earlier this week", "2024-03-04/2024-03-05", id="earlier this week"
        ),
        pytest.param("It falls later this decade.", "later this decade", "2024/2029", id="later this decade"),
        pytest.param("It fell last year, in 2023.", "last year", "2023", id="a year behind"),
    ],
)
def test_one_expression(text: str, expression: str, means: str) -> None:
    assert read(text) == [(expression, means)]


@pytest.mark.parametrize("published", ["2023-12-31", "2024-03-05", "2025", None])
@pytest.mark.parametrize("text", ["last year, in 2022,", "last year (2022)", "last year, 2022.", "2022 (last year)"])
def test_a_year_beside_it_says_which_year_is_meant(text: str, published: str | None) -> None:
    assert read(text, published) == [("last year", "2022")]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Yesterday (song) is a ballad.", id="article's title"),
        pytest.param("the film The Day After Tomorrow", id="film"),
        pytest.param("USA Today reported it.", id="newspaper"),
        pytest.param("Last Week Tonight is a show.", id="show"),
        pytest.param("They sang “Yesterday” and ‘Tomorrow Never Knows’.", id="quoted titles"),
        pytest.param("the novel *Massacre in March*", id="title in italics"),
        pytest.param("Tomorrow X Together sang.", id="band"),
        pytest.param("Exports Fall Last Month", id="headline in capitals"),
        pytest.param("He sat next to her.", id="next to"),
        pytest.param("this way, this day, this century", id="this way"),
        pytest.param("a last resort, the past, the latter", id="last resort"),
        pytest.param("the cities of tomorrow", id="of tomorrow"),
        pytest.param("The next day he left, the year before he came.", id="counted from a story"),
        pytest.param("the last week of June", id="part of another time"),
        pytest.param("his last year in office, Korea’s last decade", id="somebody's last year"),
        pytest.param("A month earlier it had fallen.", id="earlier in a clause"),
        pytest.param("Two years later, the war ended.", id="later in a story"),
        pytest.param("Over the next two years, exports doubled.", id="next in a story"),
        pytest.param("In 2019 it rose. It had fallen the previous year.", id="previous of another year"),
        pytest.param("In 2019 it rose. It fell in March.", id="month of another year"),
        pytest.param("He died on Tuesday, 4 June.", id="weekday with its date"),
        pytest.param("On 4 June he spoke and on Friday he left.", id="weekday with another date"),
        pytest.param("He died yesterday, 4 March.", id="yesterday with its date"),
        pytest.param("in March 2023, in March, 2023, and last March 5", id="month with year or day"),
        pytest.param("On Tuesdays and on Friday nights they meet.", id="every Tuesday"),
        pytest.param("They could meet on Friday.", id="may be past or future"),
        pytest.param("The law passed in March will help.", id="future of another clause"),
        pytest.param("more than two decades ago", id="bound"),
        pytest.param("two to three years ago, one or two weeks ago", id="range"),
        pytest.param("2.5 years ago, half a year ago", id="parts of a year"),
        pytest.param("a hundred years ago, one hundred and fifty years ago", id="round number"),
        pytest.param("a few years ago, years ago, 1500 years ago, 100 decades ago", id="no number that is counted"),
        pytest.param("now that it is over, from now, Now, the now-defunct bank", id="now that means no time"),
        pytest.param("so far as we know, so far away", id="so far that means no time"),
        pytest.param("at the moment of signing", id="moment of something"),
        pytest.param("the last years, in the last quarter of it", id="no definite stretch"),
        pytest.param("They met this last Friday.", id="this last Friday"),
        pytest.param("It fell last day, next weekend.", id="no day and either weekend"),
        pytest.param("They would, he said, and could meet in June.", id="unclear month"),
        pytest.param("On 4 June they spoke of last Friday.", id="last Friday with another date"),
        pytest.param("we may march in this may", id="may the verb"),
    ],
)
def test_no_relative_date(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "means", "phrase"),
    [
        pytest.param("recently", TUESDAY, "around 2024-03-05", id="recently"),
        pytest.param("Lately, it fell.", TUESDAY, "around 2024-03-05", id="lately"),
        pytest.param("It is currently low.", TUESDAY, "around 2024-03-05", id="currently"),
        pytest.param("at the moment", TUESDAY, "around 2024-03-05", id="at the moment"),
        pytest.param("today’s world", TUESDAY, "around 2024-03-05", id="today"),
        pytest.param("Seoul must now choose.", TUESDAY, "around 2024-03-05", id="now"),
        pytest.param("So far, it works.", TUESDAY, "up to 2024-03-05", id="so far"),
        pytest.param("in recent years", "2024", "up to 2024", id="in recent years"),
        pytest.param("in recent months", "2024-03", "up to 2024-03", id="in recent months"),
        pytest.param("in recent weeks", TUESDAY, "up to 2024-03-05", id="in recent weeks"),
        pytest.param("over the past few years", "2024", "up to 2024", id="past few years"),
        pytest.param("nearly two decades ago", "2004", "around 2004", id="about a definite time"),
    ],
)
def test_what_names_no_definite_time(text: str, means: str, phrase: str) -> None:
    (relative,) = relative_dates(text, TUESDAY)
    assert (relative.means, relative.vague) == (means, True)
    assert time_phrase(relative) == f"“{relative.text}”: {phrase}"


@pytest.mark.parametrize(
    ("text", "published", "means"),
    [
        ("last year", "2024", "2023"),
        ("last year", "2024-03", "2023"),
        ("last month", "2024-03", "2024-02"),
        ("last month", "2024", None),
        ("yesterday", "2024-03", None),
        ("this quarter", "2024-03", "2024-01/2024-03"),
        ("earlier this year", "2024-03", "2024-01/2024-03"),
        ("earlier this year", "2024", "2024"),
        ("earlier this month", "2024-03", "2024-03"),
        ("It fell in March.", "2024-05", "2024-03"),
        ("It fell in March.", "2024", None),
        ("in the past two years", "2024", "2022/2024"),
        ("recently", "2024-03", "2024-03"),
        ("recently", "2024", "2024"),
    ],
)
def test_a_coarse_date_says_what_it_can(text: str, published: str, means: str | None) -> None:
    (relative,) = relative_dates(text, published)
    assert relative.means == means
    assert relative.coarse == (means is None)


@pytest.mark.parametrize("published", [None, "", "2024-13", "2024-02-30", "24", "5 March 2024", "2024-03-05T10:00"])
def test_what_is_no_date_says_nothing(published: str | None) -> None:
    (relative,) = relative_dates("last year", published)
    assert relative == RelativeDate("last year", 0, 9, None, False)
    assert time_phrase(relative) == "“last year”: the article has no date"


@pytest.mark.parametrize(
    ("text", "published", "phrase"),
    [
        ("last year", TUESDAY, "“last year”: 2023"),
        ("last week", TUESDAY, "“last week”: 2024-02-26 to 2024-03-03"),
        ("in the\u00a0past  two weeks", TUESDAY, "“in the past two weeks”: 2024-02-20 to 2024-03-05"),
        ("yesterday", "2024", "“yesterday”: the article's date says too little"),
    ],
)
def test_a_readers_words(text: str, published: str, phrase: str) -> None:
    assert [time_phrase(relative) for relative in relative_dates(text, published)] == [phrase]


@pytest.mark.parametrize(
    ("published", "text", "means"),
    [
        ("2024-03-31", "a month ago", "2024-02"),
        ("2024-01-01", "last week", "2023-12-25/2023-12-31"),
        ("2024-01-01", "yesterday", "2023-12-31"),
        ("2024-02-15", "last quarter", "2023-10/2023-12"),
        ("2024-01-10", "earlier this year", "2024-01"),
        ("1000-01-01", "999 years ago", "0001"),
        ("2999-12-31", "999 years from now", "3998"),
    ],
)
def test_the_edges_of_the_calendar(published: str, text: str, means: str) -> None:
    assert read(text, published) == [(text, means)]


def test_several_in_the_order_in_which_they_stand() -> None:
    text = "서울 🇰🇷 said last week:\r\n\r\n“We met yesterday,” and next year…"
    found = relative_dates(text, TUESDAY)
    assert [relative.text for relative in found] == ["last week", "yesterday", "next year"]
    assert [text[relative.start : relative.end] for relative in found] == [relative.text for relative in found]


def test_an_expression_goes_over_the_end_of_a_wrapped_line() -> None:
    text = (
        "The exports of South Korea to China fell by a third in the past\r\ntwo weeks, as the trade ministry reported."
    )
    assert read(text) == [("in the past\r\ntwo weeks", "2024-02-20/2024-03-05")]


def test_no_expression_goes_over_from_one_sentence_to_another() -> None:
    assert read("It was not the last\n\nyear after year. This was next.\nYear of the dragon") == []


WORDS = """
last next this the past coming previous year month week Friday March May on in since two a ago earlier later over
today Yesterday recently now so far 2023 4 June will said days few decades from 서울 🇰🇷 שלום e\u0301 ½ ³ ١٢ ſ
K , . “ ” " * ( )
"""
PIECES = st.sampled_from([*WORDS.split(), "\r\n", "\n\n", "\n", "\u2028", "\u00a0"])
TEXTS = st.one_of(
    st.text(max_size=200), st.lists(PIECES, max_size=40).map(" ".join), st.lists(PIECES, max_size=40).map("".join)
)
DAYS = st.dates(date(1000, 1, 1), date(2999, 12, 31)).map(date.isoformat)
PUBLISHED = st.one_of(
    st.none(),
    DAYS,
    DAYS.map(lambda day: day[:7]),
    DAYS.map(lambda day: day[:4]),
    st.just("2024-13"),
    st.text(max_size=12),
)
MEANING = re.compile(r"(\d{4}(?:-\d{2}(?:-\d{2})?)?)(?:/(\d{4}(?:-\d{2}(?:-\d{2})?)?))?")


@given(TEXTS, PUBLISHED)
def test_offsets_are_exact_and_meanings_are_dates(text: str, published: str | None) -> None:
    found = relative_dates(text, published)
    assert all(text[relative.start : relative.end] == relative.text for relative in found)
    assert all(first.end <= second.start for first, second in pairwise(found))
    for relative in found:
        assert time_phrase(relative).startswith("“")
        if relative.means is not None:
            match = MEANING.fullmatch(relative.means)
            assert match is not None
            assert match[2] is None or match[1] < match[2]


@given(DAYS)
def test_a_coarser_date_never_says_something_else(day: str) -> None:
    text = "last year; last month; in the past two years; earlier this year; this quarter; a decade ago; yesterday"
    full = [relative.means for relative in relative_dates(text, day)]
    for published in (day[:7], day[:4]):
        for precise, coarse in zip(full, (found.means for found in relative_dates(text, published)), strict=True):
            assert precise is not None
            assert coarse is None or precise.startswith(coarse[:4])


@given(st.dates(date(1000, 1, 1), date(2999, 12, 31)), st.sampled_from(["day", "week", "month", "quarter", "year"]))
def test_a_day_lies_in_its_period_and_the_next_begins_where_it_ends(day: date, unit: str) -> None:
    first, last = bounds(day, unit)
    assert first <= day <= last
    assert bounds(shifted(first, unit, 1), unit)[0] == shifted(last, "day", 1)
    assert bounds(shifted(day, unit, 1), unit)[0] == shifted(last, "day", 1)


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
def test_days_of_a_date(published: str, days: tuple[date, date] | None) -> None:
    assert days_of(published) == days


@pytest.mark.parametrize(
    "piece", ["last ", "the next ", "a-", "a year earlier, ", "in March ", "“Yesterday ", "\n ", "May 1 "]
)
def test_long_texts_are_read(piece: str) -> None:
    relative_dates(piece * (100_000 // len(piece)), TUESDAY)
