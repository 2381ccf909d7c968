"""docs/benchmarks.md, written from the newest results: no figure in it is typed by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import ours, results, service
from benchmarks.source import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
Results = Mapping[str, Mapping[str, Any]]

COMPARED = {
    "sqlite-to-postgresql": "SQLite → PostgreSQL",
    "sqlite-to-mysql": "SQLite → MySQL",
    "sqlite-to-mariadb": "SQLite → MariaDB",
    "mariadb-to-postgresql": "MariaDB → PostgreSQL",
    "loaddata": "SQLite → PostgreSQL, beside dumpdata + loaddata",
}


@dataclass(frozen=True)
class Line:
    """One row of the table: which figure of which result, and what it should be."""

    label: str
    what: str
    figure: str
    must: float
    strive: float | None
    at_least: bool = False
    unit: str = ""

    def value(self, found: Results) -> float | None:
        result = found.get(self.what)
        if result is None:
            return None
        if self.figure == "memory":
            return max(float(run["MB"]) for run in result["runs"])
        if self.figure == "growth":
            return _growth(result, found)
        ratio = result["ratios"].get(self.figure)
        return None if ratio is None else float(ratio)

    def met(self, value: float, wanted: float | None) -> str:
        if wanted is None:
            return ""
        return "yes" if (value >= wanted if self.at_least else value <= wanted) else "**no**"

    def spoken(self, wanted: float | None) -> str:
        return "" if wanted is None else f"{'≥' if self.at_least else '≤'} {wanted:g}{self.unit}"


LIMIT, LOADER = "copy and restore / limit", "whole / sqlite3-to-mysql"
LINES = (
    Line("SQLite → PostgreSQL: copy + restore steps / limit", "sqlite-to-postgresql", LIMIT, 1.5, 1.2),
    Line("SQLite → PostgreSQL: whole command / pgloader", "sqlite-to-postgresql", "whole / pgloader", 1.5, 0.9),
    Line("SQLite → MySQL: copy + restore steps / limit", "sqlite-to-mysql", LIMIT, 1.5, 1.2),
    Line("SQLite → MariaDB: copy + restore steps / limit", "sqlite-to-mariadb", LIMIT, 1.5, 1.2),
    Line("SQLite → MySQL: whole command / sqlite3-to-mysql", "sqlite-to-mysql", LOADER, 0.3, 0.15),
    Line("SQLite → MariaDB: whole command / sqlite3-to-mysql", "sqlite-to-mariadb", LOADER, 0.3, 0.15),
    Line("MariaDB → PostgreSQL: whole command / pgloader", "mariadb-to-postgresql", "whole / pgloader", 1.5, 0.9),
    Line("dumpdata + loaddata / whole command", "loaddata", "dumpdata + loaddata / ours", 50, 110, at_least=True),
    Line("memory of all our processes, the worst of the targets", "memory", "memory", 250, 150, unit=" MB"),
    Line("memory for 10,000,000 rows / for 1,000,000", "memory-ten-million", "growth", 1.1, None),
)

ABOUT = """# Benchmarks

`make bench` makes this page from `benchmarks/results/`; nothing in it is typed by hand. All figures of one line were
measured in one run on one machine, each competitor in turn on the same server, and are medians.

- *Limit*: the same rows from ready text files, two loads at once, into the tables that Django's `migrate` made with
  indexes and keys taken off, then every index and key back under its own name, foreign keys checked. Nothing is read
  from the source and nothing is proved. Of several variants the fastest is taken.
- *Whole command*: wall clock of `{command}`
  from a cold shell, both audits and the verification of every row included, less the step `{migrate}` (the project's
  own `migrate`, in a process of its own).
