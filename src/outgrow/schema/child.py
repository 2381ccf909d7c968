"""The child process in which the target's schema is made: a world whose only database is the target.

Run by path, never imported. The job (with the target's password) comes on standard input; events leave on what was
standard output, one JSON object a line; whatever the project prints goes to standard error, which the parent keeps as
a log. Measured before this existed: one unguarded RunPython under ``migrate --database=target`` rewrote the live
source, because the ORM asks the router. Here there is no router, and no alias but ``default`` = the target, however
late a project sets one.
"""

from __future__ import annotations

import copy
import ctypes
import importlib.util
import json
import os
import pickle
import re
import select
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn
from urllib.parse import unquote

PR_SET_PDEATHSIG = 1
PULSE_LOST = 10.0  # the ledger lets a mover be taken over after 15 seconds without a heartbeat
SECRET_NAMES = re.compile(r"api|token|key(?!_prefix|_function)|secret|pass|signature", re.IGNORECASE)
DOTTED_PATH = re.compile(r"[a-z_]\w*(\.\w+){2,}")  # PASSWORD_HASHERS and the like hold class names, not secrets


class Teller:
    """Sends events to the parent; remembers what is being done, so that a failure can name it."""

    def __init__(self, descriptor: int) -> None:
        self._out = os.fdopen(descriptor, "w", encoding="utf-8")
        self.stage = "load"  # load | connect | start over | migrate | tables | record
        self.migration: str | None = None
        self.display = ""  # the engine's name

    def __call__(self, event: str, **data: Any) -> None:
        self._out.write(json.dumps({"event": event, **data}) + "\n")
        self._out.flush()

    def failed(self, error: BaseException, **data: Any) -> None:
        self(
            "failed",
            stage=self.stage,
            migration=self.migration,
            display=self.display,
            reason=reason(error),
            **data,
        )


def reason(error: BaseException) -> str:
    """The first line of the deepest cause that the database or the project gave."""
    arguments = error.args
    if len(arguments) == 2 and isinstance(arguments[0], int):  # MySQL's (number, sentence)
        return f"{arguments[1]} ({arguments[0]})"
    lines = str(error).strip().splitlines()
    text = lines[0].strip().rstrip(".") if lines else type(error).__name__
    if type(error).__name__ == "ConnectionDoesNotExist":
        return f"{text} (only the target does, while its schema is made)"
    if type(error).__name__ == "ImproperlyConfigured" and text.startswith("settings.DATABASES is improperly"):
        return "it reads or writes a table that does not move, and only the target is there while its schema is made"
    if isinstance(error, KeyError | ImportError | AttributeError | TypeError | NameError | SystemExit):
        return f"{type(error).__name__}: {text}"
    return text


def divert_output() -> Teller:
    """Keep standard output for events; from now on whatever is printed goes to standard error."""
    teller = Teller(os.dup(1))
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return teller


