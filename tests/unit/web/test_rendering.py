"""The pieces of the web page: all that they say is there, and nothing of the data becomes markup."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from lxml import html as lxml_html

from askseoul.answering.assembly import counted
from askseoul.domain import (
    Answer,
    Check,
    Citation,
    Coverage,
    Disagreement,
    Refusal,
    Retrieved,
    Sentence,
    Side,
    Step,
    TimeReading,
    Trace,
    Uncovered,
    as_json,
)
from askseoul.web.rendering import (
    MARKS,
    answer_html,
    button,
    chip,
    clean,
    described,
    link_to,
    question_html,
    shown,
    spoken,
    step_words,
    stopped_html,
    suggestions_html,
    working_html,
)

FERRY = Citation(
    1, "ferry.md", "The ferry", "Harbour News", "2024-05-01", "https://example.org/ferry",
    "214 people were on the ferry Mara", 10, 43, "a" * 64,
)  # fmt: skip
AGAIN = dataclasses.replace(
    FERRY,
    number=2,
    article_id="나루.md",
    title="나루 소식",
    source=None,
    published=None,
    quote="178 people",
    start=0,
    end=10,
)
COUNTED = Sentence(
    "214 people were on the ferry Mara",
    "supported",
    0.97,
    (1,),
    (Check("numbers", True, "214"), Check("names", True, "")),
)
RECOUNTED = Sentence("178 people were on it", "supported", 0.9, (2,), ())
SAFE = Sentence("The pier is safe", "supported", 1.0, (1, 2), (), "reports", "the mayor")
ANSWERED = Answer(
    id="q1",
    question="How many people were on the Mara?",
    rewritten_question=None,
    language="en",
    as_of=None,
    answered=True,
    text="214 people were on the ferry Mara [1].",
    sentences=(COUNTED,),
    citations=(FERRY,),
    disagreements=(),
    uncovered=(),
    refusal=None,
    coverage=Coverage(
        2, 2, 1, "2024-05-01", "2024-05-01", 1, 0, 1, "Rests on a single article. It is dated 2024-05-01."
    ),
    retrieved=(Retrieved("ferry.md", 0, 90, 0.8), Retrieved("나루.md", 0, 90, 0.4)),
    trace=Trace({"retrieve": 0.25, "draft": 0.5}, "none", "words"),
)
DISPUTED = dataclasses.replace(
    ANSWERED,
    sentences=(COUNTED, RECOUNTED, SAFE),
    citations=(FERRY, AGAIN),
    disagreements=(
        Disagreement(
            "How many people were on the Mara",
            "conflict",
            (Side(COUNTED.text, (1,), "2024-05-01"), Side(RECOUNTED.text, (2,))),
        ),
    ),
)
REFUSED = dataclasses.replace(
    ANSWERED,
    answered=False,
    text="The articles come near this question but do not answer it.",
    sentences=(),
    citations=(),
    refusal=Refusal("near miss", "The articles come near this question but do not answer it.", (FERRY, AGAIN)),
)
STEPS = (Step("searching", 0.0, articles=1_200), Step("reading", 0.31, articles=1, passages=10))

AWKWARD = {
    "Hangul": "한국에 주둔한 미군은 몇 명인가?",
    "right to left": "كم عدد الجنود؟ \u202eevil\u202c",
    "emoji": "👩‍👩‍👧 how many? 🇰🇷",
    "line ends": "one\r\ntwo\rthree\n\nfour\u2028five",
    "combining marks": "H\u0308ow m\u0301any" + "\u0301" * 200,
    "empty": "",
    "white space": " \t\u00a0 ",
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "the end of an attribute": "\"' onmouseover='alert(1)' data-action=\"remove\" >",
    "the end of an element": "</span></p></div></article><h1>mine</h1>",
    "references": "&lt;b&gt; &amp;amp; &#60;i&#62; &notin; &",
    "comments": "<!-- --!> <![CDATA[ ]]> <?php ?>",
    "Markdown": "# head\n\n**bold** [a](javascript:alert(1)) ![b](http://example.org/x.png) `c` $x^2$ | a | b |",
    "half a character": "\ud83d and \udc00",
    "controls": "\x00\x07\x1b[31m\x7f\x85",
}
HALF = re.compile("[\ud800-\udfff]")
texts = (
    st.text(st.characters(exclude_categories=()))
    | st.text("<>&\"'/ =abc!-\n\r\t한עж")
    | st.sampled_from(sorted(AWKWARD.values()))
)


def parsed(piece):
    """The piece as a browser reads it."""
    return lxml_html.fromstring(f"<main>{piece}</main>")


def found(piece, selector):
    """The elements of a class or a tag, in their order."""
    root = parsed(piece) if isinstance(piece, str) else piece
    if selector.startswith("."):
        return [each for each in root.iter() if selector[1:] in each.get("class", "").split()]
    return list(root.iter(selector))


def text_of(piece, selector):
    """What the only such element says."""
    [element] = found(piece, selector)
    return element.text_content()


def words(element):
    return " ".join(element.text_content().split())


def outline(piece):
    """Every element with its attributes' names, in order: all that is markup about it."""
    return [(each.tag, sorted(each.keys())) for each in parsed(piece).iter()]


