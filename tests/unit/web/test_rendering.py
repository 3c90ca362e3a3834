"""The pieces of the web page: a record's fields are shown, data never becomes markup, quotes are exact.

What the page says in its own words is in the snapshot ``web_page.txt``.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from lxml import html as lxml_html

from askseoul.answering.assembly import OPENINGS
from askseoul.domain import (
    Answer,
    Check,
    CheckedClaim,
    Citation,
    Coverage,
    Disagreement,
    Refusal,
    Retrieved,
    Sentence,
    Side,
    Span,
    Step,
    TimeReading,
    Trace,
    Uncovered,
    as_json,
)
from askseoul.ingest.articles import parse_article
from askseoul.nlp.text import canonical_text
from askseoul.web.article_view import ARTICLE_WINDOW, article_html
from askseoul.web.markup import button, clean, display_text, link_to, source_html, text_html
from askseoul.web.rendering import (
    STANCE_LABELS,
    VERDICT_SIGNS,
    answer_html,
    checked_html,
    citation_button,
    question_html,
    step_label,
    stopped_html,
    suggestions_html,
    working_html,
)
from tests.support.articles import make_article
from tests.support.snapshots import assert_snapshot, wording_of

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
    """The piece, parsed as HTML."""
    return lxml_html.fromstring(f"<main>{piece}</main>")


def found(piece, selector):
    """The elements with this class (``.name``) or tag, in document order."""
    root = parsed(piece) if isinstance(piece, str) else piece
    if selector.startswith("."):
        return [each for each in root.iter() if selector[1:] in each.get("class", "").split()]
    return list(root.iter(selector))


def text_of(piece, selector):
    """The text of the only element that matches."""
    [element] = found(piece, selector)
    return element.text_content()


def words(element):
    return " ".join(element.text_content().split())


def numbers(text):
    """The whole numbers in a text."""
    return [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", text)]


UNDATED = parsed(source_html("", None, None)).text_content()


def facts_of(citation):
    """The line below a quote: title, source and date of its article."""
    return parsed(source_html(citation.title, citation.source, citation.published)).text_content()


def outline(piece):
    """The tag and the attribute names of every element, in document order."""
    return [(each.tag, sorted(each.keys())) for each in parsed(piece).iter()]


def bearing(text, url=None):
    """An answer and a refusal with this text in every field that an article, a question or a caller fills."""
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
        "doubt": text or None,
    }
    sides = tuple(Side(each.text, each.citations) for each in said[:2])
    return [
        dataclasses.replace(
            DISPUTED, sentences=tuple(said), citations=(first, second),
            disagreements=(Disagreement(f"{text} ", "conflict", sides),), **asked,
        ),
        dataclasses.replace(REFUSED, refusal=Refusal("near miss", text, (first, second)), **asked),
    ]  # fmt: skip


def checked_claims(text, url=None):
    """A checked sentence of each verdict, with this text in every field that it or an article fills."""
    facts = {"article_id": text, "title": text, "source": text, "published": text, "url": url, "quote": text}
    cited = (dataclasses.replace(FERRY, **facts),)
    checks = (Check(text, False, text), Check(text, True, text))
    return [
        CheckedClaim(
            text, verdict, 0.5, checks,
            () if verdict == "contradicted" else cited, cited if verdict == "contradicted" else (),
        )
        for verdict in VERDICT_SIGNS
    ]  # fmt: skip


def pieces(text):
    """Every kind of piece with this text in each of its places.

    Articles never hold lone surrogates, so such a text is left out of the pieces that show articles.
    """
    sentence = dataclasses.replace(COUNTED, text=text, speaker=text)
    made = [question_html(text), working_html(STEPS, [sentence]), stopped_html([sentence], text)]
    if not HALF.search(text):
        made += [suggestions_html("Ask on", [text, "Why?"]), *map(answer_html, bearing(text))]
        made.append(checked_html(checked_claims(text), error=text))
    return made


# Escaping


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in AWKWARD.items() if display_text(text)])
def test_data_never_becomes_markup(text):
    """The markup equals that of a harmless text, except for the marks of a language."""
    for piece, harmless in zip(pieces(text), pieces("harmless"), strict=not HALF.search(text)):
        assert [each for each in outline(piece) if each != ("span", ["lang"])] == outline(harmless)


@given(texts)
def test_a_question_is_shown_in_full(text):
    assert text_of(question_html(text), "h2") == display_text(text)


@given(texts)
def test_marking_languages_keeps_the_text(text):
    assert parsed(clean(text_html(text))).text_content() == display_text(text)


@given(texts)
def test_every_piece_is_one_line_of_valid_utf8(text):
    for piece in pieces(text):
        assert not set(piece) & set("\n\r\x00")
        piece.encode()


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_the_embedded_answer_equals_the_exported_one(text):
    for answer in bearing(text):
        [element] = found(answer_html(answer), ".answer")
        assert json.loads(element.get("data-answer")) == as_json(answer)
        assert element.get("data-answer") == json.dumps(as_json(answer), ensure_ascii=False)


@given(texts)
def test_shown_text_is_one_line_of_visible_characters(text):
    said = display_text(text)
    assert said == " ".join(said.split())
    assert display_text(said) == said
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
def test_shown(text, said):
    assert display_text(text) == said


@given(texts)
def test_a_button_keeps_its_data_and_label(text):
    assume(not set(text) & set("\x00\r") and not HALF.search(text))
    [element] = found(clean(button("ask", text, "x", question=text)), "button")
    assert element.get("data-question") == text
    assert element.get("data-action") == "ask"
    assert element.get("type") == "button"
    assert element.text_content() == display_text(text)


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
def test_text_in_another_script_is_marked_with_its_language(text, languages):
    assert [(each.get("lang"), each.text_content()) for each in found(clean(text_html(text)), "span")] == languages


def test_an_answer_is_marked_with_its_language():
    [element] = found(answer_html(dataclasses.replace(ANSWERED, language="ko")), ".answer")
    assert element.get("lang") == "ko"


def test_text_of_articles_has_its_own_direction():
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
def test_web_addresses_are_links(url):
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
def test_other_addresses_are_not_links(url):
    assert link_to(url) is None


# Parts of an answer


def test_a_question_can_be_edited():
    [edit] = found(question_html("Why?"), "button")
    assert edit.get("data-action") == "edit"
    assert edit.get("title")


def test_a_chip_carries_the_quote_it_opens():
    [element] = found(clean(citation_button(AGAIN)), "button")
    label = element.attrib.pop("aria-label")
    assert numbers(label) == [AGAIN.number]
    assert AGAIN.title in label
    assert dict(element.attrib) == {
        "type": "button",
        "class": "chip",
        "data-action": "cite",
        "data-article": "나루.md",
        "data-start": "0",
        "data-end": "10",
        "data-sha256": "a" * 64,
    }
    assert element.text_content() == "[2]"


@pytest.mark.parametrize(
    "name", ["a b.md", 'a"b.md', "a&amp;b.md", "<b>.md", "a\nb.md", "나루~0a1b2c3d.md", "a\u00a0b.md"]
)
def test_a_chip_carries_the_exact_article_id(name):
    [element] = found(clean(citation_button(dataclasses.replace(FERRY, article_id=name))), "button")
    assert element.get("data-article") == name


@pytest.mark.parametrize("verdict", VERDICT_SIGNS)
def test_a_verdict_has_a_sign_and_words_besides_its_colour(verdict):
    sentence = dataclasses.replace(COUNTED, verdict=verdict)
    piece = answer_html(dataclasses.replace(ANSWERED, sentences=(sentence,)))
    [sign] = found(piece, ".sign")
    assert sign.text_content() == VERDICT_SIGNS[verdict]
    assert (sign.tag, sign.get("type")) == ("button", "button")
    assert sign.get("aria-label").removesuffix(": why?") in text_of(piece, ".why")
    assert found(piece, ".sentence")[0].get("data-verdict") == verdict
    assert len(set(VERDICT_SIGNS.values())) == len(VERDICT_SIGNS)


CHECKED = dataclasses.replace(
    COUNTED,
    stance="forecasts",
    speaker="the mayor",
    checks=(*COUNTED.checks, Check("dates", True, ""), Check("negation", False, ""), Check("units", False, "km")),
    times=(TimeReading("last year", "2023", "“last year” is 2023"),),
)


def test_the_checks_of_a_sentence_are_listed():
    """Failed checks and those with a detail have a line each; the other passed ones share a line."""
    piece = answer_html(dataclasses.replace(ANSWERED, sentences=(CHECKED,)))
    support, stance, *lines = [each.text_content() for each in found(piece, ".line")]
    assert numbers(support) == [97]
    assert "the mayor" in stance
    assert [line[0] for line in lines[:4]] == ["✓", "✗", "✗", "✓"]
    for line, fields in zip(
        lines, [["numbers", "214"], ["negation"], ["units", "km"], ["names", "dates"]], strict=False
    ):
        assert all(field in line for field in fields)
    assert lines[4:] == ["“last year” is 2023"]
    [sign] = found(piece, ".sign")
    assert sign.get("data-action") == "why"


REWRITTEN = dataclasses.replace(
    ANSWERED,
    rewritten_question="How many were on the Mara in 2024?",
    uncovered=(Uncovered("Who built it?", "Nobody says."),),
)


def test_every_part_of_an_answer_is_shown():
    piece = answer_html(REWRITTEN, STEPS)
    assert REWRITTEN.rewritten_question in text_of(piece, ".understood")
    assert text_of(piece, ".words") == COUNTED.text
    assert "Who built it? Nobody says." in text_of(piece, ".uncovered")
    assert text_of(piece, ".coverage") == ANSWERED.coverage.message
    [steps] = found(piece, ".steps")
    passages, articles, *_ = numbers(text_of(steps, "summary"))
    assert (passages, articles) == (len(ANSWERED.retrieved), ANSWERED.coverage.retrieved)
    assert "0.75 s" in text_of(steps, "summary")
    lines = [each.text_content() for each in found(steps, "li")]
    assert [line.partition(":")[0] for line in lines[:2]] == [step_label(step) for step in STEPS]
    assert [re.search(r"[\d.]+ s", line)[0] for line in lines] == ["0.00 s", "0.31 s", "0.25 s", "0.50 s"]
    assert ["retrieve" in lines[2], "draft" in lines[3]] == [True, True]
    actions = [each.get("data-action") for each in found(piece, "button")]
    assert actions == ["why", "cite", "cite", "copy", "export", "export", "export", "retry", "judge"]
    assert [each.get("data-form") for each in found(piece, "button")][4:7] == ["markdown", "html", "json"]


def test_a_kept_answer_dates_its_coverage():
    coverage = text_of(answer_html(ANSWERED, is_restored=True), ".coverage")
    assert coverage.endswith(ANSWERED.coverage.message)
    assert coverage != ANSWERED.coverage.message


def test_a_question_that_was_not_rewritten_is_shown_once():
    assert found(answer_html(ANSWERED), ".understood") == found(answer_html(ANSWERED), ".uncovered") == []


def test_a_disagreement_shows_both_sides_with_their_sources():
    piece = answer_html(DISPUTED)
    [card] = found(piece, ".disagreement")
    assert card.get("data-kind") == "conflict"
    assert text_of(card, "h3") == OPENINGS["conflict"]
    sides = found(card, ".side")
    assert [text_of(side, ".words") for side in sides] == [COUNTED.text, RECOUNTED.text]
    assert [text_of(side, "footer") for side in sides] == [facts_of(FERRY), facts_of(AGAIN)]
    assert [chip.get("data-article") for chip in found(card, ".chip")] == ["ferry.md", "나루.md"]
    [rest] = found(piece, ".sentences")
    assert [each.text_content() for each in found(rest, ".words")] == [SAFE.text]
    assert [each.text_content() for each in found(rest, ".chip")] == ["[1]", "[2]"]


@pytest.mark.parametrize(
    ("about", "told"),
    [
        pytest.param("How many people were on the Mara", [], id="the question itself"),
        pytest.param("How many were rescued", ["How many were rescued?"], id="something else"),
    ],
)
def test_the_topic_of_a_disagreement_is_shown_unless_it_is_the_question(about, told):
    disagreement = dataclasses.replace(DISPUTED.disagreements[0], about=about)
    piece = answer_html(dataclasses.replace(DISPUTED, disagreements=(disagreement,)))
    assert [each.text_content() for each in found(piece, ".about")] == told


def test_a_side_without_a_sentence_in_the_answer_is_omitted():
    disagreement = dataclasses.replace(
        DISPUTED.disagreements[0], sides=(Side("Nobody was on it", (1,)), DISPUTED.disagreements[0].sides[1])
    )
    piece = answer_html(dataclasses.replace(DISPUTED, disagreements=(disagreement,)))
    assert "Nobody" not in " ".join(each.text_content() for each in found(piece, ".words"))
    assert len(found(piece, ".side")) == 1
    assert len(found(piece, ".sentence")) == 3


def test_an_answer_comes_first_then_its_sources_and_what_it_rests_on():
    piece = answer_html(dataclasses.replace(REWRITTEN, notice="Here is 1 article."), STEPS)
    order = ["understood", "notice", "sentences", "uncovered", "sources", "coverage", "steps", "tools"]
    assert [each.get("class") for each in found(piece, ".answer")[0] if each.get("class") in order] == order


def test_each_source_is_shown_once_with_its_quotes():
    later = dataclasses.replace(FERRY, number=3, quote="It **sank** in 2024.", start=50, end=70)
    piece = answer_html(dataclasses.replace(DISPUTED, citations=(FERRY, AGAIN, later)))
    [sources] = found(piece, ".sources")
    assert [each.text_content() for each in found(sources, ".origin")] == [facts_of(FERRY), facts_of(AGAIN)]
    quotes = [[words(quote) for quote in found(item, "blockquote")] for item in found(sources, "li")]
    assert quotes == [[f"[1] “{FERRY.quote}”", "[3] “It sank in 2024.”"], ["[2] “178 people”"]]
    assert [each.get("data-start") for each in found(sources, ".chip")] == ["10", "50", "0"]
    assert found(answer_html(dataclasses.replace(ANSWERED, citations=(), sentences=())), ".sources") == []


@pytest.mark.parametrize(
    ("notice", "lines"),
    [
        pytest.param("Here are 2 articles.", ["Here are 2 articles."], id="one line"),
        pytest.param(
            "Here are 2:\n- The **ferry**\n\n- <b>나루</b>", ["Here are 2:", "- The ferry", "- <b>나루</b>"], id="lines"
        ),
    ],
)
def test_a_notice_keeps_its_lines(notice, lines):
    [shown] = found(answer_html(dataclasses.replace(ANSWERED, notice=notice)), ".notice")
    assert [each.text_content() for each in found(shown, ".line")] == lines


def test_marks_of_markdown_are_not_shown():
    cited = dataclasses.replace(FERRY, title="The *ferry*", quote="## **214** people")
    sentence = dataclasses.replace(COUNTED, text="**214** were on the [ferry](https://a.org) `Mara`")
    piece = answer_html(dataclasses.replace(ANSWERED, sentences=(sentence,), citations=(cited,)))
    assert text_of(piece, ".words") == "214 were on the ferry Mara"
    assert text_of(piece, ".origin").startswith("The ferry · ")
    assert words(found(piece, "blockquote")[0]) == "[1] “214 people”"
    assert {each.get("aria-label") for each in found(piece, ".chip")} == {"Quote 1, The ferry"}


def test_a_refusal_says_why_and_shows_the_nearest_quotes():
    [refusal] = found(answer_html(REFUSED), ".refusal")
    assert refusal.get("data-reason") == "near miss"
    assert found(refusal, "p")[0].text_content() == REFUSED.text
    assert [words(each) for each in found(refusal, "blockquote")] == [f"[1] “{FERRY.quote}”", "[2] “178 people”"]
    assert [each.text_content() for each in found(refusal, ".origin")] == [facts_of(FERRY), facts_of(AGAIN)]
    assert [each.get("data-article") for each in found(refusal, ".chip")] == ["ferry.md", "나루.md"]


def test_a_refusal_without_near_quotes():
    alone = dataclasses.replace(REFUSED, refusal=Refusal("nothing relevant", "The articles do not speak of this.", ()))
    [refusal] = found(answer_html(alone), ".refusal")
    assert found(refusal, "h4") == found(refusal, "blockquote") == []
    assert len(found(refusal, "h3")) == 1


GREETED = dataclasses.replace(REFUSED, refusal=Refusal("no question", "At your service.", ()), retrieved=())


def test_a_greeting_is_answered_in_one_line():
    piece = answer_html(GREETED)
    assert words(found(piece, ".refusal")[0]) == "At your service."
    assert found(piece, ".coverage") == found(piece, ".steps") == []


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        pytest.param(("The pier", "Gazette", "2024-05"), ["The pier", "Gazette", "2024-05"], id="all"),
        pytest.param(("", "Gazette", None), ["Gazette", UNDATED], id="no title"),
        pytest.param(("The pier", None, None), ["The pier", UNDATED], id="no source"),
        pytest.param(("", "", ""), [UNDATED], id="nothing"),
        pytest.param(("<b>부두</b>", 'a"b', "2024"), ["<b>부두</b>", 'a"b', "2024"], id="markup"),
    ],
)
def test_the_facts_of_an_article_on_one_line(facts, told):
    piece = clean(source_html(*facts))
    assert parsed(piece).text_content().split(" · ") == told
    assert [each.get("datetime") for each in found(piece, "time")] == ([facts[2]] if facts[2] else [])


@pytest.mark.parametrize(
    ("published", "published_from", "told"),
    [
        pytest.param("2025-03-04", "dateline", "2025-03-04, by its dateline", id="dateline"),
        pytest.param("2025", "option", "2025, by the option --published", id="option"),
        pytest.param("2025", "metadata.csv", "2025, by metadata.csv", id="table"),
        pytest.param("2025", "<b>", "2025, by its <b>", id="markup"),
        pytest.param("2025", None, "2025", id="not known"),
        pytest.param(None, None, UNDATED, id="undated"),
    ],
)
def test_an_articles_header_says_how_its_date_is_known(published, published_from, told):
    article = make_article("Seoul.", title="A", published=published, published_from=published_from)
    assert told in parsed(article_html(article)).text_content()


# Work in progress


ALL_STEPS = (
    Step("searching", 0.0, articles=1),
    Step("searching", 0.0, articles=100_000),
    Step("reading", 0.2, articles=2, passages=1),
    Step("comparing", 0.3),
    Step("checking", 0.4),
)


@pytest.mark.parametrize("step", ALL_STEPS, ids=lambda step: f"{step.stage} {step.articles}")
def test_a_step_shows_its_counts(step):
    assert numbers(step_label(step)) == [count for count in (step.passages, step.articles) if count]
    first = Step("searching", 0.0, articles=3)
    working = text_of(working_html([first, step], []), ".working")
    assert working.startswith(step_label(step))
    assert working.endswith(f"{step_label(first)}: {step.seconds:.2f} s")


def test_work_that_has_not_begun():
    assert text_of(working_html([], []), ".working")


def test_sentences_appear_as_they_are_verified_and_their_chips_open_nothing_yet():
    piece = working_html(STEPS, [COUNTED, SAFE])
    assert [each.text_content() for each in found(piece, ".words")] == [COUNTED.text, SAFE.text]
    assert [(each.tag, each.text_content()) for each in found(piece, ".chip")] == [
        ("span", "[1]"),
        ("span", "[1]"),
        ("span", "[2]"),
    ]
    assert {each.get("data-action") for each in found(piece, "button")} == {"why"}


def test_a_stopped_answer_keeps_verified_sentences_and_gives_its_reason():
    piece = stopped_html([COUNTED], "You stopped <it>.")
    assert text_of(piece, ".words") == COUNTED.text
    [why] = found(piece, ".stopped")
    assert (why.get("role"), why.text_content()) == ("alert", "You stopped <it>.")
    assert [each.get("data-action") for each in found(piece, "button")] == ["why", "retry"]
    assert found(piece, ".answer")[0].get("data-stored") is None


@pytest.mark.parametrize("kept", ['{"question": "나루?"}', '{"a": "\\ud800 \\"<b>\\" & \\n"}', "[[[]]]"])
def test_an_answer_that_no_longer_holds_carries_what_the_browser_keeps(kept):
    assert found(stopped_html([], "It no longer holds.", kept), ".answer")[0].get("data-stored") == kept


# Doubts and checked texts


DOUBTED = dataclasses.replace(ANSWERED, doubt="These quotes may answer the question, but it is not certain.")


def test_a_doubt_stands_before_the_sentences():
    piece = answer_html(DOUBTED)
    assert text_of(piece, ".doubt") == DOUBTED.doubt
    assert piece.index(DOUBTED.doubt, piece.index('class="doubt"')) < piece.index('class="sentences"')
    assert found(answer_html(ANSWERED), ".doubt") == []


@pytest.mark.parametrize(
    ("verdict", "says", "opening"),
    [
        pytest.param("supported", "✓ Supported", None, id="supported"),
        pytest.param("partly", "≈ Partly supported", "The articles say part of it:", id="partly"),
        pytest.param("contradicted", "✗ Contradicted", "The articles say otherwise:", id="contradicted"),
        pytest.param("unsupported", "? Not found", "What comes nearest:", id="not found"),
    ],
)
def test_a_checked_sentence_has_its_verdict_in_words_and_its_quotes(verdict, says, opening):
    quotes = {"counter" if verdict == "contradicted" else "citations": (FERRY, AGAIN)}
    checks = (Check("dates", False, "not in the quotes: 1953"), Check("names", True, "Mara"))
    claim = CheckedClaim("한국 <b> 🙂", verdict, 0.5, checks, **{"citations": (), "counter": ()} | quotes)
    piece = checked_html([claim])
    [item] = [each for each in found(piece, "li") if each.get("data-verdict")]
    assert item.get("data-verdict") == verdict
    assert words(found(item, "strong")[0]) == says
    assert text_of(piece, ".words") == "한국 <b> 🙂"
    assert [each.text_content() for each in found(piece, ".opening")] == ([opening] if opening else [])
    failed = [] if verdict == "supported" else ["dates: not in the quotes: 1953"]
    assert [each.text_content() for each in found(piece, ".failed")] == failed
    assert [words(each) for each in found(piece, "blockquote")] == [
        f"[{each.number}] “{each.quote}”" for each in (FERRY, AGAIN)
    ]
    assert [each.text_content() for each in found(piece, ".origin")] == [facts_of(FERRY), facts_of(AGAIN)]
    assert {each.get("data-action") for each in found(piece, "button")} == {"cite"}


def test_a_sentence_near_nothing_has_no_quotes():
    piece = checked_html([CheckedClaim("The moon is a cheese.", "unsupported", 0.0, (), (), ())])
    assert [found(piece, each) for each in (".opening", ".failed", "ol", "button")] == [[], [], [], []]


@pytest.mark.parametrize(
    ("verdicts", "options", "count"),
    [
        pytest.param([], {"waiting": 3}, "Checking sentence 1 of 3 …", id="begun"),
        pytest.param(["supported"], {"waiting": 2}, "Checking sentence 2 of 3 …", id="under way"),
        pytest.param(["supported"], {}, "1 sentence: 1 supported.", id="one"),
        pytest.param(
            ["unsupported", "supported", "unsupported"], {}, "3 sentences: 1 supported, 2 not found.", id="several"
        ),
        pytest.param(
            ["supported"],
            {"left_out": 1_200},
            "1 sentence: 1 supported. The last 1,200 sentences were left out: check them separately.",
            id="left out",
        ),
        pytest.param(
            ["supported"],
            {"left_out": 1},
            "1 sentence: 1 supported. The last sentence was left out: check it separately.",
            id="one left out",
        ),
    ],
)
def test_checked_sentences_are_counted(verdicts, options, count):
    piece = checked_html([CheckedClaim("A.", verdict, 0.5, (), (), ()) for verdict in verdicts], **options)
    assert text_of(piece, ".count") == count
    assert found(piece, ".count")[0].get("role") == "status"


def test_what_keeps_a_text_from_being_checked_is_told():
    piece = checked_html([], error="It <has> no sentence.")
    assert (text_of(piece, ".stopped"), found(piece, ".stopped")[0].get("role")) == ("It <has> no sentence.", "alert")
    assert found(piece, ".count") == found(piece, "ul") == []
    assert words(parsed(checked_html([]))) == ""


def test_suggestions_are_buttons():
    piece = suggestions_html("Ask on", ["Who built it?", "나루는 어디인가?"])
    assert text_of(piece, "h2") == "Ask on"
    assert [(each.get("data-action"), each.get("data-question")) for each in found(piece, "button")] == [
        ("ask", "Who built it?"),
        ("ask", "나루는 어디인가?"),
    ]


def test_a_suggestion_is_shown_without_marks_and_asked_as_it_is():
    [suggestion] = found(suggestions_html("Ask on", ["Who built the **Mara**?"]), "button")
    assert (suggestion.text_content(), suggestion.get("data-question")) == (
        "Who built the Mara?",
        "Who built the **Mara**?",
    )


def test_no_suggestions_give_no_markup():
    assert suggestions_html("Ask on", []) == ""


# Cleaning


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
def test_cleaning_keeps_only_elements_of_the_page(piece, cleaned):
    assert clean(piece) == cleaned


def test_line_breaks_of_an_article_are_kept():
    assert clean("<p>a\n\nb</p>", keep_lines=True) == "<p>a\n\nb</p>"


# Articles


TEXT = (
    "# The ferry\n\nThere were 214 people on it.\nNobody was hurt.\n \n나루에는 178명이 있었다. 🙂\n\n\n"
    "## Last words\n\nThe end."
)
BREAK = re.compile(r"\n(?:[ \t]*\n)+")


def shown_of(piece):
    """The element with the article's text, and the mark of each of its characters: "quote", "other" or None."""
    [element] = [each for each in lxml_html.fromstring(piece).iter() if each.get("class") == "article-text"]
    marks = []

    def walk(node, mark):
        if node.tag == "mark":
            mark = node.get("class") or "other"
        marks.extend([mark] * len(node.text or ""))
        for child in node:
            walk(child, mark)
            marks.extend([mark] * len(child.tail or ""))

    walk(element, None)
    return element, marks


