"""What the web page's server gives to programs: the functions that ``gradio_client`` and curl call.

What the page's own script asks the server for, beside Gradio: articles, exports, and where to put an opinion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

from starlette.requests import Request

from askseoul.answering.reverify import proved
from askseoul.domain import Answer, as_json, read_place
from askseoul.errors import AnswerInvalid, AskSeoulError, LimitExceeded, UsageError
from askseoul.evaluation.feedback import Opinion, draft_question, keep
from askseoul.index.tables import summary_as_json
from askseoul.nlp.text import nfc
from askseoul.pipeline import AskSeoul
from askseoul.retrieval.conversation import REMEMBERED
from askseoul.retrieval.question import LONGEST_QUESTION
from askseoul.retrieval.search import hit_as_json
from askseoul.web.exports import MEDIA_TYPES, Form, ending, export
from askseoul.web.handlers import MOST_EXCHANGES
from askseoul.web.rate_limits import RequestLimits, session
from askseoul.web.rendering import article_html

if TYPE_CHECKING:
    from fastapi import FastAPI


MOST_HITS = 100
"""Passages that one search gives at most."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The published functions, over one open index. What is wrong with a call comes back as its error message."""

    app: AskSeoul
    limits: RequestLimits

    def ask(
        self,
        question: str,
        history: list[Any] | None = None,
        as_of: str | None = None,
        since: str | None = None,
        within: list[str] | None = None,
    ) -> dict[str, Any]:
        """Answer a question from the articles, or say why they don't answer it.

        Args:
            question: The question, at most 2,000 characters.
            history: What was asked before, oldest first: earlier answers as this gives them, or questions.
            as_of: Look only at what was certainly published by this day, month or year, as in 2024-05.
            since: Look only at what was certainly not published before this day, month or year.
            within: The ids of the articles to look at; all where none is named.

        Returns:
            The answer: its sentences with their verdicts and checks, and every quote with its place in its article.
        """
        with self._counted():
            _expect(str, "a text", question=question)
            return as_json(
                self.app.ask(
                    question, history=history or (), as_of=as_of or None, since=since or None, within=within or ()
                )
            )

    def search(
        self,
        query: str,
        k: int = 10,
        as_of: str | None = None,
        since: str | None = None,
        within: list[str] | None = None,
    ) -> list[dict[str, Any]]:
        """Find the passages that fit a query best.

        Args:
            query: What to look for.
            k: How many passages at most, from 1 to 100.
            as_of: Look only at what was certainly published by this day, month or year.
            since: Look only at what was certainly not published before this day, month or year.
            within: The ids of the articles to look at; all where none is named.

        Returns:
            The passages, best first: article_id, title, start, end, text and score.
        """
        with self._counted():
            _expect(str, "a text", query=query)
            _expect(int, "a whole number", k=k)
            hits = self.app.search(
                query, min(max(k, 1), MOST_HITS), as_of=as_of or None, since=since or None, within=within or ()
            )
            return [hit_as_json(hit) for hit in hits]

    def articles(self) -> list[dict[str, Any]]:
        """List the articles that are asked.

        Returns:
            The articles by id: article_id, title, source, published, language, characters, passages and sha256.
        """
        with self._counted():
            return [
                {name: value for name, value in summary_as_json(summary).items() if name != "places"}
                for summary in self.app.articles()
            ]

    def article(self, article_id: str) -> dict[str, Any]:
        """Give the text of an article; the start and end of a quote count characters of it.

        Args:
            article_id: The id of the article, as answers and the list of articles give it.

        Returns:
            The article: article_id, title, source, published, url, language, sha256 and text.
        """
        with self._counted():
            _expect(str, "the id of an article", article_id=article_id)
            article = self.app.article(nfc(article_id))
            names = ("title", "source", "published", "url", "language", "sha256", "text")
            return {"article_id": article.id} | {name: getattr(article, name) for name in names}

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """Count a call, and give what is wrong with it to who called instead of to the log."""
        from gradio import Error

        try:
            self.limits.take(session())
            yield
        except AskSeoulError as error:
            raise Error(str(error), print_exception=False) from error


def _expect(kind: type, what: str, **given: object) -> None:
    """Raises UsageError where a value is of another kind: over the network any may come, whatever is declared here."""
    for name, value in given.items():
        if not isinstance(value, kind):
            raise UsageError(f"{name} is {type(value).__name__}: give {what}.")


