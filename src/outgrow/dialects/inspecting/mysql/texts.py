"""MySQL and MariaDB: character sets and collations, of the server, the database, every column, and the connection."""

from __future__ import annotations

from collections.abc import Iterator

from outgrow.dialects.base import Session
from outgrow.dialects.inspecting.base import Inspection, Said, failed, good, warning
from outgrow.dialects.inspecting.mysql.lasting import lasting
from outgrow.dialects.inspecting.words import listed

_DATABASE = "SELECT @@character_set_server, @@character_set_database, @@collation_database"
_COLUMNS = """
SELECT c.table_name, c.column_name, c.character_set_name FROM information_schema.columns c
JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
WHERE c.table_schema = DATABASE() AND t.table_type = 'BASE TABLE'
  AND c.character_set_name NOT IN ('utf8mb4', 'binary') ORDER BY 1, 2
"""
_COLLATIONS = """
SELECT c.collation_name, count(DISTINCT c.table_name), min(c.table_name) FROM information_schema.columns c
JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
WHERE c.table_schema = DATABASE() AND t.table_type = 'BASE TABLE' AND c.collation_name IS NOT NULL
  AND c.collation_name NOT LIKE '%%_bin' GROUP BY 1 ORDER BY 2 DESC
""".replace("%%", "%")
_CONNECTION = "SELECT @@character_set_client, @@character_set_connection, @@character_set_results"
_ASCII = "ascii"  # holds what it was made for, and refuses all else


class Texts(Inspection):
    def encoding(self, session: Session) -> Iterator[Said]:
        server, database, collation = session.query(_DATABASE)[0]
        name = session.value("SELECT DATABASE()")
        if database != "utf8mb4":
            lack = "emoji and rare characters" if database.startswith("utf8") else "most of the world's characters"
            yield failed(
                f"New tables of {name} get the character set {database}, which lacks {lack}: utf8mb4 is expected.",
                f"ALTER DATABASE `{name}` CHARACTER SET utf8mb4;",
            )
        elif server != "utf8mb4":
            yield warning(
                f"The server's own character set is {server}, and {name} has utf8mb4: a database that is made without "
                "one, such as the tests', gets the former.",
                lasting(session, "character_set_server", "'utf8mb4'"),
            )
        else:
            yield good(f"{name} has utf8mb4, sorted by {collation}")

    def columns(self, session: Session) -> Iterator[Said]:
        narrow: dict[str, list[str]] = {}
        for table, column, charset in session.query(_COLUMNS):
            if charset != _ASCII:
                narrow.setdefault(str(table), []).append(f"{table}.{column} ({charset})")
        if narrow:
            columns = [column for found in narrow.values() for column in found]
            yield failed(
                f"{listed(columns)} cannot hold every character: a row with an emoji is refused, or cut where the "
                "mode is not strict; convert the tables.",
                *(f"ALTER TABLE `{table}` CONVERT TO CHARACTER SET utf8mb4;" for table in list(narrow)[:3]),
            )
        collations = session.query(_COLLATIONS)
        if len(collations) > 1:
            others = [f"{collation} ({table})" for collation, _, table in collations[1:]]
            yield warning(
                f"Most texts are sorted by {collations[0][0]}, and others by {listed(others)}: a comparison of the "
                "two fails ('Illegal mix of collations'), so give them one.",
                f"ALTER TABLE `{collations[1][2]}` CONVERT TO CHARACTER SET utf8mb4 COLLATE {collations[0][0]};",
            )
        if not narrow and len(collations) <= 1:
            yield good("every text column holds every character" if collations else "no text columns yet")

    def connection_encoding(self, session: Session) -> Iterator[Said]:
        wrong = sorted({charset for charset in session.query(_CONNECTION)[0] if charset != "utf8mb4"})
        if wrong:
            yield failed(
                f"The project's connections speak {listed(wrong)}, and what is not in it becomes a question mark or "
                "an error: say so in OPTIONS.",
                '"OPTIONS": {"charset": "utf8mb4"},',
            )
        else:
            yield good("the connection speaks utf8mb4")

    def sql_mode(self, session: Session) -> Iterator[Said]:
        modes = set(str(session.value("SELECT @@sql_mode")).split(","))
        if not modes & {"STRICT_TRANS_TABLES", "STRICT_ALL_TABLES"}:
            yield failed(
                "The sql_mode is not strict, so that what does not fit is cut without an error: make it strict in "
                "OPTIONS.",
                '"OPTIONS": {"init_command": "SET sql_mode=\'STRICT_TRANS_TABLES\'"},',
            )
        elif strange := sorted(modes & {"ANSI_QUOTES", "ANSI", "NO_BACKSLASH_ESCAPES", "PAD_CHAR_TO_FULL_LENGTH"}):
            yield warning(
                f"The sql_mode has {listed(strange)}, by which this server reads SQL unlike what Django writes: remove "
                "it."
            )
        else:
            yield good("the sql_mode is strict")
