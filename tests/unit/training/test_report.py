"""The tables of training/README.md are those of the figures beside it."""

from training.report import README, with_tables


def test_the_tables_show_the_figures_in_results():
    text = README.read_text(encoding="utf-8")
    assert with_tables(text) == text
    assert "| claims: twin wins | ≥ 0.80 | **0." in text
