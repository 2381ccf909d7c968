from django.apps import AppConfig


class VideosConfig(AppConfig):
    name = "plaza.videos"
    label = "videos"

    def ready(self) -> None:
        from plaza.videos import consumers  # noqa: F401
