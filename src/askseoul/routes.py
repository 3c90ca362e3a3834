"""Which paths the web page and the clients of its API need. All others of Gradio are never reached."""

from __future__ import annotations

import re
from typing import Final

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
