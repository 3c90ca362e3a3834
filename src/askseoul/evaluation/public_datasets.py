"""A public set, as it lies on a disk, into articles and gold questions.

Local files of JSON lines are read, gzipped or not. Texts become canonical, as those of indexed articles are, so that a
quote stands in its article. What people left empty is left out, with a warning where a question goes with it.

Claims and pairs of answers that people have judged, judged by the checks: how far the two agree.
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

from rich import box
from rich.table import Table

from askseoul.errors import UsageError
from askseoul.evaluation.datasets import (
    GoldEvidence,
    GoldQuestion,
    Kind,
    Place,
    Row,
    flag_of,
    id_of,
    read_rows,
    row_files,
    rows_of,
    text_of,
    texts_of,
)
from askseoul.evaluation.metrics import Interval, bootstrap_of_both
from askseoul.nlp.text import parse, split_sentences
from askseoul.verification.alignment import TokenSimilarity
from askseoul.verification.claim import content_share, verify_sentence

SETS: Final = ("beir", "clapnq", "squad2", "ramdocs", "wice", "summedits", "nanco")
logger = logging.getLogger(__name__)
_SLUG_CHARACTERS: Final = 60


@dataclass(frozen=True, slots=True)
class SetArticle:
    """One text of a set; the title is empty where the set gives none."""

    id: str
    """Ends in ``.md`` and can be the name of its file: small letters, digits and hyphens of ASCII."""
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim, the texts that it is held against, and whether people found that they support all of it."""

    id: str
    text: str
    evidence: tuple[str, ...]
    """WiCE: sentences of a web page, in order; SummEdits: the whole document."""
    supported: bool
    group: str
    """WiCE: the claim, for which the best of its rows counts; SummEdits: the domain, each a measurement of its own."""


@dataclass(frozen=True, slots=True)
class AnswerPair:
    """Two answers to a question, and whether people found that they say the same."""

    question: str
    one: str
    other: str
    same: bool


@dataclass(frozen=True, slots=True)
class Published:
    """A figure that others reached, as a share in [0, 1], and where it was read."""

    figure: str
    value: float
    by: str
    read_at: str


@dataclass(frozen=True, slots=True)
class PublicSet:
    """What a set holds; the parts that it does not have are empty."""

    name: str
    articles: tuple[SetArticle, ...] = ()
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


def read_set(name: str, path: Path) -> PublicSet:
    """The set of this name, one of ``SETS``, from its folder, or from one file of its JSON lines (not ``beir``).

    The questions of a set share one collection, in which texts that say the same are one article, as in an index. So a
    document may answer a question that it was not given for: the unanswerable ones of ``clapnq`` and ``squad2`` were
    judged beside one passage each, and the answers of ``ramdocs`` beside a question's own documents. None has facts.

    - ``beir``: ``corpus.jsonl``, ``queries.jsonl``, ``qrels/test.tsv``. Evidence is all of each document that scores
      above 0; a query without a score is left out.
    - ``clapnq``: evidence is every sentence that an annotator selected; the whole passage where none selected any.
    - ``squad2``: evidence is the sentence with an answer, of several the one that shares most words with the question.
    - ``ramdocs``: a ``conflict`` where the documents give several answers, with evidence from each that gives one; else
      a ``fact``, from the correct ones. It is the sentence with the answer, or all of a document in other words.
    - ``wice``, ``summedits``: a claim a row; ``nanco``: a pair a row.

    Raises UsageError: the name is unknown, a file is absent or can't be read, or a line of it is not one of the set.
    """
    if name not in SETS:
        raise UsageError(f"{name!r} for {path} is no set that can be read: name one of {', '.join(SETS)}.")
    shelf = _Shelf(name)
    items: list[GoldQuestion | Claim | AnswerPair] = []
    if name == "beir":
        items.extend(_read_beir(path, shelf))
    else:
        for file in row_files(path):
            items.extend(read_rows(file, partial(_READERS[name], shelf)))
    if not items:
        raise UsageError(f"{path} holds nothing of {name} that can be asked or judged: download the set again.")
    return PublicSet(
        name,
        tuple(shelf.articles.values()),
        tuple(item for item in items if isinstance(item, GoldQuestion)),
        tuple(item for item in items if isinstance(item, Claim)),
        tuple(item for item in items if isinstance(item, AnswerPair)),
        _PUBLISHED.get(name, ()),
    )


