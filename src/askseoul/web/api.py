"""The server's functions for programs and for the page's own script.

``Endpoints`` are the functions that ``gradio_client`` and curl call. ``add_page_routes`` adds the routes under
``/page/``, which the script of the page requests: files, articles, exports and opinions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

from starlette.requests import Request

from askseoul.answering.reverify import verified_answer
from askseoul.domain import Answer, Span, as_json
from askseoul.errors import AnswerInvalid, AskSeoulError, LimitExceeded, UsageError
from askseoul.evaluation.feedback import Opinion, append_draft, draft_question
from askseoul.index.tables import summary_as_json
from askseoul.nlp.text import nfc
from askseoul.pipeline import AskSeoul
from askseoul.retrieval.conversation import MAX_TURNS
from askseoul.retrieval.question import LONGEST_QUESTION
from askseoul.retrieval.search import hit_as_json
from askseoul.settings import parse_strictness
from askseoul.web.article_view import article_html
from askseoul.web.exchanges import MAX_EXCHANGES
from askseoul.web.exports import MEDIA_TYPES, Form, export, suffix_of
from askseoul.web.handlers import MAX_CLAIMS, read_claims
from askseoul.web.rate_limits import RequestLimits, session

if TYPE_CHECKING:
    from fastapi import FastAPI

MAX_HITS: Final = 100
"""Maximum number of passages returned by one search."""
DRAFTS: Final = "feedback.jsonl"
"""File for drafts of gold questions, in the folder of the index."""
PAGE_FILES: Final = Path(__file__).with_name("page")
FILE_TYPES: Final = {".css": "text/css", ".js": "text/javascript"}
HEAD: Final = (
    b'<link rel="stylesheet" href="/page/file/page.css"><script type="module" src="/page/file/page.js"></script>'
)
"""HTML that loads the page's own files. Gradio would load them by a script, after the page is laid out without them."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The public API, for one open index. Errors of the caller are returned as messages."""

    app: AskSeoul
    limits: RequestLimits

    def ask(
        self,
        question: str,
        history: list[Any] | None = None,
        as_of: str | None = None,
        since: str | None = None,
        within: list[str] | None = None,
        strictness: str | None = None,
    ) -> dict[str, Any]:
        """Answer a question from the articles, or say why they don't answer it.

        Args:
            question: The question, at most 2,000 characters.
            history: The conversation so far, oldest first: earlier answers of this endpoint, or questions.
            as_of: Use only articles certainly published by this day, month or year, such as 2024-05.
            since: Leave out articles that may have been published before this day, month or year.
            within: Ids of the articles to use; all if empty.
            strictness: How sure an answer must be: lenient, balanced or strict.

        Returns:
            The answer: its sentences with their verdicts and checks, and each quote with its position in its article.
        """
        with self._limited():
            _expect(str, "a string", question=question)
            return as_json(
                self.app.ask(
                    question,
                    history=history or (),
                    strictness=parse_strictness("strictness", strictness) if strictness else None,
                    as_of=as_of or None,
                    since=since or None,
                    within=within or (),
                )
            )

    def check(self, text: str) -> list[dict[str, Any]]:
        """Check each sentence of a text against the articles; headings are left out.

        Args:
            text: The text, at most 20 sentences.

        Returns:
            The sentences in order: text, verdict (supported, partly, contradicted or unsupported), support, checks,
            citations, which are the quotes for it or nearest to it, and counter, which are the quotes against it.
        """
        with self._limited():
            _expect(str, "a string", text=text)
            claims = read_claims(text)
            if len(claims) > MAX_CLAIMS:
                raise UsageError(f"The text has {len(claims):,} sentences: send at most {MAX_CLAIMS} at a time.")
            for _ in claims[1:]:  # each takes as long as a question
                self.limits.take(session())
            checked: list[dict[str, Any]] = json.loads(json.dumps([asdict(self.app.check(each)) for each in claims]))
            return checked

    def search(
        self,
        query: str,
        k: int = 10,
        as_of: str | None = None,
        since: str | None = None,
        within: list[str] | None = None,
    ) -> list[dict[str, Any]]:
        """Find the passages that match a query best.

        Args:
            query: What to look for.
            k: Maximum number of passages, from 1 to 100.
            as_of: Use only articles certainly published by this day, month or year.
            since: Leave out articles that may have been published before this day, month or year.
            within: Ids of the articles to use; all if empty.

        Returns:
            The passages, best first: article_id, title, start, end, text and score.
        """
        with self._limited():
            _expect(str, "a string", query=query)
            _expect(int, "an integer", k=k)
            hits = self.app.search(
                query, min(max(k, 1), MAX_HITS), as_of=as_of or None, since=since or None, within=within or ()
            )
            return [hit_as_json(hit) for hit in hits]

    def articles(self) -> list[dict[str, Any]]:
        """List the articles of the index.

        Returns:
            The articles by id: article_id, title, source, published, language, characters, passages, sha256 and
            published_from, which says how the date is known.
        """
        with self._limited():
            return [
                {name: value for name, value in summary_as_json(summary).items() if name != "places"}
                for summary in self.app.articles()
            ]

    def article(self, article_id: str) -> dict[str, Any]:
        """Return the text of an article; the start and end of quotes are character positions in it.

        Args:
            article_id: The id of the article, as in answers and in the list of articles.

        Returns:
            The article: article_id, title, source, published, url, language, sha256, text, published_from, which says
            how the date is known, and notes, which say what was left out or guessed when its file was read.
        """
        with self._limited():
            _expect(str, "the id of an article", article_id=article_id)
            article = self.app.article(nfc(article_id))
            names = ("title", "source", "published", "url", "language", "sha256", "text", "published_from", "notes")
            return {"article_id": article.id} | {name: getattr(article, name) for name in names}

    @contextmanager
    def _limited(self) -> Iterator[None]:
        """Count the call against the limits, and return errors of the caller to the caller without logging them."""
        from gradio import Error

        try:
            self.limits.take(session())
            yield
        except AskSeoulError as error:
            raise Error(str(error), print_exception=False) from error


