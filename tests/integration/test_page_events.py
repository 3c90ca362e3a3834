"""What the web page does on each event, called as Gradio calls it."""

from __future__ import annotations

import dataclasses
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from lxml import html as lxml_html

from askseoul.domain import CheckedClaim, as_json
from askseoul.errors import IndexForeign, IndexUnwritable, UsageError
from askseoul.index.sync import add_articles
from askseoul.pipeline import AskSeoul
from askseoul.web import handlers
from askseoul.web.exchanges import MAX_EXCHANGES, STOPPED, Exchange
from askseoul.web.handlers import LONGEST_TEXT, MAX_CHOICES, MAX_CLAIMS, MAX_LISTED, PageEvents
from askseoul.web.rate_limits import QUESTIONS, Allowance, RequestLimits
from tests.support.articles import make_article

QUESTION = "How many US soldiers are based on the Korean Peninsula?"


@pytest.fixture(scope="module")
def events(app):
    """The events of the shipped articles; nothing may be changed."""
    return PageEvents(app, RequestLimits(QUESTIONS), can_change=False)


@pytest.fixture
def own(fresh):
    """The events of an empty index of this test's own."""
    return PageEvents(fresh, RequestLimits(QUESTIONS), can_change=True)


def hold(events, **texts):
    """Hold articles of these names and texts."""
    articles = [make_article(text, f"{name}.md", title=name.capitalize()) for name, text in texts.items()]
    add_articles(articles, store=events.app.store, encoder=events.app.encoder)


def elements(piece, tag):
    return list(lxml_html.fromstring(f"<main>{piece}</main>").iter(tag))


def said(piece):
    return " ".join(" ".join(lxml_html.fromstring(f"<main>{piece}</main>").itertext()).split())


def ask(events, question, earlier=(), within=(), since="", until="", strictness=None):
    return list(events.ask(question, earlier, within, since, until, strictness))


# Asking


def test_a_question_is_added_to_the_conversation_and_grows(events):
    earlier = [Exchange("What is THAAD?")]
    grown = ask(events, QUESTION, earlier)
    assert all(each[:-1] == earlier for each in grown)
    assert grown[0][-1] == Exchange(QUESTION, is_running=True)
    assert "28,500" in grown[-1][-1].answer.text


@pytest.mark.parametrize("question", ["", " ", "\r\n\t", "\u00a0"])
def test_nothing_asked_is_nothing_done(events, question):
    assert ask(events, question) == []


def test_where_to_look_is_passed_on(events):
    answer = ask(events, QUESTION, within=["center-of-balance.md"])[-1][-1].answer
    assert answer.within == ("center-of-balance.md",)
    answer = ask(events, QUESTION, since=" 2024 ", until=" 2025-01\n")[-1][-1].answer
    assert (answer.since, answer.as_of) == ("2024", "2025-01")


def test_how_sure_an_answer_must_be_is_passed_on(events, monkeypatch):
    asked = []
    monkeypatch.setattr(AskSeoul, "watch", lambda app, question, **given: asked.append(given["strictness"]) or [])
    for strictness in ("lenient", "strict", None):
        ask(events, QUESTION, strictness=strictness)
    assert asked == ["lenient", "strict", None]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        pytest.param({"question": "?!"}, "question", id="no word"),
        pytest.param({"question": "나" * 2_001}, "2,000", id="too long"),
        pytest.param({"question": QUESTION, "until": "soon"}, "'soon' is not a date", id="no date"),
        pytest.param({"question": QUESTION, "within": ["나루.md"]}, "나루.md", id="an article that is gone"),
    ],
)
def test_what_is_wrong_is_told_in_the_conversation(events, asked, message):
    [*earlier, last] = ask(events, earlier=[Exchange("Before?")], **asked)[-1]
    assert message in last.reason
    assert [each.question for each in earlier] == ["Before?"]


def test_a_conversation_ends_somewhere(events):
    full = [Exchange(f"{place}?") for place in range(MAX_EXCHANGES)]
    [[*earlier, last]] = ask(events, QUESTION, full)
    assert earlier == full
    assert last == Exchange(QUESTION, reason="This conversation has 50 questions, the maximum: start a new one.")
    assert ask(events, "?!", full[1:])[-1][-1].reason != last.reason


def test_who_asks_too_much_is_told_so(app):
    events = PageEvents(app, RequestLimits(Allowance("questions", session=1, total=2)), can_change=False)
    ask(events, "?!")
    [[last]] = ask(events, QUESTION)
    assert last.reason.startswith("More than 1 questions in a minute came from this session or address. Wait ")
    assert not last.is_running


# Checking a text


