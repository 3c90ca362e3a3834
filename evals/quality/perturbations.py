"""How many falsified sentences do the checks catch, and how many true sentences do they reject?

    python -m evals.quality.perturbations [ARTICLE OR FOLDER ...] [--misses]

Rules make false variants of every sentence of the articles and of the faithful paraphrases in
``evals/gold/paraphrases.jsonl``. A variant has one number, unit, date, name, modal verb or bound changed, two names
swapped, a "not" added or removed, a quotation altered, a citation of another sentence, several words forged in both the
sentence and its quote, or a citation number that the answer does not have. The rules share no code with the checks.

Prints the share of variants caught by kind, the false alarms on unchanged sentences, and both figures without each of
the checks. ``--misses`` prints every variant that was not caught and every false alarm.
"""

from __future__ import annotations

import argparse
import calendar
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from askseoul.answering.assembly import AnswerBuilder, QueryContext
from askseoul.answering.drafting import quote_draft
from askseoul.answering.reverify import reverify
from askseoul.domain import Check, Quote, Trace, as_json
from askseoul.ingest.articles import find_files, read_article
from askseoul.models.reader import Reader, load_reader
from askseoul.nlp.text import split_sentences
from askseoul.retrieval.search import Filter
from askseoul.verification.claim import verify_sentence
from askseoul.verification.quotes import find_quote
from evals.common.data import ARTICLES, GOLD, SHARED, read_rows

PARAPHRASES: Final = GOLD / "paraphrases.jsonl"
LARGEST_KIND: Final = 80
"""Variants of one kind and origin that are checked at most."""
SEED: Final = 20
FORGED_WORDS: Final = 3
"""Words of a sentence that are forged."""
LONG: Final = 4
"""A word is forged only if it has more letters than this."""

NUMBER_WORDS: Final = {
    "two": "three",
    "three": "five",
    "four": "six",
    "five": "nine",
    "ten": "twelve",
    "eleven": "nine",
    "fifth": "sixth",
    "hundreds": "thousands",
}
UNITS: Final = (
    (r"\bbillion\b", "million"), (r"\bmillion\b", "billion"), (r"(?<=\d)bn\b", "m"), (r"(?<=\d)%", " percentage "
        "points"), (r"\bper ?cent\b", "percentage points"),
    (r"\$", "€"), (r"\bdollars\b", "euros"), (r"(?<=two )decades\b", "years"), (r"\bdecades\b", "centuries"),
    (r"\byears\b", "months"), (r"\bmonths\b", "years"), (r"(?<=\d),000\b", ",000,000"), (r"\bthousand\b", "million"),
    (r"(?<=\d)%", " million"),
)  # fmt: skip
MONTHS: Final = [month for month in calendar.month_name if month not in ("", "May")]  # "May" is more often a verb
AUXILIARIES: Final = (
    r"\b(is|are|was|were|has|have|had|can|could|may|might|will|would|should|must|does|do|did)\b(?! (?:not|no)\b)"
)
DENIALS: Final = ((r"\b(is|are|was|were|has|have|had|can|could|may|will|would|should|does|do|did) not\b", r"\1"),
    (r"\bcannot\b", "can"), (r"\bno longer\b", "still"),
           (r"\bneither\b", "either"), (r"\bnever\b", "always"), (r"\bno (?=[a-z]+ (?:can|has|is|was))", "every "),
           (r"\bnot (?=[a-z])", ""), (r"\bavoid(s|ed)\b", r"use\1"))  # fmt: skip
