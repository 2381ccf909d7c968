"""PostgreSQL: rights that the administrator lacks, and what is in a database that nobody asked for."""

from __future__ import annotations

from collections.abc import Iterator

from outgrow.dialects.base import Session
from outgrow.dialects.inspecting.words import listed
from outgrow.dialects.postgresql.catalog import quote
from outgrow.dialects.provisioning.base import Difference, Step, Wanted
from outgrow.dialects.provisioning.postgresql import reading

_ME = "SELECT current_user, rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
_OWNER = """
SELECT o.rolname, pg_has_role(current_user, d.datdba, 'USAGE') FROM pg_database d JOIN pg_roles o ON o.oid = d.datdba
WHERE d.datname = '{name}'
"""
_POWERS = """
SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls FROM pg_roles
WHERE rolname IN ({names}) ORDER BY 1
"""
_MEMBERS = """
SELECT r.rolname, g.rolname FROM pg_auth_members m
JOIN pg_roles r ON r.oid = m.member JOIN pg_roles g ON g.oid = m.roleid
WHERE r.rolname IN ({names}) ORDER BY 1, 2
"""
_BEYOND = """
SELECT g.rolname, a.privilege_type, count(*), min(c.relname) FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace,
    aclexplode(c.relacl) a LEFT JOIN pg_roles g ON g.oid = a.grantee
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND a.grantee <> c.relowner AND NOT {extension}
  AND ((g.rolname = '{app}' AND a.privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE'))
    OR (g.rolname = '{reader}' AND a.privilege_type <> 'SELECT') OR a.grantee = 0)
GROUP BY 1, 2 ORDER BY 1, 2
"""
_OTHERS = """
SELECT o.rolname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_roles o ON o.oid = c.relowner
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND o.rolname NOT IN ({names})
  AND NOT {extension} ORDER BY 1, 2
"""
_WORDS = ("SUPERUSER", "CREATEROLE", "CREATEDB", "REPLICATION", "BYPASSRLS")


def lacking(session: Session, wanted: Wanted, steps: tuple[Step, ...]) -> Iterator[Difference]:
    """One sentence for each right, with its grant; a superuser lacks none."""
    me, superuser, makes_roles, makes_databases = session.query(_ME)[0]
    if superuser:
        return
    roles = [step for step in steps if step.sql.startswith(("CREATE ROLE", "ALTER ROLE"))]
    if any(step.sql.startswith("CREATE DATABASE") for step in steps) and not makes_databases:
        yield Difference(f"{me} may not make databases: let it.", (f"ALTER ROLE {quote(me)} CREATEDB;",))
    if roles and not makes_roles:
        yield Difference(f"{me} may not make roles: let it.", (f"ALTER ROLE {quote(me)} CREATEROLE;",))
    for role in wanted.names:
        starts = (f"ALTER ROLE {quote(role)} ", f"GRANT {quote(role)} TO ")
        touched = any(step.sql.startswith(starts) for step in steps)
        if touched and reading.is_there(session, role) and not _may_give(session, role):
            yield Difference(
                f"{me} has no power over the role {role}, which somebody else made: grant it.",
                (f"GRANT {quote(role)} TO {quote(me)} WITH ADMIN OPTION;",),
            )
    owner = session.query(_OWNER.format(name=wanted.database))
    if owner and not owner[0][1] and any(step.inside for step in steps):
        yield Difference(
            f"The database {wanted.database} belongs to {owner[0][0]}, and {me} may not act as that: grant it.",
            (f"GRANT {quote(owner[0][0])} TO {quote(me)};",),
        )


def _may_give(session: Session, role: str) -> bool:
    """Before 16 whoever makes roles has power over all of them."""
    if reading.version(session) < 160000:
        return True
    return bool(session.value(f"SELECT pg_has_role('{role}', 'MEMBER WITH ADMIN OPTION')"))


def differences(inside: Session, wanted: Wanted) -> Iterator[Difference]:
    """By a session in the database, when everything that was missing is there."""
    yield from _database(inside, wanted)
    yield from _roles(inside, wanted)
    yield from _tables(inside, wanted)


