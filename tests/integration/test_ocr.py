"""Scanned PDFs: read where ``ocrmypdf`` is installed and allowed, else named with the command that reads them."""

from __future__ import annotations

import io
import shutil

import pypdfium2
import pytest
from reportlab.pdfgen import canvas

from askseoul.domain import Article
from askseoul.errors import ArticleUnreadable
from askseoul.ingest import ocr
from askseoul.ingest.articles import absolute
from askseoul.ingest.reader import read_files

SENTENCE = "The harbour of Velmora counted 512 ships in May 2024."
needs_program = pytest.mark.skipif(shutil.which("ocrmypdf") is None, reason="ocrmypdf is not installed")


@pytest.fixture
def scan(tmp_path):
    """A PDF whose only page is a picture of a sentence."""
    drawn = io.BytesIO()
    page = canvas.Canvas(drawn)
    page.setFont("Helvetica", 14)
    page.drawString(72, 700, SENTENCE)
    page.save()
    path = tmp_path / "scan 항구.pdf"
    pypdfium2.PdfDocument(drawn.getvalue())[0].render(scale=3).to_pil().save(path, "PDF", resolution=216)
    return path


@needs_program
def test_a_scanned_page_is_read(scan):
    (read,) = read_files([scan], ocr=True)
    assert isinstance(read.outcome, Article)
    assert SENTENCE in read.outcome.text
    assert (read.outcome.id, read.outcome.places) == (scan.name, (str(absolute(scan)),))
    assert read.outcome.notes == (ocr.NOTE,)


def test_a_scanned_page_is_named_where_recognition_is_not_allowed(scan):
    (read,) = read_files([scan])
    assert isinstance(read.outcome, ArticleUnreadable)
    assert "ocrmypdf --skip-text" in str(read.outcome)


def test_a_scanned_page_is_named_where_the_program_is_missing(scan, monkeypatch):
    monkeypatch.setenv("PATH", "")
    (read,) = read_files([scan], ocr=True)
    assert isinstance(read.outcome, ArticleUnreadable)


def test_a_program_that_fails_leaves_the_file_as_it_was(scan, tmp_path, monkeypatch, caplog):
    program = tmp_path / "ocrmypdf"
    program.write_text("#!/bin/sh\necho 'no language data' >&2\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    (read,) = read_files([scan], ocr=True)
    assert isinstance(read.outcome, ArticleUnreadable)
    assert "no language data" in caplog.text
