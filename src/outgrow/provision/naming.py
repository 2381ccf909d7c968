"""Names that every engine takes without surprises: of the database, and of its roles."""

from __future__ import annotations

import re
import unicodedata

from outgrow.dialects.provisioning import Provisioning
from outgrow.errors import Refused

_GOOD = re.compile(r"[a-z][a-z0-9_-]*")
_CLIENTS = re.compile(r"[A-Za-z0-9.%_:/-]+")


def checked(name: str, engine: Provisioning) -> str:
    """The database's name, or Refused with the nearest one that can be had."""
    _well_formed("--name", name, engine)
    if engine.letters(name) > engine.longest:
        most = next(n for n in range(engine.longest, 0, -1) if engine.letters(name[:n]) <= engine.longest)
        near = _near("--name", name, most)
        raise Refused(f"--name {name} is longer than the {engine.longest} letters that {engine.title} takes{near}.")
    return name


def checked_roles(roles: str | None, name: str, engine: Provisioning) -> str:
    """What the names of the roles begin with, which is the database's name where nothing else is asked for."""
    if roles is not None:
        _well_formed("--roles", roles, engine)
    found = name if roles is None else roles
    if len(found) > engine.longest_role:
        asked = "--name" if roles is None else "--roles"
        raise Refused(
            f"{asked} {found} has {len(found)} letters, and {engine.title} takes {engine.longest_role} before "
            f"_migrator in the name of a role{_near('--roles', found, engine.longest_role)}."
        )
    return found


def _well_formed(option: str, name: str, engine: Provisioning) -> None:
    if not name:
        raise Refused(f"{option} is empty: write a name, such as {option} tablebooking.")
    if not _GOOD.fullmatch(name):
        raise Refused(
            f"{option} {name!r} holds characters that clients, shells and URLs take for something else: small letters, "
            f"digits, _ and - are expected, and a letter first{_near(option, name, engine.longest_role)}."
        )
    if name in engine.reserved or name.startswith("pg_"):
        near = _near(option, f"{name}_app", engine.longest_role)
        raise Refused(f"{option} {name} is a name of {engine.title}'s own: take another{near}.")


def _near(option: str, name: str, most: int) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    made = re.sub(r"[^a-z0-9-]+", "_", plain).strip("_-")
    made = re.sub(r"^(?:pg_|(?=\d))", "db_", made)[:most].rstrip("_-")
    return f"; {option} {made} would do" if made else ""


def checked_clients(clients: str) -> str:
    """The host part of an account: a name, a number, a net, with % and _ as wild letters."""
    if not _CLIENTS.fullmatch(clients):
        raise Refused(f"--clients {clients!r} is no host: write one such as 10.0.%, or % for every host.")
    return clients
