"""The project's own app: it has no models, only the commands and the data maker."""

from django.apps import AppConfig


class PlazaConfig(AppConfig):
    name = "plaza"
    verbose_name = "Plaza"
