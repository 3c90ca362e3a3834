"""Claims and the quotes they rest on: what the reader says of them, and what a guard is worth beside it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.domain import Quote
from askseoul.nlp.text import parse
from askseoul.verification.claim import (
    CONTEXT_CHARACTERS,
    COPIED,
    MOSTLY,
    SAYING,
    SUPPORTING,
    SURE,
    quote_context,
    verify_claim,
    verify_sentence,
)
from askseoul.verification.guards import content_share, copy_of
from tests.support.articles import make_article
from tests.support.fakes import FakeReader, contradicted, supported

FERRY = "The ferry Mara carries 300 people from Busan to Jeju, and it is safe."
FREE = "The Mara has room for 300 passengers"
COPY = "The ferry Mara carries 300 people from Busan to Jeju, and it is old."
NAMES = ("reading", "numbers", "bounds", "dates", "names", "quoted phrases", "form")
BARELY, NEARLY, SURELY = (SUPPORTING + 0.01, SURE - 0.01, SURE + 0.01)
SAYABLY = SAYING + 0.01


def verified(text, reading, *quotes, exact=True):
    """The support of a sentence that the reader reads so."""
    return verify_sentence(text, quotes or [FERRY], reader=FakeReader(supports={text: reading}), exact=exact)


def failed(support):
    return {check.name for check in support.checks if not check.passed}


def test_the_examples_are_what_they_are_to_show():
    shares = [copy_of(parse(text), (parse(FERRY),)).share for text in (FREE, COPY)]
    assert shares[0] < COPIED <= shares[1] < 1
    assert content_share(FREE, [FERRY]) < MOSTLY <= content_share(COPY, [FERRY])


@pytest.mark.parametrize("text", [FERRY, FREE, ""], ids=["a copy", "words of its own", "nothing"])
def test_checks_are_reported_in_a_fixed_order(text):
    assert tuple(check.name for check in verified(text, supported(SURELY)).checks) == NAMES
    assert tuple(check.name for check in verify_sentence(text, [], reader=FakeReader()).checks) == NAMES


# What the reader decides


@pytest.mark.parametrize(
    ("text", "reading", "own", "said"),
    [
        pytest.param(FREE, supported(SAYABLY), "supported", "supported", id="likely supported"),
        pytest.param(FREE, supported(SAYING - 0.01), "supported", "unsupported", id="too unlikely to be said"),
        pytest.param(FREE, supported(BARELY), "supported", "unsupported", id="likelier supported than not"),
        pytest.param(FREE, supported(SUPPORTING - 0.01), "unsupported", "unsupported", id="likelier not"),
        pytest.param(FREE, contradicted(0.9), "contradicted", "contradicted", id="the quote says something else"),
        pytest.param(FREE, (0.45, 0.1, 0.45), "unsupported", "unsupported", id="as likely one as the other"),
        pytest.param(COPY, supported(SURELY), "supported", "partly", id="a changed copy that is surely supported"),
        pytest.param(COPY, supported(1.0), "supported", "partly", id="one of which the reader has no doubt"),
        pytest.param(COPY, supported(NEARLY), "partly", "partly", id="one that is only likely supported"),
        pytest.param(COPY, contradicted(0.9), "contradicted", "contradicted", id="one that is contradicted"),
        pytest.param("Wombats dig", supported(0.1), "unsupported", "unsupported", id="another subject"),
        pytest.param("배는 안전하다", supported(SURELY), "unsupported", "unsupported",
                     id="another script, which is a foreign mark"),
    ],
)  # fmt: skip
def test_verdicts(text, reading, own, said):
    """On a sentence of somebody's own, and on one that AskSeoul says."""
    assert verified(text, reading, exact=False).verdict == own
    assert verified(text, reading).verdict == said


def test_what_is_said_has_to_be_likelier_than_what_a_person_says():
    assert 0.5 < SUPPORTING < SAYING <= SURE < 1


@pytest.mark.parametrize(
    ("text", "reading", "names"),
    [
        pytest.param(FREE, supported(SAYABLY), set(), id="nothing"),
        pytest.param(FREE, supported(BARELY), {"reading"}, id="the reading"),
        pytest.param(COPY, supported(1.0), {"reading"}, id="the reading of a copy"),
        pytest.param(COPY.replace("300", "900"), supported(0.1), {"reading", "numbers"}, id="a number in a copy"),
        pytest.param(f"{FREE} <b>", supported(SURELY), {"form"}, id="a mark"),
    ],
)
def test_the_checks_that_fail_are_named(text, reading, names):
    assert failed(verified(text, reading)) == names


