"""The web page's server: where it listens, who may reach it, and how it starts and ends."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from askseoul.cli import commands
from askseoul.errors import UsageError
from askseoul.pipeline import AskSeoul
from askseoul.web import server
from askseoul.web.server import FIRST_PORT, Address, page_application, serve
from tests.support.fakes import ScriptedGenerator

PASSWORD = "나루 and ferry: 한"
LONGEST_END = 15
"""Seconds; what it gives to open pages and what a busy machine takes."""


class Started(Exception):
    """Raised in place of running the server."""


@contextlib.contextmanager
def listening(port, host="127.0.0.1"):
    """Somebody else on this port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as other:
        yield other.getsockname()[1]


@pytest.fixture
def nothing(monkeypatch):
    """What is served is an application of nothing, and this process stays as it is."""
    monkeypatch.setattr(server, "page_application", lambda *arguments, **named: empty)
    monkeypatch.setenv("GRADIO_TEMP_DIR", "")


@pytest.fixture
def started(nothing):
    """Serves at an address, and gives the URL that is told once it listens."""

    def start(port, host="127.0.0.1", password=None):
        def ready(url):
            raise Started(url)

        with pytest.raises(Started) as raised:
            serve(None, Address(host, port, password), can_change=False, ready=ready)
        return str(raised.value)

    return start


async def empty(scope, receive, send):
    """An application that answers with nothing."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})


# Ports


def test_a_port_that_is_named_is_served(started):
    with listening(0) as port:
        pass
    assert started(port) == f"http://127.0.0.1:{port}/"


def test_a_port_that_is_named_and_taken_is_an_error(started):
    with listening(0) as port, pytest.raises(UsageError) as raised:
        started(port)
    assert re.fullmatch(
        rf"The page can't be served at 127\.0\.0\.1:{port} \(.+\): choose another with --port\.", str(raised.value)
    )


def test_without_one_the_first_free_one_is_served(started):
    """Others on this machine may hold some of them."""
    with contextlib.ExitStack() as others:
        taken = []
        while len(taken) < 2:
            with contextlib.suppress(OSError):
                taken.append(others.enter_context(listening(FIRST_PORT + len(taken))))
                continue
            taken.append(None)
        port = int(started(None).rstrip("/").rpartition(":")[2])
        assert FIRST_PORT + 2 <= port < FIRST_PORT + server.PORTS_TRIED


def test_where_all_are_taken_that_is_an_error(started, monkeypatch):
    with listening(0) as port:
        monkeypatch.setattr(server, "FIRST_PORT", port)
        monkeypatch.setattr(server, "PORTS_TRIED", 1)
        with pytest.raises(
            UsageError, match=rf"at 127\.0\.0\.1, ports {port} to {port} \(.+\): choose another with --port"
        ):
            started(None)


def test_port_0_is_any_that_is_free(started):
    assert int(started(0).rstrip("/").rpartition(":")[2]) > 0


@pytest.mark.parametrize("port", [70_000, -1, 65_536])
def test_a_port_that_there_is_not_is_an_error(started, port):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # Python 3.11 leaves the socket open that it can't bind
        with pytest.raises(UsageError, match=rf"can't be served at 127\.0\.0\.1:{port} \(.*65535.*\): choose another"):
            started(port)
        gc.collect()


# Hosts


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_needs_no_password(started, host):
    assert started(0, host).startswith("http://127.0.0.1:")


def test_nor_does_it_by_its_newer_address(started):
    try:
        with listening(0, "::1"):
            pass
    except OSError:
        pytest.skip("this machine has no IPv6")
    assert re.fullmatch(r"http://\[::1\]:\d+/", started(0, "::1"))


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "", "::", "192.0.2.1", "example.org", "127.0.0.2", "[::1]", "나루", "LOCALHOST"]
)
def test_others_need_one(started, host):
    with pytest.raises(UsageError, match="set a password in ASKSEOUL_PASSWORD, or omit --host") as raised:
        started(0, host)
    assert host in str(raised.value)


def test_with_one_others_are_served(started):
    assert started(0, "0.0.0.0", PASSWORD).startswith("http://0.0.0.0:")


@pytest.mark.parametrize("host", ["192.0.2.1", "나루.invalid", "256.256.256.256", "a b"])
def test_an_address_that_is_not_this_machines_is_an_error(started, host):
    with pytest.raises(UsageError, match=r"The page can.t be served at .*: choose another"):
        started(0, host, PASSWORD)


# Starting and ending


@pytest.fixture
def heeded():
    """Whoever runs the tests in the background has Ctrl-C ignored; here, and by what is started here, it is heeded."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, former)


