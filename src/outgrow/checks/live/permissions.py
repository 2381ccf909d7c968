"""W065: permissions that were never made, as `migrate` did not run last where they are kept (pitfall 13)."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.core.checks import CheckMessage
from django.db.models import Model

from outgrow.checks.fault import Fault, listed
from outgrow.checks.live.looking import Look, Looks
from outgrow.routing.owners import OURS

MISSING = Fault("W065", "Models have no permissions.")


def check(looks: Looks) -> Iterator[CheckMessage]:
    if not (apps.is_installed("django.contrib.auth") and looks):
        return
    from django.contrib.auth.models import Permission

    for look in looks:
        owner = look.facts.owner(Permission)
        at_home = owner is not None and look.facts.same(owner, look.alias) and not look.is_replica
        # none at all is a database that is about to be filled
        if at_home and look.has(Permission._meta.db_table) and look.holds_rows(Permission._meta.db_table):
            yield from _missing(look, Permission)


def _missing(look: Look, permission: type[Model]) -> Iterator[CheckMessage]:
    names = ("content_type__app_label", "content_type__model")
    known = set(permission._base_manager.using(look.alias).values_list(*names).distinct())
    models = (m for m in apps.get_models() if m._meta.app_label != OURS and m._meta.default_permissions)
    missing = [m._meta.label for m in models if (m._meta.app_label, m._meta.model_name) not in known]
    if missing:
        yield MISSING(
            f"{listed(missing)} have no permissions in {look.alias}, where auth is: `migrate` ran there before their "
            "apps were installed.",
            f"Run `manage.py migrate --database={look.alias}` once more, after all the others.",
        )
