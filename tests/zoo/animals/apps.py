from django.apps import AppConfig


class AnimalsConfig(AppConfig):
    name = "tests.zoo.animals"
    label = "animals"
