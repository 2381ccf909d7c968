"""The server's clock beside this machine's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from outgrow.dialects.inspecting.base import Said, good, warning

MOST = 2.0  # seconds


def between(ask: Callable[[], datetime]) -> Said:
    """``ask`` reads the server's clock; half of what the question takes is the server's, at most."""
    before = datetime.now(UTC)
    theirs = ask()
    after = datetime.now(UTC)
    apart = (theirs - (before + (after - before) / 2)).total_seconds()
    unsure = (after - before).total_seconds() / 2
    if abs(apart) <= MOST + unsure:
        return good(f"the clocks are {abs(apart):.1f} s apart")
    return warning(
        f"The server's clock is {abs(apart):.0f} s {'ahead of' if apart > 0 else 'behind'} this machine's: tokens, "
        "holds and whatever expires will be judged by two clocks, so let both follow a time server.",
        "timedatectl set-ntp true",
    )
