"""How answers, hits, articles and reports are printed in a terminal.

All text is data: it is printed literally, never parsed as markup, with control characters escaped. No meaning rests on
colour alone, so output to a pipe or under NO_COLOR is complete.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, get_args

import typer
from rich import box
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from askseoul.answering.assembly import OPENINGS, by_sides, counted, rendered, whole_text
from askseoul.domain import (
    Answer,
    Article,
    CheckedClaim,
    Citation,
    Disagreement,
    Hit,
    Sentence,
    Span,
    Verdict,
    dated_by,
)
from askseoul.evaluation.datasets import Kind
from askseoul.evaluation.public_datasets import Agreement
from askseoul.evaluation.scores import Evaluation
from askseoul.index.report import IndexReport, kinds_of_notes, unread_kinds
from askseoul.index.tables import ArticleSummary
from askseoul.nlp.markdown import unmarked
from askseoul.nlp.text import visible

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

READING_WIDTH: Final = 100
"""Maximum line length of prose in columns; longer lines are hard to read."""

NOTED_ARTICLES: Final = 20
"""Notes of indexing are listed by article for up to so many."""

_MARKER: Final = r"\[\d+\]"
_MINIMUM_WIDTH: Final = 20
_INDENT: Final = 5
"""Columns for a label such as ``[10]`` and a space."""
_SIDE_BY_SIDE_WIDTH: Final = 80
"""Width of the terminal from which the sides of a disagreement are printed side by side."""
_COLUMN_GAP: Final = 3
_DATE_WIDTH: Final = len("2024-05-01")
_KIND_HEADS: Final = {"unanswerable": "none", "explain": "expl."}
"""Column heads of the kinds of questions where the name is too long; ``none``: no article answers the question."""

_CLAIMS: Final[dict[Verdict, tuple[str, str, str]]] = {
    "supported": ("✓", "supported", ""),
    "partly": ("≈", "partly supported", "The articles say part of it:"),
    "contradicted": ("✗", "contradicted", "The articles say otherwise:"),
    "unsupported": ("?", "not found", "What comes nearest:"),
}
"""The sign of a checked sentence, its verdict in words, and what opens its quotes."""


class _Console(Console):
    """A console that raises BrokenPipeError; Rich's own exits with status 1."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def open_console(*, stderr: bool = False) -> Console:
    """A console on stdout, or stderr, that prints text literally."""
    return _Console(stderr=stderr, highlight=False, markup=False, emoji=False)


class ProgressBar:
    """A progress bar, updated by calling it with the number done and the total."""

    def __init__(self, bar: Progress, task: TaskID) -> None:
        self._bar = bar
        self._task = task

    def __call__(self, done: int, of: int) -> None:
        """Show that ``done`` of ``of`` are done."""
        self._bar.update(self._task, completed=done, total=of, count=f"{done:,} of {of:,}")

    def confirm(self, question: str) -> bool:
        """Pause the bar and ask a yes-or-no question; False when stdin is not a terminal."""
        if not sys.stdin.isatty():
            return False
        self._bar.stop()
        answer = typer.confirm(question, err=True)
        self._bar.start()
        return answer


@contextmanager
def progress(task: str, *, hidden: bool = False, timed: bool = False) -> Iterator[ProgressBar]:
    """Show a progress bar on stderr if that is a terminal; ``timed`` adds the rate and the time left."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn  # 40 ms

    columns = [TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[count]}")]
    if timed:
        columns += [TaskProgressColumn(show_speed=True), TimeRemainingColumn()]
    hidden = hidden or not sys.stderr.isatty()
    with Progress(*columns, console=open_console(stderr=True), transient=True, disable=hidden) as bar:
        yield ProgressBar(bar, bar.add_task(task, total=None, count=""))


def write_json(value: object, indent: int | None = 2) -> None:
    """Write a value as JSON and a line break to stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=indent) + "\n")
    sys.stdout.flush()


