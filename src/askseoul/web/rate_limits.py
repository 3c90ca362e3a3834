"""Rate limits of the web page: requests per minute, from one session and from all together."""

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
    """The number of requests of one kind that are allowed per minute."""

    noun: str
    """The plural noun for these requests in error messages."""
    session: int
    """From one session."""
    total: int
    """From all sessions. Clients choose their session names, so only this limit stops a flood."""


QUESTIONS: Final = Allowance("questions", session=180, total=600)
"""A client that asks one question after the other, at half a second each, sends 120 a minute; two processor cores
answer 240. The limits are higher, so that they stop only programs that don't wait for answers."""
UPLOADS: Final = Allowance("uploads", session=120, total=240)
"""The page sends all selected files in one upload; gradio_client sends a folder of a hundred files one by one."""
EXPORTS: Final = Allowance("exports and opinions", session=180, total=240)
"""Each request verifies up to fifty answers again, about 0.05 s each. They are counted by address, which several users
may share; nobody exports three answers a second."""


class RequestLimits:
    """Counts requests of one kind in memory; thread-safe.

    Uses a sliding window counter (https://limits.readthedocs.io/en/stable/strategies.html). The library's moving window
    would be more exact, but as of limits 5.8.0 it never forgets a session (``MemoryStorage.events``). Memory is
    bounded: an entry has 64 characters however long the session's name is, expires after two minutes, and is made only
    for allowed requests, so there are at most 3 × ``total`` entries.
    """

    def __init__(self, allowance: Allowance) -> None:
        # limits takes 0.2 s to import.
        from limits import RateLimitItemPerMinute
        from limits.storage import MemoryStorage
        from limits.strategies import SlidingWindowCounterRateLimiter

        self._allowance = allowance
        self._session = RateLimitItemPerMinute(allowance.session, namespace="session")
        self._total = RateLimitItemPerMinute(allowance.total, namespace="total")
        self._window = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._lock = threading.Lock()

    def take(self, session: str) -> None:
        """Count one request of this session. Raises LimitExceeded, with the seconds to wait, when a limit is reached.

        Refused requests are not counted, so retrying does not lengthen the wait or use up the others' limit.
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
            if not self._window.hit(self._total):
                seconds = self._seconds(self._window.get_window_stats(self._total).reset_time)
                raise LimitExceeded(
                    f"More than {self._allowance.total} {noun} in a minute came from all users together. "
                    f"Wait {seconds} seconds, then try again; the command line has no such limit.",
                    seconds,
                )
            self._window.hit(self._session, name)

    @staticmethod
    def _seconds(reset: float) -> int:
        """Whole seconds until a request is allowed again; 2 more than the floor, since at ``reset`` itself the window
        may still be full, depending on rounding."""
        return math.floor(reset - time.time()) + 2


def session() -> str:
    """The caller of the current Gradio event: the session of its tab or client, else its IP address, else empty."""
    from gradio.context import LocalContext

    request = LocalContext.request.get(None)
    if request is None:
        return ""
    return str(getattr(request, "session_hash", None) or (request.client.host if request.client else ""))