def bearing(text, url=None):
    """Answers that have this text wherever one of an article, a question or a caller can stand."""
    facts = {"article_id": text, "title": text, "source": text, "published": text, "url": url, "quote": text}
    first, second = (dataclasses.replace(citation, **facts) for citation in (FERRY, AGAIN))
    said = [
        dataclasses.replace(
            sentence, text=f"{place}{text}", speaker=text, checks=(Check(text, False, text),),
            times=(TimeReading(text, None, text),), stance="reports",
        )
        for place, sentence in enumerate(DISPUTED.sentences)
    ]  # fmt: skip
    asked = {
        "question": text,
        "rewritten_question": text,
        "coverage": dataclasses.replace(ANSWERED.coverage, message=text),
        "uncovered": (Uncovered(text, text),),
        "trace": Trace({text: 0.25}, text, text),
        "language": text,
        "id": text,
    }
    sides = tuple(Side(each.text, each.citations) for each in said[:2])
    return [
        dataclasses.replace(
            DISPUTED, sentences=tuple(said), citations=(first, second),
            disagreements=(Disagreement(f"{text} ", "conflict", sides),), **asked,
        ),
        dataclasses.replace(REFUSED, refusal=Refusal("near miss", text, (first, second)), **asked),
    ]  # fmt: skip


def pieces(text):
    """Every kind of piece with this text at each place of it that can hold it: articles, and what is made of them, hold
    no halves of characters."""
    sentence = dataclasses.replace(COUNTED, text=text, speaker=text)
    made = [question_html(text), working_html(STEPS, [sentence]), stopped_html([sentence], text)]
    if not HALF.search(text):
        made += [suggestions_html("Ask on", [text, "Why?"]), *map(answer_html, bearing(text))]
    return made


# What is data stays data


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in AWKWARD.items() if shown(text)])
def test_nothing_of_the_data_becomes_markup(text):
    """The markup is that of a harmless text but for what marks a language."""
    for piece, harmless in zip(pieces(text), pieces("harmless"), strict=not HALF.search(text)):
        assert [each for each in outline(piece) if each != ("span", ["lang"])] == outline(harmless)


@given(texts)
def test_a_question_is_shown_as_it_reads(text):
    assert text_of(question_html(text), "h2") == shown(text)


@given(texts)
def test_what_is_spoken_is_what_is_shown(text):
    assert parsed(clean(spoken(text))).text_content() == shown(text)


@given(texts)
def test_every_piece_stands_on_one_line_and_can_be_sent(text):
    for piece in pieces(text):
        assert not set(piece) & set("\n\r\x00")
        piece.encode()


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_the_answer_that_goes_along_is_exactly_the_exported_one(text):
    for answer in bearing(text):
        [element] = found(answer_html(answer), ".answer")
        assert json.loads(element.get("data-answer")) == as_json(answer)
        assert element.get("data-answer") == json.dumps(as_json(answer), ensure_ascii=False)


