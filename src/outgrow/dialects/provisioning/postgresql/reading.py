"""PostgreSQL: who may what, as the catalogs have it: a database that is there, or one that is still to be made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from outgrow.dialects.base import Session
from outgrow.dialects.provisioning.base import Wanted

DML = ("SELECT", "INSERT", "UPDATE", "DELETE")
_RELATIONS = {"r": "'r', 'p', 'v', 'm', 'f'", "S": "'S'"}

EXTENSION = """
EXISTS (SELECT 1 FROM pg_depend p WHERE p.objid = c.oid AND p.classid = 'pg_class'::regclass AND p.deptype = 'e')
"""
_DATABASE = """
SELECT coalesce(g.rolname, ''), a.privilege_type FROM pg_database d,
    aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a LEFT JOIN pg_roles g ON g.oid = a.grantee
WHERE d.datname = current_database()
"""
_SCHEMA = """
SELECT coalesce(g.rolname, ''), a.privilege_type FROM pg_namespace n,
    aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a LEFT JOIN pg_roles g ON g.oid = a.grantee
WHERE n.nspname = 'public'
"""
_DEFAULTS = """
SELECT d.defaclobjtype::text, coalesce(g.rolname, ''), a.privilege_type FROM pg_default_acl d
JOIN pg_namespace n ON n.oid = d.defaclnamespace JOIN pg_roles o ON o.oid = d.defaclrole,
    aclexplode(d.defaclacl) a LEFT JOIN pg_roles g ON g.oid = a.grantee
WHERE n.nspname = 'public' AND o.rolname = '{migrator}'
"""
_SCHEMA_OWNER = """
SELECT o.rolname,
    NOT EXISTS (SELECT 1 FROM pg_class c WHERE c.relnamespace = n.oid)
    OR o.rolname = current_user
    OR (o.rolname = 'pg_database_owner' AND d.datdba = (SELECT oid FROM pg_roles WHERE rolname = current_user))
FROM pg_namespace n JOIN pg_roles o ON o.oid = n.nspowner, pg_database d
WHERE n.nspname = 'public' AND d.datname = current_database()
"""
# Others that have rights on its tables and come in by what PUBLIC may alone: to take that away would shut them out.
_LEANING = """
SELECT EXISTS (
    SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
        aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a LEFT JOIN pg_roles g ON g.oid = a.grantee
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT coalesce(g.rolsuper, false) AND NOT {extension}
      AND coalesce(g.rolname, '') NOT IN ({names}, current_user)
      AND NOT EXISTS (SELECT 1 FROM pg_database d, aclexplode(d.datacl) x WHERE d.datname = current_database()
                      AND x.grantee = a.grantee AND a.grantee <> 0 AND x.privilege_type = 'CONNECT'))
"""
_OWNED = """
SELECT o.rolname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_roles o ON o.oid = c.relowner
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND o.rolname IN ({owners})
  AND NOT EXISTS (SELECT 1 FROM pg_depend p WHERE p.objid = c.oid AND p.classid = 'pg_class'::regclass
                  AND (p.deptype = 'e' OR (c.relkind = 'S' AND p.deptype IN ('a', 'i'))))
ORDER BY 1, 2
"""
_UNUSABLE = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles o ON o.oid = c.relowner
WHERE n.nspname = 'public' AND c.relkind IN ({kinds}) AND o.rolname IN ({owners})
  AND (o.rolname = '{role}' OR NOT ({rights})) ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Catalog:
    """``database``, ``schema``: (role, right); ``defaults``: (kind, role, right) of what the migrator will make."""

    database: frozenset[tuple[str, str]] = frozenset()
    schema: frozenset[tuple[str, str]] = frozenset()
    schema_owner: str = ""
    schema_is_free: bool = True  # nobody loses anything when it gets another owner
    leaned_on: bool = False  # others use its tables, and may come in by what PUBLIC may
    defaults: frozenset[tuple[str, str, str]] = field(default_factory=frozenset)

    @property
    def public_database(self) -> bool:
        return any(role == "" for role, _ in self.database)

    @property
    def public_schema(self) -> bool:
        return any(role == "" for role, _ in self.schema)


def version(session: Session) -> int:
    """180001 for 18.1."""
    return int(session.value("SHOW server_version_num"))


def fresh(session: Session) -> Catalog:
    """What a database has that was just made from template0."""
    schema = {("", "USAGE")} | (set() if version(session) >= 150000 else {("", "CREATE")})
    return Catalog(
        database=frozenset({("", "CONNECT"), ("", "TEMPORARY")}),
        schema=frozenset(schema),
        schema_owner="pg_database_owner" if version(session) >= 140000 else "",
    )


def read(inside: Session, wanted: Wanted) -> Catalog:
    """A database that is there, by a session in it."""
    owner, free = inside.query(_SCHEMA_OWNER)[0]
    return Catalog(
        database=frozenset((str(role), str(right)) for role, right in inside.query(_DATABASE)),
        schema=frozenset((str(role), str(right)) for role, right in inside.query(_SCHEMA)),
        schema_owner=str(owner),
        schema_is_free=bool(free),
        leaned_on=bool(inside.value(_LEANING.format(names=texts(wanted.names), extension=EXTENSION))),
        defaults=frozenset(
            (str(kind), str(role), str(right))
            for kind, role, right in inside.query(_DEFAULTS.format(migrator=wanted.role("migrator")))
        ),
    )


def is_there(session: Session, role: str) -> bool:
    return bool(session.query(f"SELECT 1 FROM pg_roles WHERE rolname = '{role}'"))


def may_act_as(session: Session, role: str) -> bool:
    """Whether this login may give rights in the name of a role and hand things over to it; False for one still absent.

    Since 16 who makes a role does not get that by itself.
    """
    if session.value("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        return True
    if not is_there(session, role):
        return False
    also = f" AND pg_has_role('{role}', 'SET')" if version(session) >= 160000 else ""
    return bool(session.value(f"SELECT pg_has_role('{role}', 'USAGE'){also}"))


def owned_by(inside: Session, *owners: str) -> list[tuple[str, str]]:
    """(owner, relation) of those that belong to one of these roles, but for sequences that go with their tables."""
    return [(str(owner), str(name)) for owner, name in inside.query(_OWNED.format(owners=texts(owners)))]


def unusable(inside: Session, owners: Sequence[str], role: str, kind: str, rights: Sequence[str]) -> list[str]:
    """The tables, or sequences (kind "S"), of these owners on which a role lacks one of the rights, or has them as the
    owner that it is not to be.
    """
    asks = "sequence" if kind == "S" else "table"
    held = " AND ".join(f"has_{asks}_privilege('{role}', c.oid, '{right}')" for right in rights)
    # a sequence is asked for by its own function alone, which refuses everything else
    held = f"CASE WHEN c.relkind = 'S' THEN {held} ELSE true END" if kind == "S" else held
    held = held if is_there(inside, role) else "false"
    sql = _UNUSABLE.format(kinds=_RELATIONS[kind], owners=texts(owners), role=role, rights=held)
    return [str(name) for (name,) in inside.query(sql)]


def texts(names: Sequence[str]) -> str:
    """Names, which hold no quotes, as a list of SQL."""
    return ", ".join(f"'{name}'" for name in names)
