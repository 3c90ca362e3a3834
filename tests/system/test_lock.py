"""One writer at a time, by a lock that ends with its process."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest

from askseoul.errors import IndexBusy, IndexUnwritable
from askseoul.index.sqlite import WriterLock


def test_the_second_is_told_when_the_first_does_not_end(tmp_path, caplog):
    is_told = pytest.raises(IndexBusy, match="can be read meanwhile")
    with WriterLock(tmp_path).held(), is_told, WriterLock(tmp_path).held(timeout=0.1):
        pass
    assert "waiting for it" in caplog.text


def test_the_second_goes_on_when_the_first_ends(tmp_path):
    first = WriterLock(tmp_path)
    entered, leave = threading.Event(), threading.Event()

    def hold():
        with first.held():
            entered.set()
            leave.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    entered.wait()
    threading.Timer(0.2, leave.set).start()
    started = time.monotonic()
    with WriterLock(tmp_path).held():
        assert time.monotonic() - started > 0.1
    thread.join()


def test_who_holds_it_may_take_it_again(tmp_path):
    writer = WriterLock(tmp_path)
    with writer.held(), writer.held(timeout=0):
        pass
    with WriterLock(tmp_path).held(timeout=0):
        pass


def test_it_ends_with_the_process_that_holds_it(tmp_path):
    program = (
        "import sys, time; from pathlib import Path; from askseoul.index.sqlite import WriterLock\n"
        "with WriterLock(Path(sys.argv[1])).held():\n    print('held', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(IndexBusy), WriterLock(tmp_path).held(timeout=0):
            pass
        holder.kill()
        holder.wait()
        with WriterLock(tmp_path).held(timeout=1):
            pass


def test_a_folder_that_is_not_there_can_not_be_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(IndexUnwritable, match="make the folder writable"), WriterLock(tmp_path / "file").held():
        pass
