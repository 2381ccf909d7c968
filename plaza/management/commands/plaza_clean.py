"""`manage.py plaza_clean`: delete what was kept for retries and is older than they are, and logins whose time is over,
as an hourly job does.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.utils import Error

from plaza.accounts.api import tokens
from plaza.accounts.models import Login
from plaza.api import once


class Command(BaseCommand):
    help = f"Delete the keys of requests that are older than {once.KEPT}, and logins that nobody can go on with."

    def handle(self, *args: Any, **options: Any) -> None:
        away = []
        for model in (*once.tables(), Login):
            try:
                gone = tokens.clean() if model is Login else once.clean(model)
                self.stdout.write(f"{model._meta.label}: {gone} were deleted")
            except Error as error:  # this app's database is away; the others go on
                away.append(f"{model._meta.label} ({type(error).__name__})")
        if away:
            raise CommandError(f"{', '.join(away)} could not be cleaned: run it again when their databases answer.")
