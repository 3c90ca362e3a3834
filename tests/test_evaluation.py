from __future__ import annotations

import dataclasses
import hashlib
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from askseoul.domain import (
    Answer,
    Article,
    Citation,
    Coverage,
    Disagreement,
    Refusal,
    Sentence,
    Side,
    Span,
    Trace,
)
from askseoul.errors import ArticleUnknown, UsageError
from askseoul.evaluation import (
    LocatedEvidence,
    as_json,
    balanced_accuracy,
    both_sides,
    check_thresholds,
    citation_precision,
    evaluate,
    evidence_cited,
    facts_held,
    locate,
    percentile,
    quotes_exact,
    table,
    without_markers,
    words,
)
from askseoul.gold import GoldEvidence, GoldQuestion, load_gold

SHARED = Path(__file__).parents[2] / "shared"

TEXT = "About 28,500 troops are in Korea. They came in 1950.\nThey are to stay."
TROOPS = "About 28,500 troops are in Korea."  # 0 to 33
CAME = "They came in 1950."  # 34 to 52


def article(text=TEXT, article_id="troops.md"):
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Article(article_id, text, digest, "Troops", None, None, None, "en", ())


def read_article(article_id):
    if article_id != "troops.md":
        raise ArticleUnknown(article_id)
    return article()


def citation(quote, number=1, start=None, **changes):
    start = TEXT.find(quote) if start is None else start
    made = Citation(number, "troops.md", "Troops", None, None, None, quote, start, start + len(quote), article().sha256)
    return dataclasses.replace(made, **changes)


def answer(text, *citations, refusal=None):
    return Answer(
        id="1",
        question="?",
        rewritten_question=None,
        language="en",
        as_of=None,
        answered=refusal is None,
        text=text,
        sentences=() if refusal else (Sentence(text, "supported", 1.0, (1,), ()),),
        citations=citations,
        disagreements=(),
        uncovered=(),
        refusal=refusal,
        coverage=Coverage(1, 1, 1, None, None, 1, 0, 1, ""),
        retrieved=(),
        trace=Trace({}, "none", "none"),
    )


def refused(message, *nearest):
    return answer(message, refusal=Refusal("nothing relevant", message, nearest))


def gold(question, kind="fact", lang="en", facts=(("28[,.]?500",),), evidence=(TROOPS,)):
    if kind == "unanswerable":
        facts = evidence = ()
    return GoldQuestion(
        question, kind, lang, question, facts, tuple(GoldEvidence("troops.md", each) for each in evidence)
    )


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
    assert words(text) == count


@given(st.text())
def test_removing_markers_removes_nothing_else(text):
    kept = without_markers(text)
    assert len(kept) <= len(text)
    assert kept == text or "[" in text


def test_quotes_are_exact_where_text_and_hash_agree():
    right = citation(TROOPS)
    shifted = citation(CAME, start=1)
    other_version = citation(CAME, sha256="0" * 64)
    not_indexed = citation(CAME, article_id="gone.md")
    assert quotes_exact(answer("", right), read_article) == 1
    assert quotes_exact(answer("", right, shifted, other_version, not_indexed), read_article) == 1 / 4


def test_the_quotes_of_a_refusal_are_shown_and_so_must_be_exact():
    assert quotes_exact(refused("No.", citation(TROOPS), citation(CAME, start=0)), read_article) == 1 / 2
    assert quotes_exact(refused("No."), read_article) is None


def test_gold_quotes_are_located_wherever_they_stand_and_however_they_are_spaced():
    found = locate(gold("?", evidence=("They", "in 1950. They  are")), read_article)
    assert found == [
        LocatedEvidence("troops.md", (Span(34, 38), Span(53, 57))),
        LocatedEvidence("troops.md", (Span(44, 61),)),
    ]


@pytest.mark.parametrize("quote", [pytest.param("They left.", id="not-there"), pytest.param(" ", id="blank")])
def test_a_gold_quote_that_does_not_stand_in_its_article_is_named(quote):
    with pytest.raises(UsageError, match=r"Gold question d1: '.*' does not stand in troops\.md"):
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


