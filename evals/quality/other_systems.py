"""AskSeoul compared with other systems: same articles, questions, encoder and language model, in one run.

    python -m evals.quality.other_systems [--set digests|articles|clapnq] [--questions N] [--systems a,b] \\
        [--page FILE] [--answers FILE]

``askseoul`` quotes and ``askseoul-local`` words its answers with SmolLM2. ``quickstart`` is LlamaIndex as in its
documentation of Chroma, and ``citation`` is its ``CitationQueryEngine``; both use one index of the same articles with
``HuggingFaceEmbedding``, our encoder's weights, the default ``SentenceSplitter``, and SmolLM2. ``bm25`` always answers
with the two sentences that BM25 ranks first, and ``bare`` is SmolLM2 without any article. The systems take turns on
every question. Only English questions that do not refer to a conversation are asked, because no other system has one.

All systems are measured alike. A refusal states nothing, so it contains no facts and cites nothing. An answer to an
unanswerable question is still judged by its citations and its length.

- facts held: ``metrics.facts_held``. Token F1: SQuAD's, the best over the reference answers where a question has some.
- evidence cited, citation precision: as in ``askseoul eval``, for the cited passages.
- sentences supported, citations needed: recall and precision of ALCE (arXiv 2305.14627), with our checks in place of
  its entailment model. A sentence is supported when all checks pass against its cited passages, against all their
  sentences, or against one of these. A citation counts if it supports the sentence alone, or if the others do not
  support it without it. An answer without citations has no precision (ALCE gives 0, which is harder on the others).
  AskSeoul shows only sentences that pass these same checks, and a copied sentence passes them, so these rows are nearly
  true by construction for AskSeoul and BM25. They say something about what the language model words.
- exact short quotes: citations that are an exact span of an article, of at most 60 words. "Words cited" is what a
  reader must read to check an answer, each cited passage once.
- refusal: balanced accuracy. A system refuses with an empty text, or when its first sentence says that it does not know
  or that the sources do not say (``REFUSALS``).

Figures have 95 % bootstrap intervals over the questions. On long articles, the four systems with SmolLM2 take about a
minute for a question on two cores; ``--answers`` saves answers as they arrive. LlamaIndex's embedding needs
``pip install "askseoul[peers]"``; without it ``AskSeoulEmbedding`` is used, and the caption says so.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from askseoul.domain import Answer, Article, Citation, PassageKey, Quote
from askseoul.errors import GeneratorError
from askseoul.evaluation import public_datasets, runner
from askseoul.evaluation.datasets import GoldQuestion, load_gold
from askseoul.evaluation.metrics import (
    LocatedEvidence,
    citation_precision,
    count_words,
    evidence_cited,
    facts_held,
    locate,
    token_f1,
    without_markers,
)
from askseoul.index.store import Store
from askseoul.index.tables import LEXICAL_SCHEMA, add_to_lexical_index
from askseoul.models import weights
from askseoul.models.encoder import load_encoder
from askseoul.models.generator import load_generator
from askseoul.models.reader import Reader
from askseoul.nlp.lines import kind_of
from askseoul.nlp.text import split_sentences
from askseoul.pipeline import AskSeoul
from askseoul.retrieval.search import content_terms
from askseoul.verification.claim import verify_claim
from askseoul.verification.guards import content_share
from evals.common.data import ARTICLES, DIGESTS, SHARED

if TYPE_CHECKING:
    from llama_index.core import VectorStoreIndex
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.base.response.schema import RESPONSE_TYPE

    from askseoul.llama import LocalLLM

SEED: Final = 20260731
ROUNDS: Final = 2_000
LONGEST_QUOTE: Final = 60
"""Words of the longest citation that a reader can check at a glance."""
NEAREST: Final = 5
"""Sentences of the cited passages that are each checked alone: those with most of a claim's content."""
CITED_SOURCES: Final = 3
"""``similarity_top_k`` of ``CitationQueryEngine`` in LlamaIndex's own example; the default is 2."""
NOWHERE: Final = PassageKey("", 0, 0)
"""Stands for a citation of a source that does not exist."""

