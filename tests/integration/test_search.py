"""A question into ranked passages, by numbers that can be checked by hand, and then on the shipped articles."""

from __future__ import annotations

import math
from contextlib import nullcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.domain import Passage, PassageKey, Span
from askseoul.index.store import Store, StoredPassage
from askseoul.index.sync import add_articles
from askseoul.ingest.passages import embedded_text
from askseoul.retrieval.search import (
    RERANK_DENSE_WEIGHT,
    RERANK_LEXICAL_WEIGHT,
    content_terms,
    late_interaction,
    search,
)
from tests.support.articles import make_article
from tests.support.fakes import WordEncoder

ENCODER = WordEncoder("cats ferry tea")


class Shelf:
    """A store of one-passage articles whose two legs propose what they are told to."""

    def __init__(self, texts, *, dense, lexical):
        self.keys = {name: PassageKey(name, 0, len(text)) for name, text in texts.items()}
        self.held = {
            key: StoredPassage(make_article(texts[name], name), Passage(*key, texts[name], (Span(0, key.end),)), None)
            for name, key in self.keys.items()
        }
        self.dense, self.bm25 = dense, lexical

    def snapshot(self, *, needs_chroma):
        return nullcontext()

    def nearest(self, vector, count, within):
        scored = [(key, float(self.vectors([key])[0] @ vector)) for key in map(self.keys.get, self.dense)]
        return sorted(scored, key=lambda item: -item[1])[:count]

    def bm25_search(self, counts, count, within):
        return [(self.keys[name], score) for name, score in self.bm25.items()][:count]

    def vectors(self, keys):
        texts = [self.held[key][1].text for key in keys]
        return np.array([each.vector for each in ENCODER.encode_document(texts)]).reshape(-1, ENCODER.dimension)

    def load(self, keys):
        return {key: self.held[key] for key in keys if key in self.held}

    def document_frequencies(self, terms):
        texts = [passage.text.split() for _, passage, _ in self.held.values()]
        return {term: sum(term in words for words in texts) for term in terms}, len(texts)


def ranked(question, shelf, count=10):
    return search(question, encoder=ENCODER, store=shelf, count=count)


def test_late_interaction_is_the_mean_of_each_tokens_best_cosine():
    question = np.array([[1, 0], [0, 1]], np.float32)
    text = np.array([[0.8, 0.6], [-1, 0]], np.float32)
    # First token: 0.8 and -1, second token: 0.6 and 0.
    assert late_interaction(question, text) == pytest.approx((0.8 + 0.6) / 2)


@pytest.mark.parametrize("question_tokens", [0, 2])
def test_late_interaction_with_nothing_is_zero(question_tokens):
    nothing = np.empty((0, 2), np.float32)
    assert late_interaction(np.ones((question_tokens, 2), np.float32), nothing) == 0
    assert late_interaction(nothing, np.ones((2, 2), np.float32)) == 0


def test_late_interaction_does_not_mind_other_words():
    asked, short, long = ENCODER.encode_query(["cats ferry", "ferry cats", "the ferry carries tea and many cats"])
    assert late_interaction(asked.tokens, short.tokens) == late_interaction(asked.tokens, long.tokens) == 1


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("How were the ferries’ cats, CATS, did ships carry?", ["ferries", "cats", "ships", "carry"]),
        ("Who is it?", ["who", "is", "it"]),
        ("서울의 봄 🙂", ["서울의", "봄"]),
        ("?!", []),
    ],
    ids=["content once each", "no content", "Hangul", "no words"],
)
def test_content_terms(question, terms):
    assert content_terms(question) == terms


def test_the_scores_of_both_legs_and_of_late_interaction_are_added():
    texts = {"both": "cats ferry", "words": "cats tea", "meaning": "ferry", "third": "tea", "fourth": "tea"}
    shelf = Shelf(texts, dense=["both", "meaning"], lexical={"both": 1.1, "words": 0.55})
    hits = ranked("cats ferry", shelf)
    # "cats" and "ferry" each stand in 2 of the 5 passages; BM25 can reach 2.2 times the weight of both.
    ceiling = 2.2 * 2 * math.log(3.5 / 2.5)
    half = 1 / math.sqrt(2)
    expected = {
        "both": {"dense": 1.0, "lexical": 1.1 / ceiling, "late": 1.0},
        "words": {"dense": 0.5, "lexical": 0.55 / ceiling, "late": 0.5},
        "meaning": {"dense": half, "lexical": 0.0, "late": 0.5},
    }
    totals = {
        name: scores["late"] + RERANK_DENSE_WEIGHT * scores["dense"] + RERANK_LEXICAL_WEIGHT * scores["lexical"]
        for name, scores in expected.items()
    }
    assert [hit.article.id for hit in hits] == sorted(totals, key=totals.get, reverse=True)
    for hit in hits:
        assert dict(hit.scores) == pytest.approx(expected[hit.article.id])
        assert hit.score == pytest.approx(totals[hit.article.id])


def test_a_passage_that_only_the_words_propose_gets_its_true_cosine():
    shelf = Shelf({"a": "cats tea", "b": "ferry"}, dense=["b"], lexical={"a": 0.1})
    scores = {hit.article.id: hit.scores["dense"] for hit in ranked("cats", shelf)}
    assert scores == {"a": pytest.approx(1 / math.sqrt(2)), "b": 0}


