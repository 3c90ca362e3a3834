"""EPUB books into text: their chapters in order, and what is told of those that are damaged."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from evals.common.sample_files import chapter, epub

from askseoul.errors import ArticleUnreadable
from askseoul.ingest.converters import convert

BOOK = Path("a.epub")


def text_of(content: bytes) -> str:
    return convert(BOOK, content).text


def test_the_chapters_are_read_in_the_order_of_the_spine():
    book = epub(
        [
            chapter(f"<h2>{number}</h2><p>{text}</p>")
            for number, text in enumerate(["Seoul&nbsp;waits.", "So &amp; so."])
        ],
        "<dc:title>A book</dc:title><dc:creator>A. Writer</dc:creator><dc:language>ko</dc:language>"
        "<dc:date opf:event='modification'>2025-01-01</dc:date><dc:date>2024-05</dc:date>",
    )
    found = convert(BOOK, book)
    assert found.text == "## 0\n\nSeoul\xa0waits.\n\n## 1\n\nSo & so."
    assert (found.title, found.source, found.language) == ("A book", "A. Writer", "ko")
    assert (found.published, found.published_from, found.notes) == ("2024-05", "EPUB metadata", ())


@pytest.mark.parametrize(
    ("metadata", "source", "published"),
    [
        pytest.param("<dc:creator>Unknown</dc:creator>", None, None, id="placeholder"),
        pytest.param("<dc:date opf:event='modification'>2025-01-01</dc:date>", None, None, id="day of a change"),
        pytest.param("<dc:date opf:event='creation'>2025-01-01</dc:date>", None, None, id="day of its making"),
        pytest.param(
            "<meta property='dcterms:modified'>2025-01-01T00:00:00Z</meta><dc:date>0101-01-01T00:00:00+00:00</dc:date>",
            None,
            None,
            id="date that a program made up",
        ),
    ],
)
def test_what_a_program_made_up_is_not_stated(metadata, source, published):
    found = convert(BOOK, epub([chapter("<p>a</p>")], metadata))
    assert (found.source, found.published, found.published_from) == (source, published, None)


def test_fonts_may_be_obscured():
    encryption = "<e><EncryptionMethod Algorithm='http://www.idpf.org/2008/embedding'/></e>"
    assert text_of(epub([chapter("<p>a</p>")], **{"META-INF_encryption.xml": encryption})) == "a"


@pytest.mark.parametrize("kind", ["epub:type='{}'", "role='doc-{}'"])
def test_footnotes_stay(kind):
    mark = f"<a href='#n' {kind.format('noteref')}>3</a>"
    note = f"<aside id='n' hidden='' {kind.format('footnote')}><p>3. In 2024.</p></aside>"
    page = f"<html xmlns:epub='http://www.idpf.org/2007/ops'><body><p>28,500{mark} troops.</p>{note}</body></html>"
    assert text_of(epub([page])) == "28,500³ troops.\n\n3. In 2024."


# Damage


def without(content: bytes, name: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(written, "w") as copy:
        for member in archive.namelist():
            if member != name:
                copy.writestr(member, archive.read(member))
    return written.getvalue()


def overwritten(content: bytes, name: str) -> bytes:
    """The book with the first bytes of a chapter overwritten."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        start = archive.getinfo(name).header_offset + 30 + len(name)
    return content[:start] + b"\xff" * 20 + content[start + 20 :]


CHAPTERS = [chapter(f"<p>{word} {'and so on ' * 20}</p>") for word in ("First", "Second", "Third")]
SECOND = "OEBPS/text/c1.xhtml"


@pytest.mark.parametrize(
    ("book", "reason"),
    [
        pytest.param(without(epub(CHAPTERS), SECOND), "is missing", id="missing"),
        pytest.param(overwritten(epub(CHAPTERS), SECOND), "damaged archive", id="overwritten"),
        pytest.param(epub([CHAPTERS[0], b"\xff\x00\x01<p>", CHAPTERS[2]]), "", id="no text"),
    ],
)
def test_a_damaged_chapter_does_not_cost_the_book(book, reason):
    found = convert(BOOK, book)
    assert [block.split()[0] for block in found.text.split("\n\n")] == ["First", "Third"]
    assert len(found.notes) == 1
    assert found.notes[0].startswith(f"chapter 2 ('{SECOND}') was left out: ")
    assert reason in found.notes[0]


def test_a_chapter_that_the_book_lists_without_having_it():
    book = epub(
        CHAPTERS[:1],
        **{
            "OEBPS_book.opf": "<package><manifest><item id='a' href='text/c0.xhtml' media-type='text/html'/></manifest>"
            "<spine><itemref idref='b'/><itemref idref='a'/></spine></package>"
        },
    )
    found = convert(BOOK, book)
    assert found.text.startswith("First")
    assert found.notes == ("chapter 1 ('b') was left out: a damaged EPUB: 'b' is missing",)


def test_a_book_of_damaged_chapters_is_refused():
    with pytest.raises(
        ArticleUnreadable,
        match=r"a\.epub can't be read \(a damaged EPUB: chapter 1 \(.*\): get it again, or convert it",
    ):
        convert(BOOK, without(epub(CHAPTERS[:1]), "OEBPS/text/c0.xhtml"))
