"""What the command line prints, on a console of 80 columns without colour unless a test says otherwise.

The wording and the layout of every kind of output are in the snapshot ``terminal.txt``.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
import re
import sys
from unittest import mock

import pytest
from rich.cells import cell_len
from rich.console import Console

from askseoul.cli import console
from askseoul.domain import (
    Answer,
    Article,
    Check,
    CheckedClaim,
    Citation,
    Coverage,
    Disagreement,
    Hit,
    Passage,
    Refusal,
    Sentence,
    Side,
    Span,
    Trace,
    Uncovered,
)
from askseoul.index.report import Failure, IndexReport, unread_kinds
from askseoul.index.tables import ArticleSummary
from tests.support.snapshots import assert_snapshot
from tests.support.troops import scored_run

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


def words(text):
    """The text without line breaks and indents."""
    return " ".join(text.split())


def test_an_answer_is_printed_with_its_quote_and_the_command_to_read_on():
    said = words(printed(console.print_answer, ANSWERED))
    command = "askseoul show umbrella.md 15:130"
    source = f"{CITATION.title} · {CITATION.source} · undated"
    parts = [ANSWERED.text, source, f"[1] “{words(QUOTE)}”", command, ANSWERED.coverage.message, "0.75 s"]
    places = [said.index(part) for part in parts]
    assert places == sorted(places)


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


@pytest.mark.parametrize(("width", "together"), [(80, True), (60, False)], ids=["wide", "narrow"])
def test_the_sides_of_a_disagreement_share_lines_where_there_is_room(width, together):
    lines = printed(console.print_answer, DISPUTED, width=width).splitlines()
    for parts in (["The pier is safe [1].", "The pier must be closed at once [2]."],
                  ["The pier · Test Gazette · 2024-05-01", "Closed · The Daily"]):  # fmt: skip
        first, second = ([place for place, line in enumerate(lines) if part in line] for part in parts)
        assert (first[0] == second[0]) is together
        assert first[0] <= second[0]
    assert lines.index("It was built in 1969 [1].") > second[0]


def test_the_answer_stands_alone_before_its_sources():
    paragraphs = printed(console.print_answer, DOUBTED).split("\n\n")
    firsts = [
        "Understood as: How many in 2023?",
        "Some 28,500 soldiers",
        "The umbrella ·",
        "Rests on a single article.",
    ]
    assert [paragraph[: len(first)] for paragraph, first in zip(paragraphs, firsts, strict=True)] == firsts


def test_each_source_is_printed_once_with_its_quotes():
    other = dataclasses.replace(CITATION, number=2, article_id="other.md", title="The other")
    again = dataclasses.replace(CITATION, number=3, quote="It **stays**.", start=200, end=213)
    said = printed(console.print_answer, dataclasses.replace(ANSWERED, citations=(CITATION, other, again)))
    assert [line for line in said.splitlines() if line.startswith(("[", "The "))] == [
        "The umbrella · Test Gazette · undated",
        "[1]  “Some 28,500 soldiers of US Forces Korea (USFK) are based on the Korean",
        "[3]  “It stays.”",
        "The other · Test Gazette · undated",
        "[2]  “Some 28,500 soldiers of US Forces Korea (USFK) are based on the Korean",
    ]


@pytest.mark.parametrize("colour", [True, False], ids=["terminal", "pipe"])
def test_marks_of_markdown_are_not_printed(colour):
    cited = dataclasses.replace(CITATION, title="The *umbrella*", quote="## **28,500** soldiers")
    said = printed(
        console.print_answer,
        dataclasses.replace(ANSWERED, text="**28,500** [soldiers](https://a.org) `there` [1].", citations=(cited,)),
        colour=colour,
    )
    assert not set("*#`]") & set(re.sub(r"\[\d+\]|\x1b\[\d*m", "", said))
    assert re.sub(r"\x1b\[\d*m", "", said).startswith("28,500 soldiers there [1].\n\nThe umbrella · ")


ABOUT = (
    Sentence("The pier is safe", "supported", 1.0, (1,), ()),
    Sentence("The pier must be closed at once", "supported", 1.0, (2,), ()),
)
TOLD = dataclasses.replace(
    ANSWERED,
    notice="Here are 2 articles:\n- The **pier**\n\n- Closed",
    text="Here are 2 articles:\n- The pier\n- Closed The pier is safe [1]. The pier must be closed at once [2].",
    sentences=ABOUT,
    citations=(CITATION, dataclasses.replace(CITATION, number=2)),
)


def test_a_notice_keeps_its_lines_and_each_sentence_below_it_has_its_own():
    said = printed(console.print_answer, TOLD)
    assert said.startswith("Here are 2 articles:\n- The pier\n- Closed\n\n")
    assert "\n\nThe pier is safe [1].\nThe pier must be closed at once [2].\n\nThe umbrella" in said


def test_what_is_printed_of_an_answer_is_parted_by_single_blank_lines():
    twice = (*DISPUTED.disagreements, Disagreement("When was it built", "conflict", (Side(SIDES[2].text, (1,)),)))
    said = printed(console.print_answer, dataclasses.replace(DISPUTED, notice="Two\nlines", disagreements=twice))
    opening = "Two\nlines\n\nThe articles disagree. Is the pier safe?\n\nThe pier is safe [1]."
    assert said.startswith(opening)
    assert "undated\n\nThe articles disagree. When was it built?\n\nIt was built in 1969 [1].\n" in said
    assert "\n\n\n" not in said


GREETED = dataclasses.replace(REFUSED, refusal=Refusal("no question", "At your service.", ()))


def test_a_greeting_is_answered_in_one_line():
    assert printed(console.print_answer, GREETED) == "At your service.\n"


def test_a_refusal_is_printed_with_the_nearest_quote():
    said = words(printed(console.print_answer, REFUSED))
    parts = [f"No answer: {REFUSED.refusal.message}", "The umbrella", words(QUOTE), "askseoul show umbrella.md 15:130",
             REFUSED.coverage.message]  # fmt: skip
    places = [said.index(part) for part in parts]
    assert places == sorted(places)


NOTHING_NEAR = dataclasses.replace(REFUSED, refusal=Refusal("not understood", "It could not be read.", ()))


def test_a_refusal_without_near_quotes():
    said = printed(console.print_answer, NOTHING_NEAR)
    assert said.startswith("No answer: It could not be read.\n\nRests on")
    assert "[1]" not in said
    assert "askseoul show" not in said


PARTLY = dataclasses.replace(ANSWERED, uncovered=(Uncovered("what they cost", "no cost is given"),))


def test_an_uncovered_part_is_printed_with_its_reason():
    [line] = [line for line in printed(console.print_answer, PARTLY).splitlines() if "what they cost" in line]
    assert "no cost is given" in line


REWRITTEN = dataclasses.replace(ANSWERED, rewritten_question="How many in 2023?")


def test_a_rewritten_question_is_printed():
    assert printed(console.print_answer, REWRITTEN).splitlines()[0].endswith("How many in 2023?")


DOUBTED = dataclasses.replace(REWRITTEN, doubt="These quotes may answer the question, but it is not certain.")


def test_a_doubt_is_printed_before_the_answer():
    said = words(printed(console.print_answer, DOUBTED))
    assert said.startswith(f"Understood as: How many in 2023? {DOUBTED.doubt} {ANSWERED.text}")


SUPPORTED = CheckedClaim("Some 28,500 soldiers are there.", "supported", 0.98, (), (CITATION,), ())
CLAIMS = [
    SUPPORTED,
    CheckedClaim(
        "They have\nbeen there since 1953.", "partly", 0.41,
        (Check("dates", False, "not in the quotes: 1953"), Check("names", True, "Korea")), (CITATION,), (),
    ),
    CheckedClaim("Nobody is there.", "contradicted", 0.02, (Check("reading", False, "no"),), (), (CITATION,)),
    CheckedClaim("나루에는 178명이 있었다 🙂.", "unsupported", 0.1, (), (CITATION,), ()),
    CheckedClaim("The moon is a cheese.", "unsupported", 0.0, (), (), ()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("claim", "parts"),
    [
        pytest.param(CLAIMS[0], ["✓ supported: Some 28,500", "[1] “Some 28,500", "askseoul show"], id="supported"),
        pytest.param(
            CLAIMS[1],
            ["≈ partly supported: They have been", "dates: not in the quotes: 1953", "say part of it:", "[1] “Some"],
            id="partly",
        ),
        pytest.param(
            CLAIMS[2], ["✗ contradicted: Nobody", "The articles say otherwise:", "[1] “Some 28,500"], id="contradicted"
        ),
        pytest.param(
            CLAIMS[3], ["? not found: 나루에는 178명이 있었다 🙂.", "What comes nearest:", "[1] “Some"], id="not found"
        ),
        pytest.param(CLAIMS[4], ["? not found: The moon is a cheese."], id="nothing near"),
    ],
)
def test_a_checked_sentence_is_printed_with_its_verdict_and_quotes(claim, parts):
    said = words(printed(console.print_claim, claim))
    places = [said.index(part) for part in parts]
    assert places == sorted(places)
    assert places[0] == 0
    assert said.count("askseoul show umbrella.md 15:130") == len(claim.citations) + len(claim.counter)


@pytest.mark.parametrize(
    ("claims", "counts"),
    [
        pytest.param(CLAIMS, "5 sentences: 1 supported, 1 partly supported, 1 contradicted, 2 not found\n", id="each"),
        pytest.param(CLAIMS[:1], "1 sentence: 1 supported\n", id="one"),
        pytest.param([SUPPORTED] * 1_200, "1,200 sentences: 1,200 supported\n", id="many"),
    ],
)
def test_checked_sentences_are_counted(claims, counts):
    assert printed(console.print_claim_counts, claims) == counts


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


HOSTILE = "[bold red]x[/] \x1b[31m\x9b2J\x07 \u202eevil\u2069 \ud800 :smile: [x]"


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
            (console.print_answer, dataclasses.replace(answer, doubt=HOSTILE)),
            (console.print_claim, CheckedClaim(HOSTILE, "partly", 0.5, (Check("a", False, HOSTILE),), (citation,), ())),
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
    assert shown.count(r"x[/] \x1b[31m\x9b2J\x07 \u202eevil\u2069 \ud800 :smile: [x]") >= 12


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
    assert f"\x1b[2m{ANSWERED.coverage.message} (0.75 s)\x1b[0m" in styled


def test_a_span_is_marked_with_and_without_styles():
    text = "Before it. The span. \tAfter it."
    assert printed(console.print_text, text, Span(11, 20)) == "Before it. «The span.» \tAfter it.\n"
    assert "Before it. \x1b[1;4mThe span.\x1b[0m" in printed(console.print_text, text, Span(11, 20), colour=True)
    assert printed(console.print_text, text, None) == f"{text}\n"


PIER = Article("a.md", "Pier.\nIt opens.", "", "The pier", None, None, None, "en", ())
HIT = Hit(PIER, Passage("a.md", 0, 15, PIER.text, ()), 1.5, {"dense": 0.25, "late": 0.75})


def test_hits_are_printed_with_their_scores():
    said = words(printed(console.print_hits, [HIT]))
    for part in ("The pier", "1.500", "dense 0.250", "late 0.750", "Pier. It opens.", "askseoul show a.md 0:15"):
        assert part in said
    assert "askseoul show" not in printed(console.print_hits, [])


SUMMARY = ArticleSummary("a.md", "The pier", "Gazette", "2024-05", None, "en", "", 1234, 1, 0, ())


def test_articles_are_listed_and_counted():
    listed, counted = printed(console.print_articles, [SUMMARY], "papers.index").split("\n\n")
    for part in ("a.md", "The pier", "Gazette", "2024-05", "en", "1,234"):
        assert part in listed
    assert counted.startswith("1 ")
    assert printed(console.print_articles, [], "index").startswith("0 ")


REPORT = IndexReport(("a.md",), ("b.md",), (), ("c.md", "d.md"), (Failure("e", "why"),), {"a.md": 1, "d.md": 1200})


def test_a_report_names_articles_and_counts_them():
    *lines, totals = printed(console.print_report, REPORT).splitlines()
    assert [line.split()[:2] for line in lines] == [["added", "a.md"], ["updated", "b.md"], ["unchanged", "d.md"]]
    assert ["1 " in lines[0], "1,200" in lines[2]] == [True, True]
    assert re.findall(r"\d+", totals) == ["1", "1", "0", "2", "1"]


NOTED = IndexReport(
    ("a.docx",), ("b.docx",), (), ("c.docx",), (),
    notes={"a.docx": ("2 comments were left out", "a chart was left out"), "c.docx": ("1 comment was left out",)},
    unread={".doc": 2, ".mp4": 1},
)  # fmt: skip


def test_notes_stand_under_articles_that_changed():
    assert printed(console.print_report, NOTED).splitlines() == [
        "added     a.docx",
        "          2 comments were left out",
        "          a chart was left out",
        "updated   b.docx",
        "3 files of kinds that are not read: .doc (2), .mp4 (1)",
        "1 added, 1 updated, 0 removed, 1 unchanged, 0 failed",
    ]


def test_many_notes_are_summed_up_by_kind():
    names = tuple(f"{number}.docx" for number in range(40))
    notes = {
        name: (f"{number + 1} comment{'s were' if number else ' was'} left out",) for number, name in enumerate(names)
    }
    notes["3.docx"] += ("its encoding was guessed: windows-1252",)
    *_, opening, comments, encoding, _ = printed(
        console.print_report, IndexReport(names, (), (), (), (), notes=notes)
    ).splitlines()
    assert opening == "Notes on 40 articles; --json lists them by article:"
    assert comments.split() == "820 comments were left out (40 articles)".split()
    assert encoding.split() == "its encoding was guessed: windows-1252 (1 article)".split()


@pytest.mark.parametrize(
    ("unread", "told"),
    [
        ({".doc": 1}, "1 file of a kind that is not read: .doc (1)"),
        ({f".{n}": 1000 for n in range(12)}, ".9 (1,000), and 2 other kinds"),
    ],
    ids=["one", "many kinds"],
)
def test_kinds_that_are_not_read(unread, told):
    assert unread_kinds(unread).endswith(told)


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


# Scores of an evaluation


def test_a_table_has_a_row_for_each_figure_and_a_column_for_each_kind():
    drawn = io.StringIO()
    Console(file=drawn, width=80).print(*console.score_tables(scored_run()))
    lines = drawn.getvalue().splitlines()
    assert lines[0].split() == ["Questions", "in", "“en”"]
    assert lines[2].split() == ["all", "95", "%", "fact", "multi", "none"]
    [row, *_] = [line for line in lines if "facts_held" in line]
    assert row.split() == ["facts_held", "0.50", "0.15–0.85", "0.33", "1.00"]
    assert max(map(len, lines)) <= 80


# Wording


def test_the_wording_is_that_of_the_snapshot():
    drawn = io.StringIO()
    Console(file=drawn, width=80).print(*console.score_tables(scored_run()))
    assert_snapshot(
        "terminal.txt",
        {
            "answer": printed(console.print_answer, ANSWERED),
            "answer to a rewritten question": printed(console.print_answer, REWRITTEN),
            "answer with an uncovered part": printed(console.print_answer, PARTLY),
            "answer with a doubt": printed(console.print_answer, DOUBTED),
            "checked sentences": "".join(printed(console.print_claim, each, index="papers") for each in CLAIMS)
            + printed(console.print_claim_counts, CLAIMS),
            "disagreement on 80 columns": printed(console.print_answer, DISPUTED),
            "disagreement on 60 columns": printed(console.print_answer, DISPUTED, width=60),
            "answer with a notice": printed(console.print_answer, TOLD),
            "refusal": printed(console.print_answer, REFUSED),
            "greeting": printed(console.print_answer, GREETED),
            "refusal without near quotes": printed(console.print_answer, NOTHING_NEAR),
            "hits": printed(console.print_hits, [HIT]),
            "no hits": printed(console.print_hits, []),
            "articles": printed(console.print_articles, [SUMMARY], "papers.index"),
            "no articles": printed(console.print_articles, [], "index"),
            "report": printed(console.print_report, REPORT),
            "report of a dry run": printed(console.print_report, REPORT, is_dry_run=True),
            "verified": printed(console.print_verification, 2, []),
            "not verified": printed(console.print_verification, 2, ["1 does not hold."]),
            "scores": re.sub(r"(seconds_p\d\d\D+)[\d.]+.*", r"\1…", drawn.getvalue()),
        },
    )
