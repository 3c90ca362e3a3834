"""The web page as a user starts it, and a browser to look at it: for the benchmarks and for the tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from askseoul.pipeline import AskSeoul

ARTICLES: Final = Path(__file__).parents[2] / "index/articles"
"""The shipped ones."""
CHROMIUM: Final = "/usr/bin/chromium"
CHROMIUM_OPTIONS: Final = (
    "--headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync "
    "--no-first-run --disable-quic"
).split()
"""Without them Chromium calls its maker at every start."""
ENDING: Final = 20
"""Seconds that the server has to end in."""


@dataclass(frozen=True, slots=True)
class Served:
    """A page that is being served."""

    url: str
    pid: int
    said: list[str]
    """What its process wrote onto stderr."""


@contextmanager
def indexed(articles: Path) -> Iterator[Path]:
    """A folder with an index of these articles, until the block ends."""
    with tempfile.TemporaryDirectory() as name:
        index = Path(name) / "index"
        with AskSeoul.open(index, create=True) as app:
            app.index([articles])
        yield index


@contextmanager
def serving(
    index: Path, *options: str, started_by: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """Serve the page of an index from a process of its own, until the block ends."""
    command = [*started_by, sys.executable, "-m", "askseoul", "chat", "--index", str(index), *options]
    given = os.environ | dict(environment or {})
    with subprocess.Popen(command, env=given, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said: list[str] = []
        try:
            for line in process.stderr:
                said.append(line)
                if found := re.search(r"http://\S+", line):
                    break
            else:
                raise RuntimeError("".join(said))
            threading.Thread(target=said.extend, args=(process.stderr,), daemon=True).start()
            yield Served(found[0].rstrip("/"), process.pid, said)
        finally:
            process.terminate()
            process.wait(ENDING)
