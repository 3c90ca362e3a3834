"""How much an answer rests on, and how a reader is told."""

from __future__ import annotations

import pytest

from askseoul.answering.assembly import count_sources, cover
from askseoul.domain import Citation, Coverage
from askseoul.retrieval.search import Filter

WIRE = "Tea from Boseong costs 9,000 won."


def citation(article_id, published=None, quote=""):
    """A citation of an article; without a quote it quotes what no other article says."""
    return Citation(1, article_id, "", None, published, None, quote or f"Said in {article_id}.", 0, 1, "f" * 64)


def covered(*citations, undated=0, **filters):
    return cover(citations, Filter(3, undated, **filters), retrieved=2)


def test_all_that_is_counted():
    citations = [citation("a", "2023-01", WIRE), citation("b", "2024-05-01", WIRE), citation("b", "2024-05-01")]
    assert covered(*citations, as_of="2024-05", undated=4, later=1) == Coverage(
        articles=3,
        retrieved=2,
        cited=2,
        oldest="2023-01",
        newest="2024-05-01",
        undated=4,
        later=1,
        sources=2,
        message="Rests on 2 of 3 articles. They are dated 2023-01 to 2024-05-01. "
        "As of 2024-05: 1 later and 4 undated articles were left out.",
    )


@pytest.mark.parametrize(
    ("quotes", "sources"),
    [
        pytest.param({}, 0, id="nothing"),
        pytest.param({"a": [WIRE]}, 1, id="one article"),
        pytest.param({"a": [WIRE], "b": [WIRE]}, 1, id="the same words"),
        pytest.param(
            {"a": [WIRE], "b": ["TEA from Boseong\n costs  9,000 won."]}, 1, id="but for case and white space"
        ),
        pytest.param({"a": ["STRASSE"], "b": ["straße"]}, 1, id="case is folded and not lowered"),
        pytest.param({"a": [WIRE], "b": ["Tea from Boseong costs 9,000 won"]}, 2, id="a full stop less"),
        pytest.param({"a": [WIRE, "It is green."], "b": ["It is green.", WIRE]}, 1, id="the same quotes in any order"),
        pytest.param({"a": [WIRE, WIRE], "b": [WIRE]}, 1, id="a quote twice"),
        pytest.param({"a": [WIRE, "It is green."], "b": [WIRE]}, 2, id="one says more"),
        pytest.param({"a": [WIRE], "b": [WIRE], "c": ["It is green."]}, 2, id="two of three"),
    ],
)
def test_articles_that_are_quoted_alike_are_one_source(quotes, sources):
    citations = [citation(name, quote=quote) for name, said in quotes.items() for quote in said]
    assert count_sources(citations) == sources


@pytest.mark.parametrize(
    ("citations", "message"),
    [
        pytest.param([], "Rests on none of 3 articles.", id="nothing"),
        pytest.param([citation("a", "2024")], "Rests on a single article. It is dated 2024.", id="one"),
        pytest.param([citation("a")], "Rests on a single article. It is undated.", id="one undated"),
        pytest.param(
            [citation("a", "2024"), citation("b", "2024")],
            "Rests on 2 of 3 articles. They are dated 2024.", id="of one date",
        ),
        pytest.param([citation("a"), citation("b")], "Rests on 2 of 3 articles. They are undated.", id="undated"),
        pytest.param(
            [citation("a", "2024"), citation("b", "1998-06"), citation("c")],
            "Rests on 3 of 3 articles. They are dated 1998-06 to 2024, but 1 is undated.", id="one of three undated",
        ),
        pytest.param(
            [citation("a", "2024"), citation("b"), citation("c")],
            "Rests on 3 of 3 articles. They are dated 2024, but 2 are undated.", id="two of three undated",
        ),
        pytest.param(
            [citation("a", "2024", WIRE), citation("b", "2024", WIRE)],
            "Rests on 2 of 3 articles, which do not differ in what is quoted. They are dated 2024.", id="one source",
        ),
        pytest.param(
            [citation("a", "2024", WIRE), citation("b", "2024", WIRE), citation("c", "2024")],
            "Rests on 3 of 3 articles, of which 2 differ in what is quoted. They are dated 2024.", id="two sources",
        ),
    ],
)  # fmt: skip
def test_what_a_reader_is_told(citations, message):
    assert covered(*citations).message == message


@pytest.mark.parametrize(
    ("later", "undated", "left_out"),
    [
        (2, 3, "2 later and 3 undated articles were left out"),
        (1, 1, "1 later and 1 undated articles were left out"),
        (1, 0, "1 later article was left out"),
        (0, 1, "1 undated article was left out"),
        (1_200, 0, "1,200 later articles were left out"),
        (0, 0, "no article was left out"),
    ],
)
def test_what_was_left_out_is_told_as_of_a_date(later, undated, left_out):
    told = covered(citation("a", "2024"), as_of="2024", later=later, undated=undated).message
    assert told == f"Rests on a single article. It is dated 2024. As of 2024: {left_out}."


@pytest.mark.parametrize("articles", [0, 1])
def test_where_there_is_hardly_an_article_and_none_is_cited(articles):
    coverage = cover([], Filter(articles, 0), retrieved=0)
    assert coverage.message == "Rests on no article."


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        pytest.param({"since": "2024", "earlier": 1}, "Since 2024: 1 earlier article was left out.", id="since a date"),
        pytest.param(
            {"since": "2024", "as_of": "2025-03", "earlier": 2, "later": 1, "undated": 3},
            "Since 2024 and by 2025-03: 2 earlier, 1 later and 3 undated articles were left out.",
            id="between two dates",
        ),
        pytest.param({"since": "2024"}, "Since 2024: no article was left out.", id="nothing is left out"),
        pytest.param({"within": ("a",)}, "Asked of 1 chosen article only.", id="one chosen"),
        pytest.param({"within": ("a", "b")}, "Asked of 2 chosen articles only.", id="two chosen"),
    ],
)
def test_what_was_not_asked_is_told(filters, said):
    assert covered(citation("a", "2024-05-01"), **filters).message.endswith(f" {said}")
