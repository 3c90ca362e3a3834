"""How cost grows with the collection: memory, disk, cold `ask` and `search`, from 100 passages to 100,000.

    python -m evals.performance.scale [--passages 100 1000 10000 100000] [--page]

Real paragraphs are repeated under other names as often as necessary. A repeated paragraph is not encoded again: it gets
the vectors of the first one with a little noise, so that 100,000 passages take minutes instead of half an hour.
Everything else is what ``askseoul index`` does. Each size is indexed, asked and searched in processes of its own.
``--page`` writes ``evals/performance/scale.md`` and its chart, which extrapolates to a million passages.

Needs ``../shared/bench/nq_paragraphs``; ``--page`` needs matplotlib (``pip install "askseoul[peers]"``).
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from rich.console import Console
from rich.table import Table

from askseoul.domain import Article
from askseoul.index.store import Store
from askseoul.index.sync import add_articles
from askseoul.index.vectors import dequantize, quantize
from askseoul.models.encoder import Encoder, Encoding, FloatVector, load_encoder
from askseoul.pipeline import AskSeoul
from evals.common.data import ROOT, as_article, read_paragraph_questions, read_paragraphs

HERE: Final = Path(__file__).parent
ENCODED: Final = 40
"""Passages in one measured call of the encoder."""
QUESTION: Final = "who founded the united states air force academy"
_ADDED: Final = "(Read in "
NAMES: Final = ("Seoul", "Busan", "Daegu", "Incheon", "Gwangju", "Daejeon", "Ulsan", "Suwon", "Jeju", "Jeonju")


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of an index of one size."""

    passages: int
    articles: int
    index_seconds: float
    index_megabytes: float
    """Peak memory of the process that indexes."""
    truth_bytes: float
    chroma_bytes: float
    """Bytes on disk per passage, of SQLite and of Chroma."""
    ask_seconds: float
    ask_megabytes: float
    """Median duration and peak memory of a whole process."""
    search_p50: float
    search_p95: float
    """Milliseconds, in a process that is already running."""
    encoder_milliseconds: float
    """Milliseconds of the encoder for ENCODED passages, in the same process."""


class RepeatingEncoder:
    """An encoder that encodes each paragraph once; its repetitions get the same vectors with some noise."""

    def __init__(self, encoder: Encoder) -> None:
        self.name, self.fingerprint = encoder.name, encoder.fingerprint
        self.dimension, self.maximum_tokens = encoder.dimension, encoder.maximum_tokens
        self.encode_query, self.token_offsets = encoder.encode_query, encoder.token_offsets
        self._encoder = encoder
        self._noise = np.random.default_rng(0)
        self._known: dict[str, tuple[FloatVector, bytes]] = {}

    def encode_document(self, texts: Sequence[str]) -> list[Encoding]:
        """Encode passages."""
        originals = [text.partition("\n")[2].partition(_ADDED)[0] for text in texts]
        new = list(dict.fromkeys(original for original in originals if original not in self._known))
        for original, made in zip(new, self._encoder.encode_document(new), strict=True):
            self._known[original] = (made.vector, quantize(made.tokens))
        return [self._varied(*self._known[original]) for original in originals]

    def _varied(self, vector: FloatVector, tokens: bytes) -> Encoding:
        noise = 0.02 * self._noise.standard_normal(len(vector), dtype=np.float32)
        varied = (vector + noise) / np.linalg.norm(vector + noise)
        return Encoding(varied, dequantize([tokens], len(vector))[0], np.empty((0, 2), dtype=np.int64))


