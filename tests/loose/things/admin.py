"""Notes with a list of their people, tasks with a field to type a key into."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from tests.loose.things.models import Note, Task


@admin.register(Note)
class NoteAdmin(admin.ModelAdmin):
    list_display: ClassVar = ["text", "person"]
    list_select_related = ()


@admin.register(Task)
class TaskAdmin(admin.ModelAdmin):
    raw_id_fields: ClassVar = ["person"]
