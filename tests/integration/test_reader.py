"""Many files, read by processes that a file may take down, and none of the others with it."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from evals.common.sample_files import chapter, epub, pdf, web_page, word

from askseoul.domain import Article
from askseoul.errors import (
    ArticleEmpty,
    ArticleError,
    ArticleMissing,
    ArticleUnreadable,
    FormatUnsupported,
    ReadingTimedOut,
)
from askseoul.ingest import reader, sandbox
from askseoul.ingest.articles import read_article
from askseoul.ingest.reader import read_files

TEXT = "The president called his allies before the summit began. 대통령은 전화했다. 👩\u200d💻"
PARAGRAPHS = [TEXT, "They agreed on more drills."]
CONTENTS = {
    "a.md": f"---\ntitle: A\n---\n{TEXT}".encode(),
    "b.html": web_page(PARAGRAPHS),
    "c.txt": b"Seoul\r\nwaits.",
    "d.pdf": pdf([["The president called his allies."]]),
    "e.docx": word(PARAGRAPHS),
    "f 파일.epub": epub([chapter(f"<p>{TEXT}</p>")]),
}


@pytest.fixture
def folder(tmp_path):
    for name, content in CONTENTS.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def children() -> list[int]:
    """The processes that this one has started to read files."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes()
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        if parent == os.getpid() and b"askseoul.ingest.sandbox" in command:
            found.append(int(entry.name))
    return found


def scripted(monkeypatch, program: str) -> None:
    """Have children run this program after what every child needs: ``connection``, ``send`` and ``receive``."""
    start = "import os, socket, sys, time; from askseoul.ingest.sandbox import send, receive; "
    monkeypatch.setattr(
        reader,
        "_COMMAND",
        (sys.executable, "-c", f"{start}connection = socket.socket(fileno=int(sys.argv[1]))\n{program}"),
    )


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the system has no /proc")


def test_files_are_read_in_order_and_as_they_are_alone(folder):
    paths = [folder / name for name in CONTENTS]
    for path, read in zip(paths, read_files(paths), strict=True):
        assert read.path == path
        assert read.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert read.outcome == read_article(path)


def test_what_is_wrong_with_a_file_is_its_outcome(folder):
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7 nothing")
    (folder / "empty.docx").touch()
    (folder / "a.png").touch()
    names = ["bad.pdf", "empty.docx", "missing.html", "a.png", "a\0.epub", "d.pdf"]
    outcomes = [read.outcome for read in read_files([folder / name for name in names])]
    kinds = [ArticleUnreadable, ArticleEmpty, ArticleMissing, FormatUnsupported, ArticleUnreadable, Article]
    assert list(map(type, outcomes)) == kinds
    assert all(name in str(outcome) for name, outcome in zip(names[:4], outcomes, strict=False))


def test_a_file_that_was_read_in_part_has_its_sum(folder):
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7 nothing")
    (bad,) = read_files([folder / "bad.pdf"])
    assert bad.sha256 == hashlib.sha256(b"%PDF-1.7 nothing").hexdigest()
    (missing,) = read_files([folder / "missing.pdf"])
    assert missing.sha256 is None


def test_plain_text_needs_no_process(folder, monkeypatch):
    monkeypatch.setattr(reader, "_COMMAND", ("/nowhere/python",))
    read = list(read_files([folder / "a.md", folder / "c.txt", folder / "d.pdf"]))
    assert [type(one.outcome) for one in read] == [Article, Article, ArticleUnreadable]
    assert "no process could be started to read it" in str(read[2].outcome)


@needs_proc
def test_few_processes_read_many_files_and_end_with_the_last(folder):
    paths = []
    for number in range(60):
        paths.append(folder / f"{number}.docx")
        paths[-1].write_bytes(CONTENTS["e.docx"])
    seen = set()
    for read in read_files(paths):
        assert isinstance(read.outcome, Article)
        seen |= set(children())
    assert 1 <= len(seen) <= reader._CHILDREN
    assert children() == []


@needs_proc
def test_processes_end_when_no_more_is_asked_for(folder):
    files = read_files([folder / "d.pdf"] * 50)
    next(files)
    assert children()
    files.close()
    assert children() == []


def test_files_are_read_a_few_ahead_and_no_more(folder):
    taken = []
    files = read_files(taken.append(number) or folder / "d.pdf" for number in range(1000))
    next(files)
    assert len(taken) <= 2 * reader._AHEAD
    files.close()


