from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "plaza.accounts"
    label = "accounts"

    def ready(self) -> None:
        from plaza.accounts import mails  # noqa: F401  # it consumes what accounts tell themselves
