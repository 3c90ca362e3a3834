from __future__ import annotations

import pytest

from askseoul.nlp.question_generation import inverted, is_past, is_verb


@pytest.mark.parametrize(
    ("verb", "rest", "question"),
    [
        ("is", "far away", "is Seoul"),
        ("would", "offer help", "would Seoul"),
        ("has", "been demanding more", "has Seoul"),
        ("has", "tried to help", "has Seoul"),
        ("has", "ten bridges", "does Seoul have"),
        ("had", "ten bridges", "did Seoul have"),
        ("takes", "a share", "does Seoul take"),
        ("relies", "on trade", "does Seoul rely"),
        ("reaches", "a share", "does Seoul reach"),
        ("built", "plants", "did Seoul build"),
        ("denied", "it", "did Seoul deny"),
    ],
)
def test_subject_and_verb_stand_as_a_question_has_them(verb, rest, question):
    assert inverted("Seoul", verb, rest) == question


@pytest.mark.parametrize(
    ("past", "base"),
    [
        (past, base)
        for base, past in (
            pair.split(":")
            for pair in """deploy:deployed restrict:restricted create:created treat:treated call:called plan:planned
            pledge:pledged promise:promised announce:announced receive:received include:included
            avoid:avoided invade:invaded organize:organized settle:settled open:opened offer:offered develop:developed
            mention:mentioned visit:visited target:targeted require:required repair:repaired declare:declared
            appear:appeared secure:secured combine:combined explain:explained vote:voted contribute:contributed
            complete:completed name:named consume:consumed claim:claimed describe:described shape:shaped look:looked
            provoke:provoked rule:ruled change:changed judge:judged erode:eroded argue:argued press:pressed
            follow:followed employ:employed support:supported abandon:abandoned limit:limited""".split()
        )
    ],
)
def test_the_base_of_a_regular_verb_is_told_by_its_ending(past, base):
    assert inverted("they", past, "something") == f"did they {base}"


@pytest.mark.parametrize("verb", ["hoped", "controlled", "totaled", "favored", "wanders"])
def test_a_verb_whose_base_is_uncertain_makes_no_question(verb):
    assert inverted("they", verb, "something") is None


def test_a_singular_verb_behind_two_subjects_makes_no_question():
    assert inverted("Samsung and Hynix", "takes", "a share") is None


def test_verbs_are_known_by_their_form():
    assert [is_verb(word) for word in ("built", "created", "takes", "would", "has", "plants", "red", "Seoul")] == [
        True, True, True, True, True, False, False, False,
    ]  # fmt: skip
    assert [is_past(word) for word in ("built", "created", "takes", "would", "United")] == [True, True] + 3 * [False]
