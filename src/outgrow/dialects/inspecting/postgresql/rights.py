"""PostgreSQL: what the login may do: what `migrate` needs, what the application needs, and what nobody should need."""

from __future__ import annotations

from collections.abc import Iterator

from outgrow.dialects.base import Session
from outgrow.dialects.inspecting.base import Inspection, Said, failed, good, warning
from outgrow.dialects.inspecting.words import listed

_MAY_CREATE = """
SELECT current_user, current_database(), current_schema(),
       current_schema() IS NOT NULL AND has_schema_privilege(current_schema(), 'CREATE'),
       (SELECT rolname FROM pg_roles WHERE current_user ~ '_(app|reader)$'
        AND rolname = regexp_replace(current_user, '(app|reader)$', 'migrator'))
"""
"""The last: of the three roles that `outgrow provision` makes the one that migrates, if this is another of them."""

_OTHERS = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND NOT pg_has_role(current_user, c.relowner, 'USAGE')
ORDER BY 1
"""
_UNUSABLE = """
SELECT c.relname, concat_ws(', ',
    CASE WHEN NOT has_table_privilege(c.oid, 'SELECT') THEN 'SELECT' END,
    CASE WHEN NOT has_table_privilege(c.oid, 'INSERT') THEN 'INSERT' END,
    CASE WHEN NOT has_table_privilege(c.oid, 'UPDATE') THEN 'UPDATE' END,
    CASE WHEN NOT has_table_privilege(c.oid, 'DELETE') THEN 'DELETE' END)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') ORDER BY 1
"""
_SEQUENCES = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relkind = 'S'
  AND NOT CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(c.oid, 'USAGE') ELSE true END ORDER BY 1
"""
_POWERS = """
SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication,
       ARRAY(SELECT g.rolname::text FROM pg_roles g WHERE g.rolname IN
             ('rds_superuser', 'cloudsqlsuperuser', 'azure_pg_admin', 'pg_write_all_data', 'pg_execute_server_program')
             AND pg_has_role(current_user, g.oid, 'MEMBER'))
FROM pg_roles WHERE rolname = current_user
"""


class Rights(Inspection):
    def rights_to_migrate(self, session: Session) -> Iterator[Said]:
        user, name, schema, may_create, migrator = session.query(_MAY_CREATE)[0]
        if schema is None:
            path = session.value("SHOW search_path")
            yield failed(
                f"No schema of the search path ({path}) is there or may be used by {user}, so that no table can be "
                "found or made: create it, or correct search_path.",
                f'CREATE SCHEMA AUTHORIZATION "{user}";',
            )
            return
        if not may_create and migrator:
            yield good(f"{user} may not make tables, as a service's login should not: `migrate` runs as {migrator}")
            return
        if not may_create:
            yield warning(
                f"{user} may not make tables in the schema {schema} of {name}, which `migrate` has to: grant it, or "
                "run `migrate` as another role.",
                f'GRANT CREATE ON SCHEMA "{schema}" TO "{user}";',
            )
        others = [row[0] for row in session.query(_OTHERS)]
        if others:
            yield warning(
                f"{user} does not own {listed(others)}, which `migrate` could not alter: give it the role of their "
                "owner, or run `migrate` as that.",
                *(f'ALTER TABLE "{schema}"."{table}" OWNER TO "{user}";' for table in others[:3]),
            )
        if may_create and not others:
            yield good(f"{user} may make and alter the tables of the schema {schema}")

    def rights_to_use(self, session: Session) -> Iterator[Said]:
        user, _, schema, _, _ = session.query(_MAY_CREATE)[0]
        if schema is None:
            return
        tables = session.query(_UNUSABLE)
        lacking = {table: missing for table, missing in tables if missing}
        only_reads = bool(lacking) and all(missing == "INSERT, UPDATE, DELETE" for missing in lacking.values())
        if only_reads and len(lacking) == len(tables):
            yield warning(
                f"{user} may only read the tables of {schema}: as the login of a replica or of a report that is "
                "right, an application needs the others as well.",
                f'GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "{schema}" TO "{user}";',
            )
            return
        if lacking:
            first, missing = next(iter(lacking.items()))
            yield failed(
                f"{user} lacks {missing} on {first}"
                + (f", and rights on {len(lacking) - 1} more tables" if len(lacking) > 1 else "")
                + ": grant what the application needs.",
                f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "{schema}" TO "{user}";',
            )
        sequences = [row[0] for row in session.query(_SEQUENCES)]
        if sequences:
            yield failed(
                f"{user} may not use the sequences {listed(sequences)}, so that inserts fail: grant it.",
                f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA "{schema}" TO "{user}";',
            )
        if not lacking and not sequences:
            yield good(f"{user} may read and write all {len(tables)} tables of {schema}")

    def power(self, session: Session) -> Iterator[Said]:
        user = session.value("SELECT current_user")
        superuser, roles, databases, bypasses, replicates, groups = session.query(_POWERS)[0]
        if superuser or {"rds_superuser", "cloudsqlsuperuser", "azure_pg_admin"} & set(groups):
            name = session.value("SELECT current_database()")
            yield warning(
                f"{user} is the server's superuser or master account: whoever gets into the application gets the whole "
                "server; give the application a role of its own.",
                # the administrators' own database is none for an application
                f"outgrow provision --on env:ADMIN_URL --name {'…' if name == 'postgres' else name}",
            )
            return
        powers = [
            word
            for has, word in (
                (roles, "CREATEROLE"),
                (databases, "CREATEDB"),
                (bypasses, "BYPASSRLS"),
                (replicates, "REPLICATION"),
            )
            if has
        ]
        powers += groups
        if powers:
            yield warning(
                f"{user} has {listed(powers)}, which no application needs: take it away.",
                *(f'ALTER ROLE "{user}" NO{power};' for power in powers if power.isupper()),
                *(f'REVOKE {group} FROM "{user}";' for group in groups),
            )
        else:
            yield good(f"{user} has no power over the server")
