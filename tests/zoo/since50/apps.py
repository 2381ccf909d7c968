from django.apps import AppConfig


class Since50Config(AppConfig):
    name = "tests.zoo.since50"
    label = "since50"
