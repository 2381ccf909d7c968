"""Outgrow as a Django app: the command, the checks, and the ledger's tables as unmanaged models."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate

from outgrow import checks, conf


class OutgrowConfig(AppConfig):
    name = "outgrow"
    verbose_name = "Outgrow"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        connection_created.connect(_leave_constraints_out, dispatch_uid="outgrow.routing.editor")
        checks.register()
        if conf.routes()[0] and self.apps.is_installed("django.contrib.contenttypes"):  # type: ignore[union-attr]
            from outgrow.routing.contents import read_where_they_are

            read_where_they_are()

        if conf.loose() == conf.CROSSING and conf.routes()[0]:
            from outgrow.routing.loose.crossing import loosen

            loosen()

        if conf.rehearse() is not None:  # else not even the import
            from outgrow.rehearse import production

            production.start_if_set()

        if conf.routes()[1]:
            from outgrow.routing.watching import begin

            begin()  # before the first connection is opened

        post_migrate.connect(_keep_up, sender=self, dispatch_uid="outgrow.loose")


def _leave_constraints_out(connection: Any, **signal: Any) -> None:
    """A project of one database does not even import what a connection of several needs."""
    if conf.routes()[0] is not None:
        from outgrow.routing.editor import install_by_declaration

        install_by_declaration(connection, **signal)


def _keep_up(using: str, **about: Any) -> None:
    """A migration may make a parent's table anew, and its triggers go with the old one."""
    from outgrow.routing.loose.install import keep_up

    keep_up(using)
