"""Small files of every supported format, written by hand, for tests and measurements."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from html import escape

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_CREATED = datetime(2025, 6, 4, 10)
_PICTURE = (
    b"<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Length 1>>stream\n0\n"
    b"endstream"
)


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    """A ZIP archive of these members."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def web_page(paragraphs: Sequence[str], title: str = "Seoul waits", head: str = "") -> bytes:
    """An HTML page with an article between a menu and a footer. ``head`` is added to the head element."""
    body = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    return (
        f"<!DOCTYPE html><html lang='en'><head><title>{escape(title)} | The Paper</title>{head}</head><body>"
        f"<nav><a href='/'>Home</a></nav><article><h1>{escape(title)}</h1>{body}</article>"
        "<footer>All rights reserved</footer></body></html>"
    ).encode()


def pdf(pages: Sequence[Sequence[str]], info: str = "", *, picture: bool = False) -> bytes:
    """A PDF whose pages have these lines; an empty line becomes a blank line.

    ``info`` is the content of the information dictionary, in PDF syntax. ``picture`` adds an image to every page.
    """
    characters = sorted({character for page in pages for line in page for character in line})
    codes = {character: code for code, character in enumerate(characters, 1)}
    mapping = "\n".join(
        f"<{code:04x}> <{character.encode('utf-16-be').hex()}>" for character, code in codes.items()
    ).encode()
    to_unicode = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /A def /CMapType 2 def "
        b"1 begincodespacerange <0000> <ffff> endcodespacerange %d beginbfchar\n%s\nendbfchar endcmap end end"
    ) % (len(codes), mapping)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count %d>>"
        % (b" ".join(b"%d 0 R" % (8 + 2 * n) for n in range(len(pages))), len(pages)),
        b"<</Type/Font/Subtype/Type0/BaseFont/A/Encoding/Identity-H/DescendantFonts[4 0 R]/ToUnicode 5 0 R>>",
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/A/DW 500/CIDSystemInfo"
        b"<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>>>",
        _stream(to_unicode),
        _PICTURE,
        b"<<%s>>" % info.encode(),
    ]
    for number, page in enumerate(pages):
        lines = ["".join(f"{codes[character]:04x}" for character in line) for line in page]
        drawn = "".join(f"<{line}> Tj T* " if line else "T* " for line in lines)
        content = f"BT /F 12 Tf 14 TL 72 720 Td {drawn}ET {'/P Do' if picture else ''}"
        objects += [
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents %d 0 R"
            b"/Resources<</Font<</F 3 0 R>>/XObject<</P 6 0 R>>>>>>" % (9 + 2 * number),
            _stream(content.encode()),
        ]
    written = b"%PDF-1.7\n"
    places = []
    for number, written_object in enumerate(objects, 1):
        places.append(b"%010d 00000 n \n" % len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, written_object)
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, b"".join(places))
    trailer = b"trailer<</Size %d/Root 1 0 R/Info 7 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(written))
    return written + table + trailer


def _stream(content: bytes) -> bytes:
    return b"<</Length %d>>stream\n%s\nendstream" % (len(content), content)


def word(paragraphs: Sequence[str], body: str = "", **parts: str) -> bytes:
    """A Word document with these paragraphs, followed by ``body`` in WordprocessingML.

    ``parts`` are the contents of further parts by kind, such as "footnotes", and of "styles" in addition to its own.
    """
    written = "".join(f"<w:p><w:r><w:t>{escape(paragraph)}</w:t></w:r></w:p>" for paragraph in paragraphs)
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    own_style = "<w:style w:type='paragraph' w:styleId='U2'><w:name w:val='heading 2'/></w:style>"
    parts = {**parts, "styles": own_style + parts.get("styles", "")}
    roots = {"footer": "ftr", "header": "hdr"}
    return zipped(
        {
            "[Content_Types].xml": "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'>"
            "<Default Extension='rels' ContentType='application/vnd.openxmlformats-package.relationships+xml'/>"
            "<Default Extension='xml' ContentType='application/xml'/>"
            f"<Override PartName='/word/document.xml' ContentType='{kind}.document.main+xml'/>"
            f"<Override PartName='/word/styles.xml' ContentType='{kind}.styles+xml'/></Types>",
            "_rels/.rels": _relations({"officeDocument": "word/document.xml"}),
            "word/_rels/document.xml.rels": _relations({name: f"{name}.xml" for name in parts}),
            "word/document.xml": f"<w:document xmlns:w='{W}' xmlns:r='{_RELATION}'><w:body>{written}{body}</w:body>"
            "</w:document>",
            **{
                f"word/{name}.xml": content
                if content.startswith("<?")
                else f"<w:{roots.get(name, name)} xmlns:w='{W}'>{content}</w:{roots.get(name, name)}>"
                for name, content in parts.items()
            },
        }
    )


