"""The results of an evaluation as JSON, and their comparison with recorded ones.

The results contain the scores, each question with its faults, and fingerprints of everything that may change them: the
questions, the collection, the encoder, the prompts, and the constants of the code that decides an answer.

A score differs from the recorded one if its mean moved by more than TOLERANCE and beyond chance, compared question by
question. Better scores and changed fingerprints count as differences too: if they were not recorded, a later drop could
go unnoticed.
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
"""Version of the format of ``results.json``."""
_COMPARED: Final = frozenset({"id", "kind", "lang", "answered", "correct", "measures"})
"""The fields of a question that a comparison needs."""
_DIGITS: Final = 12
"""Hexadecimal digits of a hash that are kept."""
_DECIDING: Final = (
    *("models", "nlp", "ingest", "index", "verification", "retrieval", "answering"),
    *("domain.py", "settings.py", "pipeline.py"),
)
"""The packages and modules that decide an answer; the others request, show or score it."""
_PACKAGE: Final = Path(__file__).parents[1]

TOLERANCE: Final = 0.01
"""Largest difference of a mean that is ignored; processors differ in rounding."""
CHANCE: Final = 0.05
"""Significance level of a difference."""
LEAST_MOVED: Final = 3
"""Minimum number of questions that must change; a bootstrap of one or two changes says nothing."""
EXACT: Final = ("quotes_exact", "proved")
"""Measures of which any change in a single question is a difference."""
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
"""The values that are compared question by question: measures, ``correct``, whether answerable questions are answered,
and whether unanswerable ones are refused. The last two could offset each other in one mean."""
_FEWER_IS_BETTER: Final = ("false_disagreements", "words")
_IN_WORDS: Final = 40.0
"""Unit of ``words``, which makes TOLERANCE about half a word."""


def fingerprints(
    questions: Sequence[GoldQuestion],
    labelled: Sequence[LabelledSentence],
    *,
    collection: str,
    encoder: str,
    generator: str,
) -> dict[str, str]:
    """Fingerprints of everything that may change the scores: a hash or a name for each part.

    ``constants of MODULE`` is a hash of the values of a module's upper-case names: thresholds, weights and patterns.
    Other changes of the code must show in a score.
    """
    parts = {
        "gold questions": _hash(repr(tuple(questions))),
        "labelled sentences": _hash(repr(tuple(labelled))),
        "collection": _hash(collection),
        "encoder": encoder[:_DIGITS],
        "generator": generator,
        "prompts": _hash("".join(f"{path.name}\n{path.read_text(encoding='utf-8')}" for path in prompt_files())),
    }
    for path in sorted(file for name in _DECIDING for file in _sources(_PACKAGE / name)):
        if constants := _constants(path):
            parts[f"constants of {path.relative_to(_PACKAGE).with_suffix('').as_posix()}"] = _hash(constants)
    return parts


def _sources(path: Path) -> list[Path]:
    """The file itself, or the Python files of a package. Word lists are data; their changes must show in a score."""
    return [path] if path.is_file() else list(path.rglob("*.py"))


def _constants(path: Path) -> str:
    """The source of the values of a module's upper-case names, with spacing normalized."""
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
    """The source of a node, as ``ast.get_source_segment`` returns it, without splitting the module each time."""
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    *before, last = lines[node.lineno - 1 : node.end_lineno]
    return b"".join([*before, last[: node.end_col_offset]])[node.col_offset :].decode()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def as_json(evaluation: Evaluation, made_of: Mapping[str, str]) -> dict[str, Any]:
    """The scores of every group, the intervals of the English scores, and each question with its answer, measures and
    faults."""
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
        "wrong": faults_of(result),
        "failures": list(result.failures),
    }


