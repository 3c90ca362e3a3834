"""How soon the page accepts a question, how much its layout shifts, and whether typing lags during an answer.

    python -m evals.performance.page [--loads 5]

The figures come from the browser's performance API: first contentful paint, the time at which the question's text box
is visible and enabled, layout shift (https://web.dev/articles/cls), and the time from each key press to the animation
frame that shows it, while SmolLM2 words an answer on the same cores. (Event timing as in https://web.dev/articles/inp
counts until a frame is on the screen, and a browser without a screen presents frames once a second.) The server is
warm: the page was loaded once before. A cold browser has an empty cache, a warm one has what the first load left there.
Exit status 1 when a figure exceeds its limit.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from typing import Final

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from rich.console import Console
from rich.table import Table

from evals.common.data import ARTICLES
from evals.common.page_server import CHROMIUM, CHROMIUM_OPTIONS, indexed, serving

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
"""Limit in seconds until the first question can be typed."""
SHIFT: Final = 0.1
"""Limit of the layout shift, web.dev's for "good"."""
LAG: Final = 200.0
"""Limit in milliseconds from a key press to its frame, web.dev's for a "good" interaction."""
TYPED: Final = "And what did Seoul do about it afterwards, in the same year and in the next one?"


def main() -> None:
    """Print the figures; exit with 1 when one exceeds its limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loads", type=int, default=5, help="loads of the page for each browser")
    options = parser.parse_args()
    with indexed(ARTICLES) as index, serving(index, "--generator", "local") as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        open_page(new_context(browser), served.url)
        cold = [measure_load(open_page(new_context(browser), served.url)) for _ in range(options.loads)]
        context = new_context(browser)
        warm = [measure_load(open_page(context, served.url)) for _ in range(options.loads + 1)][1:]
        keys, shifted = measure_typing(open_page(new_context(browser), served.url))
        browser.close()
    table = Table("", "first paint, s", "ready for a question, s", "layout shift")
    for kind, loads in (("cold browser", cold), ("warm browser", warm)):
        paints, ready_times, shifts = zip(*loads, strict=True)
        ready = f"{statistics.median(ready_times):.2f} (max {max(ready_times):.2f})"
        shift = f"{statistics.median(shifts):.3f} (max {max(shifts):.3f})"
        table.add_row(kind, f"{statistics.median(paints):.2f}", ready, shift)
    Console().print(table)
    slow = [each for each in keys if each > LAG]
    print(
        f"{len(keys)} keys during an answer: median {statistics.median(keys):.0f} ms, max {max(keys):.0f} ms, "
        f"{len(slow)} over {LAG:.0f} ms; layout shift {shifted:.3f}"
    )
    is_late = max(load[1] for load in cold + warm) > READY
    is_shifted = max(shifted, *(load[2] for load in cold + warm)) > SHIFT
    sys.exit(is_late or is_shifted or bool(slow))


def new_context(browser: Browser) -> BrowserContext:
    """A browser context with an empty cache, whose pages record their own timings."""
    context = browser.new_context()
    context.add_init_script(WATCH)
    return context


def open_page(context: BrowserContext, url: str) -> Page:
    """Open the page and wait for its suggestions, the last part to appear."""
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(url)
    page.wait_for_selector("#suggestions button")
    return page


def measure_load(page: Page) -> tuple[float, float, float]:
    """Seconds to the first contentful paint and to the text box, and the layout shift. Closes the page."""
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime / 1000")
    ready, shift = page.evaluate("[window.seen.ready / 1000, window.seen.shift]")
    page.close()
    return paint, ready, shift


def measure_typing(page: Page) -> tuple[list[float], float]:
    """Milliseconds of each key typed while an answer is prepared, and the layout shift since its question."""
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
