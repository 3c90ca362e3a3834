"""How many requests are taken, and that counting them takes bounded memory."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.errors import LimitExceeded, UsageError
from askseoul.web.rate_limits import QUESTIONS, UPLOADS, Allowance, RequestLimits

SMALL = Allowance("questions", session=3, total=5)


class Clock:
    """Replaces ``time.time``. Starts a second after a full minute, so that each test starts in a fresh window."""

    def __init__(self):
        self.now = 1_800_000_001.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    fake = Clock()
    monkeypatch.setattr("time.time", fake)
    return fake


def taken(limits, session, requests):
    """How many of this number of requests are accepted."""
    count = 0
    for _ in range(requests):
        try:
            limits.take(session)
        except LimitExceeded:
            continue
        count += 1
    return count


def test_the_limit_of_a_session_leaves_other_sessions_alone(clock):
    limits = RequestLimits(SMALL)
    assert taken(limits, "one", 10) == 3
    assert taken(limits, "other", 1) == 1


def test_refused_requests_do_not_count_for_the_limit_of_all(clock):
    limits = RequestLimits(SMALL)
    taken(limits, "flood", 1000)
    assert taken(limits, "other", 10) == SMALL.total - SMALL.session


def test_the_limit_of_all_sessions_together(clock):
    limits = RequestLimits(SMALL)
    assert sum(taken(limits, f"session {number}", 1) for number in range(100)) == SMALL.total


def test_requests_refused_by_the_limit_of_all_do_not_count_for_the_session(clock):
    limits = RequestLimits(SMALL)
    for number in range(100):
        taken(limits, f"session {number}", 1)
    assert taken(limits, "late", 1) == 0
    clock.now += 120
    assert taken(limits, "late", 10) == SMALL.session


def test_a_refusal_says_how_long_to_wait(clock):
    limits = RequestLimits(SMALL)
    taken(limits, "one", 3)
    with pytest.raises(
        LimitExceeded,
        match=r"^More than 3 questions in a minute came from this session or address\. "
        r"Wait 61 seconds, then try again\.$",
    ) as refused:
        limits.take("one")
    assert refused.value.seconds == 61
    assert isinstance(refused.value, UsageError)


def test_a_refusal_by_the_limit_of_all_names_all_users(clock):
    limits = RequestLimits(Allowance("uploads", session=3, total=1))
    limits.take("one")
    clock.now += 58.5
    with pytest.raises(LimitExceeded, match=r"More than 1 uploads in a minute came from all users .* Wait 2 seconds, "):
        limits.take("other")


@given(
    allowance=st.builds(Allowance, st.just("questions"), session=st.integers(1, 8), total=st.integers(1, 12)),
    steps=st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 50)), max_size=60),
)
def test_the_same_request_is_taken_after_the_wait(allowance, steps):
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.time", clock)
        limits = RequestLimits(allowance)
        for session, pause in steps:
            clock.now += pause
            try:
                limits.take(session)
            except LimitExceeded as refused:
                assert 2 <= refused.seconds <= 61
                clock.now += refused.seconds
                # The limit of the session may have hidden the limit of all, which then asks for a wait of its own.
                try:
                    limits.take(session)
                except LimitExceeded as again:
                    assert "from all users" in str(again)
                    assert "from this session" in str(refused)


@given(pauses=st.lists(st.floats(0, 30), min_size=20, max_size=80))
def test_no_minute_takes_twice_the_limit(pauses):
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.time", clock)
        limits = RequestLimits(SMALL)
        times = []
        for pause in pauses:
            clock.now += pause
            if taken(limits, "one", 1):
                times.append(clock.now)
    assert all(sum(start <= other < start + 60 for other in times) < 2 * SMALL.session for start in times)


@pytest.mark.parametrize("seconds", [0.25, 0.5, 1.0], ids=lambda seconds: f"an answer takes {seconds} s")
def test_ten_users_who_wait_for_each_answer_are_never_refused(clock, seconds):
    # Two cores answer two questions at a time, so ten users ask at twice the pace of one.
    limits = RequestLimits(QUESTIONS)
    for number in range(int(120 / seconds * 2)):
        limits.take(f"user {number % 10}")
        clock.now += seconds / 2


def test_one_user_who_waits_for_each_answer_is_never_refused(clock):
    limits = RequestLimits(QUESTIONS)
    for _ in range(600):
        limits.take("one")
        clock.now += 0.5


def test_a_folder_of_a_hundred_files_can_be_uploaded_one_by_one(clock):
    limits = RequestLimits(UPLOADS)
    assert taken(limits, "one", 100) == 100


@pytest.mark.parametrize(
    "session",
    [
        pytest.param("", id="empty"),
        pytest.param("서울", id="Korean"),
        pytest.param("\ud800", id="lone surrogate"),
        pytest.param("a\0b", id="null character"),
        pytest.param("x" * 1_000_000, id="a million characters"),
    ],
)
def test_any_text_names_a_session(clock, session):
    limits = RequestLimits(SMALL)
    assert taken(limits, session, 5) == SMALL.session


def test_memory_stays_bounded_under_any_number_of_sessions(clock):
    limits = RequestLimits(Allowance("questions", session=1, total=50))
    most = 0
    for number in range(20_000):
        taken(limits, f"session {number} {'x' * 1000}", 1)
        clock.now += 0.05
        if number % 1000 == 999:
            limits._window.storage.timer.join()  # the library forgets in a thread, a hundredth of a second later
            storage = limits._window.storage
            most = max(most, len(storage.storage), len(storage.expirations), len(storage.locks))
            assert storage.events == {}
    assert 50 <= most <= 3 * 50 + 3
    assert max(map(len, limits._window.storage.storage)) < 120


def test_threads_together_take_no_more_than_the_limit(clock):
    limits = RequestLimits(Allowance("questions", session=40, total=1000))
    counts = []
    threads = [threading.Thread(target=lambda: counts.append(taken(limits, "one", 100))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 40


def test_a_clock_set_back_does_not_prolong_the_wait(clock):
    limits = RequestLimits(SMALL)
    taken(limits, "one", 3)
    clock.now -= 86_400
    assert taken(limits, "one", 3) == 3
