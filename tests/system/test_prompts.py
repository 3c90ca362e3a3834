from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.errors import PromptError
from askseoul.models import generator
from askseoul.models.generator import fill_prompt, load_prompt

ROOT = Path(__file__).parents[2]


@pytest.fixture
def prompt(tmp_path, monkeypatch):
    """Write a prompt file ``tried.txt`` that is found before any other."""
    monkeypatch.setattr(generator, "PROMPT_FOLDERS", (tmp_path, *generator.PROMPT_FOLDERS))

    def write(text):
        (tmp_path / "tried.txt").write_text(text, encoding="utf-8")

    return write


def test_leading_comments_are_not_sent(prompt):
    prompt("# why it says so\n# and more\n\nAnswer $question.\n# this line is part of it\n")
    assert fill_prompt("tried", question="Why?") == "Answer Why?.\n# this line is part of it"


def test_a_dollar_sign_in_what_is_filled_in_stays(prompt):
    prompt("$evidence | $question")
    filled = fill_prompt("tried", evidence="[1] $question cost $18 billion $$ ${evidence}", question="How much?")
    assert filled == "[1] $question cost $18 billion $$ ${evidence} | How much?"


@given(evidence=st.text(), question=st.text())
def test_whatever_is_filled_in_arrives_unchanged(evidence, question):
    before, between, after = re.split(r"\$evidence|\$question", load_prompt("answer_user").template)
    filled = fill_prompt("answer_user", evidence=evidence, question=question)
    assert filled == before + evidence + between + question + after


@pytest.mark.parametrize(
    ("text", "fields", "message"),
    [
        pytest.param("$question", {}, r"has the fields \['question'\] and was given \[\]", id="missing"),
        pytest.param("Hello", {"question": "Why?"}, r"has the fields \[\] and was given \['question'\]", id="unknown"),
        pytest.param("It costs $5", {}, r"write \$\$ for a dollar sign", id="stray-dollar"),
    ],
)
def test_fields_that_do_not_fit_are_named(prompt, text, fields, message):
    prompt(text)
    with pytest.raises(PromptError, match=message):
        fill_prompt("tried", **fields)


def test_a_missing_prompt_is_named_with_the_places_looked_in():
    with pytest.raises(PromptError, match=r"no prompt absent\.txt in .*prompt_files or .*prompts"):
        load_prompt("absent")


@pytest.mark.parametrize("path", sorted((ROOT / "prompts").iterdir()), ids=lambda path: path.name)
def test_every_prompt_gives_the_reason_for_its_wording_and_is_well_formed(path):
    assert path.suffix == ".txt"
    assert path.read_text(encoding="utf-8").startswith("# ")
    template = load_prompt(path.stem)
    assert template.template
    assert template.is_valid()


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("answer_system", []),
        ("answer_user", ["evidence", "question"]),
        ("cited_system", []),
        ("cited_user", ["evidence", "question"]),
        ("rewrite_system", []),
        ("rewrite_user", ["conversation", "question"]),
    ],
)
def test_a_prompt_has_the_fields_that_are_filled_and_says_why_it_is_worded_so(name, fields):
    assert sorted(load_prompt(name).get_identifiers()) == fields
    assert (ROOT / "prompts" / f"{name}.txt").read_text(encoding="utf-8").startswith("# ")


def test_every_prompt_is_held_by_the_test_above():
    held = {"answer_system", "answer_user", "cited_system", "cited_user", "rewrite_system", "rewrite_user"}
    assert {path.stem for path in (ROOT / "prompts").glob("*.txt")} == held


def test_the_form_that_the_prompt_asks_for_is_the_schema_that_goes_with_it():
    from askseoul.answering.drafting import SCHEMA, ReplyReader

    text = load_prompt("cited_system").template
    example = text[text.index('{"sentences"') :]
    [proposal] = ReplyReader().feed(example)
    assert (proposal.numbers, bool(proposal.quoted)) == ((1,), True)
    assert all(f'"{name}"' in example for name in SCHEMA["properties"]["sentences"]["items"]["properties"])


def test_the_wheel_has_every_file_of_the_package_and_finds_its_own_prompts(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        archive.extractall(tmp_path / "installed")
    source = ROOT / "src"
    files = {path.relative_to(source) for path in source.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    sources = {path.as_posix() for path in files}
    assert {path.suffix for path in files} == {
        ".bin", ".css", ".html", ".js", ".json", ".npz", ".py", ".svg", ".toml", ".typed", ".xml",
    }  # fmt: skip
    texts = {f"askseoul/prompt_files/{path.name}" for path in (ROOT / "prompts").glob("*.txt")}
    assert {name for name in names if ".dist-info/" not in name} == sources | texts

    program = """
from askseoul.models import generator
print(generator.__file__)
print(generator.load_prompt("answer_system").template)
"""
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "installed"), "PYTHONUTF8": "1"}
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, check=True, capture_output=True, text=True
    )
    module, text = run.stdout.split("\n", maxsplit=1)
    assert Path(module).is_relative_to(tmp_path)
    assert text.strip() == load_prompt("answer_system").template
