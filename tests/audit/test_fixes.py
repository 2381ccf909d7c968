"""Fixes: chosen by policy, applied to lines, recorded by digest."""

from __future__ import annotations

import csv
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outgrow.dialects import dialect_for
from outgrow.dialects.base import Column, Range, Reading
from outgrow.errors import Refused
from outgrow.fields import FieldInfo
from outgrow.findings import Finding
from outgrow.fixes import Fix, Patcher, Rejects, apply, choose, cut, from_ledger, with_dependants
from outgrow.json_text import strip_json
from outgrow.ledger.records import AlteredRecord
from outgrow.lines import DOUBT, Kind, join_line, split_line
from outgrow.plan import TablePlan
from outgrow.project import ProjectTable
from tests.conftest import MakeDatabase
from tests.engines import ENGINES
from tests.moves.test_archive import execute, opened

FINDING = Finding(
    "A101", "post", "body", "2 values of post.body are too long", 2, ((1,), (3,)), "shorten them",
    policies=("cut", "reject"), argument="4",
)  # fmt: skip
COLUMNS = ((Column("id", "integer", "integer"), Kind.INTEGER), (Column("body", "text", "text"), Kind.TEXT))
READING = Reading("post", COLUMNS, ("id",))
LINES = b"".join(join_line(row) + b"\n" for row in [(b"1", b"long\ttext"), (b"2", b"other text"), (b"3", None)])


# -- choosing ---------------------------------------------------------------------------------------------------------


def test_it_makes_one_fix_for_every_row_of_a_finding() -> None:
    assert choose([FINDING], {"A101": "cut"}) == [
        Fix("A101", "post", "body", (1,), "cut", "4"),
        Fix("A101", "post", "body", (3,), "cut", "4"),
    ]


