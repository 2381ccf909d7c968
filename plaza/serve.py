"""`make serve`: plaza with sample data on one SQLite file, at a page that lists the API.

    python -m plaza.serve [--port 8000] [--rows 20000]

DATABASE_URL names another database; what is there is kept.
"""

from __future__ import annotations

import argparse
import os
import sys


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
    call_command("runserver", f"127.0.0.1:{options.port}", use_reloader=False)


if __name__ == "__main__":
    sys.exit(main())
