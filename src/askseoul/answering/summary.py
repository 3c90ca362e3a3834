"""Summaries and timelines: the sentences that carry a subject, of each article that speaks of it.

Which sentences a summary rests on is learned: SALIENCE are the weights of a logistic regression over 420 stories with
gold summaries: of the four best sentences of a story its summary cites 0.68, of four by chance 0.43 (cross-validated by
story). The reader says how much a sentence is about the subject.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from typing import Final

from askseoul.answering.collection import newest_first, opening_of
from askseoul.domain import Article, Hit, Quote
from askseoul.index.store import Store
from askseoul.models.encoder import Encoder
from askseoul.models.reader import Candidate, Reader
from askseoul.nlp.dates import date_range
from askseoul.nlp.entities import find_names, is_person
from askseoul.nlp.lines import sentence_after, sentence_before
from askseoul.nlp.quantities import find_figures
from askseoul.nlp.text import ParsedText, parse
from askseoul.retrieval.conversation import unresolved_pronouns
from askseoul.retrieval.evidence import sentences_of
from askseoul.retrieval.requests import Request
from askseoul.retrieval.search import search

SALIENCE: Final = {"about": 0.144, "first": 1.08, "last": -0.903, "words": 0.993, "quotation": -0.67}
"""Weights of the log odds that a sentence is about the subject, of being an article's first and its last sentence, of
the logarithm of its number of words, and of words in quotation marks."""
MENTIONS: Final = 1.0
"""What the share of the subject's words in a sentence counts, where the article speaks of other things too."""
LEANS: Final = 0.8
"""What a pronoun costs whose name is in the sentence before."""
ABOUT: Final = 0.55
"""Least share of the subject's words, by their rarity, that a sentence and its title hold in an article about it."""
LIKELY: Final = 0.3
"""Probability by the reader from which a sentence is about the subject whatever its words."""
ARTICLE_DENSE, ARTICLE_LATE, ARTICLE_BIAS = 11.77, 9.22, 9.07
ARTICLE_AGAIN, AGAIN_BIAS = 9.61, 1.45
ARTICLE_LEAST, CHOSEN_LEAST = -0.6, -2.5
"""The log odds that an article speaks of a subject, by the best scores of its passages, by their best cosine with the
subject and the first sentence of the surest article, and their least, of all articles and of those that a reader chose.
Fitted by a logistic regression to the topics of 90 stories among their articles and those of nine others: precision
0.88, recall 0.91, cross-validated by story; of 450 articles on other subjects 0.002 pass."""
TOUCHES, MAIN = 0.15, 0.3
"""Least share or probability at which a sentence touches the subject, and least share of such sentences in an article
that is mainly about it."""
PASSAGES, MOST_ARTICLES, MOST_READ = 32, 12, 72
"""Passages that are searched, articles that are summarised, and sentences that are read."""
SENTENCES, EVENTS = 6, 10
"""Sentences of a summary and of a timeline."""
_FEWEST_WORDS, _FEWEST_EVENTS = 5, 3
_LENGTHS: Final = (8, 40)
"""Words of a sentence between which a longer one is the better."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    quote: Quote
    mentions: float
    """Share of the subject's words, by their rarity, in it and the title."""
    score: float
    date: str
    """The day of which it tells; empty if that is unknown."""
    is_dated: bool
    """Whether it names that day itself."""

    @property
    def place(self) -> tuple[str, int]:
        return self.quote.article.id, self.quote.start


