"""Answers of other systems beside ours: same articles, same questions, same encoder and language model, one run.

    python evals/peers.py [--set digests|articles|clapnq] [--questions N] [--peers a,b] [--page FILE] [--answers FILE]

``askseoul`` quotes and ``askseoul-local`` words its answers with SmolLM2. ``quickstart`` is LlamaIndex as its
documentation starts with Chroma and ``citation`` its ``CitationQueryEngine``, both on one index of the same articles
with ``HuggingFaceEmbedding`` and our encoder's weights, ``SentenceSplitter`` as it comes, and SmolLM2. ``bm25`` says
the two sentences that BM25 ranks first, whatever is asked, and ``bare`` is SmolLM2 without any article. Every question
is put to all of them in turn. Asked are those in English that stand by themselves: no peer remembers a conversation.

What each measure counts, for all in the same way; a refusal says nothing, so it holds no facts and cites nothing, and
what is told without need (an answer to an unanswerable question) is judged by its citations and its length as well:

- facts held: ``measures.facts_held``; token F1: SQuAD's, the best over the reference answers, where there are some.
- evidence cited, citation precision: as ``askseoul eval`` has them, on the passages that are cited.
- sentences supported, citations needed: recall and precision of ALCE (arXiv 2305.14627), with our checks in place of
  its entailment model. A sentence is supported when all checks pass against its cited passages as they are, their
  sentences together, or one of them. A citation counts when it supports the sentence alone or the others do not without
  it. An answer without citations has no precision (ALCE says 0, which is harder on the peers). Our sentences are shown
  only when these same checks pass, and a sentence that is copied passes them, so this is true nearly by construction
  for AskSeoul and BM25: it tells about what the language model words.
- exact short quotes: citations that are an exact span of an article, of at most 60 words. "Words cited" is what a
  reader has to read to check an answer: each cited passage once.
- refusal: balanced accuracy. A peer refuses with an empty text, or when its first sentence says that it does not know
  or that the sources do not tell (``REFUSALS``).

Figures stand with 95 % bootstrap intervals over the questions. On long articles the four with SmolLM2 take about
a minute for a question on two cores; ``--answers`` keeps what is told as it comes. LlamaIndex's embedding needs
``pip install "askseoul[peers]"``; without it ``AskSeoulEmbedding`` takes its place, and the table says so.
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

from askseoul.domain import Answer, Article, Citation, PassageKey
from askseoul.errors import GeneratorError
from askseoul.evaluation import public_datasets, runner
from askseoul.evaluation.datasets import GoldQuestion, load_gold
from askseoul.evaluation.metrics import (
    LocatedEvidence,
    citation_precision,
    evidence_cited,
    facts_held,
    locate,
    token_f1,
    without_markers,
    words,
)
from askseoul.index.store import Store
from askseoul.index.tables import SCHEMA, add_to_lexical_index
from askseoul.models import weights
from askseoul.models.encoder import load_encoder
from askseoul.models.generator import load_generator
from askseoul.nlp.text import is_heading, split_sentences
from askseoul.pipeline import AskSeoul
from askseoul.retrieval.search import content_terms
from askseoul.verification.alignment import TokenSimilarity
from askseoul.verification.claim import content_share, quote_context, verify_sentence
from evals.quality.answerability import ROOT, SHARED

if TYPE_CHECKING:
    from llama_index.core import VectorStoreIndex
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.base.response.schema import RESPONSE_TYPE

    from askseoul.llama import LocalLLM

SEED: Final = 20260731
ROUNDS: Final = 2_000
LONGEST_QUOTE: Final = 60
"""Words of a citation that a reader still checks at a glance."""
NEAREST: Final = 5
"""Sentences of the cited passages that are each tried alone, those that have most of a claim's words."""
CITED_SOURCES: Final = 3
"""What LlamaIndex's own example gives ``CitationQueryEngine`` to cite; its default is 2."""
NOWHERE: Final = PassageKey("", 0, 0)
"""What a citation shows that names no source."""

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
"""Phrases with which a language model says that it does not answer; looked for in the first sentence alone."""

_MARKER: Final = re.compile(
    r"\s*(?:\[(?:sources? )?(\d+(?:\s*,\s*(?:source )?\d+)*)\]|\((?:sources? )(\d+(?:\s*,\s*(?:source )?\d+)*)\)"
    r"|\bsource (\d+)\b)",
    re.IGNORECASE,
)

