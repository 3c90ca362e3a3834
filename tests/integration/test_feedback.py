from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor

import pytest

from askseoul.errors import UsageError
from askseoul.evaluation.datasets import load_gold
from askseoul.evaluation.feedback import LONGEST_NOTE, append_draft, draft_question
from askseoul.evaluation.metrics import facts_held

TROOPS = "How many US troops are in Korea?"
OFF_TOPIC = "Who painted The Night Watch?"


def reviewed(draft, **filled):
    return {key: value for key, value in draft.items() if key != "draft"} | filled


def load(folder, record):
    path = folder / "gold.jsonl"
    path.write_text(json.dumps(record), encoding="utf-8")
    return load_gold(path)


def test_an_answer_called_right_becomes_a_question_with_its_facts_and_quotes(app):
    answer = app.ask(TROOPS)
    draft = draft_question(answer, "right", "as the article has it", ["What is the USFK?"])
    assert draft == {
        "id": draft["id"],
        "kind": "fact",
        "lang": "en",
        "question": TROOPS,
        "facts": [[r"(?<!\w)28,?500(?!\w)"]],
        "evidence": [{"article": each.article_id, "quote": each.quote} for each in answer.citations],
        "history": ["What is the USFK?"],
        "draft": True,
        "opinion": "right",
        "note": "as the article has it",
        "answer": answer.text,
        "as_of": None,
    }


@pytest.mark.parametrize(
    ("question", "facts"),
    [
        pytest.param("When was the China-South Korea Free Trade Agreement signed?", ["2015"], id="date"),
        pytest.param("How large was the trade deficit with China in 2023?", ["$18 billion"], id="sum"),
        pytest.param("What does Elbridge Colby promote?", ["Pentagon", "China"], id="names"),
    ],
)
def test_facts_are_what_the_answer_tells_beside_the_question(app, question, facts):
    answer = app.ask(question)
    drafted = draft_question(answer, "right", "")["facts"]
    assert len(drafted) == len(facts)
    assert all(facts_held(text, [fact]) == 1 for text, fact in zip(facts, drafted, strict=True))
    assert facts_held(answer.text, drafted) in (1, None)


def test_of_a_question_for_a_person_the_facts_are_names(app):
    facts = draft_question(app.ask("Whom did Lee telephone first after the election?"), "right", "")["facts"]
    assert [r"(?<!\w)Donald\s+Trump(?!\w)"] in facts


def test_a_disagreement_called_right_has_a_fact_for_each_side(app):
    answer = app.ask("Is Trump still president?")
    (disagreement,) = answer.disagreements
    draft = draft_question(answer, "right", "")
    assert draft["kind"] == "conflict"
    for place, fact in enumerate(draft["facts"]):
        assert [facts_held(side.text, [fact]) for side in disagreement.sides] == [place == 0, place == 1]
    assert facts_held(answer.text, draft["facts"]) == 1


@pytest.mark.parametrize(
    ("question", "opinion", "kind"),
    [
        pytest.param(TROOPS, "wrong answer", "fact", id="wrong-answer"),
        pytest.param(TROOPS, "wrong source", "fact", id="wrong-source"),
        pytest.param(TROOPS, "should have refused", "unanswerable", id="should-have-refused"),
        pytest.param(OFF_TOPIC, "right", "unanswerable", id="refusal-right"),
        pytest.param(OFF_TOPIC, "should have refused", "unanswerable", id="refusal-as-it-should"),
        pytest.param(OFF_TOPIC, "wrong answer", "fact", id="refusal-wrong"),
        pytest.param("Is Trump still president?", "wrong answer", "fact", id="disagreement-wrong"),
    ],
)
def test_of_what_is_wrong_or_unanswerable_nothing_is_filled(app, question, opinion, kind):
    draft = draft_question(app.ask(question), opinion, "")
    assert (draft["kind"], draft["facts"], draft["evidence"]) == (kind, [], [])


def test_an_opinion_has_one_id_and_another_opinion_has_another(app):
    answer = app.ask(TROOPS)
    once = draft_question(answer, "right", "first")["id"]
    assert draft_question(app.ask(TROOPS), "right", "again")["id"] == once
    others = {
        draft_question(answer, "wrong answer", "")["id"],
        draft_question(answer, "right", "", ["What is the USFK?"])["id"],
        draft_question(app.ask(OFF_TOPIC), "right", "")["id"],
    }
    assert len(others - {once}) == 3


def test_a_note_loses_what_nobody_sees_and_may_not_be_endless(app):
    answer = app.ask(TROOPS)
    assert draft_question(answer, "right", " fi\x00ne\u200b\r\nby me\ud800 ")["note"] == "fine\nby me\ufffd"
    assert draft_question(answer, "right", "x" * LONGEST_NOTE)["note"] == "x" * LONGEST_NOTE
    with pytest.raises(UsageError, match="The note has 2,001 characters; the maximum is 2,000"):
        draft_question(answer, "right", "x" * 2001)


def test_an_opinion_of_no_known_kind_is_a_mistake(app):
    with pytest.raises(UsageError, match="The opinion is 'nice': give one of right, wrong answer, wrong source"):
        draft_question(app.ask(TROOPS), "nice", "")


@pytest.mark.parametrize(
    ("question", "opinion", "filled"),
    [
        pytest.param(TROOPS, "right", {}, id="right"),
        pytest.param("Is Trump still president?", "right", {}, id="conflict"),
        pytest.param(OFF_TOPIC, "right", {}, id="refusal"),
        pytest.param(TROOPS, "wrong answer", {"facts": [["28,500"]]}, id="filled-by-hand"),
    ],
)
def test_a_draft_is_gold_only_when_it_was_reviewed(app, tmp_path, question, opinion, filled):
    draft = draft_question(app.ask(question), opinion, "", ["And before?"])
    with pytest.raises(UsageError, match="line 1 is not a gold question: it is a draft"):
        load(tmp_path, draft)
    (gold,) = load(tmp_path, reviewed(draft, **filled))
    assert (gold.question, gold.kind, gold.history) == (question, draft["kind"], ("And before?",))


def test_drafts_are_appended_in_words_and_an_open_line_is_closed(tmp_path):
    path = tmp_path / "made" / "drafts.jsonl"
    append_draft({"id": "a", "note": "서울"}, path)
    assert path.read_text(encoding="utf-8") == '{"id": "a", "note": "서울"}\n'
    path.write_text('{"id": "b"}', encoding="utf-8")
    append_draft({"id": "c"}, path)
    assert path.read_text(encoding="utf-8") == '{"id": "b"}\n{"id": "c"}\n'


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"can't be written .*: choose another file for feedback"):
        append_draft({"id": "a"}, tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"file/drafts\.jsonl can't be written"):
        append_draft({"id": "a"}, tmp_path / "file" / "drafts.jsonl")


def _keep_many(path, name):
    for number in range(20):
        append_draft({"id": f"{name}-{number}", "note": "x" * 5000}, path)


def test_several_processes_keep_drafts_at_once(tmp_path):
    path = tmp_path / "drafts.jsonl"
    with ProcessPoolExecutor(3) as pool:
        for done in [pool.submit(_keep_many, path, name) for name in "abc"]:
            done.result()
    kept = [json.loads(line)["id"] for line in path.read_text(encoding="utf-8").splitlines()]
    assert sorted(kept) == sorted(f"{name}-{number}" for name in "abc" for number in range(20))
