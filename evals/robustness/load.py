"""Ten users at once on the web page: does any fail, get another's answer, or wait longer than the others?

    python evals/page_crowd.py [--seconds 120] [--users 10] [--tabs 2]

Most users are programs (`gradio_client`, the endpoint /ask), the others tabs of a real browser; each asks the next
question when the last is answered, out of the gold questions, and no two ask the same ones. An answer must be the one
that the same question gets when nobody else asks. The memory of the server is read every five seconds.
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
from evals.common.page_server import ARTICLES, CHROMIUM, CHROMIUM_OPTIONS, indexed, serving

ROOT: Final = Path(__file__).parents[2]
EACH: Final = 12
"""Questions of a user, asked over and over."""
RISEN: Final = 1.1
"""Memory that grows by more than this factor from the second third of the time to the last is not flat."""
UNFAIR: Final = 2.0
"""A user who waits longer than this times the median of the users waits unfairly."""

Waits = list[float]


def main() -> None:
    """Print what each user got. Exit status 1 when something failed, was mixed up, unfair, or grew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--users", type=int, default=10)
    parser.add_argument("--tabs", type=int, default=2, help="how many of the users are tabs of a browser")
    options = parser.parse_args()
    gold = [each.question for each in load_gold(ROOT / "evals/gold/digests.jsonl") if not each.history]
    asked = [gold[place :: options.users][:EACH] for place in range(options.users)]
    with indexed(ARTICLES) as index:
        with AskSeoul.open(index) as app:
            alone = {question: app.ask(question).id for questions in asked for question in questions}
        with serving(index) as served:
            waits: list[Waits] = [[] for _ in asked]
            faults: list[str] = []
            until = time.monotonic() + options.seconds
            threads = [
                threading.Thread(
                    target=ask_on if place >= options.tabs else ask_in_tab,
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


def ask_on(
    url: str, questions: list[str], alone: dict[str, str], until: float, waits: Waits, fail: Callable[[str], None]
) -> None:
    """Ask through the API."""
    from gradio_client import Client

    client = Client(url, verbose=False, analytics_enabled=False)
    while time.monotonic() < until:
        for question in questions:
            started = time.monotonic()
            try:
                answer = client.predict(question, api_name="/ask")
            except Exception as error:  # whatever it is, the user was failed
                fail(f"{question}: {error}")
                continue
            waits.append(time.monotonic() - started)
            look(question, answer, alone, fail)
            if time.monotonic() > until:
                return


def ask_in_tab(
    url: str, questions: list[str], alone: dict[str, str], until: float, waits: Waits, fail: Callable[[str], None]
) -> None:
    """Ask in a browser, in a new conversation for each question."""
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
                look(question, answer, alone, fail)
                if time.monotonic() > until:
                    break
        browser.close()


def look(question: str, answer: dict[str, Any], alone: dict[str, str], fail: Callable[[str], None]) -> None:
    """Whether the answer is that to the question."""
    if answer.get("question") != question or answer.get("id") != alone[question]:
        fail(f"{question}: got the answer to {answer.get('question')!r}")


def resident(pid: int) -> float:
    """The memory of a process, in MB."""
    [line] = [each for each in Path(f"/proc/{pid}/status").read_text().splitlines() if each.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


def report(waits: list[Waits], faults: list[str], memory: list[float], tabs: int) -> None:
    """Print it, and end with the exit status."""
    table = Table("user", "answers", "seconds, p50", "p95", "longest")
    for place, own in enumerate(waits):
        p95 = statistics.quantiles(own, n=20)[-1] if len(own) > 1 else float("nan")
        name = f"tab {place + 1}" if place < tabs else f"client {place + 1 - tabs}"
        table.add_row(name, str(len(own)), f"{statistics.median(own):.2f}", f"{p95:.2f}", f"{max(own):.2f}")
    Console().print(table)
    third = max(1, len(memory) // 3)
    first, last = (statistics.fmean(part) for part in (memory[third : 2 * third], memory[-third:]))
    # Tabs load the page anew for each question, and wait for the others while they do: they are compared on their own.
    medians = [statistics.median(own) for own in waits[tabs:] if own]
    unfair = max(medians) / statistics.median(medians)
    print(f"{sum(map(len, waits))} answers, {len(faults)} failed or mixed up")
    print(f"longest median wait of a client is {unfair:.2f} times their median")
    print(f"memory {first:.0f} MB in the second third, {last:.0f} MB in the last ({last / first:.2f} times)")
    for fault in faults[:20]:
        print(fault)
    sys.exit(bool(faults) or unfair > UNFAIR or last / first > RISEN)


if __name__ == "__main__":
    main()
