"""PDF into text: what a reader of the page reads, in the order in which it is read."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from evals.common.sample_files import pdf
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Table

from askseoul.errors import ArticleEmpty, ArticleUnreadable
from askseoul.ingest.converters import convert
from askseoul.ingest.converters.base import ConvertedFile

WIDTH, HEIGHT = 595, 842
LEFT, RIGHT = 72, 310
"""Where two columns begin."""

FERRY = [
    "The council of Brenholm approved a new",
    "ferry terminal on 14 March 2024. The",
    "terminal will cost 48 million euros and",
    "will handle six departures a day, as the",
]
FLEET = [
    "harbour master told the council. The fleet",
    "of Brenholm has shrunk to 37 boats since",
    "the herring quota was cut in 2019. Fishers",
    "earn a third less than ten years ago.",
]
FERRY_AND_FLEET = (
    "The council of Brenholm approved a new ferry terminal on 14 March 2024. The terminal will cost 48 million euros "
    "and will handle six departures a day, as the harbour master told the council. The fleet of Brenholm has shrunk to "
    "37 boats since the herring quota was cut in 2019. Fishers earn a third less than ten years ago."
)
WRAPPED = [
    "The transport ministry said that it would not wait for the criminal investigation",
    "to end. Local firms lost an estimated 9 million kroner after the bridge had fallen,",
    "and the town was cut off from the motorway for five weeks.",
]
WRAPPED_TEXT = " ".join(WRAPPED)

Draw = Callable[[Canvas], None]


def converted(content: bytes) -> ConvertedFile:
    return convert(Path("a.pdf"), content)


def text_of(content: bytes) -> str:
    return converted(content).text


def drawn(*pages: Sequence[Draw]) -> bytes:
    """A PDF of pages on which these draw."""
    written = io.BytesIO()
    canvas = Canvas(written, (WIDTH, HEIGHT), invariant=True)
    for page in pages:
        for draw in page:
            draw(canvas)
        canvas.showPage()
    canvas.save()
    return written.getvalue()


def lines(
    texts: Sequence[str],
    x: float = LEFT,
    y: float = 100,
    *,
    size: float = 10,
    font: str = "Helvetica",
    indent: float = 0,
) -> Draw:
    """Lines at a place from the upper left, the first one indented."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont(font, size)
        for number, text in enumerate(texts):
            canvas.drawString(x + (0 if number else indent), HEIGHT - y - number * size * 1.2, text)

    return draw


def row_by_row(left: Sequence[str], right: Sequence[str], y: float = 100) -> list[Draw]:
    return [
        draw
        for number, pair in enumerate(zip(left, right, strict=True))
        for draw in (lines(pair[:1], LEFT, y + 12 * number), lines(pair[1:], RIGHT, y + 12 * number))
    ]


# Paragraphs


def test_a_paragraph_is_one_line_whatever_its_lines_on_the_page():
    content = pdf([["Seoul waits", "", "The minister said that trade", "with Beijing fell.", "", "The allies agreed."]])
    assert text_of(content) == "Seoul waits\n\nThe minister said that trade with Beijing fell.\n\nThe allies agreed."


def test_a_sentence_goes_on_across_pages_and_a_paragraph_does_not():
    content = pdf([["The minister said"], ["that he waits."], ["Then he left."]])
    assert text_of(content) == "The minister said that he waits.\n\nThen he left."


@pytest.mark.parametrize(
    ("texts", "text"),
    [
        pytest.param(["The govern-", "ment waits."], "The government waits.", id="divided word"),
        pytest.param(["A long-", "term plan is long-term."], "A long-term plan is long-term.", id="known compound"),
        pytest.param(["The US-", "Korea talks."], "The US-Korea talks.", id="capital"),
        pytest.param(["In 2024-", "25 it fell."], "In 2024-25 it fell.", id="figures"),
        pytest.param(
            ["The pre-", "and post-war years."], "The pre- and post-war years.", id="a part of a word left out"
        ),
    ],
)
def test_words_divided_at_line_ends(texts, text):
    assert text_of(drawn([lines(texts)])) == text


