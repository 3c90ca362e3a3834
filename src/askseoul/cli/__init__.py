"""The command line: parses arguments, calls the package and prints the results.

Input: command-line arguments and environment variables. Output: text or JSON on stdout, and an exit status.
It may import every other sub-package.
"""

from askseoul.cli.commands import main

__all__ = ["main"]
