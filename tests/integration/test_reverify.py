"""An exported answer holds as it was made, and no longer once anything in it that was proved is changed."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.answering.answerability import Decision
from askseoul.answering.assembly import AnswerBuilder, QueryContext, refuse
from askseoul.answering.drafting import quote_draft
from askseoul.answering.reverify import load_exported, reverify, verified_answer
from askseoul.domain import (
    Answer,
    Article,
    Draft,
    DraftDisagreement,
    Evidence,
    Hit,
    Passage,
    Quote,
    Span,
    Trace,
    as_json,
    record_of,
)
from askseoul.errors import AnswerInvalid, ArticleUnknown
from askseoul.ingest.articles import read_article
from askseoul.nlp.text import split_sentences
from askseoul.retrieval.search import Filter
from tests.support.articles import verify_drafts
from tests.support.fakes import word_reader
from tests.support.processes import run_python

DIGESTS = sorted((Path(__file__).parents[2] / "index" / "articles").glob("*.md"))


def article(name, text, **known):
    facts = {"title": name, "source": None, "published": None, "url": None, "language": "en", "places": ()} | known
    return Article(name, text, hashlib.sha256(text.encode()).hexdigest(), **facts)


TROOPS = article(
    "troops.md",
    "# Troops\n\nAbout 28,500 US troops are stationed in South Korea. Washington did not announce a withdrawal. "
    "“Will they stay?” asked Ambassador Kim on 3 May 2024. The U.S. Army pays 2.5 percent more than in 2019 [12]. "
    "The two governments signed the cost-sharing agreement in October, i.e. before the vote.",
    title="Troops",
    source="The Daily",
    published="2024-05-04",
    url="https://example.org/troops",
)
SEOUL = article(
    "서울.txt",
    "서울의 인구는 940만 명이다. Seoul has 9.4 million inhabitants 🙂. Mayor Oh [sic] may raise fares by 150 won. "
    "Café Gwanghwamun has closed. He said: “No. Never!” They left.\n\nThe tower opened (in 1969).",
)
ARTICLES = {each.id: each for each in (TROOPS, SEOUL)}


def read(article_id):
    if article_id not in ARTICLES:
        raise ArticleUnknown(f"The index holds no article {article_id!r}.")
    return ARTICLES[article_id]


def quote(where, text):
    start = where.text.index(text)
    return Quote(where, start, start + len(text))


def context():
    return QueryContext("1", "How many?", "en", Filter(2, 0), (), Trace({}, "none", "all-MiniLM-L6-v2"))


def exported(answer):
    return json.loads(json.dumps(dataclasses.asdict(answer)))


def evidence(*quotes):
    for each in quotes:
        passage = Passage(each.article.id, each.start, each.end, each.text, (Span(each.start, each.end),))
        yield Evidence(each, Hit(each.article, passage, 0.5), 1.0)


def made_of(*drafts):
    return verify_drafts(context(), drafts, [], word_reader())


def faults_of(answer, read_article=read):
    return reverify(answer, read_article, word_reader())


def answered(*drafts):
    answer = made_of(*drafts)
    assert answer.answered
    return exported(answer)


def refused(reason="near miss", detail=""):
    nearest = list(evidence(quote(SEOUL, "Seoul has 9.4 million inhabitants"), quote(TROOPS, "About 28,500 US troops")))
    return exported(refuse(context(), Decision(reason, detail), nearest))


STATIONED = quote(TROOPS, "About 28,500 US troops are stationed in South Korea.")
FARES = quote(SEOUL, "Mayor Oh [sic] may raise fares by 150 won.")
SENTENCES = [Quote(each, span.start, span.end) for each in ARTICLES.values() for span in split_sentences(each.text)]


@pytest.fixture
def answer():
    return answered(Draft("In South Korea, 28,500 US troops are stationed.", (STATIONED,)), quote_draft(FARES))


def test_an_answer_as_it_was_made_holds(answer):
    assert answer["text"] == (
        "In South Korea, 28,500 US troops are stationed [1]. Mayor Oh [sic] may raise fares by 150 won [2]."
    )
    assert faults_of(answer) == []


def test_an_answer_that_was_exported_before_there_were_dates_holds(answer):
    del answer["as_of"]
    answer["coverage"] = {"articles": 2, "retrieved": 2, "cited": 2, "oldest": None, "newest": None, "undated": 2}
    assert faults_of(answer) == []


@given(st.lists(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=2, unique=True), min_size=1, max_size=5))
def test_whatever_verification_makes_holds(groups):
    drafts = [Draft(quote_draft(group[0]).text, tuple(group)) for group in groups]
    assert faults_of(exported(made_of(*drafts))) == []


@pytest.mark.parametrize(
    ("said", "is_kept"),
    [
        ("In South Korea, 28,500 [US] troops are stationed", True),
        ("In South Korea, 28,500 US troops [are stationed]", True),
        ("Troops of the US, 28,500, are in “South Korea.”", True),
        ("In South Korea, 28,500 U.S. troops are stationed …", True),
        ("In South Korea, 28,500 troops [12] are stationed", False),
        ("In South Korea, 28,500 US troops [are stationed] [1]", False),
        ("In South Korea, 28,500 US troops are stationed [2024]", False),
    ],
)
def test_brackets_and_marks_in_a_claim_do_not_end_it(said, is_kept):
    made = exported(made_of(Draft(said, (STATIONED,)), quote_draft(FARES)))
    assert (made["sentences"][0]["text"] == said) is is_kept
    assert made["text"].count("[2]") == 1
    assert faults_of(made) == []


@pytest.mark.parametrize("path", DIGESTS, ids=lambda path: path.name)
def test_every_sentence_of_the_digests_holds_as_its_own_quote(path):
    digest = read_article(path)
    drafts = [quote_draft(Quote(digest, span.start, span.end)) for span in split_sentences(digest.text)]
    assert faults_of(exported(made_of(*drafts)), lambda _: digest) == []


@pytest.mark.parametrize(
    ("reason", "detail"),
    [
        ("near miss", ""),
        ("near miss", "They give no number for it."),
        ("nothing relevant", ""),
        ("not understood", "It is long."),
    ],
)
def test_a_refusal_as_it_was_made_holds(reason, detail):
    assert faults_of(refused(reason, detail)) == []


def test_what_is_not_there_is_not_asked_for(answer):
    del answer["sentences"], answer["disagreements"], answer["refusal"], answer["trace"]
    assert faults_of({**answer, "added later": 1}) == []


# What is changed, and what the first line then says

TAMPERED = {
    "another number in the text": (
        lambda a: a.update(text=a["text"].replace("28,500", "29,500")),
        "Sentence “In South Korea, 29,500 US troops are stationed”: its quotes do not support it",
    ),
    "another number in the text and the sentences": (
        lambda a: everywhere(a, "28,500", "29,500"),
        "numbers (not in the quotes: 29,500)",
    ),
    "another name in the text and the sentences": (
        lambda a: everywhere(a, "South Korea", "Japan"),
        "names (not in the quotes: Japan)",
    ),
    "a letter in the text": (
        lambda a: a.update(text=a["text"].replace("troops", "trxops")),
        "`sentences` and its `text` differ",
    ),
    "a letter in the quote": (
        lambda a: a["citations"][0].update(quote="About 28,500 US trxops are stationed in South Korea."),
        "Citation [1] “About 28,500 US trxops are stationed in South Korea.”: "
        "troops.md 10:62 reads “About 28,500 US troops are stationed in South Korea.”",
    ),
    "an empty quote": (lambda a: a["citations"][0].update(quote="", end=a["citations"][0]["start"]), "is not in the"),
    "the start": (lambda a: a["citations"][0].update(start=11), "the quote is not at troops.md 11:62 but at 10:62."),
    "an end far away": (lambda a: a["citations"][0].update(end=10**30), "the quote is not at troops.md 10:1000"),
    "a start before the article": (lambda a: a["citations"][0].update(start=-5), "not at troops.md -5:62 but at 10:62"),
    "the hash": (
        lambda a: a["citations"][0].update(sha256="0" * 64),
        "the article has changed; the quote is still at troops.md 10:62.",
    ),
    "the title": (lambda a: a["citations"][0].update(title="Peace"), "the `title` of troops.md is 'Troops', not"),
    "the source": (lambda a: a["citations"][0].update(source=None), "`source` of troops.md is 'The Daily', not None."),
    "the date": (lambda a: a["citations"][0].update(published="2025-05-04"), "of troops.md is '2024-05-04', not"),
    "the address": (lambda a: a["citations"][1].update(url="https://x.org"), "is None, not 'https://x.org'."),
    "the article": (lambda a: a["citations"][0].update(article_id="gone.md"), "holds no article 'gone.md'"),
    "two numbers swapped in the text": (
        lambda a: a.update(text=a["text"].replace("[1]", "[0]").replace("[2]", "[1]").replace("[0]", "[2]")),
        "Sentence “In South Korea, 28,500 US troops are stationed”: its quotes do not support it",
    ),
    "two numbers swapped in the citations": (lambda a: renumber(a, 2, 1), "Citation [2] “About 28,500"),
    "a number given twice": (lambda a: renumber(a, 1, 1), "its number should be 2."),
    "a number that no citation has": (
        lambda a: everywhere(a, "[2]", "[3]"),
        "it cites [3], which is missing or invalid.",
    ),
    "the first citation removed": (lambda a: a["citations"].pop(0), "its number should be 1."),
    "the last citation removed": (lambda a: a["citations"].pop(), "it cites [2], which is missing or invalid."),
    "all citations removed": (lambda a: a["citations"].clear(), "it cites [1], which is missing or invalid."),
    "a marker removed from the text": (lambda a: everywhere(a, " [1]", ""), "differ"),
    "the last marker removed": (
        lambda a: a.update(text="Mayor Oh [sic] may raise fares by 150 won."),
        "Sentence “Mayor Oh [sic] may raise fares by 150 won.”: it has no citation.",
    ),
    "a sentence with a citation added to the text": (
        lambda a: a.update(text=a["text"] + " The mayor resigned in March [2]."),
        "Sentence “The mayor resigned in March”: its quotes do not support it",
    ),
    "a sentence without a citation added to the text": (
        lambda a: a.update(text=a["text"] + " The mayor resigned."),
        "Sentence “The mayor resigned.”: it has no citation.",
    ),
    "a sentence put first in the text, before another's citation": (
        lambda a: a.update(text="The mayor resigned. " + a["text"]),
        "Sentence “The mayor resigned.”: its quotes do not support it",
    ),
    "the same in the sentences too": (
        lambda a: everywhere(a, "In South", "The mayor resigned. In South"),
        "Sentence “The mayor resigned.”: its quotes do not support it",
    ),
    "a citation with nothing before it": (lambda a: a.update(text=" [1]. " + a["text"]), "differ"),
    "a sentence added to the sentences": (
        lambda a: a["sentences"].append({**a["sentences"][0], "text": "Troops are stationed in South Korea"}),
        "`sentences` and its `text` differ",
    ),
    "a forged sentence added to both": (
        lambda a: (
            a["sentences"].append({**a["sentences"][0], "text": "The mayor of Busan resigned"}),
            a.update(text=a["text"] + " The mayor of Busan resigned [1]."),
        ),
        "Sentence “The mayor of Busan resigned”: its quotes do not support it",
    ),
    "no sentences": (lambda a: a["sentences"].clear(), "differ"),
    "a sentence's citations": (lambda a: a["sentences"][0].update(citations=[2]), "differ"),
    "a sentence's verdict": (
        lambda a: a["sentences"][0].update(verdict="contradicted"),
        "its verdict in the file is contradicted.",
    ),
    "a check that failed": (
        lambda a: a["sentences"][0]["checks"][0].update(passed=False),
        "its verdict in the file is supported, with failed checks: quotes.",
    ),
    "nothing said": (lambda a: a.update(text="", sentences=[]), "It is marked as answered, but its text is empty."),
    "marked as not answered": (lambda a: a.update(answered=False), "It is marked as not answered, but has sentences"),
    "a refusal beside the answer": (
        lambda a: a.update(refusal=refused()["refusal"]),
        "It is both an answer and a refusal.",
    ),
    "a forged disagreement": (
        lambda a: a["disagreements"].append(
            {"about": "fares", "kind": "conflict", "sides": [{"text": "Fares fell by 300 won", "citations": [2]}]}
        ),
        "Its `sentences` and its `text` differ.",
    ),
    "a disagreement without a citation": (
        lambda a: a["disagreements"].append(
            {"about": "fares", "kind": "conflict", "sides": [{"text": "Fares fell", "citations": []}]}
        ),
        "Disagreement “fares”: a side has no valid citation.",
    ),
    "an offset that is no number": (lambda a: a["citations"][0].update(start="10"), "citations[0].start is “'10'”"),
    "an offset that is true": (lambda a: a["citations"][0].update(start=True), "citations[0].start is “True”"),
    "an offset that is missing": (lambda a: a["citations"][1].pop("end"), "citations[1].end is missing."),
    "a kind of verdict that is none": (lambda a: a["sentences"][0].update(verdict="true"), "sentences[0].verdict is"),
    "citations that are no list": (lambda a: a.update(citations={}), "citations is “{}”"),
    "a citation that is none": (lambda a: a["citations"].append(3), "citations[2] is not an object."),
    "half a character": (lambda a: a["citations"][0].update(article_id="\ud83d"), "citations[0].article_id is"),
}  # fmt: skip


def everywhere(answer, old, new):
    answer["text"] = answer["text"].replace(old, new)
    for sentence in answer["sentences"]:
        sentence["text"] = sentence["text"].replace(old, new)


def renumber(answer, *numbers):
    for citation, number in zip(answer["citations"], numbers, strict=True):
        citation["number"] = number


@pytest.mark.parametrize(("tamper", "line"), TAMPERED.values(), ids=TAMPERED)
def test_a_changed_answer_does_not_hold(answer, tamper, line):
    tamper(answer)
    faults = faults_of(answer)
    assert any(line in fault for fault in faults), faults


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("may raise", "raised", id="a hedge dropped"),
        pytest.param("may raise", "may lower", id="the opposite"),
        pytest.param("are stationed", "are not stationed", id="a denial put in"),
        pytest.param("are stationed", "are withdrawn", id="another deed"),
    ],
)
def test_a_change_that_only_a_reader_can_tell_does_not_hold(answer, reader, old, new):
    assert reverify(answer, read, reader) == []
    everywhere(answer, old, new)
    assert any("its quotes do not support it: reading" in fault for fault in reverify(answer, read, reader))


REFUSALS = {
    "marked as answered": (lambda a: a.update(answered=True), "It is both an answer and a refusal."),
    "another text": (lambda a: a.update(text="The articles say yes."), "is not the refusal's message"),
    "another message": (
        lambda a: (a.update(text="Yes."), a["refusal"].update(message="Yes.")),
        "The refusal's message “Yes.” does not match its reason “near miss”.",
    ),
    "a message run on": (
        lambda a: (a.update(text=a["text"] + "s"), a["refusal"].update(message=a["text"] + "s")),
        "does not match its reason “near miss”",
    ),
    "another reason": (
        lambda a: a["refusal"].update(reason="not understood"),
        "does not match its reason “not understood”",
    ),
    "no refusal": (lambda a: a.update(refusal=None), "It is marked as not answered, but has no refusal."),
    "a sentence": (
        lambda a: a["sentences"].append(answered(quote_draft(FARES))["sentences"][0]),
        "has sentences, citations or disagreements",
    ),
    "a nearest quote": (
        lambda a: a["refusal"]["nearest"][0].update(quote="Seoul has 9.5 million inhabitants"),
        "reads “Seoul has 9.4 million inhabitants”",
    ),
    "a nearest quote's number": (lambda a: a["refusal"]["nearest"][0].update(number=2), "its number should be 1"),
}


@pytest.mark.parametrize(("tamper", "line"), REFUSALS.values(), ids=REFUSALS)
def test_a_changed_refusal_does_not_hold(tamper, line):
    refusal = refused()
    tamper(refusal)
    faults = faults_of(refusal)
    assert any(line in fault for fault in faults), faults


MADE = answered(*map(quote_draft, (STATIONED, FARES, quote(SEOUL, "The tower opened (in 1969)."))))


@given(st.data())
def test_no_letter_or_digit_of_what_is_shown_can_be_changed(data):
    changed = copy.deepcopy(MADE)
    holder, key = data.draw(
        st.sampled_from(
            [(changed, "text")]
            + [(each, "text") for each in changed["sentences"]]
            + [(each, key) for each in changed["citations"] for key in ("quote", "title", "sha256", "article_id")]
        )
    )
    places = [match.start() for match in re.finditer(r"[^\W_]", holder[key])]
    place = data.draw(st.sampled_from(places))
    other = data.draw(st.sampled_from("abcXYZ0123456789가é").filter(lambda char: char != holder[key][place]))
    holder[key] = holder[key][:place] + other + holder[key][place + 1 :]
    assert faults_of(changed) != []


@given(st.integers(0, 2), st.sampled_from(["start", "end", "number"]), st.integers(-20, 600))
def test_no_offset_or_number_can_be_changed(which, key, value):
    changed = copy.deepcopy(MADE)
    is_same = changed["citations"][which][key] == value
    changed["citations"][which][key] = value
    assert (faults_of(changed) == []) == is_same


def test_where_a_quote_stands_in_a_changed_article_is_told(answer):
    moved = article(TROOPS.id, "Corrected.\n\n" + TROOPS.text, title="Troops", source="The Daily",
                    published=TROOPS.published, url=TROOPS.url)  # fmt: skip
    assert faults_of(answer, lambda article_id: moved if article_id == TROOPS.id else read(article_id)) == [
        "Citation [1] “About 28,500 US troops are stationed in South Korea.”: "
        "the article has changed; the quote is not at troops.md 10:62 but at 22:74.",
        "Sentence “In South Korea, 28,500 US troops are stationed”: it cites [1], which is missing or invalid.",
    ]


def test_the_hash_of_an_article_is_reckoned_not_believed(answer):
    lying = dataclasses.replace(TROOPS, text=TROOPS.text + " More.")
    faults = faults_of(answer, lambda article_id: lying if article_id == TROOPS.id else read(article_id))
    assert "the article has changed; the quote is still at troops.md 10:62." in faults[0]


# Disagreements, who says it, and when

DEBATE = article(
    "debate.md",
    "The bridge is unsafe and must be closed. Exports fell last year.\n\nScenario 1: A Closed Bridge\n\n"
    "Ferries carry the cars.",
    published="2024-03-01",
)
OLDER = article("older.md", "The bridge is safe. Engineer Ada Park said it will stand.", published="2023-11-20")
ARTICLES |= {each.id: each for each in (DEBATE, OLDER)}


def drafted(where, text):
    return quote_draft(quote(where, text))


@pytest.fixture
def disputed():
    sides = (drafted(OLDER, "The bridge is safe."), drafted(DEBATE, "The bridge is unsafe and must be closed."))
    builder = AnswerBuilder(context(), [], word_reader())
    builder.add_disagreement(DraftDisagreement("Is the bridge safe", "superseded", sides))
    for draft in (drafted(DEBATE, "Exports fell last year."), drafted(DEBATE, "Ferries carry the cars.")):
        builder.add(draft)
    return exported(builder.build())


def test_sides_stand_together_and_leads_and_readings_are_part_of_the_text(disputed):
    assert disputed["text"] == (
        "A later article updates an earlier one. The bridge is safe [1]. "
        "One of the articles argues: The bridge is unsafe and must be closed [2]. "
        "Exports fell last year [3] (“last year”: 2023). "
        "In the scenario “A Closed Bridge”: Ferries carry the cars [4][5]."
    )
    assert [sentence["stance"] for sentence in disputed["sentences"]] == ["states", "states", "states", "forecasts"]
    assert faults_of(disputed) == []


def change_text(old, new):
    def change(answer):
        everywhere(answer, old, new)
        for disagreement in answer["disagreements"]:
            for side in disagreement["sides"]:
                side["text"] = side["text"].replace(old, new)

    return change


def same_dates(answer):
    answer["disagreements"][0]["sides"][0]["published"] = "2024-03-01"


def one_article(answer):
    answer["disagreements"][0]["sides"][1] = answer["disagreements"][0]["sides"][0]


@pytest.mark.parametrize(
    ("tamper", "line"),
    [
        pytest.param(
            change_text("One of the articles argues: ", ""), "must begin with “One of", id="an opinion as a fact"
        ),
        pytest.param(
            change_text("In the scenario “A Closed Bridge”: ", ""),
            "must begin with “In the",
            id="a scenario as a fact",
        ),
        pytest.param(
            change_text("The bridge is safe", "One of the articles argues: The bridge is safe"),
            "it must not begin with “One of the articles argues:”.",
            id="a fact as an opinion",
        ),
        pytest.param(change_text("“A Closed Bridge”", "“An Open Bridge”"), "An Open Bridge", id="another scenario"),
        pytest.param(
            lambda a: a.update(text=a["text"].replace("2023)", "2022)")), "its note on times should be", id="a date"
        ),
        pytest.param(
            lambda a: a["sentences"][3].update(stance="states"),
            "its stance should be forecasts, not states.",
            id="a stance",
        ),
        pytest.param(
            lambda a: a["sentences"][0].update(speaker="Ada Park"),
            "should be states, not states (speaker Ada Park).",
            id="a speaker",
        ),
        pytest.param(one_article, "its sides cite the same article", id="one article on both sides"),
        pytest.param(same_dates, "the dates of its sides should be 2023-11-20 and 2024-03-01", id="a side's date"),
        pytest.param(
            lambda a: a["disagreements"][0]["sides"].reverse(),
            "none of its articles is known to be later",
            id="the order of time",
        ),
    ],
)
def test_what_was_changed_of_whose_and_when_it_is_does_not_hold(disputed, tamper, line):
    tamper(disputed)
    assert any(line in fault for fault in faults_of(disputed)), faults_of(disputed)


# Files


@pytest.mark.parametrize(
    "written",
    [
        json.dumps,
        lambda one: json.dumps(one, indent=2, ensure_ascii=False) + "\r\n",
        lambda one: "\ufeff\n" + json.dumps(one),
        lambda one: json.dumps(one) + "\n" + json.dumps(refused()) + "\n\n",
    ],
    ids=["one line", "indented", "with a byte order mark", "one a line"],
)
def test_exported_answers_are_read(tmp_path, answer, written):
    path = tmp_path / "answer.json"
    path.write_text(written(answer), encoding="utf-8")
    first, *others = load_exported(path)
    assert first == answer
    assert others in ([], [refused()])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"hello", "line 1: this is not JSON (Expecting value)"),
        (b'{"answered": true,\n"text": ', "line 2: this is not JSON"),
        (b"[1]", "line 1: this is not an answer, it lacks answered, text, citations"),
        (
            b'{"answered": true, "text": "", "citations": []}\n{"answered": false}',
            "line 2: this is not an answer, it lacks text",
        ),
        (b'{"answered": true, "text": "", "citations": []} oops', "line 1: this is not JSON"),
        (b"[" * 200_000, "line 1: this is not JSON"),
        (b"1" * 10_000, "line 1: this is not JSON"),
        (b"\xff\xfe\x00", "is not UTF-8 text"),
    ],
    ids=[
        "empty",
        "blank",
        "words",
        "cut short",
        "a list",
        "second line",
        "text behind",
        "deep",
        "huge number",
        "binary",
    ],
)
def test_what_is_no_exported_answer_is_named_with_its_line(tmp_path, content, message):
    path = tmp_path / "answer.json"
    path.write_bytes(content)
    with pytest.raises(AnswerInvalid) as caught:
        load_exported(path)
    assert str(path) in str(caught.value)
    assert message in str(caught.value)
    assert "askseoul ask QUESTION --json" in str(caught.value)


@pytest.mark.parametrize("name", ["missing.json", "."], ids=["missing", "a folder"])
def test_a_file_that_can_not_be_read_is_named(tmp_path, name):
    with pytest.raises(AnswerInvalid, match="can't be read"):
        load_exported(tmp_path / name)


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("How many US troops are stationed on the Korean Peninsula?", id="answered"),
        pytest.param("Is Donald Trump in office?", id="articles that disagree"),
        pytest.param("Who won the football match?", id="refused"),
    ],
)
def test_an_answer_comes_back_as_it_was_exported(app, question):
    answer = app.ask(question)
    assert record_of(Answer, as_json(answer)) == answer
    assert verified_answer(as_json(answer), app.article, app.reader) == answer


def test_an_answer_that_no_longer_holds_does_not_come_back(app):
    exported = as_json(app.ask("How many US troops are stationed on the Korean Peninsula?"))
    exported["citations"][0]["start"] += 1
    with pytest.raises(AnswerInvalid, match="the quote is not at"):
        verified_answer(exported, app.article, app.reader)


def test_verification_loads_nothing_slow():
    code = "import sys, askseoul.answering.reverify; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    loaded = set(run_python(code).stdout.split())
    assert not {"torch", "chromadb", "llama_index", "openvino", "sentence_transformers"} & loaded