def summarise(
    request: Request, *, store: Store, encoder: Encoder, reader: Reader, within: frozenset[str] | None
) -> list[Quote]:
    """Return the sentences that summarise a subject, those of the newest article first; none if no article is about
    it. Without a subject, all articles that are asked are summarised."""
    by_article = _by_article(_salient(request.subject, store, encoder, reader, within))
    if request.is_of_one_article and request.subject:
        by_article = by_article[:1]
    dated = sorted(by_article, key=_published, reverse=True)
    if request.wants_newest:
        by_article = dated = dated[: max(1, len(dated) // 3)]
    most = request.most or SENTENCES
    if not request.subject:  # each article has a place
        most = max(most, len(dated))
    if len(by_article) > most:  # the newest has a place whatever its rank
        by_article = [*dated[:1], *(own for own in by_article if own is not dated[0])]
    picked = {each.place for each in _pick(by_article, most)}
    return [
        each.quote for own in dated for each in sorted(own, key=lambda each: each.quote.start) if each.place in picked
    ]


def timeline(
    request: Request, *, store: Store, encoder: Encoder, reader: Reader, within: frozenset[str] | None
) -> list[Quote]:
    """Return sentences on what happened to a subject, the oldest first: by the day that a sentence names, if that is
    past, else by its article's. None if no article is about it."""
    by_article = _by_article(_salient(request.subject, store, encoder, reader, within))
    if len(by_article) == 1:  # one article tells the order of events by the days that it names, or by its own order
        dated = [each for each in by_article[0] if each.is_dated]
        by_article = [dated] if len(dated) >= _FEWEST_EVENTS else by_article
    picked = _pick(by_article, request.most or EVENTS)
    return [each.quote for each in sorted(picked, key=lambda each: (each.date or "9", each.place))]


def about(
    subject: str, *, store: Store, encoder: Encoder, reader: Reader, within: frozenset[str] | None
) -> list[Quote]:
    """Return all sentences about a subject, those of the oldest article first."""
    told = _salient(subject, store, encoder, reader, within)
    return [each.quote for each in sorted(told, key=lambda each: (each.quote.article.published or "9", each.place))]


def _pick(by_article: Sequence[Sequence[_Sentence]], most: int) -> list[_Sentence]:
    """The best sentence of each article, then the second of each, and so on; of a single article the best of each of as
    many stretches, so that none of it is left out."""
    if len(by_article) == 1:
        own = sorted(by_article[0], key=lambda each: each.quote.start)
        bounds = [round(place * len(own) / most) for place in range(most + 1)]
        return [max(own[start:end], key=lambda each: each.score) for start, end in pairwise(bounds) if start < end]
    turns = [each for turn in zip_longest(*by_article) for each in turn if each is not None]
    return turns[:most]


def _published(own: Sequence[_Sentence]) -> str:
    return own[0].quote.article.published or ""


def _by_article(told: Iterable[_Sentence]) -> list[list[_Sentence]]:
    """The sentences of each article, best first; the article that speaks most of the subject first."""
    found: dict[str, list[_Sentence]] = defaultdict(list)
    for each in told:
        found[each.quote.article.id].append(each)
    ranked = [sorted(own, key=lambda each: -each.score) for own in found.values()]
    return sorted(ranked, key=lambda own: -sum(each.mentions for each in own[:3]))


def _salient(
    subject: str, store: Store, encoder: Encoder, reader: Reader, within: frozenset[str] | None
) -> list[_Sentence]:
    """The sentences about a subject with how much they carry, of the articles that speak of it.

    An article that is mainly about it has all its sentences here; of another only those about it.
    """
    stems = _key_stems(subject)
    hits = _hits_about(subject, stems, store, encoder, within) if stems else _first_passages(store, within)
    sentences = [(quote, parsed) for quote, parsed, *_ in sentences_of(hits) if len(parsed.words) >= _FEWEST_WORDS]
    weights = _rarity(stems, [parsed for _, parsed in sentences])
    total = sum(weights.values()) or 1.0

    def share(held: frozenset[str]) -> float:
        return sum(weights[stem] for stem in sorted(stems & held)) / total if stems else 1.0

    by_article: dict[str, list[tuple[Quote, ParsedText]]] = defaultdict(list)
    for quote, parsed in sentences[:MOST_READ]:
        by_article[quote.article.id].append((quote, parsed))
    found = []
    for own in by_article.values():
        article = own[0][0].article
        named = parse(_named(article)).stems
        mentions = [share(parsed.stems) for _, parsed in own]
        read = _about(subject, [quote for quote, _ in own], reader)
        touching = sum(max(each) >= TOUCHES for each in zip(mentions, read, strict=True))
        is_main = share(named) >= ABOUT or max(mentions) < ABOUT or touching >= MAIN * len(own)
        for (quote, parsed), mentioned, likely in zip(own, mentions, read, strict=True):
            if is_main or mentioned >= ABOUT or likely >= LIKELY:
                score = _salience(quote, parsed, likely) + MENTIONS * mentioned
                date, is_dated = _date_of(article, parsed)
                found.append(_Sentence(quote, share(parsed.stems | named), score, date, is_dated))
    return sorted(found, key=lambda each: each.place)


def _hits_about(
    subject: str, stems: frozenset[str], store: Store, encoder: Encoder, within: frozenset[str] | None
) -> list[Hit]:
    """The passages of the articles that speak of a subject, the surest article first; an article may call it otherwise
    than the subject is called, so what the best one begins with is searched for too."""
    hits = search(subject, encoder=encoder, store=store, count=PASSAGES, within=within)
    odds = {
        article_id: ARTICLE_DENSE * dense + ARTICLE_LATE * late - ARTICLE_BIAS
        for article_id, (dense, late) in _best_scores(hits).items()
    }
    for hit in hits:
        if stems <= parse(_named(hit.article)).stems:
            odds[hit.article.id] = max(odds[hit.article.id], 0.0)
    best = max(odds, key=lambda article_id: odds[article_id], default="")
    opening = opening_of(store.article(best)) if best and odds[best] >= 0 else None
    if opening is not None:
        again = search(f"{subject}. {opening.text}", encoder=encoder, store=store, count=PASSAGES, within=within)
        for article_id, (dense, _) in _best_scores(again).items():
            if article_id != best:
                odds[article_id] = odds.get(article_id, -ARTICLE_BIAS) + ARTICLE_AGAIN * dense - AGAIN_BIAS
        hits += [hit for hit in again if hit.passage not in [each.passage for each in hits]]
    least = ARTICLE_LEAST if within is None else CHOSEN_LEAST
    chosen = [each for each in sorted(odds, key=lambda each: -odds[each]) if odds[each] >= least]
    return [hit for article_id in chosen[:MOST_ARTICLES] for hit in hits if hit.article.id == article_id]


def _best_scores(hits: Sequence[Hit]) -> dict[str, tuple[float, float]]:
    """The best cosine and the best late interaction of each article's passages."""
    found: dict[str, tuple[float, float]] = {}
    for hit in hits:
        dense, late = found.get(hit.article.id, (0.0, 0.0))
        found[hit.article.id] = max(dense, hit.scores["dense"]), max(late, hit.scores["late"])
    return found


def _named(article: Article) -> str:
    return "\n".join(filter(None, (article.title, article.source)))


def _key_stems(subject: str) -> frozenset[str]:
    """The stems that a text about a subject has: its content words, or of a person's name the last."""
    parsed = parse(subject)
    names = find_names(parsed)
    is_name = len(names) == 1 and all(word.text[:1].isupper() for word in parsed.words if word.content)
    if is_name and is_person(names[0]) and len(names[0].words) > 1:
        return frozenset({parsed.words[names[0].last].stem})
    return parsed.content_stems


def _about(subject: str, quotes: Sequence[Quote], reader: Reader) -> list[float]:
    """The probability of each sentence that it is about a subject, or without one about its article's title."""
    neighbours = [
        (sentence_before(each.article.text, each.start), sentence_after(each.article.text, each.end)) for each in quotes
    ]
    around = [" ".join(filter(None, both)) for both in neighbours]
    read = reader.answers(
        [Candidate(subject or each.article.title, each.text, text) for each, text in zip(quotes, around, strict=True)]
    )
    return [float(each) for each in read]


def _salience(quote: Quote, parsed: ParsedText, about: float) -> float:
    """The log odds, but for a constant, that a summary rests on a sentence."""
    text = quote.article.text
    shortest, longest = _LENGTHS
    odds = min(max(about, 1e-3), 1 - 1e-3)
    opening, after = opening_of(quote.article), sentence_after(text, quote.end)
    return (
        SALIENCE["about"] * math.log(odds / (1 - odds))
        + SALIENCE["first"] * (opening is not None and opening.start == quote.start)
        + SALIENCE["last"] * (after == "")
        + SALIENCE["words"] * math.log(min(max(len(parsed.words), shortest), longest))
        + SALIENCE["quotation"] * any(mark in quote.text for mark in '"“”')
        - LEANS * (next(unresolved_pronouns(parsed), None) is not None)
    )


def _date_of(article: Article, parsed: ParsedText) -> tuple[str, bool]:
    """The day of which a sentence tells, YYYY, YYYY-MM or YYYY-MM-DD, and whether it names it: a past one that it
    names, else its article's."""
    published = date_range(article.published)
    for found in find_figures(parsed).dates:
        if found.year is None:
            continue
        parts = [f"{found.year:04}", *(f"{part:02}" for part in (found.month, found.day) if part is not None)]
        written = "-".join(parts if found.month else parts[:1])
        named = date_range(written)
        if named and (published is None or named[0] <= published[1]):
            return written, True
    return article.published or "", False


def _rarity(stems: frozenset[str], texts: Sequence[ParsedText]) -> dict[str, float]:
    counts = {stem: sum(stem in text.stems for text in texts) for stem in sorted(stems)}
    return {stem: max(math.log((len(texts) + 0.5) / (count + 0.5)), 0.2) for stem, count in counts.items()}


def _first_passages(store: Store, within: frozenset[str] | None) -> list[Hit]:
    """The first passages of the newest articles."""
    chosen = newest_first(store.articles(), within)[:MOST_ARTICLES]
    return [Hit(store.article(each.id), passage, 0.0) for each in chosen for passage in store.passages(each.id)[:2]]
