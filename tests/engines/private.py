"""Start a server of one's own in a temporary folder, as an unprivileged user, on a free port."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import stat
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tests.engines import debian, origins
from tests.engines.origins import Program
from tests.engines.server import PrivateServer, driver_of
from tests.engines.warden import Job, Warden

_TRIES = 3  # another process may take the free port before the server does


def start(engine: str, options: Mapping[str, str], *, durable: bool, of: PrivateServer | None = None) -> PrivateServer:
    """Make a data directory and start the server on it; the caller destroys it.

    ``of``: a PostgreSQL server that it is to be a standby of.
    """
    program = origins.find(engine)
    settings = {**({} if durable else driver_of(engine).UNSAFE), **options}
    for attempt in range(_TRIES):
        server = _make(program, settings, of)
        try:
            server.start()
            return server
        except BaseException as error:
            taken = "address already in use" in server.log().lower()
            server.destroy()
            if not isinstance(error, RuntimeError) or not taken or attempt == _TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _make(program: Program, settings: Mapping[str, str], of: PrivateServer | None) -> PrivateServer:
    driver = driver_of(program.engine)
    account = _account(driver.ACCOUNTS)
    folder = _folder(program.root, account)
    try:
        program = _reachable(program, folder, account)
        inside = f"/{folder.relative_to(program.root)}" if program.root else str(folder)
        port = _free_port()
        job = Job(
            command=driver.command(program, inside, port, settings),
            folder=str(folder),
            log=str(folder / "log"),
            root=program.root,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            environment={"TMPDIR": inside, "HOME": inside, **({"PGPASSWORD": of.password} if of else {})},
        )
        warden = Warden(job)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    try:
        if of is None:
            password = _data(program, warden, folder, inside, account)
        else:
            password = of.password
            if warden.prepare(driver.standby(program, inside, of)) != 0:
                raise RuntimeError(f"{program.engine} could not copy its primary: {warden.last_words()}")
    except BaseException:
        warden.end()
        raise
    return PrivateServer(
        program.engine, "127.0.0.1", port, driver.ADMINISTRATOR, password, program.origin,
        home=driver.HOME, warden=warden,
    )  # fmt: skip


def _data(program: Program, warden: Warden, folder: Path, inside: str, account: pwd.struct_passwd | None) -> str:
    """Fill the data directory and return the administrator's password.

    MySQL needs 4 s for it, so a copy is kept in its Debian sid; it never holds the server's uuid.
    """
    if program.engine != "mysql" or program.root is None:
        return _fresh_data(program, warden, folder, inside, account)
    template = Path(program.root) / "var/lib/outgrow"
    with debian.locked("mysql-template"):
        if not template.exists():
            password = _fresh_data(program, warden, folder, inside, account)
            part = template.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(mode=0o700)
            (part / "password").write_text(password)
            _copy(folder / "data", part)
            (part / "data/auto.cnf").unlink()
            part.rename(template)
            return password
    _copy(template / "data", folder)
    return (template / "password").read_text()


def _fresh_data(program: Program, warden: Warden, folder: Path, inside: str, account: pwd.struct_passwd | None) -> str:
    driver = driver_of(program.engine)
    password = secrets.token_hex(12)
    _write_secret(folder / "secret", driver.secret_file(program, password), account)
    if warden.prepare(driver.preparation(program, inside)) != 0:
        logs = [warden.last_words(), *(path.read_text() for path in folder.glob("*.err"))]
        words = " / ".join("\n".join(logs).splitlines()[-5:])
        raise RuntimeError(f"{program.engine} could not make its data directory: {words}")
    (folder / "secret").unlink()
    return password


def _copy(folder: Path, into: Path) -> None:
    """A copy that keeps owners and holes."""
    subprocess.run(["cp", "-a", "--sparse=always", str(folder), f"{into}/"], check=True)


def _account(names: Sequence[str]) -> pwd.struct_passwd | None:
    """Servers do not run as root: the first of these users that exists; None if we are not root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next(known[name] for name in names if name in known)


def _folder(root: str | None, account: pwd.struct_passwd | None) -> Path:
    """A temporary folder of that user, at a place the user can reach."""
    if root is not None:
        place = Path(root) / "tmp"
    else:
        places = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]
        place = next(path for path in places if account is None or _open_to_all(path))
    folder = Path(tempfile.mkdtemp(prefix="outgrow-", dir=place))
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    return folder


def _reachable(program: Program, folder: Path, account: pwd.struct_passwd | None) -> Program:
    """Copy the binaries when they lie in somebody's private folder, such as /root."""
    server = Path(program.server).resolve()
    if program.root is not None or account is None or _open_to_all(server):
        return program
    library = driver_of(program.engine).library_of(server)
    copy = shutil.copytree(library, folder / "program", symlinks=True)
    return replace(program, server=str(copy / server.relative_to(library)))


def _open_to_all(path: Path) -> bool:
    return all(place.stat().st_mode & stat.S_IXOTH for place in (path.resolve(), *path.resolve().parents))


def _write_secret(path: Path, text: str, account: pwd.struct_passwd | None) -> None:
    with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(text)
    if account is not None:
        os.chown(path, account.pw_uid, account.pw_gid)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
