"""How many sentences that were made false by rule do the checks catch, and how many true ones do they refuse?

    python evals/flip_suite.py [ARTICLE OR FOLDER …] [--misses]

From every sentence of the articles, and from the faithful paraphrases in ``evals/paraphrases.jsonl``, variants are
made that say something else: one number, unit, date, name, modal or bound changed, two names swapped, a "not" put in
or taken out, a quotation altered, another sentence cited, several words forged in a sentence and in the quote it is
handed over with, a number cited that the answer does not have. The rules here share no code with the checks. Prints
what is caught by kind, false alarms on the untouched, and both without each of the checks. ``--misses`` prints every
variant that got through and every false alarm.
"""

from __future__ import annotations

import argparse
import calendar
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from askseoul.answering.assembly import AnswerBuilder, QueryContext
from askseoul.answering.drafting import quote_draft
from askseoul.answering.reverify import prove
from askseoul.domain import Check, Quote, Trace, as_json
from askseoul.ingest.articles import find_files, read_article
from askseoul.models.encoder import load_encoder
from askseoul.nlp.text import split_sentences
from askseoul.retrieval.search import Filter
from askseoul.verification.alignment import TokenSimilarity, find_quote
from askseoul.verification.claim import check_sentence

ROOT = Path(__file__).resolve().parents[2]
MOST_OF_A_KIND = 80
SEED = 20
FORGED, LONG = 3, 4
"""How many words of a quote are forged, and letters that each of them has more than."""

NUMBER_WORDS = {
    "two": "three",
    "three": "five",
    "four": "six",
    "five": "nine",
    "ten": "twelve",
    "eleven": "nine",
    "fifth": "sixth",
    "hundreds": "thousands",
}
UNITS = (
    (r"\bbillion\b", "million"), (r"\bmillion\b", "billion"), (r"(?<=\d)bn\b", "m"), (r"(?<=\d)%", " percentage "
        "points"), (r"\bper ?cent\b", "percentage points"),
    (r"\$", "€"), (r"\bdollars\b", "euros"), (r"(?<=two )decades\b", "years"), (r"\bdecades\b", "centuries"),
    (r"\byears\b", "months"), (r"\bmonths\b", "years"), (r"(?<=\d),000\b", ",000,000"), (r"\bthousand\b", "million"),
    (r"(?<=\d)%", " million"),
)  # fmt: skip
MONTHS = [month for month in calendar.month_name if month not in ("", "May")]  # "May" is a verb more often
AUXILIARIES = (
    r"\b(is|are|was|were|has|have|had|can|could|may|might|will|would|should|must|does|do|did)\b(?! (?:not|no)\b)"
)
DENIALS = ((r"\b(is|are|was|were|has|have|had|can|could|may|will|would|should|does|do|did) not\b", r"\1"),
    (r"\bcannot\b", "can"), (r"\bno longer\b", "still"),
           (r"\bneither\b", "either"), (r"\bnever\b", "always"), (r"\bno (?=[a-z]+ (?:can|has|is|was))", "every "),
           (r"\bnot (?=[a-z])", ""), (r"\bavoid(s|ed)\b", r"use\1"))  # fmt: skip
MODALS = (
    (r"\b(?:may|might|could|would|should|must) (?!not\b)(?=[a-z])", ""), (r"\b(?:may|might|could)\b(?! not)", "will"),
    (r"\bshould\b(?! not)", "must"), (r"\b(?:wants|aims|hopes|seeks|plans|tries|needs) to ", ""),
    (r"\b(?:has|have) tried to ", ""), (r"\b(?:is|are) (?:expected|meant|set) to ", ""), (r"\bpossible ", ""),
    (r"\bpledged to ", ""), (r"\bclaimed to ", ""), (r"\bpossibly ", ""), (r"\bpotentially ", ""),
    (r"\bexpects (.*?) to\b", r"sees \1"), (r"\bwill (?=[a-z])", "did "),
)  # fmt: skip
BOUNDS = (
    (r"\b(?:at least|no less than|not less than|more than|over|up to|nearly|less than) (?=[\d$]|one|two|three|five|"
     r"ten|half)", ""), (r"\b(?:at least|no less than) (?=[\d$])", "at most "),
    (r"\b(?:at least|no less than) (?=[\d$])", "more than "), (r"\bmore than (?=\w+ (?:decades|years))", "less than "),
    (r"\bover (?=(?:two|\d+) (?:decades|years))", "under "),
    (r"\b(?:about|some|around|approximately|roughly) (?=\d)", "at least "), (r"\b(?:about|some|around|approximately|"
        r"roughly) (?=\d)", "exactly "), (r"(?<=[a-z] )(?=\$?\d[\d.,]*(?:%| billion| percent| soldiers| troops))",
        "up to "),
)  # fmt: skip
OPPOSITE_PAIRS = (
    "more/less higher/lower increase/decrease increasing/decreasing increased/decreased surplus/deficit before/after "
    "first/last longer/shorter largest/smallest biggest/smallest stronger/weaker "
    "strengthen/weaken strengthened/weakened strengthens/weakens fewer/more lower/higher export/import "
    "exports/imports gain/lose closer/looser wider/narrower broader/narrower greater/smaller "
    "conservatives/liberals asset/liability support/oppose supported/opposed improve/worsen top/bottom "
    "positive/negative deepened/weakened expands/shrinks expand/shrink"
)
OPPOSITES = [pair.split("/") for pair in OPPOSITE_PAIRS.split()]
SAME = (
    {"US", "United", "States", "U.S", "USA", "American", "Americans", "America", "Washington"},
    {"China", "Chinese", "Beijing"},
    {"South", "Korea", "Korean", "Koreans", "Seoul"},
    {"Japan", "Japanese", "Tokyo"},
)
SYMMETRIC = re.compile(r"(?:['’]s)?,? ?(?:and|or|with|between|,|nor|than|both|but| )*")
NAME = re.compile(r"(?<![.!?“\"‘'\w-] )(?<=[a-z,] )(?:[A-Z][\w-]+|[A-Z]{2,})(?: (?:[A-Z][\w-]+|II))*")


