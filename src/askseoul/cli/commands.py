"""A file of questions into answers, one a line, in order: what is not understood gets a refusal in its place.

The command ``chat``: the web page of an index, served from this machine.

The command line: arguments into calls, what they give onto stdout, everything else onto stderr.
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
from askseoul.answering.reverify import load_exported, prove
from askseoul.cli import console, process
from askseoul.cli.evaluate import evaluate_gold
from askseoul.cli.process import NOT_HELD, AsJson, AsOfDate, IndexFolder, SinceDate, WithinArticles, WordedBy
from askseoul.domain import Answer, IndexReport, read_place
from askseoul.errors import ArticleUnknown, IndexMissing, QuestionInvalid, UsageError
from askseoul.index.store import Store
from askseoul.index.sync import dry_run
from askseoul.index.tables import summary_as_json
from askseoul.models.encoder import load_encoder
from askseoul.nlp.text import nfc
from askseoul.pipeline import AskSeoul, open_index
from askseoul.retrieval.search import FilterOptions, hit_as_json
from askseoul.settings import Settings
from askseoul.verification.alignment import TokenSimilarity


def read_lines(path: Path) -> list[tuple[int, bytes]]:
    """The lines of the file that hold something, and their numbers. Raises UsageError."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise UsageError(f"The questions {path} can't be read ({error.strerror}): name a JSON-lines file.") from error
    return [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def answer_line(opened: AskSeoul, number: int, line: bytes, where: FilterOptions) -> tuple[Any, Answer]:
    """The id that the line gives, if any, and its answer; ``where`` holds for what the line does not say."""
    read = line.decode(errors="replace").strip()
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        what = getattr(error, "msg", error)
        return None, opened.refuse_unread(read, f"Line {number} is not JSON ({what}).")
    given = record if isinstance(record, dict) else {}
    question, history = given.get("question"), given.get("history", [])
    if not isinstance(question, str):
        answer = opened.refuse_unread(read, f"Line {number} is not an object with a text named question.")
    elif not isinstance(history, list):
        answer = opened.refuse_unread(question, f"Line {number} has a history that is no list.")
    else:
        try:
            own: Any = {name: given[name] for name in FilterOptions.__annotations__ if name in given}
            answer = opened.ask(question, history=history, **(where | own))
        except QuestionInvalid as error:
            answer = opened.refuse_unread(question, str(error))
        except (ArticleUnknown, UsageError) as error:
            answer = opened.refuse_unread(question, f"Line {number}: {error}")
    return given.get("id"), answer


def chat(
    port: Annotated[
        str | None,
        typer.Option("--port", metavar="N", help="Port; else ASKSEOUL_PORT, else the first free one from 7860 on."),
    ] = None,
    host: Annotated[
        str,
        typer.Option(
            "--host", metavar="ADDRESS", help="Address to serve; all but this machine's own need ASKSEOUL_PASSWORD."
        ),
    ] = "127.0.0.1",
    no_upload: Annotated[
        bool, typer.Option("--no-upload", help="Let nobody add or remove articles from the page.")
    ] = False,
    generator: WordedBy = None,
    index: IndexFolder = None,
) -> None:
    """Serve the web page: ask, see the quotes in their articles, add articles. Ends with Ctrl-C."""
    from askseoul.web.server import Address, serve

    settings = Settings.resolve(os.environ, index=index, generator=generator, port=port)
    errors = console.open_console(stderr=True)
    signal.signal(signal.SIGTERM, _end)
    with open_index(settings) as opened:
        serve(
            opened,
            Address(host, settings.port, settings.password),
            can_change=not no_upload,
            ready=lambda url: console.print_message(errors, f"Open {url} in a browser; Ctrl-C ends it."),
        )


def _end(*signalled: object) -> NoReturn:
    """End as what was told to. Else the process would die of the signal once its server has ended, and leave the folder
    of its uploads behind."""
    raise SystemExit(0)


ARTICLES: Final = Path("index/articles")
"""What ``index`` reads when it is told nothing."""

app = typer.Typer(cls=process.Commands, add_completion=False, no_args_is_help=True, rich_markup_mode=None)
articles_commands = typer.Typer(add_completion=False, rich_markup_mode=None)
app.add_typer(articles_commands, name="articles")


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"askseoul {__version__}\n")
        raise typer.Exit


