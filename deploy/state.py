"""What deploy.py remembers: which version is served by which colour, the one before, the log, and the lock."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

COLOURS = ("blue", "green")
SERVES = "/nginx-serves"  # nginx answers with what it has


class Failed(Exception):
    """A step did not succeed; the text is for people."""


class Unfinished(Failed):
    """The new version serves, and something of the old one is left."""


class Unchanged(Failed):
    """nginx refuses what it was to get, and has not got it."""


@dataclass(frozen=True)
class Version:
    """What runs: an image by digest, or for processes the folder of the code."""

    colour: str
    image: str


@dataclass(frozen=True)
class Begun:
    """What is under way: a deployment of the version, or the rollback to it."""

    version: Version
    is_rollback: bool = False
    is_first: bool = False  # nothing was served before
    has_worked: bool = True  # the workers may be its own


class State:
    """A folder. Seconds come from the environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ready_seconds = _seconds("READY_SECONDS", 120)
        self.watch_seconds = _seconds("WATCH_SECONDS", 20)
        self.resolve_seconds = _seconds("RESOLVE_SECONDS", 3)  # for nginx to ask for the addresses of another name
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

    def begin(self, begun: Begun) -> None:
        """From here to the end it is under way."""
        write(self._under_way, json.dumps(asdict(begun)))

    def interrupted(self) -> Begun | None:
        """What was begun and is not at its end. Under the lock: its process was killed."""
        if not self._under_way.exists():
            return None
        try:
            found = json.loads(self._under_way.read_text())
            return Begun(**{**found, "version": Version(**found["version"])})
        except (ValueError, KeyError, TypeError):  # whatever it was: of the other colour nothing stays
            return Begun(self.next(f"what {self._under_way} named"))

    def end(self, version: Version, what: str, why: str = "") -> None:
        """What became of it, for `status`; that it cannot be noted changes nothing of what serves."""
        self._under_way.unlink(missing_ok=True)
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        note = json.dumps({"at": at, "what": what, **asdict(version), "why": why})
        with suppress(OSError), self._log.open("a+b") as log:
            begins = log.seek(0, os.SEEK_END) - 1
            log.seek(max(begins, 0))
            is_whole = log.read() in (b"", b"\n")  # else a full disk has cut the last line
            log.write(f"{'' if is_whole else chr(10)}{note}\n".encode())

    def notes(self) -> list[dict[str, Any]]:
        """What was deployed, the oldest first; not what a full disk has cut."""
        notes = []
        for line in self._log.read_text().splitlines() if self._log.exists() else ():
            with suppress(ValueError):
                notes.append(json.loads(line))
        return notes

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

    @property
    def _under_way(self) -> Path:
        return self.folder / "under_way.json"

    @property
    def _log(self) -> Path:
        return self.folder / "log.jsonl"

    def _read(self) -> dict[str, Any]:
        if not self._file.exists():
            return {}
        try:
            found: dict[str, Any] = json.loads(self._file.read_text())
            Version(**found["live"])
        except (ValueError, TypeError, KeyError):
            shape = '{"live": {"colour": "blue", "image": "..."}, "before": null}'
            raise Failed(f"{self._file} cannot be read: write what is served into it, as in {shape}") from None
        return found


def write(file: Path, text: str) -> None:
    """All of it or nothing: who reads at the same time finds the old text or the new one, and so does who reads after
    the power was cut.
    """
    made = file.with_name(f"{file.name}.new")
    with made.open("w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    made.chmod(0o644)
    made.replace(file)
    with suppress(OSError):  # it is written, and some file systems know no such thing of a folder
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


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
def served(live: Path, files: dict[str, str]) -> Iterator[None]:
    """nginx's files for a version, which stay unless the block fails."""
    with ExitStack() as stack:
        for name, text in files.items():
            stack.enter_context(replaced(live / name, text))
        yield


def put_aside(live: Path, files: dict[str, str]) -> str:
    """For `nginx -t`, in a folder of their own: where their main file is, below the first folder."""
    folder = live / "next"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)  # as that of what is served
    for name, text in files.items():
        write(folder / name, text)
    return "next/nginx.conf"


def configuration(main: str, upstream: str, listen: str, colour: str) -> tuple[dict[str, str], str]:
    """nginx's three files, and how it names them when it has them: the version's colour, and what they hold."""
    mark = f"{colour}-{sha256((main + upstream + listen).encode()).hexdigest()[:12]}"
    names = f"location = {SERVES} {{ access_log off; default_type text/plain; return 200 {mark}; }}\n"
    return {"nginx.conf": main, "listen.conf": listen + names, "upstream.conf": upstream}, mark


def upstream(servers: str) -> str:
    """live/upstream.conf: the servers, whose idle connections nginx leaves a second before gunicorn would (keepalive),
    so that no POST is sent into one that is being closed.
    """
    return f"upstream app {{\n    zone app 256k;\n{servers}\n    keepalive_timeout 4s;\n}}\n"


def listen(port: str, max_body: str, *, behind_tls: bool) -> str:
    """live/listen.conf, which live/nginx.conf includes."""
    proto = "https" if behind_tls else "$scheme"
    return f"listen {port};\nclient_max_body_size {max_body};\nset $forwarded_proto {proto};\n"


def see_that_it_is(mark: str, asked: Callable[[], str], seconds: float) -> None:
    """Wait until nginx names what it was given. At a reload it refuses what `nginx -t` has taken (another key of a zone
    that there is), logs that, goes on with what it had, and says nothing of it to who reloads.
    """
    until = time.monotonic() + seconds
    while asked() != mark:
        if time.monotonic() > until:
            colour = mark.partition("-")[0]
            raise Failed(f"nginx did not take the configuration of {colour} within {seconds:.0f} s: its log says why")
        time.sleep(0.1)


def _seconds(name: str, default: float) -> float:
    said = os.environ.get(name)
    try:
        return float(said or default)
    except ValueError:
        raise Failed(f"{name} is {said!r}: a number of seconds was expected, as in {name}={default}") from None
