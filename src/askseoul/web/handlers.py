"""Event handlers of the web page: asking, restoring conversations, suggestions, checking a text, and adding and
removing articles.

Each handler takes what the page holds and returns what it shows; ``layout`` binds them to components. Added files are
kept in the folder of the index and indexed one by one.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from markupsafe import Markup

from askseoul.answering.assembly import counted
from askseoul.answering.checking import claims_of
from askseoul.domain import CheckedClaim
from askseoul.errors import AskSeoulError, NothingIndexed, UsageError, quoted
from askseoul.index.report import IndexReport
from askseoul.index.tables import ArticleSummary
from askseoul.nlp.markdown import unmarked
from askseoul.nlp.text import canonical_text, nfc, replace_surrogates
from askseoul.pipeline import AskSeoul
from askseoul.retrieval.question import LONGEST_QUESTION
from askseoul.retrieval.search import FilterOptions
from askseoul.settings import Strictness
from askseoul.web.exchanges import MAX_EXCHANGES, Exchange, restore, stream_exchange
from askseoul.web.markup import button, clean, display_text, source_html, text_html
from askseoul.web.rate_limits import RequestLimits, session
from askseoul.web.rendering import checked_html, suggestions_html
from askseoul.web.suggestions import follow_ups, starters

MAX_LISTED: Final = 200
"""Articles listed at once; the others are found by searching the list."""
MAX_CHOICES: Final = 1_000
"""Articles offered as filters of a question; the others can be given by their ids."""
MAX_CLAIMS: Final = 20
"""Sentences of one text that are checked; each takes about as long as a question."""
CHECK_FAILED: Final = "This check failed; the server's log says why. Check the text again."
LONGEST_TEXT: Final = 40_000
"""Maximum length in characters of a text to check."""
MAX_FILES: Final = 20
"""Files of one upload that are indexed."""
MAX_NAME_BYTES: Final = 200
"""Length of a stored file's name; file systems allow 255 bytes, and a number may be added."""
MAX_SUFFIX_BYTES: Final = 16
UPLOADS: Final = "uploads"
"""Folder of the added files, within the folder of the index."""

_FORBIDDEN_IN_NAMES: Final = str.maketrans(dict.fromkeys('/\\:*?"<>|\n\t', "_"))


# Added files


@dataclass(frozen=True, slots=True)
class UploadOutcome:
    """What became of one uploaded file."""

    name: str
    added: bool
    message: str


def add_files(
    app: AskSeoul, files: Sequence[Path], progress: Callable[[int, int], None] = lambda done, of: None
) -> list[UploadOutcome]:
    """Copy these files to the folder of the index and index them; files that can't be indexed are not kept.

    Raises IndexUnwritable or IndexBusy; files added before that stay.
    """
    outcomes = [
        UploadOutcome(safe_name(file.name), added=False, message=f"Only {MAX_FILES} files at once: add it separately.")
        for file in files[MAX_FILES:]
    ]
    accepted = files[:MAX_FILES]
    added = []
    for done, file in enumerate(accepted):
        progress(done, len(accepted))
        added.append(_add_file(app, file))
    return added + outcomes


def remove_article(app: AskSeoul, article_id: str) -> None:
    """Remove an article from the index, and delete its files that were added from the page; others stay.

    Raises ArticleUnknown, IndexUnwritable or IndexBusy.
    """
    uploads = app.store.folder.resolve() / UPLOADS
    paths = [Path(place) for place in app.article(article_id).places]
    app.remove(article_id)
    for path in paths:
        if path.parent == uploads:
            path.unlink(missing_ok=True)


def safe_name(name: str) -> str:
    """A valid file name, without separators and invisible characters, of at most MAX_NAME_BYTES."""
    printable = canonical_text(nfc(name))[0].translate(_FORBIDDEN_IN_NAMES).strip(" .")
    stem, dot, suffix = printable.rpartition(".")
    if not dot:
        return _truncated(printable, MAX_NAME_BYTES) or "article"
    ending = f".{_truncated(suffix, MAX_SUFFIX_BYTES)}"
    return f"{_truncated(stem, MAX_NAME_BYTES - len(ending.encode())) or 'article'}{ending}"


def _truncated(text: str, size: int) -> str:
    """The first whole characters within ``size`` bytes, without spaces and full stops at either end."""
    return text.encode()[:size].decode(errors="ignore").strip(" .")


