"""Public benchmark sets read into articles, gold questions, claims and pairs of answers."""

from __future__ import annotations

import gzip
import json
import logging
from pathlib import Path

import pytest

from askseoul.errors import UsageError
from askseoul.evaluation.datasets import GoldEvidence, GoldQuestion
from askseoul.evaluation.metrics import locate
from askseoul.evaluation.public_datasets import DATASETS, AnswerPair, Claim, DatasetArticle, read_dataset
from askseoul.ingest.articles import read_article

BENCH = Path(__file__).parents[4] / "shared" / "bench"

CLAPNQ = {
    "id": 7,
    "input": "what is han",
    "passages": [
        {"title": "Han (한) & sorrow", "text": "Han is sorrow .  It lasts .\r\nSo it is said .", "sentences": []}
    ],
    "output": [
        {"answer": "Sorrow that lasts.", "selected_sentences": ["It lasts .&"]},
        {"answer": "Sorrow.", "selected_sentences": ["Han is sorrow .", "It lasts ."]},
    ],
}
SQUAD = {
    "id": "s1",
    "context": "Busan has two ports. Seoul has two airports. It rains.",
    "question": "How many airports has Seoul?",
    "answers": ["two", "two airports", "two"],
    "is_impossible": False,
}
RAMDOCS = {
    "question": "Who led it?",
    "documents": [
        {"text": "It began. Kim led it.", "type": "correct", "answer": "Kim"},
        {"text": "Under her it grew.", "type": "correct", "answer": "Lee"},
        {"text": "It was led by Park. It ended.", "type": "misinfo", "answer": "Park"},
        {"text": "Nothing is known.", "type": "noise", "answer": "unknown"},
    ],
    "gold_answers": ["Kim", "Lee"],
    "wrong_answers": ["Park"],
}
WICE = {"label": "supported", "claim": "Kim led it.", "evidence": ["Kim led it.", ""], "meta": {"id": "dev1"}}
SUMMEDITS = {"id": "a_og", "doc": "Kim led it.", "summary": "Kim leads.", "label": 1}
NANCO = {"qid": "Q2", "question": "Why?", "answer1": "to save", "answer2": "for money", "label": 0}
ROWS = {
    "clapnq": CLAPNQ,
    "squad2": SQUAD,
    "ramdocs": RAMDOCS,
    "wice": WICE,
    "summedits": SUMMEDITS,
    "nanco": NANCO,
}


