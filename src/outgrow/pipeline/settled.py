"""The last step of a move: load the project through the printed settings, in a process of its own, and count."""

from __future__ import annotations

from outgrow.errors import OutgrowError
from outgrow.ledger import Ledger
from outgrow.places import Place, block_environment
from outgrow.plan import Plan
from outgrow.schema.counting import count_models


def load_and_count(
    place: Place, alias: str | None, block: str, module: str, plan: Plan, ledger: Ledger
) -> dict[str, int]:
    """Rows by model, as the project itself counts them on its new database; they must be what was copied."""
    counted = count_models(block, block_environment(place, alias), settings_module=module)
    copied: dict[str, int] = {}
    for chunk in ledger.chunks():
        copied[chunk.table] = copied.get(chunk.table, 0) + chunk.rows
    tables = {t.target.name if t.target else t.name: t.name for t in plan.tables}
    wrong = [t for t, rows in counted.items() if t in tables and rows != copied.get(tables[t], rows)]
    if wrong:
        first = wrong[0]
        raise OutgrowError(
            f"the project, loaded through the new settings, counts {counted[first]} rows in {first} where "
            f"{copied[tables[first]]} were copied: something writes to the target already; stop it and verify."
        )
    return {t: rows for t, rows in counted.items() if t in tables}
