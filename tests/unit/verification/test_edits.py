"""What was changed in a sentence that keeps the words of its quote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.nlp.text import parse
from askseoul.verification.alignment import edits_of, put_or_taken

QUOTE = "The ferry Mara may carry three hundred people to Jeju."


def changes(sentence, *quotes):
    """Each change as (put, taken, whether flanked)."""
    found = edits_of(parse(sentence), tuple(map(parse, quotes))).edits
    return [(" ".join(w.text for w in e.put), " ".join(w.text for w in e.taken), e.flanked) for e in found]


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        pytest.param(QUOTE, [], id="none"),
        pytest.param("The ferry Mara may sink three hundred people to Jeju.", [("sink", "carry", True)], id="a word"),
        pytest.param("The ferry Mara carry three hundred people to Jeju.", [("", "may", True)], id="one taken out"),
        pytest.param("The ferry Mara may not carry three hundred people to Jeju.", [("not", "", True)],
                     id="one put in"),
        pytest.param("The ferry Mara may carry three hundred people to Busan.", [("Busan", "Jeju", True)],
                     id="the last word"),
        pytest.param("Two hundred go to Jeju.", [("Two", "The ferry Mara may carry three", False),
                                                 ("go", "people", True)], id="at the start it is not flanked"),
        pytest.param("서울의 배는 새 배다.", [("서울의 배는 새 배다", QUOTE.removesuffix("."), False)], id="Hangul"),
        pytest.param("", [("", QUOTE.removesuffix("."), False)], id="nothing"),
    ],
)  # fmt: skip
def test_edits(sentence, found):
    assert changes(sentence, QUOTE) == found


def test_the_quote_of_which_most_was_kept_counts():
    sentence = "It costs nine million won."
    assert changes(sentence, QUOTE, "It costs ten million won.") == [("nine", "ten", True)]
    assert edits_of(parse(sentence), ()) == ((), 0.0)


@pytest.mark.parametrize(
    ("sentence", "fault"),
    [
        pytest.param(
            "The ferry Mara may not carry three hundred people to Jeju.", "“not” is not in the quote",
                     id="put in"
        ),
        pytest.param("The ferry Mara carry three hundred people to Jeju.", "“may” is in the quote", id="taken out"),
        pytest.param("The ferry Mara cannot carry three hundred people to Jeju.", None, id="in the place of another"),
        pytest.param("Not three hundred people go.", None, id="where little was kept"),
    ],
)  # fmt: skip
def test_a_word_that_was_put_or_taken_alone(sentence, fault):
    assert put_or_taken(parse(sentence), (parse(QUOTE),), {"not", "may"}) == fault


TEXTS = st.one_of(
    st.text(max_size=80),
    st.lists(st.sampled_from("the ferry may not 300 서울 🙂 שלום e\u0301 \r\n .".split(" "))).map(" ".join),
)


@given(TEXTS, TEXTS)
def test_what_is_kept_and_what_is_changed_make_up_the_sentence(sentence, quote):
    sentence, quote = parse(sentence), parse(quote)
    found = edits_of(sentence, (quote,))
    assert 0 <= found.kept <= 1
    put = sum(len(edit.put) for edit in found.edits)
    words = sentence.words
    assert put == round(len(words) * (1 - found.kept)) if words else put == 0
    assert edits_of(sentence, (sentence,)).edits == ()
