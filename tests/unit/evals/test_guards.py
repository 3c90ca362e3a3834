"""What ``evals.quality.guards`` counts, on a story worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from evals.quality import guards
from training.stories import Claim, Story

SENTENCES = ("The town has 12 bridges.", "Ms Park wants to build a tram to the harbour next year.")
STORY = Story("town-1", {"a": SENTENCES}, (), (), (), (), ())
IN_OTHER_WORDS = "People who live there are glad of the 40 ferries."
COPY = "Ms Kim wants to build a tram to the harbour next year."


class CertainReader:
    """Gives every claim the same probability of being supported."""

    def __init__(self, probability):
        self.probability = probability

    def supports(self, claims):
        row = [self.probability, 1 - self.probability, 0.0]
        return np.array([row] * len(claims), np.float32)


def judge(text, evidence, probability):
    return guards.judge(Claim(text, evidence, "unsupported", ""), STORY, CertainReader(probability))


@pytest.mark.parametrize(
    ("text", "evidence", "copied", "rejecting"),
    [
        pytest.param(COPY, ("a2",), True, "names", id="a copy with another name"),
        pytest.param(IN_OTHER_WORDS, ("a1",), False, "numbers", id="other words with another number"),
    ],
)
def test_a_guard_decides_unless_it_is_left_out(text, evidence, copied, rejecting):
    judged = judge(text, evidence, 0.99)
    assert (judged.copied, judged.read, judged.right) == (copied, True, False)
    assert judged.rejecting == {rejecting}
    assert not judged.is_kept("")
    assert not judged.is_kept("bounds")
    assert judged.is_kept(rejecting)
    assert judged.is_kept("any")


def test_what_the_reader_rejects_is_kept_without_no_guard():
    judged = judge(IN_OTHER_WORDS, ("a1",), 0.2)
    assert not judged.read
    assert not any(judged.is_kept(guard) for guard in ("", *guards.GUARDS, "any"))


def test_all_guards_have_a_row():
    named = {check.name for check in guards.check_guards(*map(guards.parse, SENTENCES[:1]), (), ())}
    assert named == set(guards.GUARDS)
