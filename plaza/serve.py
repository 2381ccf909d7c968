"""`make serve`: plaza with sample data on one SQLite file, at a page that lists the API.

    python -m plaza.serve [--port 8000] [--rows 20000]

DATABASE_URL names another database; what is there is kept. Two workers run beside it: one hands out what the apps tell
each other, one processes the videos that are uploaded.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path

MANAGE = Path(__file__).resolve().parents[1] / "manage.py"


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

    call_command("migrate", verbosity=0)
    if not User.objects.exists():
        call_command("plaza_fill", rows=options.rows)
    print(f"plaza is at http://127.0.0.1:{options.port}/; its mails are printed here; Ctrl-C ends it.", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # so that the workers end with it
    workers = [subprocess.Popen([sys.executable, str(MANAGE), name]) for name in ("plaza_drain", "plaza_process")]
    try:
        call_command("runserver", f"127.0.0.1:{options.port}", use_reloader=False)
    finally:
        for worker in workers:
            worker.terminate()


if __name__ == "__main__":
    sys.exit(main())
