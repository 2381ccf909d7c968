"""What a person sees while the steps run: bars on a terminal, plain lines elsewhere, or one JSON object a line.

Progress goes to stderr, results to stdout; with ``--json`` both are lines of stdout. Events come from several threads.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from abc import abstractmethod
from typing import IO, Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Column
from rich.text import Text

from outgrow.events import Event
from outgrow.report import words

EVERY = 5.0  # seconds between plain lines
TABLES_SHOWN = 6


class Display:
    """Watches events; a context manager, since a live display must be taken down before anything else is printed."""

    def __init__(self, verbosity: int = 1) -> None:
        self.verbosity = verbosity
        self.lock = threading.RLock()
        self.started: set[str] = set()  # steps that began, for the way an interruption is explained

    def __call__(self, event: Event) -> None:
        with self.lock:
            if event.kind == "step_started":
                self.started.add(event.step)
            if self.verbosity or event.kind == "warning":
                self.show(event)

    @abstractmethod
    def show(self, event: Event) -> None: ...

    def wants(self, event: Event) -> bool:
        """Warnings are for everybody, notes that come by the dozen (of tables, of migrations) for those who ask."""
        many = bool(event.table) or event.step == "schema"
        return event.kind == "warning" or (event.kind == "note" and self.verbosity >= (2 if many else 1))

    def __enter__(self) -> Display:
        return self

    def __exit__(self, *exc: object) -> None:
        return None


class Count:
    """Rows done and expected of one step, in all and by table."""

    def __init__(self) -> None:
        self.begun = time.monotonic()
        self.expected: dict[str, int] = {}
        self.done: dict[str, int] = {}

    def take(self, event: Event) -> None:
        if event.kind == "total":
            self.expected[event.table] = self.expected.get(event.table, 0) + event.rows
        elif event.kind == "progress":
            self.done[event.table] = self.done.get(event.table, 0) + event.rows

    @property
    def total(self) -> int:
        return sum(self.expected.values())

    @property
    def rows(self) -> int:
        return sum(self.done.values())

    @property
    def rate(self) -> float:
        return self.rows / max(time.monotonic() - self.begun, 0.001)

    def spoken(self) -> str:
        """ "412,000 of 1,005,914 rows, 151,000 rows/s, 4.0 s left" """
        if not self.total:
            return words.plural(self.rows, "row")
        text = f"{words.number(self.rows)} of {words.number(self.total)} rows"
        if self.rate >= 1 and self.rows < self.total:
            text += f", {words.number(self.rate)} rows/s, {words.seconds((self.total - self.rows) / self.rate)} left"
        return text


class PlainDisplay(Display):
    """A line when a step starts or ends, and every few seconds in between."""

    def __init__(self, verbosity: int = 1, file: IO[str] | None = None) -> None:
        super().__init__(verbosity)
        self.file = file or sys.stderr
        self.counts: dict[str, Count] = {}
        self.last = time.monotonic()

    def show(self, event: Event) -> None:
        if event.kind == "step_finished":
            count = self.counts.pop(event.step, None)
            rows = f", {words.plural(count.rows, 'row')}" if count and count.rows and event.step != "restore" else ""
            self._line(f"{event.step}: done in {words.seconds(event.seconds)}{rows}")
        elif event.kind in ("total", "progress"):
            self.counts.setdefault(event.step, Count()).take(event)
            if event.kind == "progress" and time.monotonic() - self.last >= EVERY:
                self._line(f"{event.step}: {_amount(event.step, self.counts[event.step])}")
        elif self.wants(event):
            self._line(f"{'Warning: ' if event.kind == 'warning' else f'{event.step}: '}{event.text}")

    def _line(self, text: str) -> None:
        self.last = time.monotonic()
        print(text, file=self.file, flush=True)


class JsonDisplay(Display):
    """Every event as one line of JSON on stdout."""

    def show(self, event: Event) -> None:
        write_json({"at": round(time.time(), 3), **event.as_dict()})


def write_json(value: dict[str, Any]) -> None:
    """One object, one line, written at once, whatever thread it comes from."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


