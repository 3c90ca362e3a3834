"""The web page in a real browser, with the real models: what a reader does with it."""

from __future__ import annotations

import contextlib
import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from evals.common.page_server import serving
from evals.page.height import SEEN
from evals.page.quotes import MARKED
from playwright.sync_api import TimeoutError

from askseoul.index.store import Store
from askseoul.ingest.articles import read_article
from tests.support.articles import DIGESTS

TROOPS = "How many US troops are stationed on the Korean Peninsula?"
OFFICE = "Is Donald Trump in office?"
FOOTBALL = "Who won the football match?"
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
LONGEST_WAIT = 30_000
"""Milliseconds, on a machine that is busy with other things."""


def open_page(chromium, served, viewport=DESKTOP, scheme="light", **options):
    """A page in a browser that has kept nothing; what goes wrong in it is in its list ``faults``."""
    context = chromium.new_context(viewport=viewport, color_scheme=scheme, **options)
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=served.url)
    context.set_default_timeout(LONGEST_WAIT)
    page = context.new_page()
    page.faults = []
    near = (served.url, "blob:", "data:")
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda message: page.faults.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: page.faults.append(request.url) if not request.url.startswith(near) else None)
    page.goto(served.url)
    page.wait_for_selector("#question textarea")
    return page


@pytest.fixture
def page(chromium, served):
    opened = open_page(chromium, served)
    yield opened
    assert opened.faults == []
    opened.context.close()


def send(page, question):
    """Type a question and send it, again until the page takes it: the answer before it may still be ending."""
    asked = page.locator("#chat .asked").count()
    for _ in range(30):
        page.fill("#question textarea", question)
        page.keyboard.press("Enter")
        with contextlib.suppress(TimeoutError):
            page.locator("#chat .asked").nth(asked).wait_for(timeout=1_000)
            return


def ask(page, question):
    """Send a question and wait for its whole answer."""
    before = page.locator(".answer[data-answer]").count()
    send(page, question)
    page.locator(".answer[data-answer]").nth(before).wait_for()
    return exported(page)[-1]


def exported(page):
    """The answers that the page holds, as they are exported."""
    answers = page.locator(".answer[data-answer]")
    return [json.loads(answers.nth(place).get_attribute("data-answer")) for place in range(answers.count())]


def load_again(page):
    """Load the page once more; that Gradio's stream breaks off then is no fault."""
    page.reload()
    page.wait_for_selector("#conversations button")
    page.faults[:] = [fault for fault in page.faults if not re.search("aborted|errored out", fault)]


def conversations(page):
    return json.loads(page.evaluate("localStorage.getItem('askseoul.conversations')") or "[]")


def titles(page):
    return page.locator("#conversations .open").all_text_contents()


# An answer and its proof


def test_a_sentence_is_read_in_its_article_and_the_focus_returns(page):
    ask(page, TROOPS)
    page.get_by_role("button", name=re.compile("^Quote 1")).first.click()
    page.wait_for_selector("#evidence mark.quote")
    assert page.text_content("#evidence mark.quote") == (
        "Some 28,500 soldiers of US Forces Korea (USFK) are based on the Korean Peninsula under combined command "
        "arrangements."
    )
    assert page.locator("#evidence mark.quote").is_visible()
    assert "Beyond the old formula" in page.text_content("#evidence h2")
    page.keyboard.press("Escape")
    assert page.locator("#evidence").is_hidden()
    assert page.evaluate("document.activeElement.className") == "chip"


def marked(page):
    """The whole text of the article that is shown, and what of it is marked as the quote."""
    return page.evaluate(MARKED)


def test_what_is_marked_is_the_quote_at_its_place_for_every_citation(page):
    articles = {path.name: read_article(path) for path in DIGESTS.iterdir()}
    answer = ask(page, OFFICE)
    assert len(answer["citations"]) > 2
    page.click(".answer .chip")
    for shown in range(len(answer["citations"])):
        page.wait_for_selector(f"#evidence .count >> text=/^Quote {shown + 1} of/")
        text, quote = marked(page)
        cited = answer["citations"][shown]
        assert text == articles[cited["article_id"]].text
        assert quote == cited["quote"] == text[cited["start"] : cited["end"]]
        page.get_by_role("button", name="Next quote").click()


