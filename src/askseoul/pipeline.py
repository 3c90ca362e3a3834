"""A question into what was found for it: hits, evidence, where the articles differ, and whether they answer it.

The whole way: files into an index, a question into a checked answer.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar, Unpack

from askseoul.answering.answerability import Decision, confidence, judge
from askseoul.answering.assembly import MESSAGES, AnswerBuilder, QueryContext, refuse
from askseoul.answering.disagreement.detect import find_disagreements
from askseoul.answering.drafting import draft_quotes, draft_with
from askseoul.domain import (
    Answer,
    Article,
    Draft,
    DraftDisagreement,
    Evidence,
    Hit,
    IndexReport,
    Sentence,
    Stage,
    Step,
    Trace,
    Uncovered,
)
from askseoul.index.store import Store
from askseoul.index.sync import Confirm, Progress, sync
from askseoul.index.tables import ArticleSummary
from askseoul.models.encoder import Encoder, Precision, load_encoder
from askseoul.models.generator import Generator, LlamaIndexGenerator, load_generator
from askseoul.nlp.text import nfc
from askseoul.retrieval.conversation import Turn, read_turns
from askseoul.retrieval.evidence import PASSAGES, select_evidence
from askseoul.retrieval.question import Question, read_question, split_question
from askseoul.retrieval.rewriting import FollowUp, leans_on_others, resolve, reword
from askseoul.retrieval.search import (
    Filter,
    FilterOptions,
    content_terms,
    explain_empty_filter,
    parse_article_ids,
    parse_date_bound,
    search,
    select_articles,
)
from askseoul.settings import TIMEOUT, Settings
from askseoul.verification.alignment import TokenSimilarity

if TYPE_CHECKING:
    from llama_index.core.llms import LLM


HITS: Final = 12
"""Passages that an answer is made from."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What was found for a question, or for a part of one."""

    question: Question
    hits: list[Hit]
    evidence: list[Evidence]
    disagreements: list[DraftDisagreement]
    """Where what was found answers it differently."""
    judgement: Decision | None
    """Why it is not answered; None where it is."""
    confidence: float
    """Probability that it is answered by what was found."""


@dataclass(frozen=True, slots=True)
class QuestionSearch:
    """Looks in an index. ``within`` are the articles to look at; None is all."""

    store: Store
    encoder: Encoder
    meaning: TokenSimilarity

    def find_parts(self, text: str, within: frozenset[str] | None) -> list[SearchResult]:
        """What is found for each part of a question, or for the whole where no part of it is answered."""
        parts = split_question(text)
        if len(parts) > 1:
            full = [parts[0]]
            for part in parts[1:]:  # "and what is it for?" leans on the part before it
                follow_up = resolve(part, [Turn(full[-1])])
                full.append(follow_up.question if follow_up else part)
            findings = [self.find(part, within) for part in full]
            if any(finding.judgement is None for finding in findings):
                return findings
        return [self.find(text, within)]

    def find(self, text: str, within: frozenset[str] | None) -> SearchResult:
        """What is found for a question as a whole. Raises QuestionInvalid."""
        question = read_question(text)
        hits = search(question.text, encoder=self.encoder, store=self.store, count=HITS, within=within)
        evidence = select_evidence(question, hits, encoder=self.encoder)
        disagreements = find_disagreements(question, evidence, self.meaning)
        judgement = judge(question, evidence, hits, self._unknown_words(question.text))
        if disagreements and judgement is not None and judgement.reason != "nothing relevant":
            judgement = None  # what two articles answer differently is answered
        return SearchResult(question, hits, evidence, disagreements, judgement, confidence(question, evidence, hits))

    def disagreements(self, finding: SearchResult, within: frozenset[str] | None) -> list[DraftDisagreement]:
        """Where the articles answer differently, looked for in what was found for the question, and then in what is
        found for its best evidence: an article that says otherwise may do so in quite other words."""
        if finding.disagreements or not finding.evidence:
            return finding.disagreements
        best = finding.evidence[0].quote
        read = [hit.passage for hit in finding.hits[:PASSAGES]]
        near = search(best.text, encoder=self.encoder, store=self.store, count=2 * HITS, within=within)
        others = [hit for hit in near if hit.article.id != best.article.id and hit.passage not in read]
        own = [item for item in finding.evidence if item.quote.article.id == best.article.id]
        against = select_evidence(finding.question, others, encoder=self.encoder)
        return find_disagreements(finding.question, [*own, *against], self.meaning)

    def _unknown_words(self, question: str) -> list[str]:
        """The question's words of content that no passage of the collection holds."""
        terms = content_terms(question)
        counts, _ = self.store.document_frequencies(terms)
        return [term for term in terms if not counts.get(term)]


