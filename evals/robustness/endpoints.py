"""Does the LLM's wording arrive, and is an answer ever lost, however a chat server behaves?

    python -m evals.robustness.endpoints [--kind NAME] [--json]

One question is asked of servers on loopback that behave in each of the ways of ``common.awkward_servers``, of a server
that is silent for 10 s, of a dead one, and, where ``../shared/cases/endpoints/fake.py`` is there, of each of its kinds.
The table says for each whether the wording was had or the quotes were given with a warning, in how many requests, and
what the reader sees. Exit status 1 when an answer is lost, when a wording is that can be had, or when a warning does
not say what is wrong.
"""

from __future__ import annotations

import argparse
import json
import logging
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Final

from askseoul import AskSeoul
from askseoul.models.generator import load_generator
from evals.common.awkward_servers import ARTICLES, KINDS, QUESTION, WORDING, awkward_server
from evals.common.chat_server import Reply, serve
from evals.common.data import SHARED

FAKE: Final = SHARED / "cases" / "endpoints" / "fake.py"
WITHOUT_WORDING: Final = {
    "nomodel": "not found", "errin200": "Failed to load model", "html200": "Log in to the proxy",
    "thinkcut": "no sentence", "lie": "does not speak", "swap-14-15": "",
}  # fmt: skip
"""The kinds of ``fake.py`` whose wording can't be had, or is false, and what the warning says."""
SHORT: Final = 3.0
LONG: Final = 30.0
"""Seconds of silence after which a server is left: the one that stays silent, and the others."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one question to a server of this kind."""

    kind: str
    expected: str
    """``wording``, or what the warning says in its place."""
    got: str
    """``wording``, ``quotes`` or ``lost``."""
    is_right: bool
    drafts: str
    requests: int
    seconds: float
    warnings: tuple[str, ...]


def ask(app: AskSeoul, kind: str, url: str, count: Callable[[], int], warning: str | None, timeout: float) -> Outcome:
    """Ask the question of the model ``kind`` at a URL; ``warning`` is what has to be said, None if the wording comes.

    ``count`` gives the number of requests so far.
    """
    before, started = count(), time.perf_counter()
    asking = AskSeoul(app.store, app.encoder, load_generator(f"openai:{kind}@{url}", timeout), lambda: app.reader)
    try:
        answer = asking.ask(QUESTION)
    except Exception as error:  # whatever it is, the answer is lost
        return Outcome(kind, warning or "wording", "lost", False, "", count() - before, 0.0, (repr(error),))
    seconds = time.perf_counter() - started
    told = answer.trace.warnings
    got = "lost" if "Okafor" not in answer.text else "quotes" if told or not answer.trace.drafts["said"] else "wording"
    is_right = got == "wording" if warning is None else got == "quotes" and warning in " ".join(told)
    drafts = ", ".join(f"{number} {how}" for how, number in answer.trace.drafts.items() if number)
    return Outcome(
        kind, "wording" if warning is None else warning, got, is_right, drafts, count() - before, seconds, told
    )


def awkward(app: AskSeoul, chosen: str | None) -> Iterator[Outcome]:
    """The kinds of ``awkward_servers``, 10 s of silence and a dead server."""
    with awkward_server() as server:
        for name, kind in KINDS.items():
            if chosen in (None, name):
                timeout = SHORT if name == "silent" else LONG
                yield ask(app, name, server.url, partial(server.count, name), kind.warning or None, timeout)
    if chosen in (None, "10-s-of-silence"):
        with serve(lambda request: time.sleep(10) or Reply((WORDING,))) as slow:  # type: ignore[func-returns-value]
            yield ask(app, "10-s-of-silence", slow.url, lambda: len(slow.requests), None, LONG)
    if chosen in (None, "dead"):
        yield ask(app, "dead", f"http://127.0.0.1:{free_port()}/v1", lambda: 0, "refused", LONG)


def of_fake(app: AskSeoul, chosen: str | None) -> Iterator[Outcome]:
    """The kinds of ``fake.py``, by the names that it compares the model with."""
    source = FAKE.read_text(encoding="utf-8")
    names = [*re.findall(r"m == '([\w-]+)'", source), "swap-14-15", "good"]
    with tempfile.TemporaryFile() as log, running(FAKE, log.fileno()) as url:

        def count() -> int:
            log.seek(0)
            return log.read().count(b"POST ")

        for name in dict.fromkeys(names):
            if chosen in (None, name):
                yield ask(app, name, url, count, WITHOUT_WORDING.get(name), LONG)


@contextmanager
def running(program: Path, log: int) -> Iterator[str]:
    """Run the program on a free port; gives its URL."""
    port = free_port()
    process = subprocess.Popen([sys.executable, str(program), str(port)], stdout=log)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def main() -> None:
    """Ask every server and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", help="only this kind")
    parser.add_argument("--json", action="store_true", help="print the outcomes as JSON lines")
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    outcomes = []
    with (
        tempfile.TemporaryDirectory() as work,
        AskSeoul.open(Path(work) / "index", create=True, precision="f32") as app,
    ):
        for name, text in ARTICLES.items():
            (Path(work) / name).write_text(text, encoding="utf-8")
        app.index([Path(work) / name for name in ARTICLES])
        measured = [awkward(app, arguments.kind)] + [of_fake(app, arguments.kind)] * FAKE.is_file()
        for group in measured:
            for outcome in group:
                outcomes.append(outcome)
                if arguments.json:
                    print(json.dumps(asdict(outcome), ensure_ascii=False), flush=True)
                else:
                    sign = "✓" if outcome.is_right else "✗"
                    seen = " ".join(outcome.warnings).removeprefix("These are quotes, not the words of an LLM. ")
                    print(
                        f"{sign} {outcome.kind:24}{outcome.got:9}{outcome.requests:>3} requests "
                        f"{outcome.seconds:5.1f} s  {outcome.drafts:24}{seen[:160]}",
                        flush=True,
                    )
    if not FAKE.is_file():
        print(f"{FAKE} is missing; its kinds were left out.", file=sys.stderr)
    counts = {got: sum(outcome.got == got for outcome in outcomes) for got in ("wording", "quotes", "lost")}
    wrong = [outcome.kind for outcome in outcomes if not outcome.is_right]
    print(f"{len(outcomes)} kinds: {counts}; not as expected: {', '.join(wrong) or 'none'}", file=sys.stderr)
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
