"""A conversation as it grows, is stopped, fails, and comes back from the browser."""

from __future__ import annotations

import copy
import dataclasses
import itertools
import json

import pytest
from lxml import html as lxml_html

from askseoul.domain import Answer, Sentence, Step, as_json
from askseoul.errors import GeneratorError, UsageError
from askseoul.index.sync import add_articles
from askseoul.pipeline import AskSeoul
from askseoul.retrieval.search import FilterOptions
from askseoul.web.exchanges import (
    FAILED,
    MAX_EXCHANGES,
    STOPPED,
    Exchange,
    as_failed,
    as_stopped,
    as_stopped_by_user,
    chat_messages,
    restore,
    stream_exchange,
)
from askseoul.web.markup import display_text
from tests.support.articles import make_article
from tests.support.fakes import ScriptedGenerator

QUESTION = "How many US soldiers are based on the Korean Peninsula?"
REFUSED = "How many troops did Brazil send to Korea?"
DISPUTED = "Is Donald Trump in office?"


def everything(app, question, earlier=(), **where):
    return list(stream_exchange(app, question, earlier, FilterOptions(**where)))


def said(message):
    """What a message says, without its markup."""
    return lxml_html.fromstring(message["content"]).text_content()


def data_of(message, name):
    [element] = [each for each in lxml_html.fromstring(f"<main>{message['content']}</main>").iter() if each.get(name)]
    return element.get(name)


@pytest.fixture(scope="module")
def answers(app):
    """An answer, a refusal, and one on which articles disagree."""
    return [app.ask(QUESTION), app.ask(REFUSED), app.ask(DISPUTED)]


# Growing


def test_an_exchange_grows_from_the_question_over_steps_and_sentences_to_the_answer(app):
    grown = everything(app, QUESTION)
    assert grown[0] == Exchange(QUESTION, is_running=True)
    for before, after in itertools.pairwise(grown[:-1]):
        assert after.is_running
        assert after.answer is None
        assert after.steps[: len(before.steps)] == before.steps
        assert after.sentences[: len(before.sentences)] == before.sentences
        assert len(after.steps) + len(after.sentences) == len(before.steps) + len(before.sentences) + 1
    last = grown[-1]
    assert [step.stage for step in last.steps] == ["searching", "reading", "comparing", "checking"]
    assert isinstance(last.answer, Answer)
    assert last.answer.sentences == last.sentences
    assert not last.is_running
    assert dataclasses.replace(last.answer, trace=None) == dataclasses.replace(app.ask(QUESTION), trace=None)


def test_a_refusal_ends_one_too(app):
    last = everything(app, REFUSED)[-1]
    assert last.answer.refusal
    assert last.sentences == ()


def test_what_was_asked_before_is_known(app, answers):
    last = everything(
        app,
        "When was it set up?",
        [
            Exchange(
                "When was the Nuclear Consultative Group set up?",
                answer=app.ask("What does the Nuclear Consultative Group do?"),
            )
        ],
    )[-1]
    assert "Nuclear Consultative Group" in last.answer.rewritten_question
    alone = everything(app, "When was it set up?", [Exchange("What does the Nuclear Consultative Group do?")])[-1]
    assert alone.answer.rewritten_question is None


def test_where_to_look_is_passed_on(app):
    last = everything(app, QUESTION, within=["center-of-balance.md"])[-1]
    assert last.answer.within == ("center-of-balance.md",)
    assert {each.article_id for each in last.answer.retrieved} <= {"center-of-balance.md"}


@pytest.mark.parametrize("strictness", [None, "lenient", "balanced", "strict"])
def test_how_sure_it_must_be_is_passed_on(app, monkeypatch, strictness):
    asked = []
    monkeypatch.setattr(AskSeoul, "watch", lambda app, question, **given: asked.append(given["strictness"]) or [])
    list(stream_exchange(app, QUESTION, [], FilterOptions(), strictness))
    assert asked == [strictness]


