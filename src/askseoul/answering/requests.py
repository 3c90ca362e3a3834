"""Answers to requests that ask for no single fact: greetings, the collection, summaries and timelines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

from askseoul.answering.answerability import Decision
from askseoul.answering.assembly import AnswerBuilder, QueryContext, counted, refuse
from askseoul.answering.collection import (
    SHOWN,
    describe,
    describe_mentions,
    find_mentions,
    newest_first,
    opening_of,
)
from askseoul.answering.drafting import quote_draft, shortened
from askseoul.answering.listing import list_all
from askseoul.answering.question_search import QuestionSearch
from askseoul.answering.summary import summarise, timeline
from askseoul.domain import Answer, Evidence, Hit, Passage, Quote, Sentence, Span, Step
from askseoul.index.store import Store
from askseoul.nlp import lexicon
from askseoul.nlp.entities import find_names
from askseoul.nlp.text import parse
from askseoul.retrieval.question import read_question
from askseoul.retrieval.requests import Request

_TITLES = re.compile(rf"\b(?:{lexicon.pattern('requests', 'listing')})\b", re.IGNORECASE)
_THANKS = re.compile(rf"(?<!\w)(?:{lexicon.pattern('requests', 'thanks')})(?![a-z])", re.IGNORECASE)
_GOODBYE = re.compile(rf"(?<!\w)(?:{lexicon.pattern('requests', 'goodbye')})(?!\w)", re.IGNORECASE)
_ABOUT = re.compile(rf"\b(?:{lexicon.pattern('requests', 'about_itself')})\b|[?？]", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9][0-9,]*")
_KOREAN = re.compile("[가-힣]")
_FINDERS = {"summary": summarise, "timeline": timeline, "list": list_all}
Worded: TypeAlias = Callable[[AnswerBuilder, Sequence[Evidence]], Iterator[Step | Sentence]]
_PROMISE: Final = "every sentence of an answer carries an exact quote that you can check."


def tell(
    request: Request,
    context: QueryContext,
    searching: QuestionSearch,
    within: frozenset[str] | None,
    worded: Worded,
    warnings: list[str],
) -> Iterator[Step | Sentence | Answer]:
    """The sentences of the answer to a request that is no question, then the Answer; nothing where the articles do not
    speak of its subject, or where it is a question.

    ``within`` are the ids of the articles to use; None for all. ``worded`` yields the sentences in which an LLM words a
    summary or a timeline, none without an LLM, and adds to ``warnings``.
    """
    if request.intent == "greeting":
        yield refuse(context, Decision("no question", greet(context.question, context.filter.articles)), ())
    elif has_unknown_name(request.message, searching.store):
        return
    elif request.intent in ("overview", "inventory"):
        yield from _tell_collection(request, context, searching, within)
    elif request.intent == "mentions" and request.subject:
        yield from _tell_mentions(request, context, searching, within)
    elif request.intent in _FINDERS:
        find = _FINDERS[request.intent]
        quotes = find(request, store=searching.store, encoder=searching.encoder, reader=searching.reader, within=within)
        builder, said = AnswerBuilder(context, (), searching.reader), False
        for item in worded(builder, list(map(_as_evidence, quotes))) if quotes and request.intent != "list" else ():
            said = said or isinstance(item, Sentence)
            yield item
        if quotes and not said:
            yield from _say(builder, quotes, context)
        if quotes:
            yield builder.build(warnings=warnings)


def _tell_collection(
    request: Request, context: QueryContext, searching: QuestionSearch, within: frozenset[str] | None
) -> Iterator[Sentence | Answer]:
    """Which articles there are, each with a sentence: for an overview its best, else its first."""
    store, reader = searching.store, searching.reader
    articles = newest_first(store.articles(), within)
    if request.intent == "overview":
        quotes = summarise(request, store=store, encoder=searching.encoder, reader=reader, within=within)
    else:
        openings = (opening_of(store.article(each.id)) for each in articles[:SHOWN])
        quotes = [quote for quote in openings if quote]
    if quotes:
        builder = AnswerBuilder(context, (), reader)
        yield from _say(builder, quotes, context)
        titled = request.intent == "inventory" and _TITLES.search(context.question) is not None
        yield builder.build(notice=describe(articles, builder.citations, titled=titled))


def _tell_mentions(
    request: Request, context: QueryContext, searching: QuestionSearch, within: frozenset[str] | None
) -> Iterator[Sentence | Answer]:
    """Which articles mention a subject; nothing where none does and the message may ask for something else."""
    subjects = [each for each in (request.subject, request.other) if each]
    quotes, is_complete = find_mentions(subjects, store=searching.store, encoder=searching.encoder, within=within)
    if quotes:
        builder = AnswerBuilder(context, (), searching.reader)
        yield from _say(builder, quotes[:SHOWN], context)
        mentioning, of = [quote.article for quote in quotes], context.filter.articles
        yield builder.build(
            notice=describe_mentions(subjects, mentioning, of, builder.citations, is_complete=is_complete)
        )
    elif request.is_certain:
        named = " and ".join(f"“{subject}”" for subject in subjects)
        yield refuse(context, Decision("nothing relevant", f"No article mentions {named}."), ())


def greet(message: str, articles: int) -> str:
    """Return the reply to a greeting, in the kind of words and the language of the message."""
    if _KOREAN.search(message):
        opening = "천만에요." if _THANKS.search(message) else "안녕하세요."
        return (
            f"{opening} 기사 {articles:,}건에 대해 물어보세요. 답변의 모든 문장에는 확인할 수 있는 인용문이 있습니다."
        )
    held = f"the {counted(articles, 'article')} here" if articles else "articles, once some are indexed,"
    if _GOODBYE.search(message):
        return "Goodbye. The articles stay here for your next question."
    if _ABOUT.search(message):
        return (
            f"AskSeoul is a program that answers from {held}: {_PROMISE} Ask for a fact, a summary, a timeline, "
            "a comparison or a list."
        )
    return f"{'You are welcome.' if _THANKS.search(message) else 'Hello.'} Ask what {held} say: {_PROMISE}"


def is_greeting(message: str) -> bool:
    """Whether a text is a reply that ``greet`` writes."""
    asked = ("hi", "thanks", "bye", "help", "안녕", "감사")
    replies = {_NUMBER.sub("0", greet(each, articles)) for each in asked for articles in (0, 1, 2)}
    return _NUMBER.sub("0", message) in replies


def has_unknown_name(message: str, store: Store) -> bool:
    """Whether a message has a name with a word that no article has; its first word has a capital anyway."""
    parsed = parse(message)
    named = {word.lower for name in find_names(parsed) for word in parsed.words[max(name.first, 1) : name.last + 1]}
    counts, _ = store.document_frequencies(sorted(named))
    return not all(counts.values())


def _as_evidence(quote: Quote) -> Evidence:
    """A sentence that was chosen already, as evidence for an LLM."""
    own = Span(quote.start, quote.end)
    passage = Passage(quote.article.id, quote.start, quote.end, quote.text, (own,))
    return Evidence(quote, Hit(quote.article, passage, 0.0), 0.0, answers=1.0)


def _say(builder: AnswerBuilder, quotes: Sequence[Quote], context: QueryContext) -> Iterator[Sentence]:
    asked = read_question(context.question)
    for quote in quotes:
        if (sentence := builder.add(quote_draft(shortened(quote, asked)))) is not None:
            yield sentence