def _add_file(app: AskSeoul, file: Path) -> UploadOutcome:
    name = safe_name(file.name)
    try:
        path = _copy(file, app.store.folder.resolve() / UPLOADS, name)
    except OSError as error:
        return UploadOutcome(name, added=False, message=f"It can't be saved ({error.strerror or error}).")
    try:
        report = app.index([path], ocr=False)  # of files that strangers may hand in
    except NothingIndexed as error:
        path.unlink()
        reason = str(error).split("\n", 1)[-1].strip()
        return UploadOutcome(name, added=False, message=reason.replace(str(path), name))
    except BaseException:
        path.unlink()
        raise
    return UploadOutcome(name, added=True, message=_added_message(app, report))


def _copy(file: Path, folder: Path, name: str) -> Path:
    """Copy the file into the folder, with a number added to ``name`` if it is taken; returns the path of the copy."""
    folder.mkdir(exist_ok=True)
    stem, dot, suffix = name.rpartition(".")
    for number in itertools.count(1):
        path = folder / (name if number == 1 else f"{stem or suffix}-{number}{dot}{suffix if dot else ''}")
        try:
            target = path.open("xb")
        except FileExistsError:
            continue
        try:
            with target, file.open("rb") as source:
                shutil.copyfileobj(source, target)
        except BaseException:
            path.unlink()
            raise
        return path
    raise AssertionError("unreachable: itertools.count does not end")


def _added_message(app: AskSeoul, report: IndexReport) -> str:
    if report.duplicates:
        return f"It has the same text as {report.duplicates[0].article_id}, which is in the index already."
    renamed = (each.article_id for each in report.renamed)  # the same text, whose former file is gone
    article_id = (*report.added, *report.updated, *report.unchanged, *renamed)[0]
    passages = counted(len(app.store.passages(article_id)), "passage")
    stripped = report.stripped.get(article_id, 0)
    note = f", {counted(stripped, 'invisible character')} left out" if stripped else ""
    told = "".join(f" {told[:1].upper()}{told[1:]}." for told in report.notes.get(article_id, ()))
    return f"Added as {article_id}: {passages}{note}.{told}"


# Events


