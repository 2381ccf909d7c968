"""`manage.py cross [FUNCTION …] [--exit N | --fail | --complain]`: functions of `crossing.code`, and an ending."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tests.rehearse.crossing import code


class Command(BaseCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("functions", nargs="*")
        parser.add_argument("--exit", type=int)
        parser.add_argument("--fail", action="store_true")
        parser.add_argument("--complain", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        for name in options["functions"]:
            getattr(code, name)()
        self.stdout.write(f"did {len(options['functions'])}")
        self.stderr.write("and said so")
        if options["complain"]:
            raise CommandError("no such thing", returncode=5)
        if options["fail"]:
            raise ZeroDivisionError("unforeseen")
        if options["exit"] is not None:
            sys.exit(options["exit"])