def print_message(console: Console, message: str) -> None:
    """Print an error or a note, prefixed with the program's name; it is wrapped only in a terminal."""
    for number, line in enumerate(message.split("\n")):
        prefixed = line if number else f"askseoul: {line}"
        if console.is_terminal:
            _print_wrapped(console, prefixed)
        else:
            _print_line(console, prefixed)


def print_question(console: Console, question: str) -> None:
    """Print a question as a heading, where several are answered."""
    _print_wrapped(console, question, style="bold underline")


def print_answer(console: Console, answer: Answer, *, index: str | None = None) -> None:
    """Print an answer or refusal, what it leaves open, its sources with their quotes, and what it rests on.

    ``index`` is the value of the option ``--index``; the commands that show the quotes repeat it.
    """
    understood = f"Understood as: {answer.rewritten_question}" if answer.rewritten_question else None
    for line in filter(None, (understood, answer.doubt)):
        _print_wrapped(console, line, style="dim" if line == understood else "")
    if understood or answer.doubt:
        console.print()
    refusal = answer.refusal
    is_greeting = refusal is not None and refusal.reason == "no question"
    if refusal is None:
        _print_sentences(console, answer)
    else:
        _print_wrapped(console, refusal.message if is_greeting else f"No answer: {refusal.message}", style="bold")
    left_open = [f"Not answered: {uncovered.part} ({uncovered.reason})" for uncovered in answer.uncovered]
    left_open += [f"Warning: {warning}" for warning in answer.trace.warnings]
    if left_open:
        console.print()
    for line in left_open:
        _print_wrapped(console, line)
    if is_greeting:
        return
    console.print()
    citations = answer.citations if refusal is None else refusal.nearest
    if refusal and citations:
        _print_wrapped(console, "Closest quotes in the articles:")
        console.print()
    _print_sources(console, citations, index)
    _print_wrapped(console, f"{answer.coverage.message} ({sum(answer.trace.seconds.values()):.2f} s)", style="dim")


def _print_sentences(console: Console, answer: Answer) -> None:
    """Print what the index tells of the collection, the disagreements, and the other sentences.

    Below what the index tells, each sentence is on a line of its own, since it speaks of another article.
    """
    notice = [line for line in (answer.notice or "").split("\n") if line.strip()]
    for line in notice:
        _print_wrapped(console, unmarked(line, keep_items=True))
    differing, others = by_sides(answer.sentences, answer.disagreements)
    for number, (disagreement, sentences) in enumerate(differing):
        if notice or number:
            console.print()
        _print_disagreement(console, answer, disagreement, sentences)
    if notice:
        texts = [rendered(sentence) for sentence in others]
    elif differing:
        texts = [whole_text(others)]
    else:
        texts = [answer.text]
    if (notice or differing) and any(texts):
        console.print()
    for text in filter(None, texts):
        _print_wrapped(console, unmarked(text), bold=_MARKER)


def _print_disagreement(
    console: Console, answer: Answer, disagreement: Disagreement, sentences: Sequence[Sentence]
) -> None:
    _print_wrapped(console, f"{OPENINGS[disagreement.kind]} {disagreement.about}?", style="bold")
    console.print()
    sides = []
    for sentence in sentences:
        text = Text(visible(unmarked(rendered(sentence))))
        text.highlight_regex(_MARKER, "bold")
        citation = answer.citations[sentence.citations[0] - 1]
        source = visible(_source(citation.title, citation.source, citation.published))
        sides.append(Text.assemble(text, "\n", (source, "dim")))
    _print_columns(console, sides)