FloatArray = npt.NDArray[np.float64]
ReadArticle = Callable[[str], Article]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A sentence of an answer and the passages that it rests on."""

    text: str
    passages: tuple[PassageKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What a system tells; where it does not answer there are no sentences."""

    text: str
    sentences: tuple[Claimed, ...]
    answered: bool
    seconds: float = 0.0

    @property
    def passages(self) -> tuple[PassageKey, ...]:
        """What is cited, each passage once."""
        return tuple(dict.fromkeys(passage for sentence in self.sentences for passage in sentence.passages))


Ask = Callable[[str], Told]


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of the table: how it is called, and how it comes from the values of the questions."""

    title: str
    figure: Callable[[FloatArray], FloatArray]
    form: str = ".2f"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question put to one peer, and what that came to; None where a measure makes no sense."""

    question: GoldQuestion
    told: Told
    values: Mapping[str, float | None]


def main() -> None:
    """Ask, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", choices=["digests", "articles", "clapnq"], default="digests")
    parser.add_argument("--questions", type=int, help="ask so many, evenly spread; of clapnq so many of both kinds")
    parser.add_argument("--peers", default=",".join(TITLES), help=f"which of {', '.join(TITLES)}, with commas")
    parser.add_argument("--page", type=Path, help="write the table between <!-- peers:SET --> and <!-- /peers:SET -->")
    parser.add_argument("--answers", type=Path, help="write every answer and its measures here, as JSON lines")
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder of the public data")
    options = parser.parse_args()
    peers = options.peers.split(",")
    if unknown := [name for name in peers if name not in TITLES]:
        parser.error(f"there is no peer {unknown[0]!r}: choose of {', '.join(TITLES)}")
    if options.page:
        try:  # before the run, not behind it
            replaced(options.page.read_text(encoding="utf-8"), options.set, "")
        except (OSError, ValueError) as error:
            parser.error(f"--page {options.page}: {error}")
    if options.set != "digests" and not options.shared.is_dir():
        parser.error(f"there is no folder {options.shared}: name the one with bench/, articles/ and gold/ by --shared")
    with tempfile.TemporaryDirectory() as work:
        folder, questions = read_set(options.set, options.questions, options.shared, Path(work))
        with workshop(folder, Path(work)) as shop:
            asked = ask_all({name: PEERS[name](shop) for name in peers}, questions, shop, options.answers)
            caption = described(options.set, questions, shop)
    Console(width=40 + 26 * len(peers)).print(table(asked, caption))
    if options.page:
        page = options.page.read_text(encoding="utf-8")
        options.page.write_text(replaced(page, options.set, markdown(asked, caption)), encoding="utf-8")


# What is asked


def read_set(name: str, most: int | None, shared: Path, work: Path) -> tuple[Path, list[GoldQuestion]]:
    """The folder of the articles and the questions on them."""
    if name == "clapnq":
        return read_clapnq(shared / "bench" / "clapnq", most, work / "clapnq")
    if name == "articles":
        folder, gold = shared / "articles", shared / "gold" / "articles.jsonl"
    else:
        folder, gold = ROOT / "index" / "articles", ROOT / "evals" / "gold" / "digests.jsonl"
    questions = [each for each in load_gold(gold) if each.lang == "en" and not each.history]
    return folder, spread(questions, most)


def spread(questions: Sequence[GoldQuestion], most: int | None) -> list[GoldQuestion]:
    """At most so many of the questions, evenly from the first to the last."""
    if most is None or most >= len(questions):
        return list(questions)
    return [questions[place * len(questions) // most] for place in range(most)]


def read_clapnq(source: Path, most: int | None, folder: Path) -> tuple[Path, list[GoldQuestion]]:
    """The first questions of both kinds over all passages, each an article."""
    found = public_datasets.read_set("clapnq", source)
    kinds = ([each for each in found.questions if each.kind == kind] for kind in ("explain", "unanswerable"))
    return runner.write_articles(found, folder), [question for each in kinds for question in each[:most]]


# Who is asked


class Workshop:
    """The articles as all read them, and what several peers share: made when it is first needed."""

    def __init__(self, app: AskSeoul, work: Path) -> None:
        self.app = app
        self.articles = [app.article(summary.id) for summary in app.articles()]
        self.embedding = ""
        self._work = work

    @cached_property
    def llm(self) -> LocalLLM:
        """SmolLM2, for LlamaIndex and by itself."""
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
def workshop(folder: Path, work: Path) -> Iterator[Workshop]:
    """Our index of a folder of articles, and what else is asked."""
    encoder = load_encoder()
    with AskSeoul(Store.open(work / "index", encoder=encoder, create=True), encoder, None) as app:
        app.index([folder])
        yield Workshop(app, work)


def askseoul(shop: Workshop) -> Ask:
    """AskSeoul as it is shipped, which quotes."""
    return lambda question: told_by_askseoul(shop.app.ask(question))


def askseoul_local(shop: Workshop) -> Ask:
    """AskSeoul with SmolLM2's words."""
    app = AskSeoul(shop.app.store, shop.app.encoder, load_generator("local"))
    return lambda question: told_by_askseoul(app.ask(question))


