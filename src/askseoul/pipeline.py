"""The pipeline: index files, search a question's evidence, and answer it with checked sentences."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack

from askseoul.answering.answerability import Decision, doubt
from askseoul.answering.assembly import AnswerBuilder, QueryContext, refuse
from askseoul.answering.checking import check_against, check_claim
from askseoul.answering.drafting import draft_quotes, draft_with
from askseoul.answering.question_search import QuestionSearch, SearchResult, in_turns
from askseoul.answering.requests import tell
from askseoul.domain import (
    Answer,
    Article,
    CheckedClaim,
    Evidence,
    Hit,
    Quote,
    Sentence,
    Span,
    Stage,
    Step,
    Trace,
)
from askseoul.index.report import IndexReport
from askseoul.index.store import Store
from askseoul.index.sync import Confirm, Progress, sync
from askseoul.index.tables import ArticleSummary
from askseoul.ingest.metadata import Options
from askseoul.models.encoder import Encoder, load_encoder
from askseoul.models.endpoint import Notice
from askseoul.models.generator import Generator, LlamaIndexGenerator, load_generator
from askseoul.models.graph import Precision
from askseoul.models.reader import Reader, load_reader
from askseoul.nlp.text import nfc
from askseoul.retrieval.conversation import read_turns
from askseoul.retrieval.question import read_question
from askseoul.retrieval.scope import narrow
from askseoul.retrieval.search import (
    Filter,
    FilterOptions,
    explain_empty_filter,
    parse_article_ids,
    parse_date_bound,
    search,
    select_articles,
)
from askseoul.retrieval.understanding import Understood, is_spoken_of, understand
from askseoul.settings import STRICTNESS, TIMEOUT, Settings, Strictness, parse_strictness

if TYPE_CHECKING:
    from llama_index.core.llms import LLM


_Item = TypeVar("_Item")


class AskSeoul:
    """An open index with its encoder and generator: a context manager, safe to ask from several threads."""

    def __init__(
        self,
        store: Store,
        encoder: Encoder,
        generator: Generator | None,
        load: Callable[[], Reader] = load_reader,
        strictness: Strictness = STRICTNESS,
    ) -> None:
        """``load`` loads the reader when it is first needed."""
        self.store = store
        self.encoder = encoder
        self.generator = generator
        self.strictness = parse_strictness("strictness", strictness)
        """How sure an answer must be, where a question does not say so."""
        self._load_reader = load
        self._reader: Reader | None = None
        self._reader_lock = threading.Lock()

    @classmethod
    def open(  # noqa: PLR0913 - each is an option of its own
        cls,
        index: str | Path = "index",
        *,
        create: bool = False,
        llm: LLM | None = None,
        generator: str = "none",
        encoder: str | None = None,
        precision: Precision = "auto",
        reader: Path | None = None,
        timeout: float = TIMEOUT,
        strictness: Strictness = STRICTNESS,
    ) -> Self:
        """Open the index in this folder; with ``create`` make an empty one if there is none.

        ``llm`` is any LlamaIndex LLM that words the answers. Without one ``generator`` names who does: one of
        ``settings.GENERATORS``, of which an endpoint may be silent for ``timeout`` seconds. ``encoder``
        is the folder or name of a sentence-transformers model, ``reader`` a folder of other weights for the reader.
        ``strictness`` is how sure an answer must be.
        Raises IndexMissing, IndexForeign, IndexMismatch, IndexUnwritable, ModelError, UsageError."""
        if not create:
            Store.open(Path(index)).close()  # report a bad folder before a model is loaded
        worded_by = LlamaIndexGenerator(llm) if llm is not None else load_generator(generator, timeout)
        loaded = load_encoder(encoder, precision)
        store = Store.open(Path(index), encoder=loaded, create=create)
        return cls(store, loaded, worded_by, lambda: load_reader(reader, precision), strictness)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the index."""
        self.store.close()

    @property
    def reader(self) -> Reader:
        """The reader, loaded when it is first asked for. Raises ModelError if its weights are missing or damaged."""
        with self._reader_lock:
            if self._reader is None:
                self._reader = self._load_reader()
            return self._reader

    def index(
        self,
        paths: str | Path | Iterable[str | Path],
        progress: Progress = lambda done, of: None,
        *,
        published: str | None = None,
        source: str | None = None,
        ocr: bool = True,
        prune: bool = False,
        confirm: Confirm = lambda missing, of: False,
    ) -> IndexReport:
        """Bring the index up to date with these files and folders; articles from other places stay.

        ``published`` (YYYY, YYYY-MM or YYYY-MM-DD) and ``source`` hold for all these files, whatever they state, until
        they are given again; empty text takes back what was given before. With ``ocr``, PDF pages that are pictures are
        read by ``ocrmypdf`` where it is installed; it is not confined as other parsers are.
        ``prune`` removes articles whose files are gone from the given folders. If they are more than a tenth of the
        index, ``confirm`` is called with their number and the total; by default they stay and are reported as missing.
        A file that fails is named in the report and does not stop the others. Questions can be asked meanwhile.
        Raises NothingIndexed if no file could be indexed, IndexUnwritable, IndexBusy, and UsageError for a malformed
        date."""
        options = Options.of(published, source)
        with self._writer() as writer:
            return sync(
                [Path(path) for path in ([paths] if isinstance(paths, str | Path) else paths)],
                store=writer,
                encoder=self.encoder,
                options=options,
                ocr=ocr,
                prune=confirm if prune else None,
                progress=progress,
            )

    def articles(self) -> list[ArticleSummary]:
        """The indexed articles, by id."""
        return self.store.articles()

    def article(self, article_id: str) -> Article:
        """One article with its canonical text. Raises ArticleUnknown."""
        return self.store.article(article_id)

    def remove(self, article_id: str) -> None:
        """Remove an article. Raises ArticleUnknown, IndexUnwritable, IndexBusy."""
        with self._writer() as writer:
            writer.remove(article_id)
            writer.synchronise()

    def _writer(self) -> Store:
        """A second connection to the index, so that questions need not wait."""
        return Store.open(self.store.folder, encoder=self.encoder)

    def search(self, query: str, k: int = 10, **filters: Unpack[FilterOptions]) -> list[Hit]:
        """The ``k`` best passages for this query, best first; the filters are those of ``ask``.

        Raises QuestionInvalid, ArticleUnknown, and UsageError for a malformed date."""
        asked = read_question(query).text
        return search(asked, encoder=self.encoder, store=self.store, count=k, within=self._filter(filters).ids)

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Any] = (),
        strictness: Strictness | None = None,
        **filters: Unpack[FilterOptions],
    ) -> Answer:
        """The answer, or a refusal with its reason. Raises QuestionInvalid, ArticleUnknown, and UsageError for a
        malformed date or history. If the LLM fails, the answer is quotes, and ``trace.warnings`` says why.

        ``as_of`` is a date YYYY-MM-DD, YYYY-MM or YYYY: only articles certainly published by its last day are used.
        ``since`` leaves out articles that may have been published before it. Both leave out articles without a date,
        and the answer counts them. ``within`` are the ids of the articles to use; empty for all.

        ``history`` is the conversation before this question, oldest first, for example a list of earlier answers (see
        ``retrieval.conversation.read_turns``). A question that depends on it is rewritten into a self-contained one,
        which the answer gives as ``rewritten_question``. ``strictness`` is how sure an answer must be, if not as usual.
        """
        *_, answer = self.stream(question, history=history, strictness=strictness, **filters)
        assert isinstance(answer, Answer)
        return answer

    def stream(
        self,
        question: str,
        *,
        history: Sequence[Any] = (),
        strictness: Strictness | None = None,
        **filters: Unpack[FilterOptions],
    ) -> Iterator[Sentence | Answer]:
        """The answer's sentences, each as soon as it is verified, then the Answer. Raises what ``ask`` raises."""
        for item in self.watch(question, history=history, strictness=strictness, **filters):
            if not isinstance(item, Step):
                yield item

    def watch(
        self,
        question: str,
        *,
        history: Sequence[Any] = (),
        strictness: Strictness | None = None,
        **filters: Unpack[FilterOptions],
    ) -> Iterator[Step | Sentence | Answer]:
        """What ``stream`` yields, and each step as it begins."""
        started = time.perf_counter()
        seconds: dict[str, float] = {}
        asked, turns = read_question(question), read_turns(history)
        strictness = self.strictness if strictness is None else parse_strictness("strictness", strictness)
        with _timed(seconds, "retrieve"):
            article_filter = self._filter(filters)
        yield _step("searching", started, articles=article_filter.articles)
        with _timed(seconds, "retrieve"):
            message = understand(asked.text, turns, self.store, self.encoder, self.generator)
            scoped = narrow(article_filter, message.scope, self.store) if message.scope else article_filter
        context = self._context(message.asked, message.rewritten, [], seconds, scoped, strictness)
        if scoped.ids == frozenset():
            yield refuse(context, Decision("nothing relevant", explain_empty_filter(scoped)), ())
            return
        warnings: list[str] = []
        is_told = False
        searching = QuestionSearch(self.store, self.encoder, self.reader, strictness)
        telling = tell(
            message.request,
            context,
            searching,
            scoped.ids,
            lambda builder, evidence: self._worded(builder, message.text, evidence, started, seconds, warnings),
            warnings,
        )
        for told_item in telling:
            is_told = is_told or isinstance(told_item, Answer)
            yield told_item
        if not is_told:
            yield from self._answer(message, searching, started, seconds, scoped, article_filter)

    def _answer(
        self,
        message: Understood,
        searching: QuestionSearch,
        started: float,
        seconds: dict[str, float],
        scoped: Filter,
        unscoped: Filter,
    ) -> Iterator[Step | Sentence | Answer]:
        """The answer to a question: of the articles that it limits itself to, or where these do not answer it and other
        articles speak of their source, of all."""
        with _timed(seconds, "retrieve"):
            results = searching.find_requested(message, scoped.ids)
            if all(result.decision for result in results) and is_spoken_of(message.scope.sources, self.store):
                scoped = unscoped
                results = searching.find_requested(message, scoped.ids)
            if message.follow_up is not None and all(result.decision for result in results):
                message = replace(message, text=message.follow_up.question)
                results = searching.find_parts(message.text, scoped.ids)
        read = {hit.article.id for result in results for hit in result.hits}
        passages = sum(len(result.hits) for result in results)
        yield _step("reading", started, articles=len(read), passages=passages)
        answered = [result for result in results if result.decision is None]
        evidence = in_turns([result.evidence for result in answered or results])
        context = self._context(message.asked, message.rewritten, results, seconds, scoped, searching.strictness)
        decision = results[0].decision
        if not answered and decision is not None:
            yield refuse(context, decision, evidence)
            return
        surest = max(answered, key=lambda result: result.confidence)
        builder = AnswerBuilder(context, evidence, self.reader, doubt(surest.evidence))
        yield _step("comparing", started)
        with _timed(seconds, "compare"):
            disagreements = [each for result in answered for each in searching.disagreements(result, scoped.ids)]
        for disagreement in disagreements:
            with _timed(seconds, "verify"):
                sides = builder.add_disagreement(disagreement)
            yield from sides
        told = [side for disagreement in disagreements for side in disagreement.sides]
        warnings: list[str] = []
        said = False
        for item in self._worded(builder, message.text, evidence, started, seconds, warnings):
            said = said or isinstance(item, Sentence)
            yield item
        if not said:
            yield _step("checking", started)
            share = 1 / len(answered)
            quotes = (
                draft
                for result in answered
                for draft in draft_quotes(
                    result.question, result.evidence, share, told, in_full=message.request.intent == "list"
                )
            )
            while (draft := _next(quotes, seconds)) is not None:
                with _timed(seconds, "verify"):
                    sentence = builder.add(draft)
                if sentence is not None:
                    yield sentence
        yield builder.build([result.uncovered for result in results if result.uncovered is not None], warnings)

    def check(self, text: str, spans: Sequence[tuple[str, int, int]] | None = None) -> CheckedClaim:
        """Check a sentence against these spans, ``(article_id, start, end)`` each, or without spans against all that
        the index holds: evidence is looked for, for it and against it.

        Raises QuestionInvalid if there is no text, ArticleUnknown, and UsageError for a span outside its article."""
        claim = read_question(text)
        if spans is None:
            return check_claim(claim, store=self.store, encoder=self.encoder, reader=self.reader)
        quotes = []
        for article_id, start, end in spans:
            article = self.article(nfc(article_id))
            span = Span.parse(f"{start}:{end}", article)
            quotes.append(Quote(article, span.start, span.end))
        return check_against(claim.text, quotes, self.reader)

    def _worded(
        self,
        builder: AnswerBuilder,
        question: str,
        evidence: Sequence[Evidence],
        started: float,
        seconds: dict[str, float],
        warnings: list[str],
    ) -> Iterator[Step | Sentence]:
        """The generator's sentences that hold, and what it is waited for. Adds to ``warnings`` what went wrong."""
        if self.generator is None:
            return
        yield _step("wording", started, detail=f"Asking {self.generator.name}")
        said = False
        drafts = draft_with(self.generator, read_question(question), evidence)
        while (item := _next(drafts, seconds)) is not None:
            if not isinstance(item, Notice):
                with _timed(seconds, "verify"):
                    sentence = builder.add(item)
                if sentence is not None:
                    said = True
                    yield sentence
            elif item.is_warning:
                warnings.append(item.text)
            else:
                yield _step("wording", started, detail=item.text)
        if not said:
            why = " ".join(warnings) or f"The articles support no sentence of the reply of {self.generator.name}."
            warnings[:] = [f"These are quotes, not the words of an LLM. {why}"]

    def _filter(self, filters: FilterOptions) -> Filter:
        """The articles to use. Raises UsageError for a malformed date or list of ids, ArticleUnknown."""
        chosen = frozenset(self.article(nfc(article_id)).id for article_id in parse_article_ids(filters.get("within")))
        as_of, since = (
            None if day is None else parse_date_bound(day) for day in (filters.get("as_of"), filters.get("since"))
        )
        if as_of is None and since is None and not chosen:
            return Filter(self.store.manifest.articles, self.store.count_undated())
        dated, undated = self.store.dates(), self.store.count_undated()
        return select_articles(dated, undated, as_of=as_of, since=since, within=chosen or None)

    def refuse_unread(self, text: str, detail: str) -> Answer:
        """The refusal of a text that is not a question; ``detail`` says why it is not."""
        return refuse(self._context(text, None, [], {}, self._filter({})), Decision("not understood", detail), ())

    def _context(
        self,
        question: str,
        rewritten: str | None,
        results: Sequence[SearchResult],
        seconds: dict[str, float],
        article_filter: Filter,
        strictness: Strictness | None = None,
    ) -> QueryContext:
        worded_by = self.generator.name if self.generator else "none"
        identity = [question, rewritten, worded_by, self.encoder.fingerprint, self.store.manifest.contents]
        if strictness is not None and strictness != STRICTNESS:
            identity.append(strictness)
        if article_filter.as_of is not None:
            identity.append(article_filter.as_of)
        if article_filter.since is not None or article_filter.within:
            identity += [f"since {article_filter.since}", *article_filter.within]
        return QueryContext(
            id=hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:16],
            question=question,
            language="en",
            filter=article_filter,
            hits=tuple(in_turns([result.hits for result in results])),
            trace=Trace(
                seconds,
                worded_by,
                self.encoder.name,
                confidence=max((round(result.confidence, 4) for result in results), default=None),
                reader=self._reader.identity if self._reader else None,
            ),
            rewritten_question=rewritten,
        )


def _next(drafts: Iterator[_Item], seconds: dict[str, float]) -> _Item | None:
    """The next draft; its time counts as drafting."""
    with _timed(seconds, "draft"):
        return next(drafts, None)


def _step(stage: Stage, started: float, *, articles: int = 0, passages: int = 0, detail: str = "") -> Step:
    return Step(stage, round(time.perf_counter() - started, 4), articles, passages, detail)


@contextmanager
def _timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    started = time.perf_counter()
    try:
        yield
    finally:
        seconds[stage] = round(seconds.get(stage, 0.0) + time.perf_counter() - started, 4)


def open_index(settings: Settings, *, create: bool = False) -> AskSeoul:
    """Open the index that these settings name."""
    return AskSeoul.open(
        settings.index,
        create=create,
        generator=settings.generator,
        encoder=settings.encoder,
        precision=settings.precision,
        reader=settings.reader,
        timeout=settings.timeout,
        strictness=settings.strictness,
    )
