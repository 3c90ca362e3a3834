"""What the command line prints, on a console of 80 columns without colour unless a test says otherwise.

The wording and the layout of every kind of output are in the snapshot ``terminal.txt``.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
import sys
import unicodedata
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from askseoul.cli import console
from askseoul.domain import (
    Answer,
    Article,
    Citation,
    Coverage,
    Disagreement,
    Failure,
    Hit,
    IndexReport,
    Passage,
    Refusal,
    Sentence,
    Side,
    Span,
    Trace,
    Uncovered,
)
from askseoul.index.tables import ArticleSummary
from askseoul.nlp.text import visible

QUOTE = (
    "Some 28,500 soldiers of US Forces Korea (USFK) are based on the Korean\n"
    "Peninsula under combined command arrangements."
)
CITATION = Citation(1, "umbrella.md", "The umbrella", "Test Gazette", None, None, QUOTE, 15, 130, "0" * 64)
ANSWERED = Answer(
    id="q1",
    question="How many?",
    rewritten_question=None,
    language="en",
    as_of=None,
    answered=True,
    text="Some 28,500 soldiers of US Forces Korea (USFK) are based on the Korean Peninsula under combined command [1].",
    sentences=(),
    citations=(CITATION,),
    disagreements=(),
    uncovered=(),
    refusal=None,
    coverage=Coverage(3, 2, 1, None, None, 1, 0, 1, "Rests on a single article. It is undated."),
    retrieved=(),
    trace=Trace({"retrieve": 0.25, "draft": 0.5}, "none", "all-MiniLM-L6-v2"),
)
REFUSED = dataclasses.replace(
    ANSWERED,
    answered=False,
    text="They don't say.",
    citations=(),
    refusal=Refusal("near miss", "They don't say.", (CITATION,)),
)


def printed(print_it, *arguments, width=80, colour=False, **named):
    environment = {"COLUMNS": str(width), "TERM": "xterm", "FORCE_COLOR": "1" if colour else "", "NO_COLOR": ""}
    with mock.patch.dict(os.environ, environment), contextlib.redirect_stdout(io.StringIO()) as out:
        print_it(console.open_console(), *arguments, **named)
    return out.getvalue()


def test_an_answer_is_printed_with_its_quote_and_the_command_to_read_on():
    assert printed(console.print_answer, ANSWERED) == (
        "Some 28,500 soldiers of US Forces Korea (USFK) are based on the Korean Peninsula\n"
        "under combined command [1].\n"
        "\n"
        "[1]  “Some 28,500 soldiers of US Forces Korea (USFK) are based on the Korean\n"
        "     Peninsula under combined command arrangements.”\n"
        "     undated     The umbrella · Test Gazette\n"
        "     askseoul show umbrella.md 15:130\n"
        "\n"
        "Rests on a single article. It is undated. (0.75 s)\n"
    )


SIDES = (
    Sentence("The pier is safe", "supported", 1.0, (1,), ()),
    Sentence("The pier must be closed at once", "supported", 1.0, (2,), ()),
    Sentence("It was built in 1969", "supported", 1.0, (1,), ()),
)
DISPUTED = dataclasses.replace(
    ANSWERED,
    sentences=SIDES,
    citations=(
        dataclasses.replace(CITATION, title="The pier", published="2024-05-01"),
        dataclasses.replace(CITATION, number=2, article_id="closed.md", title="Closed", source="The Daily"),
    ),
    disagreements=(
        Disagreement("Is the pier safe", "conflict", tuple(Side(each.text, each.citations) for each in SIDES[:2])),
    ),
)


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        pytest.param(
            80,
            "The articles disagree. Is the pier safe?\n"
            "\n"
            "The pier is safe [1].                    The pier must be closed at once [2].\n"
            "The pier · Test Gazette · 2024-05-01     Closed · The Daily · undated\n"
            "\n"
            "It was built in 1969 [1].\n",
            id="next to each other",
        ),
        pytest.param(
            60,
            "The articles disagree. Is the pier safe?\n"
            "\n"
            "The pier is safe [1].\n"
            "The pier · Test Gazette · 2024-05-01\n"
            "\n"
            "The pier must be closed at once [2].\n"
            "Closed · The Daily · undated\n"
            "\n"
            "It was built in 1969 [1].\n",
            id="one below the other",
        ),
    ],
)
def test_the_sides_of_a_disagreement_share_lines_where_there_is_room(width, shown):
    assert printed(console.print_answer, DISPUTED, width=width).startswith(shown + "\n[1]")


def test_a_refusal_is_printed_with_its_reason_and_the_nearest_quote():
    assert printed(console.print_answer, REFUSED) == (
        "No answer (near miss): They don't say.\n"
        "\n"
        "Closest quotes in the articles:\n"
        "\n"
        "[1]  “Some 28,500 soldiers of US Forces Korea (USFK) are based on the Korean\n"
        "     Peninsula under combined command arrangements.”\n"
        "     undated     The umbrella · Test Gazette\n"
        "     askseoul show umbrella.md 15:130\n"
        "\n"
        "Rests on a single article. It is undated. (0.75 s)\n"
    )


def test_a_refusal_without_near_quotes():
    refused = dataclasses.replace(REFUSED, refusal=Refusal("not understood", "It could not be read.", ()))
    assert printed(console.print_answer, refused) == (
        "No answer (not understood): It could not be read.\n\nRests on a single article. It is undated. (0.75 s)\n"
    )


def test_an_uncovered_part_is_printed_with_its_reason():
    partly = dataclasses.replace(ANSWERED, uncovered=(Uncovered("what they cost", "no cost is given"),))
    assert "Not answered: what they cost (no cost is given)\n" in printed(console.print_answer, partly)


def test_a_rewritten_question_is_printed():
    completed = dataclasses.replace(ANSWERED, rewritten_question="How many in 2023?")
    assert printed(console.print_answer, completed).startswith("Understood as: How many in 2023?\n")


@pytest.mark.parametrize(
    ("article_id", "index", "command"),
    [
        pytest.param("a.md", None, "askseoul show a.md 15:130", id="plain"),
        pytest.param("a.md", "my papers", "askseoul show --index 'my papers' a.md 15:130", id="another index"),
        pytest.param("it's b.md", None, "askseoul show 'it'\"'\"'s b.md' 15:130", id="a name the shell would split"),
        pytest.param("-a.md", None, "askseoul show -- -a.md 15:130", id="a name like an option"),
        pytest.param(f"{'long' * 30}.md", None, f"askseoul show {'long' * 30}.md 15:130", id="never wrapped"),
    ],
)
def test_the_command_to_read_on_is_quoted_for_the_shell(article_id, index, command):
    answer = dataclasses.replace(ANSWERED, citations=(dataclasses.replace(CITATION, article_id=article_id),))
    assert f"     {command}\n" in printed(console.print_answer, answer, index=index)


HOSTILE = "[bold red]x[/] \x1b[31m\x9b2J\x07 \u202eevil\u2069 \ud800 :smile: \\[x]"


@pytest.mark.parametrize("colour", [True, False], ids=["terminal", "pipe"])
def test_control_characters_and_markup_in_data_are_printed_as_text(colour):
    citation = dataclasses.replace(CITATION, quote=HOSTILE, title=HOSTILE, source=HOSTILE, article_id=HOSTILE)
    answer = dataclasses.replace(ANSWERED, text=HOSTILE, citations=(citation,), question=HOSTILE)
    article = Article(HOSTILE, HOSTILE, "", HOSTILE, None, None, None, "en", ())
    hit = Hit(article, Passage(HOSTILE, 0, len(HOSTILE), HOSTILE, ()), 0.5, {"dense": 0.5})
    summary = ArticleSummary(HOSTILE, HOSTILE, None, None, None, "en", "", 3, 1, 0, ())
    shown = "".join(
        printed(print_it, *arguments, colour=colour, width=500)
        for print_it, *arguments in [
            (console.print_answer, answer),
            (console.print_question, HOSTILE),
            (console.print_hits, [hit]),
            (console.print_articles, [summary], HOSTILE),
            (console.print_report, IndexReport((HOSTILE,), (), (), (), ())),
            (console.print_verification, 1, [HOSTILE]),
            (console.print_text, HOSTILE, Span(0, 3)),
            (console.print_message, HOSTILE),
        ]
    )
    without_styles = shown.replace("\x1b[0m", "").replace("\x1b[1m", "").replace("\x1b[2m", "").replace("\x1b[1;4m", "")
    assert not set(without_styles) & set("\x1b\x9b\x07\u202e\u2069\ud800")
    assert shown.count(r"x[/] \x1b[31m\x9b2J\x07 \u202eevil\u2069 \ud800 :smile: \[x]") >= 12


@given(st.text(st.characters(exclude_categories=())))
def test_no_control_characters_are_left(text):
    shown = visible(text)
    steering = {character for character in shown if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")}
    assert steering <= {"\n", "\t"}


@pytest.mark.parametrize("text", ["한국어 👩‍👩‍👧 שלום", "line\nline\ttab", "café", ""])
def test_other_text_stays(text):
    assert visible(text) == text


@pytest.mark.parametrize(("width", "widest"), [(30, 30), (80, 80), (120, 100), (300, 100)])
def test_prose_is_as_wide_as_the_terminal_up_to_100_columns(width, widest):
    hangul = "새 부두는 내년 유월에 문을 연다. " * 20
    lines = printed(
        console.print_answer, dataclasses.replace(ANSWERED, text=hangul, citations=()), width=width
    ).splitlines()
    assert widest - 8 < max(map(cell_len, lines)) <= widest


def test_a_terminal_gets_styles():
    styled = printed(console.print_answer, ANSWERED, colour=True)
    assert "\x1b[1m[1]\x1b[0m" in styled
    assert "\x1b[2mRests on a single article. It is undated. (0.75 s)\x1b[0m" in styled


def test_a_span_is_marked_with_and_without_styles():
    text = "Before it. The span. \tAfter it."
    assert printed(console.print_text, text, Span(11, 20)) == "Before it. «The span.» \tAfter it.\n"
    assert "Before it. \x1b[1;4mThe span.\x1b[0m" in printed(console.print_text, text, Span(11, 20), colour=True)
    assert printed(console.print_text, text, None) == f"{text}\n"


def test_hits_are_printed_with_their_scores():
    article = Article("a.md", "Pier.\nIt opens.", "", "The pier", None, None, None, "en", ())
    hit = Hit(article, Passage("a.md", 0, 15, article.text, ()), 1.5, {"dense": 0.25, "late": 0.75})
    assert printed(console.print_hits, [hit]) == (
        "1.   The pier\n"
        "     score 1.500: dense 0.250, late 0.750\n"
        "     Pier. It opens.\n"
        "     askseoul show a.md 0:15\n"
        "\n"
    )
    assert printed(console.print_hits, []) == "Nothing was found.\n"


def test_articles_are_listed_and_counted():
    summary = ArticleSummary("a.md", "The pier", "Gazette", "2024-05", None, "en", "", 1234, 1, 0, ())
    assert printed(console.print_articles, [summary], "papers.index") == (
        "a.md\n     The pier · Gazette · 2024-05\n     en, 1,234 characters in 1 passage\n\n1 article in papers.index\n"
    )
    assert printed(console.print_articles, [], "index") == "0 articles in index\n"


def test_a_report_names_articles_and_counts_them():
    report = IndexReport(("a.md",), ("b.md",), (), ("c.md", "d.md"), (Failure("e", "why"),), {"a.md": 1, "d.md": 1200})
    assert printed(console.print_report, report) == (
        "added     a.md (1 invisible character left out)\n"
        "updated   b.md\n"
        "unchanged d.md (1,200 invisible characters left out)\n"
        "1 added, 1 updated, 0 removed, 2 unchanged, 1 failed\n"
    )


def test_a_message_is_wrapped_for_a_terminal_only():
    message = "word " * 40 + "end"
    assert printed(console.print_message, message) == f"askseoul: {message}\n"
    lines = printed(console.print_message, message, colour=True).splitlines()
    assert [len(line) for line in lines] == [79, 79, 53]


def test_progress_is_silent_unless_stderr_is_a_terminal(capsys):
    with console.progress("Working") as step:
        step(1, 2)
    assert capsys.readouterr() == ("", "")


def test_progress_is_shown_on_a_terminal(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", Terminal())
    with console.progress("Working") as step:
        step(1_000, 2_000)
    assert "1,000 of 2,000" in sys.stderr.getvalue()
