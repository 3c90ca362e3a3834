"""The shipped articles, and small articles, hits and evidence made for a test."""

from __future__ import annotations

import hashlib

from evals.common.data import ARTICLES

from askseoul.answering.assembly import AnswerBuilder
from askseoul.domain import Article, Evidence, Hit, Passage, Quote
from askseoul.nlp.text import split_sentences

DIGESTS = ARTICLES
"""The folder of the shipped articles."""


def make_article(text, article_id="article.md", **known):
    """An article of this text; what is not given is unknown."""
    facts = {"title": "", "source": None, "published": None, "url": None, "language": "en", "places": ()} | known
    return Article(article_id, text, hashlib.sha256(text.encode()).hexdigest(), **facts)


def make_hit(article, score=1.0):
    """A hit whose passage is the whole article."""
    text = article.text
    return Hit(article, Passage(article.id, 0, len(text), text, tuple(split_sentences(text))), score)


def make_evidence(article, *sentences, answers=0.9):
    """These sentences of an article as evidence without context, read alike, each scored 1 less than the one before."""
    hit = make_hit(article)
    starts = [article.text.index(sentence) for sentence in sentences]
    return [
        Evidence(Quote(article, start, start + len(sentence)), hit, 5.0 - rank, answers=answers)
        for rank, (start, sentence) in enumerate(zip(starts, sentences, strict=True))
    ]


def verify_drafts(context, drafts, evidence, reader):
    """The answer that these drafts make."""
    builder = AnswerBuilder(context, evidence, reader)
    for draft in drafts:
        builder.add(draft)
    return builder.build()
