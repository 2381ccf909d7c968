"""The tables of a statement are found where they stand, and nowhere else; its values are never shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outgrow.rehearse.statements import read
from outgrow.rehearse.tokens import without_values

KNOWN = frozenset({"shop_order", "auth_user", "id", "user_id", "name"})


def found(sql: str, backticks: bool = False) -> str:
    """`a b* (c)`: b is written, c stands in subqueries alone; statements are divided by `;`."""

    def one(statement: object) -> str:
        names = sorted(".".join(filter(None, name)) for name in statement.tables)  # type: ignore[attr-defined]
        written = {".".join(filter(None, name)) for name in statement.written}  # type: ignore[attr-defined]
        nested = {".".join(filter(None, name)) for name in statement.nested}  # type: ignore[attr-defined]
        marked = [n + "*" * (n in written) for n in names if n not in nested]
        return " ".join([*marked, *(f"({n + '*' * (n in written)})" for n in names if n in nested)])

    return "; ".join(map(one, read(sql, backticks)))


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
    without_values(sql, backticks, KNOWN)