_SOURCE: Final = (
    r"(?:contexts?|sources?|articles?|texts?|passages?|information|documents?|excerpts?|commentary|digests?)"
)
_TELLS: Final = r"(?:mention|provide|contain|specify|state|say|include|give|tell|answer|indicate|discuss|address)"
REFUSALS: Final = re.compile(
    r"\bEmpty Response\b"
    r"|\bI (?:do not|don['’]t) (?:know|have)\b"
    r"|\bI(?:['’]m| am) (?:sorry|unable|not sure|not able)\b"
    r"|\bI (?:cannot|can['’]t|could not|couldn['’]t)\b"
    rf"|\b{_SOURCE}\b[^.]*\b(?:do|does|did)(?: not|n['’]t)(?: \w+ly)? {_TELLS}"
    rf"|\bnot (?:\w+ly )?(?:mentioned|provided|specified|stated|given|available|found|included) (?:in|by|from) "
    rf"(?:the |any |these |this )*(?:given |provided )?{_SOURCE}\b"
    rf"|\b(?:no|not enough|insufficient) information\b"
    rf"|\bnone of the (?:\w+ )?{_SOURCE}\b",
    re.IGNORECASE,
)
"""Phrases of a language model that does not answer. Only the first sentence is searched."""

_MARKER: Final = re.compile(
    r"\s*(?:\[(?:sources? )?(\d+(?:\s*,\s*(?:source )?\d+)*)\]|\((?:sources? )(\d+(?:\s*,\s*(?:source )?\d+)*)\)"
    r"|\bsource (\d+)\b)",
    re.IGNORECASE,
)

FloatArray = npt.NDArray[np.float64]
ReadArticle = Callable[[str], Article]


@dataclass(frozen=True, slots=True)
class CitedSentence:
    """A sentence of an answer and the passages that it cites."""

    text: str
    passages: tuple[PassageKey, ...] = ()


@dataclass(frozen=True, slots=True)
class SystemAnswer:
    """What a system answers. A refusal has no sentences."""

    text: str
    sentences: tuple[CitedSentence, ...]
    answered: bool
    seconds: float = 0.0

    @property
    def passages(self) -> tuple[PassageKey, ...]:
        """The cited passages, each once."""
        return tuple(dict.fromkeys(passage for sentence in self.sentences for passage in sentence.passages))


Ask = Callable[[str], SystemAnswer]


@dataclass(frozen=True, slots=True)
class Measure:
    """A row of the table: its title, and how its figure is computed from the values of the questions."""

    title: str
    figure: Callable[[FloatArray], FloatArray]
    format: str = ".2f"


@dataclass(frozen=True, slots=True)
class Result:
    """The answer of one system to one question. ``values`` has None for measures that do not apply."""

    question: GoldQuestion
    answer: SystemAnswer
    values: Mapping[str, float | None]


