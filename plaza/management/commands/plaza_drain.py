"""`manage.py plaza_drain`: hand out what the outboxes hold, for ever or once."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections
from django.db.utils import Error

from plaza.api import outbox

PAUSE = 1.0  # seconds between two looks at empty outboxes


class Command(BaseCommand):
    help = "Hand out what the outboxes hold: effects of one database's changes in the others."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="end when nothing is due")

    def handle(self, *args: Any, **options: Any) -> None:
        while True:
            close_old_connections()  # also where it never comes to a pause: one that broke would stay so
            done = failed = 0
            for model in outbox.outboxes():
                try:
                    some, bad = outbox.drain(model)
                except Error as error:  # this outbox's database is away; the others go on
                    some, bad = 0, 1
                    self.stderr.write(f"{model._meta.label}: {type(error).__name__}; trying again.")
                done, failed = done + some, failed + bad
            if options["once"] and not done:
                return
            if not done:
                time.sleep(PAUSE)
