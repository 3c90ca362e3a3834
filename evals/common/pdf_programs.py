"""Stories set as PDFs by programs that lay out pages: each function returns the file's bytes, or raises `Missing`."""

from __future__ import annotations

import html
import shutil
import subprocess
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from evals.common.pdf_producers import FOOTER, HEADER, Missing, rotated, unrepeated
from evals.common.pdf_samples import Layout, Story

_SECONDS: Final = 120


def typst(story: Story, layout: Layout) -> bytes:
    """A document of typst."""
    try:
        import typst as compiler
    except ImportError as error:
        raise Missing("typst is not installed") from error
    font = {"sans": "DejaVu Sans", "serif": "Libertinus Serif", "mono": "DejaVu Sans Mono"}[layout.font]
    if layout.language == "ko":
        font = "Noto Serif CJK KR"
    running = (
        f"header: [#text(8pt)[{HEADER}]], footer: context [#text(8pt)[{FOOTER} #h(1fr) #counter(page).display()]],"
    )
    source = [
        f'#set page(paper: "a4", columns: {layout.columns}, {running if layout.has_running else ""})',
        f"#set columns(gutter: {layout.gutter}pt)",
        f'#set text(font: "{font}", size: {layout.size}pt, lang: "{layout.language}", hyphenate: {str(layout.is_hyphenated).lower()})',  # noqa: E501
        f"#set par(justify: {str(layout.is_justified).lower()}, first-line-indent: {12 if layout.is_indented else 0}pt"
        + (", spacing: 0.65em)" if layout.is_indented else ")"),
        f'#place(top + center, scope: "parent", float: true)[#text(18pt, weight: "bold")[{story.title}]]',
    ]
    for number, (name, paragraphs) in enumerate(story.sections):
        source.append(f"= {name}\n")
        for index, paragraph in enumerate(paragraphs):
            note = f"#footnote[{story.note}]" if story.note and number == index == 0 else ""
            source.append(f"{paragraph}{note}\n")
            if number == index == 0 and story.sidebar:
                title, text = story.sidebar
                source.append(f"#block(stroke: 0.5pt, inset: 8pt)[*{title}*\n\n{text}]\n")
        if number == 0 and story.items:
            source.append("\n".join(f"- {item}" for item in story.items) + "\n")
        if number == 0 and story.caption:
            source.append(f"#figure(rect(width: 80%, height: 60pt), caption: [{story.caption.partition(': ')[2]}])\n")
        if number == 0 and story.table:
            source.append(_typst_table(story))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.typ"
        path.write_text("\n".join(source))
        return rotated(bytes(compiler.compile(str(path))), layout.rotation)


def _typst_table(story: Story) -> str:
    cells = []
    for number, row in enumerate(unrepeated(story)):
        for column, cell in enumerate(row):
            if number < story.table_headers > 1 and not cell:
                continue
            wide = sum(other == story.table[number][column] for other in story.table[number])
            is_head = number == 0 and story.table_headers > 1
            span = f"colspan: {wide}" if wide > 1 else "rowspan: 2"
            cells.append(f"table.cell({span})[{cell}]" if is_head else f"[{cell}]")
    return f"#table(columns: {len(story.table[0])}, {', '.join(cells)})\n"


def latex(story: Story, layout: Layout) -> bytes:
    """An article of pdflatex."""
    if shutil.which("pdflatex") is None:
        raise Missing("pdflatex is not installed")
    options = f"{round(layout.size)}pt,a4paper" + (",twocolumn" if layout.columns == 2 else "")
    source = [f"\\documentclass[{options}]{{article}}\\usepackage[T1]{{fontenc}}\\usepackage[utf8]{{inputenc}}"]
    source.append(f"\\setlength\\columnsep{{{layout.gutter}pt}}\\title{{{story.title}}}\\date{{}}")
    if not layout.is_justified:
        source.append("\\raggedright")
    source.append("\\begin{document}\\maketitle")
    for number, (name, paragraphs) in enumerate(story.sections):
        source.append(f"\\section*{{{name}}}")
        for index, paragraph in enumerate(paragraphs):
            note = f"\\footnote{{{story.note}}}" if story.note and number == index == 0 else ""
            source.append(f"{paragraph}{note}\n")
        if number == 0 and story.items:
            source.append("\\begin{itemize}" + "".join(f"\\item {item}\n" for item in story.items) + "\\end{itemize}")
        if number == 0 and story.table:
            rows = "\\\\\n".join(" & ".join(row) for row in story.table)
            source.append(
                f"\\begin{{center}}\\begin{{tabular}}{{l{'r' * (len(story.table[0]) - 1)}}}"
                f"{rows}\\end{{tabular}}\\end{{center}}"
            )
    source.append("\\end{document}")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.tex").write_text("\n".join(source))
        command = ["pdflatex", "-interaction=batchmode", "-no-shell-escape", "a.tex"]
        subprocess.run(command, cwd=folder, timeout=_SECONDS, capture_output=True, check=True)
        return (Path(folder) / "a.pdf").read_bytes()


