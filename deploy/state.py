"""What deploy.py remembers: which version is served by which colour, the one before, the log, and the lock."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

COLOURS = ("blue", "green")


class Failed(Exception):
    """A step did not succeed; the text is for people."""


class Unfinished(Failed):
    """The new version serves, and something of the old one is left."""


@dataclass(frozen=True)
class Version:
    """What runs: an image by digest, or for processes the folder of the code."""

    colour: str
    image: str


class State:
    """A folder. Seconds come from the environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ready_seconds = _seconds("READY_SECONDS", 120)
        self.watch_seconds = _seconds("WATCH_SECONDS", 20)
        self.stay_seconds = _seconds("STAY_SECONDS", 10)  # so long a worker has to run before it is taken for good
        self.drain_seconds = _seconds("DRAIN_SECONDS", 5)
        self.upload_seconds = _seconds("UPLOAD_SECONDS", 60)  # so long more for what is still coming in

    @classmethod
    def here(cls) -> State:
        folder = Path(os.environ.get("DEPLOY_STATE") or Path(__file__).resolve().parent / "state")
        (folder / "live").mkdir(parents=True, exist_ok=True)
        if (folder / "live").stat().st_mode & 0o777 != 0o755:
            (folder / "live").chmod(0o755)  # nginx reads it under a number of its own, whatever the umask is
        return cls(folder)

    def live(self) -> Version | None:
        """The version that is served."""
        found = self._read().get("live")
        return Version(**found) if found else None

    def before(self) -> str | None:
        """The image that was served before it."""
        found = self._read().get("before")
        return str(found) if found else None

    def next(self, image: str) -> Version:
        """The image in the colour that is free."""
        live = self.live()
        return Version(COLOURS[1] if live and live.colour == COLOURS[0] else COLOURS[0], image)

    def settle(self, new: Version) -> None:
        """The new version is the live one from now on."""
        live = self.live()
        kept = self.before() if live is None or live.image == new.image else live.image
        write(self._file, json.dumps({"live": asdict(new), "before": kept}, indent=2) + "\n")

    def begin(self, new: Version) -> None:
        """From here to the end a deployment is under way."""
        write(self.folder / "under_way.json", json.dumps(asdict(new)))

    def interrupted(self) -> Version | None:
        """What was begun and is not at its end. Under the lock: its process was killed."""
        file = self.folder / "under_way.json"
        return Version(**json.loads(file.read_text())) if file.exists() else None

    def end(self, version: Version, what: str, why: str = "") -> None:
        """What became of it, for `status`."""
        (self.folder / "under_way.json").unlink(missing_ok=True)
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        with suppress(OSError), (self.folder / "log.jsonl").open("a") as log:  # no note changes what serves
            log.write(json.dumps({"at": at, "what": what, **asdict(version), "why": why}) + "\n")

    def notes(self) -> list[dict[str, Any]]:
        """What was deployed, the oldest first."""
        log = self.folder / "log.jsonl"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    @contextmanager
    def lock(self) -> Iterator[None]:
        """One deployment at a time; the lock ends with its process, whatever ends that."""
        with (self.folder / "lock").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                holder = file.read().strip()
                raise Failed(f"another deployment is under way ({holder}): wait until it is over") from None
            file.truncate(0)
            file.write(f"process {os.getpid()} since {time.strftime('%H:%M:%S')}\n")
            file.flush()
            yield

    @property
    def _file(self) -> Path:
        return self.folder / "live.json"

    def _read(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._file.read_text()) if self._file.exists() else {}
        return found


def write(file: Path, text: str) -> None:
    """All of it or nothing: who reads at the same time finds the old text or the new one."""
    made = file.with_name(f"{file.name}.new")
    made.write_text(text)
    made.chmod(0o644)
    made.replace(file)


def keep(file: Path, said: str) -> None:
    """What something said before it was removed. It is for the owner alone, as it may name users."""
    file.unlink(missing_ok=True)
    file.touch(0o600)
    file.write_text(said)


@contextmanager
def replaced(file: Path, text: str) -> Iterator[None]:
    """The file with another text, which it keeps unless the block fails."""
    before = file.read_text() if file.exists() else None
    write(file, text)
    try:
        yield
    except BaseException:
        if before is not None:
            write(file, before)
        raise


@contextmanager
def served(live: Path, upstream: str, listen: str) -> Iterator[None]:
    """nginx's files for a version, all three of them, which stay unless the block fails."""
    main = (Path(__file__).resolve().parent / "nginx.conf").read_text()
    with ExitStack() as stack:
        for name, text in (("nginx.conf", main), ("listen.conf", listen), ("upstream.conf", upstream)):
            stack.enter_context(replaced(live / name, text))
        yield


def upstream(servers: str) -> str:
    """live/upstream.conf: the servers, whose idle connections nginx leaves a second before gunicorn would (keepalive),
    so that no POST is sent into one that is being closed.
    """
    return f"upstream app {{\n    zone app 256k;\n{servers}\n    keepalive_timeout 4s;\n}}\n"


def listen(port: str, max_body: str, *, behind_tls: bool) -> str:
    """live/listen.conf, which live/nginx.conf includes."""
    proto = "https" if behind_tls else "$scheme"
    return f"listen {port};\nclient_max_body_size {max_body};\nset $forwarded_proto {proto};\n"


def _seconds(name: str, default: float) -> float:
    said = os.environ.get(name)
    try:
        return float(said or default)
    except ValueError:
        raise Failed(f"{name} is {said!r}: a number of seconds was expected, as in {name}={default}") from None
