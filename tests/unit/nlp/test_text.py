"""Texts into parsed records: normalization, words, stems, sentences by exact offsets, and what is shown."""

from __future__ import annotations

import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.nlp.text import (
    annotation,
    normalize,
    parse,
    split_sentences,
    stem,
    visible,
)
from tests.support.data import cases


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        pytest.param("“It’s ‘new’,” she said", "\"It's 'new',\" she said", id="curly quotation marks"),
        pytest.param("«non»", '"non"', id="guillemets"),
        pytest.param("5–6 and 7−8", "5-6 and 7-8", id="dashes in figures"),
        pytest.param("the port—closed", "the port;closed", id="a long dash parts clauses"),
        pytest.param("the U.S. and the U.K.", "the US and the UK", id="dotted initials"),
        pytest.param("Ｆｅｒｒｙ １２", "Ferry 12", id="full-width forms"),
        pytest.param("cafe\u0301", "café", id="a combining mark"),
        pytest.param("서울 🙂 שלום", "서울 🙂 שלום", id="other scripts stay"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_normalization_makes_typography_plain(text, plain):
    assert normalize(text) == plain


@pytest.mark.parametrize(
    "family",
    [
        "normalize normalization normalized",
        "economy economic economies",
        "policy policies",
        "buy buys buying bought",
        "sell sells sold sale sales",
        "run runs running ran",
        "grow grows growing grew growth",
        "defense defence defend defended",
        "ferry ferries",
        "city cities city's",
    ],
)
def test_inflections_share_a_stem(family):
    assert len({stem(word) for word in family.split()}) == 1


@pytest.mark.parametrize("pair", ["class clause", "bus busy", "north south", "import export", "서울 부산"])
def test_other_words_have_different_stems(pair):
    first, second = pair.split()
    assert stem(first) != stem(second)


def test_a_word_knows_its_sentence_and_clause():
    words = parse("The mayor’s plan: it works. But the ferry left, they said").words
    assert [(word.text, word.sentence, word.clause) for word in words] == [
        ("The", 0, 0), ("mayor", 0, 0), ("plan", 0, 0),
        ("it", 0, 1), ("works", 0, 1),
        ("But", 1, 2), ("the", 1, 2), ("ferry", 1, 2), ("left", 1, 2),
        ("they", 1, 3), ("said", 1, 3),
    ]  # fmt: skip
    assert [word.text for word in words if word.opening] == ["The", "it", "But"]


def test_function_and_reporting_words_are_not_content():
    words = parse("According to the report, US ferries let us cross it in 20 minutes").words
    assert [word.text for word in words if word.content] == ["US", "ferries", "cross", "20", "minutes"]


@given(st.text())
def test_the_offsets_of_words_are_exact_in_any_text(text):
    parsed = parse(text)
    words = parsed.words
    assert all(parsed.normalized[word.start : word.end] == word.text for word in words)
    assert [word.start for word in words] == sorted(word.start for word in words)
    assert all(word.text for word in words)


@given(st.text(min_size=1))
def test_a_stem_is_short_and_ignores_case(word):
    assert len(stem(word)) <= 6
    assert stem(word) == stem(word.lower())


def test_a_text_and_its_annotations_are_computed_once():
    calls = []

    @annotation
    def shouted(parsed, mark="!"):
        calls.append(mark)
        return parsed.normalized.upper() + mark

    parsed = parse("The ferry left.")
    assert parse("The ferry left.") is parsed
    assert [shouted(parsed), shouted(parsed), shouted(parsed, "?")] == [
        "THE FERRY LEFT.!",
        "THE FERRY LEFT.!",
        "THE FERRY LEFT.?",
    ]
    assert calls == ["!", "?"]


@given(st.text())
def test_normalization_is_idempotent(text):
    assert normalize(normalize(text)) == normalize(text)


# Sentences


ORIGINAL_ARTICLES = Path(__file__).parents[4] / "shared" / "articles"


def sentences_of(text: str) -> list[str]:
    return [text[span.start : span.end] for span in split_sentences(text)]


@pytest.mark.parametrize("case", cases("sentences"))
def test_sentences(case):
    assert sentences_of(case["text"]) == case["sentences"]


WRAPPED = """\
Hard-wrapped text breaks its lines wherever the sixtieth
column happens to fall, as here, and a sentence goes on. The
U.S. Congress knows. This one ends with its paragraph.
A new paragraph follows without a blank line between. And it
ends.
"""


def test_hard_wrapped_lines_are_joined() -> None:
    assert [" ".join(sentence.split()) for sentence in sentences_of(WRAPPED)] == [
        "Hard-wrapped text breaks its lines wherever the sixtieth column happens to fall, as here, and a sentence "
        "goes on.",
        "The U.S. Congress knows.",
        "This one ends with its paragraph.",
        "A new paragraph follows without a blank line between.",
        "And it ends.",
    ]


def test_an_indented_line_continues_a_list_item() -> None:
    assert sentences_of("- a point that\n  goes on\n- another") == ["a point that\n  goes on", "another"]


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(["Oil change ............ 79.00 EUR", "타이어 ....... 3만 원 🙂"], id="dots before prices"),
        pytest.param(["Foreword . . . . . . 7"], id="dots with spaces"),
        pytest.param(["Am 12. März 2024 sank das Schiff.", "3. Mai: neue Fähre 🙂"], id="days in German"),
        pytest.param(
            [
                "2.1 This Agreement begins on 1 January 2026 and ends in 2028.",
                "2.2 Either party may end it by six months' notice.",
                "(a) Notice is in writing.",
                "(b) It is dated;",
                "(iv) it is signed.",
            ],
            id="clauses of a contract",
        ),
        pytest.param(
            ["“Goods” means sawn spruce in lengths of 3.6 to 6.0 metres;", "“Price” means GBP 412 per cubic metre."],
            id="definitions",
        ),
    ],
)
def test_lines_that_are_apart_are_not_joined_or_split(lines) -> None:
    assert sentences_of("\n".join(lines)) == lines


