"""Outgrow as a Django app: the command, and the ledger's tables as unmanaged models."""

from __future__ import annotations

from django.apps import AppConfig


class OutgrowConfig(AppConfig):
    name = "outgrow"
    verbose_name = "Outgrow"
    default_auto_field = "django.db.models.BigAutoField"
