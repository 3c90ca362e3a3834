"""The guard in front of the web page: an ASGI application that checks requests and secures responses.

A request is passed on only if its host, origin, password, path and size are allowed; of Gradio's routes, only those
that the page and API clients need are reachable. Every response gets headers that keep the page from loading or
sending anything elsewhere.
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

log = logging.getLogger(__name__)

# Routes: which paths of Gradio and of AskSeoul are reachable, and by which methods

PAGE: Final = "/"
UPLOAD: Final = "/gradio_api/upload"
RUN: Final = "/gradio_api/run/predict"
QUEUES: Final = ("/gradio_api/queue/join", "/gradio_api/call/")
"""Prefixes of the paths that put a call into Gradio's queue."""

READ: Final = frozenset({"GET", "HEAD"})
SEND: Final = frozenset({"POST"})
BOTH: Final = READ | SEND

SEGMENT: Final = r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*"
"""One segment of a path: never ``.``, ``..`` or a hidden file, and no character that could be decoded once more."""
OWN_SEGMENT: Final = r"(?!\.{1,2}(?:/|\Z))[^/\\\x00-\x1f\x7f]+"
"""One segment of AskSeoul's own paths, which may be an article's id and therefore any file name."""
ENDPOINT: Final = rf"(?P<endpoint>{SEGMENT})"

ROUTES: Final = tuple(
    (re.compile(pattern), methods)
    for pattern, methods in (
        (PAGE, READ),
        (r"/config/?", READ),  # gradio_client reads the components of the page here
        (rf"/(?:assets|static)(?:/{SEGMENT})+", READ),  # scripts, styles and fonts from Gradio's own package
        (r"/(?:favicon\.ico|robots\.txt|theme\.css)", READ),
        (r"/gradio_api/(?:info/?|openapi\.json|theme\.css)", READ),
        (r"/gradio_api/app_id", READ),  # after a lost connection the page asks whether the server has restarted
        (rf"/gradio_api/heartbeat/{SEGMENT}", READ),
        (r"/gradio_api/queue/data", READ),
        (r"/gradio_api/upload_progress", READ),
        (r"/gradio_api/(?:queue/join|reset|cancel)", SEND),
        (UPLOAD, SEND),
        # Events that don't queue. Events that do must not bypass their queue by /gradio_api/run/NAME or
        # /gradio_api/api/NAME, so these paths are missing here.
        (RUN, SEND),
        (rf"/gradio_api/call/(?:v2/)?{ENDPOINT}/?", SEND),
        (rf"/gradio_api/call/(?:v2/)?{ENDPOINT}/{SEGMENT}", READ),
        (rf"/page(?:/{OWN_SEGMENT})*", BOTH),
    )
)
"""Allowed paths, as in gradio/routes.py of Gradio 6.31, with their methods.

Collected by recording what the page in a browser, gradio_client 2.7 and curl request. Left out although Gradio has
them: local files and any public URL (/gradio_api/file=…, /proxy=…), code (/vibe-…, /dev/reload, /component_server),
other users' activity (/monitoring, /runs, /run-history, /profiling), saved pages (/deep_link), recordings, logins."""


def allowed_methods(path: str, endpoints: frozenset[str]) -> frozenset[str]:
    """The methods allowed for this decoded path; empty when the path is not reachable.

    Of the API, only the named endpoints are reachable: Gradio also answers private ones by name, and treats an unknown
    name as an internal error.
    """
    for pattern, methods in ROUTES:
        match = pattern.fullmatch(path)
        if match and match.groupdict().get("endpoint", None) in endpoints | {None}:
            return methods
    return frozenset()


# Requests: host, origin, password, route and upload limit

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
"""Host names by which this machine reaches itself."""
HOST: Final = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^\[\]:]+)(?::[0-9]{1,5})?", re.IGNORECASE)

LARGEST_BODY: Final = 2 * 1024 * 1024
"""Maximum bytes of a request other than an upload. An exported answer, sent to be verified, has up to 1 MB."""
LARGEST_UPLOAD: Final = 64 * 1024 * 1024
"""Maximum bytes of one upload, all files together."""

MAX_WRONG_PASSWORDS: Final = 10
PASSWORD_WINDOW: Final = 60
"""Wrong passwords allowed from one address in so many seconds. Nobody mistypes that often, and trying a million
passwords takes two months. Users behind one proxy count as one address, since X-Forwarded-For can be forged."""


@dataclass(frozen=True, slots=True)
class Request:
    """The parts of a request that the checks read."""

    method: str
    path: str
    """Decoded once, as the application sees it."""
    headers: tuple[tuple[bytes, bytes], ...]
    address: str
    """IP address of the client; empty when the server does not know it."""

    @classmethod
    def of(cls, scope: Scope) -> Request:
        """The request of this ASGI scope."""
        headers = tuple((name.lower(), value) for name, value in scope["headers"])
        return cls(scope["method"], scope["path"], headers, (scope.get("client") or ("",))[0])

    def values(self, name: bytes) -> list[str]:
        """All values of a header, decoded as Latin-1 (bytes outside ASCII never match an expected value)."""
        return [value.decode("latin-1") for header, value in self.headers if header == name]


