"""What people meet: questions, claims and quarrels of stories that did not train the reader, put to the whole program.

    python -m evals.quality.stories [--stories N] [--beside CHECKOUT] [--json]

The 48 held-out stories of ``training/stories`` are indexed together, and each question is asked within its own story.
A quote is in place if it covers a sentence that answers the question. A pair of sentences is shown as a disagreement
if its two sides quote just these two. A claim is held against the sentences that it is cited to. ``--beside`` runs the
same command in the checkout of another version, in the same run. Intervals are 95 % bootstrap intervals over stories.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any, Final

import numpy as np
from training.stories import FOLDER, Story, part_of, read_stories

from askseoul import AskSeoul
from askseoul.domain import Answer, Quote
from askseoul.index.store import Store
from askseoul.models.encoder import load_encoder
from askseoul.nlp.text import nfc
from evals.common.data import SEED, read_rows, with_front_matter

RESAMPLES: Final = 500
COVERED: Final = 0.5
"""Least share of the shorter of a quote and a sentence in which they overlap."""
QUARRELS: Final = {"conflict": "conflicts", "superseded": "updates", "forecast": "forecasts"}
_MARKER: Final = re.compile(r" ?\[\d+\]")

FIGURES: Final = {
    "answered": "answerable questions that are answered",
    "refused": "unanswerable questions that are refused",
    "needed": "sentences needed that are cited",
    "in place": "of what is cited, in place",
    "words": "words of an answer, by those of the gold answer",
    "conflicts": "conflicts shown",
    "updates": "updates shown",
    "forecasts": "forecasts shown",
    "quarrels": "compatible pairs shown as a disagreement",
    "kept": "faithful claims kept",
    "caught": "unfaithful claims caught",
}
"""What each figure is a mean of: over questions, sentences, pairs or claims."""


def main() -> None:
    """Measure this program, and the one beside it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stories", type=int, default=48, help="maximum number of stories")
    parser.add_argument("--part", choices=["held_out", "development"], default="held_out", help="development to tune")
    parser.add_argument("--beside", type=Path, metavar="CHECKOUT", help="checkout of another version to measure too")
    parser.add_argument("--page", type=Path, help="write the table between <!-- stories --> and <!-- /stories -->")
    parser.add_argument("--json", action="store_true", help="print every story's values as JSON")
    arguments = parser.parse_args()
    measured = {"this program": measure(part_of(read_stories(), arguments.part)[: arguments.stories])}
    if arguments.json:
        print(json.dumps(measured["this program"]))
        return
    if arguments.beside:
        measured["beside"] = measure_beside(arguments.beside, arguments.stories)
    if arguments.page:
        page = arguments.page.read_text(encoding="utf-8")
        before, opened, rest = page.partition("<!-- stories -->\n")
        _, closed, after = rest.partition("<!-- /stories -->")
        if not opened or not closed:
            parser.error(f"{arguments.page} has no place for the table")
        arguments.page.write_text(f"{before}{opened}{_table(measured)}{closed}{after}", encoding="utf-8")
    print(f"{len(measured['this program'])} stories with their twins, which did not train the reader\n")
    print(f"{'':52}" + "".join(f"{name:26}" for name in measured))
    for name, meaning in FIGURES.items():
        print(f"{meaning:52}" + "".join(f"{_with_interval(stories, name):26}" for stories in measured.values()))


def measure(stories: Sequence[Story]) -> list[dict[str, list[float]]]:
    """Return, for each story, the values whose means are the figures."""
    encoder = load_encoder(precision="f32")
    with tempfile.TemporaryDirectory() as folder:
        rows = {row["id"]: row for path in sorted(FOLDER.glob("units-*.jsonl")) for row in read_rows(path)}
        files = [path for story in stories for path in _write_articles(rows[story.id], Path(folder))]
        store = Store.open(Path(folder, "index"), encoder=encoder, create=True)
        with AskSeoul(store, encoder, None) as app:
            app.index(files)
            return [_measure_story(app, story) for story in stories]


def measure_beside(checkout: Path, stories: int) -> list[dict[str, list[float]]]:
    """Return the same of the program in another checkout, which has this command too."""
    command = [sys.executable, "-W", "ignore", "-m", "evals.quality.stories", "--json", "--stories", str(stories)]
    checkout = checkout.resolve()
    search_path = os.pathsep.join([str(checkout / "src"), str(checkout)])
    done = subprocess.run(
        command, cwd=checkout, env={**os.environ, "PYTHONPATH": search_path}, stdout=subprocess.PIPE, check=True
    )
    values: list[dict[str, list[float]]] = json.loads(done.stdout)
    return values