def _print_columns(console: Console, texts: Sequence[Text]) -> None:
    """Print texts side by side, or one below the other in a narrow terminal, with a blank line between the rows."""
    width = min(console.width, READING_WIDTH)
    columns = len(texts) if width >= _SIDE_BY_SIDE_WIDTH else 1
    column_width = (width - _COLUMN_GAP * (columns - 1)) // columns
    grid = Table.grid(*(Column(width=column_width) for _ in range(columns)), padding=(0, _COLUMN_GAP, 0, 0))
    for first in range(0, len(texts), columns):
        if first:
            grid.add_row()
        grid.add_row(*texts[first : first + columns])
    with console.capture() as captured:
        console.print(grid)
    for line in captured.get().splitlines():
        console.file.write(f"{line.rstrip()}\n")


def _print_sources(console: Console, citations: Sequence[Citation], index: str | None) -> None:
    """Print each source once, in the order of its first quote: title, outlet and date, and below it its quotes, each
    with the command that shows it in its article."""
    quotes: dict[str, list[Citation]] = {}
    for citation in citations:
        quotes.setdefault(citation.article_id, []).append(citation)
    for own in quotes.values():
        title = _one_line(unmarked(own[0].title))
        source = _source(title, own[0].source, own[0].published)
        _print_wrapped(console, source, bold=rf"\A{re.escape(visible(title))}" if title else None)
        for citation in own:
            _print_wrapped(console, f"“{_one_line(unmarked(citation.quote))}”", label=f"[{citation.number}]")
            _print_show_command(console, citation.article_id, citation.start, citation.end, index)
        console.print()


def print_claim(console: Console, claim: CheckedClaim, *, index: str | None = None) -> None:
    """Print a checked sentence, why it is not supported, and its quotes, each with the command that shows it.

    ``index`` is as in ``print_answer``.
    """
    sign, word, opening = _CLAIMS[claim.verdict]
    _print_wrapped(console, f"{word}: {_one_line(claim.text)}", label=sign, bold=rf"^{word}:")
    citations = claim.counter or claim.citations
    for each in claim.checks:
        if not each.passed and claim.verdict != "supported":
            _print_wrapped(console, f"{each.name}: {each.detail}", label=" ", style="dim")
    if opening and citations:
        _print_wrapped(console, opening, label=" ")
    console.print()
    _print_sources(console, citations, index)


def print_claim_counts(console: Console, claims: Sequence[CheckedClaim]) -> None:
    """Print how many sentences were checked, and how many have each verdict."""
    verdicts = [claim.verdict for claim in claims]
    found = [f"{verdicts.count(verdict):,} {word}" for verdict, (_, word, _) in _CLAIMS.items() if verdict in verdicts]
    _print_wrapped(console, f"{counted(len(claims), 'sentence')}: {', '.join(found)}")


def print_findings(console: Console, findings: Sequence[Mapping[str, str | bool]], *, works: bool) -> None:
    """Print what ``askseoul doctor`` found, each with what mends it."""
    for finding in findings:
        _print_wrapped(console, f"{finding['name']}: {finding['detail']}", label="✓" if finding["ok"] else "✗")
        if finding["remedy"]:
            _print_wrapped(console, f"→ {finding['remedy']}", label=" ", style="bold")
    _print_wrapped(console, "Asking works." if works else "Asking does not work as it is set up.", style="bold")


def print_hits(console: Console, hits: Sequence[Hit], *, index: str | None = None) -> None:
    """Print passages, best first, with their scores; ``index`` is as in ``print_answer``."""
    if not hits:
        _print_wrapped(console, "Nothing was found.")
    for number, hit in enumerate(hits, start=1):
        article, passage = hit.article, hit.passage
        scores = ", ".join(f"{name} {score:.3f}" for name, score in hit.scores.items())
        _print_wrapped(console, f"{article.title}", label=f"{number}.", style="bold")
        _print_wrapped(console, f"score {hit.score:.3f}: {scores}", label=" ", style="dim")
        _print_wrapped(console, _one_line(passage.text), label=" ")
        _print_show_command(console, article.id, passage.start, passage.end, index)
        console.print()


