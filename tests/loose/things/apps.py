from django.apps import AppConfig


class Config(AppConfig):
    name = "tests.loose.things"
    label = "things"
