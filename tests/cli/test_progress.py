"""What is seen while the steps run: bars, plain lines, or JSON."""

from __future__ import annotations

import io
import json
import re

import pytest
from rich.console import Console

from outgrow.cli import progress
from outgrow.cli.progress import JsonDisplay, PlainDisplay, RichDisplay
from outgrow.events import Event

STORY = [
    Event("step_started", "copy"),
    Event("total", "copy", "shop", rows=1000),
    Event("total", "copy", "big", rows=9000),
    Event("progress", "copy", "big", rows=4500, bytes=9),
    Event("warning", "copy", text="the target went away"),
    Event("note", "copy", "big", text="a small thing"),
    Event("progress", "copy", "shop", rows=1000, bytes=9),
    Event("progress", "copy", "big", rows=4500, bytes=9),
    Event("step_finished", "copy", seconds=2.5),
]


def plain(verbosity: int = 1) -> list[str]:
    file = io.StringIO()
    with PlainDisplay(verbosity, file) as display:
        for event in STORY:
            display(event)
    return file.getvalue().splitlines()


def test_plain_lines_say_warnings_and_the_end_of_a_step() -> None:
    assert plain() == ["Warning: the target went away", "copy: done in 2.5 s, 10,000 rows"]


def test_plain_lines_come_every_few_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "EVERY", 0.0)
    assert plain()[0].startswith("copy: 4,500 of 10,000 rows, ")
    assert re.search(r"rows/s, .* left$", plain()[0])


def test_quiet_still_warns_and_loud_tells_notes() -> None:
    assert plain(0) == ["Warning: the target went away"]
    assert "copy: a small thing" in plain(2)


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with JsonDisplay() as display:
        for event in STORY:
            display(event)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["kind"] for line in lines] == [event.kind for event in STORY]
    assert lines[1]["rows"] == 1000


def test_a_terminal_shows_a_bar_for_the_step_and_for_each_table_at_work() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    with RichDisplay(1, console) as display:
        for event in STORY[:4]:
            display(event)
        assert [task.description for task in display.bars.tasks] == ["[bold]copy", "  big"]
        assert (display.bars.tasks[0].completed, display.bars.tasks[0].total) == (4500, 10_000)
        for event in STORY[4:]:
            display(event)
        assert display.bars.tasks == []
    assert "✓" in console.file.getvalue()  # type: ignore[attr-defined]


def test_a_redone_chunk_is_taken_off_the_count() -> None:
    console = Console(file=io.StringIO(), force_terminal=True)
    with RichDisplay(1, console) as display:
        display(Event("total", "copy", "shop", rows=10))
        display(Event("progress", "copy", "shop", rows=4))
        display(Event("progress", "copy", "shop", rows=-4))
        assert display.bars.tasks[0].completed == 0


def test_a_display_fits_where_the_output_goes() -> None:
    assert isinstance(progress.display(json_lines=True, verbosity=1), JsonDisplay)
    assert isinstance(progress.display(json_lines=False, verbosity=1, force_color=True), RichDisplay)
    assert isinstance(progress.display(json_lines=False, verbosity=0, force_color=True), PlainDisplay)
