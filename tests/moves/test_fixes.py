"""Dirty rows: refused by default, moved with a policy for each rule, and proved as source + recorded fixes = target."""

from __future__ import annotations

import csv
import hashlib
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MakeDatabase, require
from tests.engines import SERVERS
from tests.moves import catalogs
from tests.moves.projects import Project, plaza
from tests.moves.test_archive import execute
from tests.plaza.project import Cell, planted

FIXES = {
    "A101": "cut", "A102": "strip", "A103": "strip", "A105": "cut", "A201": "reject", "A202": "strip",
    "A203": "reject", "A204": "null", "A205": "strip", "A301": "reject", "A302": "reject", "A303": "null",
    "A304": "null", "A305": "reject", "A401": "reject", "A501": "reject", "A601": "null", "A602": "null",
}  # fmt: skip
FOUND = {
    "postgresql": set(FIXES) - {"A203", "A304"},
    "mysql": set(FIXES) - {"A102", "A105", "A202", "A602"},
    "mariadb": set(FIXES) - {"A102", "A105", "A202", "A203", "A204", "A602"},
}


@dataclass
class Dirty:
    """A dirty plaza, and an empty database to move it to."""

    project: Project
    source: str
    cells: Mapping[str, list[Cell]]
    engine: str
    target: str

    @property
    def file(self) -> Path:
        return Path(self.source.removeprefix("sqlite:///"))

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.file.read_bytes()).hexdigest()

    @property
    def fixes(self) -> list[str]:
        return [word for rule in sorted(FOUND[self.engine]) for word in ("--fix", f"{rule}={FIXES[rule]}")]

    def held(self, cell: Cell) -> list[Any]:
        """The cell on the target; no row, no value."""
        table, column, key = cell
        return [
            row[0] for row in catalogs.rows(self.engine, self.target, f"SELECT {column} FROM {table} WHERE id={key}")
        ]


@pytest.fixture(scope="module", params=SERVERS)
def dirty(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dirty]:
    folder = tmp_path_factory.mktemp("dirty")
    project, source = plaza(folder), f"sqlite:///{folder}/plaza.sqlite3"
    project.manage(source, "migrate", "-v0")
    cells = planted(project.manage(source, "plaza_fill", "--rows", "1000", "--dirty"))
    for _, _, key in cells["A502"] if request.param != "postgresql" else ():  # no policy: they are renamed by hand
        execute("sqlite", source, f"UPDATE social_tag SET name='tag-{key}' WHERE id={key}")
    server = require(request.param)
    target = server.create_database()
    yield Dirty(project, source, cells, request.param, target)
    server.drop_database(target)


def test_it_refuses_by_default_and_neither_side_is_touched(dirty: Dirty) -> None:
    before = dirty.sha256
    audited = dirty.project.outgrow(dirty.source, "audit", "--json", to=dirty.target)
    assert audited.code == 1
    errors = {f["id"] for f in audited.result["findings"] if f["severity"] == "error"}
    assert errors == FOUND[dirty.engine]
    moved = dirty.project.outgrow(dirty.source, "move", to=dirty.target)
    assert moved.code == 1
    assert "nothing was written" in moved.err
    assert dirty.sha256 == before
    assert catalogs.catalog(dirty.engine, dirty.target) == {}
    assert ledger_of(dirty) == []


def ledger_of(dirty: Dirty) -> list[Any]:
    """Tables of Outgrow's own on the target."""
    query = "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'outgrow%'"
    here = "table_schema = 'public'" if dirty.engine == "postgresql" else "table_schema = database()"
    return catalogs.rows(dirty.engine, dirty.target, f"{query} AND {here}")


