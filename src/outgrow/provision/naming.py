"""Names that every engine takes without surprises: of the database, and of its roles."""

from __future__ import annotations

import re
import unicodedata

from outgrow.dialects.provisioning import Provisioning
from outgrow.errors import Refused

_GOOD = re.compile(r"[a-z][a-z0-9_-]*")
_CLIENTS = re.compile(r"[A-Za-z0-9.%_:/-]+")


def checked(name: str, engine: Provisioning) -> str:
    """The name, or Refused with the nearest one that can be had."""
    if not name:
        raise Refused("--name is empty: name the database, such as --name tablebooking.")
    if not _GOOD.fullmatch(name):
        raise Refused(
            f"--name {name!r} holds characters that clients, shells and URLs take for something else: small letters, "
            f"digits, _ and - are expected, and a letter first{_near(name, engine)}."
        )
    if len(name) > engine.longest:
        raise Refused(
            f"--name {name} has {len(name)} letters, and {engine.title} takes {engine.longest}, with room for a role "
            f"NAME_migrator{_near(name, engine)}."
        )
    if name in engine.reserved or name.startswith("pg_"):
        raise Refused(f"--name {name} is a name of {engine.title}'s own: take another{_near(f'{name}_app', engine)}.")
    return name


def _near(name: str, engine: Provisioning) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    made = re.sub(r"[^a-z0-9-]+", "_", plain).strip("_-")
    made = re.sub(r"^(?:pg_|(?=\d))", "db_", made)[: engine.longest].rstrip("_-")
    return f"; --name {made} would do" if made else ""


def checked_clients(clients: str) -> str:
    """The host part of an account: a name, a number, a net, with % and _ as wild letters."""
    if not _CLIENTS.fullmatch(clients):
        raise Refused(f"--clients {clients!r} is no host: write one such as 10.0.%, or % for every host.")
    return clients
