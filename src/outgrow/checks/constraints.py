"""E041–E044: rules of the models that the owner's engine ignores or refuses.

Django tells of a rule that an engine ignores only with ``check --database``, once for each; here it is told where the
routes are to blame: the owners are of several engines. Nothing is connected to: a feature that depends on the server's
version is judged by live/features.py.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from django.core.checks import CheckMessage
from django.db import connections
from django.db.models import CheckConstraint, UniqueConstraint

from outgrow.checks.facts import AnyModel, Facts
from outgrow.checks.fault import Fault
from outgrow.fields import engine_of_class

RULE_LOST = Fault("E041", "A constraint is routed to an engine that ignores it.")
INDEX_LESS = Fault("W042", "An index is routed to an engine that ignores a part of it.")
NOT_MADE = Fault("E043", "A model is routed to an engine on which Django does not make it.")
OTHER_ENGINE = Fault("E044", "A field or constraint is routed to an engine that does not have it.")

Ask = Callable[[str, str], bool | None]  # (alias, feature) → whether the engine has it; None: not known from here


def check(facts: Facts) -> Iterator[CheckMessage]:
    yield from judge(facts, statically)


def statically(alias: str, feature: str) -> bool | None:
    """A feature that is one for every version of the engine."""
    features = type(connections[alias].features)  # an answer that the server gave once is kept in the instance
    found = inspect.getattr_static(features, feature, False)
    return found if isinstance(found, bool) else None


def judge(facts: Facts, has: Ask) -> Iterator[CheckMessage]:
    """Of models whose owners are of several engines; ``has`` answers for the features that are to be judged now."""
    engines = {connections[alias].vendor for alias in facts.owning}
    if len(engines) < 2:
        return
    for model in facts.models:
        owner = facts.owner(model)
        if owner is None or owner not in facts.aliases or not model._meta.managed:
            continue
        yield from _model(model, owner, has)
        for constraint in model._meta.constraints:
            if lost := next((w for f, w in _needs_of_constraint(constraint) if has(owner, f) is False), None):
                yield RULE_LOST(
                    f'{model._meta.label} (in {owner}) has the constraint "{constraint.name}", which is {lost}: '
                    f"{connections[owner].vendor} has no such thing, and the constraint is not made.",
                    "Own the model in a database whose engine has it, or put a constraint in its place that this "
                    "engine has.",
                    obj=model,
                )
        for index in model._meta.indexes:
            for feature, less in _needs_of_index(index):
                if has(owner, feature) is False:
                    yield INDEX_LESS(
                        f'{model._meta.label} (in {owner}) has the index "{index.name}", which {less} on '
                        f"{connections[owner].vendor}.",
                        "Own the model in a database whose engine has it, or remove that part of the index.",
                        obj=model,
                    )


def _needs_of_constraint(constraint: Any) -> Iterator[tuple[str, str]]:
    """(feature of the engine, what the constraint is) for all that it takes."""
    if isinstance(constraint, CheckConstraint):
        yield "supports_table_check_constraints", "a check"
    if isinstance(constraint, UniqueConstraint):
        if constraint.condition is not None:
            yield "supports_partial_indexes", "unique under a condition"
        if constraint.deferrable is not None:
            yield "supports_deferrable_unique_constraints", "unique and deferrable"
        if getattr(constraint, "include", ()):
            yield "supports_covering_indexes", "unique with included columns"
        if constraint.contains_expressions:
            yield "supports_expression_indexes", "unique over an expression"
        if getattr(constraint, "nulls_distinct", None) is not None:
            yield "supports_nulls_distinct_unique_constraints", "unique with nulls_distinct"


def _needs_of_index(index: Any) -> Iterator[tuple[str, str]]:
    """(feature of the engine, what becomes of the index without it)."""
    if index.condition is not None:
        yield "supports_partial_indexes", "is made without its condition"
    if index.include:
        yield "supports_covering_indexes", "is made without its included columns"
    if index.contains_expressions:
        yield "supports_expression_indexes", "is over an expression and not made"


def _model(model: AnyModel, owner: str, has: Ask) -> Iterator[CheckMessage]:
    meta, connection = model._meta, connections[owner]
    lacks = [name for name in meta.required_db_features if has(owner, name) is False]
    other = meta.required_db_vendor not in (None, connection.vendor)
    if other or (lacks and not meta.required_db_vendor):
        needs = f"required_db_vendor={meta.required_db_vendor!r}" if other else f"required_db_features={lacks!r}"
        yield NOT_MADE(
            f"{meta.label} is owned by {owner}, on {connection.vendor}, and its Meta has {needs}: Django never "
            "makes its table there.",
            "Own it in a database of an engine that it asks for.",
            obj=model,
        )
    if has is statically:
        for thing in (*meta.local_fields, *meta.constraints):
            engine = engine_of_class(type(thing))
            if engine not in (None, connection.vendor):
                yield OTHER_ENGINE(
                    f'{meta.label} (in {owner}) has "{thing.name}" ({type(thing).__name__}), which only {engine} has '
                    f"and {connection.vendor} refuses.",
                    f"Own the model in a database on {engine}, or replace it (a JSONField, a table).",
                    obj=model,
                )
