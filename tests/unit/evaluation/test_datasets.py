"""Gold questions read from JSONL, with errors that name file and line."""

from __future__ import annotations

import json

import pytest

from askseoul.errors import UsageError
from askseoul.evaluation.datasets import GoldEvidence, GoldQuestion, load_gold

TROOPS = "About 28,500 troops are in Korea."
LINE = {
    "id": "d1",
    "kind": "fact",
    "lang": "en",
    "question": "How many?",
    "facts": [["28[,.]?500", "twenty-eight"]],
    "evidence": [{"article": "troops.md", "quote": TROOPS}],
}


def write(folder, *lines):
    path = folder / "gold.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_gold_questions_are_read_past_empty_lines_and_unknown_keys(tmp_path):
    other = LINE | {"id": "d2", "kind": "unanswerable", "facts": [], "evidence": [], "note": "near miss"}
    path = write(tmp_path, json.dumps(LINE) + "\r", "", json.dumps(other, ensure_ascii=False), "")
    assert load_gold(path) == [
        GoldQuestion(
            "d1", "fact", "en", "How many?", (("28[,.]?500", "twenty-eight"),), (GoldEvidence("troops.md", TROOPS),)
        ),
        GoldQuestion("d2", "unanswerable", "en", "How many?", (), ()),
    ]


def test_optional_fields(tmp_path):
    more = {"aspect": "follow-up", "history": ["Are there troops?"], "answers": ["28,500", "about 28,500"]}
    (question,) = load_gold(write(tmp_path, json.dumps(LINE | more)))
    assert (question.aspect, question.history, question.answers) == (
        "follow-up", ("Are there troops?",), ("28,500", "about 28,500"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"aspect": "hard"}, "aspect: Input should be 'who says it', ", id="aspect"),
        pytest.param({"history": "before"}, "history: Input should be a valid array", id="history-as-text"),
        pytest.param({"answers": [3]}, "answers.0: Input should be a valid string", id="number-as-answer"),
        pytest.param({"kind": "riddle"}, "kind: Input should be 'fact', 'explain'", id="kind"),
        pytest.param({"question": ""}, "question: it must not be empty", id="no-question"),
        pytest.param({"id": 1}, "id: Input should be a valid string", id="number-as-id"),
        pytest.param({"id": "first"}, "id: 'first' was used before", id="same-id"),
        pytest.param({"facts": ["28,500"]}, "facts.0: Input should be a valid array", id="fact-without-a-list"),
        pytest.param({"facts": [[]]}, "facts: it must not contain", id="fact-without-alternatives"),
        pytest.param({"facts": [[28]]}, "facts.0.0: Input should be a valid string", id="number-as-fact"),
        pytest.param({"facts": [["("]]}, "facts: '(' is not a regular expression", id="bad-expression"),
        pytest.param({"facts": []}, "facts: they must be empty for an unanswerable question, and only", id="no-facts"),
        pytest.param({"facts": 3}, "facts: Input should be a valid array", id="number-as-facts"),
        pytest.param({"evidence": [{"article": "a.md"}]}, "evidence.0.quote: Field required", id="no-quote"),
        pytest.param({"evidence": ["a.md"]}, "evidence.0: Input should be an object", id="evidence-as-text"),
        pytest.param(
            {"evidence": [{"article": "a.md", "quote": 3}]}, "evidence.0.quote: Input should be", id="number-as-quote"
        ),
    ],
)
def test_an_invalid_line_is_reported_with_file_and_number(tmp_path, changes, message):
    path = write(tmp_path, json.dumps(LINE | {"id": "first"}), "", json.dumps(LINE | changes))
    with pytest.raises(UsageError, match=r"gold\.jsonl, line 3 is not a gold question: ") as raised:
        load_gold(path)
    assert message in str(raised.value)


def test_a_draft_is_rejected_until_it_is_reviewed(tmp_path):
    draft = LINE | {"id": "d2", "facts": [], "evidence": [], "draft": True, "opinion": "wrong answer"}
    path = write(tmp_path, json.dumps(LINE), json.dumps(draft))
    with pytest.raises(
        UsageError, match=r"gold\.jsonl, line 2 is not a gold question: it is a draft\. Review it: fill"
    ):
        load_gold(path)
    reviewed = {key: value for key, value in draft.items() if key != "draft"}
    _, question = load_gold(
        write(tmp_path, json.dumps(LINE), json.dumps(reviewed | {key: LINE[key] for key in ("facts", "evidence")}))
    )
    assert (question.id, question.facts) == ("d2", (("28[,.]?500", "twenty-eight"),))


@pytest.mark.parametrize(
    "line", [pytest.param("[1]", id="list"), pytest.param("{", id="broken"), pytest.param("x", id="text")]
)
def test_a_line_that_is_not_a_json_object_is_reported(tmp_path, line):
    with pytest.raises(UsageError, match=r"gold\.jsonl, line 1 is not a gold question"):
        load_gold(write(tmp_path, line))


def test_a_missing_key_is_reported(tmp_path):
    record = {key: value for key, value in LINE.items() if key != "evidence"}
    with pytest.raises(UsageError, match="evidence: Field required"):
        load_gold(write(tmp_path, json.dumps(record)))


def test_an_empty_or_missing_file_is_reported(tmp_path):
    with pytest.raises(UsageError, match="holds no gold question"):
        load_gold(write(tmp_path, "", ""))
    with pytest.raises(UsageError, match="can't be read"):
        load_gold(tmp_path / "absent.jsonl")
