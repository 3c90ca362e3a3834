"""``askseoul eval``: gold questions or a public set into figures on the terminal, a report, and an exit status."""

from __future__ import annotations

import dataclasses
import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from askseoul.cli import console, process
from askseoul.cli.process import NOT_HELD, AsJson, IndexFolder, WordedBy
from askseoul.errors import UsageError
from askseoul.evaluation.public_datasets import SETS, PublicSet, read_set
from askseoul.models.encoder import load_encoder
from askseoul.pipeline import open_index
from askseoul.settings import Settings
from askseoul.verification.alignment import TokenSimilarity

if TYPE_CHECKING:
    from askseoul.evaluation.runner import Scored


GOLD: Final = Path("evals/gold/digests.jsonl")
"""What is asked when nothing is named."""


def evaluate_gold(  # noqa: PLR0913, PLR0917 - a parameter is an option
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="GOLD.jsonl", help=f"Gold questions; {GOLD} if none.", show_default=False),
    ] = None,
    as_json: AsJson = False,
    generator: WordedBy = None,
    public: Annotated[
        str | None,
        typer.Option(
            "--set",
            metavar="NAME",
            help="Measure a public set instead, whose folder or file is named in place of the gold questions, over an "
            f"index of its own: {', '.join(SETS)}.",
        ),
    ] = None,
    min_mean: Annotated[
        list[str] | None,
        typer.Option(
            "--min-mean", "--minimum", metavar="NAME=VALUE", help="What a figure over the English questions must reach."
        ),
    ] = None,
    per_case: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="What a measure of each single English question must reach."),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Write results.json and report.html into this folder; the report compares with the results that are "
            "there already.",
        ),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Fail where the results differ from those recorded in this file, beyond chance."
        ),
    ] = None,
    record: Annotated[bool, typer.Option("--record", help="Record the results as the new --baseline.")] = False,
    index: IndexFolder = None,
) -> None:
    """Score the answers to gold questions.

    Exit status 1 when a figure is below its minimum or not as recorded in the baseline.
    """
    from askseoul.evaluation import results as baselines
    from askseoul.evaluation import runner, scores

    means = scores.read_thresholds(min_mean or [], "--min-mean")
    cases = scores.read_thresholds(per_case or [], "--per-case")
    if record and baseline is None:
        raise UsageError("--record needs --baseline FILE, which names the file to record in.")
    settings = Settings.resolve(os.environ, index=index, generator=generator)
    found = _read_set(public, files or []) if public else None
    published = [dataclasses.asdict(each) for each in found.published] if found else []
    if found is not None and not found.questions:
        if means or cases or report or baseline:
            raise UsageError(f"--set {public} is judged, not asked: leave out everything but --json.")
        _judge(found, settings, published, as_json=as_json)
        return
    recorded = runner.load_baseline(baseline) if baseline and not record else None
    earlier = runner.earlier_results(report) if report else None
    scored = _score(found, files or [], settings)
    if report is not None:
        page = runner.write_report(report, scored, earlier)
        console.print_message(console.open_console(stderr=True), f"The report is {page}.")
    if as_json:
        console.write_json({**scored.results, "published": published})
    else:
        console.open_console().print(*console.tables(scored.evaluation))
        _print_published(published)
    misses = scores.check_thresholds(scored.evaluation, means, cases)
    if recorded is not None and (differing := baselines.differences(recorded, scored.results)):
        command = _recording(files or [], public, settings, baseline)
        misses += [*map(str, differing), f"Where that is meant, record it: {command}"]
    elif baseline is not None and record and not misses:
        runner.record_baseline(baseline, scored)
    if misses:
        process.fail("\n".join(misses), NOT_HELD)


def _read_set(name: str, paths: Sequence[Path]) -> PublicSet:
    if len(paths) != 1:
        raise UsageError(f"--set {name} needs the folder or file of the set: askseoul eval --set {name} PATH")
    return read_set(name, paths[0])


def _score(found: PublicSet | None, files: Sequence[Path], settings: Settings) -> Scored:
    """The questions of a public set asked over an index of its own, or those of files over the index there is."""
    from askseoul.evaluation import runner

    if found is not None:
        with console.progress("Evaluating", timed=True) as step, runner.opened_set(found, settings) as opened:
            return runner.score(opened, found.questions, progress=step)
    if not files and not GOLD.is_file():
        raise UsageError(f"There is no {GOLD} in {Path.cwd()}: name the file of gold questions.")
    questions, labelled = runner.load(files or [GOLD])
    with console.progress("Evaluating", timed=True) as step, open_index(settings) as opened:
        return runner.score(opened, questions, labelled, step)


def _recording(files: Sequence[Path], public: str | None, settings: Settings, baseline: Path | None) -> str:
    """The command that asks the same again and records it."""
    words = ["askseoul", "eval", *map(str, files), *(["--set", public] if public else ["--index", str(settings.index)])]
    words += ["--generator", settings.generator, "--baseline", str(baseline), "--record"]
    set_before = [f"ASKSEOUL_PRECISION={settings.precision}"] if settings.precision != "auto" else []
    set_before += [f"ASKSEOUL_ENCODER={shlex.quote(settings.encoder)}"] if settings.encoder else []
    return " ".join([*set_before, shlex.join(words)])


def _judge(found: PublicSet, settings: Settings, published: list[dict[str, Any]], *, as_json: bool) -> None:
    """Show how far the checks agree with people on a set of claims or of pairs of answers."""
    from askseoul.evaluation import public_datasets

    meaning = TokenSimilarity(lambda: load_encoder(settings.encoder, settings.precision))
    with console.progress("Judging", timed=True) as step:
        agreements = public_datasets.judge(found, meaning, step)
    if as_json:
        console.write_json({"agreement": [each._asdict() for each in agreements], "published": published})
    else:
        console.open_console().print(public_datasets.table(agreements))
        _print_published(published)


def _print_published(published: Sequence[dict[str, Any]]) -> None:
    output = console.open_console()
    for each in published:
        output.print(
            f"Published: {each['figure']} {each['value']:.3f}, {each['by']} ({each['read_at']})", soft_wrap=True
        )
