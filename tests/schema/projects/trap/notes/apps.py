import os

from django.apps import AppConfig


class NotesConfig(AppConfig):
    name = "tests.schema.projects.trap.notes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        """What apps do at start: count their starts, change the settings, add databases and routers."""
        from django.conf import settings
        from django.db import connections, router

        from tests.schema.projects.trap.router import Stubborn

        settings.DATABASES["default"]["NAME"] = settings.SOURCE
        settings.DATABASES["late"] = {"ENGINE": "django.db.backends.sqlite3", "NAME": settings.SOURCE}
        connections.databases["later"] = {"ENGINE": "django.db.backends.sqlite3", "NAME": settings.SOURCE}
        connections.databases["default"]["NAME"] = settings.SOURCE
        router.routers.append(Stubborn())
        if "TRAP_ASKS" in os.environ:
            connections[os.environ["TRAP_ASKS"]].cursor()
        with connections["default"].cursor() as cursor:
            cursor.execute("CREATE TABLE IF NOT EXISTS trap_starts (number integer)")
            cursor.execute("INSERT INTO trap_starts VALUES (1)")
