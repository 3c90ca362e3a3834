"""The Gradio page: its components, their positions, the events they trigger, and its theme.

HTML is made on the server. ``page/page.js`` moves the focus, opens quotes beside the answer and stores conversations in
the browser; it sends data to the server through three hidden text boxes, since the content security policy allows no
script that Gradio could run for it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

from askseoul.errors import AskSeoulError
from askseoul.ingest.articles import SUFFIXES
from askseoul.retrieval.question import LONGEST_QUESTION
from askseoul.settings import Strictness
from askseoul.web.api import PAGE_FILES, Endpoints
from askseoul.web.exchanges import (
    Exchange,
    Message,
    as_failed,
    as_stopped,
    as_stopped_by_user,
    chat_messages,
)
from askseoul.web.handlers import CHECK_FAILED, LONGEST_TEXT, MAX_CLAIMS, PageEvents
from askseoul.web.rendering import checked_html
from askseoul.web.theme import page_theme

if TYPE_CHECKING:
    import gradio as gr
    from gradio.block_function import BlockFunction
    from gradio.state_holder import SessionState

ENDPOINTS: Final = frozenset({"ask", "check", "search", "articles", "article"})
MAX_QUEUE: Final = 64
"""Maximum number of waiting questions; further ones are told that the queue is full."""
MAX_SESSIONS: Final = 300
"""Sessions whose state is kept, the latest first. Each takes 0.1 MB or more, and every call by curl is a session."""
UPLOAD_LIFETIME: Final = 3_600
"""Seconds after which Gradio deletes an uploaded file. Files added as articles are copied beside the index."""
WELCOME: Final = (
    '<div class="welcome"><h2>Ask these articles</h2><p>Every sentence of an answer comes with an exact quote that you '
    "can open in its article. Where the articles disagree, you see both sides; where they don't answer, AskSeoul says "
    "so.</p></div>"
)
INVALID_CALL: Final = (
    "The server can't accept this request: reload the page, and add only files of the types listed there."
)

log = logging.getLogger(__name__)

_State = list[Exchange]
_PRIVATE: Final[dict[str, Any]] = {"api_visibility": "private"}
_IMMEDIATE: Final[dict[str, Any]] = {**_PRIVATE, "show_progress": "hidden", "queue": False}
_SUGGESTIONS: Final[dict[str, Any]] = {
    **_PRIVATE,
    "show_progress": "hidden",
    "concurrency_id": "suggestions",
    "concurrency_limit": 1,
}
"""Options of events. None is part of the API; immediate ones don't wait for questions; suggestions are computed one at
a time, in parallel with answers."""


# Components


@dataclass(frozen=True, slots=True)
class _Components:
    """The components that events read or change."""

    exchanges: gr.State
    word: gr.Textbox
    listed: gr.Markdown
    files: gr.File | None
    outcome: gr.Markdown
    chat: gr.Chatbot
    suggestions: gr.Markdown
    within: gr.Dropdown
    since: gr.Textbox
    until: gr.Textbox
    strictness: gr.Radio
    draft: gr.Textbox
    check: gr.Button
    checked: gr.Markdown
    question: gr.Textbox
    restored: gr.Textbox
    again: gr.Textbox
    removed: gr.Textbox


def build_page(events: PageEvents, endpoints: Endpoints, *, concurrency: int) -> gr.Blocks:
    """The page and its API; ``concurrency`` is how many questions are answered at the same time.

    Switches Gradio's analytics off before importing it.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio as gr

    page: gr.Blocks
    options: dict[str, Any] = {"title": "AskSeoul", "fill_height": True, "fill_width": True, "analytics_enabled": False}
    with checked_blocks()(delete_cache=(UPLOAD_LIFETIME, UPLOAD_LIFETIME), **options) as page:
        components = _lay_out(events.index_name(), events.app.strictness, can_change=events.can_change)
        answers: dict[str, Any] = {"concurrency_id": "answers", "concurrency_limit": concurrency}
        _bind_conversation(components, events, answers)
        _bind_check(components, events, answers)
        _bind_collection(page, components, events)
        page.load(events.suggest, components.exchanges, components.suggestions, **_SUGGESTIONS)
        for name in sorted(ENDPOINTS):
            queued: dict[str, Any] = answers if name in ("ask", "check", "search") else {}
            gr.api(getattr(endpoints, name), api_name=name, **queued)  # type: ignore[attr-defined]
    page.queue(max_size=MAX_QUEUE, api_open=False)
    page.state_session_capacity = MAX_SESSIONS
    return page