def workbook(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    """An Excel workbook with these rows on each sheet, the first of which stands at the top."""
    import xlsxwriter

    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        book.set_properties({"created": _CREATED})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return _undated(written)


def _undated(archive: io.BytesIO) -> bytes:
    """The same archive without the times at which its members were written."""
    with zipfile.ZipFile(archive) as members:
        return zipped({name: members.read(name) for name in members.namelist()})


def presentation(slides: Mapping[str, Sequence[str]]) -> bytes:
    """A PowerPoint presentation of slides with these titles, each with a list of items."""
    import pptx

    made = pptx.Presentation()
    for title, items in slides.items():
        slide = made.slides.add_slide(made.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = "\n".join(items)
    written = io.BytesIO()
    made.save(written)
    return _undated(written)


def mail(text: str, html: str = "", attachments: Mapping[str, bytes] | None = None, **headers: str) -> bytes:
    """A mail message; ``_`` in the names of headers stands for ``-``."""
    message = EmailMessage()
    for name, value in {"Subject": "Seoul waits", "From": "A. Writer <a@example.org>", **headers}.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    for name, content in (attachments or {}).items():
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    for number, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"part-{number}")  # not a random one
    return message.as_bytes()


def delimited(rows: Sequence[Sequence[str]], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """A CSV or TSV file."""
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter).writerows(rows)
    return written.getvalue().encode(encoding)


def _relations(targets: Mapping[str, str]) -> str:
    listed = "".join(
        f"<Relationship Id='r{number}' Type='{_RELATION}/{kind}' Target='{target}'/>"
        for number, (kind, target) in enumerate(targets.items())
    )
    return (
        f"<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>{listed}</Relationships>"
    )


def chapter(body: str, before: str = "") -> str:
    """A chapter of an EPUB; ``before`` precedes the root element."""
    return f"{before}<html xmlns='http://www.w3.org/1999/xhtml'><head><title>x</title></head><body>{body}</body></html>"


def epub(chapters: Sequence[str | bytes], metadata: str = "", **more: str | bytes) -> bytes:
    """An EPUB with these chapters. ``more`` adds or replaces members; ``_`` in their names stands for ``/``."""
    names = [f"c{number}.xhtml" for number in range(len(chapters))]
    items = "".join(f"<item id='{name}' href='te%78t/{name}' media-type='application/xhtml+xml'/>" for name in names)
    spine = "".join(f"<itemref idref='{name}'/>" for name in names)
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": "<container xmlns='urn:oasis:names:tc:opendocument:xmlns:container'><rootfiles>"
            "<rootfile full-path='OEBPS/book.opf'/></rootfiles></container>",
            "OEBPS/book.opf": "<package xmlns='http://www.idpf.org/2007/opf' xmlns:opf='http://www.idpf.org/2007/opf' "
            "xmlns:dc='http://purl.org/dc/elements/1.1/'><metadata>"
            f"{metadata}</metadata><manifest>{items}</manifest><spine>{spine}</spine></package>",
            **{f"OEBPS/text/{name}": content for name, content in zip(names, chapters, strict=True)},
            **{name.replace("_", "/"): content for name, content in more.items()},
        }
    )