def print_articles(console: Console, articles: Sequence[ArticleSummary], folder: str) -> None:
    """Print the articles of the index in ``folder``: id, source and size of each, then their number."""
    for article in articles:
        _print_line(console, article.id, style="bold")
        _print_wrapped(console, article_line(article), label=" ")
        size = f"{counted(article.characters, 'character')} in {counted(article.passages, 'passage')}"
        _print_wrapped(console, f"{article.language}, {size}", label=" ", style="dim")
        console.print()
    _print_wrapped(console, f"{counted(len(articles), 'article')} in {folder}", style="dim")


def article_line(article: Article | ArticleSummary) -> str:
    """The title, source and date of an article on one line, and in brackets how the date is known."""
    known = dated_by(article.published_from) if article.published else ""
    return _source(article.title, article.source, article.published) + (f" ({known})" if known else "")


def print_text(console: Console, text: str, marked: Span | None) -> None:
    """Print an article's text with a span in bold and underlined, or in «» where there are no styles."""
    start, end = (marked.start, marked.end) if marked else (len(text), len(text))
    before, inside, after = (visible(part) for part in (text[:start], text[start:end], text[end:]))
    if console.is_terminal and console.color_system:
        console.print(Text.assemble(before, (inside, "bold underline"), after))
    else:
        console.file.write(f"{before}«{inside}»{after}\n" if marked else f"{before}\n")


def print_report(console: Console, report: IndexReport, *, is_dry_run: bool = False) -> None:
    """Print what an indexing run changed, or would change, and the counts.

    Unchanged articles are only counted, except those with invisible characters left out. The notes of more than
    NOTED_ARTICLES articles are summed up by kind.
    """
    changed = {*report.added, *report.updated, *(one.article_id for one in report.renamed)}
    notes = {article_id: told for article_id, told in report.notes.items() if article_id in changed}
    outcomes = {outcome: getattr(report, outcome) for outcome in ("added", "updated", "removed", "unchanged")}
    for outcome, article_ids in outcomes.items():
        for article_id in article_ids:
            stripped = report.stripped.get(article_id, 0)
            note = f" ({counted(stripped, 'invisible character')} left out)" if stripped else ""
            if note or outcome != "unchanged":
                _print_line(console, f"{outcome:<9} {article_id}{note}")
            _print_notes(console, notes, article_id)
    for renamed in report.renamed:
        _print_line(console, f"{'renamed':<9} {renamed.article_id} (was {renamed.former_place})")
        _print_notes(console, notes, renamed.article_id)
    for duplicate in report.duplicates:
        _print_line(console, f"{'duplicate':<9} {duplicate.place} has the same text as {duplicate.article_id}")
    for article_id in report.missing:
        _print_line(console, f"{'missing':<9} {article_id} (its file is gone; --prune removes it)")
    if len(notes) > NOTED_ARTICLES:
        _print_wrapped(console, f"Notes on {len(notes):,} articles; --json lists them by article:")
        for text, articles in kinds_of_notes(notes.values()):
            _print_wrapped(console, f"{text} ({counted(articles, 'article')})", label=" ")
    if report.unread:
        _print_wrapped(console, unread_kinds(report.unread))
    counts = [f"{len(article_ids):,} {outcome}" for outcome, article_ids in outcomes.items()]
    counts += [f"{len(report.renamed):,} renamed"] if report.renamed else []
    counts += [counted(len(report.duplicates), "duplicate")] if report.duplicates else []
    counts += [f"{len(report.missing):,} missing"] if report.missing else []
    counts += [f"{len(report.failed):,} failed"]
    _print_wrapped(console, ("Dry run: " if is_dry_run else "") + ", ".join(counts))


def _print_notes(console: Console, notes: Mapping[str, tuple[str, ...]], article_id: str) -> None:
    """Print what was left out of an article or guessed about it, unless too many articles have notes."""
    if len(notes) <= NOTED_ARTICLES:
        for note in notes.get(article_id, ()):
            _print_wrapped(console, note, label=" " * _DATE_WIDTH, style="dim")


