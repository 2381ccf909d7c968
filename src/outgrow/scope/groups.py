"""Apps that have to stay together: Django itself joins their tables, or leans on their ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.apps import apps as installed
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from outgrow.project import table_of
from outgrow.routing.together import GROUPS, SESSIONS


@dataclass(frozen=True, slots=True)
class Torn:
    """``never``: not even on request."""

    sentence: str
    never: bool = False


def groups() -> list[tuple[str, ...]]:
    """The groups of this project, by its installed apps; a user model of its own belongs to the users' group."""
    users, *others = GROUPS
    found = [
        tuple(label for label in group if label in installed.app_configs) for group in ((*users, SESSIONS), *others)
    ]
    if found[0]:
        try:
            user = get_user_model()._meta.app_label
        except ImproperlyConfigured:
            user = "auth"
        found[0] = tuple(dict.fromkeys((*found[0], user)))
    return [group for group in found if len(group) > 1]


def torn(apps: Sequence[str], moving: Sequence[type[models.Model]], stays: Sequence[type[models.Model]]) -> Torn | None:
    """What a move of these apps would tear apart; None where it tears nothing."""
    inherited = _inherited(moving, stays)
    if inherited is not None:
        return inherited
    staying = {model._meta.app_label for model in stays}
    for group in groups():
        left = [label for label in group if label not in apps and label in staying]
        taken = [label for label in group if label in apps]
        if left and taken:
            return Torn(
                f"{_listed(taken)} would leave without {_listed(left)}, and Django joins their tables: move "
                f"{','.join(group)} together, or add --tear-apart."
            )
    return None


def one_table(moving: Sequence[type[models.Model]], stays: Sequence[type[models.Model]]) -> Torn | None:
    """Two models of one table, as an unmanaged one beside that which owns it: the one would read the old copy."""
    found = {table_of(model).lower(): model for model in moving}
    for model in stays:
        if (other := found.get(table_of(model).lower())) is not None:
            app = model._meta.app_label
            return Torn(
                f"{model._meta.label} is a model of the table {table_of(model)} too, and would go on with its old copy "
                f'when {other._meta.label} moves: move {app} too, give its owner in OUTGROW["OWNERS"] as '
                f'"table:{table_of(model)}", or add --tear-apart.'
            )
    return None


def _inherited(moving: Sequence[type[models.Model]], stays: Sequence[type[models.Model]]) -> Torn | None:
    """A model of two tables is read by a join, always."""
    sides = dict.fromkeys(moving, "moves") | dict.fromkeys(stays, "stays")
    for child in sides:
        for parent in child._meta.parents:
            base = parent._meta.concrete_model
            if base in sides and sides[base] != sides[child]:
                return Torn(
                    f"{child._meta.label} inherits from {base._meta.label} and is read by a join of both, but one "
                    f"{sides[child]} and the other {sides[base]}: move {child._meta.app_label} and "
                    f"{base._meta.app_label} together.",
                    never=True,
                )
    return None


def _listed(labels: Sequence[str]) -> str:
    return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]}"
