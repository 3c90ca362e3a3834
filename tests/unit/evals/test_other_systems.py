"""What ``evals.quality.other_systems`` measures, on examples worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from evals.quality import other_systems
from evals.quality.other_systems import NOWHERE, CitedSentence, SystemAnswer

from askseoul.domain import PassageKey, Span
from askseoul.evaluation.datasets import GoldQuestion
from askseoul.evaluation.metrics import LocatedEvidence
from askseoul.verification.guards import content_share
from tests.support.articles import make_article

TEXT = "Seoul has ten bridges. Busan has two ports. Nobody lives on the moon."
SEOUL, BUSAN, MOON = PassageKey("a.md", 0, 22), PassageKey("a.md", 23, 43), PassageKey("a.md", 44, 69)


def read(article_id):
    assert article_id == "a.md"
    return make_article(TEXT, "a.md", title="Towns")


class WordReader:
    """Reads as supported what has all its content in its evidence."""

    def supports(self, claims):
        held = np.array([content_share(one.claim, one.sentences) == 1 for one in claims], np.float32)
        return np.stack([held, 1 - held, 0 * held], axis=1)


def asked(kind="fact", facts=((r"\bten\b",), (r"\btwo\b",)), answers=()):
    return GoldQuestion("q1", kind, "en", "How many?", facts, (), answers=answers)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "Empty Response",
        "I don't know.",
        "I’m sorry, but there is nothing on that.",
        "The context does not mention the weather. It is about trade.",
        "The provided sources don't explicitly state a number [1].",
        "The year is not specified in the given text.",
        "None of the sources are helpful.",
        "There is no information about it.",
    ],
)
def test_refusals(text):
    assert other_systems.refuses(text)
    assert not other_systems.parse_reply(text, lambda _: ()).answered


@pytest.mark.parametrize(
    "text",
    [
        "Seoul does not provide troops.",
        "China was not given a role.",
        "Ten. The context does not mention the rest.",
        "He said the deal was not found wanting.",
    ],
)
def test_what_is_no_refusal(text):
    assert not other_systems.refuses(text)


def test_citations_are_read_from_the_markers():
    sources = (SEOUL, BUSAN)
    assert other_systems.cited_sources("Ten bridges [1].", sources) == (SEOUL,)
    assert other_systems.cited_sources("Ten [1][2], two [2, 1].", sources) == (SEOUL, BUSAN)
    assert other_systems.cited_sources("Two [Source 2], as Source 1 tells (sources 1, 2).", sources) == (BUSAN, SEOUL)
    assert other_systems.cited_sources("Ten bridges [3] [0].", sources) == (NOWHERE,)
    assert other_systems.cited_sources("Ten bridges in 2025.", sources) == ()
    answer = other_systems.parse_reply(
        "Seoul has ten bridges [1]. Busan has two. [2]", lambda s: other_systems.cited_sources(s, sources)
    )
    assert answer.sentences == (
        CitedSentence("Seoul has ten bridges.", (SEOUL,)),
        CitedSentence("Busan has two.", (BUSAN,)),
    )
    assert answer.text == "Seoul has ten bridges. Busan has two."


def test_source_nodes_are_found_in_the_article():
    article = read("a.md")
    assert other_systems.locate_source("Busan has two ports.", article) == BUSAN
    assert other_systems.locate_source("Source 12:\nBusan  has\ntwo ports.\n", article) == BUSAN
    assert (
        other_systems.locate_source("Busan has three ports.", article)
        == other_systems.locate_source("", article)
        == NOWHERE
    )


def test_recall_and_precision_of_citations():
    """Support is holding the claim's words: ``ab`` needs both passages, ``a`` one, and ``z`` is nowhere."""
    a, b, c = (PassageKey(name, 0, 1) for name in "abc")

    def supports(text, passages):
        return set(text) <= {passage.article_id for passage in passages}

    def support(*claims):
        return other_systems.support([CitedSentence(text, passages) for text, passages in claims], supports)

    assert support(("ab", (a, b))) == (1.0, 1.0)
    assert support(("a", (a, b))) == (1.0, 0.5)  # b neither supports it nor is needed
    assert support(("a", (a,)), ("z", (a, b)), ("b", ())) == (1 / 3, 1 / 3)
    assert support(("ab", (a, b, c)), ("c", (c,))) == (1.0, 3 / 4)
    assert support(("a", ())) == (0.0, None)
    assert support() == (None, None)


