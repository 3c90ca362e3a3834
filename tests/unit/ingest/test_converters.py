"""Files of each kind into text: what a reader of the file sees, and the words with which what can't be read is refused.

What is refused whatever its kind is also tested, in quantity, by tests/system/test_hostile_files.py.
"""

from __future__ import annotations

import io
import struct
import zipfile
from datetime import datetime
from pathlib import Path

import docx
import pypdf
import pytest
from evals.common.sample_files import chapter, epub, pdf, web_page, word, zipped

from askseoul.errors import ArticleEmpty, ArticleError, ArticleTooLarge, ArticleUnreadable
from askseoul.ingest.converters import base, convert
from askseoul.ingest.converters.base import parse_date

AWKWARD = [
    "대통령은 정상 회담 전에 동맹국에 전화했다.",
    "The café’s “naïve” plan — e\u0301 — costs < 5 & > 3.",
    "🇰🇷 👩\u200d💻 emoji stay.",
    "השלום חזר אל סיאול בשנת 2024.",
]


def text_of(name: str, content: bytes) -> str:
    return convert(Path(name), content).text


# PDF


def test_a_pdf_gives_its_lines_with_a_blank_one_where_there_is_room():
    content = pdf([["Seoul waits", "", "The minister said that trade", "with Beijing fell.", "", "The allies agreed."]])
    assert text_of("a.pdf", content) == (
        "Seoul waits\n\nThe minister said that trade\nwith Beijing fell.\n\nThe allies agreed."
    )


def test_a_sentence_goes_on_across_pages_and_a_paragraph_does_not():
    assert text_of("a.pdf", pdf([["The minister said"], ["that he waits."], ["Then he left."]])) == (
        "The minister said\nthat he waits.\n\nThen he left."
    )


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        pytest.param(["The govern-", "ment waits."], "The government waits.", id="divided word"),
        pytest.param(["A long-", "term plan is long-term."], "A long-term plan is long-term.", id="known compound"),
        pytest.param(["The US-", "Korea talks."], "The US-Korea talks.", id="capital"),
        pytest.param(["In 2024-", "25 it fell."], "In 2024-\n25 it fell.", id="figures are left as they are"),
    ],
)
def test_words_divided_at_line_ends(lines, text):
    assert text_of("a.pdf", pdf([lines])) == text


def test_awkward_characters_of_a_pdf():
    text = text_of("a.pdf", pdf([AWKWARD[:3]]))
    assert "대통령은 정상 회담 전에 동맹국에 전화했다." in text
    assert "The café’s “naïve” plan" in text
    assert "🇰🇷 👩" in text


@pytest.mark.parametrize(
    ("info", "title", "source", "published"),
    [
        pytest.param("/Title(A)/Author(B)/CreationDate(D:20250604101112+09'00')", "A", "B", "2025-06-04", id="all"),
        pytest.param("/Title(Microsoft Word - a.doc)/Author( )", None, None, None, id="file name as title"),
        pytest.param("/Title(a.indd)/CreationDate(D:20251304)", None, None, None, id="no such month"),
        pytest.param("/Title(A)/CreationDate(D:19700101000000Z)", "A", None, None, id="clock not set"),
        pytest.param("/CreationDate(D:29990101)", None, None, None, id="future"),
        pytest.param("/CreationDate(yesterday)", None, None, None, id="no date"),
    ],
)
def test_what_a_pdf_states_about_itself(info, title, source, published):
    found = convert(Path("a.pdf"), pdf([["Seoul waits."]], info))
    assert (found.title, found.source, found.published) == (title, source, published)


def encrypted_pdf() -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf([["Seoul waits."]])))
    writer.encrypt("secret", algorithm="RC4-128")
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


# Word


