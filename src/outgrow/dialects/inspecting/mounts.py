"""On what kind of file system a file lies, and which processes have it open (Linux tells both in /proc)."""

from __future__ import annotations

import os
from pathlib import Path

NETWORK = (
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "fuse.sshfs",
    "fuse.s3fs",
    "fuse.glusterfs",
    "ceph",
    "afs",
    "ncpfs",
)
PASSING = ("overlay", "tmpfs", "ramfs")
MOUNTS = Path("/proc/self/mounts")


def file_system(path: str) -> str:
    """Its type as the kernel calls it, "" where that cannot be told."""
    try:
        lines = MOUNTS.read_text().splitlines()
    except OSError:
        return ""
    real = os.path.realpath(path)
    best = ("", "")
    for line in lines:
        _, point, kind, *_ = line.split(" ")
        point = point.encode().decode("unicode_escape")
        inside = real == point or real.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best[0]):
            best = (point, kind)
    return best[1]


def holders(path: str) -> str:
    """ "gunicorn (pid 4711) and python (pid 12)", of those that this user may see, without this process."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        if int(folder.name) == os.getpid():
            continue
        try:
            open_files = (os.readlink(entry) for entry in (folder / "fd").iterdir())
            if path in open_files:
                found.append(f"{(folder / 'comm').read_text().strip()} (pid {folder.name})")
        except OSError:
            continue
    return " and ".join(found[:3])
