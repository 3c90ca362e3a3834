"""The command ``chat``: the web page of an index, served from this machine."""

from __future__ import annotations

import os
import signal
from typing import Annotated, NoReturn

import typer

from askseoul import terminal
from askseoul.options import IndexFolder, WordedBy, open_index
from askseoul.settings import Settings


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
    from askseoul.serving import Address, serve

    settings = Settings.resolve(os.environ, index=index, generator=generator, port=port)
    errors = terminal.open_console(stderr=True)
    signal.signal(signal.SIGTERM, _end)
    with open_index(settings) as opened:
        serve(
            opened,
            Address(host, settings.port, settings.password),
            can_change=not no_upload,
            ready=lambda url: terminal.print_message(errors, f"Open {url} in a browser; Ctrl-C ends it."),
        )


def _end(*signalled: object) -> NoReturn:
    """End as what was told to. Else the process would die of the signal once its server has ended, and leave the folder
    of its uploads behind."""
    raise SystemExit(0)
