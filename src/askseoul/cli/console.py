"""What answers, hits, articles and reports look like in a terminal.

Everything that is shown is data: it is printed as plain text, never read as markup, and a character that would steer
the terminal is shown as its escape. Nothing is said by colour alone, so pipes and NO_COLOR lose nothing.
"""

from __future__ import annotations

import errno
import json
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, get_args

import typer
from rich import box
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from askseoul.answering.assembly import OPENINGS, by_sides, counted, rendered, whole_text
from askseoul.domain import Answer, Citation, Hit, IndexReport, Span
from askseoul.evaluation.datasets import Kind
from askseoul.evaluation.scores import Evaluation
from askseoul.index.tables import ArticleSummary
from askseoul.nlp.text import visible

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_HEADS: Final = {"unanswerable": "none", "explain": "expl."}
"""Short heads of the kinds of questions; ``none`` is what nothing answers."""


def tables(evaluation: Evaluation) -> list[Table]:
    """The figures for the terminal, a table a language: one row a figure, with its 95 % interval over all questions,
    and one column a kind of question."""
    drawn = []
    for lang in dict.fromkeys(result.question.lang for result in evaluation.results):
        kinds = {kind: scores for kind in get_args(Kind) if (scores := evaluation.scores(lang, kind))}
        every, intervals = evaluation.scores(lang), evaluation.intervals(lang)
        each = Table(title=f"Questions in “{lang}”", title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
        each.add_column("", no_wrap=True)
        for head in ("all", "95 %", *(_HEADS.get(kind, kind) for kind in kinds)):
            each.add_column(head, justify="right", no_wrap=True)
        for name, value in every.items():
            interval = intervals.get(name)
            between = f"{interval.low:.2f}–{interval.high:.2f}" if interval and name != "words" else ""
            of_kinds = (_shown(name, scores[name]) if name in scores else "" for scores in kinds.values())
            each.add_row(name, _shown(name, value), between, *of_kinds)
        drawn.append(each)
    return drawn


def _shown(name: str, value: float) -> str:
    return f"{value:.0f}" if name in ("questions", "words") else f"{value:.2f}"


READING_WIDTH: Final = 100
"""Columns that prose takes at most: the eye loses its way back from the end of a longer line."""

_MARKER: Final = r"\[\d+\]"
_NARROWEST: Final = 20
_INDENT: Final = 5
"""Room for ``[10]`` and a space."""
_TWO_COLUMNS: Final = 80
"""Columns from which on two sides stand next to each other."""
_GAP: Final = 3
_DATE: Final = len("2024-05-01")


class _Console(Console):
    """A console that says so when its reader has gone; Rich's own ends the process with status 1."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def open_console(*, stderr: bool = False) -> Console:
    """What stands behind stdout, or stderr: a terminal, a pipe or a file."""
    return _Console(stderr=stderr, highlight=False, markup=False, emoji=False)


class Steps:
    """A bar that tells how many of how many are done: call it with both."""

    def __init__(self, bar: Progress, task: TaskID) -> None:
        self._bar = bar
        self._task = task

    def __call__(self, done: int, of: int) -> None:
        """Show that so many are done."""
        self._bar.update(self._task, completed=done, total=of, count=f"{done:,} of {of:,}")

    def confirm(self, question: str) -> bool:
        """Ask at the terminal, with the bar out of the way; without a terminal nobody can say yes."""
        if not sys.stdin.isatty():
            return False
        self._bar.stop()
        answer = typer.confirm(question, err=True)
        self._bar.start()
        return answer


@contextmanager
def progress(what: str, *, hidden: bool = False, timed: bool = False) -> Iterator[Steps]:
    """Show on stderr, if that is a terminal, that work goes on; ``timed`` shows the rate and the time left as well."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn  # 40 ms

    columns = [TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[count]}")]
    if timed:
        columns += [TaskProgressColumn(show_speed=True), TimeRemainingColumn()]
    hidden = hidden or not sys.stderr.isatty()
    with Progress(*columns, console=open_console(stderr=True), transient=True, disable=hidden) as bar:
        yield Steps(bar, bar.add_task(what, total=None, count=""))


def write_json(value: object, indent: int | None = 2) -> None:
    """JSON onto stdout, which then holds nothing else."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=indent) + "\n")
    sys.stdout.flush()


def print_message(console: Console, message: str) -> None:
    """An error or a note, in the program's name; only a terminal gets it wrapped."""
    for number, line in enumerate(message.split("\n")):
        said = line if number else f"askseoul: {line}"
        if console.is_terminal:
            _flow(console, said)
        else:
            _line(console, said)


def print_answer(console: Console, answer: Answer, *, index: str | None = None) -> None:
    """The answer or refusal, its quotes with the commands to read on, and how much it rests on.

    ``index`` is the folder that the user named, so that the commands can be copied as they are.
    """
    if answer.rewritten_question:
        _flow(console, f"Understood as: {answer.rewritten_question}", style="dim")
    if answer.refusal is None:
        citations = answer.citations
        if answer.disagreements:
            _print_disagreements(console, answer)
        else:
            _flow(console, answer.text, bold=_MARKER)
    else:
        citations = answer.refusal.nearest
        _flow(console, f"No answer ({answer.refusal.reason}): {answer.refusal.message}", style="bold")
    for uncovered in answer.uncovered:
        _flow(console, f"Not answered: {uncovered.part} ({uncovered.reason})")
    console.print()
    if answer.refusal and citations:
        _flow(console, "The nearest that the articles say:")
        console.print()
    for citation in citations:
        _print_citation(console, citation, index)
    _flow(console, f"{answer.coverage.message} ({sum(answer.trace.seconds.values()):.2f} s)", style="dim")


def _print_disagreements(console: Console, answer: Answer) -> None:
    """The disagreements, then what else the answer says."""
    differing, others = by_sides(answer.sentences, answer.disagreements)
    for disagreement, sentences in differing:
        _flow(console, f"{OPENINGS[disagreement.kind]} {disagreement.about}?", style="bold")
        console.print()
        sides = []
        for sentence in sentences:
            words = Text(visible(rendered(sentence)))
            words.highlight_regex(_MARKER, "bold")
            citation = answer.citations[sentence.citations[0] - 1]
            source = visible(_described(citation.title, citation.source, citation.published))
            sides.append(Text.assemble(words, "\n", (source, "dim")))
        _print_beside(console, sides)
    if others:
        _flow(console, whole_text(others), bold=_MARKER)


def _print_beside(console: Console, texts: Sequence[Text]) -> None:
    """Texts next to each other where there is room, else one below the other, and an empty line."""
    width = min(console.width, READING_WIDTH)
    columns = len(texts) if width >= _TWO_COLUMNS else 1
    grid = Table.grid(
        *(Column(width=(width - _GAP * (columns - 1)) // columns) for _ in range(columns)), padding=(0, _GAP, 0, 0)
    )
    for first in range(0, len(texts), columns):
        grid.add_row(*texts[first : first + columns])
        grid.add_row()
    with console.capture() as captured:
        console.print(grid)
    for line in captured.get().splitlines():
        console.file.write(f"{line.rstrip()}\n")


def print_question(console: Console, question: str) -> None:
    """The question above its answer, where several are answered."""
    _flow(console, question, style="bold underline")


def _print_citation(console: Console, citation: Citation, index: str | None) -> None:
    _flow(console, f"“{_unbroken(citation.quote)}”", lead=f"[{citation.number}]")
    described = " · ".join(filter(None, (citation.title, citation.source)))
    _flow(console, f"{citation.published or 'undated':<{_DATE}}  {described}", lead=" ", style="dim")
    _line(console, " " * _INDENT + _show_command(citation.article_id, citation.start, citation.end, index), style="dim")
    console.print()


def print_hits(console: Console, hits: Sequence[Hit], *, index: str | None = None) -> None:
    """The passages that were found, best first, with the scores that ordered them."""
    if not hits:
        _flow(console, "Nothing was found.")
    for number, hit in enumerate(hits, start=1):
        article, passage = hit.article, hit.passage
        scores = ", ".join(f"{name} {score:.3f}" for name, score in hit.scores.items())
        _flow(console, f"{article.title}", lead=f"{number}.", style="bold")
        _flow(console, f"score {hit.score:.3f}: {scores}", lead=" ", style="dim")
        _flow(console, _unbroken(passage.text), lead=" ")
        _line(console, " " * _INDENT + _show_command(article.id, passage.start, passage.end, index), style="dim")
        console.print()


def print_articles(console: Console, articles: Sequence[ArticleSummary], folder: str) -> None:
    """What the index in ``folder`` holds, two lines or more an article."""
    for article in articles:
        _line(console, article.id, style="bold")
        _flow(console, _described(article.title, article.source, article.published), lead=" ")
        size = f"{counted(article.characters, 'character')} in {counted(article.passages, 'passage')}"
        _flow(console, f"{article.language}, {size}", lead=" ", style="dim")
        console.print()
    _flow(console, f"{counted(len(articles), 'article')} in {folder}", style="dim")


def print_report(console: Console, report: IndexReport, *, is_foreseen: bool = False) -> None:
    """What a run of indexing did, or would do. Unchanged articles are counted, and named only for what was left out."""
    outcomes = {outcome: getattr(report, outcome) for outcome in ("added", "updated", "removed", "unchanged")}
    for outcome, article_ids in outcomes.items():
        for article_id in article_ids:
            stripped = report.stripped.get(article_id, 0)
            note = f" ({counted(stripped, 'invisible character')} left out)" if stripped else ""
            if note or outcome != "unchanged":
                _line(console, f"{outcome:<9} {article_id}{note}")
    for renamed in report.renamed:
        _line(console, f"{'renamed':<9} {renamed.article_id} (was {renamed.former_place})")
    for duplicate in report.duplicates:
        _line(console, f"{'duplicate':<9} {duplicate.place} says the same as {duplicate.article_id}")
    for article_id in report.missing:
        _line(console, f"{'missing':<9} {article_id} (its file is gone; --prune removes it)")
    counts = [f"{len(article_ids):,} {outcome}" for outcome, article_ids in outcomes.items()]
    counts += [f"{len(report.renamed):,} renamed"] if report.renamed else []
    counts += [counted(len(report.duplicates), "duplicate")] if report.duplicates else []
    counts += [f"{len(report.missing):,} missing"] if report.missing else []
    lead = "Would be: " if is_foreseen else ""
    _flow(console, lead + ", ".join([*counts, f"{len(report.failed):,} failed"]))


def print_proof(console: Console, answers: int, faults: Sequence[str]) -> None:
    """What was found when exported answers were proved again."""
    for fault in faults:
        _line(console, fault)
    if faults:
        _flow(console, f"No longer proved: {counted(len(faults), 'fault')}.", style="bold")
    else:
        _flow(console, f"Everything holds in {counted(answers, 'answer')}.", style="bold")


def print_text(console: Console, text: str, marked: Span | None) -> None:
    """An article's text as it is, a span of it in bold and underlined, or in «» where there are no styles."""
    start, end = (marked.start, marked.end) if marked else (len(text), len(text))
    before, inside, after = (visible(part) for part in (text[:start], text[start:end], text[end:]))
    if console.is_terminal and console.color_system:
        console.print(Text.assemble(before, (inside, "bold underline"), after))
    else:
        console.file.write(f"{before}«{inside}»{after}\n" if marked else f"{before}\n")


def _flow(console: Console, text: str, *, lead: str = "", style: str = "", bold: str | None = None) -> None:
    """Print a paragraph, wrapped; with a ``lead`` before its first line, the whole of it stands indented.

    What matches the regular expression ``bold`` stands out, and so does the lead.
    """
    indent = _INDENT if lead else 0
    width = max(min(console.width, READING_WIDTH) - indent, _NARROWEST)
    paragraph = Text(visible(text), style)
    if bold:
        paragraph.highlight_regex(bold, "bold")
    for number, line in enumerate(paragraph.wrap(console, width)):
        line.rstrip()
        console.print(Text.assemble(((lead if number == 0 else "").ljust(indent), "bold"), line), soft_wrap=True)


def _line(console: Console, text: str, *, style: str = "") -> None:
    """Print a line that is not wrapped, for it is to be copied or searched."""
    console.print(Text(visible(text).replace("\n", "\\n"), style), soft_wrap=True)


def _show_command(article_id: str, start: int, end: int, index: str | None) -> str:
    options = ["--index", index] if index is not None else []
    guard = ["--"] if article_id.startswith("-") else []
    return shlex.join(["askseoul", "show", *options, *guard, article_id, f"{start}:{end}"])


def _described(title: str, source: str | None, published: str | None) -> str:
    return " · ".join(filter(None, (title, source, published or "undated")))


def _unbroken(text: str) -> str:
    """The text without its line breaks, which are those of the file and not of this terminal."""
    return " ".join(text.split())
