"""The report page of an evaluation and its charts: figures in words, no external file, markup in data escaped."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from askseoul.evaluation.report import WIDTH, Part, curve, distribution, outcome, report_page, stacked_bars
from askseoul.evaluation.results import as_json
from askseoul.evaluation.scores import Evaluation
from tests.support.snapshots import assert_snapshot, wording_of
from tests.support.troops import TROOPS, answer, citation, gold, scored_run


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
    return as_json(scored_run(), {"encoder": "words", "constants of words": "c"})


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
def test_outcome(known, expected):
    (question,) = [each for each in results()["questions"] if each["id"] == known]
    assert outcome(question) == expected


def test_an_answer_with_some_of_the_facts_is_partly_right():
    assert outcome({"kind": "multi", "answered": True, "correct": 0.5}) == "partly right"


def changes(page):
    """The wording of the section that compares with the earlier run."""
    return wording_of(page).partition("h2: What changed\n")[2].partition("h2: ")[0]


def test_the_wording_is_that_of_the_snapshot():
    run = scored_run()
    timed = Evaluation(tuple(dataclasses.replace(each, seconds=0.25) for each in run.results), run.verifier)
    now, before = as_json(timed, {"encoder": "words"}), as_json(timed, {"encoder": "words"})
    before["questions"][2].update(answered=True, correct=1.0)
    assert_snapshot(
        "evaluation_report.txt",
        {
            "the first run": wording_of(report_page(now)),
            "changes since an earlier run": changes(report_page(now, before)),
            "changes since an equal run": changes(report_page(now, now)),
        },
    )


def test_the_summary_counts_right_wrong_and_refused_answers():
    [summary] = lxml_html.fromstring(report_page(results())).xpath("//p[@class='lead']")
    answerable, unanswerable = [4, 2, 0, 1, 1], [2, 1]  # of them right, partly right, wrong, refused; refused
    assert [int(number) for number in re.findall(r"\d+", summary.text_content())] == answerable + unanswerable


def test_the_page_loads_no_other_file():
    page = report_page(results())
    assert not re.findall(r"(?:src|href)=\"(?!#)|@import|url\(", page)


def test_every_question_is_listed_failures_first():
    listed = [attributes["id"] for tag, attributes in Tags(report_page(results())).tags if tag == "details"]
    assert sorted(listed) == sorted(OUTCOMES)
    assert listed[0] == "invented"


def test_comparison_with_an_earlier_run():
    before = results()
    now = results()
    moved = now["questions"][0]
    moved.update(answered=False, correct=0.0)
    changes = lxml_html.fromstring(report_page(now, before)).xpath("//ul[@class='changes']/li")
    assert [(each.xpath("span/@class")[0], each.xpath("a/@href")) for each in changes] == [("tag worse", ["#held"])]
    assert not lxml_html.fromstring(report_page(before, before)).xpath("//ul[@class='changes']")


HOSTILE = "<script>alert(1)</script> <img src=x onerror=alert(2)> {{ 7 * 7 }} \u202e서울 🇰🇷"


def test_markup_in_articles_and_questions_is_escaped():
    (first, *_) = scored_run().results
    told = answer(f"{HOSTILE} [1].", citation(TROOPS, title=HOSTILE))
    question = dataclasses.replace(gold("d1"), question=HOSTILE)
    hostile = dataclasses.replace(first, question=question, answer=told)
    read = Tags(report_page(as_json(Evaluation((hostile,), scored_run().verifier), {})))
    assert [tag for tag, _ in read.tags].count("script") == 1
    assert "img" not in [tag for tag, _ in read.tags]
    assert HOSTILE in read.text


# Charts


def drawn(svg):
    return ElementTree.fromstring(str(svg))


def numbers(svg, attribute):
    return [float(value) for value in re.findall(rf'\b{attribute}="(-?[\d.]+)"', str(svg))]


def test_a_bar_is_as_wide_as_its_share_and_labelled_with_it():
    svg = stacked_bars([("fact", [Part(3, "right", "good"), Part(0, "wrong", "bad"), Part(1, "refused", "refused")])])
    first, second = drawn(svg).iter("rect")
    assert float(first.get("width")) / float(second.get("width")) == pytest.approx(3, abs=0.1)
    assert [title.text for title in drawn(svg).iter("title")] == [
        "fact: 3 of 4 right", "fact: 1 of 4 refused",
    ]  # fmt: skip
    assert drawn(svg).get("aria-label") == "fact: 3 right, 1 refused"
    assert "3 of 4" in str(svg)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40), st.integers(0, 9), st.integers(0, 9))
def test_names_in_charts_are_escaped(name, one, two):
    svg = stacked_bars([(name, [Part(one, name, "good"), Part(two, name, "bad")])])
    assert name in "".join(drawn(svg).itertext())


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=30))
def test_a_curve_stays_within_its_frame(points):
    svg = curve(points, "kept", "not right")
    path = [float(value) for value in re.findall(r"[-\d.]+", drawn(svg).find("path").get("d"))]
    assert all(0 <= value <= WIDTH for value in path)


def test_the_label_of_a_curve_gives_both_ends():
    assert drawn(curve([(0.5, 0.0), (1.0, 0.25)], "kept", "not right")).get("aria-label") == (
        "not right by kept: 0% at first, 25% at the end"
    )


@given(st.lists(st.floats(0.001, 1000), min_size=1, max_size=60))
def test_every_time_falls_into_exactly_one_bar(seconds):
    titles = [title.text for title in drawn(distribution(seconds, [])).iter("title")]
    assert sum(int(title.split()[0]) for title in titles) == len(seconds)


def test_no_values_give_no_chart():
    assert (curve([], "a", "b"), distribution([], [])) == ("", "")
