"""The values that a text gives for what is asked (numbers, dates, names), and whether two texts give the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.answering.disagreement.values import NOTHING, compare, dates_agree, quantities_agree, values_of
from askseoul.nlp.quantities import find_figures, to_base_units
from askseoul.nlp.text import parse
from askseoul.retrieval.question import read_question


def numbers(asked, text, **how):
    found = values_of(read_question(asked), text, **how)
    return [float(quantity.value) for quantity in found.quantities]


def dates(text, published=None, asked="When did the pier open?"):
    return [date[:3] for date in values_of(read_question(asked), text, published).dates]


def names(asked, text):
    return [name.text for name in values_of(read_question(asked), text).names]


SEATS = "How many seats does the ferry have?"
NUMBERS = {
    "a count": (SEATS, "The ferry has 420 seats.", [420]),
    "of what is asked": (SEATS, "The ferry has 420 seats and 12 cabins.", [420]),
    "of nothing": (SEATS, "The ferry carries 420.", [420]),
    "up from": (SEATS, "The ferry has 420 seats, up from 310.", [420]),
    "rose from": (SEATS, "The seats rose from 310 to 420.", [420]),
    "not": (SEATS, "The ferry has 420 seats, not 310.", [420]),
    "none": (SEATS, "The ferry has seats.", []),
    "one of them": ("How many ferries sank?", "One of them sank.", []),
    "money": ("How much does a ride cost?", "A ride costs 1,400 won and takes 20 minutes.", [1400]),
    "how much, a share before a count": ("How much has rent risen?", "The rent rose 12% in 8 districts.", [12]),
    "a duration": ("How long did the crossing take?", "It took three hours.", [3]),
    "in common units": ("How much rain fell?", "Ten inches of rain fell.", [254]),
    "a share": ("What share of exports goes to China?", "Ships carry 40% of exports.", [40]),
    "a share of nothing named": ("What share of exports goes to China?", "It is 40%.", [40]),
    "a share of another thing": ("What share of exports goes to China?", "Some 90% of voters agree.", []),
    "a share of somebody's thing": ("What share of China’s exports is steel?", "Steel is 40% of exports.", [40]),
    "among Hangul": ("How many cats?", "고양이 12 🙂", [12]),
    "a reason": ("Why did it close?", "It closed as 12 boats sank.", []),
    "empty": (SEATS, "", []),
}


@pytest.mark.parametrize(("asked", "text", "values"), NUMBERS.values(), ids=NUMBERS)
def test_numbers(asked, text, values):
    assert numbers(asked, text) == values


def test_loosely_any_number_will_do_that_is_no_time_length_or_rank():
    text = "The second ferry is 80 metres long and took 2 hours with 420 beds."
    assert numbers("What share of beds is used?", text, loose=True) == [420]
    assert numbers("What share of beds is used?", text) == []
    assert numbers("What share of beds is used?", "It has 3 decks.", loose=True) == []


@pytest.mark.parametrize(
    ("text", "published", "found"),
    [
        pytest.param("It opened on 4 June 1998.", None, [(1998, 6, 4)], id="a day"),
        pytest.param("It opened last year.", "2024-03-05", [(2023, None, None)], id="a relative year"),
        pytest.param("It opened yesterday.", "2024-03-05", [(2024, 3, 4)], id="a relative day"),
        pytest.param("It opened last year.", None, [], id="relative to no date"),
        pytest.param("It opened last week.", "2024-03-05", [], id="a span is no date"),
        pytest.param("It opened recently.", "2024-03-05", [], id="no definite time"),
        pytest.param("It opened in 1998, not 1997.", None, [(1998, None, None)], id="not"),
        pytest.param("It was moved from May to June.", None, [(None, 6, None)], id="from, to"),
        pytest.param("It opened late.", None, [], id="none"),
    ],
)
def test_dates(text, published, found):
    assert dates(text, published) == found


def test_the_questions_own_date_is_no_answer():
    assert dates("After the fire of 1990 it opened in 1998.", asked="When did it open after 1990?") == [
        (1998, None, None)
    ]


WHO = "Who designed the pier?"
WON = "Who won the race?"
RUNS = "Who runs the port?"
NAMES = {
    "a person": (WHO, "Mina Seo designed it.", ["Mina Seo"]),
    "not who says it": (WHO, "Kim Dara said that Mina Seo designed it.", ["Mina Seo"]),
    "who says it, at the end": (WHO, "Mina Seo drew it over several long winters by the sea, said Kim Dara.",
                                ["Mina Seo"]),
    "a speaker in the asked office": ("Who is the chief executive of the firm?",
                                      "Chief executive Kim Dara told us of fog.", ["Kim Dara"]),
    "not": (WHO, "So Mina Seo drew it, not Kim Dara.", ["Mina Seo"]),
    "beating somebody": (WON, "Mina Seo won, beating Kim Dara.", ["Mina Seo"]),
    "replacing somebody": (RUNS, "Mina Seo replaced Kim Dara.", ["Mina Seo"]),
    "somebody's resignation": (RUNS, "After Kim Dara’s resignation, Mina Seo runs it.", ["Mina Seo"]),
    "a family": (WON, "Neighbours cheered the Pattersons as Mina Seo won.", ["Mina Seo"]),
    "a person's place": (WON, "Mina Seo won the race in Ulsan.", ["Mina Seo"]),
    "a country": (WON, "So Canada won.", []),
    "a people": (RUNS, "So Koreans run it.", []),
    "a ministry": (RUNS, "The Harbour Ministry runs it.", []),
    "the question's own name": ("Who runs the port with Kim Dara?", "Kim Dara and Mina Seo run it.", ["Mina Seo"]),
    "a capital at the start": (WHO, "Dara drew it.", []),
    "a place": ("Where is the pier?", "It stands in Ulsan.", ["Ulsan"]),
    "a place before its thing": ("Where is the pier?", "The Ulsan pier is old.", ["Ulsan"]),
    "the place that it moved to": ("Where did it move?", "It moved from Ulsan to Pohang.", ["Pohang"]),
    "a country as a place": ("Where is the pier?", "So the owners praised France.", ["France"]),
    "nobody": (WHO, "", []),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "text", "found"), NAMES.values(), ids=NAMES)
def test_names(asked, text, found):
    assert names(asked, text) == found


def quantity(text):
    parsed = parse(text)
    return to_base_units(parsed, find_figures(parsed).quantities)[0]


@pytest.mark.parametrize(
    ("own", "other", "agree"),
    [
        pytest.param("28,500 men", "28.5 thousand men", True, id="one value"),
        pytest.param("28,500 men", "nearly 30,000 men", True, id="nearly"),
        pytest.param("28,500 men", "30,000 men", False, id="an exact figure further off"),
        pytest.param("about 100", "107", True, id="about"),
        pytest.param("about 100", "109", False, id="too far for about"),
        pytest.param("61 men", "17 men", False, id="two values"),
        pytest.param("61 men", "60 men", False, id="two digits to one"),
        pytest.param("49%", "49.42%", True, id="rounded"),
        pytest.param("2.1 million", "2,140,000", True, id="rounded millions"),
        pytest.param("2.1 million", "2,190,000", False, id="rounded to something else"),
        pytest.param("half", "50%", True, id="half"),
        pytest.param("half", "48%", True, id="a round half"),
        pytest.param("half", "60%", False, id="more than half"),
        pytest.param("half a million", "510,000", True, id="half a million"),
        pytest.param("dozens of men", "40 men", True, id="dozens"),
        pytest.param("hundreds of men", "317 men", True, id="hundreds"),
        pytest.param("more than 20,000", "28,500", True, id="above its lower bound"),
        pytest.param("more than 20,000", "40,000", False, id="far above it"),
        pytest.param("more than 20", "19", False, id="below its lower bound"),
        pytest.param("at most 300", "200", True, id="below its upper bound"),
        pytest.param("254 mm", "ten inches", True, id="other units"),
        pytest.param("95F", "35C", True, id="temperatures"),
        pytest.param("0 men", "0 men", True, id="none"),
        pytest.param("0 men", "3 men", False, id="none and some"),
        pytest.param("50%", "50 won", None, id="what can't be compared"),
    ],
)
def test_quantities_agree_as_news_rounds_them(own, other, agree):
    assert quantities_agree(quantity(own), quantity(other)) is agree
    assert quantities_agree(quantity(other), quantity(own)) is agree


@pytest.mark.parametrize(
    ("own", "other", "agree"),
    [
        ("4 June 1998", "June 4th", True),
        ("June", "4 June 1998", True),
        ("4 June", "5 June", False),
        ("in 1998", "in 1999", False),
        ("in 1998", "in June", None),
        ("on Monday", "4 June", None),
    ],
)
def test_dates_agree_as_far_as_both_are_given(own, other, agree):
    first, second = find_figures(parse(own)).dates[0], find_figures(parse(other)).dates[0]
    assert dates_agree(first, second) is agree
    assert dates_agree(second, first) is agree


@pytest.mark.parametrize(
    ("asked", "own", "other", "likeness"),
    [
        pytest.param(SEATS, "It has 420 seats.", "There are 420 seats.", "same", id="one number"),
        pytest.param(SEATS, "It has 420 seats.", "There are 510 seats.", "different", id="two numbers"),
        pytest.param(SEATS, "It has 420 or 510 seats.", "There are 510 seats.", "same", id="one of two"),
        pytest.param(SEATS, "It has 420 seats.", "It is blue.", "unknown", id="no number"),
        pytest.param("How much was it?", "It cost 40 won.", "It cost 40 dollars.", "unknown", id="other units"),
        pytest.param("When was it?", "It was on 4 June.", "It was on 5 June.", "different", id="two days"),
        pytest.param("When was it?", "It was on 4 June.", "It was on Monday.", "unknown", id="a day and a weekday"),
        pytest.param(WON, "So Mina Seo won.", "So Ms Seo won.", "same", id="one name"),
        pytest.param(WON, "So Mina Seo won.", "So Kim Dara won.", "different", id="two names"),
        pytest.param("Why did it close?", "It rained.", "It snowed.", "unknown", id="no value is asked for"),
    ],
)
def test_two_texts_compared(asked, own, other, likeness):
    question = read_question(asked)
    assert compare(values_of(question, own), values_of(question, other)) == likeness


def test_nothing_is_false_and_any_value_true():
    assert not NOTHING
    assert values_of(read_question(SEATS), "It has 420 seats.")
    assert compare(NOTHING, NOTHING) == "unknown"


PIECES = st.sampled_from(
    ["420 seats", "40% of", "up from 17", "4 June", "last year", "Mina Seo", "in Ulsan", "said", "not", "from", "to",
     "서울", "🙂", "שלום", "e\u0301", "\r\n", "\n\n", "."]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=120), st.lists(PIECES, max_size=15).map(" ".join))
ASKED = st.sampled_from([SEATS, WHO, "Where was it?", "When was it?", "What share of trade is it?", "How hot was it?"])


@given(ASKED, TEXTS, TEXTS, st.sampled_from([None, "2024", "2024-03-05"]), st.booleans())
def test_any_text_gives_values_of_one_sort_that_agree_with_themselves(asked, text, other, published, loose):
    question = read_question(asked)
    own = values_of(question, text, published, loose=loose)
    assert sum(map(bool, own)) <= 1
    assert compare(own, own) == ("same" if own else "unknown")
    theirs = values_of(question, other, published, loose=loose)
    assert compare(own, theirs) == compare(theirs, own)
