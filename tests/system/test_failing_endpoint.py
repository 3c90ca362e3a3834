"""Whole processes whose LLM fails: the quotes answer, a warning says why, and the exit status is 0."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from evals.common.awkward_servers import KINDS, awkward_server

from tests.support.processes import ROOT

QUESTION = "How many US soldiers are based on the Korean Peninsula?"
FACT = "28,500"


def ask(index, url, kind, *options):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ASKSEOUL_", "OPENAI_"))}
    return subprocess.run(
        [sys.executable, "-m", "askseoul", "ask", QUESTION, "--index", str(index), *options],
        env={**environment, "ASKSEOUL_GENERATOR": f"openai:{kind}@{url}", "ASKSEOUL_TIMEOUT": "5", "COLUMNS": "100"},
        cwd=ROOT, capture_output=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def server():
    with awkward_server() as running:
        yield running


@pytest.mark.parametrize("kind", ["wrong-key", "HTML"])
def test_the_quotes_are_printed_and_the_warning_below_them(server, digests_index, kind):
    done = ask(digests_index, server.url, kind)
    assert done.returncode == 0
    answer, _, warning = " ".join(done.stdout.split()).partition("Warning: These are quotes, not the words of an LLM. ")
    assert FACT in answer
    assert KINDS[kind].warning in warning


def test_a_dead_server_loses_nothing(digests_index):
    done = ask(digests_index, "http://127.0.0.1:9/v1", "m")
    assert done.returncode == 0
    assert FACT in done.stdout
    assert "askseoul: The server can't be reached; asking again in 0.5 s." in done.stderr


def test_with_json_the_warning_is_in_the_trace_and_stdout_is_json_alone(server, digests_index):
    done = ask(digests_index, server.url, "no-such-model", "--json")
    assert done.returncode == 0
    answer = json.loads(done.stdout)
    assert FACT in answer["text"]
    [warning] = answer["trace"]["warnings"]
    assert "name one that the server has: velmora-7b, velmora-70b" in warning


def test_what_is_waited_for_is_told_on_stderr(server, digests_index):
    done = ask(digests_index, server.url, "loading")
    assert done.returncode == 0
    assert "askseoul: The server is loading its model; asking again in 0.5 s." in done.stderr
