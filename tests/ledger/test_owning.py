"""One mover at a time: who begins, who resumes, and who is refused."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil
import pytest

from outgrow.dialects.base import Dialect, ObjectKind, SchemaObject, Session, SetAside
from outgrow.errors import LostOwnership, Refused
from outgrow.ledger import Ledger, State
from outgrow.ledger.records import COUNTED
from outgrow.places import Place
from outgrow.workers import Heartbeat
from tests.ledger.conftest import BEGIN

MOVER = """
import sys, time, django
from django.conf import settings
settings.configure(USE_TZ=True, INSTALLED_APPS=["outgrow"])
django.setup()
from outgrow.places import resolve
from outgrow.dialects import dialect_for
from outgrow.ledger import Ledger, ChunkRecord
from outgrow.workers import Heartbeat
dialect = dialect_for(resolve("env:TARGET").settings)
ledger = Ledger.begin(dialect, dialect.connect(), plan_json="{}", source="s", target="t", options={})
ledger.plan_chunks("shop", [])
worker = dialect.connect()
ledger.join(worker)
beating = dialect.connect()
with Heartbeat(lambda: ledger.beat(beating), 0.2):
    if sys.argv[1] == "mid-chunk":
        worker.begin()
        ledger.chunk_done(worker, ChunkRecord("shop", 0, rows=1))
    print("at work", flush=True)
    sys.stdin.readline()
    worker.commit() if sys.argv[1] == "mid-chunk" else ledger.set_state("copying")
