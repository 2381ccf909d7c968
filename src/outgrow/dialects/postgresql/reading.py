"""PostgreSQL: rows as lines, rendered and escaped by the server's own COPY."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from outgrow.dialects.base import Column, Range, Reading, Session
from outgrow.dialects.postgresql.catalog import quote
from outgrow.dialects.postgresql.session import PostgreSQLSession
from outgrow.dialects.standard import is_finer
from outgrow.lines import DOUBT, Kind, normalise_copy

PIECE = 1 << 20
DAY = 86_400_000_000
DOUBT_SQL = f"convert_from('\\x{DOUBT.hex()}','UTF8')"


def _moment(pattern: str) -> Callable[[str, Column], str]:
    def expression(c: str, column: Column) -> str:
        return (
            f"CASE WHEN {c}>='0001-01-01' AND {c}<'10000-01-01' THEN to_char({c},'{pattern}') "
            f"WHEN {c} IS NOT NULL THEN {DOUBT_SQL}||{c}::text END"
        )

    return expression


def _days_and_micros(days: str, rest: str) -> str:
    """Floored days and what is left of them, from a truncated division; never a step beyond the type's range."""
    return f"(({days})-({rest}<0)::int)||' days '||(({rest})+({rest}<0)::int*{DAY})||' us'"


def _duration(c: str, column: Column) -> str:
    if column.type != "interval":
        return _days_and_micros(f"{c}/{DAY}", f"({c}%{DAY})")
    total = f"extract(epoch FROM {c})*1000000"
    shown = _days_and_micros(f"div({total},{DAY})::bigint", f"mod({total},{DAY})::bigint")
    return (
        f"CASE WHEN extract(year FROM {c})=0 AND extract(month FROM {c})=0 THEN {shown} "
        f"WHEN {c} IS NOT NULL THEN {DOUBT_SQL}||{c}::text END"
    )


def _decimal(c: str, column: Column) -> str:
    if column.scale is None:
        return f"trim_scale({c})"
    shown = f"{c}::numeric(1000,{column.scale})"
    # A cast rounds without a word.
    guarded = f"CASE WHEN {c}=round({c},{column.scale}) THEN ({shown})::text ELSE {DOUBT_SQL}||{c}::text END"
    return guarded if is_finer(column) else shown


def _uuid(c: str, column: Column) -> str:
    return f"replace({c}::text,'-','')" if column.type == "uuid" else f"lower(replace({c},'-',''))"


def _time(c: str, column: Column) -> str:
    return (
        f"CASE WHEN {c}<'24:00' THEN to_char({c},'HH24:MI:SS.US') WHEN {c} IS NOT NULL THEN {DOUBT_SQL}||{c}::text END"
    )


def _inet(c: str, column: Column) -> str:
    if column.type != "inet":
        return c
    return f"CASE WHEN masklen({c})=CASE family({c}) WHEN 4 THEN 32 ELSE 128 END THEN host({c}) ELSE {c}::text END"


def _plain(c: str, column: Column) -> str:
    return c


_EXPRESSIONS: dict[Kind, Callable[[str, Column], str]] = {
    Kind.INTEGER: _plain,
    Kind.BOOLEAN: lambda c, column: f"{c}::int" if column.type == "boolean" else c,
    Kind.DECIMAL: _decimal,
    Kind.FLOAT: _plain,
    Kind.TEXT: _plain,
    Kind.JSON: _plain,
    Kind.NATIVE: _plain,
    Kind.BINARY: _plain,
    Kind.INET: _inet,
    Kind.DATE: _moment("YYYY-MM-DD"),
    Kind.DATETIME: _moment("YYYY-MM-DD HH24:MI:SS.US"),
    Kind.TIME: _time,
    Kind.DURATION: _duration,
    Kind.UUID: _uuid,
}


def render(column: Column, kind: Kind) -> str:
    return _EXPRESSIONS[kind](quote(column.name), column)


def key_term(column: Column, kind: Kind) -> str:
    name = quote(column.name)
    if kind is Kind.INTEGER or column.type == "uuid":
        return name
    if kind is Kind.TEXT:
        return f'{name} COLLATE "C"'
    return f'({render(column, kind)})::text COLLATE "C"'


def shown_key(column: Column, kind: Kind) -> str:
    """A key column as a Key holds it (a uuid as its canonical text, though it is ranged natively)."""
    return render(column, kind) if column.type == "uuid" else key_term(column, kind)


def lines(session: Session, reading: Reading, span: Range, condition: str, limit: int | None) -> Iterator[bytes]:
    assert isinstance(session, PostgreSQLSession)
    chosen = ",".join(render(c, k) for c, k in reading.columns)
    tail = f" LIMIT {limit}" if limit is not None else ""
    encoding = " (ENCODING 'SQL_ASCII')" if session.any_bytes else ""
    sql = f"COPY (SELECT {chosen} FROM {quote(reading.table)} WHERE {condition}{tail}) TO STDOUT{encoding}"
    for piece in session.copy_out(sql, PIECE):
        yield normalise_copy(piece)
