"""The page's events as Gradio calls them: what a browser sends to each, and what comes back."""

from __future__ import annotations

import asyncio
import json
import uuid

import pytest
from fastapi.testclient import TestClient
from lxml import html as lxml_html

from askseoul.domain import as_json
from askseoul.web.handlers import CHECK_FAILED
from askseoul.web.layout import INVALID_CALL
from askseoul.web.server import page_application

QUESTION = "How many US troops are stationed on the Korean Peninsula?"
FILE = {"path": "/etc/hostname", "meta": {"_type": "gradio.FileData"}}


class Browser:
    """A browser's session with the page of an index."""

    def __init__(self, app):
        async def build():  # in an event loop: outside of one Gradio opens loops that it never closes
            return page_application(app, password=None, can_change=True)

        self.client = TestClient(asyncio.run(build()), base_url="http://127.0.0.1:7860")
        self.session = uuid.uuid4().hex

    def send(self, event, *data):
        """What an event puts out at last, and all that the server sent for it."""
        config = self.client.get("/config").json()
        [number] = [each["id"] for each in config["dependencies"] if each["api_name"] == event]
        sent = {"data": data, "fn_index": number, "session_hash": self.session}
        assert self.client.post("/gradio_api/queue/join", json=sent).status_code == 200
        stream = self.client.get("/gradio_api/queue/data", params={"session_hash": self.session}).text
        messages = [json.loads(line.removeprefix("data: ")) for line in stream.splitlines() if line]
        [completed] = [each["output"] for each in messages if each["msg"] == "process_completed"]
        return completed.get("data", completed.get("error")), stream

    def upload(self, name, content):
        """Upload a file, as the page does before its event."""
        [path] = self.client.post("/gradio_api/upload", files={"files": (name, content)}).json()
        return {"path": path, "orig_name": name, "meta": {"_type": "gradio.FileData"}}


@pytest.fixture
def open_browser(tmp_path, monkeypatch):
    """Opens the page of an index."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    opened = []

    def open_page(app):
        browser = Browser(app)
        browser.client.__enter__()
        opened.append(browser)
        return browser

    yield open_page
    for browser in opened:
        browser.client.__exit__(None, None, None)


@pytest.fixture
def browser(app, open_browser):
    """A session with the page of the shipped articles."""
    return open_browser(app)


def test_an_answer_grows_and_a_conversation_is_stopped_failed_restored_and_continued(browser, app):
    _, grown = browser.send("converse", QUESTION, None, [], "", "", "balanced")
    assert grown.count('"process_generating"') > 3
    assert "28,500" in grown
    for event in ("stop", "fail"):
        (chat, _, box), _ = browser.send(event, None)
        assert "28,500" in json.dumps(chat)
        assert (box["submit_btn"], box["stop_btn"]) == (True, False)
    (suggested,), _ = browser.send("suggest_2", None)
    assert "Ask next" in suggested
    stored = json.dumps({"answers": [as_json(app.ask(QUESTION))], "question": "And in 2023?"})
    (chat, _, box), _ = browser.send("restore_1", stored, None)
    assert ("28,500" in json.dumps(chat), box["value"]) == (True, "And in 2023?")
    (chat, _, _), _ = browser.send("restore_1", json.dumps({"answers": None, "question": ""}), None)
    assert "28,500" in json.dumps(chat)


def test_an_invalid_conversation_is_an_error_of_the_page(browser):
    error, _ = browser.send("restore_1", '{"answers": 5, "question": ""}', None)
    assert "is not a list of answers: delete it" in error


@pytest.mark.parametrize(
    ("event", "data"),
    [
        pytest.param("converse", [FILE, None, [], "", "", "strict"], id="a question that is a file"),
        pytest.param("converse", [QUESTION, None, [FILE], "", "", "strict"], id="a file among the articles"),
        pytest.param("check_text", [FILE], id="a text that is a file"),
        pytest.param("upload", [[FILE]], id="a file of this machine"),
        pytest.param("ask", [QUESTION, [{"deep": [FILE]}]], id="a file in the history"),
        pytest.param("ask", [{"path": 5, "meta": {}}, [FILE]], id="a path that is no text"),
    ],
)
def test_only_files_that_were_uploaded_here_are_accepted(browser, event, data):
    error, _ = browser.send(event, *data)
    assert error == INVALID_CALL


def test_how_sure_an_answer_must_be_is_one_of_three(browser):
    config = browser.client.get("/config").json()
    [radio] = [each["props"] for each in config["components"] if each["type"] == "radio"]
    assert radio["label"] == "How sure must an answer be?"
    assert (radio["choices"], radio["value"]) == (
        [["Lenient", "lenient"], ["Balanced", "balanced"], ["Strict", "strict"]],
        "balanced",
    )
    error, _ = browser.send("converse", QUESTION, None, [], "", "", "sure")
    assert error == INVALID_CALL


def test_at_first_it_is_as_sure_as_the_page_was_started(app, open_browser, monkeypatch):
    monkeypatch.setattr(app, "strictness", "strict")
    config = open_browser(app).client.get("/config").json()
    assert [each["props"]["value"] for each in config["components"] if each["type"] == "radio"] == ["strict"]


def test_a_text_is_checked_sentence_by_sentence(browser):
    (checked,), grown = browser.send("check_text", "# Draft\n\nSome 28,500 US soldiers are in Korea. <b>나루</b> 🙂.")
    assert "Checking sentence 2 of 2" in grown
    assert checked.count("data-verdict") == 2
    assert "&lt;b&gt;" in checked
    assert 'data-action="cite"' in checked
    (failed,), _ = browser.send("fail_check")
    assert CHECK_FAILED in lxml_html.fromstring(failed).text_content()


def test_the_articles_are_listed_and_can_be_chosen(browser):
    (listed,), _ = browser.send("list_articles", "semiconductor")
    assert "Semiconductor diplomacy" in listed
    assert "Beyond the old formula" not in listed
    (choices,), _ = browser.send("choices", *[])
    assert sorted(value for _, value in choices["choices"]) == [
        "beyond-the-old-formula.md",
        "center-of-balance.md",
        "semiconductor-diplomacy.md",
    ]


def test_an_uploaded_file_becomes_an_article(fresh, open_browser):
    browser = open_browser(fresh)
    (files, outcome), _ = browser.send("upload", [browser.upload("tea.md", b"Tea from Jeonju costs 9,000 won.")])
    assert files is None
    assert "Added as tea.md: 1 passage." in outcome
    assert [article.id for article in fresh.articles()] == ["tea.md"]
    browser.send("remove", "tea.md")
    assert fresh.articles() == []
