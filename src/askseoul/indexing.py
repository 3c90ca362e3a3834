"""Files into the index: what is new, changed, renamed or gone is brought up to date, and nothing is done twice.

What was written stays written whenever a run ends: articles are written in pools, each pool in one transaction, and the
vectors of an article that is longer than a pool are kept before the article is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self, TypeAlias

from askseoul.articles import SUFFIXES, absolute, find_files
from askseoul.changes import Addition, Change, Holdings, Outcome, Placing, Removal, is_gone
from askseoul.compression import compress
from askseoul.domain import Article, Failure, IndexReport, Passage
from askseoul.encoders import Encoder
from askseoul.errors import ArticleError, ArticleUnknown, NothingIndexed
from askseoul.passages import embedded_text, split_passages
from askseoul.readers import read_files
from askseoul.store import Store
from askseoul.vectors import Vectors, digest_of

POOL: Final = 512
"""Passages that are encoded and written together: many of one length share an inference, and a run that is cut short
loses the work of seconds."""
UNASKED: Final = 0.1
"""Share of the articles of an index that ``prune`` removes without asking."""

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many files of how many are done."""
Confirm: TypeAlias = Callable[[int, int], bool]
"""Asked whether to remove so many articles of so many."""


def bring_up_to_date(
    paths: Iterable[Path],
    *,
    store: Store,
    encoder: Encoder,
    prune: Confirm | None = None,
    progress: Progress = lambda done, of: None,
) -> IndexReport:
    """Bring the index up to date with these files and folders; what it holds of other places stays.

    With ``prune``, articles whose files are gone from these folders are removed; it is asked first where they are more
    than UNASKED of them. A file that can't be indexed is named in the report and the others go on.

    Raises NothingIndexed when no file could be, IndexUnwritable, IndexBusy."""
    with store.writing(), _Writer(store, encoder) as writer:
        holdings = Holdings(store.articles(), store.places(), store.article)
        report = _survey(list(paths), holdings, writer.put, prune, progress)
        writer.flush()
        writer.encode_what_lacks()
        if writer.has_written:
            store.delete_unused_vectors()
        if not store.is_current():
            store.synchronise()
    return report


def foresee(
    paths: Iterable[Path],
    *,
    store: Store | None,
    prune: bool = False,
    progress: Progress = lambda done, of: None,
) -> IndexReport:
    """What ``bring_up_to_date`` would do, with ``prune`` all that it might; ``store`` is None where there is none yet.

    Writes nothing. Raises NothingIndexed."""
    holdings = Holdings(store.articles(), store.places(), store.article) if store else Holdings((), {}, _none_held)
    return _survey(list(paths), holdings, lambda changes: None, (lambda gone, of: True) if prune else None, progress)


def add_articles(articles: Iterable[Article], *, store: Store, encoder: Encoder) -> None:
    """Hold these articles, each in place of what is held under its id. Raises IndexUnwritable, IndexBusy."""
    with store.writing(), _Writer(store, encoder) as writer:
        for article in articles:
            writer.put([Addition(article, dict.fromkeys(article.places))])
        writer.flush()
        store.synchronise()


def _survey(
    paths: Sequence[Path],
    holdings: Holdings,
    put: Callable[[Sequence[Change]], None],
    prune: Confirm | None,
    progress: Progress,
) -> IndexReport:
    """Read what has to be read, hand what has to change to ``put``, and report it."""
    roots = [absolute(path) for path in paths]
    files = sorted(find_files(paths), key=lambda path: str(absolute(path)))
    changed: list[Path] = []
    outcomes: list[Outcome] = []
    for path in files:
        known = _known_as(holdings, path)
        if known is None:
            changed.append(path)
        else:
            outcomes.append(Outcome(known, "unchanged"))
    failed: list[Failure] = []
    for read in read_files(changed):
        progress(len(outcomes) + len(failed), len(files))
        if read.sha256 is None or isinstance(read.outcome, ArticleError):
            failed.append(Failure(str(read.path), str(read.outcome)))
            continue
        outcome = holdings.take(read.outcome, read.sha256)
        outcomes.append(outcome)
        put(outcome.changes)
    progress(len(files), len(files))
    removed = [article_id for outcome in outcomes for article_id in outcome.removed]
    gone = holdings.gone([root for root in roots if not is_gone(str(root))])
    missing = [article_id for article_id, places in gone.items() if holdings.is_only_at(article_id, places)]
    is_asked = len(missing) > UNASKED * len(holdings)
    if prune is not None and (not is_asked or prune(len(missing), len(holdings))):
        changes, left = holdings.leave(place for places in gone.values() for place in places)
        put(changes)
        removed += left
        missing = []
    elif not outcomes and prune is None:
        listed = "\n".join(f"  {failure.reason}" for failure in failed)
        none = f"  There was no file to read; {', '.join(SUFFIXES)} are."
        raise NothingIndexed(f"No article could be indexed.\n{listed or none}")
    of_kind = {
        kind: tuple(o.article_id for o in outcomes if o.kind == kind) for kind in ("added", "updated", "unchanged")
    }
    return IndexReport(
        **of_kind,
        removed=tuple(removed),
        failed=tuple(failed),
        stripped={
            outcome.article_id: count for outcome in outcomes if (count := holdings.stripped(outcome.article_id))
        },
        renamed=tuple(outcome.renamed for outcome in outcomes if outcome.renamed),
        duplicates=tuple(outcome.duplicate for outcome in outcomes if outcome.duplicate),
        missing=tuple(missing),
    )


