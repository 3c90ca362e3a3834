"""A newcomer's way through the page, in screenshots: desktop and phone, light and dark.

    python evals/page_pictures.py FOLDER

First paint, an answer whose articles disagree, a quote in its article, a refusal, a follow-up, the articles with a file
added, an opinion, and what an export looks like. `evals/page/answer.png` is one of them.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Browser, Page, sync_playwright

from evals.common.page_server import ARTICLES, CHROMIUM, CHROMIUM_OPTIONS, Served, indexed, serving

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
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        for device in SIZES:
            for scheme in SCHEMES:
                with indexed(ARTICLES) as index, serving(index) as served:
                    walk(browser, served, device, scheme, folder)


def walk(browser: Browser, served: Served, device: str, scheme: Scheme, folder: Path) -> None:
    """Go the way once, and write a picture at each halt."""
    width, height = SIZES[device]
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    halts = iter(range(1, 100))

    def take(what: str) -> None:
        page.wait_for_timeout(500)
        page.screenshot(path=folder / f"{device}-{scheme}-{next(halts):02}-{what}.png")

    page.goto(served.url)
    page.wait_for_selector("body.is-laid-out")
    take("first")
    page.wait_for_selector("#suggestions button")
    take("starters")
    page.fill("#question textarea", "Is Donald Trump in office?")
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
    """Ask, and wait for the answer."""
    before = page.locator(".answer[data-answer]").count()
    page.fill("#question textarea", question)
    page.keyboard.press("Enter")
    page.locator(".answer[data-answer]").nth(before).wait_for()


if __name__ == "__main__":
    main()
