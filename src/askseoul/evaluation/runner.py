"""A whole evaluation: questions asked of an index, the answers scored, reported and held against a baseline."""

from __future__ import annotations

import dataclasses
import json
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
from askseoul.evaluation.public_datasets import PublicSet
from askseoul.evaluation.report import report_page
from askseoul.evaluation.scores import Evaluation, evaluate
from askseoul.pipeline import AskSeoul, open_index
from askseoul.settings import Settings
from askseoul.verification.claim import verify_claim

RESULTS: Final = "results.json"
LABELLED: Final = "support.jsonl"
"""The file of labelled sentences, beside the first of the gold questions."""


@dataclass(frozen=True, slots=True)
class Scored:
    """An evaluation, and the same as JSON with what it was made of."""

    evaluation: Evaluation
    results: dict[str, Any]


def load(files: Sequence[Path]) -> tuple[list[GoldQuestion], list[LabelledSentence]]:
    """The gold questions of these files, and the labelled sentences where such stand beside the first. Raises
    UsageError."""
    beside = files[0].with_name(LABELLED)
    questions = [question for file in files for question in load_gold(file)]
    twice = [known for known, count in Counter(question.id for question in questions).items() if count > 1]
    if twice:
        raise UsageError(f"{' and '.join(map(str, files))} both have a question {twice[0]!r}: ids have to differ.")
    return questions, load_labelled(beside) if beside.is_file() else []


def write_articles(public: PublicSet, folder: Path) -> Path:
    """The set's articles as files of a new folder, which is given back."""
    folder.mkdir()
    for article in public.articles:
        title = f"---\ntitle: {json.dumps(article.title, ensure_ascii=False)}\n---\n\n" if article.title else ""
        (folder / article.id).write_text(f"{title}{article.text}\n", encoding="utf-8")
    return folder


@contextmanager
def opened_set(public: PublicSet, settings: Settings) -> Iterator[AskSeoul]:
    """An index of the set's articles alone, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        articles = write_articles(public, Path(folder, "articles"))
        with open_index(dataclasses.replace(settings, index=Path(folder, "index")), create=True) as app:
            app.index(articles)
            yield app


def score(
    app: AskSeoul,
    questions: Sequence[GoldQuestion],
    labelled: Sequence[LabelledSentence] = (),
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Scored:
    """Ask the gold questions and measure the answers, and the verifier on the labelled sentences. Raises UsageError
    where the index does not hold a quote."""
    evaluation = evaluate(
        questions,
        lambda question, earlier: app.ask(question, history=earlier),
        app.article,
        lambda answer: reverify(domain.as_json(answer), app.article, app.similarity),
        lambda text, quotes: all(part.verdict == "supported" for _, part in verify_claim(text, quotes, app.similarity)),
        labelled,
        progress,
    )
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
    """The results that a report into this folder compares with, if there are any; the folder is made. Raises UsageError
    where it can't be, or holds something else."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} can't be a folder for the report ({error.strerror}): name another.") from error
    kept = folder / RESULTS
    return results.read_results(kept) if kept.exists() else None


def write_report(folder: Path, scored: Scored, earlier: dict[str, Any] | None) -> Path:
    """Write ``results.json`` and ``report.html``, and give the page's path. Raises UsageError."""
    page = folder / "report.html"
    _write(page, report_page(scored.results, earlier))
    _write(folder / RESULTS, _dumped(scored.results))
    return page


def record_baseline(path: Path, scored: Scored) -> None:
    """Make this evaluation the one that later ones are held against. Raises UsageError."""
    found = scored.results
    scores = {
        group: {name: value for name, value in figures.items() if not name.startswith("seconds")}
        for group, figures in found["scores"].items()
    }
    _write(path, _dumped({**found, "scores": scores, "questions": [_measured(each) for each in found["questions"]]}))


def load_baseline(path: Path) -> dict[str, Any]:
    """The evaluation that was recorded. Raises UsageError where none was."""
    if not path.exists():
        raise UsageError(f"There is no baseline {path} yet: record one by adding --record.")
    return results.read_results(path)


def _measured(question: dict[str, Any]) -> dict[str, Any]:
    """What the baseline needs of a question: not its texts, which are the articles' own, nor its time."""
    kept = {name: question[name] for name in ("id", "kind", "lang", "answered", "correct")}
    return kept | {"measures": {name: value for name, value in question["measures"].items() if value is not None}}


def _dumped(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="backslashreplace")  # JSON allows half a surrogate pair
    except OSError as error:
        raise UsageError(f"{path} can't be written ({error.strerror}): name another place.") from error