@pytest.mark.usefixtures("nothing", "heeded")
def test_what_is_sent_lies_in_a_folder_that_goes_with_the_server():
    seen = []

    def ready(url):
        seen.append(Path(os.environ["GRADIO_TEMP_DIR"]))
        assert seen[0].is_dir()

        def ask_and_end():
            seen.append(httpx.get(url).status_code)
            os.kill(os.getpid(), signal.SIGINT)

        threading.Thread(target=ask_and_end).start()

    with pytest.raises(KeyboardInterrupt):
        serve(None, Address("127.0.0.1", 0, None), can_change=False, ready=ready)
    folder, status = seen
    assert status == 204
    assert not folder.exists()


# The application


def application(app, **named):
    """Built within an event loop: outside of one Gradio opens some that it never closes."""

    async def build():
        return page_application(app, **named)

    return asyncio.run(build())


@pytest.fixture(scope="module")
def guarded(app):
    """The page of the shipped articles, for who has the password."""
    return TestClient(application(app, password=PASSWORD, can_change=False), base_url="http://page.example")


@pytest.fixture(scope="module")
def unguarded(app):
    """The page of the shipped articles, for this machine."""
    return TestClient(application(app, password=None, can_change=True), base_url="http://127.0.0.1:7860")


@pytest.mark.parametrize(
    "path", ["/", "/page/article?article_id=center-of-balance.md", "/config", "/gradio_api/info", "/nothing"]
)
def test_without_the_password_nothing_is_given(guarded, path):
    response = guarded.get(path)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == 'Basic realm="AskSeoul", charset="UTF-8"'
    assert response.text == "A password is required. The user name may be anything.\n"


def test_with_it_everything_is(guarded):
    assert "AskSeoul" in guarded.get("/", auth=("anyone", PASSWORD)).text
    article = guarded.get("/page/article", params={"article_id": "center-of-balance.md"}, auth=("나", PASSWORD))
    assert "balancing actor" in article.text
    assert guarded.get("/", auth=("anyone", "wrong")).status_code == 401


def test_the_page_its_files_and_its_endpoints_are_there(unguarded):
    page = unguarded.get("/")
    assert page.status_code == 200
    for own in ("/page/file/page.css", "/page/file/page.js"):
        assert own in page.text
        assert unguarded.get(own).status_code == 200
    assert unguarded.get("/gradio_api/info").json()["named_endpoints"].keys() == {
        "/ask",
        "/check",
        "/search",
        "/articles",
        "/article",
    }


@pytest.mark.parametrize(
    "path", ["/docs", "/redoc", "/openapi.json", "/page/../config.py", "/gradio_api/file=/etc/passwd"]
)
def test_what_the_page_does_not_need_is_not_there(unguarded, path):
    assert unguarded.get(path).status_code == 404


def test_other_names_of_this_server_are_not_answered(unguarded):
    assert unguarded.get("/", headers={"host": "evil.example"}).status_code == 421


@pytest.mark.parametrize(
    ("name", "at_once"),
    [pytest.param(None, 1, id="quotes"), ("local:SmolLM2", 1), ("openai:qwen3@http://127.0.0.1:8000/v1", 4)],
)
def test_more_questions_are_answered_at_once_where_another_machine_words_them(app, monkeypatch, name, at_once):
    given = []

    def build(events, endpoints, **named):
        given.append(named["concurrency"])
        raise Started

    monkeypatch.setattr(server, "build_page", build)
    generator = ScriptedGenerator() if name else None
    if generator:
        generator.name = name
    with pytest.raises(Started):
        page_application(AskSeoul(app.store, app.encoder, generator), password=None, can_change=False)
    assert given == [at_once]


# The command


def free_port():
    with listening(0) as port:
        return port


