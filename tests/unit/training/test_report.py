"""The tables of training/README.md are those of the figures beside it."""

from training.report import README, RESULTS, with_tables


def test_the_tables_show_the_figures_in_results():
    text = README.read_text(encoding="utf-8")
    assert (RESULTS / "held_out.json").is_file()
    assert with_tables(text) == text