DRAFTS: Final = "feedback.jsonl"
"""Where in the folder of the index the drafts of gold questions go."""
FOLDER: Final = Path(__file__).with_name("page")
HEAD: Final = (
    b'<link rel="stylesheet" href="/page/file/page.css"><script type="module" src="/page/file/page.js"></script>'
)
"""What names them to the browser. Gradio would add it by a script, when it has laid out the page without it."""
TYPES: Final = {".css": "text/css", ".js": "text/javascript"}
"""The page's own files."""


def add_plumbing(server: FastAPI, app: AskSeoul, limits: RequestLimits) -> None:
    """Give the server the routes under ``/page/``; each takes and gives JSON or a piece of the page. ``limits`` count
    what proves answers."""
    from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response

    def told(give: Callable[[], Response]) -> Response:
        """What it gives, or what is wrong, for the page to show."""
        try:
            return give()
        except LimitExceeded as error:
            return JSONResponse({"error": str(error)}, status_code=429, headers={"retry-after": str(error.seconds)})
        except AskSeoulError as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    # Not handed to Gradio: it would put its own element before every selector, and the page has some beside that.
    @server.get("/page/file/{name}")
    def file(name: str) -> Response:
        kind = TYPES.get(Path(name).suffix)
        if kind is None or name not in {each.name for each in FOLDER.iterdir()}:
            return Response(status_code=404)
        return FileResponse(FOLDER / name, media_type=kind, headers={"cache-control": "no-cache"})

    @server.get("/page/article")
    def article(article_id: str, quote: str = "", others: str = "", sha256: str = "") -> Response:
        def give() -> Response:
            found = app.article(nfc(article_id))
            if sha256 not in ("", found.sha256):  # the places are those of another text
                return HTMLResponse(article_html(found, is_changed=True))
            spans = [read_place(each, found) for each in others.split(",") if each]
            return HTMLResponse(article_html(found, read_place(quote, found) if quote else None, spans))

        return told(give)

    @server.post("/page/export")
    def exported(request: Request, sent: dict[str, Any]) -> Response:
        def give() -> Response:
            limits.take(_address(request))
            form = _one_of(sent, "form", get_args(Form))
            answers = _answers(app, sent)
            content = export(answers, form, _text(sent, "title"))
            name = f"answer{ending(answers, form)}"
            return Response(
                content,
                media_type=MEDIA_TYPES[form],
                headers={"content-disposition": f'attachment; filename="{name}"'},
            )

        return told(give)

    @server.post("/page/opinion")
    def opinion(request: Request, sent: dict[str, Any]) -> Response:
        def give() -> Response:
            limits.take(_address(request))
            answers = _answers(app, sent)
            if len(answers) > 1:
                raise UsageError("An opinion is of one answer: send it alone.")
            history = sent.get("history")
            asked = [each for each in history if isinstance(each, str)] if isinstance(history, list) else []
            earlier = [each for each in asked if len(each) <= LONGEST_QUESTION][-REMEMBERED:]
            draft = draft_question(
                answers[0], _one_of(sent, "opinion", get_args(Opinion)), _text(sent, "note"), earlier
            )
            keep(draft, app.store.folder / DRAFTS)
            return JSONResponse({"kept": DRAFTS})

        return told(give)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _answers(app: AskSeoul, sent: Mapping[str, Any]) -> list[Answer]:
    """The answers that were sent, each proved again. Raises AnswerInvalid, UsageError."""
    answers = sent.get("answers")
    if not isinstance(answers, list) or not answers:
        raise UsageError("No answer was sent: load the page again.")
    if len(answers) > MOST_EXCHANGES:
        raise UsageError(f"No more than {MOST_EXCHANGES} answers at once.")
    proven = []
    for exported in answers:
        try:
            proven.append(proved(exported, app.article, app.meaning))
        except AnswerInvalid as error:
            question = exported.get("question") if isinstance(exported, dict) else None
            if len(answers) == 1 or not isinstance(question, str):
                raise
            raise AnswerInvalid(
                f"“{question[:LONGEST_QUESTION]}” is no longer answered so: ask it again, or export the others one by "
                f"one. {error}"
            ) from error
    if any(len(each.question) > LONGEST_QUESTION for each in proven):
        raise UsageError("The answer that was sent is to a question that nobody could ask.")
    return proven


def _one_of(sent: Mapping[str, Any], name: str, allowed: tuple[Any, ...]) -> Any:  # noqa: ANN401
    if sent.get(name) not in allowed:
        raise UsageError(f"{name} must be one of {', '.join(allowed)}.")
    return sent[name]


def _text(sent: Mapping[str, Any], name: str) -> str:
    return sent[name] if isinstance(sent.get(name), str) else ""