@app.callback()
def start(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Ask a collection of articles a question; every sentence of the answer rests on an exact quote."""


@app.command("index")
def index_files(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH", help=f"Files and folders of articles; {ARTICLES} if none.", show_default=False),
    ] = None,
    index: IndexFolder = None,
    as_json: AsJson = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove the articles whose files are gone from the given folders.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Let --prune remove more than a tenth of the index without asking.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
) -> None:
    """Bring the index up to date with these files and folders. Exit status 1 when none could be indexed."""
    settings = Settings.resolve(os.environ, index=index)
    errors = console.open_console(stderr=True)
    if not paths:
        if not ARTICLES.is_dir():
            raise UsageError(
                f"There is no folder {ARTICLES} in {Path.cwd()}: name what to index, as in `askseoul index ~/papers`."
            )
        if settings.index != Settings().index:
            console.print_message(errors, f"No PATH is given: {ARTICLES} goes into the index {settings.index}.")
        paths = [ARTICLES]
    if dry_run:
        report = _foresee(paths, settings, prune=prune)
    else:
        with open_index(settings, create=True) as opened, console.progress("Indexing", timed=True) as step:
            report = opened.index(
                paths,
                step,
                prune=prune,
                confirm=lambda missing, of: (
                    yes or step.confirm(f"The files of {missing:,} of {of:,} articles are gone. Remove these articles?")
                ),
            )
    for failure in report.failed:
        console.print_message(errors, f"Not indexed: {failure.reason}")
    if as_json:
        console.write_json(dataclasses.asdict(report))
    else:
        console.print_report(console.open_console(), report, is_foreseen=dry_run)
    if prune and report.missing and not sys.stdin.isatty():
        raise UsageError(
            f"Not removed: {len(report.missing):,} articles whose files are gone, more than a tenth of the index. "
            "Add --yes to remove them."
        )


def _foresee(paths: list[Path], settings: Settings, *, prune: bool) -> IndexReport:
    with console.progress("Reading", timed=True) as step:
        try:
            opened: AbstractContextManager[Store | None] = Store.open(settings.index)
        except IndexMissing:
            opened = nullcontext()
        with opened as store:
            return dry_run(paths, store=store, prune=prune, progress=step)


@app.command()
def ask(  # noqa: PLR0913, PLR0917 - each is an option of the command
    question: Annotated[str | None, typer.Argument(help="The question; or give --file.", show_default=False)] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            metavar="JSONL",
            help='Questions, one {"id": …, "question": …} a line; "history" may list those before it, and its own '
            '"as_of", "since" and "within" go before the options.',
        ),
    ] = None,
    history: Annotated[
        Path | None,
        typer.Option(
            "--history",
            metavar="JSONL",
            help="Earlier answers, as --json writes them, oldest first: the question may lean on them.",
        ),
    ] = None,
    as_of: AsOfDate = None,
    since: SinceDate = None,
    within: WithinArticles = None,
    as_json: AsJson = False,
    generator: WordedBy = None,
    index: IndexFolder = None,
) -> None:
    """Answer a question from the indexed articles, or say why they don't answer it."""
    if (question is None) == (file is None):
        raise UsageError("Ask one QUESTION, or name a file of questions with --file.")
    if file is not None and history is not None:
        raise UsageError('--history goes with one QUESTION: in --file a line\'s "history" lists what came before it.')
    settings = Settings.resolve(os.environ, index=index, generator=generator)
    where = FilterOptions(as_of=as_of, since=since, within=within or ())
    if file is not None:
        _ask_all(read_lines(file), settings, index, where, as_json=as_json)
        return
    earlier = load_exported(history) if history else []
    with console.progress("Answering"), open_index(settings) as opened:
        answer = opened.ask(question or "", history=earlier, **where)
    if as_json:
        console.write_json(domain.as_json(answer))
    else:
        console.print_answer(console.open_console(), answer, index=index)


def _ask_all(
    lines: list[tuple[int, bytes]], settings: Settings, index: str | None, where: FilterOptions, *, as_json: bool
) -> None:
    """Answer each line as soon as it can be; what is not understood gets a refusal in its place."""
    output = console.open_console()
    with console.progress("Answering", hidden=sys.stdout.isatty()) as step, open_index(settings) as opened:
        for done, (number, line) in enumerate(lines):
            step(done, len(lines))
            given_id, answer = answer_line(opened, number, line, where)
            if as_json:
                own_id = {} if given_id is None else {"id": given_id}
                console.write_json(domain.as_json(answer) | own_id, indent=None)
            else:
                console.print_question(output, answer.question)
                console.print_answer(output, answer, index=index)
                output.print()


@app.command("search")
def search_passages(
    query: Annotated[str, typer.Argument(metavar="QUERY")],
    count: Annotated[int, typer.Option("-k", min=1, metavar="N", help="How many passages at most.")] = 10,
    as_of: AsOfDate = None,
    since: SinceDate = None,
    within: WithinArticles = None,
    as_json: AsJson = False,
    index: IndexFolder = None,
) -> None:
    """Find the passages that fit a query best, with their scores."""
    with console.progress("Searching"), open_index(Settings.resolve(os.environ, index=index)) as opened:
        hits = opened.search(query, count, as_of=as_of, since=since, within=within or ())
    if as_json:
        console.write_json([hit_as_json(hit) for hit in hits])
    else:
        console.print_hits(console.open_console(), hits, index=index)


@articles_commands.callback(invoke_without_command=True)
def list_articles(context: typer.Context, as_json: AsJson = False, index: IndexFolder = None) -> None:
    """List what the index holds, or remove an article from it."""
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
    index: IndexFolder = None,
) -> None:
    """Remove an article from the index; its file stays as it is."""
    settings = Settings.resolve(os.environ, index=context.obj if index is None else index)
    with Store.open(settings.index) as store:
        store.remove(nfc(article_id))
        store.synchronise()
    console.print_message(console.open_console(stderr=True), f"Removed {article_id} from {settings.index}.")