def told_by_askseoul(answer: Answer) -> Told:
    """An answer as every peer's is compared; what a refusal says is no answer."""
    if not answer.answered:
        return Told(answer.text, (), answered=False)
    places = {each.number: PassageKey(each.article_id, each.start, each.end) for each in answer.citations}
    claims = (Claimed(each.text, tuple(places[number] for number in each.citations)) for each in answer.sentences)
    return Told(without_markers(answer.text), tuple(claims), answered=True)


def quickstart(shop: Workshop) -> Ask:
    """LlamaIndex's ``index.as_query_engine()``: each sentence rests on all that was retrieved."""
    engine = shop.index.as_query_engine(llm=shop.llm)

    def ask(question: str) -> Told:
        response = engine.query(question)
        sources = sources_of(response, shop.app.article)
        return told_by_model(str(response), lambda _: sources)

    return ask


def citation(shop: Workshop) -> Ask:
    """LlamaIndex's ``CitationQueryEngine``: a sentence rests on the sources whose numbers stand in it."""
    from llama_index.core.query_engine import CitationQueryEngine

    engine = CitationQueryEngine.from_args(shop.index, llm=shop.llm, similarity_top_k=CITED_SOURCES)

    def ask(question: str) -> Told:
        response = engine.query(question)
        sources = sources_of(response, shop.app.article)
        return told_by_model(str(response), lambda sentence: cited_sources(sentence, sources))

    return ask


def bm25(shop: Workshop) -> Ask:
    """The two sentences, of all articles, that BM25 ranks first, with the words of the question that carry content."""
    sentences = [
        PassageKey(article.id, span.start, span.end)
        for article in shop.articles
        for span in split_sentences(article.text)
        if not is_heading(article.text[span.start : span.end])
    ]
    connection = sqlite3.connect(":memory:")
    connection.execute(SCHEMA)
    for number, key in enumerate(sentences):
        article = shop.app.article(key.article_id)
        add_to_lexical_index(connection, number, article.text[key.start : key.end], article.title)
    best = "SELECT rowid FROM lexical WHERE lexical MATCH ? ORDER BY bm25(lexical), rowid LIMIT 2"

    def ask(question: str) -> Told:
        query = " OR ".join(f'"{term}"' for term in content_terms(question.replace('"', " ")))
        found = [sentences[number] for (number,) in connection.execute(best, (query,))]
        claims = [Claimed(shop.app.article(key.article_id).text[key.start : key.end], (key,)) for key in found]
        return Told(" ".join(claim.text for claim in claims), tuple(claims), answered=bool(claims))

    return ask


def bare(shop: Workshop) -> Ask:
    """SmolLM2 by itself, which reads no article and cites none."""
    return lambda question: told_by_model(shop.llm.complete(question).text, lambda _: ())


