"""Tables in files of their own into text: each row a statement, and what stands around tables kept apart from them."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import xlsxwriter
from evals.common.sample_files import delimited, workbook, zipped

from askseoul.errors import ArticleTooLarge, ArticleUnreadable
from askseoul.ingest.converters import convert, grids
from askseoul.ingest.converters.number_formats import number_shown


def text_of(content: bytes, name: str = "a.csv") -> str:
    return convert(Path(name), content).text


TOWNS = [["Town", "Turnout 2021", "Turnout 2025"], ["Vik", "58.7", "71.2"], ["부산", "61.0", ""]]
TOWNS_TEXT = "| Town: Vik; Turnout 2021: 58.7; Turnout 2025: 71.2.\n| Town: 부산; Turnout 2021: 61.0."


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_any_delimiter(delimiter, name):
    assert text_of(delimited(TOWNS, delimiter), name) == TOWNS_TEXT


@pytest.mark.parametrize(
    ("content", "text"),
    [
        pytest.param("a,b\r\nSeoul,1\r\n", "| a: Seoul; b: 1.", id="CRLF"),
        pytest.param("\ufeffa,b\nSeoul,1\n", "| a: Seoul; b: 1.", id="byte order mark"),
        pytest.param("sep=;\na;b\nSeoul;1,5\n", "| a: Seoul; b: 1,5.", id="delimiter stated"),
        pytest.param(
            "Town;Cost\nVik;1,5\nSund;2,5\n", "| Town: Vik; Cost: 1,5.\n| Town: Sund; Cost: 2,5.", id="commas"
        ),
        pytest.param('a,b\n"Seoul,\nKorea",1\n', "| a: Seoul, Korea; b: 1.", id="quoted line break and comma"),
        pytest.param('a, b\n"He said ""no""", 1\n', '| a: He said "no"; b: 1.', id="quoted quotation marks"),
        pytest.param("Trams of Vik\n\nLine,Km\nA,2\n", "Trams of Vik\n\n| Line: A; Km: 2.", id="title above"),
        pytest.param(
            "Line,Km\nA,2\nB,3\n\nTown,Trams\nVik,5\n",
            "| Line: A; Km: 2.\n| Line: B; Km: 3.\n\n| Town: Vik; Trams: 5.",
            id="two tables",
        ),
        pytest.param(
            "Trams, buses\nMade 2025-06-04\nLine,Km,Stops\nA,2,5\nB,3,7\n",
            "Trams, buses\n\nMade 2025-06-04\n\n| Line: A; Km: 2; Stops: 5.\n| Line: B; Km: 3; Stops: 7.",
            id="lines above the table",
        ),
        pytest.param("One line.\nAnother line.\n", "One line.\n\nAnother line.", id="no table"),
        pytest.param("Date,Place\n2025-06-04,Vik\n", "| Date: 2025-06-04; Place: Vik.", id="dates"),
        pytest.param("Year,Trams\n2021,5\n2022,6\n", "| Year: 2021; Trams: 5.\n| Year: 2022; Trams: 6.", id="years"),
        pytest.param("a,b\n5,5\nx,x\n", "| a: 5; b: 5.\n| a: x; b: x.", id="rows of equal cells"),
        pytest.param(
            "Year,Event\n2021,The bridge opened.\n", "| Year: 2021; Event: The bridge opened.", id="year first"
        ),
        pytest.param("Budget,6.2 million\nHomes,640\n", "| Budget: 6.2 million.\n| Homes: 640.", id="names and values"),
        pytest.param("שם,מספר\nשלום,5\n", "| שם: שלום; מספר: 5.", id="right to left"),
        pytest.param("a,b\n,\n🇰🇷,1\n", "| a: 🇰🇷; b: 1.", id="empty row"),
    ],
)
def test_rows_are_statements(content, text):
    assert text_of(content.encode()) == text


def test_utf_16():
    assert text_of("a,b\n서울,1\n".encode("utf-16")) == "| a: 서울; b: 1."


def test_an_encoding_that_is_not_stated_is_guessed_and_told():
    found = convert(Path("a.csv"), delimited([["Café", "Prix"], ["Chez José", "12"], ["À côté", "9"]], ";", "cp1252"))
    assert "Café: Chez José; Prix: 12." in found.text
    assert found.notes == ("its encoding was guessed: windows-1252",)


def test_a_quotation_mark_that_is_not_closed():
    with pytest.raises(ArticleUnreadable, match=r"a\.csv can't be read \(line \d+: .*close the quotation marks"):
        text_of(b'a,b\n"' + b"x" * 200_000)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([["1"] * 2000] * 600, id="many cells"),
        pytest.param([["n" * 200] * 500, *[["1"] * 500] * 500], id="headers repeated in each row"),
    ],
)
def test_tables_are_bounded(rows):
    with pytest.raises(ArticleTooLarge, match=r"a\.csv has a table of \d+ rows and [\d,]+ columns: split it"):
        text_of(delimited(rows))


# Excel


def book(fill, **options) -> bytes:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as made:
        fill(made)
        made.set_properties(options)
    return written.getvalue()


