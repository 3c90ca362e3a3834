"""How near quotes come to the words of a claim."""

from __future__ import annotations

import pytest

from askseoul.nlp.text import parse
from askseoul.verification.alignment import REMEMBERED, Alignment, TokenSimilarity
from tests.support.fakes import WordEncoder


def test_a_word_that_stands_in_a_quote_has_itself_as_its_counterpart():
    similarity = TokenSimilarity(lambda: WordEncoder("ferry sails tea"))
    assert similarity.counterparts(parse("the ferry sinks"), [parse("a ferry sails"), parse("tea")]) == [
        Alignment("ferry", "ferri", 1.0),
        Alignment("sinks", "sink", 1.0),  # every word that the encoder does not know is the same to it
    ]
    [ferry, sails] = similarity.counterparts(parse("ferry sails"), [parse("tea")])
    assert (ferry.cosine, sails.cosine) == (0.0, 0.0)


def test_the_encoder_is_loaded_once_and_only_when_texts_are_compared():
    loaded = []

    def load():
        loaded.append(1)
        return WordEncoder("ferry")

    similarity = TokenSimilarity(load)
    assert loaded == []
    similarity.counterparts(parse("ferry"), [parse("ferry")])
    similarity.counterparts(parse("tea"), [parse("ferry")])
    assert loaded == [1]


def test_no_text_is_read_twice_while_it_is_remembered():
    encoder = WordEncoder("ferry")
    read = []
    encoder.encode_document = lambda texts: (read.extend(texts), encoder.encode_query(texts))[1]
    similarity = TokenSimilarity(lambda: encoder)
    for _ in range(2):
        similarity.counterparts(parse("ferry"), [parse("a ferry"), parse("a ferry")])
    assert read == ["ferry", "a ferry"]
    for place in range(REMEMBERED):
        similarity.counterparts(parse("ferry"), [parse(f"tea {place}")])
    similarity.counterparts(parse("ferry"), [parse("a ferry")])
    assert read.count("a ferry") == 2
    assert read.count("ferry") == 1


@pytest.mark.parametrize(
    ("claim", "quote", "word", "least", "most"),
    [
        pytest.param("it is famous worldwide", "its fame is global", "worldwide", 0.5, 1.0, id="another word"),
        pytest.param("troops were withdrawn", "soldiers are stationed there", "troops", 0.5, 1.0, id="a synonym"),
        pytest.param("the ferry was repainted", "soldiers are stationed there", "repainted", -1.0, 0.5, id="none"),
    ],
)
def test_the_real_encoder_knows_words_for_the_same(encoder, claim, quote, word, least, most):
    found = {
        each.word: each.cosine for each in TokenSimilarity(lambda: encoder).counterparts(parse(claim), [parse(quote)])
    }
    assert least <= found[word] <= most


@pytest.mark.parametrize("claim", ["", "the of", "서울의 배", "🙂", "e\u0301 \r\n", "x " * 3_000])
def test_any_claim_can_be_compared(encoder, claim):
    for each in TokenSimilarity(lambda: encoder).counterparts(parse(claim), [parse("A ferry sails."), parse("🙂")]):
        assert -1.001 <= each.cosine <= 1.001
