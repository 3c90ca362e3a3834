"""The command line: arguments become calls, and what they return is printed.

In come the process's arguments and environment; out come text or JSON on stdout and an exit status.
It may import every other room.
"""

from askseoul.cli.commands import main

__all__ = ["main"]