def test_a_file_that_takes_too_long_is_given_up_and_the_next_is_read(folder, monkeypatch):
    with monkeypatch.context() as patched:
        scripted(patched, "send(connection, 'ready'); receive(connection, None); time.sleep(100)")
        slow = [
            read.outcome for read in read_files([folder / "d.pdf", folder / "b.html", folder / "a.md"], seconds=0.3)
        ]
    assert list(map(type, slow)) == [ReadingTimedOut, ReadingTimedOut, Article]
    assert str(slow[0]) == f"{folder / 'd.pdf'} was not read within 0.3 seconds: split it, or save its text as .txt"


@needs_proc
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGSEGV])
def test_a_process_that_dies_is_replaced(folder, ending):
    huge = folder / "huge.html"
    huge.write_bytes(b"<p>" + b"<b>word</b> " * 1_000_000)

    def strike():
        while not children():
            time.sleep(0.01)
        time.sleep(0.7)
        for child in children():
            os.kill(child, ending)

    striker = threading.Thread(target=strike)
    striker.start()
    read = list(read_files([huge] * reader._CHILDREN + [folder / "d.pdf"]))
    striker.join()
    assert any(f"was ended by {ending.name}" in str(one.outcome) for one in read)
    assert isinstance(read[-1].outcome, Article)


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        pytest.param("sys.exit(7)", "ended with status 7", id="ends at once"),
        pytest.param(
            "send(connection, 'ready'); receive(connection, None); os.abort()", "ended by SIGABRT", id="aborts"
        ),
        pytest.param(
            "send(connection, 'ready'); receive(connection, None); connection.close(); time.sleep(9)",
            "stopped answering",
            id="silent",
        ),
        *(
            pytest.param(f"send(connection, 'ready'); receive(connection, None); {said}", "an invalid answer", id=name)
            for name, said in {
                "no JSON": "connection.sendall(b'\\0\\0\\0\\1{'); time.sleep(9)",
                "too long": "connection.sendall(b'\\xff' * 9); time.sleep(9)",
                "a list": "send(connection, [1])",
                "nested without end": "m = b'[' * 10**6; connection.sendall(len(m).to_bytes(4) + m); time.sleep(9)",
                "not an error of a file": "send(connection, {'sha256': 'a', 'error': 'UsageError', 'message': ''})",
                "not an error": "send(connection, {'sha256': 'a', 'error': 'annotations', 'message': ''})",
                "half an article": "send(connection, {'sha256': 'a', 'article': {'text': ''}})",
                "number for a sum": "send(connection, {'sha256': 1, 'article': {}})",
            }.items()
        ),
    ],
)
def test_a_process_that_breaks_the_rules_costs_no_more_than_its_file(folder, monkeypatch, program, reason):
    scripted(monkeypatch, program)
    (read, other) = read_files([folder / "d.pdf", folder / "a.md"])
    assert isinstance(read.outcome, ArticleUnreadable)
    assert str(read.outcome).startswith(f"{folder / 'd.pdf'} can't be read (")
    assert reason in str(read.outcome)
    assert isinstance(other.outcome, Article)


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param({"id": "other.md"}, id="other name"),
        pytest.param({"places": ["/etc/passwd"]}, id="other place"),
        pytest.param({"text": "other"}, id="text of another sum"),
        pytest.param({"title": None}, id="no title"),
        pytest.param({"language": 1}, id="language that is none"),
        pytest.param({"published_from": 1}, id="provenance that is none"),
        pytest.param({"notes": [1]}, id="note that is none"),
        pytest.param({"notes": ["a" * 1000]}, id="long note"),
        pytest.param({"notes": ["a"] * 1000}, id="many notes"),
        pytest.param({"more": 1}, id="field that is none"),
    ],
)
def test_an_article_is_of_its_file_or_not_believed(folder, lie):
    path = folder / "c.txt"
    message = sandbox.as_message(sandbox.read_file(path))
    assert sandbox.from_message(path, message).outcome.text == "Seoul\nwaits."
    with pytest.raises((ValueError, TypeError)):
        sandbox.from_message(path, {**message, "article": message["article"] | lie})


def test_notes_and_the_way_a_date_is_known_come_along(folder):
    path = folder / "dated.txt"
    path.write_bytes("Besançon, 4 mars 2025 – Le café a fermé à cause d’un dégât dans la cuisine.".encode("cp1252"))
    read = sandbox.read_file(path)
    assert (read.outcome.published_from, read.outcome.notes) == (
        "dateline",
        ("its encoding was guessed: windows-1252",),
    )
    assert sandbox.from_message(path, json.loads(json.dumps(sandbox.as_message(read)))) == read