def test_each_sentence_of_a_text_is_checked_and_shown_as_soon_as_it_is(events):
    quote = "Some 28,500 soldiers of US Forces Korea (USFK) are based on the Korean Peninsula under combined command"
    grown = list(events.check(f"# Troops\n\n{quote} arrangements. 나루에는 <b>178명</b>이 있었다 🙂."))
    assert [elements(piece, "p")[0].text_content() for piece in grown[:2]] == [
        "Checking sentence 1 of 2 …",
        "Checking sentence 2 of 2 …",
    ]
    done = grown[-1]
    assert len(grown) == 3
    assert said(done).startswith("2 sentences: 1 supported, 1 ")
    first, second = [each for each in elements(done, "li") if each.get("data-verdict")]
    assert first.get("data-verdict") == "supported"
    assert f"“{quote} arrangements.”" in first.text_content()
    assert second.get("data-verdict") != "supported"
    assert "나루에는 <b>178명</b>이 있었다 🙂." in second.text_content()
    chip = elements(done, "button")[0]
    assert (chip.get("data-action"), chip.get("data-article")) == ("cite", "beyond-the-old-formula.md")


@pytest.mark.parametrize("text", ["", " ", "\r\n\t", "\u00a0"])
def test_a_blank_text_is_not_checked(events, text):
    assert list(events.check(text)) == [""]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("# Only a heading", "The text has no sentence to check", id="a heading"),
        pytest.param("1, 2, 3. 🙂!", "The text has no sentence to check", id="no letter"),
        pytest.param("나" * 2_500 + ".", "has 2,501 characters and may have 2,000: split it", id="a long sentence"),
        pytest.param("a" * (LONGEST_TEXT + 1), "has 40,001 characters and may have 40,000", id="a long text"),
    ],
)
def test_a_text_that_can_not_be_checked_is_told(events, text, message):
    [piece] = events.check(text)
    [told] = elements(piece, "p")
    assert told.get("role") == "alert"
    assert message in told.text_content()


def test_of_a_long_text_the_first_sentences_are_checked(events, monkeypatch):
    monkeypatch.setattr(AskSeoul, "check", lambda app, text: CheckedClaim(text, "unsupported", 0.0, (), (), ()))
    text = " ".join(f"The ferry number {number} is late." for number in range(MAX_CLAIMS + 3))
    *_, piece = events.check(text)
    assert len(elements(piece, "li")) == MAX_CLAIMS == 20
    told = "20 sentences: 20 not found. The last 3 sentences were left out: check them separately."
    assert elements(piece, "p")[0].text_content() == told


def test_each_sentence_counts_as_a_question_and_what_is_checked_stays(app, monkeypatch):
    monkeypatch.setattr(AskSeoul, "check", lambda app, text: CheckedClaim(text, "unsupported", 0.0, (), (), ()))
    events = PageEvents(app, RequestLimits(Allowance("questions", session=2, total=5)), can_change=False)
    *_, piece = events.check("The ferry is late. The pier is closed. The mayor said so.")
    assert len(elements(piece, "li")) == 2
    assert "More than 2 questions in a minute came from this session or address. Wait " in said(piece)


def test_an_index_that_is_gone_is_told(events, monkeypatch):
    def fail(app, text):
        raise IndexForeign("The index <is> damaged.")

    monkeypatch.setattr(AskSeoul, "check", fail)
    *_, piece = events.check("The ferry is late.")
    assert said(piece) == "The index <is> damaged."


# Taking up


def test_a_conversation_is_taken_up_with_a_question(events, app):
    answer = app.ask(QUESTION)
    sent = json.dumps({"sent": 1, "answers": [as_json(answer)], "question": "Why?"})
    assert events.restore(sent, [Exchange("Another?")]) == ([Exchange(QUESTION, answer=answer)], "Why?")


def test_a_new_conversation_is_begun(events):
    assert events.restore('{"answers": [], "question": ""}', [Exchange("Before?")]) == ([], "")


def test_without_answers_the_conversation_stays(events):
    earlier = [Exchange("Before?")]
    assert events.restore('{"answers": null, "question": "나루?"}', earlier) == (earlier, "나루?")


@pytest.mark.parametrize(
    "sent",
    ["", "한", "[]", "null", "5", "{}", '{"answers": []}', '{"question": ""}', '"answers"', "[" * 100_000, '{"a": NaN'],
    ids=lambda sent: ascii(sent)[:20],
)
def test_what_is_no_conversation_is_told(events, sent):
    with pytest.raises(UsageError, match="The page sent an invalid conversation: reload the page"):
        events.restore(sent, [])


@pytest.mark.parametrize("answers", ['"[]"', "{}", "1", "true"])
def test_what_is_no_list_of_answers_is_told(events, answers):
    with pytest.raises(UsageError, match="is not a list of answers"):
        events.restore(f'{{"answers": {answers}, "question": ""}}', [])


