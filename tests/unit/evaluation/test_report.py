"""The page of a report: what it tells, that it needs no other file, and that texts stay texts."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser

import pytest

from askseoul.evaluation.report import outcome, report_page
from askseoul.evaluation.results import as_json
from askseoul.evaluation.scores import Evaluation
from tests.support.troops import TROOPS, answer, citation, gold
from tests.unit.evaluation.test_evaluation import run


class Tags(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def results():
    return as_json(run(), {"encoder": "words", "constants of words": "c"})


OUTCOMES = {
    "held": "right",
    "not held": "wrong",
    "refused": "refused in error",
    "both": "right",
    "near miss": "right",
    "invented": "answered in error",
    "한국": "refused in error",
}


@pytest.mark.parametrize(("known", "expected"), OUTCOMES.items(), ids=OUTCOMES)
def test_what_became_of_a_question(known, expected):
    (question,) = [each for each in results()["questions"] if each["id"] == known]
    assert outcome(question) == expected


def test_some_of_the_facts_make_it_partly_right():
    assert outcome({"kind": "multi", "answered": True, "correct": 0.5}) == "partly right"


def test_the_first_lines_tell_how_good_the_answers_are():
    text = " ".join(Tags(report_page(results())).text.split())
    assert "Of 4 questions that the articles answer, 2 were answered with all their facts, 0 with some, 1 with" in text
    assert "Of 2 questions that the articles do not answer, 1 were refused." in text
    assert "There is no earlier run to compare with." in text


def test_the_page_needs_no_other_file():
    page = report_page(results())
    assert not re.findall(r"(?:src|href)=\"(?!#)|@import|url\(", page)


def test_every_question_is_listed_those_that_went_wrong_first():
    listed = [attributes["id"] for tag, attributes in Tags(report_page(results())).tags if tag == "details"]
    assert sorted(listed) == sorted(OUTCOMES)
    assert listed[0] == "invented"


def test_a_second_run_says_what_changed():
    before = results()
    now = results()
    moved = now["questions"][0]
    moved.update(answered=False, correct=0.0)
    text = " ".join(Tags(report_page(now, before)).text.split())
    assert "▼ worse held right before, refused in error now" in text
    assert "Nothing: every figure is within chance of the earlier run" in " ".join(
        Tags(report_page(before, before)).text.split()
    )


HOSTILE = "<script>alert(1)</script> <img src=x onerror=alert(2)> {{ 7 * 7 }} \u202e서울 🇰🇷"


def test_texts_of_articles_and_questions_stay_texts():
    (first, *_) = run().results
    told = answer(f"{HOSTILE} [1].", citation(TROOPS, title=HOSTILE))
    question = dataclasses.replace(gold("d1"), question=HOSTILE)
    hostile = dataclasses.replace(first, question=question, answer=told)
    read = Tags(report_page(as_json(Evaluation((hostile,), run().verifier), {})))
    assert [tag for tag, _ in read.tags].count("script") == 1
    assert "img" not in [tag for tag, _ in read.tags]
    assert HOSTILE in read.text
