"""Both ends of a move, checked before anything else: reachable, not one database, and nobody's rows in the way."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from django.db import connections
from django.db.utils import Error as DjangoError
from django.db.utils import load_backend

from outgrow import conf
from outgrow.dialects import dialect_for
from outgrow.dialects.base import Dialect, Session, Settings, Trouble
from outgrow.dialects.where import where
from outgrow.errors import OutgrowError, Refused, Unreachable
from outgrow.events import Event, Watch
from outgrow.ledger import PREFIX, Ledger, reading
from outgrow.ledger.records import SPLIT, SWITCHED, UNDONE
from outgrow.options import Options
from outgrow.places import Place, resolve
from outgrow.scope import Scope, known_owners, plan_scope
from outgrow.scope.routed import parted_apps

HISTORY = "django_migrations"
NAMED = 5


@dataclass(frozen=True)
class Ends:
    """Where rows come from and where they go."""

    source_place: Place
    target_place: Place
    source: Dialect
    target: Dialect

    @property
    def alias(self) -> str:
        """The alias by which Django knows the source."""
        return self.source_place.alias or "outgrow_source"


def with_time_zone(settings: Settings, inherited: Settings | None = None) -> Settings:
    """The zone in which this database's naive datetimes are meant, as Django's connection would have it.

    Without USE_TZ that is TIME_ZONE; with it, the entry's own TIME_ZONE or UTC. A target without one takes the
    source's.
    """
    if not conf.use_tz():
        zone = conf.time_zone()
    else:
        zone = settings.get("TIME_ZONE") or (inherited or {}).get("TIME_ZONE") or "UTC"
    return {**settings, "TIME_ZONE": zone}


def for_django(settings: Settings) -> Settings:
    """The same as an entry of DATABASES: without USE_TZ Django allows no zone in it."""
    return settings if conf.use_tz() else {**settings, "TIME_ZONE": None}


def place(text: str | None, watch: Watch, *, inherited: Settings | None = None) -> Place:
    """What a person typed, as a Place in the right time zone; a typed password is warned about."""
    if not text:
        raise Refused("no target was named: say where to with --to ALIAS, --to URL or --to env:NAME.")
    found = resolve(text)
    if found.warning:
        watch(Event("warning", "check", text=found.warning))
    return replace(found, settings=with_time_zone(found.settings, inherited))


def open_ends(options: Options, watch: Watch) -> Ends:
    """Resolve and reach both ends; refuse where they are physically one database."""
    source_place = place(options.source, watch)
    target_place = place(options.target, watch, inherited=source_place.settings)
    source = dialect_for(source_place.settings)
    if source_place.alias is not None and source_place.alias == target_place.alias:
        raise _one_database(source_place, target_place)
    with source.connect(read_only=True) as session:
        here = source.identity(session)
    target = dialect_for(target_place.settings)
    ends = Ends(source_place, target_place, source, target)
    _nothing_left_behind(target.file)
    with leaving_no_file(ends), target.connect() as session:
        if here == target.identity(session):
            raise _one_database(source_place, target_place)
    _same_zone(source_place.settings, target_place.settings, source, target)
    return ends


@contextmanager
def leaving_no_file(ends: Ends) -> Iterator[None]:
    """A look at a target file that does not exist yet must not leave an empty one behind."""
    file = ends.target.file
    new = file is not None and not file.exists()
    try:
        yield
    finally:
        if new and file is not None and file.exists() and not file.stat().st_size:
            file.unlink()


BESIDE = ("-wal", "-shm", "-journal")  # SQLite's own files beside a database


def _nothing_left_behind(file: Path | None) -> None:
    """SQLite deletes the WAL of a database that is not there as soon as a new one is made in its place."""
    if file is None or file.exists():
        return
    for beside in (Path(f"{file}{suffix}") for suffix in BESIDE if suffix != "-shm"):
        if beside.exists() and beside.stat().st_size:
            raise Refused(
                f"there is no file {file} yet, but {beside.name} of an earlier one lies there and may hold rows: put "
                "it beside the database that it belongs to, or remove it, and rerun."
            )


def _one_database(source: Place, target: Place) -> Refused:
    return Refused(
        f"source ({source.label}) and target ({target.label}) are one and the same database, {source.spoken}: "
        "name another one with --from or --to."
    )


def _same_zone(here: Settings, there: Settings, source: Dialect, target: Dialect) -> None:
    """Engines without time zones keep wall-clock times, so both ends must mean the same clock."""
    if source.keeps_instants or target.keeps_instants or here["TIME_ZONE"] == there["TIME_ZONE"]:
        return
    raise Refused(
        f"the source keeps its times in {here['TIME_ZONE']} and the target in {there['TIME_ZONE']}, and neither engine "
        "stores the zone: give both DATABASES entries the same TIME_ZONE."
    )


def check_target(ends: Ends, options: Options, scope: Scope | None = None) -> set[str]:
    """Refuse a target that held rows before this run, unless it is named; returns the tables that stand there.

    Of a split only rows of the tables that move are in the way: the target may hold others of the project.
    """
    if ends.target.file is not None and not ends.target.file.exists():
        return set()
    with ends.target.connect() as session:
        unfinished = Ledger.clear_the_way(ends.target, session)
        _no_switch_half_made(ends, session, scope)
        if unfinished is not None and not (options.resume or options.restart):
            raise Refused(
                f"an unfinished move from {unfinished.source} lies in the target: go on with --resume, or begin again "
                "with --restart."
            )
        standing = ends.target.tables(session)
        if options.resume or unfinished is not None:
            return set(standing)
        full = [
            name
            for name in standing
            if (scope is None or scope.has(name))
            and standing[name].kind == "table"
            and _holds_rows(ends.target, session, name)
        ]
        if not full:
            return set(standing)
        names = ends.target_place.names
        if options.replace_target is None:
            more = f" and {len(full) - NAMED} more tables" if len(full) > NAMED else ""
            shown = ", ".join(full[:NAMED]) + more
            wanted = "an empty database" if scope is None else "empty tables"
            raise Refused(
                f"the target {ends.target_place.spoken} already holds rows (in {shown}), and a move starts into "
                f"{wanted}: name an empty one, or add --replace-target {[*names, 'NAME'][0]} to lose them."
            )
        if options.replace_target not in names:
            raise Refused(
                f"--replace-target names {options.replace_target}, but the target is {ends.target_place.spoken}: "
                f"type {' or '.join(names)} to confirm that its rows may go."
            )
    return set(standing)


def _no_switch_half_made(ends: Ends, session: Session, scope: Scope | None) -> None:
    """Refused where a switch was killed, and this is another move: the source would stay without its constraints."""
    last = Ledger.last(ends.target, session)
    facts = last.record().facts if last is not None else {}
    known = facts.get(SPLIT)
    if last is None or known is None or facts.get(SWITCHED) or facts.get(UNDONE):
        return
    if scope is not None and (sorted(scope.apps), scope.source) == (sorted(known["apps"]), known["source"]):
        return
    if any(one.restored_at is None for one in reading.dropped_keys(ends.target, session, last.run_id)):
        apps = ",".join(known["apps"])
        raise Refused(
            f"the split of {apps} was ended in its switch, and {known['source']} may lack constraints: go on with "
            f"`outgrow move --apps {apps} --resume`, or give them back with `outgrow move --undo`, and begin then."
        )


def scope_of(ends: Ends, options: Options) -> Scope | None:
    """What a split moves, by the aliases that the project knows its ends by; None where the whole project moves."""
    if not options.apps:
        return None
    source, target = ends.source_place, ends.target_place
    if source.alias is None:
        raise Refused(
            f"a split takes apps from a database that the project knows, and {source.label} is no alias of DATABASES: "
            "name one with --from."
        )
    alias = target.alias or f"{options.apps[0]}_db"
    if target.alias is None and (known := alias_of(target.settings)):
        raise Refused(
            f"--to {target.label} is the database that DATABASES has as {known}, and a second alias of it would route "
            f"by guesswork: say --to {known}."
        )
    while target.alias is None and alias in conf.databases():
        alias += "_new"
    there = _there_already(ends, options, alias)
    return plan_scope(options.apps, source=source.alias, target=alias, tear=options.tear_apart, there=there)


def _there_already(ends: Ends, options: Options, alias: str) -> frozenset[str]:
    """Tables (lower case) with rows in the target that it owns of its own right, of apps that live in two databases.

    Those of the very move that is gone on with, or made again, are not: it put the rows there.
    """
    now = known_owners()
    if now is None or ends.target.absent or not (parted := parted_apps(now, options.apps, alias)):
        return frozenset()
    with ends.target.connect(read_only=True) as session:
        last = Ledger.last(ends.target, session)
        split = last.record().facts.get(SPLIT) if last is not None else None
        ours = set(split["tables"]) if split and sorted(split["apps"]) == sorted(options.apps) else set()
        return frozenset(
            name.lower()
            for name, table in ends.target.tables(session).items()
            if table.kind == "table" and name.lower() in parted - ours and _holds_rows(ends.target, session, name)
        )


def alias_of(settings: Settings) -> str | None:
    """The alias under which DATABASES has this database, as far as settings tell."""

    def lies(alias: str, entry: Settings) -> tuple[str, ...]:
        return where(load_backend(entry["ENGINE"]).DatabaseWrapper.vendor, alias, entry)

    here = lies("", settings)
    return next((alias for alias in conf.databases() if lies(alias, connections.settings[alias]) == here), None)


def _holds_rows(target: Dialect, session: Session, table: str) -> bool:
    if table == HISTORY or table.startswith(PREFIX):
        return False
    return bool(session.query(f"SELECT 1 FROM {target.quote(table)} LIMIT 1"))


_SAID = {
    Trouble.LOST: ("went away", "bring it back"),
    Trouble.RIGHTS: ("does not permit what this needs", "grant the right"),
    Trouble.SPACE: ("has no room left", "make room"),
    Trouble.STORAGE: ("cannot be read or written", "mend its disk or file"),
    Trouble.BUSY: ("is locked by somebody else", "end what holds the lock"),
}


def in_words(ends: Ends, error: BaseException, onward: str) -> Unreachable | None:
    """A driver's exception that no step foresaw, as one sentence; None for what is none, and for a mistake of ours."""
    if isinstance(error, OutgrowError):
        return None
    if isinstance(error, DjangoError) and error.__cause__ is not None:
        error = error.__cause__  # Django's exceptions wrap the driver's
    for dialect, spoken in ((ends.target, f"the target {ends.target_place.spoken}"),
                           (ends.source, f"the source {ends.source_place.spoken}")):  # fmt: skip
        found = _SAID.get(dialect.trouble(error))
        if found is not None:
            if ends.source.driver == ends.target.driver:
                spoken = "one of the two databases"  # their exceptions look alike
            return Unreachable(f"{spoken} {found[0]} ({dialect.explain(error)}): {found[1]}, then {onward}.")
    return None


