"""Versions as plain processes on one machine: an "image" is the folder of a checked-out version.

The environment says what Compose would: PORT (nginx's), BLUE_PORT and GREEN_PORT (the first replica's; the others
follow), WEB_REPLICAS. The same nginx.conf and gunicorn.conf.py are used as in the containers.
"""

from __future__ import annotations

import getpass
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from state import (
    SERVES,
    Failed,
    State,
    Unchanged,
    Version,
    configuration,
    listen,
    put_aside,
    see_that_it_is,
    served,
    upstream,
    write,
)
from stopping import finish


class Processes:
    """Each replica is one gunicorn, whose process id stands in COLOUR-NUMBER.pid."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.port = int(os.environ.get("PORT") or 8080)
        ports = {"blue": os.environ.get("BLUE_PORT") or "8100", "green": os.environ.get("GREEN_PORT") or "8200"}
        self.first = {colour: int(port) for colour, port in ports.items()}
        self.replicas = int(os.environ.get("WEB_REPLICAS") or 2)
        self.nginx = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or "nginx"

    def image(self, given: str) -> str:
        folder = Path(given).resolve()  # as a rollback may be typed in another folder
        if not folder.is_dir():
            raise Failed(f"{folder} is no folder: that of a checked-out version was expected")
        return str(folder)

    def left(self) -> list[str]:
        """By the notes, without which nothing is known; a port that is taken says so itself."""
        web = [file for file in self.state.folder.glob("*-*.pid") if _alive(file, b"gunicorn")]
        nginx = ["nginx"] if _alive(self.state.folder / "tmp" / "nginx.pid", b"nginx") else []
        return sorted({file.name.partition("-")[0] for file in web}) + nginx

    def migrate(self, version: Version) -> None:
        command = [sys.executable, "-m", "outgrow", "migrate"]
        done = finish(command, version.image, env=self._environment(version), stderr=subprocess.STDOUT)
        self._log("migrate").write_text(done.stdout)
        if done.returncode:
            raise Failed(f"migrating failed, see {self._log('migrate')}: {' '.join(done.stdout.split()[-40:])}")

    def start(self, version: Version) -> None:
        for number, port in enumerate(self._ports(version)):
            with self._log(f"{version.colour}-{number}").open("wb") as log:
                process = subprocess.Popen(
                    [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"], cwd=version.image,
                    env={**self._environment(version), "BIND": f"127.0.0.1:{port}"}, stdout=log, stderr=log,
                    start_new_session=True,
                )  # fmt: skip
            _note(self._pid(version, number), process, str(process.pid))

    def ready(self, version: Version) -> bool:
        for number in range(self.replicas):
            if not _alive(self._pid(version, number), b"gunicorn"):
                raise Failed(f"a replica has ended, see {self._log(f'{version.colour}-{number}')}")
        return all(_asked(port)[0] == 200 for port in self._ports(version))

    def publish(self, version: Version) -> None:
        """What nginx finds in its static/ is put there by who checks a version out."""

    def switch(self, version: Version) -> None:
        ports = self._ports(version)
        servers = "\n".join(f"    server 127.0.0.1:{port} max_fails=0;" for port in ports)
        live = self.state.folder / "live"
        body = os.environ.get("MAX_BODY") or "25m"
        (self.state.folder / "tmp").mkdir(exist_ok=True)
        try:
            main = (Path(version.image) / "deploy/nginx.conf").read_text()
            port = listen(f"127.0.0.1:{self.port}", body, behind_tls=False)
            files, mark = configuration(main, upstream(servers), port, version.colour)
            self._nginx(put_aside(live, files), "-t")
        except (Failed, OSError) as error:
            raise Unchanged(str(error)) from None
        with served(live, files):
            reload = ["-s", "reload"] if _alive(self.state.folder / "tmp" / "nginx.pid", b"nginx") else []
            self._nginx("nginx.conf", *reload)
            see_that_it_is(mark, lambda: _asked(self.port, SERVES)[1], self.state.watch_seconds)

    def close(self) -> None:
        """Finish what is under way, and end."""
        if pid := _alive(self.state.folder / "tmp" / "nginx.pid", b"nginx"):
            os.kill(pid, signal.SIGQUIT)
            _wait_for_end(pid, 45)

    def serves(self) -> bool:
        return _asked(self.port)[0] == 200

    def work(self, version: Version | None) -> list[str]:
        """One version's at a time; which commands run stands in the state's own workers.json."""
        commands = _commands(Path(version.image) / "deploy") if version else {}  # first: it may not be readable
        new = self.state.folder / "workers.json.next"
        write(new, json.dumps(commands))  # which a full disk may refuse
        for file in sorted(self.state.folder.glob("worker-*.pid")):
            _end_session(file)
        new.replace(self.state.folder / "workers.json")
        if version is None:
            return []
        for name, command in commands.items():
            words = [sys.executable if command[0] == "python" else command[0], *command[1:]]
            with self._log(f"worker-{name}").open("ab") as log:
                try:
                    process = subprocess.Popen(
                        words, cwd=version.image, env=self._environment(version), stdout=log, stderr=log,
                        start_new_session=True,
                    )  # fmt: skip
                except OSError as error:
                    raise Failed(f"the worker {name} cannot be started: {command[0]}: {error.strerror}") from None
            _note(self._worker(name), process, f"{process.pid} {_began(process.pid)} {_boot()}")
        return list(commands)

    def works(self) -> bool:
        for name in _commands(self.state.folder):
            if not _same(self._worker(name)):
                raise Failed(f"a worker has ended, see {self._log(f'worker-{name}')}")
        return True

    def drained(self) -> bool:
        """Whether nginx's workers of before the switch have ended; unknown, and so yes, where there is no /proc."""
        nginx = str(_alive(self.state.folder / "tmp" / "nginx.pid", b"nginx"))
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError, IndexError):
                parent = (process / "stat").read_text(errors="replace").rpartition(")")[2].split()[1]
                if parent == nginx and b"shutting down" in (process / "cmdline").read_bytes():
                    return False
        return True

    def stop(self, version: Version) -> None:
        """As Compose does: TERM, and after stop_grace_period KILL; as many as run, whatever WEB_REPLICAS is now."""
        for file in sorted(self.state.folder.glob(f"{version.colour}-*.pid")):
            _end(file, b"gunicorn")

    def _ports(self, version: Version) -> list[int]:
        return [self.first[version.colour] + number for number in range(self.replicas)]

    def _environment(self, version: Version) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": os.pathsep.join([version.image, os.environ.get("PYTHONPATH", "")])}

    def _pid(self, version: Version, number: int) -> Path:
        return self.state.folder / f"{version.colour}-{number}.pid"

    def _worker(self, name: str) -> Path:
        return self.state.folder / f"worker-{name}.pid"

    def _log(self, name: str) -> Path:
        return self.state.folder / f"{name}.log"

    def _nginx(self, file: str, *arguments: str) -> None:
        folder = self.state.folder
        log = (folder / "nginx.log").open("ab")
        command = [self.nginx, "-p", f"{folder}/", "-e", "stderr", "-c", str(folder / "live" / file), *arguments]
        if os.geteuid() == 0:  # else its workers are "nobody", who may not read this folder
            command += ["-g", f"user {getpass.getuser()};"]
        with log:
            done = finish(command, folder, stdout=log, stderr=log)
        if done.returncode:
            raise Failed(f"`nginx {' '.join(arguments)}` failed: {(folder / 'nginx.log').read_text()[-500:]}")


