"""Chat endpoints on loopback: those that work, and those that behave as real servers do where answers are lost."""

from __future__ import annotations

import os
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from shutil import which

import pytest
from evals.common.awkward_servers import GOOD, KINDS, WORDING, awkward_server
from evals.common.chat_server import Reply, serve

from askseoul.answering.drafting import SCHEMA, ReplyReader
from askseoul.errors import GeneratorError, PromptTooLong, ReplyUnusable
from askseoul.models.chat_reply import ChatReply, after_thoughts
from askseoul.models.endpoint import CHARACTERS_PER_TOKEN, Notice
from askseoul.models.generator import load_generator
from askseoul.models.request_form import THOUGHT_TOKENS, Form

SYSTEM = "Answer in one short sentence. 짧게"
USER = "28,500 US troops are stationed in South Korea. How many US troops are stationed in South Korea?"
SLOW = {"10-s-of-silence", "silent", "slow"}
ANSWERED_ELSEWHERE = {"context", "too-large", "no-context-at-all", "off-topic"}
"""The kinds that are mended by whoever asks, with other sentences."""


@pytest.fixture(scope="module")
def awkward():
    with awkward_server() as server:
        yield server


@pytest.fixture(autouse=True)
def without_a_key(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


@pytest.fixture
def endpoint():
    """Start a server on loopback that always answers the same; gives its URL and the requests that came."""
    with ExitStack() as running:

        def start(*pieces, **how):
            server = running.enter_context(serve(lambda request: Reply(pieces, **how)))
            return server.url, server.requests

        yield start


def pieces(generator, maximum_tokens=24, schema=None):
    return list(generator.reply(SYSTEM, USER, maximum_tokens=maximum_tokens, schema=schema))


def said(generator, **how):
    return "".join(piece for piece in pieces(generator, **how) if isinstance(piece, str))


# Requests and replies as they should be


def test_an_endpoint_gets_both_messages_and_answers(endpoint, monkeypatch):
    url, requests = endpoint(" About", " 28,500.\n")
    monkeypatch.setenv("OPENAI_API_KEY", " secret\n")
    generator = load_generator(f"openai:org/model:7b@{url}")
    assert pieces(generator, maximum_tokens=50) == [" About", " 28,500.\n"]
    assert generator.name == f"openai:org/model:7b@{url}"
    assert generator.capable
    [request] = requests
    assert request["path"] == "/v1/chat/completions"
    assert request["key"] == "Bearer secret"
    assert (request["model"], request["temperature"], request["max_tokens"]) == ("org/model:7b", 0, 50)
    assert request["messages"] == [{"role": "system", "content": SYSTEM}, {"role": "user", "content": USER}]
    assert "response_format" not in request


def test_a_schema_goes_with_the_request(endpoint):
    url, requests = endpoint("{}")
    assert said(load_generator(f"openai:m@{url}"), schema={"type": "object"}) == "{}"
    [request] = requests
    assert request["response_format"] == {
        "type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": {"type": "object"}},
    }  # fmt: skip


@pytest.mark.parametrize("tail", ["", "/", "/chat/completions"], ids=repr)
def test_a_url_may_end_in_what_is_added(endpoint, tail):
    url, requests = endpoint("Yes.")
    assert said(load_generator(f"openai:m@{url}{tail}")) == "Yes."
    assert requests[0]["path"] == "/v1/chat/completions"


def test_a_url_keeps_its_query(endpoint):
    url, requests = endpoint("Yes.")
    assert said(load_generator(f"openai:m@{url}?api-version=2024-10-21")) == "Yes."
    assert requests[0]["path"] == "/v1/chat/completions?api-version=2024-10-21"


def test_the_v1_that_a_url_lacks_is_added():
    def answer(request):
        return Reply(("Yes.",)) if request["path"].startswith("/v1/") else Reply(status=404, body="404 page not found")

    with serve(answer) as server:
        assert said(load_generator(f"openai:m@{server.url.removesuffix('/v1')}")) == "Yes."
    assert [request["path"] for request in server.requests] == ["/chat/completions", "/v1/chat/completions"]


