"""Documents as people have them, by group: files with columns, tables, notes, old encodings and remarks."""

import io
from pathlib import Path

from docx import Document
from evals.common.sample_files import chapter, delimited, epub, mail, pdf, web_page, word
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = A4
MARGIN, LEADING, SIZE = 60, 13, 10


def write_documents(group, folder):
    """Write the files of a group into a folder, which is made, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in GROUPS[group]().items():
        Path(folder, name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


# PDF


def drawn(draw):
    """The PDF that a function draws on a canvas."""
    written = io.BytesIO()
    canvas = Canvas(written, pagesize=A4, invariant=True)
    canvas.setFont("Helvetica", SIZE)
    draw(canvas)
    canvas.save()
    return written.getvalue()


def columns(title, *texts, by_row=False, rotation=0):
    """A page of columns, each of several paragraphs; the lines are drawn column by column or row by row."""
    width = (WIDTH - 2 * MARGIN - 20 * (len(texts) - 1)) / len(texts)
    lines = []
    for column, paragraphs in enumerate(texts):
        row = 0
        for paragraph in paragraphs:
            for line in simpleSplit(paragraph, "Helvetica", SIZE, width):
                lines.append((row, column, line))
                row += 1
            row += 1

    def draw(canvas):
        if rotation:
            canvas.setPageRotation(rotation)
        canvas.setFont("Helvetica-Bold", 18)
        canvas.drawString(MARGIN, HEIGHT - 70, title)
        canvas.setFont("Helvetica", SIZE)
        for row, column, line in sorted(lines) if by_row else lines:
            canvas.drawString(MARGIN + column * (width + 20), HEIGHT - 110 - row * LEADING, line)

    return drawn(draw)


def briefing():
    """Three pages with a running header and footer; two sentences go on over the page's end."""
    pages = [
        "The dam above Fjellby burst on 11 May 2024 and flooded the lower town within an hour. The ministry set up an "
        "inquiry the same week. Shops on the quay stayed shut for a month. The inquiry into the dam of Fjellby will be "
        "led by the retired",
        "judge Sunniva Krag, who also looked into the mine fire of 2015. She will have a staff of six and must report "
        "by Christmas. Files seized at the water board show that repairs were put off from year to year. Between 2017 "
        "and 2023 the water board left out",
        "53 inspections of the dam, although the law demands one every two months. Engineer Aksel Thorne warned of a "
        "crack in the spillway in a letter of 2021. The head of the board has resigned.",
    ]

    def draw(canvas):
        for number, text in enumerate(pages, 1):
            canvas.setFont("Helvetica", 8)
            canvas.drawString(MARGIN, HEIGHT - 36, "ASSEMBLY BRIEFING 12/2024")
            canvas.drawString(WIDTH - 160, HEIGHT - 36, "The dam of Fjellby")
            canvas.drawString(MARGIN, 30, "Not to be passed on before noon")
            canvas.drawString(WIDTH - 110, 30, f"Page {number} of {len(pages)}")
            canvas.setFont("Times-Roman", 12)
            for row, line in enumerate(simpleSplit(text, "Times-Roman", 12, 460)):
                canvas.drawString(MARGIN, HEIGHT - 80 - 15 * row, line)
            canvas.showPage()

    return drawn(draw)


def pdf_table():
    rows = [
        ("Region", "2016", "2020", "2024"), ("Halden", "59.2", "64.4", "70.9"), ("Rosvik", "48.3", "51.7", "55.0"),
        ("Tarn Hill", "66.1", "63.8", "61.5"),
    ]  # fmt: skip

    def draw(canvas):
        canvas.setFont("Helvetica-Bold", 14)
        canvas.drawString(MARGIN, HEIGHT - 70, "Regional election: turnout in percent")
        canvas.setFont("Helvetica", SIZE)
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                canvas.drawString(MARGIN + 110 * column, HEIGHT - 110 - 20 * row, cell)
        for row in range(len(rows) + 1):
            canvas.line(MARGIN - 6, HEIGHT - 96 - 20 * row, MARGIN + 420, HEIGHT - 96 - 20 * row)

    return drawn(draw)