def page_options() -> dict[str, Any]:
    """Options for ``gradio.mount_gradio_app``: the theme, and everything that reports or stores switched off."""
    return {
        "theme": page_theme(),
        "favicon_path": str(PAGE_FILES / "favicon.svg"),
        "allowed_paths": [],
        "enable_monitoring": False,
        "footer_links": [],
        "pwa": False,
        "run_history": False,
        "show_error": False,
        "ssr_mode": False,
    }


def _lay_out(index_name: str, strictness: Strictness, *, can_change: bool) -> _Components:
    """Create the components: conversations and articles in the sidebar, chat and question in the middle.

    The browser stores conversations separately for each ``index_name``; ``strictness`` is chosen at first.
    """
    import gradio as gr

    def html(value: str | None = None, elem_id: str | None = None) -> gr.Markdown:
        # Not sanitised by Gradio: rendering.clean has done it, and keeps the attributes that the page's script needs.
        return gr.Markdown(value, elem_id=elem_id, sanitize_html=False, latex_delimiters=[])

    with gr.Sidebar(width=320, elem_id="side"):
        html(f"<nav id='conversations' aria-label='Conversations' data-index='{index_name}'></nav>")
        with gr.Accordion("Articles", open=False, elem_id="collection"):
            word = gr.Textbox("", label="Find an article", max_lines=1)
            listed = html(elem_id="articles")
            files = None
            if can_change:
                files = gr.File(
                    label=f"Add articles ({', '.join(SUFFIXES)})",
                    file_count="multiple",
                    file_types=list(SUFFIXES),
                    height=140,
                    elem_id="upload",
                )
            outcome = html(elem_id="outcome")
    with gr.Column(elem_id="main", scale=1):
        html("<header class='brand'><h1>AskSeoul</h1><p>Answers with their proof</p></header>", elem_id="brand")
        chat = gr.Chatbot(
            label="Conversation",
            show_label=False,
            elem_id="chat",
            scale=1,
            height="100%",
            container=False,
            layout="panel",
            autoscroll=False,  # page.js scrolls a new question to the top, and the answer grows below it
            placeholder=WELCOME,
            sanitize_html=False,
            allow_tags=True,
            latex_delimiters=[],
            line_breaks=False,
            buttons=[],
            feedback_options=None,
            group_consecutive_messages=False,
        )
        suggestions = html(elem_id="suggestions")
        with gr.Row(elem_id="more"):
            with gr.Accordion("Options: articles, dates, how sure", open=False, elem_id="scope"):
                with gr.Row():
                    within = gr.Dropdown([], label="Articles (default: all)", multiselect=True)
                    since = gr.Textbox("", label="Published since", placeholder="2024 or 2024-05-01", max_lines=1)
                    until = gr.Textbox("", label="Published until", placeholder="2025 or 2025-06-30", max_lines=1)
                levels = [(level.capitalize(), level) for level in get_args(Strictness)]
                how_sure = gr.Radio(levels, value=strictness, label="How sure must an answer be?", elem_id="strictness")
            with gr.Accordion("Check a text of yours", open=False, elem_id="check"):
                draft = gr.Textbox(
                    "",
                    label=f"Text (up to {MAX_CLAIMS} sentences)",
                    placeholder="Paste sentences: each is checked against the articles.",
                    lines=3,
                    max_lines=8,
                    max_length=LONGEST_TEXT,
                )
                check = gr.Button("Check", variant="primary")
                checked = html(elem_id="checked")
        question = gr.Textbox(
            "",
            label="Question",
            show_label=False,
            placeholder="Ask the articles …",
            elem_id="question",
            max_lines=8,
            max_length=LONGEST_QUESTION,
            submit_btn=True,
            stop_btn=False,
            container=False,
        )
    restored, again, removed = (
        gr.Textbox("", elem_id=name, elem_classes="bridge", label=name) for name in ("restored", "again", "removed")
    )
    return _Components(
        gr.State([]), word, listed, files, outcome, chat, suggestions, within, since, until, how_sure,
        draft, check, checked, question,
        restored, again, removed,
    )  # fmt: skip


