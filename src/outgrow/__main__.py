"""``python -m outgrow``."""

from __future__ import annotations

import sys

from outgrow.cli import main

sys.exit(main())