def test_indented_paragraphs_without_room_between_them():
    second = ["Engineer Petra Lindqvist warned of corroded cables in a letter", "of 2022, and nobody answered her."]
    content = drawn([lines(WRAPPED, indent=14), lines(second, y=136, indent=14)])
    assert text_of(content) == f"{WRAPPED_TEXT}\n\n{' '.join(second)}"


def test_awkward_characters():
    text = text_of(
        pdf(
            [
                [
                    "대통령은 정상 회담 전에 동맹국에 전화했다.",
                    "The café’s “naïve” plan — costs < 5.",
                    "🇰🇷 👩 emoji stay.",
                ]
            ]
        )
    )
    assert "대통령은 정상 회담 전에 동맹국에 전화했다." in text
    assert "The café’s “naïve” plan" in text
    assert "🇰🇷 👩" in text


@pytest.mark.parametrize(
    ("texts", "text"),
    [
        pytest.param(
            ["전문가들은 이번 개혁으로 해마다 98억 원을 아낄 수", "있다고 본다."],
            "전문가들은 이번 개혁으로 해마다 98억 원을 아낄 수 있다고 본다.",
            id="between words",
        ),
        pytest.param(
            ["시의회는 건설 계획을 승인했다. 새 계획을 승", "인했다. 모두 승인했다."],
            "시의회는 건설 계획을 승인했다. 새 계획을 승인했다. 모두 승인했다.",
            id="in a word known from elsewhere",
        ),
        pytest.param(["선박 수는 2024", "년에 크게 줄었다."], "선박 수는 2024년에 크게 줄었다.", id="after figures"),
    ],
)
def test_korean_lines_may_end_within_a_word(texts, text):
    assert text_of(pdf([texts])) == text


def test_text_from_right_to_left_keeps_its_order():
    assert text_of(pdf([[".2029 תנשב ןוילימל עיגת תולעה יכ רמא רשה"]])) == "השר אמר כי העלות תגיע למיליון בשנת 2029."


# Columns


@pytest.mark.parametrize(
    "page",
    [
        pytest.param([lines(FERRY), lines(FLEET, RIGHT)], id="drawn column by column"),
        pytest.param(row_by_row(FERRY, FLEET), id="drawn row by row"),
        pytest.param([lines(FLEET, RIGHT), lines(FERRY)], id="drawn in the wrong order"),
        pytest.param([lines(FERRY), lines(FLEET, RIGHT, y=104)], id="lines that are not level"),
        pytest.param([lines(FERRY), lines(FLEET, LEFT + 190)], id="a narrow gutter"),
    ],
)
def test_a_sentence_goes_on_in_the_next_column(page):
    assert text_of(drawn(page)) == FERRY_AND_FLEET


def test_a_headline_across_columns_comes_first_and_a_second_part_last():
    fleet = [*FLEET[:2], "the herring quota was cut in 2019."]
    page = [
        *row_by_row(FERRY[:3], fleet, y=140),
        lines(["Brenholm and its harbour after the vote of the council"], y=100, size=18),
        lines(["What the fishers want"], y=190, size=13),
        *row_by_row(FERRY[:3], fleet, y=214),
    ]
    part = f"{' '.join(FERRY[:3])} {' '.join(fleet)}"
    assert text_of(drawn(page)) == (
        f"# Brenholm and its harbour after the vote of the council\n\n{part}\n\n## What the fishers want\n\n{part}"
    )


def test_three_columns():
    columns = [
        ["The first column", "goes down to its", "own last line and"],
        ["then the second", "has its turn until", "it is full,"],
    ]
    columns.append(["whereupon the third", "brings the matter", "to its end."])
    page = [
        lines([column[row]], 60 + 160 * place, 100 + 12 * row)
        for row in range(3)
        for place, column in enumerate(columns)
    ]
    assert text_of(drawn(page)) == " ".join(text for column in columns for text in column)


