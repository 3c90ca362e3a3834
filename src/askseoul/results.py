"""An evaluation as JSON: its scores, every question with what went wrong, and what all of it was made of.

What was made of other parts can't be compared without saying so. So the hash of each part is kept: the questions, the
collection, the encoder, the prompts, and what the code on the answer's way names in capitals.
"""

from __future__ import annotations

import ast
import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from askseoul.errors import UsageError
from askseoul.evaluation import GATED_LANGUAGE, Evaluation, Result
from askseoul.gold import GoldQuestion, LabelledSentence
from askseoul.measures import evidence_cited, facts_held
from askseoul.prompts import prompt_files

VERSION: Final = 1
"""Of the form of ``results.json``."""
_COMPARED: Final = frozenset({"id", "kind", "lang", "answered", "correct", "measures"})
"""What a comparison looks at of a question."""
_SHORT: Final = 12
"""Digits of a hash that are kept."""
_SHOWING: Final = frozenset(
    (
        "article_view batch charts chatting clauses cli endpoints evaluating exchanges exports feedback guard "
        "inversion judging limits llama lock options page_events page_inputs phrasing places plumbing process "
        "rendering report responses routes serving sets suggestions terminal theme uploads web"
    ).split()
)
"""Modules that change nothing of an answer, only how it is shown or asked for."""


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
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem not in _SHOWING and (constants := _constants(path)):
            parts[f"constants of {path.stem}"] = _hash(constants)
    return parts


def _constants(path: Path) -> str:
    """What a module's names in capitals stand for, as its source has it but for its line breaks."""
    source = path.read_text(encoding="utf-8")
    found = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]
            if names and all(name.isupper() for name in names):
                value = ast.get_source_segment(source, node.value) or ""
                found.append(f"{' '.join(names)} = {' '.join(value.split())}")
    return "\n".join(found)


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
