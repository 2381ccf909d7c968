"""Which apps leave a database, which tables go with them, and who owns what afterwards.

A :class:`Scope` is worked out from the models and the declared owners alone; no database is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps as installed
from django.db import models, router

from outgrow.errors import Refused
from outgrow.project import ProjectTable, concrete_models, table_of
from outgrow.routing import Owners, Router, declared, same_database
from outgrow.routing.owners import REST, TABLE
from outgrow.scope.crossing import Crossing, crossings
from outgrow.scope.groups import one_table, torn
from outgrow.scope.routed import known_owners, refuse_other_routes

__all__ = ["Crossing", "Scope", "Share", "known_owners", "owners_after", "plan_scope", "share_of"]


@dataclass(frozen=True)
class Scope:
    """What a split moves. ``owners`` is OUTGROW["OWNERS"] as it has to be afterwards."""

    apps: tuple[str, ...]
    source: str  # alias
    target: str  # the alias that the target has, or will have
    owners: Mapping[str, Any]
    tables: frozenset[str]  # of the models that move, folded to lower case
    labels: frozenset[str]  # the models that move
    crossings: tuple[Crossing, ...] = ()

    def has(self, table: str) -> bool:
        """Whether a table of this name moves."""
        return table.lower() in self.tables

    def moves(self, table: ProjectTable) -> bool:
        return self.has(table.name)

    @property
    def here(self) -> Mapping[str, Any]:
        """The owners as seen from the target alone."""
        return seen_from([self.target], self.owners)


def seen_from(aliases: Sequence[str], owners: Mapping[str, Any]) -> Mapping[str, Any]:
    """The owners as the database of these aliases sees them: it is "default", and every other one is "elsewhere"."""
    found: dict[str, Any] = {}
    for alias, entries in owners.items():
        found.setdefault("default" if alias in aliases else "elsewhere", []).extend(entries)  # "*" is one entry too
    for name in [name for name, entries in found.items() if REST in entries]:
        found[name] = _with_rest(found.pop(name), found)
    return found


def _with_rest(entries: Sequence[str], others: Mapping[str, Sequence[str]]) -> list[str] | str:
    """What owns the rest owns these anyway, but for what would go with an app of another database."""
    apps = {entry for claimed in others.values() for entry in claimed}
    kept = [e for e in entries if e.startswith(TABLE) or ("." in e and e.partition(".")[0] in apps)]
    return [*kept, REST] if kept else REST


@dataclass(frozen=True)
class Share:
    """What one database of several owns, when all of it moves: ``here`` as :attr:`Scope.here`."""

    here: Mapping[str, Any]
    tables: frozenset[str]  # folded to lower case

    def has(self, table: str) -> bool:
        return table.lower() in self.tables


def share_of(alias: str | None) -> Share | None:
    """The share of an alias; None where the project has no owners, or one alone, or routers that do not follow them."""
    now = declared()
    if now is None or alias not in now.aliases or len(now.aliases) < 2:
        return None
    if not any(isinstance(one, Router) for one in router.routers):
        return None
    mine = [m for m in concrete_models() if same_database(now.of_model(m), alias)]
    owners = owners_after(now, (), source=alias, target=alias)
    here = [one for one in now.aliases if same_database(one, alias)]
    return Share(seen_from(here, owners), frozenset(table_of(m).lower() for m in mine))


def plan_scope(
    apps: Sequence[str], *, source: str, target: str, tear: bool = False, there: Collection[str] = ()
) -> Scope:
    """The scope of these apps' move between two aliases; Refused where it would tear apart what must stay together.

    A model that the target owns by now stays out of it if its table (lower case) is ``there``, with its rows.
    """
    for label in apps:
        if label not in installed.app_configs:
            raise Refused(f"--apps names {label}, which is not an app of this project: it has {_labels()}.")
    now = known_owners()
    for label in apps if now is not None else ():
        _owned_here(now, label, source, target)  # type: ignore[arg-type]
    wanted = owners_after(now, apps, source=source, target=target)
    planned = Owners.parse(wanted)
    moving = [
        m
        for m in concrete_models()
        if m._meta.app_label in apps and planned.of_model(m) == target and not (now and _settled(m, now, target, there))
    ]
    if not moving:
        raise Refused(f"the apps {', '.join(apps)} have no model with a table of its own: there is nothing to move.")
    stays = [m for m in concrete_models() if m not in moving and planned.of_model(m) != target]
    here = [m for m in stays if same_database(planned.of_model(m), source)]
    if (apart := torn(apps, moving, stays) or one_table(moving, here)) and (not tear or apart.never):
        raise Refused(apart.sentence)
    refuse_other_routes(planned, moving, source=source, target=target)
    return Scope(
        tuple(apps), source, target, wanted, frozenset(table_of(m).lower() for m in moving),
        frozenset(m._meta.label for m in moving), tuple(crossings(moving, stays, source=source, target=target)),
    )  # fmt: skip


def _settled(model: type[models.Model], now: Owners, target: str, there: Collection[str]) -> bool:
    return table_of(model).lower() in there and same_database(now.of_model(model), target)


def owners_after(now: Owners | None, apps: Sequence[str], *, source: str, target: str) -> dict[str, Any]:
    """OUTGROW["OWNERS"] with these apps at the target, everything else where it is."""
    found: dict[str, Any] = {}
    claims = now.claims if now is not None else ()
    rest = next((c.alias for c in claims if c.kind == "rest"), source if now is None else None)
    for claim in claims:
        app = claim.name.partition(".")[0]
        leaves = claim.kind in ("app", "model") and app in apps and claim.alias == source
        if claim.kind != "rest" and not leaves and not (claim.kind == "app" and app in apps):
            found.setdefault(claim.alias, []).append(str(claim) if claim.kind == "table" else _spelled(claim.name))
    if rest != target:
        found[target] = [*found.get(target, []), *apps]
    if rest is not None:
        found[rest] = _with_rest(found.pop(rest, []), found)
    return dict(sorted(found.items(), key=lambda item: REST in item[1]))


def _spelled(name: str) -> str:
    """A model as the project spells it, where it knows it."""
    app, _, model = name.partition(".")
    if not model or app not in installed.app_configs:
        return name
    known: dict[str, type[models.Model]] = {
        m._meta.label_lower: m for m in installed.get_app_config(app).get_models(include_auto_created=True)
    }
    return known[name]._meta.label if name in known else name


def _owned_here(now: Owners, label: str, source: str, target: str) -> None:
    owner = now.of_app(label)
    if not any(same_database(owner, one) for one in (source, target)):
        raise Refused(
            f'OUTGROW["OWNERS"] or a router gives {label} to {owner}, and this move takes it from {source}: name the '
            f"database that has its tables with --from {owner}."
        )


def _labels() -> str:
    return ", ".join(label for label in installed.app_configs if label != "outgrow")