@contextlib.contextmanager
def running(index, folder, *options, **environment):
    """``askseoul chat`` in a process of its own, and what it said first."""
    command = [sys.executable, "-m", "askseoul", "chat", "--index", str(index), *options]
    given = os.environ | {"TMPDIR": str(folder)} | environment
    with subprocess.Popen(command, env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process, process.stderr.readline()
        finally:
            process.kill()


@pytest.fixture
def called(monkeypatch):
    """Calls the command with a server that only tells where it would serve what; then the process is told to end."""
    monkeypatch.setattr(commands, "open_index", contextlib.nullcontext)
    former = signal.getsignal(signal.SIGTERM)

    def call(**options):
        seen = []

        def serve(settings, address, *, can_change, ready):
            seen.append((settings.index, address, can_change))
            ready("http://127.0.0.1:1/")
            signal.raise_signal(signal.SIGTERM)

        monkeypatch.setattr(server, "serve", serve)
        with pytest.raises(SystemExit) as ended:
            commands.chat(**options)
        assert ended.value.code == 0
        return seen[0]

    yield call
    signal.signal(signal.SIGTERM, former)


@pytest.mark.parametrize(
    ("options", "environment", "served"),
    [
        pytest.param({}, {}, (Path("index"), Address("127.0.0.1", None, None), True), id="nothing said"),
        pytest.param(
            {"port": "8080", "host": "::", "no_upload": True, "index": "나루.index"},
            {"ASKSEOUL_PORT": "8081", "ASKSEOUL_PASSWORD": PASSWORD},
            (Path("나루.index"), Address("::", 8080, PASSWORD), False),
            id="everything said",
        ),
        pytest.param(
            {},
            {"ASKSEOUL_PORT": "8081", "ASKSEOUL_INDEX": "papers"},
            (Path("papers"), Address("127.0.0.1", 8081, None), True),
            id="by the environment",
        ),
    ],
)
def test_what_the_command_is_told_is_served(called, capsys, monkeypatch, options, environment, served):
    for name in ("ASKSEOUL_PORT", "ASKSEOUL_PASSWORD", "ASKSEOUL_INDEX"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert called(**options) == served
    assert capsys.readouterr() == ("", "askseoul: Open http://127.0.0.1:1/ in a browser; press Ctrl-C to stop.\n")


@pytest.mark.usefixtures("heeded")
@pytest.mark.parametrize(
    ("told", "status", "last_words"),
    [
        pytest.param(signal.SIGINT, 130, "askseoul: Interrupted.\n", id="Ctrl-C"),
        pytest.param(signal.SIGTERM, 0, "", id="a service manager's", marks=pytest.mark.full),
    ],
)
def test_the_command_serves_until_it_is_told_to_end(digests_index, tmp_path, told, status, last_words):
    port = free_port()
    environment = {"ASKSEOUL_PASSWORD": PASSWORD, "ASKSEOUL_PORT": str(port)}
    with running(digests_index, tmp_path, "--no-upload", **environment) as (process, said):
        url = f"http://127.0.0.1:{port}/"
        assert said == f"askseoul: Open {url} in a browser; press Ctrl-C to stop.\n"
        assert httpx.get(url).status_code == 401
        with httpx.Client(auth=("anyone", PASSWORD), timeout=60) as client:
            assert client.get(url).status_code == 200
            [folder] = tmp_path.glob("askseoul-*")
            with client.stream("GET", f"{url}gradio_api/heartbeat/abc") as open_page:
                assert open_page.status_code == 200
                process.send_signal(told)
                started = time.monotonic()
                written, warned = process.communicate(timeout=LONGEST_END)
                assert time.monotonic() - started < LONGEST_END
    assert (process.returncode, written, warned) == (status, "", last_words)
    assert not folder.exists()


@pytest.mark.parametrize(
    ("options", "environment", "message"),
    [
        pytest.param(["--port", "taken"], {}, "can't be served at 127.0.0.1:", id="a port that is taken"),
        pytest.param(["--port", "0"], {}, "--port is '0': give a port from 1 to 65535", id="port 0"),
        pytest.param([], {"ASKSEOUL_PORT": "70000"}, "ASKSEOUL_PORT is '70000'", id="no port"),
        pytest.param(["--host", "0.0.0.0"], {}, "set a password in ASKSEOUL_PASSWORD", id="no password"),
        pytest.param(["--host", "0.0.0.0"], {"ASKSEOUL_PASSWORD": ""}, "set a password", id="an empty password"),
    ],
)
def test_what_can_not_be_served_is_told(digests_index, tmp_path, options, environment, message):
    with listening(0) as port:
        options = [str(port) if each == "taken" else each for each in options]
        with running(digests_index, tmp_path, *options, **environment) as (process, said):
            _, more = process.communicate(timeout=60)
    assert process.returncode == 2
    assert message in said + more
    assert "Traceback" not in said + more
    assert list(tmp_path.glob("askseoul-*")) == []
