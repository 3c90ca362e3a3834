"""How the web page looks: one calm theme, light and dark, from fonts that are on the reader's machine.

The rest is ``page/page.css``; both name the same colours.

What a request hands to a function of the web page, looked at before Gradio takes it.

Whoever reaches the page may send what the page itself never would. Gradio would then open any file of this machine, or
fetch any address, that a request names as a file that was uploaded: it looks where such a file lies only in pages that
it has launched itself (``processing_utils._check_allowed`` in Gradio 6.31), and ours is mounted. What it can't take it
would write into the log as a failure of its own.

The web page: which parts it has, where they stand, and which event of which part calls what.

What is shown is made on the server; ``page/page.js`` moves the focus, opens quotes beside the answer and keeps
conversations in the browser. It speaks to the server through three hidden fields, since a page that may run no script
but its own can't hand Gradio any.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from askseoul.errors import AskSeoulError
from askseoul.ingest.articles import SUFFIXES
from askseoul.retrieval.question import LONGEST_QUESTION
from askseoul.web.api import FOLDER, Endpoints
from askseoul.web.handlers import Exchange, Message, PageEvents, as_failed, as_stopped, messages_of

if TYPE_CHECKING:
    import gradio as gr
    from gradio.block_function import BlockFunction
    from gradio.state_holder import SessionState
    from gradio.themes import Base


SANS: Final = (
    "system-ui",
    "Segoe UI",
    "Roboto",
    "Noto Sans",
    "Apple SD Gothic Neo",
    "Malgun Gothic",
    "Noto Sans KR",
    "Noto Sans CJK KR",
    "sans-serif",
)
MONO: Final = ("ui-monospace", "SF Mono", "Menlo", "Consolas", "Noto Sans Mono", "D2Coding", "monospace")


def page_theme() -> Base:
    """The theme, for Gradio."""
    from gradio.themes import Base, Color, Font, sizes

    teal = Color(
        "#eef6f6", "#d7eaea", "#b0d5d6", "#83bbbd", "#4f9a9e", "#1f7a80",
        "#0b5f66", "#094d53", "#083f44", "#06343a", "#04262a", name="teal",
    )  # fmt: skip
    stone = Color(
        "#faf9f7", "#f3f1ed", "#e6e3dc", "#d2cec5", "#a19c92", "#6b675f",
        "#56524b", "#413e39", "#2b2a27", "#1d1d1b", "#141413", name="stone",
    )  # fmt: skip
    theme = Base(
        primary_hue=teal,
        secondary_hue=teal,
        neutral_hue=stone,
        text_size=sizes.text_md,
        spacing_size=sizes.spacing_md,
        radius_size=sizes.radius_md,
        font=[Font(name) for name in SANS],
        font_mono=[Font(name) for name in MONO],
    )
    return theme.set(
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        body_text_color="*neutral_900",
        body_text_color_dark="*neutral_100",
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_400",
        background_fill_primary="white",
        background_fill_primary_dark="*neutral_900",
        background_fill_secondary="*neutral_50",
        background_fill_secondary_dark="*neutral_950",
        block_background_fill="white",
        block_background_fill_dark="*neutral_900",
        block_border_color="*neutral_200",
        block_border_color_dark="*neutral_800",
        block_label_text_color="*neutral_700",
        block_label_text_color_dark="*neutral_200",
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_300",
        input_border_width="1px",
        input_border_color="*neutral_300",
        input_border_color_dark="*neutral_700",
        input_background_fill="white",
        input_background_fill_dark="*neutral_900",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_400",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_dark="*primary_600",
        button_primary_text_color="white",
        link_text_color="*primary_700",
        link_text_color_dark="*primary_200",
    )


REFUSAL: Final = (
    "The server does not take this: load the page again, and add only files of the kinds that it names there."
)

log = logging.getLogger(__name__)


def careful_blocks() -> type[gr.Blocks]:
    """``gr.Blocks`` that takes no file but one that was uploaded, and tells who asks what can't be taken."""
    import gradio as gr
    from gradio.components.api_component import Api

    class CarefulBlocks(gr.Blocks):
        """A page whose inputs are looked at before they are taken."""

        async def preprocess_data(
            self,
            block_fn: BlockFunction,
            inputs: list[Any],
            state: SessionState | None,
            explicit_call: bool = False,
        ) -> list[Any]:
            """The values that the function gets. Raises gradio.Error."""
            try:
                _refuse_other_files(inputs)
                # What a call leaves away at its end has its default, as in a call by name.
                left_away = block_fn.inputs[len(inputs) :]
                given = [*inputs, *(block.value for block in left_away if isinstance(block, Api))]
                taken: Sequence[Any] = await super().preprocess_data(block_fn, given, state, explicit_call)
            except Exception as error:
                log.info("%s was called with what it can't take: %s", block_fn.name, type(error).__name__)
                raise gr.Error(REFUSAL, print_exception=False) from error
            return [
                "" if value is None and isinstance(block, gr.Textbox) else value
                for block, value in zip(block_fn.inputs, taken, strict=True)
            ]

    return CarefulBlocks