def test_the_support_is_the_readers_probability():
    assert verified(FREE, supported(0.75)).support == 0.75
    assert verified(FREE, supported(0.25)).support == 0.25


@pytest.mark.parametrize(
    ("text", "exact", "detail"),
    [
        pytest.param(FREE, True, f"supported with 0.25, where {SAYING:.2f} is needed", id="said"),
        pytest.param(FREE, False, f"supported with 0.25, where {SUPPORTING:.2f} is needed", id="a person's"),
        pytest.param(COPY, True, "a changed copy of the quote", id="a copy"),
        pytest.param(COPY, False, f"supported with 0.25, where {SURE:.2f} is needed", id="a person's copy"),
    ],
)
def test_the_reading_says_what_is_needed(text, exact, detail):
    [read, *_] = verified(text, supported(0.25), exact=exact).checks
    assert (read.name, read.passed, read.detail) == ("reading", False, detail)


def test_the_reader_reads_the_sentence_its_quotes_and_the_sentence_before_them():
    reader = FakeReader()
    verify_sentence(FREE, [FERRY, "It is new."], before="The Mara is a ferry.", reader=reader)
    [asked] = reader.asked
    assert (asked.claim, list(asked.sentences), asked.context) == (FREE, [FERRY, "It is new."], "The Mara is a ferry.")


# What needs no reader


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(FERRY, id="the quote"),
        pytest.param(FERRY.rstrip("."), id="without its full stop"),
        pytest.param(f"“{FERRY}”", id="in quotation marks"),
        pytest.param("한국은 2023년에 180억 달러의 적자를 냈다.", id="Hangul"),
        pytest.param("🇰🇷 28,500 troops 👍🏽", id="emoji"),
        pytest.param("Line one\r\nline two", id="CRLF"),
        pytest.param("مرحبا بالعالم 2023", id="right to left"),
        pytest.param("Cafe\u0301 Se\u0301oul", id="combining marks"),
    ],
)
def test_a_quote_in_its_own_words_is_supported_unread(text):
    reader = FakeReader()
    quote = FERRY if FERRY.rstrip(".") in text else text
    support = verify_sentence(text, ["It is new.", quote], reader=reader)
    assert (support.verdict, support.support, failed(support)) == ("supported", 1.0, set())
    assert reader.asked == []


@pytest.mark.parametrize("text", [FREE, "", "서울 🙂"], ids=["words", "nothing", "Hangul and an emoji"])
def test_without_quotes_nothing_is_supported(text):
    reader = FakeReader(supports={text: supported(1.0)})
    support = verify_sentence(text, [], reader=reader)
    assert (support.verdict, support.support) == ("unsupported", 0.0)
    assert "reading" in failed(support)
    assert reader.asked == []


# What a guard is worth


FIGURE = "Some 4 million sail on it each year"
"""In words of its own, with a number that the quote does not have."""
CHANGED = COPY.replace("300", "900")


@pytest.mark.parametrize(
    ("text", "reading", "exact", "verdict"),
    [
        pytest.param(FIGURE, supported(SURELY), True, "contradicted", id="in other words"),
        pytest.param(FIGURE, supported(BARELY), False, "supported", id="in other words of a person"),
        pytest.param(FIGURE, supported(0.1), False, "unsupported", id="in other words, and not supported"),
        pytest.param(CHANGED, supported(1.0), True, "contradicted", id="in a copy, whatever is read"),
        pytest.param(CHANGED, supported(1.0), False, "contradicted", id="in a copy by a person too"),
        pytest.param(COPY.replace("Mara", "Orion"), supported(1.0), False, "contradicted", id="a name in a copy"),
    ],
)
def test_a_guard_that_fails(text, reading, exact, verdict):
    assert verified(text, reading, exact=exact).verdict == verdict


def test_what_may_be_told_in_another_form_says_so():
    [read, numbers, *_] = verified(FIGURE, supported(SURELY), exact=False).checks
    assert read.passed
    assert (numbers.passed, numbers.detail) == (True, "not in the quotes: 4 million in this form")
    [_, numbers, *_] = verified(FIGURE, supported(SURELY)).checks
    assert (numbers.passed, numbers.detail) == (False, "not in the quotes: 4 million")


