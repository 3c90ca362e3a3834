"""The exceptions of AskSeoul.

    AskSeoulError                                                                            exit status 3
    ├── UsageError                  the request is wrong                                     exit status 2
    │   ├── QuestionInvalid         the question is empty or too long
    │   ├── LimitExceeded           the web page's limit of questions or uploads is reached
    │   └── AnswerInvalid           a file given to ``verify`` is not an exported answer
    ├── ArticleError                a file could not become an article; the other files are indexed
    │   ├── ArticleMissing          the file or folder does not exist
    │   ├── ArticleUnreadable       the file can't be read, or is not text
    │   ├── ArticleEmpty            the file contains no text
    │   ├── ArticleTooLarge         the file or its uncompressed content exceeds the limit
    │   ├── ReadingTimedOut         reading the file took longer than the limit
    │   └── FormatUnsupported       files of this format are not read
    ├── NothingIndexed              no file could be indexed                                 exit status 1
    ├── StoreError                  an error of the index
    │   ├── IndexMissing            the folder contains no index
    │   ├── IndexForeign            the folder contains something else, or a damaged index
    │   ├── IndexMismatch           the index was made with another encoder or version
    │   ├── IndexUnwritable         the disk is full or the folder is read-only              exit status 1
    │   │   └── IndexBusy           another process is writing the index
    │   └── ArticleUnknown          the index contains no article with this id
    ├── ModelError                  a model is missing, or is not the pinned one
    ├── GeneratorError              the LLM could not be reached, or its reply is unusable
    │   ├── PromptTooLong           the LLM's context is too short for the prompt
    │   └── ReplyUnusable           the reply is empty or broke off; asking again may help
    └── PromptError                 a prompt file is missing, or its fields are not those that the code fills

Every message says what happened, where, and what to do. ``exit_status`` is the exit status of the command line.
"""

from __future__ import annotations

from typing import Final


class AskSeoulError(Exception):
    """The base class: ``except AskSeoulError`` catches every error of this package."""

    exit_status = 3


class UsageError(AskSeoulError):
    """The request is wrong; repeating it will not help."""

    exit_status = 2


class QuestionInvalid(UsageError):
    """The question is empty or too long."""


class LimitExceeded(UsageError):
    """The rate limit is reached; the request may be repeated after ``seconds``."""

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class AnswerInvalid(UsageError):
    """The file or record is not an answer exported by AskSeoul."""


class ArticleError(AskSeoulError):
    """A file could not become an article."""


class ArticleMissing(ArticleError):
    """The file or folder does not exist."""


class ArticleUnreadable(ArticleError):
    """The file can't be read, or is not text."""


class ArticleEmpty(ArticleError):
    """The file contains no text."""


class ArticleTooLarge(ArticleError):
    """The file, its text or its uncompressed content exceeds the limit."""


class ReadingTimedOut(ArticleError):
    """Reading the file took longer than the limit."""


class FormatUnsupported(ArticleError):
    """Files of this format are not read."""


class NothingIndexed(AskSeoulError):
    """None of the given files could be indexed."""

    exit_status = 1


class StoreError(AskSeoulError):
    """An error of the index on disk."""


class IndexMissing(StoreError):
    """The folder contains no index."""


class IndexForeign(StoreError):
    """The folder contains something that is not an index of AskSeoul, or a damaged one."""


class IndexMismatch(StoreError):
    """The index was made with another encoder or another version of AskSeoul."""


class IndexUnwritable(StoreError):
    """The index can't be written: the disk is full, or the folder is read-only."""

    exit_status = 1


class IndexBusy(IndexUnwritable):
    """Another process is writing the index and did not finish in time."""


class ArticleUnknown(StoreError):
    """The index contains no article with this id."""


class ModelError(AskSeoulError):
    """A model package or file is missing, or is not the pinned one."""


class GeneratorError(AskSeoulError):
    """The LLM could not be reached, or its reply is unusable."""


class PromptTooLong(GeneratorError):
    """The LLM's context is too short for the prompt and the reply."""


class ReplyUnusable(GeneratorError):
    """The LLM's reply is empty or broke off; another one may be usable."""


class PromptError(AskSeoulError):
    """A prompt file is missing, or its fields are not those that the code fills."""


_SHOWN: Final = 60
"""Characters of a value, sentence or quote that an error message shows."""


def quoted(text: str) -> str:
    """The text as a message shows it: on one line, in quotation marks, shortened to 60 characters."""
    plain = " ".join(text.split())
    return f"“{plain}”" if len(plain) <= _SHOWN else f"“{plain[: _SHOWN - 1].rstrip()}…”"
