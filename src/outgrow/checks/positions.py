"""E050, E059: users read what they wrote, by cookies that last long enough and that every write of a request sets."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from django.core.checks import CheckMessage
from django.utils.module_loading import import_string

from outgrow import conf
from outgrow.checks.facts import AnyModel, Facts, is_user
from outgrow.checks.fault import Fault, listed
from outgrow.routing.health import PATIENCE

FORGOTTEN = Fault("E050", "A position is forgotten before a replica must have reached it.")
OUTSIDE = Fault("E059", "Middleware that writes stands above ReplicaMiddleware.")

OURS = "outgrow.middleware.ReplicaMiddleware"
SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"
USERS = "django.contrib.auth.middleware.RemoteUserMiddleware"
IN_DATABASE = "django.contrib.sessions.backends.db.SessionStore"


def check(facts: Facts) -> Iterator[CheckMessage]:
    if not facts.owners.primaries:
        return
    options = conf.replicas()
    behind = options.max_lag + options.check_seconds + PATIENCE
    if options.max_age < behind:
        yield FORGOTTEN(
            f'OUTGROW["POSITION_MAX_AGE"] is {options.max_age} seconds, and a replica serves reads while it is up to '
            f"{behind:g} seconds behind: REPLICA_MAX_LAG ({options.max_lag:g}), REPLICA_CHECK_SECONDS "
            f"({options.check_seconds:g}) and {PATIENCE:g} until a look is given up.",
            f"Make POSITION_MAX_AGE {behind:g} or more, or REPLICA_MAX_LAG smaller.",
        )
    yield from _outside(facts)


def _outside(facts: Facts) -> Iterator[CheckMessage]:
    names = conf.middleware()
    above = names[: names.index(OURS)] if OURS in names else ()
    for name in above:
        for model in _written_by(name, facts):
            primary = facts.owner(model)
            if primary is not None and facts.owners.replicas.get(primary):
                yield OUTSIDE(
                    f'MIDDLEWARE has "{name}" above "{OURS}": what it writes to {facts.in_(model)} is not noticed, '
                    f"and the next request may read the old rows from {listed(facts.owners.replicas[primary])}.",
                    f'Put "{OURS}" first in MIDDLEWARE.',
                )


def _written_by(name: str, facts: Facts) -> Iterator[AnyModel]:
    """What Django's middleware of this name, or one made from it, writes in its own phases."""
    kinds = _kinds(_loaded(name))
    if SESSIONS in kinds:
        store = getattr(_module(conf.session_engine()), "SessionStore", None)
        if IN_DATABASE in _kinds(store):
            yield from _model_of(store)
    if USERS in kinds:
        yield from filter(is_user, facts.models)


def _model_of(store: Any) -> list[AnyModel]:
    """None where the app of sessions is not installed, which the first request will say."""
    try:
        return [store.get_model_class()]
    except RuntimeError:
        return []


def _kinds(cls: Any) -> set[str]:
    """By name: importing Django's own would need their apps."""
    return {f"{c.__module__}.{c.__qualname__}" for c in getattr(cls, "__mro__", ())}


def _loaded(name: str) -> Any:
    """None for what cannot be imported, which the server will say at its start."""
    try:
        return import_string(name)
    except ImportError:
        return None


def _module(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        return None