@pytest.mark.parametrize(
    ("given", "question"), [('"나루?"', "나루?"), (r'"\ud800?"', "\ufffd?"), ('"a\\r\\nb"', "a\r\nb")]
)
def test_the_question_to_go_on_with_is_a_text(events, given, question):
    assert events.restore(f'{{"answers": null, "question": {given}}}', []) == ([], question)


# Suggesting


def test_a_conversation_begins_with_questions_that_are_answered(events, app):
    piece = events.suggest([])
    questions = [each.get("data-question") for each in elements(piece, "button")]
    assert said(piece).startswith("Try asking ")
    assert 2 <= len(questions) <= 4
    assert all(app.ask(question).answered for question in questions)


def test_they_are_found_once_for_each_state_of_the_collection(own, monkeypatch):
    found = []

    def find(app):
        found.append(app.store.manifest.contents)
        return [f"Question {len(found)}?"]

    monkeypatch.setattr(handlers, "starters", find)
    hold(own, ferry="The ferry carried 214 people.")
    with ThreadPoolExecutor(4) as threads:
        started = threading.Barrier(4)
        given = list(threads.map(lambda _: (started.wait(), own.starters())[1], range(4)))
    assert given == [["Question 1?"]] * 4
    hold(own, pier="The pier was closed in 2019.")
    assert own.starters() == own.starters() == ["Question 2?"]
    assert len(set(found)) == 2


def test_an_empty_collection_suggests_nothing(own):
    assert own.suggest([]) == ""


def test_an_answer_leads_on_to_what_was_not_asked(events, app):
    asked = [Exchange(QUESTION, answer=app.ask(QUESTION))]
    piece = events.suggest(asked)
    questions = [each.get("data-question") for each in elements(piece, "button")]
    assert said(piece).startswith("Ask next ")
    assert questions
    assert QUESTION not in questions
    again = events.suggest([Exchange(questions[0]), *asked])
    assert questions[0] not in [each.get("data-question") for each in elements(again, "button")]


@pytest.mark.parametrize("ended", [STOPPED, "나루 <b>"])
def test_what_has_no_answer_leads_nowhere(events, ended):
    assert events.suggest([Exchange(QUESTION, reason=ended)]) == ""


# Articles


def test_the_articles_are_listed(events):
    piece = events.list_articles("")
    assert [each.text_content() for each in elements(piece, "p")] == ["3 articles"]
    buttons = [
        (each.get("data-action"), each.get("data-article"), each.text_content()) for each in elements(piece, "button")
    ]
    assert ("read", "center-of-balance.md", "Seoul as a center of balance between Washington and Beijing") in buttons
    assert {action for action, *_ in buttons} == {"read"}
    assert "undated" in said(piece)
    assert "characters in" in said(piece)


@pytest.mark.parametrize(
    ("word", "count", "names"),
    [
        pytest.param("ferry", "1 of 3 articles", ["Ferry.md"], id="title"),
        pytest.param("FERRY", "1 of 3 articles", ["Ferry.md"], id="case"),
        pytest.param(" \u1102\u1161\u1105\u116e \r\n", "1 of 3 articles", ["나루.md"], id="Hangul in letters"),
        pytest.param(".md", "3 of 3 articles", ["Ferry.md", "pier.md", "나루.md"], id="id"),
        pytest.param("gazette", "1 of 3 articles", ["Ferry.md"], id="source"),
        pytest.param("2024-05", "1 of 3 articles", ["Ferry.md"], id="date"),
        pytest.param("214", "0 of 3 articles", [], id="not what it says"),
        pytest.param("\u200b ", "3 articles", ["Ferry.md", "pier.md", "나루.md"], id="nothing to see"),
        pytest.param("<b>\ud800", "0 of 3 articles", [], id="awkward"),
    ],
)
def test_articles_are_found_by_a_word(own, word, count, names):
    articles = [
        make_article(
            "It carried 214.", "Ferry.md", title="The ferry", source="Harbour Gazette", published="2024-05-01"
        ),
        make_article("It was closed.", "pier.md", title="The pier"),
        make_article("나루에는 178명이 있었다.", "나루.md", title="나루"),
    ]
    add_articles(articles, store=own.app.store, encoder=own.app.encoder)
    piece = own.list_articles(word)
    assert elements(piece, "p")[0].text_content() == count
    assert [
        each.get("data-article") for each in elements(piece, "button") if each.get("data-action") == "read"
    ] == names


def test_one_and_none(own):
    assert said(own.list_articles("")) == "0 articles"
    hold(own, ferry="It carried 214.")
    assert said(own.list_articles("")).startswith("1 article Ferry")
    assert said(own.list_articles("pier")) == "0 of 1 article"