def test_a_box_does_not_interrupt_a_sentence():
    def box(canvas: Canvas) -> None:
        canvas.rect(RIGHT - 8, HEIGHT - 160, 220, 72)

    page = [
        lines(FERRY),
        box,
        lines(
            ["Background of the ferry", "The old terminal dates from 1931", "and was closed after the storm."],
            RIGHT,
            104,
        ),
        lines(
            ["harbour master told the council when it met in the town hall, with everybody listening to him."], y=178
        ),
    ]
    text = text_of(drawn(page))
    assert "as the harbour master told the council when it met" in text
    assert "The old terminal dates from 1931 and was closed after the storm." in text


def test_a_turned_page_is_read_upright():
    def turned(canvas: Canvas) -> None:
        canvas.setPageRotation(90)
        canvas.rotate(90)
        canvas.translate(0, -WIDTH)

    page = [
        turned,
        *(lambda canvas, draw=draw: draw(canvas) for draw in row_by_row(FERRY, FLEET, y=HEIGHT - WIDTH + 100)),
    ]
    assert text_of(drawn(page)) == FERRY_AND_FLEET


# What stands around the text


def test_headers_footers_and_page_numbers_leave_the_sentence_whole():
    parts = [
        WRAPPED,
        ["41 inspections of the bridge had been skipped", "by the road agency."],
        ["The agency’s director has resigned."],
    ]
    pages = [
        [
            lines(["PARLIAMENTARY BRIEFING 7/2025"], y=40, size=8),
            lines(part if number else [*part, "Between 2018 and 2024, as the report says,"]),
            lines(["Confidential until release"], y=800, size=8),
            lines([f"Page {number + 1} of 3"], 500, 800, size=8),
        ]
        for number, part in enumerate(parts)
    ]
    assert text_of(drawn(*pages)) == (
        f"PARLIAMENTARY BRIEFING 7/2025\n\n{WRAPPED_TEXT}\n\nBetween 2018 and 2024, as the report says, 41 inspections "
        "of the bridge had been skipped by the road agency.\n\nThe agency’s director has resigned.\n\n"
        "Confidential until release"
    )


def test_nothing_is_taken_off_a_single_page():
    page = [lines(["Norvik, 4 May"], y=40), lines(WRAPPED), lines(["7"], y=800)]
    assert text_of(drawn(page)) == f"Norvik, 4 May\n\n{WRAPPED_TEXT}\n\n7"


def test_a_note_stands_after_the_sentence_that_goes_on_over_it():
    note = ["1 The poll was paid for by the Harbour League,", "which runs the old ferry."]
    first = [lines([*WRAPPED[:2], "and the town was cut off from the"]), lines(note, y=780, size=7)]
    assert text_of(drawn(first, [lines(["motorway for five weeks."])])) == (
        f"{' '.join(WRAPPED[:2])} and the town was cut off from the motorway for five weeks.\n\n{' '.join(note)}"
    )


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        pytest.param("The bridge cost 28,500", " thalers.", "The bridge cost 28,500³ thalers.", id="behind a number"),
        pytest.param("It will be done by 2027.", "", "It will be done by 2027.³", id="behind a full stop"),
    ],
)
def test_a_raised_figure_is_no_part_of_a_number(before, after, text):
    def raised(canvas: Canvas) -> None:
        text = canvas.beginText(LEFT, HEIGHT - 100)
        for rise, size, part in ((0, 11, before), (4, 7, "3"), (0, 11, after)):
            text.setFont("Helvetica", size)
            text.setRise(rise)
            text.textOut(part)
        canvas.drawText(text)

    assert text_of(drawn([raised])) == text


def test_a_year_at_the_end_of_a_header_is_no_page_number():
    header = lines(["Wind Outlook 2025"], y=40, size=8)
    assert text_of(drawn([header, lines(WRAPPED)], [header, lines(FERRY)])).startswith(
        "Wind Outlook 2025\n\nThe transport"
    )


def test_a_title_and_the_heading_of_a_section_right_below_it_are_apart():
    page = [
        lines(["Wind Outlook"], 250, 80, size=18),
        lines(["1. A long summary of it all"], y=103, size=18),
        lines(["2. Costs"], y=126, size=18),
        lines(WRAPPED, y=150),
    ]
    assert text_of(drawn(page)) == f"# Wind Outlook\n\n# 1. A long summary of it all\n\n# 2. Costs\n\n{WRAPPED_TEXT}"


