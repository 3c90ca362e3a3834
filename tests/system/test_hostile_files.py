"""Damaged, mislabelled or malicious files are read, or rejected by name."""

from __future__ import annotations

import random

import pytest
from evals.robustness import hostile_files

pytestmark = pytest.mark.full


def test_hostile_files_are_read_or_rejected():
    counts = hostile_files.measure(200, seed=1)
    assert sum(count.files for count in counts.values()) == 200
    assert all(count.files for count in counts.values())
    assert {kind: count for kind, count in counts.items() if count.is_bad} == {}
    assert counts["good"].read == counts["good"].files
    assert hostile_files.is_well(counts)


@pytest.mark.parametrize("kind", hostile_files.KINDS)
def test_a_seed_makes_the_same_files(kind):
    make, _, most = hostile_files.KINDS[kind]
    if most > 10:
        assert make(random.Random(3)) == make(random.Random(3))


def test_what_must_not_happen_is_counted(monkeypatch, capsys):
    def fails(paths, *, seconds):
        raise ValueError("a fault")
        yield

    monkeypatch.setattr(hostile_files, "read_files", fails)
    counts = hostile_files.measure(20, seed=1)
    assert sum(count.crashes for count in counts.values()) == 20
    assert not hostile_files.is_well(counts)
    assert "a fault" in capsys.readouterr().err
