"""Whatever people ask: requests of many kinds, and what a good answer to each certainly holds.

    python -m evals.quality.requests [--set requests_unseen] [--misses] [--page FILE]

Each request is asked of its collection: the shipped digests, a story, or the town of articles in the first line of
evals/gold/requests.jsonl. Its earlier turns are asked before it. ``expect`` says what the answer must hold: ``all`` and
``any`` of these patterns in its text or its quotes and ``not`` of those, ``message`` and ``order`` in its text,
``cites`` among the articles that it cites or ``cites_only`` those, and whether it is ``answered``. ``--set`` names
another set of the same form: ``requests_unseen`` was kept aside while the first was worked on, ``requests_third``
until the end.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from training.stories import FOLDER

from askseoul import AskSeoul
from askseoul.domain import Answer
from evals.common.data import ARTICLES

GOLD: Final = Path(__file__).parents[1] / "gold" / "requests.jsonl"
SETS: Final = ("requests", "requests_unseen", "requests_third")
"""The names of the sets: the first was worked on, the misses of the second were read, those of the third were not."""
_MARKER = re.compile(r"\[\d+\]")


def faults(expect: Mapping[str, Any], answer: Answer) -> list[str]:
    """Return what an answer lacks, or has although it should not."""
    text = _MARKER.sub("", answer.text)
    held = "\n".join([text, *(citation.quote for citation in answer.citations)])
    cited = {citation.article_id for citation in answer.citations}
    found = [f"lacks {pattern}" for pattern in expect.get("all", ()) if not _has(pattern, held)]
    found += [f"has none of {group}" for group in expect.get("any", ()) if not any(_has(each, held) for each in group)]
    found += [f"has {pattern}" for pattern in expect.get("not", ()) if _has(pattern, held)]
    found += [f"does not say {pattern}" for pattern in expect.get("message", ()) if not _has(pattern, text)]
    found += [f"does not cite {name}" for name in expect.get("cites", ()) if name not in cited]
    if "cites_only" in expect and cited - set(expect["cites_only"]):
        found.append(f"cites {', '.join(sorted(cited - set(expect['cites_only'])))}")
    if expect.get("answered", answer.answered) != answer.answered:
        found.append("is answered" if answer.answered else "is refused")
    if len(answer.citations) < expect.get("min_citations", 0):
        found.append("cites too little")
    if len(answer.sentences) > expect.get("max_sentences", len(answer.sentences)):
        found.append("has too many sentences")
    begin = 0
    for pattern in expect.get("order", ()):
        match = re.compile(pattern, re.IGNORECASE).search(text, begin)
        if match is None:
            return [*found, f"lacks {pattern} in order"]
        begin = match.end()
    return found


def _has(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None


def _collections(town: list[dict[str, str]], stories: set[str], folder: Path) -> Iterator[tuple[str, Path]]:
    """Write the articles of each collection into a folder of its own."""
    yield "digests", ARTICLES
    (folder / "town").mkdir()
    for article in town:
        (folder / "town" / article["file"]).write_text(article["text"], encoding="utf-8")
    yield "town", folder / "town"
    for path in sorted(FOLDER.glob("units-*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            story = json.loads(line)
            if story["id"] in stories:
                (folder / story["id"]).mkdir()
                for passage in story["passages"]:
                    facts = {name: passage.get(name) for name in ("title", "source", "published")}
                    front = "".join(f"{name}: {json.dumps(value)}\n" for name, value in facts.items() if value)
                    file = folder / story["id"] / f"{story['id']}-{passage['id']}.md"
                    file.write_text(f"---\n{front}---\n{' '.join(passage['sentences'])}\n", encoding="utf-8")
                yield story["id"], folder / story["id"]


def main() -> None:
    """Measure the requests by kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--misses", action="store_true", help="print each request that is not met, and why")
    parser.add_argument("--set", choices=SETS[1:], help="another set of requests")
    parser.add_argument("--page", type=Path, help="write the table of all sets between <!-- requests --> and its end")
    given = parser.parse_args()
    console = Console()
    if given.page:
        page = given.page.read_text(encoding="utf-8")
        before, opened, rest = page.partition("<!-- requests -->\n")
        _, closed, after = rest.partition("<!-- /requests -->")
        if not opened or not closed:
            parser.error(f"{given.page} has no place for the table")
        rows = _markdown([measure(name, console, misses=False) for name in SETS])
        given.page.write_text(f"{before}{opened}{rows}{closed}{after}", encoding="utf-8")
        return
    table = Table("kind", "requests", "as expected")
    for kind, met in measure(given.set or SETS[0], console, misses=given.misses).items():
        table.add_row(kind, str(len(met)), f"{sum(met) / len(met):.2f}")
    console.print(table)


def measure(name: str, console: Console, *, misses: bool) -> dict[str, list[bool]]:
    """Return, for each kind and for all, whether each request of a set is met; print those that are not."""
    first, *requests = map(json.loads, GOLD.with_name(f"{name}.jsonl").read_text(encoding="utf-8").splitlines())
    met: dict[str, list[bool]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as held, ExitStack() as opened:
        stories = {request["collection"] for request in requests} - {"digests", "town"}
        apps: dict[str, AskSeoul] = {}
        for collection, files in _collections(first["town"], stories, Path(held)):
            index = Path(held) / f"{collection}.index"
            apps[collection] = opened.enter_context(AskSeoul.open(index, create=True))
            apps[collection].index([files])
        for request in requests:
            answers: list[Answer] = []
            for turn in request["turns"]:
                answers.append(apps[request["collection"]].ask(turn, history=answers))
            missing = faults(request["expect"], answers[-1])
            met[request["kind"]].append(not missing)
            if missing and misses:
                console.print(
                    f"{request['id']}: {request['turns'][-1]}\n  {answers[-1].text}\n  {missing}", markup=False
                )
    return {**dict(sorted(met.items())), "all": [value for values in met.values() for value in values]}


def _markdown(measured: list[dict[str, list[bool]]]) -> str:
    names = " | ".join(f"`{name}`" for name in SETS)
    lines = [f"| as expected | {names} |", f"|---|{'---:|' * len(SETS)}"]
    for kind in measured[0]:
        shares = (f"{sum(each[kind]) / len(each[kind]):.2f} of {len(each[kind])}" for each in measured)
        lines.append(f"| {kind} | {' | '.join(shares)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