MODALS: Final = (
    (r"\b(?:may|might|could|would|should|must) (?!not\b)(?=[a-z])", ""), (r"\b(?:may|might|could)\b(?! not)", "will"),
    (r"\bshould\b(?! not)", "must"), (r"\b(?:wants|aims|hopes|seeks|plans|tries|needs) to ", ""),
    (r"\b(?:has|have) tried to ", ""), (r"\b(?:is|are) (?:expected|meant|set) to ", ""), (r"\bpossible ", ""),
    (r"\bpledged to ", ""), (r"\bclaimed to ", ""), (r"\bpossibly ", ""), (r"\bpotentially ", ""),
    (r"\bexpects (.*?) to\b", r"sees \1"), (r"\bwill (?=[a-z])", "did "),
)  # fmt: skip
BOUNDS: Final = (
    (r"\b(?:at least|no less than|not less than|more than|over|up to|nearly|less than) (?=[\d$]|one|two|three|five|"
     r"ten|half)", ""), (r"\b(?:at least|no less than) (?=[\d$])", "at most "),
    (r"\b(?:at least|no less than) (?=[\d$])", "more than "), (r"\bmore than (?=\w+ (?:decades|years))", "less than "),
    (r"\bover (?=(?:two|\d+) (?:decades|years))", "under "),
    (r"\b(?:about|some|around|approximately|roughly) (?=\d)", "at least "), (r"\b(?:about|some|around|approximately|"
        r"roughly) (?=\d)", "exactly "), (r"(?<=[a-z] )(?=\$?\d[\d.,]*(?:%| billion| percent| soldiers| troops))",
        "up to "),
)  # fmt: skip
OPPOSITE_PAIRS: Final = (
    "more/less higher/lower increase/decrease increasing/decreasing increased/decreased surplus/deficit before/after "
    "first/last longer/shorter largest/smallest biggest/smallest stronger/weaker "
    "strengthen/weaken strengthened/weakened strengthens/weakens fewer/more lower/higher export/import "
    "exports/imports gain/lose closer/looser wider/narrower broader/narrower greater/smaller "
    "conservatives/liberals asset/liability support/oppose supported/opposed improve/worsen top/bottom "
    "positive/negative deepened/weakened expands/shrinks expand/shrink"
)
OPPOSITES: Final = [pair.split("/") for pair in OPPOSITE_PAIRS.split()]
SAME: Final = (
    {"US", "United", "States", "U.S", "USA", "American", "Americans", "America", "Washington"},
    {"China", "Chinese", "Beijing"},
    {"South", "Korea", "Korean", "Koreans", "Seoul"},
    {"Japan", "Japanese", "Tokyo"},
)
SYMMETRIC: Final = re.compile(r"(?:['’]s)?,? ?(?:and|or|with|between|,|nor|than|both|but| )*")
NAME: Final = re.compile(r"(?<![.!?“\"‘'\w-] )(?<=[a-z,] )(?:[A-Z][\w-]+|[A-Z]{2,})(?: (?:[A-Z][\w-]+|II))*")


@dataclass(frozen=True)
class Case:
    """A sentence to check, with its quote and contexts."""

    kind: str
    """How the sentence was falsified; empty if it was not."""
    text: str
    quote: Quote
    contexts: tuple[str, ...]
    origin: str
    """``sentence`` or ``paraphrase``."""

    def changed(self, kind: str, text: str) -> Case:
        """This case with a falsified text."""
        return replace(self, kind=kind, text=text)


def originals(paths: Sequence[Path]) -> Iterator[Case]:
    """Every sentence of the articles with itself as the quote; the contexts are its paragraph and the title."""
    for path in find_files(paths).files:
        article = read_article(path)
        for span in split_sentences(article.text):
            text = article.text[span.start : span.end]
            start, end = article.text.rfind("\n", 0, span.start) + 1, article.text.find("\n", span.end)
            paragraph = article.text[start : end if end >= 0 else len(article.text)]
            if len(text.split()) > 5 and not text.startswith("#"):
                yield Case("", text, Quote(article, span.start, span.end), (paragraph, article.title), "sentence")


def paraphrases() -> Iterator[Case]:
    """The hand-written paraphrases; the contexts are the paragraph of the quote and the title.

    Raises SystemExit when an article does not have the quote.
    """
    for row in read_rows(PARAPHRASES):
        article = read_article(ARTICLES / row["article"])
        paragraph = next((text for text in article.text.split("\n") if row["quote"] in text), None)
        if paragraph is None:
            raise SystemExit(f"{PARAPHRASES}: {row['article']} does not have this text: {row['quote']}")
        start = article.text.index(row["quote"])
        quote = Quote(article, start, start + len(row["quote"]))
        yield Case("", row["paraphrase"], quote, (paragraph, article.title), "paraphrase")


def names_in(cases: Sequence[Case]) -> list[str]:
    """The names that occur more than once inside sentences, in alphabetical order."""
    count: dict[str, int] = defaultdict(int)
    for case in cases:
        for match in NAME.finditer(case.text):
            count[match.group()] += 1
    return sorted(name for name, times in count.items() if times > 1 and name not in MONTHS)


def different(first: str, second: str) -> bool:
    """Whether two names certainly refer to different things."""
    one, other = set(first.split()), set(second.split())
    return not one & other and not any(one & same and other & same for same in SAME)


def figure_flips(text: str) -> Iterator[tuple[str, str]]:
    """Variants with another number or date, each as (kind, text)."""
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
    """Variants with another name, or with two names swapped, each as (kind, text)."""
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
    """All variants of a sentence, each as (kind, text). A rule that does not apply yields the text unchanged."""
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
            pattern = rf"(?<!no )\b{word}\b(?! of)"
            is_bound = re.search(r"\bmore than \w+ (?:decades|years)|\bno less than", text)
            if not is_bound and len(re.findall(pattern, text)) == 1:
                yield "opposite", re.sub(pattern, other, text)
    for match in re.finditer(r"[“\"]([^“”\"]{8,})[”\"]", text):
        words = match[1].split()
        if len(words) > 1:
            yield "quoted phrase", text[: match.start(1)] + " ".join([*words[:-1], "whatever"]) + text[match.end(1) :]
            yield "quoted phrase", text[: match.start(1)] + " ".join(words[1:] + words[:1]) + text[match.end(1) :]


