"""On the default settings nothing leaves the machine: seen from outside, over whole processes and their children."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from evals.common.page_server import serving

ARTICLES = Path(__file__).parents[2] / "index" / "articles"
QUESTION = "How many US troops are in South Korea?"


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["index", str(ARTICLES)], id="index"),
        pytest.param(["ask", QUESTION], id="ask"),
        pytest.param(["ask", QUESTION, "--generator", "local"], id="ask with the local LLM", marks=pytest.mark.full),
    ],
)
def test_no_connection_is_made(arguments: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    index = tmp_path_factory.getbasetemp() / "unconnected"
    log = tmp_path_factory.mktemp("log") / "connects"
    # OpenVINO reports its use when it is imported, and keeps still under CI: here it must not know of it.
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    if arguments[0] == "ask" and not index.exists():
        command = [sys.executable, "-m", "askseoul", "index", str(ARTICLES), "--index", str(index)]
        subprocess.run(command, env=environment, check=True, capture_output=True)
    traced = ["strace", "-f", "-qq", "-e", "trace=connect,sendto", "-o", str(log), sys.executable, "-m", "askseoul"]
    subprocess.run([*traced, *arguments, "--index", str(index)], env=environment, check=True, capture_output=True)
    assert connections(log) == []


@pytest.mark.full
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_no_connection_is_made_by_the_web_page(digests_index: Path, tmp_path: Path) -> None:
    log = tmp_path / "connects"
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    strace = ["strace", "-D", "-f", "-qq", "-e", "trace=connect,sendto", "-o", str(log)]
    with serving(digests_index, started_by=strace, environment=environment) as served:
        assert "<gradio-app" in httpx.get(served.url).text
        called = f"{served.url}/gradio_api/call/v2/ask"
        event = httpx.post(called, json={"question": QUESTION}).json()["event_id"]
        assert "28,500" in httpx.get(f"{called}/{event}", timeout=60).text
    assert connections(log) == []


def connections(log: Path) -> list[str]:
    """The lines of a trace in which something is sent to another machine, or to another program by its address."""
    return [line for line in log.read_text().splitlines() if re.search(r"AF_INET|htons", line)]
