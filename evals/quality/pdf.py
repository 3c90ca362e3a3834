"""PDF reading order: PDFs of seven programs against their true text.

    python -m evals.quality.pdf [--before FILE.py] [--others] [--keep FOLDER] [--only NAME] [--show]

``order`` is the share of pairs of neighbouring words of the true text that are neighbours in what was read,
``sentences`` the share of its sentences that are sentences of the canonical text, ``ms/page`` the least of some turns.
``--before`` is an older converter, to be timed in the same turns; ``--others`` adds pdfminer.six's layout analysis. A
third of the layouts was kept aside while the converter was made. Programs that are not installed are skipped:
``apt-get install chromium fonts-noto-cjk libreoffice-writer-nogui texlive-latex-recommended texlive-fonts-recommended``
and ``pip install "askseoul[peers]"``.

Measured on 69 files of seven programs, order, sentences and milliseconds a page: this converter 0.999, 0.997 and 4.5;
PDFium's own order, as it was read before, 0.959, 0.436 and 2.5; pdfminer.six 20260107 0.949, 0.742 and 52; pdf_oxide
0.3.78 0.948, 0.651 and 4.4; pdftext 0.7.1 0.959, 0.694 and 23 (the last two were measured once, and are no dependency).
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import itertools
import pickle
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from askseoul.ingest.converters.pdf import convert_pdf
from askseoul.nlp.text import canonical_text, split_sentences
from evals.common import pdf_producers, pdf_programs
from evals.common.pdf_samples import Layout, Sample, Story, make_story

Convert = Callable[[bytes], str]
_ROUNDS: Final = 5
_MARKS: Final = re.compile(r"^(?:#+ |- |\| )|[⁰¹²³⁴⁵⁶⁷⁸⁹]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Plan:
    """A sample to be made: the parts of its story and its layout."""

    producer: str
    layout: Layout
    paragraphs: int = 10
    parts: tuple[str, ...] = ()
    is_kept_aside: bool = False


def plans() -> Iterator[Plan]:
    """All samples, of which every third layout is kept aside."""
    two, three = Layout(columns=2), Layout(columns=3, gutter=14, size=9)
    listed: list[tuple[str, Layout, int, tuple[str, ...]]] = [
        ("reportlab", Layout(), 10, ()),
        ("reportlab", Layout(columns=2, font="serif"), 14, ("note",)),
        ("reportlab", Layout(columns=2, is_row_by_row=True), 14, ()),
        ("reportlab", Layout(columns=2, is_row_by_row=True, is_justified=True, gutter=10), 14, ()),
        ("reportlab", Layout(columns=3, size=9, gutter=12, is_row_by_row=True, has_running=True), 24, ()),
        ("reportlab", Layout(columns=2, font="mono", size=8, is_row_by_row=True, gutter=12), 12, ()),
        ("reportlab", Layout(columns=2, has_running=True, is_hyphenated=True, is_justified=True), 24, ("items",)),
        ("reportlab", Layout(has_running=True, is_indented=True, font="serif", size=11), 20, ("table",)),
        ("reportlab", Layout(rotation=90), 10, ()),
        ("reportlab", Layout(columns=2, rotation=270), 12, ()),
        ("reportlab", Layout(is_hyphenated=True), 8, ("fields", "merged")),
        ("reportlab", Layout(columns=2, is_indented=True, is_justified=True, font="serif", gutter=9), 16, ("sidebar",)),
        ("platypus", Layout(), 10, ("items", "table")),
        ("platypus", two, 14, ("caption",)),
        ("platypus", Layout(columns=2, has_running=True, is_justified=True), 24, ("items",)),
        ("platypus", three, 20, ("table",)),
        ("platypus", Layout(has_running=True, is_indented=True), 20, ("merged", "caption")),
        ("platypus", Layout(columns=2, language="ko"), 14, ()),
        ("platypus", Layout(rotation=90, columns=2), 14, ("merged",)),
        ("cairo", Layout(font="serif"), 10, ("items",)),
        ("cairo", Layout(columns=2, is_row_by_row=True), 14, ("note",)),
        ("cairo", Layout(columns=3, size=8.5, gutter=12), 24, ()),
        ("cairo", Layout(columns=2, is_justified=True, is_hyphenated=True, has_running=True), 24, ()),
        ("cairo", Layout(is_indented=True, has_running=True), 20, ()),
        ("typst", Layout(font="serif", is_justified=True, is_hyphenated=True), 10, ("note", "table")),
        ("typst", Layout(columns=2, font="serif", is_justified=True, is_hyphenated=True), 16, ("note", "items")),
        ("typst", Layout(columns=2, has_running=True, font="serif", is_indented=True), 30, ("caption",)),
        ("typst", Layout(columns=3, size=9, gutter=14, font="serif"), 22, ("merged",)),
        ("typst", Layout(columns=2, language="ko"), 14, ()),
        ("typst", Layout(columns=2, font="serif"), 16, ("sidebar", "table")),
        ("typst", Layout(columns=2, rotation=90, font="serif"), 12, ()),
        ("latex", Layout(is_justified=True), 12, ("note", "items", "table")),
        ("latex", Layout(columns=2, is_justified=True, gutter=12), 18, ("note",)),
        ("latex", Layout(columns=2), 24, ("items", "note")),
        ("latex", Layout(columns=2, is_justified=True, size=11), 18, ("table",)),
        ("chromium", Layout(), 10, ("items", "table")),
        ("chromium", Layout(columns=2, is_justified=True), 16, ("caption",)),
        ("chromium", Layout(columns=3, size=9, gutter=14), 20, ()),
        ("chromium", Layout(), 12, ("sidebar", "merged")),
        ("chromium", Layout(columns=2, has_running=True, is_indented=True, font="serif"), 30, ("items",)),
        ("chromium", Layout(language="ko", columns=2), 16, ()),
        ("chromium", Layout(language="he"), 10, ()),
        ("chromium", Layout(language="ko"), 10, ("table",)),
        ("libreoffice", Layout(), 12, ("items", "table")),
        ("libreoffice", Layout(columns=2, is_justified=True), 16, ()),
        ("libreoffice", Layout(columns=2, has_running=True), 26, ("items",)),
        ("libreoffice", Layout(has_running=True), 24, ("merged",)),
        ("libreoffice", Layout(columns=3, size=9, gutter=14), 18, ()),
        ("reportlab", Layout(columns=2, font="mono", size=7.5, is_row_by_row=True, gutter=16), 12, ()),
        ("chromium", Layout(language="he", columns=2), 16, ()),
        ("reportlab", Layout(font="serif", size=12, is_justified=True), 12, ()),
        ("libreoffice", Layout(columns=2, is_justified=True, size=11), 14, ()),
        ("libreoffice", Layout(columns=3, size=8, gutter=20), 20, ("items",)),
        ("cairo", Layout(columns=2, is_row_by_row=True, font="serif"), 20, ("note",)),
        ("chromium", Layout(font="serif"), 12, ("sidebar",)),
        ("chromium", Layout(language="he"), 12, ("items",)),
        ("typst", Layout(font="serif", is_justified=True), 16, ("items",)),
        ("chromium", Layout(is_justified=True, has_running=True), 24, ("items",)),
        ("latex", Layout(is_justified=True, size=11), 16, ("items",)),
        ("libreoffice", Layout(is_justified=True, has_running=True), 20, ("items",)),
        ("typst", Layout(has_running=True, is_indented=True, font="serif"), 24, ()),
        ("platypus", Layout(is_justified=True, has_running=True, font="serif"), 24, ("items",)),
        ("chromium", Layout(font="serif"), 14, ()),
        ("libreoffice", Layout(), 14, ("merged", "items")),
        ("latex", Layout(), 14, ()),
        ("typst", Layout(columns=2, is_justified=True, is_hyphenated=True, font="serif", gutter=10), 24, ("merged",)),
        ("chromium", Layout(columns=2, size=9), 20, ("merged",)),
        ("chromium", Layout(columns=2, size=10, is_hyphenated=True, is_justified=True), 20, ("sidebar",)),
        ("platypus", Layout(columns=2, gutter=8, size=9, is_justified=True), 20, ("merged", "caption")),
    ]
    for number, (producer, layout, paragraphs, parts) in enumerate(listed):
        yield Plan(producer, layout, paragraphs, parts, is_kept_aside=number % 3 == 2)


def make_samples(seed: int) -> tuple[list[Sample], list[str]]:
    """All samples, and the reasons for which some are missing."""
    chromium = pdf_programs.Chromium()
    makers: dict[str, Callable[[Story, Layout], bytes]] = {
        "reportlab": pdf_producers.reportlab,
        "platypus": pdf_producers.platypus,
        "cairo": pdf_producers.cairo,
        "typst": pdf_programs.typst,
        "latex": pdf_programs.latex,
        "libreoffice": pdf_programs.libreoffice,
        "chromium": chromium,
    }
    samples, missing = [], {}
    for number, plan in enumerate(plans()):
        story = make_story(seed + number, plan.paragraphs, plan.layout.language, *plan.parts)
        name = f"{number:02} {plan.producer} {plan.layout.columns} {' '.join(plan.parts)}"
        try:
            content = makers[plan.producer](story, plan.layout)
        except pdf_producers.Missing as error:
            missing[plan.producer] = str(error)
            continue
        is_single = plan.layout.columns == 1 and not set(plan.parts) & {"table", "merged", "sidebar", "fields"}
        flows = story.flows
        if plan.producer in ("reportlab", "cairo"):  # which have a plain figure before a note
            flows = tuple((f"1 {flow[0]}",) if flow[0] == story.note else flow for flow in flows)
        samples.append(Sample(name, plan.producer, content, flows, is_single, plan.is_kept_aside))
    chromium.close()
    return samples, [f"{producer} is skipped: {reason}" for producer, reason in missing.items()]


def kept_samples(path: Path | None, seed: int) -> tuple[list[Sample], list[str]]:
    """The samples in a file, which is made if it is missing."""
    if path is None:
        return make_samples(seed)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(make_samples(seed)))
    kept: tuple[list[Sample], list[str]] = pickle.loads(path.read_bytes())
    return kept


def _normal(text: str) -> str:
    return " ".join(_MARKS.sub("", text).split())


def order(flows: tuple[tuple[str, ...], ...], text: str) -> tuple[int, int]:
    """How many pairs of neighbouring words of the flows are neighbours in the text, and how many there are."""
    words = _normal(text).split()
    found = Counter(itertools.pairwise(words))
    right = total = 0
    for flow in flows:
        true = _normal("\n".join(flow)).split()
        pairs = Counter(itertools.pairwise(true))
        right += (pairs & found).total()
        total += pairs.total()
    return right, total


def sentences(flows: tuple[tuple[str, ...], ...], text: str) -> tuple[list[str], int]:
    """The sentences of the flows that are no sentences of the text, and how many there are."""
    canonical, _ = canonical_text(text)
    found = {_normal(canonical[span.start : span.end]) for span in split_sentences(canonical)}
    true = [
        _normal(paragraph[span.start : span.end])
        for flow in flows
        for paragraph in flow
        for span in split_sentences(paragraph)
    ]
    return [sentence for sentence in true if sentence not in found], len(true)


def ours(content: bytes) -> str:
    """The text as the converter gives it."""
    return convert_pdf(Path("a.pdf"), content).text


def load(path: Path) -> Convert:
    """An older converter."""
    spec = importlib.util.spec_from_file_location("older_pdf", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["older_pdf"] = module
    spec.loader.exec_module(module)
    return lambda content: str(module.convert_pdf(Path("a.pdf"), content).text)


def pdfminer(content: bytes) -> str:
    """The text of pdfminer.six, a paragraph a line."""
    from pdfminer.high_level import extract_text

    text: str = extract_text(io.BytesIO(content))
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text))


def seconds(converters: dict[str, Convert], content: bytes) -> dict[str, float]:
    """The least processor time that each takes over some turns."""
    least: dict[str, float] = {}
    for _ in range(_ROUNDS):
        for name, convert in converters.items():
            start = time.process_time()
            convert(content)
            least[name] = min(time.process_time() - start, least.get(name, 1e9))
    return least


def main() -> None:
    """Print a line for each sample and the sums."""
    import pypdfium2

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, help="an older converter")
    parser.add_argument("--others", action="store_true", help="add pdfminer.six")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="where samples are kept between runs")
    parser.add_argument("--show", action="store_true", help="print lost sentences of samples that are not kept aside")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    console = Console(width=120, highlight=False)
    samples, missing = kept_samples(options.keep and options.keep / f"samples-{options.seed}.pickle", options.seed)
    for reason in missing:
        console.print(reason)
    converters: dict[str, Convert] = {"now": ours}
    if options.before:
        converters["before"] = load(options.before)
    if options.others:
        converters["pdfminer"] = pdfminer
    table = Table(
        "sample", "aside", "pages", *(f"{name} {what}" for name in converters for what in ("order", "sent.", "ms/page"))
    )
    sums: dict[tuple[str, str], Counter[str]] = {}
    for sample in samples:
        if options.only not in sample.name:
            continue
        pages = len(pypdfium2.PdfDocument(sample.content))
        taken = seconds(converters, sample.content)
        cells = []
        for name, convert in converters.items():
            text = convert(sample.content)
            right, pairs = order(sample.flows, text)
            lost, count = sentences(sample.flows, text)
            for group in (
                "all",
                "kept aside" if sample.is_kept_aside else "tuned on",
                "one column" if sample.is_single_column else "other",
            ):
                sums.setdefault((group, name), Counter()).update(
                    right=right, pairs=pairs, whole=count - len(lost), sentences=count, pages=pages, files=1,
                    us=round(taken[name] * 1e6),
                )  # fmt: skip
            cells += [f"{right / pairs:.4f}", f"{1 - len(lost) / count:.3f}", f"{taken[name] / pages * 1000:.2f}"]
            if options.show and name == "now" and not sample.is_kept_aside:
                for sentence in lost[:6]:
                    console.print(f"{sample.name}: {sentence}", style="dim")
        table.add_row(sample.name, "aside" if sample.is_kept_aside else "", str(pages), *cells)
    console.print(table)
    for (group, name), total in sums.items():
        console.print(
            f"{group}, {name}: {total['files']} files, order {total['right'] / total['pairs']:.4f}, "
            f"sentences {total['whole'] / total['sentences']:.4f}, {total['us'] / total['pages'] / 1000:.2f} ms a page"
        )


if __name__ == "__main__":
    main()
