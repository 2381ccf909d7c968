"""`manage.py plaza_recount`: put every counter right, as a nightly job does; says how many were wrong."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from plaza.api.counting import recount
from plaza.filling.fill import APPS


class Command(BaseCommand):
    help = "Count anew what the counters say, and put right those that are wrong."

    def handle(self, *args: Any, **options: Any) -> None:
        for app, wrong in recount(APPS).items():
            self.stdout.write(f"{app}: {wrong} counters were wrong")