@given(texts)
def test_shown_text_is_one_line_of_what_can_be_seen(text):
    said = shown(text)
    assert said == " ".join(said.split())
    assert shown(said) == said
    assert not set(said) & set("\x00\x1b\x7f\u200b\u202e\u2066\ufeff\ud83d")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("one\r\ntwo\tthree\u00a0four", "one two three four", id="white space"),
        pytest.param("a\u202eb\u2069c", "abc", id="bidi controls"),
        pytest.param("e\u0301", "é", id="composed"),
        pytest.param("\ud83d!", "\ufffd!", id="half a character"),
        pytest.param("\u200b \n", "", id="nothing to see"),
    ],
)
def test_what_is_shown_of_a_text(text, said):
    assert shown(text) == said


@given(texts)
def test_a_buttons_data_and_label_come_back(text):
    assume(not set(text) & set("\x00\r") and not HALF.search(text))
    [element] = found(clean(button("ask", text, "x", question=text)), "button")
    assert element.get("data-question") == text
    assert element.get("data-action") == "ask"
    assert element.get("type") == "button"
    assert element.text_content() == shown(text)


# Languages


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        pytest.param("한국에 주둔한 미군", [("ko", "한국에 주둔한 미군")], id="Hangul with spaces"),
        pytest.param("Lee (이재명) and 나루·포구", [("ko", "이재명"), ("ko", "나루·포구")], id="Hangul among Latin"),
        pytest.param("カタカナ and ひらがな", [("ja", "カタカナ"), ("ja", "ひらがな")], id="kana"),
        pytest.param("首尔 is Seoul", [("zh", "首尔")], id="Han"),
        pytest.param("كم عدد", [("ar", "كم عدد")], id="Arabic"),
        pytest.param("שלום", [("he", "שלום")], id="Hebrew"),
        pytest.param("Сеул, Москва", [("ru", "Сеул"), ("ru", "Москва")], id="Cyrillic"),
        pytest.param("Σεούλ", [("el", "Σεούλ")], id="Greek"),
        pytest.param("\u1112\u1161\u11ab", [("ko", "한")], id="letters of Hangul are composed"),
        pytest.param("café 28,500 🙂", [], id="none"),
        pytest.param("", [], id="empty"),
    ],
)
def test_what_is_in_another_script_is_marked_for_who_has_it_read_out(text, languages):
    assert [(each.get("lang"), each.text_content()) for each in found(clean(spoken(text)), "span")] == languages


def test_an_answer_is_marked_with_its_language():
    [element] = found(answer_html(dataclasses.replace(ANSWERED, language="ko")), ".answer")
    assert element.get("lang") == "ko"


def test_text_of_articles_is_set_in_its_own_direction():
    piece = answer_html(DISPUTED)
    assert {each.get("dir") for each in [*found(piece, ".words"), *found(piece, "cite")]} == {"auto"}
    assert found(question_html("كم"), "h2")[0].get("dir") == "auto"


# Links


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org",
        "https://example.org/a?b=1&c=2#d",
        "HTTPS://EXAMPLE.org/",
        "https://서울.kr/길",
        "http://[::1]/",
    ],
)
def test_a_link_of_the_web_is_one(url):
    assert link_to(url) == url


@pytest.mark.parametrize(
    "url",
    [
        None, "", "javascript:alert(1)", "JavaScript:alert(1)", "java\nscript:alert(1)", "data:text/html,<b>",
        "vbscript:x",
        "http://[", "http://", "https:///a", "//example.org", "example.org", "/etc/passwd", "file:///etc/passwd",
        "ftp://example.org", "mailto:a@example.org", " ", "http:", "\x00", "한국",
    ],
)  # fmt: skip
def test_anything_else_is_not(url):
    assert link_to(url) is None


# Parts of an answer


def test_a_question_can_be_edited():
    [edit] = found(question_html("Why?"), "button")
    assert (edit.get("data-action"), edit.get("title")) == ("edit", "Edit this question and ask it again")


