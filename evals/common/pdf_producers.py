"""Stories set as PDFs by libraries that draw: each function returns the file's bytes, or raises `Missing`."""

from __future__ import annotations

import html
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from evals.common.pdf_samples import Layout, Story

WIDTH: Final = 595.0
HEIGHT: Final = 842.0
MARGIN: Final = 62.0
LEADING: Final = 1.25
HEADER: Final = "NORTHERN REVIEW 7/2025"
FOOTER: Final = "Not for release before noon"
_FONTS: Final = {
    "sans": ("Helvetica", "Helvetica-Bold"),
    "serif": ("Times-Roman", "Times-Bold"),
    "mono": ("Courier", "Courier-Bold"),
}
_CAIRO_FONTS: Final = {"sans": "Liberation Sans", "serif": "Liberation Serif", "mono": "Liberation Mono"}


class Missing(Exception):
    """A program that is not installed."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A line, or with justified text a word, at its place: ``x`` and ``y`` from the upper left."""

    page: int
    column: int
    x: float
    y: float
    text: str
    font: str
    size: float


def set_lines(story: Story, layout: Layout, width_of: Callable[[str, str, float], float]) -> list[Piece]:
    """Break a story into lines and place them, in the order in which they are to be drawn."""
    plain, bold = _FONTS[layout.font]
    column_width = (WIDTH - 2 * MARGIN - (layout.columns - 1) * layout.gutter) / layout.columns
    pieces = [Piece(0, -1, MARGIN, MARGIN + 20, story.title, bold, 18)]
    page, column, y = 0, 0, MARGIN + 50
    top = y
    bottom = HEIGHT - MARGIN - 30
    for text, font, size, above, bullet in _blocks(story, plain, bold, layout.size):
        indent = 14.0 if bullet else 0.0
        lines = _broken(text, font, size, column_width - indent, layout, width_of)
        y += above
        for number, line in enumerate(lines):
            if y > bottom:
                column += 1
                if column == layout.columns:
                    page, column, top = page + 1, 0, MARGIN + 20
                y = top
            x = MARGIN + column * (column_width + layout.gutter) + indent
            if bullet and number == 0:
                pieces.append(Piece(page, column, x - 12, y, "•", font, size))
            first_indent = 12.0 if layout.is_indented and number == 0 and font == plain and not bullet else 0.0
            is_last = number == len(lines) - 1
            pieces += _placed(
                Piece(page, column, x + first_indent, y, line, font, size),
                column_width - indent - first_indent if layout.is_justified and not is_last else 0,
                width_of,
            )
            y += size * LEADING
        if not layout.is_indented or font == bold:
            y += layout.size * 0.6
    if story.note:
        lines = _broken(f"1 {story.note}", plain, layout.size - 2.5, column_width, layout, width_of)
        pieces += [
            Piece(0, 0, MARGIN, HEIGHT - MARGIN - 12 + number * (layout.size - 2), line, plain, layout.size - 2.5)
            for number, line in enumerate(lines)
        ]
    if layout.has_running:
        for number in range(page + 1):
            pieces.append(Piece(number, -2, MARGIN, 36, HEADER, plain, 8))
            pieces.append(Piece(number, -2, WIDTH - MARGIN - 90, 36, story.title[:20], plain, 8))
            pieces.append(Piece(number, 9, MARGIN, HEIGHT - 30, FOOTER, plain, 8))
            pieces.append(
                Piece(number, 9, WIDTH - MARGIN - 60, HEIGHT - 30, f"Page {number + 1} of {page + 1}", plain, 8)
            )
    if layout.is_row_by_row:
        return sorted(pieces, key=lambda piece: (piece.page, piece.y, piece.x))
    return sorted(pieces, key=lambda piece: (piece.page, piece.column))


def _blocks(story: Story, plain: str, bold: str, size: float) -> Iterator[tuple[str, str, float, float, bool]]:
    for number, (heading, paragraphs) in enumerate(story.sections):
        yield heading, bold, size + 3, 6, False
        for paragraph in paragraphs:
            yield paragraph, plain, size, 0, False
        if number == 0:
            for item in story.items:
                yield item, plain, size, 0, True


