from django.apps import AppConfig


class Since52Config(AppConfig):
    name = "tests.zoo.since52"
    label = "since52"