def test_a_chip_says_which_quote_it_opens():
    [element] = found(clean(chip(AGAIN)), "button")
    assert dict(element.attrib) == {
        "type": "button",
        "class": "chip",
        "data-action": "cite",
        "data-article": "나루.md",
        "data-start": "0",
        "data-end": "10",
        "data-sha256": "a" * 64,
        "aria-label": "Quote 2, 나루 소식",
    }
    assert element.text_content() == "[2]"


@pytest.mark.parametrize(
    "name", ["a b.md", 'a"b.md', "a&amp;b.md", "<b>.md", "a\nb.md", "나루~0a1b2c3d.md", "a\u00a0b.md"]
)
def test_a_chip_holds_the_articles_id_exactly(name):
    [element] = found(clean(chip(dataclasses.replace(FERRY, article_id=name))), "button")
    assert element.get("data-article") == name


@pytest.mark.parametrize("verdict", MARKS)
def test_a_verdict_is_told_by_a_sign_and_in_words_and_not_by_its_colour_alone(verdict):
    sentence = dataclasses.replace(COUNTED, verdict=verdict)
    piece = answer_html(dataclasses.replace(ANSWERED, sentences=(sentence,)))
    [sign] = found(piece, ".sign")
    assert sign.text_content() == MARKS[verdict]
    assert (sign.tag, sign.get("type")) == ("button", "button")
    assert sign.get("aria-label").removesuffix(": why?") in text_of(piece, ".why")
    assert found(piece, ".sentence")[0].get("data-verdict") == verdict
    assert len(set(MARKS.values())) == len(MARKS)


def test_why_a_sentence_stands():
    sentence = dataclasses.replace(
        COUNTED,
        stance="forecasts",
        speaker="the mayor",
        checks=(*COUNTED.checks, Check("dates", True, ""), Check("negation", False, ""), Check("units", False, "km")),
        times=(TimeReading("last year", "2023", "“last year” is 2023"),),
    )
    piece = answer_html(dataclasses.replace(ANSWERED, sentences=(sentence,)))
    assert [each.text_content() for each in found(piece, ".line")] == [
        "Supported by what it quotes (97%)",
        "A forecast, said by the mayor",
        "✓ numbers: 214",
        "✗ negation:",
        "✗ units: km",
        "✓ nothing against it in: names, dates",
        "“last year” is 2023",
    ]
    [sign] = found(piece, ".sign")
    assert sign.get("data-action") == "why"


def test_an_answer_and_what_it_rests_on():
    answer = dataclasses.replace(
        ANSWERED,
        rewritten_question="How many were on the Mara in 2024?",
        uncovered=(Uncovered("Who built it?", "Nobody says."),),
    )
    piece = answer_html(answer, STEPS)
    assert text_of(piece, ".understood") == "Understood as: How many were on the Mara in 2024?"
    assert text_of(piece, ".words") == COUNTED.text
    assert text_of(piece, ".uncovered") == "Not answered: Who built it? Nobody says."
    assert text_of(piece, ".coverage") == ANSWERED.coverage.message
    [steps] = found(piece, ".steps")
    assert text_of(steps, "summary") == "Read 2 passages of 2 articles in 0.75 s"
    assert [each.text_content() for each in found(steps, "li")] == [
        "Searching 1,200 articles: at 0.00 s",
        "Reading 10 passages of 1 article: at 0.31 s",
        "In all, retrieve: 0.25 s",
        "In all, draft: 0.50 s",
    ]
    actions = [each.get("data-action") for each in found(piece, "button")]
    assert actions == ["why", "cite", "copy", "export", "export", "export", "retry", "judge"]
    assert [each.get("data-form") for each in found(piece, "button")][3:6] == ["markdown", "html", "json"]


def test_an_answer_that_was_kept_tells_what_it_rested_on_then():
    coverage = text_of(answer_html(ANSWERED, is_kept=True), ".coverage")
    assert coverage == f"When it was asked: {ANSWERED.coverage.message}"