def _broken(
    text: str, font: str, size: float, width: float, layout: Layout, width_of: Callable[[str, str, float], float]
) -> list[str]:
    lines = [""]
    limit = width - (12 if layout.is_indented else 0)
    for word in text.split():
        candidate = f"{lines[-1]} {word}".strip()
        if width_of(candidate, font, size) <= limit:
            lines[-1] = candidate
            continue
        if layout.is_hyphenated and len(word) > 8 and word.isalpha():
            for cut in range(len(word) - 3, 3, -1):
                part = f"{lines[-1]} {word[:cut]}-".strip()
                if width_of(part, font, size) <= limit:
                    lines[-1], word = part, word[cut:]  # noqa: PLW2901
                    break
        lines.append(word)
        limit = width
    return list(filter(None, lines))


def _placed(line: Piece, width: float, width_of: Callable[[str, str, float], float]) -> Iterator[Piece]:
    """The words of a line that is to fill ``width``; the line itself if that is 0."""
    words = line.text.split()
    if not width or len(words) == 1:
        yield line
        return
    widths = [width_of(word, line.font, line.size) for word in words]
    space = (width - sum(widths)) / (len(words) - 1)
    x = line.x
    for word, wide in zip(words, widths, strict=True):
        yield Piece(line.page, line.column, x, line.y, word, line.font, line.size)
        x += wide + space


def reportlab(story: Story, layout: Layout) -> bytes:
    """Lines drawn on reportlab's canvas, with the table, the sidebar and the fields on a page of their own."""
    from reportlab.lib.utils import simpleSplit
    from reportlab.pdfbase.pdfmetrics import stringWidth
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import Table

    written = io.BytesIO()
    canvas = Canvas(written, (WIDTH, HEIGHT))
    page = 0
    for piece in set_lines(story, layout, stringWidth):
        if piece.page != page:
            canvas.showPage()
            page = piece.page
        canvas.setFont(piece.font, piece.size)
        canvas.drawString(piece.x, HEIGHT - piece.y, piece.text)
    if story.table:
        canvas.showPage()
        table = Table(unrepeated(story), colWidths=78, style=_table_style(story))
        table.wrapOn(canvas, WIDTH, HEIGHT)
        table.drawOn(canvas, MARGIN, HEIGHT - 250)
    if story.sidebar:
        canvas.showPage()
        canvas.rect(300, HEIGHT - 300, 200, 200)
        for number, line in enumerate(simpleSplit(" ".join(story.sidebar[1:]), "Helvetica", 9, 180)):
            canvas.setFont("Helvetica", 9)
            canvas.drawString(310, HEIGHT - 130 - 11 * number, line)
        canvas.setFont("Helvetica-Bold", 11)
        canvas.drawString(310, HEIGHT - 115, story.sidebar[0])
    if story.fields:
        canvas.showPage()
        canvas.setFont("Helvetica", 11)
        for number, (label, value) in enumerate(story.fields):
            canvas.drawString(MARGIN, HEIGHT - 120 - 40 * number, f"{label}:")
            canvas.acroForm.textfield(
                name=label.lower(), value=value, x=160, y=HEIGHT - 128 - 40 * number, width=300, height=22
            )
    canvas.save()
    return rotated(written.getvalue(), layout.rotation)


def unrepeated(story: Story) -> list[list[str]]:
    """The table's cells with "" where a spanned cell is repeated."""
    rows = [list(row) for row in story.table]
    for number, row in enumerate(story.table):
        for column, cell in enumerate(row):
            is_repeated = (column and row[column - 1] == cell) or (number and story.table[number - 1][column] == cell)
            if number < story.table_headers and is_repeated:
                rows[number][column] = ""
    return rows


def _table_style(story: Story) -> list[tuple[Any, ...]]:
    style: list[tuple[Any, ...]] = [("FONTSIZE", (0, 0), (-1, -1), 9)]
    if story.table_headers > 1:
        style += [("GRID", (0, 0), (-1, -1), 0.5, "black"), ("SPAN", (1, 0), (2, 0)), ("SPAN", (3, 0), (4, 0))]
        style += [("SPAN", (0, 0), (0, 1)), ("ALIGN", (1, 0), (-1, -1), "CENTER")]
    return style


