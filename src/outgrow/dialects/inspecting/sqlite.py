"""What ``outgrow doctor`` asks of a SQLite file."""

from __future__ import annotations

import os
import sqlite3
import ssl
from collections.abc import Iterator
from socket import socket

from outgrow.dialects.base import Session
from outgrow.dialects.inspecting import django, mounts, versions
from outgrow.dialects.inspecting.base import Greeting, Inspection, Refusal, Said, failed, good, warning
from outgrow.dialects.sqlite.session import connect, file_of
from outgrow.errors import Refused

LOCK_SECONDS = 1.0


class SQLiteInspection(Inspection):
    title = "SQLite"
    port = 0
    in_file = True
    tls_option = ""
    questions = (
        ("D301", "version"),
        ("D801", "writable"),
        ("D802", "lock"),
        ("D803", "journal"),
        ("D804", "place"),
        ("D805", "transactions"),
    )
    deep = (("D806", "integrity"),)

    def driver(self) -> Said:
        return good(f"sqlite3 of Python, with SQLite {sqlite3.sqlite_version}")

    def address(self) -> str:
        try:
            return file_of(self.settings)
        except Refused:
            return ""  # in memory

    def wants_tls(self) -> str:
        return "never"

    def authorities(self) -> str | None:
        return None

    def greet(self, connection: socket, host: str, context: ssl.SSLContext | None) -> Greeting:
        raise NotImplementedError("a file has no port")

    def encrypted(self, session: Session) -> bool | None:
        return None

    def log_in(self) -> Session:
        path = self.address()
        if not path:
            raise Refusal(
                "D107",
                failed("The database is in one process's memory, and ends with it: name a file, or move to a server."),
            )
        if os.path.isdir(path):
            raise Refusal("D107", failed(f"{path} is a folder, and a database is a file: add its name to NAME."))
        if not os.path.exists(path):
            raise Refusal(
                "D107",
                failed(
                    f"There is no file {path}, and Django would make an empty one: correct NAME (a relative path "
                    "depends on where the process was started), or run `migrate`."
                ),
            )
        if not os.access(path, os.R_OK):
            raise Refusal(
                "D106", failed(f"{path} may not be read by this user: give it to the user of the web server.")
            )
        with open(path, "rb") as file:
            head = file.read(16)
        if head and head != b"SQLite format 3\0":
            raise Refusal(
                "D107", failed(f"{path} is no SQLite database: correct NAME, or bring the file back from a backup.")
            )
        return connect(self.settings, read_only=True)

    # -- questions -------------------------------------------------------------------------------------------------
    def version(self, session: Session) -> Iterator[Said]:
        live, least = sqlite3.sqlite_version_info, django.least_version(self.settings)
        yield versions.judged("Python brings SQLite", live, least, "use a newer Python")

    def writable(self, session: Session) -> Iterator[Said]:
        path = file_of(self.settings)
        folder = os.path.dirname(path)
        for place, what in (
            (path, "the file"),
            (folder, "its folder, in which SQLite makes a journal beside the file"),
        ):
            if not os.access(place, os.W_OK):
                yield failed(
                    f"This user may not write {what}: writes fail with 'attempt to write a readonly database' or "
                    "'unable to open database file', so give it to the user of the web server.",
                    f"sudo chown <user of the web server> {place}",
                )
                return
        yield good("file and folder can be written")

    def lock(self, session: Session) -> Iterator[Said]:
        """The write lock, taken and given back; nothing is written."""
        path = file_of(self.settings)
        if not os.access(path, os.W_OK):
            return
        connection = sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level=None)
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            holders = mounts.holders(path)
            yield warning(
                f"The write lock was not free within {LOCK_SECONDS:.0f} s ({error}): a long transaction, or more "
                "writers than one "
                "file can serve" + (f"; it is open in {holders}." if holders else ".")
            )
        else:
            yield good("the write lock is free")
        finally:
            connection.close()

    def journal(self, session: Session) -> Iterator[Said]:
        mode = session.value("PRAGMA journal_mode")
        if mode == "wal":
            yield good("the journal mode is WAL: who reads and who writes do not wait for each other")
        elif mode in ("off", "memory"):
            yield failed(
                f"The journal mode is {mode}: a process that is killed while it writes leaves a broken file, so use "
                "WAL.",
                f"sqlite3 {file_of(self.settings)} 'PRAGMA journal_mode=WAL'",
            )
        else:
            yield warning(
                f"The journal mode is {mode}: a writer waits for every reader ('database is locked'), so use WAL.",
                f"sqlite3 {file_of(self.settings)} 'PRAGMA journal_mode=WAL'",
            )

    def place(self, session: Session) -> Iterator[Said]:
        path = file_of(self.settings)
        system = mounts.file_system(path)
        if system in mounts.NETWORK:
            yield failed(
                f"The file lies on a network file system ({system}), whose locks SQLite cannot trust: two writers "
                "break the file; put it on a disk of this machine, or move to a server.",
                "outgrow provision --on env:ADMIN_URL --name …",
            )
        elif system in mounts.PASSING:
            yield warning(
                f"The file lies in {system}, which is gone with the container or at the next start: put it on a volume "
                "or a disk."
            )
        else:
            yield good("the file lies on a disk of this machine" + (f" ({system})" if system else ""))

    def transactions(self, session: Session) -> Iterator[Said]:
        options = self.settings.get("OPTIONS") or {}
        if str(options.get("transaction_mode") or "").upper() in ("IMMEDIATE", "EXCLUSIVE"):
            yield good("transactions take the write lock when they begin")
        else:
            yield warning(
                "Transactions begin as readers, and one that reads first and writes then fails at once where another "
                "wrote meanwhile, whatever the timeout: let them begin as writers (Django 5.1).",
                '"OPTIONS": {"transaction_mode": "IMMEDIATE"},',
            )

    def integrity(self, session: Session) -> Iterator[Said]:
        found = [str(row[0]) for row in session.query("PRAGMA quick_check(3)")]
        if found != ["ok"]:
            yield failed(
                f"The file is damaged ({found[0].splitlines()[-1]}): bring it back from a backup, or recover what can "
                "be read.",
                f"sqlite3 {file_of(self.settings)} .recover | sqlite3 recovered.sqlite3",
            )
            return
        orphans = session.query("PRAGMA foreign_key_check")
        if orphans:
            tables = sorted({str(row[0]) for row in orphans})
            yield warning(
                f"{len(orphans)} rows of {', '.join(tables[:4])} refer to rows that are not there: a server would "
                "refuse them; `outgrow audit` lists them."
            )
        else:
            yield good("the file is whole, and no row refers to one that is not there")
