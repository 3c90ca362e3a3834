"""Read public datasets from disk, and measure how far the checks agree with human labels.

The files are JSON lines, gzipped or not. Texts become canonical, as those of indexed articles do, so that each quote
occurs in its article. Rows whose texts are empty are left out with a warning.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from askseoul.errors import UsageError
from askseoul.evaluation.datasets import (
    GoldEvidence,
    GoldQuestion,
    Kind,
    Row,
    RowPosition,
    flag_of,
    id_of,
    read_rows,
    row_files,
    rows_of,
    text_of,
    texts_of,
)
from askseoul.evaluation.metrics import Interval, bootstrap_of_both
from askseoul.models.reader import SAME, Reader
from askseoul.models.reader import AnswerPair as ReadPair
from askseoul.nlp.text import split_sentences
from askseoul.verification.claim import verify_sentence
from askseoul.verification.guards import content_share

DATASETS: Final = ("beir", "clapnq", "squad2", "ramdocs", "wice", "summedits", "nanco")
_LONGEST_SLUG: Final = 60
"""Maximum characters of a title in the id of an article."""
NEAREST: Final = 3
"""Sentences of a text that a sentence of a claim is compared with: those with most of its content words."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DatasetArticle:
    """A text of a dataset; the title is empty if the dataset has none."""

    id: str
    """A file name that ends in ``.md``, of lower-case ASCII letters, digits and hyphens."""
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim, its evidence, and the human label: whether the evidence supports all of it."""

    id: str
    text: str
    evidence: tuple[str, ...]
    """WiCE: sentences of a web page, in their order; SummEdits: the whole document."""
    supported: bool
    group: str
    """WiCE: the claim, whose best row counts; SummEdits: the domain, which is measured by itself."""


@dataclass(frozen=True, slots=True)
class AnswerPair:
    """Two answers to a question, and the human label: whether they say the same."""

    question: str
    one: str
    other: str
    same: bool


@dataclass(frozen=True, slots=True)
class Published:
    """A published figure, as a share in [0, 1], and its source."""

    figure: str
    value: float
    by: str
    read_at: str


@dataclass(frozen=True, slots=True)
class PublicDataset:
    """The contents of a dataset; what it does not have is empty."""

    name: str
    articles: tuple[DatasetArticle, ...] = ()
    questions: tuple[GoldQuestion, ...] = ()
    claims: tuple[Claim, ...] = ()
    pairs: tuple[AnswerPair, ...] = ()
    published: tuple[Published, ...] = ()


_MTEB: Final = "github.com/embeddings-benchmark/mtebpaper, results/all-MiniLM-L6-v2"
_ANSERINI: Final = "github.com/castorini/anserini"
_SQUAD: Final = "github.com/rajpurkar/SQuAD-explorer, index.html as of January 2019"
_MINICHECK: Final = "github.com/Liyan06/MiniCheck, benchmark_evaluation_demo.ipynb"
_NANCO: Final = "github.com/salesforce/discord_questions, NAnCo.ipynb"
_VALIDATION: Final = "balanced accuracy, mean of the 4 validation questions, each at its own best threshold"
_PUBLISHED: Final = {
    "beir": (
        Published("nDCG@10 on SciFact", 0.64508, "all-MiniLM-L6-v2", f"{_MTEB}/SciFact.json"),
        Published("nDCG@10 on NFCorpus", 0.31594, "all-MiniLM-L6-v2", f"{_MTEB}/NFCorpus.json"),
        Published("nDCG@10 on SciFact", 0.6789, "BM25", f"{_ANSERINI}, regressions-beir-v1.0.0-scifact.flat.md"),
        Published("nDCG@10 on NFCorpus", 0.3218, "BM25", f"{_ANSERINI}/pull/1915, column flat"),
    ),
    "squad2": (
        Published("exact match on the test set", 0.86831, "people", _SQUAD),
        Published("F1 on the test set", 0.89452, "people", _SQUAD),
        Published("F1", 0.66, "a strong neural system of 2018", "arXiv 1806.03822, abstract"),
    ),
    "ramdocs": (Published("exact match", 0.326, "Llama3.3-70B-Instruct", "arXiv 2504.13079, abstract"),),
    "wice": (Published("balanced accuracy, LLM-AggreFact test set", 0.83, "Bespoke-MiniCheck-7B", _MINICHECK),),
    "nanco": (
        Published(_VALIDATION, 0.929358, "Salesforce/qa_consolidation", _NANCO),
        Published(_VALIDATION, 0.607613, "roberta-large-mnli", _NANCO),
        Published("balanced accuracy, mean of the 4 test questions", 0.812965, "Salesforce/qa_consolidation", _NANCO),
    ),
}


def read_dataset(name: str, path: Path) -> PublicDataset:
    """The dataset with this name, one of ``DATASETS``, from its folder or (except ``beir``) one of its files.

    All questions share one collection, as in an index, in which equal texts are one article. So an article may answer a
    question that it was not given for: unanswerable questions of ``clapnq`` and ``squad2`` were labelled with one
    passage each, and answers of ``ramdocs`` with the question's own documents. No question has facts.

    - ``beir``: ``corpus.jsonl``, ``queries.jsonl``, ``qrels/test.tsv``. The evidence is the whole of each document with
      a score above 0; queries without a score are left out.
    - ``clapnq``: the evidence is each sentence that an annotator selected, or the whole passage if none was.
    - ``squad2``: the evidence is the sentence with an answer; of several, the one with most words of the question.
    - ``ramdocs``: a ``conflict`` if the documents give several answers, with evidence from each that gives one;
      otherwise a ``fact``, from the correct ones. The evidence is the sentence with the answer, or the whole document
      if it gives the answer in other words.
    - ``wice``, ``summedits``: a claim per row; ``nanco``: a pair of answers per row.

    Raises UsageError if the name is unknown, a file is missing or can't be read, or a line is not a row of the dataset.
    """
    if name not in DATASETS:
        raise UsageError(f"{name!r} is not a known dataset: name one of {', '.join(DATASETS)}.")
    builder = _Builder(name)
    items: list[GoldQuestion | Claim | AnswerPair] = []
    if name == "beir":
        items.extend(_read_beir(path, builder))
    else:
        for file in row_files(path):
            items.extend(read_rows(file, partial(_READERS[name], builder), what=f"row of {name}"))
    if not items:
        raise UsageError(f"{path} holds no questions, claims or pairs of {name}: download the dataset again.")
    return PublicDataset(
        name,
        tuple(builder.articles.values()),
        tuple(item for item in items if isinstance(item, GoldQuestion)),
        tuple(item for item in items if isinstance(item, Claim)),
        tuple(item for item in items if isinstance(item, AnswerPair)),
        _PUBLISHED.get(name, ()),
    )


@dataclass(slots=True)
class _Builder:
    """Collects the articles of a dataset, by text, and the ids that were used."""

    name: str
    articles: dict[str, DatasetArticle] = field(default_factory=dict)
    used: set[tuple[str, str]] = field(default_factory=set)

    def article(self, title: str, text: str) -> DatasetArticle | None:
        """The article with this text; None if the text is empty."""
        if text and text not in self.articles:
            plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
            slug = re.sub(r"[^a-z0-9]+", "-", plain)[:_LONGEST_SLUG].strip("-") or self.name
            self.articles[text] = DatasetArticle(f"{slug}-{len(self.articles) + 1:05}.md", title, text)
        return self.articles.get(text)

    def unused(self, identifier: str, what: str) -> str:
        """The id. Raises ValueError if it was used before."""
        if (what, identifier) in self.used:
            raise ValueError(f"the id {identifier!r} was used before")
        self.used.add((what, identifier))
        return identifier

    def question(
        self, identifier: str, kind: Kind, text: str, evidence: Iterable[GoldEvidence], answers: Iterable[str]
    ) -> GoldQuestion | None:
        """The question; None, with a warning, if it is empty or is answerable but has no evidence."""
        known, said = tuple(dict.fromkeys(evidence)), tuple(dict.fromkeys(answers))
        if text and (known or kind == "unanswerable"):
            return GoldQuestion(self.unused(identifier, "question"), kind, "en", text, (), known, answers=said)
        log.warning("Question %s of %s is left out: it is empty or has no evidence.", identifier, self.name)
        return None


def _read_beir(path: Path, builder: _Builder) -> Iterator[GoldQuestion]:
    documents = dict(read_rows(path / "corpus.jsonl", partial(_document, builder), what="document"))
    queries = dict(read_rows(path / "queries.jsonl", partial(_query, builder), what="query"))
    relevant: dict[str, list[str]] = {query: [] for query in queries}
    qrels = path / "qrels" / "test.tsv"
    judged = list(read_rows(qrels, _judgement, what="judgement", parse=lambda line: line.split("\t")))
    if lost := [pair for pair in judged if pair[0] not in queries or not documents.get(pair[1])]:
        log.warning("%s: %d judgements name a missing query or document, such as %s.", path, len(lost), lost[0])
    for query, document in judged:
        relevant.setdefault(query, []).append(document)
    for query, text in queries.items():
        evidence = (GoldEvidence(held.id, held.text) for each in relevant[query] if (held := documents.get(each)))
        if relevant[query] and (question := builder.question(query, "fact", text, evidence, ())):
            yield question


def _document(builder: _Builder, row: Row, _: RowPosition) -> tuple[str, DatasetArticle | None]:
    title = text_of(row, "title") if row.get("title") else ""
    return builder.unused(id_of(row, "_id"), "document"), builder.article(title, text_of(row, "text"))


def _query(builder: _Builder, row: Row, _: RowPosition) -> tuple[str, str]:
    return builder.unused(id_of(row, "_id"), "query"), text_of(row, "text")


def _judgement(row: list[str], position: RowPosition) -> tuple[str, str] | None:
    if position.number == 1 and row[-1] == "score":
        return None
    if len(row) != 3:
        raise ValueError("it must hold the ids of a query and a document, and a score, separated by tabs")
    return (row[0], row[1]) if int(row[2]) > 0 else None


def _clapnq(builder: _Builder, row: Row, _: RowPosition) -> GoldQuestion | None:
    given = [builder.article(text_of(each, "title"), text_of(each, "text")) for each in rows_of(row, "passages")]
    passages, outputs = [article for article in given if article], rows_of(row, "output")
    answers = [answer for each in outputs if each.get("answer") and (answer := text_of(each, "answer"))]
    chosen = [each for each in outputs if each.get("selected_sentences")]
    selected = [quote for each in chosen for quote in texts_of(each, "selected_sentences")]
    evidence = [GoldEvidence(article.id, article.text) for article in passages if not selected]
    for article in passages:
        # The published files end selected sentences with an ampersand.
        selections = {offsets for quote in selected for offsets in _offsets(article.text, quote.removesuffix("&"))[:1]}
        evidence += [GoldEvidence(article.id, article.text[start:end]) for start, end in sorted(selections)]
    kind: Kind = "explain" if answers else "unanswerable"
    return builder.question(id_of(row, "id"), kind, text_of(row, "input"), evidence if answers else (), answers)


def _squad2(builder: _Builder, row: Row, _: RowPosition) -> GoldQuestion | None:
    question, article = text_of(row, "question"), builder.article("", text_of(row, "context"))
    if flag_of(row, "is_impossible"):  # the answers of such a row are only plausible
        return builder.question(id_of(row, "id"), "unanswerable", question, (), ())
    answers = texts_of(row, "answers")
    quote = _sentence(article.text, answers, question) if article else None
    evidence = [GoldEvidence(article.id, quote)] if article and quote else []
    return builder.question(id_of(row, "id"), "fact", question, evidence, answers)


def _ramdocs(builder: _Builder, row: Row, position: RowPosition) -> GoldQuestion | None:
    question, given = text_of(row, "question"), []
    for document in rows_of(row, "documents"):
        answer, kind = text_of(document, "answer"), text_of(document, "type")
        article = builder.article("", text_of(document, "text"))
        if article and answer not in ("", "unknown"):
            quote = _sentence(article.text, [answer], question) or article.text
            given.append((answer.casefold(), kind, GoldEvidence(article.id, quote)))
    differ = len({answer for answer, _, _ in given}) > 1
    evidence = [quote for _, kind, quote in given if differ or kind == "correct"]
    identifier, answers = f"{position.file}-{position.number}", texts_of(row, "gold_answers")
    return builder.question(identifier, "conflict" if differ else "fact", question, evidence, answers)


def _wice(_: _Builder, row: Row, position: RowPosition) -> Claim | None:
    text, evidence, label = text_of(row, "claim"), texts_of(row, "evidence"), row["label"]
    if label not in ("supported", "partially_supported", "not_supported"):
        raise ValueError(f"the label is {label!r} and must be supported, partially_supported or not_supported")
    claim = Claim(f"{position.file}-{position.number}", text, evidence, label == "supported", id_of(row["meta"], "id"))
    return claim if _filled(position, text, "".join(evidence)) else None


def _summedits(builder: _Builder, row: Row, position: RowPosition) -> Claim | None:
    identifier = builder.unused(f"{position.file}-{id_of(row, 'id')}", "claim")
    text, document, supported = text_of(row, "summary"), text_of(row, "doc"), flag_of(row, "label")
    return Claim(identifier, text, (document,), supported, position.file) if _filled(position, text, document) else None


def _nanco(_: _Builder, row: Row, position: RowPosition) -> AnswerPair | None:
    question, one, other = (text_of(row, key) for key in ("question", "answer1", "answer2"))
    pair = AnswerPair(question, one, other, flag_of(row, "label"))
    return pair if _filled(position, question, one, other) else None


def _filled(position: RowPosition, *texts: str) -> bool:
    if not all(texts):
        log.warning("Line %d of %s is left out: one of its texts is empty.", position.number, position.file)
    return all(texts)


_Reader = Callable[[_Builder, Row, RowPosition], GoldQuestion | Claim | AnswerPair | None]
_READERS: Final[dict[str, _Reader]] = {"clapnq": _clapnq, "squad2": _squad2, "ramdocs": _ramdocs}
_READERS.update({"wice": _wice, "summedits": _summedits, "nanco": _nanco})


def _offsets(text: str, words: str) -> list[tuple[int, int]]:
    """Offsets of these words in a text, ignoring case and spacing; as whole words if there are any."""
    spaced = r"\s+".join(map(re.escape, words.split()))
    found = [*re.finditer(rf"(?<!\w){spaced}(?!\w)", text, re.IGNORECASE)] or re.finditer(spaced, text, re.IGNORECASE)
    return [match.span() for match in found if match.group()]


def _sentence(text: str, answers: Iterable[str], question: str) -> str | None:
    """The sentence with an answer; of several, the one with most words of the question, then the first."""
    spans = split_sentences(text)
    found: set[tuple[int, int]] = set()
    for start, end in (offsets for answer in answers for offsets in _offsets(text, answer)):
        touched = [span for span in spans if span.start < end and start < span.end]
        found.add((touched[0].start, touched[-1].end))
    asked = set(re.findall(r"\w+", question.casefold()))
    quotes = [text[start:end] for start, end in sorted(found)]
    return max(quotes, key=lambda quote: len(asked.intersection(re.findall(r"\w+", quote.casefold()))), default=None)


class Agreement(NamedTuple):
    """How well the checks agree with human labels."""

    name: str
    items: int
    balanced_accuracy: float
    """Mean of the recall of both labels, without a threshold fitted to the dataset."""
    interval: Interval
    auroc: float
    """Probability that an item with a positive label scores above a negative one (Hanley and McNeil, 1982)."""


class _Judged(NamedTuple):
    """A claim or pair: its human label, its score, and whether the checks affirm it."""

    label: bool
    score: float
    affirmed: bool


def judge(dataset: PublicDataset, reader: Reader, progress: Callable[[int, int], None]) -> list[Agreement]:
    """The agreement on a dataset's claims and pairs; ``progress`` is called with the number done and the total."""
    claims = _judge_claims(dataset.claims, reader, progress) if dataset.claims else []
    return claims + (_judge_pairs(dataset.pairs, reader, progress) if dataset.pairs else [])


