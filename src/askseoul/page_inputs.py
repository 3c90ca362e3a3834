"""What a request hands to a function of the web page, looked at before Gradio takes it.

Whoever reaches the page may send what the page itself never would. Gradio would then open any file of this machine, or
fetch any address, that a request names as a file that was uploaded: it looks where such a file lies only in pages that
it has launched itself (``processing_utils._check_allowed`` in Gradio 6.31), and ours is mounted. What it can't take it
would write into the log as a failure of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import gradio as gr
    from gradio.block_function import BlockFunction
    from gradio.state_holder import SessionState

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
