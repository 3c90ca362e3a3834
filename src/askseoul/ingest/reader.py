"""Many files into articles, safely: whatever a file does to the program that parses it, the others are read.

Plain text is decoded in this process. Everything else is parsed in child processes, which are started when the first
such file comes and read one file after the other. A child is a new Python, because a forked one may hang where other
threads run, and one that ``multiprocessing`` starts would run the user's program again.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final

from askseoul.errors import ArticleError, ArticleUnreadable, ReadingTimedOut
from askseoul.ingest import converters
from askseoul.ingest.articles import with_language
from askseoul.ingest.sandbox import REMEDY, ReadFile, from_message, read_file, receive, send

__all__ = ["ReadFile", "read_files"]

_CHILDREN: Final = min(os.cpu_count() or 1, 4)
_AHEAD: Final = 4 * _CHILDREN
"""Files that are read before they are asked for."""
_START_SECONDS: Final = 60.0
_COMMAND = (sys.executable, "-P", "-B", "-m", "askseoul.ingest.sandbox")
_PASSED_ON: Final = ("LANG", "LC_ALL", "LC_CTYPE", "PYTHONUTF8", "TZ", "LD_LIBRARY_PATH")
"""What a child gets of this process's environment: a key or a password in it is none of its business."""
_FIXED: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
"""One thread each: others would take a part of the address space and no part of the work."""


def read_files(paths: Iterable[Path], *, seconds: float = 30.0) -> Iterator[ReadFile]:
    """Read files in order, a few ahead of what is asked for; ``seconds`` is what parsing one of them may take.

    Each article's id is its file's name. What is wrong with a file is its outcome and is never raised.
    """
    with _Children(seconds) as children:
        pending: deque[Future[ReadFile] | Path] = deque()
        for path in paths:
            pending.append(children.read(path) if path.suffix.lower() in converters.SUFFIXES else path)
            if len(pending) > _AHEAD:
                yield _finish(pending.popleft())
        while pending:
            yield _finish(pending.popleft())


def _finish(pending: Future[ReadFile] | Path) -> ReadFile:
    read = read_file(pending) if isinstance(pending, Path) else pending.result()
    return read if isinstance(read.outcome, ArticleError) else replace(read, outcome=with_language(read.outcome))


class _Lost(Exception):
    """A child is of no use any longer."""


class _Children:
    """Child processes, each with a thread that waits for it."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._threads = ThreadPoolExecutor(_CHILDREN, thread_name_prefix="askseoul-reader")
        self._idle: queue.SimpleQueue[_Child] = queue.SimpleQueue()
        self._alive: set[_Child] = set()
        self._is_closed = False

    def __enter__(self) -> _Children:
        return self

    def __exit__(self, *_: object) -> None:
        self._is_closed = True  # first, so that a child that is being started is either seen here or kills itself
        for child in tuple(self._alive):
            child.kill()
        self._threads.shutdown(cancel_futures=True)

    def read(self, path: Path) -> Future[ReadFile]:
        """Have a file read."""
        return self._threads.submit(self._read, path)

    def _read(self, path: Path) -> ReadFile:
        child: _Child | None = None
        try:
            child = self._child()
            read = child.read(path, self._seconds)
        except TimeoutError:
            error: ArticleError = ReadingTimedOut(
                f"{path} was not read within {self._seconds:g} seconds: split it, or {REMEDY}"
            )
        except _Lost as lost:
            error = ArticleUnreadable(f"{path} can't be read ({lost}): it may be damaged or too large; {REMEDY}")
        else:
            self._idle.put(child)
            return read
        if child is not None:
            child.kill()
            self._alive.discard(child)
        return ReadFile(path, None, error)

    def _child(self) -> _Child:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            child = _Child()
            self._alive.add(child)
            if self._is_closed:
                child.kill()
            return child


class _Child:
    """A process that reads files. It ends when the other end of its socket is closed, whoever closes it."""

    def __init__(self) -> None:
        """Raises _Lost where there is no process to be had."""
        given = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        own, its = socket.socketpair()
        with its:
            try:
                self._process = subprocess.Popen(
                    [*_COMMAND, str(its.fileno())],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=[its.fileno()],
                    env=given | _FIXED | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                )
            except OSError as error:
                own.close()
                raise _Lost(f"no process could be started to read it: {error}") from error
        self._socket = own
        self._is_ready = False

    def read(self, path: Path, seconds: float) -> ReadFile:
        """What the child makes of a file. Raises TimeoutError, _Lost."""
        try:
            if not self._is_ready:
                self._wait_until_ready()
            send(self._socket, {"path": str(path), "seconds": seconds})
            return from_message(path, receive(self._socket, time.monotonic() + seconds))
        except TimeoutError:
            raise
        except (OSError, EOFError) as error:
            raise _Lost(self._ending()) from error
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise _Lost("the process that reads it gave no sensible answer") from error

    def kill(self) -> None:
        """End the process, and whatever waits for it."""
        self._process.kill()
        self._process.wait()
        with contextlib.suppress(OSError):  # the child has closed its end, or this was done before
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _wait_until_ready(self) -> None:
        """Starting takes its time, which is not the file's."""
        try:
            receive(self._socket, time.monotonic() + _START_SECONDS)
        except TimeoutError as error:
            raise _Lost(f"the process that reads it did not start within {_START_SECONDS:g} seconds") from error
        self._is_ready = True

    def _ending(self) -> str:
        """How the process ended."""
        try:
            status = self._process.wait(1)
        except subprocess.TimeoutExpired:
            return "the process that reads it fell silent"
        if status >= 0:
            return f"the process that reads it ended with status {status}"
        known = {one.value: one.name for one in signal.Signals}
        return f"the process that reads it was ended by {known.get(-status, f'signal {-status}')}"
