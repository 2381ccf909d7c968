"""``manage.py outgrow …``: the same commands, options and exit codes as the console command."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from outgrow.cli import arguments, run


class Command(BaseCommand):
    help = arguments.DESCRIPTION
    requires_system_checks: list[str] = []  # a project with warnings must be movable

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        called = {"called_from_command_line": getattr(self, "_called_from_command_line", None)}
        return arguments.build(f"{prog_name} {subcommand}".strip(), **called)

    def handle(self, *args: Any, **options: Any) -> None:
        code = run(options, "manage.py outgrow")
        if code and getattr(self, "_called_from_command_line", False):
            sys.exit(code)
        if code:
            raise CommandError(f"outgrow {options['command']} ended with exit code {code}.", returncode=code)