@pytest.mark.parametrize(
    ("question", "where", "message"),
    [
        pytest.param("", {}, "question", id="empty"),
        pytest.param("?!", {}, "question", id="no word"),
        pytest.param("나" * 2_001, {}, "2,000", id="too long"),
        pytest.param(QUESTION, {"as_of": "2024-13"}, "'2024-13' is not a date", id="no date"),
        pytest.param(QUESTION, {"since": "<b>"}, "'<b>' is not a date", id="markup for a date"),
        pytest.param(QUESTION, {"as_of": "2020", "since": "2024"}, "exchange the two dates", id="no day between"),
        pytest.param(QUESTION, {"within": ["나루.md"]}, "나루.md", id="unknown article"),
        pytest.param(QUESTION, {"within": ["\ud800"]}, "article", id="half a character"),
    ],
)
def test_what_is_wrong_ends_it_with_its_message(app, question, where, message):
    *_, last = everything(app, question, **where)
    assert message in last.reason
    assert (last.answer, last.is_running, last.question) == (None, False, question)
    asked, told = last.messages()
    assert display_text(question) in said(asked)
    assert display_text(last.reason) in said(told)


def test_a_generator_that_fails_leaves_the_quotes_with_a_warning(app):
    generator = ScriptedGenerator([GeneratorError("The endpoint <b>is silent</b>.")])
    failing = AskSeoul(app.store, app.encoder, generator, lambda: app.reader)
    last = everything(failing, QUESTION)[-1]
    assert last.answer.text == app.ask(QUESTION).text
    assert "The endpoint <b>is silent</b>." in said(last.messages()[1])
    assert [step.stage for step in last.steps] == ["searching", "reading", "comparing", "wording", "checking"]


# Shown


def test_the_chat_shows_each_stage(app, answers):
    sentence, step = answers[0].sentences[0], Step("reading", 0.1, 2, 3)
    running = Exchange(QUESTION, (step,), (sentence,), is_running=True)
    asked, told = running.messages()
    assert (asked["role"], told["role"]) == ("user", "assistant")
    assert QUESTION in said(asked)
    assert "Reading 3 passages of 2 articles …" in said(told)
    assert display_text(sentence.text) in said(told)
    [stopped] = as_stopped([running])
    assert stopped == dataclasses.replace(running, is_running=False)
    assert STOPPED in said(stopped.messages()[1])
    assert display_text(sentence.text) in said(stopped.messages()[1])
    answered = dataclasses.replace(running, answer=answers[0], is_running=False)
    assert json.loads(data_of(answered.messages()[1], "data-answer")) == as_json(answers[0])


def test_only_the_last_exchange_is_stopped(answers):
    earlier = [Exchange(QUESTION, answer=answers[0]), Exchange("Why?", reason="No.")]
    assert as_stopped([*earlier, Exchange("Who?", is_running=True)]) == [*earlier, Exchange("Who?")]


def test_an_answer_that_the_user_stopped_does_not_fail_afterwards():
    [failed] = as_failed([Exchange("Who?")])
    assert failed.reason == FAILED
    stopped = as_stopped_by_user([Exchange("Who?")])
    assert (stopped[0].reason, as_failed(stopped)) == (STOPPED, stopped)
    assert as_stopped_by_user([failed]) == stopped
    assert as_failed([]) == []


def test_messages_are_in_the_order_of_the_questions(answers):
    messages = chat_messages([Exchange("One?", answer=answers[0]), Exchange("Two?")])
    assert [each["role"] for each in messages] == ["user", "assistant"] * 2
    assert ["One?" in said(messages[0]), "Two?" in said(messages[2])] == [True, True]
    assert chat_messages([]) == []


@pytest.mark.parametrize("question", ["한국에?", "كم؟", "<b>?", "", "a\r\nb", "\ud800?", "e\u0301?"])
def test_awkward_questions_can_be_shown(question):
    asked, told = Exchange(question, (), (Sentence(question or "a", "supported", 1.0, (1,), ()),)).messages()
    assert said(asked) == f"{display_text(question)}Edit"
    (asked["content"] + told["content"]).encode()


# Back from the browser


def test_good_answers_come_back_as_they_were(app, answers):
    kept = json.loads(json.dumps([as_json(answer) for answer in answers]))
    assert restore(app, kept) == [Exchange(answer.question, answer=answer) for answer in answers]
    assert restore(app, []) == []


