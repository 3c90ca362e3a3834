"""What the page's own script asks the server for, beside Gradio: articles, exports, and where to put an opinion."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

from starlette.requests import Request

from askseoul.article_view import article_html
from askseoul.canonical import composed
from askseoul.conversation import REMEMBERED
from askseoul.domain import Answer
from askseoul.errors import AnswerInvalid, AskSeoulError, LimitExceeded, UsageError
from askseoul.exchanges import MOST_EXCHANGES
from askseoul.exports import MEDIA_TYPES, Form, ending, export
from askseoul.feedback import Opinion, draft_question, keep
from askseoul.limits import RequestLimits
from askseoul.pipeline import AskSeoul
from askseoul.places import read_place
from askseoul.proof import proved
from askseoul.questions import LONGEST_QUESTION

if TYPE_CHECKING:
    from fastapi import FastAPI

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
            found = app.article(composed(article_id))
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
