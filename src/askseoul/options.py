"""What several commands share: options, each read and told of in one way, and how an index is opened by them."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from askseoul.pipeline import AskSeoul
from askseoul.publication import read_day
from askseoul.settings import Settings

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


def open_index(settings: Settings, *, create: bool = False) -> AskSeoul:
    """The index of these settings, as ``AskSeoul.open`` opens it."""
    return AskSeoul.open(
        settings.index,
        create=create,
        generator=settings.generator,
        encoder=settings.encoder,
        precision=settings.precision,
        timeout=settings.timeout,
    )
