"""What the README says about behaviour and scores is what happens."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from askseoul import AskSeoul
from askseoul.evaluation import runner
from askseoul.evaluation.results import differences
from askseoul.evaluation.scores import Evaluation

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHARED = ROOT.parent / "shared"
TOLERANCE = 0.03
"""Another processor rounds otherwise; one answer of 35 more or less is this much."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shipped articles with their index, as a reader's checkout has them."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "index" / "articles", folder / "index" / "articles")
    with AskSeoul.open(folder / "index", create=True, precision="f32") as app:
        app.index([folder / "index" / "articles"])
    return folder


@pytest.fixture(scope="module")
def digests(folder: Path) -> Iterator[AskSeoul]:
    with AskSeoul.open(folder / "index", precision="f32") as app:
        yield app


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AskSeoul]:
    if not SHARED.is_dir():
        pytest.skip("the original articles are not part of the project; ../shared is absent")
    with AskSeoul.open(tmp_path_factory.mktemp("originals"), create=True, precision="f32") as app:
        app.index([SHARED / "articles"])
        yield app


EXAMPLES = dict(re.findall(r"<!-- example: make ask Q=\"(.+?)\" -->\n```text\n(.*?)\n```", README, re.DOTALL))


def test_an_answer_and_a_disagreement_are_shown() -> None:
    assert len(EXAMPLES) == 2


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


def test_the_python_example_runs(folder: Path, tmp_path: Path) -> None:
    match = re.search(r"<!-- runs in tests/test_readme.py -->\n```python\n(.*?)```", README, re.DOTALL)
    assert match is not None
    shutil.copytree(folder / "index" / "articles", tmp_path / "index" / "articles")
    subprocess.run([sys.executable, "-c", match[1]], cwd=tmp_path, check=True, capture_output=True)


def test_the_module_map_names_every_module() -> None:
    modules = {path.stem for path in (ROOT / "src" / "askseoul").glob("[!_]*.py")}
    named = set(re.findall(r"`(\w+)`", "".join(line for line in README.splitlines() if line.startswith("| `"))))
    assert modules <= named


def test_the_scores_on_the_digests_are_the_real_ones_and_those_of_the_baseline(digests: AskSeoul) -> None:
    scored = runner.score(digests, *runner.load([ROOT / "evals" / "gold" / "digests.jsonl"]))
    assert_as_promised(scored.evaluation, row("digests, `none`"))
    recorded = runner.load_baseline(ROOT / "evals" / "baseline.json")
    assert [str(each) for each in differences(recorded, scored.results)] == []


def test_the_scores_on_the_originals_are_the_real_ones(originals: AskSeoul) -> None:
    scored = runner.score(originals, *runner.load([SHARED / "gold" / "articles.jsonl"]))
    assert_as_promised(scored.evaluation, row("originals, `none`"))


def assert_as_promised(evaluation: Evaluation, promised: dict[str, float]) -> None:
    """As the README says, and within what is demanded in any case: no quote and no sentence that does not hold."""
    scores, facts = evaluation.scores("en"), evaluation.scores("en", "fact")
    measured = {
        "facts held": scores["facts_held"],
        "evidence cited": scores["evidence_cited"],
        "citation precision": scores["citation_precision"],
        "balanced accuracy of refusal": scores["balanced_accuracy"],
    }
    assert measured == {name: pytest.approx(promised[name], abs=TOLERANCE) for name in measured}
    assert scores["quotes_exact"] == 1
    assert scores["proved"] == 1
    assert facts["words"] <= 60
    assert all(evaluation.scores("en", kind)["words"] <= 120 for kind in ("explain", "multi", "conflict"))


def row(name: str) -> dict[str, float]:
    """A row of the README's table of scores, by the heads of its columns."""
    rows = [line.strip("|").split("|") for line in README.splitlines() if line.startswith("|")]
    lines = [[cell.strip() for cell in row] for row in rows]
    heads = next(cells for cells in lines if "facts held" in cells)
    cells = next(cells for cells in lines if cells[0] == name)
    return {head: float(cell) for head, cell in zip(heads[1:], cells[1:], strict=True)}


def without_seconds(shown: str) -> str:
    return re.sub(r" \([\d.]+ s\)$", "", shown.strip())
