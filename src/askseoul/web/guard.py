"""Which paths the web page and the clients of its API need. All others of Gradio are never reached.

What every response of the web page says to the browser, so that nothing in it can reach out or run.

Stands before the web page and decides which requests reach it.
"""

from __future__ import annotations

import base64
import binascii
import logging
import math
import re
import secrets
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from askseoul.errors import LimitExceeded, UsageError
from askseoul.web.rate_limits import RequestLimits

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


UPLOAD: Final = "/gradio_api/upload"
PAGE: Final = "/"
RUN: Final = "/gradio_api/run/predict"
QUEUES: Final = ("/gradio_api/queue/join", "/gradio_api/call/")
"""How the paths begin at which a call is put into the queue."""

READ: Final = frozenset({"GET", "HEAD"})
SEND: Final = frozenset({"POST"})
BOTH: Final = READ | SEND

SEGMENT: Final = r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*"
"""One part of a path: never ``.`` or ``..``, never a hidden file, and no character that another reader might decode."""
OWN_SEGMENT: Final = r"(?!\.{1,2}(?:/|\Z))[^/\\\x00-\x1f\x7f]+"
"""The same in AskSeoul's own paths, where an article's id may stand, which is the name of any file."""
ENDPOINT: Final = rf"(?P<endpoint>{SEGMENT})"

ROUTES: Final = tuple(
    (re.compile(pattern), methods)
    for pattern, methods in (
        (PAGE, READ),
        (r"/config/?", READ),  # gradio_client asks for the page's parts here
        (rf"/(?:assets|static)(?:/{SEGMENT})+", READ),  # scripts, styles and fonts out of Gradio's own package
        (r"/(?:favicon\.ico|robots\.txt|theme\.css)", READ),
        (r"/gradio_api/(?:info/?|openapi\.json|theme\.css)", READ),
        (r"/gradio_api/app_id", READ),  # the page asks whether it's still the same server after a break
        (rf"/gradio_api/heartbeat/{SEGMENT}", READ),
        (r"/gradio_api/queue/data", READ),
        (r"/gradio_api/upload_progress", READ),
        (r"/gradio_api/(?:queue/join|reset|cancel)", SEND),
        (UPLOAD, SEND),
        # The page's own events that don't queue. Those that do are not reached past their queue by
        # /gradio_api/run/NAME and /gradio_api/api/NAME, which therefore are not here.
        (r"/gradio_api/run/predict", SEND),
        (rf"/gradio_api/call/(?:v2/)?{ENDPOINT}/?", SEND),
        (rf"/gradio_api/call/(?:v2/)?{ENDPOINT}/{SEGMENT}", READ),
        (rf"/page(?:/{OWN_SEGMENT})*", BOTH),
    )
)
"""Paths as Gradio 6.31 has them (gradio/routes.py), and what may be done with them.

Found by watching what the page in a browser, gradio_client 2.7 and curl ask for. Not here, though it's there:
files of this machine and any public URL (/gradio_api/file=…, /proxy=…), code (/vibe-…, /dev/reload, /component_server),
what others do (/monitoring, /runs, /run-history, /profiling), saved pages (/deep_link), recordings, logins."""


def allowed_methods(path: str, endpoints: frozenset[str]) -> frozenset[str]:
    """What may be done with this path, given decoded; nothing where the page does not need it.

    Of the API's endpoints only those of the given names are answered: Gradio gives private ones away by name as well,
    and takes a name that it doesn't know for a failure of its own.
    """
    for pattern, methods in ROUTES:
        match = pattern.fullmatch(path)
        if match and match.groupdict().get("endpoint", None) in endpoints | {None}:
            return methods
    return frozenset()


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


LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
"""How this machine is called from itself."""
HOST: Final = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^\[\]:]+)(?::[0-9]{1,5})?", re.IGNORECASE)

LARGEST_BODY: Final = 2 * 1024 * 1024
"""Bytes of any request but an upload. An exported answer that is brought back to be proved has up to 1 MB."""
LARGEST_UPLOAD: Final = 64 * 1024 * 1024
"""Bytes of one upload, all its files together."""

