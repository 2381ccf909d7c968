from django.apps import AppConfig


class VideosConfig(AppConfig):
    name = "plaza.videos"
    label = "videos"
