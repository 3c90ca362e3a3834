"""Files of each kind into text: what a reader of the file sees, and the words with which what can't be read is refused.

What is refused whatever its kind is also tested, in quantity, by tests/system/test_hostile_files.py.
"""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pypdf
import pytest
from evals.common.sample_files import chapter, epub, pdf, presentation, web_page, word, workbook, zipped

from askseoul.errors import ArticleError, ArticleTooLarge, ArticleUnreadable, FormatUnsupported
from askseoul.ingest.articles import read_content
from askseoul.ingest.converters import SAVED_AS, SUFFIXES, base, convert
from askseoul.ingest.converters.base import parse_date

AWKWARD = [
    "대통령은 정상 회담 전에 동맹국에 전화했다.",
    "The café’s “naïve” plan — e\u0301 — costs < 5 & > 3.",
    "🇰🇷 👩\u200d💻 emoji stay.",
    "השלום חזר אל סיאול בשנת 2024.",
]


def text_of(name: str, content: bytes) -> str:
    return convert(Path(name), content).text


def encrypted_pdf() -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf([["Seoul waits."]])))
    writer.encrypt("secret", algorithm="RC4-128")
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


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
        pytest.param("a.docx", workbook({"A": []}), "an Excel workbook.*: rename it to .xlsx", id="Excel as Word"),
        pytest.param("a.pptx", workbook({"A": []}), "an Excel workbook.*: rename it to .xlsx", id="Excel as slides"),
        pytest.param("a.xlsx", presentation({}), "a PowerPoint presentation.*: rename it to .pptx", id="slides"),
        pytest.param("a.csv", workbook({"A": []}), "an Excel workbook.*: rename it to .xlsx", id="Excel as CSV"),
        pytest.param("a.xlsx", b"a,b\n1,2\n", "it looks like plain text.*: rename it to .txt", id="CSV as Excel"),
        pytest.param("a.eml", b"Just text.", "it looks like plain text.*: rename it to .txt", id="text as mail"),
        pytest.param("a.tsv", b"a\tb\0", "it looks like binary data", id="NUL in a table"),
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
        pytest.param("a.epub", epub([b"\x01\xff<p>"]), "'OEBPS/text/c0.xhtml'.*: neither UTF-8", id="bytes"),
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


@pytest.mark.parametrize(
    ("suffix", "member"),
    [(".xlsx", "xl/workbook.xml"), (".pptx", "ppt/presentation.xml"), (".pptx", "ppt/media/a.png")],
)
def test_zip_bombs_of_other_kinds(suffix, member):
    intact = workbook({"A": [["a"]]}) if suffix == ".xlsx" else presentation({"A": ["a"]})
    with zipfile.ZipFile(io.BytesIO(intact)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with pytest.raises(ArticleTooLarge, match=r"packs 20,000,000 bytes into .*like a ZIP bomb"):
        convert(Path(f"a{suffix}"), zipped(members | {member: bytes(20_000_000)}))


@pytest.mark.parametrize("suffix", [".doc", ".XLS", ".odt", ".rtf", ".msg", ".ppt"])
def test_a_format_that_is_not_read_has_a_remedy(suffix, tmp_path):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"text")
    with pytest.raises(FormatUnsupported, match=rf"{suffix}: only \.md, .* files are read; save it as \.[a-z]+$"):
        read_content(path)


def test_remedies_name_formats_that_are_read():
    assert set(SAVED_AS.values()) <= set(SUFFIXES)
    assert not set(SAVED_AS) & {*SUFFIXES, ".md", ".txt"}


def test_a_document_that_holds_one_of_another_kind():
    with zipfile.ZipFile(io.BytesIO(presentation({"A": ["a"]}))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in (members | {"ppt/embeddings/a.xlsx": workbook({"B": [["b"]]})}).items():
            archive.writestr(name, content)
    assert text_of("a.pptx", written.getvalue()) == "# A\n\na"


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
