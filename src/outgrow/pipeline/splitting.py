"""The end of a split, and what may follow it: the settings are proved, the source is switched; undone; old tables go.

    … → verify → settings → switch            later, and apart: --undo, --drop-source

Nothing of the source is changed before the switch.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from django.db import router

from outgrow.dialects.base import Dialect, SchemaObject, Snapshot
from outgrow.errors import OutgrowError, Refused
from outgrow.events import Event, Watch, silent, step
from outgrow.ledger import Lasting, Ledger
from outgrow.ledger.dropped import Awaited, DroppedKeys, Home, left_home, lost_on_another
from outgrow.ledger.holder import BEAT_EVERY
from outgrow.ledger.records import COPIED_ROWS, DROPPED, DROPPING, HOME, SPLIT, SWITCHED, UNDONE, RunRecord, State
from outgrow.options import Options
from outgrow.pipeline.ends import Ends, for_django, open_ends, plainly
from outgrow.places import block_environment, split_block
from outgrow.plan import Plan
from outgrow.project import concrete_models, table_of
from outgrow.routing import Owners, same_database
from outgrow.schema.counting import count_routed_models
from outgrow.scope import Scope, known_owners
from outgrow.split.leaving import nobody_asks, nobody_writes, still_copied
from outgrow.split.rows import stored_digest
from outgrow.split.switch import drop_keys, restore_keys, stands
from outgrow.workers import Heartbeat


@dataclass(frozen=True, slots=True)
class UndoResult:
    """What an undone switch gave back, and where the new side has other rows by now."""

    restored: tuple[str, ...]
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DropResult:
    """The old tables that are gone, with the rows that each had."""

    dropped: Mapping[str, int]


# -- the last steps of a split ----------------------------------------------------------------------------------------
def remember(ledger: Ledger, scope: Scope) -> None:
    """What undo and --drop-source need to know of this split."""
    ledger.fact(
        SPLIT,
        {
            "apps": list(scope.apps), "source": scope.source, "target": scope.target, "owners": dict(scope.owners),
            "tables": sorted(scope.tables), "labels": sorted(scope.labels),
        },
    )  # fmt: skip


def refuse_other_scope(ledger: Ledger, scope: Scope | None) -> None:
    """A run is gone on with as what it was begun as."""
    apps = list(ledger.record().options.get("apps") or ())
    if sorted(apps) != sorted(scope.apps if scope is not None else ()):
        how = f"--apps {','.join(apps)}" if apps else "no --apps"
        raise Refused(f"the unfinished move was begun with {how}: say the same with --resume, or add --restart.")
    known: dict[str, Any] | None = ledger.record().facts.get(SPLIT)
    if scope is not None and known is not None and known["source"] != scope.source:
        raise Refused(
            f"the unfinished move was begun --from {known['source']}, and this one is from {scope.source}: say the "
            "same with --resume, or add --restart."
        )


def note_copied_rows(ends: Ends, plan: Plan, ledger: Ledger, snapshot: Snapshot) -> None:
    """What was copied, by the digest of each table as the source stores it: --drop-source compares with that."""
    with snapshot.session() as session:
        copied = {t.name: str(stored_digest(ends.source, session, t.source)) for t in plan.tables}
    ledger.fact(COPIED_ROWS, copied)


def load_and_count_routed(ends: Ends, plan: Plan, ledger: Ledger, module: str) -> tuple[str, dict[str, int]]:
    """The settings to use, proved: a fresh process routes by them and counts what was copied, where it is now."""
    scope = plan.scope
    assert scope is not None
    place = replace(ends.target_place, settings=for_django(ends.target_place.settings))
    block = split_block(place, scope.target, scope.owners)
    ledger.fact("settings block", block)
    later = Owners.parse(scope.owners)
    owned = {table_of(m).lower() for m in concrete_models() if later.of_model(m) == scope.source}
    with ends.source.connect(read_only=True) as session:
        staying = [name.lower() for name in ends.source.tables(session) if name.lower() in owned]
    environment = block_environment(place, scope.target) if place.alias is None else {}
    found, routes = count_routed_models(block, environment, scope.labels, staying, settings_module=module)
    for model in concrete_models():
        now = routes.get(model._meta.label)
        if now is not None and now != later.of_model(model):
            raise OutgrowError(
                f"with the new settings {model._meta.label} is written to {now}, and its owner is "
                f"{later.of_model(model)}: another router of the project comes first; see DATABASE_ROUTERS."
            )
    copied: dict[str, int] = {}
    for chunk in ledger.chunks():
        copied[chunk.table.lower()] = copied.get(chunk.table.lower(), 0) + chunk.rows
    for table, (alias, rows) in found.items():
        wanted = scope.target if rows >= 0 else None
        if (wanted is not None and alias != wanted) or (wanted is None and alias == scope.target):
            raise OutgrowError(
                f"with the new settings {table} is asked for in {alias}: another router of the project comes first, or "
                "OWNERS was changed; see DATABASE_ROUTERS."
            )
        if rows >= 0 and rows != copied.get(table.lower(), rows):
            raise OutgrowError(
                f"the project, loaded through the new settings, counts {rows} rows in {table} where "
                f"{copied[table.lower()]} were copied: something writes to the target already; stop it and verify."
            )
    return block, {table: rows for table, (_, rows) in found.items() if rows >= 0}


def switch(ends: Ends, plan: Plan, ledger: Ledger, watch: Watch) -> int:
    """The only change of the source; returns how many constraints it lost, also to an earlier attempt."""
    scope = plan.scope
    assert scope is not None
    with step(watch, "switch"), ends.source.connect() as session:
        with ends.target.connect() as target:
            live = ends.target.tables(target)
            new = {t: str(stored_digest(ends.target, target, live[t])) for t in live if scope.has(t)}
        ledger.fact("new rows", new)
        kept = DroppedKeys(ledger)
        ledger.fact(UNDONE, None)  # of an earlier switch of this run, which undo would take for this one
        amount = drop_keys(ends.source, session, kept, scope.has, watch)
        watch(Event("note", "switch", text=f"{amount} constraints of the source dropped, their DDL kept in the ledger"))
    _give_back(ends, scope, ledger, watch)
    ledger.fact(SWITCHED, time.time())
    return sum(record.restored_at is None for record in kept.of_this_run())


def _give_back(ends: Ends, scope: Scope, ledger: Ledger, watch: Watch) -> None:
    """On the way back: what refers to the tables that came home gets the constraints that it lost when they left."""
    home, elsewhere = Home(ends.target_place.spoken, scope.target), ends.source_place.spoken
    later = Owners.parse(scope.owners)

    def ours(key: SchemaObject) -> bool:
        return scope.has(key.table) or scope.has(key.refers[0] if key.refers else "")

    def whole(key: SchemaObject) -> bool:
        """Whether both ends of a key are at home once these tables are."""
        both = (key.table, key.refers[0] if key.refers else "")
        return ours(key) and all(same_database(later.of_table(n) or scope.target, scope.target) for n in both)

    with ends.source.connect(read_only=True) as session:
        left, lost = left_home(ends.source, session, home), lost_on_another(ends.source, session, home)
    with ends.target.connect() as session:
        awaited = Awaited(ledger)
        ledger.check()
        back = restore_keys(ends.target, session, awaited, elsewhere, watch, wanted=whole, here="the target")
        if left:
            with reopened(ends.source) as record:
                kept = DroppedKeys(record, home)
                back += restore_keys(ends.target, session, kept, elsewhere, watch, wanted=whole, here="the target")
                awaited.record([item for item in kept.lost() if ours(item.object) and not whole(item.object)])
                record.fact(HOME, sorted({*(record.record().facts.get(HOME) or ()), *scope.tables}))
        live = ends.target.tables(session)
    for key in filter(whole, lost):
        if not stands(live, key):
            text = (
                f"{scope.target} lost the constraint of {key.table}.{', '.join(key.columns)} when it was of another "
                "engine, and does not get it back by itself: add it by a migration"
            )
            watch(Event("warning", "switch", text=text))
    if back or left:
        text = f"{len(back)} constraints of the target are back, which an earlier split took"
        watch(Event("note", "switch", text=text))


# -- afterwards -------------------------------------------------------------------------------------------------------
def undo(options: Options, watch: Watch = silent) -> UndoResult:
    """Give the source its constraints back, so that the project can go on with the old settings."""
    with step(watch, "check"):
        ends = open_ends(options, watch)
    with plainly(ends), reopened(ends.target) as ledger:
        record = ledger.record()
        known = _switched(ledger, record, ends, options, undoing=True)
        with ends.source.connect(read_only=True) as session:
            standing = {name.lower() for name in ends.source.tables(session)}
        if not standing.issuperset(record.facts.get(DROPPING) or ()):  # a failed drop may have dropped nothing
            raise Refused(
                "the old tables were dropped from the source, so that there is nothing to go back to: move the apps "
                f"back with `outgrow move --apps {','.join(known['apps'])} --from {known['target']} --to "
                f"{known['source']}`."
            )
        with step(watch, "switch"), ends.source.connect() as session, ends.target.connect(read_only=True) as target:
            live = ends.target.tables(target)
            then = record.facts.get("new rows") or {}
            changed = [
                t for t, d in then.items() if t not in live or d != str(stored_digest(ends.target, target, live[t]))
            ]
            kept = DroppedKeys(ledger)
            home = _at_home(known, kept.away())

            def whole(key: SchemaObject) -> bool:
                """Whether neither end of a key is away still, by another split."""
                return home(key.table) and (key.refers is None or home(key.refers[0]))

            restored = restore_keys(
                ends.source, session, kept, ends.target_place.spoken, watch, wanted=whole, moved=set(known["tables"])
            )
        ledger.fact(UNDONE, time.time())
    return UndoResult(tuple(f"{key.table}.{','.join(key.columns)}" for key in restored), tuple(changed))


def _at_home(known: Mapping[str, Any], away: Collection[str]) -> Callable[[str], bool]:
    """Whether a table's rows are in the source once this split is undone: by the other splits, also into a third
    database, of which the owners tell.
    """
    back, owners = set(known["tables"]), known_owners()

    def home(table: str) -> bool:
        owner = owners.of_table(table) if owners is not None else None
        here = owner is None or same_database(owner, known["source"])
        return table.lower() in back or (table.lower() not in away and here)

    return home


def drop_source(options: Options, watch: Watch = silent) -> DropResult:
    """Drop the old copy of what was moved, if it is proved, switched, unchanged, and asked by nobody."""
    with step(watch, "check"):
        ends = open_ends(options, watch)
    with plainly(ends), reopened(ends.target) as ledger:
        record = ledger.record()
        known = _switched(ledger, record, ends, options, undoing=False)
        if record.state != State.VERIFIED:
            raise Refused(
                f"the split is {record.state}, and only what was verified may be dropped from the source: run it again "
                "without --no-verify."
            )
        _asked_elsewhere(known)
        copied: dict[str, str] = record.facts[COPIED_ROWS]
        with step(watch, "switch"), ends.source.connect() as session:
            live = ends.source.tables(session)
            old = [name for name in copied if name in live]
            nobody_asks(ends.source, session, live, old)
            with nobody_writes(ends.source, session, old):
                nobody_asks(ends.source, session, {}, old)  # nor does what was made since
                going = still_copied(ends.source, session, live, copied, record.facts.get(DROPPING) or ())
                ledger.fact(DROPPING, sorted({*going, *(record.facts.get(DROPPING) or ())}))
                ledger.check()
                ends.source.drop_tables(session, going)
        ledger.fact(DROPPED, time.time())
    return DropResult({name: int(digest.partition(":")[0]) for name, digest in copied.items()})


@contextmanager
def reopened(place: Dialect) -> Iterator[Ledger]:
    """The record of the last run into a database, held while something is done to what it moved."""
    with Lasting(place) as session, Lasting(place) as pulse:
        ledger = Ledger.reopen(place, session)
        try:
            with Heartbeat(lambda: ledger.beat(pulse), BEAT_EVERY):
                yield ledger
        finally:
            ledger.release()


def _switched(ledger: Ledger, record: RunRecord, ends: Ends, options: Options, *, undoing: bool) -> dict[str, Any]:
    """What the run split off; Refused unless its source was switched and is so still, or where --apps says others."""
    known: dict[str, Any] | None = record.facts.get(SPLIT)
    here = Home(ends.source_place.spoken, ends.source_place.alias)
    if known is None or not here.was_left(record.source, record.facts):
        raise Refused(
            f"the last move into {ends.target_place.spoken} is no split of {ends.source_place.spoken}: check --from "
            "and --to."
        )
    if options.apps and sorted(options.apps) != sorted(known["apps"]):
        raise Refused(
            f"the last split into {ends.target_place.spoken} was of {','.join(known['apps'])}, and --apps says "
            f"{','.join(options.apps)}: only the last one can be undone or dropped."
        )
    begun = record.facts.get(SWITCHED) or (undoing and DroppedKeys(ledger).lost())  # killed between the two
    if not begun:
        raise Refused(
            f"the source was not switched yet: go on with `outgrow move --apps {','.join(known['apps'])} --resume`, or "
            "leave it as it is."
        )
    if record.facts.get(UNDONE):
        raise Refused("the switch was undone already: the source has its constraints, and is the place of its rows.")
    return known


def _asked_elsewhere(known: Mapping[str, Any]) -> None:
    """Refused while the project, by the settings of this very process, still asks the source for what was moved."""
    source = known["source"]
    for model in concrete_models():
        if model._meta.label not in known["labels"]:
            continue
        for alias in (router.db_for_read(model), router.db_for_write(model)):
            if same_database(alias, source):
                raise Refused(
                    f"the project's settings send {model._meta.label} to {alias}, which is the source: put the block "
                    "that `outgrow report` shows at their end, restart every process of the project, and rerun."
                )
        if router.allow_migrate_model(source, model):
            raise Refused(
                f"the project's settings let migrations of {model._meta.label} run on {source}: give it an owner in "
                'OUTGROW["OWNERS"], and rerun.'
            )
