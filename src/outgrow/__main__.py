"""``python -m outgrow``, and the console command ``outgrow``."""

from __future__ import annotations

import sys


def main() -> int:
    """The exit code; Ctrl-C while this is still being loaded has nothing to stop and needs no traceback."""
    try:
        from outgrow.cli import main as carry_out

        return carry_out()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
