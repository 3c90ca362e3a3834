"""How much of the screen's height shows the conversation?

    python -m evals.page.height [FOLDER …] [--question TEXT …] [--json]

Serves the real page over an index of the shipped articles (or of each FOLDER), in windows of 1280 × 800 and 390 × 844,
and measures at the first paint and after each answer, with the suggestions. Two shares of the window's
height are printed: the conversation's, and the last answer's within it, which is less where the answer is short. Exit
status 1 when a conversation with an answer gets less than SHARE of the height on the desktop, or when the page can be
scrolled sideways.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, TimeoutError, sync_playwright

from evals.common.data import ARTICLES
from evals.common.page_server import CHROMIUM, CHROMIUM_OPTIONS, Served, indexed, serving
from evals.page.screenshots import SIZES, ask

SHARE: Final = 0.6
"""Least share of a desktop window's height for a conversation with an answer."""
QUESTIONS: Final = (
    "Is the world multipolar or bipolar?",
    "How many US troops are stationed on the Korean Peninsula?",
    "Who won the football match?",
)
"""A disagreement, a short answer and a refusal."""
SUGGESTED: Final = 10_000
"""Milliseconds to wait for the suggestions; some answers have none."""
SETTLED: Final = 500
"""Milliseconds after which the layout no longer changes."""
SEEN: Final = """() => {
  const shown = (element, frame) => {
    if (!element) return 0;
    const { top, bottom } = element.getBoundingClientRect();
    return Math.max(0, Math.min(bottom, frame.bottom) - Math.max(top, frame.top)) / innerHeight;
  };
  const chat = document.querySelector("#chat [role=log]");
  const { top, bottom } = chat.getBoundingClientRect();
  const frame = { top: Math.max(0, top), bottom: Math.min(innerHeight, bottom) };
  const answer = [...document.querySelectorAll("#chat .answer")].at(-1);
  const scroller = document.scrollingElement;
  return [shown(chat, frame), shown(answer, frame), Math.max(0, scroller.scrollWidth - innerWidth)];
}"""
"""Script that returns the conversation's and the last answer's share of the window, and the pixels hidden sideways."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What can be seen of a conversation in a window."""

    articles: str
    device: str
    when: str
    """The question that was answered last, or ``first paint``."""
    conversation: float
    answer: float
    sideways: int
    """Pixels by which the page is wider than the window."""


def main() -> None:
    """Print the shares as a table or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="*", default=[ARTICLES], metavar="FOLDER")
    parser.add_argument("--question", nargs="+", default=QUESTIONS, dest="questions")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        for folder in options.folders:
            with indexed(folder) as index, serving(index) as served:
                for device in SIZES:
                    found += measure(browser, served, folder.name, device, options.questions)
    if options.json:
        print(json.dumps([asdict(each) for each in found], ensure_ascii=False, indent=2))
    else:
        print(f"{'window':8} {'conversation':>12} {'answer':>7} {'sideways':>9}")
        for each in found:
            print(f"{each.device:8} {each.conversation:12.2f} {each.answer:7.2f} {each.sideways:6} px  {each.when}")
    sys.exit(any(each.sideways or is_small(each) for each in found))


def is_small(seen: Seen) -> bool:
    """Whether an answer on the desktop gets less than its share."""
    return seen.device == "desktop" and seen.answer > 0 and seen.conversation < SHARE


def measure(browser: Browser, served: Served, articles: str, device: str, questions: list[str]) -> list[Seen]:
    """Measure the first paint and each of these questions, asked one after the other."""
    width, height = SIZES[device]
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(served.url)
    page.wait_for_selector("#suggestions button")
    found = [_seen(page, articles, device, "first paint")]
    for question in questions:
        ask(page, question)
        found.append(_seen(page, articles, device, question))
    page.close()
    return found


def _seen(page: Page, articles: str, device: str, when: str) -> Seen:
    with contextlib.suppress(TimeoutError):
        page.wait_for_selector("#suggestions button", timeout=SUGGESTED)
    page.wait_for_timeout(SETTLED)
    conversation, answer, sideways = page.evaluate(SEEN)
    return Seen(articles, device, when, conversation, answer, sideways)


if __name__ == "__main__":
    main()
