"""What a table proves of its rows: whether a question looks one up, names another, or asks for the highest."""

from __future__ import annotations

import pytest

from askseoul.answering.table_lookup import holds_scaled, is_extreme, is_looked_up, is_of_another_row, is_row
from askseoul.domain import Evidence, Quote
from askseoul.nlp.quantities import find_figures
from askseoul.nlp.text import parse
from askseoul.retrieval.question import read_question
from tests.support.articles import make_article, make_hit

BUDGET = make_article(
    "# Budget of Varnholt\n\nIn millions of crowns.\n\n"
    "| Department: Schools; 2023: 42; 2024: 45.\n"
    "| Department: Roads; 2023: 18; 2024: 22.\n"
    "| Department: 보건 🙂; 2023: 29; 2024: 31.\n"
    "| Department: Total; 2023: 89; 2024: 98."
)
RAIN = make_article("# Weather of Tarn\n\n| Station: Dunmere; Rain (mm): 1,105; Snow (2024): 12.")
HOURS = make_article("# Library of Tarn\n\n| Saturday: 11:00 to 16:00.\n| Tuesday: closed.")


def row_of(article, label):
    """The row with this label as evidence."""
    hit = make_hit(article)
    [span] = [span for span in hit.passage.sentences if label in article.text[span.start : span.end]]
    title = article.text.split("\n")[0].lstrip("# ")
    return Evidence(Quote(article, span.start, span.end), hit, 1.0, lead=f"{title}. Spending by department.")


@pytest.mark.parametrize(
    ("question", "article", "label", "looked_up"),
    [
        pytest.param("What did Varnholt spend on schools in 2024?", BUDGET, "Schools", True, id="row and column"),
        pytest.param("What did Varnholt spend on schools in 2022?", BUDGET, "Schools", False, id="no such column"),
        pytest.param("What did Varnholt spend on parks in 2024?", BUDGET, "Schools", False, id="no such row"),
        pytest.param("Who inspects and cleans all schools in 2024?", BUDGET, "Schools", False, id="another matter"),
        pytest.param(
            "Which department spends 22 million in 2024?", BUDGET, "Roads", True, id="by its figure, in scale"
        ),
        pytest.param("Which department spends 22 million in 2024?", BUDGET, "Schools", False, id="another's figure"),
        pytest.param("When is the library of Tarn open on Saturday?", HOURS, "Saturday", True, id="without headers"),
        pytest.param("When is the library of Tarn open on Saturday?", HOURS, "Tuesday", False, id="another day"),
        pytest.param("How much rain fell at Dunmere?", RAIN, "Dunmere", True, id="a header with a unit"),
        pytest.param("How much snow at Dunmere in 2022?", RAIN, "Dunmere", False, id="a header with another year"),
        pytest.param("2023: 보건?", BUDGET, "보건", True, id="Hangul"),
    ],
)
def test_a_question_looks_up_a_cell(question, article, label, looked_up):
    assert is_looked_up(read_question(question), row_of(article, label)) is looked_up


@pytest.mark.parametrize(
    ("question", "label", "of_another"),
    [
        pytest.param("What did roads cost in 2024?", "Schools", True, id="another row"),
        pytest.param("What did roads cost in 2024?", "Roads", False, id="this row"),
        pytest.param("Did schools cost more than roads?", "Schools", False, id="both"),
        pytest.param("What did parks cost in 2024?", "Schools", False, id="neither"),
    ],
)
def test_a_question_names_another_row(question, label, of_another):
    assert is_of_another_row(read_question(question), row_of(BUDGET, label)) is of_another


@pytest.mark.parametrize(
    ("question", "label", "extreme"),
    [
        pytest.param("Which department had the highest budget in 2024?", "Schools", True, id="the highest"),
        pytest.param("Which department had the highest budget in 2024?", "Roads", False, id="not the highest"),
        pytest.param("Which department had the highest budget in 2024?", "Total", False, id="a sum is no row"),
        pytest.param("Which department got the least in 2023?", "Roads", True, id="the lowest"),
        pytest.param("Which department had the highest budget?", "Schools", None, id="no column"),
        pytest.param("Which department had 45 in 2024?", "Schools", None, id="no such question"),
        pytest.param("Were the highest and the lowest cut in 2024?", "Schools", None, id="both ends"),
    ],
)
def test_a_question_asks_for_the_highest_of_a_column(question, label, extreme):
    assert is_extreme(read_question(question), row_of(BUDGET, label)) is extreme


def test_a_column_with_words_has_no_highest():
    mixed = make_article("| Test: Iron; Result: 9.\n| Test: Zinc; Result: pending.")
    assert is_extreme(read_question("Which test had the highest result?"), row_of(mixed, "Iron")) is None


@pytest.mark.parametrize(
    ("asked", "text", "held"),
    [
        pytest.param("31 million", "31", True, id="in millions"),
        pytest.param("31", "31", True, id="as it is"),
        pytest.param("31 million", "310", False, id="another figure"),
        pytest.param("31 million euros", "", False, id="nothing"),
    ],
)
def test_a_table_may_give_its_figures_in_millions(asked, text, held):
    [quantity] = find_figures(parse(asked)).quantities
    assert holds_scaled(quantity, text) is held


def test_only_rows_are_rows():
    article = make_article("It sails.\n\n| Saturday: closed.")
    hit = make_hit(article)
    items = [Evidence(Quote(article, span.start, span.end), hit, 1.0) for span in hit.passage.sentences]
    assert [is_row(item) for item in items] == [False, True]
