"""Every mutation of ``evals.quality.mutations`` still applies to the program."""

from __future__ import annotations

import pytest
from evals.common.data import ARTICLES, ROOT
from evals.quality.mutations import MUTATIONS


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_mutation_finds_what_it_changes(mutation):
    for file, old, new in mutation.edits:
        assert old in (ROOT / file).read_text(encoding="utf-8")
        assert new != old
    assert not mutation.omitted or (ARTICLES / mutation.omitted).is_file()
