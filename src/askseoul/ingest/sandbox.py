"""Reading one file, whatever it holds, and doing so in a process of its own that tells another what came of it.

``python -m askseoul.reading DESCRIPTOR`` reads the files that are named on that socket until its other end is closed.
It may neither take more than so much memory nor write, connect or start anything. Messages are JSON, and what the
process says is checked: a parser that was taken over by a file gets no further than to lie about that file.
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
from askseoul.ingest.articles import absolute, parse_article, read_content

MEMORY: Final = 2_000_000_000
"""Bytes of address space that the process may take."""
REMEDY: Final = "save its text as .txt"
_GRACE_SECONDS: Final = 60.0
_MAXIMUM_MESSAGE: Final = 1 << 27
"""More bytes than the longest article, every character of it escaped."""
_PIECE: Final = 1 << 20
_LENGTH: Final = struct.Struct("!I")
_MAY_LACK: Final = frozenset({"source", "published", "url"})
_FORBIDDEN: Final = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "pty.")
"""Beginnings of the names by which Python announces what no parser has to do."""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file and what became of it."""

    path: Path
    sha256: str | None
    """Of the file's bytes as they were read; None where they could not be, or where reading them was cut short."""
    outcome: Article | ArticleError


def read_file(path: Path) -> ReadFile:
    """Read a file in this process; what is wrong with it is its outcome and is never raised.

    An article's language is empty unless the file states it: what finds it out unpacks its model into a file.
    """
    sha256 = None
    try:
        content = read_content(path)
        sha256 = hashlib.sha256(content).hexdigest()
        return ReadFile(path, sha256, parse_article(path, content))
    except ArticleError as error:
        return ReadFile(path, sha256, error)
    # Out of memory, nested too deep, or what nobody has thought of: one file must not stop the others.
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".rstrip(": ")
        return ReadFile(path, sha256, ArticleUnreadable(f"{path} can't be read ({reason}): {REMEDY}"))


def send(connection: socket.socket, message: object) -> None:
    """Send a message. Raises OSError where nobody is there to receive it."""
    content = json.dumps(message).encode("ascii")
    connection.sendall(_LENGTH.pack(len(content)) + content)


def receive(connection: socket.socket, until: float | None) -> Any:  # noqa: ANN401
    """One message, before ``until`` by the monotonic clock.

    Raises EOFError at the end, TimeoutError when it is too late, and ValueError or RecursionError for what is none.
    """
    (length,) = _LENGTH.unpack(_receive_bytes(connection, _LENGTH.size, until))
    if length > _MAXIMUM_MESSAGE:
        raise ValueError(f"a message of {length:,} bytes")
    return json.loads(_receive_bytes(connection, length, until))


def _receive_bytes(connection: socket.socket, count: int, until: float | None) -> bytes:
    received = bytearray()
    while len(received) < count:
        left = None if until is None else until - time.monotonic()
        if left is not None and left <= 0:
            raise TimeoutError
        connection.settimeout(left)
        piece = connection.recv(min(count - len(received), _PIECE))
        if not piece:
            raise EOFError
        received += piece
    return bytes(received)


def as_message(read: ReadFile) -> dict[str, Any]:
    """What became of a file, as it is sent."""
    if isinstance(read.outcome, ArticleError):
        return {"sha256": read.sha256, "error": type(read.outcome).__name__, "message": str(read.outcome)}
    return {"sha256": read.sha256, "article": asdict(read.outcome)}


def from_message(path: Path, message: dict[str, Any]) -> ReadFile:
    """What became of the file at ``path``, as it was sent.

    Raises ValueError, TypeError, KeyError or AttributeError where that is not of the form it must have.
    """
    sha256 = message["sha256"]
    if not isinstance(sha256, str | None):
        raise TypeError("sha256")
    if "error" in message:
        kind = getattr(errors, message["error"])
        if not (isinstance(kind, type) and issubclass(kind, ArticleError)):
            raise TypeError(message["error"])
        return ReadFile(path, sha256, kind(str(message["message"])))
    known = dict(message["article"])
    for name in {field.name for field in fields(Article)} - {"places", "stripped"}:
        if not (isinstance(known[name], str) or (known[name] is None and name in _MAY_LACK)):
            raise TypeError(name)
    article = Article(**known | {"places": tuple(known["places"]), "stripped": int(known["stripped"])})
    is_of_file = article.id == unicodedata.normalize("NFC", path.name) and article.places == (str(absolute(path)),)
    if sha256 is None or not is_of_file or hashlib.sha256(article.text.encode()).hexdigest() != article.sha256:
        raise ValueError("article")
    return ReadFile(path, sha256, article)


def serve(descriptor: int) -> None:
    """Read the files that are named on a socket until it is closed."""
    _confine()
    connection = socket.socket(fileno=descriptor)
    _forbid()
    send(connection, "ready")
    while True:
        try:
            asked = receive(connection, None)
        except (EOFError, ConnectionError):
            return
        # Should whoever asks be killed, nobody else ends a parser that does not come to an end.
        signal.setitimer(signal.ITIMER_REAL, asked["seconds"] + _GRACE_SECONDS)
        read = read_file(Path(asked["path"]))
        signal.setitimer(signal.ITIMER_REAL, 0)
        send(connection, as_message(read))


def _confine() -> None:
    import resource

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever asks to answer
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    for limit, amount in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):  # a lower limit stands already, or the system has no such limit
            resource.setrlimit(limit, (amount, amount))


def _forbid() -> None:
    """Let no parser connect, listen or start a program from here on, whatever a file would have it do."""

    def refuse(event: str, _: object) -> None:
        if event.startswith(_FORBIDDEN):
            raise PermissionError(f"{event} is not for a parser")

    sys.addaudithook(refuse)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
