"""Parts that several test files share: the real encoder and an index of the shipped articles, made once a session."""

from __future__ import annotations

from pathlib import Path

import pytest

DIGESTS = Path(__file__).parents[1] / "index" / "articles"


@pytest.fixture(scope="session")
def encoder():
    """The encoder that comes with AskSeoul."""
    from askseoul.encoders import load_encoder

    return load_encoder()


@pytest.fixture(scope="session")
def app(tmp_path_factory, encoder):
    """The shipped articles, indexed and ready to be asked; no test may change what it holds."""
    from askseoul.pipeline import AskSeoul
    from askseoul.store import Store

    store = Store.open(tmp_path_factory.mktemp("digests"), encoder=encoder, create=True)
    with AskSeoul(store, encoder, None) as opened:
        opened.index([DIGESTS])
        yield opened
