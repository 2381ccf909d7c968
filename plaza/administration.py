"""How every model of plaza appears in the admin: made to stay quick on tables of millions."""

from __future__ import annotations

from typing import Any

import django
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import models
from django.http import HttpRequest


class PlazaAdmin(admin.ModelAdmin):
    list_per_page = 50
    show_full_result_count = False
    ordering = ["-pk"]
    # The users may be in another database, where no join reaches: they are fetched by a query of their own.
    list_select_related: list[str] = []
    search_user = ""  # the key to a user that is also searched by the user's whole name
    # Django 5.x warns about a URL form field that leaves its scheme open.
    formfield_overrides: dict[type[models.Field], dict[str, Any]] = (
        {models.URLField: {"assume_scheme": "https"}} if django.VERSION >= (5, 0) else {}
    )

    def __init__(self, model: type[models.Model], admin_site: admin.AdminSite) -> None:
        # A select box with every user in it is what makes an admin unusable first.
        self.raw_id_fields = [
            field.name
            for field in [*model._meta.fields, *model._meta.many_to_many]
            if field.many_to_one or field.one_to_one or field.many_to_many
        ]
        super().__init__(model, admin_site)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        shown = {str(name) for name in self.get_list_display(request)}
        related = [field.name for field in self.model._meta.fields if field.is_relation and field.name in shown]
        return super().get_queryset(request).prefetch_related(*related)

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet, search_term: str
    ) -> tuple[models.QuerySet, bool]:
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if search_term and self.search_user:
            users = list(get_user_model().objects.filter(username=search_term).values_list("pk", flat=True))
            found |= queryset.filter(**{f"{self.search_user}__in": users})
        return found, may_repeat


class OwnedAdmin(PlazaAdmin):
    """For what users have: it goes as if they had deleted it, with its files and out of the counters."""

    def remove(self, obj: Any) -> None:
        raise NotImplementedError

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.remove(obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        for obj in queryset:
            self.remove(obj)