def test_a_letter_or_a_date_at_the_beginning_of_a_wrapped_line_goes_on_with_the_sentence() -> None:
    wrapped = """\
The tenant, who has signed the paper above this line, must
always pay the rent for the flat at once when it is due on the
(a) first or (b) second day of a month, as both had agreed on
12. März 2024 in writing."""
    assert sentences_of(wrapped) == [wrapped]


def test_a_headline_and_a_subhead_are_not_joined() -> None:
    headline = "South Korea prepares for a new age of its alliance"
    assert sentences_of(f"{headline}\nSeoul weighs what to do") == [headline, "Seoul weighs what to do"]


PIECES = st.sampled_from(
    [*'aA1.!?…。”")(*#-|> \n\t', "[1]", "U.S.", "Mr.", "The ", "한국", "🙂", "\u0301", "\xa0", "\u05d0"]
)


@given(st.text() | st.lists(PIECES, max_size=80).map("".join))
def test_sentences_cover_every_visible_character_once_but_the_marks_of_items_and_rows(text: str) -> None:
    end = 0
    for span in split_sentences(text):
        before = text[end : span.start].strip()
        assert not before or (len(before) == 1 and before in "-*+•‣◦|")
        sentence = text[span.start : span.end]
        assert sentence
        assert sentence == sentence.strip()
        end = span.end
    assert not text[end:].strip()


@pytest.mark.parametrize(
    "unit",
    ["word ", "a.", ".(", '."', "[1", "((", "\n", "- ", "---", "line of words that is long enough to look wrapped\n"],
)
def test_time_is_linear_in_the_length(unit: str) -> None:
    text = unit * (300_000 // len(unit))
    started = time.perf_counter()
    split_sentences(text)
    assert time.perf_counter() - started < 5


@pytest.mark.skipif(not ORIGINAL_ARTICLES.is_dir(), reason="the original articles are not here")
def test_the_original_articles() -> None:
    for path in sorted(ORIGINAL_ARTICLES.glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        sentences = sentences_of(text)
        assert not any("\n" in sentence for sentence in sentences), "they hold one paragraph a line"
        assert sum(len(sentence) for sentence in sentences) / len(sentences) < 200
        assert all(sentence[0].isupper() or sentence[0] in "“[" for sentence in sentences)


# Text for a terminal


@given(st.text(st.characters(exclude_categories=())))
def test_no_control_characters_are_shown(text):
    shown = visible(text)
    steering = {character for character in shown if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")}
    assert steering <= {"\n", "\t"}


@pytest.mark.parametrize("text", ["한국어 👩‍👩‍👧 שלום", "line\nline\ttab", "café", ""])
def test_text_without_control_characters_is_shown_unchanged(text):
    assert visible(text) == text
