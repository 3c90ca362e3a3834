"""The linear model of requests: its features, and where it finds what a message speaks of."""

from __future__ import annotations

import numpy as np
import pytest

from askseoul.domain import Span
from askseoul.errors import ModelError
from askseoul.models.request_model import (
    INTENTS,
    LONGEST,
    RequestModel,
    blank,
    load_request_model,
    marks_of,
    runs_of_letters,
    runs_of_words,
    words_of,
)

USUAL = frozenset({"timeline", "of", "the", "please"})


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        pytest.param("Timeline", "timeline", id="a usual word"),
        pytest.param("tram", "xx", id="a topic"),
        pytest.param("Lindhaven", "Xx", id="a name"),
        pytest.param("TRAM", "xx", id="capitals are no name"),
        pytest.param("2,023", "0", id="a number"),
        pytest.param("요약", "가", id="Korean"),
    ],
)
def test_a_word_that_requests_of_other_subjects_lack_is_a_blank(word, shown):
    assert blank(word, USUAL) == shown


def test_requests_of_different_subjects_have_the_same_runs_of_words():
    tram, strike = (
        [blank(word, USUAL) for _, word in words_of(message)]
        for message in ("timeline of the tram", "timeline of the dockers' long strike")
    )
    assert runs_of_words(tram) == runs_of_words(strike)
    assert "timeline of the xx" in runs_of_words(tram)


def test_a_typing_error_leaves_most_runs_of_letters():
    right, wrong = runs_of_letters("summarise"), runs_of_letters("sumarise")
    assert len(right & wrong) >= len(right) / 2
    assert "# sum" in right & wrong


def test_words_have_their_places_and_a_long_message_is_cut():
    assert words_of("Hi, 세종?") == [(Span(0, 2), "Hi"), (Span(2, 3), ","), (Span(4, 6), "세종"), (Span(6, 7), "?")]
    assert len(words_of("word " * 500)) == LONGEST
    assert words_of("") == []


def test_the_run_of_words_that_looks_most_like_a_subject_is_found():
    marks = ["+0=xx", "+0=Xx"]
    weights = np.array([[-1.0, 2.0, -1.0], [-1.0, 2.0, -1.0], [1.0, 0.0, 0.0]])
    model = RequestModel(sorted(USUAL), [], np.zeros((4, len(INTENTS))), marks, weights)
    assert model.parts("timeline of the Harbour tram please", "timeline") == (Span(16, 28), None)
    assert model.parts("timeline please", "question") == (None, None)
    assert model.unusual("Timeline of the tram, please") == ["tram"]
    assert not model.knows("tram 7")


def test_each_word_has_marks_of_itself_and_of_its_neighbours():
    first, *_ = marks_of(["timeline", "xx"], ["timeline", "tram"], "timeline")
    assert {"+0=timeline", "-1=^", "+1=xx", "timeline+0=timeline", "first=0", "last=1"} <= set(first)


def test_a_damaged_file_of_weights_is_named_with_the_remedy(tmp_path):
    damaged = tmp_path / "weights.npz"
    damaged.write_bytes(b"no weights")
    with pytest.raises(ModelError, match=r"weights\.npz can't be read .*reinstall askseoul"):
        load_request_model(damaged)