def places_of(marks, mark):
    return {place for place, each in enumerate(marks) if each == mark}


def between_paragraphs(text):
    """The offsets of the blank lines between paragraphs."""
    return {place for match in BREAK.finditer(text) for place in range(*match.span())}


def texts_of_class(piece, name):
    """The texts of the elements with this class."""
    return [each.text_content() for each in lxml_html.fromstring(piece).iter() if each.get("class") == name]


ROWS = "\n| 값: 1; b: 2.\n| b: 3."


@st.composite
def article_texts(draw):
    """Canonical texts of an article, with paragraphs."""
    letters = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
    awkward = st.sampled_from(
        [
            "<b>&amp;</b>",
            "# ",
            "## 제목",
            "한국어",
            "שלום",
            "👩‍👧",
            "e\u0301",
            "\t",
            " ",
            "\u00a0",
            "</p>",
            "<mark>",
            ROWS,
        ]
    )
    parts = draw(
        st.lists(letters | awkward | st.sampled_from(["\n", "\n\n", "\n \n", "\n\n\n", "\n\t\n"]), max_size=12)
    )
    return canonical_text("".join(parts))[0]


@st.composite
def quoted_texts(draw):
    """A text, the span of a quote in it, and spans of other quotes."""
    text = draw(article_texts().filter(bool))
    places = st.integers(0, len(text) - 1).flatmap(
        lambda start: st.integers(start + 1, len(text)).map(lambda end: Span(start, end))
    )
    return text, draw(places), draw(st.lists(places, max_size=4))