def _judge_claims(claims: Sequence[Claim], reader: Reader, progress: Callable[[int, int], None]) -> list[Agreement]:
    """The agreement on whether texts support claims, by group.

    Of the rows of one claim (WiCE) the best counts, for the label too. Groups of one claim each are measured together,
    groups of many claims (the domains of SummEdits) one by one."""
    by_claim: dict[tuple[str, str], list[_Judged]] = {}
    for number, claim in enumerate(claims):
        progress(number, len(claims))
        judged = _Judged(claim.supported, *_support(claim, reader))
        by_claim.setdefault((claim.group, claim.text), []).append(judged)
    groups: dict[str, list[_Judged]] = {}
    for (group, _), rows in by_claim.items():
        groups.setdefault(group, []).append(_Judged(*map(max, zip(*rows, strict=True))))
    if max(map(len, groups.values())) == 1:
        groups = {"claims": [judged for each in groups.values() for judged in each]}
    return _agreements(groups)


def _judge_pairs(pairs: Sequence[AnswerPair], reader: Reader, progress: Callable[[int, int], None]) -> list[Agreement]:
    """The agreement on whether two answers to a question say the same."""
    judged = []
    for number, pair in enumerate(pairs):
        progress(number, len(pairs))
        same = float(reader.relations([ReadPair(pair.question, pair.one, pair.other)])[0, SAME])
        judged.append(_Judged(pair.same, same, same > 0.5))
    return _agreements({"pairs of answers": judged})


