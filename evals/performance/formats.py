"""Speed of reading: files of each format beside another version of the program, in one run.

    python -m evals.performance.formats [--files 1000] [--rounds 5] [--indexed 60] [--beside CHECKOUT] [--page PAGE.md]

A hundred distinct files of each format are made of invented prose, and as many of them as ``--files`` asks for are
read. First rows: the processor's time to make an article of a file, of PDFs that of a page, without that to start a
process, to load what is loaded once or to detect the language. Last row: the time in which ``--indexed`` files of the
formats that both versions read are indexed, with all that this takes, to the end. The versions take turns, each in
processes of its own; shown are the medians, and the median of the ratios within a turn.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from askseoul import AskSeoul
from askseoul.ingest.articles import SUFFIXES, parse_article

FORMATS: Final = {
    "txt": "text", "md": "Markdown", "html": "HTML", "docx": "DOCX", "epub": "EPUB",
    "one.pdf": "PDF, one column, a page",
    "two.pdf": "PDF, two columns, a page", "csv": "CSV", "xlsx": "XLSX", "pptx": "PPTX", "eml": "EML",
}  # fmt: skip
"""The formats by the endings of the files' names."""
NEW: Final = ("csv", "xlsx", "pptx", "eml")
DISTINCT: Final = 100
INDEXING: Final = "indexing, seconds"
MARKS: Final = ("<!-- formats -->\n", "<!-- /formats -->")


