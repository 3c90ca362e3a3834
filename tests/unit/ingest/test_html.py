"""Web pages into text: what a reader of the page sees, without what stands around its article."""

from __future__ import annotations

from pathlib import Path

import pytest
from evals.common.page_samples import count_found, plain, saved_pages
from evals.common.sample_files import epub, web_page

from askseoul.errors import ArticleEmpty
from askseoul.ingest.converters import convert

AWKWARD = [
    "대통령은 정상 회담 전에 동맹국에 전화했다.",
    "The café’s “naïve” plan — e\u0301 — costs < 5 & > 3.",
    "🇰🇷 👩\u200d💻 emoji stay.",
    "השלום חזר אל סיאול בשנת 2024.",
]


def text_of(name: str, content: bytes) -> str:
    return convert(Path(name), content).text


def body_of(markup: str) -> str:
    return text_of("a.html", f"<html><body>{markup}</body></html>".encode())


def notes_of(markup: str) -> tuple[str, ...]:
    return convert(Path("a.html"), f"<html><body><main>{markup}</main></body></html>".encode()).notes


def test_a_web_page_gives_its_article_without_what_stands_around_it():
    page = web_page(["", *AWKWARD], title="Seoul waits")
    assert text_of("a.html", page) == "# Seoul waits\n\n" + "\n\n".join(AWKWARD)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param("<h1>A</h1><p>One.</p><h3>B</h3><p>Two.</p>", "# A\n\nOne.\n\n### B\n\nTwo.", id="headings"),
        pytest.param("<p>One<br>two</p><p>three</p>", "One\ntwo\n\nthree", id="line break"),
        pytest.param("<p>One <b>t</b>wo <a href='x'>three</a>.</p>", "One two three.", id="inline"),
        pytest.param("<ul><li>One<li><p>Two</p></ul>", "- One\n- Two", id="list"),
        pytest.param(
            "<table><tr><th>Year<th>Troops<tr><td>2024<td>28,500</table>",
            "| Year: 2024; Troops: 28,500.",
            id="table",
        ),
        pytest.param("<table><tr><td><p>One.</p><p>Two.</p></table>", "One.\n\nTwo.", id="table that lays out a page"),
        pytest.param("<p>One.\r\n  Still\tone.</p>", "One. Still one.", id="white space"),
        pytest.param("<p>1 &lt; 2 &mdash; &#54620;</p>", "1 < 2 — 한", id="named characters"),
        pytest.param("<p>a<!-- b -->c<script>d</script><style>e</style></p>", "ac", id="comment, script and style"),
        pytest.param("<p>10<sup>6</sup> of 28,500<sup>3</sup>, CO<sub>2</sub>", "10⁶ of 28,500³, CO₂", id="raised"),
        pytest.param("<p>the 19<sup>th</sup>", "the 19th", id="raised letters"),
        pytest.param(
            "<p>a<i hidden>b</i>c<b style='color:red; display: none'>d</b>e</p><p hidden>f</p>", "ace", id="hidden"
        ),
        pytest.param("<p>Whole.</p><p>Cut of", "Whole.\n\nCut of", id="truncated"),
    ],
)
def test_markup_becomes_paragraphs(body, text):
    assert text_of("a.html", body.encode()) == text
    assert text_of("a.epub", epub([f"<html><body>{body}</body></html>"])) == text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        pytest.param("<p>한국어".encode(), "한국어", id="UTF-8 by itself"),
        pytest.param("\ufeff<p>한국어".encode(), "한국어", id="UTF-8 with a mark"),
        pytest.param("<p>한국어".encode("utf-16"), "한국어", id="UTF-16 with a mark"),
        pytest.param("<meta charset=EUC-KR><p>한국어".encode("euc-kr"), "한국어", id="EUC-KR"),
        pytest.param(
            "<meta charset='iso-8859-1'><p>“caf\xe9”".encode("cp1252"), "“café”", id="Latin-1 as browsers read it"
        ),
        pytest.param("<meta charset=iso-8859-1><p>한국어".encode(), "한국어", id="UTF-8 in spite of what it names"),
        pytest.param("<meta charset=iso-2022-jp><p>日本".encode("iso2022_jp"), "日本", id="ISO-2022-JP"),
        pytest.param(
            "<?xml version='1.0' encoding='euc-kr'?><p>한국어".encode("euc-kr"), "한국어", id="XML's declaration"
        ),
    ],
)
def test_encodings_of_web_pages(content, text):
    assert text_of("a.xhtml", content) == text


