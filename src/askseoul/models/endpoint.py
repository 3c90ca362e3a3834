"""An OpenAI-compatible chat endpoint, used as the servers that people run behave.

They refuse parameters, have no system role, do not stream, load their model first, limit requests, or stand behind a
proxy. What a server refuses is left out of the next request, and remembered for the process once it has answered
without. What passes is waited for, within the time that an endpoint may be silent.
"""

from __future__ import annotations

import ipaddress
import itertools
import logging
import os
import re
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

from askseoul.errors import GeneratorError, PromptTooLong, ReplyUnusable
from askseoul.models.chat_reply import ChatReply, NotAChatReply, ServerError, readable, server_error
from askseoul.models.request_form import PATH, Form

if TYPE_CHECKING:
    import httpx

REPLY_TIMEOUTS: Final = 5
"""The time limit of a whole reply, in multiples of the time for which an endpoint may be silent."""
CHARACTERS_PER_TOKEN: Final = 10
"""Characters of a reply that are read per requested token: twice what English needs."""
WAITS: Final = (0.5, 1.0, 2.0, 4.0)
"""Seconds before a request is repeated, unless the server says how long to wait."""
LONGEST_WAIT: Final = 5.0
"""Seconds after which a server that is loading its model is asked again."""
MODELS_SHOWN: Final = 8
_LISTING_TIMEOUT: Final = 5.0
_HOPS: Final = 3

_TOO_LONG: Final = re.compile(
    r"context.{0,12}(?:length|size|window|limit)|(?:prompt|input|request|messages?).{0,40}too (?:long|large|many)"
    r"|too many (?:input )?tokens|maximum.{0,20}(?:input|prompt).{0,20}(?:length|tokens)"
    r"|exceed.{0,40}(?:context|n_ctx)|inputs?\W.{0,20}max_new_tokens",
    re.IGNORECASE | re.DOTALL,
)
_NO_MODEL: Final = re.compile(
    r"model.{0,80}(?:not found|not exist)|(?:no such|unknown|invalid) model|model_not_found|try pulling",
    re.IGNORECASE | re.DOTALL,
)
_LOADING: Final = re.compile(r"loading (?:the )?model|model .{0,20}loading|warming up|starting up", re.IGNORECASE)
_USED_UP: Final = re.compile(r"insufficient_quota|exceeded your current quota|billing|out of credits?", re.IGNORECASE)
_STATED_WAIT: Final = re.compile(r"(?:again|retry|wait)\D{0,20}(\d+(?:\.\d+)?) ?(ms|m(?:in)?|s)", re.IGNORECASE)
_FACTORS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0}
_UNPAID: Final = 402
_UNAUTHORISED: Final = (401, 403)
_PROXY_UNAUTHORISED: Final = 407
_NO_ROUTE: Final = (404, 405)
_TOO_LARGE: Final = 413
_TOO_OFTEN: Final = 429
_BUSY: Final = (408, 425, 429, 502, 503, 504, 529)
"""HTTP statuses of what passes."""
_FAILED: Final = 500

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Notice:
    """What whoever asked should know about the reply: a step that takes time, or a warning that stays."""

    text: str
    is_warning: bool = False


_learned: dict[tuple[str, str], Form] = {}
"""The form in which each model at a URL has answered."""
_learning = threading.Lock()


class EndpointGenerator:
    """An OpenAI-compatible chat endpoint.

    Each reply has its own connection, closed when the reply ends: nobody closes a generator, so a reply that is not
    read to its end would keep a shared connection open.
    """

    capable = True

    def __init__(self, spec: str, model: str, url: str, timeout: float, start: str = "check that it runs") -> None:
        """``start`` says how to start the server, for messages."""
        self.name = spec
        self._model, self._url, self._timeout, self._start = model, url.rstrip("/").removesuffix(PATH), timeout, start

    def reply(
        self, system: str, user: str, *, maximum_tokens: int, schema: Mapping[str, Any] | None = None
    ) -> Iterator[str | Notice]:
        """Yield the pieces of the reply as they arrive, and a Notice before a request is repeated after a wait.

        Reading stops once a reply is much longer than requested, so that no reply is endless. Raises GeneratorError:
        PromptTooLong, or ReplyUnusable if the reply is empty or breaks off.
        """
        import httpx

        request = _Request(self, system, user, maximum_tokens, schema)
        try:
            with _client(self._url) as client:
                yield from request.answered(client)
        except (ValueError, ImportError, httpx.InvalidURL) as error:  # of the key, the URL or the environment's proxy
            raise GeneratorError(self.unusable(f"{type(error).__name__}: {error}")) from error
        with _learning:
            _learned[self._model, self._url] = request.form

    @property
    def model(self) -> str:
        """The name of the model."""
        return self._model

    @property
    def timeout(self) -> float:
        """Seconds that the endpoint may be silent."""
        return self._timeout

    @property
    def form(self) -> Form:
        """The form in which requests are sent."""
        return _learned.get((self._model, self._url), Form(self._url))

    def unusable(self, why: str, remedy: str = "") -> str:
        """The message that this endpoint can't be used."""
        return f"{self.name} could not be used ({why}): {remedy or self._start}, or use --generator none."


