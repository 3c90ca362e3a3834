"""Files that a reader adds through the web page: kept beside the index, indexed one by one, each with its outcome."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from askseoul.canonical import canonical_text, composed
from askseoul.coverage import counted
from askseoul.errors import NothingIndexed
from askseoul.index_report import IndexReport
from askseoul.pipeline import AskSeoul

FOLDER: Final = "uploads"
"""Where in the folder of the index the files lie. Its own files are not touched."""
MOST_FILES: Final = 20
"""Files that are taken at once."""
LONGEST_NAME: Final = 200
"""Bytes of a file's name that are kept; file systems take 255, and a number may be added."""
LONGEST_SUFFIX: Final = 16
"""Bytes of what stands behind its last full stop."""
_OTHER: Final = str.maketrans(dict.fromkeys('/\\:*?"<>|\n\t', "_"))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file."""

    name: str
    taken: bool
    message: str


def add_files(
    app: AskSeoul, files: Sequence[Path], progress: Callable[[int, int], None] = lambda done, of: None
) -> list[Outcome]:
    """Keep these files and index them; what can't be read is not kept, and its outcome says why.

    Raises IndexUnwritable, IndexBusy; what was added before stays.
    """
    outcomes = [
        Outcome(safe_name(each.name), taken=False, message=f"No more than {MOST_FILES} at once: add it by itself.")
        for each in files[MOST_FILES:]
    ]
    added = []
    for done, file in enumerate(files[:MOST_FILES]):
        progress(done, len(files[:MOST_FILES]))
        added.append(_add(app, file))
    return added + outcomes


def remove_article(app: AskSeoul, article_id: str) -> None:
    """Forget an article, and the files of it that were added through the page; others stay as they are.

    Raises ArticleUnknown, IndexUnwritable, IndexBusy.
    """
    kept = app.store.folder.resolve() / FOLDER
    places = [Path(place) for place in app.article(article_id).places]
    app.remove(article_id)
    for place in places:
        if place.parent == kept:
            place.unlink(missing_ok=True)


def safe_name(name: str) -> str:
    """A file's name as one that is a name and nothing else, whatever it was meant to be."""
    visible = canonical_text(composed(name))[0].translate(_OTHER).strip(" .")
    stem, dot, suffix = visible.rpartition(".")
    if not dot:
        return _cut(visible, LONGEST_NAME) or "article"
    ending = f".{_cut(suffix, LONGEST_SUFFIX)}"
    return f"{_cut(stem, LONGEST_NAME - len(ending.encode())) or 'article'}{ending}"


def _cut(text: str, size: int) -> str:
    """As many whole characters as have so many bytes, without spaces and full stops around them."""
    return text.encode()[:size].decode(errors="ignore").strip(" .")


def _add(app: AskSeoul, file: Path) -> Outcome:
    name = safe_name(file.name)
    try:
        place = _keep(file, app.store.folder.resolve() / FOLDER, name)
    except OSError as error:
        return Outcome(name, taken=False, message=f"It can't be kept ({error.strerror or error}).")
    try:
        report = app.index([place])
    except NothingIndexed as error:
        place.unlink()
        reason = str(error).split("\n", 1)[-1].strip()
        return Outcome(name, taken=False, message=reason.replace(str(place), name))
    except BaseException:
        place.unlink()
        raise
    return Outcome(name, taken=True, message=_told(app, report))


def _keep(file: Path, folder: Path, name: str) -> Path:
    """A copy of the file under a name that no other has."""
    folder.mkdir(exist_ok=True)
    stem, dot, suffix = name.rpartition(".")
    for number in itertools.count(1):
        place = folder / (name if number == 1 else f"{stem or suffix}-{number}{dot}{suffix if dot else ''}")
        try:
            target = place.open("xb")
        except FileExistsError:
            continue
        try:
            with target, file.open("rb") as source:
                shutil.copyfileobj(source, target)
        except BaseException:
            place.unlink()
            raise
        return place
    raise AssertionError  # the numbers do not end


def _told(app: AskSeoul, report: IndexReport) -> str:
    if report.duplicates:
        return f"It says the same as {report.duplicates[0].article_id}, which is held already."
    moved = (each.article_id for each in report.renamed)  # its text is known, and the file that held it is gone
    article_id = (*report.added, *report.updated, *report.unchanged, *moved)[0]
    passages = counted(len(app.store.passages(article_id)), "passage")
    stripped = report.stripped.get(article_id, 0)
    note = f", {counted(stripped, 'invisible character')} left out" if stripped else ""
    return f"Added as {article_id}: {passages}{note}."
