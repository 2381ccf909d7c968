"""The tests of Outgrow and of plaza."""

import os

PROVE = os.environ.get("OUTGROW_PROVE") == "1"
"""Whether this is `make prove`: the same tests at full length."""
