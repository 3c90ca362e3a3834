"""An evaluation beside the recorded one: what is worse, what is better, and what is made of something else.

A figure differs from the recorded one when it does so by more than TOLERANCE and beyond chance, judged question by
question. A figure that rose and a part that changed have to be recorded too: else the next drop would hide behind them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from askseoul.evaluation import GATED_LANGUAGE
from askseoul.intervals import chance_of_no_drop

TOLERANCE: Final = 0.01
"""Difference of a mean that is let pass: another processor rounds otherwise."""
CHANCE: Final = 0.05
"""Share of the paired samples in which a difference may be none and still counts."""
EXACT: Final = ("quotes_exact", "proved")
"""Measures of which one question that is below the recorded least is one too many, chance or not."""
GUARDED: Final = (
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
    for name in EXACT:
        was, is_now = (_least(questions.values(), name) for questions in (before, after))
        if is_now < was:
            found.append(Difference(name, "worse", was, is_now))
    for name in ("correct", *GUARDED):
        pairs = [(_value(before[known], name), _value(after[known], name)) for known in both]
        paired = [(was, is_now) for was, is_now in pairs if was is not None and is_now is not None]
        found += _differs(name, *zip(*paired, strict=True)) if paired else []
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
    return [each for each in results["questions"] if each["lang"] == GATED_LANGUAGE]


def _least(questions: Iterable[Mapping[str, Any]], name: str) -> float:
    values = [each["measures"].get(name) for each in questions]
    return min((float(value) for value in values if value is not None), default=1.0)


def _value(question: Mapping[str, Any], name: str) -> float | None:
    value = question["correct"] if name == "correct" else question["measures"].get(name)
    if value is None:
        return None
    scale = _IN_WORDS if name == "words" else 1.0
    return (-1 if name in _FEWER_IS_BETTER else 1) * float(value) / scale


def _differs(name: str, before: Sequence[float], after: Sequence[float]) -> list[Difference]:
    """Whether values that belong together differ beyond tolerance and chance; higher ones are better."""
    means = [sum(values) / len(values) for values in (before, after)]
    kind: Literal["worse", "better"] = "worse" if means[1] < means[0] else "better"
    pair = (before, after) if kind == "worse" else (after, before)
    if abs(means[1] - means[0]) <= TOLERANCE or chance_of_no_drop(*pair) >= CHANCE:
        return []
    scale = (-1 if name in _FEWER_IS_BETTER else 1) * (_IN_WORDS if name == "words" else 1.0)
    return [Difference(name, kind, means[0] * scale, means[1] * scale)]
