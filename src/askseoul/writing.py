"""Changes into the index, in pools: one is encoded while the one before it is written and the one after it is read.

What was written stays written whenever a run ends: each pool is one transaction, and the vectors of an article that is
longer than a pool are kept before the article is. A text whose vectors are kept is not encoded again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Self

from askseoul.changes import Addition, Change, Placing, Removal
from askseoul.compression import compress
from askseoul.domain import Passage
from askseoul.encoders import Encoder
from askseoul.passages import embedded_text, split_passages
from askseoul.store import Store
from askseoul.vectors import Vectors, digest_of

POOL: Final = 512
"""Passages that are encoded and written together: many of one length share an inference, and a run that is cut short
loses the work of seconds."""


@dataclass(frozen=True, slots=True)
class _Pool:
    """Changes that are written together, and what the encoder is making for them."""

    changes: list[tuple[Change, Sequence[Passage]]]
    texts: Collection[str]
    made: list[Future[list[Vectors]]]


class Writer:
    """Collects changes and writes them in order, for who alone may write; use it as a context manager."""

    def __init__(self, store: Store, encoder: Encoder) -> None:
        self._has_written = False
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
        """Have these changes written, sooner or later. Raises IndexUnwritable."""
        for change in changes:
            passages: Sequence[Passage] = ()
            if isinstance(change, Addition):
                passages = split_passages(change.article, self._encoder.token_offsets, self._maximum_tokens)
                self._texts |= dict.fromkeys(embedded_text(change.article, passage) for passage in passages)
            self._changes.append((change, passages))
        if len(self._texts) >= POOL:
            self._next_pool()

    def flush(self) -> None:
        """Write all that was put. Raises IndexUnwritable."""
        self._next_pool()
        self._next_pool()

    def finish(self) -> None:
        """Write all that was put, and leave the index without anything that it lacks or that is of no use.

        Raises IndexUnwritable.
        """
        self.flush()
        texts = self._store.texts_without_tokens()
        for start in range(0, len(texts), POOL):
            self._store.keep(self._encode(texts[start : start + POOL]))
        if self._has_written:
            self._store.delete_unused_vectors()
        self._store.synchronise()

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
        self._has_written = True

    def _apply(self, change: Change, passages: Sequence[Passage]) -> None:
        match change:
            case Addition(article, files):
                self._store.add(article, passages, files)
            case Placing(article_id, files):
                self._store.set_places(article_id, files)
            case Removal(article_id):
                self._store.remove(article_id)

    def _encode(self, texts: Sequence[str]) -> list[Vectors]:
        encodings = self._encoder.encode_document(texts)
        return [
            Vectors(digest_of(text), encoding.vector, compress(encoding.tokens))
            for text, encoding in zip(texts, encodings, strict=True)
        ]
