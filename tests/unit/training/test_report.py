"""The tables of training/README.md are those of the figures beside it."""

import pytest
from training.report import README, RESULTS, with_tables


@pytest.mark.skipif(not (RESULTS / "held_out.json").is_file(), reason="no figures are kept: run make train")
def test_the_tables_show_the_figures_in_results():
    text = README.read_text(encoding="utf-8")
    assert with_tables(text) == text
    assert "| claims: twin wins | ≥ 0.80 | **0." in text
