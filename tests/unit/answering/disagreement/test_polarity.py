"""Which way a sentence points (up or down, allowed or banned, for or against, good or bad), and what turns it round."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.answering.disagreement.polarity import AXES, affirms, axes_of, holds_office, pull
from askseoul.nlp.entities import find_names
from askseoul.nlp.text import parse


@pytest.mark.parametrize(
    ("text", "axis", "sign"),
    [
        pytest.param("Trade rose.", "direction", 1, id="up"),
        pytest.param("Trade fell.", "direction", -1, id="down"),
        pytest.param("Swimming is allowed.", "permission", 1, id="allowed"),
        pytest.param("Swimming is banned.", "permission", -1, id="banned"),
        pytest.param("No swimmer may enter.", "permission", -1, id="no swimmer may"),
        pytest.param("The union backs the plan.", "approval", 1, id="for"),
        pytest.param("The union opposes the plan.", "approval", -1, id="against"),
        pytest.param("The union should reject the plan.", "approval", -1, id="should reject"),
        pytest.param("The pier is safe.", "value", 1, id="good"),
        pytest.param("The pier is dangerous.", "value", -1, id="bad"),
        pytest.param("The pier reopened.", "operation", 1, id="open"),
        pytest.param("The pier closed.", "operation", -1, id="shut"),
        pytest.param("Tests confirmed the leak.", "truth", 1, id="true"),
        pytest.param("The claim is false.", "truth", -1, id="false"),
        pytest.param("The court convicted him.", "guilt", 1, id="guilty"),
        pytest.param("The court acquitted him.", "guilt", -1, id="innocent"),
        pytest.param("The country stays neutral.", "side", 1, id="between the sides"),
        pytest.param("The country aligned with its neighbour.", "side", -1, id="on a side"),
    ],
)
def test_each_end_of_each_axis(text, axis, sign):
    assert pull(text, axis) == sign


@pytest.mark.parametrize(
    ("text", "axis", "sign"),
    [
        pytest.param("Trade did not rise.", "direction", -1, id="not"),
        pytest.param("Trade neither rose nor fell.", "direction", 0, id="neither, nor"),
        pytest.param("The pier isn’t safe.", "value", -1, id="n't"),
        pytest.param("They lifted the ban on swimming.", "permission", 1, id="a lifted ban"),
        pytest.param("The ban was lifted.", "permission", 1, id="lifted behind it"),
        pytest.param("Nobody on the island has ever said that swimming is allowed.", "permission", -1,
                     id="far before, in the clause"),
        pytest.param("At no point did the union support the plan.", "approval", -1, id="at no point"),
        pytest.param("Few benefits came.", "value", -1, id="few"),
        pytest.param("The benefits are out of reach.", "value", -1, id="out of reach"),
        pytest.param("It is hard for the crews to prosper.", "value", -1, id="hard for somebody to"),
        pytest.param("The help failed.", "value", -2, id="failed"),
    ],
)  # fmt: skip
def test_a_denied_word_counts_the_other_way(text, axis, sign):
    assert pull(text, axis) == sign


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        pytest.param("It did not rain, but trade rose.", 1, id="another clause"),
        pytest.param("It was not the rain; trade rose.", 1, id="before a semicolon"),
        pytest.param("Without much rain and with the tide, trade rose.", 1, id="before a comma"),
        pytest.param("Not only boats rose.", 1, id="not only"),
        pytest.param("", 0, id="nothing"),
        pytest.param("서울 🙂 e\u0301", 0, id="no English"),
    ],
)
def test_another_clause_denies_nothing(text, sign):
    assert pull(text, "direction") == sign


def test_words_add_up():
    assert pull("Trade rose, sales rose and prices fell.", "direction") == 1


def sense(text, word, asked=()):
    parsed = parse(text).normalized
    starts = [place for place in range(len(parsed)) if parsed.startswith(word, place)]
    return affirms(parsed, starts, frozenset(asked))


@pytest.mark.parametrize(
    ("text", "asked", "sign"),
    [
        pytest.param("The pier sank.", (), 1, id="said"),
        pytest.param("The pier never sank.", (), -1, id="denied"),
        pytest.param("The pier sank, but the ferry never sank.", (), -1, id="denied once"),
        pytest.param("The pier floats.", (), 0, id="not there"),
        pytest.param("The pier was slow and sank.", (), -1, id="turned"),
        pytest.param("The pier was slow and sank.", ("slow",), 1, id="the question's own word turns nothing"),
    ],
)
def test_what_a_text_says_of_a_word(text, asked, sign):
    assert sense(text, "sank", asked) == sign


@pytest.mark.parametrize(
    ("text", "held"),
    [
        pytest.param("President Kim opened it.", 1, id="a title"),
        pytest.param("President Dara Kim opened it.", 1, id="a title and a first name"),
        pytest.param("The Kim administration opened it.", 1, id="an administration"),
        pytest.param("Kim’s government opened it.", 1, id="a government"),
        pytest.param("Kim took office.", 1, id="took office"),
        pytest.param("They inaugurated Kim.", 1, id="inaugurated"),
        pytest.param("Former president Kim opened it.", -1, id="former"),
        pytest.param("Ex-President Kim opened it.", -1, id="ex"),
        pytest.param("Kim, the former president, opened it.", -1, id="the former president"),
        pytest.param("Kim stepped down in May.", -1, id="stepped down"),
        pytest.param("Kim left office.", -1, id="left"),
        pytest.param("Kim, 61, is no longer president.", -1, id="no longer"),
        pytest.param("Kim opened it.", 0, id="neither"),
        pytest.param("President Lee opened it.", 0, id="somebody else"),
        pytest.param("", 0, id="nothing"),
    ],
)
def test_in_office_or_out_of_it(text, held):
    assert holds_office(text, find_names(parse("We met Dara Kim"))) == held


@pytest.mark.parametrize(
    ("question", "axes"),
    [
        ("Did trade rise or fall?", ["direction"]),
        ("Is swimming legal?", ["permission"]),
        ("Does the union support the plan?", ["approval"]),
        ("Is the pier safe?", ["value"]),
        ("Should the pier stay?", ["approval", "value"]),
        ("Is the pier open?", ["operation"]),
        ("Is there evidence for it?", ["truth"]),
        ("Was he guilty?", ["guilt"]),
        ("Will the country stay neutral?", ["side"]),
        ("Who built it?", []),
        ("", []),
    ],
)
def test_a_question_names_axes(question, axes):
    assert axes_of(question) == axes


PIECES = st.sampled_from(
    ["not", "no longer", "rose", "fell", "ban", "lifted", "safe", "support", "but", ",", ".", "서울", "🙂", "שלום",
     "e\u0301", "\r\n", "\n\n"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=25).map(" ".join)))
def test_any_text_points_somewhere(text):
    parsed = parse(text)
    assert all(isinstance(pull(text, axis), int) for axis in AXES)
    assert affirms(parsed.normalized, range(len(parsed.normalized)), frozenset()) in (-1, 0, 1)
    assert holds_office(text, find_names(parsed)) in (-1, 0, 1)
    assert set(axes_of(text)) <= set(AXES)
