"""The commands under ``evals`` in a size that takes seconds: they run, and what must hold holds.

Speed and full scores are for the commands in their full size to show.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EVALS = ROOT / "evals"
COMMANDS = sorted(
    ".".join(path.relative_to(EVALS).with_suffix("").parts)
    for path in EVALS.glob("*/*.py")
    if path.parent.name != "common" and path.stem != "__init__"
)
PARAGRAPHS = ROOT.parent / "shared" / "bench" / "nq_paragraphs" / "passages.jsonl.gz"

pytestmark = pytest.mark.full

needs_paragraphs = pytest.mark.skipif(not PARAGRAPHS.is_file(), reason="needs shared/bench beside the checkout")


def printed(*command, seconds=120):
    """What one of the commands prints; it has to succeed."""
    program = [sys.executable, "-W", "ignore", "-m", f"evals.{command[0]}", *map(str, command[1:])]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_tells_how_it_is_called(command):
    assert f"python -m evals.{command}" in printed(command, "--help")


def test_nothing_is_lost_by_kills():
    assert "killed: index" in printed("robustness.crashes", "--kills", 4)


def test_nothing_is_lost_by_a_full_disk():
    printed("robustness.crashes", "--kills", 0, "--fills", 6)


def test_readers_and_writers_do_not_disturb_each_other():
    shown = printed("robustness.concurrency", "--seconds", 8)
    assert shown.count("reader") == 4
    assert shown.count("writer") == 2


@needs_paragraphs
def test_speed_of_indexing_and_of_the_encoder_alone():
    shown = printed("performance.indexing", "--texts", 20, "--rounds", 1, "--passages", 60)
    assert "encoder alone" in shown
    assert "one article changed" in shown


def test_speed_of_reading_files(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("Before\n<!-- formats -->\n<!-- /formats -->\nAfter\n", encoding="utf-8")
    shown = printed("performance.formats", "--files", 22, "--rounds", 1, "--indexed", 7, "--page", page)
    assert "| XLSX |" in shown
    assert shown.strip() in page.read_text(encoding="utf-8")


@needs_paragraphs
def test_cost_by_size():
    assert "search p50 ms" in printed("performance.scale", "--passages", 50, 150, "--rounds", 1, "--questions", 5)


def test_disagreements_of_pairs_of_articles(tmp_path):
    lines = (EVALS / "gold" / "disagreements.jsonl").read_text(encoding="utf-8").splitlines()
    (tmp_path / "pairs.jsonl").write_text("\n".join(lines[::18]), encoding="utf-8")
    shown = printed("quality.disagreement", "pairs", "--pairs", tmp_path / "pairs.jsonl")
    assert float(re.findall(r"balanced accuracy (0\.\d+)", shown)[-1]) > 0.65


def test_the_reader_on_stories(tmp_path):
    written = tmp_path / "held_out.json"
    shown = printed("quality.reader", "stories", "time", "--stories", 2, "--held-out", written)
    assert re.search(r"claims: twin wins +[01]\.\d{3} \(", shown)
    stated = json.loads((ROOT / "training" / "results" / "held_out.json").read_text(encoding="utf-8"))
    found = json.loads(written.read_text(encoding="utf-8"))
    assert found.keys() == stated.keys()
    assert found["stories"] == 2
    assert found["figures"].keys() == stated["figures"].keys()
    assert re.search(r"24 candidates of \d+ tokens: reader [\d.]+ s, encoder [\d.]+ s, ratio [\d.]+", shown)


def test_what_people_meet_on_stories():
    shown = printed("quality.stories", "--stories", 2)
    for figure in ("answerable questions that are answered", "conflicts shown", "faithful claims kept"):
        assert re.search(rf"{figure} +[01]\.\d{{3}} \(", shown), figure


def test_figures_of_the_whole_world():
    shown = printed("quality.figures", "--misses")
    assert re.search(r"^askseoul +1\.000 +0\.9\d\d +0\.9\d\d +1\.000 +1\.000 +1\.000$", shown, re.MULTILINE)


def test_what_each_guard_adds():
    shown = printed("quality.guards", "--stories", 2)
    assert re.search(r"2 stories, \d+ claims", shown)
    for guard in ("numbers", "bounds", "dates", "names", "quoted phrases"):
        assert re.search(rf"^of these, rejected by {guard} +\d+ .+ \d+ ", shown, re.MULTILINE), guard
        assert re.search(rf"^without {guard}( +([01]\.\d{{3}} \(.+?\)|–)){{4}}$", shown, re.MULTILINE), guard


@needs_paragraphs
def test_which_questions_are_answered():
    shown = printed("quality.answerability", "squad2", "--questions", 20)
    assert (
        len(re.findall(r"^squad2 +20  (?:lenient|balanced|strict) +[01]\.\d\d +[01]\.\d\d ", shown, re.MULTILINE)) == 3
    )


def test_falsified_sentences_and_faithful_ones(tmp_path):
    article = next(iter(sorted((ROOT / "index" / "articles").glob("*.md"))))
    shown = printed("quality.perturbations", article, seconds=600)
    assert re.search(r"^all +\d+/\d+ [01]\.\d{3}$", shown, re.MULTILINE)


def test_who_says_it():
    shown = printed("quality.attribution")
    shares = [float(share) for share in re.findall(r"(?:stance|speaker) correct ([01]\.\d+)", shown)]
    assert len(shares) == 4
    assert min(shares) >= 0.9


@needs_paragraphs
def test_our_encoder_scores_as_sentence_transformers_does():
    shown = printed("quality.encoder", "--paragraphs", 60, "--texts", 40, "--rounds", 1)
    scores = re.findall(r"f32\D+([01]\.\d{4})\b", shown)
    assert len(scores) == 2
    assert scores[0] == scores[1]
    assert "ratios of the rounds" in shown


def test_the_gate_detects_mutations_except_harmless_ones(tmp_path):
    lines = (EVALS / "gold" / "digests.jsonl").read_text(encoding="utf-8").splitlines()
    (tmp_path / "gold.jsonl").write_text("\n".join(lines[:4]), encoding="utf-8")
    mutations = ("offsets shifted by one", "a prompt changed", "a comment and a local name")
    shown = printed("quality.mutations", *mutations, "--gold", tmp_path / "gold.jsonl", seconds=400)
    assert shown.count("yes") == len(mutations)
    assert "quotes_exact is worse" in shown


def test_two_systems_are_compared(tmp_path):
    page, answers = tmp_path / "page.md", tmp_path / "answers.jsonl"
    page.write_text("<!-- peers:digests -->\n<!-- /peers:digests -->\n", encoding="utf-8")
    options = ("--questions", 2, "--systems", "askseoul,bm25", "--page", page, "--answers", answers)
    assert "exact short quotes" in printed("quality.other_systems", *options)
    written = page.read_text(encoding="utf-8")
    assert "| AskSeoul | BM25, 2 sentences |" in written
    assert re.search(r"\| exact short quotes \| 1\.00 \(1\.00 to 1\.00\) \|", written)
    saved = [json.loads(line) for line in answers.read_text(encoding="utf-8").splitlines()]
    assert [row["system"] for row in saved] == ["askseoul", "bm25"] * 2


def test_a_question_visits_few_files():
    shown = printed("performance.visited_files")
    [count] = re.findall(r"^(\d+) of \d+ files of askseoul", shown, re.MULTILINE)
    assert len(re.findall(r"^ +\d+ \S+\.py$", shown, re.MULTILINE)) == int(count)
