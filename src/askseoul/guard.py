"""Stands before the web page and decides which requests reach it."""

from __future__ import annotations

import base64
import binascii
import logging
import math
import re
import secrets
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from askseoul.errors import LimitExceeded, UsageError
from askseoul.limits import RequestLimits
from askseoul.responses import FAILURES, ProtectedSend
from askseoul.routes import QUEUES, READ, RUN, UPLOAD, allowed_methods

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

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
