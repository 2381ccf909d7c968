"""A field that says that it is loose, by the attribute that the checks know it by."""

from __future__ import annotations

from typing import Any

from django.db import models


class LooseForeignKey(models.ForeignKey):
    """No constraint, and nothing done on delete by Django."""

    loose = True

    def __init__(self, to: Any, on_delete: Any = models.DO_NOTHING, **more: Any) -> None:
        super().__init__(to, models.DO_NOTHING, **{**more, "db_constraint": False})
