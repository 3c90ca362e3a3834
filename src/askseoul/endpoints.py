"""What the web page's server gives to programs: the functions that ``gradio_client`` and curl call."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from askseoul.canonical import composed
from askseoul.domain import as_json
from askseoul.errors import AskSeoulError, UsageError
from askseoul.limits import RequestLimits
from askseoul.pipeline import AskSeoul
from askseoul.retrieval import hit_as_json
from askseoul.tables import summary_as_json

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
            article = self.app.article(composed(article_id))
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


def session() -> str:
    """Who is asking: the session of the browser's tab or of the client, else the address that the call comes from."""
    from gradio.context import LocalContext

    request = LocalContext.request.get(None)
    if request is None:
        return ""
    return str(getattr(request, "session_hash", None) or (request.client.host if request.client else ""))
