"""The limit: how fast the same rows can come in at all, from ready text files, with no reading, audit or proof.

Two at a time, the largest table first: load into bare tables, each finished table's indexes while others still load,
then the foreign keys, checked. Afterwards the catalog must be Django's again and every row there.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks import source
from benchmarks.loaders import LOADERS, Bare, Loader
from benchmarks.targets import Target

AT_ONCE = 2
DEADLOCK = 1213
Files = Mapping[str, tuple[Path, list[str]]]


def variants(target: Target, *, slow: bool = False) -> tuple[str, ...]:
    loader = LOADERS[target.engine]
    return (*loader.VARIANTS, *(loader.SLOW if slow else ()))


def measure(target: Target, rows: Path, variant: str) -> dict[str, Any]:
    """Seconds of one load, by phase; the limit of an engine is its fastest variant."""
    loader = LOADERS[target.engine]
    with target.fresh() as url, tempfile.TemporaryDirectory() as folder:
        source.manage(url, "migrate", "--verbosity=0")
        with closing(loader.connect(target, url)) as connection:
            before = loader.catalog(connection)
            _empty(target, connection, source.counts(rows))
            files = source.text_files(rows, Path(folder), loader.intervals(connection))
            bare = loader.strip(connection, variant)
        target.rest()
        seconds = _Crew(loader, target, url, files, bare).run()
        source.compare_counts(source.counts(rows), target.counts(url, list(files)))
        with closing(loader.connect(target, url)) as connection:
            if changed := before ^ loader.catalog(connection):
                raise RuntimeError(f"the limit's tables are not what Django made: {sorted(changed)[:5]}")
    return {"what": "limit", "variant": variant, **seconds}


def fill(target: Target, url: str, rows: Path) -> None:
    """Load a database as the limit does, to be the source of a further measurement."""
    loader = LOADERS[target.engine]
    with tempfile.TemporaryDirectory() as folder:
        source.manage(url, "migrate", "--verbosity=0")
        with closing(loader.connect(target, url)) as connection:
            _empty(target, connection, source.counts(rows))
            files = source.text_files(rows, Path(folder), loader.intervals(connection))
            bare = loader.strip(connection, loader.VARIANTS[0])
        _Crew(loader, target, url, files, bare).run()


def _empty(target: Target, connection: Any, tables: Iterable[str]) -> None:
    """What migrations inserted goes; the source's rows are a superset of it."""
    cursor = connection.cursor()
    if target.engine == "postgresql":
        cursor.execute("TRUNCATE " + ",".join(f'"{t}"' for t in tables) + " CASCADE")
        return
    cursor.execute("SET SESSION foreign_key_checks=0")
    for table in tables:
        cursor.execute(f"DELETE FROM `{table}`")
    cursor.execute("SET SESSION foreign_key_checks=1")


class _Crew:
    """Two connections at work, each in its thread."""

    def __init__(self, loader: Loader, target: Target, url: str, files: Files, bare: Bare) -> None:
        self.files, self.bare, self.loader = files, bare, loader
        self.connect: Callable[[], Any] = lambda: loader.connect(target, url)
        self.local = threading.local()
        self.open: list[Any] = []

    def run(self) -> dict[str, Any]:
        sizes = {table: path.stat().st_size for table, (path, _) in self.files.items()}
        order = sorted(self.files, key=lambda table: -sizes[table])
        idle = [table for table in self.bare.indexes if table not in self.files]
        start = time.perf_counter()
        try:
            with ThreadPoolExecutor(AT_ONCE, initializer=self._enter) as pool:
                loads = [pool.submit(self._load, table) for table in order]
                after = [pool.submit(self._indexes, table, n) for table in idle for n in self._numbers(table)]
                for table, load in zip(order, loads, strict=True):
                    load.result()
                    after += [pool.submit(self._indexes, table, n) for n in self._numbers(table)]
                loaded = time.perf_counter()
                _all(after)
                indexed = time.perf_counter()
                with closing(self.connect()) as connection:
                    for statements in self.bare.attach.values():
                        self._execute(connection, statements)
                heavy = sorted(self.bare.keys, key=lambda table: -sizes.get(table, 0))
                _all([pool.submit(self._keys, table) for table in heavy])
                done = time.perf_counter()
        finally:
            for connection in self.open:
                connection.close()
        phases = {"load": loaded - start, "indexes": indexed - loaded, "keys": done - indexed}
        return {"seconds": done - start, "phases": phases}

    def _numbers(self, table: str) -> range:
        return range(len(self.bare.indexes.get(table, ())))

    def _enter(self) -> None:
        self.local.connection = self.connect()
        self.open.append(self.local.connection)

    def _load(self, table: str) -> None:
        path, columns = self.files[table]
        self.loader.load(self.local.connection, table, columns, path)

    def _indexes(self, table: str, number: int) -> None:
        self._execute(self.local.connection, [self.bare.indexes[table][number]])

    def _keys(self, table: str) -> None:
        self._execute(self.local.connection, self.bare.keys[table])

    def _execute(self, connection: Any, statements: Iterable[str]) -> None:
        cursor = connection.cursor()
        for statement in statements:
            self._patiently(cursor, statement)
            if cursor.description and cursor.fetchone():
                raise RuntimeError(f"a child without a parent: {statement}")

    def _patiently(self, cursor: Any, statement: str) -> None:
        """MySQL ends one of two ALTERs that lock each other's parents; it has done nothing and comes again."""
        for _ in range(100):
            try:
                cursor.execute(statement)
                return
            except Exception as error:
                if error.args[:1] != (DEADLOCK,):
                    raise
                time.sleep(0.02)
        raise RuntimeError(f"still a deadlock: {statement[:100]}")


def _all(futures: list[Future[None]]) -> None:
    wait(futures, return_when=FIRST_EXCEPTION)
    for future in futures:
        future.result()
