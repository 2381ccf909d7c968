"""Memory of all our processes, the command and its children: the sum of their PSS, every 100 ms, at its highest.

PSS shares a page between the processes that map it, so the sum counts nothing twice. Servers are not ours.
"""

from __future__ import annotations

import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks import ours
from benchmarks.targets import started

EVERY = 0.1
TARGETS = ("postgresql", "mysql", "mariadb", "sqlite")
MB = 1e6


class Sampler:
    """Looks at a process and all that descend from it, until it is gone."""

    def __init__(self) -> None:
        self.highest = 0
        self.at = 0.0
        self.processes = 0
        self.samples = 0
        self._thread: threading.Thread | None = None

    def watch(self, pid: int) -> None:
        self._thread = threading.Thread(target=self._look, args=(pid, time.monotonic()), daemon=True)
        self._thread.start()

    def finish(self) -> dict[str, Any]:
        assert self._thread is not None
        self._thread.join(30)
        return {
            "MB": self.highest / MB, "at second": self.at, "samples": self.samples,
            "processes at most": self.processes,
        }  # fmt: skip

    def _look(self, pid: int, start: float) -> None:
        while (family := _family(pid))[0] == pid and (sizes := [_pss(p) for p in family])[0]:
            self.samples += 1
            self.processes = max(self.processes, sum(size > 0 for size in sizes))
            if sum(sizes) > self.highest:
                self.highest, self.at = sum(sizes), time.monotonic() - start
            time.sleep(max(0.0, EVERY - (time.monotonic() - start) % EVERY))


def _family(pid: int) -> list[int]:
    """The process and its descendants, by /proc/PID/task/*/children."""
    found = [pid]
    for parent in found:
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += [int(child) for child in children.read_text().split()]
            except OSError:
                continue
    return found


def _pss(pid: int) -> int:
    """Bytes; 0 of a process that has ended."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def measure(engine: str, rows: Path, *, durable: bool) -> dict[str, Any]:
    """The highest sum while one move ran; the sampling slows the move, so its seconds are not used elsewhere."""
    sampler = Sampler()
    if engine == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            done = ours.move(ours.sqlite_url(rows), ours.sqlite_url(Path(folder) / "new.sqlite3"), sampler.watch)
            return _result(engine, {"engine": "sqlite"}, done, sampler)
    with started(engine, durable=durable) as target, target.fresh() as url:
        done = ours.move(ours.sqlite_url(rows), url, sampler.watch)
        return _result(engine, target.facts(), done, sampler)


def _result(engine: str, server: dict[str, Any], done: dict[str, Any], sampler: Sampler) -> dict[str, Any]:
    return {
        "target": engine, "server": server, **sampler.finish(), "rows": done["rows"], "seconds": done["seconds"],
    }  # fmt: skip
