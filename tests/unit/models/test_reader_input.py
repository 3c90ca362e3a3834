"""How texts are laid out for the reader: whatever they hold, the spans cover each text and nothing is read twice."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from askseoul.errors import ModelError
from askseoul.models.reader_input import (
    CONTEXT_TOKENS,
    EVIDENCE_TOKENS,
    QUESTION_TOKENS,
    SENTENCE_TOKENS,
    ReaderTokenizer,
)

AWKWARD = ["", " ", "한미 동맹", "🙂🙂", "a\r\nb", "שלום עולם", "e\u0301", "</s><s>", "word " * 300]


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    """A tokenizer whose pieces are single characters."""
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁", *map(chr, range(33, 127))]
    unigram = Tokenizer(models.Unigram([(piece, -1.0) for piece in pieces], unk_id=3))
    unigram.normalizer = normalizers.NFKC()
    unigram.pre_tokenizer = pre_tokenizers.Metaspace()
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    unigram.save(str(path))
    return ReaderTokenizer(path)


def text_of(tokenizer, ids):
    return "".join(tokenizer._tokenizer.id_to_token(one) for one in ids)


def test_a_question_stands_before_the_sentence_which_is_the_span_and_before_what_is_around_it(tokenizer):
    laid_out = tokenizer.answers("Who?", "He is.", "So.")
    assert text_of(tokenizer, laid_out.ids) == "<s>▁Who?</s></s>▁He▁is.</s>▁So.</s>"
    assert text_of(tokenizer, laid_out.ids[slice(*laid_out.span)]) == "▁He▁is.</s>"
    assert text_of(tokenizer, tokenizer.answers("Who?", "He is.").ids) == "<s>▁Who?</s></s>▁He▁is.</s>"


def test_a_claim_stands_before_its_evidence_and_what_stands_before_that(tokenizer):
    assert text_of(tokenizer, tokenizer.supports("A.", "B. C.").ids) == "<s>▁A.</s></s>▁B.▁C.</s>"
    with_context = tokenizer.supports("A.", "B. C.", "D.")
    assert text_of(tokenizer, with_context.ids) == "<s>▁A.</s></s>▁B.▁C.</s>▁D.</s>"
    assert with_context.span == (0, len(with_context.ids))


def test_two_sentences_stand_behind_the_question_that_found_them(tokenizer):
    assert text_of(tokenizer, tokenizer.relation("Q?", "A.", "B.").ids) == "<s>▁Q?</s></s>▁A.</s>▁B.</s>"


TEXTS = st.one_of(st.sampled_from(AWKWARD), st.text())


@given(question=TEXTS, sentence=TEXTS, around=TEXTS)
def test_the_span_is_the_sentence_within_the_limits(tokenizer, question, sentence, around):
    laid_out = tokenizer.answers(question, sentence, around)
    start, end = laid_out.span
    assert 3 <= start <= 3 + QUESTION_TOKENS
    assert 1 <= end - start <= SENTENCE_TOKENS + 1
    assert end <= len(laid_out.ids) <= end + CONTEXT_TOKENS + 1


@given(st.lists(st.integers(1, 120), min_size=1, max_size=12))
def test_windows_of_evidence_hold_every_sentence_and_fit_unless_one_sentence_does_not(tokenizer, lengths):
    sentences = [chr(65 + position) * length for position, length in enumerate(lengths)]
    found = tokenizer.evidence_windows(sentences, "Before.")
    windows = [window for window, _ in found]
    assert {sentence for window in windows for sentence in window.split()} == set(sentences)
    for window in windows:
        held = window.split()
        assert len(held) == 1 or sum(len(sentence) + 1 for sentence in held) <= EVIDENCE_TOKENS
    for first, second in pairwise(windows):
        assert first.split()[0] != second.split()[0]


def test_short_evidence_is_one_window(tokenizer):
    assert tokenizer.evidence_windows(["One.", "Two."], "Before.") == [("One. Two.", "Before.")]


def test_each_window_has_the_sentence_before_it(tokenizer):
    one, two, three = "a" * 100, "b" * 100, "c" * 50
    assert tokenizer.evidence_windows([one, two, three], "Before.") == [(one, "Before."), (f"{two} {three}", one)]


def test_a_tokenizer_without_the_special_tokens_is_an_error(tmp_path):
    Tokenizer(models.Unigram([("a", -1.0)])).save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(ModelError, match="has no <s>"):
        ReaderTokenizer(tmp_path / "tokenizer.json")
