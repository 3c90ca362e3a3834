"""Paths that the guard lets through, and attempts to get around its list."""

from __future__ import annotations

import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.web.guard import allowed_methods

ENDPOINTS = frozenset({"ask", "search"})
READ, SEND = {"GET", "HEAD"}, {"POST"}


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/", READ),
        ("/config", READ),
        ("/assets/index-DphvyggB.js", READ),
        ("/static/fonts/SourceSansPro/SourceSansPro-Bold.woff2", READ),
        ("/theme.css", READ),
        ("/favicon.ico", READ),
        ("/gradio_api/info", READ),
        ("/gradio_api/openapi.json", READ),
        ("/gradio_api/app_id", READ),
        ("/gradio_api/heartbeat/adba7afb-b378-49d5-ae32-7b0cf17e1041", READ),
        ("/gradio_api/queue/data", READ),
        ("/gradio_api/upload_progress", READ),
        ("/gradio_api/queue/join", SEND),
        ("/gradio_api/cancel", SEND),
        ("/gradio_api/reset", SEND),
        ("/gradio_api/upload", SEND),
        ("/gradio_api/run/predict", SEND),
        ("/gradio_api/call/ask", SEND),
        ("/gradio_api/call/ask/", SEND),
        ("/gradio_api/call/v2/search", SEND),
        ("/gradio_api/call/ask/3ad599ff70f945d6bc560648dbafdea2", READ),
        ("/gradio_api/call/v2/ask/3ad599ff70f945d6bc560648dbafdea2", READ),
        ("/page/file/page.js", READ | SEND),
        ("/page/서울 신문.md~1a2b3c4d", READ | SEND),
    ],
)
def test_paths_of_the_page_and_the_clients_are_allowed(path, methods):
    assert allowed_methods(path, ENDPOINTS) == methods


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file=https://example.com/",
        "/gradio_api/file/etc/passwd",
        "/file=/etc/passwd",
        "/file/etc/passwd",
        "/gradio_api/proxy=https://x.hf.space/",
        "/gradio_api/stream/abc",
        "/gradio_api/stream/s/1/2/playlist.m3u8",
        "/gradio_api/component_server",
        "/gradio_api/custom_component/id/client/component/index.js",
        "/gradio_api/dev/reload",
        "/gradio_api/vibe-edit",
        "/gradio_api/vibe-code/",
        "/gradio_api/undo-vibe-edit",
        "/gradio_api/vibe-starter-queries",
        "/gradio_api/runs",
        "/gradio_api/run-history/records",
        "/gradio_api/deep_link",
        "/gradio_api/process_recording",
        "/gradio_api/profiling/traces",
        "/gradio_api/queue/status",
        "/gradio_api/user",
        "/gradio_api/token",
        "/gradio_api/login_check",
        "/gradio_api/startup-events",
        "/gradio_api/mcp/sse",
        "/gradio_api/run/ask",
        "/gradio_api/api/ask",
        "/gradio_api/api/predict",
        "/gradio_api/call/_internal",
        "/gradio_api/call/v2",
        "/gradio_api/call/v2/_internal/3ad599ff",
        "/monitoring",
        "/monitoring/summary",
        "/manifest.json",
        "/pwa_icon",
        "/svelte/svelte.js",
        "/login",
        "/logout",
        "/docs",
        "/openapi.json",
    ],
)
def test_other_paths_of_gradio_are_refused(path):
    assert allowed_methods(path, ENDPOINTS) == set()


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("", id="no path"),
        pytest.param("//", id="two slashes"),
        pytest.param("//config", id="two slashes before"),
        pytest.param("/assets//index.js", id="two slashes within"),
        pytest.param("/assets/", id="a folder"),
        pytest.param("/assets/../config", id="up"),
        pytest.param("/assets/..", id="up at the end"),
        pytest.param("/assets/./a.js", id="here"),
        pytest.param("/assets/.env", id="a hidden file"),
        pytest.param("/assets/..%2fgradio_api/file=x", id="up, encoded twice"),
        pytest.param("/assets/%2e%2e/x", id="dots encoded twice"),
        pytest.param("/assets/..\\..\\x", id="back slashes"),
        pytest.param("/assets/a.js\n", id="a line feed at the end"),
        pytest.param("/assets/a.js\0.png", id="a null character"),
        pytest.param("/assets/a.js;x", id="a semicolon"),
        pytest.param("/assets/．．/x", id="wide dots"),
        pytest.param("/\n", id="a line feed"),
        pytest.param("/CONFIG", id="capitals"),
        pytest.param("/config/..", id="up from config"),
        pytest.param("/gradio_api/call/ask/../../file=x", id="up from an endpoint"),
        pytest.param("/gradio_api/call/ask/x/y", id="one part too many"),
        pytest.param("/gradio_api/heartbeat/", id="no session"),
        pytest.param("/gradio_api/heartbeat/../file=x", id="up from the heartbeat"),
        pytest.param("/gradio_api/upload/", id="a slash too many"),
        pytest.param("/page/../config", id="up from our own"),
        pytest.param("/page/..", id="up at the end of our own"),
        pytest.param("/page//x", id="two slashes in our own"),
        pytest.param("/page/..\\x", id="a back slash in our own"),
        pytest.param("/pages", id="a longer name than ours"),
        pytest.param("/page/a\r\nb", id="a line break in our own"),
        pytest.param("http://127.0.0.1/", id="a whole address"),
        pytest.param("*", id="of the whole server"),
    ],
)
def test_paths_that_try_to_get_around_the_list_are_refused(path):
    assert allowed_methods(path, ENDPOINTS) == set()


PARTS = [
    "..",
    ".",
    "",
    "assets",
    "gradio_api",
    "call",
    "v2",
    "ask",
    "file=",
    "page",
    "config",
    "%2e",
    "a.js",
]


@given(st.lists(st.sampled_from(PARTS) | st.text(max_size=3), max_size=6).map(lambda parts: "/" + "/".join(parts)))
def test_an_allowed_path_is_normal_and_names_no_file(path):
    if allowed_methods(path, ENDPOINTS):
        assert posixpath.normpath(path) == (path.rstrip("/") or "/")
        assert "file=" not in path or path.startswith("/page/")
        assert not set(path) & {"\\", "\0", "\n", "\r"}


def test_without_endpoints_no_call_is_allowed():
    assert allowed_methods("/gradio_api/call/ask", frozenset()) == set()
    assert allowed_methods("/config", frozenset()) == READ