def _none_held(article_id: str) -> Article:
    raise ArticleUnknown(f"There is no index yet, and so no article {article_id!r}.")


def _known_as(holdings: Holdings, path: Path) -> str | None:
    """The id of the article that was read from exactly this file at this place before, if any was."""
    place = str(absolute(path))
    article_id = holdings.id_at(place)
    if article_id is None:
        return None
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None  # reading it as an article says what is wrong
    return article_id if holdings.knows(place, sha256) else None


@dataclass(frozen=True, slots=True)
class _Pool:
    """Changes that are written together, and what the encoder is making for them."""

    changes: list[tuple[Change, Sequence[Passage]]]
    texts: Collection[str]
    made: list[Future[list[Vectors]]]


class _Writer:
    """Collects changes and writes them in pools, in order: one pool is encoded while the one before it is written and
    the one after it is read."""

    def __init__(self, store: Store, encoder: Encoder) -> None:
        self.has_written = False
        self._store = store
        self._encoder = encoder
        self._maximum_tokens = store.manifest.passage_tokens
        self._encoding = ThreadPoolExecutor(1, thread_name_prefix="askseoul-encoder")
        self._changes: list[tuple[Change, Sequence[Passage]]] = []
        self._texts: dict[str, None] = {}
        self._running: _Pool | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._encoding.shutdown(cancel_futures=True)

    def put(self, changes: Sequence[Change]) -> None:
        for change in changes:
            passages: Sequence[Passage] = ()
            if isinstance(change, Addition):
                passages = split_passages(change.article, self._encoder.token_offsets, self._maximum_tokens)
                self._texts |= dict.fromkeys(embedded_text(change.article, passage) for passage in passages)
            self._changes.append((change, passages))
        if len(self._texts) >= POOL:
            self._next_pool()

    def flush(self) -> None:
        self._next_pool()
        self._next_pool()

    def _next_pool(self) -> None:
        """Have the changes that were put encoded, and write those before them meanwhile."""
        texts, before = list(self._texts), self._running
        kept = self._store.are_kept(texts)
        missing = [text for text, is_kept in zip(texts, kept, strict=True) if not is_kept]
        if before is not None:
            missing = [text for text in missing if text not in before.texts]
        slices = [missing[start : start + POOL] for start in range(0, len(missing), POOL)]
        made = [self._encoding.submit(self._encode, part) for part in slices]
        self._running = _Pool(self._changes, self._texts, made) if self._changes else None
        self._changes, self._texts = [], {}
        if before is not None:
            self._write(before)
        if len(slices) > 1 and self._running is not None:  # an article longer than a pool: its vectors are kept at once
            running, self._running = self._running, None
            self._write(running)

    def _write(self, pool: _Pool) -> None:
        for made in pool.made:
            self._store.keep(made.result())
        with self._store.together():
            for change, passages in pool.changes:
                self._apply(change, passages)
        self.has_written = True

    def _apply(self, change: Change, passages: Sequence[Passage]) -> None:
        match change:
            case Addition(article, files):
                self._store.add(article, passages, files)
            case Placing(article_id, files):
                self._store.set_places(article_id, files)
            case Removal(article_id):
                self._store.remove(article_id)

    def encode_what_lacks(self) -> None:
        """Keep the token vectors of passages that came without."""
        texts = self._store.texts_without_tokens()
        for start in range(0, len(texts), POOL):
            self._store.keep(self._encode(texts[start : start + POOL]))

    def _encode(self, texts: Sequence[str]) -> list[Vectors]:
        encodings = self._encoder.encode_document(texts)
        return [
            Vectors(digest_of(text), encoding.vector, compress(encoding.tokens))
            for text, encoding in zip(texts, encodings, strict=True)
        ]
