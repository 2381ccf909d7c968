"""People, whose notes are in another database."""

from __future__ import annotations

from django.contrib import admin

from tests.loose.people.models import Person

admin.site.register(Person)
