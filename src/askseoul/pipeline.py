"""The whole way: files into an index, a question into a checked answer."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np

from askseoul.answerability import judge
from askseoul.answering import draft_quotes, draft_with
from askseoul.articles import article_ids, find_files, read_article
from askseoul.domain import Answer, Article, Failure, Hit, IndexReport, Sentence, Trace
from askseoul.encoders import Encoder, Precision, load_encoder
from askseoul.errors import ArticleError, NothingIndexed
from askseoul.evidence import select_evidence
from askseoul.generators import Generator, LlamaIndexGenerator, load_generator
from askseoul.passages import split_passages
from askseoul.questions import read_question
from askseoul.retrieval import content_terms, embedded_text, search, term_weights
from askseoul.store import Store
from askseoul.tables import ArticleSummary
from askseoul.verification import Inquiry, refuse, verify_drafts

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

HITS = 12
"""Passages that an answer is made from."""

Progress = Callable[[int, int], None]
"""Told how many files of how many are done."""


class AskSeoul:
    """An index and what is needed to ask it. Safe to ask from several threads; use it as a context manager, or close
    it."""

    def __init__(self, store: Store, encoder: Encoder, generator: Generator | None) -> None:
        self.store = store
        self.encoder = encoder
        self.generator = generator

    @classmethod
    def open(
        cls,
        index: str | Path = "index",
        *,
        create: bool = False,
        llm: LLM | None = None,
        generator: str = "none",
        encoder: str | None = None,
        precision: Precision = "auto",
    ) -> Self:
        """Open the index in this folder; with ``create`` make an empty one where there is none.

        ``llm`` is any LlamaIndex LLM that words the answers; without one ``generator`` tells who does: ``none``
        (quotes), ``local`` or ``openai:MODEL@URL``. ``encoder`` is a folder or name of a sentence-transformers model.
        Raises IndexMissing, IndexForeign, IndexMismatch, IndexUnwritable, ModelError, GeneratorError, UsageError."""
        if not create:
            Store.open(Path(index)).close()  # what is wrong with the folder is told before a model is loaded
        worded_by = LlamaIndexGenerator(llm) if llm is not None else load_generator(generator)
        loaded = load_encoder(encoder, precision)
        return cls(Store.open(Path(index), encoder=loaded, create=create), loaded, worded_by)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the index."""
        self.store.close()

    def index(self, paths: Iterable[str | Path], progress: Progress = lambda done, of: None) -> IndexReport:
        """Bring the index up to date with these files and folders; what it holds of other places stays.

        A file that can't be indexed is named in the report and the others go on. Raises NothingIndexed when no file
        could be, IndexUnwritable."""
        files = find_files(Path(path) for path in paths)
        held = {summary.id: summary.places[0] for summary in self.store.articles()}
        ids = article_ids(files, held)
        done: dict[str, list[str]] = {"added": [], "updated": [], "unchanged": []}
        stripped: dict[str, int] = {}
        failed = []
        for number, path in enumerate(files):
            progress(number, len(files))
            try:
                article = read_article(path, ids[path])
            except ArticleError as error:
                failed.append(Failure(str(path), str(error)))
                continue
            done[self._take(article, is_held=article.id in held)].append(article.id)
            if article.stripped:
                stripped[article.id] = article.stripped
        progress(len(files), len(files))
        if not any(done.values()):
            listed = "\n".join(f"  {failure.reason}" for failure in failed)
            raise NothingIndexed(
                f"No article could be indexed.\n{listed or '  There was no .md or .txt file to read.'}"
            )
        self.store.synchronise()
        added, updated, unchanged = (tuple(done[what]) for what in ("added", "updated", "unchanged"))
        return IndexReport(added, updated, (), unchanged, tuple(failed), stripped)

    def _take(self, article: Article, *, is_held: bool) -> str:
        if is_held and replace(self.store.article(article.id), places=article.places) == article:
            return "unchanged"
        passages = split_passages(article, self.encoder.token_offsets)
        encodings = self.encoder.encode_document([embedded_text(article, passage) for passage in passages])
        self.store.add(article, passages, np.stack([encoding.vector for encoding in encodings]))
        return "updated" if is_held else "added"

    def articles(self) -> list[ArticleSummary]:
        """What the index holds, by article id."""
        return self.store.articles()

    def article(self, article_id: str) -> Article:
        """One article with its canonical text. Raises ArticleUnknown."""
        return self.store.article(article_id)

    def remove(self, article_id: str) -> None:
        """Forget an article. Raises ArticleUnknown, IndexUnwritable."""
        self.store.remove(article_id)
        self.store.synchronise()

    def search(self, query: str, k: int = 10) -> list[Hit]:
        """The ``k`` passages that fit this query best, best first. Raises QuestionInvalid."""
        return search(read_question(query).text, encoder=self.encoder, store=self.store, count=k)

    def ask(self, question: str) -> Answer:
        """The answer, or a refusal with its reason. Raises QuestionInvalid, GeneratorError."""
        seconds: dict[str, float] = {}
        asked = read_question(question)
        with _timed(seconds, "retrieve"):
            hits = search(asked.text, encoder=self.encoder, store=self.store, count=HITS)
            weights = term_weights(content_terms(asked.text), self.store)
            evidence = select_evidence(asked.text, hits, weights, encoder=self.encoder)
            judgement = judge(asked, evidence)
        with _timed(seconds, "draft"):
            drafts = [] if judgement else draft_quotes(asked, evidence)
            if self.generator is not None and drafts:
                drafts = draft_with(self.generator, asked, evidence) or drafts
        with _timed(seconds, "verify"):
            inquiry = self._inquiry(asked.text, hits, seconds)
            if judgement:
                return refuse(inquiry, judgement.reason, evidence, judgement.detail)
            return verify_drafts(inquiry, drafts, evidence)

    def stream(self, question: str) -> Iterator[Sentence | Answer]:
        """The answer's sentences, each of them verified, then the Answer itself. Raises as ``ask`` does."""
        answer = self.ask(question)
        yield from answer.sentences
        yield answer

    def refuse_unread(self, text: str, detail: str) -> Answer:
        """The refusal that stands in place of an answer where ``text`` is no question; ``detail`` says why it is
        none."""
        return refuse(self._inquiry(text, [], {}), "not understood", (), detail)

    def _inquiry(self, question: str, hits: list[Hit], seconds: dict[str, float]) -> Inquiry:
        worded_by = self.generator.name if self.generator else "none"
        held = [(s.id, s.sha256, s.title, s.source, s.published, s.url) for s in self.store.articles()]
        identity = json.dumps([question, worded_by, self.encoder.fingerprint, held])
        return Inquiry(
            id=hashlib.sha256(identity.encode()).hexdigest()[:16],
            question=question,
            language="en",
            articles=len(held),
            hits=tuple(hits),
            trace=Trace(seconds, worded_by, self.encoder.name),
        )


@contextmanager
def _timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    started = time.perf_counter()
    try:
        yield
    finally:
        seconds[stage] = round(time.perf_counter() - started, 4)
