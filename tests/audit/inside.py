"""`python -m tests.audit.inside TARGET`: audit the default database of the settings for a target, as JSON.

Runs in a process of its own, because one process has one Django project. The second audit runs where the target has
tables already.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import dj_database_url
import django


def audit(url: str, jobs: int = 2) -> dict[str, Any]:
    from django.db import connections

    from outgrow import plan as plans
    from outgrow.audit import audit_source, audit_target
    from outgrow.dialects import dialect_for
    from outgrow.project import name_on_target, read_project

    source = dialect_for(connections["default"].settings_dict)
    target = dialect_for(dict(dj_database_url.parse(url)))
    with source.connect(read_only=True) as session:
        live = source.tables(session)
    project = read_project("default", live)
    plan = plans.start(project, live, source="source", target="target")
    with target.connect() as session:
        there = target.tables(session)
        limit = target.limits(session).identifier
    with source.snapshot(workers=jobs) as snapshot:
        first = audit_source(source, snapshot.session, plan, target, jobs, project=project)
        found = {"source": first.as_json(all_keys=True)}
        if there:
            pairs = [
                (t, plans.match_name(t.name, there, target, name_on_target(t.name, limit, t.table)))
                for t in plan.tables
            ]
            tables = tuple(plans.pair(t, match, source, target) if match else t for t, match in pairs)
            second = audit_target(
                source,
                snapshot.session,
                target,
                plans.replace(plan, tables=tables),
                jobs,
                project=project,
                before=first,
            )
            found["target"] = second.as_json(all_keys=True)
    return found


def inventory() -> dict[str, Any]:
    """What read_project says of the default database."""
    from dataclasses import asdict

    from django.db import connections

    from outgrow.dialects import dialect_for
    from outgrow.project import read_project

    source = dialect_for(connections["default"].settings_dict)
    with source.connect(read_only=True) as session:
        live = source.tables(session)
    return {**asdict(read_project("default", live)), "connected": connections["default"].connection is not None}


if __name__ == "__main__":
    django.setup()
    json.dump(inventory() if sys.argv[1] == "inventory" else audit(sys.argv[1]), sys.stdout)
