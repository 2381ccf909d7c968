"""The steps of a deployment, with a driver that only writes down what it is asked for: order, failures, rollback."""

from __future__ import annotations

import importlib.util
import os
import signal
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.deploy.conftest import ROOT


@pytest.fixture
def deploying(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """deploy/deploy.py, which is a script beside its own modules."""
    folder = ROOT / "deploy"
    monkeypatch.syspath_prepend(str(folder))
    for name in ("state", "stopping", "deploying"):
        sys.modules.pop(name, None)
    spec = importlib.util.spec_from_file_location("deploying", folder / "deploy.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["deploying"] = module  # as dataclasses look it up there
    spec.loader.exec_module(module)
    yield module
    for name in ("state", "stopping", "deploying"):
        sys.modules.pop(name, None)


class Driver:
    """Does as it is told; ``fails`` names the step that does not work, ``names`` are those of the workers."""

    def __init__(self, module: ModuleType, fails: str = "", names: tuple[str, ...] = ()) -> None:
        self.done: list[str] = []
        self.names = list(names)
        self.fails = fails
        self.failed = module.Failed

    def left(self) -> list[str]:
        """What runs and is not known of."""
        return self.names if self.fails == "left" else []

    def __getattr__(self, name: str) -> Any:
        def step(version: Any = None) -> Any:
            if name == "work" and not self.names:
                return []
            if name not in ("ready", "serves", "drained", "works"):
                self.done.append(f"{name} {version.colour if version else 'nothing'}")
            if name == self.fails and name in ("ready", "serves", "works"):
                return False
            if name == self.fails and version.image == "bad":
                raise self.failed(f"{name} failed")
            return self.names if name == "work" else True

        return step


@pytest.fixture
def state(deploying: ModuleType, tmp_path: Path) -> Any:
    made = deploying.State(tmp_path)
    made.ready_seconds, made.watch_seconds, made.drain_seconds, made.upload_seconds = 0.5, 0.5, 0, 5
    made.stay_seconds = 0
    return made


def quiet(text: str) -> None:
    pass


def test_the_old_version_is_stopped_last(deploying: ModuleType, state: Any) -> None:
    driver = Driver(deploying)
    deploying.deploy(driver, state, "one", quiet)
    assert driver.done == ["migrate blue", "start blue", "publish blue", "switch blue"]
    driver.done.clear()
    deploying.deploy(driver, state, "two", quiet)
    assert driver.done == [*UNTIL_SWITCHED, "stop blue"]
    assert (state.live().colour, state.live().image, state.before()) == ("green", "two", "one")


UNTIL_SWITCHED = ["migrate green", "start green", "publish green", "switch green"]


@pytest.mark.parametrize(
    ("fails", "done"),
    [
        ("migrate", ["migrate green", "stop green"]),
        ("start", ["migrate green", "start green", "stop green"]),
        ("ready", ["migrate green", "start green", "stop green"]),
        ("publish", ["migrate green", "start green", "publish green", "publish blue", "stop green"]),
        # nginx may have taken it all the same
        ("switch", [*UNTIL_SWITCHED, "switch blue", "publish blue", "stop green"]),
        ("serves", [*UNTIL_SWITCHED, "switch blue", "publish blue", "stop green"]),
    ],
)
def test_a_step_that_fails_leaves_the_old_version_as_it_was(
    deploying: ModuleType, state: Any, fails: str, done: list[str]
) -> None:
    deploying.deploy(Driver(deploying), state, "good", quiet)
    driver = Driver(deploying, fails, names=("mails",))
    with pytest.raises(deploying.Failed):
        deploying.deploy(driver, state, "bad", quiet)
    assert driver.done == done, "and the workers, which nobody has touched, work on"
    assert state.live().image == "good"
    assert [(note["what"], note["image"]) for note in state.notes()] == [("live", "good"), ("failed", "bad")]


def test_the_workers_are_those_of_one_version_once_nginx_serves_it(deploying: ModuleType, state: Any) -> None:
    driver = Driver(deploying, names=("mails",))
    for image in ("one", "two"):
        driver.done.clear()
        deploying.deploy(driver, state, image, quiet)
    assert driver.done == [*UNTIL_SWITCHED, "work green", "stop blue"]


@pytest.mark.parametrize("fails", ["work", "works"])
def test_workers_that_do_not_stay_up_bring_the_old_version_back_with_its_own(
    deploying: ModuleType, state: Any, fails: str
) -> None:
    deploying.deploy(Driver(deploying, names=("mails",)), state, "good", quiet)
    driver = Driver(deploying, fails, names=("mails",))
    with pytest.raises(deploying.Failed, match=r"work failed|does not stay up"):
        deploying.deploy(driver, state, "bad", quiet)
    assert driver.done[3:] == ["switch green", "work green", "switch blue", "work blue", "publish blue", "stop green"]
    assert state.live().image == "good"


def test_a_new_version_is_stopped_also_where_the_old_workers_do_not_come_back(
    deploying: ModuleType, state: Any
) -> None:
    deploying.deploy(Driver(deploying, names=("mails",)), state, "bad", quiet)
    driver, drained = Driver(deploying, "work", names=("mails",)), []
    driver.drained = lambda: drained.append("before it is stopped") or True  # type: ignore[attr-defined,func-returns-value]
    with pytest.raises(deploying.Failed):
        deploying.deploy(driver, state, "bad", quiet)
    assert driver.done[-3:] == ["work blue", "publish blue", "stop green"]
    assert drained == ["before it is stopped"]


def test_a_first_version_whose_workers_do_not_stay_up_leaves_none(deploying: ModuleType, state: Any) -> None:
    driver = Driver(deploying, "works", names=("mails",))
    with pytest.raises(deploying.Failed):
        deploying.deploy(driver, state, "bad", quiet)
    assert driver.done[-4:] == ["work blue", "close nothing", "work nothing", "stop blue"]


def test_a_first_version_that_nginx_does_not_serve_leaves_no_nginx_before_nothing(
    deploying: ModuleType, state: Any
) -> None:
    driver = Driver(deploying, "serves")
    with pytest.raises(deploying.Failed):
        deploying.deploy(driver, state, "bad", quiet)
    assert driver.done[-2:] == ["close nothing", "stop blue"]


def test_workers_have_to_run_for_a_while(deploying: ModuleType, state: Any) -> None:
    state.ready_seconds, state.stay_seconds = 5, 0.9
    answers = [True, True, False, True, True, True, True]
    driver = Driver(deploying, names=("mails",))
    driver.works = lambda: answers.pop(0)  # type: ignore[attr-defined]
    deploying.deploy(driver, state, "one", quiet)
    assert answers == []


def test_a_rollback_serves_the_version_before_without_migrating(deploying: ModuleType, state: Any) -> None:
    driver = Driver(deploying)
    for image in ("one", "two"):
        deploying.deploy(driver, state, image, quiet)
    driver.done.clear()
    deploying.rollback(driver, state, quiet)
    assert driver.done == ["start blue", "publish blue", "switch blue", "stop green"]
    assert (state.live().image, state.before()) == ("one", "two")


def test_nothing_to_go_back_to_is_said(deploying: ModuleType, state: Any) -> None:
    with pytest.raises(deploying.Failed, match="no version was served before"):
        deploying.rollback(Driver(deploying), state, quiet)


def test_the_old_version_is_stopped_when_nothing_comes_in_for_it_any_more(deploying: ModuleType, state: Any) -> None:
    driver = Driver(deploying)
    deploying.deploy(driver, state, "one", quiet)
    answers = [False, False, True]
    driver.drained = lambda: answers.pop(0)  # type: ignore[attr-defined]
    deploying.deploy(driver, state, "two", quiet)
    assert answers == []
    assert driver.done[-1] == "stop blue"


def test_a_new_version_that_nginx_has_left_again_is_stopped_when_nothing_comes_in_for_it_any_more(
    deploying: ModuleType, state: Any
) -> None:
    deploying.deploy(Driver(deploying), state, "good", quiet)
    driver = Driver(deploying, "serves")
    answers = [False, True]
    driver.drained = lambda: answers.pop(0)  # type: ignore[attr-defined]
    with pytest.raises(deploying.Failed):
        deploying.deploy(driver, state, "bad", quiet)
    assert answers == []
    assert driver.done[-3:] == ["switch blue", "publish blue", "stop green"]


def test_an_old_version_that_cannot_be_stopped_is_not_said_to_serve(deploying: ModuleType, state: Any) -> None:
    driver = Driver(deploying)
    deploying.deploy(driver, state, "bad", quiet)
    driver.fails = "stop"
    with pytest.raises(deploying.Unfinished, match=r"^two serves, and blue may still run until the next deployment"):
        deploying.deploy(driver, state, "two", quiet)
    assert state.live().image == "two"
    driver.fails = ""
    driver.done.clear()
    deploying.deploy(driver, state, "three", quiet)
    assert driver.done[:4] == ["switch green", "publish green", "stop blue", "migrate blue"]


def test_a_new_version_that_nginx_may_still_ask_is_not_stopped_and_the_next_deployment_undoes_it(
    deploying: ModuleType, state: Any
) -> None:
    deploying.deploy(Driver(deploying, names=("mails",)), state, "good", quiet)
    driver = Driver(deploying, "works", names=("mails",))
    switch = driver.switch

    def only_there(version: Any) -> None:
        switch(version)
        if version.image == "good":
            raise deploying.Failed("nginx does not answer")

    driver.switch = only_there  # type: ignore[attr-defined]
    said = r"does not stay up within .*; what was before it is not all back, .*: nginx does not answer"
    with pytest.raises(deploying.Failed, match=said):
        deploying.deploy(driver, state, "bad", quiet)
    assert driver.done[3:] == ["switch green", "work green", "switch blue", "work blue"]
    after = Driver(deploying)
    deploying.deploy(after, state, "better", quiet)
    assert after.done[:3] == ["switch blue", "publish blue", "stop green"]
    assert [note["what"] for note in state.notes()] == ["live", "cut off", "live"]


def test_a_first_version_whose_nginx_does_not_start_leaves_none(deploying: ModuleType, state: Any) -> None:
    driver = Driver(deploying, "switch")
    with pytest.raises(deploying.Failed):
        deploying.deploy(driver, state, "bad", quiet)
    assert driver.done[-3:] == ["switch blue", "close nothing", "stop blue"]


@pytest.mark.parametrize("step", ["start", "switch", "work", "serves"])
def test_a_signal_in_a_step_waits_for_its_end_and_a_second_one_does_not_stop_the_undoing(
    deploying: ModuleType, state: Any, step: str
) -> None:
    """Docker's client may run for a while after it has done what it was told."""
    deploying.deploy(Driver(deploying, names=("mails",)), state, "good", quiet)
    deploying.STOPPING.listen()
    driver = Driver(deploying, names=("mails",))
    for name in {step, "stop"}:
        setattr(driver, name, _signalled(getattr(driver, name)))
    try:
        with pytest.raises(deploying.Failed, match="it was stopped by a signal"):
            deploying.deploy(driver, state, "new", quiet)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    back = ["work blue", "publish blue"] if step == "work" else ["publish blue"]
    switched = ["publish green", "switch green", "switch blue", *back] if step != "start" else []
    assert [one for one in driver.done[2:] if one != "work green"] == [*switched, "stop green"]
    assert (state.live().image, state.interrupted()) == ("good", None)


def _signalled(step: Callable[..., Any]) -> Callable[..., Any]:
    """A step in the middle of which a signal comes."""

    def asked(*version: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)
        return step(*version)

    return asked


def test_a_rollback_of_one_that_was_killed_serves_the_version_that_was_live(deploying: ModuleType, state: Any) -> None:
    driver = Driver(deploying, names=("mails",))
    for image in ("oldest", "old"):
        deploying.deploy(driver, state, image, quiet)
    state.begin(deploying.Begun(state.next("killed")))
    assert "begun     killed (blue): under way, or cut off" in deploying.status(state)
    driver.done.clear()
    deploying.rollback(driver, state, quiet)
    assert driver.done == ["switch green", "work green", "publish green", "stop blue"]
    assert (state.live().image, state.before()) == ("old", "oldest")
    assert [note["what"] for note in state.notes()][-1] == "cut off"
    assert "begun" not in deploying.status(state)


def test_a_rollback_that_was_killed_is_done_by_the_next(deploying: ModuleType, state: Any) -> None:
    driver = Driver(deploying)
    for image in ("good", "bad"):
        deploying.deploy(driver, state, image, quiet)
    state.begin(deploying.Begun(state.next("good"), is_rollback=True))
    deploying.rollback(driver, state, quiet)
    assert (state.live().image, state.before()) == ("good", "bad")


@pytest.mark.parametrize("fails", ["drained", "stop"])
def test_a_rollback_that_is_typed_again_as_the_first_did_not_end_is_the_same_one(
    deploying: ModuleType, state: Any, fails: str
) -> None:
    driver, said = Driver(deploying), list[str]()
    for image in ("good", "bad"):
        deploying.deploy(driver, state, image, quiet)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(driver, fails, _killed if fails == "drained" else _failing(deploying), raising=False)
        with pytest.raises((KeyboardInterrupt, deploying.Unfinished)):
            deploying.rollback(driver, state, quiet)
    deploying.rollback(driver, state, said.append)
    assert (state.live().image, state.before(), said[-1]) == ("good", "bad", "good serves")
    assert driver.done[-3:] == ["switch blue", "publish blue", "stop green"]
    deploying.rollback(driver, state, quiet)
    assert state.live().image == "bad", "but one that is typed after it was over goes forward"


def _killed() -> bool:
    raise KeyboardInterrupt


def _failing(deploying: ModuleType) -> Callable[..., None]:
    def stop(*_: Any) -> None:
        raise deploying.Failed("it does not end")

    return stop


def test_a_rollback_of_what_was_cut_off_says_that_the_old_one_serves_if_it_does(
    deploying: ModuleType, state: Any
) -> None:
    """After a reboot its processes may be gone."""
    deploying.deploy(Driver(deploying), state, "old", quiet)
    state.begin(deploying.Begun(state.next("killed")))
    with pytest.raises(deploying.Failed, match=r"^nginx does not serve old within"):
        deploying.rollback(Driver(deploying, "serves"), state, quiet)


def test_what_nginx_refuses_before_it_has_it_changes_nothing(deploying: ModuleType, state: Any) -> None:
    deploying.deploy(Driver(deploying), state, "good", quiet)
    driver = Driver(deploying)

    def refused(_: Any) -> None:
        raise deploying.Unchanged("`nginx -t` failed")

    driver.switch = refused  # type: ignore[attr-defined]
    with pytest.raises(deploying.Failed, match="-t"):
        deploying.deploy(driver, state, "bad", quiet)
    assert driver.done == ["migrate green", "start green", "publish green", "publish blue", "stop green"]


def test_a_host_whose_notes_are_lost_loses_no_version_that_runs(deploying: ModuleType, state: Any) -> None:
    driver = Driver(deploying, "left", names=("blue", "nginx"))
    for cut in (None, deploying.Begun(state.next("killed"))):
        if cut:
            state.begin(cut)
        for act in (
            lambda: deploying.deploy(driver, state, "new", quiet),
            lambda: deploying.rollback(driver, state, quiet),
        ):
            with pytest.raises(deploying.Failed, match=r"^blue and nginx runs here, and .* does not say which version"):
                act()
        assert (driver.done, state.interrupted()) == ([], cut)
    state.begin(deploying.Begun(state.next("killed"), is_first=True))
    deploying.deploy(driver, state, "new", quiet)
    assert state.live().image == "new", "of a first version that was cut off nothing is to stay"


@pytest.mark.parametrize("has_worked", [False, True])
def test_workers_that_one_that_was_cut_off_had_not_reached_are_left_alone(
    deploying: ModuleType, state: Any, has_worked: bool
) -> None:
    driver = Driver(deploying, names=("mails",))
    deploying.deploy(driver, state, "old", quiet)
    state.begin(deploying.Begun(state.next("killed"), has_worked=has_worked))
    driver.done.clear()
    deploying.rollback(driver, state, quiet)
    assert driver.done == ["switch blue", *["work blue"] * has_worked, "publish blue", "stop green"]


def test_a_deployment_notes_that_it_comes_to_the_workers(deploying: ModuleType, state: Any) -> None:
    noted = []
    driver = Driver(deploying, names=("mails",))
    for step in ("switch", "work"):
        made = getattr(driver, step)
        setattr(
            driver, step, lambda version, made=made: (noted.append(state.interrupted().has_worked), made(version))[1]
        )
    deploying.deploy(driver, state, "one", quiet)
    assert noted == [False, True]


def test_whatever_cannot_be_undone_is_said(deploying: ModuleType, state: Any) -> None:
    deploying.deploy(Driver(deploying, names=("mails",)), state, "good", quiet)
    driver = Driver(deploying, "works", names=("mails",))
    work = driver.work

    def refused(version: Any) -> Any:
        if version.image == "good":
            raise deploying.Failed("no worker starts")
        return work(version)

    def torn(version: Any) -> None:
        if version.image == "good":
            raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")  # as of a process's name

    driver.work, driver.publish = refused, torn  # type: ignore[attr-defined]
    with pytest.raises(
        deploying.Failed, match=r"stay up .* is not all back, .*: no worker starts; .* invalid start byte$"
    ):
        deploying.deploy(driver, state, "bad", quiet)
    assert driver.done[-1] == "stop green"


@pytest.mark.parametrize("cut", ["", '{"colour": "gre', "[]", "{}"])
def test_a_note_that_a_power_cut_has_emptied_is_of_the_colour_that_does_not_serve(
    deploying: ModuleType, state: Any, cut: str
) -> None:
    driver = Driver(deploying)
    deploying.deploy(driver, state, "one", quiet)
    (state.folder / "under_way.json").write_text(cut)
    assert "begun     what " in deploying.status(state)
    driver.done.clear()
    deploying.deploy(driver, state, "two", quiet)
    assert driver.done[:3] == ["switch blue", "publish blue", "stop green"]
    assert state.live().image == "two"


@pytest.mark.parametrize("text", ["", "null", "[]", '{"live": {"colour": "blue"}}'])
def test_the_note_of_what_serves_is_not_guessed(deploying: ModuleType, state: Any, text: str) -> None:
    driver = Driver(deploying)
    (state.folder / "live.json").write_text(text)
    with pytest.raises(deploying.Failed, match=r"live.json cannot be read: write what is served into it"):
        deploying.deploy(driver, state, "two", quiet)
    assert driver.done == []


def test_a_log_that_a_full_disk_has_cut_keeps_its_other_lines(deploying: ModuleType, state: Any) -> None:
    driver = Driver(deploying)
    deploying.deploy(driver, state, "one", quiet)
    with (state.folder / "log.jsonl").open("a") as log:
        log.write('{"at": "2026-')
    deploying.deploy(driver, state, "two", quiet)
    assert [note["image"] for note in state.notes()] == ["one", "two"]
    assert [line[:8] for line in (state.folder / "log.jsonl").read_text().splitlines()] == ['{"at": "'] * 3


def test_a_file_system_that_does_not_sync_folders_is_no_failure(
    deploying: ModuleType, state: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is there by its name already: to undo it would remove what serves."""
    fsync = os.fsync

    def refused(number: int) -> None:
        if stat.S_ISDIR(os.fstat(number).st_mode):
            raise OSError(5, "Input/output error")
        fsync(number)

    monkeypatch.setattr(os, "fsync", refused)
    deploying.deploy(Driver(deploying), state, "one", quiet)
    assert state.live().image == "one"


def test_a_disk_that_is_full_is_not_said_to_have_changed_what_it_did_not(
    deploying: ModuleType, state: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = Driver(deploying)
    deploying.deploy(driver, state, "old", quiet)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(state, "settle", full)
        with pytest.raises(OSError, match="No space"):
            deploying.deploy(driver, state, "new", quiet)
    assert driver.done[-4:] == ["switch green", "switch blue", "publish blue", "stop green"]
    with monkeypatch.context() as patched:
        patched.setattr(driver, "stop", full, raising=False)
        with pytest.raises(deploying.Unfinished, match="new serves, and blue may still run"):
            deploying.deploy(driver, state, "new", quiet)


def test_a_rollback_of_one_that_was_killed_while_it_drained_serves_the_one_before(
    deploying: ModuleType, state: Any
) -> None:
    driver = Driver(deploying)
    for image in ("one", "two"):
        deploying.deploy(driver, state, image, quiet)
    state.begin(deploying.Begun(state.live()))
    deploying.rollback(driver, state, quiet)
    assert (state.live().image, state.before()) == ("one", "two")
    assert [note["what"] for note in state.notes()] == ["live"] * 4


def test_two_deployments_at_once_are_refused(deploying: ModuleType, state: Any, tmp_path: Path) -> None:
    other = deploying.State(tmp_path)
    with state.lock(), pytest.raises(deploying.Failed, match="another deployment is under way"), other.lock():
        pass
    with other.lock():
        pass


def test_one_that_was_killed_is_undone_by_the_next(deploying: ModuleType, state: Any) -> None:
    driver = Driver(deploying)
    deploying.deploy(driver, state, "one", quiet)
    state.begin(deploying.Begun(state.next("killed")))  # nginx may be switched already, and the new version runs
    driver.done.clear()
    deploying.deploy(driver, state, "two", quiet)
    assert driver.done == ["switch blue", "publish blue", "stop green", *UNTIL_SWITCHED, "stop blue"]
    assert state.interrupted() is None