def rotated(content: bytes, rotation: int) -> bytes:
    """Turn the pages' content against their /Rotate, so that they look as before."""
    if not rotation:
        return content
    import pypdf

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(content))
    for page in writer.pages:
        page.rotate(rotation).transfer_rotation_to_content()
        page.rotate((360 - rotation) % 360)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def platypus(story: Story, layout: Layout) -> bytes:
    """A document of reportlab's own layout, in frames."""
    from reportlab.lib.enums import TA_JUSTIFY, TA_LEFT
    from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import BaseDocTemplate, Frame, ListFlowable, PageTemplate, Paragraph, Spacer, Table

    styles = getSampleStyleSheet()
    plain, bold = _FONTS[layout.font]
    if layout.language == "ko":
        pdfmetrics.registerFont(UnicodeCIDFont("HYSMyeongJo-Medium"))
        plain = bold = "HYSMyeongJo-Medium"
    body = ParagraphStyle(
        "b", fontName=plain, fontSize=layout.size, leading=layout.size * LEADING,
        alignment=TA_JUSTIFY if layout.is_justified else TA_LEFT,
        spaceAfter=0 if layout.is_indented else 6, firstLineIndent=12 if layout.is_indented else 0,
        wordWrap="CJK" if layout.language == "ko" else None,
    )  # fmt: skip
    heading = ParagraphStyle("h", parent=styles["Heading2"], fontName=bold)
    title = ParagraphStyle("t", parent=styles["Title"], fontName=bold)
    flow: list[Any] = [Paragraph(story.title, title)]
    for number, (name, paragraphs) in enumerate(story.sections):
        flow += [Paragraph(name, heading), *(Paragraph(html.escape(paragraph), body) for paragraph in paragraphs)]
        if number == 0 and story.items:
            flow.append(ListFlowable([Paragraph(item, body) for item in story.items], bulletType="bullet", start="•"))
        if number == 0 and story.table:
            flow += [Spacer(1, 10), Table(unrepeated(story), style=_table_style(story)), Spacer(1, 10)]
        if number == 0 and story.caption:
            flow += [
                Spacer(1, 60),
                Paragraph(story.caption, ParagraphStyle("c", fontName=plain, fontSize=8)),
                Spacer(1, 10),
            ]

    def running(canvas: Any, document: Any) -> None:  # noqa: ANN401
        if layout.has_running:
            canvas.setFont("Helvetica", 8)
            canvas.drawString(MARGIN, HEIGHT - 36, HEADER)
            canvas.drawString(MARGIN, 30, FOOTER)
            canvas.drawRightString(WIDTH - MARGIN, 30, str(document.page))

    width = (WIDTH - 2 * MARGIN - (layout.columns - 1) * layout.gutter) / layout.columns
    frames = [
        Frame(MARGIN + number * (width + layout.gutter), MARGIN, width, HEIGHT - 2 * MARGIN, 0, 0, 0, 0)
        for number in range(layout.columns)
    ]
    written = io.BytesIO()
    BaseDocTemplate(
        written, pagesize=(WIDTH, HEIGHT), pageTemplates=[PageTemplate(frames=frames, onPage=running)]
    ).build(flow)
    return rotated(written.getvalue(), layout.rotation)


def cairo(story: Story, layout: Layout) -> bytes:
    """Lines drawn with cairo, which embeds its fonts."""
    try:
        import cairocffi
    except (ImportError, OSError) as error:
        raise Missing("cairocffi or libcairo is not installed") from error
    written = io.BytesIO()
    surface = cairocffi.PDFSurface(written, WIDTH, HEIGHT)
    context = cairocffi.Context(surface)

    def choose(font: str, size: float) -> None:
        weight = cairocffi.FONT_WEIGHT_BOLD if "Bold" in font else cairocffi.FONT_WEIGHT_NORMAL
        context.select_font_face(_CAIRO_FONTS[layout.font], cairocffi.FONT_SLANT_NORMAL, weight)
        context.set_font_size(size)

    def width_of(text: str, font: str, size: float) -> float:
        choose(font, size)
        return float(context.text_extents(text)[4])

    page = 0
    for piece in set_lines(story, layout, width_of):
        if piece.page != page:
            context.show_page()
            page = piece.page
        choose(piece.font, piece.size)
        context.move_to(piece.x, piece.y)
        context.show_text(piece.text)
    surface.finish()
    return written.getvalue()
