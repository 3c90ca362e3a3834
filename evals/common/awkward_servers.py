"""A chat server on loopback that behaves in the ways in which servers that people run lose an answer.

The name of the model chooses the behaviour, so that one server shows all of them. ``KINDS`` says of each whether the
wording can be had in the end, or else what the warning has to say.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

Body = dict[str, Any]
ARTICLES: Final = {
    "herring.md": "# Herring in the bay of Velmora\n\nHerring has returned to the bay of Velmora after nine years. "
    "Ines Okafor of the fisheries institute counted 14 shoals of herring in the bay in March. "
    "Fishing stays closed until July, the ministry said.\n",
    "election.md": "# The election\n\nPetar Lukin received 44.1 percent of the votes. "
    "The tram will cost 500 million crowns.\n",
}
QUESTION: Final = "Who counted the herring shoals?"
WORDING: Final = "Ines Okafor, of the fisheries institute, is the one who counted the 14 herring shoals."
"""What the server says in answer to ``QUESTION``."""
GOOD: Final = json.dumps({"sentences": [{"text": WORDING, "citations": [1], "quote": ""}]})
MOST_OFFERED: Final = 2
"""Sentences that fit into the context of the kinds that have a short one."""
THOUGHT: Final = (
    "Okay, the user asks who counted. Petar Lukin received 44.1 percent of the votes, but that is not asked.\n"
)


@dataclass(frozen=True, slots=True)
class Kind:
    """How a server behaves to the ``n``-th request, from 1, and what comes of it."""

    behave: Callable[[Handler, Body, int], None]
    warning: str = ""
    """What the warning says where the wording can't be had; empty where it can."""
    requests: int = 2
    """Most requests that it takes."""


@dataclass(slots=True)
class AwkwardServer:
    """A running server, with its base URL and the requests it received, by model."""

    url: str
    requests: dict[str, list[Body]] = field(default_factory=dict)

    def count(self, model: str) -> int:
        """How many requests asked for this model."""
        return len(self.requests.get(model, ()))


