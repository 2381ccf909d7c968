"""Connections: how many the web servers may open, and how many the server has.

Each thread of each process keeps one for each alias (CONN_MAX_AGE), or each process a pool. gunicorn and uvicorn read
the processes from WEB_CONCURRENCY; gunicorn's threads stand in GUNICORN_CMD_ARGS.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

from outgrow.dialects import family
from outgrow.dialects.base import Session
from outgrow.dialects.inspecting import Inspection, Said, failed, good, warning
from outgrow.dialects.pools import pool_size
from outgrow.options import DoctorOptions
from outgrow.places import Place

FULL = 0.8  # of what the server allows: the rest is for people, migrations and backups


@dataclass(frozen=True, slots=True)
class Connections:
    """``server``: equal for two databases of one server."""

    server: str
    allowed: int
    in_use: int


def count(inspection: Inspection, session: Session) -> Connections | None:
    """None where nothing limits them, as for a file."""
    found = inspection.connections(session)
    return Connections(*found) if found else None


def judge(places: Sequence[Place], counted: Sequence[Connections], options: DoctorOptions) -> Said:
    processes = options.processes or _from_environment(r"(?:--workers|-w)[ =](\d+)", "WEB_CONCURRENCY")
    threads = options.threads or _from_environment(r"--threads[ =](\d+)")
    workers, each = processes or 1, threads or 1
    wanted = options.web_servers * workers * sum(_of_process(place, each) for place in places)
    allowed, in_use = min(c.allowed for c in counted), max(c.in_use for c in counted)
    sum_ = f"{options.web_servers} web server{'s' * (options.web_servers > 1)} × {workers} processes × {each} threads"
    sum_ += f" × {len(places)} database{'s' * (len(places) > 1)}"
    if wanted > allowed:
        return failed(
            f"{sum_} may open {wanted} connections and the server allows {allowed}: lower one of them, put a pooler "
            "between, or raise max_connections."
        )
    if wanted > FULL * allowed or in_use > FULL * allowed:
        return warning(
            f"{sum_} may open {wanted} connections, {in_use} are open now, and the server allows {allowed}: little is "
            "left for migrations, backups and people, so raise max_connections or put a pooler between."
        )
    told = "" if processes else " (the processes are not known here: give --processes and --threads)"
    return good(f"{sum_} may open {wanted} of {allowed} connections; {in_use} are open now{told}")


def _of_process(place: Place, threads: int) -> int:
    size = pool_size(family(place.settings), place.settings)
    return threads if size is None else min(size, threads) if size else threads


def _from_environment(pattern: str, variable: str = "") -> int | None:
    match = re.search(pattern, os.environ.get("GUNICORN_CMD_ARGS", ""))
    text = match[1] if match else os.environ.get(variable, "") if variable else ""
    return int(text) if text.isdigit() and int(text) else None