def test_items_whose_marks_are_drawn_are_lines_of_their_own():
    page = [lines(WRAPPED), lines(["Seed swap: 8 November", "Bonfire: 5 November", "Annual meeting"], LEFT + 30, 137)]
    assert text_of(drawn(page)) == f"{WRAPPED_TEXT}\n\nSeed swap: 8 November\n\nBonfire: 5 November\n\nAnnual meeting"


def test_headings_by_their_size_and_lists():
    page = [
        lines(["Six demands"], y=80, size=20),
        lines(["What they want"], y=110, size=14),
        lines(WRAPPED, y=135),
        lines(["• A tax rebate of 12 percent", "• A smaller building, of which", "  more will be said"], y=180),
    ]
    assert text_of(drawn(page)) == (
        f"# Six demands\n\n## What they want\n\n{WRAPPED_TEXT}\n\n"
        "- A tax rebate of 12 percent\n- A smaller building, of which more will be said"
    )


# Tables and forms

TURNOUT = [["District", "2017", "2021"], ["Aster", "61.4", "63.1"], ["Old Town", "64.0", "61.8"]]


def table(rows: Sequence[Sequence[str]], y: float = 300, style: Sequence[tuple[object, ...]] = ()) -> Draw:
    def draw(canvas: Canvas) -> None:
        drawn_table = Table([list(row) for row in rows], colWidths=90, style=list(style))
        drawn_table.wrapOn(canvas, WIDTH, HEIGHT)
        drawn_table.drawOn(canvas, LEFT, HEIGHT - y)

    return draw


GRID = ("GRID", (0, 0), (-1, -1), 0.5, "black")


@pytest.mark.parametrize("style", [pytest.param([], id="aligned cells"), pytest.param([GRID], id="ruled")])
def test_a_row_is_a_statement_with_its_headers(style):
    text = text_of(drawn([lines(WRAPPED), table(TURNOUT, style=style)]))
    assert text == (
        f"{WRAPPED_TEXT}\n\n| District: Aster; 2017: 61.4; 2021: 63.1.\n| District: Old Town; 2017: 64.0; 2021: 61.8."
    )


def test_merged_headers_and_cells_are_repeated():
    rows = [
        ["District", "Turnout", ""],
        ["", "2017", "2021"],
        ["Aster", "61.4", "63.1"],
        ["Norvik", "no figures", ""],
    ]
    style = [
        GRID,
        ("SPAN", (1, 0), (2, 0)),
        ("SPAN", (0, 0), (0, 1)),
        ("SPAN", (1, 3), (2, 3)),
        ("ALIGN", (1, 0), (-1, -1), "CENTER"),
    ]
    assert text_of(drawn([table(rows, style=style)])) == (
        "| District: Aster; Turnout 2017: 61.4; Turnout 2021: 63.1.\n"
        "| District: Norvik; Turnout 2017: no figures; Turnout 2021: no figures."
    )


@pytest.mark.parametrize("alignment", ["TOP", "MIDDLE", "BOTTOM"])
def test_a_cell_of_two_lines_is_one(alignment):
    rows = [
        ["Ward", "Councillor", "Promised"],
        ["Norvik", "Ilse Varga", "A new terminal for\n48 million euros"],
        ["Aster", "Tomas Ekdahl", "A tax rebate of\n12 percent"],
    ]
    assert text_of(drawn([table(rows, style=[("VALIGN", (0, 0), (-1, -1), alignment)])])) == (
        "| Ward: Norvik; Councillor: Ilse Varga; Promised: A new terminal for 48 million euros.\n"
        "| Ward: Aster; Councillor: Tomas Ekdahl; Promised: A tax rebate of 12 percent."
    )


