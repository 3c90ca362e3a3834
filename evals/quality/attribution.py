"""Stance and speaker of hand-labelled sentences: who says it, and as a fact, a report or a forecast.

    python -m evals.quality.attribution

``gold/stances.jsonl`` labels sentences of the digests, of the original articles and of articles written for this
measurement. The original articles are read from ``../shared/articles``; without that folder their sentences are left
out. ``opinion`` marks a judgement of the article itself, which must be introduced as such. Speakers are compared
without case and without a leading "the".
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterable
from typing import Any, Final

from askseoul.answering.attribution import attribute, lead_of
from askseoul.domain import Article, Quote
from askseoul.ingest.articles import read_article
from evals.common.data import ARTICLES, GOLD, SHARED, as_article, read_rows

STANCES: Final = GOLD / "stances.jsonl"


def main() -> None:
    """Print the share of correct labels, set by set."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    labelled = read_rows(STANCES)
    for name in dict.fromkeys(row["set"] for row in labelled):
        in_set = [row for row in labelled if row["set"] == name]
        available = [(row, article) for row in in_set if (article := article_of(row))]
        print(f"\n{name}: {len(available)} sentences ({len(in_set) - len(available)} left out)")
        predicted = [(row, attribute(Quote(article, row["start"], row["end"]))) for row, article in available]
        introduced = [
            (row, bool(lead_of(sentence_of(row, article), attribution).words))
            for (row, attribution), (_, article) in zip(predicted, available, strict=True)
        ]
        stances = [row["stance"] == attribution.stance for row, attribution in predicted]
        speakers = [
            comparable(row["speaker"]) == comparable(attribution.speaker)
            for row, attribution in predicted
            if row["stance"] == "reports"
        ]
        opinions = [has_lead for row, has_lead in introduced if row["opinion"]]
        facts = [not has_lead for row, has_lead in introduced if row["stance"] == "states" and not row["opinion"]]
        print(f"  stance correct {share(stances)}")
        print(f"  speaker correct {share(speakers)}")
        print(f"  opinions with a lead {share(opinions)}")
        print(f"  plain facts without a lead {share(facts)}")


def article_of(row: dict[str, Any]) -> Article | None:
    """The article of a labelled sentence; None for an original article that is not available.

    Raises SystemExit when the article has another sentence at the labelled place.
    """
    if "text" in row:
        return as_article("a", row["text"])
    path = SHARED / "articles" / row["article"]
    path = path if path.exists() else ARTICLES / row["article"]
    if not path.exists():
        return None
    article = read_article(path)
    sentence = sentence_of(row, article)
    sha256 = hashlib.sha256(sentence.encode()).hexdigest()
    if row.get("sentence", sentence) != sentence or row.get("sha256", sha256) != sha256:
        raise SystemExit(f"{STANCES}: {row['article']} has another sentence at {row['start']}:{row['end']}.")
    return article


def sentence_of(row: dict[str, Any], article: Article) -> str:
    """The labelled sentence."""
    return article.text[row["start"] : row["end"]]


def comparable(speaker: str | None) -> str:
    """A speaker in the form in which speakers are compared."""
    return (speaker or "").lower().removeprefix("the ")


def share(outcomes: Iterable[bool]) -> str:
    """The share of true outcomes and their number, such as "0.950 of 20"."""
    counted = list(outcomes)
    return f"{sum(counted) / len(counted):.3f} of {len(counted)}" if counted else "–"


if __name__ == "__main__":
    main()