def test_what_the_chat_shows_can_be_kept_and_comes_back(app, answers):
    messages = chat_messages([Exchange(answer.question, answer=answer) for answer in answers])
    kept = [json.loads(data_of(message, "data-answer")) for message in messages[1::2]]
    assert chat_messages(restore(app, kept)) == messages


def tampered(exported, path, value):
    changed = copy.deepcopy(exported)
    place = changed
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return changed


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param(["text"], "The moon is made of cheese [1].", id="another text"),
        pytest.param(["sentences", 0, "text"], "About 99,000 soldiers are based there", id="another sentence"),
        pytest.param(["citations", 0, "quote"], "<script>alert(1)</script>", id="another quote"),
        pytest.param(["citations", 0, "start"], 0, id="another place"),
        pytest.param(["citations", 0, "article_id"], "gone.md", id="an article that is gone"),
        pytest.param(["citations", 0, "url"], "javascript:alert(1)", id="a link that runs"),
        pytest.param(["citations", 0, "title"], "나루", id="another title"),
        pytest.param(["citations", 0, "sha256"], "0" * 64, id="another text of the article"),
        pytest.param(["citations"], [], id="no quotes"),
        pytest.param(["sentences"], [], id="no sentences"),
        pytest.param(["sentences", 0, "verdict"], "contradicted", id="another verdict"),
        pytest.param(["sentences", 0, "support"], 10**400, id="a number too large"),
        pytest.param(["trace", "seconds"], {"\ud800": 1}, id="half a character in a name"),
        pytest.param(["refusal"], {"reason": "near miss", "message": "No.", "nearest": []}, id="a refusal too"),
        pytest.param(["answered"], False, id="not answered"),
        pytest.param(["coverage"], None, id="no coverage"),
        pytest.param(["question"], "half of \ud83d", id="half a character"),
    ],
)
def test_a_tampered_answer_is_not_shown_and_says_so(app, answers, path, value):
    exported = tampered(as_json(answers[0]), path, value)
    [restored] = restore(app, [exported])
    assert restored.answer is None
    assert restored.reason.startswith("This answer no longer holds: ask again. ")
    assert restored.question == exported["question"]
    asked, told = restored.messages()
    assert display_text(exported["question"]) in said(asked)
    for name in ("sentence", "chip", "disagreement", "refusal"):
        assert f'class="{name}"' not in told["content"]
    assert [each.tag for each in lxml_html.fromstring(told["content"]).iter("script", "a")] == []
    assert json.loads(data_of(told, "data-stored")) == exported
    told["content"].encode()


@pytest.mark.parametrize(
    "foreign",
    [None, 1, "text", [], {}, {"question": 5}, {"question": "나루?"}, [["deep"]], {"\ud800": "\udc00"}],
    ids=repr,
)
def test_what_is_no_answer_says_so_and_is_kept(app, answers, foreign):
    first, second = restore(app, [foreign, as_json(answers[0])])
    assert first.answer is None
    assert "no longer holds" in first.reason
    assert json.loads(first.stored) == foreign
    assert second.answer == answers[0]
    chat_messages([first])[1]["content"].encode()


@pytest.mark.parametrize("kept", ["", "[]", {}, {"answers": []}, 5, True], ids=repr)
def test_what_is_no_conversation_is_told(app, kept):
    with pytest.raises(UsageError, match="is not a list of answers: delete it"):
        restore(app, kept)


def test_of_a_long_conversation_the_last_answers_come_back(app):
    kept = [{"question": f"{place}?"} for place in range(MAX_EXCHANGES + 5)]
    assert [each.question for each in restore(app, kept)] == [f"{place}?" for place in range(5, MAX_EXCHANGES + 5)]


def test_an_answer_whose_article_has_changed_says_so(fresh, encoder):
    text = "Some 28,500 soldiers are based on the peninsula.\n\nThe pier is closed."
    add_articles([make_article(text, "나루.md")], store=fresh.store, encoder=encoder)
    exported = as_json(fresh.ask("How many soldiers are based on the peninsula?"))
    assert exported["answered"]
    assert restore(fresh, [exported])[0].answer
    add_articles([make_article(f"Corrected.\n\n{text}", "나루.md")], store=fresh.store, encoder=encoder)
    [restored] = restore(fresh, [exported])
    assert "the article has changed" in restored.reason
    assert json.loads(restored.stored) == exported
