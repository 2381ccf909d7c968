"""The last --to of each project, in a file of the user's cache directory that only its owner can read; no password."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from outgrow import conf
from outgrow.errors import OutgrowError


class Forgotten(OutgrowError):
    """The remembered target needs its password again."""


def _file() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or os.path.expanduser("~/.cache")
    project = hashlib.sha256(f"{conf.base_dir()}\0{conf.settings_module()}".encode()).hexdigest()[:16]
    return Path(home) / "outgrow" / f"{project}.json"


def remember(target: str) -> None:
    """Keep a target as it was typed, less its password; where that cannot be written nothing is lost."""
    text, had_password = _without_password(target)
    path = _file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({"to": text, "password": had_password}, file)
    except OSError:
        return


def recall() -> str | None:
    """The remembered target, None if there is none; Forgotten if it had a password."""
    try:
        kept = json.loads(_file().read_text())
        target, had_password = str(kept["to"]), bool(kept["password"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if had_password:
        raise Forgotten(f"The last target was {_shown(target)}, whose password is not kept: name it again with --to.")
    return target


def _without_password(target: str) -> tuple[str, bool]:
    if "://" not in target:
        return target, False
    if target.startswith("sqlite:///"):
        return f"sqlite:///{os.path.abspath(target[len('sqlite:///') :])}", False
    parts = urlsplit(target)
    login, at, host = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    query = "&".join(q for q in parts.query.split("&") if "pass" not in q.partition("=")[0].lower())
    kept = urlunsplit(parts._replace(netloc=f"{user}{at}{host}", query=query))
    return kept, bool(password) or query != parts.query


def _shown(target: str) -> str:
    parts = urlsplit(target)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=""))
