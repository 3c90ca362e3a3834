"""A small article, gold questions about it, answers to them, and a scored run of an evaluation."""

from __future__ import annotations

import dataclasses
import hashlib

from askseoul.domain import Answer, Article, Citation, Coverage, Refusal, Sentence, Trace
from askseoul.errors import ArticleUnknown
from askseoul.evaluation.datasets import GoldEvidence, GoldQuestion
from askseoul.evaluation.scores import Evaluation, evaluate

TEXT = "About 28,500 troops are in Korea. They came in 1950.\nThey are to stay."
TROOPS = "About 28,500 troops are in Korea."  # 0 to 33
CAME = "They came in 1950."  # 34 to 52


def article(text=TEXT, article_id="troops.md"):
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Article(article_id, text, digest, "Troops", None, None, None, "en", ())


def read_article(article_id):
    if article_id != "troops.md":
        raise ArticleUnknown(article_id)
    return article()


def citation(quote, number=1, start=None, **changes):
    start = TEXT.find(quote) if start is None else start
    made = Citation(number, "troops.md", "Troops", None, None, None, quote, start, start + len(quote), article().sha256)
    return dataclasses.replace(made, **changes)


def answer(text, *citations, refusal=None):
    return Answer(
        id="1",
        question="?",
        rewritten_question=None,
        language="en",
        as_of=None,
        answered=refusal is None,
        text=text,
        sentences=() if refusal else (Sentence(text, "supported", 1.0, (1,), ()),),
        citations=citations,
        disagreements=(),
        uncovered=(),
        refusal=refusal,
        coverage=Coverage(1, 1, 1, None, None, 1, 0, 1, ""),
        retrieved=(),
        trace=Trace({}, "none", "none"),
    )


def refused(message, *nearest):
    return answer(message, refusal=Refusal("nothing relevant", message, nearest))


def gold(question, kind="fact", lang="en", facts=(("28[,.]?500",),), evidence=(TROOPS,)):
    if kind == "unanswerable":
        facts = evidence = ()
    return GoldQuestion(
        question, kind, lang, question, facts, tuple(GoldEvidence("troops.md", each) for each in evidence)
    )


def scored_run() -> Evaluation:
    """An evaluation of six English questions and a Korean one, named after what is answered to each."""
    answers = {
        "held": answer("About 28,500 troops are in Korea [1].", citation(TROOPS)),
        "not held": answer("They came in 1950 [1].", citation(CAME)),
        "refused": refused("About 28,500? Nothing is said.", citation(TROOPS)),
        "both": answer(
            "About 28,500 troops are in Korea, and they came in 1950 [1][2].", citation(TROOPS), citation(CAME)
        ),
        "near miss": refused("Nothing is said."),
        "invented": answer("Five million [1].", citation(CAME)),
        "한국": refused("…"),
    }
    questions = [
        gold("held"),
        gold("not held"),
        gold("refused"),
        gold("both", kind="multi", facts=(("28,500",), ("1950",)), evidence=(TROOPS, CAME)),
        gold("near miss", kind="unanswerable"),
        gold("invented", kind="unanswerable"),
        gold("한국", lang="ko"),
    ]
    return evaluate(
        questions,
        lambda question, before: answers[question],
        read_article,
        lambda each: ["Five million"] if "Five" in each.text else [],
        lambda text, quotes: True,
    )
