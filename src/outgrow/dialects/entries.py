"""What a DATABASES entry made from a URL should have besides: TLS, timeouts, strict modes; what the URL says stands.

By the entry alone: nothing is connected to, and no driver is needed.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from difflib import get_close_matches
from importlib.util import find_spec
from typing import Any

import django

from outgrow.dialects import family
from outgrow.dialects.where import is_here

CONNECT_SECONDS = 5
"""A server that takes a connection and never answers would keep its request for ever."""

SYSTEM = "system"  # instead of a file of authorities: those that this machine trusts
_STRICT = "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
_WAL = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000"
_POOL_SECONDS = 10


class Unfit(ValueError):
    """What the entry asks for cannot be had here; a clause that goes on "…: do this"."""


def tuned(entry: dict[str, Any], *, tls: bool, authorities: str | None) -> dict[str, Any]:
    """The entry with what is good for its engine. ``tls``: other machines are reached by TLS or not at all;
    ``authorities``: a file of certificate authorities, or "system", by which servers have to prove who they are.
    """
    tune = {"postgresql": _postgresql, "mysql": _mysql, "sqlite": _sqlite}.get(family(entry))
    if tune is None:
        return entry
    options = dict(entry.get("OPTIONS") or {})
    insist = tls and not is_here(str(entry.get("HOST") or ""))
    made = {**entry, "OPTIONS": tune(options, insist, authorities)}
    if made["OPTIONS"].get("pool"):
        made["CONN_MAX_AGE"] = 0  # the pool keeps connections, and Django refuses both at once
    return made


def _postgresql(options: dict[str, Any], insist: bool, authorities: str | None) -> dict[str, Any]:
    if other := next((name for name in ("ssl_mode", "ssl-mode", "ssl") if name in options), ""):
        raise Unfit(f"has {other}=, which PostgreSQL does not know: write sslmode=require")
    mode = str(options.get("sslmode") or "")
    _known("sslmode", mode, ("disable", "allow", "prefer", "require", "verify-ca", "verify-full"))
    if not mode and (authorities or insist):
        options["sslmode"] = mode = "verify-full" if authorities else "require"
    if mode.startswith("verify") and authorities:
        options.setdefault("sslrootcert", authorities)
    if pool := options.pop("pool", None):
        options["pool"] = _pool(pool)
    return {"connect_timeout": CONNECT_SECONDS, **options}


def _known(option: str, value: str, known: Sequence[str]) -> None:
    if value and value not in known:
        raise Unfit(f"has {option}={value}: write {', '.join(get_close_matches(value, known, 1) or known)}")


def _pool(asked: Any) -> Any:
    """``pool=true``: of psycopg's own size; ``pool=8``: up to so many connections a process."""
    if django.VERSION < (5, 1):
        raise Unfit(f"asks for a pool, which Django has since 5.1 and this is {django.__version__}: take pool= out")
    if find_spec("psycopg_pool") is None:
        raise Unfit("asks for a pool, and psycopg_pool is not installed: run pip install 'psycopg[pool]'")
    if isinstance(asked, int) and not isinstance(asked, bool):
        return {"min_size": 1, "max_size": asked, "timeout": _POOL_SECONDS}
    if asked is not True and not isinstance(asked, dict):
        raise Unfit("has a pool= that is neither true nor a number: write pool=8 for eight connections a process")
    return asked


def _mysql(options: dict[str, Any], insist: bool, authorities: str | None) -> dict[str, Any]:
    if "ssl-mode" in options:
        options["ssl_mode"] = options.pop("ssl-mode")
    if "sslmode" in options:
        raise Unfit("has sslmode=, which is PostgreSQL's: write ssl_mode=REQUIRED")
    if "pool" in options:
        raise Unfit("asks for a pool, which Django has for PostgreSQL alone: take pool= out")
    files = options.get("ssl") or {}
    if not isinstance(files, dict):
        raise Unfit("has ssl=, which is no file of authorities and no mode: write ssl-ca=FILE, or ssl_mode=REQUIRED")
    mode = str(options.get("ssl_mode") or "").upper()
    _known("ssl_mode", mode, ("DISABLED", "PREFERRED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY"))
    if not mode and (authorities or files.get("ca")):
        mode = "VERIFY_IDENTITY"
    elif not mode and insist:
        mode = "REQUIRED"
    if mode:
        options["ssl_mode"] = mode
    if mode.startswith("VERIFY") and authorities and "ca" not in files:
        options["ssl"] = {**files, "ca": _system_file() if authorities == SYSTEM else authorities}
    return {
        "charset": "utf8mb4",
        "connect_timeout": CONNECT_SECONDS,
        "isolation_level": "read committed",  # what Django's own code expects
        # added to the server's modes: what does not fit is an error, and not cut
        "init_command": f"SET sql_mode=CONCAT_WS(',',NULLIF(@@sql_mode,''),'{_STRICT}')",
        **options,
    }


def _system_file() -> str:
    """This client library knows no "system": the file that Python's own ssl takes."""
    paths = ssl.get_default_verify_paths()
    if paths.cafile is None:
        raise Unfit("is to be verified by this machine's authorities, and they lie in no file: name one in DATABASE_CA")
    return paths.cafile


def _sqlite(options: dict[str, Any], insist: bool, authorities: str | None) -> dict[str, Any]:
    if django.VERSION < (5, 1):
        return {"timeout": 20, **options}
    # Transactions take the write lock when they begin: one that reads first could not wait for it later.
    return {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": _WAL, **options}
