"""The web page, served as a user starts it, and the options of the browser: for measurements and tests."""

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

CHROMIUM: Final = "/usr/bin/chromium"
CHROMIUM_OPTIONS: Final = (
    "--headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync "
    "--no-first-run --disable-quic"
).split()
"""Several of them stop Chromium from connecting to its vendor at every start."""
STOP_SECONDS: Final = 20
"""Time limit for the server to stop."""


@dataclass(frozen=True, slots=True)
class Served:
    """A running server."""

    url: str
    pid: int
    stderr: list[str]
    """The lines that its process has written to stderr so far."""


@contextmanager
def indexed(articles: Path) -> Iterator[Path]:
    """Index these articles and provide the folder of the index, until the block ends."""
    with tempfile.TemporaryDirectory() as name:
        index = Path(name) / "index"
        with AskSeoul.open(index, create=True) as app:
            app.index([articles])
        yield index


@contextmanager
def serving(
    index: Path, *options: str, started_by: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """Serve the page of an index from a process of its own, until the block ends.

    ``started_by`` is a command that starts the server's command, such as ``strace``; ``environment`` adds to the
    environment. Raises RuntimeError with the server's stderr when it ends before it serves.
    """
    command = [*started_by, sys.executable, "-m", "askseoul", "chat", "--index", str(index), *options]
    variables = os.environ | dict(environment or {})
    with subprocess.Popen(command, env=variables, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        lines: list[str] = []
        try:
            for line in process.stderr:
                lines.append(line)
                if found := re.search(r"http://\S+", line):
                    break
            else:
                raise RuntimeError("".join(lines))
            threading.Thread(target=lines.extend, args=(process.stderr,), daemon=True).start()
            yield Served(found[0].rstrip("/"), process.pid, lines)
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)
