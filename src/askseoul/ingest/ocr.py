"""Text recognition for PDFs whose pages are pictures, by the program ``ocrmypdf`` where it is installed.

It runs outside of the confined processes that parse files, so it is not used for files that strangers hand in.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from askseoul.errors import ArticleError
from askseoul.ingest.sandbox import ReadFile

OCR: Final = "ocrmypdf"
"""The program; what it can mend names it in its error or note."""
SECONDS: Final = 600.0
"""Time that the recognition of one file may take; a page takes one to five seconds."""
NOTE: Final = f"its pages are pictures and were read by {OCR}, which may misread them"
_LANGUAGES: Final = ("eng", "kor", "deu", "fra", "spa")
"""Languages that are looked for, if their data are installed. Each makes recognition slower."""
_INHERITED: Final = ("PATH", "LANG", "LC_ALL", "TMPDIR", "HOME")
_ENVIRONMENT: Final = {"OMP_THREAD_LIMIT": "1"}
"""On a busy machine, several threads wait for each other: two pages took 170 s."""

log = logging.getLogger(__name__)


def can_recognise(read: ReadFile) -> bool:
    """Whether a file has pages that are pictures, and the program that reads them is installed."""
    if read.path.suffix.lower() != ".pdf" or shutil.which(OCR) is None:
        return False
    told = [str(read.outcome)] if isinstance(read.outcome, ArticleError) else read.outcome.notes
    return any(OCR in text for text in told)


def recognise(path: Path, folder: Path) -> Path | None:
    """Write a copy of a PDF with the text of its pictures into a folder, under the same name.

    Returns None, and logs why, if that fails or takes more than SECONDS.
    """
    copy = folder / path.name
    command = [OCR, "--skip-text", "--quiet", "--output-type", "pdf", "--jobs", "1", "--language", _languages()]
    try:
        subprocess.run(
            [*command, "--", str(path.absolute()), str(copy)],
            check=True, timeout=SECONDS, capture_output=True, stdin=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _INHERITED if name in os.environ} | _ENVIRONMENT,
        )  # fmt: skip
    except subprocess.CalledProcessError as error:
        told = error.stderr.decode("utf-8", "replace").strip()[-300:]
        log.warning("%s could not read %s: %s", OCR, path, told or f"exit status {error.returncode}")
        return None
    except (OSError, subprocess.TimeoutExpired) as error:
        log.warning("%s could not read %s: %s", OCR, path, error)
        return None
    return copy


def _languages() -> str:
    """Return the installed languages among those looked for, as ``ocrmypdf`` takes them."""
    try:
        listed = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return "eng"
    return "+".join(language for language in _LANGUAGES if language in listed.stdout.split()) or "eng"