def _expect(kind: type, what: str, **arguments: object) -> None:
    """Raise UsageError for an argument of another type; Gradio does not check the declared types."""
    for name, value in arguments.items():
        if not isinstance(value, kind):
            raise UsageError(f"{name} is {type(value).__name__}: give {what}.")


def add_page_routes(server: FastAPI, app: AskSeoul, limits: RequestLimits) -> None:
    """Add the routes under ``/page/``, which return JSON or HTML; ``limits`` apply to those that verify answers."""
    from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response

    def respond(make: Callable[[], Response]) -> Response:
        """The response that ``make`` returns, or the error that it raises as JSON."""
        try:
            return make()
        except LimitExceeded as error:
            return JSONResponse({"error": str(error)}, status_code=429, headers={"retry-after": str(error.seconds)})
        except AskSeoulError as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    # Served here, not by Gradio: it would prefix every selector with its own element, which excludes part of the page.
    @server.get("/page/file/{name}")
    def file(name: str) -> Response:
        media_type = FILE_TYPES.get(Path(name).suffix)
        if media_type is None or name not in {each.name for each in PAGE_FILES.iterdir()}:
            return Response(status_code=404)
        return FileResponse(PAGE_FILES / name, media_type=media_type, headers={"cache-control": "no-cache"})

    @server.get("/page/article")
    def article(article_id: str, quote: str = "", others: str = "", sha256: str = "") -> Response:
        def make() -> Response:
            found = app.article(nfc(article_id))
            if sha256 not in ("", found.sha256):  # the spans belong to another text
                return HTMLResponse(article_html(found, is_changed=True))
            spans = [Span.parse(each, found) for each in others.split(",") if each]
            return HTMLResponse(article_html(found, Span.parse(quote, found) if quote else None, spans))

        return respond(make)

    @server.post("/page/export")
    def exported(request: Request, body: dict[str, Any]) -> Response:
        def make() -> Response:
            limits.take(_address(request))
            form = _one_of(body, "form", get_args(Form))
            answers = _verified_answers(app, body)
            content = export(answers, form, _string(body, "title"))
            name = f"answer{suffix_of(answers, form)}"
            return Response(
                content,
                media_type=MEDIA_TYPES[form],
                headers={"content-disposition": f'attachment; filename="{name}"'},
            )

        return respond(make)

    @server.post("/page/opinion")
    def opinion(request: Request, body: dict[str, Any]) -> Response:
        def make() -> Response:
            limits.take(_address(request))
            answers = _verified_answers(app, body)
            if len(answers) > 1:
                raise UsageError("An opinion is about one answer: send only one.")
            history = body.get("history")
            asked = [each for each in history if isinstance(each, str)] if isinstance(history, list) else []
            earlier = [each for each in asked if len(each) <= LONGEST_QUESTION][-MAX_TURNS:]
            value = _one_of(body, "opinion", get_args(Opinion))
            append_draft(draft_question(answers[0], value, _string(body, "note"), earlier), app.store.folder / DRAFTS)
            return JSONResponse({"kept": DRAFTS})

        return respond(make)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _verified_answers(app: AskSeoul, body: Mapping[str, Any]) -> list[Answer]:
    """The answers in the request, each verified again. Raises AnswerInvalid or UsageError."""
    answers = body.get("answers")
    if not isinstance(answers, list) or not answers:
        raise UsageError("The request has no answer: reload the page.")
    if len(answers) > MAX_EXCHANGES:
        raise UsageError(f"The request has {len(answers):,} answers: send at most {MAX_EXCHANGES}.")
    verified = []
    for exported in answers:
        try:
            verified.append(verified_answer(exported, app.article, app.reader))
        except AnswerInvalid as error:
            question = exported.get("question") if isinstance(exported, dict) else None
            if len(answers) == 1 or not isinstance(question, str):
                raise
            raise AnswerInvalid(
                f"The answer to “{question[:LONGEST_QUESTION]}” no longer holds: ask it again, or export the other "
                f"answers one by one. {error}"
            ) from error
    if any(len(each.question) > LONGEST_QUESTION for each in verified):
        raise UsageError(f"The question of an answer is longer than {LONGEST_QUESTION:,} characters: leave it out.")
    return verified


def _one_of(body: Mapping[str, Any], name: str, allowed: tuple[Any, ...]) -> Any:  # noqa: ANN401
    if body.get(name) not in allowed:
        raise UsageError(f"{name} must be one of {', '.join(allowed)}.")
    return body[name]


def _string(body: Mapping[str, Any], name: str) -> str:
    return body[name] if isinstance(body.get(name), str) else ""