def test_a_table_that_goes_on_on_the_next_page_keeps_its_headers():
    content = drawn([table(TURNOUT, 800)], [table([["Sundby", "49.9", "52.3"], ["Norvik", "55.2", "58.7"]], 100)])
    assert text_of(content).split("\n")[2:] == [
        "| District: Sundby; 2017: 49.9; 2021: 52.3.",
        "| District: Norvik; 2017: 55.2; 2021: 58.7.",
    ]


def test_filled_fields_have_their_labels():
    def form(canvas: Canvas) -> None:
        canvas.acroForm.textfield(name="name", value="Katrin Aune", x=150, y=HEIGHT - 108, width=200, height=18)
        canvas.acroForm.textfield(name="town", value="", x=150, y=HEIGHT - 138, width=200, height=18)
        canvas.acroForm.checkbox(name="member", tooltip="Member", checked=True, x=150, y=HEIGHT - 168, size=18)
        canvas.acroForm.checkbox(name="agreed", checked=True, x=LEFT, y=HEIGHT - 198, size=18)

    page = [lines(["Name:"], y=103), lines(["Town:"], y=133), lines(["I was in Norvik"], LEFT + 24, 193), form]
    assert text_of(drawn(page)).split("\n\n") == ["Name: Katrin Aune", "Town:", "Member: yes", "I was in Norvik: yes"]


# What a PDF states about itself, and what can't be read


@pytest.mark.parametrize(
    ("info", "title", "source"),
    [
        pytest.param("/Title(A)/Author(B. Writer)/CreationDate(D:20250604101112+09'00')", "A", "B. Writer", id="all"),
        pytest.param("/Title(Microsoft Word - a.doc)/Author( )", None, None, id="file name as title"),
        pytest.param("/Title(a.indd)/Author(\\(anonymous\\))", None, None, id="a program's words for nobody"),
        pytest.param("/Title(untitled)/Author(anonymous)/Creator(ReportLab)", None, None, id="reportlab"),
        pytest.param("/Author(Administrator)", None, None, id="administrator"),
        pytest.param("/Author(Microsoft Office User)", None, None, id="program"),
        pytest.param("/Author(The Coastal Review)", None, "The Coastal Review", id="outlet"),
    ],
)
def test_the_day_on_which_a_file_was_made_is_no_day_of_publication(info, title, source):
    found = converted(pdf([["Seoul waits."]], info))
    assert (found.title, found.source, found.published, found.published_from) == (title, source, None, None)


def test_pages_that_are_pictures_are_named_with_the_remedy():
    with pytest.raises(
        ArticleUnreadable,
        match=r"its pages are pictures\): run text recognition \(OCR\) first.*ocrmypdf --skip-text a\.pdf",
    ):
        converted(pdf([[], []], picture=True))
    found = converted(pdf([["The minister said that trade with Beijing fell."], []], picture=True))
    assert found.notes == ("page 2 is a picture and was left out: `ocrmypdf --skip-text a.pdf a-text.pdf` reads it",)
    assert found.text == "The minister said that trade with Beijing fell."


def test_comments_are_named_and_text_boxes_are_read():
    def annotate(canvas: Canvas) -> None:
        canvas.textAnnotation("Is that so?", Rect=[100, 700, 120, 720])
        canvas.freeTextAnnotation("Corrected on 5 May.", DA="/Helv 10 Tf", Rect=[100, 600, 300, 620])

    found = converted(drawn([lines(WRAPPED), annotate]))
    assert found.text == f"{WRAPPED_TEXT}\n\nCorrected on 5 May."
    assert found.notes == ("a comment was left out",)


def test_a_damaged_page_loses_the_page_alone():
    content = drawn([lines(WRAPPED)], [lines(["Lost."])])
    second = [match.start() for match in re.finditer(rb"/Type /Page\b", content)][1]
    found = converted(content[:second] + b"/Type /Rage" + content[second + len(b"/Type /Page") :])
    assert (found.text, found.notes) == (WRAPPED_TEXT, ("page 2 is damaged and was left out",))


def test_empty_pages_are_empty():
    with pytest.raises(ArticleEmpty, match="no text on any page"):
        text_of(pdf([[], []]))