def pdf_form():
    def draw(canvas):
        canvas.drawString(MARGIN, 760, "Application for a stall at the Christmas market of Vellin")
        for row, (name, value) in enumerate({"Applicant": "Ottilie Brandauer", "Goods": "honey and candles"}.items()):
            canvas.drawString(MARGIN, 720 - 30 * row, f"{name}:")
            canvas.acroForm.textfield(name=name, value=value, x=MARGIN + 80, y=714 - 30 * row, width=240, height=18)

    return drawn(draw)


def pdf_note():
    def draw(canvas):
        canvas.setFont("Times-Roman", 11)
        text = (
            "Two thirds of the farmers of Ostrava Hills want the dairy to stay, a survey found.1 The dairy was founded "
            "in 1931 and takes milk from 140 farms. Its owner wants to sell it next year."
        )
        for row, line in enumerate(simpleSplit(text, "Times-Roman", 11, 440)):
            canvas.drawString(MARGIN, 760 - 14 * row, line)
        canvas.setFont("Times-Roman", 8)
        canvas.drawString(MARGIN, 60, "1 The survey was paid for by the feed maker Kornhaus; 517 farmers took part.")

    return drawn(draw)


PENSIONS = [
    "The parliament of Norland voted on Thursday to raise the pension age from 64 to 66 years. The change takes effect "
    "in July 2032 and spares all who were born before 1966. Labour minister Edda Falk called the vote painful, because "
    "there are now only 2.3 workers for each pensioner.",
    "The largest union, which has 580,000 members, called a general strike for 9 October. Its chairman, Jonas Revik, "
    "said that roofers could not work until they were 66. He wants the gap to be closed with a tax on fortunes above 5 "
    "million thalers.",
    "Economists at the Lindau Institute estimate that the reform will save 3.7 billion thalers a year by 2041. A like "
    "reform in neighbouring Sudland was withdrawn in 2013 after five weeks of protests.",
]
FERRY = [
    "The council of Skarvik approved a new ferry terminal on 4 June 2024. The terminal will cost 61 million euros and "
    "will handle eight departures a day. Work begins in the autumn, said harbour master Liv Monsen. She expects the "
    "first ferry to dock in March 2027. Residents of the quay had asked for a smaller building.",
]
FLEET = [
    "The fishing fleet of Skarvik has shrunk to 29 boats since the cod quota was cut in 2018. Fishers earn a quarter "
    "less than ten years ago, according to the chairman of the cooperative, Henrik Aas. He wants a tax rebate of 15 "
    "percent on diesel. The ministry has refused it twice. A third application will be filed in May.",
]


def pdfs():
    return {
        "pensions.pdf": columns("The pension vote", PENSIONS[:2], PENSIONS[2:]),
        "harbour.pdf": columns("Harbour report", FERRY, FLEET, by_row=True),
        "rotated.pdf": columns(
            "Saffron",
            [
                "The farmers of Tirna picked 274 kilograms of saffron in 2022. The largest saffron farm in Tirna "
                "belongs to the Rahimi family. Buyers now pay 3,100 dollars a kilogram."
            ],
            rotation=90,
        ),
        "briefing.pdf": briefing(),
        "turnout.pdf": pdf_table(),
        "stall.pdf": pdf_form(),
        "dairy.pdf": pdf_note(),
        "officers.pdf": pdf(
            [
                [
                    "The ministry classi\u00ad",
                    "ﬁed 31 oﬃcers as unﬁt for service in 2023. The",
                    "University of Stein\u00ad",
                    "hafen was aﬀected by the ﬂood of that year.",
                ]
            ],
            "/Author(\\(anonymous\\))/CreationDate(D:20190203120000Z)",
        ),
    }


# Word


