"""The commands of ``askseoul``: each parses its options, calls the package and prints the result.

Results go to stdout, as text or with ``--json`` as JSON only; messages and progress go to stderr.
"""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn

import typer

from askseoul import __version__, domain
from askseoul.answering.checking import claims_of
from askseoul.answering.reverify import load_exported, reverify
from askseoul.cli import console, process
from askseoul.cli.doctor import doctor
from askseoul.cli.evaluate import evaluate_gold
from askseoul.cli.process import (
    AsOfOption,
    GeneratorOption,
    IndexOption,
    JsonOption,
    SinceOption,
    StrictnessOption,
    WithinOption,
)
from askseoul.domain import Answer, Span
from askseoul.errors import ArticleUnknown, IndexMissing, QuestionInvalid, UsageError, quoted
from askseoul.index import sync
from askseoul.index.report import IndexReport
from askseoul.index.store import Store
from askseoul.index.tables import summary_as_json
from askseoul.ingest.metadata import Options
from askseoul.models.reader import load_reader
from askseoul.nlp.text import canonical_text, nfc
from askseoul.pipeline import AskSeoul, open_index
from askseoul.retrieval.question import LONGEST_QUESTION
from askseoul.retrieval.search import FilterOptions, hit_as_json
from askseoul.settings import Settings

ARTICLES: Final = Path("index/articles")
"""What ``index`` reads when no path is given."""
STDIN: Final = "-"
"""The name of stdin where a file is asked for."""

app = typer.Typer(cls=process.CommandGroup, add_completion=False, no_args_is_help=True, rich_markup_mode=None)
articles_commands = typer.Typer(add_completion=False, rich_markup_mode=None)
app.add_typer(articles_commands, name="articles")


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"askseoul {__version__}\n")
        raise typer.Exit


