"""An evaluation beside the recorded one: what is worse, what is better, and what is made of something else.

A figure differs from the recorded one when it does so by more than TOLERANCE and beyond chance, judged question by
question. A figure that rose and a part that changed have to be recorded too: else the next drop would hide behind them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from askseoul.evaluation import GATED_LANGUAGE
from askseoul.intervals import chance_of_no_drop

TOLERANCE: Final = 0.01
"""Difference of a mean that is let pass: another processor rounds otherwise."""
CHANCE: Final = 0.05
"""Share of the paired samples in which a difference may be none and still counts."""
LEAST_MOVED: Final = 3
"""Questions that have to move before chance is judged at all: samples of one or two know of no chance."""
EXACT: Final = ("quotes_exact", "proved")
"""Measures of which one question that is lower is one too many, chance or not."""
GUARDED: Final = (
    "correct",
    "answered",
    "refused",
    "facts_held",
    "evidence_cited",
    "citation_precision",
    "citation_recall",
    "needed_citations",
    "token_f1",
    "ndcg_at_10",
    "recall_at_10",
    "reciprocal_rank",
    "both_sides",
    "false_disagreements",
    "words",
)
"""What is compared question by question: measures, how far each was done right, whether answerable questions are
answered, and whether the others are refused, which can make up for each other in the mean."""
_FEWER_IS_BETTER: Final = ("false_disagreements", "words")
_IN_WORDS: Final = 40.0
"""``words`` counts in this many, so that TOLERANCE is about half a word."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure or a part that is not as recorded."""

    name: str
    kind: Literal["worse", "better", "changed"]
    before: float | str | None
    now: float | str | None

    def __str__(self) -> str:
        if self.kind == "changed":
            was, is_now = (value if value is not None else "nothing" for value in (self.before, self.now))
            return f"{self.name} changed: {was} was recorded and it is {is_now}"
        return f"{self.name} is {self.kind}: {self.before:.3f} was recorded and it is {self.now:.3f}"


def differences(recorded: Mapping[str, Any], now: Mapping[str, Any]) -> list[Difference]:
    """What is not as recorded, what is worse first. Both are results as ``results.as_json`` gives them."""
    before, after = ({each["id"]: each for each in _gated(results)} for results in (recorded, now))
    both = [known for known in before if known in after]
    found = []
    for name in (*EXACT, *GUARDED):
        pairs = [(_value(before[known], name), _value(after[known], name)) for known in both]
        paired = [(was, is_now) for was, is_now in pairs if was is not None and is_now is not None]
        if paired:
            found += _differs(name, *zip(*paired, strict=True))
        elif any(was is not None for was, _ in pairs):
            found.append(Difference(f"the measure {name}", "changed", "measured", None))
    right = [each["verifier"]["right"] for each in (recorded, now)]
    labelled = [known for known in right[0] if known in right[1]]
    if labelled:
        found += _differs("verifier", *([float(each[known]) for known in labelled] for each in right))
    parts = [each["made_of"] for each in (recorded, now)]
    found += [
        Difference(name, "changed", parts[0].get(name), parts[1].get(name))
        for name in dict.fromkeys([*parts[0], *parts[1]])
        if parts[0].get(name) != parts[1].get(name)
    ]
    order = ("worse", "better", "changed")
    return sorted(found, key=lambda difference: order.index(difference.kind))


def _gated(results: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The questions in English, or all where none is."""
    questions: list[dict[str, Any]] = results["questions"]
    return [each for each in questions if each["lang"] == GATED_LANGUAGE] or questions


def _value(question: Mapping[str, Any], name: str) -> float | None:
    """What a question has of a figure, higher being better; None where that makes no sense."""
    if name in ("answered", "refused"):
        is_one = (question["kind"] == "unanswerable") == (name == "refused")
        return float(question["answered"] == (name == "answered")) if is_one else None
    value = question["correct"] if name == "correct" else question["measures"].get(name)
    return None if value is None else float(value) * _scale(name)


def _scale(name: str) -> float:
    return (-1 if name in _FEWER_IS_BETTER else 1) / (_IN_WORDS if name == "words" else 1.0)


def _differs(name: str, before: Sequence[float], after: Sequence[float]) -> list[Difference]:
    """Whether values that belong together differ beyond tolerance and chance; higher ones are better."""
    means = [sum(values) / len(values) for values in (before, after)]
    kind: Literal["worse", "better"] = "worse" if means[1] < means[0] else "better"
    difference = Difference(name, kind, means[0] / _scale(name) + 0.0, means[1] / _scale(name) + 0.0)
    moved = sum(was != is_now for was, is_now in zip(before, after, strict=True))
    if name in EXACT:
        return [difference] if moved else []
    pair = (before, after) if kind == "worse" else (after, before)
    is_chance = moved < LEAST_MOVED or abs(means[1] - means[0]) <= TOLERANCE or chance_of_no_drop(*pair) >= CHANCE
    return [] if is_chance else [difference]
