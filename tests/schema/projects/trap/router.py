"""Routers that send every row home and let nothing be migrated."""


class Stubborn:
    def db_for_read(self, model, **hints):
        return "archive"

    def db_for_write(self, model, **hints):
        return "archive"

    def allow_migrate(self, db, app_label, **hints):
        return False