def main() -> None:
    """Ask all questions and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", choices=["digests", "articles", "clapnq"], default="digests")
    parser.add_argument("--questions", type=int, help="number of questions, evenly spaced; for clapnq, of each kind")
    parser.add_argument("--systems", default=",".join(TITLES), help=f"comma-separated list of {', '.join(TITLES)}")
    parser.add_argument("--page", type=Path, help="write the table between <!-- peers:SET --> and <!-- /peers:SET -->")
    parser.add_argument("--answers", type=Path, help="write every answer and its measures to this file, as JSON lines")
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder of the public data")
    options = parser.parse_args()
    systems = options.systems.split(",")
    if unknown := [name for name in systems if name not in TITLES]:
        parser.error(f"{unknown[0]!r} is not a system: choose from {', '.join(TITLES)}")
    if options.page:
        try:  # before the long run, not after it
            replace_table(options.page.read_text(encoding="utf-8"), options.set, "")
        except (OSError, ValueError) as error:
            parser.error(f"--page {options.page}: {error}")
    if options.set != "digests" and not options.shared.is_dir():
        parser.error(f"{options.shared} is missing: use --shared with the folder of bench/, articles/ and gold/")
    with tempfile.TemporaryDirectory() as work:
        folder, questions = read_set(options.set, options.questions, options.shared, Path(work))
        with open_resources(folder, Path(work)) as resources:
            results = ask_all(
                {name: SYSTEMS[name](resources) for name in systems}, questions, resources, options.answers
            )
            caption = caption_of(options.set, questions, resources)
    Console(width=40 + 26 * len(systems)).print(table(results, caption))
    if options.page:
        page = options.page.read_text(encoding="utf-8")
        options.page.write_text(replace_table(page, options.set, markdown(results, caption)), encoding="utf-8")


# Questions


def read_set(name: str, count: int | None, shared: Path, work: Path) -> tuple[Path, list[GoldQuestion]]:
    """The folder of the articles and the questions about them."""
    if name == "clapnq":
        return read_clapnq(shared / "bench" / "clapnq", count, work / "clapnq")
    if name == "articles":
        folder, gold = shared / "articles", shared / "gold" / "articles.jsonl"
    else:
        folder, gold = ARTICLES, DIGESTS
    questions = [each for each in load_gold(gold) if each.lang == "en" and not each.history]
    return folder, evenly_spaced(questions, count)


def evenly_spaced(questions: Sequence[GoldQuestion], count: int | None) -> list[GoldQuestion]:
    """``count`` of the questions at even distances; all of them if there are no more, or if ``count`` is None."""
    if count is None or count >= len(questions):
        return list(questions)
    return [questions[place * len(questions) // count] for place in range(count)]


def read_clapnq(source: Path, count: int | None, folder: Path) -> tuple[Path, list[GoldQuestion]]:
    """The first ``count`` questions of each kind; every passage of the set is an article."""
    dataset = public_datasets.read_dataset("clapnq", source)
    kinds = ([each for each in dataset.questions if each.kind == kind] for kind in ("explain", "unanswerable"))
    return runner.write_articles(dataset, folder), [question for each in kinds for question in each[:count]]


# Systems


class Resources:
    """The articles, and what several systems share. The language model and LlamaIndex's index are made on first use."""

    def __init__(self, app: AskSeoul, work: Path) -> None:
        self.app = app
        self.articles = [app.article(summary.id) for summary in app.articles()]
        self.embedding = ""
        self._work = work

    @cached_property
    def llm(self) -> LocalLLM:
        """SmolLM2."""
        from askseoul.llama import LocalLLM

        return LocalLLM()

    @cached_property
    def index(self) -> VectorStoreIndex:
        """LlamaIndex's index of the articles, on Chroma."""
        import chromadb
        from llama_index.core import Document, StorageContext, VectorStoreIndex
        from llama_index.vector_stores.chroma import ChromaVectorStore

        documents = [
            Document(doc_id=article.id, text=article.text, metadata={"title": article.title} if article.title else {})
            for article in self.articles
        ]
        client = chromadb.PersistentClient(str(self._work / "chroma"))
        collection = client.create_collection("quickstart", embedding_function=None)
        storage = StorageContext.from_defaults(vector_store=ChromaVectorStore(chroma_collection=collection))
        return VectorStoreIndex.from_documents(documents, storage_context=storage, embed_model=self._embed_model())

    def _embed_model(self) -> BaseEmbedding:
        try:
            from llama_index.embeddings.huggingface import HuggingFaceEmbedding
        except ModuleNotFoundError:
            from askseoul.llama import AskSeoulEmbedding

            self.embedding = "AskSeoulEmbedding, since llama-index-embeddings-huggingface is not installed"
            return AskSeoulEmbedding(self.app.encoder)
        self.embedding = "HuggingFaceEmbedding"
        made: BaseEmbedding = HuggingFaceEmbedding(model_name=str(weights.pinned_folder(weights.ENCODER)), device="cpu")
        return made


@contextmanager
def open_resources(folder: Path, work: Path) -> Iterator[Resources]:
    """Index a folder of articles and provide what the systems need, until the block ends."""
    encoder = load_encoder()
    with AskSeoul(Store.open(work / "index", encoder=encoder, create=True), encoder, None) as app:
        app.index([folder])
        yield Resources(app, work)


def askseoul(resources: Resources) -> Ask:
    """AskSeoul with its defaults: it quotes."""
    return lambda question: from_askseoul(resources.app.ask(question))