def test_what_a_web_page_states_about_itself():
    page = convert(
        Path("a.html"),
        web_page(
            AWKWARD,
            head="<meta property='og:title' content='Seoul\n waits'><meta property='og:site_name' content='The Paper'>"
            "<meta name='author' content='A. Writer'><link rel='canonical' href='https://example.org/a'>"
            "<meta property='article:published_time' content='2025-06-04T10:00:00+09:00'>",
        ),
    )
    assert (page.title, page.source, page.published) == ("Seoul waits", "The Paper", "2025-06-04")
    assert (page.url, page.language) == ("https://example.org/a", "en")


@pytest.mark.parametrize(
    ("head", "published", "place"),
    [
        pytest.param("<meta name='date' content='2025-06'>", "2025-06", "meta tag", id="month"),
        pytest.param("<meta name='citation_date' content='2025/6/4'>", "2025-06-04", "meta tag", id="slashes"),
        pytest.param("<script type='application/ld+json'>{'@graph'</script>", None, None, id="broken JSON-LD"),
        pytest.param(
            '<script type="application/ld+json">{"@graph": [{"datePublished": "2025-06-04"}]}</script>',
            "2025-06-04",
            "JSON-LD",
            id="JSON-LD",
        ),
        pytest.param(
            "<time itemprop='datePublished' datetime='2025-06-04'>", "2025-06-04", "time element", id="marked time"
        ),
        pytest.param("<time datetime='2025-06-04'>", None, None, id="some time, perhaps an event's"),
        pytest.param(
            "<p>Published on 4 June 2025</p><p>© 2026</p>", None, None, id="in words, which is left to the reader"
        ),
        pytest.param("<meta property='article:modified_time' content='2025-06-04'>", None, None, id="day of a change"),
        pytest.param("<meta name='date' content='2999-01-01'>", None, None, id="future"),
        pytest.param("<meta name='date' content='yesterday'>", None, None, id="no date"),
        pytest.param("<link rel='canonical' href='https://example.org/2025/06/04/a'>", None, None, id="address"),
        pytest.param("", None, None, id="nothing stated"),
    ],
)
def test_a_web_page_is_dated_only_by_what_it_states(head, published, place):
    page = convert(Path("a.html"), web_page(AWKWARD, head=head))
    assert (page.published, page.published_from) == (published, place)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "/a", "ftp://example.org", ""])
def test_addresses_are_of_the_web(address):
    assert convert(Path("a.html"), web_page(AWKWARD, head=f"<link rel=canonical href='{address}'>")).url is None


def test_a_page_without_an_article_is_empty():
    with pytest.raises(ArticleEmpty, match=r"holds no text: .*save the page once it has loaded"):
        text_of("a.html", b"<html><body><script>load()</script></body></html>")


# Lists, tables, forms and pictures


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        pytest.param("<ul><li>One<li><span>Two</span></ul>", "- One\n- Two", id="bullets"),
        pytest.param("<ol><li>One<li>Two</ol>", "1. One\n2. Two", id="numbers"),
        pytest.param("<ol start=4><li>Four<li value=9>Nine<li>Ten</ol>", "4. Four\n9. Nine\n10. Ten", id="start"),
        pytest.param("<ol start=x><li>One</ol>", "1. One", id="no number"),
        pytest.param(
            "<ol><li>Pay:<ul><li>in cash<li>by card</ul><li>Go</ol>",
            "1. Pay:\n  - in cash\n  - by card\n2. Go",
            id="nested",
        ),
        pytest.param("<ul><li><h3>Choir</h3><p>6 June</p></ul>", "### Choir\n\n6 June", id="headings as items"),
        pytest.param("<ul><li><p>One.</p><p>More.</p><li>Two.</ul>", "- One.\n\nMore.\n\n- Two.", id="paragraphs"),
        pytest.param("<ul><li><li>한</ul>", "- 한", id="empty item"),
    ],
)
def test_lists_keep_every_item_in_its_place(markup, text):
    assert body_of(markup) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        pytest.param("<dl><dt>Size<dd>24 inches<dt>Colour:<dd>red</dl>", "Size: 24 inches\nColour: red", id="pairs"),
        pytest.param("<dl><dt>Gears<dd>eight<dd>eleven</dl>", "Gears: eight\nGears: eleven", id="two definitions"),
        pytest.param("<dl><dt>Bus</dt><dt>Tram</dt><dd>free</dl>", "Bus, Tram: free", id="two terms"),
        pytest.param("<dl><dt>Can I?<dd>Yes.</dl>", "Can I?\n\nYes.", id="question"),
        pytest.param("<dl><dt><p>Size</p></dt><dd><p>Big.</p><p>Very.</p></dl>", "Size: Big.\n\nVery.", id="blocks"),
        pytest.param("<dl><dt>Alone</dl>", "Alone", id="term alone"),
    ],
)
def test_a_definition_is_one_line_with_its_term(markup, text):
    assert body_of(markup) == text


