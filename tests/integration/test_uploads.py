"""Files that come through the page: real files into a real index, whatever they are called and hold."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.errors import ArticleUnknown, IndexBusy
from askseoul.index.store import Store
from askseoul.pipeline import AskSeoul
from askseoul.web.handlers import (
    MAX_FILES,
    MAX_NAME_BYTES,
    UPLOADS,
    UploadOutcome,
    add_files,
    remove_article,
    safe_name,
)
from askseoul.web.suggestions import CachingEncoder

TEXT = "The ferry Mara carried 214 people. Nobody was hurt.\n\nThe pier was closed in 2019."


@pytest.fixture
def own(tmp_path, encoder, reader):
    """An empty index of this test's own."""
    store = Store.open(tmp_path / "나루.index", encoder=encoder, create=True)
    with AskSeoul(store, CachingEncoder(encoder), None, lambda: reader) as opened:
        yield opened


@pytest.fixture
def sent(tmp_path):
    """Makes a file as a browser sends it, and gives its path."""

    def write(name, content=TEXT):
        folder = tmp_path / "sent" / str(len(list((tmp_path / "sent").glob("*"))))
        folder.mkdir(parents=True)
        file = folder / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    return write


def kept(app):
    """The names of the files that are kept."""
    return sorted(file.name for file in (app.store.folder / UPLOADS).glob("*"))


def held(app):
    return [each.id for each in app.articles()]


# Formats


def as_docx(path):
    document = docx.Document()
    document.add_heading("The ferry", 1)
    for paragraph in TEXT.split("\n\n"):
        document.add_paragraph(paragraph)
    document.save(path)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("ferry.md", f"---\ntitle: The ferry\npublished: 2024-05\n---\n\n{TEXT}", id="Markdown"),
        pytest.param("ferry.txt", TEXT.replace("\n", "\r\n"), id="text with CRLF"),
        pytest.param("ferry.TXT", "\ufeff" + TEXT, id="a suffix in capitals, a byte order mark"),
        pytest.param("나루.txt", TEXT.encode("utf-16"), id="UTF-16"),
        pytest.param(
            "ferry.html",
            f"<html><head><title>The ferry</title></head><body><article><h1>The ferry</h1>"
            f"{''.join(f'<p>{each}</p>' for each in TEXT.split(chr(10) * 2))}</article></body></html>",
            id="HTML",
        ),
    ],
)
def test_a_file_is_kept_held_and_asked(own, sent, name, content):
    [outcome] = add_files(own, [sent(name, content)])
    assert (outcome.name, outcome.added) == (name, True)
    assert outcome.message.startswith(f"Added as {name}: 1 passage")
    assert (kept(own), held(own)) == ([name], [name])
    assert "Mara carried 214 people. Nobody was hurt." in own.article(name).text
    assert own.ask("How many people did the ferry Mara carry?").answered


def test_a_word_document_too(own, tmp_path):
    [outcome] = add_files(own, [as_docx(tmp_path / "ferry.docx")])
    assert outcome.added, outcome.message
    assert TEXT in own.article("ferry.docx").text


def test_invisible_characters_are_told(own, sent):
    [outcome] = add_files(own, [sent("ferry.md", TEXT.replace(" ", " \u200b"))])
    assert outcome.message == "Added as ferry.md: 1 passage, 13 invisible characters left out."


def test_what_was_guessed_is_told(own, sent):
    [outcome] = add_files(own, [sent("ferry.md", f"{TEXT} Le café était fermé, José l’a déjà dit.".encode("cp1252"))])
    assert outcome.message == "Added as ferry.md: 1 passage. Its encoding was guessed: windows-1252."


def test_a_table_of_metadata_is_no_article(own, sent):
    [outcome] = add_files(own, [sent("metadata.csv", "file,title\na.md,A\n")])
    assert not outcome.added
    assert "A metadata.csv only states what the files beside it are." in outcome.message
    assert kept(own) == []


# Names


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("ferry.md", "ferry.md"),
        ("../../etc/passwd.md", "_.._etc_passwd.md"),
        ("..\\..\\windows.md", "_.._windows.md"),
        ("/etc/passwd", "_etc_passwd"),
        ("C:\\a?b*c|d<e>f\"g.txt", "C__a_b_c_d_e_f_g.txt"),
        ("a\r\nb\tc\u2028d.md", "a_b_c_d.md"),
        ("a\x00b\x1b[31m\x7f.md", "ab[31m.md"),
        ("\u202egpj.md", "gpj.md"),
        ("\u1102\u1161루.md", "나루.md"),
        ("e\u0301.md", "é.md"),
        ("half \ud83d.md", "half \ufffd.md"),
        ("👩‍👧.md", "👩👧.md"),
        (".hidden.md", "hidden.md"),
        (".md", "md"),
        ("...", "article"),
        (" . . ", "article"),
        ("", "article"),
        ("\u200b", "article"),
        ("a. .md", "a.md"),
        ("a.md.", "a.md"),
        ("a.", "a"),
        ("no suffix", "no suffix"),
        ("a.b.c.md", "a.b.c.md"),
        ("CON.md", "CON.md"),
        ("a.1234567 9", "a.1234567 9"),
        ("가" * 300 + ".md", "가" * 65 + ".md"),
        ("a" * 300, "a" * MAX_NAME_BYTES),
        ("a." + "b" * 300, "a." + "b" * 16),
    ],
    ids=lambda name: repr(name)[:20].encode("ascii", "backslashreplace").decode(),
)  # fmt: skip
def test_a_name_is_made_one_that_is_nothing_else(name, safe):
    assert safe_name(name) == safe