def askseoul_local(resources: Resources) -> Ask:
    """AskSeoul with answers worded by SmolLM2."""
    app = AskSeoul(resources.app.store, resources.app.encoder, load_generator("local"), lambda: resources.app.reader)
    return lambda question: from_askseoul(app.ask(question))


def from_askseoul(answer: Answer) -> SystemAnswer:
    """An answer of AskSeoul in the form that is measured."""
    if not answer.answered:
        return SystemAnswer(answer.text, (), answered=False)
    places = {each.number: PassageKey(each.article_id, each.start, each.end) for each in answer.citations}
    claims = (CitedSentence(each.text, tuple(places[number] for number in each.citations)) for each in answer.sentences)
    return SystemAnswer(without_markers(answer.text), tuple(claims), answered=True)


def quickstart(resources: Resources) -> Ask:
    """LlamaIndex's ``index.as_query_engine()``: each sentence cites everything that was retrieved."""
    engine = resources.index.as_query_engine(llm=resources.llm)

    def ask(question: str) -> SystemAnswer:
        response = engine.query(question)
        sources = source_passages(response, resources.app.article)
        return parse_reply(str(response), lambda _: sources)

    return ask


def citation(resources: Resources) -> Ask:
    """LlamaIndex's ``CitationQueryEngine``: a sentence cites the sources whose numbers it contains."""
    from llama_index.core.query_engine import CitationQueryEngine

    engine = CitationQueryEngine.from_args(resources.index, llm=resources.llm, similarity_top_k=CITED_SOURCES)

    def ask(question: str) -> SystemAnswer:
        response = engine.query(question)
        sources = source_passages(response, resources.app.article)
        return parse_reply(str(response), lambda sentence: cited_sources(sentence, sources))

    return ask


def bm25(resources: Resources) -> Ask:
    """The two sentences of all articles that BM25 ranks first for the content words of the question."""
    sentences = [
        PassageKey(article.id, span.start, span.end)
        for article in resources.articles
        for span in split_sentences(article.text)
        if kind_of(article.text, span) != "heading"
    ]
    connection = sqlite3.connect(":memory:")
    connection.execute(LEXICAL_SCHEMA)
    for number, key in enumerate(sentences):
        article = resources.app.article(key.article_id)
        add_to_lexical_index(connection, number, article.text[key.start : key.end], article.title)
    best = "SELECT rowid FROM lexical WHERE lexical MATCH ? ORDER BY bm25(lexical), rowid LIMIT 2"

    def ask(question: str) -> SystemAnswer:
        query = " OR ".join(f'"{term}"' for term in content_terms(question.replace('"', " ")))
        found = [sentences[number] for (number,) in connection.execute(best, (query,))]
        claims = [
            CitedSentence(resources.app.article(key.article_id).text[key.start : key.end], (key,)) for key in found
        ]
        return SystemAnswer(" ".join(claim.text for claim in claims), tuple(claims), answered=bool(claims))

    return ask


def bare(resources: Resources) -> Ask:
    """SmolLM2 alone: it reads no article and cites none."""
    return lambda question: parse_reply(resources.llm.complete(question).text, lambda _: ())


SYSTEMS: Final[Mapping[str, Callable[[Resources], Ask]]] = {
    "askseoul": askseoul,
    "askseoul-local": askseoul_local,
    "quickstart": quickstart,
    "citation": citation,
    "bm25": bm25,
    "bare": bare,
}
TITLES: Final = {
    "askseoul": "AskSeoul",
    "askseoul-local": "AskSeoul, SmolLM2",
    "quickstart": "LlamaIndex quickstart",
    "citation": "CitationQueryEngine",
    "bm25": "BM25, 2 sentences",
    "bare": "SmolLM2 alone",
}


def parse_reply(text: str, cited_by: Callable[[str], tuple[PassageKey, ...]]) -> SystemAnswer:
    """The reply of a language model as sentences without citation markers, each with what ``cited_by`` finds."""
    if refuses(text):
        return SystemAnswer(text, (), answered=False)
    sentences = [text[span.start : span.end] for span in split_sentences(text)]
    claims = (CitedSentence(_MARKER.sub("", sentence).strip(), cited_by(sentence)) for sentence in sentences)
    said = tuple(claim for claim in claims if any(map(str.isalnum, claim.text)))
    return SystemAnswer(_MARKER.sub("", text).strip(), said, answered=bool(said))


