"""``python -m askseoul`` runs the command ``askseoul``."""

import sys

from askseoul.cli import main

if __name__ == "__main__":
    sys.exit(main())