- After every run, ours and others', each table's rows were counted on the server.
"""


def write(folder: Path = results.KEPT, page: Path = PAGE) -> Path:
    """Write the page; a line that has no result says so."""
    found = results.newest(folder)
    about = ABOUT.format(command=ours.SPOKEN, migrate=ours.MIGRATE)
    parts = [about, _table(found)]
    parts += [_compared(title, found[what]) for what, title in COMPARED.items() if what in found]
    parts += [_memory(found[what]) for what in ("memory", "memory-ten-million") if what in found]
    parts += service.sections(found)
    shown = {*COMPARED, "memory", "memory-ten-million", *service.on_the_page(found)}
    parts.append(_circumstances({what: result for what, result in found.items() if what in shown}))
    page.parent.mkdir(exist_ok=True)
    page.write_text("\n".join(parts))
    return page


def _table(found: Results) -> str:
    rows = []
    for line in LINES:
        value = line.value(found)
        head = [line.label, line.spoken(line.must), line.spoken(line.strive)]
        if value is None:
            reason = found.get(line.what, {}).get("missing") or "not measured"
            rows.append([*head, reason, "", ""])
            continue
        shown = f"{value:,.0f}{line.unit}" if value >= 20 else f"{value:.2f}"
        scale = found[line.what].get("scaled by", 1)
        note = f" (scaled from {found[line.what]['rows dumped']:,} rows)" if scale > 1 else ""
        rows.append([*head, shown + note, line.met(value, line.must), line.met(value, line.strive)])
    return _grid(["", "must", "strive", "measured", "must met", "strive met"], rows)


def _compared(title: str, result: Mapping[str, Any]) -> str:
    source = result["source"]
    head = (
        f"## {title}\n\n{source['rows']:,} rows in {source['tables']} tables, {source['bytes'] / 1e6:,.0f} MB of SQLite"
    )
    if result.get("limit is"):
        head += f"; the limit is the variant “{result['limit is']}”"
    rows = []
    for name, seconds in result["medians"].items():
        low, high = result["spread"].get(name, (None, None))
        runs = sum(1 for run in result["runs"] if _name(run) == name)
        rows.append([name, f"{seconds:.2f}", f"{low:.2f} to {high:.2f}" if runs > 1 else "", str(runs or "")])
    steps = [[step, f"{seconds:.2f}"] for step, seconds in result["steps"].items()]
    steps.append(["start and end of the process", f"{_median_of(result, 'start and end of the process'):.2f}"])
    return (
        f"{head}.\n\n{_grid(['', 'seconds, median', 'least to most', 'runs'], rows)}\n"
        f"Outgrow's steps:\n\n{_grid(['step', 'seconds, median'], steps)}"
    )


def _name(run: Mapping[str, Any]) -> str:
    return f"limit: {run['variant']}" if run["what"] == "limit" else str(run["what"])


def _median_of(result: Mapping[str, Any], key: str) -> float:
    return results.median([run for run in result["runs"] if run["what"] == "outgrow"], key)


def _growth(large: Mapping[str, Any], found: Results) -> float | None:
    """The worst growth of any target that both results have."""
    small = {run["target"]: run["MB"] for run in found.get("memory", {}).get("runs", ())}
    grown = [run["MB"] / small[run["target"]] for run in large["runs"] if run["target"] in small]
    return max(grown, default=None)


def _memory(result: Mapping[str, Any]) -> str:
    rows = [
        [run["target"], f"{run['MB']:.0f}", f"{run['at second']:.1f}", f"{run['seconds']:.1f}", str(run["samples"])]
        for run in result["runs"]
    ]
    source = result["source"]
    return (
        f"## Memory, {source['rows']:,} rows\n\nThe sum of PSS of the command and its children, every 100 ms, at its "
        f"highest, with `--jobs {ours.JOBS}`; the longest value has {source['longest value, bytes']:,} bytes.\n\n"
        + _grid(["target", "MB", "at second", "of seconds", "samples"], rows)
    )


def _circumstances(found: Results) -> str:
    parts = ["## Where and with what\n"]
    for result in found.values():
        machine, versions = result["machine"], result["versions"]
        parts.append(
            f"- `{result['file']}`, {result['at']}: {machine['processor']}, {machine['cores used']} cores, "
            f"{machine['memory, GB']} GB, {machine['system']}; "
            + ", ".join(f"{name} {number}" for name, number in versions.items())
            + f". Command: `{result['command']}`."
        )
        parts += [f"  - {line}" for line in _servers(result)]
    return "\n".join(parts) + "\n"


def _servers(result: Mapping[str, Any]) -> Iterator[str]:
    runs: Sequence[Mapping[str, Any]] = result.get("runs", ())
    servers = result.get("servers") or [run["server"] for run in runs if run["server"].get("version")]
    for server in servers:
        settings = ", ".join(f"{name}={value}" for name, value in server["settings"].items())
        yield f"{server['engine']} {server['version']} ({server['origin']}): {settings}"


def _grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows]]
    return "\n".join(lines) + "\n"