def test_without_a_word_of_the_question_the_meaning_decides_alone():
    shelf = Shelf({"a": "tea", "b": "ferry tea"}, dense=["a", "b"], lexical={})
    hits = ranked("zebra", shelf)
    assert [hit.scores["lexical"] for hit in hits] == [0, 0]


def test_ties_are_in_the_order_of_the_articles_whatever_was_found_first():
    texts = {"b": "cats", "c": "cats", "a": "cats"}
    for dense in (["b", "c", "a"], ["c", "a", "b"]):
        assert [hit.article.id for hit in ranked("cats", Shelf(texts, dense=dense, lexical={}))] == ["a", "b", "c"]


def test_no_more_than_asked():
    shelf = Shelf(dict.fromkeys("abcd", "cats"), dense=list("abcd"), lexical={})
    assert [hit.article.id for hit in ranked("cats", shelf, count=2)] == ["a", "b"]


def test_a_passage_that_has_gone_since_it_was_found_is_left_out():
    shelf = Shelf(dict.fromkeys("abc", "cats"), dense=list("abc"), lexical={})
    found = shelf.nearest(ENCODER.encode_query(["cats"])[0].vector, 10, None)
    shelf.nearest = lambda vector, count, within: found
    del shelf.held[shelf.keys["b"]]
    assert [hit.article.id for hit in ranked("cats", shelf)] == ["a", "c"]


def test_nothing_indexed_nothing_found():
    assert ranked("cats", Shelf({}, dense=[], lexical={})) == []


def test_the_encoder_reads_the_title_before_the_passage():
    article = make_article("It left at noon.", title="The ferry")
    passage = Passage(article.id, 0, 16, article.text, (Span(0, 16),))
    assert embedded_text(article, passage) == "The ferry\nIt left at noon."


# Within some of the articles


def indexed(folder, articles, encoder):
    store = Store.open(folder, encoder=encoder, create=True)
    add_articles(articles, store=store, encoder=encoder)
    return store


def scored(hits):
    """What was found, and what is said of it but for BM25, which knows how much the words tell in all articles."""
    return {
        (hit.article.id, hit.passage.start): (
            pytest.approx(hit.scores["dense"], abs=1e-5),
            pytest.approx(hit.scores["late"], abs=1e-5),
            hit.scores["lexical"] > 0,
        )
        for hit in hits
    }


DIGESTS = ["beyond-the-old-formula.md", "center-of-balance.md", "semiconductor-diplomacy.md"]


@pytest.mark.parametrize("within", [DIGESTS[:1], DIGESTS[1:], DIGESTS], ids=["one", "two", "all"])
@pytest.mark.parametrize("question", ["How large was the trade deficit with China?", "wombats"])
def test_within_some_articles_is_as_in_an_index_of_them_alone(app, tmp_path, within, question):
    with indexed(tmp_path / "part", [app.article(article_id) for article_id in within], app.encoder) as part:
        alone = search(question, encoder=app.encoder, store=part, count=120)
    found = search(question, encoder=app.encoder, store=app.store, count=120, within=frozenset(within))
    assert scored(found) == scored(alone)
    assert {hit.article.id for hit in found} == set(within)


def test_what_fits_better_elsewhere_takes_no_place(tmp_path):
    """Each leg proposes 60, and there are 70 better ones for each of them outside."""
    outside = [make_article(f"cats ferry {number}", f"outside {number:02}") for number in range(70)]
    inside = [make_article(f"cats ferry tea wombats {'of the ' * number}", f"inside {number}") for number in range(5)]
    with indexed(tmp_path / "index", [*outside, *inside], ENCODER) as store:
        names = frozenset(article.id for article in inside)
        assert not names & {hit.article.id for hit in search("cats ferry", encoder=ENCODER, store=store, count=120)}
        hits = search("cats ferry", encoder=ENCODER, store=store, count=120, within=names)
        assert {hit.article.id for hit in hits} == names
        assert all(hit.scores["lexical"] > 0 for hit in hits)
        assert search("cats ferry", encoder=ENCODER, store=store, count=120, within=frozenset()) == []


@given(st.lists(st.sampled_from(["cats", "ferry", "tea", "zebra"]), min_size=1, max_size=6), st.randoms())
def test_the_order_does_not_depend_on_what_was_found_first(words, randomly):
    texts = {f"{place}": f"{word} cats" for place, word in enumerate(words)}
    names = list(texts)
    expected = [hit.article.id for hit in ranked("cats ferry", Shelf(texts, dense=names, lexical={}))]
    randomly.shuffle(names)
    assert [hit.article.id for hit in ranked("cats ferry", Shelf(texts, dense=names, lexical={}))] == expected


@pytest.mark.parametrize(
    ("question", "article_id", "words"),
    [
        ("How large was the trade deficit with China in 2023?", "beyond-the-old-formula.md", "$18 billion"),
        ("What share of the vote did Lee Jae-myung win?", "semiconductor-diplomacy.md", "49.42%"),
        ("Which summit was held in Gyeongju?", "center-of-balance.md", "APEC"),
    ],
    ids=["a sum", "a share", "a summit"],
)
def test_the_shipped_articles_are_found(app, question, article_id, words):
    first = search(question, encoder=app.encoder, store=app.store, count=1)[0]
    assert first.article.id == article_id
    assert words in first.passage.text