def test_a_whole_reply_in_place_of_a_stream_is_read_at_once(endpoint):
    url, requests = endpoint("It", " sails.", streams=False)
    assert said(load_generator(f"openai:m@{url}")) == "It sails."
    assert len(requests) == 1


# Servers as they are


def wording_in(text):
    reader = ReplyReader()
    return [proposal.text for proposal in [*reader.feed(text), *reader.finish()]]


@pytest.mark.parametrize("kind", [name for name in KINDS if not KINDS[name].warning and name not in ANSWERED_ELSEWHERE])
def test_what_can_be_mended_is(awkward, kind):
    generator = load_generator(f"openai:{kind}@{awkward.url}", timeout=20)
    text = ""
    for _ in range(2):  # whoever asks, asks once more after a reply without a sentence
        try:
            text = said(generator, maximum_tokens=100, schema=SCHEMA)
        except ReplyUnusable:
            continue
        if wording_in(text):
            break
    assert [" ".join(each.split()) for each in wording_in(text)][:1] == [WORDING]
    assert len(awkward.requests[kind]) <= KINDS[kind].requests


@pytest.mark.parametrize("kind", [name for name in KINDS if KINDS[name].warning and name not in ANSWERED_ELSEWHERE])
def test_what_can_not_be_mended_is_told(awkward, kind):
    generator = load_generator(f"openai:{kind}@{awkward.url}", timeout=1.0 if kind in SLOW else 20)
    with pytest.raises(GeneratorError) as caught:
        said(generator, schema=SCHEMA)
    assert KINDS[kind].warning in str(caught.value)
    assert "--generator none" in str(caught.value)


@pytest.mark.parametrize("kind", ["context", "too-large", "no-context-at-all"])
def test_a_prompt_that_is_too_long_is_told_apart(awkward, kind):
    generator = load_generator(f"openai:{kind}@{awkward.url}")
    offered = "".join(f'{{"number": {number}}}' for number in range(8))
    with pytest.raises(PromptTooLong):
        list(generator.reply(SYSTEM, offered, maximum_tokens=20))


@pytest.mark.parametrize("kind", ["max_completion_tokens", "temperature", "no-format", "no-stream", "no-system"])
def test_what_a_server_refused_is_left_out_for_good(kind):
    with awkward_server() as server:
        for asked in range(3):
            assert said(load_generator(f"openai:{kind}@{server.url}"), schema=SCHEMA)
            if asked == 0:
                learning = server.count(kind)
        assert server.count(kind) == learning + 2


def test_what_did_not_help_is_not_remembered():
    with serve(lambda request: Reply(status=400, body='{"error": "max_tokens"}')) as server:
        generator = load_generator(f"openai:m@{server.url}")
        for _ in range(2):
            with pytest.raises(GeneratorError):
                said(generator)
        assert "max_tokens" in server.requests[len(server.requests) // 2]


def test_a_model_that_thinks_gets_room_for_it():
    with awkward_server() as server:
        said(load_generator(f"openai:thinks-long-apart@{server.url}"), maximum_tokens=100)
        limits = [request["max_tokens"] for request in server.requests["thinks-long-apart"]]
    assert limits == [100, 100 + THOUGHT_TOKENS]


@pytest.mark.parametrize("kind", ["loading", "rate-limit", "retry-after", "bad-gateway", "hangs-up"])
def test_whoever_waits_is_told_what_for(kind):
    with awkward_server() as server:
        notices = [
            piece for piece in pieces(load_generator(f"openai:{kind}@{server.url}")) if isinstance(piece, Notice)
        ]
    assert notices
    for notice in notices:
        assert re.search(r"; asking again in [\d.]+ s\.$", notice.text)
        assert not notice.is_warning
    if kind == "loading":
        assert notices[0].text.startswith("The server is loading its model")


def test_a_server_that_loads_for_ever_is_left_in_time():
    def load(request):
        return Reply(status=503, body='{"error": {"message": "Loading model"}}')

    with serve(load) as server:
        started = time.monotonic()
        with pytest.raises(GeneratorError, match="503: Loading model"):
            said(load_generator(f"openai:m@{server.url}", timeout=2))
        assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    ("headers", "least"),
    [({"Retry-After": "1"}, 0.9), ({"Retry-After-Ms": "300"}, 0.25), ({"Retry-After": "soon"}, 0.4)],
    ids=["seconds", "milliseconds", "no time"],
)
def test_a_server_is_left_alone_as_long_as_it_says(headers, least):
    with answering_once(429, headers) as (url, _):
        started = time.monotonic()
        assert said(load_generator(f"openai:m@{url}")) == GOOD
        assert least <= time.monotonic() - started < least + 1.5


