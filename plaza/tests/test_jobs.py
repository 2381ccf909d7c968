"""What is done every hour and every day, at its time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import get_commands
from django.core.management.base import CommandError
from hypothesis import given
from hypothesis import strategies as st

from plaza.management.commands import plaza_jobs
from plaza.management.commands.plaza_jobs import JOBS, Command, Job

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # naive, by its rules


@given(MOMENTS, st.sampled_from(JOBS))
def test_the_next_time_is_the_first_one_after_a_moment(moment: datetime, job: Job) -> None:
    found = job.after(moment)
    assert moment < found <= moment + job.every
    assert (found - plaza_jobs.EPOCH) % job.every == job.at
    assert job.after(found) == found + job.every


def test_counters_are_put_right_once_a_day_however_often_the_site_is_deployed() -> None:
    (recount,) = [job for job in JOBS if job.command == "plaza_recount"]
    assert recount.after(datetime(2026, 11, 30, 3, 46, tzinfo=UTC)) == datetime(2026, 11, 30, 3, 47, tzinfo=UTC)
    assert recount.after(datetime(2026, 11, 30, 23, tzinfo=UTC)) == datetime(2026, 12, 1, 3, 47, tzinfo=UTC)


def test_each_job_is_a_command() -> None:
    assert {job.command for job in JOBS} <= set(get_commands())


class Over(Exception):
    """A test's end of what goes on for ever."""


def test_a_job_that_fails_has_its_next_turn_and_the_others_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, ran = [datetime(2026, 11, 30, 12, tzinfo=UTC)], list[str]()

    def sleep(seconds: float) -> None:
        clock[0] += timedelta(minutes=1)
        if clock[0] > datetime(2026, 11, 30, 14, 30, tzinfo=UTC):
            raise Over

    def run(name: str, **more: Any) -> None:
        ran.append(f"{clock[0]:%H:%M} {name}")
        if name == "plaza_clean":
            raise CommandError("a database is away")

    monkeypatch.setattr(plaza_jobs, "now", lambda: clock[0])
    monkeypatch.setattr(plaza_jobs, "call_command", run)
    monkeypatch.setattr(plaza_jobs.time, "sleep", sleep)
    said = StringIO()
    with pytest.raises(Over):
        Command(stderr=said).handle()
    assert ran == [
        "12:17 plaza_clean", "12:37 plaza_clean_social", "13:17 plaza_clean", "13:37 plaza_clean_social",
        "14:17 plaza_clean",
    ]  # fmt: skip
    assert said.getvalue().count("plaza_clean: a database is away") == 3