def converted(fill, **options):
    return convert(Path("a.xlsx"), book(fill, **options))


def test_sheets_are_headed_by_their_names():
    content = workbook({"Turnout": TOWNS, "Empty": [], "예산 2025": [["Roads", 18], ["Schools", 42]]})
    assert text_of(content, "a.xlsx") == (f"# Turnout\n\n{TOWNS_TEXT}\n\n# 예산 2025\n\n| Roads: 18.\n| Schools: 42.")


def test_the_only_sheet_is_not_headed_by_a_default_name():
    assert text_of(workbook({"Sheet1": TOWNS}), "a.xlsx") == TOWNS_TEXT


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        pytest.param(
            [["Turnout by town"], [], *TOWNS[:2], [], ["Source: Statistics Office"]],
            f"Turnout by town\n\n{TOWNS_TEXT.splitlines()[0]}\n\nSource: Statistics Office",
            id="title and source",
        ),
        pytest.param(
            [["Turnout by town"], *TOWNS[:2], ["* provisional"]],
            f"Turnout by town\n\n{TOWNS_TEXT.splitlines()[0]}\n\n* provisional",
            id="title and remark without empty rows",
        ),
        pytest.param(
            [["Town", "Trams", None, "Party", "Seats"], ["Vik", 3, None, "Left", 12], ["Sund", 5, None, "Right", 9]],
            "| Town: Vik; Trams: 3.\n| Town: Sund; Trams: 5.\n\n| Party: Left; Seats: 12.\n| Party: Right; Seats: 9.",
            id="side by side",
        ),
        pytest.param(
            [["Town", None, 2021, 2025], ["Vik", None, 3, 5]], "| Town: Vik; 2021: 3; 2025: 5.", id="empty column"
        ),
        pytest.param(
            [["Town", "Trams"], [], ["Vik", 3], ["Sund", 5]],
            "| Town: Vik; Trams: 3.\n| Town: Sund; Trams: 5.",
            id="room below the names",
        ),
        pytest.param(
            [[None, "Turnout", None, "Seats", None], ["Town", 2021, 2025, 2021, 2025], ["Vik", 58.7, 71.2, 3, 4]],
            "| Town: Vik; Turnout 2021: 58.7; Turnout 2025: 71.2; Seats 2021: 3; Seats 2025: 4.",
            id="names over names that are not merged",
        ),
        pytest.param([["Vik", True], ["Sund", False]], "| Vik: TRUE.\n| Sund: FALSE.", id="truth"),
        pytest.param([["Vik", 58.699999999999996], ["Sund", 1e-05]], "| Vik: 58.7.\n| Sund: 1e-05.", id="noise"),
    ],
)
def test_what_stands_on_a_sheet(rows, text):
    assert text_of(workbook({"Sheet1": rows}), "a.xlsx") == text


def test_values_are_as_shown():
    def fill(made):
        sheet = made.add_worksheet("Sheet1")
        sheet.write_row(0, 0, ["Town", "Share", "Cost", "Counted", "At", "Hours", "Month", "Total"])
        sheet.write(1, 0, "Vik")
        sheet.write(1, 1, 0.587, made.add_format({"num_format": "0.0%"}))
        sheet.write(1, 2, 1234.5, made.add_format({"num_format": "[$€-407] #,##0.00"}))
        sheet.write(1, 3, datetime(2025, 6, 4), made.add_format({"num_format": "d mmm yyyy"}))
        sheet.write(1, 4, datetime(2025, 6, 4, 10, 30), made.add_format({"num_format": "d/m/yy hh:mm"}))
        sheet.write(1, 5, timedelta(hours=30), made.add_format({"num_format": "[h]:mm"}))
        sheet.write(1, 6, datetime(2025, 6, 1), made.add_format({"num_format": "mmm yyyy"}))
        sheet.write_formula(1, 7, "=SUM(A1:A9)", made.add_format({"num_format": '#,##0 "trams"'}), 28500)

    assert converted(fill).text == (
        "| Town: Vik; Share: 58.7%; Cost: € 1,234.50; Counted: 2025-06-04; At: 2025-06-04 10:30; Hours: 30:00; "
        "Month: 2025-06; Total: 28,500 trams."
    )


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (0.587, "0%", "59%"),
        (0.5, "0.00%", "50.00%"),
        (2.5, "0", "3"),
        (-1234.5, "#,##0.0", "-1,234.5"),
        (-0.2, "0", "0"),
        (6_200_000, '#,##0.0,,"m"', "6.2m"),
        (58.7, "General", "58.7"),
        (58.699999999999996, "", "58.7"),
        (1.5, "# ?/?", "1.5"),
        (1234, "0.00E+00", "1234"),
        (1.5, "0.0##", "1.5"),
        (12, '"$"#,##0.00_);("$"#,##0.00)', "$12.00"),
        (5, '"No. "0', "No. 5"),
        (5, "[Red]0;[Blue]-0", "5"),
        (1e300, "0", "1e+300"),
        (5, "\\", "5"),
    ],
)
def test_number_formats(value, code, shown):
    assert number_shown(value, code) == shown


