"""The settings of a run, read from the environment and the command line into one frozen record."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, cast, get_args

from askseoul.errors import UsageError, quoted

Precision = Literal["auto", "f32"]
Strictness = Literal["lenient", "balanced", "strict"]

VARIABLES: Final = (
    "ASKSEOUL_ENCODER",
    "ASKSEOUL_GENERATOR",
    "ASKSEOUL_INDEX",
    "ASKSEOUL_PASSWORD",
    "ASKSEOUL_PORT",
    "ASKSEOUL_PRECISION",
    "ASKSEOUL_READER",
    "ASKSEOUL_STRICTNESS",
    "ASKSEOUL_TIMEOUT",
)
"""The environment variables that are read; another ``ASKSEOUL_…`` is probably a typo."""

STRICTNESS: Final[Strictness] = "balanced"
TIMEOUT: Final = 60.0
LONGEST_TIMEOUT: Final = 3600
"""Seconds that an endpoint may be silent: the default and the maximum."""
LAST_PORT: Final = 65_535
GENERATOR: Final = re.compile(
    r"none|local|openai:(?P<model>\S+)@(?P<url>https?://[^\s@]+)|ollama:(?P<ollama>\S+)|llamacpp:(?P<gguf>.*\.gguf)",
)
"""The values of ``generator``. A model's name may contain ``@``; a URL may not, since no credentials belong in it."""
GENERATORS: Final = (
    "none, local, openai:MODEL@URL, ollama:MODEL or llamacpp:PATH.gguf, for example "
    "openai:qwen3@http://127.0.0.1:8000/v1 (the key goes into OPENAI_API_KEY, not into the URL)"
)
"""The values of ``generator``, for messages."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one run."""

    index: Path = Path("index")
    """Folder of the index."""
    encoder: str | None = None
    """Folder or name of a sentence-transformers model; None for the default encoder."""
    precision: Precision = "auto"
    """Precision of the models: ``auto`` is bf16 if the processor supports it, ``f32`` is the same on every machine."""
    reader: Path | None = None
    """Folder of other weights for the reader; None for those that the package brings."""
    generator: str = "none"
    """What words the answer: ``none`` (quotes), ``local``, ``openai:MODEL@URL``, ``ollama:MODEL`` or
    ``llamacpp:PATH.gguf``."""
    timeout: float = TIMEOUT
    """Seconds that an endpoint may be silent."""
    strictness: Strictness = STRICTNESS
    """How sure an answer must be: ``lenient``, ``balanced`` or ``strict``."""
    port: int | None = None
    """Port of the web page; None for the first free one."""
    password: str | None = field(default=None, repr=False)
    """Password of the web page; without one the page is served to this machine only."""

    # Read by hand: importing pydantic-settings takes 0.15 to 0.27 s, more than `askseoul --help` can afford.
    @classmethod
    def resolve(
        cls,
        environment: Mapping[str, str],
        *,
        index: str | Path | None = None,
        generator: str | None = None,
        port: str | None = None,
        strictness: str | None = None,
    ) -> Settings:
        """The settings in this environment; an argument that is not None overrides its variable.

        An empty variable counts as not set. An unknown ``ASKSEOUL_…`` variable is logged as a warning.
        Raises UsageError if a value is not allowed; the message names the variable or option.
        """
        for name in sorted(environment):
            if name.startswith("ASKSEOUL_") and name not in VARIABLES:
                log.warning("%s is unknown and ignored; the variables are %s.", name, ", ".join(VARIABLES))
        default = cls()
        if strictness is not None:
            how_sure = parse_strictness("--strictness", strictness)
        else:
            chosen = environment.get("ASKSEOUL_STRICTNESS") or default.strictness
            how_sure = parse_strictness("ASKSEOUL_STRICTNESS", chosen)
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
            reader=_folder("ASKSEOUL_READER", reader) if (reader := environment.get("ASKSEOUL_READER")) else None,
            generator=named,
            strictness=how_sure,
            timeout=_timeout(environment.get("ASKSEOUL_TIMEOUT") or str(default.timeout)),
            port=_port("ASKSEOUL_PORT", environment.get("ASKSEOUL_PORT")) if port is None else _port("--port", port),
            password=environment.get("ASKSEOUL_PASSWORD") or None,
        )


def _folder(origin: str, value: str) -> Path:
    """The folder, with ``~`` expanded, since a shell does not expand it in ``--index=~/papers.index``."""
    if not value.strip() or "\0" in value:
        raise UsageError(f"{origin} is {value!r}: name a folder, as in {origin}=papers.index")
    try:
        return Path(value).expanduser()
    except RuntimeError as error:
        raise UsageError(f"{origin} is {value!r}, and that user has no home folder: write the path in full") from error


def _precision(value: str) -> Precision:
    if value not in get_args(Precision):
        raise UsageError(f"ASKSEOUL_PRECISION is {value!r}: set it to {' or '.join(get_args(Precision))}")
    return cast("Precision", value)


def parse_strictness(origin: str, value: str) -> Strictness:
    """The strictness of this name. Raises UsageError that names where the value comes from."""
    if value not in get_args(Strictness):
        *others, last = get_args(Strictness)
        shown = quoted(str(value).encode("utf-8", "backslashreplace").decode())
        raise UsageError(f"{origin} is {shown}: choose {', '.join(others)} or {last}")
    return cast("Strictness", value)


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
    raise UsageError(f"{origin} is {value!r}: choose {GENERATORS}")