@contextmanager
def plainly(ends: Ends, onward: str = "rerun") -> Iterator[None]:
    """Say what a driver raises in one sentence."""
    try:
        yield
    except Exception as error:
        if (said := in_words(ends, error, onward)) is not None:
            raise said from error
        raise


def keep_old_file(ends: Ends, options: Options, watch: Watch) -> None:
    """Before a SQLite target is replaced: the old file stays beside the new one under a dated name."""
    path = ends.target.file
    if options.replace_target is None or options.resume or path is None or not path.exists():
        return
    kept = path.with_name(f"{path.name}.{time.strftime('%Y-%m-%d-%H%M%S')}")
    for suffix in BESIDE:
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            raise Refused(
                f"the old file {path} is still open or was not closed cleanly ({beside.name} lies beside it): stop "
                "what uses it, open it once with sqlite3 so that it is put in order, and rerun."
            )
    path.rename(kept)
    _like(kept, path)
    watch(Event("note", "check", text=f"the old {path.name} is kept as {kept.name}"))


def _like(old: Path, new: Path) -> None:
    """The new file, still empty, with the old one's rights: who could not read the old rows cannot read the new."""
    known = old.stat()
    new.touch(mode=0o600, exist_ok=False)
    with suppress(PermissionError):  # not root, and the old file was somebody else's
        os.chown(new, known.st_uid, known.st_gid)
    new.chmod(stat.S_IMODE(known.st_mode))


def reach(text: str | None, watch: Watch) -> tuple[Place, Dialect]:
    """One end alone, for status and report."""
    found = place(text, watch)
    return found, dialect_for(found.settings)