def main() -> None:
    """Measure every size and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, nargs="+", default=[100, 1_000, 10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=5, help="cold starts for each size")
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--page", action="store_true", help="write scale.md and scale.svg beside this file")
    parser.add_argument("--make", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--search", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--index", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make:
        make_index(options.make, options.index)
    elif options.search:
        measure_search(options.search, options.index)
    else:
        with tempfile.TemporaryDirectory() as folder:
            costs = [measure(size, Path(folder), options.rounds, options.questions) for size in options.passages]
        Console(width=160).print(table(costs))
        if options.page:
            write_page(costs)


def measure(size: int, folder: Path, rounds: int, questions: int) -> Cost:
    """Build and measure an index of about ``size`` passages."""
    index = folder / str(size)
    this = [sys.executable, "-m", "evals.performance.scale", "--index", str(index)]
    made = last_line([*this, "--make", str(size)])
    ask = [sys.executable, "-m", "askseoul", "ask", QUESTION, "--index", str(index), "--generator", "none"]
    asked = [timed_with_memory(ask) for _ in range(rounds + 1)][1:]
    found = last_line([*this, "--search", str(questions)])
    chroma = sum(path.stat().st_size for path in (index / "chroma").rglob("*") if path.is_file())
    truth = sum(path.stat().st_size for path in index.glob("askseoul.sqlite*"))
    return Cost(
        **made,
        **found,
        truth_bytes=truth / made["passages"],
        chroma_bytes=chroma / made["passages"],
        ask_seconds=statistics.median(seconds for seconds, _ in asked),
        ask_megabytes=max(megabytes for _, megabytes in asked),
    )


def make_index(size: int, index: Path) -> None:
    """Build an index in this process, and print its size, seconds and peak memory as JSON."""
    encoder = RepeatingEncoder(load_encoder())
    started = time.perf_counter()
    with Store.open(index, encoder=encoder, create=True) as store:
        add_articles(articles(size, encoder), store=store, encoder=encoder)
        manifest = store.manifest
    print(
        json.dumps(
            {
                "passages": manifest.passages,
                "articles": manifest.articles,
                "index_seconds": time.perf_counter() - started,
                "index_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


def articles(size: int, encoder: Encoder) -> Iterator[Article]:
    """``size`` articles, each a paragraph that fits into one passage; with the added sentence some need two."""
    paragraphs = [text for text in read_paragraphs(8_096) if len(encoder.token_offsets(text)) < 150]
    for number in range(size):
        name = NAMES[number % len(NAMES)]
        text = f"{paragraphs[number % len(paragraphs)]} {_ADDED}{name}, copy {number // len(paragraphs)}.)"
        yield as_article(f"{number:06}.md", text, f"{name} reader {number}")


def measure_search(count: int, index: Path) -> None:
    """Search in this process, and print the milliseconds of a search and of the encoder as JSON."""
    questions = read_paragraph_questions(count)
    texts = read_paragraphs(ENCODED * 4)
    with AskSeoul.open(index) as app:
        for question in questions[:20]:
            app.search(question)
        taken = [timed(partial(app.search, question)) for question in questions]
        encoder = [
            timed(partial(app.encoder.encode_document, texts[start : start + ENCODED]))
            for start in range(0, len(texts), ENCODED)
        ]
    p50, p95 = np.percentile(taken, [50, 95])
    print(json.dumps({"search_p50": p50, "search_p95": p95, "encoder_milliseconds": statistics.median(encoder)}))


def timed(call: Callable[[], object]) -> float:
    """Milliseconds that a call takes."""
    started = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - started)


def timed_with_memory(command: list[str]) -> tuple[float, float]:
    """Seconds and peak megabytes of a whole process. Raises CalledProcessError when it fails."""
    program = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, capture_output=True); "
    program += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)"
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", program, *command], check=True, capture_output=True, text=True)
    return time.perf_counter() - started, float(done.stdout)


def last_line(command: list[str]) -> dict[str, Any]:
    """The JSON in the last line that a command prints. The command runs in the checkout, where ``evals`` is found."""
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    printed: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return printed


def table(costs: Sequence[Cost]) -> Table:
    """The table for the terminal, a row for each size."""
    shown = Table(
        "passages",
        "index s",
        "index MB",
        "KB per passage: SQLite + Chroma",
        "cold ask s",
        "relative to the first",
        "ask MB",
        "search p50 ms",
        "p95 ms",
        f"encoder, {ENCODED} passages, ms",
        "p50 relative to that",
    )
    for one in costs:
        shown.add_row(
            f"{one.passages:,}",
            f"{one.index_seconds:.0f}",
            f"{one.index_megabytes:.0f}",
            f"{one.truth_bytes / 1000:.1f} + {one.chroma_bytes / 1000:.1f}",
            f"{one.ask_seconds:.2f}",
            f"{one.ask_seconds / costs[0].ask_seconds:.2f}",
            f"{one.ask_megabytes:.0f}",
            f"{one.search_p50:.1f}",
            f"{one.search_p95:.1f}",
            f"{one.encoder_milliseconds:.0f}",
            f"{one.search_p50 / one.encoder_milliseconds:.2f}",
        )
    return shown


def write_page(costs: Sequence[Cost]) -> None:
    """Write scale.md and scale.svg beside this file."""
    draw(costs, HERE / "scale.svg")
    rows = [
        f"| {one.passages:,} | {one.index_megabytes:.0f} "
        f"| {one.truth_bytes / 1000:.1f} + {one.chroma_bytes / 1000:.1f} "
        f"| {one.ask_seconds:.2f} | {one.ask_megabytes:.0f} | {one.search_p50:.1f} | {one.search_p95:.1f} "
        f"| {one.search_p50 / one.encoder_milliseconds:.2f} |"
        for one in costs
    ]
    extrapolated = {name: at_a_million(costs, name) for name in MEASURED}
    page = [
        "# How cost grows",
        "",
        "`python -m evals.performance.scale --page` writes this page; its `--help` explains the method. The times are",
        "from one machine with two cores. On another machine they differ, but should grow in the same way.",
        "",
        "![Cold ask, search and memory by number of passages](scale.svg)",
        "",
        "| passages | index, peak MB | disk, KB per passage: SQLite + Chroma | cold `ask`, s | `ask`, peak MB "
        f"| `search` p50, ms | p95, ms | p50 relative to encoding {ENCODED} passages |",
        "|---|---|---|---|---|---|---|---|",
        *rows,
        "",
        "Extrapolated linearly from the last two sizes, a million passages would need "
        + ", ".join(f"{value:,.{0 if value > 100 else 1}f} {MEASURED[name]}" for name, value in extrapolated.items())
        + ".",
        "",
    ]
    (HERE / "scale.md").write_text("\n".join(page), encoding="utf-8")


MEASURED: Final = {
    "ask_seconds": "s for a cold `ask`",
    "ask_megabytes": "MB of memory for a cold `ask`",
    "search_p50": "ms for a `search` (p50)",
    "search_p95": "ms for a `search` (p95)",
}


def at_a_million(costs: Sequence[Cost], name: str) -> float:
    """A figure extrapolated to a million passages, linearly from the last two sizes."""
    before, last = costs[-2], costs[-1]
    growth = (getattr(last, name) - getattr(before, name)) / (last.passages - before.passages)
    return float(getattr(last, name) + (1_000_000 - last.passages) * growth)


def draw(costs: Sequence[Cost], path: Path) -> None:
    """Write the chart: each figure by number of passages, extrapolated to a million as dashed lines."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    matplotlib.rcParams |= {"svg.hashsalt": "scale", "font.size": 9}
    sizes = [one.passages for one in costs]
    figure, axes = pyplot.subplots(1, 3, figsize=(10, 3.2), layout="constrained")
    shown = (("ask_seconds",), ("search_p50", "search_p95"), ("ask_megabytes",))
    for axis, names in zip(axes, shown, strict=True):
        for name, marker in zip(names, "os", strict=False):
            values = [getattr(one, name) for one in costs]
            (line,) = axis.plot(sizes, values, marker=marker, label=MEASURED[name].replace("`", ""))
            axis.plot([sizes[-1], 1_000_000], [values[-1], at_a_million(costs, name)], "--", color=line.get_color())
        axis.set_xscale("log")
        axis.set_ylim(bottom=0)
        axis.set_xlabel("passages")
        axis.legend(loc="upper left", frameon=False)
        axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None, "Creator": None})


if __name__ == "__main__":
    main()
