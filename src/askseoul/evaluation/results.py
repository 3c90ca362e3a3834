"""An evaluation as JSON: its scores, every question with what went wrong, and what all of it was made of.

What was made of other parts can't be compared without saying so. So the hash of each part is kept: the questions, the
collection, the encoder, the prompts, and what the code on the answer's way names in capitals.

An evaluation beside the recorded one: what is worse, what is better, and what is made of something else.

A figure differs from the recorded one when it does so by more than TOLERANCE and beyond chance, judged question by
question. A figure that rose and a part that changed have to be recorded too: else the next drop would hide behind them.
"""

from __future__ import annotations

import ast
import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from askseoul.errors import UsageError
from askseoul.evaluation.datasets import GoldQuestion, LabelledSentence
from askseoul.evaluation.metrics import evidence_cited, facts_held, paired_bootstrap_p
from askseoul.evaluation.scores import GATED_LANGUAGE, Evaluation, Result
from askseoul.models.generator import prompt_files

VERSION: Final = 1
"""Of the form of ``results.json``."""
_COMPARED: Final = frozenset({"id", "kind", "lang", "answered", "correct", "measures"})
"""What a comparison looks at of a question."""
_SHORT: Final = 12
"""Digits of a hash that are kept."""
_DECIDING: Final = (
    *("models", "nlp", "ingest", "index", "verification", "retrieval", "answering"),
    *("domain.py", "settings.py", "pipeline.py"),
)
"""Rooms and modules that decide an answer; the others only ask for one, show it or score it."""
_PACKAGE: Final = Path(__file__).parents[1]


def fingerprints(
    questions: Sequence[GoldQuestion],
    labelled: Sequence[LabelledSentence],
    *,
    collection: str,
    encoder: str,
    generator: str,
) -> dict[str, str]:
    """What an evaluation is made of: each part by its name, with its hash or what it is called.

    ``constants of MODULE`` has what a module of the package names in capitals, its thresholds, weights and patterns,
    whatever else in it changes; what changes without a name of its own has to show in a figure.
    """
    parts = {
        "gold questions": _hash(repr(tuple(questions))),
        "labelled sentences": _hash(repr(tuple(labelled))),
        "collection": _hash(collection),
        "encoder": encoder[:_SHORT],
        "generator": generator,
        "prompts": _hash("".join(f"{path.name}\n{path.read_text(encoding='utf-8')}" for path in prompt_files())),
    }
    for path in sorted(file for name in _DECIDING for file in _sources(_PACKAGE / name)):
        if constants := _constants(path):
            parts[f"constants of {path.relative_to(_PACKAGE).with_suffix('').as_posix()}"] = _hash(constants)
    return parts


def _sources(path: Path) -> list[Path]:
    """The Python files of a room; the word lists are data, and show in a figure."""
    return [path] if path.is_file() else list(path.rglob("*.py"))


def _constants(path: Path) -> str:
    """What a module's names in capitals stand for, as its source has it but for its line breaks."""
    source = path.read_bytes()
    lines = source.splitlines(keepends=True)
    found = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]
            if names and all(name.isupper() for name in names):
                value = _source_of(node.value, lines)
                found.append(f"{' '.join(names)} = {' '.join(value.split())}")
    return "\n".join(found)


def _source_of(node: ast.expr, lines: list[bytes]) -> str:
    """The source of a node. ``ast.get_source_segment`` gives the same, but splits the module into lines each time."""
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    *before, last = lines[node.lineno - 1 : node.end_lineno]
    return b"".join([*before, last[: node.end_col_offset]])[node.col_offset :].decode()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_SHORT]


def as_json(evaluation: Evaluation, made_of: Mapping[str, str]) -> dict[str, Any]:
    """The figures of every group with the intervals of the whole, and each question with its measures, its answer and
    what went wrong."""
    return {
        "version": VERSION,
        "made_of": dict(made_of),
        "scores": evaluation.groups(),
        "intervals": {
            name: [round(interval.low, 4), round(interval.high, 4)]
            for name, interval in evaluation.intervals(GATED_LANGUAGE).items()
        },
        "verifier": {
            "precision": evaluation.verifier.precision,
            "recall": evaluation.verifier.recall,
            "right": dict(evaluation.verifier.right),
        },
        "questions": [_as_json(result) for result in evaluation.results],
    }


def _as_json(result: Result) -> dict[str, Any]:
    question, answer = result.question, result.answer
    shown = answer.citations or (answer.refusal.nearest if answer.refusal else ())
    return {
        "id": question.id,
        "kind": question.kind,
        "aspect": question.aspect,
        "lang": question.lang,
        "history": list(question.history),
        "question": question.question,
        "rewritten_question": answer.rewritten_question,
        "answered": answer.answered,
        "text": answer.text,
        "citations": [dataclasses.asdict(citation) for citation in shown],
        "confidence": answer.trace.confidence,
        "seconds": result.seconds,
        "correct": result.correct,
        "measures": dict(result.measures),
        "gold": [{"article": gold.article, "quote": gold.quote} for gold in question.evidence],
        "wrong": what_went_wrong(result),
        "failures": list(result.failures),
    }


def what_went_wrong(result: Result) -> list[str]:
    """One line for each thing that a question's answer lacks or has too much of; nothing where all is right."""
    question, answer, measures = result.question, result.answer, result.measures
    if question.kind == "unanswerable":
        wrong = ["answered, though the articles do not answer it"] if answer.answered else []
    elif not answer.answered:
        wrong = ["refused, though the articles answer it"]
    else:
        wrong = [
            f"a fact is missing: {' or '.join(fact)}" for fact in question.facts if facts_held(answer.text, [fact]) == 0
        ]
        wrong += [
            f"not cited: “{gold.quote}” ({gold.article})"
            for gold, located in zip(question.evidence, result.evidence, strict=True)
            if evidence_cited(answer.citations, [located]) == 0
        ]
        if measures["both_sides"] == 0:
            wrong.append("its two sides are not shown")
    if measures["false_disagreements"]:
        wrong.append("a disagreement is shown on a question for a fact")
    if measures["quotes_exact"] not in (None, 1):
        wrong.append("a quote is not what stands in its article")
    return wrong + [f"not proved: {failure}" for failure in result.failures]


def read_results(path: Path) -> dict[str, Any]:
    """An earlier evaluation, as it was written. Raises UsageError where the file is not one."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        is_one = found["version"] == VERSION and all(isinstance(found[name], dict) for name in ("made_of", "scores"))
        right = found["verifier"]["right"]
        is_one = is_one and isinstance(right, dict) and bool(found["questions"])
        for question in found["questions"]:
            is_one = is_one and question.keys() >= _COMPARED and isinstance(question["measures"], dict)
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"The results {path} can't be read: {error}") from error
    except (AttributeError, KeyError, TypeError):
        is_one = False
    if not is_one:
        raise UsageError(
            f"{path} holds no results of this version: remove it, or make it again with `askseoul eval --report DIR`, "
            "or with --baseline FILE --record."
        )
    return dict(found)


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
    is_chance = moved < LEAST_MOVED or abs(means[1] - means[0]) <= TOLERANCE or paired_bootstrap_p(*pair) >= CHANCE
    return [] if is_chance else [difference]