PEERS: Final[Mapping[str, Callable[[Workshop], Ask]]] = {
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


def told_by_model(text: str, rests_on: Callable[[str], tuple[PassageKey, ...]]) -> Told:
    """What a language model wrote, sentence by sentence without its markers, each with what it rests on."""
    if refuses(text):
        return Told(text, (), answered=False)
    sentences = [text[span.start : span.end] for span in split_sentences(text)]
    claims = (Claimed(_MARKER.sub("", sentence).strip(), rests_on(sentence)) for sentence in sentences)
    said = tuple(claim for claim in claims if any(map(str.isalnum, claim.text)))
    return Told(_MARKER.sub("", text).strip(), said, answered=bool(said))


def refuses(text: str) -> bool:
    """Whether a language model's text says that it does not answer: nothing, or one of REFUSALS to begin with."""
    spans = split_sentences(text)
    return not spans or REFUSALS.search(text[: spans[0].end]) is not None


def cited_sources(sentence: str, sources: Sequence[PassageKey]) -> tuple[PassageKey, ...]:
    """The sources whose numbers a sentence names; NOWHERE for a number that none has."""
    numbers = [int(digits) for match in _MARKER.finditer(sentence) for digits in re.findall(r"\d+", match[0])]
    found = (sources[number - 1] if 0 < number <= len(sources) else NOWHERE for number in numbers)
    return tuple(dict.fromkeys(found))


def sources_of(response: RESPONSE_TYPE, read_article: ReadArticle) -> tuple[PassageKey, ...]:
    """Where the source nodes of a response stand in the articles, in their order."""
    return tuple(
        place_of(found.node.get_content(), read_article(found.node.ref_doc_id or "")) for found in response.source_nodes
    )


def place_of(content: str, article: Article) -> PassageKey:
    """The place of a node's text, without the number that ``CitationQueryEngine`` puts before it, however spaced."""
    bare_words = re.sub(r"^Source \d+:\n", "", content).split()
    match = re.search(r"\s+".join(map(re.escape, bare_words)), article.text) if bare_words else None
    return PassageKey(article.id, *match.span()) if match else NOWHERE


# What is measured


def measured(
    question: GoldQuestion,
    told: Told,
    evidence: Sequence[LocatedEvidence],
    read_article: ReadArticle,
    supports: Supports,
) -> dict[str, float | None]:
    """Every measure of one answer; None where it makes no sense for it."""
    answerable = question.kind != "unanswerable"
    citations = [as_citation(passage) for passage in told.passages]
    text = told.text if told.answered else ""
    recall, precision = support(told.sentences, supports) if told.answered else (None, None)
    exact = [is_exact(passage, read_article) for passage in told.passages]
    return {
        "facts": facts_held(text, question.facts),
        "f1": token_f1(text, question.answers) if answerable and question.answers else None,
        "evidence": evidence_cited(citations, evidence),
        "precision": citation_precision(citations, evidence) if evidence else None,
        "recall": recall,
        "needed": precision,
        "exact": sum(exact) / len(exact) if exact else None,
        "words": float(words(text)) if told.answered else None,
        "words_cited": float(sum(cited_words(told.passages, read_article))) if told.passages else None,
        "answered": float(told.answered) if answerable else None,
        "refused": None if answerable else float(not told.answered),
        "seconds": told.seconds,
    }


Supports = Callable[[str, tuple[PassageKey, ...]], bool]
"""Whether these passages support a text."""


def supporting(read_article: ReadArticle, meaning: TokenSimilarity | None) -> Supports:
    """Our checks as a judge of support. The encoder reads 256 tokens, so a long passage is tried by its sentences too,
    and a quote too short to explain a name has what stands around it: whoever cites much or little is judged alike."""

    @lru_cache(maxsize=4096)
    def supports(text: str, passages: tuple[PassageKey, ...]) -> bool:
        known = [(read_article(key.article_id), key) for key in passages if key != NOWHERE]
        quotes = [article.text[key.start : key.end] for article, key in known]
        contexts = [quote_context(article, key.start, key.end) for article, key in known]
        sentences = [quote[span.start : span.end] for quote in quotes for span in split_sentences(quote)]
        nearest = sorted(sentences, key=lambda sentence: -content_share(text, [sentence]))[:NEAREST]
        ways = [quotes, *([sentence] for sentence in nearest), sentences]
        return any(
            verify_sentence(text, way, contexts=contexts, meaning=meaning).verdict == "supported" for way in ways if way
        )

    return supports


def support(sentences: Sequence[Claimed], supports: Supports) -> tuple[float | None, float | None]:
    """ALCE's recall and precision of the citations of one answer.

    Recall is the share of sentences that their passages support together. Precision is the share of citations, each
    counted in each sentence, that stand in a supported sentence and support it alone or are needed by it.
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
    """Whether a citation is a span of an article, of at most LONGEST_QUOTE words."""
    if passage == NOWHERE:
        return False
    text = read_article(passage.article_id).text
    return 0 <= passage.start < passage.end <= len(text) and words(text[passage.start : passage.end]) <= LONGEST_QUOTE


def cited_words(passages: Iterable[PassageKey], read_article: ReadArticle) -> Iterator[int]:
    """The words of each cited passage."""
    for passage in passages:
        if passage != NOWHERE:
            yield words(read_article(passage.article_id).text[passage.start : passage.end])


def as_citation(passage: PassageKey) -> Citation:
    """A passage as the measures of ``askseoul eval`` read it; they look at nothing but its place."""
    return Citation(0, passage.article_id, "", None, None, None, "", passage.start, passage.end, "")


# What is shown


def mean(values: FloatArray) -> FloatArray:
    """The mean of each row over the questions for which there is a value; NaN where there is none."""
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
    """A measure over the questions and the ends of its 95 % bootstrap interval; None where there is nothing to measure.

    The same questions are drawn for every peer. Balanced accuracy is the mean of both shares, over those draws that
    hold questions of both kinds.
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
    """ROUNDS times so many questions, drawn with replacement."""
    return np.random.default_rng(SEED).integers(0, count, (ROUNDS, count))


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def ask_all(
    peers: Mapping[str, Ask], questions: Sequence[GoldQuestion], shop: Workshop, keep: Path | None = None
) -> dict[str, list[Asked]]:
    """Every question to every peer in turn; what is told goes into the file ``keep`` at once, to be read by people."""
    evidence = [locate(question, shop.app.article) for question in questions]
    read_article = lru_cache(maxsize=None)(shop.app.article)
    supports = supporting(read_article, shop.app.meaning)
    asked: dict[str, list[Asked]] = {name: [] for name in peers}
    for number, (question, located) in enumerate(zip(questions, evidence, strict=True), start=1):
        print(f"{number} of {len(questions)}: {question.question}", file=sys.stderr, flush=True)
        for name, ask in peers.items():
            told = timed(ask, question.question)
            values = measured(question, told, located, read_article, supports)
            asked[name].append(Asked(question, told, values))
        if keep is not None:
            latest = [answer_row(name, of_peer[-1]) for name, of_peer in asked.items()]
            with keep.open("w" if number == 1 else "a", encoding="utf-8") as file:
                file.writelines(f"{json.dumps(row, ensure_ascii=False)}\n" for row in latest)
    return asked


def timed(ask: Ask, question: str) -> Told:
    """What is told, and how long it took; a language model that says nothing has not answered."""
    started = time.perf_counter()
    try:
        told = ask(question)
    except GeneratorError:
        told = Told("", (), answered=False)
    return dataclasses.replace(told, seconds=time.perf_counter() - started)


def described(name: str, questions: Sequence[GoldQuestion], shop: Workshop) -> str:
    """What was asked of what, for the caption."""
    held = sum(question.kind != "unanswerable" for question in questions)
    caption = f"{name}: {len(questions)} questions, of which {held} can be answered, on {len(shop.articles)} articles"
    return f"{caption}. LlamaIndex embeds with {shop.embedding}." if shop.embedding else f"{caption}."


def cells(asked: Mapping[str, Sequence[Asked]]) -> Iterator[list[str]]:
    """The rows of the table: a measure that exists for some peer, and its figure for each."""
    for name, measure in MEASURES.items():
        figures = [figure_with_interval(name, [each.values for each in of_peer]) for of_peer in asked.values()]
        if any(figures):
            yield [measure.title, *(_cell(figure, measure.form) for figure in figures)]


def _cell(figure: tuple[float, float, float] | None, form: str) -> str:
    if figure is None:
        return "–"
    value, low, high = (f"{each:{form}}" for each in figure)
    return f"{value} ({low} to {high})"


def table(asked: Mapping[str, Sequence[Asked]], caption: str) -> Table:
    """The figures for the terminal."""
    drawn = Table("", title=caption)
    for name in asked:
        drawn.add_column(TITLES[name], justify="right")
    for row in cells(asked):
        drawn.add_row(*row)
    return drawn


def markdown(asked: Mapping[str, Sequence[Asked]], caption: str) -> str:
    """The figures for a page."""
    lines = [["", *(TITLES[name] for name in asked)], ["---", *("---:" for _ in asked)], *cells(asked)]
    return "\n".join([caption, "", *(f"| {' | '.join(line)} |" for line in lines)])


def replaced(page: str, name: str, content: str) -> str:
    """The page with this between the markers of a set. Raises ValueError where it lacks them."""
    first, last = f"<!-- peers:{name} -->", f"<!-- /peers:{name} -->"
    before, opened, rest = page.partition(first)
    _, closed, after = rest.partition(last)
    if not opened or not closed:
        raise ValueError(f"it lacks the markers {first} and {last}")
    return f"{before}{first}\n{content}\n{last}{after}"


def answer_row(name: str, asked: Asked) -> dict[str, object]:
    """One answer of a peer with its measures."""
    question = {"id": asked.question.id, "kind": asked.question.kind, "question": asked.question.question}
    return {"peer": name, **question, **dataclasses.asdict(asked.told), "values": dict(asked.values)}


if __name__ == "__main__":
    main()