def refuses(text: str) -> bool:
    """Whether a language model does not answer: the text is empty, or its first sentence matches REFUSALS."""
    spans = split_sentences(text)
    return not spans or REFUSALS.search(text[: spans[0].end]) is not None


def cited_sources(sentence: str, sources: Sequence[PassageKey]) -> tuple[PassageKey, ...]:
    """The sources whose numbers a sentence contains; NOWHERE for a number without a source."""
    numbers = [int(digits) for match in _MARKER.finditer(sentence) for digits in re.findall(r"\d+", match[0])]
    found = (sources[number - 1] if 0 < number <= len(sources) else NOWHERE for number in numbers)
    return tuple(dict.fromkeys(found))


def source_passages(response: RESPONSE_TYPE, read_article: ReadArticle) -> tuple[PassageKey, ...]:
    """The places of a response's source nodes in the articles, in the order of the nodes."""
    return tuple(
        locate_source(found.node.get_content(), read_article(found.node.ref_doc_id or ""))
        for found in response.source_nodes
    )


def locate_source(content: str, article: Article) -> PassageKey:
    """Where a node's text is in its article, or NOWHERE.

    Ignores white space and the number that ``CitationQueryEngine`` puts before the text.
    """
    bare_words = re.sub(r"^Source \d+:\n", "", content).split()
    match = re.search(r"\s+".join(map(re.escape, bare_words)), article.text) if bare_words else None
    return PassageKey(article.id, *match.span()) if match else NOWHERE


# Measures


def measure_answer(
    question: GoldQuestion,
    answer: SystemAnswer,
    evidence: Sequence[LocatedEvidence],
    read_article: ReadArticle,
    supports: Supports,
) -> dict[str, float | None]:
    """Every measure of one answer; None for those that do not apply."""
    answerable = question.kind != "unanswerable"
    citations = [as_citation(passage) for passage in answer.passages]
    text = answer.text if answer.answered else ""
    recall, precision = support(answer.sentences, supports) if answer.answered else (None, None)
    exact = [is_exact(passage, read_article) for passage in answer.passages]
    return {
        "facts": facts_held(text, question.facts),
        "f1": token_f1(text, question.answers) if answerable and question.answers else None,
        "evidence": evidence_cited(citations, evidence),
        "precision": citation_precision(citations, evidence) if evidence else None,
        "recall": recall,
        "needed": precision,
        "exact": sum(exact) / len(exact) if exact else None,
        "words": float(count_words(text)) if answer.answered else None,
        "words_cited": float(sum(cited_words(answer.passages, read_article))) if answer.passages else None,
        "answered": float(answer.answered) if answerable else None,
        "refused": None if answerable else float(not answer.answered),
        "seconds": answer.seconds,
    }


Supports = Callable[[str, tuple[PassageKey, ...]], bool]
"""Whether passages support a text."""


def support_judge(read_article: ReadArticle, reader: Reader) -> Supports:
    """A function that judges support with our checks, whether a system cites much or little.

    Sentences of a passage are also checked alone, because the rest of a long passage distracts the reader from them.
    """

    @lru_cache(maxsize=4096)
    def supports(text: str, passages: tuple[PassageKey, ...]) -> bool:
        quotes = [Quote(read_article(key.article_id), key.start, key.end) for key in passages if key != NOWHERE]
        sentences = [
            Quote(quote.article, quote.start + span.start, quote.start + span.end)
            for quote in quotes
            for span in split_sentences(quote.text)
        ]
        nearest = sorted(sentences, key=lambda sentence: -content_share(text, [sentence.text]))[:NEAREST]
        ways = [quotes, *([sentence] for sentence in nearest), sentences]
        return any(next(verify_claim(text, way, reader, exact=False))[1].verdict == "supported" for way in ways if way)

    return supports


