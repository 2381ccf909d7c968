"""`python -m tests.rehearse.crossing.each`: every function of `code` in a rehearsal; JSON of what it found."""

from __future__ import annotations

import json
import sys
from typing import Any

import django

OWNERS = '{"auth_db": ["auth", "contenttypes", "sessions", "admin"], "default": "*"}'


def main() -> None:
    django.setup()
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.db import connection
    from django.db.backends.base.base import BaseDatabaseWrapper

    from outgrow.rehearse import Rehearsal
    from tests.rehearse.crossing import code

    call_command("migrate", run_syncdb=True, verbosity=0)
    User.objects.create(username="ann")
    before = (list(connection.execute_wrappers), BaseDatabaseWrapper.on_commit, type(connection.atomic_blocks))
    answer: dict[str, Any] = {"django": django.get_version(), "found": {}, "expired": {}}
    failures = 0
    for function in code.EVERY:
        rehearsal = Rehearsal(OWNERS, label=function.__name__)
        with rehearsal.running():
            connection.close()
            connection.ensure_connection()
            function()
            assert connection.execute_wrappers == [rehearsal.observer]
        answer["found"][function.__name__] = rehearsal.record.as_json()["findings"]
        answer["expired"].update(rehearsal.record.exemptions)
        failures += rehearsal.observer.failures
    after = (list(connection.execute_wrappers), BaseDatabaseWrapper.on_commit, type(connection.atomic_blocks))
    answer |= {
        "failures": failures,
        "as before": before == after,
        "marks": [m for m in vars(connection) if "outgrow" in m],
    }
    sys.stdout.write("ANSWER " + json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