def test_what_was_not_rewritten_is_not_told_again():
    assert found(answer_html(ANSWERED), ".understood") == found(answer_html(ANSWERED), ".uncovered") == []


def test_a_disagreement_shows_both_sides_with_where_they_come_from():
    piece = answer_html(DISPUTED)
    [card] = found(piece, ".disagreement")
    assert card.get("data-kind") == "conflict"
    assert text_of(card, "h3") == "The articles disagree."
    sides = found(card, ".side")
    assert [text_of(side, ".words") for side in sides] == [COUNTED.text, RECOUNTED.text]
    assert [text_of(side, "footer") for side in sides] == [
        "The ferry · Harbour News · 2024-05-01",
        "나루 소식 · undated",
    ]
    assert [chip.get("data-article") for chip in found(card, ".chip")] == ["ferry.md", "나루.md"]
    [rest] = found(piece, ".said")
    assert [each.text_content() for each in found(rest, ".words")] == [SAFE.text]
    assert [each.text_content() for each in found(rest, ".chip")] == ["[1]", "[2]"]


@pytest.mark.parametrize(
    ("about", "told"),
    [
        pytest.param("How many people were on the Mara", [], id="the question itself"),
        pytest.param("How many were rescued", ["How many were rescued?"], id="something else"),
    ],
)
def test_what_a_disagreement_is_about_is_told_where_that_is_not_the_question(about, told):
    disagreement = dataclasses.replace(DISPUTED.disagreements[0], about=about)
    piece = answer_html(dataclasses.replace(DISPUTED, disagreements=(disagreement,)))
    assert [each.text_content() for each in found(piece, ".about")] == told


def test_a_side_that_is_no_sentence_of_the_answer_is_not_shown():
    disagreement = dataclasses.replace(
        DISPUTED.disagreements[0], sides=(Side("Nobody was on it", (1,)), DISPUTED.disagreements[0].sides[1])
    )
    piece = answer_html(dataclasses.replace(DISPUTED, disagreements=(disagreement,)))
    assert "Nobody" not in " ".join(each.text_content() for each in found(piece, ".words"))
    assert len(found(piece, ".side")) == 1
    assert len(found(piece, ".sentence")) == 3


def test_a_refusal_says_why_and_shows_the_nearest():
    [refusal] = found(answer_html(REFUSED), ".refusal")
    assert refusal.get("data-reason") == "near miss"
    assert text_of(refusal, "h3") == "No answer: near miss"
    assert text_of(refusal, "p") == REFUSED.text
    assert [words(each) for each in found(refusal, "blockquote")] == [f"“{FERRY.quote}” [1]", "“178 people” [2]"]
    assert [each.text_content() for each in found(refusal, "footer")] == [
        "The ferry · Harbour News · 2024-05-01",
        "나루 소식 · undated",
    ]
    assert [each.get("data-article") for each in found(refusal, ".chip")] == ["ferry.md", "나루.md"]


def test_a_refusal_without_anything_near():
    alone = dataclasses.replace(REFUSED, refusal=Refusal("nothing relevant", "The articles do not speak of this.", ()))
    piece = answer_html(alone)
    assert (
        found(piece, "h4")
        == found(
            piece,
            "ol",
        )[1:]
        == []
    )
    assert "No answer: nothing relevant" in text_of(piece, ".refusal")


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        pytest.param(("The pier", "Gazette", "2024-05"), "The pier · Gazette · 2024-05", id="all"),
        pytest.param(("", "Gazette", None), "Gazette · undated", id="no title"),
        pytest.param(("The pier", None, None), "The pier · undated", id="no source"),
        pytest.param(("", "", ""), "undated", id="nothing"),
        pytest.param(("<b>부두</b>", 'a"b', "2024"), '<b>부두</b> · a"b · 2024', id="markup"),
    ],
)
def test_an_article_in_one_line(facts, told):
    piece = clean(described(*facts))
    assert parsed(piece).text_content() == told
    assert [each.get("datetime") for each in found(piece, "time")] == ([facts[2]] if facts[2] else [])