def _database(inside: Session, wanted: Wanted) -> Iterator[Difference]:
    name, found = quote(wanted.database), reading.read(inside, wanted)
    encoding = inside.value("SHOW server_encoding")
    if encoding != "UTF8":
        yield Difference(
            f"The database {wanted.database} has the encoding {encoding}, which can be given at its making alone: make "
            "another with UTF8 by another --name, and move into it.",
            ("outgrow move --from default --to env:DATABASE_URL_MIGRATOR",),
        )
    if found.leaned_on and (found.public_database or found.public_schema):
        yield Difference(
            f"Every role of the server may come into {wanted.database} (what PUBLIC may), and others than these three "
            "use its tables by that: give those CONNECT of their own, and take PUBLIC's away.",
            (f"REVOKE ALL ON DATABASE {name} FROM PUBLIC;", "REVOKE ALL ON SCHEMA public FROM PUBLIC;"),
        )
    for which in ("app", "reader"):
        role = wanted.role(which)
        if beyond := sorted(right for who, right in found.database if who == role and right != "CONNECT"):
            sql = f"REVOKE {', '.join(beyond)} ON DATABASE {name} FROM {quote(role)};"
            yield Difference(
                f"{role} has {listed(beyond)} on {wanted.database}, beyond its work: take it away.", (sql,)
            )
        if (role, "CREATE") in found.schema:
            sql = f"REVOKE CREATE ON SCHEMA public FROM {quote(role)};"
            yield Difference(f"{role} may make tables in the schema public, beyond its work: take it away.", (sql,))
        owner = inside.value(f"SELECT 1 FROM pg_database WHERE datname=current_database() AND datdba='{role}'::regrole")
        if owner:
            sql = f"ALTER DATABASE {name} OWNER TO CURRENT_USER;"
            yield Difference(
                f"{role} owns the database {wanted.database}, and so may drop it: give it another.", (sql,)
            )


def _roles(inside: Session, wanted: Wanted) -> Iterator[Difference]:
    names = reading.texts(wanted.names)
    for role, *powers in inside.query(_POWERS.format(names=names)):
        if found := [word for word, has in zip(_WORDS, powers, strict=True) if has]:
            sql = f"ALTER ROLE {quote(role)} {' '.join(f'NO{word}' for word in found)};"
            yield Difference(f"{role} has {listed(found)}, which none of the three needs: take it away.", (sql,))
    for member, group in inside.query(_MEMBERS.format(names=names)):
        sql = f"REVOKE {quote(group)} FROM {quote(member)};"
        yield Difference(f"{member} is a member of {group}, and so may do what that may: take it out.", (sql,))


def _tables(inside: Session, wanted: Wanted) -> Iterator[Difference]:
    app, migrator, reader = map(wanted.role, ("app", "migrator", "reader"))
    for role, right, count, table in inside.query(_BEYOND.format(app=app, reader=reader, extension=reading.EXTENSION)):
        where = table if count == 1 else f"{table} and {count - 1} more tables"
        what = f"public.{quote(table)}" if count == 1 else "ALL TABLES IN SCHEMA public"
        sql = f"REVOKE {right} ON {what} FROM {quote(role) if role else 'PUBLIC'};"
        yield Difference(f"{role or 'Every role'} has {right} on {where}, beyond its work: take it away.", (sql,))
    owners: dict[str, list[str]] = {}
    for owner, table in inside.query(_OTHERS.format(names=reading.texts(wanted.names), extension=reading.EXTENSION)):
        owners.setdefault(str(owner), []).append(str(table))
    for owner, tables in owners.items():
        yield Difference(
            f"{owner} owns {listed(tables)}, which {migrator} cannot alter: hand over what it has when nothing runs as "
            "that role any more.",
            tuple(f"ALTER TABLE public.{quote(table)} OWNER TO {quote(migrator)};" for table in tables[:3]),
        )
