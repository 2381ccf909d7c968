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
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

sys.path.insert(0, str(Path(__file__).resolve().parent))

from state import Begun, Failed, State, Unchanged, Unfinished, Version
from stopping import PAUSE, STOPPING


class Driver(Protocol):
    """How versions run. Each method raises Failed with a sentence; `stop` of what does not run is nothing, and `close`
    ends nginx. `publish` puts a version's static files where nginx finds them. A `switch` gives nginx the version's own
    configuration, and sees that it takes it; where it raises Unchanged it has changed nothing. `work` ends the workers
    that there are and starts those of a version, whose names it returns; without a version none. `image` is how what
    was given is remembered, and `left` names what runs.
    """

    def image(self, given: str) -> str: ...
    def left(self) -> list[str]: ...
    def migrate(self, version: Version) -> None: ...
    def start(self, version: Version) -> None: ...
    def ready(self, version: Version) -> bool: ...
    def publish(self, version: Version) -> None: ...
    def switch(self, version: Version) -> None: ...
    def close(self) -> None: ...
    def serves(self) -> bool: ...
    def work(self, version: Version | None) -> list[str]: ...
    def works(self) -> bool: ...
    def drained(self) -> bool: ...
    def stop(self, version: Version) -> None: ...


Say = Callable[[str], None]


def deploy(driver: Driver, state: State, image: str, say: Say, *, migrate: bool = True) -> None:
    """One deployment, under the lock. Raises Failed; then the old version serves as before, but after Unfinished."""
    old, new = state.live(), state.next(image)
    recover(driver, state, say)
    reached, begun = Reached(), Begun(new, is_rollback=not migrate, is_first=old is None, has_worked=False)
    state.begin(begun)
    try:
        if migrate:
            say("migrate")
            with STOPPING.at_once():
                driver.migrate(new)
        say(f"start {new.colour}")
        driver.start(new)
        say("wait until it is ready")
        wait(lambda: driver.ready(new), state.ready_seconds, f"{new.image} did not become ready")
        say("switch")
        reached.published = True
        driver.publish(new)
        reached.switched = True
        try:
            driver.switch(new)
        except Unchanged:
            reached.switched = old is None  # the first version's nginx does not stay
            raise
        wait_until_served(driver, state, new)
        state.begin(replace(begun, has_worked=True))
        reached.worked = True
        if workers := driver.work(new):
            say(f"see that they stay up: {', '.join(workers)}")
            stays = 1 + round(state.stay_seconds / PAUSE)
            wait(driver.works, state.ready_seconds, "a worker of the new version does not stay up", times=stays)
        state.settle(new)
    except BaseException as error:
        why = str(error) or type(error).__name__
        try:
            undo(driver, state, old, new, reached, say)
        except (Failed, OSError) as other:
            again = "the next `deploy` or `rollback` begins with that"
            raise Failed(f"{why}; what was before it is not all back, {again}: {other}") from error
        state.end(new, "failed", why)
        raise
    if old is not None:
        try:
            say(f"drain {old.colour}")
            drain(driver, state)
            driver.stop(old)
        except (Failed, OSError) as error:
            what = f"{new.image} serves, and {old.colour} may still run until the next deployment stops it: {error}"
            raise Unfinished(what) from error
    state.end(new, "live")
    say(f"{new.image} serves")


@dataclass
class Reached:
    """What a deployment has begun, and undoing it has to go back from."""

    published: bool = False
    switched: bool = False
    worked: bool = False