def test_a_word_document_gives_paragraphs_headings_lists_and_tables():
    document = docx.Document()
    document.add_heading("Seoul waits", 0)
    for text in AWKWARD:
        document.add_paragraph(text)
    document.add_heading("Numbers", 2)
    document.add_paragraph("One", style="List Bullet")
    document.add_paragraph("Two", style="List Bullet")
    table = document.add_table(2, 2)
    for cell, text in zip(
        table.rows[0].cells + table.rows[1].cells, ["Year", "Troops", "2024", "28,\n500"], strict=True
    ):
        cell.text = text
    document.core_properties.title = "A title"
    document.core_properties.author = "A. Writer"
    document.core_properties.created = datetime(2025, 6, 4, 10)
    written = io.BytesIO()
    document.save(written)
    found = convert(Path("a.docx"), written.getvalue())
    assert found.text == "\n\n".join(
        ["# Seoul waits", *AWKWARD, "## Numbers", "- One\n- Two", "| Year | Troops |\n| 2024 | 28, 500 |"]
    )
    assert (found.title, found.source, found.published) == ("A title", "A. Writer", "2025-06-04")


def run(text: str) -> str:
    return f"<w:r><w:t xml:space='preserve'>{text}</w:t></w:r>"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(f"<w:p><w:ins>{run('in')}</w:ins><w:del>{run('out')}</w:del></w:p>", "in", id="revision"),
        pytest.param(f"<w:p>{run('a ')}<w:hyperlink>{run('link')}</w:hyperlink></w:p>", "a link", id="link"),
        pytest.param(f"<w:sdt><w:sdtContent><w:p>{run('a')}</w:p></w:sdtContent></w:sdt>", "a", id="content control"),
        pytest.param(
            "<w:p><w:r><w:t>a</w:t><w:br/><w:t>b</w:t><w:tab/><w:t>c</w:t></w:r></w:p>", "a\nb\tc", id="breaks"
        ),
        pytest.param(
            f"<w:p>{run('10')}<w:r><w:rPr><w:vertAlign w:val='superscript'/></w:rPr><w:t>6</w:t></w:r></w:p>",
            "10⁶",
            id="raised",
        ),
        pytest.param(f"<w:p>{run('a')}<w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r></w:p>", "a", id="hidden"),
        pytest.param(f"<w:p><w:pPr><w:pStyle w:val='U2'/></w:pPr>{run('a')}</w:p>", "## a", id="style named otherwise"),
        pytest.param(
            f"<w:p>{run('a')}<w:r><w:txbxContent><w:p>{run('box')}</w:p></w:txbxContent></w:r>{run('b')}</w:p>",
            "ab\n\nbox",
            id="text box",
        ),
        pytest.param(
            f"<w:tbl><w:tr><w:tc><w:p>{run('a')}</w:p><w:p>{run('b')}</w:p></w:tc></w:tr></w:tbl>", "a\n\nb", id="frame"
        ),
    ],
)
def test_what_word_has_more(body, text):
    assert text_of("a.docx", word([], body)) == text


def test_what_a_program_made_up_is_not_stated():
    document = docx.Document()
    document.add_paragraph("Seoul waits.")
    written = io.BytesIO()
    document.save(written)
    found = convert(Path("a.docx"), written.getvalue())
    assert (found.title, found.source, found.published) == (None, None, None)
    assert convert(Path("a.docx"), word(["Seoul waits."])).title is None


# EPUB


def test_an_epub_gives_its_chapters_in_the_order_of_its_spine():
    book = epub(
        [
            chapter(f"<h2>{number}</h2><p>{text}</p>")
            for number, text in enumerate(["Seoul&nbsp;waits.", "So &amp; so."])
        ],
        "<dc:title>A book</dc:title><dc:creator>A. Writer</dc:creator><dc:language>ko</dc:language>"
        "<dc:date opf:event='modification'>2025-01-01</dc:date><dc:date>2024-05</dc:date>",
    )
    found = convert(Path("a.epub"), book)
    assert found.text == "## 0\n\nSeoul\xa0waits.\n\n## 1\n\nSo & so."
    assert (found.title, found.source, found.published, found.language) == ("A book", "A. Writer", "2024-05", "ko")


def test_fonts_may_be_obscured():
    encryption = "<e><EncryptionMethod Algorithm='http://www.idpf.org/2008/embedding'/></e>"
    assert text_of("a.epub", epub([chapter("<p>a</p>")], **{"META-INF_encryption.xml": encryption})) == "a"