MISTAKES: Final = 10
WATCHED: Final = 60
"""Wrong passwords from one address in so many seconds: nobody mistypes as often, and a guesser needs two months for a
million. Users behind one proxy are one address: what it says of them anyone could say."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """What of a request decides whether it is answered."""

    method: str
    path: str
    """Decoded once, as the application reads it too."""
    headers: tuple[tuple[bytes, bytes], ...]
    address: str
    """Of who asks, as far as the server knows."""

    @classmethod
    def of(cls, scope: Scope) -> Request:
        """The request of this ASGI scope."""
        headers = tuple((name.lower(), value) for name, value in scope["headers"])
        return cls(scope["method"], scope["path"], headers, (scope.get("client") or ("",))[0])

    def values(self, name: bytes) -> list[str]:
        """All values of a header; bytes that are not ASCII become letters that nothing is compared to."""
        return [value.decode("latin-1") for header, value in self.headers if header == name]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request goes no further."""

    status: int
    sentence: str
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Guard:
    """An ASGI application that lets through what the web page needs from who may ask for it, and nothing else.

    Without a password only ``hosts`` are answered as names of this server: a foreign site that gives its own name the
    address 127.0.0.1 (DNS rebinding) would otherwise read all answers in its visitor's browser. With one, any name is
    good, and a browser asks for it once (HTTP Basic, any user name); it is only as secret as the way it is sent, so a
    server that others reach stands behind one with a certificate, which has to pass the Host header on.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        password: str | None,
        endpoints: frozenset[str],
        hosts: frozenset[str] = LOOPBACK,
        uploads: RequestLimits | None = None,
        largest_upload: int = LARGEST_UPLOAD,
        head: bytes = b"",
    ) -> None:
        """``endpoints``: names of the API's endpoints that are open; ``uploads``: how many from one address, none where
        nothing may be uploaded; ``head``: what the page has in its head beside what Gradio puts there.

        UsageError where the password is empty: that would let everyone in who knows that it is.
        """
        from starlette.middleware.body_limit import RequestBodyLimitMiddleware

        if password == "":
            raise UsageError("The password of the web page is empty: give one of at least a few words, or none at all")
        self._app = RequestBodyLimitMiddleware(app, LARGEST_BODY)
        self._app_for_uploads = RequestBodyLimitMiddleware(app, largest_upload)
        self._password = None if password is None else password.encode("utf-8", "surrogateescape")
        self._endpoints = endpoints
        self._hosts = hosts
        self._uploads = uploads
        self._head = head
        self._wrong = Counter[str]()
        self._watched_since = time.monotonic()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request.of(scope)
        nonce = secrets.token_urlsafe(16)
        protected = ProtectedSend(send, path=request.path, nonce=nonce, head=self._head, shared=self._password is None)
        for check in (self._host, self._origin, self._login, self._route, self._upload):
            if refusal := check(request):
                await protected.say(refusal.status, refusal.sentence, refusal.headers)
                return
        app = self._app_for_uploads if request.path == UPLOAD else self._app
        try:
            await app(scope, receive, protected)
        except Exception as error:
            cause = error.__cause__ or error
            if protected.started and getattr(cause, "status_code", 500) < 500:
                # Gradio says in a stream that it knows no such event, and then raises it: nothing here has failed.
                log.info("%s %s broke off: %s", request.method, request.path, cause)
                await protected({"type": "http.response.body"})
                return
            if _is_of_request(request, cause):
                log.warning("%s %s names what there is not: %r", request.method, request.path, cause)
            else:
                log.exception("%s %s failed.", request.method, request.path)
            if not protected.started:
                await protected.say(500, FAILURES[500])

    def _host(self, request: Request) -> Refusal | None:
        hosts = request.values(b"host")
        name = HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
        if name is None:
            return Refusal(400, "The request names no host, or none that can be read.")
        if self._password is None and name["name"].lower() not in self._hosts:
            return Refusal(
                421,
                f"This AskSeoul is for this machine alone and is reached as {', '.join(sorted(self._hosts))}. "
                "Give it a password to reach it by another name.",
            )
        return None

    def _origin(self, request: Request) -> Refusal | None:
        """What another site's page has the browser send is refused, and so are other servers on this machine."""
        refusal = Refusal(
            403,
            "The request comes from the page of another site. Where a server stands between, let it pass the Host "
            "header on unchanged.",
        )
        [host] = request.values(b"host")  # one, or it would have been refused before
        reads = request.method in READ
        for origin in request.values(b"origin"):
            # Pages without an origin of their own, such as files, may read: they don't get to see what.
            if not (reads and origin == "null") and origin.partition("://")[2].lower() != host.lower():
                return refusal
        # Images and the like come without an origin. Links from elsewhere are followed.
        followed = reads and request.values(b"sec-fetch-mode") == ["navigate"]
        if not followed and {"cross-site", "same-site"}.intersection(request.values(b"sec-fetch-site")):
            return refusal
        return None

    def _login(self, request: Request) -> Refusal | None:
        if self._password is None:
            return None
        now = time.monotonic()
        if now - self._watched_since >= WATCHED:
            self._wrong.clear()
            self._watched_since = now
        if self._wrong[request.address] >= MISTAKES:
            seconds = math.ceil(self._watched_since + WATCHED - now)
            return Refusal(
                429,
                f"Too many wrong passwords came from your address. Wait {seconds} seconds, then try again.",
                ((b"retry-after", b"%d" % seconds),),
            )
        given = request.values(b"authorization")
        if given and secrets.compare_digest(_password_in(given[0]), self._password):
            return None
        if given:
            self._wrong[request.address] += 1
        return Refusal(
            401,
            "AskSeoul asks for a password here. Send it with any user name.",
            ((b"www-authenticate", b'Basic realm="AskSeoul", charset="UTF-8"'),),
        )

    def _route(self, request: Request) -> Refusal | None:
        methods = allowed_methods(request.path, self._endpoints)
        if request.method in methods:
            return None
        if methods:
            allow = ", ".join(sorted(methods))
            return Refusal(405, f"This address takes {allow} only.", ((b"allow", allow.encode("ascii")),))
        names = ", ".join(sorted(self._endpoints)) or "none"
        return Refusal(404, f"There is nothing at this address. The page is at /, the API's endpoints are: {names}.")

    def _upload(self, request: Request) -> Refusal | None:
        if request.path != UPLOAD:
            return None
        if self._uploads is None:
            return Refusal(403, "No article can be added from this page: it was started with --no-upload.")
        try:
            self._uploads.take(request.address)
        except LimitExceeded as error:
            return Refusal(429, str(error), ((b"retry-after", b"%d" % error.seconds),))
        return None


def _is_of_request(request: Request, cause: BaseException) -> bool:
    """Whether what Gradio raised is the fault of who asked.

    Where it puts a call into its queue, nothing of ours runs; where it runs an event at once, it tells what happened in
    there by itself, and raises TypeError alone for what it can't write into the response.
    """
    if request.path == RUN:
        return not isinstance(cause, TypeError)
    return request.path.startswith(QUEUES)


def _password_in(authorization: str) -> bytes:
    """What stands after the user name in ``Basic …`` (https://www.rfc-editor.org/rfc/rfc7617); empty for all else."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(encoded.strip(), validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""
