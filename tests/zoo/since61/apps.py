from django.apps import AppConfig


class Since61Config(AppConfig):
    name = "tests.zoo.since61"
    label = "since61"
