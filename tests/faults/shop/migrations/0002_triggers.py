"""Triggers by hand: what they do to a row on the way in must not happen to a row that is moved."""

import os

from django.db import migrations

SPOIL = {
    "postgresql": [
        "CREATE FUNCTION shop_spoil() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN NEW.price = NEW.price + 1; NEW.changed = now(); RETURN NEW; END'",
        "CREATE TRIGGER shop_spoils BEFORE INSERT OR UPDATE ON shop_product FOR EACH ROW EXECUTE FUNCTION shop_spoil()",
        "CREATE FUNCTION shop_echo() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN INSERT INTO shop_tag (word) VALUES (NEW.name); RETURN NULL; END'",
        "CREATE TRIGGER shop_echoes AFTER INSERT ON shop_maker FOR EACH ROW EXECUTE FUNCTION shop_echo()",
    ],
    "mysql": [
        "CREATE TRIGGER shop_spoils BEFORE INSERT ON shop_product FOR EACH ROW SET NEW.price = NEW.price + 1",
        "CREATE TRIGGER shop_echoes AFTER INSERT ON shop_maker FOR EACH ROW "
        "INSERT INTO shop_tag (word) VALUES (NEW.name)",
        "ALTER TABLE shop_product MODIFY changed datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) "
        "ON UPDATE CURRENT_TIMESTAMP(6)",
    ],
    "sqlite": [
        "CREATE TRIGGER shop_spoils AFTER INSERT ON shop_product BEGIN "
        "UPDATE shop_product SET price = price + 1 WHERE id = NEW.id; END",
        "CREATE TRIGGER shop_echoes AFTER INSERT ON shop_maker BEGIN "
        "INSERT INTO shop_tag (word) VALUES (NEW.name); END",
    ],
}


def make_triggers(apps, schema_editor):
    if os.environ.get("SHOP_TRIGGERS") == "1":
        for statement in SPOIL[schema_editor.connection.vendor]:
            schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    atomic = False  # MySQL's DDL is not
    dependencies = [("shop", "0001_initial")]
    operations = [migrations.RunPython(make_triggers, migrations.RunPython.noop)]