def as_html(story: Story, layout: Layout) -> str:
    """The story as a web page."""
    font = {"sans": "Liberation Sans", "serif": "Liberation Serif", "mono": "Liberation Mono"}[layout.font]
    if layout.language == "ko":
        font = "Noto Sans CJK KR"
    direction = "rtl" if layout.language == "he" else "ltr"
    aside = "".join(f"<p>{part}</p>" for part in story.sidebar)
    aside = (
        f"<div style='float:right;width:38%;border:1px solid;padding:8px;margin:6px;font-size:85%'>{aside}</div>"
        if aside
        else ""
    )
    parts = []
    for number, (name, paragraphs) in enumerate(story.sections):
        parts.append(f"<h2>{name}</h2>" + (aside if number == 0 else ""))
        parts += [f"<p>{html.escape(paragraph)}</p>" for paragraph in paragraphs]
        if number == 0 and story.items:
            parts.append("<ul>" + "".join(f"<li>{item}</li>" for item in story.items) + "</ul>")
        if number == 0 and story.table:
            parts.append(_html_table(story))
        if number == 0 and story.caption:
            parts.append(
                "<figure><div style='height:60px;background:#ccc'></div>"
                f"<figcaption style='font-size:75%'>{story.caption}</figcaption></figure>"
            )
    indent = "p{margin:0;text-indent:12pt}" if layout.is_indented else ""
    return (
        f"<html lang={layout.language} dir={direction}><meta charset=utf-8><style>"
        f"body{{font:{layout.size}pt/1.3 '{font}'}}main{{columns:{layout.columns};column-gap:{layout.gutter}pt;"
        f"text-align:{'justify' if layout.is_justified else 'start'};"
        f"hyphens:{'auto' if layout.is_hyphenated else 'none'}}}table{{border-collapse:collapse}}"
        f"td,th{{padding:3px 12px;{'border:1px solid' if story.table_headers > 1 else ''}}}{indent}</style>"
        f"<h1>{story.title}</h1><main>{''.join(parts)}</main></html>"
    )


def _html_table(story: Story) -> str:
    rows = []
    for number, row in enumerate(unrepeated(story)):
        tag = "th" if number < story.table_headers else "td"
        cells = []
        for column, cell in enumerate(row):
            if number < story.table_headers > 1 and not cell:
                continue
            wide = 1
            while column + wide < len(row) and story.table[number][column + wide] == story.table[number][column]:
                wide += 1
            high = 2 if number == 0 and story.table_headers > 1 and wide == 1 else 1
            cells.append(f"<{tag} colspan={wide if number < story.table_headers else 1} rowspan={high}>{cell}</{tag}>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table>{''.join(rows)}</table>"


def _add_table(document: Any, story: Story) -> None:  # noqa: ANN401
    table = document.add_table(len(story.table), len(story.table[0]), style="Table Grid")
    for cells, row in zip(table.rows, story.table, strict=True):
        for cell, text in zip(cells.cells, row, strict=True):
            cell.text = text
    for number, row in enumerate(story.table[: story.table_headers if story.table_headers > 1 else 0]):
        for column, (first, second) in enumerate(pairwise(row)):
            if first == second:
                table.cell(number, column + 1).text = ""
                table.cell(number, column).merge(table.cell(number, column + 1)).text = first


def libreoffice(story: Story, layout: Layout) -> bytes:
    """A Word document, made with python-docx and printed by LibreOffice."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise Missing("LibreOffice is not installed")
    import docx
    from docx.enum.section import WD_SECTION
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Pt

    document = docx.Document()
    document.styles["Normal"].font.size = Pt(layout.size)
    document.add_heading(story.title, 0)
    section = document.add_section(WD_SECTION.CONTINUOUS) if layout.columns > 1 else document.sections[0]
    if layout.columns > 1:
        columns = section._sectPr.xpath("./w:cols")[0]
        columns.set(qn("w:num"), str(layout.columns))
        columns.set(qn("w:space"), str(round(layout.gutter * 20)))
    if layout.has_running:
        document.sections[0].header.paragraphs[0].text = HEADER
        document.sections[0].footer.paragraphs[0].text = FOOTER
    for number, (name, paragraphs) in enumerate(story.sections):
        document.add_heading(name, 2)
        for text in paragraphs:
            paragraph = document.add_paragraph(text)
            if layout.is_justified:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
        if number == 0:
            for item in story.items:
                document.add_paragraph(item, style="List Bullet")
        if number == 0 and story.table:
            _add_table(document, story)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.docx"
        document.save(str(path))
        command = [
            program,
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            "--convert-to",
            "pdf",
            path.name,
        ]
        subprocess.run(command, cwd=folder, timeout=_SECONDS, capture_output=True, check=True)
        return path.with_suffix(".pdf").read_bytes()


class Chromium:
    """A browser that prints pages; it starts with the first one."""

    def __init__(self) -> None:
        self._browser: Any = None

    def __call__(self, story: Story, layout: Layout) -> bytes:
        """The story printed as a web page."""
        if self._browser is None:
            program = shutil.which("chromium")
            try:
                from playwright.sync_api import sync_playwright
            except ImportError as error:
                raise Missing("playwright is not installed") from error
            if program is None:
                raise Missing("chromium is not installed")
            self._playwright = sync_playwright().start()
            self._browser = self._playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = self._browser.new_page()
        page.set_content(as_html(story, layout))
        running = {
            "display_header_footer": True,
            "header_template": f"<span style='font-size:8px;margin-left:40px'>{HEADER}</span>",
            "footer_template": f"<span style='font-size:8px;margin-left:40px'>{FOOTER} "
            "<span class=pageNumber></span></span>",
        }
        margin = {"top": "60px", "bottom": "60px", "left": "60px", "right": "60px"}
        content = page.pdf(format="A4", margin=margin, **(running if layout.has_running else {}))
        page.close()
        return bytes(content)

    def close(self) -> None:
        """End the browser."""
        if self._browser is not None:
            self._browser.close()
            self._playwright.stop()
