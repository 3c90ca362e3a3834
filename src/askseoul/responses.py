"""What every response of the web page says to the browser, so that nothing in it can reach out or run."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from askseoul.routes import PAGE

if TYPE_CHECKING:
    from starlette.types import Message, Send

POLICY: Final = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'; "
    "object-src 'none'"
)
"""Content security policy (https://www.w3.org/TR/CSP3/): nothing is fetched from, or sent to, anywhere else, and only
scripts of this server run, out of files or out of the page itself. Gradio sets styles on elements: unsafe-inline."""

HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
"""As https://cheatsheetseries.owasp.org/cheatsheets/HTTP_Headers_Cheat_Sheet.html advises; strict-transport-security is
for who stands before this server with a certificate."""

DROPPED: Final = re.compile(rb"access-control-.*|server|x-powered-by")
"""Headers that go: Gradio answers other sites' questions about cross-origin requests too readily."""

ASSETS: Final = "/assets/"
YEAR: Final = b"max-age=31536000, immutable"
"""For files whose names hold a hash of what is in them, as all in Gradio's /assets/ do."""

FAILURES: Final = {
    413: "This is larger than AskSeoul takes at once. Send less, or index large files with askseoul index.",
    500: "AskSeoul failed on this request. The server's log says where; other requests are still answered.",
}
"""What is said in place of bare words. What Gradio says of an event that failed is JSON, which its clients read."""

SCRIPT: Final = re.compile(rb"<script(?=[\s>])")
STRANGERS: Final = re.compile(rb"""\s*<(?:meta\s+(?:property="og:|name="twitter:)|link\s+rel="manifest")[^>]*>""")
"""Previews for social networks, which name other hosts, and a manifest for an installed app, which there is not."""


class ProtectedSend:
    """Sends a response on to the server, with the headers above and, in the page, a nonce in each script.

    Only the page itself is held until it is whole; of all others each piece goes on as it comes, as streams need it.
    Articles can't get a script into the page: Gradio writes their text into it as JSON without any ``<``.
    """

    def __init__(self, send: Send, *, path: str, nonce: str, head: bytes, shared: bool) -> None:
        """``head`` goes into the head of the page; ``shared``: caches between server and browser may keep files too, as
        all who ask may see them."""
        self.started = False
        self._send = send
        self._path = path
        self._nonce = nonce
        self._head = head
        self._shared = shared
        self._page: Message | None = None
        self._body = bytearray()
        self._replaced = False

    async def __call__(self, message: Message) -> None:
        """Take one message of the application."""
        if message["type"] == "http.response.start":
            await self._start(message)
        elif self._replaced:
            return
        elif self._page is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._send_page(self._page)

    async def say(self, status: int, sentence: str, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
        """Answer with this sentence; nothing must have been sent yet."""
        body = f"{sentence}\n".encode()
        content = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body))]
        await self._send_start({"type": "http.response.start", "status": status, "headers": [*content, *headers]})
        await self._send({"type": "http.response.body", "body": body})

    async def _start(self, message: Message) -> None:
        status = message["status"]
        kind = next((value for name, value in message.get("headers", ()) if name.lower() == b"content-type"), b"")
        if status == 413 or (status == 500 and kind.startswith(b"text/plain")):
            self._replaced = True
            # What is left of a request that is too large is not read, so that no other can follow it.
            await self.say(status, FAILURES[status], [(b"connection", b"close")])
        elif self._path == PAGE and kind.startswith(b"text/html"):
            self._page = message
        else:
            await self._send_start(message)

    async def _send_page(self, start: Message) -> None:
        body = STRANGERS.sub(b"", bytes(self._body)).replace(b"</head>", self._head + b"</head>", 1)
        body = SCRIPT.sub(f'<script nonce="{self._nonce}"'.encode(), body)
        kept = [header for header in start["headers"] if header[0].lower() != b"content-length"]
        await self._send_start({**start, "headers": [*kept, (b"content-length", b"%d" % len(body))]})
        await self._send({"type": "http.response.body", "body": body})

    async def _send_start(self, message: Message) -> None:
        added = [(b"content-security-policy", POLICY.format(nonce=self._nonce).encode()), *HEADERS]
        if self._path.startswith(ASSETS) and message["status"] in {200, 304}:
            added.append((b"cache-control", (b"public, " if self._shared else b"private, ") + YEAR))
        names = {name for name, _ in added}
        kept = [
            (name, value)
            for name, value in message.get("headers", ())
            if name.lower() not in names and not DROPPED.fullmatch(name.lower())
        ]
        self.started = True
        await self._send({**message, "headers": [*kept, *added]})