def run():
    """Six English questions and a Korean one, with what is answered to each."""
    answers = {
        "held": answer("About 28,500 troops are in Korea [1].", citation(TROOPS)),
        "not held": answer("They came in 1950 [1].", citation(CAME)),
        "refused": refused("About 28,500? Nothing is said.", citation(TROOPS)),
        "both": answer(
            "About 28,500 troops are in Korea, and they came in 1950 [1][2].", citation(TROOPS), citation(CAME)
        ),
        "near miss": refused("Nothing is said."),
        "invented": answer("Five million [1].", citation(CAME)),
        "한국": refused("…"),
    }
    questions = [
        gold("held"),
        gold("not held"),
        gold("refused"),
        gold("both", kind="multi", facts=(("28,500",), ("1950",)), evidence=(TROOPS, CAME)),
        gold("near miss", kind="unanswerable"),
        gold("invented", kind="unanswerable"),
        gold("한국", lang="ko"),
    ]
    return evaluate(
        questions, answers.__getitem__, read_article, lambda each: ["Five million"] if "Five" in each.text else []
    )


def test_the_scores_of_a_language_are_means_over_the_questions_that_a_measure_makes_sense_for():
    scores = run().scores("en")
    assert scores.pop("seconds_p50") <= scores.pop("seconds_p95") < 1
    assert scores == pytest.approx(
        {
            "questions": 6,
            "facts_held": (1 + 0 + 0 + 1) / 4,  # the refusal's message holds the figure, and that does not count
            "evidence_cited": (1 + 0 + 0 + 1) / 4,
            "citation_precision": (1 + 0 + 1) / 3,
            "quotes_exact": 1.0,
            "words": (6 + 4 + 11 + 2) / 4,
            "false_disagreements": 0.0,
            "proved": 3 / 4,
            "false_answers": 1 / 2,
            "false_refusals": 1 / 4,
            "balanced_accuracy": (3 / 4 + 1 / 2) / 2,
        }
    )


def test_groups_are_the_languages_and_their_kinds():
    groups = run().groups()
    assert list(groups) == ["en", "en fact", "en multi", "en unanswerable", "ko", "ko fact"]
    assert groups["en fact"]["facts_held"] == 1 / 3
    assert groups["ko"] == groups["ko fact"]
    assert groups["ko"]["false_refusals"] == 1
    assert "balanced_accuracy" not in groups["ko"]
    assert run().scores("de") == {}


def test_thresholds_hold_for_english_and_what_was_not_measured_is_missed():
    assert check_thresholds(run(), {"quotes_exact": 1, "facts_held": 0.5}) == []
    assert check_thresholds(run(), {"facts_held": 0.8, "proved": 0.75, "typo": 0.1}) == [
        "facts_held is 0.500 and must be at least 0.8",
        "typo was not measured and must be at least 0.1",
    ]


def test_the_table_has_a_row_a_figure_and_a_column_a_group():
    drawn = io.StringIO()
    Console(file=drawn, width=120).print(table(run()))
    lines = drawn.getvalue().splitlines()
    assert [cell.strip() for cell in lines[1].strip("┃").split("┃")] == ["figure", *run().groups()]
    [row] = [line for line in lines if "facts_held" in line]
    assert [cell.strip() for cell in row.strip("│").split("│")] == ["facts_held", "0.5", "0.333", "1", "", "0", "0"]


def test_the_json_holds_the_scores_and_every_question():
    record = json.loads(json.dumps(as_json(run())))
    assert record["scores"]["en multi"]["facts_held"] == 1
    invented = record["questions"][5]
    assert invented["id"] == "invented"
    assert invented["failures"] == ["Five million"]
    assert invented["measures"] == {
        "facts_held": None,
        "evidence_cited": None,
        "citation_precision": None,
        "quotes_exact": 1,
        "words": 2,
        "both_sides": None,
        "false_disagreements": None,
        "proved": 0,
    }


def test_a_gold_file_that_does_not_fit_the_index_fails_before_anything_is_asked():
    asked = []
    with pytest.raises(UsageError, match="does not stand in"):
        evaluate([gold("first"), gold("second", evidence=("not there",))], asked.append, read_article, lambda _: [])
    assert asked == []


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
def test_both_sides_of_a_conflict_rest_on_the_articles_of_the_gold_evidence(sides, shown):
    cited = [dataclasses.replace(citation("troops", n), article_id=name) for n, name in SIDES.items()]
    disagreements = tuple(
        Disagreement("troops", "conflict", tuple(Side("", numbers) for numbers in each)) for each in sides
    )
    answered = dataclasses.replace(answer("", *cited), disagreements=disagreements)
    evidence = [LocatedEvidence(name, (Span(0, 1),)) for name in ("troops.md", "budget.md")]
    assert both_sides(answered, evidence) == shown
