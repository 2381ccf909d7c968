"""`manage.py plaza_jobs`: run each job of the clock when its time has come, for ever; one process of it is enough.

By the clock, and not so long after the last time: a site that is deployed every day would never come to what is daily.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections
from django.db.utils import Error
from django.utils.timezone import now

PAUSE = 10.0  # seconds between two looks at the clock
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Job(NamedTuple):
    """A command that is run once in every such time, so long after its beginning (UTC)."""

    command: str
    every: timedelta
    at: timedelta

    def after(self, moment: datetime) -> datetime:
        """The next time."""
        return EPOCH + ((moment - EPOCH - self.at) // self.every + 1) * self.every + self.at


HOUR, DAY = timedelta(hours=1), timedelta(days=1)
JOBS = (
    Job("plaza_clean", HOUR, timedelta(minutes=17)),
    Job("plaza_clean_social", HOUR, timedelta(minutes=37)),
    Job("plaza_recount", DAY, timedelta(hours=3, minutes=47)),
)


class Command(BaseCommand):
    help = "Run what is to be done every hour and every day, at its time."

    def handle(self, *args: Any, **options: Any) -> None:
        due = {job: job.after(now()) for job in JOBS}
        while True:
            for job in [job for job, at in due.items() if at <= now()]:
                self._run(job)
                due[job] = job.after(now())
            close_old_connections()
            time.sleep(PAUSE)

    def _run(self, job: Job) -> None:
        """One that fails has its next turn, and the others theirs."""
        try:
            call_command(job.command, stdout=self.stdout, stderr=self.stderr)
        except (CommandError, Error) as error:
            self.stderr.write(f"{job.command}: {error if isinstance(error, CommandError) else type(error).__name__}")