def test_it_does_nothing_that_was_not_asked_for() -> None:
    assert choose([FINDING], {"A102": "strip"}) == []


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ("widen", "run makemigrations and migrate"),
        ("erase", "it offers cut, reject; choose one of these"),
        ("null", "cannot be applied to post.body: it offers cut, reject"),
    ],
)
def test_it_refuses_a_policy_that_makes_no_sense(policy: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        choose([FINDING], {"A101": policy})


def test_it_refuses_to_fix_rows_that_have_no_key() -> None:
    with pytest.raises(Refused, match="has no key"):
        choose([replace(FINDING, keys=())], {"A101": "cut"})


# -- applying ---------------------------------------------------------------------------------------------------------


def test_it_cuts_by_characters_not_by_bytes() -> None:
    assert cut("가나다라마".encode(), "2") == "가나".encode()
    assert cut("가나다라마".encode(), "7b") == "가나".encode()


def test_a_time_keeps_the_digits_that_its_column_keeps() -> None:
    moment = b"2026-01-31 23:59:59.999999"
    cut_to = {n: apply(Fix("A405", "t", "c", (1,), "cut", f"{n} digits"), moment) for n in (0, 3)}
    assert cut_to == {0: b"2026-01-31 23:59:59.000000", 3: b"2026-01-31 23:59:59.999000"}


@given(st.text(), st.integers(min_value=0, max_value=20))
def test_what_is_cut_is_text_of_at_most_so_many_characters(text: str, most: int) -> None:
    text = text.encode("utf-8", "ignore").decode()
    assert len(cut(text.encode(), str(most)).decode()) == min(most, len(text))


@pytest.mark.parametrize(
    ("rule", "argument", "before", "after"),
    [
        ("A102", "", b"be\0fore", b"before"),
        ("A103", "", b"caf\xe9!", b"caf!"),
        ("A104", "ucs2", "soup 🍜!".encode(), b"soup !"),
        ("A202", "", rb'{"a": "x\u0000y\\u0000"}', rb'{"a": "xy\\u0000"}'),
        ("A307", "", b"-0.0", b"0.0"),
        ("A205", "", rb'["\ud83c\udf5c \ud800 \udc00"]', rb'["\ud83c\udf5c  "]'),
    ],
)
def test_it_strips_what_the_rule_is_about_and_nothing_else(
    rule: str, argument: str, before: bytes, after: bytes
) -> None:
    assert apply(Fix(rule, "t", "c", (1,), "strip", argument), before) == after


@given(st.recursive(st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_json_without_the_two_escapes_stays_byte_for_byte(value: object) -> None:
    import json

    text = json.dumps(value).encode()
    clean = "\0" not in json.dumps(value, ensure_ascii=False) and rb"\u0000" not in text and rb"\ud" not in text
    if clean:
        assert strip_json(text) == text


# -- lines ------------------------------------------------------------------------------------------------------------


def test_it_changes_the_named_cells_and_says_which() -> None:
    data, altered = Patcher(choose([FINDING], {"A101": "cut"}), READING).patch(LINES)
    assert [split_line(line) for line in data.splitlines()] == [[b"1", b"long"], [b"2", b"other text"], [b"3", None]]
    assert [(a.key, a.column, a.rule, a.action) for a in altered] == [((1,), "body", "A101", "cut to 4")]
    assert altered[0].before != altered[0].after


def test_it_gives_back_the_same_piece_where_nothing_is_to_be_fixed() -> None:
    data, altered = Patcher([Fix("A101", "post", "body", (99,), "cut", "4")], READING).patch(LINES)
    assert data is LINES
    assert altered == []


def test_null_clears_a_cell_that_could_not_be_rendered() -> None:
    line = b"7\t" + DOUBT + b"50+\n"
    data, altered = Patcher([Fix("A302", "post", "body", (7,), "null")], READING).patch(line)
    assert data == b"7\t\\N\n"
    assert altered[0].after == ""


def test_rejected_rows_leave_the_lines_for_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    rejects = Rejects(tmp_path / "rejected.csv")
    patcher = Patcher([Fix("A101", "post", "body", (1,), "reject")], READING, rejects)
    data, altered = patcher.patch(LINES)
    patcher.patch(LINES)  # a second attempt at the same chunk
    assert [line.split(b"\t")[0] for line in data.splitlines()] == [b"2", b"3"]
    assert (altered[0].column, altered[0].action, altered[0].after) == ("", "reject", "")
    assert stat.S_IMODE(rejects.path.stat().st_mode) == 0o600
    rows = list(csv.reader(rejects.path.read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 2
    assert rows[1][:3] == ["post", "1", "body"]
    assert "long" not in rows[1][3]
    assert rejects.count == 1


def test_reject_wins_over_every_other_fix_of_the_row() -> None:
    fixes = [Fix("A101", "post", "body", (1,), "cut", "4"), Fix("A301", "post", "id", (1,), "reject")]
    data, altered = Patcher(fixes, READING).patch(LINES)
    assert len(data.splitlines()) == 2
    assert [a.action for a in altered] == ["reject"]


def test_what_the_ledger_kept_fixes_the_same_cells_again() -> None:
    fixes = [Fix("A101", "post", "body", (1,), "cut", "4"), Fix("A501", "post", "body", (2,), "reject")]
    data, altered = Patcher(fixes, READING).patch(LINES)
    kept = [AlteredRecord(a.table, 1, a.key, a.column, a.rule, a.action, a.before, a.after) for a in altered]
    again, _ = Patcher(from_ledger(kept), READING).patch(LINES)
    assert again == data


def test_text_keys_with_tabs_and_backslashes_are_met() -> None:
    reading = Reading("t", ((Column("code", "text", "text"), Kind.TEXT),), ("code",))
    line = join_line([b"a\tb\\c"]) + b"\n"
    assert Patcher([Fix("A501", "t", "code", ("a\tb\\c",), "reject")], reading).patch(line)[0] == b""


# -- dependants -------------------------------------------------------------------------------------------------------


def field(label: str, parent: str | None = None, *, null: bool = False) -> FieldInfo:
    refers = (parent, "id") if parent else None
    return FieldInfo(label, "BigAutoField", Kind.INTEGER, null=null, refers=refers)


def test_rejected_rows_take_their_dependants_along(tmp_path: Path) -> None:
    dialect = dialect_for({"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "db.sqlite3")})
    with dialect.connect() as session:
        for sql in (
            "CREATE TABLE person (id integer PRIMARY KEY)",
            "CREATE TABLE post (id integer PRIMARY KEY, person_id bigint NOT NULL)",
            "CREATE TABLE comment (id integer PRIMARY KEY, post_id bigint NOT NULL, editor_id bigint NULL)",
            "INSERT INTO person VALUES (1),(2)",
            "INSERT INTO post VALUES (10,1),(11,2),(12,1)",
            "INSERT INTO comment VALUES (100,10,NULL),(101,11,1),(102,12,1)",
        ):
            session.execute(sql)
        live = dialect.tables(session)
        fields = {
            "person": {"id": field("person.id")},
            "post": {"id": field("post.id"), "person_id": field("post.person", "person")},
            "comment": {
                "id": field("comment.id"),
                "post_id": field("comment.post", "post"),
                "editor_id": field("comment.editor", "person", null=True),
            },
        }
        tables = [TablePlan(ProjectTable(n, n, fields=f), live[n]) for n, f in fields.items()]
        fixes = with_dependants([Fix("A301", "person", "id", (1,), "reject")], tables, dialect, session)
    assert {(f.table, f.column, f.key, f.action) for f in fixes} == {
        ("person", "id", (1,), "reject"),
        ("post", "person_id", (10,), "reject"),
        ("post", "person_id", (12,), "reject"),
        ("comment", "post_id", (100,), "reject"),
        ("comment", "post_id", (102,), "reject"),
        ("comment", "editor_id", (101,), "null"),
        ("comment", "editor_id", (102,), "null"),
    }


@pytest.mark.parametrize("engine", ENGINES)
def test_dependants_are_named_as_they_stand_in_the_lines_whatever_their_keys_are(
    engine: str, make_database: MakeDatabase
) -> None:
    url, hexed = make_database(engine), "0a" * 16
    native, moment, exact = {
        "sqlite": ("char(32)", "datetime", "decimal"),
        "postgresql": ("uuid", "timestamptz", "numeric(9,2)"),
        "mysql": ("char(32)", "datetime(6)", "decimal(9,2)"),
        "mariadb": ("uuid", "datetime(6)", "decimal(9,2)"),
    }[engine]
    kinds = {"one": Kind.UUID, "at": Kind.DATETIME, "cost": Kind.DECIMAL, "name": Kind.TEXT}
    execute(
        engine, url,
        f"CREATE TABLE parent (id {native} NOT NULL PRIMARY KEY)",
        f"CREATE TABLE child (one {native} NOT NULL, at {moment} NOT NULL, cost {exact} NOT NULL, "
        f"name varchar(9) NOT NULL, parent_id {native} NOT NULL, PRIMARY KEY (one, at, cost, name))",
        f"INSERT INTO parent VALUES ('{hexed}')",
        f"INSERT INTO child VALUES ('{hexed}', '2024-02-29 12:00:00', 1.5, 'Ä b', '{hexed}')",
    )  # fmt: skip
    dialect = opened(url)
    fields = {
        "parent": {"id": FieldInfo("parent.id", "UUIDField", Kind.UUID)},
        "child": {name: FieldInfo(f"child.{name}", "Field", kind) for name, kind in kinds.items()}
        | {"parent_id": FieldInfo("child.parent", "UUIDField", Kind.UUID, refers=("parent", "id"))},
    }
    with dialect.connect() as session:
        live = dialect.tables(session)
        if engine == "sqlite":  # which keeps no scale; the plan takes the model's
            columns = (replace(c, scale=2) if c.name == "cost" else c for c in live["child"].columns)
            live["child"] = replace(live["child"], columns=tuple(columns))
        tables = [TablePlan(ProjectTable(n, n, fields=f), live[n]) for n, f in fields.items()]
        found = with_dependants([Fix("A601", "parent", "id", (hexed,), "reject")], tables, dialect, session)
        reading = Reading(
            "child", tuple((c, dialect.kind(c, fields["child"][c.name].kind)) for c in live["child"].columns),
            live["child"].key,
        )  # fmt: skip
        line = b"".join(dialect.lines(session, reading, Range()))
    fix = next(f for f in found if f.table == "child")
    assert fix.key == (hexed, "2024-02-29 12:00:00.000000", "1.50", "Ä b")
    assert Patcher([fix], reading).patch(line)[0] == b""
