"""MySQL and MariaDB: zero dates, times beyond a day, 0/1 columns that hold a 2, and collations that call texts equal.

Conditions on text look at bytes (HEX): REGEXP is ICU in one server, PCRE in the other, and a collation may ignore NUL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from outgrow.dialects.base import Column, Dialect, SchemaObject, Session
from outgrow.dialects.mysql.catalog import literal
from outgrow.dialects.standard import is_finer
from outgrow.dialects.suspects import Facts, Probe, Suspects, Test, django_integers
from outgrow.lines import Kind

MYSQL = Facts(
    wide_text="longtext",
    holds_infinity=False,
    holds_nan=False,
    json_exact_numbers=False,
    json_duplicate_keys=False,
    json_depth=100,
    json_surrogates=False,
    integers=django_integers(2**16 - 1, 2**32 - 1, 2**64 - 1),
    singles=frozenset({"float"}),
    moments={"timestamp": ("1970-01-01 00:00:01", "2038-01-19 03:14:07.999999")},
)
MARIADB = replace(
    MYSQL,
    holds_negative_zero=False,
    json_exact_numbers=True,  # JSON is LONGTEXT with a check
    json_duplicate_keys=True,
    json_depth=31,
    inet_types=frozenset({"inet6", "inet4"}),
    strict_uuids=frozenset({"uuid"}),
)

_CODECS = {
    "utf8mb3": "ucs2", "utf8": "ucs2", "ucs2": "ucs2", "latin1": "cp1252", "ascii": "ascii", "latin2": "iso8859-2",
    "euckr": "euc_kr", "cp949": "cp949", "sjis": "shift_jis", "cp932": "cp932", "gbk": "gbk", "big5": "big5",
    "cp1251": "cp1251", "koi8r": "koi8_r", "tis620": "tis_620", "ujis": "euc_jp", "greek": "iso8859-7",
}  # fmt: skip
"""Python's name of a character set; ucs2 stands for "no character beyond U+FFFF"."""

EXACT = ("_0900_bin", "_nopad_bin", "binary")


def _not_moment(c: str) -> str:
    return f"{c}<'0001-01-01' OR MONTH({c})=0 OR DAY({c})=0"


def _by_text(c: str, column: Column) -> str:
    return f"{c} IS NOT NULL"


_UNREADABLE: dict[Kind, Callable[[str, Column], str | None]] = {
    Kind.BOOLEAN: lambda c, _: f"{c} NOT IN (0,1)",
    Kind.DECIMAL: lambda c, column: f"{c}<>ROUND({c},{column.scale})" if is_finer(column) else None,
    Kind.DATE: lambda c, _: _not_moment(c),
    Kind.DATETIME: lambda c, _: _not_moment(c),
    Kind.TIME: lambda c, _: f"{c}<'00:00:00' OR {c}>='24:00:00'",
    Kind.UUID: lambda c, column: None if column.type == "uuid" else f"{c} NOT REGEXP '^[0-9a-fA-F]{{32}}$'",
    Kind.INET: lambda c, column: None if column.type.startswith("inet") else f"{c} IS NOT NULL",
}

_CONDITIONS: dict[Test, Callable[[str, Probe], str]] = {
    Test.LONGER: lambda c, p: f"CHAR_LENGTH({c})>{p.argument[0]}",
    Test.LARGER: lambda c, p: f"OCTET_LENGTH({c})>{p.argument[0]}",
    Test.NUL: lambda c, p: f"INSTR(CAST({c} AS BINARY),0x00)>0",
    Test.FOREIGN: lambda c, p: f"HEX({c}) REGEXP '^(..)*[89A-F]'",
    Test.SPECIAL: lambda c, p: f"HEX({c}) REGEXP '^(..)*([01].|4[1-9A-F]|5[0-9A]|7F|[89A-F].)' OR HEX({c}) LIKE '%20'",
    Test.OUTSIDE: lambda c, p: f"{c} NOT BETWEEN {_value(p.argument[0])} AND {_value(p.argument[1])}",
    Test.NEGATIVE_ZERO: lambda c, p: f"{c}=0 AND CAST({c} AS CHAR) LIKE '-%'",
    Test.FINER: lambda c, p: f"MICROSECOND({c}) MOD {10 ** (6 - p.argument[0])}<>0",
    Test.DIGITS: lambda c, p: f"LENGTH(REPLACE(REPLACE(TRIM(TRAILING '0' FROM {c}),'-',''),'.',''))>{p.argument[1]}",
    Test.WITHIN: lambda c, p: _within(c, p.argument),
    Test.ODD_UUID: lambda c, p: f"{c} NOT REGEXP '^[0-9a-fA-F]{{12}}[1-8].{{3}}[89abAB]'",
    Test.ABSENT: lambda c, p: f"{c} IS NULL",
    Test.PRESENT: lambda c, p: f"{c} IS NOT NULL",
}


