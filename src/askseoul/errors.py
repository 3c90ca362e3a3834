"""Every exception that AskSeoul raises on purpose.

    AskSeoulError
    ├── UsageError                  the caller asked for something that makes no sense      exit status 2
    │   ├── QuestionInvalid         the question is empty or too long
    │   └── LimitExceeded           more questions or uploads came than the web page takes in that time
    ├── ArticleError                one file could not become an article; the others go on
    │   ├── ArticleMissing          there is no such file
    │   ├── ArticleUnreadable       the file exists and can't be read as text
    │   ├── ArticleEmpty            the file holds no text
    │   ├── ArticleTooLarge         the file, or what it unpacks to, is larger than what is read
    │   ├── ReadingTimedOut         the file was not read within the time that one file may take
    │   └── FormatUnsupported       the file is of a kind that is not read
    ├── NothingIndexed              no file could be indexed                                exit status 1
    ├── StoreError                  something about the index
    │   ├── IndexMissing            there is no index in this folder
    │   ├── IndexForeign            the folder holds something else, or another program's data
    │   ├── IndexMismatch           made by another model or another version of AskSeoul
    │   ├── IndexUnwritable         the disk is full or the folder is read-only             exit status 1
    │   │   └── IndexBusy           another process is writing it
    │   └── ArticleUnknown          the index holds no article of this id
    ├── ModelError                  a model package or file is missing or is not the pinned one
    ├── GeneratorError              an LLM could not be reached or gave nothing usable
    ├── PromptError                 a prompt file is missing or has other fields than the code fills
    └── AnswerInvalid               a file given to ``verify`` is not an exported answer    exit status 2

Every message says what happened, where, and what to do. ``exit_status`` is what the command line ends with.
"""

from __future__ import annotations


class AskSeoulError(Exception):
    """Root of all errors of this package: ``except AskSeoulError`` catches every one of them."""

    exit_status = 3


class UsageError(AskSeoulError):
    """The request itself is wrong; repeating it will not help."""

    exit_status = 2


class QuestionInvalid(UsageError):
    """The question is empty, or longer than a question can be."""


class LimitExceeded(UsageError):
    """More requests came than are taken in that time; the same one may come again after ``seconds``."""

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class ArticleError(AskSeoulError):
    """One file could not become an article."""


class ArticleMissing(ArticleError):
    """There is no file or folder at this path."""


class ArticleUnreadable(ArticleError):
    """The file is there but can't be read, or is not text."""


class ArticleEmpty(ArticleError):
    """The file holds no text."""


class ArticleTooLarge(ArticleError):
    """The file, its text, or what it unpacks to is larger than what is read."""


class ReadingTimedOut(ArticleError):
    """Reading the file took longer than one file may take."""


class FormatUnsupported(ArticleError):
    """Files of this kind are not read."""


class NothingIndexed(AskSeoulError):
    """Not one of the given files could be indexed."""

    exit_status = 1


class StoreError(AskSeoulError):
    """Something about the index on disk."""


class IndexMissing(StoreError):
    """There is no index in this folder."""


class IndexForeign(StoreError):
    """What stands where the index should be was not made by AskSeoul, or is damaged."""


class IndexMismatch(StoreError):
    """The index was made with another encoder or by another version of AskSeoul."""


class IndexUnwritable(StoreError):
    """The index can't be written: the disk is full or the folder is read-only."""

    exit_status = 1


class IndexBusy(IndexUnwritable):
    """Another process is writing the index, and did not come to an end."""


class ArticleUnknown(StoreError):
    """The index holds no article of this id."""


class ModelError(AskSeoulError):
    """A model package or file is missing, or is not the one that is pinned."""


class GeneratorError(AskSeoulError):
    """The LLM could not be reached, or gave nothing usable."""


class PromptError(AskSeoulError):
    """A prompt file is missing, or its fields are not those that are filled."""


class AnswerInvalid(UsageError):
    """The file is not an answer exported by AskSeoul."""
