from django.apps import AppConfig


class PicturesConfig(AppConfig):
    name = "tests.zoo.pictures"
    label = "pictures"
