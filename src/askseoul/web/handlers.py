"""Files that a reader adds through the web page: kept beside the index, indexed one by one, each with its outcome.

A conversation on the web page: questions with what was answered, as it grows and as the chat shows it.

The browser keeps conversations, as a list of exported answers. One that comes back from there is shown again only as
far as it is proved against the articles as they are now.

What the web page does when something happens in it: each function takes what the page holds and gives what it shows.

None of them knows how the page is laid out; ``web`` ties them to it.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, TypedDict

from markupsafe import Markup

from askseoul.answering.assembly import counted
from askseoul.answering.reverify import proved
from askseoul.domain import Answer, IndexReport, Sentence, Step
from askseoul.errors import AnswerInvalid, AskSeoulError, NothingIndexed, UsageError
from askseoul.index.tables import ArticleSummary
from askseoul.nlp.text import canonical_text, nfc, replace_surrogates
from askseoul.pipeline import AskSeoul
from askseoul.retrieval.search import FilterOptions
from askseoul.web.rate_limits import RequestLimits, session
from askseoul.web.rendering import (
    answer_html,
    button,
    clean,
    described,
    question_html,
    shown,
    spoken,
    stopped_html,
    suggestions_html,
    working_html,
)
from askseoul.web.suggestions import follow_ups, starters

FOLDER: Final = "uploads"
"""Where in the folder of the index the files lie. Its own files are not touched."""
MOST_FILES: Final = 20
"""Files that are taken at once."""
LONGEST_NAME: Final = 200
"""Bytes of a file's name that are kept; file systems take 255, and a number may be added."""
LONGEST_SUFFIX: Final = 16
"""Bytes of what stands behind its last full stop."""
_OTHER: Final = str.maketrans(dict.fromkeys('/\\:*?"<>|\n\t', "_"))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file."""

    name: str
    taken: bool
    message: str


def add_files(
    app: AskSeoul, files: Sequence[Path], progress: Callable[[int, int], None] = lambda done, of: None
) -> list[Outcome]:
    """Keep these files and index them; what can't be read is not kept, and its outcome says why.

    Raises IndexUnwritable, IndexBusy; what was added before stays.
    """
    outcomes = [
        Outcome(safe_name(each.name), taken=False, message=f"No more than {MOST_FILES} at once: add it by itself.")
        for each in files[MOST_FILES:]
    ]
    added = []
    for done, file in enumerate(files[:MOST_FILES]):
        progress(done, len(files[:MOST_FILES]))
        added.append(_add(app, file))
    return added + outcomes


def remove_article(app: AskSeoul, article_id: str) -> None:
    """Forget an article, and the files of it that were added through the page; others stay as they are.

    Raises ArticleUnknown, IndexUnwritable, IndexBusy.
    """
    kept = app.store.folder.resolve() / FOLDER
    places = [Path(place) for place in app.article(article_id).places]
    app.remove(article_id)
    for place in places:
        if place.parent == kept:
            place.unlink(missing_ok=True)


def safe_name(name: str) -> str:
    """A file's name as one that is a name and nothing else, whatever it was meant to be."""
    visible = canonical_text(nfc(name))[0].translate(_OTHER).strip(" .")
    stem, dot, suffix = visible.rpartition(".")
    if not dot:
        return _cut(visible, LONGEST_NAME) or "article"
    ending = f".{_cut(suffix, LONGEST_SUFFIX)}"
    return f"{_cut(stem, LONGEST_NAME - len(ending.encode())) or 'article'}{ending}"


def _cut(text: str, size: int) -> str:
    """As many whole characters as have so many bytes, without spaces and full stops around them."""
    return text.encode()[:size].decode(errors="ignore").strip(" .")


def _add(app: AskSeoul, file: Path) -> Outcome:
    name = safe_name(file.name)
    try:
        place = _keep(file, app.store.folder.resolve() / FOLDER, name)
    except OSError as error:
        return Outcome(name, taken=False, message=f"It can't be kept ({error.strerror or error}).")
    try:
        report = app.index([place])
    except NothingIndexed as error:
        place.unlink()
        reason = str(error).split("\n", 1)[-1].strip()
        return Outcome(name, taken=False, message=reason.replace(str(place), name))
    except BaseException:
        place.unlink()
        raise
    return Outcome(name, taken=True, message=_told(app, report))


def _keep(file: Path, folder: Path, name: str) -> Path:
    """A copy of the file under a name that no other has."""
    folder.mkdir(exist_ok=True)
    stem, dot, suffix = name.rpartition(".")
    for number in itertools.count(1):
        place = folder / (name if number == 1 else f"{stem or suffix}-{number}{dot}{suffix if dot else ''}")
        try:
            target = place.open("xb")
        except FileExistsError:
            continue
        try:
            with target, file.open("rb") as source:
                shutil.copyfileobj(source, target)
        except BaseException:
            place.unlink()
            raise
        return place
    raise AssertionError  # the numbers do not end