def test_support_by_the_checks():
    supports = other_systems.support_judge(read, WordReader())
    whole = PassageKey("a.md", 0, len(TEXT))
    assert supports("Seoul has ten bridges.", (SEOUL,))
    assert supports("Seoul has ten bridges.", (whole,))
    assert supports("Seoul has ten bridges, and Busan has two ports.", (SEOUL, BUSAN))
    assert not supports("Seoul has ten bridges, and Busan has two ports.", (SEOUL,))
    assert not supports("Seoul has eleven bridges.", (whole,))
    assert not supports("Seoul has ten bridges.", (BUSAN, NOWHERE))
    assert not supports("Seoul has ten bridges.", ())


def test_exact_short_quotes():
    long = make_article("word " * 100, "long.md")
    assert other_systems.is_exact(SEOUL, read)
    assert not other_systems.is_exact(NOWHERE, read)
    assert not other_systems.is_exact(PassageKey("a.md", 60, 90), read)
    assert other_systems.is_exact(PassageKey("long.md", 0, 300), lambda _: long)
    assert not other_systems.is_exact(PassageKey("long.md", 0, 305), lambda _: long)


def test_measures_of_an_answer():
    answer = SystemAnswer(
        "Seoul has ten bridges.", (CitedSentence("Seoul has ten bridges.", (SEOUL, MOON)),), answered=True, seconds=2.0
    )
    evidence = [LocatedEvidence("a.md", (Span(0, 22),)), LocatedEvidence("a.md", (Span(23, 43),))]
    values = other_systems.measure_answer(
        asked(answers=("ten bridges",)), answer, evidence, read, other_systems.support_judge(read, WordReader())
    )
    assert values == {
        "facts": 0.5,
        "f1": pytest.approx(2 / 3),
        "evidence": 0.5,
        "precision": 0.5,
        "recall": 1.0,
        "needed": 0.5,
        "exact": 1.0,
        "words": 4.0,
        "words_cited": 9.0,
        "answered": 1.0,
        "refused": None,
        "seconds": 2.0,
    }


def test_a_refusal_says_and_cites_nothing():
    answer = SystemAnswer("There are ten, two or none: I don't know.", (), answered=False)
    evidence = [LocatedEvidence("a.md", (Span(0, 22),))]
    values = other_systems.measure_answer(
        asked(answers=("ten",)), answer, evidence, read, other_systems.support_judge(read, WordReader())
    )
    assert (values["facts"], values["f1"], values["evidence"], values["answered"]) == (0.0, 0.0, 0.0, 0.0)
    assert all(values[name] is None for name in ("precision", "recall", "needed", "exact", "words", "words_cited"))
    values = other_systems.measure_answer(
        asked("unanswerable", ()), answer, [], read, other_systems.support_judge(read, WordReader())
    )
    assert values["refused"] == 1.0
    assert values["facts"] is values["f1"] is values["evidence"] is values["answered"] is None


def test_figures_and_their_intervals():
    assert other_systems.mean(np.array([[1.0, np.nan, 0.0], [np.nan] * 3])).tolist()[0] == 0.5
    assert other_systems.median(np.array([3.0, 1.0, 4.0, 2.0])) == 2.0
    assert other_systems.median(np.array([[3.0, 1.0, 2.0]])).tolist() == [2.0]
    assert other_systems.figure_with_interval("facts", [{"facts": 1.0}] * 5 + [{"facts": None}]) == (1.0, 1.0, 1.0)
    assert other_systems.figure_with_interval("facts", [{"facts": None}]) is None
    value, low, high = other_systems.figure_with_interval("facts", [{"facts": float(n % 2)} for n in range(100)])
    assert value == 0.5
    assert low == pytest.approx(0.4, abs=0.02)  # 1.96 standard errors of 0.05 each way
    assert high == pytest.approx(0.6, abs=0.02)


def test_balanced_accuracy_is_the_mean_of_both_kinds():
    rows = [{"answered": 1.0, "refused": None}] * 3 + [{"answered": 0.0, "refused": None}]
    rows += [{"answered": None, "refused": 1.0}, {"answered": None, "refused": 0.0}]
    value, low, high = other_systems.figure_with_interval("balanced", rows)
    assert value == (0.75 + 0.5) / 2
    assert low < value < high
    assert other_systems.figure_with_interval("balanced", rows[:4]) is None


def test_questions_are_spread_evenly():
    assert other_systems.evenly_spaced([*range(10)], 3) == [0, 3, 6]
    assert other_systems.evenly_spaced([*range(3)], None) == other_systems.evenly_spaced([*range(3)], 5) == [0, 1, 2]


def test_a_page_gets_the_table_between_its_markers():
    page = "a\n<!-- peers:x -->\nold\n<!-- /peers:x -->\nb\n"
    assert other_systems.replace_table(page, "x", "new") == "a\n<!-- peers:x -->\nnew\n<!-- /peers:x -->\nb\n"
    with pytest.raises(ValueError, match="lacks the markers"):
        other_systems.replace_table(page, "y", "new")