@given(quoted_texts())
def test_the_text_is_complete_and_exactly_the_quotes_are_marked(case):
    text, quote, others = case
    element, marks = shown_of(article_html(make_article(text), quote, others))
    breaks = between_paragraphs(text)
    assert element.text_content() == text
    assert element.get("data-start") == "0"
    in_quote = set(range(quote.start, quote.end)) - breaks
    in_others = {place for span in others for place in range(span.start, span.end)} - breaks - in_quote
    assert places_of(marks, "quote") == in_quote
    assert places_of(marks, "other") == in_others


@given(article_texts())
def test_without_a_quote_nothing_is_marked(text):
    element, marks = shown_of(article_html(make_article(text), None))
    assert element.text_content() == text
    assert set(marks) <= {None}


@pytest.mark.parametrize(
    ("start", "end"),
    [
        pytest.param(TEXT.index("214"), TEXT.index(" people"), id="within a paragraph"),
        pytest.param(TEXT.index("There"), TEXT.index(" \n나루"), id="a whole paragraph and its line end"),
        pytest.param(TEXT.index("Nobody"), TEXT.index("🙂") + 1, id="over a paragraph's end"),
        pytest.param(0, len(TEXT), id="everything"),
        pytest.param(0, 1, id="the first character"),
        pytest.param(len(TEXT) - 1, len(TEXT), id="the last character"),
    ],
)
def test_a_quote_is_marked_to_the_character(start, end):
    piece = article_html(make_article(TEXT), Span(start, end))
    element, marks = shown_of(piece)
    marked = places_of(marks, "quote")
    first, last = min(marked), max(marked)
    assert element.text_content()[first : last + 1] == TEXT[start:end].strip("\n ")
    for mark in element.iter("mark"):
        assert mark.get("class") == "quote"
        assert mark.getparent().tag in ("p", "span", "h3", "h4", "div")