@dataclass(frozen=True, slots=True)
class PageEvents:
    """The event handlers of the page, for one open index."""

    app: AskSeoul
    limits: RequestLimits
    can_change: bool
    """Whether articles may be added and removed from the page."""
    _starters: dict[str, list[str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def index_name(self) -> str:
        """A name by which the browser tells indexes apart; it does not reveal the folder."""
        return hashlib.sha256(str(self.app.store.folder.resolve()).encode()).hexdigest()[:12]

    def ask(
        self,
        question: str,
        earlier: Sequence[Exchange],
        within: Sequence[str],
        since: str,
        until: str,
        strictness: Strictness | None = None,
    ) -> Iterator[list[Exchange]]:
        """Yield the conversation with the new question as its answer grows; nothing for a blank question."""
        if not question.strip():
            return
        if len(earlier) >= MAX_EXCHANGES:
            reason = f"This conversation has {MAX_EXCHANGES} questions, the maximum: start a new one."
            yield [*earlier, Exchange(question, reason=reason)]
            return
        try:
            self.limits.take(session())
        except AskSeoulError as error:
            yield [*earlier, Exchange(question, reason=str(error))]
            return
        filters = FilterOptions(as_of=until.strip() or None, since=since.strip() or None, within=within)
        for exchange in stream_exchange(self.app, question, earlier, filters, strictness):
            yield [*earlier, exchange]

    def restore(self, sent: str, earlier: Sequence[Exchange]) -> tuple[list[Exchange], str]:
        """The conversation that the page's script asks for, and the question to continue with.

        ``sent`` is JSON: ``answers`` are the stored answers, or null to keep the current conversation; ``question``
        may be empty. Raises UsageError.
        """
        try:
            record = json.loads(sent)
            answers, question = record["answers"], replace_surrogates(str(record["question"]))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise UsageError("The page sent an invalid conversation: reload the page.") from error
        if answers is None:
            return list(earlier), question
        if answers:
            self.limits.take(session())
        return restore(self.app, answers), question

    def suggest(self, exchanges: Sequence[Exchange]) -> str:
        """Suggested questions, to start or continue the conversation."""
        if not exchanges:
            return suggestions_html("Try asking", self.starters())
        answer = exchanges[-1].answer
        if answer is None or answer.as_of or answer.since or answer.within:
            return ""  # suggestions are tested on the whole collection, without filters
        asked = [each.question for each in exchanges]
        return suggestions_html("Ask next", follow_ups(self.app, answer, asked=asked))

    def starters(self) -> list[str]:
        """Questions that this collection answers, computed once per state of the index."""
        contents = self.app.store.manifest.contents
        with self._lock:
            if contents not in self._starters:
                self._starters.clear()
                self._starters[contents] = starters(self.app)
            return self._starters[contents]

    def check(self, text: str) -> Iterator[str]:
        """Yield the sentences of a text with their verdicts as they are checked; nothing for a blank text."""
        if not text.strip():
            yield ""
            return
        caller = session()
        checked: list[CheckedClaim] = []
        try:
            claims = read_claims(text)
            chosen = claims[:MAX_CLAIMS]
            for claim in chosen:
                self.limits.take(caller)
                yield checked_html(checked, waiting=len(chosen) - len(checked))
                checked.append(self.app.check(claim))
        except AskSeoulError as error:
            yield checked_html(checked, error=str(error))
            return
        yield checked_html(checked, left_out=len(claims) - len(chosen))

    def list_articles(self, word: str) -> str:
        """The articles with ``word`` in their id, title, source or date, as a list."""
        wanted = display_text(word).casefold()
        summaries = self.app.articles()
        found = [each for each in summaries if wanted in _searchable(each).casefold()]
        rows = Markup("").join(self._row(each) for each in found[:MAX_LISTED])
        note = f", the first {MAX_LISTED} of them below" if len(found) > MAX_LISTED else ""
        of = f"{len(found):,} of " if wanted else ""
        count = f"{of}{counted(len(summaries), 'article')}{note}"
        return clean(Markup('<p class="count">{}</p><ul class="articles">{}</ul>').format(count, rows))

    def choices(self) -> list[tuple[str, str]]:
        """(title, id) of the articles offered as filters."""
        return [
            (f"{display_text(unmarked(each.title)) or each.id}", each.id) for each in self.app.articles()[:MAX_CHOICES]
        ]

    def upload(self, files: Sequence[str], progress: Callable[[int, int], None]) -> str:
        """Add files and show what became of each. Raises UsageError when changes are not allowed."""
        if not self.can_change:
            raise UsageError("Articles can't be added from this page: it was started with --no-upload.")
        uploaded = [Path(file) for file in files]
        try:
            outcomes = add_files(self.app, uploaded, progress)
        except AskSeoulError as error:
            return _alert(error)
        finally:
            for file in uploaded:  # added files have been copied
                file.unlink(missing_ok=True)
        return _outcomes_html(outcomes)

    def remove(self, article_id: str) -> str:
        """Remove an article and show that it is gone. Raises UsageError when changes are not allowed."""
        if not self.can_change:
            raise UsageError("Articles can't be removed from this page: it was started with --no-upload.")
        try:
            remove_article(self.app, nfc(article_id))
        except AskSeoulError as error:
            return _alert(error)
        return clean(Markup('<p role="status">Removed {}.</p>').format(display_text(article_id)))

    def _row(self, summary: ArticleSummary) -> Markup:
        passages = counted(summary.passages, "passage")
        size = f"{summary.language} · {counted(summary.characters, 'character')} in {passages}"
        title = display_text(unmarked(summary.title)) or summary.id
        remove = (
            button("remove", "Remove", f"Remove {title}", article=summary.id, name=title) if self.can_change else ""
        )
        return Markup("<li>{}<small>{}</small><small>{}</small>{}</li>").format(
            button("read", title, article=summary.id),
            source_html("", summary.source, summary.published),
            size,
            remove,
        )


def read_claims(text: str) -> list[str]:
    """The sentences of a text that is to be checked.

    Raises UsageError when the text or one of its sentences is too long, or when it has no sentence.
    """
    if len(text) > LONGEST_TEXT:
        raise UsageError(f"The text has {len(text):,} characters and may have {LONGEST_TEXT:,}: check it in parts.")
    claims = claims_of(canonical_text(replace_surrogates(text))[0])
    if not claims:
        raise UsageError("The text has no sentence to check: write whole sentences, headings are left out.")
    for claim in claims:
        if len(claim) > LONGEST_QUESTION:
            raise UsageError(
                f"The sentence {quoted(claim)} has {len(claim):,} characters and may have {LONGEST_QUESTION:,}: "
                "split it."
            )
    return claims


def _searchable(summary: ArticleSummary) -> str:
    return " ".join(filter(None, (summary.id, summary.title, summary.source, summary.published)))


def _alert(error: AskSeoulError) -> str:
    return clean(Markup('<p class="stopped" role="alert">{}</p>').format(display_text(str(error))))


def _outcomes_html(outcomes: Sequence[UploadOutcome]) -> str:
    lines = Markup("").join(
        Markup('<li class="{}">{} <strong>{}</strong>: {}</li>').format(
            "added" if each.added else "failed",
            "✓" if each.added else "✗",
            text_html(each.name),
            text_html(each.message),
        )
        for each in outcomes
    )
    return clean(Markup('<ul class="outcomes" role="status">{}</ul>').format(lines))
