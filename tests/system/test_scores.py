"""The scores in docs/scores.md are those that are measured, and those of evals/baseline.json."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from askseoul import AskSeoul
from askseoul.evaluation import runner
from askseoul.evaluation.results import differences
from askseoul.evaluation.scores import Evaluation

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "scores.md").read_text(encoding="utf-8")
SHARED = ROOT.parent / "shared"
TOLERANCE = 0.03
"""Another processor rounds differently; one answer of 35 more or less is this much."""

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def digests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AskSeoul]:
    with AskSeoul.open(tmp_path_factory.mktemp("digests"), create=True, precision="f32") as app:
        app.index([ROOT / "index" / "articles"])
        yield app


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AskSeoul]:
    if not SHARED.is_dir():
        pytest.skip("the original articles are not part of the project; ../shared is absent")
    with AskSeoul.open(tmp_path_factory.mktemp("originals"), create=True, precision="f32") as app:
        app.index([SHARED / "articles"])
        yield app


def test_the_scores_on_the_digests_are_the_real_ones_and_those_of_the_baseline(digests: AskSeoul) -> None:
    scored = runner.score(digests, *runner.load([ROOT / "evals" / "gold" / "digests.jsonl"]))
    assert_as_promised(scored.evaluation, row("digests, `none`"))
    recorded = runner.load_baseline(ROOT / "evals" / "baseline.json")
    assert [str(each) for each in differences(recorded, scored.results)] == []


def test_the_scores_on_the_originals_are_the_real_ones(originals: AskSeoul) -> None:
    scored = runner.score(originals, *runner.load([SHARED / "gold" / "articles.jsonl"]))
    assert_as_promised(scored.evaluation, row("originals, `none`"))


def assert_as_promised(evaluation: Evaluation, promised: Mapping[str, float]) -> None:
    """As the page says, and within what is required in any case: every quote and every sentence holds."""
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
    """A row of the table of scores, by the heads of its columns."""
    rows = [line.strip("|").split("|") for line in PAGE.splitlines() if line.startswith("|")]
    lines = [[cell.strip() for cell in row] for row in rows]
    heads = next(cells for cells in lines if "facts held" in cells)
    cells = next(cells for cells in lines if cells[0] == name)
    return {head: float(cell) for head, cell in zip(heads[1:], cells[1:], strict=True)}
