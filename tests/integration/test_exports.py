"""Exports of an answer: each form says the same, JSON verifies again, and no text of an article becomes markup."""

from __future__ import annotations

import json
import re
from dataclasses import replace as replaced
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from askseoul.answering.answerability import Decision
from askseoul.answering.assembly import AnswerBuilder, QueryContext, refuse
from askseoul.answering.drafting import quote_draft
from askseoul.answering.reverify import load_exported, reverify
from askseoul.domain import Draft, DraftDisagreement, Trace, Uncovered, as_json
from askseoul.nlp.text import visible
from askseoul.retrieval.search import Filter
from askseoul.web.exports import MEDIA_TYPES, SUFFIXES, export, suffix_of
from tests.support.articles import make_article, make_evidence, verify_drafts
from tests.support.fakes import FakeReader, supported

EARLY = make_article(
    "About 214 people were on the ferry Mara last year.\nThe mayor said that the pier is safe. The pier may close.",
    "early.md", title="The ferry", source="Harbour News", published="2024-05-01", url="https://example.org/ferry?a=1&b=2",
)  # fmt: skip
LATE = make_article("There were 178 people on the ferry Mara.", "late.md", title="Mara again", published="2025-06-02")
COUNTED, SAFE, CLOSE = make_evidence(
    EARLY, "About 214 people were on the ferry Mara last year.", "The mayor said that the pier is safe.",
    "The pier may close.",
)  # fmt: skip
(RECOUNTED,) = make_evidence(LATE, "There were 178 people on the ferry Mara.")
CONTEXT = QueryContext("1", "How many people were on the Mara?", "en", Filter(2, 0), (), Trace({}, "none", "words"))


REWORDED = "The pier is safe, the mayor said"


def drafted(evidence):
    return quote_draft(evidence.quote)


def disagreeing():
    builder = AnswerBuilder(CONTEXT, [], FakeReader())
    builder.add_disagreement(
        DraftDisagreement("How many were aboard", "conflict", (drafted(COUNTED), drafted(RECOUNTED)))
    )
    builder.add(drafted(SAFE))
    return builder.build([Uncovered("Who built it?", "The articles do not speak of this.")])


ANSWERED = verify_drafts(CONTEXT, map(drafted, (COUNTED, SAFE, CLOSE)), [], FakeReader())
DISAGREEING = disagreeing()
REFUSED = refuse(CONTEXT, Decision("near miss", "They count no crew."), [COUNTED])


def bearing(text, url=None):
    """An answer and a refusal that have this text wherever one of an article, or of the question, can stand."""
    citation = replaced(
        ANSWERED.citations[0], article_id=text, title=text, source=text, published=text, url=url, quote=text
    )
    sentence = replaced(ANSWERED.sentences[1], text=text, citations=(1,), speaker=text)
    asked = {"question": text, "rewritten_question": text, "coverage": replaced(ANSWERED.coverage, message=text)}
    return [
        replaced(ANSWERED, sentences=(sentence,), citations=(citation,), uncovered=(Uncovered(text, text),), **asked),
        replaced(REFUSED, refusal=replaced(REFUSED.refusal, message=text, nearest=(citation,)), **asked),
    ]


