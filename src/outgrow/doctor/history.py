"""Migrations that wait, tables that are not where their owner is, and histories that claim what is not there."""

from __future__ import annotations

from collections.abc import Iterator

from outgrow import migrating
from outgrow.dialects.inspecting import Said, failed, good, warning
from outgrow.errors import OutgrowError
from outgrow.migrating import Drift, order
from outgrow.options import MigrateOptions

SHOWN = 5


def judge(alias: str) -> Iterator[tuple[str, Said]]:
    try:
        if alias not in order.to_migrate():
            yield "D601", good("nothing of the project is to be migrated here")
            return
        found = migrating.check(MigrateOptions((alias,), wait=0))
    except OutgrowError as error:
        yield "D601", failed(str(error))
        return
    pending = [drift for drift in found if drift.kind == "pending"]
    others = [drift for drift in found if drift.kind != "pending"]
    if pending:
        yield "D601", warning(pending[0].text, f"outgrow migrate --database {alias}")
    else:
        yield "D601", good("every migration is applied")
    if pending and not any(drift.kind == "copy" for drift in others):
        return  # what is missing waits for them
    for drift in others[:SHOWN]:
        yield "D602", (failed if _hurts(drift) else warning)(drift.text)
    if len(others) > SHOWN:
        yield (
            "D602",
            failed(
                f"{len(others) - SHOWN} more of these are told by the check of the migrations.",
                "outgrow migrate --check",
            ),
        )
    if not others and not pending:
        yield "D602", good("every table, column and index is where its owner is")


def _hurts(drift: Drift) -> bool:
    """An index that is missing makes slow; the others break something."""
    return drift.wrong and drift.kind not in ("index", "unreadable")
