"""A whole move of one database of several: what of its tables is its own, and what only stands there still."""

from __future__ import annotations

from dataclasses import replace

from django.db import connections

from outgrow.dialects import dialect_for
from outgrow.errors import Refused
from outgrow.pipeline.ends import Ends
from outgrow.project import Action, Project, ProjectTable, concrete_models, table_of
from outgrow.routing import declared
from outgrow.scope import Share


def of_its_share(project: Project, share: Share, ends: Ends) -> Project:
    """Of a database among several only what it owns: a table that has left it may still stand there as an old copy.

    It is one only where its owner has the table: else its rows have not left yet, and would be left behind.
    """
    owners, homes = declared(), {table_of(m).lower(): m for m in concrete_models()}
    assert owners is not None
    found: list[ProjectTable] = []
    standing: dict[str, set[str]] = {}
    for table in project.tables:
        model = homes.get(table.name.lower())
        if model is None or table.model is None or share.has(table.name) or table.action is not Action.COPY:
            found.append(table)
            continue
        owner = owners.of_model(model)
        if owner not in standing:
            standing[owner] = _tables_of(owner)
        if table.name.lower() not in standing[owner]:
            raise Refused(
                f'{table.name} is in {ends.alias}, and OUTGROW["OWNERS"] gives it to {owner}, which has no such table: '
                f"move it there first (`outgrow move --apps {model._meta.app_label} --from {ends.alias} --to "
                f"{owner}`), or correct the owners."
            )
        found.append(replace(table, action=Action.SKIP, reason=f"an old copy: {owner} owns it, and has it"))
    return replace(project, tables=tuple(found))


def _tables_of(alias: str) -> set[str]:
    """The tables of this database of the project, in lower case."""
    dialect = dialect_for(connections[alias].settings_dict) if alias in connections else None
    if dialect is None or dialect.absent:
        return set()
    with dialect.connect(read_only=True) as session:
        return {name.lower() for name in dialect.tables(session)}
