"""Ten users on the web page at once: does any fail, get another user's answer, or wait longer than the others?

    python -m evals.robustness.load [--seconds 120] [--users 10] [--tabs 2]

Most users are programs (``gradio_client`` and the endpoint /ask), the others are tabs of a real browser. Each asks its
next question as soon as the last one is answered. The questions are gold questions, and no two users share one. An
answer must be the one that the same question gets when nobody else asks. The server's memory is read every five
seconds. Exit status 1 when an answer fails or is mixed up, a user waits too long, or memory grows.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from askseoul.evaluation.datasets import load_gold
from askseoul.pipeline import AskSeoul
from evals.common.data import ARTICLES, DIGESTS
from evals.common.page_server import CHROMIUM, CHROMIUM_OPTIONS, indexed, serving

QUESTIONS: Final = 12
"""Questions of a user, asked again and again."""
MEMORY_GROWTH: Final = 1.1
"""Largest ratio of the mean memory in the last third of the run to that in the second third."""
UNFAIR_WAIT: Final = 2.0
"""Largest ratio of a user's median wait to the median over the users."""

Waits = list[float]


def main() -> None:
    """Run all users and print what each got."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--users", type=int, default=10)
    parser.add_argument("--tabs", type=int, default=2, help="how many of the users are browser tabs")
    options = parser.parse_args()
    gold = [each.question for each in load_gold(DIGESTS) if not each.history]
    asked = [gold[place :: options.users][:QUESTIONS] for place in range(options.users)]
    with indexed(ARTICLES) as index:
        with AskSeoul.open(index) as app:
            alone = {question: app.ask(question).id for questions in asked for question in questions}
        with serving(index) as served:
            waits: list[Waits] = [[] for _ in asked]
            faults: list[str] = []
            until = time.monotonic() + options.seconds
            threads = [
                threading.Thread(
                    target=ask_by_api if place >= options.tabs else ask_in_tab,
                    args=(served.url, questions, alone, until, waits[place], faults.append),
                )
                for place, questions in enumerate(asked)
            ]
            for thread in threads:
                thread.start()
            memory = []
            while any(thread.is_alive() for thread in threads):
                memory.append(resident(served.pid))
                time.sleep(5)
    report(waits, faults, memory, options.tabs)


def ask_by_api(
    url: str, questions: list[str], alone: dict[str, str], until: float, waits: Waits, fail: Callable[[str], None]
) -> None:
    """Ask through the API until the time is over."""
    from gradio_client import Client

    client = Client(url, verbose=False, analytics_enabled=False)
    while time.monotonic() < until:
        for question in questions:
            started = time.monotonic()
            try:
                answer = client.predict(question, api_name="/ask")
            except Exception as error:  # any exception is a failed answer
                fail(f"{question}: {error}")
                continue
            waits.append(time.monotonic() - started)
            check(question, answer, alone, fail)
            if time.monotonic() > until:
                return


def ask_in_tab(
    url: str, questions: list[str], alone: dict[str, str], until: float, waits: Waits, fail: Callable[[str], None]
) -> None:
    """Ask in a browser until the time is over, in a new conversation for each question."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        page = browser.new_page()
        page.set_default_timeout(120_000)
        while time.monotonic() < until:
            for question in questions:
                page.goto(url)
                page.wait_for_selector("#question textarea")
                page.fill("#question textarea", question)
                started = time.monotonic()
                page.keyboard.press("Enter")
                try:
                    page.wait_for_selector(".answer[data-answer]")
                except Exception as error:
                    fail(f"{question}: {error}")
                    continue
                waits.append(time.monotonic() - started)
                answer = json.loads(page.get_attribute(".answer", "data-answer") or "{}")
                check(question, answer, alone, fail)
                if time.monotonic() > until:
                    break
        browser.close()


def check(question: str, answer: dict[str, Any], alone: dict[str, str], fail: Callable[[str], None]) -> None:
    """Record a fault if the answer belongs to another question or differs from that of a lone user."""
    if answer.get("question") != question or answer.get("id") != alone[question]:
        fail(f"{question}: got the answer to {answer.get('question')!r}")


def resident(pid: int) -> float:
    """The resident memory of a process, in MB."""
    [line] = [each for each in Path(f"/proc/{pid}/status").read_text().splitlines() if each.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


def report(waits: list[Waits], faults: list[str], memory: list[float], tabs: int) -> None:
    """Print the figures and exit with the status."""
    table = Table("user", "answers", "seconds, p50", "p95", "max")
    for place, own in enumerate(waits):
        p95 = statistics.quantiles(own, n=20)[-1] if len(own) > 1 else float("nan")
        name = f"tab {place + 1}" if place < tabs else f"client {place + 1 - tabs}"
        table.add_row(name, str(len(own)), f"{statistics.median(own):.2f}", f"{p95:.2f}", f"{max(own):.2f}")
    Console().print(table)
    third = max(1, len(memory) // 3)
    first, last = (statistics.fmean(part) for part in (memory[third : 2 * third], memory[-third:]))
    # Tabs reload the page for each question and wait for the other users meanwhile, so only clients are compared.
    medians = [statistics.median(own) for own in waits[tabs:] if own]
    ratio = max(medians) / statistics.median(medians)
    print(f"{sum(map(len, waits))} answers, {len(faults)} failed or mixed up")
    print(f"slowest client: median wait {ratio:.2f} times the median of all clients")
    print(f"memory {first:.0f} MB in the second third, {last:.0f} MB in the last third ({last / first:.2f} times)")
    for fault in faults[:20]:
        print(fault)
    sys.exit(bool(faults) or ratio > UNFAIR_WAIT or last / first > MEMORY_GROWTH)


if __name__ == "__main__":
    main()