def _told(app: AskSeoul, report: IndexReport) -> str:
    if report.duplicates:
        return f"It says the same as {report.duplicates[0].article_id}, which is held already."
    moved = (each.article_id for each in report.renamed)  # its text is known, and the file that held it is gone
    article_id = (*report.added, *report.updated, *report.unchanged, *moved)[0]
    passages = counted(len(app.store.passages(article_id)), "passage")
    stripped = report.stripped.get(article_id, 0)
    note = f", {counted(stripped, 'invisible character')} left out" if stripped else ""
    return f"Added as {article_id}: {passages}{note}."


MOST_EXCHANGES: Final = 50
"""Questions of one conversation; the browser's store has room for some hundreds of answers."""
STOPPED: Final = "You stopped this answer. What stands above is verified."
FAILED: Final = "This answer broke off; the server's log says why. What stands above is verified: ask again."


class Message(TypedDict):
    """A message of Gradio's chat."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and what is known of its answer so far."""

    question: str
    steps: tuple[Step, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    answer: Answer | None = None
    is_running: bool = False
    ended: str = STOPPED
    """Why there is no more, where it neither runs nor has an answer."""
    kept: str = ""
    """What the browser kept of it, as JSON, where that no longer holds."""

    def messages(self) -> list[Message]:
        """The question and what is shown below it."""
        if self.answer is not None:
            said = answer_html(self.answer, self.steps, is_kept=not self.steps)
        elif self.is_running:
            said = working_html(self.steps, self.sentences)
        else:
            said = stopped_html(self.sentences, self.ended, self.kept)
        question = Message(role="user", content=question_html(self.question))
        return [question, Message(role="assistant", content=said)]


def messages_of(exchanges: Sequence[Exchange]) -> list[Message]:
    """A conversation as the chat shows it."""
    return [message for exchange in exchanges for message in exchange.messages()]


def as_stopped(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """What the conversation is if its last answer is stopped now."""
    return [*exchanges[:-1], replace(exchanges[-1], is_running=False)]


def as_failed(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """What the conversation is if its last answer broke off by a fault of ours."""
    return [*exchanges[:-1], *(replace(each, ended=FAILED) for each in exchanges[-1:] if each.answer is None)]


def exchange(app: AskSeoul, question: str, earlier: Sequence[Exchange], where: FilterOptions) -> Iterator[Exchange]:
    """Ask, with a conversation before it: the exchange as it grows, sentence by sentence. What is wrong with the
    question, or befalls its answering, ends it with a message."""
    growing = Exchange(question, is_running=True)
    yield growing
    history = [each.answer for each in earlier if each.answer is not None]
    try:
        for item in app.watch(question, history=history, **where):
            if isinstance(item, Step):
                growing = replace(growing, steps=(*growing.steps, item))
            elif isinstance(item, Sentence):
                growing = replace(growing, sentences=(*growing.sentences, item))
            else:
                growing = replace(growing, answer=item, is_running=False)
            yield growing
    except AskSeoulError as error:
        yield replace(growing, is_running=False, ended=str(error))


def restore(app: AskSeoul, kept: Any) -> list[Exchange]:  # noqa: ANN401
    """A conversation that the browser kept: a list of exported answers, each proved again; what no longer holds says
    so.

    Raises UsageError where it is no list."""
    if not isinstance(kept, list):
        raise UsageError("The conversation that this browser kept is no list of answers: delete it.")
    return [_restored(app, each) for each in kept[-MOST_EXCHANGES:]]


def _restored(app: AskSeoul, exported: Any) -> Exchange:  # noqa: ANN401
    question = exported.get("question") if isinstance(exported, dict) else None
    try:
        answer = proved(exported, app.article, app.meaning)
    except AnswerInvalid as error:
        return Exchange(
            question if isinstance(question, str) else "",
            ended=f"This answer no longer holds: ask again. {error}",
            kept=json.dumps(exported),  # in ASCII, since it may hold halves of surrogate pairs
        )
    return Exchange(answer.question, answer=answer)


LISTED: Final = 200
"""Articles that the page lists at once; the others are found by a word of theirs."""
CHOSEN_FROM: Final = 1_000
"""Articles that a question can be limited to by choosing; others are named by their ids."""


@dataclass(frozen=True, slots=True)
class PageEvents:
    """The page's functions, over one open index."""

    app: AskSeoul
    limits: RequestLimits
    can_change: bool
    """Whether articles may be added and removed from the page."""
    _starters: dict[str, list[str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def index_name(self) -> str:
        """What the browser knows this index by, which tells nothing of where it is."""
        return hashlib.sha256(str(self.app.store.folder.resolve()).encode()).hexdigest()[:12]

    def ask(
        self, question: str, earlier: Sequence[Exchange], within: Sequence[str], since: str, until: str
    ) -> Iterator[list[Exchange]]:
        """The conversation with one question more, as its answer grows. Nothing where nothing is asked."""
        if not question.strip():
            return
        if len(earlier) >= MOST_EXCHANGES:
            full = f"This conversation has {MOST_EXCHANGES} questions: begin a new one."
            yield [*earlier, Exchange(question, ended=full)]
            return
        try:
            self.limits.take(session())
        except AskSeoulError as error:
            yield [*earlier, Exchange(question, ended=str(error))]
            return
        where = FilterOptions(as_of=until.strip() or None, since=since.strip() or None, within=within)
        for growing in exchange(self.app, question, earlier, where):
            yield [*earlier, growing]

    def restore(self, sent: str, earlier: Sequence[Exchange]) -> tuple[list[Exchange], str]:
        """The conversation that the page's script asks for, and the question to go on with.

        ``sent`` is JSON: ``answers`` is what the browser kept, or null where the conversation stays as it is;
        ``question`` may be empty. Raises UsageError."""
        try:
            record = json.loads(sent)
            answers, question = record["answers"], replace_surrogates(str(record["question"]))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise UsageError("The page sent what is no conversation: load it again.") from error
        if answers is None:
            return list(earlier), question
        if answers:
            self.limits.take(session())
        return restore(self.app, answers), question

    def suggest(self, exchanges: Sequence[Exchange]) -> str:
        """Questions to begin or to go on with."""
        if not exchanges:
            return suggestions_html("Begin with", self.starters())
        answer = exchanges[-1].answer
        if answer is None or answer.as_of or answer.since or answer.within:
            return ""  # they are tried on the whole collection
        return suggestions_html("Ask on", follow_ups(self.app, answer, asked=_asked(exchanges)))

    def starters(self) -> list[str]:
        """Questions that this collection answers, found once for each state of it."""
        contents = self.app.store.manifest.contents
        with self._lock:
            if contents not in self._starters:
                self._starters.clear()
                self._starters[contents] = starters(self.app)
            return self._starters[contents]

    def list_articles(self, word: str) -> str:
        """The articles whose title, source, date or id holds this word, as a list."""
        wanted = shown(word).casefold()
        summaries = self.app.articles()
        found = [each for each in summaries if wanted in _told_of(each).casefold()]
        rows = Markup("").join(self._row(each) for each in found[:LISTED])
        more = f", the first {LISTED} of them below" if len(found) > LISTED else ""
        of = f"{len(found):,} of " if wanted else ""
        count = f"{of}{counted(len(summaries), 'article')}{more}"
        return clean(Markup('<p class="count">{}</p><ul class="articles">{}</ul>').format(count, rows))

    def choices(self) -> list[tuple[str, str]]:
        """The articles that a question can be limited to, by title."""
        return [(f"{shown(each.title) or each.id}", each.id) for each in self.app.articles()[:CHOSEN_FROM]]

    def upload(self, files: Sequence[str], progress: Callable[[int, int], None]) -> str:
        """Add files, and tell what became of each. Raises UsageError where nothing may be added."""
        if not self.can_change:
            raise UsageError("Articles can't be added from this page: it was started with --no-upload.")
        uploaded = [Path(file) for file in files]
        try:
            outcomes = add_files(self.app, uploaded, progress)
        except AskSeoulError as error:
            return clean(Markup('<p class="stopped" role="alert">{}</p>').format(shown(str(error))))
        finally:
            for file in uploaded:  # what was added lies beside the index now
                file.unlink(missing_ok=True)
        return _outcomes_html(outcomes)

    def remove(self, article_id: str) -> str:
        """Forget an article, and tell so."""
        if not self.can_change:
            raise UsageError("Articles can't be removed from this page: it was started with --no-upload.")
        try:
            remove_article(self.app, nfc(article_id))
        except AskSeoulError as error:
            return clean(Markup('<p class="stopped" role="alert">{}</p>').format(shown(str(error))))
        return clean(Markup('<p role="status">Removed {}.</p>').format(shown(article_id)))

    def _row(self, summary: ArticleSummary) -> Markup:
        passages = counted(summary.passages, "passage")
        size = f"{summary.language} · {counted(summary.characters, 'character')} in {passages}"
        title = shown(summary.title) or summary.id
        remove = (
            button("remove", "Remove", f"Remove {title}", article=summary.id, name=title) if self.can_change else ""
        )
        return Markup("<li>{}<small>{}</small><small>{}</small>{}</li>").format(
            button("read", title, article=summary.id),
            described("", summary.source, summary.published),
            size,
            remove,
        )


def _told_of(summary: ArticleSummary) -> str:
    return " ".join(filter(None, (summary.id, summary.title, summary.source, summary.published)))


def _asked(exchanges: Sequence[Exchange]) -> list[str]:
    return [each.question for each in exchanges]


def _outcomes_html(outcomes: Sequence[Outcome]) -> str:
    lines = Markup("").join(
        Markup('<li class="{}">{} <strong>{}</strong>: {}</li>').format(
            "taken" if each.taken else "failed", "✓" if each.taken else "✗", spoken(each.name), spoken(each.message)
        )
        for each in outcomes
    )
    return clean(Markup('<ul class="outcomes" role="status">{}</ul>').format(lines))