HEAD = "<tr><th>District<th>2021<th>2025"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        pytest.param(
            f"{HEAD}<tr><td>Norvik<td>58.7 %<td>71.2 %",
            "| District: Norvik; 2021: 58.7 %; 2025: 71.2 %.",
            id="headers",
        ),
        pytest.param(
            "<thead><tr><th rowspan=2>District<th colspan=2>Turnout<tr><th>2021<th>2025</thead><tr><td>Ost<td>1<td>2",
            "| District: Ost; Turnout 2021: 1; Turnout 2025: 2.",
            id="headers over headers",
        ),
        pytest.param(
            "<tr><th>Day<th>Hours<th>Price<tr><td>Mon<td>9–19<td rowspan=2>4 euros<tr><td>Sat<td>8–20",
            "| Day: Mon; Hours: 9–19; Price: 4 euros.\n| Day: Sat; Hours: 8–20; Price: 4 euros.",
            id="cell over two rows",
        ),
        pytest.param(
            f"{HEAD}<tr><td>Norvik<td colspan=2>not counted",
            "| District: Norvik; 2021: not counted; 2025: not counted.",
            id="cell over two columns",
        ),
        pytest.param(
            "<tr><td>Monday<td><ul><li>10 to 12<li>14 to 18</ul><tr><td>Tuesday<td>closed",
            "| Monday: 10 to 12, 14 to 18.\n| Tuesday: closed.",
            id="lists in cells",
        ),
        pytest.param(
            "<tr><th>Area<td>42 km²<tr><th>Depth<td>118 m", "| Area: 42 km².\n| Depth: 118 m.", id="names at the left"
        ),
        pytest.param("<caption>Fees</caption><tr><th>A<td>1", "Fees\n\n| A: 1.", id="caption"),
        pytest.param(
            "<tr><th colspan=2>Lake Orrin<tr><th>Area<td>42 km²", "Lake Orrin\n\n| Area: 42 km².", id="title in a row"
        ),
        pytest.param(
            "<tr><td><b>Class</b><td><b>Winner</b><td><b>Time</b><tr><td>Pair<td>Holt<td>7:02",
            "| Class: Pair; Winner: Holt; Time: 7:02.",
            id="bold headers",
        ),
        pytest.param("<tr><td rowspan=99999999999 colspan=0>a<td>b", "| a: b.", id="spans of nonsense"),
        pytest.param("<tr><td>Menu<td><h2>News</h2><p>It rains.</p>", "Menu\n\n## News\n\nIt rains.", id="layout"),
        pytest.param("<tr><td><td>", "", id="empty"),
    ],
)
def test_a_row_of_a_table_is_a_statement_with_its_headers(markup, text):
    assert body_of(f"<p>Intro.</p><table>{markup}</table>").removeprefix("Intro.").strip() == text