def write(path, *rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    content = "".join(f"{row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)}\n" for row in rows)
    path.write_bytes(gzip.compress(content.encode()) if path.suffix == ".gz" else content.encode())
    return path


def beir(folder, documents, queries, judgements):
    write(folder / "corpus.jsonl", *documents)
    write(folder / "queries.jsonl", *queries)
    write(folder / "qrels" / "test.tsv", "query-id\tcorpus-id\tscore", *judgements)
    return folder


def document(identifier, text, title=""):
    return {"_id": identifier, "title": title, "text": text, "metadata": {}}


def query(identifier, text):
    return {"_id": identifier, "text": text}


# Each set


def test_beir(tmp_path):
    folder = beir(
        tmp_path,
        [document("d1", "Kim led it.", "Who led?"), document("d2", "It rains."), document("d3", "Kim led it.", "Copy")],
        [query("q1", "who led it"), query("q2", "nobody judged this"), query("q3", "and this has no text")],
        ["q1\td1\t2\r", "q1\td2\t0", "q1\td3\t1", "q3\td2\t-1"],
    )
    found = read_dataset("beir", folder)
    assert found.articles == (
        DatasetArticle("who-led-00001.md", "Who led?", "Kim led it."),
        DatasetArticle("beir-00002.md", "", "It rains."),
    )
    evidence = (GoldEvidence("who-led-00001.md", "Kim led it."),)
    assert found.questions == (GoldQuestion("q1", "fact", "en", "who led it", (), evidence),)
    assert not (found.claims or found.pairs)


def test_clapnq(tmp_path):
    unanswerable = CLAPNQ | {"id": "-8", "input": "who felt it", "output": [{"answer": None, "meta": None}]}
    write(tmp_path / "answerable.jsonl.gz", CLAPNQ)
    write(tmp_path / "unanswerable.jsonl", unanswerable)
    found = read_dataset("clapnq", tmp_path)
    text = "Han is sorrow .  It lasts .\nSo it is said ."
    assert found.articles == (DatasetArticle("han-sorrow-00001.md", "Han (한) & sorrow", text),)
    quotes = tuple(GoldEvidence("han-sorrow-00001.md", quote) for quote in ("Han is sorrow .", "It lasts ."))
    assert found.questions == (
        GoldQuestion("7", "explain", "en", "what is han", (), quotes, answers=("Sorrow that lasts.", "Sorrow.")),
        GoldQuestion("-8", "unanswerable", "en", "who felt it", (), ()),
    )


def test_the_whole_passage_is_the_evidence_when_no_sentence_was_selected(tmp_path):
    path = write(tmp_path / "a.jsonl", CLAPNQ | {"output": [{"answer": "Sorrow.", "selected_sentences": []}]})
    found = read_dataset("clapnq", path)
    assert [each.quote for each in found.questions[0].evidence] == [found.articles[0].text]


def test_squad2(tmp_path):
    impossible = SQUAD | {"id": "s2", "question": "How many has Jeju?", "answers": ["two"], "is_impossible": True}
    found = read_dataset("squad2", write(tmp_path / "sample.jsonl", SQUAD, impossible))
    assert found.articles == (DatasetArticle("squad2-00001.md", "", SQUAD["context"]),)
    evidence = (GoldEvidence("squad2-00001.md", "Seoul has two airports."),)
    assert found.questions == (
        GoldQuestion("s1", "fact", "en", SQUAD["question"], (), evidence, answers=("two", "two airports")),
        GoldQuestion("s2", "unanswerable", "en", "How many has Jeju?", (), ()),
    )


@pytest.mark.parametrize(
    ("context", "answer", "quote"),
    [
        pytest.param("비가 온다. 서울은 수도이다. 끝.", "서울", "서울은 수도이다.", id="Hangul-with-a-particle"),
        pytest.param("It has 130 ports. It has 13 airports.", "13", "It has 13 airports.", id="whole-words-first"),
        pytest.param("It rains. Kim led. Lee won. So.", "Kim led. Lee won", "Kim led. Lee won.", id="two-sentences"),
        pytest.param("It rains. Kim\r\nGu led. So.", "kim gu", "Kim\nGu led.", id="otherwise-spaced-and-written"),
    ],
)
def test_the_evidence_is_the_sentence_with_the_answer(tmp_path, context, answer, quote):
    row = SQUAD | {"context": context, "answers": [answer], "question": "What?"}
    (question,) = read_dataset("squad2", write(tmp_path / "sample.jsonl", row)).questions
    assert [each.quote for each in question.evidence] == [quote]


def test_ramdocs(tmp_path):
    agreed = {"question": "Who won?", "documents": RAMDOCS["documents"][:1], "gold_answers": ["Kim"]}
    found = read_dataset("ramdocs", write(tmp_path / "questions.jsonl", RAMDOCS, agreed))
    assert [article.id for article in found.articles] == [f"ramdocs-{number:05}.md" for number in range(1, 5)]
    sides = (
        GoldEvidence("ramdocs-00001.md", "Kim led it."),
        GoldEvidence("ramdocs-00002.md", "Under her it grew."),
        GoldEvidence("ramdocs-00003.md", "It was led by Park."),
    )
    assert found.questions == (
        GoldQuestion("questions-1", "conflict", "en", "Who led it?", (), sides, answers=("Kim", "Lee")),
        GoldQuestion("questions-2", "fact", "en", "Who won?", (), sides[:1], answers=("Kim",)),
    )


def test_wice(tmp_path):
    partly = WICE | {"label": "partially_supported", "evidence": ["It rains."]}
    assert read_dataset("wice", write(tmp_path / "claims.jsonl", WICE, partly)).claims == (
        Claim("claims-1", "Kim led it.", ("Kim led it.",), True, "dev1"),
        Claim("claims-2", "Kim led it.", ("It rains.",), False, "dev1"),
    )


def test_summedits(tmp_path):
    write(tmp_path / "news.jsonl", SUMMEDITS, SUMMEDITS | {"id": "a_0", "label": 0})
    write(tmp_path / "bills.jsonl.gz", SUMMEDITS)
    assert read_dataset("summedits", tmp_path).claims == (
        Claim("bills-a_og", "Kim leads.", ("Kim led it.",), True, "bills"),
        Claim("news-a_og", "Kim leads.", ("Kim led it.",), True, "news"),
        Claim("news-a_0", "Kim leads.", ("Kim led it.",), False, "news"),
    )


def test_nanco(tmp_path):
    found = read_dataset("nanco", write(tmp_path / "pairs.jsonl", NANCO, NANCO | {"label": True}))
    assert found.pairs == (
        AnswerPair("Why?", "to save", "for money", False),
        AnswerPair("Why?", "to save", "for money", True),
    )


# Unclean data


def test_ids_are_file_names_and_quotes_are_found_in_the_written_articles(tmp_path):
    title, text = "../한국: con?*", "---\u200b\nCafe\u0301 한국.\u2028\r\nSo  it is.\x00"
    folder = beir(tmp_path / "set", [document(1, text, title)], [query(1, "where")], ["1\t1\t1"])
    found = read_dataset("beir", folder)
    (article,) = found.articles
    assert article.id == "con-00001.md"
    path = tmp_path / article.id
    path.write_text(f"---\ntitle: {json.dumps(article.title)}\n---\n{article.text}\n", encoding="utf-8")
    read = read_article(path)
    assert read.text == article.text
    assert locate(found.questions[0], lambda _: read)


def test_a_file_and_its_compressed_copy_are_read_once(tmp_path):
    write(tmp_path / "pairs.jsonl", NANCO)
    write(tmp_path / "pairs.jsonl.gz", NANCO, NANCO)
    assert len(read_dataset("nanco", tmp_path).pairs) == 1


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        pytest.param("clapnq", {"passages": [{"title": "Han", "text": " \r\n"}]}, id="empty-passage"),
        pytest.param(
            "clapnq", {"output": [{"answer": "Joy.", "selected_sentences": ["Not there."]}]}, id="sentence-not-there"
        ),
        pytest.param("clapnq", {"input": " "}, id="empty-question"),
        pytest.param("squad2", {"context": ""}, id="empty-context"),
        pytest.param("squad2", {"answers": ["", "three"]}, id="answer-not-there"),
        pytest.param("ramdocs", {"documents": RAMDOCS["documents"][3:]}, id="nothing-but-noise"),
        pytest.param("ramdocs", {"documents": RAMDOCS["documents"][2:]}, id="nothing-but-a-wrong-answer"),
        pytest.param("wice", {"evidence": [""]}, id="no-evidence"),
        pytest.param("summedits", {"doc": "\u200b"}, id="no-document"),
        pytest.param("nanco", {"answer2": ""}, id="no-answer"),
    ],
)
def test_rows_that_are_empty_or_unanswered_are_skipped_with_a_warning(tmp_path, caplog, name, changes):
    row = ROWS[name] | ({"id": "other"} if "id" in ROWS[name] else {})
    with caplog.at_level(logging.WARNING, "askseoul.evaluation.public_datasets"):
        found = read_dataset(name, write(tmp_path / "rows.jsonl", ROWS[name] | changes, row))
    assert len(found.questions + found.claims + found.pairs) == 1
    assert "left out" in caplog.text


