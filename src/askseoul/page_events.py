"""What the web page does when something happens in it: each function takes what the page holds and gives what it shows.

None of them knows how the page is laid out; ``web`` ties them to it.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from markupsafe import Markup

from askseoul.canonical import composed, readable
from askseoul.coverage import counted
from askseoul.endpoints import session
from askseoul.errors import AskSeoulError, UsageError
from askseoul.exchanges import MOST_EXCHANGES, Exchange, exchange, restore
from askseoul.limits import RequestLimits
from askseoul.pipeline import AskSeoul
from askseoul.publication import Where
from askseoul.rendering import button, clean, described, shown, spoken, suggestions_html
from askseoul.suggestions import follow_ups, starters
from askseoul.tables import ArticleSummary
from askseoul.uploads import Outcome, add_files, remove_article

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
        where = Where(as_of=until.strip() or None, since=since.strip() or None, within=within)
        for growing in exchange(self.app, question, earlier, where):
            yield [*earlier, growing]

    def restore(self, sent: str, earlier: Sequence[Exchange]) -> tuple[list[Exchange], str]:
        """The conversation that the page's script asks for, and the question to go on with.

        ``sent`` is JSON: ``answers`` is what the browser kept, or null where the conversation stays as it is;
        ``question`` may be empty. Raises UsageError."""
        try:
            record = json.loads(sent)
            answers, question = record["answers"], readable(str(record["question"]))
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
            remove_article(self.app, composed(article_id))
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
