"""``askseoul eval``: gold questions or a public set into figures on the terminal, a report, and an exit status."""

from __future__ import annotations

import dataclasses
import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from askseoul import process, terminal
from askseoul.encoders import load_encoder
from askseoul.errors import UsageError
from askseoul.meaning import Meaning
from askseoul.options import NOT_HELD, AsJson, IndexFolder, WordedBy, open_index
from askseoul.sets import SETS, PublicSet, read_set
from askseoul.settings import Settings

if TYPE_CHECKING:
    from askseoul.scoring import Scored

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
    from askseoul import baseline as baselines
    from askseoul import evaluation, scoring

    means = evaluation.read_thresholds(min_mean or [], "--min-mean")
    cases = evaluation.read_thresholds(per_case or [], "--per-case")
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
    recorded = scoring.load_baseline(baseline) if baseline and not record else None
    earlier = scoring.earlier_results(report) if report else None
    scored = _score(found, files or [], settings)
    if report is not None:
        page = scoring.write_report(report, scored, earlier)
        terminal.print_message(terminal.open_console(stderr=True), f"The report is {page}.")
    if as_json:
        terminal.write_json({**scored.results, "published": published})
    else:
        terminal.open_console().print(*evaluation.tables(scored.evaluation))
        _print_published(published)
    misses = evaluation.check_thresholds(scored.evaluation, means, cases)
    if recorded is not None and (differing := baselines.differences(recorded, scored.results)):
        command = _recording(files or [], public, settings, baseline)
        misses += [*map(str, differing), f"Where that is meant, record it: {command}"]
    elif baseline is not None and record and not misses:
        scoring.record_baseline(baseline, scored)
    if misses:
        process.fail("\n".join(misses), NOT_HELD)


def _read_set(name: str, paths: Sequence[Path]) -> PublicSet:
    if len(paths) != 1:
        raise UsageError(f"--set {name} needs the folder or file of the set: askseoul eval --set {name} PATH")
    return read_set(name, paths[0])


def _score(found: PublicSet | None, files: Sequence[Path], settings: Settings) -> Scored:
    """The questions of a public set asked over an index of its own, or those of files over the index there is."""
    from askseoul import scoring

    if found is not None:
        with terminal.progress("Evaluating", timed=True) as step, scoring.opened_set(found, settings) as opened:
            return scoring.score(opened, found.questions, progress=step)
    if not files and not GOLD.is_file():
        raise UsageError(f"There is no {GOLD} in {Path.cwd()}: name the file of gold questions.")
    questions, labelled = scoring.load(files or [GOLD])
    with terminal.progress("Evaluating", timed=True) as step, open_index(settings) as opened:
        return scoring.score(opened, questions, labelled, step)


def _recording(files: Sequence[Path], public: str | None, settings: Settings, baseline: Path | None) -> str:
    """The command that asks the same again and records it."""
    words = ["askseoul", "eval", *map(str, files), *(["--set", public] if public else ["--index", str(settings.index)])]
    words += ["--generator", settings.generator, "--baseline", str(baseline), "--record"]
    set_before = [f"ASKSEOUL_PRECISION={settings.precision}"] if settings.precision != "auto" else []
    set_before += [f"ASKSEOUL_ENCODER={shlex.quote(settings.encoder)}"] if settings.encoder else []
    return " ".join([*set_before, shlex.join(words)])


def _judge(found: PublicSet, settings: Settings, published: list[dict[str, Any]], *, as_json: bool) -> None:
    """Show how far the checks agree with people on a set of claims or of pairs of answers."""
    from askseoul import judging

    meaning = Meaning(lambda: load_encoder(settings.encoder, settings.precision))
    with terminal.progress("Judging", timed=True) as step:
        agreements = judging.judge(found, meaning, step)
    if as_json:
        terminal.write_json({"agreement": [each._asdict() for each in agreements], "published": published})
    else:
        terminal.open_console().print(judging.table(agreements))
        _print_published(published)


def _print_published(published: Sequence[dict[str, Any]]) -> None:
    console = terminal.open_console()
    for each in published:
        console.print(
            f"Published: {each['figure']} {each['value']:.3f}, {each['by']} ({each['read_at']})", soft_wrap=True
        )