def test_both_sides_of_a_disagreement_stand_in_a_card_with_their_sources(page):
    answer = ask(page, OFFICE)
    card = page.locator(".disagreement")
    assert card.locator("h3").text_content() == "The articles disagree."
    [disagreement] = answer["disagreements"]
    titles = [answer["citations"][side["citations"][0] - 1]["title"] for side in disagreement["sides"]]
    assert [side.split(" · ")[0] for side in card.locator("footer").all_text_contents()] == titles
    sources = page.locator(".answer > .sources .origin").all_text_contents()
    assert [each.split(" · ")[0] for each in sources] == list(
        dict.fromkeys(each["title"] for each in answer["citations"])
    )
    assert "Semiconductor diplomacy after Lee Jae-myung's election" in titles


def test_a_refusal_says_why_and_shows_the_nearest_quotes(page):
    answer = ask(page, FOOTBALL)
    refusal = page.locator(".refusal")
    assert refusal.locator("p").first.text_content() == answer["refusal"]["message"]
    assert refusal.locator("blockquote").count() == len(answer["refusal"]["nearest"]) > 0
    refusal.locator(".chip").first.click()
    page.wait_for_selector("#evidence mark.quote")
    assert marked(page)[1] == answer["refusal"]["nearest"][0]["quote"]


@pytest.mark.full
def test_pointing_at_a_sentence_tells_its_verdict_and_why(page):
    ask(page, TROOPS)
    page.locator(".sentence .sign").first.focus()
    why = page.locator(".sentence .why").first
    assert why.is_visible()
    assert why.text_content().startswith("Supported by its quotes (100%)The article states it✓ quotes: 1 at their")
    page.keyboard.press("Escape")
    assert why.is_hidden()


@pytest.mark.parametrize(
    ("viewport", "least"),
    [pytest.param(DESKTOP, 0.6, id="desktop"), pytest.param(PHONE, 0.6, id="phone", marks=pytest.mark.full)],
)
def test_an_answer_gets_most_of_the_height(chromium, served, viewport, least):
    page = open_page(chromium, served, viewport)
    page.wait_for_selector("#suggestions button")
    assert page.locator("#suggestions button").first.is_visible()
    for name in ("Options: articles, dates, how sure", "Check a text of yours"):
        page.get_by_role("button", name=name).click()
    for question in (OFFICE, TROOPS):
        ask(page, question)
        page.wait_for_function("() => !document.querySelector('#more .label-wrap.open')")
        conversation, answer, sideways = page.evaluate(SEEN)
        assert conversation >= least
        assert answer > 0.2
        assert sideways == 0
        question_top = page.locator("#chat .asked").last.bounding_box()["y"]
        assert question_top - page.locator("#chat [role=log]").bounding_box()["y"] < 24  # it is at the top
    page.context.close()


@pytest.mark.full
def test_a_question_that_is_being_typed_keeps_the_focus_when_the_options_fold(page):
    page.get_by_role("button", name="Options: articles, dates, how sure").click()
    page.fill("#question textarea", TROOPS)
    page.keyboard.press("Enter")
    page.wait_for_selector(".answer[data-answer]")
    page.wait_for_function("() => !document.querySelector('#more .label-wrap.open')")
    assert page.evaluate("document.activeElement.matches('#question textarea')")


# The conversation


def test_a_follow_up_is_shown_as_it_was_understood(page):
    ask(page, TROOPS)
    answer = ask(page, "Under whose command?")
    assert answer["rewritten_question"]
    assert page.locator(".understood").text_content() == f"Understood as: {answer['rewritten_question']}"