LOCKED = "<e><EncryptionMethod Algorithm='http://www.w3.org/2001/04/xmlenc#aes128-cbc'/></e>"


# What is refused


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param(
            "a.pdf", web_page(AWKWARD), "named as a PDF, it looks like a web page.*: rename it to .html", id="page"
        ),
        pytest.param("a.html", pdf([["a"]]), "it looks like a PDF.*: rename it to .pdf", id="PDF as a page"),
        pytest.param("a.htm", word(["a"]), "it looks like a Word document.*: rename it to .docx", id="Word as a page"),
        pytest.param("a.docx", epub([]), "it looks like an EPUB.*: rename it to .epub", id="EPUB as Word"),
        pytest.param("a.epub", word(["a"]), "it looks like a Word document.*: rename it to .docx", id="Word as EPUB"),
        pytest.param("a.docx", zipped({"xl/workbook.xml": "a"}), "an Excel workbook.*: convert it", id="Excel as Word"),
        pytest.param("a.docx", b"\xd0\xcf\x11\xe0" + bytes(99), "old version of Office.*: convert it", id="old Word"),
        pytest.param("a.html", b"Just text.", "it looks like plain text.*: rename it to .txt", id="text as a page"),
        pytest.param(
            "a.xhtml", b"\x89PNG\r\n\x1a\n<p>", "it looks like a picture.*: convert it", id="picture as a page"
        ),
        pytest.param("a.html", b"<p>\0", "it looks like binary data", id="NUL"),
        pytest.param("a.pdf", b" " * 2000 + b"%PDF-1.7", "it looks like plain text", id="mark too far in"),
        pytest.param("a.pdf", encrypted_pdf(), "it is encrypted.*: save it without a password", id="encrypted PDF"),
        pytest.param("a.pdf", pdf([[]], picture=True), r"its pages are pictures\): run text recognition", id="scan"),
        pytest.param("a.pdf", pdf([["a"]])[:150], "a damaged PDF.*: fetch it again", id="truncated PDF"),
        pytest.param("a.docx", word(["a"])[:-40], "a damaged archive.*: fetch or save it again", id="truncated Word"),
        pytest.param(
            "a.epub", epub(["<p>"], **{"META-INF_encryption.xml": LOCKED}), "DRM.*: get a copy without", id="locked"
        ),
        pytest.param(
            "a.epub", zipped({"META-INF/container.xml": "<a/>"}), "names no package document", id="no package"
        ),
        pytest.param("a.epub", epub([]), "it lists no chapters", id="no chapters"),
        pytest.param("a.epub", epub([b"\x01\xff<p>"]), "'OEBPS/text/c0.xhtml' is neither UTF-8", id="bytes"),
        pytest.param(
            "a.epub", epub([""], OEBPS_book="a", **{"OEBPS_book.opf": "<a"}), "XMLSyntaxError", id="broken XML"
        ),
    ],
)
def test_refused_with_what_it_is_and_what_to_do(name, content, message):
    with pytest.raises(ArticleUnreadable, match=rf"a\.\w+ can't be read \(.*{message}"):
        convert(Path(name), content)


@pytest.mark.parametrize(
    ("raised", "error", "message"),
    [
        pytest.param(MemoryError(), ArticleTooLarge, "takes more memory to read than there is: split it", id="memory"),
        pytest.param(
            RecursionError("too\n deep"), ArticleUnreadable, r"damaged; RecursionError: too deep\): save", id="depth"
        ),
        pytest.param(
            ZeroDivisionError(), ArticleUnreadable, r"a web page .* ZeroDivisionError\): save it again", id="fault"
        ),
        pytest.param(KeyError("x" * 999), ArticleUnreadable, r"KeyError: 'x{1,120}\): save it again", id="long reason"),
    ],
)
def test_whatever_a_parser_raises_is_said_in_a_line(monkeypatch, raised, error, message):
    def fails(*_, **__):
        raise raised

    monkeypatch.setattr("lxml.html.document_fromstring", fails)
    with pytest.raises(error, match=message):
        text_of("a.html", web_page(AWKWARD))


