"""What the tests share: profiles and sample, the real encoder and reader, a real index, the served page, a browser."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import pytest
from evals.common.page_server import CHROMIUM, CHROMIUM_OPTIONS, indexed, serving
from hypothesis import settings

from askseoul.index.store import Store
from askseoul.models.encoder import load_encoder
from askseoul.models.reader import load_reader
from askseoul.pipeline import AskSeoul
from askseoul.web.suggestions import CachingEncoder
from tests.support.articles import DIGESTS
from tests.support.processes import ROOT

# Processes that tests start import the checkout, as the tests themselves do.
os.environ["PYTHONPATH"] = str(ROOT / "src")

# No deadline: how long an example takes depends on what else the machine does.
settings.register_profile("quick", deadline=None, max_examples=20)
settings.register_profile("full", deadline=None)


def pytest_addoption(parser):
    parser.addoption(
        "--sample",
        type=float,
        default=1.0,
        metavar="SHARE",
        help="run only this share (0 to 1) of the selected tests; the hash of their ids chooses, always the same ones",
    )


@pytest.hookimpl(trylast=True)  # after -m and -k have made their choice
def pytest_collection_modifyitems(config, items):
    share = config.getoption("--sample")
    if share < 1:
        config.hook.pytest_deselected(items=[item for item in items if not is_in_sample(item.nodeid, share)])
        items[:] = [item for item in items if is_in_sample(item.nodeid, share)]


def is_in_sample(nodeid, share):
    """Whether a test is among this share of all tests; the tests of a smaller share are among those of a larger."""
    return int.from_bytes(hashlib.sha256(nodeid.encode()).digest()[:4], "big") < share * 2**32


@pytest.fixture(scope="session")
def encoder():
    """The encoder that comes with AskSeoul."""
    return load_encoder()


@pytest.fixture(scope="session")
def reader():
    """The reader that comes with AskSeoul, computing in 32 bits, so that it reads alike on every machine."""
    return load_reader(precision="f32")


@pytest.fixture(scope="session")
def digests_index():
    """A folder with an index of the shipped articles, for processes that read it."""
    with indexed(DIGESTS) as folder:
        yield folder


@pytest.fixture(scope="session")
def app(digests_index, tmp_path_factory, encoder, reader):
    """The shipped articles, open in this process to be asked again and again; no test may change what it holds."""
    folder = shutil.copytree(digests_index, tmp_path_factory.mktemp("digests") / "index")
    with AskSeoul(Store.open(folder, encoder=encoder), CachingEncoder(encoder), None, lambda: reader) as opened:
        yield opened


@pytest.fixture
def fresh(tmp_path, encoder, reader):
    """An empty index, open in this process, of the test's own."""
    store = Store.open(tmp_path / "index", encoder=encoder, create=True)
    with AskSeoul(store, encoder, None, lambda: reader) as opened:
        yield opened


@pytest.fixture(scope="session")
def served(digests_index):
    """The web page of the shipped articles; no test may change what it holds."""
    with serving(digests_index) as page:
        yield page


@pytest.fixture(scope="module")
def chromium():
    """A real browser without a window. Playwright runs an event loop while it is there: not for the whole session."""
    sync_api = pytest.importorskip("playwright.sync_api")
    if not Path(CHROMIUM).exists():
        pytest.skip(f"there is no {CHROMIUM}: install Debian's package chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()
