"""Who holds a run, and whether that process is still at work.

On one host the process table tells; between hosts only heartbeats do, and they are counted rather than dated, since two
machines' clocks may differ.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

from outgrow.ledger.records import Holder

BEAT_EVERY = 3.0
STALE_AFTER = 15.0


def process_start(pid: int) -> str:
    """When a process began, in the kernel's own unit; empty where the system does not tell."""
    fields = _stat(pid)
    return fields[19] if len(fields) > 19 else ""


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on (the name before it may hold blanks)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def myself() -> Holder:
    now = time.time()
    return Holder(socket.gethostname(), os.getpid(), process_start(os.getpid()), now, 0, now)


def is_alive(holder: Holder, beats: Callable[[], int], patience: float = STALE_AFTER) -> bool:
    """Whether the holder is at work; ``beats`` reads its heartbeats anew. May watch for ``patience`` seconds."""
    if not holder.host:
        return False
    if holder.host == socket.gethostname():
        condition = _condition(holder)
        if condition != "unsure":
            return condition == "running"
    return _beats_again(holder, beats, patience)


def standing(holder: Holder) -> str:
    """ "running", "gone", or "silent" for a while: at one glance, for a look that must not wait as is_alive() may."""
    if holder.host == socket.gethostname() and (condition := _condition(holder)) != "unsure":
        return condition
    return "running" if time.time() - holder.beat_at < STALE_AFTER else "silent"


def _condition(holder: Holder) -> str:
    """ "running", "gone", or "unsure" for a process that is stopped, or is this one."""
    try:
        os.kill(holder.pid, 0)
    except ProcessLookupError:
        return "gone"
    except PermissionError:
        pass
    if holder.process and (now := process_start(holder.pid)) and now != holder.process:
        return "gone"
    state = (_stat(holder.pid) or ["?"])[0]
    if state in "ZX":
        return "gone"
    return "unsure" if state in "Tt?" or holder.pid == os.getpid() else "running"


def _beats_again(holder: Holder, beats: Callable[[], int], patience: float) -> bool:
    """Whether a heartbeat arrives within the time that is left to the holder."""
    left = patience
    if holder.host == socket.gethostname():
        left -= max(0.0, time.time() - holder.beat_at)
    end = time.monotonic() + left
    while time.monotonic() < end:
        time.sleep(min(0.5, left))
        if beats() != holder.beats:
            return True
    return False


def spoken(holder: Holder) -> str:
    """Who it is, for a person: "process 4711 on web1, at work since 12:30:07"."""
    since = time.strftime("%H:%M:%S on %Y-%m-%d", time.localtime(holder.since))
    return f"process {holder.pid} on {holder.host}, at work since {since}"
