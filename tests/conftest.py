"""Parts that several test files share: fakes that can be checked by eye, the real encoder, and a real index."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import numpy as np
import pytest
from evals.common.page_server import CHROMIUM, CHROMIUM_OPTIONS, indexed, serving
from hypothesis import settings

# How long an example takes depends on what else the machine does.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

DIGESTS = Path(__file__).parents[1] / "index" / "articles"


class WordEncoder:
    """Each of the words it knows is a direction of its own, any other word the last one; a text is their mean."""

    name = "words"
    fingerprint = "f" * 64
    maximum_tokens = 256

    def __init__(self, known):
        self.known = known.split()
        self.dimension = len(self.known) + 1

    def encode_query(self, texts):
        return [self._encode(text) for text in texts]

    encode_document = encode_query

    def token_offsets(self, text):
        return np.array([match.span() for match in re.finditer(r"\w+", text)], np.int64).reshape(-1, 2)

    def _encode(self, text):
        from askseoul.models.encoder import Encoding

        offsets = self.token_offsets(text)
        words = [text[start:end].lower() for start, end in offsets]
        places = [self.known.index(word) if word in self.known else len(self.known) for word in words]
        tokens = np.eye(self.dimension, dtype=np.float32)[places]
        vector = tokens.sum(axis=0) if len(tokens) else np.ones(self.dimension, np.float32)
        return Encoding(vector / np.linalg.norm(vector), tokens, offsets)


class ScriptedGenerator:
    """Says its replies one after the other, whatever it is asked, and keeps what it was asked.

    A reply is a text, or a list of pieces; an exception among the pieces is raised in its place."""

    name = "scripted"

    def __init__(self, *replies, capable=False):
        self.replies = list(replies)
        self.capable = capable
        self.asked = []

    def reply(self, system, user, *, maximum_tokens, schema=None):
        self.asked.append((system, user, maximum_tokens))
        self.schema = schema
        said = self.replies.pop(0)
        for piece in [said] if isinstance(said, str) else said:
            if isinstance(piece, Exception):
                raise piece
            yield piece


def make_article(text, article_id="article.md", **known):
    """An article of this text."""
    from askseoul.domain import Article

    facts = {"title": "", "source": None, "published": None, "url": None, "language": "en", "places": ()} | known
    return Article(article_id, text, hashlib.sha256(text.encode()).hexdigest(), **facts)


def make_hit(article, score=1.0):
    """A hit whose passage is the whole article."""
    from askseoul.domain import Hit, Passage
    from askseoul.nlp.text import split_sentences

    text = article.text
    return Hit(article, Passage(article.id, 0, len(text), text, tuple(split_sentences(text))), score)


def make_evidence(article, *sentences, score=5.0, match=0.9):
    """These sentences of an article as evidence without surroundings, each scored 1 less than the one before it."""
    from askseoul.domain import Evidence, Quote

    hit = make_hit(article)
    starts = [article.text.index(sentence) for sentence in sentences]
    return [
        Evidence(Quote(article, start, start + len(sentence)), hit, score - place, match, match, sentence)
        for place, (start, sentence) in enumerate(zip(starts, sentences, strict=True))
    ]


def verify_drafts(inquiry, drafts, evidence):
    """The answer that these drafts make."""
    from askseoul.answering.assembly import AnswerBuilder

    ledger = AnswerBuilder(inquiry, evidence)
    for draft in drafts:
        ledger.enter(draft)
    return ledger.close()


@pytest.fixture(scope="session")
def digests_index():
    """A folder with an index of the shipped articles, for processes that read it."""
    with indexed(DIGESTS) as folder:
        yield folder


@pytest.fixture(scope="session")
def served(digests_index):
    """The web page of the shipped articles; no test may change what it holds."""
    with serving(digests_index) as page:
        yield page


@pytest.fixture(scope="module")
def chromium():
    """A real browser, without a window. Playwright runs an event loop while it is there: not for the whole session."""
    sync_api = pytest.importorskip("playwright.sync_api")
    if not Path(CHROMIUM).exists():
        pytest.skip(f"there is no {CHROMIUM}: install Debian's package chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def encoder():
    """The encoder that comes with AskSeoul."""
    from askseoul.models.encoder import load_encoder

    return load_encoder()


@pytest.fixture(scope="session")
def app(tmp_path_factory, encoder):
    """The shipped articles, indexed and ready to be asked again and again; no test may change what it holds."""
    from askseoul.index.store import Store
    from askseoul.pipeline import AskSeoul
    from askseoul.web.suggestions import RememberingEncoder

    store = Store.open(tmp_path_factory.mktemp("digests"), encoder=encoder, create=True)
    with AskSeoul(store, RememberingEncoder(encoder), None) as opened:
        opened.index([DIGESTS])
        yield opened
