from django.apps import AppConfig


class SocialConfig(AppConfig):
    name = "plaza.social"
    label = "social"

    def ready(self) -> None:
        from plaza.social import consumers  # noqa: F401
