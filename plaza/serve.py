"""`make serve`: plaza with sample data, at a page that lists the API; on one SQLite file, unless URLs name databases.

    python -m plaza.serve [--port 8000] [--rows 20000]

What works in the background runs along, as OUTGROW["WORKERS"] has it. What is in the databases is kept.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(prog="make serve", description="Run plaza for a look around.")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--rows", type=int, default=20_000, help="rows of sample data (default: %(default)s)")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plaza.settings")
    import django

    django.setup()
    from django.contrib.auth.models import User
    from django.core.management import call_command

    call_command("outgrow", "migrate", stdout=StringIO())
    if not User.objects.exists():
        call_command("plaza_fill", rows=options.rows)
    from django.conf import settings

    mails = "its mails are printed here; " if settings.EMAIL_BACKEND.endswith("console.EmailBackend") else ""
    print(f"plaza is at http://127.0.0.1:{options.port}/; {mails}Ctrl-C ends it.", flush=True)
    with working():
        call_command("runserver", f"127.0.0.1:{options.port}", use_reloader=False)


@contextmanager
def working() -> Iterator[None]:
    """What works in the background, each in a process of its own, until the block ends."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # as Ctrl-C: the workers end too
    from outgrow import conf

    named = conf.workers().values()
    commands = [[sys.executable if words[0] == "python" else words[0], *words[1:]] for words in named]
    workers = [subprocess.Popen(command, cwd=ROOT, start_new_session=True) for command in commands]
    try:
        yield
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait(30)


if __name__ == "__main__":
    sys.exit(main())