def blocks_of(text, title="", quote=None):
    """The tag, class and text of each block that is shown of an article, as it is seen."""
    element, _ = shown_of(article_html(make_article(text, title=title), quote))
    for each in list(element.iter()):
        if each.get("class") == "unseen":
            each.text, each[:] = "", []
    return [(each.tag, each.get("class"), each.text_content().strip()) for each in element if each.tag != "span"]


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        pytest.param(
            TEXT,
            [
                ("h3", "heading", "The ferry"),
                ("p", "paragraph", "There were 214 people on it.\nNobody was hurt."),
                ("p", "paragraph", "나루에는 178명이 있었다. 🙂"),
                ("h4", "heading", "Last words"),
                ("p", "paragraph", "The end."),
            ],
            id="two levels",
        ),
        pytest.param(
            "## A ##\nText of it.\n#### B\n\nMore text.",
            [("h3", "heading", "A"), ("p", "paragraph", "Text of it."), ("h4", "heading", "B"),
             ("p", "paragraph", "More text.")],
            id="text right below a heading, and a level left out",
        ),
        pytest.param(
            "Who paid for it\n\nThe state paid.",
            [("h3", "heading", "Who paid for it"), ("p", "paragraph", "The state paid.")],
            id="a heading without a mark",
        ),
        pytest.param(
            f"Who paid for it\n{'The state paid much. ' * 5}",
            [("h3", "heading", "Who paid for it"), ("p", "paragraph", ("The state paid much. " * 5).strip())],
            id="a heading without a mark right above its text",
        ),
        pytest.param(
            f"{'It opened. ' * 9}It cost much.\nWho paid for it\n{'The state paid much. ' * 5}",
            [("p", "paragraph", "It opened. " * 9 + "It cost much."), ("h3", "heading", "Who paid for it"),
             ("p", "paragraph", ("The state paid much. " * 5).strip())],
            id="a heading without a mark right between texts",
        ),
        pytest.param(
            "Salome Brandt\n12 Harbour Street\nNorvik",
            [("p", "paragraph", "Salome Brandt\n12 Harbour Street\nNorvik")],
            id="an address",
        ),
        pytest.param(
            "Paid by:\n- the **state**\n* `the city`\n\n1. First, [this](https://a.org/b).\n2. Then _that_.",
            [("p", "paragraph", "Paid by:"), ("p", "bullet", "the state"), ("p", "bullet", "the city"),
             ("p", "item", "1. First, this."), ("p", "item", "2. Then that.")],
            id="lists",
        ),
        pytest.param(
            "One.\n\n---\n\n> Two 2 * 3 a_b_c \\*.\n\n> 5 were hurt.",
            [("p", "paragraph", "One."), ("p", "paragraph", "Two 2 * 3 a_b_c *."),
             ("p", "paragraph", "> 5 were hurt.")],
            id="a rule, a quotation and what is no mark",
        ),
    ],
)  # fmt: skip
def test_an_article_is_read_without_marks(text, blocks):
    assert blocks_of(text) == blocks


