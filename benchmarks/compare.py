"""The comparisons of the table: every competitor in turn on one server, several times over, and ratios of medians."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks import limit, memory, others, ours, results, source
from benchmarks.targets import Target, started

Run = dict[str, Any]
LOADDATA_TRIAL = 100_000  # rows of loaddata, unless --with-loaddata


@dataclass(frozen=True)
class Wish:
    """What was asked for on the command line."""

    rows: int
    runs: int
    only: tuple[str, ...]
    durable: bool
    all_variants: bool
    tell: Callable[[str], None]


def from_sqlite(wish: Wish, engine: str) -> dict[str, Any]:
    """SQLite → engine: the limit's variants, Outgrow, and the tool that people use for it.

    sqlite3-to-mysql runs once, however many runs were asked for: it takes eight minutes.
    """
    path = source.database(wish.rows)
    expected = source.counts(path)
    other = others.pgloader if engine == "postgresql" else others.sqlite3_to_mysql
    first: Any = ours.sqlite_url(path) if engine == "postgresql" else path
    with started(engine, durable=wish.durable) as target:
        runs: list[Run] = []
        missing = ""
        for number in range(wish.runs):
            for variant in limit.variants(target, slow=wish.all_variants and number == 0):
                runs.append(_told(wish, number, limit.measure(target, path, variant)))
            with _room(target) as url:
                runs.append(_told(wish, number, ours.move(ours.sqlite_url(path), url)))
                source.compare_counts(expected, target.counts(url, list(expected)))
            if not missing and (number == 0 or other is not others.sqlite3_to_mysql):
                missing = _other(wish, runs, number, target, lambda url: other(first, target, url, expected))
        return {
            "source": source.facts(path, wish.rows), "servers": [target.facts()], "missing": missing,
            **summary(runs), "runs": runs,
        }  # fmt: skip


def between_servers(wish: Wish) -> dict[str, Any]:
    """MariaDB → PostgreSQL, Outgrow and pgloader."""
    path = source.database(wish.rows)
    expected = source.counts(path)
    with (
        started("mariadb", durable=wish.durable) as here,
        started("postgresql", durable=wish.durable) as there,
        here.fresh() as from_url,
    ):
        limit.fill(here, from_url, path)
        runs: list[Run] = []
        missing = ""
        for number in range(wish.runs):
            with _room(there) as url:
                runs.append(_told(wish, number, ours.move(from_url, url)))
                source.compare_counts(expected, there.counts(url, list(expected)))
            if not missing:
                missing = _other(wish, runs, number, there, lambda url: others.pgloader(from_url, there, url, expected))
        return {
            "source": source.facts(path, wish.rows), "servers": [here.facts(), there.facts()], "missing": missing,
            **summary(runs), "runs": runs,
        }  # fmt: skip


def loaddata(wish: Wish, *, full: bool) -> dict[str, Any]:
    """dumpdata + loaddata → PostgreSQL, once, since it takes so long; scaled up from fewer rows unless ``full``."""
    path = source.database(wish.rows)
    dumped = wish.rows if full else min(wish.rows, LOADDATA_TRIAL)
    smaller = source.database(dumped)
    expected = source.counts(smaller)
    with started("postgresql", durable=wish.durable) as target:
        runs: list[Run] = []
        for number in range(wish.runs):
            with _room(target) as url:
                runs.append(_told(wish, number, ours.move(ours.sqlite_url(path), url)))
        with _room(target) as url:
            run = others.dump_and_load(ours.sqlite_url(smaller), target, url, expected)
        factor = sum(source.counts(path).values()) / sum(expected.values())
        runs.append(_told(wish, 0, {**run, "seconds": run["seconds"] * factor, "measured seconds": run["seconds"]}))
        return {
            "source": source.facts(path, wish.rows), "servers": [target.facts()], "rows dumped": dumped,
            "scaled by": factor, **summary(runs), "runs": runs,
        }  # fmt: skip


def peak(wish: Wish, engines: Sequence[str], rows: int) -> dict[str, Any]:
    """Memory, once for each target."""
    path = source.database(rows)
    runs = []
    for engine in engines:
        run = memory.measure(engine, path, durable=wish.durable)
        wish.tell(f"  {engine}: {run['MB']:.0f} MB at most, after {run['at second']:.1f} s of {run['seconds']:.1f} s")
        runs.append(run)
    return {"source": source.facts(path, rows), "runs": runs}


def summary(runs: Sequence[Run]) -> dict[str, Any]:
    """Medians by competitor, and the ratios that the table is about."""
    by: dict[str, list[Run]] = {}
    for run in runs:
        by.setdefault(f"limit: {run['variant']}" if run["what"] == "limit" else run["what"], []).append(run)
    medians = {name: results.median(found) for name, found in by.items()}
    mine = by["outgrow"]
    work, whole = results.median(mine, "copy and restore"), results.median(mine, "less migrate")
    ratios: dict[str, float] = {}
    if limits := {name: seconds for name, seconds in medians.items() if name.startswith("limit")}:
        ratios["copy and restore / limit"] = work / min(limits.values())
    for name in ("pgloader", "sqlite3-to-mysql"):
        if name in medians:
            ratios[f"whole / {name}"] = whole / medians[name]
    if "dumpdata + loaddata" in medians:
        ratios["dumpdata + loaddata / ours"] = medians["dumpdata + loaddata"] / whole
    return {
        "medians": {**medians, "outgrow less migrate": whole, "outgrow copy and restore": work},
        "spread": {name: [min(r["seconds"] for r in found), max(r["seconds"] for r in found)]
                   for name, found in by.items()},
        "limit is": min(limits, key=lambda name: limits[name]).removeprefix("limit: ") if limits else "",
        "steps": {step: results.median([run["steps"] for run in mine], step) for step in mine[0]["steps"]},
        "ratios": ratios,
    }  # fmt: skip


@contextmanager
def _room(target: Target) -> Iterator[str]:
    """An empty database on a server that has come to rest."""
    with target.fresh() as url:
        target.rest()
        yield url


def _other(wish: Wish, runs: list[Run], number: int, target: Target, run: Callable[[str], Mapping[str, Any]]) -> str:
    """Run another tool; returns why it could not be had, if so."""
    try:
        with _room(target) as url:
            runs.append(_told(wish, number, dict(run(url))))
    except others.Missing as reason:
        wish.tell(f"  {reason}")
        return str(reason)
    return ""


def _told(wish: Wish, number: int, run: Run) -> Run:
    name = f"{run['what']}, {run['variant']}" if "variant" in run else run["what"]
    wish.tell(f"  run {number + 1}: {name}: {run['seconds']:.2f} s")
    return {"run": number + 1, **run}