"""


@contextmanager
def another_mover(place: Place, url: str, doing: str = "nothing") -> Iterator[subprocess.Popen[str]]:
    """A process that has begun a move into the place and goes on at a line of input."""
    process = subprocess.Popen(
        [sys.executable, "-c", MOVER, doing],
        env={**os.environ, "TARGET": url},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "at work\n", process.communicate()[1]
        yield process
    finally:
        process.kill()
        process.communicate()


def pause(pid: int) -> None:
    """SIGSTOP, and wait until the process has really stopped."""
    os.kill(pid, signal.SIGSTOP)
    while psutil.Process(pid).status() != psutil.STATUS_STOPPED:
        time.sleep(0.01)


@pytest.fixture
def url(place: Place) -> str:
    s = place.settings
    if "sqlite" in s["ENGINE"]:
        return f"sqlite:///{s['NAME']}"
    scheme = "postgresql" if "postgresql" in s["ENGINE"] else "mysql"
    return f"{scheme}://{s['USER']}:{s['PASSWORD']}@{s['HOST']}:{s['PORT']}/{s['NAME']}"


def test_an_empty_database_holds_no_ledger_and_asking_makes_none(dialect: Dialect, session: Session) -> None:
    assert not Ledger.exists(dialect, session)
    assert Ledger.last(dialect, session) is None
    with pytest.raises(Refused, match="nothing to resume"):
        Ledger.resume(dialect, session)
    assert dialect.tables(session) == {}


def test_a_new_run_is_planned_and_owned(ledger: Ledger) -> None:
    assert (ledger.run_id, ledger.epoch, ledger.state) == (1, 1, State.PLANNED)
    assert ledger.holder.pid == os.getpid()


def test_the_way_through_the_states_is_kept(ledger: Ledger, dialect: Dialect, connect: Callable[[], Session]) -> None:
    for state in (State.COPYING, State.RESTORING, State.COPIED, State.VERIFIED):
        ledger.set_state(state)
        ledger.set_state(state)
        seen = Ledger.last(dialect, connect())
        assert seen is not None
        assert seen.state is state
    assert ledger.record().finished is not None


def test_an_unfinished_run_is_not_begun_over(ledger: Ledger, dialect: Dialect, connect: Callable[[], Session]) -> None:
    ledger.release()
    with pytest.raises(Refused, match=r"--resume, or begin again with --restart"):
        Ledger.begin(dialect, connect(), **BEGIN)


def test_a_finished_run_is_followed_by_the_next(
    ledger: Ledger, dialect: Dialect, connect: Callable[[], Session]
) -> None:
    ledger.set_state(State.VERIFIED)
    ledger.release()
    assert Ledger.begin(dialect, connect(), **BEGIN).run_id == 2
    assert ledger.state is State.VERIFIED


@pytest.mark.parametrize("state", [State.COPIED, State.VERIFIED])
def test_a_copied_run_can_be_resumed_only_until_the_project_was_loaded_through_it(
    state: State, dialect: Dialect, connect: Callable[[], Session]
) -> None:
    ledger = Ledger.begin(dialect, connect(), **BEGIN)
    ledger.set_state(state)
    ledger.release()
    ledger = Ledger.resume(dialect, connect())
    ledger.fact(COUNTED, True)
    ledger.release()
    with pytest.raises(Refused, match=f"the last move is {state}"):
        Ledger.resume(dialect, connect())


def test_restart_abandons_the_run_and_inherits_what_was_set_aside(
    ledger: Ledger, dialect: Dialect, connect: Callable[[], Session]
) -> None:
    index = SchemaObject("shop", "by_name", ObjectKind.INDEX, ("name",), definition="CREATE INDEX …")
    foreign = SchemaObject("shop", "owner", ObjectKind.FOREIGN, ("owner_id",), refers=("auth_user", ("id",)))
    items = [SetAside(o, (f"DROP '{o.name}'",), ("CREATE 1", "CREATE 2"), ("VALIDATE",), 3) for o in (index, foreign)]
    ledger.record_set_aside(items)
    ledger.restored(items[0])
    ledger.release()
    successor = Ledger.begin(dialect, connect(), **BEGIN, restart=True)
    assert [r.item for r in successor.set_aside()] == [items[1]]
    assert ledger.record().state == State.ABANDONED
    with pytest.raises(LostOwnership):
        ledger.set_state(State.COPYING)


def test_what_is_set_aside_reads_back_equal_and_is_recorded_once(ledger: Ledger) -> None:
    item = SetAside(SchemaObject("t", "ünïque", ObjectKind.UNIQUE, ("a", "b"), condition="x > 0"), ("D",), ("C",))
    ledger.record_set_aside([item])
    ledger.record_set_aside([item])
    assert [(r.item, r.restored) for r in ledger.set_aside()] == [(item, False)]
    ledger.restored(item)
    assert [r.restored for r in ledger.set_aside()] == [True]


def test_a_second_mover_is_refused_and_told_who_holds_the_run(place: Place, url: str, dialect: Dialect) -> None:
    with another_mover(place, url) as first, dialect.connect() as session:
        for attempt in (lambda: Ledger.begin(dialect, session, **BEGIN), lambda: Ledger.resume(dialect, session)):
            with pytest.raises(Refused, match=f"process {first.pid} on "):
                attempt()


def test_a_killed_mover_is_taken_over_at_once(place: Place, url: str, dialect: Dialect) -> None:
    with another_mover(place, url, "mid-chunk") as first, dialect.connect() as session:
        first.kill()
        first.wait()
        start = time.monotonic()
        ledger = Ledger.resume(dialect, session)
        assert time.monotonic() - start < 5
        assert ledger.epoch == 2
        assert not ledger.chunks("shop")[0].done


def test_a_stopped_mover_is_taken_over_when_its_heartbeat_is_stale(place: Place, url: str, dialect: Dialect) -> None:
    with another_mover(place, url) as first, dialect.connect() as session:
        pause(first.pid)
        ledger = Ledger.resume(dialect, session, patience=1)
        os.kill(first.pid, signal.SIGCONT)
        _, errors = first.communicate("go on\n")
        assert "LostOwnership" in errors
        assert ledger.state is State.PLANNED


def test_a_stopped_process_that_is_still_heard_of_is_not_taken_over(place: Place, url: str, dialect: Dialect) -> None:
    with another_mover(place, url) as first, dialect.connect() as session, dialect.connect() as beating:
        pause(first.pid)
        ledger = Ledger.last(dialect, session)
        assert ledger is not None
        with Heartbeat(lambda: ledger.beat(beating), 0.1), pytest.raises(Refused, match=f"process {first.pid}"):
            Ledger.resume(dialect, session, patience=60)


def test_a_mover_stopped_inside_a_transaction_does_not_block_its_successor(
    place: Place, url: str, dialect: Dialect
) -> None:
    if dialect.one_writer:
        pytest.skip("a stopped process keeps the lock of a SQLite file; no other can take it away")
    with another_mover(place, url, "mid-chunk") as first, dialect.connect() as session:
        pause(first.pid)
        start = time.monotonic()
        ledger = Ledger.resume(dialect, session, patience=0.5)
        assert time.monotonic() - start < 10
        assert not ledger.chunks("shop")[0].done
        os.kill(first.pid, signal.SIGCONT)
        _, errors = first.communicate("commit\n")
        assert errors
        assert not ledger.chunks("shop")[0].done


def test_of_two_who_begin_at_the_same_moment_one_is_refused(dialect: Dialect, connect: Callable[[], Session]) -> None:
    Ledger.begin(dialect, connect(), **BEGIN).release()
    import threading

    outcomes: list[str] = []
    ready = threading.Barrier(2)

    def attempt(session: Session) -> None:
        ready.wait()
        try:
            Ledger.begin(dialect, session, **BEGIN, restart=True, patience=0)
            outcomes.append("began")
        except Refused:
            outcomes.append("refused")

    threads = [threading.Thread(target=attempt, args=(connect(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    last = Ledger.last(dialect, connect())
    assert last is not None
    assert outcomes.count("began") >= 1
    assert (sorted(outcomes), last.run_id) in ((["began", "refused"], 2), (["began", "began"], 3))


def test_the_ledger_stores_no_absolute_secret(ledger: Ledger, place: Place, session: Session, dialect: Dialect) -> None:
    password = place.settings["PASSWORD"]
    if not password:
        pytest.skip("this engine has no password here")
    names = [t for t in dialect.tables(session) if t.startswith("outgrow_")]
    everything = repr([session.query(f"SELECT * FROM {dialect.quote(name)}") for name in names])
    assert password not in everything
