"""PostgreSQL: the locale of a new database, and why.

By code points, as SQLite has sorted the project's texts so far: an order that no upgrade of the operating system
changes (one that does breaks indexes), and by which LIKE 'abc%' uses an index.
"""

from __future__ import annotations

from dataclasses import dataclass

from outgrow.dialects.base import Session
from outgrow.dialects.postgresql.catalog import literal
from outgrow.errors import Refused

_CTYPES = """
SELECT datctype FROM pg_database WHERE datname = 'template0' AND encoding = pg_char_to_encoding('UTF8')
UNION ALL
SELECT collctype FROM pg_collation WHERE collprovider = 'c' AND collencoding IN (-1, pg_char_to_encoding('UTF8'))
"""
_BY_POINTS = (
    "texts sort by code points, as they did in SQLite: no upgrade of the system can change that order and break an "
    "index, and LIKE 'abc%' can use one; for a list in a language's order write it in the query, with Collate()"
)


@dataclass(frozen=True, slots=True)
class Locale:
    """``sql``: the part of CREATE DATABASE."""

    sql: str
    why: str


def choose(session: Session, version: int, asked: str | None) -> Locale:
    """Of what this server has; ``asked``: a locale of its operating system, or icu:LOCALE. Refused where there is none.

    The provider "builtin" is there since 17, ICU for a whole database since 15.
    """
    if asked:
        return _asked(session, version, asked)
    if version >= 170000:
        return Locale(
            "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'",
            f"UTF8 with PostgreSQL's own locale C.UTF-8 (provider builtin): {_BY_POINTS}.",
        )
    ctype = _ctype(session)
    return Locale(
        f"{'LOCALE_PROVIDER libc ' if version >= 150000 else ''}LC_COLLATE 'C' LC_CTYPE {literal(ctype)}",
        f"UTF8 with the order C and the letters of {ctype} (provider libc): {_BY_POINTS}.",
    )


def _ctype(session: Session) -> str:
    """What is a letter, and its capital: of a UTF-8 locale of the system, for C knows ASCII alone."""
    found = [str(name) for (name,) in session.query(_CTYPES) if name]
    best = [name for name in found if name.lower().replace("-", "").endswith("utf8")]
    neutral = [name for name in best if name.lower().startswith("c.")]
    return (neutral or best or found or ["C"])[0]


def _asked(session: Session, version: int, asked: str) -> Locale:
    provider, _, name = asked.partition(":")
    if provider == "icu" and name:
        if version < 150000:
            raise Refused(
                f"--collation {asked} needs PostgreSQL 15, which has ICU for a whole database: name a locale of the "
                "server's operating system."
            )
        return Locale(
            f"LOCALE_PROVIDER icu ICU_LOCALE {literal(name)} LC_COLLATE 'C' LC_CTYPE {literal(_ctype(session))}",
            f"UTF8 with ICU's locale {name}, as asked: after an upgrade of ICU its indexes have to be made anew.",
        )
    known = [
        str(found) for (found,) in session.query(f"SELECT collname FROM pg_collation WHERE collname={literal(asked)}")
    ]
    if not known and asked not in ("C", "POSIX"):
        raise Refused(
            f"The server has no locale {asked}: name one of `SELECT collname FROM pg_collation`, or icu:LOCALE such as "
            "icu:ko-KR."
        )
    return Locale(
        f"{'LOCALE_PROVIDER libc ' if version >= 150000 else ''}LC_COLLATE {literal(asked)} LC_CTYPE {literal(asked)}",
        f"UTF8 with the operating system's locale {asked}, as asked: after an upgrade of the system's library its "
        "indexes have to be made anew.",
    )