@dataclass(frozen=True)
class Case:
    """A sentence to be checked, what it rests on, and what was done to it ("" for nothing)."""

    kind: str
    text: str
    quote: Quote
    contexts: tuple[str, ...]
    origin: str
    """``sentence`` or ``paraphrase``."""

    def changed(self, kind: str, text: str) -> Case:
        """The same, made to say something else."""
        return replace(self, kind=kind, text=text)


def originals(paths: Sequence[Path]) -> Iterator[Case]:
    """Every sentence of the articles as its own quote, with the lines around it and the title as contexts."""
    for path in find_files(paths):
        article = read_article(path)
        for span in split_sentences(article.text):
            text = article.text[span.start : span.end]
            start, end = article.text.rfind("\n", 0, span.start) + 1, article.text.find("\n", span.end)
            paragraph = article.text[start : end if end >= 0 else len(article.text)]
            if len(text.split()) > 5 and not text.startswith("#"):
                yield Case("", text, Quote(article, span.start, span.end), (paragraph, article.title), "sentence")


def paraphrases(path: Path) -> Iterator[Case]:
    """The hand-written paraphrases with the paragraph of their quote."""
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        article = read_article(ROOT / "index" / "articles" / row["article"])
        paragraph = next((text for text in article.text.split("\n") if row["quote"] in text), None)
        if paragraph is None:
            raise SystemExit(f"{path}: no such text in {row['article']}: {row['quote']}")
        start = article.text.index(row["quote"])
        quote = Quote(article, start, start + len(row["quote"]))
        yield Case("", row["paraphrase"], quote, (paragraph, article.title), "paraphrase")


def names_in(cases: Sequence[Case]) -> list[str]:
    """The names that stand more than once inside sentences."""
    count: dict[str, int] = defaultdict(int)
    for case in cases:
        for match in NAME.finditer(case.text):
            count[match.group()] += 1
    return sorted(name for name, times in count.items() if times > 1 and name not in MONTHS)


def different(first: str, second: str) -> bool:
    """Whether two names are surely not the same thing."""
    one, other = set(first.split()), set(second.split())
    return not one & other and not any(one & same and other & same for same in SAME)


def figure_flips(text: str) -> Iterator[tuple[str, str]]:
    """Another number or date."""
    for match in re.finditer(r"(?<![\w.,-])\d[\d,]*(?:\.\d+)?(?![\w-])", text):
        year = re.fullmatch(r"(?:19|20)\d\d", match.group())
        digits = match.group()
        place = len(digits) - 1 if year else 0
        changed = digits[:place] + str((int(digits[place]) % 9) + 1) + digits[place + 1 :]
        yield ("date" if year else "number"), text[: match.start()] + changed + text[match.end() :]
    for word, other in NUMBER_WORDS.items():
        if re.search(rf"\b{word}\b", text):
            yield "number", re.sub(rf"\b{word}\b", other, text, count=1)
    for month in MONTHS:
        if re.search(rf"\b{month}\b", text):
            yield "date", text.replace(month, MONTHS[MONTHS.index(month) - 3])
            yield "date", re.sub(rf"({month} )(\d+)(?=st|nd|rd|th)", lambda m: f"{m[1]}{int(m[2]) + 3}", text)
            yield "date", re.sub(rf"\b(\d+)( {month})", lambda m: f"{int(m[1]) + 3}{m[2]}", text)


