"""How the command line's process speaks and ends: UTF-8 streams, one message for what goes wrong, an exit status.

0 done, and a refusal or an empty result is done; 1 and 2 as the commands and the errors say; 3 other failures; 130
interrupted; 141 the reader of stdout has gone, which is how a shell reports it of any program.

What several commands share: options, each read and told of in one way, and how an index is opened by them.
"""

from __future__ import annotations

import errno
import io
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final, NoReturn

import typer
from typer import Typer
from typer.core import TyperGroup

from askseoul.cli import console
from askseoul.errors import AskSeoulError
from askseoul.retrieval.search import read_day

FAILED: Final = 3
INTERRUPTED: Final = 130
READER_GONE: Final = 141

log = logging.getLogger(__name__)


class Commands(TyperGroup):
    """Commands that end as ``ending`` has it: by itself typer gives 1 where the reader of stdout has gone."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401
        """Run the command that was named."""
        with ending():
            return super().invoke(ctx)


def run(app: Typer) -> int:
    """Run the command line. Raises SystemExit with its exit status; returns FAILED after a fault of the program's."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Whatever LANG says; half a surrogate pair, as in a file name that is not UTF-8, becomes its escape.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    logging.basicConfig(format="askseoul: %(message)s")
    try:
        with ending():
            app(prog_name="askseoul")
    except Exception:
        log.exception("This is a fault in AskSeoul; please report it with what follows.")
    return FAILED


@contextmanager
def ending() -> Iterator[None]:
    """Turn what is bound to go wrong some day into one message and an exit status."""
    try:
        yield
        sys.stdout.flush()
    except AskSeoulError as error:
        fail(str(error), error.exit_status)
    except KeyboardInterrupt:
        fail("Interrupted.", INTERRUPTED)
    except BrokenPipeError:
        _drop_output()
        raise SystemExit(READER_GONE) from None
    except OSError as error:
        _drop_output()
        what = f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error)
        remedy = "free some space" if error.errno == errno.ENOSPC else "see to that"
        fail(f"{what}: {remedy} and try again.", FAILED)


def fail(message: str, status: int) -> NoReturn:
    """End the process with a message on stderr."""
    console.print_message(console.open_console(stderr=True), message)
    raise SystemExit(status)


def _drop_output() -> None:
    """Let what stdout still holds go nowhere: Python would try to write it once more at its end, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


NOT_HELD: Final = 1
"""What ``verify`` and ``eval`` end with when something no longer holds, or is below its minimum."""


def _checked_date(given: str | None) -> str | None:
    """The date as it was given. Raises UsageError at once where it is none, before a model is loaded."""
    return None if given is None else read_day(given).written


IndexFolder = Annotated[
    str | None, typer.Option("--index", metavar="DIR", help="Folder of the index; else ASKSEOUL_INDEX, else ./index.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
WordedBy = Annotated[
    str | None,
    typer.Option(
        "--generator",
        metavar="NAME",
        help="Who words the answer: none (quotes), local, or openai:MODEL@URL with its key in OPENAI_API_KEY; "
        "else ASKSEOUL_GENERATOR, else none.",
    ),
]
AsOfDate = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="DATE",
        callback=_checked_date,
        help="Look only at what was certainly published by this day, month or year (2024-05-01, 2024-05, 2024); "
        "undated articles are left out.",
    ),
]
SinceDate = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="DATE",
        callback=_checked_date,
        help="Look only at what was certainly not published before this day, month or year.",
    ),
]
WithinArticles = Annotated[
    list[str] | None,
    typer.Option("--within", metavar="ID", help="Look only at this article; may be given several times."),
]