@contextmanager
def answering_once(status, headers, proxied=None, context=None):
    """A server that refuses the first request so and answers the others; gives its URL and the request lines."""
    lines = []

    class Handling(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            lines.append(self.requestline)
            refused = status is not None and len(lines) == 1
            body = b"{}" if refused else b'{"choices": [{"message": {"content": %s}}]}' % as_json(GOOD)
            self.send_response(status if refused else 200)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handling)
    http.daemon_threads = True
    if context is not None:
        http.socket = context.wrap_socket(http.socket, server_side=True)
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http{'s' * (context is not None)}://127.0.0.1:{http.server_port}/v1", lines
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def as_json(text):
    import json

    return json.dumps(text).encode()


# The end of a reply


def test_a_reply_that_breaks_off_gives_its_pieces_and_then_the_error(endpoint):
    url, _ = endpoint("It", " sails", cut=True)
    reply = load_generator(f"openai:m@{url}").reply(SYSTEM, USER, maximum_tokens=5)
    assert [next(reply), next(reply)] == ["It", " sails"]
    with pytest.raises(ReplyUnusable, match="its reply broke off"):
        list(reply)


def test_a_server_that_falls_silent_is_left_after_the_time_set(endpoint):
    url, _ = endpoint("It", " sails", pause=60)
    reply = load_generator(f"openai:m@{url}", timeout=0.2).reply(SYSTEM, USER, maximum_tokens=5)
    assert next(reply) == "It"
    with pytest.raises(GeneratorError, match=r"(?i)time.*ASKSEOUL_TIMEOUT"):
        next(reply)


def test_a_server_that_trickles_for_ever_is_left_too(endpoint):
    url, _ = endpoint(*["x"] * 10_000, pause=0.01)
    with pytest.raises(GeneratorError, match=r"its reply took longer than 0\.5 s"):
        said(load_generator(f"openai:m@{url}", timeout=0.1), maximum_tokens=10_000)


def test_no_more_is_read_than_was_asked_for(endpoint):
    url, _ = endpoint(*["word "] * 1_000)
    assert len(said(load_generator(f"openai:m@{url}"), maximum_tokens=5)) == CHARACTERS_PER_TOKEN * 5 + len("word ")


def test_nobody_listens():
    generator = load_generator("openai:m@http://127.0.0.1:9/v1")
    started = time.monotonic()
    with pytest.raises(GeneratorError, match="Connection refused") as caught:
        said(generator)
    assert caught.value.__cause__ is not None
    assert time.monotonic() - started < 3


# Keys, proxies and certificates


@pytest.mark.parametrize("key", ["열쇠", "a\nb", "a\u2028b"], ids=ascii)
def test_a_key_that_can_be_none_is_not_shown(endpoint, monkeypatch, key):
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(GeneratorError, match="OPENAI_API_KEY holds characters") as caught:
        said(load_generator(f"openai:m@{endpoint('Yes.')[0]}"))
    assert key not in str(caught.value)