@pytest.mark.parametrize(
    ("title", "quote", "first"),
    [
        pytest.param("The ferry", None, "p", id="not again"),
        pytest.param("The **ferry**", None, "p", id="as it is shown"),
        pytest.param("The ferry", Span(2, 5), "h3", id="where it is quoted"),
        pytest.param("Another", None, "h3", id="another heading"),
    ],
)
def test_a_heading_that_repeats_the_title_is_not_seen_twice(title, quote, first):
    assert blocks_of(TEXT, title, quote)[0][0] == first


def test_the_quote_takes_precedence_over_overlapping_quotes():
    text = "one two three four five"
    piece = article_html(make_article(text), Span(4, 13), [Span(0, 7), Span(8, 18), Span(4, 13)])
    element, _ = shown_of(piece)
    marks = [(each.get("class"), each.text_content()) for each in element.iter("mark")]
    runs = [
        (name, "".join(text for _, text in run)) for name, run in itertools.groupby(marks, key=lambda mark: mark[0])
    ]
    assert runs == [(None, "one "), ("quote", "two three"), (None, " four")]


@pytest.mark.parametrize(
    "span",
    [Span(-1, 3), Span(0, 0), Span(3, 2), Span(0, 6), Span(5, 6), Span(10**9, 10**9 + 1)],
    ids=lambda span: f"{span.start}:{span.end}",
)
@pytest.mark.parametrize("is_quote", [True, False], ids=["quote", "other"])
def test_a_span_outside_the_text_is_an_error(span, is_quote):
    article = make_article("pier.", "부두.md")
    with pytest.raises(ValueError, match=r"부두\.md has 5 characters"):
        article_html(article, *([span] if is_quote else [None, [span]]))


