from django.apps import AppConfig


class Config(AppConfig):
    name = "tests.migrating.owncommand"
