"""Documents as people have them, all the way: written, read, indexed and asked with the encoder and the reader."""

from __future__ import annotations

import re
from contextlib import ExitStack
from functools import cache

import pytest

from askseoul.index.store import Store
from askseoul.pipeline import AskSeoul
from tests.support.documents import PRICES, write_documents


@pytest.fixture(scope="session")
def opened(tmp_path_factory, encoder, reader):
    """Gives the program with the documents of a group, and the report of their indexing; each is made once."""
    with ExitStack() as stack:

        @cache
        def open_group(group):
            folder = write_documents(group, tmp_path_factory.mktemp(group) / "documents")
            store = Store.open(folder.parent / "index", encoder=encoder, create=True)
            app = stack.enter_context(AskSeoul(store, encoder, None, lambda: reader))
            return app, app.index(folder, ocr=False)

        yield open_group


def case(name, group, question, holds, never="No such words"):
    return pytest.param(group, question, holds, never, id=name)


@pytest.mark.parametrize(
    ("group", "question", "holds", "never"),
    [
        case("PDF, two columns: a figure", "pdf", "By how many years does Norland raise the pension age?", "64 to 66"),
        case("PDF, two columns: over a line", "pdf", "How much will the reform save a year by 2041?", r"3\.7 billion"),
        case("PDF, two columns: the second", "pdf", "What happened to the reform in Sudland?", "weeks of protests"),
        case("PDF, row by row: the left column", "pdf", "How much will the ferry terminal in Skarvik cost?",
             "61 million euros", "fishing fleet|quota"),
        case("PDF, row by row: the right column", "pdf", "How many boats does the fishing fleet of Skarvik have?",
             "29 boats", "terminal"),
        case("PDF, row by row: who wants what", "pdf", "What does Henrik Aas want?", "tax rebate of 15", "Monsen"),
        case("PDF, rotated: an owner", "pdf", "Who owns the largest saffron farm in Tirna?", "Rahimi family"),
        case("PDF, over a page", "pdf", "Who will lead the inquiry into the dam of Fjellby?", "judge Sunniva Krag",
             "BRIEFING|Not to be passed on|Page 1"),
        case("PDF, over the next page", "pdf", "How many inspections of the dam of Fjellby were left out?",
             "left out 53 inspections", "BRIEFING|Not to be passed on|Page 2"),
        case("PDF, a cell", "pdf", "What was the turnout in Halden in 2020?", r"2020: 64\.4", "Rosvik|Tarn Hill"),
        case("PDF, the row of the highest", "pdf", "Which region had the highest turnout in 2024?",
             r"Halden.*70\.9", "Rosvik"),
        case("PDF, a filled form", "pdf", "Who applied for a stall at the Christmas market of Vellin?", "Brandauer"),
        case("PDF, a footnote", "pdf", "Who paid for the survey of the farmers of Ostrava Hills?", "Kornhaus"),
        case("PDF, ligatures", "pdf", "How many officers were classified as unfit?", "classified 31 officers as unfit"),
        case("PDF, a divided word", "pdf", "Which university was affected by the flood?", "University of Steinhafen"),
        case("DOCX, a footnote", "word", "Who paid for the poll on the tram in Hamn?", "Rail & Stone"),
        case("DOCX, a figure of a footnote", "word", "How many people were asked in the poll on the tram?", "913"),
        case("DOCX, a sentence with a note", "word", "What share of residents back the tram in Hamn?", "58 percent"),
        case("DOCX, a merged header: the right", "word", "What did the town spend on schools in 2024?", "2024: 41"),
        case("DOCX, a merged header: the left", "word", "What did the town spend on roads in 2023?", "2023: 16",
             "Hospitals"),
        case("DOCX, a text box", "word", "What is the hotline number for flood victims?", "0800 412 339"),
        case("DOCX, what was inserted", "word", "When does the fishing ban in Lake Vidar begin?", "1 August", "1 May"),
        case("DOCX, an inserted paragraph", "word", "Who signed the statement on Lake Vidar?", "Samir Nasser"),
        case("HTML, opening hours", "web", "When is the museum of Lisvik open on Sunday?", "Sunday: 10:00 to 17:00",
             "12:00"),
        case("HTML, a closed day", "web", "Is the museum of Lisvik open on Monday?", "Monday: closed"),
        case("HTML, a whole list", "web", "What are the six demands of the bus drivers?",
             "(?s)8 percent.*night bus.*coffee.*38 hours.*four a year.*split shifts", "- "),
        case("HTML, a cell over two rows", "web", "What is the fare on the Coast Line in second class?",
             "Coast Line; Class: Second; Fare in crowns: 390", "Mountain Line"),
        case("HTML, a contact", "web", "Who is responsible for schools in the town hall of Brekke?", "Miriam Katz"),
        case("HTML, a telephone number", "web", "What is the phone number for building permits in Brekke?", "555 0177"),
        case("notes, an amount", "text", "What is the budget of the Sandberg film?", r"5\.4 million euros"),
        case("notes, a name", "text", "Who directs the Sandberg film?", "Malin Okoye"),
        case("notes, a date", "text", "When was the hearing on the Petrescu case?", "16 May 2025"),
        case("numbered things: the other", "text", "How many beds does ward 2 of the Sankt Ansgar hospital have?",
             "33 beds", "26|Gro Lie"),
        case("windows-1252", "text", "What did the café owner José Peña say?", "José Peña said “Enough”"),
        case("windows-1250", "text", "How much did the Tatra works invest?", "Kopřivnice put 3 billion korunas"),
        case("EUC-KR, undeclared", "text", "How many passengers did the ferry to Ulleung carry?", "울릉도.* 285,000"),
        case("Shift_JIS, declared", "text", "What did the shop in Nara sell?", "奈良.* sold brushes"),
        case("a dateline", "text", "Where did Riga ban fireworks?", "in the old town"),
        case("a numbered list", "text", "Which officers does the members' meeting of Hovde elect?",
             "(?s)chair.*treasurer.*two auditors.*keeper of the minutes"),
        *(
            case(f"a price: {PRICES[place]}", "currencies", f"How much does the new pier in {place} cost?",
                 f"^The new pier in {place} costs {re.escape(PRICES[place])}, the council said")
            for place in list(PRICES)[1::2]
        ),
        case("XLSX, percent below a merged header", "other",
             "What share of its apples did Eikeland sell abroad in 2024?", r"2024: 18\.4 ?%", "Solbakken"),
        case("XLSX, the second table", "other", "How many litres of cider does the new press make?", "38,?750", "Old"),
        case("PPTX, a table", "other", "How many passengers a day does Line 9 have?", "2,150", "6,300"),
        case("PPTX, the speaker's notes", "other", "When does the night bus to the airport of Vinje begin?",
             "2 February 2026"),
        case("CSV, an owner", "other", "Who owns the well Brunn A?", "Estate of Lomen", "Parish of Dovre"),
        case("EML", "other", "When will the crane in Solund be taken down?", "14 October 2025", "another winter"),
        case("EPUB, the second", "other", "Who was the last keeper of the lighthouse of Utsira?", "Solveig Tveit"),
    ],
)  # fmt: skip
def test_what_a_document_says_is_answered_with_exact_quotes(opened, group, question, holds, never):
    app, _ = opened(group)
    answer = app.ask(question)
    assert answer.answered, [quote.quote for quote in answer.refusal.nearest]
    assert re.search(holds, answer.text)
    assert not re.search(never, answer.text)
    assert answer.disagreements == ()
    for cited in answer.citations:
        assert app.article(cited.article_id).text[cited.start : cited.end] == cited.quote


