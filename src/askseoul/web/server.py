"""The web page's server: the page, what its script asks for, and its guard, on one port of this machine."""

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
from askseoul.web.api import HEAD, Endpoints, add_plumbing
from askseoul.web.guard import LARGEST_UPLOAD, LOOPBACK, Guard
from askseoul.web.handlers import PageEvents
from askseoul.web.layout import ENDPOINTS, build_page, page_options
from askseoul.web.rate_limits import PROOFS, QUESTIONS, UPLOADS, RequestLimits

if TYPE_CHECKING:
    from starlette.types import ASGIApp


FIRST_PORT: Final = 7860
"""Gradio's own, and the next ones where it is taken."""
TRIED: Final = 100
"""Ports that are tried where none was named."""
AT_ONCE: Final = 1
"""Questions that are answered at the same time where this machine does the work: the encoder uses every core."""
AT_ONCE_ELSEWHERE: Final = 4
"""The same where an endpoint does, and this machine waits for it."""
GRACE: Final = 3
"""Seconds that open pages have to take their last words when the server ends."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the page is served."""

    host: str
    port: int | None
    """None is the first free one from 7860 on."""
    password: str | None
    """None is allowed on this machine's own addresses only."""


def serve(app: AskSeoul, address: Address, *, can_change: bool, ready: Callable[[str], None]) -> None:
    """Serve the page of this index until the process is interrupted; ``ready`` is told its URL.

    Raises UsageError where the port is taken, or others could reach the page without a password."""
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
            proxy_headers=False,  # whoever asks could name any address as its own
            timeout_graceful_shutdown=GRACE,
        )
        config.load()
        server = uvicorn.Server(config)
        # When it ends, open pages are cut off, and that is no failure.
        logging.getLogger("uvicorn.error").addFilter(lambda record: not server.should_exit)
        ready(f"http://{f'[{host}]' if ':' in host else host}:{port}/")  # who comes before it runs waits at the socket
        server.run(sockets=[listening])


def page_application(app: AskSeoul, *, password: str | None, can_change: bool) -> ASGIApp:
    """The page of this index with its API, behind its guard."""
    from fastapi import FastAPI

    limits = RequestLimits(QUESTIONS)
    at_once = AT_ONCE_ELSEWHERE if app.generator is not None and app.generator.name.startswith("openai:") else AT_ONCE
    page = build_page(PageEvents(app, limits, can_change), Endpoints(app, limits), at_once=at_once)
    import gradio

    server = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    add_plumbing(server, app, RequestLimits(PROOFS))
    gradio.mount_gradio_app(server, page, path="/", max_file_size=LARGEST_UPLOAD, **page_options())
    uploads = RequestLimits(UPLOADS) if can_change else None
    return Guard(server, password=password, endpoints=ENDPOINTS, uploads=uploads, head=HEAD)


def _listen(address: Address) -> socket.socket:
    """A socket that listens there. Raises UsageError."""
    if address.password is None and address.host not in LOOPBACK - {"[::1]"} | {"::1"}:
        raise UsageError(
            f"Others can reach this page at {address.host}: set a password for it in ASKSEOUL_PASSWORD, "
            "or leave --host away to serve this machine alone."
        )
    first = FIRST_PORT if address.port is None else address.port
    for port in range(first, first + (TRIED if address.port is None else 1)):
        try:
            family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
            return socket.create_server((address.host, port), family=family, backlog=128)
        except (OSError, OverflowError) as error:
            refused = error
    where = f"{address.host}:{first}" if address.port is not None else f"{address.host}, ports {first} to {port}"
    reason = getattr(refused, "strerror", None) or refused
    raise UsageError(f"The page can't be served at {where} ({reason}): name another with --port.") from refused
