"""`python -m benchmarks [options]` measures; `python -m benchmarks table` writes docs/benchmarks.md."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import compare, memory, results, source, table
from tests import engines

CORES = 2
SERVERS = engines.SERVERS
Part = tuple[str, int, Callable[[], dict[str, Any]]]
PARTS = ("compare", "between", "loaddata", "memory")


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    made.add_argument("what", nargs="?", choices=("run", "table"), default="run")
    made.add_argument("--rows", type=int, default=results.FULL, help="fewer are a trial, which is not kept")
    made.add_argument("--runs", type=int, default=3, help="of each competitor; the median counts")
    made.add_argument("--only", choices=SERVERS, action="append", help="this engine alone; may be repeated")
    made.add_argument("--part", choices=PARTS, action="append", help="this part alone; may be repeated")
    made.add_argument("--all-variants", action="store_true", help="measure the limit's slow variants as well, once")
    made.add_argument("--with-loaddata", action="store_true", help="all rows by loaddata: about a quarter of an hour")
    made.add_argument("--ten-million", action="store_true", help="also the memory of a move of 10,000,000 rows")
    made.add_argument("--fast-servers", action="store_true", help="servers that do not flush to disk")
    made.add_argument("--trial-page", metavar="FILE", help="table: write the trials' figures to this file instead")
    return made


def main(arguments: Sequence[str]) -> int:
    given = parser().parse_args(arguments)
    failed: list[str] = []
    if given.what == "run":
        failed = _run(given, f"python -m benchmarks {' '.join(arguments)}".strip())
    if given.trial_page:
        table.write(results.TRIALS, Path(given.trial_page))
    elif given.what == "table" or given.rows >= results.FULL:
        _tell(f"written: {table.write().relative_to(source.ROOT)}")
    if failed:
        _tell("not measured: " + "; ".join(failed))
    return 1 if failed else 0


def _run(given: argparse.Namespace, command: str) -> list[str]:
    """Every part that was asked for; one that fails does not keep the others from it. Returns those that failed."""
    cores = sorted(os.sched_getaffinity(0))[:CORES]
    os.sched_setaffinity(0, cores)  # the servers are our children and share them
    wanted = tuple(e for e in (given.only or SERVERS) if not engines.skipped(e))
    wish = compare.Wish(given.rows, given.runs, wanted, not given.fast_servers, given.all_variants, _tell)
    failed: list[str] = []
    for what, rows, measure in _parts(given, wish):
        _tell(f"{what}, {rows:,} rows")
        try:
            body = measure()
        except Exception as error:
            failed.append(what)
            _tell(f"  failed: {error}")
            continue
        for name, ratio in body.get("ratios", {}).items():
            _tell(f"  {name}: {ratio:.2f}")
        results.write(what, rows, body, command)
    return failed


def _parts(given: argparse.Namespace, wish: compare.Wish) -> list[tuple[str, int, Callable[[], dict[str, Any]]]]:
    parts: list[tuple[str, int, Callable[[], dict[str, Any]]]] = []
    asked = given.part or PARTS
    if "compare" in asked:
        parts += [(f"sqlite-to-{e}", wish.rows, partial(compare.from_sqlite, wish, e)) for e in wish.only]
    if "between" in asked and {"mariadb", "postgresql"} <= set(wish.only):
        parts.append(("mariadb-to-postgresql", wish.rows, partial(compare.between_servers, wish)))
    if "loaddata" in asked and "postgresql" in wish.only:
        parts.append(("loaddata", wish.rows, partial(compare.loaddata, wish, full=given.with_loaddata)))
    if "memory" in asked:
        measured = [e for e in memory.TARGETS if e in wish.only or e == "sqlite"]
        parts.append(("memory", wish.rows, partial(compare.peak, wish, measured, wish.rows)))
        if given.ten_million:
            many = 10 * wish.rows
            parts.append(("memory-ten-million", many, partial(compare.peak, wish, measured, many)))
    return parts


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