@pytest.mark.parametrize(
    ("group", "question", "article_id", "text"),
    [
        pytest.param("pdf", "Why was the reform in Sudland withdrawn?", "pensions.pdf", "weeks of protests", id="why"),
        pytest.param("pdf", "assembly briefing on the dam", "briefing.pdf", "BRIEFING 12/2024", id="a running header"),
        pytest.param("pdf", "goods at the Christmas market", "stall.pdf", "Goods: honey and candles", id="a form"),
    ],
)  # fmt: skip
def test_what_a_document_says_is_found(opened, group, question, article_id, text):
    app, _ = opened(group)
    [first, *_] = app.search(question)
    assert first.article.id == article_id
    assert text in app.article(article_id).text[first.passage.start : first.passage.end]


@pytest.mark.parametrize(
    ("group", "article_id", "text", "times"),
    [
        pytest.param("pdf", "briefing.pdf", "ASSEMBLY BRIEFING 12/2024", 1, id="a running header"),
        pytest.param("pdf", "briefing.pdf", "Not to be passed on before noon", 1, id="a running footer"),
        pytest.param("pdf", "briefing.pdf", "Page ", 0, id="page numbers"),
        pytest.param("pdf", "briefing.pdf", "led by the retired judge Sunniva Krag", 1, id="over a page"),
        pytest.param("pdf", "harbour.pdf", "asked for a smaller building.\n\nThe fishing fleet", 1, id="two columns"),
        pytest.param("pdf", "turnout.pdf", "| Region: Tarn Hill; 2016: 66.1; 2020: 63.8; 2024: 6", 1, id="a row"),
        pytest.param("pdf", "stall.pdf", "Applicant: Ottilie Brandauer", 1, id="a form's field"),
        pytest.param("word", "budget.docx", "| Department: Roads; Spending 2023: 16; Spending 2024: ", 1, id="spans"),
        pytest.param("word", "lake.docx", "Really?", 0, id="a comment"),
        pytest.param("word", "lake.docx", "begins on 1 August and", 1, id="tracked changes"),
        pytest.param("word", "tram.docx", "in Hamn.¹\n\nNote 1: The poll was", 1, id="a footnote below its paragraph"),
        pytest.param("web", "museum.html", "| Monday: closed.\n| Thursday: 12:00 to 21:00.", 1, id="opening hours"),
        pytest.param("web", "trains.html", "| Line: Mountain Line; Class: Second; Fare in crowns: 5", 1, id="rows"),
        pytest.param("web", "contacts.html", "\n- Building permits: Olav Strand, 555 0177\n", 1, id="contacts"),
        pytest.param("web", "demands.html", "Home", 0, id="a menu"),
        pytest.param("other", "harvest.xlsx", "draft", 0, id="a hidden sheet"),
        pytest.param("other", "harvest.xlsx", "%.\n\n| Press: Old press;", 1, id="two tables on a sheet"),
        pytest.param("other", "buses.pptx", "Notes to slide 1: The night bus", 1, id="the speaker's notes"),
        pytest.param("other", "harbour.eml", "> Will the crane in Solund stay", 1, id="a quoted reply"),
        pytest.param("other", "lighthouse.epub", "# The keepers\n\nIts last keeper", 1, id="chapters"),
    ],
)  # fmt: skip
def test_the_text_of_a_document(opened, group, article_id, text, times):
    app, _ = opened(group)
    assert app.article(article_id).text.count(text) == times