@app.callback()
def start(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Ask a collection of articles a question; every sentence of the answer is bound to an exact quote."""


@app.command("index")
def index_files(  # noqa: PLR0913, PLR0917 - each is an option of the command
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH", help=f"Files and folders of articles; default: {ARTICLES}.", show_default=False),
    ] = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
    published: Annotated[
        str | None,
        typer.Option(
            metavar="DATE", help="When all of these were published: a day, a month or a year; '' takes it back."
        ),
    ] = None,
    source: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Who published all of these; '' takes it back.")
    ] = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove articles whose files are gone from the given folders.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Let --prune remove more than a tenth of the index without asking.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report what would be done, and change nothing.")] = False,
) -> None:
    """Bring the index up to date with these files and folders. Exit status 1 when none could be indexed."""
    settings = Settings.resolve(os.environ, index=index)
    errors = console.open_console(stderr=True)
    if not paths:
        if not ARTICLES.is_dir():
            raise UsageError(
                f"There is no folder {ARTICLES} in {Path.cwd()}: "
                "give the files or folders to index, as in `askseoul index ~/papers`."
            )
        if settings.index != Settings().index:
            console.print_message(errors, f"No PATH given: indexing {ARTICLES} into {settings.index}.")
        paths = [ARTICLES]
    if dry_run:
        report = _dry_run(paths, settings, Options.of(published, source), prune=prune)
    else:
        with open_index(settings, create=True) as engine, console.progress("Indexing", timed=True) as bar:
            report = engine.index(
                paths,
                bar,
                published=published,
                source=source,
                prune=prune,
                confirm=lambda missing, of: (
                    yes or bar.confirm(f"The files of {missing:,} of {of:,} articles are gone. Remove these articles?")
                ),
            )
    for told in (*report.warnings, *(f"Not indexed: {failure.reason}" for failure in report.failed)):
        console.print_message(errors, told)
    if as_json:
        console.write_json(dataclasses.asdict(report))
    else:
        console.print_report(console.open_console(), report, is_dry_run=dry_run)
    if prune and report.missing and not sys.stdin.isatty():
        raise UsageError(
            f"Not removed: {len(report.missing):,} articles whose files are gone, more than a tenth of the index. "
            "Add --yes to remove them."
        )


def _dry_run(paths: list[Path], settings: Settings, options: Options, *, prune: bool) -> IndexReport:
    with console.progress("Reading", timed=True) as bar:
        try:
            opened: AbstractContextManager[Store | None] = Store.open(settings.index)
        except IndexMissing:
            opened = nullcontext()
        with opened as store:
            return sync.dry_run(paths, store=store, options=options, prune=prune, progress=bar)


@app.command()
def ask(  # noqa: PLR0913, PLR0917 - each is an option of the command
    question: Annotated[
        str | None, typer.Argument(metavar="QUESTION", help="The question; or give --file.", show_default=False)
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            metavar="JSONL",
            help='Questions as JSON Lines: {"id": …, "question": …}. A line may have a "history" of earlier questions '
            'or answers, and its own "as_of", "since" and "within", which take precedence over the options.',
        ),
    ] = None,
    history: Annotated[
        Path | None,
        typer.Option(
            "--history",
            metavar="JSONL",
            help="Earlier answers as printed by --json, oldest first; the question may refer to them.",
        ),
    ] = None,
    as_of: AsOfOption = None,
    since: SinceOption = None,
    within: WithinOption = None,
    strictness: StrictnessOption = None,
    as_json: JsonOption = False,
    generator: GeneratorOption = None,
    index: IndexOption = None,
) -> None:
    """Answer a question from the indexed articles.

    When they don't answer it, the refusal names the reason and shows the closest quotes.
    """
    if (question is None) == (file is None):
        raise UsageError("Ask one QUESTION, or name a file of questions with --file.")
    if file is not None and history is not None:
        raise UsageError('--history needs a single QUESTION: with --file, each line has its own "history".')
    settings = Settings.resolve(os.environ, index=index, generator=generator, strictness=strictness)
    filters = FilterOptions(as_of=as_of, since=since, within=within or ())
    if file is not None:
        _ask_all(read_lines(file), settings, index, filters, as_json=as_json)
        return
    earlier = load_exported(history) if history else []
    with console.progress("Answering"), open_index(settings) as engine:
        answer = engine.ask(question or "", history=earlier, **filters)
    if as_json:
        console.write_json(domain.as_json(answer))
    else:
        console.print_answer(console.open_console(), answer, index=index)


def _ask_all(
    lines: list[tuple[int, bytes]], settings: Settings, index: str | None, filters: FilterOptions, *, as_json: bool
) -> None:
    """Answer the lines of a file in order, printing each answer as soon as it is there."""
    output = console.open_console()
    with console.progress("Answering", hidden=sys.stdout.isatty()) as bar, open_index(settings) as engine:
        for done, (number, line) in enumerate(lines):
            bar(done, len(lines))
            line_id, answer = answer_line(engine, number, line, filters)
            if as_json:
                override = {} if line_id is None else {"id": line_id}
                console.write_json(domain.as_json(answer) | override, indent=None)
            else:
                console.print_question(output, answer.question)
                console.print_answer(output, answer, index=index)
                output.print()


def read_lines(path: Path) -> list[tuple[int, bytes]]:
    """The non-blank lines of a file with their numbers, from 1. Raises UsageError when it can't be read."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise UsageError(f"The file {path} can't be read ({error.strerror}): give a JSON Lines file.") from error
    return [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def answer_line(engine: AskSeoul, number: int, line: bytes, filters: FilterOptions) -> tuple[Any, Answer]:
    """The line's id, or None, and its answer; a line that is not a valid question gets a refusal.

    Filters in the line take precedence over ``filters``.
    """
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        reason = getattr(error, "msg", error)
        text = line.decode(errors="replace").strip()
        return None, engine.refuse_unread(text, f"Line {number} is not JSON ({reason}).")
    fields = record if isinstance(record, dict) else {}
    question, history = fields.get("question"), fields.get("history", [])
    if not isinstance(question, str):
        text = line.decode(errors="replace").strip()
        answer = engine.refuse_unread(text, f'Line {number} is not an object with a string "question".')
    elif not isinstance(history, list):
        answer = engine.refuse_unread(question, f'Line {number}: "history" is not a list.')
    else:
        try:
            overrides: Any = {name: fields[name] for name in FilterOptions.__annotations__ if name in fields}
            answer = engine.ask(question, history=history, **(filters | overrides))
        except QuestionInvalid as error:
            answer = engine.refuse_unread(question, str(error))
        except (ArticleUnknown, UsageError) as error:
            answer = engine.refuse_unread(question, f"Line {number}: {error}")
    return fields.get("id"), answer


@app.command("search")
def search_passages(
    query: Annotated[str, typer.Argument(metavar="QUERY")],
    count: Annotated[int, typer.Option("-k", min=1, metavar="N", help="Maximum number of passages.")] = 10,
    as_of: AsOfOption = None,
    since: SinceOption = None,
    within: WithinOption = None,
    as_json: JsonOption = False,
    index: IndexOption = None,
) -> None:
    """Find the passages that match a query best, with their scores."""
    with console.progress("Searching"), open_index(Settings.resolve(os.environ, index=index)) as engine:
        hits = engine.search(query, count, as_of=as_of, since=since, within=within or ())
    if as_json:
        console.write_json([hit_as_json(hit) for hit in hits])
    else:
        console.print_hits(console.open_console(), hits, index=index)


@articles_commands.callback(invoke_without_command=True)
def list_articles(context: typer.Context, as_json: JsonOption = False, index: IndexOption = None) -> None:
    """List the articles of the index, or remove one."""
    if context.invoked_subcommand is not None:
        context.obj = index
        return
    settings = Settings.resolve(os.environ, index=index)
    with Store.open(settings.index) as store:
        summaries = store.articles()
    if as_json:
        console.write_json([summary_as_json(summary) for summary in summaries])
    else:
        console.print_articles(console.open_console(), summaries, str(settings.index))


@articles_commands.command("remove")
def remove_article(
    context: typer.Context,
    article_id: Annotated[str, typer.Argument(metavar="ID")],
    index: IndexOption = None,
) -> None:
    """Remove an article from the index; its file is not touched."""
    settings = Settings.resolve(os.environ, index=context.obj if index is None else index)
    with Store.open(settings.index) as store:
        store.remove(nfc(article_id))
        store.synchronise()
    console.print_message(console.open_console(stderr=True), f"Removed {article_id} from {settings.index}.")


@app.command("show")
def show_article(
    article_id: Annotated[str, typer.Argument(metavar="ID")],
    span: Annotated[
        str | None,
        typer.Argument(metavar="START:END", help="Characters to mark, counted from 0.", show_default=False),
    ] = None,
    index: IndexOption = None,
) -> None:
    """Print the text of an article, with a span marked. In a terminal, its title, source and date stand above it."""
    with Store.open(Settings.resolve(os.environ, index=index).index) as store:
        article = store.article(nfc(article_id))
    marked = None if span is None else Span.parse(span, article)
    errors = console.open_console(stderr=True)
    if errors.is_terminal:
        console.print_message(errors, console.article_line(article))
    console.print_text(console.open_console(), article.text, marked)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="ANSWER.json", help="Output of `askseoul ask --json`.")],
    index: IndexOption = None,
) -> None:
    """Check an exported answer against the articles again. Exit status 1 when something no longer holds."""
    answers = load_exported(file)
    settings = Settings.resolve(os.environ, index=index)
    reader = load_reader(settings.reader, settings.precision)
    with Store.open(settings.index) as store:
        faults = [fault for exported in answers for fault in reverify(exported, store.article, reader)]
    console.print_verification(console.open_console(), len(answers), faults)
    if faults:
        raise typer.Exit(process.CHECK_FAILED)