def test_this_machine_is_not_asked_through_a_proxy(endpoint, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert said(load_generator(f"openai:m@{endpoint('Yes.')[0]}")) == "Yes."


def test_other_machines_are_asked_through_the_proxy_of_the_environment(monkeypatch):
    with answering_once(None, {}) as (proxy, lines):
        monkeypatch.setenv("http_proxy", proxy.removesuffix("/v1"))
        assert said(load_generator("openai:m@http://llm.invalid/v1")) == GOOD
    assert lines == ["POST http://llm.invalid/v1/chat/completions HTTP/1.1"]


def test_what_no_proxy_names_is_asked_directly(monkeypatch):
    with answering_once(None, {}) as (proxy, lines):
        monkeypatch.setenv("http_proxy", proxy.removesuffix("/v1"))
        monkeypatch.setenv("no_proxy", ".invalid")
        with pytest.raises(GeneratorError, match="could not be used"):
            said(load_generator("openai:m@http://llm.invalid/v1", timeout=5))
    assert lines == []


@pytest.mark.parametrize("proxy", ["http://[", "socks5://127.0.0.1:9", "nonsense://host"])
def test_a_proxy_that_is_none_is_named(monkeypatch, proxy):
    monkeypatch.setenv("http_proxy", proxy)
    with pytest.raises(GeneratorError, match="could not be used"):
        said(load_generator("openai:m@http://llm.invalid/v1", timeout=2))


def test_http_spoken_where_tls_is_expected_is_told(endpoint):
    url, _ = endpoint("Yes.")
    with pytest.raises(GeneratorError, match=r"TLS: .*write http://"):
        said(load_generator(f"openai:m@{url.replace('http://', 'https://')}"))


@pytest.mark.skipif(which("openssl") is None, reason="openssl, which makes the certificate, is not installed")
def test_a_certificate_that_nobody_vouches_for_is_told_and_can_be_named(tmp_path, monkeypatch):
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    options = "-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    alternative = "subjectAltName=IP:127.0.0.1"
    subprocess.run(
        ["openssl", "req", *options.split(), "-addext", alternative, "-keyout", key, "-out", certificate],
        check=True, capture_output=True, timeout=20,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with answering_once(None, {}, context=context) as (url, _):
        with pytest.raises(GeneratorError, match=r"TLS: .*certificate verify failed.*SSL_CERT_FILE"):
            said(load_generator(f"openai:m@{url}"))
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert said(load_generator(f"openai:m@{url}")) == GOOD


# The parts


@pytest.mark.parametrize(
    ("told", "status", "changed"),
    [
        pytest.param("Unsupported parameter: 'max_tokens'", 400, {"limit": "max_completion_tokens"}, id="the limit"),
        pytest.param("'temperature' does not support 0", 400, {"temperature": False}, id="the temperature"),
        pytest.param("grammar could not be compiled", 500, {"format": "json_object"}, id="the schema"),
        pytest.param("Only user and assistant roles: System role not supported", 400, {"system": False}, id="a role"),
        pytest.param("messages.0.content: Input should be a valid list", 422, {"parts": True}, id="a text"),
        pytest.param("Streaming is not supported", 400, {"stream": False}, id="the stream"),
        pytest.param("Bad Request", 400, {"format": "json_object"}, id="who knows"),
        pytest.param("잘못된 요청", 422, {"format": "json_object"}, id="in Korean"),
        pytest.param("", 500, {"format": "json_object"}, id="nothing"),
    ],
)
def test_a_refusal_leaves_out_what_it_names(told, status, changed):
    before = Form("http://h/v1")
    after = before.simplified(told, status)
    assert {name: getattr(after, name) for name in Form.__slots__ if getattr(after, name) != getattr(before, name)} == (
        changed
    )


@pytest.mark.parametrize("told", ["max_tokens", "temperature", "response_format", "system role", "stream", "Bad"])
def test_leaving_out_comes_to_an_end(told):
    form, forms = Form("http://h/v1"), []
    while (plainer := form.simplified(told, 400)) != form:
        forms.append(form := plainer)
    assert 1 <= len(forms) <= 4


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        pytest.param("<think>a</think>b", "b", id="marked"),
        pytest.param("a</think>b</think>c", "c", id="without its opening"),
        pytest.param("<|channel|>analysis<|message|>a<|channel|>final<|message|>b", "b", id="in channels"),
        pytest.param("서울 🙂", "서울 🙂", id="none"),
        pytest.param("", "", id="empty"),
    ],
)
def test_thoughts_are_left_behind(text, rest):
    assert after_thoughts(text) == rest