@dataclass(slots=True)
class _Shelf:
    """The articles of a set by their text, and the ids that were used."""

    name: str
    articles: dict[str, SetArticle] = field(default_factory=dict)
    used: set[tuple[str, str]] = field(default_factory=set)

    def article(self, title: str, text: str) -> SetArticle | None:
        """The article with this text, unless that is empty."""
        if text and text not in self.articles:
            plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
            slug = re.sub(r"[^a-z0-9]+", "-", plain)[:_SLUG_CHARACTERS].strip("-") or self.name
            self.articles[text] = SetArticle(f"{slug}-{len(self.articles) + 1:05}.md", title, text)
        return self.articles.get(text)

    def fresh(self, identifier: str, what: str) -> str:
        if (what, identifier) in self.used:
            raise ValueError(f"the id {identifier!r} was used before")
        self.used.add((what, identifier))
        return identifier

    def question(
        self, identifier: str, kind: Kind, text: str, evidence: Iterable[GoldEvidence], answers: Iterable[str]
    ) -> GoldQuestion | None:
        """The question, unless it is empty or nothing answers it though something should."""
        known, said = tuple(dict.fromkeys(evidence)), tuple(dict.fromkeys(answers))
        if text and (known or kind == "unanswerable"):
            return GoldQuestion(self.fresh(identifier, "question"), kind, "en", text, (), known, answers=said)
        logger.warning("Question %s of %s is left out: it is empty, or nothing answers it.", identifier, self.name)
        return None


def _read_beir(path: Path, shelf: _Shelf) -> Iterator[GoldQuestion]:
    documents = dict(read_rows(path / "corpus.jsonl", partial(_document, shelf)))
    queries = dict(read_rows(path / "queries.jsonl", partial(_query, shelf)))
    relevant: dict[str, list[str]] = {query: [] for query in queries}
    judged = list(read_rows(path / "qrels" / "test.tsv", _judgement, lambda line: line.split("\t")))
    if lost := [pair for pair in judged if pair[0] not in queries or not documents.get(pair[1])]:
        logger.warning("%s: %d judgements are of a query or text that is not there, as %s.", path, len(lost), lost[0])
    for query, document in judged:
        relevant.setdefault(query, []).append(document)
    for query, text in queries.items():
        evidence = (GoldEvidence(held.id, held.text) for each in relevant[query] if (held := documents.get(each)))
        if relevant[query] and (question := shelf.question(query, "fact", text, evidence, ())):
            yield question


def _document(shelf: _Shelf, row: Row, _: Place) -> tuple[str, SetArticle | None]:
    title = text_of(row, "title") if row.get("title") else ""
    return shelf.fresh(id_of(row, "_id"), "document"), shelf.article(title, text_of(row, "text"))


def _query(shelf: _Shelf, row: Row, _: Place) -> tuple[str, str]:
    return shelf.fresh(id_of(row, "_id"), "query"), text_of(row, "text")


def _judgement(row: list[str], place: Place) -> tuple[str, str] | None:
    if place.number == 1 and row[-1] == "score":
        return None
    if len(row) != 3:
        raise ValueError("it must hold the ids of a query and a document, and a score, parted by tabs")
    return (row[0], row[1]) if int(row[2]) > 0 else None


def _clapnq(shelf: _Shelf, row: Row, _: Place) -> GoldQuestion | None:
    given = [shelf.article(text_of(each, "title"), text_of(each, "text")) for each in rows_of(row, "passages")]
    passages, outputs = [article for article in given if article], rows_of(row, "output")
    answers = [answer for each in outputs if each.get("answer") and (answer := text_of(each, "answer"))]
    chosen = [each for each in outputs if each.get("selected_sentences")]
    selected = [quote for each in chosen for quote in texts_of(each, "selected_sentences")]
    evidence = [GoldEvidence(article.id, article.text) for article in passages if not selected]
    for article in passages:
        # The set as published ends the sentences that were selected with an ampersand.
        places = {place for quote in selected for place in _places(article.text, quote.removesuffix("&"))[:1]}
        evidence += [GoldEvidence(article.id, article.text[start:end]) for start, end in sorted(places)]
    kind: Kind = "explain" if answers else "unanswerable"
    return shelf.question(id_of(row, "id"), kind, text_of(row, "input"), evidence if answers else (), answers)


