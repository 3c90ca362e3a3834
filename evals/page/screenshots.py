"""Screenshots of a first visit to the page: on desktop and phone, in light and dark.

    python -m evals.page.screenshots FOLDER [--devices desktop phone] [--schemes light dark]

They show the first paint, an answer whose articles disagree, a quote in its article, a refusal, a follow-up, an export,
feedback, and the articles with an added file. The pictures in ``evals/page`` are some of them.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Browser, Page, sync_playwright

from evals.common.data import ARTICLES
from evals.common.page_server import CHROMIUM, CHROMIUM_OPTIONS, Served, indexed, serving

SIZES: Final = {"desktop": (1280, 800), "phone": (390, 844)}
Scheme = Literal["light", "dark"]
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")
ADDED: Final = """---
title: 반도체 exports of the port of Incheon
published: 2025-03-01
---
The port of Incheon shipped 4,200 containers of chips in February 2025.
"""


def main() -> None:
    """Write the screenshots into the folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--devices", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument("--schemes", nargs="+", choices=SCHEMES, default=SCHEMES)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        for device in options.devices:
            for scheme in options.schemes:
                with indexed(ARTICLES) as index, serving(index) as served:
                    visit(browser, served, device, scheme, options.folder)


def visit(browser: Browser, served: Served, device: str, scheme: Scheme, folder: Path) -> None:
    """Visit the page once and write a screenshot at each step."""
    width, height = SIZES[device]
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    steps = iter(range(1, 100))

    def take(name: str) -> None:
        page.wait_for_timeout(500)
        page.screenshot(path=folder / f"{device}-{scheme}-{next(steps):02}-{name}.png")

    page.goto(served.url)
    page.wait_for_selector("body.is-laid-out")
    take("first")
    page.wait_for_selector("#suggestions button")
    take("starters")
    page.fill("#question textarea", "Is the world multipolar or bipolar?")
    page.keyboard.press("Enter")
    page.wait_for_selector(".working")
    take("streaming")
    page.wait_for_selector(".answer[data-answer]")
    take("disagreement")
    page.click(".answer .chip")
    page.wait_for_selector("#evidence mark.quote")
    page.mouse.move(width / 2, 4)
    take("quote")
    page.keyboard.press("Escape")
    page.locator(".sentence .sign").first.focus()
    take("why")
    ask(page, "How many US troops are stationed on the Korean Peninsula?")
    ask(page, "Under whose command?")
    take("follow-up")
    ask(page, "Who won the football match?")
    take("refusal")
    page.locator(".tools summary").last.click()
    take("export")
    page.get_by_role("button", name="Right or wrong?").last.click()
    take("opinion")
    page.keyboard.press("Escape")
    if device == "phone":
        page.get_by_role("button", name="Conversations and articles").click()
    page.locator("#collection button").first.click()
    page.set_input_files("#upload input", {"name": "incheon.md", "mimeType": "text/markdown", "buffer": ADDED.encode()})
    page.wait_for_selector(".outcomes li")
    page.locator(".outcomes").scroll_into_view_if_needed()
    take("articles")
    page.close()


def ask(page: Page, question: str) -> None:
    """Ask a question and wait for the answer."""
    before = page.locator(".answer[data-answer]").count()
    page.fill("#question textarea", question)
    page.keyboard.press("Enter")
    page.locator(".answer[data-answer]").nth(before).wait_for()


if __name__ == "__main__":
    main()
