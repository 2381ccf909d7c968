"""`manage.py plaza_recount`: put every counter right, as a nightly job does; says how many were wrong."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.utils import Error

from plaza.api.counting import recount
from plaza.filling.fill import APPS


class Command(BaseCommand):
    help = "Count anew what the counters say, and put right those that are wrong."

    def handle(self, *args: Any, **options: Any) -> None:
        away = []
        for app in APPS:
            try:
                for name, wrong in recount([app]).items():
                    self.stdout.write(f"{name}: {wrong} counters were wrong")
            except Error as error:  # this app's database is away; the others go on
                away.append(f"{app} ({type(error).__name__})")
        if away:
            raise CommandError(f"{', '.join(away)} could not be counted: run it again when their databases answer.")
