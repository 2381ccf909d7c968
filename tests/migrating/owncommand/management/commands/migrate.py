"""A project's own ``migrate``, which prints and leaves a note beside the database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.commands import migrate
from django.db import connections


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        print("this is no JSON")
        with (Path(connections[options["database"]].settings_dict["NAME"]).parent / "own.txt").open("a") as note:
            note.write(f"{options['database']}\n")
        super().handle(*args, **options)