def test_whatever_a_parser_raises_is_the_files_outcome(folder, monkeypatch):
    def raises(path, content):
        raise RecursionError("too deep")

    monkeypatch.setattr(sandbox, "parse_article", raises)
    outcome = sandbox.read_file(folder / "a.md").outcome
    assert str(outcome) == f"{folder / 'a.md'} can't be read (RecursionError: too deep): save its text as .txt"


PROGRAM = """
import sys
from pathlib import Path
from askseoul.ingest.reader import read_files
if __name__ == "__main__":
    for read in read_files(map(Path, sys.argv[1:])):
        print(type(read.outcome).__name__, flush=True)
        {then}
"""
ENVIRONMENT = {**os.environ, "OPENAI_API_KEY": "secret"}


def test_a_users_program_is_run_once_and_parsers_say_nothing(folder):
    (folder / "program.py").write_text(f"print('running')\n{PROGRAM.format(then='pass')}")
    (folder / "bad.html").write_bytes(b"<html><body></body></html>")
    (folder / "yaml.py").write_text("raise SystemExit")  # what lies about in a folder is no module of ours
    names = ["bad.html", "b.html", "d.pdf", "e.docx"]
    ended = subprocess.run(
        [sys.executable, "-P", "program.py", *names],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stdout.split() == ["running", "ArticleEmpty", "Article", "Article", "Article"]
    assert ended.stderr == ""


@needs_proc
def test_processes_end_with_one_that_is_killed(folder):
    (folder / "program.py").write_text(PROGRAM.format(then="import time; time.sleep(60)"))
    program = subprocess.Popen(
        [sys.executable, folder / "program.py", folder / "d.pdf"], env=ENVIRONMENT, stdout=subprocess.PIPE
    )
    with program:
        assert program.stdout.readline() == b"Article\n"
        listed = subprocess.run(
            ["cat", f"/proc/{program.pid}/task/{program.pid}/children"], capture_output=True, check=True
        )
        started = [int(child) for child in listed.stdout.split()]
        program.kill()
    until = time.monotonic() + 10
    while any(Path(f"/proc/{child}").exists() for child in started) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{child}").exists() for child in started)


def confined(program: str) -> subprocess.CompletedProcess[str]:
    """A program as a parser would run it."""
    start = "from askseoul.ingest.sandbox import _confine, _forbid; _confine(); _forbid()\n"
    return subprocess.run(
        [sys.executable, "-c", start + program], env=ENVIRONMENT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("program", "error"),
    [
        pytest.param("import socket; socket.create_connection(('127.0.0.1', 9))", "PermissionError", id="connect"),
        pytest.param("import urllib.request as u; u.urlopen('http://127.0.0.1:9')", "not allowed", id="fetch"),
        pytest.param("import subprocess; subprocess.run(['true'])", "PermissionError", id="start a program"),
        pytest.param("import os; os.system('true')", "PermissionError", id="run a shell"),
        pytest.param("import os; os.fork()", "PermissionError", id="fork"),
        pytest.param("bytes(3_000_000_000)", "MemoryError", id="take all memory"),
    ],
)
def test_what_a_parser_may_not_do(program, error):
    ended = confined(program)
    assert ended.returncode == 1
    assert error in ended.stderr


def test_a_parser_may_not_write(tmp_path):
    ended = confined(f"with open({str(tmp_path / 'a')!r}, 'w') as file: file.write('a')")
    assert "File too large" in ended.stderr
    assert (tmp_path / "a").read_bytes() == b""


@needs_proc
def test_a_process_inherits_nothing_secret_and_loads_nothing_slow(folder, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    files = read_files([folder / "d.pdf"] * 2)
    next(files)
    (child, *_) = children()
    assert b"secret" not in Path(f"/proc/{child}/environ").read_bytes()
    loaded = Path(f"/proc/{child}/maps").read_text()
    assert "pdfium" in loaded
    assert "lxml" not in loaded
    assert "numpy" not in loaded
    files.close()


def test_a_long_text_is_refused_by_its_length(folder):
    (folder / "long.html").write_bytes(b"<p>" + b"word " * 1_500_000)
    (read,) = read_files([folder / "long.html"])
    assert isinstance(read.outcome, ArticleError)
    assert "5,000,000 at most" in str(read.outcome)
