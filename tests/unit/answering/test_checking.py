"""Somebody's own sentences checked against the articles: what supports each, and what says otherwise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.answering.checking import (
    MOST_COUNTER,
    NEAREST,
    SAYS_OTHERWISE,
    TOGETHER,
    check_against,
    check_claim,
    claims_of,
)
from askseoul.domain import Quote
from askseoul.index.store import Store
from askseoul.index.sync import add_articles
from askseoul.retrieval.question import read_question
from askseoul.verification.claim import SUPPORTING
from tests.support.articles import make_article
from tests.support.fakes import FakeReader, WordEncoder, contradicted, supported

CARRIES = "The ferry Mara carries 300 people."
SAFE = "Captain Park says that it is safe."
OLD = "Nobody calls the ferry new any more."
FERRY = make_article(f"{CARRIES} {SAFE}", "ferry.md", title="The ferry", published="2024-05")
HARBOUR = make_article(OLD, "harbour.md", title="The harbour")
FARTHER = ("The new ferry was built for a few.", "Its people sail alone.", "No captain likes the new ferry.")
QUAY = make_article(" ".join(FARTHER), "quay.md", title="The quay")


def quote_of(article, piece):
    start = article.text.index(piece)
    return Quote(article, start, start + len(piece))


CARRIES_QUOTE, SAFE_QUOTE, OLD_QUOTE = quote_of(FERRY, CARRIES), quote_of(FERRY, SAFE), quote_of(HARBOUR, OLD)


def quoted(citations):
    return [(each.number, each.quote) for each in citations]


# The sentences of a draft


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        pytest.param("It sails. It is new!", ["It sails.", "It is new!"], id="two"),
        pytest.param("# The ferry\n\nIt sails.\n\nIts cats\n\nWe left.", ["It sails.", "We left."], id="headings"),
        pytest.param("It sails.\n\n***\n\n2024.\n\n🙂!", ["It sails."], id="lines without a letter"),
        pytest.param("- It sails\n- It is new", ["It sails", "It is new"], id="a list"),
        pytest.param("It sails.\r\nIt is new.\r\n", ["It sails.", "It is new."], id="CRLF"),
        pytest.param("배가 간다。새 배다。", ["배가 간다。", "새 배다。"], id="Hangul"),
        pytest.param("", [], id="nothing"),
        pytest.param(" \n\t", [], id="white space"),
    ],
)
def test_claims(text, claims):
    assert claims_of(text) == claims


@given(st.text())
def test_every_claim_is_a_piece_of_the_draft(text):
    for claim in claims_of(text):
        assert claim in text
        assert claim.strip() == claim != ""


# Against given quotes


@pytest.mark.parametrize(
    ("reading", "verdict"),
    [
        pytest.param(supported(0.9), "supported", id="supported"),
        pytest.param(supported(0.1), "unsupported", id="not supported"),
        pytest.param(contradicted(0.9), "contradicted", id="contradicted"),
    ],
)
def test_a_claim_is_read_beside_its_quotes(reading, verdict):
    claim = "There is room for a few hundred"
    checked = check_against(claim, [CARRIES_QUOTE, SAFE_QUOTE], FakeReader(supports={claim: reading}))
    assert (checked.text, checked.verdict) == (claim, verdict)
    shown = [(1, CARRIES), (2, SAFE)]
    assert quoted(checked.citations) == ([] if verdict == "contradicted" else shown)
    assert quoted(checked.counter) == (shown if verdict == "contradicted" else [])
    assert checked.checks


def test_a_claim_in_the_words_of_its_quote_is_not_read():
    reader = FakeReader()
    checked = check_against(CARRIES, [CARRIES_QUOTE], reader)
    assert (checked.verdict, checked.support, reader.asked) == ("supported", 1.0, [])


def test_one_false_sentence_makes_a_claim_false():
    true, false = "A few hundred fit on it.", "It sank."
    reader = FakeReader(supports={f"{true} {false}": supported(0.9), true: supported(0.9), false: contradicted(0.9)})
    assert check_against(f"{true} {false}", [CARRIES_QUOTE], reader).verdict == "contradicted"
    assert check_against(true, [CARRIES_QUOTE], reader).verdict == "supported"


def test_a_person_may_tell_a_figure_in_another_form_but_not_in_a_copy():
    reader = FakeReader(supports=lambda claim: supported(1.0))
    assert check_against("Half of 600 fit on it", [CARRIES_QUOTE], reader).verdict == "supported"
    assert check_against("The ferry Mara carries 600 people", [CARRIES_QUOTE], reader).verdict == "contradicted"


def test_without_quotes_nothing_is_supported():
    checked = check_against("It sails", [], FakeReader(supports=lambda claim: supported(1.0)))
    assert (checked.verdict, checked.support, checked.citations, checked.counter) == ("unsupported", 0.0, (), ())


# Against all that the index holds

ENCODER = WordEncoder("ferry mara people captain safe new")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """An index of the articles on the ferry and its harbour."""
    with Store.open(tmp_path_factory.mktemp("checking") / "index", encoder=ENCODER, create=True) as opened:
        add_articles([FERRY, HARBOUR], store=opened, encoder=ENCODER)
        yield opened


def checked(store, claim, reader):
    return check_claim(read_question(claim), store=store, encoder=ENCODER, reader=reader)


def by_evidence(*readings):
    """A reader of claims by the sentences beside them: the first reading whose sentences are all there."""

    def read(claim):
        held = [reading for *texts, reading in readings if set(texts) == set(claim.sentences)]
        return held[0] if held else supported(0.0)

    return FakeReader(supports=read)


CLAIM = "Some hundreds fit on the old ferry"


def test_the_sentence_that_supports_a_claim_is_found(store):
    found = checked(store, CLAIM, by_evidence((CARRIES, supported(0.9))))
    assert (found.text, found.verdict) == (CLAIM, "supported")
    assert found.support == pytest.approx(0.9)
    assert quoted(found.citations) == [(1, CARRIES)]
    assert found.counter == ()


def test_sentences_may_support_a_claim_together(store):
    assert TOGETHER >= 2
    found = checked(
        store, CLAIM,
        by_evidence((CARRIES, supported(0.3)), (OLD, supported(0.2)), (CARRIES, OLD, supported(0.9))),
    )  # fmt: skip
    assert found.verdict == "supported"
    assert quoted(found.citations) == [(1, CARRIES), (2, OLD)]


def test_a_claim_that_nothing_supports_has_the_nearest_quote(store):
    found = checked(store, CLAIM, by_evidence((CARRIES, supported(SUPPORTING - 0.1))))
    assert (found.verdict, found.counter) == ("unsupported", ())
    assert quoted(found.citations) == [(1, CARRIES)]


@pytest.mark.parametrize(
    ("readings", "counter"),
    [
        pytest.param([(OLD, contradicted(0.51))], [OLD], id="one"),
        pytest.param(
            [(CARRIES, supported(0.3)), (OLD, supported(0.2)), (CARRIES, OLD, contradicted(0.9))],
            [CARRIES, OLD],
            id="two together",
        ),
    ],
)
def test_quotes_that_say_otherwise_are_shown_against_it(store, readings, counter):
    found = checked(store, CLAIM, by_evidence(*readings))
    assert (found.verdict, found.citations) == ("contradicted", ())
    assert quoted(found.counter) == [*enumerate(counter, 1)]


def test_the_quote_of_a_changed_copy_is_shown_against_it(store):
    found = checked(store, "The ferry Mara carries 900 people", by_evidence((OLD, contradicted(0.9))))
    assert (found.verdict, found.citations) == ("contradicted", ())
    assert quoted(found.counter) == [(1, CARRIES)]


@pytest.fixture(scope="module")
def wide_store(tmp_path_factory):
    """An index of more sentences than are tried as support, all near enough to say otherwise."""
    with Store.open(tmp_path_factory.mktemp("wide") / "index", encoder=ENCODER, create=True) as opened:
        add_articles([FERRY, HARBOUR, QUAY], store=opened, encoder=ENCODER)
        yield opened


TRIED = [(sentence, supported(0.3)) for sentence in (CARRIES, SAFE, OLD)]
"""The likeliest support, which is none."""


@pytest.mark.parametrize(
    ("probability", "verdict", "counter"),
    [(SAYS_OTHERWISE + 0.01, "contradicted", [(1, FARTHER[0])]), (SAYS_OTHERWISE - 0.01, "unsupported", [])],
    ids=["likely enough", "a little less"],
)
def test_what_says_otherwise_beside_the_likeliest_support_is_shown(wide_store, probability, verdict, counter):
    assert len(TRIED) == TOGETHER
    found = checked(wide_store, CLAIM, by_evidence(*TRIED, (FARTHER[0], contradicted(probability))))
    assert (found.verdict, quoted(found.counter)) == (verdict, counter)
    assert bool(found.citations) is (not counter)


def test_the_likeliest_says_otherwise_first(wide_store):
    assert len(TRIED) + len(FARTHER) <= NEAREST
    readings = zip(FARTHER, map(contradicted, (0.7, 0.8, 0.9)), strict=True)
    found = checked(wide_store, CLAIM, by_evidence(*TRIED, *readings))
    assert found.verdict == "contradicted"
    assert quoted(found.counter) == [*enumerate([FARTHER[2], FARTHER[1], FARTHER[0]][:MOST_COUNTER], 1)]


def test_nothing_is_said_against_what_is_supported(store):
    found = checked(store, CLAIM, by_evidence((CARRIES, supported(0.9)), (OLD, contradicted(0.9))))
    assert (found.verdict, found.counter) == ("supported", ())


def test_a_copy_with_another_number_is_never_supported(store):
    reader = FakeReader(supports=lambda claim: supported(float(CARRIES in claim.sentences)))
    assert checked(store, CARRIES.replace("300", "900"), reader).verdict != "supported"


def test_every_citation_is_exact(store):
    found = checked(store, CLAIM, by_evidence((CARRIES, supported(0.9))))
    [citation] = found.citations
    assert FERRY.text[citation.start : citation.end] == citation.quote
    assert (citation.title, citation.published, citation.sha256) == ("The ferry", "2024-05", FERRY.sha256)


@pytest.mark.parametrize("claim", ["서울의 배 🙂", "שלום", "It\r\nsails", "x" * 2_000])
def test_any_claim_is_checked(store, claim):
    assert checked(store, claim, FakeReader()).verdict == "unsupported"


def test_an_empty_index_supports_nothing(tmp_path):
    with Store.open(tmp_path / "index", encoder=ENCODER, create=True) as empty:
        reader = FakeReader(supports=lambda claim: supported(1.0))
        found = checked(empty, CLAIM, reader)
    assert (found.verdict, found.support, found.checks) == ("unsupported", 0.0, ())
    assert found.citations == found.counter == ()
    assert reader.asked == []