@given(st.text(st.characters(exclude_categories=())) | st.text("./\\ \x00:나a\u0301\u202e🙂\n", max_size=300))
def test_whatever_a_name_was_it_is_a_name(name):
    safe = safe_name(name)
    assert not set(safe) & set('/\\:*?"<>|\n\r\t\x00')
    assert safe not in ("", ".", "..")
    assert safe[0] not in " ." and safe[-1] not in " ."
    assert len(safe.encode()) <= MAX_NAME_BYTES
    assert safe_name(safe) == safe
    assert Path(safe).name == safe


@pytest.mark.parametrize(
    "name",
    [
        "가" * 84 + ".md",
        "🙂" * 63 + ".md",
        "a" * 252 + ".md",
        "-rf *.md",
        "100% [1] $(x) `y`.md",
        "나루 \u202e.md",
        "..md.md",
    ],
    ids=lambda name: ascii(name)[:20],
)
def test_a_file_of_any_name_is_kept_twice(own, sent, name):
    """A second one of its name gets a number, and file systems have room for it."""
    outcomes = add_files(own, [sent(name), sent(name, "The harbour was built in 1969.")])
    assert [each.added for each in outcomes] == [True, True], outcomes
    assert len(kept(own)) == len(held(own)) == 2
    assert all(os.sep not in each and not each.startswith(".") for each in kept(own))


def test_two_files_of_one_name_are_both_held(own, sent):
    add_files(own, [sent("ferry.md")])
    [again] = add_files(own, [sent("ferry.md", "The harbour was built in 1969.")])
    assert again == UploadOutcome("ferry.md", True, "Added as ferry-2.md: 1 passage.")
    assert (kept(own), held(own)) == (["ferry-2.md", "ferry.md"], ["ferry-2.md", "ferry.md"])
    assert own.article("ferry.md").text == TEXT
    assert own.article("ferry-2.md").text == "The harbour was built in 1969."


def test_a_file_of_a_name_without_a_suffix_is_told_to_be_no_article(own, sent):
    [outcome] = add_files(own, [sent("ferry")])
    assert not outcome.added
    assert "files are read" in outcome.message


@pytest.mark.parametrize("name", ["ferry.md", "나루.md"], ids=["the same name", "another name"])
def test_the_same_content_twice_is_told(own, sent, name):
    first, second = add_files(own, [sent("ferry.md"), sent(name)])
    assert (first.added, second.added) == (True, True)
    assert second.message == "It has the same text as ferry.md, which is in the index already."
    assert held(own) == ["ferry.md"]
    assert len(own.article("ferry.md").places) == 2


def test_a_file_whose_text_is_known_from_one_that_is_gone(own, sent):
    elsewhere = sent("ferry.md")
    own.index([elsewhere])
    elsewhere.unlink()
    [outcome] = add_files(own, [sent("나루.md")])
    assert outcome.added
    assert outcome.message == f"Added as {held(own)[0]}: 1 passage."
    assert own.article(held(own)[0]).places == (str(own.store.folder.resolve() / UPLOADS / "나루.md"),)


def test_the_folder_of_the_index_may_be_a_link(tmp_path, own, sent, encoder):
    own.close()
    (tmp_path / "link").symlink_to(tmp_path / "나루.index")
    with AskSeoul(Store.open(tmp_path / "link", encoder=encoder), encoder, None) as opened:
        add_files(opened, [sent("ferry.md")])
        remove_article(opened, "ferry.md")
        assert (kept(opened), held(opened)) == ([], [])


