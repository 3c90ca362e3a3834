"""What the page marks in its articles, for every citation of every gold question: is it the quote at its place?

    python evals/page_quotes.py [--shared ../shared]

Each question is typed into the page, and each quote of its answer, or of its refusal, is opened beside it. The text
that stands there must be the article's, and what is marked of it `article.text[start:end]`, character by character.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page, sync_playwright

from askseoul.evaluation.datasets import load_gold
from askseoul.pipeline import AskSeoul
from evals.common.page_server import ARTICLES, CHROMIUM, CHROMIUM_OPTIONS, indexed, serving

ROOT: Final = Path(__file__).parents[2]
MARKED: Final = """() => {
  const marks = [...document.querySelectorAll("#evidence mark.quote")];
  const range = document.createRange();
  range.setStartBefore(marks[0]);
  range.setEndAfter(marks.at(-1));
  return [document.querySelector("#evidence .article-text").textContent, range.toString()];
}"""
"""The whole text of the article that is shown, and what of it is marked as the quote."""
A_CONVERSATION: Final = 10
"""Questions, after which a new one is begun."""


def main() -> None:
    """Print how many quotes were opened and which were not marked right. Exit status 1 when one was not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    options = parser.parse_args()
    collections = {ARTICLES: ROOT / "evals/gold/digests.jsonl"}
    if options.shared.is_dir():
        collections[options.shared / "articles"] = options.shared / "gold/articles.jsonl"
    wrong = []
    for articles, gold in collections.items():
        opened, faults = look_at(articles, [each.question for each in load_gold(gold)])
        print(f"{gold}: {opened} quotes opened, {len(faults)} not marked as they are", *faults, sep="\n")
        wrong += faults
    sys.exit(bool(wrong))


def look_at(articles: Path, questions: list[str]) -> tuple[int, list[str]]:
    """Ask each question of these articles; how many quotes were opened, and what was wrong with which."""
    opened, faults = 0, []
    with indexed(articles) as index, sync_playwright() as playwright:
        with AskSeoul.open(index) as app:
            texts = {each.id: app.article(each.id).text for each in app.articles()}
        with serving(index) as served:
            page = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS).new_page()
            for number, question in enumerate(questions):
                if number % A_CONVERSATION == 0:
                    page.goto(served.url)
                    page.wait_for_selector("#question textarea")
                for cited, text, quote in quotes(page, question, number % A_CONVERSATION):
                    opened += 1
                    exact = texts[cited["article_id"]][cited["start"] : cited["end"]]
                    if text != texts[cited["article_id"]] or not quote == exact == cited["quote"]:
                        faults.append(f"{question}: {cited['quote']!r} is marked as {quote!r}")
    return opened, faults


def quotes(page: Page, question: str, before: int) -> list[tuple[dict[str, Any], str, str]]:
    """Each quote of the answer to a question, with the text that is shown for it and what is marked of that."""
    page.fill("#question textarea", question)
    page.keyboard.press("Enter")
    shown = page.locator(".answer[data-answer]").nth(before)
    shown.wait_for()
    answer = json.loads(shown.get_attribute("data-answer") or "{}")
    refusal = answer["refusal"]
    found = []
    for cited in refusal["nearest"] if refusal else answer["citations"]:
        chip = f'.chip[data-article="{cited["article_id"]}"][data-start="{cited["start"]}"][data-end="{cited["end"]}"]'
        with page.expect_response("**/page/article?*"):
            shown.locator(chip).first.dispatch_event("click")
        page.wait_for_function(
            "place => document.querySelector('#evidence .place')?.textContent.includes(place)",
            arg=f"characters {cited['start']:,} to {cited['end']:,}",
        )
        text, quote = page.evaluate(MARKED)
        found.append((cited, text, quote))
    return found


if __name__ == "__main__":
    main()