def print_verification(console: Console, answers: int, faults: Sequence[str]) -> None:
    """Print the faults found when so many exported answers were verified."""
    for fault in faults:
        _print_line(console, fault)
    if faults:
        _print_wrapped(console, f"Verification failed: {counted(len(faults), 'fault')}.", style="bold")
    else:
        _print_wrapped(console, f"Everything holds in {counted(answers, 'answer')}.", style="bold")


def score_tables(evaluation: Evaluation) -> list[Table]:
    """The scores as one table per language: a row per score with its 95 % interval, a column per kind of question."""
    tables = []
    for lang in dict.fromkeys(result.question.lang for result in evaluation.results):
        kinds = {kind: scores for kind in get_args(Kind) if (scores := evaluation.scores(lang, kind))}
        intervals = evaluation.intervals(lang)
        table = Table(title=f"Questions in “{lang}”", title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
        table.add_column("", no_wrap=True)
        for head in ("all", "95 %", *(_KIND_HEADS.get(kind, kind) for kind in kinds)):
            table.add_column(head, justify="right", no_wrap=True)
        for name, value in evaluation.scores(lang).items():
            interval = intervals.get(name)
            bounds = f"{interval.low:.2f}–{interval.high:.2f}" if interval and name != "words" else ""
            by_kind = (_score(name, scores[name]) if name in scores else "" for scores in kinds.values())
            table.add_row(name, _score(name, value), bounds, *by_kind)
        tables.append(table)
    return tables


def agreement_table(agreements: Sequence[Agreement]) -> Table:
    """How well the checks agree with human labels, a row per group of claims or pairs."""
    table = Table("", "items", "balanced accuracy", "95 %", "AUROC", box=box.SIMPLE_HEAD, pad_edge=False)
    for each in agreements:
        bounds = f"{each.interval.low:.2f}–{each.interval.high:.2f}"
        table.add_row(each.name, str(each.items), f"{each.balanced_accuracy:.3f}", bounds, f"{each.auroc:.3f}")
    return table


def _score(name: str, value: float) -> str:
    return f"{value:.0f}" if name in ("questions", "words") else f"{value:.2f}"


def _print_wrapped(console: Console, text: str, *, label: str = "", style: str = "", bold: str | None = None) -> None:
    """Print a wrapped paragraph, indented when it has a ``label``, which is printed in bold before the first line.

    Matches of the regular expression ``bold`` are printed in bold.
    """
    indent = _INDENT if label else 0
    width = max(min(console.width, READING_WIDTH) - indent, _MINIMUM_WIDTH)
    paragraph = Text(visible(text), style)
    if bold:
        paragraph.highlight_regex(bold, "bold")
    for number, line in enumerate(paragraph.wrap(console, width)):
        line.rstrip()
        console.print(Text.assemble(((label if number == 0 else "").ljust(indent), "bold"), line), soft_wrap=True)


def _print_line(console: Console, text: str, *, style: str = "") -> None:
    """Print one line without wrapping it, so that it can be copied and searched."""
    console.print(Text(visible(text).replace("\n", "\\n"), style), soft_wrap=True)


def _print_show_command(console: Console, article_id: str, start: int, end: int, index: str | None) -> None:
    """Print the command that shows this span in its article."""
    options = ["--index", index] if index is not None else []
    guard = ["--"] if article_id.startswith("-") else []
    command = shlex.join(["askseoul", "show", *options, *guard, article_id, f"{start}:{end}"])
    _print_line(console, " " * _INDENT + command, style="dim")


def _source(title: str, source: str | None, published: str | None) -> str:
    return " · ".join(filter(None, (_one_line(unmarked(title)), source, published or "undated")))


def _one_line(text: str) -> str:
    return " ".join(text.split())
