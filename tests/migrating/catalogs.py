"""Code to be run inside a project: what its databases hold, and plain migrate through our schema editor."""

from __future__ import annotations

# {alias: {table: {"keys": {column: table referred to}, "indexes": [first columns], "columns": […], "types": {…}}}}}
CATALOG = """
    from django.db import connections
    def catalog():
        found = {}
        for alias in connections:
            connection = connections[alias]
            with connection.cursor() as cursor:
                for table in connection.introspection.table_names(cursor):
                    constraints = connection.introspection.get_constraints(cursor, table).values()
                    described = connection.introspection.get_table_description(cursor, table)
                    found.setdefault(alias, {})[table] = {
                        "keys": {c["columns"][0]: c["foreign_key"][0] for c in constraints if c["foreign_key"]},
                        "indexes": sorted({c["columns"][0] for c in constraints if c["columns"] and
                                           (c["index"] or c["unique"])}),
                        "columns": [column.name for column in described],
                        "types": {column.name: str(column.type_code) for column in described},
                    }
        return found
"""
MIGRATE = """
    from django.core.management import call_command
    from outgrow.routing import declared
    from outgrow.routing.editor import constraints_by_owner
    def migrate(alias, *args):
        with constraints_by_owner(connections[alias], declared()):
            call_command("migrate", *args, database=alias, verbosity=0)
"""