@pytest.mark.full
def test_a_question_is_edited_and_what_came_after_it_goes(page):
    ask(page, TROOPS)
    ask(page, FOOTBALL)
    page.get_by_role("button", name="Edit").first.click()
    page.wait_for_function("() => document.querySelectorAll('.answer').length === 0")
    assert page.input_value("#question textarea") == TROOPS
    ask(page, OFFICE)
    assert [answer["question"] for answer in exported(page)] == [OFFICE]


@pytest.mark.full
def test_a_question_is_asked_again(page):
    first = ask(page, TROOPS)
    page.get_by_role("button", name="Ask again").click()
    page.wait_for_function("() => !document.querySelector('.answer[data-answer]')")
    page.wait_for_selector(".answer[data-answer]")
    assert [answer["id"] for answer in exported(page)] == [first["id"]]


@pytest.mark.full
def test_a_suggestion_is_a_question_that_is_answered(page):
    page.locator("#suggestions button").first.click()
    page.wait_for_selector(".answer[data-answer]")
    assert exported(page)[0]["answered"]
    page.wait_for_selector("#suggestions button >> text=/./")


def test_conversations_stay_in_the_browser_and_can_be_renamed_and_deleted(page):
    answer = ask(page, TROOPS)
    page.wait_for_function("() => document.querySelector('#conversations .open')")
    assert titles(page) == [TROOPS]
    page.get_by_role("button", name="New conversation").click()
    page.wait_for_function("() => document.querySelectorAll('.answer').length === 0")
    ask(page, FOOTBALL)
    page.wait_for_function("() => document.querySelectorAll('#conversations .open').length === 2")
    load_again(page)
    page.wait_for_selector("#conversations .open")
    assert titles(page) == [FOOTBALL, TROOPS]
    page.get_by_role("button", name=TROOPS, exact=True).click()
    page.wait_for_selector(".answer[data-answer]")
    assert exported(page) == [answer]
    page.locator("#conversations summary").nth(1).click()
    page.get_by_role("button", name="Rename").click()
    page.fill("dialog input", "Troops 🙂 미군")
    page.keyboard.press("Enter")
    page.wait_for_function("() => !document.querySelector('dialog')")
    assert titles(page) == [FOOTBALL, "Troops 🙂 미군"]
    page.locator("#conversations summary").nth(1).click()
    page.get_by_role("button", name="Delete").click()
    page.locator("dialog button.go").click()
    page.wait_for_function("() => document.querySelectorAll('#conversations .open').length === 1")
    assert [each["title"] for each in conversations(page)] == [FOOTBALL]


def test_an_answer_that_was_tampered_with_in_the_browser_is_not_shown_as_one(page):
    ask(page, TROOPS)
    page.wait_for_function("() => localStorage.getItem('askseoul.conversations')")
    page.evaluate(
        """() => {
          const kept = localStorage.getItem("askseoul.conversations");
          localStorage.setItem("askseoul.conversations", kept.replaceAll("28,500", "82,500"));
        }"""
    )
    load_again(page)
    page.locator("#conversations .open").click()
    page.wait_for_selector(".stopped")
    assert page.locator(".stopped").text_content().startswith("This answer no longer holds")
    assert page.locator(".sentence").count() == 0


@pytest.mark.full
def test_an_answer_is_copied_with_its_quotes(page):
    answer = ask(page, TROOPS)
    page.get_by_role("button", name="Copy").click()
    page.wait_for_function("() => document.querySelector('#toast').textContent.startsWith('Copied')")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert answer["text"] in copied
    assert f"[1] “{answer['citations'][0]['quote']}” — Beyond the old formula" in copied


@pytest.mark.parametrize(
    ("label", "name", "holds"),
    [
        pytest.param("Markdown", "answer.md", "Some 28,500 soldiers", id="Markdown"),
        pytest.param("Web page", "answer.html", "<!doctype html>", id="web page", marks=pytest.mark.full),
        pytest.param("JSON, to verify", "answer.json", '"answered": true', id="JSON", marks=pytest.mark.full),
    ],
)
def test_an_answer_is_exported(page, label, name, holds):
    ask(page, TROOPS)
    page.locator(".tools summary").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=label).click()
    assert download.value.suggested_filename == name
    assert holds in download.value.path().read_text(encoding="utf-8")


