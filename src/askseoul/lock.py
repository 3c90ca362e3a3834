"""One writer at a time: a lock on a file in the index's folder, which ends with the process that holds it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from askseoul.errors import IndexBusy, IndexUnwritable

if TYPE_CHECKING:
    from filelock import BaseFileLock

FILE: Final = "askseoul.lock"
"""Name of the file that is locked; that it is there means nothing."""

PATIENCE: Final = 60.0
"""Seconds to wait for another writer to come to its end."""

logger = logging.getLogger(__name__)


class WriterLock:
    """Held by one thread of one process; that thread may take it again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def held(self, patience: float = PATIENCE) -> Iterator[None]:
        """Hold the lock; where another does, wait so many seconds for it. Raises IndexBusy, IndexUnwritable."""
        from filelock import Timeout

        try:
            try:
                self._lock.acquire(timeout=0)
            except Timeout:
                if patience:
                    logger.warning("Another process is writing the index in %s; waiting for its end.", self._folder)
                self._lock.acquire(timeout=patience)
        except Timeout as error:
            raise IndexBusy(
                f"Another process is still writing the index in {self._folder}. Try again when it is done; "
                "the index can be read meanwhile."
            ) from error
        except OSError as error:
            raise IndexUnwritable(
                f"{self._folder} can't be written: {error}. Free some space or make the folder writable, then try "
                "again; nothing that was indexed before is lost."
            ) from error
        try:
            yield
        finally:
            self._lock.release()

    @cached_property
    def _lock(self) -> BaseFileLock:
        from filelock import FileLock  # 70 ms that readers need not spend

        return FileLock(self._folder / FILE)
