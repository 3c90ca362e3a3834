"""A chat server on loopback that answers in the format of OpenAI's, and fails in the ways it is told to.

Tests and measurements use a real server because some faults can only happen on a socket.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Request = dict[str, Any]
"""The JSON body of a request, with the ``path`` and the authorization header as ``key``."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply to one request: a stream of pieces, or all of them at once if the client did not ask for a stream."""

    pieces: tuple[str, ...] = ()
    status: int = 200
    body: str | None = None
    """Body that is sent unchanged instead of the pieces."""
    streams: bool = True
    """False: the server ignores the request for a stream and sends the whole text."""
    pause: float = 0.0
    """Seconds before each piece except the first."""
    cut: bool = False
    """Whether the connection is closed after the last piece, before the reply is complete."""


@dataclass(slots=True)
class ChatServer:
    """A running server, with its base URL and the requests it received."""

    url: str
    requests: list[Request] = field(default_factory=list)


@contextmanager
def serve(answer: Callable[[Request], Reply]) -> Iterator[ChatServer]:
    """Run a server on a free port that replies to every request with ``answer(request)``, until the block ends."""
    stopping = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            request = {"path": self.path, "key": self.headers["Authorization"], **json.loads(content)}
            server.requests.append(request)
            reply = answer(request)
            self.close_connection = True
            streamed = bool(request.get("stream")) and reply.streams and reply.body is None and reply.status == 200
            self.send_response(reply.status)
            self.send_header("Content-Type", "text/event-stream" if streamed else "application/json")
            self.send_header("Connection", "close")
            if streamed:
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self._stream(reply)
            else:
                body = (reply.body or _completion("".join(reply.pieces))).encode()
                self.send_header("Content-Length", str(len(body) + reply.cut))
                self.end_headers()
                self.wfile.write(body)

        def _stream(self, reply: Reply) -> None:
            for place, piece in enumerate(reply.pieces):
                if place and reply.pause and stopping.wait(reply.pause):
                    return
                self._chunk(_event({"role": "assistant", "content": piece}, None))
            if not reply.cut:
                self._chunk(_event({}, "stop"))
                self._chunk("data: [DONE]\n\n")
                self._chunk("")

        def _chunk(self, text: str) -> None:
            data = text.encode()
            try:
                self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
                self.wfile.flush()
            except OSError:
                self.close_connection = True  # the client has disconnected

        def log_message(self, format: str, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server = ChatServer(f"http://127.0.0.1:{http.server_port}/v1")
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)  # seconds until it sees its end
    thread.start()
    try:
        yield server
    finally:
        stopping.set()
        http.shutdown()
        http.server_close()
        thread.join()


def _event(delta: dict[str, str], finish: str | None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return f"data: {json.dumps(chunk)}\n\n"


def _completion(text: str) -> str:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    return json.dumps({"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]})
