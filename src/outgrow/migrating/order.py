"""Which databases are migrated, and in which order: every one that owns something, the one that holds auth last.

The handlers of ``post_migrate`` that make content types and permissions run for the database that holds auth; by then
the tables of all others exist.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, router

from outgrow import conf
from outgrow.errors import Refused
from outgrow.routing import Owners, Router, declared


def to_migrate(asked: Sequence[str] = ()) -> list[str]:
    """Aliases in order; ``asked`` narrows them. Raises Refused for a replica, and for one that has nothing to own."""
    owners, known = declared(), conf.databases()
    for alias in asked:
        if alias not in known:
            raise Refused(f"DATABASES has no alias {alias!r} (it has {', '.join(known) or 'none'}): name one of these.")
        if reason := replica_of(alias):
            raise Refused(f"{alias} is a replica of {reason}, which gives it every change: migrate {reason}.")
    found = owning(owners, asked)
    for alias in asked:
        if alias not in found:
            raise Refused(
                f"{alias} owns no table (by {'OUTGROW[OWNERS]' if owners else 'the routers'}): there is nothing to "
                f"migrate, choose among {', '.join(found) or 'no databases'}."
            )
    chosen = [alias for alias in found if not asked or alias in asked]
    return sorted(chosen, key=holds_permissions)  # stable: otherwise the order of the settings


def owning(owners: Owners | None, asked: Sequence[str] = ()) -> list[str]:
    """Aliases that own something: as declared, else those where some router lets some model be.

    Without owners and routers Django asks the default database alone, and another may well be somebody else's: it is
    migrated only if it is named.
    """
    known = conf.databases()
    if owners is not None:
        unknown = [alias for alias in owners.aliases if alias not in known]
        if unknown:
            raise Refused(
                f'OUTGROW["OWNERS"] names {unknown[0]}, which DATABASES does not have: correct the name, or add it.'
            )
        return [alias for alias in owners.aliases if not replica_of(alias)]
    if all(isinstance(one, Router) for one in router.routers):  # which has no say without owners
        return [alias for alias in known if alias == DEFAULT_DB_ALIAS or alias in asked]
    models = [model for model in apps.get_models() if model._meta.managed and not model._meta.proxy]
    return [a for a in known if not replica_of(a) and any(router.allow_migrate_model(a, model) for model in models)]


def replica_of(alias: str) -> str:
    """The primary of a replica, by OUTGROW["REPLICAS"] or by the MIRROR that its tests are told of; else ""."""
    owners, known = declared(), conf.databases()
    if owners is not None and alias in owners.primaries:
        return owners.primaries[alias]
    mirrored = (known[alias].get("TEST") or {}).get("MIRROR") if alias in known else None
    return str(mirrored) if mirrored and mirrored != alias else ""


def holds_permissions(alias: str) -> bool:
    if not apps.is_installed("django.contrib.auth"):
        return False
    return bool(router.allow_migrate_model(alias, apps.get_model("auth", "Permission")))