# Long articles


@pytest.mark.parametrize(
    ("place", "start"),
    [
        pytest.param(0, 0, id="at the beginning"),
        pytest.param(ARTICLE_WINDOW, 0, id="as far as is shown"),
        pytest.param(ARTICLE_WINDOW + 1, 1, id="one further"),
        pytest.param(3 * ARTICLE_WINDOW, 2 * ARTICLE_WINDOW, id="in the middle"),
        pytest.param(5 * ARTICLE_WINDOW - 5, 4 * ARTICLE_WINDOW - 5, id="at the end"),
    ],
)
def test_a_very_long_article_is_cut_to_the_text_around_the_quote(place, start):
    text = "".join(itertools.islice(itertools.cycle("나루 <b>\n\n abc🙂"), 5 * ARTICLE_WINDOW))
    quote = Span(place, place + 5)
    piece = article_html(make_article(text), quote)
    element, marks = shown_of(piece)
    end = min(len(text), quote.end + ARTICLE_WINDOW)
    assert element.get("data-start") == str(start)
    assert element.text_content() == text[start:end]
    assert {start + each for each in places_of(marks, "quote")} == set(range(place, place + 5)) - between_paragraphs(
        text
    )
    cut = [numbers(each) for each in texts_of_class(piece, "cut")]
    assert cut == [[characters] for characters in (start, len(text) - end) if characters]