def budget():
    """A table whose header is merged over two columns, and a department over two rows."""
    document = Document()
    document.add_heading("Budget of the town of Kaldvik", 1)
    document.add_paragraph("The table gives the spending in millions of crowns.")
    rows = [("Department", "Spending", ""), ("", "2023", "2024"), ("Schools", "37", "41"), ("Roads", "16", "24"),
            ("Hospitals", "52", "58")]  # fmt: skip
    table = document.add_table(rows=len(rows), cols=3)
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if cell:
                table.cell(row, column).text = cell
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(0, 0).merge(table.cell(1, 0))
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def run(text):
    return f"<w:r><w:t xml:space='preserve'>{text}</w:t></w:r>"


def words():
    note = "<w:r><w:footnoteReference w:id='2'/></w:r>"
    return {
        "tram.docx": word(
            ["Hamn wants its tram"],
            f"<w:p>{run('A poll says that 58 percent of residents back the tram in Hamn.')}{note}</w:p>"
            f"<w:p>{run('The council votes on the tram on 20 June.')}</w:p>",
            footnotes="<w:footnote w:id='2'><w:p>"
            f"{run('The poll was paid for by the builder Rail &amp; Stone; 913 people were asked.')}"
            "</w:p></w:footnote>",
        ),
        "budget.docx": budget(),
        "floods.docx": word(
            ["The river Alna flooded 410 homes in Birkely on 7 November 2023."],
            "<w:p><w:r><w:pict><v:shape xmlns:v='urn:schemas-microsoft-com:vml'><v:textbox><w:txbxContent><w:p>"
            f"{run('The hotline number for the flood victims of Birkely is 0800 412 339.')}"
            "</w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>",
        ),
        "lake.docx": word(
            ["Statement on Lake Vidar"],
            f"<w:p>{run('The fishing ban in Lake Vidar begins on ')}"
            "<w:del w:id='1' w:author='A'><w:r><w:delText>1 May</w:delText></w:r></w:del>"
            f"<w:ins w:id='2' w:author='A'>{run('1 August')}</w:ins>{run(' and lasts for three years.')}</w:p>"
            "<w:p><w:pPr><w:rPr><w:ins w:id='3' w:author='A'/></w:rPr></w:pPr><w:ins w:id='4' w:author='A'>"
            f"{run('The statement on Lake Vidar was signed by the head ranger, Samir Nasser.')}</w:ins></w:p>"
            f"<w:p><w:commentRangeStart w:id='0'/>{run('Boats without engines stay allowed.')}"
            "<w:commentRangeEnd w:id='0'/><w:r><w:commentReference w:id='0'/></w:r></w:p>",
            comments=f"<w:comment w:id='0' w:author='B'><w:p>{run('Really? Ask the lawyers.')}</w:p></w:comment>",
        ),
    }


# Web pages


def page(body, title):
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{title}</title></head><body><header><nav>"
        f"<a href='/'>Home</a></nav></header><main><h1>{title}</h1>{body}</main><footer>Contact</footer></body></html>"
    )


def pages():
    demands = (
        "A pay rise of 8 percent from March.", "Two drivers on every night bus.", "Free coffee at the depot.",
        "A cap of 38 hours a week.", "Paid training days, four a year.", "No more split shifts.",
    )  # fmt: skip
    return {
        "museum.html": page(
            "<p>The museum of Lisvik has new opening hours since 1 April 2025, after visitors had complained.</p>"
            "<table><tr><td>Monday</td><td><ul><li>closed</li></ul></td></tr>"
            "<tr><td>Thursday</td><td><ul><li>12:00 to 21:00</li></ul></td></tr>"
            "<tr><td>Sunday</td><td><ul><li>10:00 to 17:00</li></ul></td></tr></table>",
            "Museum of Lisvik: opening hours",
        ),
        "demands.html": page(
            f"<ul>{''.join(f'<li><span>{demand}</span></li>' for demand in demands)}</ul>",
            "The six demands of the bus drivers",
        ),
        "notice.aspx.html": "<!DOCTYPE html><html lang='en'><head><title>Notice 9/2025</title></head><body><form "
        "method='post' id='form1'><input type='hidden' name='__VIEWSTATE' value='dDw'><div id='main'><h1>Notice 9/2025"
        "</h1><p>The gas works of Orlen will shut the pipe in Mill Street on 12 June 2025 from 7 to 15 o'clock.</p>"
        "<p>Households get camping stoves at the town hall.</p></div></form></body></html>",
        "trains.html": page(
            "<p>The fares hold from 1 January.</p><table><thead><tr><th>Line</th><th>Class</th><th>Fare in crowns</th>"
            "</tr></thead><tbody><tr><td rowspan='2'>Coast Line</td><td>First</td><td>640</td></tr><tr><td>Second</td>"
            "<td>390</td></tr><tr><td rowspan='2'>Mountain Line</td><td>First</td><td>870</td></tr><tr><td>Second</td>"
            "<td>510</td></tr></tbody></table>",
            "Fares of the Northern Railway",
        ),
        "contacts.html": page(
            "<p>These are the people to turn to.</p><ul><li>Press: Agneta Lund, 555 0142, press@brekke.example</li>"
            "<li>Building permits: Olav Strand, 555 0177</li><li>Schools: Miriam Katz, 555 0163</li></ul>",
            "Contacts of the town hall of Brekke",
        ),
    }


