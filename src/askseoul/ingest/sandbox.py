"""Reads one file without raising, and serves such reads from a confined child process.

``python -m askseoul.ingest.sandbox DESCRIPTOR`` reads the files named on that socket until its other end is closed. The
process has a memory limit and can't write files, use the network or start programs. Messages are JSON, and the parent
checks those of the child: a parser taken over by a file can only give a wrong result for that file.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import signal
import socket
import struct
import sys
import time
import unicodedata
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from askseoul import errors
from askseoul.domain import Article
from askseoul.errors import ArticleError, ArticleUnreadable
from askseoul.ingest.articles import LONGEST_NOTE, MAXIMUM_NOTES, absolute, parse_article, read_content

MEMORY: Final = 2_000_000_000
"""Bytes of address space that the child process may use."""
REMEDY: Final = "save its text as .txt"

_GRACE_SECONDS: Final = 60.0
_MAXIMUM_MESSAGE: Final = 1 << 27
"""More bytes than the longest article with every character escaped."""
_CHUNK: Final = 1 << 20
_LENGTH: Final = struct.Struct("!I")
_OPTIONAL_FIELDS: Final = frozenset({"source", "source_from", "published", "published_from", "url"})
_FORBIDDEN: Final = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "pty.")
"""Prefixes of Python's audit events for actions that no parser needs."""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file, and its article or the error that prevented it."""

    path: Path
    sha256: str | None
    """Of the file's bytes; None if they could not be read, or if the child process failed."""
    outcome: Article | ArticleError


def read_file(path: Path) -> ReadFile:
    """Read a file in this process. Errors are returned as the outcome and never raised.

    The article's language is empty unless the file states it: py3langid unpacks its model to a file to detect it.
    """
    sha256 = None
    try:
        content = read_content(path)
        sha256 = hashlib.sha256(content).hexdigest()
        return ReadFile(path, sha256, parse_article(path, content))
    except ArticleError as error:
        return ReadFile(path, sha256, error)
    # Too little memory, too deep nesting or a bug in a parser: one file must not stop the others.
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".rstrip(": ")
        return ReadFile(path, sha256, ArticleUnreadable(f"{path} can't be read ({reason}): {REMEDY}"))


def send(connection: socket.socket, message: object) -> None:
    """Send a message as JSON. Raises OSError if the other end is closed."""
    content = json.dumps(message).encode("ascii")
    connection.sendall(_LENGTH.pack(len(content)) + content)


def receive(connection: socket.socket, deadline: float | None) -> Any:  # noqa: ANN401
    """Receive a message, by ``deadline`` on the monotonic clock.

    Raises EOFError if the other end is closed, TimeoutError after the deadline, and ValueError or RecursionError if the
    message is not valid.
    """
    (length,) = _LENGTH.unpack(_receive_bytes(connection, _LENGTH.size, deadline))
    if length > _MAXIMUM_MESSAGE:
        raise ValueError(f"a message of {length:,} bytes")
    return json.loads(_receive_bytes(connection, length, deadline))


def _receive_bytes(connection: socket.socket, count: int, deadline: float | None) -> bytes:
    received = bytearray()
    while len(received) < count:
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            raise TimeoutError
        connection.settimeout(left)
        chunk = connection.recv(min(count - len(received), _CHUNK))
        if not chunk:
            raise EOFError
        received += chunk
    return bytes(received)


def as_message(read: ReadFile) -> dict[str, Any]:
    """Return the message that holds a file's outcome."""
    if isinstance(read.outcome, ArticleError):
        return {"sha256": read.sha256, "error": type(read.outcome).__name__, "message": str(read.outcome)}
    return {"sha256": read.sha256, "article": asdict(read.outcome)}


def from_message(path: Path, message: dict[str, Any]) -> ReadFile:
    """Return the outcome of the file at ``path`` from its message.

    Raises ValueError, TypeError, KeyError or AttributeError if the message is not valid.
    """
    sha256 = message["sha256"]
    if not isinstance(sha256, str | None):
        raise TypeError("sha256")
    if "error" in message:
        kind = getattr(errors, message["error"])
        if not (isinstance(kind, type) and issubclass(kind, ArticleError)):
            raise TypeError(message["error"])
        return ReadFile(path, sha256, kind(str(message["message"])))
    values = dict(message["article"])
    for name in {field.name for field in fields(Article)} - {"places", "stripped", "notes"}:
        if not (isinstance(values[name], str) or (values[name] is None and name in _OPTIONAL_FIELDS)):
            raise TypeError(name)
    places, notes = tuple(values["places"]), tuple(values["notes"])
    is_short = len(notes) <= MAXIMUM_NOTES and all(
        isinstance(note, str) and len(note) <= LONGEST_NOTE for note in notes
    )
    if not is_short:
        raise TypeError("notes")
    article = Article(**values | {"places": places, "stripped": int(values["stripped"]), "notes": notes})
    is_of_file = article.id == unicodedata.normalize("NFC", path.name) and article.places == (str(absolute(path)),)
    if sha256 is None or not is_of_file or hashlib.sha256(article.text.encode()).hexdigest() != article.sha256:
        raise ValueError("article")
    return ReadFile(path, sha256, article)


def serve(descriptor: int) -> None:
    """Read the files named on this socket until it is closed."""
    _confine()
    connection = socket.socket(fileno=descriptor)
    _forbid()
    send(connection, "ready")
    while True:
        try:
            request = receive(connection, None)
        except (EOFError, ConnectionError):
            return
        # If the parent is killed, nobody else stops a parser that does not terminate.
        signal.setitimer(signal.ITIMER_REAL, request["seconds"] + _GRACE_SECONDS)
        read = read_file(Path(request["path"]))
        signal.setitimer(signal.ITIMER_REAL, 0)
        send(connection, as_message(read))


def _confine() -> None:
    """Limit memory, file size and core dumps, and leave Ctrl-C to the parent."""
    import resource

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    for limit, amount in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):  # a lower limit is set already, or the system has no such limit
            resource.setrlimit(limit, (amount, amount))


def _forbid() -> None:
    """Make Python refuse to connect, listen or start programs from now on."""

    def refuse(event: str, _: object) -> None:
        if event.startswith(_FORBIDDEN):
            raise PermissionError(f"{event} is not allowed in a parser")

    sys.addaudithook(refuse)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