@pytest.mark.parametrize("group", ["pdf", "word", "web", "currencies"])
def test_no_date_and_no_source_is_made_up(opened, group):
    app, report = opened(group)
    assert not report.failed
    assert {(article.published, article.source) for article in app.articles()} == {(None, None)}


@pytest.mark.parametrize(
    ("group", "article_id", "published", "published_from", "source"),
    [
        pytest.param("text", "dateline.txt", "2025-02-18", "dateline", None, id="a dateline"),
        pytest.param("text", "bay.txt", "2025-03-09", "metadata.csv", "Torvik Gazette", id="metadata.csv"),
        pytest.param("text", "notes.txt", None, None, None, id="dates of other things"),
        pytest.param("other", "harbour.eml", "2025-03-05", "mail header", "Tarjei Holm", id="a mail"),
        pytest.param("other", "wells.csv", None, None, None, id="a table"),
    ],
)
def test_dates_and_sources_are_those_that_are_stated(opened, group, article_id, published, published_from, source):
    article = opened(group)[0].article(article_id)
    assert (article.published, article.published_from, article.source) == (published, published_from, source)


def test_what_was_left_out_or_guessed_is_told(opened):
    told = {
        article_id: notes for group in ("word", "text", "other") for article_id, notes in opened(group)[1].notes.items()
    }
    assert told == {
        "lake.docx": ("1 comment was left out", "4 tracked changes were read as accepted"),
        "café.txt": ("its encoding was guessed: windows-1252",),
        "tatra.txt": ("its encoding was guessed: windows-1250",),
        "ulsan.html": ("its encoding was guessed: euc-kr",),
        "harbour.eml": ("1 attachment was left out: plan.dwg",),
        "harvest.xlsx": ("the hidden sheet “Drafts” was left out",),
    }  # fmt: skip


def test_files_that_are_not_read_are_named(opened):
    _, report = opened("other")
    assert report.unread == {".doc": 1, ".mp4": 1}
    [failure] = report.failed
    assert failure.path.endswith("picture.pdf")
    assert "ocrmypdf" in failure.reason
