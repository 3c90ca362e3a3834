"""Does the page mark exactly the quoted characters, for every citation of every gold question?

    python -m evals.page.quotes [--shared ../shared] [--questions N]

Each question is typed into the page, and each quote of its answer or refusal is opened in the article panel. The text
shown there must be the article's, and the marked part must be ``article.text[start:end]``, character by character.
Exit status 1 when a quote is marked wrongly.
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
from evals.common.data import ARTICLES, DIGESTS, SHARED
from evals.common.page_server import CHROMIUM, CHROMIUM_OPTIONS, indexed, serving

MARKED: Final = """() => {
  const marks = [...document.querySelectorAll("#evidence mark.quote")];
  const range = document.createRange();
  range.setStartBefore(marks[0]);
  range.setEndAfter(marks.at(-1));
  return [document.querySelector("#evidence .article-text").textContent, range.toString()];
}"""
"""Script that returns the text of the shown article and the part marked as the quote."""
CONVERSATION: Final = 10
"""Questions in one conversation."""


def main() -> None:
    """Print how many quotes were opened and which ones are marked wrongly."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder of the original articles")
    parser.add_argument("--questions", type=int, help="maximum number of questions of each collection")
    options = parser.parse_args()
    collections = {ARTICLES: DIGESTS}
    if options.shared.is_dir():
        collections[options.shared / "articles"] = options.shared / "gold/articles.jsonl"
    wrong = []
    for articles, gold in collections.items():
        questions = [each.question for each in load_gold(gold)][: options.questions]
        opened, faults = check_quotes(articles, questions)
        print(f"{gold.name}: {opened} quotes opened, {len(faults)} marked wrongly", *faults, sep="\n")
        wrong += faults
    sys.exit(bool(wrong))


def check_quotes(articles: Path, questions: list[str]) -> tuple[int, list[str]]:
    """Ask each question about these articles. Returns how many quotes were opened, and a line for each wrong mark."""
    opened, faults = 0, []
    with indexed(articles) as index, sync_playwright() as playwright:
        with AskSeoul.open(index) as app:
            texts = {each.id: app.article(each.id).text for each in app.articles()}
        with serving(index) as served:
            page = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS).new_page()
            for number, question in enumerate(questions):
                if number % CONVERSATION == 0:
                    page.goto(served.url)
                    page.wait_for_selector("#question textarea")
                for cited, text, marked in quotes(page, question, number % CONVERSATION):
                    opened += 1
                    expected = texts[cited["article_id"]][cited["start"] : cited["end"]]
                    if text != texts[cited["article_id"]] or not marked == expected == cited["quote"]:
                        faults.append(f"{question}: {cited['quote']!r} is marked as {marked!r}")
    return opened, faults


def quotes(page: Page, question: str, before: int) -> list[tuple[dict[str, Any], str, str]]:
    """Each quote of the answer to a question, with the article's text on the page and its marked part.

    ``before`` is the number of answers already on the page.
    """
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
        text, marked = page.evaluate(MARKED)
        found.append((cited, text, marked))
    return found


if __name__ == "__main__":
    main()
