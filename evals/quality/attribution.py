"""Who says it, and as what: the stance and the speaker of hand-labelled sentences.

    python evals/stances.py

``gold/stances.jsonl`` has sentences of the digests and of the originals, which are read from ``../shared/articles`` and
left out where it is absent, and sentences of articles written for this. ``opinion`` is a judgement of the article
itself, which has to get a lead. Speakers are compared without case and a leading "the".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from askseoul.answering.attribution import attribute, lead_of
from askseoul.domain import Article, Quote
from askseoul.ingest.articles import read_article
from evals.quality.answerability import ROOT, SHARED

GOLD = Path(__file__).parent / "gold" / "stances.jsonl"


def main() -> None:
    """Print the shares that are right, by set."""
    labelled = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
    for name in dict.fromkeys(record["set"] for record in labelled):
        chosen = [(record, article) for record in labelled if record["set"] == name and (article := article_of(record))]
        print(f"\n{name}: {len(chosen)} sentences ({sum(r['set'] == name for r in labelled) - len(chosen)} left out)")
        found = [(record, attribute(Quote(article, record["start"], record["end"]))) for record, article in chosen]
        reported = [(record, own) for record, own in found if record["stance"] == "reports"]
        stated = [
            (record, bool(lead_of(sentence(record, a), own).words))
            for (record, own), (_, a) in zip(found, chosen, strict=True)
        ]
        print(f"  stance right {share(record['stance'] == own.stance for record, own in found)}")
        print(f"  speaker right {share(named(record['speaker']) == named(own.speaker) for record, own in reported)}")
        print(f"  opinions with a lead {share(led for record, led in stated if record['opinion'])}")
        plain = [led for record, led in stated if record["stance"] == "states" and not record["opinion"]]
        print(f"  plain facts without one {share(not led for led in plain)}")


def article_of(record: dict[str, Any]) -> Article | None:
    """The article of a labelled sentence; None where it is one of the originals and they are not there."""
    if "text" in record:
        text = record["text"]
        return Article("a", text, hashlib.sha256(text.encode()).hexdigest(), "", None, None, None, "en", ())
    path = SHARED / "articles" / record["article"]
    path = path if path.exists() else ROOT / "index" / "articles" / record["article"]
    if not path.exists():
        return None
    article = read_article(path)
    own = article.text[record["start"] : record["end"]]
    if own != record.get("sentence", own) or record.get("sha256") not in (
        None,
        hashlib.sha256(own.encode()).hexdigest(),
    ):
        raise SystemExit(f"{GOLD}: {record['article']} {record['start']}:{record['end']} is another sentence now")
    return article


def sentence(record: dict[str, Any], article: Article) -> str:
    """The labelled sentence."""
    return article.text[record["start"] : record["end"]]


def named(speaker: str | None) -> str:
    """A speaker as it is compared."""
    return (speaker or "").lower().removeprefix("the ")


def share(outcomes: Iterable[bool]) -> str:
    """The share of these that are true, and of how many."""
    known = list(outcomes)
    return f"{sum(known) / len(known):.3f} of {len(known)}" if known else "–"


if __name__ == "__main__":
    main()