def name_flips(case: Case, names: Sequence[str], chance: random.Random) -> Iterator[tuple[str, str]]:
    """Another name, or two names swapped."""
    text = case.text
    found = [match for match in NAME.finditer(text) if match.group() not in MONTHS and f"“{match.group()}" not in text]
    for match in found[:2]:
        others = [
            name
            for name in names
            if different(name, match.group()) and not re.search(rf"\b{re.escape(name)}\b", case.quote.text)
        ]
        if others:
            yield "name", text[: match.start()] + chance.choice(others) + text[match.end() :]
        present = [other.group() for other in found if different(other.group(), match.group())]
        if present:
            yield "name", text[: match.start()] + chance.choice(present) + text[match.end() :]
    yield "name", re.sub(r"\bSouth (?=Korea)", "North ", text, count=1)
    whole = list(re.finditer(r"(?:^|(?<=[a-z,] ))(?:[A-Z][\w-]+)(?: (?:[A-Z][\w-]+))*", text))
    whole = [m for m in whole if any(m.group() == name for name in names)]
    for first, second in pairwise(whole):
        between = text[first.end() : second.start()]
        symmetric = SYMMETRIC.fullmatch(between) or text[: first.start()].endswith("between ")
        if different(first.group(), second.group()) and not symmetric and re.search(r" [a-z]{4,}", between):
            yield "roles", text[: first.start()] + second.group() + between + first.group() + text[second.end() :]


def flips(case: Case, names: Sequence[str], chance: random.Random) -> Iterator[tuple[str, str]]:
    """Kind and text of every variant of a sentence that says something else."""
    text = case.text
    yield from figure_flips(text)
    for kind, rules in (("unit", UNITS), ("modal", MODALS), ("bound", BOUNDS)):
        for pattern, replacement in rules:
            yield kind, re.sub(pattern, replacement, text, count=1)
    yield from name_flips(case, names, chance)
    if any(re.search(pattern, text) for pattern, _ in DENIALS):
        for pattern, replacement in DENIALS:
            yield "negation", re.sub(pattern, replacement, text, count=1)
    else:
        for match in list(re.finditer(AUXILIARIES, text))[:2]:
            yield "negation", text[: match.end()] + " not" + text[match.end() :]
    for pair in OPPOSITES:
        for word, other in (pair, reversed(pair)):
            if (
                not re.search(r"\bmore than \w+ (?:decades|years)|\bno less than", text)
                and len(
                    re.findall(
                        rf"(?<!no "
                        rf")\b{word}\b(?! of)",
                        text,
                    )
                )
                == 1
            ):
                yield "opposite", re.sub(rf"(?<!no )\b{word}\b(?! of)", other, text)
    for match in re.finditer(r"[“\"]([^“”\"]{8,})[”\"]", text):
        words = match[1].split()
        if len(words) > 1:
            yield "quoted phrase", text[: match.start(1)] + " ".join([*words[:-1], "whatever"]) + text[match.end(1) :]
            yield "quoted phrase", text[: match.start(1)] + " ".join(words[1:] + words[:1]) + text[match.end(1) :]


def forged(case: Case, others: Sequence[Case], chance: random.Random) -> str:
    """The sentence with three of its longer words in the place of which stand words of other sentences."""
    words = case.text.split(" ")
    long = [place for place, word in enumerate(words) if len(word) > LONG and word.isalpha() and word.islower()]
    if len(long) < FORGED:
        return case.text
    own = set(case.text.lower().split()) | set(case.quote.text.lower().split())
    pool = [word for other in others for word in other.text.split() if len(word) > LONG and word.isalpha()]
    for place in chance.sample(long, FORGED):
        words[place] = chance.choice([word for word in pool if word.islower() and word not in own])
    return " ".join(words)


def failed(case: Case, meaning: TokenSimilarity) -> list[Check]:
    """The checks that a case does not pass.

    A forged quote is looked for as it would be in an answer: what is compared is what the article says where it is
    found. An answer that cites a number it does not have is proved again as a reader would who was handed it."""
    if case.kind == "out of range":
        faults = prove(out_of_range(case), lambda _: case.quote.article, meaning)
        return [Check("quotes", passed=False, detail=fault) for fault in faults]
    found = find_quote(case.text, case.quote.article) if case.kind == "forged quote" else None
    quote = found or case.quote
    checks = check_sentence(case.text, [quote.text], contexts=case.contexts, meaning=meaning)
    return [check for check in checks if not check.passed]


