"""Ask a collection of articles a question; every sentence of the answer is bound to an exact quote.

from askseoul import AskSeoul
app = AskSeoul.open("index", create=True)
app.index(["folder"])
answer = app.ask("How many US troops are stationed on the Korean Peninsula?")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from askseoul.domain import Answer
from askseoul.errors import AskSeoulError

if TYPE_CHECKING:
    from askseoul.pipeline import AskSeoul

__version__ = "0.1.0"

__all__ = ["Answer", "AskSeoul", "AskSeoulError", "__version__"]


def __getattr__(name: str) -> Any:  # noqa: ANN401
    """Import ``AskSeoul`` when it is first used, so that reading the version loads no other package."""
    if name == "AskSeoul":
        from askseoul.pipeline import AskSeoul

        return AskSeoul
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
