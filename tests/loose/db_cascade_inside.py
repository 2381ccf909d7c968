"""Inside the project on Django 6.1: branches go with their firm by DB_CASCADE, and desks refer loosely to branches.

python -m tests.loose.db_cascade_inside
"""

from __future__ import annotations

import json

import django
from django.apps import apps

if not apps.ready:
    django.setup()

from django.core.management import call_command
from django.db import connections, models

import outgrow
from outgrow.routing.loose import install
from tests.loose.people.models import Firm
from tests.loose.tools import PEOPLE, THINGS, clean, ran, stones


class Branch(models.Model):
    firm = models.ForeignKey(Firm, models.DB_CASCADE, related_name="branches")

    class Meta:
        app_label = "people"


class Desk(models.Model):
    branch = outgrow.LooseForeignKey(Branch, outgrow.CASCADE)

    class Meta:
        app_label = "things"


def main() -> None:
    for alias, model in ((PEOPLE, Branch), (THINGS, Desk)):
        call_command("migrate", database=alias, verbosity=0)
        with connections[alias].schema_editor() as editor:
            editor.create_model(model)
    install.install()
    gone, stays = (Firm.objects.create(name="f") for _ in range(2))
    for firm in (gone, gone, stays):
        Desk.objects.create(branch=Branch.objects.create(firm=firm))
    gone.delete()
    written = stones()
    print("ANSWER " + json.dumps([Branch.objects.count(), written, ran(clean(look=1)), Desk.objects.count()]))


if __name__ == "__main__":
    main()
