"""The copy: chunks spread over workers, each chunk one transaction on the target together with its ledger row.

A worker reads pieces of lines from the snapshot and hands them on; the server parses one piece while the source renders
the next, and nothing is buffered beyond that (back-pressure is the socket's or the FIFO's).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace

from outgrow.dialects.base import Dialect, Key, Range, Session, Snapshot, Trouble
from outgrow.errors import Interrupted, OutgrowError, Unreachable
from outgrow.events import Event, Watch
from outgrow.fixes import Patcher
from outgrow.ledger import Ledger
from outgrow.ledger.records import AlteredRecord, ChunkRecord
from outgrow.lines import DOUBT, Digest, Kind, digest
from outgrow.patience import Patience, patiently
from outgrow.plan import TablePlan
from outgrow.transfer.agenda import Agenda
from outgrow.transfer.refused import doubtful_cells, name_refused

CHUNK_BYTES = 16 << 20
LEAST_ROWS, MOST_ROWS = 500, 100_000
TELL_EVERY = 0.1  # seconds between the progress events of a chunk; one for each piece took 4% of a copy's time
ATTEMPTS = 5  # while others hold locks


class SourceFailed(OutgrowError):
    """A row could not be read; the run is resumed with a new snapshot."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What the copy did to one table."""

    table: str
    rows: int
    again: int = 0  # chunks that a resumed run had to copy again because the source had changed


@dataclass
class _Worker:
    """One thread's two sessions."""

    source: Session
    target: Session | None = None
    broken: Session | None = None  # the target session before this one, if it was lost


