from django.apps import AppConfig


class KeepersConfig(AppConfig):
    name = "tests.zoo.keepers"
    label = "keepers"