def forge(case: Case, others: Sequence[Case], chance: random.Random) -> str:
    """The sentence with FORGED_WORDS of its longer words replaced by words of other sentences.

    Returns the sentence unchanged if it has too few such words.
    """
    words = case.text.split(" ")
    long = [place for place, word in enumerate(words) if len(word) > LONG and word.isalpha() and word.islower()]
    if len(long) < FORGED_WORDS:
        return case.text
    own = set(case.text.lower().split()) | set(case.quote.text.lower().split())
    pool = [word for other in others for word in other.text.split() if len(word) > LONG and word.isalpha()]
    for place in chance.sample(long, FORGED_WORDS):
        words[place] = chance.choice([word for word in pool if word.islower() and word not in own])
    return " ".join(words)


def failed_checks(case: Case, reader: Reader) -> list[Check]:
    """The checks that a case fails.

    A forged quote is searched for in the article, as drafting does; if it is found, the sentence is compared with what
    the article says there. An answer that cites a number it does not have is verified again like an exported answer.
    """
    if case.kind == "out of range":
        faults = reverify(export_out_of_range(case, reader), lambda _: case.quote.article, reader)
        return [Check("quotes", passed=False, detail=fault) for fault in faults]
    found = find_quote(case.text, case.quote.article) if case.kind == "forged quote" else None
    quote = found or case.quote
    checks = verify_sentence(case.text, [quote.text], contexts=case.contexts, reader=reader).checks
    return [check for check in checks if not check.passed]


def export_out_of_range(case: Case, reader: Reader) -> dict[str, Any]:
    """The exported form of a one-sentence answer whose citation number is too high."""
    context = QueryContext("1", "What?", "en", Filter(1, 0), (), Trace({}, "none", "none"))
    builder = AnswerBuilder(context, [], reader)
    builder.add(quote_draft(case.quote))
    exported = as_json(builder.build())
    sentence = exported["sentences"][0]
    sentence["citations"] = [len(exported["citations"]) + 1]
    exported["text"] = exported["text"].replace("[1]", f"[{sentence['citations'][0]}]")
    return exported


def true_cases(paths: Sequence[Path]) -> list[Case]:
    """The sentences of these articles, and the paraphrases."""
    return [*originals(paths), *paraphrases()]


def false_cases(true: Sequence[Case], chance: random.Random) -> dict[tuple[str, str], list[Case]]:
    """Falsified variants of the cases by (kind, origin), at most LARGEST_KIND of each."""
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
        forgery = forge(case, others, chance)
        if forgery != case.text:
            false["forged quote", case.origin].append(case.changed("forged quote", forgery))
        false["out of range", case.origin].append(case.changed("out of range", case.text))
    return {key: chance.sample(false[key], min(len(false[key]), LARGEST_KIND)) for key in sorted(false)}


Judged = Sequence[tuple[Case, Sequence[Check]]]
"""Cases with the checks that each of them fails."""


def table(judged: Judged, heading: str) -> list[str]:
    """A line for each kind and one for all: how many cases fail at least one check."""
    lines = [f"{heading:16}{'in sentences':>20}{'in paraphrases':>20}"]
    for kind in sorted({case.kind for case, _ in judged}):
        cells = []
        for origin in ("sentence", "paraphrase"):
            hits = [bool(checks) for case, checks in judged if (case.kind, case.origin) == (kind, origin)]
            cells.append(f"{sum(hits)}/{len(hits)} {sum(hits) / len(hits):.2f}" if hits else "none")
        lines.append(f"{kind or 'unchanged':16}{cells[0]:>20}{cells[1]:>20}")
    total = sum(bool(checks) for _, checks in judged)
    return [*lines, f"{'all':16}{f'{total}/{len(judged)} {total / len(judged):.3f}':>40}"]


def without_each_check(false: Judged, true: Judged) -> list[str]:
    """A line for each check: share of false cases caught and number of false alarms when the check is left out."""
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
    parser.add_argument("paths", nargs="*", type=Path, metavar="ARTICLE OR FOLDER")
    parser.add_argument("--misses", action="store_true", help="print the variants not caught and the false alarms")
    arguments = parser.parse_args()
    originals_folder = SHARED / "articles"
    paths = arguments.paths or [ARTICLES, *([originals_folder] if originals_folder.is_dir() else [])]
    reader = load_reader(precision="f32")
    true = true_cases(paths)
    false = [case for cases in false_cases(true, random.Random(SEED)).values() for case in cases]
    judged = [(case, failed_checks(case, reader)) for case in false]
    unchanged = [(case, failed_checks(case, reader)) for case in true]
    if arguments.misses:
        for case, checks in [*((c, f) for c, f in judged if not f), *((c, f) for c, f in unchanged if f)]:
            faults = ", ".join(f"{check.name} ({check.detail})" for check in checks)
            print(f"{case.kind or 'FALSE ALARM'}: {case.text}\n    of: {case.quote.text}\n    {faults}")
    tables = [table(judged, "caught"), table(unchanged, "false alarms"), without_each_check(judged, unchanged)]
    print("\n\n".join("\n".join(lines) for lines in tables))


if __name__ == "__main__":
    main()
