"""Every value that an engine can hold, moved to every other engine: what the target cannot hold is refused or fixed.

Whatever the audit finds is rejected by policy, or deleted where no policy is offered; all else must arrive.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests import PROVE
from tests.conftest import MakeDatabase
from tests.engines import ENGINES
from tests.moves import catalogs
from tests.moves.projects import Outcome, Project
from tests.moves.test_archive import WITHOUT_KEYS, execute
from tests.moves.test_directions import assert_all_verified

DIRECTIONS = [(a, b) for a in ENGINES for b in ENGINES if a != b]
ROUNDS = 6  # the audit of the target's tables finds more than the first, and a deleted row leaves orphans

pytestmark = [
    pytest.mark.prove,
    pytest.mark.skipif(not PROVE, reason="takes a quarter of an hour; in `make prove`"),
]


@pytest.mark.parametrize(("here", "there"), DIRECTIONS)
def test_what_the_target_cannot_hold_is_named_and_the_rest_arrives(
    here: str, there: str, the_zoo: Project, make_database: MakeDatabase
) -> None:
    source, target = make_database(here), make_database(there)
    the_zoo.manage(source, "migrate", "-v0")
    the_zoo.manage(source, "zoo_fill", "--extreme")
    policies: dict[str, str] = {}
    removed: list[str] = []
    for _ in range(ROUNDS):
        done = attempt(the_zoo, source, target, policies)
        if done.code == 0:
            break
        assert done.code == 1, done.out[-2000:] + done.err + done.tracebacks()
        answer(here, source, findings(done), policies, removed)
    done.ok()
    assert_all_verified(done.result)
    lost = [line for line in the_zoo.ask(target, "zoo", "--extreme") if not line.endswith("row is missing")]
    assert [line for line in lost if " became " in line and not is_fixed(line)] == []


def attempt(project: Project, source: str, target: str, policies: dict[str, str]) -> Outcome:
    fixes = [word for rule, policy in policies.items() for word in ("--fix", f"{rule}={policy}")]
    started = project.outgrow(source, "status", to=target).code == 0
    return project.outgrow(source, "move", "--json", *(["--restart"] if started else []), *fixes, to=target)


def findings(done: Outcome) -> list[dict[str, Any]]:
    error = next(line for line in done.lines if line["kind"] == "error")
    assert "findings" in error, error
    return [f for f in error["findings"] if f["severity"] == "error"]


def answer(here: str, source: str, found: list[dict[str, Any]], policies: dict[str, str], removed: list[str]) -> None:
    """A policy for each rule that has one for all it found; the other rows go."""
    offered: dict[str, set[str]] = {}
    for finding in found:
        allowed = set(finding["policies"])
        offered[finding["id"]] = offered.get(finding["id"], allowed) & allowed
    for finding in found:
        chosen = next((p for p in ("archive", "reject") if p in offered[finding["id"]]), None)
        if chosen:
            policies[finding["id"]] = chosen
        else:
            remove(here, source, finding)
            removed.append(finding["id"])


def remove(here: str, source: str, finding: dict[str, Any]) -> None:
    """Delete the rows by their key, as a person would; who refers to them is an orphan in the next round."""
    mark = "`" if here in ("mysql", "mariadb") else '"'
    names = key_of(here, source, finding["table"])
    for key in finding["keys"]:
        parts = [f"{mark}{name}{mark}={literal(value)}" for name, value in zip(names, key, strict=True)]
        delete = f"DELETE FROM {mark}{finding['table']}{mark} WHERE {' AND '.join(parts)}"
        execute(here, source, WITHOUT_KEYS[here] + delete)


def key_of(here: str, source: str, table: str) -> list[str]:
    """The primary key's columns, in order."""
    if here == "sqlite":
        rows = catalogs.rows(here, source, f'PRAGMA table_info("{table}")')
        return [row[1] for row in sorted(rows, key=lambda r: r[5]) if row[5]]
    if here == "postgresql":
        query = f"""SELECT a.attname FROM pg_index i
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
            WHERE i.indisprimary AND i.indrelid = '"{table}"'::regclass
            ORDER BY array_position(i.indkey::int2[], a.attnum)"""
    else:
        query = (
            "SELECT column_name FROM information_schema.key_column_usage WHERE constraint_name = 'PRIMARY' "
            f"AND table_schema = database() AND table_name = {literal(table)} ORDER BY ordinal_position"
        )
    return [row[0] for row in catalogs.rows(here, source, query)]


def literal(value: Any) -> str:
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def is_fixed(line: str) -> bool:
    """A reference that lost its rejected row."""
    return line.endswith("became None")
