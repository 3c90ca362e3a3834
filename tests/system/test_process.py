"""How whole processes start, speak and end."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from askseoul.cli import process
from askseoul.pipeline import AskSeoul

ARTICLE = "# The pier 부두\n\nThe new pier costs 300 million dollars. It opens in June 2026.\n"
SLOW = (
    "chromadb gradio llama_index openvino openvino_genai py3langid sentence_transformers tokenizers torch transformers"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("process")
    (folder / "pier.md").write_text(ARTICLE, encoding="utf-8")
    with AskSeoul.open(folder / "index", create=True) as opened:
        opened.index([folder / "pier.md"])
    return folder


def command(*arguments, **environment):
    own = {name: value for name, value in os.environ.items() if not name.startswith(("ASKSEOUL_", "LC_", "PYTHONIO"))}
    return {
        "args": [sys.executable, "-m", "askseoul", *arguments],
        "env": own | environment,
        "stderr": subprocess.PIPE,
    }


@pytest.mark.parametrize(
    ("arguments", "status", "loaded"),
    [
        pytest.param(["--help"], 0, "", id="--help"),
        pytest.param(["show", "pier.md"], 0, "", id="show"),
        # Its reader reads the sentences that are not their quotes.
        pytest.param(["verify", "answer.json"], 1, "openvino tokenizers", id="verify"),
    ],
)
def test_nothing_slow_is_loaded_that_is_not_needed(folder, arguments, status, loaded):
    (folder / "answer.json").write_text('{"answered": true, "text": "Yes.", "citations": []}')
    program = f"""
import sys
from askseoul.cli.commands import main
try:
    main()
finally:
    print(*sorted(set({SLOW!r}.split()) & {{name.split(".")[0] for name in sys.modules}}), file=sys.stderr)
"""
    started = command(*arguments)
    started["args"][1:3] = ["-c", program]
    ended = subprocess.run(**started, cwd=folder, stdout=subprocess.PIPE, check=False)
    assert ended.stderr.decode() == f"{loaded}\n"
    assert ended.returncode == status


def test_stdout_is_utf_8_whatever_the_locale_says(folder):
    plain = {"LC_ALL": "C", "LANG": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    ended = subprocess.run(**command("show", "pier.md", **plain), cwd=folder, stdout=subprocess.PIPE, check=True)
    assert ended.stdout.decode("utf-8") == ARTICLE


def test_a_file_name_that_is_not_utf_8_is_named(folder):
    name = b"\xff.md"
    (folder / os.fsdecode(name)).write_text("Some text.")
    started = command("index", "--json", "--index", "other", "pier.md")
    started["args"].append(name)
    ended = subprocess.run(**started, cwd=folder, stdout=subprocess.PIPE, check=True)
    assert json.loads(ended.stdout)["failed"][0]["path"] == "\udcff.md"
    assert b"\\udcff.md" in ended.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["show", "pier.md"], id="show pier.md", marks=pytest.mark.full),
        pytest.param(["articles"], id="articles", marks=pytest.mark.full),
        pytest.param(["articles", "--json"], id="articles --json"),
    ],
)
def test_a_reader_that_has_gone_is_met_in_silence(folder, arguments):
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(**command(*arguments), cwd=folder, stdout=writing, check=False)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (process.BROKEN_PIPE, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["show", "pier.md"], id="show pier.md"),
        pytest.param(["articles"], id="articles", marks=pytest.mark.full),
        pytest.param(["--help"], id="--help", marks=pytest.mark.full),
    ],
)
def test_a_full_disk_behind_stdout(folder, arguments):
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(**command(*arguments), cwd=folder, stdout=full, check=False)
    assert ended.returncode == process.FAILED
    assert ended.stderr.decode() == "askseoul: No space left on device: free some space and try again.\n"


def test_a_fault_of_the_program_is_reported_whole_and_is_no_verdict(capsys, caplog, monkeypatch):
    app = typer.Typer(cls=process.CommandGroup)

    @app.callback()
    def start():
        pass

    @app.command()
    def divide():
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr("sys.argv", ["askseoul", "divide"])
    with caplog.at_level(logging.ERROR):
        assert process.run(app) == process.FAILED
    assert "please report it" in caplog.text
    assert "ZeroDivisionError: by nothing" in caplog.text
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("first", ["encoder", pytest.param("generator", marks=pytest.mark.full)])
def test_ctrl_c_ends_a_process_that_let_go_of_its_models(first):
    """OpenVINO gives the thread that loads its plugins a signal stack that may be freed before the thread ends."""
    program = f"""
import gc, signal
from askseoul.models.encoder import load_encoder
from askseoul.models.generator import load_generator
loaded = {{"encoder": load_encoder(), "generator": load_generator("local")}}
list(loaded["generator"].reply("Be short.", "Hello", maximum_tokens=2))
del loaded[{first!r}]
gc.collect()
loaded.clear()
gc.collect()
signal.signal(signal.SIGINT, signal.default_int_handler)  # who runs the tests may ignore it
signal.raise_signal(signal.SIGINT)
"""
    ended = subprocess.run(**command() | {"args": [sys.executable, "-c", program]}, check=False)
    assert ended.stderr.decode().splitlines()[-1:] == ["KeyboardInterrupt"]
