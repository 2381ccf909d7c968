"""PostgreSQL: types are kept; suspect is what they allow beyond Django: infinity, months, BC, 24:00, netmasks."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from outgrow.dialects.base import Column, Dialect, SchemaObject, Session
from outgrow.dialects.postgresql.catalog import literal, quote
from outgrow.dialects.postgresql.session import PostgreSQLSession
from outgrow.dialects.standard import is_finer
from outgrow.dialects.suspects import Facts, Probe, Suspects, Test, django_integers
from outgrow.lines import Kind

FACTS = Facts(
    holds_nul=False,
    json_duplicate_keys=False,
    json_nul=False,
    json_surrogates=False,
    shortens_names=True,
    index_value_bytes=2688,  # 2704 less the headers of entry and value
    long_durations=True,
    keeps_time_zone=True,
    integers=django_integers(2**15 - 1, 2**31 - 1, 2**63 - 1),
    singles=frozenset({"real"}),
    inet_types=frozenset({"inet"}),
)


def _moment(c: str, column: Column) -> str:
    return f"NOT ({c}>='0001-01-01' AND {c}<'10000-01-01')"


def _duration(c: str, column: Column) -> str:
    if column.type != "interval":
        return "false"
    return f"extract(year FROM {c})<>0 OR extract(month FROM {c})<>0"


def _decimal(c: str, column: Column) -> str:
    endless = f"{c}::text IN ('NaN','Infinity','-Infinity')"
    return f"{endless} OR {c}<>round({c},{column.scale})" if is_finer(column) else endless


def _inet(c: str, column: Column) -> str:
    if column.type != "inet":
        return f"{c} IS NOT NULL"
    return f"masklen({c})<>CASE family({c}) WHEN 4 THEN 32 ELSE 128 END"


_UNREADABLE: dict[Kind, Callable[[str, Column], str]] = {
    Kind.BOOLEAN: lambda c, column: "false" if column.type == "boolean" else f"{c} NOT IN (0,1)",
    Kind.DECIMAL: _decimal,
    Kind.DATE: _moment,
    Kind.DATETIME: _moment,
    Kind.TIME: lambda c, column: f"{c}>='24:00'",
    Kind.DURATION: _duration,
    Kind.UUID: lambda c, column: "false" if column.type == "uuid" else f"{c} IS NOT NULL",
    Kind.INET: _inet,
}

_CONDITIONS: dict[Test, Callable[[str, Probe], str]] = {
    Test.LONGER: lambda c, p: f"length({c}::text)>{p.argument[0]}",
    Test.LARGER: lambda c, p: f"octet_length({c}{'' if p.kind is Kind.BINARY else '::text'})>{p.argument[0]}",
    Test.FOREIGN: lambda c, p: f"octet_length({c}::text)<>length({c}::text)",
    Test.SPECIAL: lambda c, p: f"{c}::text COLLATE \"C\" ~ '[^ -@\\[-~]| $'",
    Test.OUTSIDE: lambda c, p: f"{_number(c, p)} NOT BETWEEN {_value(p.argument[0])} AND {_value(p.argument[1])}",
    Test.ENDLESS: lambda c, p: f"{c}::text IN ('NaN','Infinity','-Infinity')",
    Test.NEGATIVE_ZERO: lambda c, p: f"{c}::text='-0'",
    Test.FINER: lambda c, p: f"extract(microseconds FROM {c})::bigint%{10 ** (6 - p.argument[0])}<>0",
    Test.DIGITS: lambda c, p: f"length(translate(trim_scale({c})::text,'-.',''))>{p.argument[1]}",
    Test.WITHIN: lambda c, p: _within(c, p.argument),
    Test.ODD_UUID: lambda c, p: f"replace({c}::text,'-','') !~* '^.{{12}}[1-8].{{3}}[89ab]'",
    Test.ABSENT: lambda c, p: f"{c} IS NULL",
    Test.PRESENT: lambda c, p: f"{c} IS NOT NULL",
}


def _number(c: str, probe: Probe) -> str:
    return f"extract(epoch FROM {c})*1000000" if probe.column.type == "interval" else c


def _value(value: object) -> str:
    return literal(value) if isinstance(value, str) else str(value)


def _within(c: str, windows: Sequence[tuple[str, str]]) -> str:
    return " OR ".join(f"({c}>={literal(low)} AND {c}<={literal(high)})" for low, high in windows) or "false"


_UTF8 = (
    r"^([\u0001-\u007f]|[\u00c2-\u00df][\u0080-\u00bf]|\u00e0[\u00a0-\u00bf][\u0080-\u00bf]"
    r"|[\u00e1-\u00ec\u00ee\u00ef][\u0080-\u00bf]{2}|\u00ed[\u0080-\u009f][\u0080-\u00bf]"
    r"|\u00f0[\u0090-\u00bf][\u0080-\u00bf]{2}|[\u00f1-\u00f3][\u0080-\u00bf]{3}"
    r"|\u00f4[\u0080-\u008f][\u0080-\u00bf]{2})*$"
)
"""A text of UTF-8 where each byte is a letter of its own, as in a database of SQL_ASCII."""


class PostgreSQLSuspects(Suspects):
    """Suspects in one PostgreSQL database."""

    any_bytes = False  # until a session says otherwise

    def hits(self, session: Session, table: str, probes: Sequence[Probe]) -> list[Probe]:
        assert isinstance(session, PostgreSQLSession)
        self.any_bytes = session.any_bytes
        return super().hits(session, table, probes)

    @property
    def facts(self) -> Facts:
        return FACTS

    def condition(self, probe: Probe) -> str | None:
        c = quote(probe.column.name)
        if probe.test is Test.ORPHAN:
            return self.orphan(probe)
        if probe.test is Test.TOGETHER:
            return self.together(probe)
        if probe.test is Test.UNREADABLE:
            find = _UNREADABLE.get(probe.kind)
            condition = find(c, probe.column) if find else "false"
            return None if condition == "false" else condition
        if probe.test is Test.BROKEN and self.any_bytes:
            return f"{c}::text COLLATE \"C\" !~ '{_UTF8}'"
        find_by_test = _CONDITIONS.get(probe.test)  # text is valid and without NUL but in SQL_ASCII
        return find_by_test(c, probe) if find_by_test else None

    def text(self, column: Column, kind: Kind) -> str:
        c = quote(column.name)
        if column.type == "bytea":
            return f"encode({c},'hex')"
        if column.type == "uuid":
            return f"replace({c}::text,'-','')"
        if column.type == "inet":
            return f"CASE WHEN {_inet(c, column)} THEN {c}::text ELSE host({c}) END"
        return f"convert_to({c}::text,'SQL_ASCII')" if self.any_bytes else f"{c}::text"

    def octets(self, column: Column, kind: Kind) -> str:
        return f"octet_length({quote(column.name)}{'' if kind is Kind.BINARY else '::text'})"

    def trial_table(self, name: str, columns: Sequence[Column]) -> str:
        parts = [
            f"{quote(c.name)} {c.declared}" + (f" COLLATE {quote(c.collation)}" if c.collation else "") for c in columns
        ]
        return f"CREATE TEMPORARY TABLE {quote(name)} ({','.join(parts)})"

    def default_charset(self, session: Session) -> str | None:
        found = str(session.value("SHOW server_encoding"))
        return None if found in ("UTF8", "SQL_ASCII") else _CODECS.get(found, found.lower())

    def is_exact(self, column: Column) -> bool:
        return column.type != "citext" and column.collation in (None, "C", "POSIX", "default", "ucs_basic")

    def check_condition(self, check: SchemaObject) -> str | None:
        match = re.fullmatch(r"CHECK \((.*)\)(?: NO INHERIT)?(?: NOT VALID)?", check.definition, re.DOTALL)
        return match[1] if match else None


_CODECS = {"LATIN1": "iso8859-1", "LATIN9": "iso8859-15", "EUC_KR": "euc_kr", "EUC_JP": "euc_jp", "WIN1252": "cp1252"}


def open_suspects(dialect: Dialect) -> Suspects:
    return PostgreSQLSuspects(dialect)
