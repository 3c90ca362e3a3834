"""What differs from the recorded results: beyond chance, beyond tolerance, or in what it is made of."""

from __future__ import annotations

import copy

import pytest

from askseoul.evaluation.results import differences


def results(facts, made_of="a", exact=1.0, right=(True,) * 40):
    """Results of as many questions as there are values of ``facts_held``."""
    return {
        "made_of": {"encoder": made_of},
        "verifier": {"right": {str(place): value for place, value in enumerate(right)}},
        "questions": [
            {
                "id": str(place),
                "kind": "fact",
                "lang": "en",
                "answered": True,
                "correct": held,
                "measures": {"facts_held": held, "quotes_exact": exact, "words": 40.0, "both_sides": None},
            }
            for place, held in enumerate(facts)
        ],
    }


GOOD = [1.0] * 36 + [0.0] * 4
CHANGED = {
    "nothing": (results(GOOD), []),
    "one question of forty is chance": (results([0.0, *GOOD[1:]]), []),
    "ten questions are not": (
        results([0.0] * 10 + GOOD[10:]),
        [f"{name} is worse: 0.900 was recorded and it is 0.650" for name in ("correct", "facts_held")],
    ),
    "a rise": (
        results([1.0] * 40),
        [f"{name} is better: 0.900 was recorded and it is 1.000" for name in ("correct", "facts_held")],
    ),
    "another part": (results(GOOD, made_of="b"), ["encoder changed: a was recorded and it is b"]),
    "one quote that is not exact": (
        results(GOOD, exact=0.99), ["quotes_exact is worse: 1.000 was recorded and it is 0.990"],
    ),
    "a verifier that lets all pass": (
        results(GOOD, right=(True,) * 20 + (False,) * 20), ["verifier is worse: 1.000 was recorded and it is 0.500"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("now", "expected"), CHANGED.values(), ids=CHANGED)
def test_what_is_not_as_recorded(now, expected):
    assert [str(each) for each in differences(results(GOOD), now)] == expected


def test_longer_answers_are_worse_and_told_in_words():
    now = results(GOOD)
    for question in now["questions"]:
        question["measures"]["words"] = 48.0
    assert [str(each) for each in differences(results(GOOD), now)] == [
        "words is worse: 40.000 was recorded and it is 48.000"
    ]


def test_a_drop_within_the_tolerance_passes_however_sure_it_is():
    now = results([value - 0.009 for value in GOOD])
    assert differences(results(GOOD), now) == []


def test_questions_in_other_languages_and_of_one_run_alone_are_left_aside():
    now = results([*GOOD, 0.0])
    foreign = copy.deepcopy(now["questions"][0]) | {"id": "k", "lang": "ko", "correct": 0.0}
    now["questions"].append(foreign)
    assert differences(results(GOOD), now) == []


def test_a_part_that_is_gone_or_new_is_named():
    now = results(GOOD)
    now["made_of"] = {"prompts": "p"}
    assert [str(each) for each in differences(results(GOOD), now)] == [
        "encoder changed: a was recorded and it is nothing",
        "prompts changed: nothing was recorded and it is p",
    ]


def test_one_question_with_a_quote_that_is_not_exact_is_one_too_many():
    now = results(GOOD)
    now["questions"][7]["measures"]["quotes_exact"] = 0.5
    assert [str(each) for each in differences(results(GOOD), now)] == [
        "quotes_exact is worse: 1.000 was recorded and it is 0.988"
    ]


def test_false_answers_are_not_made_up_for_by_facts():
    recorded, now = results(GOOD), results(GOOD)
    for each in (recorded, now):
        for question in each["questions"][20:]:
            question.update(kind="unanswerable", answered=False, correct=1.0, measures={})
    for question in now["questions"][20:30]:
        question.update(answered=True, correct=0.0)
    assert "refused is worse: 1.000 was recorded and it is 0.500" in map(str, differences(recorded, now))


def test_questions_in_another_language_are_compared_where_none_is_in_english():
    recorded, now = results(GOOD), results([0.0] * 40)
    for question in (*recorded["questions"], *now["questions"]):
        question["lang"] = "ko"
    assert [each.kind for each in differences(recorded, now)] == ["worse", "worse"]


def test_a_measure_that_is_gone_is_named():
    now = results(GOOD)
    for question in now["questions"]:
        question["measures"]["words"] = None
    assert [str(each) for each in differences(results(GOOD), now)] == [
        "the measure words changed: measured was recorded and it is nothing"
    ]


def test_two_questions_of_three_know_of_no_chance():
    assert differences(results([1.0, 1.0, 1.0]), results([0.0, 0.0, 1.0])) == []