# Events


def _bind_conversation(components: _Components, events: PageEvents, answers: dict[str, Any]) -> None:
    """Bind asking, stopping and restoring a conversation."""
    import gradio as gr

    # Not called ``ask``: Gradio would give the endpoint's name to this private event.
    def converse(question: str, earlier: _State, *filters: Any) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401
        box, suggestions = gr.Textbox(value="", submit_btn=False, stop_btn=True), ""
        before = chat_messages(earlier)
        conversation: _State = []
        for conversation in events.ask(question, earlier, *filters):
            yield [*before, *conversation[-1].messages()], as_stopped(conversation), box, suggestions
            # Not the value: the user may be typing the next question already. The buttons again: a busy browser takes
            # several updates as one, and of a box only the last.
            box, suggestions = gr.Textbox(submit_btn=False, stop_btn=True), gr.skip()
        if conversation:
            yield gr.skip(), conversation, gr.Textbox(submit_btn=True, stop_btn=False), gr.skip()

    def restore(sent: str, earlier: _State) -> tuple[list[Message], _State, Any]:
        try:
            conversation, question = events.restore(sent, earlier)
        except AskSeoulError as error:
            raise gr.Error(str(error), print_exception=False) from error
        box = gr.Textbox(value=question, submit_btn=True, stop_btn=False)
        return chat_messages(conversation), conversation, box

    def shown(conversation: _State) -> tuple[list[Message], _State, Any]:
        return chat_messages(conversation), conversation, gr.Textbox(submit_btn=True, stop_btn=False)

    def stop(conversation: _State) -> tuple[list[Message], _State, Any]:
        return shown(as_stopped_by_user(conversation))

    def fail(conversation: _State) -> tuple[list[Message], _State, Any]:
        return shown(as_failed(conversation))

    ask: dict[str, Any] = {
        "fn": converse,
        "inputs": [
            components.question,
            components.exchanges,
            components.within,
            components.since,
            components.until,
            components.strictness,
        ],
        "outputs": [components.chat, components.exchanges, components.question, components.suggestions],
        "show_progress": "minimal",
        "show_progress_on": components.suggestions,
        **answers,
        **_PRIVATE,
    }
    outputs = [components.chat, components.exchanges, components.question]
    submitted = components.question.submit(**ask)
    asked_again = components.again.submit(
        restore, [components.again, components.exchanges], outputs, **_IMMEDIATE
    ).success(**ask)
    cancelling = {"cancels": [submitted, asked_again], **_IMMEDIATE}
    components.question.stop(stop, components.exchanges, outputs, **cancelling)
    restored = components.restored.submit(restore, [components.restored, components.exchanges], outputs, **cancelling)
    for event in (submitted, asked_again):
        event.failure(fail, components.exchanges, outputs, **_IMMEDIATE)
    for event in (submitted, asked_again, restored):
        event.success(events.suggest, components.exchanges, components.suggestions, **_SUGGESTIONS)