@app.command()
def check(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="The draft, as UTF-8 text; - reads it from stdin.", show_default=False)
    ],
    as_json: JsonOption = False,
    index: IndexOption = None,
) -> None:
    """Check each sentence of a draft of yours against the articles.

    Each is supported, supported in part, contradicted or not found, and is shown with the quotes that say so; headings
    are left out. Exit status 1 unless every sentence is supported.
    """
    claims = read_claims(file)
    settings = Settings.resolve(os.environ, index=index, generator="none")
    output, checked = console.open_console(), []
    is_shown = not as_json and sys.stdout.isatty()  # the bar would stand between the sentences
    with console.progress("Checking", hidden=is_shown) as bar, open_index(settings) as engine:
        for done, claim in enumerate(claims):
            bar(done, len(claims))
            checked.append(engine.check(claim))
            if not as_json:
                console.print_claim(output, checked[-1], index=index)
    if as_json:
        console.write_json([dataclasses.asdict(each) for each in checked])
    else:
        console.print_claim_counts(output, checked)
    if any(each.verdict != "supported" for each in checked):
        raise typer.Exit(process.CHECK_FAILED)


def read_claims(file: str) -> list[str]:
    """The sentences of the draft in this file, or on stdin.

    Raises UsageError when it can't be read, is not UTF-8, or has no sentence or too long a one.
    """
    name = "The draft on stdin" if file == STDIN else f"The draft {file}"
    try:
        content = sys.stdin.buffer.read() if file == STDIN else Path(file).read_bytes()
    except OSError as error:
        raise UsageError(f"{name} can't be read ({error.strerror}): give a file of text, or - for stdin.") from error
    try:
        text = content.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name} is not UTF-8 text (byte {error.start:,}): save it as UTF-8 plain text.") from error
    claims = claims_of(canonical_text(text)[0])
    if not claims:
        raise UsageError(f"{name} has no sentence to check: give whole sentences, headings are left out.")
    for number, claim in enumerate(claims, start=1):
        if len(claim) > LONGEST_QUESTION:
            raise UsageError(
                f"Sentence {number} of the draft, {quoted(claim)}, has {len(claim):,} characters and may have "
                f"{LONGEST_QUESTION:,}: split it."
            )
    return claims


