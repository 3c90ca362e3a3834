"""The server of the web page: the Gradio page, its routes and its guard on one port."""

from __future__ import annotations

import logging
import os
import socket
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from askseoul.errors import UsageError
from askseoul.pipeline import AskSeoul
from askseoul.web.api import HEAD, Endpoints, add_page_routes
from askseoul.web.guard import LARGEST_UPLOAD, LOOPBACK, Guard
from askseoul.web.handlers import PageEvents
from askseoul.web.layout import ENDPOINTS, build_page, page_options
from askseoul.web.rate_limits import EXPORTS, QUESTIONS, UPLOADS, RequestLimits

if TYPE_CHECKING:
    from starlette.types import ASGIApp

FIRST_PORT: Final = 7860
"""The first port tried when none is given; Gradio's default."""
PORTS_TRIED: Final = 100
"""Number of ports tried when none is given."""
CONCURRENT_QUESTIONS: Final = 1
"""Questions answered at the same time when this machine does the work, since the encoder uses every core."""
CONCURRENT_REMOTE_QUESTIONS: Final = 4
"""Questions answered at the same time when the answers are written by a remote LLM, which this machine waits for."""
SHUTDOWN_TIMEOUT: Final = 3
"""Seconds that open connections get when the server stops."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the page is served, and who may use it."""

    host: str
    port: int | None
    """None: the first free port from 7860."""
    password: str | None
    """None is allowed only on a loopback host."""


def serve(app: AskSeoul, address: Address, *, can_change: bool, ready: Callable[[str], None]) -> None:
    """Serve the page of this index until the process is interrupted; calls ``ready`` with its URL.

    ``can_change``: whether articles may be added and removed from the page. Raises UsageError when the port is taken,
    or when other machines could reach the page without a password.
    """
    import uvicorn

    listening = _listen(address)
    host, port = listening.getsockname()[:2]
    with tempfile.TemporaryDirectory(prefix="askseoul-") as folder, listening:
        os.environ["GRADIO_TEMP_DIR"] = folder
        config = uvicorn.Config(
            page_application(app, password=address.password, can_change=can_change),
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # X-Forwarded-For can be forged
            timeout_graceful_shutdown=SHUTDOWN_TIMEOUT,
        )
        config.load()
        server = uvicorn.Server(config)
        # Connections that are closed on shutdown are not errors.
        logging.getLogger("uvicorn.error").addFilter(lambda record: not server.should_exit)
        ready(f"http://{f'[{host}]' if ':' in host else host}:{port}/")  # the socket listens already
        server.run(sockets=[listening])


def page_application(app: AskSeoul, *, password: str | None, can_change: bool) -> ASGIApp:
    """The page of this index with its routes and API, behind the guard."""
    from fastapi import FastAPI

    limits = RequestLimits(QUESTIONS)
    is_remote = app.generator is not None and app.generator.name.startswith(("openai:", "ollama:"))
    concurrency = CONCURRENT_REMOTE_QUESTIONS if is_remote else CONCURRENT_QUESTIONS
    page = build_page(PageEvents(app, limits, can_change), Endpoints(app, limits), concurrency=concurrency)
    import gradio

    server = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    add_page_routes(server, app, RequestLimits(EXPORTS))
    gradio.mount_gradio_app(server, page, path="/", max_file_size=LARGEST_UPLOAD, **page_options())
    uploads = RequestLimits(UPLOADS) if can_change else None
    return Guard(server, password=password, endpoints=ENDPOINTS, uploads=uploads, head=HEAD)


def _listen(address: Address) -> socket.socket:
    """A socket listening at this address. Raises UsageError."""
    if address.password is None and address.host not in LOOPBACK - {"[::1]"} | {"::1"}:
        raise UsageError(
            f"Other machines can reach this page at {address.host}: set a password in ASKSEOUL_PASSWORD, "
            "or omit --host to serve this machine only."
        )
    first = FIRST_PORT if address.port is None else address.port
    for port in range(first, first + (PORTS_TRIED if address.port is None else 1)):
        try:
            family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
            return socket.create_server((address.host, port), family=family, backlog=128)
        except (OSError, OverflowError) as error:
            failure = error
    where = f"{address.host}:{first}" if address.port is not None else f"{address.host}, ports {first} to {port}"
    reason = getattr(failure, "strerror", None) or failure
    raise UsageError(f"The page can't be served at {where} ({reason}): choose another with --port.") from failure
