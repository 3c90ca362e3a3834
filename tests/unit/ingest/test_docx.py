"""Word documents into text: what a reader sees on the page, in order, and what is told as left out."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path

import docx
import pytest
from evals.common.sample_files import word

from askseoul.ingest.converters import convert
from askseoul.ingest.converters.base import ConvertedFile

A = "http://schemas.openxmlformats.org/drawingml/2006/main"
AWKWARD = [
    "대통령은 정상 회담 전에 동맹국에 전화했다.",
    "The café’s “naïve” plan — e\u0301 — costs < 5 & > 3.",
    "🇰🇷 👩\u200d💻 emoji stay.",
    "השלום חזר אל סיאול בשנת 2024.",
]


def converted(body: str, **parts: str) -> ConvertedFile:
    return convert(Path("a.docx"), word([], body, **parts))


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t xml:space='preserve'>{text}</w:t></w:r>"


def paragraph(content: str, properties: str = "") -> str:
    inner = content if content.startswith("<") else run(content)
    return f"<w:p><w:pPr>{properties}</w:pPr>{inner}</w:p>"


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{text if text.startswith('<') else paragraph(text)}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    written = (one if one.startswith("<w:tc>") else cell(one) for one in cells)
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(written)}</w:tr>"


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


def note(number: int, text: str, kind: str = "footnote") -> str:
    return f"<w:{kind} w:id='{number}'>{paragraph(text)}</w:{kind}>"


def cited(number: int, kind: str = "footnote") -> str:
    return f"<w:r><w:{kind}Reference w:id='{number}'/></w:r>"


def test_paragraphs_headings_lists_and_tables():
    document = docx.Document()
    document.add_heading("Seoul waits", 0)
    for text in AWKWARD:
        document.add_paragraph(text)
    document.add_heading("Numbers", 2)
    document.add_paragraph("One", style="List Bullet")
    document.add_paragraph("Two", style="List Bullet")
    table = document.add_table(2, 2)
    for one, text in zip(
        table.rows[0].cells + table.rows[1].cells, ["Year", "Troops", "2024", "28,\n500"], strict=True
    ):
        one.text = text
    document.core_properties.title = "A title"
    document.core_properties.author = "A. Writer"
    document.core_properties.created = datetime(2025, 6, 4, 10)
    written = io.BytesIO()
    document.save(written)
    found = convert(Path("a.docx"), written.getvalue())
    assert found.text == "\n\n".join(
        ["# Seoul waits", *AWKWARD, "## Numbers", "- One\n- Two", "| Year: 2024; Troops: 28, 500."]
    )
    assert (found.title, found.source, found.published) == ("A title", "A. Writer", None)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(f"<w:p><w:ins>{run('in')}</w:ins><w:del>{run('out')}</w:del></w:p>", "in", id="revision"),
        pytest.param(
            paragraph("One half", "<w:rPr><w:del/></w:rPr>") + paragraph(" and the other."),
            "One half and the other.",
            id="end of a paragraph deleted",
        ),
        pytest.param(f"<w:p>{run('a ')}<w:hyperlink>{run('link')}</w:hyperlink></w:p>", "a link", id="link"),
        pytest.param(
            "<w:p><w:r><w:t>a</w:t><w:br/><w:t>b</w:t><w:tab/><w:t>c</w:t></w:r></w:p>", "a\nb\tc", id="breaks"
        ),
        pytest.param(paragraph(run("10") + run("6", "<w:vertAlign w:val='superscript'/>")), "10⁶", id="raised"),
        pytest.param(paragraph("a", "<w:pStyle w:val='U2'/>"), "## a", id="style named otherwise"),
        pytest.param(paragraph("a", "<w:outlineLvl w:val='2'/>"), "### a", id="heading by its level"),
        pytest.param(
            f"<w:p>{run('a')}<w:r><w:txbxContent>{paragraph('box')}</w:txbxContent></w:r>{run('b')}</w:p>",
            "ab\n\nbox",
            id="text box",
        ),
        pytest.param(
            "<w:p><w:r><w:drawing><x:docPr xmlns:x='urn:x' descr='A map of the\n tram lines'/></w:drawing></w:r></w:p>",
            "Picture: A map of the tram lines.",
            id="alternative text",
        ),
        pytest.param(
            "<w:p><w:r><w:drawing><x:docPr xmlns:x='urn:x' descr='image1.png'/></w:drawing></w:r></w:p>",
            "",
            id="file name as alternative text",
        ),
    ],
)
def test_what_stands_in_paragraphs(body, text):
    assert converted(body).text == text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(f"<w:sdt><w:sdtContent>{paragraph('a')}</w:sdtContent></w:sdt>", "a", id="content control"),
        pytest.param(
            f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{paragraph('Click')}</w:sdtContent></w:sdt>",
            "",
            id="content control that nobody filled",
        ),
        pytest.param(
            f"<w:p><w:r><w:fldChar><w:ffData><w:checkBox><w:checked/></w:checkBox></w:ffData></w:fldChar></w:r>"
            f"{run(' Yes ')}<w:r><w:fldChar><w:ffData><w:checkBox><w:default w:val='0'/></w:checkBox></w:ffData>"
            f"</w:fldChar></w:r>{run(' No')}</w:p>",
            "☒ Yes ☐ No",
            id="check boxes",
        ),
        pytest.param(
            f"<w:p>{run('Day: ')}<w:r><w:fldChar><w:ffData><w:ddList><w:result w:val='1'/><w:listEntry w:val='Mon'/>"
            "<w:listEntry w:val='Tue'/></w:ddList></w:ffData></w:fldChar></w:r></w:p>",
            "Day: Tue",
            id="choice",
        ),
        pytest.param(
            f"<w:p>{run('Fee: ')}<w:fldSimple>{run('40 crowns')}</w:fldSimple></w:p>", "Fee: 40 crowns", id="field"
        ),
        pytest.param("<w:p><w:r><w:sym w:font='Wingdings' w:char='F0FE'/></w:r></w:p>", "☒", id="Wingdings"),
    ],
)
def test_forms(body, text):
    assert converted(body).text == text


# Notes


def test_a_footnote_follows_the_paragraph_that_refers_to_it():
    found = converted(
        paragraph(run("A poll") + cited(7) + run(" says that 62 percent back the tram.") + cited(9))
        + paragraph("The council votes on 12 June."),
        footnotes="<w:footnote w:id='0' w:type='separator'><w:p/></w:footnote>"
        + note(9, "Of 804 people.")
        + note(7, "Paid for by Bygg &amp; Spor."),
    )
    assert found.text == (
        "A poll¹ says that 62 percent back the tram.²\n\nNote 1: Paid for by Bygg & Spor.\n\nNote 2: Of 804 people.\n\n"
        "The council votes on 12 June."
    )


def test_endnotes_are_numbered_after_the_footnotes():
    found = converted(
        paragraph(run("One") + cited(1, "endnote")) + paragraph(run("Two") + cited(1)),
        footnotes=note(1, "A footnote."),
        endnotes=note(1, "An endnote.", "endnote"),
    )
    assert found.text == "One²\n\nNote 2: An endnote.\n\nTwo¹\n\nNote 1: A footnote."


def test_a_note_with_a_mark_of_its_own():
    mark = "<w:r><w:footnoteReference w:id='1' w:customMarkFollows='1'/><w:t>*</w:t></w:r>"
    found = converted(paragraph(run("Free") + mark), footnotes=note(1, "*Except on Sundays."))
    assert found.text == "Free*\n\nNote *: Except on Sundays."


def test_notes_of_lists_and_tables_stand_behind_them():
    bullets = "<w:abstractNum w:abstractNumId='1'><w:lvl w:ilvl='0'><w:numFmt w:val='bullet'/></w:lvl></w:abstractNum>"
    item = "<w:numPr><w:ilvl w:val='0'/><w:numId w:val='1'/></w:numPr>"
    found = converted(
        paragraph(run("One") + cited(1), item)
        + paragraph("Two", item)
        + table(row("Town", "Trams", "Buses"), row(cell(paragraph(run("Vik") + cited(2))), "3", "5")),
        numbering=f"{bullets}<w:num w:numId='1'><w:abstractNumId w:val='1'/></w:num>",
        footnotes=note(1, "Of two.") + note(2, "Since 2024."),
    )
    assert found.text == (
        "- One¹\n- Two\n\nNote 1: Of two.\n\n| Town: Vik²; Trams: 3; Buses: 5.\n\nNote 2: Since 2024."
    )


# Lists


def numbering(*formats: tuple[str, str]) -> str:
    levels = "".join(
        f"<w:lvl w:ilvl='{level}'><w:start w:val='1'/><w:numFmt w:val='{kind}'/><w:lvlText w:val='{text}'/></w:lvl>"
        for level, (kind, text) in enumerate(formats)
    )
    return (
        f"<w:abstractNum w:abstractNumId='5'>{levels}</w:abstractNum>"
        "<w:num w:numId='1'><w:abstractNumId w:val='5'/></w:num>"
        "<w:num w:numId='2'><w:abstractNumId w:val='5'/><w:lvlOverride w:ilvl='0'><w:startOverride w:val='1'/>"
        "</w:lvlOverride></w:num>"
    )


def item(text: str, level: int = 0, number: int = 1) -> str:
    return paragraph(text, f"<w:numPr><w:ilvl w:val='{level}'/><w:numId w:val='{number}'/></w:numPr>")


@pytest.mark.parametrize(
    ("formats", "body", "text"),
    [
        pytest.param([("decimal", "%1.")], item("a") + item("b"), "1. a\n2. b", id="numbers"),
        pytest.param([("decimal", "%1)")], item("a") + item("b"), "1) a\n2) b", id="numbers with brackets"),
        pytest.param([("lowerLetter", "(%1)")], item("x") + item("y"), "- (a) x\n- (b) y", id="letters"),
        pytest.param(
            [("upperRoman", "%1.")], "".join(map(item, "abcd")), "- I. a\n- II. b\n- III. c\n- IV. d", id="Roman"
        ),
        pytest.param(
            [("decimal", "%1."), ("decimal", "%1.%2")],
            item("a") + item("b", 1) + item("c", 1) + item("d") + item("e", 1),
            "1. a\n  - 1.1 b\n  - 1.2 c\n2. d\n  - 2.1 e",
            id="levels",
        ),
        pytest.param(
            [("bullet", "•"), ("bullet", "•")],
            item("한", 1) + item("b", 1) + paragraph("So:") + item("c") + item("d", 1),
            "- 한\n- b\n\nSo:\n\n- c\n  - d",
            id="a list that begins on a lower level",
        ),
        pytest.param(
            [("decimal", "%1.")],
            item("a") + item("b") + paragraph("Then:") + item("c", number=2) + item("d", number=2),
            "1. a\n2. b\n\nThen:\n\n1. c\n2. d",
            id="begun anew",
        ),
        pytest.param(
            [("decimal", "%1.")], item("a") + paragraph("So:") + item("b"), "1. a\n\nSo:\n\n2. b", id="gone on with"
        ),
        pytest.param([("bullet", "•")], item("a") + item("b", 0, 0), "- a\n\nb", id="no item any longer"),
    ],
)
def test_items_of_lists(formats, body, text):
    assert converted(body, numbering=numbering(*formats)).text == text


def test_headings_keep_their_numbers():
    body = paragraph("Fees", "<w:pStyle w:val='U2'/><w:numPr><w:ilvl w:val='0'/><w:numId w:val='1'/></w:numPr>")
    assert converted(body, numbering=numbering(("decimal", "Article %1"))).text == "## Article 1 Fees"


# Tables


SPAN = "<w:gridSpan w:val='2'/>"


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        pytest.param(
            [row("Town", "2021", "2025"), row("Vik", "58.7", "71.2")],
            "| Town: Vik; 2021: 58.7; 2025: 71.2.",
            id="years",
        ),
        pytest.param(
            [row(cell("Spending", "<w:gridSpan w:val='3'/>")), row("", "2023", "2024"), row("Roads", "18", "22")],
            "Spending\n\n| Roads; 2023: 18; 2024: 22.",
            id="title in the table",
        ),
        pytest.param(
            [
                row(cell("Town", "<w:vMerge w:val='restart'/>"), cell("Turnout", SPAN)),
                row(cell("", "<w:vMerge/>"), "2021", "2025"),
                row("Vik", "58.7", "71.2"),
            ],
            "| Town: Vik; Turnout 2021: 58.7; Turnout 2025: 71.2.",
            id="headers over headers",
        ),
        pytest.param(
            [
                row("Region", "Town", "Trams"),
                row(cell("North", "<w:vMerge w:val='restart'/>"), "Vik", "3"),
                row(cell("", "<w:vMerge/>"), "Sund", "5"),
            ],
            "| Region: North; Town: Vik; Trams: 3.\n| Region: North; Town: Sund; Trams: 5.",
            id="merged downwards",
        ),
        pytest.param(
            [row("Who", "What", properties="<w:tblHeader/>"), row("Ann", "mayor")],
            "| Who: Ann; What: mayor.",
            id="marked",
        ),
        pytest.param(
            [row("a", "b", "c"), row("1", "2", "3", properties="<w:del/>"), row("4", "5", "6")],
            "| a: 4; b: 5; c: 6.",
            id="row deleted under revision",
        ),
        pytest.param(
            [row("Name:", "Ann Berg", "Date:", "3 May 2025"), row("Street:", "1 High Street", "Fee:", "")],
            "| Name: Ann Berg.\n| Date: 3 May 2025.\n| Street: 1 High Street.\n| Fee:.",
            id="form",
        ),
        pytest.param([row(cell(paragraph("a") + paragraph("b")))], "a\n\nb", id="frame"),
        pytest.param(
            [row(cell(table(row("Day", "Hours"), row("Monday", "9"))), cell("Ring twice."))],
            "| Day: Monday; Hours: 9.\n\nRing twice.",
            id="table that lays out a table",
        ),
        pytest.param(
            [
                row("Town", "Trams"),
                row(cell(paragraph("Vik") + table(row("Line", "Km"), row("A", "2"))), "3"),
                row("Sund", "5"),
            ],
            "| Town: Vik; Trams: 3.\n| Town: Sund; Trams: 5.\n\n| Line: A; Km: 2.",
            id="table in a table",
        ),
        pytest.param(
            [row("Who", "Where"), row("Ann", cell(paragraph("1 High Street") + paragraph("Vik")))],
            "| Who: Ann; Where: 1 High Street, Vik.",
            id="lines of an address",
        ),
    ],
)
def test_tables(rows, text):
    assert converted(table(*rows)).text == text


def test_prose_in_cells_is_prose():
    long = "The council of Vik has decided to close the bridge for two years. " * 3
    body = table(row(cell(paragraph(long) + paragraph("More.")), cell(paragraph(long) + paragraph("Still more."))))
    assert converted(body).text == "\n\n".join([long.strip(), "More.", long.strip(), "Still more."])


# What is left out


def comments(number: int) -> str:
    return "".join(f"<w:comment w:id='{one}'>{paragraph('Really?')}</w:comment>" for one in range(number))


@pytest.mark.parametrize(
    ("body", "parts", "notes"),
    [
        pytest.param("a", {}, (), id="nothing"),
        pytest.param("a", {"comments": comments(1)}, ("1 comment was left out",), id="comment"),
        pytest.param("a", {"comments": comments(3)}, ("3 comments were left out",), id="comments"),
        pytest.param(
            "a", {"header": paragraph("Draft for the council")}, ("1 header or footer was left out",), id="header"
        ),
        pytest.param("a", {"footer": paragraph("Page 3")}, (), id="page number"),
        pytest.param(
            run("a") + run("secret", "<w:vanish/>"), {}, ("1 piece of hidden text was left out",), id="hidden text"
        ),
        pytest.param(run("a") + run("", "<w:vanish w:val='0'/>"), {}, (), id="text that is not hidden"),
        pytest.param(
            f"<w:ins>{run('a')}</w:ins><w:del>{run('b')}</w:del>",
            {},
            ("2 tracked changes were read as accepted",),
            id="revision",
        ),
        pytest.param(
            "<w:r><w:t>a</w:t></w:r></w:p><w:altChunk/><w:p>",
            {},
            ("1 embedded file was left out",),
            id="text of another file",
        ),
        pytest.param(
            run("a") + "<w:r><w:object><o:OLEObject xmlns:o='urn:o'/></w:object></w:r>",
            {},
            ("1 embedded file was left out",),
            id="embedded file",
        ),
    ],
)
def test_what_is_left_out_is_told(body, parts, notes):
    found = converted(paragraph(body), **parts)
    assert (found.text, found.notes) == ("a", notes)


def test_charts_are_tables_of_their_figures():
    points = "<c:pt idx='0'><c:v>{}</c:v></c:pt><c:pt idx='1'><c:v>{}</c:v></c:pt>"
    chart = (
        f"<?xml version='1.0'?><c:chart xmlns:c='urn:c' xmlns:a='{A}'><c:title><a:p><a:r><a:t>Turnout</a:t></a:r></a:p>"
        f"</c:title><c:ser><c:tx><c:v>2021</c:v></c:tx><c:cat>{points.format('Vik', 'Sund')}</c:cat>"
        f"<c:val>{points.format('58.699999999999996', '61')}</c:val></c:ser></c:chart>"
    )
    body = "<w:p><w:r><w:drawing><c:chart xmlns:c='urn:c' r:id='r0'/></w:drawing></w:r></w:p>"
    assert converted(body, chart=chart).text == "Turnout\n\n| Vik; 2021: 58.7.\n| Sund; 2021: 61."


def test_diagrams_are_lists():
    diagram = (
        f"<?xml version='1.0'?><d:data xmlns:d='urn:d' xmlns:a='{A}'><a:p><a:r><a:t>Plan</a:t></a:r></a:p><a:p/>"
        "<a:p><a:r><a:t>Bu</a:t></a:r><a:r><a:t>ild</a:t></a:r></a:p></d:data>"
    )
    body = "<w:p><w:r><w:drawing><d:relIds xmlns:d='urn:d' r:dm='r0'/></w:drawing></w:r></w:p>"
    assert converted(body, diagramData=diagram).text == "- Plan\n- Build"


@pytest.mark.parametrize("element", ["<c:chart xmlns:c='urn:c' r:id='none'/>", "<d:relIds xmlns:d='urn:d'/>"])
def test_drawings_that_refer_to_nothing(element):
    assert converted(f"{paragraph('a')}<w:p><w:r><w:drawing>{element}</w:drawing></w:r></w:p>").text == "a"


def test_a_table_of_contents_is_left_out():
    found = converted(
        paragraph("Fees\t3", "<w:pStyle w:val='T1'/>") + paragraph("Fees are low."),
        styles="<w:style w:styleId='T1'><w:name w:val='toc 1'/></w:style>",
    )
    assert (found.text, found.notes) == ("Fees are low.", ("1 table of contents was left out",))


def test_hidden_by_a_style():
    found = converted(
        paragraph(run("a") + run("b", "<w:rStyle w:val='H'/>")),
        styles="<w:style w:styleId='G'><w:rPr><w:vanish/></w:rPr></w:style>"
        "<w:style w:styleId='H'><w:basedOn w:val='G'/></w:style>",
    )
    assert (found.text, found.notes) == ("a", ("1 piece of hidden text was left out",))


def test_styles_based_on_one_another_in_a_circle():
    circle = (
        "<w:style w:styleId='G'><w:basedOn w:val='H'/></w:style><w:style w:styleId='H'><w:basedOn w:val='G'/></w:style>"
    )
    assert converted(paragraph("a", "<w:pStyle w:val='G'/>"), styles=circle).text == "a"


# Metadata


@pytest.mark.parametrize("author", ["python-docx", "Administrator", "(anonymous)", "user", "Windows User", " "])
def test_what_a_program_made_up_is_not_stated(author):
    document = docx.Document()
    document.add_paragraph("Seoul waits.")
    document.core_properties.author = author
    document.core_properties.title = "Microsoft Word - draft.docx"
    written = io.BytesIO()
    document.save(written)
    found = convert(Path("a.docx"), written.getvalue())
    assert (found.title, found.source, found.published) == (None, None, None)


def test_a_document_without_properties():
    assert convert(Path("a.docx"), word(["Seoul waits."])).title is None


def test_the_strict_variant_of_the_format():
    strict = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
    plain = word(["Seoul waits."])
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain)) as archive, zipfile.ZipFile(written, "w") as copy:
        for name in archive.namelist():
            content = archive.read(name)
            content = content.replace(b"http://schemas.openxmlformats.org/wordprocessingml/2006/main", strict)
            content = content.replace(
                b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                b"http://purl.oclc.org/ooxml/officeDocument/relationships",
            )
            copy.writestr(name, content)
    assert convert(Path("a.docx"), written.getvalue()).text == "Seoul waits."


BOLD = "<w:rPr><w:b/></w:rPr>"


@pytest.mark.parametrize(
    ("first", "look", "text"),
    [
        pytest.param(row("Town", "Mayor"), "", "| Town: Mayor.\n| Vik: Ann.", id="nothing"),
        pytest.param(
            row(*(cell(paragraph(run(name, "<w:b/>"))) for name in ("Town", "Mayor"))),
            "",
            "| Town: Vik; Mayor: Ann.",
            id="in bold",
        ),
        pytest.param(
            row(*(cell(paragraph(name, "<w:pStyle w:val='Th'/>")) for name in ("Town", "Mayor"))),
            "",
            "| Town: Vik; Mayor: Ann.",
            id="in a bold style",
        ),
        pytest.param(
            row("Town", "Mayor"),
            "<w:tblPr><w:tblStyle w:val='Tb'/><w:tblLook w:firstRow='1'/></w:tblPr>",
            "| Town: Vik; Mayor: Ann.",
            id="in a style of tables",
        ),
        pytest.param(
            row("Town", "Mayor"),
            "<w:tblPr><w:tblStyle w:val='Tb'/><w:tblLook w:val='0480'/></w:tblPr>",
            "| Town: Mayor.\n| Vik: Ann.",
            id="in a style whose first row is not used",
        ),
    ],
)
def test_names_that_stand_out_are_headers(first, look, text):
    styles = (
        f"<w:style w:styleId='Th'>{BOLD}</w:style><w:style w:styleId='Tb'><w:tblStylePr w:type='firstRow'>{BOLD}"
        "</w:tblStylePr></w:style>"
    )
    assert converted(f"<w:tbl>{look}{first}{row('Vik', 'Ann')}</w:tbl>", styles=styles).text == text
