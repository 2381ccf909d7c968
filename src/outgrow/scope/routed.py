"""Owners as a project's own routers have them, where it declares none: a split has to keep every answer they give."""

from __future__ import annotations

from collections import Counter

from django.db import DEFAULT_DB_ALIAS, models, router

from outgrow import conf
from outgrow.databases import ROUTER
from outgrow.errors import Refused
from outgrow.project import concrete_models
from outgrow.routing import Owners, same_database
from outgrow.routing.owners import OURS, REST

Model = type[models.Model]


def as_routed() -> Owners | None:
    """What ``db_for_write`` of these routers says of every model; None for a project without routers of its own."""
    if all(one == ROUTER for one in conf.routers()) or len(conf.databases()) < 2:
        return None
    homes = {model: router.db_for_write(model) for model in concrete_models() if model._meta.app_label != OURS}
    apps = {label: _mostly(label, homes) for label in dict.fromkeys(model._meta.app_label for model in homes)}
    found: dict[str, list[str]] = {}
    for label, alias in apps.items():
        if alias != DEFAULT_DB_ALIAS:
            found.setdefault(alias, []).append(label)
    for model, alias in homes.items():
        declarer = model._meta.auto_created
        usual = homes.get(declarer, alias) if declarer else apps[model._meta.app_label]  # type: ignore[call-overload]
        if alias != usual:
            found.setdefault(alias, []).append(model._meta.label)
    return Owners.parse({**found, DEFAULT_DB_ALIAS: [*found.get(DEFAULT_DB_ALIAS, []), REST]})


def _mostly(label: str, homes: dict[Model, str]) -> str:
    """Where most models of an app are."""
    return Counter(alias for model, alias in homes.items() if model._meta.app_label == label).most_common(1)[0][0]


def refuse_other_routes(planned: Owners, moving: list[Model], *, source: str, target: str) -> None:
    """Refused where the routers of this process have a model elsewhere than the planned owners: it would be lost."""
    for model in concrete_models():
        if model._meta.app_label == OURS:
            continue
        now, later = router.db_for_write(model), planned.of_model(model)
        allowed = (source, target) if model in moving else (later,)
        if not any(same_database(now, one) for one in allowed):
            raise Refused(
                f"the project's routers write {model._meta.label} to {now}, and after this move it would be asked for "
                f'in {later}: correct DATABASE_ROUTERS or OUTGROW["OWNERS"] so that they agree, or --from.'
            )
