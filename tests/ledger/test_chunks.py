"""A chunk's rows and its "done" are one transaction, and only the run's owner can commit it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from outgrow.dialects.base import Dialect, Session
from outgrow.errors import LostOwnership
from outgrow.ledger import AlteredRecord, ChunkRecord, Ledger
from outgrow.lines import Digest

DONE = ChunkRecord("shop", 0, None, (10,), rows=10, bytes=99, digest=Digest(10, 2**127), seconds=0.5, way="COPY")


def commit_chunk(ledger: Ledger, session: Session, chunk: ChunkRecord) -> None:
    session.begin()
    try:
        ledger.chunk_done(session, chunk)
    except BaseException:
        session.rollback()
        raise
    session.commit()


def test_ranges_follow_each_other_and_the_last_is_open(ledger: Ledger) -> None:
    planned = ledger.plan_chunks("shop", [(10,), (20,)])
    assert [(c.number, c.low, c.high) for c in planned] == [(0, None, (10,)), (1, (10,), (20,)), (2, (20,), None)]
    assert not any(c.done for c in planned)


def test_a_table_without_boundaries_is_one_chunk(ledger: Ledger) -> None:
    assert [(c.low, c.high) for c in ledger.plan_chunks("shop", [])] == [(None, None)]


def test_stored_ranges_win_over_new_ones(ledger: Ledger) -> None:
    ledger.plan_chunks("shop", [("a", 1), ("é\t", 2)])
    again = ledger.plan_chunks("shop", [("z", 9)])
    assert [c.high for c in again] == [("a", 1), ("é\t", 2), None]


def test_a_done_chunk_reads_back_as_it_was_written(ledger: Ledger, connect: Callable[[], Session]) -> None:
    ledger.plan_chunks("shop", [(10,)])
    commit_chunk(ledger, connect(), DONE)
    first, second = ledger.chunks("shop")
    assert (first.rows, first.bytes, first.digest, first.seconds, first.way) == (10, 99, DONE.digest, 0.5, "COPY")
    assert first.done
    assert not second.done


def test_a_chunk_that_was_not_planned_can_be_done(
    ledger: Ledger, session: Session, connect: Callable[[], Session]
) -> None:
    commit_chunk(ledger, connect(), DONE)
    assert [c.rows for c in ledger.chunks()] == [10]


def test_a_rolled_back_chunk_is_not_done(ledger: Ledger, connect: Callable[[], Session]) -> None:
    ledger.plan_chunks("shop", [(10,)])
    worker = connect()
    worker.begin()
    ledger.chunk_done(worker, DONE)
    worker.rollback()
    assert not any(c.done for c in ledger.chunks())


def test_rows_and_done_are_seen_together_or_not_at_all(
    ledger: Ledger, dialect: Dialect, connect: Callable[[], Session]
) -> None:
    worker = connect()
    worker.execute(f"CREATE TABLE {dialect.quote('shop')} (n integer)")
    ledger.plan_chunks("shop", [])
    worker.begin()
    worker.execute("INSERT INTO shop (n) VALUES (1)")
    ledger.chunk_done(worker, DONE)
    worker.rollback()
    assert (worker.value("SELECT COUNT(*) FROM shop"), ledger.chunks()[0].done) == (0, False)
    worker.begin()
    worker.execute("INSERT INTO shop (n) VALUES (1)")
    ledger.chunk_done(worker, DONE)
    worker.commit()
    assert (worker.value("SELECT COUNT(*) FROM shop"), ledger.chunks()[0].done) == (1, True)


def test_a_forgotten_chunk_is_to_be_copied_again_without_its_recorded_fixes(
    ledger: Ledger, connect: Callable[[], Session]
) -> None:
    ledger.plan_chunks("shop", [(10,)])
    worker = connect()
    worker.begin()
    ledger.altered(worker, [AlteredRecord("shop", n, (n,), "name", "A101", "cut", "0a", "0b") for n in (0, 1)])
    ledger.chunk_done(worker, DONE)
    worker.commit()
    worker.begin()
    ledger.forget_chunk(worker, "shop", 0)
    worker.commit()
    assert not ledger.chunks()[0].done
    assert [a.chunk for a in ledger.altered_rows("shop")] == [1]


def test_a_chunk_of_a_former_owner_is_refused(
    ledger: Ledger, dialect: Dialect, session: Session, connect: Callable[[], Session]
) -> None:
    ledger.plan_chunks("shop", [(10,)])
    ledger.release()
    successor = Ledger.resume(dialect, connect())
    with pytest.raises(LostOwnership, match="taken over"):
        commit_chunk(ledger, connect(), DONE)
    assert not any(c.done for c in successor.chunks())
    commit_chunk(successor, connect(), DONE)
    assert successor.chunks()[0].done


def test_a_takeover_waits_for_a_commit_in_flight_and_then_sees_it(
    ledger: Ledger, dialect: Dialect, connect: Callable[[], Session]
) -> None:
    if dialect.one_writer:
        pytest.skip("one writer at a time: the file's own lock does this")
    ledger.plan_chunks("shop", [(10,)])
    ledger.release()
    worker = connect()
    worker.begin()
    ledger.chunk_done(worker, DONE)
    seen: list[bool] = []
    thread = threading.Thread(target=lambda: seen.append(Ledger.resume(dialect, connect()).chunks()[0].done))
    thread.start()
    time.sleep(0.5)
    assert not seen
    worker.commit()
    thread.join(10)
    assert seen == [True]


def test_two_workers_commit_without_waiting_for_each_other(
    ledger: Ledger, dialect: Dialect, connect: Callable[[], Session]
) -> None:
    if dialect.one_writer:
        pytest.skip("one writer at a time by its nature")
    ledger.plan_chunks("shop", [(10,)])
    one, other = connect(), connect()
    one.begin()
    ledger.chunk_done(one, DONE)
    commit_chunk(ledger, other, ChunkRecord("shop", 1, (10,), None, rows=3))  # would wait for ever
    one.commit()
    assert [c.rows for c in ledger.chunks()] == [10, 3]