def receive() -> dict[str, Any]:
    """The job. Standard input stays open as the parent's lifeline; the project itself reads from nothing."""
    lifeline = os.dup(0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    with os.fdopen(lifeline, "rb", closefd=False) as pipe:
        job: dict[str, Any] = pickle.load(pipe)
    threading.Thread(target=_die_at_end, args=(lifeline,), daemon=True).start()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != job["parent"]:
        os._exit(1)
    return job


def _die_at_end(lifeline: int) -> None:
    """End with the parent, and when it is stopped: by the time another mover takes over, nobody works on its behalf."""
    while select.select([lifeline], [], [], PULSE_LOST)[0] and os.read(lifeline, 64):
        pass
    os.kill(os.getpid(), signal.SIGKILL)


def load_settings(module: str) -> Any:
    """The project's settings object, loaded."""
    os.environ["DJANGO_SETTINGS_MODULE"] = module
    if os.environ.get("DJANGO_CONFIGURATION") and importlib.util.find_spec("configurations"):
        importlib.import_module("configurations.importer").install()
    import django.conf

    settings = django.conf.settings  # noqa: TID251 - conf.py only reads settings; this process replaces them
    _ = settings.INSTALLED_APPS
    return settings


def secrets_of(settings: Any) -> list[str]:
    """Every text that must not leave this machine's memory in a log: the project's own secrets."""
    found: set[str] = set()

    def visit(value: Any, secret: bool) -> None:
        if isinstance(value, Mapping):
            for name, inner in value.items():
                visit(inner, secret or bool(SECRET_NAMES.search(str(name))))
        elif isinstance(value, list | tuple | set):
            for inner in value:
                visit(inner, secret)
        elif secret and isinstance(value, str) and len(value) >= 4 and not DOTTED_PATH.fullmatch(value):
            found.add(value)

    visit({name: getattr(settings, name, None) for name in dir(settings) if name.isupper()}, False)
    visit(dict(os.environ), False)
    return sorted(found, key=len, reverse=True)


ELSEWHERE = {"ENGINE": "django.db.backends.dummy"}  # a database that nobody can reach


def only_database(settings: Any, target: dict[str, Any], owners: Mapping[str, Any] | None) -> None:
    """Leave one alias, ``default``, which is the target whatever DATABASES says now or later; and no router.

    With owners (of a split) the router is theirs, and ``elsewhere`` is the owner of all that the target does not own.
    """
    from django.db import connections, router
    from django.db.utils import ConnectionHandler, load_backend
    from django.utils.connection import ConnectionDoesNotExist

    from outgrow.dialects import beside_a_heartbeat

    connections.close_all()
    known = {"default": copy.deepcopy(target), **({} if owners is None else {"elsewhere": ELSEWHERE})}
    settings.DATABASES = known
    settings.DATABASE_ROUTERS = []
    declared = {} if owners is None else {"OWNERS": dict(owners)}
    settings.OUTGROW = {**(getattr(settings, "OUTGROW", None) or {}), "OWNERS": None, "REPLICAS": None, **declared}
    fresh = ConnectionHandler(copy.deepcopy(known))
    configured = copy.deepcopy(fresh.settings["default"])  # whatever an app's ready() writes into connections.databases
    backend = load_backend(configured["ENGINE"])

    def create(alias: str) -> Any:
        if alias == "elsewhere" and owners is not None:
            return load_backend(ELSEWHERE["ENGINE"]).DatabaseWrapper(copy.deepcopy(fresh.settings[alias]), alias)
        if alias != "default":
            raise ConnectionDoesNotExist(f"The connection {alias!r} doesn't exist.")
        wrapper = backend.DatabaseWrapper(copy.deepcopy(configured), alias)
        beside_a_heartbeat(wrapper)
        return wrapper

    vars(connections).update(vars(fresh))
    connections.create_connection = create  # type: ignore[method-assign]
    router.__dict__["routers"] = []


def forget_routers(owners: Mapping[str, Any] | None) -> None:
    """Whatever an app's ready() added; of a split, its own router is left alone."""
    from django.db import router

    from outgrow.routing import Router

    router.__dict__["routers"] = [] if owners is None else [Router()]


def sqlite_files(databases: Mapping[str, Any]) -> Iterator[Path]:
    """The files of the project's own databases; only SQLite has an audit event to stop code that opens them by path."""
    for entry in databases.values():
        name = Path(str(entry.get("NAME") or "."))
        if name.is_file():
            yield name


def keep_shut(files: list[Path]) -> None:
    """Refuse to open these SQLite files, also by path and without Django."""
    inodes = {(s.st_dev, s.st_ino) for s in (file.stat() for file in files)}

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if event != "sqlite3.connect":
            return
        name = os.fsdecode(arguments[0])
        path = Path(unquote(name.removeprefix("file:").split("?")[0]) if name.startswith("file:") else name)
        if path.is_file() and (path.stat().st_dev, path.stat().st_ino) in inodes:
            raise PermissionError(f"{path.name} is a database of the project and stays shut while the schema is made")

    sys.addaudithook(audit)


def enter_project(job: dict[str, Any], tell: Teller) -> None:
    """Load the project around the target."""
    settings = load_settings(job["settings_module"])
    tell("secrets", values=secrets_of(settings))
    target = job["target"]
    files = [f for f in sqlite_files(settings.DATABASES) if not _same_file(f, target.get("NAME"))]
    only_database(settings, target, job.get("owners"))
    keep_shut(files)
    import django

    django.setup()
    forget_routers(job.get("owners"))


def _same_file(file: Path, name: Any) -> bool:
    return bool(name) and os.path.exists(str(name)) and os.path.samefile(file, str(name))


def report(tell: Teller, error: BaseException, trace: TracebackType | None, **data: Any) -> NoReturn:
    """Tell the parent, leave the traceback in the log, and go."""
    import traceback

    traceback.print_exception(type(error), error, trace)
    sys.stderr.flush()
    tell.failed(error, **data)
    os._exit(1)


def count_only(job: dict[str, Any], tell: Teller) -> NoReturn:
    """Load the project through a settings block and count its rows."""
    from outgrow.schema.counting import count, read_block

    job["target"] = read_block(job["block"], job["environment"])
    enter_project(job, tell)
    count(tell)
    sys.stderr.flush()
    os._exit(0)


def count_routed(job: dict[str, Any], tell: Teller) -> NoReturn:
    """Load the project with a split's settings at the end of its own, and count what moved by its router."""
    from outgrow.schema.counting import count_where_routed, with_block

    settings = load_settings(job["settings_module"])
    tell("secrets", values=secrets_of(settings))
    with_block(settings, job["block"], job["environment"])
    import django

    django.setup()
    count_where_routed(job["labels"], job["asked"], tell)
    sys.stderr.flush()
    os._exit(0)


def main() -> None:
    """Receive the job, enter the project, make the schema."""
    tell = divert_output()
    job = receive()
    sys.path[:] = job["path"]
    sys.argv = ["manage.py", "migrate"]  # what settings modules that look at it expect
    try:
        if job["mode"] == "count":
            count_only(job, tell)
        if job["mode"] == "count routed":
            count_routed(job, tell)
        enter_project(job, tell)
        from outgrow.schema.making import Making

        making = Making(job, tell)
    except BaseException as error:
        report(tell, error, error.__traceback__)
    try:
        making.run()
    except BaseException as error:
        left = making.undo()
        report(tell, error, error.__traceback__, **left)
    tell("done", made=making.made())
    sys.stderr.flush()
    os._exit(0)  # threads that a project started do not hold us


if __name__ == "__main__":
    main()