@dataclass(frozen=True, slots=True)
class Refusal:
    """The response to a request that is not passed on."""

    status: int
    message: str
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Guard:
    """An ASGI application that passes allowed requests on to the web page and refuses all others.

    Without a password, the Host header must be one of LOOPBACK: otherwise a foreign site could point its own name to
    127.0.0.1 (DNS rebinding) and read answers in its visitor's browser. With a password any host is allowed, and the
    browser asks for the password (HTTP Basic, any user name). The password is sent unencrypted over HTTP, so a server
    for other machines needs a proxy with TLS in front, which must pass on the Host header unchanged.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        password: str | None,
        endpoints: frozenset[str],
        uploads: RequestLimits | None = None,
        largest_upload: int = LARGEST_UPLOAD,
        head: bytes = b"",
    ) -> None:
        """``endpoints``: the public endpoints of the API; ``uploads``: limits per address, None when uploads are not
        allowed; ``head``: HTML that is added to the head of the page.

        Raises UsageError when the password is empty, since an empty one protects nothing.
        """
        from starlette.middleware.body_limit import RequestBodyLimitMiddleware

        if password == "":
            raise UsageError("The password of the web page is empty: set one of several words, or none at all")
        self._app = RequestBodyLimitMiddleware(app, LARGEST_BODY)
        self._app_for_uploads = RequestBodyLimitMiddleware(app, largest_upload)
        self._password = None if password is None else password.encode("utf-8", "surrogateescape")
        self._endpoints = endpoints
        self._uploads = uploads
        self._head = head
        self._wrong_passwords = Counter[str]()
        self._window_start = time.monotonic()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] == "http":
            await self._respond(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request.of(scope)
        nonce = secrets.token_urlsafe(16)
        protected = ProtectedSend(send, path=request.path, nonce=nonce, head=self._head, shared=self._password is None)
        for check in (
            self._check_host,
            self._check_origin,
            self._check_password,
            self._check_route,
            self._check_upload,
        ):
            if refusal := check(request):
                await protected.send_text(refusal.status, refusal.message, refusal.headers)
                return
        app = self._app_for_uploads if request.path == UPLOAD else self._app
        try:
            await app(scope, receive, protected)
        except Exception as error:
            cause = error.__cause__ or error
            if protected.started and getattr(cause, "status_code", 500) < 500:
                # Gradio reports an unknown event in the stream and then raises it: nothing has failed here.
                log.info("%s %s was aborted: %s", request.method, request.path, cause)
                await protected({"type": "http.response.body"})
                return
            if _is_client_error(request, cause):
                log.warning("%s %s is not a valid call: %r", request.method, request.path, cause)
            else:
                log.exception("%s %s failed.", request.method, request.path)
            if not protected.started:
                await protected.send_text(500, ERRORS[500])

    def _check_host(self, request: Request) -> Refusal | None:
        hosts = request.values(b"host")
        name = HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
        if name is None:
            return Refusal(400, "The Host header of the request is missing or invalid.")
        if self._password is None and name["name"].lower() not in LOOPBACK:
            return Refusal(
                421,
                f"Without a password this page is served to this machine only, as {', '.join(sorted(LOOPBACK))}. "
                "Set ASKSEOUL_PASSWORD to allow other names.",
            )
        return None

    def _check_origin(self, request: Request) -> Refusal | None:
        """Refuse requests that a browser sends for a page of another site, or of another server on this machine."""
        refusal = Refusal(
            403,
            "The request comes from a page of another site. A proxy in front of AskSeoul must pass on the Host header "
            "unchanged.",
        )
        [host] = request.values(b"host")  # exactly one, after the check of the host
        reads = request.method in READ
        for origin in request.values(b"origin"):
            # Pages without an origin, such as local files, may send GET: the browser does not show them the response.
            if not (reads and origin == "null") and origin.partition("://")[2].lower() != host.lower():
                return refusal
        # Requests for images and the like have no Origin header. Following a link from another site is allowed.
        is_link = reads and request.values(b"sec-fetch-mode") == ["navigate"]
        if not is_link and {"cross-site", "same-site"}.intersection(request.values(b"sec-fetch-site")):
            return refusal
        return None

    def _check_password(self, request: Request) -> Refusal | None:
        if self._password is None:
            return None
        now = time.monotonic()
        if now - self._window_start >= PASSWORD_WINDOW:
            self._wrong_passwords.clear()
            self._window_start = now
        if self._wrong_passwords[request.address] >= MAX_WRONG_PASSWORDS:
            seconds = math.ceil(self._window_start + PASSWORD_WINDOW - now)
            return Refusal(
                429,
                f"Too many wrong passwords came from your address. Wait {seconds} seconds, then try again.",
                ((b"retry-after", b"%d" % seconds),),
            )
        given = request.values(b"authorization")
        if given and secrets.compare_digest(_password_in(given[0]), self._password):
            return None
        if given:
            self._wrong_passwords[request.address] += 1
        return Refusal(
            401,
            "A password is required. The user name may be anything.",
            ((b"www-authenticate", b'Basic realm="AskSeoul", charset="UTF-8"'),),
        )

    def _check_route(self, request: Request) -> Refusal | None:
        methods = allowed_methods(request.path, self._endpoints)
        if request.method in methods:
            return None
        if methods:
            allow = ", ".join(sorted(methods))
            return Refusal(405, f"This path accepts only {allow}.", ((b"allow", allow.encode("ascii")),))
        names = ", ".join(sorted(self._endpoints)) or "none"
        return Refusal(404, f"There is nothing at this path. The page is at /, the API's endpoints are: {names}.")

    def _check_upload(self, request: Request) -> Refusal | None:
        if request.path != UPLOAD:
            return None
        if self._uploads is None:
            return Refusal(403, "Articles can't be added from this page: it was started with --no-upload.")
        try:
            self._uploads.take(request.address)
        except LimitExceeded as error:
            return Refusal(429, str(error), ((b"retry-after", b"%d" % error.seconds),))
        return None


def _password_in(authorization: str) -> bytes:
    """The password in a ``Basic …`` header (https://www.rfc-editor.org/rfc/rfc7617); empty for any other value."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(encoded.strip(), validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""


def _is_client_error(request: Request, cause: BaseException) -> bool:
    """Whether an exception from Gradio was caused by the request.

    Queueing a call runs no code of ours. Where Gradio runs an event at once, it handles the event's own exceptions and
    raises TypeError only when it can't serialise the response.
    """
    if request.path == RUN:
        return not isinstance(cause, TypeError)
    return request.path.startswith(QUEUES)


# Responses: security headers, and a nonce for each script of the page

POLICY: Final = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'; "
    "object-src 'none'"
)
"""Content security policy (https://www.w3.org/TR/CSP3/): the page loads from and sends to this server only, and runs
only scripts that this server sent. Styles need unsafe-inline, since Gradio sets them on elements."""

HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
"""Headers recommended by https://cheatsheetseries.owasp.org/cheatsheets/HTTP_Headers_Cheat_Sheet.html; a proxy with a
certificate has to add strict-transport-security."""

REMOVED_HEADERS: Final = re.compile(rb"access-control-.*|server|x-powered-by")
"""Gradio allows cross-origin requests too readily, and nobody needs to know the server's software."""

ASSETS: Final = "/assets/"
YEAR: Final = b"max-age=31536000, immutable"
"""Cache lifetime of Gradio's /assets/: their names contain a hash of their content."""

ERRORS: Final = {
    413: "The request is too large. Send less, or index large files with askseoul index.",
    500: "AskSeoul could not answer this request; the server's log has the details.",
}
"""Texts for responses that would otherwise be bare. JSON errors of Gradio's events are left as they are."""

SCRIPT: Final = re.compile(rb"<script(?=[\s>])")
EXTERNAL_TAGS: Final = re.compile(rb"""\s*<(?:meta\s+(?:property="og:|name="twitter:)|link\s+rel="manifest")[^>]*>""")
"""Previews for social networks, which name other hosts, and the manifest of an installable app."""


class ProtectedSend:
    """An ASGI ``send`` that adds the security headers and, in the page, a nonce to each script.

    Only the page itself is buffered; all other responses are streamed. An article can't add a script to the page:
    Gradio embeds text as JSON with every ``<`` escaped.
    """

    def __init__(self, send: Send, *, path: str, nonce: str, head: bytes, shared: bool) -> None:
        """``head``: HTML added to the head of the page; ``shared``: whether proxies may cache files, which is allowed
        when there is no password."""
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
        """Handle one message of the application."""
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

    async def send_text(self, status: int, text: str, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
        """Respond with plain text; nothing may have been sent before."""
        body = f"{text}\n".encode()
        content = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body))]
        await self._send_start({"type": "http.response.start", "status": status, "headers": [*content, *headers]})
        await self._send({"type": "http.response.body", "body": body})

    async def _start(self, message: Message) -> None:
        status = message["status"]
        kind = next((value for name, value in message.get("headers", ()) if name.lower() == b"content-type"), b"")
        if status == 413 or (status == 500 and kind.startswith(b"text/plain")):
            self._replaced = True
            # The rest of a request that is too large is not read, so the connection can't be used again.
            await self.send_text(status, ERRORS[status], [(b"connection", b"close")])
        elif self._path == PAGE and kind.startswith(b"text/html"):
            self._page = message
        else:
            await self._send_start(message)

    async def _send_page(self, start: Message) -> None:
        body = EXTERNAL_TAGS.sub(b"", bytes(self._body)).replace(b"</head>", self._head + b"</head>", 1)
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
            if name.lower() not in names and not REMOVED_HEADERS.fullmatch(name.lower())
        ]
        self.started = True
        await self._send({**message, "headers": [*kept, *added]})