def test_judgements_of_unknown_documents_and_queries_are_skipped_with_a_warning(tmp_path, caplog):
    folder = beir(
        tmp_path,
        [document("d1", "It rains."), document("d2", "")],
        [query("q1", "rain"), query("q2", "sun")],
        ["q1\td1\t1", "q1\td2\t1", "q2\td9\t1", "q9\td1\t1"],
    )
    with caplog.at_level(logging.WARNING, "askseoul.evaluation.public_datasets"):
        found = read_dataset("beir", folder)
    assert [question.id for question in found.questions] == ["q1"]
    assert "3 judgements" in caplog.text
    assert "Question q2 of beir is left out" in caplog.text


# Invalid sets


def test_an_unknown_set(tmp_path):
    with pytest.raises(
        UsageError, match=r"'trivia' .* name one of beir, clapnq, squad2, ramdocs, wice, summedits, nanco"
    ):
        read_dataset("trivia", tmp_path)


@pytest.mark.parametrize("name", DATASETS)
def test_an_absent_folder(tmp_path, name):
    with pytest.raises(UsageError, match=r"absent.* can't be read .*: name another file"):
        read_dataset(name, tmp_path / "absent")


@pytest.mark.parametrize("name", DATASETS[1:])
def test_an_empty_folder_or_file(tmp_path, name):
    with pytest.raises(UsageError, match=r"holds no \.jsonl"):
        read_dataset(name, tmp_path)
    with pytest.raises(UsageError, match=f"holds no questions, claims or pairs of {name}"):
        read_dataset(name, write(tmp_path / "rows.jsonl", ""))


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        pytest.param("clapnq", "{", "Expecting property name", id="not-JSON"),
        pytest.param("clapnq", [], "must be a JSON object", id="list"),
        pytest.param("clapnq", CLAPNQ, "the id '7' was used before", id="same-id"),
        pytest.param("clapnq", CLAPNQ | {"passages": ["Han"]}, "'passages' must be a list of objects", id="passages"),
        pytest.param("clapnq", CLAPNQ | {"id": None}, "'id' must be a text or a number", id="no-id"),
        pytest.param("squad2", {"id": "s2"}, "'question' is missing", id="no-question"),
        pytest.param("squad2", SQUAD | {"answers": [2]}, "'answers' must be a text", id="number-as-answer"),
        pytest.param("squad2", SQUAD | {"answers": "two"}, "'answers' must be a list", id="text-as-answers"),
        pytest.param("ramdocs", RAMDOCS | {"documents": [{"text": "It."}]}, "'answer' is missing", id="document"),
        pytest.param("wice", WICE | {"label": "true"}, "the label is 'true' and must be supported, ", id="label"),
        pytest.param("wice", WICE | {"meta": None}, "not subscriptable", id="meta"),
        pytest.param("summedits", SUMMEDITS, "the id 'rows-a_og' was used before", id="same-claim"),
        pytest.param("nanco", NANCO | {"label": "0"}, "'label' is '0' and must be 0 or 1", id="flag"),
    ],
)
def test_an_invalid_line_is_reported(tmp_path, name, line, message):
    path = write(tmp_path / "rows.jsonl", ROWS[name], "", line)
    with pytest.raises(UsageError) as raised:
        read_dataset(name, path)
    assert str(raised.value).startswith(f"{path}, line 3 is not a row of {name}: ")
    assert message in str(raised.value)
    assert "Correct the line or replace the file" in str(raised.value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param("q1 d1 1", "separated by tabs", id="spaces"),
        pytest.param("q1\td1\tyes", "invalid literal", id="no-number"),
    ],
)
def test_an_invalid_judgement_is_reported(tmp_path, line, message):
    folder = beir(tmp_path, [document("d1", "It rains.")], [query("q1", "rain")], ["q1\td1\t1", line])
    with pytest.raises(UsageError, match=rf"test\.tsv, line 3 .*{message}"):
        read_dataset("beir", folder)