def _squad2(shelf: _Shelf, row: Row, _: Place) -> GoldQuestion | None:
    question, article = text_of(row, "question"), shelf.article("", text_of(row, "context"))
    if flag_of(row, "is_impossible"):  # the answers that such a row holds are only plausible
        return shelf.question(id_of(row, "id"), "unanswerable", question, (), ())
    answers = texts_of(row, "answers")
    quote = _sentence(article.text, answers, question) if article else None
    evidence = [GoldEvidence(article.id, quote)] if article and quote else []
    return shelf.question(id_of(row, "id"), "fact", question, evidence, answers)


def _ramdocs(shelf: _Shelf, row: Row, place: Place) -> GoldQuestion | None:
    question, given = text_of(row, "question"), []
    for document in rows_of(row, "documents"):
        answer, kind = text_of(document, "answer"), text_of(document, "type")
        article = shelf.article("", text_of(document, "text"))
        if article and answer not in ("", "unknown"):
            quote = _sentence(article.text, [answer], question) or article.text
            given.append((answer.casefold(), kind, GoldEvidence(article.id, quote)))
    differ = len({answer for answer, _, _ in given}) > 1
    evidence = [quote for _, kind, quote in given if differ or kind == "correct"]
    identifier, answers = f"{place.file}-{place.number}", texts_of(row, "gold_answers")
    return shelf.question(identifier, "conflict" if differ else "fact", question, evidence, answers)


def _wice(_: _Shelf, row: Row, place: Place) -> Claim | None:
    text, evidence, label = text_of(row, "claim"), texts_of(row, "evidence"), row["label"]
    if label not in ("supported", "partially_supported", "not_supported"):
        raise ValueError(f"the label is {label!r} and must be supported, partially_supported or not_supported")
    claim = Claim(f"{place.file}-{place.number}", text, evidence, label == "supported", id_of(row["meta"], "id"))
    return claim if _filled(place, text, "".join(evidence)) else None


def _summedits(shelf: _Shelf, row: Row, place: Place) -> Claim | None:
    identifier = shelf.fresh(f"{place.file}-{id_of(row, 'id')}", "claim")
    text, document, supported = text_of(row, "summary"), text_of(row, "doc"), flag_of(row, "label")
    return Claim(identifier, text, (document,), supported, place.file) if _filled(place, text, document) else None


def _nanco(_: _Shelf, row: Row, place: Place) -> AnswerPair | None:
    question, one, other = (text_of(row, key) for key in ("question", "answer1", "answer2"))
    pair = AnswerPair(question, one, other, flag_of(row, "label"))
    return pair if _filled(place, question, one, other) else None


def _filled(place: Place, *texts: str) -> bool:
    if not all(texts):
        logger.warning("Line %d of %s is left out: a text of it is empty.", place.number, place.file)
    return all(texts)


_Reader = Callable[[_Shelf, Row, Place], GoldQuestion | Claim | AnswerPair | None]
_READERS: Final[dict[str, _Reader]] = {"clapnq": _clapnq, "squad2": _squad2, "ramdocs": _ramdocs}
_READERS.update({"wice": _wice, "summedits": _summedits, "nanco": _nanco})


def _places(text: str, words: str) -> list[tuple[int, int]]:
    """Where the words stand, however they are spaced and in upper or lower case; as whole words where they do."""
    spaced = r"\s+".join(map(re.escape, words.split()))
    found = [*re.finditer(rf"(?<!\w){spaced}(?!\w)", text, re.IGNORECASE)] or re.finditer(spaced, text, re.IGNORECASE)
    return [match.span() for match in found if match.group()]


def _sentence(text: str, answers: Iterable[str], question: str) -> str | None:
    """The sentence with an answer; of several the one that shares most words with the question, then the first."""
    spans = split_sentences(text)
    found: set[tuple[int, int]] = set()
    for start, end in (place for answer in answers for place in _places(text, answer)):
        touched = [span for span in spans if span.start < end and start < span.end]
        found.add((touched[0].start, touched[-1].end))
    asked = set(re.findall(r"\w+", question.casefold()))
    quotes = [text[start:end] for start, end in sorted(found)]
    return max(quotes, key=lambda quote: len(asked.intersection(re.findall(r"\w+", quote.casefold()))), default=None)


log = logging.getLogger(__name__)

NEAREST: Final = 3
"""Sentences of a text that a claim's sentence is held against, those with most of its content."""