def _support(claim: Claim, reader: Reader) -> tuple[float, bool]:
    """The support of a claim's weakest sentence, and whether every sentence passes every check."""
    text = "\n".join(claim.evidence)
    sentences = [text[span.start : span.end] for span in split_sentences(text)]
    parts = [claim.text[span.start : span.end] for span in split_sentences(claim.text)] or [claim.text]
    supports = []
    for part in parts:
        near = sorted(sentences, key=lambda sentence: -content_share(part, [sentence]))[:NEAREST]
        supports.append(verify_sentence(part, near, reader=reader, exact=False))
    return min(each.support for each in supports), all(each.verdict == "supported" for each in supports)


def _agreements(groups: Mapping[str, Sequence[_Judged]]) -> list[Agreement]:
    """The agreement on each group, without groups whose items all have the same label."""
    agreements = []
    for name, judged in groups.items():
        if len({each.label for each in judged}) > 1:
            agreements.append(_agreement(name, judged))
        else:
            log.warning("%s is left out: all of its %d labels are the same.", name, len(judged))
    return agreements


def _agreement(name: str, judged: Sequence[_Judged]) -> Agreement:
    positive = [each for each in judged if each.label]
    negative = [each for each in judged if not each.label]
    recalled = [float(each.affirmed) for each in positive]
    rejected = [float(not each.affirmed) for each in negative]
    accuracy = (sum(recalled) / len(recalled) + sum(rejected) / len(rejected)) / 2
    above = sum((high.score > low.score) + (high.score == low.score) / 2 for high in positive for low in negative)
    interval = bootstrap_of_both(recalled, rejected)
    return Agreement(name, len(judged), accuracy, interval, above / (len(positive) * len(negative)))
