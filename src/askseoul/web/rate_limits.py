"""How many questions and uploads the web page takes in a minute, from one session and in all."""

from __future__ import annotations

import hashlib
import math
import threading
import time
from dataclasses import dataclass
from typing import Final

from askseoul.errors import LimitExceeded


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many requests of one kind are taken in a minute."""

    noun: str
    """What the requests are, in the plural, as it is said to who sent too many."""
    session: int
    """From one session."""
    whole: int
    """From all sessions together: a session's name is made up by who asks, so only this one holds against a flood."""


QUESTIONS: Final = Allowance("questions", session=180, whole=600)
"""One who asks the next question when the last is answered, in half a second, comes to 120 a minute; two processor
cores answer 240. Both with room, so that only a program that does not wait for answers is stopped."""
UPLOADS: Final = Allowance("uploads", session=120, whole=240)
"""The page sends all files of one choice in one upload; gradio_client sends a folder of a hundred files one by one."""

PROOFS: Final = Allowance("exports and opinions", session=180, whole=240)
"""Each proves up to fifty answers again, in some 0.05 s an answer. They are counted by address, which several readers
may share; nobody hands out three in a second."""


class RequestLimits:
    """Counts the requests of one kind; safe from several threads.

    Counted by a sliding window in memory: https://limits.readthedocs.io/en/stable/strategies.html. The moving window of
    the same library would be more exact, but as of limits 5.8.0 it never forgets a session (``MemoryStorage.events``).
    What is kept here is forgotten after two minutes, is 64 characters a session however long its name is, and is kept
    for taken requests only: of any number of sessions, at most 3 × ``whole`` at a time.
    """

    def __init__(self, allowance: Allowance) -> None:
        # limits takes 0.2 s to import, and whoever handles a LimitExceeded needs none of it.
        from limits import RateLimitItemPerMinute
        from limits.storage import MemoryStorage
        from limits.strategies import SlidingWindowCounterRateLimiter

        self._allowance = allowance
        self._session = RateLimitItemPerMinute(allowance.session, namespace="session")
        self._whole = RateLimitItemPerMinute(allowance.whole, namespace="whole")
        self._window = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._lock = threading.Lock()

    def take(self, session: str) -> None:
        """Count one request of this session. LimitExceeded, with how long to wait, where it is one too many.

        A request that is refused is not counted: who goes on asking does not lengthen the wait, nor take from others.
        """
        name = hashlib.sha256(session.encode("utf-8", "surrogatepass")).hexdigest()
        noun = self._allowance.noun
        with self._lock:
            if not self._window.test(self._session, name):
                seconds = self._seconds(self._window.get_window_stats(self._session, name).reset_time)
                raise LimitExceeded(
                    f"More than {self._allowance.session} {noun} in a minute came from this session or address. "
                    f"Wait {seconds} seconds, then try again.",
                    seconds,
                )
            if not self._window.hit(self._whole):
                seconds = self._seconds(self._window.get_window_stats(self._whole).reset_time)
                raise LimitExceeded(
                    f"More than {self._allowance.whole} {noun} in a minute came from all users together. "
                    f"Wait {seconds} seconds, then try again; the command line has no such limit.",
                    seconds,
                )
            self._window.hit(self._session, name)

    @staticmethod
    def _seconds(reset: float) -> int:
        """Whole seconds until the window has moved on: at ``reset`` itself, give or take rounding, it is full."""
        return math.floor(reset - time.time()) + 2


def session() -> str:
    """Who is asking: the session of the browser's tab or of the client, else the address that the call comes from."""
    from gradio.context import LocalContext

    request = LocalContext.request.get(None)
    if request is None:
        return ""
    return str(getattr(request, "session_hash", None) or (request.client.host if request.client else ""))
