"""Sentences by exact offsets: every rule with the line that it was made for."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.nlp.text import split_sentences

ORIGINALS = Path(__file__).parents[4] / "shared" / "articles"


def sentences_of(text: str) -> list[str]:
    return [text[span.start : span.end] for span in split_sentences(text)]


# A bar stands where one sentence ends and the next begins.
SPLITS = {
    "plain": "Seoul waits.| Beijing does not.",
    "question and exclamation": "Who gains?| Nobody!| The talks go on.",
    "acronym inside": "The U.S. envoy met the U.K. minister.| They agreed.",
    "acronym at the end": "Troops came from the U.S.| The first arrived in May.",
    "acronym before a name": "He met U.S. President Lincoln.| It rained.",
    "acronym after a hyphen": "Is he pro-U.S. or not?| No one knows.",
    "acronym in brackets": "It joined the United Nations (U.N.) in 1991.| So did its neighbour.",
    "titles": "Mr. Park and Gen. Kim saw Dr. Choi.| Sen. Roe did not.",
    "initials": "J. R. Miller wrote to George W. Bush.| He answered.",
    "months and numbers": "On Jan. 5 it passed No. 12 of vol. 3.| It ended in Dec.| Seoul paused.",
    "latin abbreviations": "Chips, e.g. Memory, and cars vs. Ships, etc. are taxed.| Steel is not.",
    "company": "Acme Corp. Chairman Lee left Acme Inc.| The share fell.",
    "clock": "It began at 9 a.m. Monday and ended at 5 p.m.| The crowd stayed.",
    "decimals": "Growth was 3.5% and cost $1.2 billion.| Exports fell 0.4 points.",
    "year at the end": "The pact dates from 2015.| 28 states signed.",
    "ellipsis goes on": "The air was… rather tense… and hot.",
    "ellipsis ends": "The air was tense…| Nobody spoke...| Then they did.",
    "spaced ellipsis": "They waited . . . and waited.| Nothing.",
    "closing quote inside": "He wants to be a “go-between.”| That is hard.",
    "quote goes on": "“Why now?” she asked.| “Because,” he said.",
    "bracketed sentence": "It failed.| (Nobody was told.)| It was tried again.",
    "footnotes": "They are allies.[1]| He said so.”[ii]| And so did she. [3]| The end.",
    "bracketed word": "He left.| [They] stayed.",
    "brand in lower case": "It sold well.| iPhone makers gained.",
    "markdown emphasis": "**It is over.**| _So they say._| Fine.",
    "enumerator": "1. The first point.| 2. The next point.| B. The last.",
    "web address": "See https://example.org/a.b?c=d!e for more.| It is free.",
    "korean": "서울은 조용했다.| 시민들은 기다렸다!| 왜 그랬을까?",
    "chinese": "首尔很安静。|北京不是！|为什么？|“没有人知道。”",
    "japanese": "彼は来た。|彼女は行った。",
    "urdu": "وہ آیا۔|وہ گئی۔",
    "arabic": "هل وصل؟| نعم، وصل.",
    "hindi": "वह आया।|वह गई।",
    "spanish": "¿Quién gana?| ¡Nadie!| «Así es.»| Fin.",
}


@pytest.mark.parametrize("marked", SPLITS.values(), ids=SPLITS.keys())
def test_sentences_end_where_the_bars_stand(marked: str) -> None:
    assert sentences_of(marked.replace("|", "")) == [part.strip() for part in marked.split("|")]


LAYOUTS = {
    "one paragraph a line, headings bare": [
        "Seoul has long relied on trade with one neighbour and on the arms of another, which worked while both agreed.",
        "Trade with the neighbour",
        "It takes a fifth of all exports.",
        "Seoul now has to choose how to stand between two powers that no longer agree",
        "The choice is hard.",
    ],
    "pull quote that stands twice": [
        "Hedging has reached its limits; staying neutral now costs more than taking sides.",
        "Hedging has reached its limits; staying neutral now costs more than taking sides",
        "The last government saw it coming.",
    ],
    "note in square brackets": ["It is a start…", "[All of this was found elsewhere; write to us to have it removed.]"],
    "short footnotes stay whole": [
        "He was “ready.”[i]",
        "[i] Doe, Jane. “‘No War! No Peace!’: A Talk”, News, https://example.org/x, (Access Date: 02.11.2025).",
        "[ii] Ibid. P. 4.",
    ],
    "markdown": [
        "# A heading. With a stop",
        "- one",
        "- two, and more",
        "1. first",
        "2) second",
        "| a. B | c. D |",
        "---",
        "> Said.",
    ],
}


@pytest.mark.parametrize("lines", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_each_line_is_a_sentence(lines: list[str]) -> None:
    assert sentences_of("\n".join(lines)) == lines


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


def test_list_item_goes_on_in_an_indented_line() -> None:
    assert sentences_of("- a point that\n  goes on\n- another") == ["- a point that\n  goes on", "- another"]


def test_headline_and_subhead_are_not_taken_for_wrapped_text() -> None:
    headline = "South Korea prepares for a new age of its alliance"
    assert sentences_of(f"{headline}\nSeoul weighs what to do") == [headline, "Seoul weighs what to do"]


@pytest.mark.parametrize("text", ["", " \n\t\n", "\n\n\n"], ids=["empty", "white space", "blank lines"])
def test_no_text_has_no_sentences(text: str) -> None:
    assert split_sentences(text) == []


PIECES = st.sampled_from(
    [*'aA1.!?…。”")(*#-|> \n\t', "[1]", "U.S.", "Mr.", "The ", "한국", "🙂", "\u0301", "\xa0", "\u05d0"]
)


@given(st.text() | st.lists(PIECES, max_size=80).map("".join))
def test_every_character_lies_in_exactly_one_sentence(text: str) -> None:
    end = 0
    for span in split_sentences(text):
        assert not text[end : span.start].strip()
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


@pytest.mark.skipif(not ORIGINALS.is_dir(), reason="the original articles are not here")
def test_the_original_articles() -> None:
    for path in sorted(ORIGINALS.glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        sentences = sentences_of(text)
        assert not any("\n" in sentence for sentence in sentences), "they hold one paragraph a line"
        assert sum(len(sentence) for sentence in sentences) / len(sentences) < 200
        assert all(sentence[0].isupper() or sentence[0] in "“[" for sentence in sentences)
