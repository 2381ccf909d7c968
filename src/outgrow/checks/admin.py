"""E091, W092, W093: pages of the admin that join two databases, or save to two (pitfall 15).

Measured on Django 4.2 to 6.1 with our router: a select box, raw id, autocomplete field or inline of another database
works, for its rows are read by the routers; a page fails where the list of rows is joined, and where a form has a
many-to-many field whose join table is elsewhere.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage

from outgrow.checks.facts import AnyModel, Facts
from outgrow.checks.fault import Fault, listed
from outgrow.checks.many import crosses
from outgrow.checks.paths import crossing_field, joined, selected, sorted_by

JOINS = Fault("E091", "A page of the admin joins tables of two databases.")
SAVES = Fault("W092", "A page of the admin saves to two databases.")
THEIRS = Fault("W093", "A page of the admin that an installed package brings joins tables of two databases.")

CURES = {
    "list_display": "set list_select_related = () and have get_queryset add .prefetch_related(…) of the relation",
    "list_select_related": "name relations of the same database in list_select_related, and prefetch the others",
    "search_fields": "search fields of the same database, or override get_search_results to look up keys first",
    "list_filter": "filter by the relation itself or by a SimpleListFilter that looks up keys first",
    "ordering": "order by a column of the same database",
    "date_hierarchy": "use a date of the same database",
    "form": "leave the many-to-many field out by exclude",
}


def check(facts: Facts) -> Iterator[CheckMessage]:
    if not facts.split or not apps.is_installed("django.contrib.admin"):
        return
    from django.contrib.admin.sites import all_sites

    for site in all_sites:
        for model, page in site._registry.items():
            joins = [*_list_page(page, model, facts), *_forms(page, model, facts)]
            if joins:
                options = dict.fromkeys(option for option, _, _ in joins)
                spoken = listed(f"{option} by {name} with {facts.in_(other)}" for option, name, other in joins)
                cures = "; ".join(CURES[option] for option in options)
                yield (THEIRS if _is_installed(page, model) else JOINS)(
                    f"The admin of {facts.in_(model)} joins tables of two databases: {spoken}.",
                    f"{cures[0].upper()}{cures[1:]}.",
                    obj=type(page) if type(page).__module__ != "django.contrib.admin.options" else model,
                )
            yield from _inlines(page, model, facts)


def _is_installed(page: Any, model: AnyModel) -> bool:
    """Whether the page comes with an installed package: an error there would stop every command of a project that
    cannot edit it.
    """
    owner = model if type(page).__module__ == "django.contrib.admin.options" else type(page)
    file = getattr(sys.modules.get(owner.__module__), "__file__", None) or ""
    return not {"site-packages", "dist-packages"}.isdisjoint(Path(file).parts)


Join = tuple[str, str, AnyModel]  # (option of the admin class, what it names, the model elsewhere)


def _list_page(page: Any, model: AnyModel, facts: Facts) -> Iterator[Join]:
    related = page.list_select_related
    if related is True or related is False:
        shown = [name for name in page.list_display if isinstance(name, str) and _is_relation(model, name)]
        link = selected(model, facts) if related is True or shown else None
        if link is not None:
            yield ("list_select_related", "True", link.parent) if related else ("list_display", shown[0], link.parent)
    else:
        for name in related or ():
            if other := joined(model, f"{name}__", facts):
                yield "list_select_related", name, other
    for name in page.search_fields:
        if other := joined(model, name.lstrip("^=@"), facts):
            yield "search_fields", name, other
    for entry in page.ordering if page.ordering is not None else model._meta.ordering or ():
        if other := sorted_by(model, entry, facts):
            yield "ordering", str(entry), other
    if page.date_hierarchy and (other := joined(model, page.date_hierarchy, facts)):
        yield "date_hierarchy", page.date_hierarchy, other
    for entry in page.list_filter:
        name, kind = entry if isinstance(entry, tuple | list) else (entry, None)
        if not isinstance(name, str):
            continue
        if other := joined(model, name, facts):
            yield "list_filter", name, other
        elif _only_related(kind) and (f := crossing_field(model, name, facts)):
            yield "list_filter", f"{name} (RelatedOnlyFieldListFilter)", f.related_model


def _forms(page: Any, model: AnyModel, facts: Facts) -> Iterator[Join]:
    """The form of the model and those of its inlines."""
    inlines = [(inline, inline.model) for inline in page.inlines]
    for owner, shown in [(page, model), *inlines]:
        for f in shown._meta.local_many_to_many:
            if crosses(f, facts) and f.remote_field.through._meta.auto_created and _has(owner, f.name):
                yield "form", f"{shown._meta.label}.{f.name}", f.related_model


def _inlines(page: Any, model: AnyModel, facts: Facts) -> Iterator[CheckMessage]:
    others = [inline.model for inline in page.inlines if facts.apart(model, inline.model)]
    if others:
        yield SAVES(
            f"The admin of {facts.in_(model)} has inlines of {listed(facts.in_(m) for m in others)}: one save writes "
            "to two databases, and the transaction of the page covers the first alone.",
            "Give these models an admin page of their own, or accept that a failed save may leave a part behind.",
            obj=type(page) if type(page).__module__ != "django.contrib.admin.options" else model,
        )


def _is_relation(model: AnyModel, name: str) -> bool:
    """As ChangeList asks it: a foreign key by its name, not by its column."""
    f = next((f for f in model._meta.fields if f.name == name), None)
    return f is not None and f.remote_field is not None and f.many_to_one is not None and not f.many_to_many


def _only_related(kind: Any) -> bool:
    from django.contrib.admin import RelatedOnlyFieldListFilter

    return isinstance(kind, type) and issubclass(kind, RelatedOnlyFieldListFilter)


def _has(page: Any, name: str) -> bool:
    """Whether the form shows a field, as far as the class itself tells."""
    from django.contrib.admin.utils import flatten_fieldsets

    if name in (page.exclude or ()):
        return False
    if page.fieldsets:
        return name in flatten_fieldsets(page.fieldsets)
    if page.fields:
        return name in flatten_fieldsets([(None, {"fields": page.fields})])
    return True