# Notes, encodings, figures


PRICES = {
    "Aldmoor": "3.6 million dollars", "Brennick": "3.6 million crowns", "Corvo": "3.6 million Swiss francs",
    "Dunvale": "3.6 crore rupees", "Estrella": "3.6 million pesos", "Fossheim": "R$3.6 million",
    "Ilmarin": "3.6 million zlotys", "Galdor": "₹3.6 million", "Jordby": "CHF 3.6 million",
    "Hestmark": "NOK 3.6 million", "Mirela": "$3.6 million", "Kestrel Point": "3.6 million rubles",
    "Lyngholt": "3.6 million rand", "Oppdal": "£1½ million", "Nesset": "3.6 million dirhams",
}  # fmt: skip
"""What the new pier of each place costs."""


def currencies():
    piers = "\n\n".join(
        f"The new pier in {place} costs {price}, the council said. It opens in the spring."
        for place, price in PRICES.items()
    )
    return {"piers.md": f"# What the piers cost\n\n{piers}\n"}


def texts():
    return {
        "notes.txt": "Interview notes, Sandberg film\n\nDirector: Malin Okoye\nBudget: 5.4 million euros\n"
        "Shooting starts 22 September 2025 in Genoa\n\nHearing on the Petrescu case\n16 May 2025, court room 7\n"
        "Judge: Ramon Ortega\nThe prosecutor asks for four years\n",
        "ward1.md": "# Ward 1 reopens\n\nWard 1 of the Sankt Ansgar hospital has 26 beds and is led by nurse Gro Lie. "
        "It reopened on 5 April 2025 after repairs.\n",
        "ward2.md": "# Ward 2 stays shut\n\nWard 2 of the Sankt Ansgar hospital has 33 beds and is led by nurse Per "
        "Moe. It will reopen on 1 July 2025.\n",
        "café.txt": "The café owner José Peña said “Enough” when the bank closed his account – after 28 years.".encode(
            "cp1252"
        ),
        "tatra.txt": "The Tatra works in Kopřivnice put 3 billion korunas into a foundry. The director Jiří Dvořák "
        "called it the future. Žádné škrty nebudou, řekl dělníkům.".encode("cp1250"),
        "ulsan.html": web_page(
            ["The ferry to Ulleung (울릉도) carried 285,000 passengers in 2024.", "It will be replaced next year."],
            "Ulsan ferry (울산)",
        )
        .decode()
        .encode("euc-kr"),
        "nara.html": web_page(
            ["The shop in Nara (奈良) sold brushes for 120 years.", "Its owner is 91 years old."],
            "Shop in Nara (奈良市) closes",
            "<meta charset='Shift_JIS'>",
        )
        .decode()
        .encode("shift_jis"),
        "dateline.txt": "RIGA, Feb. 18, 2025 (Northern Wire) — The city of Riga banned fireworks in the old town on "
        "Tuesday. The ban holds until May.\n",
        "bay.txt": "Ines Halvorsen counted the seal pups in the bay of Torvik. She found 214 of them.\n",
        "statute.md": "# Statute of the cooperative of Hovde\n\nThe members' meeting elects these officers:\n\n"
        "1. a chair,\n2. a treasurer,\n3. two auditors,\n4. a keeper of the minutes.\n\nIt meets in March.\n",
        "metadata.csv": "file,published,source\nbay.txt,2025-03-09,Torvik Gazette\n",
    }


