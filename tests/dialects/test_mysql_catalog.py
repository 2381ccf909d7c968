"""MySQL and MariaDB: what the catalog says, in the server's own words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outgrow.dialects.base import ObjectKind
from outgrow.dialects.mysql import ddl
from outgrow.lines import Kind
from tests.dialects.mysql_place import Place


def test_columns_are_described_as_they_live(place: Place) -> None:
    place.run(
        "CREATE TABLE t (id bigint unsigned AUTO_INCREMENT PRIMARY KEY, name varchar(50) COLLATE utf8mb4_bin NOT NULL, "
        "price decimal(10,2), raw varbinary(9), body longtext CHARACTER SET latin1, at datetime(3) DEFAULT "
        "CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3), twice int GENERATED ALWAYS AS (1) VIRTUAL, "
        "e enum('A','b'), plain int DEFAULT 7)"
    )
    t = place.table()
    id_, name, price, raw, body, at, twice, e, plain = t.columns
    assert (id_.type, id_.unsigned, id_.identity, id_.nullable) == ("bigint", True, True, False)
    assert (name.length, name.charset, name.collation, name.nullable) == (50, "utf8mb4", "utf8mb4_bin", False)
    assert (price.precision, price.scale, price.nullable) == (10, 2, True)
    assert (raw.length, body.length, body.charset, at.precision) == (9, None, "latin1", 3)
    assert at.updates_itself
    assert twice.generated
    assert not at.generated
    assert e.declared == "enum('A','b')"
    assert plain.default == "7"
    assert (t.key, t.kind, t.storage) == (("id",), "table", "innodb")


def test_objects_are_taken_from_the_servers_own_text(place: Place) -> None:
    place.run(
        "CREATE TABLE p (a int, b int, PRIMARY KEY (a, b))",
        "CREATE TABLE `we``ird` (id int PRIMARY KEY, a int, b int, c varchar(100), d text, "
        "UNIQUE KEY u (a, c(10)) COMMENT 'it''s, (odd)', KEY k (b DESC), FULLTEXT KEY ft (d), "
        "CONSTRAINT fk FOREIGN KEY (a, b) REFERENCES p (a, b) ON DELETE CASCADE, "
        "CONSTRAINT chk CHECK (a > 0 and c <> ','))",
    )
    table = place.dialect.tables(place.session)["we`ird"]
    found = {o.name: o for o in table.objects}
    assert {n: o.kind for n, o in found.items() if n != "fk" or o.kind is ObjectKind.FOREIGN} == {
        "PRIMARY": ObjectKind.PRIMARY, "u": ObjectKind.UNIQUE, "k": ObjectKind.INDEX, "ft": ObjectKind.INDEX,
        "fk": ObjectKind.FOREIGN, "chk": ObjectKind.CHECK,
    }  # fmt: skip
    assert found["u"].columns == ("a", "c")
    assert "`c`(10)" in found["u"].definition
    assert found["u"].definition.endswith("COMMENT 'it''s, (odd)'")
    assert found["fk"].columns == ("a", "b")
    assert found["fk"].refers == ("p", ("a", "b"))
    assert place.table("p").referred == (("we`ird", ("a", "b")),)


def test_mysql_functional_and_invisible_indexes_keep_their_text(mysql_place: Place) -> None:
    place = mysql_place
    place.run("CREATE TABLE t (id int PRIMARY KEY, a varchar(20), KEY x ((lower(a)), id) INVISIBLE)")
    (index,) = [o for o in place.table().objects if o.name == "x"]
    assert index.expression
    assert index.columns == ("id",)
    assert "INVISIBLE" in index.definition
    assert [p.column for p in ddl.key_parts(index.definition)] == [None, "id"]


def test_views_are_no_tables_and_estimates_are_there(place: Place) -> None:
    place.run("CREATE TABLE t (id int PRIMARY KEY)", "CREATE VIEW v AS SELECT * FROM t")
    tables = place.dialect.tables(place.session)
    assert (tables["v"].kind, tables["t"].kind) == ("view", "table")
    assert tables["v"].objects == ()


def test_tables_of_engines_without_transactions_are_told_by_their_storage(mariadb_place: Place) -> None:
    mariadb_place.run("CREATE TABLE a (id int) ENGINE=MyISAM", "CREATE TABLE b (id int) ENGINE=Aria")
    assert [t.storage for t in mariadb_place.dialect.tables(mariadb_place.session).values()] == ["myisam", "aria"]


def test_hints_count_only_where_the_live_type_can_carry_them(place: Place) -> None:
    place.run(
        "CREATE TABLE t (big bigint, small smallint, flag tinyint(1), c32 char(32), c36 char(36), txt longtext, "
        "b16 binary(16), bl longblob, d decimal(20,0), d2 decimal(20,2), j json)"
    )
    column = {c.name: c for c in place.table().columns}
    kind = place.dialect.kind
    assert kind(column["big"], Kind.DURATION) is Kind.DURATION
    assert kind(column["small"], Kind.DURATION) is Kind.INTEGER
    assert kind(column["small"], Kind.BOOLEAN) is Kind.BOOLEAN
    assert kind(column["flag"]) is Kind.BOOLEAN
    assert kind(column["flag"], Kind.INTEGER) is Kind.INTEGER
    assert kind(column["c32"]) is Kind.TEXT
    assert kind(column["c32"], Kind.UUID) is Kind.UUID
    assert kind(column["c36"], Kind.UUID) is Kind.TEXT
    assert kind(column["b16"], Kind.UUID) is Kind.UUID
    assert kind(column["txt"], Kind.JSON) is Kind.JSON
    assert kind(column["txt"], Kind.DATE) is Kind.TEXT
    assert kind(column["bl"], Kind.TEXT) is Kind.TEXT
    assert kind(column["d"], Kind.INTEGER) is Kind.INTEGER
    assert kind(column["d2"], Kind.INTEGER) is Kind.DECIMAL
    assert kind(column["j"]) is (Kind.JSON if place.engine == "mysql" else Kind.TEXT)


def test_limits_are_those_of_the_live_server(place: Place) -> None:
    limits = place.dialect.limits(place.session)
    assert limits.identifier == 64
    assert limits.index_bytes == 3072
    assert limits.packet_bytes == place.session.value("SELECT @@max_allowed_packet")
    assert limits.integers["int unsigned"] == (0, 2**32 - 1)
    assert limits.text_bytes["text"] == 65535
    place.run(f"CREATE TABLE {'x' * 64} (id int)")
    with pytest.raises(Exception, match=r"1059|1103"):
        place.run(f"CREATE TABLE {'x' * 65} (id int)")


def test_disk_and_version_and_identity(place: Place) -> None:
    used, free = place.dialect.disk(place.session)
    assert used is not None
    assert free is None or free > 0
    assert place.dialect.version(place.session).startswith({"mysql": "MySQL ", "mariadb": "MariaDB "}[place.engine])
    same = place.dialect.identity(place.another())
    assert same == place.dialect.identity(place.session)
    other = place.server.create_database()
    try:
        place.run(f"USE {other.rpartition('/')[2]}")
        assert place.dialect.identity(place.session) != same
    finally:
        place.server.drop_database(other)


names = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=8)


@given(st.lists(names, min_size=1, max_size=5))
def test_a_statement_is_split_whatever_stands_in_names_and_strings(values: list[str]) -> None:
    parts = [
        f"{ddl.quote(v)} int COMMENT '" + v.replace("\\", "\\\\").replace("'", "''") + "' CHECK (f(1, (2)))"
        for v in values
    ]
    assert ddl.entries(f"CREATE TABLE {ddl.quote(values[0])} (\n  " + ",\n  ".join(parts) + "\n) ENGINE=X") == parts