def _asked(port: int, path: str = "@@{ready_path}") -> tuple[int, str]:
    """What a server says, by default of its readiness; 0 if it says nothing."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": os.environ.get("READY_HOST") or "localhost"})
        answer = connection.getresponse()
        return answer.status, answer.read(100).decode("ascii", "replace")
    except (OSError, HTTPException):
        return 0, ""
    finally:
        connection.close()


def _note(file: Path, process: subprocess.Popen[bytes], text: str) -> None:
    """What is not noted would never be ended: where that fails, it ends now."""
    try:
        file.write_text(text)
    except OSError:
        os.killpg(process.pid, signal.SIGKILL)
        file.unlink(missing_ok=True)
        raise


def _alive(file: Path, program: bytes) -> int:
    """The process whose id is in the file, or 0; after a restart of the machine the id may be another program's."""
    with suppress(OSError, ValueError):
        pid = int(file.read_text())
        _collect(pid)
        os.kill(pid, 0)
        line = Path(f"/proc/{pid}/cmdline")
        said = line.read_bytes() if line.exists() else b""  # empty: it is just being started
        return pid if not said or program in said else 0
    return 0


def _end(file: Path, program: bytes) -> None:
    """TERM, and after stop_grace_period KILL."""
    if pid := _alive(file, program):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
            _wait_for_end(pid, 45)
    file.unlink(missing_ok=True)


def _commands(folder: Path) -> dict[str, list[str]]:
    """The workers' commands by their names."""
    file = folder / "workers.json"
    try:
        found: dict[str, list[str]] = json.loads(file.read_text()) if file.exists() else {}
    except ValueError as error:
        raise Failed(f"{file} cannot be read as JSON ({error}): `outgrow deploy init` writes it") from None
    return found


def _end_session(file: Path) -> None:
    """As Docker ends a container: TERM to the first process, then KILL to what is left of those that it started, also
    where the first has ended by itself: nobody gets its number for as long as they are there.
    """
    pid, _, boot = _noted(file)
    if same := _same(file):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
            _wait_for_end(pid, 45)
    if same or (pid and boot and boot == _boot() and not _began(pid)):
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
    file.unlink(missing_ok=True)


def _same(file: Path) -> int:
    """The process that the file notes with the moment when it began, or 0: a command may become any program by exec."""
    pid, began, _ = _noted(file)
    if pid:
        _collect(pid)
        with suppress(OSError):
            os.kill(pid, 0)
            return pid if _began(pid) == began else 0
    return 0


def _noted(file: Path) -> tuple[int, str, str]:
    """A process, the moment when it began, and the run of the machine; 0 where nothing is noted."""
    with suppress(OSError, ValueError):
        pid, began, boot, *_ = [*file.read_text().split(" "), "", ""]
        return int(pid), began, boot
    return 0, "", ""


def _began(pid: int) -> str:
    """Field 22 of proc_pid_stat(5), since the machine started; "" without /proc, or where the process is gone."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    return ""


def _boot() -> str:
    """Which run of the machine this is."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return ""


def _collect(pid: int) -> None:
    """A child that has ended is there until somebody asks; one of another deployment is init's to ask for."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def _wait_for_end(pid: int, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        _collect(pid)
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    os.killpg(pid, signal.SIGKILL)
