"""`manage.py plaza_export`: make the files that users ordered and delete the old ones, for ever or once."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from plaza.accounts import exporting

PAUSE = 2.0  # seconds between two looks where nothing was to be done


class Command(BaseCommand):
    help = "Make the exports that users ordered, and delete those whose time is over."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="end when nothing is due")

    def handle(self, *args: Any, **options: Any) -> None:
        while True:
            try:
                made, _ = exporting.work()
                swept = exporting.sweep()
            except Exception as error:  # the users' database or the store of files is away, whatever its driver says
                made = swept = 0
                self.stderr.write(f"{type(error).__name__}; trying again.")
            if not (made or swept):
                if options["once"]:
                    return
                close_old_connections()
                time.sleep(PAUSE)
