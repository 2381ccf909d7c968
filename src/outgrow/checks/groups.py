"""E014, W015: apps that must stay together are not torn apart (pitfall 14)."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.checks import CheckMessage

from outgrow.checks.facts import AnyModel, Facts, is_user
from outgrow.checks.fault import Fault, listed

TORN = Fault("E014", "Apps that must share a database are torn apart.")
SESSIONS = Fault("W015", "Sessions lie in another database than their users.")


def check(facts: Facts) -> Iterator[CheckMessage]:
    for group in facts.groups:
        owners = {facts.place(a): a for a in (facts.owner(m) for m in group) if a is not None}
        if len(owners) > 1:
            yield TORN(
                f"{_where(group, facts)}: they refer to each other and must be owned by one database.",
                f'List {listed(dict.fromkeys(_name(m) for m in group))} under one alias of OUTGROW["OWNERS"].',
            )
    yield from _sessions(facts)


def _sessions(facts: Facts) -> Iterator[CheckMessage]:
    users = next((m for m in facts.models if is_user(m)), None)
    sessions = next((m for m in facts.models if m._meta.label == "sessions.Session"), None)
    if users is not None and sessions is not None and facts.apart(users, sessions):
        yield SESSIONS(
            f"{facts.in_(sessions)} is apart from the users, {facts.in_(users)}: a log-in is written to two databases.",
            'List "sessions" beside the app of the user model, or keep sessions in a cache.',
        )


def _where(group: tuple[AnyModel, ...], facts: Facts) -> str:
    """ "auth is in auth_db, contenttypes in default"."""
    places: dict[str, list[str]] = {}
    for model in group:
        if (owner := facts.owner(model)) is not None:
            places.setdefault(_name(model), []).append(owner)
    return ", ".join(f"{name} is in {listed(dict.fromkeys(aliases))}" for name, aliases in places.items())


def _name(model: AnyModel) -> str:
    return f"{model._meta.label} (the user model)" if is_user(model) else model._meta.app_label
