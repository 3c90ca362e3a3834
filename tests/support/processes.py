"""Python in processes of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
"""The checkout."""


def run_python(code: str, *, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own, which has to succeed, with CI unset: OpenVINO reports no use under CI.

    ``before`` is the command that starts it, such as strace with its options.
    """
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    command = [*before, sys.executable, "-c", code]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)
