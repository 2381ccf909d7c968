"""Fill plaza's database with made, repeatable data."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from plaza.dirt import Cell, plant
from plaza.filling.fill import APPS, CannotFill, fill


class Command(BaseCommand):
    help = "Fill an empty, migrated plaza with N rows; the same N and seed make the same data."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rows", type=int, default=200_000, metavar="N", help="in all tables")
        parser.add_argument("--seed", type=int, default=1, metavar="S")
        parser.add_argument("--apps", default=",".join(APPS), help="users always come along")
        parser.add_argument("--database", help="all into this one (default: each app's own)")
        parser.add_argument(
            "--dirty",
            action="store_true",
            help="then plant rows that an audit must find (SQLite only)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dirty"] and any(connections[alias].vendor != "sqlite" for alias in connections):
            raise CommandError("--dirty needs SQLite: the servers refuse most of that dirt.")
        if options["dirty"] and len(list(connections)) > 1:
            raise CommandError("--dirty needs one database: each of its faults is counted there.")
        names = [name.strip() for name in options["apps"].split(",") if name.strip()]
        console = Console(file=self.stdout._out)
        began = time.perf_counter()
        try:
            with Progress(
                TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn(),
                TimeRemainingColumn(), console=console, disable=not console.is_terminal,
            ) as bar:  # fmt: skip
                task = bar.add_task("plaza", total=options["rows"])
                counts = fill(
                    options["database"], rows=options["rows"], seed=options["seed"], names=names,
                    report=lambda label, wrote, _: bar.update(
                        task, advance=wrote, description=label
                    ),
                )  # fmt: skip
        except CannotFill as refusal:
            raise CommandError(str(refusal)) from refusal
        seconds = time.perf_counter() - began
        self.tell(counts, seconds, options["verbosity"])
        if options["dirty"]:
            self.tell_planted(plant(connections[DEFAULT_DB_ALIAS]))

    def tell(self, counts: dict[str, int], seconds: float, verbosity: int) -> None:
        rows = sum(counts.values())
        for label, count in counts.items() if verbosity > 1 else ():
            self.stdout.write(f"{count:>12,}  {label}")
        self.stdout.write(f"{rows:,} rows in {len(counts)} tables, {seconds:.1f} s, {rows / seconds:,.0f} rows/s")

    def tell_planted(self, planted: dict[str, list[Cell]]) -> None:
        for finding, cells in planted.items():
            for cell in cells:
                self.stdout.write(f"planted {finding}: {cell.table}.{cell.column}, key {cell.key}")
