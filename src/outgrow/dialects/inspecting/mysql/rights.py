"""MySQL and MariaDB: what the login may do, read from the grants that are in force for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from outgrow.dialects.base import Session
from outgrow.dialects.inspecting.base import Inspection, Said, failed, good, warning
from outgrow.dialects.inspecting.words import listed
from outgrow.dialects.mysql.grants import as_pattern, covers, parse, precise

MIGRATING = ("CREATE", "ALTER", "DROP", "INDEX", "REFERENCES")
USING = ("SELECT", "INSERT", "UPDATE", "DELETE")
POWERS = (
    "SUPER", "GRANT OPTION", "CREATE USER", "FILE", "SHUTDOWN", "PROCESS", "RELOAD", "SYSTEM_USER", "CONNECTION_ADMIN",
    "SYSTEM_VARIABLES_ADMIN", "ROLE_ADMIN", "SET_USER_ID", "BINLOG ADMIN", "CONNECTION ADMIN", "SET USER",
)  # fmt: skip
_OURS = re.compile(r"'(.+)_(?:app|reader)'@'.*'")
"""Two of the three roles that `outgrow provision` makes."""
HARMLESS = ("USAGE", "PROXY")


@dataclass(frozen=True, slots=True)
class Grants:
    """``everywhere``: on *.*; ``here``: on the whole database; ``tables``: on single ones of it.

    ``place``: the pattern that is in force; ``own``: the one for this database alone, as it is written there.
    """

    account: str
    everywhere: frozenset[str]
    here: frozenset[str]
    tables: int
    place: str
    own: str

    def line(self, rights: Iterable[str]) -> str:
        """The GRANT of these rights. It puts a wider pattern out of force, whose rights it has to repeat."""
        kept = self.here if self.place != self.own else frozenset[str]()
        wanted = ", ".join([*rights, *sorted(kept - set(rights) - {"GRANT OPTION"})])
        return f"GRANT {wanted} ON `{self.own}`.* TO {self.account};"

    def lacking(self, rights: tuple[str, ...]) -> list[str]:
        held = self.everywhere | self.here
        return [] if "ALL PRIVILEGES" in held else [right for right in rights if right not in held]


class Rights(Inspection):
    _grants: Grants | None = None

    def grants(self, session: Session) -> Grants:
        """What SHOW GRANTS says, roles that are in force included; read once for the three questions about it."""
        if self._grants is None:
            self._grants = self._read(session)
        return self._grants

    def _read(self, session: Session) -> Grants:
        name, role = str(session.value("SELECT DATABASE()")), str(session.value("SELECT CURRENT_ROLE()") or "NONE")
        everywhere: set[str] = set()
        here: dict[str, set[str]] = {}
        tables = 0
        using = f" FOR CURRENT_USER() USING {role}" if "`" in role else ""
        for (line,) in session.query(f"SHOW GRANTS{using}"):
            grant = parse(line)
            if grant is None:
                continue
            rights = grant.rights | ({"GRANT OPTION"} if grant.may_grant else set())
            if grant.everywhere:
                everywhere |= rights
            elif covers(grant.place, name) and grant.table == "*":
                here.setdefault(grant.place, set()).update(rights)
            elif covers(grant.place, name):
                tables += 1
        account = "@".join(f"'{part}'" for part in str(session.value("SELECT CURRENT_USER()")).rsplit("@", 1))
        literally = session.query("SHOW VARIABLES LIKE 'partial_revokes'")
        own = name if literally and literally[0][1] == "ON" else as_pattern(name)
        # of several patterns the server takes the most precise one alone; what roles give is added
        place = max(here, key=precise, default=own)
        held = here.get(place, set()) if role == "NONE" else set[str]().union(*here.values())
        own = place if place == name else own
        return Grants(account, frozenset(everywhere), frozenset(held), tables, place, own)

    def rights_to_migrate(self, session: Session) -> Iterator[Said]:
        grants, name = self.grants(session), session.value("SELECT DATABASE()")
        lacking = grants.lacking(MIGRATING)
        ours = _OURS.fullmatch(grants.account)  # by the name alone: this login may not see whether the other is there
        if lacking == list(MIGRATING) and ours:
            yield good(
                f"{grants.account} may not make tables, as a service's login should not: `migrate` runs as "
                f"{ours[1]}_migrator"
            )
        elif lacking:
            yield warning(
                f"{grants.account} lacks {listed(lacking)} on {name}, which `migrate` needs: grant it, or run "
                "`migrate` as another account.",
                grants.line(lacking),
            )
        else:
            yield good(f"{grants.account} may make and alter the tables of {name}")

    def rights_to_use(self, session: Session) -> Iterator[Said]:
        grants, name = self.grants(session), session.value("SELECT DATABASE()")
        lacking = grants.lacking(USING)
        if lacking == list(USING[1:]):
            yield warning(
                f"{grants.account} may only read {name}: as the login of a replica or of a report that is right, an "
                "application needs the others as well.",
                grants.line(lacking),
            )
        elif lacking and grants.tables:
            yield warning(
                f"{grants.account} has rights on {grants.tables} single tables of {name}, so that a table that a "
                "migration makes is out of its reach: grant them on the database.",
                grants.line(USING),
            )
        elif lacking:
            yield failed(
                f"{grants.account} lacks {listed(lacking)} on {name}: grant what the application needs.",
                grants.line(lacking),
            )
        else:
            yield good(f"{grants.account} may read and write the tables of {name}")

    def power(self, session: Session) -> Iterator[Said]:
        grants, name = self.grants(session), session.value("SELECT DATABASE()")
        if "ALL PRIVILEGES" in grants.everywhere or "SUPER" in grants.everywhere:
            yield warning(
                f"{grants.account} is the server's master account: whoever gets into the application gets the whole "
                "server; give the application an account of its own.",
                f"outgrow provision --on env:ADMIN_URL --name {name}",
            )
            return
        powers = sorted(grants.everywhere & set(POWERS)) + sorted({"GRANT OPTION"} & grants.here)
        if powers:
            where = "*.*" if grants.everywhere & set(powers) else f"`{grants.place}`.*"
            yield warning(
                f"{grants.account} has {listed(powers)}, which no application needs: take it away.",
                f"REVOKE {', '.join(powers)} ON {where} FROM {grants.account};",
            )
        elif grants.everywhere - set(HARMLESS):
            yield warning(
                f"{grants.account} has rights on every database of the server ({listed(sorted(grants.everywhere))}): "
                f"grant them on {name} alone."
            )
        else:
            yield good(f"{grants.account} has no power over the server")
