"""How soon a question can be typed, how much the page moves, and whether typing lags while an answer comes.

    python evals/page_speed.py [--loads 5]

Read from the browser's own performance API: first contentful paint, the time at which the question's box is seen
and takes keys, the layout shifts (https://web.dev/articles/cls), and the time from each key to the animation frame that
shows it while SmolLM2 words an answer on the same two cores. (The event timing of https://web.dev/articles/inp counts
until a frame is on a screen; a browser without one hands frames in by the second.) The server is warm: the page was
loaded once before. A cold browser has nothing in its cache, a warm one what the first load left there.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from typing import Final

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from rich.console import Console
from rich.table import Table

from evals.common.page_server import ARTICLES, CHROMIUM, CHROMIUM_OPTIONS, indexed, serving

WATCH: Final = """
window.seen = { shift: 0, keys: [] };
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (!each.hadRecentInput) window.seen.shift += each.value;
}).observe({ type: "layout-shift", buffered: true });
document.addEventListener("keydown", (event) => {
  requestAnimationFrame(() => window.seen.keys.push(performance.now() - event.timeStamp));
});
const look = () => {
  const box = document.querySelector("#question textarea");
  if (box && !box.disabled && box.checkVisibility({ visibilityProperty: true })) window.seen.ready = performance.now();
  else requestAnimationFrame(look);
};
look();
"""
READY: Final = 3.0
"""Seconds until the first question is possible, at most."""
SHIFT: Final = 0.1
LAG: Final = 200.0
"""Milliseconds from a key to what is shown of it: more than this is felt. Both are web.dev's limits of "good"."""
TYPED: Final = "And what did Seoul do about it afterwards, in the same year and in the next one?"


def main() -> None:
    """Print the figures. Exit status 1 when one is over its limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loads", type=int, default=5)
    options = parser.parse_args()
    with indexed(ARTICLES) as index, serving(index, "--generator", "local") as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        opened(watched(browser), served.url)
        cold = [load(opened(watched(browser), served.url)) for _ in range(options.loads)]
        context = watched(browser)
        warm = [load(opened(context, served.url)) for _ in range(options.loads + 1)][1:]
        keys, moved = type_on(opened(watched(browser), served.url))
        browser.close()
    table = Table("", "first paint, s", "question possible, s", "layout shift")
    for kind, loads in (("cold browser", cold), ("warm browser", warm)):
        paints, readies, shifts = zip(*loads, strict=True)
        ready = f"{statistics.median(readies):.2f} (longest {max(readies):.2f})"
        shift = f"{statistics.median(shifts):.3f} (largest {max(shifts):.3f})"
        table.add_row(kind, f"{statistics.median(paints):.2f}", ready, shift)
    Console().print(table)
    slow = [each for each in keys if each > LAG]
    print(
        f"{len(keys)} keys while an answer came: median {statistics.median(keys):.0f} ms, the longest "
        f"{max(keys):.0f} ms, {len(slow)} over {LAG:.0f} ms; layout shift {moved:.3f}"
    )
    is_late = max(each[1] for each in cold + warm) > READY
    is_moved = max(moved, *(each[2] for each in cold + warm)) > SHIFT
    sys.exit(is_late or is_moved or bool(slow))


def watched(browser: Browser) -> BrowserContext:
    """A browser that has nothing in its cache, whose pages watch themselves."""
    context = browser.new_context()
    context.add_init_script(WATCH)
    return context


def opened(context: BrowserContext, url: str) -> Page:
    """The page, when its suggestions stand too: it moves no more."""
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(url)
    page.wait_for_selector("#suggestions button")
    return page


def load(page: Page) -> tuple[float, float, float]:
    """Seconds to the first contentful paint and to the question's box, and the layout shift; the page is closed."""
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime / 1000")
    ready, shift = page.evaluate("[window.seen.ready / 1000, window.seen.shift]")
    page.close()
    return paint, ready, shift


def type_on(page: Page) -> tuple[list[float], float]:
    """Milliseconds that keys took which were typed while an answer came, and the layout shift from then on."""
    page.evaluate("window.seen.shift = 0")
    page.fill("#question textarea", "Why did China retaliate, and what does the analysis say about it?")
    page.keyboard.press("Enter")
    page.wait_for_selector(".working")
    page.evaluate("window.seen.keys = []")
    page.keyboard.type(TYPED, delay=40)
    page.wait_for_selector(".answer[data-answer]")
    page.wait_for_timeout(1000)
    keys, shift = page.evaluate("[window.seen.keys, window.seen.shift]")
    return keys, shift


if __name__ == "__main__":
    main()
