"""Several movers and one target: one owns the run, the others are refused, whatever they wake up to do."""

from __future__ import annotations

import signal
import socket
import time
from pathlib import Path

import pytest

from tests import PROVE

from .driver import HASTY, POINTS, SMALL

# Where the first mover stops itself: with which lock, transaction or child process open.
STOPS = {
    "while the schema is made": "import outgrow.schema.make as m; before(m, '_hear', stop, at=4)",
    "before the rows of migrations are cleared": "import outgrow.pipeline.moving as m; before(m, 'clear_rows', stop)",
    "while indexes are dropped": r"at_statement(r'(ALTER|DROP) .*(DROP|INDEX)', stop, after=True)",
    "in a chunk": "in_chunk(3, stop)",
    "before a chunk is committed": "from outgrow.ledger import Ledger; before(Ledger, 'chunk_done', stop, at=3)",
    "in the ledger's own transaction": r"at_statement(r'UPDATE .outgrow_run. SET', stop, at=12, after=True)",
    "while an index is built": r"at_statement(r'CREATE (UNIQUE )?INDEX|ALTER .* ADD ', stop, after=True)",
    "while it verifies": "from outgrow.verify import Verify; before(Verify, '_chunk', stop, at=2)",
}
CASES = [("postgresql", name) for name in STOPS] + [
    (engine, name) for engine in ("mysql", "mariadb") for name in STOPS if PROVE or (engine, name) in {
        ("mysql", "in a chunk"), ("mariadb", "while indexes are dropped"), ("mariadb", "before a chunk is committed"),
    }
]  # fmt: skip


@pytest.mark.parametrize(("engine", "place"), CASES)
def test_a_mover_that_was_stopped_cannot_write_after_another_took_over(engine, place, shop, make_target, intact):
    target = make_target(engine)
    first = shop.start(target, patch=POINTS + STOPS[place])
    first.until_stopped()
    try:
        second = shop.run(target, "--resume", patch=SMALL + HASTY)
        assert second.code == 0, second.err
        intact("shop", engine, target)
    finally:
        first.signal(signal.SIGCONT)
    ended = first.end()
    assert ended.code == 3, ended.err
    assert "another process has taken over" in ended.said.lower()
    assert "Traceback" not in ended.err
    intact("shop", engine, target)


@pytest.mark.parametrize("engine", ["postgresql", "mysql", "mariadb", "sqlite"] if PROVE else ["postgresql", "mariadb"])
@pytest.mark.parametrize("option", [(), ("--resume",), ("--restart",)])
def test_a_second_mover_is_refused_and_told_who_is_at_work(engine, option, tmp_path, shop, make_target, intact):
    target, gate = make_target(engine), tmp_path / "gate"
    first = shop.start(target, patch=POINTS + f"in_chunk(3, wait_for({str(gate)!r}))")
    first.until(lambda events: Path(f"{gate}.here").exists())
    second = shop.run(target, *option)
    gate.touch()
    assert second.code == 2, second.err
    assert f"process {first.pid} on {socket.gethostname()}" in second.said
    assert "Traceback" not in second.err
    assert first.end().code == 0
    intact("shop", engine, target)


@pytest.mark.parametrize("engine", ["postgresql", "mysql", "mariadb"])
def test_of_two_movers_that_start_at_once_one_moves(engine, shop, make_target, intact):
    target = make_target(engine)
    movers = [shop.start(target) for _ in range(2)]
    codes = sorted(mover.end().code for mover in movers)
    assert codes == [0, 2], [mover.end().err for mover in movers]
    loser = next(mover.end() for mover in movers if mover.code() == 2)
    assert "Another move into this target is running" in loser.said
    intact("shop", engine, target)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_copy_with_one_sentence_and_can_be_resumed(number, shop, make_target, intact):
    target = make_target("postgresql")
    mover = shop.start(target, patch=POINTS + "slow_pieces(0.05)")
    mover.until(lambda events: any(e["kind"] == "progress" and e["step"] == "copy" for e in events))
    mover.signal(number)
    ended = mover.end(seconds=20)
    assert ended.code == 130
    assert ended.err.strip().splitlines() == [ended.said]
    assert ended.said.startswith("Stopped: go on with `outgrow move --to env:TARGET --resume`")
    shop.finish(target)
    intact("shop", "postgresql", target)


@pytest.mark.parametrize("engine", ["postgresql", "mysql", "mariadb", "sqlite"] if PROVE else ["postgresql"])
@pytest.mark.parametrize("step", ["check", "audit source", "schema", "restore", "verify", "settings"])
def test_control_c_is_clean_in_every_step(engine, step, shop, make_target, intact):
    target = make_target(engine)
    mover = shop.start(target)
    assert mover.until_step(step)
    time.sleep(0.03)
    mover.signal(signal.SIGINT)
    ended = mover.end(seconds=20)
    assert ended.code in (130, 0), ended.err
    if ended.code:
        assert ended.said.startswith("Stopped: ")
        assert "Traceback" not in ended.err
        assert ("--resume" in ended.said) == (step not in ("check", "audit source"))
        shop.finish(target)
    intact("shop", engine, target)
