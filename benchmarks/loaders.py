"""What the limit does on each engine, by hand: bare tables, a load from a file, indexes and keys by their own names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from benchmarks.targets import Target, name_of


@dataclass
class Bare:
    """What was taken off the tables, to be put back: statements by table, in the order of the phases."""

    indexes: dict[str, list[str]] = field(default_factory=dict)  # each statement a job of its own
    attach: dict[str, list[str]] = field(default_factory=dict)  # quick statements that turn indexes into constraints
    keys: dict[str, list[str]] = field(default_factory=dict)  # foreign keys: one job a table

    def add(self, phase: str, table: str, statement: str) -> None:
        getattr(self, phase).setdefault(table, []).append(statement)


class Loader(Protocol):
    """One engine's way."""

    VARIANTS: tuple[str, ...]  # the fast ones, all measured each time
    SLOW: tuple[str, ...]  # --all-variants: to know that they are slow

    def connect(self, target: Target, url: str) -> Any: ...
    def catalog(self, connection: Any) -> set[str]: ...
    def intervals(self, connection: Any) -> list[tuple[str, str]]: ...
    def strip(self, connection: Any, variant: str) -> Bare: ...
    def load(self, connection: Any, table: str, columns: Sequence[str], file: Path) -> None: ...


class PostgreSQL:
    """COPY by psycopg; the foreign keys are added unvalidated and then validated, so that two can run at once."""

    VARIANTS: tuple[str, ...] = ("primary keys set aside", "primary keys kept")
    SLOW: tuple[str, ...] = ()

    def connect(self, target: Target, url: str) -> Any:
        connection = target.server.connect(name_of(url))
        connection.execute("SET timezone='UTC'")
        connection.execute("SET synchronous_commit=off")
        connection.execute("SET maintenance_work_mem='256MB'")
        return connection

    def catalog(self, connection: Any) -> set[str]:
        constraints = connection.execute(
            "SELECT conrelid::regclass||' '||conname||' '||pg_get_constraintdef(oid)||' '||convalidated "
            "FROM pg_constraint WHERE connamespace='public'::regnamespace"
        ).fetchall()
        indexes = connection.execute("SELECT indexdef FROM pg_indexes WHERE schemaname='public'").fetchall()
        return {text for (text,) in [*constraints, *indexes]}

    def intervals(self, connection: Any) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema='public' AND data_type='interval'"
        ).fetchall()
        return found

    def strip(self, connection: Any, variant: str) -> Bare:
        bare = Bare()
        kinds = "'u','p'" if variant == "primary keys set aside" else "'u'"
        foreign = connection.execute(
            "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE contype='f' AND connamespace='public'::regnamespace ORDER BY conname"
        ).fetchall()
        for table, name, definition in foreign:
            connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            bare.add("attach", table, f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition} NOT VALID")
            bare.add("keys", table, f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")
        indexes = connection.execute(
            "SELECT i.indrelid::regclass::text, quote_ident(r.relname), pg_get_indexdef(i.indexrelid), c.contype,"
            " pg_get_constraintdef(c.oid) FROM pg_index i JOIN pg_class r ON r.oid=i.indexrelid"
            " LEFT JOIN pg_constraint c ON c.conindid=i.indexrelid AND c.contype IN ('u','p')"
            " WHERE r.relnamespace='public'::regnamespace"
            f" AND (c.contype IN ({kinds}) OR c.contype IS NULL) ORDER BY 2"
        ).fetchall()
        for table, name, definition, kind, constraint in indexes:
            bare.add("indexes", table, definition)
            if kind is None:
                connection.execute(f"DROP INDEX {name}")
                continue
            connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            word = "PRIMARY KEY" if kind in ("p", b"p") else "UNIQUE"
            late = " DEFERRABLE INITIALLY DEFERRED" if constraint.endswith("INITIALLY DEFERRED") else ""
            attached = f"ALTER TABLE {table} ADD CONSTRAINT {name} {word} USING INDEX {name}{late}"
            bare.attach.setdefault(table, []).insert(0, attached)
        return bare

    def load(self, connection: Any, table: str, columns: Sequence[str], file: Path) -> None:
        names = ",".join(f'"{c}"' for c in columns)
        with (
            open(file, "rb", buffering=0) as rows,
            connection.cursor() as cursor,
            cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy,
        ):
            while piece := rows.read(1 << 18):
                copy.write(piece)


class MySQL:
    """LOAD DATA LOCAL by mysqlclient; the primary key stays, since InnoDB stores the rows in its order.

    A foreign key that the server checks itself makes it copy the whole table, and one query for each key finds the
    same orphans before the key is added in place. For 100,000 rows: 21 s or 1.3 s on MySQL 9.7, 4 s or 0.5 s on
    MariaDB 10.11.
    """

    VARIANTS: tuple[str, ...] = ("keys checked by queries",)
    SLOW: tuple[str, ...] = ("keys checked by ALTER", "indexes and keys in one ALTER")

    def connect(self, target: Target, url: str) -> Any:
        import MySQLdb

        server = target.server
        return MySQLdb.connect(
            host=server.host, port=server.port, user=server.user, password=server.password, database=name_of(url),
            charset="utf8mb4", local_infile=1, autocommit=True,
        )  # fmt: skip

    def catalog(self, connection: Any) -> set[str]:
        return {f"{t} {line}" for t, lines in self._definitions(connection).items() for line in lines}

    def intervals(self, connection: Any) -> list[tuple[str, str]]:
        return []

    def _definitions(self, connection: Any) -> dict[str, list[str]]:
        """The lines of each table's CREATE statement: one column, key or constraint a line."""
        cursor = connection.cursor()
        cursor.execute("SHOW FULL TABLES WHERE Table_type='BASE TABLE'")
        found = {}
        for table, _ in cursor.fetchall():
            cursor.execute(f"SHOW CREATE TABLE `{table}`")
            found[table] = [line.strip().rstrip(",") for line in cursor.fetchone()[1].split("\n")[1:-1]]
        return found

    def strip(self, connection: Any, variant: str) -> Bare:
        bare = Bare()
        cursor = connection.cursor()
        for phase in ("foreign keys", "indexes"):
            for table, lines in self._definitions(connection).items():
                if phase == "foreign keys":
                    found = [line for line in lines if " FOREIGN KEY " in line]
                else:
                    found = [line for line in lines if line.startswith(("KEY ", "UNIQUE KEY "))]
                if not found:
                    continue
                word = "FOREIGN KEY" if phase == "foreign keys" else "KEY"
                cursor.execute(f"ALTER TABLE `{table}` " + ", ".join(f"DROP {word} `{_name(f)}`" for f in found))
                self._put_back(bare, table, found, phase, variant)
        return bare

    def _put_back(self, bare: Bare, table: str, found: Sequence[str], phase: str, variant: str) -> None:
        adds = ", ".join(f"ADD {definition}" for definition in found)
        if phase == "indexes":
            if variant == "indexes and keys in one ALTER" and table in bare.keys:
                bare.keys[table][0] += ", " + adds
            else:
                bare.add("indexes", table, f"ALTER TABLE `{table}` {adds}")
            return
        if variant == "keys checked by queries":
            bare.keys[table] = [_orphans(table, definition) for definition in found]
            bare.add("keys", table, "SET SESSION foreign_key_checks=0")
        bare.add("keys", table, f"ALTER TABLE `{table}` {adds}")

    def load(self, connection: Any, table: str, columns: Sequence[str], file: Path) -> None:
        names = ",".join(f"`{c}`" for c in columns)
        cursor = connection.cursor()
        cursor.execute(f"LOAD DATA LOCAL INFILE '{file}' INTO TABLE `{table}` CHARACTER SET utf8mb4 ({names})")
        if connection.warning_count():
            cursor.execute("SHOW WARNINGS")
            raise RuntimeError(f"the ready file of {table} was not taken as it is: {cursor.fetchone()}")


def _name(definition: str) -> str:
    return definition.split("`")[1]


def _orphans(table: str, definition: str) -> str:
    """A query that returns a row if a child has no parent; all of Django's keys have one column."""
    _, _, _, child, _, parent, _, column, *_ = definition.split("`")
    return (
        f"SELECT 1 FROM `{table}` c LEFT JOIN `{parent}` p ON p.`{column}`=c.`{child}` "
        f"WHERE c.`{child}` IS NOT NULL AND p.`{column}` IS NULL LIMIT 1"
    )


LOADERS: dict[str, Loader] = {"postgresql": PostgreSQL(), "mysql": MySQL(), "mariadb": MySQL()}
