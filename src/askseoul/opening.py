"""A folder into an open index: whether there is one, whether it is ours, of this format and of this encoder."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

from askseoul import migrations, tables
from askseoul.database import DATABASE, connect, named_errors, pragma, transaction
from askseoul.encoders import Encoder
from askseoul.errors import IndexForeign, IndexMismatch, IndexMissing, IndexUnwritable
from askseoul.lock import WriterLock

logger = logging.getLogger(__name__)


def open_index(folder: Path, encoder: Encoder | None, passage_tokens: int, *, create: bool) -> sqlite3.Connection:
    """Open the truth of the index in ``folder``; see ``Store.open``, which adds what reads and writes it.

    Raises IndexMissing, IndexForeign, IndexMismatch, IndexUnwritable.
    """
    path = folder / DATABASE
    _look_at(folder, path, create=create)
    with named_errors(path):
        connection = connect(path)
        try:
            if create and encoder is not None:
                _create(connection, encoder, passage_tokens)
            _check_format(connection, folder, path)
            if encoder is not None:
                _check_encoder(connection, folder, encoder, passage_tokens)
        except BaseException:
            connection.close()
            raise
    return connection


def _look_at(folder: Path, path: Path, *, create: bool) -> None:
    try:
        if folder.exists() and not folder.is_dir():
            raise IndexForeign(f"{folder} is a file, not the folder of an index. Name another folder with --index.")
        if path.exists() and not path.is_file():
            raise IndexForeign(f"{path} is not a file. Name another folder with --index, or move it away.")
        if not path.exists() and not create:
            raise _missing(folder)
        if create:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise IndexUnwritable(f"{folder} can't be used: {error}. Name another folder with --index.") from error


def _create(connection: sqlite3.Connection, encoder: Encoder, passage_tokens: int) -> None:
    if pragma(connection, "schema_version") > 0:
        return
    connection.execute("PRAGMA journal_mode = WAL")
    with transaction(connection, "BEGIN IMMEDIATE"):
        if pragma(connection, "schema_version") == 0:  # no other process has made them meanwhile
            tables.create(connection, encoder, passage_tokens)


def _check_format(connection: sqlite3.Connection, folder: Path, path: Path) -> None:
    with transaction(connection):
        if pragma(connection, "schema_version") == 0:
            raise _missing(folder)
        if pragma(connection, "application_id") != tables.APPLICATION:
            raise IndexForeign(f"{path} was not made by AskSeoul. Name another folder with --index.")
        found = pragma(connection, "user_version")
    if found == 1:
        _upgrade(connection, folder, path)
    elif found != tables.FORMAT:
        raise IndexMismatch(
            f"{path} has format {found}, and this AskSeoul reads format {tables.FORMAT}. "
            f"Index your articles again into a new folder, or remove {path} first."
        )


def _upgrade(connection: sqlite3.Connection, folder: Path, path: Path) -> None:
    with WriterLock(folder).held(), transaction(connection, "BEGIN IMMEDIATE"):
        if pragma(connection, "user_version") != tables.FORMAT:  # no other process has done it meanwhile
            logger.warning("%s is of an earlier version and is brought up to this one", path)
            migrations.upgrade(connection)


def _check_encoder(connection: sqlite3.Connection, folder: Path, encoder: Encoder, passage_tokens: int) -> None:
    with transaction(connection):
        made = tables.manifest(connection)
    if (made.fingerprint, made.passage_tokens) != (encoder.fingerprint, passage_tokens):
        raise IndexMismatch(
            f"The index in {folder} was made with {made.encoder} (fingerprint {made.fingerprint[:12]}, "
            f"passages of {made.passage_tokens} tokens), and the settings ask for {encoder.name} (fingerprint "
            f"{encoder.fingerprint[:12]}, passages of {passage_tokens} tokens). Index your articles again into a "
            f"new folder, or remove {folder / DATABASE} first."
        )


def _missing(folder: Path) -> IndexMissing:
    return IndexMissing(f"There is no index in {folder}. Make one with `askseoul index PATH --index {folder}`.")