def _value(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)


def _within(c: str, windows: Sequence[tuple[str, str]]) -> str:
    return " OR ".join(f"({c}>='{low}' AND {c}<='{high}')" for low, high in windows) or "FALSE"


class MySQLSuspects(Suspects):
    """Suspects in one MySQL or MariaDB database."""

    @property
    def facts(self) -> Facts:
        return MARIADB if self.dialect.name == "mariadb" else MYSQL

    def condition(self, probe: Probe) -> str | None:
        c = self.dialect.quote(probe.column.name)
        if probe.test is Test.ORPHAN:
            return self.orphan(probe)
        if probe.test is Test.TOGETHER:
            return self.together(probe)
        if probe.test is Test.UNREADABLE:
            find = _UNREADABLE.get(probe.kind)
            return find(c, probe.column) if find else None
        find_by_test = _CONDITIONS.get(probe.test)
        return find_by_test(c, probe) if find_by_test else None

    def text(self, column: Column, kind: Kind) -> str:
        c = self.dialect.quote(column.name)
        if kind is Kind.BINARY:
            return f"LOWER(HEX({c}))"
        if kind is Kind.UUID:
            return f"LOWER(REPLACE(CAST({c} AS CHAR),'-',''))"
        return f"CAST({c} AS CHAR)"

    def octets(self, column: Column, kind: Kind) -> str:
        return f"OCTET_LENGTH({self.dialect.quote(column.name)})"

    def trial_table(self, name: str, columns: Sequence[Column]) -> str:
        parts = []
        for c in columns:
            charset = f" CHARACTER SET {c.charset}" if c.charset else ""
            collate = f" COLLATE {c.collation}" if c.collation else ""
            parts.append(f"{self.dialect.quote(c.name)} {c.declared}{charset}{collate} NULL")
        return f"CREATE TEMPORARY TABLE {self.dialect.quote(name)} ({','.join(parts)}) ENGINE=InnoDB"

    def default_charset(self, session: Session) -> str | None:
        return _codec(str(session.value("SELECT @@character_set_database")))

    def default_collation(self, session: Session) -> str | None:
        found = str(session.value("SELECT @@collation_database"))
        return None if found.endswith(EXACT) else found

    def knows_zone(self, session: Session, zone: str) -> bool:
        return session.value(f"SELECT CONVERT_TZ('2000-01-01 00:00:00','+00:00',{literal(zone)})") is not None

    def charset(self, column: Column) -> str | None:
        return _codec(column.charset) if column.charset else None

    def is_exact(self, column: Column) -> bool:
        return column.collation is None or column.collation.endswith(EXACT)

    def trial_index(self, unique: SchemaObject, table: str) -> str | None:
        if "WITHOUT OVERLAPS" in unique.definition:
            return None  # MariaDB has no period in a temporary table (error 4152 on 10.11)
        match = re.match(r"UNIQUE KEY `(?:[^`]|``)+` (.*)$", unique.definition, re.DOTALL)
        return f"ALTER TABLE {self.dialect.quote(table)} ADD UNIQUE KEY outgrow_trial_key {match[1]}" if match else None

    def check_condition(self, check: SchemaObject) -> str | None:
        match = re.search(r"CHECK \((.*)\)\s*(/\*!80016 NOT ENFORCED \*/)?\s*$", check.definition, re.DOTALL)
        return None if match is None else "TRUE" if match[2] else match[1]


def _codec(charset: str) -> str | None:
    return None if charset in ("utf8mb4", "utf16", "utf32", "binary") else _CODECS.get(charset, charset)


def open_suspects(dialect: Dialect) -> Suspects:
    return MySQLSuspects(dialect)