_Item = TypeVar("_Item")


class AskSeoul:
    """An index and what is needed to ask it. Safe to ask from several threads; use it as a context manager, or close
    it."""

    def __init__(self, store: Store, encoder: Encoder, generator: Generator | None) -> None:
        self.store = store
        self.encoder = encoder
        self.generator = generator
        self.meaning = TokenSimilarity(lambda: encoder)
        """What compares an answer's sentences with their quotes; ``proof.prove`` takes it too."""
        self._finder = QuestionSearch(store, encoder, self.meaning)

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
        timeout: float = TIMEOUT,
    ) -> Self:
        """Open the index in this folder; with ``create`` make an empty one where there is none.

        ``llm`` is any LlamaIndex LLM that words the answers; without one ``generator`` tells who does: ``none``
        (quotes), ``local`` or ``openai:MODEL@URL``; an endpoint may be silent for ``timeout`` seconds. ``encoder`` is a
        folder or name of a sentence-transformers model.
        Raises IndexMissing, IndexForeign, IndexMismatch, IndexUnwritable, ModelError, GeneratorError, UsageError."""
        if not create:
            Store.open(Path(index)).close()  # what is wrong with the folder is told before a model is loaded
        worded_by = LlamaIndexGenerator(llm) if llm is not None else load_generator(generator, timeout)
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

    def index(
        self,
        paths: str | Path | Iterable[str | Path],
        progress: Progress = lambda done, of: None,
        *,
        prune: bool = False,
        confirm: Confirm = lambda missing, of: False,
    ) -> IndexReport:
        """Bring the index up to date with these files and folders; what it holds of other places stays.

        ``prune`` removes the articles whose files are gone from the given folders; where they are more than a tenth of
        the index, ``confirm`` is asked, told how many of how many, and by default they stay and are named as missing.
        A file that can't be indexed is named in the report and the others go on. Questions can be asked meanwhile.
        Raises NothingIndexed when no file could be, IndexUnwritable, IndexBusy."""
        with self._writer() as writer:
            return sync(
                [Path(path) for path in ([paths] if isinstance(paths, str | Path) else paths)],
                store=writer,
                encoder=self.encoder,
                prune=confirm if prune else None,
                progress=progress,
            )

    def articles(self) -> list[ArticleSummary]:
        """What the index holds, by article id."""
        return self.store.articles()

    def article(self, article_id: str) -> Article:
        """One article with its canonical text. Raises ArticleUnknown."""
        return self.store.article(article_id)

    def remove(self, article_id: str) -> None:
        """Forget an article. Raises ArticleUnknown, IndexUnwritable, IndexBusy."""
        with self._writer() as writer:
            writer.remove(article_id)
            writer.synchronise()

    def _writer(self) -> Store:
        """The index opened once more, so that those who ask meanwhile need not wait."""
        return Store.open(self.store.folder, encoder=self.encoder)

    def search(self, query: str, k: int = 10, **filters: Unpack[FilterOptions]) -> list[Hit]:
        """The ``k`` passages that fit this query best, best first; where to look is told as in ``ask``.

        Raises QuestionInvalid, ArticleUnknown, and UsageError for what is no date."""
        asked = read_question(query).text
        return search(asked, encoder=self.encoder, store=self.store, count=k, within=self._filter(filters).ids)

    def ask(self, question: str, *, history: Sequence[Any] = (), **filters: Unpack[FilterOptions]) -> Answer:
        """The answer, or a refusal with its reason. Raises QuestionInvalid, GeneratorError, ArticleUnknown, and
        UsageError for what is no date or a history of another kind.

        ``as_of`` is a date YYYY-MM-DD, YYYY-MM or YYYY: then it is answered from what was certainly published by that
        day, or by the last day of that month or year; ``since`` leaves out what may have been published before that
        day, month or year. Articles without a date are left out by both, and counted. ``within`` are the ids of the
        articles to ask; none is all.

        ``history`` is the conversation before this question, oldest first, as ``conversation.read_turns`` takes it: a
        list of earlier answers will do. A question that leans on it is answered as the full question that it stands
        for, which the answer names as its ``rewritten_question``."""
        *_, answer = self.stream(question, history=history, **filters)
        assert isinstance(answer, Answer)
        return answer

    def stream(
        self, question: str, *, history: Sequence[Any] = (), **filters: Unpack[FilterOptions]
    ) -> Iterator[Sentence | Answer]:
        """The answer's sentences, each as soon as it is verified, then the Answer itself. Raises as ``ask`` does."""
        for item in self.watch(question, history=history, **filters):
            if not isinstance(item, Step):
                yield item

    def watch(
        self, question: str, *, history: Sequence[Any] = (), **filters: Unpack[FilterOptions]
    ) -> Iterator[Step | Sentence | Answer]:
        """What ``stream`` gives, and between it each step as it begins, for those who want to see what takes time."""
        started = time.perf_counter()
        seconds: dict[str, float] = {}
        asked, turns = read_question(question), read_turns(history)
        with _timed(seconds, "retrieve"):
            article_filter = self._filter(filters)
        yield _step("searching", started, articles=article_filter.articles)
        if article_filter.ids is not None and not article_filter.ids:
            inquiry = self._inquiry(asked.text, None, [], seconds, article_filter)
            yield refuse(inquiry, Decision("nothing relevant", explain_empty_filter(article_filter)), ())
            return
        with _timed(seconds, "retrieve"):
            findings, rewritten = self._understand(asked, turns, article_filter.ids)
        read = {hit.article.id for finding in findings for hit in finding.hits}
        passages = sum(len(finding.hits) for finding in findings)
        yield _step("reading", started, articles=len(read), passages=passages)
        answered = [finding for finding in findings if finding.judgement is None]
        evidence = _in_turns([finding.evidence for finding in answered or findings])
        inquiry = self._inquiry(asked.text, rewritten, findings, seconds, article_filter)
        judgement = findings[0].judgement
        if not answered and judgement is not None:
            yield refuse(inquiry, judgement, evidence)
            return
        ledger = AnswerBuilder(inquiry, evidence, self.meaning)
        yield _step("comparing", started)
        with _timed(seconds, "compare"):
            disagreements = [
                each for finding in answered for each in self._finder.disagreements(finding, article_filter.ids)
            ]
        for disagreement in disagreements:
            with _timed(seconds, "verify"):
                sides = ledger.disagree(disagreement)
            yield from sides
        yield _step("checking", started)
        told = [side for disagreement in disagreements for side in disagreement.sides]
        for drafts in self._ways_to_draft(rewritten or asked.text, answered, evidence, told):
            said = False
            while (draft := _next(drafts, seconds)) is not None:
                with _timed(seconds, "verify"):
                    sentence = ledger.enter(draft)
                if sentence is not None:
                    said = True
                    yield sentence
            if said:
                break
        yield ledger.close([_uncovered(finding) for finding in findings if finding.judgement is not None])

    def _ways_to_draft(
        self, question: str, answered: Sequence[SearchResult], evidence: Sequence[Evidence], said: Sequence[Draft]
    ) -> Iterator[Iterator[Draft]]:
        """The generator's words, where there is one, and the quotes themselves where nothing of those can be said."""
        if self.generator is not None:
            yield draft_with(self.generator, read_question(question), evidence)
        share = 1 / len(answered)
        yield (draft for finding in answered for draft in draft_quotes(finding.question, finding.evidence, share, said))

    def _filter(self, filters: FilterOptions) -> Filter:
        """Which articles to look at. Raises UsageError for what is no date or no list of ids, ArticleUnknown."""
        chosen = frozenset(self.article(nfc(article_id)).id for article_id in parse_article_ids(filters.get("within")))
        as_of, since = (
            None if day is None else parse_date_bound(day) for day in (filters.get("as_of"), filters.get("since"))
        )
        if as_of is None and since is None and not chosen:
            return Filter(self.store.manifest.articles, self.store.count_undated())
        dated, undated = self.store.dates(), self.store.count_undated()
        return select_articles(dated, undated, as_of=as_of, since=since, within=chosen or None)

    def _understand(
        self, asked: Question, turns: Sequence[Turn], within: frozenset[str] | None
    ) -> tuple[list[SearchResult], str | None]:
        """The findings of a question's parts, and the full question where that one was read in its place."""
        follow_up = self._follow_up(asked.text, turns)
        if follow_up is None or not follow_up.certain:
            findings = self._finder.find_parts(asked.text, within)
            if follow_up is None or any(finding.judgement is None for finding in findings):
                return findings, None
        return self._finder.find_parts(follow_up.question, within), follow_up.question

    def _follow_up(self, question: str, turns: Sequence[Turn]) -> FollowUp | None:
        """The full question that this one stands for: in an able generator's words if they hold, else by rule."""
        if not turns or not leans_on_others(question):
            return None
        by_rule = resolve(question, turns)
        if self.generator is None or not self.generator.capable:
            return by_rule
        worded = reword(self.generator, question, turns)
        if worded is None:
            return by_rule
        return FollowUp(worded, certain=by_rule is not None and by_rule.certain)

    def refuse_unread(self, text: str, detail: str) -> Answer:
        """The refusal that stands in place of an answer where ``text`` is no question; ``detail`` says why it is
        none."""
        return refuse(self._inquiry(text, None, [], {}, self._filter({})), Decision("not understood", detail), ())

    def _inquiry(
        self,
        question: str,
        rewritten: str | None,
        findings: Sequence[SearchResult],
        seconds: dict[str, float],
        article_filter: Filter,
    ) -> QueryContext:
        worded_by = self.generator.name if self.generator else "none"
        identity = [question, rewritten, worded_by, self.encoder.fingerprint, self.store.manifest.contents]
        if article_filter.as_of is not None:
            identity.append(article_filter.as_of)
        if article_filter.since is not None or article_filter.within:
            identity += [f"since {article_filter.since}", *article_filter.within]
        return QueryContext(
            id=hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:16],
            question=question,
            language="en",
            filter=article_filter,
            hits=tuple(_in_turns([finding.hits for finding in findings])),
            trace=Trace(
                seconds,
                worded_by,
                self.encoder.name,
                confidence=max((round(finding.confidence, 4) for finding in findings), default=None),
            ),
            rewritten_question=rewritten,
        )