def test_an_article_can_be_removed_where_that_is_allowed(own):
    hold(own, ferry="It carried 214.")
    _, remove = elements(own.list_articles(""), "button")
    assert (remove.get("data-action"), remove.get("data-article"), remove.get("data-name")) == (
        "remove",
        "ferry.md",
        "Ferry",
    )
    assert remove.get("title") == "Remove Ferry"
    reading = dataclasses.replace(own, can_change=False)
    assert len(elements(reading.list_articles(""), "button")) == 1


@pytest.mark.parametrize("title", ["<script>alert(1)</script>", "\" onclick='x' ", "나루\u202e & co", "", "\u200b"])
def test_titles_are_data(own, title):
    article = make_article("It carried 214.", '"><b>.md', title=title, source=title, published="2024")
    add_articles([article], store=own.app.store, encoder=own.app.encoder)
    piece = own.list_articles("")
    read, remove = elements(piece, "button")
    shown = title.replace("\u202e", "").replace("\u200b", "").strip() or '"><b>.md'
    assert read.text_content() == shown
    assert [each.get("data-article") for each in (read, remove)] == ['"><b>.md'] * 2
    assert {each.tag for each in lxml_html.fromstring(f"<main>{piece}</main>").iter()} <= {
        "main", "p", "ul", "li", "button", "small", "time", "span",
    }  # fmt: skip
    assert own.choices() == [(shown, '"><b>.md')]


def test_of_many_articles_the_first_are_listed(own, monkeypatch):
    hold(own, ferry="It carried 214.")
    [one] = own.app.articles()
    many = [dataclasses.replace(one, id=f"{place:04}.md") for place in range(MAX_LISTED + 1_300)]
    monkeypatch.setattr(AskSeoul, "articles", lambda app: many)
    piece = own.list_articles("")
    assert elements(piece, "p")[0].text_content() == "1,500 articles, the first 200 of them below"
    assert (len(elements(piece, "li")), len(own.choices())) == (MAX_LISTED, MAX_CHOICES)
    with_a_nine = sum("9" in each.id for each in many)
    told = elements(own.list_articles("9"), "p")[0].text_content()
    assert told == f"{with_a_nine} of 1,500 articles, the first 200 of them below"


def test_the_choices_are_titles_and_ids(events):
    assert [each for _, each in events.choices()] == [
        "beyond-the-old-formula.md",
        "center-of-balance.md",
        "semiconductor-diplomacy.md",
    ]
    assert events.choices()[0][0] == "Beyond the old formula in South Korean foreign policy"


# Adding and removing


def test_files_are_added_and_each_is_told(own, tmp_path):
    good, bad = tmp_path / "나루 <b>.md", tmp_path / "bad.md"
    good.write_text("나루에는 178명이 있었다.")
    bad.write_bytes(b"\x01\x80")
    done = []
    piece = own.upload([str(good), str(bad)], lambda *step: done.append(step))
    assert [(each.get("class"), each.text_content()) for each in elements(piece, "li")] == [
        ("added", "✓ 나루 _b_.md: Added as 나루 _b_.md: 1 passage."),
        (
            "failed",
            "✗ bad.md: bad.md can't be read (neither UTF-8 nor text in another encoding): convert it to UTF-8",
        ),
    ]
    assert done == [(0, 2), (1, 2)]
    assert [each.id for each in own.app.articles()] == ["나루 _b_.md"]
    assert elements(own.upload([], print), "li") == []


def test_an_article_is_removed_and_that_is_told(own, tmp_path):
    hold(own, ferry="It carried 214.")
    piece = own.remove("ferry.md")
    assert said(piece) == "Removed ferry.md."
    assert elements(piece, "p")[0].get("role") == "status"
    assert own.app.articles() == []


@pytest.mark.parametrize("article_id", ["gone.md", "", "<b>", "나루.md", "\ud800"])
def test_an_article_that_is_not_there_is_told(own, article_id):
    piece = own.remove(article_id)
    assert elements(piece, "p")[0].get("role") == "alert"
    assert "holds no article" in said(piece)
    piece.encode()


def test_an_index_that_can_not_be_written_is_told(own, tmp_path, monkeypatch):
    def fail(*arguments, **options):
        raise IndexUnwritable("The disk <is> full.")

    file = tmp_path / "ferry.md"
    file.write_text("It carried 214.")
    monkeypatch.setattr(AskSeoul, "index", fail)
    piece = own.upload([str(file)], lambda done, of: None)
    assert said(piece) == "The disk <is> full."
    assert elements(piece, "p")[0].get("role") == "alert"


def test_where_nothing_may_be_changed_nothing_is(events, tmp_path):
    with pytest.raises(UsageError, match="started with --no-upload"):
        events.upload([str(tmp_path / "a.md")], print)
    with pytest.raises(UsageError, match="started with --no-upload"):
        events.remove("center-of-balance.md")
    assert len(events.app.articles()) == 3
