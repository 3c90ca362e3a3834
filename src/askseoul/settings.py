"""Everything a user can choose, read once from the environment and the command line into one frozen record."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, cast, get_args

from askseoul.errors import UsageError

Precision = Literal["auto", "f32"]

VARIABLES: Final = (
    "ASKSEOUL_ENCODER",
    "ASKSEOUL_GENERATOR",
    "ASKSEOUL_INDEX",
    "ASKSEOUL_PASSWORD",
    "ASKSEOUL_PORT",
    "ASKSEOUL_PRECISION",
    "ASKSEOUL_TIMEOUT",
)
"""The variables that mean something; another ``ASKSEOUL_…`` is most likely a slip."""

TIMEOUT: Final = 60.0
LONGEST_TIMEOUT: Final = 3600
"""Seconds that an endpoint may be silent, where nothing else is set, and at most."""
LAST_PORT: Final = 65_535
GENERATOR: Final = re.compile(r"none|local|openai:(?P<model>\S+)@(?P<url>https?://[^\s@]+)")
"""What ``generator`` can be. A model's name may hold an ``@``, a URL may not: keys are not passed in it."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """What one run of AskSeoul works with."""

    index: Path = Path("index")
    """The folder of the index."""
    encoder: str | None = None
    """Folder or name of a sentence-transformers model; None is the one that comes with AskSeoul."""
    precision: Precision = "auto"
    """What the encoder computes in: ``auto`` is bf16 where the processor has it, ``f32`` is the same everywhere."""
    generator: str = "none"
    """Who words the answer: ``none`` (quotes), ``local`` or ``openai:MODEL@URL``."""
    timeout: float = TIMEOUT
    """Seconds that an endpoint may be silent."""
    port: int | None = None
    """Where the web page is served; None is the first free port."""
    password: str | None = field(default=None, repr=False)
    """What the web page asks for; without one it is served to this machine alone."""

    @classmethod
    def resolve(
        cls,
        environment: Mapping[str, str],
        *,
        index: str | Path | None = None,
        generator: str | None = None,
        port: str | None = None,
    ) -> Settings:
        """The settings of this environment; an argument that is not None goes before its variable.

        An empty variable counts as not set. An ``ASKSEOUL_…`` that means nothing is logged as a warning.
        UsageError when a value is not one of those allowed; it names the variable or the option that holds the value.
        """
        for name in sorted(environment):
            if name.startswith("ASKSEOUL_") and name not in VARIABLES:
                log.warning("%s means nothing; the variables are %s.", name, ", ".join(VARIABLES))
        default = cls()
        if index is not None:
            folder = _folder("--index", str(index))
        else:
            folder = _folder("ASKSEOUL_INDEX", environment.get("ASKSEOUL_INDEX") or str(default.index))
        if generator is not None:
            named = _generator("--generator", generator)
        else:
            named = _generator("ASKSEOUL_GENERATOR", environment.get("ASKSEOUL_GENERATOR") or default.generator)
        return cls(
            index=folder,
            encoder=environment.get("ASKSEOUL_ENCODER") or default.encoder,
            precision=_precision(environment.get("ASKSEOUL_PRECISION") or default.precision),
            generator=named,
            timeout=_timeout(environment.get("ASKSEOUL_TIMEOUT") or str(default.timeout)),
            port=_port("ASKSEOUL_PORT", environment.get("ASKSEOUL_PORT")) if port is None else _port("--port", port),
            password=environment.get("ASKSEOUL_PASSWORD") or None,
        )


def _folder(origin: str, value: str) -> Path:
    """A shell leaves the ``~`` of ``--index=~/papers.index`` as it is, so it is expanded here."""
    if not value.strip() or "\0" in value:
        raise UsageError(f"{origin} is {value!r}: name a folder, as in {origin}=papers.index")
    try:
        return Path(value).expanduser()
    except RuntimeError as error:
        raise UsageError(f"{origin} is {value!r}, and there is no such home: write the path in full") from error


def _precision(value: str) -> Precision:
    if value not in get_args(Precision):
        raise UsageError(f"ASKSEOUL_PRECISION is {value!r}: set it to {' or '.join(get_args(Precision))}")
    return cast("Precision", value)


def _timeout(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= LONGEST_TIMEOUT:
        raise UsageError(f"ASKSEOUL_TIMEOUT is {value!r}: give seconds between 0 and {LONGEST_TIMEOUT}, as in 120")
    return seconds


def _port(origin: str, value: str | None) -> int | None:
    if not value:
        return None
    if not re.fullmatch("[0-9]{1,5}", value) or not 0 < int(value) <= LAST_PORT:
        raise UsageError(f"{origin} is {value!r}: give a port from 1 to {LAST_PORT}, as in {origin}=7860")
    return int(value)


def _generator(origin: str, value: str) -> str:
    if GENERATOR.fullmatch(value):
        return value
    raise UsageError(
        f"{origin} is {value!r}: choose none, local or openai:MODEL@URL, as in "
        "openai:qwen3@http://127.0.0.1:8000/v1 (the key goes into OPENAI_API_KEY)"
    )
