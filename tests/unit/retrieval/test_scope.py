"""The articles that a message limits itself to: of an outlet, or of a time of publication."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.retrieval.scope import read_scope

SOURCES = ["Lindhaven Gazette", "Harbour Post", "The Lantern", "Mano Basin Civil Society Forum", "한강신문"]
NEWEST = "2025-10-20"


@pytest.mark.parametrize(
    ("message", "sources", "rest"),
    [
        pytest.param(
            "What does the Harbour Post say about the pier?",
            ("Harbour Post",),
            "What does the articles say about the pier?",
            id="in full",
        ),
        pytest.param("harbour post only, on trams", ("Harbour Post",), "articles only, on trams", id="small letters"),
        pytest.param("the lantern on hillside", ("The Lantern",), "the articles on hillside", id="leading article"),
        pytest.param(
            "According to the Civil Society Forum, who owns the boats?",
            ("Mano Basin Civil Society Forum",),
            "According to the articles, who owns the boats?",
            id="a part that only one has",
        ),
        pytest.param("한강신문 기사 요약", ("한강신문",), "articles 기사 요약", id="in Korean"),
        pytest.param("Who lit the lanterns?", (), "Who lit the lanterns?", id="another word"),
        pytest.param("What does the Evening Star say?", (), "What does the Evening Star say?", id="no source here"),
    ],
)
def test_the_sources_that_a_message_names(message, sources, rest):
    scope = read_scope(message, SOURCES, NEWEST)
    assert (scope.sources, scope.rest) == (sources, rest)


@pytest.mark.parametrize(
    ("message", "since", "as_of", "rest"),
    [
        pytest.param("pieces from 2023", "2023", "2023", "pieces", id="a year"),
        pytest.param(
            "What has been reported since March 2025?", "2025-03", None, "What has been reported ?", id="since"
        ),
        pytest.param("articles before 2024 on the pier", None, "2023-12-31", "articles on the pier", id="before"),
        pytest.param("articles between march 2023 and june 2024", "2023-03", "2024-06", "articles", id="a period"),
        pytest.param("coverage from 2023 on", "2023", None, "coverage", id="from on"),
        pytest.param("the article of 12 June 2023", "2023-06-12", "2023-06-12", "the article", id="a day"),
        pytest.param("news since June", "2025-06", None, "news", id="the last June"),
        pytest.param("news since December", "2024-12", None, "news", id="a month after the newest article"),
        pytest.param("How high was the deficit in 2023?", None, None, None, id="of the subject"),
        pytest.param("What did the report of 2019 cost?", None, None, None, id="a report of the subject"),
        pytest.param("news of 31 February 2024", None, None, None, id="no day"),
        pytest.param("", None, None, "", id="nothing"),
    ],
)
def test_the_dates_of_publication_that_a_message_names(message, since, as_of, rest):
    scope = read_scope(message, SOURCES, NEWEST)
    assert (scope.since and scope.since.written, scope.as_of and scope.as_of.written) == (since, as_of)
    assert scope.rest == (message if rest is None else rest)


def test_in_a_request_for_articles_any_date_is_of_publication():
    assert not read_scope("the reports of 2019", SOURCES, NEWEST)
    assert read_scope("the reports of 2019", SOURCES, NEWEST, of_articles=True).since is not None


@given(st.text(max_size=200))
def test_any_message_has_a_scope(message):
    scope = read_scope(message, SOURCES, NEWEST, of_articles=True)
    assert scope or scope.rest == message