class Handler(BaseHTTPRequestHandler):
    """One request, and the ways to answer it."""

    protocol_version = "HTTP/1.1"
    seen: dict[str, list[Body]]
    counts: Counter[str]

    def do_GET(self) -> None:
        """List the models, or redirect as ``do_POST`` does."""
        if self.path.endswith("/models"):
            self.send({"data": [{"id": "velmora-7b"}, {"id": "velmora-70b"}]})
        else:
            self.fail(404, "no such route")

    def do_POST(self) -> None:
        """Behave as the model's name says."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = body["model"]
        self.counts[name] += 1
        body["path"], body["key"] = self.path, self.headers["Authorization"]
        self.seen.setdefault(name, []).append(body)
        try:
            KINDS[name].behave(self, body, self.counts[name])
        except OSError:
            self.close_connection = True  # the client has gone

    def send(self, value: object, status: int = 200, kind: str = "application/json", **headers: str) -> None:
        """Send a body as it is, or a value as JSON."""
        content = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
        self.send_response(status)
        for name, text in {"Content-Type": kind, "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name.replace("_", "-"), text)
        self.end_headers()
        self.wfile.write(content)

    def fail(self, status: int, message: str, **fields: str) -> None:
        """Refuse in OpenAI's form."""
        self.send({"error": {"message": message, **fields}}, status)

    def answer(self, body: Body, *contents: Any, finish: str = "stop", **fields: Any) -> None:  # noqa: ANN401
        """Answer with this content, streamed if that is asked for; ``fields`` stand beside the content."""
        if body.get("stream"):
            deltas = [{**fields}] * bool(fields) + [{"content": content} for content in contents]
            events: list[dict[str, Any]] = [
                {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas
            ]
            events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
            self.events(*(f"data: {json.dumps(event, ensure_ascii=False)}\n\n" for event in events), "data: [DONE]\n\n")
        else:
            whole = contents[0] if len(contents) == 1 else "".join(filter(None, contents))
            message = {"role": "assistant", "content": whole, **fields}
            self.send({"choices": [{"index": 0, "message": message, "finish_reason": finish}]})

    def events(self, *texts: str, kind: str = "text/event-stream") -> None:
        """Send a stream that ends with the connection."""
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Connection", "close")
        self.end_headers()
        for text in texts:
            self.wfile.write(text.encode())
            self.wfile.flush()
        self.close_connection = True

    def chunks(self, *raw: bytes) -> None:
        """Send a stream in chunks, written as they are."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for chunk in raw:
            self.wfile.write(chunk)
        self.close_connection = True

    def hang_up(self) -> None:
        """Close the connection without a reply."""
        self.close_connection = True

    def log_message(self, format: str, *_: object) -> None:
        """Say nothing."""


def _refusing(refuses: Callable[[Body], bool], status: int, message: str, **fields: str) -> Kind:
    """A server that refuses requests of this form, and answers others."""

    def behave(handler: Handler, body: Body, n: int) -> None:
        if refuses(body):
            handler.fail(status, message, **fields)
        else:
            handler.answer(body, GOOD)

    return Kind(behave)


def _first(*failures: Callable[[Handler, Body], None], warning: str = "", requests: int = 0) -> Kind:
    """A server that fails so at first, and then answers; with a ``warning`` it goes on failing in the last way."""

    def behave(handler: Handler, body: Body, n: int) -> None:
        if n <= len(failures):
            failures[n - 1](handler, body)
        elif warning:
            failures[-1](handler, body)
        else:
            handler.answer(body, GOOD)

    return Kind(behave, warning, requests or len(failures) + 1)


def _always(act: Callable[[Handler, Body], object], warning: str = "", requests: int = 1) -> Kind:
    """A server that does the same at every request."""

    def behave(handler: Handler, body: Body, n: int) -> None:
        act(handler, body)

    return Kind(behave, warning, requests)


def _strict(handler: Handler, body: Body, _: int) -> None:
    """Take messages of users in one piece, and nothing beside."""
    refused = {
        "max_tokens is not supported": "max_tokens" in body or "max_completion_tokens" in body,
        "temperature is not supported": "temperature" in body,
        "json_schema is not supported": bool(_format(body)),
        "there is no system role": len(body["messages"]) > 1,
        "streaming is not supported": body["stream"],
    }
    for message, applies in refused.items():
        if applies:
            handler.fail(400, message)
            return
    handler.answer(body, GOOD)


def _slow(handler: Handler, body: Body, _: int) -> None:
    time.sleep(1.5)
    handler.answer(body, GOOD)


def _format(body: Body) -> str | None:
    return (body.get("response_format") or {}).get("type")


def _is_long(body: Body) -> bool:
    return len(re.findall(r'"number": ', body["messages"][-1]["content"])) > MOST_OFFERED


def _chunk(text: str) -> bytes:
    data = text.encode()
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def _event(content: str) -> str:
    return f"data: {json.dumps({'choices': [{'index': 0, 'delta': {'content': content}}]})}\n\n"


def _redirect(handler: Handler, status: int, location: str) -> None:
    handler.send(b"", status, Location=location)


def _cut(handler: Handler, content: str) -> None:
    handler.chunks(_chunk(_event(content)))


def _moved(status: int) -> Kind:
    return _first(lambda handler, body: _redirect(handler, status, "/moved/v1/chat/completions"))


TAKES_MAXIMUM: Final = "Unsupported parameter: 'max_tokens' is not supported with this model."
HALF: Final = '{"sentences": [{"te'
LOADING: Final = {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}

KINDS: Final[dict[str, Kind]] = {
    # parameters
    "plain": _always(lambda handler, body: handler.answer(body, GOOD[:30], GOOD[30:])),
    "max_completion_tokens": _refusing(lambda body: "max_tokens" in body, 400, TAKES_MAXIMUM, param="max_tokens"),
    "temperature": _refusing(lambda body: "temperature" in body, 400, "'temperature' does not support 0 here."),
    "no-json_schema": _refusing(lambda body: _format(body) == "json_schema", 400, "response_format must be text"),
    "no-format": Kind(_refusing(lambda body: _format(body) is not None, 500, "grammar failed").behave, requests=3),
    "extra-forbidden": Kind(
        lambda handler, body, n: (
            handler.send({"detail": [{"loc": ["body", "response_format"], "msg": "extra fields not permitted"}]}, 422)
            if _format(body)
            else handler.answer(body, GOOD)
        ),
        requests=3,
    ),
    "no-stream": _refusing(lambda body: body["stream"], 400, "streaming is not supported"),
    "no-system": _refusing(lambda body: len(body["messages"]) > 1, 400, "System role not supported"),
    "wants-parts": _refusing(
        lambda body: isinstance(body["messages"][0]["content"], str), 422, "messages.0.content: must be a valid list"
    ),
    "unclear-refusal": Kind(
        _refusing(lambda body: "temperature" in body or bool(_format(body)), 400, "Bad Request").behave, requests=4
    ),
    "everything-at-once": Kind(_strict, requests=8),
    # what passes
    "loading": _first(lambda handler, body: handler.send(LOADING, 503)),
    "rate-limit": _first(lambda handler, body: handler.fail(429, "Rate limit reached, try again in 1s")),
    "retry-after": _first(lambda handler, body: handler.send({}, 429, Retry_After="1")),
    "retry-after-a-day": _always(lambda handler, body: handler.send({}, 429, Retry_After="86400"), "429"),
    "quota": _always(lambda handler, body: handler.fail(429, "none", code="insufficient_quota"), "top up"),
    "bad-gateway": _first(*[lambda handler, body: handler.send(b"<h1>Bad Gateway</h1>", 502, "text/html")] * 2),
    "fails": _always(lambda handler, body: handler.fail(500, "out of memory"), "out of memory", 5),
    "slow": Kind(_slow, requests=1),
    "silent": _always(lambda handler, body: time.sleep(5), "ASKSEOUL_TIMEOUT"),
    "hangs-up": _first(lambda handler, body: handler.hang_up()),
    # replies
    "cut": _first(lambda handler, body: _cut(handler, HALF)),
    "cut-for-good": _always(lambda handler, body: _cut(handler, HALF), "broke off", 2),
    "garbage-in-chunks": _first(lambda handler, body: handler.chunks(b"zz\r\ndata: {}\r\n")),
    "garbage-in-a-chunk": _first(lambda handler, body: handler.chunks(_chunk(_event(HALF)), b"not a chunk\r\n")),
    "empty": _always(lambda handler, body: handler.answer(body, ""), "empty reply", 4),
    "empty-at-first": _first(lambda handler, body: handler.answer(body, "")),
    "no-choices": _first(lambda handler, body: handler.events('data: {"choices": []}\n\n', _event(GOOD)), requests=1),
    "null": _always(lambda handler, body: handler.answer(body, None, GOOD, None)),
    "list-content": _always(
        lambda handler, body: handler.answer(body, [{"type": "text", "text": GOOD}], reasoning_content=THOUGHT)
    ),
    "content-of-thoughts": _always(
        lambda handler, body: handler.answer(
            body, [{"type": "thinking", "thinking": [{"text": THOUGHT}]}, {"type": "text", "text": GOOD}]
        )
    ),
    "reasoning": _always(lambda handler, body: handler.answer(body, GOOD, reasoning=THOUGHT)),
    "only-reasoning": _always(lambda handler, body: handler.answer(body, reasoning_content=THOUGHT + GOOD)),
    "think": _always(lambda handler, body: handler.answer(body, "<think>\n", THOUGHT, "</think>\n\n", GOOD)),
    "unopened-thought": _always(lambda handler, body: handler.answer(body, THOUGHT, THOUGHT, "</think>\n", GOOD)),
    "thought-and-prose": _always(
        lambda handler, body: handler.answer(body, "<thinking>", THOUGHT, "</thinking>", f"{WORDING} [1]")
    ),
    "think-in-brackets": _always(lambda handler, body: handler.answer(body, "[THINK]", THOUGHT, "[/THINK]", GOOD)),
    "thought-in-markers": _always(
        lambda handler, body: handler.answer(
            body, f"<|START_THINKING|>{THOUGHT}", "<|END_THINKING|>", f"<|START_RESPONSE|>{GOOD}<|END_RESPONSE|>"
        )
    ),
    "harmony": _always(
        lambda handler, body: handler.answer(
            body, f"<|channel|>analysis<|message|>{THOUGHT}<|end|>", f"<|channel|>final<|message|>{WORDING}"
        )
    ),
    "thinks-long": _first(lambda handler, body: handler.answer(body, "<think>", THOUGHT, finish="length")),
    "thinks-long-apart": _first(
        lambda handler, body: handler.answer(body, reasoning_content=THOUGHT, finish="length")
    ),
    "fence": _always(lambda handler, body: handler.answer(body, "Here it is:\n```json\n", GOOD, "\n```\nDone!")),
    "prose": _always(lambda handler, body: handler.answer(body, f"{WORDING} [1]")),
    "other-separators": _always(
        lambda handler, body: handler.events(f"data:{json.dumps({'choices': [{'delta': {'content': GOOD}}]})}\r\n\r\n")
    ),
    "comments": _always(lambda handler, body: handler.events(": PROCESSING\n\n", "event: x\n", _event(GOOD))),
    "line-separators": _always(
        lambda handler, body: handler.answer(body, GOOD.replace("Ines", "Ines\u2028"), note="\u2028\x85")
    ),
    "whole-though-streamed": _always(lambda handler, body: handler.answer({**body, "stream": False}, GOOD)),
    "JSON-as-text": _always(
        lambda handler, body: handler.send({"choices": [{"message": {"content": GOOD}}]}, kind="text/plain")
    ),
    "events-as-JSON": _always(lambda handler, body: handler.events(_event(GOOD), kind="application/json")),
    "broken-letters": _always(
        lambda handler, body: handler.send(
            b'{"x": "\xe9", "choices": [{"message": {"content": %s}}]}' % json.dumps(GOOD).encode()
        )
    ),
    "breaks-after-its-end": _always(
        lambda handler, body: handler.chunks(
            _chunk(_event(GOOD)), _chunk('data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\n')
        )
    ),
    "message-at-the-end": _always(
        lambda handler, body: handler.events(
            _event(GOOD), f"data: {json.dumps({'choices': [{'delta': {}, 'message': {'content': GOOD}}]})}\n\n"
        )
    ),
    "error-as-an-object": _always(
        lambda handler, body: handler.send({"object": "error", "message": "the engine has died", "code": 50001}),
        "the engine has died", 5,
    ),
    "error-in-a-list": _always(
        lambda handler, body: handler.send([{"error": {"code": 400, "message": "API key not valid"}}], 400),
        "400: API key not valid", 4,
    ),
    "unpaid": _always(lambda handler, body: handler.fail(402, "Insufficient credits"), "top up"),
    "completion": _always(lambda handler, body: handler.send({"choices": [{"text": GOOD}]})),
    "error-in-a-stream": _always(
        lambda handler, body: handler.events('data: {"error": {"message": "Failed to load model"}}\n\n'),
        "Failed to load model", 5,
    ),
    "off-topic": _always(
        lambda handler, body: handler.answer(body, GOOD.replace(WORDING, "The tram will cost 500 million crowns.")),
        "does not speak of",
    ),
    # another server
    "HTML": _always(
        lambda handler, body: handler.send(b"<html><body>Log in</body></html>", kind="text/html"), "Log in"
    ),
    "moved-301": _moved(301),
    "moved-302": _moved(302),
    "moved-307": _moved(307),
    "moved-308": _moved(308),
    "moved-to-a-slash": _first(lambda handler, body: _redirect(handler, 301, "/v1/chat/completions/")),
    "moved-away": _always(
        lambda handler, body: _redirect(handler, 302, "https://login.example/sso"), "https://login.example/sso"
    ),
    "moves-for-ever": _always(lambda handler, body: _redirect(handler, 307, "/v1/chat/completions"), "redirects", 4),
    "wrong-key": _always(lambda handler, body: handler.fail(401, "Incorrect API key provided"), "OPENAI_API_KEY"),
    "forbidden": _always(lambda handler, body: handler.fail(403, "no access"), "OPENAI_API_KEY"),
    "no-such-model": _always(lambda handler, body: handler.fail(404, "The model does not exist"), "velmora-7b"),
    "no-such-model-400": _always(lambda handler, body: handler.fail(400, "Invalid model name"), "velmora-70b"),
    # contexts
    "context": Kind(_refusing(_is_long, 400, "This model's maximum context length is 512 tokens.").behave, requests=3),
    "too-large": Kind(_refusing(_is_long, 413, "Payload Too Large").behave, requests=3),
    "no-context-at-all": _always(
        lambda handler, body: handler.fail(400, "exceeds the available context size", type="exceed_context_size_error"),
        "longer context", 4,
    ),
}  # fmt: skip
"""The behaviours by the model's name."""


@contextmanager
def awkward_server() -> Iterator[AwkwardServer]:
    """Run the server on a free port until the block ends."""
    seen: dict[str, list[Body]] = {}
    handler = type("Handling", (Handler,), {"seen": seen, "counts": Counter()})
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    http.daemon_threads = True
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield AwkwardServer(f"http://127.0.0.1:{http.server_port}/v1", seen)
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
