from django.apps import AppConfig


class PgextraConfig(AppConfig):
    name = "tests.zoo.pgextra"
    label = "pgextra"