def support(sentences: Sequence[CitedSentence], supports: Supports) -> tuple[float | None, float | None]:
    """ALCE's citation recall and precision of one answer; None where there is nothing to count.

    Recall is the share of sentences that their passages support together. Precision is the share of citations, counted
    for each sentence, whose sentence is supported and that either support it alone or are needed for its support.
    """
    supported, needed = [], []
    for sentence in sentences:
        whole = bool(sentence.passages) and supports(sentence.text, sentence.passages)
        supported.append(whole)
        for place, passage in enumerate(sentence.passages):
            others = sentence.passages[:place] + sentence.passages[place + 1 :]
            needed.append(
                whole and (supports(sentence.text, (passage,)) or not (others and supports(sentence.text, others)))
            )
    return (
        sum(supported) / len(supported) if supported else None,
        sum(needed) / len(needed) if needed else None,
    )


def is_exact(passage: PassageKey, read_article: ReadArticle) -> bool:
    """Whether a citation is a span of an article with at most LONGEST_QUOTE words."""
    if passage == NOWHERE:
        return False
    text = read_article(passage.article_id).text
    is_span = 0 <= passage.start < passage.end <= len(text)
    return is_span and count_words(text[passage.start : passage.end]) <= LONGEST_QUOTE


def cited_words(passages: Iterable[PassageKey], read_article: ReadArticle) -> Iterator[int]:
    """The number of words of each cited passage."""
    for passage in passages:
        if passage != NOWHERE:
            yield count_words(read_article(passage.article_id).text[passage.start : passage.end])


def as_citation(passage: PassageKey) -> Citation:
    """A passage as a citation for the metrics of ``askseoul eval``, which read only its place."""
    return Citation(0, passage.article_id, "", None, None, None, "", passage.start, passage.end, "")


# Tables


def mean(values: FloatArray) -> FloatArray:
    """The mean of each row, without missing values; NaN where all are missing."""
    known = ~np.isnan(values)
    counts = known.sum(axis=-1)
    sums = np.where(known, values, 0.0).sum(axis=-1)
    figures: FloatArray = np.divide(sums, counts, out=np.full(counts.shape, np.nan), where=counts > 0)
    return figures


