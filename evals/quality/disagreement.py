"""How well disagreements are found and told apart, on pairs of articles and on public sets.

    python evals/disagreement.py [pairs] [nanco] [ramdocs] [--questions N]

``pairs`` asks the questions of ``gold/disagreements.jsonl``, each over an index of its two short articles: balanced
accuracy of showing a disagreement, and which kind it is told to be. ``nanco`` and ``ramdocs`` are public sets (see
``../shared/bench``): whether two outlets give the same answer, and whether a question's documents disagree at all.
Intervals are 95 % bootstrap intervals over the items.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from askseoul import AskSeoul
from askseoul.domain import Answer
from askseoul.evaluation.metrics import bootstrap_of_both
from askseoul.index.store import Store
from askseoul.models.encoder import Encoder, load_encoder
from askseoul.nlp.text import normalize
from askseoul.verification.alignment import TokenSimilarity
from evals.quality.answerability import SHARED, rows

PAIRS = Path(__file__).parent / "gold" / "disagreements.jsonl"


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=["pairs", "nanco", "ramdocs", []], default=[])
    parser.add_argument("--questions", type=int, default=250, help="questions of RAMDocs at most")
    parser.add_argument("--pairs", type=Path, default=PAIRS, help="another file of pairs")
    arguments = parser.parse_args()
    encoder = load_encoder(precision="f32")
    for part in arguments.parts or ["pairs", "nanco", "ramdocs"]:
        if part == "pairs":
            measure_pairs(
                [json.loads(line) for line in arguments.pairs.read_text(encoding="utf-8").splitlines()], encoder
            )
        elif not (SHARED / "bench" / part).exists():
            print(f"\n{part}: left out, {SHARED / 'bench' / part} is not there")
        elif part == "nanco":
            measure_nanco(rows(SHARED / "bench" / "nanco" / "pairs.jsonl.gz"), encoder)
        else:
            found = rows(SHARED / "bench" / "ramdocs" / "questions.jsonl.gz")
            measure_ramdocs(found[: arguments.questions], encoder)


def measure_pairs(pairs: Sequence[dict[str, Any]], encoder: Encoder) -> None:
    """Tables over the pairs: shown or not, by set and by kind, and the kind that is shown."""
    answers = [ask_over(pair["question"], pair["articles"], encoder) for pair in pairs]
    for name in [*dict.fromkeys(pair["set"] for pair in pairs), "all"]:
        chosen = [(pair, answer) for pair, answer in zip(pairs, answers, strict=True) if name in (pair["set"], "all")]
        differ = [pair["label"] != "none" for pair, _ in chosen]
        shown = [bool(answer.disagreements) for _, answer in chosen]
        told = [
            (pair["label"], answer.disagreements[0].kind)
            for pair, answer in chosen
            if pair["label"] != "none" and answer.disagreements
        ]
        print(f"\npairs, {name}: {len(chosen)}, of which {sum(differ)} disagree")
        print(f"  balanced accuracy {with_interval(differ, shown)}")
        two = [pair for pair in told if pair[0] != "forecast"]
        print(f"  superseded or conflict told right {_share(real == said for real, said in two)} of {len(two)} shown")
        print(f"  kind told right {_share(real == said for real, said in told)} of {len(told)} shown")
        print(f"  refused {_share(not answer.answered for _, answer in chosen)}")
    shown_by_kind = Counter(
        (pair["label"], pair["kind"]) for pair, answer in zip(pairs, answers, strict=True) if answer.disagreements
    )
    for (label, kind), count in sorted(Counter((pair["label"], pair["kind"]) for pair in pairs).items()):
        print(f"    {label:<11} {kind:<14} shown {shown_by_kind[label, kind]} of {count}")


def measure_nanco(pairs: Sequence[dict[str, Any]], encoder: Encoder) -> None:
    """Balanced accuracy of "same answer", beside a cosine with the best cut for this very set."""
    meaning = TokenSimilarity(lambda: encoder)
    same = [bool(pair["label"]) for pair in pairs]
    said = [
        meaning.likeness(normalize(pair["question"]), normalize(pair["answer1"]), normalize(pair["answer2"])) > 0
        for pair in pairs
    ]
    texts = sorted({pair[key] for pair in pairs for key in ("answer1", "answer2")})
    vectors = dict(zip(texts, (found.vector for found in encoder.encode_document(texts)), strict=True))
    cosines = np.array([float(vectors[pair["answer1"]] @ vectors[pair["answer2"]]) for pair in pairs])
    best = max(balanced(same, (cosines > cut).tolist()) for cut in np.quantile(cosines, np.linspace(0, 1, 200)))
    print(f"\nnanco: {len(pairs)} pairs, balanced accuracy {with_interval(same, said)}; best cosine cut {best:.3f}")


def measure_ramdocs(questions: Sequence[dict[str, Any]], encoder: Encoder) -> None:
    """Balanced accuracy of showing a disagreement where a question's documents give several answers."""
    differ, shown = [], []
    for question in questions:
        given = {document["answer"] for document in question["documents"] if document["answer"] != "unknown"}
        documents = [
            {"name": f"{number}.md", "title": "", "published": None, "text": document["text"]}
            for number, document in enumerate(question["documents"])
        ]
        differ.append(len(given) > 1)
        shown.append(bool(ask_over(question["question"], documents, encoder).disagreements))
    print(f"\nramdocs: {len(questions)} questions, {sum(differ)} with several answers")
    print(f"  balanced accuracy {with_interval(differ, shown)}; shown for {_share(shown)}")


def ask_over(question: str, articles: Iterable[dict[str, Any]], encoder: Encoder) -> Answer:
    """The answer to a question over an index of just these articles."""
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for article in articles:
            path = Path(folder, article["name"])
            known = {"title": article["title"], "published": article["published"]}
            lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in known.items() if value]
            path.write_text("\n".join(["---", *lines, "---", "", article["text"], ""]), encoding="utf-8")
            files.append(path)
        store = Store.open(Path(folder, "index"), encoder=encoder, create=True)
        with AskSeoul(store, encoder, None) as app:
            app.index(files)
            return app.ask(question)


def balanced(real: Sequence[bool], said: Sequence[bool]) -> float:
    """Mean of the shares of real cases that are found and of others that are left alone."""
    real_, said_ = np.array(real, dtype=bool), np.array(said, dtype=bool)
    return float((said_[real_].mean() + (~said_[~real_]).mean()) / 2)


def with_interval(real: Sequence[bool], said: Sequence[bool]) -> str:
    """Balanced accuracy with its 95 % bootstrap interval, and its two parts."""
    found = [float(was_said) for is_real, was_said in zip(real, said, strict=True) if is_real]
    left = [float(not was_said) for is_real, was_said in zip(real, said, strict=True) if not is_real]
    low, high = bootstrap_of_both(found, left)
    return (
        f"{balanced(real, said):.3f} ({low:.2f} to {high:.2f}); "
        f"found {np.mean(found):.2f}, left alone {np.mean(left):.2f}"
    )


def _share(outcomes: Iterable[bool]) -> str:
    known = list(outcomes)
    return f"{sum(known) / len(known):.2f}" if known else "–"


if __name__ == "__main__":
    main()