@pytest.mark.parametrize("size", [1, 2, 7, 10_000])
def test_a_reply_is_read_alike_in_chunks_of_any_size(size):
    event = 'data: {"choices": [{"delta": {"content": "서울 \u2028🙂\\r\\n"}}]}\r\n\r\n: x\n\ndata: [DONE]\n\n'
    stream = event.encode()
    chunks = [stream[place : place + size] for place in range(0, len(stream), size)]
    assert list(ChatReply().pieces(chunks)) == ["서울 \u2028🙂\r\n"]


# Real servers


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.full
@pytest.mark.skipif(which("llama-server") is None, reason="llama.cpp's llama-server is not installed")
def test_the_server_of_llama_cpp_answers():
    from askseoul.models import weights

    model = weights.pinned_folder(weights.LANGUAGE_MODEL) / weights.LANGUAGE_MODEL.file
    port = free_port()
    with running(["llama-server", "-m", str(model), "--port", str(port), "-c", "2048"]):
        assert said(load_generator(f"openai:m@http://127.0.0.1:{port}/v1", timeout=60), schema=SCHEMA)


@contextmanager
def running(command, **how):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **how)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory):
    """The folder of a model of 10,000 random weights that writes one character a token."""
    from tokenizers import Tokenizer, models
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny")
    letters = ["<s>", "</s>", "<unk>", "\n", *map(chr, range(32, 127))]
    vocabulary = {letter: place for place, letter in enumerate(letters)}
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="<unk>")),
        bos_token="<s>", eos_token="</s>", unk_token="<unk>", pad_token="</s>",
    )  # fmt: skip
    tokenizer.chat_template = "{% for message in messages %}{{ message['content'] }}\n{% endfor %}"
    tokenizer.save_pretrained(folder)
    sizes = dict.fromkeys(("hidden_size", "intermediate_size"), 16)
    heads = dict.fromkeys(("num_attention_heads", "num_key_value_heads"), 2)
    ends = {"bos_token_id": 0, "eos_token_id": None, "pad_token_id": 1}
    LlamaForCausalLM(
        LlamaConfig(vocab_size=len(letters), num_hidden_layers=1, **sizes, **heads, **ends)
    ).save_pretrained(folder)
    return folder


@pytest.mark.full
@pytest.mark.skipif(find_spec("accelerate") is None, reason="`transformers serve` needs accelerate and openai")
def test_the_server_of_transformers_answers(tiny_model):
    port = free_port()
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", str(tiny_model), "--device", "cpu"]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    with running([*command, "--host", "127.0.0.1", "--port", str(port)], env=environment) as server:
        wait_for(port, server)
        generator = load_generator(f"openai:{tiny_model}@http://127.0.0.1:{port}/v1", timeout=60)
        text = said(generator, maximum_tokens=20, schema=SCHEMA)
    assert 1 <= len(text.replace(" ", "")) <= 20


def wait_for(port, process, seconds=60):
    """Wait until somebody listens; fail when the process ends before."""
    for _ in range(seconds * 10):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, "the server has ended"
        time.sleep(0.1)
    pytest.fail(f"nobody listens after {seconds} s")
