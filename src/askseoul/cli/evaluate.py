"""The command ``eval``: scores the answers to gold questions or a public dataset, and gates on thresholds."""

from __future__ import annotations

import dataclasses
import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from askseoul.cli import console, process
from askseoul.cli.process import CHECK_FAILED, GeneratorOption, IndexOption, JsonOption, StrictnessOption
from askseoul.errors import UsageError
from askseoul.evaluation.public_datasets import DATASETS, PublicDataset, judge, read_dataset
from askseoul.models.reader import load_reader
from askseoul.pipeline import open_index
from askseoul.settings import STRICTNESS, Settings

if TYPE_CHECKING:
    from askseoul.evaluation.runner import Scored

GOLD: Final = Path("evals/gold/digests.jsonl")
"""The gold questions that are used when no file is given."""


def evaluate_gold(  # noqa: PLR0913, PLR0917 - each is an option of the command
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="GOLD.jsonl", help=f"Gold questions; default: {GOLD}.", show_default=False),
    ] = None,
    as_json: JsonOption = False,
    generator: GeneratorOption = None,
    strictness: StrictnessOption = None,
    public: Annotated[
        str | None,
        typer.Option(
            "--set",
            metavar="NAME",
            help="Score a public dataset instead; give its folder or file in place of GOLD.jsonl. It gets an index of "
            f"its own. One of: {', '.join(DATASETS)}.",
        ),
    ] = None,
    min_mean: Annotated[
        list[str] | None,
        typer.Option(
            "--min-mean", "--minimum", metavar="NAME=VALUE", help="Minimum of a score over the English questions."
        ),
    ] = None,
    per_case: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Minimum of a measure for every single English question."),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Write results.json and report.html to this folder, compared with the results.json already there.",
        ),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Fail when the results differ from those in this file beyond chance."),
    ] = None,
    record: Annotated[bool, typer.Option("--record", help="Record the results as the new --baseline.")] = False,
    index: IndexOption = None,
) -> None:
    """Score the answers to gold questions.

    Exit status 1 when a score is below its minimum or differs from the baseline.
    """
    from askseoul.evaluation import results as baselines
    from askseoul.evaluation import runner, scores

    means = scores.read_thresholds(min_mean or [], "--min-mean")
    cases = scores.read_thresholds(per_case or [], "--per-case")
    if record and baseline is None:
        raise UsageError("--record needs --baseline FILE: give the file to write.")
    settings = Settings.resolve(os.environ, index=index, generator=generator, strictness=strictness)
    dataset = _read_set(public, files or []) if public else None
    published = [dataclasses.asdict(each) for each in dataset.published] if dataset else []
    if dataset is not None and not dataset.questions:
        if means or cases or report or baseline:
            raise UsageError(f"--set {public} has claims or pairs instead of questions: it takes only --json.")
        _judge(dataset, settings, published, as_json=as_json)
        return
    recorded = runner.load_baseline(baseline) if baseline and not record else None
    earlier = runner.earlier_results(report) if report else None
    scored = _score(dataset, files or [], settings)
    if report is not None:
        page = runner.write_report(report, scored, earlier)
        console.print_message(console.open_console(stderr=True), f"Report written to {page}.")
    if as_json:
        console.write_json({**scored.results, "published": published})
    else:
        console.open_console().print(*console.score_tables(scored.evaluation))
        _print_published(published)
    misses = scores.check_thresholds(scored.evaluation, means, cases)
    if recorded is not None and (differing := baselines.differences(recorded, scored.results)):
        command = _record_command(files or [], public, settings, baseline)
        misses += [*map(str, differing), f"If this change is intended, record it: {command}"]
    elif baseline is not None and record and not misses:
        runner.record_baseline(baseline, scored)
    if misses:
        process.fail("\n".join(misses), CHECK_FAILED)


def _read_set(name: str, paths: Sequence[Path]) -> PublicDataset:
    if len(paths) != 1:
        raise UsageError(f"--set {name} needs the folder or file of the dataset: askseoul eval --set {name} PATH")
    return read_dataset(name, paths[0])


def _score(dataset: PublicDataset | None, files: Sequence[Path], settings: Settings) -> Scored:
    """Score the questions of a public dataset on an index of its own, or those of gold files on the user's index."""
    from askseoul.evaluation import runner

    if dataset is not None:
        with console.progress("Evaluating", timed=True) as bar, runner.open_dataset(dataset, settings) as engine:
            return runner.score(engine, dataset.questions, progress=bar)
    if not files and not GOLD.is_file():
        raise UsageError(f"There is no {GOLD} in {Path.cwd()}: give the file of gold questions.")
    questions, labelled = runner.load(files or [GOLD])
    with console.progress("Evaluating", timed=True) as bar, open_index(settings) as engine:
        return runner.score(engine, questions, labelled, bar)


def _record_command(files: Sequence[Path], public: str | None, settings: Settings, baseline: Path | None) -> str:
    """The shell command that repeats this evaluation and records it as the baseline."""
    words = ["askseoul", "eval", *map(str, files), *(["--set", public] if public else ["--index", str(settings.index)])]
    words += ["--strictness", settings.strictness] if settings.strictness != STRICTNESS else []
    words += ["--generator", settings.generator, "--baseline", str(baseline), "--record"]
    variables = [f"ASKSEOUL_PRECISION={settings.precision}"] if settings.precision != "auto" else []
    variables += [f"ASKSEOUL_ENCODER={shlex.quote(settings.encoder)}"] if settings.encoder else []
    return " ".join([*variables, shlex.join(words)])


def _judge(dataset: PublicDataset, settings: Settings, published: list[dict[str, Any]], *, as_json: bool) -> None:
    """Print how well the checks agree with the human labels of a dataset of claims or of pairs of answers."""
    reader = load_reader(settings.reader, settings.precision)
    with console.progress("Judging", timed=True) as bar:
        agreements = judge(dataset, reader, bar)
    if as_json:
        console.write_json({"agreement": [each._asdict() for each in agreements], "published": published})
    else:
        console.open_console().print(console.agreement_table(agreements))
        _print_published(published)


def _print_published(published: Sequence[dict[str, Any]]) -> None:
    output = console.open_console()
    for each in published:
        output.print(
            f"Published: {each['figure']} {each['value']:.3f}, {each['by']} ({each['read_at']})", soft_wrap=True
        )