def undo(driver: Driver, state: State, old: Version | None, new: Version, reached: Reached, say: Say) -> None:
    """The old version gets back what it had lost, its traffic first, and the new one is removed; but not where nginx
    cannot be moved, as it may still ask it.
    """
    say(f"failed: {new.colour} is removed" + (f", {old.colour} serves on" if old else ""))
    try:
        if reached.switched and old is not None:
            driver.switch(old)
        elif reached.switched:
            driver.close()
    except BaseException:
        if reached.worked:
            driver.work(old)
        raise
    steps: list[Callable[[], object]] = []
    if reached.worked:
        steps.append(lambda: driver.work(old))
    if reached.published and old is not None:
        steps.append(lambda: driver.publish(old))
    if reached.switched:
        steps.append(lambda: drain(driver, state))
    wrong = []
    for step in (*steps, lambda: driver.stop(new)):
        try:
            step()
        except Exception as error:  # whatever it is, the others have their turn
            wrong.append(str(error) or type(error).__name__)
    if wrong:
        raise Failed("; ".join(wrong))


def recover(driver: Driver, state: State, say: Say) -> Begun | None:
    """Undo what was begun and cut off, or end it, where it was as far as draining; returns what it was.

    :raises Failed: something runs, and there is no note of what is served: it would be removed for what was cut off
    """
    live, cut = state.live(), state.interrupted()
    if live is None and not (cut and cut.is_first) and (left := driver.left()):
        raise Failed(
            f"{' and '.join(left)} runs here, and {state.folder} does not say which version is served: put its "
            "live.json back, or stop what runs, and so the service, until a deployment is over"
        )
    if cut is not None:
        say(f"the deployment of {cut.version.image} was cut off")
        reached = Reached(published=True, switched=True, worked=cut.has_worked)
        undo(driver, state, live, state.next(cut.version.image), reached, say)
        state.end(cut.version, "live" if cut.version == live else "cut off")
    return cut


def wait_until_served(driver: Driver, state: State, version: Version) -> None:
    wait(driver.serves, state.watch_seconds, f"nginx does not serve {version.image}", times=3)


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
        STOPPING.look()
        row = row + 1 if good() else 0
        if not row and time.monotonic() > until:
            raise Failed(f"{otherwise} within {seconds:.0f} s")
        if row < times:
            time.sleep(PAUSE)


def rollback(driver: Driver, state: State, say: Say) -> None:
    if cut := recover(driver, state, say):
        live = state.live()
        # a deployment that was cut off is undone by that; a rollback is over if it was as far as draining
        if live is not None and (live == cut.version) == cut.is_rollback:
            wait_until_served(driver, state, live)
            say(f"{live.image} serves")
            return
    before = state.before()
    if before is None:
        raise Failed("no version was served before this one: name an image to `deploy`")
    deploy(driver, state, before, say, migrate=False)


def status(state: State) -> str:
    live, begun = state.live(), state.interrupted()
    return "\n".join([
        f"live      {live.image} ({live.colour})" if live else "live      nothing yet",
        f"before    {state.before() or 'nothing'}",
        *([_of(begun)] if begun else []),
        *(f"{note['at']}  {note['what']:<8}{note['image']}  {note['why']}".rstrip() for note in state.notes()[-10:]),
    ])  # fmt: skip


def _of(begun: Begun) -> str:
    return f"begun     {begun.version.image} ({begun.version.colour}): under way, or cut off and undone by the next"


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--driver", choices=("compose", "processes"), default="compose")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("deploy").add_argument("image", help="by digest, so that a rollback finds the same bytes")
    commands.add_parser("rollback")
    commands.add_parser("status")
    given = parser.parse_args(argv)

    STOPPING.listen()
    try:
        state = State.here()
        if given.command == "status":
            print(status(state))
            return 0
        driver = _driver(given.driver, state)
        image = driver.image(given.image) if given.command == "deploy" else ""
        with state.lock():
            if image:
                deploy(driver, state, image, _say)
            else:
                rollback(driver, state, _say)
    except (Failed, OSError) as error:
        _say(str(error) if isinstance(error, Unfinished) else f"not deployed: {error}", to=2)
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


def _say(text: str, to: int = 1) -> None:
    """On the standard output with the time, or on that for errors; that nobody reads it any more is no failure."""
    with suppress(OSError):
        os.write(to, f"{time.strftime('%H:%M:%S ') if to == 1 else ''}{text}\n".encode())


if __name__ == "__main__":
    sys.exit(main())