def _refuse_other_files(inputs: list[Any]) -> None:
    """Raises ValueError where a file is named that was not uploaded to this server."""
    from gradio.utils import get_upload_folder

    folder = Path(get_upload_folder()).resolve()
    for path in _files_in(inputs):
        if not Path(path).resolve().is_relative_to(folder):
            raise ValueError("A file is named that was not uploaded.")


def _files_in(value: Any) -> Iterator[str]:  # noqa: ANN401
    """The paths of all files in a value, which Gradio tells by these two names wherever they stand."""
    if isinstance(value, dict) and isinstance(value.get("path"), str) and "meta" in value:
        yield value["path"]
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _files_in(each)


ENDPOINTS: Final = frozenset({"ask", "search", "articles", "article"})
WAITING: Final = 64
"""Questions that may wait; who comes then is told that the queue is full."""
SESSIONS: Final = 300
"""Tabs and callers whose state is held, the last ones. Each takes 0.1 MB or more, and every call by curl is one."""
HELD: Final = 3_600
"""Seconds after which a file that was uploaded goes; what became an article of it is kept with the index."""
WELCOME: Final = (
    '<div class="welcome"><h2>Ask these articles</h2><p>Every sentence of an answer carries an exact quote that you '
    "can open in its article. Where the articles disagree you see both sides, and where they are silent it says so.</p>"
    "</div>"
)

_State = list[Exchange]
_PRIVATE: Final[dict[str, Any]] = {"api_visibility": "private"}
_QUICK: Final[dict[str, Any]] = {**_PRIVATE, "show_progress": "hidden", "queue": False}
_SUGGEST: Final[dict[str, Any]] = {
    **_PRIVATE,
    "show_progress": "hidden",
    "concurrency_id": "suggestions",
    "concurrency_limit": 1,
}
"""How events are tied: none is a part of the API, quick ones wait for no question, and suggestions are found one after
the other, beside the answers."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of the page that events come from or go to."""

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
    box: gr.Textbox
    restored: gr.Textbox
    again: gr.Textbox
    removed: gr.Textbox


