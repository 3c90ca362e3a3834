"""Sentences of the hits, best first: which can be evidence, and how each is scored."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from askseoul.nlp.text import parse
from askseoul.retrieval.evidence import CANDIDATES, PASSAGES, WEIGHTS, match_sentences, select_evidence
from askseoul.retrieval.question import read_question
from tests.support.articles import make_article, make_hit
from tests.support.fakes import WordEncoder

ENCODER = WordEncoder("cats ferry tea drank")


def candidates(question, *hits):
    return match_sentences(parse(question), list(hits), encoder=ENCODER)


def evidence(question, *hits):
    return select_evidence(read_question(question), list(hits), encoder=ENCODER)


def selected(question, *hits):
    return [item.quote.text for item in evidence(question, *hits)]


def test_quotes_are_the_sentences_of_the_passages_with_exact_offsets():
    article = make_article("서울 🙂 the cats sailed. The ferry carried all the tea. שלום to all the cats.")
    found = candidates("cats", make_hit(article))
    assert [quote.text for quote in found.quotes] == [
        "서울 🙂 the cats sailed.",
        "The ferry carried all the tea.",
        "שלום to all the cats.",
    ]
    assert all(article.text[quote.start : quote.end] == quote.text for quote in found.quotes)


def test_headings_and_fragments_are_not_evidence():
    article = make_article("# The ferry and the cats\n\nNo way, cats.\n\nThe cats took the ferry.")
    assert selected("cats ferry", make_hit(article)) == ["The cats took the ferry."]


def test_a_question_above_its_answer_is_not_evidence_and_a_short_answer_behind_a_label_is():
    article = make_article("Q: Who took the cats there?\nA: The ferry.\n\nDo cats swim?\n\nMost cats hate all water.")
    assert selected("cats ferry", make_hit(article)) == ["A: The ferry.", "Most cats hate all water."]


def test_the_first_line_of_an_address_is_evidence_and_heads_the_others():
    article = make_article("# Contact\n\nThe Cats Ferry\n1 Quay Road")
    found = candidates("cats", make_hit(article))
    assert [(quote.text, heading) for quote, heading in zip(found.quotes, found.headings, strict=True)] == [
        ("The Cats Ferry", "# Contact"),
        ("1 Quay Road", "The Cats Ferry"),
    ]


def test_a_repeated_sentence_counts_once_for_the_better_hit():
    said = "The cats took the ferry home."
    first = make_article(f"{said} They drank tea there all day.", "first.md")
    second = make_article(f"“The cats took the FERRY home”\n\n{said}", "second.md")
    found = candidates("cats ferry", make_hit(first, 2.0), make_hit(second, 1.0))
    assert [(quote.article.id, quote.text) for quote in found.quotes] == [
        ("first.md", said),
        ("first.md", "They drank tea there all day."),
    ]


def test_only_the_first_hits_are_read():
    hits = [make_hit(make_article(f"The cats saw ferry number {n}.", f"{n:02}.md")) for n in range(PASSAGES + 3)]
    assert len(selected("cats", *hits)) == PASSAGES


@pytest.mark.parametrize(
    "texts", [[], ["# Only a heading"], ["One. Two. Three."]], ids=["no hit", "headings", "crumbs"]
)
def test_without_sentences_there_is_no_evidence(texts):
    assert selected("cats", *(make_hit(make_article(text)) for text in texts)) == []


def test_each_score_by_hand():
    article = make_article("# Tea\n\nMany cats saw tea. They like it here. A ferry brought it.")
    found = candidates("cats ferry?", make_hit(article))
    # Columns: the question's tokens "cats" and "ferry".
    assert found.alone.tolist() == [[1, 0], [0, 0], [0, 1]]
    # The middle sentence has two neighbours, the last one only the middle one.
    assert found.around.tolist() == [[1, 0], [1, 1], [0, 1]]
    # Each word is in one of three sentences, so both have the same weight, as tokens and as terms.
    assert found.importance == pytest.approx([1 / 2, 1 / 2])
    assert found.words == pytest.approx([1 / 2, 0, 1 / 2])
    assert found.headings == ("# Tea", "# Tea", "# Tea")
    # Counts of cats, ferry, tea, drank and other words in each sentence.
    question = np.array([1, 1, 0, 0, 0]) / math.sqrt(2)
    sentences = np.array([[1, 0, 1, 0, 2], [0, 0, 0, 0, 4], [0, 1, 0, 0, 3]])
    expected = [row @ question / np.linalg.norm(row) for row in sentences]
    assert found.cosine == pytest.approx(expected)


def test_a_heading_counts_for_the_sentences_below_it():
    headed = make_article("# The cats\n\nThey sailed on a ship.", "headed.md")
    unheaded = make_article("# The dogs\n\nThey sailed on a boat.", "unheaded.md")
    found = candidates("cats", make_hit(headed), make_hit(unheaded))
    assert found.alone.tolist() == [[0], [0]]
    assert found.around.tolist() == [[1], [0]]
    assert selected("cats", make_hit(unheaded), make_hit(headed))[0] == "They sailed on a ship."


def test_a_word_is_weighted_by_how_few_sentences_contain_it():
    article = make_article("The cats took the ferry. The cats drank all the tea. The cats slept all day.")
    importance = candidates("the cats ferry zebra", make_hit(article)).importance
    # "the" and "cats" are in all three sentences and weigh least, "ferry" is in one, "zebra" in none.
    weights = np.array([0.4, 0.4, math.log(2.5 / 1.5), math.log(3.5 / 0.5)])
    assert importance == pytest.approx(weights / weights.sum(), rel=1e-5)


def test_no_more_sentences_are_selected_than_are_read():
    sentences = [f"The cats saw {word} ferry." for word in "abcdefghijklmnopqrstuvwxyz"]
    assert len(sentences) > CANDIDATES
    assert len(selected("cats", make_hit(make_article(" ".join(sentences))))) == CANDIDATES


def test_evidence_knows_what_stands_around_it_and_is_not_read_yet():
    text = "# Tea 🙂\n\nMany cats saw tea. They like it here.\n\n서울의 배는 새 배다. A ferry brought it."
    article = make_article(text, title="The cats", published="2024-05")
    [item] = [item for item in evidence("cats", make_hit(article)) if item.quote.text == "They like it here."]
    assert (item.before, item.after, item.heading) == ("Many cats saw tea.", "서울의 배는 새 배다.", "# Tea 🙂")
    assert item.surroundings == (
        "The cats\nMay 2024\n# Tea 🙂\nMany cats saw tea.\nThey like it here.\n서울의 배는 새 배다."
    )
    assert item.answers == 0


def test_the_neighbours_of_evidence_may_stand_outside_its_passage():
    article = make_article("Many cats saw tea. They like it here. A ferry brought it.")
    hit = make_hit(article)
    middle = hit.passage.sentences[1]
    passage = replace(hit.passage, start=middle.start, end=middle.end, sentences=(middle,))
    [item] = evidence("cats", replace(hit, passage=passage))
    assert (item.before, item.after, item.heading) == ("Many cats saw tea.", "A ferry brought it.", "")


def test_evidence_neither_better_nor_worse_than_the_average_scores_for_its_kind_alone():
    [item] = evidence("cats", make_hit(make_article("The cats took the ferry with Ada Park.")))
    assert item.score == WEIGHTS["kind"]


@pytest.mark.parametrize(
    "note",
    [
        "Bicker, Laura. “Caught in the middle”, BBC News, https://www.bbc.com/news/1.",
        "[ii] Ibid.",
        "[3] The cats of Seoul, a study of the ferry.",
    ],
    ids=["an address", "ibid", "a numbered note"],
)
def test_notes_and_bibliographies_are_not_evidence(note):
    assert selected("cats of Seoul", make_hit(make_article(f"The cats took the ferry.\n\n{note}"))) == [
        "The cats took the ferry."
    ]


def test_the_sentence_that_matches_more_of_the_question_comes_first():
    article = make_article("Nobody knew the way home. They drank tea all day. The cats took the ferry home.")
    assert selected("Which cats took the ferry?", make_hit(article))[0] == "The cats took the ferry home."


def test_ties_keep_the_order_of_the_hits():
    hits = [make_hit(make_article(f"The cats took ship {name}.", f"{name}.md")) for name in ("two", "one")]
    assert selected("cats", *hits) == ["The cats took ship two.", "The cats took ship one."]


@pytest.mark.parametrize("question", ["zebra", "서울 🙂", "the"], ids=["unknown", "Hangul", "a function word"])
def test_a_question_that_matches_nothing_still_has_an_order(question):
    article = make_article("Many cats took ferries. They drank tea all day.")
    found = evidence(question, make_hit(article))
    assert len(found) == 2
    assert all(math.isfinite(item.score) for item in found)