class Page(HTMLParser):
    """The tags of a page with their attributes, its ids, and its text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def links(self):
        return [attributes["href"] for tag, attributes in self.tags if tag == "a"]

    def ids(self):
        return [attributes["id"] for _, attributes in self.tags if "id" in attributes]


# Tables and struck out text are not CommonMark; what may be either must show as it is in both.
READERS = [MarkdownIt("commonmark", {"html": True}), MarkdownIt("js-default", {"html": True, "linkify": False})]


def markdown_tokens(reader, text):
    for token in reader.parse(text):
        yield token
        yield from token.children or ()


def shown(reader, markdown):
    """The texts of the blocks as a reader of Markdown shows them."""
    return [
        "".join(
            f"<{child.attrs['href']}>" if child.type == "link_open"
            else child.content if child.type in ("text", "code_inline") else " " if child.type == "softbreak" else ""
            for child in token.children
        )
        for token in reader.parse(markdown)
        if token.type == "inline"
    ]  # fmt: skip


def one_line(text):
    return visible(" ".join(text.split()))


def test_each_form_has_its_ending_and_type():
    assert [suffix_of([ANSWERED], form) for form in SUFFIXES] == list(SUFFIXES.values()) == [".md", ".html", ".json"]
    assert [suffix_of([ANSWERED, REFUSED], form) for form in SUFFIXES] == [".md", ".html", ".jsonl"]
    assert MEDIA_TYPES["markdown"] == "text/markdown; charset=utf-8"
    assert MEDIA_TYPES.keys() == SUFFIXES.keys()


def test_one_answer_in_json_is_as_the_command_line_writes_it():
    written = export([DISAGREEING], "json", "not in it")
    assert written == json.dumps(as_json(DISAGREEING), ensure_ascii=False, indent=2) + "\n"


def test_a_conversation_in_json_is_one_answer_a_line(tmp_path):
    answers = [DISAGREEING, REFUSED, *bearing("서울 \u2028\x85 🙂 שלום")]
    path = tmp_path / "talk.jsonl"
    path.write_text(export(answers, "json", ""), encoding="utf-8")
    assert load_exported(path) == [as_json(answer) for answer in answers]
    assert path.read_bytes().count(b"\n") == len(answers)


ASKED = {
    "How many US troops are stationed in South Korea?": (True, 0),
    "Who won the 2022 World Cup?": (False, 0),
    "Is Donald Trump in office?": (True, 1),
}


def test_what_the_shipped_articles_answer_is_proved_again_from_json(app, tmp_path):
    answers = [app.ask(question) for question in ASKED]
    assert [(answer.answered, len(answer.disagreements)) for answer in answers] == list(ASKED.values())
    path = tmp_path / "exported"
    for kept in ([answers[0]], [answers[1]], [answers[2]], answers):
        path.write_text(export(kept, "json", ""), encoding="utf-8")
        loaded = load_exported(path)
        assert len(loaded) == len(kept)
        assert [reverify(each, app.article, app.reader) for each in loaded] == [[]] * len(kept)


def test_what_the_shipped_articles_answer_reads_the_same_in_each_form(app):
    answers = [app.ask(question) for question in ASKED]
    blocks = shown(READERS[0], export(answers, "markdown", "Asked"))
    page = " ".join(Page(export(answers, "html", "Asked")).text.split())
    for answer in answers:
        assert answer.question in blocks
        assert answer.coverage.message in blocks
        assert answer.coverage.message in page
        for citation in answer.citations:
            assert one_line(citation.quote) in blocks
            assert f"“{one_line(citation.quote)}”" in page
    assert answers[0].text in blocks


def test_an_answer_in_markdown():
    assert export([DISAGREEING], "markdown", "The Mara") == (
        "# The Mara\n\n"
        "## How many people were on the Mara?\n\n"
        "**The articles disagree.** How many were aboard?\n\n"
        "- About 214 people were on the ferry Mara last year [1] \\(“last year”: 2023\\).\n\n"
        "  The ferry · Harbour News · 2024-05-01\n\n"
        "- There were 178 people on the ferry Mara [2].\n\n"
        "  Mara again · 2025-06-02\n\n"
        "The mayor said that the pier is safe [3].\n\n"
        "Not answered: Who built it? (The articles do not speak of this.)\n\n"
        "### Quotes\n\n"
        "**[1]** The ferry · Harbour News · 2024-05-01 · early.md 0:50 · <https://example.org/ferry?a=1&b=2>\n\n"
        "> About 214 people were on the ferry Mara last year.\n\n"
        "**[2]** Mara again · 2025-06-02 · late.md 0:40\n\n"
        "> There were 178 people on the ferry Mara.\n\n"
        "**[3]** The ferry · Harbour News · 2024-05-01 · early.md 51:88 · <https://example.org/ferry?a=1&b=2>\n\n"
        "> The mayor said that the pier is safe.\n\n"
        "Rests on 2 of 2 articles. They are dated 2024-05-01 to 2025-06-02.\n\n"
        "Verified by AskSeoul against the articles; `askseoul verify` checks the JSON export again.\n"
    )


DOUBT = "These quotes may answer the question, but it is not certain."


@pytest.mark.parametrize(
    "doubt", [pytest.param(DOUBT, id="plain"), pytest.param("<b>나루?</b> 🙂 [x](http://y)", id="would be markup")]
)
def test_a_doubt_stands_before_the_answer(doubt):
    doubted, first = replaced(ANSWERED, doubt=doubt), ANSWERED.sentences[0].text
    for reader in READERS:
        blocks = shown(reader, export([doubted], "markdown", "t"))
        assert blocks[2] == doubt
        assert blocks[3].startswith(first)
    text = " ".join(Page(export([doubted], "html", "t")).text.split())
    assert text.index(doubt) < text.index(first)


def test_a_notice_stands_before_the_answer_and_keeps_its_lines():
    told, first = replaced(ANSWERED, notice="Here are 2:\n- <b>나루</b>\n\n- *Mara*"), ANSWERED.sentences[0].text
    written = export([told], "markdown", "t")
    assert "\n\nHere are 2:\\\n\\- \\<b\\>나루\\</b\\>\\\n\\- \\*Mara\\*\n\n" in written
    page = export([told], "html", "t")
    lines = ["Here are 2:", "- &lt;b&gt;나루&lt;/b&gt;", "- *Mara*"]
    assert all(f'<p class="notice" dir="auto">{line}</p>' in page for line in lines)
    assert page.index("*Mara*") < page.index(first)
    assert 'class="notice"' not in export([ANSWERED], "html", "t")


def test_without_a_doubt_there_is_no_room_for_one():
    assert shown(READERS[0], export([ANSWERED], "markdown", "t"))[2].startswith(ANSWERED.sentences[0].text)
    assert '<p class="doubt"' not in export([ANSWERED], "html", "t")


def test_a_refusal_in_markdown():
    refused = replaced(REFUSED, rewritten_question="How many people were on the ferry Mara?")
    written = export([refused], "markdown", "The Mara")
    assert "Understood as: How many people were on the ferry Mara?\n\n**No answer (near miss):** The" in written
    assert "The articles come near this question but do not answer it. They count no crew.\n\n" in written
    assert "### Closest quotes in the articles\n\n**[1]** The ferry" in written


def test_a_conversation_has_its_questions_in_their_order():
    later = replaced(REFUSED, question="And the crew?")
    blocks = shown(READERS[0], export([DISAGREEING, later], "markdown", "The Mara"))
    assert blocks.index("How many people were on the Mara?") < blocks.index("And the crew?")
    page = Page(export([DISAGREEING, later], "html", "The Mara"))
    assert [tag for tag, _ in page.tags if tag in ("h1", "h2")] == ["h1", "h2", "h2"]
    assert len(set(page.ids())) == len(page.ids())


def test_nothing_asked_is_said_to_be_nothing():
    blank = replaced(REFUSED, question=" ")
    assert shown(READERS[0], export([blank], "markdown", "t"))[1] == "(no question)"
    assert "(no question)</h2>" in export([blank], "html", "t")


def test_a_side_that_is_no_sentence_was_not_checked_and_is_not_shown():
    (disagreement,) = DISAGREEING.disagreements
    sides = (replaced(disagreement.sides[0], text="Elvis was aboard"), disagreement.sides[1])
    forged = replaced(DISAGREEING, disagreements=(replaced(disagreement, sides=sides),))
    for form in ("markdown", "html"):
        written = export([forged], form, "t")
        assert "Elvis" not in written
        assert written.count("About 214 people were on the ferry Mara last year") == 2  # the sentence and its quote


AWKWARD = [
    "한국어 조선말 ㅎㅏㄴ",
    "👩‍👩‍👧 🇰🇷",
    "שלום \u202eevil\u2069 عربي",
    "e\u0301\u0323 a\u20d2",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!-- --> <?php ?> <![CDATA[ ]]> </title></style>",
    "{{7*7}} {% raw %} {#",
    "](http://x) [y](http://x) ![z](http://x)",
    "[1]: http://x",
    "<http://x> http://x www.x.org https://x/?a=1&amp;b",
    "\x00 \x1b[31m \x07 \x7f",
    "# not\n## a\r\n\r\n---\n===\n> heading",
    "1. one\n2) two",
    "- a\n+ b\n* c",
    "``` code ``` `x`",
    "| a | b |\n|---|---|",
    "~~struck~~ **bold** _thin_ *x*",
    "$18 to $20 &amp; &#60; &lt;",
    "a\\",
    "    four spaces",
    "\ttab",
    "=",
    "-",
    "+ ",
    ": defined",
    "1986. A great year",
    "a  \nhard break\\\nanother",
    "\" onload=\"x' style='y",
]


@pytest.mark.parametrize("text", AWKWARD)
@pytest.mark.parametrize("reader", READERS, ids=["commonmark", "with tables"])
def test_no_text_becomes_markup_in_markdown(reader, text):
    written = export(bearing(text), "markdown", text)
    tokens = list(markdown_tokens(reader, written))
    plain = one_line(text)
    blocks = shown(reader, written)
    assert {token.type for token in tokens} <= {
        "heading_open", "heading_close", "paragraph_open", "paragraph_close", "blockquote_open", "blockquote_close",
        "strong_open", "strong_close", "inline", "text", "code_inline",
    }  # fmt: skip
    assert blocks[:4] == [plain, plain, f"Understood as: {plain}", blocks[3]]
    assert blocks[3] in (f"{plain} [1].", f"{plain} [1]")
    assert f"Not answered: {plain} ({plain})" in blocks
    assert f"[1] {plain} · {plain} · {plain} · {plain} 0:50" in blocks
    assert blocks.count(plain) == 7  # the title, and of each answer the question, the quote and the coverage


@pytest.mark.parametrize("text", AWKWARD)
def test_no_text_becomes_markup_in_html(text):
    page = Page(export(bearing(text), "html", text))
    ours = Page(export(bearing("plain"), "html", "plain"))
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in ours.tags]
    assert [sorted(attributes) for _, attributes in page.tags] == [sorted(attributes) for _, attributes in ours.tags]
    assert " ".join(page.text.split()).count(one_line(text)) >= 16


ANY = st.text(st.characters(exclude_categories=()), max_size=40)
MARKS = st.text(st.sampled_from("\\`*_{}[]()<>#+-=.!|~&$:;/'\"^%@1 \n\taw&ltx;https"), max_size=40)


@given(ANY | MARKS)
def test_whatever_is_asked_shows_as_it_is(text):
    asked = replaced(ANSWERED, question=f"?{text}", rewritten_question=text.strip() or None)
    citation = replaced(ANSWERED.citations[0], title=text, quote=f"{text}.", source=f"x{text}")
    asked = replaced(asked, citations=(citation, *ANSWERED.citations[1:]))
    page = Page(export([asked], "html", text))
    assert one_line(f"“{text}.”") in " ".join(page.text.split())
    for reader in READERS:
        blocks = ["".join(each.split()) for each in shown(reader, export([asked], "markdown", text))]
        assert "".join(one_line(f"?{text}").split()) in blocks
        assert "".join(one_line(f"{text}.").split()) in blocks
        if text.strip():
            assert "".join(one_line(f"Understood as: {text}").split()) in blocks


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/a?b=1&c=2#d",
        "http://example.org",
        "https://ko.wikipedia.org/wiki/서울",
        "https://example.org/a_b_c*d*(e)[f]`g`{{7*7}}'h",
        "HTTPS://example.org",
    ],
)
def test_an_address_of_the_web_is_a_link_to_it_and_shows_where_it_leads(url):
    answers = bearing("x", url)
    (link, other) = [each for each in Page(export(answers, "html", "t")).tags if each[1].get("rel")]
    assert link == other == ("a", {"href": url, "rel": "noopener noreferrer", "dir": "ltr"})
    for reader in READERS:
        tokens = list(markdown_tokens(reader, export(answers, "markdown", "t")))
        links = [token.attrs["href"] for token in tokens if token.type == "link_open"]
        assert links == [reader.normalizeLink(url)] * 2


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "//example.org",
        "example.org",
        "http://",
        "http://[",
        "https:example.org",
        "https://example.org/> [x](http://y)",
        'https://example.org/"onload="x',
        "https://example.org/\nx",
        "https://example.org/\u202eevil",
        "https:\\\\example.org",
        "",
        None,
    ],
)
def test_any_other_address_is_no_link(url):
    answers = bearing("x", url)
    page = Page(export(answers, "html", "t"))
    assert all(link.startswith("#answer-") for link in page.links())
    for reader in READERS:
        tokens = list(markdown_tokens(reader, export(answers, "markdown", "t")))
        assert {token.type for token in tokens} & {"link_open", "html_inline", "html_block", "image"} == set()


def test_the_page_asks_for_nothing_and_runs_nothing():
    page = export([DISAGREEING, REFUSED], "html", "The Mara")
    assert "default-src 'none'; style-src 'unsafe-inline'" in page
    assert not re.search(r"@import|url\(|<script|<link|<img|src=|\son\w+=", page)
    tags = dict(Page(page).tags)
    assert tags["html"] == {"lang": "en"}
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page


def test_each_marker_leads_to_its_quote_and_each_quote_back():
    page = Page(export([DISAGREEING, ANSWERED], "html", "The Mara"))
    targets = [link.removeprefix("#") for link in page.links() if link.startswith("#")]
    assert set(targets) <= set(page.ids())
    for answer in (1, 2):
        for number in (1, 2, 3):
            assert f"answer-{answer}-quote-{number}" in targets
            assert f"answer-{answer}-sentence-{number}" in targets


def test_a_quote_leads_back_to_every_sentence_that_rests_on_it():
    reader = FakeReader(supports={REWORDED: supported(0.97)})
    both = verify_drafts(CONTEXT, [drafted(SAFE), Draft(REWORDED, (SAFE.quote,))], [], reader)
    assert [sentence.citations for sentence in both.sentences] == [(1,), (1,)]
    assert "back to sentence 1, sentence 2" in " ".join(Page(export([both], "html", "t")).text.split())


def test_whose_a_sentence_is_stands_beside_it_in_words():
    text = " ".join(Page(export([ANSWERED], "html", "t")).text.split())
    assert "last year [1] (“last year”: 2023). Supported by its quote; stated by the article" in text
    assert "safe [2]. Supported by its quote; reported as said by the mayor" in text
    assert "may close [3]. Supported by its quote; a forecast" in text


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"verdict": "partly", "citations": (1, 2)}, "Partly supported by its quotes; stated by the article"),
        ({"verdict": "contradicted"}, "Contradicted by its quote; stated"),
        ({"verdict": "unsupported"}, "Not supported by its quote; stated"),
        ({"stance": "reports"}, "reported speech"),
        ({"stance": "forecasts", "speaker": "the bank"}, "a forecast by the bank"),
    ],
)
def test_every_reading_has_its_words(known, said):
    read = replaced(ANSWERED.sentences[0], **known)
    assert said in export([replaced(ANSWERED, sentences=(read,))], "html", "t").replace("&#39;", "'")


def test_a_disagreement_and_a_refusal_on_the_page():
    page = Page(export([DISAGREEING, REFUSED], "html", "The Mara"))
    text = " ".join(page.text.split())
    assert [attributes.get("class") for _, attributes in page.tags].count("side") == 2
    assert "The articles disagree. How many were aboard?" in text
    assert "Mara again 2025-06-02" in text
    assert "Not answered: Who built it? (The articles do not speak of this.)" in text
    assert "No answer: near miss The articles come near this question but do not answer it. They count no" in text
    assert "Closest quotes in the articles [1] “About 214 people were on the ferry Mara last year.”" in text
    assert "Rests on none of 2 articles." in text
    assert "`askseoul verify`" not in text
    assert "askseoul verify checks the JSON export again." in text


@pytest.mark.parametrize("source", [None, ""])
def test_a_source_that_is_not_known_leaves_no_gap(source):
    citation = replaced(REFUSED.refusal.nearest[0], source=source, title="", published=None)
    bare = replaced(REFUSED, refusal=replaced(REFUSED.refusal, nearest=(citation,)))
    assert "**[1]** undated · early.md 0:50" in export([bare], "markdown", "t")
    text = " ".join(Page(export([bare], "html", "t")).text.split())
    assert "last year.” early.md undated · https" in text