def build_page(events: PageEvents, endpoints: Endpoints, *, concurrency: int) -> gr.Blocks:
    """The page and its API; ``concurrency`` is how many questions are answered at the same time.

    Gradio is told before it is imported to report nothing to anyone.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio as gr

    page: gr.Blocks
    looks: dict[str, Any] = {"title": "AskSeoul", "fill_height": True, "fill_width": True}
    with careful_blocks()(analytics_enabled=False, delete_cache=(HELD, HELD), **looks) as page:
        parts = _parts(events.index_name(), can_change=events.can_change)
        answers: dict[str, Any] = {"concurrency_id": "answers", "concurrency_limit": concurrency}
        _tie_conversation(parts, events, answers)
        _tie_collection(page, parts, events)
        page.load(events.suggest, parts.exchanges, parts.suggestions, **_SUGGEST)
        for name in sorted(ENDPOINTS):
            queued: dict[str, Any] = answers if name in ("ask", "search") else {}
            gr.api(getattr(endpoints, name), api_name=name, **queued)  # type: ignore[attr-defined]
    page.queue(max_size=WAITING, api_open=False)
    page.state_session_capacity = SESSIONS
    return page


def _parts(index: str, *, can_change: bool) -> _Parts:
    """Lay the page out: at its side conversations and articles, in the middle the chat and the question.

    ``index`` names the index to the browser, which keeps the conversations of each apart.
    """
    import gradio as gr

    def html(value: str | None = None, elem_id: str | None = None) -> gr.Markdown:
        # rendering.clean has cleaned it, and knows which attributes the page's script needs.
        return gr.Markdown(value, elem_id=elem_id, sanitize_html=False, latex_delimiters=[])

    with gr.Sidebar(width=320, elem_id="side"):
        html(f"<nav id='conversations' aria-label='Conversations' data-index='{index}'></nav>")
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
            autoscroll=False,  # the page's script brings a new question to the top, and the answer grows below it
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
        with gr.Accordion("Ask within …", open=False, elem_id="scope"), gr.Row():
            within = gr.Dropdown([], label="Articles (all, if none is chosen)", multiselect=True)
            since = gr.Textbox("", label="Published since", placeholder="2024 or 2024-05-01", max_lines=1)
            until = gr.Textbox("", label="Published by", placeholder="2025 or 2025-06-30", max_lines=1)
        box = gr.Textbox(
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
    return _Parts(
        gr.State([]), word, listed, files, outcome, chat, suggestions, within, since, until, box,
        restored, again, removed,
    )  # fmt: skip


def _tie_conversation(parts: _Parts, events: PageEvents, answers: dict[str, Any]) -> None:
    """Ask, stop, and take up a conversation that the browser kept."""
    import gradio as gr

    # Not named as an endpoint: Gradio would give its name to this one, private as it is.
    def converse(question: str, earlier: _State, *where: Any) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401
        box, offered = gr.Textbox(value="", submit_btn=False, stop_btn=True), ""
        before = messages_of(earlier)
        growing: _State = []
        for growing in events.ask(question, earlier, *where):
            yield [*before, *growing[-1].messages()], as_stopped(growing), box, offered
            box = offered = gr.skip()  # who types the next question meanwhile is left alone
        if growing:
            yield gr.skip(), growing, gr.Textbox(submit_btn=True, stop_btn=False), gr.skip()

    def restore(sent: str, earlier: _State) -> tuple[list[Message], _State, Any]:
        try:
            kept, question = events.restore(sent, earlier)
        except AskSeoulError as error:
            raise gr.Error(str(error), print_exception=False) from error
        return messages_of(kept), kept, gr.Textbox(value=question, submit_btn=True, stop_btn=False)

    def stop(stopped: _State) -> tuple[list[Message], _State, Any]:
        return messages_of(stopped), stopped, gr.Textbox(submit_btn=True, stop_btn=False)

    def end(failed: _State) -> tuple[list[Message], _State, Any]:
        return stop(as_failed(failed))

    asked: dict[str, Any] = {
        "fn": converse,
        "inputs": [parts.box, parts.exchanges, parts.within, parts.since, parts.until],
        "outputs": [parts.chat, parts.exchanges, parts.box, parts.suggestions],
        "show_progress": "minimal",
        "show_progress_on": parts.suggestions,
        **answers,
        **_PRIVATE,
    }
    shown = [parts.chat, parts.exchanges, parts.box]
    by_hand = parts.box.submit(**asked)
    by_button = parts.again.submit(restore, [parts.again, parts.exchanges], shown, **_QUICK).success(**asked)
    stops = {"cancels": [by_hand, by_button], **_QUICK}
    parts.box.stop(stop, parts.exchanges, shown, **stops)
    taken_up = parts.restored.submit(restore, [parts.restored, parts.exchanges], shown, **stops)
    for asking in (by_hand, by_button):
        asking.failure(end, parts.exchanges, shown, **_QUICK)
    for before in (by_hand, by_button, taken_up):
        before.success(events.suggest, parts.exchanges, parts.suggestions, **_SUGGEST)


def _tie_collection(page: gr.Blocks, parts: _Parts, events: PageEvents) -> None:
    """List, add and remove articles; after a change they are listed anew."""
    import gradio as gr

    def upload(paths: list[str] | None, progress: Any = gr.Progress()) -> tuple[None, str]:  # noqa: ANN401, B008
        def show(done: int, of: int) -> None:
            progress((done, of), desc=f"Reading file {done + 1} of {of}")

        return None, events.upload(paths or [], show)

    def choose() -> gr.Dropdown:
        return gr.Dropdown(choices=events.choices())

    changes = [parts.removed.submit(events.remove, parts.removed, parts.outcome, **_PRIVATE)]
    if parts.files is not None:
        changes.append(
            parts.files.upload(
                upload, parts.files, [parts.files, parts.outcome], show_progress_on=parts.outcome, **_PRIVATE
            )
        )
    parts.word.change(events.list_articles, parts.word, parts.listed, **_QUICK)
    happenings: list[Any] = [page.load, *(change.success for change in changes)]
    for happened in happenings:
        happened(events.list_articles, parts.word, parts.listed, **_QUICK)
        happened(choose, None, parts.within, **_QUICK)


def page_options() -> dict[str, Any]:
    """How the page is served, for ``mount_gradio_app``: what it looks like, and nothing that reports or stores."""
    return {
        "theme": page_theme(),
        "favicon_path": str(FOLDER / "favicon.svg"),
        "allowed_paths": [],
        "enable_monitoring": False,
        "footer_links": [],
        "pwa": False,
        "run_history": False,
        "show_error": False,
        "ssr_mode": False,
    }
