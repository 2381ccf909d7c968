"""MySQL and MariaDB: a database with utf8mb4, and accounts that get in by TLS alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from outgrow.dialects.base import Session, Settings, Trouble
from outgrow.dialects.inspecting.words import listed
from outgrow.dialects.mysql.catalog import literal
from outgrow.dialects.mysql.ddl import quote
from outgrow.dialects.mysql.grants import Grant, as_pattern, covers, parse, roles
from outgrow.dialects.provisioning.base import HIDDEN, ROLES, Difference, Provisioning, Standing, Step, Wanted
from outgrow.dialects.provisioning.mysql import collations, verifiers
from outgrow.dialects.tables import MYSQLS_OWN
from outgrow.errors import Unreachable

DML = ("SELECT", "INSERT", "UPDATE", "DELETE")
RIGHTS = {
    "app": DML,
    "migrator": (
        *DML, "CREATE", "ALTER", "DROP", "INDEX", "REFERENCES", "CREATE VIEW", "SHOW VIEW", "TRIGGER", "CREATE ROUTINE",
        "ALTER ROUTINE", "EXECUTE", "CREATE TEMPORARY TABLES", "LOCK TABLES",
    ),
    "reader": ("SELECT",),
}  # fmt: skip
_WHY = {
    "app": "the application: reads and writes rows, also of tables that are made later",
    "migrator": "migrations: makes, alters and drops tables",
    "reader": "reports and replicas: reads rows",
}
_HARMLESS = frozenset({"USAGE"})
_TABLES = "SELECT count(*) FROM information_schema.tables WHERE table_schema = {name}"
_SCHEMA = """
SELECT default_character_set_name, default_collation_name FROM information_schema.schemata WHERE schema_name = {name}
"""


class MySQLProvisioning(Provisioning):
    title = "MySQL"
    longest = 64
    longest_role = 32 - len("_migrator")
    reserved = MYSQLS_OWN | {"innodb", "test"}
    tls_line = "[mysqld] ssl_cert, ssl_key, ssl_ca = …"
    scratch = "CREATE TABLE outgrow_provision (id bigint AUTO_INCREMENT PRIMARY KEY, word varchar(20))"

    def letters(self, name: str) -> int:
        return len(as_pattern(name))  # in a grant

    # -- what is there --------------------------------------------------------------------------------------------
    def exists(self, session: Session, wanted: Wanted) -> bool:
        return bool(session.query(_SCHEMA.format(name=literal(wanted.database))))

    def standing(self, session: Session, wanted: Wanted, which: str) -> Standing:
        made = self._made(session, wanted, which)
        if made is None:
            return Standing.ABSENT
        return Standing.CLOSED if re.search(r"\bACCOUNT LOCK\b", made) else Standing.OPEN

    def _made(self, session: Session, wanted: Wanted, which: str) -> str | None:
        """SHOW CREATE USER, which holds a verifier; None for an account that is not there."""
        user = literal(wanted.role(which))
        sql = f"SELECT 1 FROM mysql.user WHERE user = {user} AND host = {literal(wanted.clients)}"
        try:
            if not session.query(sql):
                return None
            return str(session.value(f"SHOW CREATE USER {_account(wanted, which)}"))
        except Exception as error:
            if self.dialect.trouble(error) is not Trouble.RIGHTS:
                raise
            me = _me(session)
            raise Unreachable(
                f"{me} may not read which accounts there are: grant it (GRANT SELECT ON mysql.* TO {me};)."
            ) from None

    def inside(self, session: Session, wanted: Wanted) -> Session:
        return session

    def choice(self, session: Session, wanted: Wanted) -> str:
        return collations.why(collations.choose(session, self.dialect.name, wanted.collation))

    def _collation(self, session: Session, wanted: Wanted) -> str:
        """Of the database that is there, or is to be made."""
        there = session.query(_SCHEMA.format(name=literal(wanted.database)))
        if there and there[0][0] == "utf8mb4":
            return str(there[0][1])
        return collations.choose(session, self.dialect.name, wanted.collation)

    def _grants(self, session: Session, wanted: Wanted, which: str) -> list[str]:
        if self._made(session, wanted, which) is None:
            return []
        return [str(line) for (line,) in session.query(f"SHOW GRANTS FOR {_account(wanted, which)}")]

    # -- what is missing ------------------------------------------------------------------------------------------
    def lacking(self, session: Session, wanted: Wanted, steps: tuple[Step, ...]) -> list[Difference]:
        held = list(filter(None, map(parse, _own_grants(session))))
        me, there = _me(session), [g for g in held if g.everywhere or _means(g, wanted.database)]
        found = []
        if any(" USER " in step.sql for step in steps) and not _has([g for g in held if g.everywhere], "CREATE USER"):
            found.append(Difference(f"{me} may not make accounts: let it.", (f"GRANT CREATE USER ON *.* TO {me};",)))
        target = f"{quote(as_pattern(wanted.database))}.*"
        if any(step.sql.startswith("CREATE DATABASE") for step in steps) and not _has(there, "CREATE"):
            found.append(
                Difference(
                    f"{me} may not make the database {wanted.database}: grant it.",
                    (f"GRANT CREATE ON {target} TO {me};",),
                )
            )
        may_give = [g for g in there if g.may_grant]
        given = {r for which in ROLES for r in RIGHTS[which] if any(_gives(step, wanted, which) for step in steps)}
        if missing := [r for r in RIGHTS["migrator"] if r in given and not _has(may_give, r)]:
            sql = f"GRANT {', '.join(missing)} ON {target} TO {me} WITH GRANT OPTION;"
            found.append(
                Difference(f"{me} may not give {listed(missing)} on {wanted.database} to others: let it.", (sql,))
            )
        return found

    def making(self, session: Session, wanted: Wanted, passwords: Mapping[str, str]) -> Iterator[Step]:
        name = literal(wanted.database)
        collation = collations.choose(session, self.dialect.name, wanted.collation)
        words = f"{quote(wanted.database)} CHARACTER SET utf8mb4 COLLATE {collation}"
        there = session.query(_SCHEMA.format(name=name))
        if not there:
            yield Step(f"CREATE DATABASE {words}", "the database")
        elif there[0][0] != "utf8mb4" and not session.value(_TABLES.format(name=name)):
            yield Step(f"ALTER DATABASE {words}", f"{there[0][0]} lacks characters, and there is no table to lose them")
        for which in ROLES:
            if self.standing(session, wanted, which) is Standing.ABSENT:
                tls = " REQUIRE SSL" if wanted.tls else ""
                yield Step(
                    f"CREATE USER {_account(wanted, which)} {self._identified()}{tls} ACCOUNT LOCK",
                    _WHY[which],
                    secret=self._verifier(passwords[which]),
                )
            elif wanted.tls and "REQUIRE SSL" not in str(self._made(session, wanted, which)):
                yield Step(f"ALTER USER {_account(wanted, which)} REQUIRE SSL", "it was let in without TLS")

    def _identified(self) -> str:
        return f"IDENTIFIED WITH caching_sha2_password AS {HIDDEN}"

    def _verifier(self, password: str) -> str:
        return verifiers.caching_sha2(password)

    def granting(self, session: Session, inside: Session | None, wanted: Wanted) -> Iterator[Step]:
        place = self._pattern(session, wanted)
        for which in ROLES:
            held = [g for g in map(parse, self._grants(session, wanted, which)) if g]
            # of two patterns that mean the database the server takes the narrower one alone: what counts is ours
            held = [g for g in held if g.everywhere or (g.place == place and g.table == "*")]
            if missing := [right for right in RIGHTS[which] if not _has(held, right)]:
                rights = ", ".join(missing)
                yield Step(f"GRANT {rights} ON {quote(place)}.* TO {_account(wanted, which)}", _WHY[which])

    def _pattern(self, session: Session, wanted: Wanted) -> str:
        """In a grant _ means any letter, unless the server takes rights away by database (partial_revokes)."""
        literally = session.query("SHOW VARIABLES LIKE 'partial_revokes'")
        return wanted.database if literally and literally[0][1] == "ON" else as_pattern(wanted.database)

    def opening(self, session: Session, wanted: Wanted, which: str, password: str) -> Step:
        return Step(
            f"ALTER USER {_account(wanted, which)} {self._identified()} ACCOUNT UNLOCK",
            "by a verifier made here: the server never sees the password",
            secret=self._verifier(password),
        )

    def differences(self, session: Session, inside: Session, wanted: Wanted) -> Iterator[Difference]:
        charset, _ = session.query(_SCHEMA.format(name=literal(wanted.database)))[0]
        if charset != "utf8mb4":
            collation = collations.choose(session, self.dialect.name, wanted.collation)
            sql = f"ALTER DATABASE {quote(wanted.database)} CHARACTER SET utf8mb4 COLLATE {collation};"
            yield Difference(
                f"The database {wanted.database} has {charset}, and tables in it: change its default, and then convert "
                "the tables that `outgrow doctor` lists.",
                (sql,),
            )
        for which in ROLES:
            yield from self._beyond(session, wanted, which)
        yield from self._shadows(session, wanted)

    def _beyond(self, session: Session, wanted: Wanted, which: str) -> Iterator[Difference]:
        lines, account = self._grants(session, wanted, which), _account(wanted, which)
        for grant in filter(None, map(parse, lines)):
            own = not grant.everywhere and grant.table == "*" and _means(grant, wanted.database)
            beyond = sorted(grant.rights - _HARMLESS - (frozenset(RIGHTS[which]) if own else frozenset()))
            beyond += ["GRANT OPTION"] if grant.may_grant else []
            if not beyond:
                continue
            table = "*" if grant.table == "*" else quote(grant.table)
            place = "*.*" if grant.everywhere else f"{quote(grant.place)}.{table}"
            sql = f"REVOKE {', '.join(beyond)} ON {place} FROM {account};"
            yield Difference(f"{account} has {listed(beyond)} on {place}, beyond its work: take it away.", (sql,))
        for role in roles(lines):
            yield Difference(
                f"{account} has the role {role}, and so may do what that may: take it away.",
                (f"REVOKE {role} FROM {account};",),
            )

    def _shadows(self, session: Session, wanted: Wanted) -> Iterator[Difference]:
        """Accounts that the server takes for one of ours when somebody comes from their host."""
        if wanted.clients != "%":
            return
        names = ", ".join(map(literal, ("", *wanted.names)))
        sql = f"SELECT user, host FROM mysql.user WHERE user IN ({names}) AND host <> '%' ORDER BY 1, 2"
        for user, host in session.query(sql):
            account = f"{literal(user)}@{literal(host)}"
            if user:
                text = (
                    f"{account} comes before {literal(user)}@'%' for who comes from {host}, with a password of its own"
                )
            else:
                text = (
                    f"The server takes whoever comes from {host} for the nameless account {account}, which comes "
                    "before every '%' and has another password"
                )
            yield Difference(f"{text}: drop it.", (f"DROP USER {account};",))

    # -- logging in as a role -------------------------------------------------------------------------------------
    def scheme(self) -> str:
        return "mysql"  # of MariaDB as well: what else reads URLs for Django knows no other

    def tls_query(self, session: Session, wanted: Wanted) -> dict[str, str]:
        options = self.settings.get("OPTIONS") or {}
        mode = str(options.get("ssl_mode") or options.get("ssl-mode") or "").upper()
        authorities = (options.get("ssl") or {}).get("ca")
        found = {"ssl_mode": "PREFERRED"}
        if wanted.tls:
            verifies = mode.startswith("VERIFY") or authorities
            found = {"ssl_mode": (mode if mode.startswith("VERIFY") else "VERIFY_IDENTITY") if verifies else "REQUIRED"}
            found |= {"ssl-ca": str(authorities)} if authorities else {}
        collation = self._collation(session, wanted)
        if collation != session.value("SELECT @@collation_connection"):
            found["collation"] = collation  # else a comparison with CAST() is an illegal mix of the two
        return found

    def in_the_open(self, settings: Settings) -> Settings:
        options = {k: v for k, v in (settings.get("OPTIONS") or {}).items() if not k.startswith("ssl")}
        return {**settings, "OPTIONS": {**options, "ssl_mode": "DISABLED"}}

    def let_in_openly(self, session: Session, role: str) -> Difference | str:
        return Difference(
            f"{role} was let in without TLS, though it was made to need it: see what account the server takes it for.",
            (f"SELECT user, host, ssl_type FROM mysql.user WHERE user IN ({literal(role)}, '');",),
        )

    def why_refused(self, session: Session, wanted: Wanted, role: str) -> Difference | None:
        return next(self._shadows(session, wanted), None)


class MariaDBProvisioning(MySQLProvisioning):
    """``mysql_native_password`` is what every driver has: ed25519 is a plugin that MySQL's library lacks."""

    title = "MariaDB"
    longest_role = 80 - len("_migrator")

    def _identified(self) -> str:
        return f"IDENTIFIED VIA mysql_native_password USING {HIDDEN}"

    def _verifier(self, password: str) -> str:
        return verifiers.native(password)


def _account(wanted: Wanted, which: str) -> str:
    return f"{literal(wanted.role(which))}@{literal(wanted.clients)}"


def _gives(step: Step, wanted: Wanted, which: str) -> bool:
    return step.sql.startswith("GRANT ") and step.sql.endswith(_account(wanted, which))


def _means(grant: Grant, database: str) -> bool:
    return not grant.everywhere and grant.table == "*" and covers(grant.place, database)


def _has(grants: list[Grant], right: str) -> bool:
    return any(right in grant.rights or "ALL PRIVILEGES" in grant.rights for grant in grants)


def _me(session: Session) -> str:
    return "@".join(literal(part) for part in str(session.value("SELECT CURRENT_USER()")).rsplit("@", 1))


def _own_grants(session: Session) -> list[str]:
    """Roles that are in force included."""
    role = session.value("SELECT CURRENT_ROLE()")
    using = f" FOR CURRENT_USER() USING {role}" if role and role != "NONE" and "`" in str(role) else ""
    return [str(line) for (line,) in session.query(f"SHOW GRANTS{using}")]