def out_of_range(case: Case) -> dict[str, Any]:
    """An answer of this one sentence as it is exported, with a citation that points behind the last."""
    inquiry = QueryContext("1", "What?", "en", Filter(1, 0), (), Trace({}, "none", "none"))
    ledger = AnswerBuilder(inquiry, [])
    ledger.enter(quote_draft(case.quote))
    exported = as_json(ledger.close())
    sentence = exported["sentences"][0]
    sentence["citations"] = [len(exported["citations"]) + 1]
    exported["text"] = exported["text"].replace("[1]", f"[{sentence['citations'][0]}]")
    return exported


def true_cases(paths: Sequence[Path]) -> list[Case]:
    """The sentences of these articles, and the paraphrases."""
    return [*originals(paths), *paraphrases(ROOT / "evals" / "paraphrases.jsonl")]


def false_cases(true: Sequence[Case], chance: random.Random) -> dict[tuple[str, str], list[Case]]:
    """What was made of them by kind and origin, MOST_OF_A_KIND at most of each."""
    names = names_in(true)
    false: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in true:
        seen = {case.text}
        for kind, text in flips(case, names, chance):
            if text not in seen:
                seen.add(text)
                false[kind, case.origin].append(case.changed(kind, text))
        others = [
            other
            for other in true
            if other.origin == "sentence"
            and other.quote.text not in case.quote.text
            and case.quote.text not in other.quote.text
        ]
        other = chance.choice(others)
        swapped = replace(case, kind="citation", quote=other.quote, contexts=other.contexts)
        false["citation", case.origin].append(swapped)
        forgery = forged(case, others, chance)
        if forgery != case.text:
            false["forged quote", case.origin].append(case.changed("forged quote", forgery))
        false["out of range", case.origin].append(case.changed("out of range", case.text))
    return {key: chance.sample(false[key], min(len(false[key]), MOST_OF_A_KIND)) for key in sorted(false)}


def table(judged: Sequence[tuple[Case, Sequence[Check]]], head: str) -> list[str]:
    """A row a kind and one for all: how many failed at least one check."""
    lines = [f"{head:16}{'in sentences':>20}{'in paraphrases':>20}"]
    for kind in sorted({case.kind for case, _ in judged}):
        cells = []
        for origin in ("sentence", "paraphrase"):
            hits = [bool(checks) for case, checks in judged if (case.kind, case.origin) == (kind, origin)]
            cells.append(f"{sum(hits)}/{len(hits)} {sum(hits) / len(hits):.2f}" if hits else "none")
        lines.append(f"{kind or 'nothing':16}{cells[0]:>20}{cells[1]:>20}")
    total = sum(bool(checks) for _, checks in judged)
    return [*lines, f"{'all':16}{f'{total}/{len(judged)} {total / len(judged):.3f}':>40}"]


def without_each(
    false: Sequence[tuple[Case, Sequence[Check]]], true: Sequence[tuple[Case, Sequence[Check]]]
) -> list[str]:
    """A row a check: what is caught and what is refused wrongly when it is left out."""
    caught = [{check.name for check in checks} for _, checks in false]
    alarms = [{check.name for check in checks} for case, checks in true if case.origin == "paraphrase"]
    lines = [f"{'without':16}{'caught':>20}{'false alarms':>20}"]
    for name in sorted(set().union(*caught, *alarms)):
        left = [sum(bool(checks - {name}) for checks in judged) for judged in (caught, alarms)]
        lines.append(f"{name:16}{left[0] / len(caught):>20.3f}{f'{left[1]}/{len(alarms)}':>20}")
    return lines


def main() -> None:
    """Make the variants, check them and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--misses", action="store_true", help="print what got through and what was refused wrongly")
    arguments = parser.parse_args()
    shared = ROOT.parent / "shared" / "articles"
    paths = arguments.paths or [ROOT / "index" / "articles", *([shared] if shared.is_dir() else [])]
    meaning = TokenSimilarity(lambda: load_encoder(precision="f32"))
    true = true_cases(paths)
    made = [case for cases in false_cases(true, random.Random(SEED)).values() for case in cases]
    judged = [(case, failed(case, meaning)) for case in made]
    untouched = [(case, failed(case, meaning)) for case in true]
    if arguments.misses:
        for case, checks in [*((c, f) for c, f in judged if not f), *((c, f) for c, f in untouched if f)]:
            faults = ", ".join(f"{check.name} ({check.detail})" for check in checks)
            print(f"{case.kind or 'FALSE ALARM'}: {case.text}\n    of: {case.quote.text}\n    {faults}")
    print(
        "\n".join(
            [*table(judged, "caught"), "", *table(untouched, "false alarms"), "", *without_each(judged, untouched)]
        )
    )


if __name__ == "__main__":
    main()
