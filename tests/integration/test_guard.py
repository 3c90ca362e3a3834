"""Who gets through to the web page, with what, and what every response says to the browser."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import re
import threading
import time

import pytest

from askseoul.errors import UsageError
from askseoul.web.guard import LARGEST_BODY, Guard
from askseoul.web.rate_limits import Allowance, RequestLimits

PASSWORD = "Hangang 다리: seven bridges"
HTML = b"""<html lang="en"><head><meta property="og:image"
    content="https://raw.githubusercontent.com/x.jpg" />
<meta name="twitter:creator" content="@Gradio" /><meta name="viewport" content="width=device-width" />
<link rel="manifest" href="/manifest.json" /><script>window.config = {"a": "\\u003cscript>"};</script>
<script type="module" src="./assets/index.js"></script></head><scripture></html>"""


class Page:
    """An ASGI application that reads all of the request and says what it is told; it keeps the paths it was asked."""

    def __init__(self, body=b"ok", kind=b"text/plain", status=200, headers=(), error=None):
        self.start = {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-type", kind), (b"content-length", b"%d" % len(body)), *headers],
        }
        self.body = body
        self.error = error
        self.asked = []
        self.read = 0

    async def __call__(self, scope, receive, send):
        self.asked.append(scope.get("path", scope["type"]))
        if scope["type"] == "lifespan":
            return
        more = True
        while more:
            message = await receive()
            self.read += len(message.get("body", b""))
            more = message.get("more_body", False)
        if self.error == "before":
            raise RuntimeError("secret")
        await send(self.start)
        if self.error == "within":
            raise RuntimeError("secret")
        await send({"type": "http.response.body", "body": self.body[:5], "more_body": True})
        await send({"type": "http.response.body", "body": self.body[5:]})


def guarded(page=None, *, password=None, **others):
    with_uploads = {"uploads": RequestLimits(Allowance("uploads", session=100, total=100))} | others
    return Guard(page or Page(), password=password, endpoints=frozenset({"ask"}), **with_uploads)


class Reply:
    """What a guard sent."""

    def __init__(self, messages):
        self.messages = messages
        self.status = messages[0]["status"] if messages else None
        self.headers = dict(messages[0]["headers"]) if messages else {}
        self.body = b"".join(message.get("body", b"") for message in messages[1:])

    def __getitem__(self, name):
        return self.headers.get(name.encode())


def ask(guard, path="/", *, method="GET", host=b"127.0.0.1:7860", headers=(), pieces=(b"",), address="10.0.0.1"):
    """Send a request, its body in these pieces."""
    messages = []
    waiting = [
        {"type": "http.request", "body": piece, "more_body": place < len(pieces) - 1}
        for place, piece in enumerate(pieces)
    ]

    async def receive():
        return waiting.pop(0)

    async def send(message):
        messages.append(message)

    hosts = [] if host is None else [(b"host", host)]
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [*hosts, *headers],
        "client": (address, 50000) if address else None,
    }
    asyncio.run(guard(scope, receive, send))
    return Reply(messages)


def basic(password, user="me"):
    return (b"authorization", b"Basic " + base64.b64encode(f"{user}:{password}".encode()))


@pytest.mark.parametrize(
    "host",
    [b"127.0.0.1", b"127.0.0.1:7860", b"localhost:7860", b"LocalHost", b"[::1]:7860", b"[::1]"],
    ids=bytes.decode,
)
def test_this_machine_is_answered_by_its_own_names(host):
    assert ask(guarded(), host=host).status == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        pytest.param(b"evil.example:7860", 421, id="a name given to 127.0.0.1"),
        pytest.param(b"127.0.0.1.evil.example", 421, id="a name that begins as ours"),
        pytest.param(b"localhost.", 421, id="a dot behind"),
        pytest.param(b"192.168.0.7:7860", 421, id="another address of this machine"),
        pytest.param(b"[::ffff:127.0.0.1]:7860", 421, id="the same address in another form"),
        pytest.param(b"2130706433", 421, id="the address as one number"),
        pytest.param(b"evil.example@127.0.0.1", 421, id="a user name"),
        pytest.param(b"127.0.0.1:7860:80", 400, id="two ports"),
        pytest.param(b"127.0.0.1:http", 400, id="a port in letters"),
        pytest.param(b"127.0.0.1:\xb2", 400, id="a port in other digits"),
        pytest.param(b"", 400, id="empty"),
        pytest.param(None, 400, id="none"),
    ],
)
def test_without_a_password_no_other_name_is_answered(host, status):
    page = Page()
    reply = ask(guarded(page), host=host)
    assert (reply.status, page.asked) == (status, [])
    assert reply["content-type"] == b"text/plain; charset=utf-8"


def test_two_host_headers_are_refused():
    assert ask(guarded(), headers=[(b"host", b"evil.example")]).status == 400


def test_with_a_password_any_name_is_answered():
    assert ask(guarded(password=PASSWORD), host=b"askseoul.example", headers=[basic(PASSWORD)]).status == 200


@pytest.mark.parametrize(
    ("method", "origin", "status"),
    [
        pytest.param("GET", b"http://127.0.0.1:7860", 200, id="its own page"),
        pytest.param("POST", b"http://127.0.0.1:7860", 200, id="its own page sends"),
        pytest.param("POST", b"https://127.0.0.1:7860", 200, id="its own page behind a certificate"),
        pytest.param("POST", b"http://evil.example", 403, id="another site"),
        pytest.param("GET", b"http://evil.example", 403, id="another site reads"),
        pytest.param("POST", b"http://127.0.0.1:8000", 403, id="another server of this machine"),
        pytest.param("POST", b"http://localhost:7860", 403, id="another name of this machine"),
        pytest.param("POST", b"http://127.0.0.1:7860.evil.example", 403, id="a site that begins as ours"),
        pytest.param("POST", b"null", 403, id="none of its own, sends"),
        pytest.param("GET", b"null", 200, id="none of its own, reads"),
        pytest.param("POST", b"", 403, id="empty"),
        pytest.param("POST", b"127.0.0.1:7860", 403, id="without a scheme"),
        pytest.param("POST", b"file://", 403, id="a file"),
    ],
)
def test_other_sites_are_refused(method, origin, status):
    path = "/gradio_api/queue/join" if method == "POST" else "/config"
    assert ask(guarded(), path, method=method, headers=[(b"Origin", origin)]).status == status


@pytest.mark.parametrize(
    ("site", "mode", "method", "status"),
    [
        pytest.param(b"same-origin", b"cors", "POST", 200, id="its own page"),
        pytest.param(b"none", b"navigate", "GET", 200, id="typed by the user"),
        pytest.param(b"cross-site", b"navigate", "GET", 200, id="a link elsewhere"),
        pytest.param(b"cross-site", b"navigate", "POST", 403, id="a form elsewhere"),
        pytest.param(b"cross-site", b"no-cors", "GET", 403, id="an image elsewhere"),
        pytest.param(b"same-site", b"no-cors", "GET", 403, id="an image of another server of this machine"),
    ],
)
def test_what_a_browser_asks_for_other_pages_is_refused(site, mode, method, status):
    path = "/gradio_api/queue/join" if method == "POST" else "/"
    headers = [(b"sec-fetch-site", site), (b"sec-fetch-mode", mode)]
    assert ask(guarded(), path, method=method, headers=headers).status == status


@pytest.mark.parametrize("user", ["me", "", "김"], ids=["a name", "no name", "a Korean name"])
def test_the_right_password_opens_with_any_user_name(user):
    assert ask(guarded(password=PASSWORD), headers=[basic(PASSWORD, user)]).status == 200


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param(None, id="none"),
        pytest.param(b"", id="empty"),
        pytest.param(b"Basic", id="no more than the scheme"),
        pytest.param(b"Basic !!!", id="not base64"),
        pytest.param(b"Basic \xff\xfe", id="not text"),
        pytest.param(b"Bearer " + base64.b64encode(f"me:{PASSWORD}".encode()), id="another scheme"),
        pytest.param(b"Basic " + base64.b64encode(PASSWORD.encode()), id="no user name: what follows the colon"),
        pytest.param(b"Basic " + base64.b64encode(b"me:"), id="an empty password"),
        pytest.param(b"Basic " + base64.b64encode(f"me:{PASSWORD} ".encode()), id="a space behind"),
        pytest.param(b"Basic " + base64.b64encode(f"me:{PASSWORD.upper()}".encode()), id="capitals"),
        pytest.param(b"Basic " + base64.b64encode(f"me:{PASSWORD}".encode("utf-16")), id="another encoding"),
    ],
)
@pytest.mark.parametrize("path", ["/", "/config", "/assets/a.js", "/nowhere", "/gradio_api/file=/etc/passwd"])
def test_without_the_password_nothing_is_told(authorization, path):
    page = Page()
    headers = [] if authorization is None else [(b"authorization", authorization)]
    reply = ask(guarded(page, password=PASSWORD), path, headers=headers)
    assert (reply.status, page.asked) == (401, [])
    assert reply["www-authenticate"] == b'Basic realm="AskSeoul", charset="UTF-8"'
    assert b"default-src 'self'" in reply["content-security-policy"]


def test_an_empty_password_is_wrong_usage():
    with pytest.raises(UsageError, match="The password of the web page is empty"):
        guarded(password="")


def test_guessing_is_braked_for_one_address_and_a_minute(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr("askseoul.web.guard.time.monotonic", lambda: now[0])
    guard = guarded(password=PASSWORD)
    for number in range(10):
        assert ask(guard, headers=[basic(f"guess {number}")]).status == 401
    now[0] += 20
    braked = ask(guard, headers=[basic(PASSWORD)])
    assert (braked.status, braked["retry-after"]) == (429, b"40")
    assert ask(guard, headers=[basic(PASSWORD)], address="10.0.0.2").status == 200
    now[0] += 40
    assert ask(guard, headers=[basic(PASSWORD)]).status == 200


def test_who_has_not_been_asked_yet_guesses_nothing():
    guard = guarded(password=PASSWORD)
    assert [ask(guard).status for _ in range(50)] == [401] * 50
    assert ask(guard, headers=[basic(PASSWORD)]).status == 200


def test_a_client_without_an_address_is_answered():
    assert ask(guarded(password=PASSWORD), headers=[basic(PASSWORD)], address=None).status == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/config", 200),
        ("HEAD", "/", 200),
        ("POST", "/gradio_api/call/ask", 200),
        ("GET", "/gradio_api/file=/etc/passwd", 404),
        ("HEAD", "/gradio_api/file=/etc/passwd", 404),
        ("GET", "/assets/../gradio_api/file=/etc/passwd", 404),
        ("POST", "/gradio_api/call/typo", 404),
        ("GET", "/gradio_api/queue/join", 405),
        ("OPTIONS", "/gradio_api/queue/join", 405),
        ("DELETE", "/", 405),
        ("get", "/", 405),
    ],
)
def test_only_what_the_page_needs_is_let_through(method, path, status):
    page = Page()
    assert ask(guarded(page), path, method=method).status == status
    assert page.asked == ([path] if status == 200 else [])


def test_refusals_say_what_would_be_right():
    assert ask(guarded(), "/gradio_api/call/typo", method="POST").body == (
        b"There is nothing at this path. The page is at /, the API's endpoints are: ask.\n"
    )
    reply = ask(guarded(), "/gradio_api/queue/join")
    assert (reply.body, reply["allow"]) == (b"This path accepts only POST.\n", b"POST")


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "unannounced"])
@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        pytest.param("/gradio_api/queue/join", LARGEST_BODY, 200, id="as large as it may be"),
        pytest.param("/gradio_api/queue/join", LARGEST_BODY + 1, 413, id="a byte too large"),
        pytest.param("/gradio_api/upload", LARGEST_BODY + 1, 200, id="larger, as an upload"),
        pytest.param("/gradio_api/upload", LARGEST_BODY * 2 + 1, 413, id="a byte too large, as an upload"),
    ],
)
def test_large_requests_are_refused(path, size, status, announced):
    page = Page()
    headers = [(b"content-length", b"%d" % size)] if announced else []
    pieces = [b"x" * 65536] * (size // 65536) + [b"x" * (size % 65536)]
    guard = guarded(page, largest_upload=LARGEST_BODY * 2)
    reply = ask(guard, path, method="POST", headers=headers, pieces=pieces)
    assert reply.status == status
    if status == 413:
        assert reply.body.startswith(b"The request is too large.")
        assert page.read <= (0 if announced else size)


def test_nothing_is_uploaded_where_nothing_may_be():
    page = Page()
    refused = ask(guarded(page, uploads=None), "/gradio_api/upload", method="POST", pieces=[b"x"])
    assert refused.status == 403
    assert refused.body == b"Articles can't be added from this page: it was started with --no-upload.\n"
    assert page.read == 0


def test_uploads_from_one_address_are_counted():
    guard = guarded(uploads=RequestLimits(Allowance("uploads", session=2, total=5)))
    statuses = [ask(guard, "/gradio_api/upload", method="POST").status for _ in range(3)]
    assert statuses == [200, 200, 429]
    refused = ask(guard, "/gradio_api/upload", method="POST")
    assert refused.body.startswith(b"More than 2 uploads in a minute came from this session or address. Wait ")
    assert 2 <= int(refused["retry-after"]) <= 61
    assert ask(guard, "/gradio_api/upload", method="POST", address="10.0.0.2").status == 200
    assert ask(guard, "/gradio_api/queue/join", method="POST").status == 200


@pytest.mark.parametrize(
    "path",
    ["/", "/config", "/assets/a.js", "/nowhere", "/gradio_api/queue/join"],
    ids=["page", "JSON", "script", "nothing", "not this way"],
)
def test_every_response_protects_the_reader(path):
    strangers = [
        (b"access-control-allow-origin", b"http://evil.example"),
        (b"Access-Control-Allow-Credentials", b"true"),
        (b"server", b"uvicorn"),
        (b"x-powered-by", b"Gradio"),
        (b"x-frame-options", b"ALLOWALL"),
    ]
    reply = ask(guarded(Page(headers=strangers)), path)
    names = [name.lower() for name, _ in reply.messages[0]["headers"]]
    assert len(names) == len(set(names))
    assert not [name for name in names if name.startswith(b"access-control-") or name in {b"server", b"x-powered-by"}]
    assert re.fullmatch(
        rb"default-src 'self'; script-src 'self' 'nonce-[\w-]{22}'; style-src 'self' 'unsafe-inline'; "
        rb"img-src 'self' data:; font-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'self'; "
        rb"frame-ancestors 'none'; object-src 'none'",
        reply["content-security-policy"],
    )
    assert {name: reply[name] for name in ("x-content-type-options", "referrer-policy", "x-frame-options")} == {
        "x-content-type-options": b"nosniff",
        "referrer-policy": b"no-referrer",
        "x-frame-options": b"DENY",
    }
    assert reply["permissions-policy"] == b"camera=(), geolocation=(), microphone=()"
    assert reply["cross-origin-opener-policy"] == reply["cross-origin-resource-policy"] == b"same-origin"


@pytest.mark.parametrize(
    ("path", "status", "password", "cached"),
    [
        ("/assets/index-DphvyggB.js", 200, None, b"public, max-age=31536000, immutable"),
        ("/assets/index-DphvyggB.js", 304, None, b"public, max-age=31536000, immutable"),
        ("/assets/index-DphvyggB.js", 200, PASSWORD, b"private, max-age=31536000, immutable"),
        ("/assets/index-gone.js", 404, None, None),
        ("/static/js/iframeResizer.js", 200, None, None),
        ("/", 200, None, None),
    ],
)
def test_files_with_a_hash_in_their_name_are_kept_by_the_browser(path, status, password, cached):
    guard = guarded(Page(status=status), password=password)
    assert ask(guard, path, headers=[basic(PASSWORD)])["cache-control"] == cached


def test_the_page_has_a_fresh_nonce_in_each_script_and_names_no_other_host():
    guard = guarded(Page(HTML, b"text/html; charset=utf-8"))
    first, second = ask(guard), ask(guard)
    nonce = re.search(rb"'nonce-([\w-]+)'", first["content-security-policy"])[1]
    assert first.body.count(b"<script") == first.body.count(b'<script nonce="' + nonce + b'"') + len([b"<scripture>"])
    assert b'"\\u003cscript>"' in first.body
    assert not re.search(rb"https?:|og:|twitter|manifest", first.body)
    assert b'<meta name="viewport"' in first.body
    assert int(first["content-length"]) == len(first.body)
    assert nonce not in second.body


def test_what_belongs_into_the_head_of_the_page_stands_there_before_any_script_of_it_runs():
    reply = ask(guarded(Page(b"<head></head><body></head>", b"text/html"), head=b"<script src=x></script>"))
    assert re.fullmatch(rb'<head><script nonce="[\w-]+" src=x></script></head><body></head>', reply.body)
    assert int(reply["content-length"]) == len(reply.body)


@pytest.mark.parametrize("path", ["/page", "/page/x.html"])
def test_no_other_html_gets_a_nonce_as_articles_may_stand_in_it(path):
    reply = ask(guarded(Page(HTML, b"text/html")), path)
    assert reply.body == HTML


def test_streams_are_passed_on_piece_by_piece():
    async def stream(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        for number in range(3):
            await send({"type": "http.response.body", "body": b"data: %d\n\n" % number, "more_body": True})
            assert sent[-1]["body"] == b"data: %d\n\n" % number
        await send({"type": "http.response.body", "body": b""})

    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/gradio_api/queue/data", "headers": [(b"host", b"localhost")]}
    asyncio.run(guarded(stream)(scope, None, send))
    assert len(sent) == 5


def test_an_exception_shows_nothing_of_itself(caplog):
    reply = ask(guarded(Page(error="before")), "/config")
    assert (reply.status, reply.body) == (
        500,
        b"AskSeoul could not answer this request; the server's log has the details.\n",
    )
    assert "GET /config failed." in caplog.text
    assert "RuntimeError: secret" in caplog.text


def test_an_exception_within_the_page_still_gives_an_answer(caplog):
    reply = ask(guarded(Page(HTML, b"text/html", error="within")))
    assert (reply.status, b"secret" in reply.body) == (500, False)


def test_an_exception_within_a_response_leaves_it_cut_off(caplog):
    reply = ask(guarded(Page(error="within")), "/config")
    assert (reply.status, reply.body) == (200, b"")
    assert "GET /config failed." in caplog.text


def test_what_starlette_says_of_an_exception_becomes_a_sentence():
    reply = ask(guarded(Page(b"Internal Server Error", status=500)), "/config")
    assert reply.body.startswith(b"AskSeoul could not answer this request;")


def test_what_gradio_says_of_an_exception_in_json_stays():
    reply = ask(
        guarded(Page(b'{"error":null}', b"application/json", status=500)), "/gradio_api/run/predict", method="POST"
    )
    assert reply.body == b'{"error":null}'


def test_websockets_are_refused():
    sent = []

    async def send(message):
        sent.append(message)

    page = Page()
    asyncio.run(guarded(page)({"type": "websocket", "path": "/"}, None, send))
    assert (sent, page.asked) == ([{"type": "websocket.close", "code": 1008}], [])


def test_beginning_and_end_of_the_server_are_passed_on():
    page = Page()
    asyncio.run(guarded(page)({"type": "lifespan"}, None, None))
    assert page.asked == ["lifespan"]


async def gradio_app():
    """A small page of Gradio with one public endpoint and one private one.

    Made inside a running event loop: outside of one, Gradio opens loops that it never closes (``safe_get_lock``).
    """
    import gradio
    from fastapi import FastAPI

    def ask(question: str) -> dict:
        """Ask."""
        return {"question": question}

    with gradio.Blocks(analytics_enabled=False) as blocks:
        box = gradio.Textbox()
        box.submit(lambda text: text, [box], [box], api_visibility="private", api_name="page")
        gradio.File()
        gradio.api(ask, api_name="ask")
    blocks.queue(api_open=False)
    return gradio.mount_gradio_app(
        FastAPI(docs_url=None, openapi_url=None, redoc_url=None),
        blocks,
        path="",
        run_history=False,
        footer_links=[],
        show_error=False,
        ssr_mode=False,
        pwa=False,
    )


class Served:
    """Gradio behind a guard on a free port of this machine."""

    def __init__(self, **others):
        import uvicorn

        guard = guarded(asyncio.run(gradio_app()), **others)
        config = uvicorn.Config(guard, port=0, log_level="critical", server_header=False, timeout_graceful_shutdown=1)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run)

    def __enter__(self):
        self.thread.start()
        while not self.server.started:
            time.sleep(0.05)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    def __exit__(self, *_):
        self.server.should_exit = True
        self.thread.join()


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
        patch.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("gradio")))
        with Served(password=PASSWORD) as url:
            yield url


@pytest.fixture
def visitor(served):
    import httpx

    with httpx.Client(base_url=served, auth=("me", PASSWORD.encode()), timeout=30) as client:
        yield client


def test_the_real_page_has_nonces_and_every_file_that_it_names(served, visitor):
    page = visitor.get("/")
    nonce = re.search(r"'nonce-([\w-]+)'", page.headers["content-security-policy"])[1]
    assert page.text.count("<script") == page.text.count(f'<script nonce="{nonce}"') >= 5
    assert not re.search(r"github|gradio\.app|manifest\.json|og:image", page.text.split("window.gradio_config")[0])
    assert '<html\n\tlang="en"' in page.text
    assert "server" not in page.headers
    files = re.findall(r'(?:src|href)="\.(/assets/[^"]+)"', page.text)
    assert len(files) >= 2
    for name in files:
        got = visitor.get(name)
        assert (got.status_code, got.headers["cache-control"]) == (200, "private, max-age=31536000, immutable")


def test_all_of_gradios_assets_have_a_hash_in_their_name():
    from importlib.resources import files

    names = [each.name for each in files("gradio").joinpath("templates/frontend/assets").iterdir()]
    assert [name for name in names if not re.search(r"-[\w-]{8}\d?\.\w+$", name)] == []


@pytest.mark.parametrize("way", ["call", "call/v2"])
def test_the_real_api_is_reached_as_by_curl(visitor, way):
    body = {"question": "Who?"} if way == "call/v2" else {"data": ["Who?"]}
    event = visitor.post(f"/gradio_api/{way}/ask", json=body).json()["event_id"]
    assert visitor.get(f"/gradio_api/{way}/ask/{event}").text == 'event: complete\ndata: [{"question": "Who?"}]\n\n'


def test_the_real_api_is_reached_by_gradio_client(served):
    from gradio_client import Client

    client = Client(served, verbose=False, httpx_kwargs={"auth": ("me", PASSWORD.encode())})
    assert client.predict(question="Who?", api_name="/ask") == {"question": "Who?"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/gradio_api/file=/etc/hostname", 404),
        ("GET", "/assets/%2e%2e/%2e%2e/gradio_api/file=x", 404),
        ("GET", "/assets/..%2f..%2findex.html", 404),
        ("POST", "/gradio_api/call/page", 404),
        ("POST", "/gradio_api/call/typo", 404),
        ("POST", "/gradio_api/call/v2/typo", 404),
        ("POST", "/gradio_api/run/ask", 404),
        ("GET", "/monitoring", 404),
    ],
)
def test_the_rest_of_the_real_gradio_is_closed(visitor, method, path, status):
    assert visitor.request(method, path, json={"data": ["x"]}).status_code == status


def test_the_real_queue_can_not_be_passed_by(visitor):
    config = visitor.get("/config").json()
    [page] = [each["id"] for each in config["dependencies"] if each["api_name"] == "page"]
    passed = visitor.post("/gradio_api/run/predict", json={"data": ["x"], "fn_index": page, "session_hash": "s"})
    assert passed.status_code == 404


def test_a_real_upload_is_taken_and_is_not_given_back(visitor):
    [path] = visitor.post("/gradio_api/upload", files={"files": ("서울.txt", b"text")}).json()
    assert path.endswith(".txt")
    assert visitor.get(f"/gradio_api/file={path}").status_code == 404


@pytest.mark.parametrize("path", ["/gradio_api/queue/join", "/gradio_api/call/ask"])
def test_a_real_stream_of_bytes_without_a_length_is_stopped(visitor, path):
    pieces = (b"x" * 65536 for _ in range(2 * LARGEST_BODY // 65536))
    reply = visitor.post(path, content=pieces, headers={"content-type": "application/json"})
    assert (reply.status_code, reply.text[:24]) == (413, "The request is too large")


def test_an_unknown_event_of_the_real_queue_is_no_failure(visitor, caplog):
    with caplog.at_level(logging.INFO):
        assert visitor.get("/gradio_api/call/ask/typo").text == 'event: error\ndata: "404: Not Found"\n\n'
    assert [record.levelname for record in caplog.records if record.name == "askseoul.web.guard"] == ["INFO"]


def test_a_stranger_gets_nothing_of_the_real_page(served):
    import httpx

    for path in ("/", "/config", "/gradio_api/info", "/gradio_api/queue/data?session_hash=x"):
        reply = httpx.get(served + path)
        assert (reply.status_code, json.dumps(dict(reply.headers)).count("Basic realm")) == (401, 1)