def test_files_that_are_not_utf8_or_truncated(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"\xff\xfe{}")
    with pytest.raises(UsageError, match=r"line 1 is not a row of nanco: .*utf-8"):
        read_dataset("nanco", path)
    path = write(tmp_path / "rows.jsonl.gz", NANCO)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(UsageError, match=r"rows\.jsonl\.gz can't be read"):
        read_dataset("nanco", path)


# The downloaded sets


@pytest.mark.parametrize(
    ("name", "articles", "answerable", "unanswerable", "claims", "pairs"),
    [
        ("clapnq", 298, 150, 150, 0, 0),
        ("squad2", 222, 123, 127, 0, 0),
        ("ramdocs", 1401, 249, 0, 0, 0),
        ("wice", 0, 0, 0, 1043, 0),
        ("summedits", 0, 0, 0, 3862, 0),
        ("nanco", 0, 0, 0, 0, 1574),
    ],
)
def test_the_set_as_it_was_downloaded(name, articles, answerable, unanswerable, claims, pairs):
    folder = BENCH / name
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    found = read_dataset(name, folder)
    kinds = [question.kind == "unanswerable" for question in found.questions]
    assert (len(found.articles), kinds.count(False), kinds.count(True)) == (articles, answerable, unanswerable)
    assert (len(found.claims), len(found.pairs)) == (claims, pairs)
    texts = {article.id: article.text for article in found.articles}
    assert len(texts) == len(found.articles)
    assert all(each.quote in texts[each.article] for question in found.questions for each in question.evidence)
    assert all(
        question.evidence and question.answers for question in found.questions if question.kind != "unanswerable"
    )


@pytest.mark.parametrize("name", DATASETS)
def test_published_figures_are_shares_with_their_source(tmp_path, name):
    folder = beir(tmp_path, [document("d1", "It rains.")], [query("q1", "rain")], ["q1\td1\t1"])
    path = folder if name == "beir" else write(tmp_path / "rows.jsonl", ROWS[name])
    for each in read_dataset(name, path).published:
        assert 0 < each.value < 1
        assert each.figure
        assert each.by
        assert each.read_at.startswith(("arXiv ", "github.com/"))