@pytest.mark.parametrize(
    ("text", "exact"),
    [(CHANGED, True), (CHANGED, False), (FIGURE, True)],
    ids=["a copy", "a person's copy", "words of its own"],
)
def test_what_fails_a_guard_has_little_support_however_it_is_read(text, exact):
    assert verified(text, supported(1.0), exact=exact).support == round(1 - SUPPORTING, 3)
    assert verified(text, supported(0.25), exact=exact).support == 0.25


def test_a_name_is_explained_by_the_context_of_the_quote():
    text, quote, context = (
        "Ada Park sails to the island",
        "She goes there by boat.",
        "Ada Park likes the island.",
    )
    reader = FakeReader(supports={text: supported(SURELY)})
    assert failed(verify_sentence(text, [quote], reader=reader)) == {"names"}
    assert verify_sentence(text, [quote], contexts=[context], reader=reader).verdict == "supported"


# Claims


TEXT = "Captain Park is the master of the Mara. She does not smoke. The sea is calm."
ARTICLE = make_article(TEXT, title="The ferry Mara")


def quote_of(piece):
    start = TEXT.index(piece)
    return Quote(ARTICLE, start, start + len(piece))


SMOKES = quote_of("She does not smoke.")


def test_each_sentence_of_a_claim_is_verified_by_itself_too():
    said = "She is no smoker. The sea is rough."
    reader = FakeReader(supports={said: supported(1.0), "She is no smoker.": supported(1.0)})
    found = [(part, support.verdict) for part, support in verify_claim(said, [SMOKES], reader)]
    assert found == [(said, "supported"), ("She is no smoker.", "supported"), ("The sea is rough.", "unsupported")]


def test_a_claim_of_one_sentence_is_verified_once():
    reader = FakeReader(supports={"She is no smoker": supported(1.0)})
    [(part, support)] = verify_claim("She is no smoker", [SMOKES], reader)
    assert (part, support.verdict) == ("She is no smoker", "supported")
    [asked] = reader.asked
    assert asked.context == "Captain Park is the master of the Mara."


@pytest.mark.parametrize("text", ["", " ", "\r\n"], ids=["nothing", "a space", "a line end"])
def test_an_empty_claim_is_not_supported(text):
    [(_, support)] = verify_claim(text, [SMOKES], FakeReader())
    assert support.verdict != "supported"


def test_a_claim_without_quotes_is_not_supported():
    [(_, support)] = verify_claim("She is no smoker", [], FakeReader(supports={"She is no smoker": supported(1.0)}))
    assert support.verdict == "unsupported"


def test_the_context_of_a_quote_is_its_title_and_the_text_around_it():
    assert quote_context(ARTICLE, SMOKES.start, SMOKES.end) == f"The ferry Mara\n{TEXT}"
    long = make_article("a" * 2_000 + "b" + "c" * 2_000, title="서울 🙂")
    expected = "서울 🙂\n" + "a" * CONTEXT_CHARACTERS + "b" + "c" * CONTEXT_CHARACTERS
    assert quote_context(long, 2_000, 2_001) == expected


PIECES = st.sampled_from(
    ["28,500", "at least", "in 2023", "Lee Jae-myung", "Seoul", "he", "“ready”", "서울", "🙂", "שלום", "e\u0301",
     "\r\n", ".", "[1]", "not"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=120), st.lists(PIECES, max_size=12).map(" ".join))
READINGS = st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))


@given(TEXTS, st.lists(TEXTS, max_size=2), READINGS, st.booleans())
def test_any_sentence_is_checked(text, quotes, reading, exact):
    reader = FakeReader(supports={text: reading})
    support = verify_sentence(text, quotes, contexts=quotes, reader=reader, exact=exact)
    assert support == verify_sentence(text, quotes, contexts=quotes, reader=reader, exact=exact)
    assert 0.0 <= support.support <= 1.0
    assert (support.verdict == "supported") == (not failed(support))
    if exact and support.verdict == "supported":
        assert verify_sentence(text, quotes, contexts=quotes, reader=reader, exact=False).verdict == "supported"


@given(TEXTS, TEXTS, st.floats(0, 1), st.floats(0, 1))
def test_a_likelier_sentence_never_has_less_support(text, quote, one, other):
    less, more = (verified(text, supported(each), quote) for each in sorted((one, other)))
    assert less.support <= more.support
    assert less.verdict != "supported" or more.verdict == "supported"