def main() -> None:
    """Print the table, and write it into a page if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=1000, help="files to read, of all formats together")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each version")
    parser.add_argument("--indexed", type=int, default=60, help="files to index in each turn")
    parser.add_argument("--beside", type=Path, metavar="CHECKOUT", help="checkout of another version to measure too")
    parser.add_argument("--page", type=Path, help=f"write the table between {MARKS[0].strip()} and {MARKS[1]}")
    parser.add_argument("--measure", type=Path, metavar="FOLDER", help="measure this version alone and print JSON")
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure, options.files, options.indexed)))
        return
    versions = {"this program": Path(__file__).parents[2]} | ({"beside": options.beside} if options.beside else {})
    with tempfile.TemporaryDirectory() as folder:
        pages = write_files(Path(folder))
        turns: dict[str, list[dict[str, float]]] = {name: [] for name in versions}
        for _ in range(options.rounds):
            for name, checkout in versions.items():
                turns[name].append(measure_in(checkout.resolve(), Path(folder), options.files, options.indexed))
    table = table_of(turns, pages)
    print(table)
    if options.page:
        page = options.page.read_text(encoding="utf-8")
        before, opened, rest = page.partition(MARKS[0])
        _, closed, after = rest.partition(MARKS[1])
        if not opened or not closed:
            parser.error(f"{options.page} has no place for the table")
        options.page.write_text(f"{before}{opened}{table}\n{closed}{after}", encoding="utf-8")


def write_files(folder: Path) -> dict[str, float]:
    """Write the distinct files of all formats and return how many pages a PDF of each format has on average."""
    import pypdfium2

    pages: dict[str, float] = {}
    for ending, contents in made_files().items():
        counts = []
        for number, content in enumerate(contents):
            path = folder / f"{number:03}.{ending}"
            path.write_bytes(content)
            if ending.endswith("pdf"):
                counts.append(len(pypdfium2.PdfDocument(path)))
        if counts:
            pages[ending] = statistics.mean(counts)
    return pages


def made_files() -> dict[str, list[bytes]]:
    """The contents of the distinct files by their ending."""
    from evals.common import pdf_producers, sample_files
    from evals.common.pdf_samples import Layout, Prose, make_story

    made: dict[str, list[bytes]] = defaultdict(list)
    for number in range(DISTINCT):
        prose = Prose(number)
        title, texts = prose.heading(), [prose.paragraph(5) for _ in range(8)]
        plain = "\n\n".join(texts)
        rows = [["Place", "Text", "Number"], *([prose.place(), text[:60], str(prose.number())] for text in texts * 2)]
        story = make_story(number, 10)
        made["txt"].append(plain.encode())
        made["md"].append(f"---\ntitle: {title}\npublished: 2024-05-03\n---\n\n# {title}\n\n{plain}".encode())
        made["html"].append(sample_files.web_page(texts, title))
        made["docx"].append(sample_files.word(texts))
        made["epub"].append(sample_files.epub([sample_files.chapter("".join(f"<p>{text}</p>" for text in texts))]))
        made["one.pdf"].append(pdf_producers.reportlab(story, Layout()))
        made["two.pdf"].append(pdf_producers.reportlab(story, Layout(columns=2, is_row_by_row=True)))
        made["csv"].append(sample_files.delimited(rows))
        made["xlsx"].append(sample_files.workbook({"Texts": rows}))
        made["pptx"].append(sample_files.presentation({f"{title} {n}": [text] for n, text in enumerate(texts)}))
        made["eml"].append(sample_files.mail(plain + "\n"))
    return made


def measure_in(checkout: Path, folder: Path, files: int, indexed: int) -> dict[str, float]:
    """What the version in a checkout takes, in a process of its own."""
    options = ["--measure", str(folder), "--files", str(files), "--indexed", str(indexed)]
    search_path = os.pathsep.join([str(checkout / "src"), str(checkout)])
    done = subprocess.run(
        [sys.executable, "-P", "-W", "ignore", __file__, *options],
        cwd=checkout, env={**os.environ, "PYTHONPATH": search_path}, stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    taken: dict[str, float] = json.loads(done.stdout)
    return taken


def measure(folder: Path, files: int, indexed: int) -> dict[str, float]:
    """Milliseconds of a file by the ending of its name, for the formats that are read, and the seconds of indexing."""
    count = max(files // len(FORMATS), 1)
    taken = {
        ending: 1000 * seconds / count
        for ending in FORMATS
        if f".{ending}".endswith(SUFFIXES)
        for seconds in [_seconds(folder, ending, count)]
    }
    common = [ending for ending in FORMATS if ending not in NEW]
    paths = [folder / f"{number:03}.{ending}" for number in range(DISTINCT) for ending in common][:indexed]
    with tempfile.TemporaryDirectory() as target:
        started = time.perf_counter()
        with AskSeoul.open(target, create=True) as app:
            app.index(paths)
        taken[INDEXING] = time.perf_counter() - started
    return taken


def _seconds(folder: Path, ending: str, count: int) -> float:
    """Seconds of the processor in which so many files of a format are made articles, each distinct one once before."""
    contents = [(path, path.read_bytes()) for path in sorted(folder.glob(f"[0-9]*.{ending}"))]
    for path, content in contents:
        parse_article(path, content)
    started = time.process_time()
    for path, content in itertools.islice(itertools.cycle(contents), count):
        parse_article(path, content)
    return time.process_time() - started


def table_of(turns: Mapping[str, list[dict[str, float]]], pages: Mapping[str, float]) -> str:
    """The table in Markdown."""
    own = turns["this program"]
    beside = turns.get("beside", [])
    lines = ["| milliseconds a file | this program | beside | ratio |", "| --- | ---: | ---: | ---: |"]
    for name in (*FORMATS, INDEXING):
        shown = [*_medians(own, name, pages), *_medians(beside, name, pages)]
        ratios = [mine[name] / other[name] for mine, other in zip(own, beside, strict=False) if name in other]
        cells = [f"{value:.2f}" for value in shown] + ["–"] * (2 - len(shown))
        ratio = f"{statistics.median(ratios):.2f}" if ratios else "–"
        lines.append(f"| {FORMATS.get(name, name)} | {' | '.join(cells)} | {ratio} |")
    return "\n".join(lines)


def _medians(turns: list[dict[str, float]], name: str, pages: Mapping[str, float]) -> Iterator[float]:
    """Yield the median of the turns, of a page for PDFs; nothing for a format that is not read."""
    if all(name in taken for taken in turns) and turns:
        yield statistics.median(taken[name] for taken in turns) / pages.get(name, 1)


if __name__ == "__main__":
    main()
