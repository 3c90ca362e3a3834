"""Run an evaluation: ask the questions of an index, score the answers, write the report and record the baseline."""

from __future__ import annotations

import dataclasses
import json
import logging
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from askseoul import domain
from askseoul.answering.reverify import reverify
from askseoul.errors import UsageError
from askseoul.evaluation import results
from askseoul.evaluation.datasets import GoldQuestion, LabelledSentence, load_gold, load_labelled
from askseoul.evaluation.public_datasets import PublicDataset
from askseoul.evaluation.report import report_page
from askseoul.evaluation.scores import Evaluation, evaluate
from askseoul.pipeline import AskSeoul, open_index
from askseoul.settings import Settings
from askseoul.verification.claim import verify_claim

log = logging.getLogger(__name__)

RESULTS: Final = "results.json"
LABELLED: Final = "support.jsonl"
"""Name of the file of labelled sentences, next to the first file of gold questions."""


@dataclass(frozen=True, slots=True)
class Scored:
    """An evaluation and its results as JSON, with the fingerprints of what it was made of."""

    evaluation: Evaluation
    results: dict[str, Any]


def load(files: Sequence[Path]) -> tuple[list[GoldQuestion], list[LabelledSentence]]:
    """The gold questions of these files, and the labelled sentences in the folder of the first file, if there are any.

    Raises UsageError."""
    beside = files[0].with_name(LABELLED)
    questions = [question for file in files for question in load_gold(file)]
    repeated = [known for known, count in Counter(question.id for question in questions).items() if count > 1]
    if repeated:
        raise UsageError(f"{' and '.join(map(str, files))} both have a question {repeated[0]!r}: ids must differ.")
    return questions, load_labelled(beside) if beside.is_file() else []


def write_articles(dataset: PublicDataset, folder: Path) -> Path:
    """Write the dataset's articles as files into a new folder, and return the folder."""
    folder.mkdir()
    for article in dataset.articles:
        title = f"---\ntitle: {json.dumps(article.title, ensure_ascii=False)}\n---\n\n" if article.title else ""
        (folder / article.id).write_text(f"{title}{article.text}\n", encoding="utf-8")
    return folder


@contextmanager
def open_dataset(dataset: PublicDataset, settings: Settings) -> Iterator[AskSeoul]:
    """Open an index of the dataset's articles in a temporary folder, which is deleted at the end."""
    with tempfile.TemporaryDirectory() as folder:
        articles = write_articles(dataset, Path(folder, "articles"))
        with open_index(dataclasses.replace(settings, index=Path(folder, "index")), create=True) as app:
            app.index(articles)
            yield app


def score(
    app: AskSeoul,
    questions: Sequence[GoldQuestion],
    labelled: Sequence[LabelledSentence] = (),
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Scored:
    """Ask the gold questions and score the answers; score the verifier on the labelled sentences.

    Answers that quote because the LLM failed are scored as they are, and their number is logged as a warning.
    Raises UsageError if a gold quote is not in its article, ArticleUnknown if the index does not have the article."""
    evaluation = evaluate(
        questions,
        lambda question, earlier: app.ask(question, history=earlier),
        app.article,
        lambda answer: reverify(domain.as_json(answer), app.article, app.reader),
        lambda text, quotes: all(part.verdict == "supported" for _, part in verify_claim(text, quotes, app.reader)),
        labelled,
        progress,
    )
    failed = [each.answer.trace.warnings for each in evaluation.results if each.answer.trace.warnings]
    if failed:
        log.warning("%s of %s answers were not worded as they could be: %s", len(failed), len(questions), failed[0][0])
    manifest = app.store.manifest
    made_of = results.fingerprints(
        questions,
        labelled,
        collection=f"{manifest.contents} in passages of {manifest.passage_tokens}",
        encoder=app.encoder.fingerprint,
        generator=app.generator.name if app.generator else "none",
    )
    return Scored(evaluation, results.as_json(evaluation, made_of))


def earlier_results(folder: Path) -> dict[str, Any] | None:
    """The results of an earlier report in this folder, if there are any; the folder is created.

    Raises UsageError if it can't be created, or if its results can't be read."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} can't be created ({error.strerror}): name another folder.") from error
    kept = folder / RESULTS
    return results.read_results(kept) if kept.exists() else None


def write_report(folder: Path, scored: Scored, earlier: dict[str, Any] | None) -> Path:
    """Write ``results.json`` and ``report.html``, and return the path of the page. Raises UsageError."""
    page = folder / "report.html"
    _write(page, report_page(scored.results, earlier))
    _write(folder / RESULTS, _dumped(scored.results))
    return page


def record_baseline(path: Path, scored: Scored) -> None:
    """Record this evaluation as the baseline for later ones. Raises UsageError."""
    found = scored.results
    scores = {
        group: {name: value for name, value in figures.items() if not name.startswith("seconds")}
        for group, figures in found["scores"].items()
    }
    _write(path, _dumped({**found, "scores": scores, "questions": [_measured(each) for each in found["questions"]]}))


def load_baseline(path: Path) -> dict[str, Any]:
    """The recorded baseline. Raises UsageError if there is none."""
    if not path.exists():
        raise UsageError(f"There is no baseline {path} yet: add --record to record one.")
    return results.read_results(path)


def _measured(question: dict[str, Any]) -> dict[str, Any]:
    """The fields of a question that the baseline keeps: not its texts, which are those of articles, nor its time."""
    kept = {name: question[name] for name in ("id", "kind", "lang", "answered", "correct")}
    return kept | {"measures": {name: value for name, value in question["measures"].items() if value is not None}}


def _dumped(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="backslashreplace")  # JSON may contain lone surrogates
    except OSError as error:
        raise UsageError(f"{path} can't be written ({error.strerror}): name another place.") from error