class _Request:
    """One question to an endpoint, asked as often and in whatever form it takes."""

    def __init__(
        self, endpoint: EndpointGenerator, system: str, user: str, maximum_tokens: int, schema: Mapping[str, Any] | None
    ) -> None:
        self._endpoint = endpoint
        self._asked = (system, user, maximum_tokens, schema)
        self._started = time.monotonic()
        self._waits = iter(WAITS)
        self._hops = 0
        self._has_text = False
        self.form = endpoint.form

    def answered(self, client: httpx.Client) -> Iterator[str | Notice]:
        """The pieces of the reply. Raises GeneratorError."""
        import httpx

        while True:
            reply = ChatReply()
            try:
                yield from self._pieces(client, reply)
                if not self._has_text and reply.cut and not self.form.thinks:
                    self.form = replace(self.form, thinks=True)
                    continue
                self.form = replace(self.form, thinks=self.form.thinks or reply.thinks)
                if self._has_text:
                    return
                if not self.form.stream:
                    why = f"{self._endpoint.name} gave an empty reply"
                    raise ReplyUnusable(f"{why}: ask again, or use --generator none.")
                self.form = replace(self.form, stream=False)
            except ServerError as error:
                if self._has_text:
                    raise self._broken(error) from error
                yield from self._mended(client, error)
            except NotAChatReply as error:
                if self._has_text:
                    raise self._broken(error) from error
                if not self._moved_below("/v1"):
                    why = f"it answers with something else than a chat reply: “{error}”"
                    raise GeneratorError(
                        self._endpoint.unusable(why, "check the URL, which mostly ends in /v1, and any proxy or login")
                    ) from error
            except httpx.HTTPError as error:
                if self._has_text and reply.ended:
                    return
                if self._has_text:
                    raise self._broken(error) from error
                yield from self._reconnected(error)

    def _pieces(self, client: httpx.Client, reply: ChatReply) -> Iterator[str]:
        """The pieces of the reply to one request."""
        system, user, maximum_tokens, schema = self._asked
        length, longest = 0, CHARACTERS_PER_TOKEN * self.form.tokens(maximum_tokens)
        with client.stream(
            "POST",
            _below(self.form.base, self.form.path),
            json=self.form.body(self._endpoint.model, system, user, maximum_tokens, schema),
            timeout=max(self._left(), 0.01),
        ) as response:
            if not response.is_success:
                raise _refusal(response)
            for piece in reply.pieces(self._in_time(response.iter_bytes())):
                self._has_text = self._has_text or bool(piece.strip())
                length += len(piece)
                yield piece
                if length > longest:
                    logger.warning("%s wrote more than was requested; the rest is ignored.", self._endpoint.name)
                    return

    def _in_time(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """The chunks. Raises GeneratorError once the reply takes too long."""
        longest = REPLY_TIMEOUTS * self._endpoint.timeout
        for chunk in chunks:
            yield chunk
            if time.monotonic() - self._started > longest:
                raise GeneratorError(self._endpoint.unusable(f"its reply took longer than {longest:g} s", _TIME_REMEDY))

    def _left(self) -> float:
        """Seconds left until something has to arrive."""
        return self._endpoint.timeout - (time.monotonic() - self._started)

    def _broken(self, error: Exception) -> GeneratorError:
        import httpx

        why = f"its reply broke off: {_cause(error)}"
        if isinstance(error, httpx.TimeoutException):
            return GeneratorError(self._endpoint.unusable(why, _TIME_REMEDY))
        return ReplyUnusable(self._endpoint.unusable(why))

    def _mended(self, client: httpx.Client, error: ServerError) -> Iterator[Notice]:
        """Change the request so that the server may take it, or wait until it may. Raises GeneratorError."""
        told = f"{error.parameter} {error.message} {error.code}"
        status, why = error.status, ": ".join(filter(None, (str(error.status or ""), error.message)))
        if status == _UNPAID or _USED_UP.search(told):
            raise GeneratorError(self._endpoint.unusable(why, "top up the account")) from error
        if status in _UNAUTHORISED:
            raise GeneratorError(self._endpoint.unusable(why, _KEY_REMEDY)) from error
        if status == _PROXY_UNAUTHORISED:
            raise GeneratorError(self._endpoint.unusable(why, _PROXY_REMEDY)) from error
        if isinstance(error, _Moved):
            self._follow(error)
            return
        if status == _TOO_LARGE or _TOO_LONG.search(told):
            if self.form.limit and self.form.thinks:
                self.form = replace(self.form, limit=None)  # the server then uses what is left of its context
                return
            raise PromptTooLong(self._endpoint.unusable(why, "start it with a longer context")) from error
        if status in _NO_ROUTE and self._moved_below("/v1"):
            return
        if _NO_MODEL.search(told) or (status in _NO_ROUTE and not self._simplified(told, status)):
            raise GeneratorError(self._unlisted(client, why)) from error
        if status in _NO_ROUTE:
            return
        if status in _BUSY:
            yield from self._wait(error, why)
        elif not self._simplified(told, status):
            if status is not None and status < _FAILED:
                raise GeneratorError(self._endpoint.unusable(why, _LOG_REMEDY)) from error
            yield from self._wait(error, why)

    def _simplified(self, told: str, status: int | None) -> bool:
        """Leave out what a server refuses. False if nothing is left to try."""
        before, self.form = self.form, self.form.simplified(told, status)
        if self.form != before:
            logger.info("%s refuses a request and is asked in another form: %s", self._endpoint.name, told.strip())
        return self.form != before

    def _follow(self, error: _Moved) -> None:
        """Ask where a server says that it has moved, if that is the same machine. Raises GeneratorError."""
        import httpx

        self._hops += 1
        here, there = httpx.URL(self.form.base), httpx.URL(self.form.base).join(error.location)
        is_safe = there.host == here.host and not (here.scheme == "https" and there.scheme != "https")
        before, path, after = there.path.rpartition(PATH)
        target = str(there.copy_with(path=before or "/"))
        if is_safe and path and not after.strip("/") and self._hops <= _HOPS:
            self.form = replace(self.form, base=target, path=path + after)
            return
        raise GeneratorError(
            self._endpoint.unusable(f"it redirects to {there}", f"if that is the server, name it: …@{target}")
        ) from error

    def _moved_below(self, path: str) -> bool:
        """Ask below this path, if the URL has none. False if it has one."""
        import httpx

        if httpx.URL(self.form.base).path.strip("/"):
            return False
        self.form = replace(self.form, base=_below(self.form.base, path))
        return True

    def _unlisted(self, client: httpx.Client, why: str) -> str:
        """The message that a server does not have the model, with the models that it lists."""
        import httpx

        try:
            timeout = max(min(_LISTING_TIMEOUT, self._left()), 0.01)
            listed = client.get(_below(self.form.base, "/models"), timeout=timeout).json()["data"]
            names = [str(each["id"]) for each in listed]
        except (httpx.HTTPError, ValueError, LookupError, TypeError):
            names = []
        if not names:
            return self._endpoint.unusable(why, "check the model's name and the URL, which mostly ends in /v1")
        more = f" and {len(names) - MODELS_SHOWN} more" if len(names) > MODELS_SHOWN else ""
        return self._endpoint.unusable(why, f"name one that the server has: {', '.join(names[:MODELS_SHOWN])}{more}")

    def _wait(self, error: ServerError, why: str) -> Iterator[Notice]:
        """Wait until a server may answer. Raises GeneratorError if that takes too long."""
        told = f"{error.message} {error.code}"
        stated = error.wait if isinstance(error, _Refusal) else None
        if stated is None and (found := _STATED_WAIT.search(error.message)):
            stated = float(found[1]) * _FACTORS[found[2].lower()]
        seconds = next(self._waits, None)
        if error.status not in _BUSY and seconds is not None and seconds > WAITS[1]:
            seconds = None  # what fails by itself mostly fails again
        is_loading = _LOADING.search(told) is not None
        if is_loading:
            seconds = LONGEST_WAIT if seconds is None else seconds
        if stated is not None and seconds is not None:
            seconds = max(stated, 0.1)
        if seconds is None or seconds >= self._left():
            raise GeneratorError(self._endpoint.unusable(why, _LOG_REMEDY)) from error
        if is_loading:
            what = "The server is loading its model"
        elif error.status == _TOO_OFTEN:
            what = "The server is asked too often"
        else:
            what = f"The server failed ({why})"
        yield from self._paused(what, seconds)

    def _reconnected(self, error: httpx.HTTPError) -> Iterator[Notice]:
        """Wait before a connection is tried again. Raises GeneratorError if that is of no use."""
        import httpx

        if isinstance(error, httpx.TimeoutException):
            why = f"timed out: it was silent for {time.monotonic() - self._started:.3g} s"
            raise GeneratorError(self._endpoint.unusable(why, _TIME_REMEDY)) from error
        tls = next((each for each in _causes(error) if isinstance(each, ssl.SSLError)), None)
        if tls is not None:
            raise GeneratorError(self._endpoint.unusable(f"TLS: {tls}", _TLS_REMEDY)) from error
        if isinstance(error, httpx.ProxyError):
            raise GeneratorError(self._endpoint.unusable(f"the proxy: {_cause(error)}", _PROXY_REMEDY)) from error
        if isinstance(error, httpx.UnsupportedProtocol):
            raise GeneratorError(self._endpoint.unusable(_cause(error))) from error
        seconds = next(itertools.islice(self._waits, 1), None)
        if seconds is None or seconds > WAITS[1] or seconds >= self._left():
            raise GeneratorError(self._endpoint.unusable(_cause(error))) from error
        what = "The server can't be reached" if isinstance(error, httpx.ConnectError) else "The connection broke"
        yield from self._paused(what, seconds)

    def _paused(self, what: str, seconds: float) -> Iterator[Notice]:
        text = f"{what}; asking again in {seconds:g} s."
        logger.warning("%s", text)
        yield Notice(text)
        time.sleep(seconds)


class _Refusal(ServerError):
    """A refusal by its status; ``wait`` is how many seconds the server wants to be left alone, if it says so."""

    wait: float | None = None


class _Moved(_Refusal):
    """A redirection to ``location``."""

    location: str = ""


_KEY_REMEDY: Final = "the server does not take the key: set OPENAI_API_KEY to one that it gave you"
_PROXY_REMEDY: Final = "check the proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names, or add the host to NO_PROXY"
_LOG_REMEDY: Final = "look at what it logs, or ask again later"
_TIME_REMEDY: Final = "give it more time with ASKSEOUL_TIMEOUT"
_TLS_REMEDY: Final = (
    "name the authority's certificate in SSL_CERT_FILE, or write http:// if the server does not speak TLS"
)


def _refusal(response: httpx.Response) -> _Refusal:
    """The refusal of a response, whose body is read up to what a message needs."""
    body = b""
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > 2**16:
            break
    told = server_error(response.status_code, body)
    kind = _Moved if response.has_redirect_location else _Refusal
    error = kind(response.status_code, told.message or response.reason_phrase, told.parameter, told.code)
    error.wait = _retry_after(response)
    if isinstance(error, _Moved):
        error.location = response.headers["location"]
    return error


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds until a server wants to be asked again, by its header, a number or a date."""
    value = response.headers.get("retry-after", "")
    try:
        if milliseconds := response.headers.get("retry-after-ms"):
            return float(milliseconds) / 1000
        return float(value) if value else None
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(value).timestamp() - time.time()
    except (ValueError, OverflowError):
        return None


def _client(url: str) -> httpx.Client:
    """A client that uses the environment's proxies, except for this machine itself. Raises ValueError, ImportError."""
    import httpx

    host = httpx.URL(url).host
    mounts = {f"all://[{host}]" if ":" in host else f"all://{host}": None} if _is_loopback(host) else None
    key = os.environ.get("OPENAI_API_KEY", "").strip()
    if not (key.isascii() and key.isprintable()):  # httpx would show it in its message
        raise ValueError("OPENAI_API_KEY holds characters that no key has")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.Client(mounts=mounts, headers=headers)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _below(base: str, path: str) -> str:
    """The URL of this path below ``base``, whose query stays."""
    import httpx

    url = httpx.URL(base)
    return str(url.copy_with(path=url.path.rstrip("/") + path))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _cause(error: Exception) -> str:
    """What went wrong, in the words of the library."""
    return readable(f"{type(error).__name__}: {error}".encode())
