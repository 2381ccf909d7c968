"""`make demo`: plaza outgrows its SQLite file, on a real PostgreSQL, as a person would do it by hand.

Builds the file, starts the server, runs audit, move, verify and report through manage.py, and leaves nothing running.
The file and the HTML report stay in the folder .demo.
"""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from plaza.postgres import NoServer, postgresql

ROOT = Path(__file__).resolve().parent.parent
TARGET = "NEW_DATABASE"  # the variable that holds the target's URL, so that no password stands in a command line

console = Console(highlight=False)


class Failed(Exception):
    """A command of the demo ended with this exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def main() -> int:
    """The demo; returns the exit code."""
    parser = argparse.ArgumentParser(prog="make demo", description="Move a sample project to a real PostgreSQL.")
    parser.add_argument("--rows", type=int, default=200_000, help="rows of the sample project (default: %(default)s)")
    parser.add_argument("--dirty", action="store_true", help="plant rows that PostgreSQL would refuse, and audit them")
    parser.add_argument("--folder", type=Path, default=ROOT / ".demo", help="where the file and the report stay")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        Demo(options.folder, options.rows, options.dirty).run()
    except NoServer as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except Failed as failure:
        return failure.code
    except KeyboardInterrupt:
        console.print("\nStopped; the server is gone, and the source was only read.")
        return 130
    return 0


@dataclass
class Demo:
    """One performance."""

    folder: Path
    rows: int
    dirty: bool = False
    url: str = ""  # of the target, as soon as there is one

    def run(self) -> None:
        began = time.monotonic()
        self.build()
        say("A PostgreSQL of its own starts, and goes when the demo ends")
        with postgresql() as self.url:
            self.look() if self.dirty else self.move()
        self.finish(time.monotonic() - began)

    @property
    def source(self) -> Path:
        return self.folder / "plaza.sqlite3"

    @property
    def report(self) -> Path:
        return self.folder / "report.html"

    def build(self) -> None:
        """The sample project on SQLite."""
        say(f"The project plaza is built on SQLite, with {self.rows:,} rows")
        self.folder.mkdir(mode=0o700, exist_ok=True)
        for old in (self.source, self.report):
            old.unlink(missing_ok=True)
        self.manage("migrate", "--verbosity", "0")
        self.manage("plaza_fill", "--rows", str(self.rows), *(["--dirty"] if self.dirty else []))

    def move(self) -> None:
        """Audit, move, prove."""
        say("1. What would PostgreSQL refuse or change? Nothing is written for this")
        self.manage("outgrow", "audit", "--to", f"env:{TARGET}")
        say("2. The move, which ends with the settings to use")
        self.manage("outgrow", "move", "--to", f"env:{TARGET}")
        say("3. The proof once more, by itself: it can be had at any time")
        self.manage("outgrow", "verify", "--to", f"env:{TARGET}")
        say("4. The report as a page")
        self.manage("outgrow", "report", "--to", f"env:{TARGET}", "--html", shown(self.report))

    def look(self) -> None:
        """The audit of a dirty file: exit 1 is what it is there for."""
        say("What would PostgreSQL refuse or change? Nothing is written for this")
        self.manage("outgrow", "audit", "--to", f"env:{TARGET}", wanted=1)

    def finish(self, seconds: float) -> None:
        """What there is to see now, and what to try next."""
        console.rule()
        if self.dirty:
            tell("Each finding names its rows, and the remedy or the policy for --fix. Exit code 1 said: not yet.")
            tell("Next: make demo moves the clean project.")
            return
        tell(f"Moved and proved in {seconds:.0f} s, all included. Nothing is left running.")
        tell(f"  the report   {shown(self.report)}")
        tell(f"  the source   {shown(self.source)}, as it was")
        tell("Next: `make demo ARGS=--dirty` shows an audit that finds something. In your own project:")
        tell("  pip install 'django-outgrow[postgresql]'")
        tell("  outgrow audit --to postgresql://user@host/name")

    def manage(self, *words: str, wanted: int = 0) -> None:
        """Show a command, then run it as it stands there."""
        console.print(f"[bold green]$[/bold green] [bold]python manage.py {escape(shlex.join(words))}[/bold]")
        environment = {**os.environ, "DATABASE_URL": f"sqlite:///{self.source}", "XDG_CACHE_HOME": f"{self.folder}"}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        environment |= {TARGET: self.url} if self.url else {}
        process = subprocess.Popen([sys.executable, "manage.py", *words], cwd=ROOT, env=environment)
        try:
            code = process.wait()
        except KeyboardInterrupt:
            _end(process)
            raise
        if code in (130, -signal.SIGINT):
            raise KeyboardInterrupt
        if code != wanted:
            raise Failed(code)


def _end(process: subprocess.Popen[bytes]) -> None:
    """The terminal's Ctrl-C reached it as well, and it tidies up; somebody else's signal did not."""
    try:
        process.wait(1)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def tell(text: str) -> None:
    console.print(text, markup=False, soft_wrap=True)


def say(text: str) -> None:
    console.print()
    console.rule(f"[bold]{text}[/bold]", align="left")


if __name__ == "__main__":
    sys.exit(main())
