"""How much of an article, and of what stands around it, is in the text of saved web pages.

    python -m evals.quality.boilerplate [--pages]

The pages are those of ``evals/common/pages``; nothing was tuned on a third of them, which has a table of its own.
Recall is the share of the articles' sentences, cells and items that are in the text, boilerplate that of other texts.
Trafilatura with its settings is shown for comparison. ``--pages`` lists what is lost and left of each page.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from askseoul.errors import ArticleError
from askseoul.ingest.converters import convert
from evals.common.page_samples import SavedPage, count_found, plain, saved_pages

Extract = Callable[[bytes], str]


def askseoul(content: bytes) -> str:
    """Return the text that is indexed of a page; empty if the page is refused."""
    try:
        return convert(Path("page.html"), content).text
    except ArticleError:
        return ""


def trafilatura(**settings: Any) -> Extract:  # noqa: ANN401
    """Return a function that extracts a page's text by trafilatura with these settings."""
    from trafilatura import extract

    return lambda content: extract(content.decode(), include_comments=False, **settings) or ""


def systems() -> Mapping[str, Extract]:
    """Return what is compared, by name."""
    return {
        "askseoul": askseoul,
        "trafilatura": trafilatura(),
        "favor_recall": trafilatura(favor_recall=True),
        "favor_precision": trafilatura(favor_precision=True),
        "without tables": trafilatura(include_tables=False),
        "without fallback": trafilatura(fast=True),
        "favor_recall, without fallback": trafilatura(favor_recall=True, fast=True),
    }


def row(name: str, extract: Extract, pages: Sequence[SavedPage]) -> str:
    """Return the row of a table for a system and these pages."""
    started = time.perf_counter()
    texts = [extract(page.content) for page in pages]
    milliseconds = 1000 * (time.perf_counter() - started) / len(pages)
    shares = []
    for side in ("kept", "dropped"):
        parts = [getattr(page, side) for page in pages]
        shares.append(sum(map(count_found, parts, texts)) / sum(map(len, parts)))
    return f"| {name} | {shares[0]:.3f} | {shares[1]:.3f} | {milliseconds:.1f} |"


def differences(page: SavedPage) -> Iterator[str]:
    """Yield what is lost and what is left of a page."""
    text = plain(askseoul(page.content))
    yield from (f"{page.name}: lost “{part}”" for part in page.kept if part not in text)
    yield from (f"{page.name}: left “{part}”" for part in page.dropped if part in text)


def main() -> None:
    """Print a table for the pages that were tuned on, and one for the others."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", action="store_true", help="list what is lost and left of each page")
    arguments = parser.parse_args()
    pages = list(saved_pages())
    for extract in systems().values():  # loaded and warm before anything is timed
        extract(pages[0].content)
    for is_held_out in (False, True):
        chosen = [page for page in pages if page.is_held_out == is_held_out]
        print(f"\n{len(chosen)} pages {'that nothing was tuned on' if is_held_out else 'to tune on'}\n")
        print("| system | recall | boilerplate | ms a page |\n|---|---|---|---|")
        for name, extract in systems().items():
            print(row(name, extract, chosen))
    if arguments.pages:
        print("", *(line for page in pages for line in differences(page)), sep="\n")


if __name__ == "__main__":
    main()