def test_with_a_policy_for_each_rule_it_moves_and_the_fixes_are_proved(dirty: Dirty) -> None:
    before = dirty.sha256
    done = dirty.project.outgrow(dirty.source, "move", "--json", *dirty.fixes, to=dirty.target).ok()
    report = done.result["report"]
    assert report["state"] == "verified"
    assert {rule for rule, *_ in report["fixes"]} == FOUND[dirty.engine]
    assert dirty.sha256 == before
    for rule in FOUND[dirty.engine]:
        for cell in dirty.cells[rule]:
            assert dirty.held(cell) == expected(dirty, rule, cell), f"{rule} {cell}"
    judge_rejects(dirty)
    assert "equal" in dirty.project.outgrow(dirty.source, "verify", to=dirty.target).ok().out
    find_what_is_changed_afterwards(dirty)


def expected(dirty: Dirty, rule: str, cell: Cell) -> list[Any]:
    """What the policy leaves of the dirty cell."""
    if FIXES[rule] == "reject":
        return []
    if FIXES[rule] == "null":
        return [None]
    [value] = dirty.held(cell)
    whole = catalogs.rows(
        "sqlite", dirty.source, f"SELECT CAST({cell[1]} AS BLOB) FROM {cell[0]} WHERE id={cell[2]}"
    )[0][0].decode("utf-8", "ignore")  # fmt: skip
    if FIXES[rule] == "cut":
        assert value == whole[: len(value)]
        assert 0 < len(value) < len(whole)
    else:
        assert value
        assert "\0" not in str(value)
        assert "\\ud800" not in str(value)
    return [value]


def judge_rejects(dirty: Dirty) -> None:
    """The rejected rows, and those that hung on them, are in a file for its owner only, without their values."""
    [path] = dirty.project.folder.glob("outgrow-rejects-*.csv")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    rows = list(csv.DictReader(path.read_text().splitlines()))
    named = {(row["table"], int(row["key"]), row["error"]) for row in rows}
    direct = {(t, k, rule) for rule in FOUND[dirty.engine] if FIXES[rule] == "reject" for t, _, k in dirty.cells[rule]}
    assert direct <= named
    for table, key, _ in named:
        assert catalogs.rows(dirty.engine, dirty.target, f"SELECT 1 FROM {table} WHERE id={key}") == []
    assert not any("tall" in row["value"] or "2024-02-30" in row["value"] for row in rows)


def find_what_is_changed_afterwards(dirty: Dirty) -> None:
    """A fixed value is proved as every other: verify sees the next change."""
    table, column, key = dirty.cells["A101"][0]
    kept = dirty.held((table, column, key))[0]
    execute(dirty.engine, dirty.target, f"UPDATE {table} SET {column}='changed' WHERE id={key}")
    verified = dirty.project.outgrow(dirty.source, "verify", "--json", to=dirty.target)
    assert verified.code == 1
    unequal = {t["table"]: t["differences"] for t in verified.result["tables"] if not t["equal"]}
    assert set(unequal) == {table}
    assert [d["key"] for d in unequal[table]] == [f"id={key}"]
    assert "changed" not in verified.out + verified.err
    assert kept != "changed"


@pytest.mark.parametrize(
    ("fix", "says"),
    [("A101=widen", "makemigrations"), ("A302=null", "cannot be applied"), ("A101=shrink", "is no policy of A101")],
)
def test_a_policy_that_makes_no_sense_is_refused(
    fix: str, says: str, dirty: Dirty, make_database: MakeDatabase
) -> None:
    done = dirty.project.outgrow(
        dirty.source, "move", *dirty.fixes, "--fix", fix, to=make_database(dirty.engine)
    )  # fmt: skip
    assert done.code == 2
    assert says in done.err


def test_what_the_target_computes_from_a_fixed_value_is_no_difference(
    the_zoo: Project, filled: Callable[[str], str], make_database: MakeDatabase
) -> None:
    source, target = filled("zoo"), make_database("postgresql")
    execute("sqlite", source, f"INSERT INTO since50_enclosure (width, name) VALUES (1, '{'A' * 50}')")
    assert the_zoo.move(source, target, "--fix", "A101=cut", "--fix", "A703=archive")["report"]["state"] == "verified"
    computed = "SELECT lower FROM since50_enclosure WHERE name LIKE 'AAAA%'"
    assert catalogs.rows("postgresql", target, computed) == [("a" * 40,)]