app.command("eval")(evaluate_gold)
app.command("doctor")(doctor)


@app.command()
def chat(
    port: Annotated[
        str | None,
        typer.Option("--port", metavar="N", help="Port; default: ASKSEOUL_PORT, else the first free one from 7860."),
    ] = None,
    host: Annotated[
        str,
        typer.Option(
            "--host", metavar="ADDRESS", help="Address to listen on; any but this machine's needs ASKSEOUL_PASSWORD."
        ),
    ] = "127.0.0.1",
    no_upload: Annotated[
        bool, typer.Option("--no-upload", help="Don't allow articles to be added or removed from the page.")
    ] = False,
    strictness: StrictnessOption = None,
    generator: GeneratorOption = None,
    index: IndexOption = None,
) -> None:
    """Serve the chat page until Ctrl-C.

    In a browser you can ask questions, open quotes in their articles and add articles.
    """
    from askseoul.web.server import Address, serve

    settings = Settings.resolve(os.environ, index=index, generator=generator, port=port, strictness=strictness)
    errors = console.open_console(stderr=True)
    signal.signal(signal.SIGTERM, _exit_on_sigterm)
    with open_index(settings) as engine:
        serve(
            engine,
            Address(host, settings.port, settings.password),
            can_change=not no_upload,
            ready=lambda url: console.print_message(errors, f"Open {url} in a browser; press Ctrl-C to stop."),
        )


def _exit_on_sigterm(*_: object) -> NoReturn:
    """Exit by an exception, so that the folder of the uploads is deleted.

    uvicorn raises the signal again after it has shut down, and the default handler would kill the process.
    """
    raise SystemExit(0)


def main() -> int:
    """Run the command line, as ``process.run`` does."""
    return process.run(app)