def test_a_page_in_tables_is_prose():
    assert (
        body_of("<table><tr><td>Left<td><p>One.</p><table><tr><th>A<th>B<tr><td>1<td>2</table></table>")
        == "Left\n\nOne.\n\n| A: 1; B: 2."
    )


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        pytest.param("<label for=a>Officer</label><input id=a value='P. Novak'>", "Officer: P. Novak", id="label"),
        pytest.param("<label>Name: <input value=Kim></label>", "Name: Kim", id="field in its label"),
        pytest.param("<table><tr><td>Name<td><input value=Kim></table>", "| Name: Kim.", id="field in a cell"),
        pytest.param("<p>x</p><input value=Kim aria-label=Name>", "x\n\nName: Kim", id="name for screen readers"),
        pytest.param("<label for=a>Why</label><textarea id=a>It\nleaks.</textarea>", "Why: It leaks.", id="text"),
        pytest.param(
            "<label for=a>State</label><select id=a><option>open<option selected>closed</select>",
            "State: closed",
            id="chosen",
        ),
        pytest.param("<p>x</p><select><option>A<option>B</select>", "x", id="nothing chosen"),
        pytest.param("<label><input type=radio checked> yes</label><label><input type=radio> no</label>",
                     "☑ yes\n\n☐ no", id="ticked"),
        pytest.param("<p>x</p><input type=hidden value=secret><input placeholder='Name'>", "x", id="not filled in"),
        pytest.param("<form><h1>Notice</h1><p>The main is shut on 3 June.</p><input type=hidden value=x></form>",
                     "# Notice\n\nThe main is shut on 3 June.", id="a page inside a form"),
    ],
)  # fmt: skip
def test_what_is_filled_in_is_read_with_its_label(markup, text):
    assert body_of(markup) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        pytest.param("<details><summary>Paper</summary>On Mondays.</details>", "Paper\n\nOn Mondays.", id="details"),
        pytest.param("<button aria-controls=p>P</button><div id=p style='display:none'>On Mondays.</div>",
                     "On Mondays.", id="panel of a button"),
        pytest.param("<div hidden='until-found'>On Mondays.</div>", "On Mondays.", id="until found"),
        pytest.param("<div role=tabpanel hidden>On Mondays.</div>", "On Mondays.", id="tab"),
        pytest.param("<h3><button aria-expanded=false>Paper</button></h3><p>x</p>", "### Paper\n\nx", id="heading"),
        pytest.param("<p>x</p><div hidden>draft</div>", "x", id="hidden"),
        pytest.param("<p>Now <s>80</s> <del>70</del> 60 euros</p>", "Now 60 euros", id="struck out"),
        pytest.param("<p><abbr title='World Health Organization'>WHO</abbr>, <abbr title='World Health Organization'>"
                     "WHO</abbr></p>", "WHO (World Health Organization), WHO", id="abbreviation"),
        pytest.param("<p>It drains.<sup><a href='#n'>[12]</a></sup> It froze.</p>", "It drains.¹² It froze.", id="ref"),
        pytest.param("<blockquote><p>“Go up.”</p></blockquote><p>x</p>", "“Go up.”\n\nx", id="quotation"),
        pytest.param("<pre>one\n  two\n\nthree</pre>", "one\ntwo\n\nthree", id="preformatted"),
        pytest.param("<p>Mill Lane<br>Phone: 555 0142<br>Mon–Fri 7–15</p>", "Mill Lane\nPhone: 555 0142\nMon–Fri 7–15",
                     id="contact lines"),
        pytest.param("<figure><img alt='Workers paint the railing'><figcaption>On Sunday.</figcaption></figure>",
                     "Picture: Workers paint the railing.\n\nOn Sunday.", id="picture"),
        pytest.param("<p>x</p><img alt='DSC_001.jpg'><img alt=''><img alt='The site logo of Tarn'>", "x", id="no text"),
        pytest.param("<p>It <img alt='a small red arrow'> rises.</p>", "It rises.", id="picture inside a sentence"),
        pytest.param("<p>Good <img alt='🙂'></p>", "Good 🙂", id="emoji as a picture"),
        pytest.param("<p>If <math><mi>a</mi><mo>≠</mo><mn>0</mn></math></p>", "If a≠0", id="symbols in a row"),
        pytest.param("<p>x <math alttext='E=mc^2'><mi>E</mi></math></p>", "x E=mc^2", id="formula"),
    ],
)  # fmt: skip
def test_what_a_reader_sees_or_can_open(markup, text):
    assert body_of(f"<main>{markup}</main>") == text


@pytest.mark.parametrize(
    ("markup", "notes"),
    [
        pytest.param("<p>x</p>", (), id="nothing"),
        pytest.param("<p>x</p><div id=comments><ul><li>A<li>B</ul></div>", ("2 comments were left out",), id="talk"),
        pytest.param("<p>x</p><iframe src='https://youtube.example/1'></iframe>", ("1 embedded video was left out",),
                     id="film"),
        pytest.param("<p>x <math><msqrt><mi>x</mi></msqrt></math></p>", ("1 formula was left out",), id="root"),
        pytest.param("<p>x</p><audio></audio><audio></audio>", ("2 sound recordings were left out",), id="sound"),
    ],
)  # fmt: skip
def test_what_is_left_out_on_purpose_is_told(markup, notes):
    assert notes_of(f"<p>{'Long text. ' * 20}</p>{markup}") == notes


def test_a_guessed_encoding_is_told():
    page = convert(Path("a.html"), "<h1>Café</h1><p>José Muñoz said “no”.</p>".encode("cp1252"))
    assert (page.text, page.notes) == ("# Café\n\nJosé Muñoz said “no”.", ("its encoding was guessed: windows-1252",))


# What stands around an article

PAGES = list(saved_pages())


TUNED = [page for page in PAGES if not page.is_held_out]


@pytest.mark.parametrize("page", TUNED, ids=[page.name for page in TUNED])
def test_the_article_of_a_saved_page_is_kept(page):
    text = plain(text_of("a.html", page.content))
    assert [part for part in page.kept if part not in text] == []


def test_hardly_anything_of_the_articles_on_other_pages_is_lost():
    found = sum(count_found(page.kept, text_of("a.html", page.content)) for page in PAGES if page.is_held_out)
    assert found >= 0.97 * sum(len(page.kept) for page in PAGES if page.is_held_out)


def test_little_of_what_stands_around_articles_is_kept():
    left = sum(count_found(page.dropped, text_of("a.html", page.content)) for page in PAGES)
    assert left <= 0.1 * sum(len(page.dropped) for page in PAGES)


def test_a_page_of_links_alone_is_read():
    assert "Forms" in body_of("<nav><ul><li><a href='/f'>Forms</a><li><a href='/g'>Laws</a></ul></nav>")