@pytest.mark.full
def test_a_conversation_is_exported(page):
    answers = [ask(page, TROOPS), ask(page, FOOTBALL)]
    page.wait_for_function("() => localStorage.getItem('askseoul.conversations')?.includes('football')")
    page.locator("#conversations summary").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as JSON").click()
    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == answers


@pytest.mark.full
def test_an_opinion_becomes_a_draft_of_a_gold_question(page, digests_index):
    ask(page, FOOTBALL)
    page.get_by_role("button", name="Right or wrong?").click()
    page.get_by_label("Right", exact=True).check()
    page.get_by_label("Note").fill("No sports here.")
    page.get_by_role("button", name="Save").click()
    page.wait_for_function("() => document.querySelector('#toast').textContent.startsWith('Saved')")
    draft = json.loads((digests_index / "feedback.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert (draft["question"], draft["kind"], draft["note"]) == (FOOTBALL, "unanswerable", "No sports here.")


@pytest.mark.full
def test_a_question_is_put_to_chosen_articles_and_dates(page):
    page.get_by_role("button", name="Options: articles, dates, how sure").click()
    page.get_by_label("Published until").fill("2020")
    page.keyboard.press("Tab")
    page.wait_for_timeout(500)  # nobody asks within milliseconds; a busy machine then left the date out once
    assert page.get_by_label("Published until").input_value() == "2020"
    answer = ask(page, TROOPS)
    assert (answer["as_of"], answer["answered"]) == ("2020", False)
    page.get_by_role("button", name="Options: articles, dates, how sure").click()  # asking has folded them
    page.get_by_label("Published until").fill("soon")
    page.fill("#question textarea", TROOPS)
    page.locator("#question textarea").press("Enter")
    page.wait_for_selector(".stopped")
    assert "'soon' is not a date" in page.locator(".stopped").text_content()
    page.get_by_role("button", name="Options: articles, dates, how sure").click()
    page.get_by_label("Published until").fill("")
    page.get_by_label("Articles (default").click()
    page.get_by_role("option", name=re.compile("^Semiconductor")).click()
    assert ask(page, TROOPS)["within"] == ["semiconductor-diplomacy.md"]


@pytest.mark.full
def test_an_answer_must_be_as_sure_as_was_chosen_and_tells_its_doubt(page):
    question = "Why did China retaliate?"
    page.get_by_role("button", name="Options: articles, dates, how sure").click()
    page.get_by_label("Lenient").check()
    page.wait_for_timeout(500)
    answer = ask(page, question)
    assert answer["answered"]
    told = page.locator(".answer .doubt")
    assert told.all_text_contents() == ([answer["doubt"]] if answer["doubt"] else [])


# A text of the reader's own


DRAFT = """# My draft

Some 28,500 soldiers of US Forces Korea (USFK) are based on the Korean Peninsula under combined command arrangements.
<b>나루에는</b> 178명이 있었다 🙂.
"""


def check(page, text):
    """Have a text checked and wait for all its sentences."""
    page.get_by_role("button", name="Check a text of yours").click()
    page.get_by_label("Text (up to 20 sentences)").fill(text)
    page.wait_for_timeout(500)  # nobody clicks within milliseconds; Gradio then left the text out once
    page.get_by_role("button", name="Check", exact=True).click()
    page.wait_for_selector("#checked .count >> text=/^[0-9]+ sentence/")


def test_the_sentences_of_a_text_are_checked_and_their_quotes_open(page):
    check(page, DRAFT)
    verdicts = page.locator("#checked li[data-verdict]")
    assert verdicts.count() == 2
    assert verdicts.nth(0).get_attribute("data-verdict") == "supported"
    assert verdicts.nth(1).locator(".words").text_content() == "<b>나루에는</b> 178명이 있었다 🙂."
    verdicts.nth(0).locator(".chip").click()
    page.wait_for_selector("#evidence mark.quote")
    assert page.text_content("#evidence mark.quote").startswith("Some 28,500 soldiers of US Forces Korea")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.className") == "chip"


@pytest.mark.full
def test_a_text_without_a_sentence_is_told(page):
    page.get_by_role("button", name="Check a text of yours").click()
    page.get_by_label("Text (up to 20 sentences)").fill("# Heading")
    page.wait_for_timeout(500)
    page.get_by_role("button", name="Check", exact=True).click()
    page.wait_for_selector("#checked .stopped")
    assert "no sentence to check" in page.locator("#checked .stopped").text_content()


# The collection


def test_articles_are_added_read_and_removed(chromium, tmp_path, encoder):
    tea = "---\ntitle: 전주 tea\n---\nTea from Jeonju costs 9,000 won a box.\n"
    (tmp_path / "전주.md").write_text(tea, encoding="utf-8")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    Store.open(tmp_path / "index", encoder=encoder, create=True).close()
    with serving(tmp_path / "index") as own:
        page = open_page(chromium, own)
        page.locator("#collection button").first.click()
        page.set_input_files("#upload input", [tmp_path / "전주.md", tmp_path / "broken.pdf"])
        page.wait_for_selector(".outcomes li")
        told = page.locator(".outcomes li").all_text_contents()
        assert told[0] == "✓ 전주.md: Added as 전주.md: 1 passage."
        assert told[1].startswith("✗ broken.pdf: ")
        page.get_by_role("button", name="전주 tea", exact=True).click()
        page.wait_for_selector("#evidence .article-text")
        assert page.locator("#evidence h2").text_content() == "전주 tea"
        page.keyboard.press("Escape")
        assert ask(page, "How much does tea from Jeonju cost?")["answered"]
        page.get_by_role("button", name="Remove", exact=True).click()
        page.locator("dialog button.go").click()
        page.wait_for_function("() => document.querySelectorAll('ul.articles li').length === 0")
        assert not ask(page, "How much does tea from Jeonju cost?")["answered"]
        assert page.faults == []
        page.context.close()


@pytest.mark.full
def test_nothing_can_be_changed_where_that_is_off(chromium, digests_index):
    with serving(digests_index, "--no-upload") as fixed:
        page = open_page(chromium, fixed)
        page.locator("#collection button").first.click()
        page.wait_for_selector("ul.articles li")
        assert page.locator("#upload, [data-action=remove]").count() == 0
        page.context.close()


# A long answer: it grows, can be stopped, and does not keep the reader from typing


@pytest.fixture(scope="module")
def slow(digests_index):
    """The page with the small language model, which takes seconds to word an answer."""
    with serving(digests_index, "--generator", "local") as page:
        yield page


@pytest.mark.full
def test_sentences_come_one_by_one_while_the_next_question_is_typed(chromium, slow):
    page = open_page(chromium, slow)
    page.evaluate(
        """() => {
          window.seen = [];
          new MutationObserver(() => {
            const answer = document.querySelector(".answer");
            if (!answer) return;
            const working = answer.querySelector(".working")?.textContent ?? "done";
            const now = `${working} ${answer.querySelectorAll(".sentence").length}`;
            if (window.seen.at(-1) !== now) window.seen.push(now);
          }).observe(document.querySelector("#chat"), { childList: true, subtree: true, characterData: true });
        }"""
    )
    page.fill("#question textarea", "Why did China retaliate?")
    page.keyboard.press("Enter")
    page.wait_for_selector(".working")
    page.keyboard.type("And what did Seoul do", delay=20)
    page.wait_for_selector(".answer[data-answer]")
    assert page.input_value("#question textarea") == "And what did Seoul do"
    seen = page.evaluate("window.seen")
    assert any(each.startswith("Checking each sentence") and not each.endswith(" 0") for each in seen), seen
    assert seen[-1].startswith("done")
    assert page.faults == []
    page.context.close()


@pytest.mark.full
@pytest.mark.parametrize("slower", [pytest.param(1, id="quick browser"), pytest.param(6, id="busy browser")])
def test_a_stopped_answer_keeps_what_is_verified_and_the_next_question_is_answered(chromium, slow, slower):
    page = open_page(chromium, slow)
    # A browser that is busy takes several updates of the page as one.
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.fill("#question textarea", "What are the three scenarios for South Korea's foreign policy?")
    page.keyboard.press("Enter")
    page.wait_for_selector(".working")
    page.get_by_role("button", name="Stop").click()
    page.wait_for_selector(".stopped")
    assert page.locator(".stopped").text_content().startswith("You stopped this answer")
    assert page.locator(".answer[data-answer]").count() == 0
    page.wait_for_selector("#question .submit-button")
    assert ask(page, FOOTBALL)["refusal"]
    page.context.close()


# For everybody


@pytest.mark.parametrize(
    ("viewport", "scheme"),
    [
        pytest.param(DESKTOP, "light", id="desktop, light"),
        pytest.param(DESKTOP, "dark", id="desktop, dark", marks=pytest.mark.full),
        pytest.param(PHONE, "light", id="phone, light", marks=pytest.mark.full),
        pytest.param(PHONE, "dark", id="phone, dark", marks=pytest.mark.full),
    ],
)
def test_axe_finds_nothing_serious_in_any_state(chromium, served, viewport, scheme):
    page = open_page(chromium, served, viewport, scheme, reduced_motion="reduce")
    found = {}

    def look(state):
        page.wait_for_timeout(300)
        violations = Axe().run(page).response["violations"]
        serious = [each for each in violations if each["impact"] in ("serious", "critical")]
        found[state] = [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in serious]

    page.wait_for_selector("#suggestions button")
    look("start")
    ask(page, OFFICE)
    look("answer")
    page.locator(".sentence .sign").first.focus()
    look("why")
    page.click(".answer .chip")
    page.wait_for_selector("#evidence mark.quote")
    look("evidence")
    page.keyboard.press("Escape")
    ask(page, FOOTBALL)
    look("refusal")
    page.get_by_role("button", name="Right or wrong?").last.click()
    look("dialog")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Options: articles, dates, how sure").click()
    look("scope")
    page.get_by_role("button", name="Options: articles, dates, how sure").click()
    check(page, DRAFT)
    look("check")
    if viewport is PHONE:
        page.get_by_role("button", name="Conversations and articles").click()
        page.wait_for_timeout(500)
    page.locator("#collection button").first.click()
    page.wait_for_selector("ul.articles li")
    look("articles")
    assert {state: serious for state, serious in found.items() if serious} == {}
    page.context.close()


def test_the_keyboard_alone_is_enough(page):
    page.locator("#question textarea").focus()
    page.keyboard.type(TROOPS)
    page.keyboard.press("Enter")
    page.wait_for_selector(".answer[data-answer]")
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.matches('button.chip')"):
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("#evidence mark.quote")
    assert page.evaluate("document.querySelector('#evidence').contains(document.activeElement)")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('button.chip')")


@pytest.mark.full
def test_nothing_is_wider_than_a_phone(chromium, served):
    page = open_page(chromium, served, PHONE)
    ask(page, OFFICE)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    check(page, DRAFT)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    page.get_by_role("button", name="Check a text of yours").click()
    page.click(".answer .chip")
    page.wait_for_selector("#evidence mark.quote")
    box = page.locator("#evidence").bounding_box()
    assert (box["x"], box["width"]) == (0, PHONE["width"])
    assert box["height"] < PHONE["height"]  # a sheet: the answer looks out above it
    page.context.close()


@pytest.mark.full
def test_the_page_says_what_it_is(page, served):
    assert page.title() == "AskSeoul"
    response = page.request.get(f"{served.url}/favicon.ico")
    assert response.headers["content-type"].startswith("image/svg")
    assert response.body().startswith(b"<svg")
