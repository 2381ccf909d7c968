"""What root on Debian can install: packages with apt-get, and a small Debian sid in a folder.

Debian stable has no MySQL, sid has. The folder is made once (about a minute, 500 MB) and cached
under $XDG_CACHE_HOME/outgrow; remove it to get a newer server.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.engines.errors import EngineUnavailable

_NO_SERVICES = "#!/bin/sh\nexit 101\n"
_UNNEEDED = ("var/lib/apt/lists", "var/cache/apt", "usr/share/doc", "usr/share/man")
_STALE_SECONDS = 24 * 3600


def can_install() -> bool:
    """True for root on Debian or a relative of it."""
    return os.geteuid() == 0 and Path("/etc/debian_version").exists() and bool(shutil.which("apt-get"))


def cache() -> Path:
    """Outgrow's folder in the user's cache."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "outgrow"


def install(engine: str, *packages: str) -> None:
    """apt-get install, with fresh package lists."""
    with locked("apt"):
        apt = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300"]
        _run(engine, [*apt, "update"])
        _run(engine, [*apt, "install", "--no-install-recommends", *packages])


def sid(engine: str, *packages: str) -> Path:
    """The root folder of a Debian sid that holds the packages; made at the first call; one that is missing is added."""
    with locked(f"sid-{engine}"):
        root = cache() / f"sid-{engine}"
        if not (root / ".complete").exists():
            _make(engine, packages, root)
        if missing := [name for name in packages if not (root / f"var/lib/dpkg/info/{name}.list").exists()]:
            _add(engine, missing, root)
        _sweep(root)
        return root


def _make(engine: str, packages: Sequence[str], root: Path) -> None:
    if not shutil.which("debootstrap"):
        install(engine, "debootstrap")
    part = root.with_suffix(".part")
    for leftover in (part, root):
        shutil.rmtree(leftover, ignore_errors=True)
    _run(engine, ["debootstrap", "--variant=minbase", "sid", str(part)])
    (part / "etc/hosts").write_text("127.0.0.1 localhost\n")  # mariadb-install-db looks it up
    (part / "usr/sbin/policy-rc.d").write_text(_NO_SERVICES)
    (part / "usr/sbin/policy-rc.d").chmod(0o755)
    _add(engine, packages, part)
    part.chmod(0o755)
    (part / ".complete").touch()
    part.rename(root)


def _add(engine: str, packages: Sequence[str], root: Path) -> None:
    apt = ["chroot", str(root), "apt-get", "-q", "-y", "-o", "Acquire::Check-Valid-Until=false"]
    _run(engine, [*apt, "update"])
    _run(engine, [*apt, "install", "--no-install-recommends", *packages])
    for folder in _UNNEEDED:
        shutil.rmtree(root / folder, ignore_errors=True)


def _sweep(root: Path) -> None:
    """Data directories outlive a run only when its warden was killed; none is older than a day."""
    for folder in (root / "tmp").glob("outgrow-*"):
        if time.time() - folder.stat().st_mtime > _STALE_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def _run(engine: str, command: Sequence[str]) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    environment["PATH"] = f"{environment.get('PATH', '')}:/usr/sbin:/sbin:/usr/bin:/bin"
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip().splitlines() or ["no message"]
        raise EngineUnavailable(engine, f"`{' '.join(command[:4])} …` failed ({words[-1].strip()})")


@contextmanager
def locked(name: str) -> Iterator[None]:
    """One process at a time, over all runs of this user."""
    cache().mkdir(parents=True, exist_ok=True)
    with open(cache() / f"{name}.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
