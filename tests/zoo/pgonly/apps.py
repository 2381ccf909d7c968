from django.apps import AppConfig


class PgonlyConfig(AppConfig):
    name = "tests.zoo.pgonly"
    label = "pgonly"
