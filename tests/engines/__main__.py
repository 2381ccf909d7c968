"""`python -m tests.engines`: see to it that every engine's server can be started, and say from where."""

from __future__ import annotations

import os
import sys

from tests import engines
from tests.engines import origins


def main() -> int:
    """Find or install the servers, before a test that waits for one is timed."""
    for engine in engines.SERVERS:
        if engines.skipped(engine):
            print(f"{engine}: left out by OUTGROW_SKIP")
        elif os.environ.get(f"OUTGROW_TEST_{engine.upper()}_URL"):
            print(f"{engine}: from OUTGROW_TEST_{engine.upper()}_URL")
        else:
            print(f"{engine}: ", end="", flush=True)  # a first installation takes a minute
            program = origins.find(engine)
            print(f"{program.server} from {program.origin}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except engines.EngineUnavailable as error:
        sys.exit(f"\n{error}")
