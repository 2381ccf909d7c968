"""What can go wrong before there is a server."""

from __future__ import annotations


class EngineUnavailable(Exception):
    """One sentence: which engine cannot be had here, why, and how to go on without it."""

    def __init__(self, engine: str, reason: str) -> None:
        self.engine, self.reason = engine, reason
        super().__init__(engine, reason)

    def __str__(self) -> str:
        return (
            f"{self.engine} cannot be had here: {self.reason}; set "
            f"OUTGROW_TEST_{self.engine.upper()}_URL to a server, or OUTGROW_SKIP={self.engine} "
            "to go on without it."
        )