def median(values: FloatArray) -> FloatArray:
    """The nearest-rank median of each row."""
    ordered: FloatArray = np.sort(values, axis=-1)
    return np.asarray(ordered[..., (values.shape[-1] + 1) // 2 - 1])


MEASURES: Final = {
    "facts": Measure("facts held", mean),
    "f1": Measure("token F1", mean),
    "evidence": Measure("evidence cited", mean),
    "precision": Measure("citation precision", mean),
    "recall": Measure("sentences supported (ALCE recall)", mean),
    "needed": Measure("citations needed (ALCE precision)", mean),
    "exact": Measure("exact short quotes", mean),
    "words_cited": Measure("words cited", mean, ".0f"),
    "words": Measure("words", mean, ".0f"),
    "balanced": Measure("refusal, balanced accuracy", mean),
    "answered": Measure("answered, of the answerable", mean),
    "refused": Measure("refused, of the unanswerable", mean),
    "seconds": Measure("seconds, p50", median),
}


def figure_with_interval(name: str, values: Sequence[Mapping[str, float | None]]) -> tuple[float, float, float] | None:
    """A measure over the questions and its 95 % bootstrap interval (value, low, high); None without any value.

    The same resamples are used for every system. Balanced accuracy is the mean of the shares of answerable questions
    answered and unanswerable ones refused, over the resamples that have both kinds.
    """
    drawn = draws(len(values))
    parts = ["answered", "refused"] if name == "balanced" else [name]
    figure = MEASURES[name].figure
    columns = [np.array([_number(row[part]) for row in values]) for part in parts]
    whole = float(np.mean([figure(column) for column in columns]))
    if np.isnan(whole):
        return None
    rounds = np.mean([figure(column[drawn]) for column in columns], axis=0)
    low, high = np.nanquantile(rounds, [0.025, 0.975])
    return whole, float(low), float(high)


@lru_cache(maxsize=4)
def draws(count: int) -> npt.NDArray[np.int64]:
    """Indexes of ROUNDS bootstrap resamples, shape (ROUNDS, count)."""
    return np.random.default_rng(SEED).integers(0, count, (ROUNDS, count))


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def ask_all(
    systems: Mapping[str, Ask], questions: Sequence[GoldQuestion], resources: Resources, save_to: Path | None = None
) -> dict[str, list[Result]]:
    """Ask every system every question, and append the answers to the file ``save_to`` as they arrive."""
    evidence = [locate(question, resources.app.article) for question in questions]
    read_article = lru_cache(maxsize=None)(resources.app.article)
    supports = support_judge(read_article, resources.app.reader)
    results: dict[str, list[Result]] = {name: [] for name in systems}
    for number, (question, located) in enumerate(zip(questions, evidence, strict=True), start=1):
        print(f"{number} of {len(questions)}: {question.question}", file=sys.stderr, flush=True)
        for name, ask in systems.items():
            answer = timed(ask, question.question)
            values = measure_answer(question, answer, located, read_article, supports)
            results[name].append(Result(question, answer, values))
        if save_to is not None:
            latest = [result_row(name, of_system[-1]) for name, of_system in results.items()]
            with save_to.open("w" if number == 1 else "a", encoding="utf-8") as file:
                file.writelines(f"{json.dumps(row, ensure_ascii=False)}\n" for row in latest)
    return results


def timed(ask: Ask, question: str) -> SystemAnswer:
    """An answer with the seconds it took. A language model that fails counts as a refusal."""
    started = time.perf_counter()
    try:
        answer = ask(question)
    except GeneratorError:
        answer = SystemAnswer("", (), answered=False)
    return dataclasses.replace(answer, seconds=time.perf_counter() - started)


def caption_of(name: str, questions: Sequence[GoldQuestion], resources: Resources) -> str:
    """The caption: which questions were asked about which articles."""
    answerable = sum(question.kind != "unanswerable" for question in questions)
    caption = f"{name}: {len(questions)} questions, {answerable} of them answerable, {len(resources.articles)} articles"
    return f"{caption}. LlamaIndex uses {resources.embedding}." if resources.embedding else f"{caption}."


def rows(results: Mapping[str, Sequence[Result]]) -> Iterator[list[str]]:
    """The rows of the table: a title and the figure of each system. Measures without any value are left out."""
    for name, measure in MEASURES.items():
        figures = [
            figure_with_interval(name, [result.values for result in of_system]) for of_system in results.values()
        ]
        if any(figures):
            yield [measure.title, *(_cell(figure, measure.format) for figure in figures)]


def _cell(figure: tuple[float, float, float] | None, form: str) -> str:
    if figure is None:
        return "–"
    value, low, high = (f"{each:{form}}" for each in figure)
    return f"{value} ({low} to {high})"


def table(results: Mapping[str, Sequence[Result]], caption: str) -> Table:
    """The table for the terminal."""
    drawn = Table("", title=caption)
    for name in results:
        drawn.add_column(TITLES[name], justify="right")
    for row in rows(results):
        drawn.add_row(*row)
    return drawn


def markdown(results: Mapping[str, Sequence[Result]], caption: str) -> str:
    """The table in Markdown."""
    lines = [["", *(TITLES[name] for name in results)], ["---", *("---:" for _ in results)], *rows(results)]
    return "\n".join([caption, "", *(f"| {' | '.join(line)} |" for line in lines)])


def replace_table(page: str, name: str, content: str) -> str:
    """The page with this content between the markers of a set. Raises ValueError if it lacks the markers."""
    first, last = f"<!-- peers:{name} -->", f"<!-- /peers:{name} -->"
    before, opened, rest = page.partition(first)
    _, closed, after = rest.partition(last)
    if not opened or not closed:
        raise ValueError(f"it lacks the markers {first} and {last}")
    return f"{before}{first}\n{content}\n{last}{after}"


def result_row(name: str, result: Result) -> dict[str, object]:
    """One answer of a system with its measures, for the file of answers."""
    question = {"id": result.question.id, "kind": result.question.kind, "question": result.question.question}
    return {"system": name, **question, **dataclasses.asdict(result.answer), "values": dict(result.values)}


if __name__ == "__main__":
    main()