def _next(drafts: Iterator[Draft], seconds: dict[str, float]) -> Draft | None:
    """The next draft; the time it takes counts as drafting."""
    with _timed(seconds, "draft"):
        return next(drafts, None)


def _step(stage: Stage, started: float, *, articles: int = 0, passages: int = 0) -> Step:
    return Step(stage, round(time.perf_counter() - started, 4), articles, passages)


def _uncovered(finding: SearchResult) -> Uncovered:
    assert finding.judgement is not None
    return Uncovered(finding.question.text, f"{MESSAGES[finding.judgement.reason]} {finding.judgement.detail}".strip())


def _in_turns(lists: Sequence[Sequence[_Item]]) -> list[_Item]:
    """The items of several ranked lists: the first of each, then the second of each, none twice."""
    found: list[_Item] = []
    for together in zip_longest(*lists):
        found += [item for item in together if item is not None and item not in found]
    return found


@contextmanager
def _timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    started = time.perf_counter()
    try:
        yield
    finally:
        seconds[stage] = round(seconds.get(stage, 0.0) + time.perf_counter() - started, 4)


def open_index(settings: Settings, *, create: bool = False) -> AskSeoul:
    """The index of these settings, as ``AskSeoul.open`` opens it."""
    return AskSeoul.open(
        settings.index,
        create=create,
        generator=settings.generator,
        encoder=settings.encoder,
        precision=settings.precision,
        timeout=settings.timeout,
    )
