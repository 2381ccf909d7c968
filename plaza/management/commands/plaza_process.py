"""`manage.py plaza_process`: process uploads, publish what waited for its moment, and sweep, for ever or once."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections
from django.db.utils import Error

PAUSE = 1.0  # seconds between two looks at an empty queue
SWEEP = 60.0


class Command(BaseCommand):
    help = "Process the videos that were uploaded. Run as many of these as there is work for."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="end when nothing is left to do")

    def handle(self, *args: Any, **options: Any) -> None:
        from plaza.videos import processing

        swept_at = -SWEEP
        while True:
            try:
                worked = processing.work()
                worked = bool(processing.publish_due()) or worked
                if time.monotonic() - swept_at >= SWEEP:
                    swept_at = time.monotonic()
                    processing.sweep()
            except Error as error:
                worked = False
                self.stderr.write(f"{type(error).__name__}; trying again.")
                if options["once"]:
                    raise
            if options["once"] and not worked:
                return
            if not worked:
                close_old_connections()
                time.sleep(PAUSE)
