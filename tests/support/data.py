"""Tables of cases as JSON lines in ``tests/data/``: what a text is to be read as, one case a line.

A case is an object with an ``id`` that says what it shows and is unique in its file. ``xfail`` gives the reason why a
case is known to fail.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from _pytest.mark.structures import ParameterSet

DATA = Path(__file__).parents[1] / "data"


def cases(name: str) -> list[ParameterSet]:
    """The cases of ``tests/data/<name>.jsonl`` in their order, each a dict, for ``pytest.mark.parametrize``.

    Raises ValueError where a case has no id of its own.
    """
    rows = [json.loads(line) for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    repeated = [identifier for identifier, times in Counter(row.get("id") for row in rows).items() if times > 1]
    if repeated or not all(row.get("id") for row in rows):
        raise ValueError(f"{name}.jsonl: each case needs an id of its own, and these are repeated: {repeated}")
    return [
        pytest.param(row, id=row["id"], marks=[pytest.mark.xfail(reason=row["xfail"])] if "xfail" in row else [])
        for row in rows
    ]