def test_other_quotes_are_marked_as_far_as_they_are_in_the_window():
    text = "a" * (3 * ARTICLE_WINDOW)
    element, marks = shown_of(
        article_html(
            make_article(text),
            Span(0, 1),
            [Span(ARTICLE_WINDOW, 3 * ARTICLE_WINDOW), Span(2 * ARTICLE_WINDOW, 2 * ARTICLE_WINDOW + 5)],
        )
    )
    assert len(element.text_content()) == ARTICLE_WINDOW + 1
    assert places_of(marks, "other") == {ARTICLE_WINDOW}


def test_without_a_quote_the_beginning_is_shown():
    text = "나" * (ARTICLE_WINDOW + 10)
    piece = article_html(make_article(text), None)
    assert shown_of(piece)[0].text_content() == text[:ARTICLE_WINDOW]
    assert [numbers(each) for each in texts_of_class(piece, "cut")] == [[10]]


# Articles that changed since they were quoted


def test_a_changed_article_marks_nothing_and_says_so():
    article = make_article("The pier is closed.")
    piece = article_html(article, is_changed=True)
    element, marks = shown_of(piece)
    assert element.text_content() == article.text
    assert set(marks) == {None}
    assert len(texts_of_class(piece, "changed")) == 1
    assert texts_of_class(piece, "place") == ["article.md"]


