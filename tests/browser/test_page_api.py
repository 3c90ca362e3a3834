"""The calls of the page's API that docs/chat-page.md shows, by gradio_client and by curl."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from askseoul.web.layout import ENDPOINTS

PAGE = (Path(__file__).parents[2] / "docs" / "chat-page.md").read_text(encoding="utf-8")
PYTHON, SHELL = re.search(
    r"<!-- runs in tests/browser/test_page_api.py -->\n```python\n(.*?)```\n\n```sh\n(.*?)```", PAGE, re.DOTALL
).groups()
HERE = "http://127.0.0.1:7860"
"""Where the documentation has the page."""


def test_every_endpoint_is_called_in_the_documentation():
    assert set(re.findall('api_name="/([a-z]+)"', PYTHON)) == ENDPOINTS
    assert set(re.findall(r"\$url/([a-z]+)", SHELL)) == ENDPOINTS


def test_the_python_calls_run(served):
    run = subprocess.run(
        [sys.executable, "-c", PYTHON.replace(HERE, served.url)], capture_output=True, encoding="utf-8", check=True
    )
    assert "28,500" in run.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_curl_calls_run(served):
    run = subprocess.run(
        ["sh", "-eu", "-c", SHELL.replace(HERE, served.url)], capture_output=True, encoding="utf-8", check=True
    )
    assert run.stdout.count("event: complete") == len(ENDPOINTS), run.stdout[:2000]
    given = (
        json.loads(line.removeprefix("data: "))[0] for line in run.stdout.splitlines() if line.startswith("data: ")
    )
    called = dict(zip(dict.fromkeys(re.findall(r"\$url/([a-z]+)", SHELL)), given, strict=True))
    assert "28,500" in called["ask"]["text"]
    assert len(called["search"]) == 3
    assert len(called["articles"]) == 3
    assert called["article"]["text"].startswith("# Seoul as a center of balance")
    assert all(claim["verdict"] for claim in called["check"])


def test_what_is_wrong_with_a_call_is_said(served):
    from gradio_client import Client
    from gradio_client.exceptions import AppError

    client = Client(served.url, verbose=False, analytics_enabled=False)
    with pytest.raises(AppError, match=r"holds no article 'none\.md'"):
        client.predict("none.md", api_name="/article")
    with pytest.raises(AppError, match="The question is empty"):
        client.predict(" ", api_name="/ask")


def test_the_endpoints_are_described_and_nothing_else_is(served):
    from gradio_client import Client

    described = Client(served.url, verbose=False, analytics_enabled=False).view_api(return_format="dict")
    assert set(described["named_endpoints"]) == {f"/{name}" for name in ENDPOINTS}
    assert described["unnamed_endpoints"] == {}
    parameters = {each["parameter_name"] for each in described["named_endpoints"]["/ask"]["parameters"]}
    assert parameters == {"question", "history", "as_of", "since", "within", "strictness"}