def _write_articles(row: Mapping[str, Any], folder: Path) -> Iterator[Path]:
    """Write each passage of a story as a file and yield its path."""
    for passage in row["passages"]:
        path = folder / _file_name(row["id"], passage["id"])
        fields = {name: passage.get(name) for name in ("source", "published")}
        path.write_text(with_front_matter(" ".join(passage["sentences"]), fields), encoding="utf-8")
        yield path


def _file_name(story_id: str, passage: str) -> str:
    return f"{story_id}-{passage}.md"


def _measure_story(app: AskSeoul, story: Story) -> dict[str, list[float]]:
    values: dict[str, list[float]] = defaultdict(list)
    places = _places(app, story)
    within = [_file_name(story.id, passage) for passage in story.passages]
    for question in story.questions:
        answer = app.ask(question.text, within=within)
        if not question.answerable:
            values["refused"].append(float(not answer.answered))
            continue
        values["answered"].append(float(answer.answered))
        cited = [Quote(app.article(one.article_id), one.start, one.end) for one in answer.citations]
        values["needed"] += [
            float(any(_covers(quote, places[identifier]) for quote in cited)) for identifier in question.support
        ]
        values["in place"] += [
            float(any(_covers(quote, places[identifier]) for identifier in question.answering)) for quote in cited
        ]
        if answer.answered:
            gold = sum(len(text.split()) for text, _ in question.answer)
            values["words"].append(len(_MARKER.sub("", answer.text).split()) / gold)
    for pair in story.pairs:
        shown = _is_shown(app.ask(pair.question, within=within), places[pair.left], places[pair.right])
        values[QUARRELS.get(pair.relation, "quarrels")].append(float(shown))
    for claim in story.claims:
        spans = [(quote.article.id, quote.start, quote.end) for quote in (places[one] for one in claim.evidence)]
        supported = app.check(claim.text, spans).verdict == "supported"
        if claim.verdict == "supported":
            values["kept"].append(float(supported))
        else:
            values["caught"].append(float(not supported))
    return values


def _places(app: AskSeoul, story: Story) -> dict[str, Quote]:
    """Return the place of every sentence of a story in the indexed articles."""
    places = {}
    for passage, sentences in story.passages.items():
        article = app.article(_file_name(story.id, passage))
        end = 0
        for number, sentence in enumerate(sentences, 1):
            start = article.text.index(nfc(sentence), end)
            end = start + len(nfc(sentence))
            places[f"{passage}{number}"] = Quote(article, start, end)
    return places


def _covers(quote: Quote, sentence: Quote) -> bool:
    """Whether a quote and a sentence are the same place, or one is a good part of the other."""
    shared = min(quote.end, sentence.end) - max(quote.start, sentence.start)
    shorter = min(quote.end - quote.start, sentence.end - sentence.start)
    return quote.article.id == sentence.article.id and shared >= COVERED * shorter


def _is_shown(answer: Answer, left: Quote, right: Quote) -> bool:
    """Whether an answer shows two sentences as the sides of a disagreement."""
    articles = {sentence.article.id: sentence.article for sentence in (left, right)}
    for disagreement in answer.disagreements:
        sides = [
            [
                Quote(articles[cited.article_id], cited.start, cited.end)
                for cited in (answer.citations[number - 1] for number in side.citations)
                if cited.article_id in articles
            ]
            for side in disagreement.sides
        ]
        if any(
            any(_covers(quote, left) for quote in one) and any(_covers(quote, right) for quote in other)
            for one, other in permutations(sides, 2)
        ):
            return True
    return False


def _table(measured: Mapping[str, Sequence[Mapping[str, Sequence[float]]]]) -> str:
    """The figures as a table in Markdown."""
    rows = [f"|  | {' | '.join(measured)} |", f"| --- | {' | '.join('---:' for _ in measured)} |"]
    for name, meaning in FIGURES.items():
        rows.append(f"| {meaning} | {' | '.join(_with_interval(stories, name) for stories in measured.values())} |")
    return "\n".join([*rows, ""])


def _with_interval(stories: Sequence[Mapping[str, Sequence[float]]], name: str) -> str:
    if not any(story.get(name) for story in stories):
        return "–"
    chance = np.random.default_rng(SEED)
    drawn = [
        _mean([stories[place] for place in chance.integers(0, len(stories), len(stories))], name)
        for _ in range(RESAMPLES)
    ]
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return f"{_mean(stories, name):.3f} ({low:.2f} to {high:.2f})"


def _mean(stories: Sequence[Mapping[str, Sequence[float]]], name: str) -> float:
    values = [value for story in stories for value in story.get(name, ())]
    return float(np.mean(values)) if values else float("nan")


if __name__ == "__main__":
    main()