def test_merged_cells_count_in_each_place():
    def fill(made):
        sheet = made.add_worksheet("Sheet1")
        sheet.merge_range("A1:C1", "Spending by department")
        sheet.merge_range("A2:A3", "Department")
        sheet.merge_range("B2:C2", "Spending")
        sheet.write_row("B3", [2023, 2024])
        sheet.write_row("A4", ["Schools", 42, 45])

    assert converted(fill).text == (
        "Spending by department\n\n| Department: Schools; Spending 2023: 42; Spending 2024: 45."
    )


def test_what_is_hidden_is_left_out_and_told():
    def fill(made):
        sheet = made.add_worksheet("Costs")
        for number, row in enumerate([["Line", "Km", "Secret"], ["A", 2, 7], ["B", 3, 8]]):
            sheet.write_row(number, 0, row)
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.set_row(40, None, None, {"hidden": True})
        sheet.set_column(2, 2, None, None, {"hidden": True})
        made.add_worksheet("Old").hide()
        made.add_worksheet("Older").very_hidden()

    found = converted(fill)
    assert found.text == "# Costs\n\n| Line: A; Km: 2."
    assert found.notes == (
        "the hidden sheet “Old” was left out",
        "the hidden sheet “Older” was left out",
        "1 hidden row of sheet “Costs” was left out",
        "1 hidden column of sheet “Costs” was left out",
    )


def test_text_boxes_are_read_and_comments_are_counted():
    def fill(made):
        sheet = made.add_worksheet("Sheet1")
        sheet.write_row(0, 0, ["Line", "Km"])
        sheet.write_row(1, 0, ["A", 2])
        sheet.insert_textbox("F2", "All lengths in kilometres.")
        sheet.write_comment("A2", "Really?")

    found = converted(fill)
    assert found.text == "| Line: A; Km: 2.\n\nAll lengths in kilometres."
    assert found.notes == ("1 comment was left out",)


def test_what_a_workbook_states_about_itself():
    found = converted(lambda made: made.add_worksheet().write(0, 0, "a"), title="Turnout", author="Statistics Office")
    assert (found.title, found.source, found.published) == ("Turnout", "Statistics Office", None)
    found = converted(lambda made: made.add_worksheet().write(0, 0, "a"), title="Book1", author="user")
    assert (found.title, found.source, found.published) == (None, None, None)


def test_cells_far_apart():
    def fill(made):
        sheet = made.add_worksheet("Sheet1")
        sheet.write(0, 0, "a")
        sheet.write(1_000_000, 16_000, "b")

    with pytest.raises(
        ArticleTooLarge, match=r"a\.xlsx has a sheet of 16,\d{3},\d{3},\d{3} cells or more \('Sheet1'\)"
    ):
        converted(fill)


def test_a_merged_range_as_large_as_the_sheet():
    content = book(lambda made: made.add_worksheet("Sheet1").merge_range("A1:B2", "all"))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name).replace(b"A1:B2", b"A1:XFD1048576") for name in archive.namelist()}
    assert text_of(zipped(members), "a.xlsx") == "all"


def test_many_cells(monkeypatch):
    monkeypatch.setattr(grids, "MAXIMUM_CELLS", 5)
    with pytest.raises(ArticleTooLarge, match=r"a\.xlsx has a table of 3 rows and 3 columns"):
        text_of(workbook({"Sheet1": TOWNS}), "a.xlsx")


@pytest.mark.parametrize(
    ("rows", "bold", "text"),
    [
        pytest.param([["Town", "Mayor"], ["Vik", "Ann"]], (0, None), "| Town: Vik; Mayor: Ann.", id="first row"),
        pytest.param(
            [["City", "Vik"], ["Homes", 640], ["Trams", 5]],
            (None, 0),
            "| City: Vik.\n| Homes: 640.\n| Trams: 5.",
            id="first column",
        ),
        pytest.param([["Town", "Mayor"], ["Vik", "Ann"]], (None, None), "| Town: Mayor.\n| Vik: Ann.", id="nothing"),
        pytest.param(
            [["Mayors"], ["Town", "Mayor"], ["Vik", "Ann"]],
            (1, None),
            "Mayors\n\n| Town: Vik; Mayor: Ann.",
            id="second row",
        ),
    ],
)
def test_names_in_bold_are_headers(rows, bold, text):
    def fill(made):
        sheet = made.add_worksheet("Sheet1")
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                is_bold = number == bold[0] or column == bold[1]
                sheet.write(number, column, value, made.add_format({"bold": is_bold}))

    assert converted(fill).text == text


def test_a_table_of_excel_names_its_headers():
    def fill(made):
        sheet = made.add_worksheet("Sheet1")
        sheet.add_table(
            "B3:C5", {"data": [["Vik", "Ann"], ["Sund", "Bo"]], "columns": [{"header": "Town"}, {"header": "Mayor"}]}
        )

    assert converted(fill).text == "| Town: Vik; Mayor: Ann.\n| Town: Sund; Mayor: Bo."
