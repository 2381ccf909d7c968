"""The tables of a statement are found where they stand, and nowhere else; its values are never shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outgrow.rehearse.creation import Made
from outgrow.rehearse.statements import read
from outgrow.rehearse.tokens import without_values

KNOWN = frozenset({"shop_order", "auth_user", "id", "user_id", "name"})


def found(sql: str, backticks: bool = False, recursive: bool = False) -> str:
    """`a b* (c)`: b is written, c stands in subqueries alone; statements are divided by `;`."""

    def one(statement: object) -> str:
        names = sorted(".".join(filter(None, name)) for name in statement.tables)  # type: ignore[attr-defined]
        written = {".".join(filter(None, name)) for name in statement.written}  # type: ignore[attr-defined]
        nested = {".".join(filter(None, name)) for name in statement.nested}  # type: ignore[attr-defined]
        marked = [n + "*" * (n in written) for n in names if n not in nested]
        return " ".join([*marked, *(f"({n + '*' * (n in written)})" for n in names if n in nested)])

    return "; ".join(map(one, read(sql, backticks, recursive)))


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("SELECT 1", ""),
        ('SELECT "a"."x" FROM "a" INNER JOIN "b" ON ("a"."b_id" = "b"."id") WHERE "b"."y" = %s LIMIT 21', "a b"),
        ('SELECT * FROM "a" LEFT OUTER JOIN "b" T3 ON ("a"."c" = T3."id"), "c" WHERE 1', "a b c"),
        ('SELECT (1) AS "a" FROM "a" WHERE "a"."x" IN (SELECT U0."id" FROM "b" U0 WHERE U0."y" = %s)', "a (b)"),
        ('SELECT EXISTS(SELECT 1 FROM b), (SELECT count(*) FROM c) FROM a', "a (b) (c)"),
        ('SELECT * FROM (SELECT "x" FROM "a") subquery', "(a)"),
        ('SELECT EXTRACT(YEAR FROM "a"."made" AT TIME ZONE %s), TRIM(BOTH \' \' FROM name) FROM "a"', "a"),
        ("SELECT SUBSTRING(name FROM 2 FOR 3) FROM a WHERE a.x IS NOT DISTINCT FROM b.y", "a"),
        ("SELECT * FROM generate_series(1, 3) g JOIN a ON a.id = g", "a"),
        ("SELECT * FROM a CROSS JOIN LATERAL (SELECT * FROM b) x", "a (b)"),
        ("SELECT * FROM (a JOIN b USING (id)) LEFT JOIN c USING (id)", "a b c"),
        ("WITH RECURSIVE t (n) AS (SELECT id FROM a UNION ALL SELECT n FROM t) SELECT * FROM t, b", "b (a)"),
        ("WITH t AS MATERIALIZED (SELECT 1), u AS (SELECT * FROM t) SELECT * FROM u", ""),
        ("WITH gone AS (DELETE FROM a RETURNING id) INSERT INTO b SELECT id FROM gone", "b* (a*)"),
        ("SELECT x FROM a UNION ALL SELECT x FROM b", "a b"),
        ("(SELECT x FROM a) UNION (SELECT x FROM b WHERE y IN (SELECT z FROM c))", "a b (c)"),
        ('SELECT * FROM "s"."a" JOIN only_here ON true', "only_here s.a"),
        ('INSERT INTO "a" ("x", "y") VALUES (%s, %s), (%s, %s) RETURNING "a"."id"', "a*"),
        ("INSERT INTO a (x) SELECT y FROM b ON CONFLICT (x) DO UPDATE SET x = EXCLUDED.x", "a* (b)"),
        ("INSERT OR IGNORE INTO a (x) VALUES (1)", "a*"),
        ("REPLACE INTO a (x) SELECT y FROM b", "a* (b)"),
        ("REPLACE INTO a SET x = REPLACE(y, 'p', 'q')", "a*"),
        ("INSERT IGNORE INTO a (x) VALUES (1) ON DUPLICATE KEY UPDATE x = VALUES(x)", "a*"),
        ('UPDATE "a" SET "x" = %s WHERE "a"."id" IN (SELECT "id" FROM "b")', "a* (b)"),
        ("UPDATE a SET x = b.y FROM b WHERE a.id = b.id", "a* b"),
        ("UPDATE a JOIN b ON a.id = b.id SET a.x = 1", "a* b"),
        ("UPDATE OR REPLACE a SET x = 1", "a*"),
        ('DELETE FROM "a" WHERE "a"."id" IN (%s, %s)', "a*"),
        ("DELETE FROM ONLY a USING b, c WHERE a.id = b.id", "a* b c"),
        ("DELETE x FROM a x INNER JOIN b ON x.id = b.id", "a* b"),
        ("MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN UPDATE SET x = 1", "a* b"),
        ("TRUNCATE TABLE a, b RESTART IDENTITY CASCADE", "a* b*"),
        ("LOCK TABLE a IN SHARE MODE", "a*"),
        ("TABLE a", "a"),
        ("SELECT * FROM a JOIN b ON a.id = b.id FOR UPDATE OF a", "a* b*"),
        ("SELECT * FROM a FOR NO KEY UPDATE SKIP LOCKED", "a*"),
        ("SELECT * FROM a FOR SHARE", "a"),
        ("SELECT x INTO kept FROM a", "a kept*"),
        ("CREATE TABLE a (id int REFERENCES b (id), y int GENERATED ALWAYS AS (x + 1) STORED)", ""),
        ("CREATE OR REPLACE VIEW v AS SELECT * FROM a JOIN b USING (id)", "a b"),
        ("ALTER TABLE a ADD CONSTRAINT c FOREIGN KEY (x) REFERENCES b (id)", ""),
        ("SAVEPOINT \"s1\"", ""),
        ("SELECT '-- FROM b' /* FROM c */, \"it's\" FROM a -- FROM d", "a"),
        ("SELECT $t$ FROM b $t$, E'\\' FROM c' FROM a", "a"),
        ("SELECT COALESCE(lock, x), replace FROM a", "a"),
        ("SELECT 1 FROM a; DELETE FROM b; ", "a; b*"),
    ],
)  # fmt: skip
def test_tables_are_found_where_they_stand(sql: str, tables: str) -> None:
    assert found(sql) == tables


def test_backticks_make_double_quotes_a_value_and_backslashes_an_escape() -> None:
    assert found(
        "SELECT `a`.`x` FROM `a` JOIN `o`.`b` WHERE `x` = \"FROM c\" AND y = 'it\\' FROM d' # FROM e", True
    ) == ("a o.b")


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("WITH a AS (SELECT * FROM a WHERE x) SELECT * FROM a JOIN b USING (id)", "b (a)"),
        ("WITH a AS (SELECT * FROM s.a) SELECT * FROM a", "(s.a)"),
        ("WITH RECURSIVE a AS (SELECT 1 UNION SELECT x FROM a) SELECT * FROM a", ""),
        ("WITH RECURSIVE x AS (SELECT * FROM y), y AS (SELECT 1) SELECT * FROM x", ""),
        ("WITH a AS (SELECT 1), c AS (SELECT * FROM a) SELECT * FROM c", ""),
        ("WITH c AS (SELECT * FROM a), a AS (SELECT 1) SELECT * FROM c, a", "(a)"),
        ("WITH a AS (SELECT 1), u AS (WITH a AS (SELECT * FROM a) SELECT * FROM a) SELECT * FROM u", ""),
        ("SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a) x JOIN a ON true", "a"),
        ("WITH start AS (SELECT * FROM a) SELECT * FROM start", "(a)"),
        ("WITH a AS (SELECT * FROM a) DELETE FROM a USING b WHERE a.id = b.id", "a* b"),
        ("WITH a AS (SELECT * FROM a) UPDATE a SET x = 1", "a*"),
        ("WITH c AS (SELECT 1) UPDATE a JOIN c ON a.id = c.id SET a.x = 1", "a*"),
        ("WITH c AS (SELECT 1) UPDATE c, a SET a.x = 1", "a*"),
        ("INSERT INTO a WITH a AS (SELECT * FROM b) SELECT * FROM a", "a* (b)"),
    ],
)  # fmt: skip
def test_a_name_is_a_cte_only_where_the_cte_can_be_seen(sql: str, tables: str) -> None:
    assert found(sql) == tables


def test_where_every_with_is_recursive_a_ctes_name_in_its_own_query_is_the_cte() -> None:
    sql = "WITH t (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT * FROM t, a"
    assert found(sql, recursive=True) == "a"
    assert found(sql) == "a (t)"


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("CREATE TABLE kept AS SELECT * FROM a JOIN b USING (id)", "kept* (a) (b)"),
        ("CREATE TABLE IF NOT EXISTS s.kept (x) WITH (fillfactor=70) AS TABLE a WITH NO DATA", "s.kept* (a)"),
        ("CREATE OR REPLACE TABLE kept (id int) ENGINE=InnoDB IGNORE SELECT * FROM a", "kept* (a)"),
        ("CREATE TABLE kept (SELECT * FROM a)", "kept* (a)"),
        ("CREATE TABLE kept AS (SELECT * FROM a UNION SELECT * FROM b)", "kept* (a) (b)"),
        ("CREATE TABLE kept AS WITH a AS (SELECT * FROM a) SELECT * FROM a", "kept* (a)"),
        ("CREATE TABLE kept WITH c AS (SELECT * FROM a) SELECT * FROM c", "kept* (a)"),
        ('CREATE UNLOGGED TABLE "kept" ON COMMIT PRESERVE ROWS AS SELECT 1 FROM a', "kept* (a)"),
        ("CREATE TABLE kept LIKE a", ""),
        ("CREATE TABLE part PARTITION OF a FOR VALUES FROM (1) TO (2)", ""),
        ("CREATE TABLE a (x int) WITH SYSTEM VERSIONING", ""),
        ("CREATE ALGORITHM = MERGE DEFINER = `x`@`%` SQL SECURITY INVOKER VIEW v AS SELECT * FROM a", "a"),
        ("CREATE MATERIALIZED VIEW v AS TABLE a", "a"),
        ("CREATE FUNCTION f() RETURNS TABLE (x int) RETURN (SELECT x FROM a)", ""),
    ],
)  # fmt: skip
def test_a_table_that_is_made_of_a_query_is_filled_by_it(sql: str, tables: str) -> None:
    assert found(sql, "`" in sql) == tables


@pytest.mark.parametrize(
    ("sql", "tables", "makes"),
    [
        ("CREATE TEMPORARY TABLE kept AS SELECT * FROM a", "a", [Made(("", "kept"))]),
        ("CREATE TEMP TABLE kept (id int) ON COMMIT DROP", "", [Made(("", "kept"), until_commit=True)]),
        ("CREATE TABLE pg_temp.Kept AS SELECT * FROM a, b", "a b", [Made(("pg_temp", "kept"))]),
        ("SELECT x INTO TEMP kept FROM a", "a", [Made(("", "kept"))]),
        ("SELECT x INTO TEMPORARY TABLE kept FROM a", "a", [Made(("", "kept"))]),
        ("SELECT x INTO temp FROM a", "a temp*", []),
        ("CREATE TEMP VIEW v AS SELECT * FROM a", "a", []),
    ],
)  # fmt: skip
def test_a_temporary_table_is_no_table_of_its_statement(sql: str, tables: str, makes: list[Made]) -> None:
    assert found(sql) == tables
    assert [made for statement in read(sql, False) for made in statement.makes] == makes


def test_the_tables_that_a_statement_drops_are_told() -> None:
    [statement] = read('DROP TABLE IF EXISTS a, s."B" CASCADE', False)
    assert statement.drops == (("", "a"), ("s", "B"))
    assert read("DROP VIEW a", False) == read("DROP INDEX a", False) == ()


@pytest.mark.parametrize(
    ("sql", "shown"),
    [
        ('SELECT "id"   FROM "shop_order"\n WHERE "id" IN (%s, %s, %s)',
         'SELECT "id" FROM "shop_order" WHERE "id" IN (?, …)'),
        ("INSERT INTO shop_order VALUES (1, 'ann@example.org', .5), (2, 'bob', 1e-3)",
         "INSERT INTO shop_order VALUES (?, …), …"),
        ('SELECT "id" AS "n" FROM "auth_user" u WHERE u."name" = "ann@example.org" /* request 7 */',
         'SELECT "id" AS "n" FROM "auth_user" u WHERE u."name" = ?'),
        ("SELECT 'open end FROM x", "SELECT ?"),
        ("SELECT $$ body $$, E'a\\'b', x'ff'", "SELECT ?, …"),
    ],
)  # fmt: skip
def test_a_statement_is_shown_without_its_values(sql: str, shown: str) -> None:
    assert without_values(sql, False, KNOWN) == shown


@given(st.text(), st.booleans())
def test_no_text_inside_a_value_is_shown_or_taken_for_a_table(text: str, backticks: bool) -> None:
    escaped = text.replace("'", "''").replace("\\", "\\\\") if backticks else text.replace("'", "''")
    sql = f"SELECT * FROM shop_order WHERE name = '{escaped}' AND id = 1"
    assert without_values(sql, backticks, KNOWN) == "SELECT * FROM shop_order WHERE name = ? AND id = ?"
    assert found(sql, backticks) == "shop_order"


@given(st.text(alphabet="'\"`;()-/*$%\\ \nFROMJOINWITHASa,.1", max_size=60), st.booleans())
def test_any_text_at_all_can_be_read(sql: str, backticks: bool) -> None:
    read(sql, backticks)
    read(f"CREATE TEMP TABLE {sql}", backticks)
    read(f"DROP {sql}", backticks)
    without_values(sql, backticks, KNOWN)