def _bind_check(components: _Components, events: PageEvents, answers: dict[str, Any]) -> None:
    """Bind checking a text of the reader's own."""

    # Not called ``check``: Gradio would give the endpoint's name to this private event.
    def check_text(text: str) -> Iterator[str]:
        yield from events.check(text)

    def fail_check() -> str:
        return checked_html([], error=CHECK_FAILED)

    options: dict[str, Any] = {"show_progress": "minimal", **answers, **_PRIVATE}
    checked = components.check.click(check_text, components.draft, components.checked, **options)
    checked.failure(fail_check, None, components.checked, **_IMMEDIATE)


def _bind_collection(page: gr.Blocks, components: _Components, events: PageEvents) -> None:
    """Bind listing, adding and removing articles; the list is updated after every change."""
    import gradio as gr

    def upload(paths: list[str] | None, progress: Any = gr.Progress()) -> tuple[None, str]:  # noqa: ANN401, B008
        def show(done: int, of: int) -> None:
            progress((done, of), desc=f"Reading file {done + 1} of {of}")

        return None, events.upload(paths or [], show)

    def choices() -> gr.Dropdown:
        return gr.Dropdown(choices=events.choices())

    changes = [components.removed.submit(events.remove, components.removed, components.outcome, **_PRIVATE)]
    if components.files is not None:
        outputs = [components.files, components.outcome]
        changes.append(
            components.files.upload(upload, components.files, outputs, show_progress_on=components.outcome, **_PRIVATE)
        )
    components.word.change(events.list_articles, components.word, components.listed, **_IMMEDIATE)
    updates: list[Any] = [page.load, *(change.success for change in changes)]
    for update in updates:
        update(events.list_articles, components.word, components.listed, **_IMMEDIATE)
        update(choices, None, components.within, **_IMMEDIATE)


# Checks of what a request passes to an event


def checked_blocks() -> type[gr.Blocks]:
    """``gr.Blocks`` that accepts only files uploaded to this server, and answers invalid calls with a message.

    A request may name any local file or URL as an uploaded file. Gradio checks the path only in pages that it launched
    itself (``processing_utils._check_allowed`` in Gradio 6.31), and this page is mounted. Gradio would also log every
    invalid call as an error.
    """
    import gradio as gr
    from gradio.components.api_component import Api

    class CheckedBlocks(gr.Blocks):
        """Blocks that check the inputs of an event before they are processed."""

        async def preprocess_data(
            self,
            block_fn: BlockFunction,
            inputs: list[Any],
            state: SessionState | None,
            explicit_call: bool = False,
        ) -> list[Any]:
            """The arguments of the event's function. Raises gradio.Error for an invalid call."""
            try:
                _check_files(inputs)
                # Missing arguments at the end get their defaults, as in a call by name.
                missing = block_fn.inputs[len(inputs) :]
                complete = [*inputs, *(block.value for block in missing if isinstance(block, Api))]
                values: Sequence[Any] = await super().preprocess_data(block_fn, complete, state, explicit_call)
            except Exception as error:
                log.info("%s got an invalid call: %s", block_fn.name, type(error).__name__)
                raise gr.Error(INVALID_CALL, print_exception=False) from error
            return [
                "" if value is None and isinstance(block, gr.Textbox) else value
                for block, value in zip(block_fn.inputs, values, strict=True)
            ]

    return CheckedBlocks


def _check_files(inputs: list[Any]) -> None:
    """Raise ValueError for a file outside Gradio's upload folder."""
    from gradio.utils import get_upload_folder

    folder = Path(get_upload_folder()).resolve()
    for path in _files_in(inputs):
        if not Path(path).resolve().is_relative_to(folder):
            raise ValueError("The file was not uploaded to this server.")


def _files_in(value: Any) -> Iterator[str]:  # noqa: ANN401
    """The paths of all files nested in a value; Gradio recognises a file by the keys ``path`` and ``meta``."""
    if isinstance(value, dict) and isinstance(value.get("path"), str) and "meta" in value:
        yield value["path"]
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _files_in(each)