def test_an_unchanged_article_names_the_place_of_the_quote():
    article = make_article("The pier is closed.")
    piece = article_html(article, Span(4, 8))
    assert texts_of_class(piece, "changed") == []
    [place] = texts_of_class(piece, "place")
    assert place.startswith("article.md")
    assert numbers(place) == [4, 8]


# Headings of articles


def heading(article):
    [element] = lxml_html.fromstring(article_html(article, None)).iter("header")
    return element


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        pytest.param("The pier", "The pier", id="title"),
        pytest.param("", "나루.md", id="none"),
        pytest.param("\u200b\u202e", "나루.md", id="nothing to see"),
        pytest.param("<img src=x>\n\n부두 \u202eevil", "<img src=x> 부두 evil", id="awkward"),
    ],
)
def test_the_heading_is_the_title_or_the_id(title, shown):
    [found] = heading(make_article("Text.", "나루.md", title=title)).iter("h2")
    assert found.text_content() == shown
    assert "\u202e" not in article_html(make_article("Text.", "\u202e나루.md", title=title), None)


def test_the_heading_of_a_file_without_front_matter_is_its_first_words(tmp_path):
    article = dataclasses.replace(
        parse_article(tmp_path / "나루.md", "부두는 안전하다.\r\n\r\nIt is.".encode()), language="ko"
    )
    piece = article_html(article, None)
    assert [each.text_content() for each in heading(article).iter("h2")] == ["부두는 안전하다."]
    assert shown_of(piece)[0].text_content() == "부두는 안전하다.\n\nIt is."


def test_source_and_date_are_below_the_heading():
    article = make_article("Text.", source="Harbour <News>", published="2024-05")
    assert "Harbour <News> · 2024-05" in heading(article).text_content()
    assert [each.get("datetime") for each in heading(article).iter("time")] == ["2024-05"]
    assert UNDATED in heading(make_article("Text.")).text_content()


@pytest.mark.parametrize(
    ("url", "links"),
    [
        ("https://example.org/a?b=1&c='", True),
        ("https://example.org/a?b=1&c=\"'<", False),
        ("http://서울.kr/", True),
        ("javascript:alert(1)", False),
        ("data:text/html,a", False),
        ("ftp://example.org/", False),
        ("http://[", False),
        ("", False),
        (None, False),
    ],
)
def test_only_addresses_of_the_web_are_links(url, links):
    found = [
        dict(each.attrib) | {"text": each.text_content()} for each in heading(make_article("Text.", url=url)).iter("a")
    ]
    expected = {"href": url, "target": "_blank", "rel": "noopener noreferrer", "text": url}
    assert found == ([expected] if links else [])
    assert "javascript" not in article_html(make_article("Text.", url=url), None)


def test_an_article_is_marked_with_its_language():
    [element] = lxml_html.fromstring(f"<main>{article_html(make_article('글.', language='ko'), None)}</main>")
    assert (element.tag, element.get("class"), element.get("lang")) == ("article", "source", "ko")


# Wording


def test_the_wording_is_that_of_the_snapshot():
    every_verdict = tuple(dataclasses.replace(COUNTED, verdict=verdict) for verdict in VERDICT_SIGNS)
    every_stance = tuple(dataclasses.replace(COUNTED, stance=stance) for stance in STANCE_LABELS)
    article = make_article(
        "The pier is closed.", "pier.md", title="The pier", source="Gazette", published="2024-05", url="https://a.org"
    )
    pieces = {
        "question": question_html("Why?"),
        "work that has not begun": working_html([], []),
        "work under way": working_html(STEPS, [COUNTED, SAFE]),
        **{f"step {number}": working_html([step], []) for number, step in enumerate(ALL_STEPS, 1)},
        "stopped": stopped_html([COUNTED], "You stopped it."),
        "answer": answer_html(REWRITTEN, STEPS),
        "answer that was kept": answer_html(ANSWERED, is_restored=True),
        "checks of a sentence": working_html(STEPS, [CHECKED]),
        "every verdict": working_html(STEPS, every_verdict),
        "every stance": working_html(STEPS, every_stance),
        "disagreement": answer_html(DISPUTED),
        "refusal": answer_html(REFUSED),
        "greeting": answer_html(GREETED),
        "answer with a notice": answer_html(dataclasses.replace(ANSWERED, notice="Here are 2 articles:\n- The ferry")),
        "answer with a doubt": answer_html(DOUBTED),
        "checked text": checked_html(checked_claims("Text"), left_out=3),
        "text that is being checked": checked_html([], waiting=2),
        "suggestions": suggestions_html("Ask on", ["Who built it?"]),
        "article": article_html(article, Span(4, 8)),
        "article that changed": article_html(article, is_changed=True),
        "article without facts": article_html(make_article("Text.")),
        "article that is cut": article_html(make_article("a" * ARTICLE_WINDOW + "bc")).replace(
            "a" * ARTICLE_WINDOW, "a…"
        ),
    }
    assert_snapshot("web_page.txt", {name: wording_of(piece) for name, piece in pieces.items()})