@dataclass
class Transfer:
    """Copies the plan's tables. ``on_table`` is called (from a worker) when a table's last chunk is committed."""

    source: Dialect
    snapshot: Snapshot
    target: Dialect
    ledger: Ledger
    tables: Sequence[TablePlan]
    jobs: int
    watch: Watch
    patchers: Mapping[str, Patcher] = field(default_factory=dict)
    on_table: Callable[[TablePlan], None] = lambda table: None
    show_values: bool = False

    def __post_init__(self) -> None:
        limits = [self.jobs, self.snapshot.sessions or self.jobs, 1 if self.target.one_writer else self.jobs]
        self.workers = max(1, min(limits))
        self._stop = threading.Event()
        self._local = threading.local()
        self._opened: list[_Worker] = []
        self._lock = threading.Lock()
        self._left: dict[str, int] = {}
        self._again: dict[str, int] = {}
        self._by_name = {table.name: table for table in self.tables}

    # -- the whole copy -----------------------------------------------------------------------------------------------
    def plan_chunks(self) -> list[ChunkRecord]:
        """Every chunk, largest table first; ranges that the ledger knows stay as they are."""
        cuts: list[list[Key]] = []
        with self.snapshot.session() as session:
            for table in self.tables:
                width = max(1, table.source.bytes // max(1, table.source.rows))
                rows = max(LEAST_ROWS, min(MOST_ROWS, CHUNK_BYTES // width))
                large = table.source.rows > rows
                cuts.append(self.source.boundaries(session, table.source_reading, rows) if large else [])
        found: list[ChunkRecord] = []
        with self.ledger.together():
            for table, ends in zip(self.tables, cuts, strict=True):
                chunks = self.ledger.plan_chunks(table.name, ends)
                self._left[table.name] = len(chunks)
                found += chunks
        return found

    def run(self) -> list[Copied]:
        """Copy everything that is not copied yet, then return what was done per table."""
        chunks = self.plan_chunks()
        pool = ThreadPoolExecutor(self.workers, thread_name_prefix="outgrow-copy")
        try:
            alone = self._alone()
            while chunks:
                agenda = Agenda(chunks, alone)
                futures = [pool.submit(self._work, agenda) for _ in range(self.workers)]
                done, _ = wait(futures, return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()
                chunks = self._forgotten()
        except BaseException as error:
            self.stop()
            pool.shutdown(wait=True, cancel_futures=True)
            if isinstance(error, KeyboardInterrupt):
                raise Interrupted("Stopped.") from error
            raise
        finally:
            pool.shutdown(wait=True)
            self._close()
        rows: dict[str, int] = {table.name: 0 for table in self.tables}
        for chunk in self._recorded():
            rows[chunk.table] = rows.get(chunk.table, 0) + chunk.rows
        return [Copied(table.name, rows[table.name], self._again.get(table.name, 0)) for table in self.tables]

    def _alone(self) -> frozenset[str]:
        """Tables of which two chunks at once are no faster than one."""
        if self.workers == 1:
            return frozenset()
        try:
            with self.target.connect() as session:
                wait = self.target.loads_wait(session, [t.target for t in self.tables if t.target])
                return frozenset(t.name for t in self.tables if t.target and t.target.name in wait)
        except Unreachable:
            return frozenset()  # the workers wait for it to come back

    def _forgotten(self) -> list[ChunkRecord]:
        """Chunks that were committed and are not: a server that crashed may lose its last commits, each of them whole.

        The check before it is a commit that is on disk before it returns, and so is all that was committed earlier.
        """
        patiently(self.target, self.watch, "copy", self.ledger.check)
        return [c for c in self._recorded() if not c.done and c.table in self._by_name]

    def _recorded(self) -> list[ChunkRecord]:
        """Tables that are done are restored meanwhile, which may be when the target goes away."""
        return patiently(self.target, self.watch, "copy", self.ledger.chunks)

    def stop(self) -> None:
        """Make every worker give up its chunk at once; what is committed stays."""
        self._stop.set()
        with self._lock:
            for worker in self._opened:
                worker.source.cancel()
                if worker.target is not None:
                    worker.target.cancel()

    # -- one chunk ----------------------------------------------------------------------------------------------------
    def _work(self, agenda: Agenda) -> None:
        """What one worker does until nothing is left."""
        while not self._stop.is_set() and (chunk := agenda.take()):
            try:
                self._chunk(self._by_name[chunk.table], chunk)
            finally:
                agenda.done(chunk)

    def _chunk(self, table: TablePlan, chunk: ChunkRecord) -> None:
        worker = self._worker()
        if chunk.done and self._unchanged(worker, table, chunk):
            self.watch(Event("progress", "copy", table.name, rows=chunk.rows, bytes=chunk.bytes))
        else:
            self._copy(worker, table, chunk)
        with self._lock:
            self._left[table.name] -= 1
            last = not self._left[table.name]
        if last:
            self.on_table(table)

    def _unchanged(self, worker: _Worker, table: TablePlan, chunk: ChunkRecord) -> bool:
        """A resumed run re-reads the source once: what differs from the finished chunk is copied again, and said."""
        pieces = self._pieces(worker, table, chunk, _Tally())
        if sum((digest(piece) for piece in pieces), Digest()) == chunk.digest:
            return True
        self._again[table.name] = self._again.get(table.name, 0) + 1
        self.watch(Event("note", "copy", table.name, text=f"{table.name}: the source changed; a chunk is copied again"))
        return False

    def _copy(self, worker: _Worker, table: TablePlan, chunk: ChunkRecord) -> None:
        patience = Patience(self.target, self.watch, "copy", table.name)
        attempt = 0
        while True:
            attempt += 1
            tally = _Tally()
            try:
                self._attempt(worker, table, chunk, tally, again=attempt > 1)
                return
            except Exception as error:
                self._take_back(worker, table, tally)
                if self._stop.is_set() and (isinstance(error, Unreachable) or not isinstance(error, OutgrowError)):
                    raise Interrupted("Stopped.") from error
                if patience.lasts(error):
                    _let_go(worker)
                elif isinstance(error, OutgrowError):
                    raise
                elif self.target.trouble(error) is not Trouble.BUSY or attempt >= ATTEMPTS:
                    raise self._failure(worker, table, chunk, error) from error
            self._stop.wait(patience.pause())

    def _failure(self, worker: _Worker, table: TablePlan, chunk: ChunkRecord, error: Exception) -> OutgrowError:
        """What a person should read."""
        if self.target.trouble(error) is Trouble.DATA:
            pieces = list(self._pieces(worker, table, chunk, _Tally()))
            return name_refused(self.target, self._target(worker), table, pieces, error)
        return OutgrowError(
            f"Copying {table.name} stopped: {self.target.explain(error)}; mend the cause and go on with --resume."
        )

    def _attempt(
        self, worker: _Worker, table: TablePlan, chunk: ChunkRecord, tally: _Tally, *, again: bool = False
    ) -> None:
        target = self._target(worker)
        start = time.monotonic()
        assert table.target is not None
        target.begin()
        if again or chunk.done or self.ledger.epoch > 1:  # a commit whose answer was lost may have been one
            self._empty(target, table, chunk)
        pieces = self._counted(table, chunk, self._pieces(worker, table, chunk, tally), tally)
        written = self.target.write(target, table.target, table.target_reading.columns, pieces)
        if written != tally.digest.rows:
            raise OutgrowError(
                f"The target stored {written} of {tally.digest.rows} rows of a chunk of {table.name} and named no "
                "error: look for a trigger or rule on that table; the chunk was rolled back."
            )
        if tally.altered:
            self.ledger.altered(target, tally.altered)
        record = replace(
            chunk, rows=tally.digest.rows, bytes=tally.bytes, digest=tally.digest, seconds=time.monotonic() - start,
            finished_at=time.time(), way=self._way(target),
        )  # fmt: skip
        self.ledger.chunk_done(target, record)
        target.commit()
        self._tell(table, tally)

    def _empty(self, target: Session, table: TablePlan, chunk: ChunkRecord) -> None:
        """Before a range is copied again: whatever the target holds of it goes.

        Rows are there only where the ledger says so, for they commit with its entry; and to look for them without need
        would read the whole table for each chunk, as its primary key is set aside.
        """
        if self.ledger.forget_chunk(target, chunk.table, chunk.number):
            self.target.delete(target, table.target_reading, Range(chunk.low, chunk.high))

    def _pieces(self, worker: _Worker, table: TablePlan, chunk: ChunkRecord, tally: _Tally) -> Iterator[bytes]:
        """The chunk's pieces after the fixes; a cell that could not be rendered ends it by name."""
        patcher = self.patchers.get(table.name)
        judged = [i for i, (_, kind) in enumerate(table.source_reading.columns) if kind is not Kind.TEXT]
        for piece in self._read(worker, table, chunk):
            if self._stop.is_set():
                raise Interrupted("Stopped.")
            data = piece
            if patcher is not None:
                data, altered = patcher.patch(data)
                tally.altered += [_record(chunk, a) for a in altered]
            if DOUBT[:1] in data and DOUBT in data:  # one byte is found ten times as fast as two
                doubtful_cells(table, data, judged)
            if data:
                yield data

    def _read(self, worker: _Worker, table: TablePlan, chunk: ChunkRecord) -> Iterator[bytes]:
        """The source's pieces; what goes wrong there is told apart from the target's troubles, and never tried again:
        the moment that a lost session saw cannot be seen twice."""
        try:
            yield from self.source.lines(worker.source, table.source_reading, Range(chunk.low, chunk.high))
        except OutgrowError:
            raise
        except Exception as error:
            if self._stop.is_set():
                raise Interrupted("Stopped.") from error
            lost = self.source.trouble(error) is Trouble.LOST
            what = "the source went away" if lost else "the source cannot be read"
            raise SourceFailed(
                f"{what} while {table.name} was copied ({self.source.explain(error)}): mend that, then go on with "
                "--resume."
            ) from error

    def _counted(self, table: TablePlan, chunk: ChunkRecord, pieces: Iterator[bytes], tally: _Tally) -> Iterator[bytes]:
        for piece in pieces:
            tally.digest += digest(piece)
            tally.bytes += len(piece)
            yield piece
            if time.monotonic() - tally.told_at >= TELL_EVERY:
                self._tell(table, tally)

    def _tell(self, table: TablePlan, tally: _Tally) -> None:
        """Rows and bytes since the last event."""
        before, tally.told = tally.told, _Told(tally.digest.rows, tally.bytes)
        tally.told_at = time.monotonic()
        new = _Told(tally.told.rows - before.rows, tally.told.bytes - before.bytes)
        if new.rows:
            self.watch(Event("progress", "copy", table.name, rows=new.rows, bytes=new.bytes))

    def _take_back(self, worker: _Worker, table: TablePlan, tally: _Tally) -> None:
        if worker.target is not None:
            worker.target.rollback()
        if tally.told.rows:
            self.watch(Event("progress", "copy", table.name, rows=-tally.told.rows, bytes=-tally.told.bytes))

    # -- sessions -----------------------------------------------------------------------------------------------------
    def _worker(self) -> _Worker:
        worker: _Worker | None = getattr(self._local, "worker", None)
        if worker is None:
            worker = self._local.worker = _Worker(self.snapshot.session())
            with self._lock:
                self._opened.append(worker)
        return worker

    def _target(self, worker: _Worker) -> Session:
        if worker.target is None:
            session = self.target.connect()
            try:
                self.target.prepare_writer(session)
                self.ledger.join(session, replaces=worker.broken)
            except BaseException:
                session.close()
                raise
            worker.target, worker.broken = session, None
        return worker.target

    def _way(self, target: Session) -> str:
        way: str | None = getattr(self._local, "way", None)
        if way is None:
            way = self._local.way = self.target.write_path(target)
        return way

    def _close(self) -> None:
        for worker in self._opened:
            for session in (worker.source, worker.target):
                if session is not None:
                    session.close()


@dataclass(frozen=True, slots=True)
class _Told:
    rows: int = 0
    bytes: int = 0


@dataclass
class _Tally:
    """What one attempt at a chunk has read so far, and how much of it the watchers know."""

    digest: Digest = Digest()  # noqa: RUF009 - frozen
    bytes: int = 0
    altered: list[AlteredRecord] = field(default_factory=list)
    told: _Told = _Told()
    told_at: float = 0.0


def _let_go(worker: _Worker) -> None:
    """Of a target session that was lost; the next one takes its place in the ledger."""
    if worker.target is not None:
        worker.target.close()
        worker.broken, worker.target = worker.target, None


def _record(chunk: ChunkRecord, altered: object) -> AlteredRecord:
    a = altered
    return AlteredRecord(chunk.table, chunk.number, a.key, a.column, a.rule, a.action, a.before, a.after)  # type: ignore[attr-defined]
