#!/usr/bin/env python3
"""Put a version into service without a failed request, or leave the old one as it was.

    deploy/deploy.py deploy IMAGE@sha256:...     migrate, start, wait until ready, switch, restart the workers, drain,
                                                 stop the old one
    deploy/deploy.py rollback                    the version before, without migrating
    deploy/deploy.py status

`deploy` below tells the whole story. The workflow, a person on the host and the tests all run this file; where a
version runs is the driver's business: containers of compose.prod.yaml, or plain processes (--driver processes).

Migrations only ever expand (new tables, new columns with defaults): the old version runs on the new tables while both
are up, and so does a rollback. What contracts comes with a later version, when nothing uses the old columns any more.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

sys.path.insert(0, str(Path(__file__).resolve().parent))

from state import Failed, State, Unfinished, Version


class Driver(Protocol):
    """How versions run. Each method raises Failed with a sentence; `stop` of what does not run is nothing, a `switch`
    that fails has changed nothing, and `close` ends nginx. `work` ends the workers that there are and starts those of a
    version, whose names it returns; without a version none.
    """

    def migrate(self, version: Version) -> None: ...
    def start(self, version: Version) -> None: ...
    def ready(self, version: Version) -> bool: ...
    def switch(self, version: Version) -> None: ...
    def close(self) -> None: ...
    def serves(self) -> bool: ...
    def work(self, version: Version | None) -> list[str]: ...
    def works(self) -> bool: ...
    def drained(self) -> bool: ...
    def stop(self, version: Version) -> None: ...


Say = Callable[[str], None]
PAUSE = 0.3  # seconds between two looks


def deploy(driver: Driver, state: State, image: str, say: Say, *, migrate: bool = True) -> None:
    """One deployment, under the lock. Raises Failed; then the old version serves as before, but after Unfinished."""
    old, new = state.live(), state.next(image)
    if state.interrupted():
        say("the last deployment was cut off")
        undo(driver, state, old, new, switched=True, say=say)
    switched = False
    state.begin(new)
    try:
        if migrate:
            say("migrate")
            driver.migrate(new)
        say(f"start {new.colour}")
        driver.start(new)
        say("wait until it is ready")
        wait(lambda: driver.ready(new), state.ready_seconds, f"{new.image} did not become ready")
        say("switch")
        driver.switch(new)
        switched = True
        wait(driver.serves, state.watch_seconds, "nginx does not serve the new version", times=3)
        if workers := driver.work(new):
            say(f"see that they stay up: {', '.join(workers)}")
            stays = 1 + round(state.stay_seconds / PAUSE)
            wait(driver.works, state.ready_seconds, "a worker of the new version does not stay up", times=stays)
    except BaseException as error:
        undo(driver, state, old, new, switched=switched, say=say)
        state.end(new, "failed", str(error) or type(error).__name__)
        raise
    state.settle(new)
    if old is not None:
        try:
            say(f"drain {old.colour}")
            drain(driver, state)
            driver.stop(old)
        except Failed as error:
            what = f"{new.image} serves, and {old.colour} may still run until the next deployment stops it: {error}"
            raise Unfinished(what) from error
    state.end(new, "live")
    say(f"{new.image} serves")


def undo(driver: Driver, state: State, old: Version | None, new: Version, *, switched: bool, say: Say) -> None:
    """The old version gets the traffic back, if it had lost it, and the new one is removed."""
    say(f"failed: {new.colour} is removed" + (f", {old.colour} serves on" if old else ""))
    try:
        if switched:
            if old is not None:
                driver.switch(old)
            else:
                driver.close()
            driver.work(old)
            drain(driver, state)
    finally:
        driver.stop(new)


def drain(driver: Driver, state: State) -> None:
    """Until nobody asks the version any more that nginx has left. Who uploads slowly does so long after the switch:
    nginx passes a body on when it has all of it, and then to the servers that it knew at the request's beginning.
    """
    time.sleep(state.drain_seconds)
    until = time.monotonic() + state.upload_seconds
    while not driver.drained() and time.monotonic() < until:
        time.sleep(PAUSE)


def wait(good: Callable[[], bool], seconds: float, otherwise: str, *, times: int = 1) -> None:
    """Until it was good so many times in a row; what is good may take longer."""
    until, row = time.monotonic() + seconds, 0
    while row < times:
        row = row + 1 if good() else 0
        if not row and time.monotonic() > until:
            raise Failed(f"{otherwise} within {seconds:.0f} s")
        if row < times:
            time.sleep(PAUSE)


def rollback(driver: Driver, state: State, say: Say) -> None:
    before = state.before()
    if before is None:
        raise Failed("no version was served before this one: name an image to `deploy`")
    deploy(driver, state, before, say, migrate=False)


def status(state: State) -> str:
    live = state.live()
    return "\n".join([
        f"live      {live.image} ({live.colour})" if live else "live      nothing yet",
        f"before    {state.before() or 'nothing'}",
        *(f"{note['at']}  {note['what']:<8}{note['image']}  {note['why']}".rstrip() for note in state.notes()[-10:]),
    ])  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--driver", choices=("compose", "processes"), default="compose")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("deploy").add_argument("image", help="by digest, so that a rollback finds the same bytes")
    commands.add_parser("rollback")
    commands.add_parser("status")
    given = parser.parse_args(argv)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):  # the last: a terminal that was lost
        signal.signal(number, _stopped)
    state = State.here()
    if given.command == "status":
        print(status(state))
        return 0
    try:
        driver = _driver(given.driver, state)
        with state.lock():
            if given.command == "rollback":
                rollback(driver, state, _say)
            else:
                if given.driver == "compose" and "sha256:" not in given.image:
                    raise Failed(
                        f"{given.image} names no digest, and a tag may mean another image tomorrow, when a rollback "
                        "looks for it: name NAME@sha256:..., or the id of an image that was built here"
                    )
                deploy(driver, state, given.image, _say)
    except Failed as error:
        print(error if isinstance(error, Unfinished) else f"not deployed: {error}", file=sys.stderr)
        return 1
    return 0


def _driver(name: str, state: State) -> Driver:
    made: Driver
    if name == "processes":
        from by_processes import Processes

        made = Processes(state)
    else:
        from by_compose import Compose

        made = Compose(state)
    missing = [step for step in vars(Driver) if not step.startswith("_") and not hasattr(made, step)]
    if missing:  # one of the files was changed by hand, and so is not updated with the others
        cure = "`outgrow deploy init --force` writes it anew"
        raise Failed(f"by_{name}.py has no `{missing[0]}`, which this deploy.py wants: {cure}")
    return made


def _stopped(number: int, frame: object) -> None:
    raise Failed("it was stopped by a signal")


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
