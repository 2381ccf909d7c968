"""What a person asked for: the options of every command, as one value that the steps read and nobody changes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

SCHEMAS = ("migrate", "current")
REHEARSALS = ("virtual", "physical", "both")
POLICIES = ("strip", "cut", "null", "reject", "archive")


def default_jobs() -> int:
    """As many workers as there are processors, but no more than four: the server has to work as well."""
    return min(4, os.cpu_count() or 1)


@dataclass(frozen=True, slots=True)
class Options:
    """The options of audit, plan, move, verify, status and report; a command ignores those it does not have.

    ``source`` and ``target`` are as typed (an alias, a URL or ``env:NAME``) and may hold a secret: they are never
    printed or stored; :func:`outgrow.places.resolve` turns them into a Place that can be.
    """

    source: str = "default"
    target: str | None = None
    fixes: Mapping[str, str] = field(default_factory=dict)  # rule id → policy: {"A101": "cut"}
    freeze: bool = False
    jobs: int = field(default_factory=default_jobs)
    verify: bool = True
    dry_run: bool = False
    resume: bool = False
    restart: bool = False
    replace_target: str | None = None  # the target's name, typed out
    schema: str = "migrate"
    show_values: bool = False
    tables: tuple[str, ...] = ()  # verify: only these; empty = all
    apps: tuple[str, ...] = ()  # split these apps out; empty = move the whole project
    tear_apart: bool = False  # also apps that have to stay together
    switch: bool = True  # a split drops the crossing constraints of the source when all is proved
    undo: bool = False  # give the source those constraints back
    drop_source: bool = False  # drop the old copy of the tables that were split off

    def as_record(self) -> dict[str, Any]:
        """What the ledger keeps: everything but the two ends, which it stores in their spoken form."""
        kept = asdict(self)
        del kept["source"], kept["target"]
        return kept


MIGRATE_WAIT = 300.0


@dataclass(frozen=True, slots=True)
class MigrateOptions:
    """``crossing``: names of migrations ("shop.0002_copy") that may use other databases than the one they run for."""

    databases: tuple[str, ...] = ()  # aliases; none means all
    wait: float = MIGRATE_WAIT  # seconds, for a server that is starting and for the lock of another process, each
    run_syncdb: bool = False  # tables of apps without migrations
    crossing: frozenset[str] = frozenset()
    skip_checks: bool = False  # of Django and the project


@dataclass(frozen=True, slots=True)
class DoctorOptions:
    """``databases``: aliases, URLs and ``env:NAME``, as typed. The numbers are None where nobody told them."""

    databases: tuple[str, ...] = ()  # none means every alias of the project
    deep: bool = False  # what reads more than catalogs
    web_servers: int = 1
    processes: int | None = None  # of each web server
    threads: int | None = None  # of each process
    traceback: bool = False  # raise what broke an examination off


@dataclass(frozen=True, slots=True)
class ProvisionOptions:
    """``on``: the administrator's login as typed, which may hold a secret; ``env``: the file for the passwords."""

    on: str
    name: str
    env: str | None = None  # None prints them once
    alias: str = "default"  # of DATABASES: decides how the variables are called
    collation: str | None = None
    clients: str = "%"  # from where MySQL and MariaDB let the roles in
    tls: bool = True
    new_passwords: bool = False
    dry_run: bool = False
    roles: str | None = None  # what their names begin with; None is the database's
