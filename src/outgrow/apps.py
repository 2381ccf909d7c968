"""Outgrow as a Django app: the command, and the ledger's tables as unmanaged models."""

from __future__ import annotations

from django.apps import AppConfig


class OutgrowConfig(AppConfig):
    name = "outgrow"
    verbose_name = "Outgrow"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from outgrow import conf

        if conf.rehearse() is not None:  # else not even the import
            from outgrow.rehearse import production

            production.start_if_set()