# Spreadsheets, slides, mail, books


def harvest():
    """A workbook: two tables on a sheet, the first with a merged header and percentages, and a hidden sheet."""
    import xlsxwriter

    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        percent = book.add_format({"num_format": "0.0%"})
        sheet = book.add_worksheet("Harvest")
        sheet.write("A2", "Orchard")
        sheet.merge_range("B1:C1", "Share of apples sold abroad")
        sheet.write_row("B2", ["2023", "2024"])
        for row, (orchard, *shares) in enumerate([("Eikeland", 0.125, 0.184), ("Solbakken", 0.302, 0.277)], 2):
            sheet.write(row, 0, orchard)
            sheet.write_row(row, 1, shares, percent)
        sheet.write_row("A7", ["Press", "Litres of cider"])
        sheet.write_row("A8", ["Old press", 14_200])
        sheet.write_row("A9", ["New press", 38_750])
        book.add_worksheet("Drafts").hide()
        book.get_worksheet_by_name("Drafts").write("A1", "Nobody should see this draft.")
    return written.getvalue()


def slides():
    import pptx
    from pptx.util import Inches

    made = pptx.Presentation()
    slide = made.slides.add_slide(made.slide_layouts[5])
    slide.shapes.title.text = "Bus lines of Vinje"
    rows = [("Line", "Passengers a day"), ("Line 4", "6,300"), ("Line 9", "2,150")]
    table = slide.shapes.add_table(3, 2, Inches(1), Inches(2), Inches(6), Inches(2)).table
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            table.cell(row, column).text = cell
    slide.notes_slide.notes_text_frame.text = "The night bus to the airport of Vinje begins on 2 February 2026."
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def others():
    return {
        "harvest.xlsx": harvest(),
        "buses.pptx": slides(),
        "wells.csv": delimited(
            [["Well", "Depth in metres", "Owner"], ["Brunn A", "84", "Estate of Lomen"],
             ["Brunn B", "131", "Parish of Dovre"]]
        ),
        "peaks.tsv": delimited([["Peak", "First climbed by", "Year"], ["Storhorn", "Ingrid Vaule", "1884"],
                                ["Kvitnuten", "Jakob Ness", "1902"]], "\t"),
        "harbour.eml": mail(
            "Dear Ruth,\n\nthe crane in Solund will be taken down on 14 October 2025.\n\nOn Mon, 3 Mar 2025, Ruth Berg "
            "wrote:\n> Will the crane in Solund stay for another winter?\n",
            Subject="The crane in Solund",
            From="Tarjei Holm <tarjei@solund.example>",
            To="Ruth Berg <ruth@paper.example>",
            Date="Wed, 05 Mar 2025 09:12:00 +0100",
            attachments={"plan.dwg": b"\x00\x01"},
        ),
        "lighthouse.epub": epub(
            [chapter("<h1>The lighthouse</h1><p>The lighthouse of Utsira was lit for the first time in 1844.</p>"),
             chapter("<h1>The keepers</h1><p>Its last keeper, Solveig Tveit, left in 2004.</p>")],
            "<dc:title>Lights of the coast</dc:title><dc:language>en</dc:language>",
        ),
        "picture.pdf": pdf([[], []], picture=True),
        "minutes.doc": b"\xd0\xcf\x11\xe0",
        "talk.mp4": b"\x00\x00\x00\x18ftypmp42",
    }  # fmt: skip


GROUPS = {"pdf": pdfs, "word": words, "web": pages, "text": texts, "currencies": currencies, "other": others}