class _Rate(ProgressColumn):
    """Rows per second over the last seconds."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        if not speed or task.fields.get("unit") != "rows":
            return Text("")
        return Text(f"{words.number(speed)} rows/s", style="progress.data.speed")


class _Done(ProgressColumn):
    """How much of how much; the seconds so far where nothing can be counted."""

    def render(self, task: Task) -> Text:
        if not task.total:
            return Text(words.seconds(task.elapsed), style="progress.elapsed")
        return Text(f"{words.number(task.completed)} / {words.number(task.total)}", style="progress.download")


class RichDisplay(Display):
    """One bar for the step and one for each table at work; a line stays for every step that is done."""

    def __init__(self, verbosity: int = 1, console: Console | None = None) -> None:
        super().__init__(verbosity)
        self.console = console or Console(stderr=True)
        name = Column(width=36, no_wrap=True)  # of one width, or the bars would jump
        self.bars = Progress(
            TextColumn("{task.description}", table_column=name), BarColumn(bar_width=24), _Done(), _Rate(),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True),
            console=self.console, transient=True, refresh_per_second=8,
        )  # fmt: skip
        self.counts: dict[str, Count] = {}
        self.overall: dict[str, TaskID] = {}
        self.tables: dict[tuple[str, str], TaskID] = {}

    def show(self, event: Event) -> None:
        if event.kind == "step_started":
            self.overall[event.step] = self.bars.add_task(f"[bold]{event.step}", total=None, unit="")
        elif event.kind == "step_finished":
            self._finish(event)
        elif event.kind in ("total", "progress"):
            self._count(event)
        elif event.kind == "note" and event.step in self.overall:
            self.bars.update(
                self.overall[event.step], description=f"[bold]{event.step}[/] [dim]{escape(event.text[:60])}"
            )
        if self.wants(event):
            style, mark = ("yellow", "!") if event.kind == "warning" else ("dim", "·")
            self.bars.console.print(f"[{style}]{mark} {escape(event.text)}", highlight=False)

    def _count(self, event: Event) -> None:
        count = self.counts.setdefault(event.step, Count())
        count.take(event)
        unit = "" if event.step == "restore" else "rows"
        if event.step not in self.overall:
            self.overall[event.step] = self.bars.add_task(f"[bold]{event.step}", total=None)
        self.bars.update(
            self.overall[event.step], total=max(count.total, count.rows) or None, completed=count.rows, unit=unit
        )
        if event.kind == "progress" and event.table and unit:
            self._table(event, count)

    def _table(self, event: Event, count: Count) -> None:
        key = (event.step, event.table)
        expected, done = count.expected.get(event.table, 0), count.done[event.table]
        if key not in self.tables:
            if done >= expected or len(self.tables) >= TABLES_SHOWN:
                return
            self.tables[key] = self.bars.add_task(f"  {escape(event.table)}", total=expected, unit="rows")
        self.bars.update(self.tables[key], completed=done)
        if done >= expected:
            self.bars.remove_task(self.tables.pop(key))

    def _finish(self, event: Event) -> None:
        for key in [k for k in self.tables if k[0] == event.step]:
            self.bars.remove_task(self.tables.pop(key))
        if event.step in self.overall:
            self.bars.remove_task(self.overall.pop(event.step))
        count = self.counts.pop(event.step, None)
        rows = f"  [dim]{words.plural(count.rows, 'row')}" if count and count.rows and event.step != "restore" else ""
        self.bars.console.print(
            f"[green]✓[/] {event.step:<14}[dim]{words.seconds(event.seconds):>10}[/]{rows}", highlight=False
        )

    def __enter__(self) -> RichDisplay:
        self.bars.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.bars.stop()


def _amount(step: str, count: Count) -> str:
    return f"{count.rows} of {count.total} objects" if step == "restore" else count.spoken()


def display(*, json_lines: bool, verbosity: int, no_color: bool = False, force_color: bool = False) -> Display:
    """The display for where the output goes."""
    if json_lines:
        return JsonDisplay(verbosity)
    console = Console(stderr=True, no_color=no_color or None, force_terminal=force_color or None)
    return RichDisplay(verbosity, console) if console.is_terminal and verbosity else PlainDisplay(verbosity)