class Agreement(NamedTuple):
    """How far the checks and people agree."""

    name: str
    items: int
    balanced_accuracy: float
    """Mean of the shares of both labels that were told right, without a threshold fitted to the set."""
    interval: Interval
    auroc: float
    """Probability that one that people affirm scores above one that they do not (Hanley and McNeil, 1982)."""


def judge(found: PublicSet, similarity: TokenSimilarity, progress: Callable[[int, int], None]) -> list[Agreement]:
    """The agreement on a set's claims and pairs of answers; ``progress`` hears how many of how many are done."""
    claims = judge_claims(found.claims, similarity, progress) if found.claims else []
    return claims + (judge_pairs(found.pairs, similarity, progress) if found.pairs else [])


def judge_claims(
    claims: Sequence[Claim], similarity: TokenSimilarity, progress: Callable[[int, int], None]
) -> list[Agreement]:
    """Whether texts support a claim. Of the rows of a group that are one claim (WiCE) the best counts, as for people;
    groups of many claims (the domains of SummEdits) are measured one by one."""
    judged: dict[tuple[str, str], list[tuple[bool, float, bool]]] = {}
    for number, claim in enumerate(claims):
        progress(number, len(claims))
        judged.setdefault((claim.group, claim.text), []).append((claim.supported, *_support(claim, similarity)))
    groups: dict[str, list[tuple[bool, float, bool]]] = {}
    for (group, _), rows in judged.items():
        known = (any(label for label, _, _ in rows), max(score for _, score, _ in rows), any(said for *_, said in rows))
        groups.setdefault(group, []).append(known)
    if max(map(len, groups.values())) == 1:
        groups = {"claims": [known for each in groups.values() for known in each]}
    return _agreements(groups)


def judge_pairs(
    pairs: Sequence[AnswerPair], similarity: TokenSimilarity, progress: Callable[[int, int], None]
) -> list[Agreement]:
    """Whether two answers to a question say the same."""
    known = []
    for number, pair in enumerate(pairs):
        progress(number, len(pairs))
        likeness = similarity.paraphrase_score(parse(pair.question), parse(pair.one), parse(pair.other))
        known.append((pair.same, likeness, likeness > 0))
    return _agreements({"pairs of answers": known})


def _support(claim: Claim, similarity: TokenSimilarity) -> tuple[float, bool]:
    """The support of the claim's weakest sentence, and whether all of its sentences pass every check."""
    text = "\n".join(claim.evidence)
    sentences = [text[span.start : span.end] for span in split_sentences(text)]
    parts = [claim.text[span.start : span.end] for span in split_sentences(claim.text)] or [claim.text]
    weighed = []
    for part in parts:
        near = sorted(sentences, key=lambda sentence: -content_share(part, [sentence]))[:NEAREST]
        weighed.append(verify_sentence(part, near, similarity=similarity))
    return min(each.support for each in weighed), all(each.verdict == "supported" for each in weighed)


def _agreements(groups: Mapping[str, Sequence[tuple[bool, float, bool]]]) -> list[Agreement]:
    """The agreement on each group, but for those of which people say the same of all."""
    for name, known in groups.items():
        if len({label for label, _, _ in known}) == 1:
            log.warning("%s: people say the same of all %d, so there is nothing to tell apart.", name, len(known))
    return [_agreement(name, known) for name, known in groups.items() if len({label for label, *_ in known}) > 1]


def _agreement(name: str, known: Sequence[tuple[bool, float, bool]]) -> Agreement:
    """Of each item whether people affirm it, its score, and whether the checks affirm it."""
    found = [float(said) for label, _, said in known if label]
    left = [float(not said) for label, _, said in known if not label]
    high = [score for label, score, _ in known if label]
    low = [score for label, score, _ in known if not label]
    accuracy = (sum(found) / len(found) + sum(left) / len(left)) / 2
    above = sum((one > other) + (one == other) / 2 for one in high for other in low)
    return Agreement(name, len(known), accuracy, bootstrap_of_both(found, left), above / (len(high) * len(low)))


def table(agreements: Sequence[Agreement]) -> Table:
    """The agreements for the terminal, a row each."""
    drawn = Table("", "items", "balanced accuracy", "95 %", "AUROC", box=box.SIMPLE_HEAD, pad_edge=False)
    for each in agreements:
        between = f"{each.interval.low:.2f}–{each.interval.high:.2f}"
        drawn.add_row(each.name, str(each.items), f"{each.balanced_accuracy:.3f}", between, f"{each.auroc:.3f}")
    return drawn
