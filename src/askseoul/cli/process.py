"""What all commands share: their common options, and how the process reports errors and ends.

Exit statuses: 0 success, a refusal or an empty result included; 1 and 2 as the commands and the errors define them;
3 any other failure; 130 interrupted; 141 broken pipe, which is what a shell reports for a program killed by SIGPIPE.
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
from typer.core import TyperGroup

from askseoul.cli import console
from askseoul.errors import AskSeoulError
from askseoul.retrieval.search import parse_date_bound

CHECK_FAILED: Final = 1
"""Exit status of ``verify`` when something no longer holds, of ``check`` unless every sentence is supported, of
``eval`` when a threshold is missed, and of ``doctor`` when asking would not work."""
FAILED: Final = 3
INTERRUPTED: Final = 130
BROKEN_PIPE: Final = 141

log = logging.getLogger(__name__)


def _valid_date(value: str | None) -> str | None:
    """The date as written. Raises UsageError while options are parsed, before a model is loaded."""
    return None if value is None else parse_date_bound(value).written


IndexOption = Annotated[
    str | None,
    typer.Option("--index", metavar="DIR", help="Folder of the index; default: ASKSEOUL_INDEX, else ./index."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
GeneratorOption = Annotated[
    str | None,
    typer.Option(
        "--generator",
        metavar="NAME",
        help="What words the answer: none (quotes only), local, openai:MODEL@URL with its key in OPENAI_API_KEY, "
        "ollama:MODEL, or llamacpp:PATH.gguf; "
        "default: ASKSEOUL_GENERATOR, else none.",
    ),
]
StrictnessOption = Annotated[
    str | None,
    typer.Option(
        "--strictness",
        metavar="LEVEL",
        help="How sure an answer must be: lenient, balanced or strict; default: ASKSEOUL_STRICTNESS, else balanced.",
    ),
]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="DATE",
        callback=_valid_date,
        help="Use only articles certainly published by this day, month or year (2024-05-01, 2024-05, 2024); "
        "undated articles are left out.",
    ),
]
SinceOption = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="DATE",
        callback=_valid_date,
        help="Leave out articles that are undated or may have been published before this day, month or year.",
    ),
]
WithinOption = Annotated[
    list[str] | None,
    typer.Option("--within", metavar="ID", help="Use only this article; may be repeated."),
]


class CommandGroup(TyperGroup):
    """A group of commands that reports errors by ``exit_on_error``; typer itself exits with 1 on a broken pipe."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401
        """Run the chosen command."""
        with exit_on_error():
            return super().invoke(ctx)


def run(app: typer.Typer) -> int:
    """Run the command line.

    Raises SystemExit with the exit status; returns FAILED, after logging the traceback, when the program has a bug.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # UTF-8 in any locale; a lone surrogate, as in a file name that is not UTF-8, is printed as its escape.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    logging.basicConfig(format="askseoul: %(message)s")
    try:
        with exit_on_error():
            app(prog_name="askseoul")
    except Exception:
        log.exception("This is a bug in AskSeoul; please report it with the traceback below.")
    return FAILED


@contextmanager
def exit_on_error() -> Iterator[None]:
    """Turn expected errors into one message on stderr and SystemExit with the matching status."""
    try:
        yield
        sys.stdout.flush()
    except AskSeoulError as error:
        fail(str(error), error.exit_status)
    except KeyboardInterrupt:
        fail("Interrupted.", INTERRUPTED)
    except BrokenPipeError:
        _discard_output()
        raise SystemExit(BROKEN_PIPE) from None
    except OSError as error:
        _discard_output()
        cause = f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error)
        remedy = "free some space" if error.errno == errno.ENOSPC else "fix that"
        fail(f"{cause}: {remedy} and try again.", FAILED)


def fail(message: str, status: int) -> NoReturn:
    """Print a message on stderr and exit with this status."""
    console.print_message(console.open_console(stderr=True), message)
    raise SystemExit(status)


def _discard_output() -> None:
    """Send buffered stdout to /dev/null: Python would otherwise flush it at exit and print a second error."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
