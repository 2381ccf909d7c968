"""The story of a move, in about ten steps; log, report and docs use the same step names.

    check → inventory → plan → audit source → schema → audit target → set aside → copy → restore → verify → settings

A split (`--apps`) ends with one step more, the switch; see `splitting`.

Every step may be run again after a crash: what the ledger says is done is not done twice.
"""

from __future__ import annotations

from outgrow.pipeline.looking import AuditReport, audit, plan, status
from outgrow.pipeline.moving import MoveResult, move
from outgrow.pipeline.proving import VerifyResult, verify
from outgrow.pipeline.splitting import DropResult, UndoResult, drop_source, undo

__all__ = [
    "AuditReport",
    "DropResult",
    "MoveResult",
    "UndoResult",
    "VerifyResult",
    "audit",
    "drop_source",
    "move",
    "plan",
    "status",
    "undo",
    "verify",
]
