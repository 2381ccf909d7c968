"""The rows that every competitor moves: plaza's social network in one SQLite file, made once and kept in .cache/."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import closing
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache" / "benchmarks"
SEED = 1
APPS = "social,accounts"
HISTORY = "django_migrations"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def environment(database: str, **more: str) -> dict[str, str]:
    """For a command of plaza whose default database is this URL."""
    return {**os.environ, "DATABASE_URL": database, "NO_COLOR": "1", **more}


def manage(database: str, *arguments: str) -> str:
    """Run manage.py as anybody would; what it said is in the error if it fails."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment(database), capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"manage.py {' '.join(arguments)} failed: {(done.stderr or done.stdout).strip()[-2000:]}")
    return done.stdout


def database(rows: int) -> Path:
    """The SQLite file with so many rows; its name tells the code that filled it, so that it is never stale."""
    CACHE.mkdir(parents=True, exist_ok=True)
    path = CACHE / f"plaza-{rows}-{_maker()}.sqlite3"
    if not path.exists():
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        manage(f"sqlite:///{part}", "migrate", "--verbosity=0")
        manage(f"sqlite:///{part}", *fill_command(rows))
        part.rename(path)
    _warm(path)
    return path


def fill_command(rows: int) -> list[str]:
    return ["plaza_fill", f"--rows={rows}", f"--seed={SEED}", f"--apps={APPS}"]


def _maker() -> str:
    digest = hashlib.sha256()
    for path in sorted((ROOT / "plaza").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


def _warm(path: Path) -> None:
    """Nobody is measured reading a cold disk."""
    with open(path, "rb") as file:
        while file.read(1 << 24):
            pass


def counts(path: Path) -> dict[str, int]:
    """Rows of every table that has some; django_migrations belongs to each database itself."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite%'")
        tables = [name for (name,) in found if name != HISTORY]
        all_counts = {t: connection.execute(f'SELECT count(*) FROM "{t}"').fetchone()[0] for t in tables}
    return {table: count for table, count in all_counts.items() if count}


def facts(path: Path, wanted: int) -> dict[str, object]:
    """What a result says of its source."""
    rows = counts(path)
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        longest = connection.execute("SELECT max(length(CAST(body AS BLOB))) FROM social_post").fetchone()[0]
        large = connection.execute("SELECT count(*) FROM social_post WHERE length(body) > 200000").fetchone()[0]
    return {
        "rows": sum(rows.values()),
        "tables": len(rows),
        "bytes": path.stat().st_size,
        "longest value, bytes": longest,
        "posts over 200,000 characters": large,
        "made by": f"manage.py {' '.join(fill_command(wanted))}",
    }


def text_files(
    path: Path, folder: Path, intervals: Iterable[tuple[str, str]] = ()
) -> dict[str, tuple[Path, list[str]]]:
    """One file of COPY text per table, as PostgreSQL's COPY and MySQL's LOAD DATA read it, with its columns.

    ``intervals`` are the columns in which SQLite's microseconds must become an interval.
    """
    special = set(intervals)
    made = {}
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        for table in counts(path):
            cursor = connection.execute(f'SELECT * FROM "{table}" ORDER BY 1')
            columns = [column[0] for column in cursor.description]
            spans = [n for n, column in enumerate(columns) if (table, column) in special]
            file = folder / f"{table}.txt"
            with open(file, "w", encoding="utf-8", newline="") as out:
                out.writelines(_line(row, spans) for row in cursor)
            made[table] = (file, columns)
    return made


def _line(row: tuple[object, ...], spans: list[int]) -> str:
    fields = ["\\N" if value is None else _text(value).translate(_ESCAPES) for value in row]
    for number in spans:
        if row[number] is not None:
            fields[number] += " microseconds"
    return "\t".join(fields) + "\n"


def _text(value: object) -> str:
    """SQLite keeps 8.746448 as 8.746448000000001 and 0.000091 as 9.1e-05: decimals get 15 digits, as Django reads them.

    None of these tables has a float.
    """
    return format(Decimal(format(value, ".15g")), "f") if isinstance(value, float) else str(value)


def compare_counts(expected: Mapping[str, int], found: Mapping[str, int]) -> None:
    """Nobody is measured who lost rows."""
    wrong = {t: (n, found.get(t)) for t, n in expected.items() if found.get(t) != n}
    if wrong:
        told = ", ".join(f"{table} has {got} rows instead of {want}" for table, (want, got) in wrong.items())
        raise RuntimeError(f"rows were lost or doubled: {told}")
