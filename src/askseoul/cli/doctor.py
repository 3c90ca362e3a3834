"""``askseoul doctor``: what is set up, what is missing, and the command that mends it.

Everything is looked at as asking uses it. Nothing leaves the machine but one tiny request to the generator, if one is
set up.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass
from typing import Final

import typer

from askseoul import __version__
from askseoul.cli import console, process
from askseoul.cli.process import GeneratorOption, IndexOption, JsonOption
from askseoul.errors import AskSeoulError, IndexMissing, ModelError, UsageError
from askseoul.index.store import Store
from askseoul.models import weights
from askseoul.models.encoder import Encoder, load_encoder
from askseoul.models.endpoint import EndpointGenerator
from askseoul.models.generator import load_generator
from askseoul.models.reader import load_reader
from askseoul.settings import Settings

SHOWN: Final = ("chromadb", "gradio", "httpx", "openvino", "openvino-genai", "tokenizers")
"""Packages whose versions are shown; of the others only whether they are there is looked at."""
OLDEST_PYTHON: Final = (3, 11)
GENERATOR_TIMEOUT: Final = 10.0
"""Seconds that an endpoint may be silent here, unless ASKSEOUL_TIMEOUT is less."""
REPLY_TOKENS: Final = 16


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that asking needs, whether it is there, and what mends it."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""
    """A command, or what to change; empty where all is well."""


def doctor(as_json: JsonOption = False, generator: GeneratorOption = None, index: IndexOption = None) -> None:
    """Say what is set up and what is missing. Exit status 1 when asking would not work as it is set up."""
    findings = list(examine(index, generator))
    works = all(finding.ok for finding in findings)
    if as_json:
        console.write_json({"works": works, "checks": [asdict(finding) for finding in findings]})
    else:
        console.print_findings(console.open_console(), [asdict(finding) for finding in findings], works=works)
    if not works:
        raise typer.Exit(process.CHECK_FAILED)


def examine(index: str | None, generator: str | None) -> Iterator[Finding]:
    """What the options and the environment set up, one by one."""
    yield _python()
    yield _packages()
    try:
        settings = Settings.resolve(os.environ, index=index, generator=generator)
    except UsageError as error:
        yield _failed("settings", error)
        return
    cache = _cache()
    yield cache
    if cache.ok:
        encoder = yield from _models(settings)
        yield _index(settings, encoder)
    yield _generator(settings)


def _models(settings: Settings) -> Generator[Finding, None, Encoder | None]:
    """What is found of the models; returns the encoder, if it can be loaded."""
    encoder: Encoder | None = None
    try:
        if settings.encoder is None:
            weights.verify_pinned(weights.ENCODER)
        encoder = load_encoder(settings.encoder, settings.precision)
        sha256 = f", sha256 {weights.ENCODER.sha256}" if settings.encoder is None else ""
        yield Finding("encoder", ok=True, detail=f"{encoder.name}{sha256}")
    except ModelError as error:
        yield _failed("encoder", error)
    try:
        yield Finding("reader", ok=True, detail=load_reader(settings.reader, settings.precision).identity)
    except ModelError as error:
        yield _failed("reader", error)
    return encoder


def _failed(name: str, error: AskSeoulError) -> Finding:
    """The finding of an error, whose message ends in what to do."""
    detail, _, remedy = str(error).rpartition(": ")
    return Finding(name, ok=False, detail=detail, remedy=remedy)


def _python() -> Finding:
    detail = f"AskSeoul {__version__} on Python {platform.python_version()}, {sys.executable}"
    remedy = "" if sys.version_info >= OLDEST_PYTHON else f"install Python {'.'.join(map(str, OLDEST_PYTHON))} or newer"
    return Finding("python", ok=not remedy, detail=detail, remedy=remedy)


def _packages() -> Finding:
    try:
        declared = importlib.metadata.requires("askseoul") or []
    except importlib.metadata.PackageNotFoundError:  # run from a folder
        declared = []
    named = [re.split(r"[ <>=!~;\[(]", line, maxsplit=1)[0] for line in declared if "extra ==" not in line]
    names = dict.fromkeys([*SHOWN, *named])
    missing = [name for name in names if _version(name) is None]
    if missing:
        return Finding(
            "packages", ok=False, detail=f"missing: {', '.join(missing)}", remedy=f"pip install {missing[0]}"
        )
    return Finding("packages", ok=True, detail=", ".join(f"{name} {_version(name)}" for name in SHOWN))


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _cache() -> Finding:
    folder = weights.cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        detail = f"{folder} can't be written ({error.strerror}), where converted models are kept"
        return Finding("cache", ok=False, detail=detail, remedy="set XDG_CACHE_HOME to a writable folder")
    return Finding("cache", ok=True, detail=str(folder))


def _index(settings: Settings, encoder: Encoder | None) -> Finding:
    mend = f"askseoul index PATH --index {settings.index}"
    try:
        with Store.open(settings.index, encoder=encoder) as store:
            manifest, undated = store.manifest, store.count_undated()
    except IndexMissing:
        return Finding("index", ok=False, detail=f"there is none in {settings.index}", remedy=mend)
    except AskSeoulError as error:
        return _failed("index", error)
    if not manifest.articles:
        return Finding("index", ok=False, detail=f"{settings.index} holds no article", remedy=mend)
    dates = f", {undated:,} of them undated" if undated else ""
    held = f"{manifest.articles:,} article{'s' * (manifest.articles != 1)} in {manifest.passages:,} passages{dates}"
    return Finding("index", ok=True, detail=f"{settings.index} holds {held}; made with {manifest.encoder}")


def _generator(settings: Settings) -> Finding:
    if settings.generator == "none":
        return Finding("generator", ok=True, detail="none, so answers are quotes; --generator names an LLM")
    try:
        generator = load_generator(settings.generator, min(settings.timeout, GENERATOR_TIMEOUT))
        if not isinstance(generator, EndpointGenerator):
            return Finding("generator", ok=True, detail=f"{settings.generator} is on this machine")
        started = time.perf_counter()
        for _ in generator.reply("Reply with one word.", "Say yes.", maximum_tokens=REPLY_TOKENS):
            pass
    except AskSeoulError as error:
        return _failed("generator", error)
    left_out = ", ".join(generator.form.left_out())
    note = f", asked without {left_out}" if left_out else ""
    return Finding(
        "generator", ok=True, detail=f"{generator.name} answers in {time.perf_counter() - started:.1f} s{note}"
    )
