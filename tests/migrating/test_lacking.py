"""Which index serves for which, and which column holds less than another: in doubt nothing is lacking."""

from __future__ import annotations

from typing import Any

import pytest

from outgrow.dialects.base import Column, ObjectKind, SchemaObject
from outgrow.migrating.indexed import Declared
from outgrow.migrating.narrow import holds_less

INDEX, UNIQUE, PRIMARY = ObjectKind.INDEX, ObjectKind.UNIQUE, ObjectKind.PRIMARY


@pytest.mark.parametrize(
    ("wanted", "kind", "columns", "more", "serves"),
    [
        (Declared(("a", "b")), INDEX, "A b", {}, True),
        (Declared(("a", "b")), INDEX, "a b c", {}, True),
        (Declared(("a", "b")), UNIQUE, "a b", {}, True),
        (Declared(("a", "b")), INDEX, "b a", {}, False),
        (Declared(("a", "b")), INDEX, "a", {}, False),
        (Declared(("a",)), INDEX, "a", {"valid": False}, False),
        (Declared(("a",)), INDEX, "a", {"expression": True}, False),
        (Declared(("a",)), INDEX, "a", {"condition": "b > 0"}, False),
        (Declared(("a",), partial=True), INDEX, "a", {"condition": "b > 0"}, True),
        (Declared(("a",)), ObjectKind.FOREIGN, "a", {}, False),
        (Declared(("a", "b"), unique=True), UNIQUE, "b a", {}, True),
        (Declared(("a", "b"), unique=True), PRIMARY, "a", {}, True),
        (Declared(("a", "b"), unique=True), INDEX, "a b", {}, False),
        (Declared(("a", "b"), unique=True), UNIQUE, "a b c", {}, False),
        (Declared(("a",), unique=True), UNIQUE, "a", {"condition": "b > 0"}, False),
        (Declared(("a",), unique=True), UNIQUE, "", {}, False),
    ],
)  # fmt: skip
def test_an_index_serves_for_another_by_its_columns(
    wanted: Declared, kind: ObjectKind, columns: str, more: dict[str, Any], serves: bool
) -> None:
    assert wanted.is_served_by(SchemaObject("t", "any", kind, tuple(columns.split()), **more)) is serves


@pytest.mark.parametrize(
    ("live", "declared", "less"),
    [
        (Column("c", "character varying", "", length=20), "varchar(40)", True),
        (Column("c", "varchar", "", length=40), "varchar(40)", False),
        (Column("c", "varchar", "", length=80), "varchar(40)", False),
        (Column("c", "text", ""), "varchar(40)", False),
        (Column("c", "citext", ""), "varchar(40)", False),
        (Column("c", "varchar", "", length=20), "citext", False),
        (Column("c", "character varying[]", ""), "varchar(40)[]", False),
        (Column("c", "uuid", ""), "char(32)", False),
        (Column("c", "integer", ""), "bigint", True),
        (Column("c", "int", "", unsigned=True), "integer UNSIGNED", False),
        (Column("c", "smallint", ""), "integer AUTO_INCREMENT", True),
        (Column("c", "bigint", ""), "integer", False),
        (Column("c", "integer", ""), "bigint[]", False),
        (Column("c", "numeric", "", precision=6, scale=2), "numeric(8, 2)", True),
        (Column("c", "decimal", "", precision=8, scale=1), "numeric(8, 2)", True),
        (Column("c", "decimal", "", precision=9, scale=2), "numeric(8, 2)", False),
        (Column("c", "numeric", ""), "numeric(8, 2)", False),
        (Column("c", "timestamp without time zone", ""), "timestamp with time zone", False),
    ],
)  # fmt: skip
def test_a_column_holds_less_only_where_both_types_say_how_much(live: Column, declared: str, less: bool) -> None:
    assert holds_less(live, declared) is less
