"""Owners as a project's own routers have them, where it declares none: a split has to keep every answer they give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from django.db import DEFAULT_DB_ALIAS, models, router

from outgrow import conf
from outgrow.errors import OutgrowError, Refused
from outgrow.places import ROUTER
from outgrow.project import concrete_models, table_of
from outgrow.routing import Owners, declared, same_database
from outgrow.routing.owners import OURS, REST

Model = type[models.Model]


def known_owners() -> Owners | None:
    """The owners that the project declares, or those that its routers have."""
    return declared() or as_routed()


def as_routed() -> Owners | None:
    """What ``db_for_write`` of these routers says of every model; None for a project without routers of its own."""
    if all(one == ROUTER for one in conf.routers()) or len(conf.databases()) < 2:
        return None
    homes = {model: _written_to(model) for model in concrete_models() if model._meta.app_label != OURS}
    homes = {model: alias for model, alias in homes.items() if alias in conf.databases()}  # not an empty "default"
    rest = DEFAULT_DB_ALIAS if DEFAULT_DB_ALIAS in conf.databases() else _most(homes.values())
    apps = {label: _mostly(label, homes) for label in dict.fromkeys(model._meta.app_label for model in homes)}
    found: dict[str, list[str]] = {}
    for label, alias in apps.items():
        if alias != rest:
            found.setdefault(alias, []).append(label)
    for model, alias in homes.items():
        declarer = model._meta.auto_created
        usual = homes.get(declarer, alias) if declarer else apps[model._meta.app_label]  # type: ignore[call-overload]
        if alias != usual:
            found.setdefault(alias, []).append(model._meta.label)
    return Owners.parse({**found, rest: [*found.get(rest, []), REST]}) if rest else None


def _written_to(model: Model) -> str:
    """By the routers of this process; Refused where they need a row to tell, as those that spread rows do."""
    try:
        return str(router.db_for_write(model))
    except OutgrowError:
        raise
    except Exception as error:
        raise Refused(
            f"the project's routers do not tell where {model._meta.label} is written to ({type(error).__name__}): a "
            "split moves models of one database each; correct DATABASE_ROUTERS, or take the owner of each from "
            'OUTGROW["OWNERS"] with outgrow.routing.Router first.'
        ) from error


def _mostly(label: str, homes: dict[Model, str]) -> str:
    """Where most models of an app are."""
    return _most(alias for model, alias in homes.items() if model._meta.app_label == label)


def _most(aliases: Iterable[str]) -> str:
    return next((alias for alias, _ in Counter(aliases).most_common(1)), "")


def parted_apps(now: Owners, apps: Collection[str], alias: str) -> set[str]:
    """The tables (lower case) of those of the apps that live in two databases, or of which this one claims a part."""
    parts = {c.name for c in now.claims if c.kind in ("model", "table") and same_database(c.alias, alias)}
    models = [m for m in concrete_models() if m._meta.app_label in apps]
    labels = {
        m._meta.app_label
        for m in models
        if parts & {m._meta.label_lower, m._meta.db_table}
        or not same_database(now.of_model(m), now.of_app(m._meta.app_label))
    }
    return {table_of(m).lower() for m in models if m._meta.app_label in labels}


def refuse_other_routes(planned: Owners, moving: list[Model], *, source: str, target: str) -> None:
    """Refused where the routers of this process have a model elsewhere than the planned owners: it would be lost."""
    for model in concrete_models():
        if model._meta.app_label == OURS:
            continue
        now, later = _written_to(model), planned.of_model(model)
        if now not in conf.databases():  # an empty "default": it has no place yet
            continue
        allowed = (source, target) if model in moving else (later,)
        if not any(same_database(now, one) for one in allowed):
            raise Refused(
                f"the project's routers write {model._meta.label} to {now}, and after this move it would be asked for "
                f'in {later}: correct DATABASE_ROUTERS or OUTGROW["OWNERS"] so that they agree, or --from.'
            )
