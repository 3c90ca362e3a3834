"""Presentations into text: the slides as a reader goes through them, with the speaker's notes."""

from __future__ import annotations

import io
from pathlib import Path

import pptx
import pytest
from evals.common.sample_files import presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from askseoul.ingest.converters import convert
from askseoul.ingest.converters.base import ConvertedFile

TITLE_SLIDE, LIST_SLIDE, TITLE_ONLY, BLANK = 0, 1, 5, 6


def converted(made) -> ConvertedFile:
    written = io.BytesIO()
    made.save(written)
    return convert(Path("a.pptx"), written.getvalue())


def slide(made, layout: int, title: str = ""):
    added = made.slides.add_slide(made.slide_layouts[layout])
    if title:
        added.shapes.title.text = title
    return added


def box(added, text: str, left: float, top: float):
    shape = added.shapes.add_textbox(Inches(left), Inches(top), Inches(2), Inches(1))
    shape.text_frame.text = text
    return shape


def test_slides_have_headings_and_lists():
    content = presentation(
        {"Trams of 울산": ["Track: 4 million", "Stops: 2 million"], "Riders": ["One sentence alone."]}
    )
    assert convert(Path("a.pptx"), content).text == (
        "# Trams of 울산\n\n- Track: 4 million\n- Stops: 2 million\n\n## Riders\n\nOne sentence alone."
    )


def test_nested_items_are_indented():
    made = pptx.Presentation()
    frame = slide(made, 1, "울산").placeholders[1].text_frame
    for number, (text, level) in enumerate([("No power", 0), ("Water 🙂", 1), ("Rust", 2), ("No drivers", 0)]):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.text, paragraph.level = text, level
    assert converted(made).text == "# 울산\n\n- No power\n  - Water 🙂\n    - Rust\n- No drivers"


def test_speaker_notes_follow_their_slide():
    made = pptx.Presentation()
    slide(made, TITLE_ONLY, "Costs").notes_slide.notes_text_frame.text = "The mayor asked\nfor the figures."
    slide(made, TITLE_ONLY, "Riders")
    assert converted(made).text == "# Costs\n\nNotes to slide 1: The mayor asked for the figures.\n\n## Riders"


def test_shapes_are_read_from_top_to_bottom_and_from_left_to_right():
    made = pptx.Presentation()
    added = slide(made, BLANK)
    for text, left, top in [("bottom", 1, 5), ("right", 5, 2.05), ("left", 1, 2.1), ("top", 4, 1)]:
        box(added, text, left, top)
    assert converted(made).text == "# Slide 1\n\ntop\n\nleft\n\nright\n\nbottom"


def test_groups_are_read_as_one_shape():
    made = pptx.Presentation()
    added = slide(made, BLANK)
    group = added.shapes.add_group_shape([box(added, "a", 1, 1), box(added, "c", 1, 4)])
    group.shapes.add_group_shape([box(added, "b", 1, 2)])
    box(added, "d", 3, 4)
    assert converted(made).text == "# Slide 1\n\na\n\nb\n\nc\n\nd"


def test_tables_have_headers_and_merged_cells():
    made = pptx.Presentation()
    rows = [["Town", "Turnout", ""], ["", "2021", "2025"], ["Vik", "58.7", "71.2"]]
    table = slide(made, BLANK).shapes.add_table(3, 3, 0, 0, Inches(5), Inches(2)).table
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            table.cell(number, column).text = text
    table.cell(0, 0).merge(table.cell(1, 0))
    table.cell(0, 1).merge(table.cell(0, 2))
    assert converted(made).text == "# Slide 1\n\n| Town: Vik; Turnout 2021: 58.7; Turnout 2025: 71.2."


def test_a_marked_header_row():
    made = pptx.Presentation()
    table = slide(made, BLANK).shapes.add_table(2, 2, 0, 0, Inches(5), Inches(2)).table
    for number, row in enumerate([["Who", "What"], ["Ann", "mayor"]]):
        for column, text in enumerate(row):
            table.cell(number, column).text = text
    assert converted(made).text == "# Slide 1\n\n| Who: Ann; What: mayor."


def test_charts_are_tables_of_their_figures():
    made = pptx.Presentation()
    data = CategoryChartData()
    data.categories = ["Vik", "Sund"]
    data.add_series("2021", (0.1 + 0.2, 5))
    data.add_series("2025", (58.7, None))
    slide(made, TITLE_ONLY, "Turnout").shapes.add_chart(
        XL_CHART_TYPE.COLUMN_CLUSTERED, 0, Inches(2), Inches(4), Inches(3), data
    )
    assert converted(made).text == "# Turnout\n\n| Vik; 2021: 0.3; 2025: 58.7.\n| Sund; 2021: 5."


def test_alternative_texts_stand_for_pictures():
    made = pptx.Presentation()
    added = slide(made, BLANK)
    for text in ["A map of the tram lines", "map.png"]:
        box(added, "", 1, 1).element.nvSpPr.cNvPr.set("descr", text)
    assert converted(made).text == "# Slide 1\n\nPicture: A map of the tram lines."


def test_what_is_hidden_is_left_out_and_told():
    made = pptx.Presentation()
    slide(made, TITLE_ONLY, "Shown")
    slide(made, TITLE_ONLY, "Hidden").element.set("show", "0")
    found = converted(made)
    assert (found.text, found.notes) == ("# Shown", ("1 hidden slide was left out",))


@pytest.mark.parametrize(
    ("author", "title", "stated"),
    [
        ("", "PowerPoint Presentation", (None, None, None)),
        ("Steve Canny", "", (None, None, None)),
        ("Ann Ström", "Trams", ("Trams", "Ann Ström", None)),
    ],
)
def test_what_a_presentation_states_about_itself(author, title, stated):
    made = pptx.Presentation()
    slide(made, TITLE_SLIDE, "Seoul waits")
    made.core_properties.author, made.core_properties.title = author, title
    found = converted(made)
    assert (found.title, found.source, found.published) == stated
