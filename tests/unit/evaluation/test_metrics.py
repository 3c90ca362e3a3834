"""Measures against examples computed by hand, intervals against textbook values."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.domain import Disagreement, Quote, Retrieved, Sentence, Side, Span
from askseoul.errors import UsageError
from askseoul.evaluation.datasets import load_gold
from askseoul.evaluation.metrics import (
    LocatedEvidence,
    balanced_accuracy,
    bootstrap,
    bootstrap_of_both,
    both_sides,
    citation_precision,
    citation_recall,
    count_words,
    evidence_cited,
    facts_held,
    interval_of,
    locate,
    needed_citations,
    paired_bootstrap_p,
    percentile,
    precision_and_recall,
    quotes_exact,
    retrieval_measures,
    risk_at_coverage,
    token_f1,
    wilson,
    without_markers,
)
from tests.support.troops import CAME, TROOPS, answer, article, citation, gold, read_article, refused

SHARED = Path(__file__).parents[4] / "shared"


@pytest.mark.parametrize(
    ("text", "facts", "share"),
    [
        pytest.param("About 28,500 troops [1].", [["28[,.]?500"]], 1, id="held"),
        pytest.param("ABOUT TROOPS", [["troops"]], 1, id="upper-and-lower-case"),
        pytest.param("Both align and balance", [["balanc|neutral"], ["align"], ["former"]], 2 / 3, id="two-of-three"),
        pytest.param("in two legs", [["balance", "two.legg?ed", "two legs"]], 1, id="one-alternative-is-enough"),
        pytest.param("They came [28] of them", [["28"]], 0, id="a-marker-is-not-a-figure"),
        pytest.param("28[1],500", [["28,500"]], 1, id="a-marker-does-not-part-a-figure"),
        pytest.param("서울은 2만 8500명", [["2만 ?8500"]], 1, id="hangul"),
        pytest.param("", [["28"]], 0, id="empty-text"),
        pytest.param("anything", [], None, id="no-facts"),
    ],
)
def test_facts_held(text, facts, share):
    assert facts_held(text, facts) == share


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param("About 28,500 US troops [1].", 4, id="markers-and-lone-stops-are-not-words"),
        pytest.param("Trump — “no longer in office”[1][2]", 5, id="dashes-are-not-words"),
        pytest.param("서울의 인구", 2, id="hangul"),
        pytest.param("🇰🇷 \r\n ...", 0, id="emoji"),
        pytest.param("", 0, id="empty"),
    ],
)
def test_words(text, count):
    assert count_words(text) == count


@given(st.text())
def test_removing_markers_removes_nothing_else(text):
    kept = without_markers(text)
    assert len(kept) <= len(text)
    assert kept == text or "[" in text


def test_a_quote_is_exact_when_text_and_hash_agree():
    right = citation(TROOPS)
    shifted = citation(CAME, start=1)
    other_version = citation(CAME, sha256="0" * 64)
    not_indexed = citation(CAME, article_id="gone.md")
    assert quotes_exact(answer("", right), read_article) == 1
    assert quotes_exact(answer("", right, shifted, other_version, not_indexed), read_article) == 1 / 4


def test_the_quotes_of_a_refusal_are_measured_too():
    assert quotes_exact(refused("No.", citation(TROOPS), citation(CAME, start=0)), read_article) == 1 / 2
    assert quotes_exact(refused("No."), read_article) is None


def test_gold_quotes_are_located_at_every_occurrence_and_with_any_spacing():
    found = locate(gold("?", evidence=("They", "in 1950. They  are")), read_article)
    assert found == [
        LocatedEvidence("troops.md", (Span(34, 38), Span(53, 57))),
        LocatedEvidence("troops.md", (Span(44, 61),)),
    ]


@pytest.mark.parametrize("quote", [pytest.param("They left.", id="not-there"), pytest.param(" ", id="blank")])
def test_a_gold_quote_missing_from_its_article_is_reported(quote):
    with pytest.raises(UsageError, match=r"Gold question d1: '.*' is not in troops\.md"):
        locate(gold("d1", evidence=(quote,)), read_article)


PLACE = LocatedEvidence("a.md", (Span(100, 120),))


@pytest.mark.parametrize(
    ("start", "end", "article_id", "covered", "fits"),
    [
        pytest.param(100, 120, "a.md", 1, 1, id="the-same"),
        pytest.param(0, 500, "a.md", 1, 1, id="contains-it"),
        pytest.param(90, 110, "a.md", 1, 1, id="half"),
        pytest.param(90, 109, "a.md", 0, 1, id="less-than-half"),
        pytest.param(120, 140, "a.md", 0, 0, id="next-to-it"),
        pytest.param(100, 120, "b.md", 0, 0, id="another-article"),
    ],
)
def test_a_citation_covers_a_gold_quote_when_it_shares_half_of_it(start, end, article_id, covered, fits):
    cited = [citation("x", article_id=article_id, start=start, end=end)]
    assert evidence_cited(cited, [PLACE]) == covered
    assert citation_precision(cited, [PLACE]) == fits


def test_evidence_cited_counts_gold_quotes_and_citation_precision_counts_citations():
    second = LocatedEvidence("a.md", (Span(0, 10), Span(200, 210)))
    third = LocatedEvidence("a.md", (Span(300, 310),))
    cited = [citation("x", article_id="a.md", start=start, end=start + 20) for start in (100, 200, 400, 500, 600)]
    assert evidence_cited(cited, [PLACE, second, third]) == 2 / 3
    assert citation_precision(cited, [PLACE, second, third]) == 2 / 5
    assert evidence_cited([], [PLACE]) == 0
    assert evidence_cited(cited, []) is None
    assert citation_precision([], [PLACE]) is None


@pytest.mark.parametrize(
    ("answerable", "unanswerable", "accuracy"),
    [
        pytest.param([True, True, True, False], [False, True], (3 / 4 + 1 / 2) / 2, id="by-hand"),
        pytest.param([True] * 9, [True], 0.5, id="answers-everything"),
        pytest.param([False] * 9, [False], 0.5, id="refuses-everything"),
        pytest.param([True], [False], 1, id="right"),
        pytest.param([True], [], None, id="no-unanswerable-question"),
    ],
)
def test_balanced_accuracy(answerable, unanswerable, accuracy):
    assert balanced_accuracy(answerable, unanswerable) == accuracy


@pytest.mark.parametrize(
    ("values", "share", "value"),
    [
        pytest.param([5, 1, 4, 2, 3], 0.5, 3, id="median-of-five"),
        pytest.param([4, 1, 3, 2], 0.5, 2, id="median-of-four-is-the-lower"),
        pytest.param(range(1, 101), 0.95, 95, id="p95-of-a-hundred"),
        pytest.param(range(1, 11), 0.95, 10, id="p95-of-ten-is-the-largest"),
        pytest.param([7], 0.0, 7, id="one-value"),
    ],
)
def test_percentile(values, share, value):
    assert percentile(values, share) == value


TOKEN_F1 = {
    "the answer alone": ("28,500", ["28,500"], 1.0),
    "in a sentence": ("About 28,500 troops [1]", ["28,500"], 2 * 1 / (3 + 1)),
    "as SQuAD has it": ("the red cat slept", ["A red cat sat down"], 4 / 7),
    "the best of several": ("in 1950", ["1951", "the 1950"], 2 / 3),
    "articles and case do not count": ("The Army", ["an army"], 1.0),
    "nothing shared": ("tea", ["coffee"], 0.0),
    "a word twice counts twice": ("no no", ["no"], 2 / 3),
    "hangul": ("서울에", ["서울에"], 1.0),
    "both empty": ("", ["the"], 1.0),
    "empty": ("", ["tea"], 0.0),
}


@pytest.mark.parametrize(("text", "answers", "expected"), TOKEN_F1.values(), ids=TOKEN_F1)
def test_token_f1(text, answers, expected):
    assert token_f1(text, answers) == pytest.approx(expected)


def test_token_f1_without_short_answers_is_none():
    assert token_f1("28,500", []) is None


def passages(*spans, article_id="troops.md"):
    return [Retrieved(article_id, start, end, 1.0 - place / 10) for place, (start, end) in enumerate(spans)]


FIRST, SECOND = LocatedEvidence("troops.md", (Span(0, 33),)), LocatedEvidence("troops.md", (Span(34, 52),))
LOG3 = 0.6309297535714574
"""The gain of the second place, 1 / log2(3)."""
RETRIEVED = {
    "first": ([(0, 40)], [FIRST], (1.0, 1.0, 1.0)),
    "second": ([(60, 90), (0, 40)], [FIRST], (LOG3, 1.0, 0.5)),
    "half of it is enough": ([(16, 60)], [FIRST], (1.0, 1.0, 1.0)),
    "less than half is not": ([(20, 60)], [FIRST], (0.0, 0.0, 0.0)),
    "a part of a long one is": ([(20, 33)], [FIRST], (1.0, 1.0, 1.0)),
    "one of two": ([(0, 33)], [FIRST, SECOND], (1 / (1 + LOG3), 0.5, 1.0)),
    "both in one passage": ([(0, 60)], [FIRST, SECOND], (1.0, 1.0, 1.0)),
    "the same twice counts once": ([(0, 33), (0, 33)], [FIRST], (1.0, 1.0, 1.0)),
    "nothing retrieved": ([], [FIRST], (0.0, 0.0, 0.0)),
}


@pytest.mark.parametrize(("spans", "evidence", "expected"), RETRIEVED.values(), ids=RETRIEVED)
def test_retrieval(spans, evidence, expected):
    found = retrieval_measures(passages(*spans), evidence)
    assert tuple(found.values()) == pytest.approx(expected)
    assert list(found) == ["ndcg_at_10", "recall_at_10", "reciprocal_rank"]


def test_retrieval_from_another_article_or_beyond_ten_finds_nothing():
    assert retrieval_measures(passages((0, 33), article_id="tea.md"), [FIRST])["recall_at_10"] == 0
    late = retrieval_measures(passages(*[(60, 61 + place) for place in range(10)], (0, 33)), [FIRST])
    assert (late["ndcg_at_10"], late["recall_at_10"]) == (0, 0)
    assert late["reciprocal_rank"] == pytest.approx(1 / 11)
    assert set(retrieval_measures(passages((0, 33)), []).values()) == {None}


def test_citation_recall_is_the_share_of_sentences_that_are_supported():
    verdicts = ("supported", "partly", "supported", "unsupported")
    sentences = tuple(Sentence("x", verdict, 1.0, (1,), ()) for verdict in verdicts)
    assert citation_recall(dataclasses.replace(answer(""), sentences=sentences)) == 1 / 2
    assert citation_recall(refused("No.")) is None


def test_a_citation_is_needed_when_it_supports_alone_or_removing_it_breaks_support():
    whole = article()
    troops, came, stay = (Quote(whole, start, end) for start, end in ((0, 33), (34, 52), (53, 70)))

    def supports(text, quotes):
        """Whether each letter of the text is the first or the sixth of one of the quotes."""
        return set(text) <= {quote.text[0] for quote in quotes} | {quote.text[5] for quote in quotes}

    assert (troops.text[0], came.text[5], stay.text[5]) == ("A", "c", "a")
    assert needed_citations([("A", [troops])], supports) == 1
    assert needed_citations([("Ac", [troops, came])], supports) == 1  # each is missed
    assert needed_citations([("A", [troops, came])], supports) == 1 / 2  # the second adds nothing
    assert needed_citations([("Az", [troops, came])], supports) == 0  # not supported at all
    assert needed_citations([], supports) is None


def test_risk_at_coverage_keeps_the_most_confident_first():
    assert risk_at_coverage([0.2, 0.9, 0.6], [0.0, 1.0, 0.5]) == [
        (1 / 3, 0.0), (2 / 3, 0.25), (1.0, 0.5),
    ]  # fmt: skip


def test_answers_of_equal_confidence_are_kept_together():
    assert risk_at_coverage([0.5, 0.5, 0.1], [1.0, 0.0, 1.0]) == [(2 / 3, 0.5), (1.0, pytest.approx(1 / 3))]
    assert risk_at_coverage([], []) == []


def test_precision_and_recall():
    assert precision_and_recall([True, True, False, True], [True, False, True, False]) == (1 / 2, 1 / 3)
    assert precision_and_recall([False], [False]) == (None, None)


@pytest.mark.skipif(not (SHARED / "gold").is_dir(), reason="the shared gold questions are not beside the checkout")
def test_the_shared_gold_questions_fit_their_articles():
    def read(article_id):
        return article((SHARED / "articles" / article_id).read_text(encoding="utf-8"), article_id)

    questions = load_gold(SHARED / "gold" / "articles.jsonl")
    located = [each for question in questions for each in locate(question, read)]
    assert len(questions) == 55
    assert len(located) == 37


SIDES = {1: "troops.md", 2: "budget.md", 3: "tea.md"}


@pytest.mark.parametrize(
    ("sides", "shown"),
    [
        pytest.param([((1,), (2,))], 1.0, id="each from its own article"),
        pytest.param([((1,), (1,))], 0.0, id="both from one article"),
        pytest.param([((1,), (3,))], 0.0, id="one from an article without gold evidence"),
        pytest.param([((3,), (2,)), ((2,), (1,))], 1.0, id="the second disagreement"),
        pytest.param([], 0.0, id="none shown"),
    ],
)
def test_both_sides_of_a_conflict_cite_the_articles_of_the_gold_evidence(sides, shown):
    cited = [dataclasses.replace(citation("troops", n), article_id=name) for n, name in SIDES.items()]
    disagreements = tuple(
        Disagreement("troops", "conflict", tuple(Side("", numbers) for numbers in each)) for each in sides
    )
    answered = dataclasses.replace(answer("", *cited), disagreements=disagreements)
    evidence = [LocatedEvidence(name, (Span(0, 1),)) for name in ("troops.md", "budget.md")]
    assert both_sides(answered, evidence) == shown


# Intervals and significance


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
def test_a_bootstrap_interval_lies_within_the_values(values):
    low, high = bootstrap(values)
    assert min(values) - 1e-9 <= low <= high <= max(values) + 1e-9


@given(shares, shares)
def test_the_interval_of_two_groups_lies_within_their_extremes(ones, others):
    low, high = bootstrap_of_both(ones, others)
    assert (min(ones) + min(others)) / 2 - 1e-9 <= low <= high <= (max(ones) + max(others)) / 2 + 1e-9


def test_a_bootstrap_interval_has_the_width_of_the_normal_approximation():
    low, high = bootstrap([0.0, 1.0] * 200)  # the standard error is 0.5 / sqrt(400) = 0.025
    assert (low, high) == pytest.approx((0.5 - 1.96 * 0.025, 0.5 + 1.96 * 0.025), abs=0.005)


def test_binary_values_have_the_wilson_interval():
    assert interval_of([1, 0, 1.0]) == wilson(2, 3)
    assert interval_of([0.5, 0.5]) == (0.5, 0.5)


DROPS = {
    "the same": ([1, 0, 1], [1, 0, 1], 1.0),
    "all worse": ([1.0] * 5, [0.0] * 5, 0.0),
    "all better": ([0.0] * 5, [1.0] * 5, 1.0),
}


@pytest.mark.parametrize(("before", "after", "chance"), DROPS.values(), ids=DROPS)
def test_chance_of_no_drop_without_variance(before, after, chance):
    assert paired_bootstrap_p(before, after) == chance


def test_one_question_of_a_hundred_may_be_chance_and_ten_are_not():
    before = [1.0] * 100
    assert paired_bootstrap_p(before, [0.0, *before[1:]]) == pytest.approx(0.37, abs=0.03)  # (99 / 100) ** 100
    assert paired_bootstrap_p(before, [0.0] * 10 + before[10:]) < 0.001


def test_the_comparison_is_paired():
    before = [place % 2 for place in range(100)]
    after = [max(value - 0.02, 0) for value in before]
    assert paired_bootstrap_p(before, after) == 0