def test_a_pdf_of_empty_pages_is_empty():
    with pytest.raises(ArticleEmpty, match="no text on any page"):
        text_of("a.pdf", pdf([[], []]))


def test_a_page_may_speak_of_pdf():
    assert text_of("a.html", b"<p>A file that begins with %PDF-1.7</p>") == "A file that begins with %PDF-1.7"


def lying(suffix: str, size: int) -> bytes:
    """An archive whose main text has 3 MB and is said to have ``size`` bytes."""
    spaces = " " * 3_000_000
    content = word([spaces]) if suffix == ".docx" else epub([chapter(spaces)])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        true = max(member.file_size for member in archive.infolist())
    return content.replace(struct.pack("<I", true), struct.pack("<I", size))


@pytest.mark.parametrize("suffix", [".docx", ".epub"])
def test_zip_bombs(suffix, monkeypatch):
    bomb = zipped({"word/document.xml" if suffix == ".docx" else "META-INF/container.xml": bytes(20_000_000)})
    with pytest.raises(ArticleTooLarge, match=r"packs 20,000,000 bytes into .*like a ZIP bomb"):
        convert(Path(f"a{suffix}"), bomb)
    with pytest.raises(ArticleUnreadable, match="a damaged archive: Bad CRC-32"):
        convert(Path(f"a{suffix}"), lying(suffix, 100))
    monkeypatch.setattr(base, "MAXIMUM_UNPACKED", 1_000_000)
    with pytest.raises(ArticleTooLarge, match="unpacks to more than 1,000,000 bytes"):
        convert(Path(f"a{suffix}"), lying(suffix, 3_000_000))


@pytest.mark.parametrize("suffix", [".docx", ".epub"])
def test_too_many_members(suffix, monkeypatch):
    monkeypatch.setattr(base, "MAXIMUM_MEMBERS", 3)
    with pytest.raises(ArticleTooLarge, match=r"holds \d members, and no more than 3 are read"):
        convert(Path(f"a{suffix}"), word(["a"]) if suffix == ".docx" else epub(["<p>a</p>", "<p>b</p>"]))


def test_members_packed_or_locked_in_unusual_ways():
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("META-INF/container.xml", "<a/>")
    with pytest.raises(ArticleUnreadable, match="unsupported compression"):
        text_of("a.epub", written.getvalue())
    locked = bytearray(zipped({"META-INF/container.xml": "<a/>"}))
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ArticleUnreadable, match=r"is encrypted.*without a password"):
        text_of("a.epub", bytes(locked))


LAUGHS = "<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'><!ENTITY f SYSTEM 'file:///etc/passwd'>]>"


@pytest.mark.parametrize("name", ["a.epub", "a.xhtml"])
def test_no_entity_is_expanded(name):
    page = chapter("<p>one &b; two &f; three</p>", LAUGHS)
    text = text_of(name, epub([page]) if name == "a.epub" else page.encode())
    assert "one" in text
    assert "three" in text
    assert "ha" not in text
    assert "root" not in text


@pytest.mark.parametrize("depth", [100, 3_000, 100_000])
@pytest.mark.parametrize("name", ["a.html", "a.epub", "a.docx"])
def test_nesting_without_end(name, depth):
    page = "<div>" * depth + "deep" + "</div>" * depth
    box = "<w:txbxContent><w:p>"
    contents = {
        "a.html": page.encode(),
        "a.epub": epub([chapter(page)]),
        "a.docx": word([], f"<w:p>{box * depth}<w:r><w:t>deep</w:t></w:r>{'</w:p></w:txbxContent>' * depth}</w:p>"),
    }
    try:
        assert text_of(name, contents[name]) in {"deep", ""}
    except ArticleError as error:
        assert name in str(error)


@pytest.mark.parametrize(
    ("written", "stated"),
    [
        ("2025-06-04T10:00:00Z", "2025-06-04"),
        ("20250604", "2025-06-04"),
        ("D:202506", "2025-06"),
        ("1813", "1813"),
        ("0101-01-01T00:00:00+00:00", None),
        ("1749031200", None),
        ("2025-02-30", None),
        (None, None),
    ],
)
def test_stated_dates(written, stated):
    assert parse_date(written) == stated
