"""What loose references need in the databases: the two tables of ours, and the triggers on every parent's table.

Installing is idempotent: what stands as wanted is left alone, an older spelling is replaced, nothing else is touched.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from django.db import Error, connections, models

from outgrow.dialects.tombstones import NoSuchTable, Standing, Tombstones, Trigger, tombstones_for
from outgrow.errors import Refused
from outgrow.models import LooseWalk, Tombstone
from outgrow.routing.loose.references import Parent, by_parent, known, references


@dataclass(frozen=True)
class ParentState:
    """One column that is referred to. ``missing`` and ``disabled`` name events: delete, update, truncate, cascade."""

    parent: Parent
    references: tuple[str, ...]
    missing: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()
    waiting: int = 0  # tombstones
    oldest: float | None = None  # when the oldest of them died
    no_table: bool = False

    @property
    def is_complete(self) -> bool:
        return not (self.missing or self.disabled or self.no_table)


@dataclass(frozen=True)
class DatabaseState:
    """One database. ``strays`` are triggers of ours that no reference of this project wants."""

    alias: str
    tables: bool  # whether ours are there
    parents: tuple[ParentState, ...] = ()
    strays: tuple[str, ...] = ()  # "trigger on table"
    stray_tombstones: int = 0
    gaps: str = ""  # deaths that this engine's triggers do not see

    @property
    def is_complete(self) -> bool:
        return self.tables and all(parent.is_complete for parent in self.parents)


@dataclass
class Changes:
    """What an installation or a removal did."""

    made: list[str] = field(default_factory=list)  # "table outgrow_tombstone in default", "trigger … on … in default"
    dropped: list[str] = field(default_factory=list)


def install(aliases: Collection[str] = (), *, prune: bool = False) -> Changes:
    """Make what is missing in the databases of all loose references, or only in ``aliases``.

    ``prune`` drops what no reference of this project wants: triggers, and their tombstones.
    """
    changes = Changes()
    found = references()
    parents = by_parent(found)
    for alias in _aliases(aliases):
        here = [parent for parent in parents if parent.alias == alias]
        ours: list[type[models.Model]] = [Tombstone] if here else []
        ours += [LooseWalk] if any(r.child_alias == alias for r in found) else []
        for model in ours:
            if make_table(alias, model):
                changes.made.append(f"table {model._meta.db_table} in {alias}")
        _install(alias, here, changes, prune=prune)
    return changes


def status(aliases: Collection[str] = ()) -> list[DatabaseState]:
    """Every database that a loose reference has an end in; nothing is written."""
    found = references()
    parents = by_parent(found)
    return [
        _state(alias, {p: list(map(str, rs)) for p, rs in parents.items() if p.alias == alias},
               holds_children=any(r.child_alias == alias for r in found))
        for alias in _aliases(aliases)
    ]  # fmt: skip


def remove(aliases: Collection[str] = (), *, discard: bool = False) -> Changes:
    """Drop every trigger and table of loose references; refused while tombstones wait, unless they may be discarded."""
    changes = Changes()
    chosen = _aliases(aliases)
    waiting = {alias: Tombstone.objects.using(alias).count() for alias in chosen if has_table(alias, Tombstone)}
    held = [f"{count} in {alias}" for alias, count in waiting.items() if count]
    if held and not discard:
        raise Refused(
            f"tombstones wait for their children to be cleaned ({', '.join(held)}): run `outgrow loose clean` first, "
            "or add --discard to forget them."
        )
    for alias in chosen:
        engine = tombstones_for(connections[alias])
        _drop(alias, engine, engine.standing(), changes)
        for model in (Tombstone, LooseWalk):
            if has_table(alias, model):
                engine.execute([f"DROP TABLE {engine.quote(model._meta.db_table)}"])
                changes.dropped.append(f"table {model._meta.db_table} in {alias}")
    return changes


def keep_up(alias: str) -> None:
    """After a migration: what it took with a table that it made anew comes back, where it had been installed."""
    if has_table(alias, Tombstone):
        standing = connections[alias].introspection.table_names()
        parents = [p for p in by_parent(references()) if p.alias == alias and p.table in standing]
        _install(alias, parents, Changes(), prune=False)


def has_table(alias: str, model: type[models.Model]) -> bool:
    connection = connections[alias]
    with connection.cursor() as cursor:
        return model._meta.db_table in connection.introspection.table_names(cursor)


def make_table(alias: str, model: type[models.Model]) -> bool:
    """Make one of our tables as Django would; False if it is there. Two processes may do so at once."""
    if has_table(alias, model):
        return False
    connection = connections[alias]
    editor = connection.SchemaEditorClass(connection, collect_sql=True, atomic=False)
    editor.deferred_sql = []  # by hand: as a context it refuses to begin inside a transaction on SQLite
    editor.create_model(model)
    statements = [str(s) for s in (*editor.collected_sql, *editor.deferred_sql)]
    engine = tombstones_for(connection)
    try:
        with engine.patiently():
            engine.execute(statements)
    except Error as error:
        if has_table(alias, model):
            return False
        raise Refused(
            f"the table {model._meta.db_table} cannot be made in {alias} ({_said(error)}): give its user the right to "
            "create tables."
        ) from error
    return True


def _aliases(given: Iterable[str]) -> list[str]:
    """Those given, or every database with an end of a loose reference."""
    found = references()
    return known(given) or sorted({a for r in found for a in (r.child_alias, r.parent_alias)})


def _install(alias: str, parents: Sequence[Parent], changes: Changes, *, prune: bool) -> None:
    engine = tombstones_for(connections[alias])
    wanted = [trigger for parent in parents for trigger in _wanted(engine, parent)]
    names, tables = {t.name for t in wanted}, {t.table for t in wanted}
    standing = engine.standing()
    whole = {s.name for s in standing if s.enabled}
    # A trigger that is switched off goes before it is made again; an older spelling when the new one stands.
    broken = [s for s in standing if s.name in names and not s.enabled]
    older = [s for s in standing if s.name not in names and (prune or s.table in tables)]
    missing = [t for t in {t.name: t for t in wanted}.values() if t.name not in whole]
    try:
        if broken or missing:
            with engine.patiently():
                for found in broken:
                    engine.execute(found.drop)
                for trigger in missing:
                    engine.execute(trigger.create)
        changes.made += [f"trigger {t.name} on {t.table} in {alias}" for t in missing]
    except Error as error:
        if not names <= {s.name for s in engine.standing() if s.enabled}:
            raise Refused(
                f"the triggers of loose references cannot be made in {alias} ({_said(error)}): give its user the right "
                "to create triggers, or try again when no long transaction holds the table."
            ) from error
    _drop(alias, engine, older, changes)
    if prune and has_table(alias, Tombstone):
        _strays(alias, parents).delete()


def _wanted(engine: Tombstones, parent: Parent) -> list[Trigger]:
    try:
        return engine.wanted(parent.table, parent.column)
    except NoSuchTable:
        raise Refused(
            f"there is no table {parent.table} in {parent.alias}, to which loose references refer: run the migrations "
            "first."
        ) from None


def _drop(alias: str, engine: Tombstones, triggers: Sequence[Standing], changes: Changes) -> None:
    if not triggers:
        return
    with engine.patiently():
        for trigger in triggers:
            engine.execute(trigger.drop)
    changes.dropped += [f"trigger {t.name} on {t.table} in {alias}" for t in triggers]


def _state(alias: str, parents: dict[Parent, list[str]], *, holds_children: bool) -> DatabaseState:
    engine = tombstones_for(connections[alias])
    stones, walks = has_table(alias, Tombstone), has_table(alias, LooseWalk)
    standing = {s.name: s for s in engine.standing()}
    states, known = [], set()
    for parent, named in parents.items():
        waiting = Tombstone.objects.using(alias).filter(table_name=parent.table, column_name=parent.column)
        about = waiting.aggregate(n=models.Count("id"), oldest=models.Min("died")) if stones else {"n": 0}
        state = ParentState(parent, tuple(named), waiting=about["n"], oldest=about.get("oldest"))
        try:
            wanted = engine.wanted(parent.table, parent.column) if stones else []
        except NoSuchTable:
            states.append(ParentState(parent, tuple(named), no_table=True))
            continue
        known |= {t.name for t in wanted}
        missing = tuple(_event(t) for t in wanted if t.name not in standing) if stones else ("all",)
        disabled = tuple(_event(t) for t in wanted if t.name in standing and not standing[t.name].enabled)
        states.append(ParentState(parent, state.references, missing, disabled, state.waiting, state.oldest))
    return DatabaseState(
        alias,
        tables=(stones or not parents) and (walks or not holds_children),
        parents=tuple(states),
        strays=tuple(f"{s.name} on {s.table}" for s in standing.values() if s.name not in known),
        stray_tombstones=_strays(alias, parents).count() if stones else 0,
        gaps=engine.gaps if parents else "",
    )


def _strays(alias: str, parents: Iterable[Parent]) -> models.QuerySet[Tombstone]:
    """Tombstones of columns that no reference of this project refers to."""
    found = Tombstone.objects.using(alias).all()
    for parent in parents:
        found = found.exclude(table_name=parent.table, column_name=parent.column)
    return found


def _event(trigger: Trigger) -> str:
    return trigger.name.split("_")[2]


def _said(error: Error) -> str:
    """What the server says of a statement of ours, which holds no value of a row."""
    words = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], str) else str(error)
    return words.strip().partition("\n")[0]