# Before there is an answer


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (Step("searching", 0.0, articles=1), "Searching 1 article"),
        (Step("searching", 0.0, articles=100_000), "Searching 100,000 articles"),
        (Step("reading", 0.2, articles=2, passages=1), "Reading 1 passage of 2 articles"),
        (Step("comparing", 0.3), "Comparing what the articles say"),
        (Step("checking", 0.4), "Checking each sentence against its quotes"),
    ],
)
def test_a_step_in_words(step, told):
    assert step_words(step) == told
    working = working_html([Step("searching", 0.0, articles=3), step], [])
    assert text_of(working, ".working") == f"{told} … · Searching 3 articles: {step.seconds:.2f} s"


def test_the_first_moment():
    assert text_of(working_html([], []), ".working") == "Starting …"


def test_sentences_are_shown_as_they_come_and_their_quotes_can_be_opened_later():
    piece = working_html(STEPS, [COUNTED, SAFE])
    assert [each.text_content() for each in found(piece, ".words")] == [COUNTED.text, SAFE.text]
    assert [(each.tag, each.text_content()) for each in found(piece, ".chip")] == [
        ("span", "[1]"),
        ("span", "[1]"),
        ("span", "[2]"),
    ]
    assert {each.get("data-action") for each in found(piece, "button")} == {"why"}


def test_a_stopped_answer_keeps_what_was_verified_and_says_why_it_ends():
    piece = stopped_html([COUNTED], "You stopped <it>.")
    assert text_of(piece, ".words") == COUNTED.text
    [why] = found(piece, ".stopped")
    assert (why.get("role"), why.text_content()) == ("alert", "You stopped <it>.")
    assert [each.get("data-action") for each in found(piece, "button")] == ["why", "retry"]
    assert found(piece, ".answer")[0].get("data-kept") is None


@pytest.mark.parametrize("kept", ['{"question": "나루?"}', '{"a": "\\ud800 \\"<b>\\" & \\n"}', "[[[]]]"])
def test_what_the_browser_keeps_goes_along_with_what_no_longer_holds(kept):
    assert found(stopped_html([], "It no longer holds.", kept), ".answer")[0].get("data-kept") == kept


def test_suggestions_are_buttons():
    piece = suggestions_html("Ask on", ["Who built it?", "나루는 어디인가?"])
    assert text_of(piece, "h2") == "Ask on"
    assert [(each.get("data-action"), each.get("data-question")) for each in found(piece, "button")] == [
        ("ask", "Who built it?"),
        ("ask", "나루는 어디인가?"),
    ]


def test_no_suggestions_are_nothing():
    assert suggestions_html("Ask on", []) == ""


@pytest.mark.parametrize(("number", "told"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), (12_345, "12,345 files")])
def test_counting(number, told):
    assert counted(number, "file") == told


# What is cleaned


@pytest.mark.parametrize(
    ("piece", "cleaned"),
    [
        pytest.param("<script>alert(1)</script>a", "a", id="script"),
        pytest.param('<p onclick="x()" style="color:red">a</p>', "<p>a</p>", id="attributes that act"),
        pytest.param('<img src="http://example.org/x.png">a', "a", id="image"),
        pytest.param('<a href="javascript:x()">a</a>', '<a rel="noopener noreferrer">a</a>', id="a link that runs"),
        pytest.param(
            '<a href="https://example.org">a</a>',
            '<a href="https://example.org" rel="noopener noreferrer">a</a>',
            id="link",
        ),
        pytest.param("<svg><style>x</style></svg><form><input>a</form>", "a", id="drawings and forms"),
        pytest.param("a\nb", "a&#10;b", id="line break"),
        pytest.param("a<!-- b -->", "a", id="comment"),
        pytest.param("<p>a", "<p>a</p>", id="left open"),
    ],
)
def test_only_what_the_page_uses_is_left(piece, cleaned):
    assert clean(piece) == cleaned


def test_line_breaks_of_an_article_are_kept():
    assert clean("<p>a\n\nb</p>", keep_lines=True) == "<p>a\n\nb</p>"
