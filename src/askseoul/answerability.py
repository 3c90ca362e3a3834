"""Whether the evidence answers the question, and if not, why.

Judged by what the evidence says, not by how much of the question's words the collection knows: the best sentence that
holds something of the asked kind must match the question well, in a passage that knows the names and figures the
question speaks of. Cosines between tokens mean the same in a collection of three articles and of thousands, so one
threshold serves both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from askseoul.domain import Evidence, RefusalReason
from askseoul.names import CAPITALS, TITLES, missing_names, names_of
from askseoul.quantities import figures_of
from askseoul.questions import Kind, Question, holds_kind
from askseoul.words import fold, words_of

JUDGED = 6
"""Evidence sentences in which something of the asked kind is looked for."""
SURROUNDING = 4
"""Evidence sentences whose passages are searched for the names and figures of the question."""
FOCUSED_MATCH = 0.55
BROAD_MATCH = 0.47
"""Least match of the best sentence of the asked kind; a question for reasons or views shares fewer words with its
answer.

Chosen on six collections of 3 to 1,203 articles with 1,411 questions, half of them unanswerable: balanced accuracy 0.87
and 0.79 on the gold questions of the originals and the digests, 0.83 with 1,200 foreign texts beside the originals,
0.72 on CLAPnq, 0.61 and 0.58 on adversarial near misses (QED with its answers cut out, SQuAD 2.0)."""
RELEVANT_MATCH = 0.45
"""Below this match of the best sentence of any kind, the articles do not speak of the subject at all."""

_KINDS: dict[Kind, str] = {
    "number": "number",
    "money": "sum",
    "share": "share",
    "duration": "length of time",
    "date": "date",
    "statement": "statement",
    "person": "person",
    "place": "place",
    "reason": "reason",
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """Why a question is not answered; ``detail`` is a sentence on what is missing, or nothing."""

    reason: RefusalReason
    detail: str = ""


def judge(question: Question, evidence: Sequence[Evidence]) -> Judgement | None:
    """None when the evidence answers the question, else why it does not."""
    if not evidence:
        return Judgement("nothing relevant")
    best = max(item.match for item in evidence)
    if best < RELEVANT_MATCH and not question.broad:
        return Judgement("nothing relevant", _unknown(question, evidence))
    unknown = _unknown(question, evidence)
    if unknown:
        return Judgement("near miss", unknown)
    fitting = [item.match for item in evidence[:JUDGED] if holds_kind(question, item.quote.text)]
    if question.kind == "reason" and not fitting:  # a cause can also be told by what stands beside what
        fitting = [item.match for item in evidence[:JUDGED] if item.match >= FOCUSED_MATCH]
    if not fitting:
        return Judgement(
            "near miss", f"They give no {_KINDS[question.kind]} for it." if question.kind in _KINDS else ""
        )
    if max(fitting) < (BROAD_MATCH if question.broad else FOCUSED_MATCH):
        return Judgement("near miss" if best >= RELEVANT_MATCH else "nothing relevant")
    return None


def _unknown(question: Question, evidence: Sequence[Evidence]) -> str:
    """A sentence that names what the question speaks of and the best passages do not, or nothing."""
    asked = fold(question.text)
    passages = [fold(f"{item.hit.article.title}\n{item.hit.passage.text}") for item in evidence[:SURROUNDING]]
    held = [figures_of(passage) for passage in passages]
    figures = figures_of(asked)
    missing = [
        date.text for date in figures.dates if not any(date.matches(other) for found in held for other in found.dates)
    ]
    missing += [
        quantity.text
        for quantity in figures.quantities
        if not quantity.referring
        and quantity.unit != "ordinal"
        and not any(quantity.matches(other) for found in held for other in found.quantities)
    ]
    # A broad question may take its names from several passages, a focused one has to find them where its answer stands.
    searched = passages if question.broad else passages[:1]
    lacking = [_missing_names(asked, passage) for passage in searched]
    missing += sorted(set.intersection(*lacking)) if lacking else []
    return f"What comes nearest does not speak of {_listed(missing)}." if missing else ""


def _missing_names(asked: str, passage: str) -> set[str]:
    """The names of a question of which a passage has no word; a capital and its country stand for each other."""
    words = words_of(asked)
    forms = {word for name in names_of(passage, (asked,)) for word in name.words}
    forms |= {country for capital, country in CAPITALS.items() if capital in forms}
    return {
        asked[words[name.first].start : words[name.last].end]
        for name in missing_names(asked, [passage], [])[0]
        if not set(name.words) <= TITLES and forms.isdisjoint({*name.words, CAPITALS.get("_".join(name.words))})
    }


def _listed(things: Sequence[str]) -> str:
    quoted = [f"“{thing}”" for thing in dict.fromkeys(things)]
    return " or ".join([", ".join(quoted[:-1]), quoted[-1]] if quoted[:-1] else quoted)