@app.command("show")
def show_article(
    article_id: Annotated[str, typer.Argument(metavar="ID")],
    place: Annotated[
        str | None, typer.Argument(metavar="START:END", help="Characters to mark, counted from 0.", show_default=False)
    ] = None,
    index: IndexFolder = None,
) -> None:
    """Print an article's text, a span of it marked."""
    with Store.open(Settings.resolve(os.environ, index=index).index) as store:
        article = store.article(nfc(article_id))
    marked = None if place is None else read_place(place, article)
    console.print_text(console.open_console(), article.text, marked)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="ANSWER.json", help="What `askseoul ask --json` printed.")],
    index: IndexFolder = None,
) -> None:
    """Prove an exported answer again. Exit status 1 when something in it no longer holds."""
    answers = load_exported(file)
    settings = Settings.resolve(os.environ, index=index)
    meaning = TokenSimilarity(lambda: load_encoder(settings.encoder, settings.precision))
    with Store.open(settings.index) as store:
        faults = [fault for exported in answers for fault in prove(exported, store.article, meaning)]
    console.print_proof(console.open_console(), len(answers), faults)
    if faults:
        raise typer.Exit(NOT_HELD)


app.command("eval")(evaluate_gold)
app.command("chat")(chat)


def main() -> int:
    """Run the command line, as ``process.run`` does."""
    return process.run(app)