# What can't be taken


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        pytest.param("ferry.md", b"\xff\xfe\x00", "convert it to UTF-8", id="broken text"),
        pytest.param("ferry.md", b"\x01\x80abc", "neither UTF-8 nor text", id="no text"),
        pytest.param("나루.txt", b"a\x00b", "holds a NUL at character 1", id="binary"),
        pytest.param("ferry.md", " \r\n\t", "holds no text: fill it, or leave it out", id="white space"),
        pytest.param("ferry.md", "", "holds no text", id="empty"),
        pytest.param("ferry.md", "\u200b\u202e", "holds no text", id="nothing to see"),
        pytest.param("ferry.md", "---\npublished: soon\n---\nText.", "line 2", id="broken front matter"),
        pytest.param("ferry.exe", "MZ", "files are read; save the text as one", id="another format"),
        pytest.param("ferry.docx", "PK", "ferry.docx", id="no document"),
        pytest.param("ferry.pdf", "%PDF-1.7", "ferry.pdf", id="no PDF"),
    ],
)
def test_what_can_not_be_read_is_told_and_not_kept(own, sent, name, content, told):
    [good, bad] = add_files(own, [sent("good.md"), sent(name, content)])
    assert good.added
    assert (bad.name, bad.added) == (name, False)
    assert told in bad.message
    assert str(own.store.folder) not in bad.message
    assert (kept(own), held(own)) == (["good.md"], ["good.md"])


def test_a_file_that_is_gone_or_a_folder_is_told(own, tmp_path):
    outcomes = add_files(own, [tmp_path / "gone.md", tmp_path])
    assert [each.added for each in outcomes] == [False, False]
    assert outcomes[0].message == "It can't be saved (No such file or directory)."
    assert kept(own) == []


def test_a_full_disk_leaves_nothing_behind(own, sent, monkeypatch):
    def fill(source, target):
        target.write(source.read(10))
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", fill)
    [outcome] = add_files(own, [sent("ferry.md")])
    assert outcome == UploadOutcome("ferry.md", False, "It can't be saved (No space left on device).")
    assert kept(own) == []


def test_where_the_index_can_not_be_written_nothing_is_kept_and_what_was_added_stays(own, sent, monkeypatch):
    add_files(own, [sent("first.md")])

    def busy(paths, **_):
        raise IndexBusy("Another process writes it.")

    monkeypatch.setattr(own, "index", busy)
    with pytest.raises(IndexBusy):
        add_files(own, [sent("ferry.md", "The harbour.")])
    assert (kept(own), held(own)) == (["first.md"], ["first.md"])


def test_no_more_than_so_many_at_once(own, sent):
    progress = []
    files = [sent(f"{number:02}.md", f"Pier {number} is closed.") for number in range(MAX_FILES + 2)]
    outcomes = add_files(own, files, lambda done, of: progress.append((done, of)))
    assert [each.name for each in outcomes] == [file.name for file in files]
    assert [each.added for each in outcomes] == [True] * MAX_FILES + [False] * 2
    assert outcomes[-1].message == "Only 20 files at once: add it separately."
    assert progress == [(done, MAX_FILES) for done in range(MAX_FILES)]
    assert len(held(own)) == len(kept(own)) == MAX_FILES


def test_nothing_is_nothing(own):
    assert add_files(own, []) == []
    assert not (own.store.folder / UPLOADS).exists()


# Removing


def test_only_files_that_were_uploaded_are_deleted(own, sent):
    elsewhere = sent("harbour.md", "The harbour was built in 1969.")
    own.index([elsewhere])
    add_files(own, [sent("ferry.md"), sent("again.md"), sent("copy.md", "The harbour was built in 1969.")])
    assert kept(own) == ["again.md", "copy.md", "ferry.md"]
    remove_article(own, "harbour.md")
    assert elsewhere.exists()
    assert kept(own) == ["again.md", "ferry.md"]
    remove_article(own, "ferry.md")
    assert (kept(own), held(own)) == ([], [])
    with pytest.raises(ArticleUnknown):
        own.article("ferry.md")


def test_a_file_in_a_folder_of_the_same_name_elsewhere_stays(own, sent, tmp_path):
    elsewhere = tmp_path / UPLOADS / "ferry.md"
    elsewhere.parent.mkdir()
    shutil.copy(sent("ferry.md"), elsewhere)
    own.index([elsewhere])
    remove_article(own, "ferry.md")
    assert elsewhere.exists()


def test_a_file_that_is_gone_already_does_no_harm(own, sent):
    add_files(own, [sent("ferry.md")])
    (own.store.folder / UPLOADS / "ferry.md").unlink()
    remove_article(own, "ferry.md")
    assert held(own) == []


@pytest.mark.parametrize("article_id", ["gone.md", "", "../나루.index/askseoul.sqlite", "askseoul.sqlite"])
def test_what_is_not_held_is_not_removed(own, sent, article_id):
    add_files(own, [sent("ferry.md")])
    before = sorted(file.name for file in own.store.folder.iterdir())
    with pytest.raises(ArticleUnknown):
        remove_article(own, article_id)
    assert sorted(file.name for file in own.store.folder.iterdir()) == before
    assert kept(own) == ["ferry.md"]
    assert json.dumps(held(own)) == '["ferry.md"]'