def faults_of(result: Result) -> list[str]:
    """The faults of an answer, one line each."""
    question, answer, measures = result.question, result.answer, result.measures
    if question.kind == "unanswerable":
        faults = ["answered, although the articles do not answer it"] if answer.answered else []
    elif not answer.answered:
        faults = ["refused, although the articles answer it"]
    else:
        faults = [
            f"a fact is missing: {' or '.join(fact)}" for fact in question.facts if facts_held(answer.text, [fact]) == 0
        ]
        faults += [
            f"not cited: “{gold.quote}” ({gold.article})"
            for gold, located in zip(question.evidence, result.evidence, strict=True)
            if evidence_cited(answer.citations, [located]) == 0
        ]
        if measures["both_sides"] == 0:
            faults.append("the two sides are not shown")
    if measures["false_disagreements"]:
        faults.append("a disagreement is shown for a question with one answer")
    if measures["quotes_exact"] not in (None, 1):
        faults.append("a quote differs from its article")
    return faults + [f"not verified: {failure}" for failure in result.failures]


def read_results(path: Path) -> dict[str, Any]:
    """The results of an earlier evaluation. Raises UsageError if the file does not contain any."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        is_valid = found["version"] == VERSION and all(isinstance(found[name], dict) for name in ("made_of", "scores"))
        right = found["verifier"]["right"]
        is_valid = is_valid and isinstance(right, dict) and bool(found["questions"])
        for question in found["questions"]:
            is_valid = is_valid and question.keys() >= _COMPARED and isinstance(question["measures"], dict)
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"The results {path} can't be read: {error}") from error
    except (AttributeError, KeyError, TypeError):
        is_valid = False
    if not is_valid:
        raise UsageError(
            f"{path} holds no results of this version: remove it, or write it again with `askseoul eval --report DIR` "
            "or --baseline FILE --record."
        )
    return dict(found)


@dataclass(frozen=True, slots=True)
class Difference:
    """A score or a fingerprint that differs from the recorded one."""

    name: str
    kind: Literal["worse", "better", "changed"]
    before: float | str | None
    now: float | str | None

    def __str__(self) -> str:
        if self.kind == "changed":
            before, now = ("none" if value is None else value for value in (self.before, self.now))
            return f"{self.name} changed: {before} before, {now} now"
        return f"{self.name} is {self.kind}: {self.before:.3f} before, {self.now:.3f} now"


def differences(recorded: Mapping[str, Any], now: Mapping[str, Any]) -> list[Difference]:
    """The differences between two results, as ``as_json`` returns them; what is worse comes first."""
    before, after = ({each["id"]: each for each in _gated(results)} for results in (recorded, now))
    both = [known for known in before if known in after]
    found: list[Difference] = []
    for name in (*EXACT, *GUARDED):
        pairs = [(_value(before[known], name), _value(after[known], name)) for known in both]
        paired = [(old, new) for old, new in pairs if old is not None and new is not None]
        if paired:
            found += _differs(name, *zip(*paired, strict=True))
        elif any(old is not None for old, _ in pairs):
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
    """The English questions, or all questions if none is English."""
    questions: list[dict[str, Any]] = results["questions"]
    return [each for each in questions if each["lang"] == GATED_LANGUAGE] or questions


def _value(question: Mapping[str, Any], name: str) -> float | None:
    """A question's value to compare, higher being better; None if it does not apply."""
    if name in ("answered", "refused"):
        applies = (question["kind"] == "unanswerable") == (name == "refused")
        return float(question["answered"] == (name == "answered")) if applies else None
    value = question["correct"] if name == "correct" else question["measures"].get(name)
    return None if value is None else float(value) * _scale(name)


def _scale(name: str) -> float:
    return (-1 if name in _FEWER_IS_BETTER else 1) / (_IN_WORDS if name == "words" else 1.0)


def _differs(name: str, before: Sequence[float], after: Sequence[float]) -> list[Difference]:
    """The difference of paired values, higher being better; empty if it is within tolerance or chance."""
    means = [sum(values) / len(values) for values in (before, after)]
    kind: Literal["worse", "better"] = "worse" if means[1] < means[0] else "better"
    difference = Difference(name, kind, means[0] / _scale(name) + 0.0, means[1] / _scale(name) + 0.0)
    moved = sum(old != new for old, new in zip(before, after, strict=True))
    if name in EXACT:
        return [difference] if moved else []
    pair = (before, after) if kind == "worse" else (after, before)
    is_chance = moved < LEAST_MOVED or abs(means[1] - means[0]) <= TOLERANCE or paired_bootstrap_p(*pair) >= CHANCE
    return [] if is_chance else [difference]
