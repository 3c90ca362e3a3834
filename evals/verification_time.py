"""What verification costs beside what it verifies.

    python evals/verification_time.py [--rounds N]

Every English gold question over the shipped articles, with quotes and with a server on loopback that words each offered
sentence freely (so that meaning has to be compared), in turns in one run. The seconds are those that the answers'
traces give; what is demanded is that verifying takes less than half as long as retrieving and drafting.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Final

from chat_server import Reply, Request, serve

from askseoul import AskSeoul
from askseoul.gold import load_gold

ROOT: Final = Path(__file__).resolve().parents[1]
STAGES: Final = ("retrieve", "draft", "verify")


def in_other_words(request: Request) -> Reply:
    """The offered sentences, each turned so that it is no quote: a little more is to be compared than in practice."""
    offered = [json.loads(found) for found in re.findall(r'"sentence": (".*")', request["messages"][1]["content"])]
    turned = [f"As it is told, {sentence[:1].lower()}{sentence[1:]}" for sentence in offered[:4]]
    listed = [{"text": text, "citations": [number], "quote": ""} for number, text in enumerate(turned, 1)]
    return Reply((json.dumps({"sentences": listed}),))


def main() -> None:
    """Ask in turns, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    gold = load_gold(ROOT / "evals" / "gold" / "digests.jsonl")
    questions = [question.question for question in gold if question.lang == "en"]
    seconds: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    with tempfile.TemporaryDirectory() as work, serve(in_other_words) as server:
        with AskSeoul.open(work, create=True) as app:
            app.index([ROOT / "index" / "articles"])
        modes = {"quotes": "none", "a chat endpoint": f"openai:m@{server.url}"}
        apps = {name: AskSeoul.open(work, generator=generator) for name, generator in modes.items()}
        for app in apps.values():
            app.ask(questions[0])
        for _ in range(arguments.rounds):
            for question in questions:
                for name, app in apps.items():
                    answer = app.ask(question)
                    if answer.answered:
                        for stage in STAGES:
                            seconds[name][stage].append(answer.trace.seconds[stage])
        for app in apps.values():
            app.close()
    print(
        f"{'worded by':18}{'answers':>9}"
        + "".join(f"{stage + ' ms':>14}" for stage in STAGES)
        + f"{'verify share':>16}"
    )
    for name, stages in seconds.items():
        means = [statistics.fmean(stages[stage]) for stage in STAGES]
        share = means[2] / (means[0] + means[1])
        row = "".join(f"{1_000 * mean:>14.1f}" for mean in means)
        print(f"{name:18}{len(stages['verify']):>9}{row}{share:>16.2f}")


if __name__ == "__main__":
    main()
