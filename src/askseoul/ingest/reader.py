"""Reads many files in order. A file that crashes or hangs its parser does not stop the others.

Plain text is decoded in this process. All other formats are parsed in child processes, which are started for the first
such file and read one file after the other. A child is a new Python process: a forked one may hang if this process has
other threads, and one started by ``multiprocessing`` would import the user's program again.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final

from askseoul.errors import ArticleError, ArticleUnreadable, ReadingTimedOut
from askseoul.ingest import converters
from askseoul.ingest.articles import absolute, with_language
from askseoul.ingest.ocr import NOTE, OCR, can_recognise, recognise
from askseoul.ingest.sandbox import REMEDY, ReadFile, from_message, read_file, receive, send

_CHILDREN: Final = min(os.cpu_count() or 1, 4)
_AHEAD: Final = 4 * _CHILDREN
"""Number of files that are read before they are requested."""
_START_SECONDS: Final = 60.0
_COMMAND = (sys.executable, "-P", "-B", "-m", "askseoul.ingest.sandbox")
_INHERITED: Final = ("LANG", "LC_ALL", "LC_CTYPE", "PYTHONUTF8", "TZ", "LD_LIBRARY_PATH")
"""The environment variables passed on to a child; others may hold keys or passwords."""
_ENVIRONMENT: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
"""Limits a child to one thread: more threads would use address space and do no work."""


def read_files(paths: Iterable[Path], *, seconds: float = 30.0, ocr: bool = False) -> Iterator[ReadFile]:
    """Yield the outcome of each file in order, reading a few files ahead. Parsing one may take ``seconds``.

    Each article's id is its file's name. With ``ocr``, pages that are pictures are read by a program that is not
    confined, if it is installed. Errors are returned as outcomes and never raised.
    """
    with _ChildPool(seconds, ocr=ocr) as children:
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


class _ChildFailed(Exception):
    """A child process can't be used any longer; the message says why."""


class _ChildPool:
    """Child processes, each with a thread that waits for it."""

    def __init__(self, seconds: float, *, ocr: bool) -> None:
        self._seconds = seconds
        self._ocr = ocr
        self._threads = ThreadPoolExecutor(_CHILDREN, thread_name_prefix="askseoul-reader")
        self._idle: queue.SimpleQueue[_Child] = queue.SimpleQueue()
        self._alive: set[_Child] = set()
        self._is_closed = False

    def __enter__(self) -> _ChildPool:
        return self

    def __exit__(self, *_: object) -> None:
        self._is_closed = True  # first, so that a child being started is either killed here or by ``_child``
        for child in tuple(self._alive):
            child.kill()
        self._threads.shutdown(cancel_futures=True)

    def read(self, path: Path) -> Future[ReadFile]:
        """Start to read a file."""
        return self._threads.submit(self._read_all, path)

    def _read_all(self, path: Path) -> ReadFile:
        """Read a file, and its pictures of text where that is asked for and possible."""
        read = self._read(path)
        if not self._ocr or not can_recognise(read):
            return read
        with tempfile.TemporaryDirectory(prefix="askseoul-ocr-") as folder:
            copy = recognise(path, Path(folder))
            again = self._read(copy) if copy is not None else read
        if isinstance(again.outcome, ArticleError) or again is read:
            return read
        notes = tuple(note for note in again.outcome.notes if OCR not in note)
        article = replace(again.outcome, places=(str(absolute(path)),), notes=(*notes, NOTE))
        return ReadFile(path, read.sha256, article)

    def _read(self, path: Path) -> ReadFile:
        child: _Child | None = None
        try:
            child = self._child()
            read = child.read(path, self._seconds)
        except TimeoutError:
            error: ArticleError = ReadingTimedOut(
                f"{path} was not read within {self._seconds:g} seconds: split it, or {REMEDY}"
            )
        except _ChildFailed as failure:
            error = ArticleUnreadable(f"{path} can't be read ({failure}): it may be damaged or too large; {REMEDY}")
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
    """A process that reads files. It ends when its socket is closed, also if this process is killed."""

    def __init__(self) -> None:
        """Start the process. Raises _ChildFailed."""
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        own, its = socket.socketpair()
        with its:
            try:
                self._process = subprocess.Popen(
                    [*_COMMAND, str(its.fileno())],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=[its.fileno()],
                    env=inherited | _ENVIRONMENT | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                )
            except OSError as error:
                own.close()
                raise _ChildFailed(f"no process could be started to read it: {error}") from error
        self._socket = own
        self._is_ready = False

    def read(self, path: Path, seconds: float) -> ReadFile:
        """Read a file in the process. Raises TimeoutError, _ChildFailed."""
        try:
            if not self._is_ready:
                self._wait_until_ready()
            send(self._socket, {"path": str(path), "seconds": seconds})
            return from_message(path, receive(self._socket, time.monotonic() + seconds))
        except TimeoutError:
            raise
        except (OSError, EOFError) as error:
            raise _ChildFailed(self._ending()) from error
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise _ChildFailed("the process that reads it gave an invalid answer") from error

    def kill(self) -> None:
        """End the process, and the thread that waits for it."""
        self._process.kill()
        self._process.wait()
        with contextlib.suppress(OSError):  # the child has closed its end, or the socket is closed already
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _wait_until_ready(self) -> None:
        """Wait for the start, whose time does not count as the file's."""
        try:
            receive(self._socket, time.monotonic() + _START_SECONDS)
        except TimeoutError as error:
            raise _ChildFailed(f"the process that reads it did not start within {_START_SECONDS:g} seconds") from error
        self._is_ready = True

    def _ending(self) -> str:
        """Return how the process ended."""
        try:
            status = self._process.wait(1)
        except subprocess.TimeoutExpired:
            return "the process that reads it stopped answering"
        if status >= 0:
            return f"the process that reads it ended with status {status}"
        known = {one.value: one.name for one in signal.Signals}
        return f"the process that reads it was ended by {known.get(-status, f'signal {-status}')}"
