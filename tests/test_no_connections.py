"""On the default settings nothing leaves the machine: seen from outside, over whole processes and their children."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ARTICLES = Path(__file__).parents[1] / "index" / "articles"
QUESTION = "How many US troops are in South Korea?"


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["index", str(ARTICLES)], id="index"),
        pytest.param(["ask", QUESTION], id="ask"),
        pytest.param(["ask", QUESTION, "--generator", "local"], id="ask with the local LLM"),
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
    assert [line for line in log.read_text().splitlines() if re.search(r"AF_INET|htons", line)] == []
