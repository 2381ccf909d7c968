"""What projects gather over the years: a late column, rows made by a migration, SQL by hand, leftovers."""

import os

from django.db import migrations, models

SEASONS = ["spring", "summer", "autumn", "winter"]


def make_seasons(apps, schema_editor):
    """Insert default rows; with ZOO_UNGUARDED=1 into whatever the router calls default (design §3)."""
    rows = apps.get_model("animals", "Season").objects
    if os.environ.get("ZOO_UNGUARDED") != "1":
        rows = rows.using(schema_editor.connection.alias)
    for name in SEASONS:
        rows.get_or_create(name=name)


APOSTROPHE = "it's"
LEFTOVERS = ["animals_leftover", 'left over: 100% of "old" rows', "animals_nokey", "animals_cache_table"]


def make_leftovers(apps, schema_editor):
    """Create tables that no model knows: a removed app's, one hard to quote, one without a key, a cache table."""
    connection = schema_editor.connection
    text, moment, number = (
        field.db_type(connection) for field in (models.TextField(), models.DateTimeField(), models.IntegerField())
    )
    for statement in [
        f"CREATE TABLE animals_leftover (id {number} NOT NULL PRIMARY KEY, body {text}, seen {moment})",
        f"CREATE TABLE {_quoted(connection, LEFTOVERS[1])} ({_quoted(connection, '50% of')} {number},"
        f" {_quoted(connection, 'order')} {text} NOT NULL, {_quoted(connection, APOSTROPHE)} {text})",
        f"CREATE TABLE animals_nokey (name varchar(40), number {number})",
        f"CREATE TABLE animals_cache_table (cache_key varchar(255) NOT NULL PRIMARY KEY, value {text} NOT NULL, expires {moment} NOT NULL)",
    ]:
        schema_editor.execute(statement, params=None)
    if connection.vendor == "sqlite":
        schema_editor.execute("CREATE VIRTUAL TABLE animals_fulltext USING fts5(body)", params=None)


def drop_leftovers(apps, schema_editor):
    for name in LEFTOVERS + ["animals_fulltext"] * (schema_editor.connection.vendor == "sqlite"):
        schema_editor.execute(f"DROP TABLE {_quoted(schema_editor.connection, name)}", params=None)


def _quoted(connection, name: str) -> str:
    mark = "`" if connection.vendor == "mysql" else '"'
    return mark + name.replace(mark, mark * 2) + mark


class Migration(migrations.Migration):
    dependencies = [("animals", "0001_initial")]

    operations = [
        migrations.AddField("grown", "second", models.CharField(max_length=20, default="")),
        migrations.RunSQL(
            "CREATE TABLE animals_census (id integer NOT NULL PRIMARY KEY, region varchar(40) NOT NULL, heads integer NOT NULL)",
            "DROP TABLE animals_census",
        ),
        migrations.RunSQL(
            "CREATE VIEW animals_crowded AS SELECT id, region, heads FROM animals_census WHERE heads > 100",
            "DROP VIEW animals_crowded",
        ),
        migrations.RunSQL("DROP TABLE animals_dropped", "CREATE TABLE animals_dropped (id integer NOT NULL PRIMARY KEY)"),
        migrations.RunPython(make_leftovers, drop_leftovers, atomic=False),
        migrations.RunPython(make_seasons, migrations.RunPython.noop),
    ]
